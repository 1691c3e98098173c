"""Which layer of ours a file feeds, and how its columns and codes are ours: told by standards/file_kinds.toml, with reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from suizhou_geo.errors.text import Text, listed_text
from suizhou_geo.sources.columns import CODE_TABLES, OSM_HIGHWAY, vocabulary
from suizhou_geo.sources.new_study.seen import Seen
from suizhou_geo.sources.presets import presets
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import COUNTED, LAYERS, REQUIRED

_WORD, _WEAK, _COLUMN, _TELLING, _CODES, _PRESET = 2, 1, 2, 1, 3, 4
_MOSTLY = 0.5  # share of the rows of a column whose values must be known
_LEAST = 2  # a sum below is no more than chance
_SHOWN = 6
_POINT, _LINE, _AREA = "point", "line", "area"
_KINDS = {"Point": _POINT, "LineString": _LINE, "Polygon": _AREA}


@dataclass(frozen=True)
class Fit:
    """A layer of ours that a file may feed: how much speaks for it, why, the keys of its table, and what stands against it.

    `lacks` is what keeps the file from being read as this layer, as a question; `left_out` are values of its codes that are
    not known, which leave their rows out.
    """

    seen: Seen
    layer: str
    score: int
    why: tuple[Text, ...]
    keys: Mapping[str, Any] = field(default_factory=dict)
    lacks: tuple[Text, ...] = ()
    left_out: tuple[str, ...] = ()


def fits(seen: Seen) -> list[Fit]:
    """Return the layers of ours that a file may feed, the likeliest first."""
    found = [fit for layer in table("file_kinds")["layers"] if (fit := _fit(seen, layer)).score > 0]
    return sorted(found, key=lambda fit: (-fit.score, len(fit.lacks)))


def fit_as(seen: Seen, layer: str) -> Fit:
    """Return how a file may feed one layer, however unlikely."""
    return _fit(seen, layer)


def likely(found: Fit) -> bool:
    """Whether enough speaks for it to propose it."""
    return found.score >= _LEAST


def columns_like(columns: Iterable[str], words: Iterable[str], *, without: Iterable[str] = ()) -> str | None:
    """The column that is called like one of some words, or has one in its name: the first word that is found decides.

    >>> columns_like(["编号", "小学名称"], ["name", "名称"]), columns_like(["人口密度"], ["人口"], without=["密度"])
    ('小学名称', None)
    """
    free = [column for column in map(str, columns) if not any(word in column.lower() for word in without)]
    words = list(words)
    exact = (column for word in words for column in free if column.lower() == word.lower())
    within = (column for word in words for column in free if not word.isascii() and len(word) > 1 and word in column)
    return next(exact, None) or next(within, None)


def word_in(name: str, words: Iterable[str]) -> str | None:
    """The longest of some words that a name holds: Chinese anywhere, others as whole words.

    >>> word_in("2020_Parks公园.shp", ["park", "parks", "公园"]), word_in("parking", ["park"])
    ('parks', None)
    """
    lower = name.lower()
    held = [word for word in words if (_whole(word.lower(), lower) if word.isascii() else word in name)]
    return max(held, key=len, default=None)


def _whole(word: str, text: str) -> bool:
    return re.search(f"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None


def _fit(seen: Seen, layer: str) -> Fit:
    entry = table("file_kinds")["layers"][layer]
    if seen.rows is None or not _drawn_for(seen, layer):
        return Fit(seen, layer, 0, ())
    score, why = _named(seen, layer)
    columns = seen.columns
    preset = _preset(layer, columns)
    if preset is not None:
        called = Text(table("presets")[preset]["name"]["zh"], table("presets")[preset]["name"]["en"])
        known = Text(f"列与{called.zh}相同", f"it has the columns of {called.en}")
        return Fit(seen, layer, score + _PRESET, (*why, known), {"preset": preset})
    if _has_all_of(columns, entry.get("known_by", ())):
        score, why = (
            score + _PRESET,
            [*why, Text("列与行政区划数据相同", "it has the columns of administrative limits")],
        )
    keys: dict[str, Any] = {"fields": {}, "values": {}}
    lacks: list[Text] = []
    left_out: list[str] = []
    taken: list[str] = []
    for ours in _required_first(layer, entry["fields"]):
        needed = LAYERS[layer].columns.get(ours) is REQUIRED
        free = [column for column in columns if column not in taken]
        column, values, unknown = _column(seen.rows, layer, ours, entry, free)
        if column is None:
            lacks += [_asks_for(layer, ours, columns)] if needed else []
            continue
        taken.append(column)
        if column != ours:
            keys["fields"][ours] = column
        if values:
            keys["values"][ours] = values
        left_out += unknown
        telling = _CODES if needed and vocabulary(layer, ours) else _COLUMN if needed and ours != "name" else 0
        score += telling or (_TELLING if ours in entry.get("telling", ()) else 0)
        if telling or ours in entry.get("telling", ()):
            why.append(_because(column, ours, values))
    return Fit(seen, layer, score, tuple(why), {k: v for k, v in keys.items() if v}, tuple(lacks), tuple(left_out))


def _drawn_for(seen: Seen, layer: str) -> bool:
    """Whether shapes are of a kind the layer has; a table may hold points, or be joined to areas."""
    kinds = {_KINDS[kind] for kind in LAYERS[layer].kinds if kind in _KINDS}
    return seen.kind == "table" or (seen.kind == "shapes" and bool(seen.geometry) and bool(seen.geometry & kinds))


def _named(seen: Seen, layer: str) -> tuple[int, list[Text]]:
    """What the name of the layer says; where that says nothing of any layer, the name of the file."""
    for name in filter(None, (seen.inner, seen.path.stem)):
        said = _said(name)
        if layer in said:
            word, worth = said[layer]
            return worth, [Text(f"名称含“{word}”", f"its name says {word!r}")]
        if any(worth == _WORD for _, worth in said.values()):
            return 0, []
    return 0, []


def _said(name: str) -> dict[str, tuple[str, int]]:
    """The word by which a name tells each layer, and what it is worth; none that is a part of another's (园区, 开发区园区)."""
    entries: Mapping[str, Any] = table("file_kinds")["layers"]
    found = {
        layer: (word, worth)
        for worth, key in ((_WEAK, "weak"), (_WORD, "words"))
        for layer, entry in entries.items()
        if (word := word_in(name, entry.get(key, ())))
    }
    words = [word for word, _ in found.values()]
    return {
        layer: (word, worth)
        for layer, (word, worth) in found.items()
        if not any(word != other and word in other for other in words)
    }


