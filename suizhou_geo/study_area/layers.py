"""Which layers there are: for every one its geometry, its columns and what stands in a column that is not given.

`LAYERS` is the one table that says so, `conform` holds a layer to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import Text, listed_text
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.shapes import layer_of

Boundary = Literal["built_up", "urban_range", "construction_land", "development_boundary", "administrative"]

_TRUTHS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
BUILT = ("built_up", "construction_land")  # outlines of what is built; the others hold open country, too

ROLES = ("main_city", "district")

CENTRE_KINDS = ("main", "county")

HERITAGE_KINDS = ("district", "building")  # 历史文化街区, 历史建筑

CHARGER_COUNTS = ("pile", "gun")  # 桩, 枪

COMMUNITY_ITEMS = 20

COUNTED = {"population": "persons", "jobs": "jobs"}  # the column of a layer that counts people

SIGNED = ("level",)  # the numbers that may be below zero

TERMINUS_KINDS = ("turning_circle", "no_exit", "construction", "cut")

SIDEWALK_SIDES = ("both", "left", "right", "no")

REQUIRED = object()

LINES = ("LineString", "MultiLineString")

AREAS = ("Polygon", "MultiPolygon")

POINTS = ("Point", "MultiPoint")

ELSEWHERE_M = 20_000.0  # a layer that comes no nearer to the zones than this is another place's
_KINDS_ZH = {
    "Point": "点",
    "MultiPoint": "多部件点",
    "LineString": "线",
    "LinearRing": "闭合线",
    "MultiLineString": "多部件线",
    "Polygon": "面",
    "MultiPolygon": "多部件面",
    "GeometryCollection": "混合图形",
}


@dataclass(frozen=True)
class Layer:
    """What one layer must hold: its Chinese name, its geometry kinds, and each column's default (or REQUIRED)."""

    name_zh: str
    kinds: tuple[str, ...]
    columns: Mapping[str, object]


