"""What can be sited: parks, facilities and chargers, each served by the very code of the coverage that is reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import Supply
from suizhou_geo.assessment.siting.candidates import park_gap_m
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import listed_text
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.geometry.zonal import dissolved
from suizhou_geo.measures.asked import choices
from suizhou_geo.measures.inventories import CHARGER_M, charger_coverage, charger_points
from suizhou_geo.measures.life_circle import definition, facility_shapes, service_coverage, services
from suizhou_geo.measures.parks import open_among, open_parks, park_coverage, served_parks, serving
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea


class Service(Protocol):
    """What serves homes, and what of it could be built. Sites are rows of `candidate_sites`."""

    @property
    def layer(self) -> str:
        """The layer that sites would be rows of."""

    @property
    def least_m2(self) -> float:
        """The least size of a site."""

    @property
    def existing(self) -> Supply:
        """What serves already."""

    def rows(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return sites as rows of the layer."""

    def offered(self, sites: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Supply]:
        """Return those of the sites that would serve, and what of each, together with what it joins, would."""

    def built(self, sites: gpd.GeoDataFrame) -> Supply:
        """Return what serves once some sites are built."""


@dataclass(frozen=True, eq=False)
class Parks:
    """Parks: what a site reaches goes by its size, and by that of a park it joins."""

    area: StudyArea
    size_profile: str
    layer: str = "parks"

    @property
    def _rules(self) -> Mapping[str, Any]:
        rules: Mapping[str, Any] = table("park_tiers")["profiles"][self.size_profile]
        return rules

    @property
    def least_m2(self) -> float:
        """The least size that serves outside historic quarters."""
        return float(min(tier["from_m2"] for tier in self._rules["tiers"] if not tier.get("historic", False)))

    @property
    def existing(self) -> Supply:
        """The parks that serve."""
        return _supply(served_parks(self.area, self.size_profile))

    def rows(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return sites as open parks."""
        return gpd.GeoDataFrame(
            {"name": sites["name"], "kind": "park", "open_public": True, "source_id": sites["site"]},
            geometry=sites.geometry,
            crs=sites.crs,
        ).reset_index(drop=True)

    def offered(self, sites: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Supply]:
        """Return the sites that would serve; what lies in compounds that are not open is no park."""
        drawn = open_among(self.area, self.rows(sites))
        site, joined = shapely.STRtree(shapes_of(self._grounds)).query(
            shapes_of(drawn), predicate="dwithin", distance=park_gap_m()
        )
        alone = drawn.drop(index=np.unique(site))
        found = [self._serving(alone)] + [
            self._serving(pd.concat([self._grounds.iloc[joined[site == k]], drawn.iloc[[k]]])) for k in np.unique(site)
        ]
        served = pd.concat(found, ignore_index=True)
        inside, park = shapely.STRtree(shapes_of(served)).query(
            shapely.point_on_surface(shapes_of(drawn)), predicate="intersects"
        )
        by_site = dict(zip(drawn["source_id"].iloc[inside], park, strict=True))
        kept = sites[sites["site"].isin(list(by_site)).to_numpy()].reset_index(drop=True)
        return kept, _supply(served.iloc[[by_site[key] for key in kept["site"]]])

    def built(self, sites: gpd.GeoDataFrame) -> Supply:
        """Return the parks that serve once some sites are built."""
        more = open_among(self.area, self.rows(sites))
        return _supply(self._serving(pd.concat([open_parks(self.area), more], ignore_index=True)))

    def _serving(self, drawn: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return serving(self.area, drawn, self.size_profile)

    @cached_property
    def _grounds(self) -> gpd.GeoDataFrame:
        """The open parks of the kinds that count, of any size, pieces together."""
        drawn = open_parks(self.area)
        whole = dissolved(drawn[drawn["kind"].isin(self._rules["kinds"]).to_numpy()], gap_m=park_gap_m())
        return whole.assign(name="", kind="park", open_public=True, source_id="")


@dataclass(frozen=True, eq=False)
class Facilities:
    """Facilities of some categories, or chargers: each site serves by itself, as far as any other."""

    layer: str
    existing: Supply
    radius_m: float
    columns: Mapping[str, Any]
    least_m2: float = 0.0

    def rows(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return sites as rows of the layer."""
        rows = sites[["name", "geometry"]].assign(**self.columns)
        return rows.assign(source_id=sites["site"]) if self.layer == "facilities" else rows

    def offered(self, sites: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Supply]:
        """Return all sites."""
        return sites, Supply(sites.geometry.to_numpy(), np.full(len(sites), self.radius_m))

    def built(self, sites: gpd.GeoDataFrame) -> Supply:
        """Return what serves once some sites are built."""
        more = self.offered(sites)[1]
        return Supply(np.concatenate([self.existing.shapes, more.shapes]), np.r_[self.existing.radius_m, more.radius_m])


def service_of(area: StudyArea, measure: str, asked: Mapping[str, Any]) -> tuple[Measure, Service]:
    """Measure what a coverage is now, and return what can be built for it.

    `measure` is its key: park_coverage, charger_coverage, or service_coverage. and a service; `asked` its definition.

    Errors: InputError for a measure that has no sites, a definition it does not take, and where it has no data.
    """
    family, _, subject = measure.partition(".")
    known = (*_FAMILIES, *(f"service_coverage.{service}" for service in services()))
    if measure not in known:
        raise InputError(
            f"site：“{measure}”不能选址；可以选址的有 {'、'.join(known)}",
            f"site: there are no sites for {measure!r}; there are for {', '.join(known)}",
        )
    function = {**_FAMILIES, "service_coverage": service_coverage}[family]
    for word in asked:
        if word not in choices(function):
            raise InputError(
                f"site：{family} 没有参数“{word}”；可用的有 {'、'.join(choices(function))}",
                f"site: {family} has no parameter {word!r}; there are {', '.join(choices(function))}",
            )
    found = function(area, *([subject] if subject else []), **asked)
    if not found.has_data:
        why = listed_text([need.zh for need in found.needs]), listed_text([need.en for need in found.needs])
        raise InputError(
            f"site：{found.name.zh}没有数值，不知道哪里缺；{why[0].zh}",
            f"site: {found.name.en} has no number, so nobody knows where it is missing; {why[1].en}",
        )
    if family == "park_coverage":
        return found, Parks(area, found.params["size_profile"])
    if family == "charger_coverage":
        return found, _facilities("chargers", charger_points(area), CHARGER_M, {"count": 1, "public": True})
    _, categories, radius_m, _ = definition(subject)
    return found, _facilities("facilities", facility_shapes(area, categories), radius_m, {"category": categories[0]})


_FAMILIES: Mapping[str, Callable[..., Measure]] = {
    "park_coverage": park_coverage,
    "charger_coverage": charger_coverage,
}


def _facilities(layer: str, shapes: Any, radius_m: float, columns: Mapping[str, Any]) -> Facilities:
    return Facilities(layer, Supply(shapes, np.full(len(shapes), float(radius_m))), float(radius_m), columns)


def _supply(parks: gpd.GeoDataFrame) -> Supply:
    return Supply(parks.geometry.to_numpy(), parks["radius_m"].to_numpy())
