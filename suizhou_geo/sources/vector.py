"""Planners' own layers: GeoPackage, Shapefile, GeoJSON, GeoParquet, file geodatabase, CSV with coordinates.

Whatever is repaired or left out on the way is counted and told. The coordinate system and China's map shift are a
matter of the source: what leaves here is in the working coordinate system, unshifted, flat (no heights), valid.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.geometry.arrays import Bools
from suizhou_geo.geometry.crs import Datum, moving, unshifted
from suizhou_geo.geometry.zonal import areal
from suizhou_geo.model import Note
from suizhou_geo.sources.columns import Read, ValueMap, our_columns
from suizhou_geo.sources.files import decoded, existing
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.shapefile import BYTES, attribute_encoding, in_words
from suizhou_geo.study_area import LAYERS

TABLES = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
Bounds = tuple[float, float, float, float]
_OPEN_ERRORS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, UnicodeDecodeError, OSError, ValueError)
_FORMATS = "GeoPackage, Shapefile, GeoJSON, GeoParquet, file geodatabase, CSV, TSV"
_FULL_TURN_DEG, _POLE_DEG = 180.0, 90.0


@dataclass(frozen=True)
class VectorSource:
    """Where a layer lies and how it is to be read: the keys of one table of the study file.

    `crs` is only for files that do not say their own. `x` and `y` name the columns of a CSV that hold the coordinates.
    `fields` is ours = theirs; `values` is, per column of ours, theirs = ours or the name of a code table.
    """

    path: Path
    layer: str | None = None
    datum: Datum = "wgs84"
    crs: str | None = None
    encoding: str | None = None
    x: str | None = None
    y: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, ValueMap] = field(default_factory=dict)


def read_vector(source: VectorSource, name: str, *, to_crs: CRS, near: Bounds | None = None) -> Read:
    """Read one layer as LAYERS[name] wants it, in `to_crs`.

    `near` is the box (in `to_crs`) the layer must reach; where it does not, but would with x and y exchanged, the axes
    are swapped and it is refused.

    Raises:
        InputError: the file is missing, not what its name says, or cannot be opened.
        LayerError: no such layer, no coordinate system or an impossible one, swapped axes, missing columns, values
            without meaning.
    """
    what = f"layer {name} ({source.path.name})"
    existing(source.path, what=f"layer {name}")
    _check_keys(source, what)
    is_table = source.path.suffix.lower() in TABLES
    raw, notes = _points_table(source, what) if is_table else _opened(source, name, what)
    _check_degrees(raw, what)
    if source.datum != "wgs84":
        if not raw.crs.is_geographic:
            raise LayerError(
                f"{what} is in {raw.crs.name}, which is in metres, but datum {source.datum} is a shift of degrees; "
                "give the degrees, or take out datum"
            )
        raw = unshifted(raw, source.datum)
        notes.append(note("datum_undone", datum=source.datum))
    shapes = _usable_shapes(raw, name, notes)
    _check_kinds(shapes, what, kinds=LAYERS[name].kinds)
    placed = shapes.to_crs(to_crs)
    if near is not None and not placed.empty and not _meets(placed.total_bounds, near):
        _check_axes(shapes, what, to_crs=to_crs, near=near)
    lost = placed.index[~np.isfinite(placed.bounds.to_numpy()).all(axis=1)]
    if len(lost):
        raise LayerError(f"{what}: row {lost[0]} has no place in {to_crs.name}; correct its coordinates")
    ours = our_columns(placed, name, fields=source.fields, values=source.values, what=what)
    return Read(ours.layer.reset_index(drop=True), (*notes, *ours.notes), ours.findings)


def _check_keys(source: VectorSource, what: str) -> None:
    """Refuse keys that would say nothing about a file of this kind."""
    suffix = source.path.suffix.lower()
    idle = {
        "x": suffix not in TABLES,
        "y": suffix not in TABLES,
        "layer": suffix in (*TABLES, ".shp", ".parquet", ".geojson", ".json"),
        "encoding": suffix in (".gpkg", ".gdb", ".parquet", ".geojson", ".json"),
    }
    for key, says_nothing in idle.items():
        if says_nothing and getattr(source, key) is not None:
            raise LayerError(f"{what}: {key} says nothing about a {suffix} file; take it out")


def _opened(source: VectorSource, name: str, what: str) -> tuple[gpd.GeoDataFrame, list[Note]]:
    notes: list[Note] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            if source.path.suffix.lower() == ".parquet":
                layer = gpd.read_parquet(source.path)
            else:
                chosen = _chosen_layer(source, name, what)
                shapefile = source.path.suffix.lower() == ".shp"
                encoding = BYTES if shapefile else source.encoding
                layer = gpd.read_file(source.path, layer=chosen, encoding=encoding, engine="pyogrio")
                if shapefile:
                    layer = in_words(layer, attribute_encoding(source.path, source.encoding, notes, what=what))
        except InputError:
            raise
        except _OPEN_ERRORS as error:
            said = _first_line(error)
            if "not recognized" in said:
                said = f"it is none of the formats known ({_FORMATS})"
            raise InputError(f"{what} cannot be read: {said}; export it again, best as GeoPackage") from error
    notes.extend(note("reader", said=_first_line(warning.message)) for warning in caught)
    if not isinstance(layer, gpd.GeoDataFrame):
        raise LayerError(f"{what} holds a table without geometry; give a layer with shapes, or a CSV with x and y")
    layer.index = pd.RangeIndex(1, len(layer) + 1)
    return _with_crs(layer, source, what), notes


def _chosen_layer(source: VectorSource, name: str, what: str) -> str | None:
    there = [str(layer) for layer, kind in pyogrio.list_layers(source.path) if kind is not None]
    listed = ", ".join(there) or "none with shapes"
    if source.layer is not None:
        if source.layer not in there:
            raise LayerError(f"{what}: there is no layer {source.layer!r} (there is: {listed}); correct layer")
        return source.layer
    if len(there) == 1 or name in there:
        return there[0] if len(there) == 1 else name
    raise LayerError(f"{what} holds {len(there)} layers ({listed}); say which with layer")


def _with_crs(layer: gpd.GeoDataFrame, source: VectorSource, what: str) -> gpd.GeoDataFrame:
    given = _user_crs(source.crs, what)
    own = layer.crs
    if own is not None and not (own.is_geographic or own.is_projected):
        own = None  # "undefined" written as a local system
    if source.path.suffix.lower() in (".geojson", ".json") and given is not None and not _geojson_says_crs(source.path):
        own = None  # RFC 7946 makes it WGS 84 by default, which the study file corrects
    if own is None and given is None:
        raise LayerError(
            f'{what} does not say its coordinate system; add crs, e.g. crs = "EPSG:4490" (CGCS2000 degrees)'
        )
    if own is not None and given is not None and own != given and (own.to_epsg() or own) != given.to_epsg():
        raise LayerError(
            f"{what} says it is in {own.name}, the study file says {given.name}; take out crs, or correct the file"
        )
    return layer.set_crs(given if own is None else own, allow_override=True)


def _user_crs(crs: str | None, what: str) -> CRS | None:
    try:
        return None if crs is None else CRS.from_user_input(crs)
    except CRSError:
        raise LayerError(
            f"{what}: crs {crs!r} is not a coordinate system PROJ knows; write it like EPSG:4490"
        ) from None


def _geojson_says_crs(path: Path) -> bool:
    return re.search(rb'"crs"\s*:\s*\{', path.read_bytes()) is not None


def _points_table(source: VectorSource, what: str) -> tuple[gpd.GeoDataFrame, list[Note]]:
    text, encoding = decoded(source.path.read_bytes(), what=what, encoding=source.encoding)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # it tells of cells that were lost
            rows = pd.read_csv(
                io.StringIO(text),
                sep=TABLES[source.path.suffix.lower()],
                dtype=str,
                keep_default_na=False,
                skip_blank_lines=False,
                index_col=False,
            ).fillna("")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        raise InputError(f"{what} is not a table: {_first_line(error)}; save it again as CSV") from error
    notes = [] if encoding == "utf-8-sig" else [note("read_as", encoding=encoding)]
    rows.columns = [str(column).strip() for column in rows.columns]
    rows.index = pd.RangeIndex(2, len(rows) + 2)  # as a spreadsheet numbers them, under one line of headings
    blank = (rows.apply(lambda column: column.str.strip()) == "").all(axis=1)
    _tell(notes, "blank", blank.to_numpy())
    rows = rows[~blank]
    x, y = (_coordinates(rows, key, column, what) for key, column in (("x", source.x), ("y", source.y)))
    crs = _user_crs(source.crs, what)
    if crs is None:
        if len(rows) and (x.abs().max() > _FULL_TURN_DEG or y.abs().max() > _FULL_TURN_DEG):
            raise LayerError(
                f'{what}: the coordinates are not degrees; say which system they are in, e.g. crs = "EPSG:4547"'
            )
        crs = CRS("EPSG:4326")
        notes.append(note("taken_as_degrees", datum=source.datum))
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(x, y), crs=crs), notes


def _coordinates(rows: pd.DataFrame, key: str, column: str | None, what: str) -> pd.Series:
    had = ", ".join(rows.columns)
    if column is None:
        raise LayerError(f"{what} needs {key} = the column of its {key} coordinate (longitude is x); it has: {had}")
    if column not in rows.columns:
        raise LayerError(f"{what} has no column {column} (it has: {had}); correct {key}")
    numbers = pd.to_numeric(rows[column].str.strip(), errors="coerce")
    wrong = rows.index[~np.isfinite(numbers)]
    if len(wrong):
        held = rows[column][wrong[0]]
        more = f", and so have {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise LayerError(
            f"{what}, column {column}: row {wrong[0]} has {held!r} for a coordinate{more}; "
            "fill it in or take the row out"
        )
    return numbers.astype(float)


def _check_kinds(layer: gpd.GeoDataFrame, what: str, *, kinds: tuple[str, ...]) -> None:
    wrong = layer.index[~layer.geom_type.isin(kinds)]
    if len(wrong):
        raise LayerError(
            f"{what}: {len(wrong):,} of {len(layer):,} shapes are of another kind than {' or '.join(kinds)}, "
            f"the first, row {wrong[0]}, is a {layer.geom_type[wrong[0]]}; take them out or give the right layer"
        )


def _check_degrees(layer: gpd.GeoDataFrame, what: str) -> None:
    """Refuse numbers that cannot be degrees where degrees are declared."""
    if not layer.crs.is_geographic or not np.isfinite(layer.total_bounds).all():
        return
    west, south, east, north = layer.total_bounds
    lon, lat = max(abs(west), abs(east)), max(abs(south), abs(north))
    if _POLE_DEG < lat <= _FULL_TURN_DEG and lon <= _POLE_DEG:
        raise LayerError(
            f"{what}: its latitudes reach {north:.4f}, so longitude and latitude are swapped; exchange x and y"
        )
    if lon > _FULL_TURN_DEG or lat > _POLE_DEG:
        raise LayerError(
            f"{what} is declared as degrees ({layer.crs.name}) but reaches x = {east:,.0f}, y = {north:,.0f}, "
            "which are no degrees; name their true coordinate system"
        )


def _check_axes(layer: gpd.GeoDataFrame, what: str, *, to_crs: CRS, near: Bounds) -> None:
    """Refuse a layer, off the zones as it is, that lies on them with x and y exchanged."""
    west, south, east, north = layer.total_bounds
    exchanged = moving(layer.crs, to_crs).transform_bounds(south, west, north, east)
    if _meets(exchanged, near):
        raise LayerError(f"{what} lies on the zones only with x and y exchanged: its axes are swapped; exchange them")


def _meets(box: Bounds, other: Bounds) -> bool:
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    return bool(np.isfinite(box).all() and (low <= high).all())


def _usable_shapes(layer: gpd.GeoDataFrame, name: str, notes: list[Note]) -> gpd.GeoDataFrame:
    """Flat, valid shapes of the kind the layer wants; what was repaired or dropped goes into `notes`."""
    shapes = layer.geometry.to_numpy()
    hollow = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    _tell(notes, "no_shape", hollow)
    layer, shapes = layer[~hollow], shapely.force_2d(shapes[~hollow])
    kinds = LAYERS[name].kinds
    collections = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    _tell(notes, "mixed", collections, layer=name)
    if collections.any():
        shapes[collections] = [_of_kind(shape, kinds) for shape in shapes[collections]]
    short = (shapely.get_dimensions(shapes) == 1) & (shapely.length(shapes) == 0)
    _tell(notes, "no_length", short)
    surface = shapely.get_dimensions(shapes) == 2
    broken = surface & ~shapely.is_valid(shapes)
    if name != "zones" and broken.any():  # what a zone's outline means is for the planner to say
        _tell(notes, "outline_repaired", broken)
        shapes[broken] = areal(shapely.make_valid(shapes[broken]))
    gone = shapely.is_empty(shapes) | short
    if name != "zones":
        gone |= surface & (shapely.area(shapes) == 0)
    _tell(notes, "no_area", gone & ~short)
    return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))[~gone]


def _of_kind(shape: shapely.Geometry, kinds: tuple[str, ...]) -> shapely.Geometry:
    """The parts of a collection that are of the wanted kinds, of the highest dimension there is."""
    pieces = shapely.get_parts(shape)
    while any(piece.geom_type == "GeometryCollection" for piece in pieces):
        pieces = shapely.get_parts(pieces)
    wanted = [piece for piece in shapely.get_parts(pieces) if piece.geom_type in kinds]
    if not wanted:
        return shapely.from_wkt("GEOMETRYCOLLECTION EMPTY")
    highest = max(shapely.get_dimensions(wanted))
    return shapely.union_all([piece for piece in wanted if shapely.get_dimensions(piece) == highest])


def _tell(notes: list[Note], kind: str, rows: Bools, **amounts: Any) -> None:
    if rows.any():
        notes.append(note(kind, rows=int(rows.sum()), **amounts))


def _first_line(said: object) -> str:
    return str(said).strip().split("\n")[0].split("; ")[0].rstrip(".;")
