"""Dead ends on drawn streets: each reason once, what is crossed, and detours that are mental arithmetic."""

import dataclasses
from typing import get_args

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.dead_ends import RankBy, dead_ends
from suizhou_geo.measures.named_roads import dead_ends_opened
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.dead_ends import street_ends
from suizhou_geo.streets.graph import segment_graph
from suizhou_geo.streets.missing_links import LIMIT_M, crossings, missing_links

SIDE = 3000
DEFAULTS = {
    "road_class": "branch",
    "name": None,
    "oneway": False,
    "ramp": False,
    "roundabout": False,
    "bridge": False,
    "tunnel": False,
    "level": 0,
}


def _line(*points):
    return LineString(points)


NAMED = ("裕民大道", "文化二路", "汉东东路延伸段")  # the roads a plan names
ENDS = ("dead_end", "explained_end")  # parts of the evidence
STEM = {"at": _line((1500, 0), (1500, 1000)), "name": "甲路"}
CROSS = {"at": _line((0, 1500), (1500, 1500), (3000, 1500)), "name": "横路"}


@pytest.fixture
def town(drawn):
    """A function: streets in a square ring road of 3 km that is also the zone, and other layers, to a study area.

    The ring has a vertex every 500 m, so that streets that start or end there are joined to it.
    """

    def build(*streets, **layers):
        at = np.arange(0, SIDE + 1, 500)
        sides = [[(x, 0) for x in at], [(x, SIDE) for x in at], [(0, y) for y in at], [(SIDE, y) for y in at]]
        rows = [{"at": LineString(s), "name": f"环{i}", "road_class": "secondary"} for i, s in enumerate(sides)]
        rows += streets
        columns = {c: [row.get(c, default) for row in rows] for c, default in DEFAULTS.items()}
        roads = drawn([row["at"] for row in rows], source_id=[f"r{i}" for i in range(len(rows))], **columns)
        settings = {k: layers.pop(k) for k in ("boundary", "incomplete") if k in layers}
        zones = drawn([box(0, 0, SIDE, SIDE)], name=["城区"]).set_index(np.array(["1"]))
        drawn_layers = {k: drawn(v["at"], **{c: x for c, x in v.items() if c != "at"}) for k, v in layers.items()}
        return sg.StudyArea("t", zones, roads=roads, **drawn_layers, **settings)

    return build


def _reasons(area):
    return sorted(street_ends(area)["reason"])


def _links(area, **choices):
    evidence = dead_ends(area, **choices).evidence
    return evidence[evidence["part"] == "missing_link"]


# ---------------------------------------------------------------------------------------- why streets end, one by one


@pytest.mark.slow
def test_a_street_that_stops_before_a_street_is_a_dead_end(town):
    area = town(STEM, CROSS)
    (end,) = street_ends(area).itertuples()
    assert (end.reason, end.street, end.road_class, end.carriageways) == ("dead_end", "甲路", "branch", 1)
    assert end.stub_m == pytest.approx(1000)
    assert (end.heading_x, end.heading_y) == pytest.approx((0, 1), abs=1e-9)
    measure = dead_ends(area)
    assert (measure.value, measure.low, measure.high, measure.unit) == (1, 1, 1, "count")
    assert measure.by_zone.to_dict() == {"1": 1}
    assert measure.denominator.isna().all()


@pytest.mark.slow
def test_a_town_without_ends_has_none(town):
    area = town({"at": _line((1500, 0), (1500, 1500))}, CROSS)
    measure = dead_ends(area)
    assert (measure.value, len(measure.evidence)) == (0, 0)
    assert measure.breakdown["whole"].sum() == 0


@pytest.mark.slow
def test_no_roads_is_no_data_and_no_counted_road_is_none(drawn):
    zones = drawn([box(0, 0, 9, 9)], name=["z"])
    empty = sg.StudyArea("t", zones)
    for result in (dead_ends(empty), dead_ends_opened(empty, names=NAMED)):
        assert not result.has_data
        assert "needs the layer roads" in result.needs[0].en
    only_service = sg.StudyArea("t", zones, roads=drawn([_line((0, 0), (9, 9))], road_class=["service"]))
    assert dead_ends(only_service).value == 0
    with pytest.raises(InputError, match="no roads layer"):
        judged_roads(sg.StudyArea("t", zones))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gap_m", "reason"), [(0.0, "gap_repaired"), (2.0, "gap_repaired"), (2.9, "gap_repaired"), (3.1, "dead_end")]
)
def test_a_gap_of_3_m_is_the_drawing_s(town, gap_m, reason):
    area = town({"at": _line((1500, 0), (1500, 1500 - gap_m))}, {"at": _line((0, 1500), (3000, 1500))})
    assert _reasons(area) == [reason]
    evidence = dead_ends(area).evidence
    drawn_gaps = evidence[evidence["part"] == "gap_repaired"].length.tolist()
    assert drawn_gaps == pytest.approx([gap_m] if reason == "gap_repaired" and gap_m else [])
    told = [n.en for n in dead_ends(area).notes if "joined" in n.en]
    assert bool(told) == (reason == "gap_repaired")


