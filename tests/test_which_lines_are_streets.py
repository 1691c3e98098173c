"""What is a street, whose name it bears and how sure that is: lines as offices and mappers draw and call them."""

import numpy as np
import pytest
from shapely import LineString, Polygon, box

import suizhou_geo as sg
from suizhou_geo.standards.street_names import real_name, spellings
from suizhou_geo.streets.dead_ends import street_ends

KM = 1000.0


def _east(y, start=0.0, end=KM):
    return [(start, y), (end, y)]


def _west(y):
    return _east(y)[::-1]


@pytest.fixture
def city(drawn):
    """A function: lines, columns of the roads and other layers to an area of one zone, 1 km² if nothing else is said."""

    def build(lines, *, zones=None, layers=None, **columns):
        every = {"road_class": "arterial"} | columns
        listed = {key: value if isinstance(value, list) else [value] * len(lines) for key, value in every.items()}
        outlines = zones or [box(0, 0, KM, KM)]
        names = [f"z{n}" for n in range(len(outlines))]
        return sg.StudyArea(
            "t",
            drawn(outlines, name=names).set_index(np.array(names)),
            roads=drawn([LineString(line) for line in lines], **listed),
            **{key: drawn(shapes, **told) for key, (shapes, told) in (layers or {}).items()},
        )

    return build


@pytest.fixture
def study(drawn, tmp_path):
    """A function: lines with columns, and what study.toml says of them, to the study that is read."""

    def build(lines, said, **columns):
        drawn([box(0, 0, KM, KM)], name=["城区"]).to_file(tmp_path / "zones.gpkg")
        listed = {key: value if isinstance(value, list) else [value] * len(lines) for key, value in columns.items()}
        drawn([LineString(line) for line in lines], **listed).to_file(tmp_path / "roads.gpkg")
        head = 'name = "t"\n[zones]\npath = "zones.gpkg"\nboundary = "built_up"\n[layers.roads]\npath = "roads.gpkg"\n'
        (tmp_path / "study.toml").write_text(head + said, encoding="utf-8")
        return sg.read_study(tmp_path / "study.toml")

    return build


def _km(area, **choices):
    """Low, value and high in km."""
    measure = sg.road_density(area, **choices)
    return tuple(
        round(float(number) * float(measure.denominator.sum()), 2)
        for number in (measure.low, measure.value, measure.high)
    )


def _said(area):
    measure = sg.road_density(area)
    return " ".join(text.en for text in (*measure.needs, *measure.notes))


# ------------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    "name",
    [
        "小区内部道路",
        "校内路",
        "乡村道路",
        "水泥路",
        "机耕路",
        "人行道",
        "城市支路",
        "未命名路段",
        "暂无名称",
        "—",
        "\\N",
        "#N/A",
        "XX路",
        "匝道2",
    ],
)
def test_what_only_says_the_kind_of_a_road_is_no_name(name):
    assert real_name(name) is None


@pytest.mark.parametrize(
    "name", ["校园路", "学院路", "环村路", "新路", "1号路", "规划一路", "大道", "园路", "生产路", "机场路", "水泥厂路"]
)
def test_what_may_be_a_name_is_one(name):
    assert real_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "人民路左幅",
            "人民路（北半幅）",
            "人民路右线",
            "人民路(东→西)",
            "人民路进城方向",
            "人民路快车道",
            "人民路非机动车道",
        ),
        *(
            "人民路辅路(东)",
            "人民路东侧",
            "人民路一段",
            "人民路（G316）",
            "人民路316国道",
            "316国道人民路",
            "G316人民路",
        ),
        *("人民路,316国道", "人民路，316国道", "人民路Renmin Road", "['人民路', '人民路辅路']"),
    ],
)
def test_spellings_of_one_street(name):
    assert "人民路" in spellings(name)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("人民路东巷", "人民路西巷"),
        ("滨河东路", "滨河西路"),
        ("内环路", "外环路"),
        ("TCL 路", "ABC 路"),
        ("S1路", "S2路"),
    ],
)
def test_names_that_stay_apart(one, other):
    assert not set(spellings(one)[0]) & set(spellings(other)[0])


@pytest.mark.slow
def test_the_two_carriageways_of_a_wide_street_however_they_are_called(city):
    for names in (
        ["人民路左幅", "人民路右幅"],
        ["北三环外环", "北三环内环"],
        ["人民路(G316)", "人民路"],
        ["人民路东侧", "人民路西侧"],
    ):
        assert _km(city([_east(460), _west(540)], name=names, oneway=True)) == (1.0, 1.0, 1.0)


