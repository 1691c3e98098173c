"""Declared statistics: the form out and in, what is refused, and growth, shares and units by hand."""

import dataclasses

import openpyxl
import pandas as pd
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.declared import declared
from suizhou_geo.model import Plan, Statistic, Target
from suizhou_geo.scorecard import scorecard
from suizhou_geo.sources.statistics import HEADINGS, read_statistics, statistics_form
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


def test_a_measured_number_comes_before_a_declared_one():
    bundled = "data/raw/invented_city/study.toml"
    study = sg.read_study(bundled)
    both = dataclasses.replace(study, statistics=(Statistic("road_density", "value", 2025, 8.4, "km/km2", "公报"),))
    density = [m for m in sg.measure_study(both) if m.key == "road_density"]
    assert density[0].profile == "caupd"
    assert density[-1].profile == "declared"
    assert density[-1].value == 8.4
