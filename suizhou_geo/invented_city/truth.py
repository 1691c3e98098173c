"""What is true of the invented city, reckoned from its centrelines and polygons before anything is drawn.

Nothing of the measuring code is used here: lengths are sums over segments, each of which lies in one zone, on a border
between two, or outside; reach is plain buffers and unions.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely import Polygon

from suizhou_geo.geometry.crs import SUIZHOU_CRS
from suizhou_geo.invented_city.blocks import COUNTED, LIMIT_M, city_blocks
from suizhou_geo.invented_city.city import City, DeadEnd, Park, Point, Street, Zone
from suizhou_geo.invented_city.codes import hectares, plan_codes, survey_codes
from suizhou_geo.invented_city.journeys import journeys
from suizhou_geo.invented_city.links import missing_links
from suizhou_geo.invented_city.tallies import tallies
from suizhou_geo.standards import table

REACH_QUAD_SEGS = 64
PIECES_APART_M = 2.0
# Profile -> m2 that make a park large, its reach in m, m2 that make a small one, its reach, m2 in a historic district.
PARK_PROFILES = {
    "2010/2021": (5000, 500, 2000, 300, 1000),
    "2022+": (5000, 500, 400, 300, 400),
    "mnr_5min": (400, 300, 400, 300, 400),
}
Truth = dict[str, Any]


def truth(city: City) -> Truth:
    """All that is known of the city, in the units its keys name; zones by name. Ready for JSON."""
    zones = city.zones
    whole = shapely.union_all([z.outline for z in zones])
    by_zone = _centrelines(city.streets, city.land.inner_streets, zones)
    by_class = {c: sum(by_zone[z.name][c] for z in zones) / 1000 for c in COUNTED}
    persons = _persons(city)
    ends = [*_inside(city.dead_ends, whole)]
    construction = _land_ha(city, construction=True)
    survey = survey_codes(city.land.tiles, zones)
    return {
        "invented": True,
        "seed": city.seed,
        "area_km2": whole.area / 1e6,
        "area_km2_by_zone": {z.name: z.outline.area / 1e6 for z in zones},
        "centreline_km": sum(by_class.values()),
        "centreline_km_by_class": by_class,
        "centreline_km_by_zone": {z.name: sum(by_zone[z.name].values()) / 1000 for z in zones},
        "centreline_km_by_zone_and_class": {z.name: {c: by_zone[z.name][c] / 1000 for c in COUNTED} for z in zones},
        "centreline_km_on_shared_borders": _shared_km(city.streets, zones),
        "centreline_km_not_counted": _not_counted(city, whole),
        "persons": round(sum(persons.values()), 6),
        "persons_by_zone": persons,
        "persons_in_raster": float(np.nansum(city.population.persons)),
        "land_ha_by_class": _land_by_class(city),
        "land_ha_by_plan_code": hectares(city.land.tiles, plan_codes(city.land.tiles)),
        "land_ha_by_survey_code": hectares(city.land.tiles, [code for code, _, _ in survey]),
        "land_ha_by_czcsxm": hectares(city.land.tiles, [scope for _, _, scope in survey]),
        "construction_land_ha": sum(construction.values()),
        "construction_land_ha_by_zone": construction,
        "residential_land_ha": sum(_homes_ha(city, z.outline) for z in zones),
        "residential_land_ha_by_zone": {z.name: _homes_ha(city, z.outline) for z in zones},
        "parks": _parks(city),
        "park_reach": {name: _park_reach(city, name) for name in PARK_PROFILES},
        "park_reach_note": (
            f"share of residential land within straight-line reach of public parks; circles of {4 * REACH_QUAD_SEGS} "
            "corners, short of true circles by at most 0.0001 of the share"
        ),
        "facility_reach": _facility_reach(city, whole),
        "facility_reach_note": (
            "share of residential land within the radius of standards/life_circles.toml, straight line; circles of 128 "
            "corners"
        ),
        "facilities_by_category": _counts(f.category for f in city.facilities),
        "block_size": _block_size(city),
        "block_size_note": (
            "blocks bounded by public centrelines and the outline, more than half of one use; share of their area in blocks "
            "whose longest side exceeds limit_m"
        ),
        "through_arterials": {way: list(names) for way, names in city.through_arterials.items()},
        "dead_ends": _dead_ends(ends, whole),
        "cul_de_sacs": [list(s.points[-1]) for s in city.land.inner_streets if s.cul_de_sac],
        **tallies(city, [(shape, area) for shape, area, _, _ in _dissolved(city.land.parks)]),
        **journeys(city),
        "missing_links": missing_links(city, ends),
        "best_missing_link": city.best_link.street,
        "missing_links_note": (
            "by the largest detour; persons, metres and person-metres for the ways from homes to the nearest of each of the "
            "eight daily destinations of TD/T 1063, by vehicle and on foot, each link built alone"
        ),
    }


def _segments(street: Street) -> Iterator[tuple[Point, Point]]:
    return zip(street.points[:-1], street.points[1:], strict=True)


def _centrelines(
    streets: Sequence[Street], inner: Sequence[Street], zones: Sequence[Zone]
) -> dict[str, dict[str, float]]:
    """Metres of counted centreline per zone and class; a segment on a border shared by two zones is halved."""
    metres: dict[str, dict[str, float]] = {z.name: dict.fromkeys(COUNTED, 0.0) for z in zones}
    edges = [_edges(z.outline) for z in zones]
    for street in (*streets, *inner):
        if street.road_class not in COUNTED or not street.public:
            continue
        middles = shapely.points([((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in _segments(street)])
        contains = [shapely.contains(z.outline, middles) for z in zones]
        for n, (a, b) in enumerate(_segments(street)):
            borders = [k for k, e in enumerate(edges) if frozenset((a, b)) in e]
            holders = borders or [k for k in range(len(zones)) if contains[k][n]]
            for k in holders:
                metres[zones[k].name][street.road_class] += math.dist(a, b) / len(holders)
    return metres


def _edges(outline: Polygon) -> set[frozenset[Point]]:
    points = [(float(x), float(y)) for x, y in outline.exterior.coords]
    return {frozenset(pair) for pair in itertools.pairwise(points)}


def _shared_km(streets: Sequence[Street], zones: Sequence[Zone]) -> float:
    edges = [_edges(z.outline) for z in zones]
    return (
        sum(
            math.dist(a, b)
            for s in streets
            if s.road_class in COUNTED
            for a, b in _segments(s)
            if sum(frozenset((a, b)) in e for e in edges) == 2
        )
        / 1000
    )


def _not_counted(city: City, whole: Polygon) -> dict[str, float]:
    inner = [s for s in city.land.inner_streets if not s.public]
    motorways = [s for s in city.streets if s.road_class == "motorway"]
    lanes = [w for w in city.land.walkways if w.highway == "pedestrian"]
    return {
        "inside_compounds": sum(s.line.intersection(whole).length for s in inner) / 1000,
        "motorway": sum(s.line.intersection(whole).length for s in motorways) / 1000,
        "pedestrian": sum(shapely.LineString(w.points).intersection(whole).length for w in lanes) / 1000,
    }


def _persons(city: City) -> dict[str, float]:
    """Persons by zone: each cell's persons shared out by the area of the cell in each zone."""
    grid = city.population
    result: dict[str, float] = dict.fromkeys((z.name for z in city.zones), 0.0)
    for zone in city.zones:
        shapely.prepare(zone.outline)
    for row, column in np.argwhere(grid.persons > 0):
        west, north = grid.west + column * grid.cell_m, grid.north - row * grid.cell_m
        cell = shapely.box(west, north - grid.cell_m, west + grid.cell_m, north)
        for zone in city.zones:
            if zone.outline.intersects(cell):
                share = 1.0 if zone.outline.contains(cell) else zone.outline.intersection(cell).area / cell.area
                result[zone.name] += share * float(grid.persons[row, column])
    return result


