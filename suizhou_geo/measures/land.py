"""Land (用地): construction land a head, whole and by class, and the industrial land the plan sets aside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools
from suizhou_geo.geometry.zonal import area_by_zone, by_zone, cut_areas, dissolved
from suizhou_geo.measures.asked import Asked, pieces, public, ratio, summed, with_whole
from suizhou_geo.measures.bases import base_of
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, nothing_mapped, said_if, sentence
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area, persons_in_zones

LandClass = Literal["R", "A", "S", "G", "G1"]
LAND_CLASSES: tuple[LandClass, ...] = get_args(LandClass)
M2_PER_HA = 1e4
M2_PER_MU = 2000.0 / 3.0
_MNR = Text(
    "用地用海分类指南 1001 / 三调 0601 / GB 50137 M",
    "land and sea use classes 1001 / third land survey 0601 / GB 50137 M",
)
_SAME = 0.01
_TOLD_M2 = 1.0
_OVERLAP = 1e-4  # share of the land on which classes overlap: less is rounding
_TINY = 1e-9
_ANY = ("urban",)  # groups that hold land of every class and do not tell it apart
_LUMPS = {"R": ("urban", "rural_homes"), "G1": ("urban", "green")}  # groups that may hold land of one class, too


@public
def construction_land_per_capita(area: StudyArea) -> Measure:
    """人均城镇建设用地: urban construction land inside the zones over resident persons inside them, m² per person.

    The land is the `land_use` layer's polygons marked as construction land, overlaps counted once; or, without that
    layer, the zones themselves where their outline stands for the construction land (boundary = "construction_land").
    Where the land_use layer may be incomplete (OpenStreetMap), the range reaches from what is mapped to the whole area
    of the zones; where some of its codes are of no group, or words in `czcsxm` none of its codes, or a survey without
    `czcsxm` has homesteads, to what it were if all that land were construction land. Ground of a planners' layer on which
    farmland or other open land is drawn as well may be either: `low` is without it. In administrative limits the
    villages' people are counted: there may be more per person of a town, and the range is open above; and below, too,
    unless `czcsxm` says of all land that counts that it lies in a city or town.

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
    from_outline = area.land_use is None and area.boundary == "construction_land"
    profile = "zone_outline" if from_outline else "land_use"
    layers = ("population",) if from_outline else ("land_use", "population")
    basis = Text(
        "自然资源部“人均城镇建设用地面积”：城镇建设用地 ÷ 城镇常住人口",
        "Ministry of Natural Resources, urban construction land per resident: urban construction land / urban residents",
    )
    asked = Asked(area, "construction_land_per_capita", profile, {"boundary": area.boundary}, basis)
    if needs := missing_layers(area, *layers):
        return asked.no_data(needs)
    if area.land_use is None:
        land_m2, evidence = area.zones.area, area.zones.assign(part="construction_land")
    else:
        built = area.land_use[_built(area.land_use)]
        if needs := nothing_mapped(area, "land_use", built, inside=True):
            return asked.no_data(needs)
        land_m2, parts = _by_zone(built, area)
        evidence = pieces(parts, part="construction_land")
    persons = persons_in_zones(area)
    number, total = ratio(land_m2, persons, per=M2_PER_HA), float(persons.sum())
    reciprocal = 1e6 / number.value if number.value > 0 else np.nan
    density = total / float(area.zones.area.sum()) * 1e6
    notes = said_if(
        abs(reciprocal - density) > _SAME * density,
        "reciprocal_differs",
        reciprocal=reciprocal,
        density=density,
        land_km2=land_m2.sum() / 1e6,
        zones_km2=area.zones.area.sum() / 1e6,
    ) + _overlapping(area)
    most_m2, unsure = most_construction_land(area, land_m2)
    most_m2 = float(area.zones.area.sum()) if "land_use" in area.incomplete else most_m2
    villagers = _villagers(area)
    asked = asked.found(
        construction_land_ha=float(land_m2.sum() / M2_PER_HA),
        persons=total,
        reciprocal_density_person_per_km2=reciprocal,
        zone_density_person_per_km2=density,
    )
    return asked.measure(
        number,
        evidence=evidence,
        low=min(_least(area, number.value), _sole(area, land_m2, _built_land(area)) / total) if total > 0 else np.nan,
        high=np.inf if villagers else most_m2 / total if total > 0 else np.nan,
        needs=(*villagers, *incomplete_layers(area, *layers), *unsure),
        notes=notes,
        breakdown=None if area.land_use is None else land_table(area),
    )


