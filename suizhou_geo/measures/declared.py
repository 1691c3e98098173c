"""Declared statistics (申报统计): what no map can measure, from figures with a year, a unit and a source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from suizhou_geo.errors.text import NOTHING, Text, listed_text
from suizhou_geo.measures.asked import public
from suizhou_geo.measures.completeness import floored, sentence
from suizhou_geo.model import Measure, Plan, Statistic, Target
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea

PROFILE = "declared"
_YEARLY_MEAN = "年均"
_ROUNDED = 0.01  # figures of one thing differ by so much where they were rounded
ByYear = Mapping[int, Statistic]


@dataclass(frozen=True)
class _Figure:
    """A value in the promise's unit, its year, how it came about, and what the declared figures leave open."""

    value: float
    year: int
    how: Text
    low: float
    high: float
    needs: tuple[Text, ...] = ()


@public
def declared(area: StudyArea, plan: Plan, statistics: Sequence[Statistic]) -> list[Measure]:
    """Every promise of a plan that figures were declared for, in the plan's order: one value for the whole, no zones.

    From the figures of one promise, those of the latest year not after the promise's; of one year, the first of these:

    * "value": the thing itself, brought into the unit of the promise;
    * "part" over "whole" of one year, for a share;
    * "level" in two years. For growth a year the latest over the year before; where the promise is of yearly means (年均)
      (latest / earliest) ** (1 / years between) - 1, the mean annual growth (CAGR). For what is promised as added (新增)
      the latest minus the earliest.

    Of figures of one year that differ, growth aside, the range reaches from one to the other. The verdict stays open where
    they are not of what was promised: of an earlier year (neither the output nor the share of one year is that of
    the next), a mean over years for the growth of one, the growth of one year for a mean.
    Promises of means and of what is added name no first year: with more than one to count from, the range from the least
    to the most stands beside the value. `breakdown` holds the figures with year, unit and source; `notes` says the year,
    the sources and the progress.

    Figures that do not make a number (a unit that is none of the promise's, a share beyond 0 to 1, growth beyond a
    doubling, growth declared as a level, the level of what is not promised as growing) give a measure without one, that
    says what is missing.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> measures = {m.key: m for m in declared(study.area, study.plan, study.statistics)}
    >>> round(measures["sewage_collection_share"].value, 3), measures["sewage_collection_share"].profile
    (0.675, 'declared')
    """
    by_key: dict[str, list[Statistic]] = {}
    for statistic in statistics:
        by_key.setdefault(statistic.key, []).append(statistic)
    result = []
    for target in plan.targets:
        given = [s for s in by_key.get(target.key, []) if s.item != "baseline"]
        if given:
            figure = _figure(target, given)
            result.append(_unusable(area, target, given) if figure is None else _measure(area, target, figure, given))
    return result


def _figure(target: Target, given: Sequence[Statistic]) -> _Figure | None:
    """The figure of the latest year, in the promise's unit; None where the declared ones do not make one."""
    due = [s for s in given if target.year is None or s.year <= target.year]
    of = {item: {s.year: s for s in due if s.item == item} for item in ("value", "part", "whole", "level")}
    found = [_value(target, of["value"]), _share(target, of["part"], of["whole"]), _change(target, of["level"])]
    figures = [figure for figure in found if figure is not None]
    if not figures:
        return None
    latest = max(figures, key=lambda figure: figure.year)
    for other in figures:
        differs = other.year == latest.year and other.value != latest.value
        if differs and target.unit != "share/year":  # published growth is net of prices
            latest = _ranging(target, latest, other)
    return latest if target.year in (None, latest.year) else _early(target, latest)


def _value(target: Target, values: ByYear) -> _Figure | None:
    ours = {year: s.value * _factor(target, s) for year, s in values.items()}
    fitting = [year for year, value in ours.items() if _within(target, value)]
    if not fitting:
        return None
    value = ours[max(fitting)]
    return _Figure(value, max(fitting), Text("申报值", "as declared"), value, value)


def _share(target: Target, parts: ByYear, wholes: ByYear) -> _Figure | None:
    both = [year for year in parts if year in wholes and _fits(parts[year], wholes[year])]
    if not both or target.unit != "share":
        return None
    year = max(both)
    part, whole = parts[year].value, wholes[year].value
    how = f"{part:,.10g} ÷ {whole:,.10g}"
    return _Figure(part / whole, year, Text(how, how), part / whole, part / whole)


def _change(target: Target, levels: ByYear) -> _Figure | None:
    if len(levels) < 2 or len({s.unit for s in levels.values()}) > 1:
        return None
    if target.unit == "share/year":
        return _growth(target, levels)
    first, last = min(levels), max(levels)
    after = levels[last].value
    added = {year: (after - levels[year].value) * _factor(target, levels[last]) for year in levels if year < last}
    if not target.is_added or not np.isfinite(added[first]):
        return None
    return _since(added, last, Text(f"{last}年减{first}年", f"{last} less {first}"), ",.10g")


def _growth(target: Target, levels: ByYear) -> _Figure | None:
    last = max(levels)
    after, before = levels[last].value, {year: s.value for year, s in levels.items() if year < last}
    of_mean = _YEARLY_MEAN in target.name_zh
    first = last - 1 if not of_mean and last - 1 in before else min(before)
    counted = {year for year in before if of_mean and last - year > 1} or {first}
    itself = levels[last].unit in table("units")["units"]["share/year"]
    if itself or min(before[year] for year in counted) <= 0 or after < 0:
        return None
    growth = {year: (after / before[year]) ** (1.0 / (last - year)) - 1.0 for year in counted}
    if not all(_within(target, value) for value in growth.values()):
        return None
    if last - first == 1:
        how = sentence("growth_of_a_year", last=last, first=first)
        need = sentence("mean_promised", first=first)
    else:
        how = sentence("growth_of_years", first=first, last=last)
        need = sentence("year_promised", before=last - 1)
    if of_mean == (last - first == 1):
        return _Figure(growth[first], last, how, -np.inf, np.inf, (need,))
    return _since(growth, last, how, ".2%")


