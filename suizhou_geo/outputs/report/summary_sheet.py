"""The first sheets of the workbook: every promise on one page, what must be known of each, and its other definitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import (
    SAME,
    asked_text,
    grounded,
    is_number,
    means_text,
    promised_text,
    range_text,
    row_gap_text,
    row_verdict_text,
    value_text,
)
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import profile_words
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.report.blocks import Cell, Table, worded_table
from suizhou_geo.outputs.report.summary import tally_of
from suizhou_geo.outputs.report.tables import offices_text
from suizhou_geo.outputs.report.words import say

_FIGURES = ("measured", "target", "gap", "means", "verdict")


def summary_table(result: Assessed, lang: Lang) -> Table:
    """Return the promises, one a row (without a plan all measures): value, target, gap, verdict, clause, who answers."""
    heads = {"measure": 0.7, **dict.fromkeys(_FIGURES, 0.5), "gap": 0.7, "clause_quoted": 0.75, "responsible": 0.85}
    cells = [
        (
            row.name.speak(lang),
            *_figures(row, lang),
            _clause(row, lang),
            offices_text(row, lang),
        )
        for row in result.shown
    ]
    plan, promised = result.study.plan, [row for row in result.shown if row.status]
    tally = [f"{verdict} {n}" for _, verdict, n in tally_of(promised, lang) if n]
    note = say("semicolon", lang).join([*tally, say("no_plan", lang) if plan is None else plan.titled.speak(lang)])
    return worded_table("summary_table", heads, cells, lang, note=note)


def notes_table(result: Assessed, lang: Lang) -> Table:
    """Return what must be known of each promise: its definition, the range left open, what is missing, its standard."""
    heads = {"measure": 0.7, "verdict": 1.0, "definition_used": 0.6, "open_range": 0.45, "needs": 1.4, "basis": 0.8}
    cells = [
        (
            row.name.speak(lang),
            _verdict(row, lang),
            profile_words(row.profile, lang),
            range_text(row, lang),
            row.needs_text(lang),
            "" if row.measure is None else row.measure.basis.speak(lang),
        )
        for row in result.shown
    ]
    return worded_table("notes_table", heads, cells, lang)


def definitions_table(rows: Sequence[Row], lang: Lang) -> Table:
    """Return the rows that were measured under more than one definition, each definition against the same target."""
    heads = {"measure": 0.9, "definition_used": 1.1, "row_kind": 1.0, **dict.fromkeys(_FIGURES, 1.0)}
    cells = [
        (
            row.name.speak(lang),
            profile_words(one.profile, lang),
            say("other_one" if one.kind == "other_definition" else "the_one_used", lang),
            *_figures(one, lang),
        )
        for row in rows
        if any(other.has_data for other in row.other_definitions)
        for one in row.definitions
        if one.has_data
    ]
    return worded_table("definitions_table", heads, cells, lang)


def _figures(row: Row, lang: Lang) -> tuple[Cell, Cell, Cell, Cell, Cell]:
    """Value, target, gap, the gap on the ground where it is sure, and the verdict; numbers as numbers."""
    unit, gap = row.told_unit, row.gap if row.status in ("met", "missed") else np.nan
    if abs(gap) < SAME:
        gap = 0.0
    if unit.split("/")[0] == "share":
        gap *= 100.0  # in points, as it is told
    sure = row.shortfall if row.status == "missed" else np.nan
    means = means_text(sure, unit, row.told_shortfall_unit, lang)
    on_the_ground, ground_unit = grounded(sure, unit, row.told_shortfall_unit)
    asked = asked_text(row, lang) if np.isfinite(row.asked) or row.target is None else promised_text(row, lang)
    return (
        _number(value_text(row, lang), row.value if is_number(row) else np.nan, row.unit),
        _number(asked, row.asked, row.unit),
        _number(row_gap_text(row, lang), gap, unit),
        _number(means, on_the_ground, ground_unit),
        _verdict(row, lang),
    )


def _number(text: str, value: float, unit: str) -> Cell:
    return Cell(text, float(value), unit) if np.isfinite(value) else Cell(text)


def _verdict(row: Row, lang: Lang) -> Cell:
    return Cell(row_verdict_text(row, lang), status=row.status)


def _clause(row: Row, lang: Lang) -> str:
    if row.target is not None:
        return f"{row.target.cited}「{row.target.quote}」"
    return "" if row.measure is None else row.measure.basis.speak(lang)
