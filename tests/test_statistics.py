"""Declared statistics: the form out and in, what is refused, and growth, shares and units by hand."""

import dataclasses

import numpy as np
import openpyxl
import pandas as pd
import pytest
from shapely import LineString, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.declared import declared
from suizhou_geo.model import Plan, Statistic, Target
from suizhou_geo.scorecard import scorecard
from suizhou_geo.sources.statistics import HEADINGS, read_statistics, statistics_form
from suizhou_geo.sources.study import Study
from suizhou_geo.standards import table

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
    assert measure.basis == BUREAU
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


def test_what_is_added_is_later_less_earlier(area):
    measure = _one(
        area, _s("firms_added", 12, "家", item="level", year=2020), _s("firms_added", 47, "家", item="level")
    )
    assert measure.value == 35
    assert "117% of the promise" in measure.notes[0].en


def test_hectares_become_mu(area):
    assert _one(area, _s("land", 2247.27, "公顷")).value == pytest.approx(33709.05)


def test_a_year_before_the_promise_s_leaves_what_is_short_open_and_a_later_one_is_not_used(area):
    early = _one(area, _s("exports", 4.0, "亿美元", year=2023))
    status = scorecard([early], PLAN).set_index("key")["status"]
    assert status["exports"] == "cannot_tell"
    assert "the figure is of 2023" in early.needs[0].en
    done = _one(area, _s("exports", 5.5, "亿美元", year=2023))
    assert scorecard([done], PLAN).set_index("key")["status"]["exports"] == "met"
    late = _one(area, _s("exports", 9.0, "亿美元", year=2026))
    assert not late.has_data
    assert "2026" in late.needs[0].zh
    due = _one(area, _s("exports", 4.0, "亿美元"))
    assert scorecard([due], PLAN).set_index("key")["status"]["exports"] == "missed"


@pytest.mark.parametrize(
    "rows",
    [
        [_s("tax_growth", 10, "万元", item="level")],
        [_s("tax_growth", 10, "万元", item="level", year=2024), _s("tax_growth", 11, "元", item="level")],
        [_s("tax_growth", 0, "万元", item="level", year=2024), _s("tax_growth", 11, "万元", item="level")],
        [_s("insured", 10, "人", item="part")],
        [_s("insured", 10, "人", item="part"), _s("insured", 0, "人", item="whole")],
        [_s("insured", 10, "人", item="part"), _s("insured", 20, "户", item="whole")],
    ],
)
def test_figures_that_make_no_number_say_what_is_missing(area, rows):
    measure = _one(area, *rows)
    assert not measure.has_data
    assert "do not make this number" in measure.needs[0].en
    assert scorecard([measure], PLAN).set_index("key")["status"][measure.key] == "no_data"


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


@pytest.mark.parametrize("op", [">=", ">", "<=", "<", "=="])
def test_growth_up_to_an_earlier_year_says_nothing_of_the_promised_one(area, op):
    plan = _named("out", "产值增长", op)
    for value in (9.0, 6.0, 1.0):
        early = _one(area, _s("out", value, "%", year=2024), plan=plan)
        assert scorecard([early], plan)["status"].tolist() == ["cannot_tell"]
    due = _one(area, _s("out", 9.0, "%"), plan=plan)
    assert (due.low, due.high, due.needs) == (due.value, due.value, ())