def most_construction_land(area: StudyArea, land_m2: pd.Series) -> tuple[float, tuple[Text, ...]]:
    """Return how many m² of urban construction land the zones may hold, and what is to be said where that is more.

    `land_m2`: by zone, the land marked as such. More may be land of no known group, or whose `czcsxm` does not say whether
    it lies in a city or town.
    """
    if area.land_use is None or _ungrouped(area):
        return float(land_m2.sum()), ()
    return _most(area, land_m2, _more(area.land_use, _built(area.land_use), _urban_groups()))


@public
def land_per_capita(area: StudyArea, land_class: LandClass) -> Measure:
    """人均单项用地: urban construction land of one class of GB 50137 over resident persons, m² per person.

    "R" 居住, "A" 公共管理与公共服务, "S" 道路与交通设施, "G" 绿地与广场, "G1" 公园绿地 (parks alone), by the land-use groups of
    standards/land_codes.toml, overlaps counted once. Land in no group, or in one that does not tell the class apart, may
    be of it: the range reaches to all of that, and where nothing else is there, there is no number. Such land are, for
    "R", the homesteads of villages inside a city (城中村). Ground that other land claims, too, may be of either:
    `low` is without it, and a note says so. The range is open above where the land_use layer may be
    incomplete, and in administrative limits as in `construction_land_per_capita`.

    The planning range of GB 50137-2011 for the class stands in `params`, and `notes` says on which side of it the number
    lies, or that the data do not tell. It is a range for plans, not a promise: no verdict is drawn.

    `breakdown` (see `land_table`) has every group in m², mu and ha.

    Errors: InputError for another class. Source: GB 50137-2011 4.3.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> land_per_capita(area, "R").params["range_m2_per_person"]
    [23.0, 36.0]
    """
    ranges = table("land_codes")["ranges"]
    low_range, high_range = ranges["m2_per_person"][land_class]
    params = {"class": land_class, "range_m2_per_person": [low_range, high_range]}
    asked = Asked(
        area, f"land_per_capita.{land_class}", "land_use", params, Text(ranges["basis_zh"], ranges["basis_en"])
    )
    if needs := missing_layers(area, "population", "land_use") or _ungrouped(area):
        return asked.no_data(needs)
    land_use = area.layers["land_use"]
    groups, lumps = _groups_of(land_class), _LUMPS.get(land_class, _ANY)
    mine = _built(land_use) & _in_groups(land_use, groups)
    if needs := nothing_mapped(area, "land_use", land_use[mine], inside=True):
        return asked.no_data(needs)
    land_m2, parts = _by_zone(land_use[mine], area)
    if needs := _lumped(area, land_m2, lumps):
        return asked.no_data(needs)
    most_m2, unsure = _most(area, land_m2, _more(land_use, mine, (*groups, *lumps)))
    persons, villagers = persons_in_zones(area), _villagers(area)
    number, total = ratio(land_m2, persons, per=M2_PER_HA), float(persons.sum())
    low = min(_least(area, number.value), _sole(area, land_m2, mine) / total) if total > 0 else np.nan
    high = np.inf if villagers or "land_use" in area.incomplete else most_m2 / total if total > 0 else np.nan
    return asked.measure(
        number,
        evidence=pieces(parts, part="land_class"),
        low=low,
        high=high,
        needs=(*villagers, *incomplete_layers(area, "land_use", "population"), *unsure),
        notes=_against_range(number.value, (low, high), (low_range, high_range)) + _overlapping(area),
        breakdown=land_table(area),
    )


