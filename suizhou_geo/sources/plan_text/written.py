"""What is found in a document: a promise, or a number that is none."""

from __future__ import annotations

from dataclasses import dataclass

from suizhou_geo.errors.text import Text
from suizhou_geo.model import Op


@dataclass(frozen=True)
class Promise:
    """A number that is promised, as the text says it: `value` in `unit`, the clause at `start`:`end` of `passage`.

    `year_said` is False where the year is that of the whole document. `how` says by what it was taken for a promise:
    compared (a written comparison), level, change, decline, points, doing, size, stated, structure, circle, rank, step,
    listed or table. `baseline` is the value a level grows from (由…提高到…), where the text gives it; `decline_from` the
    year a decline is from: `value` is then its size. `about` says that the words leave open how near (左右, 余). `listed`
    are the things named, where they are counted.
    """

    name: str
    op: Op
    value: float
    unit: str
    year: int | None
    year_said: bool
    baseline_year: int | None
    quote: str
    clause: str
    passage: int
    start: int
    end: int
    how: str
    about: bool
    responsible: str = ""
    baseline: float | None = None
    decline_from: int | None = None
    listed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refused:
    """A number that promises nothing: the clause it stands in and why; it is at `start`:`end` of `passage`."""

    quote: str
    reason: Text
    passage: int
    start: int
    end: int
