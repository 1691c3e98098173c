"""Planners' own layers: GeoPackage, Shapefile, GeoJSON, GeoParquet, file geodatabase, tables with coordinates.

Whatever is repaired or left out on the way is counted and told. The coordinate system and China's map shift are a
matter of the source: what leaves here is in the working coordinate system, unshifted, flat (no heights), valid.
"""

from __future__ import annotations

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
from suizhou_geo.errors.text import NOTHING, Text, layer_text, listed_text
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.geometry.crs import Datum, moving, shift_is_unknown, unshifted
from suizhou_geo.geometry.repair import mended
from suizhou_geo.model import Note
from suizhou_geo.sources.columns import Read, ValueMap, our_columns
from suizhou_geo.sources.files import existing
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.point_tables import TEXTS, WORKBOOKS, coordinates, is_table, table_rows
from suizhou_geo.sources.shapefile import BYTES, attribute_encoding, in_words
from suizhou_geo.standards import table
from suizhou_geo.study_area import LAYERS, kinds_text

Bounds = tuple[float, float, float, float]
_OPEN_ERRORS = (
    *(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, shapely.errors.GEOSException),
    *(UnicodeDecodeError, OSError, ValueError),
)
_FORMATS = Text(
    "GeoPackage、Shapefile、GeoJSON、GeoParquet、文件地理数据库（.gdb）、CSV、TSV、XLSX",
    "GeoPackage, Shapefile, GeoJSON, GeoParquet, file geodatabase, CSV, TSV, XLSX",
)
_FULL_TURN_DEG, _POLE_DEG = 180.0, 90.0
_IN_DOUBT = 0.001  # share of an area on which a repair decides: less is not worth a word


@dataclass(frozen=True)
class VectorSource:
    """Where a layer lies and how it is to be read: the keys of one table of the study file.

    `crs` is only for files that do not say their own. `x` and `y` name the columns of a table that hold the coordinates,
    `x` alone one that holds both ("lng,lat"). Without a `datum` coordinates are taken as they are, as WGS 84's.
    `fields` is ours = theirs; `values` is, per column of ours, theirs = ours or the name of a code table.
    """

    path: Path
    layer: str | None = None
    datum: Datum | None = None
    crs: str | None = None
    encoding: str | None = None
    x: str | None = None
    y: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, ValueMap] = field(default_factory=dict)


@dataclass
class _Told:
    """What is said of a layer while it is read, and whether something of it is lost."""

    notes: list[Note]
    findings: list[Note] = field(default_factory=list)
    lost: bool = False

    def note(self, kind: str, rows: Bools, **amounts: Any) -> None:
        if rows.any():
            self.notes.append(note(kind, rows=int(rows.sum()), **amounts))

    def finding(self, kind: str, rows: Bools, **amounts: Any) -> None:
        if rows.any():
            self.findings.append(note(kind, rows=int(rows.sum()), **amounts))

    def loss(self, kind: str, rows: Bools, **amounts: Any) -> None:
        """Say that rows are lost: what they stand for may exist, so the layer is no longer whole."""
        self.finding(kind, rows, **amounts)
        self.lost |= bool(rows.any())


def read_vector(source: VectorSource, name: str, *, to_crs: CRS, near: Bounds | None = None) -> Read:
    """Read one layer as LAYERS[name] wants it, in `to_crs`.

    `near` is the box (in `to_crs`) the layer must reach; where it does not, but would with x and y exchanged, the axes
    are swapped and it is refused.

    Raises:
        InputError: the file is missing, not what its name says, or cannot be opened.
        LayerError: no such layer, no coordinate system or an impossible one, swapped axes, missing columns, values
            without meaning.
    """
    what = layer_text(name, source.path.name)
    existing(source.path, what=layer_text(name))
    _check_keys(source, what)
    raw, notes = _points_table(source, name, what) if is_table(source.path) else _opened(source, name, what)
    told = _Told(notes)
    _check_degrees(raw, what)
    told.findings += _named_datum(raw, source)
    if source.datum is None:
        told.findings += [] if told.findings else _publisher(raw)
    elif source.datum != "wgs84":
        if not raw.crs.is_geographic:
            raise LayerError(
                (
                    f"{what.zh}：坐标系 {raw.crs.name} 以米为单位，而 datum {source.datum} 是对经纬度的偏移；"
                    "请给出经纬度，或去掉 datum"
                ),
                (
                    f"{what.en} is in {raw.crs.name}, which is in metres, but datum {source.datum} is a shift of degrees; "
                    "give the degrees, or take out datum"
                ),
            )
        raw = unshifted(raw, source.datum)
        notes.append(note("datum_undone", datum=source.datum))
    shapes = _usable_shapes(raw, name, what, told)
    _check_kinds(shapes, what, kinds=LAYERS[name].kinds)
    if shapes.crs.is_bound:
        shapes = shapes.to_crs("EPSG:4326")  # PROJ takes its parameters (+towgs84) on the way to WGS 84 alone
    placed = shapes.to_crs(to_crs)
    if near is not None and not placed.empty and not _meets(placed.total_bounds, near):
        _check_axes(shapes, what, to_crs=to_crs, near=near)
    lost = placed.index[~np.isfinite(placed.bounds.to_numpy()).all(axis=1)]
    if len(lost):
        raise LayerError(
            f"{what.zh}：第 {lost[0]} 行不在坐标系 {to_crs.name} 的适用范围内；请更正坐标",
            f"{what.en}: row {lost[0]} has no place in {to_crs.name}; correct its coordinates",
        )
    if not shapes.empty:
        told.findings += unknown_shift(shapes.crs, to_crs, *shapes.total_bounds[:2])
    ours = our_columns(placed, name, fields=source.fields, values=source.values, what=what)
    layer = _repaired(ours.layer, name, what, told).reset_index(drop=True)
    return Read(layer, (*notes, *ours.notes), (*told.findings, *ours.findings), partial=told.lost or ours.partial)


