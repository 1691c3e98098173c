"""Layers inside a zip: unpacked for the time of reading, names as Windows wrote them (GBK) among them."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import Text, listed_text

ARCHIVE = ".zip"
# what reading a file that is packed in the way of zip can end in, if it is damaged or locked
BROKEN_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
)
_MOST_PARTS, _MOST_BYTES = 100_000, 8_000_000_000  # that any zip may unpack to
_OFFICE_BYTES, _MOST_RATIO = 1_000_000_000, 300  # that an office file may, which is held in memory
_FREE_BYTES = 20_000_000  # may be packed as tightly as they like
_LAYERS = (
    *(".shp", ".gpkg", ".gdb", ".geojson", ".json", ".kml", ".kmz", ".dxf", ".parquet"),
    *(".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".fgb"),
)


@contextmanager
def unpacked(path: Path, *, layer: str | None, name: str, what: Text) -> Iterator[tuple[Path, str | None]]:
    """Give the file that a zip holds, on the disk till the block is left, and which layer of it is meant.

    Any other file is given as it is. Where a zip holds several, `layer` names one by its stem, else the one called `name`.

    Raises:
        InputError: the zip is damaged or locked, or holds nothing that can be read.
        LayerError: it holds several files and none is chosen.
    """
    if path.suffix.lower() != ARCHIVE:
        yield path, layer
        return
    with TemporaryDirectory() as folder:
        _extract(path, Path(folder), what=what)
        there = sorted(part for part in Path(folder).rglob("*") if _is_layer(part))
        if not there:
            raise InputError(
                f"{what.zh}：压缩包里没有能读的图层；请放入 Shapefile（各个文件齐全）、GeoPackage、.gdb 等",
                f"{what.en} holds no layer that can be read; put a Shapefile (all its parts), GeoPackage or .gdb into it",
            )
        if len(there) == 1:
            yield there[0], None if layer == there[0].stem else layer
            return
        chosen = [part for part in there if part.stem == (layer or name)]
        if len(chosen) != 1:
            listed = listed_text([part.stem for part in there])
            raise LayerError(
                f"{what.zh}：压缩包里有 {len(there)} 个图层（{listed.zh}）；请用 layer 写明是哪一个",
                f"{what.en} holds {len(there)} layers ({listed.en}); say which with layer",
            )
        yield chosen[0], None


def held(path: Path, *, what: Text) -> list[str]:
    """Return the layers a zip holds, by their names in it; nothing is unpacked.

    Raises:
        InputError: the zip is damaged.
    """
    with _opened(path, what) as archive:
        names = archive.namelist()
    folders = {str(parent) for name in names for parent in PurePosixPath(name).parents}
    return sorted(name for name in {*names, *folders} if _is_layer(Path(name)))


def _is_layer(part: Path) -> bool:
    hidden = part.name.startswith(".") or "__MACOSX" in part.parts
    return part.suffix.lower() in _LAYERS and not hidden


def check_unpacked(path: Path | BinaryIO, *, what: Text) -> None:
    """Refuse an office file (.xlsx, .docx) that unpacks to more than any true one.

    Raises: InputError, and what `zipfile` raises for a file that is no zip.
    """
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if unpacked > _OFFICE_BYTES or unpacked > max(_FREE_BYTES, _MOST_RATIO * packed):
        raise _too_large(unpacked, what)


def _too_large(unpacked: int, what: Text) -> InputError:
    return InputError(
        f"{what.zh}：展开后有 {unpacked / 1e6:,.0f} MB，超出合理大小；请核对文件，去掉空白的行和图片后另存",
        f"{what.en} unpacks to {unpacked / 1e6:,.0f} MB, more than such a file can hold; check it, and save it again "
        "without empty rows and pictures",
    )


def _extract(path: Path, folder: Path, *, what: Text) -> None:
    """Unpack below `folder`: zipfile leaves out ".." and what would lead elsewhere, and writes links as plain files."""
    with _opened(path, what) as archive:
        entries = archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        room = shutil.disk_usage(folder).free
        if len(entries) > _MOST_PARTS or unpacked > min(_MOST_BYTES, room):
            raise InputError(
                f"{what.zh}：压缩包里有 {len(entries):,} 个文件、{unpacked / 1e6:,.0f} MB，装不下；请解压后写明其中的文件",
                f"{what.en} holds {len(entries):,} files of {unpacked / 1e6:,.0f} MB, which there is no room for; unpack it "
                "and name the file in it",
            )
        archive.extractall(folder)


@contextmanager
def _opened(path: Path, what: Text) -> Iterator[zipfile.ZipFile]:
    try:
        try:
            archive = zipfile.ZipFile(path, metadata_encoding="gb18030")
        except UnicodeDecodeError:
            archive = zipfile.ZipFile(path)
        with archive:
            yield archive
    except BROKEN_ZIP as error:
        locked = "password" in str(error) or "encrypted" in str(error)
        said = Text("有密码", "it is locked") if locked else Text(f"原文：“{error}”", str(error))
        raise InputError(
            f"{what.zh}：压缩包打不开（{said.zh}）；请解压后写明其中的文件，或重新打包为不加密的 .zip",
            f"{what.en} cannot be unpacked ({said.en}); unpack it and name the file in it, or zip it again without a lock",
        ) from error
