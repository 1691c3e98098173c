"""Shapes of layers, and which of them meet others."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Bools, Shapes


def shapes_of(layer: gpd.GeoDataFrame | None) -> Shapes:
    """The geometries of a layer; none where it was not given."""
    return np.empty(0, dtype=object) if layer is None else layer.geometry.to_numpy()


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
