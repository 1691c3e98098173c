"""Catchments (服务范围的竞争): who can walk to which facility, and how its places are shared out among all who can.

The two-step floating catchment method (两步移动搜索法, 2SFCA) and its variant with Huff's choice. Both conserve: what all
persons get together is the places of the facilities that anybody can reach.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from suizhou_geo.access.coverage import homes_on_foot
from suizhou_geo.access.demand import demand
from suizhou_geo.geometry.arrays import Floats, Ints, Shapes, ranges
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.streets.entrances import GATE_M, entrances
from suizhou_geo.streets.network import each_reached, walking_network
from suizhou_geo.study_area import StudyArea


@dataclass(frozen=True, eq=False)
class Walks:
    """The walks from homes to facilities within a limit: for each pair the demand cell, the facility, the distance."""

    home: Ints
    facility: Ints
    distance_m: Floats


@dataclass(frozen=True, eq=False)
class Shares:
    """Places shared out: `per_person` of each home, and the persons who ask at each facility (`asking`)."""

    per_person: Floats
    asking: Floats


def walks(area: StudyArea, shapes: Shapes, *, limit_m: float, across: bool = False) -> Walks:
    """Every walk along streets and paths, from the centre of a demand cell to a facility, of at most `limit_m`.

    With `across` ways lead across barriers without a bridge, too (see `walking_network`).
    """
    network = walking_network(area, across=across)
    homes, on_foot = demand(area), homes_on_foot(area, across=across)
    doors = entrances(network, shapes, shapes_of(area.gates))
    first = np.searchsorted(on_foot.owner, np.arange(len(homes.centre) + 1))
    found = []
    for facility, reach in each_reached(network, doors, limit_m=limit_m):
        near = np.sort(homes.tree.query(shapes[facility], predicate="dwithin", distance=limit_m + GATE_M))
        there = on_foot.some(ranges(first[near], first[near + 1]))  # no walk is shorter than straight
        distance_m = reach.distance_m(replace(there, owner=np.searchsorted(near, there.owner)), count=len(near))
        some = np.isfinite(distance_m)
        found.append((near[some], np.full(int(some.sum()), facility), distance_m[some]))
    if not found:
        return Walks(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))
    home, facility_, distance_m = (np.concatenate([part[k] for part in found]) for k in range(3))
    return Walks(home, facility_, distance_m)


def floating_catchment(reachable: Walks, persons: Floats, places: Floats) -> Shares:
    """Two steps: each facility's places over all persons in its reach; each home adds up what it reaches.

    Everybody asks at every facility in reach, as if at each alone.

    >>> three = Walks(np.array([0, 1, 1]), np.array([0, 0, 1]), np.zeros(3))  # the second home reaches both
    >>> floating_catchment(three, np.array([10.0, 10.0]), np.array([4.0, 1.0])).per_person
    array([0.2, 0.3])
    """
    return _shared_out(reachable, persons, places, np.ones(len(reachable.home)))


def huff_catchment(reachable: Walks, persons: Floats, places: Floats, *, decay_m: float) -> Shares:
    """The same with a choice: everybody asks once, divided over the facilities in reach by attraction.

    Attraction is places x exp(-(distance / decay_m)² / 2), Huff's choice in the three-step method (3SFCA).

    >>> three = Walks(np.array([0, 1, 1]), np.array([0, 0, 1]), np.zeros(3))
    >>> shares = huff_catchment(three, np.array([10.0, 10.0]), np.array([4.0, 1.0]), decay_m=100.0)
    >>> shares.asking, shares.per_person.round(3)
    (array([18.,  2.]), array([0.222, 0.278]))
    """
    attraction = places[reachable.facility] * np.exp(-0.5 * (reachable.distance_m / decay_m) ** 2)
    total = _sums(reachable.home, attraction, len(persons))[reachable.home]
    return _shared_out(reachable, persons, places, _ratio(attraction, total))


def _shared_out(reachable: Walks, persons: Floats, places: Floats, choice: Floats) -> Shares:
    home, facility = reachable.home, reachable.facility
    asking = _sums(facility, persons[home] * choice, len(places))
    each = _ratio(places, asking)
    per_person = _sums(home, each[facility] * choice, len(persons))
    return Shares(per_person=per_person, asking=asking)


def _sums(at: Ints, values: Floats, count: int) -> Floats:
    return np.asarray(np.bincount(at, weights=values, minlength=count), dtype=np.float64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Divide, zero where there is nothing to divide by."""
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), 0.0)
