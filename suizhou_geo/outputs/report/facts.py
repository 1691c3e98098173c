"""What must be known of a number: definition, denominator, data and dates, source, and what the data cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from suizhou_geo.assessment.phrases import range_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import Lang, amount, number, profile_words, unit_name
from suizhou_geo.model import Study
from suizhou_geo.outputs.report.blocks import Cell, Column, Facts, Table, words
from suizhou_geo.outputs.report.provenance import role_name, sources_of
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.catalogue import Entry, entry_for
from suizhou_geo.study_area import LAYERS

# what the denominator of a measure in this unit is counted in, and how many of it one unit of `denominator` is
_COUNTED_IN = {"km/km2": ("km2", 1.0), "person/km2": ("km2", 1.0), "m2/person": ("persons", 1e4)}


def facts_of(line: Row, study: Study, lang: Lang) -> Facts:
    """Return what stands with one number of a chapter. What is not known is left out."""
    entry = entry_for(line.key)
    limits = [entry.limits.speak(lang)] if entry is not None else []
    limits += [text for text in (range_text(line, lang), line.needs_text(lang)) if text]
    items = [
        ("definition", say("undefined", lang) if entry is None else entry.definition.speak(lang)),
        ("profile", profile_words(line.profile, lang)),
        ("denominator", denominator_text(line, lang)),
        ("data", sources_of(study, tuple(LAYERS) if entry is None else entry.layers, lang)),
        ("source", _promise(line, study)),
        ("baseline", _baseline(line, study, lang)),
        ("basis", "" if line.measure is None else line.measure.basis),
        ("cannot_tell_what", say("semicolon", lang).join(limits)),
    ]
    return Facts(line.name.speak(lang), tuple((say(term, lang), text) for term, text in items if text))


def denominator_text(line: Row, lang: Lang) -> str:
    """Say over what a measure is a ratio, and how much of that there is."""
    entry = entry_for(line.key)
    told = "" if entry is None else entry.denominator.speak(lang)
    unit, scale = _COUNTED_IN.get(line.unit, (line.shortfall_unit if line.unit == "share" else "", 1.0))
    if line.measure is None or not unit:
        return told
    whole = float(line.measure.denominator.sum()) * scale
    figure = number(round(whole), unit, lang) if unit == "persons" else number(whole, unit, lang)
    return f"{told}{say('colon', lang)}{figure}" if told else figure


def dictionary_table(lines: Sequence[Row], lang: Lang, *, each: bool = False) -> Table:
    """Return the data dictionary of the measures of a report: one row per definition, or (`each`) one per measure."""
    heads = (
        ("measure", 1.7),
        ("unit", 0.9),
        ("definition", 3.2),
        ("denominator", 1.6),
        ("layers", 1.5),
        ("limits", 2.6),
    )
    columns = (*(Column(say(head, lang), width) for head, width in heads), Column(say("key", lang), 1.6))
    alike: dict[Any, tuple[Entry, list[Row]]] = {}
    for line in lines:
        entry = entry_for(line.key)
        if line.measure is not None and entry is not None:
            said = (entry.definition, entry.denominator, entry.layers, entry.limits)
            alike.setdefault(line.key if each else said, (entry, []))[1].append(line)
    rows = tuple(_defined(entry, some, lang) for entry, some in alike.values())
    return Table(say("dictionary", lang), columns, rows, say("sheet_dictionary", lang))


def _defined(entry: Entry, alike: Sequence[Row], lang: Lang) -> tuple[Cell, ...]:
    first, n = alike[0], len(alike)
    texts = (
        first.name.speak(lang) if n == 1 else say("several", lang, name=first.name.speak(lang), n=n),
        unit_name(first.unit, lang) or say("percent", lang),
        entry.definition.speak(lang),
        entry.denominator.speak(lang),
        say("and", lang).join(role_name(layer, lang) for layer in entry.layers),
        entry.limits.speak(lang),
        first.key if n == 1 else say("and", lang).join(dict.fromkeys(_key_of_all(line.key) for line in alike)),
    )
    return tuple(words(text) for text in texts)


def _key_of_all(key: str) -> str:
    """The key of a measure with whatever subject."""
    family, dot, _ = key.partition(".")
    return f"{family}.…" if dot else family


def _promise(line: Row, study: Study) -> str:
    if line.target is None or study.plan is None:
        return ""
    return f"{study.plan.document} {line.target.clause}「{line.target.quote}」"


def _baseline(line: Row, study: Study, lang: Lang) -> str:
    baseline = study.baselines.get(line.key)
    if baseline is None or line.baseline is None:
        return ""
    value = amount(baseline.value, line.unit, lang)
    return say("asked_of", lang, basis=baseline.source, value=value, year=baseline.year)
