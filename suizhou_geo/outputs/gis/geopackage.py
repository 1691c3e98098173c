"""layers.gpkg: every layer with its styles (`layer_styles`, as QGIS and GeoServer read them) and field names.

The field names stand in the schema extension of GeoPackage (`gpkg_data_columns`), the styles in the table QGIS makes for
them. No clock is written, so that one run gives the same bytes as the next: GDAL stamps a layer several times, and SQLite
counts in the file's head how often a stamp was another than the one before, so GDAL's clock is stopped while it writes.
Nor is the disk waited for at every layer: a folder of results takes its place only when all of it is written through.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyogrio

from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.gis.layers import GisLayer, write_rows
from suizhou_geo.outputs.gis.qml import fields_qml, style_qml
from suizhou_geo.outputs.gis.sld import style_sld
from suizhou_geo.standards.catalogue import Kind

GEOPACKAGE = "layers.gpkg"
GEOMETRY = "geom"
TIME = datetime(2000, 1, 1, tzinfo=UTC)  # of every change, whenever it was made
VERSION = "1.3"  # newer ones are not read by every desktop GIS in use
STYLE_NAME_CHARACTERS = 30  # QGIS keeps no more
_EMPTY_AS: Mapping[Kind, str] = {"area": "MultiPolygon", "line": "MultiLineString", "point": "MultiPoint"}
_SCHEMA = "http://www.geopackage.org/spec/#extension_schema"
_TABLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""


def write_geopackage(layers: Sequence[GisLayer], folder: Path, *, lang: Lang = "zh") -> None:
    """Write layers as layers.gpkg in a folder that has none yet, with styles and field names in `lang`."""
    path = folder / GEOPACKAGE
    with _gdal_told():
        for layer in layers:
            how = {"layer": layer.table, "driver": "GPKG", "use_arrow": True, "VERSION": VERSION}
            write_rows(layer.data, path, empty_as=_EMPTY_AS[layer.kind], **how)
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("PRAGMA synchronous = OFF")
        base.executescript(_TABLES)
        for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
            base.execute(
                "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')", (table, _SCHEMA)
            )
        base.executemany("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)", _columns(layers, lang))
        # each style a second after the last: QGIS lists styles of one moment many times over
        styles = ((*style, _time(second)) for second, style in enumerate(_styles(layers, lang), start=1))
        base.executemany("INSERT INTO layer_styles VALUES (NULL, '', '', ?, ?, ?, ?, ?, ?, ?, '', NULL, ?)", styles)
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) VALUES "
            "('layer_styles', 'attributes', 'layer_styles', ?)",
            (_time(0),),
        )
        described = [(layer.title(lang), layer.table) for layer in layers]
        base.executemany("UPDATE gpkg_contents SET description = ? WHERE table_name = ?", described)


@contextmanager
def _gdal_told() -> Iterator[None]:
    """Have GDAL stamp what it writes with one moment, and wait for no disk: settings of the process, put back afterwards."""
    told = {"OGR_CURRENT_DATE": _time(0), "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {option: pyogrio.get_gdal_config_option(option) for option in told}
    pyogrio.set_gdal_config_options(told)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _time(second: int) -> str:
    return (TIME + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _columns(layers: Sequence[GisLayer], lang: Lang) -> Iterator[tuple[str, str, str, str, str]]:
    for layer in layers:
        for field in layer.fields:
            yield layer.table, field.name, field.alias(lang), field.title.speak(lang), field.spoken_unit(lang)


def _styles(layers: Sequence[GisLayer], lang: Lang) -> Iterator[tuple[str, str, str, str, str, bool, str]]:
    """Yield the rows of layer_styles; what is said of fields stands in the style a layer opens with alone."""
    for layer in layers:
        fields = fields_qml(layer.fields, lang=lang)
        for k, (style, name) in enumerate(zip(layer.styles, style_names(layer, lang), strict=True)):
            qml = style_qml(style, layer.kind, fields if k == 0 else "", lang=lang)
            sld = style_sld(style, layer.kind, layer.table, lang=lang)
            yield layer.table, GEOMETRY, name, qml, sld, k == 0, f"{layer.title(lang)} – {style.name.speak(lang)}"


def style_names(layer: GisLayer, lang: Lang) -> list[str]:
    """Return a name for every style of a layer, no two alike and none longer than QGIS keeps."""
    names: list[str] = []
    for style in layer.styles:
        name, n = style.name.speak(lang)[:STYLE_NAME_CHARACTERS], 1
        while name in names:
            n += 1
            name = f"{name[: STYLE_NAME_CHARACTERS - 3]} {n}"
        names.append(name)
    return names
