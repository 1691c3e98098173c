"""Which numbers of a plan are promised: each with operator, value, unit, year and subject, or with why it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from suizhou_geo.errors.text import Text
from suizhou_geo.model import Op
from suizhou_geo.sources.plan_text.clauses import Clause, any_of, calendar_of, clauses, masked, tenses, words
from suizhou_geo.sources.plan_text.documents import Document, Passage
from suizhou_geo.sources.plan_text.forms import Said, counted_names, said_otherwise, stripped
from suizhou_geo.sources.plan_text.numbers import Quantity, quantities
from suizhou_geo.sources.plan_text.tables import table_promises
from suizhou_geo.sources.plan_text.written import Promise, Refused

_SIZES = ("km2", "ha", "mu", "m2", "km", "m", "persons", "m3")
_MONEY = ("CNY", "USD")
_TIMES = ("min", "h", "days")
_NOUN = re.compile(r"[\u4e00-\u9fff“(（]")
_RATE = re.compile(
    r"(?:率|比例|占比|比重|面积|密度|规模|总量|收入|产值|总额|人口|水平|指数|强度|寿命|里程|长度|保有量|数量|总数|床位数?|容量|能力|浓度|数|量|额|值|距离|时间)(?:为|[:：])?\s*$"
)


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
class _At:
    """A quantity in its clause: the words before it (back to the last quantity), those behind it (up to the next)."""

    clause: Clause
    quantity: Quantity
    before: str
    behind: str
    next_quantity: Quantity | None


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
    last: tuple[tuple[int, int], _Basis, int] | None = None
    for k, clause in enumerate(parts):
        earlier = [c for c in parts[:k] if c.sentence == clause.sentence]
        special, taken = said_otherwise(clause)
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
            if at.quantity.in_characters and not _few_are_meant(at):
                continue
            parallel = last is not None and last[2] == clause.start and at.before.endswith(("、", "和", "及"))
            why = _why_not(passage, at, earlier, parallel=parallel)
            inherited = last[1] if last and last[0] == clause.sentence else None
            basis = None if why else _basis(at, inherited, parallel=parallel)
            baseline = at.quantity if why == "baseline" else baseline
            if basis is None:
                yield _refusal(passage, clause, at.quantity.start, at.quantity.end, why or "standing")
                continue
            last = (clause.sentence, basis, clause.start)
            for promise in _promises(passage, at, basis, earlier):
                given = baseline.low if baseline is not None and baseline.unit == at.quantity.unit else None
                yield replace(promise, baseline=given, **shares.get(at.quantity.start, {}))


def _shared_out(passage: Passage, clause: Clause, found: Sequence[Quantity]) -> dict[int, dict[str, Any]]:
    """What 分别 gives each of several numbers: its year, or its subject, where there are as many of them."""
    at = clause.text.find("分别")
    behind = [q for q in found if q.start > at >= 0]
    if len(behind) < 2:
        return {}
    sentence = masked(passage.text)[clause.sentence[0] : clause.start + at]
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


def _placed(clause: Clause, found: Sequence[Quantity]) -> Iterator[_At]:
    start = 0
    for k, quantity in enumerate(found):
        following = found[k + 1] if k + 1 < len(found) else None
        end = following.start if following else len(clause.text)
        at = _At(clause, quantity, clause.text[start : quantity.start], clause.text[quantity.end : end], following)
        yield at
        start = start if following and _is_attribute(at) else quantity.end


def _few_are_meant(at: _At) -> bool:
    """Whether a number in characters (五大, 三个) counts what shall be made: nothing else is said of it otherwise."""
    verb = _last_verb(at.before, "making")
    abstract = any_of("counting", "abstract").search(at.behind)
    if at.quantity.unit == "count":
        return verb is not None and abstract is None and not _governed_by_preposition(at.before)
    return at.quantity.unit not in _TIMES


def _last_verb(text: str, kind: str) -> re.Match[str] | None:
    bare = any_of("verbs", "nouns").sub(lambda noun: "□" * len(noun[0]), text)
    found = list(any_of("verbs", kind).finditer(bare))
    return found[-1] if found else None


def _governed_by_preposition(text: str) -> bool:
    """Whether the last preposition (围绕, 按照) stands behind the last verb."""
    found = list(any_of("verbs", "prepositions").finditer(text))
    verb = _last_verb(text, "doing")
    return bool(found) and (verb is None or verb.start() < found[-1].start())


def _why_not(passage: Passage, at: _At, earlier: Sequence[Clause], *, parallel: bool) -> str:
    """Why a quantity is no promise: an entry of `not_promised`; "" where nothing speaks against it."""
    text, quantity, patterns = at.clause.text, at.quantity, words("not_promised", "patterns")
    compared = bool(_compared(at))
    sentence = masked(passage.text)[slice(*at.clause.sentence)]
    if at.clause.tense == "past":
        return "past"
    if _in_quotes(text, quantity):
        return "title"
    if passage.level and not compared:
        return "heading"
    if re.search(patterns["definition"], sentence):
        return "definition"
    if re.search(patterns["subsidy"], text) and (
        quantity.unit in (*_MONEY, "share") or quantity.unit.startswith("CNY")
    ):
        return "subsidy"
    if re.search(patterns["baseline"], at.before) and re.search(patterns["baseline_behind"], at.behind):
        return "baseline"
    if re.search(patterns["radius"], at.before):
        return "radius"
    if not parallel and _is_attribute(at):
        return "attribute"
    listed = any_of("verbs", "definers").search(at.before) or at.before.rstrip(":： ").endswith("范围")
    if listed and not compared:
        return "standing"
    if _governed_by_preposition(at.before) and not compared:
        return "standing"
    if (
        quantity.unit in _MONEY
        and not compared
        and not (_level(at.before) or _change(at.before) or _spent(at, earlier))
    ):
        return "money"
    return ""


def _spent(at: _At, earlier: Sequence[Clause]) -> bool:  # noqa: ARG001
    found = list(any_of("verbs", "funds").finditer(at.before))
    return bool(found) and len(at.before) - found[-1].end() <= 12


def _in_quotes(text: str, quantity: Quantity) -> bool:
    return text.count("“", 0, quantity.start) > text.count("”", 0, quantity.start) and "”" in text[quantity.end :]


def _compared(at: _At) -> Op | None:
    """The operator that is written before or behind the quantity."""
    return _before(at.before) or _behind(at.behind)


def _before(text: str) -> Op | None:
    return _ends_with(re.sub(r"[为在到至了\s]+$", "", text), "before")


def _ends_with(text: str, kind: str) -> Op | None:
    matches = [(len(word), op) for op, listed in words(kind).items() for word in listed if text.endswith(word)]
    if not matches:
        return None
    length, op = max(matches)
    return None if length == 1 and re.search(r"[通经不难度渡越赶反]$", text[:-1]) else op


def _behind(text: str) -> Op | None:
    matches = [
        (len(word), op) for op, listed in words("behind").items() for word in listed if text.lstrip().startswith(word)
    ]
    return max(matches)[1] if matches else None


def _without_comparison(text: str) -> str:
    """A text without the words of comparison at its end."""
    text = text.rstrip()
    found = [word for listed in words("before").values() for word in listed if text.endswith(word)]
    return text.removesuffix(max(found, key=len)) if found else text


def _level(text: str) -> Op | None:
    """The operator of a verb of reaching a level right before the quantity."""
    text = re.sub(
        r"(?:20\d\d年(?:底|末)?的?|了|每年|全市|全部|分别|均|都|平均|基本|总体)+$",
        "",
        _without_comparison(text).rstrip(),
    )
    return _ends_with(re.sub(r"(?:分别|均|都)$", "", text), "levels")


def _change(text: str) -> str:
    """The word of change (增长, 下降) right before the quantity; "" where there is none."""
    text = re.sub(
        r"(?:了|达到?|率|不低于|幅度|力争|左右|分别|均|保持在|稳定在|控制在)+$", "", _without_comparison(text).rstrip()
    ).rstrip()
    for kind in ("growth", "decline"):
        if any(text.endswith(word) for word in words("change", kind)):
            return kind
    return ""


def _is_attribute(at: _At) -> bool:
    """Whether a quantity only qualifies the noun behind it (产值过50亿元龙头企业2家, 5000平方米以上的公园)."""
    behind, unit = at.behind, at.quantity.unit
    rest = behind.removeprefix(next((w for w in _behind_words() if behind.startswith(w)), ""))
    counts = unit in ("count", "persons", "households", "vehicles", "beds", "person-times")
    if re.match(r"的[\u4e00-\u9fff]", rest):
        return not (unit == "share" and _fraction_is_put(rest)) and not (counts and _verb_is_near(at.before))
    if not _NOUN.match(rest) or rest.startswith(("建设", "左右", "和", "及", "与", "并", "且", "（", "(")):
        return False
    if at.next_quantity is not None and not re.search(r"[、和及]", rest) and unit != "share" and not counts:
        return True
    if counts:
        return not at.before.strip() and not any_of("verbs", "finished").search(rest) and "纳入" not in rest
    if unit == "share":
        return not (_fraction_is_put(rest) or _level(at.before) or _change(at.before))
    return not (_verb_is_near(at.before) or _level(at.before) or _before(at.before)) or unit in _TIMES


def _behind_words() -> list[str]:
    return sorted((word for listed in words("behind").values() for word in listed), key=len, reverse=True)


def _verb_is_near(text: str) -> bool:
    """Whether a verb of doing stands right before the quantity, but for a few letters (新增约5万平方米公共空间)."""
    found = _last_verb(_without_comparison(text), "doing")
    size = _last_verb(text, "sizes")
    ends = [m.end() for m in (found, size) if m]
    return bool(ends) and len(_without_comparison(text)) - max(ends) <= 3


def _fraction_is_put(rest: str) -> bool:
    """Whether what is behind a share says what becomes of it (70%以上的学校纳入)."""
    return (
        re.search(
            r"纳入|实现|达到|建成|完成|覆盖|拥有|配备|配建|设置|设有|建有|开展|具备|满足|通过|接入|普及|享有|转化|进入",
            rest,
        )
        is not None
    )


def _basis(at: _At, inherited: _Basis | None, *, parallel: bool) -> _Basis | None:
    """By which words the quantity is promised; None where none says so."""
    quantity, before = at.quantity, at.before
    level, written, behind = _level(before), _before(before), _behind(at.behind)
    change = _change(before) if quantity.unit in ("share", "times", "per_mille") else ""
    if written or behind:
        return _Basis(written if written and not (written == "==" and behind) else behind or ">=", "compared")
    if change:
        return _Basis(">=", "change")
    if level:
        return _Basis("<=" if level == ">=" and _less_is_better(at) else level, "level")
    verb = _governing(at)
    if verb:
        return verb
    if inherited is not None and parallel and not before.strip("、和及 "):
        return inherited
    if inherited is not None and len(before) <= 40:
        return _Basis(
            "<=" if _less_is_better(at) else inherited.op if inherited.how in ("size", "doing") else ">=", inherited.how
        )
    aimed = at.clause.tense == "ahead" or at.clause.year is not None or any_of("verbs", "hopes").search(at.clause.text)
    if _RATE.search(before) and aimed:
        return _Basis("<=" if _less_is_better(at) else ">=", "stated")
    return None


def _governing(at: _At) -> _Basis | None:
    """The verb that governs the quantity: of doing (at least so many), or of a planned size (that size)."""
    doing, size = _last_verb(at.before, "doing"), _last_verb(at.before, "sizes")
    if size and at.quantity.unit in _SIZES and (doing is None or doing.start() <= size.start()):
        return _Basis("==", "size")
    if at.quantity.unit in ("rank", "per_mille", *_TIMES) or (at.quantity.unit == "share" and not _fraction(at)):
        return None
    if doing or _fraction(at) or _is_finished(at):
        return _Basis(">=", "doing")
    return None


def _is_finished(at: _At) -> bool:
    """Whether what is counted shall be there (100个社区全面建成), by a year or as an aim."""
    aimed = at.clause.year is not None or at.clause.tense == "ahead"
    return aimed and any(at.behind.endswith(word) for word in words("verbs", "finished"))


def _fraction(at: _At) -> bool:
    return at.quantity.unit == "share" and (
        _fraction_is_put(at.behind)
        or (re.search(r"率|比例|占比|比重|覆盖面$", at.before) is not None and bool(_last_verb(at.before, "doing")))
    )


def _less_is_better(at: _At) -> bool:
    return any_of("less_is_better", "words").search(at.before) is not None


def _promises(passage: Passage, at: _At, basis: _Basis, earlier: Sequence[Clause]) -> Iterator[Promise]:
    """The promises in one quantity: two where it is a range, one for each subject where it is of both (均)."""
    quantity = at.quantity
    subjects = counted_names(at.before, at.behind, quantity)
    unit = quantity.unit
    grown = (_change(at.before) or ("growth" if basis.how == "change" else "")) if unit in ("share", "times") else ""
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
                subject=subject,
            )


def _bare(subject: str) -> bool:
    return len(subject) < 4 or subject in ("覆盖率", "总面积", "总投资", "总长度", "增长率", "达标率", "普及率")


def _named(subject: str, at: _At, earlier: Sequence[Clause]) -> str:
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
        baseline_year=None,
        quote=passage.text[clause.start : clause.end].strip(),
        clause=passage.clause,
        passage=passage.number,
        start=clause.start,
        end=clause.end,
        how=said.how,
        about=False,
        subject=said.name,
        listed=said.listed,
    )
