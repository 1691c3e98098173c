"""Verdicts: what a range says of a target, on what a reckoned range rests, and what data would decide where it says nothing."""

from __future__ import annotations

from typing import Literal

import numpy as np

from suizhou_geo.assessment.wording import amount, in_both, status_words
from suizhou_geo.errors.text import Text
from suizhou_geo.measures.completeness import sentence
from suizhou_geo.model import Measure

Status = Literal["met", "missed", "cannot_tell", "no_data", ""]
STATUSES: tuple[Status, ...] = ("met", "missed", "cannot_tell", "no_data")
_TINY = 1e-9
_SAME_SIZE = 0.01
_MOST_CHECKS = 3


def verdict(op: str, target: float, *, value: float, low: float, high: float) -> Status:
    """Return "met", "missed", "cannot_tell" or "no_data" for a value whose true one lies between low and high.

    A planned size (op "==") is met within 1 %.

    >>> verdict(">=", 8.0, value=7.5, low=7.5, high=9.0), verdict("<=", 120.0, value=105.0, low=105.0, high=105.0)
    ('cannot_tell', 'met')
    """
    if not np.isfinite(value):
        return "no_data"
    if not np.isfinite(target):
        return "cannot_tell"
    low, high = (value if np.isnan(low) else low), (value if np.isnan(high) else high)
    if op == "==":
        room = _SAME_SIZE * abs(target)
        if target - room <= low and high <= target + room:
            return "met"
        return "missed" if high < target - room or low > target + room else "cannot_tell"
    holds = [_holds(op, x, target) for x in (low, value, high)]
    return "met" if all(holds) else ("cannot_tell" if any(holds) else "missed")


def reckoned(measure: Measure, op: str, target: float) -> tuple[Text, ...]:
    """Say on what a likely range rests and how sure it is; of one that rests on a guess, what it and the verdict would be."""
    likely = measure.likely
    if likely is None or measure.thin is not None or not likely.drivers:
        return ()
    because = list(dict.fromkeys(driver.because for driver in likely.drivers))[:_MOST_CHECKS]
    if not likely.is_assumed:
        return (sentence("likely_range", confidence=likely.confidence, because=because),)
    low, high = max(measure.low, likely.low), min(measure.high, likely.high)
    ends = [Text(amount(end, measure.unit, "zh"), amount(end, measure.unit, "en")) for end in (low, high)]
    if not op or not np.isfinite(target):
        return (sentence("assumed_range", because=because, low=ends[0], high=ends[1]),)
    would_be = verdict(op, target, value=measure.value, low=low, high=high)
    said = in_both(lambda lang: status_words(would_be, lang))
    return (sentence("assumed_verdict", because=because, low=ends[0], high=ends[1], verdict=said),)


def would_decide(measure: Measure, op: str, target: float) -> tuple[Text, ...]:
    """Say what to check where a likely range straddles a target: what takes the most off the range first.

    A check decides alone if without its part the range would lie on one side of the target, and no guess is left in it.
    """
    likely = measure.likely
    if likely is None or not np.isfinite(target):
        return ()
    low, high = max(measure.low, likely.low), min(measure.high, likely.high)
    if verdict(op, target, value=measure.value, low=low, high=high) != "cannot_tell":
        return ()
    said = []
    for driver in likely.drivers[:_MOST_CHECKS]:
        left = max(measure.value, high - driver.width)
        guessed = any(other.assumed for other in likely.drivers if other is not driver)
        decided = not guessed and verdict(op, target, value=measure.value, low=low, high=left) != "cannot_tell"
        part = min(1.0, driver.width / (high - low))
        said.append(sentence("check_decides" if decided else "check_narrows", what=driver.name, part=part))
    return tuple(said)


def _holds(op: str, value: float, target: float) -> bool:
    tiny = _TINY * max(abs(target), 1.0)
    if op == "<=":
        return value <= target + tiny
    if op == ">=":
        return value >= target - tiny
    return value < target - tiny if op == "<" else value > target + tiny
