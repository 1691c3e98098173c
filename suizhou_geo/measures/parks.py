"""Parks: how much residential land a park serves (公园绿化活动场地服务半径覆盖率)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from suizhou_geo.access.coverage import (
    Covered,
    Of,
    Reach,
    Supply,
    coverage_by_zone,
    coverage_evidence,
    covered_on_foot,
    covered_straight,
    cut_evidence,
    reach_of,
)
from suizhou_geo.access.demand import demand
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.geometry.zonal import areal, dissolved
from suizhou_geo.measures.asked import Asked, public
from suizhou_geo.measures.completeness import incomplete_layers, said_if
from suizhou_geo.measures.coverage import Coverage
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area

SizeProfile = Literal["2010/2021", "2022+", "mnr_5min"]  # of standards/park_tiers.toml; a test holds them equal
Green = Literal["likely", "most", "fewest"]
GREENS: tuple[Green, ...] = get_args(Green)


@public
def park_coverage(
    area: StudyArea, *, size_profile: SizeProfile = "2022+", reach: Reach = "straight_line", of: Of = "land"
) -> Measure:
    """公园绿化活动场地服务半径覆盖率: the share of residential land, or of persons, within reach of an open park.

    Parks are the open polygons of the kinds the size profile names, without what lies in compounds (附属绿地, see
    `open_parks`); pieces at most 2 m apart are one park before its size is tested; the size decides the radius
    (standards/park_tiers.toml: "2010/2021", "2022+", "mnr_5min"). The radius runs
    from the park's edge: as a straight line (the ministries' reporting rule), or with reach = "street" along the streets
    and paths from wherever one runs within 50 m of the edge. Parks outside the zones count for homes inside. The
    denominator is residential land inside the zones (居住用地), or with of = "persons" the persons on it.

    `evidence`: residential land covered and uncovered (cut exactly per zone with the service area for straight lines,
    cells of 50 m along the streets) and the parks themselves, part = "park", with area_m2, radius_m and `ribbon`
    (longer than 20 times its width: legal under the rule, but look at it).

    Range: where nobody says whether a compound is gated, or whether a green without a name of its own among homes is open, the
    coverage without and with it.

    Errors: InputError for an unknown profile. Source: GB/T 50563-2010, GB 55014-2021 2.1.3, 建城〔2022〕2号.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> edge, street = sg.park_coverage(study.area), sg.park_coverage(study.area, reach="street")
    >>> 0.0 <= street.value <= 1.0 and 0.0 <= edge.value <= 1.0
    True
    """
    profiles = table("park_tiers")["profiles"]
    params = {
        "size_profile": size_profile,
        "gap_m": table("park_tiers")["source"]["gap_m"],
        "kinds": list(profiles[size_profile]["kinds"]),
        "tiers": [dict(tier) for tier in profiles[size_profile]["tiers"]],
    }
    source = table("park_tiers")["source"]
    basis = Text(source["standard_zh"], source["standard_en"])
    asked = Coverage(Asked(area, "park_coverage", size_profile, params, basis), "parks", reach, of)
    if needs := asked.needs():
        return asked.no_data(needs)
    parks = served_parks(area, size_profile)
    covered, most = _covered(area, size_profile, reach)
    evidence = _evidence(area, size_profile, reach)
    park_ha = float(parks["area_m2"].sum() / 1e4)
    measure = asked.measure(
        covered.share, evidence, most=most.share, supply=_supply(parks), parks=len(parks), park_area_ha=park_ha
    )
    ribbons = int(parks["ribbon"].sum())
    green = compound_green(area)
    shares = [_covered(area, size_profile, reach, green=other)[0].share for other in green.readings]
    values = [coverage_by_zone(area, share, of=of)[0] for share in (covered.share, *shares)]
    by_quarter = area.historic is not None and any(tier.get("historic") for tier in params["tiers"])
    more = (
        by_quarter and "historic" in area.incomplete and measure.has_data
    )  # a quarter that is missing lifts its parks
    return replace(
        measure,
        low=min(measure.low, *values),
        high=1.0 if more else max(measure.high, *values),
        needs=(*green.needs, *measure.needs, *(incomplete_layers(area, "historic") if more else ())),
        notes=(*said_if(ribbons, "ribbon_parks", ribbons=ribbons), *green.notes, *measure.notes),
    )


@dataclass(frozen=True)
class CompoundGreen:
    """Green drawn as parks that belongs, or may belong, to compounds of homes (附属绿地).

    `readings`: the other ways to see it that would change which parks are open; `needs` and `notes` tell of it.
    """

    readings: tuple[Green, ...]
    needs: tuple[Text, ...]
    notes: tuple[Text, ...]


@per_area
def open_parks(area: StudyArea, *, green: Green = "likely") -> gpd.GeoDataFrame:
    """The parks that are open to the public, as drawn, without the green of compounds.

        "likely": without what lies inside compounds that are not said to be open. "most": without what lies inside those
        that are gated. "fewest": where compounds may be missing, without parks that lie on residential land and have no name
    of their own.
    """
    return open_among(area, area.layers["parks"], green=green)


def open_among(area: StudyArea, parks: gpd.GeoDataFrame, *, green: Green = "likely") -> gpd.GeoDataFrame:
    """The same of other parks than those of the study: such as could be built."""
    parks = parks[parks["open_public"].to_numpy(dtype=bool)].reset_index(drop=True)
    if area.compounds is not None:
        gated = area.compounds["gated"]
        closed = gated.isin([True]) if green == "most" else ~gated.isin([False])
        parks = _without(parks, shapes_of(area.compounds)[closed.to_numpy()])
    missing = area.compounds is None or "compounds" in area.incomplete
    return parks[~_nameless_among_homes(area, parks)] if green == "fewest" and missing else parks


@per_area
def compound_green(area: StudyArea) -> CompoundGreen:
    """What of the parks belongs to compounds, surely or perhaps, and what that leaves open."""
    drawn = area.layers["parks"]["open_public"].to_numpy(dtype=bool)
    whole, likely, most, fewest = (
        float(parks.area.sum() / 1e4)
        for parks in (area.layers["parks"][drawn], *(open_parks(area, green=green) for green in GREENS))
    )
    gated, unsaid, among_homes = (round(ha, 2) for ha in (whole - most, most - likely, likely - fewest))
    open_to_doubt: dict[Green, float] = {"most": unsaid, "fewest": among_homes}
    return CompoundGreen(
        readings=tuple(green for green, ha in open_to_doubt.items() if ha),
        needs=said_if(unsaid, "green_of_unsaid_compounds", ha=unsaid)
        + said_if(among_homes, "green_among_homes", ha=among_homes),
        notes=said_if(gated, "green_of_compounds", ha=gated),
    )


def _without(parks: gpd.GeoDataFrame, grounds: Shapes) -> gpd.GeoDataFrame:
    """The parks without what of them lies on some grounds."""
    shapes = parks.geometry.to_numpy().copy()
    park, ground = shapely.STRtree(grounds).query(shapes, predicate="intersects")
    for row in np.unique(park):
        shapes[row] = shapely.difference(shapes[row], shapely.union_all(grounds[ground[park == row]]))
    kept = areal(shapes)
    there = shapely.area(kept) > 0.0
    return parks.set_geometry(gpd.GeoSeries(kept, crs=parks.crs))[there].reset_index(drop=True)


def _nameless_among_homes(area: StudyArea, parks: gpd.GeoDataFrame) -> Bools:
    """Which parks lie on residential land without a name of their own: with none, or one like that of a compound."""
    if area.residential is None:
        return np.zeros(len(parks), dtype=bool)
    points = shapely.point_on_surface(parks.geometry.to_numpy())
    park, home = shapely.STRtree(area.residential.geometry.to_numpy()).query(points, predicate="intersects")
    names, homes = _names(parks), _names(area.layers["residential"])
    inside, own = np.zeros(len(parks), dtype=bool), np.zeros(len(parks), dtype=bool)
    inside[park] = True
    own[park[names[park] == homes[home]]] = True
    like = pd.Series(names).str.contains(table("facility_names")["green"]["of_compounds"], regex=True)
    return np.asarray(inside & (own | (names == "") | like.to_numpy(dtype=bool)))


def _names(layer: gpd.GeoDataFrame) -> NDArray[np.str_]:
    return np.asarray(layer["name"].fillna("").astype("str").str.strip(), dtype=str)


@per_area
def served_parks(area: StudyArea, size_profile: str, *, green: Green = "likely") -> gpd.GeoDataFrame:
    """The parks that serve under a size profile: joined pieces with area_m2, radius_m and ribbon (True or False)."""
    if area.parks is None:
        raise InputError(
            "served_parks：研究中没有图层 parks；请给出", "served_parks: the study has no parks layer; give one"
        )
    return serving(area, open_parks(area, green=green), size_profile)


def serving(area: StudyArea, drawn: gpd.GeoDataFrame, size_profile: str) -> gpd.GeoDataFrame:
    """Of some open parks those that serve, as `served_parks` has them."""
    rules = table("park_tiers")["profiles"][size_profile]
    source = table("park_tiers")["source"]
    parks = dissolved(drawn[drawn["kind"].isin(rules["kinds"]).to_numpy()], gap_m=source["gap_m"])
    area_m2 = parks.area.to_numpy()
    historic = np.zeros(len(parks), dtype=bool)
    if area.historic is not None and len(parks):
        touched = shapely.STRtree(area.historic.geometry.to_numpy()).query(parks.geometry.to_numpy(), "intersects")[0]
        historic[touched] = True
    radius_m = np.zeros(len(parks))
    for tier in rules["tiers"]:
        fits = (area_m2 >= tier["from_m2"]) & (historic if tier.get("historic", False) else True)
        radius_m = np.where(fits, np.maximum(radius_m, tier["radius_m"]), radius_m)
    perimeter_m = parks.length.to_numpy()
    # a rectangle of sides l and w has the perimeter p = 2(l + w) and the area A = l w: solve for l and w
    root = np.sqrt(np.maximum(perimeter_m**2 / 16.0 - area_m2, 0.0))
    width_m = np.maximum(perimeter_m / 4.0 - root, 1e-9)
    ribbon = (perimeter_m / 4.0 + root) / width_m > source["ribbon_ratio"]
    return parks.assign(area_m2=area_m2, radius_m=radius_m, ribbon=ribbon)[radius_m > 0].reset_index(drop=True)


@per_area
def _covered(area: StudyArea, size_profile: str, reach: Reach, *, green: Green = "likely") -> tuple[Covered, Covered]:
    """What parks cover, and the most they can where the streets leave it open."""
    supply = _supply(served_parks(area, size_profile, green=green))
    if reach == "street":
        return covered_on_foot(area, supply)
    covered = covered_straight(demand(area), supply)
    return covered, covered


@per_area
def _evidence(area: StudyArea, size_profile: str, reach: Reach) -> gpd.GeoDataFrame:
    parks, share = served_parks(area, size_profile), _covered(area, size_profile, reach)[0].share
    on_foot = reach == "street"
    evidence = coverage_evidence(area, share) if on_foot else cut_evidence(area, share, reach_of(_supply(parks)))
    park_rows = parks.assign(part="park", zone_id="", area_ha=parks["area_m2"] / 1e4)
    return pd.concat([evidence, park_rows], ignore_index=True) if len(parks) else evidence


def _supply(parks: gpd.GeoDataFrame) -> Supply:
    return Supply(parks.geometry.to_numpy(), parks["radius_m"].to_numpy())
