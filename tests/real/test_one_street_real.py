"""Real cities whose names or directions are taken away: what they tell in full lies in the range of what is left."""

from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

import suizhou_geo as sg
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.streets.counted_roads import judged_roads

pytestmark = pytest.mark.real
LOST = [
    {"name": None},
    {"name": "无名路"},
    {"oneway": None},
    {"oneway": False},
    {"name": None, "oneway": None},
    {"name": None, "oneway": False},
]
TAKEN_AWAY = [{"name": None}, {"oneway": None}, {"name": None, "oneway": None}]
CITIES = ["newport", "guixi", "nanjing"]


@pytest.fixture(scope="module", params=CITIES)
def area(request, real_data):
    """A city as if its outline were that of its built-up area and its roads complete."""
    assert real_data.is_dir()
    return _area_of(request.param)


@cache
def _area_of(city):
    read = sg.read_study(Path(__file__).parent / city / "study.toml").area
    return read.replace(boundary="built_up", incomplete=read.incomplete - {"roads"})


def _counted_m(roads):
    pieces = centrelines(roads)
    return [float((pieces.length * pieces[of]).sum()) for of in ("weight_low", "weight", "weight_high")]


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_the_density_of_all_that_is_known_lies_in_the_range_of_what_is_left(area, lost):
    known = sg.road_density(area)
    left = sg.road_density(area.replace(roads=area.roads.assign(**lost)))
    assert left.low <= known.value <= left.high
    assert known.low <= known.value <= known.high


def _lies_in_a_range_narrower_than_from_raw_to_half(area, lost):
    known, raw = sg.road_density(area), sg.road_density(area, profile="raw")
    left = sg.road_density(area.replace(roads=area.roads.assign(**lost)))
    assert left.low <= known.value <= left.high
    assert left.high - left.low < raw.value / 2


@pytest.mark.parametrize(
    ("area", "lost"),
    [(city, lost) for city in CITIES for lost in TAKEN_AWAY],
    indirect=["area"],
    ids=str,
)
def test_the_range_is_narrower_than_from_raw_to_half(area, lost):
    _lies_in_a_range_narrower_than_from_raw_to_half(area, lost)


@pytest.mark.parametrize("lost", TAKEN_AWAY, ids=str)
def test_so_it_is_everywhere_once_a_layer_says_which_streets_are_of_compounds(area, lost):
    none = gpd.GeoDataFrame({"name": [], "gated": []}, geometry=[], crs=area.crs)
    _lies_in_a_range_narrower_than_from_raw_to_half(area.replace(compounds=none), lost)


@pytest.mark.parametrize("lost", LOST, ids=str)
def test_so_does_the_length_of_the_same_streets_and_the_range_is_worth_having(area, lost):
    roads = judged_roads(area)
    roads = roads[roads["counts"]]
    known_m = _counted_m(roads)[1]
    low_m, _, high_m = _counted_m(roads.assign(**lost))
    assert low_m <= known_m <= high_m
    assert high_m - low_m < roads.length.sum() / 2


@pytest.mark.parametrize("others", [None, False])
def test_one_row_marked_one_way_changes_next_to_nothing(area, others):
    untold = area.roads.assign(oneway=others)
    marked = untold["oneway"].to_numpy(dtype=object, copy=True)
    one_way = area.roads["oneway"].eq(True) & ~area.roads["roundabout"].astype(bool) & judged_roads(area)["counts"]
    row = np.flatnonzero(one_way)[one_way.sum() // 2]
    marked[row] = True
    before, after = (sg.road_density(area.replace(roads=area.roads.assign(oneway=said))) for said in (others, marked))
    row_km2 = area.roads.geometry.iloc[row].length / area.zones.area.sum() * 1000
    for of in ("low", "value", "high"):
        assert getattr(after, of) == pytest.approx(getattr(before, of), abs=2 * row_km2)
    assert after.low < after.value <= after.high
