"""Blocks (街区): how much of the residential or industrial land lies in blocks that are too long."""

from __future__ import annotations

from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.demand import dwellings
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.geometry.zonal import area_by_zone, by_zone, cut_areas, persons_by_zone
from suizhou_geo.measures.asked import Asked, public, ratio, with_whole
from suizhou_geo.measures.bases import base_of, contradicting_dwellings
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, said_if
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.streets.centreline_geometry import mean_lines
from suizhou_geo.streets.counted_roads import counted_streets
from suizhou_geo.study_area import StudyArea, per_area

Use = Literal["residential", "industrial"]
USES: tuple[Use, ...] = get_args(Use)
LIMIT_M = {"residential": 300.0, "industrial": 600.0}
LAYER = {"residential": "residential", "industrial": "land_use"}
INDUSTRIAL = r"1001\d*|M[123]?|industrial|.*工业用地.*"
MAIN_USE_SHARE = 0.5
STRIP_M = 20.0
ISLAND_M2 = 1000.0
FRONTAGE_M = 1.0  # how near its outline a street bounds a block
TOLERANCE_M = 0.5
_BASIS = Text("GB/T 51328-2018 表12.6.3；GB 50180-2018 6.0.2", "GB/T 51328-2018 table 12.6.3; GB 50180-2018 6.0.2")


@public
def block_size(area: StudyArea, *, use: Use = "residential") -> Measure:
    """街区尺度: the share, by area, of residential blocks whose longest side exceeds 300 m; of industrial ones, 600 m.

    A block is what the mean lines of the counted streets (those of `road_density`, profile "caupd") and the outline
    of the zones enclose; dead ends do not divide it. Faces in which no circle of 20 m across finds room are strips
    between a street and the outline, those of less than 0.1 ha traffic islands and turning loops (交通岛): neither are
    blocks, and `notes` says how many of them lie in the land of that use. A block belongs to the use that holds
    more than half of its area: the `residential` layer, or the `land_use` of classes 1001 (三调), M (GB 50137), or
    called 工业用地 or industrial; rivers, railways and parks are no blocks of either use. Its longest side is the
    longer side of the smallest rectangle around it, and exceeds the limit from half a metre more. A block in two
    zones counts in each with the part that lies there.

    `evidence`: the blocks of that use, part = "block", with name (the two named streets that bound it furthest; empty
    if none is named), zone_id (of its greater part), area_ha, longest_side_m, use, over_limit, persons (each population
    polygon gives the share of its area), new_road_m and gain_rank. The new branch road is drawn through the middle of the
    rectangle, across its longest side, and new_road_m is its length inside the block: what it adds to the network. Blocks
    over the limit are ranked by new_road_m x persons, since a street is worth more where more people live, and where
    that is equal by new_road_m; industrial ones, and without population, by new_road_m alone. Rank 1 gains most.
    `breakdown` counts and adds up blocks, whole and per zone.

    Range: streets that are missing could only divide blocks, so that the share may be lower where roads are incomplete
    or compounds (封闭小区) are not given; where the layer of the use is incomplete, it may be anything.

    Errors: InputError for an unknown use. Source: GB/T 51328-2018 table 12.6.3, GB 50180-2018 6.0.2.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> blocks = block_size(study.area).evidence
    >>> blocks.loc[blocks["over_limit"], "longest_side_m"].min() > 300.0
    np.True_
    """
    params = {
        "use": use,
        "limit_m": LIMIT_M[use],
        "longest_side": "longer side of the smallest rectangle around the block",
        "tolerance_m": TOLERANCE_M,
        "main_use_share": MAIN_USE_SHARE,
        "strip_m": STRIP_M,
        "island_m2": ISLAND_M2,
        "least_ha": table("bases")["least"]["ha"],
    }
    asked = Asked(area, f"block_size.{use}", "caupd", params, _BASIS)
    if needs := missing_layers(area, "roads", LAYER[use]):
        return asked.no_data(needs)
    land = area.layers[LAYER[use]]
    if use == "industrial":
        land = land[land["land_class"].astype(str).str.fullmatch(INDUSTRIAL).to_numpy(dtype=bool)]
    faces, streets = _faces(area)
    faces = faces[(area_by_zone(land, faces) > MAIN_USE_SHARE * faces.area).to_numpy()]
    blocks, parts = _told(area, faces[~faces["scrap"]], streets, use)
    over = blocks["over_limit"].to_numpy(dtype=bool)
    part_ha, zone = parts.area.to_numpy() / 1e4, parts["zone"].to_numpy()
    whole_ha = by_zone(part_ha, zone, area.zones)
    over_ha = by_zone(part_ha * over[parts["row"].to_numpy()], zone, area.zones)
    number = ratio(over_ha, whole_ha)
    known = np.isfinite(number.value)
    fewer = "roads" in area.incomplete or area.compounds is None
    contradicted = use == "residential" and dwellings(area).contradict
    anything = LAYER[use] in area.incomplete or contradicted
    return asked.found(blocks=len(blocks), blocks_over_limit=int(over.sum())).measure(
        number,
        evidence=blocks,
        low=0.0 if known and (fewer or anything) else None,
        high=1.0 if known and anything else None,
        needs=said_if(blocks.empty, f"no_block_{use}")
        + (contradicting_dwellings(area) if use == "residential" else ())
        + incomplete_layers(area, "roads", LAYER[use])
        + said_if(area.compounds is None, "blocks_need_compounds"),
        notes=_left_out(faces[faces["scrap"]]),
        base=base_of(whole_ha, "ha", Text("街区", "blocks")),
        breakdown=_counts(blocks, area, whole_ha, over_ha),
    )


