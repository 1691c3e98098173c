"""Doors and streets: every street near is met, gates before guesses, and more streets or facilities lower no coverage."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, affinity, box

import suizhou_geo as sg
from suizhou_geo.access.demand import _gridded
from suizhou_geo.streets.entrances import entrances, legs
from suizhou_geo.streets.network import network_distance_m, street_network

NONE = np.empty(0, dtype=object)


def _walk_m(network, sources, homes, gates=NONE):
    doors = entrances(network, np.array(sources), np.array(gates, dtype=object))
    at = legs(network, np.array(homes), np.arange(len(homes)))
    return network_distance_m(network, doors, at, count=len(homes), limit_m=5000.0)


def test_a_path_nearer_to_the_door_takes_no_street_away():
    street, path = LineString([(0, 0), (1000, 0)]), LineString([(500, 20), (0, 20), (0, 0)])
    home, school = Point(500, 30), Point(600, 0)
    assert _walk_m(street_network(np.array([street]), NONE), [school], [home]) == pytest.approx([130.0])
    assert _walk_m(street_network(np.array([street, path]), NONE), [school], [home]) == pytest.approx([130.0])


def test_a_path_nearer_to_a_home_far_from_the_street_takes_the_street_not_away():
    street, path = LineString([(0, 0), (1000, 0)]), LineString([(500, 100), (0, 100), (0, 0)])
    network = street_network(np.array([street, path]), NONE, street=np.array([True, False]))
    assert _walk_m(network, [Point(600, 0)], [Point(500, 120)]) == pytest.approx([220.0])


def test_a_path_beside_a_park_takes_no_entrance_away():
    # the park lies 80 m from the street; the path beside it leads a long way round
    street, path = LineString([(0, 0), (1000, 0)]), LineString([(450, 75), (0, 75), (0, 0)])
    park, home = box(400, 80, 500, 180), Point(450, 0)
    alone, both = (street_network(np.array(x), NONE, street=np.arange(len(x)) < 1) for x in ([street], [street, path]))
    assert _walk_m(alone, [park], [home]) == pytest.approx([80.0])
    assert _walk_m(both, [park], [home]) == pytest.approx([80.0])


def test_a_park_with_gates_is_entered_there_only():
    network = street_network(np.array([LineString([(0, 0), (1000, 0)])]), NONE)
    park = box(400, 10, 600, 200)
    assert _walk_m(network, [park], [Point(400, 0)]) == pytest.approx([10.0])
    assert _walk_m(network, [park], [Point(400, 0)], [Point(600, 12)]) == pytest.approx([212.0])
    assert _walk_m(network, [park], [Point(400, 0)], [Point(700, 12)]) == pytest.approx([10.0])  # of another place


def test_a_further_facility_near_a_gate_is_not_served_by_it():
    network = street_network(np.array([LineString([(0, 0), (1000, 0)])]), NONE)
    sites = [box(400, 10, 600, 200), box(0, 10, 100, 100)]
    assert _walk_m(network, sites, [Point(0, 0)], [Point(600, 12)]) == pytest.approx([10.0])


@pytest.fixture
def town(drawn):
    """A grid of 200 m with homes inside the blocks, three parks and four schools."""
    ends = range(0, 1201, 200)
    roads = [LineString([(x, y) for y in ends]) for x in ends] + [LineString([(x, y) for x in ends]) for y in ends]
    homes = [affinity.rotate(box(x + 30, y + 30, x + 165, y + 150), 11 + x / 50) for x in ends[:-1] for y in ends[:-1]]
    parks = [box(210, 210, 290, 300), box(640, 870, 750, 960), box(1050, 260, 1130, 330)]
    schools = [Point(130, 450), Point(470, 760), Point(880, 150), Point(1000, 1030)]
    return sg.StudyArea(
        "t",
        drawn([box(0, 0, 1200, 1200)], name=["z"]),
        roads=drawn(roads, road_class=["branch"] * len(roads)),
        walkways=drawn([]),
        residential=drawn(homes),
        parks=drawn(parks),
        facilities=drawn(schools, category=["kindergarten"] * 4),
    )


def _covered(area):
    return (
        sg.park_coverage(area, reach="street").value,
        sg.service_coverage(area, "kindergarten", reach="street").value,
    )


def _more(layer, other):
    return gpd.GeoDataFrame(pd.concat([layer, other], ignore_index=True), crs=layer.crs)


@pytest.mark.slow
def test_more_paths_and_facilities_lower_no_coverage(town, drawn):
    before = _covered(town)
    assert 0.1 < min(before) < max(before) < 0.9
    beside = [
        LineString([(x - 7, y - 7), (x + 60, y - 7), (x + 60, 0)]) for x, y in ((210, 210), (640, 870), (1050, 260))
    ]
    rng = np.random.default_rng(3)
    across = [LineString(rng.uniform(0, 1200, (2, 2))) for _ in range(30)]
    for paths in (beside, across):
        after = _covered(town.replace(walkways=_more(town.walkways, drawn(paths))))
        assert all(b >= a for a, b in zip(before, after, strict=True))
    schools = _more(town.facilities, drawn([Point(600, 333)], category=["kindergarten"]))
    assert _covered(town.replace(facilities=schools))[1] > before[1]


@pytest.mark.parametrize("shift_m", [0.0, 7.0, 23.0, 41.0])
def test_ground_is_covered_to_the_metre_wherever_the_cells_fall(drawn, shift_m):
    """A strip of homes 600 m along a street, 10 to 40 m off it; 300 m reach to x = 300 - y: 275 m on average."""
    area = sg.StudyArea(
        "t",
        drawn([box(-shift_m, -2 * shift_m, 3000, 500)], name=["z"]),
        roads=drawn([LineString([(0, 0), (2900, 0)])], road_class=["branch"]),
        residential=drawn([box(100, 10, 700, 40)]),
        facilities=drawn([Point(0, 0)], category=["kindergarten"]),
    )
    assert sg.service_coverage(area, "kindergarten", reach="street").value == pytest.approx(175 / 600, rel=2e-3)


def test_the_rim_beside_a_wall_is_looked_at_in_finer_places(drawn):
    """A wall 20 m into a cell of 50 m: of its nine columns of finer places four lie on the side of the street.

    Of the three columns of places the first is covered and the second not: both are on the rim, though neither in part.
    """
    area = sg.StudyArea(
        "t",
        drawn([box(0, 0, 1000, 1000)], name=["z"]),
        roads=drawn([LineString([(-5, -2000), (-5, 2000)])], road_class=["branch"]),
        barriers=drawn([LineString([(20, -4000), (20, 4000)])], kind=["water"]),
        residential=drawn([box(0, 0, 50, 50)]),
        facilities=drawn([Point(-5, 25)], category=["kindergarten"]),
    )
    assert sg.service_coverage(area, "kindergarten", reach="street").value == pytest.approx(4 / 9)


@pytest.mark.slow
def test_street_reach_does_not_hang_on_the_map_or_on_the_cells(town, monkeypatch):
    before = _covered(town)
    shifted = {name: layer.translate(1.3, -0.7) for name, layer in town.layers.items()}
    moved = town.replace(**{name: town.layers[name].set_geometry(shape) for name, shape in shifted.items()})
    assert _covered(moved) == pytest.approx(before, rel=1e-4)  # a leg of just 50 m may be rounded
    monkeypatch.setattr(
        "suizhou_geo.access.demand._gridded",
        lambda shapes, cell_m, *, corner: _gridded(shapes, cell_m / 2, corner=corner),
    )
    assert _covered(town.replace(name="other")) == pytest.approx(before, rel=1e-2)  # 36 homes and a few doors


def test_a_turned_site_is_entered_alike():
    network = street_network(np.array([LineString([(0, 0), (1000, 0)])]), NONE)
    site = box(400, 10, 500, 110)
    for turned in (site.reverse(), affinity.rotate(site, 180)):
        assert _walk_m(network, [turned], [Point(300, 5)]) == pytest.approx(_walk_m(network, [site], [Point(300, 5)]))
