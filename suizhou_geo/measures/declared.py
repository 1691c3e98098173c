"""Declared statistics (申报统计): what no map can measure, from figures with a year, a unit and a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from suizhou_geo.measures.said import no_data
from suizhou_geo.model import Measure, Plan, Statistic, StudyArea, Target, Text
from suizhou_geo.standards import table

PROFILE = "declared"
_YEARLY_MEAN = "年均"
_ADDED = "新增"
Figure = tuple[float, int, Text]  # the value in the promise's unit, its year, and how it came about
ByYear = Mapping[int, Statistic]


def declared(area: StudyArea, plan: Plan, statistics: Sequence[Statistic]) -> list[Measure]:
    """Every promise of a plan that figures were declared for, in the plan's order: one value for the whole, no zones.

    From the figures of one promise, those of the latest year not after the promise's; of one year, the first of these:

    * "value": the thing itself, brought into the unit of the promise;
    * "part" over "whole" of one year, for a share;
    * "level" in two years. For growth a year: the latest over the year before or, where that is not declared or the
      promise is of yearly means (年均), (latest / earliest) ** (1 / years between) - 1, the mean annual growth (CAGR).
      For what is promised as added (新增): the latest minus the earliest.

    Figures of a year before the promise's cannot say that it will be missed: what is short then stays open; growth up to
    an earlier year stays open on both sides. `breakdown` holds the figures with year, unit and source; `notes` says the
    year, the sources and the progress.

    Figures that do not make a number (a unit that is none of the promise's, a share beyond 0 to 1, the level of what is
    not promised as growing) give a measure without one, that says what is missing.

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
        figure = _figure(target, given)
        if figure is not None:
            result.append(_measure(area, target, *figure, given))
        elif given:
            result.append(_unusable(area, target, given))
    return result


def _figure(target: Target, given: Sequence[Statistic]) -> Figure | None:
    """The figure of the latest year, in the promise's unit; None where the declared ones do not make one."""
    due = [s for s in given if s.year <= target.year]
    of = {item: {s.year: s for s in due if s.item == item} for item in ("value", "part", "whole", "level")}
    found = [_value(target, of["value"]), _share(target, of["part"], of["whole"]), _change(target, of["level"])]
    return max((figure for figure in found if figure is not None), key=lambda figure: figure[1], default=None)


def _value(target: Target, values: ByYear) -> Figure | None:
    low, high = table("units")["bounds"].get(target.unit, (-np.inf, np.inf))
    ours = {year: s.value * _factor(target, s) for year, s in values.items()}
    fitting = [year for year, value in ours.items() if low <= value <= high]
    return (ours[max(fitting)], max(fitting), Text("申报值", "as declared")) if fitting else None


def _share(target: Target, parts: ByYear, wholes: ByYear) -> Figure | None:
    both = [year for year in parts if year in wholes and _fits(parts[year], wholes[year])]
    if not both or target.unit != "share":
        return None
    year = max(both)
    part, whole = parts[year].value, wholes[year].value
    return part / whole, year, Text(f"{part:,.10g} ÷ {whole:,.10g}", f"{part:,.10g} ÷ {whole:,.10g}")


def _change(target: Target, levels: ByYear) -> Figure | None:
    if len(levels) < 2 or len({s.unit for s in levels.values()}) > 1:
        return None
    first, last = min(levels), max(levels)
    if target.unit != "share/year":
        added = (levels[last].value - levels[first].value) * _factor(target, levels[last])
        told = Text(f"{last}年减{first}年", f"{last} less {first}")
        return (added, last, told) if _is_added(target) and np.isfinite(added) else None
    if _YEARLY_MEAN not in target.name_zh and last - 1 in levels:
        first = last - 1
    before, after = levels[first].value, levels[last].value
    if before <= 0 or after < 0:
        return None
    growth = (after / before) ** (1.0 / (last - first)) - 1.0
    if last - first == 1:
        return growth, last, Text(f"{last}年比{first}年增速", f"growth of {last} over {first}")
    return growth, last, Text(f"{first}–{last}年年均增速", f"mean annual growth {first}-{last}")


def _factor(target: Target, statistic: Statistic) -> float:
    """How many of the promise's unit one of the figure's is; NaN where it is no unit of the promise."""
    return float(table("units")["units"].get(target.unit, {target.unit: 1.0}).get(statistic.unit, np.nan))


def _is_added(target: Target) -> bool:
    return _ADDED in target.name_zh or target.key.endswith("_added")


def _fits(part: Statistic, whole: Statistic) -> bool:
    return part.unit == whole.unit and 0 <= part.value <= whole.value and whole.value > 0


def _measure(
    area: StudyArea, target: Target, value: float, year: int, how: Text, given: Sequence[Statistic]
) -> Measure:
    nothing = pd.Series(np.nan, index=area.zones.index)
    early = year < target.year
    grown = target.unit == "share/year"
    table_ = pd.DataFrame(
        [(s.item, s.year, s.value, s.unit, s.source, s.note) for s in given],
        columns=["item", "year", "value", "unit", "source", "note"],
    )
    return Measure(
        key=target.key,
        name_zh=target.name_zh,
        name_en=target.name_en,
        value=value,
        unit=target.unit,
        by_zone=nothing,
        denominator=nothing,
        shortfall_unit=target.unit,
        profile=PROFILE,
        basis="、".join(dict.fromkeys(s.source for s in given)),
        params={"year": year, "promised_for": target.year},
        low=-np.inf if early and (grown or target.op in ("<=", "<", "==")) else value,
        high=np.inf if early and (grown or target.op in (">=", ">", "==")) else value,
        needs=_early(target, year) if early else (),
        notes=(_said(target, value, year, how),),
        breakdown=table_,
    )


def _unusable(area: StudyArea, target: Target, given: Sequence[Statistic]) -> Measure:
    years = "、".join(str(year) for year in sorted({s.year for s in given}))
    need = Text(
        f"已申报的数据（{years}年）不足以算出该指标：增速和新增须有两个年份、同一单位的水平值，占比须有同年同单位的分子与分母"
        f"（0至100%），其余须有以承诺单位填报的数值，年份不晚于{target.year}年",
        f"the declared figures ({years}) do not make this number: growth and what is added need the level of two years in "
        "one unit, a share its part and whole of one year in one unit (0 to 100 %), all else its value in a unit of the "
        f"promise, none later than {target.year}",
    )
    name = Text(target.name_zh, target.name_en)
    return no_data(area, target.key, name, unit=target.unit, profile=PROFILE, needs=(need,), params={})


def _early(target: Target, year: int) -> tuple[Text, ...]:
    return (
        Text(
            f"申报数据为{year}年，承诺期为{target.year}年；请补报{target.year}年数据",
            f"the figure is of {year}, the promise is for {target.year}: declare that of {target.year}",
        ),
    )


def _said(target: Target, value: float, year: int, how: Text) -> Text:
    towards = target.op in (">=", ">") and target.value > 0 and target.baseline_year is None
    progress = value / target.value if towards else np.nan
    zh = f"申报统计（{year}年，{how.zh}）" + (f"，完成承诺的{progress:.0%}" if np.isfinite(progress) else "")
    en = f"declared figure ({year}, {how.en})" + (f", {progress:.0%} of the promise" if np.isfinite(progress) else "")
    return Text(zh, en)
