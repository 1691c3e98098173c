"""What is true of the invented city, reckoned from its centrelines and polygons before anything is drawn.

Nothing of the measuring code is used here: lengths are sums over segments, each of which lies in one zone, on a border
between two, or outside; reach is plain buffers and unions.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise, product
from typing import Any

import numpy as np
import shapely

from suizhou_geo.invented_city import layout
from suizhou_geo.invented_city.blocks import COUNTED, LIMIT_M, city_blocks
from suizhou_geo.invented_city.city import City, DeadEnd, Zone
from suizhou_geo.invented_city.codes import hectares, plan_codes, survey_codes
from suizhou_geo.invented_city.flats import houses, persons_within
from suizhou_geo.invented_city.journeys import journeys
from suizhou_geo.invented_city.links import missing_links
from suizhou_geo.invented_city.parks import WholePark, whole_parks
from suizhou_geo.invented_city.points import degrees, middles, sums
from suizhou_geo.invented_city.tables import table
from suizhou_geo.invented_city.tallies import QUAD_SEGS, share_within, tallies
from suizhou_geo.standards import table as standard

# Profile -> m2 that make a park large, its reach in m, m2 that make a small one, its reach, m2 in a historic district.
PARK_PROFILES = {
    "2010/2021": (5000, 500, 2000, 300, 1000),
    "2022+": (5000, 500, 400, 300, 400),
    "mnr_5min": (400, 300, 400, 300, 400),
}
Truth = dict[str, Any]


def truth(city: City) -> Truth:
    """All that is known of the city, in the units its keys name; zones by name. Ready for JSON."""
    zones, tiles, whole = city.zones, city.land.tiles, city.whole
    names = {z.zone_id: z.name for z in zones}
    parks = whole_parks(city.land.parks)
    persons = _persons(city)
    inside = shapely.contains(whole, shapely.points([e.point for e in city.dead_ends]))
    ends = sorted(compress(city.dead_ends, inside), key=lambda e: e.point)
    construction = sums(((names[t.zone_id], t.shape.area / 1e4) for t in tiles if t.construction), names.values())
    residential = {z.name: sum(shape.intersection(z.outline).area for shape in city.land.homes) / 1e4 for z in zones}
    survey = survey_codes(tiles, zones)
    built = houses(city)
    return {
        "invented": True,
        "seed": city.seed,
        "area_km2": whole.area / 1e6,
        "area_km2_by_zone": {z.name: z.outline.area / 1e6 for z in zones},
        **_centrelines(city),
        "centreline_km_not_counted": _not_counted(city),
        "persons": round(sum(persons.values()), 6),
        "persons_by_zone": persons,
        "persons_in_raster": float(np.nansum(city.population.persons)),
        "land_ha_by_class": hectares(tiles, [t.land_class for t in tiles]),
        "land_ha_by_plan_code": hectares(tiles, plan_codes(tiles)),
        "land_ha_by_survey_code": hectares(tiles, [code for code, _, _ in survey]),
        "land_ha_by_czcsxm": hectares(tiles, [scope for _, _, scope in survey]),
        "construction_land_ha": sum(construction.values()),
        "construction_land_ha_by_zone": construction,
        "residential_land_ha": sum(residential.values()),
        "residential_land_ha_by_zone": residential,
        "parks": _parks(city, parks),
        "park_reach": {name: _park_reach(city, parks, name) for name in PARK_PROFILES},
        "persons_counted_within_parks": {
            name: persons_within(city, built, _within_parks(parks, name)) for name in PARK_PROFILES
        },
        "facility_reach": {
            category: share_within(city, city.sites(category), row["radius_m"], quad_segs=32)
            for category, row in standard("life_circles")["categories"].items()
        },
        "facilities_by_category": dict(Counter(f.category for f in city.facilities)),
        "block_size": _block_size(city),
        "through_arterials": {
            "north_south": _through(city, layout.avenues("north_south")),
            "west_east": _through(city, layout.avenues("west_east")),
        },
        "dead_ends": _dead_ends(city, ends),
        "cul_de_sacs": [list(s.points[-1]) for s in city.land.inner_streets if s.cul_de_sac],
        **tallies(city, parks),
        **journeys(city),
        **table("notes"),
        "missing_links": missing_links(city, ends),
        "best_missing_link": city.best_link.street,
    }


def _centrelines(city: City) -> dict[str, Any]:
    """Kilometres of counted centreline; what lies on a border shared by two zones is halved."""
    pieces, names = list(_pieces(city)), [z.name for z in city.zones]
    shares = (((z.name, road_class), metres / len(within)) for road_class, metres, within in pieces for z in within)
    metres_of = sums(shares, product(names, COUNTED))
    by_class = {c: sum(metres_of[name, c] for name in names) / 1000 for c in COUNTED}
    return {
        "centreline_km": sum(by_class.values()),
        "centreline_km_by_class": by_class,
        "centreline_km_by_zone": {name: sum(metres_of[name, c] for c in COUNTED) / 1000 for name in names},
        "centreline_km_by_zone_and_class": {name: {c: metres_of[name, c] / 1000 for c in COUNTED} for name in names},
        "centreline_km_on_shared_borders": sum(metres for _, metres, within in pieces if len(within) == 2) / 1000,
    }


def _pieces(city: City) -> Iterator[tuple[str, float, list[Zone]]]:
    """The straight pieces of the streets that count: class, metres, and the zone each lies in or the two it parts."""
    edges = [{frozenset(pair) for pair in pairwise(z.outline.exterior.coords)} for z in city.zones]
    for street in city.all_streets:
        if street.road_class in COUNTED and street.public:
            inside = np.array([shapely.contains(z.outline, middles(street.points)) for z in city.zones])
            for (a, b), within in zip(pairwise(street.points), inside.T, strict=True):
                borders = list(compress(city.zones, (frozenset((a, b)) in e for e in edges)))
                yield street.road_class, math.dist(a, b), borders or list(compress(city.zones, within))


def _not_counted(city: City) -> dict[str, float]:
    lines = {
        "inside_compounds": [s.line for s in city.land.inner_streets if not s.public],
        "motorway": [s.line for s in city.streets if s.road_class == "motorway"],
        "pedestrian": [shapely.LineString(w.points) for w in city.land.walkways if w.highway == "pedestrian"],
    }
    return {kind: sum(line.intersection(city.whole).length for line in of) / 1000 for kind, of in lines.items()}


def _persons(city: City) -> dict[str, float]:
    """Persons by zone: each cell's persons shared out by the area of the cell in each zone."""
    cells, persons = city.population.lived_in()
    parts = {z.name: z.part_of(cells) for z in city.zones}
    return {
        name: sum((shapely.area(ground) / shapely.area(cells[mine]) * persons[mine]).tolist())
        for name, (mine, ground) in parts.items()
    }


