"""The report as an Excel workbook: numbers as numbers, text as text, one table a sheet."""

from __future__ import annotations

import io
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
from suizhou_geo.assessment.wording import Lang
from suizhou_geo.outputs.report.blocks import Cell, Column, Table, words
from suizhou_geo.outputs.report.communities import communities_table
from suizhou_geo.outputs.report.content import report_of, zones_table
from suizhou_geo.outputs.report.dictionary import COLUMN_MEANINGS
from suizhou_geo.outputs.report.facts import dictionary_table
from suizhou_geo.outputs.report.gap_tables import gap_tables
from suizhou_geo.outputs.report.office_files import clean, settled, write_file
from suizhou_geo.outputs.report.provenance import params_table
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.symbology import VERDICTS

HEAD_ROW = 3
MOST_CHARACTERS = 32_767  # in one cell
MOST_NAME = 31  # characters of a sheet's name
NARROW, WIDE = 9, 40  # characters
LINE_PT, MOST_HEIGHT_PT = 15, 400
MOST_ON_A4 = 160  # characters side by side that can still be read
FORMATS: Mapping[str, str] = {
    "share": "0.0%",
    "share/year": "0.0%",
    "count": "#,##0",
    "persons": "#,##0",
    "m": "#,##0",
    "person/km2": "#,##0",
    "": "General",
}
OTHER_FORMAT = "#,##0.00"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    >>> from suizhou_geo.outputs.report import write_workbook
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> result = assessed(study, [sg.population_density(study.area)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_workbook(result, Path(folder) / "report.xlsx")
    ...     len(pd.read_excel(Path(folder) / "report.xlsx", header=2)) == len(study.plan.targets)
    True
    """
    study, report = result.study, report_of(result, lang=lang)
    lines = result.rows
    _, inputs, _, versions, findings = report.appendix
    communities = communities_table(lines, study.area.zones, lang)
    tables = [
        _scorecard_table(lines, lang),
        zones_table(lines, study.area.zones, lang),
        *([] if communities is None else [communities]),
        *gap_tables(lines, study.area.zones, most=None, lang=lang),
        dictionary_table(lines, lang, each=True),
        _column_table(lang),
        inputs,
        params_table(result.every_measure, lang, each=True),
        versions,
        findings,
    ]
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table in tables:
        _sheet(book, table, title=report.title, stamp=f"{report.stamp} {report.stamp_why}".strip(), lang=lang)
    book.properties.title, book.properties.creator = clean(report.title), "suizhou_geo"
    book.properties.created = report.dated
    book.properties.description = report.stamp
    written = io.BytesIO()
    book.save(written)
    write_file(settled(written.getvalue(), report.dated), path)


def _scorecard_table(lines: Sequence[Row], lang: Lang) -> Table:
    """The scorecard as scorecard.csv has it, then the shortfall and the verdict in words."""
    columns = tuple(Column(name) for name in (*COLUMNS, "shortfall", "shortfall_unit", say("verdict", lang)))
    rows = []
    every = [one for line in lines for one in line.definitions]
    for record, line in zip(table_of(lines, lang).to_dict("records"), every, strict=True):
        cells = [_recorded(record[name], record["unit"]) for name in COLUMNS]
        shortfall = Cell("", line.shortfall, line.shortfall_unit)
        verdict = words(verdict_text(line.status, lang), status=line.status)
        rows.append((*cells, shortfall, words(line.shortfall_unit), verdict))
    return Table(say("sheet_scorecard", lang), columns, tuple(rows), say("sheet_scorecard", lang))


def _recorded(value: object, unit: str) -> Cell:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell("", float(value), unit)
    return words("" if pd.isna(value) else str(value))


def _column_table(lang: Lang) -> Table:
    columns = (Column(say("column", lang)), Column(say("meaning", lang)))
    rows = tuple((words(name), words(text.speak(lang))) for name, text in COLUMN_MEANINGS.items())
    return Table(say("column_dictionary", lang), columns, rows, say("sheet_column_dictionary", lang))


def _sheet(book: Any, table: Table, *, title: str, stamp: str, lang: Lang) -> None:
    sheet = book.create_sheet(_sheet_name(table.sheet or table.title, book.sheetnames))
    _text(sheet.cell(1, 1), f"{title}{say('colon', lang)}{table.title}", Font(bold=True, size=13))
    told = " ".join(text for text in (stamp, table.note) if text)
    _text(sheet.cell(2, 1), told, Font(bold=bool(stamp), color="A30000" if stamp else "4D5965"))
    for k, column in enumerate(table.columns, start=1):
        head = sheet.cell(HEAD_ROW, k)
        _text(head, column.name, Font(bold=True))
        head.fill = PatternFill("solid", fgColor="E9EDF1")
        numbers = any(row[k - 1].value is not None for row in table.rows)
        head.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if numbers else "left")
    prose = not any(cell.value is not None for row in table.rows for cell in row)
    for number, row in enumerate(table.rows, start=HEAD_ROW + 1):
        for k, cell in enumerate(row, start=1):
            _put(sheet.cell(number, k), cell, wrap=prose)
    _lay_out(sheet, table, stamp, prose=prose)


def _put(target: Any, cell: Cell, *, wrap: bool) -> None:
    if cell.value is None:
        colour = VERDICTS[cell.status][1].lstrip("#") if cell.status else ""
        text = cell.text if wrap else cell.text.replace("\n", "; ")
        _text(target, text, Font(bold=True, color=colour) if colour else None)
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
        longest = max([_breadth(column.name) + 3, *(_breadth(row[k].text) for row in table.rows)])
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


def _breadth(text: str) -> int:
    """How many Latin characters wide the longest line of a text is; Chinese ones count double."""
    return max((sum(2 if ord(c) > 0x2E7F else 1 for c in line) for line in text.split("\n")), default=0)


def _lines(text: str, width: int) -> int:
    return sum(max(1, -(-_breadth(line) // (width - 1))) for line in text.split("\n"))


def _sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """A name Excel accepts and that is not taken yet."""
    name = "".join(c for c in wanted if c not in "[]:*?/\\")[:MOST_NAME]
    k = 2
    while name in taken:
        name = f"{name[: MOST_NAME - 3]} {k}"
        k += 1
    return name
