"""Workbooks of old kinds as openpyxl holds them: .xls of Excel 2 to 2003, and the tables of a web page that is named .xls."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import openpyxl
import xlrd
from lxml import html
from openpyxl.cell.cell import Cell
from xlrd.compdoc import CompDocError

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.model import Note
from suizhou_geo.sources.files import decoded
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.workbooks import text_cell

# how .xls begins, and .xlsx with a password; before Excel 5 (and where others write as it did) it is the bare records
XLS = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", *(bytes((9, version)) for version in (0, 2, 4, 8)))
BROKEN_XLS = (xlrd.XLRDError, CompDocError, struct.error, OverflowError)
_EXCEL_5, _EXCEL_97 = 50, 80  # texts are in Unicode from the second on
_WESTERN = (None, 1252)  # code pages that programs leave in a file whose text is GBK
_BEGIN, _END, _FORMULA = 0x0809, 0x000A, 0x0006  # records of a sheet
_ON_LOAD = 0x0002
_MOST_SPANNED = 256  # columns of a sheet of .xls
_UNKNOWN = "=?"


def from_xls(data: bytes, *, what: Text, formulas: bool = False) -> tuple[openpyxl.Workbook, list[Note]]:
    """Return an .xls as a workbook of openpyxl, its values with their number formats, and what is to be said of it.

    Texts of Excel 95 and older are taken as GBK where the file says they are western, which is told. A formula whose
    result the program that wrote it left to Excel comes without a value, with `formulas` as a formula; any other as its
    result.

    Raises: InputError where it has a password; `BROKEN_XLS` and what else a damaged one ends in.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise _locked(what)
    notes = []
    book = _opened(data, what)
    if book.biff_version < _EXCEL_97 and book.codepage in _WESTERN:
        book = _opened(data, what, encoding="gb18030")
        notes.append(note("read_as", encoding="gb18030"))
    ours = openpyxl.Workbook()
    ours.remove(ours.active)
    for number in range(book.nsheets):
        theirs, sheet = book.sheet_by_index(number), ours.create_sheet()
        sheet.title = theirs.name
        sheet.sheet_state = "visible" if theirs.visibility == 0 else "hidden"
        for row in range(theirs.nrows):
            for column, cell in enumerate(theirs.row(row)):
                if cell.ctype not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    _write(sheet.cell(row + 1, column + 1), cell, book)
        for row, column in _left_to_excel(book, number):
            sheet.cell(row + 1, column + 1).value = _UNKNOWN if formulas else None
    return ours, notes


def _opened(data: bytes, what: Text, *, encoding: str | None = None) -> Any:
    try:
        return xlrd.open_workbook(
            file_contents=data,
            logfile=io.StringIO(),
            encoding_override=encoding,
            formatting_info=True,
            on_demand=True,
            ragged_rows=True,
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise _locked(what) from None
        raise


def _locked(what: Text) -> InputError:
    return InputError(
        f"{what.zh}：有打开密码；请在 Excel 里去掉密码后另存",
        f"{what.en} has a password; take it out in Excel and save it again",
    )


def _write(ours: Cell, cell: Any, book: Any) -> None:
    """Write what a cell of xlrd holds: texts as texts, also those that look like formulas."""
    if cell.ctype == xlrd.XL_CELL_TEXT:
        text_cell(ours, cell.value)
    elif cell.ctype == xlrd.XL_CELL_ERROR:
        ours.value, ours.data_type = xlrd.error_text_from_code.get(cell.value, "#N/A"), "e"
    elif cell.ctype == xlrd.XL_CELL_DATE:
        ours.value = xlrd.xldate_as_datetime(cell.value, book.datemode)
    elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
        ours.value = bool(cell.value)
    else:
        ours.value = int(cell.value) if cell.value.is_integer() else cell.value
        ours.number_format = book.format_map[book.xf_list[cell.xf_index].format_key].format_str


def _left_to_excel(book: Any, number: int) -> Iterator[tuple[int, int]]:
    """Yield row and column of the formulas that hold zero and ask to be calculated when the file is opened."""
    at, nested = book._sh_abs_posn[number], 0
    while book.biff_version >= _EXCEL_5:
        kind, length = struct.unpack_from("<HH", book.mem, at)
        at += 4
        if kind == _BEGIN:
            nested += 1
        elif kind == _END:
            nested -= 1
            if nested == 0:
                return
        elif kind == _FORMULA and nested == 1:
            row, column, _, result, flags = struct.unpack_from("<HHH8sH", book.mem, at)
            if flags & _ON_LOAD and result == bytes(8):
                yield row, column
        at += length


def from_page(data: bytes, *, what: Text) -> openpyxl.Workbook:
    """Return the tables of a web page as the sheets of a workbook, every cell as the text it shows.

    A cell over several rows or columns stands in the first of them, as in a workbook.

    Raises: InputError where the page holds no table, or is not text in UTF-8 or GBK.
    """
    text, _ = decoded(data, what=what)
    page = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table in page.iter("table"):
        if table.find(".//table") is None:
            sheet = book.create_sheet()
            for row, cells in enumerate(_rows(table), start=1):
                for column, shown in cells.items():
                    text_cell(sheet.cell(row, column + 1), shown)
    if not book.worksheets:
        raise InputError(
            f"{what.zh}：内容是网页，其中没有表格；请在 Excel 里打开并另存为 .xlsx",
            f"{what.en} is a web page without a table; open it in Excel and save it as .xlsx",
        )
    return book


def _rows(table: Any) -> Iterator[dict[int, str]]:
    taken: dict[int, int] = {}  # how many rows from here on a cell from above, or of this row, takes a column
    for line in table.iter("tr"):
        cells, column = {}, 0
        for cell in line.iterchildren("td", "th"):
            while taken.get(column, 0) > 0:
                column += 1
            if shown := cell.text_content().strip():
                cells[column] = shown
            across = min(_span(cell, "colspan"), _MOST_SPANNED)
            taken |= dict.fromkeys(range(column, column + across), _span(cell, "rowspan"))
            column += across
        taken = {column: rows - 1 for column, rows in taken.items()}
        yield cells


def _span(cell: Any, key: str) -> int:
    said = cell.get(key, "")
    return max(1, int(said)) if said.isdecimal() and len(said) <= len("65536") else 1
