"""How each layer is drawn in desktop GIS, before any file format: rules of conditions and symbols, and labels.

Colours and words are those of `symbology`. A style draws one measure or one definition of a layer; the first
style of a layer is the one it opens with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import in_both, limit, profile_words, road_name, with_unit
from suizhou_geo.assessment.words import words
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.model import Measure
from suizhou_geo.outputs.gis.fields import column_of
from suizhou_geo.standards import symbology
from suizhou_geo.standards import table as standard
from suizhou_geo.standards.catalogue import Chapter
from suizhou_geo.standards.symbology import Symbol

Op = Literal["=", ">=", "<", "null"]
Value = str | float | bool

_SAID = words("gis")
OUTLINE = ("#3a3a3a", 1.4)
ZONE_OPACITY = 0.85
CELL_OPACITY = 0.9
CELL_OUTLINE_PX = 0.3
LEAST_DOT_PX = 5.0  # of symbols made for lines, where they are drawn as points
ROAD_WIDER_PX = 0.8
FIFTH_LIMITS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
RANK_LIMITS = (1, 6, 21, 51, 101)  # first to fifth, sixth to twentieth ...
LABELLED_RANK = 20.5
SHARES = ("complied_share", "covered_share")
# what a sidewalk survey finds, and what roads say of theirs where nobody surveyed -> how that is drawn
SIDEWALKS: Mapping[str, Symbol] = {
    "passes": symbology.PARTS["sidewalk_passes"],
    "fails": symbology.PARTS["sidewalk_fails"],
    "not_judged": symbology.PARTS["sidewalk"],
}
SIDEWALK_TAGS: Mapping[str, Symbol] = {
    tag: replace(symbology.PARTS["sidewalk"], name=_SAID[f"sidewalk_{tag}"], stroke=symbology.VERDICTS[verdict][1])
    for tag, verdict in {"both": "met", "left": "cannot_tell", "right": "cannot_tell", "no": "missed"}.items()
}
RANKS: Mapping[str, str] = {"missing_link": "rank", "block": "gain_rank"}  # of a part, by which it is labelled
NAMED = ("park", "named_road", "stroke", "zone")
_NO_DATA = Symbol(_SAID["no_value"], *OUTLINE, symbology.NO_DATA, ZONE_OPACITY)
_UNNAMED = Text("", "")


@dataclass(frozen=True)
class Condition:
    """One condition on a field: equal to a value, at least it, below it, or ("null") without any value."""

    field: str
    op: Op
    value: Value = ""


@dataclass(frozen=True)
class Rule:
    """What meets every condition is drawn with this symbol, under its name in the legend."""

    where: tuple[Condition, ...]
    symbol: Symbol


@dataclass(frozen=True)
class Label:
    """Text on the map: a name, a number in its unit, or one above the other, for what meets every condition."""

    name: str = ""
    number: str = ""
    unit: str = ""
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Style:
    """One way to draw a layer: its key, its name, its rules from top to bottom of the legend, and its label.

    A layer that belongs to several chapters is opened in this style in the group of the chapter `opened_in`.
    """

    key: str
    name: Text
    rules: tuple[Rule, ...]
    label: Label | None = None
    opened_in: Chapter | None = None


def zone_styles(zones: gpd.GeoDataFrame, rows: Iterable[Row]) -> tuple[Style, ...]:
    """Return the styles of the zones: one per row with a number in any zone, in their order, and one by kind of zone."""
    styles = []
    for row in rows:
        measure = row.measure
        if measure is not None and measure.by_zone.notna().any():
            styles.append(replace(_by_value(measure, zones), opened_in=row.chapter if row.status else None))
    return (*styles, Style("role", _SAID["role"], _one_by_one("role", symbology.ROLES), Label("name")))


def _by_value(measure: Measure, zones: gpd.GeoDataFrame) -> Style:
    field = column_of(measure.key)
    limits = symbology.class_limits(zones[field].to_numpy(dtype=float), measure.unit)
    symbols = [Symbol(_UNNAMED, *OUTLINE, colour, ZONE_OPACITY) for colour in symbology.PALETTE]
    rules = tuple(_classes(zones[field], limits, symbols, unit=measure.unit, no_data=_NO_DATA))
    return Style(field, measure.name, rules, Label("name", field, measure.unit))


def _one_by_one(field: str, symbols: Mapping[Any, Symbol]) -> tuple[Rule, ...]:
    return tuple(Rule((Condition(field, "=", value),), symbol) for value, symbol in symbols.items())


def _classes(
    values: pd.Series, limits: Sequence[float], symbols: Sequence[Symbol], *, unit: str, no_data: Symbol
) -> Iterator[Rule]:
    """Classes from the highest to the lowest, the outer ones without an end; then what has no value, where there is any."""
    field, last = str(values.name), len(symbols) - 1
    for k in range(last, -1, -1):
        low, high = limits[k : k + 2]
        where = _between(field, low if k else None, high if k < last else None)
        yield Rule(where, replace(symbols[k], name=in_both(partial(_range, low, high, unit))))
    if values.isna().any():
        yield Rule((Condition(field, "null"),), no_data)


def _between(field: str, low: float | None, high: float | None) -> tuple[Condition, ...]:
    """A class with its lower limit; None is an end that is open."""
    least = () if low is None else (Condition(field, ">=", low),)
    return least if high is None else (*least, Condition(field, "<", high))


def _range(low: float, high: float, unit: str, lang: Lang) -> str:
    return with_unit(f"{limit(low, unit, lang)} – {limit(high, unit, lang)}", unit, lang)


def cell_styles(
    cells: gpd.GeoDataFrame, columns: Mapping[str, Text], opened_in: Mapping[str, Chapter]
) -> tuple[Style, ...]:
    """Return one style per column of cells (column -> name): shares in fifths, words as the parts they name."""
    return tuple(
        Style(column, name, tuple(_cell_rules(cells[column])), opened_in=opened_in.get(column))
        for column, name in columns.items()
    )


def community_styles(communities: gpd.GeoDataFrame, columns: Mapping[str, Text]) -> tuple[Style, ...]:
    """Return one style per column of communities (column -> name), which holds for each the part it is of."""
    told = {column: symbols_of(communities[column], symbology.PARTS) for column in columns}
    return tuple(
        Style(column, name, _one_by_one(column, told[column]), Label("name")) for column, name in columns.items()
    )


def ground_styles(table: str, rows: gpd.GeoDataFrame, name: Text) -> tuple[Style, ...]:
    """Return how a layer of the ground is drawn, as on the web map: the one style it has."""
    if table == "base_roads":
        rules = _one_by_one("road_class", _road_symbols(rows, colour=0))
    elif table == "base_parks":
        symbols = symbology.symbols(standard("symbology")["map"]["symbols"])
        rules = _one_by_one("open_public", {True: symbols["open_park"], False: symbols["closed_park"]})
    else:
        kinds = symbols_of(rows["kind"], symbology.BARRIERS)
        others = {kind: symbology.BARRIERS["wall"] for kind in rows["kind"].dropna() if kind not in kinds}
        rules = _one_by_one("kind", kinds | others)
    return (Style(table, name, rules),)


def symbols_of(values: pd.Series, known: Mapping[str, Symbol]) -> dict[str, Symbol]:
    """Return the symbols of the codes that occur, in the order they are known in."""
    there = set(values.dropna())
    return {code: symbol for code, symbol in known.items() if code in there}


def _cell_rules(values: pd.Series) -> Iterable[Rule]:
    if is_numeric_dtype(values):
        return _fifths(values)
    parts = symbols_of(values, symbology.PARTS)
    return _one_by_one(str(values.name), {part: _as_cell(symbol) for part, symbol in parts.items()})


def _fifths(shares: pd.Series) -> Iterator[Rule]:
    symbols = [Symbol(_UNNAMED, colour, CELL_OUTLINE_PX, colour, CELL_OPACITY) for colour in symbology.FIFTHS]
    return _classes(shares, FIFTH_LIMITS, symbols, unit="share", no_data=_as_cell(_NO_DATA))


def _as_cell(symbol: Symbol) -> Symbol:
    """The symbol for cells of fifty metres, whose outlines would hide what is in them."""
    return replace(symbol, stroke=symbol.fill, width_px=CELL_OUTLINE_PX)


def area_styles(keys: Mapping[str, Text]) -> tuple[Style, ...]:
    """Return one style per service whose area is shown (key -> name): they lie over each other, so one at a time."""
    symbol = symbology.PARTS["service_area"]
    return tuple(Style(key, name, _one_by_one("key", {key: symbol})) for key, name in keys.items())


def evidence_styles(
    evidence: gpd.GeoDataFrame, names: Mapping[str, Text], *, together: bool = False
) -> tuple[Style, ...]:
    """Return one style per measure (`key`) and definition (`profile`) of the evidence, the one asked for first.

    They lie over each other in one layer, so each style shows one; measures that lie beside each other are shown
    `together`. `names` are those of the measures. Inside a style things are drawn by `part`: roads by class, cells by
    their share, blocks by the rank of what a street through them would gain, missing links with their rank.
    """
    profiles = _texts(evidence, "profile")
    keys = np.full(len(evidence), "", dtype=object) if together else _texts(evidence, "key")
    shown = list(dict.fromkeys(zip(keys, profiles, strict=True))) or [("", "")]
    several_keys, several_profiles = (len(set(each)) > 1 for each in zip(*shown, strict=True))
    styles = []
    for key, profile in shown:
        rows = evidence[(keys == key) & (profiles == profile)]
        only: tuple[Condition, ...] = (Condition("key", "=", key),) if several_keys else ()
        only += (Condition("profile", "=", profile),) if several_profiles else ()
        rules = tuple(replace(rule, where=(*only, *rule.where)) for rule in _part_rules(rows))
        of, how = names.get(key, Text(key, key)), in_both(partial(profile_words, profile))
        name = Text(f"{of.zh} · {how.zh}", f"{of.en} · {how.en}") if several_keys else how
        styles.append(Style(f"{key}/{profile}" if several_keys else profile, name, rules, _part_label(rows, only)))
    return tuple(styles)


def _part_rules(rows: gpd.GeoDataFrame) -> Iterator[Rule]:
    parts = _texts(rows, "part")
    there = dict.fromkeys(parts)
    for part in (*(p for p in symbology.PARTS if p in there), *(p for p in there if p not in symbology.PARTS)):
        where = (Condition("part", "=", part),) if part else ()
        for rule in _inside(part, rows[parts == part]):
            yield replace(rule, where=(*where, *rule.where))


def _inside(part: str, rows: gpd.GeoDataFrame) -> Iterable[Rule]:
    """The rules inside one part, without the condition on the part itself."""
    if part in _INSIDE:
        return _INSIDE[part](rows)
    symbol = symbology.PARTS.get(
        part, replace(symbology.OTHER_PART, name=Text(part, part)) if part else symbology.OTHER_PART
    )
    on_cells = "covered_share" in rows and rows["covered_share"].notna().any()
    return [Rule((), _as_cell(symbol) if on_cells else symbol)]


def _by_class(rows: gpd.GeoDataFrame) -> tuple[Rule, ...]:
    symbols = _road_symbols(rows, colour=2)
    wider = {key: replace(symbol, width_px=symbol.width_px + ROAD_WIDER_PX) for key, symbol in symbols.items()}
    return _one_by_one("road_class", wider)


def _road_symbols(rows: gpd.GeoDataFrame, *, colour: Literal[0, 2]) -> dict[str, Symbol]:
    """Return the symbols of the classes that occur, major ones first; `colour` is its place in `symbology.ROADS`."""
    there, symbols = set(_texts(rows, "road_class")), {}
    for road_class in (*(c for c in list(symbology.ROADS)[::-1] if c in there), *sorted(there - set(symbology.ROADS))):
        row = symbology.ROADS.get(road_class, symbology.OTHER_ROAD)
        symbols[road_class] = Symbol(in_both(partial(road_name, road_class)), row[colour], row[1])
    return symbols


def _by_minutes(rows: gpd.GeoDataFrame) -> tuple[Rule, ...]:
    return _one_by_one("to_min", symbology.isochrone_symbols(zip(rows["from_min"], rows["to_min"], strict=True)))


def _by_rank(rows: gpd.GeoDataFrame) -> Iterator[Rule]:
    """Blocks over the limit, the darker the more a street through them would gain; then those within the limit."""
    block, ranks = symbology.PARTS["block"], rows["gain_rank"].dropna()
    starts = [start for start in RANK_LIMITS if start <= ranks.max()]
    for start, after, colour in zip(starts, [*starts[1:], None], reversed(symbology.PALETTE), strict=False):
        name = _SAID["over_limit"].filled(ranks=f"{start}+" if after is None else f"{start}–{after - 1}")
        symbol = replace(block, name=name, fill=colour, opacity=CELL_OPACITY)
        yield Rule(_between("gain_rank", start, after), symbol)
    yield Rule((Condition("gain_rank", "null"),), replace(block, name=_SAID["within_limit"]))


_INSIDE: Mapping[str, Callable[[gpd.GeoDataFrame], Iterable[Rule]]] = {
    "centreline": _by_class,
    "block": _by_rank,
    "cell": lambda rows: _fifths(rows[next(column for column in SHARES if column in rows)]),
    "zone": lambda _: _one_by_one("role", symbology.ROLES),
    "stroke": lambda _: _one_by_one(
        "through", {True: symbology.PARTS["stroke"], False: symbology.PARTS["short_stroke"]}
    ),
    "break": lambda _: _one_by_one("broken", {True: symbology.PARTS["break"], False: symbology.PARTS["taken_over"]}),
    "sidewalk": lambda rows: _one_by_one(*(("result", SIDEWALKS) if "result" in rows else ("sidewalk", SIDEWALK_TAGS))),
    "isochrone": _by_minutes,
}


def _part_label(rows: gpd.GeoDataFrame, only: tuple[Condition, ...]) -> Label | None:
    parts = set(_texts(rows, "part"))
    for part, rank in RANKS.items():
        if part in parts:
            return Label(number=rank, unit="count", where=(*only, Condition(rank, "<", LABELLED_RANK)))
    return Label("name", where=only) if parts.intersection(NAMED) and "name" in rows else None


def _texts(rows: gpd.GeoDataFrame, column: str) -> Shapes:
    if column not in rows:
        return np.full(len(rows), "", dtype=object)
    texts = rows[column].astype(object)
    return np.asarray(texts.where(texts.notna(), "").to_numpy(dtype=object))
