"""The words results are told in: Chinese by default, English on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import LAYERS

# from how much on a sum is written in what, and the word for that
GREAT = {
    "zh": ((1e8, 1e8, "亿"), (1e7, 1e4, "万")),
    "en": ((1e9, 1e9, " billion"), (1e7, 1e6, " million")),
}
MOST_DECIMALS = 8
_TINY = 1e-6


def said(section: str, key: str, lang: Lang) -> str:
    """Return the words for a key in a section of standards/words.toml, or the key itself where there are none."""
    pair = table("words")[section].get(key)
    return key if pair is None else str(pair[lang == "en"])


def in_both(say: Callable[[Lang], str]) -> Text:
    """Return what a function says in each language.

    >>> in_both(lambda lang: status_words("met", lang))
    Text(zh='达到', en='met')
    """
    return Text(say("zh"), say("en"))


def status_words(status: str, lang: Lang) -> str:
    """Return a verdict in words, "—" without a promise.

    >>> status_words("cannot_tell", "zh"), status_words("met", "en")
    ('无法判定', 'met')
    """
    return said("common", status, lang) if status else {"zh": "—", "en": "-"}[lang]


def profile_words(profile: str, lang: Lang) -> str:
    """Tell a profile such as "2022+ / straight_line / land" in words.

    >>> profile_words("2022+ / street / persons", "zh")
    '2022年后口径 · 沿路距离 · 按人口'
    """
    counted = {"zh": "{0}/{1} 类有数据", "en": "{0} of {1} services with data"}[lang]
    words = [
        counted.format(*part.split(":")) if ":" in part else said("profile", part, lang)
        for part in profile.split(" / ")
    ]
    return " · ".join(words)


def role_name(role: str, lang: Lang) -> str:
    """Name a role or layer in Chinese (道路) or as the study file does.

    >>> role_name("roads", "zh"), role_name("roads", "en"), role_name("osm", "zh")
    ('道路', 'roads', 'OpenStreetMap')
    """
    if role not in LAYERS:
        return said("role", role, lang)
    return LAYERS[role].name_zh if lang == "zh" else role.replace("_", " ")


def parameter_words(key: str, name: str, value: Any, lang: Lang) -> tuple[str, str]:
    """Return what a parameter of a measure is called, and its value in words; its own name where it has no words.

    >>> parameter_words("road_density", "shared_border_m", 20.0, "zh")
    ('分区共用边界的判定宽度', '20 m')
    >>> parameter_words("park_coverage", "reach", "straight_line", "en")
    ('how reach is taken', 'straight line')
    """
    names = table("parameters")["names"]
    zh, en, unit = names.get(f"{key.partition('.')[0]}.{name}") or names.get(name) or (name, name, "")
    return {"zh": zh, "en": en}[lang], _parameter_value(value, unit, lang)


def _parameter_value(value: Any, unit: str, lang: Lang) -> str:
    if isinstance(value, Mapping):
        colon = said("common", "colon", lang)
        told = [
            f"{_parameter_value(key, '', lang)}{colon}{_parameter_value(one, '', lang)}" for key, one in value.items()
        ]
        return said("common", "and", lang).join(told)
    if isinstance(value, list | tuple | set | frozenset):
        told = [_parameter_value(one, unit, lang) for one in value]
        return said("common", "and", lang).join(told) or _value_word("none", lang)
    if isinstance(value, str):
        return _value_word(value, lang)
    if value is None or isinstance(value, bool):
        return _value_word(str(value).lower(), lang)
    if unit == "year":
        return f"{value:g}"
    return with_unit(limit(float(value), unit, lang) if np.isfinite(value) else "∞", unit, lang)


def _value_word(word: str, lang: Lang) -> str:
    """Say a value that is a word: by the parameters' own table, else as a definition, road class, facility or item."""
    own, circles = table("parameters")["values"], table("life_circles")
    if word in own:
        return str(own[word][lang == "en"])
    emergency = table("emergency")["categories"]
    for known in (circles["categories"], emergency, circles["complete_community"]["items"], circles["tdt1063"]):
        if word in known:
            return str(known[word][f"name_{lang}"])
    return said("profile", word, lang) if word in table("words")["profile"] else road_name(word, lang)


def number(value: float, unit: str, lang: Lang) -> str:
    """Write a value with its unit: shares as percent, large numbers with commas.

    >>> number(0.853, "share", "zh"), number(9523.8, "person/km2", "en"), number(float("nan"), "km", "zh")
    ('85.3%', '9,524 persons/km²', '—')
    >>> number(0.115, "share/year", "zh")
    '11.5%/年'
    """
    return amount(value, unit, lang)


def figure(value: float, unit: str, *, beside: float = np.nan) -> str:
    """Write a value without its unit, but never so that rounding makes it look equal to another.

    >>> figure(0.7492, "share"), figure(0.8496, "share", beside=0.85), figure(7.9996, "km/km2", beside=8.0)
    ('74.9%', '84.96%', '7.9996')
    """
    text = _rounded(value, unit)
    if not np.isfinite([value, beside]).all() or np.isclose(value, beside, rtol=1e-9, atol=1e-12):
        return text
    if _read(text) != _read(_rounded(beside, unit)):
        return text
    scale, sign = (100.0, "%") if unit.split("/")[0] == "share" else (1.0, "")
    for decimals in range(2, MOST_DECIMALS):
        text = f"{value * scale:,.{decimals}f}"
        if text != f"{beside * scale:,.{decimals}f}":
            break
    return text + sign


