"""The lattice of avenues and, inside each of its superblocks, branch roads (支路) and local streets, in the plan frame.

Every crossing is computed once and put into both lines, so that streets which meet share a point exactly.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise, product
from random import Random

import numpy as np

from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.invented_city.city import Street
from suizhou_geo.invented_city.layout import Avenue, Warp, avenues, densified
from suizhou_geo.invented_city.points import Point, rounded

_JITTER_M = 55.0
_SPACING_M = {"normal": 243.0, "old": 222.0, "industry": 400.0}
_LOCAL_SHARE = {"normal": 0.36, "old": 0.42, "industry": 0.03}
_APART = 0.06
_ONE_WAY_SHARE = {"normal": 0.0, "old": 0.3, "industry": 0.0}
_GAP_SHARE = {"normal": 0.06, "old": 0.05, "industry": 0.1}
_FIRST = "文花曾擂季神明编青白星舜烈汉厉兴建学桃碧云锦瑞泰和顺祥康宁裕丰盛华荣金玉龙凤翠松竹梅兰香清平安"
_SECOND = "峰溪都鼓梁农珠钟光井山业园波河泉塘湖林岗岭坡湾桥庙店铺坊苑庭台阁门城川原野田禾谷仓舟帆潮霞虹露"
_WALLED = (2, 3)
_WALL = (0.42, 0.58)


Side = tuple[str, int, int]
"""One side of a superblock: of a "column" or a "row" of the lattice, which one, and the stretch of it."""


@dataclass
class _Cut:
    """A line across a superblock from one side to the other: `a` at the start, `b` at the end, and its crossings."""

    a: float
    b: float
    crossings: set[float] = field(default_factory=set)

    def at(self, x: float) -> float:
        return self.a + (self.b - self.a) * x


@dataclass
class _Lattice:
    """Where avenues cross in the plan frame, and on each side of a superblock the shares of its length streets reach."""

    warp: Warp
    rng: Random
    corners: dict[tuple[int, int], Point]
    names: list[str]
    sides: defaultdict[Side, set[float]] = field(default_factory=lambda: defaultdict(set))

    def ends(self, side: Side) -> tuple[Point, Point]:
        """The two corners a side runs between."""
        way, i, j = side
        return self.corners[i, j], self.corners[(i, j + 1) if way == "column" else (i + 1, j)]

    def at(self, side: Side, share: float) -> Point:
        """A point on a side."""
        return _between(*self.ends(side), share)

    def ground(self, points: list[Point]) -> tuple[Point, ...]:
        """A line of the plan frame, on the ground."""
        return rounded(self.warp(densified(np.array(points))))


def lattice(warp: Warp, rng: Random) -> list[Street]:
    """All avenues, branch roads and local streets on the ground, before rivers, railways and the outline cut them."""
    upward, sideward = avenues("north_south"), avenues("west_east")
    columns, rows = (sorted({line.at for line in lines}) for lines in (upward, sideward))
    corners = {
        (i, j): (u + rng.uniform(-_JITTER_M, _JITTER_M), v + rng.uniform(-_JITTER_M, _JITTER_M))
        for i, u in enumerate(columns)
        for j, v in enumerate(rows)
    }
    names = [first + second for first in _FIRST for second in _SECOND]
    rng.shuffle(names)
    frame = _Lattice(warp, rng, corners, names)
    streets: list[Street] = []
    for at in product(range(len(columns) - 1), range(len(rows) - 1)):
        streets += _walled(at, frame) if at == _WALLED else _superblock(at, frame)
    streets += [_avenue(a, frame, "column", columns.index(a.at), across=rows) for a in upward]
    return streets + [_avenue(a, frame, "row", rows.index(a.at), across=columns) for a in sideward]


def _avenue(avenue: Avenue, frame: _Lattice, way: str, k: int, *, across: list[float]) -> Street:
    points: list[Point] = []
    held = [n for n, at in enumerate(across) if avenue.start <= at <= avenue.end]
    for n in held[:-1]:
        side = (way, k, n) if way == "column" else (way, n, k)
        points += [frame.at(side, share) for share in (0.0, *sorted(frame.sides[side]))]
    points.append(frame.corners[(k, held[-1]) if way == "column" else (held[-1], k)])
    return Street(
        avenue.name,
        avenue.road_class,
        frame.ground(points),
        half_gap_m=avenue.dual,
        side_road_m=avenue.side,
        crosses=frozenset(avenue.crosses.split()),
        plant=True,
    )


def _kind(middle: Floats, rng: Random) -> str:
    u, v = middle
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


def _around(at: tuple[int, int]) -> tuple[Side, Side, Side, Side]:
    """The sides of a superblock: west, east, south, north."""
    i, j = at
    return ("column", i, j), ("column", i + 1, j), ("row", i, j), ("row", i, j + 1)


def _superblock(at: tuple[int, int], frame: _Lattice) -> list[Street]:
    west, east, south, north = around = _around(at)
    sw, se, nw, ne = (np.array(corner) for side in (south, north) for corner in frame.ends(side))
    rng, sides = frame.rng, frame.sides
    kind = _kind((sw + se + ne + nw) / 4, rng)
    up = _cuts(sides, south, north, n=round(math.dist(sw, se) / _SPACING_M[kind]) - 1, rng=rng)
    right = _cuts(sides, west, east, n=round(math.dist(sw, nw) / _SPACING_M[kind]) - 1, rng=rng)

    def place(s: float, t: float) -> Point:
        if t in (0.0, 1.0):
            return frame.at(north if t else south, s)
        if s in (0.0, 1.0):
            return frame.at(east if s else west, t)
        x, y = (1 - s) * (1 - t) * sw + s * (1 - t) * se + s * t * ne + (1 - s) * t * nw
        return float(x), float(y)

    for a, b in product(up, right):
        s, t = _meet(a, b)
        a.crossings.add(t)
        b.crossings.add(s)
    rim = [_Cut(x, x, set(sides[side])) for side, x in zip(around, (0.0, 1.0, 0.0, 1.0), strict=True)]
    lanes = _locals([rim[0], *up, rim[1]], [rim[2], *right, rim[3]], share=_LOCAL_SHARE[kind], rng=rng)
    for side, line in zip(around, rim, strict=True):
        sides[side] |= line.crossings
    streets = []
    for n, cut in enumerate((*up, *right)):
        upward = n < len(up)
        for stretch in _stretches(cut, gaps=_GAP_SHARE[kind], rng=rng):
            points = [place(cut.at(x), x) if upward else place(x, cut.at(x)) for x in stretch]
            name = frame.names.pop() + ("路" if upward else "街") if rng.random() < 0.85 else None
            highway = "tertiary" if rng.random() < 0.7 else "unclassified"
            plant, oneway = rng.random() < 0.12, rng.random() < _ONE_WAY_SHARE[kind]
            streets.append(Street(name, "branch", frame.ground(points), highway=highway, plant=plant, oneway=oneway))
    for ends in lanes:
        name = frame.names.pop() + "巷" if rng.random() < 0.5 else None
        points = [place(*p) for p in ends]
        streets.append(Street(name, "local", frame.ground(points), highway="residential"))
    return streets


def _walled(at: tuple[int, int], frame: _Lattice) -> list[Street]:
    """A superblock whose one street, 文化二路, stops at both sides of a factory."""
    west_side, east_side, _, _ = _around(at)
    for side in (west_side, east_side):
        frame.sides[side].add(0.5)
    west, east = frame.at(west_side, 0.5), frame.at(east_side, 0.5)
    parts = ([west, _between(west, east, _WALL[0])], [_between(west, east, _WALL[1]), east])
    return [Street("文化二路", "branch", frame.ground(part), highway="tertiary", plant=True) for part in parts]


def _between(a: Point, b: Point, share: float) -> Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def _cuts(sides: dict[Side, set[float]], first: Side, second: Side, *, n: int, rng: Random) -> list[_Cut]:
    """Lines from one side to the opposite one: mostly continuing the neighbour's, else well apart from them."""
    cuts = []
    for k in range(1, n + 1):
        wish = (k + rng.uniform(-0.16, 0.16)) / (n + 1)
        near = [x for x in sides[first] if abs(x - wish) < 0.35 / (n + 1)]
        start = min(near, key=lambda x: abs(x - wish), default=wish)
        end = min(max(start + rng.uniform(-0.12, 0.12) / (n + 1), 0.12), 0.88)
        cuts.append(_Cut(start, end))
    sides[first] |= {cut.a for cut in cuts}
    sides[second] |= {cut.b for cut in cuts}
    return cuts


