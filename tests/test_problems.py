"""Problems and remedies: places, amounts and offices of what is missed, on a drawn town whose numbers are known."""

import re
import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import LineString

import suizhou_geo as sg
from suizhou_geo.assessment.gap_lists import uncovered_by_zone
from suizhou_geo.assessment.problems import problems_of
from suizhou_geo.standards import table

TOWN = runpy.run_path(str(Path(__file__).parent / "report_town.py"))
layer, results_of, study_of, town = TOWN["layer"], TOWN["results_of"], TOWN["study_of"], TOWN["town"]


@pytest.fixture(scope="module")
def results():
    return results_of(study_of(town()))


def _of(problems, key):
    return [problem for problem in problems if problem.row.key == key]


@pytest.mark.slow
def test_every_missed_promise_has_a_problem_and_one_remedy_that_names_it(results):
    problems, remedies = problems_of(results)
    missed = [row.key for row in results.rows if row.status == "missed"]
    assert {problem.row.key for problem in problems if problem.row.status} == set(missed)
    assert sorted(remedy.row.key for remedy in remedies if remedy.row.status) == sorted(missed)
    for remedy in remedies:
        assert {problems[number - 1].row.key for number in remedy.problems} == {remedy.row.key}
    assert sorted(number for remedy in remedies for number in remedy.problems) == list(range(1, len(problems) + 1))


@pytest.mark.slow
def test_homes_that_no_park_serves_are_places_with_their_persons(results):
    problems, remedies = problems_of(results)
    (east,) = _of(problems, "park_coverage")
    left = uncovered_by_zone(results.row("park_coverage").evidence)  # all of the east and the nearer part of the west
    assert left.loc["2", "uncovered_persons"] == pytest.approx(2000)
    assert east.persons == pytest.approx(left["uncovered_persons"].sum())
    persons = f"{round(east.persons):,} 人"
    assert east.gap.zh.startswith(f"{persons}、")
    assert east.place.en.startswith("near 汉东东路 (东区)")
    assert remedies[0].row.key == "park_coverage"  # the only one whose persons are known comes first
    assert remedies[0].gain.zh == f"涉及 {persons}"


def test_zones_that_lack_most_come_first_and_sum_to_the_whole(results):
    problems, remedies = problems_of(results)
    density = _of(problems, "road_density")
    assert [problem.place.zh for problem in density] == ["东区", "西城"]
    assert [problem.gap.en for problem in density] == [
        "7 km/km² short, that is 7 km",
        "6.50 km/km² short, that is 6.50 km",
    ]
    remedy = next(remedy for remedy in remedies if remedy.row.key == "road_density")
    assert "13.50 km" in remedy.task.zh
    assert remedy.offices.zh == "市住房和城市更新局、市交通运输局、市城管执法委，曾都区政府"
    assert remedy.offices.en.startswith("housing and urban renewal bureau, transport bureau")


def test_no_cause_is_guessed_and_no_promise_means_no_office(results):
    problems, remedies = problems_of(results)
    (people,) = _of(problems, "main_city_population")
    assert (people.place.zh, people.cause.zh) == ("全部分区", "")
    blocks = next(remedy for remedy in remedies if remedy.row.key == "block_size.residential")
    assert blocks.offices.zh == ""
    assert remedies.index(blocks) >= sum(bool(remedy.row.status) for remedy in remedies)


@pytest.mark.slow
def test_what_may_be_missing_in_the_data_is_to_be_checked_first():
    streets = [
        LineString([(0, 500), (1000, 500)]),
        LineString([(1000, 500), (1000, 900), (0, 900), (0, 500)]),
        LineString([(500, 500), (500, 800)]),
    ]
    roads = layer(streets, road_class=["branch"] * 3, name=["南路", "环路", "中路"])
    sure, unsure = (
        _of(problems_of(results_of(study_of(town(roads=roads, incomplete=incomplete))))[0], "dead_ends")[0].action.zh
        for incomplete in (frozenset(), frozenset({"roads"}))
    )
    assert sure == "新建连接段约 100 m"
    assert unsure == "先核实道路、小区、阻隔要素数据；确认后新建连接段约 100 m"


@pytest.mark.slow
def test_a_planned_size_that_is_missed_says_by_how_much_to_either_side(results):
    row = results.row("main_city_population")
    more = replace(row, measure=replace(row.measure, value=600_100.0 * 2, low=np.nan, high=np.nan))
    rows = tuple(more if one is row else one for one in results.rows)
    (people,) = _of(problems_of(replace(results, rows=rows))[0], "main_city_population")
    assert people.gap.zh == "比规划多 600,200 人"


def test_both_languages_of_a_remedy_ask_for_the_same():
    told = table("remedies")
    pairs = [
        pair
        for part in ("lists", "rows")
        for words in told[part].values()
        for key in words
        for pair in _pairs(words[key])
    ]
    assert pairs
    for zh, en in pairs:
        assert set(_places(en)) <= set(_places(zh)), (zh, en)


def _pairs(value):
    return [pair for pair in value if isinstance(pair, list)] if isinstance(value, list) else []


def _places(text):
    return [part.partition("}")[0] for part in text.split("{")[1:]]


@pytest.mark.slow
def test_one_interruption_of_a_street_is_told_as_one_place():
    problems, _ = problems_of(sg.assess("data/raw/invented_city/study.toml", chapter="roads"))
    told = {k: re.search(r"（与第 (\d+) 项为同一处）$", problem.action.zh) for k, problem in enumerate(problems, 1)}
    same = {k: int(found[1]) for k, found in told.items() if found}
    links = [k for k, problem in enumerate(problems, 1) if problem.row.key == "dead_ends"]
    assert links
    assert set(same) == set(links)  # both of the links listed close what a promise lists
    for k, n in same.items():
        assert problems[n - 1].row.key in ("arterial_grid_north_south", "arterial_grid_east_west", "dead_ends_opened")
        assert problems[k - 1].shape.distance(problems[n - 1].shape) < 1.0
        assert problems[k - 1].action.en.endswith(f"(the same place as no. {n})")
        zones = {re.search(r"（([^（]+)）$", problems[m - 1].place.zh)[1] for m in (k, n)}
        assert len(zones) == 1