def _land_ha(city: City, *, construction: bool) -> dict[str, float]:
    names = {z.zone_id: z.name for z in city.zones}
    result: dict[str, float] = dict.fromkeys(names.values(), 0.0)
    for tile in city.land.tiles:
        if tile.construction == construction:
            result[names[tile.zone_id]] += tile.shape.area / 1e4
    return result


def _land_by_class(city: City) -> dict[str, float]:
    result: dict[str, float] = defaultdict(float)
    for tile in city.land.tiles:
        result[tile.land_class] += tile.shape.area / 1e4
    return dict(sorted(result.items()))


def _homes_ha(city: City, within: Polygon) -> float:
    return float(sum(shape.intersection(within).area for _, shape in city.land.residential)) / 1e4


def _dissolved(parks: Sequence[Park]) -> list[tuple[Polygon, float, bool, list[str]]]:
    """Public parks, pieces at most 2 m apart taken as one: shape, area, whether in a historic district, names."""
    public = [p for p in parks if p.public]
    groups: list[list[Park]] = []
    for park in public:
        near = [g for g in groups if any(p.shape.distance(park.shape) <= PIECES_APART_M for p in g)]
        groups = [g for g in groups if g not in near] + [[park, *(p for g in near for p in g)]]
    return [
        (
            shapely.union_all([p.shape for p in group]),
            sum(p.shape.area for p in group),
            any(p.historic for p in group),
            sorted({p.name for p in group}),
        )
        for group in groups
    ]


