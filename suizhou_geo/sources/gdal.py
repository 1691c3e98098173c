"""GDAL asked for vector files: by the kind that their name says and no other, and without the network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import Text

JSONS = (".geojson", ".json")
FORMATS = Text(
    "GeoPackage、Shapefile、文件地理数据库（.gdb）、GeoJSON、KML、KMZ、DXF、GeoParquet、CSV、TSV、XLSX、XLS，以及它们的 .zip",
    "GeoPackage, Shapefile, file geodatabase, GeoJSON, KML, KMZ, DXF, GeoParquet, CSV, TSV, XLSX, XLS, and a .zip of these",
)
_DRIVERS: Mapping[str, tuple[str, ...]] = {
    ".gpkg": ("GPKG",),
    ".shp": ("ESRI Shapefile",),
    ".gdb": ("OpenFileGDB",),
    **dict.fromkeys(JSONS, ("GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "JSONFG")),
    ".kml": ("LIBKML", "KML"),
    ".kmz": ("LIBKML",),
    ".dxf": ("DXF",),
    ".fgb": ("FlatGeobuf",),
}
_NOWHERE = "127.0.0.1:1"  # a proxy that is not there
_OFFLINE = {"GDAL_HTTP_PROXY": _NOWHERE, "GDAL_HTTPS_PROXY": _NOWHERE, "GDAL_HTTP_MAX_RETRY": "0"}
_LINK = re.compile(rb'(?i)\\u00[0-7]|"crs"\s*:\s*\{(?!\s*"type"\s*:\s*"name")')  # or written so that it cannot be seen


@contextmanager
def options(wanted: Mapping[str, str]) -> Iterator[None]:
    """Set options of GDAL for the time of a block."""
    before = {key: pyogrio.get_gdal_config_option(key) for key in wanted}
    pyogrio.set_gdal_config_options(dict(wanted))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def layers_in(path: Path, *, what: Text) -> list[str]:
    """Return the names of the layers with shapes in a file.

    Raises: InputError where it is none of the kinds known; what pyogrio raises.
    """
    _known(path.suffix.lower(), what)
    with options(_OFFLINE):
        return [str(layer) for layer, kind in pyogrio.list_layers(path) if kind is not None]


def read_rows(source: Path | bytes, *, suffix: str, what: Text, **how: Any) -> gpd.GeoDataFrame:
    """Return the rows of a layer of a file, or of its bytes; `how` are keywords of `pyogrio.read_dataframe`.

    Raises: as `layers_in`; InputError where it is another kind than its name says; LayerError where GeoJSON names its
        coordinate system by a link.
    """
    _known(suffix, what)
    if suffix in JSONS:
        _refuse_links(source if isinstance(source, bytes) else source.read_bytes(), what)
    with options(_OFFLINE):
        if suffix not in JSONS:
            info = pyogrio.read_info(source, layer=how.get("layer"), encoding=how.get("encoding"))
            _check_driver(info["driver"], suffix, what)
        return gpd.read_file(source, engine="pyogrio", on_invalid="fix", **how)


def _known(suffix: str, what: Text) -> None:
    if suffix not in _DRIVERS:
        raise InputError(
            f"{what.zh}：无法读取“{suffix}”文件（本工具能读的格式是 {FORMATS.zh}）；请重新导出，最好用 GeoPackage",
            f"{what.en} cannot be read: {suffix!r} is none of the formats known ({FORMATS.en}); export it again, best as "
            "GeoPackage",
        )


def _check_driver(driver: str, suffix: str, what: Text) -> None:
    if driver not in _DRIVERS[suffix]:
        raise InputError(
            f"{what.zh}：按扩展名应是 {_DRIVERS[suffix][0]}，内容却是 {driver}；请换成真正的文件",
            f"{what.en} is named like {_DRIVERS[suffix][0]} but holds {driver}; give the true file",
        )


def _refuse_links(data: bytes, what: Text) -> None:
    if not _LINK.search(data):
        return
    try:
        json.loads(data, object_pairs_hook=lambda pairs: _plain(pairs, what))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return  # GDAL says what is wrong with it


def _plain(pairs: list[tuple[str, Any]], what: Text) -> dict[str, Any]:
    for key, value in pairs:
        if key.lower() == "crs" and isinstance(value, dict) and value.get("type") != "name" and "type" in value:
            raise LayerError(
                f"{what.zh}：坐标系写成了链接或别的写法，本工具不联网读取；请去掉文件里的 crs，在研究文件里写 crs",
                f"{what.en} names its coordinate system by a link or in another way that is not followed; take crs out of "
                "the file, and name it with crs in the study file",
            )
    return dict(pairs)
