"""What the streets of the invented city enclose, reckoned from its centrelines: blocks (街区), their use and their size.

Faces are walked round corner by corner and measured by hand, so that nothing here is what the measure goes by.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise

import numpy as np
import shapely
from shapely import Polygon

from suizhou_geo.invented_city.city import City, Street
from suizhou_geo.invented_city.points import Point

LIMIT_M = {"residential": 300.0, "industrial": 600.0}
COUNTED = ("expressway", "arterial", "secondary", "branch", "local")
_STRIP_M = 20.0
Edge = tuple[Point, Point]


@dataclass(frozen=True)
class CityBlock:
    """One block of a use: its outline along the centrelines, and the longer side of the smallest rectangle round it."""

    shape: Polygon
    use: str
    longest_side_m: float

    @property
    def over_limit(self) -> bool:
        """Whether it is longer than its use allows."""
        return self.longest_side_m > LIMIT_M[self.use]


def city_blocks(city: City) -> list[CityBlock]:
    """The blocks more than half of which is residential land, or industrial land, inside the outline of the zones.

    Public streets and the outline bound them. Between a street and the outline a block has room for a circle of 20 m.
    """
    land = {"residential": city.land.homes, "industrial": city.land.of("工业用地")}
    trees = {use: shapely.STRtree(shapes) for use, shapes in land.items()}
    found = []
    for face in faces(_edges(city.all_streets, city.whole)):
        if face.buffer(-_STRIP_M / 2).is_empty:
            continue
        for use, shapes in land.items():
            near = [shapes[k] for k in sorted(trees[use].query(face, predicate="intersects"))]
            if sum(shape.intersection(face).area for shape in near) > face.area / 2:
                found.append(CityBlock(face, use, longest_side_m(face)))
    return found


def _edges(streets: Iterable[Street], whole: Polygon) -> set[Edge]:
    """The segments of the outline and of the public streets inside it, each once; streets have points on the outline."""
    shapely.prepare(whole)
    outline = {_edge(a, b) for a, b in pairwise((float(x), float(y)) for x, y in whole.exterior.coords)}
    counted = (s for s in streets if s.public and s.road_class in COUNTED)
    inner = list({_edge(a, b) for s in counted for a, b in pairwise(s.points)} - outline)
    inside = shapely.contains(whole, shapely.points(np.mean(inner, axis=1)))
    return outline | set(compress(inner, inside))


def _edge(a: Point, b: Point) -> Edge:
    return (a, b) if a < b else (b, a)


def faces(edges: set[Edge]) -> list[Polygon]:
    """The polygons enclosed by straight segments that meet at their ends only; a segment that divides nothing is left out.

    >>> square = {((0, 0), (0, 9)), ((0, 0), (9, 0)), ((0, 9), (9, 9)), ((9, 0), (9, 9))}
    >>> [face.area for face in faces(square | {((0, 0), (9, 9)), ((0, 9), (3, 5))})]
    [40.5, 40.5]
    """
    loops = [loop for ring in _rings(edges) for loop in _loops(ring)]
    rims = [Polygon(loop) for loop in loops if _area_m2(loop) > 0]
    islands: dict[int, list[list[Point]]] = defaultdict(list)
    for loop in loops:
        if _area_m2(loop) < 0:
            around = [n for n, rim in enumerate(rims) if rim.area > 1 - _area_m2(loop) and rim.covers(Polygon(loop))]
            if around:
                islands[min(around, key=lambda n: rims[n].area)].append(loop)
    found = [Polygon(rim.exterior, islands[n]) for n, rim in enumerate(rims)]
    return sorted(found, key=lambda face: (face.centroid.x, face.centroid.y))


def _rings(edges: set[Edge]) -> Iterator[list[Point]]:
    """Every walk along the segments that keeps to the left-hand side of them until it is back where it began."""
    beside: dict[Point, list[Point]] = defaultdict(list)
    for a, b in edges:
        beside[a].append(b)
        beside[b].append(a)
    for p, others in beside.items():
        others.sort(key=lambda q: math.atan2(q[1] - p[1], q[0] - p[0]))
    ways = {way for a, b in edges for way in ((a, b), (b, a))}
    while ways:
        start = way = ways.pop()
        ring = []
        while True:
            a, b = way
            ring.append(a)
            way = (b, beside[b][beside[b].index(a) - 1])
            if way == start:
                break
            ways.remove(way)
        yield ring


def _loops(ring: list[Point]) -> Iterator[list[Point]]:
    """A walk cut where it comes by the same point again; there and back again along one segment is no loop."""
    path: list[Point] = []
    for p in (*ring, ring[0]):
        if p in path:
            loop = path[path.index(p) :]
            del path[path.index(p) :]
            if len(loop) > 2:
                yield loop
        path.append(p)


def _area_m2(loop: Sequence[Point]) -> float:
    """The area of a loop; negative where it runs clockwise."""
    x, y = loop[0]
    sides = pairwise([*loop, loop[0]])
    return sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in sides) / 2


def longest_side_m(shape: Polygon) -> float:
    """The longer side of the rectangle of least area round a polygon; one of its sides lies along the hull.

    >>> longest_side_m(Polygon([(0, 0), (40, 30), (34, 38), (-6, 8)]))
    50.0
    """
    corners = list(shape.convex_hull.exterior.coords)
    x, y = corners[0]
    away = [(p[0] - x, p[1] - y) for p in corners]
    least = (math.inf, 0.0)
    for a, b in pairwise(away):
        size = math.dist(a, b)
        east, north = (b[0] - a[0]) / size, (b[1] - a[1]) / size
        along, across = ([p * u + q * v for p, q in away] for u, v in ((east, north), (-north, east)))
        sides = max(along) - min(along), max(across) - min(across)
        least = min(least, (sides[0] * sides[1], max(sides)))
    return least[1]
