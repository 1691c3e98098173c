"""The empty form (填报表) for declared statistics, as CSV or as a workbook with lists to choose from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from suizhou_geo.errors import OutputError, reason
from suizhou_geo.model import Plan, Statistic, Target
from suizhou_geo.sources.files import is_there
from suizhou_geo.sources.statistics import HEADINGS, ITEMS
from suizhou_geo.sources.workbooks import clean, print_across, shown_as_text, text_cell
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import settled_by

# the columns of the workbook, what stands in each and how wide it is (characters); those filled in are not protected
COLUMNS = {
    "代码": 22,
    "指标": 26,
    "承诺": 32,
    "填报项": 9,
    "年份": 8,
    "数值": 14,
    "单位": 13,
    "来源": 26,
    "备注": 18,
    "怎样填": 42,
}
FILLED_IN = ("填报项", "年份", "数值", "单位", "来源", "备注")
SPARE_ROWS = 15
YEARS, VALUES = (1949, 2100), (-1e15, 1e15)
_YEARLY_MEAN = "年均"
_WORDS = {item: word for word, item in reversed(ITEMS.items())}
_CHOICES = {
    "level": ("level", "value"),
    "part": ("part", "value"),
    "whole": ("whole", "value"),
    "value": ("value", "level"),
}
_HOW = {
    "value": "填承诺所指的数值本身，单位从列表中选",
    "level": "填该年的总量（不填增速），两个年份单位相同，增速由两年总量计算；只有增速的，填报项改选“数值”，单位选 %",
    "part": "填占比的分子，与分母同年、同单位；只有占比的，填报项改选“数值”，单位选 %",
    "whole": "填占比的分母，与分子同年、同单位",
    "baseline": "填承诺所比较的那一年的数值（基数），口径须与现状相同",
}
_HOW_ADDED = "；也可改选“总量”，填两个年份的总量"  # of what is promised as added
_ANY_UNIT = ("亿元", "万元", "万元/亩", "平方公里", "公顷", "亩", "万人", "人", "户", "个", "家", "万吨", "吨", "%")
_GUIDE = (
    "黄色格填写，灰色格为固定内容（工作表已保护，无密码）。",
    "每行一个数：数值、年份、单位、来源四项填齐才采用；没有来源的数值不采用。暂缺的行留空即可，不必删除。",
    "百分数按百分数填：96% 填 96，单位选 %。单元格不要设成百分比或“万”“亿”显示格式。",
    "单位须与数值相符，列表中没有的总量单位可以直接写；千位逗号可有可无。",
    "来源写明部门和文件，例如“市统计局 2025年统计公报”。合并单元格只算第一格，请逐行填写。",
    "同一指标要补报其他年份或其他填报项，写在表末空行，代码从列表中选。",
    '填好后在研究文件中写：[statistics]，path = "本文件名"。',
)
_HEAD, _FIXED, _OPEN = (PatternFill("solid", fgColor=colour) for colour in ("D9E2EA", "F0F2F4", "FFF9DB"))
_LINES = Border(*(Side("thin", color="BFC7CE") for _ in range(4)))


_Row = tuple[Any, ...]


def statistics_form(
    plan: Plan, *, measured: Collection[str], baselines: Collection[str] = (), known: Sequence[Statistic] = ()
) -> pd.DataFrame:
    """The form for a plan: the rows to fill in for each promise whose key is not among `measured`.

    Figures that are `known` stand in it already: whoever fills it in again goes on from them.

    Of those that are measured what the map alone may not decide is asked for (`settled_by`), and the baseline, where the
    promise grows from one that is not among `baselines`, those that are known.

    Growth a year asks for the level in two years, a share for its part and its whole, everything else for its value;
    whoever has the growth or the share itself may declare that instead, with item "value".

    >>> from suizhou_geo.sources.plan import read_plan
    >>> form = statistics_form(read_plan("suizhou_2025"), measured=())
    >>> form.columns[0], len(form) > 33
    ('代码 key', True)
    """
    rows: list[_Row] = []
    for target in plan.targets:
        asked = list(
            _form_rows(
                target,
                measured=target.key in measured and settled_by(target.key) is None,
                has_baseline=target.key in baselines,
            )
        )
        rows += _filled_in(target, asked, [figure for figure in known if figure.key == target.key])
    return pd.DataFrame(rows, columns=list(HEADINGS.values()))


def write_form(
    plan: Plan,
    path: Path,
    *,
    measured: Collection[str],
    baselines: Collection[str] = (),
    known: Sequence[Statistic] = (),
) -> int:
    """Write the form for a plan as .csv (UTF-8 with BOM) or .xlsx, by the ending of `path`; return how many rows are empty.

    What is `known` is filled in already.

    In the workbook what is fixed is protected (without a password) and what is to be filled in is not; item and unit are
    chosen from lists, a last column says how each row is filled in, and empty rows follow for further years. `read_statistics`
    takes both as they are.

    Errors: OutputError for another ending, a file that is there already, or a place that cannot be written.
    """
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise OutputError(
            f"{path} 既不是 .csv 也不是 .xlsx；请用 --out 给出其中一种",
            f"{path} is neither .csv nor .xlsx; give one of them with --out",
        )
    if is_there(path):
        raise OutputError(
            f"{path} 已经存在，可能已有人填写；请用 --out 换一个文件名",
            f"{path} is there already and may be filled in; give another name with --out",
        )
    form = statistics_form(plan, measured=measured, baselines=baselines, known=known)
    try:
        if path.suffix.lower() == ".csv":
            shown_as_text(form).to_csv(path, index=False, encoding="utf-8-sig")
        else:
            _workbook(plan, form).save(path)
    except OSError as error:
        why = reason(error)
        raise OutputError(
            f"{path} 无法写入（{why.zh}）；请用 --out 换一个位置",
            f"{path} cannot be written ({why.en}); give another place with --out",
        ) from None
    return int(form[HEADINGS["value"]].eq("").sum())


def _filled_in(target: Target, asked: Sequence[_Row], known: Sequence[Statistic]) -> Iterator[_Row]:
    """The rows of a promise with its known figures: in place of the row that asks for each, of which there may be more."""
    for said in known:
        name = f"{target.name_zh}（{target.name_en}）"
        yield target.key, name, said.item, said.year, said.value, said.unit, said.source, said.note
    there = {said.item: sum(one.item == said.item for one in known) for said in known}
    given = {(said.item, said.year) for said in known}
    for row in asked:
        item, year = row[2:4]
        enough = there.get(item, 0) >= (2 if item == "level" else 1)
        otherwise = any(other in there for other in _CHOICES.get(item, ()) if other != item)
        if not enough and not otherwise and (item, year) not in given:
            yield row


def _form_rows(target: Target, *, measured: bool, has_baseline: bool) -> Iterator[tuple[Any, ...]]:
    unit = next(iter(table("units")["units"].get(target.unit, {target.unit: 1.0})))
    name = f"{target.name_zh}（{target.name_en}）"
    survey = settled_by(target.key)
    asked = target.needs_zh if survey is None else survey.zh
    due = target.year or ""  # what is asked always may be declared of any year
    if target.baseline_year is not None and not has_baseline:
        yield target.key, name, "baseline", target.baseline_year, "", unit, "", asked
    if measured:
        return
    if target.unit == "share/year":
        # a mean of years needs two at the least; the plan names no first year, and another may be written
        back = 2 if _YEARLY_MEAN in target.name_zh else 1
        for year in (due, due) if target.year is None else (target.year - back, target.year):
            yield target.key, name, "level", year, "", "", "", asked
    elif target.unit == "share":
        for item in ("part", "whole"):
            yield target.key, name, item, due, "", "", "", asked
    else:
        yield target.key, name, "value", due, "", unit, "", asked


def _workbook(plan: Plan, form: pd.DataFrame) -> Any:
    book = openpyxl.Workbook()
    sheet, guide = book.active, book.create_sheet("填报说明")
    sheet.title = "填报表"
    targets = {target.key: target for target in plan.targets}
    for key, _, item, year, value, unit, source, note in form.itertuples(index=False, name=None):
        target = targets[key]
        promise = f"{target.cited}「{target.quote}」"
        figure = (None, unit or None, None, None, _how(target, item, note))
        if value != "":
            figure = (value, unit, source, note or None, _how(target, item, ""))
        told = [key, target.name_zh, promise, _WORDS[item], year, *figure]
        sheet.append([clean(one) if isinstance(one, str) else one for one in told])
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                text_cell(cell, cell.value)
    sheet.insert_rows(1)
    for k, head in enumerate(COLUMNS, start=1):
        sheet.cell(1, k, head)
    _dress(sheet, asked=len(form))
    _lists(sheet, [(targets[key], item) for key, item in zip(form.iloc[:, 0], form.iloc[:, 2], strict=True)])
    print_across(sheet, head_row=1, footer="第 &P 页，共 &N 页")
    _write_guide(guide, plan)
    return book


def _how(target: Target, item: str, needs: str) -> str:
    how = _HOW[item] + (_HOW_ADDED if item == "value" and target.is_added else "")
    return f"{how}。{needs}" if needs else how


def _dress(sheet: Any, *, asked: int) -> None:
    """Give every cell its ground, frame and protection, and the columns their width; freeze heads and names."""
    for k, (head, width) in enumerate(COLUMNS.items(), start=1):
        sheet.column_dimensions[get_column_letter(k)].width = width
        for row in range(1, asked + SPARE_ROWS + 2):
            cell = sheet.cell(row, k)
            is_open = row > 1 and (head in FILLED_IN or (row > asked + 1 and head == "代码"))
            cell.fill = _HEAD if row == 1 else _OPEN if is_open else _FIXED
            cell.protection = Protection(locked=not is_open)
            cell.border, cell.font = _LINES, Font(bold=row == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="center")
    for row in range(2, asked + 2):
        lines = max(-(-2 * len(str(sheet.cell(row, k).value or "")) // width) for k, width in _long_columns())
        sheet.row_dimensions[row].height = max(lines, 2) * 16
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{asked + 1}"
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "autoFilter", "sort"):
        setattr(sheet.protection, allowed, False)  # False: not forbidden


def _long_columns() -> list[tuple[int, int]]:
    """The columns of Chinese text that wraps, and how wide each is."""
    return [
        (k, width) for k, (head, width) in enumerate(COLUMNS.items(), start=1) if head in ("指标", "承诺", "怎样填")
    ]


def _lists(sheet: Any, asked: Sequence[tuple[Target, str]]) -> None:
    """Let item and unit be chosen row by row, years and values be numbers, and the keys of the spare rows be known ones."""
    last = len(asked) + 1

    def cells(head: str, first: int, until: int) -> str:
        column = get_column_letter(list(COLUMNS).index(head) + 1)
        return f"{column}{first}:{column}{until}"

    for row, (target, item) in enumerate(asked, start=2):
        items = [_WORDS[one] for one in _CHOICES.get(item, (item,))]
        units = _units(target.unit) if item in ("value", "baseline") else _ANY_UNIT
        _allow(sheet, cells("填报项", row, row), "list", _listed(items), error="请从列表中选")
        _allow(sheet, cells("单位", row, row), "list", _listed(units))
    first, end = last + 1, last + SPARE_ROWS
    _allow(sheet, cells("填报项", first, end), "list", _listed(list(_WORDS.values())[::-1]), error="请从列表中选")
    _allow(sheet, cells("单位", first, end), "list", _listed(_ANY_UNIT))
    _allow(sheet, cells("代码", first, end), "list", f"$A$2:$A${last}", error="代码须是上面各行中的一个")
    _allow(sheet, cells("年份", 2, end), "whole", *YEARS, error="年份填四位数字，例如 2025")
    _allow(sheet, cells("数值", 2, end), "decimal", *VALUES, error="只填数字，单位填在右边一列")


def _allow(sheet: Any, cells: str, kind: str, first: Any, second: Any = None, *, error: str = "") -> None:
    """Say what may stand in cells: one of a list, or a number between two; without an `error` it is only offered."""
    told = DataValidation(kind, formula1=first, formula2=second, allow_blank=True, showErrorMessage=bool(error))
    told.error = error or None
    told.add(cells)
    sheet.add_data_validation(told)


def _listed(words: Sequence[str]) -> str:
    return '"{}"'.format(",".join(words))


def _units(promised: str) -> list[str]:
    """The words a figure in a unit may be declared in, as Chinese write them."""
    return [
        word for word in table("units")["units"].get(promised, {promised: 1.0}) if re.search("[\u4e00-\u9fff%]", word)
    ]


def _write_guide(guide: Any, plan: Plan) -> None:
    guide.column_dimensions["A"].width = 110
    text_cell(guide["A1"], f"{plan.title_zh}：申报统计填报表")
    guide["A1"].font = Font(bold=True, size=13)
    guide.row_dimensions[1].height = 24
    for row, sentence in enumerate(_GUIDE, start=2):
        cell = guide.cell(row, 1, f"{row - 1}. {sentence}")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    print_across(guide, head_row=1, footer="第 &P 页，共 &N 页")
