"""What a report is made of, in plain dataclasses: texts and numbers already in the reader's language.

The three writers (HTML, Word, Excel) only lay these out; nothing is counted or worded in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.outputs.figures import Sheet


@dataclass(frozen=True)
class Cell:
    """One cell of a table: what people read, and beside it the whole number with its unit where it is one.

    `value` is None for words; NaN is a number there is none of. `status` (met, missed, cannot_tell, no_data) colours it.
    """

    text: str
    value: float | None = None
    unit: str = ""
    status: str = ""


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

    `sections` are (heading, tables) in reading order before and after the figures; `facts` close the chapter.
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


def words(text: str, *, status: str = "") -> Cell:
    """Return a cell of words."""
    return Cell(text, status=status)
