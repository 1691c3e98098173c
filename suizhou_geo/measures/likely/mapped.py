"""How much of a layer is mapped, at the least and at the most, by what is at hand; and where nothing is."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.access.demand import demand
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats
from suizhou_geo.geometry.shapes import meets, shapes_of
from suizhou_geo.geometry.zonal import groups_within
from suizhou_geo.measures.completeness import sentence
from suizhou_geo.measures.likely.unseen import share_found
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area, persons_in_zones
from suizhou_geo.study_area.layers import LAYERS


@dataclass(frozen=True)
class Mapped:
    """The share of what exists that is mapped, at the least and at the most, and how that is known.

    `assumed`: that nothing at hand bears it out.
    """

    least: float
    most: float
    because: Text
    assumed: bool = False

    @property
    def most_missing(self) -> float:
        """How many times what is mapped may be missing, at the most."""
        return 1.0 / self.least - 1.0 if self.least > 0 else np.inf

    @property
    def least_missing(self) -> float:
        """How many times what is mapped is missing, at the least."""
        return 1.0 / self.most - 1.0 if self.most > 0 else np.inf


def z_of() -> float:
    """How many standard deviations the ends of a range lie from its middle, for the confidence that is told."""
    from scipy.stats import norm

    return float(norm.ppf((1.0 + table("completeness")["confidence"]) / 2.0))


def mapped_share(area: StudyArea, layer: str) -> Mapped:
    """How much of a layer is mapped: all, where it is declared complete, else what is assumed at the least."""
    if layer not in area.incomplete:
        return Mapped(1.0, 1.0, sentence("mapped_declared", layer=LAYERS[layer].name_zh, name=layer))
    least = table("completeness")["least_mapped"][layer]
    return Mapped(
        least, 1.0, sentence("mapped_assumed", layer=LAYERS[layer].name_zh, name=layer, least=least), assumed=True
    )


def mapped_facilities(area: StudyArea, categories: tuple[str, ...]) -> Mapped:
    """How much of the facilities of some categories is mapped: by a second source, else as assumed, or as the standard asks."""
    usual = mapped_share(area, "facilities")
    if "facilities" not in area.incomplete:
        return usual
    if (second := _second_source(area, categories)) is not None:
        return second
    there = int(shapes_in(area.layers["facilities"], categories).sum())
    asked = _asked_for(area, categories)
    if asked * usual.least <= there:
        return usual
    return Mapped(there / asked, 1.0, sentence("mapped_by_standard", mapped=there, asked=round(asked)), assumed=True)


def shapes_in(facilities: gpd.GeoDataFrame, categories: tuple[str, ...]) -> Bools:
    """Which facilities are of some categories."""
    return np.asarray(facilities["category"].isin(categories).to_numpy(dtype=bool))


def _second_source(area: StudyArea, categories: tuple[str, ...]) -> Mapped | None:
    """How much of the facilities of some categories in the zones a second source has that the first has, too.

    What it has of a kind more than once in one place is one facility. None where it has none.
    """
    if area.facilities_check is None:
        return None
    match_m, second = table("completeness")["second_source"]["match_m"], area.facilities_check
    found = other = 0
    for category in categories:
        mine, its = (shapes_of(layer)[shapes_in(layer, (category,))] for layer in (area.facilities, second))
        its = its[meets(its, shapes_of(area.zones))]
        place, known = groups_within(its, match_m), meets(its, mine, within_m=match_m)
        other, found = other + len(np.unique(place)), found + len(np.unique(place[known]))
    if not other:
        return None
    least, most = share_found(found, other, z_of())
    return Mapped(least, most, sentence("mapped_by_second", found=found, other=other))


def _asked_for(area: StudyArea, categories: tuple[str, ...]) -> float:
    """How many facilities the standard plans for the persons of the zones, at the least; 0 where it does not say."""
    circles, persons_of = table("life_circles")["categories"], table("completeness")["circle_persons"]
    if area.population is None:
        return 0.0
    rows = [circles[c] for c in categories]
    planned = [persons_of[str(row["circle_min"])] for row in rows if row["required"] and row["circle_min"]]
    return float(persons_in_zones(area).sum()) / min(planned) if planned else 0.0


@per_area
def silent_homes(area: StudyArea) -> Bools:
    """The cells of homes around which hardly a facility of any kind is mapped, for so many persons: chance is unlikely.

    What is usual is what is mapped around homes of this place itself, for each person within the same distance; of land,
    where the study has no population.
    """
    from scipy.stats import poisson

    rules, homes, weight = table("completeness")["silent"], demand(area), people_or_land(area)
    points = shapely.point_on_surface(shapes_of(area.facilities))
    _, cell = homes.tree.query(points, predicate="dwithin", distance=rules["within_m"])
    mapped = np.bincount(cell, minlength=len(weight))
    if not mapped.any():
        return np.ones(len(weight), dtype=bool)
    around = _around(area, within_m=rules["within_m"])
    usual = float(weight @ mapped) / float(weight @ around)
    return np.asarray(poisson.cdf(mapped, usual * around) < rules["chance"])


@per_area
def _around(area: StudyArea, *, within_m: float) -> Floats:
    """The persons, or the land, within a distance of the centre of each cell of homes."""
    weight = people_or_land(area)
    homes = demand(area)
    centre, cell = homes.tree.query(homes.centre, predicate="dwithin", distance=within_m)
    around: Floats = np.bincount(centre, weights=weight[cell], minlength=len(weight)).astype(float)
    return around


def people_or_land(area: StudyArea) -> Floats:
    """The persons of each cell of homes; its land where there are none."""
    cells = demand(area).cells
    persons: Floats = cells["persons"].to_numpy()
    land: Floats = cells["area_m2"].to_numpy()
    return persons if np.nansum(persons) > 0 else land
