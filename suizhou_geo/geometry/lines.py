"""Lines as arrays of LineStrings: their places, ends and vertices.

The ends of lines are numbered 2 x line for the first point and 2 x line + 1 for the last. Places are complex numbers,
equal where points coincide.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.ops import substring

from suizhou_geo.geometry.arrays import Floats, Ints, Shapes

SAME_PLACE_M = 1e-3

Complexes = npt.NDArray[np.complex128]

_DECIMALS = 3


def places(xy: Floats) -> Complexes:
    """One number per point, equal for points less than about a millimetre apart."""
    rounded = np.round(xy, _DECIMALS) + 0.0
    place: Complexes = rounded[:, 0] + 1j * rounded[:, 1]
    return place


def straight(first: Floats, last: Floats) -> Shapes:
    """The straight line from each of some points to the other."""
    lines: Shapes = shapely.linestrings(np.stack([first, last], axis=1))
    return lines


def ends_of(lines: Shapes) -> Floats:
    """The first and the last point of each line, shape (2 n, 2)."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first, last = (np.searchsorted(line, np.arange(len(lines)), side=side) for side in ("left", "right"))
    ends: Floats = xy[np.column_stack([first, last - 1]).ravel()]
    return ends


def unit(vectors: Floats) -> Floats:
    """Vectors of shape (n, 2) brought to length 1; those of no length stay as they are."""
    return vectors / np.maximum(np.hypot(vectors[:, 0], vectors[:, 1]), 1e-12)[:, None]


def dot(a: Floats, b: Floats) -> Floats:
    """The scalar products of two rows of vectors."""
    product: Floats = a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1]
    return product


def outwards(lines: Shapes) -> Floats:
    """The direction in which each line leaves at each of its ends, shape (2 n, 2)."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first, last = (np.searchsorted(line, np.arange(len(lines)), side=side) for side in ("left", "right"))
    return unit((xy[np.column_stack([first, last - 1])] - xy[np.column_stack([first + 1, last - 2])]).reshape(-1, 2))


def split_at(lines: Shapes, at: Complexes) -> tuple[Shapes, Ints]:
    """Cut lines at those of their vertices that lie at one of the places; return the parts and the line of each."""
    if len(lines) == 0:
        return lines, np.zeros(0, dtype=np.intp)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    inner = np.zeros(len(xy), dtype=bool)
    inner[1:-1] = (line[1:-1] == line[:-2]) & (line[1:-1] == line[2:])
    vertex = np.repeat(np.arange(len(xy)), np.where(inner & np.isin(places(xy), at), 2, 1))
    begins = np.append(True, (np.diff(line[vertex]) != 0) | (np.diff(vertex) == 0))
    return shapely.linestrings(xy[vertex], indices=np.cumsum(begins) - 1), line[vertex[begins]].astype(np.intp)


def led_on(line: shapely.LineString, end: int, to: Floats, *, without_m: float = 0.0) -> shapely.LineString:
    """The line led on to a point from its first (end 0) or its last point (1), instead of the last metres before it."""
    xy = shapely.get_coordinates(line)[:: 1 if end else -1]
    left_m = shapely.length(line) - np.cumsum(np.append(0.0, np.hypot(*np.diff(xy, axis=0).T)))
    keep = left_m >= min(without_m, left_m[0]) - SAME_PLACE_M
    keep &= np.hypot(*(xy - to).T) > SAME_PLACE_M
    keep[0] = True
    return shapely.linestrings(np.vstack([xy[keep], to])[:: 1 if end else -1])


def cut_back(line: shapely.LineString, end: int, to: Floats) -> shapely.LineString:
    """The line as far as a point on it, coming from the other end; it ends exactly there."""
    at_m = shapely.line_locate_point(line, shapely.points(to))
    part = substring(line, 0.0, at_m) if end else substring(line, at_m, line.length)
    xy = shapely.get_coordinates(part)
    xy[-1 if end else 0] = to
    return shapely.linestrings(xy) if len(xy) > 1 else shapely.linestrings(np.vstack([xy, xy]))


def with_vertices(lines: Shapes, which: Ints, xy: Floats) -> Shapes:
    """Lines with the points, which lie on them, among their vertices."""
    if len(which) == 0:
        return lines
    some, which = np.unique(which, return_inverse=True)
    result = lines.copy()
    result[some] = _with_vertices(lines[some], which, xy)
    return result


def _with_vertices(lines: Shapes, which: Ints, xy: Floats) -> Shapes:
    own, line = shapely.get_coordinates(lines, return_index=True)
    step_m = np.hypot(*np.diff(own, axis=0, prepend=own[:1]).T)
    step_m[np.diff(line, prepend=-1) != 0] = 0.0
    walked = np.cumsum(step_m)
    begin = np.searchsorted(line, np.arange(len(lines)))
    at_m = np.concatenate([walked - walked[begin][line], shapely.line_locate_point(lines[which], shapely.points(xy))])
    all_xy, all_line = np.vstack([own, xy]), np.concatenate([line, which])
    order = np.lexsort([at_m, all_line])
    result: Shapes = shapely.remove_repeated_points(shapely.linestrings(all_xy[order], indices=all_line[order]))
    return result


def first_of_each(lines: Shapes) -> Ints:
    """The lines that have a length, straight ones drawn twice only once."""
    ends = places(ends_of(lines)).reshape(-1, 2)
    straight = shapely.get_num_coordinates(lines) == 2
    low, high = np.sort(ends, axis=1).T
    table = pd.DataFrame({"low": low, "high": high, "alone": np.where(straight, -1, np.arange(len(lines)))})
    return np.flatnonzero(~table.duplicated().to_numpy() & (shapely.length(lines) > 0))