def test_an_early_figure_is_open_on_the_side_that_can_still_change(area):
    sides = {
        ">=": (4.0, np.inf),
        ">": (4.0, np.inf),
        "<=": (-np.inf, 4.0),
        "<": (-np.inf, 4.0),
        "==": (-np.inf, np.inf),
    }
    for op, side in sides.items():
        plan = Plan("p", "方案", "plan", "文件", (_target("firms", op, 30, "count"),))
        early = _one(area, _s("firms", 4, "家", year=2024), plan=plan)
        assert (early.low, early.high) == side
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
        [_s("insured", 21, "人", item="part"), _s("insured", 20, "人", item="whole")],
        [_s("insured", -1, "人", item="part"), _s("insured", 20, "人", item="whole")],
        [_s("exports", 1, "人", item="part"), _s("exports", 20, "人", item="whole")],
    ],
)
def test_figures_that_would_make_a_wrong_number_make_none(area, rows):
    measure = _one(area, *rows)
    assert not measure.has_data
    assert "do not make this number" in measure.needs[0].en


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
    assert measure.basis == f"{BUREAU}、海关"
    assert measure.params == {"year": 2025, "promised_for": 2025}
    assert measure.breakdown["note"].tolist() == ["", "初步"]
    assert measure.breakdown["value"].tolist() == [5, 4]
    assert (measure.by_zone.isna().all(), measure.shortfall_unit) == (True, "USD")
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
    assert table("units")["bounds"] == {"share": [0, 1], "share/year": [-1, 1]}


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
        ("insured,,2024,96,比例,海关", "数值 value is 96 比例; insured lies between 0% and 100%"),
        ("insured,,2024,-1,%,海关", "insured lies between 0% and 100%"),
        ("tax_growth,,2024,8,比例,海关", "tax_growth lies between -100% and 100%"),
        ("insured,,2024,96%,%,海关", "write a number, its unit in the column beside it"),
        ("exports,,2025,inf,亿美元,海关", "write a number"),
        ("exports,,1948,5,亿美元,海关", "write a year"),
        ("exports,,2101,5,亿美元,海关", "write a year"),
        ("exports,,2024.5,5,亿美元,海关", "write a year"),
        (",,2025,5,亿美元,海关", "代码 key is empty"),
        ("zzz,,2025,5,亿美元,海关", "the plan has no promise 'zzz'; the row"),
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
    assert [s.year for s in read("exports,,1949,1,美元,局", "exports,,2100,1,美元,局").statistics] == [1949, 2100]
    words = [f"insured,{item},{2020 + k},1,%,局" for k, item in enumerate(("数值", "水平", "分子", "分母", "基数"))]
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
    with pytest.raises(InputError, match="no column 代码 key"):
        read("5", head="value")


def test_what_excel_shows_in_per_cent_is_refused_as_in_a_csv_file(tmp_path):
    """Such a cell holds 0.96 where it shows 96%: beside the unit % it would be read as 0.96 %."""
    book = openpyxl.Workbook()
    book.active.append(HEAD.split(","))
    for year, value in ((2025, 0.96), (2024, 96)):
        book.active.append(["insured", None, year, value, "%", "局"])
    book.active["D2"].number_format = "0.00%"
    book.save(tmp_path / "s.xlsx")
    found = read_statistics(tmp_path / "s.xlsx", PLAN)
    assert [(s.year, s.value) for s in found.statistics] == [(2024, 96)]
    assert "row 2: 数值 value is '96%'; write a number" in found.findings[0]


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
    ]
    assert form[HEADINGS["name"]][0] == "出口额（exports）"
    assert (form[[HEADINGS["value"], HEADINGS["source"]]] == "").all(axis=None)
    assert list(form.columns) == list(HEADINGS.values())
    asked = Plan("p", "方案", "plan", "文件", (_target(needs_zh="需要海关统计"),))
    assert statistics_form(asked, measured=()).iloc[0][HEADINGS["note"]] == "需要海关统计"


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


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_form_of_both_plans_goes_out_and_filled_in_comes_back(tmp_path, suffix, area):
    for name in ("suizhou_2025", "suizhou_2024_report"):
        plan = sg.read_plan(name)
        form = statistics_form(plan, measured={"road_density"})
        assert "road_density" not in set(form[HEADINGS["key"]])
        assert set(form[HEADINGS["key"]]) == {t.key for t in plan.targets} - {"road_density"}
        assert set(statistics_form(plan, measured={t.key for t in plan.targets})[HEADINGS["item"]]) <= {"baseline"}
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
    assert any("来源 source is empty" in finding for finding in study.findings)
    measures = sg.measure_study(study)
    card = scorecard(measures, study.plan).set_index("key")
    assert card.loc["vehicle_exports", "status"] == "met"
    assert card.loc["sewage_collection_share", "status"] == "no_data"
    assert isinstance(card, pd.DataFrame)


def test_a_measured_number_comes_before_a_declared_one(drawn):
    zones, street = drawn([box(0, 0, 1000, 1000)], name=["z"]), LineString([(0, 500), (1000, 500)])
    area = sg.StudyArea("t", zones, roads=drawn([street], road_class=["branch"]))
    said = (Statistic("road_density", "value", 2025, 8.4, "km/km2", "公报"),)
    study = Study("t", "t", area, sg.read_plan("suizhou_2025"), {}, {}, (), (), statistics=said)
    density = [m for m in sg.measure_study(study) if m.key == "road_density"]
    assert (density[0].profile, density[0].value) == ("caupd", pytest.approx(1.0))
    assert (density[-1].profile, density[-1].value) == ("declared", 8.4)
