"""Travel times and commuting circles: minutes by hand on drawn streets, and a grid against networkx."""

import dataclasses
from itertools import accumulate, pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPoint, Point, box
from shapely.affinity import rotate

import suizhou_geo as sg
from suizhou_geo.access.travel_time import isochrones, minutes_between, timed
from suizhou_geo.errors import InputError
from suizhou_geo.measures.commute import MODES, commute_1h_region, commute_30min_city, jobs_within_reach
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import LAYERS

ORIGIN = (441_000.0, 3_507_000.0)
KM_H = {mode: row.get("km_h") for mode, row in table("speeds")["modes"].items()}
LEG_MIN_PER_M = 60 / 4500


@pytest.fixture
def town(drawn):
    """A function: one straight street of 13 km, homes at its west end, and jobs (x, number) beside it, to a study area."""

    def build(jobs=((13_000, 100.0),), *, homes=((0, 10.0),), road_class="branch", **layers):
        street = drawn([LineString([(0, 0), (6_500, 0), (13_000, 0)])], road_class=[road_class], name=["甲路"])
        zones = drawn([box(-100, -100, 6_000, 100), box(6_000, -100, 13_100, 100)], name=["西", "东"])
        cells = [box(x - 25 if x else 0, 0, x + 25 if x else 50, 50) for x, _ in homes]
        return sg.StudyArea(
            "t",
            zones.set_index(np.array(["1", "2"])),
            **{
                "roads": street,
                "residential": drawn(cells),
                "population": drawn(cells, persons=[n for _, n in homes]),
                "jobs": drawn([Point(x, 0) for x, _ in jobs], jobs=[n for _, n in jobs]),
                **layers,
            },
        )

    return build


def _points(*places):
    return np.array([Point(x + ORIGIN[0], y + ORIGIN[1]) for x, y in places], dtype=object)


# ------------------------------------------------------------------------------------------------------- minutes


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "car"])
def test_minutes_are_metres_at_the_stated_speed_and_a_leg_is_walked(town, mode):
    ways = timed(town(), mode)
    minutes = minutes_between(ways, _points((0, 0), (0, 90)), _points((1300, 0), (0, 0)))
    ride = 1300 / (KM_H[mode] * 1000 / 60)
    leg = 90 * LEG_MIN_PER_M
    np.testing.assert_allclose(minutes, [[ride, 0], [ride + leg, leg]], atol=1e-9)


@pytest.mark.parametrize(
    ("road_class", "km_h"), [("local", 15), ("branch", 20), ("secondary", 25), ("arterial", 30), ("expressway", 40)]
)
def test_cars_go_at_class_speeds_times_the_peak_factor(town, road_class, km_h):
    minutes = minutes_between(timed(town(road_class=road_class), "car"), _points((0, 0)), _points((10_000, 0)))
    assert minutes[0, 0] == pytest.approx(10_000 / (km_h * 1000 / 60))


@pytest.fixture
def motorway(drawn):
    """Two branch streets of 1 km, joined by 9 km of motorway over its ramps; 500 m beside it a branch street of its own."""
    rows = [
        ("branch", False, [(0, 0), (1000, 0)]),
        ("motorway", True, [(1000, 0), (1900, 0)]),
        ("motorway", False, [(1900, 0), (9100, 0)]),
        ("arterial", True, [(9100, 0), (10_000, 0)]),
        ("branch", False, [(10_000, 0), (11_000, 0)]),
        ("branch", False, [(3000, -500), (6000, -500)]),
    ]
    roads = drawn(
        [LineString(xy) for _, _, xy in rows],
        road_class=[kind for kind, _, _ in rows],
        ramp=[ramp for _, ramp, _ in rows],
    )
    return sg.StudyArea("t", drawn([box(0, -600, 11_000, 600)], name=["z"]), roads=roads)


def test_motorways_and_their_ramps_carry_cars_only(motorway):
    ends = _points((0, 0)), _points((11_000, 0))
    assert minutes_between(timed(motorway, "car"), *ends)[0, 0] == pytest.approx(3.0 + 5.4 + 1.8 + 3.0)
    assert np.isinf(minutes_between(timed(motorway, "bus"), *ends)[0, 0])
    along = minutes_between(timed(motorway, "car"), _points((9200, 0)), _points((9800, 0)))
    assert along[0, 0] == pytest.approx(600 / (30_000 / 60))


