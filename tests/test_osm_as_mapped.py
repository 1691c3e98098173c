"""OpenStreetMap as people map it: parks round schools, green called like its compound, gates, works, names of places."""

import numpy as np
import pytest
from pyproj import CRS, Transformer
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.community_gaps import community_gaps
from suizhou_geo.measures.complete_communities import complete_community_coverage
from suizhou_geo.measures.parks import compound_green
from suizhou_geo.sources.corrections import read_corrections
from suizhou_geo.sources.osm_layers import layers_of
from suizhou_geo.sources.osm_lifecycle import state_of
from suizhou_geo.sources.osm_names import said
from suizhou_geo.sources.osm_rules import Objects
from suizhou_geo.sources.study import read_study

TO_DEGREES = Transformer.from_crs("EPSG:4547", "EPSG:4326", always_xy=True)
ORIGIN = (441_000.0, 3_507_000.0)
SQUARE = box(0, 0, 300, 300)
MIDDLE = box(140, 140, 160, 160)


def _objects(drawn, letter):
    shapes = np.empty(len(drawn), dtype=object)
    shapes[:] = [shape for shape, _ in drawn]
    return Objects([f"{letter}{number}" for number in range(len(drawn))], [tags for _, tags in drawn], shapes)


def read(points=(), lines=(), areas=()):
    drawn = (_objects(points, "n"), _objects(lines, "w"), _objects(areas, "a"))
    return layers_of(*drawn, crs=CRS.from_epsg(4547), as_of="2026-05-01T00:00:00Z")


def _parks(areas, points=()):
    layers, notes, _ = read(points=points, areas=areas)
    parks = layers["parks"]
    told = {note.kind: note.amounts for note in notes if note.amounts.get("layer") == "parks"}
    return dict(zip(parks["name"], parks["open_public"].tolist(), strict=True)), told


def _facilities(points=(), areas=()):
    layers, _, _ = read(points=points, areas=areas)
    rows = layers["facilities"]
    return sorted(zip(rows["source_id"], rows["category"], rows["guessed"].tolist(), strict=True))


# ------------------------------------------------------------------------------------------------- parks and grounds


@pytest.mark.slow
@pytest.mark.parametrize(
    "inside",
    [
        {"amenity": "school", "name": "公园小学"},
        {"amenity": "prison"},
        {"landuse": "residential", "access": "private"},
        {"landuse": "military"},
    ],
)
def test_a_park_round_a_small_closed_ground_is_open(inside):
    park = {"leisure": "park", "name": "白云公园"}
    assert _parks([(SQUARE, park), (MIDDLE, inside)])[0] == {"白云公园": True}
    assert _parks([(MIDDLE, park), (SQUARE, inside)])[0].get("白云公园") is not True  # and the other way round


@pytest.mark.parametrize(("share", "left"), [(0.4, True), (0.6, False)])
def test_the_greater_part_of_a_park_decides_where_it_lies(share, left):
    park = box(300 - 100 * share, 0, 400 - 100 * share, 100)
    parks, _ = _parks([(SQUARE, {"amenity": "school"}), (park, {"leisure": "park", "name": "街角公园"})])
    assert bool(parks) == left


@pytest.mark.slow
@pytest.mark.parametrize("access", ["yes", "permissive"])
def test_green_said_to_be_open_is_open_on_closed_ground(access):
    ground = {"landuse": "residential", "access": "private"}
    assert _parks([(SQUARE, ground), (MIDDLE, {"leisure": "park", "access": access})])[0] == {None: True}
    assert _parks([(SQUARE, ground), (MIDDLE, {"leisure": "park"})])[0] == {None: False}


@pytest.mark.slow
def test_a_gate_of_a_park_is_no_park_and_a_closed_point_is_none_that_lacks():
    outline = [(SQUARE, {"leisure": "park", "name": "白云公园"})]
    gate = {"leisure": "park", "name": "白云公园（南门）"}
    assert "park_points" not in _parks(outline, [(Point(150, -50), gate)])[1]
    assert _parks(outline, [(Point(2000, 0), gate)])[1]["park_points"]["objects"] == 1
    assert "park_points" not in _parks(outline, [(Point(2000, 0), {**gate, "access": "private"})])[1]


