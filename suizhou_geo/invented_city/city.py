"""The nouns of the invented city: streets as centrelines, blocks of land, parks, facilities, people on a grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

import numpy as np
import shapely
from shapely import LineString, Polygon

from suizhou_geo.geometry.arrays import Floats, Ints, Shapes
from suizhou_geo.invented_city.points import Point

Node = tuple[Point, int]
"""A point of a street and its level: where streets cross without meeting, each has a node of its own."""


@dataclass(frozen=True)
class Street:
    """One stretch of street as its centreline, before it is drawn as one or more carriageways.

    `half_gap_m` above zero means two one-way carriageways that far either side of the centreline, `side_road_m` side
    roads (辅路) that far out. `public` is false for the inner ways of a compound, which no road density counts.
    `crosses` says which barriers ("river", "rail") the street may cross; `cul_de_sac` marks a short street that ends
    by intention.
    """

    name: str | None
    road_class: str
    points: tuple[Point, ...]
    half_gap_m: float = 0.0
    side_road_m: float = 0.0
    highway: str = ""
    crosses: frozenset[str] = frozenset()
    plant: bool = False
    oneway: bool = False
    public: bool = True
    cul_de_sac: bool = False

    @property
    def private(self) -> bool:
        """Whether it is one of the ways of a compound that are closed to the public."""
        return not self.public and self.road_class == "service"

    @property
    def offsets_m(self) -> tuple[float, ...]:
        """The carriageways, as offsets to the left of the centreline; (0.0,) for one two-way line."""
        if not self.half_gap_m:
            return (0.0,)
        if self.side_road_m:
            return (self.side_road_m, self.half_gap_m, -self.half_gap_m, -self.side_road_m)
        return (self.half_gap_m, -self.half_gap_m)

    @property
    def line(self) -> LineString:
        """The centreline."""
        return LineString(self.points)

    @property
    def ends(self) -> tuple[Point, Point]:
        """Where it begins and where it ends."""
        return self.points[0], self.points[-1]


@dataclass(frozen=True)
class Water:
    """A river or stream: its line, its width, and how far either side nothing is built (`corridor_m`)."""

    name: str
    line: LineString
    width_m: float
    corridor_m: float


@dataclass(frozen=True)
class Railway:
    """A railway: its line, and whether it runs on a viaduct, under which streets pass freely."""

    name: str
    line: LineString
    viaduct: bool


@dataclass(frozen=True)
class DeadEnd:
    """A street of class branch or above that stops at a barrier: where, and at which."""

    point: Point
    street: str | None
    road_class: str
    barrier: str
    barrier_name: str


@dataclass(frozen=True)
class Link:
    """The planted best missing link: its two ends, and the country `beyond` the northern one that it would open up."""

    street: str
    south: Point
    north: Point
    beyond: Polygon


@dataclass(frozen=True)
class Zone:
    """A reporting zone (片区) of the city."""

    zone_id: str
    name: str
    role: str
    outline: Polygon

    def part_of(self, cells: Shapes) -> tuple[Ints, Shapes]:
        """Which of some cells lie in it, be it in part, and what of each does."""
        shapely.prepare(self.outline)
        mine = np.flatnonzero(shapely.intersects(self.outline, cells))
        ground = cells[mine]
        cut = ~shapely.contains(self.outline, ground)
        ground[cut] = shapely.intersection(ground[cut], self.outline)
        return mine, ground


@dataclass(frozen=True)
class Tile:
    """A piece of land of one use; the tiles of all zones fill the city without gap or overlap."""

    land_class: str
    construction: bool
    zone_id: str
    shape: Polygon


@dataclass(frozen=True)
class Park:
    """A park polygon as mapped; pieces of one park are separate polygons with the same name."""

    name: str
    shape: Polygon
    kind: str = "park"
    public: bool = True
    historic: bool = False


@dataclass(frozen=True)
class Facility:
    """One facility at a point."""

    category: str
    name: str
    point: Point
    capacity: int | None = None


@dataclass(frozen=True)
class Walkway:
    """A way for people on foot only."""

    points: tuple[Point, ...]
    highway: str = "footway"
    name: str | None = None
    bridge: bool = False


@dataclass(frozen=True)
class PopulationGrid:
    """Whole persons on cells of `cell_m`; row 0 is the north, NaN is nodata; `west`, `north` is the outer corner."""

    west: float
    north: float
    cell_m: float
    persons: Floats

    def lived_in(self) -> tuple[Shapes, Floats]:
        """The cells where somebody lives, and the persons in each."""
        row, column = np.nonzero(self.persons > 0)
        west, south = self.west + column * self.cell_m, self.north - (row + 1) * self.cell_m
        return shapely.box(west, south, west + self.cell_m, south + self.cell_m), self.persons[row, column]


@dataclass(frozen=True)
class Land:
    """What stands between the streets."""

    tiles: tuple[Tile, ...]
    residential: tuple[tuple[str, Polygon], ...]
    parks: tuple[Park, ...]
    historic: tuple[tuple[str, Polygon], ...]
    walkways: tuple[Walkway, ...]
    compounds: tuple[tuple[str, Polygon], ...] = ()
    inner_streets: tuple[Street, ...] = ()
    buildings: tuple[tuple[str, Polygon], ...] = ()

    @property
    def homes(self) -> list[Polygon]:
        """The residential land, block by block."""
        return [shape for _, shape in self.residential]

    def of(self, *land_classes: str) -> list[Polygon]:
        """The tiles of some classes of land."""
        return [tile.shape for tile in self.tiles if tile.land_class in land_classes]


@dataclass(frozen=True)
class Community:
    """A community (居委会辖区) and what its register of complete communities says, item by item; None is not said."""

    name: str
    zone_id: str
    shape: Polygon
    households: int
    advanced: bool
    items: tuple[bool | None, ...]


@dataclass(frozen=True)
class Monument:
    """An entry in the list of historic quarters ("district") and historic buildings ("building")."""

    name: str
    kind: str
    shape: Polygon
    announced: bool
    plaque: bool


@dataclass(frozen=True)
class Spot:
    """A number at a point: chargers of a site, spaces of a car park, jobs at a workplace. `unit` where it has one."""

    name: str
    point: Point
    number: int
    public: bool | None = None
    unit: str = ""


@dataclass(frozen=True)
class Centre:
    """The main centre of the city, or the seat of a county."""

    name: str
    kind: str
    point: Point


@dataclass(frozen=True)
class SurveyRow:
    """One side of a stretch of street in the survey of sidewalks; None is not tested."""

    street: str
    side: str
    point: Point
    length_m: float
    width_m: float
    continuous: bool
    obstructed: bool | None
    kerb_ramps: bool


@dataclass(frozen=True)
class Registers:
    """What the offices of the city keep lists of."""

    communities: tuple[Community, ...] = ()
    development_zones: tuple[tuple[str, Polygon], ...] = ()
    greenways: tuple[tuple[str, LineString], ...] = ()
    monuments: tuple[Monument, ...] = ()
    workplaces: tuple[Spot, ...] = ()
    centres: tuple[Centre, ...] = ()
    chargers: tuple[Spot, ...] = ()
    car_parks: tuple[Spot, ...] = ()
    sidewalks: tuple[SurveyRow, ...] = ()


@dataclass(frozen=True, eq=False)
class Ground:
    """Everything that streets are laid around, and the streets themselves.

    `separated` are the points where streets cross on two levels, `roundabouts` and `slips` those where they meet in a
    circle or with a lane for turning right.
    """

    outline: Polygon
    streets: tuple[Street, ...]
    borders: Mapping[str, LineString]
    waters: tuple[Water, ...]
    railways: tuple[Railway, ...]
    dead_ends: tuple[DeadEnd, ...]
    best_link: Link
    separated: frozenset[Point]
    roundabouts: frozenset[Point]
    slips: frozenset[Point]

    @property
    def rivers(self) -> tuple[Water, ...]:
        """The waters that are rivers, not streams."""
        return self.waters[:3]


@dataclass(frozen=True, eq=False)
class City(Ground):
    """The whole invented city, before anything of it is drawn or measured."""

    seed: int
    zones: tuple[Zone, ...]
    land: Land
    facilities: tuple[Facility, ...]
    population: PopulationGrid
    registers: Registers = Registers()

    @cached_property
    def whole(self) -> Polygon:
        """All zones as one."""
        return shapely.union_all([zone.outline for zone in self.zones])

    @property
    def all_streets(self) -> tuple[Street, ...]:
        """Streets and the inner ways of the land between them."""
        return (*self.streets, *self.land.inner_streets)

    @cached_property
    def residential_land(self) -> shapely.Geometry:
        """The residential land inside the zones, as one."""
        return shapely.union_all(self.land.homes).intersection(self.whole)

    def sites(self, *categories: str) -> Shapes:
        """The points of the facilities of some categories."""
        return np.array([shapely.Point(f.point) for f in self.facilities if f.category in categories], object)


def stream(purpose: str, seed: int) -> Random:
    """Chance for one purpose of one seed, so that a change in one part of the city leaves the others as they were."""
    return Random(f"{purpose}-{seed}")  # noqa: S311 -- not for secrets


def points_of(streets: Iterable[Street], name: str) -> set[Point]:
    """The points of all streets of one name."""
    return {p for street in streets if street.name == name for p in street.points}


def nodes(streets: Sequence[Street], separated: frozenset[Point]) -> list[list[Node]]:
    """The points of each street with their levels: above ground where it crosses others without meeting them."""
    return [[(p, n if p in separated else 0) for p in s.points] for n, s in enumerate(streets, start=1)]
