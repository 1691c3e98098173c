"""Files as they lie on the disk: is it there, is it what its name says, what exactly was read."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from suizhou_geo.errors import InputError

_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_BEGINNINGS: Mapping[str, tuple[str, tuple[bytes, ...]]] = {
    ".gpkg": ("a GeoPackage", (b"SQLite format 3\x00",)),
    ".shp": ("a Shapefile", (b"\x00\x00\x27\x0a",)),
    ".parquet": ("a GeoParquet file", (b"PAR1",)),
    ".tif": ("a GeoTIFF", _TIFF),
    ".tiff": ("a GeoTIFF", _TIFF),
    ".geojson": ("a GeoJSON file", (b"{",)),
    ".json": ("a JSON file", (b"{", b"[")),
    ".xlsx": ("an Excel workbook", (b"PK",)),
    ".xlsm": ("an Excel workbook", (b"PK",)),
}
_OLD_WORKBOOKS = (".xls", ".et")  # Excel before 2007, WPS
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_BESIDE_RASTER = (".aux.xml", ".msk")  # what changes the values that are read from it
_CHUNK = 1 << 20
_SHX_HEADER, _SHX_RECORD = 100, 8


def existing(path: Path, *, what: str) -> Path:
    """Return `path` if a file (or a file geodatabase) of the kind its name says lies there.

    Raises:
        InputError: nothing there, a folder, an empty file, a Shapefile with a part missing, or another kind of file;
            `what` opens the sentence.
    """
    if not path.exists():
        raise InputError(f"{what}: there is no file {path}; check the path, which counts from the study file's folder")
    if path.is_dir():
        if path.suffix.lower() == ".gdb":
            return path
        raise InputError(f"{what}: {path} is a folder; name the file in it")
    if path.stat().st_size == 0:
        raise InputError(f"{what}: {path} is empty (0 bytes); copy or export it again")
    if path.suffix.lower() in _OLD_WORKBOOKS:
        raise InputError(f"{what}: {path.name} is a workbook of an old kind; save it as .xlsx or CSV")
    kind, beginnings = _BEGINNINGS.get(path.suffix.lower(), ("", ()))
    with path.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginnings and not start.startswith(beginnings):
        raise InputError(
            f"{what}: {path.name} is named like {kind} but does not begin like one; "
            "give the true file, or the file its true ending"
        )
    if path.suffix.lower() == ".shp":
        _check_shapefile({found.suffix.lower(): found for found in parts(path)}, path, what=what)
    return path


def parts(path: Path) -> Iterator[Path]:
    """Yield the files that make up `path`, in the order of their names: one, the parts of a Shapefile or .gdb, a raster
    with what lies beside it and changes its values."""
    if path.is_dir():
        yield from sorted(part for part in path.rglob("*") if part.is_file())
    elif path.suffix.lower() == ".shp":
        beside = (part for part in path.parent.iterdir() if part.stem == path.stem)
        yield from sorted(part for part in beside if part.suffix.lower() in _SHAPEFILE_PARTS)
    else:
        yield path
        if path.suffix.lower() in (".tif", ".tiff"):
            yield from (part for end in _BESIDE_RASTER if (part := path.with_name(path.name + end)).is_file())


def fingerprint(path: Path) -> tuple[str, str, int]:
    """Return what identifies a file: SHA-256 in hex, time of last change (ISO 8601, UTC), size in bytes.

    A Shapefile (.shp, .shx, .dbf, .prj, .cpg), a file geodatabase (a folder), and a raster with its .aux.xml and .msk are
    taken as one: their parts in the order of their names.
    """
    digest, modified, size_bytes = hashlib.sha256(), 0.0, 0
    for part in parts(path):
        with part.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
        modified = max(modified, part.stat().st_mtime)
        size_bytes += part.stat().st_size
    when = datetime.fromtimestamp(modified, tz=UTC).isoformat(timespec="seconds")
    return digest.hexdigest(), when, size_bytes


def _check_shapefile(beside: Mapping[str, Path], path: Path, *, what: str) -> None:
    """Refuse a Shapefile of which a part is missing or cut off, or that has not as many rows as shapes."""
    for part in (".shx", ".dbf"):
        if part not in beside:
            raise InputError(
                f"{what}: {path.stem}{part} is missing beside {path.name}; copy all parts of the Shapefile"
            )
    size = {part: beside[part].stat().st_size for part in (".shp", ".shx", ".dbf")}
    said = {part: _words_bytes(beside[part]) for part in (".shp", ".shx")}
    with beside[".dbf"].open("rb") as file:
        rows, header, width = struct.unpack("<IHH", file.read(12).ljust(12, b"\x00")[4:12])
    said[".dbf"] = header + rows * width
    for part, whole in said.items():
        if size[part] < whole:
            raise InputError(
                f"{what}: {beside[part].name} is cut off: it says {whole:,} bytes and has {size[part]:,}; copy it again"
            )
    shapes = max(0, (said[".shx"] - _SHX_HEADER) // _SHX_RECORD)
    if shapes != rows:
        raise InputError(
            f"{what}: {path.name} has {shapes:,} shapes and {rows:,} rows of attributes; copy all its parts again, of "
            "one export"
        )


def _words_bytes(part: Path) -> int:
    """The length that the head of a .shp or .shx says, in bytes; it counts words of two."""
    with part.open("rb") as file:
        return 2 * int(struct.unpack(">i", file.read(28).ljust(28, b"\x00")[24:28])[0])


def decoded(data: bytes, *, what: str, encoding: str | None = None) -> tuple[str, str]:
    """Decode text a planner saved: as `encoding`, else as UTF-8 (with or without BOM), else as GBK (GB 18030).

    Returns the text and the encoding it was read in.

    Raises:
        InputError: the encoding is unknown, or the bytes are not text in it.

    >>> decoded("随州".encode("gbk"), what="shops.csv")
    ('随州', 'gb18030')
    """
    if b"\x00" in data[:4096] and encoding is None:
        raise InputError(f"{what} is not text in UTF-8 or GBK (it holds zero bytes); save it as CSV in UTF-8")
    for candidate in [encoding] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(candidate), candidate
        except LookupError:
            raise InputError(f"{what}: encoding {encoding!r} is not one Python knows; use utf-8 or gbk") from None
        except UnicodeDecodeError:
            continue
    tried = encoding or "UTF-8 or GBK"
    raise InputError(f"{what} is not text in {tried}; name its true encoding under `encoding`")
