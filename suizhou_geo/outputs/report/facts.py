"""What must be known of a number: definition, denominator, data and dates, source, and what the data cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from suizhou_geo.assessment.phrases import range_text
from suizhou_geo.assessment.rows import Row, promise_quoted
from suizhou_geo.assessment.wording import amount, number, profile_words, role_name, unit_name
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.errors.text import Lang
from suizhou_geo.model import Study
from suizhou_geo.outputs.report.blocks import Section, Table, Terms, worded_table
from suizhou_geo.outputs.report.provenance import fed_by
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.catalogue import Entry, entry_for

# what the denominator of a measure in this unit is counted in, and how many of it one unit of `denominator` is
_COUNTED_IN = {"km/km2": ("km2", 1.0), "person/km2": ("km2", 1.0), "m2/person": ("persons", 1e4)}


def facts_of(row: Row, study: Study, lang: Lang) -> Section:
    """Return what stands with one number of a chapter. What is not known is left out."""
    entry = entry_for(row.key)
    limits = ["" if entry is None else entry.limits.speak(lang), range_text(row, lang), row.needs_text(lang)]
    items = {
        "definition": say("undefined", lang) if entry is None else entry.definition.speak(lang),
        "profile": profile_words(row.profile, lang),
        "denominator": _denominator(row, lang),
        "data": fed_by(row, study, lang),
        "source": promise_quoted(row.target, study.plan),
        "baseline": _baseline(row, study, lang),
        "basis": "" if row.measure is None else row.measure.basis.speak(lang),
        "cannot_tell_what": say("semicolon", lang).join(filter(None, limits)),
    }
    told = tuple((say(term, lang), text) for term, text in items.items() if text)
    return Section(capitalised(row.name.speak(lang)), (Terms(told),))


def dictionary_table(rows: Sequence[Row], lang: Lang, *, each: bool = False) -> Table:
    """Return the data dictionary of the measures of a report: one row per definition, or (`each`) one per measure."""
    what = {"measure": 1.7, "unit": 0.9, "definition": 3.2, "denominator": 1.6}
    heads = what | {"layers": 1.5, "limits": 2.6, "key": 1.6}
    alike: dict[Any, tuple[Entry, list[Row]]] = {}
    for row in rows:
        entry = entry_for(row.key)
        if row.measure is not None and entry is not None:
            said = (entry.definition, entry.denominator, entry.layers, entry.limits)
            alike.setdefault(row.key if each else said, (entry, []))[1].append(row)
    texts = [_defined(entry, some, lang) for entry, some in alike.values()]
    return worded_table("dictionary", heads, texts, lang)


def _denominator(row: Row, lang: Lang) -> str:
    """Say over what a measure is a ratio, and how much of that there is."""
    entry = entry_for(row.key)
    told = "" if entry is None else entry.denominator.speak(lang)
    unit, scale = _COUNTED_IN.get(row.unit, (row.shortfall_unit if row.unit == "share" else "", 1.0))
    if row.measure is None or not unit:
        return told
    whole = float(row.measure.denominator.sum()) * scale
    if unit == "share" or not whole > 0:
        return told
    figure = number(round(whole) if unit == "persons" else whole, unit, lang)
    return f"{told}{say('colon', lang)}{figure}" if told else figure


def _defined(entry: Entry, alike: Sequence[Row], lang: Lang) -> tuple[str, ...]:
    first, n = alike[0], len(alike)
    name = capitalised(first.name.speak(lang))
    keys = dict.fromkeys(f"{row.family}.…" if row.subject else row.family for row in alike)
    return (
        name if n == 1 else say("several", lang, name=name, n=n),
        unit_name(first.unit, lang) or say("percent", lang),
        entry.definition.speak(lang),
        entry.denominator.speak(lang),
        say("and", lang).join(role_name(layer, lang) for layer in entry.layers),
        entry.limits.speak(lang),
        first.key if n == 1 else say("and", lang).join(keys),
    )


def _baseline(row: Row, study: Study, lang: Lang) -> str:
    baseline = study.baselines.get(row.key)
    if baseline is None or row.baseline is None:
        return ""
    value = amount(baseline.value, row.unit, lang)
    return say("asked_of", lang, basis=baseline.source, value=value, year=baseline.year)