@pytest.mark.slow
def test_a_repaired_gap_is_a_way_for_the_detours(town):
    broken = {"at": _line((750, 0), (750, 1498)), "name": "近路"}
    (link,) = _links(town(STEM, CROSS, broken)).itertuples()
    # back 1000, west 750, up 1500 through the gap of 2 m, east 750
    assert link.network_m == pytest.approx(4000)


@pytest.mark.slow
def test_two_ends_that_miss_each_other_by_2_m_are_one_street(town):
    area = town({"at": _line((1500, 0), (1500, 700))}, {"at": _line((1500, 702), (1500, 1500))}, CROSS)
    assert _reasons(area) == ["gap_repaired", "gap_repaired"]
    assert dead_ends(area).value == 0


@pytest.mark.slow
def test_what_lies_across_a_wall_or_on_another_level_is_not_joined(town):
    near = {"at": _line((1500, 0), (1500, 1498))}
    wall = {"at": [_line((1000, 1499), (2000, 1499))], "kind": ["wall"], "name": ["城墙"]}
    assert _reasons(town(near, CROSS, barriers=wall)) == ["dead_end"]
    assert _reasons(town(near, CROSS | {"level": 1})) == ["dead_end"]
    (link,) = _links(town(near, CROSS, barriers=wall)).itertuples()
    assert (link.crossing, link.crosses_names) == ("wall", "城墙")
    assert link.link_m == pytest.approx(2)


@pytest.mark.slow
def test_the_edge_of_the_map_and_of_the_zones_is_no_dead_end(town, drawn):
    assert _reasons(town({"at": _line((1500, 0), (1500, 2960))})) == ["data_edge"]
    assert _reasons(town({"at": _line((1500, 0), (1500, 2940))})) == ["dead_end"]
    whole = town(STEM, CROSS)
    lower = drawn([box(0, 0, SIDE, 990)], name=["南"])
    assert _reasons(dataclasses.replace(whole, zones=lower)) == ["data_edge"]  # outside
    cut = drawn([box(0, 0, SIDE, 1000)], name=["南"])
    assert _reasons(dataclasses.replace(whole, zones=cut)) == ["data_edge"]  # cut on the outline
    near = drawn([box(0, 0, SIDE, 1010)], name=["南"])
    assert _reasons(dataclasses.replace(whole, zones=near)) == ["dead_end"]


@pytest.mark.slow
def test_each_end_counts_in_its_zone(town, drawn):
    zones = drawn([box(0, 0, SIDE, 1200), box(0, 1200, SIDE, SIDE)], name=["南", "北"]).set_index(np.array(["a", "b"]))
    north = {"at": _line((1000, 3000), (1000, 2000)), "name": "乙路"}
    measure = dead_ends(dataclasses.replace(town(STEM, CROSS, north), zones=zones))
    assert measure.by_zone.to_dict() == {"a": 1, "b": 1}
    assert measure.value == measure.by_zone.sum()
    assert measure.breakdown.loc["counted"].to_dict() == {"whole": 2, "a": 1, "b": 1, "outside": 0}


@pytest.mark.slow
@pytest.mark.parametrize(("beyond_m", "reason"), [(12, "overshoot"), (29, "overshoot"), (31, "dead_end")])
def test_a_line_drawn_a_little_beyond_a_junction_overshoots(town, beyond_m, reason):
    ahead = {"at": _line((0, 2000), (3000, 2000))}
    area = town({"at": _line((1500, 0), (1500, 1500), (1500, 1500 + beyond_m))}, CROSS, ahead)
    assert reason in _reasons(area)
    assert dead_ends(area).value == (reason == "dead_end")


@pytest.mark.slow
def test_a_bridge_that_the_drawing_does_not_join_is_no_dead_end(town):
    bridge = STEM | {"bridge": True}
    beyond = {"at": _line((1500, 1010), (1500, 1500))}
    assert _reasons(town(bridge, beyond, CROSS)) == ["bridge_or_tunnel"] * 2
    assert _reasons(town(STEM | {"tunnel": True}, beyond, CROSS)) == ["bridge_or_tunnel"] * 2
    assert _reasons(town(STEM, beyond, CROSS)) == ["dead_end"] * 2
    assert _reasons(town(bridge, CROSS)) == ["dead_end"]  # a bridge that ends before nothing


