"""Declared statistics (申报统计): the filled-in form for what no map can measure, CSV or Excel, read row by row."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suizhou_geo.errors import InputError, did_you_mean
from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.model import STATISTIC_ITEMS, Plan, Statistic, Target
from suizhou_geo.sources.files import decoded, existing
from suizhou_geo.sources.workbooks import WORKBOOKS
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
ITEMS = {"数值": "value", "总量": "level", "水平": "level", "分子": "part", "分母": "whole", "基数": "baseline"}
_NEEDED = ("key", "year", "value", "unit", "source")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_SCALED = re.compile(r"[0#?]\.?,+(?![0#?])|[千万亿]")  # number formats that show a thousandth, or say the thousands


_COLON, _NOT_USED = Text("：", ": "), Text("；该行不采用", "; the row is not used")


@dataclass(frozen=True)
class Declared:
    """The figures that may be used, and one sentence for every filled row that may not."""

    statistics: tuple[Statistic, ...]
    findings: tuple[Text, ...]


def read_statistics(path: Path, plan: Plan | None) -> Declared:
    """Read the filled-in form: CSV (UTF-8 or GBK) or the first visible sheet of an Excel file.

    Columns are found by our name, the Chinese word or the whole heading. Rows without a value are not filled in yet and
    pass in silence. A row with a value but without a year, a unit of the promise or a source, of a key the plan has not,
    or said twice otherwise, is a finding and is not used; so is a share beyond 0 to 100 %, growth beyond 100 % a year, a
    negative amount (what is promised as added may be negative), half a firm or a person, a bare share beside the unit %
    (0.96 for 96 %), growth declared as a level, commas that part no thousands, per cent where the unit is no share, and a
    cell that Excel shows in 万. "96%", written or shown by Excel, is 96 per cent whichever unit of a share stands beside it.

    Errors: InputError for a missing or unreadable file, missing or doubled columns, or a formula without a stored result.

    >>> import suizhou_geo as sg
    >>> found = read_statistics(Path("data/raw/invented_city/statistics.csv"), sg.read_plan("suizhou_2025"))
    >>> len(found.statistics) > 10, found.findings
    (True, ())
    """
    existing(path, what=_called(path))
    lines = _excel(path) if path.suffix.lower() in WORKBOOKS else _csv(path)
    column = _columns([_text(cell) for cell in lines[0]] if lines else [], path)
    targets = {} if plan is None else {target.key: target for target in plan.targets}
    used: dict[tuple[str, str, int], Statistic] = {}
    findings = []
    for number, cells in enumerate(lines[1:], start=2):
        said = {name: _text(cells[at]) for name, at in column.items() if at < len(cells)}
        if not said.get("value"):
            continue
        where = _called(path) + Text(f"，第 {number} 行", f", row {number}")
        statistic = _statistic(said, targets)
        if isinstance(statistic, Text):
            findings.append(where + _COLON + statistic + _NOT_USED)
            continue
        mark = (statistic.key, statistic.item, statistic.year)
        if mark in used and used[mark] != statistic:
            before = f"{used[mark].value:g} {used[mark].unit}"
            twice = Text(
                f"{statistic.key}（{statistic.item}，{statistic.year} 年）前面已填为 {before}",
                f"{statistic.key} ({statistic.item}, {statistic.year}) was given before as {before}",
            )
            findings.append(where + _COLON + twice + _NOT_USED)
            continue
        used[mark] = statistic
    return Declared(tuple(used.values()), tuple(findings))


def _statistic(said: Mapping[str, str], targets: Mapping[str, Target]) -> Statistic | Text:
    """A row as a figure, or the sentence that says what is wrong with it."""
    for name in _NEEDED:
        if not said.get(name):
            return Text(
                f"“{HEADINGS[name]}”为空；每个数都要在本行写明代码、年份、单位和来源",
                f"{HEADINGS[name]} is empty; every figure needs its key, year, unit and source in its own row",
            )
    key = said["key"]
    if key not in targets:
        hint = did_you_mean(key, targets)
        return Text(f"方案里没有承诺“{key}”{hint.zh}", f"the plan has no promise {key!r}{hint.en}")
    item = ITEMS.get(said.get("item", ""), said.get("item") or "value")
    if item not in STATISTIC_ITEMS:
        return Text(
            f"“{HEADINGS['item']}”为“{item}”；请填 {'、'.join(STATISTIC_ITEMS)} 之一",
            f"{HEADINGS['item']} is {item!r}; write one of {', '.join(STATISTIC_ITEMS)}",
        )
    year = _number(said["year"].removesuffix("年"))
    value, in_percent = _number(said["value"].rstrip("%％")), said["value"].endswith(("%", "％"))
    if not (1949 <= year <= 2100 and float(year).is_integer()):
        return Text(
            f"“{HEADINGS['year']}”为“{said['year']}”；请填年份，如 2025",
            f"{HEADINGS['year']} is {said['year']!r}; write a year such as 2025",
        )
    if not math.isfinite(value):
        return Text(
            f"“{HEADINGS['value']}”为“{said['value']}”；请填数字，单位填在旁边一列",
            f"{HEADINGS['value']} is {said['value']!r}; write a number, its unit in the column beside it",
        )
    if item == "baseline" and year != targets[key].baseline_year:
        base = targets[key].baseline_year
        return Text(
            f"“{HEADINGS['item']}”填的是 {said['year']} 年的{said['item']}，"
            + (f"而承诺 {key} 的基期是 {base} 年" if base else f"而承诺 {key} 不与基期比较"),
            f"{HEADINGS['item']} is {said['item']} of {said['year']}, "
            f"but the promise {key} grows from {base or 'no earlier year'}",
        )
    promised = targets[key].unit
    wanted = table("units")["units"].get(promised, {promised: 1.0})
    in_its_unit = item in ("value", "baseline") or (item == "level" and promised != "share/year")
    unfit = _unfit_unit(said["unit"], targets[key], wanted, item=item, in_its_unit=in_its_unit)
    if unfit != NOTHING:
        return unfit
    if in_percent:
        per_unit = table("units")["units"][promised].get(said["unit"]) if promised.startswith("share") else None
        if not in_its_unit or per_unit is None:
            return _no_share(said)
        value = float(f"{value * 0.01 / per_unit:.12g}")
    wrong = _implausible(item, value, targets[key], unit=said["unit"], bare=not in_percent)
    if wrong != NOTHING:
        figure = f"{said['value']} {said['unit']}"
        return Text(
            f"“{HEADINGS['value']}”为 {figure}；{key} {wrong.zh}",
            f"{HEADINGS['value']} is {figure}; {key} {wrong.en}",
        )
    return Statistic(key, item, int(year), value, said["unit"], said["source"], said.get("note", ""))


def _unfit_unit(unit: str, target: Target, wanted: Mapping[str, float], *, item: str, in_its_unit: bool) -> Text:
    """What is wrong with the unit of a figure, nothing where nothing is."""
    if in_its_unit and unit not in wanted:
        return Text(
            f"“{HEADINGS['unit']}”为“{unit}”；{target.key} 的承诺单位是 {target.unit}，可填 {'、'.join(wanted)}",
            f"{HEADINGS['unit']} is {unit!r}; {target.key} is promised in {target.unit}: {', '.join(wanted)}",
        )
    if item == "level" and target.unit == "share/year" and unit in wanted:
        return Text(
            f"“{HEADINGS['unit']}”为“{unit}”；“总量 level”填增长的那个总量，增长率本身请填作“数值 value”",
            f"{HEADINGS['unit']} is {unit!r}; a level is the amount that grows, write growth itself as value",
        )
    return NOTHING


def _no_share(said: Mapping[str, str]) -> Text:
    value, unit = said["value"], said["unit"]
    return Text(
        f"“{HEADINGS['value']}”为“{value}”，而单位是“{unit}”；百分数只用于占比和增速，这里请填以“{unit}”计的数",
        f"{HEADINGS['value']} is {value!r} beside the unit {unit}; per cent is for shares and growth alone, write the "
        f"figure in {unit} here",
    )


def _implausible(item: str, value: float, target: Target, *, unit: str, bare: bool) -> Text:
    """What is wrong with a figure that can hardly be meant, nothing where nothing is; `bare`: no % stands behind it."""
    if _is_counted(unit) and not value.is_integer():
        return Text(f"以“{unit}”计的数应为整数", f"is counted in whole {unit}")
    if item not in ("value", "baseline"):  # the amount that grows, a part, a whole
        return NOTHING if value >= 0 else Text("填的是总量，不能小于零", "is an amount, which is zero at the least")
    promised = target.unit
    per_unit = table("units")["units"].get(promised, {promised: 1.0})[unit]
    low, high = table("units")["bounds"].get(promised, (-math.inf, math.inf))
    if low == 0 and target.is_added:
        low = -math.inf
    if not low <= value * per_unit <= high:
        share = promised.startswith("share")
        if share:
            return Text(f"应在 {low:.0%} 与 {high:.0%} 之间", f"lies between {low:.0%} and {high:.0%}")
        return Text(f"不小于 {low:g} {promised}", f"is at least {low:g} {promised}")
    nearly = table("units")["bare_shares"].get(promised, 0.0)
    if bare and per_unit == 0.01 and 0 < abs(value) <= nearly:
        as_percent, as_share = f"{value * 100:.10g}", f"{value / 100:.10g}"
        return Text(
            f"几乎为零：请填 {as_percent}、单位 %；如果确实这么小，请填 {as_share}、单位 比例",
            f"would be nearly nothing: write {as_percent} and % or, if it is so, {as_share} and 比例",
        )
    return NOTHING


def _is_counted(unit: str) -> bool:
    """Whether a unit is of single things: 家, 人, 户; not 万人."""
    units = table("units")["units"]
    return any(units[kind].get(unit) == 1.0 for kind in table("units")["whole"]["units"])


def _called(path: Path) -> Text:
    return Text(f"统计表（{path.name}）", f"statistics ({path.name})")


def _columns(headings: list[str], path: Path) -> dict[str, int]:
    found = {}
    for name, heading in HEADINGS.items():
        chinese = heading.split(" ")[0]
        at = [k for k, text in enumerate(headings) if text in (heading, chinese, name)]
        if len(at) > 1:
            raise InputError(
                f"统计表（{path.name}）：列“{heading}”出现两次；请去掉一个",
                f"statistics ({path.name}): the column {heading} stands twice; take one of them out",
            )
        if at:
            found[name] = at[0]
    missing = [HEADINGS[name] for name in _NEEDED if name not in found]
    if missing:
        raise InputError(
            f"统计表（{path.name}）：没有列“{missing[0]}”；请用 suizhou-geo form 生成的表格",
            f"statistics ({path.name}): no column {missing[0]}; use the form that `suizhou-geo form` writes",
        )
    return found


def _csv(path: Path) -> list[list[Any]]:
    try:
        text, _ = decoded(path.read_bytes(), what=_called(path))
    except InputError:
        raise InputError(
            f"统计表（{path.name}）：既不是 UTF-8 也不是 GBK 文本；请另存为 UTF-8 编码的 CSV",
            f"statistics ({path.name}) is neither UTF-8 nor GBK text; save it as CSV UTF-8",
        ) from None
    try:
        return [list(line) for line in csv.reader(io.StringIO(text, newline=None), strict=True)]
    except csv.Error as error:
        raise InputError(
            f"统计表（{path.name}）：不是完整的 CSV（原文：“{error}”）；请检查有没有未闭合的引号",
            f"statistics ({path.name}) is not whole as CSV ({error}); look for a quotation mark that is not closed",
        ) from None


def _excel(path: Path) -> list[list[Any]]:
    (name, stored), (_, written) = (_first_sheet(path, formulas=formulas) for formulas in (False, True))
    for line, formulas in zip(stored, written, strict=True):
        for cell, formula in zip(line, formulas, strict=True):
            # a formula that came to empty text has no value either, but says that it is text
            if formula.data_type == "f" and cell.value is None and cell.data_type != "str":
                raise InputError(
                    (
                        f"统计表（{path.name}），工作表“{name}”，单元格 {cell.coordinate}：公式没有存下结果；"
                        "请在 Excel 里打开并保存，或直接填数字"
                    ),
                    (
                        f"statistics ({path.name}), sheet {name}, cell {cell.coordinate}: the formula has no stored result; "
                        "open the file in Excel and save it there, or write the number in place of the formula"
                    ),
                )
    return [[_shown(cell) for cell in line] for line in stored]


def _first_sheet(path: Path, *, formulas: bool) -> tuple[str, list[tuple[Any, ...]]]:
    from suizhou_geo.sources.read_workbook import opened_workbook, visible  # most statistics are no workbook

    with opened_workbook(path, what=_called(path), formulas=formulas) as (book, _):
        sheet = visible(book)[0]
        if book.read_only:
            sheet.reset_dimensions()  # what a file says of its extent may be older than its last rows
        return sheet.title, list(sheet.iter_rows())


def _shown(cell: Any) -> Any:
    """What a cell holds; as the text it shows where that is per cent, with its format where that scales it."""
    if not isinstance(cell.value, int | float):
        return cell.value
    if "%" in cell.number_format:
        return f"{cell.value * 100:.10g}%"
    return f"{cell.value:.15g} ({cell.number_format})" if _SCALED.search(cell.number_format) else cell.value


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _number(text: str) -> float:
    text = text.replace("，", ",")
    if "_" in text or ("," in text and not _THOUSANDS.fullmatch(text)):
        return math.nan
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return math.nan
