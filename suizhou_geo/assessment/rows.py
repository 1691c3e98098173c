"""Measures held against a plan: rows that say met, missed, cannot tell or no data, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.assessment.deciding import STATUSES as STATUSES
from suizhou_geo.assessment.deciding import Status as Status
from suizhou_geo.assessment.deciding import reckoned, would_decide
from suizhou_geo.assessment.deciding import verdict as verdict
from suizhou_geo.assessment.wording import amount, counted, limit, profile_words, said, status_words
from suizhou_geo.errors import PlanError
from suizhou_geo.errors.text import NOTHING, Lang, Text
from suizhou_geo.model import Measure, Plan, Target
from suizhou_geo.standards.catalogue import Chapter, chapter_of, settled_by

Kind = Literal["promise", "other_definition", "measure"]
_NO_MEASURE = Text("尚无对应的测算方法或数据", "no measure or figure serves this promise yet")
_UNSURE = Text(
    "目标值尚未与标准原文核对，不作结论；如以该值为准，则{zh}",
    "the value asked for is not checked against the text of its standard, so there is no verdict; by it: {en}",
)
_NO_DEFINITION = ("raw",)  # shown to see what careless counting gives, but nobody's definition
_DECLARED = "declared"
_TINY = 1e-9
_MOST_TOLD = 3


@dataclass(frozen=True)
class ZoneRow:
    """One measure in one zone, held against the value promised for the whole; a positive gap is what is missing.

    `thin` says what its value stands on where that is too little to tell it.
    """

    zone_id: str
    name: str
    value: float
    gap: float
    shortfall: float
    status: Status
    thin: Text | None = None


@dataclass(frozen=True, eq=False)
class Row:
    """A measure held against a promise: the one object that every output reads.

    `measure` is None where nothing serves the promise, `target` where nothing is promised. `asked` is the value the
    promise comes to, in `unit`: that of the target, or a baseline grown as promised (NaN while it is not known).
    `status` is "met" or "missed" where that holds for the whole range from low to high, the likely one where there is one
    (`Measure.likely`, with its confidence; `confidence` is 1 where nothing is reckoned); "cannot_tell" where the range
    straddles the target, the target is not sure or has no baseline to grow from, the value stands on too little or is
    nobody's definition; "no_data" without a value; "" without a promise.
    `needs` says what is missing for a number or a sure verdict, and under which other definitions the number lies on the
    other side of the target; `basis` gives the words of the promise and the standard of the measure. The row of the
    definition asked for `is_headline` and holds its `other_definitions`, rows like itself.
    """

    key: str
    name: Text
    unit: str
    asked: float
    status: Status
    basis: Text
    needs: tuple[Text, ...]
    measure: Measure | None
    target: Target | None
    baseline: float | None = None
    is_headline: bool = True
    other_definitions: tuple[Row, ...] = ()

    @property
    def scorecard_key(self) -> str:
        """The key of the scorecard's row: "key", or "key@profile" for another definition."""
        return self.key if self.is_headline else f"{self.key}@{self.profile}"

    @property
    def family(self) -> str:
        """What the key names before its dot: "road_density" of "road_density.branch"."""
        return self.key.partition(".")[0]

    @property
    def subject(self) -> str:
        """What the key names behind its dot; "" where it has none."""
        return self.key.partition(".")[2]

    @property
    def chapter(self) -> Chapter:
        """The chapter of the plan the row belongs to."""
        return chapter_of(self.key)

    @property
    def op(self) -> str:
        """How the promise compares; "" without one."""
        return "" if self.target is None else self.target.op

    @property
    def profile(self) -> str:
        """The definition the value was computed by."""
        return "" if self.measure is None else self.measure.profile

    @property
    def value(self) -> float:
        """What was measured, in `unit`; NaN without a number."""
        return np.nan if self.measure is None else self.measure.value

    @property
    def low(self) -> float:
        """The lowest value that incomplete data leaves likely; open at all, where nothing tells what is likely."""
        return np.nan if self.measure is None else self.measure.told_range[0]

    @property
    def high(self) -> float:
        """The highest value that incomplete data leaves likely; open at all, where nothing tells what is likely."""
        return np.nan if self.measure is None else self.measure.told_range[1]

    @property
    def confidence(self) -> float:
        """How sure the verdict is, from 0 to 1: 1 where it holds whatever may be missing, less where the range is reckoned."""
        measure = self.measure
        if measure is None or measure.likely is None or measure.likely.is_assumed:
            return 1.0
        whatever = verdict(self.op, self.asked, value=self.value, low=measure.low, high=measure.high) if self.op else ""
        return 1.0 if whatever in ("met", "missed") else measure.likely.confidence

    @property
    def has_data(self) -> bool:
        """Whether there is a number at all."""
        return bool(np.isfinite(self.value))

    @property
    def is_judged(self) -> bool:
        """Whether it holds a promise that was measured: met, missed, or more than the data can tell."""
        return self.status not in ("", "no_data")

    @property
    def evidence(self) -> gpd.GeoDataFrame | None:
        """The layer behind the value."""
        return None if self.measure is None else self.measure.evidence

    @property
    def thin(self) -> Text | None:
        """What the value stands on, in words, where that is too little to tell it; it is then shown nowhere."""
        return None if self.measure is None else self.measure.thin

    @property
    def tells(self) -> bool:
        """Whether the value can be held against anything: it stands on enough, by somebody's definition."""
        return self.measure is not None and self.thin is None and self.profile not in _NO_DEFINITION

    @property
    def gap(self) -> float:
        """What is missing to the target, in `unit`; below zero the margin; NaN where the value tells nothing."""
        return gap_to(self.op, self.value, self.asked) if self.tells else np.nan

    @property
    def shortfall(self) -> float:
        """What the gap is on the ground, in `shortfall_unit`: km, ha, persons or a count; NaN where that is not known."""
        measure = self.measure
        if measure is None or measure.unit == measure.shortfall_unit:
            return self.gap
        return shortfall(measure, self.gap) if measure.denominator.notna().any() else np.nan

    @property
    def shortfall_unit(self) -> str:
        """The unit of the shortfall."""
        return "" if self.measure is None else self.measure.shortfall_unit

    @property
    def told_unit(self) -> str:
        """The unit as people are told it: streets, sites or firms where those are counted."""
        return counted(self.unit, self.family)

    @property
    def told_shortfall_unit(self) -> str:
        """The unit of the shortfall as people are told it."""
        return counted(self.shortfall_unit, self.family)

    @property
    def kind(self) -> Kind:
        """What the row is in the scorecard: a promise, a measure without one, or another definition of either."""
        if not self.is_headline:
            return "other_definition"
        return "measure" if self.target is None else "promise"

    @property
    def definitions(self) -> tuple[Row, ...]:
        """The row itself and its other definitions."""
        return (self, *self.other_definitions)

    def needs_text(self, lang: Lang) -> str:
        """Return what is missing and what must be known, as one text."""
        return sentences((text.speak(lang) for text in self.needs), lang)

    @property
    def would_settle(self) -> tuple[Text, ...]:
        """What is missing for a number, a target or a sure verdict; what must be known where nothing is said to be missing."""
        if self.measure is None:
            return self.needs
        baseline = _asked(self.target, self.baseline)[1] if np.isnan(self.asked) else ()
        survey = settled_by(self.key) if self.status == "cannot_tell" else None
        checks = () if survey is not None else would_decide(self.measure, self.op, self.asked)
        return (*([] if survey is None else [survey]), *checks, *self.measure.needs, *baseline) or self.needs[:1]

    @property
    def is_held_by_zone(self) -> bool:
        """Whether a zone can be held against the target of the whole."""
        return bool(self.status) and is_ratio(self.unit)

    def zone_thin(self, zone_id: str) -> Text | None:
        """Return what the value of a zone stands on, in words, where that is too little to tell it."""
        return None if self.measure is None else self.thin or self.measure.thin_by_zone.get(zone_id)

    def zone_values(self, zones: gpd.GeoDataFrame) -> pd.Series:
        """Return the values of the zones, to be drawn: NaN where there is none, or one that stands on too little."""
        if self.measure is None:
            return pd.Series(np.nan, index=zones.index)
        thin = [self.zone_thin(str(zone_id)) is not None for zone_id in zones.index]
        return self.measure.by_zone.reindex(zones.index).astype(float).mask(thin)

    def zone_status(self, value: float, *, zone_id: str = "") -> Status:
        """Return what a zone's value is against the target of the whole: as `verdict`, "" without a promise or for a sum.

        Where incomplete data could still raise the whole (`high` above `value`), a zone below a minimum cannot be called
        missed, since data may be missing there too; so for each side.
        """
        if np.isnan(value):
            return "no_data"
        if not self.is_held_by_zone:
            return ""
        if self.zone_thin(zone_id) is not None or not self.tells or (self.target and not self.target.sure):
            return "cannot_tell"
        low = -np.inf if self.low < self.value else value
        high = np.inf if self.high > self.value else value
        return verdict(self.op, self.asked, value=value, low=low, high=high)

    def by_zone(self, zones: gpd.GeoDataFrame) -> tuple[ZoneRow, ...]:
        """Return the measure zone by zone, against the target where a zone can be held against it.

        The shortfalls of all zones, margins counted as negative, add up to that of the whole.
        """
        if self.measure is None:
            return ()
        held, result = self.is_held_by_zone, []
        for zone_id, value in self.measure.by_zone.items():
            thin = self.zone_thin(str(zone_id))
            gap = gap_to(self.op, float(value), self.asked) if held and self.tells and thin is None else np.nan
            ground = gap * float(self.measure.denominator.get(zone_id, np.nan))
            status = self.zone_status(float(value), zone_id=str(zone_id)) if held else ""
            name = str(zones["name"].get(zone_id, zone_id))
            result.append(ZoneRow(str(zone_id), name, float(value), gap, ground, status, thin))
        return tuple(result)

    def turned(self) -> tuple[Row, ...]:
        """Return the other definitions whose number, taken bare, would turn a verdict that is "met" or "missed"."""
        return tuple(other for other in self.other_definitions if turns(self.status, other))

    def readings_that_turn(self) -> int:
        """Count the other definitions, and the other reading of a relative target, whose number turns the verdict."""
        if self.status not in ("met", "missed") or self.measure is None or self.target is None:
            return 0
        points = _read_as_points(self.target, self.measure, self.baseline)
        return len(self.turned()) + (points in ("met", "missed") and points != self.status)