@pytest.mark.slow
def test_ends_in_a_compound_are_told_apart_but_not_those_at_its_wall(town):
    inside = {"at": [box(1300, 900, 1700, 1200)], "name": ["小区"]}
    assert _reasons(town(STEM, CROSS, compounds=inside)) == ["compound"]
    at_the_wall = {"at": [box(1300, 1000, 1700, 1200)], "name": ["小区"]}
    area = town(STEM, CROSS, compounds=at_the_wall)
    assert _reasons(area) == ["dead_end"]
    ends = dead_ends(area).evidence
    assert ends[ends["part"].isin(ENDS)]["barrier"].tolist() == ["wall"]
    drive = {"at": _line((1500, 1000), (1500, 1150)), "road_class": "service"}
    assert _reasons(town(STEM, CROSS, drive, compounds=at_the_wall)) == ["compound"]
    lane = {"at": _line((1500, 1000), (1500, 1150)), "road_class": "local"}
    assert _reasons(town(STEM, CROSS, lane, compounds=at_the_wall)) == ["compound"]


@pytest.mark.slow
def test_a_street_that_goes_on_as_another_kind_of_road_does_not_end(town):
    def on(**row):
        return {"at": _line((1500, 1000), (1500, 1300))} | row

    for row, told in (
        (on(road_class="service"), "service"),
        (on(road_class="pedestrian"), "pedestrian"),
        (on(road_class="motorway"), "motorway"),
        (on(ramp=True), "ramp"),
    ):
        area = town(STEM, CROSS, row)
        (end,) = street_ends(area).itertuples()
        assert (end.reason, end.goes_on_as) == ("goes_on", told)
    under = {"at": _line((0, 1001), (3000, 1001)), "road_class": "motorway"}
    assert _reasons(town(STEM, CROSS, under)) == ["dead_end"]  # cut by the motorway, not taken over


def test_a_path_that_goes_on_leaves_the_street_a_dead_end(town):
    area = town(STEM, CROSS, walkways={"at": [_line((1500, 1000), (1500, 1500))]})
    (end,) = street_ends(area).itertuples()
    assert (end.reason, end.path_goes_on) == ("dead_end", True)


def _circle(radius_m, steps=24):
    turn = np.linspace(-np.pi / 2, 1.5 * np.pi, steps + 1)
    xy = np.column_stack([1500 + radius_m * np.cos(turn), 1000 + radius_m + radius_m * np.sin(turn)])
    xy[[0, -1]] = (1500, 1000)
    return LineString(np.round(xy, 2))


@pytest.mark.parametrize("flagged", [True, False])
def test_a_turning_circle_is_no_dead_end(town, flagged):
    ring = {"at": _circle(15), "roundabout": flagged, "oneway": flagged, "name": "甲路"}
    assert _reasons(town(STEM, CROSS, ring)) == ["turning_circle"]


def test_a_roundabout_that_streets_go_through_is_no_end(town):
    ring = {"at": _circle(15), "roundabout": True, "oneway": True}
    through = {"at": _line((1500, 1030), (1500, 1500))}
    assert _reasons(town(STEM, CROSS, ring, through)) == []


def test_a_roundabout_at_the_end_of_two_carriageways_is_a_turning_circle(town):
    ring = _circle(15)
    west, east = ring.coords[22], ring.coords[2]
    lanes = [
        {"at": _line((1500, 0), east), "oneway": True, "name": "甲路"},
        {"at": _line(west, (1000, 0)), "oneway": True, "name": "甲路"},
    ]
    assert _reasons(town(*lanes, CROSS, {"at": ring, "roundabout": True, "oneway": True})) == ["turning_circle"]


def test_a_great_loop_is_no_turning_circle(town):
    assert _reasons(town(STEM, CROSS, {"at": _circle(60)})) == []


@pytest.mark.slow
def test_local_streets_are_listed_and_counted_on_demand(town):
    short = {"at": _line((500, 0), (500, 140)), "road_class": "local", "name": "短巷"}
    long = {"at": _line((1000, 0), (1000, 800)), "road_class": "local", "name": "长巷"}
    area = town(STEM, CROSS, short, long)
    ends = dead_ends(area).evidence.query("part in @ENDS").set_index("street")
    assert ends["reason"].to_dict() == {"甲路": "dead_end", "短巷": "cul_de_sac", "长巷": "dead_end"}
    assert ends["counts"].to_dict() == {"甲路": True, "短巷": False, "长巷": False}
    assert dead_ends(area).value == 1
    assert any("1 more local streets" in n.en for n in dead_ends(area).notes)
    assert dead_ends(area, profile="with_local").value == 2


@pytest.mark.slow
def test_where_nothing_lies_ahead_there_is_nothing_to_open(town):
    assert _reasons(town(STEM)) == ["nothing_ahead"]  # the ring is 2 km ahead and 1.5 km to the sides
    area = town(STEM)
    assert dead_ends(area).value == 0
    assert _links(area).empty


@pytest.mark.parametrize(
    ("bearing_deg", "ahead"), [(0, True), (55, True), (-58, True), (63, False), (-80, False), (180, False)]
)
def test_ahead_is_60_degrees_to_either_side(town, bearing_deg, ahead):
    turn = np.radians(90 - bearing_deg)
    way, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    tip = np.array([1500, 1000]) + 300 * way
    # a short street of the ring's class, straight across the line of sight, far away from everything else
    other = {"at": LineString([tip - across, tip + across]), "road_class": "secondary", "name": "对面"}
    ends = street_ends(town(STEM, other)).set_index("street")
    assert ends.loc["甲路", "reason"] == ("dead_end" if ahead else "nothing_ahead")


