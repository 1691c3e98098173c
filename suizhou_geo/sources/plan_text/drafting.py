"""The draft of a plan file, as TOML that `read_plan` takes at once: every row unchecked, with its sentence and place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.sources.plan_text.matching import Draft
from suizhou_geo.sources.plan_text.promises import Reading
from suizhou_geo.sources.plan_text.written import Promise, Refused

_HEAD = Text(
    "草稿：由 suizhou-geo targets 从“{file}”读出，共 {promises} 条承诺，{measured} 条对应指标。\n"
    "未经核对：每条 sure = false，不作结论。请逐条对照原文，改正后删去 sure = false。\n"
    "没有写进来的数字列在末尾的 [[not_targets]]；读漏的承诺请自行补写。",
    "A draft, read from {file} by suizhou-geo targets: {promises} promises, {measured} of them of a measure.\n"
    "Not checked: each has sure = false and gives no verdict. Hold every one against the document, correct it, and take\n"
    "sure = false out. Numbers left out stand in [[not_targets]] at the end; write in whatever was overlooked.",
)
_CITY = Text("是哪座城市的方案，核对后去掉行首的 #：", "whose plan it is; check it and take the # away:")
_MEASURED = Text("有指标可以测算的承诺", "promises that a measure is of")
_OTHERS = Text(
    "没有指标对应的承诺：显示“缺数据”，可以填报统计数", "promises no measure is of: no data until they are declared"
)
_NOT = Text("文件中不构成承诺的数字", "numbers of the document that promise nothing")
_PLACE = Text("第 {passage} 段", "paragraph {passage}")
_INTRODUCTION = Text("导言", "introduction")
_NEEDS = Text(
    "需要填报统计数，或由人改用已有指标的代码",
    "needs a declared figure, or the key of a measure, which a person must choose",
)
_REMARKS = {
    "year": Text("年份按全文的目标年推定，原句没有写", "the year is that of the whole document; the sentence names none"),
    "no_year": Text("原文没有写年份", "the document names no year"),
    "about": Text("原文留有余地（约、左右、余）", "the words leave open how near (约, 左右, 余)"),
    "baseline": Text("原文写明的起点：{baseline}", "the text names where it begins: {baseline}"),
    "decline": Text("数值是降幅（与{over}相比）；填报时也填降幅", "the size of the decline (from {over}); declare it so"),
    "points": Text("数值是增加的百分点，不是增长率", "the value is in percentage points, no rate of growth"),
    "stated": Text("原句没有写达到或不低于，按指标性质推定方向", "no direction is named; it is taken from what is counted"),
    "doing": Text("原句没有写不少于，按至少完成理解", "the sentence says no at least; it is taken so"),
    "listed": Text("按列出的名称计数", "counted from the names that are listed"),
    "table": Text("取自表格；没有符号的按指标性质推定方向", "from a table; without a sign, from what is counted"),
}  # fmt: skip
_CITY_NAME = re.compile(r"^[《（(]*(?:20\d\d年)?([\u4e00-\u9fff]{2,5}?)(?:市|自治州|地区|县)(?!场|民|政|域|级|容)")


def remarks(promise: Promise) -> list[Text]:
    """Return what a person must know of a draft before taking it over."""
    told = []
    if not promise.year_said:
        told.append(_REMARKS["year" if promise.year else "no_year"])
    if promise.about:
        told.append(_REMARKS["about"])
    if promise.baseline is not None:
        share = promise.unit == "share"
        begins = f"{promise.baseline * 100:.10g}%" if share else f"{promise.baseline:.12g}"
        told.append(_REMARKS["baseline"].filled(baseline=begins))
    if promise.how == "decline":
        year = promise.decline_from
        over = Text(f"{year}年", str(year)) if year else Text("基期", "the base year")
        told.append(_REMARKS["decline"].filled(over=over))
        return told
    if promise.how in _REMARKS:
        told.append(_REMARKS[promise.how])
    return told


def plan_toml(reading: Reading, rows: Sequence[Draft], *, lang: Lang = "zh") -> str:
    """Return the draft of a plan file, with its comments in a language."""
    return "\n".join([*_head(reading, rows, lang), *_targets(rows, lang), *_not_targets(reading.refused, lang)]) + "\n"


def _head(reading: Reading, rows: Sequence[Draft], lang: Lang) -> Iterator[str]:
    document = reading.document
    measured = sum(row.entry is not None for row in rows)
    yield from _comments(_HEAD.filled(file=document.file, promises=len(rows), measured=measured).speak(lang))
    yield ""
    name = re.sub(r"\.[^.]+$", "", document.file)
    yield f"name = {_text(name)}"
    yield f"title_zh = {_text(document.title)}"
    yield f"title_en = {_text(document.title)}"
    yield f"document = {_text(f'《{document.title}》（{document.file}）')}"
    if city := _CITY_NAME.search(document.title):
        yield from _comments(_CITY.speak(lang))
        yield f"# city = {_text(city[1])}"
    for row in rows:
        if row.entry is not None and row.promise.listed:
            yield from ("", f"[params.{row.key}]", f"names = [{', '.join(map(_text, row.promise.listed))}]")
            if row.value > len(row.promise.listed):
                yield f"promised = {row.value:.0f}"


def _targets(rows: Sequence[Draft], lang: Lang) -> Iterator[str]:
    for title, chosen in (
        (_MEASURED, [row for row in rows if row.entry is not None]),
        (_OTHERS, [row for row in rows if row.entry is None]),
    ):
        if chosen:
            yield from ("", f"# --- {title.speak(lang)} ---")
        for row in chosen:
            yield from _target(row, lang)


def _target(row: Draft, lang: Lang) -> Iterator[str]:
    promise = row.promise
    place = _PLACE.filled(passage=promise.passage).speak(lang)
    yield ""
    yield from _comments("；".join([place, *(remark.speak(lang) for remark in remarks(promise))]))
    yield "[[targets]]"
    yield f"key = {_text(row.key)}"
    yield f"name_zh = {_text(promise.name)}"
    yield f"name_en = {_text(row.entry.name.en if row.entry is not None and row.entry.name.en else promise.name)}"
    yield f"op = {_text(promise.op)}"
    value, unit = (
        (row.value * 100, "%") if row.unit.startswith("share") and not 0 <= row.value <= 1 else (row.value, row.unit)
    )
    yield f"value = {_number(value)}"
    yield f"unit = {_text(unit)}"
    if promise.year is not None:
        yield f"year = {promise.year}"
    if promise.baseline_year is not None:
        yield f"baseline_year = {promise.baseline_year}"
    clause = promise.clause or _INTRODUCTION.speak(lang)
    yield f"clause = {_text(f'{clause}（{_PLACE.filled(passage=promise.passage).zh}）')}"
    yield f"quote = {_text(promise.quote)}"
    if promise.responsible:
        yield f"responsible = {_text(promise.responsible)}"
    if row.entry is None:
        yield f"needs_zh = {_text(_NEEDS.zh)}"
        yield f"needs_en = {_text(_NEEDS.en)}"
    yield "sure = false"


def _not_targets(refused: Sequence[Refused], lang: Lang) -> Iterator[str]:
    told = dict.fromkeys((one.quote, one.reason.speak(lang)) for one in refused if one.quote.strip())
    if told:
        yield from ("", f"# --- {_NOT.speak(lang)} ---")
    for quote, why in told:
        yield from ("", "[[not_targets]]", f"quote = {_text(quote)}", f"reason = {_text(why)}")


def _text(text: str) -> str:
    """A TOML string. JSON's is one, but for DEL, which no passage holds."""
    return json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.12g}"


def _comments(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"# {line}"
