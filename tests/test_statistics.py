"""Declared statistics: the form out and in, what is refused, and growth, shares and units by hand."""

import dataclasses
import re
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from shapely import LineString, box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.scorecard import table_of
from suizhou_geo.cli import app
from suizhou_geo.errors import InputError, OutputError
from suizhou_geo.measures import measure_study
from suizhou_geo.measures.declared import declared
from suizhou_geo.model import Plan, Statistic, Study, Target
from suizhou_geo.sources.statistics import HEADINGS, Declared, read_statistics
from suizhou_geo.sources.statistics_form import statistics_form, write_form
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import families, settled_by

HEAD = "key,item,year,value,unit,source"
BUREAU = "统计局 2025年公报"


def _target(key="exports", op=">=", value=5e8, unit="USD", year=2025, **more):
    return Target(key, "出口额", "exports", op, value, unit, year, "一", "出口突破5亿美元", **more)


PLAN = Plan(
    "p",
    "方案",
    "plan",
    "文件",
    (
        _target(),
        _target("tax_growth", ">", 0.07, "share/year"),
        _target("insured", ">=", 0.95, "share"),
        _target("firms_added", ">=", 30, "count"),
        _target("compliance", ">=", 0.2, "share", baseline_year=2020),
        _target("land", "==", 33709, "mu"),
        _target("rank", "<=", 100, "rank"),
    ),
)


@pytest.fixture
def area(drawn):
    return sg.StudyArea("t", drawn([box(0, 0, 9, 9)], name=["z"]))


@pytest.fixture
def read(tmp_path):
    def reading(*rows, head=HEAD, encoding="utf-8"):
        path = tmp_path / "s.csv"
        path.write_bytes("\n".join([head, *rows]).encode(encoding))
        return read_statistics(path, PLAN)

    return reading


def _one(area, *statistics, plan=PLAN):
    (measure,) = declared(area, plan, statistics)
    return measure


def _s(key, value, unit, *, item="value", year=2025):
    return Statistic(key, item, year, value, unit, BUREAU)


# ------------------------------------------------------------------------------------------------------ arithmetic


@pytest.mark.parametrize(
    ("value", "unit", "in_usd"), [(5.2, "亿美元", 5.2e8), (52000, "万美元", 5.2e8), (7.0, "美元", 7.0)]
)
def test_a_value_is_brought_into_the_unit_of_the_promise(area, value, unit, in_usd):
    measure = _one(area, _s("exports", value, unit))
    assert (measure.value, measure.unit, measure.profile) == (pytest.approx(in_usd), "USD", "declared")
    assert measure.basis.zh == BUREAU
    assert measure.breakdown["source"].tolist() == [BUREAU]


def test_growth_is_the_mean_annual_growth_between_the_earliest_and_the_latest_level(area):
    levels = [
        _s("tax_growth", v, "万元/亩", item="level", year=y) for y, v in ((2021, 10), (2023, 12.1), (2025, 14.641))
    ]
    measure = _one(area, *levels)
    assert measure.value == pytest.approx(0.10)  # 10 x 1.1^4
    assert "mean annual growth 2021-2025" in measure.notes[0].en
    declared_itself = _one(area, *levels, _s("tax_growth", 8.0, "%"))
    assert declared_itself.value == pytest.approx(0.08)  # who has the growth may declare it


def test_a_share_is_its_part_over_its_whole(area):
    measure = _one(
        area,
        _s("insured", 190, "万人", item="part"),
        _s("insured", 200, "万人", item="whole"),
        _s("insured", 1, "x", item="part", year=2024),
    )
    assert measure.value == pytest.approx(0.95)
    assert (measure.low, measure.high) == (measure.value, measure.value)
    assert "(2025, 190 ÷ 200)" in measure.notes[0].en


def test_what_is_added_is_later_less_earlier(area):
    measure = _one(
        area, _s("firms_added", 12, "家", item="level", year=2020), _s("firms_added", 47, "家", item="level")
    )
    assert measure.value == 35
    assert "116.7% of the promise" in measure.notes[0].en


def test_hectares_become_mu(area):
    assert _one(area, _s("land", 2247.27, "公顷")).value == pytest.approx(33709.05)


def test_a_year_before_the_promise_s_says_nothing_sure_and_a_later_one_is_not_used(area):
    """160 estates renovated in 2023 are none of the 112 promised for 2024, and a share can fall again."""
    for value in (4.0, 5.5):
        early = _one(area, _s("exports", value, "亿美元", year=2023))
        assert early.value == pytest.approx(value * 1e8)
        assert early.needs[0].en == "the figure is of 2023, the promise is for 2025: declare that of 2025"
        assert early.params == {"year": 2023, "promised_for": 2025}
        assert early.needs[0].zh == "申报数据为2023年，承诺期为2025年；请补报2025年数据"
        assert table_of(rows_of([early], PLAN), "zh").set_index("key")["status"]["exports"] == "cannot_tell"
    late = _one(area, *(_s("exports", 9.0, "亿美元", year=year) for year in (2027, 2026)))
    assert not late.has_data
    assert "（2026、2027年）" in late.needs[0].zh
    assert late.needs[0].en.endswith("none later than 2025")
    assert (late.name_zh, late.name_en, late.unit, late.profile) == ("出口额", "exports", "USD", "declared")
    for value, status in ((4.0, "missed"), (5.5, "met")):
        due = _one(area, _s("exports", value, "亿美元"))
        assert due.needs == ()
        assert table_of(rows_of([due], PLAN), "zh").set_index("key")["status"]["exports"] == status


@pytest.mark.parametrize(
    "rows",
    [
        [_s("tax_growth", 10, "万元", item="level")],
        [_s("tax_growth", 10, "万元", item="level", year=2024), _s("tax_growth", 11, "元", item="level")],
        [_s("tax_growth", 0, "万元", item="level", year=2024), _s("tax_growth", 11, "万元", item="level")],
        [_s("insured", 10, "人", item="part")],
        [_s("insured", 10, "人", item="part"), _s("insured", 0, "人", item="whole")],
        [_s("insured", 0, "人", item="part"), _s("insured", 0, "人", item="whole")],
        [_s("insured", 10, "人", item="part"), _s("insured", 20, "户", item="whole")],
    ],
)
def test_figures_that_make_no_number_say_what_is_missing(area, rows):
    measure = _one(area, *rows)
    assert not measure.has_data
    assert re.match("the declared figures .* do not make this number|no share: ", measure.needs[0].en)
    assert table_of(rows_of([measure], PLAN), "zh").set_index("key")["status"][measure.key] == "no_data"


def _named(key, name, op=">=", value=0.06):
    return Plan(
        "p", "方案", "plan", "文件", (dataclasses.replace(_target(key, op, value, "share/year"), name_zh=name),)
    )


def test_growth_is_over_the_year_before_unless_the_promise_is_of_yearly_means(area):
    levels = [_s("out", v, "亿元", item="level", year=y) for y, v in ((2021, 100), (2024, 200), (2025, 204))]
    growth = _one(area, *levels, plan=_named("out", "产值增长"))
    assert growth.value == pytest.approx(0.02)
    assert "growth of 2025 over 2024" in growth.notes[0].en
    mean = _one(area, *levels, plan=_named("out", "产值年均增速"))
    assert mean.value == pytest.approx(2.04**0.25 - 1)
    assert "mean annual growth 2021-2025" in mean.notes[0].en
    gap = _one(area, *levels[:2], plan=_named("out", "产值增长"))
    assert gap.value == pytest.approx(2 ** (1 / 3) - 1)
    lost = _one(area, *levels[:1], _s("out", 0, "亿元", item="level"), plan=_named("out", "产值增长"))
    assert lost.value == -1
    assert not _one(area, *levels[:1], _s("out", -1, "亿元", item="level"), plan=_named("out", "产值增长")).has_data


