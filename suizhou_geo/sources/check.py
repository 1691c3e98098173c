"""What can be said about a study before anything is measured: how much there is, what is odd, what may be shifted."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors.text import Text, listed_text
from suizhou_geo.geometry.arrays import Bools, Floats, Ints
from suizhou_geo.geometry.crs import Datum, unshifted
from suizhou_geo.geometry.zonal import area_by_zone, dissolved, persons_by_zone
from suizhou_geo.model import Note, Study
from suizhou_geo.sources.notes import note, of_layer
from suizhou_geo.standards import table
from suizhou_geo.study_area import LAYERS, Boundary, StudyArea

SHIFT_POINTS = 1000
_LEAST_PLACES = 30
_STRETCH_M = 500.0
_FAR_M = 120.0
_DIRECTIONS = 12
_CLEARLY = 0.85
_ERRORS = 4.0
_SHIFT_NAMES: dict[Datum, str] = {"gcj02": "GCJ-02 (火星坐标, Amap and Tencent)", "bd09": "BD-09 (Baidu)"}
Points = Floats
_CROWDED_PER_KM2 = 40_000.0
# a unit of 万 or 千 persons makes any town emptier than this
_EMPTY_PER_KM2: dict[Boundary, float] = {
    "built_up": 100.0,
    "urban_range": 50.0,
    "construction_land": 100.0,
    "development_boundary": 50.0,
    "administrative": 0.1,
}
_EMPTY_ZONE_PER_KM2 = 10.0  # a zone of them may hold works alone, but not in a unit of 万
_OVERLAP_SHARE = 1e-4


def findings(study: Study) -> tuple[Note, ...]:
    """Say what there is to measure, one sentence each.

    How many features each layer has; how many persons live in the zones and how much of the zones is residential land;
    required facility categories without any facility; facilities outside the zones. What is odd about the layers stands
    in `study.findings` already.
    """
    area = study.area
    counts = Text(
        "、".join(f"{LAYERS[name].name_zh} {len(layer):,}" for name, layer in area.layers.items()),
        ", ".join(f"{name} {len(layer):,}" for name, layer in area.layers.items()),
    )
    zones_km2 = float(area.zones.area.sum()) / 1e6
    there = note("layers_given", counts=counts, km2=zones_km2, boundary=Text(*table("words")["profile"][area.boundary]))
    return (there, *_people(area, zones_km2), *_land(area, zones_km2), *_facilities(area))


def oddities(area: StudyArea, *, own: Collection[str], osm_roads: gpd.GeoDataFrame | None) -> tuple[Note, ...]:
    """Say which of the planners' own layers hold features twice or seem to be on China's shifted coordinates.

    `own` names those layers. They are held against `osm_roads`, OpenStreetMap's, where there are any, else (all but the
    roads themselves) against the study's roads.
    """
    found = []
    for name in own:
        layer = area.layers[name]
        doubled = int(_doubled(layer).sum())
        if doubled:
            found.append(of_layer(note("repeated", doubled=doubled, features=len(layer)), name))
        roads = area.roads if osm_roads is None and name != "roads" else osm_roads
        shift = None if roads is None else undeclared_shift(layer, roads)
        if shift:
            found.append(of_layer(shift, name))
    return tuple(found)


def overlaps(land: gpd.GeoDataFrame) -> tuple[Note, ...]:
    """Say how much ground the polygons of a land layer (图斑) cover more than once, where it is more than 0.01 % of it."""
    shapes = land.geometry.to_numpy()
    if land.empty or shapely.coverage_is_valid(shapes):
        return ()
    one, other = shapely.STRtree(shapes).query(shapes)
    one, other = one[one < other], other[one < other]
    common_m2, drawn_m2 = shapely.area(shapely.intersection(shapes[one], shapes[other])), float(land.area.sum())
    if common_m2.sum() <= _OVERLAP_SHARE * drawn_m2:
        return ()
    involved = land.iloc[np.unique(np.concatenate([one[common_m2 > 0], other[common_m2 > 0]]))]
    twice_m2 = float(involved.area.sum() - dissolved(involved).area.sum())
    return (note("polygons_overlap", ha=twice_m2 / 1e4, share=twice_m2 / (drawn_m2 - twice_m2)),)


def unlikely_density(area: StudyArea) -> tuple[Note, ...]:
    """Say so where more or fewer people live in the zones than any ground of their kind holds: their unit is another."""
    if area.population is None:
        return ()
    by_zone = persons_by_zone(area.population, area.zones)
    persons, zones_km2 = float(by_zone.sum()), area.zones.area / 1e6
    per_km2, empty = persons / float(zones_km2.sum()), _EMPTY_PER_KM2[area.boundary]
    if per_km2 > _CROWDED_PER_KM2:
        return (of_layer(note("crowded", per_km2=per_km2), "population"),)
    if per_km2 < empty:
        outline = Text(*table("words")["profile"][area.boundary])
        return (of_layer(note("too_empty", per_km2=per_km2, persons=persons, outline=outline), "population"),)
    few = (by_zone > 0) & (by_zone / zones_km2 < min(empty, _EMPTY_ZONE_PER_KM2))
    if few.any():
        names = Text(*(mark.join(area.zones["name"][few]) for mark in ("、", ", ")))
        most = float((by_zone / zones_km2)[few].max())
        return (of_layer(note("too_empty_zones", names=names, per_km2=most), "population"),)
    return ()


def undeclared_shift(layer: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> Note | None:
    """Say so if a layer seems to be on China's shifted coordinates (GCJ-02 or BD-09) without saying it; else None.

    Points, and the outlines of polygons and lines, follow streets. The mean distance to the nearest road (at most
    120 m) of each feature, or each 500 m of it, is taken as it lies, with the shift undone, and moved as far in eleven
    other directions. The layer is taken for shifted if undoing brings it closer, by four standard errors and to 0.85
    times or less, than it lies and than every other direction does. Fewer than 30 such places say nothing, and silence
    proves nothing: in a dense network every place is near some road.
    """
    points, place = _points_along(layer)
    if roads.empty or len(np.unique(place)) < _LEAST_PLACES:
        return None
    tree = shapely.STRtree(roads.geometry.to_numpy())
    lying_m = _to_road_m(points, place, tree)
    undone_m = {datum: _to_road_m(points + _undoing_step(points, datum, layer), place, tree) for datum in _SHIFT_NAMES}
    datum = min(undone_m, key=lambda name: float(undone_m[name].mean()))
    gain_m = lying_m - undone_m[datum]
    undone, lying = float(undone_m[datum].mean()), float(lying_m.mean())
    if undone > _CLEARLY * lying or gain_m.mean() < _ERRORS * gain_m.std() / np.sqrt(len(gain_m)):
        return None
    away = _undoing_step(points, datum, layer).mean(axis=0)
    turns = np.arange(1, _DIRECTIONS) * 2 * np.pi / _DIRECTIONS
    if undone > _CLEARLY * min(_to_road_m(points + _turned(away, turn), place, tree).mean() for turn in turns):
        return None
    return note("seems_shifted", named=_SHIFT_NAMES[datum], undone_m=undone, lying_m=lying, datum=datum)


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


def _to_road_m(points: Points, place: Ints, tree: shapely.STRtree) -> Floats:
    """Mean distance of each place to the nearest road, at most _FAR_M."""
    (point, _), distance_m = tree.query_nearest(
        shapely.points(points), max_distance=_FAR_M, return_distance=True, all_matches=False
    )
    each = np.full(len(points), _FAR_M)
    each[point] = distance_m
    number = np.unique(place, return_inverse=True)[1].ravel()
    return np.asarray(np.bincount(number, weights=each) / np.bincount(number))


def _undoing_step(points: Points, datum: Datum, layer: gpd.GeoDataFrame) -> Points:
    places = gpd.GeoDataFrame(geometry=shapely.points(points), crs=layer.crs)
    undone = unshifted(places.to_crs("EPSG:4326"), datum).to_crs(layer.crs)
    return np.asarray(shapely.get_coordinates(undone.geometry.to_numpy()) - points)


def _turned(step: Points, angle: float) -> Points:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([step[0] * cosine - step[1] * sine, step[0] * sine + step[1] * cosine])


def _doubled(layer: gpd.GeoDataFrame) -> Bools:
    """Which features repeat an earlier one: same shape whichever way it is drawn, same text in every column."""
    plain = pd.DataFrame(layer.drop(columns=layer.geometry.name)).astype(str)
    return np.asarray(plain.assign(shape=shapely.to_wkb(shapely.normalize(layer.geometry.to_numpy()))).duplicated())


def _people(area: StudyArea, zones_km2: float) -> list[Note]:
    if area.population is None:
        return []
    by_zone = persons_by_zone(area.population, area.zones)
    persons = float(by_zone.sum())
    found = [note("persons_living", persons=persons, per_km2=persons / zones_km2)]
    deserted = [str(name) for name, count in zip(area.zones["name"], by_zone, strict=True) if count == 0]
    if deserted:
        found.append(note("deserted", names=listed_text(deserted)))
    return found


def _land(area: StudyArea, zones_km2: float) -> list[Note]:
    if area.residential is None:
        return []
    residential_km2 = float(area_by_zone(area.residential, area.zones).sum()) / 1e6
    return [note("residential_land", km2=residential_km2, share=residential_km2 / zones_km2)]


def _facilities(area: StudyArea) -> list[Note]:
    if area.facilities is None:
        return []
    categories = table("life_circles")["categories"]
    there = set(area.facilities["category"])
    absent = [key for key, entry in categories.items() if entry["required"] and key not in there | area.surveyed]
    found = []
    if absent:
        named = Text(
            "、".join(f"{categories[key]['name_zh']}（{key}）" for key in absent),
            ", ".join(f"{categories[key]['name_en']} ({key})" for key in absent),
        )
        found.append(note("categories_absent", count=len(absent), named=named))
    whole = shapely.union_all(area.zones.geometry.to_numpy())
    shapely.prepare(whole)
    outside = int((~shapely.intersects(whole, area.facilities.geometry.to_numpy())).sum())
    if outside:
        found.append(note("facilities_outside", outside=outside, facilities=len(area.facilities)))
    return found
