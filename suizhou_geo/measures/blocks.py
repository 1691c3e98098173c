"""Blocks (街区): how much of the residential or industrial land lies in blocks that are too long."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import InputError
from suizhou_geo.mean_lines import mean_lines
from suizhou_geo.measures.roads import counted_streets
from suizhou_geo.measures.said import incomplete_layers, missing_layers, no_data
from suizhou_geo.model import Measure, StudyArea, Text
from suizhou_geo.zonal import area_by_zone, by_zone, cut_areas, persons_by_zone

Use = Literal["residential", "industrial"]
USES: tuple[Use, ...] = get_args(Use)
LIMIT_M = {"residential": 300.0, "industrial": 600.0}
LAYER = {"residential": "residential", "industrial": "land_use"}
INDUSTRIAL = r"1001\d*|M[123]?|industrial|.*工业用地.*"
MAIN_USE_SHARE = 0.5
STRIP_M = 20.0
TOLERANCE_M = 0.5
NAMES = {
    "residential": Text("居住街区边长超过300m的面积占比", "residential land in blocks longer than 300 m"),
    "industrial": Text("工业街区边长超过600m的面积占比", "industrial land in blocks longer than 600 m"),
}
_BASIS = "GB/T 51328-2018 table 12.6.3; GB 50180-2018 6.0.2"


def block_size(area: StudyArea, *, use: Use = "residential") -> Measure:
    """街区尺度: the share, by area, of residential blocks whose longest side exceeds 300 m; of industrial ones, 600 m.

    A block is what the mean lines of the counted streets (those of `road_density`, profile "caupd") and the outline of
    the zones enclose; dead ends do not divide it. Faces in which no circle of 20 m across finds room are strips between
    a street and the outline, and no blocks. A block belongs to the use that holds more than half of its area: the
    `residential` layer, or the `land_use` of classes 1001 (三调), M (GB 50137), or called 工业用地 or industrial; rivers,
    railways and parks are no blocks of either use. Its longest side is the longer side of the smallest rectangle around
    it, and exceeds the limit from half a metre more. A block in two zones counts in each with the part that lies there.

    `evidence`: the blocks of that use, part = "block", with zone_id (of its greater part), area_ha, longest_side_m, use,
    over_limit, persons (each population polygon gives the share of its area), new_road_m and gain_rank. The new branch
    road is drawn through the middle of the rectangle, across its longest side, and new_road_m is its length inside the
    block: what it adds to the network. Blocks over the limit are ranked by new_road_m x persons, since a street is worth
    more where more people live; industrial ones, and without population, by new_road_m alone. `breakdown` counts and
    adds up blocks, whole and per zone.

    Range: streets that are missing could only divide blocks, so that the share may be lower where roads are incomplete
    or compounds (封闭小区) are not given; where the layer of the use is incomplete, it may be anything.

    Errors: InputError for an unknown use. Source: GB/T 51328-2018 table 12.6.3, GB 50180-2018 6.0.2.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.measures.blocks import block_size
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> blocks = block_size(study.area).evidence
    >>> blocks.loc[blocks["over_limit"], "longest_side_m"].min() > 300.0
    np.True_
    """
    if use not in USES:
        raise InputError(f"block_size: use {use!r} is not one of {', '.join(USES)}")
    key, name = f"block_size.{use}", NAMES[use]
    params: dict[str, Any] = {
        "use": use,
        "limit_m": LIMIT_M[use],
        "longest_side": "longer side of the smallest rectangle around the block",
        "main_use_share": MAIN_USE_SHARE,
        "strip_m": STRIP_M,
    }
    land = getattr(area, LAYER[use])
    if area.roads is None or land is None:
        needs = missing_layers(area, "roads", LAYER[use])
        return no_data(area, key, name, unit="share", profile="caupd", needs=needs, params=params)
    if use == "industrial":
        land = land[land["land_class"].astype(str).str.fullmatch(INDUSTRIAL).to_numpy(dtype=bool)]
    blocks, parts = _of_use(area, land, use)
    over = blocks["over_limit"].to_numpy(dtype=bool)
    part_ha, zone = parts.area.to_numpy() / 1e4, parts["zone"].to_numpy()
    whole_ha = by_zone(part_ha, zone, area.zones)
    over_ha = by_zone(part_ha * over[parts["row"].to_numpy()], zone, area.zones)
    value = float(over_ha.sum() / whole_ha.sum()) if whole_ha.sum() > 0 else np.nan
    fewer = "roads" in area.incomplete or area.compounds is None
    anything = LAYER[use] in area.incomplete
    return Measure(
        key=key,
        name_zh=name.zh,
        name_en=name.en,
        value=value,
        unit="share",
        by_zone=over_ha / whole_ha.where(whole_ha > 0),
        denominator=whole_ha,
        shortfall_unit="ha",
        profile="caupd",
        basis=_BASIS,
        params=params | {"blocks": len(blocks), "blocks_over_limit": int(over.sum())},
        evidence=blocks,
        low=0.0 if (fewer or anything) and np.isfinite(value) else value,
        high=1.0 if anything and np.isfinite(value) else value,
        needs=_nothing(blocks, use) + incomplete_layers(area, "roads", LAYER[use]) + _compounds_needed(area),
        breakdown=_counts(blocks, area, whole_ha, over_ha),
    )


@lru_cache(maxsize=2)
def _faces(area: StudyArea) -> gpd.GeoDataFrame:
    """What the streets and the outline of the zones enclose inside it, without strips."""
    outline = shapely.union_all(area.zones.geometry.to_numpy())
    lines = mean_lines(counted_streets(area)).geometry.to_numpy()
    shapely.prepare(outline)
    lines = lines[shapely.intersects(outline, lines)]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([*lines, shapely.boundary(outline)])]))
    faces = faces[shapely.intersects(outline, shapely.point_on_surface(faces))]
    faces = faces[~shapely.is_empty(shapely.buffer(faces, -STRIP_M / 2))]
    return gpd.GeoDataFrame(geometry=faces, crs=area.crs)


def _of_use(area: StudyArea, land: gpd.GeoDataFrame, use: Use) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The blocks of a use with all that is told of them, and their parts per zone."""
    faces = _faces(area)
    blocks = faces[(area_by_zone(land, faces) > MAIN_USE_SHARE * faces.area).to_numpy()].reset_index(drop=True)
    parts = cut_areas(blocks, area.zones)
    greatest = parts.assign(area_m2=parts.area).sort_values("area_m2").drop_duplicates("row", keep="last")
    longest_m, new_road_m = _longest_and_across(blocks.geometry.to_numpy())
    over = longest_m > LIMIT_M[use] + TOLERANCE_M
    persons = persons_by_zone(area.population, blocks).to_numpy() if area.population is not None else np.nan
    blocks = blocks.assign(
        part="block",
        zone_id=greatest.set_index("row")["zone_id"].reindex(blocks.index),
        area_ha=blocks.area / 1e4,
        longest_side_m=longest_m,
        use=use,
        over_limit=over,
        persons=persons,
        new_road_m=new_road_m,
    )
    gain = blocks["new_road_m"] * (blocks["persons"] if use == "residential" and area.population is not None else 1.0)
    return blocks.assign(gain_rank=gain.where(over).rank(ascending=False, method="first")), parts


