"""Inventories on drawn land: charging points, parking, plaques, bus stops and minutes of a fire engine."""

import dataclasses

import numpy as np
import pytest
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.inventories import (
    bus_stop_coverage,
    charger_coverage,
    charging_points,
    emergency_reach,
    historic_plaque_share,
    parking_spaces,
)
from suizhou_geo.scorecard import scorecard


@pytest.fixture
def town(drawn):
    """Two zones of 1 km² side by side with whatever layers are drawn on them."""

    def build(**layers):
        zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["甲", "乙"])
        return sg.StudyArea("t", zones.set_index(np.array(["1", "2"])), **layers)

    return build


def _chargers(drawn, **columns):
    return drawn([Point(100, 100), Point(1500, 500), Point(5000, 500)], count=[10, 5, 7], **columns)


def test_charging_points_as_the_inventory_counts_them(town, drawn):
    measure = charging_points(town(chargers=_chargers(drawn, counts=["pile", "gun", None])))
    assert measure.low == 10  # what is surely piles
    assert (measure.value, measure.by_zone.to_dict(), measure.unit) == (15, {"1": 10, "2": 5}, "points")
    told = " ".join(note.en for note in measure.notes)
    assert "7 more lie outside the zones" in told
    assert "mixes, whether piles or guns" in told
    assert charging_points(town(chargers=_chargers(drawn, counts=["pile"] * 3)), counts="pile").value == 15
    assert charging_points(town(chargers=_chargers(drawn, counts=["pile", "gun", "gun"])), counts="gun").value == 5
    clear = charging_points(town(chargers=drawn([Point(1, 1)], count=[3], counts=["pile"])))
    assert (clear.notes, clear.low) == ((), 3)
    with pytest.raises(InputError, match="is not one of"):
        charging_points(town(), counts="plug")


def test_what_is_short_of_a_promise_for_the_prefecture_cannot_be_told_from_the_city(town, drawn):
    plan = sg.read_plan("suizhou_2025")
    few = scorecard([charging_points(town(chargers=_chargers(drawn)))], plan).set_index("key")
    assert few.loc["charging_points", "status"] == "cannot_tell"
    many = drawn([Point(1, 1)], count=[40_000], counts=["pile"])
    assert (
        scorecard([charging_points(town(chargers=many))], plan).set_index("key").loc["charging_points", "status"]
        == "met"
    )


def test_residents_within_a_kilometre_of_a_charging_point(town, drawn):
    homes = drawn([box(0, 0, 50, 50), box(1950, 950, 2000, 1000)])
    layers = {
        "residential": homes,
        "population": drawn(homes.geometry.translate(-441_000, -3_507_000), persons=[30.0, 10.0]),
    }
    area = town(chargers=drawn([Point(0, 900)]), **layers)
    assert charger_coverage(area).value == pytest.approx(0.75)
    assert charger_coverage(area, of="land").value == pytest.approx(0.5)
    assert not charger_coverage(town()).has_data


def test_parking_spaces_as_far_as_they_are_said(town, drawn):
    parks = drawn(
        [Point(10, 10), box(1100, 0, 1200, 100), Point(500, 500), Point(9000, 9000)], spaces=[120, 80, np.nan, 999]
    )
    measure = parking_spaces(town(parking=parks))
    assert (measure.value, measure.low, measure.high) == (200, 200, np.inf)
    assert measure.by_zone.to_dict() == {"1": 120, "2": 80}
    assert "1 car parks do not say" in measure.needs[0].en
    sure = parking_spaces(town(parking=drawn([Point(10, 10)], spaces=[5])))
    assert (sure.high, sure.needs) == (5, ())
    assert "parking" in parking_spaces(town()).needs[0].en


def _heritage(drawn, plaques, announced=None):
    places = [Point(100 + 10 * k, 100) for k in range(len(plaques) - 1)] + [Point(1500, 100)]
    return drawn(
        places,
        name=[f"屋{k}" for k in range(len(plaques))],
        kind=["district"] + ["building"] * (len(plaques) - 1),
        announced=announced or [True] * len(plaques),
        plaque=plaques,
    )


