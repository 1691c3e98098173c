"""Drawn streets of which not everything is told: what they are for sure, most likely, and at the very most one street."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely import LineString, box
from shapely.affinity import rotate, translate

import suizhou_geo as sg
from suizhou_geo.errors import LayerError
from suizhou_geo.sources.vector import VectorSource, read_vector
from suizhou_geo.standards.street_names import base_name, real_name, spellings
from suizhou_geo.streets.centrelines import centrelines

WORKING = CRS("EPSG:4547")
EAST, NORTH = 441_000.0, 3_507_000.0


def east(y=0.0, start=0.0, end=1000.0):
    return LineString([(start, y), (end, y)])


def west(y=0.0, start=0.0, end=1000.0):
    return LineString([(end, y), (start, y)])


@pytest.fixture
def lengths(drawn):
    """Return a function: lines and columns to the least, the likely and the greatest length of their streets in metres."""

    def measure(shapes, **columns):
        columns = {k: v if isinstance(v, list) else [v] * len(shapes) for k, v in columns.items()}
        return _lengths(drawn(shapes, **{"road_class": ["branch"] * len(shapes), **columns}))

    return measure


def _lengths(roads):
    pieces = centrelines(roads)
    assert (pieces["weight_low"] <= pieces["weight"] + 1e-9).all()
    assert (pieces["weight"] <= pieces["weight_high"] + 1e-9).all()
    return tuple(float((pieces.length * pieces[of]).sum()) for of in ("weight_low", "weight", "weight_high"))


def near(*lengths_m):
    return pytest.approx(lengths_m, abs=0.5)


# --- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "placeholder",
    [
        *(
            "无名路",
            "无名道路",
            "规划路",
            "规划道路",
            "未命名",
            "未命名道路",
            "道路1",
            "道路",
            "支路3",
            "无",
            "未知",
            "待命名",
            "内部道路",
        ),
        *("NULL", "<Null>", "nan", "None", "N/A", "?", "????", "？？", "\ufffd\ufffd", "-", "--", "", "  ", "0", "12"),
        *("unnamed", "Unnamed Road", "road 7", "无名路;规划路", None, float("nan"), 7),
    ],
)
def test_a_placeholder_is_no_name(placeholder):
    assert real_name(placeholder) is None
    assert base_name(placeholder)[0] == ""


@pytest.mark.parametrize(
    "name", ["人民路", "新建路", "无名山路", "规划一路", "一路", "Broad Street", "G316", "5th Avenue", "道路里"]
)
def test_a_name_is_one(name):
    assert real_name(f" {name} ") == name
    assert base_name(name)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("人民路", "人民路 Renmin Road"),
        ("Renmin Road", "人民路 Renmin Road"),
        ("人民路;316国道", "人民路"),
        ("316国道；人民路", "人民路"),
        ("人民路/Renmin Lu", "Renmin Lu"),
        ("环城路(东行)", "环城路（西行）"),
        ("环城大道东向", "环城大道西向"),
        ("二环路内环", "二环路外环"),
        ("人民大道(东段)", "人民大道"),
        ("迎宾大道辅路", "迎宾大道（主路）"),
        ("Main Street (eastbound)", "Main Street"),
    ],
)
def test_spellings_of_one_street(lengths, one, other):
    assert set(spellings(one)[0]) & set(spellings(other)[0])
    assert lengths([east(0), west(80)], name=[one, other], oneway=True, road_class="arterial") == near(1000, 1000, 1000)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("人民路", "人民东路"),
        ("人民路;316国道", "建设路;316国道"),
        ("人民路", "人民大道"),
        ("北环路", "南环路"),
        ("东行路", "西行路"),
    ],
)
def test_other_streets_stay_two(lengths, one, other):
    assert lengths([east(0), west(20)], name=[one, other], oneway=True) == near(2000, 2000, 2000)


def test_a_name_that_two_streets_share_with_a_third_does_not_make_them_one(lengths):
    shapes, names = [east(0), west(20), east(5000)], ["文化路", "解放路", "文化路;解放路"]
    assert lengths(shapes, name=names, oneway=True) == near(3000, 3000, 3000)


def test_placeholders_do_not_join_streets(lengths):
    """Four one-way streets 90 m apart, all called 无名路."""
    shapes = [east(0), west(90), east(180), west(270)]
    assert lengths(shapes, name="无名路", oneway=True) == near(4000, 4000, 4000)


# --- directions ---------------------------------------------------------------------------------------------------


def _read(tmp_path, *, values=None, fields=None, **columns):
    shapes = [
        LineString([(EAST, NORTH + 40 * k), (EAST + 1000, NORTH + 40 * k)]) for k in range(len(columns["oneway"]))
    ]
    roads = gpd.GeoDataFrame({"road_class": "arterial", **columns}, geometry=shapes, crs=WORKING)
    roads.to_file(tmp_path / "a.gpkg")
    source = VectorSource(Path(tmp_path / "a.gpkg"), values=values or {}, fields=fields or {})
    return read_vector(source, "roads", to_crs=WORKING, near=None)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (["F", "T", "B"], [(True, 0), (True, 1000), (False, 0)]),
        (["f", "t", "b"], [(True, 0), (True, 1000), (False, 0)]),
        (["FT", "TF", None], [(True, 0), (True, 1000), (None, 0)]),
        (["1", "-1", "0"], [(True, 0), (True, 1000), (False, 0)]),
        ([1, -1, 0], [(True, 0), (True, 1000), (False, 0)]),
        (["yes", "reverse", "no"], [(True, 0), (True, 1000), (False, 0)]),
        (["yes", "reversible", None], [(True, 0), (False, 0), (None, 0)]),
        (["单行", "逆向", "双向"], [(True, 0), (True, 1000), (False, 0)]),
        (["[True, False]", "['yes']", "[False]"], [(None, 0), (True, 0), (False, 0)]),
    ],
)
def test_one_way_in_every_writing(tmp_path, written, said):
    layer = _read(tmp_path, oneway=written).layer
    starts = [shapely.get_coordinates(line)[0, 0] - EAST for line in layer.geometry]
    assert list(zip(layer["oneway"], starts, strict=True)) == [(way, pytest.approx(x)) for way, x in said]


@pytest.mark.parametrize("values", [{"B": "no"}, {"B": "no", "F": "yes", "T": "yes"}])
def test_who_translates_both_directions_into_yes_keeps_them(tmp_path, values):
    layer = _read(tmp_path, oneway=["F", "T", "B"], values={"oneway": values}).layer
    assert layer["oneway"].tolist() == [True, True, False]
    assert shapely.get_coordinates(layer.geometry.iloc[1])[0, 0] == pytest.approx(EAST + 1000)


@pytest.mark.slow
def test_f_and_t_without_a_b_may_be_false_and_true(tmp_path):
    got = _read(tmp_path, oneway=["F", "T", "F"])
    assert got.layer["oneway"].tolist() == [None, None, None]
    assert "3 rows with F or T" in got.findings[0].en
    sure = _read(tmp_path, oneway=["F", "T", "F"], values={"oneway": {"F": "no", "T": "yes"}})
    assert sure.layer["oneway"].tolist() == [False, True, False]
    assert not sure.findings


def test_a_direction_that_nobody_understands(tmp_path):
    with pytest.raises(LayerError, match="column oneway: row 2 holds 'links', wanted yes or no"):
        _read(tmp_path, oneway=["yes", "links"])


def test_a_line_turned_round_turns_its_sidewalks(tmp_path):
    layer = _read(tmp_path, oneway=["-1", "1", "-1"], sidewalk=["left", "left", "both"]).layer
    assert layer["sidewalk"].tolist() == ["right", "left", "both"]


def test_edges_of_a_graph_with_lists(tmp_path):
    """Two-way edges stand twice, once each way; names and classes that were merged are lists, or the text of lists."""
    shapes = [LineString([(EAST, NORTH + 300 * k), (EAST + 1000, NORTH + 300 * k)]) for k in range(3)]
    edges = gpd.GeoDataFrame(
        {
            "highway": ["primary", "['residential', 'tertiary']", "['primary_link', 'secondary']"] * 2,
            "name": ["人民路", "['文化路', '解放路']", "[nan, '建设路']"] * 2,
            "bridge": [None, "['yes', 'no']", "yes"] * 2,
            "oneway": False,
        },
        geometry=shapes + [line.reverse() for line in shapes],
        crs=WORKING,
    )
    edges.to_file(tmp_path / "a.gpkg")
    source = VectorSource(tmp_path / "a.gpkg", fields={"road_class": "highway"}, values={"road_class": "osm_highway"})
    got = read_vector(source, "roads", to_crs=WORKING, near=None)
    assert got.layer["road_class"].tolist() == ["arterial", "branch", "secondary"] * 2
    assert got.layer["name"].tolist() == ["人民路", "文化路;解放路", "建设路"] * 2
    assert got.layer["bridge"].tolist() == [False, False, True] * 2
    assert not got.layer["ramp"].any()
    assert [told.kind for told in got.notes] == ["several_classes"]
    assert _lengths(got.layer) == near(3000, 3000, 3000)


def test_placeholders_are_counted_where_a_file_is_read(tmp_path):
    got = _read(tmp_path, oneway=["yes", "no", "no"], name=["无名路", "人民路", "NULL"])
    assert got.layer["name"].tolist() == [None, "人民路", None]
    assert got.notes[0].amounts == {"rows": 2, "column": "name"}


# --- one line on another ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("oneway", [None, False, True])
@pytest.mark.parametrize("name", [["甲路", "甲路"], ["甲路", None], [None, None], ["甲路", "乙路"]])
@pytest.mark.parametrize("off_m", [0.0, 0.3, 0.9])
def test_a_street_drawn_again_in_part_counts_once_whatever_its_vertices(lengths, off_m, name, oneway):
    shapes = [LineString([(0, 0), (333, 0), (1000, 0)]), LineString([(207, off_m), (555, off_m), (713, off_m)])]
    assert lengths(shapes, name=name, oneway=oneway) == near(1000, 1000, 1000)
    assert lengths([shapes[0], shapes[1].reverse()], name=name, oneway=oneway) == near(1000, 1000, 1000)


def test_three_lines_on_each_other(lengths):
    shapes = [east(0, 0, 600), LineString([(300, 0.2), (450, 0.2), (900, 0.2)]), west(0.1, 100, 1000)]
    assert lengths(shapes) == near(1000, 1000, 1000)


def test_a_curve_drawn_again_with_its_own_vertices(lengths):
    turn, again = (np.linspace(0, np.pi / 2, n) for n in (91, 77))
    shapes = [LineString(500 * np.column_stack([np.cos(t), np.sin(t)])) for t in (turn, again)]
    assert lengths(shapes) == pytest.approx([500 * np.pi / 2] * 3, rel=1e-3)


def test_lines_that_only_cross_or_touch_each_other_count_whole(lengths):
    crossing = [east(0), LineString([(500, -300), (500, 0.1), (500, 300)]), LineString([(700, 0), (900, 60)])]
    assert lengths(crossing, oneway=False)[1] == pytest.approx(1600 + np.hypot(200, 60), abs=15)


@pytest.mark.parametrize("columns", [{"level": [0, 1]}, {"bridge": [False, True]}, {"tunnel": [True, False]}], ids=str)
def test_an_elevated_road_on_its_ground_road_is_another(lengths, columns):
    shapes = [LineString([(0, 0), (333, 0), (1000, 0)]), east(0.3)]
    assert lengths(shapes, name="甲路", **columns) == near(2000, 2000, 2000)


def test_two_levels_that_are_each_drawn_again_in_part(lengths):
    shapes = [LineString([(0, 0), (333, 0), (1000, 0)]), east(0.3, 200, 800), east(0.5), east(0.2, 300, 700)]
    assert lengths(shapes, name="甲路", level=[0, 0, 1, 1]) == near(2000, 2000, 2000)


# --- what is told of some streets only ----------------------------------------------------------------------------


def town(oneway, *, pairs=12):
    """Dual carriageways 20 m across, 400 m apart, 1 km long, two streets of 700 m across each, all without names.

    `oneway` gives what is said of each carriageway.
    """
    shapes, said = [], []
    for k in range(pairs):
        shapes += [east(400 * k), west(400 * k + 20)]
        said += [oneway(k), oneway(k)]
    shapes += [LineString([(x, 400 * k + 20), (x, 400 * k + 400)]) for k in range(pairs) for x in (300, 700)]
    said += [None if oneway(k) is None else False for k in range(pairs) for _ in (1, 2)]
    return {"shapes": shapes, "oneway": said}


def test_one_row_marked_does_not_change_how_the_others_are_read(lengths):
    streets_m, drawn_m = 12 * 1000 + 24 * 380, 24 * 1000 + 24 * 380
    untold = town(lambda _: None)
    assert lengths(**untold, road_class="arterial") == near(streets_m, streets_m, drawn_m)
    for row in (0, 11):
        for others in (None, False):
            marked = [others] * len(untold["oneway"])
            marked[row] = True
            low, value, high = lengths(untold["shapes"], oneway=marked, road_class="arterial")
            assert (low, high) == near(streets_m, drawn_m)
            # who marks one of two and says no of the other is believed
            assert value == pytest.approx(streets_m + (1000 if others is False else 0), abs=0.5)


def test_half_a_layer_told_and_half_not(lengths):
    """The sources of the two halves differ: each street goes by what is told of it."""
    streets_m = 12 * 1000 + 24 * 380
    half = town(lambda k: True if k < 6 else None)
    assert lengths(**half, road_class="arterial") == near(streets_m, streets_m, streets_m + 6 * 1000)


def test_traffic_both_ways_is_believed_where_pairs_are_told(lengths):
    """Two two-way streets 20 m apart in a town whose carriageways are told to be one-way, and in one where they are not."""
    told, untold = town(lambda _: True), town(lambda _: False)
    more = [east(4900), east(4920)]
    sure = lengths(told["shapes"] + more, oneway=told["oneway"] + [False, False], road_class="arterial")
    assert sure == near(*[12 * 1000 + 24 * 380 + 2000] * 3)
    blanks = lengths(told["shapes"] + more, oneway=told["oneway"] + [None, None], road_class="arterial")
    assert blanks == near(12 * 1000 + 24 * 380 + 1000, 12 * 1000 + 24 * 380 + 2000, 12 * 1000 + 24 * 380 + 2000)
    low, value, high = lengths(untold["shapes"] + more, oneway=untold["oneway"] + [False, False], road_class="arterial")
    assert (low, value, high) == near(13 * 1000 + 24 * 380, 13 * 1000 + 24 * 380, 26 * 1000 + 24 * 380)


# --- rows of streets ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("road_class", ["local", "branch", "secondary", "arterial"])
@pytest.mark.parametrize("oneway", [None, False])
@pytest.mark.parametrize("apart_m", [18.0, 28.0])
def test_a_row_of_alleys_is_a_row_of_streets_and_the_doubt_is_told(lengths, road_class, oneway, apart_m):
    low, value, high = lengths([east(apart_m * k) for k in range(20)], road_class=road_class, oneway=oneway)
    assert (value, high) == near(20_000, 20_000)
    assert 0.4 * high < low < value


@pytest.mark.parametrize("apart_m", [12.0, 28.0, 50.0])
def test_nameless_one_way_streets_in_turn_are_a_one_way_grid(lengths, apart_m):
    low, value, high = lengths([(west if k % 2 else east)(apart_m * k) for k in range(20)], oneway=True)
    assert (value, high) == near(20_000, 20_000)
    assert 0.4 * high < low < value


def test_dual_carriageways_a_block_apart_are_no_grid(lengths):
    shapes = [line(100 * k + 20 * n) for k in range(10) for n, line in enumerate((east, west))]
    assert lengths(shapes, oneway=True) == near(10_000, 10_000, 10_000)
    assert lengths(shapes, oneway=None) == near(10_000, 10_000, 20_000)


@pytest.mark.parametrize(
    ("road_class", "apart_m", "one"),
    [
        *(("local", 20.0, True), ("local", 21.0, False), ("branch", 25.0, True), ("branch", 26.0, False)),
        *(("arterial", 30.0, True), ("arterial", 31.0, False), ("expressway", 62.0, True), ("expressway", 63.0, False)),
    ],
)
def test_how_wide_a_nameless_street_is_follows_its_class(lengths, road_class, apart_m, one):
    assert lengths([east(0), east(apart_m)], road_class=road_class)[1] == pytest.approx(1000 if one else 2000)


@pytest.mark.slow
def test_a_pair_without_names_as_wide_as_a_block_may_be_two_streets(lengths):
    for road_class, sure_m in (("arterial", 30), ("secondary", 30), ("branch", 20), ("local", 15)):
        told = {"oneway": True, "road_class": road_class}
        assert lengths([east(0), west(sure_m)], **told) == near(1000, 1000, 1000)
        assert lengths([east(0), west(sure_m + 1)], **told) == near(1000, 1000, 2000)


def test_side_roads_without_names_are_in_the_range(lengths):
    shapes, classes = [east(-24), east(-10), west(10), west(24)], ["branch", "arterial", "arterial", "branch"]
    low, value, high = lengths(shapes, road_class=classes, oneway=True)
    assert (low, value, high) == near(1000, 2000, 3000)
    low, value, high = lengths(shapes, road_class=classes)
    assert low < value < high == pytest.approx(4000)
    assert low < 1300


@pytest.mark.parametrize("level", [[0, 1, 1, 0], [0, 0, 0, 0]])
def test_an_elevated_road_over_a_ground_road_without_names(lengths, level):
    low, value, high = lengths(
        [east(-20), east(-8), west(8), west(20)], level=level, oneway=True, road_class="expressway"
    )
    assert low <= 2000.5
    assert high >= 1999.5
    if any(level):
        assert value == pytest.approx(2000)


# --- the density --------------------------------------------------------------------------------------------------


def area_of(drawn, shapes, *, size_m=1000.0, **columns):
    zones = drawn([box(0, 0, size_m, size_m)], zone_id=["1"], name=["甲"], role=["main_city"]).set_index("zone_id")
    compounds = drawn([box(5000, 5000, 5100, 5100)], name=["远"], gated=[True])
    columns = {k: v if isinstance(v, list) else [v] * len(shapes) for k, v in columns.items()}
    return sg.StudyArea("t", zones, roads=drawn(shapes, **columns), compounds=compounds)


@pytest.mark.slow
def test_the_doubt_is_in_the_range_of_the_density_and_in_words(drawn):
    shapes = [east(100 + 200 * k + 20 * n) for k in range(5) for n in (0, 1)]
    told = area_of(
        drawn, shapes, road_class="arterial", name=[f"{k}号大道" for k in range(5) for _ in (0, 1)], oneway=True
    )
    sure = sg.road_density(told)
    assert (sure.low, sure.value, sure.high) == pytest.approx((5.0, 5.0, 5.0))
    assert not sure.needs
    open_ = sg.road_density(told.replace(roads=told.roads.assign(oneway=None)))
    assert (open_.low, open_.value, open_.high) == pytest.approx((5.0, 5.0, 10.0))
    assert "5.00 km/km² with all of them merged, 10.00 with only the sure ones" in open_.needs[0].en
    raw = sg.road_density(told.replace(roads=told.roads.assign(oneway=None)), profile="raw")
    assert (raw.low, raw.value, raw.high) == pytest.approx((10.0, 10.0, 10.0))
    assert not raw.needs
    assert {"street_width_m", "pair_width_m", "sure_width_m", "parallel_deg", "on_top_m"} <= sure.params.keys()


@pytest.mark.slow
def test_the_range_of_one_class_holds_what_a_guess_gives_to_another(drawn):
    """A branch road beside an arterial of its name: is it a side road of it?"""
    shapes = [east(500), east(525)]
    area = area_of(drawn, shapes, road_class=["arterial", "branch"], name="甲路")
    whole, arterial, branch = (sg.road_density(area, road_class=c) for c in (None, "arterial", "branch"))
    assert (whole.low, whole.high) == pytest.approx((1.0, 2.0))
    assert arterial.low <= 1.0 <= arterial.high
    assert branch.low <= 0.0 + 1e-9
    assert branch.high == pytest.approx(1.0)


@pytest.mark.slow
def test_the_range_of_one_class_leaves_out_what_may_lie_in_a_compound(drawn):
    area = area_of(
        drawn, [east(100), east(500, 0, 400)], road_class=["branch", "local"], name=["甲路", None], oneway=False
    )
    area = area.replace(incomplete=frozenset({"compounds"}))
    for road_class in (None, "branch"):
        measure = sg.road_density(area, road_class=road_class)
        assert (measure.low, measure.value, measure.high) == pytest.approx((1.0, 1.4, 1.4))
    assert sg.road_density(area, road_class="arterial").value == 0


@pytest.mark.slow
def test_a_street_of_a_compound_may_be_public_where_no_street_has_its_name(drawn):
    shapes = [east(100), east(500, 450, 650), *(east(100 + 100 * k) for k in range(1, 4))]
    classes = ["branch", "local", "branch", "branch", "branch"]
    area = area_of(drawn, shapes, road_class=classes, name=["甲路", None, "乙路", "丙路", "丁路"], oneway=False)
    area = area.replace(compounds=drawn([box(400, 450, 700, 550)], name=["小区"], gated=[True]))
    named = sg.road_density(area)
    assert (named.low, named.value, named.high) == pytest.approx((4.0, 4.0, 4.0))
    nameless = sg.road_density(area.replace(roads=area.roads.assign(name=["甲路", None, None, "无名路", "NULL"])))
    assert (nameless.value, nameless.high) == pytest.approx((4.0, 4.2))
    assert "up to 0.20 km/km² more" in nameless.needs[-1].en


@pytest.mark.slow
def test_a_placeholder_makes_no_street_public(drawn):
    area = area_of(drawn, [east(500, 110, 290), east(100)], road_class=["local", "branch"], name=["无名路", "人民路"])
    area = area.replace(compounds=drawn([box(100, 400, 300, 600)], name=["小区"], gated=[True]))
    assert sg.road_density(area).value == pytest.approx(1.0)


# --- invariances --------------------------------------------------------------------------------------------------


def _some_town(drawn, oneway):
    made = town(oneway, pairs=4)
    shapes = [
        *made["shapes"],
        *(east(1800 + 28 * k) for k in range(6)),
        LineString([(207, 0.3), (713, 0.3)]),
        east(2200),
    ]
    said = [*made["oneway"], *[None] * 8]
    names = [["甲路", "甲路 Jia Road", "乙路", None][k % 4] for k in range(len(shapes))]
    return drawn(shapes, road_class=["arterial", "branch"][:1] * len(shapes), name=names, oneway=said)


def _each(roads, change):
    return roads.set_geometry(roads.geometry.apply(change), crs=roads.crs)


@pytest.mark.parametrize(
    "oneway", [lambda _: None, lambda k: k % 2 == 0 or None, lambda _: True], ids=["untold", "half", "told"]
)
@pytest.mark.parametrize(
    "change",
    [
        lambda roads: _each(roads, lambda g: translate(g, 12_345.6, -7_654.3)),
        lambda roads: _each(roads, lambda g: rotate(g, 33.3, origin=(EAST, NORTH))),
        lambda roads: roads.sample(frac=1.0, random_state=7),
        lambda roads: _each(roads, shapely.reverse),
        lambda roads: roads.set_geometry(
            np.where(roads["oneway"].eq(True), roads.geometry, roads.geometry.reverse()), crs=roads.crs
        ),
        lambda roads: roads.assign(name=roads["name"].fillna("未命名")),
    ],
    ids=["moved", "turned", "shuffled", "reversed", "undirected lines reversed", "placeholders for blanks"],
)
def test_the_range_does_not_depend_on_how_the_town_is_drawn(drawn, oneway, change):
    roads = _some_town(drawn, oneway)
    assert _lengths(change(roads)) == pytest.approx(_lengths(roads), rel=1e-6)


@pytest.mark.parametrize("lost", [{"oneway": None}, {"name": None}, {"name": None, "oneway": None}], ids=str)
def test_what_is_known_lies_in_the_range_of_what_is_not(drawn, lost):
    """Four named avenues, one of them with side roads, and streets of other names 50 m apart between them."""
    shapes = [line(300 * k + y) for k in range(4) for line, y in ((east, -10), (west, 10))] + [east(-24), west(24)]
    names = [f"{'东南西北'[k]}大道" for k in range(4) for _ in (1, 2)] + ["东大道辅路"] * 2
    shapes += [LineString([(x, y + 25), (x, y + 275)]) for y in (0, 300, 600) for x in range(0, 1000, 50)]
    names += [f"{k}号巷" for k in range(60)]
    classes = ["arterial"] * 8 + ["branch"] * 2 + ["local"] * 60
    roads = drawn(shapes, road_class=classes, name=names, oneway=[True] * 10 + [False] * 60)
    full, raw = _lengths(roads), roads.length.sum()
    assert full == near(*[4000 + 60 * 250] * 3)
    low, _, high = _lengths(roads.assign(**lost))
    assert low - 1e-6 <= full[1] <= high + 1e-6
    assert high - low < raw / 2
