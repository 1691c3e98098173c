"""The pass through an OpenStreetMap file: osmium's objects -> ids, tags and shapes in WGS 84 degrees.

Ways become lines and, where they close, areas; multipolygon relations are put together by osmium. What cannot be built
is counted by what is wrong with it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import osmium
import shapely
from osmium.filter import EntityFilter, IdFilter, KeyFilter
from osmium.osm import AREA, NODE, RELATION, WAY

from suizhou_geo.errors import InputError
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.sources.osm_blocks import Bounds, Nodes, NotInBlocksError, blocks_of
from suizhou_geo.sources.osm_file import OsmFile
from suizhou_geo.sources.osm_rules import Objects

Thing = tuple[str, dict[str, str], str]  # source id, tags, shape as hexadecimal WKB

_SPOIL = (RuntimeError, ValueError, osmium.InvalidLocationError)
_BUILDING = ("building", "building:levels")
_HEADER_BYTES = {"n": 5, "w": 9}  # of the WKB of a point and of a line: byte order, type, number of points
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOWHERE = (np.inf, np.inf, -np.inf, -np.inf)
_RING_POINTS = 4
_STORES = osmium.index.map_types()
_LOCATIONS = (
    "sparse_mmap_array",
    "flex_mem",
)  # 16 bytes a node; the first grows in its place, and is not on every system
_IN_FILE = "sparse_file_array"  # the same in a file
_IN_ORDER = "Type_then_ID"
_ROOM = 4  # times the size of a file: that of the places of its nodes and its ways, and half as much to spare
_TELL_EVERY = 500_000
_MOST_IDS = 2**63
_PLACES = frozenset({"amenity", "leisure", "healthcare"})  # what makes a relation of members (type=site) a place


@dataclass(frozen=True)
class Keys:
    """The tag keys by which nodes become points, ways lines, and closed ways and relations areas; and which tell of use."""

    points: frozenset[str]
    lines: frozenset[str]
    areas: frozenset[str]
    status: frozenset[str]

    @cached_property
    def closing(self) -> frozenset[str]:
        """The area keys that make an area of any closed way: not a street or a wall that comes round to its start."""
        return self.areas - {"highway", "barrier"}

    @cached_property
    def beside_building(self) -> tuple[str, ...]:
        """The keys of ways by which a building is more than a building, or none in use."""
        return tuple((self.lines | self.areas | self.status) - {_BUILDING[0]})


@dataclass
class Found:
    """What one pass has gathered: shapes as hexadecimal WKB, and `spoilt`: what is wrong -> the ids of the objects.

    `said_date` is what the header says, `newest` the last change of an object where it says none; `reach` is the box it
    says, or that of the objects; `far` counts the objects left aside because they do not come near the bounds, of those that
    were built.
    """

    points: list[Thing] = field(default_factory=list)
    lines: list[Thing] = field(default_factory=list)
    rings: list[Thing] = field(default_factory=list)
    relations: list[Thing] = field(default_factory=list)
    spoilt: dict[str, list[str]] = field(default_factory=dict)
    newest: datetime | None = None
    said_date: str = ""
    reach: Bounds = _NOWHERE
    far: int = 0
    was_sorted: bool = False

    def spoil(self, what: str, source_id: str) -> None:
        """Note that something is wrong with an object."""
        self.spoilt.setdefault(what, []).append(source_id)


class _UnsortedError(Exception):
    """The file gives ways before their nodes."""


def read_objects(
    file: OsmFile, keys: Keys, bounds: Bounds | None, *, tell: Callable[[int], None] = lambda _: None
) -> Found:
    """Return what a file holds of these keys; a file whose objects are out of order is sorted first.

    What does not come near the bounds is left aside as it is met: beside what is found memory holds the places of the
    nodes and the members of relations that wait for others. `tell` is told now and then how many objects were looked at.

    Raises:
        InputError: osmium cannot read the file, or it holds several versions of its objects.
    """
    try:
        return _read(file, keys, bounds, tell)
    except _UnsortedError:
        with _sorted(file) as source:
            found = _pass(source, keys, bounds, file.path, tell)
        found.was_sorted = True
        return found


def _read(file: OsmFile, keys: Keys, bounds: Bounds | None, tell: Callable[[int], None]) -> Found:
    """Read what may come near alone, where the file is laid out for that, or all objects one by one."""
    if bounds is not None and file.format == "pbf" and file.content is None and _IN_FILE in _STORES:
        with suppress(NotInBlocksError):
            return _pass_near(file, keys, bounds, tell)
    return _pass(_source(file), keys, bounds, file.path, tell)


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
        raise InputError(
            f"{path} 已损坏或不完整（原文：“{error}”）；请重新下载",
            f"{path} is damaged or cut short ({error}); fetch the extract again",
        ) from error


def _pass(source: Any, keys: Keys, bounds: Bounds | None, path: Path, tell: Callable[[int], None]) -> Found:
    """Read all objects one by one."""
    found = Found()
    with _spoken_errors(path), TemporaryDirectory() as folder:
        aside = _Aside(Path(folder) / "relations.opl")
        with aside.writer:
            wanted = _relations(source, keys, found, aside)
            store = osmium.index.create_map(next(kind for kind in _LOCATIONS if kind in _STORES))
            processor = osmium.FileProcessor(source, NODE | WAY).with_locations(store).handler_for_filtered(aside)
            _read_header(processor.header, found, path)
            for kind, names in ((NODE, keys.points), (WAY, keys.lines | keys.areas)):
                processor.with_filter(_only(KeyFilter(*sorted(names)), kind))
            things = chain(_looked_at(processor, aside, tell), aside.areas(store, wanted))
            _take(things, keys, bounds, found, wanted=wanted, store=store)
    return found


def _pass_near(file: OsmFile, keys: Keys, bounds: Bounds, tell: Callable[[int], None]) -> Found:
    """Read the ways that may come near and those of relations alone: the others never become Python objects.

    Raises:
        NotInBlocksError: all objects must be read, for want of order, of a date, a box or room for temporary files, or to
            say why nothing is found.
    """
    found, path = Found(), file.path
    with _spoken_errors(path), TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        nodes = osmium.FileProcessor(_source(file), NODE)
        _read_header(nodes.header, found, path)
        if nodes.header.get("sorting") != _IN_ORDER or not found.said_date or found.reach == _NOWHERE:
            raise NotInBlocksError
        if disk_usage(folder).free < _ROOM * path.stat().st_size:
            raise NotInBlocksError
        blocks = blocks_of(path)
        places, of_ways, of_relations = (
            Path(folder) / name for name in ("places", "ways.osm.pbf", "relations.osm.pbf")
        )
        aside = _Aside(Path(folder) / "relations.opl")
        with aside.writer:
            blocks.write_relations(of_relations)
            wanted = _relations(str(of_relations), keys, found, aside)
            store = osmium.index.create_map(f"{_IN_FILE},{places}")
            nodes.with_locations(store).with_filter(KeyFilter(*sorted(keys.points)))

            def ways() -> Iterator[Any]:
                """The ways, once all nodes are read."""
                near = blocks.ways_perhaps_near(Nodes.in_file(places, bounds), tell)
                blocks.write_ways(of_ways)
                located = osmium.NodeLocationsForWays(store)
                located.ignore_errors()
                processor = osmium.FileProcessor(str(of_ways), WAY)
                processor.with_filter(
                    IdFilter([*near.tolist(), *(way for way in aside.wanted if way > 0)])
                ).with_filter(aside.writer)
                yield from processor.with_filter(KeyFilter(*sorted(keys.lines | keys.areas))).with_filter(located)

            _take(chain(nodes, ways(), aside.areas(store, wanted)), keys, bounds, found, wanted=wanted, store=store)
    if not (found.far or found.points or found.lines or found.rings or found.relations):
        raise NotInBlocksError
    return found


def _take(
    things: Iterable[Any], keys: Keys, bounds: Bounds | None, found: Found, *, wanted: list[int], store: Any
) -> None:
    """Sort the objects of a pass into `found`; the relations that are wanted and not among them want members."""
    missing, made = _gather(things, keys, bounds, found)
    if any(_is_there(store, ref) for ref in missing):
        raise _UnsortedError
    for relation in wanted:
        if f"r{relation}" not in made:
            found.spoil("incomplete", f"r{relation}")


class _Aside:
    """Relations to be built, set aside in a small file with the ways they need: osmium builds an area of every closed way.

    As a handler it takes the ways that nothing else wants.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._last, self.wanted = path, -np.inf, set[int]()
        self.writer = osmium.SimpleWriter(str(path))

    def relation(self, relation: Any) -> None:
        """Set a relation aside."""
        self.wanted.update(member.ref for member in relation.members if member.type == "w")
        self.writer.add_relation(relation)

    def way(self, way: Any) -> None:
        """Set a way aside if a relation needs it."""
        if way.id in self.wanted:
            self.writer.add_way(way)

    def look_at(self, way: Any, number: int) -> None:
        """Set a way that is wanted for itself aside, too; such ways out of order are refused."""
        rank = number if number > 0 else -number - _MOST_IDS  # as osmium sorts them: drafts come first
        if rank <= self._last:
            raise _UnsortedError
        self._last = rank
        if number in self.wanted:
            self.writer.add_way(way)

    def areas(self, store: Any, wanted: list[int]) -> Iterator[Any]:
        """Yield the areas of the relations, put together by osmium from the places of nodes in the store."""
        self.writer.close()
        processor = osmium.FileProcessor(str(self._path)).with_locations(store).with_areas()
        yield from processor.with_filter(EntityFilter(AREA)).with_filter(IdFilter([2 * each + 1 for each in wanted]))


