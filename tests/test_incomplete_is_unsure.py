"""No number is sure while a layer behind it may miss things: measure by measure, layer by layer."""

import dataclasses

import numpy as np
import pytest
from shapely import box
from shapely.geometry import LineString, Point

import suizhou_geo as sg
from suizhou_geo.measures import contents
from suizhou_geo.standards.catalogue import entry_for

# what more of a layer could not change, and why
NOTHING_MORE = {
    ("core_area", "roads"): "the four named lines enclose it; more lines enclose nothing else",
    ("core_area", "railways"): "the same",
    ("road_density", "residential"): "stands in for compounds, which are given here",
    ("dead_ends", "barriers"): "they say what an end stops at, not whether it counts",
    ("arterial_grid_north_south", "barriers"): "they say what breaks a street, not whether it runs through",
    ("arterial_grid_east_west", "barriers"): "the same",
    ("road_density.expressway", "compounds"): "no expressway is taken out of a compound",
    ("road_density.arterial", "compounds"): "nor an arterial",
    ("road_density.secondary", "compounds"): "nor a secondary road",
    ("road_density", "compounds"): "compounds are the office's own: whoever draws them draws all of them",
    ("road_density.branch", "compounds"): "the same",
    **{
        (f"road_density.{road_class}", "residential"): "stands in for compounds"
        for road_class in ("expressway", "arterial", "secondary", "branch")
    },
    ("park_coverage", "historic"): "only the older tiers ask for historic districts; see below",
}


@pytest.fixture(scope="module")
def town(drawn):
    """A town of 1 km² with something in every layer, so that every measure has a number."""
    zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 3000, 1000)], name=["西", "东"], role=["main_city", "district"])
    streets = [LineString([(0, y), (3000, y)]) for y in (100, 500, 900)]
    streets += [LineString([(x, 0), (x, 1000)]) for x in (100, 500, 900, 1400)]
    stub = LineString([(500, 700), (760, 700)])
    railway = LineString([(0, 980), (3000, 980)])
    categories = ("kindergarten", "bus_stop", "fire_station", "hospital", "market", "bank")
    land = [box(0, 0, 500, 1000), box(1400, 510, 2900, 890), box(550, 0, 1000, 90)]
    return sg.StudyArea(
        "t",
        zones.set_index(np.array(["1", "2"])),
        roads=drawn(
            [*streets, stub],
            road_class=["arterial"] * 3 + ["secondary"] * 2 + ["branch"] * 2 + ["branch"],
            name=["南路", "中路", "北路", "甲路", "乙路", "丙路", "丁路", "断头路"],
            sidewalk=["both"] * 8,
        ),
        walkways=drawn([LineString([(300, 100), (300, 500)])], name=["径"]),
        facilities=drawn([Point(300, 300)] * len(categories), category=categories, capacity=[90.0] * len(categories)),
        parks=drawn([box(100, 600, 200, 700), box(600, 600, 620, 625), box(1450, 105, 1800, 425)], kind=["park"] * 3),
        historic=drawn([box(600, 600, 700, 700)], name=["古城"]),
        heritage=drawn([Point(650, 650)], name=["宅"], kind=["building"], plaque=[True]),
        greenways=drawn([LineString([(0, 50), (300, 50)])], name=["绿道"]),
        residential=drawn([box(110, 110, 490, 490), box(2500, 110, 2900, 490)], name=["甲", "乙"]),
        compounds=drawn([box(1010, 110, 1100, 200)], name=["苑"], gated=[True]),
        land_use=drawn(land, land_class=["0701", "1001", "0801"], land_group=["residential", "industrial", "public"]),
        land_survey=drawn(
            land,
            land_class=["0701", "0601", "0810"],
            land_group=["residential", "industrial", "park"],
            czcsxm=["201", "203", "203"],
        ),
        development_zones=drawn([box(1500, 0, 1800, 1000)], name=["园区"]),
        communities=drawn(
            [box(0, 0, 1000, 1000), box(1000, 0, 3000, 1000)],
            name=["甲", "乙"],
            advanced=[True, False],
            item_01=[False, None],
        ),
        buildings=drawn([box(120, 120, 140, 140)], residential=[True], levels=[6.0]),
        barriers=drawn([box(0, 720, 3000, 740)], kind=["river"], name=["河"]),
        railways=drawn([railway], name=["汉丹铁路"]),
        population=drawn([box(0, 0, 3000, 1000)], persons=[9000.0]),
        jobs=drawn([Point(700, 300)], jobs=[100.0]),
        centres=drawn([Point(300, 500), Point(1400, 500)], name=["城", "县"], kind=["main", "county"]),
        chargers=drawn([Point(300, 300)], name=["桩"], count=[5], counts=["pile"]),
        parking=drawn([Point(300, 300)], name=["场"], spaces=[20.0]),
    )


# what only a plan gives
NAMED = {"dead_ends_opened": {"names": ["断头路"]}, "core_area": {"lines": ["南路", "甲路", "北路", "乙路"]}}


def _subjects():
    for lot in contents():
        for subject in lot.each:
            name = lot.measure.__name__
            asked = {**subject, **NAMED.get(name, {})}
            yield pytest.param(lot.measure, asked, id="-".join([name, *map(str, subject.values())]))


@pytest.mark.slow
@pytest.mark.parametrize(("measure", "subject"), list(_subjects()))
def test_a_number_with_an_incomplete_layer_behind_it_is_not_sure(town, measure, subject):
    key = measure(town, **subject).key
    for layer in entry_for(key).layers:
        if layer == "zones" or (key, layer) in NOTHING_MORE:
            continue
        found = measure(dataclasses.replace(town, incomplete=frozenset({layer})), **subject)
        if (
            layer in ("residential", "population") and "inside" in found.profile
        ):  # what stands in a community asks for no homes
            continue
        sure = found.has_data and found.low == found.value == found.high
        assert not sure, layer


def test_a_missing_historic_district_lifts_the_parks_in_it(town):
    unsure = dataclasses.replace(town, incomplete=frozenset({"historic"}))
    older, newer = (sg.park_coverage(unsure, size_profile=profile) for profile in ("2010/2021", "2022+"))
    assert older.high == 1.0 > older.value
    assert "historic" in older.needs[0].en
    assert newer.high == newer.value


@pytest.mark.slow
def test_most_of_the_town_has_a_number(town):
    """A measure without one would pass for nothing."""
    found = [lot.measure(town, **lot.each[0], **NAMED.get(lot.measure.__name__, {})) for lot in contents()]
    assert sum(measure.has_data for measure in found) >= len(found) - 6
