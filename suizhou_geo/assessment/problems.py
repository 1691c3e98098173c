"""What is wrong where, and what would put it right: the list of problems (问题清单) and of remedies (治理建议清单).

A promise that is missed is told place by place: the worst places of its gap list, else the zones that lack most, else the
whole. Gap lists that belong to no promise follow. Nothing is measured here, and no cause is guessed: the words stand in
standards/remedies.toml, the numbers are those of the rows and the lists.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.gap_lists import GapColumn, GapList, Record, gap_list, named
from suizhou_geo.assessment.phrases import held_gap_text, means_text, promised_text, range_text
from suizhou_geo.assessment.rows import Row, ZoneRow
from suizhou_geo.assessment.wording import in_both, name_of, number, said
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import entry_for
from suizhou_geo.study_area.layers import LAYERS

MOST_PLACES = 3  # of one promise
MOST_UNPROMISED = 2  # of a list that belongs to no promise
MOST_NAMES = 4  # in one sentence
SAME_M = 1.0
_HAIR = 1e-6
_NOTHING = Text("", "")
_HOMES_LEFT = "uncovered"


@dataclass(frozen=True)
class Problem:
    """One place where something is missing.

    `row` is what it belongs to; `cause` is empty where the data do not say why. `persons` live there or gain (NaN: unknown).
    `shape` is where a street is interrupted; None for any other place.
    """

    row: Row
    place: Text
    gap: Text
    cause: Text
    action: Text
    persons: float = np.nan
    shape: shapely.Geometry | None = None


@dataclass(frozen=True)
class Remedy:
    """What would put a row right, or the places of a list that belongs to no promise.

    `problems` are the numbers (from 1) of the problems it answers; `persons` who gains in all, or at one place where the
    same persons stand with several (NaN: unknown).
    """

    row: Row
    task: Text
    gain: Text
    problems: tuple[int, ...]
    persons: float = np.nan

    @property
    def offices(self) -> Text:
        """The offices the plan makes responsible; empty where it names none."""
        return _NOTHING if self.row.target is None else self.row.target.offices


def problems_of(result: Assessed) -> tuple[tuple[Problem, ...], tuple[Remedy, ...]]:
    """Return what is wrong, and what would put it right.

    Problems are in the order of the plan, those of no promise last. Remedies of promises come first, those
    of declared figures, of which no place is known, last of them; each kind by the persons who gain, most first, where they
    are known, then by the gap as a share of what was promised.
    """
    problems: list[Problem] = []
    remedies: list[Remedy] = []
    for source in (*_missed(result), *_unpromised(result)):
        found, remedy = source
        numbers = tuple(range(len(problems) + 1, len(problems) + len(found) + 1))
        problems += found
        remedies.append(Remedy(remedy.row, remedy.task, remedy.gain, numbers, remedy.persons))
    return tuple(_cross_referenced(problems)), tuple(sorted(remedies, key=_rank))


def _cross_referenced(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Say of an interruption of a street that is told under an earlier promise, too, that it is the same place."""
    for k, problem in enumerate(problems):
        same = (
            n for n, other in enumerate(problems[:k], 1) if other.row is not problem.row and _one_place(other, problem)
        )
        n = next(same, None)
        yield problem if n is None else replace(problem, action=_same_place(problem.action, n))


def _one_place(one: Problem, other: Problem) -> bool:
    return one.shape is not None and other.shape is not None and bool(shapely.dwithin(one.shape, other.shape, SAME_M))


def _same_place(action: Text, n: int) -> Text:
    return in_both(lambda lang: _word("same_place", lang, action=action.speak(lang), n=n))


def _rank(remedy: Remedy) -> tuple[bool, bool, float, float]:
    row = remedy.row
    relative = abs(row.gap / row.asked) if row.status and row.asked else 0.0
    return (not row.status, row.profile == "declared", -remedy.persons if remedy.persons > 0 else 0.0, -relative)


