"""Strokes of drawn streets: name first, then the straightest way on; carriageways, roundabouts, gaps."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point
from shapely.affinity import rotate, translate

from suizhou_geo.errors import LayerError
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.streets.strokes import stroke_names, stroke_numbers
from suizhou_geo.study_area.layers import conform


def strokes(lines):
    """One row per stroke: the name most of it bears, its length, how many pieces it has, and all of its lines."""
    number = stroke_numbers(lines)
    kept = lines[number >= 0].assign(stroke=number[number >= 0])
    kept["length_m"] = kept.length * kept["weight"]
    count = int(number.max(initial=-1)) + 1
    order = np.argsort(kept["stroke"].to_numpy(), kind="stable")
    parts = kept.geometry.to_numpy()[order]
    shapes = shapely.multilinestrings(parts, indices=kept["stroke"].to_numpy()[order]) if count else parts
    return gpd.GeoDataFrame(
        {
            "name": stroke_names(lines, number),
            "length_m": np.bincount(kept["stroke"], kept["length_m"], minlength=count),
            "pieces": np.bincount(kept["stroke"], minlength=count),
        },
        geometry=shapely.line_merge(shapes),
        crs=lines.crs,
    )


def _pieces(drawn, *rows):
    """Rows of (name, [points]) as pieces that weigh one."""
    names, lines = zip(*rows, strict=True)
    shapes = [LineString(line) for line in lines]
    columns = {"road_class": "arterial", "roundabout": False, "weight": 1.0}
    return drawn(shapes, name=list(names), **{k: [v] * len(shapes) for k, v in columns.items()})


def test_a_name_goes_on_round_every_corner_and_past_a_straighter_one(drawn):
    pieces = _pieces(
        drawn,
        ("解放路", [(0, 0), (100, 0)]),
        ("解放路", [(100, 0), (100, 100)]),
        ("交通大道", [(100, 0), (200, 0)]),
    )
    assert stroke_numbers(pieces).tolist() == [0, 0, 1]
    whole = strokes(pieces)
    assert whole["name"].tolist() == ["解放路", "交通大道"]
    assert whole["length_m"].tolist() == pytest.approx([200.0, 100.0])
    assert whole["pieces"].tolist() == [2, 1]
    assert whole.length.tolist() == pytest.approx([200.0, 100.0])


def test_without_names_the_straightest_pair_is_joined_first(drawn):
    # four arms at (0, 0): west-east turns by 0, and the other two by 20 degrees
    up = (100 * np.sin(np.radians(20)), 100 * np.cos(np.radians(20)))
    pieces = _pieces(
        drawn,
        (None, [(-100, 0), (0, 0)]),
        (None, [(0, -100), (0, 0)]),
        (None, [(0, 0), up]),
        (None, [(0, 0), (100, 0)]),
    )
    assert stroke_numbers(pieces).tolist() == [0, 1, 1, 0]
    assert stroke_numbers(pieces, most_turn_deg=19.9).tolist() == [0, 1, 2, 0]
    assert stroke_numbers(pieces, most_turn_deg=20.1).tolist() == [0, 1, 1, 0]


def test_an_end_has_one_continuation_only(drawn):
    fork = [(100 * np.cos(a), 100 * np.sin(a)) for a in np.radians([10, -30])]
    pieces = _pieces(drawn, (None, [(-100, 0), (0, 0)]), (None, [(0, 0), fork[1]]), (None, [(0, 0), fork[0]]))
    assert stroke_numbers(pieces).tolist() == [0, 1, 0]


def test_an_end_at_the_side_of_a_street_joins_nothing(drawn):
    pieces = _pieces(drawn, (None, [(-100, 0), (0, 0), (100, 1)]), (None, [(-100, -30), (0, 0)]))
    assert stroke_numbers(pieces).tolist() == [0, 1]


def test_where_a_name_ends_the_street_goes_on_straight_under_another(drawn):
    pieces = _pieces(
        drawn,
        ("汉东西路", [(-300, 0), (0, 0)]),
        ("汉东东路", [(0, 0), (200, 5)]),
        ("解放路", [(0, -100), (0, 0)]),
        ("解放路", [(0, 0), (0, 100)]),
    )
    assert stroke_numbers(pieces).tolist() == [0, 0, 1, 1]
    assert strokes(pieces)["name"].tolist() == ["汉东西路", "解放路"]  # the longer name


def test_a_name_that_goes_on_is_not_led_astray(drawn):
    # 解放路 turns off; the unnamed street straight ahead stays by itself
    pieces = _pieces(drawn, ("解放路", [(-100, 0), (0, 0)]), ("解放路", [(0, 0), (0, 100)]), (None, [(0, 0), (100, 0)]))
    assert stroke_numbers(pieces).tolist() == [0, 0, 1]


def test_a_gap_is_a_gap_and_a_bridge_meets_nothing(drawn):
    gap = _pieces(drawn, ("白云大道", [(0, 0), (0, 100)]), ("白云大道", [(0, 156), (0, 300)]))
    assert stroke_numbers(gap).tolist() == [0, 1]
    over = _pieces(drawn, (None, [(-50, 0), (50, 0)]), (None, [(0, -50), (0, 50)]))
    assert stroke_numbers(over).tolist() == [0, 1]


def _centred(roads):
    return centrelines(conform(roads, "roads", crs=roads.crs))


def _dual(drawn, gap_m=0.0, name="迎宾大道", width_m=36):
    """A dual carriageway 2 km long, cut by a gap in the middle."""
    half = gap_m / 2
    spans = [(0, 1000 - half), (1000 + half, 2000)]
    lines = [LineString([(0, a), (0, b)]) for a, b in spans]
    lines += [LineString([(width_m, b), (width_m, a)]) for a, b in spans]
    return drawn(lines, road_class=["arterial"] * 4, name=[name] * 4, oneway=[True] * 4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["迎宾大道", None])
def test_two_carriageways_are_one_stroke_and_a_railway_parts_it(drawn, name):
    whole = strokes(_centred(_dual(drawn, name=name)))
    assert whole["length_m"].tolist() == pytest.approx([2000.0])
    parted = strokes(_centred(_dual(drawn, gap_m=56, name=name)))
    assert parted["length_m"].tolist() == pytest.approx([972.0, 972.0])


@pytest.mark.parametrize("gap_m", [0, 1])
@pytest.mark.parametrize("half_m", [12, 0])
def test_two_carriageways_become_one_line_at_a_junction(drawn, gap_m, half_m):
    # they meet the cross street on both sides of the line, or both in one point 3 m beside it
    left, right = (-half_m, half_m) if half_m else (3, 3)
    lines = [
        LineString([(-12, 500), (-12, 40), (left, 0)]),
        LineString([(right, 0), (12, 40), (12, 500)]),
        LineString([(0, -gap_m), (0, -500)]),
        LineString([(x, 0) for x in sorted({-500, left, 0, right, 500})]),
    ]
    names, oneway = ["编钟大道"] * 3 + ["交通大道"], [True, True, False, False]
    roads = drawn(lines, road_class=["arterial"] * 4, name=names, oneway=oneway)
    assert stroke_numbers(_centred(roads)).tolist() == [0, 0, 0, 1]


def test_a_narrow_gap_in_a_wide_street_is_a_gap(drawn):
    parted = strokes(_centred(_dual(drawn, gap_m=15, width_m=18)))
    assert parted["length_m"].tolist() == pytest.approx([992.5, 992.5])


def _halves(drawn, name, *lines):
    return _pieces(drawn, *((name, line) for line in lines)).assign(weight=0.5)


@pytest.mark.parametrize(
    ("name", "apart_m", "groups"), [("大道", 99, 1), ("大道", 101, 2), (None, 61, 1), (None, 63, 2)]
)
def test_how_far_apart_carriageways_may_lie(drawn, name, apart_m, groups):
    pieces = _halves(drawn, name, [(0, 0), (0, 500)], [(apart_m, 400), (apart_m, 0)])
    assert stroke_numbers(pieces).max() + 1 == groups


def test_short_pieces_behind_each_other_are_not_abreast(drawn):
    assert stroke_numbers(_halves(drawn, "大道", [(0, 0), (0, 40)], [(0, 60), (0, 100)])).tolist() == [0, 1]


def test_two_streets_of_one_name_that_pass_each_other_stay_two(drawn):
    bits = [[(0, 0), (0, 100)], [(15, -60), (15, 100)], [(0, 100), (0, 200)], [(15, 100), (15, 260)]]
    assert stroke_numbers(_pieces(drawn, *(("大道", bit) for bit in bits))).tolist() == [0, 1, 0, 1]


def test_side_roads_belong_to_their_street(drawn):
    lines = [LineString([(x, 0), (x, 500)]) for x in (0, 20)] + [LineString([(45, 0), (45, 500)])]
    roads = drawn(
        [lines[0].reverse(), lines[1], lines[2]],
        road_class=["arterial", "arterial", "branch"],
        name=["随州大道", "随州大道", "随州大道辅路"],
        oneway=[True] * 3,
    )
    whole = strokes(_centred(roads))
    assert whole["length_m"].tolist() == pytest.approx([500.0])


def test_unnamed_carriageways_take_their_nearest_and_leave_the_named_street_alone(drawn):
    # a named pair at x = 0 and 15, an unnamed pair at 50 and 65
    lines = [LineString([(x, 0), (x, 600)]) for x in (0, 15, 50, 65)]
    lines = [line if n % 2 else line.reverse() for n, line in enumerate(lines)]
    roads = drawn(lines, road_class=["arterial"] * 4, name=["解放路"] * 2 + [None] * 2, oneway=[True] * 4)
    assert stroke_numbers(_centred(roads)).tolist() == [0, 0, 1, 1]


def test_a_roundabout_is_a_junction(drawn):
    ring = Point(0, 0).buffer(30, quad_segs=8).exterior
    arms = [LineString([(x, y), (10 * x, 10 * y)]) for x, y in ((30, 0), (-30, 0), (0, 30), (0, -30))]
    pieces = drawn(
        [LineString(ring.coords), *arms],
        road_class=["arterial"] * 5,
        name=["解放路", "交通大道", "交通大道", None, None],
        roundabout=[True] + [False] * 4,
        weight=[0.6] + [1.0] * 4,
    )
    assert stroke_numbers(pieces).tolist() == [-1, 0, 0, 1, 1]
    assert strokes(pieces)["length_m"].tolist() == pytest.approx([540.0, 540.0])


@pytest.mark.parametrize("seed", range(5))
def test_order_direction_and_place_change_nothing(drawn, seed):
    """A grid of 6 x 6 unnamed streets in bits: 12 strokes, however it is drawn."""
    rng = np.random.default_rng(seed)
    bits = [[(x, y), (x + 100, y)] for x in range(0, 500, 100) for y in range(0, 600, 100)]
    bits += [[(y, x), (y, x + 100)] for y in range(0, 600, 100) for x in range(0, 500, 100)]
    lines = [LineString(bit if rng.random() < 0.5 else bit[::-1]) for bit in bits]
    rng.shuffle(lines)
    turned = [translate(rotate(line, 17.0 * seed, origin=(0, 0)), 1234.5 * seed, 0) for line in lines]
    whole = strokes(_pieces(drawn, *((None, line.coords) for line in turned)))
    assert sorted(whole["length_m"].round(6)) == [500.0] * 12
    assert (whole["pieces"] == 5).all()


def test_nothing_gives_nothing(drawn):
    pieces = _pieces(drawn, ("a", [(0, 0), (1, 0)])).iloc[:0]
    assert len(strokes(pieces)) == 0
    assert len(stroke_numbers(pieces)) == 0


def test_what_is_no_piece_is_refused(drawn):
    pieces = _pieces(drawn, ("a", [(0, 0), (1, 0)]))
    with pytest.raises(LayerError, match="no column weight"):
        strokes(pieces.drop(columns="weight"))
    several = gpd.GeoDataFrame(pieces, geometry=[shapely.multilinestrings([pieces.geometry.iloc[0]])], crs=pieces.crs)
    with pytest.raises(LayerError, match="row 0 is no LineString"):
        strokes(several)
