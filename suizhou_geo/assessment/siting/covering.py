"""Covering problems as integer programmes: which sites cover the most, or reach a target with the fewest.

The ground is given in atoms, pieces that each site covers whole or not at all, so that a sum over atoms is the very size
of a union. Programmes are solved by HiGHS (`scipy.optimize.milp`); what it leaves open in its time stands in the bound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from suizhou_geo.geometry.arrays import Bools, Floats, Ints

Method = Literal["integer_programme", "greedy"]
MOST_PAIRS = 3_000_000  # of a site and an atom it covers: where there are more, the greedy choice with its bound
SECONDS = 60.0
HAIR = 1e-9
UNITS = 1e4  # what all open weights add up to in a programme: HiGHS is content within 1e-6
_NO_SITES: Ints = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Covering:
    """Sites that could be built, and the atoms of ground that each would newly cover.

    `covers` (sites, atoms): 1 where a site covers an atom. `weight`: what each atom counts (hectares, persons). `cost` of
    each site, above zero. `covered`: what is covered already, in the unit of the weights; its atoms are not among these.
    """

    covers: csr_array
    weight: Floats
    cost: Floats
    covered: float = 0.0

    def open_after(self, sites: Ints) -> Bools:
        """The atoms that some sites leave uncovered."""
        open_: Bools = np.asarray(self.covers[sites].sum(axis=0)).ravel() == 0
        return open_

    def value(self, sites: Ints) -> float:
        """What is covered once some sites are built."""
        return float(self.covered + self.weight[~self.open_after(sites)].sum())

    def gains(self, sites: Ints) -> Floats:
        """What each site would add to some."""
        added: Floats = self.covers @ (self.weight * self.open_after(sites))
        return added


@dataclass(frozen=True, eq=False)
class Row:
    """One row of a programme: a weighted sum of sites, atoms and the least share `t` that is at most so much."""

    x: Floats | float = 0.0
    y: Floats | float = 0.0
    t: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, eq=False)
class Limits:
    """At most so many sites, or sites that cost no more than a budget altogether, or both (None: no limit)."""

    sites: int | None = None
    budget: float | None = None

    def rows(self, cost: Floats) -> list[tuple[Floats, float]]:
        """What of each site is limited, and the limit."""
        counted = [] if self.sites is None else [(np.ones(len(cost)), float(self.sites))]
        return counted + ([] if self.budget is None else [(cost, self.budget * (1.0 + HAIR))])

    def kept(self, cost: Floats) -> list[Row]:
        """The rows of a programme that keep to them."""
        return [Row(x=each, most=most) for each, most in self.rows(cost)]

    def left(self, cost: Floats, sites: Ints) -> Bools:
        """Which sites may be added to some."""
        free = np.ones(len(cost), dtype=bool)
        free[sites] = False
        for each, most in self.rows(cost):
            free &= each[sites].sum() + each <= most
        return free


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some sites, in the order in which each adds the most to those before it.

    `value` is what they reach, and `bound` what no choice can better, both in the unit of what was asked for: the weight
    that is covered, or what it costs to reach the target. `method` is how they were found.
    """

    sites: Ints
    value: float
    bound: float
    method: Method

    @property
    def gap(self) -> float:
        """How far the value may be from the best, as a share of the larger of value and bound: 0 is proven to be the best."""
        apart = abs(self.bound - self.value)
        return apart / max(abs(self.bound), abs(self.value)) if apart > 2 * HAIR else 0.0


def maximal_covering(problem: Covering, limits: Limits, *, seconds: float = SECONDS) -> Chosen:
    """The sites that cover the most within limits: the maximal covering location problem (MCLP).

    max Σ wᵢyᵢ with yᵢ ≤ Σⱼ aᵢⱼxⱼ, Σ xⱼ ≤ p, Σ cⱼxⱼ ≤ budget. Never worse than the greedy choice.

    Source: Church & ReVelle, The maximal covering location problem, Papers of the Regional Science Association 32 (1974).

    >>> sites = csr_array([[1, 1, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1]])
    >>> best = maximal_covering(Covering(sites, np.array([5.0, 1.0, 1.0, 4.0]), np.ones(3)), Limits(sites=2))
    >>> sorted(best.sites.tolist()), best.value, best.gap < 1e-6
    ([0, 1], 11.0, True)
    """
    greedy = greedy_covering(problem, limits)
    better = _exchanged(problem, greedy.sites, limits)
    greedy = replace(greedy, sites=in_order(problem, better), value=problem.value(better))
    if problem.covers.nnz > MOST_PAIRS or not problem.weight.any():
        return greedy
    unit = UNITS / problem.weight.sum()
    found, least = solved(problem, limits.kept(problem.cost), y=-unit * problem.weight, seconds=seconds)
    sites = greedy.sites if found is None or problem.value(found) <= greedy.value else in_order(problem, found)
    value = problem.value(sites)
    bound = max(value, min(greedy.bound, problem.covered - least / unit))
    return Chosen(sites, value, bound, "integer_programme")


