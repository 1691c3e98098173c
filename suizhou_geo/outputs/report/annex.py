"""The technical annex of a report: every number by zone and definition, the gap lists, what it all is and comes from."""

from __future__ import annotations

from collections.abc import Iterable

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.inequality import inequalities
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.report import provenance, tables
from suizhou_geo.outputs.report.blocks import Report, Section, Table
from suizhou_geo.outputs.report.content import framed
from suizhou_geo.outputs.report.facts import dictionary_table, facts_of
from suizhou_geo.outputs.report.gap_tables import gap_tables
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, Chapter

MOST_ROWS = 10


def annex_of(result: Assessed, *, lang: Lang = "zh") -> Report:
    """Return the technical annex of a study: a document of its own, laid out like the report."""
    study = result.study
    attached = [
        tables.inequality_table(inequalities([row for row in result.rows if row.has_data], result.area), lang),
        tables.sensitivity_table(result.rows, lang),
        dictionary_table(result.rows, lang),
        provenance.params_table(result.measures, lang),
        provenance.inputs_table(study, lang),
        provenance.versions_table(study, lang),
        provenance.findings_table(study, lang),
    ]
    return framed(
        study,
        say("annex_title", lang, name=study.title(lang)),
        sections=[part for chapter in (*CHAPTERS, OTHER_CHAPTER) if (part := _chapter(chapter, result, lang))],
        attached=[table for table in attached if table.rows],
        lang=lang,
    )


def _chapter(chapter: Chapter, result: Assessed, lang: Lang) -> Section | None:
    zones, name = result.area.zones, chapter.name.speak(lang)
    rows = [row for row in result.rows if row.chapter == chapter]
    lists = [gaps for gaps in result.gap_lists if gaps.chapter == chapter]
    told = [row for row in rows if row.status and row.has_data]
    others = [row for row in rows if not row.status and row.has_data]
    variants = [other for row in rows for other in row.other_definitions if other.has_data and other.status]
    planned = result.study.plan is not None
    facts = tuple(facts_of(row, result.study, lang) for row in told)
    parts = [
        *_tables("by_zone", (tables.zone_table(row, zones, lang) for row in told if row.unit != "count"), lang),
        *_tables("gap_lists", gap_tables(lists, rows, zones, most=MOST_ROWS, lang=lang), lang),
        *_tables(
            "others" if planned else "measured_all",
            [tables.others_table(others, zones, name, lang, planned=planned)],
            lang,
        ),
        *_tables("variants", [tables.variants_table(variants, name, lang)], lang),
        *([Section(say("facts", lang), parts=facts)] if facts else []),
    ]
    return Section(name, parts=tuple(parts)) if parts else None


def _tables(heading: str, some: Iterable[Table], lang: Lang) -> list[Section]:
    """Tables under their heading; nothing where none has rows."""
    told = tuple(table for table in some if table.rows)
    return [Section(say(heading, lang), told)] if told else []
