"""The lattice of avenues and, inside each of its superblocks, branch roads (支路) and local streets, in the plan frame.

Every crossing is computed once and put into both lines, so that streets which meet share a point exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

import numpy as np

from suizhou_geo.invented_city.city import Point, Street, rounded
from suizhou_geo.invented_city.layout import NORTH_SOUTH, WEST_EAST, Avenue, Warp, densified

_JITTER_M = 55.0
_SPACING_M = {"normal": 243.0, "old": 222.0, "industry": 400.0}
_LOCAL_SHARE = {"normal": 0.36, "old": 0.42, "industry": 0.03}
_APART = 0.06
_ONE_WAY_SHARE = {"normal": 0.0, "old": 0.3, "industry": 0.0}
_GAP_SHARE = {"normal": 0.06, "old": 0.05, "industry": 0.1}
_FIRST = "文花曾擂季神明编青白星舜烈汉厉兴建学桃碧云锦瑞泰和顺祥康宁裕丰盛华荣金玉龙凤翠松竹梅兰香清平安"
_SECOND = "峰溪都鼓梁农珠钟光井山业园波河泉塘湖林岗岭坡湾桥庙店铺坊苑庭台阁门城川原野田禾谷仓舟帆潮霞虹露"
WALLED = (2, 3)
_WALL = (0.42, 0.58)


class Names:
    """Street names that never repeat."""

    def __init__(self, rng: Random) -> None:
        """Make the names and shuffle them."""
        self.pool = [first + second for first in _FIRST for second in _SECOND]
        rng.shuffle(self.pool)

    def next(self, ending: str) -> str:
        """The next free name, with 路, 街 or 巷 at its end."""
        return self.pool.pop() + ending


@dataclass
class _Cut:
    """A line across a superblock from one side to the other: `a` at the start, `b` at the end, and its crossings."""

    a: float
    b: float
    crossings: set[float] = field(default_factory=set)

    def at(self, x: float) -> float:
        return self.a + (self.b - self.a) * x


def lattice(warp: Warp, rng: Random) -> list[Street]:
    """All avenues, branch roads and local streets on the ground, before rivers, railways and the outline cut them."""
    columns, rows = sorted({line.at for line in NORTH_SOUTH}), sorted({line.at for line in WEST_EAST})
    corners = {
        (i, j): (u + rng.uniform(-_JITTER_M, _JITTER_M), v + rng.uniform(-_JITTER_M, _JITTER_M))
        for i, u in enumerate(columns)
        for j, v in enumerate(rows)
    }
    sides: dict[tuple[str, int, int], set[float]] = {}
    names = Names(rng)
    streets: list[Street] = []
    for i in range(len(columns) - 1):
        for j in range(len(rows) - 1):
            streets += _superblock((i, j), corners, sides, warp=warp, rng=rng, names=names)
    streets += _avenues(NORTH_SOUTH, columns, rows, corners=corners, sides=sides, warp=warp, way="column")
    streets += _avenues(WEST_EAST, rows, columns, corners=corners, sides=sides, warp=warp, way="row")
    return streets


def _avenues(
    avenues: tuple[Avenue, ...],
    own: list[float],
    across: list[float],
    *,
    corners: dict[tuple[int, int], Point],
    sides: dict[tuple[str, int, int], set[float]],
    warp: Warp,
    way: str,
) -> Iterator[Street]:
    for avenue in avenues:
        k = own.index(avenue.at)
        points: list[Point] = []
        held = [n for n, at in enumerate(across) if avenue.start <= at <= avenue.end]
        for n in held:
            corner = corners[(k, n) if way == "column" else (n, k)]
            points.append(corner)
            if n != held[-1]:
                after = corners[(k, n + 1) if way == "column" else (n + 1, k)]
                key = (way, k, n) if way == "column" else (way, n, k)
                points += [_between(corner, after, share) for share in sorted(sides.get(key, ()))]
        crosses = frozenset(avenue.crosses.split())
        yield Street(
            avenue.name,
            avenue.road_class,
            rounded(warp(densified(np.array(points)))),
            half_gap_m=avenue.dual,
            side_road_m=avenue.side,
            crosses=crosses,
            plant=True,
        )


def _kind(u: float, v: float, rng: Random) -> str:
    if -1900 < u < 700 and -100 < v < 1400:
        return "old"
    if u < -2500:
        share = 0.45 if v < 200 else 0.2
    elif v < -2400:
        share = 0.4
    elif u > 2400:
        share = 0.35 if v < 900 else 0.15
    else:
        share = 0.25 if v > 2300 else 0.02
    return "industry" if rng.random() < share else "normal"


def _superblock(
    at: tuple[int, int],
    corners: dict[tuple[int, int], Point],
    sides: dict[tuple[str, int, int], set[float]],
    *,
    warp: Warp,
    rng: Random,
    names: Names,
) -> list[Street]:
    i, j = at
    if at == WALLED:
        return _walled(at, corners, sides, warp=warp)
    quad = [np.array(corners[c]) for c in ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1))]
    middle = np.mean(quad, axis=0)
    kind = _kind(middle[0], middle[1], rng)
    width, height = math.dist(quad[0], quad[1]), math.dist(quad[0], quad[3])
    around = (("column", i, j), ("column", i + 1, j), ("row", i, j), ("row", i, j + 1))
    up = _cuts(sides, around[2], around[3], n=round(width / _SPACING_M[kind]) - 1, rng=rng)
    right = _cuts(sides, around[0], around[1], n=round(height / _SPACING_M[kind]) - 1, rng=rng)

    def ground(s: float, t: float) -> Point:
        point = (1 - s) * (1 - t) * quad[0] + s * (1 - t) * quad[1] + s * t * quad[2] + (1 - s) * t * quad[3]
        if t in (0.0, 1.0):
            return _between(corners[(i, j + int(t))], corners[(i + 1, j + int(t))], s)
        if s in (0.0, 1.0):
            return _between(corners[(i + int(s), j)], corners[(i + int(s), j + 1)], t)
        return float(point[0]), float(point[1])

    for a in up:
        for b in right:
            s, t = _meet(a, b)
            a.crossings.add(t)
            b.crossings.add(s)
    frame = [_Cut(x, x, set(sides.get(key, ()))) for key, x in zip(around, (0.0, 1.0, 0.0, 1.0), strict=True)]
    locals_ = _locals([frame[0], *up, frame[1]], [frame[2], *right, frame[3]], share=_LOCAL_SHARE[kind], rng=rng)
    for key, line in zip(around, frame, strict=True):
        sides.setdefault(key, set()).update(line.crossings)
    streets = []
    for cuts, upward in ((up, True), (right, False)):
        for cut in cuts:
            for stretch in _stretches(cut, gaps=_GAP_SHARE[kind], rng=rng):
                points = [ground(cut.at(x), x) if upward else ground(x, cut.at(x)) for x in stretch]
                name = names.next("路" if upward else "街") if rng.random() < 0.85 else None
                highway = "tertiary" if rng.random() < 0.7 else "unclassified"
                street = _laid(points, warp, name=name, road_class="branch", highway=highway, rng=rng)
                streets.append(replace(street, oneway=rng.random() < _ONE_WAY_SHARE[kind]))
    for ends in locals_:
        name = names.next("巷") if rng.random() < 0.5 else None
        points = [ground(*p) for p in ends]
        streets.append(_laid(points, warp, name=name, road_class="local", highway="residential", rng=rng))
    return streets


def _walled(
    at: tuple[int, int],
    corners: dict[tuple[int, int], Point],
    sides: dict[tuple[str, int, int], set[float]],
    *,
    warp: Warp,
) -> list[Street]:
    """A superblock whose one street, 文化二路, stops at both sides of a factory."""
    i, j = at
    west = _between(corners[(i, j)], corners[(i, j + 1)], 0.5)
    east = _between(corners[(i + 1, j)], corners[(i + 1, j + 1)], 0.5)
    for side in (("column", i, j), ("column", i + 1, j)):
        sides.setdefault(side, set()).add(0.5)
    ends = ((west, _between(west, east, _WALL[0])), (_between(west, east, _WALL[1]), east))
    lines = [rounded(warp(densified(np.array(pair)))) for pair in ends]
    return [Street("文化二路", "branch", line, highway="tertiary", plant=True) for line in lines]


def _laid(points: list[Point], warp: Warp, *, name: str | None, road_class: str, highway: str, rng: Random) -> Street:
    line = rounded(warp(densified(np.array(points))))
    return Street(name, road_class, line, highway=highway, plant=road_class == "branch" and rng.random() < 0.12)


def _between(a: Point, b: Point, share: float) -> Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def _cuts(
    sides: dict[tuple[str, int, int], set[float]],
    first: tuple[str, int, int],
    second: tuple[str, int, int],
    *,
    n: int,
    rng: Random,
) -> list[_Cut]:
    """Lines from one side to the opposite one: mostly continuing the neighbour's, else well apart from them."""
    cuts = []
    for k in range(1, n + 1):
        wish = (k + rng.uniform(-0.16, 0.16)) / (n + 1)
        near = [x for x in sides.get(first, ()) if abs(x - wish) < 0.35 / (n + 1)]
        start = min(near, key=lambda x: abs(x - wish)) if near else wish
        end = min(max(start + rng.uniform(-0.12, 0.12) / (n + 1), 0.12), 0.88)
        cuts.append(_Cut(start, end))
    for side, ends in ((first, [c.a for c in cuts]), (second, [c.b for c in cuts])):
        sides.setdefault(side, set()).update(ends)
    return cuts


