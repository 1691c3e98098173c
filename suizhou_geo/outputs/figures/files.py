"""A sheet, and sheets to files: PNG, PDF and SVG whose bytes depend on nothing but what is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Literal

import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from PIL import Image

from suizhou_geo.errors import OutputError, reason
from suizhou_geo.errors.text import Lang

DPI = 200  # of a PNG, and of crowded layers within PDF and SVG: as fine as an office prints
COLOURS = 256
LONGEST_NAME = 75  # in letters, of what a file is called behind its number
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
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None},
}


@dataclass(frozen=True, eq=False)
class Sheet:
    """One drawn page.

    `key` is "overview", "sensitivity", the key of a chapter, or "<chapter>.<measure key>"; `chapter` a key of
    `symbology.CHAPTERS`, "" for the first two.

    `title` and `caption` are whole, whatever of them could be drawn. `number` is its place among the
    sheets, from 1, `name` what its files are called by, in the language `lang` it is drawn in; `called` is its number as it
    is printed on the sheet and above it in a report: 附图03, or the one of the office.
    """

    key: str
    chapter: str
    title: str
    caption: str
    figure: Figure
    number: int = 1
    name: str = ""
    lang: Lang = "zh"
    called: str = ""

    @property
    def stem(self) -> str:
        """What its files are called without their ending: 附图03_公园服务半径, figure03_park_service_radius."""
        return file_stem(self.number, self.name or self.key, self.lang)

    @cached_property
    def png(self) -> bytes:
        """The sheet as a PNG of DPI dots an inch: drawn once, for its file and for the reports."""
        return picture(self)


Drawing = tuple[str, Callable[[], Sheet]]  # the key of a sheet, and what draws it


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw with matplotlib's defaults and ours, whatever the user has set; their settings come back afterwards."""
    with matplotlib.style.context(["default", _SETTINGS]):
        yield


def file_stem(number: int, name: str, lang: Lang) -> str:
    """Return what the files of a sheet are called, without their ending; a name that no file may have is changed.

    One that is too long ends with its last whole word.

    >>> file_stem(3, "公园服务半径", "zh"), file_stem(12, "Parks / squares: reach", "en")
    ('附图03_公园服务半径', 'figure12_parks_squares_reach')
    >>> file_stem(3, "Share of the land that is used, by the year of the first survey and by what it was used for", "en")
    'figure03_share_of_the_land_that_is_used_by_the_year_of_the_first_survey_and_by_what'
    """
    if lang == "en":
        head, plain = "figure", re.sub(r"[^a-z0-9]+", "_", name.lower())
    else:
        head, plain = "附图", re.sub(r"[^\w（）、-]+", "_", name)
    plain = plain.strip("_")
    if len(plain) > LONGEST_NAME:
        cut = plain[: LONGEST_NAME + 1]
        plain = cut.rpartition("_")[0] or cut[:LONGEST_NAME]
    return f"{head}{number:02d}_{plain}".rstrip("_")


def picture(sheet: Sheet, kind: Kind = "png", *, dpi: int = DPI) -> bytes:
    """Return a sheet as the bytes of a PNG, PDF or SVG file, as large as its paper; the same sheet gives the same bytes.

    `dpi` is the fineness of a PNG, and of the crowded layers that are pictures within PDF and SVG. A PNG has 256 colours,
    which makes it a quarter as large; wide fills keep theirs exactly.
    """
    out = BytesIO()
    if kind == "png":
        whole = Image.fromarray(_pixels(sheet, dpi)[..., :3])
        few = whole.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(out, "PNG", dpi=(dpi, dpi))
    else:
        with own_settings():
            sheet.figure.savefig(out, format=kind, dpi=dpi, metadata=_METADATA[kind])
    return out.getvalue()


def _pixels(sheet: Sheet, dpi: int) -> npt.NDArray[np.uint8]:
    """Return a sheet as pixels: rows from the top, columns, and red, green, blue and opacity."""
    out = BytesIO()
    with own_settings():
        sheet.figure.savefig(out, format="raw", dpi=dpi)
    columns, rows = (int(side) for side in sheet.figure.get_size_inches() * dpi)
    return np.frombuffer(out.getbuffer(), dtype=np.uint8).reshape(rows, columns, 4)


def write_sheets(sheets: Sequence[Sheet], folder: Path, *, kinds: Sequence[Kind] = ("png", "pdf")) -> list[Path]:
    """Write sheets as `<stem>.<kind>` into a folder, which is made if need be; return the files in order.

    Raises:
        OutputError: a file cannot be written.
    """
    written = []
    for sheet in sheets:
        for kind in kinds:
            path = folder / f"{sheet.stem}.{kind}"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_bytes(sheet.png if kind == "png" else picture(sheet, kind))
            except OSError as error:
                why = reason(error)
                raise OutputError(
                    f"{path} 无法写入（{why.zh}）；请换一个有写入权限的文件夹",
                    f"{path} cannot be written ({why.en}); give a folder you may write",
                ) from None
            written.append(path)
    return written
