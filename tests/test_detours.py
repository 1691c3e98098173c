"""Whose way a new link shortens: mental arithmetic on drawn streets, and the invented city against networkx."""

import dataclasses

import networkx as nx
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.access.detours import MODES, default_destinations, shortened, ways
from suizhou_geo.errors import InputError

ORIGIN = (441_000.0, 3_507_000.0)  # where `drawn` puts what is drawn
LINK = [LineString([(1500, 1000), (1500, 1500)])]
HOME = box(1550, 500, 1600, 550)  # one cell, 75 m beside the stem, 525 m up


@pytest.fixture
def town(drawn):
    """A function: facilities (category -> point), and layers to add or replace, to a study area.

    A ring of 3 km, a cross street at 1500 m joined to it, and a stem from the south that stops at 1000 m.
    """

    def build(places, **layers):
        side = [0, 1500, 3000]
        lines = [LineString([(x, 0) for x in side]), LineString([(x, 3000) for x in side])]
        lines += [LineString([(0, y) for y in side]), LineString([(3000, y) for y in side])]
        lines += [LineString([(x, 1500) for x in side]), LineString([(1500, 0), (1500, 1000)])]
        given = {
            "roads": _streets(drawn, lines),
            "facilities": drawn(list(places.values()), category=list(places)),
            "residential": drawn([HOME]),
            "population": drawn([HOME], persons=[100.0]),
        }
        zones = drawn([box(0, 0, 3000, 3000)], name=["城区"])
        return sg.StudyArea("t", zones, **given | layers)

    return build


def _one(area, *, mode="drive", destinations=("hospital",), links=LINK):
    return shortened(area, _moved(links), mode=mode, destinations=destinations).iloc[0].to_dict()


def _moved(lines):
    return np.asarray(shapely.transform(np.array(lines, dtype=object), lambda xy: xy + ORIGIN), dtype=object)


def _streets(drawn, lines):
    return drawn(lines, road_class=["branch"] * len(lines))


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_the_way_before_and_after_by_hand(town, mode):
    # before: 75 m to the stem, 525 m back, then 1500 m west, north and east; after: 475 m on, 500 m across
    assert _one(town({"hospital": Point(1500, 1500)}), mode=mode) == {
        "persons": pytest.approx(100),
        "before_m": pytest.approx(75 + 525 + 4500),
        "after_m": pytest.approx(75 + 475 + 500),
        "person_m": pytest.approx(100 * 4050),
        "persons_newly": 0,
    }


@pytest.mark.slow
def test_the_saving_is_the_mean_over_the_kinds_there_are_and_the_way_that_of_those_who_gain(town):
    area = town({"hospital": Point(1500, 1500), "market": Point(1500, 100)})
    change = _one(area, destinations=("hospital", "market", "culture"))
    assert change["person_m"] == pytest.approx(100 * 4050 / 2)  # nothing to gain to the market; no culture anywhere
    assert change["before_m"] == pytest.approx(5100)
    assert change["persons"] == pytest.approx(100)


def test_one_nearer_than_the_link_takes_the_gain_away(town):
    change = _one(town({"hospital": Point(1500, 100)}))
    assert change == {
        "persons": 0,
        "before_m": pytest.approx(np.nan, nan_ok=True),
        "after_m": pytest.approx(np.nan, nan_ok=True),
        "person_m": 0,
        "persons_newly": 0,
    }


@pytest.mark.slow
@pytest.mark.parametrize(("link_m", "gains"), [(4548.9, True), (4549.1, False)])
def test_less_than_a_metre_is_no_gain(town, link_m, gains):
    side = (link_m - 500) / 2  # 75 + 475 + link_m after, 5100 before
    link = LineString([(1500, 1000), (1500 + side, 1000), (1500 + side, 1500), (1500, 1500)])
    change = _one(town({"hospital": Point(1500, 1500)}), links=[link])
    assert (change["persons"] > 0) is gains


def test_whom_no_street_led_there_are_told_apart_for_no_metres_can_say(town, drawn):
    lines = [
        LineString([(0, 0), (1500, 0)]),
        LineString([(1500, 0), (1500, 1000)]),
        LineString([(0, 1500), (1500, 1500)]),
    ]
    area = town({"hospital": Point(0, 1500)}, roads=_streets(drawn, lines))
    change = _one(area)
    assert (change["persons"], change["person_m"], change["persons_newly"]) == (0, 0, pytest.approx(100))
    joined = LineString([(0, 0), (0, 1500)])
    both = shortened(area, _moved([*LINK, joined]), mode="drive", destinations=("hospital",))
    assert both["persons_newly"].tolist() == pytest.approx([100, 100])  # each built alone


def test_a_link_to_no_street_of_the_mode_changes_nothing(town):
    area = town({"hospital": Point(1500, 1500)})
    away = [LineString([(1500, 1000), (1510, 1400)])]
    assert _one(area, links=away)["persons"] == 0


def test_a_path_that_goes_on_helps_who_walk_only(town, drawn):
    path = drawn(LINK, kind=["footway"])
    area = town({"hospital": Point(1500, 1500)}, walkways=path)
    assert _one(area, mode="walk")["persons"] == 0
    assert _one(area, mode="drive")["persons"] == pytest.approx(100)


