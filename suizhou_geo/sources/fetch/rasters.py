"""Population rasters by their address: fetched on from where they broke off, with size and SHA-256, as published.

A single GeoTIFF is kept as it was published; an archive gives the one it holds; several tiles are put side by side, cell by
cell, cut to the outline.
"""

from __future__ import annotations

import hashlib
import math
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window

from suizhou_geo.errors.text import Text, alike
from suizhou_geo.geometry.crs import moving
from suizhou_geo.sources.fetch.http import (
    MOST_BYTES,
    AnswerError,
    check_status,
    exchange,
    passing,
    persevering,
    said_in,
)
from suizhou_geo.sources.fetch.overpass import write_whole
from suizhou_geo.sources.fetch.place import Box

_EDGE_POINTS = 21
_BEGINNINGS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"PK\x03\x04")  # GeoTIFF, BigTIFF, ZIP
_SIGN_BYTES = 4
_TOLD_SHARE = 0.1
_PARTIAL, _BEYOND_THE_END = 206, 416
_MB = 1e6


def tile_urls(source: dict[str, Any], *, year: int, box: Box) -> list[str]:
    """Return the addresses of a source of population for a year: one, or those of the tiles that a box of degrees touches.

    >>> from suizhou_geo.standards import table
    >>> tiles = tile_urls(table("downloads")["population"]["ghsl"], year=2020, box=(113.2, 31.6, 113.5, 31.8))
    >>> [url.rpartition("_V1_0_")[2] for url in tiles]
    ['R6_C29.zip']
    """
    tiles = source.get("tiles")
    if tiles is None:
        return [source["url"].format(year=year)]
    move = moving("EPSG:4326", tiles["crs"])
    west, south, east, north = move.transform_bounds(*box, densify_pts=_EDGE_POINTS)
    first, last = (math.floor((x - tiles["west"]) / tiles["size"]) + 1 for x in (west, east))
    top, bottom = (math.floor((tiles["north"] - y) / tiles["size"]) + 1 for y in (north, south))
    return [
        source["url"].format(year=year, row=row, column=column)
        for row in range(top, bottom + 1)
        for column in range(first, last + 1)
    ]


def fetched_file(url: str, folder: Path, tell: Callable[[Text], None]) -> tuple[Path, dict[str, Any]]:
    """Fetch a file into a folder, on from where an earlier try broke off; return it, its address, size and SHA-256.

    Raises:
        AnswerError: the server cannot be reached, refuses, or sends something else than a GeoTIFF or an archive.
    """
    name = url.rpartition("/")[2] or "raster"
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}_{name}"
    if not path.exists():
        begun = Begun(url, path.with_name(f"{path.name}.begun"), path.with_name(f"{path.name}.version"))
        persevering(partial(_fetch_on, begun, tell), lambda said: tell(alike(f"{name}  ") + said))
        begun.path.replace(path)
        begun.version.unlink(missing_ok=True)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return path, {"url": url, "bytes": path.stat().st_size, "sha256": digest}


@dataclass(frozen=True)
class Begun:
    """A file whose beginning may be there, and what the server called that version of it: only of the same one it goes on."""

    url: str
    path: Path
    version: Path

    def have(self) -> int:
        """Count the bytes that are there and that the server can vouch for."""
        return self.path.stat().st_size if self.path.exists() and self.version.exists() else 0

    def forget(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)
        self.version.unlink(missing_ok=True)


def _fetch_on(begun: Begun, tell: Callable[[Text], None]) -> None:
    """Fetch what is missing of a file."""
    have = begun.have()
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": begun.version.read_text("utf-8")}
    parts = exchange(begun.url, headers=headers, most_bytes=MOST_BYTES)
    response = next(parts)
    status, told = response.status_code, response.headers
    if status == _BEYOND_THE_END or (
        status == _PARTIAL and not told.get("Content-Range", "").startswith(f"bytes {have}-")
    ):
        begun.forget()
        raise passing(Text("文件已更新，从头下载", "the file has changed and is fetched from its beginning"))
    if status != _PARTIAL:
        if not response.ok or "html" in told.get("Content-Type", ""):
            _refuse(response, b"".join(parts))
        have = 0
        begun.forget()
        version = told.get("ETag", "") or told.get("Last-Modified", "")
        if version and not version.startswith("W/"):
            write_whole(begun.version, version.encode())
    _receive(parts, begun, have, have + int(told.get("Content-Length") or 0), tell)


def _refuse(response: Any, body: bytes) -> None:
    check_status(response, body)
    said = said_in(body)
    raise AnswerError(Text(f"给的是网页，不是栅格（原文：“{said}”）", f"it gave a web page, not a raster ({said})"))


