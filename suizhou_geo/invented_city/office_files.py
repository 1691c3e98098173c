"""The registers of the invented city as offices keep them: a GeoPackage, tables in UTF-8 and GBK, a Shapefile, Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from suizhou_geo.geometry.crs import SUIZHOU_CRS, wgs84_to_gcj02
from suizhou_geo.invented_city.city import City, Point
from suizhou_geo.invented_city.codes import survey_codes
from suizhou_geo.invented_city.declared import FORMS, HEADINGS, rows
from suizhou_geo.invented_city.study_text import GPKG_OPTIONS, ITEM_NAMES

_KINDS = {"district": "历史文化街区", "building": "历史建筑", "main": "城市主中心", "county": "县城"}
_DATE = "2025-01-01"


def write_offices(folder: Path, city: City) -> None:
    """Write every register of the city into an existing folder."""
    _registers(folder / "registers.gpkg", city)
    _land_survey(folder / "land_survey.parquet", city)
    _chargers(folder / "chargers.csv", city)
    _parking(folder / "parking.shp", city)
    _sidewalks(folder / "sidewalk_survey.csv", city)
    for name, promises in FORMS.items():
        _csv(folder / name, HEADINGS, rows(promises), encoding="utf-8-sig")


def _said(value: bool | None) -> str:
    return {True: "是", False: "否", None: ""}[value]


def _registers(path: Path, city: City) -> None:
    kept = city.registers
    known = kept.communities
    layers = {
        "communities": {
            "社区名称": [c.name for c in known],
            "户数": [c.households for c in known],
            "新推进": [_said(c.advanced) for c in known],
            **{name: [_said(c.items[n]) for c in known] for n, name in enumerate(ITEM_NAMES)},
            "geometry": [c.shape for c in known],
        },
        "heritage": {
            "名称": [m.name for m in kept.monuments],
            "类型": [_KINDS[m.kind] for m in kept.monuments],
            "已公布": [_said(m.announced) for m in kept.monuments],
            "已挂牌": [_said(m.plaque) for m in kept.monuments],
            "geometry": [m.shape for m in kept.monuments],
        },
        "greenways": {"名称": [n for n, _ in kept.greenways], "geometry": [line for _, line in kept.greenways]},
        "development_zones": {
            "园区名称": [n for n, _ in kept.development_zones],
            "geometry": [shape for _, shape in kept.development_zones],
        },
        "jobs": {
            "单位": [w.name for w in kept.workplaces],
            "岗位数": [w.number for w in kept.workplaces],
            "geometry": shapely.points([w.point for w in kept.workplaces]),
        },
        "centres": {
            "名称": [c.name for c in kept.centres],
            "类型": [_KINDS[c.kind] for c in kept.centres],
            "geometry": shapely.points([c.point for c in kept.centres]),
        },
    }
    for layer, columns in layers.items():
        frame = gpd.GeoDataFrame(columns, geometry="geometry", crs=SUIZHOU_CRS)
        frame.to_file(
            path,
            layer=layer,
            driver="GPKG",
            engine="pyogrio",
            layer_options=GPKG_OPTIONS,
        )


def _land_survey(path: Path, city: City) -> None:
    """The patches of the land survey (DLTB); TBMJ is the area in square metres."""
    tiles = city.land.tiles
    code, name, scope = (list(column) for column in zip(*survey_codes(tiles, city.zones), strict=True))
    columns = {
        "BSM": [f"XG{n:06d}" for n in range(1, len(tiles) + 1)],
        "DLBM": code,
        "DLMC": name,
        "CZCSXM": scope,
        "TBMJ": [round(t.shape.area, 2) for t in tiles],
        "BZ": ["虚构数据"] * len(tiles),
    }
    frame = gpd.GeoDataFrame(columns, geometry=[t.shape for t in tiles], crs=SUIZHOU_CRS)
    frame.to_parquet(path, index=False, compression="zstd")


def _chargers(path: Path, city: City) -> None:
    spots = city.registers.chargers
    lon, lat = wgs84_to_gcj02(*_degrees([s.point for s in spots]))
    table = [
        (s.name, s.number, s.unit, _said(s.public), f"{x:.7f}", f"{y:.7f}")
        for s, x, y in zip(spots, lon, lat, strict=True)
    ]
    _csv(path, ("站点", "数量", "计量单位", "是否公用", "经度", "纬度"), table, encoding="gbk")


def _parking(path: Path, city: City) -> None:
    spots = city.registers.car_parks
    columns = {
        "名称": [s.name for s in spots],
        "泊位数": [s.number for s in spots],
        "公用": [_said(s.public) for s in spots],
    }
    frame = gpd.GeoDataFrame(columns, geometry=shapely.points([s.point for s in spots]), crs=SUIZHOU_CRS)
    options = {"ENCODING": "GBK", "DBF_DATE_LAST_UPDATE": _DATE}
    frame.to_file(path, driver="ESRI Shapefile", engine="pyogrio", layer_options=options)


def _sidewalks(path: Path, city: City) -> None:
    survey = city.registers.sidewalks
    lon, lat = _degrees([r.point for r in survey])
    table = [
        (
            f"R{n:04d}",
            row.street,
            row.side,
            f"{row.length_m:.1f}",
            row.width_m,
            *map(_said, (row.continuous, row.obstructed, row.kerb_ramps)),
            f"{x:.6f}",
            f"{y:.6f}",
            _DATE,
            "虚构",
        )
        for n, (row, x, y) in enumerate(zip(survey, lon, lat, strict=True), start=1)
    ]
    headings = ("编号", "道路名称", "侧别", "长度_米", "净宽_米", "连续", "被占用", "缘石坡道")
    _csv(path, (*headings, "经度", "纬度", "调查日期", "备注"), table, encoding="utf-8-sig")


def _degrees(points: Sequence[Point]) -> tuple[np.ndarray, np.ndarray]:
    east, north = np.array(points).T
    lon, lat = Transformer.from_crs(SUIZHOU_CRS, "EPSG:4326", always_xy=True).transform(east, north)
    return lon, lat


def _csv(path: Path, headings: Sequence[str], table: Iterable[Sequence[object]], *, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(table)
