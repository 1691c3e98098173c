"""Green (绿地): parks a head and by size, greenways, and green along the rivers (一河两岸)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import Of, Reach
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.geometry.shapes import meets
from suizhou_geo.geometry.zonal import area_by_zone, by_zone, cut_areas, cut_lines, dissolved, zone_of
from suizhou_geo.measures.asked import Asked, pieces, public, ratio, summed
from suizhou_geo.measures.bases import base_of
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, nothing_mapped, sentence
from suizhou_geo.measures.coverage import Coverage
from suizhou_geo.measures.likely.mapped import mapped_share
from suizhou_geo.measures.likely.ranges import likely_amount
from suizhou_geo.measures.parks import Green, compound_green, open_parks
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, persons_in_zones

ParkSize = Literal["all", "comprehensive", "community", "pocket"]
PARK_SIZES: tuple[ParkSize, ...] = get_args(ParkSize)
GREENWAY_M = 1000.0
BANK_M = 100.0


@public
def park_area_per_capita(area: StudyArea, *, size: ParkSize = "all") -> Measure:
    """人均公园面积: area of open parks inside the zones over resident persons, m² per person.

    `size`: "all"; "comprehensive" 综合公园, "community" 社区公园 or "pocket" 口袋公园, by area, as standards/park_sizes.toml
    says: what a park is called in its own plan is not on the map. Pieces at most 2 m apart are one park; overlaps count once.
    Parks are those of the layer that are open to the public, of kinds park, garden and green strip; squares are none, nor
    is the green of compounds (附属绿地).

    Range: where parks may be missing there may be more; and more park land beside a community or a pocket park can make
    it one of the next size, so that these two are open below as well.

    Errors: InputError for another size. Source: GB/T 51346-2019, CJJ/T 85-2017.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> whole, pocket = (park_area_per_capita(area, size=s).value for s in ("all", "pocket"))
    >>> 0 < pocket < whole
    True
    """
    sizes = table("park_sizes")
    params = {"size": size, "range_m2": list(sizes["sizes"][size]["range_m2"]), "gap_m": sizes["source"]["gap_m"]}
    asked = Asked(
        area,
        f"park_area_per_capita.{size}",
        size,
        params,
        Text(sizes["source"]["standard_zh"], sizes["source"]["standard_en"]),
    )
    if needs := missing_layers(area, "parks", "population"):
        return asked.no_data(needs)
    if needs := nothing_mapped(area, "parks", _open_green(area), inside=True):
        return asked.no_data(needs)
    parks = _sized(area, size)
    persons = persons_in_zones(area)
    parts = cut_areas(parks, area.zones)
    more_parks, limited = "parks" in area.incomplete, np.isfinite(params["range_m2"][1])
    number, green = ratio(area_by_zone(parks, area.zones), persons, per=1e4), compound_green(area)
    readings = [
        ratio(area_by_zone(_sized(area, size, green=other), area.zones), persons, per=1e4).value
        for other in ("likely", *green.readings)
    ]
    measure = asked.found(parks=parts["row"].nunique()).measure(
        number,
        evidence=pieces(parts, part="park"),
        low=0.0 if "population" in area.incomplete or (more_parks and limited) else min(readings),
        high=np.inf if more_parks else max(readings),
        needs=green.needs + incomplete_layers(area, "parks", "population"),
        notes=green.notes,
    )
    if "population" in area.incomplete or limited:
        return measure
    shapes, mapped, open_ = parts.geometry.to_numpy(), mapped_share(area, "parks"), (min(readings), max(readings))
    likely = likely_amount(shapely.area(shapes), shapes, float(persons.sum()), mapped, layer="parks", open_=open_)
    return replace(measure, likely=likely)


@public
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
    params = {"range_m2": list(sizes["sizes"]["pocket"]["range_m2"]), "gap_m": sizes["source"]["gap_m"]}
    asked = Asked(
        area, "pocket_parks", "pocket", params, Text(sizes["source"]["standard_zh"], sizes["source"]["standard_en"])
    )
    if needs := missing_layers(area, "parks"):
        return asked.no_data(needs)
    if needs := nothing_mapped(area, "parks", _open_green(area), inside=True):
        return asked.no_data(needs)
    parks = _sized(area, "pocket")
    parts = cut_areas(parks, area.zones)
    mine = parts.assign(area_m2=parts.area).sort_values(["row", "area_m2"]).drop_duplicates("row", keep="last")
    parks = parks.iloc[mine["row"].to_numpy()]
    limits = sizes["sizes"]["pocket"]["classes_m2"]
    size_class = pd.cut(parks.area, limits, right=False, labels=[f"{a:g}-{b:g}" for a, b in pairwise(limits)])
    breakdown = pd.DataFrame({"count": size_class.value_counts(sort=False)})
    breakdown["area_ha"] = parks.area.groupby(size_class, observed=False).sum() / 1e4
    return asked.measure(
        summed(by_zone(np.ones(len(mine)), mine["zone"].to_numpy(), area.zones)),
        evidence=parks.assign(part="park", zone_id=mine["zone_id"].to_numpy(), area_ha=parks.area / 1e4),
        low=0.0 if "parks" in area.incomplete else None,
        high=np.inf if "parks" in area.incomplete else None,
        needs=incomplete_layers(area, "parks"),
        breakdown=breakdown.rename_axis("size_m2"),
    )


@public
def greenway_coverage(area: StudyArea, *, reach: Reach = "straight_line", of: Of = "land") -> Measure:
    """城市绿道服务半径覆盖率: the share of residential land, or of persons, within 1 km of a greenway (绿道).

    Errors: InputError for an unknown reach or denominator. Source: 国家园林城市评选标准 (1 km around greenways over
    residential land).

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> greenway_coverage(area).params["radius_m"]
    1000.0
    """
    basis = Text(
        "国家园林城市评选标准：绿道1公里服务半径覆盖居住用地",
        "criteria for national garden cities: homes within 1 km of a greenway",
    )
    params = {"radius_m": GREENWAY_M}
    asked = Coverage(Asked(area, "greenway_coverage", "", params, basis), "greenways", reach, of)
    if needs := asked.needs():
        return asked.no_data(needs)
    lines = shapely.get_parts(area.layers["greenways"].geometry.to_numpy())
    places = _along(lines) if reach == "street" else lines
    return asked.within(places, GREENWAY_M)


@public
def river_green(area: StudyArea) -> Measure:
    """滨河绿带连续率: the share of the rivers' bank length inside the zones that lies within 100 m of an open park.

    Banks are the outlines of river areas (barriers of kind river), and the lines of rivers that have no area drawn, each
    line once for both banks; what is drawn twice counts once. Parks are of kinds park, garden and green strip; squares
    are none. `breakdown`: per zone bank_km and green_km, and, where buildings are known, how many stand
    within 100 m of a bank, of how many the storeys are known, and their mean. `evidence`: bank lines per zone, `part`
    "bank_green" and "bank_bare"; `share` is less than 1 along a border of zones, and counted_m is share x length_m.

    Range: where parks may be missing the share may be higher, where rivers may be missing it may be anything.

    Source: none; plans that speak of 一河两岸 have no formula, and this is one reading of it.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> 0.0 < river_green(area).value < 1.0
    True
    """
    basis = Text(
        "滨河绿带无国家统一公式，按岸线100米内有开放绿地计",
        "green belts on river banks have no national formula: bank with open green within 100 m",
    )
    asked = Asked(area, "river_green", "banks", {"bank_m": BANK_M, "least_km": table("bases")["least"]["km"]}, basis)
    if needs := missing_layers(area, "barriers", "parks"):
        return asked.no_data(needs)
    banks = _banks(area.layers["barriers"], area.zones)
    if banks.empty:
        need = sentence("no_river")
        return asked.no_data((need,))
    near = shapely.union_all(shapely.buffer(_open_green(area).geometry.to_numpy(), BANK_M))
    lines, weight, zone = (banks.geometry.to_numpy(), banks["share"].to_numpy(), banks["zone"].to_numpy())
    shapely.prepare(near)
    whole_km, green_km = (
        by_zone(shapely.length(shapes) * weight / 1e3, zone, area.zones)
        for shapes in (lines, shapely.intersection(lines, near))
    )
    table_ = pd.DataFrame({"bank_km": whole_km, "green_km": green_km})
    return asked.measure(
        ratio(green_km, whole_km),
        evidence=_bank_evidence(banks, near),
        low=0.0 if "barriers" in area.incomplete else None,
        high=1.0 if {"parks", "barriers"} & area.incomplete else None,
        needs=incomplete_layers(area, "parks", "barriers"),
        breakdown=_with_buildings(area, table_, lines).rename_axis("zone_id"),
        base=base_of(whole_km, "km", Text("河岸", "river banks")),
    )


def _sized(area: StudyArea, size: str, *, green: Green = "likely") -> gpd.GeoDataFrame:
    """The open parks of a size, pieces at most 2 m apart as one."""
    sizes = table("park_sizes")
    whole = dissolved(_open_green(area, green=green), gap_m=sizes["source"]["gap_m"])
    low, high = sizes["sizes"][size]["range_m2"]
    area_m2 = whole.area.to_numpy()
    return whole[(area_m2 >= low) & (area_m2 < high)].reset_index(drop=True)


def _open_green(area: StudyArea, *, green: Green = "likely") -> gpd.GeoDataFrame:
    """The parks that are open to the public and no squares, as drawn, without the green of compounds."""
    parks = open_parks(area, green=green)
    return parks[parks["kind"].isin(table("park_sizes")["source"]["kinds"]).to_numpy()]


def _along(lines: Shapes) -> Shapes:
    """Points every 50 m along lines, where people can step on them."""
    points: Shapes = shapely.points(shapely.get_coordinates(shapely.segmentize(lines, 50.0)))
    return points


def _banks(barriers: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The outlines of river areas, and the lines of rivers outside them, per zone."""
    rivers = barriers.geometry.to_numpy()[barriers["kind"].eq("river").to_numpy()]
    flat = shapely.get_dimensions(rivers)
    water = shapely.union_all(rivers[flat == 2])
    outlines = shapely.get_parts(shapely.boundary(water))
    drawn_once = shapely.line_merge(shapely.union_all(rivers[flat == 1]))
    lines = shapely.get_parts(shapely.difference(drawn_once, water))
    both = np.concatenate([outlines, lines[shapely.length(lines) > 0]])
    return cut_lines(gpd.GeoDataFrame(geometry=both, crs=barriers.crs), zones)