def _check_keys(source: VectorSource, what: Text) -> None:
    """Refuse keys that would say nothing about a file of this kind."""
    suffix = source.path.suffix.lower()
    without_columns = not is_table(source.path)
    idle = {
        "x": without_columns,
        "y": without_columns,
        "layer": suffix in (*TEXTS, ".shp", ".parquet", ".geojson", ".json"),
        "encoding": suffix in (*WORKBOOKS, ".gpkg", ".gdb", ".parquet", ".geojson", ".json"),
    }
    for key, says_nothing in idle.items():
        if says_nothing and getattr(source, key) is not None:
            raise LayerError(
                f"{what.zh}：{suffix} 文件用不到 {key}；请去掉",
                f"{what.en}: {key} says nothing about a {suffix} file; take it out",
            )


def _opened(source: VectorSource, name: str, what: Text) -> tuple[gpd.GeoDataFrame, list[Note]]:
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
                layer = gpd.read_file(
                    source.path, layer=chosen, encoding=encoding, engine="pyogrio", on_invalid="fix"
                )  # an open ring is closed, what is no shape at all is lost, below
                if shapefile:
                    layer = in_words(layer, attribute_encoding(source.path, source.encoding, notes, what=what))
        except InputError:
            raise
        except _OPEN_ERRORS as error:
            line = _first_line(error)
            said = Text(f"原文：“{line}”", line)
            if "not recognized" in line:
                said = Text(f"本工具能读的格式是 {_FORMATS.zh}", f"it is none of the formats known ({_FORMATS.en})")
            raise InputError(
                f"{what.zh}：无法读取（{said.zh}）；请重新导出，最好用 GeoPackage",
                f"{what.en} cannot be read: {said.en}; export it again, best as GeoPackage",
            ) from error
    notes.extend(note("reader", said=_first_line(warning.message)) for warning in caught)
    if not isinstance(layer, gpd.GeoDataFrame):
        raise LayerError(
            f"{what.zh}：是没有图形的表；请给出有图形的图层，或带 x、y 列的 CSV",
            f"{what.en} holds a table without geometry; give a layer with shapes, or a CSV with x and y",
        )
    layer.index = pd.RangeIndex(1, len(layer) + 1)
    return _with_crs(layer, source, what), notes


def _chosen_layer(source: VectorSource, name: str, what: Text) -> str | None:
    there = [str(layer) for layer, kind in pyogrio.list_layers(source.path) if kind is not None]
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


def _with_crs(layer: gpd.GeoDataFrame, source: VectorSource, what: Text) -> gpd.GeoDataFrame:
    given = _user_crs(source.crs, what)
    own = layer.crs
    if own is not None and not (own.is_geographic or own.is_projected):
        own = None  # "undefined" written as a local system
    if source.path.suffix.lower() in (".geojson", ".json") and given is not None and not _geojson_says_crs(source.path):
        own = None  # RFC 7946 makes it WGS 84 by default, which the study file corrects
    if own is None and given is None:
        raise LayerError(
            f'{what.zh}：没有写明坐标系；请补上 crs，如 crs = "EPSG:4490"（CGCS2000 经纬度）',
            f'{what.en} does not say its coordinate system; add crs, e.g. crs = "EPSG:4490" (CGCS2000 degrees)',
        )
    if own is not None and given is not None and own != given and (own.to_epsg() or own) != given.to_epsg():
        raise LayerError(
            f"{what.zh}：文件写明的坐标系是 {own.name}，研究文件写的是 {given.name}；请去掉 crs，或更正文件",
            f"{what.en} says it is in {own.name}, the study file says {given.name}; take out crs, or correct the file",
        )
    return layer.set_crs(given if own is None else own, allow_override=True)


