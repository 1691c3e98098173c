"""Met, missed, cannot tell, no data: each exactly when it should be."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from suizhou_geo.assessment.rows import rows_of, shortfall, verdict
from suizhou_geo.assessment.scorecard import COLUMNS, table_of
from suizhou_geo.errors import PlanError
from suizhou_geo.errors.text import Text, alike
from suizhou_geo.model import Measure, Plan, Target


def _measure(value, key="road_density", profile="caupd", **changes):
    given = {
        "key": key,
        "name_zh": "路网密度",
        "name_en": "road density",
        "value": value,
        "unit": "km/km2",
        "by_zone": pd.Series([value, value], index=["a", "b"]),
        "denominator": pd.Series([10.0, 20.0], index=["a", "b"]),
        "shortfall_unit": "km",
        "profile": profile,
        "basis": alike("GB/T 51328"),
        "params": {},
        "low": value,
        "high": value,
    }
    return Measure(**(given | changes))


def _plan(**changes):
    given = {
        "key": "road_density",
        "name_zh": "城区道路网密度",
        "name_en": "urban road density",
        "op": ">=",
        "value": 8.0,
        "unit": "km/km2",
        "year": 2025,
        "clause": "一、（三）8",
        "quote": "不低于8公里/平方公里",
    }
    return Plan("p", "计划", "plan", "文〔1〕号", (Target(**(given | changes)),))


def _row(measures, plan, **kwargs):
    return table_of(rows_of(measures, plan, **kwargs), "en").iloc[0]


@pytest.mark.parametrize(
    ("op", "target", "value", "low", "high", "wanted"),
    [
        (">=", 8.0, 8.0, 8.0, 8.0, "met"),
        (">=", 8.0, 8.0 - 1e-12, 8.0 - 1e-12, 8.0 - 1e-12, "met"),  # rounding is no miss
        (">=", 8.0, 7.99, 7.99, 7.99, "missed"),
        (">=", 8.0, 7.0, 7.0, np.inf, "cannot_tell"),
        (">=", 8.0, 9.0, 9.0, np.inf, "met"),
        (">", 0.85, 0.85, 0.85, 0.85, "missed"),
        (">", 0.85, 0.8501, 0.8501, 0.8501, "met"),
        ("<=", 120.0, 120.0, 120.0, 120.0, "met"),
        ("<=", 120.0, 110.0, 110.0, 130.0, "cannot_tell"),
        ("<", 1.0, 1.0, 1.0, 1.0, "missed"),
        ("==", 63.0, 63.5, 63.5, 63.5, "met"),
        ("==", 63.0, 65.0, 65.0, 65.0, "missed"),
        ("==", 63.0, 60.0, 55.0, 64.0, "cannot_tell"),
        (">=", 8.0, np.nan, np.nan, np.nan, "no_data"),
        (">=", np.nan, 9.0, 9.0, 9.0, "cannot_tell"),
        (">=", 8.0, 9.0, np.nan, np.nan, "met"),
    ],
)
def test_verdicts(op, target, value, low, high, wanted):
    assert verdict(op, target, value=value, low=low, high=high) == wanted


@pytest.mark.parametrize(
    ("measured", "said", "first", "status"),
    [
        ({"low": 7.0, "high": 9.0}, 8.5, "declared", "met"),  # the map leaves it open, what is declared decides it
        ({"low": 7.0, "high": 9.0}, 7.5, "declared", "missed"),
        ({}, 8.5, "caupd", "missed"),  # the map is sure
        ({"low": 7.0, "high": 9.0}, np.nan, "caupd", "cannot_tell"),  # nothing usable is declared
        ({"low": 7.0, "high": 9.0}, 9.5, "caupd", "cannot_tell"),  # more than the map leaves open
        ({"low": 7.0, "high": 9.0}, 6.5, "caupd", "cannot_tell"),  # less than is surely there
    ],
)
def test_what_is_declared_goes_first_where_the_map_leaves_the_verdict_open(measured, said, first, status):
    map_, declared = _measure(7.8, **measured), _measure(said, profile="declared")
    (row,) = rows_of([map_, declared], _plan())
    assert (row.profile, row.status) == (first, status)
    assert {other.profile for other in row.other_definitions} == {"caupd", "declared"} - {first}
    open_ = rows_of([map_, _measure(8.5, profile="declared", low=7.0, high=9.0)], _plan())
    assert open_[0].profile == "caupd"  # what is declared may be open, too


def test_gap_and_what_it_means_on_the_ground():
    missed = _measure(6.5)
    row = _row([missed], _plan())
    assert (row["status"], row["gap"]) == ("missed", pytest.approx(1.5))
    assert shortfall(missed, row["gap"]) == pytest.approx(45.0)  # 1.5 km/km² on 30 km²
    assert _row([_measure(9.0)], _plan())["gap"] == pytest.approx(-1.0)
    assert _row([_measure(9.0)], _plan(op="<="))["gap"] == pytest.approx(1.0)


def test_an_open_verdict_has_no_gap():
    row = _row([_measure(6.5, low=6.5, high=9.0)], _plan())
    assert (row["status"], row["value"]) == ("cannot_tell", 6.5)
    assert np.isnan(row["gap"])


def test_columns_rows_and_words():
    variants = [_measure(9.0, profile="yearbook"), _measure(9.9, profile="raw")]
    card = table_of(rows_of([_measure(6.5), *variants, _measure(3.0, key="extra")], _plan()), "zh")
    assert list(card.columns) == list(COLUMNS)
    assert card["key"].tolist() == ["road_density", "road_density@yearbook", "road_density@raw", "extra"]
    assert card["status"].tolist() == ["missed", "met", "cannot_tell", ""]
    assert "「不低于8公里/平方公里」" in card["basis"][0]
    assert "按其他口径数值落在目标另一侧：年鉴口径" in card["needs"][0]
    assert "原始线长" not in card["needs"][0]  # careless counting is no definition
    assert card["name_zh"][0] == "城区道路网密度"


def test_every_row_says_what_it_is_of_which_chapter_and_who_answers():
    plan = _plan(responsible="市住建局")
    measures = [_measure(6.5), _measure(9.0, profile="yearbook"), _measure(3.0, key="park_coverage")]
    card = table_of(rows_of(measures, plan), "zh")
    assert card["kind"].tolist() == ["promise", "other_definition", "measure"]
    assert card["kind_words"].tolist() == ["承诺", "其他口径", "没有承诺值的指标"]
    assert card["base_key"].tolist() == ["road_density", "road_density", "park_coverage"]
    assert card["chapter"].tolist() == ["roads", "roads", "green"]
    assert card["chapter_words"].tolist() == ["道路与通行", "道路与通行", "公园绿地与河岸"]
    assert card["status_words"].tolist() == ["未达到", "达到", ""]
    assert card["profile_words"].tolist()[1] == "年鉴口径：含开放小区道路"
    assert card["responsible"].tolist() == ["市住建局", "市住建局", ""]
    assert table_of(rows_of(measures, plan), "en")["chapter_words"][0] == "Roads and getting about"


def test_a_definition_that_cannot_tell_still_turns_the_verdict():
    unsure = dataclasses.replace(_measure(10.5, profile="yearbook"), low=9.5, high=11.0)
    card = table_of(rows_of([_measure(9.5), unsure], _plan(op="<=", value=10.0)), "en")
    assert card["status"].tolist() == ["met", "cannot_tell"]
    assert "the number lies on the other side of the target: yearbook" in card["needs"][0]
    agreeing = dataclasses.replace(unsure, value=9.9)
    assert (
        "other side" not in table_of(rows_of([_measure(9.5), agreeing], _plan(op="<=", value=10.0)), "en")["needs"][0]
    )


def test_a_promise_no_measure_serves_is_no_data():
    plan = _plan(needs_zh="需要统计数字", needs_en="needs the statistics")
    row = _row([], plan)
    assert (row["status"], row["target"]) == ("no_data", 8.0)
    assert np.isnan(row["value"])
    assert row["needs"] == "needs the statistics"
    assert table_of(rows_of([], plan), "zh")["needs"].tolist() == ["需要统计数字"]


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ({}, "尚无对应的测算方法或数据", "no measure or figure serves this promise yet"),
        ({"needs_zh": "需要统计数字"}, "需要统计数字", "no measure or figure serves this promise yet"),
        ({"needs_en": "needs the statistics"}, "尚无对应的测算方法或数据", "needs the statistics"),
    ],
)
def test_what_a_promise_needs_is_never_left_empty(given, zh, en):
    assert table_of(rows_of([], _plan(**given)), "zh")["needs"].tolist() == [zh]
    assert _row([], _plan(**given))["needs"] == en


def test_a_measure_without_a_number_says_what_it_needs():
    empty = _measure(np.nan, needs=(Text("缺道路图层", "needs the layer roads"),))
    assert _row([empty], _plan())["status"] == "no_data"
    assert _row([empty], _plan())["needs"] == "needs the layer roads"


def test_relative_targets_need_their_baseline():
    plan = _plan(value=0.20, unit="share", baseline_year=2020)
    measure = _measure(0.70, unit="share")
    bare = _row([measure], plan)
    assert (bare["status"], np.isnan(bare["target"])) == ("cannot_tell", True)
    assert "the value of 2020 is needed" in bare["needs"]
    based = _row([measure], plan, baselines={"road_density": 0.55})
    assert (based["status"], based["target"]) == ("met", pytest.approx(0.66))
    assert "+20 points the target would be 75%" in based["needs"]
    assert "read as points it would be: missed" in based["needs"]


def test_a_baseline_of_one_definition_judges_no_other():
    plan = _plan(value=0.20, unit="share", baseline_year=2020)
    measures = [_measure(0.70, unit="share"), _measure(0.30, unit="share", profile="raw")]
    card = table_of(rows_of(measures, plan, baselines={"road_density": 0.55}), "en")
    assert card["status"].tolist() == ["met", "cannot_tell"]
    assert "other side" not in card["needs"][0]


def test_units_must_agree():
    with pytest.raises(PlanError, match="road_density is promised in persons but measured in km/km2"):
        table_of(rows_of([_measure(6.5)], _plan(unit="persons")), "zh")


def test_without_a_plan_everything_is_measured_and_nothing_judged():
    card = table_of(rows_of([_measure(6.5)], None), "zh")
    assert card["status"].tolist() == [""]
    assert card["op"].tolist() == [""]


def test_open_ranges_reach_the_card():
    row = _row([dataclasses.replace(_measure(6.5), high=np.inf)], _plan())
    assert (row["status"], row["high"]) == ("cannot_tell", np.inf)


@pytest.mark.parametrize(
    ("value", "op", "low", "high", "expected"),
    [
        (0.9, ">=", 0.7, 0.7, "met"),
        (0.85, ">=", 0.7, 0.7, "met"),
        (0.85, ">", 0.7, 0.7, "missed"),
        (0.6, ">=", 0.7, 0.7, "missed"),
        (0.6, ">=", 0.7, 1.0, "cannot_tell"),
        (0.9, ">=", 0.7, np.inf, "met"),
        (0.9, ">=", 0.0, 0.7, "cannot_tell"),
        (0.9, "<=", 0.7, 1.0, "missed"),
        (0.6, "<=", 0.7, 1.0, "cannot_tell"),
        (0.6, "<=", np.nan, np.nan, "met"),
        (np.nan, "<=", 0.7, 0.7, "no_data"),
    ],
)
def test_a_zone_is_as_open_as_the_whole_is(value, op, low, high, expected):
    measure = _measure(0.7, unit="share", low=low, high=high)
    (row,) = rows_of([measure], _plan(op=op, value=0.85, unit="share"))
    assert row.zone_status(value) == expected


def test_a_zone_without_promise_or_target_gets_no_verdict():
    (unpromised,) = rows_of([_measure(0.4, unit="share")], None)
    assert unpromised.zone_status(0.5) == ""
    growth = _plan(value=0.2, unit="share", baseline_year=2020)
    (without_baseline,) = rows_of([_measure(0.4, unit="share")], growth)
    assert without_baseline.zone_status(0.5) == "cannot_tell"


@pytest.mark.parametrize(
    ("params", "zh", "en"),
    [
        ({"mode": "bus"}, "城区道路网密度（公交）", "urban road density by bus"),
        ({"mode": "car"}, "城区道路网密度（小汽车）", "urban road density by car"),
        ({}, "城区道路网密度", "urban road density"),
    ],
)
def test_the_name_of_a_row_holds_the_mode_of_travel(params, zh, en):
    """Of a promise and of a measure without one; each other definition holds its own."""
    walk = _measure(9.0, profile="walk", params={"mode": "walk"})
    (row,) = rows_of([_measure(9.0, params=params), walk], _plan())
    assert (row.name.zh, row.name.en) == (zh, en)
    assert row.other_definitions[0].name.zh == "城区道路网密度（步行）"
    (alone,) = rows_of([walk], None)
    assert alone.name.zh == "路网密度（步行）"
