"""The invented city as an OpenStreetMap extract: nodes, ways and relations with the tags mappers use, as .osm.pbf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, groupby
from pathlib import Path

import numpy as np
import osmium
import shapely
from shapely import Polygon

from suizhou_geo.invented_city.carriageways import Drawn, drawn
from suizhou_geo.invented_city.city import City
from suizhou_geo.invented_city.points import Point, degrees, point_inside, rounded, segments
from suizhou_geo.invented_city.tables import table

Tags = dict[str, str]
# A national road through the town: tagged by its administrative rank, and what it is in the city beside it.
NATIONAL_ROAD = "季梁大道"
UNDERPASSES = frozenset({"解放路"})
_VIADUCT_M, _OVERPASS_M = 75.0, 55.0
# What the extract says it covers, in WGS 84 degrees: the city, the roads to its counties, the empty country round them.
BOX = (113.10, 31.46, 113.68, 31.94)
_SPLIT_POINTS = 40
_LEVELS: dict[int, Tags] = {-1: {"tunnel": "yes", "layer": "-1"}, 0: {}, 1: {"bridge": "yes", "layer": "1"}}
_STRAY_NODES = 12
_STRAY: tuple[Tags, ...] = ({"natural": "tree"}, {"amenity": "bench"}, {}, {"name": "<b>虚构</b>", "note": "invented"})


@dataclass
class Extract:
    """Everything the extract holds; `nodes` numbers the points, `tagged` gives tags to some of them."""

    nodes: dict[Point, int] = field(default_factory=dict)
    tagged: dict[Point, Tags] = field(default_factory=dict)
    ways: list[tuple[tuple[Point, ...], Tags]] = field(default_factory=list)
    relations: list[tuple[list[tuple[int, str]], Tags]] = field(default_factory=list)

    def node(self, p: Point, tags: Tags) -> None:
        """Add tags to a point."""
        self.nodes.setdefault(p, len(self.nodes) + 1)
        self.tagged[p] = tags

    def way(self, points: Sequence[Point], tags: Mapping[str, str | None]) -> int:
        """Add a way, and number its points; tags that are None are left out. Returns its number."""
        for p in points:
            self.nodes.setdefault(p, len(self.nodes) + 1)
        self.ways.append((tuple(points), {key: value for key, value in tags.items() if value is not None}))
        return len(self.ways)

    def area(self, shape: Polygon, tags: Tags) -> None:
        """Add a closed way, or a multipolygon relation for an area with holes or one too long for a way."""
        lines = [_closed(ring) for ring in (shape.exterior, *shape.interiors)]
        if len(lines) == 1 and len(lines[0]) < 400:
            self.way(lines[0], tags)
            return
        members: list[tuple[int, str]] = []
        for n, line in enumerate(lines):
            role = "inner" if n else "outer"
            members += [(self.way(line[k : k + 300], {}), role) for k in range(0, len(line) - 1, 299)]
        self.relations.append((members, {"type": "multipolygon", **tags}))


def extract(city: City) -> Extract:
    """The whole city as a mapper would have drawn it."""
    result = Extract()
    lines = drawn(city.all_streets, separated=city.separated, roundabouts=city.roundabouts, slips=city.slips)
    _streets(result, city, lines)
    for walkway in city.land.walkways:
        bridge = {"bridge": "yes", "layer": "2"} if walkway.bridge else {}
        result.way(walkway.points, {"highway": walkway.highway, "name": walkway.name, **bridge})
    for street in city.all_streets:
        if street.cul_de_sac:
            result.node(street.points[-1], {"highway": "turning_circle", "noexit": "yes"})
    for railway in city.railways:
        viaduct = {"bridge": "viaduct", "layer": "2", "highspeed": "yes"} if railway.viaduct else {}
        tags = {"railway": "rail", "name": railway.name, **viaduct}
        result.way(rounded(shapely.get_coordinates(railway.line)), tags)
    for water in city.waters:
        kind = "river" if water.width_m > 20 else "stream"
        result.way(rounded(shapely.get_coordinates(water.line)), {"waterway": kind, "name": water.name})
        if kind == "river":
            shape = water.line.buffer(water.width_m / 2, quad_segs=3)
            result.area(shape, {"natural": "water", "water": "river", "name": water.name})
    _green(result, city)
    for name, shape in city.land.residential:
        result.area(shape, {"landuse": "residential", "name": name})
    for kind, shape in city.land.buildings:
        result.area(shape, {"building": kind, "building:levels": "18"})
    # nodes that mean nothing to a plan: trees, benches, one with no tags at all, one with a name in markup
    for tile, stray in zip(city.land.tiles[: _STRAY_NODES * 7 : 7], cycle(_STRAY), strict=False):
        result.node(point_inside(tile.shape), stray)
    return result


def _green(result: Extract, city: City) -> None:
    for park in city.land.parks:
        kind = {"place" if park.kind == "square" else "leisure": park.kind}
        access = {} if park.public else {"access": "private"}
        result.area(park.shape, {"name": park.name, **kind, **access})
    for shape in [belt for belt in city.land.of("防护绿地") if belt.area > 20_000][:10]:
        result.area(Polygon(shape.exterior), {"landuse": "grass"})


def _closed(ring: shapely.LinearRing) -> list[Point]:
    line = [p for p, _ in groupby(rounded(shapely.get_coordinates(ring)))]
    return line if line[0] == line[-1] else [*line, line[0]]


def _streets(result: Extract, city: City, lines: Sequence[Drawn]) -> None:
    water = shapely.union_all([w.line.buffer(w.width_m / 2 + 12.0, quad_segs=3) for w in city.rivers])
    rail = shapely.union_all([r.line.buffer(16.0, quad_segs=2) for r in city.railways if not r.viaduct])
    crossings = shapely.MultiPoint(sorted(city.separated))
    motorway = shapely.union_all([s.line for s in city.streets if s.road_class == "motorway"])
    for line in lines:
        tags = _tags(line)
        pieces = segments(line.points)
        middle = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
        at_rail = shapely.intersects(pieces, rail)
        over = shapely.intersects(pieces, water) | at_rail
        if line.street.road_class == "expressway" and not line.ramp:
            over |= shapely.distance(middle, crossings) < _VIADUCT_M
        elif line.street.road_class != "motorway" and not line.ramp:
            over |= shapely.distance(middle, motorway) < _OVERPASS_M
        over |= line.ramp and line.street.road_class in ("motorway", "expressway")
        under = at_rail & (line.street.name in UNDERPASSES)
        levels = np.where(under, -1, over.astype(int)).tolist()
        for level, run in groupby(range(len(levels)), levels.__getitem__):
            stretch = list(run)
            for start in stretch[::_SPLIT_POINTS]:
                stop = min(start + _SPLIT_POINTS, stretch[-1] + 1)
                result.way(line.points[start : stop + 1], {**tags, **_LEVELS[level]})


def _tags(line: Drawn) -> dict[str, str | None]:
    street = line.street
    highway = street.highway or table("roads")[street.road_class]["highway"]
    tags: dict[str, str | None] = {"highway": highway, "name": line.name}
    if street.name == NATIONAL_ROAD:
        tags |= {"highway": "trunk", "ref": "G316", "highway:CN:urban": "arterial"}
    if line.name and line.name.endswith("辅路"):
        tags["highway"] = "tertiary"
    if line.ramp:
        tags["highway"] = f"{highway}_link"
    if line.oneway:
        tags["oneway"] = "yes"
    if line.roundabout:
        tags["junction"] = "roundabout"
    if street.private:
        tags["access"] = "private"
    return tags


def write_pbf(path: Path, content: Extract) -> None:
    """Write the extract, coordinates in WGS 84 degrees; the same content always gives the same file."""
    lon, lat = degrees(list(content.nodes))
    header = osmium.io.Header()
    header.set("generator", "suizhou-geo invented city")
    west, south, east, north = BOX
    header.add_box(osmium.osm.Box(west, south, east, north))
    common = {"version": 1, "timestamp": "2025-01-01T00:00:00Z", "changeset": 1, "uid": 1, "user": "invented"}
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for (p, number), x, y in zip(content.nodes.items(), lon, lat, strict=True):
            tags = content.tagged.get(p, {})
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(float(x), float(y)), tags=tags, **common))
        for number, (points, tags) in enumerate(content.ways, start=1):
            refs = [content.nodes[p] for p in points]
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=refs, tags=tags, **common))
        for number, (members, tags) in enumerate(content.relations, start=1):
            parts = [("w", way, role) for way, role in members]
            writer.add_relation(osmium.osm.mutable.Relation(id=number, members=parts, tags=tags, **common))