# ---------------------------------------------------------------------------------------- two carriageways, one end


def _lane(*points, **row):
    return {"at": LineString(points), "oneway": True, "name": "大道", "road_class": "arterial"} | row


UP, DOWN = _lane((1510, 0), (1510, 1000)), _lane((1490, 1000), (1490, 0))
LANES = {
    "side by side": [UP, DOWN],
    "unequal": [UP, _lane((1490, 960), (1490, 0))],
    "joined in a tip": [_lane((1510, 0), (1510, 900), (1500, 1000)), _lane((1500, 1000), (1490, 900), (1490, 0))],
    "joined by a link": [UP, DOWN, _lane((1510, 1000), (1490, 1000))],
    "joined over a wide median": [UP, _lane((1450, 1000), (1450, 0)), _lane((1510, 1000), (1450, 1000))],
    "joined in a bow": [
        UP,
        DOWN,
        _lane(*[(1500 + 10 * np.cos(a), 1000 + 10 * np.sin(a)) for a in np.linspace(0, np.pi, 13)]),
    ],
    "in one line": [_lane((1510, 0), (1510, 1000), (1490, 1000), (1490, 0))],
    "no names": [UP | {"name": None}, DOWN | {"name": None}],
    "converging without touching": [
        _lane((1510, 0), (1510, 900), (1501, 1000)),
        _lane((1499, 1000), (1490, 900), (1490, 0)),
    ],
    "with a side road": [UP, DOWN, {"at": _line((1530, 0), (1530, 990)), "name": "大道辅路", "road_class": "branch"}],
}


@pytest.mark.slow
@pytest.mark.parametrize("case", LANES)
def test_the_carriageways_of_a_street_end_once(town, case):
    foot = {
        "at": _line((1000, 0), (1450, 0), (1490, 0), (1500, 0), (1510, 0), (1530, 0), (2000, 0)),
        "road_class": "secondary",
    }
    area = town(*LANES[case], foot, CROSS)
    (end,) = street_ends(area).itertuples()
    assert end.reason == "dead_end"
    assert end.carriageways == (3 if case == "with a side road" else 2)
    assert (end.heading_x, end.heading_y) == pytest.approx((0, 1), abs=0.1)
    assert 980 < end.stub_m < 1020 or case in ("unequal", "with a side road")
    assert dead_ends(area).value == 1


def test_two_streets_that_end_side_by_side_are_two_ends(town):
    other = DOWN | {"name": "别的路"}
    assert _reasons(town(UP, other, CROSS, {"at": _line((1490, 0), (1500, 0), (1510, 0))})) == ["dead_end"] * 2
    two_way = [STEM, {"at": _line((1540, 0), (1540, 1000)), "name": "甲路"}]
    assert _reasons(town(*two_way, CROSS, {"at": _line((1500, 0), (1540, 0))})) == ["dead_end"] * 2


@pytest.mark.slow
def test_halves_of_a_street_that_face_each_other_are_two_ends(town):
    tip = LANES["joined in a tip"]
    north = [row | {"at": shapely.affinity.scale(row["at"], yfact=-1, origin=(1500, 1025))} for row in tip]
    foot = {"at": _line((1490, 0), (1500, 0), (1510, 0))}
    head = {"at": _line((0, 1500), (1490, 1500), (1510, 1500), (3000, 1500))}
    north = [row | {"at": shapely.set_precision(row["at"], 0.01)} for row in north]
    north = [row | {"at": row["at"].intersection(box(0, 0, 3000, 1500))} for row in north]
    area = town(*tip, *north, foot, head)
    assert _reasons(area) == ["dead_end"] * 2
    (link,) = _links(area).itertuples()
    assert (link.opens, link.link_m) == (2, pytest.approx(50))


def test_carriageways_without_a_junction_behind_them_are_no_turning_circle(town):
    split = [_lane((1500, 900), (1505, 910), (1500, 1000)), _lane((1500, 1000), (1495, 910), (1500, 900))]
    (end,) = street_ends(town({"at": _line((1500, 0), (1500, 900)), "name": "大道"}, *split, CROSS)).itertuples()
    assert (end.reason, end.carriageways) == ("dead_end", 2)


def test_lanes_that_face_each_other_across_a_gap_are_two_ends(town):
    north = [_lane((1510, 1050), (1515, 1500)), _lane((1495, 1500), (1490, 1050))]
    head = {"at": _line((0, 1500), (1495, 1500), (1515, 1500), (3000, 1500))}
    foot = {"at": _line((1490, 0), (1500, 0), (1510, 0))}
    ends = street_ends(town(UP, DOWN, *north, head, foot))
    assert ends["reason"].tolist() == ["dead_end"] * 2
    assert ends["carriageways"].tolist() == [2, 2]


