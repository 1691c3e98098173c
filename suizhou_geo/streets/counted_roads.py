"""Which roads count as streets of the network (for 道路网密度, dead ends, blocks), and what else decides it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from suizhou_geo.errors import InputError
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.crs import in_china
from suizhou_geo.geometry.shapes import meets, shapes_of
from suizhou_geo.standards import table
from suizhou_geo.standards.street_names import names_saying, real_names, street_numbers
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.streets.one_street import told_nearby
from suizhou_geo.study_area import StudyArea, per_area

GROUNDS_M = 10.0  # nearer than that to its outline, a street may be the public one the grounds lie on
_LOWER = ("branch", "local")
_MOST = 0.5


@per_area
def judged_roads(area: StudyArea) -> gpd.GeoDataFrame:
    """Every row of the roads layer, with whether it is a street of the counted network and what decides that.

    `counts`: 快速路, 主干路, 次干路, 支路; local streets where they have a name or their middle lies outside compounds
    (in China residential land stands in where no compounds are given); no ramps; no internal roads (单位内部道路).
    `may_count`: its class can count at all. `left_out`, why a row does not count: "class"; "ramp"; "private", closed to
    the public (`public` is false); "institution", a 支路 or below on the grounds of a campus, a hospital, a works;
    "compound"; "" for those that count. `internal`: private, or on such grounds or in a compound said to be gated.

    A street lies on grounds with more than half of its length GROUNDS_M (10 m) and more inside their outline. A named one
    is judged by all rows of its name together: where most of it lies elsewhere, it only passes through. `public` true
    overrides the grounds. `unsure`: counts, but may be internal: a nameless local street where there may be unknown
    compounds; a nameless street of a lower class on grounds that may hold public streets; one that passes through
    grounds, or is said to be public there. Or it may be none by its name: `not_built`, called 在建 or 规划;
    `motorway_name`, an expressway called 高速.

    Of nameless local streets: `in_compound`; `gated`, inside a compound that is not said to be open. `narrow`: less wide
    than the yearbook counts.

    Errors: InputError for a study without roads, or a road_class that standards/road_classes.toml has not.
    """
    if area.roads is None:
        raise InputError("研究中没有图层 roads；请给出", "the study has no roads layer; give one")
    roads = area.roads
    classes = {key: row["counted"] for key, row in table("road_classes")["classes"].items()}
    says = roads["road_class"].map(classes)
    unknown = roads.index[says.isna()]
    if len(unknown):
        raise InputError(
            (
                f"图层 roads，第 {unknown[0]} 行：road_class “{roads['road_class'].loc[unknown[0]]}”"
                f"不是 standards/road_classes.toml 中的等级（{'、'.join(classes)}）；请在 values.road_class "
                "里翻译"
            ),
            (
                f"layer roads, row {unknown[0]}: road_class {roads['road_class'].loc[unknown[0]]!r} is not a key of "
                f"standards/road_classes.toml ({', '.join(classes)}); map it under values.road_class"
            ),
        )
    nameless = (says.eq("outside_compounds") & real_names(roads["name"]).isna()).to_numpy()
    lines, land = roads.geometry.to_numpy(), compound_land(area)
    in_compound, gated = np.zeros((2, len(roads)), dtype=bool)
    in_compound[nameless] = middle_inside(lines[nameless], land)
    if area.compounds is not None:
        gated[nameless] = middle_inside(lines[nameless], land[~area.compounds["gated"].isin([False]).to_numpy()])
    others = "compounds" in area.incomplete
    if area.compounds is None:
        others = closed_compounds_usual(area) and ("residential" in area.incomplete or not len(land))
    may_count = says.ne("no").to_numpy()
    private = may_count & roads["public"].isin([False]).to_numpy()
    grounds, doubtful = _on_grounds(roads, area)
    why = {
        "class": ~may_count,
        "ramp": roads["ramp"].to_numpy(dtype=bool),
        "private": private,
        "institution": grounds == "institution",
        "compound": in_compound | (grounds == "compound"),
    }
    counts = ~np.any(list(why.values()), axis=0)
    not_built = names_saying(roads["name"], table("road_classes")["names"]["not_built"])
    called_motorway = names_saying(roads["name"], table("road_classes")["motorway"]["of_expressways"])
    motorway_name = called_motorway & roads["road_class"].eq("expressway").to_numpy()
    return roads.assign(
        may_count=may_count,
        in_compound=in_compound,
        gated=gated,
        internal=private | (grounds != ""),
        not_built=not_built,
        motorway_name=motorway_name,
        unsure=counts & ((nameless & others) | doubtful | not_built | motorway_name),
        narrow=roads["width_m"].lt(table("road_classes")["yearbook"]["least_width_m"]),
        left_out=np.select(list(why.values()), list(why), default=""),
        counts=counts,
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
    """The compounds (小区), or in China the residential land that stands in where they were not given; else nothing."""
    if area.compounds is not None:
        return shapes_of(area.compounds)
    return shapes_of(area.residential if closed_compounds_usual(area) else None)


@per_area
def closed_compounds_usual(area: StudyArea) -> bool:
    """Whether homes stand in closed compounds as a rule, so that streets among them are private: it is so in China."""
    return in_china(*area.zones.to_crs("EPSG:4326").total_bounds)


def middle_inside(lines: Shapes, land: Shapes) -> Bools:
    """Whether the middle of each line lies inside any of some polygons."""
    return meets(shapely.line_interpolate_point(shapely.line_merge(lines), 0.5, normalized=True), land)


@per_area
def motorways(area: StudyArea) -> gpd.GeoDataFrame:
    """The motorways as the pieces of `centrelines`; `in_doubt`: its name does not say 高速, so it may be a 快速路."""
    roads = judged_roads(area)
    found = roads[roads["road_class"].eq("motorway") & ~roads["ramp"].astype(bool)]
    says = table("road_classes")["motorway"]["name_says"]
    return centrelines(found.assign(in_doubt=~names_saying(found["name"], says)))


def _on_grounds(roads: gpd.GeoDataFrame, area: StudyArea) -> tuple[npt.NDArray[np.str_], Bools]:
    """On which grounds each road of a lower class is internal ("" for none), and whether one may be and counts."""
    grounds, doubtful = np.full(len(roads), "", dtype="U11"), np.zeros(len(roads), dtype=bool)
    lower = np.flatnonzero(roads["road_class"].isin(_LOWER) & ~roads["ramp"].astype(bool))
    lines = roads.geometry.to_numpy()[lower]
    own_m, shared_m, gated_m = (_inside_m(lines, land) for land in _grounds(area))
    inside_m, most_m = own_m + gated_m, _MOST * shapely.length(lines)
    nameless = real_names(roads["name"]).isna().to_numpy()[lower]
    open_to_all = roads["public"].isin([True]).to_numpy()[lower]
    mine = (inside_m > most_m) & ~open_to_all & ~_passes_through(roads, lower, inside_m)
    grounds[lower[mine]] = np.where(own_m >= gated_m, "institution", "compound")[mine]
    perhaps = (inside_m > most_m) | (nameless & ~open_to_all & (shared_m > most_m))
    doubtful[lower] = perhaps & ~mine
    return grounds, doubtful


def _passes_through(roads: gpd.GeoDataFrame, lower: Ints, inside_m: Floats) -> Bools:
    """Whether half or more of the street that each of some rows belongs to by its name lies outside the grounds."""
    street = street_numbers(roads["name"])
    named, mine = np.flatnonzero(street >= 0), street[lower]
    whole_m = np.bincount(street[named], shapely.length(roads.geometry.to_numpy()[named]), minlength=1)
    held_m = np.bincount(mine[mine >= 0], inside_m[mine >= 0], minlength=len(whole_m))
    passes: Bools = (mine >= 0) & (held_m <= _MOST * whole_m)[mine]
    return passes


def own_grounds(area: StudyArea, *, own: bool = True) -> Shapes:
    """The grounds of institutions whose streets are their own, or else those that may hold public ones."""
    if area.institutions is None:
        return shapes_of(None)
    return shapes_of(area.institutions[area.institutions["own_streets"].eq(own)])


def _grounds(area: StudyArea) -> tuple[Shapes, Shapes, Shapes]:
    """The grounds whose streets are their own, those that may hold public ones, and the compounds said to be gated."""
    gated = np.zeros(0, dtype=bool)
    if area.compounds is not None:
        gated = area.compounds["gated"].isin([True]).to_numpy()
    return own_grounds(area), own_grounds(area, own=False), shapes_of(area.compounds)[gated]


def _inside_m(lines: Shapes, grounds: Shapes) -> Floats:
    """How much of each line lies GROUNDS_M and more inside some polygons."""
    deep = shapely.get_parts(shapely.union_all(shapely.buffer(grounds, -GROUNDS_M))) if len(grounds) else grounds
    line, ground = shapely.STRtree(deep).query(lines, predicate="intersects")
    inside_m = shapely.length(shapely.intersection(lines[line], deep[ground]))
    return np.bincount(line, inside_m, minlength=len(lines)).astype(float)
