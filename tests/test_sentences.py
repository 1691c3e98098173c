"""Every sentence that a row, a gap or a summary can be told in, held against what was computed: the list of them."""

import re

import numpy as np
import pandas as pd
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.assessment.phrases import held_gap_text, measured_text, promised_text, range_text, value_text
from suizhou_geo.assessment.problems import problems_of
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.cli.screen import tell_table
from suizhou_geo.errors.text import NOTHING
from suizhou_geo.measures.completeness import floored
from suizhou_geo.measures.inventories import charging_points
from suizhou_geo.outputs.report.summary import conclusions
from suizhou_geo.outputs.report.tables import promises_table
from suizhou_geo.outputs.web_map.panel import missing
from suizhou_geo.standards import table

ZONES = pd.Index(["1"], name="zone_id")


def _measure(value, *, low=None, high=None, unit="share", key="a", profile="", needs=()):
    return sg.Measure(
        key=key,
        name_zh="甲",
        name_en="a",
        value=value,
        unit=unit,
        by_zone=pd.Series([value], index=ZONES),
        denominator=pd.Series([10.0], index=ZONES),
        shortfall_unit={"share": "ha", "km/km2": "km"}.get(unit, unit),
        profile=profile,
        basis=NOTHING,
        params={},
        low=value if low is None else low,
        high=value if high is None else high,
        needs=needs,
    )


def _plan(op, value, unit="share", key="a", **more):
    return sg.Plan("p", "方案", "plan", "文", (sg.Target(key, "甲", "a", op, value, unit, 2025, "一", "言", **more),))


def _row(measure, op, asked, **more):
    return rows_of([measure], _plan(op, asked, measure.unit, measure.key, **more))[0]


@pytest.mark.parametrize(
    ("op", "value", "asked", "unit", "status", "report", "on_the_map"),
    [
        (
            ">=",
            7.5,
            8.0,
            "km/km2",
            "missed",
            ("差 0.50 km/km²", "0.50 km/km² short"),
            ("差 0.50 km/km²", "0.50 km/km² short"),
        ),
        (
            ">=",
            9.0,
            8.0,
            "km/km2",
            "met",
            ("余量 1 km/km²", "1 km/km² to spare"),
            ("余量 1 km/km²", "1 km/km² to spare"),
        ),
        ("<=", 9.0, 8.0, "km/km2", "missed", ("超 1 km/km²", "1 km/km² over"), ("超 1 km/km²", "1 km/km² over")),
        (
            "<=",
            7.0,
            8.0,
            "km/km2",
            "met",
            ("余量 1 km/km²", "1 km/km² to spare"),
            ("余量 1 km/km²", "1 km/km² to spare"),
        ),
        (
            "==",
            70.0,
            63.0,
            "km2",
            "missed",
            ("比规划多 7 km²", "7 km² more than planned"),
            ("比规划多 7 km²", "7 km² more than planned"),
        ),
        (
            "==",
            56.0,
            63.0,
            "km2",
            "missed",
            ("比规划少 7 km²", "7 km² less than planned"),
            ("比规划少 7 km²", "7 km² less than planned"),
        ),
        ("==", 63.0, 63.0, "km2", "met", ("持平", "just reached"), ("持平", "just reached")),
        (">=", 8.0, 8.0, "km/km2", "met", ("持平", "just reached"), ("持平", "just reached")),
        (">", 0.8496, 0.85, "share", "missed", ("差 0.04 个百分点", "0.04 points short"), None),
    ],
)
def test_what_a_gap_is_called(op, value, asked, unit, status, report, on_the_map):
    row = _row(_measure(value, unit=unit), op, asked)
    assert row.status == status
    for k, lang in enumerate(("zh", "en")):
        assert held_gap_text(row, row, lang) == report[k]
        if on_the_map is not None:
            assert " ".join(missing(row, lang)).strip() == on_the_map[k]


@pytest.mark.parametrize(
    ("low", "high", "zh", "en"),
    [
        (None, None, "", ""),
        (None, 1.0, "可能为 50.0% 至 100.0%", "possible: 50.0% to 100.0%"),
        (0.0, None, "可能为 0.0% 至 50.0%", "possible: 0.0% to 50.0%"),
        (None, np.inf, "可能更高", "it may be more"),
        (0.25, np.inf, "可能为 25.0%以上", "possible: 25.0% or more"),
        (-np.inf, np.inf, "可能更高，也可能更低", "it may be more or less"),
    ],
)
def test_a_range_says_how_far_and_never_why(low, high, zh, en):
    """Why it is open stands in the needs: a use, a proxy or a unit that is not known is no incomplete map."""
    row = _row(_measure(0.5, low=low, high=high), ">=", 0.9)
    assert (range_text(row, "zh"), range_text(row, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "zh", "en"),
    [
        (0.0, 0.0, 1.0, "share", "资料所见至少 0.0%", "at least 0.0% in the data"),
        (1.0, 0.1, 1.0, "share", "资料所见至多 100.0%", "at most 100.0% in the data"),
        (0.5, 0.0, 1.0, "share", "资料所见 50.0%", "50.0% in the data"),
        (0.5, 0.2, 1.0, "share", "50.0%", "50.0%"),
        (2.5, 0.0, np.inf, "km/km2", "资料所见 2.50 km/km²", "2.50 km/km² in the data"),
        (2.5, 2.5, np.inf, "km/km2", "2.50 km/km²", "2.50 km/km²"),
    ],
)
def test_a_number_that_all_else_is_possible_beside_is_told_as_what_the_data_show(value, low, high, unit, zh, en):
    row = _row(_measure(value, low=low, high=high, unit=unit), ">=", 9.0 if high == np.inf else 0.9)
    assert (value_text(row, "zh"), value_text(row, "en")) == (zh, en)
    cell = promises_table([row], "zh").rows[0][4]
    assert cell.text.startswith(zh)
    assert (cell.value is None) == ("资料所见" in zh)


