"""What explains the end of a street: a mapper's word, a plaza, works ahead, the edge of the data; and what stays in doubt."""

import numpy as np
import pytest
from pyproj import CRS, Transformer
from shapely import LineString, Point, affinity, box

import suizhou_geo as sg
from suizhou_geo.measures.named_roads import dead_ends_opened
from suizhou_geo.sources.osm import read_osm
from suizhou_geo.streets.dead_ends import street_ends

METRES = CRS.from_epsg(4547)
X, Y = 441_000.0, 3_507_000.0
TO_DEGREES = Transformer.from_crs(METRES, "EPSG:4326", always_xy=True)
SIDE = 3000
DEFAULTS = {"road_class": "branch", "name": None, "oneway": False, "bridge": False}
STEM = {"at": LineString([(1500, 0), (1500, 1000)]), "name": "甲路"}
CROSS = {"at": LineString([(0, 1500), (1500, 1500), (3000, 1500)]), "name": "横路"}
END = Point(1500, 1000)


def _line(*points):
    return LineString(points)


@pytest.fixture
def town(drawn):
    """A function: streets in a ring road of 3 km that is also the zone, and other layers, to a study area."""

    def build(*streets, ring=True, zone=None, **layers):
        at = np.arange(0, SIDE + 1, 250)
        sides = [[(x, 0) for x in at], [(x, SIDE) for x in at], [(0, y) for y in at], [(SIDE, y) for y in at]]
        rows = [{"at": LineString(s), "name": f"环{i}", "road_class": "secondary"} for i, s in enumerate(sides) if ring]
        rows += streets
        columns = {column: [row.get(column, default) for row in rows] for column, default in DEFAULTS.items()}
        zones = drawn([zone or box(0, 0, SIDE, SIDE)], name=["城区"]).set_index(np.array(["1"]))
        given = {k: drawn(v["at"], **{c: x for c, x in v.items() if c != "at"}) for k, v in layers.items()}
        return sg.StudyArea("t", zones, roads=drawn([row["at"] for row in rows], **columns), **given)

    return build


def _termini(kind, *at):
    return {"termini": {"at": list(at), "kind": [kind] * len(at)}}


def _reasons(area):
    return sorted(street_ends(area)["reason"])


def _range(area, **choices):
    measure = sg.dead_ends(area, **choices)
    return measure.low, measure.value, measure.high


def _said(area):
    return " ".join(note.en for note in sg.dead_ends(area).notes)


# ---------------------------------------------------------------------------------------- what is known of an end


@pytest.mark.slow
def test_a_turning_circle_drawn_as_a_point_is_no_dead_end(town):
    area = town(STEM, CROSS, **_termini("turning_circle", END))
    assert _reasons(area) == ["turning_circle"]
    assert _range(area) == (0, 0, 0)
    assert _reasons(town(STEM, CROSS, **_termini("turning_circle", Point(1500, 990)))) == ["dead_end"]


@pytest.mark.slow
def test_an_end_a_mapper_has_confirmed_is_no_gap_of_the_drawing(town):
    near = STEM | {"at": _line((1500, 0), (1500, 1498))}
    assert _reasons(town(near, CROSS)) == ["gap_repaired"]
    area = town(near, CROSS, **_termini("no_exit", Point(1500, 1498)))
    assert _reasons(area) == ["dead_end"]
    evidence = sg.dead_ends(area).evidence
    assert evidence.loc[evidence["part"] == "dead_end", "confirmed"].tolist() == [True]
    assert _reasons(town(near, CROSS, **_termini("turning_circle", Point(1500, 1498)))) == ["turning_circle"]


@pytest.mark.slow
def test_a_plaza_takes_over(town):
    for plaza in (box(1450, 1000, 1550, 1100), box(1450, 990, 1550, 1100), box(1450, 1002, 1550, 1100)):
        area = town(STEM, CROSS, plazas={"at": [plaza]})
        (end,) = street_ends(area).itertuples()
        assert (end.reason, end.goes_on_as) == ("goes_on", "pedestrian")
    assert _reasons(town(STEM, CROSS, plazas={"at": [box(1450, 1010, 1550, 1100)]})) == ["dead_end"]


