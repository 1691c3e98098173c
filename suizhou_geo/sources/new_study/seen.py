"""What lies in a folder, file by file and layer by layer, opened as a run opens it: its kind, rows, shapes, place."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import geopandas as gpd
import pandas as pd
import pyogrio
import rasterio
import shapely
from pyproj import CRS
from rasterio.errors import RasterioError

from suizhou_geo.errors import InputError, LayerError, SuizhouGeoError, reason
from suizhou_geo.errors.text import NOTHING, Text, alike
from suizhou_geo.model import Progress, Stage
from suizhou_geo.sources import osm_file
from suizhou_geo.sources.archives import ARCHIVE, held, unpacked
from suizhou_geo.sources.files import decoded, existing
from suizhou_geo.sources.gdal import layers_in
from suizhou_geo.sources.notes import counted
from suizhou_geo.sources.opened import VectorSource, first_line, opened
from suizhou_geo.sources.point_tables import TEXTS, is_table, table_rows
from suizhou_geo.sources.population import RASTERS
from suizhou_geo.sources.read_workbook import opened_workbook, visible
from suizhou_geo.sources.workbooks import WORKBOOKS
from suizhou_geo.standards import table

Kind = Literal["shapes", "table", "raster", "osm", "toml", "document", "unread", "unknown"]
Box = tuple[float, float, float, float]
_DEEP = 2  # levels of folders below the one that is looked at
_MOST_FILES, _MOST_LAYERS = 300, 60
_SHAPES = (".shp", ".gpkg", ".gdb", ".geojson", ".json", ".kml", ".kmz", ".dxf", ".parquet", ".fgb")
_BESIDE = (  # what belongs to another file
    *(".shx", ".dbf", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".shp.xml", ".aux.xml", ".tfw", ".ovr", ".msk"),
    *(".qml", ".sld", ".lyr", ".lyrx", ".gpkg-wal", ".gpkg-shm"),
)
_OURS = ("run.json", "scorecard.json")  # a folder with both holds results
_OSM = (".pbf", ".osm", ".osm.xml", ".osm.gz", ".osm.bz2", ".osm.xml.gz", ".osm.xml.bz2")
_READ = (*_SHAPES, *_OSM, *TEXTS, *WORKBOOKS, *RASTERS, ARCHIVE)
_CLOSED = (".et", ".dwg", ".rar", ".7z", ".mdb", ".wt", ".wl", ".wp")
_KINDS = {"Point": "point", "LineString": "line", "LinearRing": "line", "Polygon": "area"}
_GEOMETRY = {"point": Text("点", "points"), "line": Text("线", "lines"), "area": Text("面", "areas")}
_NAMES = {
    ".shp": alike("Shapefile"),
    ".gpkg": alike("GeoPackage"),
    ".gdb": Text("文件地理数据库", "file geodatabase"),
    ".geojson": alike("GeoJSON"),
    ".parquet": alike("GeoParquet"),
    ".tif": alike("GeoTIFF"),
    ".tiff": alike("GeoTIFF"),
    ".xlsx": Text("工作簿", "workbook"),
    ".xlsm": Text("工作簿", "workbook"),
    ".xls": Text("工作簿", "workbook"),
}


@dataclass(frozen=True, eq=False)
class Seen:
    """One layer, sheet or whole file as it was seen.

    `layer` and `sheet` are what a study file must say to name it among others, `inner` is what it is called there. `rows` are
    its rows, with shapes in `crs` where it has any; `says_crs` is false where the file does not say its own. `problem` says
    why it is not read.
    """

    path: Path
    kind: Kind
    name: Text
    layer: str | None = None
    sheet: str | None = None
    rows: pd.DataFrame | None = None
    says_crs: bool = True
    encoding: str = ""
    inner: str = ""
    problem: Text = NOTHING

    @property
    def called(self) -> str:
        """The name of the file, with that of the layer or sheet."""
        part = self.layer or self.sheet
        return f"{self.path.name} | {part}" if part else self.path.name

    def __len__(self) -> int:
        """How many rows it has."""
        return 0 if self.rows is None else len(self.rows)

    def __bool__(self) -> bool:
        """It is there, whether or not it has rows."""
        return True

    @property
    def columns(self) -> list[str]:
        """Its columns but the shapes."""
        return [] if self.rows is None else [str(column) for column in self.rows.columns if column != "geometry"]

    @cached_property
    def geometry(self) -> frozenset[str]:
        """Which of "point", "line" and "area" its shapes are; closed lines may stand for areas."""
        if not isinstance(self.rows, gpd.GeoDataFrame):
            return frozenset()
        shapes = self.rows.geometry.dropna()
        kinds = {_KINDS.get(str(kind).removeprefix("Multi"), "") for kind in shapes.geom_type.unique()} - {""}
        if kinds == {"line"} and len(shapes) and shapely.is_closed(shapely.get_geometry(shapes.to_numpy(), 0)).all():
            kinds.add("area")
        return frozenset(kinds)

    @property
    def crs(self) -> CRS | None:
        """The coordinate system its shapes are in."""
        return self.rows.crs if isinstance(self.rows, gpd.GeoDataFrame) else None

    @cached_property
    def box(self) -> Box | None:
        """West, south, east and north in degrees; None where it has no place."""
        if not isinstance(self.rows, gpd.GeoDataFrame) or self.rows.empty or not self.says_crs:
            return None
        west, south, east, north = self.rows.to_crs("EPSG:4326").total_bounds
        return (float(west), float(south), float(east), float(north))

    def told(self) -> Text:
        """What it is, in a few words: its kind, how many of what, where, in which system and encoding."""
        parts = [self.name]
        if self.rows is not None:
            n = len(self.rows)
            shapes = [_GEOMETRY[kind] for kind in sorted(self.geometry)]
            parts.append(Text(f"{n:,} 行", counted(n, "row")) if not shapes else _count(n, shapes))
        if self.crs is not None:
            code = self.crs.to_epsg()
            system = alike(f"EPSG:{code}" if code else self.crs.name)
            parts.append(system if self.says_crs else Text("没有写明坐标系", "no coordinate system"))
        if self.box is not None:
            west, south, east, north = self.box
            parts.append(alike(f"{west:.2f}–{east:.2f}°E {south:.2f}–{north:.2f}°N"))
        parts += [alike(self.encoding)] if self.encoding else []
        return Text(" · ".join(part.zh for part in parts), " · ".join(part.en for part in parts))


def _count(n: int, shapes: list[Text]) -> Text:
    return Text(
        f"{'、'.join(shape.zh for shape in shapes)} {n:,}", f"{n:,} {' and '.join(shape.en for shape in shapes)}"
    )


def look(folder: Path, *, out: Path, progress: Progress | None = None) -> tuple[list[Seen], list[Text]]:
    """Return what lies in a folder and the two levels below it, and what is to be said of what was not looked at.

    Folders of results, hidden files and `out` are passed by; links to folders are not followed. Of more than 300 files the
    first 300 are looked at. A zip is listed, and each layer in it read from a copy that is gone afterwards.

    Raises:
        InputError: there is no such folder, it cannot be read, or it holds no file.
    """
    if not folder.is_dir():
        raise InputError(
            f"没有文件夹 {folder}；请检查路径",
            f"there is no folder {folder}; check the path",
        )
    told: list[Text] = []
    files = [path for path in _files(folder, told) if path.resolve() != out.resolve()]
    files.sort(key=lambda path: not path.name.lower().endswith(_READ))  # of too many, those that can be read come first
    if not files:
        raise InputError(
            f"文件夹 {folder} 里没有文件；请把资料放进去再运行",
            f"the folder {folder} holds no file; put the data into it and run again",
        )
    if len(files) > _MOST_FILES:
        more = len(files) - _MOST_FILES
        told.append(
            Text(
                f"共 {len(files):,} 个文件，只看了前 {_MOST_FILES} 个，另有 {more:,} 个没有看；请把要用的资料单独放一个文件夹",
                f"of {len(files):,} files the first {_MOST_FILES} were looked at, {more:,} were not; put what is to be used "
                "into a folder of its own",
            )
        )
    stage = Stage("reading", min(len(files), _MOST_FILES), progress)
    seen: list[Seen] = []
    for path in files[:_MOST_FILES]:
        stage(path.name)
        seen += _look_into(path)
    return seen, told


def _files(folder: Path, told: list[Text]) -> Iterator[Path]:
    """Every file in a folder that stands for itself, in the order of their names; a geodatabase is one."""

    def unreadable(error: OSError) -> None:
        why = reason(error)
        told.append(
            Text(
                f"{error.filename} 无法读取（{why.zh}），略过", f"{error.filename} cannot be read ({why.en}): left out"
            )
        )

    for here, folders, names in os.walk(folder, onerror=unreadable):
        place = Path(here)
        links = [name for name in folders if (place / name).is_symlink()]
        told += [
            Text(f"{place / name} 是指向文件夹的链接，没有跟随", f"{place / name} is a link to a folder: not followed")
            for name in links
        ]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in links)
        bases = [name for name in folders if name.lower().endswith(".gdb")]
        folders[:] = [name for name in folders if name not in bases]
        if len(place.relative_to(folder).parts) >= _DEEP and folders:
            told.append(
                Text(f"{place} 以下的文件夹太深，没有看", f"folders below {place} lie too deep and were not looked at")
            )
            folders[:] = []
        if set(_OURS) <= set(names):
            told.append(Text(f"{place} 是测算结果，略过", f"{place} holds results: passed by"))
            folders[:] = []
            continue
        for name in sorted([*names, *bases]):
            if not name.startswith((".", "~$")) and not _belongs(place / name, names):
                yield place / name


def _belongs(path: Path, beside: list[str]) -> bool:
    """Whether a file is a part of another that lies beside it."""
    end = next((end for end in _BESIDE if path.name.lower().endswith(end)), None)
    stem = path.name[: -len(end)].lower() if end else ""
    return end is not None and any(
        name.lower() == stem or Path(name).stem.lower() == stem for name in beside if name != path.name
    )


def _look_into(path: Path) -> list[Seen]:
    """What a file holds; what cannot be read is told by the sentence a run would say."""
    lower, name = path.name.lower(), _NAMES.get(path.suffix.lower(), alike(path.suffix.lstrip(".").upper()))
    try:
        if not path.exists():
            raise InputError(f"{path.name}：链接指向的文件不存在", f"{path.name}: the file it links to is not there")
        if lower.endswith(_OSM):
            osm_file.opened(path)
            return [Seen(path, "osm", Text("OpenStreetMap 提取文件", "OpenStreetMap extract"))]
        if lower.endswith((*_SHAPES, *TEXTS, *WORKBOOKS, *_CLOSED, *RASTERS, ARCHIVE)):
            existing(path, what=alike(path.name))
        if lower.endswith(ARCHIVE):
            return list(_archived(path))
        if lower.endswith(RASTERS):
            return [_raster(path, name)]
        if lower.endswith((*TEXTS, *WORKBOOKS)) or (lower.endswith(".json") and is_table(path)):
            return list(_sheets(path, path, name))
        if lower.endswith(_SHAPES):
            return list(_layers(path, path, name))
    except SuizhouGeoError as error:
        return [Seen(path, "unread", name, problem=error.said)]
    except OSError as error:
        why = reason(error)
        said = Text(f"{path.name}：无法读取（{why.zh}）", f"{path.name} cannot be read ({why.en})")
        return [Seen(path, "unread", name, problem=said)]
    if lower.endswith(".toml"):
        return [Seen(path, "toml", name)]
    if lower.endswith(tuple(table("file_kinds")["plan_document"]["suffixes"])):
        return [Seen(path, "document", name)]
    return [Seen(path, "unknown", name)]


def _archived(path: Path) -> Iterator[Seen]:
    """The layers of a zip, each from a copy that is gone when it was read."""
    there = held(path, what=alike(path.name))
    for inside in there:
        layer = PurePosixPath(inside).stem if len(there) > 1 else None
        end = PurePosixPath(inside).suffix.lower()
        name = _NAMES.get(end, alike(end.lstrip(".").upper())) + Text("（压缩包内）", " in a zip")
        try:
            with unpacked(path, layer=layer, name="", what=alike(path.name)) as (copy, _):
                existing(copy, what=alike(path.name))
                if is_table(copy):
                    found = list(_sheets(path, copy, name, archived=layer))
                else:
                    found = list(_layers(path, copy, name, archived=layer))
        except SuizhouGeoError as error:
            found = [Seen(path, "unread", name, layer, problem=error.said)]
        yield from found
    if not there:
        yield Seen(path, "unknown", Text("压缩包，里面没有认得的图层", "a zip without a layer that is known"))


def _sheets(path: Path, copy: Path, name: Text, *, archived: str | None = None) -> Iterator[Seen]:
    what = alike(path.name)
    if copy.suffix.lower() not in WORKBOOKS:
        rows, notes = table_rows(copy, sheet=None, name="", encoding=None, what=what)
        kind: Kind = "document" if copy.suffix.lower() == ".txt" and len(rows.columns) == 1 else "table"
        yield Seen(path, kind, name, archived, rows=rows, encoding=_encoding(notes))
        return
    with opened_workbook(copy, what=what) as (book, _):
        sheets = [sheet.title for sheet in visible(book)]
    read = {sheet: table_rows(copy, sheet=sheet, name="", encoding=None, what=what)[0] for sheet in sheets}
    held = {sheet: rows for sheet, rows in read.items() if len(rows)} or dict(list(read.items())[:1])
    for sheet, rows in held.items():
        yield Seen(path, "table", name, archived, sheet if len(held) > 1 else None, rows=rows, inner=sheet)


def _layers(path: Path, copy: Path, name: Text, *, archived: str | None = None) -> Iterator[Seen]:
    what = alike(path.name)
    names = [None] if copy.suffix.lower() in (".parquet", ".shp") else _layer_names(copy, what)
    for layer in names[:_MOST_LAYERS]:
        written = archived or (layer if len(names) > 1 else None)
        try:
            rows, says, notes = _shapes(VectorSource(copy, layer=layer), what)
        except LayerError as error:
            yield Seen(path, "unread", name, written, problem=error.said)
            continue
        inner = layer or (copy.stem if copy != path else "")
        yield Seen(path, "shapes", name, written, rows=rows, says_crs=says, encoding=_encoding(notes), inner=inner)
    if len(names) > _MOST_LAYERS:
        more = len(names) - _MOST_LAYERS
        said = Text(
            f"另有 {more} 个图层没有看；请单独导出要用的",
            f"{more} more layers were not looked at; export those to be used",
        )
        yield Seen(path, "unread", name, problem=said)


def _layer_names(path: Path, what: Text) -> list[str | None]:
    if path.suffix.lower() == ".dxf":
        lines = [line.strip() for line in decoded(path.read_bytes(), what=what)[0].splitlines()]
        pairs = list(zip(lines[::2], lines[1::2], strict=False))  # group code, value
        start = next((n for n, pair in enumerate(pairs) if pair == ("2", "ENTITIES")), 0)
        return [*dict.fromkeys(value for code, value in pairs[start:] if code == "8")] or [None]
    if path.suffix.lower() in (".geojson", ".json"):
        return [None]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # what it warns of is told when the layer is read
            return [*layers_in(path, what=what)] or [None]
    except InputError:
        raise
    except (pyogrio.errors.DataSourceError, OSError, ValueError) as error:
        raise InputError(
            f"{what.zh}：无法读取（原文：“{first_line(error)}”）；请重新导出",
            f"{what.en} cannot be read: {first_line(error)}; export it again",
        ) from error


def _shapes(source: VectorSource, what: Text) -> tuple[gpd.GeoDataFrame, bool, list[Any]]:
    """The rows of a layer, whether it says its coordinate system (else its numbers stand as they are), and what is told."""
    working = CRS("EPSG:4547")
    try:
        rows, notes = opened(source, "facilities", what, working=working)
    except LayerError as first:
        try:
            rows, notes = opened(
                VectorSource(source.path, layer=source.layer, crs="EPSG:4547"), "facilities", what, working=working
            )
        except SuizhouGeoError:
            raise first from None
        return rows, False, notes
    return rows, True, notes


def _raster(path: Path, name: Text) -> Seen:
    try:
        with rasterio.open(path, driver="GTiff") as raster:
            size = Text(f"{raster.width:,}×{raster.height:,} 格", f"{raster.width:,} by {raster.height:,} cells")
    except RasterioError as error:
        raise InputError(
            f"{path.name}：无法读取（原文：“{first_line(error)}”）；请重新导出为 GeoTIFF",
            f"{path.name} cannot be read: {first_line(error)}; export it again as GeoTIFF",
        ) from error
    return Seen(path, "raster", name + Text(" · ", " · ") + size)


def _encoding(notes: list[Any]) -> str:
    return next((str(note.amounts["encoding"]) for note in notes if "encoding" in note.amounts), "")