def rows_of(
    measures: Sequence[Measure],
    plan: Plan | None,
    *,
    baselines: Mapping[str, float] | None = None,
    label: Text = NOTHING,
) -> tuple[Row, ...]:
    """Hold measures up to the promises of a plan: a row per promise in the plan's order, then per measure it does not name.

    Of several measures with one key the first is the headline; where it leaves the verdict open, what is declared,
    decides it and lies within what that leaves open goes before it. The others stand under it as its other definitions,
    one per profile. `baselines` (key -> earlier value) turn a relative target, such as +20 % over 2020, into a value; it
    was measured under one definition and says nothing about the others. Every `basis` begins with `label` (`Study.label`).

    Errors: PlanError where a promise and its measure have different units.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> rows = rows_of([sg.population_density(study.area)], study.plan)
    >>> next(row.status for row in rows if row.key == "population_density")
    'met'
    """
    by_key: dict[str, list[Measure]] = {}
    for measure in measures:
        by_key.setdefault(measure.key, []).append(measure)
    targets = {} if plan is None else {target.key: target for target in plan.targets}
    rows = []
    for key in [*targets, *(key for key in by_key if key not in targets)]:
        target = targets.get(key)
        promise = promise_quoted(target, plan)
        if key in by_key:
            rows.append(_row(by_key[key], target, promise, (baselines or {}).get(key), label))
        elif target is not None:
            rows.append(_promise_only(target, promise, label))
    return tuple(rows)


