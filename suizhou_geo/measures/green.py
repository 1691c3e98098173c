"""Green (绿地): parks a head and by size, greenways, and green along the rivers (一河两岸)."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import Of, Reach
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.geometry.zonal import area_by_zone, by_zone, cut_areas, cut_lines, dissolved, persons_by_zone
from suizhou_geo.measures.asked import Asked
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, no_data, one_of
from suizhou_geo.measures.coverage import Coverage
from suizhou_geo.model import Measure, Text
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea

ParkSize = Literal["all", "comprehensive", "community", "pocket"]
PARK_SIZES: tuple[ParkSize, ...] = get_args(ParkSize)
GREENWAY_M = 1000.0
BANK_M = 100.0
_SIZE_NAMES = {
    "all": Text("人均公园绿地面积", "park area per person"),
    "comprehensive": Text("人均综合公园面积", "comprehensive park area per person"),
    "community": Text("人均社区公园面积", "community park area per person"),
    "pocket": Text("人均口袋公园面积", "pocket park area per person"),
}
_POCKET = Text("口袋公园数量", "pocket parks")
_BANKS = Text("滨河绿带连续率（一河两岸）", "river banks beside public green")


def park_area_per_capita(area: StudyArea, *, size: ParkSize = "all") -> Measure:
    """人均公园面积: area of open parks inside the zones over resident persons, m² per person.

    `size`: "all"; "comprehensive" 综合公园, "community" 社区公园 or "pocket" 口袋公园, by area, as standards/park_sizes.toml
    says: what a park is called in its own plan is not on the map. Pieces at most 2 m apart are one park; overlaps count once.
    Parks are those of the layer that are open to the public, of kinds park, garden and green strip; squares are none.

    Range: where parks may be missing there may be more; and more park land beside a community or a pocket park can make
    it one of the next size, so that these two are open below as well.

    Errors: InputError for another size. Source: GB/T 51346-2019, CJJ/T 85-2017.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> whole, pocket = (park_area_per_capita(area, size=s).value for s in ("all", "pocket"))
    >>> 0 < pocket < whole
    True
    """
    one_of("park_area_per_capita: size", size, PARK_SIZES)
    sizes = table("park_sizes")
    key, name, unit = f"park_area_per_capita.{size}", _SIZE_NAMES[size], "m2/person"
    params = {"size": size, "range_m2": list(sizes["sizes"][size]["range_m2"]), "gap_m": sizes["source"]["gap_m"]}
    needs = missing_layers(area, "parks", "population")
    if needs or area.population is None:
        return no_data(area, key, name, unit=unit, profile=size, needs=needs, params=params)
    parks = _sized(area, size)
    park_m2, persons = area_by_zone(parks, area.zones), persons_by_zone(area.population, area.zones)
    total = float(persons.sum())
    value = float(park_m2.sum() / total) if total > 0 else np.nan
    parts = cut_areas(parks, area.zones)
    more_parks, limited = "parks" in area.incomplete, np.isfinite(params["range_m2"][1])
    return Measure(
        key=key,
        name_zh=name.zh,
        name_en=name.en,
        value=value,
        unit=unit,
        by_zone=park_m2 / persons.where(persons > 0),
        denominator=persons / 1e4,
        shortfall_unit="ha",
        profile=size,
        basis=sizes["source"]["standard"],
        params=params | {"parks": parts["row"].nunique()},
        evidence=parts[["zone_id", "geometry"]].assign(part="park", area_ha=parts.area / 1e4),
        low=0.0 if "population" in area.incomplete or (more_parks and limited) else value,
        high=np.inf if more_parks else value,
        needs=incomplete_layers(area, "parks", "population"),
    )


def pocket_parks(area: StudyArea) -> Measure:
    """口袋公园数量: open parks of 400 to 10,000 m² with ground in the zones, each counted in the zone that holds most of it.

    Where parks may be missing there may be more, or fewer: what is missing may join some to a larger park.

    `breakdown`: their number and area, that of whole parks, by size class. Source: standards/park_sizes.toml.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> pocket_parks(area).params["range_m2"]
    [400.0, 10000.0]
    """
    sizes = table("park_sizes")
    key = "pocket_parks"
    params = {"range_m2": list(sizes["sizes"]["pocket"]["range_m2"]), "gap_m": sizes["source"]["gap_m"]}
    if area.parks is None:
        needs = missing_layers(area, "parks")
        return no_data(area, key, _POCKET, unit="count", profile="pocket", needs=needs, params=params)
    parts = cut_areas(_sized(area, "pocket"), area.zones)
    mine = parts.assign(area_m2=parts.area).sort_values(["row", "area_m2"]).drop_duplicates("row", keep="last")
    count = by_zone(np.ones(len(mine)), mine["zone"].to_numpy(), area.zones)
    parks = _sized(area, "pocket").iloc[mine["row"].to_numpy()]
    value = float(len(mine))
    limits = sizes["sizes"]["pocket"]["classes_m2"]
    size_class = pd.cut(parks.area, limits, right=False, labels=[f"{a:g}-{b:g}" for a, b in pairwise(limits)])
    breakdown = pd.DataFrame({"count": size_class.value_counts(sort=False)})
    breakdown["area_ha"] = parks.area.groupby(size_class, observed=False).sum() / 1e4
    return Measure(
        key=key,
        name_zh=_POCKET.zh,
        name_en=_POCKET.en,
        value=value,
        unit="count",
        by_zone=count,
        denominator=pd.Series(np.nan, index=area.zones.index),
        shortfall_unit="count",
        profile="pocket",
        basis=sizes["source"]["standard"],
        params=params,
        evidence=parks.assign(part="park", zone_id=mine["zone_id"].to_numpy(), area_ha=parks.area / 1e4),
        low=0.0 if "parks" in area.incomplete else value,
        high=np.inf if "parks" in area.incomplete else value,
        needs=incomplete_layers(area, "parks"),
        breakdown=breakdown.rename_axis("size_m2"),
    )


def greenway_coverage(area: StudyArea, *, reach: Reach = "straight_line", of: Of = "land") -> Measure:
    """城市绿道服务半径覆盖率: the share of residential land, or of persons, within 1 km of a greenway (绿道).

    Errors: InputError for an unknown reach or denominator. Source: 国家园林城市评选标准 (1 km around greenways over
    residential land).

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> greenway_coverage(area).params["radius_m"]
    1000.0
    """
    basis = "国家园林城市评选标准：绿道1公里服务半径覆盖居住用地"
    params = {"radius_m": GREENWAY_M}
    asked = Coverage(Asked(area, "greenway_coverage", "", params, basis), "greenways", reach, of)
    needs = asked.needs()
    if needs or area.greenways is None:
        return asked.no_data(needs)
    lines = shapely.get_parts(area.greenways.geometry.to_numpy())
    places = _along(lines) if reach == "street" else lines
    return asked.within(places, GREENWAY_M)


def river_green(area: StudyArea) -> Measure:
    """滨河绿带连续率: the share of the rivers' bank length inside the zones that lies within 100 m of an open park.

    Banks are the outlines of river areas (barriers of kind river), and the lines of rivers that have no area drawn, each
    line once for both banks; what is drawn twice counts once. Parks are of kinds park, garden and green strip; squares
    are none. `breakdown`: per zone bank_km and green_km, and, where buildings are known, how many stand
    within 100 m of a bank, of how many the storeys are known, and their mean. `evidence`: bank lines per zone, `part`
    "bank_green" and "bank_bare"; `share` is less than 1 along a border of zones, and counted_m is share x length_m.

    Range: where parks may be missing the share may be higher, where rivers may be missing it may be anything.

    Source: 随政办发〔2024〕13号 一、（一）3 (“一河两岸”风光带; no national formula: this is one reading of it).

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> 0.0 < river_green(area).value < 1.0
    True
    """
    key, params = "river_green", {"bank_m": BANK_M}
    needs = missing_layers(area, "barriers", "parks")
    pieces = None if needs else _banks(area)
    if pieces is None or area.parks is None:
        needs = needs or (Text("阻隔要素图层在各分区内没有河流", "the barriers layer has no river in the zones"),)
        return no_data(area, key, _BANKS, unit="share", profile="banks", needs=needs, params=params)
    near = shapely.union_all(shapely.buffer(_open_green(area.parks).geometry.to_numpy(), BANK_M))
    lines = pieces.geometry.to_numpy()
    shapely.prepare(near)
    green_lines = shapely.intersection(lines, near)
    weight = pieces["share"].to_numpy()
    whole_km = by_zone(shapely.length(lines) * weight / 1e3, pieces["zone"].to_numpy(), area.zones)
    green_km = by_zone(shapely.length(green_lines) * weight / 1e3, pieces["zone"].to_numpy(), area.zones)
    value = float(green_km.sum() / whole_km.sum())
    table_ = pd.DataFrame({"bank_km": whole_km, "green_km": green_km})
    return Measure(
        key=key,
        name_zh=_BANKS.zh,
        name_en=_BANKS.en,
        value=value,
        unit="share",
        by_zone=green_km / whole_km.where(whole_km > 0),
        denominator=whole_km,
        shortfall_unit="km",
        profile="banks",
        basis="随政办发〔2024〕13号 一、（一）3：“一河两岸”风光带（无国家统一公式，按岸线100米内有开放绿地计）",
        params=params,
        evidence=_bank_evidence(pieces, near),
        low=0.0 if "barriers" in area.incomplete else value,
        high=1.0 if {"parks", "barriers"} & area.incomplete else value,
        needs=incomplete_layers(area, "parks", "barriers"),
        breakdown=_with_buildings(area, table_, lines).rename_axis("zone_id"),
    )


def _sized(area: StudyArea, size: str) -> gpd.GeoDataFrame:
    """The open parks of a size, pieces at most 2 m apart as one."""
    sizes = table("park_sizes")
    if area.parks is None:
        return gpd.GeoDataFrame(geometry=[], crs=area.crs)
    whole = dissolved(_open_green(area.parks), gap_m=sizes["source"]["gap_m"])
    low, high = sizes["sizes"][size]["range_m2"]
    area_m2 = whole.area.to_numpy()
    return whole[(area_m2 >= low) & (area_m2 < high)].reset_index(drop=True)


def _open_green(parks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The parks that are open to the public and no squares, as drawn."""
    kinds = table("park_sizes")["source"]["kinds"]
    return parks[parks["open_public"].to_numpy(dtype=bool) & parks["kind"].isin(kinds).to_numpy()]


