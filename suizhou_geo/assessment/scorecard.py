"""Measures against a plan: one table that says met, missed, cannot tell or no data, and by how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.assessment.wording import STATUS as STATUS_WORDS
from suizhou_geo.assessment.wording import Lang, number, profile_words, said
from suizhou_geo.errors import PlanError
from suizhou_geo.model import Measure, Plan, Target, Text

COLUMNS = (
    "key",
    "name_zh",
    "name_en",
    "value",
    "unit",
    "op",
    "target",
    "gap",
    "status",
    "low",
    "high",
    "profile",
    "basis",
    "needs",
)
_INVENTED = Text("【虚构数据，不是随州】", "[invented data, not Suizhou] ")
_NO_DEFINITION = ("raw",)  # shown to see what careless counting gives, but nobody's definition
_TINY = 1e-9
_SAME_SIZE = 0.01


def scorecard(
    measures: Sequence[Measure],
    plan: Plan | None,
    *,
    baselines: Mapping[str, float] | None = None,
    invented: bool = False,
    lang: Lang = "zh",
) -> pd.DataFrame:
    """Hold measures up to the promises of a plan.

    One row per promise in the plan's order, then one per measure the plan does not name; under each, as
    "key@profile", the same measure under its other definitions. Columns:

    - `value`, `low`, `high` in `unit`; shares 0-1; `op` and `target` as the plan asks;
    - `gap`: what is missing to the target in `unit` (negative: the margin);
    - `status`: "met" or "missed" when that holds for the whole range from low to high; "cannot_tell" when the range
      straddles the target, or a relative target has no baseline; "no_data" without a value; empty without a promise;
    - `basis`: the document, clause and quoted words of the promise, and the standard of the measure;
    - `needs`: in `lang`, what is missing for a number or a sure verdict, and under which other definitions the number lies
      on the other side of the target.

    `baselines` (key -> earlier value) turn a relative target, such as +20 % over 2020, into a value. With `invented`
    every row's `basis` begins by saying that the data are made up.

    Errors: PlanError where a promise and its measure have different units.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> card = scorecard([sg.population_density(study.area)], study.plan, invented=True, lang="en")
    >>> card.set_index("key").loc["population_density", "status"]
    'met'
    """
    by_key: dict[str, list[Measure]] = {}
    for measure in measures:
        by_key.setdefault(measure.key, []).append(measure)
    targets = {} if plan is None else {target.key: target for target in plan.targets}
    rows: list[dict[str, Any]] = []
    for key in [*targets, *(k for k in by_key if k not in targets)]:
        rows.extend(_rows(by_key.get(key, []), targets.get(key), plan, (baselines or {}).get(key), lang))
    card = pd.DataFrame(rows, columns=list(COLUMNS))
    return card.assign(basis=_INVENTED.speak(lang) + card["basis"]) if invented else card


def verdict(op: str, target: float, *, value: float, low: float, high: float) -> str:
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


def turns(status: str, other: Mapping[str, Any]) -> bool:
    """Return whether a verdict that is "met" or "missed" would turn under another definition, taken at its bare value.

    `other` is the scorecard's row of that definition. Its own verdict may be "cannot_tell": what is missing in the data
    does not unsay that the number lies on the other side of the target.

    >>> over = {"op": "<=", "target": 10_000.0, "value": 10_042.0, "profile": "built_up_map"}
    >>> turns("met", over), turns("missed", over), turns("cannot_tell", over)
    (True, False, False)
    """
    if other["profile"] in _NO_DEFINITION or status not in ("met", "missed"):
        return False
    value = other["value"]
    bare = verdict(other["op"], other["target"], value=value, low=value, high=value)
    return bare in ("met", "missed") and bare != status


def is_ratio(unit: str) -> bool:
    """Return whether a zone can be held against the target of the whole: a share, a density or a time, but no sum.

    >>> [is_ratio(unit) for unit in ("share", "km/km2", "min", "persons", "km2", "count")]
    [True, True, True, False, False, False]
    """
    return unit in ("share", "min", "per_thousand") or "/" in unit


def zone_verdict(value: float, row: Mapping[str, Any]) -> str:
    """Return what a zone's value is against the target of the whole: as `verdict`, "" without a promise or for a sum.

    `row` is the scorecard's row of the measure. Where incomplete data could still raise the whole (`high` above
    `value`), a zone below a minimum cannot be called missed, since data may be missing there too; so for each side.

    >>> row = {"status": "missed", "op": ">=", "target": 0.85, "unit": "share", "value": 0.7, "low": 0.7, "high": 0.7}
    >>> zone_verdict(0.9, row), zone_verdict(0.6, row), zone_verdict(0.6, {**row, "high": 1.0})
    ('met', 'missed', 'cannot_tell')
    >>> zone_verdict(308_480.0, {**row, "unit": "persons", "target": 600_000.0})
    ''
    """
    if np.isnan(value):
        return "no_data"
    if not row["status"] or not is_ratio(row["unit"]):
        return ""
    low = -np.inf if row["low"] < row["value"] else value
    high = np.inf if row["high"] > row["value"] else value
    return verdict(row["op"], row["target"], value=value, low=low, high=high)


def shortfall(measure: Measure, gap: float) -> float:
    """What the gap means on the ground, in `measure.shortfall_unit`: km, ha, persons or a count (negative: the margin).

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> density = sg.road_density(study.area)
    >>> round(sg.shortfall(density, 1.0)), density.shortfall_unit  # 1 km/km² short on 63 km²
    (63, 'km')
    """
    return gap if measure.unit == measure.shortfall_unit else float(gap * measure.denominator.sum())


def _holds(op: str, value: float, target: float) -> bool:
    tiny = _TINY * max(abs(target), 1.0)
    if op == "<=":
        return value <= target + tiny
    if op == ">=":
        return value >= target - tiny
    return value < target - tiny if op == "<" else value > target + tiny


def _rows(
    measures: list[Measure], target: Target | None, plan: Plan | None, baseline: float | None, lang: Lang
) -> list[dict[str, Any]]:
    if not measures:
        return [] if target is None or plan is None else [_promise_only(target, plan, lang)]
    if target is not None and target.unit != measures[0].unit:
        raise PlanError(
            f"{target.key} is promised in {target.unit} but measured in {measures[0].unit}; correct the unit in the plan"
        )
    rows: list[dict[str, Any]] = []
    for i, measure in enumerate(measures):
        # a baseline was measured under one definition and says nothing about the others
        asked, note = _asked(target, baseline if i == 0 else None)
        op = "" if target is None else target.op
        status = "" if target is None else verdict(op, asked, value=measure.value, low=measure.low, high=measure.high)
        note += _other_reading(target, measure, baseline) if i == 0 and baseline is not None else ()
        words = [text.speak(lang) for text in (*measure.needs, *measure.notes, *(note if measure.has_data else ()))]
        rows.append(
            {
                "key": measure.key if i == 0 else f"{measure.key}@{measure.profile}",
                "name_zh": measure.name_zh if target is None else target.name_zh,
                "name_en": measure.name_en if target is None else target.name_en,
                "value": measure.value,
                "unit": measure.unit,
                "op": op,
                "target": asked,
                "gap": gap_to(op, measure.value, asked),
                "status": status,
                "low": measure.low,
                "high": measure.high,
                "profile": measure.profile,
                "basis": _basis(target, plan, measure, lang),
                "needs": _sentences(words, lang),
            }
        )
    if rows[0]["status"] not in ("", "no_data"):
        rows[0]["needs"] = _sentences([rows[0]["needs"], _disagreement(rows, lang)], lang)
    return rows


def _asked(target: Target | None, baseline: float | None) -> tuple[float, tuple[Text, ...]]:
    """The value a target asks for, and what must be said about it."""
    if target is None:
        return np.nan, ()
    if target.baseline_year is None:
        return target.value, ()
    year, growth = target.baseline_year, target.value
    if baseline is None:
        return np.nan, (
            Text(
                f"承诺较{year}年增长{growth:.0%}，需要{year}年的基数（同一设施清单、半径和范围）才能判定",
                f"promised as growth of {growth:.0%} over {year}: the value of {year} is needed "
                "(same list, radii and outline)",
            ),
        )
    points = baseline + growth
    return baseline * (1.0 + growth), (
        Text(
            f"按相对增长：{year}年基数 {baseline:.1%} × {1 + growth:.2f}；"
            f"若理解为增加 {growth * 100:.0f} 个百分点，目标为 {points:.1%}",
            f"read as relative growth: {baseline:.1%} in {year} x {1 + growth:.2f}; "
            f"read as +{growth * 100:.0f} points the target would be {points:.1%}",
        ),
    )


def _other_reading(target: Target | None, measure: Measure, baseline: float) -> tuple[Text, ...]:
    """Say when growth read as percentage points would turn the verdict."""
    if target is None or target.baseline_year is None:
        return ()
    relative, points = (
        verdict(target.op, asked, value=measure.value, low=measure.low, high=measure.high)
        for asked in (baseline * (1.0 + target.value), baseline + target.value)
    )
    if relative == points:
        return ()
    zh, en = STATUS_WORDS[points]
    return (Text(f"按百分点理解则{zh}", f"read as points it would be: {en}"),)


def gap_to(op: str, value: float, target: float) -> float:
    """Return what is missing to a target in its own unit; below zero the margin.

    >>> gap_to(">=", 7.5, 8.0), gap_to("<=", 100.0, 120.0)
    (0.5, -20.0)
    """
    return target - value if op in (">=", ">") else (abs(value - target) if op == "==" else value - target)


def _basis(target: Target | None, plan: Plan | None, measure: Measure | None, lang: Lang) -> str:
    promise = "" if target is None or plan is None else f"{plan.document} {target.clause}「{target.quote}」"
    return _sentences([promise, "" if measure is None else measure.basis], lang)


def _promise_only(target: Target, plan: Plan, lang: Lang) -> dict[str, Any]:
    missing = Text(
        target.needs_zh or "尚无对应的测算方法或数据", target.needs_en or "no measure or figure serves this promise yet"
    )
    asked, note = _asked(target, None)
    return {
        "key": target.key,
        "name_zh": target.name_zh,
        "name_en": target.name_en,
        "value": np.nan,
        "unit": target.unit,
        "op": target.op,
        "target": asked,
        "gap": np.nan,
        "status": "no_data",
        "low": np.nan,
        "high": np.nan,
        "profile": "",
        "basis": _basis(target, plan, None, lang),
        "needs": _sentences([text.speak(lang) for text in (missing, *note)], lang),
    }


def _disagreement(rows: list[dict[str, Any]], lang: Lang) -> str:
    """Say under which other definitions the number lies on the other side of the target, surely or not."""
    others = [row for row in rows[1:] if turns(rows[0]["status"], row)]
    if not others:
        return ""
    told = [
        f"{profile_words(r['profile'], lang)} = {number(r['value'], r['unit'], lang)} {said(STATUS_WORDS, r['status'], lang)}"
        for r in others[:3]
    ]
    more = len(others) - len(told)
    if lang == "en":
        head = "under other definitions the number lies on the other side of the target"
        return f"{head}: {'; '.join(told)}" + (f"; and {more} more" if more else "")
    return f"按其他口径，数值在目标的另一侧：{'；'.join(told)}" + (f"；另有 {more} 种" if more else "")


def _sentences(words: list[str], lang: Lang) -> str:
    return ("; " if lang == "en" else "；").join(word for word in words if word)