def _bank_evidence(banks: gpd.GeoDataFrame, near: shapely.Geometry) -> gpd.GeoDataFrame:
    lines = banks.geometry.to_numpy()
    parts = {"bank_green": shapely.intersection(lines, near), "bank_bare": shapely.difference(lines, near)}
    rows = []
    for part, shapes in parts.items():
        stretches, row = shapely.get_parts(shapes, return_index=True)
        kept = shapely.length(stretches) > 0
        of_zone = banks[["zone_id", "share"]].iloc[row[kept]].assign(part=part)
        rows.append(gpd.GeoDataFrame(of_zone, geometry=stretches[kept], crs=banks.crs))
    both = pd.concat(rows, ignore_index=True)
    return both.assign(length_m=both.length, counted_m=both["share"] * both.length)


def _with_buildings(area: StudyArea, rows: pd.DataFrame, lines: Shapes) -> pd.DataFrame:
    if area.buildings is None:
        return rows
    shapes = area.buildings.geometry.to_numpy()
    near = np.flatnonzero(meets(shapes, lines, within_m=BANK_M))
    zone = zone_of(shapes[near], area.zones)
    levels: Floats = area.buildings["levels"].to_numpy(dtype=float)[near[zone >= 0]]
    zone, known = zone[zone >= 0], np.isfinite(levels)
    count = by_zone(np.ones(len(zone)), zone, area.zones)
    with_levels = by_zone(known.astype(float), zone, area.zones)
    total = by_zone(np.where(known, levels, 0.0), zone, area.zones)
    return rows.assign(
        buildings_near=count, levels_known=with_levels, mean_levels=total / with_levels.where(with_levels > 0)
    )
