"""The worst-off zone first: sites chosen so that the lowest share covered of any zone gets as high as it can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from suizhou_geo.assessment.siting.covering import (
    HAIR,
    MOST_PAIRS,
    SECONDS,
    UNITS,
    Chosen,
    Covering,
    Limits,
    Row,
    in_order,
    maximal_covering,
    solved,
)
from suizhou_geo.geometry.arrays import Floats, Ints

_SHARES = 100.0  # what a whole zone is in a programme


@dataclass(frozen=True, eq=False)
class Zones:
    """The zone of each atom (0, 1, ...), and per zone what there is to cover and what of it is covered already."""

    of: Ints
    whole: Floats
    covered: Floats

    def shares(self, problem: Covering, sites: Ints) -> Floats:
        """The share of each zone that is covered once some sites are built; NaN where there is nothing to cover."""
        newly = np.bincount(self.of, weights=problem.weight * ~problem.open_after(sites), minlength=len(self.whole))
        there = self.whole > 0.0
        share: Floats = np.divide(self.covered + newly, self.whole, out=np.full(len(there), np.nan), where=there)
        return share

    def helped(self, problem: Covering) -> Ints:
        """The zones that some site adds to."""
        return np.flatnonzero(np.bincount(self.of, weights=problem.weight, minlength=len(self.whole)) > 0.0)

    def rows(self, problem: Covering, least: float | None) -> list[Row]:
        """The rows that keep the share of each zone that can be helped at `least`, or at the `t` of the programme."""
        return [
            Row(
                y=-_SHARES / self.whole[zone] * problem.weight * (self.of == zone),
                t=0.0 if least is not None else 1.0,
                most=_SHARES * (self.covered[zone] / self.whole[zone] - (least or 0.0)),
            )
            for zone in self.helped(problem)
        ]


def worst_zone_first(problem: Covering, zones: Zones, limits: Limits, *, seconds: float = SECONDS) -> Chosen:
    """The sites within limits that bring the lowest share of a zone as high as can be; of those, what covers the most.

    max t with (what is covered of zone z) ≥ t · (all there is in z), for every zone that some site adds to; then maximal
    covering with this t kept. `value` and `bound` are t, a share.

    Source: the max-min of Marsh & Schilling, Equity measurement in facility location analysis: a review and framework,
    European Journal of Operational Research 74 (1994).
    """
    helped = zones.helped(problem)

    def lowest(sites: Ints) -> float:
        return float(zones.shares(problem, sites)[helped].min(initial=1.0))

    def better(sites: Ints, other: Ints | None) -> Ints:
        if other is None or lowest(other) < lowest(sites) - HAIR:
            return sites
        higher = lowest(other) > lowest(sites) + HAIR or problem.value(other) > problem.value(sites)
        return other if higher else sites

    sites = better(_to_the_lowest(problem, zones, limits), maximal_covering(problem, limits, seconds=seconds).sites)
    bound = lowest(np.arange(len(problem.cost)))
    exact = problem.covers.nnz <= MOST_PAIRS and bool(problem.weight.any())
    if exact:
        kept = limits.kept(problem.cost)
        found, least = solved(problem, [*kept, *zones.rows(problem, None)], t=-1.0, seconds=seconds)
        exact = found is not None  # HiGHS gives up on some of these with an error: the greedy choice stands, unproven
        bound, sites = min(bound, -least / _SHARES), better(sites, found)
        unit = UNITS / problem.weight.sum()
        rows = [*kept, *zones.rows(problem, lowest(sites) - HAIR)]
        sites = better(sites, solved(problem, rows, y=-unit * problem.weight, seconds=seconds)[0])
    value = lowest(sites)
    return Chosen(in_order(problem, sites), value, max(bound, value), "integer_programme" if exact else "greedy")


def _to_the_lowest(problem: Covering, zones: Zones, limits: Limits) -> Ints:
    """Site after site the one that adds the most to the lowest zone that any can add to."""
    taken = np.empty(0, dtype=np.int64)
    while True:
        left = np.flatnonzero(limits.left(problem.cost, taken))
        open_ = problem.open_after(taken)
        shares = zones.shares(problem, taken)
        for zone in sorted(zones.helped(problem), key=lambda z: shares[z]):
            gain = problem.covers[left] @ (problem.weight * open_ * (zones.of == zone))
            if gain.max(initial=0.0) > 0.0:
                taken = np.r_[taken, left[gain.argmax()]]
                break
        else:
            return taken