def test_no_door_opens_on_a_motorway(motorway):
    beside, ramp, shop = (5000, -100), (1700, 0), (6000, -500)
    minutes = minutes_between(timed(motorway, "car"), _points(beside, ramp), _points(shop, (1000, 0)))
    leg, way = 400 * LEG_MIN_PER_M, 1000 / (20_000 / 60)
    assert minutes[0].tolist() == [pytest.approx(leg + way), np.inf]
    assert np.isinf(minutes[1]).all()


@pytest.mark.parametrize("mode", ["bus", "car"])
def test_a_gap_of_the_drawing_is_driven_over(drawn, mode):
    lines = [LineString([(0, 0), (5000, 0)]), LineString([(5002.5, 0), (10_000, 0)])]
    roads = drawn(lines, road_class=["branch"] * 2, name=["甲路", "乙路"])
    area = sg.StudyArea("t", drawn([box(-100, -100, 10_100, 100)], name=["z"]), roads=roads)
    minutes = minutes_between(timed(area, mode), _points((0, 0)), _points((10_000, 0)))
    assert minutes[0, 0] == pytest.approx(10_000 / ({"bus": 13_000, "car": 20_000}[mode] / 60))


def test_of_two_roads_on_top_of_each_other_the_quicker_is_driven(drawn):
    lines = [LineString([(0, 0), (1000, 0)])] * 3
    roads = drawn(lines, road_class=["branch", "expressway", "arterial"], name=list("甲乙丙"))
    area = sg.StudyArea("t", drawn([box(0, -100, 1000, 100)], name=["z"]), roads=roads)
    minutes = minutes_between(timed(area, "car"), _points((0, 0)), _points((1000, 0)))
    assert minutes[0, 0] == pytest.approx(1000 / (40_000 / 60))


@pytest.mark.parametrize(("mode", "leg_m"), [("walk", 1000), ("bicycle", 500), ("bus", 500), ("car", 500)])
def test_a_door_may_be_so_far_from_its_street(town, mode, leg_m):
    near, far = (1000, leg_m - 1), (1000, leg_m + 1)
    minutes = minutes_between(timed(town(), mode), _points(near, far), _points((1000, 0)))[:, 0]
    assert minutes.tolist() == [pytest.approx((leg_m - 1) * LEG_MIN_PER_M), np.inf]


def test_places_keep_their_rows_where_others_have_no_way(town):
    places = _points((5000, 5000), (0, 0), (1300, 0))
    minutes = minutes_between(timed(town(), "bus"), places, places[::-1])
    assert minutes.tolist() == [[np.inf] * 3, [pytest.approx(6), 0, np.inf], [0, pytest.approx(6), np.inf]]


def test_many_destinations_in_blocks_are_each_as_far_as_alone(town, monkeypatch):
    ways, places = timed(town(), "bus"), _points((0, 0), (300, 0), (5000, 5000), (700, 0), (1300, 0))
    alone = np.column_stack([minutes_between(ways, places, places[k : k + 1]) for k in range(len(places))])
    monkeypatch.setattr("suizhou_geo.access.travel_time._MOST_AT_ONCE", 2)
    assert minutes_between(ways, places, places) == pytest.approx(alone)


def test_what_no_street_leads_to_is_endless(town):
    minutes = minutes_between(timed(town(), "walk"), _points((0, 0), (0, 1300)), _points((100, 0), (5000, 5000)))
    assert np.isfinite(minutes).tolist() == [[True, False], [False, False]]


