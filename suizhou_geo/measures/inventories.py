"""Inventories (设施台账): charging points, parking, heritage plaques, bus stops, and who is reached in an emergency."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import (
    Covered,
    Of,
    Reach,
    coverage_evidence,
    covered_any,
    covered_by_street,
    on_no_street,
    service_areas,
)
from suizhou_geo.access.demand import demand
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.geometry.zonal import area_by_zone, by_zone, zone_of
from suizhou_geo.measures.asked import Asked, Number, name_of, public, ratio
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, nothing_mapped, said_if, sentence
from suizhou_geo.measures.coverage import Coverage
from suizhou_geo.measures.life_circle import facility_shapes, without_guesses
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.streets.driving_network import driving_network
from suizhou_geo.streets.network import STREET_PARAMS, Positions, StreetNetwork, positions
from suizhou_geo.study_area import StudyArea, per_area

Counts = Literal["all", "pile", "gun"]
Emergency = Literal["fire", "emergency"]
EMERGENCIES: tuple[Emergency, ...] = get_args(Emergency)
BUS_RADII_M = (300, 500)
CHARGER_M = 1000.0
DRIVE_LEG_M = 500.0
_BASIS_BUS = Text(
    "GB/T 51328-2018 公共汽电车站点服务半径覆盖率（300 m 不低于50%，500 m 不低于90%）",
    "GB/T 51328-2018, coverage by bus stops (at least 50 % within 300 m, 90 % within 500 m)",
)


@public
def charging_points(area: StudyArea, *, counts: Counts = "all") -> Measure:
    """新能源汽车充电设施: charging points inside the zones, as the inventory counts them.

    `counts`: "all" adds up whatever is counted; "pile" (桩) and "gun" (枪) those declared as such, since one pile may have
    several guns. Where the inventory counts guns, mixes both, or does not say, `needs` says so, and `low` of "all" is what
    is surely piles: the promise does not say which it means.
    The promise is for the whole prefecture: points beyond the zones count for it too, so what is short stays open.

    Errors: InputError for an unknown counting.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> piles, everything = (charging_points(area, counts=c).value for c in ("pile", "all"))
    >>> piles < everything
    True
    """
    asked = Asked(area, "charging_points", counts, {"counts": counts})
    if needs := missing_layers(area, "chargers"):
        return asked.no_data(needs)
    chargers = area.layers["chargers"]
    if needs := nothing_mapped(area, "chargers", chargers, inside=True):
        return asked.no_data(needs)
    rows = chargers if counts == "all" else chargers[chargers["counts"].eq(counts).to_numpy(dtype=bool)]
    number = rows["count"].to_numpy(dtype=float)
    measure = _counted(asked, "chargers", rows, number)
    beyond = sentence("points_elsewhere")
    said = set(chargers["counts"].where(chargers["counts"].notna(), "unsaid"))
    low = measure.value
    if said - {"pile"} and counts == "all":
        low = min(low, charging_points(area, counts="pile").value)
    rest = number.sum() - measure.value
    guns = (
        *said_if(said == {"gun"}, "guns_counted"),
        *said_if(counts == "all" and said - {"pile"} and said != {"gun"}, "guns_and_piles_mixed", **_by_unit(area)),
    )
    notes = said_if(rest > 0, "points_outside", rest=rest)
    return replace(measure, low=low, high=np.inf, needs=(*guns, *measure.needs, beyond), notes=notes)


def _by_unit(area: StudyArea) -> dict[str, float]:
    """How many points of the zones are counted as what."""
    chargers = area.layers["chargers"]
    unit = (
        chargers["counts"]
        .where(chargers["counts"].notna(), "unsaid")
        .map({"pile": "piles", "gun": "guns"})
        .fillna("unsaid")
    )
    inside = zone_of(shapes_of(chargers), area.zones) >= 0
    return {
        name: float(chargers["count"].to_numpy(dtype=float)[inside & unit.eq(name).to_numpy()].sum())
        for name in ("piles", "guns", "unsaid")
    }


@public
def charger_coverage(area: StudyArea, *, reach: Reach = "straight_line", of: Of = "persons") -> Measure:
    """居民1公里内有充电设施的比例: the share of persons (or of residential land) within 1 km of a charging point.

    A site of no charging points (count 0) serves nobody.

    Errors: InputError for an unknown reach or denominator. Source: a planning practice figure, not a standard.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> charger_coverage(area).unit
    'share'
    """
    basis = Text("1000 m：规划实践取值，非国家标准", "1000 m: planning practice, no national standard")
    asked = Coverage(Asked(area, "charger_coverage", "", {"radius_m": CHARGER_M}, basis), "chargers", reach, of)
    if needs := asked.needs():
        return asked.no_data(needs)
    return asked.within(charger_points(area), CHARGER_M)


def charger_points(area: StudyArea) -> Shapes:
    """The points of the charging sites that serve anybody."""
    chargers = area.layers["chargers"]
    sites = chargers[chargers["count"].to_numpy(dtype=float) > 0]
    points: Shapes = shapely.get_parts(sites.geometry.to_numpy())
    return points


@public
def parking_spaces(area: StudyArea) -> Measure:
    """停车泊位数: spaces of the car parks inside the zones, as far as they are said.

    A car park belongs to the zone its middle lies in. Car parks whose spaces nobody says are told and leave the number open
    above; where not one of them says, there is no number.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> parking_spaces(area).unit
    'count'
    """
    asked = Asked(area, "parking_spaces", "said")
    if needs := missing_layers(area, "parking"):
        return asked.no_data(needs)
    parking = area.layers["parking"]
    if needs := nothing_mapped(area, "parking", parking, inside=True):
        return asked.no_data(needs)
    spaces = parking["spaces"].to_numpy(dtype=float)
    measure = _counted(asked, "parking", parking, spaces)
    unsaid = int(np.isnan(spaces[zone_of(shapes_of(parking), area.zones) >= 0]).sum())
    need = said_if(unsaid, "spaces_unsaid", unsaid=unsaid)
    return replace(measure, high=np.inf if unsaid else measure.high, needs=measure.needs + need)


@public
def historic_plaque_share(area: StudyArea) -> Measure:
    """历史文化街区、历史建筑挂牌保护率: those with a plaque over all that are officially announced, inside the zones.

    Entries whose plaque nobody says leave the number open between none and all of them, and a list that may miss entries
    leaves it open altogether. `breakdown`: by kind (district, building) how many are announced, have a plaque, have none,
    are not said.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> round(historic_plaque_share(area).value, 3)
    0.769
    """
    asked = Asked(
        area,
        "historic_plaque_share",
        "announced",
        basis=Text(
            "已公布历史文化街区、历史建筑名录与挂牌台账",
            "announced lists of historic areas and buildings, and of their plaques",
        ),
    )
    if needs := missing_layers(area, "heritage"):
        return asked.no_data(needs)
    announced = area.layers["heritage"]
    announced = announced[announced["announced"].to_numpy(dtype=bool)]
    zone = zone_of(shapes_of(announced), area.zones)
    listed, place = announced[zone >= 0], zone[zone >= 0]
    has, unsaid = listed["plaque"].eq(True).to_numpy(), listed["plaque"].isna().to_numpy()
    whole, with_plaque, perhaps = (
        by_zone(of.astype(float), place, area.zones) for of in (place >= 0, has, has | unsaid)
    )
    outside, not_said = len(announced) - len(listed), int(unsaid.sum())
    open_ = "heritage" in area.incomplete
    kinds = listed.assign(
        announced=1, plaque_yes=has, plaque_no=listed["plaque"].eq(False).to_numpy(), not_said=unsaid
    ).groupby("kind")[["announced", "plaque_yes", "plaque_no", "not_said"]]
    part = np.select([has, unsaid], ["plaque", "plaque_unknown"], default="plaque_missing")
    return asked.measure(
        ratio(with_plaque, whole),
        evidence=listed.assign(
            part=part,
            zone_id=area.zones.index.to_numpy()[place],
            geometry=shapely.point_on_surface(listed.geometry.to_numpy()),
        ),
        low=0.0 if open_ else None,
        high=1.0 if open_ else ratio(perhaps, whole).value,
        needs=(
            *said_if(not_said, "plaques_unsaid", not_said=not_said),
            *said_if(listed.empty, "nothing_announced"),
            *incomplete_layers(area, "heritage"),
        ),
        notes=said_if(outside, "heritage_outside", outside=outside),
        breakdown=kinds.sum().astype(int),
    )


@public
def bus_stop_coverage(area: StudyArea, *, radius_m: int = 500) -> Measure:
    """公共汽电车站点覆盖率: the share of the zones' area within 300 or 500 m of a bus stop, straight, overlaps once.

    It is the share of land, not of homes: what the standard asks of the built-up area. The share of residential land
    within 500 m is `service_coverage(area, "bus_stop")`.

    Errors: InputError for another radius. Source: GB/T 51328-2018 (300 m ≥ 50 %, 500 m ≥ 90 % of the urban area).

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> near, far = (bus_stop_coverage(area, radius_m=m).value for m in (300, 500))
    >>> near < far
    True
    """
    if radius_m not in BUS_RADII_M:
        raise InputError(
            f"bus_stop_coverage：radius_m “{radius_m}”不在可选之列；可选的有 {'、'.join(map(str, BUS_RADII_M))}",
            f"bus_stop_coverage: radius_m {radius_m!r} is not one of {', '.join(map(str, BUS_RADII_M))}",
        )
    params = {"radius_m": radius_m, "boundary": area.boundary}
    name = Text(f"{radius_m:g}", f"{radius_m:g}")
    asked = Asked(area, f"bus_stop_coverage.{radius_m:g}", area.boundary, params, _BASIS_BUS, name)
    stops = None if area.facilities is None else area.facilities[area.facilities["category"].eq("bus_stop").to_numpy()]
    if stops is None or (stops.empty and "bus_stop" not in area.surveyed):
        none = sentence("no_bus_stop")
        return asked.no_data(missing_layers(area, "facilities") or (none,))
    near = gpd.GeoDataFrame(
        geometry=service_areas(shapely.get_parts(stops.geometry.to_numpy()), float(radius_m)), crs=area.crs
    )
    reach = gpd.GeoDataFrame(
        {"part": ["service_area"]}, geometry=[shapely.union_all(near.geometry.to_numpy())], crs=area.crs
    )
    return asked.found(stops=len(stops)).measure(
        ratio(area_by_zone(near, area.zones), area.zones.area, per=1e4),
        evidence=reach,
        high=1.0 if "facilities" in area.incomplete else None,
        needs=incomplete_layers(area, "facilities"),
    )


@public
def emergency_reach(area: StudyArea, service: Emergency = "fire", *, of: Of = "persons") -> Measure:
    """消防救援5分钟可达: the share of persons (or of residential land) a vehicle reaches in time along the streets.

    Minutes, turnout and speed are those of standards/emergency.toml: stated, not measured. The way runs over the counted
    streets in both directions, and from the station or the home to the nearest of them at most 500 m straight and across
    no barrier.

    Errors: InputError for another service or denominator.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> emergency_reach(area).params["limit_m"]  # four minutes at 30 km/h
    2000.0
    """
    row = table("emergency")["services"][service]
    limit_m = (row["minutes"] - row["turnout_min"]) / 60.0 * row["speed_km_h"] * 1000.0
    params = {key: row[key] for key in ("minutes", "turnout_min", "speed_km_h")}
    params |= {"limit_m": limit_m, "category": row["category"]}
    params |= {"leg_m": DRIVE_LEG_M, **STREET_PARAMS}
    driven = Asked(
        area, f"emergency_reach.{service}", "", params, Text(row["standard_zh"], row["standard_en"]), name_of(row)
    )
    asked = Coverage(driven, "facilities", "street", of, on_foot=False)
    if needs := asked.needs():
        return asked.no_data(needs)
    stations = facility_shapes(area, (row["category"],))
    if not len(stations) and row["category"] not in area.surveyed:
        category = Text(_category_zh(row["category"]), row["category"])
        return asked.no_data((sentence("no_station", category=category),))
    covered, off = _driven(area, stations, limit_m), on_no_street(demand(area), _places_by_car(area)[1])
    most = covered_any(demand(area), [covered, off]) if len(stations) else covered
    return without_guesses(
        area,
        asked.measure(covered.share, coverage_evidence(area, covered.share), most=most.share, off=off.share),
        (row["category"],),
        lambda: _driven(area, facility_shapes(area, (row["category"],), sure=True), limit_m).share,
        of=of,
    )


def _driven(area: StudyArea, stations: Shapes, limit_m: float) -> Covered:
    network, places = _places_by_car(area)
    doors = positions(network, shapely.point_on_surface(stations), max_leg_m=DRIVE_LEG_M)
    return covered_by_street(demand(area), network, doors, places, limit_m)


@per_area
def _places_by_car(area: StudyArea) -> tuple[StreetNetwork, Positions]:
    """Where the places of the cells stand on the driving network: a vehicle stops on the nearest street and on no other."""
    network, places = driving_network(area), demand(area).places
    inside = np.flatnonzero(places.inside)
    middle = shapely.points(places.xy.reshape(-1, 2)[inside])
    return network, positions(network, middle, max_leg_m=DRIVE_LEG_M).of(inside)


def _category_zh(category: str) -> str:
    known = table("emergency")["categories"] | table("life_circles")["categories"]
    return str(known[category]["name_zh"])


def _counted(asked: Asked, layer: str, rows: gpd.GeoDataFrame, number: Floats) -> Measure:
    """The sum of some numbers of the rows of a layer in the zones; none where rows stand there and not one says."""
    area, middle = asked.area, shapely.point_on_surface(shapes_of(rows))
    zone = zone_of(middle, area.zones)
    inside = zone >= 0
    said = inside & np.isfinite(number)
    counted = by_zone(number[said], zone[said], area.zones)
    there, telling = (by_zone(np.ones(int(of.sum())), zone[of], area.zones) for of in (inside, said))
    value = float(counted.sum()) if telling.any() or not there.any() else np.nan
    zone_id = area.zones.index.to_numpy()[zone]
    places = {"part": asked.key, "zone_id": zone_id, "name": rows["name"].to_numpy(), "count": number}
    return asked.measure(
        Number(value, counted.mask((there > 0) & (telling == 0)), pd.Series(np.nan, index=area.zones.index)),
        evidence=gpd.GeoDataFrame(places, geometry=middle, crs=area.crs)[inside],
        high=np.inf if layer in area.incomplete else None,
        needs=incomplete_layers(area, layer),
    )