def _levels(*figures, unit="亿元"):
    return [_s("out", v, unit, item="level", year=y) for y, v in figures]


def _verdict(measure, plan):
    return table_of(rows_of([measure], plan), "zh")["status"].tolist()


def test_a_mean_of_years_says_nothing_sure_of_the_growth_of_one(area):
    """100 to 121 in two years is 10 % a year; 100, 125, 121 is a last year of -3.2 %."""
    plan = _named("out", "产值增长")
    mean = _one(area, *_levels((2023, 100), (2025, 121)), plan=plan)
    assert (mean.value, mean.low, mean.high) == (pytest.approx(0.10), -np.inf, np.inf)
    assert "declare that of 2024" in mean.needs[0].en
    assert "请补报2024年的总量" in mean.needs[0].zh
    assert "（2025年，2023–2025年年均增速，未扣除价格变动）" in mean.notes[0].zh
    assert mean.params["year"] == 2025
    assert _verdict(mean, plan) == ["cannot_tell"]
    year = _one(area, *_levels((2023, 100), (2024, 125), (2025, 121)), plan=plan)
    assert year.value == pytest.approx(-0.032)
    assert (year.low, year.high, year.needs) == (year.value, year.value, ())
    assert "（2025年，2025年比2024年增速，未扣除价格变动）" in year.notes[0].zh
    assert _verdict(year, plan) == ["missed"]
    early = _one(area, *_levels((2022, 100), (2024, 121)), plan=plan)
    assert [words in need.en for words, need in zip(("that of 2023", "that of 2025"), early.needs, strict=True)] == [
        1,
        1,
    ]


def test_the_growth_of_one_year_says_nothing_sure_of_a_mean(area):
    """110 over 100 is 10 %; that 120 stood two years before, a mean of -4.3 %, cannot be seen from it."""
    plan = _named("out", "产值年均增速")
    one = _one(area, *_levels((2024, 100), (2025, 110)), plan=plan)
    assert (one.value, one.low, one.high) == (pytest.approx(0.10), -np.inf, np.inf)
    assert "declare that of a first year before 2024" in one.needs[0].en
    assert "请补报2024年以前起始年份的总量" in one.needs[0].zh
    mean = _one(area, *_levels((2023, 120), (2024, 100), (2025, 110)), plan=plan)
    assert mean.value == pytest.approx((110 / 120) ** 0.5 - 1)
    assert (mean.low, mean.high, mean.needs) == (mean.value, mean.value, ())
    assert _verdict(mean, plan) == ["missed"]


def test_means_from_different_first_years_make_a_range(area):
    """To 144: from 100 in 2023 20 % a year, from 72 in 2024 no mean, from 144 in 2021 none."""
    plan = _named("out", "产值年均增速")
    both = _one(area, *_levels((2021, 144), (2023, 100), (2024, 72), (2025, 144)), plan=plan)
    assert (both.value, both.low, both.high) == (0, 0, pytest.approx(0.20))
    assert "2021: 0.00%, 2023: 20.00%" in both.needs[0].en
    assert _verdict(both, plan) == ["cannot_tell"]
    steady = _one(area, *_levels((2021, 10_000), (2023, 12_100), (2025, 14_641)), plan=plan)
    assert (steady.low, steady.high, steady.needs) == (pytest.approx(0.10), pytest.approx(0.10), ())
    rounded = _one(area, *_levels((2020, 100_000), (2023, 115_762.5), (2025, 127_628.1563)), plan=plan)
    assert (rounded.value, rounded.needs) == (pytest.approx(0.05), ())  # x 1.05 ** 3, x 1.05 ** 5, to four decimals
    still = _one(area, *_levels((2020, 3), (2021, 3), (2022, 3), (2025, 3)), plan=plan)
    assert (still.value, still.needs) == (0, ())


def test_what_is_added_from_different_first_years_makes_a_range(area):
    """270 firms: 120 more than two years before, but only 36 more than last year."""
    rows = [_s("firms_added", v, "家", item="level", year=y) for y, v in ((2023, 150), (2024, 234), (2025, 270))]
    measure = _one(area, *rows)
    assert (measure.value, measure.low, measure.high) == (120, 36, 120)
    assert "2023: 120, 2024: 36" in measure.needs[0].en
    plan = Plan("p", "方案", "plan", "文件", (_target("firms_added", ">=", 50, "count"),))
    assert _verdict(measure, plan) == ["cannot_tell"]
    assert _verdict(measure, PLAN)[3] == "met"  # 36 and 120 are both above 30


@pytest.mark.parametrize("unit", ["%", "%/年", "百分比", "share/year", "比例"])
def test_growth_written_as_a_level_makes_no_number(area, read, unit):
    """Growth of 6.0 % and then of 6.3 % is no growth of 5 %."""
    assert not _one(area, *_levels((2024, 6.0), (2025, 6.3), unit=unit), plan=_named("out", "产值增长")).has_data
    found = read(f"tax_growth,水平,2025,6.3,{unit},局")
    assert found.statistics == ()
    assert "a level is the amount that grows, write growth itself as value" in found.findings[0]


def test_growth_beyond_a_doubling_makes_no_number(area):
    """1,387 亿元 beside 13,000,000 万元 written as 亿元: a slip of units, no growth."""
    plan = _named("out", "产值增长")
    assert not _one(area, *_levels((2024, 1300), (2025, 13_871_000)), plan=plan).has_data
    assert _one(area, *_levels((2024, 50), (2025, 100)), plan=plan).value == 1
    old = _one(area, *_levels((2022, 1), (2024, 50), (2025, 53)), plan=plan)
    assert old.value == pytest.approx(0.06)  # 53 times of 2022 is not asked for
    mean = _named("out", "产值年均增速")  # 250 to 256 in two years, but four times a year since 2021
    assert not _one(area, *_levels((2021, 1), (2023, 250), (2025, 256)), plan=mean).has_data


def test_growth_from_nothing_is_no_number(area):
    levels = _levels((2022, 0), (2023, 100), (2024, 100), (2025, 110))
    assert _one(area, *levels, plan=_named("out", "产值增长")).value == pytest.approx(0.10)
    assert not _one(area, *levels, plan=_named("out", "产值年均增速")).has_data


def test_the_share_of_what_is_new_is_no_addition(area):
    plan = Plan(
        "p", "方案", "plan", "文件", (dataclasses.replace(_target("out", unit="share"), name_zh="新增用地占比"),)
    )
    assert not _one(area, *_levels((2020, 45), (2025, 55), unit="%"), plan=plan).has_data


@pytest.mark.parametrize(
    ("value", "of_promise"), [(4.999, "99.9%"), (5, "100%"), (5.049, "101%"), (5.05, "101%"), (0, "0%"), (2.9, "58%")]
)
def test_what_falls_short_is_never_all_of_the_promise(area, value, of_promise):
    note = _one(area, _s("exports", value, "亿美元")).notes[0]
    assert note.en == f"declared figure (2025, as declared), {of_promise} of the promise"
    assert note.zh == f"申报统计（2025年，申报值），完成承诺值的{of_promise}"


