"""Office files that do not depend on the clock, and text that any of them can hold."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from suizhou_geo.errors import OutputError, reason

_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
_CORE = "docProps/core.xml"


def write_dated(office: Any, path: Path, dated: datetime) -> None:
    """Write a document or workbook whose every date is `dated`, so that the same content gives the same bytes.

    Errors: OutputError where the place cannot be written.
    """
    written = io.BytesIO()
    office.save(written)
    try:
        path.write_bytes(_settled(written, dated))
    except OSError as error:
        why = reason(error)
        raise OutputError(
            f"{path} 无法写入（{why.zh}）；请关闭正在打开它的程序，或换一个位置",
            f"{path} cannot be written ({why.en}); close the program that has it open, or give another place",
        ) from None


def _settled(archive: io.BytesIO, dated: datetime) -> bytes:
    when = max(dated.timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    told = dated.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    result = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == _CORE:
                content = _MODIFIED.sub(rb"\g<1>" + told + rb"\g<2>", content)
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return result.getvalue()
