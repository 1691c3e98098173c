"""Sidewalks: how much of them is continuous, clear and safe (连续、畅通、安全的人行道达标率)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats
from suizhou_geo.geometry.zonal import by_zone, cut_lines, zone_of
from suizhou_geo.measures.asked import Asked, public, ratio, with_whole
from suizhou_geo.measures.completeness import (
    floored,
    incomplete_layers,
    missing_layers,
    said_if,
    sentence,
    wider_outline,
)
from suizhou_geo.model import Measure
from suizhou_geo.streets.counted_roads import counted_streets
from suizhou_geo.study_area import StudyArea

CLASSES = ("arterial", "secondary", "branch")
LEAST_SURVEYED_SHARE = 0.6
LEAST_WIDTH_M = 2.0
TESTS = ("continuous", "unobstructed", "kerb_ramps", "wide_enough")
_BASIS = Text(
    "无国家统一公式，按本工具口径；2.0 m 为 CJJ 37 规定的最小宽度",
    "no national formula: defined here; 2.0 m is the least width of CJJ 37",
)
_SIDES = {"both": 2.0, "left": 1.0, "right": 1.0, "no": 0.0}


@dataclass(frozen=True, eq=False)
class _Sides:
    """Metres of street sides per zone: judged at all, judged good; the table and the rows behind it."""

    judged_m: pd.Series
    good_m: pd.Series
    table: dict[str, pd.Series]
    evidence: gpd.GeoDataFrame
    notes: tuple[Text, ...] = ()


@public
def sidewalk_compliance(area: StudyArea, *, least_surveyed_share: float = LEAST_SURVEYED_SHARE) -> Measure:
    """人行道达标率: of the sides of 主干路, 次干路, 支路 in the zones, by length, the share whose sidewalk passes every test.

    Required (L_req) are both sides of every such street: twice its length as `road_density` counts it, local streets
    that are public included. Profile "survey", from the layer sidewalks: a row passes if it is continuous, not
    obstructed, has kerb ramps and is at least 2.0 m wide; it fails by the first test it fails; while a test is missing
    and none failed it is not judged. `value` is the length that passes over the length judged, L_ok / L_req once all is
    surveyed. `low` is as if all that is not judged failed, `high` as if it passed.

    Without a survey, profile "tags": the column `sidewalk` of the roads says where there is a sidewalk, not how good it
    is. `value` is the share of sides with one among the sides tagged, `low` is 0, and `high` counts every untagged side.
    One of two carriageways has one side.

    Where less than `least_surveyed_share` of L_req is judged (or tagged), the range is 0 to 1: no verdict. It also is
    where the roads may miss some, or the zones are administrative. Lengths by zone: rows that are points count where
    they lie, lines are cut. `breakdown` is in km: required, judged, good and, of a survey, what fails each test.
    `evidence`: part = "sidewalk", the rows with length_m, result ("passes", "fails", "not_judged") and fails, or the
    tagged streets with required_m and present_m.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> sidewalk_compliance(study.area).profile
    'survey'
    """
    params = {
        "least_surveyed_share": least_surveyed_share,
        "least_width_m": LEAST_WIDTH_M,
        "classes": list(CLASSES),
    }
    survey = area.sidewalks is not None and not area.sidewalks.empty
    asked = Asked(area, "sidewalk_compliance", "survey" if survey else "tags", params, _BASIS)
    streets = _streets(area)
    required_m = by_zone(2.0 * streets["counted_m"].to_numpy(), streets["zone"].to_numpy(dtype=np.int64), area.zones)
    if area.roads is not None:
        asked = asked.found(required_km=float(required_m.sum() / 1000.0))
    sides = None
    if area.sidewalks is not None and survey:
        sides = _surveyed(area, area.sidewalks)
    elif area.roads is not None:
        sides = _tagged(area, streets)
    if sides is None or sides.judged_m.sum() == 0:
        return asked.no_data(
            (sentence("sidewalks_unjudged" if survey else "sidewalk_form"), *missing_layers(area, "roads"))
        )
    judged_m, good_m = float(sides.judged_m.sum()), float(sides.good_m.sum())
    all_m = float(max(required_m.sum(), judged_m))
    share = judged_m / all_m if area.roads is not None else np.nan
    enough = share >= least_surveyed_share - 1e-9 and "roads" not in area.incomplete
    closed = enough and area.is_built
    least = 0.0 if not survey or not closed else good_m / all_m
    table = {"required": required_m, "judged": sides.judged_m, "good": sides.good_m, **sides.table}
    return asked.found(judged_km=judged_m / 1000.0, surveyed_share=share).measure(
        ratio(sides.good_m, sides.judged_m, per=1000.0),
        evidence=sides.evidence,
        low=least,
        high=1.0 - (judged_m - good_m) / all_m if closed else 1.0,
        needs=(
            *_share_needs(share, least_surveyed_share, survey=survey),
            *said_if(not survey, "sidewalk_form"),
            *missing_layers(area, "roads"),
            *incomplete_layers(area, "roads"),
            *wider_outline(area, "outline_of_sidewalks"),
        ),
        notes=sides.notes + _too_long(required_m, judged_m, area),
        breakdown=with_whole({name: m / 1000.0 for name, m in table.items()}, of="length_km", whole="whole_km"),
    )


def _streets(area: StudyArea) -> gpd.GeoDataFrame:
    """The streets that need sidewalks, cut per zone: `zone` (a position) and `counted_m`, each street once."""
    if area.roads is None:
        empty = {"counted_m": np.zeros(0), "zone": np.zeros(0, dtype=np.int64)}
        return gpd.GeoDataFrame(empty, geometry=[], crs=area.crs)
    streets = counted_streets(area)
    stretches = cut_lines(streets[streets["street_class"].isin(CLASSES)], area.zones)
    return stretches.assign(counted_m=stretches["length_m"] * stretches["weight"] * stretches["share"])


def _surveyed(area: StudyArea, layer: gpd.GeoDataFrame) -> _Sides:
    placed = _placed(layer, area)
    rows = layer.iloc[placed["row"]].reset_index(drop=True)
    length_m, zone = placed["length_m"].to_numpy(), placed["zone"].to_numpy(dtype=np.int64)
    verdicts = pd.DataFrame(
        {
            "continuous": _answer(rows["continuous"], good=True),
            "unobstructed": _answer(rows["obstructed"], good=False),
            "kerb_ramps": _answer(rows["kerb_ramps"], good=True),
            "wide_enough": _at_least(rows["width_m"].to_numpy(dtype=float)),
        }
    )
    fails, passes = verdicts.eq(0.0).any(axis=1).to_numpy(), verdicts.eq(1.0).all(axis=1).to_numpy()
    failed = verdicts.eq(0.0)
    evidence = gpd.GeoDataFrame(
        {
            "part": "sidewalk",
            "zone_id": area.zones.index.to_numpy()[zone],
            "street": rows["street"],
            "side": rows["side"],
            "source_id": rows["source_id"],
            "length_m": length_m,
            "result": np.select([fails, passes], ["fails", "passes"], "not_judged"),
            "fails": ["; ".join(test for test in TESTS if row[test]) for row in failed.to_dict("records")],
        },
        geometry=placed.geometry.to_numpy(),
        crs=area.crs,
    )

    def total_m(rows_: Bools) -> pd.Series:
        return by_zone(np.where(rows_, length_m, 0.0), zone, area.zones)

    table = {f"fails_{test}": total_m(failed[test].to_numpy()) for test in TESTS}
    return _Sides(total_m(fails | passes), total_m(passes), table, evidence, _left_out(layer, placed))


def _placed(layer: gpd.GeoDataFrame, area: StudyArea) -> gpd.GeoDataFrame:
    """The rows with a length inside the zones: `row` (position), `zone` (position), `length_m`."""
    points = np.flatnonzero(shapely.get_dimensions(layer.geometry.to_numpy()) == 0)
    lines = np.flatnonzero(shapely.get_dimensions(layer.geometry.to_numpy()) == 1)
    cut = cut_lines(layer.iloc[lines][["geometry"]], area.zones)
    own_m = pd.to_numeric(layer["length_m"]).to_numpy(dtype=float)[points]
    places = layer.geometry.to_numpy()[points]
    zone = zone_of(places, area.zones)
    here = (own_m > 0) & (zone >= 0)
    return gpd.GeoDataFrame(
        {
            "row": np.r_[points[here], lines[cut["row"].to_numpy(dtype=np.int64)]],
            "zone": np.r_[zone[here], cut["zone"].to_numpy(dtype=np.int64)],
            "length_m": np.r_[own_m[here], (cut["length_m"] * cut["share"]).to_numpy(dtype=float)],
        },
        geometry=np.r_[places[here], cut.geometry.to_numpy()],
        crs=area.crs,
    )


def _answer(said: pd.Series, *, good: bool) -> Floats:
    """1 where the answer is the good one, 0 where it is not, NaN where nobody answered."""
    return np.array([np.nan if pd.isna(value) else float(bool(value) == good) for value in said], dtype=float)


def _at_least(width_m: Floats) -> Floats:
    return np.where(np.isnan(width_m), np.nan, width_m >= LEAST_WIDTH_M - 1e-9)


def _tagged(area: StudyArea, streets: gpd.GeoDataFrame) -> _Sides:
    sides = streets["sidewalk"].map(_SIDES).to_numpy(dtype=float)
    known = ~np.isnan(sides)
    required_m = 2.0 * streets["counted_m"].to_numpy(dtype=float)
    drawn_m = (streets["length_m"] * streets["share"]).to_numpy(dtype=float)
    present_m = np.where(known, np.minimum(required_m, sides * drawn_m), 0.0)
    zone = streets["zone"].to_numpy(dtype=np.int64)
    columns = ["road_class", "street_class", "name", "source_id", "sidewalk", "zone_id", "length_m", "geometry"]
    evidence = streets.loc[known, columns].assign(
        part="sidewalk", required_m=required_m[known], present_m=present_m[known]
    )
    note = sentence("tags_bound_above")
    return _Sides(
        by_zone(np.where(known, required_m, 0.0), zone, area.zones),
        by_zone(present_m, zone, area.zones),
        {},
        evidence.reset_index(drop=True),
        (note,),
    )


def _share_needs(share: float, least: float, *, survey: bool) -> tuple[Text, ...]:
    done = Text("已调查", "surveyed") if survey else Text("有标签", "tagged")
    kind = "too_little_judged" if share < least - 1e-9 else "judged_share"
    return said_if(share < 1.0 - 1e-9, kind, done=done, share=floored(share, decimals=1), least=least)


def _left_out(layer: gpd.GeoDataFrame, placed: gpd.GeoDataFrame) -> tuple[Text, ...]:
    points = layer[shapely.get_dimensions(layer.geometry.to_numpy()) == 0]
    without = int((~(pd.to_numeric(points["length_m"]) > 0)).sum())
    outside = len(layer) - placed["row"].nunique() - without
    return (
        *said_if(without, "rows_without_length", without=without),
        *said_if(outside, "rows_outside", outside=outside),
    )


def _too_long(required_m: pd.Series, judged_m: float, area: StudyArea) -> tuple[Text, ...]:
    judged_km, required_km = judged_m / 1000.0, required_m.sum() / 1000.0
    return said_if(
        area.roads is not None and judged_m > required_m.sum() * 1.001,
        "surveyed_too_long",
        judged_km=judged_km,
        required_km=required_km,
    )
