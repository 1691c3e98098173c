"""What only the sheets say: the words of standards/words.toml for them, and thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from suizhou_geo.assessment.rows import Row, sentences
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import entry_for, threshold_words

say = speaker("sheet")

_FOUND = ("north_deg", "extended_m")  # told among the parameters, but measured and not asked for
_NAMED_PAGES = table("words")["sheet_name"]


def sheet_name(row: Row, lang: Lang) -> str:
    """Return what the files of the page of a row are called by: its short name, where it has one."""
    short = _NAMED_PAGES.get(row.key)
    return row.name.speak(lang) if short is None else str(short[lang == "en"])


def ended(sentences_: Iterable[str], lang: Lang) -> str:
    """Put sentences one behind the other, each ended with a full stop.

    >>> ended(["甲", "乙。"], "zh"), ended(["a.", "b"], "en")
    ('甲。乙。', 'a. b.')
    """
    stop = say("stop", lang)
    return (" " if lang == "en" else "").join(s if s.endswith((".", "。")) else s + stop for s in sentences_)


def thresholds(measure: Measure, lang: Lang) -> str:
    """Tell the thresholds that make the definition of a measure; all others stand in the annex of the report.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> thresholds(sg.park_coverage(study.area), "en")
    'parks from 0.5 ha: 500 m; parks from 0.04 ha: 300 m; pieces up to 2 m apart are one park'
    """
    told = [_tier(tier, lang) for tier in measure.params.get("tiers", ())]
    entry = entry_for(measure.key)
    known = threshold_words() if entry is None else entry.params
    for key, value in measure.params.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if key in _FOUND or (key == "cell_m" and measure.params.get("reach") != "street"):
            continue
        if key in known:
            told.append(known[key].speak(lang).format(value))
    return sentences(told, lang)


def _tier(tier: Mapping[str, float], lang: Lang) -> str:
    where = say("historic", lang) if tier.get("historic") else ""
    size, radius = f"{tier['from_m2'] / 1e4:g}", f"{tier['radius_m']:,.0f}"
    return say("tier", lang, size=size, where=where, radius=radius)
