"""OpenStreetMap objects -> facilities of the living circles, each thing on the ground once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import shapely
from pyproj import CRS

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Ints, Shapes
from suizhou_geo.model import Guess, Note
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.osm_lifecycle import Drawn
from suizhou_geo.sources.osm_names import plain
from suizhou_geo.sources.osm_rules import (
    NAMES,
    InCampus,
    Layer,
    Objects,
    Rule,
    Tags,
    facility_groups,
    fitted,
    frame,
    name_of,
    rules,
    told,
)
from suizhou_geo.standards import table

Corrections = Mapping[str, tuple[str, ...]]  # source id -> the categories a planner says it has
_SHOWN = 5
_SHORTEST_NAME = 3  # 开发区小学 without its place would be any school


@dataclass
class _Thing:
    """An object that a rule of a list fits: what it serves as, whether that is a guess, and how it is called.

    `spoken` are its names without gate, and `short` without the place before it, too; `is_gate`: whether a name was that
    of a gate.
    """

    rule: Rule
    categories: tuple[str, ...]
    guessed: bool
    corrected: bool
    name: str | None
    spoken: frozenset[str]
    short: frozenset[str]
    is_gate: bool

    def is_called(self, other: _Thing) -> bool:
        """Whether both have a name in common, one of them perhaps without its place: 市实验小学 and 区实验小学 are two."""
        mine, theirs = self.spoken | self.short, other.spoken | other.short
        return not (self.spoken.isdisjoint(theirs) and other.spoken.isdisjoint(mine))


def facilities_of(
    drawn: Drawn, *, in_campus: InCampus, crs: CRS, corrections: Corrections
) -> tuple[Layer, list[Guess]]:
    """Return the facilities layer with what was left out; and which were guessed to be what.

    One object gives a row for each category it serves. Nodes are points, closed ways and relations keep their outline,
    a platform drawn as a line becomes its middle. What is mapped twice is kept once, as [duplicates] of the table says.
    `corrections` come before every rule.
    """
    objects = _with_amenity(drawn.points.joined(_platforms(drawn.lines)).joined(drawn.areas))
    notes: list[Note] = []
    guesses: list[Guess] = []
    corrected: set[str] = set()
    doubles, closed = 0, _closed(objects)
    shut: set[str] = set()
    served, categories, names, guessed = objects.take([]), list[str](), list[str | None](), list[bool]()
    for group in facility_groups():
        found, by = fitted(objects, rules("facilities", group), in_campus=in_campus)
        mine = [i for i, source_id in enumerate(found.ids) if source_id not in corrected]
        if group in table("osm_layers")["closed_facilities"]["lists"]:
            shut |= {found.ids[i] for i in mine if found.ids[i] in closed and by[i].result}
            mine = [i for i in mine if found.ids[i] not in closed or found.ids[i] in corrections]
        found, by = found.take(mine), [by[i] for i in mine]
        corrected |= corrections.keys() & set(found.ids)
        things = [
            _thing(tags, rule, corrections.get(source_id), campuses=group in _campuses())
            for source_id, tags, rule in zip(found.ids, found.tags, by, strict=True)
        ]
        single = _once(things, found.shapes, group)
        doubles += len(things) - len(single)
        ones = [things[i] for i in single]
        notes += told(one.rule for one in ones if one.guessed or not (one.corrected or one.rule.guessed))
        guesses += [_guess(found.ids[i], things[i]) for i in single if things[i].guessed]
        rows = [(i, category) for i in single for category in things[i].categories]
        served = served.joined(found.take([i for i, _ in rows]))
        names += [things[i].name for i, _ in rows]
        categories += [category for _, category in rows]
        guessed += [things[i].guessed for i, _ in rows]
    if doubles:
        notes.append(note("doubles", objects=doubles))
    if shut := shut - corrected:
        notes.append(note("closed_facilities", objects=len(shut)))
    if unused := corrections.keys() - corrected:
        notes.append(note("corrections_unused", objects=len(unused), ids=", ".join(sorted(unused)[:_SHOWN])))
    return (frame("facilities", served, crs, category=categories, name=names, guessed=guessed), notes), guesses


def _with_amenity(objects: Objects) -> Objects:
    """Read healthcare=* as the amenity it is, where no amenity is given."""
    amenity, tags = table("osm_layers")["healthcare_as_amenity"], list(objects.tags)
    for row in objects.rows_with.get("healthcare", ()):
        if "amenity" not in tags[row] and tags[row]["healthcare"] in amenity:
            tags[row] = {**tags[row], "amenity": amenity[tags[row]["healthcare"]]}
    return Objects(objects.ids, tags, objects.shapes)


def _closed(objects: Objects) -> set[str]:
    """Return the ids of what is open to its own people only."""
    access = frozenset(table("osm_layers")["closed_facilities"]["values"])
    return {objects.ids[row] for row in objects.having({"access": access})}


def _platforms(lines: Objects) -> Objects:
    rows = lines.having({"public_transport": frozenset({"platform"})})
    found = lines.take([i for i in rows if not shapely.is_closed(lines.shapes[i])])
    return Objects(found.ids, found.tags, shapely.line_interpolate_point(found.shapes, 0.5, normalized=True))


def _thing(tags: Tags, rule: Rule, corrected: tuple[str, ...] | None, *, campuses: bool) -> _Thing:
    name = name_of(tags)
    spoken = frozenset({name} if name else ())
    short = frozenset[str]()
    is_gate = False
    if campuses:
        full = {plain(tags[key]) for key in NAMES if tags.get(key, "").strip()}
        inside = {without_gate(said) for said in full}
        is_gate = inside != full
        spoken = frozenset(inside - {""})
        short = frozenset(part for said in spoken for part in _without_places(said))
        name = (without_gate(name) or name) if is_gate and name else name
    return _Thing(
        rule=rule,
        categories=rule.result if corrected is None else corrected,
        guessed=rule.guessed and corrected is None,
        corrected=corrected is not None,
        name=name,
        spoken=spoken,
        short=short,
        is_gate=is_gate,
    )


def without_gate(name: str) -> str:
    """Return a name, written plainly, without the gate behind it.

    >>> without_gate("白云公园（南门）")
    '白云公园'
    """
    return _pattern("gate").sub("", plain(name))


def _without_places(name: str) -> Iterator[str]:
    """Yield a name without the first of the places before it, without the first two, and so on."""
    while (short := _pattern("place").sub("", name)) != name and len(short) >= _SHORTEST_NAME:
        yield short
        name = short


def _guess(source_id: str, thing: _Thing) -> Guess:
    return Guess(source_id, thing.name or "", thing.categories, thing.rule.note or Text("", ""))


def _once(things: list[_Thing], shapes: Shapes, group: str) -> list[int]:
    """Return the things that are no second drawing of another: of two the larger stays, of two as large the first."""
    size, tree = shapely.area(shapes), shapely.STRtree(shapes)
    inside = _smaller_first(tree.query(shapely.point_on_surface(shapes), predicate="intersects"), size)
    nameless = [thing.name is None for thing in things]
    doubled = _take_names(things, inside, group)
    for i, j in inside:
        if j not in doubled and _alike(things[i], things[j], group):
            same = nameless[i] or things[i].is_called(things[j])
            if same or _is_part(things[i], things[j], group):
                doubled.add(i)
    duplicates = table("osm_layers")["duplicates"]
    near_m = duplicates["by_list"].get(group, duplicates["distance_m"])
    far_m = duplicates["gates_m"] if any(thing.is_gate for thing in things) else near_m
    for reach_m, gates in ((near_m, False), (far_m, True)):
        if reach_m > 0:
            for i, j in _smaller_first(tree.query(shapes, predicate="dwithin", distance=reach_m), size):
                if (
                    _alike(things[i], things[j], group)
                    and (not gates or things[i].is_gate or things[j].is_gate)
                    and things[i].is_called(things[j])
                ):
                    doubled.add(i)
    return [i for i in range(len(things)) if i not in doubled]


def _take_names(things: list[_Thing], inside: list[tuple[int, int]], group: str) -> set[int]:
    """Give an outline without a name that of the only named thing in it and, where it was a guess, what that is.

    What a named outline is by a guess is sure where its parts say so together: 小学部 and 初中部. Return the outlines of
    which nobody says what they are and that hold several named schools: they are their ground.
    """
    within: dict[int, dict[str, int]] = {}
    parts: dict[int, set[str]] = {}
    for i, j in inside:
        if things[j].name is None:
            if (name := things[i].name) is not None:
                within.setdefault(j, {}).setdefault(name, i)
        elif group in _campuses() and things[j].categories and not things[i].guessed:
            parts.setdefault(j, set()).update(things[i].categories)
    for j, sure in parts.items():
        things[j].guessed &= not sure.issuperset(things[j].categories)
    for j, named in within.items():
        if len(named) == 1:
            inner = things[next(iter(named.values()))]
            things[j].name, things[j].spoken, things[j].short = inner.name, inner.spoken, inner.short
            if things[j].guessed:
                things[j].rule, things[j].categories, things[j].guessed = inner.rule, inner.categories, inner.guessed
    return {j for j, named in within.items() if len(named) > 1 and things[j].guessed and group in _campuses()}


def _alike(thing: _Thing, other: _Thing, group: str) -> bool:
    """Whether one may be a second drawing of the other: what a planner corrected is its own, what is left out another."""
    return not thing.corrected and (group in _campuses() or bool(thing.categories) == bool(other.categories))


def _is_part(thing: _Thing, campus: _Thing, group: str) -> bool:
    """Whether a thing inside another is a house of its grounds, whatever its name: it is of no other category."""
    grounds = _campuses().get(group)
    if grounds is None or not set(campus.categories) <= set(grounds) or not thing.categories:
        return False
    return thing.rule.is_last_guess or set(thing.categories) <= set(campus.categories)


def _smaller_first(pairs: Ints, size: Floats) -> list[tuple[int, int]]:
    """Return the pairs whose first is the smaller of the two, or the later of two as large."""
    one, other = pairs
    fine = (size[one] < size[other]) | ((size[one] == size[other]) & (one > other))
    return list(zip(one[fine].tolist(), other[fine].tolist(), strict=True))


def _campuses() -> Mapping[str, list[str]]:
    campuses: Mapping[str, list[str]] = table("osm_layers")["duplicates"]["campuses"]
    return campuses


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(table("osm_layers")["duplicates"][name])
