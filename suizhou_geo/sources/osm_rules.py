"""The rules of standards/osm_layers.toml: which tags make an OpenStreetMap object what to us."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from suizhou_geo.model import LAYERS, REQUIRED
from suizhou_geo.standards import table

Tags = Mapping[str, str]
Shapes = npt.NDArray[np.object_]
_NAMES = ("name", "name:zh", "name:en")


@dataclass(frozen=True)
class Objects:
    """OpenStreetMap objects of one geometry kind: ids ("w123"), tags and shapes, side by side."""

    ids: Sequence[str]
    tags: Sequence[Tags]
    shapes: Shapes

    def __len__(self) -> int:
        """How many objects there are."""
        return len(self.ids)

    def take(self, rows: Sequence[int] | npt.NDArray[np.intp]) -> Objects:
        """Return the objects of these rows, in this order."""
        return Objects(
            [self.ids[i] for i in rows], [self.tags[i] for i in rows], self.shapes[np.asarray(rows, dtype=np.intp)]
        )

    def having(self, keys: Iterable[str]) -> Objects:
        """Return the objects with at least one of these tag keys."""
        wanted = set(keys)
        return self.take([i for i, tags in enumerate(self.tags) if not wanted.isdisjoint(tags)])

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
    result: tuple[str, ...]
    note: str

    def fits(self, tags: Tags, *, area_m2: float, in_campus: bool) -> bool:
        """Whether an object with these tags, of this size and at such a place is meant."""
        if not all(has(tags, key, values) for key, values in self.tags.items()):
            return False
        if any(has(tags, key, values) for key, values in self.not_tags.items()):
            return False
        if area_m2 < self.min_area_m2 or (self.inside_campus and not in_campus):
            return False
        if self.name is None and self.not_name is None:
            return True
        names = "\n".join(tags[key] for key in _NAMES if key in tags)
        if self.name is not None and not self.name.search(names):
            return False
        return self.not_name is None or not self.not_name.search(names)


def has(tags: Tags, key: str, values: frozenset[str]) -> bool:
    """Whether the tag `key` has one of these values; "*" stands for any, and "a;b" has both a and b.

    >>> has({"isced:level": "1;2"}, "isced:level", frozenset({"2"}))
    True
    """
    value = tags.get(key)
    if value is None:
        return False
    return "*" in values or value in values or (";" in value and not values.isdisjoint(re.split(r"\s*;\s*", value)))


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


def decide(objects: Objects, listed: Sequence[Rule], *, in_campus: npt.NDArray[np.bool_]) -> list[Rule | None]:
    """Return for every object the first rule that fits it, or None.

    Sizes are taken from the shapes (m2; a point has none), `in_campus` says what lies inside a school or university.
    """
    decided: list[Rule | None] = []
    sizes = shapely.area(objects.shapes).tolist()
    for tags, area_m2, campus in zip(objects.tags, sizes, in_campus.tolist(), strict=True):
        fitting = (rule for rule in listed if rule.fits(tags, area_m2=area_m2, in_campus=campus))
        decided.append(next(fitting, None))
    return decided


def told(decided: Iterable[Rule | None]) -> list[str]:
    """Return the notes of the rules that decided something, each with its count."""
    counts = Counter(rule.note for rule in decided if rule is not None and rule.note)
    return [f"{count} {note}." for note, count in counts.items()]


def frame(name: str, columns: Mapping[str, Any], shapes: Any, crs: CRS) -> gpd.GeoDataFrame:
    """Return a layer with exactly the columns of LAYERS, those not given filled with their defaults."""
    wanted = LAYERS[name].columns
    filled = {key: columns.get(key, None if default is REQUIRED else default) for key, default in wanted.items()}
    rows = range(len(shapes))
    return gpd.GeoDataFrame(filled, index=rows, geometry=np.asarray(shapes, dtype=object), crs=crs)


def name_of(tags: Tags) -> str | None:
    """Return the Chinese name, else the name, without blanks round it; None where there is none."""
    return tags.get("name:zh", "").strip() or tags.get("name", "").strip() or None


def _rule(entry: Mapping[str, Any]) -> Rule:
    kinds = [entry["kind"]] if "kind" in entry else []
    return Rule(
        tags=value_sets(entry["tags"]),
        not_tags=value_sets(entry.get("not_tags", {})),
        name=re.compile(entry["name"], re.IGNORECASE) if "name" in entry else None,
        not_name=re.compile(entry["not_name"], re.IGNORECASE) if "not_name" in entry else None,
        min_area_m2=float(entry.get("min_area_m2", 0.0)),
        inside_campus=bool(entry.get("inside_campus", False)),
        result=tuple(entry.get("categories", kinds)),
        note=entry.get("note", ""),
    )
