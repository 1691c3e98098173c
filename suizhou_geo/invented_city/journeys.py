"""How long journeys take in the invented city, reckoned on its centrelines at stated speeds.

Nothing of the measuring code is used, and the speeds are written again, in speeds.toml beside this file. From a door to its
street one walks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.invented_city import links
from suizhou_geo.invented_city.city import City
from suizhou_geo.invented_city.links import LEG_M, Network, Stands, stands
from suizhou_geo.invented_city.tables import table

_SPEEDS = table("speeds")
KMH, FREE_KMH, EMERGENCIES = _SPEEDS["kmh"], _SPEEDS["free_kmh"], _SPEEDS["emergencies"]
PEAK, MOTORWAY_PEAK = 0.5, 0.9
CAR_KMH = {c: kmh * (MOTORWAY_PEAK if c == "motorway" else PEAK) for c, kmh in FREE_KMH.items()}
LEG_KMH = 4.5
# Whose ways are the same along the streets but for their speed.
BY = {"walk": ("walk",), "drive": ("bicycle", "ebike", "bus"), "car": ("car",)}
MIN_PER_M = 60.0 / 1000.0  # at 1 km/h
MINUTES = (10, 15, 20, 30)
_TINY = 1e-9
JOBS_MIN, MOST, REGION_MIN = 30.0, 0.95, 60.0


def journeys(city: City) -> dict[str, Any]:
    """What is known of journeys: at which speeds, who is reached in an emergency, to work, from the centre, the counties."""
    people = links.homes(city)
    return {
        "speeds": {
            "kmh": KMH,
            "leg_kmh": LEG_KMH,
            "car_kmh": CAR_KMH,
            "car_free_kmh": FREE_KMH,
            "peak_factor": PEAK,
            "motorway_peak_factor": MOTORWAY_PEAK,
        },
        "emergency_reach": _emergencies(city, *people),
        **_ways(city, *people),
    }


def _emergencies(city: City, middles: Shapes, living: Floats) -> dict[str, Any]:
    streets, barrier = links.network(city, "drive"), links.barriers(city)
    at = stands(streets, middles, barrier, leg_m=LEG_M["drive"])
    found = {}
    for service, given in EMERGENCIES.items():
        limit_m = (given["minutes"] - given["turnout_min"]) * given["speed_kmh"] / MIN_PER_M
        stations = stands(streets, city.sites(given["category"]), barrier, leg_m=LEG_M["drive"])
        metres = links.from_stands(streets, at, links.to_places(streets, stations))
        persons = float(living[at.of][metres <= limit_m].sum())
        found[service] = {**given, "limit_m": limit_m, "persons": persons, "share": persons / float(living.sum())}
    return found


def _ways(city: City, middles: Shapes, living: Floats) -> dict[str, Any]:
    """By each mode from the homes to the jobs and the main centre; by car also from these to the county seats."""
    works, seats = city.registers.workplaces, [c for c in city.registers.centres if c.kind == "county"]
    centre = next(c.point for c in city.registers.centres if c.kind == "main")
    here = np.append(middles, shapely.Point(centre))
    there = shapely.points([*(w.point for w in works), centre, *(c.point for c in seats)])
    jobs = np.array([float(w.number) for w in works])
    persons_and_jobs = np.outer(living, jobs)
    pairs = float(persons_and_jobs.sum())
    within: dict[str, float] = {}
    most: dict[str, float | None] = {}
    persons: dict[str, dict[str, float]] = {}
    for mode, minutes in _minutes(city, here, there):
        to_work, to_centre = minutes[:-1, : len(works)], minutes[:-1, len(works)]
        within[mode] = float(persons_and_jobs[to_work <= JOBS_MIN].sum()) / pairs
        most[mode] = _smallest(to_work.ravel(), persons_and_jobs.ravel(), MOST * pairs)
        persons[mode] = {f"{limit}_min": float(living[to_centre <= limit].sum()) for limit in MINUTES}
        if mode == "car":
            to_seats = minutes[:, len(works) + 1 :]
    return {
        "jobs": {"share_within_30_min": within, "minutes_of_95_percent_of_pairs": most},
        "reach_of_main_centre": {"persons_within": persons},
        "county_seats": {
            seat.name: {
                "minutes_from_main_centre": float(column[-1]),
                "persons_within_60_min": float(living[column[:-1] <= REGION_MIN].sum()),
            }
            for seat, column in zip(seats, to_seats.T, strict=True)
        },
    }


def _smallest(minutes: Floats, weight: Floats, wanted: float) -> float | None:
    """The smallest number of minutes within which the weights add up to what is wanted, if they do."""
    known = np.isfinite(minutes)
    minutes, weight = minutes[known], weight[known]
    whole = minutes.astype(np.intp)
    sums = np.cumsum(np.bincount(whole, weight))
    if not len(sums) or sums[-1] < wanted:
        return None
    minute = int(np.searchsorted(sums, wanted))
    minutes, weight = minutes[whole == minute], weight[whole == minute]
    order = np.argsort(minutes)
    sum_ = (sums[minute - 1] if minute else 0.0) + np.cumsum(weight[order])
    return float(minutes[order][min(int(np.searchsorted(sum_, wanted)), len(order) - 1)])


def _minutes(city: City, here: Shapes, there: Shapes) -> Iterator[tuple[str, Floats]]:
    """By each mode: minutes from places (rows) to others (columns), infinity where there is no way."""
    barrier = links.barriers(city)
    for by, modes in BY.items():
        pace = {c: MIN_PER_M / kmh for c, kmh in CAR_KMH.items()} if by == "car" else None
        streets = links.network(city, "walk" if by == "walk" else "drive", pace=pace)
        leg_m = LEG_M["walk" if by == "walk" else "drive"]
        first, second = (stands(streets, places, barrier, leg_m=leg_m, leg_pace=0.0) for places in (here, there))
        along = along_streets(streets, first, second)
        legs = (first.leg[:, None] + second.leg[None, :]) * MIN_PER_M / LEG_KMH
        for mode in modes:
            minutes = np.full((len(here), len(there)), np.inf)
            minutes[np.ix_(first.of, second.of)] = along * (1.0 if by == "car" else MIN_PER_M / KMH[mode]) + legs
            yield mode, minutes


def along_streets(streets: Network, here: Stands, there: Stands) -> Floats:
    """What the way from places (rows) to others (columns) costs along the streets."""
    a, b = np.array([streets.segments[s] for s in here.segment]).T
    known = dijkstra(_graph(streets, there), indices=np.arange(len(there.of)) + len(streets.beside))
    cost: Floats = np.minimum(known[:, a] + here.first, known[:, b] + here.last).T
    mine, other = np.nonzero(np.array(here.segment)[:, None] == np.array(there.segment))
    cost[mine, other] = np.minimum(cost[mine, other], np.abs(here.first[mine] - there.first[other]))
    return cost


def _graph(streets: Network, there: Stands) -> csr_array:
    """The steps between nodes, and from each place, after all nodes, to both ends of its street.

    Those that cost nothing, as on a ramp, cost next to nothing.
    """
    nodes, places = len(streets.beside), len(there.of)
    row = np.repeat(np.arange(nodes), [len(steps) for steps in streets.beside])
    column, cost = np.array([step for steps in streets.beside for step in steps]).T
    ends = np.array([streets.segments[s] for s in there.segment]).T
    row = np.r_[row, np.tile(np.arange(places) + nodes, 2)]
    column, cost = np.r_[column.astype(np.intp), ends.ravel()], np.r_[cost, there.first, there.last]
    return csr_array((np.maximum(cost, _TINY), (row, column)), shape=(nodes + places, nodes + places))