def test_a_unit_of_one_s_own_is_read_as_it_is(tmp_path):
    plan = Plan("p", "方案", "plan", "文件", (_target("lamps", ">=", 30, "盏"), _target("woods", ">=", 1, "km2")))
    path = tmp_path / "s.csv"
    path.write_text(f"{HEAD}\nlamps,,2025,40,盏,局\nlamps,,2024,40,个,局\nwoods,,2025,1,公顷,局", encoding="utf-8")
    found = read_statistics(path, plan)
    assert [s.value for s in found.statistics] == [40, 1]
    assert "lamps is promised in 盏: 盏" in found.findings[0]


def test_more_than_a_figure_is_a_progress_too(area):
    """Promised above 7 %, grown by 14 %."""
    assert "200% of the promise" in _one(area, _s("tax_growth", 14, "%")).notes[0].en


def test_falling_is_no_part_of_the_promise(area):
    assert "of the promise" not in _one(area, _s("tax_growth", -5, "%")).notes[0].en


@pytest.mark.parametrize("op", [">=", ">", "<=", "<", "=="])
def test_growth_up_to_an_earlier_year_says_nothing_of_the_promised_one(area, op):
    plan = _named("out", "产值增长", op)
    for value in (9.0, 6.0, 1.0):
        early = _one(area, _s("out", value, "%", year=2024), plan=plan)
        assert table_of(rows_of([early], plan), "zh")["status"].tolist() == ["cannot_tell"]
    due = _one(area, _s("out", 9.0, "%"), plan=plan)
    assert (due.low, due.high, due.needs) == (due.value, due.value, ())


@pytest.mark.parametrize("op", [">=", ">", "<=", "<", "=="])
def test_an_early_figure_is_open_on_both_sides(area, op):
    plan = Plan("p", "方案", "plan", "文件", (_target("firms", op, 30, "count"),))
    early = _one(area, _s("firms", 4, "家", year=2024), plan=plan)
    assert (early.value, early.low, early.high) == (4, -np.inf, np.inf)
    due = _one(area, _s("firms", 4, "家"), plan=plan)
    assert (due.low, due.high) == (4, 4)


def test_the_latest_year_comes_first_whatever_it_is_told_by(area):
    parts = [_s("insured", 90, "万人", item="part"), _s("insured", 100, "万人", item="whole")]
    assert _one(area, _s("insured", 99, "%", year=2021), *parts).value == pytest.approx(0.9)
    assert _one(area, *parts, _s("insured", 91, "%")).value == pytest.approx(0.91)
    several = [_s("exports", v, "亿美元", year=y) for y, v in ((2024, 6), (2022, 9), (2026, 1))]
    assert _one(area, *several).value == pytest.approx(6e8)
    years = [_s("insured", v, "人", item=i, year=y) for i, v, y in (("part", 1, 2023), ("whole", 4, 2023))]
    assert _one(area, *parts, *years).value == pytest.approx(0.9)


@pytest.mark.parametrize(
    "rows",
    [
        [_s("exports", 5, "亿元")],
        [_s("exports", 4, "亿美元", item="level", year=2024), _s("exports", 6, "亿美元", item="level")],
        [_s("insured", 90, "%", item="level", year=2020), _s("insured", 96, "%", item="level")],
        [_s("compliance", 45, "%", item="level", year=2020), _s("compliance", 55, "%", item="level")],
        [_s("firms_added", 1, "百家", item="level", year=2020), _s("firms_added", 2, "百家", item="level")],
        [_s("firms_added", 2, "家", item="level")],
        [_s("insured", 96, "比例")],
        [_s("insured", -1, "%")],
        [_s("tax_growth", 8, "比例")],
        [_s("exports", 1, "人", item="part"), _s("exports", 20, "人", item="whole")],
    ],
)
def test_figures_that_would_make_a_wrong_number_make_none(area, rows):
    measure = _one(area, *rows)
    assert not measure.has_data
    assert "do not make this number" in measure.needs[0].en


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([(19, "人", "part", 2025)], "2025年只有分子，缺分母"),
        ([(20, "人", "whole", 2025)], "2025年只有分母，缺分子"),
        ([(19, "人", "part", 2024), (20, "人", "whole", 2025)], "2024年只有分子，缺分母"),
        ([(19, "人", "part", 2025), (20, "户", "whole", 2025)], "分子的单位是“人”，分母的单位是“户”"),
        ([(0, "人", "part", 2025), (0, "人", "whole", 2025)], "2025年的分母为零"),
        ([(21, "人", "part", 2025), (20, "人", "whole", 2025)], "分子 21 不在零与分母 20 之间"),
        ([(-1, "人", "part", 2025), (20, "人", "whole", 2025)], "分子 -1 不在零与分母 20 之间"),
        ([(19, "人", "part", 2026), (20, "人", "whole", 2026)], "2026年晚于承诺年份2025年"),
    ],
)
def test_a_share_that_cannot_be_formed_says_which_figure_is_missing(area, rows, why):
    measure = _one(area, *(_s("insured", v, unit, item=item, year=year) for v, unit, item, year in rows))
    assert not measure.has_data
    assert why in measure.needs[0].zh


def test_per_cent_may_be_written_behind_the_figure_of_a_share(read, area):
    found = read("insured,,2025,96%,%,局", "insured,,2024,96％,比例,局", "tax_growth,,2025,0.05%,%,局")
    assert [(s.value, s.unit) for s in found.statistics] == [(96, "%"), (0.96, "比例"), (0.05, "%")]
    assert found.findings == ()
    assert declared(area, PLAN, found.statistics[:1])[0].value == pytest.approx(0.96)


def test_what_is_promised_as_added_may_be_negative_and_ten_thousands_broken(read, area):
    found = read("firms_added,,2025,-3,家,局", "insured,part,2025,1.5,万人,局")
    assert ([s.value for s in found.statistics], found.findings) == ([-3, 1.5], ())
    assert declared(area, PLAN, found.statistics[:1])[0].value == -3


def test_the_ends_of_a_share_are_shares(area):
    assert _one(area, _s("insured", 100, "%")).value == 1
    assert _one(area, _s("insured", 0, "%")).value == 0
    assert _one(area, _s("insured", 20, "人", item="part"), _s("insured", 20, "人", item="whole")).value == 1
    assert _one(area, _s("insured", 0, "人", item="part"), _s("insured", 20, "人", item="whole")).value == 0
    assert _one(area, _s("tax_growth", -5, "%")).value == pytest.approx(-0.05)


def test_what_is_added_is_known_by_its_name_or_key(area):
    rows = [_s("firms", v, "家", item="level", year=y) for y, v in ((2020, 12), (2023, 20), (2025, 47))]
    named = dataclasses.replace(_target("firms", ">=", 30, "count"), name_zh="新增企业")
    measure = _one(area, *rows, plan=Plan("p", "方案", "plan", "文件", (named,)))
    assert measure.value == 35
    assert "2025 less 2020" in measure.notes[0].en
    assert "2025年减2020年" in measure.notes[0].zh
    thousands = [dataclasses.replace(s, key="people_added", unit="万人") for s in rows]
    plan = Plan("p", "方案", "plan", "文件", (_target("people_added", ">=", 30, "persons"),))
    assert _one(area, *thousands, plan=plan).value == pytest.approx(350_000)