def unit_name(unit: str, lang: Lang) -> str:
    """Return how a unit is written for people; a share has none (its percent sign stands in the amount).

    >>> unit_name("person/km2", "zh"), unit_name("share", "en"), unit_name("piles", "en")
    ('人/km²', '', 'piles')
    """
    return "" if unit == "share" else said("unit", unit, lang)


def amount(value: float, unit: str, lang: Lang, *, beside: float = np.nan) -> str:
    """Write a value with its unit as everywhere else, but never so that rounding makes it look equal to another.

    84.96 % against a target of 85 % keeps the decimals that show the difference.

    >>> amount(0.7492, "share", "zh"), amount(9523.81, "person/km2", "en")
    ('74.9%', '9,524 persons/km²')
    >>> amount(0.8496, "share", "zh", beside=0.85), amount(5.3e8, "USD", "zh")
    ('84.96%', '5.30亿美元')
    """
    text = great_figure(value, unit, lang, beside=beside)
    return with_unit(text, unit, lang) if np.isfinite(value) else text


def great_figure(value: float, unit: str, lang: Lang, *, beside: float = np.nan) -> str:
    """Write the same without its unit, for where that stands apart: great sums in 亿 or billions.

    >>> great_figure(5.3e8, "USD", "zh"), great_figure(7.4, "km/km2", "zh")
    ('5.30亿', '7.40')
    """
    if not np.isfinite(value):
        return figure(value, unit)
    size, word = great(value, unit, lang)
    return figure(value / size, unit, beside=beside / size) + word


def on_the_ground(gap: float, unit: str, lang: Lang) -> str:
    """Write what a gap means on the ground: km, ha; of persons and things, of which there are no halves, as many as it takes.

    >>> on_the_ground(3.2, "count", "zh"), on_the_ground(32.06, "km", "en"), on_the_ground(2.9999999, "count", "en")
    ('4 个', '32.06 km', '3')
    """
    return amount(as_it_takes(gap, unit), unit, lang, beside=0.0)


def as_it_takes(gap: float, unit: str) -> float:
    """Return a gap as it is told on the ground: persons and things are whole, as many as it takes.

    >>> as_it_takes(3.2, "count"), as_it_takes(2.9999999, "sites"), as_it_takes(3.2, "km")
    (4.0, 3.0, 3.2)
    """
    whole = unit in ("persons", "count", *table("words")["counted"].values())
    return float(np.ceil(gap - _TINY)) if whole and gap >= 1 else gap


def limit(value: float, unit: str, lang: Lang) -> str:
    """Write a target or a class limit without its unit: no more digits than it has, great sums in 亿 or billions.

    >>> limit(0.85, "share", "zh"), limit(10000.0, "person/km2", "zh"), limit(1.8e11, "CNY", "zh")
    ('85%', '10,000', '1,800亿')
    """
    if unit.split("/")[0] == "share":
        return f"{round(value * 100.0, MOST_DECIMALS):,.12g}%"
    size, word = great(value, unit, lang)
    return f"{round(value / size, MOST_DECIMALS):,.12g}{word}"


def great(value: float, unit: str, lang: Lang) -> tuple[float, str]:
    """Return in what a great sum is counted, and the word for it; (1, "") for a small one and for shares.

    >>> great(1.8e11, "CNY", "zh"), great(2e6, "persons", "en"), great(63.0, "km2", "zh")
    ((100000000.0, '亿'), (1.0, ''), (1.0, ''))
    """
    if unit.split("/")[0] == "share":
        return 1.0, ""
    return next(((size, word) for least, size, word in GREAT[lang] if abs(value) >= least), (1.0, ""))


def with_unit(text: str, unit: str, lang: Lang) -> str:
    """Put the unit behind an amount.

    >>> with_unit("7.40", "km/km2", "en"), with_unit("5亿", "USD", "zh")
    ('7.40 km/km²', '5亿美元')
    """
    name = unit_name(unit, lang)
    apart = "" if text.endswith(("亿", "万")) or name.startswith("/") else " "
    return f"{text}{apart}{name}".rstrip()


def counted(unit: str, family: str) -> str:
    """Return the unit that people are told: of a count what is counted, by the family of its key.

    >>> counted("count", "dead_ends"), counted("count", "food_parks"), counted("km", "dead_ends")
    ('sites', 'count', 'km')
    """
    return str(table("words")["counted"].get(family, unit)) if unit == "count" else unit


def _rounded(value: float, unit: str) -> str:
    if np.isnan(value):
        return "—"
    if np.isinf(value):
        return "∞"
    if unit.split("/")[0] == "share":
        return f"{value * 100:.1f}%"
    digits = 0 if abs(value) >= 1000 or float(value).is_integer() else (1 if abs(value) >= 100 else 2)
    return f"{value:,.{digits}f}"


def _read(text: str) -> float:
    return float(text.rstrip("%").replace(",", ""))


def road_name(road_class: str, lang: Lang) -> str:
    """Return what a road class is called; its key where the standard has no such class."""
    return str(table("road_classes")["classes"].get(road_class, {}).get(f"name_{lang}", road_class))


def name_of(value: object) -> str:
    """Return a name as text; what is missing is empty."""
    return "" if value is None or value is pd.NA or value != value else str(value).strip()
