"""Points, lines and shapes of the invented city to the centimetre, and numbers added up by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
import shapely
from pyproj import Transformer
from shapely import LineString, Polygon

from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.geometry.crs import SUIZHOU_CRS

Key = TypeVar("Key")
Point = tuple[float, float]
"""Easting and northing in EPSG:4547, in metres, rounded to the centimetre so that shared points are equal."""


def rounded(xy: Floats) -> tuple[Point, ...]:
    """Points to the centimetre, as tuples that can be compared and looked up.

    >>> rounded(np.array([[1.004, 2.006]]))
    ((1.0, 2.01),)
    """
    return tuple((x, y) for x, y in np.round(xy, 2).tolist())


def to_cm(x: float, y: float) -> Point:
    """One point to the centimetre."""
    return round(float(x), 2), round(float(y), 2)


def point_inside(shape: shapely.Geometry) -> Point:
    """A point that lies inside a shape."""
    at = shape.representative_point()
    return to_cm(at.x, at.y)


def shape_to_cm(shape: shapely.Geometry) -> shapely.Geometry:
    """A shape with its corners to the centimetre."""
    return shapely.transform(shape, lambda xy: np.round(xy, 2))


def box_round(at: Point, width_m: float, height_m: float) -> Polygon:
    """An upright rectangle round a point."""
    x, y = at
    return shapely.box(x - width_m / 2, y - height_m / 2, x + width_m / 2, y + height_m / 2)


def segments(points: Sequence[Point]) -> Shapes:
    """The straight pieces of a line, one after the other."""
    pieces: Shapes = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    return pieces


def middles(points: Sequence[Point]) -> Shapes:
    """The middle of each straight piece of a line."""
    xy = np.array(points)
    halfway: Shapes = shapely.points((xy[:-1] + xy[1:]) / 2)
    return halfway


def stations_m(points: Sequence[Point] | Floats) -> Floats:
    """How far along a line each of its points lies.

    >>> stations_m([(0.0, 0.0), (3.0, 4.0), (3.0, 5.0)])
    array([0., 5., 6.])
    """
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(np.array(points), axis=0).T))])


def middle_line(shape: Polygon) -> LineString:
    """What a line across the middle of the rectangle round a shape, from its first to its third side, has of the shape."""
    box = np.array(shapely.oriented_envelope(shape).exterior.coords)
    return LineString([(box[0] + box[1]) / 2, (box[2] + box[3]) / 2]).intersection(shape)


def sums(parts: Iterable[tuple[Key, float]], keys: Iterable[Key] = ()) -> dict[Key, float]:
    """What the numbers of each key add up to; `keys` are there even where nothing is.

    >>> sums([("b", 1.0), ("a", 2.0), ("b", 3.0)], keys="c")
    {'c': 0.0, 'b': 4.0, 'a': 2.0}
    """
    result = dict.fromkeys(keys, 0.0)
    for key, number in parts:
        result[key] = result.get(key, 0.0) + number
    return result


def degrees(points: Sequence[Point]) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of points, in WGS 84."""
    east, north = np.array(points).T
    lon, lat = Transformer.from_crs(SUIZHOU_CRS, "EPSG:4326", always_xy=True).transform(east, north)
    return lon, lat
