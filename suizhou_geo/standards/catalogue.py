"""The catalogue of the measures, read from measures.toml: chapter, names, words, units and the layer of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from suizhou_geo.errors.text import Text
from suizhou_geo.standards import table

Kind = Literal["area", "line", "point"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# a layer whose evidence is of several kinds is written as one table per kind; the one with the highest keeps the name
SUFFIXES: Mapping[Kind, str] = {"line": "_lines", "point": "_points"}


@dataclass(frozen=True)
class Chapter:
    """A chapter of the plan: its `key` and its name."""

    key: str
    name: Text


CHAPTERS = (
    Chapter("land", Text("空间格局、人口与用地", "Layout, people and land")),
    Chapter("life_circle", Text("15分钟生活圈与公共服务", "15-minute living circles and services")),
    Chapter("green", Text("公园绿地与河岸", "Parks, green and river banks")),
    Chapter("roads", Text("道路与通行", "Roads and getting about")),
)
OTHER_CHAPTER = Chapter("declared", Text("产业、民生与其他申报指标", "Economy, welfare and other declared figures"))


@dataclass(frozen=True)
class Layer:
    """A table of the results: its chapter (None: all of them), what it is called, its geometry where it is empty."""

    table: str
    chapter: Chapter | None
    name: Text
    kind: Kind


@dataclass(frozen=True)
class Entry:
    """What is known of a measure beside its number.

    `definition` says what is counted, `denominator` over what, `layers` from which, `limits` what those cannot tell. What
    is missing is counted in `shortfall_unit`, or in that of `shortfall_unit_of` for what the share is of ("persons").
    `params` tells thresholds in words, with a place for the number; `layer` holds the evidence.
    """

    chapter: Chapter
    name: Text
    unit: str
    shortfall_unit: str
    shortfall_unit_of: Mapping[str, str]
    definition: Text
    denominator: Text
    layers: tuple[str, ...]
    limits: Text
    params: Mapping[str, Text]
    layer: Layer | None

    def named(self, subject: Text | None = None) -> Text:
        """Return the name, with what it is of in its place.

        >>> entry_for("places_short.hospital").named(Text("医院床位", "hospital beds")).zh
        '医院床位不足的人口占比'
        """
        return self.name if subject is None else Text(self.name.zh.format(subject.zh), self.name.en.format(subject.en))


def families() -> tuple[str, ...]:
    """The families of keys that are measured, each the part of a key before its dot.

    >>> families()[:2]
    ('main_city_zones', 'district_zones')
    """
    return tuple(key for key in table("measures") if key != "shared" and "." not in key)


@cache
def entry_for(key: str) -> Entry | None:
    """Return the entry of a measure, or None for figures that no layer measures.

    >>> entry_for("road_density.branch").definition.zh[:6], entry_for("gdp_growth")
    ('该等级道路中', None)
    """
    family = _family(key)
    said = _said(key) if family in families() else {}
    if "name" not in said:
        return None
    return Entry(
        chapter=_chapter(said["chapter"]),
        name=_text(said["name"]),
        unit=said["unit"],
        shortfall_unit=said["shortfall_unit"],
        shortfall_unit_of=said.get("shortfall_unit_of", {}),
        definition=_text(said["definition"]),
        denominator=_text(said["denominator"]),
        layers=tuple(said["layers"]),
        limits=_text(said["limits"]),
        params=threshold_words() | {name: _text(words) for name, words in said.get("params", {}).items()},
        layer=_layer(family, said),
    )


def settled_by(key: str) -> Text | None:
    """Return what decides a promise where the map alone may not, to be declared as a statistic; None where the map does.

    >>> settled_by("commute_30min_city").en, settled_by("road_density")
    ('declared in the statistics, the minutes of 95 % of commutes by a travel survey or phone data would decide it', None)
    """
    said = table("measures").get(_family(key), {}).get("settled_by")
    return None if said is None else _text(said)


def chapter_of(key: str) -> Chapter:
    """Return the chapter a measure or a promise belongs to, by its key.

    >>> chapter_of("road_density.arterial").key, chapter_of("gdp_growth").key
    ('roads', 'declared')
    """
    family = _family(key)
    return _chapter(_said(family)["chapter"]) if family in families() else OTHER_CHAPTER


@cache
def threshold_words() -> dict[str, Text]:
    """The words of thresholds that are told alike beside every measure."""
    return {name: _text(words) for name, words in table("measures")["shared"]["params"].items()}


@cache
def layers() -> Mapping[str, Layer]:
    """Every table that the results can have, by its name.

    >>> layers()["arterial_grid"].kind, "zones" in layers()
    ('line', True)
    """
    return {layer.table: layer for layer in _layers()}


def tables() -> tuple[str, ...]:
    """How the tables of the results can be called: each layer, and its rows of another geometry.

    A results folder may only be replaced when every file in it is ours.

    >>> {"zones", "road_density", "river_green_points"} <= set(tables())
    True
    """
    return tuple(name + end for name in layers() for end in ("", *SUFFIXES.values()))


def _family(key: str) -> str:
    return key.partition(".")[0]


def _said(key: str) -> dict[str, Any]:
    """What the table says of a key: what its family says, and over that what differs for its subjects and for it."""
    rows = table("measures")
    family = _family(key)
    like = rows[family].get("like")
    over = (rows[family], rows.get(f"{family}.*", {}) if key != family else {}, rows.get(key, {}))
    return dict(item for row in (rows.get(like, {}), *over) for item in row.items())


def _layers() -> Iterator[Layer]:
    for name, said in table("measures")["shared"]["layers"].items():
        chapter = _chapter(said["chapter"]) if "chapter" in said else None
        yield Layer(name, chapter, _text(said), said["kind"])
    for family in families():
        if (layer := _layer(family, _said(family))) is not None:
            yield layer


def _layer(family: str, said: Mapping[str, Any]) -> Layer | None:
    evidence = said.get("evidence")
    if evidence is None:
        return None
    return Layer(evidence.get("table", family), _chapter(said["chapter"]), _text(evidence), evidence["kind"])


def _chapter(key: str) -> Chapter:
    return next(chapter for chapter in CHAPTERS if chapter.key == key)


def _text(said: str | Mapping[str, str]) -> Text:
    words = table("measures")["shared"]["texts"][said] if isinstance(said, str) else said
    return Text(words["zh"], words["en"])
