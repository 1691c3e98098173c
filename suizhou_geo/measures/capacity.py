"""Capacity (学位, 床位): places per 1,000 residents, and whether those in walking reach are enough for all who share them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import coverage_by_zone, homes_on_foot
from suizhou_geo.access.demand import CELL_M, demand
from suizhou_geo.access.floating_catchment import Shares, Walks, floating_catchment, huff_catchment, walks
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import NOTHING, Text, alike
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.zonal import by_zone, zone_of
from suizhou_geo.measures.asked import Asked, Number, name_of, public
from suizhou_geo.measures.bases import basis_needs, homes_base, homes_params, homes_words
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, said_if
from suizhou_geo.measures.coverage import off_street, pieces_apart
from suizhou_geo.measures.life_circle import absent
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.streets.entrances import LEG_PARAMS
from suizhou_geo.streets.network import WALKING_PARAMS, walking_network
from suizhou_geo.study_area import StudyArea, per_area, persons_in_zones

Method = Literal["2sfca", "huff"]
Kind = Literal["kindergarten", "primary_school", "junior_school", "elderly_care", "hospital"]  # of life_circles.toml
KINDS: tuple[Kind, ...] = get_args(Kind)
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class _Holders:
    """The facilities that hold places of one kind: their rows, shapes and `places` (NaN where nobody says how many).

    `zone`: the position of the zone a facility stands in, -1 outside. `odd`: how many gave a number that is none.
    """

    rows: gpd.GeoDataFrame
    shapes: Shapes
    places: Floats
    zone: Ints
    odd: int

    @property
    def said(self) -> Bools:
        """Which say how many places they have."""
        return np.isfinite(self.places)


@public
def places_per_thousand(area: StudyArea, kind: Kind) -> Measure:
    """每千人学位（床位）: places of facilities that stand in the zones, per 1,000 residents of the zones.

    `kind` is one of KINDS: the categories are in standards/life_circles.toml, the places in the column `capacity`. A
    facility belongs to the zone its point, or the inner point of its site, lies in. Facilities that do not say how many
    places they have add nothing to the value and leave it open upwards; 0 is none, and is told. Without any that says so
    there is no number.

    `breakdown`: per zone the facilities, those without capacity, places and persons. `evidence`: the facilities as points,
    part = "places", with category, name and places.

    Errors: InputError for an unknown kind.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> places_per_thousand(area, "kindergarten").unit
    'per_thousand'
    """
    row = _definition(kind)
    asked = Asked(
        area,
        f"places_per_thousand.{kind}",
        "inside_zones",
        {"categories": list(row["categories"])},
        Text("设施图层 capacity 列（学位、床位）÷ 常住人口", "column capacity of the facilities / residents"),
        name_of(row),
    )
    holders, needs = _found(area, kind, "population")
    if holders is None:
        return asked.no_data(needs)
    persons = persons_in_zones(area)
    here = holders.zone >= 0
    zone = holders.zone[here]
    places = by_zone(np.nan_to_num(holders.places[here]), zone, area.zones)
    total = float(persons.sum())
    value = float(places.sum() / total * 1e3) if total > 0 else np.nan
    open_above = bool((here & ~holders.said).any()) or "facilities" in area.incomplete
    return asked.found(**_counted(holders), persons=total).measure(
        Number(value, places * 1e3 / persons.where(persons > 0), persons / 1e3),
        evidence=_points(area, holders),
        low=0.0 if "population" in area.incomplete else None,
        high=np.inf if open_above else None,
        needs=needs + incomplete_layers(area, "facilities", "population"),
        notes=_told(holders),
        breakdown=pd.DataFrame(
            {
                "facilities": by_zone(np.ones(len(zone)), zone, area.zones),
                "without_capacity": by_zone((~holders.said[here]).astype(float), zone, area.zones),
                "places": places,
                "persons": persons,
            }
        ),
    )


@public
def places_short(
    area: StudyArea,
    kind: Kind,
    *,
    method: Method = "2sfca",
    per_thousand: float | None = None,
    radius_m: float | None = None,
) -> Measure:
    """学位（床位）不足人口占比: the share of persons to whom fewer places than the standard are left in walking reach.

    The places of each facility are shared out among all residents within `radius_m` of it along the streets and paths, so
    that those who can reach the same facility compete for it. method "2sfca", the two-step floating catchment: places over
    all persons in reach, added up over the facilities a home reaches. "huff": everybody asks once, divided over the
    facilities in reach by their places and nearness. In both, what all persons get together is exactly the places of the
    facilities anybody reaches. It is a potential, not an enrolment: who goes where is not known, and persons
    are all residents, not children or the old.

    A home is short where it gets fewer than `per_thousand` places per 1,000 persons. That standard and the radius stand
    in standards/life_circles.toml; no national figure per 1,000 residents was confirmed, so give your own.

    Facilities that do not say how many places they have, offer none in the value and enough in `low`; those outside the
    zones serve homes inside, but as their other users are unknown they offer nothing in `high`. A capacity of 0 is none,
    and is told. Residents outside the zones are not counted as rivals.

    `breakdown`: per facility its name, category, places, the persons asking there and places per 1,000 of them.
    `evidence`: the cells of homes, part = "places_none" (none in reach), "places_short" or
    "places_enough", with places_per_thousand. `params`: persons_without_any, those with none in reach.

    Errors: InputError for an unknown kind or method, or a standard or radius that is not above zero.
    Source: Luo & Wang 2003 (2SFCA); Luo 2014 (Huff in 3SFCA); the standard: see its source in the table.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> 0.0 <= places_short(area, "hospital").value <= 1.0
    True
    """
    row = _definition(kind)
    standard = _positive("per_thousand", row["per_thousand"] if per_thousand is None else per_thousand)
    reach_m = _positive("radius_m", row["radius_m"] if radius_m is None else radius_m)
    params = {
        "categories": list(row["categories"]),
        "method": method,
        "per_thousand": standard,
        "per_thousand_from": row["source"] if per_thousand is None else "given",
        "radius_m": reach_m,
        "cell_m": CELL_M,
        **LEG_PARAMS,
        **WALKING_PARAMS,
    }
    if method == "huff":
        params["decay_m"] = reach_m / 2
    words = f"{method} / street / persons"
    given = per_thousand is not None
    basis = (
        (Text("两步移动搜索法", "2SFCA") if method == "2sfca" else Text("三步移动搜索法（Huff）", "3SFCA (Huff)"))
        + Text(f"；千人指标{standard:g}：", f"; {standard:g} per 1,000 residents: ")
        + (alike(params["per_thousand_from"]) if given else Text(row["source_zh"], row["source"]))
        + (NOTHING if given else Text("（待确认）", f" ({row['sure']}, to be confirmed)"))
    )
    asked = Asked(area, f"places_short.{kind}", words, params, basis, name_of(row))
    holders, needs = _found(area, kind, "population", "roads")
    if holders is None:
        return asked.no_data(needs)
    reachable = _walks(area, kind, reach_m)
    persons = demand(area).cells["persons"].to_numpy()
    offered = np.nan_to_num(holders.places)
    shares = _shared(reachable, persons, offered, method, reach_m)
    short = shares.per_person * 1e3 < standard - _TINY
    number = Number(*coverage_by_zone(area, short.astype(float), of="persons"))
    low, high = _range(area, number.value, holders, reachable, method, standard, reach_m)
    off = ~np.isin(np.arange(len(persons)), homes_on_foot(area).owner)
    low = min(low, coverage_by_zone(area, np.where(off, 0.0, short), of="persons")[0])
    if crossed := len(walking_network(area).cut):
        across = _shared(_walks(area, kind, reach_m, across=True), persons, offered, method, reach_m)
        still = (across.per_person * 1e3 < standard - _TINY) & ~off
        other = coverage_by_zone(area, still.astype(float), of="persons")[0]
        crossed = crossed if other != number.value else 0
        low, high = min(low, other), max(high, other)
    got = float((shares.per_person * persons).sum())
    counted = {
        **_counted(holders),
        "places_reached": got,
        "places_unreached": float(offered.sum()) - got,
        "persons_without_any": float(persons[shares.per_person == 0].sum()),
    }
    asked = replace(asked, profile=f"{words} / {homes_words(area, of='persons')}")
    return asked.found(**counted, **homes_params(area)).measure(
        number,
        evidence=_cells(area, shares, short),
        low=low,
        high=high,
        needs=needs
        + basis_needs(area)
        + incomplete_layers(area, "facilities", "roads", "residential", "population")
        + off_street(area, off.astype(float))
        + said_if(crossed, "cut_at_barriers", places=crossed),
        notes=(
            *_told(holders),
            *pieces_apart(walking_network(area)),
            *_rivals(area, holders, reach_m, standard if per_thousand is None else np.nan),
        ),
        breakdown=_by_facility(holders, shares),
        base=homes_base(area),
    )


def _definition(kind: str) -> dict[str, Any]:
    row: dict[str, Any] = table("life_circles")["places"][kind]
    return row


def _positive(what: str, value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not (np.isfinite(value) and value > 0):
        raise InputError(
            f"places_short：{what} 为“{value}”；须是大于零的数",
            f"places_short: {what} is {value!r}; it must be a number above zero",
        )
    return float(value)


def _found(area: StudyArea, kind: str, *layers: str) -> tuple[_Holders | None, tuple[Text, ...]]:
    """The facilities with places of a kind, and what is missing; without them where nothing can be said."""
    row = _definition(kind)
    categories = tuple(row["categories"])
    needs = missing_layers(area, "facilities", *layers) or absent(area, categories)
    if needs:
        return None, needs
    facilities = area.layers["facilities"]
    mine = facilities[facilities["category"].isin(categories).to_numpy()]
    given = pd.to_numeric(mine["capacity"], errors="coerce").to_numpy(dtype=float)
    odd = np.isinf(given) | (given < 0) | (np.isnan(given) & mine["capacity"].notna().to_numpy())
    places = np.where(odd, np.nan, given)
    shapes = mine.geometry.to_numpy()
    holders = _Holders(mine, shapes, places, zone_of(shapes, area.zones), int(odd.sum()))
    unsaid = int(np.isnan(places).sum())
    need = said_if(unsaid, "places_unsaid", facilities=len(mine), unsaid=unsaid, kind=name_of(row))
    return None if unsaid and unsaid == len(mine) else holders, need


@per_area
def _walks(area: StudyArea, kind: str, reach_m: float, *, across: bool = False) -> Walks:
    holders, _ = _found(area, kind)
    shapes = np.empty(0, dtype=object) if holders is None else holders.shapes
    return walks(area, shapes, limit_m=reach_m, across=across)


def _shared(reachable: Walks, persons: Floats, places: Floats, method: Method, reach_m: float) -> Shares:
    if method == "2sfca":
        return floating_catchment(reachable, persons, places)
    return huff_catchment(reachable, persons, places, decay_m=reach_m / 2)


def _range(
    area: StudyArea,
    value: float,
    holders: _Holders,
    reachable: Walks,
    method: Method,
    standard: float,
    reach_m: float,
) -> tuple[float, float]:
    """What unknown capacities, facilities beyond the zones and incomplete layers leave open of the share."""
    if not np.isfinite(value):
        return np.nan, np.nan
    homes = demand(area)
    if not homes.sure or {"population", "roads"} & area.incomplete:
        return 0.0, 1.0
    persons = homes.cells["persons"].to_numpy()
    here_only = np.where(holders.zone >= 0, np.nan_to_num(holders.places), 0.0)
    alone = _shared(reachable, persons, here_only, method, reach_m).per_person * 1e3 < standard - _TINY
    without = coverage_by_zone(area, alone.astype(float), of="persons")[0]
    low, high = min(value, without), max(value, without)
    more = "facilities" in area.incomplete
    if method == "huff" and (more or not holders.said.all()):  # a further choice can also lead to a fuller place
        return 0.0, 1.0
    if more:
        return 0.0, high
    perhaps = np.zeros(len(persons), dtype=bool)
    perhaps[reachable.home[~holders.said[reachable.facility]]] = True
    shares = _shared(reachable, persons, np.nan_to_num(holders.places), method, reach_m)
    still = (shares.per_person * 1e3 < standard - _TINY) & ~perhaps
    return min(low, coverage_by_zone(area, still.astype(float), of="persons")[0]), high


def _counted(holders: _Holders) -> dict[str, float]:
    return {
        "facilities": len(holders.rows),
        "without_capacity": int((~holders.said).sum()),
        "capacity_zero": int((holders.places == 0).sum()),
        "places": float(np.nansum(holders.places)),
        "places_outside_zones": float(np.nansum(holders.places[holders.zone < 0])),
    }


def _told(holders: _Holders) -> tuple[Text, ...]:
    zero, odd = int((holders.places == 0).sum()), holders.odd
    return (
        *said_if(zero, "capacity_zero", zero=zero),
        *said_if(odd, "capacity_odd", odd=odd),
    )


def _rivals(area: StudyArea, holders: _Holders, reach_m: float, assumed: float) -> tuple[Text, ...]:
    outline = shapely.boundary(shapely.union_all(area.zones.geometry.to_numpy()))
    edge = int(((shapely.distance(holders.shapes, outline) < reach_m) | (holders.zone < 0)).sum())
    return (
        *said_if(np.isfinite(assumed), "standard_assumed", assumed=assumed),
        *said_if(edge, "rivals_outside", edge=edge),
    )


def _by_facility(holders: _Holders, shares: Shares) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": holders.rows["name"].to_numpy(),
            "category": holders.rows["category"].to_numpy(),
            "places": holders.places,
            "persons_asking": shares.asking,
            "places_per_thousand": holders.places * 1e3 / np.where(shares.asking > 0, shares.asking, np.nan),
        },
        index=pd.Index(holders.rows.index.astype(str), name="facility"),
    )


def _cells(area: StudyArea, shares: Shares, short: Bools) -> gpd.GeoDataFrame:
    cells = demand(area).cells
    shown = cells.assign(
        part=np.select([~short, shares.per_person > 0], ["places_enough", "places_short"], default="places_none"),
        places_per_thousand=shares.per_person * 1e3,
        area_ha=cells["area_m2"] / 1e4,
    )
    return shown[["part", "zone_id", "places_per_thousand", "area_ha", "persons", "geometry"]]


def _points(area: StudyArea, holders: _Holders) -> gpd.GeoDataFrame:
    here = holders.zone >= 0
    return gpd.GeoDataFrame(
        {
            "part": "places",
            "zone_id": area.zones.index.to_numpy()[holders.zone[here]],
            "category": holders.rows["category"].to_numpy()[here],
            "name": holders.rows["name"].to_numpy()[here],
            "places": holders.places[here],
        },
        geometry=shapely.point_on_surface(holders.shapes[here]),
        crs=area.crs,
    )
