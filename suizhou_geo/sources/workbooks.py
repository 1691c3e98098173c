"""Workbooks: those we are given are looked at before they are opened; what all of ours have alike."""

from __future__ import annotations

import re
import zipfile
from typing import Any, BinaryIO, Literal

import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.sources.archives import check_unpacked

WORKBOOKS = (".xlsx", ".xlsm", ".xls")  # as they are named
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384  # of a sheet, in any program
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)(\d+)["']""")
MARGIN_IN = 0.35  # inches, of a printed sheet
MOST_CHARACTERS = 32_767  # in one cell
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def check_workbook(file: BinaryIO, *, what: Text) -> None:
    """Refuse a workbook that would fill the memory: one that unpacks to more than any true one, or names a row that no
    sheet has, up to which all are made.

    Raises: InputError, and what `zipfile` raises for a file that is no zip.
    """
    check_unpacked(file, what=what)
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if not re.match(r"(?i)/?xl/worksheets/.*xml$", name):
                continue
            for column, row in set(_PLACE.findall(archive.read(name))):
                if len(row) > len(str(_MOST_ROWS)) or int(row) > _MOST_ROWS or _number(column) > _MOST_COLUMNS:
                    place = (column + row)[:20].decode()
                    raise InputError(
                        f"{what.zh}：有单元格 {place}，超出工作表的范围；请用 Excel 打开并另存",
                        f"{what.en}: it has a cell {place}, which no sheet has; open it in Excel and save it again",
                    )


def _number(column: bytes) -> int:
    number = 0
    for letter in column.upper()[:5]:
        number = number * 26 + letter - ord("A") + 1
    return number


def shown_as_text(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts stay texts in a spreadsheet that opens it as CSV: none begins as formulas do or breaks its row.

    Numbers and bare signs ("==") are left as they are.

    >>> shown_as_text(pd.DataFrame({"name": ["=1+1", "-0.5", "=="], "n": [-1.0, 2.0, 0.0]})).to_csv(index=False).split()
    ['name,n', "'=1+1,-1.0", '-0.5,2.0', '==,0.0']
    """
    words = table.select_dtypes(exclude=["number", "bool"])
    return table.assign(**{column: words[column].map(_as_text) for column in words})


def _as_text(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    computes = cell.startswith(FORMULA) and re.search(r"\w", cell) and not _is_number(cell)
    return f"'{cell}" if computes else cell


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?%?", cell) is not None


def clean(text: str) -> str:
    """Return a text in which every character that XML cannot hold is the replacement character.

    >>> clean("汉东\\x00路")
    '汉东\N{REPLACEMENT CHARACTER}路'
    """
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def text_cell(cell: Any, text: str) -> None:
    """Write text that stays text into a cell of openpyxl: never a formula, also when somebody edits the cell."""
    cell.value = clean(text)[:MOST_CHARACTERS]
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA)


def print_across(sheet: Any, *, head_row: int, footer: str, paper: Literal["A4", "A3"] = "A4") -> None:
    """Set up a sheet of openpyxl for print: across, as wide as the page, its rows to `head_row` on every page."""
    sheet.print_title_rows = f"1:{head_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4 if paper == "A4" else sheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = MARGIN_IN
    sheet.page_margins.top = sheet.page_margins.bottom = 2 * MARGIN_IN  # header and footer stand in it
    sheet.page_margins.header = sheet.page_margins.footer = MARGIN_IN
    sheet.print_options.gridLines = True
    sheet.oddFooter.center.text = footer