def _park_radius(park: WholePark, profile: str) -> int:
    large_m2, large_radius_m, small_m2, small_radius_m, historic_m2 = PARK_PROFILES[profile]
    if park.area_m2 >= large_m2:
        return large_radius_m
    return small_radius_m if park.area_m2 >= (historic_m2 if park.historic else small_m2) else 0


def _parks(city: City, parks: Sequence[WholePark]) -> list[dict[str, Any]]:
    rows = [
        {
            "name": park.names[0],
            "area_m2": park.area_m2,
            "pieces": sum(p.name in park.names for p in city.land.parks),
            "historic": park.historic,
            "radius_m": {profile: _park_radius(park, profile) for profile in PARK_PROFILES},
        }
        for park in parks
    ]
    return sorted(rows, key=lambda row: row["name"])


def _within_parks(parks: Sequence[WholePark], profile: str) -> shapely.Geometry:
    radii = ((park.shape, _park_radius(park, profile)) for park in parks)
    return shapely.union_all([shape.buffer(radius, quad_segs=QUAD_SEGS) for shape, radius in radii if radius])


def _park_reach(city: City, parks: Sequence[WholePark], profile: str) -> dict[str, float]:
    reach = _within_parks(parks, profile)
    homes = shapely.union_all(city.land.homes)
    own = {z.name: homes.intersection(z.outline) for z in city.zones}
    shares = {name: (land.intersection(reach).area, land.area) for name, land in own.items()}
    total = sum(a for a, _ in shares.values()) / sum(b for _, b in shares.values())
    return {"whole": total, **{name: a / b for name, (a, b) in shares.items()}}


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


def _through(city: City, avenues: Sequence[layout.Avenue]) -> list[str]:
    """The arterials that run from one side of the city to the other without a break."""
    found = []
    for name in dict.fromkeys(a.name for a in avenues if a.name and a.road_class in ("arterial", "expressway")):
        merged = shapely.line_merge(shapely.MultiLineString([s.points for s in city.streets if s.name == name]))
        stops = city.outline.contains(shapely.get_parts(merged.boundary))
        if merged.intersects(city.outline) and not stops.any():
            found.append(name)
    return found


def _dead_ends(city: City, ends: Sequence[DeadEnd]) -> list[dict[str, Any]]:
    return [
        {
            **{name: told for name, told in vars(end).items() if name != "point"},
            "x": end.point[0],
            "y": end.point[1],
            "lon": round(lon, 7),
            "lat": round(lat, 7),
            "m_from_outline": city.whole.exterior.distance(shapely.Point(end.point)),
        }
        for end, lon, lat in zip(ends, *(d.tolist() for d in degrees([e.point for e in ends])), strict=True)
    ]