def test_a_unit_of_one_s_own_is_taken_as_it_is(area):
    plan = Plan("p", "方案", "plan", "文件", (_target("lamps", ">=", 30, "盏"),))
    assert _one(area, _s("lamps", 40, "盏"), plan=plan).value == 40
    assert not _one(area, _s("lamps", 40, "个"), plan=plan).has_data


def test_what_a_measure_says_of_its_figures(area):
    other = dataclasses.replace(_s("exports", 4, "亿美元", year=2024), source="海关", note="初步")
    measure = _one(area, _s("exports", 5, "亿美元"), other, _s("exports", 1, "亿美元", item="baseline", year=2020))
    assert measure.basis.zh == f"{BUREAU}、海关"
    assert measure.params == {"year": 2025, "promised_for": 2025}
    assert measure.breakdown["note"].tolist() == ["", "初步"]
    assert measure.breakdown["value"].tolist() == [5, 4]
    assert (measure.by_zone.isna().all(), measure.shortfall_unit) == (True, "USD")
    assert (measure.denominator.isna().all(), measure.name_zh, measure.name_en) == (True, "出口额", "exports")
    assert measure.notes[0].en == "declared figure (2025, as declared), 100% of the promise"
    for plan in (
        Plan("p", "方案", "plan", "文件", (_target("rank", "<=", 100, "rank"),)),
        Plan("p", "方案", "plan", "文件", (_target("rank", ">=", 0, "rank"),)),
        Plan("p", "方案", "plan", "文件", (_target("rank", ">=", 9, "rank", baseline_year=2020),)),
    ):
        assert "of the promise" not in _one(area, _s("rank", 90, "位"), plan=plan).notes[0].en


def test_measures_come_in_the_order_of_the_plan(area):
    given = [_s("land", 5, "亩"), _s("insured", 10, "人", item="part"), _s("exports", 5, "美元"), _s("other", 5, "个")]
    assert [m.key for m in declared(area, PLAN, given)] == ["exports", "insured", "land"]


def test_every_unit_is_worth_what_it_is():
    """How many of the promise's unit each word is, by arithmetic: 1 公顷 = 15 亩, 1 km² = 100 公顷, 1 公斤 = 2 斤."""
    units = table("units")["units"]
    shares = {"%": 0.01, "百分比": 0.01, "share": 1, "比例": 1}
    myriads = {"万": 1e4, "亿": 1e8}
    assert units["share"] == shares
    assert units["share/year"] == {"%": 0.01, "%/年": 0.01, "百分比": 0.01, "share/year": 1, "比例": 1}
    for unit, word in {"CNY": "元", "USD": "美元"}.items():
        assert units[unit] == {word: 1, unit: 1, **{n + word: worth for n, worth in myriads.items()}}
    assert units["mu"] == {"亩": 1, "mu": 1, "万亩": 1e4, "公顷": 15, "ha": 15, "平方公里": 1500, "km2": 1500}
    assert units["km2"] == {"平方公里": 1, "平方千米": 1, "km2": 1, "公顷": 0.01, "ha": 0.01}
    assert units["jin"] == {"斤": 1, "jin": 1, "公斤": 2, "吨": 2000, "万斤": 1e4, "亿斤": 1e8, "万吨": 2e7}
    assert units["min"] == {"分钟": 1, "min": 1, "小时": 60, "h": 60}
    assert units["person/km2"]["万人/平方公里"] == 1e4
    for unit, words in units.items():
        if unit not in ("share", "share/year", "CNY", "USD", "mu", "km2", "jin", "min"):
            assert all(worth == (1e4 if word.startswith("万") else 1) for word, worth in words.items())
    positive = {unit: [1, np.inf] for unit in ("rank", "min", "m2/person", "person/km2")}
    amounts = {unit: [0, np.inf] for unit in units.keys() - positive.keys() - {"share", "share/year"}}
    assert table("units")["bounds"] == {"share": [0, 1], "share/year": [-1, 1], **positive, **amounts}
    assert set(table("units")["whole"]["units"]) <= units.keys()
    assert table("units")["bare_shares"] == {"share": 1, "share/year": 0.1}


def test_figures_of_one_year_that_contradict_each_other_leave_the_range_between_them(area):
    """96 % declared, but 90 of 100 counted: 95 % promised is neither met nor missed; 959 of 1000 is rounding,
    unless the promise lies between: 95.1 % declared, 949 of 1000 counted."""
    said, whole = _s("insured", 96, "%"), _s("insured", 100, "万人", item="whole")
    measure = _one(area, said, _s("insured", 90, "万人", item="part"), whole)
    assert (measure.low, measure.value, measure.high) == pytest.approx((0.90, 0.96, 0.96))
    assert "make 0.9, not the 0.96 used" in measure.needs[0].en
    near = _one(area, said, _s("insured", 95.9, "万人", item="part"), whole)
    assert (near.low, near.value, near.high) == pytest.approx((0.959, 0.96, 0.96))
    assert near.needs == ()
    across = _one(area, _s("insured", 95.1, "%"), _s("insured", 94.9, "万人", item="part"), whole)
    assert (across.low, across.high) == pytest.approx((0.949, 0.951))
    assert "make 0.949, not the 0.951 used" in across.needs[0].en
    earlier = [_s("insured", v, "万人", item=item, year=2024) for item, v in (("part", 90), ("whole", 100))]
    assert _one(area, said, *earlier).needs == ()


def test_published_growth_is_not_contradicted_by_levels_in_prices_of_the_year(area):
    levels = [_s("tax_growth", v, "亿元", item="level", year=y) for y, v in ((2024, 100), (2025, 109))]
    measure = _one(area, _s("tax_growth", 8, "%"), *levels)
    assert (measure.low, measure.high, measure.needs) == (0.08, 0.08, ())


def test_a_baseline_alone_is_no_figure(area):
    assert declared(area, PLAN, [_s("compliance", 45, "%", item="baseline", year=2020)]) == []


# ------------------------------------------------------------------------------------------------------ reading


def test_a_filled_form_is_read_with_chinese_words_and_numbers_as_people_write_them(read):
    found = read('exports,数值,2025年,"52,000",万美元,海关', "insured,分子,2025,190,万人,人社局")
    assert found.findings == ()
    assert found.statistics == (
        Statistic("exports", "value", 2025, 52000.0, "万美元", "海关"),
        Statistic("insured", "part", 2025, 190.0, "万人", "人社局"),
    )


