"""The words results are told in: one table, standards/words.toml, in Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal

from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.standards import table

Room = Literal[
    "report",
    "map",
    "sheet",
    "gis",
    "table",
    "comparison",
    "screen",
    "plan_draft",
    "siting",
    "whole_plan",
    "scenario",
    "batch",
]
Say = Callable[..., str]


@cache
def words(room: Room) -> Mapping[str, Text]:
    """Return all words of a room: its own go before the common ones.

    >>> words("map")["value"].zh, words("report")["value"].zh, words("map")["target"].en
    ('现状', '取值', 'target')
    """
    told = table("words")
    return {key: Text(*pair) for key, pair in (told["common"] | told[room]).items()}


def speaker(room: Room) -> Say:
    """Return the function that says one entry of a room's words in a language, its places in braces filled.

    >>> say = speaker("report")
    >>> say("growth", "zh", year=2020, growth="20%")
    '较2020年增长 20%'
    """

    def say(key: str, lang: Lang, **parts: object) -> str:
        text = words(room)[key].speak(lang)
        return text.format(**parts) if parts else text

    return say


def capitalised(name: str) -> str:
    """Return a name as it begins a line.

    >>> capitalised("density of people"), capitalised("人口密度")
    ('Density of people', '人口密度')
    """
    return name[:1].upper() + name[1:]