def _publisher(layer: gpd.GeoDataFrame) -> list[Note]:
    """Say so where the columns of a file in degrees are those of a publisher who shifts coordinates."""
    if not layer.crs.is_geographic:
        return []
    there = {str(column) for column in layer.columns}
    for entry in table("map_shift")["publishers"]:
        if there.issuperset(entry["columns"]):
            columns = ", ".join(entry["columns"])
            return [note("published_shifted", columns=columns, publisher=entry["name"], datum=entry["datum"])]
    return []


def _named_datum(layer: gpd.GeoDataFrame, source: VectorSource) -> list[Note]:
    """Say so where the column of the longitude is named after another datum than the study file gives (gcj02_lng)."""
    if source.x is None or not layer.crs.is_geographic:
        return []
    words, taken = table("map_shift")["named"], source.datum or "wgs84"
    named = next((datum for datum in words if any(word in source.x.lower() for word in words[datum])), taken)
    return [] if named == taken else [note("named_after_datum", column=source.x, named=named, taken=taken)]


def unknown_shift(given: CRS, wanted: CRS, x: float, y: float) -> list[Note]:
    """Say so where no shift is known between the datums of two systems at a place in the first: PROJ then uses none."""
    if not shift_is_unknown(given, wanted, x, y):
        return []
    return [note("shift_unknown", given=given.datum.name, wanted=wanted.datum.name)]


def _user_crs(crs: str | None, what: Text) -> CRS | None:
    try:
        return None if crs is None else CRS.from_user_input(crs)
    except CRSError:
        raise LayerError(
            f"{what.zh}：PROJ 不认识坐标系“{crs}”；请写成 EPSG:4490 这样",
            f"{what.en}: crs {crs!r} is not a coordinate system PROJ knows; write it like EPSG:4490",
        ) from None


def _geojson_says_crs(path: Path) -> bool:
    return re.search(rb'"crs"\s*:\s*\{', path.read_bytes()) is not None


def _points_table(source: VectorSource, name: str, what: Text) -> tuple[gpd.GeoDataFrame, list[Note]]:
    if "Point" not in LAYERS[name].kinds:
        raster = Text("，或栅格", ", or a raster") if name == "population" else NOTHING
        raise LayerError(
            f"{what.zh}：是点的表格，而 {name} 应是{_drawn_as(name).zh}；请给出这样的图层{raster.zh}",
            (f"{what.en} is a table of points, but {name} are {_drawn_as(name).en}; give a layer of them{raster.en}"),
        )
    rows, notes = table_rows(source.path, sheet=source.layer, encoding=source.encoding, what=what)
    x, y, told = coordinates(rows, x=source.x, y=source.y, what=what)
    crs = _user_crs(source.crs, what)
    if crs is None:
        if len(rows) and (np.maximum(x.abs(), y.abs()) > _FULL_TURN_DEG).all():
            raise LayerError(
                f'{what.zh}：坐标不是经纬度；请写明坐标系，如 crs = "EPSG:4547"',
                f'{what.en}: the coordinates are not degrees; say which system they are in, e.g. crs = "EPSG:4547"',
            )
        crs = CRS("EPSG:4326")
        told.append(note("taken_as_degrees", datum=source.datum or "wgs84"))
    return gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(x, y), crs=crs), [*notes, *told]


def _drawn_as(name: str) -> Text:
    kinds = LAYERS[name].kinds
    lines, areas = Text("线", "lines"), Text("面", "areas")
    if {"LineString", "Polygon"} <= set(kinds):
        return lines + Text("或", " or ") + areas
    return areas if "Polygon" in kinds else lines


