"""Sidewalks: drawn towns of one square kilometre, the survey form through a study file, and map tags."""

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.measures.sidewalks import sidewalk_compliance

KM = 1000.0
ROOT = Path(__file__).resolve().parents[1]
GOOD = {"continuous": True, "obstructed": False, "kerb_ramps": True, "width_m": 2.0}


@pytest.fixture
def town(drawn):
    """One km² with 1 km of 主干路, and 1 km each of 支路, 快速路 and motorway: 4 km of street sides need a sidewalk."""
    classes = ["arterial", "branch", "expressway", "motorway"]
    lines = [LineString([(0, y), (KM, y)]) for y in (200, 400, 600, 800)]
    roads = drawn(lines, road_class=classes, name=["主", "支", "快", "高"], source_id=["w1", "w2", "w3", "w4"])
    return sg.StudyArea("t", drawn([box(0, 0, KM, KM)], name=["z"]), roads=roads)


def _survey(drawn, *rows):
    """Rows of (shape, changes to a row that passes)."""
    shapes, changes = zip(*rows, strict=True)
    told = [GOOD | change for change in changes]
    return drawn(shapes, **{key: [row.get(key) for row in told] for key in (*GOOD, "length_m", "street", "side")})


def _row(y, km, **changes):
    return Point(500, y), {"length_m": km * KM, "street": "街"} | changes


def test_everything_surveyed(drawn, town):
    rows = [_row(205, 1), _row(195, 1, width_m=1.99), _row(405, 1), _row(395, 1, obstructed=True)]
    measure = sidewalk_compliance(dataclasses.replace(town, sidewalks=_survey(drawn, *rows)))
    assert measure.params["required_km"] == pytest.approx(4.0)
    assert measure.params["surveyed_share"] == pytest.approx(1.0)
    assert (measure.value, measure.low, measure.high) == pytest.approx((0.5, 0.5, 0.5))
    assert measure.denominator.tolist() == pytest.approx([4.0])
    assert measure.needs == measure.notes == ()
    assert measure.breakdown["whole_km"].to_dict() == pytest.approx(
        {
            "required": 4,
            "judged": 4,
            "good": 2,
            "fails_continuous": 0,
            "fails_unobstructed": 1,
            "fails_kerb_ramps": 0,
            "fails_wide_enough": 1,
        }
    )
    assert measure.evidence["result"].tolist() == ["passes", "fails", "passes", "fails"]
    assert measure.evidence["fails"].tolist() == ["", "wide_enough", "", "unobstructed"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"continuous": False}, {"obstructed": True}, {"kerb_ramps": False}, {"width_m": 1.9}]
)
def test_each_test_alone_fails_a_row_and_alone_unknown_leaves_it_unjudged(drawn, town, change):
    rows = [_row(205, 3), _row(405, 1, **change)]
    measure = sidewalk_compliance(dataclasses.replace(town, sidewalks=_survey(drawn, *rows)))
    assert measure.value == pytest.approx(0.75)
    unknown = _survey(drawn, *rows)
    column = next(iter(change))
    unknown[column] = unknown[column].astype(object)
    unknown.loc[1, column] = None
    measure = sidewalk_compliance(dataclasses.replace(town, sidewalks=unknown))
    # 3 of 4 km judged, all good; the rest may be good or not
    assert (measure.value, measure.low, measure.high) == pytest.approx((1.0, 0.75, 1.0))
    assert "75.0%" in measure.needs[0].en


@pytest.mark.slow
def test_a_part_surveyed_gives_a_range_and_too_little_none(drawn, town):
    rows = [_row(205, 2), _row(405, 1, continuous=False)]
    area = dataclasses.replace(town, sidewalks=_survey(drawn, *rows))
    measure = sidewalk_compliance(area)
    assert (measure.value, measure.low, measure.high) == pytest.approx((2 / 3, 0.5, 0.75))
    strict = sidewalk_compliance(area, least_surveyed_share=0.8)
    assert (strict.value, strict.low, strict.high) == pytest.approx((2 / 3, 0.0, 1.0))
    assert "75.0% of the street sides" in strict.needs[0].en
    assert "less than 80%: no verdict" in strict.needs[0].en
    assert "低于 80%" in strict.needs[0].zh


def test_all_failing_is_zero_and_not_no_data(drawn, town):
    measure = sidewalk_compliance(dataclasses.replace(town, sidewalks=_survey(drawn, _row(205, 4, kerb_ramps=False))))
    assert (measure.value, measure.low, measure.high) == (0.0, 0.0, 0.0)
    assert measure.by_zone.tolist() == [0.0]


