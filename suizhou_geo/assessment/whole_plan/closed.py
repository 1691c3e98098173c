"""The shortest list of projects for a whole plan, held against the very measures that are reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import Row, rows_of, verdict
from suizhou_geo.assessment.scenario import applied
from suizhou_geo.assessment.siting.covering import SECONDS
from suizhou_geo.assessment.whole_plan.offers import Offers, enough, shortest, together, value_alone
from suizhou_geo.assessment.whole_plan.places import Placed, places
from suizhou_geo.assessment.whole_plan.reasons import Outcome, reason
from suizhou_geo.assessment.whole_plan.streets import FEWER, streets
from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.geometry.arrays import Ints
from suizhou_geo.measures import measure_only
from suizhou_geo.study_area import StudyArea

_TOLD = 1e-9  # of a gap: a change of less is none
_BEYOND = 1e-6  # of what is asked for: so far beyond it, where more than it is asked for


@dataclass(frozen=True, eq=False)
class Gap:
    """A promise that is missed, or cannot be told, and what becomes of it.

    `after` is its row with all projects of the list built (None: none is for it). `closed`: measured, it is then met;
    `unsure`: its value is then as promised, but the range that the data leave open is not. `still_missed`: there are
    projects, but all of them together do not close it. `no_project`: nothing that could be built is known. `unknown`: the
    data do not tell whether it is missed. `why` is the binding reason of what is not closed.
    """

    row: Row
    after: Row | None
    outcome: Outcome
    why: Text = NOTHING


@dataclass(frozen=True, eq=False)
class Planned:
    """One project of the list: its rank, what it is called, the rows it builds, who gains by it, and what it does alone.

    `alone` has the row of every gap that is measured again with this project and no other; `closes` the share of each gap
    that it closes by itself, of those it moves.
    """

    rank: int
    name: Text
    rows: gpd.GeoDataFrame
    persons: float
    alone: Mapping[str, Row]
    closes: Mapping[str, float]

    @property
    def worth(self) -> float:
        """How much of all gaps it closes: the shares of the gaps, none beyond the whole, added up."""
        return float(sum(min(max(share, 0.0), 1.0) for share in self.closes.values()))


@dataclass(frozen=True, eq=False)
class Whole:
    """The shortest list of projects that closes every gap that can be closed, and of each gap what becomes of it.

    `projects` are in the order of how much each closes by itself, measured. `bound`: no list is shorter (None: nothing is to
    be built). `best` is that of all candidates which closes the most by itself, if that is not on the list. `built` is the
    area with all projects of the list. `offered` is how many candidates there were.
    """

    gaps: tuple[Gap, ...]
    projects: tuple[Planned, ...]
    best: Planned | None
    bound: int
    offered: int
    built: StudyArea
    notes: tuple[Text, ...]

    def gap(self, key: str) -> Gap | None:
        """The gap of a promise."""
        return next((gap for gap in self.gaps if gap.row.key == key), None)


def whole(
    result: Assessed, *, seconds: float = SECONDS, tell: Callable[[int, int], None] = lambda _, __: None
) -> Whole:
    """Choose the fewest projects that turn every missed promise to met that can be turned.

    `tell` is called with how many projects of how many are measured.
    """
    missed = {row.key: row for row in result.rows if row.status == "missed"}
    towards = {key: row for key, row in missed.items() if _wants_more(row) != (key in FEWER)}
    placed, roads = places(result, towards), streets(result, towards)
    offers = together([placed.offers, roads])
    most = {key: offers.most(key) for key in missed}
    needed = {key: _needed(row, most[key]) for key, row in missed.items() if most[key] > 0.0}
    able = {key: need for key, need in needed.items() if enough(most[key], need)}
    list_ = shortest(offers, able, seconds=seconds)
    chosen = np.unique(offers.of[list_.parts])
    keys = frozenset(needed)
    projects = []
    total = len(chosen) + 1
    for number, project in enumerate(chosen):
        tell(number, total)
        parts = list_.parts[offers.of[list_.parts] == project]
        projects.append(_planned(result, offers, int(project), parts, keys))
    tell(len(chosen), total)
    projects.sort(key=lambda one: (-round(one.worth, 9), -np.nan_to_num(one.persons)))
    ranked = tuple(replace(one, rank=rank) for rank, one in enumerate(projects, 1))
    done = applied(result.area, _rows([one.rows for one in ranked], result)) if ranked else None
    built = result.area if done is None else done.area
    after = _measured(result, built, keys)
    return Whole(
        gaps=_gaps(result, after, placed, offers, able),
        projects=ranked,
        best=_best(result, offers, needed, chosen, keys, ranked),
        bound=list_.bound,
        offered=len(offers.names),
        built=built,
        notes=() if done is None else done.notes,
    )


def _needed(row: Row, most: float) -> float:
    """How much of a gap must be closed: for the whole range that the data leave open where that can be, else for the value."""
    least = row.low if _wants_more(row) else row.high
    gaps = [abs(row.asked - value) for value in (least, row.value) if np.isfinite(value)]
    need = gaps[0] if enough(most, gaps[0]) else abs(row.gap)
    return need + _BEYOND * max(abs(row.asked), 1.0) if row.op in (">", "<") else need


def _wants_more(row: Row) -> bool:
    """Whether a promise that is missed wants the number to be higher."""
    return row.op in (">=", ">") or row.value < row.asked


def _planned(result: Assessed, offers: Offers, project: int, parts: Ints, keys: frozenset[str]) -> Planned:
    """A project of which some parts are built, measured by itself."""
    rows = _rows([offers.parts[part].rows for part in parts], result)
    alone = _measured(result, applied(result.area, rows).area, keys)
    persons = np.array([offers.parts[part].persons for part in parts])
    known = persons[np.isfinite(persons)]
    return Planned(
        0,
        offers.names[project],
        rows,
        float(known.max()) if len(known) else np.nan,
        alone,
        _closes(result, alone),
    )


def _closes(result: Assessed, alone: Mapping[str, Row]) -> dict[str, float]:
    before = {key: result.row(key) for key in alone}
    shares = {key: _share(row.gap, alone[key].gap) for key, row in before.items() if row is not None}
    return {key: share for key, share in shares.items() if abs(share) > _TOLD}


def _share(gap: float, left: float) -> float:
    """What of a gap is closed where so much is left; all or nothing of none, as where more than the value is asked."""
    return 1.0 - left / gap if gap else float(np.sign(gap - left))


def _best(
    result: Assessed,
    offers: Offers,
    needed: Mapping[str, float],
    chosen: Ints,
    keys: frozenset[str],
    ranked: Sequence[Planned],
) -> Planned | None:
    """Of all candidates the one that closes the most by itself, where that is not on the list."""
    if not needed:
        return None
    best = int(value_alone(offers, needed).argmax())
    if best in chosen:
        return None
    found = _planned(result, offers, best, np.flatnonzero(offers.of == best), keys)
    return found if not ranked or found.worth > ranked[0].worth else None


def _rows(some: Sequence[gpd.GeoDataFrame], result: Assessed) -> gpd.GeoDataFrame:
    """Rows of several parts together, each thing once, as `applied` takes them."""
    rows = pd.concat(some, ignore_index=True)
    same = rows.assign(shape=shapely.to_wkb(rows.geometry.to_numpy()))
    kinds = ["layer", "shape", *(column for column in ("category",) if column in rows)]
    rows = rows[~same.duplicated(kinds).to_numpy()].reset_index(drop=True)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=result.area.crs).set_index(pd.RangeIndex(1, len(rows) + 1))


def _measured(result: Assessed, area: StudyArea, keys: frozenset[str]) -> dict[str, Row]:
    """The rows of some keys, measured in an area as they were in the result."""
    study = result.study
    measures = measure_only(area, study.params, keys)
    found = rows_of(measures, study.plan, baselines=study.baseline_values, label=study.label)
    return {row.key: row for row in found if row.key in keys and row.measure is not None}


def _gaps(
    result: Assessed, after: Mapping[str, Row], placed: Placed, offers: Offers, able: Mapping[str, float]
) -> tuple[Gap, ...]:
    """What becomes of each promise that is missed or cannot be told."""
    found = []
    for row in result.rows:
        if row.status in ("cannot_tell", "no_data"):
            found.append(Gap(row, None, "unknown", reason(result, row, placed, offers, "unknown")))
        elif row.status == "missed":
            then = after.get(row.key)
            outcome = _outcome(row, then, able=row.key in able)
            why = NOTHING if outcome == "closed" else reason(result, row, placed, offers, outcome)
            found.append(Gap(row, then, outcome, why))
    return tuple(found)


def _outcome(row: Row, then: Row | None, *, able: bool) -> Outcome:
    if then is None:
        return "no_project"
    if able and then.status == "met":
        return "closed"
    return (
        "unsure" if verdict(row.op, row.asked, value=then.value, low=np.nan, high=np.nan) == "met" else "still_missed"
    )
