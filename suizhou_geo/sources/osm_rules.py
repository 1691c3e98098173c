"""The rules of standards/osm_layers.toml: which tags make an OpenStreetMap object what to us."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Ints, Shapes
from suizhou_geo.geometry.shapes import layer_of
from suizhou_geo.model import Note
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.osm_names import said
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import LAYERS

Tags = Mapping[str, str]
Layer = tuple[gpd.GeoDataFrame, list[Note]]
InCampus = Callable[[Shapes], Bools]
_FLAGS = re.IGNORECASE | re.MULTILINE
NAMES = ("name", "name:zh", "name:en")


@dataclass(frozen=True)
class Objects:
    """OpenStreetMap objects of one geometry kind: ids ("w123"), tags and shapes, side by side."""

    ids: Sequence[str]
    tags: Sequence[Tags]
    shapes: Shapes

    def __len__(self) -> int:
        """How many objects there are."""
        return len(self.ids)

    @cached_property
    def rows_with(self) -> dict[str, list[int]]:
        """Tag key -> the rows that have it, ascending."""
        rows: dict[str, list[int]] = {}
        for row, tags in enumerate(self.tags):
            for key in tags:
                rows.setdefault(key, []).append(row)
        return rows

    def having(self, tags: Mapping[str, frozenset[str]]) -> list[int]:
        """Return the rows, ascending, that have at least one of these tags (key -> any of the values)."""
        there = ((key, values, row) for key, values in tags.items() for row in self.rows_with.get(key, ()))
        return sorted({row for key, values, row in there if has(self.tags[row], key, values)})

    def those(self, key: str, fits: Callable[[Tags], bool]) -> Objects:
        """Return the objects that have the tag `key` and whose tags fit."""
        return self.take([i for i in self.rows_with.get(key, ()) if fits(self.tags[i])])

    def take(self, rows: Sequence[int] | Ints) -> Objects:
        """Return the objects of these rows, in this order."""
        return Objects(
            [self.ids[i] for i in rows], [self.tags[i] for i in rows], self.shapes[np.asarray(rows, dtype=np.intp)]
        )

    def joined(self, other: Objects) -> Objects:
        """Return these objects and those of `other` behind them."""
        return Objects([*self.ids, *other.ids], [*self.tags, *other.tags], np.concatenate([self.shapes, other.shapes]))


@dataclass(frozen=True)
class Rule:
    """One rule: the conditions, and the result (categories or a kind; empty leaves the object out)."""

    tags: Mapping[str, frozenset[str]]
    not_tags: Mapping[str, frozenset[str]]
    name: re.Pattern[str] | None
    not_name: re.Pattern[str] | None
    min_area_m2: float
    inside_campus: bool
    says: Mapping[str, frozenset[str]]
    guessed: bool
    result: tuple[str, ...]
    note: Text | None

    @property
    def is_last_guess(self) -> bool:
        """Whether it takes what says nothing at all."""
        return self.guessed and not self.says and self.name is None and len(self.tags) == 1

    def fits(self, tags: Tags, *, area_m2: float, in_campus: bool) -> bool:
        """Whether an object with these tags, of this size and at such a place is meant."""
        names = "\n".join(tags[key] for key in NAMES if key in tags)
        return (
            all(has(tags, key, values) for key, values in self.tags.items())
            and not any(has(tags, key, values) for key, values in self.not_tags.items())
            and area_m2 >= self.min_area_m2
            and (in_campus or not self.inside_campus)
            and (self.name is None or bool(self.name.search(names)))
            and not (self.not_name and self.not_name.search(names))
            and all(said(vocabulary, name_of(tags)) in kinds for vocabulary, kinds in self.says.items())
        )


def has(tags: Tags, key: str, values: frozenset[str]) -> bool:
    """Whether the tag `key` has one of these values; "*" stands for any, and "a;b" has both a and b.

    >>> has({"isced:level": "1;2"}, "isced:level", frozenset({"2"}))
    True
    """
    value = tags.get(key)
    if value is None:
        return False
    return "*" in values or value in values or (";" in value and not values.isdisjoint(re.split(r"\s*;\s*", value)))


def answer(words: Mapping[str, Sequence[str]], value: str | None) -> bool | None:
    """Whether a value is one of the words for yes or for no; None where it is neither.

    >>> answer({"yes": ["permissive"], "no": ["private"]}, "private")
    False
    """
    return True if value in words["yes"] else False if value in words["no"] else None


@cache
def rules(name: str, group: str = "") -> tuple[Rule, ...]:
    """Return the rules of one list of standards/osm_layers.toml, in their order: `rules("facilities", "school")`."""
    listed = table("osm_layers")[name]
    return tuple(_rule(entry) for entry in (listed[group] if group else listed))


def facility_groups() -> tuple[str, ...]:
    """Return the names of the facility lists."""
    return tuple(table("osm_layers")["facilities"])


def looked_for(listed: Iterable[Rule]) -> frozenset[str]:
    """Return the tag keys by which the objects of these rules are looked for: the first key of each."""
    return frozenset(next(iter(rule.tags)) for rule in listed)


def value_sets(tags: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Return a table's `key = [values]` with the values as sets."""
    return {key: frozenset(values) for key, values in tags.items()}


