"""The arterial grid (骨干路网): through arterials by direction, and where the others break off."""

from __future__ import annotations

from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors.text import Text
from suizhou_geo.measures.asked import Asked, public, undivided
from suizhou_geo.measures.completeness import (
    floored,
    incomplete_layers,
    missing_layers,
    said_if,
    sentence,
    wider_outline,
)
from suizhou_geo.model import Measure
from suizhou_geo.standards.street_names import base_name
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.strokes import MOST_TURN_DEG, stroke_names, stroke_numbers
from suizhou_geo.streets.through_streets import BARRIER_M, GAP_M, crossings, main_direction_deg, stops
from suizhou_geo.study_area import StudyArea, per_area

Direction = Literal["north_south", "east_west"]
Profile = Literal["arterial", "with_secondary"]
Within = Literal["all_zones", "main_city"]
DIRECTIONS: tuple[str, ...] = get_args(Direction)
CLASSES = {"arterial": ("expressway", "arterial"), "with_secondary": ("expressway", "arterial", "secondary")}
LEAST_SHARE = 0.8
MOST_SLANT_DEG = 22.5
EDGE_M = 100.0
LEAST_OF_CITY = 0.5
MOST_DETOUR = 1.6  # half a circle has 1.57
LEAST_STROKE_M = 500.0
_KINDS = {
    "railway": Text("铁路", "railway"),
    "river": Text("河流", "river"),
    "motorway": Text("高速公路", "motorway"),
    "wall": Text("围墙", "wall"),
    "unknown": Text("原因不明", "cause unknown"),
    "lower_class": Text("降为低等级道路", "goes on in a lower class"),
    "junction": Text("止于交叉口", "ends at another street"),
}
_BASIS = Text("无国家统一公式，按本工具口径", "no national formula: defined here")


@public
def arterial_grid(
    area: StudyArea,
    *,
    direction: Direction,
    profile: Profile = "arterial",
    within: Within = "all_zones",
    least_share: float = LEAST_SHARE,
    most_slant_deg: float = MOST_SLANT_DEG,
    edge_m: float = EDGE_M,
) -> Measure:
    """骨干路网: how many arterial streets run right through the city in one direction.

    A street is a stroke (`strokes`): its pieces joined by name and, where no name says how it goes on, straight ahead;
    carriageways and side roads are one street. Counted are 快速路 and 主干路; profile "with_secondary" adds 次干路. The
    city is all zones together, since 中心城区 is the main city with its districts; within = "main_city" takes only the
    zones of that role (all of them where there is none).

    A street is *through* if all of this holds for the part of it in the city, `edge_m` (100 m) beyond it included:

    1. It runs that way: the line between its two farthest points is at most `most_slant_deg` off the direction. The 22.5
       degrees are half the way to the diagonal: what is nearer to a diagonal is neither 纵 nor 横. North is the main
       direction of the counted streets there nearest to north (`north_deg` of the params, clockwise).
    2. It crosses: both ends are within `edge_m` of the city's edge, or its extent along the direction is at least
       `least_share` (0.8) of the city's at its place, on the line in that direction through the street's middle.
    3. It is unbroken: neither end stops inside the city where no other street touches it, or before a barrier (river,
       railway ...) beyond which a street of its name goes on within 500 m. Else an end at another street is no break.
    4. It is no shortcut and no ring: its extent is at least half of the whole city's, its length at most 1.6 times that
       extent.

    Streets of one name count once. The number is one for the whole city, none per zone. `evidence`: strokes of 500 m or
    more, one row per line, part = "stroke", with stroke (a number), name, direction ("diagonal" too), through,
    share_of_extent, length_m (of the whole stroke, each street once), breaks (in words, what stands at its ends inside
    the city); and those ends as points, part = "break", with broken (else another street takes over), kind (that of the
    barrier, "unknown", "lower_class" or "junction"), barrier_name, and gap_m to where the same name goes on.
    `breakdown` lists the strokes of the direction.

    Errors: InputError for an unknown direction, profile or outline.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> arterial_grid(study.area, direction="north_south").value
    5.0
    """
    params = {
        "direction": direction,
        "profile": profile,
        "within": within,
        "classes": list(CLASSES[profile]),
        "least_share": least_share,
        "most_slant_deg": most_slant_deg,
        "edge_m": edge_m,
        "least_of_city": LEAST_OF_CITY,
        "most_detour": MOST_DETOUR,
        "most_turn_deg": MOST_TURN_DEG,
        "least_stroke_m": LEAST_STROKE_M,
        "barrier_m": BARRIER_M,
        "gap_m": GAP_M,
    }
    asked = Asked(area, f"arterial_grid_{direction}", profile, params, _BASIS)
    if needs := missing_layers(area, "roads"):
        return asked.no_data(needs)
    found, ends, north_deg = _streets(area, profile, within, edge_m)
    found = _judged(found, least_share=least_share, most_slant_deg=most_slant_deg)
    here = found[found["direction"] == direction]
    through = here[here["through"]]
    sure = area.is_built
    return asked.found(north_deg=north_deg, through=_names(through)).measure(
        undivided(float(through["street"].nunique()), area),
        evidence=_evidence(found, ends, area),
        low=None if sure else 0.0,
        high=np.inf if "roads" in area.incomplete or not sure else None,
        needs=incomplete_layers(area, "roads") + wider_outline(area, "outline_of_grid"),
        notes=(sentence(f"not_listed_{direction}"), *_told(here, least_share), *_diagonals(found), *_nameless(here)),
        breakdown=here[["name", "through", "share", "length_m", "breaks"]].reset_index(drop=True),
    )


