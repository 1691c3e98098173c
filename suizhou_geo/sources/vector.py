"""Planners' own layers: files with shapes, tables with coordinates, tables joined to shapes, each also inside a zip.

Whatever is repaired or left out on the way is counted and told. The coordinate system and China's map shift are a
matter of the source: what leaves here is in the working coordinate system, unshifted, flat (no heights), valid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import NOTHING, Text, layer_text
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.geometry.crs import are_in_china, moving, numbered_zone, shift_is_unknown, unshifted
from suizhou_geo.geometry.repair import mended
from suizhou_geo.model import Note
from suizhou_geo.sources.archives import unpacked
from suizhou_geo.sources.columns import Read, our_columns
from suizhou_geo.sources.files import existing
from suizhou_geo.sources.gdal import JSONS
from suizhou_geo.sources.joined import joined, names_of
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.opened import Bounds, Join, VectorSource, likely_crs, opened, opened_table, user_crs
from suizhou_geo.sources.point_tables import TEXTS, is_table, located, table_rows
from suizhou_geo.sources.presets import facilities_of_pois, filled, holds_pois, looks_like, with_constants
from suizhou_geo.sources.workbooks import WORKBOOKS
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import LAYERS, kinds_text

_FULL_TURN_DEG, _POLE_DEG = 180.0, 90.0
_FAR_OFF_M, _FEW = 100_000.0, 0.1  # rows so far off, if they are no more than this share, are slips
_SHOWN = 5
_IN_DOUBT = 0.001  # share of an area on which a repair decides: less is not worth a word


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
    told = _Told([])
    if source.database is None:
        existing(source.path, what=layer_text(name))
        raw, source = _raw(source, name, what, told, working=to_crs)
    else:
        raw, source = _of_database(source, name, what, told, working=to_crs, near=near)
    notes = told.notes
    if source.swap_xy:
        raw = raw.set_geometry(shapely.transform(raw.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=raw.crs)
        notes.append(note("swapped"))
    _check_degrees(raw, what)
    named = _named_datum(raw, source)
    told.findings += named
    if source.datum is None:
        told.findings += [] if named else _publisher(raw)
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
        _check_china(raw, source.datum, what)
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
    if near is not None:
        _strays(placed, near, told)
    if holds_pois(source):
        placed, pois, odd = facilities_of_pois(placed, source, what)
        source = replace(source, fields={}, values={})
        notes += pois
        told.findings += odd
    placed = with_constants(placed, source)
    advice = looks_like(name, raw.columns) if source.preset is None else NOTHING
    ours = our_columns(placed, name, fields=source.fields, values=source.values, what=what, advice=advice)
    layer = _repaired(ours.layer, name, what, told).reset_index(drop=True)
    return Read(
        layer,
        (*notes, *ours.notes),
        (*told.findings, *ours.findings),
        partial=told.lost or ours.partial,
        datum=source.datum or "wgs84",
    )


def _raw(
    source: VectorSource, name: str, what: Text, told: _Told, *, working: CRS
) -> tuple[gpd.GeoDataFrame, VectorSource]:
    """The rows of a file with their shapes as they are written, and the source with what its preset knows."""
    with unpacked(source.path, layer=source.layer, name=name, what=what) as (path, layer):
        if path != source.path:
            existing(path, what=layer_text(name, source.path.name))
        inside = replace(source, path=path, layer=layer)
        _check_keys(inside, what)
        if not is_table(path):
            raw, notes = opened(inside, name, what, working=working)
            told.notes += notes
            return raw, filled(source, raw.columns)
        sheet = inside.sheet or layer
        rows, notes = table_rows(path, sheet=sheet, name=name, encoding=source.encoding, what=what)
    told.notes += notes
    source = filled(source, rows.columns)
    if source.join is not None:
        return _joined(rows, source, source.join, name, what, told, working=working), source
    return _placed(rows, source, name, what, told, working=working), source


def _of_database(
    source: VectorSource, name: str, what: Text, told: _Told, *, working: CRS, near: Bounds | None
) -> tuple[gpd.GeoDataFrame, VectorSource]:
    """The rows of a table of a database, and the source with what its preset knows."""
    a_database = Text("数据库", "a database")
    _refuse_idle(source, dict.fromkeys(("sheet", "encoding", "x", "y", "join"), True), a_database, what)
    _refuse_idle(source, {"layer": source.sql is not None}, Text("有 sql 时", "a database beside sql"), what)
    raw, notes, findings = opened_table(source, name, what, working=working, near=near)
    told.notes += notes
    told.findings += findings
    return raw, filled(source, raw.columns)


def _check_keys(source: VectorSource, what: Text) -> None:
    """Refuse keys that would say nothing about a file of this kind."""
    suffix = source.path.suffix.lower()
    shapes = not is_table(source.path)
    idle = {
        "sql": True,
        "x": shapes or source.join is not None,
        "y": shapes or source.join is not None,
        "join": shapes,
        "sheet": suffix not in WORKBOOKS,
        "layer": suffix in (*TEXTS, *JSONS, ".shp", ".parquet"),
        "encoding": suffix in (*WORKBOOKS, *JSONS, ".gpkg", ".gdb", ".parquet", ".kml", ".kmz"),
    }
    _refuse_idle(source, idle, Text(f"{suffix} 文件", f"a {suffix} file"), what)


def _refuse_idle(source: VectorSource, idle: Mapping[str, bool], kind: Text, what: Text) -> None:
    for key, says_nothing in idle.items():
        if says_nothing and getattr(source, key) is not None:
            raise LayerError(
                f"{what.zh}：{kind.zh}用不到 {key}；请去掉",
                f"{what.en}: {key} says nothing about {kind.en}; take it out",
            )


def _joined(
    rows: pd.DataFrame, source: VectorSource, join: Join, name: str, what: Text, told: _Told, *, working: CRS
) -> gpd.GeoDataFrame:
    """The rows of a table with the shapes they name; who has no counterpart is lost, and told by name."""
    to = layer_text(name, join.to.name)
    existing(join.to, what=to)
    file = VectorSource(join.to, layer=join.layer, encoding=join.encoding, crs=source.crs)
    shapes, _ = _raw(file, name, to, told, working=working)
    layer, otherwise, without_shape, without_row = joined(
        rows, shapes, on=join.on, column=join.column, what=what, to=to
    )
    told.notes.append(note("joined", rows=len(layer), file=join.to.name))
    if otherwise:
        pairs = ", ".join(f"{one}={other}" for one, other in otherwise)
        told.findings.append(note("joined_otherwise", rows=len(otherwise), pairs=pairs))
    told.loss("join_no_shape", without_shape, names=names_of(rows[join.on], without_shape))
    told.loss("join_no_row", without_row, names=names_of(shapes[join.column], without_row))
    return layer


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


def _placed(
    rows: pd.DataFrame, source: VectorSource, name: str, what: Text, told: _Told, *, working: CRS
) -> gpd.GeoDataFrame:
    """The rows of a table with the places their columns say."""
    shapes, srid, notes = located(rows, x=source.x, y=source.y, what=what)
    told.notes += notes
    points = bool(len(shapes)) and (shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all()
    if "Point" not in LAYERS[name].kinds and points:
        raster = Text("，或栅格", ", or a raster") if name == "population" else NOTHING
        raise LayerError(
            f"{what.zh}：是点的表格，而 {name} 应是{_drawn_as(name).zh}；请给出这样的图层{raster.zh}，或用 join 连接到图形",
            f"{what.en} is a table of points, but {name} are {_drawn_as(name).en}; give a layer of them{raster.en}, or join "
            "it to shapes",
        )
    layer = gpd.GeoDataFrame(rows, geometry=shapes)
    crs, own = user_crs(source.crs, what), None if srid is None else user_crs(f"EPSG:{srid}", what)
    if crs is not None and own is not None and crs != own:
        raise LayerError(
            f"{what.zh}：WKT 写明的坐标系是 {own.name}，研究文件写的是 {crs.name}；请去掉 crs，或更正文件",
            f"{what.en}: its WKT is in {own.name}, the study file says {crs.name}; take out crs, or correct the file",
        )
    if crs is None and own is None:
        bounds = layer.bounds.to_numpy()
        if len(rows) and (np.abs(bounds).max(axis=1) > _FULL_TURN_DEG).all():
            likely = likely_crs(layer)
            looks = Text("（x 前有这一带号）", ", as its x begins with the number of that zone") if likely else NOTHING
            raise LayerError(
                f'{what.zh}：坐标不是经纬度；请写明坐标系，如 crs = "{likely or working.to_string()[:60]}"{looks.zh}',
                f"{what.en}: the coordinates are not degrees; say which system they are in, e.g. "
                f'crs = "{likely or working.to_string()[:60]}"{looks.en}',
            )
        told.notes.append(note("taken_as_degrees", datum=source.datum or "wgs84"))
    return layer.set_crs(crs or own or "EPSG:4326")


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
            f"{what.zh}：纬度达到 {np.nanmax(lat):.4f}，说明经纬度颠倒；请互换 x、y，或写 swap_xy = true",
            (
                f"{what.en}: its latitudes reach {np.nanmax(lat):.4f}, so longitude and latitude are swapped; "
                "exchange x and y, or say swap_xy = true"
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


def _check_china(layer: gpd.GeoDataFrame, datum: str, what: Text) -> None:
    """Refuse a map shift where nothing is shifted: GCJ-02 and BD-09 are of China."""
    west, south, east, north = shapely.bounds(layer.geometry.to_numpy()).T
    there = np.isfinite(west) & ((west != 0) | (south != 0))
    if there.any() and not are_in_china((west + east)[there] / 2, (south + north)[there] / 2).any():
        raise LayerError(
            f"{what.zh}：不在中国境内，那里没有 {datum} 坐标偏移；请去掉 datum，或更正坐标",
            f"{what.en} lies outside China, where no map shift {datum} is; take out datum, or correct the coordinates",
        )


def _strays(placed: gpd.GeoDataFrame, near: Bounds, told: _Told) -> None:
    """Say which few rows lie far off while most lie where they should: their coordinates are wrong, and they may be here."""
    boxes = shapely.box(*placed.bounds.to_numpy().T)
    off_m = shapely.distance(boxes, shapely.box(*near))
    far = off_m > _FAR_OFF_M
    if not far.any() or far.sum() > _FEW * len(placed) or (off_m == 0).sum() < len(placed) / 2:
        return
    for row in np.flatnonzero(far)[:_SHOWN]:
        x, y = shapely.get_coordinates(shapely.centroid(boxes[row]))[0]
        low, high = near[:2], near[2:]
        turned = low[0] <= y <= high[0] and low[1] <= x <= high[1]
        zone = numbered_zone(x)
        why = (
            Text("，x、y 互换后才在分区周边", ", and near them with x and y exchanged")
            if turned
            else Text(
                f"，x 前多了带号（{x // 1e6:.0f}）", f", its x with the number of a zone ({x // 1e6:.0f}) before it"
            )
            if zone
            else NOTHING
        )
        told.findings.append(note("stray", row=str(placed.index[row]), km=float(off_m[row]) / 1e3, why=why))
    told.loss("strays", far)


def _check_axes(layer: gpd.GeoDataFrame, what: Text, *, to_crs: CRS, near: Bounds) -> None:
    """Refuse a layer, off the zones as it is, that lies on them with x and y exchanged."""
    west, south, east, north = layer.total_bounds
    exchanged = moving(layer.crs, to_crs).transform_bounds(south, west, north, east)
    if _meets(exchanged, near):
        raise LayerError(
            f"{what.zh}：x、y 互换后才落在分区上，说明坐标轴颠倒；请互换 x、y，或写 swap_xy = true",
            f"{what.en} lies on the zones only with x and y exchanged: its axes are swapped; exchange them, or say "
            "swap_xy = true",
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
