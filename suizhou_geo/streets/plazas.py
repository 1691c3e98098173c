"""Plazas drawn as areas, as lines to walk on: round their edge, and straight across from wherever a way comes in."""

from __future__ import annotations

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.lines import SAME_PLACE_M, ends_of, places, with_vertices

TOUCH_M = 1.0
_CORNER_M = 0.5
_MOST_WAYS = 5_000  # the shortest of a plaza's


def with_plazas(lines: Shapes, level: Ints, plazas: Shapes, plaza_level: Ints) -> tuple[Shapes, Shapes, Ints]:
    """Lines with a vertex wherever they come into a plaza; the ways across the plazas, and the level of each.

    A way comes in where it crosses the edge on the plaza's level, and where it ends within TOUCH_M (1 m) of the plaza. From
    there one walks to every other such place and to every corner in sight.
    """
    ways, levels = [np.empty(0, dtype=object)], [np.empty(0, dtype=np.int64)]
    for k in np.unique(plaza_level):
        squares = shapely.get_parts(shapely.union_all(plazas[plaza_level == k]))
        square, line, xy = _entries(lines, level == k, squares)
        lines = with_vertices(lines, line, xy)
        across = [_across(shape, xy[square == n]) for n, shape in enumerate(squares)]
        ways += across
        levels.append(np.full(sum(map(len, across)), k))
    return lines, np.concatenate(ways), np.concatenate(levels)


def _entries(lines: Shapes, same_level: Bools, squares: Shapes) -> tuple[Ints, Ints, Floats]:
    """Where lines come in: the plaza, the line, the place."""
    near, square = shapely.STRtree(squares).query(lines, predicate="dwithin", distance=TOUCH_M)
    edge = np.where(same_level[near], shapely.boundary(squares[square]), None)
    crossed, pair = shapely.get_coordinates(shapely.intersection(lines[near], edge), return_index=True)
    ends, of = shapely.points(ends_of(lines[near])), np.repeat(np.arange(len(near)), 2)
    ending = shapely.distance(ends, squares[square[of]]) <= TOUCH_M
    pair = np.r_[pair, of[ending]]
    return square[pair], near[pair], np.concatenate([crossed, shapely.get_coordinates(ends[ending])])


def _across(square: shapely.Polygon, entries: Floats) -> Shapes:
    """The ways of one plaza: its rings, with the entries on them, and straight lines between places that see each other."""
    _, first = np.unique(places(entries), return_index=True)
    entries = entries[first]
    edge = shapely.boundary(square)
    rings = shapely.get_parts(edge)
    on_edge = entries[shapely.distance(shapely.points(entries), edge) < SAME_PLACE_M]
    ring = shapely.STRtree(rings).query_nearest(shapely.points(on_edge), all_matches=False)[1]
    rings = with_vertices(rings, ring, on_edge)
    corners = shapely.get_coordinates(shapely.simplify(square, _CORNER_M))
    stops = np.vstack([entries, corners])
    a, b = np.triu_indices(len(stops), 1)
    length_m = np.hypot(*(stops[b] - stops[a]).T)
    way = np.argsort(length_m, kind="stable")[np.count_nonzero(length_m <= SAME_PLACE_M) :][:_MOST_WAYS]
    ways = shapely.linestrings(np.stack([stops[a[way]], stops[b[way]]], axis=1))
    wide = shapely.buffer(square, TOUCH_M)
    shapely.prepare(wide)
    return np.concatenate([rings, ways[shapely.covers(wide, ways)]])
