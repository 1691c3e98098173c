"""A study's results as a report in one language: cover, page one, chapters, appendix. Words meet numbers here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import gap_text, means_text, measured_text, promised_text, range_text, verdict_text
from suizhou_geo.assessment.rows import Row, ZoneRow, is_ratio
from suizhou_geo.assessment.wording import Lang, amount, number, profile_words
from suizhou_geo.model import Study
from suizhou_geo.outputs.figures import Sheet
from suizhou_geo.outputs.report.blocks import Cell, Chapter, Column, Report, Table, words
from suizhou_geo.outputs.report.facts import dictionary_table, facts_of
from suizhou_geo.outputs.report.gap_tables import gap_tables
from suizhou_geo.outputs.report.provenance import (
    cover_dates,
    findings_table,
    inputs_table,
    newest,
    params_table,
    versions_table,
)
from suizhou_geo.outputs.report.summary import summary_of
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER

MOST_ROWS = 10
MOST_ZONES_ACROSS = 6


def report_of(result: Assessed, *, figures: Sequence[Sheet] = (), lang: Lang = "zh") -> Report:
    """Return the report of a study: what all three writers lay out.

    Every promise and measure stands in its chapter; figures stand in the chapter they name, the others before them.
    """
    study, lines, zones = result.study, result.rows, result.area.zones
    by_zone = {line.key: line.by_zone(zones) for line in lines}
    chapters = [
        _chapter(chapter.key, chapter.name.speak(lang), study, _of(lines, chapter.key), by_zone, figures, lang)
        for chapter in (*CHAPTERS, OTHER_CHAPTER)
    ]
    known = {chapter.key for chapter in chapters}
    name = study.name_en or study.name if lang == "en" else study.name
    return Report(
        lang=lang,
        title=say("title" if study.plan is not None else "title_no_plan", lang, name=name),
        cover=_cover(study, lang),
        stamp=say("invented", lang) if study.area.invented else "",
        stamp_why=say("invented_why", lang) if study.area.invented else "",
        dated=newest(study.inputs),
        summary=summary_of(lines, by_zone, zones, lang),
        overview=tuple(sheet for sheet in figures if sheet.chapter not in known),
        chapters=tuple(c for c in chapters if c.before or c.figures or c.after),
        appendix=(
            dictionary_table(lines, lang),
            inputs_table(study, lang),
            params_table(result.measures, lang),
            versions_table(study, lang),
            findings_table(study, lang),
        ),
    )


def zones_table(lines: Sequence[Row], zones: pd.DataFrame, lang: Lang) -> Table:
    """Return every headline measure that is told by zone, a row per zone: for the workbook."""
    heads = (
        "key",
        "measure",
        "zone",
        "measured",
        "unit",
        "whole_target",
        "gap",
        "shortfall",
        "shortfall_unit",
        "verdict",
    )
    columns = (Column("zone_id"), *(Column(say(head, lang)) for head in heads))
    rows = []
    for line in lines:
        if line.measure is not None and line.measure.by_zone.notna().any():
            held = is_ratio(line.unit) and bool(line.op)
            rows += [
                (
                    words(zone.zone_id),
                    words(line.key),
                    words(line.name.speak(lang)),
                    words(zone.name),
                    Cell("", zone.value, line.unit),
                    words(line.unit),
                    Cell("", line.asked if held else None, line.unit),
                    Cell("", zone.gap if held else None, line.unit),
                    Cell("", zone.shortfall if held else None, line.shortfall_unit),
                    words(line.shortfall_unit if held else ""),
                    words(verdict_text(zone.status, lang), status=zone.status),
                )
                for zone in line.by_zone(zones)
            ]
    return Table(say("by_zone", lang), columns, tuple(rows), say("sheet_by_zone", lang), say("by_zone_note", lang))


def _of(lines: Sequence[Row], chapter: str) -> list[Row]:
    return [line for line in lines if line.chapter.key == chapter]


def _cover(study: Study, lang: Lang) -> tuple[tuple[str, str], ...]:
    area_km2 = float(study.area.zones.area.sum() / 1e6)
    boundary = profile_words(study.area.boundary, lang)
    extent = say(
        "zones" if len(study.area.zones) > 1 else "one_zone",
        lang,
        n=len(study.area.zones),
        area=number(area_km2, "km2", lang),
        boundary=boundary,
    )
    cover = [(say("document", lang), say("no_plan", lang) if study.plan is None else study.plan.document)]
    if study.plan is not None and lang == "en":
        cover = [(say("document", lang), f"{study.plan.title_en} — {study.plan.document}")]
    cover.append((say("extent", lang), extent))
    dates = cover_dates(study, lang)
    return (*cover, (say("dates", lang), dates)) if dates else tuple(cover)


def _chapter(
    key: str,
    name: str,
    study: Study,
    lines: Sequence[Row],
    by_zone: Mapping[str, Sequence[ZoneRow]],
    figures: Sequence[Sheet],
    lang: Lang,
) -> Chapter:
    zones = study.area.zones
    promised = [line for line in lines if line.status]
    told = [line for line in promised if line.has_data]
    without = [line for line in promised if not line.has_data]
    others = [line for line in lines if not line.status and line.has_data]
    variants = [other for line in lines for other in line.other_definitions if other.has_data and other.status]
    sections = [
        ("promises", [_promises(told, name, lang)] if told else []),
        ("unmeasured", [_unmeasured(without, name, lang)] if without else []),
        (
            "by_zone",
            [_zones(line, by_zone[line.key], lang) for line in told if _is_told_by_zone(line, by_zone[line.key])],
        ),
    ]
    after = [
        ("gap_lists", gap_tables(lines, zones, most=MOST_ROWS, lang=lang)),
        ("others", [_others(others, by_zone, zones, name, lang)] if others else []),
        ("variants", [_variants(variants, name, lang)] if variants else []),
    ]
    return Chapter(
        key=key,
        name=name,
        lead=_lead(promised, lang),
        before=tuple((say(word, lang), tuple(tables)) for word, tables in sections if tables),
        figures=tuple(sheet for sheet in figures if sheet.chapter == key),
        after=tuple((say(word, lang), tuple(tables)) for word, tables in after if tables),
        facts=tuple(facts_of(line, study, lang) for line in told),
    )


def _is_told_by_zone(line: Row, of_zones: Sequence[ZoneRow]) -> bool:
    """Whether a table by zone says more than the whole does; counts by zone stand in the workbook."""
    return line.unit != "count" and len(of_zones) > 1 and any(np.isfinite(zone.value) for zone in of_zones)


def _lead(promised: Sequence[Row], lang: Lang) -> str:
    if not promised:
        return ""
    counts = [
        (status, sum(line.status == status for line in promised))
        for status in ("met", "missed", "cannot_tell", "no_data")
    ]
    return say("comma", lang).join(f"{verdict_text(status, lang)} {n}" for status, n in counts if n)


def _promises(lines: Sequence[Row], chapter: str, lang: Lang) -> Table:
    heads = (("promise", 2.3), ("promised", 1.5), ("measured", 1.7), ("gap", 1.4), ("means", 1.1), ("verdict", 1.1))
    columns = tuple(Column(say(head, lang), width) for head, width in heads)
    rows = tuple(
        (
            words(line.name.speak(lang)),
            words(promised_text(line, lang)),
            Cell(measured_text(line, lang), line.value, line.unit),
            Cell(gap_text(line.gap, line.op, line.unit, lang), line.gap, line.unit),
            words(means_text(line.shortfall, line.unit, line.shortfall_unit, lang)),
            words(verdict_text(line.status, lang), status=line.status),
        )
        for line in lines
    )
    return Table(say("promises_of", lang, chapter=chapter), columns, rows)


def _unmeasured(lines: Sequence[Row], chapter: str, lang: Lang) -> Table:
    heads = (("promise", 2.2), ("promised", 1.4), ("clause", 1.4), ("needs", 3.4))
    columns = tuple(Column(say(head, lang), width) for head, width in heads)
    rows = tuple(
        (
            words(line.name.speak(lang)),
            words(promised_text(line, lang)),
            words("" if line.target is None else line.target.clause),
            words(line.needs_text(lang)),
        )
        for line in lines
    )
    return Table(say("unmeasured_of", lang, chapter=chapter), columns, rows)


def _zones(line: Row, of_zones: Sequence[ZoneRow], lang: Lang) -> Table:
    held = is_ratio(line.unit)
    heads: tuple[tuple[str, float], ...] = (("zone", 1.6), ("measured", 1.3))
    heads += (("gap", 1.5), ("means", 1.2), ("verdict", 1.2)) if held else ()
    columns = tuple(Column(say(head, lang), width) for head, width in heads)
    rows = [
        (
            words(zone.name),
            Cell(
                amount(zone.value, line.unit, lang, beside=line.asked if held else float("nan")), zone.value, line.unit
            ),
            *_held(zone, line, lang)[: 3 if held else 0],
        )
        for zone in of_zones
    ]
    whole = ZoneRow("", say("whole", lang), line.value, line.gap, line.shortfall, line.status)
    rows.append(
        (
            words(whole.name),
            Cell(amount(whole.value, line.unit, lang, beside=line.asked), whole.value, line.unit),
            *_held(whole, line, lang)[: 3 if held else 0],
        )
    )
    asked = promised_text(line, lang).replace("\n", say("comma", lang))
    note = f"{say('promised', lang)}{say('colon', lang)}{asked}{say('stop', lang)}"
    note += (" " if lang == "en" else "") + say("by_zone_note", lang) if held else ""
    return Table(say("by_zone_of", lang, name=line.name.speak(lang)), columns, tuple(rows), note=note)


def _held(zone: ZoneRow, line: Row, lang: Lang) -> tuple[Cell, ...]:
    return (
        Cell(gap_text(zone.gap, line.op, line.unit, lang), zone.gap, line.unit),
        words(means_text(zone.shortfall, line.unit, line.shortfall_unit, lang)),
        words(verdict_text(zone.status, lang), status=zone.status),
    )


def _others(
    lines: Sequence[Row], by_zone: Mapping[str, Sequence[ZoneRow]], zones: pd.DataFrame, chapter: str, lang: Lang
) -> Table:
    """Measures without a promise: few zones stand side by side, of many only the lowest and the highest."""
    names = [str(name) for name in zones["name"]] if 1 < len(zones) <= MOST_ZONES_ACROSS else []
    columns = [Column(say("measure", lang), 2.4), Column(say("whole", lang), 1.2, numbers=True)]
    columns += [Column(name, 1.1, numbers=True) for name in names]
    extremes = len(zones) > MOST_ZONES_ACROSS
    columns += [Column(say(end, lang), 1.8) for end in ("lowest", "highest")] if extremes else []
    rows = []
    for line in lines:
        of_zones = by_zone[line.key]
        text = amount(line.value, line.unit, lang) + ("*" if range_text(line, lang) else "")
        cells = [words(line.name.speak(lang)), Cell(text, line.value, line.unit)]
        if names:
            cells += [Cell(amount(zone.value, line.unit, lang), zone.value, line.unit) for zone in of_zones]
        elif extremes:
            known = [zone for zone in of_zones if np.isfinite(zone.value)]
            for pick in (min, max):
                end = pick(known, key=lambda zone: zone.value, default=None)
                told = "—" if end is None else f"{end.name} {amount(end.value, line.unit, lang)}"
                cells.append(words(told))
        rows.append(tuple(cells))
    note = say("starred", lang) if any(range_text(line, lang) for line in lines) else ""
    return Table(say("others_of", lang, chapter=chapter), tuple(columns), tuple(rows), note=note)


def _variants(lines: Sequence[Row], chapter: str, lang: Lang) -> Table:
    heads = (("measure", 2.0), ("profile", 2.6), ("measured", 1.5), ("gap", 1.4), ("verdict", 1.1))
    columns = tuple(Column(say(head, lang), width) for head, width in heads)
    rows = tuple(
        (
            words(line.name.speak(lang)),
            words(profile_words(line.profile, lang)),
            Cell(measured_text(line, lang), line.value, line.unit),
            Cell(gap_text(line.gap, line.op, line.unit, lang), line.gap, line.unit),
            words(verdict_text(line.status, lang), status=line.status),
        )
        for line in lines
    )
    return Table(say("variants_of", lang, chapter=chapter), columns, rows, note=say("others_elsewhere", lang))
