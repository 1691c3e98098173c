"""Layers inside a zip: unpacked for the time of reading, names as Windows wrote them (GBK) among them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import Text, listed_text

ARCHIVE = ".zip"
_LAYERS = (
    *(".shp", ".gpkg", ".gdb", ".geojson", ".json", ".kml", ".kmz", ".dxf", ".parquet"),
    *(".csv", ".tsv", ".xlsx", ".xlsm", ".fgb"),
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


def _extract(path: Path, folder: Path, *, what: Text) -> None:
    with _opened(path, what) as archive:
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
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        locked = "password" in str(error) or "encrypted" in str(error)
        said = Text("有密码", "it is locked") if locked else Text(f"原文：“{error}”", str(error))
        raise InputError(
            f"{what.zh}：压缩包打不开（{said.zh}）；请解压后写明其中的文件，或重新打包为不加密的 .zip",
            f"{what.en} cannot be unpacked ({said.en}); unpack it and name the file in it, or zip it again without a lock",
        ) from error