@per_area
def _faces(area: StudyArea) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """What the streets and the outline of the zones enclose inside it, scrap if too narrow or small, and the streets."""
    outline = shapely.union_all(area.zones.geometry.to_numpy())
    streets = mean_lines(counted_streets(area))
    shapely.prepare(outline)
    streets = streets[shapely.intersects(outline, streets.geometry.to_numpy())]
    lines = [*streets.geometry, shapely.boundary(outline)]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    faces = faces[shapely.intersects(outline, shapely.point_on_surface(faces))]
    scrap = shapely.is_empty(shapely.buffer(faces, -STRIP_M / 2)) | (shapely.area(faces) < ISLAND_M2)
    return gpd.GeoDataFrame({"scrap": scrap}, geometry=faces, crs=area.crs), streets


def _told(
    area: StudyArea, faces: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, use: Use
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The blocks with all that is told of them, and their parts per zone."""
    blocks = faces[["geometry"]].reset_index(drop=True)
    parts = cut_areas(blocks, area.zones)
    greatest = parts.assign(area_m2=parts.area).sort_values("area_m2").drop_duplicates("row", keep="last")
    longest_m, new_road_m, _ = longest_and_across(blocks.geometry.to_numpy())
    over = longest_m > LIMIT_M[use] + TOLERANCE_M
    persons = persons_by_zone(area.population, blocks).to_numpy() if area.population is not None else np.nan
    blocks = blocks.assign(
        part="block",
        name=_names(blocks.geometry.to_numpy(), streets),
        zone_id=greatest.set_index("row")["zone_id"].reindex(blocks.index),
        area_ha=blocks.area / 1e4,
        longest_side_m=longest_m,
        use=use,
        over_limit=over,
        persons=persons,
        new_road_m=new_road_m,
    )
    gain = blocks["new_road_m"] * (blocks["persons"] if use == "residential" and area.population is not None else 1.0)
    order = pd.DataFrame({"gain": gain, "new_road_m": new_road_m})[over].sort_values(["gain", "new_road_m"])
    rank = pd.Series(np.arange(len(order), 0.0, -1.0), index=order.index)
    return blocks.assign(gain_rank=rank.reindex(blocks.index)), parts


def _names(blocks: np.ndarray, streets: gpd.GeoDataFrame) -> list[str | None]:
    """Each block by the two named streets that bound it furthest: 解放路—白云大道."""
    named = streets[streets["name"].notna()]
    lines, rims = named.geometry.to_numpy(), shapely.buffer(shapely.boundary(blocks), FRONTAGE_M)
    block, line = shapely.STRtree(lines).query(rims, predicate="intersects")
    along_m = shapely.length(shapely.intersection(rims[block], lines[line]))
    bounding = pd.DataFrame({"block": block, "name": named["name"].to_numpy()[line], "along_m": along_m.round(3)})
    bounding = bounding.groupby(["block", "name"], as_index=False)["along_m"].sum()
    bounding = bounding[bounding["along_m"] > 4 * FRONTAGE_M]  # more than where a street ends at the block
    bounding = (
        bounding.sort_values(["block", "along_m", "name"], ascending=[True, False, True]).groupby("block").head(2)
    )
    names = bounding.groupby("block")["name"].agg("—".join).to_dict()
    return [names.get(k) for k in range(len(blocks))]


def longest_and_across(blocks: Shapes) -> tuple[Floats, Floats, Shapes]:
    """The longer side of the smallest rectangle around each block, and a street across its middle: its length, and itself."""
    origin = shapely.get_coordinates(blocks)[:1]
    blocks = shapely.transform(blocks, lambda xy: xy - origin)  # the rectangle loses digits far from the origin
    corner = shapely.get_coordinates(shapely.get_exterior_ring(shapely.oriented_envelope(blocks))).reshape(-1, 5, 2)
    one, other = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 1]
    one_m, other_m = np.hypot(*one.T), np.hypot(*other.T)
    across = np.where((one_m >= other_m)[:, None], other, one)
    centre = (corner[:, 0] + corner[:, 2]) / 2
    street = shapely.linestrings(np.stack([centre - across, centre + across], axis=1))
    inside = shapely.intersection(street, blocks)
    return np.maximum(one_m, other_m), shapely.length(inside), shapely.transform(inside, lambda xy: xy + origin)


def _left_out(scrap: gpd.GeoDataFrame) -> tuple[Text, ...]:
    count, area_ha = len(scrap), scrap.area.sum() / 1e4
    return said_if(count, "strips_left_out", count=count, strip_m=STRIP_M, island_ha=ISLAND_M2 / 1e4, area_ha=area_ha)


def _counts(blocks: gpd.GeoDataFrame, area: StudyArea, whole_ha: pd.Series, over_ha: pd.Series) -> pd.DataFrame:
    """Blocks whole and per zone: how many (in the zone of their greater part), how many hectares."""
    zones = area.zones.index
    rows = {
        "blocks": blocks["zone_id"].value_counts().reindex(zones, fill_value=0),
        "blocks_over_limit": blocks.loc[blocks["over_limit"], "zone_id"].value_counts().reindex(zones, fill_value=0),
        "blocks_ha": whole_ha,
        "blocks_over_limit_ha": over_ha,
    }
    return with_whole(rows, of="what")
