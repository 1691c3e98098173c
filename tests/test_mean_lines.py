"""Drawn streets whose mean lines are mental arithmetic."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

from suizhou_geo.errors import LayerError
from suizhou_geo.streets.centreline_geometry import mean_lines
from suizhou_geo.streets.centrelines import centrelines

ORIGIN = (441_000.0, 3_507_000.0)


def street(*points):
    return LineString(points)


@pytest.fixture
def network(drawn):
    """Draw roads from (line, name, oneway) and return the pieces of their centrelines."""

    def draw(*roads, **columns):
        shapes, names, oneway = zip(*roads, strict=True)
        given = {"road_class": ["arterial"] * len(roads)} | columns
        layer = drawn(
            shapes, name=list(names), oneway=list(oneway), source_id=[f"way/{n}" for n in range(len(roads))], **given
        )
        return centrelines(layer)

    return draw


def told(lines: gpd.GeoDataFrame) -> shapely.Geometry:
    """The lines as one geometry, back at the origin of the drawing."""
    return translate(shapely.union_all(lines.geometry.to_numpy()), -ORIGIN[0], -ORIGIN[1])


def weighed_m(pieces) -> float:
    return float((pieces.length * pieces["weight"]).sum())


def blocks(lines) -> list[float]:
    """The areas of what the lines enclose, in hectares, the largest first."""
    shapes = shapely.get_parts(shapely.polygonize([shapely.union_all(lines.geometry.to_numpy())]))
    return sorted((shapely.area(shapes) / 1e4).round(6).tolist(), reverse=True)


def same(drawing, expected, within_m=0.01) -> bool:
    return shapely.hausdorff_distance(drawing, expected, densify=0.01) <= within_m


def ring(diameter, centre=(0.0, 0.0)):
    turn = np.arange(65) % 64 * (2 * np.pi / 64)
    return LineString(np.round(np.column_stack([np.cos(turn), np.sin(turn)]) * diameter / 2 + centre, 3))


DUAL = (street((0, 0), (600, 0)), "甲路", True), (street((600, 20), (0, 20)), "甲路", True)


def test_a_single_street_stays_as_it_is(network):
    pieces = network(
        (street((0, 0), (300, 0), (300, 200)), "乙路", False), (street((300, 200), (500, 200)), None, True)
    )
    lines = mean_lines(pieces)
    assert lines.geometry.geom_equals_exact(pieces.geometry, 0).all()
    assert list(lines.columns) == ["street_class", "name", "source_id", "geometry"]
    assert lines["name"].tolist()[0] == "乙路"
    assert lines.crs == pieces.crs


@pytest.mark.parametrize("apart_m", [8.0, 20.0, 80.0, 100.0])
def test_two_carriageways_become_the_line_midway(network, apart_m):
    lines = mean_lines(
        network((street((0, 0), (600, 0)), "甲路", True), (street((600, apart_m), (0, apart_m)), "甲路", True))
    )
    assert len(lines) == 1
    assert lines["name"].tolist() == ["甲路"]
    assert lines["source_id"].iloc[0] in ("way/0", "way/1")
    assert same(told(lines), street((0, apart_m / 2), (600, apart_m / 2)))


def test_four_carriageways_become_one(network):
    sides = (street((0, -16), (600, -16)), "甲路辅路", True), (street((600, 36), (0, 36)), "甲路辅路", True)
    lines = mean_lines(network(*DUAL, *sides))
    assert same(told(lines), street((0, 10), (600, 10)))
    assert set(lines["street_class"]) == {"arterial"}


def test_a_street_drawn_twice_is_drawn_once(network):
    lines = mean_lines(network((street((0, 0), (600, 0)), None, False), (street((600, 0), (0, 0)), None, False)))
    assert same(told(lines), street((0, 0), (600, 0)))
    assert lines.length.sum() == pytest.approx(600.0)


def test_a_carriageway_drawn_twice_pulls_no_more_than_the_other(network):
    lines = mean_lines(network(*DUAL, DUAL[0]))
    assert same(told(lines), street((0, 10), (600, 10)))
    assert lines.length.sum() == pytest.approx(600.0)


@pytest.mark.parametrize("twice_m", [0.3, 14.0])
@pytest.mark.parametrize("turn", [False, True])
def test_streets_that_overlap_by_some_metres_are_drawn_once(network, twice_m, turn):
    """The overlap is as much a part of the street as the rest, however short, in whichever direction it is drawn."""
    one, other = street((0, 0), (300, 0), (300 + twice_m, 0)), street((300, 0), (300 + twice_m, 0), (600, 0))
    pieces = network((one, "甲路", False), (other.reverse() if turn else other, "乙路", False))
    lines = mean_lines(pieces)
    assert same(told(lines), street((0, 0), (600, 0)), within_m=1e-3)
    assert lines.length.sum() == pytest.approx(600.0)
    assert len(shapely.get_parts(shapely.line_merge(told(lines)))) == 1


def test_carriageways_on_each_other_on_two_levels_are_two_divided_streets(network):
    lines = mean_lines(network(*DUAL, *DUAL, level=[0, 0, 1, 1]))
    assert same(told(lines), street((0, 10), (600, 10)))


def test_a_carriageway_goes_on_as_a_street_drawn_twice(network):
    """It weighs one half throughout, first as one of two carriageways, then as one of two drawings."""
    there = street((0, 0), (300, 0), (600, 0))
    pieces = network(
        (there, "甲路", True), (street((300, 20), (0, 20)), "甲路", True), (street((600, 0), (300, 0)), "甲路", True)
    )
    assert set(pieces["weight"]) == {0.5}
    lines = mean_lines(pieces)
    assert same(shapely.intersection(told(lines), box(-1, -50, 260, 50)), street((0, 10), (260, 10)))
    assert same(shapely.intersection(told(lines), box(340, -50, 601, 50)), street((340, 0), (600, 0)))


@pytest.mark.slow
def test_a_bend_is_followed_in_the_middle(network):
    outer, inner = street((0, 0), (400, 0), (400, 400)), street((380, 400), (380, 20), (0, 20))
    pieces = network((outer, "甲路", True), (inner, "甲路", True))
    lines = mean_lines(pieces)
    assert same(told(lines), street((0, 10), (390, 10), (390, 400)), within_m=10.0)
    assert lines.length.sum() == pytest.approx(780.0, rel=0.01)
    straight = shapely.intersection(told(lines), box(0, 0, 370, 400))
    assert same(straight, street((0, 10), (370, 10)))


@pytest.mark.slow
def test_a_crossing_street_goes_on_across_the_median(network):
    """One street, three stretches: below, in the median, above; the mean line is cut at none of its sides."""
    parts = [street((300, -200), (300, 0)), street((300, 0), (300, 20)), street((300, 20), (300, 220))]
    dual = (street((0, 0), (300, 0), (600, 0)), "甲路", True), (street((600, 20), (300, 20), (0, 20)), "甲路", True)
    pieces = network(*dual, *[(part, "乙路", False) for part in parts])
    lines = mean_lines(pieces)
    assert same(told(lines), shapely.union(street((0, 10), (600, 10)), street((300, -200), (300, 220))))
    assert lines.length.sum() == pytest.approx(weighed_m(pieces), abs=1e-3)
    assert vertices_shared(lines, (300, 10))


def vertices_shared(lines, place) -> bool:
    """Whether at least two lines have a vertex at exactly the same place."""
    xy, line = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    near = np.hypot(*(xy - np.add(place, ORIGIN)).T) < 1e-3
    return len(set(line[near])) >= 2 and len(np.unique(xy[near], axis=0)) == 1


@pytest.mark.parametrize("shift_m", [0, 15, 40])
def test_a_street_drawn_through_crosses_even_aslant(network, shift_m):
    """One line whose inner vertices lie on the carriageways."""
    dual = (
        (street((0, 0), (300, 0), (600, 0)), "甲路", True),
        (street((600, 20), (300 + shift_m, 20), (0, 20)), "甲路", True),
    )
    run = street((300 - 10 * shift_m, -200), (300, 0), (300 + shift_m, 20), (300 + 11 * shift_m, 220))
    pieces = network(*dual, (run, "乙路", False))
    lines = mean_lines(pieces)
    assert same(told(lines), shapely.union(street((0, 10), (600, 10)), run))
    assert vertices_shared(lines, (300 + shift_m / 2, 10))
    assert blocks(lines) == []


def test_a_street_that_ended_on_either_carriageway_is_led_to_the_middle(network):
    dual = (street((0, 0), (200, 0), (600, 0)), "甲路", True), (street((600, 20), (400, 20), (0, 20)), "甲路", True)
    arms = (street((200, -300), (200, 0)), "乙路", False), (street((400, 20), (400, 320)), "丙路", False)
    pieces = network(*dual, *arms)
    lines = mean_lines(pieces)
    expected = [street((0, 10), (600, 10)), street((200, -300), (200, 10)), street((400, 10), (400, 320))]
    assert same(told(lines), shapely.union_all(expected))
    assert vertices_shared(lines, (200, 10))
    assert vertices_shared(lines, (400, 10))


SIDES = (street((0, -14), (600, -14)), "甲路辅路", True), (street((600, 34), (0, 34)), "甲路辅路", True)


def through(x, run):
    """Four carriageways with vertices at these x, and the street that runs through them."""
    ways = []
    for (line, name, _), at in zip((*DUAL, *SIDES), x, strict=True):
        (first, y), (last, _) = line.coords
        ways.append((street((first, y), (at, y), (last, y)), name, True))
    return (*ways, *run)


@pytest.mark.slow
def test_streets_from_either_side_that_overlap_among_the_carriageways_meet_the_middle(network):
    """One goes on across all four, the other begins at the inner one already: between, both are drawn."""
    south = street((300, -200), (300, -14), (300, 0), (300, 20), (300, 34))
    north = street((300, 20), (300, 34), (300, 234))
    lines = mean_lines(network(*through([300] * 4, [(south, "乙路", False), (north, "丙路", False)])))
    assert same(told(lines), shapely.union(street((0, 10), (600, 10)), street((300, -200), (300, 234))))
    assert vertices_shared(lines, (300, 10))
    assert greatest_gap(lines) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("slant", [0.0, 1.0, 2.2, 4.0])
def test_a_street_that_crosses_four_carriageways_at_a_slant_is_led_nowhere_else(network, slant):
    at = [300 + slant * y for y in (0, 20, -14, 34)]
    run = street(*[(300 + slant * y, y) for y in (-100, -14, 0, 20, 34, 120)])
    lines = mean_lines(network(*through(at, [(run, "乙路", False)])))
    assert same(told(lines), shapely.union(street((0, 10), (600, 10)), run))
    assert vertices_shared(lines, (300 + slant * 10, 10))
    assert blocks(lines) == []


@pytest.mark.slow
@pytest.mark.parametrize("cut", [250, 270, 290, 310])
def test_a_street_may_cross_where_another_stretch_of_the_mean_line_begins(network, cut):
    """Both carriageways go up at the same place, before, in or after the crossing."""
    halves = [street(*ends) for ends in (((0, 0), (cut, 0)), ((cut, 0), (600, 0)))]
    back = [street(*ends) for ends in (((600, 20), (cut, 20)), ((cut, 20), (0, 20)))]
    run = street((60, -100), (260, 0), (300, 20), (500, 120))
    roads = [(line, "甲路", True) for line in halves + back]
    lines = mean_lines(network(*roads, (run, "乙路", False), level=[1, 0, 0, 1, 0]))
    crossed = shapely.union(street((0, 10), (600, 10)), run)
    assert shapely.difference(told(lines), shapely.buffer(crossed, 0.01)).length < 1e-6
    assert blocks(lines) == []


@pytest.mark.slow
def test_a_street_that_comes_back_under_the_divided_street_is_no_crossing(network):
    """It leaves one carriageway and ends on the other from within: both its ends are led to the middle."""
    way = street((200, 0), (200, -150), (500, -150), (500, 20))
    dual = (street((0, 0), (200, 0), (600, 0)), "甲路", True), (street((600, 20), (500, 20), (0, 20)), "甲路", True)
    lines = mean_lines(network(*dual, (way, "乙路", False)))
    assert blocks(lines) == [pytest.approx(4.8)]


@pytest.mark.slow
def test_a_slip_between_side_road_and_main_carriageway_is_part_of_the_street(network):
    slip = street((300, -14), (360, 0))
    ways = [
        (street(*line.coords[:1], at, *line.coords[1:]), name, True)
        for line, name, at in (
            (DUAL[0][0], "甲路", (360, 0)),
            (DUAL[1][0], "甲路", (330, 20)),
            (SIDES[0][0], "甲路辅路", (300, -14)),
        )
    ]
    lines = mean_lines(network(*ways, SIDES[1], (slip, None, True)))
    assert same(told(lines), street((0, 10), (600, 10)))


@pytest.mark.slow
def test_an_end_without_a_vertex_in_the_carriageway_is_led_on_too(network):
    pieces = network(*DUAL, (street((203, -300), (203, 0)), "乙路", False))
    assert same(told(mean_lines(pieces)), shapely.union(street((0, 10), (600, 10)), street((203, -300), (203, 10))))


@pytest.mark.slow
def test_openings_of_the_median_that_lead_nowhere_are_left_out(network):
    dual = (street((0, 0), (300, 0), (600, 0)), "甲路", True), (street((600, 20), (300, 20), (0, 20)), "甲路", True)
    turn = (street((300, 0), (300, 20)), None, False)
    assert same(told(mean_lines(network(*dual, turn))), street((0, 10), (600, 10)))
    arm = (street((300, 20), (300, 220)), "乙路", False)
    joined = mean_lines(network(*dual, turn, arm))
    assert same(told(joined), shapely.union(street((0, 10), (600, 10)), street((300, 10), (300, 220))))


@pytest.mark.slow
def test_two_divided_streets_cross_in_one_point(network):
    other = (street((290, -300), (290, 0), (290, 20), (290, 320)), "乙路", True)
    back = (street((310, 320), (310, 20), (310, 0), (310, -300)), "乙路", True)
    dual = (
        (street((0, 0), (290, 0), (310, 0), (600, 0)), "甲路", True),
        (street((600, 20), (310, 20), (290, 20), (0, 20)), "甲路", True),
    )
    pieces = network(*dual, other, back)
    lines = mean_lines(pieces)
    assert same(told(lines), shapely.union(street((0, 10), (600, 10)), street((300, -300), (300, 320))))
    assert vertices_shared(lines, (300, 10))
    assert lines.length.sum() == pytest.approx(weighed_m(pieces), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("far_y", [0, 20])
def test_a_divided_street_that_ends_on_another_reaches_its_middle(network, far_y):
    dual = (
        (street((0, 0), (290, 0), (310, 0), (600, 0)), "甲路", True),
        (street((600, 20), (310, 20), (290, 20), (0, 20)), "甲路", True),
    )
    ways = (street((290, -300), (290, far_y)), "乙路", True), (street((310, far_y), (310, -300)), "乙路", True)
    lines = mean_lines(network(*dual, *ways))
    assert same(told(lines), shapely.union(street((0, 10), (600, 10)), street((300, -300), (300, 10))))
    assert vertices_shared(lines, (300, 10))


@pytest.mark.slow
@pytest.mark.parametrize("bent_m", [0.0, 0.008, -0.008])
def test_a_divided_street_ends_on_another_that_is_not_quite_straight(network, bent_m):
    """A bend of millimetres is straightened, but not where the other street ends."""
    there, back = (street((0, y), (150, y + bent_m), (600, y)) for y in (0, 20))
    ways = (street((290, -300), (290, 0)), "乙路", True), (street((310, 0), (310, -300)), "乙路", True)
    lines = mean_lines(network((there, "甲路", True), (back.reverse(), "甲路", True), *ways))
    assert greatest_gap(lines) == 0.0
    assert shapely.get_num_coordinates(lines.geometry.to_numpy()).tolist() == [3, 2]


@pytest.mark.parametrize("gap_m", [12, 24, 56, 79])
@pytest.mark.parametrize("name", ["甲路", None])
def test_a_gap_that_the_carriageways_leave_stays_open(network, gap_m, name):
    """A divided street on either side of a railway, at whose ends one carriageway turns into the other."""
    roads = []
    for tip, away in ((0, -1), (gap_m, 1)):
        up = street((-10, tip + 600 * away), (-10, tip + 30 * away), (0, tip))
        down = street((0, tip), (10, tip + 30 * away), (10, tip + 600 * away))
        roads += (
            [(up, name, True), (down, name, True)]
            if away < 0
            else [(down.reverse(), name, True), (up.reverse(), name, True)]
        )
    lines = mean_lines(network(*roads))
    gap = box(-50, 2, 50, gap_m - 2)
    assert shapely.intersection(told(lines), gap).is_empty
    ends = street((0, -600), (0, 0)), street((0, gap_m), (0, gap_m + 600))
    assert same(told(lines), shapely.union_all(ends), within_m=3.0)


def test_where_one_carriageway_goes_on_alone_the_mean_line_swings_over(network):
    pieces = network((street((0, 0), (1000, 0)), "甲路", True), (street((1000, 20), (200, 20)), "甲路", True))
    lines = mean_lines(pieces)
    assert same(told(lines), street((0, 0), (200, 0), (220, 10), (1000, 10)), within_m=3.0)
    assert lines.length.sum() == pytest.approx(1000.0, rel=0.005)
    assert len(shapely.get_parts(shapely.line_merge(told(lines)))) == 1


def test_a_street_that_forks_into_carriageways_goes_on_as_one(network):
    """Shorter than the forks are wide apart, so that no sliver stays between them."""
    forks = (street((0, 0), (20, -10), (600, -10)), "甲路", True), (street((600, 10), (20, 10), (0, 0)), "甲路", True)
    pieces = network(*forks, (street((-300, 0), (0, 0)), "甲路", False))
    lines = mean_lines(pieces)
    assert same(told(lines), street((-300, 0), (600, 0)), within_m=2.5)
    assert lines.length.sum() == pytest.approx(weighed_m(pieces), rel=0.005)
    assert blocks(lines) == []


def test_a_roundabout_becomes_its_centre(network):
    arms = [street((x * 20, y * 20), (x * 300, y * 300)) for x, y in ((1, 0), (0, 1), (-1, 0), (0, -1))]
    pieces = network(
        (ring(40), None, True), *[(arm, "乙路", False) for arm in arms], roundabout=[True, False, False, False, False]
    )
    lines = mean_lines(pieces)
    assert same(told(lines), shapely.union(street((-300, 0), (300, 0)), street((0, -300), (0, 300))))
    assert lines.length.sum() == pytest.approx(1200.0)
    assert weighed_m(pieces) == pytest.approx(1200.0, rel=0.005)


def test_a_divided_street_reaches_the_centre_of_a_roundabout(network):
    ways = (
        (street((19, 6.245), (80, 10), (600, 10)), "甲路", True),
        (street((600, -10), (80, -10), (19, -6.245)), "甲路", True),
    )
    turn = np.radians([0, 18.196, 45, 90, 135, 180, 225, 270, 315, 341.804, 360])
    circle = LineString(np.column_stack([20 * np.cos(turn), 20 * np.sin(turn)]).round(3))
    assert Point(19, 6.245).distance(circle) < 0.01
    on = [(19.0, 6.245), (19.0, -6.245)]
    xy = shapely.get_coordinates(circle)
    xy[1], xy[9] = on
    west = (street((-20, 0), (-300, 0)), "甲路", False)
    pieces = network((LineString(xy), None, True), *ways, west, roundabout=[True, False, False, False])
    lines = mean_lines(pieces)
    assert same(told(lines), street((-300, 0), (600, 0)), within_m=0.5)
    assert blocks(lines) == []


def splayed(near_y=12.0, far_x=50.0, far_y=0.0):
    """A roundabout of radius 20 at the origin, and two legs between it and the places (far_x, +-far_y)."""
    turn = np.arange(1, 24) * (2 * np.pi / 24)
    near_x = np.sqrt(400 - near_y**2)
    east = np.arctan2(near_y, near_x)
    angles = np.concatenate([[-east], [0.0], [east], turn[(turn > east + 0.01) & (turn < 2 * np.pi - east - 0.01)]])
    circle = np.column_stack([20 * np.cos(angles), 20 * np.sin(angles)])
    circle[0], circle[2] = (near_x, -near_y), (near_x, near_y)
    away, towards = street((near_x, -near_y), (far_x, -far_y)), street((far_x, far_y), (near_x, near_y))
    return LineString([*circle, circle[0]]), away, towards


ARMS = street((-20, 0), (-300, 0)), street((0, 20), (0, 300)), street((0, -20), (0, -300))


@pytest.mark.parametrize("name", ["甲路", None])
@pytest.mark.parametrize(("near_y", "far_x", "within_m"), [(8.0, 50.0, 3.1), (19.5, 50.0, 3.1), (19.5, 30.0, 0.01)])
def test_the_traffic_island_before_a_roundabout_is_no_block(network, near_y, far_x, within_m, name):
    """Where the legs are abreast for the weights and where, too blunt, they are not: the street goes on to the centre."""
    circle, away, towards = splayed(near_y, far_x)
    roads = (circle, None, True), (away, name, True), (towards, name, True), (street((far_x, 0), (300, 0)), name, False)
    pieces = network(*roads, *[(arm, f"{n}路", False) for n, arm in enumerate(ARMS)], roundabout=[True] + [False] * 6)
    lines = mean_lines(pieces)
    cross = shapely.union(street((-300, 0), (300, 0)), street((0, -300), (0, 300)))
    assert pieces["weight"].iloc[1] == (1.0 if far_x == 30.0 else 0.5)
    assert same(told(lines), cross, within_m)
    assert blocks(lines) == []
    assert greatest_gap(lines) == 0.0


def greatest_gap(lines) -> float:
    """How far the part of the network that is furthest from the rest lies from it."""
    parts = shapely.get_parts(shapely.line_merge(told(lines)))
    return max((parts[k].distance(shapely.union_all(np.delete(parts, k))) for k in range(len(parts))), default=0.0)


@pytest.mark.slow
def test_legs_of_two_streets_or_of_a_one_way_street_that_crosses_stay(network):
    circle, away, towards = splayed(12.0)
    for name, other in (("乙路", towards), ("甲路", street((-50, 0), (-20, 0))), ("甲路", towards.reverse())):
        roads = (circle, None, True), (away, "甲路", True), (other, name, True)
        lines = mean_lines(network(*roads, roundabout=[True, False, False]))
        assert len(lines) == 2
        assert lines.length.min() > 30.0


def test_a_leg_drawn_in_both_directions_is_a_street(weighed):
    circle, away, towards = splayed(12.0)
    pieces = weighed((circle, 0.5), (away, 0.5), (away.reverse(), 0.5), (towards, 1.0))
    lines = mean_lines(pieces.assign(roundabout=[True] + [False] * 3, oneway=True))
    assert len(lines) == 2
    assert lines.length.min() > 30.0


@pytest.mark.slow
def test_a_leg_longer_than_a_street_is_wide_is_a_street(network):
    circle, away, towards = splayed(19.5, far_x=120.0)
    roads = (circle, None, True), (away, "甲路", True), (towards, "甲路", True), (ARMS[1], "乙路", False)
    pieces = network(*roads, roundabout=[True, False, False, False]).assign(weight=[0.6, 1.0, 1.0, 1.0])
    assert len(mean_lines(pieces)) == 3
    assert len(mean_lines(pieces, street_width_m=130.0)) == 1


def test_one_leg_alone_is_swallowed_where_the_other_belongs_to_the_divided_street(weighed):
    """The weights found one leg abreast of the other carriageway, the other not."""
    circle, *_ = splayed(12.0)
    ways = [(street((16, -12), (60, -10), (600, -10)), 0.5), (street((600, 10), (60, 10)), 0.5)]
    pieces = weighed((circle, 0.5), *ways, (street((60, 10), (16, 12)), 1.0), (ARMS[0], 1.0))
    pieces = pieces.assign(roundabout=[True] + [False] * 4, oneway=[True] * 4 + [False])
    lines = mean_lines(pieces)
    assert same(told(lines), street((-300, 0), (600, 0)), within_m=2.0)
    assert blocks(lines) == []


@pytest.mark.parametrize("levels", [[0, 1, 0, 0], [0, 0, 1, 1], [1, 1, 2, 0]])
def test_a_bridge_under_one_carriageway_does_not_part_the_mean_line(network, levels):
    bits = [street((a, 0), (b, 0)) for a, b in ((0, 200), (200, 350), (350, 600))]
    pieces = network(*[(line, "甲路", True) for line in (*bits, DUAL[1][0])], level=levels)
    lines = mean_lines(pieces)
    assert same(told(lines), street((0, 10), (600, 10)))
    assert lines.length.sum() == pytest.approx(600.0)


@pytest.mark.parametrize("cuts", [[], [590, 575, 560]], ids=["whole", "cut near the tip"])
def test_carriageways_that_turn_into_each_other_at_the_tip_are_still_two(network, cuts):
    """A divided street whose far end is rounded: one carriageway leads into the other, 600 m there and 600 m back."""
    at = [0, *reversed(cuts), 600]
    tip = [(600, 0), (608, 4), (610, 10)], [(610, 10), (608, 16), (600, 20)]
    there = [street((a, 0), (b, 0)) for a, b in pairwise(at)]
    back = [street((b, 20), (a, 20)) for a, b in pairwise(at)]
    roads = [(street(*line), "甲路", True) for line in tip] + [(line, "甲路", True) for line in there + back]
    lines = mean_lines(network(*roads))
    assert same(shapely.intersection(told(lines), box(-1, -50, 560, 90)), street((0, 10), (560, 10)))
    assert sum(blocks(lines)) < 0.05


def test_streets_of_two_names_stay_two(network):
    pieces = network((street((0, 0), (600, 0)), "甲路", True), (street((600, 60), (0, 60)), "乙路", True))
    assert len(mean_lines(pieces)) == 2


def test_a_bridge_over_a_divided_street_does_not_join_it(network):
    pieces = network(*DUAL, (street((300, -200), (300, 220)), "乙路", False), level=[0, 0, 1])
    lines = mean_lines(pieces)
    assert not vertices_shared(lines, (300, 10))
    assert lines.length.sum() == pytest.approx(600 + 420)


def test_divided_streets_on_two_levels_share_no_vertex(network):
    above = (street((290, -300), (290, 320)), "乙路", True), (street((310, 320), (310, -300)), "乙路", True)
    lines = mean_lines(network(*DUAL, *above, level=[0, 0, 1, 1]))
    assert same(told(lines), shapely.union(street((0, 10), (600, 10)), street((300, -300), (300, 320))))
    assert not vertices_shared(lines, (300, 10))


@pytest.mark.slow
def test_an_elevated_road_over_its_ground_road_keeps_its_own_middle(network):
    above = (street((0, 3), (600, 3)), "甲路", True), (street((600, 13), (0, 13)), "甲路", True)
    lines = mean_lines(network(*DUAL, *above, level=[0, 0, 1, 1]))
    assert sorted({round(y - ORIGIN[1], 3) for y in shapely.get_coordinates(lines.geometry.to_numpy())[:, 1]}) == [
        8,
        10,
    ]


@pytest.mark.slow
def test_the_longer_carriageway_leads_throughout(network):
    """However both are cut, so that the line keeps one source as far as that goes."""
    east = (street((0, 0), (300, 0)), "甲路", True), (street((300, 0), (600, 0)), "甲路", True)
    west = (street((590, 20), (350, 20)), "甲路", True), (street((350, 20), (0, 20)), "甲路", True)
    assert set(mean_lines(network(*east, *west))["source_id"]) == {"way/0", "way/1"}


def test_a_side_road_that_begins_moves_the_middle_without_a_break(network):
    lines = mean_lines(network(*DUAL, (street((600, 50), (300, 50)), "甲路辅路", True)))
    assert len(shapely.get_parts(shapely.line_merge(told(lines)))) == 1
    assert same(shapely.intersection(told(lines), box(0, -50, 280, 90)), street((0, 10), (280, 10)))
    assert same(shapely.intersection(told(lines), box(320, -50, 600, 90)), street((320, 70 / 3), (600, 70 / 3)))


@pytest.fixture
def weighed(drawn):
    """Draw pieces from (line, weight), as if `centrelines` had found these weights."""

    def draw(*pieces):
        shapes, weights = zip(*pieces, strict=True)
        roads = drawn(shapes, road_class=["arterial"] * len(shapes), source_id=[str(n) for n in range(len(shapes))])
        return roads.assign(weight=list(weights), street_class="arterial")

    return draw


def test_short_forks_become_one_line(weighed):
    ways = (street((10, 10), (600, 10)), 0.5), (street((600, -10), (10, -10)), 0.5)
    forks = (street((0, 0), (10, 10)), 1.0), (street((10, -10), (0, 0)), 1.0)
    lines = mean_lines(weighed(*ways, *forks, (street((-300, 0), (0, 0)), 1.0)))
    assert same(told(lines), street((-300, 0), (600, 0)))
    assert lines.length.sum() == pytest.approx(900.0)


def test_a_gap_in_both_carriageways_is_closed_once(weighed):
    """Pieces of weight 1 between two stretches of weight 1/2: the divided street goes on."""
    ways = [(street((a, y), (b, y)), 0.5) for a, b in ((0, 300), (330, 600)) for y in (0, 20)]
    gaps = (street((300, 0), (315, -10), (330, 0)), 1.0), (street((300, 20), (315, 30), (330, 20)), 1.0)
    lines = mean_lines(weighed(*ways, *gaps))
    assert same(told(lines), street((0, 10), (600, 10)))
    assert lines.length.sum() == pytest.approx(600.0)


def test_a_gap_of_some_metres_between_mean_lines_is_closed(weighed):
    ways = [(street((a, y), (b, y)), 0.5) for a, b in ((0, 300), (306, 600)) for y in (0, 20)]
    lines = mean_lines(weighed(*ways))
    assert same(told(lines), street((0, 10), (600, 10)))
    assert vertices_shared(lines, (303, 10))


@pytest.mark.slow
def test_a_street_that_passes_under_one_carriageway_ends_in_the_middle(weighed):
    ways = (street((0, 0), (600, 0)), 0.5), (street((600, 20), (300, 20), (0, 20)), 0.5)
    lines = mean_lines(weighed(*ways, (street((300, -200), (300, 20)), 1.0)))
    assert same(told(lines), shapely.union(street((0, 10), (600, 10)), street((300, -200), (300, 10))))
    assert vertices_shared(lines, (300, 10))


def test_the_outside_of_a_sharp_bend_is_followed_with_its_neighbours(weighed):
    """Where one sees no other carriageway, the line keeps its distance instead of running into the corner."""
    lines = mean_lines(
        weighed((street((0, 0), (400, 0), (400, 400)), 0.5), (street((380, 400), (380, 20), (0, 20)), 0.5))
    )
    assert same(told(lines), street((0, 10), (390, 10), (390, 400)), within_m=8.0)


def test_a_hole_in_the_other_carriageway_bends_nothing(weighed):
    other = [(street((a, 20), (b, 20)), 0.5) for a, b in ((0, 260), (340, 600))]
    lines = mean_lines(weighed((street((0, 0), (600, 0)), 0.5), *other))
    assert same(told(lines), street((0, 10), (600, 10)))


def town(network):
    """Blocks of 250 m in two rows of four; the street between the rows has a median of 20 m, as has the middle one across."""
    across = [(street((x, -260), (x, -10), (x, 10), (x, 260)), f"纵{x}", False) for x in (0, 250, 750, 1000)]
    divided = [
        (street((490, -260), (490, -10), (490, 10), (490, 260)), "中路", True),
        (street((510, 260), (510, 10), (510, -10), (510, -260)), "中路", True),
    ]
    at = [0, 250, 490, 510, 750, 1000]
    ways = [
        (street(*[(x, -10) for x in at]), "横路", True),
        (street(*[(x, 10) for x in reversed(at)]), "横路", True),
    ]
    outer = [(street(*[(x, y) for x in at]), f"边{y}", False) for y in (-260, 260)]
    return network(*across, *divided, *ways, *outer)


@pytest.mark.slow
def test_medians_are_no_blocks(network):
    pieces = town(network)
    lines = mean_lines(pieces)
    assert blocks(lines) == [pytest.approx(6.5, rel=1e-6)] * 8
    assert lines.length.sum() == pytest.approx(weighed_m(pieces), rel=0.005)
    assert shapely.line_merge(told(lines)).is_valid
    assert len(shapely.get_parts(shapely.unary_union(told(lines)).buffer(0.01))) == 1


@pytest.mark.slow
def test_order_place_and_direction_do_not_matter(network):
    pieces = town(network)
    lines = mean_lines(pieces)
    shuffled = mean_lines(pieces.sample(frac=1.0, random_state=1))
    assert same(told(shuffled), told(lines), within_m=1e-3)
    moved = pieces.set_geometry(pieces.geometry.translate(123.4, -56.7), crs=pieces.crs)
    assert same(translate(told(mean_lines(moved)), -123.4, 56.7), told(lines), within_m=1e-3)
    turned = pieces.set_geometry(pieces.geometry.rotate(30, origin=ORIGIN), crs=pieces.crs)
    assert same(rotate(told(mean_lines(turned)), -30, origin=(0, 0)), told(lines), within_m=1e-3)
    assert blocks(mean_lines(turned)) == pytest.approx(blocks(lines), rel=1e-6)


def test_nothing_gives_nothing(network):
    lines = mean_lines(network(*DUAL).iloc[:0])
    assert len(lines) == 0
    assert list(lines.columns) == ["street_class", "name", "source_id", "geometry"]


def test_what_is_not_pieces_is_refused(network, drawn):
    with pytest.raises(LayerError, match="no column weight"):
        mean_lines(drawn([street((0, 0), (9, 0))], road_class=["branch"]))
    with pytest.raises(LayerError, match="degrees"):
        mean_lines(network(*DUAL).to_crs("EPSG:4326"))
