"""Lines as a graph: every vertex a node, every straight bit between two vertices a segment.

Lines that share a vertex are connected, and a bridge over a street, which shares none, is not. Where the drawing gives them
one (planners' layers cut at every crossing), their levels keep them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.components import components, components_at
from suizhou_geo.geometry.lines import places, straight


@dataclass(frozen=True, eq=False)
class SegmentGraph:
    """The graph of some lines: `xy` of its nodes; the nodes `start` and `end` of its segments, in the direction drawn.

    `line` is the position of the line each segment is from.
    """

    xy: Floats
    start: Ints
    end: Ints
    line: Ints

    @cached_property
    def length_m(self) -> Floats:
        """Length of each segment."""
        length: Floats = np.hypot(*(self.xy[self.end] - self.xy[self.start]).T)
        return length

    @cached_property
    def segments(self) -> Shapes:
        """Each segment as a line."""
        return straight(self.xy[self.start], self.xy[self.end])

    @cached_property
    def courses(self) -> Floats:
        """Where each segment starts and which way it leads, as a unit vector: rows of x, y, right, up."""
        first = self.xy[self.start]
        return np.vstack([first.T, ((self.xy[self.end] - first) / self.length_m[:, None]).T])

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Where the segments are."""
        return shapely.STRtree(self.segments)

    @cached_property
    def degree(self) -> Ints:
        """How many segments meet at each node: 1 at a loose end, 3 and more at a junction."""
        count: Ints = np.bincount(np.r_[self.start, self.end], minlength=len(self.xy))
        return count

    @cached_property
    def _at(self) -> tuple[Ints, Ints]:
        """The segments sorted by their nodes, and where those of each node begin."""
        order = np.argsort(np.r_[self.start, self.end], kind="stable") % max(len(self.start), 1)
        return order, np.r_[0, np.cumsum(self.degree)]

    def at(self, node: int) -> Ints:
        """Return the segments that meet at a node."""
        order, first = self._at
        segments: Ints = order[first[node] : first[node + 1]]
        return segments

    def both_at(self, nodes: Ints) -> Ints:
        """Return the two segments at each of some nodes of degree 2, shape (n, 2)."""
        order, first = self._at
        segments: Ints = order[first[nodes][:, None] + np.arange(2)]
        return segments

    def beyond(self, node: int, segment: int) -> int:
        """Return the other node of a segment."""
        return int(self.end[segment] if self.start[segment] == node else self.start[segment])

    @property
    def pair(self) -> Ints:
        """A number for the two nodes of each segment, in either direction."""
        number: Ints = np.minimum(self.start, self.end) * len(self.xy) + np.maximum(self.start, self.end)
        return number

    def part(self, segments: Ints | Bools) -> Self:
        """Return the same nodes with some of the segments only."""
        return replace(self, start=self.start[segments], end=self.end[segments], line=self.line[segments])

    def drawn_once(self) -> Self:
        """Return the graph with every segment once, as first drawn, however often and in whichever direction it is."""
        return self.part(np.sort(np.unique(self.pair, return_index=True)[1]))

    def matrix(self, weight: Floats) -> csr_array:
        """Return the sparse matrix of the graph in both directions: of parallel segments, the one of the least weight."""
        row, column = np.r_[self.start, self.end], np.r_[self.end, self.start]
        return sparse(row, column, np.r_[weight, weight], len(self.xy))


def segment_graph(lines: Shapes, *, level: Ints | None = None) -> SegmentGraph:
    """Build the graph of some lines, connected where they share a vertex, to the millimetre.

    With the `level` of each line, streets that go through a vertex on different levels are not connected there. A street
    that ends at the vertex is: a bridge that lands, a ramp.

    >>> graph = segment_graph(shapely.linestrings([[(0, 0), (9, 0)], [(9, 0), (9, 9)], [(9, 0), (20, 0)]]))
    >>> graph.degree.tolist()
    [1, 3, 1, 1]
    """
    parts, line_of = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    _, first, node = np.unique(places(xy), return_index=True, return_inverse=True)
    begins = np.flatnonzero((part[1:] == part[:-1]) & (node[1:] != node[:-1]))
    graph = SegmentGraph(xy=xy[first], start=node[begins], end=node[begins + 1], line=line_of[part[begins]])
    return graph if level is None else _levels_apart(graph, level[graph.line])