@pytest.mark.slow
def test_works_ahead_explain_an_end_but_open_no_promised_road(town):
    for begins, reason in ((1000, "construction"), (1019, "construction"), (1030, "dead_end")):
        area = town(STEM, CROSS, **_termini("construction", _line((1500, begins), (1500, 1500))))
        assert _reasons(area) == [reason]
        assert dead_ends_opened(area, names=["甲路"]).breakdown.loc["甲路", "state"] == "dead_end"


def test_a_street_that_goes_on_closed_or_on_a_campus_does_not_end(town):
    lane = {"at": _line((1500, 1000), (1500, 1300)), "name": "校园路"}
    campus = {"at": [box(1300, 995, 1700, 1400)], "name": ["学院"]}
    (end,) = street_ends(town(STEM, CROSS, lane, institutions=campus)).itertuples()
    assert (end.reason, end.goes_on_as) == ("goes_on", "institution")
    area = town(STEM, CROSS, lane)
    closed = area.replace(roads=area.roads.assign(public=[None] * 6 + [False]))
    (end,) = street_ends(closed).itertuples()
    assert (end.reason, end.goes_on_as) == ("goes_on", "private")


# ---------------------------------------------------------------------------------------- the edge of the data


def _grid(*, keep):
    """Streets every 250 m as somebody has cut them to a shape; each block's edge is one line."""
    at = np.arange(0, SIDE + 1, 250)
    edges = [_line((x, y), (x, y + 250)) for x in at for y in at[:-1]]
    edges += [_line((y, x), (y + 250, x)) for x in at for y in at[:-1]]
    cut = [edge.intersection(keep) for edge in edges]
    return [{"at": line} for line in cut if line.geom_type == "LineString" and line.length > 0]


@pytest.mark.slow
def test_streets_cut_round_the_zones_have_no_dead_ends(town):
    for keep in (box(800, 800, 2200, 2200), box(1000, 1000, 2000, 2000).buffer(200), box(995, 995, 2005, 2005)):
        area = town(*_grid(keep=keep), ring=False, zone=box(1000, 1000, 2000, 2000))
        assert set(_reasons(area)) == {"data_edge"}
        assert _range(area) == (0, 0, 0)


L_SHAPE = box(600, 600, 2400, 2400) - box(1400, 1400, 2400, 2400)
SLANTING = box(600, 600, 2400, 2400) - affinity.rotate(box(1300, 1300, 3300, 3300), 23, origin=(1300, 1300))


SMALL_L = box(600, 600, 1700, 1700) - box(1150, 1150, 1700, 1700)  # two ends on each of the inner edges


@pytest.mark.slow
@pytest.mark.parametrize("keep", [L_SHAPE, SMALL_L, SLANTING])
@pytest.mark.parametrize("turned_deg", [0, 31, 45])
def test_streets_cut_to_a_shape_smaller_than_the_zones_are_told_and_not_sure(town, keep, turned_deg):
    area = town(*_grid(keep=keep), ring=False, zone=box(500, 500, 2500, 2500))
    turned = {
        name: layer.set_geometry(layer.rotate(turned_deg, origin=(442_500, 3_508_500)))
        for name, layer in area.layers.items()
    }
    area = area.replace(**turned)
    low, value, high = _range(area)
    assert (low, high) == (0, value)
    assert value == sg.dead_ends(area).breakdown.loc["dead_end", "whole"] >= 2
    assert f"{value:.0f} dead ends lie in one straight line with others" in _said(area)


@pytest.mark.slow
def test_zones_beyond_the_roads_are_told(town):
    area = town(*_grid(keep=box(500, 500, 1500, 1500)), ring=False, zone=box(500, 500, 2500, 1500))
    assert _range(area) == (0, 0, 0)
    assert "48% of the zones lies beyond the roads layer" in _said(area)  # 950 m of 2,000
    assert "beyond the roads" not in _said(town(STEM, CROSS))


