"""The street network as a sparse graph; position on the edge; walking distance to the nearest source.

Every vertex of every line is a node and every segment an edge, so lines that share a vertex are connected, and a bridge
over a street, which shares none, is not. Origins and destinations stand on the edge where they are nearest to it, not on
the nearest node, and the straight leg between them and the street counts and may not cross a barrier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from suizhou_geo.model import StudyArea
from suizhou_geo.standards import table
from suizhou_geo.zonal import Shapes

MAX_LEG_M = 200.0
ENTRANCE_SPACING_M = 25.0
ENTRANCE_LEG_M = 50.0
JOIN_M = 1.0
_DECIMALS = 3  # vertices closer than a millimetre are one

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """Streets as a graph: `xy` of the nodes; `start`, `end` (nodes) and `length_m` of the segments; their tree.

    `line` is the position of the line each segment is from, among the lines the network was built of.
    """

    xy: Floats
    start: Ints
    end: Ints
    length_m: Floats
    line: Ints
    segments: Shapes
    tree: shapely.STRtree
    graph: csr_array
    barriers: shapely.STRtree


@dataclass(frozen=True, eq=False)
class Positions:
    """Places on the network: for each, its `owner`, the segment, how far along it, and the straight leg to it."""

    owner: Ints
    segment: Ints
    along_m: Floats
    leg_m: Floats


@lru_cache(maxsize=2)
def walking_network(area: StudyArea) -> StreetNetwork:
    """The streets and paths of a study area that people can walk.

    A road is walkable as its `walkable` says and, where that is empty, as its class says in standards/road_classes.toml;
    walkways always are. Ends of lines that stop within 1 m of another line are joined to it, because planners' drawings
    often miss by a hair; nothing else is connected that shares no vertex.
    """
    lines = []
    if area.roads is not None:
        by_class = {key: row["walkable"] for key, row in table("road_classes")["classes"].items()}
        said = area.roads["walkable"]
        walkable = said.where(said.notna(), area.roads["road_class"].map(by_class)).astype(bool)
        lines.append(area.roads.geometry.to_numpy()[walkable.to_numpy()])
    if area.walkways is not None:
        lines.append(area.walkways.geometry.to_numpy())
    network = street_network(np.concatenate(lines) if lines else np.empty(0, dtype=object), np.empty(0, dtype=object))
    return replace(network, barriers=barriers_of(area))


@lru_cache(maxsize=2)
def barriers_of(area: StudyArea) -> shapely.STRtree:
    """What no leg from a door to a street may cross."""
    return shapely.STRtree(np.empty(0, dtype=object) if area.barriers is None else area.barriers.geometry.to_numpy())


def street_network(lines: Shapes, barriers: Shapes) -> StreetNetwork:
    """Build the graph of some lines; legs from doors to streets may not cross `barriers`."""
    parts, part_of = shapely.get_parts(lines, return_index=True)
    xy, start, end, part = _vertices(_joined(parts))
    length_m = np.hypot(*(xy[end] - xy[start]).T)
    segments = shapely.linestrings(np.stack([xy[start], xy[end]], axis=1)) if len(start) else np.empty(0, dtype=object)
    return StreetNetwork(
        xy=xy,
        start=start,
        end=end,
        length_m=length_m,
        line=part_of[part],
        segments=segments,
        tree=shapely.STRtree(segments),
        graph=_sparse(np.r_[start, end], np.r_[end, start], np.r_[length_m, length_m], len(xy)),
        barriers=shapely.STRtree(barriers),
    )


def positions(network: StreetNetwork, points: Shapes, *, max_leg_m: float = MAX_LEG_M) -> Positions:
    """Put points on the nearest point of the nearest street they can walk to without crossing a barrier.

    Points with no such street within `max_leg_m` get no position: they are missing from `owner`.
    """
    owner, segment = network.tree.query_nearest(points, max_distance=max_leg_m, all_matches=False)
    legs = shapely.shortest_line(points[owner], network.segments[segment])
    barred = np.unique(network.barriers.query(legs, predicate="intersects")[0])
    if len(barred):
        retry = owner[barred]
        again, other = network.tree.query(points[retry], predicate="dwithin", distance=max_leg_m)
        lines = shapely.shortest_line(points[retry[again]], network.segments[other])
        free = np.setdiff1d(np.arange(len(lines)), network.barriers.query(lines, predicate="intersects")[0])
        table_ = pd.DataFrame({"owner": retry[again[free]], "segment": other[free], "leg": shapely.length(lines[free])})
        best = table_.sort_values(["owner", "leg", "segment"]).drop_duplicates("owner")
        owner = np.r_[np.delete(owner, barred), best["owner"].to_numpy()]
        segment = np.r_[np.delete(segment, barred), best["segment"].to_numpy()]
    return Positions(
        owner=owner,
        segment=segment,
        along_m=shapely.line_locate_point(network.segments[segment], points[owner]),
        leg_m=shapely.distance(network.segments[segment], points[owner]),
    )


def entrances(network: StreetNetwork, shapes: Shapes, *, max_leg_m: float = MAX_LEG_M) -> Positions:
    """Where facilities meet the streets: a point at its nearest street, a site along its outline.

    A site (polygon) can be entered wherever a street runs within 50 m of its outline, tested every 25 m; where none does,
    at the nearest street to the outline within `max_leg_m`, as for points.
    """
    sites = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    points = np.flatnonzero(shapely.get_dimensions(shapes) == 0)
    doors, door_of = shapely.get_parts(shapes[points], return_index=True)
    edges = shapely.segmentize(shapely.boundary(shapes[sites]), ENTRANCE_SPACING_M)
    samples, sample_of = shapely.get_coordinates(edges, return_index=True)
    places = shapely.points(samples)
    near = positions(network, places, max_leg_m=ENTRANCE_LEG_M)
    far_sites = np.setdiff1d(np.arange(len(sites)), sample_of[near.owner])
    far_places = np.flatnonzero(np.isin(sample_of, far_sites))
    far = positions(network, places[far_places], max_leg_m=max_leg_m)
    at_door = positions(network, doors, max_leg_m=max_leg_m)
    return Positions(
        owner=np.r_[
            sites[sample_of[near.owner]], sites[sample_of[far_places[far.owner]]], points[door_of[at_door.owner]]
        ],
        segment=np.r_[near.segment, far.segment, at_door.segment],
        along_m=np.r_[near.along_m, far.along_m, at_door.along_m],
        leg_m=np.r_[near.leg_m, far.leg_m, at_door.leg_m],
    )


def network_distance_m(
    network: StreetNetwork, sources: Positions, targets: Positions, *, count: int, limit_m: float
) -> Floats:
    """Distance from each of `count` targets to the nearest source along the network, legs included.

    Infinity where no source is within `limit_m`, or the target has no position on the network.
    """
    nearest = np.full(count, np.inf)
    if not len(sources.owner) or not len(targets.owner):
        return nearest
    nodes = len(network.xy)
    first, last = network.start[sources.segment], network.end[sources.segment]
    cost = np.r_[sources.leg_m + sources.along_m, sources.leg_m + network.length_m[sources.segment] - sources.along_m]
    graph = network.graph
    doors = _sparse(np.zeros(2 * len(first), dtype=np.int64), np.r_[first, last], np.maximum(cost, 0.0), nodes + 1)
    whole = csr_array(
        (
            np.r_[graph.data, doors.data],
            np.r_[graph.indices, doors.indices],
            np.r_[graph.indptr, graph.indptr[-1] + doors.indptr[1]],
        ),
        shape=(nodes + 1, nodes + 1),
    )
    reached = dijkstra(whole, directed=True, indices=nodes, limit=limit_m)[:nodes]
    here_m = np.minimum(
        reached[network.start[targets.segment]] + targets.along_m,
        reached[network.end[targets.segment]] + network.length_m[targets.segment] - targets.along_m,
    )
    here_m = np.minimum(here_m, _on_same_segment(sources, targets)) + targets.leg_m
    np.minimum.at(nearest, targets.owner, here_m)
    nearest[nearest > limit_m] = np.inf
    return nearest


def _on_same_segment(sources: Positions, targets: Positions) -> Floats:
    """Distance along one segment where source and target stand on the same one, else infinity."""
    order = np.argsort(sources.segment, kind="stable")
    first, beyond = (np.searchsorted(sources.segment[order], targets.segment, side=s) for s in ("left", "right"))
    there = beyond - first
    target = np.repeat(np.arange(len(there)), there)
    source = order[np.arange(len(target)) + np.repeat(first - np.cumsum(there) + there, there)]
    best = np.abs(targets.along_m[target] - sources.along_m[source]) + sources.leg_m[source]
    result = np.full(len(targets.owner), np.inf)
    np.minimum.at(result, target, best)
    return result


def _vertices(parts: Shapes) -> tuple[Floats, Ints, Ints, Ints]:
    """The vertices of single lines, and of each segment its two vertices and the position of its line."""
    coordinates, line = shapely.get_coordinates(parts, return_index=True)
    none = np.empty(0, dtype=np.int64)
    if not len(coordinates):
        return np.empty((0, 2)), none, none, none
    keys = np.round(coordinates, _DECIMALS)
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    new = np.r_[True, (np.diff(keys[order], axis=0) != 0).any(axis=1)]
    node = np.empty(len(keys), dtype=np.int64)
    node[order] = np.cumsum(new) - 1
    same_line = line[1:] == line[:-1]
    start, end = node[:-1][same_line], node[1:][same_line]
    moved = start != end
    return coordinates[order[new]], start[moved], end[moved], line[:-1][same_line][moved]


def _joined(parts: Shapes) -> Shapes:
    """Single lines with a vertex added where the loose end of another stops within JOIN_M of them."""
    if not len(parts):
        return parts
    parts = parts.copy()
    xy, start, end, _ = _vertices(parts)
    loose = shapely.points(xy[np.bincount(np.r_[start, end], minlength=len(xy)) == 1])
    end_, line = shapely.STRtree(parts).query(loose, predicate="dwithin", distance=JOIN_M)
    ends = shapely.boundary(parts[line])
    meets = shapely.distance(loose[end_], ends) > JOIN_M
    for k, points in pd.Series(loose[end_[meets]]).groupby(line[meets]):
        parts[k] = _with_vertices(parts[k], points.to_numpy())
    return parts


def _with_vertices(line: shapely.Geometry, points: Shapes) -> shapely.Geometry:
    coordinates = shapely.get_coordinates(line)
    at_m = np.r_[0.0, np.cumsum(np.hypot(*np.diff(coordinates, axis=0).T))]
    new_m = shapely.line_locate_point(line, points)
    order = np.argsort(np.r_[at_m, new_m], kind="stable")
    return shapely.linestrings(np.r_[coordinates, shapely.get_coordinates(points)][order])


def _sparse(row: Ints, column: Ints, weight: Floats, size: int) -> csr_array:
    """A CSR graph that keeps the shortest of parallel edges (scipy would add them up)."""
    order = np.lexsort((weight, column, row))
    row, column, weight = row[order], column[order], weight[order]
    first = np.r_[True, (np.diff(row) != 0) | (np.diff(column) != 0)] if len(row) else np.empty(0, dtype=bool)
    row, column, weight = row[first], column[first], weight[first]
    pointers = np.searchsorted(row, np.arange(size + 1))
    return csr_array((weight, column, pointers), shape=(size, size))
