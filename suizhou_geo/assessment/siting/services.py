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
from suizhou_geo.assessment.siting.candidates import holds, park_gap_m, serves_for, together
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import listed_text
from suizhou_geo.geometry.arrays import Floats, Ints, Shapes
from suizhou_geo.geometry.components import components
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
        """Return the sites that would serve, those together that reach farther as one, joined through a park.

        What lies in compounds that are not open is no park.
        """
        sites = sites[serves_for(sites["use"], self.layer)].reset_index(drop=True)
        radius_m = self._each(sites)[1]
        whole = together(sites, self._farther_together(sites, radius_m))
        served, radius_m = self._each(whole)
        there = radius_m > 0.0
        return whole[there].reset_index(drop=True), Supply(served[there], radius_m[there])

    def _each(self, sites: gpd.GeoDataFrame) -> tuple[Shapes, Floats]:
        """Of each site the park that it becomes, with what it joins, and how far that reaches: 0 where it would not serve."""
        drawn = open_among(self.area, self.rows(sites))
        own, joined = self._joined(drawn)
        beside = np.unique(own)
        found = [self._serving(drawn.drop(index=drawn.index[beside]))] + [
            self._serving(pd.concat([self._grounds.iloc[joined[own == k]], drawn.iloc[[k]]])) for k in beside
        ]
        served = pd.concat(found, ignore_index=True)
        inner = shapely.point_on_surface(shapes_of(drawn))
        row, park = shapely.STRtree(shapes_of(served)).query(inner, predicate="intersects")
        at = pd.Index(sites["site"]).get_indexer(drawn["source_id"].iloc[row])
        shapes, radius_m = sites.geometry.to_numpy().copy(), np.zeros(len(sites))
        shapes[at], radius_m[at] = shapes_of(served)[park], served["radius_m"].to_numpy()[park]
        return shapes, radius_m

    def _farther_together(self, sites: gpd.GeoDataFrame, radius_m: Floats) -> Ints:
        """Number the sites, alike those that reach farther together with a park they join than one of them alone does."""
        number = np.arange(len(sites))
        drawn = open_among(self.area, self.rows(sites))
        own, joined = self._joined(drawn)
        at = pd.Index(sites["site"]).get_indexer(drawn["source_id"])
        part = components(own, len(drawn) + joined, len(drawn) + len(self._grounds))
        for one in np.unique(part[own]):
            rows, grounds = np.flatnonzero(part[: len(drawn)] == one), np.flatnonzero(part[len(drawn) :] == one)
            every = self._serving(pd.concat([self._grounds.iloc[grounds], drawn.iloc[rows]]))
            if every["radius_m"].max() > radius_m[at[rows]].min():
                number[at[rows]] = at[rows].min()
        return number

    def _joined(self, drawn: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
        """The pairs of a site and a park it joins."""
        pairs = shapely.STRtree(shapes_of(self._grounds)).query(
            shapes_of(drawn), predicate="dwithin", distance=park_gap_m()
        )
        return pairs[0], pairs[1]

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
    use: str
    least_m2: float = 0.0

    def rows(self, sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return sites as rows of the layer."""
        rows = sites[["name", "geometry"]].assign(**self.columns)
        if self.layer != "facilities":
            return rows
        return rows.assign(source_id=sites["site"], capacity=sites["capacity"])

    def offered(self, sites: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Supply]:
        """Return the sites that may serve for it, and whose plot of land is no smaller than the standard wants."""
        some = sites[holds(sites, self.use)].reset_index(drop=True)
        return some, Supply(some.geometry.to_numpy(), np.full(len(some), self.radius_m))

    def built(self, sites: gpd.GeoDataFrame) -> Supply:
        """Return what serves once some sites are built."""
        more = self.offered(sites)[1]
        return Supply(np.concatenate([self.existing.shapes, more.shapes]), np.r_[self.existing.radius_m, more.radius_m])


def sitable() -> tuple[str, ...]:
    """Return the keys of the coverages that sites can be chosen for."""
    return (*_FAMILIES, *(f"service_coverage.{service}" for service in services()))


def service_of(area: StudyArea, measure: str, asked: Mapping[str, Any]) -> tuple[Measure, Service]:
    """Measure what a coverage is now, and return what can be built for it.

    `measure` is its key: park_coverage, charger_coverage, or service_coverage. and a service; `asked` its definition.

    Errors: InputError for a measure that has no sites, a definition it does not take, and where it has no data.
    """
    family, _, subject = measure.partition(".")
    known = sitable()
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
    category = columns.get("category", "")
    return Facilities(
        layer,
        Supply(shapes, np.full(len(shapes), float(radius_m))),
        float(radius_m),
        columns,
        use=category or layer,
    )


def _supply(parks: gpd.GeoDataFrame) -> Supply:
    return Supply(parks.geometry.to_numpy(), parks["radius_m"].to_numpy())
