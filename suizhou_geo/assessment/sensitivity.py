"""What a verdict hangs on (敏感性): each choice that could be made otherwise, one at a time, and the number it then gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from suizhou_geo.assessment.deciding import verdict
from suizhou_geo.assessment.phrases import value_text
from suizhou_geo.assessment.rows import Row, Status
from suizhou_geo.assessment.wording import amount, great_figure, in_both, profile_words, status_words
from suizhou_geo.assessment.words import capitalised, speaker
from suizhou_geo.errors.text import Lang, Text

_PART = " / "  # between the choices a profile names
_say = speaker("table")


@dataclass(frozen=True)
class Choice:
    """One thing that could be otherwise, and between what the number of a row then lies, in its unit.

    `status` is the verdict under it, by all that is known: open where its own data leave it open. `turns` says that it is
    another than the row's, or decides where the row's is open; `beyond` that the bare number lies on the other side of the
    target than the row's.
    """

    what: Text
    low: float
    high: float
    status: Status
    turns: bool
    beyond: bool

    def swing(self, value: float) -> float:
        """How far the number may lie from a value, in its unit."""
        return max(abs(self.low - value), abs(self.high - value))


def choices(row: Row) -> tuple[Choice, ...]:
    """Return what the number of a row hangs on, what moves it most first.

    Each definition that differs from the row's in one choice (standard, distance, what is counted, built-up area), and what
    is left open by what the data at hand do not settle. Definitions that are nobody's, and numbers that stand on too little,
    are none. Without a number that can be held against anything there is nothing to tell.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.rows import rows_of
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> parks = [sg.park_coverage(study.area), sg.park_coverage(study.area, reach="street")]
    >>> [one] = choices(next(row for row in rows_of(parks, study.plan) if row.key == "park_coverage"))
    >>> one.what.en, one.status, one.turns
    ('along the streets', 'missed', True)
    """
    if not row.has_data or not row.tells:
        return ()
    found = [
        _other(row, other, in_both(partial(profile_words, changed)))
        for other in row.other_definitions
        if other.has_data and other.tells and (changed := _changed(row.profile, other.profile))
    ]
    if row.low < row.value or row.high > row.value:
        said = in_both(lambda lang: _say("left_open", lang))
        found.append(Choice(said, row.low, row.high, row.status, turns=False, beyond=False))
    return tuple(sorted(found, key=lambda one: -one.swing(row.value)))


def told_choices(row: Row, lang: Lang) -> list[tuple[str, str, str, str]]:
    """Return the choices of a row in words: what is chosen, the number it gives, the verdict then, whether that turns."""
    return [
        (
            one.what.speak(lang),
            choice_text(row, one, lang),
            status_words(one.status, lang) if one.status else "",
            _say(_effect(row, one), lang) if one.status else "",
        )
        for one in choices(row)
    ]


def _effect(row: Row, one: Choice) -> str:
    if one.turns:
        return "decides" if row.status == "cannot_tell" else "turns"
    return "beyond" if one.beyond else "stays"


def sensitivity_table(rows: Iterable[Row], lang: Lang) -> pd.DataFrame:
    """Return the choices of rows in words, under the name of each row and its number."""
    told = [
        ((capitalised(row.name.speak(lang)), value_text(row, lang)), *c)
        for row in rows
        for c in told_choices(row, lang)
    ]
    names = [_say(key, lang) for key in ("measure", "value", "choice")]
    index = pd.MultiIndex.from_tuples([(*row, what) for row, what, *_ in told], names=names)
    heads = [_say(key, lang) for key in ("value_then", "then", "whether")]
    return pd.DataFrame([rest for _, _, *rest in told], index=index, columns=heads)


def choice_text(row: Row, one: Choice, lang: Lang) -> str:
    """Say the number under a choice, or the range, never rounded onto the target."""
    high = amount(one.high, row.told_unit, lang, beside=row.asked)
    if one.low == one.high:
        return high
    return _say("from_to", lang, low=great_figure(one.low, row.told_unit, lang, beside=row.asked), high=high)


def _other(row: Row, other: Row, what: Text) -> Choice:
    turns_it = other.status in ("met", "missed") and other.status != row.status
    beyond = _side(other) != _side(row) and _side(other) != ""
    return Choice(what, other.value, other.value, other.status, turns_it, beyond)


def _side(row: Row) -> str:
    """On which side of its target the bare number of a row lies; "" where there is none that is sure."""
    if row.target is None or not row.target.sure or not np.isfinite(row.asked):
        return ""
    return verdict(row.op, row.asked, value=row.value, low=row.value, high=row.value)


def _changed(profile: str, other: str) -> str:
    """What of another profile is not in a profile, where it stands in the place of one choice at most; "" where of more."""
    mine, theirs = profile.split(_PART), other.split(_PART)
    gone = [part for part in mine if part not in theirs]
    come = [part for part in theirs if part not in mine]
    return _PART.join(come) if len(gone) <= 1 else ""