def test_a_hairpin_bend_is_no_end(town):
    bend = {"at": _line((1500, 0), (1540, 700), (1600, 0)), "name": "弯路"}
    assert _reasons(town(bend, CROSS, {"at": _line((1500, 0), (1600, 0))})) == []


def test_a_one_way_street_round_a_block_has_no_end(town):
    square = _lane((1000, 0), (1000, 400), (1400, 400), (1400, 0))
    assert _reasons(town(square, {"at": _line((1000, 0), (1400, 0), (1500, 0))})) == []


# ---------------------------------------------------------------------------------------- the missing link


@pytest.mark.slow
def test_the_detour_by_hand(town):
    area = town(STEM, CROSS)
    (link,) = _links(area).itertuples()
    # before: 1000 m back, 1500 m west, 1500 m up, 1500 m east; after: 500 m straight ahead
    assert link.network_m == pytest.approx(1000 + 3 * 1500)
    assert link.link_m == pytest.approx(500)
    assert link.saved_m == pytest.approx(5000)
    assert link.benefit_per_m == pytest.approx(10)
    assert (link.street, link.to_street, link.to_class, link.rank) == ("甲路", "横路", "branch", 1)
    assert (link.opens, link.at_least, link.near_miss, link.crossing) == (1, False, False, "none")
    ends = shapely.get_coordinates(link.geometry) - np.array([441_000.0, 3_507_000.0])
    assert ends.tolist() == [pytest.approx([1500, 1000]), pytest.approx([1500, 1500])]


@pytest.mark.slow
def test_the_best_link_has_the_largest_detour_for_its_length(town):
    # 400 m straight ahead a street 1000 + 1000 + 1400 + 1000 = 4400 m away by road: 11 to one
    near = {"at": _line((1500, 1400), (2500, 1400), (2500, 0)), "name": "近处"}
    # 500 m away, 53 degrees to the side, one that is 1000 + 1500 + 1000 + 1140 = 4640 m away: 9.3 to one
    far = {"at": _line((1900, 1300), (3000, 1000)), "name": "远处"}
    (link,) = _links(town(STEM, near, far)).query("street == '甲路'").itertuples()
    assert link.to_street == "近处"
    assert link.network_m == pytest.approx(4400)
    assert link.link_m == pytest.approx(400)
    without = _links(town(STEM, far)).query("street == '甲路'")
    assert without["to_street"].tolist() == ["远处"]
    assert without["link_m"].tolist() == pytest.approx([500])


@pytest.mark.slow
def test_a_link_ends_at_the_first_street_it_meets(town):
    short_cut = {"at": _line((2000, 0), (2000, 1500))}
    cross = CROSS | {"at": _line((0, 1500), (1500, 1500), (2000, 1500), (3000, 1500))}
    behind = {"at": _line((0, 2500), (200, 1600), (2000, 1600)), "name": "后街"}
    (link,) = _links(town(STEM, cross, short_cut, behind)).query("street == '甲路'").itertuples()
    # 横路: 1000 + 500 + 1500 + 500 = 3500 m for 500 m, 7 to one; 后街 would be more than 6000 for 600
    assert link.to_street == "横路"
    assert link.network_m == pytest.approx(3500)


@pytest.mark.slow
def test_a_street_hidden_at_its_nearest_point_is_reached_straight_ahead(town):
    # 斜街 comes nearest to the east of north, but there 小街 lies before it: 2907 m by road for 202 m, 14 to one
    slanting = {"at": _line((0, 3000), (1000, 1500), (1900, 1200)), "name": "斜街"}
    little = {"at": _line((1530, 1200), (1700, 1200), (2000, 0)), "name": "小街"}
    links = _links(town(STEM, slanting, little)).set_index("street")
    assert links.loc["甲路", "to_street"] == "斜街"  # more than 6000 m for 333 m: 18 to one
    assert links.loc["甲路", "link_m"] == pytest.approx(1000 / 3)


@pytest.mark.slow
def test_no_link_goes_up_to_a_bridge(town):
    high = {"at": _line((0, 1300), (3000, 1300)), "bridge": True, "level": 1, "name": "高架"}
    (link,) = _links(town(STEM, CROSS, high)).query("street == '甲路'").itertuples()
    assert (link.to_street, link.link_m) == ("横路", pytest.approx(500))


@pytest.mark.slow
def test_a_long_way_stands_as_the_limit_and_no_way_as_nothing(town):
    far = {"at": _line((0, 2500), (2900, 2500), (2900, 1700), (1500, 1500)), "name": "远路"}
    (link,) = _links(town(STEM, far)).query("street == '甲路'").itertuples()
    assert link.at_least
    assert link.network_m == LIMIT_M
    island = {"at": _line((1200, 1500), (1800, 1500)), "name": "孤路"}
    other = {"at": _line((500, 3000), (500, 2200)), "name": "乙路"}
    side = {"at": _line((0, 2000), (900, 2000)), "name": "丙路"}
    links = _links(town(STEM, island, other, side)).set_index("street")
    assert np.isnan(links.loc["甲路", ["network_m", "saved_m", "benefit"]].astype(float)).all()
    told = links["saved_m"].notna()
    assert told["乙路"]
    assert links.loc[told, "rank"].max() < links.loc[~told, "rank"].min()  # nothing to tell: last


