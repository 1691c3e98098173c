"""What a row of the scorecard says, in words: promise, number, range, gap and verdict."""

from __future__ import annotations

import numpy as np

from suizhou_geo.assessment.rows import Row, ZoneRow
from suizhou_geo.assessment.wording import (
    amount,
    as_it_takes,
    figure,
    great_figure,
    limit,
    on_the_ground,
    status_words,
    with_unit,
)
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.model import Plan
from suizhou_geo.standards import table
from suizhou_geo.standards.symbology import VERDICTS

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}
SAME = 1e-9
NEARLY_ALL = 0.9  # of what a share can be
_say = speaker("report")


def promise(op: str, asked: float, unit: str, lang: Lang, *, short: bool = False) -> str:
    """Say what is promised, or that it is not known yet; `short` uses a sign and leaves the unit out.

    >>> promise(">=", 0.85, "share", "zh"), promise("<=", 120.0, "m2/person", "en", short=True)
    ('不低于 85%', '≤ 120')
    """
    if op not in SIGNS or not np.isfinite(asked):
        return _say("target_unknown", lang)
    figure = limit(asked, unit, lang)
    return f"{SIGNS[op]} {figure}" if short else f"{_say(op, lang)} {with_unit(figure, unit, lang)}"


def asked_text(row: Row, lang: Lang) -> str:
    """Say the value that is asked for, short: ≥ 8 km/km²; "—" where none is or it is not known."""
    if not np.isfinite(row.asked):
        return _say("nothing", lang)
    return with_unit(promise(row.op, row.asked, row.unit, lang, short=True), row.told_unit, lang)


def promised_text(row: Row, lang: Lang) -> str:
    """Say what was promised: 不低于 8 km/km²; a growth with the value it comes to."""
    if row.target is None:
        return _say("nothing", lang)
    asked = promise(row.op, row.asked, row.told_unit, lang)
    if row.target.baseline_year is None:
        return asked
    growth = _say("growth", lang, year=row.target.baseline_year, growth=limit(row.target.value, "share", lang))
    return f"{growth}\n{asked}"


def value_text(row: Row, lang: Lang) -> str:
    """Say what was measured, never rounded onto the target; or that it cannot be told, and what it stands on.

    Where incomplete data leave (nearly) everything open, the number is told as what the data show, lest it be read as the
    finding: 资料所见至少 0.0%.
    """
    told = _told(row.value, row.thin, row, lang, beside=row.asked)
    if row.thin is not None or not left_all_open(row):
        return told
    end = "seen_least" if row.value <= row.low else "seen_most" if row.value >= row.high else "seen"
    return _say(end, lang, value=told)


def left_all_open(row: Row) -> bool:
    """Say whether the range that is left open is (nearly) all a number can be: 90 points of a share, nothing to no end."""
    if row.unit == "share":
        return row.high - row.low >= NEARLY_ALL
    return row.low <= 0 and row.high == np.inf


def is_number(row: Row) -> bool:
    """Say whether the value of a row can stand as a bare number: it stands on enough, and not everything else is possible."""
    return row.thin is None and not left_all_open(row)


def zone_text(row: Row, zone: ZoneRow, lang: Lang, *, unit: bool = True) -> str:
    """Say the value of a zone, held against the promise where it can be; or that it cannot be told, and on what."""
    beside = row.asked if row.is_held_by_zone else np.nan
    return _told(zone.value, zone.thin, row, lang, beside=beside, unit=unit)


def _told(value: float, thin: Text | None, row: Row, lang: Lang, *, beside: float, unit: bool = True) -> str:
    if thin is not None and np.isfinite(value):
        return _say("thin", lang, base=thin.speak(lang))
    return (
        amount(value, row.told_unit, lang, beside=beside)
        if unit
        else great_figure(value, row.unit, lang, beside=beside)
    )


def measured_text(row: Row, lang: Lang) -> str:
    """Say what was measured, never rounded onto the target, with the range that incomplete data leaves open."""
    text = value_text(row, lang)
    return f"{text}\n{range_text(row, lang)}" if range_text(row, lang) else text


def range_text(row: Row, lang: Lang) -> str:
    """Say what is left open, never rounded onto the target; "" where nothing is. Why stands in the needs of the row."""
    if row.thin is not None:
        return ""
    return left_open_text(row.value, (row.low, row.high), row.told_unit, lang, beside=row.asked)


def left_open_text(value: float, ends: tuple[float, float], unit: str, lang: Lang, *, beside: float) -> str:
    """Say the range that is left open round a value, never rounded onto the target (`beside`); "" where nothing is.

    >>> left_open_text(0.6, (0.5, 0.8), "share", "zh", beside=0.85), left_open_text(1.0, (1.0, 1.0), "km", "en", beside=2.0)
    ('可能为 50.0% 至 80.0%', '')
    """
    low, high = ends
    if not (low < value or high > value):
        return ""
    if np.isinf(low):
        return _say("range_any", lang)
    if np.isinf(high) and not low < value:
        return _say("range_up", lang)
    from_, to = (amount(end, unit, lang, beside=beside) for end in ends)
    return _say("range_from", lang, low=from_) if np.isinf(high) else _say("range", lang, low=from_, high=to)


