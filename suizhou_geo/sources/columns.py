"""A planner's columns and codes made ours: `fields` (ours = theirs) renames, `values` (theirs = ours) translates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import LayerError
from suizhou_geo.standards import table
from suizhou_geo.study_area import (
    CENTRE_KINDS,
    CHARGER_COUNTS,
    COMMUNITY_ITEMS,
    HERITAGE_KINDS,
    LAYERS,
    REQUIRED,
    ROLES,
    SIDEWALK_SIDES,
)

ValueMap = str | Mapping[str, Any]
LEFT_OUT = ""
OSM_HIGHWAY = "osm_highway"
CODE_TABLES = (OSM_HIGHWAY, "osm_highway_cn_urban")
_YES = ("是", "有", "yes", "true", "y", "t", "1")
_NO = ("否", "无", "no", "false", "n", "f", "0")
_YES_NO = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
_YES_NO_OR_UNKNOWN = (
    *("walkable", "gated", "residential", "continuous", "obstructed", "kerb_ramps", "plaque", "public", "advanced"),
    *(f"item_{n:02d}" for n in range(1, COMMUNITY_ITEMS + 1)),
)
_DBF_NAME = 10  # a Shapefile cuts column names at ten bytes
_SHOWN = 5


@dataclass(frozen=True)
class Read:
    """A layer as read, what was done to it on the way (`notes`), and what a planner should look at (`findings`)."""

    layer: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass
class _Told:
    notes: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


def vocabulary(name: str, column: str) -> tuple[str, ...]:
    """The only values a column of a layer may hold; empty where any value will do.

    >>> vocabulary("zones", "role")
    ('main_city', 'district')
    """
    return {
        ("zones", "role"): ROLES,
        ("roads", "road_class"): tuple(table("road_classes")["classes"]),
        ("facilities", "category"): (*table("life_circles")["categories"], *table("emergency")["categories"]),
        ("parks", "kind"): ("park", "garden", "square", "green_strip"),
        ("barriers", "kind"): ("river", "railway", "motorway", "wall"),
        ("roads", "sidewalk"): SIDEWALK_SIDES,
        ("sidewalks", "side"): ("left", "right", "north", "south", "east", "west"),
        ("centres", "kind"): CENTRE_KINDS,
        ("heritage", "kind"): HERITAGE_KINDS,
        ("chargers", "counts"): CHARGER_COUNTS,
    }.get((name, column), ())


def our_columns(
    layer: gpd.GeoDataFrame, name: str, *, fields: Mapping[str, str], values: Mapping[str, ValueMap], what: str
) -> Read:
    """Return a layer with the columns of LAYERS that it has, renamed, translated and of the right type.

    The index of `layer` is how its rows are called in messages. Rows whose value is translated to "" are left out and
    counted. With `values = {road_class = "osm_highway"}` a "_link" ending makes a ramp of the base class, what only
    people on foot use is left out and noted, and what the table does not know is left out, with its length, as a
    finding.

    Raises:
        LayerError: a named column is not there, a required one has gaps, a value has no meaning or the wrong type.
    """
    told = _Told()
    found = _found_columns(layer, name, fields=fields, what=what)
    for column in values:
        if column not in found:
            raise LayerError(
                f"{what}: values are given for {column}, but no column holds it; name it under fields.{column}"
            )
    keep = np.ones(len(layer), dtype=bool)
    for column, wanted in sorted(values.items(), key=lambda item: item[1] == OSM_HIGHWAY):  # it needs `ramp` translated
        theirs = fields.get(column, column)
        where = f"{what}, column {theirs}"
        if wanted == OSM_HIGHWAY:
            found[column], kept = _osm_classes(found[column], layer, found, told, what=where)
        else:
            codes = table("road_classes")[wanted] if isinstance(wanted, str) else wanted
            words = vocabulary(name, column)
            found[column], kept = _translated(found[column], codes, words, what=where, column=column)
            if not kept.all():
                told.notes.append(f"{counted(int((~kept).sum()), 'row')} left out, as values for {theirs} say")
        keep &= kept
    for column, series in found.items():
        where = f"{what}, column {fields.get(column, column)}"
        default = LAYERS[name].columns.get(column, "")
        typed = _typed(series[keep], default, column, what=where)
        if default is True:
            told.findings += _blanks(_texts(series[keep]), column, what=where)
        _check_words(typed, vocabulary(name, column), what=where, column=column)
        if LAYERS[name].columns.get(column) is REQUIRED and typed.isna().any():
            gaps = typed.index[typed.isna()]
            raise LayerError(f"{where}: {counted(len(gaps), 'row')} empty, the first is row {gaps[0]}; fill it in")
        found[column] = typed
    ours = gpd.GeoDataFrame(found, index=layer.index[keep], geometry=layer.geometry[keep], crs=layer.crs)
    return Read(ours, tuple(told.notes), tuple(told.findings))


def _found_columns(layer: gpd.GeoDataFrame, name: str, *, fields: Mapping[str, str], what: str) -> dict[str, pd.Series]:
    theirs = {str(column): column for column in layer.columns if column != layer.geometry.name}
    found = {}
    for ours in (*LAYERS[name].columns, *(("zone_id",) if name == "zones" else ())):
        source = fields.get(ours, ours)
        if source not in theirs and len(source) > _DBF_NAME and source[:_DBF_NAME] in theirs:
            source = source[:_DBF_NAME]
        if source in theirs:
            found[ours] = layer[theirs[source]]
        elif ours in fields:
            had = ", ".join(theirs) or "none"
            raise LayerError(f"{what} has no column {source} (it has: {had}); correct fields.{ours}")
        elif LAYERS[name].columns.get(ours) is REQUIRED:
            had = ", ".join(theirs) or "none"
            raise LayerError(
                f"{what} has no column {ours} (it has: {had}); name the one that holds it under fields.{ours}"
            )
    return found


def _as_text(value: Any) -> str | None:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip() or None


def _texts(series: pd.Series) -> pd.Series:
    """The column as text: 3.0 is "3", blanks and NaN are None."""
    plain = series.astype(object).map(lambda value: value if isinstance(value, Hashable) else str(list(value)))
    codes, uniques = pd.factorize(plain, use_na_sentinel=True)
    words = np.array([_as_text(value) for value in uniques] + [None], dtype=object)
    return pd.Series(words[codes], index=series.index, dtype=object)


def _translated(
    series: pd.Series, codes: Mapping[str, Any], words: tuple[str, ...], *, what: str, column: str
) -> tuple[pd.Series, np.ndarray]:
    texts = _texts(series)
    unknown = Counter(text for text in texts if text is not None and text not in codes and words and text not in words)
    if unknown:
        raise LayerError(f'{what}: {_listed(unknown)} not translated; add to values.{column} ("" leaves such rows out)')
    ours = {text: codes.get(text, text) for text in texts.unique() if text is not None}
    result = pd.Series([ours.get(text) for text in texts], index=series.index, dtype=object)
    left_out = np.array([value == LEFT_OUT for value in result], dtype=bool)
    return result, ~left_out


def _osm_classes(
    series: pd.Series, layer: gpd.GeoDataFrame, found: dict[str, pd.Series], told: _Told, *, what: str
) -> tuple[pd.Series, np.ndarray]:
    texts = _texts(series)
    roads = table("road_classes")["osm_highway"]
    walkways = set(table("road_classes")["osm_walkways"]["highway"])
    base = {text: text.removesuffix("_link") for text in texts.unique() if text is not None}
    classes = pd.Series([roads.get(base.get(text)) for text in texts], index=series.index, dtype=object)
    on_foot = texts.isin(walkways).to_numpy()
    unknown = classes.isna().to_numpy() & ~on_foot
    if unknown.sum() > len(texts) / 2:
        words = _listed(Counter(texts[unknown].fillna("(empty)")))
        raise LayerError(
            f"{what}: {words} no highway=* of OpenStreetMap; name the column that holds it under fields.road_class"
        )
    links = np.array([text is not None and text.endswith("_link") for text in texts], dtype=bool)
    ramps = _typed(found["ramp"], False, "ramp", what=what) if "ramp" in found else False
    found["ramp"] = pd.Series(links | np.asarray(ramps, dtype=bool), index=series.index)
    if on_foot.any():
        told.notes.append(f"{counted(int(on_foot.sum()), 'row')} for people on foot left out: not a road")
    if unknown.any():
        length_km = layer.geometry[unknown].length.sum() / 1000
        words = _listed(Counter(texts[unknown].fillna("(empty)")))
        told.findings.append(f"{words} no class of road: left out, {length_km:,.1f} km in all")
    return classes, ~(on_foot | unknown)


def _typed(series: pd.Series, default: object, column: str, *, what: str) -> pd.Series:
    if column in _YES_NO_OR_UNKNOWN or isinstance(default, bool):
        texts = _texts(series)
        answers = [default if text is None else _YES_NO.get(text.lower()) for text in texts]
        wrong = np.flatnonzero(
            [text is not None and answer is None for text, answer in zip(texts, answers, strict=True)]
        )
        if len(wrong):
            raise LayerError(
                f"{what}: row {series.index[wrong[0]]} holds {texts.iloc[wrong[0]]!r}, wanted yes or no; "
                f"translate it under values.{column}"
            )
        return pd.Series(answers, index=series.index, dtype=object if default is None else bool)
    if column in ("persons", "jobs") or (isinstance(default, int | float) and not isinstance(default, bool)):
        numbers = pd.to_numeric(_texts(series), errors="coerce").astype(float)
        wrong = np.flatnonzero(numbers.isna() & _texts(series).notna())
        if len(wrong):
            held = series.iloc[wrong[0]]
            raise LayerError(f"{what}: row {series.index[wrong[0]]} holds {held!r}, wanted a number; correct it")
        return numbers.fillna(default).astype(int) if isinstance(default, int) else numbers
    return _texts(series)


def _blanks(texts: pd.Series, column: str, *, what: str) -> list[str]:
    """Say that blanks count as yes; of construction land, where they may as well be meant as no, refuse them."""
    gaps = texts.index[texts.isna()]
    if not len(gaps):
        return []
    empty = f"{what}: {counted(len(gaps), 'row')} empty"
    if column == "construction":
        raise LayerError(f"{empty}, the first is row {gaps[0]}; say yes or no of all land, or take the column out")
    return [f"{empty}, taken as yes; fill in no where that is meant"]


def _check_words(series: pd.Series, words: tuple[str, ...], *, what: str, column: str) -> None:
    if not words:
        return
    unknown = Counter(str(value) for value in series if value is not None and value not in words)
    if unknown:
        near = get_close_matches(next(iter(unknown)), words, n=1)
        into = f"e.g. {near[0]}" if near else f"one of: {', '.join(words)}"
        raise LayerError(f"{what}: {_listed(unknown)} no {column}; translate under values.{column} into {into}")


def _listed(counts: Counter[str]) -> str:
    most = counts.most_common()
    shown = ", ".join(f"{value!r} ({counted(n, 'row')})" for value, n in most[:_SHOWN])
    rest = f" and {len(most) - _SHOWN} other values" if len(most) > _SHOWN else ""
    return f"{shown}{rest} {'is' if len(most) == 1 else 'are'}"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