@public
def industrial_land(area: StudyArea) -> Measure:
    """城区工业用地: industrial land inside the zones, in mu (1 亩 = 666.67 m²), overlaps counted once.

    The plan sets 33,709 mu aside for one industry; maps do not tell for whom industrial land is: this is all of it,
    so that `low` is 0: less than the plan's size is surely missed, as much or more cannot tell. Land in no group may be
    industrial: `high` holds all of it.
    `breakdown`: per zone and whole, in m², mu, ha, and how much of it lies inside development zones.

    Source: 用地用海 1001, 三调 0601, GB 50137 M.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> industrial_land(area).unit
    'mu'
    """
    asked = Asked(area, "industrial_land", "land_use", basis=_MNR)
    if needs := missing_layers(area, "land_use") or _ungrouped(area):
        return asked.no_data(needs)
    land, more = _industrial(area)
    if needs := nothing_mapped(area, "land_use", land, inside=True):
        return asked.no_data(needs)
    land_m2, parts = _by_zone(land, area)
    if needs := _lumped(area, land_m2, _ANY):
        return asked.no_data(needs)
    most_m2, unsure = _most(area, land_m2, more)
    rows = {"m2": land_m2, "mu": land_m2 / M2_PER_MU, "ha": land_m2 / 1e4}
    if area.development_zones is not None:
        rows["mu_in_development_zones"] = area_by_zone(_common(land, area.development_zones), area.zones) / M2_PER_MU
    return asked.found(m2_per_mu=M2_PER_MU).measure(
        summed(land_m2, per=M2_PER_MU),
        evidence=pieces(parts, part="land_class"),
        low=0.0,
        high=np.inf if "land_use" in area.incomplete else most_m2 / M2_PER_MU,
        needs=(*incomplete_layers(area, "land_use"), *unsure),
        notes=(sentence("all_industrial_land"),),
        breakdown=with_whole(rows, of="industrial_land"),
    )


@public
def industrial_land_in_development_zones(area: StudyArea) -> Measure:
    """工业用地位于开发区内的比例: industrial land inside development zones (园区) over all industrial land of the zones.

    Land in no group may be industrial: `low` has all of it that lies outside the development zones, `high` all inside.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> round(industrial_land_in_development_zones(area).value, 2)
    0.31
    """
    asked = Asked(area, "industrial_land_in_development_zones", "land_use", basis=_MNR)
    if needs := missing_layers(area, "land_use", "development_zones") or _ungrouped(area):
        return asked.no_data(needs)
    land, more = _industrial(area)
    if needs := nothing_mapped(area, "land_use", land, inside=True):
        return asked.no_data(needs)
    whole_m2 = area_by_zone(land, area.zones)
    if needs := _lumped(area, whole_m2, _ANY):
        return asked.no_data(needs)
    parks = area.layers["development_zones"]
    inside_m2, parts = _by_zone(_common(land, parks), area)
    inside, whole = float(inside_m2.sum()), float(whole_m2.sum())
    number = ratio(inside_m2, whole_m2, per=M2_PER_HA)
    most_m2, unsure = _most(area, whole_m2, more)
    most_inside_m2, _ = _most(area, inside_m2, _common(more, parks))
    low = high = number.value
    if {"land_use", "development_zones"} & area.incomplete:
        low, high = 0.0, 1.0
    elif whole > 0:
        more_inside, more_outside = most_inside_m2 - inside, (most_m2 - whole) - (most_inside_m2 - inside)
        low, high = inside / (whole + more_outside), (inside + more_inside) / (whole + more_inside)
    return asked.found(least_ha=table("bases")["least"]["ha"]).measure(
        number,
        evidence=pieces(parts, part="land_class"),
        low=low,
        high=high,
        needs=(*incomplete_layers(area, "land_use", "development_zones"), *unsure),
        base=base_of(number.denominator, "ha", Text("工业用地", "industrial land")),
    )


@per_area
def land_table(area: StudyArea) -> pd.DataFrame:
    """The land inside the zones by group of standards/land_codes.toml: m2, mu, ha, and its share of construction land.

    Overlaps inside one group are counted once; land in no group stands as "unknown". Where groups overlap each other, the
    ground there is of each of them, and the shares add up to more than 1.

    Errors: InputError for a study without a land_use layer.
    """
    if area.land_use is None:
        raise InputError("研究中没有图层 land_use；请给出", "the study has no land_use layer; give one")
    group = area.land_use["land_group"].where(~_untold(area.land_use), "unknown")
    rows = {}
    for key, land in area.land_use.groupby(group):
        m2 = float(area_by_zone(land, area.zones).sum())
        rows[str(key)] = {
            "m2": m2,
            "mu": m2 / M2_PER_MU,
            "ha": m2 / 1e4,
            "construction_m2": float(area_by_zone(land[_built(land)], area.zones).sum()),
        }
    order = [key for key in (*table("land_codes")["groups"], "unknown") if key in rows]
    columns = ["m2", "mu", "ha", "construction_m2"]
    result = pd.DataFrame.from_dict(rows, orient="index", columns=columns).loc[order].rename_axis("land_group")
    whole = float(area_by_zone(area.land_use[_built(area.land_use)], area.zones).sum())
    return result.assign(share_of_construction=result["construction_m2"] / whole)


