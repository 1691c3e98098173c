"""A measure that was asked for, and the number that answers it: what the catalogue says of it is filled in here alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.model import Measure, Text
from suizhou_geo.standards.catalogue import entry_for
from suizhou_geo.study_area import StudyArea


@dataclass(frozen=True, eq=False)
class Number:
    """A number for the whole and per zone, and per zone what it is a ratio of (NaN where it is none)."""

    value: float
    by_zone: pd.Series
    denominator: pd.Series


def ratio(part: pd.Series, whole: pd.Series, *, per: float = 1.0) -> Number:
    """Divide a part by its whole, both by zone: for all zones the ratio of the sums, NaN where there is no whole.

    The denominator is the whole in units of `per`, so that number x denominator counts what is missing in another unit:
    m² per person x persons / 10,000 are hectares.

    >>> half = ratio(pd.Series([1.0, 2.0, 0.0]), pd.Series([1.0, 5.0, 0.0]))
    >>> half.value, half.by_zone.tolist()
    (0.5, [1.0, 0.4, nan])
    """
    total = float(whole.sum())
    value = float(part.sum() / total) if total > 0 else np.nan
    return Number(value, part / whole.where(whole > 0), whole / per)


def summed(amounts: pd.Series, *, per: float = 1.0) -> Number:
    """Add up amounts by zone, in units of `per`. A sum is a ratio of nothing.

    >>> summed(pd.Series([10_000.0, 5_000.0]), per=1e4).value
    1.5
    """
    return Number(float(amounts.sum() / per), amounts / per, pd.Series(np.nan, index=amounts.index))


def undivided(value: float, area: StudyArea) -> Number:
    """A number that only the whole has, and no zone."""
    nothing = pd.Series(np.nan, index=area.zones.index)
    return Number(value, nothing, nothing)


@dataclass(frozen=True)
class Asked:
    """A measure that was asked for: of which area, its key, and its definition.

    `profile` names the definition, `params` holds its thresholds, `basis` is its source. `subject` is what a name in the
    catalogue has a place for.
    """

    area: StudyArea
    key: str
    profile: str
    params: Mapping[str, Any] = field(default_factory=dict)
    basis: str = ""
    subject: Text | None = None

    def found(self, **params: Any) -> Asked:
        """Tell among the parameters what was found on the way to the number."""
        return replace(self, params={**self.params, **params})

    def measure(
        self,
        number: Number,
        *,
        low: float,
        high: float,
        needs: tuple[Text, ...] = (),
        notes: tuple[Text, ...] = (),
        evidence: gpd.GeoDataFrame | None = None,
        breakdown: pd.DataFrame | None = None,
    ) -> Measure:
        """Answer with a number, the range its data leave open, and the layer and the table behind it.

        Errors: LookupError for a key that is not in the catalogue.
        """
        entry = entry_for(self.key)
        if entry is None:
            raise LookupError(f"{self.key} is not in standards/measures.toml; add it")
        name = entry.named(self.subject)
        return Measure(
            key=self.key,
            name_zh=name.zh,
            name_en=name.en,
            value=number.value,
            unit=entry.unit,
            by_zone=number.by_zone,
            denominator=number.denominator,
            shortfall_unit=entry.shortfall_unit_of.get(str(self.params.get("of")), entry.shortfall_unit),
            profile=self.profile,
            basis=self.basis,
            params=self.params,
            evidence=evidence,
            low=low,
            high=high,
            needs=needs,
            notes=notes,
            breakdown=breakdown,
        )

    def no_data(self, needs: tuple[Text, ...]) -> Measure:
        """Answer without a number, and say what it needs."""
        empty = self.measure(undivided(np.nan, self.area), low=np.nan, high=np.nan, needs=needs)
        return replace(empty, shortfall_unit="", basis="")
