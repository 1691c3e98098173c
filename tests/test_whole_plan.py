"""The whole plan: drawn towns whose shortest list is found by trying every list, and what binds told where none can."""

import json
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.whole_plan.closed import whole
from suizhou_geo.assessment.whole_plan.offers import Part, Piece, enough, offer_of, shortest, together, value_alone
from suizhou_geo.assessment.whole_plan.wording import closing, gaps_table, projects_table, tally
from suizhou_geo.cli import app
from suizhou_geo.errors.text import Text
from suizhou_geo.measures import contents, measure_only
from suizhou_geo.measures.life_circle import required_categories
from suizhou_geo.model import Plan, Study, Target
from suizhou_geo.study_area import StudyArea

KINDERGARTEN, CLINIC = "service_coverage.kindergarten", "service_coverage.nursery"


def _target(key, op, value, unit="share"):
    return Target(key, key, key, op, value, unit, 2025, "一", "文")


def _held(area, *targets, params=None):
    plan = Plan("demo", "案", "plan", "《案》", targets, params or {})
    study = Study("town", "Town", area, plan, params or {}, {}, inputs=(), findings=())
    measures = [m for key in {t.key for t in targets} for m in measure_only(area, study.params, {key})]
    return assessed(study, measures)


@pytest.fixture
def town(drawn):
    """Homes of 1 ha and 100 persons in a row, 1 km apart; nobody has a kindergarten but the first; four places to build."""
    homes = [box(x, 450, x + 100, 550) for x in (450, 1450, 2450, 3450)]
    return StudyArea(
        "town",
        drawn([box(0, 0, 2000, 1000), box(2000, 0, 4000, 1000)], name=["west", "east"]).set_index(
            pd.Index(["W", "E"], name="zone_id")
        ),
        roads=drawn([LineString([(0, 400), (4000, 400)])], road_class=["branch"], name=["甲路"]),
        residential=drawn(homes),
        population=drawn(homes, persons=[100.0] * 4),
        facilities=drawn([Point(500, 500)] * 2, category=["kindergarten", "nursery"]),
        candidates=drawn([Point(x, 500) for x in (500, 1500, 2500, 3500)], name=["一", "二", "三", "四"]),
    )


# ------------------------------------------------------------------------------------------------------- the choice


def _offers(chance, projects=7, gaps=3):
    """Random projects of one to three parts, and pieces of gaps that some parts close."""
    of = np.sort(np.r_[np.arange(projects), chance.integers(0, projects, 4)])
    pieces = [
        Piece(str(chance.integers(gaps)), float(chance.uniform(0.1, 2.0)), np.flatnonzero(chance.random(len(of)) < 0.3))
        for _ in range(25)
    ]
    names = [Text(str(k), str(k)) for k in range(projects)]
    return offer_of(names, [Part(gpd.GeoDataFrame())] * len(of), of, pieces)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_no_shorter_list_closes_all_gaps_as_every_list_that_is_tried_shows(seed):
    offers = _offers(np.random.default_rng(seed))
    needed = {str(k): 0.6 * offers.most(str(k)) for k in range(3)}

    def closes(projects):
        parts = np.flatnonzero(np.isin(offers.of, projects))
        return all(offers.closed(key, parts) >= need - 1e-9 for key, need in needed.items())

    fewest = next(k for k in range(8) if any(closes(some) for some in combinations(range(7), k)))
    found = shortest(offers, needed)
    chosen = np.unique(offers.of[found.parts])
    assert len(chosen) == fewest == found.bound
    assert all(offers.closed(key, found.parts) >= need - 1e-9 for key, need in needed.items())
    for part in found.parts:  # none is idle
        rest = found.parts[found.parts != part]
        assert not all(offers.closed(key, rest) >= need - 1e-9 for key, need in needed.items())