def test_no_word_of_the_outputs_gives_incomplete_data_as_the_reason_of_every_range():
    told = [text for room in table("words").values() for pair in room.values() for text in pair]
    assert not [text for text in told if "数据不全" in text or "may be incomplete" in text]


@pytest.mark.parametrize("value", [0.8806858, 0.8808, 0.88068])
@pytest.mark.parametrize("op", [">", ">=", "<=", "<"])
@pytest.mark.parametrize("asked", [0.881, 0.8805, 0.88069, 0.8806857])
def test_rounding_never_contradicts_the_verdict(value, op, asked, held, drawn, capsys):
    """The number and the limit beside it, as they are read, give the verdict that stands there, in report and console."""
    zones = drawn([box(0, 0, 100, 100)], name=["一"])
    area = sg.StudyArea("t", zones.set_index(ZONES))
    result = held(area, [_measure(value)], _plan(op, asked))
    row = result.rows[0]
    tell_table(result, "zh")
    line = next(line for line in capsys.readouterr().out.splitlines() if "%" in line)
    signs = {">": "gt", "<": "lt", "≥": "ge", "≤": "le"}
    sign, limit = re.search(r"([<>≤≥]) ([\d.]+)%", line).groups()
    shown = float(re.search(r"([\d.]+)%", line).group(1))
    words = float(re.search(r"([\d.]+)%", promised_text(row, "en")).group(1))
    assert words == float(limit)
    assert float(measured_text(row, "en").rstrip("%")) == shown
    assert getattr(float, f"__{signs[sign]}__")(shown, float(limit)) == (row.status == "met")


def test_the_ends_of_a_range_and_another_definition_are_not_rounded_onto_the_promise():
    row = _row(_measure(0.84, high=0.84999), ">=", 0.85)
    assert range_text(row, "en").endswith("to 84.999%")
    other = _measure(0.84996, profile="yearbook")
    turned = rows_of([_measure(0.9), other], _plan(">=", 0.85))[0]
    assert "84.996% missed" in turned.needs_text("en")


def test_growth_is_said_with_the_digits_it_has():
    row = rows_of([_measure(0.80)], _plan(">=", 0.125, baseline_year=2020), baselines={"a": 0.7004})[0]
    assert "70.04% in 2020 x 1.125; read as +12.5 points the target would be 82.54%" in row.needs_text("en")
    assert "+12.5% over 2020" in promised_text(row, "en")


def _results(held, drawn, *rows):
    area = sg.StudyArea("t", drawn([box(0, 0, 100, 100)], name=["一"]).set_index(ZONES))
    measures = [measure for measure, _, _ in rows]
    targets = tuple(_plan(op, asked, m.unit, m.key).targets[0] for m, op, asked in rows)
    return held(area, measures, sg.Plan("p", "方案", "plan", "文", targets))


def test_none_is_missed_is_said_only_of_what_could_be_told(held, drawn):
    met, missed = (_measure(0.9), ">=", 0.8), (_measure(0.1, key="b"), ">=", 0.8)
    open_ = (_measure(0.5, low=0.0, high=1.0, key="c"), ">=", 0.8)
    none, no_data = (_measure(np.nan, key="d"), ">=", 0.8), "none is missed"

    def told(*rows, lang="en"):
        return conclusions(_results(held, drawn, *rows), lang)

    assert "Of the promises that can be told (1), none is missed." in told(met, open_, none)
    for some in ((open_,), (none,), (open_, none)):
        assert told(*some)[2] == "Of no promise can it be told whether it is met."
        assert not any(no_data in str(block) for block in told(*some))
    assert not any(no_data in str(block) or "no promise" in str(block) for block in told(met, missed))
    assert "没有一项承诺能够判定是否达到。" in told(open_, lang="zh")


def test_a_planned_size_is_brought_down_where_it_is_exceeded(held, drawn):
    (more,), _ = problems_of(_results(held, drawn, (_measure(0.9), "==", 0.6)))
    (less,), _ = problems_of(_results(held, drawn, (_measure(0.3), "==", 0.6)))
    assert more.action.en == "bring down by 3.00 ha"
    assert less.action.en == "make up 3 ha"


def test_charging_points_say_first_why_they_cannot_be_told(drawn):
    """36 guns, whatever was promised: what is open is how many piles they are."""
    zones = drawn([box(0, 0, 1000, 1000)], name=["一"]).set_index(ZONES)
    chargers = drawn([box(10, 10, 20, 20).centroid] * 2, name=["甲", "乙"], count=[30, 6], counts=["gun", "pile"])
    measure = charging_points(sg.StudyArea("t", zones, chargers=chargers))
    assert (measure.value, measure.low, measure.high) == (36.0, 6.0, np.inf)
    assert "6 piles, 30 guns" in measure.needs[0].en
    assert _row(measure, ">=", 30.0).status == "cannot_tell"


def test_a_share_below_a_limit_is_never_told_as_the_limit():
    assert [floored(share, decimals=0) for share in (0.5999, 0.6, 0.799999)] == [0.59, 0.6, 0.79]
    assert floored(0.99996, decimals=1) == 0.999


@pytest.mark.slow
def test_no_threshold_is_told_that_no_measure_has(measured):
    """What a threshold is called stands only where a measure has it among its parameters."""
    _, measures = measured("invented_city")
    known = {}
    for measure in measures:
        known.setdefault(measure.family, set()).update(measure.params)
    wrong = [
        (family, name)
        for family, said in table("measures").items()
        if family in known
        for name in said.get("params", {})
        if name not in known[family]
    ]
    assert not wrong
