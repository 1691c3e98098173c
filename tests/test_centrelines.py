"""Drawn streets whose length on centrelines is mental arithmetic."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, Point
from shapely.affinity import rotate, translate

from suizhou_geo.errors import LayerError
from suizhou_geo.standards.street_names import base_name
from suizhou_geo.streets.centrelines import centrelines


@pytest.fixture
def drawn(drawn):
    """Draw roads; a column that is one value holds for all of them."""

    def draw(shapes, **columns):
        return drawn(shapes, **{k: v if isinstance(v, list) else [v] * len(shapes) for k, v in columns.items()})

    return draw


def total_m(roads, **thresholds) -> float:
    pieces = centrelines(roads, **thresholds)
    assert pieces["weight"].gt(0).all()
    assert pieces["weight"].le(1).all()
    return float((pieces.length * pieces["weight"]).sum())


def east(y=0.0, start=0.0, end=1000.0):
    return LineString([(start, y), (end, y)])


def west(y=0.0, start=0.0, end=1000.0):
    return LineString([(end, y), (start, y)])


def north(x=0.0, start=0.0, end=1000.0):
    return LineString([(x, start), (x, end)])


def south(x=0.0, start=0.0, end=1000.0):
    return LineString([(x, end), (x, start)])


def ring(diameter, centre=(0.0, 0.0)):
    """A roundabout with a vertex in each of 64 directions, closed."""
    turn = np.arange(65) % 64 * (2 * np.pi / 64)
    return LineString(np.round(np.column_stack([np.cos(turn), np.sin(turn)]) * diameter / 2 + centre, 3))


def arms(diameter, count=4, length=500.0):
    """Two-way streets from the roundabout outwards: east, north, west, south."""
    turns = [(1, 0), (0, 1), (-1, 0), (0, -1)][:count]
    return [LineString([(x * diameter / 2, y * diameter / 2), (x * length, y * length)]) for x, y in turns]


def town(drawn) -> gpd.GeoDataFrame:
    """A dual carriageway with a wide end, a side road, a roundabout, a pair without names, a street drawn twice, a bridge
    under one carriageway."""
    shapes = [
        *(east(0, 0, 930), west(30, 55, 1000), east(-22, 100, 700)),
        *(LineString([(0, 300), (400, 320), (800, 400)]), LineString([(790, 440), (400, 360), (10, 340)])),
        *(ring(40, (1500, 0)), east(0, 1520, 2000), north(1500, 20, 400), east(0, 1100, 1480)),
        *(north(2500), south(2500), MultiLineString([[(0, 900), (300, 930)], [(400, 940), (700, 900)]])),
        *(east(-600, 0, 400), east(-600, 400, 640), east(-600, 640, 1000), west(-580)),
    ]
    name = ["甲路", "甲路", "甲路辅路", None, None, None, "乙路", "乙路", "乙路", None, None, "丙路", *["丁路"] * 4]
    return drawn(
        shapes,
        road_class=["arterial"] * 3 + ["secondary"] * 2 + ["branch"] * 11,
        name=name,
        source_id=[f"way/{n}" for n in range(len(shapes))],
        oneway=[True] * 6 + [False] * 6 + [True] * 4,
        level=[0] * 13 + [1, 0, 0],
        roundabout=[shape.is_ring if isinstance(shape, LineString) else False for shape in shapes],
    )


# --- one street ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("oneway", [False, True])
def test_a_street_alone_counts_whole(drawn, oneway):
    roads = drawn([LineString([(0, 0), (600, 0), (600, 400)])], road_class="branch", name="交通大道", oneway=oneway)
    pieces = centrelines(roads)
    assert len(pieces) == 1
    assert pieces["weight"].tolist() == [1.0]
    assert pieces.length.sum() == pytest.approx(1000.0)


@pytest.mark.parametrize("apart_m", [8.0, 20.0, 40.0, 80.0, 100.0])
def test_a_dual_carriageway_is_as_long_as_its_centreline(drawn, apart_m):
    roads = drawn([east(0), west(apart_m)], road_class="arterial", name="迎宾大道", oneway=True)
    assert total_m(roads) == pytest.approx(1000.0)


def test_carriageways_of_one_name_further_apart_than_a_street_is_wide_are_two(drawn):
    roads = drawn([east(0), west(100.01)], road_class="arterial", name="迎宾大道", oneway=True)
    assert total_m(roads) == pytest.approx(2000.0)
    assert total_m(roads, street_width_m=101.0) == pytest.approx(1000.0)


def test_where_one_carriageway_begins_later_the_other_counts_whole(drawn):
    roads = drawn([east(0), west(20, 200, 1000)], road_class="arterial", name="迎宾大道", oneway=True)
    pieces = centrelines(roads)
    assert sorted(zip(pieces.length.round(6), pieces["weight"], strict=True)) == [(200, 1.0), (800, 0.5), (800, 0.5)]


def test_staggered_ends_count_along_the_whole_street(drawn):
    roads = drawn([east(0, 0, 800), west(20, 200, 1000)], road_class="arterial", name="迎宾大道", oneway=True)
    assert total_m(roads) == pytest.approx(1000.0)


def test_a_carriageway_cut_into_many_lines_is_still_one(drawn):
    cuts = [0, 13, 137, 140, 555, 990, 1000]
    bits = [west(20, a, b) for a, b in pairwise(cuts)]
    roads = drawn([east(0), *bits], road_class="arterial", name="迎宾大道", oneway=True)
    assert total_m(roads) == pytest.approx(1000.0)


def test_three_carriageways_are_one_street(drawn):
    roads = drawn([east(0), west(20), east(40)], road_class="arterial", name="迎宾大道", oneway=True)
    pieces = centrelines(roads)
    assert pieces["weight"].tolist() == pytest.approx([1 / 3] * 3)
    assert total_m(roads) == pytest.approx(1000.0)


def test_side_roads_belong_to_their_street(drawn):
    name = ["迎宾大道南侧辅路", "迎宾大道主路", "迎宾大道（主路）", "迎宾大道 辅路"]
    roads = drawn([east(-25), east(0), west(20), west(45)], road_class="arterial", name=name, oneway=True)
    assert total_m(roads) == pytest.approx(1000.0)


def test_one_way_side_roads_belong_to_a_main_road_drawn_as_one_two_way_line(drawn):
    roads = drawn(
        [east(-25), east(0), west(25)],
        road_class="arterial",
        name=["迎宾大道辅路", "迎宾大道", "迎宾大道辅路"],
        oneway=[True, False, True],
    )
    assert total_m(roads) == pytest.approx(1000.0)


def test_a_shorter_side_road_takes_nothing_from_the_rest(drawn):
    roads = drawn(
        [east(0), west(20), east(-20, 400, 600)],
        road_class="arterial",
        name=["迎宾大道", "迎宾大道", "迎宾大道辅路"],
        oneway=True,
    )
    assert total_m(roads) == pytest.approx(1000.0)


def test_a_curved_pair_is_as_long_as_the_curve_between(drawn):
    turn = np.linspace(0, np.pi / 2, 91)
    inner, outer = (np.column_stack([r * np.cos(turn), r * np.sin(turn)]) for r in (200.0, 220.0))
    roads = drawn([LineString(inner), LineString(outer[::-1])], road_class="arterial", name="环城路", oneway=True)
    assert total_m(roads) == pytest.approx(np.pi / 2 * 210, rel=1e-3)


def test_the_splayed_legs_before_a_roundabout_are_one_street(drawn):
    legs = [LineString([(0, 0), (40, 16)]), LineString([(40, -16), (0, 0)])]
    roads = drawn([*legs, east(0, -500, 0)], road_class="branch", name="甲路", oneway=[True, True, False])
    assert total_m(roads) == pytest.approx(500 + np.hypot(40, 16))
    assert total_m(roads, flare_deg=25.0) == pytest.approx(500 + 2 * np.hypot(40, 16))


# --- streets that must stay apart ---------------------------------------------------------------------------------


@pytest.mark.parametrize("apart_m", [40.0, 90.0])
@pytest.mark.parametrize("other_name", ["幸福巷", "和平巷"])
def test_two_way_parallel_streets_both_count(drawn, other_name, apart_m):
    names = ["幸福巷", other_name, "丙路"]
    roads = drawn([east(0), west(apart_m), north(-500)], road_class="local", name=names, oneway=[False, False, True])
    assert total_m(roads) == pytest.approx(3000.0)


@pytest.mark.parametrize("apart_m", [15.0, 55.0, 90.0, 120.0])
def test_a_couplet_of_two_names_is_two_streets(drawn, apart_m):
    roads = drawn([east(0), west(apart_m)], road_class="branch", name=["解放路", "人民路"], oneway=True)
    assert total_m(roads) == pytest.approx(2000.0)


def test_a_couplet_without_names_a_block_apart_is_two_streets(drawn):
    roads = drawn([east(0), west(100)], road_class="branch", name=None, oneway=True)
    assert total_m(roads) == pytest.approx(2000.0)


def test_a_pair_without_names_is_one_street(drawn):
    roads = drawn([east(0), west(62)], road_class="arterial", name=None, oneway=True)
    assert total_m(roads) == pytest.approx(1000.0)
    assert total_m(roads, pair_width_m=61.0) == pytest.approx(2000.0)


@pytest.mark.parametrize(
    ("other", "columns"),
    [
        (east(30), {}),  # the same direction
        (west(30), {"road_class": ["arterial", "branch"]}),
        (west(30), {"oneway": [True, False]}),
    ],
)
def test_without_names_only_an_opposite_one_way_of_the_same_class_pairs(drawn, other, columns):
    roads = drawn([east(0), other], **({"road_class": "arterial", "name": None, "oneway": True} | columns))
    assert total_m(roads) == pytest.approx(2000.0)


def test_the_nearer_pair_without_names_leaves_a_third_alone(drawn):
    roads = drawn([east(0), west(15), east(60)], road_class="arterial", name=None, oneway=True)
    assert total_m(roads) == pytest.approx(2000.0)


def test_of_four_without_names_only_the_two_nearest_to_each_other_pair(drawn):
    """The second line has a near neighbour that is taken and a far one that is free: it takes neither."""
    roads = drawn([west(50), east(0), west(-15), east(-18)], road_class="arterial", name=None, oneway=True)
    pieces = centrelines(roads)
    assert pieces["weight"].tolist() == [1.0, 1.0, 0.5, 0.5]


@pytest.mark.parametrize("carriageways", [[east(0), west(20)], [east(0), east(10), west(20)]])
def test_a_street_complete_by_its_name_takes_no_nameless_neighbour(drawn, carriageways):
    names = [*["迎宾大道"] * len(carriageways), None]
    roads = drawn([*carriageways, east(40)], road_class="arterial", name=names, oneway=True)
    assert total_m(roads) == pytest.approx(2000.0)


def test_a_carriageway_whose_name_is_missing_pairs_with_the_named_one(drawn):
    roads = drawn([east(0), west(15)], road_class="arterial", name=["迎宾大道", None], oneway=True)
    assert total_m(roads) == pytest.approx(1000.0)


def test_dual_carriageways_that_cross_keep_their_lengths(drawn):
    roads = drawn(
        [east(490), west(510), north(490), south(510)],
        road_class="arterial",
        name=["东西路", "东西路", None, None],
        oneway=True,
    )
    assert total_m(roads) == pytest.approx(2000.0)


def test_a_grid_of_250_m_has_a_density_of_8(drawn):
    """Dual carriageways and plain streets in turn; eight each way in the middle of 250 m bands: 8.00 km/km2."""
    shapes, names, oneway = [], [], []
    for n in range(8):
        at = 125.0 + 250.0 * n
        for axis, lines in (("东", (east, west)), ("北", (north, south))):
            if n % 2:
                shapes += [lines[0](at - 10, 0, 2000), lines[1](at + 10, 0, 2000)]
            else:
                shapes.append(lines[0](at, 0, 2000))
            names += [f"{axis}{n}路"] * (1 + n % 2)
            oneway += [bool(n % 2)] * (1 + n % 2)
    roads = drawn(shapes, road_class="branch", name=names, oneway=oneway)
    assert total_m(roads) / 1000 / 4 == pytest.approx(8.0)


# --- lines drawn more than once -----------------------------------------------------------------------------------


def test_a_street_drawn_once_in_each_direction_counts_once(drawn):
    bent = LineString([(0, 0), (500, 30), (1000, 0)])
    roads = drawn([bent, bent.reverse()], road_class="branch", name=None, oneway=[True, True])
    assert total_m(roads) == pytest.approx(bent.length)


@pytest.mark.parametrize("again", [LineString([(1000, 0), (400, 0)]), LineString([(400, 0), (1000, 0)])])
def test_a_street_drawn_partly_twice_counts_once(drawn, again):
    roads = drawn(
        [LineString([(0, 0), (400, 0), (1000, 0)]), again, north(5000)],
        road_class="branch",
        name=["甲路", "乙路", "丙路"],
        oneway=[False, False, True],
    )
    pieces = centrelines(roads)
    assert pieces["weight"].tolist() == [1.0, 0.5, 0.5, 1.0]
    assert total_m(roads) == pytest.approx(2000.0)


def test_a_dual_carriageway_drawn_twice_counts_once(drawn):
    roads = drawn([east(0), east(0), west(20), west(20)], road_class="arterial", name="甲路", oneway=True)
    assert total_m(roads) == pytest.approx(1000.0)


def test_an_elevated_road_drawn_on_its_ground_road_is_another_road(drawn):
    roads = drawn([east(0), east(0)], road_class="expressway", name="甲路", oneway=False, level=[0, 1])
    assert total_m(roads) == pytest.approx(2000.0)
    assert total_m(roads, merge_levels=True) == pytest.approx(1000.0)


@pytest.mark.parametrize("name", ["甲路", ["甲路", "甲路", "甲路高架", "甲路高架"]])
def test_an_elevated_dual_carriageway_over_a_ground_one_is_two_roads(drawn, name):
    shapes = [east(-20), west(20), east(-8), west(8)]
    roads = drawn(shapes, road_class="expressway", name=name, oneway=True, level=[0, 0, 1, 1])
    assert total_m(roads) == pytest.approx(2000.0)
    assert total_m(roads, merge_levels=True) == pytest.approx(1000.0 if name == "甲路" else 2000.0)


# --- carriageways of one street on two levels ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["甲路", None])
@pytest.mark.parametrize("levels", [[0, 1, 0, 0], [0, -1, 0, 0], [0, 1, 0, 2], [1, 1, 1, 0]], ids=str)
@pytest.mark.parametrize("apart_m", [7.0, 20.0, 62.0])
def test_a_bridge_under_one_carriageway_leaves_one_street(drawn, name, levels, apart_m):
    shapes = [east(0, 0, 400), east(0, 400, 650), east(0, 650, 1000), west(apart_m)]
    roads = drawn(shapes, road_class="arterial", name=name, oneway=True, level=levels)
    assert total_m(roads) == pytest.approx(1000.0)


def test_bridges_that_begin_at_different_places_leave_one_street(drawn):
    """Where only one is on its bridge the two are on two levels."""
    shapes = [east(0, 0, 400), east(0, 400, 700), east(0, 700, 1000)]
    shapes += [west(20, 0, 300), west(20, 300, 600), west(20, 600, 1000)]
    roads = drawn(shapes, road_class="arterial", name="甲路", oneway=True, level=[0, 1, 0, 0, 1, 0])
    assert total_m(roads) == pytest.approx(1000.0)


@pytest.mark.parametrize("degrees", [0.0, 33.3])
@pytest.mark.parametrize("name", ["甲路", None])
@pytest.mark.parametrize(("apart_m", "length_m"), [(0.3, 2000.0), (6.9, 2000.0), (7.0, 1000.0)])
def test_carriageways_on_two_levels_nearer_than_two_lanes_lie_above_each_other(drawn, name, apart_m, length_m, degrees):
    roads = drawn([east(0), west(apart_m)], road_class="arterial", name=name, oneway=True, level=[0, 1])
    turned = _shapes(roads, lambda g: rotate(g, degrees, origin=Point(441_000, 3_507_000)))
    assert total_m(turned) == pytest.approx(length_m)


@pytest.mark.parametrize(
    ("other", "columns"),
    [
        (east(20), {}),  # the same direction
        (west(20), {"name": ["甲路", "甲路高架"]}),
        (west(20), {"name": None, "road_class": ["arterial", "expressway"]}),
        (west(20), {"oneway": [True, False]}),
        (west(20), {"oneway": False}),  # the layer does not say
        (west(20), {"oneway": False, "name": None}),
        (west(20), {"name": ["甲路", "甲路辅路"], "oneway": False}),
        (west(100.01), {}),
        (west(62.01), {"name": None}),
    ],
)
def test_other_roads_on_two_levels_are_two(drawn, other, columns):
    columns = {"road_class": "arterial", "name": "甲路", "oneway": True} | columns
    assert total_m(drawn([east(0), other], level=[0, 1], **columns)) == pytest.approx(2000.0)


@pytest.mark.parametrize("name", ["甲路", None])
@pytest.mark.parametrize("flyover", [east(0), west(0), west(-8)])
def test_a_flyover_of_one_direction_over_a_ground_road_is_another_road(drawn, name, flyover):
    """It lies 8 m to 15 m beside the carriageways of the ground road, which needs no third."""
    roads = drawn([east(-15), west(15), flyover], road_class="arterial", name=name, oneway=True, level=[0, 0, 1])
    pieces = centrelines(roads)
    assert pieces["weight"].tolist() == [0.5, 0.5, 1.0]


@pytest.mark.parametrize(("name", "slope"), [("甲路", 0.8), (None, 0.1), (None, 0.8)])
def test_a_flyover_that_crosses_a_divided_road_takes_nothing_from_it(drawn, name, slope):
    crossing = LineString([(800, 300 * slope), (200, -300 * slope)])
    roads = drawn([east(-10), west(10), crossing], road_class="motorway", name=name, oneway=True, level=[0, 0, 1])
    assert total_m(roads) == pytest.approx(1000.0 + crossing.length)


@pytest.mark.parametrize("ground", [east(0), west(20)])
def test_an_elevated_road_over_a_two_way_ground_road_is_another_road(drawn, ground):
    shapes, oneway = [ground, east(-8), west(8)], [False, True, True]
    roads = drawn(shapes, road_class="arterial", name="甲路", oneway=oneway, level=[0, 1, 1])
    assert total_m(roads) == pytest.approx(2000.0)
    above = drawn([east(0), east(-20), west(20)], road_class="arterial", name="甲路", oneway=oneway, level=[1, 0, 0])
    assert total_m(above) == pytest.approx(2000.0)


@pytest.mark.parametrize(
    ("levels", "length_m"),
    [([1, 0, 0, 0], 1000.0), ([0, 0, 1, 1], 1000.0), ([0, 1, 1, 0], 2000.0), ([0, 1, 0, 0], 2000.0)],
)
def test_side_roads_and_main_carriageways_on_levels(drawn, levels, length_m):
    """What has one direction only and lies outside is part of the street; what lies between, or is whole, is another."""
    name = ["甲路辅路", "甲路主路", "甲路主路", "甲路辅路"]
    roads = drawn([east(-25), east(0), west(20), west(45)], road_class="arterial", name=name, oneway=True, level=levels)
    assert total_m(roads) == pytest.approx(length_m)


@pytest.mark.parametrize(("levels", "weights"), [([1, 0, 0], [1 / 3] * 3), ([0, 1, 0], [0.5, 1.0, 0.5])])
def test_a_two_way_side_road_has_both_directions(drawn, levels, weights):
    roads = drawn(
        [east(0), west(20), west(45)],
        road_class="arterial",
        name=["甲路", "甲路", "甲路辅路"],
        oneway=[True, True, False],
        level=levels,
    )
    assert centrelines(roads)["weight"].tolist() == pytest.approx(weights)


@pytest.mark.parametrize("side_road", [east(20), west(20)])
def test_a_two_way_line_has_both_directions_however_it_is_drawn(drawn, side_road):
    names = ["甲路", "甲路辅路"]
    roads = drawn([east(0), side_road], road_class="arterial", name=names, oneway=[True, False], level=[1, 0])
    assert total_m(roads) == pytest.approx(1000.0)


def test_without_names_the_carriageway_on_the_own_level_comes_first(drawn):
    roads = drawn([east(0), west(30), west(-12)], road_class="arterial", name=None, oneway=True, level=[0, 0, 1])
    assert centrelines(roads)["weight"].tolist() == [0.5, 0.5, 1.0]


def test_halves_on_two_levels_count_in_the_higher_class(drawn):
    roads = drawn([east(0), west(20)], road_class=["branch", "arterial"], name="甲路", oneway=True, level=[0, 1])
    assert centrelines(roads)["street_class"].tolist() == ["arterial", "arterial"]


def test_a_ramp_on_another_level_counts_whole(drawn):
    roads = drawn([east(0), west(20), east(-12)], road_class="expressway", oneway=True, ramp=[False, False, True])
    assert total_m(roads.assign(level=[0, 0, 1])) == pytest.approx(2000.0)


# --- roundabouts and ramps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("diameter_m", [20.0, 60.0])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_roundabout_stands_for_the_streets_that_meet_in_it(drawn, count, diameter_m):
    roads = drawn([ring(diameter_m), *arms(diameter_m, count)], road_class="branch", name="甲路")
    roads["roundabout"] = [True] + [False] * count
    assert total_m(roads) == pytest.approx(count * 500, rel=1e-3)
    assert total_m(roads.assign(oneway=roads["roundabout"])) == pytest.approx(count * 500, rel=1e-3)


def test_an_arm_drawn_once_in_each_direction_is_one_arm(drawn):
    there = arms(60)
    shapes = [ring(60), *there, *[arm.reverse() for arm in there]]
    roads = drawn(shapes, road_class="branch", oneway=True, roundabout=[True] + [False] * 8)
    assert total_m(roads) == pytest.approx(2000.0, rel=1e-3)


def test_a_roundabout_in_two_halves_is_one_roundabout(drawn):
    whole = np.asarray(ring(60).coords)
    halves = [LineString(whole[:33]), LineString(whole[32:])]
    roads = drawn([*halves, *arms(60)], road_class="branch", oneway=[True] * 2 + [False] * 4)
    roads["roundabout"] = roads["oneway"]
    assert total_m(roads) == pytest.approx(2000.0, rel=1e-3)


def test_a_dual_carriageway_is_one_arm_of_a_roundabout(drawn):
    shape = ring(60)
    vertices = np.asarray(shape.coords)
    there, back = vertices[2], vertices[62]
    legs = [LineString([there, (500, there[1])]), LineString([(500, back[1]), back])]
    roads = drawn([shape, *legs, *arms(60, 3)[1:]], road_class="branch", name=[None, "甲路", "甲路", "乙路", "丙路"])
    roads["oneway"] = [True, True, True, False, False]
    roads["roundabout"] = [True, False, False, False, False]
    leg_m = 500 - there[0]
    assert total_m(roads) == pytest.approx(leg_m + 470 * 2 + 90, rel=1e-3)


def test_a_ramp_is_no_arm(drawn):
    roads = drawn([ring(60), *arms(60, 3)], road_class="branch", ramp=[False, False, False, True])
    roads["roundabout"] = [True, False, False, False]
    assert total_m(roads) == pytest.approx(2 * 500 + 470, rel=1e-3)


def test_a_roundabout_without_streets_keeps_a_half_diameter(drawn):
    assert total_m(drawn([ring(60)], road_class="branch", roundabout=True)) == pytest.approx(30, rel=1e-3)


def test_a_loop_that_is_no_roundabout_counts_whole(drawn):
    roads = drawn([ring(60)], road_class="local")
    assert total_m(roads) == pytest.approx(ring(60).length)


@pytest.mark.parametrize("ramp_name", [None, "甲路"])
def test_a_ramp_beside_its_road_adds_nothing_and_elsewhere_counts(drawn, ramp_name):
    main = [east(0), west(20)]
    beside, away = east(-12, 400, 600), east(300, 0, 100)
    columns = {"road_class": "expressway", "name": ["甲路", "甲路", ramp_name, None], "oneway": True}
    roads = drawn([*main, beside, away], ramp=[False, False, True, True], **columns)
    assert total_m(roads) == pytest.approx(1100.0, abs=1.0)
    assert total_m(roads[~roads["ramp"]]) == pytest.approx(1000.0)


@pytest.mark.parametrize(
    "columns",
    [{"oneway": [False, True]}, {"oneway": [True, True], "road_class": ["expressway", "arterial"]}],
    ids=["beside a two-way road", "of another class"],
)
def test_other_ramps_count_whole(drawn, columns):
    roads = drawn([east(0), east(12)], **({"road_class": "expressway", "ramp": [False, True]} | columns))
    assert total_m(roads) == pytest.approx(2000.0)


# --- layers that do not say which lines are one-way ---------------------------------------------------------------


@pytest.mark.parametrize("second", [east, west])
def test_without_one_way_flags_a_narrow_pair_of_one_class_is_one_street(drawn, second):
    roads = drawn([east(0), second(20)], road_class="arterial")
    assert total_m(roads) == pytest.approx(1000.0)


@pytest.mark.parametrize("apart_m", [40.0, 60.0])
def test_without_one_way_flags_parallel_streets_both_count(drawn, apart_m):
    roads = drawn([east(0), east(apart_m)], road_class="local")
    assert total_m(roads) == pytest.approx(2000.0)


def test_without_one_way_flags_two_classes_or_two_names_are_two_streets(drawn):
    assert total_m(drawn([east(0), east(20)], road_class=["arterial", "local"])) == pytest.approx(2000.0)
    assert total_m(drawn([east(0), east(20)], road_class="local", name=["甲路", "乙路"])) == pytest.approx(2000.0)


@pytest.mark.parametrize("start", [0, 700])
def test_without_one_way_flags_a_motorway_is_always_divided(drawn, start):
    assert total_m(drawn([east(0), east(50, start)], road_class="motorway")) == pytest.approx(1000.0)


def test_without_one_way_flags_a_ramp_beside_its_motorway_adds_nothing(drawn):
    shapes = [east(0), west(20), east(-12, 400, 600)]
    assert total_m(drawn(shapes, road_class="motorway", ramp=[False, False, True])) == pytest.approx(1000.0)


def test_a_roundabout_drawn_one_way_does_not_tell_which_streets_are(drawn):
    roads = drawn([ring(60, (0, -300)), east(0), east(20)], road_class="arterial", oneway=[True, False, False])
    roads["roundabout"] = roads["oneway"]
    assert total_m(roads) == pytest.approx(1030.0, rel=1e-3)


def test_without_one_way_flags_the_way_ends_where_its_class_changes(drawn):
    shapes = [east(0, 0, 300), east(0, 300, 1000), east(20, 0, 300)]
    assert total_m(drawn(shapes, road_class=["arterial", "branch", "arterial"])) == pytest.approx(1000.0)
    assert total_m(drawn(shapes, road_class="arterial")) == pytest.approx(1150.0)


def test_without_one_way_flags_one_name_is_one_street(drawn):
    """Up to the width of its class: further apart, two lines of one name may be the two sides of a loop of small streets."""
    assert total_m(drawn([east(0), east(50)], road_class="arterial", name="甲路")) == pytest.approx(1000.0)
    assert total_m(drawn([east(0), east(62)], road_class="arterial", name="甲路")) == pytest.approx(1000.0)
    assert total_m(drawn([east(0), east(62.01)], road_class="arterial", name="甲路")) == pytest.approx(2000.0)
    loop = drawn([east(0), east(30)], road_class="local", name="甲路")
    assert total_m(loop) == pytest.approx(1000.0)
    assert total_m(loop, pair_width_m=29.0) == pytest.approx(2000.0)
    assert total_m(drawn([east(0), east(30.01)], road_class="local", name="甲路")) == pytest.approx(2000.0)


def test_without_one_way_flags_a_side_road_lies_as_far_off_as_its_name_says(drawn):
    """Two streets, and a loop of 90 m across that is none."""
    name = ["甲路", "甲路辅路", "丙路", "丁路", "丁路"]
    roads = drawn([east(0), east(100), north(-500), east(3000), west(3090)], road_class="arterial", name=name)
    assert total_m(roads) == pytest.approx(4000.0)
    assert total_m(roads, street_width_m=99.0) == pytest.approx(5000.0)


@pytest.mark.parametrize(("beside_m", "length_m"), [(600, 1000), (580, 1000 + 580 / 2)])
def test_without_one_way_flags_a_neighbour_must_run_along_most_of_the_way(drawn, beside_m, length_m):
    """A 1 km street with a shorter one beside it, which itself is accompanied all along and always counts half."""
    roads = drawn([east(0), east(20, 0, beside_m)], road_class="local")
    assert total_m(roads) == pytest.approx(length_m)


def test_without_one_way_flags_the_way_ends_at_junctions_not_at_line_ends(drawn):
    """A neighbour beside the middle block only: cut there by two cross streets, it pairs; without them it does not."""
    main = [LineString([(0, 0), (200, 0)]), LineString([(200, 0), (300, 0)]), LineString([(300, 0), (1000, 0)])]
    beside = east(20, 200, 300)
    streets = [LineString([(200, 0), (200, -500)]), LineString([(300, 0), (300, -500)])]
    assert total_m(drawn([*main, beside], road_class="local")) == pytest.approx(1050.0)
    assert total_m(drawn([*main, beside, *streets], road_class="local")) == pytest.approx(2000.0)


# --- bookkeeping --------------------------------------------------------------------------------------------------


def test_the_town_is_as_long_as_reckoned(drawn):
    """甲路 1000 (0-1000), the bent pair about its mean, the roundabout 3 x 20, 乙路 480 + 380 + 380, the twice drawn
    street 1000, the two-part 丙路 whole, 丁路 1000."""
    roads = town(drawn)
    bent = roads.length.iloc[3:5].mean()
    expected = 1000 + bent + 60 + 480 + 380 + 380 + 1000 + roads.length.iloc[11] + 1000
    assert total_m(roads) == pytest.approx(expected, rel=5e-3)


def test_pieces_cover_every_line_exactly_once(drawn):
    roads = town(drawn)
    pieces = centrelines(roads)
    assert len(pieces) > len(roads)
    for source_id, parts in pieces.groupby("source_id"):
        line = roads.geometry[roads["source_id"] == source_id].iloc[0]
        assert parts.length.sum() == pytest.approx(line.length, rel=1e-9)
        assert shapely.hausdorff_distance(parts.union_all(), line) < 1e-6
        assert line.buffer(1e-6).covers(parts.union_all())
    shapes = pieces.geometry.to_numpy()
    assert (
        shapely.get_num_points(shapely.remove_repeated_points(shapes, 1e-6)) == shapely.get_num_points(shapes)
    ).all()


def test_pieces_keep_the_columns_the_order_and_the_direction_of_their_line(drawn):
    roads = town(drawn).assign(surface="asphalt").set_index(np.arange(16) + 100)
    pieces = centrelines(roads)
    assert list(pieces.columns) == [*roads.columns, "street_class", "weight", "weight_low", "weight_high"]
    assert pieces.index.tolist() == list(range(len(pieces)))
    assert pieces["source_id"].drop_duplicates().tolist() == roads["source_id"].tolist()
    assert pieces.crs == roads.crs
    west_bound = pieces[pieces["source_id"] == "way/1"]
    x = [x for part in west_bound.geometry for x, _ in part.coords]
    assert x == sorted(x, reverse=True)


def test_neighbouring_pieces_of_a_line_differ_in_weight(drawn):
    pieces = centrelines(drawn([east(0), west(20, 200, 1000)], road_class="arterial", name="甲路", oneway=True))
    assert len(pieces) == 3


def test_classes_add_up_to_the_whole(drawn):
    pieces = centrelines(town(drawn))
    counted_m = pieces.length * pieces["weight"]
    assert counted_m.groupby(pieces["road_class"]).sum().sum() == pytest.approx(counted_m.sum(), rel=1e-12)
    assert set(pieces["road_class"]) == {"arterial", "secondary", "branch"}


def test_nothing_to_count_is_zero(drawn):
    empty = drawn([east()], road_class="branch").iloc[:0]
    pieces = centrelines(empty)
    assert len(pieces) == 0
    assert "weight" in pieces


def test_a_line_of_no_length_gives_no_piece(drawn):
    roads = drawn([LineString([(5, 5), (5, 5)]), east()], road_class="branch")
    assert total_m(roads) == pytest.approx(1000.0)


def test_the_input_is_left_as_it_was(drawn):
    roads = town(drawn)
    before = roads.copy(deep=True)
    centrelines(roads)
    assert roads.equals(before)


# --- invariances --------------------------------------------------------------------------------------------------


def _shapes(roads, change):
    return roads.set_geometry(roads.geometry.apply(change), crs=roads.crs)


@pytest.mark.parametrize("untold", [False, True])
@pytest.mark.parametrize(
    "change",
    [
        lambda roads: _shapes(roads, lambda g: translate(g, 12_345.6, -7_654.3)),
        lambda roads: _shapes(roads, lambda g: rotate(g, 33.3, origin=Point(441_000, 3_507_000))),
        lambda roads: _shapes(roads, lambda g: rotate(g, 180.0, origin=Point(441_000, 3_507_000))),
        lambda roads: roads.sample(frac=1.0, random_state=7),
        lambda roads: roads.set_geometry(
            np.where(roads["oneway"], roads.geometry, roads.geometry.reverse()), crs=roads.crs
        ),
        lambda roads: _shapes(roads, shapely.reverse),  # all traffic turned round
    ],
    ids=["moved", "turned", "turned half round", "shuffled", "two-way lines reversed", "all reversed"],
)
def test_the_length_does_not_depend_on_how_the_town_is_drawn(drawn, change, untold):
    roads = town(drawn)
    if untold:
        roads["oneway"] = False
    assert total_m(change(roads)) == pytest.approx(total_m(roads), rel=1e-6)


@pytest.mark.parametrize("degrees", [0.1, 17.0, 33.3, 45.0, 76.5, 121.0, 240.0])
@pytest.mark.parametrize(
    ("name", "apart_m"), [("甲路", 100.0), (None, 62.0)], ids=["street as wide as allowed", "pair as wide as allowed"]
)
def test_turning_does_not_tip_what_lies_exactly_on_a_limit(drawn, name, apart_m, degrees):
    """The pair is as far apart as allowed, one carriageway begins beside the middle of a section of the other."""
    roads = drawn([east(0), west(apart_m, 190, 1000)], road_class="arterial", name=name, oneway=True)
    turned = _shapes(roads, lambda g: rotate(g, degrees, origin=Point(441_000, 3_507_000)))
    assert total_m(turned) == pytest.approx(total_m(roads), rel=1e-6)
    assert total_m(roads) == pytest.approx(1000.0, abs=10.0)


def test_a_mirrored_town_drives_on_the_other_side_and_is_as_long(drawn):
    roads = town(drawn)
    mirrored = _shapes(roads, lambda g: shapely.transform(g, lambda xy: xy * [-1, 1] + [882_000, 0]))
    assert total_m(mirrored) == pytest.approx(total_m(roads), rel=1e-6)


@pytest.mark.parametrize("threshold", ["street_width_m", "pair_width_m", "untold_width_m"])
@pytest.mark.parametrize("untold", [False, True])
def test_a_wider_street_never_makes_the_network_longer(drawn, threshold, untold):
    roads = town(drawn)
    if untold:
        roads["oneway"] = False
    lengths = [total_m(roads, **{threshold: width_m}) for width_m in (0.0, 20.0, 45.0, 70.0, 90.0)]
    assert all(longer >= shorter - 1e-6 for longer, shorter in pairwise(lengths))


# --- names and errors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("迎宾大道辅路", "迎宾大道"),
        ("迎宾大道（辅路）", "迎宾大道"),
        ("迎宾大道北侧辅道", "迎宾大道"),
        ("迎宾大道 主路", "迎宾大道"),
        ("Usk Way Service Road", "uskway"),
        ("Service Road", ""),
        ("主路街", "街"),
        ("环城路(东行)", "环城路"),
    ],
)
def test_words_for_one_carriageway_are_not_part_of_the_name(name, base):
    assert base_name(name) == (base, True)


def test_roads_in_degrees_are_refused():
    roads = gpd.GeoDataFrame({"road_class": ["branch"]}, geometry=[LineString([(113, 31), (113.1, 31)])], crs=4326)
    with pytest.raises(LayerError, match="layer roads: its coordinate system is EPSG:4326, which is in degrees"):
        centrelines(roads)


def test_roads_without_a_class_are_refused(drawn):
    with pytest.raises(LayerError, match="layer roads has no column road_class"):
        centrelines(drawn([east()], klass="branch"))


def test_a_side_road_counts_with_the_class_of_its_street():
    lines = shapely.linestrings([[(0, 0), (900, 0)], [(900, 20), (0, 20)], [(300, 40), (600, 40)]])
    roads = gpd.GeoDataFrame(
        {
            "road_class": ["arterial", "arterial", "branch"],
            "name": ["随州大道", "随州大道", "随州大道辅路"],
            "oneway": True,
        },
        geometry=lines,
        crs="EPSG:4547",
    )
    pieces = centrelines(roads)
    by_class = (pieces.length * pieces["weight"]).groupby(pieces["street_class"]).sum()
    assert by_class.to_dict() == {"arterial": pytest.approx(900.0)}
    assert set(pieces["road_class"]) == {"arterial", "branch"}
