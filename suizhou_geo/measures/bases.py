"""What a share stands on (分母): where that is too little, or the data contradict it, the share cannot be told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from suizhou_geo.access.coverage import Of
from suizhou_geo.access.demand import demand, dwellings
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.zonal import area_by_zone, by_zone
from suizhou_geo.measures.completeness import said_if, sentence
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area

_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class Base:
    """What a share stands on, in words, where that is too little to tell it: for the whole, and by zone_id.

    What holds for the whole holds for every zone.
    """

    whole: Text | None = None
    zones: Mapping[str, Text] = field(default_factory=dict)


def base_of(amount: pd.Series, unit: Literal["ha", "km"], what: Text) -> Base:
    """The base of a share of land or of lines, by zone; less than the least of standards/bases.toml is too little.

    >>> blocks = pd.Series({"A": 0.05, "B": 40.0})
    >>> base_of(blocks, "ha", Text("街区", "blocks")).zones["A"].en
    '0.05 ha of blocks'
    """
    least = table("bases")["least"][unit] * (1.0 - _TINY)
    few = {str(zone): float(some) for zone, some in amount.items() if 0.0 < some < least}
    total = float(amount.sum())
    whole = _amount(total, unit, what) if 0.0 < total < least else None
    return Base(whole, {zone: _amount(some, unit, what) for zone, some in few.items()})


@per_area
def homes_base(area: StudyArea) -> Base:
    """The base of whatever is a share of homes: their land, or what stands in for it.

    Residential land that most of the mapped dwellings contradict is none, though it was declared complete; nor is land
    that may be incomplete and covers next to nothing of a city.
    """
    homes = demand(area)
    zone = homes.cells["zone"].to_numpy()
    land_ha = by_zone(homes.cells["area_m2"].to_numpy() / 1e4, zone, area.zones)
    found = base_of(land_ha, "ha", Text("居住用地", "homes"))
    if homes.sure or homes.basis != "residential_land" or found.whole is not None:
        return found
    if dwellings(area).contradict:
        return Base(_dwellings(area), found.zones)
    part = float(land_ha.sum()) * 1e4 / float(area.zones.area.sum())
    few = part < table("bases")["homes"]["least_zone_share"] and area.boundary != "administrative"
    return Base(sentence("base_homes", part=part), found.zones) if few else found


def with_services(measure: Measure, *, known: int, required: int) -> Measure:
    """Say of a share of homes and services that it stands on few of those required; where they decide nothing it is told."""
    few = known < table("bases")["services"]["least_share"] * required - _TINY and measure.low < measure.high
    if not few:
        return measure
    services = sentence("base_services", known=known, required=required)
    thin = services if measure.thin is None else _both(services, measure.thin)
    return replace(measure, thin=thin, needs=(sentence("base_too_small", base=services), *measure.needs))


def homes_words(area: StudyArea, *, of: Of) -> str:
    """The end of a profile: what the homes are, and of persons that they were shared out by floor area, if they were."""
    homes = demand(area)
    return f"{homes.basis} / floor_area" if of == "persons" and homes.persons_by == "floor_area" else homes.basis


def homes_params(area: StudyArea) -> dict[str, Any]:
    """How persons were shared out over the homes, and the thresholds of `homes_base`, as parameters of a measure."""
    rules = table("bases")
    return {
        "persons_by": demand(area).persons_by,
        "least_floor_share": rules["floors"]["least_share"],
        "least_homes_ha": rules["least"]["ha"],
        "least_homes_share": rules["homes"]["least_zone_share"],
        "least_dwellings_share": rules["dwellings"]["least_share"],
        "least_dwellings": rules["dwellings"]["least_mapped"],
    }


def basis_needs(area: StudyArea) -> tuple[Text, ...]:
    """What the study must still give where something stands in for residential land, or speaks against it."""
    homes = demand(area)
    if homes.basis == "residential_land":
        return (*said_if(homes.land.empty, "no_homes"), *contradicting_dwellings(area))
    if dwellings(area).contradict:
        return (sentence("dwellings_stand_in", base=_dwellings(area)),)
    return (sentence(f"{homes.basis}_stands_in"),)


def contradicting_dwellings(area: StudyArea) -> tuple[Text, ...]:
    """Say that most of the mapped dwellings stand elsewhere than on the residential land."""
    return (sentence("homes_contradicted", base=_dwellings(area)),) if dwellings(area).contradict else ()


def _amount(amount: float, unit: str, what: Text) -> Text:
    return sentence(f"base_{unit}", what=what, amount=math.floor(amount * 1e3) / 1e3)  # never rounded up to enough


def _dwellings(area: StudyArea) -> Text:
    mapped = dwellings(area)
    land_m2 = 0.0 if area.residential is None else float(area_by_zone(area.residential, area.zones).sum())
    part = land_m2 / float(area.zones.area.sum())
    return sentence("base_dwellings", part=part, on_land=mapped.on_land, mapped=mapped.mapped)


def _both(one: Text, other: Text) -> Text:
    return Text(f"{one.zh}，{other.zh}", f"{one.en}, {other.en}")
