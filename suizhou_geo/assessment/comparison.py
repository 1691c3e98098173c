"""Two runs held side by side: what changed, by how much and where, and whether the pace is enough to keep the promise.

The pace is linear. Seen is by how much the gap to the target closed between the two runs, a year; needed is the gap that is
left over the years that are left to the end of the target's year. Their ratio gives the judgement: from 0.95 on track,
from 0.05 slow, above -0.05 standing still, else backwards. It is reckoned for every end of what the two numbers leave open
and for every span between the dates of their data: where the answers differ, it cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import product
from typing import Any, Literal, get_args

import numpy as np

from suizhou_geo.assessment.phrases import promise
from suizhou_geo.assessment.rows import gap_to, sentences, verdict
from suizhou_geo.assessment.snapshot import Outline, Snapshot, Source, Standing, sources_of
from suizhou_geo.assessment.wording import in_both, profile_words, role_name, with_unit
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Lang, Text

Judgement = Literal["reached", "on_track", "slow", "none", "backwards", "overdue", "cannot_tell", ""]
JUDGEMENTS: tuple[Judgement, ...] = get_args(Judgement)
ON_TRACK, STILL = 0.95, 0.05
_LANGS: tuple[Lang, ...] = get_args(Lang)
# params that say what was found on the way to a number, and not how it was looked for
FOUND = frozenset(
    (
        *(
            "area_km2",
            "blocks",
            "blocks_over_limit",
            "capacity_zero",
            "communities",
            "complete",
            "construction_land_ha",
        ),
        *(
            "extended_m",
            "facilities",
            "judged_km",
            "known",
            "left_out",
            "length_km",
            "north_deg",
            "not_said",
            "outlines",
        ),
        *(
            "park_area_ha",
            "parks",
            "persons",
            "persons_without_any",
            "places",
            "places_outside_zones",
            "places_reached",
        ),
        *("places_unreached", "possible", "reciprocal_density_person_per_km2", "required_km", "sources", "stops"),
        *("surveyed_share", "through", "without_capacity", "year", "zone_density_person_per_km2"),
    )
)
_SAME = 1e-9
_OTHER_OUTLINE = Text(
    "范围变了：前后数值不是同一范围的", "the outline changed: the two numbers are of different ground"
)
_NO_DATE = Text(
    "数据日期不明，无法计算速度；请给出各次结果的年份（--year）",
    "no dates of the data: give the year of each result (--year)",
)
_SAME_DATA = Text("所用数据未变，不是进展", "its data are the same: no progress could show")
_NO_LATER = Text("后一次的数据不比前一次新，无法计算速度", "the data of the later result are no newer: no pace")
_OPEN = Text(
    "数据可能不完整，差别可能只是数据补全，不一定是实地变化",
    "the data may be incomplete: the difference may be data that came in, and no change on the ground",
)
_LOST = Text("前一次有数值，这次没有", "there was a number before, and there is none now")
_RANGES = Text("前后数值的可能范围之内，判断不一", "within what the two numbers leave open the answers differ")
_UNTOLD = Text("数值或目标值不足以下结论", "the number or the target is not sure enough for a verdict")


@dataclass(frozen=True)
class Pace:
    """Whether a promise is being kept in time: `seen` and `needed`, by how much its gap closes and has to close a year.

    `why` says why it cannot be told.
    """

    judgement: Judgement = ""
    seen: float = np.nan
    needed: float = np.nan
    why: Text | None = None


@dataclass(frozen=True)
class ZoneChange:
    """One measure in one zone of both runs: before, after, and what that is on the ground."""

    zone_id: str
    name: str
    before: float
    after: float
    on_ground: float

    @property
    def amount(self) -> float:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True)
class Change:
    """One promise or measure in two runs.

    `before` and `after` are None where a run does not have it, `latest` is the later one there is. `differs` says what of
    its definition is another one, so that the two numbers are not held against each other; `sources` which of its files
    changed. `zones` are those whose outline is the same in both. `over_time`: the two are of different times, not of the
    same with something built (`what_if`).
    """

    before: Standing | None
    after: Standing | None
    latest: Standing
    differs: tuple[Text, ...]
    sources: tuple[Text, ...]
    zones: tuple[ZoneChange, ...]
    pace: Pace
    comparable: bool
    over_time: bool = True

    @property
    def key(self) -> str:
        """The key of the measure or the promise."""
        return self.latest.key

    @property
    def name(self) -> Text:
        """What it is called."""
        return self.latest.name

    @property
    def amount(self) -> float:
        """After less before, in the unit of the measure; NaN where they cannot be held against each other."""
        if not self.comparable or self.before is None or self.after is None:
            return np.nan
        return self.after.value - self.before.value

    @property
    def on_ground(self) -> float:
        """The change on the ground, in `ground_unit`: persons reached, km of streets, hectares; NaN where not known."""
        if not self.comparable or self.before is None or self.after is None:
            return np.nan
        return _less(self.after.part, self.before.part)

    @property
    def ground_unit(self) -> str:
        """The unit of `on_ground`."""
        return self.latest.ground_unit

    @property
    def is_open(self) -> bool:
        """Whether what changed may be the data alone: one of the numbers may be another, for want of data."""
        unsure = any(s is not None and s.is_open for s in (self.before, self.after))
        return self.over_time and self.is_changed and unsure

    @property
    def is_lost(self) -> bool:
        """Whether the earlier run has a number and the later one has none."""
        return self.before is not None and self.before.has_data and (self.after is None or not self.after.has_data)

    @property
    def is_changed(self) -> bool:
        """Whether the number is another one, or there is one in one run alone."""
        one, other = (np.nan if s is None else s.value for s in (self.before, self.after))
        return not (np.isclose(one, other, rtol=_SAME, atol=1e-12) or (np.isnan(one) and np.isnan(other)))


@dataclass(frozen=True, eq=False)
class Compared:
    """Runs of one study in order of time: `changes` are those from the first to the last, for all that either measured."""

    taken: tuple[Snapshot, ...]
    changes: tuple[Change, ...]
    notes: tuple[Text, ...]
    anyway: bool = False

    def __getitem__(self, key: str) -> Change:
        """Return the change of a measure or a promise by its key. Raises: InputError that names the keys there are."""
        found = next((change for change in self.changes if change.key == key), None)
        if found is None:
            raise InputError(
                f"没有“{key}”这一项；可用的有 {'、'.join(c.key for c in self.changes)}",
                f"there is no change {key!r}; there are {', '.join(c.key for c in self.changes)}",
            )
        return found

    @property
    def first(self) -> Snapshot:
        """The earliest run."""
        return self.taken[0]

    @property
    def last(self) -> Snapshot:
        """The latest run."""
        return self.taken[-1]

    @property
    def changed(self) -> tuple[Change, ...]:
        """What is another number now."""
        return tuple(change for change in self.changes if change.is_changed)

    def series(self, change: Change) -> list[Standing | None]:
        """Return how a measure stood in each run; None where that cannot be held against the last."""
        return [self._fitting(one, change.latest) for one in self.taken]

    def _fitting(self, one: Snapshot, latest: Standing) -> Standing | None:
        standing = one.standings.get(latest.key)
        if standing is None or self.anyway:
            return standing
        return standing if _same_outline(one, self.last) and not differences(standing, latest) else None


def compared(taken: Sequence[Snapshot], *, anyway: bool = False) -> Compared:
    """Hold runs of one study side by side, in the order given: the earliest first.

    What is defined otherwise in the two (its profile, a threshold, the target) is not held against each other, nor is the
    whole where the outline is another one, but each zone that is still the same: unless `anyway`, and then it is said.

    Raises: InputError for fewer than two runs, and, unless `anyway`, for runs of different studies (by name and city) or
    plans, of outlines that stand for something else, or without a zone in common.
    """
    if len(taken) < 2:
        raise InputError(
            "compare：至少给出两个结果，早的在前", "compare: give two results at the least, the earlier one first"
        )
    first, last = taken[0], taken[-1]
    refused = [said for one in taken[:-1] for said in _incomparable(one, last)]
    if refused and not anyway:
        raise InputError(
            f"compare：{refused[0].zh}；请给出可比的结果，或用 --anyway 照比",
            f"compare: {refused[0].en}; take results that belong together, or say anyway (--anyway)",
        )
    told = _changes(first, last, anyway=anyway)
    unlike = [Text(f"不可比而照比：{said.zh}", f"compared anyway: {said.en}") for said in dict.fromkeys(refused)]
    notes = (*unlike, *_outline_notes(first, last), *_run_notes(first, last))
    return Compared(tuple(taken), told, notes, anyway)


def what_if(before: Snapshot, after: Snapshot, notes: Sequence[Text]) -> Compared:
    """Hold what is beside the same with something built: all of it, and no pace, as no time has passed.

    `notes` say what was built.
    """
    changes = [replace(change, pace=Pace(), over_time=False) for change in _changes(before, after, anyway=True)]
    return Compared((before, after), tuple(changes), tuple(notes), anyway=True)


def _changes(first: Snapshot, last: Snapshot, *, anyway: bool) -> tuple[Change, ...]:
    """What either of two runs has a number for."""
    same_outline = _same_outline(first, last)
    keys = dict.fromkeys([*last.standings, *first.standings])
    changes = [_change(key, first, last, same_outline=same_outline, anyway=anyway) for key in keys]
    return tuple(change for change in changes if any(s and s.has_data for s in (change.before, change.after)))


def judged(before: Standing, after: Standing, *, spans: Sequence[float], left: float) -> Pace:
    """Return whether a promise is being kept in time.

    `spans` are the years between the two, by each date they may be told by; `left` the years to the end of the target's.

    >>> import numpy as np
    >>> def stood(value):
    ...     told = ("share", "ha", value, value, value, ">=", 0.9, 2025, "missed", True, "land", {}, {})
    ...     return Standing("k", Text("甲", "a"), *told)
    >>> judged(stood(0.6), stood(0.8), spans=[2.0], left=2.0).judgement  # 10 points a year seen, 5 needed
    'on_track'
    """
    ends = product(_ends(before), _ends(after), spans)
    found = {_judge(one, other, after, span, left) for one, other, span in ends}
    span = float(np.mean(spans))
    seen = (gap_to(after.op, before.value, after.asked) - gap_to(after.op, after.value, after.asked)) / span
    missing = gap_to(after.op, after.value, after.asked)
    needed = missing / left if left > 0 and missing > 0 else np.nan
    if len(found) > 1:
        return Pace("cannot_tell", seen, needed, _RANGES)
    return Pace(found.pop(), seen, needed)


def differences(before: Standing, after: Standing) -> tuple[Text, ...]:
    """Return what of the definition of a measure is another one in the two."""
    told = []
    if before.unit != after.unit:
        told.append(_turned(Text("单位", "unit"), before.unit, after.unit))
    if before.has_data and after.has_data and before.profile != after.profile:
        one, other = (profile_words(s.profile, "zh") for s in (before, after))
        en = [profile_words(s.profile, "en") for s in (before, after)]
        told.append(Text(f"口径：{one} → {other}", f"definition: {en[0]} → {en[1]}"))
    if before.has_data and after.has_data:
        names = sorted((before.params.keys() | after.params.keys()) - FOUND)
        for name in names:
            one, other = (_plain(s.params.get(name)) for s in (before, after))
            if one != other:
                told.append(_turned(Text(f"参数 {name}", f"parameter {name}"), one, other))
    asked = [(s.op, None if np.isnan(s.asked) else s.asked, s.year) for s in (before, after)]
    if asked[0] != asked[1]:
        then, now = (in_both(partial(target_text, standing)) for standing in (before, after))
        told.append(Text(f"目标：{then.zh} → {now.zh}", f"target: {then.en} → {now.en}"))
    return tuple(told)


def measured_as(one: Standing) -> tuple[str, ...]:
    """Return what the definition of a measure comes to: unit, profile and how it was looked for, not what was found."""
    return (one.unit, one.profile, *(f"{name}={one.params[name]!r}" for name in sorted(one.params.keys() - FOUND)))


def _change(key: str, first: Snapshot, last: Snapshot, *, same_outline: bool, anyway: bool) -> Change:
    before, after = first.standings.get(key), last.standings.get(key)
    differs: tuple[Text, ...] = () if before is None or after is None else differences(before, after)
    zones = () if (differs and not anyway) or before is None or after is None else _zones(before, after, first, last)
    if not same_outline and before is not None and after is not None and before.has_data and after.has_data:
        differs = (*differs, _OTHER_OUTLINE)
    comparable = anyway or not differs
    pace = _pace(before, after, first, last) if comparable else Pace("cannot_tell" if after and after.op else "")
    files = _changed(sources_of(key, first), sources_of(key, last))
    return Change(
        before,
        after,
        after or first.standings[key],
        differs,
        tuple(_told(*one) for one in files),
        zones,
        pace,
        comparable,
    )


def _pace(before: Standing | None, after: Standing | None, first: Snapshot, last: Snapshot) -> Pace:
    if (
        before is None
        or after is None
        or not after.op
        or after.year is None
        or not (before.has_data and after.has_data)
    ):
        return Pace()
    if not (before.told and after.told) or not np.isfinite(after.asked):
        return Pace("cannot_tell", why=_UNTOLD)
    if after.status == "met":
        return Pace("reached")
    files = sources_of(after.key, first), sources_of(after.key, last)
    if any(files) and not _changed(*files):
        return Pace("cannot_tell", why=_SAME_DATA)
    moments = _moments(before, after, first, last)
    if not moments:
        return Pace("cannot_tell", why=_NO_DATE)
    spans = sorted({end - start for start, end in moments})
    if spans[0] <= 0:
        return Pace("cannot_tell", why=_NO_LATER)
    left = after.year + 1 - max(end for _, end in moments)
    return judged(before, after, spans=spans, left=left)


def _moments(before: Standing, after: Standing, first: Snapshot, last: Snapshot) -> list[tuple[float, float]]:
    """When the data behind the two are of: as declared, as the caller says, else by the date of each file that changed."""
    if "promised_for" in after.params and "promised_for" in before.params:  # declared figures say their year themselves
        return [(float(before.params["year"]) + 1, float(after.params["year"]) + 1)]
    if first.year is not None and last.year is not None:
        return [(first.year, last.year)]
    moments = []
    for _, old, new in _changed(sources_of(after.key, first), sources_of(after.key, last)):
        start, end = moment(old.data_date if old else ""), moment(new.data_date if new else "")
        if start is None or end is None:
            return []  # one of the files that changed does not say of when it is
        moments.append((start, end))
    return moments


def moment(written: str) -> float | None:
    """Return a date as a point in years, None where there is none; a year stands for its end, as in yearbooks.

    >>> moment("2023"), moment("2023-07-02T00:00:00Z"), moment("")
    (2024.0, 2023.5, None)
    """
    if len(written) == 4 and written.isdigit():
        return float(written) + 1
    try:
        day = date.fromisoformat(written[:10])
    except ValueError:
        return None
    begun = date(day.year, 1, 1)
    return round(day.year + (day - begun).days / (date(day.year + 1, 1, 1) - begun).days, 2)


def _ends(standing: Standing) -> list[float]:
    """The number and the ends of what it leaves open; of a planned size also the size, where that lies between."""
    low, high = (standing.value if np.isnan(x) else x for x in (standing.low, standing.high))
    between = [standing.asked] if standing.op == "==" and low <= standing.asked <= high else []
    return [low, standing.value, high, *between]


def _judge(before: float, after: float, target: Standing, span: float, left: float) -> Judgement:
    if verdict(target.op, target.asked, value=after, low=after, high=after) == "met":
        return "reached"
    if left <= 0:
        return "overdue"
    gap = gap_to(target.op, after, target.asked)
    closed = gap_to(target.op, before, target.asked) - gap
    ratio = closed / span * left / gap if gap > 0 else np.nan
    if np.isnan(ratio):
        return "cannot_tell"
    if ratio >= ON_TRACK - _SAME:
        return "on_track"
    return "slow" if ratio >= STILL else ("none" if ratio > -STILL else "backwards")


def _zones(before: Standing, after: Standing, first: Snapshot, last: Snapshot) -> tuple[ZoneChange, ...]:
    earlier = {outline.shape: zone_id for zone_id, outline in first.outlines.items()}
    result = []
    for zone_id, outline in last.outlines.items():
        then, now = before.zones.get(earlier.get(outline.shape, "")), after.zones.get(zone_id)
        if then is not None and now is not None and np.isfinite([then.value, now.value]).any():
            ground = _less(*((z.value if after.unit == after.ground_unit else z.part) for z in (now, then)))
            result.append(ZoneChange(zone_id, outline.name, then.value, now.value, ground))
    return tuple(result)


def _less(after: float, before: float) -> float:
    """After less before; what only comes of rounding is nothing."""
    return 0.0 if np.isclose(after, before, rtol=_SAME, atol=0.0) else after - before


def _incomparable(one: Snapshot, last: Snapshot) -> tuple[Text, ...]:
    told = []
    if (one.study.zh, one.city) != (last.study.zh, last.city):
        names = [f"{s.study.zh}（{s.city}）" if s.city else s.study.zh for s in (one, last)]
        told.append(_turned(Text("研究的名称或城市不同", "they are of different studies"), *names))
    if one.plan != last.plan:
        told.append(
            _turned(Text("对照的方案不同", "they are held against different plans"), one.plan or "—", last.plan or "—")
        )
    if one.crs != last.crs:
        told.append(_turned(Text("坐标系不同", "they are measured in different coordinate systems"), one.crs, last.crs))
    if one.boundary != last.boundary:
        words = [Text(profile_words(s.boundary, "zh"), profile_words(s.boundary, "en")) for s in (one, last)]
        told.append(
            Text(
                f"分区边界的含义不同：{words[0].zh} → {words[1].zh}",
                f"their outlines stand for different things: {words[0].en} → {words[1].en}",
            )
        )
    if not {o.shape for o in one.outlines.values()} & {o.shape for o in last.outlines.values()}:
        told.append(
            Text("没有一个分区的范围相同，可能是两个地方", "not one zone has the same outline: perhaps two places")
        )
    return tuple(told)


def _same_outline(one: Snapshot, other: Snapshot) -> bool:
    shapes = ({outline.shape for outline in taken.outlines.values()} for taken in (one, other))
    return next(shapes) == next(shapes)


def _outline_notes(first: Snapshot, last: Snapshot) -> tuple[Text, ...]:
    """Say which zones came, went, are drawn otherwise or are called otherwise: by their outline, then by their name."""
    before, after = ({outline.shape: outline for outline in one.outlines.values()} for one in (first, last))
    told = [
        Text(
            f"分区“{before[shape].name}”现在叫“{after[shape].name}”（范围未变，{after[shape].area_ha:,.1f} 公顷）",
            f"zone {before[shape].name} is now called {after[shape].name} (same outline, {after[shape].area_ha:,.1f} ha)",
        )
        for shape in before.keys() & after.keys()
        if before[shape].name != after[shape].name
    ]
    gone = _by_name(outline for shape, outline in before.items() if shape not in after)
    new = _by_name(outline for shape, outline in after.items() if shape not in before)
    for name in gone.keys() | new.keys():
        was, now = ([f"{one.area_ha:,.1f}" for one in outlines.get(name, ())] for outlines in (gone, new))
        zh, en = "、".join(was), ", ".join(was)
        if was and now:
            told.append(
                Text(
                    f"分区“{name}”的范围变了：{zh} → {'、'.join(now)} 公顷",
                    f"zone {name} is drawn otherwise: {en} → {', '.join(now)} ha",
                )
            )
        elif now:
            told.append(
                Text(f"分区“{name}”（{'、'.join(now)} 公顷）是新增的", f"zone {name} ({', '.join(now)} ha) was added")
            )
        else:
            told.append(Text(f"分区“{name}”（{zh} 公顷）已不在", f"zone {name} ({en} ha) was taken out"))
    return tuple(sorted(told, key=lambda text: text.en))


def _by_name(outlines: Iterable[Outline]) -> dict[str, list[Outline]]:
    """Outlines by their name, all of those that share one."""
    result: dict[str, list[Outline]] = {}
    for outline in outlines:
        result.setdefault(outline.name, []).append(outline)
    return result


def _run_notes(first: Snapshot, last: Snapshot) -> tuple[Text, ...]:
    """Say which files changed, what is complete now or no more, and by which version each was measured."""
    told = []
    if files := [_told(*one) for one in _changed(first.sources, last.sources) if one[0] != "study"]:
        zh, en = (sentences((file.speak(lang) for file in files), lang) for lang in _LANGS)
        told.append(Text(f"与前次不同的文件：{zh}", f"other files than before: {en}"))
    now, then = set(last.incomplete), set(first.incomplete)
    for names, word in (
        (then - now, Text("这次声明为完整的图层", "layers that count as complete now")),
        (now - then, Text("这次不再声明为完整的图层", "layers that count as complete no more")),
    ):
        if names:
            zh, en = (sentences((role_name(name, lang) for name in sorted(names)), lang) for lang in _LANGS)
            told.append(Text(f"{word.zh}：{zh}", f"{word.en}: {en}"))
    if first.version != last.version:
        told.append(
            Text(
                f"软件版本不同：{first.version} → {last.version}；差别可能来自软件",
                f"measured by different versions: {first.version} → {last.version}; a difference may come from the software",
            )
        )
    return tuple(told)


def _changed(before: Sequence[Source], after: Sequence[Source]) -> list[tuple[str, Source | None, Source | None]]:
    """The files that are others now, by their role; None where there is none of it in one run."""
    old, new = ({source.role: source for source in sources} for sources in (before, after))
    sums = [{role: source.sha256 for role, source in one.items()} for one in (old, new)]
    roles = dict.fromkeys([*new, *old])
    return [(role, old.get(role), new.get(role)) for role in roles if sums[0].get(role) != sums[1].get(role)]


def _told(role: str, old: Source | None, new: Source | None) -> Text:
    name = in_both(lambda lang: role_name(role, lang))
    if old is None or new is None:
        zh, en = ("新增", "added") if old is None else ("已去掉", "taken out")
        return Text(f"{name.zh}（{zh}）", f"{name.en} ({en})")
    dates = [source.data_date[:10] or "?" for source in (old, new)]
    when = "" if dates == ["?", "?"] else f" {dates[0]} → {dates[1]}"
    return Text(f"{name.zh}数据已更新{when}", f"other data of {name.en}{when}")


def target_text(standing: Standing, lang: Lang) -> str:
    """Say what was asked of a measure, and by when; "—" where nothing is."""
    if not standing.op:
        return "—"
    asked = with_unit(promise(standing.op, standing.asked, standing.unit, lang, short=True), standing.unit, lang)
    return asked if standing.year is None else f"{asked} ({standing.year})"


def _turned(what: Text, one: Any, other: Any) -> Text:
    return Text(f"{what.zh}：{one} → {other}", f"{what.en}: {one} → {other}")


def _plain(value: Any) -> Any:
    """A parameter as JSON gives it back: numbers as numbers, tuples as lists, what was not given as None."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, str):
        return {"inf": np.inf, "-inf": -np.inf}.get(value, value)
    return float(value) if isinstance(value, int | float | np.number) and not isinstance(value, bool) else value


def remarks(change: Change, lang: Lang) -> str:
    """Return what must be known of a change: what else is defined otherwise, which data are others, why no pace is told."""
    why = () if change.pace.why is None else (change.pace.why,)
    lost = [_LOST] if change.is_lost else []
    sources = (*lost, *([_OPEN] if change.is_open else []), *(change.sources if change.is_changed else ()))
    return sentences([text.speak(lang) for text in (*change.differs, *sources, *why)], lang)