def _looked_at(things: Iterable[Any], aside: _Aside, tell: Callable[[int], None]) -> Iterator[Any]:
    for number, thing in enumerate(things, start=1):
        if thing.is_way():
            aside.look_at(thing, thing.id)
        yield thing
        if number % _TELL_EVERY == 0:
            tell(number)


def _only(condition: Any, kind: Any) -> Any:
    """Return a filter restricted to one kind of object: the other kinds pass."""
    condition.enable_for(kind)
    return condition


def _read_header(header: Any, found: Found, path: Path) -> None:
    if header.has_multiple_object_versions:
        raise InputError(
            f"{path} 含有对象的历史版本；请给出单一日期的提取文件",
            f"{path} holds the history of its objects; give an extract of one date",
        )
    found.said_date = header.get("osmosis_replication_timestamp")
    box = header.box()
    if box.valid():
        low, high = box.bottom_left, box.top_right
        found.reach = (low.lon, low.lat, high.lon, high.lat)


def _relations(source: Any, keys: Keys, found: Found, aside: _Aside) -> list[int]:
    """Set the multipolygon relations with one of the area keys aside and return their ids; other places are noted."""
    processor = osmium.FileProcessor(source, RELATION).with_filter(KeyFilter(*sorted(keys.areas)))
    ids = []
    for thing in processor:
        if thing.tags.get("type") in {"multipolygon", "boundary"}:
            if thing.id < 0:
                found.spoil("drafts", f"r{thing.id}")
            elif any(member.ref == 0 for member in thing.members):  # no object has this number, and osmium breaks down
                found.spoil("incomplete", f"r{thing.id}")
            else:
                ids.append(thing.id)
                aside.relation(thing)
        elif not _PLACES.isdisjoint(tag.k for tag in thing.tags):
            found.spoil("no_outline", f"r{thing.id}")
    return ids


