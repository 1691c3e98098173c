"""The cells of a raster as they lie in another coordinate system."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.crs import moving

_CORNERS_AT_ONCE = 200_000


@dataclass(frozen=True)
class Lattice:
    """The cells of a raster's window: `place` are the six numbers of the raster's transform, `crs` is the raster's.

    A cell is told by its row and column in the window; its corners lie in `to_crs`, and its sides are straight there.
    """

    rows: int
    columns: int
    first_row: int
    first_column: int
    place: tuple[float, ...]
    crs: CRS
    to_crs: CRS

    def corners(self, row: Ints, column: Ints) -> Floats:
        """Where corners of cells lie, by row and column: the last axis is x, y."""
        a, b, c, d, e, f = self.place
        across, down = np.asarray(column + self.first_column, float), np.asarray(row + self.first_row, float)
        move = moving(self.crs, self.to_crs)
        return np.stack(move.transform(a * across + b * down + c, d * across + e * down + f), axis=-1)

    def positions(self, xy: Floats) -> Floats:
        """On which column and row places lie, and where on it: the inverse of `corners`."""
        a, b, c, d, e, f = self.place
        x, y = moving(self.to_crs, self.crs).transform(*xy.T)
        x, y, det = x - c, y - f, a * e - b * d
        return np.stack([(e * x - b * y) / det - self.first_column, (a * y - d * x) / det - self.first_row], axis=-1)

    def rings(self, row: Ints, column: Ints) -> Floats:
        """The four corners of cells, shape (cells, 4, 2), round each from its first row and column along the row."""
        corners = row[:, None] + (0, 0, 1, 1), column[:, None] + (0, 1, 1, 0)
        row, column, at = once_each(*corners)  # neighbours share theirs
        rings: Floats = self.corners(row, column)[at]
        return rings

    def cells(self, row: Ints, column: Ints) -> Shapes:
        """Cells as polygons."""
        rings = self.rings(row, column)[:, [0, 1, 2, 3, 0]]
        first = np.arange(len(row) + 1)
        cells: Shapes = shapely.from_ragged_array(
            shapely.GeometryType.POLYGON, rings.reshape(-1, 2), (5 * first, first)
        )
        return cells

    def areas(self, kept: Bools) -> Floats:
        """The area of each of some cells, row by row: half the cross product of its diagonals.

        >>> lattice = Lattice(2, 3, 0, 0, (10.0, 0.0, 0.0, 0.0, -10.0, 20.0), CRS("EPSG:4547"), CRS("EPSG:4547"))
        >>> lattice.areas(np.array([[True, False, False], [False, False, True]]))
        array([100., 100.])
        """
        step = max(1, _CORNERS_AT_ONCE // (self.columns + 1))
        areas = [np.empty(0)]
        for first in range(0, self.rows, step):
            some = kept[first : first + step]
            if some.any():
                corner = self.corners(*np.mgrid[first : first + len(some) + 1, : self.columns + 1])
                diagonals = corner[1:, 1:] - corner[:-1, :-1], corner[1:, :-1] - corner[:-1, 1:]
                areas.append(np.abs(cross(*diagonals))[some] / 2)
        return np.concatenate(areas)


def once_each(row: Ints, column: Ints) -> tuple[Ints, Ints, Ints]:
    """The different pairs of rows and columns, and which of them each is.

    >>> once_each(np.array([3, -1, 3]), np.array([5, 5, 5]))
    (array([-1,  3]), array([5, 5]), array([1, 0, 1]))
    """
    low = column.min(initial=0)
    width = column.max(initial=0) - low + 1
    each, at = np.unique(row * width + column - low, return_inverse=True)
    return each // width, each % width + low, at.reshape(row.shape)


def cross(one: Floats, other: Floats) -> Floats:
    """The cross products of vectors in the plane: the area between two of them, below zero clockwise.

    >>> cross(np.array([[2.0, 0.0]]), np.array([[0.0, 3.0]]))
    array([6.])
    """
    crossed: Floats = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return crossed
