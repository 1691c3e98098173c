"""How much of each cell of a raster lies in polygons, exactly, without drawing a cell.

The outline of a polygon is cut where it crosses the sides of cells. A cell on it holds what its bits of outline and the
parts of its own sides that lie inside the polygon enclose; all cells between two of these in a row lie inside whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Floats, Ints, Shapes, ranges
from suizhou_geo.geometry.lattice import Lattice, cross, once_each

_BITS_AT_ONCE = 50_000  # of outlines
_BIT = 3.0  # sides of a cell: so long bits are straight on the raster, too, but for what matters nothing
_NEAR = 0.05  # of a side: where a bit that runs along a side crosses it is not moved farther than that


@dataclass(frozen=True, eq=False)
class Cover:
    """The cells of a lattice in polygons: those on outlines one by one, those inside whole in runs along the rows.

    `polygon` is the position of the polygon, `share` how much of the cell lies in it. A run goes from cell `run_first` up to
    the one before `run_end`, both counted through the window row by row.
    """

    polygon: Ints
    cell: Ints
    share: Floats
    run_polygon: Ints
    run_first: Ints
    run_end: Ints

    def sums(self, amounts: Floats, polygons: int) -> Floats:
        """What so many polygons hold of amounts by cell (rows by columns), each cell giving by its share."""
        flat = amounts.ravel()
        sums: Floats = np.zeros(polygons)
        sums += np.bincount(self.polygon, weights=self.share * flat[self.cell], minlength=polygons)
        if len(self.run_first):
            last = self.run_end - 1
            whole = np.add.reduceat(flat, np.stack([self.run_first, last], axis=1).ravel())[::2]
            whole = np.where(last > self.run_first, whole, 0.0) + flat[last]
            sums += np.bincount(self.run_polygon, weights=whole, minlength=polygons)
        return sums


def covering(lattice: Lattice, polygons: Shapes) -> Cover:
    """Find the cells of a lattice in valid polygons, in the lattice's `to_crs`, and how much of each lies in them.

    >>> from pyproj import CRS
    >>> lattice = Lattice(2, 2, 0, 0, (10.0, 0.0, 0.0, 0.0, -10.0, 20.0), CRS("EPSG:4547"), CRS("EPSG:4547"))
    >>> cover = covering(lattice, np.array([shapely.box(0, 0, 15, 20)]))
    >>> cover.sums(np.array([[1.0, 2.0], [4.0, 8.0]]), polygons=1)
    array([10.])
    """
    middle = np.array([lattice.rows // 2]), np.array([lattice.columns // 2])
    sides = np.diff(lattice.rings(*middle)[0], axis=0)
    bit_m = _BIT * float(np.hypot(*sides.T).min())
    turn = float(np.sign(cross(sides[0], sides[1])))
    bits = np.cumsum(shapely.get_num_coordinates(polygons) + shapely.length(polygons) / bit_m) // _BITS_AT_ONCE
    drawn = np.flatnonzero(~shapely.is_empty(polygons))
    if not len(drawn):
        none = np.empty(0, dtype=np.int64)
        return Cover(none, none, np.empty(0), none, none, none)
    some = np.split(drawn, np.flatnonzero(np.diff(bits[drawn])) + 1)
    found = [_cover(lattice, polygons[these], these, bit_m, turn) for these in some]
    cells = [np.concatenate([getattr(one, name) for one in found]) for name in ("polygon", "cell", "share")]
    runs = [np.concatenate([getattr(one, f"run_{name}") for one in found]) for name in ("polygon", "first", "end")]
    order = np.argsort(runs[1], kind="stable")
    return Cover(*cells, *(run[order] for run in runs))


@dataclass(frozen=True, eq=False)
class _Path:
    """Outlines in bits that lie in one cell each: polygon, row and column of the cell, ends in metres.

    `axis` says what the bit crossed where it begins: 0 a side between two columns, 1 one between two rows, -1 none; `step`
    whether it went on to the next (1) or the one before (-1), `part` how far along that side, in its share. `ring`: which
    of the `rings` are the corners of the cell.
    """

    polygon: Ints
    row: Ints
    column: Ints
    begin: Floats
    end: Floats
    axis: Ints
    step: Ints
    part: Floats
    rings: Floats
    ring: Ints

    def crossings(self, axis: int) -> tuple[Ints, Ints, Ints, Ints, Floats]:
        """The sides crossed: polygon, row and column of the cell behind them, step, and the part of the side beyond."""
        here = self.axis == axis
        row, column, step = self.row[here], self.column[here], self.step[here]
        back = step < 0  # the side is told by the cell that lies after it
        return self.polygon[here], row + (back & (axis == 1)), column + (back & (axis == 0)), step, 1 - self.part[here]


def _path(lattice: Lattice, polygons: Shapes, bit_m: float) -> _Path:
    parts, polygon = shapely.get_parts(shapely.orient_polygons(polygons), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(shapely.segmentize(rings, bit_m), return_index=True)
    at = lattice.positions(xy)
    start = np.flatnonzero(ring[1:] == ring[:-1])
    first, last = (np.floor(at[start + end]).astype(np.int64) for end in (0, 1))
    bit, axis, step, along = _events(at[start], at[start + 1], first, last)
    moved = np.zeros((len(bit), 2), dtype=np.int64)
    moved[axis < 0] = first - np.concatenate([np.zeros((1, 2), dtype=np.int64), last[:-1]])
    for one in (0, 1):
        moved[axis == one, one] = step[axis == one]
    column, row = np.cumsum(moved, axis=0).T
    cell_row, cell_column, cell = once_each(row, column)
    rings = lattice.rings(cell_row, cell_column)
    p, q = xy[start[bit]], xy[start[bit] + 1]
    share, begin = np.zeros(len(bit)), p.copy()
    for one, ahead, back in ((0, (0, 3), (1, 2)), (1, (0, 1), (3, 2))):  # the corners of the side that was crossed
        here = np.flatnonzero(axis == one)
        sides = np.where(step[here, None] > 0, ahead, back)
        side_from = rings[cell[here], sides[:, 0]]
        side = rings[cell[here], sides[:, 1]] - side_from
        a, b = at[start[bit[here]], 1 - one], at[start[bit[here]] + 1, 1 - one]
        roughly = a + along[here] * (b - a) - (column if one == 1 else row)[here]
        way = q[here] - p[here]
        with np.errstate(divide="ignore", invalid="ignore"):
            exactly = cross(side_from - p[here], way) / cross(way, side)
        share[here] = np.where(np.abs(exactly - roughly) < _NEAR, exactly, roughly)
        begin[here] = side_from + share[here, None] * side
    end = np.concatenate([begin[1:], q[-1:]])
    finished = np.append(bit[1:] != bit[:-1], True)
    end[finished] = q[finished]
    return _Path(polygon[part[ring[start[bit]]]], row, column, begin, end, axis, step, share, rings, cell)


def _events(begin: Floats, end: Floats, first: Ints, last: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """Where each bit begins and crosses lines of the lattice, in this order: bit, axis, step, how far along the bit."""
    number = np.arange(len(first))
    events = [(number, np.full(len(first), -1), np.zeros_like(number), np.full(len(first), -1.0))]
    for axis in (0, 1):
        count = np.abs(last - first)[:, axis]
        bit = np.repeat(number, count)
        step = np.sign(last - first)[bit, axis]
        nth = ranges(np.zeros_like(count), count)
        line = first[bit, axis] + np.where(step > 0, 1 + nth, -nth)
        a, b = begin[bit, axis], end[bit, axis]
        events.append((bit, np.full(len(bit), axis), step, (line - a) / (b - a)))
    bit, axes, step, along = (np.concatenate(each) for each in zip(*events, strict=True))
    order = np.lexsort((along, bit))
    return bit[order], axes[order], step[order], along[order]


class _Inside:
    """Which corners of cells lie in which polygons: as outlines are crossed on the way there, from the left along the row."""

    def __init__(self, lattice: Lattice, path: _Path, turn: float) -> None:
        polygon, row, column, step, _ = path.crossings(1)
        self._lines, self._width = lattice.rows + 1, lattice.columns + 2
        here = (row >= 0) & (row <= lattice.rows)
        key = self._key(polygon, row, np.clip(column, -1, lattice.columns))[here]
        order = np.argsort(key)
        self._keys = key[order]
        self._count = np.append(0, np.cumsum(-turn * step[here][order]))

    def _key(self, polygon: Ints, row: Ints, column: Ints) -> Ints:
        return (polygon * self._lines + row) * self._width + column + 1

    def of(self, polygon: Ints, row: Ints, column: Ints) -> Floats:
        """One for a corner inside, zero for one outside."""
        inside: Floats = self._count[np.searchsorted(self._keys, self._key(polygon, row, column))]
        return inside


def _cover(lattice: Lattice, polygons: Shapes, number: Ints, bit_m: float, turn: float) -> Cover:
    path = _path(lattice, polygons, bit_m)
    inside = _Inside(lattice, path, turn)
    rows, width = lattice.rows, lattice.columns + 1

    def key_of(polygon: Ints, row: Ints, column: Ints) -> Ints:
        return (polygon * rows + row) * width + column + 1

    here = (path.row >= 0) & (path.row < rows) & (path.column >= 0) & (path.column < lattice.columns)
    keys, first, at = np.unique(
        key_of(path.polygon, path.row, path.column)[here], return_index=True, return_inverse=True
    )
    polygon, row, column = keys // width // rows, keys // width % rows, keys % width - 1
    ring = path.rings[path.ring[here][first]]
    to_b, to_c, to_d = (ring[:, k] - ring[:, 0] for k in (1, 2, 3))
    corner = ring[at, 0]
    along = cross(path.begin[here] - corner, path.end[here] - corner)
    bits_m2 = np.bincount(at, weights=along, minlength=len(keys))
    right, below = inside.of(polygon, row, column + 1), inside.of(polygon, row + 1, column)
    for axis, sides in ((0, right), (1, below)):
        of, r, c, step, beyond = path.crossings(axis)
        r, c = r - (axis == 1), c - (axis == 0)
        there = (r >= 0) & (r < rows) & (c >= 0) & (c < lattice.columns)
        cell = np.searchsorted(keys, key_of(of, r, c)[there])
        signed = turn * step[there] * beyond[there] * (1 if axis == 0 else -1)
        sides += np.bincount(cell, weights=signed, minlength=len(keys))
    right_m2, below_m2 = cross(to_b, to_c), cross(to_c, to_d)
    share = (bits_m2 + turn * (right * right_m2 + below * below_m2)) / (turn * (right_m2 + below_m2))
    run_polygon, run_first, run_end = _runs(lattice, path, keys, key_of, inside)
    kept = share > 0
    return Cover(
        number[polygon[kept]],
        (row * lattice.columns + column)[kept],
        share[kept],
        number[run_polygon],
        run_first,
        run_end,
    )


def _runs(
    lattice: Lattice, path: _Path, keys: Ints, key_of: Callable[[Ints, Ints, Ints], Ints], inside: _Inside
) -> tuple[Ints, Ints, Ints]:
    """The cells between two on outlines, or between one and the end of the row, that lie inside."""
    rows, width = lattice.rows, lattice.columns + 1
    least, most = np.full(path.polygon.max() + 1, rows), np.full(path.polygon.max() + 1, -1)
    np.minimum.at(least, path.polygon, np.maximum(path.row, 0))
    np.maximum.at(most, path.polygon, np.minimum(path.row, rows - 1))
    count = np.maximum(most + 1 - least, 0)
    polygon = np.repeat(np.arange(len(count)), count)
    stops = np.sort(np.concatenate([keys, key_of(polygon, ranges(least, least + count), np.full(len(polygon), -1))]))
    row, begin = stops // width, stops % width  # the column behind each
    end = np.append(np.where(row[1:] == row[:-1], stops[1:] % width - 1, lattice.columns), lattice.columns)
    polygon, row = row // rows, row % rows
    whole = begin < end
    whole[whole] = inside.of(polygon[whole], row[whole], begin[whole]) > 0.5
    first = row * lattice.columns
    return polygon[whole], (first + begin)[whole], (first + end)[whole]
