"""Drawn streets joined to those that are there: the network connects lines at common vertices only (`segment_graph`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.lines import SAME_PLACE_M, with_vertices

JOIN_M = 20.0  # an end that lies no farther from a street was meant to meet it
VERTEX_M = 1.0  # a vertex of the street that lies no farther from where it is met is the place


class Joined(NamedTuple):
    """Streets with a vertex where a new one meets them; the new ones with their ends there; how many of its ends are loose."""

    streets: Shapes
    new: Shapes
    loose: Ints


def joined_ends(streets: Shapes, new: Shapes, *, may_join: Bools) -> Joined:
    """Join the ends of new lines to the nearest of the streets, or of the other new lines, that lies within JOIN_M.

    The end moves onto the nearest point of that line, which becomes a vertex of it. `may_join` says which lines, first the
    streets and then the new ones, may be met away from their ends' own vertices: bridges and tunnels may not.

    >>> street, new = shapely.linestrings([[(0, 0), (100, 0)], [(50, 10), (50, 90)]])
    >>> found = joined_ends(np.array([street]), np.array([new]), may_join=np.array([True, True]))
    >>> [shape.wkt for shape in (*found.streets, *found.new)], found.loose.tolist()
    (['LINESTRING (0 0, 50 0, 100 0)', 'LINESTRING (50 0, 50 90)'], [1])
    """
    lines = np.concatenate([streets, shapely.line_merge(new)])
    parts, owner = shapely.get_parts(lines, return_index=True)
    tree, loose = shapely.STRtree(parts), np.zeros(len(new), dtype=np.int64)
    changed = np.zeros(len(lines), dtype=bool)
    changed[len(streets) :] = True
    for part in np.flatnonzero((owner >= len(streets)) & ~shapely.is_closed(parts)).tolist():
        for end in (0, -1):
            at = shapely.get_point(parts[part], end)
            near = tree.query(at, predicate="dwithin", distance=2 * JOIN_M)  # new ones have moved by JOIN_M at the most
            near = near[(near != part) & may_join[owner[near]]]
            away_m = shapely.distance(at, parts[near])
            if not len(near) or away_m.min() > JOIN_M:
                loose[owner[part] - len(streets)] += 1
                continue
            met = int(near[np.argmin(away_m)])
            place, there = _met(parts[met], at)
            if not there:
                parts[met : met + 1] = with_vertices(parts[met : met + 1], np.array([0]), place)
                changed[owner[met]] = True
            parts[part] = _moved(parts[part], end, place)
    for row in np.flatnonzero(changed):
        of = parts[owner == row]
        lines[row] = of[0] if len(of) == 1 else shapely.multilinestrings(of)
    return Joined(lines[: len(streets)], lines[len(streets) :], loose)


def _met(line: shapely.LineString, at: shapely.Point) -> tuple[Floats, bool]:
    """Where a line is met, shape (1, 2), and whether that is a vertex of it."""
    xy = shapely.get_coordinates(line)
    foot = shapely.get_coordinates(shapely.line_interpolate_point(line, shapely.line_locate_point(line, at)))
    away_m = np.hypot(*(xy - foot).T)
    return (xy[[np.argmin(away_m)]], True) if away_m.min() <= VERTEX_M else (foot, False)


def _moved(line: shapely.LineString, end: int, place: Floats) -> shapely.LineString:
    """The line with its first (0) or last (-1) point elsewhere; what then has no length stays as it was."""
    xy = shapely.get_coordinates(line)
    xy[end] = place[0]
    moved = shapely.linestrings(xy)
    return moved if moved.length > SAME_PLACE_M else line