def _check_kinds(layer: gpd.GeoDataFrame, what: Text, *, kinds: tuple[str, ...]) -> None:
    wrong = layer.index[~layer.geom_type.isin(kinds)]
    if len(wrong):
        kind = str(layer.geom_type[wrong[0]])
        wanted, is_a = kinds_text(kinds), kinds_text((kind,))
        lines = (
            Text("请把线闭合并转为面", "close the lines and make areas of them")
            if "Line" in kind and "Polygon" in kinds
            else Text("请去掉它们", "take them out")
        )
        raise LayerError(
            (
                f"{what.zh}：{len(layer):,} 个图形中有 {len(wrong):,} 个不是{wanted.zh}，"
                f"首个在第 {wrong[0]} 行，是{is_a.zh}；{lines.zh}，或换成正确的图层"
            ),
            (
                f"{what.en}: {len(wrong):,} of {len(layer):,} shapes are of another kind than {wanted.en}, "
                f"the first, row {wrong[0]}, is a {is_a.en}; {lines.en} or give the right layer"
            ),
        )


def _check_degrees(layer: gpd.GeoDataFrame, what: Text) -> None:
    """Refuse numbers that cannot be degrees where degrees are declared."""
    if not layer.crs.is_geographic or layer.empty:
        return
    reach = shapely.bounds(layer.geometry.to_numpy())
    lon, lat = np.abs(reach[:, [0, 2]]).max(axis=1), np.abs(reach[:, [1, 3]]).max(axis=1)
    wrong = np.flatnonzero((lon > _FULL_TURN_DEG) | (lat > _POLE_DEG))
    if not len(wrong):
        return
    row, alone = wrong[0], len(wrong) < np.isfinite(lon).sum()
    swapped = (lat[wrong] <= _FULL_TURN_DEG).all() and (lon[wrong] <= _POLE_DEG).all()
    if swapped and alone:
        raise LayerError(
            f"{what.zh}：第 {layer.index[row]} 行的纬度是 {reach[row, 3]:.4f}，说明该行经纬度颠倒；请互换",
            (
                f"{what.en}: row {layer.index[row]} has the latitude {reach[row, 3]:.4f}, so longitude and latitude are "
                "swapped there; exchange them"
            ),
        )
    if swapped:
        raise LayerError(
            f"{what.zh}：纬度达到 {np.nanmax(lat):.4f}，说明经纬度颠倒；请互换 x、y",
            (
                f"{what.en}: its latitudes reach {np.nanmax(lat):.4f}, so longitude and latitude are swapped; "
                "exchange x and y"
            ),
        )
    at = layer.index[row]
    which = Text(f"第 {at} 行", f"row {at} ") if alone else NOTHING
    advice = Text("请更正", "correct it") if alone else Text("请写明真正的坐标系", "name their true coordinate system")
    raise LayerError(
        (
            f"{what.zh}：写明是经纬度（{layer.crs.name}），{which.zh}却有 x = {reach[row, 2]:,.0f}、"
            f"y = {reach[row, 3]:,.0f}，不是度数；{advice.zh}"
        ),
        (
            f"{what.en} is declared as degrees ({layer.crs.name}) but {which.en}reaches x = {reach[row, 2]:,.0f}, "
            f"y = {reach[row, 3]:,.0f}, which are no degrees; {advice.en}"
        ),
    )


def _check_axes(layer: gpd.GeoDataFrame, what: Text, *, to_crs: CRS, near: Bounds) -> None:
    """Refuse a layer, off the zones as it is, that lies on them with x and y exchanged."""
    west, south, east, north = layer.total_bounds
    exchanged = moving(layer.crs, to_crs).transform_bounds(south, west, north, east)
    if _meets(exchanged, near):
        raise LayerError(
            f"{what.zh}：x、y 互换后才落在分区上，说明坐标轴颠倒；请互换 x、y",
            f"{what.en} lies on the zones only with x and y exchanged: its axes are swapped; exchange them",
        )


def _meets(box: Bounds, other: Bounds) -> bool:
    low, high = np.maximum(box[:2], other[:2]), np.minimum(box[2:], other[2:])
    return bool(np.isfinite(box).all() and (low <= high).all())


def _usable_shapes(layer: gpd.GeoDataFrame, name: str, what: Text, told: _Told) -> gpd.GeoDataFrame:
    """Flat shapes of the kind the layer wants, closed lines as areas where it wants these; what else is there is told."""
    layer = _with_shapes(layer, name, what, told)
    shapes, kinds = shapely.force_2d(layer.geometry.to_numpy()), LAYERS[name].kinds
    collections = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    told.note("mixed", collections, layer=name)
    if collections.any():
        shapes[collections] = [_of_kind(shape, kinds) for shape in shapes[collections]]
    short = (shapely.get_dimensions(shapes) == 1) & (shapely.length(shapes) == 0)
    told.note("no_length", short)
    other = shapely.is_empty(shapes)
    told.loss("of_another_kind", other, layer=name)
    shapes = _closed_lines_as_areas(shapes, name, told)
    return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))[~(short | other)]


