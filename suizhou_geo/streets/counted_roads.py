"""Which roads count: as streets of the network, and at which class inside compounds."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.errors import InputError
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.standards import table
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.study_area import StudyArea, per_area


def given_roads(area: StudyArea) -> gpd.GeoDataFrame:
    """The roads layer of a study. Errors: InputError where there is none."""
    if area.roads is None:
        raise InputError("the study has no roads layer; give one")
    return area.roads


def counted_roads(area: StudyArea) -> Bools:
    """Whether each row of the roads layer is a street of the counted network (as for 道路网密度), ramps left out.

    快速路, 主干路, 次干路, 支路; local streets where they have a name or their middle lies outside compounds (residential
    land standing in where no compounds are given).

    Errors: InputError for a study without roads, or a road_class that standards/road_classes.toml has not.
    """
    roads = given_roads(area)
    says = roads["road_class"].map({key: row["counted"] for key, row in table("road_classes")["classes"].items()})
    unknown = roads.index[says.isna()]
    if len(unknown):
        raise InputError(
            f"layer roads, row {unknown[0]}: road_class {roads['road_class'].loc[unknown[0]]!r} is not a key of "
            "standards/road_classes.toml; map it under values.road_class"
        )
    local = says.eq("outside_compounds").to_numpy()
    private = local & roads["name"].isna().to_numpy()
    private[private] = _in_compound(area, roads.geometry.to_numpy()[private])
    counted: Bools = says.ne("no").to_numpy() & ~private & ~roads["ramp"].to_numpy(dtype=bool)
    return counted


def _in_compound(area: StudyArea, lines: Shapes) -> Bools:
    land = area.compounds if area.compounds is not None else area.residential
    inside = np.zeros(len(lines), dtype=bool)
    if land is not None and len(lines):
        middle = shapely.line_interpolate_point(shapely.line_merge(lines), 0.5, normalized=True)
        inside[shapely.STRtree(land.geometry.to_numpy()).query(middle, predicate="intersects")[0]] = True
    return inside


@per_area
def counted_streets(area: StudyArea) -> gpd.GeoDataFrame:
    """The streets of profile "caupd", not cut at the zones, as the pieces of `centrelines`; 街坊道路 count as 支路.

    Errors: InputError without roads, or for a road class that is none.
    """
    flags = _flags(area)
    return _as_branches(centrelines(flags[_is_street(flags)]))


@per_area
def _flags(area: StudyArea) -> gpd.GeoDataFrame:
    """Every road that may count, and what decides whether it does."""
    roads = area.roads
    if roads is None:
        raise InputError("the study has no roads layer; give one")
    counted = {key: row["counted"] for key, row in table("road_classes")["classes"].items()}
    says = roads["road_class"].map(counted)
    unknown = roads.index[says.isna()]
    if len(unknown):
        raise InputError(
            f"layer roads, row {unknown[0]}: road_class {roads['road_class'].loc[unknown[0]]!r} is not one of "
            f"{', '.join(counted)}; map it under values.road_class"
        )
    roads = roads[says.ne("no").to_numpy()]
    local = says[says.ne("no").to_numpy()].eq("outside_compounds").to_numpy()
    nameless = local & roads["name"].isna().to_numpy()
    compounds = _compounds(area)
    return roads.assign(
        in_compound=nameless & _inside(compounds, roads),
        gated=nameless & _inside(compounds[_is_gated(compounds)] if compounds is not None else None, roads),
        unsure=nameless & ~_inside(compounds, roads) & _compounds_unsure(area),
        narrow=roads["width_m"].lt(table("road_classes")["yearbook"]["least_width_m"]),
    )


def _is_street(flags: gpd.GeoDataFrame) -> np.ndarray:
    street: np.ndarray = (~flags["ramp"] & ~flags["in_compound"]).to_numpy(dtype=bool)
    return street


def _as_branches(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Local streets that are public are 支路."""
    public = [key for key, row in table("road_classes")["classes"].items() if row["counted"] == "outside_compounds"]
    return pieces.assign(street_class=pieces["street_class"].mask(pieces["street_class"].isin(public), "branch"))


def _inside(compounds: gpd.GeoDataFrame | None, roads: gpd.GeoDataFrame) -> np.ndarray:
    if compounds is None or compounds.empty:
        return np.zeros(len(roads), dtype=bool)
    middle = shapely.line_interpolate_point(shapely.line_merge(roads.geometry.to_numpy()), 0.5, normalized=True)
    inside = np.zeros(len(roads), dtype=bool)
    inside[shapely.STRtree(compounds.geometry.to_numpy()).query(middle, predicate="intersects")[0]] = True
    return inside


def _compounds(area: StudyArea) -> gpd.GeoDataFrame | None:
    """The compounds, or the residential land that stands in for them; None where there is neither."""
    if area.compounds is not None:
        return area.compounds
    return None if area.residential is None or area.residential.empty else area.residential


def _compounds_unsure(area: StudyArea) -> bool:
    """Whether there may be compounds that no layer shows, so that a nameless street outside may be inside one."""
    layer = "residential" if area.compounds is None else "compounds"
    return _compounds(area) is None or layer in area.incomplete


def _is_gated(compounds: gpd.GeoDataFrame) -> np.ndarray:
    """A compound is gated unless it is said not to be; residential land that stands in says nothing and is open."""
    if "gated" not in compounds.columns:
        return np.zeros(len(compounds), dtype=bool)
    gated: np.ndarray = compounds["gated"].map({False: False}).fillna(True).to_numpy(dtype=bool)
    return gated
