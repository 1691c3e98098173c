"""The invented city written in the formats planners' data comes in, each labelled invented."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
from pyproj import Transformer
from rasterio import Affine

from suizhou_geo.crs import SUIZHOU_CRS, wgs84_to_gcj02
from suizhou_geo.sample.city import City
from suizhou_geo.sample.extract import extract, write_pbf
from suizhou_geo.sample.people import FACILITIES, SURVEYED_NONE

NAME_ZH, NAME_EN = "虚构随州样板城（虚构数据）", "Invented city (not Suizhou)"
NODATA = -9999.0
BASELINE = 0.45
LABEL = "虚构数据，不是随州 / invented data, not Suizhou"
# 用地用海 names as the planners' layer has them -> codes.
LAND_CODES = {
    "城镇住宅用地": "0701",
    "机关团体用地": "0801",
    "教育用地": "0804",
    "医疗卫生用地": "0806",
    "商业服务业用地": "09",
    "工业用地": "1001",
    "物流仓储用地": "1101",
    "铁路用地": "1201",
    "公路用地": "1202",
    "城镇村道路用地": "1207",
    "公用设施用地": "13",
    "公园绿地": "1401",
    "防护绿地": "1402",
    "留白用地": "16",
    "河流水面": "1701",
    "林地": "03",
}
_DATE = "2025-01-01T00:00:00.000Z"


def write_files(folder: Path, city: City, true: dict[str, Any]) -> None:
    """Write the whole study into an existing empty folder."""
    write_pbf(folder / "city.osm.pbf", extract(city))
    with _dated():
        _zones(folder / "zones.gpkg", city)
        _land(folder / "land.gpkg", city)
    _facilities(folder / "facilities.csv", city)
    _population(folder / "population.tif", city)
    (folder / "study.toml").write_text(_study(), encoding="utf-8")
    (folder / "README.txt").write_text(_readme(city), encoding="utf-8")
    text = json.dumps(true, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")


@contextmanager
def _dated() -> Iterator[None]:
    """GeoPackages carry the time of writing; a fixed one makes the same city the same bytes."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _layer(path: Path, layer: str, frame: gpd.GeoDataFrame) -> None:
    frame.to_file(path, layer=layer, driver="GPKG", engine="pyogrio", layer_options={"DESCRIPTION": LABEL})


def _zones(path: Path, city: City) -> None:
    roles = {"main_city": "主城", "district": "片区"}
    columns = {
        "编号": [z.zone_id for z in city.zones],
        "片区名称": [z.name for z in city.zones],
        "类型": [roles[z.role] for z in city.zones],
    }
    _layer(path, "zones", gpd.GeoDataFrame(columns, geometry=[z.outline for z in city.zones], crs=SUIZHOU_CRS))


def _land(path: Path, city: City) -> None:
    land = city.land
    for layer, rows in (("residential", land.residential), ("compounds", land.compounds), ("historic", land.historic)):
        names, shapes = zip(*rows, strict=True)
        _layer(path, layer, gpd.GeoDataFrame({"名称": names}, geometry=list(shapes), crs=SUIZHOU_CRS))
    columns = {
        "用地分类": [t.land_class for t in land.tiles],
        "建设用地": ["是" if t.construction else "否" for t in land.tiles],
    }
    _layer(path, "land_use", gpd.GeoDataFrame(columns, geometry=[t.shape for t in land.tiles], crs=SUIZHOU_CRS))


def _facilities(path: Path, city: City) -> None:
    """A table as exported from a commercial map: GCJ-02 degrees, Chinese columns and categories."""
    to_degrees = Transformer.from_crs(SUIZHOU_CRS, "EPSG:4326", always_xy=True)
    east, north = np.array([f.point for f in city.facilities]).T
    lon, lat = wgs84_to_gcj02(*to_degrees.transform(east, north))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["编号", "名称", "类别", "经度", "纬度"])
        for n, (facility, x, y) in enumerate(zip(city.facilities, lon, lat, strict=True), start=1):
            table.writerow([f"F{n:04d}", facility.name, FACILITIES[facility.category][0], f"{x:.7f}", f"{y:.7f}"])


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


def _table(pairs: dict[str, str]) -> str:
    return "\n".join(f'"{theirs}" = "{ours}"' for theirs, ours in pairs.items())


def _study() -> str:
    categories = _table({label: category for category, (label, count) in FACILITIES.items() if count})
    surveyed = ", ".join(f'"{category}"' for category in SURVEYED_NONE)
    return f"""\
# {LABEL}
name = "{NAME_ZH}"
name_en = "{NAME_EN}"
crs = "{SUIZHOU_CRS}"
plan = "suizhou_2025"
invented = true

[zones]
path = "zones.gpkg"
layer = "zones"
fields = {{ zone_id = "编号", name = "片区名称", role = "类型" }}
values = {{ role = {{ "主城" = "main_city", "片区" = "district" }} }}
boundary = "built_up"

[osm]
path = "city.osm.pbf"
complete = true

[layers.residential]
path = "land.gpkg"
layer = "residential"
fields = {{ name = "名称" }}

[layers.compounds]
path = "land.gpkg"
layer = "compounds"
fields = {{ name = "名称" }}

[layers.historic]
path = "land.gpkg"
layer = "historic"
fields = {{ name = "名称" }}

[layers.land_use]
path = "land.gpkg"
layer = "land_use"
fields = {{ land_class = "用地分类", construction = "建设用地" }}

[layers.land_use.values.construction]
"是" = true
"否" = false

[layers.land_use.values.land_class]
{_table(LAND_CODES)}

[layers.facilities]
path = "facilities.csv"
datum = "gcj02"
x = "经度"
y = "纬度"
fields = {{ category = "类别", name = "名称", source_id = "编号" }}
surveyed = [{surveyed}]

[layers.facilities.values.category]
{categories}

[population]
path = "population.tif"
kind = "count"
year = 2020
complete = true

[baselines.life_circle_compliance]
value = {BASELINE}
year = 2020
source = "虚构基准值 (invented baseline)"
"""


def _readme(city: City) -> str:
    return f"""\
{NAME_ZH}
{NAME_EN}

本文件夹中的一切都是程序生成的虚构数据（种子 {city.seed}）。街道、地块、公园、设施、人口都不是随州的真实情况，
虽然用了规划文本里出现的道路、河流、铁路名称，位置却是编造的。不得用于任何真实判断。
因为是生成的，正确答案是已知的：见 truth.json（长度 km、面积 km2 或 ha、人口 人，按片区和等级）。

Everything in this folder was generated by a program and is invented (seed {city.seed}). No street, block, park,
facility or person here is a fact about Suizhou: only names of roads, rivers and railways were taken from the plan, and
where they run is made up. Never use it for a real decision.
Because it was generated, the right answers are known: see truth.json (lengths in km, areas in km2 or ha, persons; by
zone and by class). Lengths are of centrelines, before streets were drawn as two carriageways; a street on the border of
two zones counts half in each; ramps, motorway, pedestrian lanes and the ways inside compounds do not count.

study.toml        the study: suizhou-geo reads this file
city.osm.pbf      streets, walkways, rivers, railways, parks, residential land as an OpenStreetMap extract (WGS 84)
zones.gpkg        one main city and three districts (EPSG:4547)
land.gpkg         residential, compounds, historic, land_use (EPSG:4547)
facilities.csv    facilities in shifted degrees (GCJ-02), UTF-8
population.tif    persons per cell of 100 m (EPSG:4547), nodata {NODATA:.0f}
truth.json        the known answers
"""
