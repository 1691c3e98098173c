"""How each layer is drawn in desktop GIS, before any file format: rules of conditions and symbols, and labels.

Colours and words are those of `symbology`. A style draws one measure or one definition of a layer; the first
style of a layer is the one it opens with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from suizhou_geo.assessment.wording import limit, profile_words, unit_name
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.model import Measure, Text
from suizhou_geo.standards import table
from suizhou_geo.standards.symbology import (
    FIFTHS,
    NO_DATA,
    OTHER_PART,
    OTHER_ROAD,
    PALETTE,
    PARTS,
    ROADS,
    ROLES,
    VERDICTS,
    Symbol,
    class_limits,
)

Op = Literal["=", ">=", "<", "null"]
Value = str | float | bool

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
# what a sidewalk survey finds -> how that is drawn
SIDEWALKS: Mapping[str, str] = {"passes": "sidewalk_passes", "fails": "sidewalk_fails", "not_judged": "sidewalk"}
SIDEWALK_TAGS: Mapping[str, tuple[Text, str]] = {  # of the roads, where nobody surveyed
    "both": (Text("两侧有人行道", "sidewalk on both sides"), "met"),
    "left": (Text("左侧有人行道", "sidewalk on the left"), "cannot_tell"),
    "right": (Text("右侧有人行道", "sidewalk on the right"), "cannot_tell"),
    "no": (Text("无人行道", "no sidewalk"), "missed"),
}
_NO_DATA = Symbol(Text("无数据", "no data"), OUTLINE[0], OUTLINE[1], NO_DATA, ZONE_OPACITY)


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
    """One way to draw a layer: its key, its name, its rules from top to bottom of the legend, and its label."""

    key: str
    name: Text
    rules: tuple[Rule, ...]
    label: Label | None = None


def zone_styles(zones: gpd.GeoDataFrame, measures: Sequence[Measure], promised: Sequence[str]) -> tuple[Style, ...]:
    """Return the styles of the zones: one per measure with a number in any zone, and one by kind of zone.

    `measures` are the headline measures; those whose keys are `promised` come first, in that order.
    """
    order = {key: k for k, key in enumerate(promised)}
    shown = [m for m in measures if m.by_zone.notna().any()]
    shown.sort(key=lambda m: order.get(m.key, len(order)))
    return (*(_by_value(m, zones) for m in shown), _by_role())


def _by_value(measure: Measure, zones: gpd.GeoDataFrame) -> Style:
    field = measure.key.replace(".", "_")
    limits = class_limits(zones[field].to_numpy(dtype=float), measure.unit)
    symbols = tuple(Symbol(Text("", ""), *OUTLINE, colour, ZONE_OPACITY) for colour in PALETTE)
    rules = (*_classes(field, limits, symbols, unit=measure.unit), *_without(zones[field], _NO_DATA))
    return Style(field, Text(measure.name_zh, measure.name_en), rules, Label("name", field, measure.unit))


def _by_role() -> Style:
    rules = tuple(Rule((Condition("role", "=", role),), symbol) for role, symbol in ROLES.items())
    return Style("role", Text("分区类型", "kind of zone"), rules, Label("name"))


def _classes(field: str, limits: Sequence[float], symbols: Sequence[Symbol], *, unit: str) -> Iterator[Rule]:
    """Classes from the highest to the lowest, lower limits included; what lies beyond the limits is in the outer ones."""
    for k in reversed(range(len(symbols))):
        low, high = limits[k], limits[k + 1]
        where = [Condition(field, ">=", low)] if k else []
        where += [Condition(field, "<", high)] if k < len(symbols) - 1 else []
        words = [
            f"{limit(low, unit, lang)} – {limit(high, unit, lang)} {unit_name(unit, lang)}" for lang in ("zh", "en")
        ]
        yield Rule(tuple(where), replace(symbols[k], name=Text(*(text.rstrip() for text in words))))


def _without(values: pd.Series, symbol: Symbol) -> tuple[Rule, ...]:
    """The rule for what has no value, where there is any."""
    return (Rule((Condition(str(values.name), "null"),), symbol),) if values.isna().any() else ()


def cell_styles(cells: gpd.GeoDataFrame, columns: Mapping[str, Text]) -> tuple[Style, ...]:
    """Return one style per column of cells (column -> name): shares in fifths, words as the parts they name."""
    return tuple(
        Style(column, name, tuple(_fifths(cells[column]) if is_numeric_dtype(cells[column]) else _words(cells[column])))
        for column, name in columns.items()
    )


def _words(parts: pd.Series) -> Iterator[Rule]:
    there = set(parts)
    for part in (part for part in PARTS if part in there):
        symbol = replace(PARTS[part], stroke=PARTS[part].fill, width_px=CELL_OUTLINE_PX)
        yield Rule((Condition(str(parts.name), "=", part),), symbol)


def area_styles(keys: Mapping[str, Text]) -> tuple[Style, ...]:
    """Return one style per service whose area is shown (key -> name): they lie over each other, so one at a time."""
    return tuple(
        Style(key, name, (Rule((Condition("key", "=", key),), PARTS["service_area"]),)) for key, name in keys.items()
    )


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
        rows = evidence[(keys == key) & (profiles == profile)] if len(shown) > 1 else evidence
        only: tuple[Condition, ...] = (Condition("key", "=", key),) if several_keys else ()
        only += (Condition("profile", "=", profile),) if several_profiles else ()
        rules = tuple(replace(rule, where=(*only, *rule.where)) for rule in _part_rules(rows))
        of = names.get(key, Text(key, key))
        how = Text(profile_words(profile, "zh"), profile_words(profile, "en"))
        name = Text(f"{of.zh} · {how.zh}", f"{of.en} · {how.en}") if several_keys else how
        styles.append(Style(f"{key}/{profile}" if several_keys else profile, name, rules, _part_label(rows, only)))
    return tuple(styles)


def _part_rules(rows: gpd.GeoDataFrame) -> Iterator[Rule]:
    parts = _texts(rows, "part")
    there = dict.fromkeys(parts)
    for part in (*(p for p in PARTS if p in there), *(p for p in there if p not in PARTS)):
        where = (Condition("part", "=", part),) if part else ()
        for rule in _inner_rules(part, rows[parts == part] if len(there) > 1 else rows):
            yield replace(rule, where=(*where, *rule.where))


def _inner_rules(part: str, rows: gpd.GeoDataFrame) -> Iterator[Rule]:
    """The rules inside one part, without the condition on the part itself."""
    if part == "centreline":
        yield from _by_class(rows)
    elif part == "block":
        yield from _by_rank(rows)
    elif part == "cell":
        yield from _fifths(rows[next(column for column in SHARES if column in rows)])
    elif part == "zone":
        yield from _by_role().rules
    elif part == "stroke":
        yield Rule((Condition("through", "=", True),), PARTS[part])
        yield Rule((Condition("through", "=", False),), PARTS["short_stroke"])
    elif part == "sidewalk" and "result" in rows:
        for result, drawn_as in SIDEWALKS.items():
            yield Rule((Condition("result", "=", result),), PARTS[drawn_as])
    elif part == "sidewalk":
        for tag, (name, verdict) in SIDEWALK_TAGS.items():
            yield Rule((Condition("sidewalk", "=", tag),), Symbol(name, VERDICTS[verdict][1], PARTS[part].width_px))
    elif part == "isochrone":
        yield from _by_minutes(rows)
    else:
        symbol = PARTS.get(part, replace(OTHER_PART, name=Text(part, part)) if part else OTHER_PART)
        cells = "covered_share" in rows and rows["covered_share"].notna().any()
        # the outlines of fifty-metre cells would hide what is in them
        yield Rule((), replace(symbol, stroke=symbol.fill, width_px=CELL_OUTLINE_PX) if cells else symbol)


def _by_class(rows: gpd.GeoDataFrame) -> Iterator[Rule]:
    there, names = set(_texts(rows, "road_class")), table("road_classes")["classes"]
    for road_class in (*reversed(list(ROADS)), *sorted(there - set(ROADS))):
        if road_class in there:
            _, width_px, colour = ROADS.get(road_class, OTHER_ROAD)
            row = names.get(road_class, {})
            name = Text(row.get("name_zh", road_class), row.get("name_en", road_class))
            yield Rule((Condition("road_class", "=", road_class),), Symbol(name, colour, width_px + ROAD_WIDER_PX))


def _by_minutes(rows: gpd.GeoDataFrame) -> Iterator[Rule]:
    """Streets by how long it takes to come there, the nearest darkest."""
    steps = sorted(set(zip(rows["from_min"], rows["to_min"], strict=True)))
    for (start, end), colour in zip(steps, cycle(FIFTHS), strict=False):
        name = Text(f"{start:g}–{end:g} 分钟", f"{start:g}–{end:g} min")
        yield Rule((Condition("to_min", "=", float(end)),), replace(PARTS["isochrone"], name=name, stroke=colour))


def _by_rank(rows: gpd.GeoDataFrame) -> Iterator[Rule]:
    """Blocks over the limit, the darker the more a street through them would gain; then those within the limit."""
    block = PARTS["block"]
    highest = rows["gain_rank"].max() if rows["gain_rank"].notna().any() else 0
    starts = [start for start in RANK_LIMITS if start <= highest]
    for k, start in enumerate(starts):
        last = k == len(starts) - 1
        after = None if last else starts[k + 1]
        where = [Condition("gain_rank", ">=", start), *([] if after is None else [Condition("gain_rank", "<", after)])]
        ranks = f"{start}+" if after is None else f"{start}–{after - 1}"
        name = Text(f"超限街区，同类中增设支路收益第 {ranks} 位", f"over the limit, rank {ranks} of its use by gain")
        yield Rule(tuple(where), Symbol(name, block.stroke, block.width_px, PALETTE[::-1][k], CELL_OPACITY))
    name = Text("未超限街区", "block within the limit")
    yield Rule((Condition("gain_rank", "null"),), replace(block, name=name))


def _fifths(shares: pd.Series) -> Iterator[Rule]:
    symbols = [Symbol(Text("", ""), colour, CELL_OUTLINE_PX, colour, CELL_OPACITY) for colour in FIFTHS]
    yield from _classes(str(shares.name), FIFTH_LIMITS, symbols, unit="share")
    yield from _without(shares, replace(_NO_DATA, stroke=NO_DATA, width_px=CELL_OUTLINE_PX))


def _part_label(rows: gpd.GeoDataFrame, only: tuple[Condition, ...]) -> Label | None:
    parts = set(_texts(rows, "part"))
    if "missing_link" in parts:
        return Label(number="rank", unit="count", where=(*only, Condition("rank", "<", LABELLED_RANK)))
    if "block" in parts:
        return Label(number="gain_rank", unit="count", where=(*only, Condition("gain_rank", "<", LABELLED_RANK)))
    named = parts & {"park", "named_road", "stroke", "zone"}
    return Label("name", where=only) if named and "name" in rows else None


def _texts(rows: gpd.GeoDataFrame, column: str) -> Shapes:
    if column not in rows:
        return np.full(len(rows), "", dtype=object)
    texts = rows[column].astype(object)
    return np.asarray(texts.where(texts.notna(), "").to_numpy(dtype=object))
