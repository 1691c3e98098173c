"""Tables for people: drawn towns whose tables can be written by hand."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.tables import gap_table, labelled, remarks_table, results_table, zone_table
from suizhou_geo.model import Text

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
        key, "指标", "measure", value, unit, by_zone, denominator, shortfall_unit, "caupd", "std", {}, **known
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
        "全市": "7 km/km²",
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
    assert table.index.to_list() == ["全市", "东区", "西区"]
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


def test_a_zone_without_a_number_comes_last(town):
    measure = _measure(town, by_zone=[6.0, 7.0], denominator=[1.0, 1.0])
    bare = replace(measure, by_zone=measure.by_zone.where(measure.by_zone > 6.0))
    table = zone_table(_row([bare], _plan("road_density", ">=", 8.0, "km/km2")), town.zones)
    assert table.index.to_list()[1:] == ["东区", "西区"]
    assert table.loc["西区"].to_list() == ["—", "≥ 8 km/km²", "—", "—", "缺数据"]


def test_homes_no_park_serves_by_the_persons_there(town):
    # the park's 500 m cover all homes in the west: 2.8 ha with 300 persons; the 2 ha in the east lie beyond
    table = gap_table(town, sg.park_coverage(town))
    assert table.index.to_list() == [1]
    assert table.iloc[0].to_dict() == {
        "片区": "东区",
        "附近道路": "小巷",
        "未覆盖人口（人）": 400,
        "未覆盖居住用地（公顷）": 2.0,
        "东坐标（m）": 442_700,
        "北坐标（m）": 3_507_050,
    }


def test_homes_across_a_street_are_one_place_and_persons_add_up(town):
    nobody_serves = sg.StudyArea(**{**vars(town), "parks": town.parks.iloc[:0]})
    table = gap_table(nobody_serves, sg.park_coverage(nobody_serves))
    # in the west two pieces 20 m apart, 2 + 0.8 ha
    assert table["未覆盖居住用地（公顷）"].to_list() == [2.0, 2.8]
    assert table["未覆盖人口（人）"].to_list() == [400, 300]
    assert len(gap_table(nobody_serves, sg.park_coverage(nobody_serves), most=1)) == 1


def test_cells_partly_covered_count_in_part(town, drawn):
    kindergarten = drawn([Point(1450, 50)], category=["kindergarten"])
    area = sg.StudyArea(**{**vars(town), "facilities": kindergarten})
    coverage = sg.service_coverage(area, "kindergarten", of="persons")
    table = gap_table(area, coverage)
    assert table["未覆盖人口（人）"].sum() == round((1 - coverage.value) * 700)
    assert table["片区"].to_list() == ["西区", "东区"]
    assert 0 < table["未覆盖人口（人）"].iloc[1] < 400


def test_without_population_places_stand_by_area(town):
    area = sg.StudyArea(**{**vars(town), "parks": town.parks.iloc[:0], "population": None})
    table = gap_table(area, sg.park_coverage(area), lang="en")
    assert table["homes not covered (ha)"].to_list() == [2.8, 2.0]
    assert table["persons not covered"].isna().all()


def test_full_coverage_leaves_an_empty_table(town):
    area = sg.StudyArea(**{**vars(town), "residential": town.residential.iloc[:2]})
    assert gap_table(area, sg.park_coverage(area)).empty


def _evidence(rows, shapes, drawn):
    return drawn(shapes, **{c: [row.get(c) for row in rows] for c in dict.fromkeys(k for row in rows for k in row)})


def test_missing_links_in_their_rank(town, drawn):
    link = {"part": "missing_link", "road_class": "branch", "to_class": "local", "near": None}
    told = {"persons": 40.4, "before_m": 900.0, "after_m": 700.0}
    rows = [
        {"part": "dead_end", "street": "甲路"},
        {**link, "rank": 2.0, "street": "甲路", "to_street": None, "link_m": 40.0, "crossing": "none", **told},
        {**link, "rank": 1.0, "street": None, "to_street": "乙路", "link_m": 80.4, "crossing": "river", **told},
    ]
    rows = [row | {"crosses_names": "漂水" if row.get("crossing") == "river" else ""} for row in rows]
    shapes = [LineString([(x, 100), (x, 200)]) for x in (100, 200, 1200)]
    measure = _measure(town, "dead_ends", by_zone=[1, 1], denominator=[1, 1], evidence=_evidence(rows, shapes, drawn))
    table = gap_table(town, measure)
    assert table["片区"].to_list() == ["东区", "西区"]
    assert table["道路"].to_list() == ["—", "甲路"]
    assert table["接到"].to_list() == ["乙路", "街坊道路"]
    assert table["须穿越"].to_list() == ["河流、水面 漂水", "—"]
    assert table["需新建（m）"].to_list() == [80, 40]
    assert table["出行缩短（人）"].to_list() == [40, 40]


def test_blocks_over_the_limit_only_in_their_rank(town, drawn):
    block = {"part": "block", "area_ha": 4.04, "longest_side_m": 400.6, "new_road_m": 100.0, "persons": 10.0}
    rows = [
        {**block, "over_limit": True, "gain_rank": 2.0},
        {**block, "over_limit": False, "gain_rank": np.nan},
        {**block, "over_limit": True, "gain_rank": 1.0},
    ]
    shapes = [box(x, 0, x + 100, 100) for x in (100, 300, 1500)]
    measure = _measure(town, "block_size", by_zone=[1, 1], denominator=[1, 1], evidence=_evidence(rows, shapes, drawn))
    table = gap_table(town, measure)
    assert table["片区"].to_list() == ["东区", "西区"]
    assert table["最长边（m）"].to_list() == [401, 401]
    assert table["面积（公顷）"].to_list() == [4.0, 4.0]


def test_breaks_of_the_grid_the_shortest_first(town, drawn):
    end = {"part": "break", "name": "甲路", "kind": "railway", "barrier_name": "汉丹铁路"}
    rows = [
        {"part": "stroke"},
        {**end, "broken": True, "gap_m": 90.0},
        {**end, "broken": False, "gap_m": 10.0},
        {**end, "broken": True, "gap_m": 50.0, "kind": "unknown", "barrier_name": None},
    ]
    shapes = [LineString([(0, 0), (100, 0)]), Point(100, 100), Point(200, 100), Point(1500, 100)]
    measure = _measure(town, "arterial", by_zone=[1, 1], denominator=[1, 1], evidence=_evidence(rows, shapes, drawn))
    table = gap_table(town, measure)
    assert table["断开（m）"].to_list() == [50, 90]
    assert table["须穿越"].to_list() == ["—", "铁路 汉丹铁路"]


def test_a_measure_without_places_says_so(town):
    with pytest.raises(sg.InputError, match="population_density lists no places"):
        gap_table(town, sg.population_density(town))


def test_invented_data_are_labelled_in_every_table_and_others_are_not(town):
    parks = sg.park_coverage(town)
    row = _row([parks], _plan("park_coverage", ">", 0.85, "share"), invented=True)
    for table in (results_table([row], town.zones), zone_table(row, town.zones)):
        assert "虚构数据" in labelled(table, town, "zh").to_html()
    assert "虚构数据" in gap_table(town, parks).to_html()
    assert "虚构数据" in remarks_table([row]).to_html()
    real = sg.StudyArea(**{**vars(town), "invented": False})
    assert "虚构" not in labelled(zone_table(row, real.zones), real, "zh").to_html()
    assert "虚构" not in gap_table(real, parks).to_html()


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
    assert "persons not covered" in gap_table(town, parks, lang="en")
    assert list(remarks_table([row], lang="en").data.columns) == ["note", "source"]
    assert isinstance(town.zones, gpd.GeoDataFrame)