def _levels_apart(graph: SegmentGraph, level: Ints) -> SegmentGraph:
    """The graph with a node of its own for every level on which a street goes through a node; `level` is of segments."""
    node = np.r_[graph.start, graph.end]
    arm_level = np.tile(level, 2)
    _, first, arms = np.unique(np.column_stack([node, arm_level]), axis=0, return_index=True, return_counts=True)
    at, levels = np.unique(node[first[arms > 1]], return_counts=True)
    doubtful = at[levels > 1]
    arm = np.flatnonzero(np.isin(node, doubtful))
    arm = arm[np.argsort(node[arm], kind="stable")]
    xy, new = [graph.xy], len(graph.xy)
    for here in np.split(arm, np.flatnonzero(np.diff(node[arm])) + 1) if len(arm) else []:
        through = np.array([k for k in np.unique(arm_level[here]) if _goes_through(graph, here[arm_level[here] == k])])
        goes_with = np.argmin(np.abs(arm_level[here][:, None] - through[None, :]), axis=1) if len(through) > 1 else 0
        for k in range(1, len(through)):
            xy.append(graph.xy[node[here[:1]]])
            node[here[goes_with == k]] = new
            new += 1
    count = len(graph.start)
    return replace(graph, xy=np.concatenate(xy), start=node[:count], end=node[count:])


def _goes_through(graph: SegmentGraph, arms: Ints) -> bool:
    """Whether two arms of one node leave it by more than a right angle apart; arms are segments, or those + their number."""
    segment, from_end = arms % len(graph.start), arms >= len(graph.start)
    way = graph.xy[graph.end[segment]] - graph.xy[graph.start[segment]]
    way = np.where(from_end[:, None], -way, way)
    return bool((way @ way.T).min() < 0)


def sparse(row: Ints, column: Ints, weight: Floats, size: int) -> csr_array:
    """Return a square sparse matrix that keeps the least weight of entries at one place (scipy would add them up)."""
    place = row * size + column
    order = np.argsort(place)
    first = np.flatnonzero(np.diff(place[order], prepend=-1))
    least = np.minimum.reduceat(weight[order], first) if len(first) else weight
    row, column = np.divmod(place[order[first]], size)
    return csr_array((least, column, np.searchsorted(row, np.arange(size + 1))), shape=(size, size))


@dataclass(frozen=True, eq=False)
class Chains:
    """The ways between junctions and loose ends, each as one: what is between two of them has no choice.

    Of each way the numbers of the nodes it joins, `start` and `end`, and its sum of weights `total`; of each segment the
    `way` it is part of, the sum of weights `before` its start, from the start of the way, and whether it is drawn `along`
    the way (1) or against it (-1). A ring that meets nothing begins and ends at one of its nodes.
    """

    start: Ints
    end: Ints
    total: Floats
    way: Ints
    before: Floats
    along: Ints
    matrix: csr_array

    def ends(self, way: Ints) -> Ints:
        """Return the two ends of each of some ways, shape (2, ways)."""
        return np.stack([self.start[way], self.end[way]])

    def at(self, segment: Ints, part: Floats) -> tuple[Ints, Floats]:
        """Return on which way places are, and how far from its start, that are so far from the start of a segment."""
        return self.way[segment], self.before[segment] + self.along[segment] * part

    def to_ends(self, way: Ints, from_start: Floats) -> Floats:
        """How far it is from places on ways to both ends of each, shape (2, places)."""
        parts: Floats = np.maximum(np.stack([from_start, self.total[way] - from_start]), 0.0)
        return parts