def test_a_grid_against_networkx(drawn):
    generator = np.random.default_rng(3)
    lines = [LineString([(x * 100, y * 100), (x * 100 + 100, y * 100)]) for x in range(9) for y in range(10)]
    lines += [LineString([(x * 100, y * 100), (x * 100, y * 100 + 100)]) for x in range(10) for y in range(9)]
    classes = generator.choice(["branch", "arterial", "expressway"], len(lines))
    kept = generator.random(len(lines)) > 0.15
    lines, classes = [line for line, k in zip(lines, kept, strict=True) if k], classes[kept]
    roads = drawn(lines, road_class=list(classes), name=["路"] * len(lines))
    area = sg.StudyArea("t", drawn([box(0, 0, 900, 900)], name=["z"]), roads=roads)
    graph = nx.Graph()
    speeds = table("speeds")["car"]
    for line, road_class in zip(lines, classes, strict=True):
        a, b = (tuple(int(v) for v in xy) for xy in line.coords)
        graph.add_edge(a, b, weight=100 / (speeds["km_h"][road_class] * 0.5 * 1000 / 60))
    places = [(0, 0), (900, 900), (300, 500), (700, 100)]
    minutes = minutes_between(timed(area, "car"), _points(*places), _points(*places))
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            assert minutes[i, j] == pytest.approx(nx.dijkstra_path_length(graph, a, b))


@pytest.mark.parametrize("degrees", [0, 17, 33, 45])
@pytest.mark.parametrize("x", [6500, 5000])
def test_isochrones_are_cut_on_slanting_streets_and_beside_the_centre(drawn, degrees, x):
    street, limits = LineString([(0, 0), (6500, 0), (13_000, 0)]), box(-100, -100, 13_100, 100)
    turned = [rotate(shape, degrees, origin=(0, 0)) for shape in (street, limits, Point(x, 30))]
    area = sg.StudyArea(
        "t", drawn([turned[1]], name=["z"]), roads=drawn([turned[0]] * 2, road_class=["branch"] * 2, name=["甲路"] * 2)
    )
    bands = isochrones(timed(area, "bus"), _points((turned[2].x, turned[2].y))[0], (10.0, 20.0, 60.0))
    ten = (10 - 30 * LEG_MIN_PER_M) * 13_000 / 60  # the centre stands 30 m off the street
    twenty = ten + 13_000 / 6
    reached = [min(x, m) + min(13_000 - x, m) for m in (0, ten, twenty, 13_000)]
    assert bands["length_m"].tolist() == pytest.approx(np.diff(reached))
    assert bands["from_min"].tolist() == [0.0, 10.0, 20.0]


def test_an_isochrone_meets_itself_round_a_block(drawn):
    # by bus a ring of 2,000 m: in 4 minutes 2 x 866.67 m of it, in 4.7 both ways have met in the middle of a side
    ring = rotate(LineString([(0, 0), (500, 0), (500, 500), (0, 500), (0, 0)]), 17, origin=(250, 0))
    area = sg.StudyArea("t", drawn([ring.envelope], name=["z"]), roads=drawn([ring], road_class=["branch"]))
    bands = isochrones(timed(area, "bus"), _points((250, 0))[0], (4.0, 4.7, 6.0))
    assert bands["length_m"].tolist() == pytest.approx([2 * 13_000 / 15, 2000 - 2 * 13_000 / 15])


def test_isochrones_are_cut_where_the_minutes_end(town):
    ways = timed(town(), "bus")  # 13 km/h: 216.67 m a minute
    bands = isochrones(ways, _points((6500, 0))[0], (10.0, 20.0, 60.0))
    assert bands["to_min"].tolist() == [10.0, 20.0, 60.0]
    assert bands["length_m"].tolist() == pytest.approx([2 * 13_000 / 6, 2 * 13_000 / 6, 13_000 - 4 * 13_000 / 6])
    assert bands.geometry.iloc[0].bounds[0] == pytest.approx(ORIGIN[0] + 6500 - 13_000 / 6)
    assert isochrones(ways, _points((0, 9000))[0], (10.0,)).empty


# ------------------------------------------------------------------------------------------------------- the circles


@pytest.mark.slow
def test_the_minutes_that_95_in_100_pairs_need(town):
    area = town(jobs=((1300, 94.0), (13_000, 6.0)))
    # the home's middle: 25 m along, 25 m beside
    leg = 25 * LEG_MIN_PER_M
    assert commute_30min_city(area).value == pytest.approx((13_000 - 25) * 60 / 13_000 + leg)
    more = town(jobs=((1300, 95.0), (13_000, 5.0)))
    assert commute_30min_city(more).value == pytest.approx((1300 - 25) * 60 / 13_000 + leg)
    assert commute_30min_city(more).profile == "bus"
    rounded = town(
        jobs=((1300, 95.0), (13_000, 5.0)), homes=((0, 10.7),)
    )  # 0.95 of the pairs is a hair more than 10.7 x 95
    assert commute_30min_city(rounded).value == commute_30min_city(more).value


