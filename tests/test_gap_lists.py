"""Gap lists: drawn towns whose places can be counted by hand, and the invented city."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.access.demand import demand
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.gap_lists import JOINED_M, gap_list, gap_lists, is_listed, uncovered_by_zone
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.errors.text import NOTHING
from suizhou_geo.measures.community_gaps import community_gaps
from suizhou_geo.measures.complete_communities import complete_community_coverage


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


def _measure(area, key="road_density", *, by_zone, denominator, unit="km/km2", shortfall_unit="km", **others):
    by_zone = pd.Series(by_zone, index=area.zones.index, dtype=float)
    denominator = pd.Series(denominator, index=area.zones.index, dtype=float)
    value = float((by_zone * denominator).sum() / denominator.sum())
    known = {"low": value, "high": value} | others
    return sg.Measure(
        key, "指标", "measure", value, unit, by_zone, denominator, shortfall_unit, "caupd", NOTHING, {}, **known
    )


def _row(measure):
    return rows_of([measure], None)[0]


def _gaps(area, measure):
    return gap_list(area, _row(measure))


def test_homes_no_park_serves_by_the_persons_there(town):
    # the park's 500 m cover all homes in the west: 2.8 ha with 300 persons; the 2 ha in the east lie beyond
    table = _gaps(town, sg.park_coverage(town)).table
    assert table.index.to_list() == [1]
    assert table.iloc[0].to_dict() == {
        "分区": "东区",
        "附近道路": "小巷",
        "未覆盖人口（人）": 400,
        "未覆盖居住用地（公顷）": 2.0,
        "东坐标（m）": 442_700,
        "北坐标（m）": 3_507_050,
    }


def test_homes_across_a_street_are_one_place_and_persons_add_up(town):
    nobody_serves = sg.StudyArea(**{**vars(town), "parks": town.parks.iloc[:0]})
    table = _gaps(nobody_serves, sg.park_coverage(nobody_serves)).table
    # in the west two pieces 20 m apart, 2 + 0.8 ha
    assert table["未覆盖居住用地（公顷）"].to_list() == [2.0, 2.8]
    assert table["未覆盖人口（人）"].to_list() == [400, 300]


def test_cells_partly_covered_count_in_part(town, drawn):
    kindergarten = drawn([Point(1450, 50)], category=["kindergarten"])
    area = sg.StudyArea(**{**vars(town), "facilities": kindergarten})
    coverage = sg.service_coverage(area, "kindergarten", of="persons")
    table = _gaps(area, coverage).table
    assert table["未覆盖人口（人）"].sum() == round((1 - coverage.value) * 700)
    assert table["分区"].to_list() == ["西区", "东区"]
    assert 0 < table["未覆盖人口（人）"].iloc[1] < 400


def test_without_population_places_stand_by_area(town):
    area = sg.StudyArea(**{**vars(town), "parks": town.parks.iloc[:0], "population": None})
    table = _gaps(area, sg.park_coverage(area)).table_in("en")
    assert table["homes not covered (ha)"].to_list() == [2.8, 2.0]
    assert table["persons not covered"].isna().all()


def test_full_coverage_leaves_an_empty_table(town):
    area = sg.StudyArea(**{**vars(town), "residential": town.residential.iloc[:2]})
    assert _gaps(area, sg.park_coverage(area)).table.empty


def _evidence(rows, shapes, drawn):
    return drawn(shapes, **{c: [row.get(c) for row in rows] for c in dict.fromkeys(k for row in rows for k in row)})


def test_missing_links_in_their_rank(town, drawn):
    link = {"part": "missing_link", "road_class": "branch", "to_class": "local", "near": None}
    told = {"persons": 40.4, "before_m": 900.0, "after_m": 700.0}
    rows = [
        {"part": "dead_end", "street": "甲路"},
        {**link, "rank": 2.0, "street": "甲路", "to_street": None, "link_m": 40.0, "crosses": "", **told},
        {**link, "rank": 1.0, "street": None, "to_street": "乙路", "link_m": 80.4, "crosses": "railway, river", **told},
    ]
    rows = [row | {"crosses_names": "漂水" if row.get("crosses") else ""} for row in rows]
    shapes = [LineString([(x, 100), (x, 200)]) for x in (100, 200, 1200)]
    measure = _measure(town, "dead_ends", by_zone=[1, 1], denominator=[1, 1], evidence=_evidence(rows, shapes, drawn))
    table = _gaps(town, measure).table
    assert table["分区"].to_list() == ["东区", "西区"]
    assert table["道路"].to_list() == ["无名支路", "甲路"]
    assert table["接到"].to_list() == ["乙路", "无名街坊道路"]
    assert table["须穿越"].to_list() == ["铁路、河流、水面（漂水）", "无"]
    assert table["需新建（m）"].to_list() == [80, 40]
    assert table["出行缩短的人口（人）"].to_list() == [40, 40]


def test_blocks_over_the_limit_only_in_their_rank(town, drawn):
    block = {"part": "block", "area_ha": 4.04, "longest_side_m": 400.6, "new_road_m": 100.0, "persons": 10.0}
    rows = [
        {**block, "over_limit": True, "gain_rank": 2.0},
        {**block, "over_limit": False, "gain_rank": np.nan},
        {**block, "over_limit": True, "gain_rank": 1.0},
    ]
    shapes = [box(x, 0, x + 100, 100) for x in (100, 300, 1500)]
    evidence = _evidence(rows, shapes, drawn)
    measure = _measure(town, "block_size.residential", by_zone=[1, 1], denominator=[1, 1], evidence=evidence)
    table = _gaps(town, measure).table
    assert table["分区"].to_list() == ["东区", "西区"]
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
    evidence = _evidence(rows, shapes, drawn)
    measure = _measure(town, "arterial_grid_east_west", by_zone=[1, 1], denominator=[1, 1], evidence=evidence)
    table = _gaps(town, measure).table
    assert table["断开（m）"].to_list() == [50, 90]
    assert table["原因"].to_list() == ["原因不明", "铁路（汉丹铁路）"]


def test_a_measure_without_places_says_so(town):
    with pytest.raises(sg.InputError, match="population_density lists no places"):
        _gaps(town, sg.population_density(town))


def test_a_measure_without_data_says_what_it_needs(town):
    bare = sg.StudyArea(**{**vars(town), "parks": None})
    with pytest.raises(sg.InputError, match=r"park_coverage has no data.*parks"):
        _gaps(bare, sg.park_coverage(bare))


def test_the_two_ends_of_one_interruption_are_one_place(town, drawn):
    end = {"part": "break", "kind": "railway", "barrier_name": "汉丹铁路", "broken": True, "direction": "north_south"}
    rows = [
        {**end, "name": "甲路", "gap_m": 60.0},
        {**end, "name": "甲路", "gap_m": 60.0},
        {**end, "name": "乙路", "gap_m": 60.0},
        {**end, "name": "甲路", "gap_m": np.nan, "kind": "unknown"},
        {**end, "name": "甲路", "gap_m": np.nan, "kind": "unknown"},
    ]
    shapes = [Point(100, 100), Point(100, 160), Point(300, 100), Point(1500, 100), Point(1600, 100)]
    evidence = _evidence(rows, shapes, drawn)
    both = [
        _measure(town, f"arterial_grid_{way}", by_zone=[1, 1], denominator=[1, 1], evidence=evidence)
        for way in ("north_south", "east_west")
    ]
    (gaps,) = gap_lists(town, rows_of(both, None))
    assert gaps.titles("zh") == ["甲路", "乙路", "甲路", "甲路"]
    assert [shapely.get_num_geometries(shape) for shape in gaps.geometry] == [2, 1, 1, 1]
    assert gaps.table["走向"].to_list() == ["纵"] * 4
    assert gaps.rows == tuple(measure.key for measure in both)


def test_arterials_stand_once_each_those_that_run_through_first(town, drawn):
    rows = [
        {"part": "stroke", "stroke": 1, "name": "甲路", "through": False, "share_of_extent": 0.5, "length_m": 900.0},
        {"part": "stroke", "stroke": 2, "name": None, "through": True, "share_of_extent": 0.9, "length_m": 1500.0},
        {"part": "stroke", "stroke": 1, "name": "甲路", "through": False, "share_of_extent": 0.5, "length_m": 900.0},
        {"part": "stroke", "stroke": 3, "name": "丙路", "through": False, "share_of_extent": 0.7, "length_m": 600.0},
    ]
    shapes = [LineString([(0, y), (300, y)]) for y in (0, 100, 10, 200)]
    evidence = _evidence([row | {"direction": "east_west"} for row in rows], shapes, drawn)
    grid = _measure(town, "arterial_grid_east_west", by_zone=[1, 1], denominator=[1, 1], evidence=evidence)
    (gaps,) = gap_lists(town, [_row(grid)])
    assert gaps.key == "arterial"
    assert gaps.table["道路"].to_list() == ["无名（近大路）", "丙路", "甲路"]  # told by the nearest street with a name
    assert gaps.table["贯通"].to_list() == ["是", "否", "否"]
    assert gaps.geometry.length.to_list() == [300.0, 300.0, 600.0]
    assert gaps.ranked_by is None


def test_the_zone_is_that_of_the_evidence_else_the_nearest(town, drawn):
    row = {"part": "missing_link", "street": "甲路", "road_class": "branch", "link_m": 40.0}
    rows = [row | {"rank": 1, "zone_id": "W"}, row | {"rank": 2, "zone_id": None}]
    shapes = [LineString([(1200, 100), (1240, 100)]), LineString([(2100, 100), (2140, 100)])]  # the second lies outside
    evidence = _evidence(rows, shapes, drawn)
    gaps = _gaps(town, _measure(town, "dead_ends", by_zone=[1, 1], denominator=[1, 1], evidence=evidence))
    assert gaps.places["zone_id"].to_list() == ["W", "E"]
    assert gaps.table["分区"].to_list() == ["西区", "东区"]


def test_homes_of_any_coverage_are_listed_on_request(town, drawn):
    area = sg.StudyArea(**{**vars(town), "facilities": drawn([Point(1450, 50)], category=["kindergarten"])})
    coverage = sg.service_coverage(area, "kindergarten", of="persons")
    assert gap_lists(area, [_row(coverage)]) == ()
    gaps = _gaps(area, coverage)
    assert gaps.key == "unserved_homes.service_coverage.kindergarten"
    assert gaps.rows == ("service_coverage.kindergarten",)
    assert gaps.name.en == f"{coverage.name_en}: homes not covered"
    assert gaps.chapter.key == "life_circle"


def test_without_named_streets_a_place_is_told_by_its_zone(town):
    area = sg.StudyArea(**{**vars(town), "roads": None})
    gaps = _gaps(area, sg.park_coverage(area))
    assert gaps.titles("zh") == ["公园未覆盖的居住用地：东区"]
    assert gaps.titles("en") == ["Homes no park serves: 东区"]
    assert gaps.table["附近道路"].to_list() == ["—"]


@pytest.mark.slow
def test_a_list_shows_itself_and_escapes_strangers_text(town):
    roads = town.roads.assign(name=["<b>大路", "<script>"])
    gaps = _gaps(sg.StudyArea(**{**vars(town), "roads": roads}), sg.park_coverage(town))
    assert repr(gaps) == "<GapList unserved_homes: 1 places, first <script>附近（东区）>"
    shown = gaps._repr_html_()
    assert "公园未覆盖的居住用地，按未覆盖人口" in shown
    assert "虚构数据" in shown
    assert "<script>" not in shown
    real = sg.StudyArea(**{**vars(town), "invented": False})
    assert "虚构数据" not in _gaps(real, sg.park_coverage(real)).table.to_html()
    english = replace(gaps, lang="en")
    assert "persons not covered" in english.table
    assert english.table.equals(gaps.table_in("en"))


def test_a_result_gives_a_list_by_the_key_of_a_row_or_its_own(town):
    parks = sg.park_coverage(town)
    study = sg.Study(name="画的城", name_en="", area=town, plan=None, params={}, baselines={}, inputs=(), findings=())
    result = assessed(study, [parks, sg.population_density(town)])
    assert [gaps.key for gaps in result.gap_lists] == ["unserved_homes"]
    assert result.gaps("park_coverage") is result.gaps("unserved_homes") is result.gap_lists[0]
    with pytest.raises(sg.InputError, match=r"no row or list 'parks'.*unserved_homes"):
        result.gaps("parks")


@pytest.mark.slow
def test_communities_that_lack_something_or_are_not_complete(town, drawn):
    items = {f"item_{n:02d}": [False, True] for n in range(1, 21)}
    shapes = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]
    communities = drawn(shapes, name=["编钟社区", "白云社区"], households=[900, np.nan], **items)
    shops = drawn([Point(1500, 100)], category=["community_shops"])
    area = sg.StudyArea(**{**vars(town), "communities": communities, "facilities": shops})
    lists = gap_lists(area, rows_of([community_gaps(area), complete_community_coverage(area)], None))
    assert [gaps.key for gaps in lists] == ["lacking_community", "incomplete_community"]
    lacking, incomplete = (gaps.table for gaps in lists)
    assert lacking.iloc[0].to_dict() | {"东坐标（m）": 0, "北坐标（m）": 0} == {
        "分区": "西区",
        "社区": "编钟社区",
        "居住人口（人）": 300,
        "缺设施类数（个）": 1,
        "缺的设施": "社区商业网点",
        "东坐标（m）": 0,
        "北坐标（m）": 0,
    }
    assert incomplete["社区"].to_list() == ["编钟社区"]
    assert incomplete["未达标项数（个）"].to_list() == [20]
    assert incomplete["户数（户）"].to_list() == [900]


@pytest.mark.slow
def test_every_list_of_the_invented_city_is_told_in_both_languages(measured):
    result = assessed(*measured("invented_city"))
    assert [gaps.key for gaps in result.gap_lists] == [
        *("missing_link", "dead_end", "promised_road", "break", "arterial"),
        *("superblock_residential", "superblock_industrial", "unserved_homes"),
        *("lacking_community", "incomplete_community", "unmarked_heritage"),
    ]
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for gaps in result.gap_lists:
        assert gaps.places["rank"].to_list() == list(range(1, len(gaps) + 1))
        assert set(gaps.places["zone_id"]) <= set(result.area.zones.index)
        assert gaps.places.crs == result.area.crs
        assert all(shapely.is_valid(gaps.geometry.to_numpy()))
        told = [gaps.heading("en"), *(head for head in gaps.table_in("en").columns)]
        assert not chinese.search(" ".join(told)), told
        assert all(chinese.search(head) for head in gaps.table.columns)
        for column in gaps.columns:
            if column.kind in ("word", "flag", "road_class", "items", "categories"):
                words = {column.words(place | {column.beside: None}, "en") for place in gaps.records}
                assert not chinese.search(" ".join(words)), (gaps.key, column.key)


@pytest.mark.slow
def test_places_hold_what_their_measures_count(measured):
    result = assessed(*measured("invented_city"))
    for key, value in (("community_gaps", "value"), ("block_size.residential", "blocks_over_limit")):
        measure = result.row(key).measure
        assert len(result.gaps(key)) == (measure.value if value == "value" else measure.params[value])
    parks = result.row("park_coverage")
    homes, left = result.gaps("park_coverage"), uncovered_by_zone(parks.evidence)
    cells = demand(result.area).cells
    unmapped = cells[cells["area_m2"] == 0]  # who lives where no home is mapped is in no place
    reach = parks.evidence.loc[parks.evidence["part"] == "service_area"].union_all()
    beyond = unmapped["persons"] * unmapped.difference(reach).area / unmapped.area
    assert homes.places["persons"].sum() + beyond.sum() == pytest.approx(left["uncovered_persons"].sum())
    assert homes.places["area_ha"].sum() == pytest.approx(left["uncovered_ha"].sum())
    assert homes.places["persons"].is_monotonic_decreasing
    shapes = homes.geometry.to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=JOINED_M)
    assert (one == other).all()
    assert is_listed(result.row("dead_ends"), ["dead_end"]).sum() == len(result.gaps("dead_end"))
