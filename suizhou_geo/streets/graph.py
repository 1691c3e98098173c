"""Lines as a graph of shared vertices, each segment once: which streets meet where, and which ends are loose."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes

_DECIMALS = 3  # vertices closer than a millimetre are one


@dataclass(frozen=True, eq=False)
class Wiring:
    """Lines as a graph: every vertex a node, every segment once, however often and in whichever direction it is drawn.

    `xy` of the nodes and their `degree` (segments that meet there); `start`, `end` (nodes, as first drawn) and `row`
    (position of the line) of the segments; `pointers`, `neighbours`: the segments at node n are
    neighbours[pointers[n]:pointers[n + 1]].
    """

    xy: Floats
    degree: Ints
    start: Ints
    end: Ints
    row: Ints
    pointers: Ints
    neighbours: Ints

    @property
    def length_m(self) -> Floats:
        """Length of each segment."""
        length: Floats = np.hypot(*(self.xy[self.end] - self.xy[self.start]).T)
        return length

    def at(self, node: int) -> Ints:
        """Return the segments that meet at a node."""
        return self.neighbours[self.pointers[node] : self.pointers[node + 1]]

    def beyond(self, node: int, segment: int) -> int:
        """Return the other node of a segment."""
        return int(self.end[segment] if self.start[segment] == node else self.start[segment])


def wiring(lines: Shapes) -> Wiring:
    """Build the graph of some lines; lines are connected where they share a vertex, to the millimetre."""
    parts, row = shapely.get_parts(lines, return_index=True)
    xy, line = shapely.get_coordinates(parts, return_index=True)
    rounded = np.round(xy, _DECIMALS) + 0.0
    _, first, node = np.unique(rounded[:, 0] + 1j * rounded[:, 1], return_index=True, return_inverse=True)
    same = line[1:] == line[:-1]
    start, end, row = node[:-1][same], node[1:][same], row[line[:-1][same]]
    moved = start != end
    start, end, row = start[moved], end[moved], row[moved]
    _, once = np.unique(np.minimum(start, end) * len(first) + np.maximum(start, end), return_index=True)
    once = np.sort(once)
    start, end, row = start[once], end[once], row[once]
    degree = np.bincount(np.r_[start, end], minlength=len(first))
    return Wiring(
        xy=xy[first],
        degree=degree,
        start=start,
        end=end,
        row=row,
        pointers=np.r_[0, np.cumsum(degree)],
        neighbours=np.argsort(np.r_[start, end], kind="stable") % max(len(start), 1),
    )


def street_nodes(lines: Shapes) -> gpd.GeoDataFrame:
    """The nodes of a street network: where lines begin, end or meet, with the number of street arms there.

    Columns: `degree` (1 at a loose end, 3 and more at a junction), geometry (points, no coordinate system).

    >>> street_nodes(shapely.linestrings([[(0, 0), (9, 0)], [(9, 0), (9, 9)], [(9, 0), (20, 0)]]))["degree"].tolist()
    [1, 3, 1, 1]
    """
    wires = wiring(lines)
    parts = shapely.get_parts(lines)
    ends = np.round(shapely.get_coordinates([shapely.get_point(parts, 0), shapely.get_point(parts, -1)]), _DECIMALS)
    all_xy = np.round(wires.xy, _DECIMALS)
    ended = np.isin(all_xy[:, 0] + 1j * all_xy[:, 1], ends[:, 0] + 1j * ends[:, 1])
    nodes = np.flatnonzero((ended | (wires.degree > 2)) & (wires.degree > 0))
    return gpd.GeoDataFrame({"degree": wires.degree[nodes]}, geometry=shapely.points(wires.xy[nodes]))


def dead_end_streets(lines: Shapes) -> Bools:
    """Whether each line has an end to which nothing else is joined.

    >>> dead_end_streets(shapely.linestrings([[(0, 0), (9, 0)], [(9, 0), (9, 9)], [(9, 9), (0, 0)], [(9, 0), (20, 0)]]))
    array([False, False, False,  True])
    """
    wires = wiring(lines)
    loose = (wires.degree[wires.start] == 1) | (wires.degree[wires.end] == 1)
    result = np.zeros(len(lines), dtype=bool)
    result[wires.row[loose]] = True
    return result


def way_back(wires: Wiring, node: int, segment: int, *, limit_m: float = np.inf) -> tuple[list[int], float]:
    """Nodes from an end back along its street, until it meets a junction or another end, and the length of the way."""
    path, here = [node], wires.beyond(node, segment)
    length_m = float(np.hypot(*(wires.xy[here] - wires.xy[node])))
    while wires.degree[here] == 2 and length_m < limit_m and here != node:
        path.append(here)
        one, other = wires.at(here)
        segment = int(other if one == segment else one)
        after = wires.beyond(here, segment)
        length_m += float(np.hypot(*(wires.xy[after] - wires.xy[here])))
        here = after
    return [*path, here], length_m


def heading_out(wires: Wiring, path: list[int], *, over_m: float) -> tuple[float, float]:
    """The direction in which a street leaves at the first node of a path: over its last metres, as a unit vector."""
    line = shapely.linestrings(wires.xy[path])
    way = wires.xy[path[0]] - shapely.get_coordinates(shapely.line_interpolate_point(line, over_m))[0]
    size = float(np.hypot(*way))
    return (float(way[0]) / size, float(way[1]) / size) if size > 0 else (1.0, 0.0)


def groups(wires: Wiring, segments: Ints, joins: Bools) -> Ints:
    """Number the groups of segments that hang together through the nodes that join."""
    ends = np.r_[wires.start[segments], wires.end[segments]]
    member = np.tile(np.arange(len(segments)), 2)
    link = joins[ends]
    size = len(segments) + len(wires.degree)
    graph = coo_array((np.ones(link.sum()), (member[link], len(segments) + ends[link])), shape=(size, size))
    group = connected_components(graph, directed=False)[1][: len(segments)]
    return np.unique(group, return_inverse=True)[1] if len(group) else group.astype(np.intp)
