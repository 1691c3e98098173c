"""Where the named lines of the invented city run, in a plan frame of straight metres that a warp lays on the ground.

The frame has its origin in the middle of the city, u to the east and v to the north. Names are those that the plan and
public pages about Suizhou mention; where they run here is invented.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import numpy as np
from shapely import LineString, Polygon
from shapely.affinity import translate

from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.invented_city.city import Railway, Water
from suizhou_geo.invented_city.points import stations_m
from suizhou_geo.invented_city.tables import table

CENTRE = (442_150.0, 3_509_050.0)
STEP_M = 60.0
RING_M = 650.0
AREA_KM2 = 63.0


@dataclass(frozen=True)
class Avenue:
    """One line of the lattice: `at` is its u or v; `dual` and `side` are half widths between carriageways."""

    at: float
    name: str | None = None
    road_class: str = "secondary"
    dual: float = 0.0
    side: float = 0.0
    crosses: str = ""
    start: float = -math.inf
    end: float = math.inf


_MOTORWAY_INSIDE_M = 800.0
INTERCHANGES = (("北外环", "编钟大道"), ("北外环", "迎宾大道"))
MOTORWAY_INTERCHANGE = ("北外环", "绕城高速")
BEST_LINK = ("神农大道", "汉丹铁路")
ROUNDABOUT = ("解放路", "汉东东路")
TURN_SLIP = ("神农大道", "炎帝大道")


class Warp:
    """From the plan frame to EPSG:4547: a small turn and slow waves, different for each seed."""

    def __init__(self, rng: Random) -> None:
        """Draw the turn and the waves."""
        self.turn = math.radians(rng.uniform(-8.0, -4.0))
        self.waves = [(rng.uniform(90, 150), rng.uniform(4800, 7200), rng.uniform(0, 2 * math.pi)) for _ in range(4)]

    def __call__(self, uv: Floats) -> Floats:
        """Lay points of the plan frame (n, 2) on the ground."""
        u, v = np.asarray(uv, float).T
        (a, la, pa), (b, lb, pb), (c, lc, pc), (d, ld, pd) = self.waves
        bent_u = u + a * np.sin(2 * math.pi * v / la + pa) + 0.4 * c * np.sin(2 * math.pi * u / lc + pc)
        bent_v = v + b * np.sin(2 * math.pi * u / lb + pb) + 0.4 * d * np.sin(2 * math.pi * v / ld + pd)
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return np.column_stack([CENTRE[0] + cos * bent_u - sin * bent_v, CENTRE[1] + sin * bent_u + cos * bent_v])


def densified(points: Floats, step: float = STEP_M) -> Floats:
    """The same polyline with a point at least every `step`; the given points stay."""
    parts = [np.asarray(points[:1], float)]
    for a, b in pairwise(points):
        n = max(1, math.ceil(math.dist(a, b) / step))
        parts.append(np.asarray(a) + (np.asarray(b) - np.asarray(a)) * (np.arange(1, n + 1) / n)[:, None])
    return np.concatenate(parts)


def smooth(points: Floats, rounds: int = 3) -> Floats:
    """Corners cut (Chaikin), ends kept: a soft line through the neighbourhood of the points."""
    line = np.asarray(points, float)
    for _ in range(rounds):
        cut = np.stack([0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]], axis=1).reshape(-1, 2)
        line = np.concatenate([line[:1], cut, line[-1:]])
    return line


def _laid(points: Sequence[Sequence[float]], warp: Warp, *, wiggle: tuple[float, Random] | None = None) -> LineString:
    line = densified(smooth(np.array(points, float)), 150.0)
    if wiggle is not None:
        size, rng = wiggle
        phase, length = rng.uniform(0, 6.283), rng.uniform(1500, 2100)
        along = stations_m(line)
        swing = size * np.sin(2 * math.pi * along / length + phase) * np.minimum(1.0, (along[-1] - along) / 900.0)
        line[:, 0] += 0.55 * swing
        line[:, 1] += 0.85 * swing
    return LineString(np.round(warp(densified(line, STEP_M)), 2))


def avenues(way: str) -> tuple[Avenue, ...]:
    """The lines of the lattice that run "north_south", or "west_east"."""
    return tuple(Avenue(**row) for row in table("layout")[way])


def waters(warp: Warp, rng: Random) -> tuple[Water, ...]:
    """涢水(府河) from the north-west to the south-east, 㵐水 and 漂水 joining it from the north, the small 花溪河."""
    return tuple(
        Water(w["name"], _laid(w["points"], warp, wiggle=(w["wiggle_m"], rng)), w["width_m"], w["corridor_m"])
        for w in table("layout")["waters"]
    )


def railways(warp: Warp) -> tuple[Railway, ...]:
    """汉丹铁路 on the ground across the north, 汉十高铁 on a viaduct across the south."""
    return tuple(Railway(r["name"], _laid(r["points"], warp), r["viaduct"]) for r in table("layout")["railways"])


def motorway(warp: Warp, city: Polygon) -> LineString:
    """The centreline of 绕城高速, moved in from the north-east until at least 0.8 km of it lie in the city."""
    line = translate(_laid(table("layout")["motorway"], warp), 400.0, 400.0)
    while line.intersection(city).length < _MOTORWAY_INSIDE_M:
        line = translate(line, -25.0, -25.0)
    return LineString(np.round(line.coords, 2))


def outline(warp: Warp, rng: Random) -> Polygon:
    """The outline of the built-up area: a lobed shape of about 63 km2 that no street follows."""
    phases = [(k, rng.uniform(0.012, 0.03), rng.uniform(0, 2 * math.pi)) for k in (2, 3, 5, 7)]
    angle = np.linspace(0, 2 * math.pi, 144, endpoint=False)
    c, s = np.cos(angle), np.sin(angle)
    radius = (np.abs(c / 4650.0) ** 3.2 + np.abs(s / 3880.0) ** 3.2) ** (-1 / 3.2)
    radius = radius * (1 + sum(size * np.sin(k * angle + phase) for k, size, phase in phases))
    rough = Polygon(warp(np.column_stack([radius * c, radius * s])))
    scale = math.sqrt((AREA_KM2 + rng.uniform(-0.4, 0.4)) * 1e6 / rough.area)
    return Polygon(np.round(warp(np.column_stack([radius * c, radius * s]) * scale), 2))
