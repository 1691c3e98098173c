"""What plans promise in other forms than a number with a unit, and what a number is of.

九纵十二横, 30分钟通勤圈, 百强, 与经济增长同步, 打通A路、B路等断头路.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from suizhou_geo.model import Op
from suizhou_geo.sources.plan_text.clauses import Clause, words
from suizhou_geo.sources.plan_text.numbers import Quantity, chinese_number

_FEW = "一二两三四五六七八九十百"
_COUNT = rf"(?P<n>[{_FEW}]+|\d+)"
_STRUCTURE = re.compile(
    rf"“(?P<said>(?:[{_FEW}\d]+[^{_FEW}\d“”，。；]{{1,5}}[+＋、]?){{2,}})”(?P<behind>[^，。；]{{0,14}})|"
    rf"(?P<bare>(?:[{_FEW}]+[主副核心轴带区廊屏片极翼环纵横团城圈点脉][+＋、]?){{2,}})(?P<behind_bare>[^，。；]{{0,14}})"
)
_ELEMENT = re.compile(rf"{_COUNT}(?P<noun>[^{_FEW}\d+＋、]{{1,5}})")
_OF_STRUCTURE = re.compile(r"结构|格局|布局|骨架|骨干|路网|网络|体系|形态")
_NOT_OF_SPACE = re.compile(r"(?:保障|服务|政策|制度|治理|监管|工作|责任|监督|标准|评价|管理)体系")
_MAKES = re.compile(r"优化|构建|形成|强化|完善|建设|打造|构筑|规划|塑造|搭建|建成|拉开")
_CIRCLE = re.compile(
    rf"(?:{_COUNT})\s*(?P<unit>分钟|小时)[^，。；“”]{{0,6}}?(?P<noun>(?:通勤|交通|生活|经济|出行|服务|养老|健身|阅读|文化|医疗|就医|救援|便民|社区生活|商业|产业协作|航空|物流|步行|休闲|公共服务)圈)"
)
_CIRCLE_MADE = re.compile(r"形成|打造|构建|建成|建设|实现|织密|营造|构筑|塑造")
_RANK = re.compile(
    rf"(?:进入|冲刺|跻身|进位|挺进|争创|迈入|力争|进军|冲击|晋级|冲进|进到)[^，。；]*?(?:前\s*(?P<top>[{_FEW}]+|\d+)\s*(?:名|位|强)?|(?P<strong>[{_FEW}]+|\d+)强)"
)
_STEP = re.compile(
    r"(?P<one>[^，。；]{2,20}?)(?:增长|增速|增幅)?(?:与|和|同)(?P<other>[^，。；与和同]{2,14}?)(?:增长|增速|增幅)?(?:保持)?(?:基本)?(?:保持)?同步(?:增长|提高)?$"
)
_OPENED = re.compile(
    r"打通(?P<roads>[^，。；]*?)(?:等(?P<count>\d+|[一二三四五六七八九十]+)?条?|(?P<alone>\d+|[一二三四五六七八九十]+)条)"
    r"[^，。；、]{0,6}“?(?:断头路|瓶颈路|卡脖子路)”?"
)
_DOUBLED = re.compile(r"翻(?:(?P<n>[一两二三])番|番)")
_TIME = re.compile(
    r"(?:力争|确保|争取|计划|预计|其中)?(?:到|至|在)?(?:“?十[三四五六]五”?(?:期?末|期间|时期)?|20\d\d(?:[—―\-–~至到]{1,2}20\d\d)?年(?:年?底)?前?|近期|远期|规划期末|年内|今年|届时)(?:末|，)?"
)
_NOT_SUBJECT = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d]+[)）、.．]|其中|力争|确保|争取|力求|努力|使|并|且|和|及|、|以及|同时|全面|加快|积极|大力|深入|持续|进一步|，|实现|完成|达到|预期目标|\s|——|—|-)+"
)


@dataclass(frozen=True)
class Said:
    """A promise in another form, at `start`:`end` of its clause."""

    start: int
    end: int
    name: str
    op: Op
    value: float
    unit: str
    how: str
    listed: tuple[str, ...] = ()


def said_otherwise(clause: Clause, earlier: Sequence[Clause]) -> tuple[list[Said], list[tuple[int, int]]]:
    """Return the promises of a clause in other forms, and where their words stand: no number there is read again.

    The verb that makes a circle may stand in one of the `earlier` clauses of the sentence, before another circle.
    """
    going_on = any(True for one in earlier for _ in _circles(one.text, going_on=False))
    found = [said for form in (_structures, _ranks, _steps, _opened, _doubled) for said in form(clause.text)]
    found += _circles(clause.text, going_on=going_on)
    circles = [m.span() for m in _CIRCLE.finditer(clause.text)]
    return found, [(said.start, said.end) for said in found] + circles


def _value(text: str) -> float:
    return float(text) if text.isdigit() else chinese_number(text)


def _structures(text: str) -> Iterator[Said]:
    for found in _STRUCTURE.finditer(text):
        said = found["said"] or found["bare"]
        behind = found["behind"] or found["behind_bare"] or ""
        elements = list(_ELEMENT.finditer(said))
        of_space = _OF_STRUCTURE.search(_NOT_OF_SPACE.sub("", behind))
        if not (of_space and _MAKES.search(text[: found.start()]) and len(elements) > 1):
            continue
        for element in elements:
            noun = element["noun"]
            grid = noun in ("纵", "横", "环", "射", "联")
            yield Said(
                found.start(),
                found.end(),
                f"{said}：{noun}",
                ">=" if grid else "==",
                _value(element["n"]),
                "grid" if grid else "structure",
                "structure",
            )


def _circles(text: str, *, going_on: bool) -> Iterator[Said]:
    for found in _CIRCLE.finditer(text):
        before, behind = text[: found.start()], text[found.end() :]
        named = re.search(r"率|服务设施", behind) or re.match(r"”?(?:相|配套|要求|标准|理念)", behind)
        qualifies = re.match(r"”?(?!建设|和|与|及|实现|建成|全覆盖|工程|格局|目标)[\u4e00-\u9fff]", behind)
        made = _CIRCLE_MADE.search(before) or going_on
        if named or qualifies or re.search(r"[与按]$|围绕|依托|结合", before) or not made:
            continue
        minutes = _value(found["n"]) * (60 if found["unit"] == "小时" else 1)
        place = re.sub(r"^.*(?:形成|打造|构建|建成|建设|实现|织密|营造|构筑|塑造)", "", text[: found.start()]).strip(
            "“”的"
        )
        yield Said(found.start(), found.end(), f"{place}{found[0]}", "<=", minutes, "circle", "circle")


def _ranks(text: str) -> Iterator[Said]:
    for found in _RANK.finditer(text):
        yield Said(
            found.start(), found.end(), text.strip("“”"), "<=", _value(found["top"] or found["strong"]), "rank", "rank"
        )


def _steps(text: str) -> Iterator[Said]:
    found = _STEP.search(text)
    if found and re.search(r"经济|增长|增速|GDP|生产总值", text):
        yield Said(
            found.start(), found.end(), f"{found['one']}增速高出{found['other']}增速", ">=", 0.0, "share/year", "step"
        )


def _opened(text: str) -> Iterator[Said]:
    for found in _OPENED.finditer(text):
        roads = [road.strip("“”等 ") for road in found["roads"].split("、")]
        named = tuple(road for road in roads if re.search(r"[路道街线段桥]$", road))
        count = found["count"] or found["alone"]
        if count or named:
            number = _value(count) if count else float(len(named))
            yield Said(found.start(), found.end(), "打通断头路", ">=", number, "count", "listed", named)


def _doubled(text: str) -> Iterator[Said]:
    """翻一番 is growth by once the base, 翻两番 by three times."""
    for found in _DOUBLED.finditer(text):
        times = 2.0 ** (chinese_number(found["n"]) if found["n"] else 1.0) - 1
        yield Said(found.start(), found.end(), f"{stripped(text[: found.start()])}增长", ">=", times, "times", "change")


def counted_names(before: str, behind: str, quantity: Quantity) -> list[str]:
    """Return what a quantity is of: one name, or several where it holds for each of those named (均)."""
    subject = _named(before)
    both = re.search(r"(?:均|都)(?:[^\u4e00-\u9fff]|稳定|保持|达到|达|不|超|提|控|在|分别)*$", subject)
    subject = stripped(subject)
    if behind and quantity.unit in (
        "count",
        "persons",
        "households",
        "mu",
        "km2",
        "ha",
        "m2",
        "km",
        "share",
        "beds",
        "person-times",
        "vehicles",
        "times",
    ):
        tail = re.split(r"[、，]|以及|和(?=[^、]*\d)", re.sub(r"^(?:及?以上|左右|以内|以下|的|建设)+", "", behind))[0]
        tail = re.sub(r"[（(].*$", "", tail)
        subject = (subject + tail).strip()
    if both and "、" in subject:
        return [part.strip() for part in subject.split("、") if part.strip()]
    return [subject]


def _named(text: str) -> str:
    """A text without years, what it is compared with and where a change begins."""
    text = re.sub(r"(?:较|比|与|以)20\d\d年(?:相比|增长|为基[期数])?", "", text)
    text = re.sub(r"[由从自](?:20\d\d年)?的?\d.*$", "", text)
    return re.sub(r"[（(]\s*[)）]", "", _TIME.sub("", text))


def stripped(text: str) -> str:
    """The words before a quantity without those of time, hope, level and comparison."""
    text = text.strip(" “”，、；：:")
    changed = True
    while changed:
        shorter = _NOT_SUBJECT.sub("", text)
        for kind in ("before", "levels"):
            for word in sorted((w for listed in words(kind).values() for w in listed), key=len, reverse=True):
                shorter = shorter.removesuffix(word).rstrip()
        shorter = re.sub(
            r"(?:均|都|分别|每年|全年|力争|确保|争取|总体|基本|全部|要|应|将|为|在|的)$", "", shorter
        ).rstrip(" ，、")
        changed = shorter != text
        text = shorter
    return text
