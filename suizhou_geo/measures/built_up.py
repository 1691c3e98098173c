"""Built-up area (城区实体地域): derived by rule from the land survey or the map, and densities over it, not the zones.

What is derived is not the official outline, which is checked by hand and confirmed by the ministry; everything that uses
it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from rasterio.features import shapes as outlines
from rasterio.transform import Affine

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Ints, Shapes
from suizhou_geo.geometry.zonal import area_by_zone, areal, cut_areas, dissolved, groups_within, persons_by_zone
from suizhou_geo.measures.asked import Asked, Number, pieces, public, summed, with_whole
from suizhou_geo.measures.completeness import (
    incomplete_layers,
    missing_layers,
    said_if,
    sentence,
    wider_outline,
)
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area, persons_in_zones

Extent = Literal["survey", "survey_open_land", "map"]
Denominator = Literal["zones", "survey", "survey_open_land", "map"]
EXTENTS: tuple[Extent, ...] = get_args(Extent)
PROFILES = {extent: f"built_up_{extent}" for extent in EXTENTS}
NEVER = -1
_SEEN = 0.99


@dataclass(frozen=True, eq=False)
class Ground:
    """What a density divides by: the `zones`, whole or cut to a built-up extent, and what is to be said of it.

    `least` is the least that they can be; `sure` is whether the truth lies between the two. `needs` says what a verdict
    wants where they are not the built-up area a plan means.
    """

    zones: gpd.GeoDataFrame
    least: gpd.GeoDataFrame
    sure: bool
    needs: tuple[Text, ...]
    notes: tuple[Text, ...]

    def density(self, amount: pd.Series) -> Number:
        """Divide an amount by zone by the km² of the ground."""
        area_km2 = self.zones.area / 1e6
        return Number(per_km2(amount, self.zones), amount / area_km2.where(area_km2 > 0), area_km2)


@public
def built_up_area(area: StudyArea, *, extent: Extent = "survey") -> Measure:
    """城区实体地域面积: km² of the physical built-up area inside the zones, derived by rule.

    "survey": from the land survey as TD/T 1064-2021 does (`survey_rounds`); "survey_open_land": with
    the woods, waters and roads that touch its start; "map": from buildings and streets (`map_extent`), a proxy. `low` is
    the preliminary range (城区初始范围) alone, which always belongs; the map's proxy is open on both sides.

    `breakdown`, whole and per zone: area_km2, start_km2, and persons with a population layer. `evidence`: the pieces
    inside the zones, `part` "built_up_start", "built_up_joined" or "built_up_map", and the `round` each joined in.

    Errors: InputError for an unknown extent. Source: TD/T 1064-2021 3.2, 3.3.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> round(sg.built_up_area(area).value, 1), round(sg.built_up_area(area, extent="map").value, 1)
    (59.2, 54.0)
    """
    rules = table("built_up")["map" if extent == "map" else "survey"]
    basis = Text(rules["basis_zh"], rules["basis_en"])
    asked = Asked(area, "built_up_area", PROFILES[extent], {"extent": extent}, basis)
    if needs := missing_for(area, extent):
        return asked.no_data(needs)
    found, ground = built_up_extent(area, extent), counted_ground(area, extent)
    rows = {"area_km2": ground.zones.area / 1e6, "start_km2": ground.least.area / 1e6}
    if area.population is not None:
        rows["persons"], _ = counted_persons(area, extent)
    parts = cut_areas(found, area.zones)
    return asked.measure(
        summed(rows["area_km2"]),
        evidence=pieces(parts, **{name: found[name].to_numpy()[parts["row"]] for name in ("part", "round")}),
        low=float(rows["start_km2"].sum()) if ground.sure else 0.0,
        high=None if ground.sure else np.inf,
        needs=ground.needs,
        notes=ground.notes,
        breakdown=with_whole(rows, of="built_up"),
    )


def missing_for(area: StudyArea, denominator: Denominator) -> tuple[Text, ...]:
    """Say what a built-up extent cannot be derived without; the zones are always there."""
    if denominator == "zones":
        return ()
    if denominator == "map":
        given = area.buildings is not None or area.roads is not None
        return () if given else missing_layers(area, "buildings", "roads")
    if area.land_survey is None:
        return missing_layers(area, "land_survey")
    rules = table("built_up")["survey"]
    return said_if(not np.isin(scopes(area.land_survey), [*rules["start"], *rules["towns"]]).any(), "no_urban_patch")


@per_area
def counted_ground(area: StudyArea, denominator: Denominator) -> Ground:
    """Return what densities divide by: the zones, or the part of them inside a built-up extent.

    Errors: InputError where the layers of the extent were not given.
    """
    if denominator == "zones":
        return Ground(area.zones, area.zones, area.is_built, wider_outline(area), ())
    found = built_up_extent(area, denominator)
    zones = _inside(area.zones, found)
    needs = (sentence("derived_from_map"),) if denominator == "map" else incomplete_layers(area, "land_survey")
    return Ground(
        zones=zones,
        least=zones if denominator == "map" else _start(area),
        sure=denominator != "map" and "land_survey" not in area.incomplete,
        needs=needs if zones.area.sum() > 0 else (sentence("nothing_built_up"), *needs),
        notes=(sentence("derived_by_rule"), *_unseen(area, denominator)),
    )


@per_area
def counted_persons(area: StudyArea, denominator: Denominator) -> tuple[pd.Series, pd.Series]:
    """Return the persons by zone on the ground that densities divide by, and on the least it may be."""
    ground = counted_ground(area, denominator)

    def persons_on(zones: gpd.GeoDataFrame) -> pd.Series:
        return persons_in_zones(area) if zones is area.zones else persons_by_zone(area.layers["population"], zones)

    persons = persons_on(ground.zones)
    return persons, persons if ground.least is ground.zones else persons_on(ground.least)


@per_area
def _start(area: StudyArea) -> gpd.GeoDataFrame:
    """The zones inside the preliminary range, the same for every extent of a land survey."""
    found = built_up_extent(area, "survey")
    return _inside(area.zones, found[found["round"] == 0])


def per_km2(amount: pd.Series, zones: gpd.GeoDataFrame) -> float:
    """Return the ratio of sums: an amount by zone over the km² of the zones; NaN where there is no ground."""
    area_km2 = float(zones.area.sum()) / 1e6
    return float(amount.sum()) / area_km2 if area_km2 > 0 else np.nan


def _inside(zones: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    whole = shapely.union_all(found.geometry.to_numpy())
    return zones.assign(geometry=areal(shapely.intersection(zones.geometry.to_numpy(), whole)))


def _unseen(area: StudyArea, denominator: Denominator) -> tuple[Text, ...]:
    """Say how much of the zones the survey does not cover."""
    if denominator == "map" or area.land_survey is None:
        return ()
    seen = float(area_by_zone(area.land_survey, area.zones).sum() / area.zones.area.sum())
    return said_if(seen <= _SEEN, "survey_covers", seen=seen)


@public
@per_area
def built_up_extent(area: StudyArea, extent: Extent) -> gpd.GeoDataFrame:
    """Derive the physical built-up area: its pieces, apart from each other, with their `part` and `round`.

    "survey": the patches of the layer `land_survey` that `survey_rounds` takes, `part` "built_up_start" (round 0) or
    "built_up_joined" (rounds 1 to 3); "survey_open_land": with the woods, waters and roads that touch the start;
    "map": what `map_extent` makes of buildings and streets, `part` "built_up_map". It reaches as far as the layers do,
    beyond the zones too.

    Errors: InputError where the layers for it were not given.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> sorted(set(built_up_extent(study.area, "survey")["part"]))
    ['built_up_joined', 'built_up_start']
    """
    if extent == "map":
        if area.buildings is None and area.roads is None:
            raise InputError(
                "研究中既没有图层 buildings，也没有图层 roads；请至少给出一个",
                "the study has neither buildings nor roads; give one of them",
            )
        return gpd.GeoDataFrame(geometry=map_extent(area), crs=area.crs).assign(part="built_up_map", round=0)
    if area.land_survey is None:
        raise InputError("研究中没有图层 land_survey；请给出", "the study has no land_survey layer; give one")
    joined = _joined(area)
    if extent == "survey_open_land":
        joined = with_open_land(joined, area.land_survey)
    pieces = [
        dissolved(area.land_survey[joined == number]).assign(round=number) for number in np.unique(joined[joined >= 0])
    ]
    if not pieces:
        return gpd.GeoDataFrame({"part": [], "round": []}, geometry=[], crs=area.crs)
    result = pd.concat(pieces, ignore_index=True)
    return result.assign(part=np.where(result["round"] == 0, "built_up_start", "built_up_joined"))


@per_area
def _joined(area: StudyArea) -> Ints:
    return survey_rounds(area.layers["land_survey"], _barriers(area))


def survey_rounds(patches: gpd.GeoDataFrame, barriers: Shapes) -> Ints:
    """Return the round in which each patch of the land survey joins the city: 0 for the start, NEVER (-1) for never.

    The start is the preliminary range (城区初始范围): patches whose 城镇村属性码 says city (201, 201A), and the towns (202,
    202A) contiguous with it; without any city, the towns. It is taken whole. In three rounds built-up patches of any
    scope within 100 m of what has joined are added, unless a barrier lies between; streets, rails, pipelines and ditches
    carry the city no further, nor do groups of patches below the least area.

    `patches` has land_class (三调 DLBM), land_group and czcsxm; classes, distances and least areas stand in
    standards/built_up.toml. Source: TD/T 1064-2021; its steps by hand (imagery, functions of the patches) are left out.
    """
    rules = table("built_up")["survey"]
    shapes = patches.geometry.to_numpy()
    code, scope = patches["land_class"].astype(str).to_numpy(), scopes(patches)
    linear = _begins(code, rules["linear"])
    town = np.isin(scope, rules["towns"])
    start = np.isin(scope, rules["start"])
    if start.any():
        start[town] = _contiguous(shapes[town], shapes[start & ~linear], barriers, rules["grow_m"])
    else:
        start = town
    builds = patches["land_group"].isin(rules["joins"]).to_numpy() & ~linear
    builds &= shapely.area(shapes) >= rules["least_patch_m2"]
    joined: Ints = np.where(start, 0, NEVER)
    for number in range(1, rules["rounds"] + 1):
        base = shapes[(joined >= 0) & ~linear]
        base = base[_in_large_group(base, rules)]
        waiting = np.flatnonzero(builds & (joined == NEVER))
        reached = waiting[_connected(shapes[waiting], base, barriers, rules["grow_m"])]
        if not len(reached):
            break
        joined[reached] = number
    return joined


def with_open_land(joined: Ints, patches: gpd.GeoDataFrame) -> Ints:
    """Let woods, waters and roads that touch the start join, too, in round 1; they carry the city no further."""
    shapes, code = patches.geometry.to_numpy(), patches["land_class"].astype(str).to_numpy()
    waiting = np.flatnonzero(_begins(code, table("built_up")["survey"]["open_land"]) & (joined == NEVER))
    touching, _ = shapely.STRtree(shapes[joined == 0]).query(shapes[waiting], predicate="intersects")
    result = joined.copy()
    result[waiting[touching]] = 1
    return result


def scopes(patches: gpd.GeoDataFrame) -> npt.NDArray[np.str_]:
    """The 城镇村属性码 of the patches as written in the tables: 201A also where it is given as 201a."""
    return np.array([str(code).strip().upper() for code in patches["czcsxm"]], dtype=str)


def map_extent(area: StudyArea) -> Shapes:
    """Outline the ground between buildings and streets that stand close together: separate polygons, holes kept.

    Ground is built up where buildings and city streets are no more than 200 m apart (a closing by 100 m), without what is
    narrower than 100 m (an opening by 50 m: a road or a row of houses in open country), without islands below 20 ha;
    holes below 25 ha are filled. It is told on cells of 10 m, whose corners its outlines cut.
    """
    rules = table("built_up")["map"]
    sources = [] if area.buildings is None else [area.buildings.geometry.to_numpy()]
    if area.roads is not None:
        city = area.roads["road_class"].isin(rules["streets"]) & ~area.roads["ramp"]
        sources.append(area.roads.geometry.to_numpy()[city.to_numpy(dtype=bool)])
    west, south, east, north = area.zones.total_bounds + 5.0 * rules["close_m"] * np.array([-1, -1, 1, 1])
    cell_m = max(rules["cell_m"], np.sqrt((east - west) * (north - south) / rules["most_cells"]))
    rows, columns = int(np.ceil((north - south) / cell_m)), int(np.ceil((east - west) / cell_m))
    xy = shapely.get_coordinates(shapely.segmentize(np.concatenate(sources), cell_m))
    column, row = ((xy - (west, north)) / (cell_m, -cell_m)).astype(np.int64).T
    inside = (xy[:, 0] >= west) & (xy[:, 1] <= north) & (column < columns) & (row < rows)
    drawn = np.column_stack(np.divmod(np.unique(row[inside] * columns + column[inside]), columns))
    margin = int(np.ceil(rules["close_m"] / cell_m)) + 2
    size = np.array([rows, columns])
    found = [_outlined(cells, size, margin, cell_m, rules) for cells in _apart(drawn, 2 * margin)]
    rough = shapely.transform(
        np.array([shape for some in found for shape in some], dtype=object),
        lambda at: np.column_stack([west + cell_m * at[:, 0], north - cell_m * at[:, 1]]),
    )
    smooth: Shapes = shapely.simplify(rough, 0.75 * cell_m)
    return smooth


def _apart(cells: Ints, gap: int) -> list[Ints]:
    """Cells (row, column) in groups with more empty rows or columns between them than that: nothing lies between towns."""
    for axis in (0, 1):
        at = np.unique(cells[:, axis])
        empty = np.flatnonzero(np.diff(at) > gap + 1)
        if len(empty):
            group = np.searchsorted(at[empty], cells[:, axis])
            return [part for number in range(len(empty) + 1) for part in _apart(cells[group == number], gap)]
    return [cells] if len(cells) else []


def _outlined(cells: Ints, size: Ints, margin: int, cell_m: float, rules: dict[str, Any]) -> list[shapely.Geometry]:
    """Outline what `map_extent` calls built up around some cells of a grid, in columns and rows of it."""
    from scipy import ndimage

    low = np.maximum(cells.min(axis=0) - margin, 0)
    drawn = np.zeros(np.minimum(cells.max(axis=0) + margin + 1, size) - low, dtype=bool)
    drawn[tuple((cells - low).T)] = True
    near = ndimage.distance_transform_edt(~drawn) * cell_m <= rules["close_m"]
    closed = ndimage.distance_transform_edt(np.pad(near, 1)) * cell_m > rules["close_m"]
    gaps, _ = ndimage.label(~closed)
    closed |= _few(gaps, rules["least_hole_ha"] * 1e4 / cell_m**2) & (gaps != gaps[0, 0])  # not what lies around
    core = ndimage.distance_transform_edt(closed) * cell_m > rules["open_m"]
    if not core.any():
        return []
    built = (ndimage.distance_transform_edt(~core) * cell_m <= rules["open_m"])[1:-1, 1:-1]
    islands, _ = ndimage.label(built)
    built &= ~_few(islands, rules["least_island_ha"] * 1e4 / cell_m**2)
    place = Affine(1.0, 0.0, low[1], 0.0, 1.0, low[0])
    return [shapely.geometry.shape(shape) for shape, _ in outlines(built.astype(np.uint8), mask=built, transform=place)]


def _few(groups: Ints, least_cells: float) -> Bools:
    """The cells of numbered groups of fewer cells than that; those numbered zero are of no group."""
    small = np.bincount(groups.ravel()) < least_cells
    small[0] = False
    few: Bools = small[groups]
    return few


def _barriers(area: StudyArea) -> Shapes:
    if area.barriers is None:
        return np.empty(0, dtype=object)
    kinds = table("built_up")["survey"]["barriers"]
    shapes: Shapes = area.barriers.geometry.to_numpy()[area.barriers["kind"].isin(kinds).to_numpy()]
    return shapes


def _begins(codes: npt.NDArray[Any], entries: list[str]) -> Bools:
    return np.array([code.startswith(tuple(entries)) for code in codes], dtype=bool)


def _connected(shapes: Shapes, base: Shapes, barriers: Shapes, within_m: float) -> Bools:
    """Whether each shape lies within a distance of the base with no barrier on the shortest line between them."""
    result = np.zeros(len(shapes), dtype=bool)
    one, other = shapely.STRtree(base).query(shapes, predicate="dwithin", distance=within_m)
    ways = shapely.shortest_line(shapes[one], base[other])
    blocked = np.zeros(len(ways), dtype=bool)
    blocked[shapely.STRtree(barriers).query(ways, predicate="intersects")[0]] = True
    result[one[~blocked | (shapely.length(ways) == 0)]] = True
    return result


def _contiguous(towns: Shapes, city: Shapes, barriers: Shapes, within_m: float) -> Bools:
    """Whether each patch of a town belongs to a group of them, none further from the next, that is connected to the city."""
    if not len(towns):
        return np.zeros(0, dtype=bool)
    group = groups_within(towns, within_m)
    return np.isin(group, group[_connected(towns, city, barriers, within_m)])


def _in_large_group(base: Shapes, rules: dict[str, Any]) -> Bools:
    """Whether each shape is in a group, none further than one growth from the next, that is large enough to grow."""
    if not len(base):
        return np.zeros(0, dtype=bool)
    group = groups_within(base, rules["grow_m"])
    large: Bools = np.bincount(group, weights=shapely.area(base))[group] >= rules["least_base_ha"] * 1e4
    return large
