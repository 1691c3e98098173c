"""The street graph handed out for scripts: drawn streets by mental arithmetic, and OSMnx at work on the invented city."""

import networkx as nx
import numpy as np
import osmnx
import pytest
import shapely
from scipy.sparse.csgraph import dijkstra
from shapely import LineString, MultiLineString, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.graph import chains_of, segment_graph

X, Y = 441_000.0, 3_507_000.0


@pytest.fixture
def graph_of(drawn):
    """Return a function: streets, each a list of points or a line and its columns, to their graph."""

    def graph(*streets, **layers):
        rows = [{"name": None, "oneway": False, "ramp": False, "road_class": "branch"} | row for _, row in streets]
        roads = drawn([LineString(at) if isinstance(at, list) else at for at, _ in streets], **_columns(rows))
        zones = drawn([box(-1000, -1000, 2000, 2000)], name=["城"]).set_index([["1"]])
        return sg.street_graph(sg.StudyArea("drawn", zones, roads=roads, **layers))

    return graph


def _columns(rows):
    ids = [f"w{number}" for number in range(len(rows))]
    return {column: [row[column] for row in rows] for column in rows[0]} | {"source_id": ids}


def _edges(graph):
    """The edges as (from, to) -> length, places in metres from the origin."""
    at = {node: (round(data["x"] - X), round(data["y"] - Y)) for node, data in graph.nodes.items()}
    return {(at[u], at[v]): round(data["length"], 6) for u, v, data in graph.edges(data=True)}


def test_a_junction_of_three_streets(graph_of):
    graph = graph_of(([(0, 0), (100, 0), (300, 0)], {"name": "一路"}), ([(100, 0), (100, 40), (130, 80)], {}))
    # the street is cut at the junction; the bend of the other is none: 40 + 50 m
    assert _edges(graph) == {
        ((0, 0), (100, 0)): 100.0,
        ((100, 0), (0, 0)): 100.0,
        ((100, 0), (300, 0)): 200.0,
        ((300, 0), (100, 0)): 200.0,
        ((100, 0), (130, 80)): 90.0,
        ((130, 80), (100, 0)): 90.0,
    }
    assert sorted(data["street_count"] for data in graph.nodes.values()) == [1, 1, 1, 3]
    assert graph.graph["crs"].to_epsg() == 4547
    assert all(data["geometry"].length == data["length"] for *_, data in graph.edges(data=True))
    for u, v, data in graph.edges(data=True):
        ends = [tuple(data["geometry"].coords[k]) for k in (0, -1)]
        assert ends == [(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in (u, v)]
    named = [data for *_, data in graph.edges(data=True) if data.get("name") == "一路"]
    assert [data["osmid"] for data in named] == ["w0"] * 4
    assert sorted(data["reversed"] for data in named) == [False, False, True, True]


def test_one_way_streets_go_one_way(graph_of):
    graph = graph_of(([(0, 0), (100, 0)], {"oneway": True}), ([(200, 0), (100, 0)], {"oneway": True}))
    # the two meet head on, so that the place between them is kept though only two lines meet there
    assert _edges(graph) == {((0, 0), (100, 0)): 100.0, ((200, 0), (100, 0)): 100.0}
    assert [(data["oneway"], data["reversed"]) for *_, data in graph.edges(data=True)] == [(True, False)] * 2
    on = graph_of(([(100, 0), (200, 0)], {"oneway": True}), ([(0, 0), (100, 0)], {"oneway": True, "name": "一路"}))
    assert _edges(on) == {((0, 0), (200, 0)): 200.0}
    assert next(iter(on.edges(data=True)))[2]["osmid"] == ["w1", "w0"]
    assert next(iter(on.edges(data=True)))[2]["name"] == "一路"


def test_where_a_street_becomes_one_way_is_a_node(graph_of):
    graph = graph_of(([(0, 0), (100, 0)], {}), ([(100, 0), (300, 0)], {"oneway": True}))
    assert _edges(graph) == {((0, 0), (100, 0)): 100.0, ((100, 0), (0, 0)): 100.0, ((100, 0), (300, 0)): 200.0}


def test_drawn_twice_is_once_and_drawn_each_way_is_both_ways(graph_of):
    twice = graph_of(([(0, 0), (100, 0)], {}), ([(100, 0), (0, 0)], {}))
    each_way = graph_of(([(0, 0), (100, 0)], {"oneway": True}), ([(100, 0), (0, 0)], {"oneway": True}))
    assert _edges(twice) == _edges(each_way) == {((0, 0), (100, 0)): 100.0, ((100, 0), (0, 0)): 100.0}


def test_rings_and_loops_keep_a_node(graph_of):
    ring = graph_of(([(0, 0), (100, 0), (100, 100), (0, 0)], {"oneway": True}))
    assert list(_edges(ring).values()) == [pytest.approx(200.0 + 100.0 * 2**0.5)]
    assert ring.number_of_nodes() == 1
    loop = graph_of(([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)], {}), ([(-50, 0), (0, 0)], {}))
    assert sorted(length for *_, length in loop.edges(data="length")) == [50.0, 50.0, 400.0, 400.0]
    assert sorted(data["street_count"] for data in loop.nodes.values()) == [1, 3]


def test_what_does_not_count_is_no_part_and_bridges_meet_nothing(graph_of):
    graph = graph_of(
        (MultiLineString([[(0, 0), (100, 0)], [(200, 0), (300, 0)]]), {}),
        ([(50, -50), (50, 50)], {}),  # over it, without a common vertex
        ([(100, 0), (100, 90)], {"road_class": "service"}),
        ([(100, 0), (150, 90)], {"ramp": True}),
    )
    assert sum(length for *_, length in graph.edges(data="length")) == 2 * (100 + 100 + 100)
    assert nx.number_weakly_connected_components(graph) == 3