def _receive(parts: Iterator[bytes], begun: Begun, have: int, whole: int, tell: Callable[[Text], None]) -> None:
    """Write what comes behind what is there; refuse a file that ends early, and what is no raster."""
    name, told = begun.url.rpartition("/")[2], 0.0
    with begun.path.open("ab") as file:
        for part in parts:
            file.write(part)
            have += len(part)
            if whole and have / whole >= told:
                told = have / whole + _TOLD_SHARE
                tell(alike(f"{name}  {have / _MB:,.1f}/{whole / _MB:,.1f} MB"))
    if have == 0 or have < whole:
        raise passing(Text(f"只收到 {have:,} 字节", f"only {have:,} bytes came"))
    with begun.path.open("rb") as file:
        start = file.read(_SIGN_BYTES)
    if not start.startswith(_BEGINNINGS):
        begun.forget()
        raise AnswerError(Text("给的不是 GeoTIFF 或 ZIP", "what it gave is neither a GeoTIFF nor a ZIP archive"))


def write_raster(path: Path, files: Sequence[Path], *, box: Box, folder: Path) -> None:
    """Write the raster that some fetched files hold: one as it is, several side by side, cut to a box of degrees.

    Raises:
        AnswerError: an archive holds no GeoTIFF or is damaged, or the raster does not reach the box.
    """
    rasters = [_unpacked(file, folder) for file in files]
    fresh = folder / "whole.tif"
    try:
        with ExitStack() as opened:
            read = [opened.enter_context(rasterio.open(raster, driver="GTiff")) for raster in rasters]
            here = [_reaches(raster, box) for raster in read]
            if not any(here):
                raise AnswerError(Text("栅格不在要下载的范围内", "the raster does not reach what was asked for"))
            if len(read) > 1:
                _side_by_side(read, box, fresh)
    except RasterioError as error:
        said = str(error).splitlines()[0]
        raise AnswerError(Text(f"栅格无法读取（原文：“{said}”）", f"the raster cannot be read ({said})")) from error
    if len(rasters) == 1:
        shutil.copyfile(rasters[0], fresh)
    fresh.replace(path)


def _side_by_side(rasters: Sequence[Any], box: Box, path: Path) -> None:
    """Write the cells of some tiles of one lattice that a box touches, each as it is; nodata where there is no tile."""
    first = rasters[0]
    lattice, nodata = first.transform, first.nodata
    if nodata is None or any(
        (tile.crs, tile.transform.a, tile.transform.e) != (first.crs, lattice.a, lattice.e) for tile in rasters
    ):
        raise AnswerError(
            Text("几幅栅格的格网或无数据值不一致", "the tiles are not of one lattice with a value for no data")
        )
    west, south, east, north = _bounds_in(first, box)
    left, right = math.floor((west - lattice.c) / lattice.a), math.ceil((east - lattice.c) / lattice.a)
    top, bottom = math.floor((north - lattice.f) / lattice.e), math.ceil((south - lattice.f) / lattice.e)
    cells = np.full((bottom - top, right - left), nodata, dtype=first.dtypes[0])
    for tile in rasters:
        column = round((tile.transform.c - lattice.c) / lattice.a)
        row = round((tile.transform.f - lattice.f) / lattice.e)
        columns = slice(max(left, column), min(right, column + tile.width))
        rows = slice(max(top, row), min(bottom, row + tile.height))
        width, height = columns.stop - columns.start, rows.stop - rows.start
        if width > 0 and height > 0:
            read = tile.read(1, window=Window(columns.start - column, rows.start - row, width, height))
            cells[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = read
    place = rasterio.Affine(lattice.a, 0.0, lattice.c + left * lattice.a, 0.0, lattice.e, lattice.f + top * lattice.e)
    how = {"driver": "GTiff", "count": 1, "dtype": cells.dtype, "crs": first.crs, "nodata": nodata, "transform": place}
    with rasterio.open(path, "w", width=right - left, height=bottom - top, compress="deflate", **how) as raster:
        raster.write(cells, 1)


def _bounds_in(raster: Any, box: Box) -> Box:
    move = moving("EPSG:4326", raster.crs)
    west, south, east, north = move.transform_bounds(*box, densify_pts=_EDGE_POINTS)
    return (west, south, east, north)


def _reaches(raster: Any, box: Box) -> bool:
    if raster.crs is None:
        raise AnswerError(Text("栅格没有写明坐标系", "the raster does not say its coordinate system"))
    west, south, east, north = _bounds_in(raster, box)
    there = raster.bounds
    return bool(west < there.right and east > there.left and south < there.top and north > there.bottom)


def _unpacked(file: Path, folder: Path) -> Path:
    """The GeoTIFF of an archive, or the file itself where it is one."""
    if not zipfile.is_zipfile(file):
        return file
    said = Text("压缩文件损坏，或其中没有 GeoTIFF", "the archive is damaged or holds no GeoTIFF")
    try:
        with zipfile.ZipFile(file) as archive:
            inside = [name for name in archive.namelist() if name.lower().endswith((".tif", ".tiff"))]
            if len(inside) != 1:
                raise AnswerError(said)
            if archive.getinfo(inside[0]).file_size > min(MOST_BYTES, shutil.disk_usage(folder).free):
                raise AnswerError(Text("压缩文件解压后过大", "the archive unpacks to more than there is room for"))
            raster = folder / f"{file.stem}.tif"
            with archive.open(inside[0]) as packed, raster.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise AnswerError(said) from None
    return raster
