"""What a planner says facilities of OpenStreetMap are: the table of guesses, corrected in one column and given back."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from suizhou_geo.errors import InputError, did_you_mean
from suizhou_geo.errors.text import Text, alike
from suizhou_geo.sources.files import decoded
from suizhou_geo.standards import table


def read_corrections(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the categories of each source id in a table with the columns `source_id` and `category`.

    Commas, semicolons or tabs part the columns. A category is a key of standards/life_circles.toml or its name in Chinese
    or English; several are parted by a semicolon; none leaves the object out. Every row counts, also one that was left as
    it was: it is confirmed.

    Raises:
        InputError: no text, a column missing, an id twice, an unknown category.
    """
    text, _ = decoded(path.read_bytes(), what=alike(path.name))
    first = text.lstrip().partition("\n")[0]
    lines = list(csv.reader(io.StringIO(text.lstrip(), newline=None), delimiter=max(",;\t", key=first.count)))
    heads = [head.strip() for head in lines[0]] if lines else []
    missing = [column for column in ("source_id", "category") if column not in heads]
    if missing:
        raise InputError(
            f"设施更正表（{path.name}）没有列 {missing[0]}（现有：{'、'.join(heads) or '无'}）；请补上",
            f"corrections ({path.name}) has no column {missing[0]} (it has: {', '.join(heads) or 'none'})",
        )
    found: dict[str, tuple[str, ...]] = {}
    for number, cells in enumerate(lines[1:], start=2):
        row = dict(zip(heads, cells, strict=False))
        source_id, where = (
            _id(row.get("source_id", "")),
            Text(f"设施更正表（{path.name}），第 {number} 行", f"corrections ({path.name}), row {number}"),
        )
        if not source_id:
            continue
        if any(cell.strip() for cell in cells[len(heads) :]):
            raise InputError(
                f"{where.zh}：单元格比列数多；多个类别请用分号隔开",
                f"{where.en}: more cells than columns; part several categories by a semicolon",
            )
        if source_id in found:
            raise InputError(
                f"{where.zh}：{source_id} 前面已经出现过；请只留一行",
                f"{where.en}: {source_id} was given before; keep one of the rows",
            )
        found[source_id] = _categories(row.get("category", ""), where)
    return found


def _id(said: str) -> str:
    """Return a source id as we write it, also where it is written as on OpenStreetMap's pages.

    >>> _id("way/12 "), _id("N7")
    ('w12', 'n7')
    """
    found = re.fullmatch(r"([nwr])(?:ode|ay|elation)?/?(\d+)", said.strip().lower())
    return found[1] + found[2] if found else said.strip()


def _categories(said: str, where: Text) -> tuple[str, ...]:
    known = {**table("life_circles")["categories"], **table("emergency")["categories"]}
    keys = {word: key for key, entry in known.items() for word in (key, entry["name_zh"], entry["name_en"])}
    words = [word.strip() for word in re.split(r"[;；、，]", said) if word.strip()]
    for word in words:
        if word not in keys:
            raise InputError(
                f"{where.zh}：没有“{word}”这个类别{did_you_mean(word, keys).zh}；请更正",
                f"{where.en}: {word!r} is no category{did_you_mean(word, keys).en}",
            )
    return tuple(dict.fromkeys(keys[word] for word in words))
