"""Tables for people: drawn towns whose tables can be written by hand."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

import suizhou_geo as sg
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.tables import labelled, remarks_table, results_table, zone_table
from suizhou_geo.errors.text import Text, alike

BASIS = ("案 clause", "quote")


@pytest.fixture
def town(drawn):
    """Two zones of 1 km² side by side, west and east; a park in the west; homes in both; 300 persons west, 400 east."""
    homes = [box(300, 0, 500, 100), box(520, 0, 600, 100), box(1600, 0, 1800, 100)]
    people = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]
    return sg.StudyArea(
        name="画的城",
        zones=drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["西区", "东区"]).set_axis(["W", "E"]),
        roads=drawn(
            [LineString([(0, 500), (2000, 500)]), LineString([(1700, 110), (1700, 200)])],
            road_class=["arterial", "local"],
            name=["大路", "小巷"],
        ),
        parks=drawn([box(0, 0, 100, 100)], kind=["park"]),
        residential=drawn(homes),
        population=drawn(people, persons=[300, 400]),
        invented=True,
    )


def _plan(key, op, value, unit):
    target = sg.Target(key, "指标甲", "measure A", op, value, unit, 2025, *BASIS)
    return sg.Plan("p", "案", "plan", "案", (target,))


def _measure(area, key="road_density", *, by_zone, denominator, unit="km/km2", shortfall_unit="km", **others):
    by_zone = pd.Series(by_zone, index=area.zones.index, dtype=float)
    denominator = pd.Series(denominator, index=area.zones.index, dtype=float)
    value = float((by_zone * denominator).sum() / denominator.sum())
    known = {"low": value, "high": value} | others
    return sg.Measure(
        key, "指标", "measure", value, unit, by_zone, denominator, shortfall_unit, "caupd", alike("std"), {}, **known
    )


def _row(measures, plan=None, **told):
    return rows_of(measures, plan, **told)[0]


def test_results_stand_beside_target_gap_and_zones(town):
    measure = _measure(town, by_zone=[6.0, 9.0], denominator=[2.0, 1.0])
    row = _row([measure], _plan("road_density", ">=", 8.0, "km/km2"))
    table = results_table([row], town.zones)
    assert table.index.to_list() == [("指标甲", "四级道路中心线")]
    # (6 x 2 + 9 x 1) / 3 = 7; 1 km/km² short on 3 km²
    assert table.iloc[0].to_dict() == {
        "全部分区": "7 km/km²",
        "目标": "≥ 8 km/km²",
        "差距": "1 km/km²",
        "折合": "3 km",
        "结论": "未达到",
        "西区": "6",
        "东区": "9",
    }
    english = results_table([_row([measure])], town.zones, lang="en")
    assert english.iloc[0].to_list() == ["7 km/km²", "—", "—", "—", "-", "6", "9"]


def test_nothing_is_missing_where_the_target_is_met(town):
    measure = _measure(town, by_zone=[9.0, 9.0], denominator=[1.0, 1.0])
    row = _row([measure], _plan("road_density", ">=", 8.0, "km/km2"))
    assert results_table([row], town.zones)[["差距", "折合", "结论"]].iloc[0].to_list() == ["—", "—", "达到"]


def test_a_gap_that_is_not_sure_is_not_turned_into_kilometres(town):
    measure = _measure(town, by_zone=[6.0, 7.5], denominator=[1.0, 1.0], high=np.inf)
    row = _row([measure], _plan("road_density", ">=", 8.0, "km/km2"))
    assert results_table([row], town.zones)[["折合", "结论"]].iloc[0].to_list() == ["—", "无法判定"]
    zones = zone_table(row, town.zones)
    assert set(zones["折合"]) == {"—"}
    assert set(zones["结论"]) == {"无法判定"}


def test_each_definition_has_a_row_of_its_own(town):
    first, other = sg.park_coverage(town), sg.park_coverage(town, size_profile="2010/2021")
    row = _row([first, other], _plan("park_coverage", ">", 0.85, "share"))
    alone = results_table(row.other_definitions, town.zones)
    assert len(alone) == 1
    assert alone.index[0][1].startswith("2010/2021")
    assert len(results_table(row.definitions, town.zones)) == 2


def test_zones_stand_with_the_widest_gap_first_and_the_whole_above(town):
    measure = _measure(
        town, "population_density", unit="person/km2", shortfall_unit="persons", by_zone=[400, 1600], denominator=[3, 1]
    )
    row = _row([measure], _plan("population_density", "<=", 1000.0, "person/km2"))
    table = zone_table(row, town.zones)
    assert table.index.to_list() == ["全部分区", "东区", "西区"]
    assert table["差距"].to_list() == ["—", "600 人/km²", "—"]
    assert table["折合"].to_list() == ["—", "600 人", "—"]
    assert table["结论"].to_list() == ["达到", "未达到", "达到"]


def test_shares_are_short_by_points(town):
    measure = _measure(
        town, "park_coverage", unit="share", shortfall_unit="ha", by_zone=[0.5, 0.9], denominator=[10, 10]
    )
    row = _row([measure], _plan("park_coverage", ">=", 0.85, "share"))
    assert zone_table(row, town.zones).loc["西区", ["差距", "折合"]].to_list() == ["35.0 个百分点", "3.50 公顷"]
    english = zone_table(row, town.zones, lang="en")
    assert english.loc["西区", "gap"] == "35.0 points"


def test_a_zone_is_not_held_against_a_sum_promised_for_the_whole(town):
    units = {"unit": "persons", "shortfall_unit": "persons"}
    measure = _measure(town, "main_city_population", by_zone=[300, 400], denominator=[1, 1], **units)
    measure = replace(measure, value=700.0, low=700.0, high=700.0)
    table = zone_table(_row([measure], _plan("main_city_population", ">=", 1000.0, "persons")), town.zones)
    assert table["差距"].to_list() == ["300 人", "—", "—"]
    assert table["结论"].to_list() == ["未达到", "—", "—"]


def test_growth_is_short_by_points(town):
    measure = _measure(town, "gdp_growth", unit="share/year", by_zone=[0.03, 0.03], denominator=[1, 1])
    row = _row([measure], _plan("gdp_growth", ">=", 0.08, "share/year"))
    assert results_table([row], town.zones)["差距"].to_list() == ["5.0 个百分点"]


def test_a_zone_without_a_number_comes_last(town):
    measure = _measure(town, by_zone=[6.0, 7.0], denominator=[1.0, 1.0])
    bare = replace(measure, by_zone=measure.by_zone.where(measure.by_zone > 6.0))
    table = zone_table(_row([bare], _plan("road_density", ">=", 8.0, "km/km2")), town.zones)
    assert table.index.to_list()[1:] == ["东区", "西区"]
    assert table.loc["西区"].to_list() == ["—", "≥ 8 km/km²", "—", "—", "缺数据"]


def test_invented_data_are_labelled_in_every_table_and_others_are_not(town):
    parks = sg.park_coverage(town)
    row = _row([parks], _plan("park_coverage", ">", 0.85, "share"), label=Text("虚构数据", "invented data"))
    for table in (results_table([row], town.zones), zone_table(row, town.zones)):
        assert "虚构数据" in labelled(table, town, "zh").to_html()
    assert "虚构数据" in remarks_table([row]).to_html()
    real = sg.StudyArea(**{**vars(town), "invented": False})
    assert "虚构" not in labelled(zone_table(row, real.zones), real, "zh").to_html()


def test_remarks_leave_out_other_definitions_and_escape_strangers_text(town):
    parks = [sg.park_coverage(town), sg.park_coverage(town, reach="street")]
    plan = _plan("park_coverage", ">", 0.85, "share")
    hostile = Text("<script>alert(1)</script>", "<script>")
    table = remarks_table([replace(_row(parks, plan), needs=(hostile,), name=Text("<b>名", "<b>"))])
    assert len(table.data) == 1
    assert "<script>" not in table.to_html()
    assert "<b>" not in table.to_html()
    assert "quote" in table.data["依据"].iloc[0]


def test_every_table_speaks_english(town):
    parks = sg.park_coverage(town)
    row = _row([parks], _plan("park_coverage", ">", 0.85, "share"))
    assert list(results_table([row], town.zones, lang="en").columns[:5]) == [
        "all zones",
        "target",
        "gap",
        "that is",
        "verdict",
    ]
    assert zone_table(row, town.zones, lang="en").index.name == "zone"
    assert list(remarks_table([row], lang="en").data.columns) == ["note", "source"]
    assert isinstance(town.zones, gpd.GeoDataFrame)