def test_without_roads_it_is_refused_and_no_street_is_an_empty_graph(graph_of, drawn):
    zones = drawn([box(0, 0, 9, 9)], name=["城"]).set_index([["1"]])
    with pytest.raises(InputError, match="no roads layer"):
        sg.street_graph(sg.StudyArea("empty", zones))
    assert graph_of(([(0, 0), (9, 0)], {"road_class": "service"})).number_of_nodes() == 0


@pytest.mark.slow
def test_osmnx_works_on_the_invented_city(invented_city):
    area = invented_city.area
    graph = sg.street_graph(area)
    once = segment_graph(area.roads.geometry.to_numpy()[judged_roads(area)["counts"]]).drawn_once()
    stats = osmnx.basic_stats(graph)
    assert stats["street_length_total"] == pytest.approx(once.length_m.sum(), rel=1e-12)
    assert stats["n"] == graph.number_of_nodes() < len(once.xy) / 2
    nodes, edges = osmnx.convert.graph_to_gdfs(graph)
    assert edges.crs == nodes.crs == area.crs
    assert edges["length"].sum() == pytest.approx(stats["edge_length_total"])
    again = osmnx.convert.graph_from_gdfs(nodes, edges)
    assert again.size() == graph.size()
    ends = edges.geometry.iloc[[0, -1]].centroid
    here, there = osmnx.distance.nearest_nodes(graph, ends.x.to_numpy(), ends.y.to_numpy())
    path = osmnx.routing.shortest_path(graph, here, there)
    assert (path[0], path[-1]) == (here, there)
    assert osmnx.routing.route_to_gdf(graph, path)["length"].sum() >= ends.iloc[0].distance(ends.iloc[1]) * 0.9
    timed = osmnx.routing.add_edge_speeds(graph, hwy_speeds={"arterial": 50, "branch": 30}, fallback=40)
    assert set(nx.get_edge_attributes(timed, "speed_kph").values()) <= {30.0, 40.0, 50.0}


def _crooked_grid():
    """Streets of 4 x 4 blocks with many bends, a ring that joins nothing, and one at the end of a street."""
    generator = np.random.default_rng(5)
    ways = [((x, y), (x + 1, y)) for x in range(4) for y in range(5)]
    ways += [((x, y), (x, y + 1)) for x in range(5) for y in range(4)]
    lines = []
    for way in ways:
        bends = shapely.get_coordinates(shapely.segmentize(LineString(100.0 * np.array(way)), 20.0))
        bends[1:-1] += generator.uniform(-5, 5, bends[1:-1].shape)
        lines.append(LineString(bends))
    del lines[::7]
    return [*lines, box(600, 0, 700, 100).exterior, box(400, 400, 450, 450).exterior]


def _with_oddities():
    """The crooked grid, a street drawn twice, one of two lines that meet nowhere else, a lens, a single segment."""
    odd = [
        [(700, 300), (750, 300), (800, 310)],
        [(700, 300), (750, 300), (800, 310)],
        [(900, 0), (950, 20), (1000, 0)],
        [(1000, 0), (1100, 0)],
        [(1200, 0), (1250, 30), (1300, 0)],
        [(1300, 0), (1250, -40), (1200, 0)],
        [(1400, 0), (1500, 0)],
    ]
    return segment_graph(np.array([*_crooked_grid(), *map(LineString, odd)], dtype=object))


def test_every_segment_lies_on_one_way_between_junctions_that_is_as_long():
    graph = _with_oddities()
    chains = chains_of(graph, graph.length_m)
    assert np.bincount(chains.way, weights=graph.length_m) == pytest.approx(chains.total)
    ends = [chains.before + k * chains.along * graph.length_m for k in (0, 1)]
    assert np.min(ends) == 0.0
    assert (np.maximum(*ends) <= chains.total[chains.way] + 1e-9).all()
    lengthwise = np.lexsort((np.minimum(*ends), chains.way))
    same = np.diff(chains.way[lengthwise]) == 0
    assert np.minimum(*ends)[lengthwise][1:][same] == pytest.approx(np.maximum(*ends)[lengthwise][:-1][same])
    rings = chains.start == chains.end
    # the one that joins nothing, the one at the end of a street, two halves of the street drawn twice, the lens
    assert rings.sum() == 5


def test_what_lies_between_junctions_counts_as_one_way_of_the_same_length():
    graph = _with_oddities()
    chains = chains_of(graph, graph.length_m)
    at = np.zeros(chains.matrix.shape[0], dtype=np.int64)
    first, last = chains.before == 0.0, np.isclose(chains.before, chains.total[chains.way])
    at[chains.start[chains.way[first]]], at[chains.end[chains.way[last]]] = graph.start[first], graph.start[last]
    first, last = (
        np.isclose(chains.before + chains.along * graph.length_m, x) for x in (0.0, chains.total[chains.way])
    )
    at[chains.start[chains.way[first]]], at[chains.end[chains.way[last]]] = graph.end[first], graph.end[last]
    assert len(at) < len(graph.xy) / 3
    assert set(at) >= set(np.flatnonzero(graph.degree != 2))
    whole = dijkstra(graph.matrix(graph.length_m), indices=at)[:, at]
    assert np.isfinite(whole).any()
    assert np.isinf(whole).any()
    assert dijkstra(chains.matrix) == pytest.approx(whole)