def decided(
    objects: Objects, listed: Sequence[Rule], *, in_campus: InCampus | None = None
) -> tuple[Objects, list[Rule], list[Rule]]:
    """Return the objects that a rule gives a result, for each the rule, and the rules that left objects out."""
    found, by = fitted(objects, listed, in_campus=in_campus)
    kept = found.take([i for i, rule in enumerate(by) if rule.result])
    return kept, [rule for rule in by if rule.result], [rule for rule in by if not rule.result]


def fitted(
    objects: Objects, listed: Sequence[Rule], *, in_campus: InCampus | None = None
) -> tuple[Objects, list[Rule]]:
    """Return the objects that a rule fits, and for each the rule, also where it leaves them out.

    The first rule that fits decides. Sizes are taken from the shapes (m2; a point has none). Without `in_campus` nothing
    lies inside a campus.
    """
    values: dict[str, frozenset[str]] = {}
    for rule in listed:
        key, wanted = next(iter(rule.tags.items()))
        values[key] = values.get(key, frozenset()) | wanted
    objects = objects.take(objects.having(values))
    inside = np.zeros(len(objects), dtype=bool)
    if in_campus is not None and any(rule.inside_campus for rule in listed):
        inside = in_campus(objects.shapes)
    sizes = zip(objects.tags, shapely.area(objects.shapes).tolist(), inside.tolist(), strict=True)
    by = [
        next((rule for rule in listed if rule.fits(tags, area_m2=area_m2, in_campus=campus)), None)
        for tags, area_m2, campus in sizes
    ]
    return objects.take([i for i, rule in enumerate(by) if rule]), [rule for rule in by if rule]


def told(by: Iterable[Rule]) -> list[Note]:
    """Return the notes of the rules that decided something, each with its count."""
    counts = Counter(rule.note for rule in by if rule.note)
    return [note("by_rule", rule=words, objects=count) for words, count in counts.items()]


def unknown_values(kind: str, values: Iterable[str]) -> list[Note]:
    """Say which values of a tag the tables do not know, if there are any."""
    counts = Counter(values)
    listed = ", ".join(f"{value} {count}" for value, count in counts.most_common())
    return [note(kind, objects=counts.total(), values=listed)] if counts else []


def frame(layer: str, objects: Objects, crs: CRS, /, **columns: Sequence[Any]) -> gpd.GeoDataFrame:
    """Return objects as a layer with exactly the columns of LAYERS.

    What is not among `columns` is the objects' names and ids, or holds its default.
    """
    filled = {}
    for key, default in LAYERS[layer].columns.items():
        if key in columns:
            values = columns[key]
        elif key == "name":
            values = [name_of(tags) for tags in objects.tags]
        else:
            values = objects.ids if key == "source_id" else [default] * len(objects)
        filled[key] = pd.Series(values, dtype=_dtype(default))
    return layer_of(np.asarray(objects.shapes, dtype=object), crs, filled)


def _dtype(default: object) -> type | str:
    """Return how a column is kept: by the kind of its default; one that may be None as objects, the others as text."""
    if default is None:
        return object
    return type(default) if isinstance(default, bool | int | float) else "str"


def name_of(tags: Tags) -> str | None:
    """Return the Chinese name, else the name, without blanks round it; None where there is none."""
    return tags.get("name:zh", "").strip() or tags.get("name", "").strip() or None


def english_names(objects: Objects) -> dict[str, str]:
    """Return the names (`name_of`) of objects that have another one for who reads English: name:en, else name."""
    rows = {row for key in ("name:en", "name:zh") for row in objects.rows_with.get(key, ())}
    tagged = (objects.tags[row] for row in sorted(rows))
    read = ((name_of(tags), (tags.get("name:en") or tags.get("name", "")).strip()) for tags in tagged)
    return {name: english for name, english in read if name and english and english != name}


def _rule(entry: Mapping[str, Any]) -> Rule:
    kinds = [entry["kind"]] if "kind" in entry else []
    return Rule(
        tags=value_sets(entry["tags"]),
        not_tags=value_sets(entry.get("not_tags", {})),
        name=re.compile(entry["name"], _FLAGS) if "name" in entry else None,
        not_name=re.compile(entry["not_name"], _FLAGS) if "not_name" in entry else None,
        min_area_m2=float(entry.get("min_area_m2", 0.0)),
        inside_campus=bool(entry.get("inside_campus", False)),
        says=value_sets(entry.get("says", {})),
        guessed=bool(entry.get("guessed", False)),
        result=tuple(entry.get("categories", kinds)),
        note=Text(entry["note_zh"], entry["note"]) if "note" in entry else None,
    )