def _meet(up: _Cut, right: _Cut) -> tuple[float, float]:
    """Where s = up(t) and t = right(s)."""
    slope_up, slope_right = up.b - up.a, right.b - right.a
    s = (up.a + slope_up * right.a) / (1 - slope_up * slope_right)
    return s, right.at(s)


def _locals(up: list[_Cut], right: list[_Cut], *, share: float, rng: Random) -> list[tuple[Point, Point]]:
    """Local streets halving some of the cells between branch roads; their ends are put into the branch roads."""
    found = []
    for (a, b), (low, high) in product(pairwise(up), pairwise(right)):
        if rng.random() >= share:
            continue
        x = rng.uniform(0.4, 0.6)
        if rng.random() < 0.5:
            bounds, lane = (low, high), _halfway(a, b, x)
            ends = [_meet(lane, bound) for bound in bounds]
            marks = [s for s, _ in ends]
        else:
            bounds, lane = (a, b), _halfway(low, high, x)
            ends = [_meet(bound, lane) for bound in bounds]
            marks = [t for _, t in ends]
        meets = list(zip(bounds, marks, strict=True))
        if all(abs(mark - other) > _APART for bound, mark in meets for other in bound.crossings):
            for bound, mark in meets:
                bound.crossings.add(mark)
            found.append((ends[0], ends[1]))
    return found


def _halfway(first: _Cut, second: _Cut, x: float) -> _Cut:
    return _Cut(first.a + (second.a - first.a) * x, first.b + (second.b - first.b) * x)


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
