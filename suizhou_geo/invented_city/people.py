"""Who lives in the invented city and what serves them: whole persons on a 100 m grid, facilities at points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import numpy as np
import shapely
from shapely import Polygon, STRtree

from suizhou_geo.invented_city.city import Array, Facility, Land, Link, PopulationGrid, Zone, stream
from suizhou_geo.invented_city.land import SHOPS
from suizhou_geo.standards import table

PERSONS = 600_000
CELL_M = 100.0
VILLAGERS = 9_000
_MARGIN_M = 1500.0

# Category of standards/life_circles.toml or emergency.toml -> the label in the planners' table, and how many there are.
# None of a category: the planners did not survey it (社区食堂), or there is none (托儿所, declared as surveyed).
FACILITIES: dict[str, tuple[str, int]] = {
    "junior_school": ("初级中学", 22),
    "sports_hall": ("体育馆", 3),
    "large_sports_field": ("大型运动场", 10),
    "health_centre": ("社区医院", 17),
    "outpatient_clinic": ("门诊部", 26),
    "elderly_home": ("养老院", 14),
    "nursing_home": ("老年养护院", 5),
    "culture_centre": ("文化活动中心", 13),
    "community_centre": ("街道社区服务中心", 15),
    "subdistrict_office": ("街道办", 12),
    "police_station": ("派出所", 14),
    "post_office": ("邮局", 18),
    "primary_school": ("小学", 62),
    "medium_sports_field": ("中型运动场", 34),
    "shopping_centre": ("商场", 38),
    "market": ("菜市场", 58),
    "restaurant": ("餐馆", 260),
    "bank": ("银行", 90),
    "telecom": ("营业厅", 55),
    "bus_stop": ("公交站", 240),
    "community_station": ("社区服务站", 120),
    "canteen": ("社区食堂", 0),
    "culture_station": ("文化活动站", 85),
    "small_sports_field": ("小型球场", 95),
    "fitness_ground": ("健身场地", 150),
    "kindergarten": ("幼儿园", 165),
    "nursery": ("托儿所", 0),
    "elderly_day_care": ("日间照料中心", 70),
    "health_station": ("社区卫生服务站", 90),
    "community_shops": ("社区商业", 320),
    "recycling": ("废品回收点", 60),
    "waste_station": ("垃圾收集站", 130),
    "public_toilet": ("公厕", 150),
    "hospital": ("市区级医院", 4),
    "fire_station": ("消防站", 3),
}
SURVEYED_NONE = ("nursery",)
# Places of a facility (学位, 床位): fewest and most, in steps of so many.
CAPACITY: dict[str, tuple[int, int, int]] = {
    "kindergarten": (180, 360, 30),
    "primary_school": (540, 1620, 45),
    "junior_school": (900, 1800, 50),
    "hospital": (400, 1000, 50),
    "health_centre": (20, 60, 10),
    "elderly_home": (80, 200, 10),
    "nursing_home": (60, 150, 10),
    "elderly_day_care": (15, 40, 5),
}
_EMPTY, _UNSAID = 3, 7  # one kindergarten holds no places, one has not said how many
_TRIES = 3
_BESIDE_LINK_M = 45.0  # nearer to the avenue than to any other street
_CROWD, _CROWD_M = 1.5, 350.0


def facilities(land: Land, areas: Sequence[Zone], link: Link, *, seed: int) -> tuple[Facility, ...]:
    """Facilities at points in the built-up blocks, each kind spread out a little more than chance would.

    Of each destination of daily life one stands at the south end of the best link, and none beyond its north end.
    """
    rng = stream("facilities", seed)
    homes = [shape for _, shape in land.residential]
    city = shapely.union_all([zone.outline for zone in areas])
    sites = [
        t.shape
        for t in land.tiles
        if t.land_class in ("商业服务业用地", "教育用地", "机关团体用地") and t.shape.area > 4000
    ]
    sites += [shape for shape in homes if city.intersects(shape)]
    far_sites = [site for site in sites if not site.intersects(link.beyond)]
    shops = [t.shape for t in land.tiles if t.land_class == SHOPS and not t.shape.intersects(link.beyond)]
    near_sites = [s for s in (_beside(link, shop) for shop in shops) if s.area > 1.0]
    daily = [row["categories"] for row in table("life_circles")["tdt1063"].values()]
    first, kept_off = {categories[0] for categories in daily}, set().union(*daily)
    found: list[Facility] = []
    for category, (label, count) in FACILITIES.items():
        placed = [_somewhere(rng.choice(near_sites), rng)] if category in first else []
        while len(placed) < count:
            wishes = [_somewhere(rng.choice(far_sites if category in kept_off else sites), rng) for _ in range(_TRIES)]
            placed.append(max(wishes, key=lambda p: min((math.dist(p, q) for q in placed), default=0.0)))
        found += [Facility(category, f"虚构{label}{n:03d}", p) for n, p in enumerate(placed, start=1)]
    places = stream("capacity", seed)
    return tuple(replace(f, capacity=_capacity(f, places)) for f in found)


def _capacity(facility: Facility, rng: Random) -> int | None:
    if facility.category not in CAPACITY:
        return None
    fewest, most, step = CAPACITY[facility.category]
    places = rng.randrange(fewest, most + step, step)
    if facility.category == "kindergarten":
        return {_EMPTY: 0, _UNSAID: None}.get(int(facility.name[-3:]), places)
    return places


def _beside(link: Link, site: Polygon) -> shapely.Geometry:
    return site.intersection(shapely.Point(link.south).buffer(_BESIDE_LINK_M))


def _somewhere(shape: shapely.Geometry, rng: Random) -> tuple[float, float]:
    west, south, east, north = shape.bounds
    for _ in range(20):
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if shape.contains(shapely.Point(x, y)):
            return round(x, 2), round(y, 2)
    at = shape.representative_point()
    return round(at.x, 2), round(at.y, 2)


def population(land: Land, areas: Sequence[Zone], link: Link, *, seed: int) -> PopulationGrid:
    """Exactly 600,000 persons inside the city, whole persons in each cell; villagers beyond it, nodata farther out.

    No one lives in a cell that the outline of the city cuts, so that the total inside is the same whichever way cells
    are shared out; cells on a border between two zones are lived in. The rivers inside the city are nodata too.
    """
    rng = stream("people", seed)
    city = shapely.union_all([zone.outline for zone in areas])
    west, south, east, north = (
        f(v / CELL_M) * CELL_M
        for f, v in zip((math.floor, math.floor, math.ceil, math.ceil), city.buffer(_MARGIN_M).bounds, strict=True)
    )
    columns, rows = round((east - west) / CELL_M), round((north - south) / CELL_M)
    x, y = west + CELL_M * np.arange(columns), north - CELL_M * np.arange(1, rows + 1)
    cells = shapely.box(x[None, :], y[:, None], x[None, :] + CELL_M, y[:, None] + CELL_M).ravel()
    shapely.prepare(city)
    inside, outside = shapely.contains(city, cells), ~shapely.intersects(city, cells)
    homes = np.array([shape for _, shape in land.residential])
    density = np.array([_density(shape, city, rng) * _crowd(shape, link) for shape in homes])
    cell, home = STRtree(homes).query(cells, predicate="intersects")
    weight = np.bincount(cell, shapely.area(shapely.intersection(cells[cell], homes[home])) * density[home], len(cells))
    persons = np.zeros(len(cells))
    persons[inside] = _whole(weight[inside], PERSONS)
    persons[outside] = _whole(weight[outside], VILLAGERS)
    far = outside & (shapely.distance(city, cells) > 0.6 * _MARGIN_M)
    water = np.array([t.shape for t in land.tiles if t.land_class == "河流水面"])
    cell, part = STRtree(water).query(cells, predicate="intersects")
    wet_m2 = np.bincount(cell, shapely.area(shapely.intersection(cells[cell], water[part])), len(cells))
    persons[(far | (wet_m2 > CELL_M**2 / 2)) & (persons == 0)] = np.nan
    return PopulationGrid(west, north, CELL_M, persons.reshape(rows, columns))


def _density(shape: Polygon, city: Polygon, rng: Random) -> float:
    """Relative persons per square metre: high near the middle, lower at the rim, with the luck of each estate."""
    near = math.exp(-shape.centroid.distance(city.centroid) / 4500.0)
    return (0.35 + near) * rng.uniform(0.6, 1.5)


def _crowd(shape: Polygon, link: Link) -> float:
    """How many times more people live where the best link would lead."""
    if not shape.intersects(link.beyond):
        return 1.0
    return 1.0 + _CROWD * math.exp(-shape.distance(shapely.Point(link.north)) / _CROWD_M)


def _whole(weight: Array, total: int) -> Array:
    """`total` shared out by weight in whole numbers, largest remainders first."""
    exact = weight / weight.sum() * total
    floor: Array = np.floor(exact)
    short = total - int(floor.sum())
    floor[np.argsort(floor - exact, kind="stable")[:short]] += 1
    return floor