@pytest.mark.slow
def test_one_link_for_two_ends_that_choose_each_other(town):
    north = {"at": _line((1500, 1060), (1500, 1500)), "name": "甲路"}
    area = town(STEM, north, CROSS)
    assert dead_ends(area).value == 2
    (link,) = _links(area).itertuples()
    assert (link.opens, link.link_m) == (2, pytest.approx(60))
    assert link.network_m == pytest.approx(1000 + 3 * 1500 + 440)
    assert link.benefit == pytest.approx(2 * (5940 - 60))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["river", "railway", "motorway", "wall"])
def test_what_the_link_crosses(town, kind):
    line = {"at": [_line((0, 1200), (3000, 1200))], "kind": [kind], "name": ["阻隔"]}
    water = {"at": [box(0, 1180, 3000, 1230)], "kind": [kind], "name": ["阻隔"]}
    for barriers in (line, water):
        area = town(STEM, CROSS, barriers=barriers)
        (link,) = _links(area).itertuples()
        assert (link.crossing, link.crosses, link.crosses_names) == (kind, kind, "阻隔")
        assert link.crossing_from == "barriers"
        end = dead_ends(area).evidence.query("part in @ENDS").iloc[0]
        assert (end["barrier"], end["barrier_name"]) == (kind, "阻隔" if kind else "")


@pytest.mark.slow
def test_all_barriers_are_told_the_heaviest_first_but_the_end_stops_at_the_nearest(town):
    barriers = {
        "at": [_line((0, 1100), (3000, 1100)), _line((0, 1150), (3000, 1150)), _line((0, 2600), (3000, 2600))],
        "kind": ["river", "railway", "wall"],
        "name": ["河", "铁路", "远墙"],
    }
    area = town(STEM, CROSS, barriers=barriers)
    (link,) = _links(area).itertuples()
    assert (link.crossing, link.crosses, link.crosses_names) == ("railway", "railway, river", "河、铁路")
    end = dead_ends(area).evidence.query("part in @ENDS").iloc[0]
    assert (end["barrier"], end["barrier_name"]) == ("river", "河")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("land_class", "crossing"),
    [
        ("1001", "wall"),
        ("工业用地", "wall"),
        ("M2", "wall"),
        ("industrial", "wall"),
        ("1101", "wall"),
        ("09", "none"),
        ("Mall", "none"),
    ],
)
def test_works_stand_behind_a_wall(town, land_class, crossing):
    area = town(STEM, CROSS, land_use={"at": [box(1000, 1050, 2000, 1400)], "land_class": [land_class]})
    (link,) = _links(area).itertuples()
    assert link.crossing == crossing
    assert any("inferred" in n.en for n in dead_ends(area).notes) == (crossing == "wall")


@pytest.mark.slow
def test_a_barrier_is_told_before_an_inferred_wall(town):
    barriers = {"at": [_line((0, 1200), (3000, 1200))], "kind": ["river"], "name": ["河"]}
    works = {"at": [box(1000, 1050, 2000, 1400)], "land_class": ["1001"]}
    area = town(STEM, CROSS, barriers=barriers, land_use=works)
    told = crossings(area, _links(area).geometry.to_numpy())
    assert told.iloc[0].to_dict() == {
        "crossing": "river",
        "crosses": "river",
        "crosses_names": "河",
        "crossing_from": "barriers",
    }


@pytest.mark.slow
def test_a_street_just_missed_with_nothing_between_is_told_for_checking(town):
    area = town({"at": _line((1500, 0), (1500, 1490)), "name": "甲路"}, CROSS)
    (link,) = _links(area).itertuples()
    assert link.near_miss
    assert any("check the drawing" in n.en for n in dead_ends(area).notes)


# ---------------------------------------------------------------------------------------- who gains, and the ranking


def _two_dead_ends(town, **layers):
    """甲路 saves 5000 m with a link of 500 m; 乙路, 600 m to the west from the north, less with a shorter one."""
    second = {"at": _line((500, 3000), (500, 1600)), "name": "乙路"}
    return town(STEM, CROSS, second, **layers)


