"""Coverages as measures: the share of residential land, or of the people on it, that something reaches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np

from suizhou_geo.access.coverage import (
    CLOSER_PARAMS,
    OFS,
    REACHES,
    Covered,
    Of,
    Reach,
    Supply,
    coverage_by_zone,
    coverage_evidence,
    covered_on_foot,
    covered_straight,
    off_foot,
    open_range,
    reach_of,
)
from suizhou_geo.access.demand import CELL_M, PLACES, demand
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.measures.asked import Asked, Number
from suizhou_geo.measures.bases import basis_needs, homes_base, homes_params, homes_words
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, one_of, said_if
from suizhou_geo.measures.likely.mapped import Mapped, mapped_share
from suizhou_geo.measures.likely.ranges import layer_name, likely_coverage, supply_driver, unseen_supply
from suizhou_geo.model import Likely, Measure
from suizhou_geo.streets.entrances import LEG_PARAMS
from suizhou_geo.streets.network import WALKING_PARAMS, StreetNetwork, walking_network
from suizhou_geo.study_area import StudyArea

_HAIR = 1e-9


@dataclass(frozen=True)
class Coverage:
    """A coverage that was asked for: the layer that serves, how it is reached, and of what the share is.

    The profile of `asked` is the definition's own word ("" for none); reach and denominator are told behind it. What is
    reached along the streets is reached `on_foot`, or driven to.
    """

    asked: Asked
    layer: str
    reach: Reach
    of: Of
    on_foot: bool = True

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

    def measure(
        self,
        share: Floats,
        evidence: gpd.GeoDataFrame,
        *,
        most: Floats | None = None,
        off: Floats | None = None,
        supply: Supply | None = None,
        mapped: Mapped | None = None,
        things: Text | None = None,
        **found: Any,
    ) -> Measure:
        """Answer with the covered `share` of each demand cell, and the range its data leave open.

        `most` is the share that may be covered where the streets leave it open, `off` the share that stands on no street.
        With the `supply`, how much of it is `mapped` (of its whole layer, if not said), and the `things` it is called (its
        layer, if not said), the likely range is told as well.
        `found` is told among the parameters.
        """
        area = self.asked.area
        number = Number(*coverage_by_zone(area, share, of=self.of))
        counted = ("population",) if self.of == "persons" else ()
        low, high = open_range(area, number.value, supply=self.layers, of=self.of)
        most_value = number.value if most is None else coverage_by_zone(area, most, of=self.of)[0]
        crossed = 0
        if self._walked:
            off = off_foot(area).share
            crossed = len(walking_network(area).cut) if most is not None and (most > share + off + _HAIR).any() else 0
        told = self._told(f"{self.words} / {homes_words(area, of=self.of)}", **found, **homes_params(area)).measure(
            number,
            low=low,
            high=max(high, most_value),
            needs=(
                *basis_needs(area),
                *incomplete_layers(area, *self.layers, "residential", *counted),
                *off_street(area, off),
                *said_if(crossed, "cut_at_barriers", places=crossed),
            ),
            notes=pieces_apart(walking_network(area)) if self._walked else (),
            evidence=evidence,
            base=homes_base(area),
        )
        if supply is None or not low < high:
            return told
        part = mapped_share(area, self.layer) if mapped is None else mapped
        called = layer_name(self.layer) if things is None else things
        likely = self._likely(number.value, share, supply, part, called)
        return replace(told, likely=likely and replace(likely, high=max(likely.high, most_value)))

    def _likely(self, value: float, share: Floats, supply: Supply, mapped: Mapped, things: Text) -> Likely | None:
        """The likely range; None along streets that may be missing."""
        area, few = self.asked.area, self.layer != "facilities"
        if self.reach == "street" and "roads" in area.incomplete:
            return None
        unseen = unseen_supply(area, supply, value, share, mapped, of=self.of, reach=self.reach, few=few)
        drivers = [supply_driver(self.layer, things, unseen, mapped)]
        return likely_coverage(area, value, share, unseen, drivers, of=self.of)

    def within(self, shapes: Shapes, radius_m: float) -> Measure:
        """Answer with the homes within one radius of some shapes; cells and service area are the evidence.

        The parameters gain `radius_m` and `sources`, the number of shapes.
        """
        covered, most = covered_within(self.asked.area, shapes, radius_m, self.reach)
        evidence = within_evidence(self.asked.area, covered, shapes, radius_m, reach=self.reach)
        supply = supply_of(shapes, radius_m)
        return self.measure(
            covered.share, evidence, most=most.share, supply=supply, radius_m=radius_m, sources=len(shapes)
        )

    @property
    def _walked(self) -> bool:
        return self.reach == "street" and self.on_foot

    def _told(self, profile: str, **found: Any) -> Asked:
        asked = replace(self.asked, profile=profile)
        along = LEG_PARAMS | {"places_per_cell": PLACES**2} if self.reach == "street" else {}
        walked = CLOSER_PARAMS | WALKING_PARAMS if self._walked else {}
        return asked.found(**found, **along, **walked, reach=self.reach, of=self.of, cell_m=CELL_M)


def covered_within(area: StudyArea, shapes: Shapes, radius_m: float, reach: Reach) -> tuple[Covered, Covered]:
    """What lies within one radius of some shapes, straight or along the streets, and the most that may."""
    if reach == "street":
        return covered_on_foot(area, supply_of(shapes, radius_m))
    covered = covered_straight(demand(area), supply_of(shapes, radius_m))
    return covered, covered


def off_street(area: StudyArea, off: Floats | None) -> tuple[Text, ...]:
    """Say how many persons, or how much residential land, stand on no street, if any do; `off` is the share of each cell."""
    if off is None or not off.any():
        return ()
    cells = demand(area).cells
    persons, area_ha = (float((cells[column] * off).sum()) for column in ("persons", "area_m2"))
    area_ha /= 1e4
    if area.population is None:
        return said_if(area_ha > 0, "land_off_street", area_ha=area_ha)
    return said_if(persons > 0 or area_ha > 0, "homes_off_street", persons=persons, area_ha=area_ha)


def pieces_apart(network: StreetNetwork) -> tuple[Text, ...]:
    """Say how many pieces of the network lead nowhere, so that no place stands on them."""
    pieces, length_m = network.apart
    return said_if(pieces, "pieces_apart", pieces=pieces, length_km=length_m / 1e3)


def within_evidence(
    area: StudyArea, covered: Covered, shapes: Shapes, radius_m: float, *, reach: Reach
) -> gpd.GeoDataFrame:
    """The cells with their covered share and, for a straight reach, the service area."""
    straight = reach_of(supply_of(shapes, radius_m), quad_segs=8) if reach != "street" else None
    return coverage_evidence(area, covered.share, service_area=straight)


def supply_of(shapes: Shapes, radius_m: float) -> Supply:
    """Some shapes that serve, all within one radius."""
    return Supply(shapes, np.full(len(shapes), float(radius_m)))