def _meet(up: _Cut, right: _Cut) -> tuple[float, float]:
    """Where s = up(t) and t = right(s)."""
    slope_up, slope_right = up.b - up.a, right.b - right.a
    s = (up.a + slope_up * right.a) / (1 - slope_up * slope_right)
    return s, right.at(s)


def _locals(up: list[_Cut], right: list[_Cut], *, share: float, rng: Random) -> list[tuple[Point, Point]]:
    """Local streets halving some of the cells between branch roads; their ends are put into the branch roads."""
    found = []
    for a, b in pairwise(up):
        for low, high in pairwise(right):
            if rng.random() >= share:
                continue
            x = rng.uniform(0.4, 0.6)
            if rng.random() < 0.5:
                middle, bounds = _Cut(a.a + (b.a - a.a) * x, a.b + (b.b - a.b) * x), (low, high)
                ends = [_meet(middle, bound) for bound in bounds]
                marks = [s for s, _ in ends]
            else:
                middle, bounds = _Cut(low.a + (high.a - low.a) * x, low.b + (high.b - low.b) * x), (a, b)
                ends = [_meet(bound, middle) for bound in bounds]
                marks = [t for _, t in ends]
            if all(abs(mark - m) > _APART for bound, mark in zip(bounds, marks, strict=True) for m in bound.crossings):
                for bound, mark in zip(bounds, marks, strict=True):
                    bound.crossings.add(mark)
                found.append((ends[0], ends[1]))
    return found


def _stretches(cut: _Cut, *, gaps: float, rng: Random) -> list[list[float]]:
    """The line from crossing to crossing, with some stretches never built."""
    marks = [0.0, *sorted(cut.crossings), 1.0]
    stretches = [[marks[0]]]
    for mark in marks[1:]:
        if rng.random() < gaps:
            stretches.append([mark])
        else:
            stretches[-1].append(mark)
    return [stretch for stretch in stretches if len(stretch) > 1]
