"""The invented city written in the formats planners' data comes in, each labelled invented.

Offices keep their registers as a GeoPackage, as tables in UTF-8 and GBK, as a Shapefile and as Parquet.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio import Affine

from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.geometry.crs import SUIZHOU_CRS, wgs84_to_gcj02
from suizhou_geo.invented_city.city import City
from suizhou_geo.invented_city.codes import plan_codes, survey_codes
from suizhou_geo.invented_city.extract import extract, write_pbf
from suizhou_geo.invented_city.flats import houses, persons_counted
from suizhou_geo.invented_city.points import degrees
from suizhou_geo.invented_city.projects import projects
from suizhou_geo.invented_city.tables import table, text, words

Columns = Mapping[str, Sequence[Any]]
NODATA = -9999.0
LABEL = "虚构数据，不是随州 / invented data, not Suizhou"
_DATE = "2025-01-01"
_SOURCE = "虚构数据"
_FORM = ("代码 key", "指标 promise", "填报项 item", "年份 year", "数值 value", "单位 unit", "来源 source", "备注 note")
_SAID: dict[bool | None, str] = {True: "是", False: "否", None: ""}


def write_files(folder: Path, city: City, true: dict[str, Any]) -> None:
    """Write the whole study into an existing empty folder."""
    write_pbf(folder / "city.osm.pbf", extract(city))
    with _dated():
        _zones(folder / "zones.gpkg", city)
        _land(folder / "land.gpkg", city)
        _registers(folder / "registers.gpkg", city)
    _land_survey(folder / "land_survey.parquet", city)
    _houses(folder / "houses.parquet", city)
    _facilities(folder / "facilities.csv", city)
    _chargers(folder / "chargers.csv", city)
    _parking(folder / "parking.shp", city)
    _sidewalks(folder / "sidewalk_survey.csv", city)
    for name, promises in table("statistics").items():
        figures = [
            (key, "", item, year, value, given["unit"], _SOURCE, "")
            for key, given in promises.items()
            for item, year, value in given["figures"]
        ]
        _csv(folder / name, _FORM, figures, encoding="utf-8-sig")
    _population(folder / "population.tif", city)
    _projects(folder / "projects.geojson", city)
    (folder / "study.toml").write_text(text("study.toml"), encoding="utf-8")
    (folder / "README.txt").write_text(text("README.txt").format(seed=city.seed), encoding="utf-8")
    truths = json.dumps(true, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "truth.json").write_text(truths + "\n", encoding="utf-8")


@contextmanager
def _dated() -> Iterator[None]:
    """GeoPackages carry the time of writing; a fixed one makes the same city the same bytes."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{_DATE}T00:00:00.000Z"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _frame(shapes: Shapes | Sequence[shapely.Geometry], columns: Columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=SUIZHOU_CRS)


def _layer(path: Path, layer: str, shapes: Shapes | Sequence[shapely.Geometry], columns: Columns) -> None:
    options = {"DESCRIPTION": LABEL, "SPATIAL_INDEX": "NO"}
    _frame(shapes, columns).to_file(path, layer=layer, driver="GPKG", engine="pyogrio", layer_options=options)


def _named(path: Path, layer: str, heading: str, rows: Sequence[tuple[str, shapely.Geometry]]) -> None:
    """A layer of nothing but names."""
    _layer(path, layer, [shape for _, shape in rows], {heading: [name for name, _ in rows]})


def _csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]], *, encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(rows)


def _zones(path: Path, city: City) -> None:
    zones, roles = city.zones, words("zones", "role")
    columns = {
        "编号": [z.zone_id for z in zones],
        "片区名称": [z.name for z in zones],
        "类型": [roles[z.role] for z in zones],
    }
    _layer(path, "zones", [z.outline for z in zones], columns)


def _land(path: Path, city: City) -> None:
    land = city.land
    for layer, rows in (("residential", land.residential), ("compounds", land.compounds), ("historic", land.historic)):
        _named(path, layer, "名称", rows)
    columns = {
        "用地分类": [t.land_class for t in land.tiles],
        "规划用地代码": plan_codes(land.tiles),
        "建设用地": [_SAID[t.construction] for t in land.tiles],
    }
    _layer(path, "land_use", [t.shape for t in land.tiles], columns)


