"""What a report is made of, in plain dataclasses: texts and numbers already in the reader's language.

The three writers (HTML, Word, Excel) only lay these out; nothing is counted or worded in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from suizhou_geo.assessment.words import words as vocabulary
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures import Sheet
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.symbology import VERDICTS

STAMP_COLOUR, HEAD_FILL = "A30000", "E9EDF1"
DIGITS = ("", *"一二三四五六七八九")
LEVELS = 3  # of headings


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
    """A column: its heading, how wide it is beside the others, whether it holds numbers, and whether it says what rows that
    stand together have in common: equal cells, one below the other, are then one cell.
    """

    name: str
    width: float = 1.0
    numbers: bool = False
    common: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its title; `sheet` is what it is called in a workbook, `note` stands below it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sheet: str = ""
    note: str = ""

    @property
    def spans(self) -> tuple[tuple[int, ...], ...]:
        """How many rows each cell takes, row by row; 0 where it belongs to the one above.

        Rows stand together where they are equal in every column that is common.
        """
        common = [column.common for column in self.columns]
        keys = [tuple(cell.text for cell, one in zip(row, common, strict=True) if one) for row in self.rows]
        runs = [list(run) for _, run in groupby(range(len(keys)), key=lambda place: keys[place] or place)]
        length = {run[0]: len(run) for run in runs}
        return tuple(tuple(length.get(place, 0) if one else 1 for one in common) for place in range(len(keys)))

    @property
    def shares(self) -> tuple[float, ...]:
        """What part of the table's width each column takes."""
        whole = sum(column.width for column in self.columns)
        return tuple(column.width / whole for column in self.columns)


@dataclass(frozen=True)
class Tally:
    """How many promises came out how: (status, verdict in words, how many)."""

    counts: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Steps:
    """Sentences that are numbered: 1., 2., …"""

    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """What is known of something: (term, text) for definition, denominator, dates, source, limits."""

    items: tuple[tuple[str, str], ...]


Block = str | Table | Tally | Steps | Terms  # a str is a paragraph


@dataclass(frozen=True)
class Section:
    """A section: its heading (the number comes with the outline), what stands in it, and the sections inside it."""

    heading: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Report:
    """A document: cover, sections, and what is attached to it, tables (附表) and figures (附图), page by page.

    `cover` holds (term, text); a text that is "" is left for the office to fill in. `stamp` is empty, or says that the data
    are invented, `stamp_why` at length; `dated` is the newest input's date; `subject` says what the document is about.
    """

    lang: Lang
    title: str
    subject: str
    cover: tuple[tuple[str, str], ...]
    stamp: str
    stamp_why: str
    dated: datetime
    sections: tuple[Section, ...]
    attached: tuple[Table | Sheet, ...]

    @property
    def outline(self) -> Iterator[tuple[int, str, Section]]:
        """Every section in reading order: its level (1 is the highest), its heading with its number, and itself."""
        return _outline(self.sections, self.lang, 1)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table that has rows, in reading order."""
        inside = [block for _, _, section in self.outline for block in section.blocks]
        return tuple(one for one in (*inside, *self.attached) if isinstance(one, Table) and one.rows)


def _outline(sections: Sequence[Section], lang: Lang, level: int) -> Iterator[tuple[int, str, Section]]:
    for number, section in enumerate(sections, start=1):
        yield level, numbered(section.heading, number, level, lang), section
        yield from _outline(section.parts, lang, level + 1)


def numbered(heading: str, number: int, level: int, lang: Lang) -> str:
    """Return a heading with its number, as official documents number them (GB/T 9704-2012): 一、（一）1.

    >>> numbered("总则", 11, 1, "zh"), numbered("范围", 2, 2, "zh"), numbered("Extent", 2, 2, "en")
    ('十一、总则', '（二）范围', '(2) Extent')
    """
    if lang == "zh" and level < LEVELS:
        tens, ones = divmod(number, 10)
        count = ("" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十") + DIGITS[ones]
        return f"{count}、{heading}" if level == 1 else f"（{count}）{heading}"
    return f"({number}) {heading}" if level == LEVELS - 1 else f"{number}. {heading}"


def worded_table(
    title: str,
    heads: Mapping[str, float],
    rows: Iterable[Sequence[Cell | str]],
    lang: Lang,
    *,
    note: str = "",
    numbers: Sequence[str] = (),
    common: Sequence[str] = (),
    **named: str,
) -> Table:
    """Return a table whose title and heads are words of the reports: the title with what is `named` in it, each head with
    its width; `numbers` are its number columns, `common` those that rows have in common. The word sheet_<title>, if there
    is one, names its sheet.

    >>> worded_table("findings", {"zone": 2, "gap": 1}, [("东区", Cell("3 km", 3.0, "km"))], "zh").columns[0]
    Column(name='分区', width=2, numbers=False, common=False)
    """
    columns = tuple(Column(say(head, lang), width, head in numbers, head in common) for head, width in heads.items())
    cells = tuple(tuple(one if isinstance(one, Cell) else Cell(one) for one in row) for row in rows)
    sheet = say(f"sheet_{title}", lang) if f"sheet_{title}" in vocabulary("report") else ""
    return Table(say(title, lang, **named), columns, cells, sheet, note)


def words(text: str, *, status: str = "") -> Cell:
    """Return a cell of words."""
    return Cell(text, status=status)


def alternative_text(sheet: Sheet, lang: Lang) -> str:
    """What is read out in place of a figure."""
    return f"{sheet.title}{say('stop', lang)} {sheet.caption}"


def breadth(line: str) -> int:
    """How many Latin characters wide a line of text runs; Chinese ones count double.

    >>> breadth("长 30 m")
    7
    """
    return sum(2 if ord(character) > 0x2E7F else 1 for character in line)
