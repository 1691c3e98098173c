"""Parks: how much residential land a park serves (公园绿化活动场地服务半径覆盖率)."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import (
    Covered,
    Of,
    Reach,
    Supply,
    coverage_evidence,
    covered_on_foot,
    covered_straight,
    cut_evidence,
    reach_of,
)
from suizhou_geo.access.demand import demand
from suizhou_geo.errors import InputError
from suizhou_geo.geometry.zonal import dissolved
from suizhou_geo.measures.asked import Asked, public
from suizhou_geo.measures.completeness import said_if
from suizhou_geo.measures.coverage import Coverage
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area

SizeProfile = Literal["2010/2021", "2022+", "mnr_5min"]  # of standards/park_tiers.toml; a test holds them equal


@public
def park_coverage(
    area: StudyArea, *, size_profile: SizeProfile = "2022+", reach: Reach = "straight_line", of: Of = "land"
) -> Measure:
    """公园绿化活动场地服务半径覆盖率: the share of residential land, or of persons, within reach of an open park.

    Parks are the open polygons of the kinds the size profile names; pieces at most 2 m apart are one park before its size
    is tested; the size decides the radius (standards/park_tiers.toml: "2010/2021", "2022+", "mnr_5min"). The radius runs
    from the park's edge: as a straight line (the ministries' reporting rule), or with reach = "street" along the streets
    and paths from wherever one runs within 50 m of the edge. Parks outside the zones count for homes inside. The
    denominator is residential land inside the zones (居住用地), or with of = "persons" the persons on it.

    `evidence`: residential land covered and uncovered (cut exactly per zone with the service area for straight lines,
    cells of 50 m along the streets) and the parks themselves, part = "park", with area_m2, radius_m and `ribbon`
    (longer than 20 times its width: legal under the rule, but look at it).

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
        "tiers": [dict(tier) for tier in profiles[size_profile]["tiers"]],
    }
    basis = table("park_tiers")["source"]["standard"]
    asked = Coverage(Asked(area, "park_coverage", size_profile, params, basis), "parks", reach, of)
    if needs := asked.needs():
        return asked.no_data(needs)
    parks = served_parks(area, size_profile)
    covered, evidence = _covered(area, size_profile, reach)
    park_ha = float(parks["area_m2"].sum() / 1e4)
    measure = asked.measure(covered.share, evidence, parks=len(parks), park_area_ha=park_ha)
    ribbons = int(parks["ribbon"].sum())
    return replace(measure, notes=said_if(ribbons, "ribbon_parks", ribbons=ribbons))


def served_parks(area: StudyArea, size_profile: str) -> gpd.GeoDataFrame:
    """The parks that serve under a size profile: joined pieces with area_m2, radius_m and ribbon (True or False)."""
    rules = table("park_tiers")["profiles"][size_profile]
    source = table("park_tiers")["source"]
    if area.parks is None:
        raise InputError("served_parks: the study has no parks layer; give one")
    counted = area.parks["open_public"].to_numpy(dtype=bool) & area.parks["kind"].isin(rules["kinds"]).to_numpy()
    parks = dissolved(area.parks[counted], gap_m=source["gap_m"])
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
def _covered(area: StudyArea, size_profile: str, reach: Reach) -> tuple[Covered, gpd.GeoDataFrame]:
    parks = served_parks(area, size_profile)
    homes = demand(area)
    supply = Supply(parks.geometry.to_numpy(), parks["radius_m"].to_numpy())
    if reach == "straight_line":
        covered = covered_straight(homes, supply)
        evidence = cut_evidence(area, covered.share, reach_of(supply))
    else:
        covered = covered_on_foot(area, supply)
        evidence = coverage_evidence(area, covered.share)
    park_rows = parks.assign(part="park", zone_id="", area_ha=parks["area_m2"] / 1e4)
    return covered, pd.concat([evidence, park_rows], ignore_index=True) if len(parks) else evidence
