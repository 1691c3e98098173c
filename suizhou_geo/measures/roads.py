"""Roads: how dense the street network is (城区道路网密度), each street counted once."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.zonal import (
    BESIDE_CARRIAGEWAY_M,
    BESIDE_LEAST_M,
    BESIDE_SLOPE,
    SHARED_BORDER_M,
    beside_outline,
    by_zone,
    cut_lines,
)
from suizhou_geo.measures.asked import Asked, name_of, public, stacked, with_whole
from suizhou_geo.measures.built_up import PROFILES as BUILT_UP
from suizhou_geo.measures.built_up import Denominator, counted_ground, missing_for, per_km2
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, one_of, said_if, sentence
from suizhou_geo.measures.likely.mapped import Mapped
from suizhou_geo.measures.likely.ranges import layer_name, told_range
from suizhou_geo.measures.likely.streets import mapped_branches
from suizhou_geo.measures.outlines import over_outlines
from suizhou_geo.model import Driver, Likely, Measure
from suizhou_geo.standards import table
from suizhou_geo.standards.street_names import real_names
from suizhou_geo.streets.carriageways import ON_TOP_M
from suizhou_geo.streets.centrelines import PAIR_WIDTH_M, PARALLEL_DEG, STREET_WIDTH_M, SURE_WIDTH_M
from suizhou_geo.streets.counted_roads import (
    GROUNDS_M,
    as_branches,
    closed_compounds_usual,
    compound_land,
    counted_streets,
    judged_roads,
    motorways,
    named_around,
)
from suizhou_geo.streets.dead_ends import BEYOND_SHARE, beyond_the_roads
from suizhou_geo.study_area import StudyArea, per_area, persons_in_zones

Profile = Literal["caupd", "yearbook", "raw"]
CLASSES = ("expressway", "arterial", "secondary", "branch")
FLAGS = ("ramp", "in_compound", "gated", "internal", "narrow", "unsure")
_NAMES = ("not_built", "motorway_name")
_RANGE = ("weight_low", "weight_high", "names_untold")
_SAME_WEIGHT = 1e-9
_INTERNAL = {"private": "internal_private", "institution": "internal_institution", "compound": "internal_compound"}
DOUBT_TOLD_FROM = 0.01  # of the density: a smaller range is not worth a sentence
STEPS = ("raw", "ramps_out", "compounds_out", "one_centreline")
_BASIS = Text(
    "GB/T 51328-2018 第12章；GB 50180-2018 6.0.2；中国城市规划设计研究院《中国主要城市道路网密度监测报告》",
    "GB/T 51328-2018 ch. 12; GB 50180-2018 6.0.2; CAUPD, monitoring report on the road density of major cities of China",
)


@public
def road_density(
    area: StudyArea,
    *,
    profile: Profile = "caupd",
    road_class: str | None = None,
    denominator: Denominator = "zones",
) -> Measure:
    """城区道路网密度: centreline length of the counted streets inside the zones over the area of the zones, km per km².

    Counted are 快速路, 主干路, 次干路, 支路; local streets count as 支路 where they are public: where they have a name or
    lie outside residential compounds. Motorways, ramps, service roads and pedestrian streets do not, nor do internal roads
    (单位内部道路, see `judged_roads`); `notes` say how many km. A street drawn as two carriageways counts once. Streets are
    cut exactly at the zones' outlines, a street along a border of two zones belongs half to each, and on the outer outline
    it counts in full, also where the outline was drawn beside it (see `beside_outline`; `low` leaves out what lies outside).
    `high` holds motorways that may be urban expressways.

    Profiles: "caupd" as above; "yearbook" (城市建设统计年鉴) also counts the streets of compounds that are not gated and
    leaves out what is narrower than 3.5 m where a width is given; "raw" adds up every line as drawn, ramps and both
    carriageways, as careless tools do: shown so that the difference is seen.
    `road_class` restricts the numerator to one class: local streets count with "branch", a side road (辅路) with the
    street it belongs to. With another `denominator` than the zones, streets and area are those inside a derived built-up
    area (see `built_up_area`), and the range is that of `population_density`. Over each outline of the layer `outlines` the
    density of "caupd" is told in `notes` and `params`.

    `breakdown` is the waterfall in km, whole and per zone: raw, ramps_out, compounds_out, one_centreline.
    `evidence` holds the stretches: road_class, street_class, name, source_id, zone_id, weight, share, length_m, `beside`
    (outside, beside the outline), and counted_m = length_m x weight x share, which adds up to the numerator.

    Errors: InputError for an unknown profile, class or denominator. Source: GB/T 51328-2018 ch. 12, GB 50180-2018 6.0.2.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> once, raw = sg.road_density(study.area), sg.road_density(study.area, profile="raw")
    >>> bool(once.value < raw.value)
    True
    """
    key, subject = "road_density", None
    if road_class is not None:
        one_of("road_density: road_class", road_class, CLASSES)
        key, subject = f"road_density.{road_class}", name_of(table("road_classes")["classes"][road_class])
    params = {
        "profile": profile,
        "road_class": road_class,
        "denominator": denominator,
        "shared_border_m": SHARED_BORDER_M,
        "beside_outline_m": SHARED_BORDER_M,
        "beside_least_m": BESIDE_LEAST_M,
        "beside_slope": BESIDE_SLOPE,
        "beside_carriageway_m": BESIDE_CARRIAGEWAY_M,
        "grounds_m": GROUNDS_M,
        "street_width_m": STREET_WIDTH_M,
        "pair_width_m": PAIR_WIDTH_M,
        "sure_width_m": SURE_WIDTH_M,
        "parallel_deg": PARALLEL_DEG,
        "on_top_m": ON_TOP_M,
        "beyond_share": BEYOND_SHARE,
    }
    over = profile if denominator == "zones" else f"{profile} / {BUILT_UP[denominator]}"
    asked = Asked(area, key, over, params, _BASIS, subject)
    if needs := missing_layers(area, "roads") + missing_for(area, denominator):
        return asked.no_data(needs)
    ground = counted_ground(area, denominator)
    counted, more = _counted(area, denominator, profile), _maybe_public(area, denominator, profile)
    stretches = _of_class(counted, road_class)
    counted_m = _counted_m(stretches)
    length_km = by_zone(counted_m.to_numpy() / 1000.0, stretches["zone"].to_numpy(), area.zones)
    number = ground.density(length_km)
    low, high = _range(counted, more, profile, road_class, ground.zones)
    if ground.least is not ground.zones:
        on_least, more_on_it = (of(area, denominator, profile, of_start=True) for of in (_counted, _maybe_public))
        of_start = _range(on_least, more_on_it, profile, road_class, ground.least)
        low, high = np.fmin(low, of_start[0]), np.fmax(high, of_start[1])
    motorway_km = _motorway_km(area, denominator) * (profile != "raw" and road_class in (None, "expressway"))
    high += per_km2(motorway_km["in_doubt"], ground.zones)
    headline = (profile, road_class, denominator) == ("caupd", None, "zones")
    outlines, told = over_outlines(area, road_density) if headline else ({}, ())
    found = {"length_km": float(length_km.sum()), "area_km2": float(number.denominator.sum())}
    measure = asked.found(**found, **({"outlines": outlines} if told else {})).measure(
        number,
        evidence=stretches.drop(columns=["zone", *_NAMES, *_RANGE]).assign(part="centreline", counted_m=counted_m),
        low=_bound(np.fmin, number.value, low) if ground.sure else 0.0,
        high=np.inf if "roads" in area.incomplete or not ground.sure else _bound(np.fmax, number.value, high),
        needs=incomplete_layers(area, "roads") + ground.needs + _doubts(counted, more, ground.zones),
        notes=_compound_note(area)
        + _left_out_notes(area, denominator, motorway_km)
        + _attribute_notes(area.layers["roads"])
        + _beyond_note(area)
        + _class_notes(area, denominator, profile, road_class)
        + ground.notes
        + told,
        breakdown=_waterfall(area, denominator),
    )
    if "roads" not in area.incomplete or not ground.sure or profile == "raw" or road_class not in (None, "branch"):
        return measure
    branch_m = counted_m[stretches["street_class"].eq("branch")]
    mapped = mapped_branches(area, counted_streets(area), ground.zones)
    branches = per_km2(branch_m / 1e3, ground.zones)
    return replace(measure, likely=_likely(mapped, branches, (measure.low, _bound(np.fmax, number.value, high))))


def _likely(mapped: Mapped | None, branches: float, open_: tuple[float, float]) -> Likely | None:
    """The likely range of a density of which so much are `branches`, where what is mapped leaves `open_`."""
    if mapped is None:
        return None
    more = mapped.most_missing * branches
    return told_range(
        open_[0], open_[1] + more, [Driver("roads", layer_name("roads"), more, mapped.because, mapped.assumed)]
    )


@per_area
def _stretches(area: StudyArea, denominator: Denominator, *, of_start: bool = False) -> gpd.GeoDataFrame:
    """Every road that may count, as stretches per zone: its flags, its weight as one of several carriageways."""
    ground = counted_ground(area, denominator)
    zones, roads = ground.least if of_start else ground.zones, _roads(area)
    cut = cut_lines(roads, zones)
    beside = beside_outline(roads, zones, cut)
    whole = [cut.assign(beside=False), beside.assign(beside=~beside["sure"])]
    columns = [column for column in whole[0].columns if column not in ("row", "geometry")]
    return stacked(whole, columns).astype(whole[0].dtypes[columns].to_dict())


@per_area
def _roads(area: StudyArea) -> gpd.GeoDataFrame:
    """Every road that may count, not cut at the zones."""
    roads = judged_roads(area)
    roads = roads.assign(names_untold=~named_around(roads))
    others = roads[roads["may_count"] & ~roads["counts"]]
    weights = dict.fromkeys(("weight", "weight_low", "weight_high"), 1.0)
    pieces = [
        counted_streets(area).assign(names_untold=False),
        as_branches(others.assign(street_class=others["road_class"], **weights)),
    ]
    columns = ["road_class", "street_class", "name", "source_id", "left_out", *FLAGS, *_NAMES, "weight", *_RANGE]
    return stacked(pieces, columns).astype(
        dict.fromkeys(weights, float) | dict.fromkeys((*FLAGS, *_NAMES, "names_untold"), bool)
    )


@per_area
def _counted(
    area: StudyArea, denominator: Denominator, profile: Profile, *, of_start: bool = False
) -> gpd.GeoDataFrame:
    """The stretches a profile counts."""
    stretches = _stretches(area, denominator, of_start=of_start)
    if profile == "raw":
        return stretches.assign(weight=1.0, weight_low=1.0, weight_high=1.0)
    return stretches[~_left_out(stretches, profile)]


def _of_class(stretches: gpd.GeoDataFrame, road_class: str | None) -> gpd.GeoDataFrame:
    """The stretches of one class or of all."""
    return stretches if road_class is None else stretches[stretches["street_class"] == road_class]


def _left_out(stretches: gpd.GeoDataFrame, profile: Profile) -> pd.Series:
    if profile == "yearbook":
        return stretches[["ramp", "gated", "internal", "narrow"]].any(axis=1)
    return stretches["left_out"] != ""


@per_area
def _maybe_public(
    area: StudyArea, denominator: Denominator, profile: Profile, *, of_start: bool = False
) -> gpd.GeoDataFrame:
    """Streets that a profile leaves out as those of a compound or an institution, where hardly any street has its name."""
    stretches = _stretches(area, denominator, of_start=of_start)
    if profile == "raw":
        return stretches.iloc[:0]
    never = stretches["ramp"] | stretches["left_out"].eq("private") | (stretches["narrow"] & (profile == "yearbook"))
    return stretches[_left_out(stretches, profile) & ~never & stretches["names_untold"]]


def _range(
    counted: gpd.GeoDataFrame,
    more: gpd.GeoDataFrame,
    profile: Profile,
    road_class: str | None,
    zones: gpd.GeoDataFrame,
) -> tuple[float, float]:
    """The least and the greatest density the data leave open, of what counts and what may count besides.

    At the least, all lines that may be carriageways of one street are, and local streets that may lie in compounds do. At
    the most, only what is sure to be one street is, and nameless streets of compounds are public where names are not told.
    Of one class, a stretch that is only taken to belong to another is out at the least and in at the most.
    """
    least = ~counted["beside"] & (~counted["unsure"] | (profile == "raw"))
    most = pd.Series(True, index=counted.index)
    if road_class is not None:
        own = as_branches(counted.assign(street_class=counted["road_class"]))["street_class"].eq(road_class)
        taken = counted["street_class"].eq(road_class)
        guess = counted["weight_high"] > counted["weight"] + _SAME_WEIGHT
        least, most = least & taken & (own | ~guess), taken | (own & guess)
        more = _of_class(more, road_class)
    low = _density(counted[least], "weight_low", zones)
    return low, _density(counted[most], "weight_high", zones) + _density(more, "weight_high", zones)


def _bound(end: np.ufunc, value: float, other: float) -> float:
    """The lower or the upper of two densities; the first where only the order of the sums makes a difference."""
    return value if np.isclose(value, other, rtol=_SAME_WEIGHT, atol=0.0) else float(end(value, other))


def _density(stretches: gpd.GeoDataFrame, weight: str, zones: gpd.GeoDataFrame) -> float:
    return per_km2(stretches["length_m"] * stretches["share"] * stretches[weight] / 1000.0, zones)


def _counted_m(stretches: gpd.GeoDataFrame) -> pd.Series:
    return stretches["length_m"] * stretches["weight"] * stretches["share"]


def _compound_note(area: StudyArea) -> tuple[Text, ...]:
    if area.compounds is not None:
        return ()
    if not closed_compounds_usual(area):
        return (sentence("no_compounds_abroad"),)
    return (sentence("homes_for_compounds" if len(compound_land(area)) else "no_compounds_no_homes"),)


@per_area
def _motorway_km(area: StudyArea, denominator: Denominator) -> pd.DataFrame:
    """Kilometres of each stretch of motorway inside the zones, and what of them may be 快速路."""
    cut = cut_lines(motorways(area), counted_ground(area, denominator).zones)
    km = _counted_m(cut) / 1000.0
    return pd.DataFrame({"all": km, "in_doubt": km.where(cut["in_doubt"].astype(bool), 0.0)})


def _left_out_notes(area: StudyArea, denominator: Denominator, motorway_km: pd.DataFrame) -> tuple[Text, ...]:
    """How many kilometres are left out as internal roads or motorways, and how many run beside the outline."""
    stretches = _stretches(area, denominator)
    km = (_counted_m(stretches) / 1000.0).groupby(stretches["left_out"]).sum()
    parts = [sentence(kind, km=km[why]) for why, kind in _INTERNAL.items() if km.get(why, 0.0) > 0]
    whole_km, doubtful_km = motorway_km.sum()
    counted_km = _counted_m(stretches[stretches["left_out"] == ""]) / 1000.0
    beside_km, unbuilt_km, called_km = (
        float(counted_km[stretches[flag]].sum()) for flag in ("beside", "not_built", "motorway_name")
    )
    return (
        *said_if(parts, "internal_roads", parts=parts),
        *said_if(whole_km > 0, "motorways_left_out", km=whole_km),
        *said_if(doubtful_km > 0, "motorways_in_doubt", km=doubtful_km),
        *said_if(unbuilt_km > 0, "names_not_built", km=unbuilt_km),
        *said_if(called_km > 0, "expressways_in_doubt", km=called_km),
        *said_if(beside_km > 0, "beside_outline", km=beside_km, width_m=SHARED_BORDER_M),
    )


def _class_notes(
    area: StudyArea, denominator: Denominator, profile: Profile, road_class: str | None
) -> tuple[Text, ...]:
    """The class ratio and what the standards say of the densities: for comparison, no verdict."""
    if profile == "raw":
        return ()
    stretches = _counted(area, denominator, profile)
    zones = counted_ground(area, denominator).zones
    density = {key: per_km2(m / 1e3, zones) for key, m in _counted_m(stretches).groupby(stretches["street_class"])}
    rows = table("road_classes")["class_density"]
    wanted = "trunk_roads" if road_class is None else road_class
    told: tuple[Text, ...] = ()
    row = rows.get(wanted)
    fits = row is not None and _is_city_of(area, *row["persons"])
    if row is not None and fits is not False:
        names = [name_of(table("road_classes")["classes"][c]) for c in row["classes"]]
        value = sum(density.get(c, 0.0) for c in row["classes"])
        of = Text("、".join(name.zh for name in names), " and ".join(name.en for name in names))
        least, most = row["persons"]
        sizes = {"least": least, "most": most, "least_wan": least / 1e4, "most_wan": most / 1e4}
        beside = {"low": row["low"], "high": row["high"], "source": Text(row["source_zh"], row["source_en"])}
        told = (sentence("class_density" if fits else "class_density_if", classes=of, value=value, **sizes, **beside),)
    main = density.get("arterial", 0.0)
    if road_class is not None or main <= 0:
        return told
    second, third = density.get("secondary", 0.0) / main, density.get("branch", 0.0) / main
    return (
        *told,
        sentence("class_ratio_inverted" if third < second else "class_ratio", second=second, third=third),
    )


def _is_city_of(area: StudyArea, least: float, most: float) -> bool | None:
    """Whether so many people live in the zones; None where the population is not known."""
    if area.population is None or "population" in area.incomplete:
        return None
    return bool(least <= persons_in_zones(area).sum() <= most)


def _attribute_notes(roads: gpd.GeoDataFrame) -> tuple[Text, ...]:
    """Say what the roads layer does not tell: names, one-way streets."""
    return (
        *said_if(len(roads) and real_names(roads["name"]).isna().all(), "roads_without_names"),
        *said_if(len(roads) and not roads["oneway"].eq(True).any(), "roads_without_oneway"),
    )


def _beyond_note(area: StudyArea) -> tuple[Text, ...]:
    """Say where the roads layer ends before the zones do: it may have been cut to another outline."""
    share = beyond_the_roads(area) if len(area.layers["roads"]) else 0.0
    return said_if(share > BEYOND_SHARE, "roads_short_of_zones", share=share)


def _doubts(counted: gpd.GeoDataFrame, maybe: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> tuple[Text, ...]:
    """Say what names and directions would settle: which lines are one street, and which nameless streets are public."""
    value, low, high = (_density(counted, weight, zones) for weight in ("weight", "weight_low", "weight_high"))
    more = _density(maybe, "weight", zones)
    return (
        *said_if(high - low > DOUBT_TOLD_FROM * value, "carriageways_in_doubt", low=low, high=high),
        *said_if(more > DOUBT_TOLD_FROM * value, "names_in_doubt", more=more),
    )


@per_area
def _waterfall(area: StudyArea, denominator: Denominator) -> pd.DataFrame:
    """Kilometres left after each step, whole and per zone."""
    stretches = _stretches(area, denominator)
    drawn_m = stretches["length_m"] * stretches["share"]
    no_ramps_m = drawn_m.where(~stretches["ramp"], 0.0)
    streets_m = no_ramps_m.where(stretches["left_out"] == "", 0.0)
    steps = dict(zip(STEPS, (drawn_m, no_ramps_m, streets_m, streets_m * stretches["weight"]), strict=True))
    zone = stretches["zone"].to_numpy()
    rows = {name: by_zone(m.to_numpy() / 1000.0, zone, area.zones).add_suffix("_km") for name, m in steps.items()}
    return with_whole(rows, of="step", whole="whole_km")
