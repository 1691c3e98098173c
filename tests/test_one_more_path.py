"""One more path, whatever it joins, lengthens nobody's way: small pieces, deep blocks, rivers, and towns drawn at random."""

import numpy as np
import pytest
from shapely import LineString, Point, box, points

from suizhou_geo.streets.entrances import entrances, legs
from suizhou_geo.streets.network import network_distance_m, street_network

NONE = np.empty(0, dtype=object)
STREET = [(0, 0), (3000, 0)]
HAMLET = [(300, 400), (600, 400)]  # too small to lead anywhere, 400 m from the street: it serves its own


def _walk_m(streets, paths, home, school, *, barriers=NONE):
    lines = np.array([LineString(line) for line in (*streets, *paths)])
    network = street_network(lines, barriers, street=np.arange(len(lines)) < len(streets))
    homes = np.atleast_1d(np.array(home, dtype=object))
    at = legs(network, homes, np.arange(len(homes)))
    doors = entrances(network, np.atleast_1d(np.array(school, dtype=object)), NONE)
    return network_distance_m(network, doors, at, count=len(homes), limit_m=np.inf)


def test_a_path_that_joins_nothing_changes_nothing():
    beside = [(280, 12), (320, 12), (320, 40)]
    for paths in ((), (beside,)):
        assert _walk_m([STREET], paths, Point(300, 20), Point(900, 0)) == pytest.approx([620.0])


@pytest.mark.parametrize(
    "path",
    [
        [(300, 400), (300, 300)],  # of the hamlet's own, towards the street
        [(300, 0), (300, 380)],  # from the street, up to 20 m from the hamlet
        [(2900, 0), (2900, 900), (600, 900), (600, 400)],  # joins both, a long way round
    ],
)
def test_a_path_near_a_hamlet_takes_no_door_of_it(path):
    home, shop = Point(310, 410), Point(590, 410)
    assert _walk_m([STREET, HAMLET], [], home, shop) == pytest.approx([300.0])
    assert _walk_m([STREET, HAMLET], [path], home, shop) == pytest.approx([300.0])


def test_two_streets_that_a_path_makes_long_enough_push_nobody_off_a_third():
    many = [[(0, -500 * k), (5000, -500 * k)] for k in range(1, 8)] + [[(0, -3500), (0, -500)]]
    pieces = [[(0, 800), (1500, 800)], [(1700, 800), (3200, 800)]]  # 1.5 km each, 3 km with a path between them
    hamlet, link = [(500, 950), (800, 950)], [(1500, 800), (1700, 800)]
    home, shop = Point(510, 960), Point(790, 960)
    for paths in ((), (link,)):
        assert _walk_m([*many, *pieces, hamlet], paths, home, shop) == pytest.approx([300.0])


def test_a_home_deep_in_a_block_keeps_its_way_to_the_street():
    home, school = Point(1000, 600), Point(1100, 0)
    dead_end = [(1000, 590), (0, 590), (0, 0)]
    assert _walk_m([STREET], [], home, school) == pytest.approx([700.0])
    assert _walk_m([STREET], [dead_end], home, school) == pytest.approx([700.0])
    straight_on = [(1000, 590), (1000, 0)]
    assert _walk_m([STREET], [dead_end, straight_on], home, school) == pytest.approx([700.0])


def test_who_has_no_street_in_reach_walks_to_every_path_in_reach():
    home, far_off = Point(1000, 1500), [(900, 1200), (900, 0)]
    assert _walk_m([STREET], [far_off], home, Point(900, 0)) == pytest.approx([np.hypot(100, 300) + 1200])
    nearer = [(1000, 1400), (0, 1400), (0, 0)]
    assert _walk_m([STREET], [far_off, nearer], home, Point(900, 0)) == pytest.approx([np.hypot(100, 300) + 1200])


def test_a_further_vertex_is_no_further_leg():
    home, school = Point(1000, 30), Point(1200, 0)
    many = [(x, 0) for x in range(0, 3001, 10)]
    assert _walk_m([many], [], home, school) == pytest.approx(_walk_m([STREET], [], home, school)) == [230.0]


@pytest.mark.parametrize("seed", range(12))
def test_no_path_lengthens_a_way_in_towns_drawn_at_random(seed):
    rng = np.random.default_rng(seed)
    streets = [rng.uniform(0, 3000, (3, 2)) for _ in range(5)]
    streets += [start + rng.uniform(-150, 150, (2, 2)) for start in rng.uniform(0, 3000, (12, 2))]
    river = np.array([LineString(rng.uniform(0, 3000, (4, 2)))])
    homes = points(rng.uniform(-200, 3200, (150, 2)))
    sites = [box(*xy, *(xy + 120)) for xy in rng.uniform(0, 3000, (3, 2))]
    schools = [*points(rng.uniform(0, 3000, (4, 2))), *sites]
    paths, before = [], _walk_m(streets, [], homes, schools, barriers=river)
    for _ in range(15):
        there = np.concatenate([*streets, *paths])
        start = there[rng.integers(len(there))] if rng.random() < 0.7 else rng.uniform(0, 3000, 2)
        end = there[rng.integers(len(there))] if rng.random() < 0.5 else start + rng.uniform(-300, 300, 2)
        paths.append(np.array([start, start + rng.uniform(-200, 200, 2), end]))
        after = _walk_m(streets, paths, homes, schools, barriers=river)
        assert (after <= before + 1e-6).all()
        before = after
