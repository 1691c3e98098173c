"""Who lives in the invented city and what serves them: whole persons on a 100 m grid, facilities at points."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import shapely
from shapely import Polygon, STRtree

from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.invented_city.city import Facility, Land, Link, PopulationGrid, stream
from suizhou_geo.invented_city.land import SHOPS
from suizhou_geo.invented_city.points import Point, point_inside, to_cm
from suizhou_geo.invented_city.tables import table, words
from suizhou_geo.standards import table as standard

PERSONS = 600_000
CELL_M = 100.0
VILLAGERS = 9_000
_MARGIN_M = 1500.0
_BUILT_UP = (SHOPS, "教育用地", "机关团体用地")
_EMPTY, _UNSAID = 3, 7  # one kindergarten holds no places, one has not said how many
_TRIES = 3
_BESIDE_LINK_M = 45.0  # nearer to the avenue than to any other street
_CROWD, _CROWD_M = 1.5, 350.0


def facilities(land: Land, city: Polygon, link: Link, *, seed: int) -> tuple[Facility, ...]:
    """Facilities at points in the built-up blocks, each kind spread out a little more than chance would.

    Of each destination of daily life one stands at the south end of the best link, and none beyond its north end.
    """
    rng, places = stream("facilities", seed), stream("capacity", seed)
    sites = [shape for shape in land.of(*_BUILT_UP) if shape.area > 4000]
    sites += [shape for shape in land.homes if city.intersects(shape)]
    far_sites = [site for site in sites if not site.intersects(link.beyond)]
    shops = [shape for shape in land.of(SHOPS) if not shape.intersects(link.beyond)]
    beside_link = shapely.Point(link.south).buffer(_BESIDE_LINK_M)
    near_sites = [s for s in (shop.intersection(beside_link) for shop in shops) if s.area > 1.0]
    daily = [row["categories"] for row in standard("life_circles")["tdt1063"].values()]
    first, kept_off = {categories[0] for categories in daily}, set().union(*daily)
    labels = words("facilities", "category")
    found: list[Facility] = []
    for category, given in table("facilities").items():
        placed = [_somewhere(rng.choice(near_sites), rng)] if category in first else []
        while len(placed) < given["count"]:
            wishes = [_somewhere(rng.choice(far_sites if category in kept_off else sites), rng) for _ in range(_TRIES)]
            placed.append(max(wishes, key=lambda p: min((math.dist(p, q) for q in placed), default=0.0)))
        for n, p in enumerate(placed, start=1):
            name = f"虚构{labels[category]}{n:03d}"
            found.append(Facility(category, name, p, _capacity(category, n, places)))
    return tuple(found)


def _capacity(category: str, n: int, rng: Random) -> int | None:
    if "places" not in (given := table("facilities")[category]):
        return None
    fewest, most, step = given["places"]
    places = rng.randrange(fewest, most + step, step)
    return {_EMPTY: 0, _UNSAID: None}.get(n, places) if category == "kindergarten" else places


def _somewhere(shape: shapely.Geometry, rng: Random) -> Point:
    west, south, east, north = shape.bounds
    for _ in range(20):
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if shape.contains(shapely.Point(x, y)):
            return to_cm(x, y)
    return point_inside(shape)


def population(land: Land, city: Polygon, link: Link, *, seed: int) -> PopulationGrid:
    """Exactly 600,000 persons inside the city, whole persons in each cell; villagers beyond it, nodata farther out.

    No one lives in a cell that the outline of the city cuts, so that the total inside is the same whichever way cells
    are shared out; cells on a border between two zones are lived in. The rivers inside the city are nodata too.
    """
    rng = stream("people", seed)
    bounds = np.array(city.buffer(_MARGIN_M).bounds) / CELL_M
    west, south, east, north = (np.r_[np.floor(bounds[:2]), np.ceil(bounds[2:])] * CELL_M).tolist()
    columns, rows = round((east - west) / CELL_M), round((north - south) / CELL_M)
    x, y = west + CELL_M * np.arange(columns), north - CELL_M * np.arange(1, rows + 1)
    cells = shapely.box(x[None, :], y[:, None], x[None, :] + CELL_M, y[:, None] + CELL_M).ravel()
    shapely.prepare(city)
    inside, outside = shapely.contains(city, cells), ~shapely.intersects(city, cells)
    homes = np.array(land.homes)
    density = np.array([_density(shape, city, rng) * _crowd(shape, link) for shape in homes])
    weight = _covered(cells, homes, density)
    persons = np.zeros(len(cells))
    persons[inside] = _whole(weight[inside], PERSONS)
    persons[outside] = _whole(weight[outside], VILLAGERS)
    far = outside & (shapely.distance(city, cells) > 0.6 * _MARGIN_M)
    water = np.array(land.of("河流水面"))
    wet_m2 = _covered(cells, water, np.ones(len(water)))
    persons[(far | (wet_m2 > CELL_M**2 / 2)) & (persons == 0)] = np.nan
    return PopulationGrid(west, north, CELL_M, persons.reshape(rows, columns))


def _covered(cells: Shapes, shapes: Shapes, weight: Floats) -> Floats:
    """The square metres of each cell that shapes cover, each square metre times the weight of its shape."""
    cell, shape = STRtree(shapes).query(cells, predicate="intersects")
    m2 = shapely.area(shapely.intersection(cells[cell], shapes[shape]))
    return np.bincount(cell, m2 * weight[shape], len(cells)).astype(np.float64)


def _density(shape: Polygon, city: Polygon, rng: Random) -> float:
    """Relative persons per square metre: high near the middle, lower at the rim, with the luck of each estate."""
    near = math.exp(-shape.centroid.distance(city.centroid) / 4500.0)
    return (0.35 + near) * rng.uniform(0.6, 1.5)


def _crowd(shape: Polygon, link: Link) -> float:
    """How many times more people live where the best link would lead."""
    if not shape.intersects(link.beyond):
        return 1.0
    return 1.0 + _CROWD * math.exp(-shape.distance(shapely.Point(link.north)) / _CROWD_M)


def _whole(weight: Floats, total: int) -> Floats:
    """`total` shared out by weight in whole numbers, largest remainders first."""
    exact = weight / weight.sum() * total
    floor: Floats = np.floor(exact)
    short = total - int(floor.sum())
    floor[np.argsort(floor - exact, kind="stable")[:short]] += 1
    return floor