@pytest.mark.parametrize(("near", "far", "x"), [(95.0, 5.0, 0), (94.0, 6.0, 9025)])
def test_every_resident_weighs_as_one(town, near, far, x):
    area = town(jobs=((25, 1.0),), homes=((0, near), (9025, far)))
    assert commute_30min_city(area).value == pytest.approx(abs(x - 25 if x else 0) * 60 / 13_000 + 25 * LEG_MIN_PER_M)


@pytest.mark.slow
def test_zones_are_told_apart_and_an_empty_one_is_nan(town):
    area = town(jobs=((6500, 1.0),), homes=((0, 10.0), (9025, 30.0)))
    measure = commute_30min_city(area)
    west, east = measure.by_zone["1"], measure.by_zone["2"]
    assert west == pytest.approx((6500 - 25) * 60 / 13_000 + 25 * LEG_MIN_PER_M)
    assert east == pytest.approx(2525 * 60 / 13_000 + 25 * LEG_MIN_PER_M)
    assert measure.value == pytest.approx(west)
    alone = commute_30min_city(town(jobs=((6500, 1.0),)))
    assert np.isnan(alone.by_zone["2"])


def test_jobs_the_average_resident_reaches(town):
    # by bus 30 minutes are 6,500 m: from the west end the jobs at 1,300 m, from 9,000 m those at 13,000 m
    area = town(jobs=((1300, 30.0), (13_000, 70.0)), homes=((0, 10.0), (9000, 30.0)))
    measure = jobs_within_reach(area)
    assert measure.by_zone.to_dict() == {"1": pytest.approx(0.3), "2": pytest.approx(0.7)}
    assert measure.value == pytest.approx((10 * 0.3 + 30 * 0.7) / 40)
    assert (measure.by_zone * measure.denominator).sum() / measure.denominator.sum() == pytest.approx(measure.value)
    quicker = jobs_within_reach(area, mode="ebike")
    assert quicker.value > measure.value


@pytest.mark.slow
def test_more_time_never_reaches_fewer(town):
    area = town(jobs=((1300, 30.0), (4000, 5.0), (13_000, 70.0)), homes=((0, 10.0), (9000, 30.0)))
    shares = [jobs_within_reach(area, mode=mode).value for mode in ("walk", "bicycle", "bus", "ebike")]
    assert shares == sorted(shares)


@pytest.mark.slow
def test_the_farthest_county_seat_by_car(town, drawn):
    centres = drawn(
        [Point(0, 0), Point(5000, 0), Point(13_000, 0)],
        name=["中心", "甲县", "乙县"],
        kind=["main", "county", "county"],
    )
    measure = commute_1h_region(town(centres=centres))
    assert measure.value == pytest.approx(39.0)  # 13 km of branch road at 20 km/h
    assert measure.breakdown["minutes"].to_dict() == {"甲县": pytest.approx(15.0), "乙县": pytest.approx(39.0)}
    assert measure.breakdown["free_flow"].tolist() == pytest.approx([7.5, 19.5])
    assert "20 min without traffic" in measure.notes[0].en
    far = drawn([Point(0, 0), Point(5000, 5000)], name=["中心", "丙县"], kind=["main", "county"])
    missing = commute_1h_region(town(centres=far))
    assert not missing.has_data
    assert "do not lead to 丙县" in missing.needs[0].en
    none = commute_1h_region(town(centres=far.iloc[[0]]))
    assert "one main centre and a county seat" in none.needs[0].en