def test_a_project_alone_is_worth_the_shares_of_the_gaps_it_closes():
    pieces = [Piece("a", 2.0, np.array([0])), Piece("a", 1.0, np.array([0, 1])), Piece("b", 1.0, np.array([1]))]
    offers = offer_of([Text("甲", "A"), Text("乙", "B")], [Part(gpd.GeoDataFrame())] * 2, [0, 1], pieces)
    assert value_alone(offers, {"a": 2.0, "b": 4.0}).tolist() == [1.0, 0.75]  # 3 of 2 is the whole; 1/2 + 1/4
    both = together([offers, offers])
    assert (both.most("a"), both.of.tolist(), len(both.names)) == (6.0, [0, 1, 2, 3], 4)
    with pytest.raises(ValueError, match="do not close"):
        shortest(offers, {"a": 3.5})
    assert shortest(offers, {}).parts.tolist() == []


# -------------------------------------------------------------------------------------------------- services, parks


@pytest.mark.slow
def test_one_place_offers_what_two_promises_lack_there(town):
    """A quarter has both. Three quarters of kindergartens need two places, a half of nurseries one of these."""
    found = whole(_held(town, _target(KINDERGARTEN, ">=", 0.75), _target(CLINIC, ">=", 0.5)))
    assert [gap.outcome for gap in found.gaps] == ["closed", "closed"]
    assert (len(found.projects), found.bound) == (2, 2)
    first, second = found.projects
    assert sorted(first.rows["category"]) == ["kindergarten", "nursery"]
    assert list(second.rows["category"]) == ["kindergarten"]
    assert first.closes == pytest.approx({KINDERGARTEN: 0.5, CLINIC: 1.0})
    assert second.closes == pytest.approx({KINDERGARTEN: 0.5})
    assert (first.persons, second.persons) == pytest.approx((100.0, 100.0))
    assert sg.service_coverage(found.built, "kindergarten").value == pytest.approx(0.75)
    assert sg.service_coverage(found.built, "nursery").value == pytest.approx(0.5)
    assert found.best is None


@pytest.mark.slow
def test_what_all_candidates_leave_is_told_and_gets_no_project(town):
    area = town.replace(candidates=town.candidates.iloc[:2])
    found = whole(_held(area, _target(KINDERGARTEN, ">=", 0.75), _target(CLINIC, ">=", 0.5)))
    kindergartens, nurseries = found.gap(KINDERGARTEN), found.gap(CLINIC)
    assert (kindergartens.outcome, nurseries.outcome) == ("still_missed", "closed")
    assert "reach 50.0%" in kindergartens.why.en
    assert "≥ 75%" in kindergartens.why.en
    assert [list(one.rows["category"]) for one in found.projects] == [["nursery"]]
    # the place with both moves both, and is the best there is; the list needs only its nursery
    assert "2 promises missed: with 1 projects built 1 are met" in tally(found, "en")[0]


@pytest.mark.slow
def test_candidates_that_are_none_bind(town):
    area = town.replace(candidates=None, parks=None)
    found = whole(_held(area.replace(parks=area.zones.iloc[:0][["geometry"]]), _target("park_coverage", ">=", 0.5)))
    if found.gaps[0].outcome == "unknown":
        pytest.fail("an empty layer of parks is an answer")
    assert found.gaps[0].outcome == "no_project"
    assert "land_use or land_survey" in found.gaps[0].why.en
    assert found.projects == ()
    assert tally(found, "en")[-1] == "no project is known that closes any of them"


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "projects"), [(0.25, 1), (0.5, 2)])
def test_more_than_asked_is_more(town, asked, projects):
    """A quarter has it, and each place brings a quarter: for more than a quarter one is wanted, for more than a half two."""
    found = whole(_held(town, _target(KINDERGARTEN, ">", asked)))
    assert [gap.outcome for gap in found.gaps] == ["closed"]
    assert (len(found.projects), found.bound) == (projects, projects)
    assert all(one.closes[KINDERGARTEN] == pytest.approx(1.0) for one in found.projects)


@pytest.mark.slow
@pytest.mark.parametrize("others", ["covered already", "none", "other uses"])
def test_candidates_that_add_nothing_close_nothing(town, others):
    some = {
        "covered already": town.candidates.iloc[[0]],
        "none": town.candidates.iloc[:0],
        "other uses": town.candidates.assign(use="公园"),
    }[others]
    found = whole(_held(town.replace(candidates=some), _target(KINDERGARTEN, ">=", 0.5)))
    assert (found.gaps[0].outcome, found.projects) == ("no_project", ())
    assert "no candidate covers any more homes" in found.gaps[0].why.en


