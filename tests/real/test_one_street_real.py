"""Real cities whose names or directions are taken away: what they tell in full lies in the range of what is left."""

from pathlib import Path

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


@pytest.fixture(scope="module", params=["newport", "guixi", "nanjing"])
def area(request, real_data):
    """A city as if its outline were that of its built-up area and its roads complete."""
    assert real_data.is_dir()
    read = sg.read_study(Path(__file__).parent / request.param / "study.toml").area
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