def turns(status: str, other: Row) -> bool:
    """Return whether a verdict that is "met" or "missed" would turn under another definition, taken at its bare value.

    The verdict of the other may be "cannot_tell": what is missing in the data does not unsay that the number lies on the
    other side of the target.
    """
    if not other.tells or status not in ("met", "missed"):
        return False
    bare = verdict(other.op, other.asked, value=other.value, low=other.value, high=other.value)
    return bare in ("met", "missed") and bare != status


def is_ratio(unit: str) -> bool:
    """Return whether a zone can be held against the target of the whole: a share, a density or a time, but no sum.

    >>> [is_ratio(unit) for unit in ("share", "km/km2", "min", "persons", "km2", "count")]
    [True, True, True, False, False, False]
    """
    return unit in ("share", "min", "per_thousand") or "/" in unit


def gap_to(op: str, value: float, target: float) -> float:
    """Return what is missing to a target in its own unit; below zero the margin.

    >>> gap_to(">=", 7.5, 8.0), gap_to("<=", 100.0, 120.0)
    (0.5, -20.0)
    """
    return target - value if op in (">=", ">") else (abs(value - target) if op == "==" else value - target)


def shortfall(measure: Measure, gap: float) -> float:
    """What the gap means on the ground, in `measure.shortfall_unit`: km, ha, persons or a count (negative: the margin).

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> density = sg.road_density(study.area)
    >>> round(shortfall(density, 1.0)), density.shortfall_unit  # 1 km/km² short on 63 km²
    (63, 'km')
    """
    return gap if measure.unit == measure.shortfall_unit else float(gap * measure.denominator.sum())


