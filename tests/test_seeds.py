"""Ten invented cities, the bundled one first: what was drawn into them is measured again, and nothing else."""

import json
from pathlib import Path

import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.invented_city import write_city

pytestmark = pytest.mark.slow
BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"
SAME_PLACE_M = 0.1  # the map holds degrees with seven decimals
# Mean lines lie up to some metres off, which turns a block or two near its limit.
# The truth goes by centrelines and takes no ramps, we go by carriageways; a home may stand on the other street at a corner.
PERSONS_REL, WAY_REL, SAVED_REL = 0.03, 0.03, 0.05
# A station by an interchange is some 55 m nearer by its ramps, one on a dual carriageway up to 500 m farther round the
# median. Jobs and homes stand gathered on grids; a ramp of the motorway cuts its corner (0.2 min of 33).
REACHED_ABS, JOBS_ABS, JOBS_MIN_REL, REGION_REL = 0.009, 0.007, 0.007, 0.01
LOST = (("name",), ("oneway",), ("name", "oneway"))
BLOCK_SHARE_ABS = {"residential": 0.01, "industrial": 0.001}


def _another_but_similar_city(area, truth, bundled_area):
    bundled = json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))
    assert truth["area_km2"] == pytest.approx(63, abs=3)
    assert truth["persons"] == 600_000
    assert truth["centreline_km"] != pytest.approx(bundled["centreline_km"], rel=1e-3)
    assert truth["centreline_km"] == pytest.approx(bundled["centreline_km"], rel=0.12)
    assert area.zones["name"].tolist() == bundled_area.zones["name"].tolist()
    assert set(truth["area_km2_by_zone"]) == set(bundled["area_km2_by_zone"]) == set(area.zones["name"])
    places, others = (
        {tuple(xy) for xy in shapely.get_coordinates(of.roads.geometry.to_numpy()).round(1).tolist()}
        for of in (area, bundled_area)
    )
    assert places.isdisjoint(others)


def _centrelines(area, truth):
    assert sg.road_density(area).params["length_km"] == pytest.approx(truth["centreline_km"], rel=0.01)
    by_class = dict(truth["centreline_km_by_class"])
    by_class["branch"] += by_class.pop("local")  # a public local street counts as a branch road
    measured = {c: sg.road_density(area, road_class=c).params["length_km"] for c in by_class}
    assert measured == pytest.approx(by_class, rel=0.03)


def _the_density_lies_in_the_range_without(area, truth, lost):
    """What is lost: names, directions or both."""
    known, raw = sg.road_density(area), sg.road_density(area, profile="raw")
    left = sg.road_density(area.replace(roads=area.roads.assign(**dict.fromkeys(lost))))
    assert left.low <= known.value <= left.high
    assert left.high - left.low < raw.value / 2
    beside = known.evidence.loc[known.evidence["beside"], "counted_m"].sum() / 1e3 / known.params["area_km2"]
    assert (known.low, known.high) == pytest.approx((known.value - beside, known.value), rel=5e-4)
    assert left.low <= truth["centreline_km"] / known.params["area_km2"] <= left.high


def _the_grid(area, truth):
    through = truth["through_arterials"]
    for direction, names in (("north_south", through["north_south"]), ("east_west", through["west_east"])):
        assert sorted(sg.arterial_grid(area, direction=direction).params["through"]) == sorted(names)


def _every_planted_dead_end_is_found_with_its_barrier_and_none_else(area, truth):
    measure, planted = sg.dead_ends(area), truth["dead_ends"]
    found = measure.evidence[measure.evidence["part"] == "dead_end"]
    places = shapely.get_point(found.geometry.to_numpy(), 0)
    apart_m = shapely.distance(places[:, None], shapely.points([(e["x"], e["y"]) for e in planted])[None, :])
    assert measure.value == len(found) == len(planted)
    assert apart_m.min(axis=0).max() < SAME_PLACE_M  # all found
    assert apart_m.min(axis=1).max() < SAME_PLACE_M  # none else
    found = found.iloc[apart_m.argmin(axis=0)]
    for column in ("street", "road_class", "barrier"):
        told = found[column].astype(object).where(found[column].notna(), None)
        assert told.tolist() == [e[column] for e in planted], column
    # a factory's wall is inferred from its land, and has no name
    assert found["barrier_name"].tolist() == [e["barrier_name"] if e["barrier"] != "wall" else "" for e in planted]


