"""A study's results as a report in one language: cover, page one, chapters, appendix. Words meet numbers here."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import (
    gap_text,
    means_text,
    measured_text,
    promised_text,
    range_text,
    value_text,
    verdict_text,
    zone_text,
)
from suizhou_geo.assessment.rows import Row, ZoneRow, is_ratio
from suizhou_geo.assessment.wording import amount, number, profile_words, unit_name
from suizhou_geo.model import Study
from suizhou_geo.outputs.figures import Sheet
from suizhou_geo.outputs.report import provenance
from suizhou_geo.outputs.report.blocks import Cell, Chapter, Column, Report, Table, worded_table
from suizhou_geo.outputs.report.facts import dictionary_table, facts_of
from suizhou_geo.outputs.report.gap_tables import gap_tables
from suizhou_geo.outputs.report.summary import summary_of, tally_of
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER
from suizhou_geo.standards.catalogue import Chapter as PlanChapter
from suizhou_geo.text import Lang

MOST_ROWS = 10
MOST_ZONES_ACROSS = 6


def report_of(result: Assessed, *, figures: Sequence[Sheet] = (), lang: Lang = "zh") -> Report:
    """Return the report of a study: what all three writers lay out.

    Every promise and measure stands in its chapter; figures stand in the chapter they name, the others before them.
    """
    study = result.study
    chapters = [_chapter(chapter, result, figures, lang) for chapter in (*CHAPTERS, OTHER_CHAPTER)]
    known = {chapter.key for chapter in chapters}
    return Report(
        lang=lang,
        title=say("title" if study.plan is not None else "title_no_plan", lang, name=study.title(lang)),
        cover=_cover(study, lang),
        stamp=say("invented", lang) if study.area.invented else "",
        stamp_why=say("invented_why", lang) if study.area.invented else "",
        dated=provenance.newest(study.inputs),
        summary=summary_of(result, lang),
        overview=tuple(sheet for sheet in figures if sheet.chapter not in known),
        chapters=tuple(c for c in chapters if c.before or c.figures or c.after),
        appendix=(
            dictionary_table(result.rows, lang),
            provenance.inputs_table(study, lang),
            provenance.params_table(result.measures, lang),
            provenance.versions_table(study, lang),
            provenance.findings_table(study, lang),
        ),
    )


def zones_table(rows: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    """Return every headline measure that is told by zone, a row per zone: for the workbook."""
    heads = (
        *("zone_id", "key", "measure", "zone", "measured", "unit"),
        *("whole_target", "gap", "shortfall", "shortfall_unit", "verdict"),
    )
    cells = []
    for row in rows:
        if row.measure is not None and row.measure.by_zone.notna().any():
            held = is_ratio(row.unit) and bool(row.op)
            cells += [
                (
                    zone.zone_id,
                    row.key,
                    row.name.speak(lang),
                    zone.name,
                    _number("" if zone.thin is None else zone_text(row, zone, lang), zone, row.unit),
                    unit_name(row.told_unit, lang) or say("percent", lang),
                    Cell("", row.asked if held else None, row.unit),
                    Cell("", zone.gap if held else None, row.unit),
                    Cell("", zone.shortfall if held else None, row.shortfall_unit),
                    unit_name(row.told_shortfall_unit, lang) if held else "",
                    _verdict(zone, lang),
                )
                for zone in row.by_zone(zones)
            ]
    return worded_table("by_zone", dict.fromkeys(heads, 1.0), cells, lang, note=say("by_zone_note", lang))


def _cover(study: Study, lang: Lang) -> tuple[tuple[str, str], ...]:
    zones, plan = study.area.zones, study.plan
    document = say("no_plan", lang) if plan is None else plan.document
    if plan is not None and lang == "en":
        document = f"{plan.title_en} — {document}"
    extent = say(
        "zones" if len(zones) > 1 else "one_zone",
        lang,
        n=len(zones),
        area=number(float(zones.area.sum() / 1e6), "km2", lang),
        boundary=profile_words(study.area.boundary, lang),
    )
    told = {"document": document, "extent": extent, "dates": provenance.cover_dates(study, lang)}
    return tuple((say(term, lang), text) for term, text in told.items() if text)


def _chapter(chapter: PlanChapter, result: Assessed, figures: Sequence[Sheet], lang: Lang) -> Chapter:
    zones, name = result.area.zones, chapter.name.speak(lang)
    rows = [row for row in result.rows if row.chapter == chapter]
    lists = [gaps for gaps in result.gap_lists if gaps.chapter == chapter]
    promised = [row for row in rows if row.status]
    told = [row for row in promised if row.has_data]
    without = [row for row in promised if not row.has_data]
    others = [row for row in rows if not row.status and row.has_data]
    variants = [other for row in rows for other in row.other_definitions if other.has_data and other.status]
    return Chapter(
        key=chapter.key,
        name=name,
        lead=say("comma", lang).join(f"{verdict} {n}" for _, verdict, n in tally_of(promised, lang) if n),
        before=_sections(
            lang,
            promises=[_promises(told, name, lang)],
            unmeasured=[_unmeasured(without, name, lang)],
            by_zone=[_zones(row, zones, lang) for row in told if row.unit != "count"],
        ),
        figures=tuple(sheet for sheet in figures if sheet.chapter == chapter.key),
        after=_sections(
            lang,
            gap_lists=gap_tables(lists, rows, zones, most=MOST_ROWS, lang=lang),
            others=[_others(others, zones, name, lang)],
            variants=[_variants(variants, name, lang)],
        ),
        facts=tuple(facts_of(row, result.study, lang) for row in told),
    )


def _sections(lang: Lang, **tables: Sequence[Table]) -> tuple[tuple[str, tuple[Table, ...]], ...]:
    """Put tables under their headings; those without rows are left out."""
    told = {heading: tuple(one for one in some if one.rows) for heading, some in tables.items()}
    return tuple((say(heading, lang), some) for heading, some in told.items() if some)


def _promises(rows: Sequence[Row], chapter: str, lang: Lang) -> Table:
    heads = {"promise": 2.3, "promised": 1.5, "measured": 1.7, "gap": 1.4, "means": 1.1, "verdict": 1.1}
    cells = [
        (row.name.speak(lang), promised_text(row, lang), _measured(row, lang), *_held(row, row, lang)) for row in rows
    ]
    return worded_table("promises_of", heads, cells, lang, chapter=chapter)


def _unmeasured(rows: Sequence[Row], chapter: str, lang: Lang) -> Table:
    heads = {"promise": 2.2, "promised": 1.4, "clause": 1.4, "needs": 3.4}
    cells = [
        (
            row.name.speak(lang),
            promised_text(row, lang),
            "" if row.target is None else row.target.clause,
            row.needs_text(lang),
        )
        for row in rows
    ]
    return worded_table("unmeasured_of", heads, cells, lang, chapter=chapter)


def _zones(row: Row, zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    """A measure in each zone and in all of them; without rows where that says no more than the whole does."""
    held, of_zones = is_ratio(row.unit), row.by_zone(zones)
    heads = {"zone": 1.6, "measured": 1.3} | ({"gap": 1.5, "means": 1.2, "verdict": 1.2} if held else {})
    whole = ZoneRow("", say("whole", lang), row.value, row.gap, row.shortfall, row.status, row.thin)
    tells = len(of_zones) > 1 and any(np.isfinite(zone.value) for zone in of_zones)
    cells = []
    for zone in (*of_zones, whole) if tells else ():
        text = value_text(row, lang) if zone is whole else zone_text(row, zone, lang)
        cells.append((zone.name, _number(text, zone, row.unit), *(_held(zone, row, lang) if held else ())))
    asked = promised_text(row, lang).replace("\n", say("comma", lang))
    note = f"{say('promised', lang)}{say('colon', lang)}{asked}{say('stop', lang)}"
    note += (" " if lang == "en" else "") + say("by_zone_note", lang) if held else ""
    return worded_table("by_zone_of", heads, cells, lang, note=note, name=row.name.speak(lang))


def _others(rows: Sequence[Row], zones: gpd.GeoDataFrame, chapter: str, lang: Lang) -> Table:
    """Measures without a promise: few zones stand side by side, of many only the lowest and the highest."""
    names = [str(name) for name in zones["name"]] if 1 < len(zones) <= MOST_ZONES_ACROSS else []
    ends = {"lowest": min, "highest": max} if len(zones) > MOST_ZONES_ACROSS else {}
    columns = (
        Column(say("measure", lang), 2.4),
        Column(say("whole", lang), 1.2, numbers=True),
        *(Column(name, 1.1, numbers=True) for name in names),
        *(Column(say(end, lang), 1.8) for end in ends),
    )
    cells = []
    for row in rows:
        of_zones = row.by_zone(zones)
        known = [zone for zone in of_zones if np.isfinite(zone.value) and zone.thin is None]
        told = [pick(known, key=lambda zone: zone.value, default=None) for pick in ends.values()]
        starred = value_text(row, lang) + ("*" if range_text(row, lang) else "")
        cells.append(
            (
                Cell(row.name.speak(lang)),
                _number(starred, row, row.unit),
                *(_number(zone_text(row, zone, lang), zone, row.unit) for zone in of_zones if names),
                *(Cell("—" if end is None else f"{end.name} {amount(end.value, row.told_unit, lang)}") for end in told),
            )
        )
    note = say("starred", lang) if any(range_text(row, lang) for row in rows) else ""
    return Table(say("others_of", lang, chapter=chapter), columns, tuple(cells), note=note)


def _variants(rows: Sequence[Row], chapter: str, lang: Lang) -> Table:
    heads = {"measure": 2.0, "profile": 2.6, "measured": 1.5, "gap": 1.4, "verdict": 1.1}
    cells = []
    for row in rows:
        gap, _, verdict = _held(row, row, lang)
        cells.append((row.name.speak(lang), profile_words(row.profile, lang), _measured(row, lang), gap, verdict))
    return worded_table("variants_of", heads, cells, lang, note=say("others_elsewhere", lang), chapter=chapter)


def _measured(row: Row, lang: Lang) -> Cell:
    return _number(measured_text(row, lang), row, row.unit)


def _number(text: str, of: Row | ZoneRow, unit: str) -> Cell:
    """A cell that holds its number, too, unless that stands on too little to be told."""
    return Cell(text, of.value, unit) if of.thin is None else Cell(text)


def _held(of: Row | ZoneRow, row: Row, lang: Lang) -> tuple[Cell, Cell, Cell]:
    """The gap of a row or of one of its zones, what that is on the ground, and the verdict."""
    return (
        Cell(gap_text(of.gap, row.op, row.told_unit, lang), of.gap, row.unit),
        Cell(means_text(of.shortfall, row.told_unit, row.told_shortfall_unit, lang)),
        _verdict(of, lang),
    )


def _verdict(of: Row | ZoneRow, lang: Lang) -> Cell:
    return Cell(verdict_text(of.status, lang), status=of.status)