def headlines(measures: Iterable[Measure]) -> list[Measure]:
    """Return the first measure of each key: the definition that was asked for."""
    first: dict[str, Measure] = {}
    for measure in measures:
        first.setdefault(measure.key, measure)
    return list(first.values())


def promise_quoted(target: Target | None, plan: Plan | None) -> str:
    """Return document, clause and words of a promise; "" without one."""
    if target is None or plan is None:
        return ""
    return f"{target.document or plan.document} {target.clause}「{target.quote}」"


def sentences(texts: Iterable[str], lang: Lang) -> str:
    """Put sentences one behind the other, empty ones left out.

    >>> sentences(["甲", "", "乙"], "zh")
    '甲；乙'
    """
    return ("; " if lang == "en" else "；").join(text for text in texts if text)


def _row(measures: Sequence[Measure], target: Target | None, promise: str, baseline: float | None, label: Text) -> Row:
    if target is not None and target.unit != measures[0].unit:
        raise PlanError(
            f"{target.key} 的承诺单位是 {target.unit}，测算单位是 {measures[0].unit}；请更正方案中的单位",
            f"{target.key} is promised in {target.unit} but measured in {measures[0].unit}; correct the unit in the plan",
        )
    held = [_held(m, target, promise, baseline if m is measures[0] else None, label) for m in measures]
    if held[0].status == "cannot_tell":
        decided = [
            row
            for row in held
            if row.profile == _DECLARED and row.status in ("met", "missed") and not _contradicts(held[0], row.value)
        ]
        held = [*decided, *(row for row in held if row not in decided)]
    first = replace(held[0], other_definitions=tuple(replace(other, is_headline=False) for other in held[1:]))
    told = _disagreement(first) if first.status not in ("", "no_data") else ()
    return replace(first, needs=(*first.needs, *told))


def _contradicts(row: Row, value: float) -> bool:
    """Whether a value lies beyond what the number of a row leaves open."""
    if row.measure is None or row.thin is not None:
        return False
    return value < row.measure.low - _TINY or value > row.measure.high + _TINY