@pytest.mark.slow
def test_two_way_streets_on_two_sides_are_two(city):
    lines = [_east(460), _east(540), _east(100), _west(120)]
    names = ["滨河路东侧", "滨河路西侧", "人民路", "人民路"]
    assert _km(city(lines, name=names, oneway=[False, False, True, True])) == (3.0, 3.0, 3.0)


@pytest.mark.slow
def test_streets_that_are_called_by_their_kind_are_no_one_street(city):
    grid = [_east(200), _west(290), _east(380), _west(470)]
    assert _km(city(grid, name="水泥路", oneway=True, road_class="branch")) == (4.0, 4.0, 4.0)


@pytest.mark.slow
def test_an_inner_road_does_not_become_public_by_its_kind(city):
    lines = [_east(50), [(500, 120), (500, 420)]]
    compound = {"compounds": ([box(300, 110, 900, 900)], {"name": ["花园"]})}
    told = {"road_class": ["arterial", "local"], "layers": compound}
    assert _km(city(lines, name=["人民路", "小区内部道路"], **told)) == (1.0, 1.0, 1.0)
    assert _km(city(lines, name=["人民路", "香樟路"], **told)) == (1.3, 1.3, 1.3)


DUAL = [_east(790), _west(810)]  # so that directions are told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lines", "oneway", "km"),
    [
        ([_east(500), _east(504)], [False, False], (2.0, 2.0, 3.0)),  # two lanes lie further apart
        ([_east(500), _east(524)], [False, False], (3.0, 3.0, 3.0)),
        ([_east(488), _west(512), _east(500)], [True, True, False], (2.0, 2.0, 3.0)),  # the old line stayed
        ([_east(488), _west(512), _east(650)], [True, True, False], (3.0, 3.0, 3.0)),
    ],
)
def test_a_street_that_was_drawn_again_beside_itself(city, lines, oneway, km):
    names = ["人民路"] * len(lines) + ["解放路"] * 2
    assert _km(city(lines + DUAL, name=names, oneway=[*oneway, True, True])) == km


@pytest.mark.slow
def test_a_nameless_street_that_was_drawn_again_is_in_the_range(city):
    lines = [_east(500), _east(504), *DUAL]
    low, value, high = _km(city(lines, name=[None, None, "解放路", "解放路"], oneway=[False, False, True, True]))
    assert (low, value, high) == (2.0, 3.0, 3.0)


# ------------------------------------------------------------------------------------------------ what may be none


@pytest.mark.slow
def test_a_pair_of_alleys_is_in_the_range_where_a_wide_street_is_sure(city):
    pair = [_east(470), _west(498)]
    assert _km(city(pair, oneway=True, road_class="branch")) == (1.0, 1.0, 2.0)
    assert _km(city(pair, oneway=True, road_class="arterial")) == (1.0, 1.0, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "road_class", "low_km", "kind"),
    [
        ("人民路（在建）", "secondary", 1.0, "not be built yet"),
        ("人民路 [规划]", "secondary", 1.0, "not be built yet"),
        ("规划馆路", "secondary", 2.0, None),
        ("沪渝高速公路", "expressway", 1.0, "called motorways"),
        ("高速大道", "expressway", 2.0, None),
        ("沪渝高速公路", "secondary", 2.0, None),
    ],
)
def test_a_street_that_is_none_by_its_name_is_in_the_range_and_told(city, name, road_class, low_km, kind):
    area = city([_east(200), _east(800)], name=["解放路", name], road_class=["arterial", road_class])
    assert _km(area) == (low_km, 2.0, 2.0)
    assert kind in _said(area) if kind else "their names" not in _said(area)


@pytest.mark.slow
def test_zones_that_reach_beyond_the_roads_are_told(city):
    cut = [_east(y, 0, 400) for y in (100, 200, 300, 400)]
    assert "82% of the zones lies beyond the roads layer" in _said(city(cut, name=list("甲乙丙丁")))
    assert "beyond the roads layer" not in _said(city([_east(0), _east(500), _east(1000)]))


# ------------------------------------------------------------------------------------------------ outlines


