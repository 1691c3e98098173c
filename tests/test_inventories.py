"""Inventories on drawn land: charging points, parking, plaques, bus stops and minutes of a fire engine."""

import dataclasses

import numpy as np
import pytest
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.scorecard import table_of
from suizhou_geo.errors import InputError
from suizhou_geo.measures.inventories import (
    bus_stop_coverage,
    charger_coverage,
    charging_points,
    emergency_reach,
    historic_plaque_share,
    parking_spaces,
)


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
    assert measure.evidence["count"].tolist() == [10, 5]
    told = " ".join(note.en for note in measure.notes)
    assert "7 more lie outside the zones" in told
    assert "10 piles, 5 guns and 0 that do not say" in measure.needs[0].en
    assert charging_points(town(chargers=_chargers(drawn, counts=["pile"] * 3)), counts="pile").value == 15
    assert charging_points(town(chargers=_chargers(drawn, counts=["pile", "gun", "gun"])), counts="gun").value == 5
    clear = charging_points(town(chargers=drawn([Point(1, 1)], count=[3], counts=["pile"])))
    assert (clear.notes, clear.low) == ((), 3)
    with pytest.raises(InputError, match="is not one of"):
        charging_points(town(), counts="plug")


def test_what_is_short_of_a_promise_for_the_prefecture_cannot_be_told_from_the_city(town, drawn):
    plan = sg.read_plan("suizhou_2025")
    few = table_of(rows_of([charging_points(town(chargers=_chargers(drawn)))], plan), "zh").set_index("key")
    assert few.loc["charging_points", "status"] == "cannot_tell"
    many = drawn([Point(1, 1)], count=[40_000], counts=["pile"])
    assert (
        table_of(rows_of([charging_points(town(chargers=many))], plan), "zh")
        .set_index("key")
        .loc["charging_points", "status"]
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
    beyond = dataclasses.replace(area, chargers=drawn([Point(-1001, 25), Point(1975, 2001)]))
    assert charger_coverage(beyond).value == 0
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
    assert not historic_plaque_share(town(heritage=outside.assign(announced=[True, False]))).notes
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


@pytest.mark.slow
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


def test_guns_alone_are_no_piles(town, drawn):
    """40,000 guns may stand on 20,000 piles, and the promise does not say which it means."""
    guns = town(chargers=drawn([Point(1, 1)], count=[40_000], counts=["gun"]))
    measure = charging_points(guns)
    assert (measure.value, measure.low) == (40_000, 0)
    assert "counts guns" in measure.needs[0].en
    plan = sg.read_plan("suizhou_2025")
    assert table_of(rows_of([measure], plan), "zh").set_index("key").loc["charging_points", "status"] == "cannot_tell"
    assert [charging_points(guns, counts=counts).low for counts in ("pile", "gun")] == [0, 40_000]


def test_what_the_inventory_does_not_say_is_told_and_no_chargers_are_none(town, drawn):
    unsaid = charging_points(town(chargers=drawn([Point(1, 1)] * 2, count=[4, 3], counts=["pile", None])))
    assert (unsaid.value, unsaid.low, unsaid.high) == (7, 4, np.inf)
    assert "4 piles, 0 guns and 3 that do not say" in unsaid.needs[0].en
    guns = charging_points(town(chargers=drawn([Point(1, 1)] * 2, count=[4, 3], counts=["gun", None])))
    assert guns.low == 0
    assert "0 piles, 4 guns and 3 that do not say" in guns.needs[0].en
    piles = charging_points(
        town(chargers=drawn([Point(1, 1)] * 2, count=[4, 3], counts=["pile", "gun"])), counts="pile"
    )
    assert (piles.value, piles.low, piles.profile) == (4, 4, "pile")
    none = charging_points(town(chargers=_chargers(drawn).iloc[:0]))
    assert (none.value, none.low, none.high, none.notes) == (0, 0, np.inf, ())
    unsure = dataclasses.replace(
        town(chargers=_chargers(drawn, counts=["pile"] * 3)), incomplete=frozenset({"chargers"})
    )
    assert ["chargers" in need.en for need in charging_points(unsure).needs] == [True, False]
    assert "whole prefecture" in charging_points(unsure).needs[1].en


def test_a_site_without_charging_points_serves_nobody(town, drawn):
    area = town(residential=drawn([box(0, 0, 50, 50)]), chargers=drawn([Point(0, 0)], count=[0]))
    assert charger_coverage(area, of="land").value == 0
    assert charger_coverage(dataclasses.replace(area, chargers=drawn([Point(0, 0)])), of="land").value == 1
    none = charger_coverage(dataclasses.replace(area, chargers=drawn([Point(0, 0)]).iloc[:0]), of="land")
    assert (none.value, none.params["sources"]) == (0, 0)


def test_a_car_park_on_the_border_counts_once_and_one_that_says_nothing_is_not_none(town, drawn):
    border = parking_spaces(town(parking=drawn([Point(1000, 500), Point(1500, 500)], spaces=[10, np.nan])))
    assert border.value == 10
    assert border.by_zone["1"] == 10
    assert np.isnan(border.by_zone["2"])
    assert border.evidence["count"].tolist()[0] == 10
    assert np.isnan(border.evidence["count"].iloc[1])
    silent = parking_spaces(town(parking=drawn([Point(1, 1), Point(9000, 1)], spaces=[np.nan, 50])))
    assert not silent.has_data
    assert "1 car parks do not say" in silent.needs[0].en
    none = parking_spaces(town(parking=drawn([Point(9000, 1)], spaces=[np.nan])))
    assert (none.value, none.by_zone.tolist(), none.high, none.needs) == (0, [0, 0], 0, ())
    unsure = dataclasses.replace(town(parking=drawn([Point(1, 1)], spaces=[0])), incomplete=frozenset({"parking"}))
    assert (parking_spaces(unsure).value, parking_spaces(unsure).low, parking_spaces(unsure).high) == (0, 0, np.inf)
    both = dataclasses.replace(unsure, parking=drawn([Point(1, 1)] * 2, spaces=[0, np.nan]))
    assert ["parking" in need.en for need in parking_spaces(both).needs] == [True, False]


def test_a_list_that_may_miss_heritage_leaves_the_share_open(town, drawn):
    area = town(heritage=_heritage(drawn, [True, True, False, True]))
    unsure = historic_plaque_share(dataclasses.replace(area, incomplete=frozenset({"heritage"})))
    assert (unsure.value, unsure.low, unsure.high) == (0.75, 0.0, 1.0)
    assert "heritage" in unsure.needs[0].en


def test_nothing_announced_in_the_zones_is_said(town, drawn):
    for listed in (_heritage(drawn, [True, False], [False, False]), _heritage(drawn, [True]).iloc[:0]):
        measure = historic_plaque_share(town(heritage=listed))
        assert not measure.has_data
        assert "nothing announced in the zones" in measure.needs[0].en
        assert measure.by_zone.isna().all()


def test_an_entry_whose_plaque_nobody_says_is_of_neither_kind(town, drawn):
    measure = historic_plaque_share(town(heritage=_heritage(drawn, [None, False, True, None])))
    assert (measure.value, measure.low, measure.high) == (0.25, 0.25, 0.75)
    assert measure.breakdown.loc["district"].tolist() == [1, 0, 0, 1]
    assert measure.breakdown.loc["building"].tolist() == [3, 1, 1, 1]
    assert measure.evidence["part"].tolist() == ["plaque_unknown", "plaque_missing", "plaque", "plaque_unknown"]
    assert measure.denominator.tolist() == [3, 1]
    assert measure.by_zone.tolist() == [pytest.approx(1 / 3), 0]


def test_land_near_two_stops_counts_once_and_stops_beyond_the_zones_serve(town, drawn):
    """A quarter of a circle about each corner of zone 2, two stops in one place, and another facility in its middle."""
    places = [Point(2000, 0), Point(2000, 1000), Point(2000, 1000), Point(1500, 500)]
    area = town(facilities=drawn(places, category=["bus_stop"] * 3 + ["market"]))
    measure = bus_stop_coverage(area, radius_m=300)
    assert measure.by_zone.tolist() == [0, pytest.approx(2 * np.pi * 0.09 / 4, rel=1e-3)]
    assert (measure.params["stops"], measure.profile, measure.high) == (3, "built_up", measure.value)
    assert measure.denominator.tolist() == [100, 100]
    zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 3000, 2000)], name=["甲", "乙"]).set_index(np.array(["1", "2"]))
    uneven = dataclasses.replace(area, zones=zones, facilities=drawn([Point(500, 500)], category=["bus_stop"]))
    assert bus_stop_coverage(uneven, radius_m=300).value == pytest.approx(np.pi * 0.09 / 5)
    unsure = bus_stop_coverage(dataclasses.replace(area, incomplete=frozenset({"facilities"})), radius_m=300)
    assert (unsure.low, unsure.high) == (unsure.value, 1.0)
    assert "facilities" in bus_stop_coverage(town()).needs[0].en