def _gather(things: Iterable[Any], keys: Keys, bounds: Bounds | None, found: Found) -> tuple[list[int], set[str]]:
    """Sort the objects of a pass into `found`; return one missing node of each way that has any, and all areas met.

    Most objects of a large extract are ways that lie far away: what is done for each of them decides how long it takes.
    """
    factory = osmium.geom.WKBFactory()
    build = {"n": factory.create_point, "w": factory.create_linestring, "a": factory.create_multipolygon}
    missing: list[int] = []
    made: set[str] = set()
    newest, reach = _EPOCH, _NOWHERE
    dated, boxed = bool(found.said_date), bounds is None or found.reach != _NOWHERE
    for thing in things:
        number, letter = thing.id, thing.type_str()
        if number < 0 or thing.deleted:
            found.spoil("drafts" if number < 0 else "deleted", f"{letter}{number}")
            continue
        if not dated:
            newest = max(newest, thing.timestamp)
        if letter == "a":
            made.add(_source_id(thing, letter))
        whole = True
        try:
            shapes: list[str] | None = [build[letter](thing)]
        except (RuntimeError, osmium.InvalidLocationError):
            shapes, whole = _pieces(thing, _source_id(thing, letter), missing, found), False
        if shapes is None:
            continue
        if not boxed:
            reach = _around(reach, shapes, letter)
        if shapes and bounds is not None and _all_far(shapes, letter, bounds):
            found.far += 1
            continue
        source_id = _source_id(thing, letter)
        tags = _tags(thing.tags, keys.beside_building)
        for place in _places(thing, tags, keys, whole=whole, found=found):
            place += [(source_id, tags, shape) for shape in shapes]
    found.newest = newest if newest > _EPOCH else None
    if not boxed:
        found.reach = reach
    return missing, made


def _all_far(shapes: list[str], letter: str, bounds: Bounds) -> bool:
    """Whether the boxes around some WKB points, lines or areas (letter n, w, a) all miss the bounds."""
    west, south, east, north = bounds
    for shape in shapes:
        numbers = _coordinates(shape, letter)
        lon = numbers[::2]
        if max(lon) < west or min(lon) > east:
            continue
        lat = numbers[1::2]
        if max(lat) >= south and min(lat) <= north:
            return False
    return True


def _around(reach: Bounds, shapes: list[str], letter: str) -> Bounds:
    west, south, east, north = reach
    for shape in shapes:
        numbers = _coordinates(shape, letter)
        lon, lat = numbers[::2], numbers[1::2]
        west, south, east, north = min(west, *lon), min(south, *lat), max(east, *lon), max(north, *lat)
    return west, south, east, north


