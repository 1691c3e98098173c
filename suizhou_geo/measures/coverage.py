"""Coverages as measures: the share of residential land, or of the people on it, that something reaches."""

from __future__ import annotations

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
    covered_on_foot,
    covered_straight,
    open_range,
    reach_of,
)
from suizhou_geo.access.demand import CELL_M, PLACES, demand
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.measures.asked import Asked, Number
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, one_of
from suizhou_geo.model import Measure, Text
from suizhou_geo.streets.entrances import ENTRANCE_PARAMS
from suizhou_geo.study_area import StudyArea


@dataclass(frozen=True)
class Coverage:
    """A coverage that was asked for: the layer that serves, how it is reached, and of what the share is.

    The profile of `asked` is the definition's own word ("" for none); reach and denominator are told behind it.
    """

    asked: Asked
    layer: str
    reach: Reach
    of: Of

    def __post_init__(self) -> None:
        """Refuse a reach or a denominator there is none of."""
        one_of(f"{self.asked.key}: reach", self.reach, REACHES)
        one_of(f"{self.asked.key}: of", self.of, OFS)

    @property
    def words(self) -> str:
        """The profile: the definition, the reach, and what the share is of."""
        return " / ".join(part for part in (self.asked.profile, self.reach, self.of) if part)

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that serve: the things themselves and, along the streets, the streets."""
        return (self.layer, "roads") if self.reach == "street" else (self.layer,)

    def needs(self) -> tuple[Text, ...]:
        """Say which layers are missing."""
        return missing_layers(self.asked.area, *self.layers, *(("population",) if self.of == "persons" else ()))

    def no_data(self, needs: tuple[Text, ...]) -> Measure:
        """Answer without a number, and say what it needs."""
        return self._told(self.words).no_data(needs)

    def measure(self, share: Floats, evidence: gpd.GeoDataFrame, **found: Any) -> Measure:
        """Answer with the covered `share` of each demand cell, and the range its data leave open.

        `found` is told among the parameters.
        """
        area, homes = self.asked.area, demand(self.asked.area)
        number = Number(*coverage_by_zone(area, share, of=self.of))
        low, high = open_range(area, number.value, supply=self.layers)
        return self._told(f"{self.words} / {homes.basis}", **found).measure(
            number,
            low=low,
            high=high,
            needs=basis_needs(homes) + incomplete_layers(area, *self.layers, "residential"),
            evidence=evidence,
        )

    def within(self, shapes: Shapes, radius_m: float) -> Measure:
        """Answer with the homes within one radius of some shapes; cells and service area are the evidence.

        The parameters gain `radius_m` and `sources`, the number of shapes.
        """
        covered = covered_within(self.asked.area, shapes, radius_m, self.reach)
        evidence = within_evidence(self.asked.area, covered, shapes, radius_m, reach=self.reach)
        return self.measure(covered.share, evidence, radius_m=radius_m, sources=len(shapes))

    def _told(self, profile: str, **found: Any) -> Asked:
        asked = replace(self.asked, profile=profile)
        legs = ENTRANCE_PARAMS | {"places_per_cell": PLACES**2} if self.reach == "street" else {}
        return asked.found(**found, **legs, reach=self.reach, of=self.of, cell_m=CELL_M)


def covered_within(area: StudyArea, shapes: Shapes, radius_m: float, reach: Reach) -> Covered:
    """What lies within one radius of some shapes, straight or along the streets."""
    if reach == "street":
        return covered_on_foot(area, _supply(shapes, radius_m))
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