@pytest.mark.slow
def test_a_compound_tagged_as_a_garden_is_none():
    for leisure in ("garden", "park"):
        assert _parks([(SQUARE, {"leisure": leisure, "name": "锦绣花园小区"})])[0] == {}
        assert _parks([(SQUARE, {"leisure": leisure, "name": "小区公园"})])[0] == {"小区公园": True}


def test_parks_tagged_as_grass_wood_or_sights_are_told():
    drawn = [
        {"landuse": "grass"},
        {"landuse": "forest"},
        {"tourism": "attraction"},
        {"landuse": "grass", "name": "草坪"},
    ]
    areas = [(box(n * 400, 0, n * 400 + 300, 300), {"name": "城南公园", **tags}) for n, tags in enumerate(drawn)]
    layers, notes, _ = read(areas=areas)
    assert layers["parks"].empty
    assert [note.amounts["objects"] for note in notes if note.kind == "by_rule"] == [2, 1]


@pytest.mark.parametrize(
    ("name", "in_doubt"),
    [
        ("甲小区", True),
        ("甲小区中心花园", True),
        ("屋顶花园", True),
        ("锦绣家园", True),
        ("社区公园", False),
        ("街心花园", False),
        ("市民广场", False),
        ("文峰塔", False),
    ],
)
def test_green_called_like_its_compound_is_a_range(drawn, name, in_doubt):
    homes = drawn([box(0, 0, 1000, 1000)], name=["甲小区"])
    area = sg.StudyArea(
        "t",
        drawn([box(0, 0, 1000, 1000)], name=["甲"]).set_index(np.array(["1"])),
        residential=homes,
        parks=drawn([box(400, 400, 500, 500)], name=[name]),
    )
    measure = sg.park_coverage(area)
    assert measure.low == (0.0 if in_doubt else measure.value)
    assert bool(measure.needs) == in_doubt
    assert 0.5 < measure.value == measure.high < 1.0
    assert compound_green(area.replace(residential=None)).needs == ()


# --------------------------------------------------------------------------------------------------------- in use


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("人民路（在建）", False),
        ("人民路(规划)", False),
        ("环城路(施工中)", False),
        ("在建道路", False),
        ("未开通道路", False),
        ("滨江路在建", False),
        ("规划路", True),
        ("规划三路", True),
        ("建设路", True),
        ("人民路（规划三路）", True),
        ("新建路", True),
    ],
)
def test_a_street_whose_name_says_that_it_is_being_built_is_none(name, there):
    layers, notes, _ = read(lines=[(LineString([(0, 0), (900, 0)]), {"highway": "tertiary", "name": name})])
    assert len(layers["roads"]) == there
    assert any(note.kind == "not_yet" for note in notes) != there


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("城东小学（筹）", False),
        ("小学用地", False),
        ("预留小学", False),
        ("某小学(闲置)", False),
        ("原一中", False),
        ("East Primary School (closed)", False),
        ("规划三路小学", True),
        ("小学（新校区）", True),
        ("原平一中", True),
    ],
)
def test_a_school_whose_name_says_that_it_is_none_now(name, there):
    assert bool(_facilities([(Point(0, 0), {"amenity": "school", "name": name})])) == there


@pytest.mark.slow
def test_parks_called_after_what_was_there_are_parks():
    names = ["圆明园遗址", "废弃矿山公园", "起义旧址公园", "规划一路公园"]
    areas = [(box(n * 400, 0, n * 400 + 300, 300), {"leisure": "park", "name": name}) for n, name in enumerate(names)]
    assert list(_parks(areas)[0]) == names
    assert _parks([(SQUARE, {"leisure": "park", "name": "东湖公园旧址"})])[0] == {}


