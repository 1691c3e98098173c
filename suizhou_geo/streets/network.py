"""Places on a street network, and the distance along it to the nearest source.

Origins and destinations stand on the segment they are nearest to, not on the nearest node; the straight leg between them
and the street counts and may not cross a barrier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes, ranges
from suizhou_geo.geometry.lines import with_vertices
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.standards import table
from suizhou_geo.streets.graph import SegmentGraph, segment_graph, sparse
from suizhou_geo.study_area import StudyArea, per_area

MAX_LEG_M = 200.0
JOIN_M = 1.0


@dataclass(frozen=True, eq=False)
class StreetNetwork(SegmentGraph):
    """The graph of some streets, as drawn, and the `barriers` that no leg from a door to a street crosses.

    `street` says which segments are of streets; the others are of paths. Where there are no streets, all are taken for them.
    """

    barriers: shapely.STRtree
    street: Bools

    @cached_property
    def metres(self) -> csr_array:
        """The sparse matrix of lengths."""
        return self.matrix(self.length_m)

    @cached_property
    def streets_only(self) -> Self:
        """The same network without its paths."""
        return replace(self.part(self.street), street=self.street[self.street])

    def without_barriers(self) -> Self:
        """Return the same network with nothing in the way of legs, for places on the streets themselves."""
        return replace(self, barriers=shapely.STRtree([]))


@dataclass(frozen=True, eq=False)
class Positions:
    """Places on the network: for each, its `owner`, the segment, how far along it, and the straight leg to it."""

    owner: Ints
    segment: Ints
    along_m: Floats
    leg_m: Floats

    def some(self, chosen: Bools | Ints) -> Positions:
        """Return some of the places only."""
        return Positions(self.owner[chosen], self.segment[chosen], self.along_m[chosen], self.leg_m[chosen])

    def of(self, owner: Ints) -> Positions:
        """Return the same places with the owner of each owner."""
        return replace(self, owner=owner[self.owner])


@per_area
def walking_network(area: StudyArea) -> StreetNetwork:
    """The streets and paths of a study area that people can walk.

    A road is walkable as its `walkable` says and, where that is empty, as its class says in standards/road_classes.toml;
    walkways always are. Ends of lines that stop within 1 m of another line are joined to it, because planners' drawings
    often miss by a hair; nothing else is connected that shares no vertex.
    """
    lines = [shapes_of(area.walkways)]
    if area.roads is not None:
        by_class = {key: row["walkable"] for key, row in table("road_classes")["classes"].items()}
        said = area.roads["walkable"]
        walkable = said.where(said.notna(), area.roads["road_class"].map(by_class)).astype(bool)
        lines.insert(0, area.roads.geometry.to_numpy()[walkable.to_numpy()])
    street = np.repeat([True, False], [sum(map(len, lines[:-1])), len(lines[-1])])
    return street_network(np.concatenate(lines), shapes_of(area.barriers), street=street)


def street_network(lines: Shapes, barriers: Shapes, *, street: Bools | None = None) -> StreetNetwork:
    """Build the network of some lines; those that stop within JOIN_M of another line are joined to it."""
    parts, line_of = shapely.get_parts(lines, return_index=True)
    graph = segment_graph(_joined(parts))
    line = line_of[graph.line]
    of_street = np.ones(len(line), dtype=bool) if street is None or not street.any() else street[line]
    return StreetNetwork(graph.xy, graph.start, graph.end, line, shapely.STRtree(barriers), of_street)


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
    graph = network.metres
    doors = sparse(np.zeros(2 * len(first), dtype=np.int64), np.r_[first, last], np.maximum(cost, 0.0), nodes + 1)
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
    target = np.repeat(np.arange(len(first)), beyond - first)
    source = order[ranges(first, beyond)]
    best = np.abs(targets.along_m[target] - sources.along_m[source]) + sources.leg_m[source]
    result = np.full(len(targets.owner), np.inf)
    np.minimum.at(result, target, best)
    return result


def _joined(parts: Shapes) -> Shapes:
    """Single lines with a vertex added where the loose end of another stops within JOIN_M of them."""
    graph = segment_graph(parts)
    loose = shapely.points(graph.xy[graph.degree == 1])
    end, line = shapely.STRtree(parts).query(loose, predicate="dwithin", distance=JOIN_M)
    meets = shapely.distance(loose[end], shapely.boundary(parts[line])) > JOIN_M
    return with_vertices(parts, line[meets], shapely.get_coordinates(loose[end[meets]]))
