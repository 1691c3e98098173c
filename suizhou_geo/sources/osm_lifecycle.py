"""What of OpenStreetMap's objects is there and in use at the date of the data: not planned, being built, given up or gone.

The words stand in [lifecycle] of standards/osm_layers.toml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Literal, NamedTuple

from suizhou_geo.sources.osm_names import plain
from suizhou_geo.sources.osm_rules import NAMES, Objects, Tags, has
from suizhou_geo.standards import table

State = Literal["planned", "being_built", "over"]
_DATE = re.compile(r"^\D{0,3}(\d{4})(?:\D(\d{1,2}))?(?:\D(\d{1,2}))?\D*$")
_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0", ""})


class Drawn(NamedTuple):
    """The objects of an extract by their geometry."""

    points: Objects
    lines: Objects
    areas: Objects

    def map(self, change: Callable[[Objects], Objects]) -> Drawn:
        """Return the same with each kind of objects changed."""
        return Drawn(*map(change, self))

    def joined(self, other: Drawn) -> Drawn:
        """Return these objects and those of `other` behind them."""
        return Drawn(*(mine.joined(theirs) for mine, theirs in zip(self, other, strict=True)))


def status_keys() -> frozenset[str]:
    """Return the keys that tell by themselves whether an object is in use: disused, opening_date, operational_status ..."""
    said = table("osm_layers")["lifecycle"]
    return frozenset(_words()) | frozenset(said["dates"]) | frozenset(said["status"])


def in_use(drawn: Drawn, as_of: str) -> tuple[Drawn, Drawn]:
    """Return what is in use, and what is not, the latter tagged as what it would be if it were.

    `as_of` is the date of the data (ISO; "" where nobody says: then whatever has an opening or an end date is not in use).
    Ground that is being built on or was given up is still there: its land use alone stays among what is in use.
    """
    parts = [_parted(objects, as_of) for objects in drawn]
    return Drawn(*(used for used, _ in parts)), Drawn(*(unused for _, unused in parts))


def named_unused(drawn: Drawn) -> tuple[Drawn, Drawn]:
    """Return the objects whose names say nothing against their use, and those called 旧址, 筹建, 拟建 and the like."""
    pattern = _pattern("names")

    def parted(objects: Objects) -> tuple[Objects, Objects]:
        after = table("osm_layers")["lifecycle"]["called_after"]
        named = _named(objects)
        named -= {row for key in after for row in objects.rows_with.get(key, ())}
        return _split(objects, {row for row in named if _is_called(objects.tags[row], pattern)})

    parts = [parted(objects) for objects in drawn]
    return Drawn(*(used for used, _ in parts)), Drawn(*(unused for _, unused in parts))


def state_of(tags: Tags, as_of: str) -> State | None:
    """Return in which way an object is not in use at a date by its tags, a street by its name, too; None where it is.

    >>> state_of({"amenity": "school", "opening_date": "2027-09"}, "2026-05-01")
    'planned'
    """
    states = {*_by_key(tags), *_by_site(tags), *_by_status(tags), *_by_date(tags, as_of), *_by_street_name(tags)}
    if any(key in tags for key in table("osm_layers")["lifecycle"]["there_anyway"]):
        states.discard("over")
    return next((state for state in ("over", "planned", "being_built") if state in states), None)


def _by_key(tags: Tags) -> Iterator[State]:
    """What disused=yes and construction=yes say.

    construction=minor and proposed=primary tell of works and of plans on what is in use.
    """
    for key in tags.keys() & _words().keys():
        state, value = _words()[key], tags[key]
        if value not in _NO and (state == "over" or value in _YES or _DATE.match(value)):
            yield state


def _by_site(tags: Tags) -> Iterator[State]:
    """What building=construction and landuse=construction say of what else an object is."""
    if not _worded_keys().isdisjoint(tags):
        for key in table("osm_layers")["lifecycle"]["site_keys"]:
            if tags.get(key) in _words():
                yield _words()[tags[key]]


def _by_status(tags: Tags) -> Iterator[State]:
    for key, states in table("osm_layers")["lifecycle"]["status"].items():
        said = {key: tags.get(key, "").strip().lower().replace(" ", "_")}
        yield from (state for state, values in states.items() if has(said, key, frozenset(values)))


def _by_street_name(tags: Tags) -> Iterator[State]:
    """What 人民路（在建） says; a stop may be called so after something else."""
    if tags.get("highway", "bus_stop") != "bus_stop" and _is_called(tags, _pattern("street_names")):
        yield "being_built"


def _by_date(tags: Tags, as_of: str) -> Iterator[State]:
    """What opening_date, start_date and end_date say; of a date that may be before or after, what is against the use."""
    for key, said in table("osm_layers")["lifecycle"]["dates"].items():
        found = _DATE.match(tags.get(key, ""))
        if found is None:
            continue
        year, month, day = (part and part.zfill(2) for part in found.groups())
        first, last = f"{year}-{month or '01'}-{day or '01'}", f"{year}-{month or '12'}-{day or '31'}"
        if not as_of:
            unused = said["undated"] == "unused"
        else:
            unused = last > as_of[:10] if said["until"] == "last" else first > as_of[:10]
            unused = unused != (said["state"] == "over")
        if unused:
            yield said["state"]


def _parted(objects: Objects, as_of: str) -> tuple[Objects, Objects]:
    objects, former = _without_former(objects)
    suspects = {row for key in status_keys() for row in objects.rows_with.get(key, ())}
    suspects.update(objects.having({key: frozenset(_words()) for key in table("osm_layers")["lifecycle"]["site_keys"]}))
    suspects.update(_named(objects).intersection(objects.rows_with.get("highway", ())))
    states = {row: state for row in sorted(suspects) if (state := state_of(objects.tags[row], as_of))}
    used, unused = _split(objects, states.keys())
    ground = {row: land for row, state in states.items() if (land := _ground(objects.tags[row], state))}
    left = _tagged(objects.take(list(ground)), [{"landuse": land} for land in ground.values()])
    return used.joined(left), unused.joined(former)


def _tagged(objects: Objects, tags: list[Tags]) -> Objects:
    return Objects(objects.ids, tags, objects.shapes)


def _split(objects: Objects, unused: Collection[int]) -> tuple[Objects, Objects]:
    if not unused:
        return objects, objects.take([])
    return objects.take([row for row in range(len(objects)) if row not in unused]), objects.take(sorted(unused))


def _ground(tags: Tags, state: State) -> str | None:
    """Return the land use of ground that is being built on or was given up; None where it has none or a planned one."""
    classes = table("osm_layers")["land_classes"]
    said = next((entry for entry in classes.values() if tags.get("landuse") in entry["osm"]), None)
    if state == "planned" or said is None:
        return None
    return "construction" if said["construction"] else tags["landuse"]


def _without_former(objects: Objects) -> tuple[Objects, Objects]:
    """Return the objects without those tags that are not so now, and what they were, or are to be, by them.

    Those are highway=construction (construction=primary tells of what; else it is a road), and leisure=park beside
    disused:leisure=park, which was forgotten when the other was written.
    """
    tags, former = list(objects.tags), dict[int, Tags]()
    for row, key, value in _former_tags(objects):
        tags[row] = {k: said for k, said in tags[row].items() if k != key}
        names = {k: said for k, said in tags[row].items() if k in NAMES}
        former[row] = {**former.get(row, names), key: value}
    return _tagged(objects, tags), _tagged(objects.take(list(former)), list(former.values()))


def _former_tags(objects: Objects) -> Iterator[tuple[int, str, str]]:
    """Yield row, key and value of what is not so now."""
    for key in _worded_keys():
        for row in objects.rows_with.get(key, ()):
            if (word := objects.tags[row][key]) in _words():
                of_what = objects.tags[row].get(word, "yes")
                yield row, key, "road" if of_what in _YES else of_what
    for key, rows in objects.rows_with.items():
        word, _, rest = key.partition(":")
        for row in rows if rest and word in _words() else ():
            if objects.tags[row].get(rest) == objects.tags[row][key]:
                yield row, rest, objects.tags[row][key]


def _named(objects: Objects) -> set[int]:
    return {row for key in NAMES for row in objects.rows_with.get(key, ())}


def _is_called(tags: Tags, pattern: re.Pattern[str]) -> bool:
    return any(key in tags and pattern.search(plain(tags[key])) for key in NAMES)


@cache
def _words() -> dict[str, State]:
    """Each word of a lifecycle with the state it means."""
    words: dict[State, list[str]] = table("osm_layers")["lifecycle"]["words"]
    return {word: state for state, listed in words.items() for word in listed}


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(table("osm_layers")["lifecycle"][key])


@cache
def _worded_keys() -> frozenset[str]:
    return frozenset(table("osm_layers")["lifecycle"]["worded_keys"])