def test_commas_part_thousands(read):
    texts = ("1,234,567", "1,234.5", "+1,234", "52，000", "12,345")
    found = read(*[f'exports,,{2020 + k},"{text}",美元,海关' for k, text in enumerate(texts)])
    assert [s.value for s in found.statistics] == [1_234_567, 1234.5, 1234, 52_000, 12_345]
    assert [s.value for s in read('firms_added,,2025,"-1,234",家,局').statistics] == [-1234]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_any_encoding_of_the_office(read, encoding):
    found = read("exports,,2025,5,亿美元,海关", encoding=encoding, head="代码,填报项,年份,数值,单位,来源")
    assert found.statistics[0].unit == "亿美元"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("exports,,2025,5,亿美元,", "来源 source is empty"),
        ("exports,,2025,5,,海关", "单位 unit is empty"),
        ("exports,,,5,亿美元,海关", "年份 year is empty"),
        ("export,,2025,5,亿美元,海关", "did you mean exports?"),
        ("exports,,2025,5,亿元,海关", "promised in USD: 美元, 万美元"),
        ("exports,,25,5,亿美元,海关", "write a year such as 2025"),
        ("exports,,2025,5亿,美元,海关", "write a number, its unit in the column beside it"),
        ("exports,sum,2025,5,亿美元,海关", "write one of value, level"),
        ("firms_added,level,2025,5,百家,海关", "promised in count: 个, 家"),
        ("compliance,baseline,2020,5,个,海关", "promised in share: %"),
        ("compliance,基数,2021,45,%,体检", "填报项 item is 基数 of 2021, but the promise compliance grows from 2020"),
        ("insured,baseline,2020,45,%,体检", "is baseline of 2020, but the promise insured grows from no earlier year"),
        ("insured,,2024,96,比例,海关", "数值 value is 96 比例; insured lies between 0% and 100%"),
        ("insured,,2024,-1,%,海关", "insured lies between 0% and 100%"),
        ("tax_growth,,2024,8,比例,海关", "tax_growth lies between -100% and 100%"),
        (
            "exports,,2024,96%,亿美元,海关",
            "'96%' beside the unit 亿美元; per cent is for shares and growth alone, write the figure",
        ),
        ("insured,part,2024,96%,人,海关", "'96%' beside the unit 人; per cent is for shares"),
        ("insured,,2024,196%,%,海关", "insured lies between 0% and 100%"),
        ("insured,,2024,9%6,%,海关", "write a number, its unit in the column beside it"),
        ("exports,,2024,-5,亿美元,海关", "exports is at least 0 USD"),
        ("land,,2024,-3,公顷,海关", "land is at least 0 mu"),
        ("firms_added,level,2024,-3,家,海关", "firms_added is an amount, which is zero at the least"),
        ("firms_added,,2024,1.5,家,海关", "firms_added is counted in whole 家"),
        ("insured,part,2024,1.5,人,海关", "insured is counted in whole 人"),
        ("insured,whole,2024,-1,万人,海关", "insured is an amount, which is zero at the least"),
        ("exports,,2025,inf,亿美元,海关", "write a number"),
        ("exports,,1948,5,亿美元,海关", "write a year"),
        ("exports,,2101,5,亿美元,海关", "write a year"),
        ("exports,,2024.5,5,亿美元,海关", "write a year"),
        (",,2025,5,亿美元,海关", "代码 key is empty"),
        ("zzz,,2025,5,亿美元,海关", "the plan has no promise 'zzz'; the row"),
        ('exports,,2025,"5,2",亿美元,海关', "数值 value is '5,2'; write a number"),
        ('exports,,2025,"5,2000",美元,海关', "write a number"),
        ('exports,,2025,"1234,567",美元,海关', "write a number"),
        ('exports,,2025,"12,34",美元,海关', "write a number"),
        ("exports,,2025,5_2,亿美元,海关", "write a number"),
        ("exports,,2025,5²,亿美元,海关", "write a number"),
        ("insured,,2024,0.96,%,海关", "would be nearly nothing: write 96 and % or, if it is so, 0.0096 and 比例"),
        ("insured,,2024,1,百分比,海关", "insured would be nearly nothing: write 100 and %"),
        ("compliance,baseline,2020,0.45,%,体检", "compliance would be nearly nothing: write 45 and %"),
        ("tax_growth,,2024,0.07,%,海关", "tax_growth would be nearly nothing: write 7 and %"),
        ("tax_growth,,2024,-0.1,%/年,海关", "tax_growth would be nearly nothing: write -10 and %"),
        ("rank,,2024,0,位,科技部", "rank is at least 1 rank"),
        ("compliance,baseline,2020,45,比例,体检", "compliance lies between 0% and 100%"),
    ],
)
def test_a_row_that_may_not_be_used_is_told_and_the_rest_comes_in(read, row, words):
    found = read(row, "insured,value,2025,96,%,人社局")
    (finding,) = found.findings
    assert "statistics (s.csv), row 2: " in finding
    assert words in finding
    assert [s.key for s in found.statistics] == ["insured"]


def test_a_figure_said_twice_is_taken_once_and_another_one_refused(read):
    row = "exports,,2025,5,亿美元,海关"
    assert read(row, row).findings == ()
    found = read(row, "exports,,2025,6,亿美元,海关")
    assert [s.value for s in found.statistics] == [5.0]
    assert "was given before as 5 亿美元" in found.findings[0]


def test_rows_that_may_be_used_at_the_ends(read):
    found = read(
        "insured,,2025,100,%,局",
        "insured,,2024,0,比例,局",
        "tax_growth,,2025,-3,%,局",
        "tax_growth,水平,2025,9,任何,局",
    )
    assert found.findings == ()
    assert [s.value for s in found.statistics] == [100, 0, -3, 9]
    small = read("insured,,2025,1.01,%,局", "insured,,2024,0.0096,比例,局", "insured,,2023,0,%,局")
    assert ([s.value for s in small.statistics], small.findings) == ([1.01, 0.0096, 0], ())
    slow = read("tax_growth,,2025,0.3,%,局", "tax_growth,,2024,-0.11,%,局", "tax_growth,,2023,0.0007,比例,局")
    assert ([s.value for s in slow.statistics], slow.findings) == ([0.3, -0.11, 0.0007], ())
    assert read("rank,,2025,1,位,局").findings == ()
    few = read("firms_added,,2025,1,家,局", "exports,,2025,0.5,亿美元,局")
    assert ([s.value for s in few.statistics], few.findings) == ([1, 0.5], ())
    assert [s.year for s in read("exports,,1949,1,美元,局", "exports,,2100,1,美元,局").statistics] == [1949, 2100]
    words = [f"compliance,{item},{2024 - k},2,%,局" for k, item in enumerate(("数值", "水平", "分子", "分母", "基数"))]
    assert [s.item for s in read(*words).statistics] == ["value", "level", "part", "whole", "baseline"]


def test_figures_of_other_years_and_items_stand_beside_each_other(read):
    rows = [
        "insured,part,2025,5,人,局",
        "insured,whole,2025,6,人,局",
        "insured,part,2024,7,人,局",
        "exports,,2025,5,美元,局",
    ]
    found = read(*rows)
    assert (len(found.statistics), found.findings) == (4, ())
    twice = read("exports,,2025,5,美元,局", *rows[:1], "exports,,2025,6,美元,局")
    assert "row 4: exports (value, 2025) was given before as 5 美元" in twice.findings[0]


def test_notes_come_along_and_columns_may_stand_anywhere(read):
    found = read("局,初步,2025,5 ,亿美元, exports", head="来源 source,备注,year,数值,unit,代码 key")
    assert found.statistics == (Statistic("exports", "value", 2025, 5.0, "亿美元", "局", "初步"),)
    assert read("exports,,2025,5,亿美元,局").statistics[0].note == ""
    assert len(read("exports,,2025,5,亿美元,局", head="key ,item, year,value,unit , source").statistics) == 1
    with pytest.raises(InputError, match="no column 代码 key"):
        read("5", head="value")