def _since(values: Mapping[int, float], last: int, how: Text, shown: str) -> _Figure:
    """The value counted from the earliest year, between the least and the most counted from any."""
    low, high = min(values.values()), max(values.values())
    figure = _Figure(values[min(values)], last, how, low, high)
    if math.isclose(low, high, rel_tol=1e-6):
        return figure
    counts = [f"{year}: {values[year]:{shown}}" for year in sorted(values)]
    need = sentence("first_years_differ", counts=counts)
    return replace(figure, needs=(need,))


def _ranging(target: Target, figure: _Figure, other: _Figure) -> _Figure:
    """The figure with the range up to another one of its year, and what to say where that is more than rounding."""
    need = sentence("figures_differ", year=figure.year, how=other.how, other=other.value, value=figure.value)
    low, high = min(figure.low, other.low), max(figure.high, other.high)
    may_turn = target.baseline_year is not None or low <= target.value <= high
    tell = may_turn or not math.isclose(other.value, figure.value, rel_tol=_ROUNDED)
    return replace(figure, low=low, high=high, needs=(*figure.needs, need) if tell else figure.needs)


def _early(target: Target, figure: _Figure) -> _Figure:
    need = sentence("earlier_figure", year=figure.year, due=target.year)
    return replace(figure, low=-np.inf, high=np.inf, needs=(*figure.needs, need))


def _within(target: Target, value: float) -> bool:
    low, high = table("units")["bounds"].get(target.unit, (-np.inf, np.inf))
    return bool((low <= value or (low == 0 and target.is_added)) and value <= high)


def _factor(target: Target, statistic: Statistic) -> float:
    """How many of the promise's unit one of the figure's is; NaN where it is no unit of the promise."""
    return float(table("units")["units"].get(target.unit, {target.unit: 1.0}).get(statistic.unit, np.nan))


def _fits(part: Statistic, whole: Statistic) -> bool:
    return part.unit == whole.unit and 0 <= part.value <= whole.value and whole.value > 0


def _measure(area: StudyArea, target: Target, figure: _Figure, given: Sequence[Statistic]) -> Measure:
    columns = ["item", "year", "value", "unit", "source", "note"]
    return replace(
        _empty(area, target, figure.needs),
        value=figure.value,
        shortfall_unit=target.unit,
        basis=listed_text(dict.fromkeys(s.source for s in given)),
        params={"year": figure.year, "promised_for": target.year},
        low=figure.low,
        high=figure.high,
        notes=(_said(target, figure),),
        breakdown=pd.DataFrame([[getattr(s, column) for column in columns] for s in given], columns=columns),
    )


def _unusable(area: StudyArea, target: Target, given: Sequence[Statistic]) -> Measure:
    halves = [s for s in given if s.item in ("part", "whole")]
    if target.unit == "share" and halves:
        return _empty(
            area, target, tuple(_half_missing(target, year, halves) for year in sorted({s.year for s in halves}))
        )
    years = "、".join(str(year) for year in sorted({s.year for s in given}))
    need = sentence("figures_unusable", years=years, due=target.year or max(s.year for s in given))
    return _empty(area, target, (need,))


def _half_missing(target: Target, year: int, halves: Sequence[Statistic]) -> Text:
    """Why the part and the whole of a year make no share: which of them is missing, or how they do not fit."""
    part, whole = (next((s for s in halves if (s.item, s.year) == (item, year)), None) for item in ("part", "whole"))
    if target.year is not None and year > target.year:
        return sentence("share_too_late", year=year, due=target.year)
    if part is None or whole is None:
        return sentence("share_without_part" if part is None else "share_without_whole", year=year)
    if part.unit != whole.unit:
        return sentence("share_of_two_units", year=year, part=part.unit, whole=whole.unit)
    if whole.value == 0:
        return sentence("share_of_nothing", year=year)
    return sentence("share_beyond_whole", year=year, part=f"{part.value:,.10g}", whole=f"{whole.value:,.10g}")


def _empty(area: StudyArea, target: Target, needs: tuple[Text, ...]) -> Measure:
    """A measure of what a plan promises, named as the plan does, without its number."""
    nothing = pd.Series(np.nan, index=area.zones.index)
    return Measure(
        key=target.key,
        name_zh=target.name_zh,
        name_en=target.name_en,
        value=np.nan,
        unit=target.unit,
        by_zone=nothing,
        denominator=nothing,
        shortfall_unit="",
        profile=PROFILE,
        basis=NOTHING,
        params={},
        needs=needs,
    )


def _said(target: Target, figure: _Figure) -> Text:
    towards = target.op in (">=", ">") and target.value > 0 and target.baseline_year is None and figure.value >= 0
    progress = _progress(figure.value / target.value) if towards else ""
    zh = f"申报统计（{figure.year}年，{figure.how.zh}）" + (f"，完成承诺值的{progress}" if towards else "")
    en = f"declared figure ({figure.year}, {figure.how.en})" + (f", {progress} of the promise" if towards else "")
    return Text(zh, en)


def _progress(share: float) -> str:
    """A share of what is promised in per cent; 99.98 % is not yet all of it."""
    shown = round(share, 3) if round(share, 3) < 1.0 or share >= 1.0 else floored(share, decimals=1)
    return f"{shown * 100:.5g}%"