@pytest.mark.slow
def test_streets_that_stop_here_and_there_are_sure_dead_ends(town):
    others = [{"at": _line((x, 0), (x, y)), "name": f"{x}路"} for x, y in ((1000, 900), (2000, 1130), (2250, 1040))]
    assert _range(town(STEM, CROSS, *others)) == (4, 4, 4)


@pytest.mark.slow
def test_streets_in_one_line_before_a_railway_or_a_street_are_sure(town):
    row = [{"at": _line((x, 0), (x, 1000)), "name": f"{x}路"} for x in (1000, 1250, 1750)]
    assert _range(town(STEM, CROSS, *row)) == (0, 4, 4)
    railway = {"at": [_line((0, 1050), (3000, 1050))], "kind": ["railway"], "name": ["铁路"]}
    assert _range(town(STEM, CROSS, *row, barriers=railway)) == (4, 4, 4)
    along = {"at": _line((0, 1010), (3000, 1010)), "road_class": "service"}
    assert _range(town(STEM, CROSS, *row, along)) == (4, 4, 4)  # a service road runs right behind
    assert _range(town(STEM, CROSS, row[0])) == (0, 2, 2)
    assert _range(town(STEM, CROSS, row[0] | {"at": _line((1000, 0), (1000, 1001))})) == (2, 2, 2)  # a metre further


# ---------------------------------------------------------------------------------------- carriageways nobody tells


def _pair(apart=20, further=0, **row):
    left, right = 1500 - apart / 2, 1500 + apart / 2
    return [{"at": _line((left, 0), (left, 1000))} | row, {"at": _line((right, 0), (right, 1000 + further))} | row]


FOOT = {
    "at": _line((1250, 0), (1480, 0), (1490, 0), (1500, 0), (1510, 0), (1520, 0), (1750, 0)),
    "road_class": "secondary",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("row", "apart", "wanted"),
    [
        ({"name": "大道", "oneway": True}, 20, None),  # driven the same way: still one street that stops
        ({"name": "大道"}, 20, (1, 2, 2)),
        ({"name": None}, 20, (1, 2, 2)),
        ({"name": "大道"}, 40, (1, 2, 2)),
        ({"name": "大道"}, 80, (2, 2, 2)),
    ],
)
def test_two_lines_that_stop_side_by_side_may_be_one_street(town, row, apart, wanted):
    area = town(*_pair(apart, further=3, **row), FOOT, CROSS)
    if wanted is None:
        assert sg.dead_ends(area).value == 1
    else:
        assert _range(area) == wanted
        assert ("may be its two carriageways" in _said(area)) == (wanted[0] == 1)


def test_three_lines_of_one_street_that_stop_together_are_no_cut(town):
    lines = [{"at": _line((x, 0), (x, 1000)), "name": "大道"} for x in (1480, 1500, 1520)]
    assert _range(town(*lines, FOOT, CROSS)) == (1, 3, 3)


@pytest.mark.slow
def test_two_streets_of_two_names_that_stop_side_by_side_are_two(town):
    first, second = _pair(name="甲路")
    assert _range(town(first, second | {"name": "乙路"}, FOOT, CROSS))[1:] == (2, 2)


@pytest.mark.slow
def test_two_lines_that_meet_and_turn_back_may_be_the_end_of_a_street(town):
    head = {"at": _line((1490, 1000), (1510, 1000)), "name": "大道"}
    area = town(*_pair(name="大道"), head, FOOT, CROSS)
    assert _reasons(area) == ["turns_back"]
    assert _range(area) == (0, 0, 1)
    assert "1 times two lines of one street turn back" in _said(area)
    bend = {"at": _line((1490, 0), (1490, 1000), (1510, 1000), (1510, 0)), "name": "弯路"}
    assert _reasons(town(bend, FOOT, CROSS)) == []  # one line that bends: nobody draws two carriageways so


# ---------------------------------------------------------------------------------------- from OpenStreetMap


