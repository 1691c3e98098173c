"""The report as an Excel workbook: the promises on one sheet, then one table a sheet; numbers are numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.inequality import inequalities
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.scorecard import COLUMNS, table_of, told_shortfall
from suizhou_geo.assessment.siting.proposals import NOTHING_PROPOSED, Proposals
from suizhou_geo.assessment.wording import said
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.report.blocks import HEAD_FILL, STAMP_COLOUR, Cell, Column, Table, breadth, worded_table
from suizhou_geo.outputs.report.communities import communities_table
from suizhou_geo.outputs.report.content import report_of
from suizhou_geo.outputs.report.facts import dictionary_table
from suizhou_geo.outputs.report.gap_tables import gap_tables
from suizhou_geo.outputs.report.number_formats import number_format
from suizhou_geo.outputs.report.office_files import write_dated
from suizhou_geo.outputs.report.provenance import findings_table, inputs_table, params_table, versions_table
from suizhou_geo.outputs.report.summary_sheet import definitions_table, notes_table, summary_table
from suizhou_geo.outputs.report.tables import inequality_table, proposals_table, sensitivity_table, zones_table
from suizhou_geo.outputs.report.words import say
from suizhou_geo.sources.workbooks import FORMULA, clean, print_across, text_cell

HEAD_ROW = 3
MOST_NAME = 31  # characters of a sheet's name
NARROW, WIDE, WIDEST = 9, 40, 60  # characters: of a column, one of width 1 at most, any at most
LINE_PT, MOST_HEIGHT_PT = 16, 400
MOST_ON_A4 = 185  # characters side by side that can still be read
TINT = 0.85  # of white in the ground behind a verdict
_ENDLESS = {np.inf: "∞", -np.inf: "-∞"}
_Looks = dict[tuple[object, ...], Any]  # how cells look, by what decides it
COLUMNS_TOLD = (*COLUMNS, "shortfall", "shortfall_unit")


def write_workbook(result: Assessed, path: Path, *, proposed: Proposals = NOTHING_PROPOSED, lang: Lang = "zh") -> None:
    """Write the results of a study as an Excel workbook (.xlsx).

    The first sheet holds the promises, one a row: value, target, gap, what that is on the ground, verdict, clause, who
    answers for it. Behind it what must be known of each, the sites that are `proposed`, and the gap lists in full. Behind
    these, to look up and not to print, the numbers under other definitions, every measure by zone, how unequal coverages are
    between zones, community by community where that layer is given, the data dictionary, the scorecard as scorecard.csv has
    it with the shortfall in km, ha or persons, input files, parameters, versions, findings. Numbers are
    numbers, shown with their unit; shares are 0-1, shown as percent. On every sheet row 1 holds the title, row 2 what must
    be known (of an invented study, the stamp), row 3 the heads. What is text is never a formula, whatever it begins with.
    The same input gives the same file, byte for byte.

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
    unequal = inequalities(rows, result.area)
    hangs, communities = sensitivity_table(rows, lang), communities_table(rows, zones, lang)
    to_print = [
        summary_table(result, lang),
        notes_table(result, lang),
        *([proposals_table(proposed.sited, zones, lang)] if proposed.sited else []),
        *gap_tables(result.gap_lists, rows, zones, most=None, lang=lang),
    ]
    to_look_up = [
        definitions_table(rows, lang),
        *([hangs] if hangs.rows else []),
        zones_table(rows, zones, lang),
        *([inequality_table(unequal, lang)] if unequal else []),
        *([] if communities is None else [communities]),
        dictionary_table(rows, lang, each=True),
        _column_table(lang),
        _scorecard_table(rows, lang),
        inputs_table(study, lang),
        params_table(result.every_measure, lang, each=True),
        versions_table(study, lang),
        findings_table(study, lang),
    ]
    book = openpyxl.Workbook()
    book.remove(book.active)
    looks: _Looks = {}
    for_data = say("data_sheet", lang)
    for told in (*to_print, *(replace(one, note=f"{for_data} {one.note}".strip()) for one in to_look_up)):
        title = f"{report.title}{say('colon', lang)}{told.title}"
        _sheet(book, told, looks, title=title, stamp=f"{report.stamp} {report.stamp_why}".strip(), lang=lang)
    book.properties.title, book.properties.creator = clean(report.title), "suizhou_geo"
    book.properties.created = report.dated
    book.properties.description = report.stamp
    write_dated(book, path, report.dated)


def _scorecard_table(rows: Sequence[Row], lang: Lang) -> Table:
    """The scorecard as scorecard.csv has it, then the shortfall."""
    columns = tuple(Column(said("column_head", name, lang)) for name in COLUMNS_TOLD)
    every = [one for row in rows for one in row.definitions]
    cells = tuple(
        (
            *(_recorded(record[name], record["unit"], row.status * (name == "status_words")) for name in COLUMNS),
            Cell("", told_shortfall(row), row.shortfall_unit),
            Cell(row.shortfall_unit),
        )
        for record, row in zip(table_of(rows, lang).to_dict("records"), every, strict=True)
    )
    return Table(say("sheet_scorecard", lang), columns, cells, say("sheet_scorecard", lang))


def _recorded(value: object, unit: str, status: str) -> Cell:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell("", float(value), unit)
    return Cell("" if pd.isna(value) else str(value), status=status)