@per_area
def _streets(
    area: StudyArea, profile: Profile, within: Within, edge_m: float
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, float]:
    """The strokes in the city and how they run through it, the places where they stop, and where north is."""
    roads = judged_roads(area)
    roads = roads[~roads["ramp"].astype(bool)].reset_index(drop=True)
    roads = roads.assign(row=np.arange(len(roads)))
    wanted = roads["road_class"].isin(CLASSES[profile]) | roads["roundabout"].astype(bool)
    pieces = centrelines(roads[wanted.to_numpy()])
    number = stroke_numbers(pieces)
    zones = area.zones[area.zones["role"] == "main_city"] if within == "main_city" else area.zones
    city = shapely.union_all((area.zones if zones.empty else zones).geometry.to_numpy())
    inside = _cut(pieces, city.buffer(edge_m))
    north_deg = main_direction_deg(inside[number >= 0].explode())
    found = crossings(pieces, number, city, edge_m=edge_m, north_deg=north_deg)
    found = found[found["length_m"] >= LEAST_STROKE_M]
    names = stroke_names(inside, number).reindex(found.index)
    base = pd.Series([base_name(name)[0] for name in names], index=found.index, dtype=object)
    found["name"] = names
    found["street"] = base.where(base != "", "#" + found.index.astype(str))  # a street without a name is its own
    public = roads[(roads["may_count"] | wanted).to_numpy()]
    ends = stops(found, pieces, number, public, area.barriers)
    found["broken"] = ends.groupby("stroke")["broken"].any().reindex(found.index, fill_value=False)
    found["breaks"] = ends.groupby("stroke")["kind"].agg("; ".join).reindex(found.index, fill_value="")
    return found, ends, north_deg


def _cut(pieces: gpd.GeoDataFrame, outline: shapely.Geometry) -> gpd.GeoDataFrame:
    shapes = pieces.geometry.to_numpy().copy()
    shapely.prepare(outline)
    beyond = ~shapely.covers(outline, shapes)
    shapes[beyond] = shapely.intersection(shapes[beyond], outline)
    return pieces.set_geometry(shapes, crs=pieces.crs)


def _judged(found: gpd.GeoDataFrame, *, least_share: float, most_slant_deg: float) -> gpd.GeoDataFrame:
    straight = found["slant_deg"] <= most_slant_deg
    crosses = (found["start_at_edge"] & found["end_at_edge"]) | (found["share"] >= least_share)
    line = (found["of_city"] >= LEAST_OF_CITY) & (found["length_m"] <= MOST_DETOUR * found["extent_m"])
    return found.assign(
        direction=found["axis"].where(straight, "diagonal"),
        crosses=crosses & line,
        through=straight & crosses & line & ~found["broken"],
    )


def _evidence(found: gpd.GeoDataFrame, ends: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    columns = ["name", "direction", "through", "share", "length_m", "breaks", "broken", "geometry"]
    lines = found[columns].rename(columns={"share": "share_of_extent"}).reset_index().explode(ignore_index=True)
    of = found.loc[ends["stroke"], ["name", "direction"]].reset_index(drop=True)
    points = ends.assign(name=of["name"], direction=of["direction"], through=False, breaks="", part="break")
    rows = [lines.assign(part="stroke"), *([points] if len(points) else [])]
    return gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), geometry="geometry", crs=area.crs)


def _names(rows: gpd.GeoDataFrame) -> list[str]:
    """The names of the streets, each once; those without one by a dash."""
    firsts = rows.drop_duplicates("street")["name"]
    return [name if isinstance(name, str) else "—" for name in firsts]


def _told(here: gpd.GeoDataFrame, least_share: float) -> tuple[Text, ...]:
    """Name the through streets, and those that break off inside the city though they cover much of it."""
    through, told = _names(here[here["through"]]), []
    if through:
        told.append(sentence("through_streets", through=through))
    rest = here[~here["through"] & ~here["street"].isin(here.loc[here["through"], "street"])]
    for _, rows in rest[rest["breaks"] != ""].groupby("street", sort=False):
        kinds = list(dict.fromkeys(kind for row in rows["breaks"] for kind in row.split("; ")))
        name, share = _names(rows)[0], rows["share"].max()
        if round(share, 3) >= least_share > share:
            share = floored(share, decimals=1)
        words = [_KINDS.get(kind, Text(kind, kind)) for kind in kinds]
        told.append(sentence("broken_street", name=name, share=share, breaks=words))
    return tuple(told)


def _diagonals(found: gpd.GeoDataFrame) -> tuple[Text, ...]:
    slanting = _names(found[(found["direction"] == "diagonal") & found["crosses"] & ~found["broken"]])
    return said_if(slanting, "through_diagonals", slanting=slanting)


def _nameless(here: gpd.GeoDataFrame) -> tuple[Text, ...]:
    nameless_m = here["length_m"].where(here["name"].isna(), 0.0)
    share = nameless_m.sum() / max(here["length_m"].sum(), 1.0)
    return said_if(nameless_m.any(), "nameless_arterials", share=share)