@pytest.mark.slow
def test_without_jobs_people_or_roads_it_says_what_it_needs(town):
    area = town()
    for layer in ("jobs", "population", "roads"):
        for measure in (commute_30min_city, jobs_within_reach):
            found = measure(dataclasses.replace(area, **{layer: None}))
            assert not found.has_data
            assert f"({LAYERS[layer].name_zh})" in " ".join(need.en for need in found.needs)
    assert not commute_1h_region(area).has_data
    nobody = town(jobs=((100, 0.0),))
    assert "no jobs in the layer" in commute_30min_city(nobody).needs[0].en
    with pytest.raises(InputError, match="is not one of"):
        commute_30min_city(area, mode="teleport")
    with pytest.raises(InputError, match="is not one of"):
        jobs_within_reach(area, mode="teleport")


@pytest.mark.slow
def test_an_incomplete_network_leaves_it_open_and_the_proxy_is_named(town):
    measure = commute_30min_city(dataclasses.replace(town(), incomplete=frozenset({"roads"})))
    assert (measure.low, measure.high) == (0.0, np.inf)
    assert "no survey" in measure.needs[0].en
    sure = commute_30min_city(town())
    assert (sure.low, sure.high) == (0.0, sure.value)  # pairs at random are farther apart than real ones


@pytest.mark.slow
def test_the_streets_round_the_centre_are_the_evidence(town, drawn):
    centres = drawn([Point(6500, 0)], name=["中心"], kind=["main"])
    evidence = commute_30min_city(town(centres=centres)).evidence
    assert set(evidence["part"]) == {"isochrone"}
    assert evidence["to_min"].tolist() == [10.0, 20.0, 30.0]
    assert shapely.length(evidence.geometry.to_numpy()).sum() == pytest.approx(13_000)
    assert commute_30min_city(town()).evidence is None


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_no_leg_crosses_a_river(town, drawn, mode):
    river = drawn([LineString([(-100, 50), (13_100, 50)])], kind=["river"])
    beyond, beside = _points((1300, 90)), _points((1300, 0))
    assert np.isfinite(minutes_between(timed(town(), mode), beyond, beside)).all()
    assert np.isinf(minutes_between(timed(town(barriers=river), mode), beyond, beside)).all()


# ------------------------------------------------------------------------------------------------- pairs, and what is open


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_rides_at_its_own_speed_and_walks_its_legs(town, mode):
    ride = (1300 - 25) * 60 / (1000 * (KM_H[mode] or 20))  # by car 40 km/h, half of them in the peak hour
    assert commute_30min_city(town(jobs=((1300, 1.0),)), mode=mode).value == pytest.approx(ride + 25 * LEG_MIN_PER_M)


def test_the_breakdown_tells_the_minutes_of_half_four_fifths_and_95_percent(town):
    measure = commute_30min_city(town(jobs=((1000, 50.0), (2000, 30.0), (3000, 15.0), (9000, 5.0))))
    minutes = [(x - 25) * 60 / 13_000 + 25 * LEG_MIN_PER_M for x in (1000, 2000, 3000)]
    assert measure.breakdown.loc["1"].to_dict() == {
        "p50": pytest.approx(minutes[0]),
        "p80": pytest.approx(minutes[1]),
        "p95": pytest.approx(minutes[2]),
    }
    assert measure.breakdown.loc["2"].isna().all()


@pytest.mark.slow
def test_homes_of_a_square_stand_where_most_live_and_jobs_where_most_work(town):
    homes = ((125, 1.0), (175, 1.0), (275, 98.0))  # the squares begin at the corner of the zones, at x = -100
    found = commute_30min_city(town(jobs=((1400, 1.0), (1500, 1.0), (1800, 98.0)), homes=homes))
    assert found.value == pytest.approx((1800 - 275) * 60 / 13_000 + 25 * LEG_MIN_PER_M)
    squares = commute_30min_city(town(jobs=((1899, 50.0), (1900, 50.0)), homes=((275, 1.0), (325, 1.0))))
    assert squares.breakdown.loc["1", "p50"] == pytest.approx((1900 - 325) * 60 / 13_000 + 25 * LEG_MIN_PER_M)
    assert squares.value == pytest.approx((1900 - 275) * 60 / 13_000 + 25 * LEG_MIN_PER_M)