def _with_shapes(layer: gpd.GeoDataFrame, name: str, what: Text, told: _Told) -> gpd.GeoDataFrame:
    """The rows that have a shape with a place, which nothing at x = 0, y = 0 has: geocoders write that for "not found".

    What has none may lie anywhere: zones are refused, other layers miss something.
    """
    shapes = layer.geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    hollow = ~np.isfinite(bounds).all(axis=1) | (bounds == 0).all(axis=1) | _without_numbers(shapes)
    if not hollow.any():
        return layer
    if name == "zones" or hollow.all():
        row = layer.index[hollow][0]
        which = (
            Text("没有一行有图形", "none of its rows has a shape")
            if hollow.all()
            else Text(f"第 {row} 行没有图形", f"row {row} has no shape")
        )
        raise LayerError(
            f"{what.zh}：{which.zh}；请补画图形、去掉这一行，或重新导出图层",
            f"{what.en}: {which.en}; draw it, take the row out, or export the layer again",
        )
    told.loss("no_shape", hollow)
    return layer[~hollow]


def _without_numbers(shapes: Shapes) -> Bools:
    """Which shapes have a corner that is no number; GEOS leaves such corners out of the bounds."""
    xy, at = shapely.get_coordinates(shapes, return_index=True)
    found = np.zeros(len(shapes), dtype=bool)
    found[at[~np.isfinite(xy).all(axis=1)]] = True
    return found


def _closed_lines_as_areas(shapes: Shapes, name: str, told: _Told) -> Shapes:
    """Turn lines that end where they begin into areas, in a layer that is not drawn as lines (closed CAD polylines)."""
    if "LineString" in LAYERS[name].kinds:
        return shapes
    pieces, row = shapely.get_parts(shapes, return_index=True)
    ring = (shapely.get_dimensions(pieces) == 1) & shapely.is_closed(pieces) & (shapely.get_num_coordinates(pieces) > 3)
    closed = (shapely.get_dimensions(shapes) == 1) & (np.bincount(row[~ring], minlength=len(shapes)) == 0)
    for at in np.flatnonzero(closed):
        shapes[at] = shapely.multipolygons([shapely.Polygon(line) for line in pieces[row == at]])
    told.finding("closed_lines", closed)
    return shapes


def _repaired(layer: gpd.GeoDataFrame, name: str, what: Text, told: _Told) -> gpd.GeoDataFrame:
    """Valid areas: outlines that cross themselves are repaired, and those of no area left out; both are told.

    A zone of which more than 0.1 % lies on the wrong side of an outline that crosses itself is refused: what it means is
    for the planner to say.
    """
    shapes = layer.geometry.to_numpy()
    surface = shapely.get_dimensions(shapes) == 2
    broken = surface & ~shapely.is_valid(shapes)
    if broken.any():
        found = mended(shapes[broken])
        shapes[broken] = found.shapes
        whole_m2 = shapely.area(found.shapes)
        if name == "zones":
            bad = np.flatnonzero((found.turned_m2 > _IN_DOUBT * whole_m2) | (whole_m2 == 0))
            if len(bad):
                zone, m2 = layer["name"][broken].iloc[bad[0]], whole_m2[bad[0]]
                wrong = Text("没有面积", "has no area")
                if m2:
                    share = found.turned_m2[bad[0]] / m2
                    wrong = Text(
                        f"自相交，有 {share:.1%} 的面积内外颠倒",
                        f"crosses itself so that {share:.1%} of it is inside out",
                    )
                raise LayerError(
                    f"{what.zh}：分区“{zone}”的边界{wrong.zh}；请修正边界",
                    f"{what.en}: the outline of {zone} {wrong.en}; repair the outline",
                )
        told.note("outline_repaired", broken)
        doubt_m2, ha = float((found.doubled_m2 + found.turned_m2).sum()), float(whole_m2.sum()) / 1e4
        if name == "zones":
            told.finding(
                "zone_repaired", broken, names=", ".join(layer["name"][broken]), ha=ha, doubt_ha=doubt_m2 / 1e4
            )
        elif doubt_m2 > _IN_DOUBT * float(shapely.area(shapes).sum()):
            told.finding("ground_in_doubt", broken, ha=doubt_m2 / 1e4)
    flat = surface & (shapely.area(shapes) == 0)
    told.loss("no_area", flat)
    return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))[~flat]


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


def _first_line(said: object) -> str:
    return str(said).strip().split("\n")[0].split("; ")[0].rstrip(".;")