def _longest_and_across(blocks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The longer side of the smallest rectangle around each block, and how long a street across its middle is."""
    origin = shapely.get_coordinates(blocks)[:1]
    blocks = shapely.transform(blocks, lambda xy: xy - origin)  # the rectangle loses digits far from the origin
    corner = shapely.get_coordinates(shapely.get_exterior_ring(shapely.oriented_envelope(blocks))).reshape(-1, 5, 2)
    one, other = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 1]
    one_m, other_m = np.hypot(*one.T), np.hypot(*other.T)
    across = np.where((one_m >= other_m)[:, None], other, one)
    centre = (corner[:, 0] + corner[:, 2]) / 2
    street = shapely.linestrings(np.stack([centre - across, centre + across], axis=1))
    return np.maximum(one_m, other_m), shapely.length(shapely.intersection(street, blocks))


def _nothing(blocks: gpd.GeoDataFrame, use: Use) -> tuple[Text, ...]:
    if len(blocks):
        return ()
    zh = {"residential": "居住", "industrial": "工业"}[use]
    return (Text(f"分区内没有以{zh}用地为主的街区", f"no block inside the zones is mainly {use}"),)


def _compounds_needed(area: StudyArea) -> tuple[Text, ...]:
    if area.compounds is not None:
        return ()
    return (
        Text(
            "未提供封闭小区图层（compounds），居住用地内的无名街坊道路未作为街区边界，超限街区可能偏多",
            "without the layer compounds (封闭小区), unnamed local streets in residential land do not divide blocks, "
            "and blocks may be smaller than shown",
        ),
    )


def _counts(blocks: gpd.GeoDataFrame, area: StudyArea, whole_ha: pd.Series, over_ha: pd.Series) -> pd.DataFrame:
    """Blocks whole and per zone: how many (in the zone of their greater part), how many hectares."""
    zones = area.zones.index
    rows = {
        "blocks": blocks["zone_id"].value_counts().reindex(zones, fill_value=0),
        "blocks_over_limit": blocks.loc[blocks["over_limit"], "zone_id"].value_counts().reindex(zones, fill_value=0),
        "blocks_ha": whole_ha,
        "blocks_over_limit_ha": over_ha,
    }
    counts = pd.DataFrame(rows).astype(float).T
    counts.insert(0, "whole", counts.sum(axis=1))
    return counts.rename_axis("what")