@pytest.mark.slow
def test_thirty_minutes_are_still_within_thirty_minutes(drawn):
    cell = box(0, 0, 50, 50)
    layers = {
        "roads": drawn([LineString([(25, 25), (13_025, 25)])], road_class=["branch"]),
        "residential": drawn([cell]),
        "population": drawn([cell], persons=[10.0]),
    }
    jobs = drawn([Point(6525, 25), Point(7526, 25)], jobs=[60.0, 40.0])
    area = sg.StudyArea("t", drawn([box(0, 0, 13_025, 50)], name=["z"]), **layers, jobs=jobs)
    assert jobs_within_reach(area).value == pytest.approx(0.6)
    a_step_less = dataclasses.replace(area, jobs=jobs.assign(geometry=jobs.geometry.translate(1, 0)))
    assert jobs_within_reach(a_step_less).value == 0


@pytest.mark.slow
def test_jobs_outside_the_zones_count_and_are_told(town):
    inside, both = town(jobs=((1300, 30.0),)), town(jobs=((1300, 30.0), (13_500, 70.0)))
    for measure in (commute_30min_city, jobs_within_reach):
        told = " ".join(note.en for note in measure(both).notes)
        assert "70 of the jobs (70%) lie outside the zones" in told
        assert "outside" not in " ".join(note.en for note in measure(inside).notes)
    assert jobs_within_reach(both).value == pytest.approx(0.3)


@pytest.mark.slow
def test_pairs_without_a_way_leave_no_number_and_the_result_says_how_many(town, drawn):
    jobs = drawn([Point(1300, 0), Point(5000, 900)], jobs=[94.0, 6.0])
    measure = commute_30min_city(dataclasses.replace(town(), jobs=jobs))
    assert measure.value == np.inf
    assert not measure.has_data
    assert "6.0% of the pairs" in measure.needs[0].en
    assert "more than 5%" in measure.needs[0].en
    few = commute_30min_city(dataclasses.replace(town(), jobs=jobs.assign(jobs=[95.0, 5.0])))
    assert few.value == pytest.approx((1300 - 25) * 60 / 13_000 + 25 * LEG_MIN_PER_M)
    assert "no way" not in " ".join(need.en for need in few.needs)
    empty = drawn([], road_class=[], name=[])
    assert "100.0% of the pairs" in commute_30min_city(town(roads=empty)).needs[0].en
    assert jobs_within_reach(town(roads=empty)).value == 0


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["roads", "population", "jobs", "residential"])
def test_a_layer_that_may_miss_things_leaves_both_open(town, layer):
    area = dataclasses.replace(town(jobs=((1300, 97.0), (13_000, 3.0))), incomplete=frozenset({layer}))
    city, jobs = commute_30min_city(area), jobs_within_reach(area)
    assert (city.low, city.high) == (0.0, np.inf)
    assert (jobs.low, jobs.value, jobs.high) == (0.0, pytest.approx(0.97), 1.0)
    for measure in (city, jobs):
        assert f"the layer {layer} may miss things" in " ".join(need.en for need in measure.needs)
    sure = jobs_within_reach(dataclasses.replace(area, incomplete=frozenset()))
    assert (sure.low, sure.high) == (sure.value, sure.value)


def test_what_stands_in_for_residential_land_is_told_and_carries_no_verdict(town):
    area = town(residential=None)
    city, jobs = commute_30min_city(area), jobs_within_reach(area)
    assert city.profile == jobs.profile == "bus / zone_area"
    assert (city.high, jobs.low, jobs.high) == (np.inf, 0.0, 1.0)
    for measure in (city, jobs):
        assert "no residential land is mapped" in " ".join(need.en for need in measure.needs)


@pytest.mark.slow
def test_zones_without_residents_are_nan_and_no_zone_counts_for_another(town):
    area = town(jobs=((1300, 1.0),))
    measure = jobs_within_reach(area)
    assert measure.denominator.to_dict() == {"1": 10.0, "2": 0.0}
    assert np.isnan(measure.by_zone["2"])
    assert measure.value == measure.by_zone["1"] == 1.0
    for found in (commute_30min_city, jobs_within_reach):
        assert "no residents in the zones" in found(town(homes=((0, 0.0),))).needs[0].en
        assert "no jobs in the layer" in found(town(jobs=())).needs[0].en
        assert "no jobs in the layer" in found(town(jobs=((100, 0.0),))).needs[0].en


