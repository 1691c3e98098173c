"""Persons in the cells of a raster that holds more of them than are worth drawing one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from pyproj import CRS

from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.geometry.covering import covering
from suizhou_geo.geometry.lattice import Lattice
from suizhou_geo.geometry.shapes import layer_of


@dataclass(frozen=True, eq=False)
class Grid:
    """Persons by cell, rows by columns, zero where nobody lives: what a table of cells with `persons` says, in less room.

    A polygon takes of each cell the share of its area that lies in it, as it does of the cells of a table.
    """

    lattice: Lattice
    persons: Floats

    def __len__(self) -> int:
        """How many cells somebody lives in."""
        return int(np.count_nonzero(self.persons))

    @property
    def crs(self) -> CRS:
        """The coordinate system the cells lie in."""
        return self.lattice.to_crs

    @property
    def total_bounds(self) -> Floats:
        """The box around the window: west, south, east, north."""
        row, column = (
            np.array([0, 0, self.lattice.rows, self.lattice.rows]),
            np.array([0, 1, 0, 1]) * self.lattice.columns,
        )
        corners = self.lattice.corners(row, column)
        return np.concatenate([corners.min(axis=0), corners.max(axis=0)])

    def times(self, factor: float) -> Grid:
        """Return the grid with so many times the persons in each cell."""
        return replace(self, persons=self.persons * factor)

    def persons_in(self, polygons: Shapes) -> Floats:
        """Persons in each of some polygons."""
        return covering(self.lattice, polygons).sums(self.persons, polygons=len(polygons))

    def table(self) -> gpd.GeoDataFrame:
        """The cells that somebody lives in as a layer: polygons with `persons`."""
        row, column = np.nonzero(self.persons)
        return layer_of(self.lattice.cells(row, column), self.crs, {"persons": self.persons[row, column]})