def chains_of(graph: SegmentGraph, weight: Floats) -> Chains:
    """Find the ways between junctions and loose ends; the least sums of weights are those of the graph.

    >>> graph = segment_graph(shapely.linestrings([[(0, 0), (9, 0)], [(9, 0), (9, 9)], [(9, 9), (9, 20)], [(9, 9), (0, 9)]]))
    >>> chains_of(graph, graph.length_m).total.tolist()
    [18.0, 11.0, 9.0]
    """
    stays = (graph.degree != 2) | _first_of_ring(graph)
    nodes = np.r_[graph.start, graph.end]
    ends = np.flatnonzero(stays[nodes])
    apart = (np.cumsum(~stays) - 1)[nodes]  # every way by itself, an end of its own wherever it meets others
    size = len(graph.xy) - int(stays.sum()) + len(ends)
    apart[ends] = np.arange(size - len(ends), size)
    row, column = apart.reshape(2, -1)
    way = components(row, column, size)[apart]
    one, other = ends[np.argsort(way[ends], kind="stable")].reshape(-1, 2).T
    alone = csr_array((weight, (row, column)), shape=(size, size))
    so_far = dijkstra(alone, directed=False, indices=apart[one], min_only=True)
    stays &= graph.degree > 0
    number = np.cumsum(stays) - 1
    start, end, total = number[nodes[one]], number[nodes[other]], so_far[apart[other]]
    return Chains(
        start=start,
        end=end,
        total=total,
        way=way[: len(row)],
        before=so_far[row],
        along=np.where(so_far[column] > so_far[row], 1, -1),
        matrix=sparse(np.r_[start, end], np.r_[end, start], np.tile(total, 2), int(stays.sum())),
    )


def _first_of_ring(graph: SegmentGraph) -> Bools:
    """One node of each ring that meets nothing."""
    piece = components(graph.start, graph.end, len(graph.xy))
    first = np.zeros(len(graph.xy), dtype=bool)
    first[np.unique(piece, return_index=True)[1]] = True
    meets = np.zeros(len(graph.xy), dtype=bool)
    meets[piece[graph.degree != 2]] = True
    return first & ~meets[piece]


def walk(graph: SegmentGraph, node: int, segment: int, *, through: Bools) -> Iterator[tuple[int, int]]:
    """Go along a segment from one of its nodes and on `through` nodes of degree 2: each segment, and the node it leads to.

    The walk ends at the first node one does not go through, or where it began.
    """
    here = graph.beyond(node, segment)
    yield segment, here
    while through[here] and here != node:
        one, other = graph.at(here)
        segment = int(other if one == segment else one)
        here = graph.beyond(here, segment)
        yield segment, here


def chains(graph: SegmentGraph, through: Bools) -> Iterator[tuple[list[int], list[int]]]:
    """Every segment once, in the ways between nodes one does not go `through`, and in rings: nodes and segments of each."""
    seen = np.zeros(len(graph.start), dtype=bool)
    for node in np.argsort(through, kind="stable").tolist():
        for segment in graph.at(node).tolist():
            if not seen[segment]:
                segments, nodes = map(list, zip(*walk(graph, node, segment, through=through), strict=True))
                seen[segments] = True
                yield [node, *nodes], segments


def way_back(graph: SegmentGraph, node: int, segment: int, *, limit_m: float = np.inf) -> tuple[list[int], float]:
    """Nodes from an end back along its street, until it meets a junction or another end, and the length of the way."""
    path, length_m = [node], 0.0
    for passed, here in walk(graph, node, segment, through=graph.degree == 2):
        path.append(here)
        length_m += float(graph.length_m[passed])
        if length_m >= limit_m:
            break
    return path, length_m


def heading_out(graph: SegmentGraph, path: list[int], *, over_m: float) -> tuple[float, float]:
    """The direction in which a street leaves at the first node of a path: over its last metres, as a unit vector."""
    line = shapely.linestrings(graph.xy[path])
    way = graph.xy[path[0]] - shapely.get_coordinates(shapely.line_interpolate_point(line, over_m))[0]
    size = float(np.hypot(*way))
    return (float(way[0]) / size, float(way[1]) / size) if size > 0 else (1.0, 0.0)


def segment_groups(graph: SegmentGraph, joins: Bools, segments: Ints | None = None) -> Ints:
    """Number the groups of segments (all, or some) that hang together through the nodes that join."""
    part = graph if segments is None else graph.part(segments)
    ends = np.r_[part.start, part.end]
    member = np.tile(np.arange(len(part.start)), 2)
    return components_at(member[joins[ends]], ends[joins[ends]], len(part.start))
