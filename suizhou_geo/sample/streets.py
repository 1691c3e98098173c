"""The street network on the ground: lines sharing points, cut at rivers, railway and outline, stubs taken back."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Polygon

from suizhou_geo.sample import layout
from suizhou_geo.sample.city import Array, DeadEnd, Link, Point, Railway, Street, Water, rounded, stream
from suizhou_geo.sample.superblocks import lattice

RAIL_CLEARANCE_M = 28.0
_SNAP_M = 0.5
_BANK_M = 2.0
_STUB_M = 80.0
_BEYOND_M = 1000.0
_BOTH_SIDES = (layout.BEST_LINK[0], "裕民大道", "文化二路")
Node = tuple[Point, int]
"""A point of a street and its level: where streets cross without meeting, each has a node of its own."""


@dataclass(frozen=True)
class Ground:
    """Everything that streets are laid around, and the streets themselves."""

    outline: Polygon
    streets: tuple[Street, ...]
    borders: dict[str, LineString]
    waters: tuple[Water, ...]
    railways: tuple[Railway, ...]
    dead_ends: tuple[DeadEnd, ...]
    best_link: Link
    separated: frozenset[Point]
    roundabouts: frozenset[Point]
    slips: frozenset[Point]


def lay(seed: int) -> Ground:
    """The street network of one seed."""
    rng = stream("streets", seed)
    warp = layout.Warp(rng)
    waters, railways = layout.waters(warp, rng), layout.railways(warp)
    outline = layout.outline(warp, rng)
    ring = outline.buffer(layout.RING_M, quad_segs=4)
    streets = [*lattice(warp, rng), *_riverside(waters)]
    motorway = shapely.get_coordinates(layout.motorway(warp, outline))
    streets.append(Street("绕城高速", "motorway", rounded(motorway), half_gap_m=11.0))
    fixed = [outline.exterior, ring.exterior, *(r.line for r in railways), *_banks(waters), *_rail_sides(railways)]
    lines = noded([np.array(s.points) for s in streets] + [shapely.get_coordinates(line) for line in fixed])
    lines = noded(lines)  # a point put into a line moves it a little, at times across its neighbour
    streets = [replace(s, points=rounded(line)) for s, line in zip(streets, lines, strict=False)]
    fixed_lines = [LineString(line) for line in lines[len(streets) :]]
    separated = _separated(streets)
    pieces = _cut(streets, ring=ring, waters=waters, railways=railways)
    best_link = _best_link(pieces, railways)
    pieces = _cleared(pieces, best_link)
    pieces, dead_ends = _peeled(pieces, separated, ring=ring, waters=waters, railways=railways)
    pieces = _connected(pieces)
    left = {p for s in pieces for p in (s.points[0], s.points[-1])}
    borders = {"outline": fixed_lines[0], "汉丹铁路": fixed_lines[2], "汉十高铁": fixed_lines[3]}
    for name in ("编钟大道", "迎宾大道"):
        borders[name] = shapely.line_merge(shapely.MultiLineString([s.points for s in streets if s.name == name]))
    return Ground(
        outline=Polygon(fixed_lines[0].coords),
        streets=tuple(pieces),
        borders=borders,
        waters=waters,
        railways=railways,
        dead_ends=tuple(e for e in dead_ends if e.point in left),
        best_link=best_link,
        separated=separated,
        roundabouts=frozenset(_shared(streets, *layout.ROUNDABOUT)),
        slips=frozenset(_shared(streets, *layout.TURN_SLIP)),
    )


def noded(lines: Sequence[Array]) -> list[Array]:
    """The same polylines with every crossing put into both lines as one common point, to the centimetre."""
    lines = [np.round(line, 2) for line in lines]
    counts = [len(line) - 1 for line in lines]
    owner = np.repeat(np.arange(len(lines)), counts)
    position = np.concatenate([np.arange(n) for n in counts])
    start, end = np.concatenate([line[:-1] for line in lines]), np.concatenate([line[1:] for line in lines])
    segments = shapely.linestrings(np.stack([start, end], axis=1))
    left, right = shapely.STRtree(segments).query(segments, predicate="intersects")
    left, right = left[left < right], right[left < right]
    meeting = shapely.intersection(segments[left], segments[right])
    inserts: dict[int, dict[int, list[Point]]] = defaultdict(lambda: defaultdict(list))
    single = shapely.get_type_id(meeting) == shapely.GeometryType.POINT
    left, right = left[single].tolist(), right[single].tolist()
    ends = list(zip(rounded(start), rounded(end), strict=True))
    for a, b, (x, y) in zip(left, right, shapely.get_coordinates(meeting[single]).tolist(), strict=True):
        at = (round(x, 2), round(y, 2))
        near = [_near(at, ends[k]) for k in (a, b)]
        at = next((p for p in near if p is not None), at)
        for k, known in zip((a, b), near, strict=True):
            if known != at:
                inserts[owner[k]][position[k]].append(at)
    result = []
    for k, line in enumerate(lines):
        points: list[Point] = []
        for n, (a, b) in enumerate(zip(rounded(line), rounded(line)[1:], strict=False)):
            points.append(a)
            points += _outward(a, set(inserts[k][n]) - {a, b})
        result.append(np.array([*points, rounded(line[-1:])[0]]))
    return result


def _outward(start: Point, points: Iterable[Point]) -> list[Point]:
    return sorted(points, key=lambda p: math.dist(start, p))


def _near(at: Point, ends: tuple[Point, Point]) -> Point | None:
    metres, nearest = min((math.dist(at, p), p) for p in ends)
    return nearest if metres < _SNAP_M else None


def _riverside(waters: Sequence[Water]) -> list[Street]:
    fu, jue, piao = waters[:3]
    roads = (
        ("沿河大道", fu, 1, "arterial"),
        ("涢水南路", fu, -1, "secondary"),
        ("㵐水东路", jue, 1, "branch"),
        ("漂水西路", piao, -1, "secondary"),
    )
    streets = []
    for name, water, side, road_class in roads:
        curve = water.line.offset_curve(side * water.corridor_m).simplify(0.5)
        curve = shapely.segmentize(curve, layout.STEP_M)
        crosses = frozenset({"river", "rail"}) if road_class != "branch" else frozenset({"rail"})
        points = rounded(shapely.get_coordinates(curve))
        streets.append(Street(name, road_class, points, crosses=crosses))
    return streets


def corridor(water: Water) -> Polygon:
    """Where no street may run that does not cross the water."""
    return water.line.buffer(water.corridor_m - _BANK_M, quad_segs=3, cap_style="flat")


def _banks(waters: Sequence[Water]) -> list[LineString]:
    return [corridor(water).exterior for water in waters[:3]]


def _rail_strip(railway: Railway) -> Polygon:
    return railway.line.buffer(RAIL_CLEARANCE_M, quad_segs=3, cap_style="flat")


def _rail_sides(railways: Sequence[Railway]) -> list[LineString]:
    return [_rail_strip(r).exterior for r in railways if not r.viaduct]


def _shared(streets: Sequence[Street], first: str, second: str) -> set[Point]:
    a, b = ({p for s in streets if s.name == name for p in s.points} for name in (first, second))
    return a & b


def _separated(streets: Sequence[Street]) -> frozenset[Point]:
    found: set[Point] = set()
    for names in layout.INTERCHANGES:
        found |= _shared(streets, *names)
    motorway = {p for s in streets if s.road_class == "motorway" for p in s.points}
    others = {p for s in streets if s.road_class != "motorway" for p in s.points}
    return frozenset(found | (motorway & others))


def _cut(
    streets: Sequence[Street], *, ring: Polygon, waters: Sequence[Water], railways: Sequence[Railway]
) -> list[Street]:
    rivers = shapely.union_all([corridor(water) for water in waters[:3]])
    rails = shapely.union_all([_rail_strip(r) for r in railways if not r.viaduct])
    pieces = []
    for street in streets:
        points = np.array(street.points)
        middle = shapely.points((points[:-1] + points[1:]) / 2)
        keep = shapely.covers(ring, middle)
        if street.road_class == "motorway":
            keep |= True
        else:
            if "river" not in street.crosses:
                keep &= ~shapely.covers(rivers, middle)
            if "rail" not in street.crosses:
                keep &= ~shapely.covers(rails, middle)
        pieces += _runs(street, list(keep))
    return pieces


def _best_link(streets: Sequence[Street], railways: Sequence[Railway]) -> Link:
    """Where the avenue with the planted best link stops at either side of the railway."""
    name, barrier = layout.BEST_LINK
    railway = next(r for r in railways if r.name == barrier)
    ends = (p for s in streets if s.name == name for p in (s.points[0], s.points[-1]))
    south, north = sorted(
        (p for p in ends if railway.line.distance(shapely.Point(p)) < RAIL_CLEARANCE_M + 5), key=_north
    )
    around = shapely.ops.split(shapely.Point(north).buffer(_BEYOND_M), railway.line).geoms
    return Link(name, south, north, next(part for part in around if part.contains(shapely.Point(north))))


def _north(p: Point) -> float:
    return p[1]


def _cleared(streets: Sequence[Street], link: Link) -> list[Street]:
    """The streets without what comes so near an end of the best link that the avenue would be left a stub there."""
    ends = shapely.MultiPoint([link.south, link.north])
    pieces = []
    for street in streets:
        segments = shapely.linestrings(np.stack([street.points[:-1], street.points[1:]], axis=1))
        keep = shapely.distance(segments, ends) >= _STUB_M
        if street.name == link.street or keep.all():
            pieces.append(street)
        else:
            pieces += _runs(replace(street, plant=False), list(keep))
    return pieces


def _runs(street: Street, keep: Sequence[bool]) -> list[Street]:
    runs, start = [], None
    for n, kept in enumerate([*keep, False]):
        if kept and start is None:
            start = n
        elif not kept and start is not None:
            runs.append(replace(street, points=street.points[start : n + 1]))
            start = None
    return runs


def _nodes(streets: Sequence[Street], separated: frozenset[Point]) -> list[list[Node]]:
    return [[(p, n if p in separated else 0) for p in s.points] for n, s in enumerate(streets, start=1)]


def _degrees(lines: Iterable[Sequence[Node]]) -> Counter[Node]:
    degrees: Counter[Node] = Counter()
    for line in lines:
        degrees[line[0]] += 1
        degrees[line[-1]] += 1
        for node in line[1:-1]:
            degrees[node] += 2
    return degrees


def _peeled(
    streets: list[Street],
    separated: frozenset[Point],
    *,
    ring: Polygon,
    waters: Sequence[Water],
    railways: Sequence[Railway],
) -> tuple[list[Street], list[DeadEnd]]:
    """Streets without the stubs that cutting left, but for the planted dead ends and the ends at the ring.

    A stub goes back to the last junction: where it only passes over or under another street, it goes on.
    """
    lines = _nodes(streets, separated)
    degrees = _degrees(lines)
    dead_ends: dict[Point, DeadEnd] = {}
    for street, line in zip(streets, lines, strict=True):
        for nodes in (line, line[::-1]):
            end = nodes[0][0]
            if degrees[nodes[0]] == 1 and street.plant and ring.exterior.distance(shapely.Point(end)) > 1.0:
                stub = next((n for n, node in enumerate(nodes) if n and degrees[node] > 2), len(nodes) - 1)
                if LineString([p for p, _ in nodes[: stub + 1]]).length >= _STUB_M:
                    dead_ends[end] = _dead_end(end, street, waters, railways)
    dead_ends = _one_sided(dead_ends)
    kept = {node for node in degrees if node[0] in dead_ends or ring.exterior.distance(shapely.Point(node[0])) < 0.05}
    alive: list[list[bool]] = [[True] * (len(line) - 1) for line in lines]
    touching: dict[Node, set[tuple[int, int]]] = defaultdict(set)
    for n, line in enumerate(lines):
        for k, (a, b) in enumerate(pairwise(line)):
            touching[a].add((n, k))
            touching[b].add((n, k))
    leaves = [node for node, t in touching.items() if len(t) == 1 and node not in kept]
    while leaves:
        leaf = leaves.pop()
        if len(touching[leaf]) != 1:
            continue
        n, k = touching[leaf].pop()
        if streets[n].road_class == "motorway":
            continue
        alive[n][k] = False
        other = next(node for node in lines[n][k : k + 2] if node != leaf)
        touching[other].discard((n, k))
        if len(touching[other]) == 1 and other not in kept:
            leaves.append(other)
    pieces = [run for n, street in enumerate(streets) for run in _runs(street, alive[n])]
    return pieces, list(dead_ends.values())


def _one_sided(dead_ends: dict[Point, DeadEnd]) -> dict[Point, DeadEnd]:
    """Only three streets end on both sides of their barrier, the others on one side: an avenue at each, a branch once."""
    seen: set[tuple[str | None, str]] = set()
    kept = {}
    for p, end in dead_ends.items():
        mark = (end.street, "" if end.road_class == "branch" else end.barrier_name)
        if end.street in _BOTH_SIDES or mark not in seen:
            kept[p] = end
        seen.add(mark)
    return kept


def _dead_end(end: Point, street: Street, waters: Sequence[Water], railways: Sequence[Railway]) -> DeadEnd:
    at = shapely.Point(end)
    for railway in railways:
        if not railway.viaduct and railway.line.distance(at) < RAIL_CLEARANCE_M + 5:
            return DeadEnd(end, street.name, street.road_class, "railway", railway.name)
    for water in waters:
        if water.line.distance(at) < water.corridor_m + 5:
            return DeadEnd(end, street.name, street.road_class, "river", water.name)
    return DeadEnd(end, street.name, street.road_class, "wall", "厂区围墙")


def _connected(streets: list[Street]) -> list[Street]:
    """Without the islands that rivers and railway cut off: the largest connected network, and the motorway."""
    parent: dict[Point, Point] = {}

    def root(p: Point) -> Point:
        while parent.setdefault(p, p) != p:
            parent[p] = parent[parent[p]]
            p = parent[p]
        return p

    for street in streets:
        if street.road_class != "motorway":
            for p in street.points[1:]:
                parent[root(p)] = root(street.points[0])
    sizes = Counter(root(s.points[0]) for s in streets if s.road_class != "motorway")
    largest = sizes.most_common(1)[0][0]
    return [s for s in streets if s.road_class == "motorway" or root(s.points[0]) == largest]