@pytest.mark.slow
def test_what_is_built_closes_no_gap_to_the_other_side(town):
    found = whole(_held(town, _target(KINDERGARTEN, "<=", 0.1)))
    assert (found.gaps[0].outcome, found.projects) == ("no_project", ())


def test_sums_of_many_pieces_are_enough_by_a_hair():
    pieces = [Piece("a", 0.1, np.array([0]))] * 3
    offers = offer_of([Text("甲", "A")], [Part(gpd.GeoDataFrame())], [0], pieces)
    assert offers.most("a") != 0.3  # but for the last digit
    assert shortest(offers, {"a": max(0.3, offers.most("a"))}).parts.tolist() == [0]
    assert enough(offers.most("a"), 0.3)
    assert enough(0.3, offers.most("a"))


@pytest.mark.slow
def test_parks_are_places_of_their_own_and_are_measured_with_what_they_join(town, drawn):
    plots = [box(1600, 450, 1700, 550), box(2600, 450, 2700, 550), box(3000, 600, 3010, 610)]
    area = town.replace(parks=drawn([box(600, 450, 700, 550)]), candidates=drawn(plots, name=["东园", "西园", "小"]))
    found = whole(_held(area, _target("park_coverage", ">", 0.6), _target(KINDERGARTEN, ">=", 0.5)))
    assert [gap.outcome for gap in found.gaps] == ["closed", "closed"]
    assert sorted(one.rows["layer"].iloc[0] for one in found.projects) == ["facilities", "parks", "parks"]
    assert sg.park_coverage(found.built).value == pytest.approx(0.75)


@pytest.mark.slow
def test_the_mean_of_the_living_circle_is_closed_by_places_with_many_services(town):
    town = town.replace(surveyed=frozenset(required_categories()))
    now = sg.life_circle_compliance(town).value
    found = whole(_held(town, _target("life_circle_compliance", ">=", now + 0.2)))
    assert found.gaps[0].outcome == "closed"
    assert sg.life_circle_compliance(found.built).value >= now + 0.2
    assert len(found.projects) == 1  # a quarter of the homes for each of the services known


@pytest.mark.slow
def test_a_community_is_completed_by_what_the_map_shows_and_not_by_what_was_declared(town, drawn):
    """Two communities lack item 2 alone: of one the map says so, of the other the office did."""
    items = {f"item_{n:02d}": [True, True] for n in range(1, 21)}
    items |= {"item_02": [None, False]}
    outlines = [box(0, 0, 2000, 1000), box(2000, 0, 4000, 1000)]
    area = town.replace(
        surveyed=frozenset({"kindergarten", "nursery"}),
        facilities=town.facilities.iloc[:0],
        communities=drawn(outlines, name=["西社区", "东社区"], **items),
    )
    found = whole(_held(area, _target("complete_community_coverage", ">=", 0.5)))
    assert found.gaps[0].row.status == "missed"
    assert found.gaps[0].outcome == "closed"
    assert len(found.projects) == 1
    assert shapely.within(found.projects[0].rows.geometry, area.communities.geometry.iloc[0]).all()
    parks_only = area.replace(candidates=area.candidates.assign(use="公园"))
    [elsewhere] = whole(_held(parks_only, _target("complete_community_coverage", ">=", 0.5))).projects
    assert not elsewhere.rows.geometry.isin(area.candidates.geometry).any()  # candidates for parks hold no kindergarten
    more = whole(_held(area, _target("complete_community_coverage", ">=", 1.0)))
    assert more.gaps[0].outcome == "still_missed"
    assert "50.0%" in more.gaps[0].why.en


# ------------------------------------------------------------------------------------------------------------ streets


@pytest.fixture
def railway(drawn):
    """Streets round a block of 2 x 1 km, and two that end in it at a railway, on either side of it."""
    streets = {
        "甲路": [LineString([(500, 0), (500, 480)]), LineString([(500, 520), (500, 1000)])],
        "乙路": [LineString([(900, 0), (900, 480)]), LineString([(900, 520), (900, 1000)])],
        "丙路": [LineString([(0, 0), (0, 1000)]), LineString([(2000, 0), (2000, 1000)])],
        "丁路": [LineString([(0, 0), (2000, 0)]), LineString([(0, 1000), (2000, 1000)])],
    }
    lines = [(line, name) for name, some in streets.items() for line in some]
    return StudyArea(
        "railway",
        drawn([box(-300, -300, 2300, 1300)], name=["all"]).set_index(pd.Index(["A"], name="zone_id")),
        boundary="built_up",
        roads=drawn([line for line, _ in lines], name=[name for _, name in lines], road_class=["branch"] * len(lines)),
        barriers=drawn([LineString([(-100, 500), (2100, 500)])], name=["铁路"], kind=["railway"]),
        residential=drawn([box(0, 0, 2000, 1000)]),
    )


