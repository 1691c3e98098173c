"""Sentences that several measures share: what is missing, what may be incomplete."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.shapes import meets, shapes_of
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea
from suizhou_geo.study_area.layers import LAYERS


def one_of(what: str, value: object, allowed: tuple[str, ...]) -> None:
    """Refuse a word that is not one of those allowed; `what` names the measure and the parameter."""
    if not isinstance(value, str) or value not in allowed:
        raise InputError(
            f"{what}：“{value}”不在可选之列；可选的有 {'、'.join(allowed)}",
            f"{what} {value!r} is not one of {', '.join(allowed)}",
        )


def missing_layers(area: StudyArea, *names: str) -> tuple[Text, ...]:
    """Say which of the layers a measure needs were not given, or may be incomplete and hold not one thing."""
    missing = [name for name in names if getattr(area, name) is None]
    return (
        *(sentence("missing_layer", layer=LAYERS[name].name_zh, name=name) for name in missing),
        *(text for name in names if name not in missing for text in nothing_mapped(area, name, area.layers[name])),
    )


def nothing_mapped(area: StudyArea, name: str, counted: gpd.GeoDataFrame, *, inside: bool = False) -> tuple[Text, ...]:
    """Say that a layer which may be incomplete holds none of what is `counted`, or none `inside` the zones: no zero.

    A layer that is declared complete and holds nothing is an answer: there is none.
    """
    there = len(counted) if not inside else int(meets(shapes_of(counted), shapes_of(area.zones)).sum())
    empty = name in area.incomplete and there == 0
    return said_if(empty, "nothing_mapped", layer=LAYERS[name].name_zh, name=name)


def incomplete_layers(area: StudyArea, *names: str) -> tuple[Text, ...]:
    """Say which of the layers behind a number may miss things that exist on the ground."""
    return tuple(
        sentence("incomplete_layer", layer=LAYERS[name].name_zh, name=name) for name in names if name in area.incomplete
    )


def wider_outline(area: StudyArea, kind: str = "outline_of_density") -> tuple[Text, ...]:
    """Say that a number over an outline that holds open country is not that of the built-up area a plan means.

    `kind` is the sentence for an administrative outline.
    """
    if area.boundary == "administrative":
        return (sentence(kind),)
    return said_if(not area.is_built, "wider_outline", outline=Text(*table("words")["profile"][area.boundary]))


def said_if(condition: object, kind: str, /, **amounts: Any) -> tuple[Text, ...]:
    """Say a sentence where a condition holds, and nothing where it does not.

    >>> said_if(len([]), "no_river")
    ()
    """
    return (sentence(kind, **amounts),) if condition else ()


def sentence(kind: str, /, **amounts: Any) -> Text:
    """Return the sentence of a kind, an entry of standards/measure_notes.toml, filled with its amounts.

    >>> sentence("through_streets", through=["神农大道", "迎宾大道"]).en
    'through: 神农大道, 迎宾大道'
    """
    said = table("measure_notes")[kind]
    zh, en = (
        said[lang].format(**{name: _spoken(amount, lang) for name, amount in amounts.items()}) for lang in ("zh", "en")
    )
    return Text(zh, en)


def floored(share: float, *, decimals: int) -> float:
    """A share rounded down to so many decimals of a per cent: told below a limit, it must not read as the limit.

    >>> f"{floored(0.5997, decimals=0):.0%}", f"{floored(0.6, decimals=1):.1%}"
    ('59%', '60.0%')
    """
    scale = 10.0 ** (decimals + 2)
    return share if math.isnan(share) else math.floor(share * scale + 1e-6) / scale


def _spoken(amount: Any, lang: str) -> Any:
    """An amount in a language: a text in its words, several of a kind as a list."""
    if isinstance(amount, list | tuple):
        return ("、" if lang == "zh" else ", ").join(str(_spoken(one, lang)) for one in amount)
    return amount.speak(lang) if isinstance(amount, Text) else amount
