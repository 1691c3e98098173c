"""Layout (空间格局): one main city and three districts, their size, and the core that named lines enclose."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.geometry.crs import moving
from suizhou_geo.geometry.enclosure import EXTEND_M, Enclosure, enclosure
from suizhou_geo.geometry.zonal import area_by_zone, areal, persons_by_zone
from suizhou_geo.measures.asked import Asked, public, summed, with_whole
from suizhou_geo.measures.completeness import (
    incomplete_layers,
    missing_layers,
    nothing_mapped,
    one_of,
    said_if,
    sentence,
)
from suizhou_geo.measures.land import most_construction_land
from suizhou_geo.model import Measure
from suizhou_geo.standards.street_names import base_name
from suizhou_geo.streets.centreline_geometry import mean_lines
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.study_area import StudyArea, persons_in_zones
from suizhou_geo.study_area.layers import ROLES

Scope = Literal["all_zones", "main_city"]
_SIZE_BASIS = Text("按研究给出的分区计", "counted in the zones that the study gives")
_TOLD_KM2 = 0.005
_CORE_BASIS = Text("方案点名的道路、铁路围合的范围", "what the streets and railways that the plan names enclose")


@public
def zone_count(area: StudyArea, role: str) -> Measure:
    """空间结构（一主城+三片区）: how many zones have a role, "main_city" or "district".

    The zones are those of the study; whether they are the ones the plan draws is for the planner to know. Where none of
    them is a district the layout was not given, and there is no number.

    Errors: InputError for another role.

    >>> import suizhou_geo as sg
    >>> zone_count(sg.read_study("data/raw/invented_city/study.toml").area, "district").value
    3.0
    """
    one_of("zone_count: role", role, ROLES)
    asked = Asked(area, f"{role}_zones", "zones", {"role": role}, _SIZE_BASIS)
    if not area.zones["role"].eq("district").any():
        need = sentence("zones_without_roles")
        return asked.no_data((need,))
    return asked.measure(summed(area.zones["role"].eq(role).astype(float)))


@public
def main_city_population(area: StudyArea, *, scope: Scope = "all_zones") -> Measure:
    """城区人口: resident persons of the main city and its districts together.

    The plan lays the main urban area out as one main city and three districts, and promises one number for it: scope
    "all_zones" adds up all of them; "main_city" takes the zones of that role alone, and where there are none there is no
    number. Of administrative limits the city is a part: it may have fewer (`low` is 0).

    Errors: InputError for an unknown scope.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> main_city_population(area).unit
    'persons'
    """
    asked = Asked(area, "main_city_population", scope, {"scope": scope}, _SIZE_BASIS)
    if needs := missing_layers(area, "population") + _unscoped(area, scope):
        return asked.no_data(needs)
    persons = persons_in_zones(area)
    return _city_size(asked, _scoped(area, persons, scope), "population")


@public
def main_city_construction_land(area: StudyArea, *, scope: Scope = "all_zones") -> Measure:
    """城区城市建设用地: km² of urban construction land of the main city and its districts, overlaps counted once.

    The land_use layer's polygons marked as construction land, or the zones where their outline stands for it; `scope` as
    for `main_city_population`. What stands today is held against a planned size: more is possible, and is no success.
    Where the codes do not say of some land whether it is urban construction land, the range reaches to what it were if
    all of it was.

    Errors: InputError for an unknown scope.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> main_city_construction_land(area).unit
    'km2'
    """
    params = {"scope": scope, "boundary": area.boundary}
    asked = Asked(area, "main_city_construction_land", scope, params, _SIZE_BASIS)
    if needs := _unscoped(area, scope):
        return asked.no_data(needs)
    if area.land_use is not None:
        if needs := nothing_mapped(area, "land_use", _built(area.land_use), inside=True):
            return asked.no_data(needs)
        land_km2, layer = area_by_zone(_built(area.land_use), area.zones) / 1e6, "land_use"
    elif area.boundary == "construction_land":
        land_km2, layer = area.zones.area / 1e6, "zones"
    else:
        return asked.no_data(missing_layers(area, "land_use"))
    scoped = _scoped(area, land_km2, scope)
    counted = StudyArea("counted", area.zones[scoped.notna()], land_use=area.land_use)
    most_m2, unsure = most_construction_land(counted, scoped.dropna() * 1e6)
    measure = _city_size(asked, scoped, layer, most=most_m2 / 1e6 if unsure else None)
    return replace(measure, needs=measure.needs + unsure)


@public
def core_area(area: StudyArea, *, lines: Sequence[str]) -> Measure:
    """主城核心区面积: km² enclosed by named streets and railways, and who lives there.

    The lines are looked up by name among roads (base names: words like 辅路 left off) and railways; ends that miss each
    other by up to 300 m are joined, what runs on beyond a corner is left off (`suizhou_geo.geometry.enclosure.enclosure`). Of a
    divided street the line midway between its carriageways is the side. Lines that are not found, or do not close, are
    named in `needs`, with the gap in metres and its place.

    `breakdown`: area_km2, persons, construction_land_ha of the core, whole and by zone. `evidence`: the polygon, `part`
    "core"; where it does not close, the gaps, `part` "core_gap".

    Errors: InputError for fewer than three names.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> round(core_area(study, **study.params["core_area"]).value, 1)
    22.4
    """
    names = [lines] if isinstance(lines, str) else list(lines)
    streets = {base_name(name)[0]: name for name in names}
    if len(streets) < 3 or "" in streets:
        raise InputError(
            "core_area：lines 至少要有三个不同的名称才能围合成区；请把名称写全",
            "core_area: lines need at least three different names to enclose land; give them all",
        )
    asked = Asked(area, "core_area", "enclosed", {"lines": names, "extend_m": EXTEND_M}, _CORE_BASIS)
    if area.roads is None and area.railways is None:
        return asked.no_data(missing_layers(area, "roads", "railways"))
    found = _lines(area, streets)
    missing = [name for name, shapes in found.items() if not len(shapes)]
    around = None if missing else enclosure(found)
    if around is None or around.polygon is None:
        return replace(asked.no_data(_unclosed(area, missing, around)), evidence=_gaps(area, around))
    inside = area.zones.assign(geometry=areal(shapely.intersection(area.zones.geometry.to_numpy(), around.polygon)))
    rows = {"area_km2": inside.area / 1e6}
    if area.population is not None:
        rows["persons"] = persons_by_zone(area.population, inside)
    if area.land_use is not None:
        rows["construction_land_ha"] = area_by_zone(_built(area.land_use), inside) / 1e4
    extended_m = float(shapely.length(around.extensions).sum())
    number = summed(rows["area_km2"])
    return asked.found(extended_m=extended_m).measure(
        number,
        evidence=gpd.GeoDataFrame({"part": ["core"]}, geometry=[around.polygon], crs=area.crs),
        notes=_core_notes(extended_m, around.polygon.area / 1e6 - number.value),
        breakdown=with_whole(rows, of="of_the_core"),
    )


def _city_size(asked: Asked, values: pd.Series, layer: str, *, most: float | None = None) -> Measure:
    """The sum over the zones: more where a layer is incomplete, less where the zones are more than a city."""
    administrative = asked.area.boundary == "administrative"
    return asked.measure(
        summed(values),
        low=0.0 if administrative else None,
        high=np.inf if layer in asked.area.incomplete else most,
        needs=said_if(administrative, "more_than_the_city") + incomplete_layers(asked.area, layer),
        notes=said_if(
            asked.profile == "all_zones" and asked.area.zones["role"].eq("main_city").any(), "main_city_is_all"
        ),
    )


def _unscoped(area: StudyArea, scope: Scope) -> tuple[Text, ...]:
    return said_if(scope == "main_city" and not area.zones["role"].eq("main_city").any(), "no_main_city")


def _scoped(area: StudyArea, values: pd.Series, scope: Scope) -> pd.Series:
    return values if scope == "all_zones" else values.where(area.zones["role"].eq("main_city"))


def _built(land_use: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return land_use[land_use["construction"].to_numpy(dtype=bool)]


def _lines(area: StudyArea, bases: Mapping[str, str]) -> dict[str, Shapes]:
    """The lines of each name (base name -> name): a street as its mean line, ramps left out, a railway as it is drawn."""
    found: dict[str, list[Shapes]] = {name: [] for name in bases.values()}
    if area.roads is not None:
        streets = area.roads[_bears(area.roads, bases) & ~area.roads["ramp"].to_numpy(dtype=bool)]
        drawn = mean_lines(centrelines(streets)) if len(streets) else streets
        for base, name in bases.items():
            found[name].append(shapely.get_parts(drawn.geometry.to_numpy()[_bears(drawn, (base,))]))
    if area.railways is not None:
        for base, name in bases.items():
            found[name].append(shapely.get_parts(area.railways.geometry.to_numpy()[_bears(area.railways, (base,))]))
    return {name: np.concatenate([np.empty(0, dtype=object), *shapes]) for name, shapes in found.items()}


def _bears(layer: gpd.GeoDataFrame, bases: Collection[str]) -> Bools:
    return np.array([base_name(name)[0] in bases for name in layer["name"]], dtype=bool)


def _unclosed(area: StudyArea, missing: list[str], around: Enclosure | None) -> tuple[Text, ...]:
    if around is None:
        return (sentence("core_lines_missing", missing=missing),)
    if not around.gaps:
        return (sentence("core_not_enclosed"),)
    to_degrees = moving(area.crs, "EPSG:4326")
    said = []
    for gap in around.gaps:
        lon, lat = to_degrees.transform(*shapely.get_coordinates(gap.line)[0])
        one, other = gap.names
        said.append(sentence("core_gap", one=one, other=other, gap_m=gap.line.length, lon=lon, lat=lat))
    return tuple(said)


def _gaps(area: StudyArea, around: Enclosure | None) -> gpd.GeoDataFrame | None:
    if around is None or not around.gaps:
        return None
    columns = {"part": "core_gap", "between": [" / ".join(gap.names) for gap in around.gaps]}
    return gpd.GeoDataFrame(columns, geometry=[gap.line for gap in around.gaps], crs=area.crs)


def _core_notes(extended_m: float, outside_km2: float) -> tuple[Text, ...]:
    return (
        *said_if(extended_m > 1.0, "core_extended", extended_m=extended_m),
        *said_if(outside_km2 > _TOLD_KM2, "core_outside", outside_km2=outside_km2),
    )
