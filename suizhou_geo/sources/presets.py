"""Files that offices have: what standards/presets.toml knows of them fills what a study file does not say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import NOTHING, Text, listed_text
from suizhou_geo.model import Note
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.opened import VectorSource
from suizhou_geo.sources.osm_facilities import facilities_of
from suizhou_geo.sources.osm_lifecycle import Drawn, named_unused
from suizhou_geo.sources.osm_rules import Objects, Tags
from suizhou_geo.standards import table

_CODE = re.compile(r"\d{5,6}")  # five where a spreadsheet took 090100 for a number
_SHOWN = 5


def presets(layer: str) -> tuple[str, ...]:
    """Return the presets there are for a layer.

    >>> presets("land_survey"), presets("facilities")
    (('dltb',), ('amap', 'baidu'))
    """
    return tuple(key for key, entry in table("presets").items() if layer in entry["layers"])


def codes_of(preset: str | None) -> str | None:
    """Return the system of land-use codes that a preset means; None where it means none."""
    return None if preset is None else table("presets")[preset].get("codes")


def filled(source: VectorSource, columns: Iterable[str]) -> VectorSource:
    """Return a source with what its preset knows and the study file does not say, as far as the columns are there."""
    if source.preset is None:
        return source
    entry, there = table("presets")[source.preset], {str(column).lower(): str(column) for column in columns}
    found = {
        ours: there[column.lower()]
        for ours, candidates in entry.get("fields", {}).items()
        for column in reversed(candidates)
        if column.lower() in there
    }
    x, y = source.x, source.y
    if x is None and y is None:
        pair: list[str] = next((line for line in entry.get("x", ()) if all(column in there for column in line)), [])
        x, y = (*(there[column] for column in pair), None, None)[:2]
    return replace(source, fields=found | dict(source.fields), x=x, y=y, datum=source.datum or entry.get("datum"))


def looks_like(name: str, columns: Iterable[str]) -> Text:
    """Say which preset a file is for, by its columns; nothing where none is."""
    there = {str(column).lower() for column in columns}
    for key in presets(name):
        entry = table("presets")[key]
        if any(there.issuperset(column.lower() for column in line) for line in entry["known_by"]):
            return Text(
                f'；看来是{entry["name"]["zh"]}，可写 preset = "{key}"',
                f'; it looks like {entry["name"]["en"]}: say preset = "{key}"',
            )
    return NOTHING


def with_constants(layer: gpd.GeoDataFrame, source: VectorSource) -> gpd.GeoDataFrame:
    """Return a layer with what every row of its preset is, where the study file names no column for it."""
    said = {} if source.preset is None else table("presets")[source.preset].get("constant", {})
    return layer.assign(**{ours: value for ours, value in said.items() if ours not in source.fields})


def holds_pois(source: VectorSource) -> bool:
    """Whether kinds of places are to be made categories: a preset has them, and the study file names no column for these."""
    said = {"category"} & (source.fields.keys() | source.values.keys())
    return source.preset is not None and "kinds" in table("presets")[source.preset] and not said


def facilities_of_pois(
    layer: gpd.GeoDataFrame, source: VectorSource, what: Text
) -> tuple[gpd.GeoDataFrame, list[Note], list[Note]]:
    """Return the facilities among points of a map service, what is said of them, and what a planner should look at.

    A kind of place is read as tags of OpenStreetMap, and these with the name by the same rules as OpenStreetMap itself: a
    school's name tells its level, gates and doubles of one place are one, what the name calls 旧址 or 在建 is none, and
    what is guessed is marked so. The index stays that of the layer; a place that serves as two stands twice.

    Raises:
        LayerError: no column says the kind of a place, or no kind is of the classification.
    """
    entry = table("presets")[str(source.preset)]
    there = {str(column).lower(): str(column) for column in layer.columns}
    column = next((there[name.lower()] for name in entry["types"] if name.lower() in there), None)
    if column is None:
        wanted, had = listed_text(entry["types"]), listed_text(there.values())
        raise LayerError(
            f'{what.zh}：preset = "{source.preset}" 需要分类列（{wanted.zh} 之一；现有：{had.zh}）；请改列名，或去掉 preset',
            f'{what.en}: preset = "{source.preset}" needs a column with the kind of place (one of {wanted.en}; it has: '
            f"{had.en}); name it so, or take out the preset",
        )
    said = layer[column].fillna("").astype(str).str.strip().str.replace("；", ";")
    kinds = {text: _kinds(text, entry) for text in said.unique()}
    strange = Counter(text or "—" for text in said if kinds[text] is None)
    if strange.total() == len(layer) and len(layer):
        raise LayerError(
            f"{what.zh}，列“{column}”：没有一个值是{entry['name']['zh']}的分类（如“{next(iter(strange))}”）；请更正 preset",
            f"{what.en}, column {column}: none of its values is a kind of {entry['name']['en']} "
            f"({next(iter(strange))!r}); correct preset",
        )
    findings = []
    if strange:
        words = ", ".join(f"{text} {n}" for text, n in strange.most_common(_SHOWN))
        findings.append(note("strange_kinds", rows=strange.total(), column=column, values=words))
    names = layer[source.fields["name"]] if "name" in source.fields else None
    tags: list[Tags] = []
    at: list[int] = []
    for row, text in enumerate(said):
        name = "" if names is None else str(names.iloc[row] or "")
        for kind in kinds[text] or ():
            if re.search(kind.get("names", ""), name):
                tags.append({**kind["tags"], "name": name} if name else kind["tags"])
                at.append(row)
    objects = Objects([f"{row}/{n}" for n, row in enumerate(at)], tags, layer.geometry.to_numpy()[at])
    none = objects.take([])
    used, unused = named_unused(Drawn(objects, none, none))
    (found, notes), _ = facilities_of(used, in_campus=_nowhere, crs=layer.crs, corrections={})
    allowed = [
        _allowed(kinds, said, row_id, category, guessed)
        for row_id, category, guessed in zip(found["source_id"], found["category"], found["guessed"], strict=True)
    ]
    found = found[np.array(allowed, dtype=bool)]
    rows = [int(str(row_id).split("/")[0]) for row_id in found["source_id"]]
    found = found.set_index(layer.index[rows])
    others = len(layer) - len(set(rows)) - strange.total()
    told = [note("pois", facilities=len(found), others=others, column=column), *notes]
    if len(unused.points):
        findings.append(note("pois_unused", rows=len(unused.points)))
    kept = {ours: theirs for ours, theirs in source.fields.items() if ours not in ("name", "category", "guessed")}
    for ours, theirs in kept.items():
        found[ours] = layer[theirs].iloc[rows].to_numpy()
    return found, told, findings


def _kinds(text: str, entry: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """The kinds of facilities that a text names; None where a part of it is not of the classification."""
    found = []
    for part in (part.strip() for part in text.split(entry["between"])):
        if _CODE.fullmatch(part):
            key, part = "code", part.zfill(6)
            known = part[:2] in entry["first_codes"]
        else:
            key, known = "name", _first(part, entry) in entry["firsts"]
        if not known:
            return None
        fitting = [kind for kind in entry["kinds"] if _begins(part, kind[key], key, entry["levels"])]
        if fitting:
            found.append(max(fitting, key=lambda kind: len(kind[key])))
    return found


def _first(text: str, entry: Mapping[str, Any]) -> str:
    return re.split(f"[{entry['levels']},，/]", text)[0]


def _begins(text: str, start: str, key: str, levels: str) -> bool:
    if key == "code":
        return text.startswith(start)
    text = re.sub("[,，]", levels, text)
    return text == start or text.startswith(start + levels)


def _allowed(kinds: Mapping[str, Any], said: Any, row_id: str, category: str, guessed: bool) -> bool:
    """Whether one of the kinds a row names can be of a category, by a guess if it is one."""
    return any(
        category in kind.get("categories", (category,)) and not (guessed and kind.get("sure", False))
        for kind in kinds[said.iloc[int(row_id.split("/")[0])]]
    )


def _nowhere(shapes: Any) -> Any:
    return np.zeros(len(shapes), dtype=bool)
