"""Where people live: residential land (居住用地) cut into cells with their area, persons and zone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes, ranges
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.shapes import layer_of, meets, shapes_of
from suizhou_geo.geometry.zonal import areal, common_area, cut_areas, dissolved
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area, population_parts

CELL_M = 50.0
PLACES = FINER = 3
BESIDE_M = 25.0
_HAIR = 1e-9
_MOST_SQUARES = 200_000  # held at once, before those are left out that nothing lies in
PersonsBy = Literal["floor_area", "land_area"]
Basis = Literal["residential_land", "residential_buildings", "zone_area"]


@dataclass(frozen=True, eq=False)
class Places:
    """3 x 3 places of each cell, in even rows over the box around it, and 3 x 3 finer ones on the ground of each.

    `finer_inside` (cells, places, finer places): which finer places lie in the cell. `xy`: the middle of these, where the
    place is. `low`, `step_m`: the box's south-western corner, and how far the places are apart, eastward and northward.
    """

    xy: Floats
    finer_inside: Bools
    low: Floats
    step_m: Floats

    @cached_property
    def weight(self) -> Ints:
        """On how many finer places each place has ground in the cell: it stands for its part of the cell."""
        weight: Ints = self.finer_inside.sum(axis=2)
        return weight

    @cached_property
    def inside(self) -> Bools:
        """The places that have ground in the cell."""
        return self.weight > 0

    @cached_property
    def width_m(self) -> Floats:
        """How wide the ground of each cell's places is: the root mean square of its two sides."""
        width: Floats = np.maximum(np.sqrt((self.step_m**2).mean(axis=1)), _HAIR)
        return width

    @property
    def blur_m(self) -> float:
        """How far the ground of a place reaches from its middle at most."""
        return float(self.width_m.max(initial=0.0)) / 2.0

    @cached_property
    def beside(self) -> Ints:
        """The pairs of places with ground in a cell, as positions in all places, that are within BESIDE_M of each other."""
        inside = np.flatnonzero(self.inside)
        pairs: Ints = inside[KDTree(self.xy.reshape(-1, 2)[inside]).query_pairs(BESIDE_M, output_type="ndarray")]
        return pairs

    def finer_xy(self, cell: Ints, place: Ints) -> Floats:
        """Where the finer places of some places are: (places, finer places, 2)."""
        step_m = self.step_m[cell]
        return _finer_xy(self.low[cell] + step_m * PLACES * _in_rows(PLACES)[place], step_m)