def test_what_excel_shows_in_per_cent_is_read_as_it_shows(tmp_path):
    """Such a cell holds 0.96 where it shows 96%: beside the unit % it is no 0.96 %."""
    book = openpyxl.Workbook()
    book.active.append(HEAD.split(","))
    for year, value in ((2025, 0.96), (2024, 96)):
        book.active.append(["insured", None, year, value, "%", "局"])
    book.active["D2"].number_format = "0.00%"
    book.save(tmp_path / "s.xlsx")
    found = read_statistics(tmp_path / "s.xlsx", PLAN)
    assert [(s.year, s.value, s.unit) for s in found.statistics] == [(2025, 96, "%"), (2024, 96, "%")]
    assert found.findings == ()


def _book(path, *rows):
    book = openpyxl.Workbook()
    for row in (HEAD.split(","), *rows):
        book.active.append(row)
    book.active.title = "申报"
    book.save(path)
    return path


def _patched(path, part, old, new):
    """The same workbook with one of its parts written otherwise, as other programs write it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    assert re.search(old, text)
    parts[part] = re.sub(old, new, text, count=1).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("name", ["s.xlsx", "S.XLSX", "s.xlsm"])
def test_workbooks_are_known_by_their_ending(tmp_path, name):
    path = _book(tmp_path / "s.xlsx", ["exports", None, 2025, 5, "亿美元", "海关"])
    assert [s.value for s in read_statistics(path.rename(tmp_path / name), PLAN).statistics] == [5]


def test_a_formula_without_its_result_is_an_error_that_names_the_cell(tmp_path):
    """As programs other than Excel write it: what it comes to is not in the file, and the row would pass as not filled in."""
    rows = [["insured", None, 2025, 96, "%", "局"], ["exports", None, 2025, "=2.6*2", "亿美元", "海关"]]
    path = _book(tmp_path / "s.xlsx", *rows)
    words = r"statistics \(s\.xlsx\), sheet 申报, cell D3: the formula has no stored result; open the file in Excel"
    with pytest.raises(InputError, match=words):
        read_statistics(path, PLAN)
    stored = _patched(path, SHEET, r"(<f>2\.6\*2</f>)<v ?/?>(</v>)?", r"\1<v>5.2</v>")
    assert [s.value for s in read_statistics(stored, PLAN).statistics] == [96, 5.2]
    empty = _patched(path, SHEET, r'<c r="D3"><f>2\.6\*2</f><v>5.2</v>', '<c r="D3" t="str"><f>""</f><v></v>')
    assert [s.value for s in read_statistics(empty, PLAN).statistics] == [96]


def test_rows_below_what_the_file_says_of_its_extent_are_read(tmp_path):
    """Some programs write rows and leave the old extent: A1:F2 for three rows."""
    path = _book(
        tmp_path / "s.xlsx", ["insured", None, 2025, 96, "%", "局"], ["exports", None, 2025, 5, "亿美元", "局"]
    )
    path = _patched(path, SHEET, 'ref="A1:F3"', 'ref="A1:F2"')
    assert [s.key for s in read_statistics(path, PLAN).statistics] == ["insured", "exports"]


@pytest.mark.parametrize("shown", ['0!.0,"万"', "#,##0,", "0.0,,", "0.,", "#,", "?,", '0.0"万"', '0.00"亿"', '0"千"'])
def test_what_excel_shows_scaled_is_refused(tmp_path, shown):
    """Such a cell holds 52000 where it shows 5.2万: what the unit beside it says nobody knows."""
    path = _book(tmp_path / "s.xlsx", ["exports", None, 2025, 52000, "亿美元", "海关"])
    book = openpyxl.load_workbook(path)
    book.active["D2"].number_format = shown
    book.save(path)
    found = read_statistics(path, PLAN)
    assert found.statistics == ()
    assert f"row 2: 数值 value is '52000 ({shown})'; write a number" in found.findings[0]


@pytest.mark.parametrize(
    "shown", ["General", "0", "#,##0", "#,##0.00", '"¥"#,##0', "_ * #,##0.00_ ;[Red]-#,##0.00", "@"]
)
def test_what_excel_shows_as_it_is_is_read(tmp_path, shown):
    path = _book(tmp_path / "s.xlsx", ["exports", None, 2025, 5.25, "亿美元", "海关"])
    book = openpyxl.load_workbook(path)
    book.active["D2"].number_format = shown
    book.save(path)
    assert [s.value for s in read_statistics(path, PLAN).statistics] == [5.25]


def test_cells_that_hold_no_plain_number_are_told(tmp_path):
    rows = [
        ["exports", None, 2025, value, "亿美元", "海关"]
        for value in ("5.2", "52，000", "１２", True, "#DIV/0!", "5.2亿")
    ]
    rows = [[*row[:2], 2020 + k, *row[3:]] for k, row in enumerate(rows)]
    found = read_statistics(_book(tmp_path / "s.xlsx", *rows), PLAN)
    assert [s.value for s in found.statistics] == [5.2, 52000, 12]
    assert [finding.en.split(":")[0][-5:] for finding in found.findings] == ["row 5", "row 6", "row 7"]


def test_cells_shown_as_dates_are_told(tmp_path):
    """A year typed into a cell of dates is the 2025th day since 1900, a value of 5 the fifth."""
    path = _book(tmp_path / "s.xlsx", *[["exports", None, 2025, 5, "亿美元", "海关"]] * 2)
    book = openpyxl.load_workbook(path)
    book.active["C2"].number_format = book.active["D3"].number_format = "yyyy-mm-dd"
    book.save(path)
    found = read_statistics(path, PLAN)
    assert found.statistics == ()
    assert "年份 year is '1905-07-17 00:00:00'" in found.findings[0]
    assert "数值 value is '1900-01-05 00:00:00'" in found.findings[1]


def test_a_source_merged_over_rows_is_that_of_the_first_only(tmp_path):
    path = _book(tmp_path / "s.xlsx", *[["exports", None, year, 5, "亿美元", "海关"] for year in (2024, 2025)])
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("F2:F3")
    book.save(path)
    found = read_statistics(path, PLAN)
    assert [s.year for s in found.statistics] == [2024]
    assert (
        "row 3: 来源 source is empty; every figure needs its key, year, unit and source in its own row"
        in (found.findings[0])
    )


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, "</sheetData>.*", ""),
        (SHEET, r'<c r="A1".*?</c>', '<c r="A1" t="s"><v>99</v></c>'),  # a text that is not among the texts
        (SHEET, r'<c r="A1".*?</c>', '<c r="A1"><v>five</v></c>'),
        ("[Content_Types].xml", "spreadsheetml.sheet.main", "nothing"),
    ],
)
def test_a_damaged_workbook_is_told(tmp_path, part, old, new):
    path = _patched(_book(tmp_path / "s.xlsx"), part, old, new)
    with pytest.raises(InputError, match=r"s\.xlsx\) cannot be opened as Excel"):
        read_statistics(path, PLAN)


def test_the_first_sheet_is_the_form(tmp_path):
    path = _book(tmp_path / "s.xlsx", ["exports", None, 2025, 5, "亿美元", "海关"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("说明")
    book.save(path)
    assert len(read_statistics(path, PLAN).statistics) == 1
    book.move_sheet("说明", -1)
    book.save(path)
    with pytest.raises(InputError, match="no column 代码 key"):
        read_statistics(path, PLAN)


def test_a_hidden_sheet_before_the_form_is_passed_over(tmp_path):
    path = _book(tmp_path / "s.xlsx", ["exports", None, 2025, 5, "亿美元", "海关"])
    book = openpyxl.load_workbook(path)
    book.create_sheet("底稿", 0).sheet_state = "hidden"
    book.active = 1
    book.save(path)
    assert len(read_statistics(path, PLAN).statistics) == 1


def test_a_form_saved_as_xls_is_read_as_it_shows():
    """Per cent, a formula's result; amounts shown in 万, dates and errors are told, as of .xlsx."""
    found = read_statistics(Path(__file__).with_name("workbooks") / "form.xls", PLAN)
    assert [(s.key, s.year, s.value) for s in found.statistics] == [("insured", 2025, 96), ("exports", 2025, 5.2)]
    said = [finding.en.partition(": ")[2] for finding in found.findings]
    assert "is '52000 (" in said[0]
    assert "万" in said[0]
    assert "is '1900-01-05 00:00:00'" in said[1]
    assert "is '#DIV/0!'" in said[2]


