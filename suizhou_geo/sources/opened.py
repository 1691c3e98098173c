"""A planner's file with shapes, opened as it stands: its rows, its own columns, its own coordinate system.

GeoPackage, Shapefile, file geodatabase, GeoJSON (also a bare list of features), KML and KMZ, DXF, GeoParquet.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import NOTHING, Text, listed_text
from suizhou_geo.geometry.crs import Datum, numbered_zone
from suizhou_geo.model import Note
from suizhou_geo.sources.columns import ValueMap
from suizhou_geo.sources.database import DatabaseAddress
from suizhou_geo.sources.files import check_encoding, decoded
from suizhou_geo.sources.gdal import FORMATS, JSONS, layers_in, options, read_rows
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.postgis import Window, database_rows
from suizhou_geo.sources.shapefile import BYTES, attribute_encoding, in_words
from suizhou_geo.study_area.layers import LAYERS

_OPEN_ERRORS = (
    *(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.GEOSException),
    *(UnicodeDecodeError, OSError, ValueError),
)
Bounds = tuple[float, float, float, float]
_CAD_TEXTS = ("Text", "MText", "Dimension", "AttributeDefinition")


@dataclass(frozen=True)
class Join:
    """The shapes that the rows of a table without coordinates belong to: whose column `column` says what its `on` says."""

    to: Path
    on: str
    column: str
    layer: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class VectorSource:
    """Where a layer lies and how it is to be read: the keys of one table of the study file.

    `crs` is only for files that do not say their own. `layer` names one of several layers, `sheet` one of several sheets.
    `x` and `y` name the columns of a table that hold the coordinates, `x` alone one that holds both ("lng,lat", WKT).
    `swap_xy` declares that x and y stand in each other's place. Without a `datum` coordinates are taken as they are, as
    WGS 84's. `fields` is ours = theirs; `values` is, per column of ours, theirs = ours or the name of a code table. A
    `preset` (standards/presets.toml) fills what is not given. `join` names the shapes of a table that has none. A
    `database` is read in place of the file: its table `layer`, or what the query `sql` gives.
    """

    path: Path
    layer: str | None = None
    sheet: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    encoding: str | None = None
    x: str | None = None
    y: str | None = None
    swap_xy: bool = False
    preset: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, ValueMap] = field(default_factory=dict)
    join: Join | None = None
    database: DatabaseAddress | None = None
    sql: str | None = None


def opened_table(
    source: VectorSource, name: str, what: Text, *, working: CRS, near: Bounds | None
) -> tuple[gpd.GeoDataFrame, list[Note], list[Note]]:
    """Return the rows of a table of a database, as `opened` does, and what is to be looked at; with `near` (a box in the
    working system) those around it alone.

    Raises: as `opened`.
    """
    layer, notes, findings = database_rows(
        cast(DatabaseAddress, source.database),
        layer=source.layer,
        sql=source.sql,
        name=name,
        window=None if near is None or source.swap_xy else Window(near, working),
        crs=user_crs(source.crs, what),
        what=what,
    )
    return _with_crs(layer, source, what, notes, working=working), notes, findings


def opened(source: VectorSource, name: str, what: Text, *, working: CRS) -> tuple[gpd.GeoDataFrame, list[Note]]:
    """Return the rows of a file with shapes, numbered from 1, and what is to be said of them.

    Raises:
        InputError: the file cannot be read.
        LayerError: no such layer, none chosen among several, no coordinate system or an impossible one.
    """
    notes: list[Note] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            layer = _layer(source, name, what, notes)
        except InputError:
            raise
        except _OPEN_ERRORS as error:
            line = first_line(error)
            said = Text(f"原文：“{line}”", line)
            if "not recognized" in line:
                said = Text(f"本工具能读的格式是 {FORMATS.zh}", f"it is none of the formats known ({FORMATS.en})")
            raise InputError(
                f"{what.zh}：无法读取（{said.zh}）；请重新导出，最好用 GeoPackage",
                f"{what.en} cannot be read: {said.en}; export it again, best as GeoPackage",
            ) from error
    notes.extend(note("reader", said=first_line(warning.message)) for warning in caught)
    if not isinstance(layer, gpd.GeoDataFrame):
        raise LayerError(
            f"{what.zh}：是没有图形的表；请给出有图形的图层，或带 x、y 列的 CSV",
            f"{what.en} holds a table without geometry; give a layer with shapes, or a CSV with x and y",
        )
    layer.index = pd.RangeIndex(1, len(layer) + 1)
    if source.path.suffix.lower() == ".dxf":
        layer = _drawn(layer, source, name, what, notes)
    return _with_crs(layer, source, what, notes, working=working), notes


def _layer(source: VectorSource, name: str, what: Text, notes: list[Note]) -> gpd.GeoDataFrame:
    path, suffix = source.path, source.path.suffix.lower()
    if source.encoding is not None:
        check_encoding(source.encoding, what=what)
    if suffix == ".parquet":
        return gpd.read_parquet(path)
    if suffix in JSONS:
        return read_rows(_geojson(path, what, notes), suffix=suffix, what=what)
    if suffix == ".dxf":
        text, _ = decoded(path.read_bytes(), what=what, encoding=source.encoding)  # UTF-8 whatever its head says
        with options({"DXF_ENCODING": "UTF-8"}):
            return read_rows(text.encode(), suffix=suffix, what=what)
    chosen = _chosen_layer(source, name, what)
    if suffix == ".shp":
        layer = read_rows(path, suffix=suffix, what=what, layer=chosen, encoding=BYTES)
        return in_words(layer, attribute_encoding(path, source.encoding, notes, what=what))
    return read_rows(path, suffix=suffix, what=what, layer=chosen, encoding=source.encoding)


def _geojson(path: Path, what: Text, notes: list[Note]) -> Path | bytes:
    """A GeoJSON file as GDAL reads it: a list of features or shapes becomes a collection, GBK becomes UTF-8."""
    data = path.read_bytes()
    text, read_as = decoded(data, what=what)
    if read_as != "utf-8-sig":
        notes.append(note("encoding_guessed", encoding="GBK"))
    elif not text.lstrip().startswith("["):
        return path
    content = json.loads(text)
    if isinstance(content, list):
        if not all(isinstance(each, dict) and isinstance(each.get("type"), str) for each in content):
            raise ValueError("a list of something else than shapes")
        shapes = [each if each["type"] == "Feature" else {"type": "Feature", "geometry": each} for each in content]
        features = [{"properties": {}, "geometry": None} | each for each in shapes]
        content = {"type": "FeatureCollection", "features": features}
    return json.dumps(content, ensure_ascii=False).encode()


def _chosen_layer(source: VectorSource, name: str, what: Text) -> str | None:
    there = layers_in(source.path, what=what)
    listed = listed_text(there, Text("没有带图形的图层", "none with shapes"))
    if source.layer is not None:
        if source.layer not in there:
            raise LayerError(
                f"{what.zh}：没有名为“{source.layer}”的图层（现有：{listed.zh}）；请更正 layer",
                f"{what.en}: there is no layer {source.layer!r} (there is: {listed.en}); correct layer",
            )
        return source.layer
    if len(there) == 1 or name in there:
        return there[0] if len(there) == 1 else name
    raise LayerError(
        f"{what.zh}：有 {len(there)} 个图层（{listed.zh}）；请用 layer 写明是哪一个",
        f"{what.en} holds {len(there)} layers ({listed.en}); say which with layer",
    )


def _drawn(layer: gpd.GeoDataFrame, source: VectorSource, name: str, what: Text, notes: list[Note]) -> gpd.GeoDataFrame:
    """What is drawn on one layer of a drawing, without its lettering."""
    counts = layer["Layer"].value_counts(sort=False)
    there = list(counts.index)
    chosen = source.layer or (there[0] if len(there) == 1 else name)
    if chosen not in there:
        listed = listed_text([f"{each} {n:,}" for each, n in counts.items()])
        wrong = (
            Text(f"没有名为“{source.layer}”的 CAD 图层", f"there is no CAD layer {source.layer!r}")
            if source.layer
            else Text(f"有 {len(there)} 个 CAD 图层", f"{len(there)} CAD layers")
        )
        raise LayerError(
            f"{what.zh}：{wrong.zh}（图层和图元数：{listed.zh}）；请用 layer 写明是哪一个",
            f"{what.en}: {wrong.en} (with what they hold: {listed.en}); say which with layer",
        )
    layer = layer[layer["Layer"] == chosen]
    lettering = layer["SubClasses"].fillna("").str.contains("|".join(f"AcDb{kind}" for kind in _CAD_TEXTS))
    if lettering.any() and "Point" not in LAYERS[name].kinds:
        notes.append(note("lettering", rows=int(lettering.sum())))
        layer = layer[~lettering]
    return layer


def _with_crs(
    layer: gpd.GeoDataFrame, source: VectorSource, what: Text, notes: list[Note], *, working: CRS
) -> gpd.GeoDataFrame:
    given = user_crs(source.crs, what)
    own = layer.crs
    if own is not None and not (own.is_geographic or own.is_projected):
        own = None  # "undefined" written as a local system
    if source.path.suffix.lower() in JSONS and given is not None and not _geojson_says_crs(source.path):
        own = None  # RFC 7946 makes it WGS 84 by default, which the study file corrects
    if own is None and given is None:
        likely = likely_crs(layer)
        example = likely or working.to_string()[:60]
        looks = Text("（坐标看来是这一种）", ", which its coordinates look like") if likely else NOTHING
        raise LayerError(
            f'{what.zh}：没有写明坐标系；请补上 crs，如 crs = "{example}"{looks.zh}',
            f'{what.en} does not say its coordinate system; add crs, e.g. crs = "{example}"{looks.en}',
        )
    if own is not None and given is not None and own != given and (own.to_epsg() or own) != given.to_epsg():
        if own.is_projected and given.is_projected and likely_crs(layer) == f"EPSG:{given.to_epsg()}":
            notes.append(note("crs_corrected", own=own.name, given=given.name))  # x begins with the number of that zone
            own = None
        else:
            raise LayerError(
                f"{what.zh}：文件写明的坐标系是 {own.name}，研究文件写的是 {given.name}；请去掉 crs，或更正文件",
                f"{what.en} says it is in {own.name}, the study file says {given.name}; take out crs, or correct the file",
            )
    return layer.set_crs(given if own is None else own, allow_override=True)


def likely_crs(layer: gpd.GeoDataFrame) -> str | None:
    """The system that coordinates look like: degrees, or the numbered zone that their eastings begin with; else None."""
    if layer.geometry.isna().all():
        return None
    west, south, east, north = layer.total_bounds
    if max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90:
        return "EPSG:4490"
    return numbered_zone((west + east) / 2)


def user_crs(crs: str | None, what: Text) -> CRS | None:
    """Return the coordinate system a study file names.

    Raises:
        LayerError: PROJ does not know it.
    """
    try:
        return None if crs is None else CRS.from_user_input(crs)
    except CRSError:
        raise LayerError(
            f"{what.zh}：PROJ 不认识坐标系“{crs}”；请写成 EPSG:4490 这样",
            f"{what.en}: crs {crs!r} is not a coordinate system PROJ knows; write it like EPSG:4490",
        ) from None


def _geojson_says_crs(path: Path) -> bool:
    return re.search(rb'"crs"\s*:\s*\{', path.read_bytes()) is not None


def first_line(said: object) -> str:
    """The first sentence of what a library says."""
    return str(said).strip().split("\n")[0].split("; ")[0].rstrip(".;")
