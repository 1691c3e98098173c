"""Where streets end: loose ends, carriageways that turn back or stop side by side, and turning circles."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints
from suizhou_geo.geometry.components import components
from suizhou_geo.streets.centrelines import STREET_WIDTH_M, base_name
from suizhou_geo.streets.graph import SegmentGraph, heading_out, segment_groups, way_back

HEADING_M = 50.0
TURN_M = 120.0  # of two carriageways that meet: far enough back for the median not to matter
CIRCLE_M = 250.0
ABREAST_DEG = 30.0
TURNED_BACK_DEG = 60.0


_BEND_DEG = 10.0
_ROUND = 0.4  # 4 pi area / perimeter^2 of a turning circle: a square has 0.79, two carriageways next to nothing
_SAME_PLACE_DECIMALS = 3


@dataclass(frozen=True)
class End:
    """One end of a street: its node, the row of its line, its heading out of the street, and what is known of it."""

    node: int
    row: int
    heading: tuple[float, float]
    stub_m: float
    kind: str  # loose, tip (two carriageways joined), circle
    lanes: tuple[int, ...]  # nodes of the carriageways that end here, a tip's twice


def ends_of(graph: SegmentGraph, streets: gpd.GeoDataFrame) -> list[End]:
    """Find every end of the streets of a network: `streets` are the rows of the roads layer that `graph` was made of.

    Carriageways of one street (same base name, or no name and one class) that stop side by side within 80 m and head
    the same way within ABREAST_DEG, or meet and turn back, are one end. A turning circle is an end of its one arm.
    """
    keys = _street_keys(streets)
    one_way = streets["oneway"].to_numpy(dtype=bool)
    ring = streets["roundabout"].to_numpy(dtype=bool)
    circles, round_segments = _circles(graph, streets, ring)
    loose = [_loose(graph, int(node)) for node in np.flatnonzero(graph.degree == 1)]
    tips = _tips(graph, keys, one_way, round_segments | ring[graph.line])
    marked = np.array([base_name(name)[1] for name in streets["name"]], dtype=bool)
    return sorted([*_abreast(graph, [*loose, *tips], keys, one_way | marked), *circles], key=lambda e: (e.row, e.node))


def _street_keys(streets: gpd.GeoDataFrame) -> Ints:
    """A number per street: rows of one base name share it, and rows without a name those of their class."""
    names = [base_name(name)[0] for name in streets["name"]]
    words = [n or f"\0{c}" for n, c in zip(names, streets["road_class"], strict=True)]
    keys: Ints = pd.factorize(np.array(words, dtype=object))[0]
    return keys


def _loose(graph: SegmentGraph, node: int) -> End:
    segment = int(graph.at(node)[0])
    path, stub_m = way_back(graph, node, segment)
    return End(node, int(graph.line[segment]), heading_out(graph, path, over_m=HEADING_M), stub_m, "loose", (node,))


def _tips(graph: SegmentGraph, keys: Ints, one_way: Bools, left_out: Bools) -> list[End]:
    """Where two carriageways of one street join and nothing goes on: the street turns back on itself."""
    middle = np.flatnonzero(graph.degree == 2)
    pair = graph.both_at(middle)
    a, b = graph.line[pair].T
    fits = one_way[a] & one_way[b] & (keys[a] == keys[b]) & ~left_out[pair].any(axis=1)
    middle, pair = middle[fits], pair[fits]
    far = np.where(graph.start[pair] == middle[:, None], graph.end[pair], graph.start[pair])
    ways = graph.xy[far] - graph.xy[middle][:, None]
    ways /= np.linalg.norm(ways, axis=2)[:, :, None]
    bent = (ways[:, 0] * ways[:, 1]).sum(axis=1) > -np.cos(np.radians(_BEND_DEG))
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
            end = End(int(node), row, (float(heading[0]), float(heading[1])), stub_m, "tip", (int(node),) * 2)
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
    chain = segment_groups(graph, graph.degree == 2)
    arms = np.where(streets["oneway"].to_numpy(dtype=bool)[graph.line[others]], 0.5, 1.0)
    found: list[End] = []
    in_circle = np.zeros(len(graph.start), dtype=bool)
    for number in range(int(group.max(initial=-1)) + 1):
        members = rings[group == number]
        nodes = np.unique(np.r_[graph.start[members], graph.end[members]])
        touching = np.isin(graph.start[others], nodes) | np.isin(graph.end[others], nodes)
        if 0 < arms[touching].sum() <= 1:
            found.append(_circle_end(graph, members, int(others[touching][0])))
            in_circle[members] = True
    for members in _small_loops(graph, chain):
        if not ring[graph.line[members]].any():
            nodes = np.r_[graph.start[members], graph.end[members]]
            node = int(nodes[graph.degree[nodes] == 3][0])
            stem = int(np.setdiff1d(graph.at(node), members)[0])
            found.append(_circle_end(graph, members, stem))
            in_circle[members] = True
    return found, in_circle


def _circle_end(graph: SegmentGraph, members: Ints, stem: int) -> End:
    on_circle = np.r_[graph.start[members], graph.end[members]]
    node = int(graph.start[stem] if graph.start[stem] in on_circle else graph.end[stem])
    path, stub_m = way_back(graph, node, stem)
    return End(node, int(graph.line[stem]), heading_out(graph, path, over_m=HEADING_M), stub_m, "circle", (node,))


def _small_loops(graph: SegmentGraph, chain: Ints) -> list[Ints]:
    """The chains of segments that leave one three-armed junction and come back to it, short and round."""
    ends = np.r_[graph.start, graph.end]
    chain_of_end = np.r_[chain, chain]
    junction = graph.degree[ends] != 2
    count = int(chain.max(initial=-1)) + 1
    low, high = np.full(count, len(graph.degree)), np.full(count, -1)
    np.minimum.at(low, chain_of_end[junction], ends[junction])
    np.maximum.at(high, chain_of_end[junction], ends[junction])
    length_m = np.bincount(chain, graph.length_m, minlength=count)
    closed = (low == high) & (length_m <= CIRCLE_M)
    closed[closed] = graph.degree[low[closed]] == 3
    loops = []
    for number in np.flatnonzero(closed):
        members = np.flatnonzero(chain == number)
        area_m2 = shapely.area(shapely.polygonize(graph.segments[members]))
        if 4 * np.pi * area_m2 > _ROUND * length_m[number] ** 2:
            loops.append(members)
    return loops


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
        rest.append(
            End(
                first.node,
                first.row,
                first.heading,
                min(e.stub_m for e in members),
                first.kind,
                tuple(node for e in members for node in e.lanes),
            )
        )
    return rest