LAYERS: Mapping[str, Layer] = {
    "zones": Layer("分区", AREAS, {"name": REQUIRED, "role": "main_city"}),
    "roads": Layer(
        "道路",
        LINES,
        {
            "road_class": REQUIRED,  # a key of [classes] in standards/road_classes.toml
            "name": None,
            "source_id": "",
            "oneway": None,  # True: drawn in the direction of traffic; False: traffic both ways; None: not said
            "ramp": False,  # a ramp or turning slip (匝道): never part of the network's length
            "roundabout": False,
            "bridge": False,
            "tunnel": False,
            "level": 0,  # above (+) or below (-) ground
            "crosses": False,  # a ford, ferry or level crossing: it crosses the barriers it meets
            "walkable": None,  # None: as its class says
            "width_m": np.nan,
            "sidewalk": None,  # one of SIDEWALK_SIDES, left and right of the line as drawn; None: nobody says
            "public": None,  # whether everybody may drive there; None: nobody says
        },
    ),
    "walkways": Layer(
        "步行道",
        LINES,
        {
            "name": None,
            "source_id": "",
            "bridge": False,
            "tunnel": False,
            "level": 0,
            "crosses": False,
            "walkable": None,  # None: yes; no where it is closed to the public
        },
    ),
    "plazas": Layer("步行广场", AREAS, {"name": None, "source_id": "", "level": 0, "walkable": None}),
    "sidewalks": Layer(
        "人行道调查",
        ("Point", *LINES),
        {
            "street": None,
            "side": None,
            "length_m": np.nan,  # of a row that is a point; a line has its own
            "width_m": np.nan,
            "continuous": None,  # None: not tested
            "obstructed": None,
            "kerb_ramps": None,
            "source_id": "",
        },
    ),
    "facilities": Layer(
        "设施",
        POINTS + AREAS,
        {
            "category": REQUIRED,
            "name": None,
            "capacity": np.nan,  # places it has: pupils (学位), beds (床位); 0 is none, NaN is not said
            "guessed": False,  # whether its category is a guess, because neither its tags nor its name tell
            "source_id": "",
        },
    ),
    "facilities_check": Layer(
        "设施核对（第二来源）", POINTS + AREAS, {"category": REQUIRED, "name": None, "source_id": ""}
    ),
    "parks": Layer("公园", AREAS, {"name": None, "kind": "park", "open_public": True, "source_id": ""}),
    "gates": Layer("出入口", ("Point",), {"name": None, "source_id": ""}),
    "historic": Layer("历史文化街区", AREAS, {"name": None}),
    "heritage": Layer(
        "历史街区与历史建筑名录",
        POINTS + AREAS,
        {"name": REQUIRED, "kind": REQUIRED, "announced": True, "plaque": None},  # plaque: None is not said
    ),
    "greenways": Layer("绿道", LINES, {"name": None, "source_id": ""}),
    "residential": Layer("居住用地", AREAS, {"name": None, "source_id": ""}),
    "compounds": Layer("小区", AREAS, {"name": None, "gated": None}),
    "institutions": Layer(
        "单位用地",
        AREAS,
        {"name": None, "own_streets": True, "source_id": ""},  # False: public streets may run inside
    ),
    "termini": Layer("道路终端", POINTS + LINES, {"kind": REQUIRED, "source_id": ""}),  # what streets end at
    "land_use": Layer(
        "用地",
        AREAS,
        {
            "land_class": REQUIRED,  # the code as given, of the system the study names or the codes show
            "land_group": None,  # a key of [groups] in standards/land_codes.toml
            "czcsxm": None,  # 城镇村属性码 of the land survey: 201, 201A, 202, ...
            "construction": True,
        },
    ),
    "land_survey": Layer(
        "国土调查图斑",
        AREAS,
        {
            "land_class": REQUIRED,  # 三调 DLBM
            "land_group": None,
            "czcsxm": None,  # 城镇村属性码; empty outside cities, towns and villages
        },
    ),
    "development_zones": Layer("开发区（园区）", AREAS, {"name": REQUIRED}),
    "communities": Layer(
        "社区",
        AREAS,
        {
            "name": REQUIRED,
            "households": np.nan,
            "advanced": None,  # whether it is one of the complete communities being advanced (新推进完整社区)
            **{f"item_{n:02d}": None for n in range(1, COMMUNITY_ITEMS + 1)},  # declared; None: not said
        },
    ),
    "buildings": Layer("建筑", AREAS, {"residential": None, "levels": np.nan, "source_id": ""}),
    "barriers": Layer("阻隔要素", LINES + AREAS, {"kind": REQUIRED, "name": None}),
    "railways": Layer("铁路", LINES, {"name": None, "bridge": False, "tunnel": False, "source_id": ""}),
    "population": Layer("人口", AREAS, {"persons": REQUIRED}),
    "jobs": Layer("就业岗位", POINTS + AREAS, {"jobs": REQUIRED, "name": None}),
    "centres": Layer("城市与县城中心", POINTS, {"name": REQUIRED, "kind": "county"}),
    "chargers": Layer("充电设施", POINTS, {"name": None, "count": 1, "counts": None, "public": None}),
    "parking": Layer("停车场", POINTS + AREAS, {"name": None, "spaces": np.nan, "public": None}),
    "candidates": Layer(
        "备选点位",
        POINTS + AREAS,
        {
            "name": None,
            "cost": np.nan,  # in any one unit
            "use": None,  # what it may serve for; None: for all
            "capacity": np.nan,  # how many places or beds it would have
        },
    ),
    "outlines": Layer("范围线", AREAS, {"name": REQUIRED, "kind": REQUIRED}),  # kind: what it stands for, a Boundary
}


def conform(layer: gpd.GeoDataFrame, name: str, *, crs: CRS) -> gpd.GeoDataFrame:
    """Return a layer as LAYERS wants it: in `crs`, right geometry kinds, all columns there, defaults filled.

    Other columns are dropped. Rows are never dropped here: an empty or wrong geometry is an error. A grid is as wanted.

    Raises:
        LayerError: no CRS or another one, a geometry of the wrong kind, a required column missing or with gaps,
            negative persons or amounts.
    """
    _check_crs(layer, name, crs)
    if isinstance(layer, Grid):
        return layer
    spec, shapes = LAYERS[name], layer.geometry.to_numpy()
    right = np.isin(shapely.get_type_id(shapes), [shapely.GeometryType[kind.upper()] for kind in spec.kinds])
    bad = np.flatnonzero(~right | shapely.is_empty(shapes))
    if len(bad):
        wrong, shape, wanted = layer.index[bad], shapes[bad[0]], kinds_text(spec.kinds)
        kind = Text("空的", "nothing") if shape is None else kinds_text((shape.geom_type,))
        raise LayerError(
            (f"图层 {name}，第 {wrong[0]} 行：图形是{kind.zh}，应为{wanted.zh}；请去掉这一行，或换成正确的图层"),
            (
                f"layer {name}, row {wrong[0]}: geometry is {kind.en}, wanted {wanted.en}; "
                "take the row out or give the right layer"
            ),
        )
    columns = {}
    for column, default in spec.columns.items():
        if column in layer.columns:
            values = layer[column]
            gaps = values.index[values.isna()]
            if default is REQUIRED and len(gaps):
                raise LayerError(
                    f"图层 {name}，列“{column}”：第 {gaps[0]} 行为空；请填写",
                    f"layer {name}, column {column}: row {gaps[0]} is empty; fill it in",
                )
            values = values.astype(object) if default is None and len(gaps) else values
            columns[column] = values.where(values.notna(), default) if len(gaps) else values
        elif default is REQUIRED:
            had = listed_text((str(c) for c in layer.columns if c != layer.geometry.name), Text("无", "none"))
            raise LayerError(
                f"图层 {name}：没有列“{column}”（现有：{had.zh}）；请在 fields 里写明是哪一列",
                f"layer {name} has no column {column} (it has: {had.en}); name the column that holds it under `fields`",
            )
        else:
            columns[column] = pd.Series([default] * len(layer), index=layer.index)
    if name in COUNTED:
        columns[COUNTED[name]] = _counts(columns[COUNTED[name]], name)
    for column, default in spec.columns.items():
        if isinstance(default, bool):
            columns[column] = _truths(columns[column], name)
        if isinstance(default, int | float) and not isinstance(default, bool) and column not in SIGNED:
            _check_amounts(columns[column], name, whole=isinstance(default, int))
    return layer_of(shapes, crs, columns, index=layer.index)


