"""A measure that was asked for: sums and ratios done in the head, and what the catalogue fills in."""

import gc

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.access.coverage import CLOSER_PARAMS
from suizhou_geo.assessment.rows import shortfall
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.measures import contents, measure_all
from suizhou_geo.measures.asked import Asked, Number, choices, ratio, stacked, summed, undivided
from suizhou_geo.measures.built_up import built_up_extent
from suizhou_geo.measures.coverage import Coverage
from suizhou_geo.measures.declared import declared
from suizhou_geo.model import Study
from suizhou_geo.streets.entrances import LEG_PARAMS
from suizhou_geo.streets.network import WALKING_PARAMS

NEED = Text("缺道路", "needs roads")


@pytest.fixture
def area():
    shapes = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]
    zones = gpd.GeoDataFrame({"name": ["west", "east"], "role": ["main_city"] * 2}, geometry=shapes, crs="EPSG:4547")
    return sg.StudyArea("two squares", zones)


NAMES = ["甲路", "乙路", "丙路"]  # what only a plan gives
PUBLIC = {
    lot.measure.__name__: (lot.measure, {**lot.each[0], **dict.fromkeys(lot.wanting, NAMES)}) for lot in contents()
}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_measure_given_a_study_uses_its_area(area, name):
    study = Study("two squares", "", area, None, {}, {}, (), ())
    measure, subject = PUBLIC[name]
    of_study, of_area = (measure(place, **subject) for place in (study, area))
    assert (of_study.key, of_study.profile, of_study.needs) == (of_area.key, of_area.profile, of_area.needs)
    assert of_study.params == of_area.params
    assert of_study.by_zone.equals(of_area.by_zone)


def test_garbage_is_looked_for_again_after_measuring(area):
    seen = []
    measure_all(area, chapter="green", progress=lambda _: seen.append(gc.isenabled()))
    assert gc.isenabled()
    with pytest.raises(InputError, match="there is no such measure"):
        measure_all(area, {"no_such": {}})
    assert set(seen) == {False}
    assert gc.isenabled()


def test_whatever_takes_an_area_takes_a_study(area):
    study = Study("two squares", "", area, None, {}, {}, (), ())
    assert [m.key for m in measure_all(study)] == [m.key for m in measure_all(area)]
    assert declared(study, sg.Plan("p", "p", "p", "p", ()), ()) == []
    with pytest.raises(InputError, match="the study has no land_survey layer"):
        built_up_extent(study, "survey")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_word_outside_the_choices_is_refused(area, name):
    measure, subject = PUBLIC[name]
    for parameter in choices(measure):
        with pytest.raises(
            InputError, match=f"{name}: {parameter} 'joy' is not one of {choices(measure)[parameter][0]}"
        ):
            measure(area, **subject | {parameter: "joy"})


def test_layers_are_stacked_with_nothing_where_one_has_no_such_column(area):
    one = area.zones[["name", "geometry"]]
    both = stacked([one, one.assign(near=True)], ["name", "near"])
    assert both["name"].tolist() == ["west", "east"] * 2
    assert both["near"].tolist() == [None, None, True, True]
    assert list(both.index) == [0, 1, 2, 3]
    assert both.crs == area.crs


def test_the_whole_is_the_ratio_of_the_sums_and_no_mean_of_ratios():
    part, whole = pd.Series([1.0, 1.0], ["a", "b"]), pd.Series([1.0, 3.0], ["a", "b"])
    number = ratio(part, whole)
    assert number.value == 0.5
    assert number.by_zone.to_dict() == {"a": 1.0, "b": 1 / 3}
    assert number.denominator.equals(whole)
    assert (number.by_zone * number.denominator).sum() == part.sum()


