"""What the planted missing links of the invented city would save, reckoned on its centrelines with a plain Dijkstra.

Nothing of the measuring code is used. Homes are the residential land in squares of 50 m, each with its share of the
persons of its 100 m cell; homes and destinations stand on the nearest street that no river or railway keeps them from.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from shapely import Polygon, STRtree

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.invented_city.city import City, DeadEnd, Node, nodes, points_of
from suizhou_geo.invented_city.layout import INTERCHANGES, MOTORWAY_INTERCHANGE
from suizhou_geo.invented_city.points import Point
from suizhou_geo.standards import table

LEG_M = {"drive": 500.0, "walk": 1000.0}
SHORTER_M = 1.0
_LINK_M = 450.0


@dataclass(frozen=True)
class Network:
    """Streets as a graph: a number for each node, its neighbours with the cost of going there, the segments as lines.

    A metre on a segment costs `pace`: 1 where metres are asked for, the minutes it takes where time is. `doors` says
    which segments one gets on to from a door; all but those of motorways and those that lead nowhere, as the streets
    of a walled compound.
    """

    number: dict[Node, int]
    beside: list[list[tuple[int, float]]]
    segments: list[tuple[int, int]]
    pace: Floats
    lines: Shapes
    doors: Bools


@dataclass(frozen=True)
class Stands:
    """Places on a network: which of the places asked for, the cost from each to both ends of its segment, its leg there.

    The `leg` is in metres, and what it costs is part of the cost.
    """

    of: list[int]
    segment: list[int]
    first: Floats
    last: Floats
    leg: Floats


def network(city: City, mode: str, *, pace: Mapping[str, float] | None = None, ramps: bool = True) -> Network:
    """The streets of one mode: by vehicle all public ones, on foot all that are not private and all paths too.

    `pace`: minutes a metre takes by class of street; without it a metre costs a metre. Motorways belong to it where it
    names them. `ramps`: whether one can turn from an expressway into the arterial it crosses above, or into the motorway,
    as ramps allow there.
    """
    streets = [s for s in city.all_streets if s.road_class != "motorway" or "motorway" in (pace or ())]
    ways = [
        (line, 1.0 if pace is None else pace[s.road_class], s.road_class != "motorway")
        for s, line in zip(streets, nodes(streets, city.separated), strict=True)
        if s.public or (mode == "walk" and not s.private)
    ]
    if mode == "walk":
        ways += [([(p, 0) for p in w.points], 1.0, True) for w in city.land.walkways]
    number = {node: n for n, node in enumerate(dict.fromkeys(node for way, _, _ in ways for node in way))}
    places = [p for p, _ in number]
    segments = [(number[a], number[b]) for way, _, _ in ways for a, b in itertools.pairwise(way)]
    paces = np.array([metre for way, metre, _ in ways for _ in way[1:]])
    doors = np.array([door for way, _, door in ways for _ in way[1:]])
    beside: list[list[tuple[int, float]]] = [[] for _ in number]
    costs = [math.dist(places[a], places[b]) * metre for (a, b), metre in zip(segments, paces.tolist(), strict=True)]
    free = list(_ramps(city, number)) if ramps else []
    for (a, b), cost in zip([*segments, *free], [*costs, *(0.0 for _ in free)], strict=True):
        beside[a].append((b, cost))
        beside[b].append((a, cost))
    lines = shapely.linestrings([[places[a], places[b]] for a, b in segments])
    together = _most_together(beside)
    return Network(number, beside, segments, paces, lines, doors & [a in together for a, _ in segments])


def _most_together(beside: Sequence[Sequence[tuple[int, float]]]) -> set[int]:
    """The largest part of the nodes that hang together."""
    most: set[int] = set()
    left = set(range(len(beside)))
    while len(left) > len(most):
        part, edge = set[int](), [left.pop()]
        while edge:
            at = edge.pop()
            part.add(at)
            edge += [after for after, _ in beside[at] if after in left]
            left.difference_update(edge)
        most = max(most, part, key=len)
    return most


def _ramps(city: City, number: Mapping[Node, int]) -> Iterator[tuple[int, int]]:
    """The nodes of the two streets of each interchange, one above the other."""
    for first, second in (*INTERCHANGES, MOTORWAY_INTERCHANGE):
        for p in points_of(city.streets, first) & points_of(city.streets, second) & city.separated:
            levels = [k for (q, _), k in number.items() if q == p]
            yield from itertools.pairwise(levels)


def spread(streets: Network, starts: Iterable[tuple[int, float]], before: Sequence[float] | None = None) -> list[float]:
    """Metres to every node from some nodes on (Dijkstra), where those known `before` may be bettered."""
    best = [math.inf] * len(streets.number) if before is None else list(before)
    queue: list[tuple[float, int]] = []
    for node, metres in starts:
        if metres < best[node]:
            best[node] = metres
            heapq.heappush(queue, (metres, node))
    while queue:
        metres, at = heapq.heappop(queue)
        if metres > best[at]:
            continue
        for after, step in streets.beside[at]:
            if metres + step < best[after]:
                best[after] = metres + step
                heapq.heappush(queue, (metres + step, after))
    return best


def stands(
    streets: Network, places: Shapes, barriers: Polygon, *, leg_m: float, leg_pace: float | None = None
) -> Stands:
    """Each place on the nearest segment within `leg_m` whose straight leg to it crosses no barrier; others are left out.

    A metre of the leg costs `leg_pace`, or what it costs on the segment.
    """
    reachable = streets.lines.copy()
    reachable[~streets.doors] = None
    tree = STRtree(reachable)
    place, segment = tree.query_nearest(places, max_distance=leg_m, all_matches=False)
    chosen = dict(zip(place.tolist(), segment.tolist(), strict=True))
    shapely.prepare(barriers)
    for k in place[shapely.intersects(barriers, shapely.shortest_line(places[place], streets.lines[segment]))].tolist():
        near = tree.query(places[k], predicate="dwithin", distance=leg_m)
        legs = shapely.shortest_line(places[k], streets.lines[near])
        free = near[~shapely.intersects(barriers, legs)]
        del chosen[k]
        if len(free):
            chosen[k] = int(free[np.argmin(shapely.distance(places[k], streets.lines[free]))])
    of, segments = list(chosen), list(chosen.values())
    lines, pace = streets.lines[segments], streets.pace[segments]
    along = shapely.line_locate_point(lines, places[of])
    leg = shapely.distance(lines, places[of])
    before = leg * (pace if leg_pace is None else leg_pace)
    return Stands(of, segments, along * pace + before, (shapely.length(lines) - along) * pace + before, leg)


def to_places(streets: Network, places: Stands) -> list[float]:
    """Metres from every node to the nearest of some places."""
    starts = []
    for segment, first, last in zip(places.segment, places.first, places.last, strict=True):
        a, b = streets.segments[segment]
        starts += [(a, float(first)), (b, float(last))]
    return spread(streets, starts)


def from_stands(streets: Network, at: Stands, metres: Sequence[float]) -> Floats:
    """Metres from some places, given those from every node. Two places on one segment go by one of its ends."""
    known = np.array(metres)
    a, b = np.array([streets.segments[s] for s in at.segment]).T
    shortest: Floats = np.minimum(known[a] + at.first, known[b] + at.last)
    return shortest


@lru_cache(maxsize=1)
def barriers(city: City) -> Polygon:
    """What nobody crosses but on a street: the rivers, and the railways on the ground."""
    water = [w.line.buffer(w.width_m / 2, quad_segs=3) for w in city.waters]
    return shapely.union_all([*water, *(r.line.buffer(0.1) for r in city.railways if not r.viaduct)])


@lru_cache(maxsize=1)
def homes(city: City) -> tuple[Shapes, Floats]:
    """Where people live inside the zones: the middles of the residential land in squares of 50 m, and the persons.

    The persons of a cell are shared out over the zones by area, and in each zone over the residential land there.
    """
    cells, persons = city.population.lived_in()
    land = np.array(city.land.homes)
    middles, living = [], []
    for zone in city.zones:
        mine, ground = zone.part_of(cells)
        there = persons[mine] * shapely.area(ground) / shapely.area(cells[mine])
        squares, cell = _squares(ground, cells[mine])
        square, home = STRtree(land).query(squares, predicate="intersects")
        pieces = shapely.intersection(squares[square], land[home])
        area, of = shapely.area(pieces), cell[square]
        housed = np.bincount(of, area, len(mine))
        without = (housed == 0) & (there > 0)
        middles += [shapely.centroid(pieces[area > 0]), shapely.centroid(ground[without])]
        living += [(there[of] * area / np.where(housed[of] > 0, housed[of], 1.0))[area > 0], there[without]]
    return np.concatenate(middles), np.concatenate(living)


def _squares(ground: Shapes, cells: Shapes) -> tuple[Shapes, Ints]:
    """What a zone has of cells of 100 m in squares of 50 m; and which cell each is of."""
    west, south, east, north = shapely.bounds(cells).T
    x, y = (west + east) / 2, (south + north) / 2
    quarters = ((west, south, x, y), (west, y, x, north), (x, south, east, y), (x, y, east, north))
    parts = [shapely.intersection(ground, shapely.box(*quarter)) for quarter in quarters]
    return np.concatenate(parts), np.tile(np.arange(len(ground)), len(parts))


def missing_links(city: City, ends: Sequence[DeadEnd]) -> list[dict[str, Any]]:
    """Dead ends of one street that face each other across a barrier, the largest detour first.

    `network_m` follows the public streets without ramps. For "drive" and "walk": `persons` whose way to the nearest of at
    least one of the eight kinds of daily destinations shortens by 1 m or more, `before_m` and `after_m` the mean way of
    those persons to those kinds, `person_m` persons x metres saved, the mean over the kinds.
    """
    pairs = [
        (a, b)
        for a, b in itertools.combinations(ends, 2)
        if a.street and a.street == b.street and math.dist(a.point, b.point) < _LINK_M
    ]
    by_mode = {mode: _saved(city, mode, [(a.point, b.point) for a, b in pairs]) for mode in LEG_M}
    streets = network(city, "drive", ramps=False)
    rows = []
    for n, (a, b) in enumerate(pairs):
        start, goal = (streets.number[e.point, 0] for e in (a, b))
        straight, along = math.dist(a.point, b.point), spread(streets, [(start, 0.0)])[goal]
        rows.append(
            {
                "street": a.street,
                "barrier": a.barrier,
                "from": list(a.point),
                "to": list(b.point),
                "straight_m": straight,
                "network_m": along,
                "saved_m": along - straight,
                **{mode: saved[n] for mode, saved in by_mode.items()},
            }
        )
    return sorted(rows, key=lambda row: -row["saved_m"])


def _saved(city: City, mode: str, links: Sequence[tuple[Point, Point]]) -> list[dict[str, float | None]]:
    streets, barrier = network(city, mode), barriers(city)
    middles, persons = homes(city)
    at = stands(streets, middles, barrier, leg_m=LEG_M[mode])
    living = persons[at.of]
    before: list[Floats] = []
    after: dict[int, list[Floats]] = defaultdict(list)
    for kind in table("life_circles")["tdt1063"].values():
        now = to_places(streets, stands(streets, city.sites(*kind["categories"]), barrier, leg_m=LEG_M[mode]))
        before.append(from_stands(streets, at, now))
        for n, (p, q) in enumerate(links):
            a, b, metres = streets.number[p, 0], streets.number[q, 0], math.dist(p, q)
            then = spread(streets, [(a, now[b] + metres), (b, now[a] + metres)], before=now)
            after[n].append(from_stands(streets, at, then))
    return [_gain(living, np.array(before), np.array(after[n])) for n in range(len(links))]


def _gain(persons: Floats, before: Floats, after: Floats) -> dict[str, float | None]:
    """What changes for whom; rows are kinds of destinations, columns homes. None is the mean way of nobody."""
    shorter = np.isfinite(before) & (after <= before - SHORTER_M)
    weight = persons * shorter
    total = float(weight.sum())
    way_before, way_after = (float((weight * np.where(shorter, way, 0.0)).sum()) for way in (before, after))
    return {
        "persons": float(persons[shorter.any(axis=0)].sum()),
        "before_m": way_before / total if total else None,
        "after_m": way_after / total if total else None,
        "person_m": (way_before - way_after) / len(before),
    }
