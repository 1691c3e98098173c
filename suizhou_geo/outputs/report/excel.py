"""The report as an Excel workbook: numbers as numbers, text as text, one table a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import verdict_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.scorecard import COLUMNS, table_of
from suizhou_geo.assessment.wording import Lang, said
from suizhou_geo.outputs.report.blocks import HEAD_FILL, STAMP_COLOUR, Cell, Column, Table, breadth, worded_table
from suizhou_geo.outputs.report.communities import communities_table
from suizhou_geo.outputs.report.content import report_of
from suizhou_geo.outputs.report.facts import dictionary_table
from suizhou_geo.outputs.report.gap_tables import gap_tables
from suizhou_geo.outputs.report.office_files import clean, write_dated
from suizhou_geo.outputs.report.provenance import findings_table, inputs_table, params_table, versions_table
from suizhou_geo.outputs.report.tables import zones_table
from suizhou_geo.outputs.report.words import say

HEAD_ROW = 3
MOST_CHARACTERS = 32_767  # in one cell
MOST_NAME = 31  # characters of a sheet's name
NARROW, WIDE = 9, 40  # characters
LINE_PT, MOST_HEIGHT_PT = 15, 400
MOST_ON_A4 = 160  # characters side by side that can still be read
FORMATS: Mapping[str, str] = {
    **dict.fromkeys(("share", "share/year"), "0.0%"),
    **dict.fromkeys(("count", "persons", "m", "person/km2"), "#,##0"),
    "": "General",
}
OTHER_FORMAT = "#,##0.00"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS_TOLD = (*COLUMNS, "shortfall", "shortfall_unit")


def write_workbook(result: Assessed, path: Path, *, lang: Lang = "zh") -> None:
    """Write the results of a study as an Excel workbook (.xlsx).

    The first sheet is the scorecard: the columns and rows of scorecard.csv, every number as it is there (shares 0-1,
    shown as percent; the unit in its own column), with the shortfall in km, ha or persons beside it. The others: every
    measure by zone, community by community where that layer is given, the gap lists in full, the data dictionary,
    input files, parameters, versions, findings. On every sheet row 1 holds the title, row 2 what must be known (of an
    invented study, the stamp), row 3 the heads. What is text is never a formula, whatever it begins with. The same input
    gives the same file, byte for byte.

    Errors: OutputError where `path` cannot be written.

    >>> import tempfile, suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> from suizhou_geo.outputs.report import write_workbook
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> result = assessed(study, [sg.population_density(study.area)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_workbook(result, Path(folder) / "report.xlsx")
    ...     len(pd.read_excel(Path(folder) / "report.xlsx", header=2)) == len(study.plan.targets)
    True
    """
    study, rows, zones, report = result.study, result.rows, result.area.zones, report_of(result, lang=lang)
    communities = communities_table(rows, zones, lang)
    tables = [
        _scorecard_table(rows, lang),
        zones_table(rows, zones, lang),
        *([] if communities is None else [communities]),
        *gap_tables(result.gap_lists, rows, zones, most=None, lang=lang),
        dictionary_table(rows, lang, each=True),
        _column_table(lang),
        inputs_table(study, lang),
        params_table(result.every_measure, lang, each=True),
        versions_table(study, lang),
        findings_table(study, lang),
    ]
    book = openpyxl.Workbook()
    book.remove(book.active)
    for told in tables:
        title = f"{report.title}{say('colon', lang)}{told.title}"
        _sheet(book, told, title=title, stamp=f"{report.stamp} {report.stamp_why}".strip())
    book.properties.title, book.properties.creator = clean(report.title), "suizhou_geo"
    book.properties.created = report.dated
    book.properties.description = report.stamp
    write_dated(book, path, report.dated)


def _scorecard_table(rows: Sequence[Row], lang: Lang) -> Table:
    """The scorecard as scorecard.csv has it, then the shortfall and the verdict in words."""
    columns = tuple(Column(name) for name in (*COLUMNS_TOLD, say("verdict", lang)))
    every = [one for row in rows for one in row.definitions]
    cells = tuple(
        (
            *(_recorded(record[name], record["unit"]) for name in COLUMNS),
            Cell("", row.shortfall, row.shortfall_unit),
            Cell(row.shortfall_unit),
            Cell(verdict_text(row.status, lang), status=row.status),
        )
        for record, row in zip(table_of(rows, lang).to_dict("records"), every, strict=True)
    )
    return Table(say("sheet_scorecard", lang), columns, cells, say("sheet_scorecard", lang))


def _recorded(value: object, unit: str) -> Cell:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell("", float(value), unit)
    return Cell("" if pd.isna(value) else str(value))


def _column_table(lang: Lang) -> Table:
    meanings = [(name, said("column", name, lang)) for name in COLUMNS_TOLD]
    return worded_table("column_dictionary", {"column": 1.0, "meaning": 1.0}, meanings, lang)


def _sheet(book: Any, table: Table, *, title: str, stamp: str) -> None:
    sheet = book.create_sheet(_sheet_name(table.sheet or table.title, book.sheetnames))
    _text(sheet.cell(1, 1), title, Font(bold=True, size=13))
    told = " ".join(text for text in (stamp, table.note) if text)
    _text(sheet.cell(2, 1), told, Font(bold=bool(stamp), color=STAMP_COLOUR if stamp else "4D5965"))
    for k, column in enumerate(table.columns, start=1):
        head = sheet.cell(HEAD_ROW, k)
        _text(head, column.name, Font(bold=True))
        head.fill = PatternFill("solid", fgColor=HEAD_FILL)
        numbers = any(row[k - 1].value is not None for row in table.rows)
        head.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if numbers else "left")
    prose = not any(cell.value is not None for row in table.rows for cell in row)
    for number, row in enumerate(table.rows, start=HEAD_ROW + 1):
        for k, cell in enumerate(row, start=1):
            _put(sheet.cell(number, k), cell, wrap=prose)
    _lay_out(sheet, table, stamp, prose=prose)


def _put(target: Any, cell: Cell, *, wrap: bool) -> None:
    if cell.value is None:
        text = cell.text if wrap else cell.text.replace("\n", "; ")
        _text(target, text, Font(bold=True, color=cell.colour.lstrip("#")) if cell.colour else None)
        target.alignment = Alignment(wrap_text=wrap, vertical="top", horizontal="left", indent=0 if wrap else 1)
        return
    target.alignment = Alignment(vertical="top")
    if np.isinf(cell.value):
        _text(target, "∞" if cell.value > 0 else "-∞")
    elif not np.isnan(cell.value):
        target.value = cell.value
        target.number_format = FORMATS.get(cell.unit, OTHER_FORMAT)


def _text(target: Any, text: str, font: Font | None = None) -> None:
    """Write text that stays text: never a formula, also when somebody edits the cell."""
    told = clean(text)[:MOST_CHARACTERS]
    if not told:
        return
    target.value = told
    target.data_type = "s"
    if told.startswith(FORMULA):
        target.quotePrefix = True
    if font is not None:
        target.font = font


def _lay_out(sheet: Any, table: Table, stamp: str, *, prose: bool) -> None:
    """Freeze, filter, size and set up a sheet for print; prose is wrapped, its rows as high as their text needs."""
    last = get_column_letter(len(table.columns))
    sheet.freeze_panes = f"B{HEAD_ROW + 1}"
    if table.rows:
        sheet.auto_filter.ref = f"A{HEAD_ROW}:{last}{HEAD_ROW + len(table.rows)}"
    widths = []
    for k, column in enumerate(table.columns):
        longest = max([_longest(column.name) + 3, *(_longest(row[k].text) for row in table.rows)])
        width = min(max(longest + 2, NARROW), WIDE)
        sheet.column_dimensions[get_column_letter(k + 1)].width = width
        widths.append(width)
    for number, row in enumerate(table.rows if prose else (), start=HEAD_ROW + 1):
        lines = max(_lines(cell.text, width) for cell, width in zip(row, widths, strict=True))
        sheet.row_dimensions[number].height = min(lines * LINE_PT, MOST_HEIGHT_PT)
    sheet.print_title_rows = f"1:{HEAD_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4 if sum(widths) <= MOST_ON_A4 else sheet.PAPERSIZE_A3
    sheet.print_options.gridLines = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if stamp:
        sheet.oddHeader.center.text = stamp
    sheet.oddFooter.center.text = "&P / &N"


def _longest(text: str) -> int:
    return max(map(breadth, text.split("\n")))


def _lines(text: str, width: int) -> int:
    return sum(max(1, -(-breadth(line) // (width - 1))) for line in text.split("\n"))


def _sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """A name Excel accepts and that is not taken yet."""
    name = "".join(c for c in wanted if c not in "[]:*?/\\")[:MOST_NAME]
    k = 2
    while name in taken:
        name = f"{name[: MOST_NAME - 3]} {k}"
        k += 1
    return name
