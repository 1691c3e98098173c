"""Files as they lie on the disk: is it there, is it what its name says, what exactly was read."""

from __future__ import annotations

import hashlib
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
    ".json": ("a GeoJSON file", (b"{",)),
}
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_CHUNK = 1 << 20


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
    kind, beginnings = _BEGINNINGS.get(path.suffix.lower(), ("", ()))
    with path.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginnings and not start.startswith(beginnings):
        raise InputError(
            f"{what}: {path.name} is named like {kind} but does not begin like one; "
            "give the true file, or the file its true ending"
        )
    if path.suffix.lower() == ".shp":
        for part in (".shx", ".dbf"):
            if not any(found.suffix.lower() == part for found in parts(path)):
                raise InputError(
                    f"{what}: {path.stem}{part} is missing beside {path.name}; copy all parts of the Shapefile"
                )
    return path


def parts(path: Path) -> Iterator[Path]:
    """Yield the files that make up `path`, in the order of their names: one, or the parts of a Shapefile or .gdb."""
    if path.is_dir():
        yield from sorted(part for part in path.rglob("*") if part.is_file())
    elif path.suffix.lower() == ".shp":
        beside = (part for part in path.parent.iterdir() if part.stem == path.stem)
        yield from sorted(part for part in beside if part.suffix.lower() in _SHAPEFILE_PARTS)
    else:
        yield path


def fingerprint(path: Path) -> tuple[str, str, int]:
    """Return what identifies a file: SHA-256 in hex, time of last change (ISO 8601, UTC), size in bytes.

    A Shapefile (.shp, .shx, .dbf, .prj, .cpg) and a file geodatabase (a folder) are taken as one: their parts in the
    order of their names.
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