def _the_planted_best_link_is_the_best_and_saves_what_is_true(area, truth, mode):
    evidence = sg.dead_ends(area, rank_by=mode).evidence
    links = evidence[evidence["part"] == "missing_link"].sort_values("rank")
    best, second = links.iloc[0], links.iloc[1]
    true = next(link for link in truth["missing_links"] if link["street"] == truth["best_missing_link"])
    assert (best["street"], best["crossing"], best["opens"]) == ("神农大道", "railway", 2)
    assert truth["best_missing_link"] == "神农大道"
    assert best["benefit"] > 1.5 * second["benefit"]
    assert best["link_m"] == pytest.approx(true["straight_m"], abs=SAME_PLACE_M)
    assert best["persons"] == pytest.approx(true[mode]["persons"], rel=PERSONS_REL)
    assert best["before_m"] == pytest.approx(true[mode]["before_m"], rel=WAY_REL)
    assert best["after_m"] == pytest.approx(true[mode]["after_m"], rel=WAY_REL)
    assert best["benefit"] == pytest.approx(true[mode]["person_m"], rel=SAVED_REL)


def _blocks(area, truth, use):
    measure, true = sg.block_size(area, use=use), truth["block_size"][use]
    assert measure.value == pytest.approx(true["share_over_limit"], abs=BLOCK_SHARE_ABS[use])
    assert measure.denominator.sum() == pytest.approx(true["area_ha"], rel=0.001)
    assert measure.params["blocks"] == true["blocks"]
    assert measure.params["blocks_over_limit"] == pytest.approx(true["blocks_over_limit"], abs=2)


def _persons_reached_in_an_emergency(area, truth, service):
    known = truth["emergency_reach"][service]["share"]
    assert 0.1 < known < 0.7
    assert sg.emergency_reach(area, service).value == pytest.approx(known, abs=REACHED_ABS)


def _jobs(area, truth, mode):
    share = truth["jobs"]["share_within_30_min"][mode]
    assert sg.jobs_within_reach(area, mode=mode).value == pytest.approx(share, abs=JOBS_ABS)
    minutes = truth["jobs"]["minutes_of_95_percent_of_pairs"][mode]
    if minutes is not None:
        assert sg.commute_30min_city(area, mode=mode).value == pytest.approx(minutes, rel=JOBS_MIN_REL)


def _county_seats(area, truth):
    minutes = sg.commute_1h_region(area).breakdown["minutes"]
    known = {name: seat["minutes_from_main_centre"] for name, seat in truth["county_seats"].items()}
    assert minutes.to_dict() == pytest.approx(known, rel=REGION_REL)
    assert sorted(m <= 60 for m in minutes) == [False, True, True]


CHECKS = (
    (_centrelines, {}),
    *((_the_density_lies_in_the_range_without, {"lost": lost}) for lost in LOST),
    (_the_grid, {}),
    (_every_planted_dead_end_is_found_with_its_barrier_and_none_else, {}),
    *((_the_planted_best_link_is_the_best_and_saves_what_is_true, {"mode": mode}) for mode in ["drive", "walk"]),
    *((_blocks, {"use": use}) for use in ["residential", "industrial"]),
    *((_persons_reached_in_an_emergency, {"service": service}) for service in ["fire", "emergency"]),
    *((_jobs, {"mode": mode}) for mode in ["walk", "bus", "ebike", "car"]),
    (_county_seats, {}),
)


@pytest.mark.parametrize("seed", range(10))
def test_the_city_of_any_seed(seed, tmp_path, subtests, invented_city):
    """All that is held of one seed in one test: its city takes longer to draw than to measure."""
    folder = tmp_path / "city" if seed else BUNDLED
    if seed:
        write_city(folder, seed=seed)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    area = sg.read_study(folder / "study.toml").area
    checks = (*CHECKS, (_another_but_similar_city, {"bundled_area": invented_city.area})) if seed else CHECKS
    for check, given in checks:
        with subtests.test(check.__name__.strip("_"), **given):
            check(area, truth, **given)