def _preset(layer: str, columns: list[str]) -> str | None:
    known = table("presets")
    return next((key for key in presets(layer) if _has_all_of(columns, known[key]["known_by"])), None)


def _has_all_of(columns: Iterable[str], lines: Iterable[Iterable[str]]) -> bool:
    there = {column.lower() for column in columns}
    return any(there.issuperset(column.lower() for column in line) for line in lines)


def _required_first(layer: str, fields: Mapping[str, Any]) -> Iterator[str]:
    yield from sorted(fields, key=lambda ours: LAYERS[layer].columns.get(ours) is not REQUIRED)


def _column(
    rows: pd.DataFrame, layer: str, ours: str, entry: Mapping[str, Any], free: list[str]
) -> tuple[str | None, Any, list[str]]:
    """The column that holds one of ours, what its codes mean, and the codes that are not known."""
    words = [ours, *entry["fields"][ours]]
    if not vocabulary(layer, ours):
        ratios = table("units")["column_names"]["ratios"] if ours in COUNTED.values() else ()
        return columns_like(free, words, without=ratios), None, []
    named = list(dict.fromkeys(filter(None, (columns_like(free, [word]) for word in words))))
    for column in named:
        values, unknown = _codes(rows[column], layer, ours, entry)
        if values is not None:
            return column, values, unknown
    return None, None, []


def _codes(series: pd.Series, layer: str, ours: str, entry: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """What the values of a column mean in our words: a table, or the name of one; None where most are not known."""
    texts = series.dropna().astype(str).str.strip()
    texts = texts[texts != ""]
    if texts.empty:
        return None, []
    known = _meanings(layer, ours, entry.get("values", {}).get(ours, {}))
    counts = texts.value_counts()
    if CODE_TABLES.get(OSM_HIGHWAY) == ours:
        highways = table("road_classes")[OSM_HIGHWAY]
        told = texts.str.removesuffix("_link").isin(highways)
        if told.mean() >= _MOSTLY and not texts.isin(list(vocabulary(layer, ours))).all():
            return OSM_HIGHWAY, []
    if texts.isin(list(known)).mean() < _MOSTLY:
        return None, []
    unknown = [str(value) for value in counts.index if value not in known]
    if unknown and LAYERS[layer].columns.get(ours) is not REQUIRED:
        return None, []  # what is not needed is left alone where a part of it is not understood
    own = set(vocabulary(layer, ours))
    values = {str(value): known.get(value, "") for value in counts.index if value not in own}
    return values, unknown


def _meanings(layer: str, ours: str, said: Mapping[str, str]) -> dict[str, str]:
    """Every word for one of ours: itself, its Chinese and its English name, and what the table adds."""
    named = {
        **table("life_circles")["categories"],
        **table("emergency")["categories"],
        **table("road_classes")["classes"],
    }
    meanings = {word: word for word in vocabulary(layer, ours)}
    for word in vocabulary(layer, ours):
        meanings |= {named[word][key]: word for key in ("name_zh", "name_en") if word in named}
    return meanings | dict(said)


def _because(column: str, ours: str, values: Any) -> Text:
    if not isinstance(values, Mapping):
        of = Text("（OpenStreetMap 的 highway 值）", " (values of highway=*)") if values else Text("", "")
        return Text(f"列“{column}”{of.zh} → {ours}", f"column {column!r}{of.en} → {ours}")
    shown = listed_text(list(values)[:_SHOWN])
    return Text(f"列“{column}”的值（{shown.zh}）→ {ours}", f"values of column {column!r} ({shown.en}) → {ours}")


def _asks_for(layer: str, ours: str, columns: list[str]) -> Text:
    had = listed_text(columns, Text("无", "none"))
    return Text(
        f"哪一列是 {ours}？请写进 fields（现有列：{had.zh}）；没有这样的列就不能作为{LAYERS[layer].name_zh}",
        f"which column is {ours}? name it under fields (there is: {had.en}); without one it cannot be {layer}",
    )
