"""A sheet, and sheets to files: PNG, SVG and PDF whose bytes depend on nothing but what is drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from suizhou_geo.errors import OutputError, reason

PNG_EFFORT = 3  # of 9: half the time for a few percent more bytes
Kind = Literal["png", "svg", "pdf"]

_SETTINGS = {
    "svg.hashsalt": "suizhou_geo",
    "svg.fonttype": "path",
    "pdf.fonttype": 3,
    "text.usetex": False,
    "text.hinting": "no_hinting",  # so that a line is as long at every fineness as it was measured
    "hatch.linewidth": 0.4,
    "savefig.bbox": None,
}
_METADATA: dict[str, dict[str, str | None]] = {  # None: not even the date or the version of the library
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None},
}


@dataclass(frozen=True, eq=False)
class Sheet:
    """One drawn page.

    `key` is "overview", the key of a chapter, or "<chapter>.<measure key>"; `chapter` a key of `symbology.CHAPTERS`, ""
    for the overview. `title` and `caption` are whole, whatever of them could be drawn.
    """

    key: str
    chapter: str
    title: str
    caption: str
    figure: Figure


Drawing = tuple[str, Callable[[], Sheet]]  # the key of a sheet, and what draws it


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw with matplotlib's defaults and ours, whatever the user has set; their settings come back afterwards."""
    with matplotlib.style.context(["default", _SETTINGS]):
        yield


def picture(sheet: Sheet, kind: Kind = "png", *, dpi: int = 300) -> bytes:
    """Return a sheet as the bytes of a PNG, SVG or PDF file, A4 landscape; the same sheet gives the same bytes.

    `dpi` is the fineness of a PNG, and of the crowded layers that are pictures within SVG and PDF.
    """
    out = BytesIO()
    with own_settings():
        if kind == "png":
            effort = {"compress_level": PNG_EFFORT}
            sheet.figure.savefig(out, format=kind, dpi=dpi, metadata=_METADATA[kind], pil_kwargs=effort)
        else:
            sheet.figure.savefig(out, format=kind, dpi=dpi, metadata=_METADATA[kind])
    return out.getvalue()


def pixels(sheet: Sheet, *, dpi: int) -> npt.NDArray[np.uint8]:
    """Return a sheet as pixels: rows from the top, columns, and red, green, blue and opacity."""
    out = BytesIO()
    with own_settings():
        sheet.figure.savefig(out, format="raw", dpi=dpi)
    columns, rows = (int(side) for side in sheet.figure.get_size_inches() * dpi)
    return np.frombuffer(out.getbuffer(), dtype=np.uint8).reshape(rows, columns, 4)


def write_sheets(sheets: Sequence[Sheet], folder: Path, *, kinds: Sequence[Kind] = ("png", "svg", "pdf")) -> list[Path]:
    """Write sheets as `<key>.<kind>` into a folder, which is made if need be; return the files in order.

    Raises:
        OutputError: a file cannot be written.
    """
    written = []
    for sheet in sheets:
        for kind in kinds:
            path = folder / f"{sheet.key}.{kind}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(picture(sheet, kind))
            except OSError as error:
                why = reason(error)
                raise OutputError(
                    f"{path} 无法写入（{why.zh}）；请换一个有写入权限的文件夹",
                    f"{path} cannot be written ({why.en}); give a folder you may write",
                ) from None
            written.append(path)
    return written