@pytest.mark.slow
def test_zones_add_up_and_one_without_a_survey_has_no_number(drawn, town):
    halves = drawn([box(0, 0, 500, KM), box(500, 0, KM, KM), box(KM, 0, 2 * KM, KM)], name=["w", "e", "far"])
    area = sg.StudyArea("t", halves, roads=town.roads)
    # lines: one 600 m long side cut at the border, 400 to the west; points lie where they lie
    lines = [(LineString([(100, 205), (700, 205)]), {}), (Point(900, 405), {"length_m": 300, "continuous": False})]
    measure = sidewalk_compliance(dataclasses.replace(area, sidewalks=_survey(drawn, *lines)), least_surveyed_share=0.2)
    assert measure.by_zone.iloc[:2].tolist() == pytest.approx([1.0, 0.4])
    assert np.isnan(measure.by_zone.iloc[2])
    assert measure.denominator.tolist() == pytest.approx([0.4, 0.5, 0.0])
    assert measure.value == pytest.approx(600 / 900)
    assert measure.value == pytest.approx((measure.by_zone * measure.denominator).sum() / measure.denominator.sum())
    assert (measure.low, measure.high) == pytest.approx((0.6 / 4, 1 - 0.3 / 4))


def test_a_line_along_the_border_of_two_zones_is_shared(drawn, town):
    halves = drawn([box(0, 0, 500, KM), box(500, 0, KM, KM)], name=["w", "e"])
    line = (LineString([(505, 100), (505, 500)]), {})
    area = sg.StudyArea("t", halves, roads=town.roads, sidewalks=_survey(drawn, line, _row(205, 1, continuous=False)))
    measure = sidewalk_compliance(area)
    assert measure.params["judged_km"] == pytest.approx(1.4)
    assert sorted(measure.denominator) == pytest.approx([0.2, 1.2])


def test_rows_outside_or_without_a_length_are_left_out_and_told(drawn, town):
    rows = [(Point(500, 405), {"continuous": False}), _row(205, 4), _row(1500, 1)]
    measure = sidewalk_compliance(dataclasses.replace(town, sidewalks=_survey(drawn, *rows)))
    assert measure.value == 1.0
    assert [note.en for note in measure.notes] == [
        "1 rows have no length and are left out",
        "1 rows lie outside the zones and are left out",
    ]


def test_more_surveyed_than_there_is_stays_a_share_and_is_told(drawn, town):
    measure = sidewalk_compliance(
        dataclasses.replace(town, sidewalks=_survey(drawn, _row(205, 4), _row(405, 1, continuous=False)))
    )
    assert (measure.value, measure.low, measure.high) == pytest.approx((0.8, 0.8, 0.8))
    assert "5.0 km are surveyed but only 4.0 km" in measure.notes[0].en


@pytest.mark.slow
def test_incomplete_roads_and_administrative_limits_leave_it_open(drawn, town):
    area = dataclasses.replace(town, sidewalks=_survey(drawn, _row(205, 4)))
    for open_ in (
        dataclasses.replace(area, incomplete=frozenset({"roads"})),
        dataclasses.replace(area, boundary="administrative"),
        dataclasses.replace(area, roads=None),
    ):
        measure = sidewalk_compliance(open_)
        assert (measure.value, measure.low, measure.high) == (1.0, 0.0, 1.0)
        assert measure.needs


@pytest.mark.slow
def test_no_data(drawn, town):
    for area, words in (
        (town, "survey the sidewalks"),
        (dataclasses.replace(town, roads=None), "survey the sidewalks"),
        (dataclasses.replace(town, sidewalks=_survey(drawn, _row(205, 1)).iloc[:0]), "survey the sidewalks"),
        (dataclasses.replace(town, sidewalks=_survey(drawn, _row(205, 1, width_m=np.nan))), "no row of the survey"),
    ):
        measure = sidewalk_compliance(area)
        assert np.isnan(measure.value)
        assert measure.by_zone.isna().all()
        assert words in measure.needs[0].en


# ------------------------------------------------------------------------------------- map tags


def _tagged(area, *sidewalk):
    return dataclasses.replace(area, roads=area.roads.assign(sidewalk=sidewalk))


def test_tags_bound_from_above_only(town):
    # 主: one side of two; 支: both; the others need none
    measure = sidewalk_compliance(_tagged(town, "left", "both", "no", "no"))
    assert measure.profile == "tags"
    assert (measure.value, measure.low, measure.high) == pytest.approx((0.75, 0.0, 0.75))
    assert measure.params["surveyed_share"] == pytest.approx(1.0)
    assert "upper bound" in measure.notes[0].en
    present_m = measure.evidence.groupby("name")["present_m"].sum()
    assert present_m.to_dict() == pytest.approx({"主": 1000.0, "支": 2000.0})