def _coordinates(wkb: str, letter: str) -> Sequence[float]:
    """Return the coordinates of a WKB point or line, and the corners of the box around an area; cutting them out is quick."""
    if letter == "a":
        bounds: Bounds = shapely.from_wkb(wkb).bounds
        return bounds
    return array("d", bytes.fromhex(wkb[2 * _HEADER_BYTES[letter] :]))


def _source_id(thing: Any, letter: str) -> str:
    return f"r{thing.orig_id()}" if letter == "a" else f"{letter}{thing.id}"


def _tags(tags: Any, rest: tuple[str, ...]) -> dict[str, str]:
    """Return the tags of an object; of a mere building, by far the most objects of a city, only what tells of it."""
    get = tags.get
    building = get(_BUILDING[0])
    if building is None or any(map(get, rest)):
        return {tag.k: tag.v for tag in tags}
    levels = get(_BUILDING[1])
    return {_BUILDING[0]: building} if levels is None else {_BUILDING[0]: building, _BUILDING[1]: levels}


def _places(thing: Any, tags: dict[str, str], keys: Keys, *, whole: bool, found: Found) -> tuple[list[Thing], ...]:
    """Return the lists an object goes to; where a street is cut off is found as well."""
    if not thing.is_way():
        return (found.points if thing.is_node() else found.relations,)
    if not whole and "highway" in tags:
        found.points += [(f"w{thing.id}", {"way:cut": "yes"}, point) for point in _cuts(thing)]
    return _places_of_way(thing, tags, keys, whole=whole, found=found)


def _places_of_way(way: Any, tags: dict[str, str], keys: Keys, *, whole: bool, found: Found) -> tuple[list[Thing], ...]:
    """Return the lists a way goes to: lines, rings or both; of a way with missing nodes only lines are kept."""
    is_line = not keys.lines.isdisjoint(tags)
    is_area = tags.get("area") == "yes" or not keys.closing.isdisjoint(tags)
    is_ring = is_area and way.is_closed()
    source_id = f"w{way.id}"
    if is_area and not is_ring and not is_line:
        found.spoil("open", source_id)
    if not whole and is_ring:
        found.spoil("holed", source_id)
    if not whole and is_line:
        found.spoil("cut", source_id)
    lines = (found.lines,) if is_line else ()
    return (*lines, found.rings) if is_ring and whole else lines


def _pieces(thing: Any, source_id: str, missing: list[int], found: Found) -> list[str] | None:
    """Return as WKB lines what is there of a way with missing nodes, and add one of those to `missing`.

    Anything else that could not be built is noted, and None returned.
    """
    if not thing.is_way():
        found.spoil("unbuilt" if thing.is_area() else "nowhere", source_id)
        return None
    runs: list[list[tuple[float, float]]] = [[]]
    gaps: list[int] = []
    for node in thing.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        else:
            gaps.append(node.ref)
            runs.append([])
    if not gaps:
        found.spoil("degenerate", source_id)
        return None
    missing.append(gaps[0])
    return [shapely.to_wkb(shapely.LineString(run), hex=True) for run in runs if len(set(run)) > 1]


def _cuts(way: Any) -> list[str]:
    """Return as WKB points the nodes of a way beside which the next one is missing."""
    places = [node.location for node in way.nodes]
    there = [place.valid() for place in places]
    cut = [place for i, place in enumerate(places) if there[i] and not all(there[max(i - 1, 0) : i + 2])]
    return [shapely.to_wkb(shapely.Point(place.lon, place.lat), hex=True) for place in cut]


def _is_there(store: Any, ref: int) -> bool:
    try:
        return bool(store.get(ref).valid())
    except (KeyError, TypeError):  # not there; a negative id of an editor's draft
        return False


def shapes_of(found: Found) -> tuple[Objects, Objects, Objects]:
    """Return the points, lines and areas of a pass in WGS 84 degrees; rings of fewer than four points are left out."""
    rings = _shapes(found.rings)
    enough = shapely.get_num_points(rings) >= _RING_POINTS
    for (source_id, _, _), fine in zip(found.rings, enough.tolist(), strict=True):
        if not fine:
            found.spoil("degenerate", source_id)
    vertices, owners = shapely.get_coordinates(rings[enough], return_index=True)
    outlines = shapely.polygons(shapely.linearrings(vertices, indices=owners))
    areas = [thing for thing, fine in zip(found.rings, enough.tolist(), strict=True) if fine] + found.relations
    return (
        _objects(found.points, _shapes(found.points)),
        _objects(found.lines, _shapes(found.lines)),
        _objects(areas, np.concatenate([outlines, _shapes(found.relations)])),
    )


def _shapes(things: list[Thing]) -> Shapes:
    return np.asarray(shapely.from_wkb([wkb for _, _, wkb in things]), dtype=object)


def _objects(things: list[Thing], shapes: Shapes) -> Objects:
    return Objects([thing[0] for thing in things], [thing[1] for thing in things], np.asarray(shapes, dtype=object))
