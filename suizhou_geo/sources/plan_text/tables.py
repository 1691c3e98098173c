"""Tables of targets: a column of names, one of units perhaps, and a column for each year that is aimed at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from suizhou_geo.errors.text import Text
from suizhou_geo.model import Op
from suizhou_geo.sources.plan_text.clauses import Calendar, Tense, any_of, words
from suizhou_geo.sources.plan_text.documents import Passage
from suizhou_geo.sources.plan_text.numbers import plain, quantities
from suizhou_geo.sources.plan_text.written import Promise, Refused

_CELL = re.compile(
    r"^(?P<op>[≥⩾≤⩽＞＜><]=?|不低于|不少于|不小于|不高于|不超过|不大于|大于|超过|小于|低于|约)?\s*"
    r"(?P<low>\d+(?:,\d{3})*(?:\.\d+)?)\s*(?:[—―\-–~至到]{1,2}\s*(?P<high>\d+(?:\.\d+)?))?\s*(?P<unit>[^\d\s（(以左]*?)(?P<behind>以上|以内|以下|左右)?(?:[（(\[].*)?$"
)
_IN_NAME = re.compile(r"[（(]([^（）()]{1,12})[)）]\s*$")
_SIGNS: dict[str, Op] = {
    "≥": ">=",
    "⩾": ">=",
    ">=": ">=",
    "≤": "<=",
    "⩽": "<=",
    "<=": "<=",
    "＞": ">",
    ">": ">",
    "＜": "<",
    "<": "<",
}


@dataclass(frozen=True)
class _Columns:
    """Where in the rows of a table names, units and values stand; `targets` are the columns aimed at, with their year."""

    name: int
    unit: int | None
    targets: tuple[tuple[int, int | None], ...]


def table_promises(passage: Passage, tense: Tense, calendar: Calendar) -> Iterator[Promise | Refused]:
    """Yield the promises of a table whose head says which column is aimed at; nothing of any other table."""
    rows = [tuple(plain(cell) for cell in row) for row in passage.rows]
    head, columns = next(((k, c) for k, row in enumerate(rows[:3]) if (c := _columns(row, calendar))), (0, None))
    if columns is None:
        return
    for row in rows[head + 1 :]:
        name = row[columns.name].strip() if columns.name < len(row) else ""
        unit = row[columns.unit].strip() if columns.unit is not None and columns.unit < len(row) else ""
        for at, year in columns.targets:
            found = _CELL.match(row[at].strip().replace(" ", "")) if at < len(row) and name else None
            if found:
                yield from _cell(passage, name, unit, found, year, row, tense)


def _columns(row: Sequence[str], calendar: Calendar) -> _Columns | None:
    name = next((k for wanted in words("document", "table_name") for k, cell in enumerate(row) if wanted in cell), None)
    unit = next((k for k, cell in enumerate(row) if cell.strip() in words("document", "table_unit")), None)
    targets = []
    for k, cell in enumerate(row):
        years = [int(y) for y in re.findall(r"20\d\d", cell)]
        year = max(years) if years else next((y for term, y in calendar.terms if term in cell), None)
        now = any_of("document", "table_now").search(cell) or (year and calendar.issued and year < calendar.issued)
        aimed = any_of("document", "table_target").search(cell) or year
        if aimed and not now and k not in (name, unit):
            targets.append((k, year))
    return _Columns(name, unit, tuple(targets)) if name is not None and targets else None


def _cell(
    passage: Passage, name: str, unit: str, found: re.Match[str], year: int | None, row: Sequence[str], tense: Tense
) -> Iterator[Promise | Refused]:
    own = _IN_NAME.search(name)
    unit = found["unit"] or unit or (own[1] if own else "")
    read = next(quantities(f"1{unit}"), None)
    if read is None and unit not in ("", "—", "-", "/"):
        value_of, unit_name = 1.0, unit
    else:
        value_of, unit_name = (read.low, read.unit) if read else (1.0, "count")
    quote = " ".join(cell for cell in row if cell)
    if tense == "past":
        zh, en = words("not_promised", "zh")["past"], words("not_promised", "en")["past"]
        yield Refused(quote, Text(zh, en), passage.number, 0, 0)
        return
    unit_name = "m2/person" if unit_name == "m2" and "人均" in name else unit_name
    subject = _IN_NAME.sub("", name) if own and read else name
    op = _op(found, subject)
    ends: list[tuple[Op, str]] = [(op, found["low"])]
    if found["high"]:
        ends = [(">=", found["low"]), ("<=", found["high"])]
    for sign, number in ends:
        yield Promise(
            name=subject,
            op=sign,
            value=round(float(number.replace(",", "")) * value_of, 12),
            unit=unit_name,
            year=year,
            year_said=True,
            baseline_year=None,
            quote=quote,
            clause=passage.clause,
            passage=passage.number,
            start=0,
            end=0,
            how="table",
            about=found["behind"] == "左右" or found["op"] == "约",
        )


def _op(found: re.Match[str], subject: str) -> Op:
    sign = found["op"] or ""
    if sign in _SIGNS:
        return _SIGNS[sign]
    listed: dict[Op, list[str]] = words("before")
    written = next((op for op, signs in listed.items() if sign in signs), None)
    behind: dict[Op, list[str]] = words("behind")
    after = next((op for op, signs in behind.items() if found["behind"] in signs), None)
    return written or after or ("<=" if any_of("less_is_better", "words").search(subject) else ">=")
