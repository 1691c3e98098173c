"""Files as they lie on the disk: is it there, is it what its name says, what exactly was read."""

from __future__ import annotations

import codecs
import errno
import hashlib
import re
import struct
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd

from suizhou_geo.errors import InputError, reason
from suizhou_geo.errors.text import NOTHING, Text, alike

_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_BEGINNINGS: Mapping[str, tuple[Text, tuple[bytes, ...]]] = {
    ".gpkg": (Text("GeoPackage", "a GeoPackage"), (b"SQLite format 3\x00",)),
    ".shp": (Text("Shapefile", "a Shapefile"), (b"\x00\x00\x27\x0a",)),
    ".parquet": (Text("GeoParquet", "a GeoParquet file"), (b"PAR1",)),
    ".tif": (Text("GeoTIFF", "a GeoTIFF"), _TIFF),
    ".tiff": (Text("GeoTIFF", "a GeoTIFF"), _TIFF),
    ".geojson": (Text("GeoJSON", "a GeoJSON file"), (b"{", b"[")),
    ".kml": (Text("KML", "a KML file"), (b"<",)),
    ".kmz": (Text("KMZ", "a KMZ file"), (b"PK",)),
    ".zip": (Text("压缩包", "a zip"), (b"PK",)),
    ".json": (Text("JSON", "a JSON file"), (b"{", b"[")),
    ".xlsx": (Text("Excel 工作簿", "an Excel workbook"), (b"PK", b"\xd0\xcf\x11\xe0")),
    ".xlsm": (Text("Excel 工作簿", "an Excel workbook"), (b"PK", b"\xd0\xcf\x11\xe0")),
}
# kinds of files that nothing open reads: what they are, and what to do
_CLOSED: Mapping[str, tuple[Text, Text]] = {
    ".et": (
        Text(" WPS 表格（.et）", "a workbook of WPS (.et)"),
        Text("另存为 .xlsx 或 CSV", "save it as .xlsx or CSV"),
    ),
    ".dwg": (
        Text(" CAD 图（DWG）", "a DWG drawing"),
        Text(
            "在 CAD 中另存为 DXF，或导出为 Shapefile、GeoPackage",
            "save it as DXF in CAD, or export it as Shapefile or GeoPackage",
        ),
    ),
    **dict.fromkeys(
        (".rar", ".7z"),
        (Text("不能读取的压缩包", "an archive that cannot be read"), Text("解压，或改用 .zip", "unpack it, or zip it")),
    ),
    ".mdb": (
        Text("个人地理数据库（.mdb）", "a personal geodatabase (.mdb)"),
        Text("在 ArcGIS 中导出为 .gdb 或 GeoPackage", "export it as .gdb or GeoPackage from ArcGIS"),
    ),
    **dict.fromkeys(
        (".wt", ".wl", ".wp"),
        (
            Text(" MapGIS 文件", "a MapGIS file"),
            Text("在 MapGIS 中转为 Shapefile", "convert it to Shapefile in MapGIS"),
        ),
    ),
}
_SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_BESIDE_RASTER = (".aux.xml", ".msk")  # what changes the values that are read from it
_CHUNK = 1 << 20
LONGEST_SHOWN = 400  # characters of a path in a sentence
LONGEST_NAME = 40  # characters of a word that should be short
_NO_TEXT = (
    "undefined",
    "idna",
    "punycode",
    "unicode-escape",
    "raw-unicode-escape",
    "unicode_escape",
    "raw_unicode_escape",
)
DEEPEST = 10  # tables within tables of a TOML file; ours have four
_SHX_HEADER, _SHX_RECORD = 100, 8


def existing(path: Path, *, what: Text) -> Path:
    """Return `path` if a file (or a file geodatabase) of the kind its name says lies there.

    Raises:
        InputError: nothing there, a folder, an empty file, a Shapefile with a part missing, or another kind of file;
            `what` opens the sentence.
    """
    try:
        return _existing(path, what)
    except OSError as error:
        why = reason(error)
        raise InputError(
            f"{what.zh}：{shown(path)} 无法读取（{why.zh}）；请检查路径和读取权限",
            f"{what.en}: {shown(path)} cannot be read ({why.en}); check the path, and that you may read it",
        ) from None


def is_there(path: Path) -> bool:
    """Whether a file lies at a path; none does where it is longer than any path can be, or cannot be looked at."""
    try:
        return path.is_file()
    except OSError:
        return False


def shown(path: Path) -> str:
    """Return a path as a sentence shows it: the middle of a very long one left out.

    >>> shown(Path("data") / ("x" * 5000)).count("x")
    155
    """
    written = str(path)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:100]}…{written[-60:]}"