@pytest.mark.slow
def test_the_leg_from_the_door_is_longer_on_foot_and_never_crosses_a_barrier(town, drawn):
    far = box(1900, 500, 1950, 550)  # 425 m from the stem
    homes = {"residential": drawn([far]), "population": drawn([far], persons=[7.0])}
    area = town({"hospital": Point(1500, 1500)}, **homes)
    assert (_one(area, mode="walk")["persons"], _one(area, mode="drive")["persons"]) == (pytest.approx(7),) * 2
    farther = box(2050, 500, 2100, 550)  # 575 m: by vehicle 500 m at most
    lived_in = {"residential": drawn([farther]), "population": drawn([farther], persons=[7.0])}
    apart = dataclasses.replace(area, **lived_in)
    assert (_one(apart, mode="walk")["persons"], _one(apart, mode="drive")["persons"]) == (pytest.approx(7), 0)
    far_off = dataclasses.replace(area, facilities=drawn([Point(1500, 1900)], category=["hospital"]))
    assert _one(far_off)["after_m"] == pytest.approx(425 + 475 + 500 + 400)
    river = drawn([LineString([(1600, 100), (1600, 1400)])], kind=["river"])
    assert _one(dataclasses.replace(area, barriers=river))["persons"] == 0


@pytest.mark.slow
def test_what_is_missing_or_unknown_is_refused(town):
    area = town({"hospital": Point(1500, 1500)})
    with pytest.raises(InputError, match="'the moon' is none of"):
        shortened(area, _moved(LINK), mode="drive", destinations=("the moon",))
    with pytest.raises(InputError, match="facilities and population"):
        shortened(dataclasses.replace(area, population=None), _moved(LINK), mode="drive", destinations=("hospital",))
    assert _one(area, destinations=("culture",))["person_m"] == 0  # a kind the study has none of


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_the_invented_city_against_networkx_with_the_link_built_in(invented_city, mode):
    area = invented_city.area
    evidence = sg.dead_ends(area, rank_by=mode).evidence
    links = evidence[evidence["part"] == "missing_link"].iloc[[0, 4, 9]]
    wanted = default_destinations()[-2:]
    told = shortened(area, links.geometry.to_numpy(), mode=mode, destinations=wanted)
    now = ways(area, mode, wanted)
    graph = nx.Graph()
    for a, b, metres in zip(now.network.start, now.network.end, now.network.length_m, strict=True):
        _edge(graph, int(a), int(b), float(metres))
    _hang(graph, now, now.homes, "home")
    for kind, reach in enumerate(now.reach):
        _hang(graph, now, reach.sources, kind)
    before = _lengths(graph, now)
    for row, link in zip(told.itertuples(), links.geometry, strict=True):
        built = graph.copy()
        for k, place in enumerate(shapely.points(shapely.get_coordinates(link))):
            segment = int(now.network.tree.nearest(place))
            for node in (int(now.network.start[segment]), int(now.network.end[segment])):
                _edge(
                    built,
                    ("link", k),
                    node,
                    float(np.hypot(*(now.network.xy[node] - shapely.get_coordinates(place)[0]))),
                )
        _edge(built, ("link", 0), ("link", 1), link.length)
        saved = np.nan_to_num(before - _lengths(built, now))
        gaining = saved >= 1.0
        assert row.persons == pytest.approx(now.persons[gaining.any(axis=0)].sum(), rel=1e-6)
        if row.persons == 0:
            continue
        assert row.person_m == pytest.approx((saved * gaining * now.persons).sum() / len(wanted), rel=1e-6)
        mean_before = (np.nan_to_num(before) * gaining * now.persons).sum() / (gaining * now.persons).sum()
        assert row.before_m == pytest.approx(mean_before, rel=1e-6)
        assert row.before_m - row.after_m == pytest.approx(
            (saved * gaining * now.persons).sum() / (gaining * now.persons).sum(), rel=1e-6
        )


def _edge(graph, a, b, metres):
    if not graph.has_edge(a, b) or graph[a][b]["weight"] > metres:
        graph.add_edge(a, b, weight=metres)


def _hang(graph, now, places, name):
    for k, (segment, along, leg) in enumerate(zip(places.segment, places.along_m, places.leg_m, strict=True)):
        rest = float(now.network.length_m[segment] - along)
        _edge(graph, (name, k), int(now.network.start[segment]), float(along + leg))
        _edge(graph, (name, k), int(now.network.end[segment]), rest + float(leg))


def _lengths(graph, now):
    """The way of each home to the nearest place of each kind; both on one segment are left to the drawn cases.

    Every leg of a home hangs on a node of its own, because a home is no way through.
    """
    rows = []
    for kind, reach in enumerate(now.reach):
        sources = {(kind, k) for k in range(len(reach.sources.owner))}
        reached = nx.multi_source_dijkstra_path_length(graph, sources, weight="weight")
        nearest = np.full(len(now.persons), np.nan)
        np.fmin.at(nearest, now.homes.owner, [reached.get(("home", k), np.nan) for k in range(len(now.homes.owner))])
        rows.append(nearest)
    return np.array(rows)