def _built(land_use: gpd.GeoDataFrame) -> Bools:
    return np.asarray(land_use["construction"].to_numpy(dtype=bool))


def _in_groups(land_use: gpd.GeoDataFrame, groups: Iterable[str]) -> Bools:
    return np.asarray(land_use["land_group"].isin(list(groups)).to_numpy(dtype=bool))


def _untold(land_use: gpd.GeoDataFrame) -> Bools:
    """Which land is in none of the known groups."""
    return ~_in_groups(land_use, table("land_codes")["groups"])


def _by_zone(land: gpd.GeoDataFrame, area: StudyArea) -> tuple[pd.Series, gpd.GeoDataFrame]:
    """Square metres of land by zone, overlaps once, and the pieces that make them up."""
    parts = cut_areas(dissolved(land), area.zones)
    return by_zone(parts.area.to_numpy(), parts["zone"].to_numpy(), area.zones), parts


def _industrial(area: StudyArea) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The industrial land, and that with what may be such, too."""
    land_use = area.layers["land_use"]
    mine = _in_groups(land_use, ("industrial",))
    return land_use[mine], _more(land_use, mine, _ANY)


@per_area
def _overlapping(area: StudyArea) -> tuple[Text, ...]:
    """Say that land of one group lies on that of another: the classes add up to more than the total."""
    if area.land_use is None:
        return ()
    drawn = area.land_use[_drawn_once(area)]
    groups = drawn["land_group"].where(~_untold(drawn), "unknown")
    groups_m2 = sum(float(area_by_zone(land, area.zones).sum()) for _, land in drawn.groupby(groups))
    whole_m2, _ = _drawn_m2(area)
    return said_if(groups_m2 - whole_m2 > _OVERLAP * whole_m2, "classes_overlap", ha=(groups_m2 - whole_m2) / 1e4)


def _drawn_once(area: StudyArea) -> Bools:
    """The land that is drawn so that no two kinds of it lie on one ground.

    That is all of a planners' layer but what is in no group, which may be of either. OpenStreetMap draws the grass and
    the trees of its built land as well.
    """
    land_use = area.layers["land_use"]
    return _built(land_use) | (~_untold(land_use) if "land_use" not in area.incomplete else False)


def _built_land(area: StudyArea) -> Bools:
    return np.zeros(0, dtype=bool) if area.land_use is None else _built(area.land_use)


def _sole(area: StudyArea, land_m2: pd.Series, mine: Bools) -> float:
    """The m² of some land in the zones on which nothing else is drawn, where more than rounding is."""
    if area.land_use is None:
        return float(land_m2.sum())
    drawn, one = _drawn_once(area), float(land_m2.sum())
    both, each = _drawn_m2(area)
    if each - both <= _OVERLAP * both:
        return one
    twice_m2 = one + float(area_by_zone(area.land_use[drawn & ~mine], area.zones).sum()) - both
    return one - twice_m2 if twice_m2 > _OVERLAP * both else one


@per_area
def _drawn_m2(area: StudyArea) -> tuple[float, float]:
    """The m² of the zones with land on them that is drawn once, and what its pieces there come to one by one."""
    drawn = area.layers["land_use"][_drawn_once(area)]
    return float(area_by_zone(drawn, area.zones).sum()), float(cut_areas(drawn, area.zones).area.sum())


def _groups_of(land_class: str) -> tuple[str, ...]:
    groups = table("land_codes")["groups"]
    return (
        ("park",) if land_class == "G1" else tuple(key for key, row in groups.items() if row["gb50137"] == land_class)
    )


def _urban_groups() -> tuple[str, ...]:
    """The groups that are urban construction land inside a city or town."""
    rules = table("land_codes")
    return (*(key for key, row in rules["groups"].items() if row["construction"]), *rules["source"]["urban_by_czcsxm"])


def _scopes(land_use: gpd.GeoDataFrame) -> pd.Series:
    return land_use["czcsxm"].astype("string").str.strip().str.upper()


def _of_no_scope(land_use: gpd.GeoDataFrame) -> Bools:
    """Which land has a word in `czcsxm` that is none of its codes: whether it lies in a city or town is not known."""
    scopes = _scopes(land_use)
    known = scopes.isna() | scopes.isin(table("land_codes")["source"]["czcsxm"])
    return ~np.asarray(known.to_numpy(dtype=bool))


def _may_be_urban(land_use: gpd.GeoDataFrame) -> Bools:
    return _built(land_use) | _of_no_scope(land_use)


def _more(land_use: gpd.GeoDataFrame, mine: Bools, groups: tuple[str, ...]) -> gpd.GeoDataFrame:
    """The land that is `mine`, and what may be: land in no group, or urban land, surely or not, of one of some groups."""
    may = _untold(land_use) | (_may_be_urban(land_use) & _in_groups(land_use, groups))
    return land_use[mine | may] if (may & ~mine).any() else land_use.iloc[:0]


def _most(area: StudyArea, land_m2: pd.Series, more: gpd.GeoDataFrame) -> tuple[float, tuple[Text, ...]]:
    """The most there can be of some land in the zones, in m², and what to say where that is more than there is."""
    least_m2 = float(land_m2.sum())
    most_m2 = float(area_by_zone(more, area.zones).sum())
    more_m2 = most_m2 - least_m2
    unsure = said_if(more_m2 > _TOLD_M2, "more_land", ha=more_m2 / 1e4)
    return most_m2 if unsure else least_m2, unsure


def _lumped(area: StudyArea, land_m2: pd.Series, lumps: tuple[str, ...]) -> tuple[Text, ...]:
    """Say that land is not told apart, where the zones have such land and none of the kind itself."""
    if area.land_use is None or land_m2.sum() > 0:
        return ()
    lumped = area.land_use[_may_be_urban(area.land_use)]
    return tuple(
        sentence(f"not_told_apart_{group}")
        for group in lumps
        if area_by_zone(lumped[_in_groups(lumped, (group,))], area.zones).sum() > _TOLD_M2
    )


def _least(area: StudyArea, value: float) -> float:
    """The least that land per person of towns can be: people may be uncounted, and land of villages counted."""
    open_below = "population" in area.incomplete or (area.boundary == "administrative" and not _scoped(area))
    return 0.0 if open_below else value


def _scoped(area: StudyArea) -> bool:
    """Whether all land that counts is said to lie in a city or town (城镇村属性码)."""
    urban = table("land_codes")["source"]["urban_czcsxm"]
    land = area.land_use
    return land is not None and bool(_scopes(land[_built(land)]).isin(urban).all())


def _villagers(area: StudyArea) -> tuple[Text, ...]:
    """Say that an administrative outline counts villagers, and their land, too, where the land does not tell it apart."""
    administrative, scoped = area.boundary == "administrative", _scoped(area)
    return (
        *said_if(administrative and scoped, "villagers_counted"),
        *said_if(administrative and not scoped, "villages_counted"),
    )


def _ungrouped(area: StudyArea) -> tuple[Text, ...]:
    """Say that the land has no groups, where none of it has."""
    return said_if(
        area.land_use is not None and not area.land_use.empty and _untold(area.land_use).all(), "ungrouped_land"
    )


def _common(land: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return cut_areas(dissolved(land), dissolved(zones).assign(zone_id="").set_index("zone_id"))


def _against_range(value: float, open_: tuple[float, float], planned: tuple[float, float]) -> tuple[Text, ...]:
    """Say on which side of a planning range a value lies, and whether all that its data leave open lies there."""
    low, high = planned
    side = _side(value, planned)
    bounds = f"≥{low:g}" if np.isinf(high) else f"{low:g}–{high:g}"
    sure = all(_side(end, planned) == side for end in open_)
    return said_if(np.isfinite(value), "planned_range" if sure else "planned_range_open", side=side, bounds=bounds)


def _side(value: float, planned: tuple[float, float]) -> Text:
    low, high = planned
    if value < low * (1.0 - _TINY):
        return Text("低于", "below")
    return Text("高于", "above") if value > high * (1.0 + _TINY) else Text("处于", "within")
