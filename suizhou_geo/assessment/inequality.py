"""How unequal access is between zones (公平性): beside every coverage its lowest and highest zone, and two indices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from suizhou_geo.assessment.phrases import value_text, zone_text
from suizhou_geo.assessment.rows import Row, ZoneRow
from suizhou_geo.assessment.wording import profile_words
from suizhou_geo.assessment.words import capitalised, speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.study_area import StudyArea, persons_in_zones

BEST, WORST = 0.1, 0.4  # the tenth that is served best over the four tenths that are served worst
_COVERED = ("persons", "ha")  # what a coverage is a share of
_TINY = 1e-12
_say = speaker("table")


@dataclass(frozen=True, eq=False)
class Inequality:
    """How unequal a coverage is between zones: everybody in a zone counts as covered like the zone.

    Where all zones are alike `gini` is 0 and `palma` 1 (infinity: the worst served have nothing). `zones` is how many have a
    value that can be told.
    """

    row: Row
    lowest: ZoneRow
    highest: ZoneRow
    gini: float
    palma: float
    zones: int

    @property
    def ratio(self) -> float:
        """The highest share over the lowest; infinity where that is nothing."""
        return self.highest.value / self.lowest.value if self.lowest.value > 0.0 else np.inf


def inequalities(rows: Iterable[Row], area: StudyArea) -> tuple[Inequality, ...]:
    """Return how unequal each coverage among some rows is between the zones, over the persons who live there.

    Coverages are shares of persons or of land of homes. Without population zones count by what the coverage is a share of.
    Zones where nobody lives, or whose value stands on too little, are left out; with fewer than two others, or where nothing
    is covered, there is nothing to compare. Who lives in a zone by age is not known, so it is told over all persons.
    """
    persons = persons_in_zones(area) if area.population is not None else None
    found = (_inequality(row, area, persons) for row in rows if _is_coverage(row))
    return tuple(one for one in found if one is not None)


def _is_coverage(row: Row) -> bool:
    measure = row.measure
    return measure is not None and row.unit == "share" and row.shortfall_unit in _COVERED and "of" in measure.params


def _inequality(row: Row, area: StudyArea, persons: pd.Series | None) -> Inequality | None:
    if row.measure is None:
        return None
    weight = row.measure.denominator if persons is None else persons
    by_id = {str(zone_id): float(n) for zone_id, n in weight.items() if n > 0.0}
    told = (zone for zone in row.by_zone(area.zones) if np.isfinite(zone.value) and zone.thin is None)
    known = [zone for zone in told if zone.zone_id in by_id]
    if len(known) < 2 or not any(zone.value > 0.0 for zone in known):
        return None
    share = np.array([zone.value for zone in known])
    persons_there = np.array([by_id[zone.zone_id] for zone in known])
    return Inequality(
        row,
        min(known, key=lambda zone: zone.value),
        max(known, key=lambda zone: zone.value),
        gini(share, persons_there),
        palma(share, persons_there),
        len(known),
    )


def gini(value: Floats, weight: Floats) -> float:
    """Return the Gini coefficient of values, each of which `weight` persons have: Σᵢⱼ wᵢwⱼ|xᵢ-xⱼ| ÷ 2W²x̄. NaN of nothing.

    Source: Gini 1912; the weighted form as in Lerman & Yitzhaki, Economics Letters 15 (1984).

    >>> gini(np.array([0.0, 1.0]), np.array([1.0, 1.0])), gini(np.array([0.4, 0.4]), np.array([1.0, 9.0]))
    (0.5, 0.0)
    """
    total, mean = weight.sum(), float((weight * value).sum())
    if not total > 0.0 or not mean > 0.0:
        return np.nan
    apart = np.abs(value[:, None] - value[None, :])
    return float((weight[:, None] * weight[None, :] * apart).sum() / (2.0 * total * mean))


def palma(value: Floats, weight: Floats) -> float:
    """Return the mean of the tenth of persons with the most over that of the four tenths with the least.

    It is 1 where all have the same, infinity where the four tenths have nothing. (Of incomes the sums are compared; of shares
    that nobody can have more than all of, the means.)

    Source: after Palma, Development and Change 42 (2011).

    >>> palma(np.array([0.2, 0.6]), np.array([50.0, 50.0])), palma(np.array([0.5]), np.array([3.0]))
    (3.0, 1.0)
    """
    order = np.argsort(value)
    value, reached = value[order], np.cumsum(weight[order])
    if not len(value) or not reached[-1] > 0.0:
        return np.nan
    edges = np.r_[0.0, reached / reached[-1]]

    def mean(first: float, beyond: float) -> float:
        part = np.clip(np.minimum(edges[1:], beyond) - np.maximum(edges[:-1], first), 0.0, None)
        return float((part * value).sum() / (beyond - first))

    worst = mean(0.0, WORST)
    return float(np.round(mean(1.0 - BEST, 1.0) / worst, 12)) if worst > _TINY else np.inf


def inequality_table(found: Iterable[Inequality], lang: Lang) -> pd.DataFrame:
    """Return inequalities in words: the whole, lowest and highest zone, the ratio of both, Gini and Palma."""
    some = list(found)
    told = {
        "value": [value_text(one.row, lang) for one in some],
        "lowest": [f"{one.lowest.name} {zone_text(one.row, one.lowest, lang)}" for one in some],
        "highest": [f"{one.highest.name} {zone_text(one.row, one.highest, lang)}" for one in some],
        "ratio": [_index(one.ratio) for one in some],
        "gini": [_index(one.gini) for one in some],
        "palma": [_index(one.palma) for one in some],
    }
    names = [(capitalised(one.row.name.speak(lang)), profile_words(one.row.profile, lang)) for one in some]
    index = pd.MultiIndex.from_tuples(names, names=[_say("measure", lang), _say("profile", lang)])
    return pd.DataFrame({_say(key, lang): values for key, values in told.items()}, index=index)


def _index(value: float) -> str:
    return "∞" if np.isinf(value) else f"{value:.2f}"