def test_an_archive_that_is_no_workbook_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "s.xlsx", "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(InputError, match=r"s\.xlsx\) cannot be opened as Excel"):
        read_statistics(tmp_path / "s.xlsx", PLAN)


def test_a_column_that_stands_twice_is_told(read):
    with pytest.raises(InputError, match="the column 数值 value stands twice"):
        read("exports,2025,4,5,亿美元,局", head="key,year,value,数值,unit,source")


def test_an_open_quotation_mark_would_swallow_the_rows_below_it(read):
    with pytest.raises(InputError, match=r"not whole as CSV .*quotation mark"):
        read('exports,,2025,5,亿美元,"海关', "insured,,2025,96,%,局")
    assert read('exports,,2025,5,亿美元,"海关\n2025年"').statistics[0].source == "海关\n2025年"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_any_office_ends_them(tmp_path, end):
    path = tmp_path / "s.csv"
    path.write_bytes(end.join([HEAD, "exports,,2025,5,亿美元,海关", "insured,,2025,96,%,局"]).encode("gbk"))
    assert [s.value for s in read_statistics(path, PLAN).statistics] == [5, 96]


def test_the_form_asks_for_what_makes_the_number():
    form = statistics_form(PLAN, measured={"land"})
    rows = form[[HEADINGS[name] for name in ("key", "item", "year", "unit")]].itertuples(index=False, name=None)
    assert list(rows) == [
        ("exports", "value", 2025, "美元"),
        ("tax_growth", "level", 2024, ""),
        ("tax_growth", "level", 2025, ""),
        ("insured", "part", 2025, ""),
        ("insured", "whole", 2025, ""),
        ("firms_added", "value", 2025, "个"),
        ("compliance", "baseline", 2020, "%"),
        ("compliance", "part", 2025, ""),
        ("compliance", "whole", 2025, ""),
        ("rank", "value", 2025, "位"),
    ]
    assert form[HEADINGS["name"]][0] == "出口额（exports）"
    assert (form[[HEADINGS["value"], HEADINGS["source"]]] == "").all(axis=None)
    assert list(form.columns) == list(HEADINGS.values())
    means = statistics_form(_named("out", "产值年均增速"), measured=())
    assert means[HEADINGS["year"]].tolist() == [2023, 2025]
    asked = Plan("p", "方案", "plan", "文件", (_target(needs_zh="需要海关统计"),))
    assert statistics_form(asked, measured=()).iloc[0][HEADINGS["note"]] == "需要海关统计"


def test_the_form_asks_for_what_would_decide_a_proxy_and_for_no_baseline_that_is_known():
    plan = sg.read_plan("suizhou_2025")
    form = statistics_form(plan, measured=families(), baselines=["life_circle_compliance"])
    asked = form.set_index(HEADINGS["key"])[HEADINGS["note"]]
    assert "life_circle_compliance" not in asked.index
    assert "居民出行调查" in asked["commute_30min_city"]
    assert "road_density" not in asked.index
    assert "life_circle_compliance" in set(statistics_form(plan, measured=families())[HEADINGS["key"]])


@pytest.mark.parametrize("word", ["总量", "水平", "level"])
def test_a_level_may_be_called_as_either_form_called_it(read, word):
    assert [s.item for s in read(f"tax_growth,{word},2025,6.3,亿元,局").statistics] == ["level"]


def test_rows_not_filled_in_yet_pass_in_silence(read):
    found = read("exports,,2025,,亿美元,", "")
    assert (found.statistics, found.findings) == ((), ())


def test_a_table_that_is_no_form_and_a_file_that_is_none(read, tmp_path):
    with pytest.raises(InputError, match="no column 来源 source"):
        read(head="key,item,year,value,unit")
    with pytest.raises(InputError, match="there is no file"):
        read_statistics(tmp_path / "none.csv", PLAN)
    (tmp_path / "s.xlsx").write_text("not excel", encoding="utf-8")
    with pytest.raises(InputError, match=r"s\.xlsx"):
        read_statistics(tmp_path / "s.xlsx", PLAN)
    (tmp_path / "b.csv").write_bytes(b"key\xff\xff\xff,\x80")
    with pytest.raises(InputError, match="neither UTF-8 nor GBK"):
        read_statistics(tmp_path / "b.csv", PLAN)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_form_of_both_plans_goes_out_and_filled_in_comes_back(tmp_path, suffix, area):
    for name in ("suizhou_2025", "suizhou_2024_report"):
        plan = sg.read_plan(name)
        form = statistics_form(plan, measured={"road_density"})
        assert "road_density" not in set(form[HEADINGS["key"]])
        assert set(form[HEADINGS["key"]]) == {t.key for t in plan.targets} - {"road_density"}
        rest = statistics_form(plan, measured={t.key for t in plan.targets})
        asked = {
            key for key, item in zip(rest[HEADINGS["key"]], rest[HEADINGS["item"]], strict=True) if item != "baseline"
        }
        assert asked == {t.key for t in plan.targets if settled_by(t.key)}
        filled = form.assign(**{HEADINGS["value"]: range(1, len(form) + 1), HEADINGS["source"]: "公报"})
        filled[HEADINGS["unit"]] = filled[HEADINGS["unit"]].replace("", "万元")
        path = tmp_path / f"form.{suffix}"
        filled.to_csv(path, index=False) if suffix == "csv" else filled.to_excel(path, index=False)
        found = read_statistics(path, plan)
        assert found.findings == ()
        assert len(found.statistics) == len(form)
        measures = declared(area, plan, found.statistics)
        assert {m.key for m in measures} == {t.key for t in plan.targets} - {"road_density"}
        assert all(m.has_data for m in measures if m.key != "life_circle_compliance")


@pytest.fixture
def form(tmp_path):
    """The workbook of the form for PLAN, all but "land" to be filled in."""
    assert write_form(PLAN, tmp_path / "form.xlsx", measured={"land"}) == 10
    return tmp_path / "form.xlsx"


def _column(sheet, head):
    return next(cell.column_letter for cell in sheet[1] if cell.value == head)