def _park_radius(area_m2: float, historic: bool, profile: str) -> int:
    large_m2, large_radius_m, small_m2, small_radius_m, historic_m2 = PARK_PROFILES[profile]
    if area_m2 >= large_m2:
        return large_radius_m
    return small_radius_m if area_m2 >= (historic_m2 if historic else small_m2) else 0


def _parks(city: City) -> list[dict[str, Any]]:
    rows = [
        {
            "name": names[0],
            "area_m2": area,
            "pieces": sum(p.name in names for p in city.land.parks),
            "historic": historic,
            "radius_m": {profile: _park_radius(area, historic, profile) for profile in PARK_PROFILES},
        }
        for _, area, historic, names in _dissolved(city.land.parks)
    ]
    return sorted(rows, key=lambda row: row["name"])


def _park_reach(city: City, profile: str) -> dict[str, float]:
    circles = [
        shape.buffer(radius, quad_segs=REACH_QUAD_SEGS)
        for shape, area, historic, _ in _dissolved(city.land.parks)
        if (radius := _park_radius(area, historic, profile))
    ]
    reach = shapely.union_all(circles)
    homes = shapely.union_all([shape for _, shape in city.land.residential])
    shares = {}
    for name, within in [(z.name, z.outline) for z in city.zones]:
        own = homes.intersection(within)
        shares[name] = (own.intersection(reach).area, own.area)
    total = sum(a for a, _ in shares.values()) / sum(b for _, b in shares.values())
    return {"whole": total, **{name: a / b for name, (a, b) in shares.items()}}


def _facility_reach(city: City, whole: Polygon) -> dict[str, float]:
    homes = shapely.union_all([shape for _, shape in city.land.residential]).intersection(whole)
    shares = {}
    for category, row in table("life_circles")["categories"].items():
        at = [f.point for f in city.facilities if f.category == category]
        circles = shapely.buffer(shapely.points(at), row["radius_m"], quad_segs=32) if at else []
        shares[category] = homes.intersection(shapely.union_all(circles)).area / homes.area
    return shares


def _block_size(city: City) -> dict[str, dict[str, float]]:
    result = {}
    every = city_blocks(city)
    for use, limit_m in LIMIT_M.items():
        blocks = [b for b in every if b.use == use]
        over = [b for b in blocks if b.over_limit]
        area_ha, over_ha = (sum(b.shape.area for b in of) / 1e4 for of in (blocks, over))
        result[use] = {
            "limit_m": limit_m,
            "blocks": len(blocks),
            "blocks_over_limit": len(over),
            "area_ha": area_ha,
            "area_over_limit_ha": over_ha,
            "share_over_limit": over_ha / area_ha,
        }
    return result


def _counts(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for value in values:
        counts[value] += 1
    return dict(counts)


def _inside(dead_ends: Iterable[DeadEnd], whole: Polygon) -> list[DeadEnd]:
    return sorted((e for e in dead_ends if whole.contains(shapely.Point(e.point))), key=lambda e: e.point)


def _dead_ends(ends: Sequence[DeadEnd], whole: Polygon) -> list[dict[str, Any]]:
    to_degrees = Transformer.from_crs(SUIZHOU_CRS, "EPSG:4326", always_xy=True)
    rows = []
    for end in ends:
        lon, lat = to_degrees.transform(*end.point)
        rows.append(
            {
                "x": end.point[0],
                "y": end.point[1],
                "lon": round(lon, 7),
                "lat": round(lat, 7),
                "street": end.street,
                "road_class": end.road_class,
                "barrier": end.barrier,
                "barrier_name": end.barrier_name,
                "m_from_outline": whole.exterior.distance(shapely.Point(end.point)),
            }
        )
    return rows