@dataclass(frozen=True, eq=False)
class Demand:
    """Residential land in cells, and what stood for it.

    `cells`: one row per piece of residential land inside a grid square and a zone, the grid starting at the south-western
    corner of the zones: `zone_id`, `zone` (its position in the zones), `area_m2`, `persons` (NaN
    where the study has no population), polygon. Persons of a zone who live where no residential land is mapped stand in
    rows of area_m2 0, so that persons add up to the zone's.
    `centre` of each cell, and `half_m`, the distance from it to the cell's farthest corner.
    `land`: the same land uncut by the grid, one row per connected piece and zone: `zone_id`, polygon.
    `basis`: "residential_land"; or, where none is mapped, or only such as the mapped dwellings contradict,
    "residential_buildings"; or, where there are none of those either, "zone_area". The basis stands in the profile of
    every measure that uses it.
    `persons_by`: how the persons of a population polygon were shared out over the homes in it: by "floor_area" where the
    buildings on (nearly) all homes have storeys, else by "land_area".
    `sure`: whether where the homes are is known: residential land, declared complete, that no dwellings contradict.
    """

    cells: gpd.GeoDataFrame
    centre: Shapes
    half_m: Floats
    land: gpd.GeoDataFrame
    basis: Basis
    persons_by: PersonsBy
    sure: bool

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Where the centres are."""
        return shapely.STRtree(self.centre)

    @cached_property
    def ground(self) -> shapely.STRtree:
        """Where the cells are."""
        return shapely.STRtree(self.cells.geometry.to_numpy())

    @cached_property
    def places(self) -> Places:
        """Where each cell is looked at along the streets."""
        return _places(self.cells.geometry.to_numpy(), self.centre)


@dataclass(frozen=True)
class Dwellings:
    """How many dwellings are mapped in the zones, and how many of them stand on residential land."""

    mapped: int
    on_land: int

    @property
    def contradict(self) -> bool:
        """Whether too few of them stand on residential land for it to be where people live (standards/bases.toml)."""
        rules = table("bases")["dwellings"]
        return bool(self.mapped >= rules["least_mapped"] and self.on_land < rules["least_share"] * self.mapped)


@per_area
def dwellings(area: StudyArea) -> Dwellings:
    """Count the mapped dwellings of the zones, each by its inner point, and those on residential land; none without land."""
    land = shapes_of(area.residential)
    if area.buildings is None or not meets(land, shapes_of(area.zones)).any():
        return Dwellings(0, 0)
    homes = shapely.point_on_surface(shapes_of(_homes(area.buildings)))
    homes = homes[meets(homes, shapes_of(area.zones))]
    return Dwellings(len(homes), int(meets(homes, land).sum()))


@per_area
def demand(area: StudyArea, *, cell_m: float = CELL_M) -> Demand:
    """Cut the residential land of the zones into cells and share the population out over them.

    Each population polygon's persons are first split over the zones by area, then, inside a zone, over the residential
    land in that polygon: by the floor area of the buildings on it (footprint x storeys), where they are known of nearly
    all of the land (standards/bases.toml), else by its own area (no persons on rivers, parks and factories).
    """
    land, basis = _residential_land(area)
    parts = cut_areas(dissolved(land), area.zones)
    shapes, part = _gridded(parts.geometry.to_numpy(), cell_m, corner=area.zones.total_bounds[:2])
    columns = {
        "zone_id": parts["zone_id"].to_numpy()[part],
        "zone": parts["zone"].to_numpy()[part],
        "area_m2": shapely.area(shapes),
        "persons": np.nan,
    }
    cells = layer_of(shapes, area.crs, columns)
    floor_m2 = _floor_m2(area, shapes)
    by_floor = _known_of_nearly_all(floor_m2, cells["area_m2"].to_numpy(), part)
    if area.population is not None:
        per_m2 = floor_m2 / cells["area_m2"].to_numpy() if by_floor else np.zeros(len(cells))
        finer = isinstance(area.population, Grid)
        cells = _with_persons(cells, population_parts(area), per_m2, cell_m=cell_m, finer=finer)
    whole = cells.geometry.to_numpy()
    centre = shapely.centroid(whole)
    return Demand(
        cells=cells,
        centre=centre,
        half_m=_farthest_corner_m(whole, centre),
        land=parts[["zone_id", "geometry"]],
        basis=basis,
        persons_by="floor_area" if by_floor else "land_area",
        sure=basis == "residential_land" and "residential" not in area.incomplete and not dwellings(area).contradict,
    )


def _farthest_corner_m(cells: Shapes, centre: Shapes) -> Floats:
    xy, cell = shapely.get_coordinates(cells, return_index=True)
    away = xy - shapely.get_coordinates(centre)[cell]
    farthest = np.zeros(len(cells))
    np.maximum.at(farthest, cell, np.hypot(*away.T))
    return farthest


def _residential_land(area: StudyArea) -> tuple[gpd.GeoDataFrame, Basis]:
    land = area.residential
    outlines = area.zones.geometry.to_numpy()
    if land is not None and (
        "residential" not in area.incomplete
        or (meets(outlines, shapes_of(land)).any() and not dwellings(area).contradict)
    ):
        return land, "residential_land"
    if area.buildings is not None:
        homes = _homes(area.buildings)
        if meets(outlines, shapes_of(homes)).any():
            return homes, "residential_buildings"
    return area.zones, "zone_area"


def _homes(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return buildings[buildings["residential"].eq(True).to_numpy(dtype=bool)]


def _places(cells: Shapes, centre: Shapes) -> Places:
    """Where each cell is looked at; at its centre where none of the finer places lies inside it."""
    low, high = np.split(shapely.bounds(cells), 2, axis=1)
    step_m = (high - low) / PLACES
    xy = low[:, None] + step_m[:, None] * PLACES * _in_rows(PLACES)
    inside = np.ones((len(cells), PLACES**2, FINER**2), dtype=bool)
    cut = np.flatnonzero(shapely.area(cells) < (1.0 - _HAIR) * (high - low).prod(axis=1))
    shapely.prepare(cells[cut])
    finer = _finer_xy(xy[cut], step_m[cut, None])
    inside[cut] = shapely.contains_xy(cells[cut, None, None], finer[..., 0], finer[..., 1])
    there = inside[cut].sum(axis=2)[..., None]
    xy[cut] = (finer * inside[cut][..., None]).sum(axis=2) / np.maximum(there, 1)
    nowhere = ~inside.any(axis=(1, 2))
    low[nowhere] = xy[nowhere, 0] = shapely.get_coordinates(centre[nowhere])
    step_m[nowhere], inside[nowhere, 0, 0] = 0.0, True
    return Places(xy, inside, low, step_m)


def _finer_xy(middle: Floats, step_m: Floats) -> Floats:
    return middle[..., None, :] + step_m[..., None, :] * (_in_rows(FINER) - 0.5)


def _in_rows(number: int) -> Floats:
    """Places in so many even rows over a square of side 1."""
    across = (np.arange(number) + 0.5) / number
    return np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)  # eastward, northward


def _gridded(shapes: Shapes, cell_m: float, *, corner: Floats) -> tuple[Shapes, Ints]:
    """Cut polygons by a square grid from a corner; return the pieces and, for each, the position of its polygon."""
    bounds = shapely.bounds(shapes) - np.tile(corner, 2)
    first, last = np.floor(bounds[:, :2] / cell_m).astype(int), np.ceil(bounds[:, 2:] / cell_m).astype(int)
    number = (last - first).prod(axis=1)
    shapely.prepare(shapes)
    pieces: list[Shapes] = [np.empty(0, dtype=object)]
    owners: list[Ints] = [np.empty(0, dtype=np.int64)]
    chunk = np.cumsum(number) // _MOST_SQUARES
    for some in np.split(np.arange(len(shapes)), np.flatnonzero(np.diff(chunk)) + 1):
        owner = np.repeat(some, number[some])
        place = ranges(np.zeros(len(some), dtype=np.int64), number[some])
        line, column = np.divmod(place, (last - first)[owner, 0])
        x, y = corner[:, None] + (first[owner].T + np.stack([column, line])) * cell_m
        squares = shapely.box(x, y, x + cell_m, y + cell_m)
        there = shapely.intersects(shapes[owner], squares)
        squares, owner = squares[there], owner[there]
        cut = ~shapely.covers(shapes[owner], squares)
        squares[cut] = areal(shapely.intersection(shapes[owner[cut]], squares[cut]))
        kept = shapely.area(squares) > 0
        pieces.append(squares[kept])
        owners.append(owner[kept])
    return np.concatenate(pieces), np.concatenate(owners)


def _floor_m2(area: StudyArea, cells: Shapes) -> Floats:
    """The floor area on each cell, footprint x storeys, of buildings that are not said to be no homes."""
    if area.buildings is None:
        return np.zeros(len(cells))
    levels = area.buildings["levels"].to_numpy(dtype=float)
    known = np.isfinite(levels) & (levels > 0) & area.buildings["residential"].ne(False).to_numpy(dtype=bool)
    footprints, levels = area.buildings.geometry.to_numpy()[known], levels[known]
    building, cell = shapely.STRtree(cells).query(footprints, predicate="intersects")
    common_m2 = shapely.area(shapely.intersection(footprints[building], cells[cell]))
    floor_m2: Floats = np.bincount(cell, weights=common_m2 * levels[building], minlength=len(cells)).astype(float)
    return floor_m2


def _known_of_nearly_all(floor_m2: Floats, area_m2: Floats, piece: Ints) -> bool:
    """Whether floor area is known on so much of the land (in whole pieces) that persons can be shared out by it."""
    if not floor_m2.any():
        return False
    land_m2, floors_m2 = np.bincount(piece, weights=area_m2), np.bincount(piece, weights=floor_m2)
    return bool(land_m2[floors_m2 > 0].sum() >= table("bases")["floors"]["least_share"] * land_m2.sum())


def _in_squares(parts: gpd.GeoDataFrame, side_m: float) -> gpd.GeoDataFrame:
    """Put the persons of parts of a zone whose middles lie in one square together: one row with the box around them."""
    shapes = parts.geometry.to_numpy()
    square = np.floor(shapely.get_coordinates(shapely.centroid(shapes)) / side_m).astype(int)
    place = parts.assign(x=square[:, 0], y=square[:, 1]).groupby(["zone", "x", "y"], sort=False).ngroup().to_numpy()
    bounds = pd.DataFrame(shapely.bounds(shapes)).groupby(place).agg({0: "min", 1: "min", 2: "max", 3: "max"})
    first = parts.loc[~pd.Series(place, index=parts.index).duplicated()]
    persons = np.bincount(place, weights=parts["persons"].to_numpy())
    return first.assign(persons=persons).set_geometry(shapely.box(*bounds.to_numpy().T), crs=parts.crs)


def _with_persons(
    cells: gpd.GeoDataFrame, parts: gpd.GeoDataFrame, floor_per_m2: Floats, *, cell_m: float, finer: bool
) -> gpd.GeoDataFrame:
    """Share the persons of each population part (one zone, one population polygon) over the cells of its zone.

    By floor area where there is any in the part, else by land. Who lives where no residential land is mapped stands there
    as the population has it; where that is `finer` than may be looked at one by one, in squares of `cell_m`.
    """
    there = parts["persons"].to_numpy()
    shapes, ground = cells.geometry.to_numpy(), parts.geometry.to_numpy()
    cell, part = shapely.STRtree(ground).query(shapes, predicate="intersects")
    same = cells["zone"].to_numpy()[cell] == parts["zone"].to_numpy()[part]
    cell, part = cell[same], part[same]
    common_m2 = common_area(shapes, ground, cell, part)
    land_m2 = np.bincount(part, weights=common_m2, minlength=len(ground))
    placed = common_m2 > 0
    cell, part, common_m2 = cell[placed], part[placed], common_m2[placed]
    floor_m2 = np.bincount(part, weights=common_m2 * floor_per_m2[cell], minlength=len(ground))
    share = np.where(
        floor_m2[part] > 0,
        common_m2 * floor_per_m2[cell] / np.where(floor_m2 > 0, floor_m2, 1.0)[part],
        common_m2 / land_m2[part],
    )
    cells = cells.assign(persons=np.bincount(cell, weights=there[part] * share, minlength=len(cells)))
    homeless = (land_m2 == 0) & (there > 0)
    elsewhere = gpd.GeoDataFrame(
        {
            "zone_id": parts["zone_id"].to_numpy()[homeless],
            "zone": parts["zone"].to_numpy()[homeless],
            "area_m2": 0.0,
            "persons": there[homeless],
        },
        geometry=ground[homeless],
        crs=cells.crs,
    )
    if finer:
        elsewhere = _in_squares(elsewhere, cell_m)
    return cells if elsewhere.empty else pd.concat([cells, elsewhere], ignore_index=True)
