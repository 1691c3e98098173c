"""Walking distances on drawn streets, and against networkx on random ones."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from scipy.spatial import Delaunay
from shapely import LineString, Point, box

from suizhou_geo.streets.entrances import entrances, legs
from suizhou_geo.streets.network import Positions, each_reached, network_distance_m, positions, reached, street_network

NONE = np.empty(0, dtype=object)


def _grid(n=6, step=100):
    lines = [LineString([(i * step, j * step) for j in range(n)]) for i in range(n)]
    lines += [LineString([(j * step, i * step) for j in range(n)]) for i in range(n)]
    return np.array(lines)


def _distances(network, sources, targets, limit_m=5000.0):
    targets = np.array(targets)
    return network_distance_m(
        network,
        entrances(network, np.array(sources), NONE),
        legs(network, targets, np.arange(len(targets))),
        count=len(targets),
        limit_m=limit_m,
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
    stand = (positions(network, np.array([Point(xy[n]) for n in some])) for some in (sources, nodes))
    got = network_distance_m(network, *stand, count=len(nodes), limit_m=700.0)
    assert got == pytest.approx([wanted.get(n, np.inf) for n in nodes], abs=1e-6)
    assert 20 < np.isfinite(got).sum() < len(nodes)


def _winding(seed):
    """A random network of winding streets, a ring apart and a street that comes back to where it began."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1000, (30, 2))
    pairs = {tuple(sorted((a, b))) for t in Delaunay(xy).simplices for a, b in zip(t, np.roll(t, 1), strict=True)}
    lines = []
    for a, b in sorted(pairs)[::2]:
        bends = xy[a] + (xy[b] - xy[a]) * np.linspace(0, 1, 5)[:, None]
        bends[1:-1] += rng.uniform(-15, 15, (3, 2))
        lines.append(LineString(bends))
    loop = [xy[0], xy[0] + [-300, 0], xy[0] + [-300, 300], xy[0]]
    return street_network(np.array([*lines, LineString(loop), box(2000, 0, 2300, 200).exterior]), NONE), rng


def _places(network, rng, count):
    segment = rng.integers(len(network.start), size=count)
    return Positions(
        np.arange(count), segment, rng.uniform(0, 1, count) * network.length_m[segment], rng.uniform(0, 50, count)
    )


def _all_places_as_nodes(network, *places):
    """The segments cut at every place, in networkx; nodes are numbers, places (which of `places`, number)."""
    graph, on = nx.Graph(), {segment: [] for segment in range(len(network.start))}
    for which, at in enumerate(places):
        for k in range(len(at.owner)):
            on[int(at.segment[k])].append((float(at.along_m[k]), (which, k)))
    for segment, stops in on.items():
        length_m = float(network.length_m[segment])
        ends = (0.0, int(network.start[segment])), (length_m, int(network.end[segment]))
        for (a_m, a), (b_m, b) in pairwise([ends[0], *sorted(stops), ends[1]]):
            graph.add_edge(a, b, weight=b_m - a_m)
    return graph


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit_m", [300.0, 5000.0])
def test_places_anywhere_on_winding_streets_are_as_far_as_by_brute_force(seed, limit_m):
    network, rng = _winding(seed)
    sources, targets = _places(network, rng, 6), _places(network, rng, 40)
    graph = _all_places_as_nodes(network, sources, targets)
    wanted = np.full(40, np.inf)
    for k, leg_m in enumerate(sources.leg_m.tolist()):
        far = nx.single_source_dijkstra_path_length(graph, (0, k))
        wanted = np.minimum(wanted, [leg_m + far.get((1, t), np.inf) + targets.leg_m[t] for t in range(40)])
    wanted[wanted > limit_m] = np.inf
    reach = reached(network, sources, limit_m=limit_m)
    assert reach.distance_m(targets, count=40) == pytest.approx(wanted)
    assert np.isfinite(wanted).any()
    each = dict(each_reached(network, sources, limit_m=limit_m))
    assert [*each] == list(range(6))
    assert np.min([one.distance_m(targets, count=40) for one in each.values()], axis=0) == pytest.approx(wanted)


def test_many_places_on_the_streets_of_sources_are_looked_at_in_turn(monkeypatch):
    network, rng = _winding(11)
    sources, targets = _places(network, rng, 30), _places(network, rng, 200)
    at_once = network_distance_m(network, sources, targets, count=200, limit_m=np.inf)
    monkeypatch.setattr("suizhou_geo.streets.network._MOST_PAIRS", 7)
    assert network_distance_m(network, sources, targets, count=200, limit_m=np.inf).tolist() == at_once.tolist()


@pytest.mark.parametrize("limit_m", [250.0, np.inf])
def test_every_node_is_as_far_as_in_the_graph_of_all_segments(limit_m):
    network, rng = _winding(7)
    sources = _places(network, rng, 5)
    doors = len(network.xy)
    row, column = np.r_[network.start, network.end], np.r_[network.end, network.start]
    to_m = np.r_[sources.along_m, network.length_m[sources.segment] - sources.along_m] + np.tile(sources.leg_m, 2)
    ends = np.r_[network.start[sources.segment], network.end[sources.segment]]
    graph = nx.DiGraph()
    for a, b, metres in [
        *zip(row, column, np.tile(network.length_m, 2), strict=True),
        *zip([doors] * 10, ends, to_m, strict=True),
    ]:
        if not graph.has_edge(a, b) or graph[a][b]["weight"] > metres:
            graph.add_edge(a, b, weight=metres)
    far = nx.single_source_dijkstra_path_length(graph, doors, cutoff=limit_m)
    reach = reached(network, sources, limit_m=limit_m)
    assert reach.node_m == pytest.approx([far.get(node, np.inf) for node in range(doors)])
    near = np.isfinite(reach.node_m)
    assert set(np.flatnonzero(near[network.start] | near[network.end])) | set(sources.segment) == set(
        np.flatnonzero(reach.segments)
    )


def test_nothing_is_reached_from_nothing():
    network = street_network(_grid(), NONE)
    none = positions(network, np.array([Point(9e4, 0)]))
    assert np.isinf(reached(network, none, limit_m=np.inf).node_m).all()
    assert not dict(each_reached(network, none, limit_m=np.inf))


def test_round_a_bend_and_the_other_way_round_a_ring():
    ring = street_network(np.array([box(0, 0, 400, 100).exterior]), NONE)
    got = _distances(ring, [Point(10, 0)], [Point(390, 0), Point(0, 50), Point(10, 100), Point(250, 100)])
    assert got == pytest.approx([380.0, 60.0, 120.0, 360.0])