def _osm(path, nodes, ways):
    places = {n: TO_DEGREES.transform(X + x, Y + y) for n, (x, y, _) in nodes.items() if x is not None}
    tagged = {n: "".join(f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()) for n, (_, _, tags) in nodes.items()}
    dots = [
        f'<node id="{n}" version="1" lon="{lon:.9f}" lat="{lat:.9f}">{tagged[n]}</node>'
        for n, (lon, lat) in places.items()
    ]
    lines = [
        f'<way id="{i}" version="1">{"".join(f"<nd ref={chr(34)}{ref}{chr(34)}/>" for ref in refs)}'
        f"{''.join(f'<tag k={chr(34)}{k}{chr(34)} v={chr(34)}{v}{chr(34)}/>' for k, v in tags.items())}</way>"
        for i, (refs, tags) in enumerate(ways, 1)
    ]
    path.write_text(f'<osm version="0.6">{"".join(dots + lines)}</osm>', encoding="utf-8")
    return read_osm(path, crs=METRES).layers


RING = {1: (0, 0, {}), 2: (1500, 0, {}), 3: (3000, 0, {}), 4: (3000, 1500, {}), 5: (3000, 3000, {}), 6: (0, 3000, {})}
RING_WAYS = [([1, 2, 3, 4, 5, 6, 7, 1], {"highway": "secondary"}), ([7, 8, 4], {"highway": "tertiary", "name": "横路"})]
RING |= {7: (0, 1500, {}), 8: (1500, 1500, {})}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("node", "more_nodes", "more_ways", "reason"),
    [
        ({}, {}, [], "dead_end"),
        ({"highway": "turning_circle"}, {}, [], "turning_circle"),
        ({"highway": "turning_loop", "noexit": "yes"}, {}, [], "turning_circle"),
        ({"noexit": "yes"}, {}, [], "dead_end"),
        ({"highway": "street_lamp"}, {}, [], "dead_end"),
        (
            {},
            {11: (1500, 1250, {})},
            [([10, 11], {"highway": "construction", "construction": "tertiary"})],
            "construction",
        ),
        ({}, {11: (1500, 1250, {})}, [([10, 11], {"highway": "tertiary", "construction": "yes"})], "construction"),
        ({}, {11: (1500, 1250, {})}, [([10, 11], {"highway": "proposed", "proposed": "tertiary"})], "dead_end"),
        (
            {},
            {11: (1460, 1060, {}), 12: (1540, 1060, {})},
            [([10, 11, 12, 10], {"highway": "pedestrian", "area": "yes"})],
            "goes_on",
        ),
        ({}, {11: (1460, 1060, {}), 12: (1540, 1060, {})}, [([10, 11, 12, 10], {"place": "square"})], "goes_on"),
        ({}, {}, [([10, 99], {"highway": "tertiary", "name": "甲路"})], "data_edge"),  # cut: node 99 is not there
    ],
)
def test_what_openstreetmap_tells_of_an_end(tmp_path, drawn, node, more_nodes, more_ways, reason):
    nodes = RING | {10: (1500, 1000, node)} | more_nodes
    stem = ([2, 10], {"highway": "tertiary", "name": "甲路"})
    layers = _osm(tmp_path / "t.osm", nodes, [*RING_WAYS, stem, *more_ways])
    if more_ways and more_ways[0][1].get("construction") == "yes":  # built or not is decided before, for every layer
        layers["roads"] = layers["roads"][layers["roads"]["source_id"] != "w4"]
    zones = drawn([box(-10, -10, 3010, 3010)], name=["z"])
    ends = street_ends(sg.StudyArea("t", zones, **layers))
    (end,) = ends[ends["street"] == "甲路"].itertuples()
    assert end.reason == reason
    assert end.confirmed == (node.get("noexit") == "yes")


def test_a_way_can_say_that_it_has_no_exit(tmp_path):
    stem = ([2, 10], {"highway": "tertiary", "noexit": "yes"})
    layers = _osm(tmp_path / "t.osm", RING | {10: (1500, 1000, {})}, [*RING_WAYS, stem])
    assert layers["termini"][["kind", "source_id"]].values.tolist() == [["no_exit", "w3"]]
