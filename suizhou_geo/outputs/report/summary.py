"""Page one: how the promises came out, the largest gaps and where they are, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import geopandas as gpd

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.largest_gaps import by_share_missed, largest_gaps
from suizhou_geo.assessment.phrases import gap_text, means_text, measured_text, promised_text, verdict_text
from suizhou_geo.assessment.rows import STATUSES, Row
from suizhou_geo.outputs.report.blocks import Cell, Summary, Table, worded_table
from suizhou_geo.outputs.report.gap_tables import best_link, where_most
from suizhou_geo.outputs.report.words import say
from suizhou_geo.text import Lang

MOST_NAMES = 6
MOST_CLOSING = 4
MOST_OPEN_STEPS = 2


def summary_of(result: Assessed, lang: Lang) -> Summary:
    """Return page one of a report; gaps are put in order by their share of what was promised."""
    rows, zones = result.rows, result.area.zones
    promised = [row for row in rows if row.status]
    missed = by_share_missed(promised)
    if promised:
        known = sum(row.status != "no_data" for row in promised)
        lead = say("lead", lang, n=len(promised), known=known, without=len(promised) - known)
    else:
        lead = say("lead_no_plan", lang, n=sum(row.has_data for row in rows))
    return Summary(
        lead=lead,
        tally=tally_of(promised, lang) if promised else (),
        gaps=_largest(missed, zones, lang) if missed else None,
        remarks=tuple(_remarks(promised, zones, lang)),
        steps=tuple(_steps(result, missed, lang)),
    )


def tally_of(promised: Sequence[Row], lang: Lang) -> tuple[tuple[str, str, int], ...]:
    """Return how many promises came out how, in the order of the verdicts: (status, verdict in words, how many)."""
    counts = Counter(row.status for row in promised)
    return tuple((status, verdict_text(status, lang), counts[status]) for status in STATUSES)


def _largest(missed: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    heads = {"promise": 2.4, "promised": 1.4, "measured": 1.3, "gap": 1.5, "where": 2.0}
    cells = []
    for row in largest_gaps(missed):
        means, gap = _means(row, lang), gap_text(row.gap, row.op, row.told_unit, lang)
        cells.append(
            (
                row.name.speak(lang),
                promised_text(row, lang),
                Cell(measured_text(row, lang), row.value, row.unit),
                f"{gap}\n= {means}" if means else gap,
                "\n".join(filter(None, where_most(row, row.by_zone(zones), lang))) or say("nothing", lang),
            )
        )
    note = say("largest_note", lang, shown=len(cells), n=len(missed))
    return worded_table("largest_gaps", heads, cells, lang, note=note)


def _remarks(promised: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    """Sentences: what is met, open, turned by another definition, or met as a whole and not in every zone."""
    names: dict[str, list[str]] = {"met_list": [], "open": [], "depends": [], "weak_zones": []}
    for row in promised:
        name, turning = row.name.speak(lang), row.readings_that_turn()
        if turning:
            names["depends"].append(say("opposite", lang, name=name, n=turning))
        if row.status == "cannot_tell":
            names["open"].append(name)
        if row.status == "met":
            names["met_list"].append(name)
            weak = [zone.name for zone in row.by_zone(zones) if zone.status == "missed"]
            if weak:
                names["weak_zones"].append(f"{name} ({say('and', lang).join(weak[:MOST_NAMES])})")
    remarks = []
    if promised and not any(row.status == "missed" for row in promised):
        told = sum(row.status == "met" for row in promised)
        remarks = [say("no_gaps", lang, n=told) if told else say("none_told", lang)]
    return remarks + [say(remark, lang, names=_listed(some, lang)) for remark, some in names.items() if some]


def _steps(result: Assessed, missed: Sequence[Row], lang: Lang) -> list[str]:
    """Sentences: close the gaps, join up the streets, settle what is open, supply what is missing."""
    rows = result.rows
    closing = [step for row in missed if (step := _closing(row, result.area.zones, lang))]
    link = best_link(result.gap_lists, lang)
    open_ = [row for row in rows if row.status == "cannot_tell"][:MOST_OPEN_STEPS]
    settling = [say("step_open", lang, name=row.name.speak(lang), needs=_first_need(row, lang)) for row in open_]
    steps = [step + say("stop", lang) for step in (*closing[:MOST_CLOSING], *filter(None, [link]), *settling)]
    without = Counter(row.chapter.name.speak(lang) for row in rows if row.status == "no_data")
    if without:
        chapters = say("and", lang).join(f"{name} {n}" for name, n in without.items())
        steps.append(say("step_data", lang, n=without.total(), chapters=chapters))
    return steps


def _closing(row: Row, zones: gpd.GeoDataFrame, lang: Lang) -> str:
    """Say what closes a gap and where to begin; "" where the data tell neither an amount nor a place."""
    name, most = where_most(row, row.by_zone(zones), lang)
    where = f"{name} ({most})" if most else name
    means = _means(row, lang)
    if means:
        too_much = row.op in ("<=", "<") or (row.op == "==" and row.value > row.asked)
        change = say("bring_down" if too_much else "make_up", lang, means=means)
        change += say("comma", lang) + say("step_first", lang, where=where) if where else ""
        return say("step_gap", lang, name=row.name.speak(lang), means=change)
    return say("step_names", lang, name=row.name.speak(lang), names=where) if where else ""


def _means(row: Row, lang: Lang) -> str:
    """Say what a gap is on the ground; "" where there is nothing to say."""
    means = means_text(row.shortfall, row.told_unit, row.told_shortfall_unit, lang)
    return "" if means == say("nothing", lang) else means


def _first_need(row: Row, lang: Lang) -> str:
    needs = () if row.measure is None else row.measure.needs
    return needs[0].speak(lang) if needs else row.needs_text(lang)


def _listed(names: Sequence[str], lang: Lang) -> str:
    told = say("and", lang).join(names[:MOST_NAMES])
    return told + say("more", lang) if len(names) > MOST_NAMES else told