def _held(measure: Measure, target: Target | None, promise: str, baseline: float | None, label: Text) -> Row:
    asked, note = _asked(target, baseline)
    status: Status = ""
    if target is not None:
        low, high = measure.told_range
        status = verdict(target.op, asked, value=measure.value, low=low, high=high)
        if measure.has_data and (measure.thin is not None or measure.profile in _NO_DEFINITION):
            status = "cannot_tell"
        if not target.sure and status in ("met", "missed"):
            note += (_UNSURE.filled(zh=status_words(status, "zh"), en=status_words(status, "en")),)
            status = "cannot_tell"
        points = _read_as_points(target, measure, baseline)
        if points not in ("", status):
            note += (
                Text(
                    f"按百分点理解则{status_words(points, 'zh')}",
                    f"read as points it would be: {status_words(points, 'en')}",
                ),
            )
    return Row(
        key=measure.key,
        name=_named(measure, target),
        unit=measure.unit,
        asked=asked,
        status=status,
        basis=_basis(label, promise, measure.basis),
        needs=(
            *measure.needs,
            *measure.notes,
            *(note if measure.has_data else ()),
            *reckoned(measure, "" if target is None else target.op, asked),
        ),
        measure=measure,
        target=target,
        baseline=baseline,
    )


def _named(measure: Measure, target: Target | None) -> Text:
    """The name of a row, which ends in the mode of travel where it is measured by one."""
    name, mode = (target or measure).name, measure.params.get("mode")
    if mode is None:
        return name
    return Text(*(name.speak(lang) + said("mode", mode, lang) for lang in ("zh", "en")))


def _promise_only(target: Target, promise: str, label: Text) -> Row:
    asked, note = _asked(target, None)
    missing = Text(target.needs_zh or _NO_MEASURE.zh, target.needs_en or _NO_MEASURE.en)
    return Row(
        key=target.key,
        name=target.name,
        unit=target.unit,
        asked=asked,
        status="no_data",
        basis=_basis(label, promise, NOTHING),
        needs=(missing, *note),
        measure=None,
        target=target,
    )


def _basis(label: Text, promise: str, standard: Text) -> Text:
    return Text(
        label.zh + sentences([promise, standard.zh], "zh"),
        label.en + sentences([promise, standard.en], "en"),
    )


def _asked(target: Target | None, baseline: float | None) -> tuple[float, tuple[Text, ...]]:
    """The value a target asks for, and what must be said about it."""
    if target is None:
        return np.nan, ()
    if target.baseline_year is None:
        return target.value, ()
    year, growth = target.baseline_year, target.value
    if baseline is None:
        return np.nan, (
            Text(
                f"承诺较{year}年增长{growth * 100:.4g}%，需要{year}年的基数（同一设施清单、半径和范围）才能判定",
                f"promised as growth of {growth * 100:.4g}% over {year}: the value of {year} is needed "
                "(same list, radii and outline)",
            ),
        )
    points = baseline + growth
    return baseline * (1.0 + growth), (
        Text(
            f"按相对增长：{year}年基数 {limit(baseline, 'share', 'zh')} × {1 + growth:.4g}；"
            f"若理解为增加 {growth * 100:.4g} 个百分点，目标为 {limit(points, 'share', 'zh')}",
            f"read as relative growth: {limit(baseline, 'share', 'en')} in {year} x {1 + growth:.4g}; "
            f"read as +{growth * 100:.4g} points the target would be {limit(points, 'share', 'en')}",
        ),
    )


def _read_as_points(target: Target, measure: Measure, baseline: float | None) -> Status:
    """The verdict if promised growth were meant in percentage points; "" for a target that is no growth."""
    if target.baseline_year is None or baseline is None:
        return ""
    low, high = measure.told_range
    return verdict(target.op, baseline + target.value, value=measure.value, low=low, high=high)


def _disagreement(row: Row) -> tuple[Text, ...]:
    """Say under which other definitions the number lies on the other side of the target, surely or not."""
    others = row.turned()
    if not others:
        return ()

    def told(lang: Lang) -> str:
        return ("; " if lang == "en" else "；").join(
            f"{profile_words(other.profile, lang)} = {amount(other.value, other.told_unit, lang, beside=other.asked)} "
            f"{status_words(other.status, lang)}"
            for other in others[:_MOST_TOLD]
        )

    more = len(others) - _MOST_TOLD
    return (
        Text(
            f"按其他口径数值落在目标另一侧：{told('zh')}" + (f"；另有 {more} 种" if more > 0 else ""),
            f"under other definitions the number lies on the other side of the target: {told('en')}"
            + (f"; and {more} more" if more > 0 else ""),
        ),
    )
