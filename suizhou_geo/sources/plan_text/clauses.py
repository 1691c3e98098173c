"""Sentences and clauses of a plan, the years they name, and which parts of a document tell of the past."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from suizhou_geo.sources.plan_text.documents import Document, Passage, level_of
from suizhou_geo.sources.plan_text.numbers import plain
from suizhou_geo.standards import table

Tense = Literal["", "ahead", "past"]
_SENTENCE = re.compile(r"[^。！？!?]+[。！？!?]?")
_CLAUSE = re.compile(r"(?:[^，,；;：:]|(?<=\d),(?=\d{3}(?!\d))|[：:](?=\s*[约≥≤不]?\d))+[，,；;：:]?")
_YEAR = re.compile(
    r"(?P<lead>基于|相当于|截至|截止|到|至|较|比|与|在|于|以|从|自|由|对比|相比)?(?:(?:20\d\d)\s*[—―\-–~至到]{1,2}\s*)?(?P<year>20\d\d)\s*年?(?P<tail>底前|年底前|前|底|末|起|以来)?"
)
_FAR = re.compile(r"20\d\d年?(?=[^，。；]{0,4}(?:远景|愿景))")  # 2035年远景目标: never the year a document is of
# what ends a report on a past year that goes on over sentences
_AHEAD = re.compile(
    r"20\d\d年|将|要|应|须|计划|力争|确保|争取|目标|今年|明年|今后|未来|下一步|加快|推动|不[低少超高]|以上|以内"
)
_STANDING = re.compile(
    r"(?:[对将把]|改造|提升|拆除|优化|盘活|利用)现有|现有(?=\D*$)"
)  # 拆除5个现有收费站: a task, no state
_NAMES = re.compile(r"《[^》]*》|〔\d{4}〕\s*\d+\s*号|\[\d{4}\]\s*\d+\s*号|20\d\d年\d{1,2}月\d{1,2}日")
_YEAR_OF_REPORT = r"(20\d\d)年[，,]?[^，,。；]{0,20}预期目标"  # a report says so of the year it is for
_SPAN_OF_YEARS = re.compile(r"(20\d\d)\s*[年]?\s*[—―\-–~至到]{1,2}\s*(20\d\d)\s*年?")


@dataclass(frozen=True)
class Clause:
    """A clause at `start`:`end` of its passage, in a sentence at `sentence`; `text` is plain, without what parts it.

    `year` is that by which it is to be, as the clause or one before it in the sentence says; `baseline_year` what it is
    compared with; `tense` whether it tells of what was.
    """

    start: int
    end: int
    text: str
    sentence: tuple[int, int]
    year: int | None
    baseline_year: int | None
    tense: Tense


@dataclass(frozen=True)
class Calendar:
    """The years of a document: when it was issued, how far it reaches, what 近期 and 远期 stand for. None: not said."""

    issued: int | None
    horizon: int | None
    terms: tuple[tuple[str, int], ...]


def words(*path: str) -> Any:
    """Return an entry of the grammar of plans."""
    entry: Any = table("plan_grammar")
    for key in path:
        entry = entry[key]
    return entry


@cache
def any_of(*path: str) -> re.Pattern[str]:
    """Return a pattern for any of the words at a place in the grammar, the longest first."""
    listed = words(*path)
    return re.compile("|".join(re.escape(word) for word in sorted(listed, key=len, reverse=True)))


def masked(text: str) -> str:
    """Return a plain text of the same length whose names of documents, their numbers and full dates hold no numbers."""
    return _NAMES.sub(lambda found: "□" * len(found[0]), plain(text))


def calendar_of(document: Document) -> Calendar:
    """Return the years of a document, from its title, its date and number, its headings, and what it promises by."""
    title = plain(document.title)
    texts = [plain(passage.text) for passage in document.passages]
    edges = " ".join([title, *texts[:15], *texts[-10:]])
    spans = _SPAN_OF_YEARS.search(title) or next(
        (s for t in texts[:15] if len(t) < 60 and (s := _SPAN_OF_YEARS.search(t))), None
    )
    near = [_FAR.sub("", text) for text in texts]
    heads = [t for p, t in zip(document.passages, near, strict=True) if p.level and any_of("past", "ahead").search(t)]
    doing = re.search(words("document", "doing_year"), edges)
    ahead = next((int(y[0]) for t in heads if (y := re.search(r"20\d\d", t))), None)
    dated = [int(y) for y in re.findall(r"〔(20\d\d)〕|(20\d\d)年\d{1,2}月\d{1,2}日", edges) for y in y if y]
    by = [int(y) for t in texts for y in re.findall(r"(?:到|至)(20\d\d)年", t)]
    aims = [int(y) for t in near for y in re.findall(r"(20\d\d)年[^，。；]{0,12}(?:目标|工作安排)", t)]
    expected = [int(y) for t in near for y in re.findall(_YEAR_OF_REPORT, t)]
    in_title = [int(y) for y in re.findall(r"(20\d\d)年", _FAR.sub("", title))]
    titled = in_title or [int(y) for t in near[:3] for y in re.findall(r"(20\d\d)年", t) if len(t) < 40]
    period = (int(spans[1]), int(spans[2])) if spans else _period(title)
    if doing:
        known = [int(doing[0][:4])]
    elif period:
        known = [period[0]]
    else:
        known = [ahead] if ahead else expected or titled or aims
    issued = max(dated) if dated else min(known, default=None)
    often = max(sorted(set(by)), key=by.count) if by else None
    horizon = int(spans[2]) if spans else int(doing[0][:4]) if doing else period[1] if period else often or ahead
    terms = dict(words("periods"))
    for term in ("近期", "中期", "远期"):
        said = re.search(rf"{term}[^。；，]{{0,8}}?(20\d\d)\s*年", " ".join(texts))
        if said:
            terms[term] = int(said[1])
    return Calendar(issued, horizon, tuple(terms.items()))


def _period(title: str) -> tuple[int, int] | None:
    """First and last year of the plan of five years that a title names."""
    found = re.search(r"第?(十[二三四五六])(?:个五年|五)", title)
    last = words("periods").get(f"{found[1]}五") if found else None
    return None if last is None else (last - 4, last)


def clauses(passage: Passage, tense: Tense, calendar: Calendar) -> Iterator[Clause]:
    """Yield the clauses of a paragraph; year and tense pass from one to the next within a sentence.

    A report on a past year goes on over the sentences behind it, until one looks ahead.
    """
    text = masked(passage.text)
    reported = False
    for sentence in _SENTENCE.finditer(text):
        measured = "同比" in sentence[0] and not re.search(r"[到至]20\d\d年|目标|力争", sentence[0])
        going_on = reported and _AHEAD.search(sentence[0]) is None
        reported = going_on
        year, carried = _heading_year(passage), "past" if measured or going_on else tense
        for found in _CLAUSE.finditer(text, sentence.start(), sentence.end()):
            said = found[0].rstrip("，,；;：:。！？!? ")
            named, baseline, is_past = _years(said, calendar)
            if named is not None:
                year, carried = named, "past" if is_past or measured or tense == "past" else ""
            elif (
                is_past
                or going_on
                or (year is None and _adds_up(said, tense))
                or any_of("past", "openings").match(said)
                or any_of("past", "carrying").search(said)
            ):
                carried = "past"
            elif tense != "past" and not measured and any_of("past", "resets").search(said):
                carried = ""
            since = (is_past and "年" in said[:12]) or "以来" in said
            reported = reported or (since and tense != "ahead")
            own: Tense = "past" if carried == "past" or _tells_of_past(said, named, is_past) else tense
            yield Clause(found.start(), found.start() + len(said), said, sentence.span(), year, baseline, own)


def _is_state(said: str, found: re.Match[str], calendar: Calendar) -> bool:
    """Whether a year before those aimed at, in a document without a date, is that of a present state (2020年…达14.8)."""
    aimed = calendar.issued is None and calendar.horizon is not None and int(found["year"]) < calendar.horizon
    return aimed and found["lead"] not in ("到", "至") and re.search(r"达(?!到)|[数量率]为|拥有|总数", said) is not None


def _adds_up(said: str, tense: Tense) -> bool:
    """Whether a clause without a year tells of what has been done altogether (累计) rather than of a bound."""
    return tense != "ahead" and "累计" in said and not re.search(r"以上|不少于|不低于|超过|力争|将", said)


def _tells_of_past(said: str, named: int | None, is_past: bool) -> bool:
    told = _STANDING.sub("", said)
    done = re.search(r"已(?![批供征拆]|建成?的)", told) or any_of("past", "words").search(told)
    return is_past or (done is not None and (named is None or "已" in said))


def _heading_year(passage: Passage) -> int | None:
    """The year of the heading a passage stands under; a period is the document's, and no year of its clauses."""
    heading = plain(passage.clause)
    spans = _SPAN_OF_YEARS.search(heading) or _period(heading)
    found = None if spans else re.search(r"20\d\d", heading)
    return int(found[0]) if found else None