def _missed(result: Assessed) -> list[tuple[list[Problem], Remedy]]:
    return [_of_row(result, row) for row in result.rows if row.status == "missed"]


def _unpromised(result: Assessed) -> list[tuple[list[Problem], Remedy]]:
    """The lists of problems of their own whose rows nothing is promised of."""
    lists = table("remedies")["lists"]
    found = []
    for gaps in result.gap_lists:
        rows = [row for key in gaps.rows if (row := result.row(key)) is not None and row.has_data]
        if lists.get(gaps.key, {}).get("alone") and rows and not any(row.status for row in rows):
            found.append(_of_list(gaps, rows[0], lists[gaps.key], None))
    return found


def _of_row(result: Assessed, row: Row) -> tuple[list[Problem], Remedy]:
    gaps = _places(result, row)
    if gaps is not None:
        words = table("remedies")["lists"]
        told = _of_list(gaps, row, words.get(gaps.key) or words["unserved_homes"], _links(result))
        if told[0]:
            return told
    short = [zone for zone in row.by_zone(result.area.zones) if zone.shortfall > 0 and zone.gap > 0]
    short = sorted(short, key=lambda zone: -zone.shortfall) if len(result.area.zones) > 1 else []
    return _of_zones(result, row, short)


def _places(result: Assessed, row: Row) -> GapList | None:
    """The list of the places of a row: its own, or the homes that a coverage leaves."""
    known = table("remedies")["lists"]
    own = next((some for some in result.gap_lists if row.key in some.rows and some.key in known), None)
    if own is None and row.evidence is not None and row.evidence["part"].eq(_HOMES_LEFT).any():
        own = gap_list(result.area, row)
    return own


def _links(result: Assessed) -> GapList | None:
    return next((gaps for gaps in result.gap_lists if gaps.key == "missing_link"), None)


def _of_list(gaps: GapList, row: Row, words: Mapping[str, Any], links: GapList | None) -> tuple[list[Problem], Remedy]:
    """The places of a list, with what the missing link that is there has to cross, and the remedy of all."""
    records = _mine(gaps.records, row, words)
    shown = []
    for record in records[: MOST_PLACES if row.status else MOST_UNPROMISED]:
        told = _told(gaps.columns, record)
        shape = gaps.geometry.iloc[int(record["rank"]) - 1] if words.get("interrupted") else None
        if links is not None and shape is not None:
            there = np.flatnonzero(shapely.dwithin(links.geometry.to_numpy(), shape, SAME_M))
            told = {**_told(links.columns, links.records[there[0]]), **told} if len(there) else told
        gap, cause, action = (_said(words, what, told) for what in ("gap", "cause", "action"))
        persons = float(record.get("persons", np.nan))
        shown.append(Problem(row, _where(record), gap, cause, _careful(row, row.status, action), persons, shape))
    everyone = pd.Series([record.get("persons", np.nan) for record in records], dtype=float)
    whole = float(everyone.max() if words.get("overlap") else everyone.sum(min_count=1))
    names = [_where(record) for record in _to_begin_with(records, words)[:MOST_PLACES]]
    return shown, _remedy(row, words, names, len(records), whole)


def _mine(records: Sequence[Record], row: Row, words: Mapping[str, Any]) -> list[Record]:
    """The places of a list that belong to a row, each once."""
    match, once = words.get("match"), words.get("once")
    params = {} if row.measure is None else row.measure.params
    mine = [record for record in records if match is None or record[match] == params.get(match)]
    return mine if once is None else list({name_of(record[once]): record for record in reversed(mine)}.values())[::-1]


def _to_begin_with(records: Sequence[Record], words: Mapping[str, Any]) -> list[Record]:
    ordered = list(records)
    for column in reversed(words.get("begin", ())):
        name, falling = column.removeprefix("-"), column.startswith("-")
        ordered.sort(key=lambda record: -record[name] if falling else record[name])
    return ordered