def test_states_are_read_however_they_are_written():
    for value in ("under construction", "Under_Construction", "construction"):
        assert state_of({"amenity": "school", "status": value}, "2026-05-01") == "being_built", value


# ---------------------------------------------------------------------------------------------- names and campuses


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("茶山学校", "unsaid"),
        ("团山学校", "unsaid"),
        ("棋盘学校", "unsaid"),
        ("兵房学校", "unsaid"),
        ("公安县实验学校", "unsaid"),
        ("经济技术开发区实验学校", "unsaid"),
        ("旅游度假区学校", "unsaid"),
        ("电子科技城实验学校", "unsaid"),
        ("林业局学校", "unsaid"),
        ("茶艺学校", "none"),
        ("象棋学校", "none"),
        ("团校", "none"),
        ("公安学校", "none"),
        ("经济管理学校", "none"),
        ("电子技术学校", "none"),
        ("初级中学校", "junior"),
        ("六年制学校", "primary"),
        ("中心小学及幼儿园", "primary"),
        ("实验小学附属幼儿园", "kindergarten"),
    ],
)
def test_a_trade_within_a_place_is_no_trade(name, kind):
    assert said("school", name) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("象牙山医院", "unsaid"),
        ("猫儿山医院", "unsaid"),
        ("爱牙医院", "apart"),
        ("猫科医院", "animal"),
        ("第四人民医院（精神卫生中心）", "apart"),
        ("第四人民医院（新院区）", "general"),
    ],
)
def test_a_hospital_called_after_a_hill_heals_neither_teeth_nor_cats(name, kind):
    assert said("health", name) == kind


@pytest.mark.slow
def test_general_hospitals_by_english_names_are_sure_and_foreign_language_schools_are_schools():
    names = [
        "Zengdu People's Hospital",
        "Zengdu Central Hospital",
        "Women and Children Hospital",
        "Zengdu Eye Hospital",
    ]
    points = [(Point(3000 * n, 0), {"amenity": "hospital", "name": name}) for n, name in enumerate(names)]
    assert _facilities(points) == [(f"n{n}", "hospital", False) for n in range(3)]
    school = {"amenity": "school", "name": "Zengdu Foreign Language School"}
    assert [row[1] for row in _facilities([(Point(0, 0), school)])] == ["junior_school", "primary_school"]
    assert _facilities([(Point(0, 0), {**school, "name": "Zengdu Language School"})]) == []


@pytest.mark.slow
def test_a_hospital_tagged_as_a_clinic_is_one_by_a_guess_and_a_part_of_its_campus():
    tags = {"amenity": "clinic", "name": "城东人民医院"}
    assert _facilities([(Point(0, 0), tags)]) == [("n0", "hospital", True)]
    campus = [(SQUARE, {"amenity": "hospital", "name": "城东人民医院"})]
    assert _facilities([(Point(150, 150), tags)], campus) == [("a0", "hospital", False)]
    assert _facilities([(Point(0, 0), {**tags, "name": "人民医院门诊部"})]) == [("n0", "outpatient_clinic", False)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other", "schools"),
    [
        ("随州市实验小学", "曾都区实验小学", 2),
        ("随州市实验小学", "实验小学", 1),
        ("湖北省随州市实验小学", "随州市实验小学", 1),
        ("随州市曾都区实验小学", "实验小学", 1),
    ],
)
def test_schools_of_two_places_are_two(one, other, schools):
    points = [(Point(100 * n, 0), {"amenity": "school", "name": name}) for n, name in enumerate((one, other))]
    assert len(_facilities(points)) == schools
    assert len(_facilities(points[::-1])) == schools


@pytest.mark.slow
def test_the_parts_of_a_campus_say_together_what_it_is():
    campus = [(SQUARE, {"amenity": "school", "name": "城东学校"})]
    parts = [(Point(100, 100), {"amenity": "school", "name": "城东学校小学部"})]
    parts += [(Point(200, 200), {"amenity": "school", "name": "城东学校初中部"})]
    both = ["junior_school", "primary_school"]
    assert _facilities(parts, campus) == [("a0", category, False) for category in both]
    assert _facilities(parts[:1], campus) == [("a0", category, True) for category in both]
    _, notes, guesses = read(points=parts, areas=campus)
    assert ([note for note in notes if note.kind == "by_rule"], guesses) == ([], [])


