"""The invented city: the measures of issue after issue against what its generator knows, each within a stated tolerance."""

import json
from pathlib import Path

import pytest

import suizhou_geo as sg

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"


@pytest.fixture(scope="module")
def study():
    return sg.read_study(BUNDLED / "study.toml")


@pytest.fixture(scope="module")
def truth():
    return json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def area(study):
    return study.area


def test_land_in_mu_and_inside_development_zones(area, truth):
    zones = truth["development_zones"]
    assert sg.industrial_land(area).value == pytest.approx(zones["industrial_land_mu"], rel=1e-6)
    inside = sg.industrial_land_in_development_zones(area)
    assert inside.value == pytest.approx(zones["industrial_share_inside"], rel=1e-6)


def test_heritage_parking_and_charging_points(area, truth):
    assert sg.historic_plaque_share(area).value == pytest.approx(truth["heritage"]["plaque_share"])
    assert sg.parking_spaces(area).value == truth["parking_spaces"]["total"]
    chargers = truth["chargers"]
    assert sg.charging_points(area).value == chargers["total_of_both_units"]
    assert sg.charging_points(area, counts="pile").value == chargers["by_unit"]["pile"]["total"]
    assert sg.charging_points(area, counts="gun").value == chargers["by_unit"]["gun"]["total"]


def test_homes_within_reach_of_greenways_and_charging_points(area, truth):
    shares = truth["residential_share_within"]  # buffers of many corners on both sides: a thousandth
    assert sg.greenway_coverage(area).value == pytest.approx(shares["greenways_1000_m"], abs=1e-3)
    assert sg.charger_coverage(area, of="land").value == pytest.approx(shares["chargers_1000_m"], abs=1e-3)
    assert sg.service_coverage(area, "bus_stop").value == pytest.approx(shares["bus_stops_500_m"], abs=1e-3)


def test_parks_a_head_and_pocket_parks(area, truth):
    heads, pockets = truth["park_m2_per_person"], truth["pocket_parks"]
    # pieces of one park that straddle the outline are counted inside the zones only, by both; borders round to a square metre
    assert sg.park_area_per_capita(area, size="community").value == pytest.approx(heads["community"], rel=0.02)
    assert sg.park_area_per_capita(area, size="pocket").value == pytest.approx(heads["pocket"], rel=0.02)
    assert sg.park_area_per_capita(area, size="comprehensive").value == heads["comprehensive"]
    small = pockets["400-2000_m2"] + pockets["2000-5000_m2"] + pockets["5000-10000_m2"]
    assert sg.pocket_parks(area).value == pytest.approx(small, abs=2)


def test_green_along_the_rivers(area, truth):
    banks = truth["river_banks"]
    measured = sg.river_green(area)
    assert measured.value == pytest.approx(banks["share_green"], abs=0.005)
    assert measured.denominator.sum() == pytest.approx(banks["bank_km"], rel=0.02)


def test_the_survey_of_sidewalks(area, truth):
    assert sg.sidewalk_compliance(area).value == pytest.approx(truth["sidewalks"]["share"], rel=1e-3)


def test_complete_communities(area, truth):
    known = truth["communities"]
    assert sg.complete_communities_advanced(area).value == known["advanced"]
    # the declared items decide; the map may fill in what was not said
    measured = sg.complete_community_coverage(area)
    assert known["complete"] <= round(measured.value * known["number"]) <= known["complete_or_not_said"]
    assert round(measured.high * known["number"]) <= known["complete_or_not_said"]


def test_persons_of_the_communities_add_up(area, truth):
    persons = truth["communities"]["persons"]
    measured = sg.community_gaps(area).evidence.set_index("name")["persons"]
    assert measured.sum() == pytest.approx(sum(persons.values()), rel=0.01)
    inside = [name for name in measured.index if name in persons]
    assert len(inside) == len(persons)
    for name in inside:
        assert measured[name] == pytest.approx(persons[name], rel=0.05, abs=50), name


def test_every_declared_figure_is_computed_as_the_generator_knows(study, truth):
    known = truth["statistics"]["statistics.csv"]
    measured = {m.key: m for m in sg.declared(study.area, study.plan, study.statistics)}
    card = sg.scorecard(list(measured.values()), study.plan).set_index("key")
    assert set(known) <= set(measured)
    for key, told in known.items():
        assert measured[key].value == pytest.approx(told["value"], rel=1e-6), key
        assert (card.loc[key, "status"] == "met") is told["met"], key


def test_no_promise_is_without_data_for_want_of_code(study):
    card = sg.scorecard(sg.measure_study(study), study.plan, baselines=study.baseline_values, invented=True)
    promised = card[card["op"].ne("") & ~card["key"].str.contains("@", regex=False)]
    assert promised.loc[promised["status"].eq("no_data"), "key"].tolist() == []
    assert len(promised) == len(study.plan.targets)


def test_nor_is_one_of_the_work_report(study):
    plan = sg.read_plan("suizhou_2024_report")
    filled = sg.read_statistics(BUNDLED / "statistics_2024.csv", plan)
    assert filled.findings == ()
    said = sg.declared(study.area, plan, filled.statistics)
    measured = [sg.complete_community_coverage(study.area), sg.named_dead_ends(study.area, promised=5)]
    card = sg.scorecard([*measured, *said], plan, invented=True)
    promised = card[card["op"].ne("") & ~card["key"].str.contains("@", regex=False)]
    assert promised.loc[promised["status"].eq("no_data"), "key"].tolist() == []
    assert len(promised) == len(plan.targets)