def _column_table(lang: Lang) -> Table:
    meanings = [(name, said("column_head", name, lang), said("column", name, lang)) for name in COLUMNS_TOLD]
    return worded_table("column_dictionary", {"column": 1.0, "head": 1.0, "meaning": 1.0}, meanings, lang)


def _sheet(book: Any, table: Table, looks: _Looks, *, title: str, stamp: str, lang: Lang) -> None:
    sheet = book.create_sheet(_sheet_name(table.sheet or table.title, book.sheetnames))
    _text(sheet.cell(1, 1), title, Font(bold=True, size=13))
    told = " ".join(text for text in (stamp, table.note) if text)
    _text(sheet.cell(2, 1), told, Font(bold=bool(stamp), color=STAMP_COLOUR if stamp else "4D5965"))
    for k, column in enumerate(table.columns, start=1):
        head = sheet.cell(HEAD_ROW, k)
        _text(head, column.name, Font(bold=True))
        head.fill = PatternFill("solid", fgColor=HEAD_FILL)
        numbers = any(row[k - 1].value is not None for row in table.rows)
        head.alignment = Alignment(
            wrap_text=True, vertical="center", horizontal="right" if numbers else "left", indent=1
        )
        for number, row in enumerate(table.rows, start=HEAD_ROW + 1):
            _put(sheet.cell(number, k), row[k - 1], looks, right=numbers)
    _lay_out(sheet, table, stamp, lang)


def _put(target: Any, cell: Cell, looks: _Looks, *, right: bool) -> None:
    """Write a cell. It takes its look from the first that looks alike: openpyxl takes long to know one again."""
    number = cell.value is not None and np.isfinite(cell.value)
    words = cell.text if cell.value is None else _ENDLESS.get(cell.value, "")
    form = number_format(cell) if number else ""
    if words:
        text_cell(target, words)
    elif number:
        target.value = cell.value
    look = (cell.value is None, bool(words), words.startswith(FORMULA), cell.colour, right, form)
    if look in looks:
        target._style = copy(looks[look])
        return
    if cell.value is not None:
        target.alignment = Alignment(vertical="center", horizontal="right", indent=1)
        target.number_format = form or target.number_format
    else:
        if words and cell.colour:
            target.font = Font(bold=True, color=cell.colour.lstrip("#"))
        across = "right" if right else "left"
        target.alignment = Alignment(wrap_text=True, vertical="center", horizontal=across, indent=1)
        if cell.colour:
            target.fill = PatternFill("solid", fgColor=_tint(cell.colour))
    looks[look] = target._style


def _tint(colour: str) -> str:
    """A colour (#rrggbb) as pale as a ground behind text, without its sign."""
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "".join(f"{round(part + (255 - part) * TINT):02X}" for part in parts)


def _text(target: Any, text: str, font: Font | None = None) -> None:
    """Write text that stays text: never a formula, also when somebody edits the cell."""
    if not text:
        return
    text_cell(target, text)
    if font is not None:
        target.font = font


def _lay_out(sheet: Any, table: Table, stamp: str, lang: Lang) -> None:
    """Freeze, filter, size and set up a sheet for print; rows are as high as their text needs."""
    last = get_column_letter(len(table.columns))
    sheet.freeze_panes = f"B{HEAD_ROW + 1}"
    if table.rows:
        sheet.auto_filter.ref = f"A{HEAD_ROW}:{last}{HEAD_ROW + len(table.rows)}"
    widths = []
    for k, column in enumerate(table.columns):
        longest = max([_longest(column.name) + 3, *(_longest(row[k].text) for row in table.rows)])
        width = min(max(longest + 4, NARROW), round(WIDE * column.width), WIDEST)
        sheet.column_dimensions[get_column_letter(k + 1)].width = width
        widths.append(width)
    for number in (1, 2):
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=len(widths))
        sheet.cell(number, 1).alignment = Alignment(wrap_text=True, vertical="center")
    title, told = (str(sheet.cell(number, 1).value or "") for number in (1, 2))
    heights = {1: 1.4 * _lines(title, sum(widths) / 1.4), 2: _lines(told, sum(widths))}
    for number, row in enumerate(table.rows, start=HEAD_ROW + 1):
        heights[number] = max(_lines(cell.text, width) for cell, width in zip(row, widths, strict=True))
    for number, lines in heights.items():
        if lines > 1:
            sheet.row_dimensions[number].height = min(lines * LINE_PT + 2, MOST_HEIGHT_PT)
    sheet.print_area = f"A1:{last}{HEAD_ROW + len(table.rows)}"
    footer = say("page", lang, page="&P", pages="&N")
    print_across(sheet, head_row=HEAD_ROW, footer=footer, paper="A4" if sum(widths) <= MOST_ON_A4 else "A3")
    if stamp:
        sheet.oddHeader.center.text = stamp


def _longest(text: str) -> int:
    return max(map(breadth, text.split("\n")))


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column; letters run wider than the figures that a width is counted in."""
    return sum(max(1, math.ceil(breadth(line) / (0.9 * width - 1))) for line in text.split("\n"))


def _sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """A name Excel accepts and that is not taken yet."""
    name = "".join(c for c in wanted if c not in "[]:*?/\\")[:MOST_NAME]
    k = 2
    while name in taken:
        name = f"{name[: MOST_NAME - 3]} {k}"
        k += 1
    return name
