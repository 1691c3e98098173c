"""The scorecard row by row, each with the measure and the promise behind it, and what its gap means zone by zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from suizhou_geo.assessment.scorecard import gap_to, is_ratio, shortfall, turns, verdict, zone_verdict
from suizhou_geo.assessment.wording import Lang
from suizhou_geo.model import Baseline, Measure, Study, Target


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


def row_key(measure: Measure, measures: Sequence[Measure]) -> str:
    """The scorecard key of a measure: its own for the first of that key, else "key@profile"."""
    first = next(m for m in measures if m.key == measure.key)
    return measure.key if first is measure else f"{measure.key}@{measure.profile}"


def headlines(measures: Iterable[Measure]) -> list[Measure]:
    """Return the first measure of each key: the definition that was asked for."""
    first: dict[str, Measure] = {}
    for measure in measures:
        first.setdefault(measure.key, measure)
    return list(first.values())
