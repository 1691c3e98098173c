"""The counties round the invented city: roads that leave it where its own streets and its motorway end, and their seats.

They lie outside every zone, so that nothing that is counted by zone knows of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from suizhou_geo.invented_city.city import Centre, Street, stream
from suizhou_geo.invented_city.layout import STEP_M
from suizhou_geo.invented_city.points import Point, rounded
from suizhou_geo.invented_city.tables import table

_NEAR_M, _FAR_STEP_M = 3000.0, 500.0  # near the city, where the motorway may be crossed, drawn as closely as streets
_SWAY, _SWAY_M = 0.2, 9000.0  # radians to either side of the way at the most, and how soon again to the same side
_SIDES = {"west": (0, -1), "east": (0, 1), "south": (1, -1)}


@dataclass(frozen=True)
class County:
    """A county: its seat, the street it is reached by and on which side that leaves the city, its road and how long.

    County roads (县道) are of the class branch, so that no arterial of the city goes on in one. Where that street is the
    motorway, so does the road, and one of `link_m` leads from its end to the seat.
    """

    seat: str
    street: str
    side: str
    road: str
    road_m: float
    link_m: float = 0.0


COUNTIES = tuple(County(**row) for row in table("layout")["counties"])


def county_roads(streets: Sequence[Street], *, seed: int) -> tuple[Street, ...]:
    """The roads to the county seats, each from the very end of a street or motorway of the city."""
    return tuple(road for county in COUNTIES for road in _roads(county, streets, seed))


def county_seats(streets: Sequence[Street]) -> Iterator[Centre]:
    """The seats, each where the last of its roads ends."""
    for county in COUNTIES:
        *_, last = (s for s in streets if s.name in (county.road, _link(county)))
        yield Centre(county.seat, "county", last.points[-1])


def _link(county: County) -> str:
    return f"{county.road}连接线"


def _roads(county: County, streets: Sequence[Street], seed: int) -> Iterator[Street]:
    axis, sign = _SIDES[county.side]
    outward = [(s, p) for s in streets if s.name == county.street for p in (s.points, s.points[::-1])]
    street, points = max(outward, key=lambda pair: sign * pair[1][-1][axis])
    sway = stream(f"county-{county.seat}", seed).uniform(-_SWAY, _SWAY)
    way = _way(points, county.road_m, sway)
    if street.road_class != "motorway":
        yield Street(county.road, "branch", way)
        return
    yield Street(county.road, "motorway", way, half_gap_m=street.half_gap_m)
    yield Street(_link(county), "branch", _way(way, county.link_m, sway))


def _way(outward: Sequence[Point], metres: float, sway: float) -> tuple[Point, ...]:
    """A line of some metres that goes on from the end of another, to one side and the other by so many radians."""
    (x0, y0), (x1, y1) = outward[-2:]
    at_m = np.r_[np.arange(0.0, min(_NEAR_M, metres), STEP_M), np.arange(_NEAR_M, metres, _FAR_STEP_M), metres]
    turn = sway * np.sin(2 * math.pi * (at_m[:-1] + at_m[1:]) / 2 / _SWAY_M)
    bearing = math.atan2(y1 - y0, x1 - x0) + turn
    steps = np.diff(at_m)[:, None] * np.column_stack([np.cos(bearing), np.sin(bearing)])
    return (outward[-1], *rounded(np.array(outward[-1]) + np.cumsum(steps, axis=0)))
