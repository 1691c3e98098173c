"""Residential compounds (小区): gates, inner loops that no road density counts, slabs of flats, short closes."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree

from suizhou_geo.invented_city.city import Ground, Land, Street
from suizhou_geo.invented_city.points import Point, box_round, rounded, shape_to_cm

_GATED_M2 = (15_000.0, 95_000.0)
_GATED_SHARE = 0.72
_LOOP_INSET_M = 32.0
_GATE_REACH_M = 32.0
_SLAB_M = (42.0, 13.0)
_WITH_BUILDINGS = 70
_OPEN_COMPOUNDS = 3
_CLOSES = 6
_CLOSE_M = 85.0


def with_compounds(land: Land, ground: Ground, rng: Random) -> Land:
    """Close most residential blocks off as compounds and give them their inner ways.

    A compound's ways are unnamed and join the street at a gate by a service way, so that nothing of them lies outside
    the compound but that. Three compounds have grown round a named public street, which counts. A few open blocks get
    a short close (cul-de-sac) that counts too.
    """
    gates = _Gates(ground)
    compounds: list[tuple[str, Polygon]] = []
    streets: list[Street] = []
    buildings: list[tuple[str, Polygon]] = []
    closes = through = 0
    for home in land.homes:
        inside = ground.outline.contains(home)
        if not home.interiors and _GATED_M2[0] < home.area < _GATED_M2[1] and rng.random() < _GATED_SHARE:
            compounds.append((f"虚构小区{len(compounds) + 1:03d}", home))
            public = gates.street_through(home) if inside and through < _OPEN_COMPOUNDS else None
            if public is not None:
                through += 1
                streets.append(Street(f"开放社区{through}街", "local", public, highway="residential"))
            else:
                streets += _inner(home, gates, rng)
                if len(compounds) <= _WITH_BUILDINGS:
                    buildings += [("apartments", slab) for slab in _slabs(home)]
        elif inside and home.area > _GATED_M2[0] and closes < _CLOSES:
            close = gates.close(home)
            if close is not None:
                closes += 1
                streets.append(Street(f"虚构{closes}里", "local", close, highway="residential", cul_de_sac=True))
    return replace(land, compounds=tuple(compounds), inner_streets=tuple(streets), buildings=tuple(buildings))


class _Gates:
    """The points of streets, between junctions, to which something may be joined."""

    def __init__(self, ground: Ground) -> None:
        count = Counter(p for s in ground.streets for p in s.points)
        ends = {p for s in ground.streets for p in s.ends}
        streets = (s for s in ground.streets if s.road_class not in ("motorway", "expressway"))
        self.free = [p for s in streets for p in s.points if count[p] == 1 and p not in ends]
        self.points = shapely.points(np.array(self.free))
        self.tree = STRtree(self.points)
        self.lines = [s.line for s in ground.streets]
        self.streets = STRtree(self.lines)

    def near(self, home: Polygon) -> list[Point]:
        """The free points whose straight way to the block crosses no other street, nearest first."""
        found = []
        for k in np.sort(self.tree.query(home, predicate="dwithin", distance=_GATE_REACH_M)):
            to = shapely.shortest_line(self.points[k], home)
            crossed = [self.lines[n] for n in self.streets.query(to, predicate="intersects")]
            if to.length > 0 and all(line.distance(self.points[k]) < 0.1 for line in crossed):
                found.append((to.length, self.free[k]))
        return [p for _, p in sorted(found)]

    def street_through(self, home: Polygon) -> tuple[Point, ...] | None:
        """A straight public street across the block from one free point to another opposite."""
        points = self.near(home)
        pairs = [(a, b) for a in points for b in points if a < b]
        best = max(pairs, key=lambda ab: _inside_share(ab, home), default=None)
        if best is None or _inside_share(best, home) < 0.75:
            return None
        steps = max(2, math.ceil(math.dist(*best) / 60.0))
        share = np.linspace(0, 1, steps + 1)[:, None]
        return rounded(np.array(best[0]) * (1 - share) + np.array(best[1]) * share)

    def close(self, home: Polygon) -> tuple[Point, ...] | None:
        """A short street from a free point straight into the block."""
        for p in self.near(home):
            edge = np.array(shapely.shortest_line(shapely.Point(p), home).coords)
            inward = (edge[1] - edge[0]) / math.dist(edge[0], edge[1])
            end = edge[0] + inward * _CLOSE_M
            if home.buffer(-15.0).contains(shapely.Point(end)):
                return rounded(np.array([edge[0], edge[0] + inward * 45.0, end]))
        return None


def _inside_share(ab: tuple[Point, Point], home: Polygon) -> float:
    line = LineString(ab)
    share: float = line.intersection(home).length / max(line.length, math.sqrt(home.area))
    return share


def _inner(home: Polygon, gates: _Gates, rng: Random) -> list[Street]:
    loop = home.buffer(-_LOOP_INSET_M, join_style="mitre").simplify(4.0)
    if loop.geom_type != "Polygon" or loop.area < 1500.0:
        return []
    highway = "residential" if rng.random() < 0.5 else "service"
    ring = shapely.segmentize(loop.exterior, 60.0)
    corners = list(rounded(shapely.get_coordinates(ring)))
    joins: list[Street] = []
    wanted = 1 if rng.random() < 0.5 else 2
    for gate in gates.near(home):
        corner = corners[int(np.argmin(shapely.distance(shapely.points(corners), shapely.Point(gate))))]
        way = LineString([gate, corner])
        if way.difference(home).length < _GATE_REACH_M + 5 and way.length < 110 and len(joins) < wanted:
            joins.append(Street(None, "service", (gate, corner), highway="service", public=False))
    return [Street(None, "local", tuple(corners), highway=highway, public=False), *joins] if joins else []


def _slabs(home: Polygon) -> list[Polygon]:
    loop = home.buffer(-_LOOP_INSET_M - 6.0)
    at = loop.representative_point() if not loop.is_empty else home.representative_point()
    slabs = (box_round((at.x, at.y + dy), *_SLAB_M) for dy in (-22.0, 22.0))
    return [shape_to_cm(slab) for slab in slabs if loop.contains(slab)]