def _years(said: str, calendar: Calendar) -> tuple[int | None, int | None, bool]:
    """The year a clause is to be reached by, the year it is compared with, and whether it names a year that is past."""
    target = baseline = None
    is_past = False
    for found in _YEAR.finditer(said):
        year, lead, tail = int(found["year"]), found["lead"] or "", found["tail"] or ""
        if "年" not in found[0] and not tail:
            continue
        before = said[: found.start()]
        compared = re.match(r"的?(?:基础上|水平|相比)", said[found.end() :])
        if (
            compared
            or lead in ("较", "比", "与", "对比", "相比", "以", "由", "从", "自", "基于", "相当于")
            or re.search(r"[由从](?:[^，]{0,4})$", before)
        ):
            baseline = year
        elif (
            lead in ("截至", "截止")
            or tail == "以来"
            or year < (calendar.issued or 0)
            or _is_state(said, found, calendar)
        ):
            is_past = True
        else:
            target = year
    if target is None:
        target = next(
            (
                year
                for term, year in calendar.terms
                if re.search(rf"{term}”?(?:期?末|期间|时期|年|，|$)|到.{{0,6}}{term}|^{term}(?=[\u4e00-\u9fff])", said)
            ),
            None,
        )
    return target, baseline, is_past and target is None


def tenses(passages: Sequence[Passage]) -> Iterator[Tense]:
    """Say of each passage whether it stands in a part that tells of what was or is (past), or of aims (ahead).

    A review of the past year lasts until a part that looks ahead, a description of the present until the next heading of
    its level.
    """
    past: tuple[str, int] | None = None
    ahead = 0
    for passage in passages:
        text, level = passage.text, passage.level
        line = level or (
            9 if len(text) <= 30 and not text.endswith(("。", "；", "，", "：")) and not passage.rows else 0
        )
        if line:
            if any_of("past", "ahead").search(text) and not any_of("past", "states").search(text):
                past, ahead = None, line
            elif any_of("past", "sections").search(text):
                past, ahead = ("review", line), 0
            elif level and any_of("past", "states").search(text):
                past, ahead = ("state", line), 0
            elif level:
                past = _after_heading(past, level, text)
                ahead = 0 if level <= ahead else ahead
        elif any_of("past", "leads").match(re.sub(r"^[—\-\s]*", "", text)):
            past = past or ("review", 10)
        elif past == ("review", 10) and re.match(r".{0,30}(?:今年|目标|任务|下一步|未来|今后)", text):
            past = None
        yield "past" if past else "ahead" if ahead else ""


def _after_heading(past: tuple[str, int] | None, level: int, text: str) -> tuple[str, int] | None:
    if past is None or level < past[1]:
        return None
    return None if level == past[1] and (level_of(text) or past[0] == "state") else past
