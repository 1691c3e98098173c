"""What a row of the scorecard says, in words: promise, number, range, gap and verdict."""

from __future__ import annotations

import numpy as np

from suizhou_geo.assessment.rows import Line
from suizhou_geo.assessment.wording import STATUS, Lang, amount, limit, on_the_ground, said, with_unit
from suizhou_geo.assessment.words import say
from suizhou_geo.standards.symbology import VERDICTS

_SAME = 1e-9


def promised_text(line: Line, lang: Lang) -> str:
    """Say what was promised: 不低于 8 km/km²; a growth with the value it comes to."""
    if not line.op:
        return say("nothing", lang)
    asked = say("target_unknown", lang)
    if np.isfinite(line.target):
        asked = f"{say(line.op, lang)} {with_unit(limit(line.target, line.unit, lang), line.unit, lang)}"
    if line.promise is None or line.promise.baseline_year is None:
        return asked
    growth = say("growth", lang, year=line.promise.baseline_year, growth=f"{line.promise.value:.0%}")
    return f"{growth}\n{asked}"


def measured_text(line: Line, lang: Lang) -> str:
    """Say what was measured, never rounded onto the target, with the range that incomplete data leaves open."""
    text = amount(line.value, line.unit, lang, beside=line.target)
    return f"{text}\n{range_text(line, lang)}" if range_text(line, lang) else text


def range_text(line: Line, lang: Lang) -> str:
    """Say what incomplete data leaves open; "" where it leaves nothing open."""
    if not (line.low < line.value or line.high > line.value):
        return ""
    if np.isinf(line.high) and not line.low < line.value:
        return say("range_up", lang)
    ends = [
        amount(end, line.unit, lang) if np.isfinite(end) else say("unbounded", lang) for end in (line.low, line.high)
    ]
    return say("range", lang, low=ends[0], high=ends[1])


def gap_text(gap: float, op: str, unit: str, lang: Lang) -> str:
    """Say a gap: what is short, over, off, or to spare.

    >>> gap_text(0.256, ">=", "km/km2", "zh"), gap_text(-0.041, ">", "share", "en"), gap_text(3.0, "==", "km2", "en")
    ('差 0.26 km/km²', '4.1 points to spare', '3 km² off')
    """
    if not np.isfinite(gap):
        return say("nothing", lang)
    if abs(gap) < _SAME:
        return say("reached", lang)
    figure = amount(abs(gap), unit, lang, beside=0.0)
    if unit.split("/")[0] == "share":
        figure = say("points", lang, figure=figure.partition("%")[0])
    word = "off" if op == "==" else "spare" if gap < 0 else "over" if op in ("<=", "<") else "short"
    return say(word, lang, figure=figure)


def means_text(shortfall_: float, unit: str, shortfall_unit: str, lang: Lang) -> str:
    """Say what a gap means on the ground in km, ha or persons; "—" where there is no gap or nothing more to say."""
    if not shortfall_ > 0 or not np.isfinite(shortfall_) or unit == shortfall_unit or not shortfall_unit:
        return say("nothing", lang)
    return on_the_ground(shortfall_, shortfall_unit, lang)


def verdict_text(status: str, lang: Lang) -> str:
    """Say a verdict with its sign, so that colour is never the only one: ✗ 未达到."""
    return f"{VERDICTS[status][0]} {said(STATUS, status, lang)}" if status else ""
