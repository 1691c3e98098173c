"""China's map shift, seen: whether a layer lies where the roads are, or would with GCJ-02 or BD-09 undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Ints
from suizhou_geo.geometry.crs import Datum, are_in_china, moving, shifted, unshifted
from suizhou_geo.geometry.lines import Complexes, straight
from suizhou_geo.model import Note
from suizhou_geo.sources.notes import note

SHIFT_POINTS = 1000
LEAST_PLACES = 30
_STRETCH_M = 500.0
_FAR_M = 120.0
_NO_LENGTH_M2 = 1e-18
_ASIDE_M, _DIRECTIONS = 100.0, 8
_TURNS = 12
_CLEARLY = 0.85
_ERRORS = 4.0
_NAMES: dict[Datum, str] = {"wgs84": "WGS 84", "gcj02": "GCJ-02", "bd09": "BD-09"}
Points = Floats


@dataclass(frozen=True)
class _Fit:
    """Where points lie if they are given in a datum, and how far from the nearest road each place is, there and aside."""

    points: Points
    near_m: Floats
    aside_m: Floats


@dataclass(frozen=True)
class Pieces:
    """Roads as straight pieces: where each begins and what leads to its end, as complex numbers, and a tree of them."""

    first: Complexes
    along: Complexes
    tree: shapely.STRtree

    def away_m(self, points: Points) -> Floats:
        """Return how far each point is from the nearest piece, at most _FAR_M."""
        x, y = points.T
        point, piece = self.tree.query(shapely.box(x - _FAR_M, y - _FAR_M, x + _FAR_M, y + _FAR_M))
        there, along = _complex(points)[point] - self.first[piece], self.along[piece]
        share = np.clip((there * along.conj()).real / np.maximum(np.abs(along) ** 2, _NO_LENGTH_M2), 0.0, 1.0)
        away_m = np.full(len(points), _FAR_M)
        np.minimum.at(away_m, point, np.abs(there - share * along))
        return away_m


def in_straight_pieces(roads: gpd.GeoDataFrame) -> Pieces:
    """Return the straight pieces of roads: the same ground, and distances to them are a few lines of arithmetic."""
    lines = shapely.get_parts(roads.geometry.to_numpy())
    xy, line = shapely.get_coordinates(lines, return_index=True)
    parts = np.flatnonzero(line[1:] == line[:-1])
    ends = _complex(xy)
    return Pieces(ends[parts], ends[parts + 1] - ends[parts], shapely.STRtree(straight(xy[parts], xy[parts + 1])))


def _complex(xy: Floats) -> Complexes:
    return np.asarray(xy[:, 0] + 1j * xy[:, 1])


def how_it_lies(layer: gpd.GeoDataFrame, roads: Pieces, *, taken: Datum = "wgs84") -> Note:
    """Say in which datum a layer was given, by the roads beside it; `taken` is the one it was read in.

    Points, and the outlines of polygons and lines, follow streets. For each datum it may be given in (outside China
    that one alone), the mean distance to the nearest road (at most 120 m) of each feature, or each 500 m of it, is held
    against the mean 100 m aside, in eight directions. It is of the datum with which it lies sharply on the roads, by four
    standard errors and at 0.85 times the distance aside or less; where it does so with several, of that with which it lies
    as clearly nearer than with the others. Where it does so with none, it still is of another datum than it was read in if
    it lies as clearly nearer with that one than as read, and than moved as far in any of eleven other directions. With fewer
    than 30 such places, or several datums alike, or none, nothing can be told.

    The kinds of note: `seems_shifted`, `lies_well`, `shift_untold`.
    """
    points, place = _points_along(layer)
    count = len(np.unique(place))
    if count < LEAST_PLACES or len(roads.tree) == 0:
        few = Text(f"不足 {LEAST_PLACES} 处", f"fewer than {LEAST_PLACES}")
        return note(
            "shift_untold", places=count, why=few if len(roads.tree) else Text("没有道路可比", "no roads to compare")
        )
    lon, lat = moving(layer.crs, "EPSG:4326").transform(*points.T)
    given = np.column_stack(shifted(lon, lat, taken))
    datums: tuple[Datum, ...] = get_args(Datum) if are_in_china(lon, lat).any() else (taken,)
    fits: dict[Datum, _Fit] = {}
    for datum in datums:
        there = points if datum == taken else _back(given, datum, layer)
        fits[datum] = _Fit(there, _to_road_m(there, place, roads), _aside_m(there, place, roads))
    nearest = sorted(fits, key=lambda each: float(fits[each].near_m.mean()))
    sharp = [datum for datum in nearest if _clearly(fits[datum].near_m, fits[datum].aside_m)]
    if len(sharp) > 1 and not all(_clearly(fits[sharp[0]].near_m, fits[other].near_m) for other in sharp[1:]):
        return note("shift_untold", places=count, why=Text("几种坐标都吻合", "several datums fit"))
    datum = sharp[0] if sharp else nearest[0]
    best, lying, aside, aside_from = fits[datum], fits[taken], float(fits[datum].aside_m.mean()), _ASIDE_M
    east, north = (points - best.points).mean(axis=0)
    off = float(np.hypot(east, north))
    if not sharp:
        elsewhere = _elsewhere_m(points, best.points, place, roads) if datum != taken else []
        if datum == taken or not (
            _clearly(best.near_m, lying.near_m) and best.near_m.mean() <= _CLEARLY * min(elsewhere)
        ):
            return note("shift_untold", places=count, why=Text("不沿道路分布", "they do not follow the roads"))
        aside, aside_from = float(np.mean(elsewhere)), off
    near = float(best.near_m.mean())
    if datum == taken:
        return note("lies_well", places=count, near_m=near, aside_m=aside)
    return note(
        "seems_shifted",
        named=_NAMES[datum],
        taken=_NAMES[taken],
        datum=datum,
        places=count,
        off_m=off,
        towards=float(np.degrees(np.arctan2(east, north)) % 360),
        undone_m=near,
        aside_m=aside,
        aside_from=aside_from,
        lying_m=float(lying.near_m.mean()),
    )


def _elsewhere_m(points: Points, there: Points, place: Ints, roads: Pieces) -> list[float]:
    """How far from the nearest road places would lie if they were moved as far in eleven other directions, each."""
    away = (there - points).mean(axis=0)
    turns = np.arange(1, _TURNS) * 2 * np.pi / _TURNS
    steps = [
        np.array([away[0] * np.cos(t) - away[1] * np.sin(t), away[0] * np.sin(t) + away[1] * np.cos(t)]) for t in turns
    ]
    return [float(_to_road_m(points + step, place, roads).mean()) for step in steps]


def _clearly(near_m: Floats, other_m: Floats) -> bool:
    """Whether places lie nearer in one way than in another, beyond doubt."""
    gain_m = other_m - near_m
    error_m = gain_m.std() / np.sqrt(len(gain_m))
    return bool(near_m.mean() <= _CLEARLY * other_m.mean() and gain_m.mean() >= _ERRORS * error_m)


def _back(given: Points, datum: Datum, layer: gpd.GeoDataFrame) -> Points:
    """Where places that are given in degrees of a datum lie, in the system of the layer."""
    places = gpd.GeoDataFrame(geometry=shapely.points(given), crs="EPSG:4326")
    return np.asarray(shapely.get_coordinates(unshifted(places, datum).to_crs(layer.crs).geometry.to_numpy()))


def _points_along(layer: gpd.GeoDataFrame) -> tuple[Points, Ints]:
    """Up to SHIFT_POINTS points, evenly spread along a layer's points, lines and outlines, and the place of each.

    Points of one feature are one place, but for each _STRETCH_M of a longer one: neighbours know the same.
    """
    shapes = layer.geometry.to_numpy()
    surface = shapely.get_dimensions(shapes) == 2
    shapes = np.where(surface, shapely.boundary(shapes), shapes)
    pieces, feature = shapely.get_parts(shapes, return_index=True)
    length_m = shapely.length(pieces)
    spacing_m = max(float(length_m.sum()) / SHIFT_POINTS, 1.0)
    each = np.maximum(1, np.round(length_m / spacing_m).astype(int))
    which = np.repeat(np.arange(len(pieces)), each)
    order = np.arange(len(which)) - np.repeat(np.cumsum(each) - each, each)
    lines = shapely.get_dimensions(pieces[which]) == 1
    points = pieces[which]
    points[lines] = shapely.line_interpolate_point(points[lines], (order / each[which])[lines], normalized=True)
    stretch = np.floor(order * spacing_m / _STRETCH_M).astype(np.int64)
    place = np.unique(np.column_stack([feature[which], stretch]), axis=0, return_inverse=True)[1].ravel()
    kept = np.linspace(0, len(points) - 1, min(len(points), SHIFT_POINTS)).astype(int)
    return np.asarray(shapely.get_coordinates(points[kept])), np.asarray(place[kept])


def _to_road_m(points: Points, place: Ints, roads: Pieces) -> Floats:
    """Mean distance of each place to the nearest road, at most _FAR_M."""
    number = np.unique(place, return_inverse=True)[1].ravel()
    return np.asarray(np.bincount(number, weights=roads.away_m(points)) / np.bincount(number))


def _aside_m(points: Points, place: Ints, roads: Pieces) -> Floats:
    """The same 100 m aside, as the mean over the directions."""
    turns = np.arange(_DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    steps = _ASIDE_M * np.column_stack([np.cos(turns), np.sin(turns)])
    return np.asarray(np.mean([_to_road_m(points + step, place, roads) for step in steps], axis=0))
