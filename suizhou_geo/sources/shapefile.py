"""The text of a Shapefile's attributes: in which encoding it is written, and read in it.

The encoding is told by the study file, by the .cpg beside the file, or by the bytes. Column names are cut at ten bytes
and texts at the width of their column, in the middle of a Chinese character if need be; half a character is left out.
"""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text, alike
from suizhou_geo.model import Note
from suizhou_geo.sources.files import check_encoding
from suizhou_geo.sources.notes import note

_CODE_PAGES = {"65001": "utf-8", "936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030"}
BYTES = "ISO-8859-1"  # one character for each byte, so that nothing is lost
_NUMBERED = re.compile(rb"(_\d|\d\d)$")  # of names alike up to the cut, which it may part from half a character
_FIELD_BYTES, _HEADER_BYTES = 32, 32


def in_words(layer: gpd.GeoDataFrame, encoding: str) -> gpd.GeoDataFrame:
    """Return a layer that was read byte for byte (as BYTES) with its column names and texts in words."""
    words = {
        column: layer[column].map(lambda text: _word(text, encoding), na_action="ignore")
        for column in layer.columns
        if column != layer.geometry.name
        and (layer[column].dtype == object or pd.api.types.is_string_dtype(layer[column]))
    }
    return layer.assign(**words).rename(columns=lambda name: _name(name, encoding))


def attribute_encoding(path: Path, encoding: str | None, notes: list[Note], *, what: Text) -> str:
    """Return the encoding a Shapefile's text is in.

    `encoding`, as the study file gives it, comes first; then the .cpg beside the file; then UTF-8 if all the text is
    UTF-8, else GBK (as GB 18030) if all of it is, which is told in `notes`.

    Raises:
        InputError: the text is not in the encoding that is given, or in neither UTF-8 nor GBK.
    """
    beside = {part.suffix.lower(): part for part in path.parent.iterdir() if part.stem == path.stem}
    texts = list(_texts(beside[".dbf"].read_bytes(), what=what))
    told = Text("研究文件", "the study file")
    if encoding is None and ".cpg" in beside:
        encoding = beside[".cpg"].read_text(encoding="ascii", errors="replace").strip()
        told = alike(beside[".cpg"].name)
    if encoding:
        name = encoding.lower().removeprefix("ansi").strip(" -_")
        name = _CODE_PAGES.get(name, name)
        try:
            check_encoding(name, what=what)
        except InputError:
            raise InputError(
                f"{what.zh}：{told.zh}写明的编码“{encoding}”无法识别；请用 utf-8 或 gbk",
                f"{what.en}: {told.en} names the encoding {encoding!r}, which is unknown; use utf-8 or gbk",
            ) from None
        if not all(_is_text(text, name) for text in texts):
            raise InputError(
                f"{what.zh}：文字不是{told.zh}写明的 {encoding} 编码；请在 encoding 里写明真正的编码（utf-8 或 gbk）",
                f"{what.en}: its text is not {encoding}, as {told.en} says; set encoding to the true one (utf-8 or gbk)",
            )
        return name
    for name, shown in (("utf-8", "UTF-8"), ("gb18030", "GBK")):
        if all(_is_text(text, name) for text in texts):
            if not all(text.isascii() for text in texts):
                notes.append(note("encoding_guessed", encoding=shown))
            return name
    raise InputError(
        f"{what.zh}：文字既不是 UTF-8 也不是 GBK；请在 encoding 里写明编码",
        f"{what.en}: its text is neither UTF-8 nor GBK; name the encoding under encoding",
    )


def _texts(table: bytes, *, what: Text) -> Iterator[bytes]:
    """The names of the columns and the distinct texts in a DBF table, as bytes."""
    try:
        rows, header, width = struct.unpack("<IHH", table[4:12])
        starts = takewhile(lambda at: table[at : at + 1] != b"\r", range(_HEADER_BYTES, header, _FIELD_BYTES))
        fields = [table[at : at + _FIELD_BYTES] for at in starts]
        body = np.frombuffer(table, dtype=np.uint8, offset=header)
        rows = min(rows, len(body) // width)
        records = body[: rows * width].reshape(rows, width)
    except (struct.error, ValueError, ZeroDivisionError):
        raise InputError(
            f"{what.zh}：.dbf 属性表已损坏；请重新导出 Shapefile",
            f"{what.en}: its .dbf table is damaged; export the Shapefile again",
        ) from None
    start = 1
    for described in fields:
        yield _NUMBERED.sub(b"", described[:11].split(b"\x00")[0])
        size = described[16]
        if described[11:12] == b"C" and rows:
            cells = np.ascontiguousarray(records[:, start : start + size]).view(f"S{size}")
            yield from (text.rstrip() for text in np.unique(cells).tolist())
        start += size


def _word(text: Any, encoding: str) -> Any:
    if not isinstance(text, str):
        return text
    return codecs.getincrementaldecoder(encoding)().decode(text.encode(BYTES), final=False)


def _name(name: str, encoding: str) -> str:
    return name.encode(BYTES).decode(encoding, "ignore")


def _is_text(data: bytes, encoding: str) -> bool:
    """Whether bytes are text; a last character cut short by the width of the column is forgiven."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(data, final=False)
    except UnicodeError:
        return False
    return True
