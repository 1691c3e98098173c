"""What can be said about a study before anything is measured: how much there is, what is odd, what may be shifted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors.text import Text, listed_text
from suizhou_geo.geometry.arrays import Bools
from suizhou_geo.geometry.crs import Datum
from suizhou_geo.geometry.zonal import area_by_zone, dissolved
from suizhou_geo.model import Note, Study
from suizhou_geo.sources.map_shift import how_it_lies, in_straight_pieces
from suizhou_geo.sources.notes import note, of_layer
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, persons_in_zones
from suizhou_geo.study_area.layers import LAYERS, Boundary

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
COUNTS = (
    "layers_given",
    "persons_living",
    "residential_land",
    "facilities_outside",
)  # the findings that are nothing odd


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


def oddities(
    area: StudyArea, *, own: Mapping[str, Datum], osm_roads: gpd.GeoDataFrame | None
) -> tuple[tuple[Note, ...], dict[str, Note]]:
    """Say which of the planners' own layers hold features twice or seem to be in another datum than they were read in, and
    of each of the others how it lies beside the roads.

    `own` names those layers, each with the datum it was read in. They are held against `osm_roads`, OpenStreetMap's, where
    there are any, else (all but the roads themselves) against the study's roads.
    """
    found, lying = [], {}
    given, mapped = (None if roads is None else in_straight_pieces(roads) for roads in (area.roads, osm_roads))
    for name, taken in own.items():
        layer = area.layers[name]
        doubled = int(_doubled(layer).sum())
        if doubled:
            found.append(of_layer(note("repeated", doubled=doubled, features=len(layer)), name))
        roads = given if mapped is None and name != "roads" else mapped
        if roads is not None:
            lies = how_it_lies(layer, roads, taken=taken)
            if lies.kind == "seems_shifted":
                found.append(of_layer(lies, name))
            else:
                lying[name] = lies
    return tuple(found), lying


def shifts_together(told: Sequence[Text]) -> list[Text]:
    """Return findings, those of layers that seem to be shifted alike (two or more) told once, in the place of the first."""
    alike: dict[tuple[str, str], list[Note]] = {}
    for one in told:
        if isinstance(one, Note) and one.kind == "seems_shifted":
            alike.setdefault((one.amounts["datum"], one.amounts["taken"]), []).append(one)
    groups = [some for some in alike.values() if len(some) > 1]
    together = {id(some[0]): _one_shift(some) for some in groups}
    left_out = {id(one) for some in groups for one in some[1:]}
    return [together.get(id(one), one) for one in told if id(one) not in left_out]


def _one_shift(some: Sequence[Note]) -> Note:
    """What is told of layers that are shifted alike."""
    names = [one.amounts["layer"] for one in some]
    first = some[0].amounts
    return note(
        "shifted_alike",
        layers=Text("、".join(LAYERS[name].name_zh for name in names), ", ".join(names)),
        count=len(some),
        **{name: first[name] for name in ("named", "taken", "datum", "off_m", "towards")},
        undone_m=max(one.amounts["undone_m"] for one in some),
        lying_m=min(one.amounts["lying_m"] for one in some),
    )


def overlaps(land: gpd.GeoDataFrame) -> tuple[Note, ...]:
    """Say how much ground the polygons of a land layer (图斑) cover more than once, where it is more than 0.01 % of it."""
    shapes = land.geometry.to_numpy()
    unfit = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes))  # of two that overlap at least one
    if not unfit.any():
        return ()
    one, other = shapely.STRtree(shapes).query(shapes)
    pairs = (one < other) & (unfit[one] | unfit[other])
    one, other = one[pairs], other[pairs]
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
    by_zone = persons_in_zones(area)
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


def _doubled(layer: gpd.GeoDataFrame) -> Bools:
    """Which features repeat an earlier one: same shape whichever way it is drawn, same text in every column."""
    plain = pd.DataFrame(layer.drop(columns=layer.geometry.name)).astype(str)
    return np.asarray(plain.assign(shape=shapely.to_wkb(shapely.normalize(layer.geometry.to_numpy()))).duplicated())


def _people(area: StudyArea, zones_km2: float) -> list[Note]:
    if area.population is None:
        return []
    by_zone = persons_in_zones(area)
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
