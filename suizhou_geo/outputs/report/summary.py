"""Page one: how the promises came out, the largest gaps and where they are, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from suizhou_geo.assessment.phrases import gap_text, means_text, measured_text, promised_text
from suizhou_geo.assessment.rows import Row, ZoneRow
from suizhou_geo.assessment.wording import Lang, status_words
from suizhou_geo.outputs.report.blocks import Cell, Column, Summary, Table, words
from suizhou_geo.outputs.report.gap_tables import best_link, where_most
from suizhou_geo.outputs.report.words import say

STATUSES = ("met", "missed", "cannot_tell", "no_data")
MOST_GAPS = 5
MOST_NAMES = 6
MOST_CLOSING = 4
MOST_OPEN_STEPS = 2


def summary_of(
    lines: Sequence[Row], by_zone: Mapping[str, Sequence[ZoneRow]], zones: pd.DataFrame, lang: Lang
) -> Summary:
    """Return page one from the lines of the scorecard; gaps are put in order by their share of what was promised."""
    promised = [line for line in lines if line.status]
    missed = sorted((line for line in promised if line.status == "missed"), key=_relative_gap, reverse=True)
    if promised:
        known = sum(line.status != "no_data" for line in promised)
        lead = say("lead", lang, n=len(promised), known=known, without=len(promised) - known)
    else:
        lead = say("lead_no_plan", lang, n=sum(line.has_data for line in lines))
    return Summary(
        lead=lead,
        tally=tuple((s, status_words(s, lang), sum(line.status == s for line in promised)) for s in STATUSES)
        if promised
        else (),
        gaps=_largest(missed, by_zone, lang) if missed else None,
        remarks=tuple(_remarks(promised, by_zone, lang)),
        steps=tuple(_steps(lines, missed, by_zone, zones, lang)),
    )


def _relative_gap(line: Row) -> float:
    return abs(line.gap / line.asked) if line.asked else float("inf")


def _largest(missed: Sequence[Row], by_zone: Mapping[str, Sequence[ZoneRow]], lang: Lang) -> Table:
    heads = (("promise", 2.4), ("promised", 1.4), ("measured", 1.3), ("gap", 1.5), ("where", 2.0))
    columns = tuple(Column(say(head, lang), width) for head, width in heads)
    rows = []
    for line in missed[:MOST_GAPS]:
        means = means_text(line.shortfall, line.unit, line.shortfall_unit, lang)
        gap = gap_text(line.gap, line.op, line.unit, lang)
        rows.append(
            (
                words(line.name.speak(lang)),
                words(promised_text(line, lang)),
                Cell(measured_text(line, lang), line.value, line.unit),
                words(gap if means == say("nothing", lang) else f"{gap}\n= {means}"),
                words(where_most(line, by_zone[line.key], lang)),
            )
        )
    note = say("largest_note", lang, shown=len(rows), n=len(missed))
    return Table(say("largest_gaps", lang), columns, tuple(rows), note=note)


def _remarks(promised: Sequence[Row], by_zone: Mapping[str, Sequence[ZoneRow]], lang: Lang) -> list[str]:
    remarks = []
    if promised and not any(line.status == "missed" for line in promised):
        remarks.append(say("no_gaps", lang))
    met = [line.name.speak(lang) for line in promised if line.status == "met"]
    if met:
        remarks.append(say("met_list", lang, names=_listed(met, lang)))
    open_ = [line.name.speak(lang) for line in promised if line.status == "cannot_tell"]
    if open_:
        remarks.append(say("open", lang, names=_listed(open_, lang)))
    turning = [(line.name.speak(lang), line.readings_that_turn()) for line in promised]
    turned = [say("opposite", lang, name=name, n=n) for name, n in turning if n]
    if turned:
        remarks.append(say("depends", lang, names=_listed(turned, lang)))
    weak = []
    for line in promised:
        below = [zone.name for zone in by_zone[line.key] if zone.status == "missed"] if line.status == "met" else []
        if below:
            weak.append(f"{line.name.speak(lang)} ({say('and', lang).join(below[:MOST_NAMES])})")
    if weak:
        remarks.append(say("weak_zones", lang, names=_listed(weak, lang)))
    return remarks


def _steps(
    headline: Sequence[Row],
    missed: Sequence[Row],
    by_zone: Mapping[str, Sequence[ZoneRow]],
    zones: pd.DataFrame,
    lang: Lang,
) -> list[str]:
    """Sentences: close the gaps, join up the streets, settle what is open, supply what is missing."""
    steps: list[str] = []
    for line in missed:
        step = _closing(line, by_zone[line.key], lang)
        if step and len(steps) < MOST_CLOSING:
            steps.append(step)
    link = best_link(headline, zones, lang)
    if link:
        steps.append(link + say("stop", lang))
    for line in [line for line in headline if line.status == "cannot_tell"][:MOST_OPEN_STEPS]:
        first = (
            line.measure.needs[0].speak(lang)
            if line.measure is not None and line.measure.needs
            else line.needs_text(lang)
        )
        steps.append(say("step_open", lang, name=line.name.speak(lang), needs=first) + say("stop", lang))
    without = [line for line in headline if line.status == "no_data"]
    if without:
        chapters: dict[str, int] = {}
        for line in without:
            name = line.chapter.name.speak(lang)
            chapters[name] = chapters.get(name, 0) + 1
        told = say("and", lang).join(f"{name} {n}" for name, n in chapters.items())
        steps.append(say("step_data", lang, n=len(without), chapters=told))
    return steps


def _closing(line: Row, of_zones: Sequence[ZoneRow], lang: Lang) -> str:
    """Say what closes a gap and where to begin; "" where the data tell neither an amount nor a place."""
    means = means_text(line.shortfall, line.unit, line.shortfall_unit, lang)
    name, _, most = where_most(line, of_zones, lang).partition("\n")
    where = "" if name == say("nothing", lang) else f"{name} ({most})" if most else name
    if means != say("nothing", lang):
        change = say("bring_down" if line.op in ("<=", "<") else "make_up", lang, means=means)
        change += say("comma", lang) + say("step_first", lang, where=where) if where else ""
        return say("step_gap", lang, name=line.name.speak(lang), means=change) + say("stop", lang)
    return say("step_names", lang, name=line.name.speak(lang), names=where) + say("stop", lang) if where else ""


def _listed(names: Sequence[str], lang: Lang) -> str:
    told = say("and", lang).join(names[:MOST_NAMES])
    return told + say("more", lang) if len(names) > MOST_NAMES else told
