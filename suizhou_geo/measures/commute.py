"""Commute (通勤圈): how many minutes it takes to work and to the counties, on the map, at stated speeds.

This is a proxy from maps (地图推算), never a survey: the ministries' commute figures come from the location data of phones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.demand import demand
from suizhou_geo.access.travel_time import (
    LEG_KM_H,
    LEG_M,
    along_and_legs,
    isochrones,
    minutes_between,
    place,
    routes,
    timed,
)
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Ints, Shapes
from suizhou_geo.geometry.shapes import meets, shapes_of
from suizhou_geo.geometry.zonal import by_zone
from suizhou_geo.measures.asked import Asked, Number, public, ratio, stacked, undivided
from suizhou_geo.measures.bases import basis_needs, homes_base, homes_params, homes_words
from suizhou_geo.measures.completeness import floored, incomplete_layers, missing_layers, said_if, sentence
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.streets.network import STREET_PARAMS, WALKING_PARAMS
from suizhou_geo.study_area import StudyArea, per_area

Mode = Literal["bus", "ebike", "bicycle", "car", "walk"]
MODES: tuple[Mode, ...] = get_args(Mode)
MOST_SHARE = 0.95
CITY_MIN = 30.0
BANDS_MIN = (10.0, 20.0, 30.0)
JOBS_GRID_M = 500.0
HOMES_GRID_M = 200.0
_GRIDS = {"homes_grid_m": HOMES_GRID_M, "jobs_grid_m": JOBS_GRID_M}
_LAYERS = ("roads", "population", "jobs", "residential")
_ROUNDING_MIN = 1e-9
_BASIS = Text(
    "GB/T 51328-2018：95%的城区内部通勤出行时间（100万人口以下城市40分钟）；地图推算，非出行调查",
    "GB/T 51328-2018: time of 95 % of the commutes inside the city (40 minutes below 1 million persons); computed from the "
    "map, no travel survey",
)


@public
def commute_30min_city(area: StudyArea, *, mode: Mode = "bus") -> Measure:
    """城区30分钟通勤圈: the minutes within which 95 % of all pairs of a resident and a job lie, by one mode.

    Homes are the demand cells, gathered on a grid of 200 m, with their persons; jobs those of the `jobs` layer, gathered
    on one of 500 m; jobs outside the zones count too, and are told. Speeds are those of standards/speeds.toml, stated and
    not measured. Pairs without a way count as endless; where they are more than 5 % the answer is infinite, which is no
    number, and `needs` says so. Real commutes are shorter than pairs at random, so what is too long on the map stays open
    (`low` is 0): the proxy can say that the circle holds, never that it does not.

    `by_zone`: the same for the residents of each zone. `breakdown`: the minutes for 50, 80 and 95 % of the pairs, by zone.
    `evidence`: the streets within 10, 20 and 30 minutes of the main centre, if `centres` names one, cut exactly (`part`
    "isochrone").

    Errors: InputError for an unknown mode. Source: GB/T 51328-2018 (95 % of commutes); no definition of the circle exists.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> commute_30min_city(area, mode="car").unit
    'min'
    """
    asked = Asked(area, "commute_30min_city", mode, {"share": MOST_SHARE, **_params(mode), **_GRIDS}, _BASIS)
    if needs := missing_layers(area, "roads", "population", "jobs"):
        return asked.no_data(needs)
    minutes, persons, zone, jobs = _pairs(area, mode)
    if not len(jobs) or persons.sum() == 0 or jobs.sum() == 0:
        return asked.no_data((sentence("nobody_commutes"),))
    value = _quantiles(minutes, persons, jobs, (MOST_SHARE,))[0]
    ids = area.zones.index
    shares = (0.5, 0.8, MOST_SHARE)
    by_zone_ = [_quantiles(minutes[zone == k], persons[zone == k], jobs, shares) for k in range(len(ids))]
    table_ = pd.DataFrame(by_zone_, index=ids, columns=[f"p{share:.0%}".rstrip("%") for share in shares])
    return (
        replace(asked, profile=_profile(area, mode))
        .found(**homes_params(area))
        .measure(
            Number(value, table_["p95"].rename(None), pd.Series(np.nan, index=ids)),
            evidence=_from_the_centre(area, mode),
            low=0.0,
            high=np.inf if _open(area) else None,
            needs=(*_endless(value, minutes, persons, jobs), sentence("commute_proxy"), *_stand_ins(area)),
            notes=_jobs_outside(area),
            breakdown=table_.rename_axis("zone_id"),
            base=homes_base(area),
        )
    )


@public
def jobs_within_reach(area: StudyArea, *, mode: Mode = "bus") -> Measure:
    """30分钟可达就业岗位比例: the share of all jobs that the average resident reaches within 30 minutes, by one mode.

    The mean over residents (weighted by persons) of the share of the jobs of the layer within 30 minutes; homes, jobs and
    speeds as for `commute_30min_city`.

    Errors: InputError for an unknown mode.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> slow, quick = (jobs_within_reach(area, mode=m).value for m in ("walk", "ebike"))
    >>> slow < quick
    True
    """
    asked = Asked(area, "jobs_within_reach", mode, {**_params(mode), **_GRIDS, "minutes": CITY_MIN}, _BASIS)
    if needs := missing_layers(area, "roads", "population", "jobs"):
        return asked.no_data(needs)
    minutes, persons, zone, jobs = _pairs(area, mode)
    whole = by_zone(persons, zone, area.zones)
    if not len(jobs) or jobs.sum() == 0 or whole.sum() == 0:
        return asked.no_data((sentence("nobody_commutes"),))
    share = (minutes <= CITY_MIN + _ROUNDING_MIN) @ jobs / jobs.sum()
    nowhere = float(persons[np.isinf(minutes).all(axis=1)].sum())
    cut = len(timed(area, mode).network.cut)
    return (
        replace(asked, profile=_profile(area, mode))
        .found(**homes_params(area))
        .measure(
            ratio(by_zone(share * persons, zone, area.zones), whole),
            low=0.0 if _open(area) else None,
            high=1.0 if _open(area) or nowhere or cut else None,
            needs=(
                *_stand_ins(area),
                *said_if(nowhere, "no_way_to_work", persons=nowhere),
                *said_if(cut, "cut_at_barriers", places=cut),
            ),
            notes=(sentence("commute_proxy"), *_jobs_outside(area)),
            base=homes_base(area),
        )
    )


@public
def commute_1h_region(area: StudyArea) -> Measure:
    """市内1小时通勤圈: the minutes by car from the main centre to the farthest county seat, at class speeds.

    `centres` names the main centre (kind "main") and the county seats (kind "county"). Streets, motorways and ramps of the
    roads layer, peak factors of standards/speeds.toml. A county seat that lies beyond the roads that were read has no way:
    the number is then missing, and `needs` names it (read farther: `osm.halo_m`). `breakdown`: per county seat the minutes
    in the peak hour and, as `free_flow`, without traffic: the range reaches from one to the other, since what is left of
    the speeds in the peak hour is stated, not measured. Roads that are not drawn may shorten it further (`low` is 0),
    county seats that are not given may lengthen it (`high`). The evidence holds the county seats, the main centre and the
    quickest way to each seat.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> commute_1h_region(area).unit
    'min'
    """
    basis = Text(
        "无统一定义；地图推算：主中心至各县城，小汽车按道路等级速度",
        "no common definition; computed from the map: main centre to each county seat, by car at the speeds of road classes",
    )
    asked = Asked(area, "commute_1h_region", "car", _params("car"), basis)
    if needs := missing_layers(area, "roads", "centres"):
        return asked.no_data(needs)
    centres = area.layers["centres"]
    main, counties = (centres[centres["kind"].eq(kind).to_numpy()] for kind in ("main", "county"))
    if len(main) != 1 or counties.empty:
        need = sentence("centres_needed", main=len(main), counties=len(counties))
        return asked.no_data((need,))
    minutes, free = (
        minutes_between(timed(area, mode), _places(main), _places(counties))[0] for mode in ("car", "car_free")
    )
    breakdown = pd.DataFrame({"minutes": minutes, "free_flow": free}, index=pd.Index(counties["name"], name="county"))
    far = counties["name"][~np.isfinite(minutes)].tolist()
    unreached = said_if(far, "counties_unreached", far=far)
    return asked.measure(
        undivided(np.nan if far else float(minutes.max()), area),
        evidence=_ways_out(area, main, counties.assign(minutes=minutes)),
        low=0.0 if "roads" in area.incomplete else np.nan if far else float(free.max()),
        high=np.inf if "centres" in area.incomplete else None,
        needs=(*unreached, *incomplete_layers(area, "roads", "centres")),
        notes=said_if(not far, "free_flow", minutes=free.max()),
        breakdown=breakdown,
    )


def _ways_out(area: StudyArea, main: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The county seats, the quickest way by car to each, and where these begin."""
    lines = routes(timed(area, "car"), _places(main)[0], _places(counties))
    found = counties.set_geometry(lines)[~shapely.is_empty(lines)]
    parts = [
        counties.assign(part="county_centre"),
        found.assign(part="route"),
        main.assign(part="main_centre", minutes=np.nan),
    ]
    return stacked(parts, ["part", "name", "minutes"]).infer_objects()


