"""Which numbers of a plan are promised: each with operator, value, unit, year and subject, or with why it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from suizhou_geo.errors.text import Text
from suizhou_geo.model import Op
from suizhou_geo.sources.plan_text.clauses import Clause, any_of, calendar_of, clauses, masked, tenses, words
from suizhou_geo.sources.plan_text.documents import Document, Passage
from suizhou_geo.sources.plan_text.forms import Said, counted_names, said_otherwise, stripped
from suizhou_geo.sources.plan_text.numbers import Quantity, quantities
from suizhou_geo.sources.plan_text.refusals import few_are_meant, is_attribute, why_not
from suizhou_geo.sources.plan_text.syntax import (
    TIMES,
    At,
    change_before,
    in_quotes,
    is_finished,
    is_fraction,
    is_served,
    last_verb,
    less_is_better,
    level_before,
    op_before,
    op_behind,
)
from suizhou_geo.sources.plan_text.tables import table_promises
from suizhou_geo.sources.plan_text.written import Promise, Refused

_EARLIER = 30  # clauses a sentence is looked back: none that a person wrote is longer
_SIZES = ("km2", "ha", "mu", "m2", "km", "m", "persons", "m3")
_RATE = re.compile(
    r"(?:率|比例|占比|比重|面积|密度|规模|总量|收入|产值|总额|人口|水平|指数|强度|寿命|里程|长度|保有量|数量|总数|床位数?|容量|能力|浓度|数|量|额|值|距离|时间|占[^，；]{1,14}的)(?:为|[:：])?\s*$"
)

_PLANNED = re.compile(
    r"(?:人口|建设用地)(?:规模|总量|面积)?(?:为|[:：])?\s*$"
)  # stated, it is a planned size, no least


@dataclass(frozen=True)
class Reading:
    """What a document promises, and its other numbers with why they promise nothing, both in the order of the text."""

    document: Document
    promises: tuple[Promise, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class _Basis:
    """By which words a quantity is promised: its operator and the kind of words."""

    op: Op
    how: str


@dataclass(frozen=True)
class _Last:
    """The promise before: its clause, the words it is promised by, its unit as written."""

    clause: Clause
    basis: _Basis
    word: str


def read_promises(document: Document) -> Reading:
    """Return the promises of a document and the numbers that are none."""
    calendar = calendar_of(document)
    promises: list[Promise] = []
    refused: list[Refused] = []
    for passage, tense in zip(document.passages, tenses(document.passages), strict=True):
        if passage.rows:
            found: Sequence[Promise | Refused] = list(table_promises(passage, tense, calendar))
        else:
            found = list(_of_paragraph(passage, list(clauses(passage, tense, calendar))))
        office = _office(document, passage)
        for one in found:
            if isinstance(one, Promise):
                year = one.year if one.year is not None else calendar.horizon
                promises.append(
                    replace(one, year=year, year_said=one.year is not None, responsible=one.responsible or office)
                )
            else:
                refused.append(one)
    return Reading(document, tuple(promises), tuple(refused))


def _office(document: Document, passage: Passage) -> str:
    """The offices that the passage makes responsible, or the one behind it where that says nothing else."""
    pattern = re.compile(words("document", "offices"))
    behind = document.passages[passage.number : passage.number + 1]
    found = pattern.search(passage.text) or next(
        (m for p in behind if (m := pattern.match(p.text.lstrip("（(")))), None
    )
    return "" if found is None else (found[1] or found[2]).strip(" 。；")


def _of_paragraph(passage: Passage, parts: Sequence[Clause]) -> Iterator[Promise | Refused]:
    last: _Last | None = None
    for clause, earlier in _with_earlier(parts):
        special, taken = said_otherwise(clause, earlier)
        for said in special:
            yield (
                _refusal(passage, clause, said.start, said.end, "past")
                if clause.tense == "past"
                else _special(passage, clause, said)
            )
        found = [q for q in quantities(clause.text) if not any(a <= q.start < b for a, b in taken)]
        shares = _shared_out(passage, clause, found)
        baseline: Quantity | None = None
        for at in _placed(clause, found):
            if at.quantity.in_characters and not few_are_meant(at):
                continue
            parallel = last is not None and _goes_on(at, last, earlier)
            why = why_not(passage, at, parallel=parallel)
            inherited = last.basis if last and last.clause.sentence == clause.sentence else None
            basis = None if why else _basis(at, inherited, parallel=parallel)
            baseline = at.quantity if why == "baseline" else baseline
            if basis is None:
                yield _refusal(passage, clause, at.quantity.start, at.quantity.end, why or "standing")
                continue
            last = _Last(clause, basis, at.quantity.word)
            for promise in _promises(passage, at, basis, earlier):
                given = baseline.low if baseline is not None and baseline.unit == at.quantity.unit else None
                yield replace(promise, baseline=given, **shares.get(at.quantity.start, {}))


def _goes_on(at: At, last: _Last, earlier: Sequence[Clause]) -> bool:
    """Whether a quantity is the next item of what is done: 新建公园5个、广场3个; 新购100辆客车，30辆货车."""
    if last.clause is at.clause:
        return at.before.rstrip().endswith(("、", "和", "及"))
    next_to_it = bool(earlier) and last.clause is earlier[-1]
    bare = not at.before.strip() and last_verb(at.behind, "doing") is None
    return next_to_it and bare and last.basis.how == "doing" and at.quantity.word == last.word


def _with_earlier(parts: Sequence[Clause]) -> Iterator[tuple[Clause, list[Clause]]]:
    """Each clause with those before it in its sentence."""
    for _, sentence in groupby(parts, key=lambda clause: clause.sentence):
        told = list(sentence)
        yield from ((clause, told[max(k - _EARLIER, 0) : k]) for k, clause in enumerate(told))


def _shared_out(passage: Passage, clause: Clause, found: Sequence[Quantity]) -> dict[int, dict[str, Any]]:
    """What 分别 gives each of several numbers: its year, or its subject, where there are as many of them."""
    at = clause.text.find("分别")
    behind = [q for q in found if q.start > at >= 0]
    if len(behind) < 2:
        return {}
    sentence = masked(passage.text[clause.sentence[0] : clause.start + at])
    years = [int(year) for year in re.findall(r"(20\d\d)年", sentence)]
    of = stripped(clause.text[:at])
    if len(years) == len(behind):
        return {q.start: {"year": year, "name": of} for q, year in zip(behind, years, strict=True)}
    subjects = re.split(r"、|和|及|与", of)
    change = re.search(r"分别(?:同比)?(增长|提高|提升|下降|降低|减少)?", clause.text[at:])
    ending = (change[1] or "") if change else ""
    if len(subjects) != len(behind):
        return {}
    unit = {"unit": "share/year"} if ending and behind[0].word == "%" and clause.baseline_year is None else {}
    return {q.start: {"name": name + ending, **unit} for q, name in zip(behind, subjects, strict=True)}


def _placed(clause: Clause, found: Sequence[Quantity]) -> Iterator[At]:
    start = 0
    for k, quantity in enumerate(found):
        following = found[k + 1] if k + 1 < len(found) else None
        end = following.start if following else len(clause.text)
        at = At(clause, quantity, clause.text[start : quantity.start], clause.text[quantity.end : end], following)
        yield at
        names = is_attribute(at) or in_quotes(clause.text, quantity)
        start = start if following and names else quantity.end


def _basis(at: At, inherited: _Basis | None, *, parallel: bool) -> _Basis | None:
    """By which words the quantity is promised; None where none says so."""
    quantity, before = at.quantity, at.before
    level, written, behind = level_before(before), op_before(before), op_behind(at.behind)
    change = change_before(before) if quantity.unit in ("share", "times", "per_mille") else ""
    if written or behind:
        return _Basis(written if written and not (written == "==" and behind) else behind or ">=", "compared")
    if change:
        return _Basis(">=", "change")
    if level:
        return _Basis("<=" if level == ">=" and less_is_better(at) else level, "level")
    verb = _governing(at)
    if verb:
        return verb
    aimed = at.clause.tense == "ahead" or at.clause.year is not None or any_of("verbs", "hopes").search(at.clause.text)
    if aimed and _PLANNED.search(before) and not less_is_better(at):
        return _Basis("==", "stated")
    if inherited is not None and parallel and not before.strip("、和及 "):
        return inherited
    if inherited is not None and len(before) <= 40:
        return _Basis(
            "<=" if less_is_better(at) else inherited.op if inherited.how in ("size", "doing") else ">=", inherited.how
        )
    if _RATE.search(before) and aimed:
        if re.search(r"约(?:占|为)", before):
            return _Basis("==", "compared")
        return _Basis("<=" if less_is_better(at) else ">=", "stated")
    return None


def _governing(at: At) -> _Basis | None:
    """The verb that governs the quantity: of doing (at least so many), or of a planned size (that size)."""
    doing, size = last_verb(at.before, "doing"), last_verb(at.before, "sizes")
    if size and at.quantity.unit in _SIZES and (doing is None or doing.start() <= size.start()):
        return _Basis("==", "size")
    if at.quantity.unit in ("rank", "per_mille", *TIMES) or (at.quantity.unit == "share" and not is_fraction(at)):
        return None
    if doing or is_fraction(at) or is_finished(at) or is_served(at):
        return _Basis(">=", "doing")
    return None


def _promises(passage: Passage, at: At, basis: _Basis, earlier: Sequence[Clause]) -> Iterator[Promise]:
    """The promises in one quantity: two where it is a range, one for each subject where it is of both (均)."""
    quantity = at.quantity
    subjects = counted_names(at.before, at.behind, quantity)
    unit = quantity.unit
    grown = (
        (change_before(at.before) or ("growth" if basis.how == "change" else "")) if unit in ("share", "times") else ""
    )
    points = "百分点" in quantity.word
    how = "decline" if grown == "decline" else "points" if points and grown else basis.how
    grows_from = at.clause.baseline_year if grown == "growth" and not points else None
    if grown == "growth" and not points and unit == "share" and grows_from is None and quantity.word == "%":
        unit = "share/year"
    if unit == "count" and quantity.word == "" and "人口" in at.before:
        unit = "persons"
    if unit == "m2" and "人均" in at.before:
        unit = "m2/person"
    ends: list[tuple[Op, float]] = [(basis.op, quantity.low)]
    if quantity.low != quantity.high:
        ends = [(">=", quantity.low), ("<=", quantity.high)]
    for subject in subjects:
        for op, value in ends:
            yield Promise(
                name=_named(subject, at, earlier),
                op=op,
                value=value,
                unit=unit,
                year=at.clause.year,
                year_said=True,
                baseline_year=grows_from,
                quote=_quote(passage, at.clause, earlier, bare=_bare(subject)),
                clause=passage.clause,
                passage=passage.number,
                start=at.clause.start,
                end=at.clause.end,
                how=how,
                decline_from=at.clause.baseline_year if how == "decline" else None,
                about=quantity.more or (op == "==" and basis.how == "compared"),
            )


def _bare(subject: str) -> bool:
    return len(subject) < 4 or subject in ("覆盖率", "总面积", "总投资", "总长度", "增长率", "达标率", "普及率")


def _named(subject: str, at: At, earlier: Sequence[Clause]) -> str:
    """What the promise is called: its subject, with the clause before it where the subject says too little."""
    if not _bare(subject) or not earlier:
        return subject or at.clause.text
    before = next((c.text for c in reversed(earlier) if re.search(r"[\u4e00-\u9fff]{3}", c.text)), "")
    return f"{before}：{subject}" if subject else before


def _quote(passage: Passage, clause: Clause, earlier: Sequence[Clause], *, bare: bool) -> str:
    start = earlier[-1].start if bare and earlier else clause.start
    return passage.text[start : clause.end].strip()


def _refusal(passage: Passage, clause: Clause, start: int, end: int, why: str) -> Refused:
    zh, en = words("not_promised", "zh"), words("not_promised", "en")
    quote = passage.text[clause.start : clause.end].strip()
    return Refused(quote, Text(zh[why], en[why]), passage.number, clause.start + start, clause.start + end)


def _special(passage: Passage, clause: Clause, said: Said) -> Promise:
    return Promise(
        name=said.name,
        op=said.op,
        value=said.value,
        unit=said.unit,
        year=clause.year,
        year_said=True,
        baseline_year=clause.baseline_year if said.how == "change" else None,
        quote=passage.text[clause.start : clause.end].strip(),
        clause=passage.clause,
        passage=passage.number,
        start=clause.start,
        end=clause.end,
        how=said.how,
        about=False,
        listed=said.listed,
    )
