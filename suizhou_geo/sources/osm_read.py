"""The pass through an OpenStreetMap file: osmium's objects -> ids, tags and shapes in WGS 84 degrees.

Ways become lines and, where they close, areas; multipolygon relations are put together by osmium. What cannot be built
is counted by what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium
import shapely
from osmium.filter import EntityFilter, IdFilter, KeyFilter
from osmium.osm import AREA, NODE, RELATION, WAY

from suizhou_geo.errors import InputError
from suizhou_geo.sources.osm_file import OsmFile
from suizhou_geo.sources.osm_rules import Objects, Shapes

_SPOIL = (RuntimeError, ValueError, osmium.InvalidLocationError)
_LINE_ONLY = frozenset({"highway", "barrier"})  # a ring of these is a line unless area=yes
_BUILDING = ("building", "building:levels")
_HEADER_BYTES = 9  # of a WKB line: byte order, type, number of points
_RING_POINTS = 4


@dataclass(frozen=True)
class Keys:
    """The tag keys by which nodes become points, ways lines, and closed ways and relations areas."""

    points: frozenset[str]
    lines: frozenset[str]
    areas: frozenset[str]


@dataclass
class Found:
    """What one pass has gathered: shapes as hexadecimal WKB, and `spoilt`: what is wrong -> the ids of the objects.

    `said_date` and `said_box` (west, south, east, north) are what the file's header says of itself, where it does.
    """

    points: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    rings: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    relations: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    spoilt: dict[str, list[str]] = field(default_factory=dict)
    newest: datetime | None = None
    said_date: str = ""
    said_box: tuple[float, float, float, float] | None = None
    was_sorted: bool = False

    def spoil(self, what: str, source_id: str) -> None:
        """Note that something is wrong with an object."""
        self.spoilt.setdefault(what, []).append(source_id)


class _UnsortedError(Exception):
    """The file gives ways before their nodes."""


def read_objects(file: OsmFile, keys: Keys) -> Found:
    """Return what a file holds of these keys; a file whose objects are out of order is sorted first.

    Raises:
        InputError: osmium cannot read the file, or it holds several versions of its objects.
    """
    try:
        return _pass(_source(file), keys, file.path)
    except _UnsortedError:
        with _sorted(file) as source:
            found = _pass(source, keys, file.path)
        found.was_sorted = True
        return found


def _source(file: OsmFile) -> Any:
    if file.content is not None:
        return osmium.io.FileBuffer(file.content, file.format)
    return osmium.io.File(str(file.path), file.format)


@contextmanager
def _sorted(file: OsmFile) -> Iterator[Any]:
    """Give a sorted copy of the file, each object once, for as long as it is read."""
    content = file.path.read_bytes() if file.content is None else file.content
    with TemporaryDirectory() as folder, _spoken_errors(file.path):
        path = Path(folder) / "sorted.osm.pbf"
        merge = osmium.MergeInputReader()
        merge.add_buffer(content, file.format)
        with osmium.SimpleWriter(str(path)) as writer:
            merge.apply(writer, simplify=True)
        yield osmium.io.File(str(path), "pbf")


@contextmanager
def _spoken_errors(path: Path) -> Iterator[None]:
    """Turn what osmium says about a file it cannot read into our sentence."""
    try:
        yield
    except InputError:
        raise
    except _SPOIL as error:
        if "out of order" in str(error) or "twice in input" in str(error):
            raise _UnsortedError from None
        raise InputError(f"{path} is damaged or cut short ({error}); fetch the extract again") from error


def _pass(source: Any, keys: Keys, path: Path) -> Found:
    found = Found()
    with _spoken_errors(path):
        wanted = _relations(source, keys, found)
        processor = osmium.FileProcessor(source).with_areas(_only(IdFilter(wanted), RELATION))
        _read_header(processor.header, found, path)
        for kind, names in ((NODE, keys.points), (WAY, keys.lines | keys.areas)):
            processor.with_filter(_only(KeyFilter(*sorted(names)), kind))
        processor.with_filter(_only(IdFilter([2 * relation + 1 for relation in wanted]), AREA))
        processor.with_filter(EntityFilter(NODE | WAY | AREA))
        missing = _gather(processor, keys, found)
    store = processor.node_location_storage
    if any(_is_there(store, ref) for ref in missing):
        raise _UnsortedError
    _count_relations(wanted, found)
    return found


def _only(condition: Any, kind: Any) -> Any:
    """Return a filter restricted to one kind of object: the other kinds pass."""
    condition.enable_for(kind)
    return condition


def _read_header(header: Any, found: Found, path: Path) -> None:
    if header.has_multiple_object_versions:
        raise InputError(f"{path} holds the history of its objects; give an extract of one date")
    found.said_date = header.get("osmosis_replication_timestamp")
    box = header.box()
    if box.valid():
        low, high = box.bottom_left, box.top_right
        found.said_box = (low.lon, low.lat, high.lon, high.lat)


def _relations(source: Any, keys: Keys, found: Found) -> list[int]:
    """Return the ids of the multipolygon relations with one of the area keys."""
    processor = osmium.FileProcessor(source, RELATION).with_filter(KeyFilter(*sorted(keys.areas)))
    ids = []
    for thing in processor:
        if thing.tags.get("type") in {"multipolygon", "boundary"}:
            if thing.id < 0:
                found.spoil("drafts", f"r{thing.id}")
            else:
                ids.append(thing.id)
    return ids


def _gather(processor: Any, keys: Keys, found: Found) -> list[int]:
    """Sort the objects of a pass into `found`; return one missing node of each way that has any."""
    factory = osmium.geom.WKBFactory()
    rest = tuple((keys.lines | keys.areas) - {_BUILDING[0]})
    closing = keys.areas - _LINE_ONLY
    missing: list[int] = []
    newest = None
    for thing in processor:
        number, letter = thing.id, thing.type_str()
        if number < 0:
            found.spoil("drafts", f"{letter}{number}")
            continue
        if thing.deleted:
            found.spoil("deleted", f"{letter}{number}")
            continue
        stamp = thing.timestamp
        newest = stamp if newest is None or stamp > newest else newest
        tags = _tags(thing.tags, rest)
        if letter == "a":
            source_id, build, into = f"r{thing.orig_id()}", factory.create_multipolygon, (found.relations,)
        elif letter == "n":
            source_id, build, into = f"n{number}", factory.create_point, (found.points,)
        else:
            source_id, build = f"w{number}", factory.create_linestring
            into = _places(thing, tags, keys.lines, closing, found)
        try:
            shape = build(thing)
        except (RuntimeError, osmium.InvalidLocationError):
            if letter == "w":
                missing += _broken_way(thing, source_id, tags, into, found)
            else:
                found.spoil("unbuilt" if letter == "a" else "nowhere", source_id)
            continue
        for place in into:
            place.append((source_id, tags, shape))
    found.newest = newest
    return missing


def _tags(tags: Any, rest: tuple[str, ...]) -> dict[str, str]:
    """Return the tags of an object; of a mere building, by far the most objects of a city, only what tells of it."""
    get = tags.get
    building = get(_BUILDING[0])
    if building is None or any(map(get, rest)):
        return {tag.k: tag.v for tag in tags}
    levels = get(_BUILDING[1])
    return {_BUILDING[0]: building} if levels is None else {_BUILDING[0]: building, _BUILDING[1]: levels}


def _places(
    way: Any, tags: dict[str, str], line_keys: frozenset[str], closing: frozenset[str], found: Found
) -> tuple[Any, ...]:
    """Return the lists a way goes to: lines, rings or both."""
    is_line = not line_keys.isdisjoint(tags)
    if closing.isdisjoint(tags) and tags.get("area") != "yes":
        return (found.lines,)
    if way.is_closed():
        return (found.lines, found.rings) if is_line else (found.rings,)
    if not is_line:
        found.spoil("open", f"w{way.id}")
    return (found.lines,) if is_line else ()


def _broken_way(way: Any, source_id: str, tags: dict[str, str], into: tuple[Any, ...], found: Found) -> list[int]:
    """Keep of a way with missing nodes the pieces that are there, as lines; return one missing node."""
    runs: list[list[tuple[float, float]]] = [[]]
    missing: list[int] = []
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        else:
            missing.append(node.ref)
            runs.append([])
    if not missing:
        found.spoil("degenerate", source_id)
        return []
    if any(place is found.rings for place in into):
        found.spoil("holed", source_id)
    if any(place is found.lines for place in into):
        found.spoil("cut", source_id)
        pieces = [run for run in runs if len(set(run)) > 1]
        found.lines += [(source_id, tags, shapely.to_wkb(shapely.LineString(run), hex=True)) for run in pieces]
    return missing[:1]


def _is_there(store: Any, ref: int) -> bool:
    try:
        return bool(store.get(ref).valid())
    except (KeyError, TypeError):  # not there; a negative id of an editor's draft
        return False


def _count_relations(wanted: list[int], found: Found) -> None:
    """Note the relations of which osmium made no area for want of members."""
    made = {source_id for source_id, _, _ in found.relations} | set(found.spoilt.get("unbuilt", ()))
    for relation in wanted:
        if f"r{relation}" not in made:
            found.spoil("incomplete", f"r{relation}")


def shapes_of(found: Found) -> tuple[Objects, Objects, Objects]:
    """Return the points, lines and areas of a pass in WGS 84 degrees; rings of fewer than four points are left out."""
    vertices, owners = _vertices([wkb for _, _, wkb in found.lines])
    lines = shapely.linestrings(vertices, indices=owners)
    vertices, owners = _vertices([wkb for _, _, wkb in found.rings])
    enough = np.bincount(owners, minlength=len(found.rings)) >= _RING_POINTS
    kept = enough[owners]
    owners = (np.cumsum(enough) - 1)[owners[kept]]
    rings = shapely.polygons(shapely.linearrings(vertices[kept], indices=owners))
    for (source_id, _, _), fine in zip(found.rings, enough.tolist(), strict=True):
        if not fine:
            found.spoil("degenerate", source_id)
    relations = shapely.from_wkb([wkb for _, _, wkb in found.relations])
    areas = [thing for thing, fine in zip(found.rings, enough.tolist(), strict=True) if fine] + found.relations
    return (
        _objects(found.points, shapely.from_wkb([wkb for _, _, wkb in found.points])),
        _objects(found.lines, lines),
        _objects(areas, np.concatenate([rings, relations])),
    )


def _objects(things: list[tuple[str, dict[str, str], str]], shapes: Shapes) -> Objects:
    return Objects([thing[0] for thing in things], [thing[1] for thing in things], np.asarray(shapes, dtype=object))


def _vertices(wkbs: list[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Return the points of WKB lines (n x 2), and to which line each belongs.

    Cutting the numbers out of the joined text is five times as quick as reading each line by itself.
    """
    sizes = np.fromiter(map(len, wkbs), dtype=np.intp, count=len(wkbs)) // 2
    octets = np.frombuffer(bytes.fromhex("".join(wkbs)), dtype=np.uint8)
    starts = np.cumsum(sizes) - sizes
    body = np.ones(len(octets), dtype=bool)
    body[(starts[:, None] + np.arange(_HEADER_BYTES)).ravel()] = False
    numbers = octets[body].view("<f8").reshape(-1, 2)
    return numbers, np.repeat(np.arange(len(wkbs)), (sizes - _HEADER_BYTES) // 16)