def test_plaques_over_what_is_announced(town, drawn):
    measure = historic_plaque_share(town(heritage=_heritage(drawn, [True, True, False, True])))
    assert (measure.value, measure.low, measure.high) == (0.75, 0.75, 0.75)
    assert measure.by_zone.to_dict() == {"1": pytest.approx(2 / 3), "2": 1.0}
    assert measure.breakdown.loc["building"].to_dict() == {
        "announced": 3,
        "plaque_yes": 2,
        "plaque_no": 1,
        "not_said": 0,
    }
    assert measure.evidence["part"].tolist() == ["plaque", "plaque", "plaque_missing", "plaque"]
    some = historic_plaque_share(town(heritage=_heritage(drawn, [True, None, False], [True, True, False])))
    assert (some.value, some.low, some.high) == (0.5, 0.5, 1.0)
    assert "1 entries do not say" in some.needs[0].en


def test_heritage_outside_the_zones_is_told_and_an_empty_list_is_no_share(town, drawn):
    outside = drawn([Point(1, 1), Point(5000, 1)], name=["a", "b"], kind=["building"] * 2, plaque=[True, False])
    measure = historic_plaque_share(town(heritage=outside))
    assert measure.value == 1.0
    assert "1 more lie outside" in measure.notes[0].en
    none = drawn([Point(5000, 1)], name=["b"], kind=["building"], plaque=[False])
    assert not historic_plaque_share(town(heritage=none)).has_data
    assert "heritage" in historic_plaque_share(town()).needs[0].en


@pytest.mark.parametrize("radius_m", [300, 500])
def test_land_within_reach_of_a_bus_stop(town, drawn, radius_m):
    stops = drawn([Point(500, 500), Point(500, 500), Point(2500 + radius_m, 500)], category=["bus_stop"] * 3)
    measure = bus_stop_coverage(town(facilities=stops), radius_m=radius_m)
    circle = np.pi * radius_m**2 / 1e6  # drawn with corners, and the large one reaches over the border by a hair
    assert measure.by_zone.to_dict() == {"1": pytest.approx(circle, abs=2e-6), "2": pytest.approx(0, abs=2e-6)}
    assert measure.value == pytest.approx(circle / 2, abs=2e-6)
    assert (measure.by_zone * measure.denominator).sum() / measure.denominator.sum() == pytest.approx(measure.value)


def test_no_bus_stop_is_no_data_unless_there_are_declared_to_be_none(town, drawn):
    area = town(facilities=drawn([Point(1, 1)], category=["market"]))
    assert "no bus stop" in bus_stop_coverage(area).needs[0].en
    surveyed = dataclasses.replace(area, surveyed=frozenset({"bus_stop"}))
    assert bus_stop_coverage(surveyed).value == 0
    with pytest.raises(InputError, match="is not one of 300, 500"):
        bus_stop_coverage(area, radius_m=400)


@pytest.mark.parametrize(("x", "reached"), [(1970, True), (2080, False)])
def test_a_fire_engine_drives_four_of_its_five_minutes_at_30_km_h(drawn, x, reached):
    # 2000 m along the street, the leg of 25 m included; the station stands at its west end
    homes = [box(x, 0, x + 50, 50)]
    zones = drawn([box(0, 0, 5000, 1000)], name=["z"])
    area = sg.StudyArea(
        "t",
        zones,
        roads=drawn([LineString([(0, 0), (5000, 0)])], road_class=["branch"], name=["路"]),
        residential=drawn(homes),
        population=drawn(homes, persons=[10.0]),
        facilities=drawn([Point(20, 0)], category=["fire_station"]),
    )
    measure = emergency_reach(area)
    assert measure.params["limit_m"] == pytest.approx(2000)
    assert (measure.value > 0.4) is reached
    assert emergency_reach(area, of="land").profile.endswith("residential_land")
    assert "no hospital" in emergency_reach(area, "emergency").needs[0].en
    with pytest.raises(InputError, match="is not one of"):
        emergency_reach(area, "police")


def test_no_fire_engine_s_leg_crosses_a_river(drawn):
    home = [box(100, 100, 150, 150)]
    layers = {
        "roads": drawn([LineString([(0, 0), (5000, 0)])], road_class=["branch"], name=["路"]),
        "residential": drawn(home),
        "facilities": drawn([Point(20, 0)], category=["fire_station"]),
    }
    area = sg.StudyArea("t", drawn([box(0, 0, 5000, 1000)], name=["z"]), **layers)
    assert emergency_reach(area, of="land").value == 1.0
    river = drawn([LineString([(-100, 50), (5100, 50)])], kind=["river"])
    assert emergency_reach(dataclasses.replace(area, barriers=river), of="land").value == 0.0
