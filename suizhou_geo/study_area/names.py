"""Names in a layer, in the language of a reader."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import pandas as pd

Frame = TypeVar("Frame", bound=pd.DataFrame)

NAMES = (
    "name",
    "street",
    "to_street",
    "looked_up",
    "barrier_name",
    "crosses_names",
    "breaks",
)  # columns that hold names
_BETWEEN_NAMES = re.compile(r"(, |、|—| → )")


def named_in_english(table: Frame, english: Mapping[str, str]) -> Frame:
    """Return a table with the names in its columns of NAMES in English, where `english` (name -> English name) has them.

    A text of several names, parted by a comma, a dash or an arrow, has each of them exchanged.

    >>> named_in_english(pd.DataFrame({"name": ["人民路—花溪路", None]}), {"人民路": "Renmin Road"})["name"].iloc[0]
    'Renmin Road—花溪路'
    """
    named = [column for column in NAMES if column in table.columns]
    told: Frame = table.assign(**{column: table[column].map(partial(_in_english, english=english)) for column in named})
    return told


def sentence_in_english(english: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that writes in English the names (`english`: name -> English name) within a sentence.

    >>> sentence_in_english({"人民路": "Renmin Road", "人民": "people"})("not through: 人民路、花溪路")
    'not through: Renmin Road, 花溪路'
    """
    names = sorted((name for name in english if not name.isascii()), key=len, reverse=True)
    if not names:
        return str
    known = re.compile("|".join(map(re.escape, names)))
    return lambda sentence: known.sub(lambda found: english[found.group()], sentence).replace("、", ", ")


def _in_english(names: object, english: Mapping[str, str]) -> object:
    if not isinstance(names, str) or names in english:
        return english.get(names, names) if isinstance(names, str) else names
    return "".join(english.get(part, part) for part in _BETWEEN_NAMES.split(names))