def _existing(path: Path, what: Text) -> Path:
    if not path.exists():
        raise InputError(
            f"{what.zh}：没有文件 {path}；请检查路径（相对路径从研究文件所在文件夹算起）",
            f"{what.en}: there is no file {path}; check the path, which counts from the study file's folder",
        )
    if path.is_dir():
        if path.suffix.lower() == ".gdb":
            _check_regular(path, what)
            return path
        raise InputError(
            f"{what.zh}：{path} 是文件夹；请写明其中的文件", f"{what.en}: {path} is a folder; name the file in it"
        )
    _check_regular(path, what)
    if path.stat().st_size == 0:
        raise InputError(
            f"{what.zh}：{path} 是空文件（0 字节）；请重新复制或导出",
            f"{what.en}: {path} is empty (0 bytes); copy or export it again",
        )
    if path.suffix.lower() in _CLOSED:
        kind, advice = _CLOSED[path.suffix.lower()]
        raise InputError(
            f"{what.zh}：{path.name} 是{kind.zh}；请{advice.zh}", f"{what.en}: {path.name} is {kind.en}; {advice.en}"
        )
    kind, beginnings = _BEGINNINGS.get(path.suffix.lower(), (NOTHING, ()))
    with path.open("rb") as file:
        start = file.read(512).removeprefix(b"\xef\xbb\xbf").lstrip()
    if beginnings and not start.startswith(beginnings):
        raise InputError(
            f"{what.zh}：{path.name} 按扩展名应是 {kind.zh}，内容却不是；请换成真正的文件，或改正扩展名",
            (
                f"{what.en}: {path.name} is named like {kind.en} but does not begin like one; "
                "give the true file, or the file its true ending"
            ),
        )
    if path.suffix.lower() == ".shp":
        _check_shapefile({found.suffix.lower(): found for found in parts(path)}, path, what=what)
    return path


