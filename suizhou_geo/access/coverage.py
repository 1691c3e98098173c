"""Coverage: the share of residential land, or of the people on it, within reach of something.

Coverage = size(R ∩ ∪ S) / size(R): R the residential land, S the service areas, overlaps counted once. The
straight-line variant is exact to the square metre. The along-the-street variant measures the way from 3 x 3 places in
each cell of residential land, and from 3 x 3 finer ones in each place on the rim of a service that few homes are near;
each place counts with the part of its ground that lies in reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas.array import from_shapely

from suizhou_geo.access.demand import BESIDE_M, FINER, PLACES, Demand, Places, demand
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.geometry.zonal import areal, by_zone
from suizhou_geo.streets.entrances import entrances, legs, on, only_across
from suizhou_geo.streets.network import (
    MAX_LEG_M,
    Positions,
    Reached,
    StreetNetwork,
    reached,
    walking_network,
)
from suizhou_geo.study_area import StudyArea, per_area

Reach = Literal["straight_line", "street"]
Of = Literal["land", "persons"]
REACHES: tuple[str, ...] = get_args(Reach)
OFS: tuple[str, ...] = get_args(Of)
QUAD_SEGS = 32
CLOSER_BELOW_HA = 200.0
CLOSER_PARAMS = {
    "closer_below_ha": CLOSER_BELOW_HA,
    "closer_places_per_cell": (PLACES * FINER) ** 2,
    "closer_beside_m": BESIDE_M,
}

_PARTS = pd.array(
    ["elsewhere_covered", "elsewhere_uncovered", "covered", "partly_covered", "uncovered", "service_area"], dtype="str"
)
_SERVICE_AREA = 5


@dataclass(frozen=True, eq=False)
class Supply:
    """What serves: the shapes, and how far each one reaches (metres)."""

    shapes: Shapes
    radius_m: Floats


@dataclass(frozen=True, eq=False)
class Covered:
    """What is covered of each demand cell: the `share` of it (0-1), and the covered `part` where 0 < share < 1.

    Along the streets, the `shares` covered of the ground of its places (`Demand.places`) stand instead of a part.
    """

    share: Floats
    part: dict[int, shapely.Geometry]
    shares: Floats | None = None


def covered_straight(homes: Demand, supply: Supply) -> Covered:
    """Cover cells by circles, or by strips along the outlines of sites, of each shape's own radius: exact areas.

    A cell wholly nearer than the radius is covered and one wholly farther is not; only cells on the rim are cut.
    """
    centre, half_m = homes.centre, homes.half_m
    share = np.zeros(len(centre))
    rim: list[tuple[Ints, Shapes]] = []
    for radius_m in np.unique(supply.radius_m).tolist():
        shapes = supply.shapes[supply.radius_m == radius_m]
        reach = service_areas(shapes, radius_m)
        place, cell = homes.ground.query(reach)
        near_m = shapely.distance(centre[cell], shapes[place])
        share[cell[near_m + half_m[cell] <= radius_m]] = 1.0
        on_rim = (share[cell] < 1.0) & (near_m - half_m[cell] < radius_m)
        rim.append((cell[on_rim], reach[place[on_rim]]))
    return _with_rims(homes.cells.geometry.to_numpy(), share, rim)


def service_areas(shapes: Shapes, radius_m: float, *, quad_segs: int = QUAD_SEGS) -> Shapes:
    """Buffers round shapes; round a point, the polygon has exactly the area of the circle."""
    steps = 4 * quad_segs
    equal_area = np.sqrt(2.0 * np.pi / (steps * np.sin(2.0 * np.pi / steps)))
    radii = np.where(shapely.get_dimensions(shapes) == 0, radius_m * equal_area, radius_m)
    buffers: Shapes = shapely.buffer(shapes, radii, quad_segs=quad_segs)
    return buffers


def covered_on_foot(area: StudyArea, supply: Supply) -> tuple[Covered, Covered]:
    """Cover what lies within the radius of each shape along streets and paths, legs from doors to streets included.

    Returns what is covered, and the most that may be: where ways lead across barriers without a bridge, too (see
    `walking_network`), and who is on no street is beside a shape.
    """
    network, uncut = walking_network(area), walking_network(area, across=True)
    homes, farthest_m = demand(area), float(supply.radius_m.max(initial=0.0))
    doors = doors_on_foot(area, tuple(supply.shapes))
    handicap_m = (farthest_m - supply.radius_m)[doors.owner]  # of what reaches less far than the others
    doors = replace(doors, leg_m=doors.leg_m + handicap_m)
    most = reached(uncut, doors, limit_m=farthest_m + homes.places.blur_m)
    might = covered = _closely_covered(homes, supply, most, places_on(area, uncut))
    if most.segments[only_across(network, uncut)].any():
        reach = reached(network, on(network, doors), limit_m=most.limit_m)
        covered = _closely_covered(homes, supply, reach, places_on_foot(area))
    if not len(supply.shapes):
        return covered, covered
    return covered, covered_any(homes, [covered, might, off_foot(area)])


@per_area
def doors_on_foot(area: StudyArea, shapes: tuple[shapely.Geometry, ...]) -> Positions:
    """The `entrances` of shapes from the walking network with what was cut at barriers."""
    return entrances(walking_network(area, across=True), np.array(shapes, dtype=object), shapes_of(area.gates))


def homes_on_foot(area: StudyArea, *, across: bool = False) -> Positions:
    """The legs from the centres of the demand cells to the walking network (see `walking_network`)."""
    return _homes_on(area, walking_network(area, across=across))


@per_area
def _homes_on(area: StudyArea, network: StreetNetwork) -> Positions:
    centre = demand(area).centre
    return legs(network, centre, np.arange(len(centre)))


@per_area
def places_on_foot(area: StudyArea) -> Positions:
    """The legs from the places of the demand cells to the walking network."""
    return on(walking_network(area), places_on(area, walking_network(area, across=True)))


@per_area
def places_on(area: StudyArea, network: StreetNetwork, *, max_leg_m: float = MAX_LEG_M) -> Positions:
    """The legs from the places inside the demand cells (owner: cell by cell) to a network."""
    places = demand(area).places
    inside = np.flatnonzero(places.inside)
    xy = places.xy.reshape(-1, 2)[inside]
    return legs(network, shapely.points(xy), np.arange(len(inside)), max_leg_m=max_leg_m).of(inside)


def on_no_street(homes: Demand, places: Positions) -> Covered:
    """The places of the cells that have no leg to any street."""
    off = homes.places.inside.astype(float)
    off.ravel()[places.owner] = 0.0
    return covered_places(homes, off)


@per_area
def off_foot(area: StudyArea) -> Covered:
    """The places of the cells that have no leg to any street or path on foot."""
    return on_no_street(demand(area), places_on_foot(area))


def covered_by_street(
    homes: Demand, network: StreetNetwork, doors: Positions, places: Positions, radius_m: float
) -> Covered:
    """Cover the places that lie within a radius of some doors along a network, legs included."""
    reach = reached(network, doors, limit_m=radius_m + homes.places.blur_m)
    return covered_in_reach(homes, reach, places, radius_m)


def covered_in_reach(homes: Demand, reach: Reached, places: Positions, radius_m: float) -> Covered:
    """Cover of the ground of each place what lies within a radius along a network, legs included."""
    return covered_places(homes, _shares_in_reach(homes, reach, places, radius_m))


def _closely_covered(homes: Demand, supply: Supply, reach: Reached, places: Positions) -> Covered:
    """The same within the farthest radius of a supply; where few homes are near, the rim is looked at in finer places."""
    radius_m = float(supply.radius_m.max(initial=0.0))
    shares = _shares_in_reach(homes, reach, places, radius_m)
    covered = covered_places(homes, shares)
    if not _few_homes_near(homes, supply, covered):
        return covered
    return covered_places(homes, _looked_closer(homes, reach, shares, radius_m))


def _shares_in_reach(homes: Demand, reach: Reached, places: Positions, radius_m: float) -> Floats:
    inside = homes.places.inside
    distance_m = reach.distance_m(places, count=inside.size).reshape(inside.shape)
    return within(radius_m, distance_m, homes.places.width_m[:, None])


def within(radius_m: float, distance_m: Floats, width_m: Floats) -> Floats:
    """How much of the ground around places lies within a radius: it is as much nearer on one side as farther on the other."""
    share: Floats = np.clip(0.5 + (radius_m - distance_m) / width_m, 0.0, 1.0)
    return share


def _few_homes_near(homes: Demand, supply: Supply, covered: Covered) -> bool:
    """Whether so little residential land lies within the radii, straight, that the rim of what is `covered` weighs much."""
    area_m2 = homes.cells["area_m2"].to_numpy()
    if area_m2[covered.share >= 1.0].sum() >= CLOSER_BELOW_HA * 1e4:  # what is reached along streets is near, straight
        return False
    return few_homes_near(homes, supply)


def few_homes_near(homes: Demand, supply: Supply) -> bool:
    """Whether less than CLOSER_BELOW_HA (200 ha) of residential land lies within the radii of a supply, straight."""
    area_m2 = homes.cells["area_m2"].to_numpy()
    near = homes.tree.query(supply.shapes, predicate="dwithin", distance=supply.radius_m)[1]
    return bool(area_m2[np.unique(near)].sum() < CLOSER_BELOW_HA * 1e4)


def _looked_closer(homes: Demand, reach: Reached, shares: Floats, radius_m: float) -> Floats:
    """The shares of all places, those of the places on the rim found at the finer places."""
    places = homes.places
    rim = _rim(places, shares)
    cell, place = np.nonzero(rim)
    inside = places.finer_inside[rim]
    points = shapely.points(places.finer_xy(cell, place)[inside])
    most_m = min(MAX_LEG_M, reach.limit_m)  # a longer leg leads out of reach
    at = legs(reach.network, points, np.arange(len(points)), max_leg_m=most_m)
    width_m = np.broadcast_to(places.width_m[cell, None] / FINER, inside.shape)[inside]
    finer = np.zeros(inside.shape)
    finer[inside] = within(radius_m, reach.distance_m(at, count=len(points)), width_m)
    closer = shares.copy()
    closer[rim] = finer.sum(axis=1) / inside.sum(axis=1)
    return closer


def _rim(places: Places, shares: Floats) -> Bools:
    """The places that are partly covered, or covered otherwise than one beside them."""
    rim: Bools = places.inside & (shares > 0.0) & (shares < 1.0)
    one, beside = places.beside.T
    otherwise = shares.ravel()[one] != shares.ravel()[beside]
    rim.ravel()[[one[otherwise], beside[otherwise]]] = True
    return rim


def covered_places(homes: Demand, shares: Floats) -> Covered:
    """Cover a share of the ground of each place inside each cell."""
    weight = homes.places.weight
    return Covered(share=(weight * shares).sum(axis=1) / weight.sum(axis=1), part={}, shares=shares)


def covered_all(homes: Demand, covers: list[Covered]) -> Covered:
    """Cover what every one of several covers: exact intersections on the rims."""
    return _combined(homes, covers, np.min, shapely.intersection_all, settled=0.0)


def covered_any(homes: Demand, covers: list[Covered]) -> Covered:
    """Cover what at least one of several covers."""
    return _combined(homes, covers, np.max, shapely.union_all, settled=1.0)


def _combined(
    homes: Demand, covers: list[Covered], most: Callable[..., Floats], cut: Callable[..., Any], *, settled: float
) -> Covered:
    shares = [c.shares for c in covers if c.shares is not None]
    if shares:
        return covered_places(homes, most(shares, axis=0))
    cells = homes.cells.geometry.to_numpy()
    share = most([c.share for c in covers], axis=0) if covers else np.zeros(len(cells))
    part: dict[int, shapely.Geometry] = {}
    for cell in sorted({cell for c in covers for cell in c.part}):
        if share[cell] != settled:
            part[cell] = areal(np.array([cut([c.part[cell] for c in covers if cell in c.part])]))[0]
            share[cell] = part[cell].area / cells[cell].area
    return Covered(share=share, part=part)


def coverage_by_zone(area: StudyArea, share: Floats, *, of: Of) -> tuple[float, pd.Series, pd.Series]:
    """The share covered for the whole, per zone, and the denominators per zone (hectares of land, or persons).

    NaN where there is no residential land, or nobody, to cover.
    """
    zone, weight, whole = _to_cover(area, of)
    whole_of_zone = whole.to_numpy()
    reached_of_zone = np.bincount(zone, weights=weight * share, minlength=len(whole))
    there = whole_of_zone > 0
    zones = np.full(len(whole), np.nan)
    zones[there] = reached_of_zone[there] / whole_of_zone[there]
    total = float(whole_of_zone.sum())
    value = float(reached_of_zone.sum() / total) if total > 0 else np.nan
    return value, pd.Series(zones, index=whole.index), whole


@per_area
def _to_cover(area: StudyArea, of: Of) -> tuple[Ints, Floats, pd.Series]:
    """The zone of each demand cell, its hectares or persons, and how many each zone has."""
    cells = demand(area).cells
    zone = cells["zone"].to_numpy()
    weight = cells["area_m2"].to_numpy() / 1e4 if of == "land" else cells["persons"].to_numpy()
    return zone, weight, by_zone(weight, zone, area.zones)


def coverage_evidence(
    area: StudyArea, share: Floats, *, service_area: shapely.Geometry | None = None
) -> gpd.GeoDataFrame:
    """The map behind a coverage: the cells of residential land with the share of each that is covered.

    Columns: `part` (covered, partly_covered, uncovered), `zone_id`, `covered_share`, `area_ha`, `persons`, polygon. Rows of
    no area hold the persons who live where no residential land is mapped: `part` "elsewhere_covered" where all of the
    ground they live on is covered, else "elsewhere_uncovered". The last row is the `service_area`, where it is given.
    """
    cells = demand(area).cells
    elsewhere = cells["area_m2"].to_numpy() == 0
    part = np.select([elsewhere & (share >= 1.0), elsewhere, share >= 1.0, share > 0.0], [0, 1, 2, 3], default=4)
    if service_area is None:
        return _unjudged(area).assign(part=_PARTS.take(part), covered_share=share)
    shapes = np.append(cells.geometry.to_numpy(), service_area)
    return _unjudged(area, and_service_area=True).assign(
        part=_PARTS.take(np.append(part, _SERVICE_AREA)),
        covered_share=np.append(share, np.nan),
        geometry=from_shapely(shapes, crs=area.crs),
    )


@per_area
def _unjudged(area: StudyArea, *, and_service_area: bool = False) -> gpd.GeoDataFrame:
    """The cells as evidence of a coverage, before it is known what of them is covered; a row more for a service area."""
    cells = demand(area).cells
    columns = ["part", "zone_id", "covered_share", "area_ha", "persons", "geometry"]
    unjudged = cells.assign(part="", covered_share=np.nan, area_ha=cells["area_m2"] / 1e4)[columns]
    return unjudged.reindex(range(len(unjudged) + 1)) if and_service_area else unjudged


def cut_evidence(area: StudyArea, share: Floats, reach: shapely.Geometry) -> gpd.GeoDataFrame:
    """The same drawn exactly: per zone the residential land inside a straight-line service area, and outside it.

    Columns: `part` (covered, uncovered, service_area), `zone_id` (empty for the service area), `area_ha`, `persons`. Persons
    who live where no residential land is mapped stand in rows of no area: "elsewhere_covered", "elsewhere_uncovered".
    """
    homes = demand(area)
    zone = homes.cells["zone"].to_numpy()
    land_ha, people = homes.cells["area_m2"].to_numpy() / 1e4, homes.cells["persons"].to_numpy()
    ground, elsewhere = homes.cells.geometry.to_numpy(), land_ha == 0
    shapely.prepare(reach)
    rows: list[tuple[str, str, float, float, shapely.Geometry]] = []
    for part, weight in (("covered", share), ("uncovered", 1.0 - share)):
        area_ha = by_zone(weight * land_ha, zone, area.zones)
        persons = by_zone(np.where(elsewhere, 0.0, weight * people), zone, area.zones)
        others = by_zone(np.where(elsewhere, weight * people, 0.0), zone, area.zones)
        for k in np.flatnonzero(others.to_numpy() > 0):
            there = shapely.union_all(ground[elsewhere & (zone == k) & (weight > 0)])
            rows.append((f"elsewhere_{part}", str(others.index[k]), 0.0, float(others.iloc[k]), there))
        for zone_id, land in homes.land.groupby("zone_id").geometry:
            shape = _cut(land.to_numpy(), reach, inside=part == "covered")
            if not shape.is_empty:
                rows.append((part, str(zone_id), float(area_ha[zone_id]), float(persons[zone_id]), shape))
    if not reach.is_empty:
        rows.append(("service_area", "", reach.area / 1e4, np.nan, reach))
    columns = ("part", "zone_id", "area_ha", "persons", "geometry")
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=area.crs)


def reach_of(supply: Supply, *, quad_segs: int = QUAD_SEGS) -> shapely.Geometry:
    """The straight-line service area of a supply: the union of all its buffers."""
    buffers = [
        service_areas(supply.shapes[supply.radius_m == r], float(r), quad_segs=quad_segs)
        for r in np.unique(supply.radius_m)
    ]
    return shapely.union_all(np.concatenate([np.empty(0, dtype=object), *buffers]))


def _cut(land: Shapes, reach: shapely.Geometry, *, inside: bool) -> shapely.Geometry:
    """The part of separate pieces of land inside `reach`, or outside it, as one shape; only border pieces are cut."""
    whole, touched = shapely.covers(reach, land), shapely.intersects(reach, land)
    kept = land[whole] if inside else land[~touched]
    border = shapely.multipolygons(shapely.get_parts(land[touched & ~whole]))
    cut = shapely.intersection(border, reach) if inside else shapely.difference(border, reach)
    parts = shapely.get_parts(np.r_[kept, np.array([cut])])
    parts = shapely.get_parts(parts)
    return shapely.multipolygons(parts[(shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts)])


def open_range(area: StudyArea, value: float, *, supply: tuple[str, ...], of: Of) -> tuple[float, float]:
    """What incomplete data leaves open of a coverage.

    More of the `supply` layers can only raise it; homes that are not mapped, or for which something stands in, can lie
    in reach or out of it and leave it all open, and so can persons who are not counted.
    """
    if not np.isfinite(value):
        return np.nan, np.nan
    if not demand(area).sure or (of == "persons" and "population" in area.incomplete):
        return 0.0, 1.0
    return value, 1.0 if set(supply) & area.incomplete else value


def _with_rims(cells: Shapes, share: Floats, rims: list[tuple[Ints, Shapes]]) -> Covered:
    """Cut the cells that no radius covers whole by the service areas that touch them."""
    cell = np.concatenate([r[0] for r in rims]) if rims else np.empty(0, dtype=np.int64)
    reach = np.concatenate([r[1] for r in rims]) if rims else np.empty(0, dtype=object)
    open_ = share[cell] < 1.0
    cell, reach = cell[open_], reach[open_]
    order = np.argsort(cell, kind="stable")
    cell, reach = cell[order], reach[order]
    pieces = areal(shapely.intersection(cells[cell], reach))
    cell, first, count = np.unique(cell, return_index=True, return_counts=True)
    part, several = pieces[first], np.flatnonzero(count > 1)
    unions = [shapely.union_all(pieces[first[k] : first[k] + count[k]]) for k in several]
    part[several] = areal(np.array(unions, dtype=object))
    fraction = shapely.area(part) / shapely.area(cells[cell])
    share[cell] = np.where(fraction >= 1.0 - 1e-12, 1.0, fraction)
    partly = share[cell] % 1.0 > 0.0
    return Covered(share=share, part=dict(zip(cell[partly].tolist(), part[partly], strict=True)))