@pytest.mark.parametrize(
    ("tags", "name", "serves"),
    [
        ({"amenity": "clinic"}, "爱尔眼科门诊部", [("outpatient_clinic", True)]),
        ({"amenity": "clinic", "healthcare:speciality": "dentistry"}, "李氏诊所", [("outpatient_clinic", True)]),
        ({"amenity": "clinic"}, "李氏诊所", [("outpatient_clinic", False)]),
        ({"amenity": "clinic"}, "随州市疾病预防控制中心", []),
        ({"amenity": "clinic"}, "李氏推拿馆", []),
        ({"amenity": "kindergarten"}, "金宝贝早教", []),
        ({"amenity": "kindergarten"}, "实验幼儿园（分园）", [("kindergarten", False)]),
        ({"amenity": "nursing_home"}, "福安月子中心", []),
        ({"amenity": "fire_station"}, "锦绣小区微型消防站", []),
        ({"amenity": "fire_station"}, "城东消防站", [("fire_station", False)]),
        ({"amenity": "library"}, "随州职业技术学院图书馆", []),
        ({"amenity": "library"}, "学院路图书馆", [("culture_centre", False)]),
        ({"amenity": "community_centre"}, "锦绣花园售楼部", []),
        ({"leisure": "stadium"}, "第一中学体育场", []),
        ({"leisure": "stadium"}, "随州市体育场", [("sports_hall", False)]),
        ({"leisure": "pitch"}, "第一小学操场", []),
        ({"leisure": "sports_centre", "sport": "golf"}, "江南俱乐部", []),
        ({"amenity": "police"}, "车管所", []),
        ({"amenity": "marketplace"}, "牲畜交易市场", []),
        ({"amenity": "marketplace"}, "农产品批发菜市场", [("market", False)]),
    ],
)
def test_what_is_tagged_alike_and_called_otherwise(tags, name, serves):
    found = _facilities([(Point(0, 0), {**tags, "name": name})])
    assert [(category, guessed) for _, category, guessed in found] == serves


@pytest.mark.parametrize("access", ["private", "residents", "students"])
def test_sports_grounds_and_halls_for_a_few_are_left_out_and_told(access):
    for leisure in ("pitch", "sports_centre"):
        layers, notes, _ = read(points=[(Point(0, 0), {"leisure": leisure, "access": access})])
        told = any(note.kind in ("by_rule", "closed_facilities") for note in notes)
        assert (len(layers["facilities"]), told) == (0, True), leisure


# ------------------------------------------------------------------------------------------ guesses in communities


@pytest.fixture
def communities(drawn):
    """Two communities of 1 km side by side, a kindergarten in each: that of the second is one by a guess."""

    def build(*, guessed):
        outlines = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]
        return sg.StudyArea(
            "t",
            drawn([box(0, 0, 2000, 1000)], name=["甲"]).set_index(np.array(["1"])),
            residential=drawn(outlines),
            communities=drawn(outlines, name=["东", "西"], **{f"item_{n:02}": True for n in range(1, 21) if n != 2}),
            facilities=drawn([Point(500, 500), Point(1500, 500)], category=["kindergarten"] * 2, guessed=guessed),
        )

    return build


def test_gaps_of_communities_do_not_rest_on_guesses(communities):
    sure, guess = (
        community_gaps(communities(guessed=guessed), "kindergarten") for guessed in ([False, False], [False, True])
    )
    assert (sure.value, sure.low, sure.high, sure.needs) == (0.0, 0.0, 0.0, ())
    assert (guess.value, guess.low, guess.high) == (0.0, 0.0, 1.0)
    assert guess.needs[0].en.startswith("1 of 2 facilities")