@pytest.mark.slow
def test_every_threshold_stands_in_the_parameters(town):
    bus = {"mode": "bus", "km_h": 13.0, "leg_m": 500.0, "leg_km_h": 4.5, "homes_grid_m": 200.0, "jobs_grid_m": 500.0}
    bus |= {"join_m": 1.0, "least_streets_m": 2000.0, "least_share": 0.1, "least_piece_m": 300.0, "beside_m": 200.0}
    bus |= {
        "persons_by": "land_area",
        "least_floor_share": 0.9,
        "least_homes_ha": 0.2,
        "least_homes_share": 0.05,
        "least_dwellings_share": 0.5,
        "least_dwellings": 10,
    }
    assert commute_30min_city(town()).params == {**bus, "share": 0.95}
    assert jobs_within_reach(town()).params == {**bus, "minutes": 30.0}
    on_foot = jobs_within_reach(town(), mode="walk").params
    assert (on_foot["km_h"], on_foot["leg_m"]) == (4.5, 1000.0)
    assert commute_30min_city(town(), mode="car").params["peak_factor"] == 0.5


@pytest.mark.slow
def test_the_region_is_open_below_without_all_roads_and_above_without_all_county_seats(town, drawn):
    centres = drawn([Point(0, 0), Point(5000, 0)], name=["中心", "甲县"], kind=["main", "county"])
    area = town(centres=centres)
    ranges = {
        missing: (found.low, found.high)
        for missing in ("roads", "centres", "jobs")
        for found in [commute_1h_region(dataclasses.replace(area, incomplete=frozenset({missing})))]
    }
    peak, free = pytest.approx(15.0), pytest.approx(7.5)  # 5 km of branch road at 20 and at 40 km/h
    assert ranges == {"roads": (0.0, peak), "centres": (free, np.inf), "jobs": (free, peak)}
    two = drawn([Point(0, 0), Point(50, 0), Point(5000, 0)], name=list("甲乙丙"), kind=["main", "main", "county"])
    assert "it has 2 and 1" in commute_1h_region(town(centres=two)).needs[0].en


@pytest.mark.slow
def test_a_centre_may_be_a_multipoint(town, drawn):
    centres = drawn([MultiPoint([(0, 0)]), MultiPoint([(5000, 0)])], name=["中心", "甲县"], kind=["main", "county"])
    area = town(centres=centres)
    assert commute_1h_region(area).value == pytest.approx(15.0)
    assert commute_30min_city(area).evidence["length_m"].sum() == pytest.approx(6500)


@pytest.mark.slow
def test_a_centre_off_the_streets_or_two_of_them_give_no_isochrones(town, drawn):
    off = drawn([Point(6500, 600)], name=["中心"], kind=["main"])
    two = drawn([Point(0, 0), Point(6500, 0)], name=["中心", "副中心"], kind=["main", "main"])
    assert commute_30min_city(town(centres=off)).evidence is None
    assert commute_30min_city(town(centres=two)).evidence is None


