"""Where streets end: loose ends, carriageways that turn back or stop side by side, and turning circles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.components import components
from suizhou_geo.standards.street_names import base_name, street_numbers
from suizhou_geo.streets.centrelines import PAIR_WIDTH_M, STREET_WIDTH_M
from suizhou_geo.streets.graph import SegmentGraph, chains, heading_out, segment_groups, way_back

HEADING_M = 50.0
TURN_M = 120.0  # of two carriageways that meet: far enough back for the median not to matter
CIRCLE_M = 250.0
ABREAST_DEG = 30.0
TURNED_BACK_DEG = 60.0

_BEND_DEG = 10.0
_SHARP_DEG = 80.0
_ROUND = 0.4  # 4 pi area / perimeter^2 of a turning circle: a square has 0.79, two carriageways next to nothing
_SAME_PLACE_DECIMALS = 3


@dataclass(frozen=True)
class End:
    """One end of a street: its node, the row of its line, its heading out of the street, and what is known of it."""

    node: int
    row: int
    heading: tuple[float, float]
    stub_m: float
    kind: str  # loose, tip (two carriageways joined), turn (two lines that may be carriageways, joined), circle
    lanes: tuple[int, ...]  # nodes of the carriageways that end here, a tip's twice


def ends_of(graph: SegmentGraph, streets: gpd.GeoDataFrame) -> list[End]:
    """Find every end of the streets of a network: `streets` are the rows of the roads layer that `graph` was made of.

    Carriageways of one street (same base name, or no name and one class) that stop side by side within 80 m and head
    the same way within ABREAST_DEG, or meet and turn back, are one end. A turning circle is an end of its one arm. Two
    lines of one street that are not said to be one-way, and meet and turn back in a sharp corner, are a "turn".
    """
    keys = _street_keys(streets)
    one_way = streets["oneway"].to_numpy(dtype=bool)
    ring = streets["roundabout"].to_numpy(dtype=bool)
    circles, round_segments = _circles(graph, streets, ring)
    loose = [_end(graph, node, int(graph.at(node)[0]), "loose") for node in np.flatnonzero(graph.degree == 1).tolist()]
    left_out = round_segments | ring[graph.line]
    tips = _tips(graph, keys, one_way[graph.line] & ~left_out, kind="tip")
    turns = _tips(graph, keys, ~one_way[graph.line] & ~left_out, kind="turn")
    marked = np.array([base_name(name)[1] for name in streets["name"]], dtype=bool)
    found = [*_abreast(graph, [*loose, *tips], keys, one_way | marked), *turns, *circles]
    return sorted(found, key=lambda e: (e.row, e.node))


def side_by_side(
    streets: gpd.GeoDataFrame, row: Ints, heading: Floats, points: Shapes, *, within_m: float = PAIR_WIDTH_M
) -> Ints:
    """Number the ends that may be one: of one street (as for carriageways), within 62 m of each other, heading one way."""
    street = _street_keys(streets)[row]
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=within_m)
    alike = (street[a] == street[b]) & ((heading[a] * heading[b]).sum(axis=1) > np.cos(np.radians(ABREAST_DEG)))
    return components(a[alike], b[alike], len(points))


def _street_keys(streets: gpd.GeoDataFrame) -> Ints:
    """A number per street: rows of one base name share it, and rows without a name those of their class."""
    street = street_numbers(streets["name"])
    return np.where(street < 0, -1 - pd.factorize(streets["road_class"])[0], street)


def _end(graph: SegmentGraph, node: int, stem: int, kind: str) -> End:
    """The end of the street that one segment, its stem, comes along to a node."""
    path, stub_m = way_back(graph, node, stem)
    return End(node, int(graph.line[stem]), heading_out(graph, path, over_m=HEADING_M), stub_m, kind, (node,))


def _tips(graph: SegmentGraph, keys: Ints, carriageway: Bools, *, kind: str) -> list[End]:
    """Where two carriageways (segments) of one street join and nothing goes on: the street turns back on itself.

    Where nobody says that they are carriageways (kind "turn"), they are two lines, and the corner is sharp.
    """
    middle = np.flatnonzero(graph.degree == 2)
    pair = graph.both_at(middle)
    a, b = graph.line[pair].T
    fits = carriageway[pair].all(axis=1) & (keys[a] == keys[b]) & ((kind == "tip") | (a != b))
    middle, pair = middle[fits], pair[fits]
    far = np.where(graph.start[pair] == middle[:, None], graph.end[pair], graph.start[pair])
    ways = graph.xy[far] - graph.xy[middle][:, None]
    ways /= np.linalg.norm(ways, axis=2)[:, :, None]
    bent = (ways[:, 0] * ways[:, 1]).sum(axis=1) > -np.cos(np.radians(_BEND_DEG if kind == "tip" else _SHARP_DEG))
    turns = []
    for node, (left, right) in zip(middle[bent], pair[bent], strict=True):
        lines = [graph.xy[way_back(graph, int(node), int(s), limit_m=TURN_M)[0]] for s in (left, right)]
        far, half = _points_back(lines, 1.0), _points_back(lines, 0.5)
        out = _units(graph.xy[node] - far)
        cosine = float(out[0] @ out[1])
        if cosine > np.cos(np.radians(TURNED_BACK_DEG)):
            heading = _units(_units(half - far).sum(axis=0))
            stub_m = min(way_back(graph, int(node), int(s))[1] for s in (left, right))
            row = int(min(graph.line[left], graph.line[right]))
            end = End(int(node), row, (float(heading[0]), float(heading[1])), stub_m, kind, (int(node),) * 2)
            turns.append((cosine, end))
    tips: list[End] = []
    for _, end in sorted(turns, key=lambda turn: -turn[0]):
        if not any(_same_way(end, t) and _apart_m(graph, end, t) <= STREET_WIDTH_M for t in tips):
            tips.append(end)
    return tips


def _points_back(paths: list[Floats], share: float) -> Floats:
    """The point this share of TURN_M (or of a shorter path) back along each path."""
    lines = np.array([shapely.LineString(path) for path in paths])
    points = shapely.line_interpolate_point(lines, share * np.minimum(shapely.length(lines), TURN_M))
    return np.asarray(shapely.get_coordinates(points))


def _units(ways: Floats) -> Floats:
    units: Floats = ways / np.maximum(np.linalg.norm(ways, axis=-1, keepdims=True), 1e-9)
    return units


def _same_way(one: End, other: End) -> bool:
    return one.heading[0] * other.heading[0] + one.heading[1] * other.heading[1] > 0


def _apart_m(graph: SegmentGraph, one: End, other: End) -> float:
    return float(np.hypot(*(graph.xy[one.node] - graph.xy[other.node])))


def _circles(graph: SegmentGraph, streets: gpd.GeoDataFrame, ring: Bools) -> tuple[list[End], Bools]:
    """Turning circles: roundabouts with one arm, small closed loops at the end of a street; and their segments."""
    rings = np.flatnonzero(ring[graph.line])
    group = segment_groups(graph, np.ones(len(graph.xy), dtype=bool), rings)
    others = np.flatnonzero(~ring[graph.line])
    arms = np.where(streets["oneway"].to_numpy(dtype=bool)[graph.line[others]], 0.5, 1.0)
    found: list[End] = []
    in_circle = np.zeros(len(graph.start), dtype=bool)
    for number in range(int(group.max(initial=-1)) + 1):
        members = rings[group == number]
        nodes = np.unique(np.r_[graph.start[members], graph.end[members]])
        touching = np.isin(graph.start[others], nodes) | np.isin(graph.end[others], nodes)
        if 0 < arms[touching].sum() <= 1:
            stem = int(others[touching][0])
            found.append(
                _end(graph, int(graph.start[stem] if graph.start[stem] in nodes else graph.end[stem]), stem, "circle")
            )
            in_circle[members] = True
    for node, loop in _small_loops(graph):
        if not ring[graph.line[loop]].any():
            found.append(_end(graph, node, int(np.setdiff1d(graph.at(node), loop)[0]), "circle"))
            in_circle[loop] = True
    return found, in_circle


def _small_loops(graph: SegmentGraph) -> Iterator[tuple[int, list[int]]]:
    """The ways that leave a three-armed junction and come back to it, short and round: the junction and the segments."""
    for nodes, segments in chains(graph, graph.degree == 2):
        length_m = graph.length_m[segments].sum()
        if nodes[0] == nodes[-1] and graph.degree[nodes[0]] == 3 and length_m <= CIRCLE_M:
            area_m2 = shapely.area(shapely.polygonize(graph.segments[segments]))
            if 4 * np.pi * area_m2 > _ROUND * length_m**2:
                yield nodes[0], segments


def _abreast(graph: SegmentGraph, ends: list[End], keys: Ints, carriageway: Bools) -> list[End]:
    """One end for the carriageways of a street that stop side by side: the one that reaches farthest ahead."""
    lanes = [e for e in ends if carriageway[e.row]]
    rest = [e for e in ends if not carriageway[e.row]]
    if len(lanes) < 2:
        return ends
    heading = np.array([e.heading for e in lanes])
    street = keys[[e.row for e in lanes]]
    places = shapely.points(graph.xy[[e.node for e in lanes]])
    a, b = shapely.STRtree(places).query(places, predicate="dwithin", distance=STREET_WIDTH_M)
    same = (street[a] == street[b]) & ((heading[a] * heading[b]).sum(axis=1) > np.cos(np.radians(ABREAST_DEG)))
    group = components(a[same], b[same], len(lanes))
    for number in range(int(group.max()) + 1):
        members = [lanes[i] for i in np.flatnonzero(group == number)]
        ahead = sum(np.array(e.heading) for e in members)
        first = max(members, key=lambda e: round(float(graph.xy[e.node] @ ahead), _SAME_PLACE_DECIMALS))
        lanes_here = tuple(node for e in members for node in e.lanes)
        rest.append(replace(first, stub_m=min(e.stub_m for e in members), lanes=lanes_here))
    return rest