@pytest.mark.slow
def test_the_rankings(town):
    homes = [box(300, 2100, 350, 2150)]
    people = {"residential": {"at": homes}, "population": {"at": homes, "persons": [500]}}
    area = _two_dead_ends(town, **people, facilities={"at": [Point(500, 1500)], "category": ["hospital"]})
    both = {by: _links(area, rank_by=by).set_index("street") for by in get_args(RankBy)}
    saved = both["saved_m"]["saved_m"].to_dict()
    assert saved == {"甲路": pytest.approx(5000), "乙路": pytest.approx(1400 + 500 + 1500 + 500 - 100)}
    assert both["saved_m"].index.tolist() == ["甲路", "乙路"]
    for by in ("drive", "walk"):  # only 乙路 has anybody behind it: 175 m to the street, 525 m to its end, 100 m across
        assert both[by].index.tolist() == ["乙路", "甲路"]
        first = both[by].loc["乙路"]
        assert first["persons"] == pytest.approx(500)
        assert first["after_m"] == pytest.approx(175 + 525 + 100)
        assert first["before_m"] == pytest.approx(175 + 875 + 500 + 1500 + 500)
        assert first["benefit"] == pytest.approx(500 * (3550 - 800))
        assert first["benefit_per_m"] == pytest.approx(500 * 2750 / 100)
        assert both[by].loc["甲路", "persons"] == 0
    for links in both.values():
        assert links["rank"].tolist() == [1, 2]


@pytest.mark.slow
def test_without_population_or_facilities_the_metres_decide_and_it_is_said(town):
    area = _two_dead_ends(town)
    measure = dead_ends(area)
    links = measure.evidence[measure.evidence["part"] == "missing_link"]
    assert links["street"].tolist() == ["甲路", "乙路"]
    assert links["persons"].isna().all()
    assert any("no population" in n.en for n in measure.notes)


@pytest.mark.slow
def test_what_is_missing_is_said(town):
    notes = " ".join(n.en for n in dead_ends(town(STEM, CROSS)).notes)
    assert "no barriers layer" in notes
    assert "no compounds layer" in notes
    full = town(
        STEM,
        CROSS,
        barriers={"at": [box(0, 2600, 9, 2610)], "kind": ["wall"]},
        compounds={"at": [box(20, 20, 30, 30)]},
        population={"at": [box(0, 0, 10, 10)], "persons": [1]},
        facilities={"at": [Point(9, 9)], "category": ["market"]},
    )
    assert dead_ends(full).notes == ()


@pytest.mark.slow
def test_an_incomplete_network_leaves_the_count_open(town):
    measure = dead_ends(town(STEM, CROSS, incomplete=frozenset({"roads"})))
    assert (measure.value, measure.low, measure.high) == (1, 0, np.inf)
    assert measure.needs


@pytest.mark.slow
def test_the_evidence_is_lines_that_can_be_written(town, tmp_path):
    area = _two_dead_ends(town)
    evidence = dead_ends(area).evidence
    assert set(evidence.geom_type) == {"LineString"}
    stubs = evidence[evidence["part"].isin(ENDS)]
    assert stubs.length.tolist() == pytest.approx([1, 1])
    evidence.to_file(tmp_path / "e.gpkg", layer="dead_ends", driver="GPKG", engine="pyogrio", use_arrow=True)
    again = gpd.read_file(tmp_path / "e.gpkg")
    assert again["saved_m"].max() == pytest.approx(5000)
    assert again["counts"].sum() == 2


@pytest.mark.parametrize("choice", [{"profile": "all"}, {"rank_by": "hope"}, {"destinations": ["the moon"]}])
def test_unknown_choices_are_refused(town, choice):
    with pytest.raises(InputError, match="is not one of"):
        dead_ends(town(STEM), **choice)


def test_an_unknown_class_is_refused(town):
    with pytest.raises(InputError, match="road_class 'lane' is not a key"):
        dead_ends(town({"at": _line((0, 0), (9, 9)), "road_class": "lane"}))


@pytest.mark.slow
@pytest.mark.parametrize("turned_deg", [0, 37, 120])
def test_moving_turning_and_shuffling_change_nothing(town, turned_deg):
    area = _two_dead_ends(town, barriers={"at": [_line((0, 1200), (3000, 1200))], "kind": ["river"], "name": ["河"]})
    order = np.random.default_rng(turned_deg).permutation(len(area.roads))
    moved = {
        name: layer.set_geometry(layer.rotate(turned_deg, origin=(442_000, 3_508_000)).translate(311.7, -97.3))
        for name, layer in area.layers.items()
    }
    moved["roads"] = moved["roads"].iloc[order]
    other = dataclasses.replace(area, **moved)
    ours, theirs = (_links(a).set_index("street").sort_index() for a in (area, other))
    columns = ["link_m", "network_m", "saved_m", "benefit", "rank"]
    np.testing.assert_allclose(theirs[columns].astype(float), ours[columns].astype(float), rtol=1e-6)
    assert theirs["crossing"].tolist() == ours["crossing"].tolist()


def test_lines_drawn_both_ways_end_once(town):
    twice = [STEM, STEM | {"at": STEM["at"].reverse()}]
    assert _reasons(town(*twice, CROSS)) == ["dead_end"]


def test_links_of_no_ends_are_none(town):
    area = town(CROSS)
    assert missing_links(area, street_ends(area)).empty


