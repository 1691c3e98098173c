"""How long journeys take in the invented city, reckoned on its centrelines at stated speeds.

Nothing of the measuring code is used, and the speeds are written here again. From a door to its street one walks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from suizhou_geo.sample.city import Array, City
from suizhou_geo.sample.links import (
    LEG_M,
    Network,
    Shapes,
    Stands,
    barriers,
    from_stands,
    homes,
    network,
    stands,
    to_places,
)

KMH = {"walk": 4.5, "bicycle": 12.0, "ebike": 18.0, "bus": 13.0}
FREE_KMH = {
    "motorway": 100.0,
    "expressway": 80.0,
    "arterial": 60.0,
    "secondary": 50.0,
    "branch": 40.0,
    "local": 30.0,
}
PEAK, MOTORWAY_PEAK = 0.5, 0.9
CAR_KMH = {c: kmh * (MOTORWAY_PEAK if c == "motorway" else PEAK) for c, kmh in FREE_KMH.items()}
LEG_KMH = 4.5
# Whose ways are the same along the streets but for their speed.
BY = {"walk": ("walk",), "drive": ("bicycle", "ebike", "bus"), "car": ("car",)}
MIN_PER_M = 60.0 / 1000.0  # at 1 km/h
MINUTES = (10, 15, 20, 30)
_TINY = 1e-9
JOBS_MIN, MOST, REGION_MIN = 30.0, 0.95, 60.0
# Service -> whose vehicles, minutes they are given, those of them that pass before they start, and how fast they drive.
EMERGENCIES = {"fire": ("fire_station", 5.0, 1.0, 30.0), "emergency": ("hospital", 5.0, 0.0, 30.0)}


def journeys(city: City) -> dict[str, Any]:
    """What is known of journeys: at which speeds, who is reached in an emergency, to work, from the centre, the counties."""
    people = homes(city)
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
        "emergency_reach_note": "persons at most limit_m along the public streets from a station, the legs to its streets too",
        "jobs": _jobs(city, *people),
        "jobs_note": (
            "share of all jobs that the average resident reaches within 30 minutes, and the minutes within which 95 % of all "
            "pairs of a resident and a job lie, null where more have no way; each home and each workplace by itself"
        ),
        "reach_of_main_centre": _from_the_centre(city, *people),
        "county_seats": _counties(city, *people),
    }


def _emergencies(city: City, middles: Shapes, living: Array) -> dict[str, Any]:
    streets, barrier = network(city, "drive"), barriers(city)
    at = stands(streets, middles, barrier, leg_m=LEG_M["drive"])
    found = {}
    for service, (category, minutes, turnout_min, kmh) in EMERGENCIES.items():
        spots = np.array([shapely.Point(f.point) for f in city.facilities if f.category == category])
        limit_m = (minutes - turnout_min) * kmh / MIN_PER_M
        metres = from_stands(streets, at, to_places(streets, stands(streets, spots, barrier, leg_m=LEG_M["drive"])))
        persons = float(living[at.of][metres <= limit_m].sum())
        found[service] = {
            "category": category,
            "minutes": minutes,
            "turnout_min": turnout_min,
            "speed_kmh": kmh,
            "limit_m": limit_m,
            "persons": persons,
            "share": persons / float(living.sum()),
        }
    return found


def _jobs(city: City, middles: Shapes, living: Array) -> dict[str, Any]:
    spots = np.array([shapely.Point(w.point) for w in city.registers.workplaces])
    jobs = np.array([float(w.number) for w in city.registers.workplaces])
    pairs = float(living.sum() * jobs.sum())
    within: dict[str, float] = {}
    most: dict[str, float | None] = {}
    for mode, minutes, home, work in _minutes(city, middles, spots):
        weight = np.outer(living[home], jobs[work]).ravel()
        within[mode] = float(weight[minutes.ravel() <= JOBS_MIN].sum()) / pairs
        order = np.argsort(minutes, axis=None)
        within_which = minutes.ravel()[order[np.cumsum(weight[order]) >= MOST * pairs]]
        most[mode] = float(within_which[0]) if len(within_which) else None
    return {"share_within_30_min": within, "minutes_of_95_percent_of_pairs": most}


def _from_the_centre(city: City, middles: Shapes, living: Array) -> dict[str, Any]:
    centre = next(c for c in city.registers.centres if c.kind == "main")
    found = {
        mode: {f"{limit}_min": float(living[home][minutes[:, 0] <= limit].sum()) for limit in MINUTES}
        for mode, minutes, home, _ in _minutes(city, middles, shapely.points([centre.point]))
    }
    return {"persons_within": found}


def _counties(city: City, middles: Shapes, living: Array) -> dict[str, Any]:
    """By car, from the main centre to each seat, and how many live within an hour of it."""
    centres = {kind: [c for c in city.registers.centres if c.kind == kind] for kind in ("main", "county")}
    seats = shapely.points([c.point for c in centres["county"]])
    (_, from_centre, _, _), *_ = _minutes(city, shapely.points([c.point for c in centres["main"]]), seats, only="car")
    (_, from_homes, home, _), *_ = _minutes(city, middles, seats, only="car")
    return {
        seat.name: {
            "minutes_from_main_centre": float(from_centre[0, n]),
            "persons_within_60_min": float(living[home][from_homes[:, n] <= REGION_MIN].sum()),
        }
        for n, seat in enumerate(centres["county"])
    }


def _minutes(
    city: City, here: Shapes, there: Shapes, *, only: str | None = None
) -> Iterator[tuple[str, Array, list[int], list[int]]]:
    """By each mode: minutes from places (rows) to others (columns), and which of the places asked for these are."""
    barrier = barriers(city)
    for by, modes in BY.items():
        if only is None or only in modes:
            pace = {c: MIN_PER_M / kmh for c, kmh in CAR_KMH.items()} if by == "car" else None
            streets = network(city, "walk" if by == "walk" else "drive", pace=pace)
            leg_m = LEG_M["walk" if by == "walk" else "drive"]
            first, second = (stands(streets, places, barrier, leg_m=leg_m, leg_pace=0.0) for places in (here, there))
            along = along_streets(streets, first, second)
            legs = (first.leg[:, None] + second.leg[None, :]) * MIN_PER_M / LEG_KMH
            for mode in modes:
                yield mode, along * (1.0 if by == "car" else MIN_PER_M / KMH[mode]) + legs, first.of, second.of


def along_streets(streets: Network, here: Stands, there: Stands) -> Array:
    """What the way from places (rows) to others (columns) costs along the streets."""
    (a, b), (p, q) = (np.array([streets.segments[s] for s in places.segment]).T for places in (here, there))
    ends, which = np.unique(np.r_[p, q], return_inverse=True)
    known = dijkstra(_graph(streets), indices=ends)
    first, last = which[: len(p)], which[len(p) :]
    known = np.minimum(known[first] + there.first[:, None], known[last] + there.last[:, None])
    cost: Array = np.minimum(known[:, a] + here.first, known[:, b] + here.last).T
    mine, other = np.nonzero(np.array(here.segment)[:, None] == np.array(there.segment))
    cost[mine, other] = np.minimum(cost[mine, other], np.abs(here.first[mine] - there.first[other]))
    return cost


def _graph(streets: Network) -> csr_array:
    """The steps between nodes; those that cost nothing, as on a ramp, cost next to nothing."""
    row = np.repeat(np.arange(len(streets.beside)), [len(steps) for steps in streets.beside])
    column, cost = np.array([step for steps in streets.beside for step in steps]).T
    shape = (len(streets.beside), len(streets.beside))
    return csr_array((np.maximum(cost, _TINY), (row, column.astype(np.intp))), shape=shape)
