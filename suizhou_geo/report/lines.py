"""The scorecard line by line, each with the measure and the promise behind it, and what its gap means zone by zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from suizhou_geo.export import row_key
from suizhou_geo.model import Measure, Target
from suizhou_geo.report.words import say
from suizhou_geo.scorecard import gap_to, is_ratio, shortfall, turns, verdict, zone_verdict
from suizhou_geo.sources.study import Baseline, Study
from suizhou_geo.symbology import VERDICTS
from suizhou_geo.wording import STATUS, Lang, amount, limit, on_the_ground, said, with_unit

_SAME = 1e-9


@dataclass(frozen=True)
class Line:
    """One row of the scorecard; `measure` and `promise` are None where there is none.

    `gap` is in `unit`, `shortfall` the same on the ground in `shortfall_unit`; both are NaN where nothing is known.
    """

    key: str
    name: str
    unit: str
    op: str
    value: float
    target: float
    gap: float
    status: str
    low: float
    high: float
    profile: str
    needs: str
    shortfall: float
    shortfall_unit: str
    measure: Measure | None
    promise: Target | None
    baseline: Baseline | None

    @property
    def is_headline(self) -> bool:
        """Whether this is the definition asked for, not another one beside it."""
        return "@" not in self.key

    @property
    def has_data(self) -> bool:
        """Whether there is a number at all."""
        return bool(np.isfinite(self.value))


@dataclass(frozen=True)
class ZoneLine:
    """One measure in one zone, held against the value promised for the whole; a positive gap is what is missing."""

    zone_id: str
    name: str
    value: float
    gap: float
    shortfall: float
    status: str


def lines_of(study: Study, measures: Sequence[Measure], card: pd.DataFrame, lang: Lang) -> list[Line]:
    """Return the scorecard's rows as lines, in its order.

    Several measures of one key and profile share one row: the first is taken.
    """
    behind: dict[str, Measure] = {}
    for measure in measures:
        behind.setdefault(row_key(measure, measures), measure)
    targets = {} if study.plan is None else {target.key: target for target in study.plan.targets}
    result = []
    for row in card.to_dict("records"):
        key, words = str(row["key"]), {name: cell if isinstance(cell, str) else "" for name, cell in row.items()}
        found = behind.get(key)
        result.append(
            Line(
                key=key,
                name=words[f"name_{lang}"] or key,
                unit=words["unit"],
                op=words["op"],
                value=float(row["value"]),
                target=float(row["target"]),
                gap=float(row["gap"]),
                status=words["status"],
                low=float(row["low"]),
                high=float(row["high"]),
                profile=words["profile"],
                needs=words["needs"],
                shortfall=_on_the_ground(found, float(row["gap"])),
                shortfall_unit="" if found is None else found.shortfall_unit,
                measure=found,
                promise=targets.get(key.partition("@")[0]) if words["op"] else None,
                baseline=study.baselines.get(key),
            )
        )
    return result


def _on_the_ground(measure: Measure | None, gap: float) -> float:
    """The gap in km, ha, persons or a count; NaN where the measure has no denominator to tell it by."""
    if measure is None:
        return np.nan
    if measure.unit == measure.shortfall_unit:
        return gap
    return shortfall(measure, gap) if measure.denominator.notna().any() else np.nan


def zone_lines(line: Line, zones: pd.DataFrame) -> list[ZoneLine]:
    """Return a measure zone by zone, against the target where a zone can be held against it.

    The shortfalls of all zones, margins counted as negative, add up to that of the whole.
    """
    if line.measure is None:
        return []
    held = is_ratio(line.unit) and bool(line.op)
    row = {name: getattr(line, name) for name in ("status", "op", "target", "unit", "value", "low", "high")}
    result = []
    for zone_id, value in line.measure.by_zone.items():
        gap = gap_to(line.op, float(value), line.target) if held else np.nan
        denominator = float(line.measure.denominator.get(zone_id, np.nan))
        status = zone_verdict(float(value), row) if held else ""
        result.append(
            ZoneLine(
                str(zone_id), str(zones["name"].get(zone_id, zone_id)), float(value), gap, gap * denominator, status
            )
        )
    return result


def other_readings(line: Line, lines: Sequence[Line]) -> int:
    """Count the other definitions, and the other reading of a relative target, whose number turns the verdict."""
    if line.status not in ("met", "missed"):
        return 0
    others = sum(o.key.startswith(f"{line.key}@") and turns(line.status, vars(o)) for o in lines)
    if line.promise is None or line.promise.baseline_year is None or line.baseline is None:
        return others
    points = line.baseline.value + line.promise.value
    read_so = verdict(line.op, points, value=line.value, low=line.low, high=line.high)
    return others + (read_so in ("met", "missed") and read_so != line.status)


def promised_text(line: Line, lang: Lang) -> str:
    """Say what was promised: 不低于 8 km/km²; a growth with the value it comes to."""
    if not line.op:
        return say("nothing", lang)
    asked = say("target_unknown", lang)
    if np.isfinite(line.target):
        asked = f"{say(line.op, lang)} {with_unit(limit(line.target, line.unit, lang), line.unit, lang)}"
    if line.promise is None or line.promise.baseline_year is None:
        return asked
    growth = say("growth", lang, year=line.promise.baseline_year, growth=f"{line.promise.value:.0%}")
    return f"{growth}\n{asked}"


def measured_text(line: Line, lang: Lang) -> str:
    """Say what was measured, never rounded onto the target, with the range that incomplete data leaves open."""
    text = amount(line.value, line.unit, lang, beside=line.target)
    return f"{text}\n{range_text(line, lang)}" if range_text(line, lang) else text


def range_text(line: Line, lang: Lang) -> str:
    """Say what incomplete data leaves open; "" where it leaves nothing open."""
    if not (line.low < line.value or line.high > line.value):
        return ""
    if np.isinf(line.high) and not line.low < line.value:
        return say("range_up", lang)
    ends = [
        amount(end, line.unit, lang) if np.isfinite(end) else say("unbounded", lang) for end in (line.low, line.high)
    ]
    return say("range", lang, low=ends[0], high=ends[1])


def gap_text(gap: float, op: str, unit: str, lang: Lang) -> str:
    """Say a gap: what is short, over, off, or to spare.

    >>> gap_text(0.256, ">=", "km/km2", "zh"), gap_text(-0.041, ">", "share", "en"), gap_text(3.0, "==", "km2", "en")
    ('差 0.26 km/km²', '4.1 points to spare', '3 km² off')
    """
    if not np.isfinite(gap):
        return say("nothing", lang)
    if abs(gap) < _SAME:
        return say("reached", lang)
    figure = amount(abs(gap), unit, lang, beside=0.0)
    if unit.split("/")[0] == "share":
        figure = say("points", lang, figure=figure.partition("%")[0])
    word = "off" if op == "==" else "spare" if gap < 0 else "over" if op in ("<=", "<") else "short"
    return say(word, lang, figure=figure)


def means_text(shortfall_: float, unit: str, shortfall_unit: str, lang: Lang) -> str:
    """Say what a gap means on the ground in km, ha or persons; "—" where there is no gap or nothing more to say."""
    if not shortfall_ > 0 or not np.isfinite(shortfall_) or unit == shortfall_unit or not shortfall_unit:
        return say("nothing", lang)
    return on_the_ground(shortfall_, shortfall_unit, lang)


def verdict_text(status: str, lang: Lang) -> str:
    """Say a verdict with its sign, so that colour is never the only one: ✗ 未达到."""
    return f"{VERDICTS[status][0]} {said(STATUS, status, lang)}" if status else ""
