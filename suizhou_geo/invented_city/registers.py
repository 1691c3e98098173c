"""What the offices of the invented city keep lists of: monuments, greenways, jobs, chargers, car parks, sidewalks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from random import Random

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.affinity import rotate

from suizhou_geo.invented_city.city import Centre, City, Monument, Registers, Spot, Street, SurveyRow, points_of, stream
from suizhou_geo.invented_city.communities import communities
from suizhou_geo.invented_city.counties import county_seats
from suizhou_geo.invented_city.points import Point, middles, point_inside, rounded, to_cm
from suizhou_geo.invented_city.tables import table

MAIN_CENTRE = ("白云大道", "汉东东路")
SURVEYED = ("arterial", "secondary", "branch", "local")
WIDE_ENOUGH_M = 2.0
_STRETCH_M = 400.0
_SURVEYED_SHARE = 0.92
_PARK_M = 2600.0
_MIN_WORKPLACE_M2 = 2000.0
_ROAD_GREENWAYS = ("迎宾大道", "编钟大道")


def registers(city: City) -> Registers:
    """All lists of a city that is otherwise complete."""
    return Registers(
        communities=communities(city),
        development_zones=tuple(_development_zones(city)),
        greenways=tuple(_greenways(city)),
        monuments=tuple(_monuments(city)),
        workplaces=tuple(_workplaces(city)),
        centres=tuple(_centres(city)),
        chargers=tuple(_chargers(city)),
        car_parks=tuple(_car_parks(city)),
        sidewalks=tuple(_sidewalks(city)),
    )


def _development_zones(city: City) -> Iterator[tuple[str, Polygon]]:
    """One park of at most 6.8 km2 in each district, about the middle of its factories."""
    for zone in city.zones[1:]:
        works = [t.shape for t in city.land.tiles if t.land_class == "工业用地" and t.zone_id == zone.zone_id]
        middle = shapely.union_all(works).centroid
        square = rotate(middle.buffer(_PARK_M / 2, cap_style="square"), 12.0)
        inside = max(shapely.get_parts(square.intersection(zone.outline)), key=lambda part: part.area)
        yield f"虚构{zone.name.removesuffix('片区')}产业园", inside


def _greenways(city: City) -> Iterator[tuple[str, LineString]]:
    """Along one bank of each large river inside the city, and beside two avenues."""
    for water in city.rivers:
        bank = water.line.offset_curve(water.width_m / 2 + 15.0)
        for part in shapely.get_parts(bank.intersection(city.whole)):
            if part.length > 300.0:
                yield f"{water.name}绿道（虚构）", LineString(rounded(shapely.get_coordinates(part)))
    for street in city.streets:
        if street.name in _ROAD_GREENWAYS and street.line.length > 1500.0 and street.line.intersects(city.whole):
            yield f"{street.name}绿道（虚构）", street.line


def _monuments(city: City) -> Iterator[Monument]:
    """Three historic quarters, one of them not announced yet; a dozen old buildings, some without their plaque."""
    rng = stream("monuments", city.seed)
    for name, shape in city.land.historic:
        yield Monument(name, "district", shape, announced=True, plaque=True)
    old = city.land.historic[0][1].centroid
    blocks = sorted(
        (shape for shape in city.land.of("商业服务业用地") if 2e4 < shape.area < 9e4),
        key=lambda shape: (shape.distance(old), shape.area),
    )
    yield Monument("虚构老街历史文化街区", "district", blocks[2], announced=True, plaque=False)
    yield Monument("虚构码头历史地段", "district", blocks[4], announced=False, plaque=False)
    for n, block in enumerate([city.land.historic[0][1], *blocks[:3]] * 3, start=1):
        west, south, east, north = block.bounds
        x, y = to_cm(rng.uniform(west, east), rng.uniform(south, north))
        house = shapely.box(x, y, x + 18.0, y + 12.0)
        yield Monument(f"虚构历史建筑{n:02d}", "building", house, announced=n != 12, plaque=n not in (5, 9, 12))


def _workplaces(city: City) -> Iterator[Spot]:
    rng = stream("jobs", city.seed)
    for tile in city.land.tiles:
        per_ha = table("land")[tile.land_class].get("jobs_per_ha", 0)
        if per_ha and tile.shape.area > _MIN_WORKPLACE_M2:
            jobs = round(tile.shape.area / 1e4 * per_ha * rng.uniform(0.7, 1.3))
            yield Spot(f"虚构{tile.land_class}单位", point_inside(tile.shape), jobs)


def _centres(city: City) -> Iterator[Centre]:
    first, second = MAIN_CENTRE
    yield Centre("虚构城市主中心", "main", min(points_of(city.streets, first) & points_of(city.streets, second)))
    yield from county_seats(city.streets)


def _chargers(city: City) -> Iterator[Spot]:
    """Posts (桩) in the compounds, not public; public sites that count their connectors (枪), and some their posts."""
    rng = stream("chargers", city.seed)
    for name, shape in city.land.compounds:
        if city.whole.contains(shape):
            yield Spot(f"{name}充电桩", point_inside(shape), rng.randint(80, 216), public=False, unit="桩")
    for n, shape in enumerate(_commerce(city, rng, 120), start=1):
        unit = "桩" if n % 3 == 0 else "枪"
        yield Spot(f"虚构公共充电站{n:03d}", point_inside(shape), rng.randint(12, 60), public=True, unit=unit)


def _car_parks(city: City) -> Iterator[Spot]:
    """Car parks: in the compounds, not public; in the centres of trade, public."""
    rng = stream("parking", city.seed)
    for name, shape in city.land.compounds:
        if city.whole.contains(shape):
            yield Spot(
                f"{name}停车场", point_inside(shape), round(shape.area / 90.0 * rng.uniform(0.6, 1.1)), public=False
            )
    for n, shape in enumerate(_commerce(city, rng, 90), start=1):
        yield Spot(f"虚构公共停车场{n:03d}", point_inside(shape), rng.randrange(40, 420, 10), public=True)


def _commerce(city: City, rng: Random, count: int) -> list[Polygon]:
    shapes = [shape for shape in city.land.of("商业服务业用地") if shape.area > 3000.0]
    return rng.sample(shapes, min(count, len(shapes)))


def _sidewalks(city: City) -> Iterator[SurveyRow]:
    """Both sides of most streets in stretches of at most 400 m, as surveyors write them down."""
    rng = stream("sidewalks", city.seed)
    shapely.prepare(whole := city.whole)
    for street in city.all_streets:
        if street.road_class not in SURVEYED or not street.public:
            continue
        for stretch in _stretches(street, whole):
            if rng.random() > _SURVEYED_SHARE:
                continue
            line = LineString(stretch)
            for side, away in (("左", 1.0), ("右", -1.0)):
                at = _beside(line, away * (street.offsets_m[0] + 9.0))
                row = SurveyRow(
                    street=street.name or "无名路",
                    side=side,
                    point=at,
                    length_m=round(line.length, 1),
                    width_m=rng.choice((1.5, 2.0, 2.0, 2.5, 2.5, 3.0, 3.0, 3.5, 4.0)),
                    continuous=rng.random() < 0.92,
                    obstructed=None if rng.random() < 0.01 else rng.random() < 0.1,
                    kerb_ramps=rng.random() < 0.9,
                )
                if shapely.contains(whole, shapely.Point(at)):
                    yield row


def _stretches(street: Street, whole: Polygon) -> Iterator[list[Point]]:
    """The street inside the city, cut after 400 m at the most."""
    stretch: list[Point] = []
    metres = 0.0
    for (a, b), inside in zip(pairwise(street.points), shapely.contains(whole, middles(street.points)), strict=True):
        if stretch and (not inside or metres + math.dist(a, b) > _STRETCH_M):
            yield stretch
            stretch, metres = [], 0.0
        if inside:
            stretch = [*stretch, b] if stretch else [a, b]
            metres += math.dist(a, b)
    if stretch:
        yield stretch


def _beside(line: LineString, away: float) -> Point:
    middle = np.array([line.interpolate(share, normalized=True).coords[0] for share in (0.49, 0.51)])
    way = middle[1] - middle[0]
    at = middle.mean(axis=0) + away * np.array([-way[1], way[0]]) / np.hypot(*way)
    return to_cm(*at)
