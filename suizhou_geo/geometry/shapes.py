"""Shapes of layers, and which of them meet others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import from_shapely

from suizhou_geo.geometry.arrays import Bools, Shapes


def shapes_of(layer: gpd.GeoDataFrame | None) -> Shapes:
    """The geometries of a layer; none where it was not given."""
    return np.empty(0, dtype=object) if layer is None else layer.geometry.to_numpy()


def layer_of(
    shapes: Shapes, crs: object, columns: Mapping[str, Any], *, index: pd.Index | None = None
) -> gpd.GeoDataFrame:
    """A layer of shapes with columns.

    The geometry goes in with the other columns: given beside them, geopandas looks first, and long, for the CRS of a column
    that is not there yet.

    >>> layer_of(shapely.points([(0, 0)]), "EPSG:4547", {"name": ["甲"]}).columns.to_list()
    ['name', 'geometry']
    """
    return gpd.GeoDataFrame({**columns, "geometry": from_shapely(shapes, crs=crs)}, index=index, geometry="geometry")


def in_pieces(shapes: Shapes, *, corners: int) -> Shapes:
    """Pieces that together are some shapes, none with more corners than that: of a river's box the river fills little.

    A piece is halved twelve times at the most, should its corners lie in one place.

    >>> round_, square = shapely.Point(0, 0).buffer(9), shapely.box(20, 0, 21, 1)
    >>> pieces = in_pieces(np.array([round_, square]), corners=20)
    >>> len(pieces), bool(np.isclose(shapely.area(pieces).sum(), round_.area + 1))
    (5, True)
    """
    pieces = [shapes]
    for _ in range(12):
        many = shapely.get_num_coordinates(pieces[-1]) > corners
        large, pieces[-1] = pieces[-1][many], pieces[-1][~many]
        if not len(large):
            break
        low, high = np.split(shapely.bounds(large), 2, axis=1)
        long = np.arange(2) == np.argmax(high - low, axis=1)[:, None]
        middle = (low + high) / 2
        first, second = (
            shapely.box(*low.T, *np.where(long, middle, high).T),
            shapely.box(*np.where(long, middle, low).T, *high.T),
        )
        halves = shapely.intersection(np.r_[large, large], np.r_[first, second])
        pieces.append(halves[~shapely.is_empty(halves)])
    return np.concatenate(pieces)


def meets(shapes: Shapes, others: Shapes, *, within_m: float | None = None) -> Bools:
    """Whether each shape intersects any of some others or, given a distance, comes so near to one.

    >>> meets(shapely.points([(0, 0), (9, 0)]), shapely.points([(2, 0)]), within_m=3.0)
    array([ True, False])
    """
    how = {"predicate": "intersects"} if within_m is None else {"predicate": "dwithin", "distance": within_m}
    met = np.zeros(len(shapes), dtype=bool)
    few = len(others) < len(shapes)  # each of these is made ready to be asked
    met[shapely.STRtree(shapes).query(others, **how)[1] if few else shapely.STRtree(others).query(shapes, **how)[0]] = (
        True
    )
    return met
