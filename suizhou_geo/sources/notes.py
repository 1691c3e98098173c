"""What was done to a file as it was read: one record for each thing, its sentence in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from suizhou_geo.errors.text import Text
from suizhou_geo.model import Note
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import LAYERS


def note(kind: str, **amounts: Any) -> Note:
    """Return the note of a kind, an entry of standards/input_notes.toml, filled with its amounts.

    >>> note("no_length", rows=2).en, note("no_length", rows=2).amounts
    ('2 rows of no length left out', {'rows': 2})
    """
    words = {
        lang: str(table("input_notes")[kind][lang]).format(**{k: _spoken(k, v, lang) for k, v in amounts.items()})
        for lang in ("zh", "en")
    }
    return Note(**words, kind=kind, amounts=amounts)


def of_layer(told: Note, name: str) -> Note:
    """Return a note with the name of the layer it is about before it."""
    zh, en = f"{LAYERS[name].name_zh}图层：{told.zh}", f"Layer {name}: {told.en}"
    return replace(told, zh=zh, en=en, amounts={"layer": name, **told.amounts})


def counted(count: int, noun: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _spoken(name: str, amount: Any, lang: str) -> Any:
    if isinstance(amount, Text):
        return amount.speak(lang)
    if name == "layer" and lang == "zh":
        return LAYERS[amount].name_zh
    return counted(amount, name[:-1]) if name in ("rows", "features") and lang == "en" else amount