def _check_crs(layer: gpd.GeoDataFrame | Grid, name: str, crs: CRS) -> None:
    if layer.crs is None:
        raise LayerError(
            f"图层 {name}：没有坐标系；请写明", f"layer {name} has no coordinate system; say which one it is in"
        )
    if layer.crs != crs:
        raise LayerError(
            f"图层 {name}：坐标系是 {layer.crs.name}，分区的坐标系是 {crs.name}；请统一坐标系",
            f"layer {name} is in {layer.crs.name}, the zones in {crs.name}; bring both into one system",
        )


def kinds_text(kinds: tuple[str, ...]) -> Text:
    """Return what kinds of geometry are called.

    >>> kinds_text(("Polygon", "MultiPolygon"))
    Text(zh='面或多部件面', en='Polygon or MultiPolygon')
    """
    return Text("或".join(_KINDS_ZH.get(kind, kind) for kind in kinds), " or ".join(kinds))


def _check_amounts(given: pd.Series, name: str, *, whole: bool) -> None:
    amounts = pd.to_numeric(given, errors="coerce").astype(float)
    bad = given.index[amounts.lt(0) | np.isinf(amounts) | (whole & (amounts % 1).gt(0))]
    if len(bad):
        kind = Text("整数", "whole number") if whole else Text("数", "number")
        raise LayerError(
            (
                f"图层 {name}，列“{given.name}”：第 {bad[0]} 行的值是 {given.loc[bad[0]]:g}，"
                f"应为不小于零的{kind.zh}；请更正，不清楚就留空"
            ),
            (
                f"layer {name}, column {given.name}: row {bad[0]} holds {given.loc[bad[0]]:g}, wanted a "
                f"{kind.en} of zero or more; correct it, or leave it empty if it is not known"
            ),
        )


def _truths(given: pd.Series, name: str) -> pd.Series:
    """Yes or no as truth values, also where a file has kept them as words: "True", "False"."""
    if given.dtype == bool:
        return given
    said = given.map(lambda value: _TRUTHS.get(str(value).lower()))
    bad = given.index[said.isna()]
    if len(bad):
        raise LayerError(
            f"图层 {name}，列“{given.name}”：第 {bad[0]} 行的值是“{given.loc[bad[0]]}”，应为 True 或 False；请更正",
            (
                f"layer {name}, column {given.name}: row {bad[0]} holds {str(given.loc[bad[0]])!r}, "
                "wanted True or False; correct it"
            ),
        )
    return said.astype(bool)


def _counts(given: pd.Series, name: str) -> pd.Series:
    counts = pd.to_numeric(given, errors="coerce")
    bad = counts.index[~np.isfinite(counts.to_numpy()) | (counts.to_numpy() < 0)]
    if len(bad):
        raise LayerError(
            (
                f"图层 {name}，列“{given.name}”：第 {bad[0]} 行的值是“{given.loc[bad[0]]}”，"
                "应为不小于零的数；缺失值请标为 nodata"
            ),
            (
                f"layer {name}, column {given.name}: row {bad[0]} holds {str(given.loc[bad[0]])!r}; "
                f"{given.name} are numbers of zero or more, so mark missing values as nodata"
            ),
        )
    return counts.astype(float)