def _where(record: Record) -> Text:
    """Say where a place is: what people call it, with its zone."""
    zone = str(record["zone"])

    def told(lang: Lang) -> str:
        title = str(record[f"title_{lang}"])
        return title if zone in title else _word("in_zone", lang, title=title, zone=zone)

    return in_both(told)


def _told(columns: Sequence[GapColumn], record: Record) -> Mapping[str, Text]:
    """The columns of a place in words, by their keys; long lists of names are cut."""
    return {column.key: in_both(partial(_short, column, record)) for column in columns}


def _short(column: GapColumn, record: Record, lang: Lang) -> str:
    if column.kind not in ("items", "categories"):
        told = column.words(record, lang, unit=column.kind != "count")
        return "" if told == said("gap_values", "none", lang) else told
    keys = [key for key in name_of(record[column.name]).split(", ") if key]
    names = named(column.kind, ", ".join(keys[:MOST_NAMES]), lang)
    return names if len(keys) <= MOST_NAMES else _word("and_more", lang, names=names, n=len(keys))


def _of_zones(result: Assessed, row: Row, short: Sequence[ZoneRow]) -> tuple[list[Problem], Remedy]:
    """A problem per zone that lacks most, or one of the whole."""
    words = _words_of(row)
    places: list[ZoneRow | None] = [*short[:MOST_PLACES]] or [None]
    problems = [
        Problem(
            row,
            in_both(lambda lang: _word("whole", lang)) if zone is None else Text(zone.name, zone.name),
            in_both(partial(_gap, row, zone)),
            _said(words, "cause", _of_place(result, row, zone)),
            _careful(row, (zone or row).status, _said(words, "action", _of_place(result, row, zone))),
        )
        for zone in places
    ]
    names = [Text(zone.name, zone.name) for zone in short[:MOST_PLACES]]
    remedy = _remedy(row, words, names, len(short), np.nan)
    return problems, replace(remedy, task=remedy.task + _each_by_itself(row, short))


def _each_by_itself(row: Row, short: Sequence[ZoneRow]) -> Text:
    """Say how much more it takes that every zone reaches the target, where others have more than is asked."""
    every = sum(zone.shortfall for zone in short)
    if not 0 < row.shortfall < every * (1 - _HAIR):
        return _NOTHING
    unit = "" if row.unit == row.shortfall_unit else row.told_unit
    return in_both(lambda lang: _word("each_zone", lang, means=means_text(every, unit, row.told_shortfall_unit, lang)))


def _words_of(row: Row) -> Mapping[str, Any]:
    """The words of a row that no list stands behind; where it has none of its own, those of its kind."""
    rows = table("remedies")["rows"]
    too_much = row.op in ("<=", "<") or (row.op == "==" and row.value > row.asked)
    kind = "declared" if row.profile == "declared" else "too_much" if too_much else "too_little"
    return {**rows["any"], **rows[kind], **({} if row.profile == "declared" else rows.get(row.family, {}))}


def _of_place(result: Assessed, row: Row, zone: ZoneRow | None) -> Mapping[str, Text]:
    told = _of_promise(row) | {"means": in_both(lambda lang: _means(row, row if zone is None else zone, lang))}
    if zone is not None:
        told["lacking"] = in_both(lambda lang: _lacking(row, zone, lang))
        told["listed"] = in_both(lambda lang: _listed(result, zone, lang))
    return told


def _gap(row: Row, zone: ZoneRow | None, lang: Lang) -> str:
    of: Row | ZoneRow = row if zone is None else zone
    gap, means = held_gap_text(of, row, lang), _means(row, of, lang)
    same = row.measure is None or row.unit == row.shortfall_unit or not means
    return gap if same else f"{gap}{said('common', 'comma', lang)}{said('common', 'means', lang)} {means}"


def _means(row: Row, of: Row | ZoneRow, lang: Lang) -> str:
    """What a gap is on the ground; where its unit is that of the promise, the gap itself; "" for points of a share."""
    if row.unit.startswith("share") and row.shortfall_unit == row.unit:
        return ""
    unit = "" if row.unit == row.shortfall_unit else row.told_unit
    short = abs(of.shortfall) if row.op == "==" else of.shortfall
    told = means_text(short, unit, row.told_shortfall_unit, lang)
    return "" if told == said("common", "nothing", lang) else told


