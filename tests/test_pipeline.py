"""The whole pipeline, from files to numbers, held to the invented city's true answers."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.scorecard import table_of
from suizhou_geo.geometry.crs import wgs84_to_gcj02
from suizhou_geo.sources.map_shift import how_it_lies, in_straight_pieces

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"


@pytest.fixture(scope="module")
def study(invented_city):
    return invented_city


@pytest.fixture(scope="module")
def truth():
    return json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def measures(measured):
    return {(m.key, m.profile): m for m in measured("invented_city")[1]}


def _named(study, by_zone):
    return dict(zip(study.area.zones["name"], by_zone, strict=True))


def test_it_is_laid_out_as_one_main_city_and_three_districts(study):
    assert study.area.invented
    assert study.area.zones["role"].value_counts().to_dict() == {"main_city": 1, "district": 3}
    assert study.area.incomplete == frozenset()


def test_areas_and_persons(study, truth):
    density = sg.population_density(study.area)
    assert _named(study, density.denominator) == pytest.approx(truth["area_km2_by_zone"], rel=1e-6)
    assert density.params["persons"] == pytest.approx(truth["persons"], rel=1e-4)
    persons = _named(study, density.by_zone * density.denominator)
    # cells of 100 m on a border are split by area, people in them are not spread evenly
    assert persons == pytest.approx(truth["persons_by_zone"], rel=0.01)


@pytest.mark.slow
def test_construction_land(study, truth):
    land = sg.construction_land_per_capita(study.area)
    assert land.params["construction_land_ha"] == pytest.approx(truth["construction_land_ha"], rel=1e-6)
    per_zone = _named(study, land.by_zone * land.denominator)
    assert per_zone == pytest.approx(truth["construction_land_ha_by_zone"], rel=1e-6)


@pytest.mark.slow
def test_centrelines_in_all_by_zone_and_by_class(study, truth):
    density = sg.road_density(study.area)
    assert density.params["length_km"] == pytest.approx(truth["centreline_km"], rel=0.004)
    assert _named(study, density.by_zone * density.denominator) == pytest.approx(
        truth["centreline_km_by_zone"], rel=0.005
    )
    counted = truth["centreline_km_by_class"] | {}
    counted["branch"] += counted.pop("local")
    for road_class, km in counted.items():
        measured = sg.road_density(study.area, road_class=road_class).params["length_km"]
        assert measured == pytest.approx(km, rel=0.02), road_class


def test_careless_counting_would_turn_the_verdict(study, truth):
    raw = sg.road_density(study.area, profile="raw")
    assert raw.params["length_km"] > 1.15 * truth["centreline_km"]
    steps = sg.road_density(study.area).breakdown["whole_km"]
    assert (np.diff(steps) < 0).all()
    inside = truth["centreline_km_not_counted"]["inside_compounds"]
    assert 0 < steps["ramps_out"] - steps["compounds_out"] <= inside * 1.01


@pytest.mark.parametrize("size_profile", ["2010/2021", "2022+", "mnr_5min"])
def test_park_reach(study, truth, size_profile):
    parks = sg.park_coverage(study.area, size_profile=size_profile)
    wanted = dict(truth["park_reach"][size_profile])
    assert parks.value == pytest.approx(wanted.pop("whole"), abs=3e-4)
    assert _named(study, parks.by_zone) == pytest.approx(wanted, abs=1e-3)
    assert parks.denominator.sum() == pytest.approx(truth["residential_land_ha"], rel=1e-6)


def test_streets_reach_less_than_straight_lines(measures):
    for (key, profile), straight in measures.items():
        if "straight_line" in profile and straight.has_data:
            street = measures.get((key, profile.replace("straight_line", "street")))
            if street is None:  # some are told in one way only, such as gaps by category
                continue
            assert street.value <= straight.value + 0.01, (key, profile)


def test_the_verdicts_are_not_all_alike(study, measures):
    card = table_of(rows_of(list(measures.values()), study.plan, baselines=study.baseline_values), "zh")
    headline = card[~card["key"].str.contains("@") & card["value"].notna() & card["op"].ne("")]
    assert {"met", "missed"} <= set(headline["status"])


@pytest.mark.slow
def test_a_shifted_copy_of_the_facilities_would_be_noticed(study):
    area = study.area
    roads = in_straight_pieces(area.roads)
    # it keeps to the blocks' inside
    assert how_it_lies(area.facilities, roads, taken="gcj02").kind == "shift_untold"
    x, y = shapely.get_coordinates(area.facilities.geometry.to_crs(4326).to_numpy()).T
    there = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*wgs84_to_gcj02(x, y)), crs=4326).to_crs(area.crs)
    assert how_it_lies(there, roads).amounts["datum"] == "gcj02"