@pytest.mark.slow
def test_a_street_with_side_roads_on_the_outline_counts_as_a_single_one(city):
    lines = [_east(985), _west(1015), _east(970), _west(1030)]
    names = ["环路", "环路", "环路辅路", "环路辅路"]
    assert _km(city(lines, name=["东" + name for name in names], oneway=True)) == (1.0, 1.0, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("step", [40.0, 8.0])
def test_an_outline_that_winds_about_its_street(city, step):
    rim = [(x, KM + 8 * np.sin(x / step)) for x in np.arange(KM, -1, -2)]
    low, value, high = _km(city([_east(KM)], zones=[Polygon([*_east(0), *rim])]))
    assert value == high == pytest.approx(1.0, abs=0.01)
    assert 0.4 < low < 0.7  # what lies inside, and what lies on the outline


@pytest.mark.slow
def test_an_outline_of_raster_cells(city):
    steps = []
    for x in range(int(KM), 0, -50):
        steps += [(x, 985), (x - 25, 985), (x - 25, 1015), (x - 50, 1015)]
    area = city([_east(KM)], zones=[Polygon([*_east(0), *steps])])
    assert _km(area)[1:] == (1.0, 1.0)


@pytest.mark.slow
def test_a_street_that_crosses_the_outline_is_cut_there(city):
    assert _km(city([[(500, 500), (500, 1500)]])) == (0.5, 0.5, 0.5)
    assert _km(city([[(0, 1300), (500, 1005), (1000, 1300)]])) == (0.0, 0.0, 0.0)


# ------------------------------------------------------------------------------------------------ ends


@pytest.mark.slow
def test_a_street_that_ends_on_a_campus_is_no_dead_end(city):
    lines = [_east(0), _east(900), [(0, 0), (0, 900)], [(1000, 0), (1000, 900)], [(500, 0), (500, 400)]]
    lines[0] = [(0, 0), (500, 0), (1000, 0)]
    campus = {"institutions": ([box(300, 250, 700, 800)], {"own_streets": [True]})}
    assert sg.dead_ends(city(lines)).value == 1
    on_campus = city(lines, layers=campus)
    assert sg.dead_ends(on_campus).value == 0
    assert street_ends(on_campus)["goes_on_as"].tolist() == ["institution"]
    park = {"institutions": (campus["institutions"][0], {"own_streets": [False]})}
    assert sg.dead_ends(city(lines, layers=park)).value == 1


# ------------------------------------------------------------------------------------------------ columns of a file

CLASSES = 'fields = {road_class = "fclass"}\n[layers.roads.values]\nroad_class = "osm_highway"\n'
THREE = [_east(200), _east(500), _east(800)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "ways"),
    [
        (["单向通行", "双行线", "未知"], [True, False, None]),
        (["One Way", "two-way", "unknown"], [True, False, None]),
        (["正向单行", "反向单行", "双向"], [True, True, False]),
    ],
)
def test_words_for_which_way_traffic_runs(study, words, ways):
    roads = study(THREE, CLASSES, fclass="primary", oneway=words).area.roads
    assert roads["oneway"].tolist() == ways
    turned = roads.geometry.map(lambda line: line.coords[0][0] > line.coords[-1][0]).tolist()
    assert turned == ["反向" in word for word in words]


@pytest.mark.slow
def test_capitals_do_not_matter(study):
    said = 'fields = {road_class = "fclass", public = "access"}\n[layers.roads.values]\npublic = "osm_access"\n'
    said += 'road_class = "osm_highway"\n'
    roads = study(THREE, said, fclass=["Primary", "TERTIARY", "residential"], access=["Private", "Private;Yes", None])
    assert roads.area.roads["road_class"].tolist() == ["arterial", "branch", "local"]
    assert roads.area.roads["public"].tolist() == [False, True, None]


def _findings(read):
    return " ".join(found.en for found in read.findings)


@pytest.mark.slow
def test_columns_that_nobody_named_are_told(study):
    told = {"fclass": "primary", "access": ["private", None, "yes"], "状态": ["现状", "规划", "在建"]}
    said = _findings(study(THREE, CLASSES, **told))
    assert "1 row closed to the public in access" in said
    assert "2 rows with 在建, 规划 in 状态" in said
    assert _findings(study(THREE, CLASSES, fclass="primary", 状态="现状", access="yes")) == ""


@pytest.mark.slow
def test_what_is_no_class_is_told_in_the_readers_language(study):
    (found,) = study(THREE, CLASSES, fclass=["primary", "primary", "construction"]).findings
    assert "“construction”（1 行）不是道路等级" in found.zh
    assert "'construction' (1 row) is no class of road" in found.en