def _params(mode: str) -> dict[str, Any]:
    speeds = table("speeds")
    own = dict(speeds["car"]) if mode == "car" else {"km_h": speeds["modes"][mode]["km_h"]}
    network = speeds["modes"][mode]["network"]
    streets = WALKING_PARAMS if network == "walking" else STREET_PARAMS
    return {"mode": mode, **own, **streets, "leg_m": LEG_M[network], "leg_km_h": LEG_KM_H}


def _profile(area: StudyArea, mode: str) -> str:
    """The mode, and what stands in for residential land where something does."""
    words = homes_words(area, of="persons").removeprefix("residential_land").removeprefix(" / ")
    return " / ".join(word for word in (mode, words) if word)


def _open(area: StudyArea) -> bool:
    """Whether what is not known of the layers could move the number either way."""
    return not demand(area).sure or bool(set(_LAYERS) & area.incomplete)


def _stand_ins(area: StudyArea) -> tuple[Text, ...]:
    return basis_needs(area) + incomplete_layers(area, *_LAYERS)


def _endless(value: float, minutes: Floats, persons: Floats, jobs: Floats) -> tuple[Text, ...]:
    """Say how many of the pairs have no way, where that leaves no number."""
    share = float(persons @ np.isinf(minutes) @ jobs / (persons.sum() * jobs.sum()))
    return said_if(not np.isfinite(value), "pairs_endless", share=-floored(-share, decimals=1), most=1 - MOST_SHARE)