@pytest.mark.slow
def test_the_link_a_named_road_needs_is_one_project_and_counts_for_the_density_too(railway):
    named = {"dead_ends_opened": {"names": ["甲路"]}}
    density = sg.road_density(railway).value
    area_km2 = 2.6 * 1.6
    both = _target("road_density", ">=", density + 0.03 / area_km2, "km/km2")
    result = _with_dead_ends(railway, _target("dead_ends_opened", ">=", 1.0, "count"), both, params=named)
    found = whole(result)
    assert [gap.outcome for gap in found.gaps] == ["closed", "closed"]
    [project] = found.projects
    assert project.name.en == "open 甲路"
    assert project.rows["bridge"].tolist() == [True]
    assert project.rows.length.sum() == pytest.approx(40.0, abs=1e-6)
    assert project.closes["dead_ends_opened"] == pytest.approx(1.0)
    assert project.closes["road_density"] == pytest.approx(40 / 30, rel=1e-3)
    assert closing(found, found.gaps[0].row) == "1"


@pytest.mark.slow
def test_a_street_through_the_block_closes_the_density(railway):
    density = sg.road_density(railway).value
    result = _with_dead_ends(railway, _target("road_density", ">=", density + 0.2, "km/km2"))
    found = whole(result)
    assert found.gaps[0].outcome == "closed"
    [project] = found.projects
    assert project.rows.length.sum() == pytest.approx(1000.0)  # from one long side to the other
    assert sg.road_density(found.built).value == pytest.approx(density + 1.0 / 4.16)
    out = whole(_with_dead_ends(railway, _target("road_density", ">=", 60.0, "km/km2")))
    assert out.gaps[0].outcome == "still_missed"
    assert out.projects == ()


def _with_dead_ends(area, *targets, params=None):
    held = _held(area, *targets, params=params)
    more = measure_only(area, params or {}, {"dead_ends", "block_size.residential", "block_size.industrial"})
    return assessed(held.study, [*held.measures, *more])


# ----------------------------------------------------------------------------------------------------------- reasons


@pytest.mark.slow
def test_what_is_no_place_says_so(town):
    targets = (
        _target("vehicle_exports", ">=", 9.0, "count"),
        _target("arterial_grid_north_south", ">=", 2.0, "count"),
        _target("road_density", ">=", 99.0, "km/km2"),
    )
    area = town.replace(incomplete=frozenset())
    area = sg.StudyArea(
        area.name, area.zones, boundary="built_up", **{k: v for k, v in area.layers.items() if k != "zones"}
    )
    plan = Plan("demo", "案", "plan", "《案》", targets, {})
    study = Study("town", "Town", area, plan, {}, {}, inputs=(), findings=())
    found = whole(assessed(study, measure_only(area, {}, {"arterial_grid_north_south", "road_density"})))
    told = {gap.row.key: (gap.outcome, gap.why.en) for gap in found.gaps}
    assert told["vehicle_exports"][0] == "unknown"
    assert "data first" in told["vehicle_exports"][1]
    assert told["arterial_grid_north_south"][0] == "no_project"
    assert "0 breaks are known, all of them joined up make at most 0" in told["arterial_grid_north_south"][1]
    assert told["road_density"] == ("no_project", "the gap lists know nothing to build for it")


def test_measuring_some_keys_alone_is_what_measuring_everything_gives(town):
    study = _held(town, _target(KINDERGARTEN, ">=", 0.75)).study
    alone = measure_only(town, {}, {KINDERGARTEN, "road_density", "vehicle_exports"})
    assert [measure.key for measure in alone] == ["road_density", KINDERGARTEN]
    assert measure_only(town, {}, {"dead_ends_opened"}) == []  # nobody named a road
    assert study.plan is not None


