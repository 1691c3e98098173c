"""Declared statistics (申报统计): the one form for what no map can measure, as CSV or Excel, read row by row."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from suizhou_geo.errors import InputError
from suizhou_geo.model import STATISTIC_ITEMS, Plan, Statistic, Target
from suizhou_geo.sources.files import existing
from suizhou_geo.standards import table

# our name -> the heading of the form
HEADINGS: Mapping[str, str] = {
    "key": "代码 key",
    "name": "指标 promise",
    "item": "填报项 item",
    "year": "年份 year",
    "value": "数值 value",
    "unit": "单位 unit",
    "source": "来源 source",
    "note": "备注 note",
}
_ITEMS = {"数值": "value", "水平": "level", "分子": "part", "分母": "whole", "基数": "baseline"}
_NEEDED = ("key", "year", "value", "unit", "source")
_EXCEL = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class Declared:
    """The figures that may be used, and one sentence for every filled row that may not."""

    statistics: tuple[Statistic, ...]
    findings: tuple[str, ...]


def read_statistics(path: Path, plan: Plan | None) -> Declared:
    """Read the filled-in form: CSV (UTF-8 or GBK) or the first sheet of an Excel file.

    Columns are found by our name, the Chinese word or the whole heading. Rows without a value are not filled in yet and
    pass in silence. A row with a value but without a year, a unit of the promise or a source, of a key the plan has not,
    or said twice otherwise, is a finding and is not used; so is a share beyond 0 to 100 %, growth beyond 100 % a year, and
    a cell that Excel shows in per cent: it holds 0.96 where it shows 96 %, and the unit beside it says which was meant.

    Errors: InputError for a missing or unreadable file, or missing columns.

    >>> import suizhou_geo as sg
    >>> found = read_statistics(Path("data/raw/invented_city/statistics.csv"), sg.read_plan("suizhou_2025"))
    >>> len(found.statistics) > 10, found.findings
    (True, ())
    """
    existing(path, what="statistics")
    headings, rows = _excel(path) if path.suffix.lower() in _EXCEL else _csv(path)
    column = _columns(headings, path)
    targets = {} if plan is None else {target.key: target for target in plan.targets}
    used: dict[tuple[str, str, int], Statistic] = {}
    findings = []
    for number, cells in rows:
        said = {name: _text(cells[at]) for name, at in column.items() if at < len(cells)}
        if not said.get("value"):
            continue
        where = f"statistics ({path.name}), row {number}"
        statistic = _statistic(said, targets)
        if isinstance(statistic, str):
            findings.append(f"{where}: {statistic}; the row is not used")
            continue
        mark = (statistic.key, statistic.item, statistic.year)
        if mark in used and used[mark] != statistic:
            findings.append(
                f"{where}: {statistic.key} ({statistic.item}, {statistic.year}) was given before as "
                f"{used[mark].value:g} {used[mark].unit}; the row is not used"
            )
            continue
        used[mark] = statistic
    return Declared(tuple(used.values()), tuple(findings))


def statistics_form(plan: Plan, *, measured: Collection[str]) -> pd.DataFrame:
    """The empty form for a plan: the rows to fill in for each promise whose key is not among `measured`.

    Of those that are measured only the baseline is asked for, where the promise grows from one.

    Growth a year asks for the level in two years, a share for its part and its whole, everything else for its value;
    whoever has the growth or the share itself may declare that instead, with item "value".

    >>> from suizhou_geo.sources.plan import read_plan
    >>> form = statistics_form(read_plan("suizhou_2025"), measured=())
    >>> form.columns[0], len(form) > 33
    ('代码 key', True)
    """
    rows = [row for target in plan.targets for row in _form_rows(target, measured=target.key in measured)]
    return pd.DataFrame(rows, columns=list(HEADINGS.values()))


def _form_rows(target: Target, *, measured: bool) -> Iterator[tuple[Any, ...]]:
    unit = next(iter(table("units")["units"].get(target.unit, {target.unit: 1.0})))
    name = f"{target.name_zh}（{target.name_en}）"
    asked = target.needs_zh
    if target.baseline_year is not None:
        yield target.key, name, "baseline", target.baseline_year, "", unit, "", asked
    if measured:
        return
    if target.unit == "share/year":
        for year in (target.year - 1, target.year):
            yield target.key, name, "level", year, "", "", "", asked
    elif target.unit == "share":
        for item in ("part", "whole"):
            yield target.key, name, item, target.year, "", "", "", asked
    else:
        yield target.key, name, "value", target.year, "", unit, "", asked


def _statistic(said: Mapping[str, str], targets: Mapping[str, Target]) -> Statistic | str:
    """A row as a figure, or the sentence that says what is wrong with it."""
    for name in _NEEDED:
        if not said.get(name):
            return f"{HEADINGS[name]} is empty; every figure needs its key, year, unit and source"
    key = said["key"]
    if key not in targets:
        near = get_close_matches(key, targets, n=1)
        return f"the plan has no promise {key!r}" + (f" (did you mean {near[0]}?)" if near else "")
    item = _ITEMS.get(said.get("item", ""), said.get("item") or "value")
    if item not in STATISTIC_ITEMS:
        return f"{HEADINGS['item']} is {item!r}; write one of {', '.join(STATISTIC_ITEMS)}"
    year, value = _number(said["year"].removesuffix("年")), _number(said["value"])
    if not (1949 <= year <= 2100 and float(year).is_integer()):
        return f"{HEADINGS['year']} is {said['year']!r}; write a year such as 2025"
    if not math.isfinite(value):
        return f"{HEADINGS['value']} is {said['value']!r}; write a number, its unit in the column beside it"
    promised = targets[key].unit
    wanted = table("units")["units"].get(promised, {promised: 1.0})
    in_its_unit = item in ("value", "baseline") or (item == "level" and promised != "share/year")
    if in_its_unit and said["unit"] not in wanted:
        return f"{HEADINGS['unit']} is {said['unit']!r}; {key} is promised in {promised}: {', '.join(wanted)}"
    low, high = table("units")["bounds"].get(promised, (-math.inf, math.inf))
    if item == "value" and not low <= value * wanted[said["unit"]] <= high:
        return f"{HEADINGS['value']} is {said['value']} {said['unit']}; {key} lies between {low:.0%} and {high:.0%}"
    return Statistic(key, item, int(year), value, said["unit"], said["source"], said.get("note", ""))


def _columns(headings: list[str], path: Path) -> dict[str, int]:
    found = {}
    for name, heading in HEADINGS.items():
        chinese = heading.split(" ")[0]
        at = [k for k, text in enumerate(headings) if text.strip() in (heading, chinese, name)]
        if at:
            found[name] = at[0]
    missing = [HEADINGS[name] for name in _NEEDED if name not in found]
    if missing:
        raise InputError(
            f"statistics ({path.name}): no column {missing[0]}; use the form that `suizhou-geo form` writes"
        )
    return found


def _csv(path: Path) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise InputError(f"statistics ({path.name}) is neither UTF-8 nor GBK text; save it as CSV UTF-8") from None
    lines = list(csv.reader(io.StringIO(text)))
    return (lines[0] if lines else []), [(k, list(line)) for k, line in enumerate(lines[1:], start=2)]


def _excel(path: Path) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise InputError(f"statistics ({path.name}) cannot be opened as Excel ({error}); save it as .xlsx") from None
    lines = [[_shown(cell) for cell in line] for line in book.worksheets[0].iter_rows()]
    book.close()
    head = [_text(cell) for cell in lines[0]] if lines else []
    return head, [(k, line) for k, line in enumerate(lines[1:], start=2)]


def _shown(cell: Any) -> Any:
    """What a cell holds; as the text it shows where that is per cent."""
    per_cent = isinstance(cell.value, int | float) and "%" in (cell.number_format or "")
    return f"{cell.value * 100:.10g}%" if per_cent else cell.value


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "").replace("，", ""))
    except ValueError:
        return math.nan
