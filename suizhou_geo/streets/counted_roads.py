"""Which roads count as streets of the network (for 道路网密度, dead ends, blocks), and what else decides it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.errors import InputError
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.geometry.shapes import meets, shapes_of
from suizhou_geo.standards import table
from suizhou_geo.standards.street_names import real_names
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.streets.one_street import told_nearby
from suizhou_geo.study_area import StudyArea, per_area


@per_area
def judged_roads(area: StudyArea) -> gpd.GeoDataFrame:
    """Every row of the roads layer, with whether it is a street of the counted network and what decides that.

    `counts`: 快速路, 主干路, 次干路, 支路; local streets where they have a name or their middle lies outside compounds
    (residential land standing in where no compounds are given); no ramps. `may_count`: its class can count at all.
    Of nameless local streets: `in_compound`; `gated`, inside a compound that is not said to be open; `unsure`, outside
    the compounds that are known while there may be others. `narrow`: less wide than the yearbook counts.

    Errors: InputError for a study without roads, or a road_class that standards/road_classes.toml has not.
    """
    if area.roads is None:
        raise InputError("the study has no roads layer; give one")
    roads = area.roads
    classes = {key: row["counted"] for key, row in table("road_classes")["classes"].items()}
    says = roads["road_class"].map(classes)
    unknown = roads.index[says.isna()]
    if len(unknown):
        raise InputError(
            f"layer roads, row {unknown[0]}: road_class {roads['road_class'].loc[unknown[0]]!r} is not a key of "
            f"standards/road_classes.toml ({', '.join(classes)}); map it under values.road_class"
        )
    nameless = (says.eq("outside_compounds") & real_names(roads["name"]).isna()).to_numpy()
    lines, land = roads.geometry.to_numpy(), compound_land(area)
    in_compound, gated = np.zeros((2, len(roads)), dtype=bool)
    in_compound[nameless] = middle_inside(lines[nameless], land)
    if area.compounds is not None:
        gated[nameless] = middle_inside(lines[nameless], land[~area.compounds["gated"].isin([False]).to_numpy()])
    layer = "residential" if area.compounds is None else "compounds"
    others = layer in area.incomplete or (area.compounds is None and not len(land))
    may_count = says.ne("no").to_numpy()
    return roads.assign(
        may_count=may_count,
        in_compound=in_compound,
        gated=gated,
        unsure=nameless & ~in_compound & others,
        narrow=roads["width_m"].lt(table("road_classes")["yearbook"]["least_width_m"]),
        counts=may_count & ~in_compound & ~roads["ramp"].to_numpy(dtype=bool),
    )


@per_area
def counted_streets(area: StudyArea) -> gpd.GeoDataFrame:
    """The roads that count, not cut at the zones, as the pieces of `centrelines`; 街坊道路 are 支路."""
    roads = judged_roads(area)
    return as_branches(centrelines(roads[roads["counts"]]))


def named_around(roads: gpd.GeoDataFrame) -> Bools:
    """Whether most streets around each row have a name, of the classes that always have one on the ground.

    Where they have none the layer does not tell names, and a local street without a name may be a public one.
    """
    always = [key for key, row in table("road_classes")["classes"].items() if row["counted"] == "yes"]
    asked = roads["road_class"].isin(always).to_numpy() & ~roads["ramp"].to_numpy(dtype=bool)
    middle = shapely.get_coordinates(shapely.centroid(roads.geometry.to_numpy()))
    named = real_names(roads["name"]).notna().to_numpy()
    return told_nearby(middle, middle[asked], roads.length.to_numpy()[asked], named[asked])


def as_branches(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Local streets that are public are 支路."""
    public = [key for key, row in table("road_classes")["classes"].items() if row["counted"] == "outside_compounds"]
    return pieces.assign(street_class=pieces["street_class"].mask(pieces["street_class"].isin(public), "branch"))


def compound_land(area: StudyArea) -> Shapes:
    """The compounds (小区), or the residential land that stands in where that layer was not given; else nothing."""
    return shapes_of(area.compounds if area.compounds is not None else area.residential)


def middle_inside(lines: Shapes, land: Shapes) -> Bools:
    """Whether the middle of each line lies inside any of some polygons."""
    return meets(shapely.line_interpolate_point(shapely.line_merge(lines), 0.5, normalized=True), land)