def test_the_form_as_a_workbook_is_read_as_it_is(form):
    assert read_statistics(form, PLAN) == Declared((), ())
    book = openpyxl.load_workbook(form)
    sheet = book.worksheets[0]
    value, unit, source = (_column(sheet, head) for head in ("数值", "单位", "来源"))
    for row in range(2, 12):
        sheet[f"{value}{row}"], sheet[f"{source}{row}"] = 10 + row, BUREAU
        sheet[f"{unit}{row}"] = sheet[f"{unit}{row}"].value or "万元"
    sheet["A12"], sheet[f"{_column(sheet, '年份')}12"] = "exports", 2024  # a spare row
    sheet[f"{value}12"], sheet[f"{unit}12"], sheet[f"{source}12"] = 4.5, "亿美元", BUREAU
    book.save(form)
    found = read_statistics(form, PLAN)
    assert found.findings == ()
    assert [(s.key, s.item, s.year, s.value, s.unit) for s in found.statistics[:3]] == [
        ("exports", "value", 2025, 12, "美元"),
        ("tax_growth", "level", 2024, 13, "万元"),
        ("tax_growth", "level", 2025, 14, "万元"),
    ]
    assert (found.statistics[-1].key, found.statistics[-1].value) == ("exports", 4.5)


def test_the_form_lets_units_and_items_be_chosen_and_keeps_what_is_fixed(form):
    sheet = openpyxl.load_workbook(form).worksheets[0]
    lists = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation if one.type == "list"}
    item, unit = _column(sheet, "填报项"), _column(sheet, "单位")
    assert lists[f"{unit}2"] == '"美元,万美元,亿美元"'
    assert lists[f"{item}3"] == '"总量,数值"'
    assert lists[f"{item}8"] == '"基数"'
    assert [sheet[f"{item}{row}"].value for row in (2, 3, 5, 6, 8)] == ["数值", "总量", "分子", "分母", "基数"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    fixed = {sheet[f"{cell.column_letter}1"].value for cell in sheet[2] if cell.protection.locked}
    assert fixed == {"代码", "指标", "承诺", "怎样填"}
    assert not sheet["A12"].protection.locked
    assert sheet["A2"].fill.fgColor.rgb != sheet[f"{unit}2"].fill.fgColor.rgb
    assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.orientation) == ("C2", "$1:$1", "landscape")


def test_the_form_of_a_plan_tells_what_each_promise_asks(form):
    sheet = openpyxl.load_workbook(form).worksheets[0]
    told = {head: sheet[f"{_column(sheet, head)}2"].value for head in ("指标", "承诺", "怎样填")}
    assert told["指标"] == "出口额"
    assert told["承诺"] == "一「出口突破5亿美元」"
    assert "单位从列表中选" in told["怎样填"]
    with pytest.raises(OutputError, match="is there already"):
        write_form(PLAN, form, measured=())


def test_every_unit_of_both_plans_has_words():
    units = table("units")["units"]
    for name in ("suizhou_2025", "suizhou_2024_report"):
        assert {target.unit for target in sg.read_plan(name).targets} <= set(units)
    assert all(1.0 in words.values() for words in units.values())


def test_excel_keeps_whole_numbers_and_blank_lines(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEAD.split(","))
    book.active.append(["exports", None, 2025.0, 5, "亿美元", "海关"])
    book.active.append([None] * 6)
    book.save(tmp_path / "s.xlsx")
    found = read_statistics(tmp_path / "s.xlsx", PLAN)
    assert found.statistics == (Statistic("exports", "value", 2025, 5.0, "亿美元", "海关"),)


# ------------------------------------------------------------------------------------------------------ in a study


@pytest.mark.slow
def test_a_study_with_statistics_fills_rows_and_baselines(tmp_path):
    (tmp_path / "s.csv").write_text(
        f"{HEAD}\nvehicle_exports,value,2025,5.2,亿美元,海关\nlife_circle_compliance,baseline,2020,45,%,体检报告\n"
        "sewage_collection_share,value,2025,71,%,\n",
        encoding="utf-8",
    )
    (tmp_path / "study.toml").write_text(
        'name = "甲"\nplan = "suizhou_2025"\n[zones]\nbbox = [113.3, 31.7, 113.4, 31.8]\nboundary = "built_up"\n'
        '[statistics]\npath = "s.csv"\n',
        encoding="utf-8",
    )
    study = sg.read_study(tmp_path / "study.toml")
    assert study.baselines["life_circle_compliance"].value == pytest.approx(0.45)
    assert any("来源 source is empty" in finding.en for finding in study.findings)
    measures = measure_study(study)
    card = table_of(rows_of(measures, study.plan), "zh").set_index("key")
    assert card.loc["vehicle_exports", "status"] == "met"
    assert card.loc["sewage_collection_share", "status"] == "no_data"
    assert isinstance(card, pd.DataFrame)


@pytest.mark.slow
def test_a_measured_number_comes_before_a_declared_one(drawn):
    zones, street = drawn([box(0, 0, 1000, 1000)], name=["z"]), LineString([(0, 500), (1000, 500)])
    area = sg.StudyArea("t", zones, roads=drawn([street], road_class=["branch"]))
    said = (Statistic("road_density", "value", 2025, 8.4, "km/km2", "公报"),)
    study = Study("t", "t", area, sg.read_plan("suizhou_2025"), {}, {}, (), (), statistics=said)
    density = [m for m in measure_study(study) if m.key == "road_density"]
    assert (density[0].profile, density[0].value) == ("caupd", pytest.approx(1.0))
    assert (density[-1].profile, density[-1].value) == ("declared", 8.4)


def test_a_form_written_again_holds_what_was_declared_and_asks_for_the_rest(tmp_path):
    plan = sg.read_plan("suizhou_2025")
    filled = Path("data/raw/invented_city/statistics.csv")
    known = read_statistics(filled, plan).statistics
    form = tmp_path / "form.xlsx"
    left = write_form(plan, form, measured=families(), known=known)
    assert read_statistics(form, plan).statistics == known
    asked = statistics_form(plan, measured=families(), known=known)
    assert left == (asked[HEADINGS["value"]] == "").sum() > 0
    answered = {figure.key for figure in known}
    empty = asked[asked[HEADINGS["value"]] == ""]
    assert not answered & set(empty.loc[empty[HEADINGS["item"]] != "baseline", HEADINGS["key"]])


def test_the_form_command_goes_on_from_the_form_of_the_study(tmp_path):
    study = tmp_path / "study.toml"
    study.write_text(
        'name = "小城"\nplan = "suizhou_2025"\n[zones]\nbbox = [113.3, 31.6, 113.4, 31.7]\n'
        '[statistics]\npath = "form.csv"\n',
        encoding="utf-8",
    )
    assert CliRunner().invoke(app, ["form", str(study), "--out", str(tmp_path / "form.csv")]).exit_code == 0
    rows = pd.read_csv(tmp_path / "form.csv", dtype=str)
    rows.loc[0, [HEADINGS["value"], HEADINGS["source"]]] = ["7", "市统计局"]
    rows.to_csv(tmp_path / "form.csv", index=False)
    done = CliRunner().invoke(app, ["form", str(study), "--lang", "zh", "--out", str(tmp_path / "again.csv")])
    assert "已申报的 1 个数已填在表中" in done.output
    again = pd.read_csv(tmp_path / "again.csv", dtype=str)
    assert again.loc[0, HEADINGS["value"]].startswith("7")
    assert len(again) == len(rows)
