"""What an OpenStreetMap file is: its format told by its content, its packing undone, its date read."""

from __future__ import annotations

import bz2
import gzip
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from suizhou_geo.errors import InputError, reason
from suizhou_geo.errors.text import Text
from suizhou_geo.sources.files import is_there

_PBF_SIGN = b"\x0a\x09OSMHeader"
_HEAD_BYTES, _CHUNK = 4096, 1 << 20
_FREE_BYTES, _MOST_RATIO = (
    50_000_000,
    60,
)  # what is packed unpacks to no more, however small; OpenStreetMap's packs 10 to 20
_ADVICE = Text(
    "请给出 .osm.pbf 或 .osm 格式的 OpenStreetMap 提取文件", "give an OpenStreetMap extract as .osm.pbf or .osm"
)
_OTHERS = (  # how other files begin, and what is said of them
    (
        rb"[{\[]",
        Text("是 JSON，向 Overpass 查询时请用 XML（[out:xml]）", "is JSON; ask Overpass for XML ([out:xml]) or"),
    ),
    (
        rb"(?is).*<(html|!doctype html)\b",
        Text("是网页，可能是服务器的出错页面", "is a web page (perhaps a server's error message);"),
    ),
    (rb"\xff\xe0", Text("是 o5m 格式，本工具不读", "is in the o5m format, which is not read here;")),
    (rb"", Text("不是 OpenStreetMap 数据", "is not OpenStreetMap data;")),
)


@dataclass(frozen=True)
class OsmFile:
    """A file to be read by osmium: its path, its format ("pbf" or "osm"), its unpacked content where it was packed.

    `osm_base` is the date an Overpass answer carries in its head.
    """

    path: Path
    format: str
    content: bytes | None
    osm_base: str | None


def opened(path: Path) -> OsmFile:
    """Look into a file and say how it is to be read.

    Raises:
        InputError: there is no such file, it is empty, not OpenStreetMap data, packed data cut short, not what its name
            says, a file of changes, or an Overpass answer that ends in an error.
    """
    if not (is_there(path) or path.is_dir()):
        raise InputError(
            f"没有文件 {path}；请更正 OpenStreetMap 提取文件的路径",
            f"{path}: there is no such file; correct the path of the OpenStreetMap extract",
        )
    if path.is_dir():
        raise InputError(
            f"{path} 是文件夹；请写明其中的 OpenStreetMap 提取文件",
            f"{path} is a folder; name the OpenStreetMap extract in it",
        )
    try:
        with path.open("rb") as stream:
            start = stream.read(_HEAD_BYTES)
    except OSError as error:
        why = reason(error)
        raise InputError(
            f"{path} 无法读取（{why.zh}）；请检查读取权限",
            f"{path} cannot be read ({why.en}); check that you may read it",
        ) from error
    if not start:
        raise InputError(f"{path} 是空文件；请重新下载", f"{path} is empty; fetch the extract again")
    packing = "gz" if start.startswith(b"\x1f\x8b") else "bz2" if start.startswith(b"BZh") else ""
    content = _unpacked(path, packing) if packing else None
    head = start if content is None else content[:_HEAD_BYTES]
    found = _format(path, head)
    _check_name(path, found, packing)
    if found == "osm":
        _check_content(path, content, head)
    base = re.search(rb'osm_base="([0-9TZ:.-]+)"', head) if found == "osm" else None
    return OsmFile(path, found, content, base[1].decode() if base else None)


def _unpacked(path: Path, packing: str) -> bytes:
    unpacked, packed_bytes = bytearray(), path.stat().st_size
    try:
        with gzip.open(path) if packing == "gz" else bz2.open(path) as stream:
            while chunk := stream.read(_CHUNK):
                unpacked += chunk
                if len(unpacked) > max(_FREE_BYTES, _MOST_RATIO * packed_bytes):
                    raise InputError(
                        f"{path} 展开后超过 {len(unpacked) / 1e6:,.0f} MB，而文件只有 {packed_bytes / 1e6:,.1f} MB，"
                        "不会是 OpenStreetMap 数据；请重新下载",
                        f"{path} unpacks to more than {len(unpacked) / 1e6:,.0f} MB from {packed_bytes / 1e6:,.1f} MB, which "
                        "no OpenStreetMap data do; fetch the extract again",
                    )
        return bytes(unpacked)
    except InputError:
        raise
    except (OSError, EOFError, ValueError, zlib.error):
        raise InputError(
            f"{path} 是 {packing} 压缩文件，但不完整或已损坏；请重新下载",
            f"{path} is packed with {packing} but cut short or damaged; fetch the extract again",
        ) from None


def _format(path: Path, head: bytes) -> str:
    if _PBF_SIGN in head[:32]:
        return "pbf"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.search(rb"<osmChange\b", text):
        raise InputError(
            f"{path} 是变更文件（.osc），不是一地的数据；{_ADVICE.zh}",
            f"{path} is a file of changes (.osc), not of a place; {_ADVICE.en}",
        )
    if text.startswith(b"<") and re.search(rb"<osm\b", text):
        return "osm"
    said = next(said for beginning, said in _OTHERS if re.match(beginning, text))
    raise InputError(f"{path} {said.zh}；{_ADVICE.zh}", f"{path} {said.en} {_ADVICE.en}")


def _check_name(path: Path, found: str, packing: str) -> None:
    ends = [end.lower() for end in path.suffixes]
    packed_as = {".gz": "gz", ".bz2": "bz2"}.get(ends[-1] if ends else "", "")
    if packed_as:
        ends = ends[:-1]
    named = {".pbf": "pbf", ".osm": "osm", ".xml": "osm"}.get(ends[-1] if ends else "", found)
    what = {"pbf": "PBF", "osm": "OSM XML"}
    if named != found:
        right = {"pbf": ".osm.pbf", "osm": ".osm"}[found] + (f".{packing}" if packing else "")
        raise InputError(
            f"{path} 的扩展名是 {what[named]}，内容却是 {what[found]}；请把扩展名改为 {right}",
            f"{path} is named as {what[named]} but holds {what[found]}; rename it to end in {right}",
        )
    if packed_as and packed_as != packing:
        raise InputError(
            f"{path} 的扩展名说明它是 {packed_as} 压缩文件，其实不是；请改名或重新下载",
            f"{path} is named as packed with {packed_as} but is not; rename it or fetch it again",
        )


def _check_content(path: Path, content: bytes | None, head: bytes) -> None:
    """Refuse an Overpass answer that says at its end that it broke off, and an editor's file with deletions."""
    with path.open("rb") if content is None else io.BytesIO(content) as stream:
        stream.seek(max(0, stream.seek(0, io.SEEK_END) - _HEAD_BYTES))
        end = stream.read()
    remark = re.search(rb"<remark>\s*(runtime error.*?)\s*</remark>", end, re.DOTALL)
    if remark:
        said = remark[1].decode("utf-8", "replace")[:120]
        raise InputError(
            f"{path} 是 Overpass 中断的查询结果（原文：“{said}”）；请缩小范围重新查询",
            f"{path} is an answer Overpass broke off ({said}); ask again for a smaller area",
        )
    if b"JOSM" in head and re.search(rb"action=['\"]delete", path.read_bytes() if content is None else content):
        raise InputError(
            f"{path} 里有编辑器已删除、但还留在文件里的对象；请先上传或清除",
            f"{path} holds objects an editor has deleted but still carries along; upload or purge them first",
        )
