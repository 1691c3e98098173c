"""The street network on the ground: lines sharing points, cut at rivers, railway and outline, stubs taken back."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, pairwise

import numpy as np
import shapely
import shapely.ops
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Polygon

from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.invented_city import layout
from suizhou_geo.invented_city.city import DeadEnd, Ground, Link, Node, Railway, Street, Water, nodes, points_of, stream
from suizhou_geo.invented_city.points import Point, middles, rounded, segments, to_cm
from suizhou_geo.invented_city.superblocks import lattice

RAIL_CLEARANCE_M = 28.0
_SNAP_M = 0.5
_BANK_M = 2.0
_STUB_M = 80.0
_BEYOND_M = 1000.0
_BOTH_SIDES = (layout.BEST_LINK[0], "裕民大道", "文化二路")
# Name, which of the rivers and on which side of it (1 left, -1 right), class.
_RIVERSIDE = (
    ("沿河大道", 0, 1, "arterial"),
    ("涢水南路", 0, -1, "secondary"),
    ("㵐水东路", 1, 1, "branch"),
    ("漂水西路", 2, -1, "secondary"),
)


@dataclass(frozen=True)
class _Limits:
    """What streets stop at: the ring round the city, rivers and railways on the ground."""

    ring: Polygon
    waters: tuple[Water, ...]
    railways: tuple[Railway, ...]

    @property
    def rivers(self) -> list[Polygon]:
        """Where no street may run that does not cross the river."""
        return [w.line.buffer(w.corridor_m - _BANK_M, quad_segs=3, cap_style="flat") for w in self.waters[:3]]

    @property
    def rails(self) -> list[Polygon]:
        """Where no street may run that does not cross the railway."""
        lines = [r.line for r in self.railways if not r.viaduct]
        return [line.buffer(RAIL_CLEARANCE_M, quad_segs=3, cap_style="flat") for line in lines]

    def to_ring_m(self, p: Point) -> float:
        """Metres from a point to the ring."""
        return float(self.ring.exterior.distance(shapely.Point(p)))


def lay(seed: int) -> Ground:
    """The street network of one seed."""
    rng = stream("streets", seed)
    warp = layout.Warp(rng)
    waters, railways = layout.waters(warp, rng), layout.railways(warp)
    outline = layout.outline(warp, rng)
    limits = _Limits(outline.buffer(layout.RING_M, quad_segs=4), waters, railways)
    streets = [*lattice(warp, rng), *_riverside(waters)]
    motorway = shapely.get_coordinates(layout.motorway(warp, outline))
    streets.append(Street("绕城高速", "motorway", rounded(motorway), half_gap_m=11.0))
    rims = [area.exterior for area in (outline, limits.ring, *limits.rivers, *limits.rails)]
    fixed = [*rims[:2], *(r.line for r in railways), *rims[2:]]
    lines = noded([np.array(s.points) for s in streets] + [shapely.get_coordinates(line) for line in fixed])
    lines = noded(lines)  # a point put into a line moves it a little, at times across its neighbour
    streets = [replace(s, points=rounded(line)) for s, line in zip(streets, lines, strict=False)]
    fixed_lines = [LineString(line) for line in lines[len(streets) :]]
    separated = _separated(streets)
    pieces = _cut(streets, limits)
    best_link = _best_link(pieces, railways)
    pieces, dead_ends = _peeled(_cleared(pieces, best_link), separated, limits)
    pieces = _connected(pieces)
    left = {p for s in pieces for p in s.ends}
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
        roundabouts=frozenset(_shared(streets, layout.ROUNDABOUT)),
        slips=frozenset(_shared(streets, layout.TURN_SLIP)),
    )


def noded(lines: Sequence[Floats]) -> list[Floats]:
    """The same polylines with every crossing put into both lines as one common point, to the centimetre."""
    lines = [np.round(line, 2) for line in lines]
    start, end = np.concatenate([line[:-1] for line in lines]), np.concatenate([line[1:] for line in lines])
    pieces = shapely.linestrings(np.stack([start, end], axis=1))
    left, right = shapely.STRtree(pieces).query(pieces, predicate="intersects")
    left, right = left[left < right], right[left < right]
    meeting = shapely.intersection(pieces[left], pieces[right])
    single = shapely.get_type_id(meeting) == shapely.GeometryType.POINT
    left, right = left[single].tolist(), right[single].tolist()
    ends = list(zip(rounded(start), rounded(end), strict=True))
    inserts: dict[int, set[Point]] = defaultdict(set)
    for a, b, (x, y) in zip(left, right, shapely.get_coordinates(meeting[single]).tolist(), strict=True):
        at = to_cm(x, y)
        near = [_near(at, ends[k]) for k in (a, b)]
        at = next((p for p in near if p is not None), at)
        for k, known in zip((a, b), near, strict=True):
            if known != at:
                inserts[k].add(at)
    result, first = [], 0
    for line in lines:
        corners = rounded(line)
        points: list[Point] = []
        for k, (a, b) in enumerate(pairwise(corners), start=first):
            points += [a, *sorted(inserts[k] - {a, b}, key=partial(math.dist, a))]
        result.append(np.array([*points, corners[-1]]))
        first += len(line) - 1
    return result


def _near(at: Point, ends: tuple[Point, Point]) -> Point | None:
    metres, nearest = min((math.dist(at, p), p) for p in ends)
    return nearest if metres < _SNAP_M else None


def _riverside(waters: Sequence[Water]) -> list[Street]:
    streets = []
    for name, river, side, road_class in _RIVERSIDE:
        water = waters[river]
        curve = shapely.segmentize(water.line.offset_curve(side * water.corridor_m).simplify(0.5), layout.STEP_M)
        crosses = frozenset({"river", "rail"} if road_class != "branch" else {"rail"})
        streets.append(Street(name, road_class, rounded(shapely.get_coordinates(curve)), crosses=crosses))
    return streets


def _shared(streets: Sequence[Street], names: tuple[str, str]) -> set[Point]:
    return points_of(streets, names[0]) & points_of(streets, names[1])


def _separated(streets: Sequence[Street]) -> frozenset[Point]:
    motorway = {p for s in streets if s.road_class == "motorway" for p in s.points}
    others = {p for s in streets if s.road_class != "motorway" for p in s.points}
    return frozenset((motorway & others).union(*(_shared(streets, names) for names in layout.INTERCHANGES)))


def _cut(streets: Sequence[Street], limits: _Limits) -> list[Street]:
    rivers, rails = shapely.union_all(limits.rivers), shapely.union_all(limits.rails)
    pieces = []
    for street in streets:
        if street.road_class == "motorway":
            pieces.append(street)
            continue
        middle = middles(street.points)
        keep = shapely.covers(limits.ring, middle)
        for barrier, area in (("river", rivers), ("rail", rails)):
            if barrier not in street.crosses:
                keep &= ~shapely.covers(area, middle)
        pieces += _runs(street, keep)
    return pieces


def _best_link(streets: Sequence[Street], railways: Sequence[Railway]) -> Link:
    """Where the avenue with the planted best link stops at either side of the railway."""
    name, barrier = layout.BEST_LINK
    line = next(r.line for r in railways if r.name == barrier)
    ends = [p for s in streets if s.name == name for p in s.ends]
    at_rail = [p for p in ends if line.distance(shapely.Point(p)) < RAIL_CLEARANCE_M + 5]
    south, north = sorted(at_rail, key=lambda p: p[1])
    around = shapely.ops.split(shapely.Point(north).buffer(_BEYOND_M), line).geoms
    return Link(name, south, north, next(part for part in around if part.contains(shapely.Point(north))))


def _cleared(streets: Sequence[Street], link: Link) -> list[Street]:
    """The streets without what comes so near an end of the best link that the avenue would be left a stub there."""
    ends = shapely.MultiPoint([link.south, link.north])
    pieces = []
    for street in streets:
        keep = shapely.distance(segments(street.points), ends) >= _STUB_M
        if street.name == link.street or keep.all():
            pieces.append(street)
        else:
            pieces += _runs(replace(street, plant=False), keep)
    return pieces


def _runs(street: Street, keep: Sequence[bool]) -> list[Street]:
    """The stretches of a street whose straight pieces are kept."""
    kept = (list(run) for there, run in groupby(range(len(keep)), lambda n: bool(keep[n])) if there)
    return [replace(street, points=street.points[run[0] : run[-1] + 2]) for run in kept]


def _peeled(streets: list[Street], separated: frozenset[Point], limits: _Limits) -> tuple[list[Street], list[DeadEnd]]:
    """Streets without the stubs that cutting left, but for the planted dead ends and the ends at the ring.

    A stub goes back to the last junction: where it only passes over or under another street, it goes on.
    """
    lines = nodes(streets, separated)
    touching: dict[Node, set[tuple[int, int]]] = defaultdict(set)
    for n, line in enumerate(lines):
        for k, ends in enumerate(pairwise(line)):
            for node in ends:
                touching[node].add((n, k))
    degrees = {node: len(there) for node, there in touching.items()}
    dead_ends = _one_sided(_planted(streets, lines, degrees, limits))
    planted = {end.point for end in dead_ends}
    kept = {node for node in degrees if node[0] in planted or limits.to_ring_m(node[0]) < 0.05}
    alive = [[True] * (len(line) - 1) for line in lines]
    leaves = [node for node, degree in degrees.items() if degree == 1 and node not in kept]
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
    return [run for street, there in zip(streets, alive, strict=True) for run in _runs(street, there)], dead_ends


def _planted(
    streets: Sequence[Street], lines: Sequence[list[Node]], degrees: Mapping[Node, int], limits: _Limits
) -> list[DeadEnd]:
    """The free ends of streets that may stop at a barrier, where they lead on from a junction for some way."""
    found = []
    for street, line in zip(streets, lines, strict=True):
        for way in (line, line[::-1]) if street.plant else ():
            end = way[0][0]
            if degrees[way[0]] == 1 and limits.to_ring_m(end) > 1.0:
                junction = next((n for n, node in enumerate(way) if n and degrees[node] > 2), len(way) - 1)
                if LineString([p for p, _ in way[: junction + 1]]).length >= _STUB_M:
                    found.append(DeadEnd(end, street.name, street.road_class, *_barrier(end, limits)))
    return found


def _one_sided(dead_ends: Sequence[DeadEnd]) -> list[DeadEnd]:
    """Only three streets end on both sides of their barrier, the others on one side: an avenue at each, a branch once."""
    seen: set[tuple[str | None, str]] = set()
    kept = []
    for end in dead_ends:
        mark = (end.street, "" if end.road_class == "branch" else end.barrier_name)
        if end.street in _BOTH_SIDES or mark not in seen:
            kept.append(end)
        seen.add(mark)
    return kept


def _barrier(end: Point, limits: _Limits) -> tuple[str, str]:
    """The kind and the name of what a street stops at."""
    at = shapely.Point(end)
    for railway in limits.railways:
        if not railway.viaduct and railway.line.distance(at) < RAIL_CLEARANCE_M + 5:
            return "railway", railway.name
    for water in limits.waters:
        if water.line.distance(at) < water.corridor_m + 5:
            return "river", water.name
    return "wall", "厂区围墙"


def _connected(streets: list[Street]) -> list[Street]:
    """Without the islands that rivers and railway cut off: the largest connected network, and the motorway."""
    ours = [s for s in streets if s.road_class != "motorway"]
    number = {p: n for n, p in enumerate({p for s in ours for p in s.points})}
    a, b = np.array([(number[s.points[0]], number[p]) for s in ours for p in s.points]).T
    steps = csr_array((np.ones(len(a)), (a, b)), shape=(len(number), len(number)))
    _, network = connected_components(steps, directed=False)
    largest = np.bincount(network[[number[s.points[0]] for s in ours]]).argmax()
    return [s for s in streets if s.road_class == "motorway" or network[number[s.points[0]]] == largest]