@pytest.mark.slow
def test_jobs_and_minutes_on_a_grid_against_networkx(drawn):
    """Homes and jobs beside a grid of 1 km streets with holes: every pair by networkx, on a graph written out by hand."""
    generator = np.random.default_rng(11)
    sides = [((x, y), (x + 1, y)) for x in range(8) for y in range(9)] + [
        ((x, y), (x, y + 1)) for x in range(9) for y in range(8)
    ]
    sides = [side for side, kept in zip(sides, generator.random(len(sides)) > 0.15, strict=True) if kept]
    level = [side for side in sides if side[0][1] == side[1][1]]
    graph = nx.Graph()
    on = {side: [] for side in sides}
    people, posts = {}, {}
    for k, spot in enumerate(generator.permutation(len(level))[:24]):
        (x, y), _ = side = level[spot]
        if k < 12:  # a home of 50 x 50 m whose middle is 225 m along the side and 75 m above it
            at_m, off_m = 225, 75
            people["home", k] = (1000 * x + at_m, 1000 * y + off_m, float(generator.integers(1, 50)))
        else:  # a job 700 m along the side and 120 m above it
            at_m, off_m = 700, 120
            posts["job", k] = (1000 * x + at_m, 1000 * y + off_m, float(generator.integers(1, 50)))
        place = ("home" if k < 12 else "job", k)
        on[side].append((at_m, (*place, "street")))
        graph.add_edge(place, (*place, "street"), weight=off_m * 60 / 4500)
    for (a, b), places in on.items():
        stops = [(0, a), *sorted(places), (1000, b)]
        for (from_m, one), (to_m, other) in pairwise(stops):
            graph.add_edge(one, other, weight=(to_m - from_m) * 60 / 13_000)
    minutes = {home: nx.single_source_dijkstra_path_length(graph, home) for home in people}
    cells = [box(x - 25, y - 25, x + 25, y + 25) for x, y, _ in people.values()]
    area = sg.StudyArea(
        "t",
        drawn([box(-100, -100, 3500, 9000), box(3500, -100, 9000, 9000)], name=["西", "东"]).set_index(
            np.array(["w", "e"])
        ),
        roads=drawn(
            [LineString([(1000 * x, 1000 * y) for x, y in side]) for side in sides], road_class=["branch"] * len(sides)
        ),
        residential=drawn(cells),
        population=drawn(cells, persons=[n for *_, n in people.values()]),
        jobs=drawn([Point(x, y) for x, y, _ in posts.values()], jobs=[n for *_, n in posts.values()]),
    )
    total = sum(n for *_, n in posts.values())
    zone = {home: "w" if x < 3500 else "e" for home, (x, *_) in people.items()}
    reached, whole = dict.fromkeys("we", 0.0), dict.fromkeys("we", 0.0)
    pairs = []
    for home, (*_, persons) in people.items():
        whole[zone[home]] += persons
        for job, (*_, number) in posts.items():
            needed = minutes[home].get(job, np.inf)
            reached[zone[home]] += persons * number / total * (needed <= 30)
            pairs.append((needed, persons * number))
    share = jobs_within_reach(area)
    assert 0.1 < share.value < 0.9
    assert share.by_zone.to_dict() == {z: pytest.approx(reached[z] / whole[z]) for z in "we"}
    assert share.value == pytest.approx(sum(reached.values()) / sum(whole.values()))
    run = accumulate(weight for _, weight in sorted(pairs))
    most = 0.95 * sum(weight for _, weight in pairs)
    needed = next(minutes for (minutes, _), so_far in zip(sorted(pairs), run, strict=True) if so_far >= most)
    assert np.isfinite(needed)
    assert commute_30min_city(area).value == pytest.approx(needed)


@pytest.mark.slow
def test_the_ways_to_the_county_seats_are_the_quickest(drawn):
    """To the middle of the far side of 1 km²: 3.75 min by expressway, over the fourth side 2.75 (arterial) or
    4.75 (local), across the square 6.4 (local)."""
    corners = [(0, 0), (0, 1000), (1000, 1000), (1000, 0)]
    lines = [LineString(pair) for pair in (*pairwise(corners), (corners[0], corners[3]), (corners[0], corners[2]))]
    centres = drawn(
        [Point(0, 0), Point(1000, 500), Point(9000, 9000)],
        name=["中心", "甲县", "乙县"],
        kind=["main", "county", "county"],
    )
    for slow, length_m in (("arterial", 1500.0), ("local", 2500.0)):
        roads = drawn(lines, road_class=["expressway"] * 3 + [slow, "local"], name=list("东南西北斜"))
        area = sg.StudyArea("t", drawn([box(-100, -100, 1100, 1100)], name=["z"]), roads=roads, centres=centres)
        evidence = commute_1h_region(area).evidence
        routes = evidence[evidence["part"] == "route"]
        assert routes["name"].tolist() == ["甲县"]  # no way leads to the other
        assert routes.length.tolist() == [pytest.approx(length_m)]
        assert routes.geometry.iloc[0].coords[0] == centres.geometry.iloc[0].coords[0]
        assert routes.geometry.iloc[0].coords[-1] == centres.geometry.iloc[1].coords[0]
    assert set(evidence["part"]) == {"county_centre", "route", "main_centre"}