@pytest.fixture
def street(drawn):
    """A street of 6 km with homes of 50 m beside it and one station or hospital."""

    def build(category, *homes, station=None, **layers):
        homes = [box(x, 0, x + 50, 50) for x in homes]
        given = {
            "roads": drawn([LineString([(0, 0), (6000, 0)])], road_class=["branch"], name=["路"]),
            "residential": drawn(homes),
            "facilities": drawn([station or Point(0, 0)], category=[category]),
        }
        return sg.StudyArea("t", drawn([box(-1000, -1000, 6000, 1000)], name=["z"]), **{**given, **layers})

    return build


@pytest.mark.slow
def test_five_minutes_to_a_hospital_are_all_driven(street):
    area = street("hospital", 2000, 2400, 2500)
    measure = emergency_reach(area, "emergency", of="land")
    assert measure.params["limit_m"] == pytest.approx(2500)
    assert measure.value == pytest.approx(
        2 / 3
    )  # from the far corner of the second home 50 m to the street and 2,450 m
    assert "消防" not in measure.basis
    assert "建标152" in emergency_reach(street("fire_station", 0), of="land").basis
    assert not emergency_reach(area, of="land").has_data


@pytest.mark.slow
def test_a_station_is_at_most_500_m_from_the_street_and_so_is_a_home(street, drawn):
    for away, reached in ((475, 1.0), (525, 0.0)):
        assert emergency_reach(street("fire_station", 100, station=Point(0, -away)), of="land").value == reached
        home = drawn([box(100, away - 25, 150, away + 25)])
        assert emergency_reach(street("fire_station", 100, residential=home), of="land").value == reached


@pytest.mark.slow
def test_declared_to_have_no_station_and_streets_that_may_be_missing(street):
    area = street("market", 100)
    assert "设施图层中没有消防站" in emergency_reach(area, of="land").needs[0].zh
    assert "没有市区级医院" in emergency_reach(area, "emergency", of="land").needs[0].zh
    none = emergency_reach(dataclasses.replace(area, surveyed=frozenset({"fire_station"})), of="land")
    assert (none.value, none.high) == (0, 0)
    station = street("fire_station", 100, 5000)
    assert emergency_reach(station, of="land").high == 0.5
    for layer in ("roads", "facilities"):
        unsure = emergency_reach(dataclasses.replace(station, incomplete=frozenset({layer})), of="land")
        assert (unsure.value, unsure.low, unsure.high) == (0.5, 0.5, 1.0)
    assert "roads" in emergency_reach(dataclasses.replace(station, roads=None), of="land").needs[0].en
    assert emergency_reach(dataclasses.replace(station, roads=station.roads.iloc[:0]), of="land").value == 0
