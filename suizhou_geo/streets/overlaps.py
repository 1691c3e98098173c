"""Lines drawn on top of each other (重复绘制), whatever their vertices: where they lie so, and how many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints
from suizhou_geo.geometry.lines import dot, straight, unit
from suizhou_geo.streets.carriageways import ON_TOP_M, Segments
from suizhou_geo.streets.one_street import Kinds

_ALONG_DEG = 15.0
_NO_BIT_M = 0.01


def with_overlaps(segments: Segments, kinds: Kinds) -> Segments:
    """Cut segments where a line that lies on top of them begins, bends or ends, and count such lines as copies.

    Two segments lie on top of each other where they run within ON_TOP_M and _ALONG_DEG of each other on one level.
    """
    node, segment, part = _vertices_on(segments, kinds.level)
    if len(node) == 0:
        return segments
    cut, origin = _cut(segments, segment, part)
    touched = np.zeros(len(segments.line), dtype=bool)
    touched[segment] = True
    touched |= np.isin(segments.tail_node, node) | np.isin(segments.head_node, node)
    more, opposite = _lines_on_top(cut, segments.bundle[origin], kinds, touched[origin])
    return replace(cut, copies=cut.copies + more, both_ways=cut.both_ways | opposite)


def _along(segments: Segments) -> Floats:
    return unit(segments.head - segments.tail)


def _vertices_on(segments: Segments, level: Ints) -> tuple[Ints, Ints, Floats]:
    """The vertices that lie on a segment of another line that runs along with theirs: node, segment, which part of it."""
    ends = np.concatenate([segments.tail_node, segments.head_node])
    nodes, first = np.unique(ends, return_index=True)
    xy = np.concatenate([segments.tail, segments.head])[first]
    tree = shapely.STRtree(straight(segments.tail, segments.head))
    point, segment = tree.query(shapely.points(xy), predicate="dwithin", distance=ON_TOP_M)
    far = (segments.tail_node[segment] != nodes[point]) & (segments.head_node[segment] != nodes[point])
    point, segment = point[far], segment[far]
    at_node = np.argsort(ends, kind="stable")
    begin, stop = (np.searchsorted(ends[at_node], nodes[point], side=side) for side in ("left", "right"))
    hit = np.repeat(np.arange(len(point)), stop - begin)
    nth = np.arange(len(hit)) - np.repeat(np.cumsum(stop - begin) - (stop - begin), stop - begin)
    own = at_node[begin[hit] + nth] % len(segments.line)
    along = _along(segments)
    goes_along = np.abs(dot(along[own], along[segment[hit]])) >= np.cos(np.radians(_ALONG_DEG))
    goes_along &= segments.line[own] != segments.line[segment[hit]]
    goes_along &= level[segments.row[own]] == level[segments.row[segment[hit]]]
    fits = np.unique(hit[goes_along])
    point, segment = point[fits], segment[fits]
    chord = segments.head[segment] - segments.tail[segment]
    part = dot(xy[point] - segments.tail[segment], chord) / dot(chord, chord)
    return nodes[point], segment, part


def _cut(segments: Segments, segment: Ints, part: Floats) -> tuple[Segments, Ints]:
    """The segments cut at parts of some of them, and which segment each bit is of; the cuts are no nodes of others."""
    length_m = segments.end_m - segments.start_m
    inside = (part * length_m[segment] > _NO_BIT_M) & ((1 - part) * length_m[segment] > _NO_BIT_M)
    cuts = np.unique(np.column_stack([segment[inside], part[inside]]), axis=0)
    at_segment, at_part = cuts[:, 0].astype(np.intp), cuts[:, 1]
    origin = np.concatenate([np.arange(len(length_m)), at_segment])
    start = np.concatenate([np.zeros(len(length_m)), at_part])
    order = np.lexsort([start, origin])
    origin, start = origin[order], start[order]
    last = np.append(origin[1:] != origin[:-1], True)
    stop = np.where(last, 1.0, np.append(start[1:], 1.0))
    chord = segments.head - segments.tail
    bundle = segments.bundle[origin]
    of_cut = np.flatnonzero(np.isin(bundle, segments.bundle[at_segment]))
    of_cut_to = chord[origin[of_cut]] * ((start + stop)[of_cut] / 2)[:, None]
    middle = np.round(segments.tail[origin[of_cut]] + of_cut_to, 2)
    alike = np.unique(np.column_stack([bundle[of_cut], middle]), axis=0, return_inverse=True)[1].ravel()
    bundle[of_cut] = bundle.max() + 1 + alike
    new = max(segments.tail_node.max(), segments.head_node.max()) + 1 + np.arange(len(origin))
    begins = np.append(True, last[:-1])
    tail_node = np.where(begins, segments.tail_node[origin], new)
    bit = replace(
        segments,
        tail=segments.tail[origin] + chord[origin] * start[:, None],
        head=segments.tail[origin] + chord[origin] * stop[:, None],
        tail_node=tail_node,
        head_node=np.where(last, segments.head_node[origin], np.append(tail_node[1:], 0)),
        start_m=segments.start_m[origin] + length_m[origin] * start,
        end_m=np.where(last, segments.end_m[origin], segments.start_m[origin] + length_m[origin] * stop),
        line=segments.line[origin],
        row=segments.row[origin],
        bundle=np.unique(bundle, return_inverse=True)[1],
        copies=segments.copies[origin],
        both_ways=segments.both_ways[origin],
    )
    return bit, origin


def _lines_on_top(segments: Segments, bundle: Ints, kinds: Kinds, chosen: Bools) -> tuple[Ints, Bools]:
    """How many lines lie on top of the middle of each chosen segment besides its copies, and whether one runs against it."""
    count, opposite = np.zeros(len(chosen), dtype=np.intp), np.zeros(len(chosen), dtype=bool)
    among = np.flatnonzero(chosen)
    tails, heads = segments.tail[among], segments.head[among]
    middle = (tails + heads) / 2
    tree = shapely.STRtree(straight(tails, heads))
    here, there = tree.query(shapely.points(middle), predicate="dwithin", distance=ON_TOP_M)
    chord = heads - tails
    part = dot(middle[here] - tails[there], chord[there]) / dot(chord[there], chord[there])
    cosine = dot(unit(chord)[here], unit(chord)[there])
    a, b = among[here], among[there]
    on_top = (part >= 0) & (part < 1) & (np.abs(cosine) >= np.cos(np.radians(_ALONG_DEG)))
    on_top &= (segments.line[a] != segments.line[b]) & (bundle[a] != bundle[b])
    row_a, row_b = segments.row[a], segments.row[b]
    on_top &= kinds.level[row_a] == kinds.level[row_b]
    count += np.bincount(a[on_top], minlength=len(count))
    opposite[a[on_top & (cosine < 0) & (kinds.one_way[row_a] == kinds.one_way[row_b])]] = True
    return count, opposite