# ---------------------------------------------------------------------------------------- plain lines


def test_plain_lines():
    drawn = ([(0, 0), (10, 0)], [(10, 0), (20, 0)], [(10, 0), (10, 9)], [(30, 0), (40, 0), (30, 0)])
    lines = np.array([LineString(points) for points in drawn])
    graph = segment_graph(lines).drawn_once()
    assert dict(zip(map(tuple, graph.xy.tolist()), graph.degree.tolist(), strict=True)) == {
        (0, 0): 1,
        (10, 0): 3,
        (20, 0): 1,
        (10, 9): 1,
        (30, 0): 1,
        (40, 0): 1,  # drawn there and back
    }
    assert graph.line.tolist() == [0, 1, 2, 3]
    ring = shapely.linestrings([[(0, 0), (9, 0), (9, 9), (0, 0)]])
    assert segment_graph(ring).degree.tolist() == [2, 2, 2]
    assert segment_graph(np.empty(0, dtype=object)).degree.tolist() == []


# ---------------------------------------------------------------------------------------- the named roads of a plan


@pytest.mark.slow
def test_named_roads_are_open_dead_ended_or_not_found(town):
    opened = {"at": _line((1000, 0), (1000, 1500)), "name": "文化二路"}
    closed = {"at": _line((2000, 0), (2000, 1000)), "name": "裕民大道"}
    cross = {"at": _line((0, 1500), (1000, 1500), (3000, 1500)), "name": "横路"}
    measure = dead_ends_opened(town(opened, closed, cross), names=NAMED)
    assert measure.key == "dead_ends_opened"
    assert measure.breakdown["state"].to_dict() == {
        "裕民大道": "dead_end",
        "文化二路": "open",
        "汉东东路延伸段": "not_found",
    }
    assert (measure.value, measure.low, measure.high, measure.unit) == (1, 1, 2, "count")
    assert "汉东东路延伸段" in measure.needs[0].zh
    assert measure.by_zone.isna().all()
    stub = measure.evidence[measure.evidence["part"].isin(ENDS)]
    assert stub["name"].tolist() == ["裕民大道"]
    assert set(measure.evidence.geom_type) == {"LineString"}


@pytest.mark.slow
def test_an_extension_is_looked_up_by_its_road_and_that_is_said(town):
    road = {"at": _line((1000, 0), (1000, 1500)), "name": "汉东东路"}
    cross = {"at": _line((0, 1500), (1000, 1500), (3000, 1500))}
    measure = dead_ends_opened(town(road, cross), names=["汉东东路延伸段"])
    assert measure.breakdown.loc["汉东东路延伸段", ["looked_up", "state"]].tolist() == ["汉东东路", "open"]
    assert any("looked up as 汉东东路" in n.en for n in measure.notes)
    own = road | {"name": "汉东东路延伸段", "at": _line((2000, 0), (2000, 1000))}
    both = dead_ends_opened(town(road, own, cross), names=["汉东东路延伸段"])
    assert both.breakdown.loc["汉东东路延伸段", ["looked_up", "state"]].tolist() == ["汉东东路延伸段", "dead_end"]


@pytest.mark.slow
def test_unnamed_promises_and_unsure_maps_leave_room_above(town):
    closed = {"at": _line((2000, 0), (2000, 1000)), "name": "裕民大道"}
    area = town(closed, CROSS)
    five = dead_ends_opened(area, names=NAMED, promised=5)
    assert (five.value, five.low, five.high) == (0, 0, 4)  # two not found, two not named
    assert "2 more roads" in five.needs[1].en
    unsure = dataclasses.replace(area, incomplete=frozenset({"roads"}))
    assert dead_ends_opened(unsure, names=NAMED, promised=5).high == 5  # the dead end may be open by now


@pytest.mark.slow
def test_a_road_beyond_the_zones_is_not_found(town, drawn):
    road = {"at": _line((1000, 0), (1000, 700)), "name": "裕民大道"}
    area = dataclasses.replace(town(road, CROSS), zones=drawn([box(0, 1000, 3000, 3000)], name=["北"]))
    measure = dead_ends_opened(area, names=["裕民大道"])
    assert measure.breakdown.loc["裕民大道", "state"] == "not_found"
    assert measure.evidence is None


@pytest.mark.parametrize(
    "choice",
    [
        {"names": []},
        {"names": ["a", "a"]},
        {"names": [7]},
        {"names": [" "]},
        {"promised": 2},
        {"promised": "5"},
    ],
)
def test_promises_that_cannot_be_are_refused(town, choice):
    with pytest.raises(InputError, match="dead_ends_opened"):
        dead_ends_opened(town(STEM), **{"names": NAMED, **choice})


def test_a_point_is_where_it_was_drawn(town):
    assert Point(1500, 1000).equals(
        shapely.affinity.translate(street_ends(town(STEM, CROSS)).geometry.iloc[0], -441_000, -3_507_000)
    )
