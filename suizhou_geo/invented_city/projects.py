"""The projects of a ready scenario: the plan's three dead ends opened, a park and a school where they are missing the most."""

from __future__ import annotations

from typing import Any, NamedTuple

import shapely
from shapely import LineString

from suizhou_geo.invented_city.blocks import COUNTED
from suizhou_geo.invented_city.city import City, DeadEnd
from suizhou_geo.invented_city.points import Point, box_round, point_inside, to_cm

NAMED = ("裕民大道", "文化二路", "汉东东路")  # the streets of the dead ends that the plan names
RESERVE = "留白用地"
_PARK_M, _REACH_M = 100.0, 500.0
_SCHOOL, _PUPILS = "primary_school", 1080


class Project(NamedTuple):
    """A project as a row of a file: its name, the layer it is added to, its shape, and the columns of that layer."""

    name: str
    layer: str
    shape: shapely.Geometry
    columns: dict[str, Any]


def projects(city: City) -> list[Project]:
    """The projects of the city, none of which stands there yet: five, where each of the named streets has a dead end."""
    opened = [_opened(city, street) for street in NAMED if any(end.street == street for end in city.dead_ends)]
    park = _where_most_is_missing(city, [park.shape for park in city.land.parks])
    school = _where_most_is_missing(city, list(city.sites(_SCHOOL)))
    return [
        *opened,
        Project("新建公园", "parks", box_round(park, _PARK_M, _PARK_M), {"kind": "park"}),
        Project("新建小学", "facilities", shapely.Point(school), {"category": _SCHOOL, "capacity": _PUPILS}),
    ]


def _opened(city: City, street: str) -> Project:
    """The link that opens a dead end: to its counterpart, or straight to the nearest street, across the water ahead if any."""
    first, *others = (end for end in city.dead_ends if end.street == street)
    line = LineString([first.point, others[0].point]) if others else _onward(city, first)
    on_a_bridge = first.barrier != "wall"  # a wall is opened instead
    return Project(
        f"打通{street}",
        "roads",
        line,
        {"road_class": first.road_class, "bridge": on_a_bridge, "crosses": not on_a_bridge},
    )


def _onward(city: City, end: DeadEnd) -> LineString:
    """The shortest way from a dead end to another street that counts: of those there are across the water ahead of it."""
    streets = [s.line for s in city.streets if s.public and s.road_class in COUNTED and s.name != end.street]
    ways = shapely.shortest_line(shapely.Point(end.point), streets)
    across = [
        way
        for water in city.waters
        if water.name == end.barrier_name
        for way in ways[shapely.intersects(ways, water.line)]
    ]
    nearest = min(across or list(ways), key=shapely.length)
    return LineString([end.point, to_cm(*shapely.get_coordinates(nearest)[-1])])


def _where_most_is_missing(city: City, there: list[shapely.Geometry]) -> Point:
    """The reserve land with the most homes round it that none of what is there reaches."""
    missing = city.residential_land.difference(shapely.union_all(shapely.buffer(there, _REACH_M)))
    places = [point_inside(tile.shape) for tile in city.land.tiles if tile.land_class == RESERVE]
    return max(places, key=lambda place: missing.intersection(shapely.Point(place).buffer(_REACH_M)).area)
