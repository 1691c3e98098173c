"""Land (用地): construction land a head, whole and by class, and the industrial land the plan sets aside."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.measures.said import incomplete_layers, missing_layers, no_data, one_of
from suizhou_geo.model import Measure, StudyArea, Text
from suizhou_geo.standards import table
from suizhou_geo.zonal import area_by_zone, cut_areas, dissolved, persons_by_zone

LandClass = Literal["R", "A", "S", "G", "G1"]
LAND_CLASSES: tuple[LandClass, ...] = get_args(LandClass)
M2_PER_MU = 2000.0 / 3.0
NAME = Text("人均城镇建设用地", "urban construction land per person")
_CLASS_NAMES = {
    "R": Text("人均居住用地", "residential land per person"),
    "A": Text("人均公共管理与公共服务用地", "public service land per person"),
    "S": Text("人均道路与交通设施用地", "street and transport land per person"),
    "G": Text("人均绿地与广场用地", "green and square land per person"),
    "G1": Text("人均公园绿地（用地口径）", "park land per person (by land use)"),
}
_INDUSTRIAL = Text("主城区工业用地", "industrial land of the main city")
_IN_ZONES = Text("工业用地位于开发区内的比例", "share of industrial land inside development zones")
_MNR = "用地用海分类指南 1001 / 三调 0601 / GB 50137 M"
_SAME = 0.01


def construction_land_per_capita(area: StudyArea) -> Measure:
    """人均城镇建设用地: urban construction land inside the zones over resident persons inside them, m² per person.

    The land is the `land_use` layer's polygons marked as construction land, overlaps counted once; or, without that
    layer, the zones themselves where their outline stands for the construction land (boundary = "construction_land").
    Where the land_use layer may be incomplete (OpenStreetMap), the range reaches from what is mapped to the whole area
    of the zones.

    On one area and one population this is the reciprocal of the density: density = 10⁶ / land per person. Both of the
    pair are in `params`; where the density over the zones' area says something else, the two denominators differ and a
    note says so.

    Source: MNR 人均城镇建设用地面积 (land survey over resident urban population); rival: GB 50137-2011 2.0.4.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> land = sg.construction_land_per_capita(study.area)
    >>> round(land.value * land.params["reciprocal_density_person_per_km2"])
    1000000
    """
    key, unit = "construction_land_per_capita", "m2/person"
    from_outline = area.land_use is None and area.boundary == "construction_land"
    profile = "zone_outline" if from_outline else "land_use"
    needs = missing_layers(area, "population") + (() if from_outline else missing_layers(area, "land_use"))
    if needs or area.population is None:
        return no_data(area, key, NAME, unit=unit, profile=profile, needs=needs, params={"boundary": area.boundary})
    if area.land_use is None:
        land_m2, evidence = area.zones.area, area.zones.assign(part="construction_land")
    else:
        built = area.land_use[area.land_use["construction"].to_numpy(dtype=bool)]
        land_m2 = area_by_zone(built, area.zones)
        parts = cut_areas(dissolved(built), area.zones)
        evidence = parts[["zone_id", "geometry"]].assign(part="construction_land", area_ha=parts.area / 1e4)
    persons = persons_by_zone(area.population, area.zones)
    total = float(persons.sum())
    value = float(land_m2.sum() / total) if total > 0 else np.nan
    reciprocal = 1e6 / value if value > 0 else np.nan
    density = total / float(area.zones.area.sum()) * 1e6
    apart = abs(reciprocal / density - 1.0) > _SAME
    note = Text(
        f"人均用地的倒数为 {reciprocal:,.0f} 人/km²，按分区面积计的人口密度为 {density:,.0f} 人/km²：两者分母不同"
        f"（建设用地 {land_m2.sum() / 1e6:.2f} km²，分区 {area.zones.area.sum() / 1e6:.2f} km²）",
        f"the reciprocal of land per person is {reciprocal:,.0f} persons/km2 but the density over the zones is "
        f"{density:,.0f}: their denominators differ ({land_m2.sum() / 1e6:.2f} km2 of construction land, "
        f"{area.zones.area.sum() / 1e6:.2f} km2 of zones)",
    )
    open_above = "land_use" in area.incomplete and not from_outline
    return Measure(
        key=key,
        name_zh=NAME.zh,
        name_en=NAME.en,
        value=value,
        unit=unit,
        by_zone=land_m2 / persons.where(persons > 0),
        denominator=persons / 1e4,
        shortfall_unit="ha",
        profile=profile,
        basis="MNR 人均城镇建设用地面积: 城镇建设用地 ÷ 城镇常住人口",
        params={
            "boundary": area.boundary,
            "construction_land_ha": float(land_m2.sum() / 1e4),
            "persons": total,
            "reciprocal_density_person_per_km2": reciprocal,
            "zone_density_person_per_km2": density,
        },
        evidence=evidence,
        low=0.0 if "population" in area.incomplete else value,
        high=float(area.zones.area.sum() / total) if open_above and total > 0 else value,
        needs=(incomplete_layers(area, "land_use") if open_above else ()) + incomplete_layers(area, "population"),
        notes=(note,) if apart else (),
        breakdown=None if area.land_use is None else land_table(area),
    )


def land_per_capita(area: StudyArea, land_class: LandClass) -> Measure:
    """人均单项用地: urban construction land of one class of GB 50137 over resident persons, m² per person.

    "R" 居住, "A" 公共管理与公共服务, "S" 道路与交通设施, "G" 绿地与广场, "G1" 公园绿地 (parks alone), by the land-use groups of
    standards/land_codes.toml, overlaps counted once. The planning range of GB 50137-2011 for the class stands in `params`,
    and `notes` says on which side of it the number lies. It is a range for plans, not a promise: no verdict is drawn.

    `breakdown` (see `land_table`) has every group in m², mu and ha.

    Errors: InputError for another class. Source: GB 50137-2011 4.3.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> land_per_capita(area, "R").params["range_m2_per_person"]
    [23.0, 36.0]
    """
    one_of("land_per_capita: class", land_class, LAND_CLASSES)
    key, unit = f"land_per_capita.{land_class}", "m2/person"
    low_range, high_range = table("land_codes")["ranges"]["m2_per_person"][land_class]
    params: dict[str, Any] = {"class": land_class, "range_m2_per_person": [low_range, high_range]}
    name = _CLASS_NAMES[land_class]
    needs = missing_layers(area, "population", "land_use") or _ungrouped(area)
    if needs or area.population is None or area.land_use is None:
        return no_data(area, key, name, unit=unit, profile="land_use", needs=needs, params=params)
    land = area.land_use[_of_class(area.land_use, land_class)]
    if land_class == "G1" and land.empty and area.land_use["land_group"].eq("green").any():
        needs = (
            Text(
                "绿地未细分公园与防护绿地（三调 0810 等为合并地类），无法单列公园；请提供细分用地",
                "green land is not told apart into parks and protective green (as in 三调 0810): give finer codes",
            ),
        )
        return no_data(area, key, name, unit=unit, profile="land_use", needs=needs, params=params)
    land_m2, persons = area_by_zone(land, area.zones), persons_by_zone(area.population, area.zones)
    total = float(persons.sum())
    value = float(land_m2.sum() / total) if total > 0 else np.nan
    parts = cut_areas(dissolved(land), area.zones)
    open_above = "land_use" in area.incomplete
    return Measure(
        key=key,
        name_zh=name.zh,
        name_en=name.en,
        value=value,
        unit=unit,
        by_zone=land_m2 / persons.where(persons > 0),
        denominator=persons / 1e4,
        shortfall_unit="ha",
        profile="land_use",
        basis=table("land_codes")["ranges"]["basis"],
        params=params,
        evidence=parts[["zone_id", "geometry"]].assign(part="land_class", area_ha=parts.area / 1e4),
        low=0.0 if "population" in area.incomplete else value,
        high=np.inf if open_above else value,
        needs=incomplete_layers(area, "land_use", "population"),
        notes=_against_range(value, low_range, high_range),
        breakdown=land_table(area),
    )


def industrial_land(area: StudyArea) -> Measure:
    """主城区工业用地: industrial land inside the zones, in mu (1 亩 = 666.67 m²), overlaps counted once.

    The plan sets 33,709 mu aside for one industry; maps do not tell for whom industrial land is: this is all of it,
    so that `low` is 0: less than the plan's size is surely missed, as much or more cannot tell.
    `breakdown`: per zone and whole, in m², mu, ha, and how much of it lies inside development zones.

    Source: 用地用海 1001, 三调 0601, GB 50137 M.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> industrial_land(area).unit
    'mu'
    """
    key = "industrial_land"
    needs = missing_layers(area, "land_use") or _ungrouped(area)
    if needs or area.land_use is None:
        return no_data(area, key, _INDUSTRIAL, unit="mu", profile="land_use", needs=needs, params={})
    land = area.land_use[area.land_use["land_group"].eq("industrial").to_numpy(dtype=bool)]
    land_m2 = area_by_zone(land, area.zones)
    rows = {"m2": land_m2, "mu": land_m2 / M2_PER_MU, "ha": land_m2 / 1e4}
    if area.development_zones is not None:
        rows["mu_in_development_zones"] = area_by_zone(_common(land, area.development_zones), area.zones) / M2_PER_MU
    breakdown = pd.DataFrame(rows).T
    breakdown.insert(0, "whole", breakdown.sum(axis=1))
    value = float(land_m2.sum() / M2_PER_MU)
    parts = cut_areas(dissolved(land), area.zones)
    note = Text(
        "含全部工业用地，地图不能区分其中用于专用汽车及零部件产业的部分",
        "all industrial land: a map cannot tell which of it serves the special-vehicle industry",
    )
    return Measure(
        key=key,
        name_zh=_INDUSTRIAL.zh,
        name_en=_INDUSTRIAL.en,
        value=value,
        unit="mu",
        by_zone=land_m2 / M2_PER_MU,
        denominator=pd.Series(np.nan, index=area.zones.index),
        shortfall_unit="mu",
        profile="land_use",
        basis=_MNR,
        params={"m2_per_mu": M2_PER_MU},
        evidence=parts[["zone_id", "geometry"]].assign(part="land_class", area_ha=parts.area / 1e4),
        low=0.0,
        high=np.inf if "land_use" in area.incomplete else value,
        needs=incomplete_layers(area, "land_use"),
        notes=(note,),
        breakdown=breakdown.rename_axis("industrial_land"),
    )


def industrial_land_in_development_zones(area: StudyArea) -> Measure:
    """工业用地位于开发区内的比例: industrial land inside development zones (园区) over all industrial land of the zones.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> round(industrial_land_in_development_zones(area).value, 2)
    0.31
    """
    key = "industrial_land_in_development_zones"
    needs = missing_layers(area, "land_use", "development_zones") or _ungrouped(area)
    if needs or area.land_use is None or area.development_zones is None:
        return no_data(area, key, _IN_ZONES, unit="share", profile="land_use", needs=needs, params={})
    land = area.land_use[area.land_use["land_group"].eq("industrial").to_numpy(dtype=bool)]
    whole_m2 = area_by_zone(land, area.zones)
    common = _common(land, area.development_zones)
    inside_m2 = area_by_zone(common, area.zones)
    value = float(inside_m2.sum() / whole_m2.sum()) if whole_m2.sum() > 0 else np.nan
    open_ = bool({"land_use", "development_zones"} & area.incomplete)
    parts = cut_areas(dissolved(common), area.zones)
    return Measure(
        key=key,
        name_zh=_IN_ZONES.zh,
        name_en=_IN_ZONES.en,
        value=value,
        unit="share",
        by_zone=inside_m2 / whole_m2.where(whole_m2 > 0),
        denominator=whole_m2 / 1e4,
        shortfall_unit="ha",
        profile="land_use",
        basis=_MNR,
        params={},
        evidence=parts[["zone_id", "geometry"]].assign(part="land_class", area_ha=parts.area / 1e4),
        low=0.0 if open_ else value,
        high=1.0 if open_ else value,
        needs=incomplete_layers(area, "land_use", "development_zones"),
    )


@lru_cache(maxsize=2)
def land_table(area: StudyArea) -> pd.DataFrame:
    """The land inside the zones by group of standards/land_codes.toml: m2, mu, ha, and its share of construction land.

    Overlaps inside one group are counted once; land in no group stands as "unknown".

    Errors: InputError for a study without a land_use layer.
    """
    if area.land_use is None:
        raise InputError("the study has no land_use layer; give one")
    group = area.land_use["land_group"].where(area.land_use["land_group"].notna(), "unknown")
    rows = {}
    for key, land in area.land_use.groupby(group, sort=False):
        built = land[land["construction"].to_numpy(dtype=bool)]
        m2 = float(area_by_zone(land, area.zones).sum())
        rows[str(key)] = {
            "m2": m2,
            "mu": m2 / M2_PER_MU,
            "ha": m2 / 1e4,
            "construction_m2": float(area_by_zone(built, area.zones).sum()) if len(built) else 0.0,
        }
    order = [key for key in (*table("land_codes")["groups"], "unknown") if key in rows]
    columns = ["m2", "mu", "ha", "construction_m2"]
    result = pd.DataFrame.from_dict(rows, orient="index", columns=columns).loc[order].rename_axis("land_group")
    whole = result["construction_m2"].sum()
    return result.assign(share_of_construction=result["construction_m2"] / whole if whole > 0 else np.nan)


def _of_class(land_use: gpd.GeoDataFrame, land_class: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    groups = table("land_codes")["groups"]
    mine = ["park"] if land_class == "G1" else [key for key, row in groups.items() if row["gb50137"] == land_class]
    built = land_use["construction"].to_numpy(dtype=bool)
    return np.asarray(built & land_use["land_group"].isin(mine).to_numpy(dtype=bool))


def _ungrouped(area: StudyArea) -> tuple[Text, ...]:
    """Say that the land has no groups, where none of it has."""
    if area.land_use is None or area.land_use.empty or area.land_use["land_group"].notna().any():
        return ()
    return (
        Text(
            "用地图层的代码不属于已知体系；请在研究文件声明 codes（yd2023、sd2019 或 gb50137）",
            "the codes of the land_use layer are of no known system; declare `codes` (yd2023, sd2019 or gb50137)",
        ),
    )


def _common(land: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return cut_areas(dissolved(land), dissolved(zones).assign(zone_id="").set_index("zone_id"))


def _against_range(value: float, low: float, high: float) -> tuple[Text, ...]:
    if not np.isfinite(value):
        return ()
    side = Text("低于", "below") if value < low else Text("高于", "above") if value > high else Text("处于", "within")
    bounds = f"≥{low:g}" if np.isinf(high) else f"{low:g}–{high:g}"
    return (
        Text(
            f"{side.zh} GB 50137 规划标准（{bounds} m²/人）",
            f"{side.en} the planning range of GB 50137 ({bounds} m²/person)",
        ),
    )
