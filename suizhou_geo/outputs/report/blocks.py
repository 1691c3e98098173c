"""What a report is made of, in plain dataclasses: texts and numbers already in the reader's language.

The three writers (HTML, Word, Excel) only lay these out; nothing is counted or worded in them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from suizhou_geo.assessment.words import words as vocabulary
from suizhou_geo.outputs.figures import Sheet, pixels
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.symbology import VERDICTS
from suizhou_geo.text import Lang

PICTURE_COLOURS = 256
STAMP_COLOUR, HEAD_FILL = "A30000", "E9EDF1"


@dataclass(frozen=True)
class Cell:
    """One cell of a table: what people read, and beside it the whole number with its unit where it is one.

    `value` is None for words; NaN is a number there is none of. `status` (met, missed, cannot_tell, no_data) colours it.
    """

    text: str
    value: float | None = None
    unit: str = ""
    status: str = ""

    @property
    def colour(self) -> str:
        """The colour of its verdict, "" without one."""
        return VERDICTS[self.status][1] if self.status else ""


@dataclass(frozen=True)
class Column:
    """A column: its heading, how wide it is beside the others, and whether it holds numbers."""

    name: str
    width: float = 1.0
    numbers: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its title; `sheet` is what it is called in a workbook, `note` stands below it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sheet: str = ""
    note: str = ""

    @property
    def shares(self) -> tuple[float, ...]:
        """What part of the table's width each column takes."""
        whole = sum(column.width for column in self.columns)
        return tuple(column.width / whole for column in self.columns)


@dataclass(frozen=True)
class Facts:
    """What must be known of one number: (term, text) for definition, denominator, dates, source, limits."""

    name: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Summary:
    """Page one: how many promises came out how, the largest gaps and where, what to do next.

    `tally` holds (status, words, how many); `lead` says how many promises there are, `remarks` what a reader of page one
    must not miss; `steps` are sentences.
    """

    lead: str
    tally: tuple[tuple[str, str, int], ...]
    gaps: Table | None
    remarks: tuple[str, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """A chapter of the plan: its promises, its zones, its figures, its gaps, and what its numbers mean.

    `before` and `after` are (heading, tables) in reading order before and after the figures; `facts` close the chapter.
    """

    key: str
    name: str
    lead: str
    before: tuple[tuple[str, tuple[Table, ...]], ...]
    figures: tuple[Sheet, ...]
    after: tuple[tuple[str, tuple[Table, ...]], ...]
    facts: tuple[Facts, ...]


@dataclass(frozen=True)
class Report:
    """A whole report. `stamp` is empty, or says that the data are invented; `dated` is the newest input's date."""

    lang: Lang
    title: str
    cover: tuple[tuple[str, str], ...]
    stamp: str
    stamp_why: str
    dated: datetime
    summary: Summary
    overview: tuple[Sheet, ...]
    chapters: tuple[Chapter, ...]
    appendix: tuple[Table, ...]


def worded_table(
    title: str,
    heads: Mapping[str, float],
    rows: Iterable[Sequence[Cell | str]],
    lang: Lang,
    *,
    note: str = "",
    numbers: Sequence[str] = (),
    **named: str,
) -> Table:
    """Return a table whose title and heads are words of the reports: the title with what is `named` in it, each head with
    its width; `numbers` are those of its number columns. The word sheet_<title>, if there is one, names its sheet.

    >>> worded_table("findings", {"zone": 2, "gap": 1}, [("东区", Cell("3 km", 3.0, "km"))], "zh").columns[0]
    Column(name='分区', width=2, numbers=False)
    """
    columns = tuple(Column(say(head, lang), width, head in numbers) for head, width in heads.items())
    cells = tuple(tuple(one if isinstance(one, Cell) else Cell(one) for one in row) for row in rows)
    sheet = say(f"sheet_{title}", lang) if f"sheet_{title}" in vocabulary("report") else ""
    return Table(say(title, lang, **named), columns, cells, sheet, note)


def words(text: str, *, status: str = "") -> Cell:
    """Return a cell of words."""
    return Cell(text, status=status)


def alternative_text(sheet: Sheet, lang: Lang) -> str:
    """What is read out in place of a figure."""
    return f"{sheet.title}{say('stop', lang)} {sheet.caption}"


def note_below(sheet: Sheet) -> str:
    """The caption of a figure, "" where it says no more than the title."""
    return "" if sheet.caption == sheet.title else sheet.caption


def small_picture(sheet: Sheet, *, dpi: int) -> bytes:
    """Return a sheet as PNG in 256 colours, about a third of its size; wide fills keep their colour exactly.

    A report of thirty sheets must still go through an office's mail.
    """
    whole = Image.fromarray(pixels(sheet, dpi=dpi)[..., :3])
    result = io.BytesIO()
    whole.quantize(PICTURE_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(result, "PNG")
    return result.getvalue()


def breadth(line: str) -> int:
    """How many Latin characters wide a line of text runs; Chinese ones count double.

    >>> breadth("长 30 m")
    7
    """
    return sum(2 if ord(character) > 0x2E7F else 1 for character in line)