def _lacking(row: Row, zone: ZoneRow, lang: Lang) -> str:
    """What the evidence of a row says fails most in a zone: lengths by test, or the services that reach fewest homes."""
    breakdown = None if row.measure is None else row.measure.breakdown
    if breakdown is None or zone.zone_id not in breakdown.columns:
        return ""
    values = breakdown[zone.zone_id].astype(float).dropna()
    if row.family == "sidewalk_compliance":
        fails = values[values.index.str.startswith("fails_")].sort_values(ascending=False)
        told = [f"{_word(str(key), lang)} {number(km, 'km', lang)}" for key, km in fails.items() if km > 0]
    elif breakdown.index.name == "category":
        lowest = values.sort_values().head(MOST_PLACES)
        told = [
            f"{named('categories', str(key), lang)} {number(share, 'share', lang)}" for key, share in lowest.items()
        ]
    else:
        told = []
    return said("common", "and", lang).join(told)


def _listed(result: Assessed, zone: ZoneRow, lang: Lang) -> str:
    """The lists of problems of their own that have places in a zone, and how many."""
    lists = table("remedies")["lists"]
    of_zone = [
        (gaps, sum(record["zone_id"] == zone.zone_id for record in gaps.records))
        for gaps in result.gap_lists
        if lists.get(gaps.key, {}).get("alone") and gaps.chapter.key == "roads"
    ]
    told = [_word(gaps.key, lang, n=n) for gaps, n in of_zone if n]
    return said("common", "and", lang).join(told)


def _of_promise(row: Row) -> dict[str, Text]:
    if not row.status:
        return {}
    return {
        "asked": in_both(lambda lang: promised_text(row, lang).rpartition("\n")[2]),
        "gap": in_both(lambda lang: held_gap_text(row, row, lang)),
        "means": in_both(lambda lang: _means(row, row, lang)),
    }


def _remedy(row: Row, words: Mapping[str, Any], names: Sequence[Text], n: int, persons: float) -> Remedy:
    told = _of_promise(row) | {"n": Text(f"{n:,}", f"{n:,}")}
    told["first"] = in_both(lambda lang: said("common", "and", lang).join(name.speak(lang) for name in names))
    if persons > 0:
        told["persons"] = in_both(lambda lang: number(float(round(persons)), "persons", lang))
    task = _said(words, "task", told)
    task = _careful(row, row.status, task if task.zh else _said(words, "action", told))
    return Remedy(row, task, _said(words, "gain", told), (), persons)


def _careful(row: Row, status: str, action: Text) -> Text:
    """Say to check the data first, unless the verdict holds whatever may be missing in them."""
    if status == "missed" or not range_text(row, "zh"):
        return action
    entry = entry_for(row.key)
    keys = () if entry is None else [key for key in entry.layers if key in LAYERS and key != "zones"]

    def told(lang: Lang) -> str:
        names = [LAYERS[key].name_zh if lang == "zh" else key.replace("_", " ") for key in keys]
        layers = said("common", "and", lang).join(names)
        return _word("check_first", lang, layers=layers, action=action.speak(lang))

    return in_both(told)


def _said(words: Mapping[str, Any], what: str, told: Mapping[str, Text]) -> Text:
    """The first of some sentences whose places are all known, filled; empty where there is none."""
    for zh, en in words.get(what, ()):
        places = [name for _, name, _, _ in string.Formatter().parse(zh) if name]
        if all(told.get(name, _NOTHING).zh for name in places):
            return Text(
                zh.format(**{name: told[name].zh for name in places}),
                en.format(**{name: told[name].en for name in places}),
            )
    return _NOTHING


def _word(key: str, lang: Lang, **parts: object) -> str:
    return str(table("remedies")["words"][key][lang == "en"]).format(**parts)