def _registers(path: Path, city: City) -> None:
    kept = city.registers
    fields = table("study")["layers"]["communities"]["fields"]
    items = [theirs for ours, theirs in fields.items() if ours.startswith("item_")]
    quarters, places = words("heritage", "kind"), words("centres", "kind")
    _layer(
        path,
        "communities",
        [c.shape for c in kept.communities],
        {
            "社区名称": [c.name for c in kept.communities],
            "户数": [c.households for c in kept.communities],
            "人口": persons_counted(city),
            "新推进": [_SAID[c.advanced] for c in kept.communities],
            **{name: [_SAID[c.items[n]] for c in kept.communities] for n, name in enumerate(items)},
        },
    )
    _layer(
        path,
        "heritage",
        [m.shape for m in kept.monuments],
        {
            "名称": [m.name for m in kept.monuments],
            "类型": [quarters[m.kind] for m in kept.monuments],
            "已公布": [_SAID[m.announced] for m in kept.monuments],
            "已挂牌": [_SAID[m.plaque] for m in kept.monuments],
        },
    )
    _named(path, "greenways", "名称", kept.greenways)
    _named(path, "development_zones", "园区名称", kept.development_zones)
    jobs, centres = kept.workplaces, kept.centres
    columns: Columns = {"单位": [w.name for w in jobs], "岗位数": [w.number for w in jobs]}
    _layer(path, "jobs", shapely.points([w.point for w in jobs]), columns)
    columns = {"名称": [c.name for c in centres], "类型": [places[c.kind] for c in centres]}
    _layer(path, "centres", shapely.points([c.point for c in centres]), columns)


def _houses(path: Path, city: City) -> None:
    built = houses(city)
    columns: Columns = {"层数": [h.storeys for h in built], "备注": ["虚构数据"] * len(built)}
    _frame([h.shape for h in built], columns).to_parquet(path, index=False, compression="zstd")


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
    _frame([t.shape for t in tiles], columns).to_parquet(path, index=False, compression="zstd")


def _facilities(path: Path, city: City) -> None:
    """A table as exported from a commercial map: GCJ-02 degrees, Chinese columns and categories."""
    labels = words("facilities", "category")
    lon, lat = wgs84_to_gcj02(*degrees([f.point for f in city.facilities]))
    rows = [
        (f"F{n:04d}", f.name, labels[f.category], f"{x:.7f}", f"{y:.7f}", "" if f.capacity is None else f.capacity)
        for n, (f, x, y) in enumerate(zip(city.facilities, lon, lat, strict=True), start=1)
    ]
    _csv(path, ("编号", "名称", "类别", "经度", "纬度", "学位床位"), rows)


def _chargers(path: Path, city: City) -> None:
    spots = city.registers.chargers
    lon, lat = wgs84_to_gcj02(*degrees([s.point for s in spots]))
    rows = [
        (s.name, s.number, s.unit, _SAID[s.public], f"{x:.7f}", f"{y:.7f}")
        for s, x, y in zip(spots, lon, lat, strict=True)
    ]
    _csv(path, ("站点", "数量", "计量单位", "是否公用", "经度", "纬度"), rows, encoding="gbk")


def _parking(path: Path, city: City) -> None:
    spots = city.registers.car_parks
    columns: Columns = {
        "名称": [s.name for s in spots],
        "泊位数": [s.number for s in spots],
        "公用": [_SAID[s.public] for s in spots],
    }
    options = {"ENCODING": "GBK", "DBF_DATE_LAST_UPDATE": _DATE}
    frame = _frame(shapely.points([s.point for s in spots]), columns)
    frame.to_file(path, driver="ESRI Shapefile", engine="pyogrio", layer_options=options)


def _sidewalks(path: Path, city: City) -> None:
    survey = city.registers.sidewalks
    rows: list[Sequence[object]] = []
    for n, (row, x, y) in enumerate(zip(survey, *degrees([r.point for r in survey]), strict=True), start=1):
        measured = (f"R{n:04d}", row.street, row.side, f"{row.length_m:.1f}", row.width_m)
        judged = [_SAID[value] for value in (row.continuous, row.obstructed, row.kerb_ramps)]
        rows.append((*measured, *judged, f"{x:.6f}", f"{y:.6f}", _DATE, "虚构"))
    headings = ("编号", "道路名称", "侧别", "长度_米", "净宽_米", "连续", "被占用", "缘石坡道")
    _csv(path, (*headings, "经度", "纬度", "调查日期", "备注"), rows, encoding="utf-8-sig")


def _population(path: Path, city: City) -> None:
    grid = city.population
    rows, columns = grid.persons.shape
    profile = {
        "driver": "GTiff",
        "width": columns,
        "height": rows,
        "count": 1,
        "dtype": "float32",
        "crs": SUIZHOU_CRS,
        "transform": Affine(grid.cell_m, 0.0, grid.west, 0.0, -grid.cell_m, grid.north),
        "nodata": NODATA,
        "compress": "deflate",
    }
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(np.where(np.isnan(grid.persons), NODATA, grid.persons).astype("float32"), 1)
        raster.update_tags(TIFFTAG_IMAGEDESCRIPTION=LABEL)


def _projects(path: Path, city: City) -> None:
    """The projects of a ready scenario, in WGS 84 degrees as GeoJSON wants them, each with the columns of its layer."""
    features = []
    for project in projects(city):
        shape = shapely.transform(project.shape, lambda xy: np.round(np.column_stack(degrees(xy)), 7))
        said = {"name": project.name, "layer": project.layer, "action": "build", **project.columns}
        features.append({"type": "Feature", "properties": said, "geometry": shapely.geometry.mapping(shape)})
    content = {"type": "FeatureCollection", "description": LABEL, "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
