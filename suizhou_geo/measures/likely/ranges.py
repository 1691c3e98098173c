"""The likely range of coverages, amounts and lengths, where what they count is not all mapped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from suizhou_geo.access.coverage import Of, Reach, Supply, coverage_by_zone
from suizhou_geo.access.demand import demand
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Ints, Shapes
from suizhou_geo.measures.likely.mapped import Mapped, mapped_share, silent_homes, z_of
from suizhou_geo.measures.likely.unseen import Reaches, newly_reached
from suizhou_geo.model import Driver, Likely
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea
from suizhou_geo.study_area.layers import LAYERS

_HALVINGS = 12


@dataclass(frozen=True)
class Unseen:
    """What is not mapped may add to a number: `least` and `most` in the mean, and one standard deviation of either."""

    least: float
    most: float
    sd: float

    def low(self, z: float) -> float:
        """The least it adds, nothing being the least there is."""
        return max(0.0, self.least - z * self.sd)

    def high(self, z: float) -> float:
        """The most it adds."""
        return self.most + z * self.sd


NOTHING_UNSEEN = Unseen(0.0, 0.0, 0.0)


def unseen_supply(
    area: StudyArea, supply: Supply, value: float, share: Floats, mapped: Mapped, *, of: Of, reach: Reach, few: bool
) -> Unseen:
    """What things that serve and are not mapped may add to a coverage, as a share of all homes.

    They are taken to stand as the mapped ones do, missing one by one or by whole quarters, whichever adds more; where
    `silent_homes` tell that hardly anything is mapped, everything may be reached. `few`: things of which there are few,
    whose quarters are wider, and whose absence does not tell.
    """
    if mapped.least >= 1.0:
        return NOTHING_UNSEEN
    weight = weights(area, of)
    if mapped.most_missing > 1.0 or len(supply.shapes) < table("completeness")["least_things"]:
        return Unseen(0.0, 1.0 - value, 0.0)
    silent = np.zeros(len(weight), dtype=bool) if few else silent_homes(area)
    blank = float(weight[silent] @ (1.0 - share[silent]))
    heard = np.where(silent, 0.0, weight)
    factor = 1.0 if reach == "straight_line" else _straight_factor(area, supply, value, weight)
    rules = table("completeness")
    side_m = rules["wide_quarter_m" if few else "quarter_m"]
    least, most, sds = [], [], []
    for unit in (np.arange(len(supply.shapes)), quarters(supply.shapes, side_m)):
        reaches = _reaches(area, supply, factor, unit, weight)
        counts = reaches.counts()
        least.append(newly_reached(counts, weight, mapped.least_missing))
        most.append(newly_reached(counts, heard, mapped.most_missing))
        sds.append(_sd(reaches.alone(), mapped.least))
    return Unseen(min(least), min(blank + max(*most, 0.0), 1.0 - value), max(sds))


def likely_coverage(
    area: StudyArea, value: float, share: Floats, supply: Unseen, drivers: Sequence[Driver], *, of: Of
) -> Likely | None:
    """The likely range of a coverage; None where nothing tells how much of the homes, or of the persons, is mapped.

    `drivers` are those of the supply.
    """
    homes = demand(area)
    if of == "persons" and "population" in area.incomplete:
        return None
    z, parts, other, sd = z_of(), list(drivers), value, 0.0
    if not homes.sure:
        of_homes = {"residential_land": "residential", "residential_buildings": "buildings"}.get(homes.basis)
        few = (
            len(np.unique(quarters(homes.centre, table("completeness")["quarter_m"])))
            < table("completeness")["least_things"]
        )
        if of_homes not in area.incomplete or few or not 0.0 < value < 1.0:
            return None
        told = mapped_share(area, of_homes)
        other, sd = _other_homes(area, value, share, told, of=of)
        parts.append(
            Driver(of_homes, layer_name(of_homes), abs(other - value) + 2 * z * sd, told.because, told.assumed)
        )
    low = min(value, other) + supply.low(z) - z * sd
    high = max(value, other) + supply.most + z * float(np.hypot(supply.sd, sd))
    return told_range(max(0.0, low), min(1.0, high), parts)


def mean_unseen(parts: Sequence[Unseen]) -> Unseen:
    """What is not mapped may add to a mean of coverages; their chances are apart from each other."""
    least, most, sd = np.array([(part.least, part.most, part.sd) for part in parts]).T
    return Unseen(float(least.mean()), float(most.mean()), float(np.hypot.reduce(sd)) / len(parts))


def supply_driver(layer: str, name: Text, unseen: Unseen, mapped: Mapped) -> Driver:
    """What of a range is open by things that serve."""
    return Driver(layer, name, unseen.high(z_of()) - unseen.low(z_of()), mapped.because, mapped.assumed)


def told_range(low: float, high: float, parts: Sequence[Driver]) -> Likely | None:
    """A range with what drives it, the most first; None where nothing that may be unmapped does."""
    drivers = tuple(sorted((part for part in parts if part.width > 0), key=lambda part: -part.width))
    return Likely(low, high, table("completeness")["confidence"], drivers) if drivers else None


def likely_amount(
    amounts: Floats, shapes: Shapes, per: float, mapped: Mapped, *, layer: str, open_: tuple[float, float]
) -> Likely | None:
    """The likely range of a sum of amounts, over `per`: what is missing is like what is mapped, by quarters.

    `open_` is what the mapped alone leaves open.
    """
    if mapped.least >= 1.0 or mapped.most_missing > 1.0 or len(shapes) < table("completeness")["least_things"]:
        return None
    unit = quarters(shapes, table("completeness")["wide_quarter_m"])
    of_quarter = np.bincount(unit, weights=amounts).astype(float)
    sd = _sd(of_quarter, mapped.least) / per
    most = open_[1] * (1.0 + mapped.most_missing) + z_of() * sd
    driver = Driver(layer, layer_name(layer), most - open_[0], mapped.because, mapped.assumed)
    return told_range(open_[0], most, [driver])


def _sd(parts: Floats, mapped: float) -> float:
    """How far a sum divided by the share mapped lies from what it would be, if each part is mapped with that chance.

    Horvitz & Thompson 1952.
    """
    return float(np.sqrt((1.0 - mapped) * (parts**2).sum())) / mapped


def weights(area: StudyArea, of: Of) -> Floats:
    """What each cell of homes weighs in a coverage: all of them 1."""
    cells = demand(area).cells
    amount: Floats = cells["persons" if of == "persons" else "area_m2"].to_numpy(dtype=float)
    share: Floats = amount / amount.sum()
    return share


def quarters(shapes: Shapes, side_m: float) -> Ints:
    """The quarter, a square of a side, that each shape stands in, numbered."""
    xy = shapely.get_coordinates(shapely.point_on_surface(shapes))
    return np.unique(np.floor(xy / side_m), axis=0, return_inverse=True)[1].ravel()


def with_less(likely: Likely | None, less: float) -> Likely | None:
    """A range whose lower end is less by so much: of what is counted some may be none."""
    return None if likely is None else replace(likely, low=max(0.0, likely.low - less))


def _reaches(area: StudyArea, supply: Supply, factor: float, unit: Ints, weight: Floats) -> Reaches:
    tree = demand(area).tree
    shape, cell = tree.query(supply.shapes, predicate="dwithin", distance=supply.radius_m * factor)
    pairs = np.unique(np.stack([unit[shape], cell]), axis=1)
    return Reaches(pairs[0], pairs[1], weight)


def _straight_factor(area: StudyArea, supply: Supply, value: float, weight: Floats) -> float:
    """The part of the radii at which as many homes are reached straight as are along the streets."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        factor = (low + high) / 2
        cell = demand(area).tree.query(supply.shapes, predicate="dwithin", distance=supply.radius_m * factor)[1]
        low, high = (low, factor) if weight[np.unique(cell)].sum() > value else (factor, high)
    return (low + high) / 2


def _other_homes(area: StudyArea, value: float, share: Floats, mapped: Mapped, *, of: Of) -> tuple[float, float]:
    """What a coverage is by the other denominator, which sees the homes that are not mapped, and its standard deviation.

    Persons are known where homes are not. The rest are taken to be like the mapped ones, missing by whole quarters.
    """
    people = area.population is not None and "population" not in area.incomplete
    other = coverage_by_zone(area, share, of="persons")[0] if of == "land" and people else value
    weight = weights(area, of)
    unit = quarters(demand(area).centre, table("completeness")["quarter_m"])
    apart = np.bincount(unit, weights=weight * (share - value)).astype(float)
    return other, _sd(apart, mapped.least) * mapped.least


def layer_name(layer: str) -> Text:
    """What a layer is called."""
    return Text(LAYERS[layer].name_zh, layer)