def _jobs_outside(area: StudyArea) -> tuple[Text, ...]:
    """Say how many of the jobs lie outside the zones; there are some."""
    layer = area.layers["jobs"]
    jobs = layer["jobs"].to_numpy()
    number = float(jobs[~meets(_places(layer), shapes_of(area.zones))].sum())
    return said_if(number, "jobs_outside", number=number, share=number / jobs.sum())


def _places(layer: gpd.GeoDataFrame) -> Shapes:
    """One point on each shape of a layer."""
    points: Shapes = shapely.point_on_surface(layer.geometry.to_numpy())
    return points


def _pairs(area: StudyArea, mode: str) -> tuple[Floats, Floats, Ints, Floats]:
    """Minutes from places of homes (rows) to places of jobs (columns), persons and zone of the rows, jobs of the columns."""
    modes = table("speeds")["modes"]
    network = modes[mode]["network"]
    like = next(key for key, row in modes.items() if row["network"] == network)  # of one network the ways are the same
    along, legs, persons, zone, jobs = _ways(area, like)
    if like != mode:
        along = along * (modes[like]["km_h"] / modes[mode]["km_h"])
    return along + legs, persons, zone, jobs


@per_area
def _ways(area: StudyArea, mode: str) -> tuple[Floats, Floats, Floats, Ints, Floats]:
    """Minutes along the streets and of the legs, by one mode; persons and zone of the rows, jobs of the columns."""
    homes = demand(area)
    persons = np.nan_to_num(homes.cells["persons"].to_numpy(dtype=float))
    cell_zone = homes.cells["zone"].to_numpy()
    corner = area.zones.total_bounds[:2]
    origin, here, zone = _gathered(homes.centre, persons, HOMES_GRID_M, corner=corner, apart=cell_zone)
    if area.jobs is None or area.jobs.empty:
        nothing = np.empty((len(here), 0))
        return nothing, nothing, here, zone, np.empty(0)
    weight = area.jobs["jobs"].to_numpy(dtype=float)
    together = np.zeros(len(weight), dtype=np.int64)
    destination, there, _ = _gathered(_places(area.jobs), weight, JOBS_GRID_M, corner=corner, apart=together)
    return *along_and_legs(timed(area, mode), origin, destination), here, zone, there


def _gathered(
    points: Shapes, weight: Floats, grid_m: float, *, corner: Floats, apart: Ints
) -> tuple[Shapes, Floats, Ints]:
    """Points gathered per square of a grid from a corner, and per value of `apart`: the one nearest their weighted middle.

    With the sums of the weights, and the value of `apart`.
    """
    xy = shapely.get_coordinates(points) - corner
    square = np.floor(xy / grid_m).astype(np.int64)
    _, group = np.unique(np.column_stack([square, apart]), axis=0, return_inverse=True)
    group = group.ravel()
    number = int(group.max()) + 1 if len(group) else 0
    total: Floats = np.bincount(group, weights=weight, minlength=number).astype(float)
    shares = np.where(total[group] > 0, weight, 1.0)
    mass = np.bincount(group, weights=shares, minlength=number)
    middle = np.column_stack([np.bincount(group, weights=shares * xy[:, k], minlength=number) / mass for k in (0, 1)])
    away = np.hypot(*(xy - middle[group]).T)
    order = np.lexsort((away, group))
    first = order[np.r_[True, np.diff(group[order]) != 0]] if len(order) else order
    return points[first], total, apart[first]


def _quantiles(minutes: Floats, persons: Floats, jobs: Floats, shares: Sequence[float]) -> list[float]:
    """For each share, the smallest number of minutes within which at least that of all pairs lie; NaN without a pair."""
    weight = np.outer(persons, jobs).ravel()
    if weight.sum() == 0:
        return [float("nan")] * len(shares)
    order = np.argsort(minutes, axis=None)
    run, sorted_ = np.cumsum(weight[order]), minutes.ravel()[order]
    return [float(sorted_[np.searchsorted(run, share * run[-1] * (1 - 1e-12))]) for share in shares]


def _from_the_centre(area: StudyArea, mode: str) -> gpd.GeoDataFrame | None:
    if area.centres is None:
        return None
    main = area.centres[area.centres["kind"].eq("main").to_numpy()]
    if len(main) != 1:
        return None
    ways = timed(area, mode)
    if not len(place(ways, _places(main)).owner):
        return None
    found = isochrones(ways, _places(main)[0], BANDS_MIN)
    return found.assign(part="isochrone").set_crs(area.crs)
