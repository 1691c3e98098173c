"""Built-up area (城区实体地域): how large what is derived is, and densities over it instead of over the zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.zonal import area_by_zone, areal, cut_areas, persons_by_zone
from suizhou_geo.measures.built_up_extent import EXTENTS, Extent, built_up_extent, scopes
from suizhou_geo.measures.completeness import administrative_outline, incomplete_layers, missing_layers, no_data, one_of
from suizhou_geo.model import Measure, Text
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area

Denominator = Literal["zones", "survey", "survey_open_land", "map"]
DENOMINATORS: tuple[Denominator, ...] = get_args(Denominator)
PROFILES = {extent: f"built_up_{extent}" for extent in EXTENTS}
NAME = Text("城区实体地域面积（推导）", "physical built-up area (derived)")
_SEEN = 0.99
_DERIVED = Text(
    "按规则推导，未经人工核查与主管部门核定，不是正式的城区实体地域范围",
    "derived by rule, neither checked by hand nor confirmed by the authority: not the official outline",
)
_PROXY = Text(
    "由地图推导的建成范围只作参考，不能据此判定；请提供建成区范围或国土调查图斑",
    "a built-up extent derived from a map is for orientation and carries no verdict: give the outline of the built-up "
    "area or the land survey",
)
_NOTHING = Text("分区内没有推导出建成范围", "no built-up ground was derived inside the zones")


@dataclass(frozen=True, eq=False)
class Ground:
    """What a density divides by: the `zones`, whole or cut to a built-up extent, and what is to be said of it.

    `least` is the least that they can be; `sure` is whether the truth lies between the two. `needs` says what a verdict
    wants where they are not the built-up area a plan means.
    """

    zones: gpd.GeoDataFrame
    least: gpd.GeoDataFrame
    profile: str
    sure: bool
    needs: tuple[Text, ...]
    notes: tuple[Text, ...]


def built_up_area(area: StudyArea, *, extent: Extent = "survey") -> Measure:
    """城区实体地域面积: km² of the physical built-up area inside the zones, derived by rule.

    "survey": from the land survey as TD/T 1064-2021 does (`survey_rounds`); "survey_open_land": with
    the woods, waters and roads that touch its start; "map": from buildings and streets (`map_extent`), a proxy. `low` is
    the preliminary range (城区初始范围) alone, which always belongs; the map's proxy is open on both sides.

    `breakdown`, whole and per zone: area_km2, start_km2, and persons with a population layer. `evidence`: the pieces
    inside the zones, `part` "built_up_start", "built_up_joined" or "built_up_map", and the `round` each joined in.

    Errors: InputError for an unknown extent. Source: TD/T 1064-2021 3.2, 3.3.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> round(sg.built_up_area(area).value, 1), round(sg.built_up_area(area, extent="map").value, 1)
    (59.2, 54.0)
    """
    one_of("built_up_area: extent", extent, EXTENTS)
    key, profile, params = "built_up_area", PROFILES[extent], {"extent": extent}
    needs = missing_for(area, extent)
    if needs:
        return no_data(area, key, NAME, unit="km2", profile=profile, needs=needs, params=params)
    found, ground = built_up_extent(area, extent), counted_ground(area, extent)
    rows = {"area_km2": ground.zones.area / 1e6, "start_km2": ground.least.area / 1e6}
    if area.population is not None:
        rows["persons"] = persons_by_zone(area.population, ground.zones)
    breakdown = pd.DataFrame(rows).T
    breakdown.insert(0, "whole", breakdown.sum(axis=1))
    pieces = cut_areas(found, area.zones)
    told = {name: found[name].to_numpy()[pieces["row"]] for name in ("part", "round")}
    value = float(rows["area_km2"].sum())
    return Measure(
        key=key,
        name_zh=NAME.zh,
        name_en=NAME.en,
        value=value,
        unit="km2",
        by_zone=rows["area_km2"],
        denominator=pd.Series(np.nan, index=area.zones.index),
        shortfall_unit="km2",
        profile=profile,
        basis=table("built_up")["map" if extent == "map" else "survey"]["basis"],
        params=params,
        evidence=pieces[["zone_id", "geometry"]].assign(**told, area_ha=pieces.area / 1e4),
        low=float(rows["start_km2"].sum()) if ground.sure else 0.0,
        high=value if ground.sure else np.inf,
        needs=ground.needs,
        notes=ground.notes,
        breakdown=breakdown.rename_axis("built_up"),
    )


def missing_for(area: StudyArea, extent: Extent) -> tuple[Text, ...]:
    """Say what an extent cannot be derived without."""
    if extent == "map":
        given = area.buildings is not None or area.roads is not None
        return () if given else missing_layers(area, "buildings", "roads")
    if area.land_survey is None:
        return missing_layers(area, "land_survey")
    rules = table("built_up")["survey"]
    if np.isin(scopes(area.land_survey), [*rules["start"], *rules["towns"]]).any():
        return ()
    return (
        Text(
            "国土调查图斑没有城镇村属性码 201、201A、202、202A（CZCSXM），无法确定城区初始范围",
            "no patch of the land survey is of a city or town (CZCSXM 201, 201A, 202, 202A): there is nothing to start from",
        ),
    )


@per_area
def counted_ground(area: StudyArea, denominator: Denominator) -> Ground:
    """Return what densities divide by: the zones, or the part of them inside a built-up extent.

    Errors: InputError where the layers of the extent were not given.
    """
    if denominator == "zones":
        sure = area.boundary != "administrative"
        return Ground(area.zones, area.zones, area.boundary, sure, administrative_outline(area), ())
    found = built_up_extent(area, denominator)
    zones = _inside(area.zones, found)
    needs = (_PROXY,) if denominator == "map" else incomplete_layers(area, "land_survey")
    return Ground(
        zones=zones,
        least=zones if denominator == "map" else _start(area),
        profile=PROFILES[denominator],
        sure=denominator != "map" and "land_survey" not in area.incomplete,
        needs=needs if zones.area.sum() > 0 else (_NOTHING, *needs),
        notes=(_DERIVED, *_unseen(area, denominator)),
    )


@per_area
def _start(area: StudyArea) -> gpd.GeoDataFrame:
    """The zones inside the preliminary range, the same for every extent of a land survey."""
    found = built_up_extent(area, "survey")
    return _inside(area.zones, found[found["round"] == 0])


def per_km2(amount: pd.Series, zones: gpd.GeoDataFrame) -> float:
    """Return the ratio of sums: an amount by zone over the km² of the zones; NaN where there is no ground."""
    area_km2 = float(zones.area.sum()) / 1e6
    return float(amount.sum()) / area_km2 if area_km2 > 0 else np.nan


def _inside(zones: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    whole = shapely.union_all(found.geometry.to_numpy())
    return zones.assign(geometry=areal(shapely.intersection(zones.geometry.to_numpy(), whole)))


def _unseen(area: StudyArea, denominator: Denominator) -> tuple[Text, ...]:
    """Say how much of the zones the survey does not cover."""
    if denominator == "map" or area.land_survey is None:
        return ()
    seen = float(area_by_zone(area.land_survey, area.zones).sum() / area.zones.area.sum())
    if seen > _SEEN:
        return ()
    return (
        Text(
            f"国土调查图斑只覆盖分区面积的 {seen:.0%}，其余部分未计入建成范围",
            f"the land survey covers {seen:.0%} of the zones: the rest is counted as not built up",
        ),
    )
