"""Coverages as measures: the share of residential land, or of the people on it, that something reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.access.coverage import (
    OFS,
    REACHES,
    Covered,
    Of,
    Reach,
    Supply,
    basis_needs,
    coverage_by_zone,
    coverage_evidence,
    covered_by_street,
    covered_straight,
    open_range,
    reach_of,
    street_distance_m,
)
from suizhou_geo.access.demand import CELL_M, demand
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, no_data, one_of
from suizhou_geo.model import Measure, Text
from suizhou_geo.study_area import StudyArea


@dataclass(frozen=True)
class Asked:
    """A coverage that was asked for: its key and name, the layer that serves, its definition, how and of what.

    `profile` is the definition's own word before the reach ("" for none), `params` its thresholds, `basis` its source.
    """

    key: str
    name: Text
    layer: str
    reach: Reach
    of: Of
    basis: str
    params: Mapping[str, Any]
    profile: str = ""

    def __post_init__(self) -> None:
        """Refuse a reach or a denominator there is none of."""
        one_of(f"{self.key}: reach", self.reach, REACHES)
        one_of(f"{self.key}: of", self.of, OFS)

    @property
    def words(self) -> str:
        """The profile: the definition, the reach, and what the share is of."""
        return " / ".join(part for part in (self.profile, self.reach, self.of) if part)

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that serve: the things themselves and, along the streets, the streets."""
        return (self.layer, "roads") if self.reach == "street" else (self.layer,)

    @property
    def told(self) -> dict[str, Any]:
        """Every parameter of the result."""
        return {**self.params, "reach": self.reach, "of": self.of, "cell_m": CELL_M}

    def needs(self, area: StudyArea) -> tuple[Text, ...]:
        """Say which layers are missing."""
        return missing_layers(area, *self.layers, *(("population",) if self.of == "persons" else ()))


def uncovered(area: StudyArea, asked: Asked, needs: tuple[Text, ...]) -> Measure:
    """Return a coverage without a number, that says what it needs."""
    return no_data(area, asked.key, asked.name, unit="share", profile=asked.words, needs=needs, params=asked.told)


def coverage(area: StudyArea, asked: Asked, share: Floats, evidence: gpd.GeoDataFrame) -> Measure:
    """Return the measure of a coverage whose `share` of each demand cell is known, with the range its data leave open."""
    value, zones, denominator = coverage_by_zone(area, share, of=asked.of)
    low, high = open_range(area, value, supply=asked.layers)
    homes = demand(area)
    return Measure(
        key=asked.key,
        name_zh=asked.name.zh,
        name_en=asked.name.en,
        value=value,
        unit="share",
        by_zone=zones,
        denominator=denominator,
        shortfall_unit="ha" if asked.of == "land" else "persons",
        profile=f"{asked.words} / {homes.basis}",
        basis=asked.basis,
        params=asked.told,
        evidence=evidence,
        low=low,
        high=high,
        needs=basis_needs(homes) + incomplete_layers(area, *asked.layers, "residential"),
    )


def coverage_within(area: StudyArea, asked: Asked, shapes: Shapes, radius_m: float) -> Measure:
    """Return the coverage of homes within one radius of some shapes, with the cells and the service area as evidence.

    The parameters gain `radius_m` and `sources`, the number of shapes.
    """
    asked = replace(asked, params={**asked.params, "radius_m": radius_m, "sources": len(shapes)})
    covered = covered_within(area, shapes, radius_m, asked.reach)
    return coverage(area, asked, covered.share, within_evidence(area, covered, shapes, radius_m, reach=asked.reach))


def covered_within(area: StudyArea, shapes: Shapes, radius_m: float, reach: Reach) -> Covered:
    """What lies within one radius of some shapes, straight or along the streets."""
    if reach == "street":
        return covered_by_street(street_distance_m(area, shapes, limit_m=radius_m), radius_m)
    return covered_straight(demand(area), _supply(shapes, radius_m))


def within_evidence(
    area: StudyArea, covered: Covered, shapes: Shapes, radius_m: float, *, reach: Reach
) -> gpd.GeoDataFrame:
    """The cells with their covered share and, for a straight reach, the service area."""
    cells = coverage_evidence(area, covered.share)
    if reach == "street":
        return cells
    outline = [reach_of(_supply(shapes, radius_m), quad_segs=8)]
    return pd.concat(
        [cells, gpd.GeoDataFrame({"part": ["service_area"]}, geometry=outline, crs=area.crs)], ignore_index=True
    )


def _supply(shapes: Shapes, radius_m: float) -> Supply:
    return Supply(shapes, np.full(len(shapes), float(radius_m)))
