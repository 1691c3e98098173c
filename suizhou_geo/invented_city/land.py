"""What stands between the streets: zones, blocks and their uses, parks and the old town."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import shapely
from shapely import LineString, Polygon, STRtree

from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.invented_city import parks as green
from suizhou_geo.invented_city.city import Ground, Land, Park, Street, Tile, Walkway, Zone, stream
from suizhou_geo.invented_city.compounds import with_compounds
from suizhou_geo.invented_city.layout import CENTRE, densified
from suizhou_geo.invented_city.points import Point, middle_line, rounded
from suizhou_geo.invented_city.streets import RAIL_CLEARANCE_M
from suizhou_geo.invented_city.tables import table

HOUSING, FACTORY, SHOPS = "城镇住宅用地", "工业用地", "商业服务业用地"
PARK, BELT, WOOD = "公园绿地", "防护绿地", "林地"
_VILLAGES = 0.12
_OLD_TOWN = (CENTRE[0] - 700.0, CENTRE[1] + 700.0)
_MIN_BLOCK_M2 = 2500.0
_MAX_HOUSING_M2 = 110_000.0
_SLIVER_M2 = 1.0
_PATH_TO_STREET_M = 60.0
_WALL_M = 30.0
_SHOPS_M, _ESTATES_M = 60.0, 300.0


@dataclass(frozen=True)
class Block:
    """A piece of open land between streets; `zone` is None outside the city."""

    shape: Polygon
    zone: Zone | None
    use: str


def zones(ground: Ground) -> tuple[Zone, ...]:
    """The main city between 编钟大道, 迎宾大道, 汉丹铁路 and 汉十高铁, and the three districts round it.

    The outlines run through the very points of the streets and railways they follow.
    """
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(list(ground.borders.values()))]))
    pieces: dict[str, list[Polygon]] = {name: [] for name in table("zones")}
    for face in faces:
        at = face.representative_point()
        if ground.outline.contains(at):
            pieces[_zone_name(at, ground)].append(face)
    return tuple(
        Zone(f"Z{n}", name, table("zones")[name]["role"], shapely.union_all(parts))
        for n, (name, parts) in enumerate(pieces.items(), start=1)
    )


def _zone_name(at: shapely.Point, ground: Ground) -> str:
    def beside(name: str) -> tuple[float, float]:
        line = ground.borders[name]
        near = line.interpolate(line.project(at))
        return at.x - near.x, at.y - near.y

    if beside("编钟大道")[0] < 0:
        return "花溪片区"
    if beside("汉十高铁")[1] < 0:
        return "城南片区"
    return "明珠新城片区" if beside("迎宾大道")[0] > 0 or beside("汉丹铁路")[1] > 0 else "主城区"


def settle(ground: Ground, areas: Sequence[Zone], *, seed: int) -> Land:
    """Give every block between the streets a use, and lay out parks, compounds and the old town.

    The tiles fill the zones; residential land may reach beyond the outline of the city, as real blocks do.
    """
    rng = stream("land", seed)
    tiles, blocks = [], []
    for face, taken, rest in _faces(ground):
        zone = _zone_of(face, areas)
        for use, shape in taken:
            tiles += _tiles(use, shape, areas)
        blocks += [Block(part, zone, _use(part, zone, ground, rng)) for part in polygons(rest)]
    fit = [b.shape for b in blocks if b.zone and 3e4 < b.shape.area < 9e4]
    old_town = fit[int(np.argmin(shapely.distance(np.array(fit), shapely.Point(_OLD_TOWN))))]
    parks, blocks = _with_parks(ground, blocks, old_town, rng)
    public = shapely.union_all([p.shape for p in parks if p.public])
    for block in blocks:
        tiles += _tiles(block.use, block.shape.difference(public), areas)
        tiles += _tiles(PARK, block.shape.intersection(public), areas)
    homes = [p for b in blocks if b.use == HOUSING for p in polygons(b.shape.difference(public)) if p.area > 60]
    settled = Land(
        tiles=tuple(_ribbon_apart(tiles, parks)),
        residential=tuple((f"虚构居住地块{n:03d}", shape) for n, shape in enumerate(homes, start=1)),
        parks=tuple(parks),
        historic=(("草甸子街历史文化街区", old_town),),
        walkways=tuple(_walkways(ground, parks, old_town)),
    )
    return with_compounds(settled, ground, rng)


def polygons(shape: shapely.Geometry) -> list[Polygon]:
    """The polygons in a geometry, without the lines, points and slivers that cutting leaves."""
    return [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > _SLIVER_M2]


def _faces(ground: Ground) -> Iterator[tuple[Polygon, list[tuple[str, shapely.Geometry]], shapely.Geometry]]:
    """Each face of the street network, what streets, railways, rivers and their banks take of it, and the rest."""
    streets = [s.line for s in ground.streets]
    ring = ground.outline.buffer(620.0, quad_segs=4)
    lines = [*streets, *(r.line for r in ground.railways), ring.exterior]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    covers: list[tuple[str, list[Polygon]]] = [
        ("城镇村道路用地", [_strip(s) for s in ground.streets if s.road_class != "motorway"]),
        ("公路用地", [_strip(s) for s in ground.streets if s.road_class == "motorway"]),
        ("铁路用地", [r.line.buffer(RAIL_CLEARANCE_M - 8, quad_segs=2) for r in ground.railways]),
        ("河流水面", [w.line.buffer(w.width_m / 2, quad_segs=3) for w in ground.waters]),
        (BELT, [w.line.buffer(w.corridor_m - 20, quad_segs=3) for w in ground.waters]),
    ]
    trees = [(use, np.array(shapes), STRtree(shapes)) for use, shapes in covers]
    for face in faces:
        if not ring.contains(face.representative_point()):
            continue
        rest, taken = face, []
        for use, shapes, tree in trees:
            near = np.sort(tree.query(face, predicate="intersects"))
            if len(near):
                cover = shapely.union_all(shapes[near])
                taken.append((use, rest.intersection(cover)))
                rest = rest.difference(cover)
        yield face, taken, rest


def _strip(street: Street) -> Polygon:
    half_width_m = table("roads")[street.road_class]["half_width_m"]
    return street.line.buffer(max(half_width_m, street.offsets_m[0] + 7.0), quad_segs=2)


def _zone_of(face: Polygon, areas: Sequence[Zone]) -> Zone | None:
    area, n = max((face.intersection(zone.outline).area, n) for n, zone in enumerate(areas))
    return areas[n] if area > 0.25 * face.area else None


def _tiles(use: str, shape: shapely.Geometry, areas: Sequence[Zone]) -> list[Tile]:
    construction = table("land")[use].get("construction", True)
    return [
        Tile(use, construction, zone.zone_id, part)
        for zone in areas
        if zone.outline.intersects(shape)
        for part in polygons(shape.intersection(zone.outline))
    ]


def _use(shape: Polygon, zone: Zone | None, ground: Ground, rng: Random) -> str:
    """By chance; but a factory where a street stops at its wall, shops and estates where the best link would lead."""
    by_chance = _use_by_chance(shape, zone, rng)
    walls = shapely.MultiPoint([e.point for e in ground.dead_ends if e.barrier == "wall"])
    if shape.distance(walls) < _WALL_M:
        return FACTORY
    if _by_best_link(shape, ground):
        return HOUSING if shape.intersects(ground.best_link.beyond) else SHOPS
    return by_chance


def _use_by_chance(shape: Polygon, zone: Zone | None, rng: Random) -> str:
    if zone is None:
        return HOUSING if rng.random() < _VILLAGES and shape.area < _MAX_HOUSING_M2 else WOOD
    weights = table("zones")[zone.name]["uses"]
    use: str = rng.choices(list(weights), list(weights.values()))[0]
    if shape.area < _MIN_BLOCK_M2:
        return "公用设施用地"
    if use == HOUSING and shape.area > _MAX_HOUSING_M2:
        return FACTORY
    return use


def _by_best_link(shape: Polygon, ground: Ground) -> bool:
    link = ground.best_link
    if shape.intersects(link.beyond):
        return shape.area < _MAX_HOUSING_M2 and bool(shape.dwithin(shapely.Point(link.north), _ESTATES_M))
    return bool(shape.dwithin(shapely.Point(link.south), _SHOPS_M))


def _with_parks(ground: Ground, blocks: list[Block], old_town: Polygon, rng: Random) -> tuple[list[Park], list[Block]]:
    """The parks, and the blocks with the wholly green ones so named."""
    ours = [
        k for k, b in enumerate(blocks) if b.zone and b.shape is not old_town and not _by_best_link(b.shape, ground)
    ]
    inside = [k for k in ours if ground.outline.contains(blocks[k].shape)]
    shapes = [blocks[k].shape for k in inside]
    parks = [Park("涢水滨河绿带", green.ribbon(ground.waters[0]))]
    court = green.rectangle(old_town, 1200.0, rng)
    if court is not None:
        parks.append(Park("草甸子街游园", court, historic=True))
    whole = green.whole_blocks(shapes, rng)
    for k, park in whole.items():
        blocks[inside[k]] = replace(blocks[inside[k]], use=PARK)
        parks.append(park)
    parks += green.plaza(shapes, [p.shape for p in whole.values()], rng)
    parks.append(green.far_park(ground.outline))
    loose = [s for k, s in enumerate(shapes) if k not in whole and blocks[inside[k]].use in (HOUSING, SHOPS)]
    parks += green.pockets(loose, parks, rng)
    large = shapely.union_all([p.shape for p in parks if p.shape.area > 5000.0])
    estates = sorted((s for s in loose if s.area > 3e4 and not s.intersects(large)), key=lambda s: -s.distance(large))
    gardens = (green.rectangle(estate, 8000.0, rng) for estate in estates)
    everywhere = shapely.union_all([p.shape for p in parks])
    garden = next((g for g in gardens if g is not None and g.distance(everywhere) > 50.0), None)
    if garden is not None:
        parks.append(Park("虚构私家花园", garden, kind="garden", public=False))
    return parks, blocks


def _ribbon_apart(tiles: list[Tile], parks: Sequence[Park]) -> Iterator[Tile]:
    """Tiles with the riverside ribbon cut out of the green belt as park land."""
    strip = parks[0].shape
    for tile in tiles:
        if tile.land_class == BELT and tile.shape.intersects(strip):
            yield from (replace(tile, shape=p) for p in polygons(tile.shape.difference(strip)))
            yield from (replace(tile, shape=p, land_class=PARK) for p in polygons(tile.shape.intersection(strip)))
        else:
            yield tile


def _walkways(ground: Ground, parks: Sequence[Park], old_town: Polygon) -> Iterator[Walkway]:
    """A path along the north bank, one across each large park, a footbridge over the railway, lanes of the old town."""
    fu = ground.waters[0]
    corners = _corners(ground)
    bank = fu.line.offset_curve(fu.corridor_m - 22.0).intersection(ground.outline)
    for part in shapely.get_parts(bank):
        yield Walkway(rounded(shapely.get_coordinates(part)), "path", "滨河步道")
    for park in parks:
        if park.shape.area > 20_000 and park is not parks[0]:
            across = middle_line(park.shape)
            if across.geom_type == "LineString":
                yield Walkway(_joined(across, corners))
    rail = [e for e in ground.dead_ends if e.barrier == "railway" and ground.outline.contains(shapely.Point(e.point))]
    dual = {s.name for s in ground.streets if s.half_gap_m}
    pairs = [(a, b) for a in rail for b in rail if a.street == b.street not in dual and a.point < b.point]
    if pairs:
        a, b = min(pairs, key=lambda pair: pair[0].point)
        yield Walkway((a.point, b.point), bridge=True, name="铁路人行天桥")
    for part in shapely.get_parts(middle_line(old_town)):
        yield Walkway(_joined(part, corners), "pedestrian", "草甸子街")


def _corners(ground: Ground) -> Floats:
    """Points of two-way streets drawn as one line, to which paths can be joined."""
    single = {p for s in ground.streets if not s.half_gap_m for p in s.points}
    dual = {p for s in ground.streets if s.half_gap_m for p in s.points}
    return np.array(sorted(single - dual - ground.roundabouts))


def _joined(line: LineString, corners: Floats) -> tuple[Point, ...]:
    """The path lengthened at both ends to the nearest street, where one is near."""
    points = shapely.get_coordinates(line)
    ends = []
    for p in (points[0], points[-1]):
        metres = np.hypot(*(corners - p).T)
        ends.append(corners[[np.argmin(metres)]] if metres.min() < _PATH_TO_STREET_M else points[:0])
    return rounded(np.concatenate([ends[0], densified(points), ends[1]]))