def test_untagged_streets_open_the_range(town):
    half = _tagged(town, "no", None, None, None)
    measure = sidewalk_compliance(half)
    assert (measure.value, measure.low, measure.high) == (0.0, 0.0, 1.0)
    assert "50.0% of the street sides that need a sidewalk are tagged, less than 60%" in measure.needs[0].en
    measure = sidewalk_compliance(half, least_surveyed_share=0.5)
    assert (measure.value, measure.low, measure.high) == pytest.approx((0.0, 0.0, 0.5))
    assert np.isnan(sidewalk_compliance(_tagged(town, None, None, "both", None)).value)


def test_each_carriageway_has_one_side(drawn, town):
    lines = [LineString([(0, 490), (KM, 490)]), LineString([(KM, 510), (0, 510)])]
    roads = drawn(lines, road_class=["arterial"] * 2, name=["大道"] * 2, oneway=[True] * 2, sidewalk=["right", "both"])
    measure = sidewalk_compliance(dataclasses.replace(town, roads=roads))
    assert measure.params["required_km"] == pytest.approx(2.0)
    assert measure.value == pytest.approx(1.0)
    none = sidewalk_compliance(dataclasses.replace(town, roads=roads.assign(sidewalk=["right", "no"])))
    assert none.value == pytest.approx(0.5)


@pytest.mark.slow
def test_the_streets_are_those_of_the_density(town):
    density = {c: sg.road_density(town, road_class=c).params["length_km"] for c in ("arterial", "secondary", "branch")}
    assert sidewalk_compliance(town).params["required_km"] == pytest.approx(2 * sum(density.values()))


def test_a_survey_stands_over_tags(drawn, town):
    area = dataclasses.replace(_tagged(town, "both", "both", None, None), sidewalks=_survey(drawn, _row(205, 4)))
    assert sidewalk_compliance(area).profile == "survey"


# ------------------------------------------------------------------------------------- the form

STUDY = """
name = "调查"

[zones]
path = "zones.gpkg"

[layers.roads]
path = "roads.gpkg"

"""


@pytest.mark.slow
def test_the_form_goes_through_a_study_file_as_documented(drawn, town, tmp_path):
    text = (ROOT / "docs" / "zh" / "study.md").read_text(encoding="utf-8")
    section = text[text.index("### 人行道调查") :]
    documented = section[section.index("[layers.sidewalks]") : section.index("```\n", section.index("[layers"))]
    form = (ROOT / "docs" / "templates" / "sidewalk_survey.csv").read_text(encoding="utf-8-sig")
    town.zones.to_file(tmp_path / "zones.gpkg")
    town.roads.drop(columns=["walkable", "sidewalk"]).to_file(tmp_path / "roads.gpkg")
    (tmp_path / "study.toml").write_text(STUDY + documented.replace("datum", "# datum"), encoding="utf-8")
    at = gpd.GeoSeries(drawn([Point(500, y) for y in (205, 195, 405, 395)]).geometry).to_crs("EPSG:4326")
    rows = [
        ["1", "主", "北", "1000", "3.5", "是", "否", "有"],
        ["2", "主", "南", "1000", "2", "是", "否", "无"],
        ["3", "支", "左", "1000", "2.5", "是", "否", "是"],
        ["4", "支", "右", "1000", "", "", "", ""],
    ]
    lines = [",".join([*row, f"{p.x:.7f}", f"{p.y:.7f}", "2025-05-01", ""]) for row, p in zip(rows, at, strict=True)]
    (tmp_path / "sidewalk_survey.csv").write_text(form + "\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    area = sg.read_study(tmp_path / "study.toml").area
    assert area.sidewalks["side"].tolist() == ["north", "south", "left", "right"]
    assert area.sidewalks["kerb_ramps"].tolist() == [True, False, True, None]
    measure = sidewalk_compliance(area)
    assert (measure.value, measure.low, measure.high) == pytest.approx((2 / 3, 0.5, 0.75))
    assert measure.evidence["result"].tolist() == ["passes", "fails", "passes", "not_judged"]


@pytest.mark.slow
def test_the_empty_form_is_no_data(town, tmp_path):
    town.zones.to_file(tmp_path / "zones.gpkg")
    town.roads.drop(columns=["walkable", "sidewalk"]).to_file(tmp_path / "roads.gpkg")
    form = (ROOT / "docs" / "templates" / "sidewalk_survey.csv").read_bytes()
    (tmp_path / "sidewalk_survey.csv").write_bytes(form)
    keys = '[layers.sidewalks]\npath = "sidewalk_survey.csv"\nx = "经度"\ny = "纬度"\n'
    (tmp_path / "study.toml").write_text(STUDY + keys, encoding="utf-8")
    area = sg.read_study(tmp_path / "study.toml").area
    assert len(area.sidewalks) == 0
    assert np.isnan(sidewalk_compliance(area).value)