def test_complete_communities_do_not_rest_on_guesses(communities):
    sure, guess = (
        complete_community_coverage(communities(guessed=guessed), profile="all_20")
        for guessed in ([False, False], [False, True])
    )
    assert (sure.value, sure.high) == (1.0, 1.0)
    assert (guess.value, guess.high) == (0.5, 1.0)


# ----------------------------------------------------------------------------------------------- a study, and back


def _study(folder, nodes=(), ways=(), more="", relation=""):
    """A study of 1 km² whose residential land is all of it, from an extract of nodes and boxes; all of it vouched for."""
    drawn, number = [], 0

    def node(x, y, tags):
        nonlocal number
        number += 1
        lon, lat = TO_DEGREES.transform(ORIGIN[0] + x, ORIGIN[1] + y)
        inside = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        drawn.append(
            f'<node id="{number}" version="1" timestamp="2024-01-01T00:00:00Z" lon="{lon:.7f}" lat="{lat:.7f}">{inside}</node>'
        )
        return number

    for (x, y), tags in nodes:
        node(x, y, tags)
    boxes = []
    for n, (shape, tags) in enumerate([(box(0, 0, 1000, 1000), {"landuse": "residential"}), *ways], start=1):
        refs = [node(x, y, {}) for x, y in shape.exterior.coords[:-1]]
        inside = "".join(f'<nd ref="{ref}"/>' for ref in (*refs, refs[0]))
        inside += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        boxes.append(f'<way id="{n}" version="1" timestamp="2024-01-01T00:00:00Z">{inside}</way>')
    (folder / "x.osm").write_text(f'<osm version="0.6">{"".join(drawn + boxes)}{relation}</osm>', encoding="utf-8")
    (west, south), (east, north) = (TO_DEGREES.transform(ORIGIN[0] + d, ORIGIN[1] + d) for d in (0, 1000))
    text = f'name = "t"\n[zones]\nbbox = [{west}, {south}, {east}, {north}]\n[osm]\npath = "x.osm"\ncomplete = true\n{more}'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return read_study(folder / "study.toml")


@pytest.mark.slow
def test_a_park_known_as_a_point_alone_leaves_parks_open_though_they_are_vouched_for(tmp_path):
    park = [(box(0, 0, 100, 100), {"leisure": "park", "name": "南园公园"})]
    whole = _study(tmp_path, ways=park)
    assert "parks" not in whole.area.incomplete
    dot = [((800, 800), {"leisure": "park", "name": "北园公园"})]
    partial = _study(tmp_path, nodes=dot, ways=park)
    assert "parks" in partial.area.incomplete
    assert sg.park_coverage(whole.area).high < sg.park_coverage(partial.area).high == 1.0


@pytest.mark.slow
def test_a_school_that_is_a_relation_without_outline_is_told(tmp_path):
    relation = '<relation id="7" version="1"><member type="way" ref="1" role=""/><tag k="type" v="site"/>'
    relation += '<tag k="amenity" v="school"/><tag k="name" v="城东小学"/></relation>'
    (osm,) = (source for source in _study(tmp_path, relation=relation).inputs if source.role == "osm")
    assert [note.amounts["ids"] for note in osm.notes if note.kind == "no_outline"] == ["r7"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_corrections_are_read_as_offices_save_them(tmp_path, mark):
    rows = [("source_id", "name", "category"), ("node/7", "甲", "小学；初中"), ("W8", "乙", "")]
    (tmp_path / "mine.csv").write_text("\n".join(mark.join(row) for row in rows), encoding="utf-8")
    assert read_corrections(tmp_path / "mine.csv") == {"n7": ("primary_school", "junior_school"), "w8": ()}


def test_a_second_category_behind_a_bare_comma_is_not_lost(tmp_path):
    (tmp_path / "mine.csv").write_text("source_id,category\nn7,小学,初中\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2: more cells than columns"):
        read_corrections(tmp_path / "mine.csv")