def greedy_covering(problem: Covering, limits: Limits) -> Chosen:
    """Site after site the one that adds the most (for its cost, where there is a budget), and a bound that holds for all.

    Coverage is submodular: no choice covers more than some sites do and, on top, what its own would add to them one by
    one. So p sites reach at least 1 - 1/e of the best. With a budget, the best single site is tried as well.

    Source: Nemhauser, Wolsey & Fisher, Mathematical Programming 14 (1978); Khuller, Moss & Naor, Information Processing
    Letters 70 (1999).
    """
    taken, bound = _NO_SITES, np.inf
    alone = limits.left(problem.cost, taken)
    while True:
        gain = problem.gains(taken)
        bound = min(bound, problem.value(taken) + _most_added(np.where(alone, gain, 0.0), problem.cost, limits))
        may = np.flatnonzero(limits.left(problem.cost, taken) & (gain > 0.0))
        if not len(may):
            break
        worth = gain[may] if limits.budget is None else gain[may] / problem.cost[may]
        taken = np.r_[taken, may[worth.argmax()]]
    first = problem.gains(_NO_SITES) * alone
    single = np.array([first.argmax()]) if alone.any() else _NO_SITES
    best = max(taken, single, key=problem.value)
    return Chosen(in_order(problem, best), problem.value(best), max(bound, problem.value(best)), "greedy")


def greedy_curve(problem: Covering, most: int) -> tuple[Floats, Floats]:
    """What 0, 1, 2, ... sites of the greedy choice cover, and the most that so many of any choice can.

    It ends with `most` sites, or where none adds anything.
    """
    taken, values, sums = _NO_SITES, [problem.value(_NO_SITES)], []
    while True:
        gain = problem.gains(taken)
        sums.append(values[-1] + np.r_[0.0, np.cumsum(np.sort(gain)[::-1])])
        if len(values) > most or not len(gain) or gain.max() <= 0.0:
            break
        taken = np.r_[taken, gain.argmax()]
        values.append(problem.value(taken))
    value = np.array(values)
    bound: Floats = np.min(sums, axis=0)[: len(value)]
    return value, np.maximum(bound, value)


def cheapest_covering(problem: Covering, target: float, *, seconds: float = SECONDS) -> Chosen:
    """The sites that reach a target for the least cost (of equal cost: the fewest), and among those what covers most.

    min Σ cⱼxⱼ with Σ wᵢyᵢ ≥ target: partial set covering; where the target is all that can be covered, the location set
    covering problem (LSCP).

    Errors: ValueError for a target that all sites together do not reach.

    Source: Toregas, Swain, ReVelle & Bergman, The location of emergency service facilities, Operations Research 19 (1971);
    Daskin & Owen, Two new location covering problems, Geographical Analysis 31 (1999).
    """
    wanted = target - HAIR * max(target, HAIR)
    if problem.value(np.arange(len(problem.cost))) < wanted:
        raise ValueError("all sites together do not reach the target")
    sites, bound = _greedy_to(problem, wanted)
    while len(sites):
        limits = Limits(budget=float(problem.cost[sites].sum()) * (1.0 - 1e-6))
        fewer = _exchanged(problem, greedy_covering(problem, limits).sites, limits)
        if problem.value(fewer) < wanted:
            break
        sites = fewer
    method: Method = "greedy"
    if problem.covers.nnz <= MOST_PAIRS and len(sites):
        method = "integer_programme"
        unit = UNITS / problem.weight.sum()
        money = len(problem.cost) / problem.cost.sum()
        for more in (0.0, 1e-6, 1e-5):  # HiGHS may fall short of a row by its tolerance
            needed = Row(y=-unit * problem.weight, most=-unit * (wanted - problem.covered) - more)
            found, least = solved(problem, [needed], x=money * problem.cost, seconds=seconds)
            bound = bound if more else max(bound, least / money)
            if found is None:
                break
            if problem.value(found) >= wanted:
                sites = found if problem.cost[found].sum() < problem.cost[sites].sum() else sites
                break
    if np.ptp(problem.cost) == 0.0:  # sites that cost the same come in whole numbers
        bound = np.ceil(bound / problem.cost[0] - 1e-6) * problem.cost[0]
    most = maximal_covering(problem, Limits(budget=float(problem.cost[sites].sum())), seconds=seconds)
    sites = most.sites if most.value > problem.value(sites) else sites
    cost = float(problem.cost[sites].sum())
    return Chosen(in_order(problem, sites), cost, min(bound, cost), method)


