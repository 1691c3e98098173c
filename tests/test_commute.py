"""Travel times and commuting circles: minutes by hand on drawn streets, and a grid against networkx."""

import dataclasses

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.commute import MODES, commute_1h_region, commute_30min_city, jobs_within_reach
from suizhou_geo.standards import table
from suizhou_geo.travel import isochrones, minutes_between, timed

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


@pytest.mark.parametrize(("road_class", "km_h"), [("branch", 20), ("arterial", 30), ("expressway", 40)])
def test_cars_go_at_class_speeds_times_the_peak_factor(town, road_class, km_h):
    minutes = minutes_between(timed(town(road_class=road_class), "car"), _points((0, 0)), _points((10_000, 0)))
    assert minutes[0, 0] == pytest.approx(10_000 / (km_h * 1000 / 60))


def test_motorways_carry_cars_only(town):
    area = town(road_class="motorway")
    assert minutes_between(timed(area, "car"), _points((0, 0)), _points((9000, 0)))[0, 0] == pytest.approx(6.0)
    assert np.isinf(minutes_between(timed(area, "bus"), _points((0, 0)), _points((9000, 0)))[0, 0])


def test_what_no_street_leads_to_is_endless(town):
    minutes = minutes_between(timed(town(), "walk"), _points((0, 0), (0, 300)), _points((100, 0), (5000, 5000)))
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


def test_isochrones_are_cut_where_the_minutes_end(town):
    ways = timed(town(), "bus")  # 13 km/h: 216.67 m a minute
    bands = isochrones(ways, _points((6500, 0))[0], (10.0, 20.0, 60.0))
    assert bands["to_min"].tolist() == [10.0, 20.0, 60.0]
    assert bands["length_m"].tolist() == pytest.approx([2 * 13_000 / 6, 2 * 13_000 / 6, 13_000 - 4 * 13_000 / 6])
    assert bands.geometry.iloc[0].bounds[0] == pytest.approx(ORIGIN[0] + 6500 - 13_000 / 6)
    assert isochrones(ways, _points((0, 9000))[0], (10.0,)).empty


# ------------------------------------------------------------------------------------------------------- the circles


def test_the_minutes_that_95_in_100_pairs_need(town):
    area = town(jobs=((1300, 94.0), (13_000, 6.0)))
    # the home's middle: 25 m along, 25 m beside
    leg = 25 * LEG_MIN_PER_M
    assert commute_30min_city(area).value == pytest.approx((13_000 - 25) * 60 / 13_000 + leg)
    more = town(jobs=((1300, 95.0), (13_000, 5.0)))
    assert commute_30min_city(more).value == pytest.approx((1300 - 25) * 60 / 13_000 + leg)
    assert commute_30min_city(more).profile == "bus"


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


def test_more_time_never_reaches_fewer(town):
    area = town(jobs=((1300, 30.0), (4000, 5.0), (13_000, 70.0)), homes=((0, 10.0), (9000, 30.0)))
    shares = [jobs_within_reach(area, mode=mode).value for mode in ("walk", "bicycle", "bus", "ebike")]
    assert shares == sorted(shares)


def test_the_farthest_county_seat_by_car(town, drawn):
    centres = drawn(
        [Point(0, 0), Point(5000, 0), Point(13_000, 0)],
        name=["中心", "甲县", "乙县"],
        kind=["main", "county", "county"],
    )
    measure = commute_1h_region(town(centres=centres))
    assert measure.value == pytest.approx(39.0)  # 13 km of branch road at 20 km/h
    assert measure.breakdown["minutes"].to_dict() == {"甲县": pytest.approx(15.0), "乙县": pytest.approx(39.0)}
    far = drawn([Point(0, 0), Point(5000, 5000)], name=["中心", "丙县"], kind=["main", "county"])
    missing = commute_1h_region(town(centres=far))
    assert not missing.has_data
    assert "do not lead to 丙县" in missing.needs[0].en
    none = commute_1h_region(town(centres=far.iloc[[0]]))
    assert "one main centre and a county seat" in none.needs[0].en


def test_without_jobs_people_or_roads_it_says_what_it_needs(town):
    area = town()
    for layer in ("jobs", "population", "roads"):
        for measure in (commute_30min_city, jobs_within_reach):
            found = measure(dataclasses.replace(area, **{layer: None}))
            assert not found.has_data
            assert f"({sg.LAYERS[layer].name_zh})" in " ".join(need.en for need in found.needs)
    assert not commute_1h_region(area).has_data
    nobody = town(jobs=((100, 0.0),))
    assert "no residents or no jobs" in commute_30min_city(nobody).needs[0].en
    with pytest.raises(InputError, match="is not one of"):
        commute_30min_city(area, mode="teleport")
    with pytest.raises(InputError, match="is not one of"):
        jobs_within_reach(area, mode="teleport")


def test_an_incomplete_network_leaves_it_open_and_the_proxy_is_named(town):
    measure = commute_30min_city(dataclasses.replace(town(), incomplete=frozenset({"roads"})))
    assert (measure.low, measure.high) == (0.0, np.inf)
    assert "no survey" in measure.needs[0].en
    sure = commute_30min_city(town())
    assert (sure.low, sure.high) == (0.0, sure.value)  # pairs at random are farther apart than real ones


def test_the_streets_round_the_centre_are_the_evidence(town, drawn):
    centres = drawn([Point(6500, 0)], name=["中心"], kind=["main"])
    evidence = commute_30min_city(town(centres=centres)).evidence
    assert set(evidence["part"]) == {"isochrone"}
    assert evidence["to_min"].tolist() == [10.0, 20.0, 30.0]
    assert shapely.length(evidence.geometry.to_numpy()).sum() == pytest.approx(13_000)
    assert commute_30min_city(town()).evidence is None


@pytest.mark.parametrize("mode", MODES)
def test_no_leg_crosses_a_river(town, drawn, mode):
    river = drawn([LineString([(-100, 50), (13_100, 50)])], kind=["river"])
    beyond, beside = _points((1300, 90)), _points((1300, 0))
    assert np.isfinite(minutes_between(timed(town(), mode), beyond, beside)).all()
    assert np.isinf(minutes_between(timed(town(barriers=river), mode), beyond, beside)).all()