def gap_text(gap: float, op: str, unit: str, lang: Lang, *, below: bool = False) -> str:
    """Say a gap: what is short, over, or to spare; of a planned size how much less (`below` it) or more there is.

    >>> gap_text(0.256, ">=", "km/km2", "zh"), gap_text(-0.041, ">", "share", "en")
    ('差 0.26 km/km²', '4.1 points to spare')
    >>> gap_text(3.0, "==", "km2", "en", below=True), gap_text(3.0, "==", "km2", "zh")
    ('3 km² less than planned', '比规划多 3 km²')
    """
    if not np.isfinite(gap):
        return _say("nothing", lang)
    if abs(gap) < SAME:
        return _say("reached", lang)
    return _say(gap_word(gap, op, below=below), lang, figure=gap_figure(gap, unit, lang))


def row_gap_text(row: Row, lang: Lang) -> str:
    """Say the gap of a promise that is met or missed; "—" where that cannot be told, since its size is then not known, too."""
    return held_gap_text(row, row, lang) if row.status in ("met", "missed") else _say("nothing", lang)


def held_gap_text(of: Row | ZoneRow, row: Row, lang: Lang) -> str:
    """Say the gap of a row or of one of its zones; "—" where it has none."""
    return gap_text(of.gap, row.op, row.told_unit, lang, below=of.value < row.asked)


def gap_word(gap: float, op: str, *, below: bool) -> str:
    """Return the word for a gap that is not nothing: a planned size is missed to either side.

    >>> gap_word(3.0, "==", below=True), gap_word(-3.0, ">=", below=False), gap_word(3.0, "<=", below=False)
    ('under_plan', 'spare', 'over')
    """
    if op == "==":
        return "under_plan" if below else "over_plan"
    return "spare" if gap < 0 else "over" if op in ("<=", "<") else "short"


def gap_figure(gap: float, unit: str, lang: Lang) -> str:
    """Write the size of a gap with its unit; that of shares is in points.

    >>> gap_figure(0.35, "share", "en"), gap_figure(-12.0, "km2", "zh")
    ('35.0 points', '12 km²')
    """
    if unit.split("/")[0] == "share":
        return _say("points", lang, figure=figure(abs(gap), unit, beside=0.0).rstrip("%"))
    return amount(abs(gap), unit, lang, beside=0.0)


def means_text(shortfall_: float, unit: str, shortfall_unit: str, lang: Lang) -> str:
    """Say what a gap means on the ground in km, ha or persons; "—" where there is no gap or nothing more to say."""
    amount_, its_unit = grounded(shortfall_, unit, shortfall_unit)
    return on_the_ground(amount_, its_unit, lang) if its_unit else _say("nothing", lang)


def grounded(shortfall_: float, unit: str, shortfall_unit: str) -> tuple[float, str]:
    """Return what a gap is on the ground, and in which unit; land that is promised in 亩 or km² in ha.

    `unit` is that of the promise. Without a gap, or where the promise is in that unit itself: (nan, "").

    >>> grounded(15.5, "km/km2", "km"), grounded(30.0, "mu", "mu"), grounded(3.0, "count", "count")
    ((15.5, 'km'), (2.0, 'ha'), (nan, ''))
    """
    if not shortfall_ > 0 or not np.isfinite(shortfall_) or not shortfall_unit:
        return np.nan, ""
    if unit != shortfall_unit:
        return as_it_takes(shortfall_, shortfall_unit), shortfall_unit
    per_ha = table("units")["units"].get(unit, {}).get("ha")
    return (np.nan, "") if per_ha is None else (shortfall_ / per_ha, "ha")


def row_verdict_text(row: Row, lang: Lang) -> str:
    """Say the verdict of a row with its sign, and how sure it is where that is reckoned: ✗ 未达到（把握 90%）."""
    told = verdict_text(row.status, lang)
    if row.confidence == 1.0 or row.status not in ("met", "missed"):
        return told
    return _say("verdict_likely", lang, verdict=told, confidence=row.confidence)


def verdict_text(status: str, lang: Lang) -> str:
    """Say a verdict with its sign, so that colour is never the only one: ✗ 未达到."""
    return f"{VERDICTS[status][0]} {status_words(status, lang)}" if status else ""


def title_of(plan: Plan | None) -> str:
    """Return the word of a title: what is held against a plan, against national standards, or against nothing."""
    return "title_no_plan" if plan is None else "title_standards" if plan.is_of_standards else "title"
