"""What comes first in a report: how the promises came out, the largest gaps and where they are, and what to know of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.largest_gaps import by_share_missed, largest_gaps
from suizhou_geo.assessment.phrases import held_gap_text, means_text, measured_text, promised_text, verdict_text
from suizhou_geo.assessment.rows import STATUSES, Row, ZoneRow
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.report.blocks import Block, Cell, Table, Tally, worded_table
from suizhou_geo.outputs.report.words import say

MOST_NAMES = 6


def conclusions(result: Assessed, lang: Lang) -> tuple[Block, ...]:
    """Return how the promises came out, the largest gaps by their share of what was promised, and what to know of them."""
    rows, zones = result.rows, result.area.zones
    promised = [row for row in rows if row.status]
    if not promised:
        return (say("lead_no_plan", lang, n=sum(row.has_data for row in rows)),)
    missed = by_share_missed(promised)
    known = sum(row.status != "no_data" for row in promised)
    of_standards = result.study.plan is not None and result.study.plan.is_of_standards
    lead = say(
        "lead_standards" if of_standards else "lead" if known < len(promised) else "lead_all",
        lang,
        n=len(promised),
        known=known,
        without=len(promised) - known,
    )
    gaps = [_largest(missed, zones, lang)] if missed else []
    return (lead, Tally(tally_of(promised, lang)), *gaps, *_remarks(promised, zones, lang))


def tally_of(promised: Sequence[Row], lang: Lang) -> tuple[tuple[str, str, int], ...]:
    """Return how many promises came out how, in the order of the verdicts: (status, verdict in words, how many)."""
    counts = Counter(row.status for row in promised)
    return tuple((status, verdict_text(status, lang), counts[status]) for status in STATUSES)


def where_most(line: Row, of_zones: Sequence[ZoneRow], lang: Lang) -> tuple[str, str]:
    """Say in which zone the gap is largest, and by how much: the one that lacks most on the ground, else by value; ("", "")
    where that is not known.
    """
    short = [zone for zone in of_zones if zone.shortfall > 0]
    if short and len(of_zones) > 1:
        worst = max(short, key=lambda zone: zone.shortfall)
        means = means_text(worst.shortfall, line.told_unit, line.told_shortfall_unit, lang)
        return worst.name, means if means != say("nothing", lang) else ""
    apart = [zone for zone in of_zones if zone.gap > 0]
    if apart and len(of_zones) > 1:
        worst = max(apart, key=lambda zone: zone.gap)
        return worst.name, held_gap_text(worst, line, lang)
    return "", ""


def _largest(missed: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    heads = {"promise": 2.4, "promised": 1.4, "measured": 1.3, "gap": 1.5, "where": 2.0}
    cells = []
    for row in largest_gaps(missed):
        means, gap = _means(row, lang), held_gap_text(row, row, lang)
        cells.append(
            (
                row.name.speak(lang),
                promised_text(row, lang),
                Cell(measured_text(row, lang), row.value, row.unit),
                f"{gap}\n= {means}" if means else gap,
                "\n".join(filter(None, where_most(row, row.by_zone(zones), lang)))
                or behind_a_count(row, lang)
                or say("nothing", lang),
            )
        )
    note = say("largest_note", lang, shown=len(cells), n=len(missed))
    return worded_table("largest_gaps", heads, cells, lang, note=note)


def _remarks(promised: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    """Sentences: what is turned by another definition, and what is met as a whole and not in every zone."""
    names: dict[str, list[str]] = {"depends": [], "weak_zones": []}
    for row in promised:
        name, turning = row.name.speak(lang), row.readings_that_turn()
        if turning:
            names["depends"].append(say("opposite", lang, name=name, n=turning))
        if row.status == "met":
            weak = [zone.name for zone in row.by_zone(zones) if zone.status == "missed"]
            if weak:
                names["weak_zones"].append(
                    say("with_value", lang, name=name, value=say("and", lang).join(weak[:MOST_NAMES]))
                )
    remarks = []
    if promised and not any(row.status == "missed" for row in promised):
        told = sum(row.status == "met" for row in promised)
        remarks = [say("no_gaps", lang, n=told) if told else say("none_told", lang)]
    return remarks + [say(remark, lang, names=_listed(some, lang)) for remark, some in names.items() if some]


def _means(row: Row, lang: Lang) -> str:
    """Say what a gap is on the ground; "" where there is nothing to say."""
    means = means_text(row.shortfall, row.told_unit, row.told_shortfall_unit, lang)
    return "" if means == say("nothing", lang) else means


def _listed(names: Sequence[str], lang: Lang) -> str:
    told = say("and", lang).join(names[:MOST_NAMES])
    return told + say("more", lang) if len(names) > MOST_NAMES else told


def behind_a_count(line: Row, lang: Lang) -> str:
    """Name the roads that a count could hold and does not: named ones not open, arterials that do not run through."""
    roads = line.measure.breakdown if line.measure is not None else None
    if roads is None:
        return ""
    word, names = "not_through", pd.Series(dtype=str)
    if line.key == "dead_ends_opened":
        word, names = "not_open", roads.index[roads["state"].ne("open")].to_series()
    elif {"name", "through"} <= set(roads.columns):
        names = roads.loc[~roads["through"].astype(bool), "name"].dropna()
    told = list(dict.fromkeys(names.astype(str)))
    return say(word, lang, names=_listed(told, lang)) if told else ""
