"""Persons go to homes by the floor area of the buildings there, where buildings with storeys stand on nearly all of them."""

import dataclasses

import numpy as np
import pytest
from shapely import box
from shapely.geometry import Point

import suizhou_geo as sg
from suizhou_geo.access.demand import demand
from suizhou_geo.standards import table

HOMES = [box(0, 0, 100, 100), box(800, 0, 900, 100)]


@pytest.fixture
def town(drawn):
    """A function: 1,200 persons on two homes of one hectare each, 800 m apart; a school at the first; buildings as given."""

    def build(buildings=(), *, levels=(), residential=None, homes=HOMES, **layers):
        zones = drawn([box(0, 0, 1000, 1000)], name=["一"])
        given = {
            "residential": drawn(homes),
            "population": drawn([box(0, 0, 1000, 1000)], persons=[1200.0]),
            "facilities": drawn([Point(50, 50)], category=["primary_school"]),
            "buildings": drawn(
                list(buildings), levels=list(levels), residential=residential or [True] * len(list(buildings))
            ),
        }
        return sg.StudyArea("t", zones.set_index(np.array(["1"])), **{**given, **layers})

    return build


LOW, TOWER = box(10, 10, 60, 60), box(810, 10, 860, 60)  # 2,500 m² of ground each


def _near(area):
    return sg.service_coverage(area, "primary_school", of="persons")


def test_a_tower_holds_five_times_the_persons_of_a_low_house_on_as_much_land(town):
    by_land = _near(town())
    assert by_land.value == pytest.approx(0.5)
    by_floor = _near(town([LOW, TOWER], levels=[2, 10]))
    assert by_floor.value == pytest.approx(200 / 1200)  # 5,000 of 30,000 m²
    assert by_floor.params["persons_by"] == "floor_area"
    assert by_floor.profile.endswith("residential_land / floor_area")
    assert by_land.params["persons_by"] == "land_area"
    assert by_land.profile.endswith("persons / residential_land")
    assert by_floor.evidence["persons"].sum() == pytest.approx(1200.0)


def test_a_share_of_land_is_the_same_however_persons_are_shared_out(town):
    shares = [sg.service_coverage(area, "primary_school") for area in (town(), town([LOW, TOWER], levels=[2, 10]))]
    assert [share.value for share in shares] == [pytest.approx(0.5)] * 2
    assert shares[1].profile == shares[0].profile


@pytest.mark.slow
def test_storeys_known_of_half_of_the_homes_share_out_nothing(town):
    """Else all persons would move to the few homes whose storeys somebody counted."""
    for buildings, levels in (([LOW], [2]), ([LOW, TOWER], [2, np.nan]), ([LOW, TOWER], [2, 0])):
        measure = _near(town(buildings, levels=levels))
        assert (measure.params["persons_by"], measure.value) == ("land_area", pytest.approx(0.5))
    assert measure.params["least_floor_share"] == table("bases")["floors"]["least_share"] == 0.9


def test_nearly_all_of_the_land_is_enough_and_a_part_without_storeys_keeps_its_persons(town, drawn):
    homes = [*HOMES, box(400, 900, 420, 920)]  # 400 m² of 20,400 have no building
    persons = drawn([box(0, 0, 1000, 500), box(0, 500, 1000, 1000)], persons=[1200.0, 60.0])
    area = town([LOW, TOWER], levels=[2, 10], homes=homes, population=persons)
    cells = demand(area).cells
    assert demand(area).persons_by == "floor_area"
    assert cells["persons"].sum() == pytest.approx(1260.0)
    far = cells.geometry.centroid.y > cells.geometry.centroid.y.max() - 30
    assert cells.loc[far, "persons"].sum() == pytest.approx(60.0)


def test_what_is_said_to_be_no_home_houses_nobody(town):
    office = box(860, 10, 900, 60)
    area = town([LOW, TOWER, office], levels=[2, 10, 40], residential=[True, None, False])
    assert _near(area).value == pytest.approx(200 / 1200)


def test_persons_of_a_polygon_stay_in_it(town, drawn):
    persons = drawn([box(0, 0, 500, 1000), box(500, 0, 1000, 1000)], persons=[900.0, 300.0])
    assert _near(town([LOW, TOWER], levels=[2, 10], population=persons)).value == pytest.approx(0.75)


@pytest.mark.slow
def test_moving_the_town_and_splitting_a_building_change_nothing(town):
    whole = _near(town([LOW, TOWER], levels=[2, 10])).value
    halves = [LOW, box(810, 10, 835, 60), box(835, 10, 860, 60)]
    assert _near(town(halves, levels=[2, 10, 10])).value == pytest.approx(whole)
    area = town([TOWER, LOW], levels=[10, 2])
    assert _near(area).value == pytest.approx(whole)
    moved = {name: layer.set_geometry(layer.translate(12.5, -7.25)) for name, layer in area.layers.items()}
    assert _near(dataclasses.replace(area, **moved)).value == pytest.approx(whole)