def _along(lines: Shapes) -> Shapes:
    """Points every 50 m along lines, where people can step on them."""
    points: Shapes = shapely.points(shapely.get_coordinates(shapely.segmentize(lines, 50.0)))
    return points


def _banks(area: StudyArea) -> gpd.GeoDataFrame | None:
    """The outlines of river areas, and the lines of rivers outside them, per zone; None where no river is in the zones."""
    if area.barriers is None:
        return None
    rivers = area.barriers.geometry.to_numpy()[area.barriers["kind"].eq("river").to_numpy()]
    flat = shapely.get_dimensions(rivers)
    water = shapely.union_all(rivers[flat == 2])
    outlines = shapely.get_parts(shapely.boundary(water))
    drawn_once = shapely.line_merge(shapely.union_all(rivers[flat == 1]))
    lines = shapely.get_parts(shapely.difference(drawn_once, water))
    both = np.concatenate([outlines, lines[shapely.length(lines) > 0]])
    if not len(both):
        return None
    pieces = cut_lines(gpd.GeoDataFrame(geometry=both, crs=area.crs), area.zones)
    return pieces if len(pieces) else None


def _bank_evidence(pieces: gpd.GeoDataFrame, near: shapely.Geometry) -> gpd.GeoDataFrame:
    lines = pieces.geometry.to_numpy()
    parts = {"bank_green": shapely.intersection(lines, near), "bank_bare": shapely.difference(lines, near)}
    rows = []
    for part, shapes in parts.items():
        stretches, row = shapely.get_parts(shapes, return_index=True)
        kept = shapely.length(stretches) > 0
        of_zone = pieces[["zone_id", "share"]].iloc[row[kept]].assign(part=part)
        rows.append(gpd.GeoDataFrame(of_zone, geometry=stretches[kept], crs=pieces.crs))
    both = pd.concat(rows, ignore_index=True)
    return both.assign(length_m=both.length, counted_m=both["share"] * both.length)


def _with_buildings(area: StudyArea, rows: pd.DataFrame, lines: Shapes) -> pd.DataFrame:
    if area.buildings is None:
        return rows
    shapes = area.buildings.geometry.to_numpy()
    near = np.unique(shapely.STRtree(lines).query(shapes, predicate="dwithin", distance=BANK_M)[0])
    middle = shapely.point_on_surface(shapes[near])
    zone, at = shapely.STRtree(middle).query(area.zones.geometry.to_numpy(), predicate="intersects")
    at, first = np.unique(at, return_index=True)  # on a border: the first of its zones
    zone = zone[first]
    levels: Floats = area.buildings["levels"].to_numpy(dtype=float)[near][at]
    known = np.isfinite(levels)
    count = by_zone(np.ones(len(zone)), zone, area.zones)
    with_levels = by_zone(known.astype(float), zone, area.zones)
    total = by_zone(np.where(known, levels, 0.0), zone, area.zones)
    return rows.assign(
        buildings_near=count, levels_known=with_levels, mean_levels=total / with_levels.where(with_levels > 0)
    )