@pytest.mark.slow
def test_every_key_of_the_scorecard_can_be_measured_alone(measured):
    invented_city, measures = measured("invented_city")
    whole_ = {m.key: m for m in reversed(measures) if m.profile != "declared"}
    lots = {name for lot in contents() for name in (lot.name, lot.family)}
    keys = {key for key in whole_ if key.partition(".")[0] in lots and not key.startswith("walk_time")}
    alone = measure_only(invented_city.area, invented_city.params, keys)
    assert {m.key for m in alone} >= keys - {"district_zones"}
    assert all(np.isclose(m.value, whole_[m.key].value, equal_nan=True) for m in alone if m.key != "built_up_area")


# ----------------------------------------------------------------------------------------------------- words, files


@pytest.fixture
def in_hand(town):
    """The whole plan of the town, in the hand."""
    held = _held(town, _target(KINDERGARTEN, ">=", 0.75), _target(CLINIC, ">=", 0.5))
    result = sg.Assessment(held.study, held.rows, held.measures, lang="en")
    return sg.whole_plan(result)


@pytest.mark.slow
def test_it_is_told_in_both_languages_and_written_as_a_whole(in_hand, tmp_path):
    assert list(in_hand.table(lang="zh").columns) == ["项目", "位置", "新增", "单独建成的作用", "受益人口"]
    assert in_hand.table().loc[1, "where"] if "where" in in_hand.table() else "near 甲路" in in_hand.table().iloc[0, 1]
    assert in_hand.gaps_table(lang="en")["by which projects"].tolist() == ["1–2", "1"]
    assert in_hand.summary()[0].startswith("2 promises missed: with 2 projects built 2 are met")
    assert in_hand.summary()[1] == "chosen from 4 possible projects; no shorter list is possible"
    assert "<table" in in_hand._repr_html_()
    assert repr(in_hand).startswith("WholePlan(2 promises")
    in_hand.write(tmp_path / "out")
    names = ["gaps.csv", "map.html", "projects.csv", "projects.geojson", "whole_plan.json"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    record = json.loads((tmp_path / "out" / "whole_plan.json").read_text("utf-8"))
    assert [gap["outcome"] for gap in record["gaps"]] == ["closed", "closed"]
    again = sg.scenario(in_hand.result.study, tmp_path / "out" / "projects.geojson", chapter="life_circle")
    assert again[KINDERGARTEN].after.value == pytest.approx(0.75)
    assert len(in_hand) == 2
    assert projects_table(in_hand, in_hand.result.area, "en").equals(in_hand.table())
    assert gaps_table(in_hand, "en").equals(in_hand.gaps_table())


@pytest.mark.slow
def test_the_command_tells_what_closes_and_what_binds(town, tmp_path):
    for name in ("zones", "residential", "population", "roads", "facilities", "candidates"):
        getattr(town, name).reset_index(drop=True).to_file(tmp_path / f"{name}.gpkg", layer=name)
    layers = "".join(
        f'[layers.{name}]\npath = "{name}.gpkg"\ncomplete = true\n'
        for name in ("residential", "facilities", "candidates")
    )
    text = 'name = "town"\nplan = "plan.toml"\n[zones]\npath = "zones.gpkg"\nboundary = "built_up"\n'
    (tmp_path / "study.toml").write_text(text + '[population]\npath = "population.gpkg"\n' + layers, encoding="utf-8")
    said = {
        "key": KINDERGARTEN,
        "name_zh": "幼",
        "name_en": "k",
        "op": ">=",
        "unit": "share",
        "clause": "一",
        "quote": "文",
    }
    plan = [
        'name = "demo"',
        'title_zh = "案"',
        'title_en = "plan"',
        'document = "《案》"',
        "[[targets]]",
        "value = 0.75",
    ]
    plan = "\n".join([*plan, "year = 2025", *(f'{name} = "{word}"' for name, word in said.items())])
    (tmp_path / "plan.toml").write_text(plan, encoding="utf-8")
    call = ["whole-plan", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out"), "--lang", "en"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert "promises missed: with 2 projects built" in done.output
    assert (tmp_path / "out" / "map.html").exists()