def refuse_endless(path: Path) -> None:
    """Raise OSError for a pipe or a device, which is read without end."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file")


def _check_regular(path: Path, what: Text) -> None:
    """Refuse pipes and devices, which are read without end: at the path, beside it under its name, in a .gdb."""
    beside = path.rglob("*") if path.is_dir() else (p for p in path.parent.iterdir() if p.name.startswith(path.stem))
    for found in (path, *beside):
        if found.exists() and not (found.is_file() or found.is_dir()):
            raise InputError(
                f"{what.zh}：{shown(found)} 是管道或设备，不是文件；请换成真正的文件",
                f"{what.en}: {shown(found)} is a pipe or a device, not a file; give a true file",
            )


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


def fingerprint_of_rows(layer: gpd.GeoDataFrame) -> tuple[str, str, int]:
    """Return what identifies the rows read of a database, in whatever order it gives them: SHA-256 in hex, the time now
    (ISO 8601, UTC), size in bytes."""
    columns = layer.drop(columns=layer.geometry.name).astype(str).to_dict("tight")["data"]
    shapes = layer.geometry.to_wkb()
    rows = sorted(shape + "\x1f".join(texts).encode() for shape, texts in zip(shapes, columns, strict=True))
    when = datetime.now(tz=UTC).isoformat(timespec="seconds")
    return hashlib.sha256(b"\x1e".join(rows)).hexdigest(), when, sum(map(len, rows))


def _check_shapefile(beside: Mapping[str, Path], path: Path, *, what: Text) -> None:
    """Refuse a Shapefile of which a part is missing or cut off, or that has not as many rows as shapes."""
    for part in (".shx", ".dbf"):
        if part not in beside:
            raise InputError(
                f"{what.zh}：{path.name} 旁边缺少 {path.stem}{part}；请把 Shapefile 的各个文件一起复制",
                f"{what.en}: {path.stem}{part} is missing beside {path.name}; copy all parts of the Shapefile",
            )
    size = {part: beside[part].stat().st_size for part in (".shp", ".shx", ".dbf")}
    said = {part: _words_bytes(beside[part]) for part in (".shp", ".shx")}
    with beside[".dbf"].open("rb") as file:
        rows, header, width = struct.unpack("<IHH", file.read(12).ljust(12, b"\x00")[4:12])
    said[".dbf"] = header + rows * width
    for part, whole in said.items():
        if size[part] < whole:
            raise InputError(
                f"{what.zh}：{beside[part].name} 不完整，应有 {whole:,} 字节，实有 {size[part]:,} 字节；请重新复制",
                f"{what.en}: {beside[part].name} is cut off: it says {whole:,} bytes and has {size[part]:,}; copy it again",
            )
    shapes = max(0, (said[".shx"] - _SHX_HEADER) // _SHX_RECORD)
    if shapes != rows:
        raise InputError(
            f"{what.zh}：{path.name} 有 {shapes:,} 个图形，属性表却有 {rows:,} 行；请把同一次导出的各个文件重新复制",
            (
                f"{what.en}: {path.name} has {shapes:,} shapes and {rows:,} rows of attributes; copy all its parts again, of "
                "one export"
            ),
        )


def _words_bytes(part: Path) -> int:
    """The length that the head of a .shp or .shx says, in bytes; it counts words of two."""
    with part.open("rb") as file:
        return 2 * int(struct.unpack(">i", file.read(28).ljust(28, b"\x00")[24:28])[0])


def decoded(data: bytes, *, what: Text, encoding: str | None = None) -> tuple[str, str]:
    """Decode text a planner saved: as `encoding`, else as UTF-8 (with or without BOM), else as GBK (GB 18030).

    Returns the text and the encoding it was read in.

    Raises:
        InputError: the encoding is unknown, or the bytes are not text in it.

    >>> decoded("随州".encode("gbk"), what=alike("shops.csv"))
    ('随州', 'gb18030')
    """
    if b"\x00" in data[:4096] and encoding is None:
        raise InputError(
            f"{what.zh}：不是 UTF-8 或 GBK 文本（含零字节）；请另存为 UTF-8 编码的 CSV",
            f"{what.en} is not text in UTF-8 or GBK (it holds zero bytes); save it as CSV in UTF-8",
        )
    for candidate in [check_encoding(encoding, what=what)] if encoding else ["utf-8-sig", "gb18030"]:
        try:
            return data.decode(candidate), candidate
        except UnicodeError:
            continue
    tried = alike(encoding) if encoding else Text("UTF-8 或 GBK", "UTF-8 or GBK")
    raise InputError(
        f"{what.zh}：不是 {tried.zh} 文本；请在 encoding 里写明真正的编码",
        f"{what.en} is not text in {tried.en}; name its true encoding under `encoding`",
    )


def check_encoding(encoding: str, *, what: Text) -> str:
    """Return the name of an encoding of text.

    Raises: InputError where there is none of that name, or it is for something else ("rot13", "idna").
    """
    try:
        known = "a".encode(encoding).decode(encoding) == "a" and codecs.lookup(encoding).name not in _NO_TEXT
    except (LookupError, ValueError):
        known = False
    if not known:
        raise InputError(
            f"{what.zh}：不认识编码“{encoding[:LONGEST_NAME]}”；请用 utf-8 或 gbk",
            f"{what.en}: encoding {encoding[:LONGEST_NAME]!r} is not one Python knows; use utf-8 or gbk",
        )
    return encoding


def toml_content(data: bytes, *, what: Text, refusal: type[InputError]) -> dict[str, Any]:
    """Return what a TOML file holds; `what` names it in the sentence of a `refusal`.

    Raises: a `refusal` where it is not UTF-8, not TOML (with the line), or nested deeper than any of our files is.

    >>> toml_content(b"a = 1", what=alike("plan.toml"), refusal=InputError)
    {'a': 1}
    """
    try:
        content = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise refusal(
            f"{what.zh}，第 {line} 行：不是 UTF-8 文本；请另存为 UTF-8",
            f"{what.en}, line {line}: not UTF-8 text; save it as UTF-8",
        ) from None
    except tomllib.TOMLDecodeError as error:
        spot = _toml_fault(error)
        advice = Text("，路径中的 \\ 请写作 /", "; in paths write / for \\") if "\\" in str(error) else NOTHING
        raise refusal(
            f"{what.zh}：不合 TOML 语法（{spot.zh}）；请更正该处{advice.zh}",
            f"{what.en} is not TOML: {spot.en}; correct it there{advice.en}",
        ) from None
    except RecursionError:
        content = None
    if content is None or _is_deep(content):
        raise refusal(
            f"{what.zh}：括号或小节嵌套超过 {DEEPEST} 层；请按说明文档的写法改正",
            f"{what.en}: brackets or tables are nested more than {DEEPEST} deep; write it as the documentation shows",
        )
    return content


def _is_deep(content: Any) -> bool:
    level = [content]
    for _ in range(DEEPEST + 1):
        level = [v for one in level for v in (one.values() if isinstance(one, dict) else one)]
        level = [one for one in level if isinstance(one, dict | list)]
    return bool(level)


def _toml_fault(error: tomllib.TOMLDecodeError) -> Text:
    """Say what is wrong with a TOML file: where, and in English what the reader says of it.

    >>> try:
    ...     tomllib.loads("a = yes")
    ... except tomllib.TOMLDecodeError as error:
    ...     print(_toml_fault(error).zh)
    第 1 行第 5 列
    >>> try:
    ...     tomllib.loads("[a]\\n[a]")
    ... except tomllib.TOMLDecodeError as error:
    ...     print(_toml_fault(error).zh)
    第 2 行第 3 列，前面已经写过同样的一节或一项
    """
    at = re.search(r"line (\d+), column (\d+)", str(error))
    twice = "，前面已经写过同样的一节或一项" if re.search("twice|overwrite", str(error)) else ""
    return Text((f"第 {at[1]} 行第 {at[2]} 列" if at else "文件末尾") + twice, str(error))