def test_what_is_missing_comes_out_in_the_unit_of_the_shortfall(area):
    persons = pd.Series([3000.0, 1000.0], area.zones.index)
    land_m2 = pd.Series([300_000.0, 20_000.0], area.zones.index)
    asked = Asked(area, "land_per_capita.R", "land_use")
    measure = asked.measure(ratio(land_m2, persons, per=1e4), low=80.0, high=80.0)
    assert (measure.value, measure.unit, measure.shortfall_unit) == (80.0, "m2/person", "ha")
    assert shortfall(measure, 10.0) == pytest.approx(4)  # 10 m² for each of 4000 persons


def test_of_nothing_there_is_no_share():
    number = ratio(pd.Series([0.0, 2.0]), pd.Series([0.0, 4.0]))
    assert (number.value, number.by_zone[1]) == (0.5, 0.5)
    assert np.isnan(number.by_zone[0])
    assert np.isnan(ratio(pd.Series([0.0]), pd.Series([0.0])).value)


def test_sums_add_up_and_divide_nothing():
    number = summed(pd.Series([2000.0, 1000.0]), per=1000.0)
    assert number.value == number.by_zone.sum() == 3.0
    assert number.denominator.isna().all()


def test_names_and_units_are_those_of_the_catalogue(area):
    asked = Asked(
        area, "places_short.hospital", "2sfca", {"radius_m": 1000.0}, Text("出处", "a source"), Text("床位", "beds")
    )
    measure = asked.found(holders=2).measure(undivided(0.25, area), low=0.2, high=0.3, notes=(NEED,))
    assert measure.name_zh == "床位不足的人口占比"
    assert measure.name_en == "share of persons with too few beds in reach"
    assert (measure.unit, measure.shortfall_unit, measure.basis.en) == ("share", "persons", "a source")
    assert measure.params == {"radius_m": 1000.0, "holders": 2}
    assert (measure.value, measure.low, measure.high, measure.notes) == (0.25, 0.2, 0.3, (NEED,))
    assert measure.by_zone.isna().all()
    assert asked.params == {"radius_m": 1000.0}  # what was asked for stays as it was


def test_what_is_missing_is_counted_in_what_the_share_is_of(area):
    number = Number(0.5, *(pd.Series(1.0, area.zones.index),) * 2)
    units = {
        of: Asked(area, "complete_community_coverage", "", {"of": of}).measure(number, low=0.5, high=0.5).shortfall_unit
        for of in ("communities", "persons")
    }
    assert units == {"communities": "count", "persons": "persons"}


def test_without_data_it_says_what_it_needs(area):
    measure = Asked(area, "road_density", "caupd", {"profile": "caupd"}, Text("出处", "a source")).no_data((NEED,))
    assert not measure.has_data
    assert np.isnan([measure.low, measure.high]).all()
    assert measure.needs == (NEED,)
    assert (measure.unit, measure.shortfall_unit, measure.basis) == ("km/km2", "", NOTHING)
    assert list(measure.by_zone.index) == list(measure.denominator.index) == list(area.zones.index)


def test_a_key_outside_the_catalogue_is_told(area):
    with pytest.raises(LookupError, match=r"joy is not in standards/measures\.toml"):
        Asked(area, "joy", "").no_data(())


def test_a_coverage_tells_its_reach_behind_its_definition(area):
    asked = Asked(area, "park_coverage", "2022+", {"gap_m": 2.0})
    measure = Coverage(asked, "parks", "street", "persons").no_data((NEED,))
    assert measure.profile == "2022+ / street / persons"
    streets = [*LEG_PARAMS, "places_per_cell", *CLOSER_PARAMS, *WALKING_PARAMS]
    assert list(measure.params) == ["gap_m", *streets, "reach", "of", "cell_m"]
    needs = [need.en for need in Coverage(asked, "parks", "street", "persons").needs()]
    assert all(f"layer {layer} " in need for layer, need in zip(("parks", "roads", "population"), needs, strict=True))
    with pytest.raises(InputError, match="park_coverage: reach 'wings' is not one of"):
        Coverage(asked, "parks", "wings", "land")
    with pytest.raises(InputError, match="park_coverage: of 'dogs' is not one of"):
        Coverage(asked, "parks", "street", "dogs")