def in_order(problem: Covering, sites: Ints) -> Ints:
    """Some sites, first the one that adds the most, then the one that adds the most to it, and so on."""
    order, rest = _NO_SITES, np.sort(sites)
    while len(rest):
        best = problem.gains(order)[rest].argmax()
        order, rest = np.r_[order, rest[best]], np.delete(rest, best)
    return order


def solved(
    problem: Covering,
    rows: list[Row],
    *,
    x: Floats | float = 0.0,
    y: Floats | float = 0.0,
    t: float = 0.0,
    seconds: float = SECONDS,
) -> tuple[Ints | None, float]:
    """Minimise a weighted sum of sites, atoms and `t` under some rows; an atom counts where a site of it is built.

    Returns the sites of the best solution that was found in the time, if any was, and what no solution undercuts.
    """
    sites, atoms = problem.covers.shape

    def spread(row: Row) -> Floats:
        whole: Floats = np.r_[np.broadcast_to(row.x, sites), np.broadcast_to(row.y, atoms), row.t]
        return whole

    link = hstack([-problem.covers.T, eye_array(atoms), csr_array((atoms, 1))])
    most = np.r_[np.zeros(atoms), [row.most for row in rows]]
    one = np.ones(sites + atoms)
    from scipy.optimize import Bounds, LinearConstraint, milp  # loads only where sites are looked for

    found = milp(
        spread(Row(x, y, t)),
        integrality=np.r_[np.ones(sites), np.zeros(atoms + 1)],
        bounds=Bounds(0.0, np.r_[one, UNITS]),
        constraints=LinearConstraint(vstack([link, csr_array([spread(row) for row in rows])]).tocsc(), -np.inf, most),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
    return None if found.x is None else np.flatnonzero(found.x[:sites] > 0.5), bound


def _exchanged(problem: Covering, sites: Ints, limits: Limits) -> Ints:
    """Exchange one site after another for a better one while that adds anything.

    Source: Teitz & Bart, Heuristic methods for estimating the generalized vertex median, Operations Research 16 (1968).
    """
    value, better = problem.value(sites), True
    while better:
        better = False
        for site in sites:
            rest = sites[sites != site]
            gain = np.where(limits.left(problem.cost, rest), problem.gains(rest), -1.0)
            other = np.r_[rest, gain.argmax()]
            if problem.value(other) > value * (1.0 + HAIR):
                sites, value, better = other, problem.value(other), True
                break
    return sites


def _most_added(gain: Floats, cost: Floats, limits: Limits) -> float:
    """What sites that add so much each, one by one, add at most within limits: parts of sites allowed."""
    most = float(gain.sum())
    for each, limit in limits.rows(cost):
        order = np.argsort(-gain / each, kind="stable")
        part = np.clip((limit - np.r_[0.0, np.cumsum(each[order])[:-1]]) / each[order], 0.0, 1.0)
        most = min(most, float((part * gain[order]).sum()))
    return most


def _greedy_to(problem: Covering, wanted: float) -> tuple[Ints, float]:
    """Site after site what adds the most for its cost, until enough is covered, without those the later ones make idle.

    And what no choice undercuts: what is missing at the least cost for what sites would add one by one.
    """
    taken, bound = _NO_SITES, 0.0
    while problem.value(taken) < wanted:
        gain = np.minimum(problem.gains(taken), wanted - problem.value(taken))
        worth = gain / problem.cost
        order = np.argsort(-worth, kind="stable")
        reached = np.cumsum(gain[order])
        missing = wanted - problem.value(taken)
        before = np.r_[0.0, reached[:-1]]
        part = np.clip((missing - before) / np.where(gain[order] > 0.0, gain[order], np.inf), 0.0, 1.0)
        bound = max(bound, float((part * problem.cost[order]).sum()))
        taken = np.r_[taken, order[0]]
    for site in taken[np.argsort(-problem.cost[taken], kind="stable")]:
        without = taken[taken != site]
        if problem.value(without) >= wanted:
            taken = without
    return taken, bound
