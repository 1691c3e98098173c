"""What a verdict hangs on: one choice at a time, what is missing, and what turns; in words, tables and as a chart."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.sensitivity import choices, sensitivity_table
from suizhou_geo.model import Plan, Target
from suizhou_geo.outputs.figures.tornado import hanging
from suizhou_geo.outputs.report.tables import sensitivity_table as in_the_annex
from suizhou_geo.study_area import StudyArea

HEADLINE = "2022+ / straight_line / land"


@pytest.fixture
def measure(drawn):
    """Half the homes lie within the straight radius of a park of 1 ha, by land: the headline."""
    zones = drawn([box(0, 0, 2000, 1000)], name=["甲"]).set_index(pd.Index(["1"], name="zone_id"))
    homes = drawn([box(100, 100, 200, 200), box(1800, 100, 1900, 200)])
    town = StudyArea("town", zones, residential=homes, parks=drawn([box(300, 100, 400, 200)]))
    found = replace(sg.park_coverage(town), profile=HEADLINE)
    assert found.value == pytest.approx(0.5)
    return found


def plan_of(*keys, **more):
    """A plan that promises 40 % of each."""
    targets = tuple(
        Target(key, "覆盖率", "coverage", ">=", 0.4, "share", None, "一", "不低于40%", **more) for key in keys
    )
    return Plan("plan", "方案", "a plan", "", targets)


def row_of(*measures, **more):
    return next(row for row in rows_of(measures, plan_of(measures[0].key, **more)) if row.key == measures[0].key)


def other(measure, profile, value):
    return replace(measure, profile=profile, value=value, low=value, high=value)


def test_each_choice_stands_alone_and_the_one_that_moves_the_number_most_is_first(measure):
    row = row_of(
        measure,
        other(measure, "2022+ / straight_line / persons", 0.52),
        other(measure, "2022+ / street / land", 0.30),
        other(measure, "2010/2021 / straight_line / land", 0.41),
        other(measure, "2010/2021 / street / persons", 0.05),  # three choices at once: none of one choice
    )
    found = choices(row)
    assert [(one.what.en, one.low, one.high) for one in found] == [
        ("along the streets", 0.30, 0.30),
        ("2010/2021 tiers", 0.41, 0.41),
        ("by persons", 0.52, 0.52),
    ]
    assert [(one.status, one.turns) for one in found] == [("missed", True), ("met", False), ("met", False)]
    assert [one.swing(row.value) for one in found] == pytest.approx([0.20, 0.09, 0.02])


def test_missing_data_is_a_choice_that_spans_its_range_and_what_decides_an_open_verdict_is_told(measure):
    open_ = replace(measure, low=0.2, high=0.6)
    row = row_of(open_, other(measure, "2022+ / street / land", 0.30))
    missing, street = choices(row)
    assert row.status == "cannot_tell"
    assert (missing.low, missing.high, missing.status, missing.turns) == (0.2, 0.6, "cannot_tell", False)
    assert (street.status, street.turns) == ("missed", True)
    for lang, decides, stays in (("zh", "可确定", "不变"), ("en", "decides", "stays")):
        table = sensitivity_table([row], lang)
        assert table.iloc[:, -1].tolist() == [stays, decides]
    assert sensitivity_table([row], "zh").iloc[0, 0] == "20.0% 至 60.0%"


def test_a_definition_that_its_own_data_leave_open_turns_nothing_though_its_number_lies_beyond(measure):
    street = replace(other(measure, "2022+ / street / land", 0.30), high=0.8)
    row = row_of(measure, street)
    [one] = choices(row)
    assert (row.status, one.status, one.turns, one.beyond) == ("met", "cannot_tell", False, True)
    assert sensitivity_table([row], "zh").iloc[0].tolist() == ["30.0%", "无法判定", "数值在目标另一侧，不能据此判定"]
    [near] = choices(row_of(measure, replace(street, value=0.45)))
    assert (near.turns, near.beyond) == (False, False)


def test_what_cannot_be_held_against_anything_hangs_on_nothing(measure):
    nobodys = row_of(measure, other(measure, "raw", 0.9))
    assert choices(nobodys) == ()
    assert choices(row_of(replace(measure, value=np.nan, low=np.nan, high=np.nan))) == ()
    unsure = row_of(measure, other(measure, "2022+ / street / land", 0.3), sure=False)
    [one] = choices(unsure)
    assert (one.status, one.turns, one.beyond) == (
        "cannot_tell",
        False,
        False,
    )  # no verdict on a target that is not sure, whatever the number


def test_the_order_of_definitions_changes_nothing_and_those_that_turn_are_drawn_first(measure):
    others = [other(measure, "2022+ / street / land", 0.30), other(measure, "2010/2021 / straight_line / land", 0.41)]
    assert choices(row_of(measure, *others)) == choices(row_of(measure, *others[::-1]))
    calm = replace(measure, key="calm", low=0.49)
    rows = rows_of([calm, measure, *others], plan_of("calm", measure.key))
    assert [row.key for row, _ in hanging(rows)] == [measure.key, "calm"]


def test_the_annex_holds_every_choice_in_both_languages(measure):
    row = row_of(measure, other(measure, "2022+ / street / land", 0.30))
    for lang, words in (
        ("zh", ["50.0%", "沿路距离", "30.0%", "未达到", "改变"]),
        ("en", ["50.0%", "along the streets", "30.0%", "missed", "turns"]),
    ):
        [cells] = in_the_annex([row], lang).rows
        assert [getattr(cell, "text", cell) for cell in cells][1:] == words
    assert not in_the_annex([row_of(measure)], "zh").rows


@pytest.mark.slow
def test_the_chart_of_the_invented_city_names_its_promises_and_says_it_is_invented(invented_city):
    result = sg.assess(invented_city, chapter="green")
    for lang, words in (("zh", ("虚构数据", "沿路距离", "51.0%")), ("en", ("INVENTED", "along the streets", "51.0%"))):
        written = " ".join(text.get_text() for axes in result.tornado(lang=lang).axes for text in axes.texts)
        assert all(word in written for word in words), lang
        assert len(result.sensitivity(lang=lang)) >= 4
