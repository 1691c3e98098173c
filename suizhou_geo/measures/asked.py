"""A measure that was asked for, and the number that answers it: what the catalogue says of it is filled in here alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.geometry.shapes import layer_of, shapes_of
from suizhou_geo.measures.bases import Base
from suizhou_geo.measures.completeness import one_of, sentence
from suizhou_geo.model import Measure, Study
from suizhou_geo.standards.catalogue import entry_for
from suizhou_geo.study_area import StudyArea

P = ParamSpec("P")
R = TypeVar("R")
ENOUGH = Base()


def public(function: Callable[Concatenate[StudyArea, P], R]) -> Callable[Concatenate[StudyArea | Study, P], R]:
    """Let a function of a study area take a study, too, for its area, and refuse a word that its choices do not have."""
    names = tuple(inspect.signature(function).parameters)[1:]

    @wraps(function)
    def checked(area: StudyArea | Study, /, *args: P.args, **kwargs: P.kwargs) -> R:
        given = dict(zip(names, args, strict=False)) | kwargs
        for name, words in choices(function).items():
            if name in given:
                one_of(f"{function.__name__}: {name}", given[name], words)
        return function(area.area if isinstance(area, Study) else area, *args, **kwargs)

    return checked


@cache
def choices(function: Callable[..., Any]) -> dict[str, tuple[str, ...]]:
    """The words that the parameters of a function may be, of those that are a choice."""
    hints = get_type_hints(function)
    return {name: get_args(hint) for name, hint in hints.items() if get_origin(hint) is Literal}


def name_of(row: Mapping[str, Any]) -> Text:
    """The name of a row of standards.

    >>> name_of({"name_zh": "支路", "name_en": "branch road"}).en
    'branch road'
    """
    return Text(row["name_zh"], row["name_en"])


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
    by_zone = amounts if per == 1.0 else amounts / per
    return Number(float(amounts.sum() / per), by_zone, pd.Series(np.nan, index=amounts.index))


def undivided(value: float, area: StudyArea) -> Number:
    """A number that only the whole has, and no zone."""
    nothing = pd.Series(np.nan, index=area.zones.index)
    return Number(value, nothing, nothing)


def with_whole(rows: Mapping[str, pd.Series], *, of: str, whole: str = "whole") -> pd.DataFrame:
    """The table behind a number: amounts by zone as rows, their sum in the first column, `of` over the row names.

    >>> with_whole({"area_km2": pd.Series({"A": 1.0, "B": 2.0})}, of="zones").loc["area_km2"].to_dict()
    {'whole': 3.0, 'A': 1.0, 'B': 2.0}
    """
    table = pd.DataFrame(rows).astype(float).T
    table.insert(0, whole, table.sum(axis=1), allow_duplicates=True)
    return table.rename_axis(of)


def stacked(layers: Sequence[gpd.GeoDataFrame], columns: Sequence[str]) -> gpd.GeoDataFrame:
    """The rows of several layers one below the other, numbered anew, with nothing where a layer has no such column."""
    rows = {
        column: np.concatenate(
            [layer.get(column, np.full(len(layer), None, dtype=object)) for layer in layers], dtype=object
        )
        for column in columns
    }
    return layer_of(np.concatenate([shapes_of(layer) for layer in layers]), layers[0].crs, rows)


def pieces(parts: gpd.GeoDataFrame, **told: Any) -> gpd.GeoDataFrame:
    """Evidence of land: its parts by zone (`cut_areas`), what is told of them, and their hectares."""
    return parts[["zone_id", "geometry"]].assign(**told, area_ha=parts.area / 1e4)


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
    basis: Text = NOTHING
    subject: Text | None = None

    def found(self, **params: Any) -> Asked:
        """Tell among the parameters what was found on the way to the number."""
        return replace(self, params={**self.params, **params})

    def measure(
        self,
        number: Number,
        *,
        low: float | None = None,
        high: float | None = None,
        needs: tuple[Text, ...] = (),
        notes: tuple[Text, ...] = (),
        evidence: gpd.GeoDataFrame | None = None,
        breakdown: pd.DataFrame | None = None,
        base: Base = ENOUGH,
    ) -> Measure:
        """Answer with a number, the range its data leave open (it alone, if not said), the layer and table behind it.

        On a `base` that is too small it may be anything, and the needs say so.

        Errors: LookupError for a key that is not in the catalogue.
        """
        entry = entry_for(self.key)
        if entry is None:
            raise LookupError(f"{self.key} is not in standards/measures.toml; add it")
        name = entry.named(self.subject)
        if base.whole is not None:
            low, high = 0.0, 1.0 if entry.unit == "share" else np.inf
            needs = (sentence("base_too_small", base=base.whole), *needs)
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
            low=number.value if low is None else low,
            high=number.value if high is None else high,
            needs=needs,
            notes=notes,
            breakdown=breakdown,
            thin=base.whole,
            thin_by_zone=base.zones,
        )

    def no_data(self, needs: tuple[Text, ...]) -> Measure:
        """Answer without a number, and say what it needs."""
        empty = self.measure(undivided(np.nan, self.area), needs=needs)
        return replace(empty, shortfall_unit="", basis=NOTHING)
