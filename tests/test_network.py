"""Walking distances on drawn streets, and against networkx on random ones."""

import networkx as nx
import numpy as np
import pytest
from scipy.spatial import Delaunay
from shapely import LineString, Point, box

from suizhou_geo.streets.network import entrances, network_distance_m, positions, street_network

NONE = np.empty(0, dtype=object)


def _grid(n=6, step=100):
    lines = [LineString([(i * step, j * step) for j in range(n)]) for i in range(n)]
    lines += [LineString([(j * step, i * step) for j in range(n)]) for i in range(n)]
    return np.array(lines)


def _distances(network, sources, targets, limit_m=5000.0):
    targets = np.array(targets)
    return network_distance_m(
        network, entrances(network, np.array(sources)), positions(network, targets), count=len(targets), limit_m=limit_m
    )


def test_grid_by_mental_arithmetic():
    network = street_network(_grid(), NONE)
    got = _distances(network, [Point(50, 10)], [Point(60, 5), Point(50, 110), Point(250, 250), Point(50, 0)])
    # same street: 10 + 10 + 5; round the block: 10 + 50 + 100 + 50 + 10; the legs count at both ends
    assert got == pytest.approx([25.0, 220.0, 460.0, 10.0])


def test_beyond_the_limit_and_off_the_network_is_infinite():
    network = street_network(_grid(), NONE)
    assert (
        _distances(network, [Point(0, 0)], [Point(500, 500), Point(900, 900)], limit_m=999.0).tolist() == [np.inf] * 2
    )
    assert _distances(network, [Point(0, 0)], [Point(500, 500)], limit_m=1000.0) == pytest.approx([1000.0])
    assert _distances(network, [Point(2000, 0)], [Point(0, 0)]).tolist() == [np.inf]


def test_a_bridge_is_no_crossing():
    lines = np.array([LineString([(0, 0), (200, 0)]), LineString([(100, -100), (100, 100)])])
    network = street_network(lines, NONE)
    assert _distances(network, [Point(0, 0)], [Point(100, 100)]).tolist() == [np.inf]


def test_a_loose_end_within_a_metre_is_joined_and_a_farther_one_is_not():
    for gap, wanted in ((0.5, 149.5025), (3.0, np.inf)):
        lines = np.array([LineString([(0, 0), (400, 0)]), LineString([(50, gap), (50, 400)])])
        got = _distances(street_network(lines, NONE), [Point(0, 0)], [Point(50, 100)])
        assert got == pytest.approx([wanted], abs=0.01)


def test_legs_do_not_cross_a_river():
    river = np.array([LineString([(-50, 20), (600, 20)])])
    lines = np.array([LineString([(0, 0), (500, 0)]), LineString([(0, 150), (500, 150)])])
    free, barred = street_network(lines, NONE), street_network(lines, river)
    home = [Point(250, 40)]  # 40 m from the street over the river, 110 m from the one on its own bank
    assert _distances(free, [Point(0, 0)], home) == pytest.approx([290.0])
    assert _distances(barred, [Point(0, 0)], home).tolist() == [np.inf]
    assert _distances(barred, [Point(0, 150)], home) == pytest.approx([360.0])


def test_a_site_is_entered_where_streets_touch_its_edge():
    network = street_network(_grid(), NONE)
    site = box(110, 110, 190, 190)  # inside one block, 10 m from its four streets
    assert _distances(network, [site], [Point(150, 300), Point(300, 150)]) == pytest.approx([160.0, 160.0], abs=15.1)
    lonely = box(1300, 1300, 1400, 1400)  # 1,131 m from the last street
    assert _distances(network, [lonely], [Point(500, 500)]).tolist() == [np.inf]


def test_a_site_is_not_entered_from_a_street_far_from_its_edge():
    lines = np.array([LineString([(0, 0), (0, 100)]), LineString([(180, 0), (180, 100)])])
    site = box(20, 0, 100, 100)  # 20 m from the left street, 80 m from the right one
    assert _distances(street_network(lines, NONE), [site], [Point(0, 50)]) == pytest.approx([20.0])
    assert _distances(street_network(lines, NONE), [site], [Point(180, 50)]).tolist() == [np.inf]


def test_random_networks_agree_with_networkx():
    rng = np.random.default_rng(1)
    xy = rng.uniform(0, 2000, (120, 2))
    triangles = Delaunay(xy).simplices
    pairs = {tuple(sorted(p)) for t in triangles for p in ((t[0], t[1]), (t[1], t[2])) if rng.uniform() < 0.8}
    graph = nx.Graph()
    graph.add_weighted_edges_from((a, b, float(np.hypot(*(xy[a] - xy[b])))) for a, b in pairs)
    nodes = sorted(graph.nodes)
    sources = nodes[:3]
    wanted = nx.multi_source_dijkstra_path_length(graph, set(sources), cutoff=700.0)
    network = street_network(np.array([LineString(xy[list(p)]) for p in sorted(pairs)]), NONE)
    got = _distances(network, [Point(xy[s]) for s in sources], [Point(xy[n]) for n in nodes], 700.0)
    assert got == pytest.approx([wanted.get(n, np.inf) for n in nodes], abs=1e-6)
    assert 20 < np.isfinite(got).sum() < len(nodes)
