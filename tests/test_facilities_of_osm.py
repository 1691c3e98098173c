"""What is there, what it is, and how often: OpenStreetMap's facilities and parks by use, by name and by campus."""

import numpy as np
import pytest
from pyproj import CRS
from shapely.geometry import LineString, Point, box

from suizhou_geo.sources.osm_layers import layers_of
from suizhou_geo.sources.osm_lifecycle import state_of
from suizhou_geo.sources.osm_names import said
from suizhou_geo.sources.osm_rules import Objects

METRES = CRS.from_epsg(4547)
AS_OF = "2026-05-01T00:00:00Z"


def _objects(drawn, letter):
    shapes = np.empty(len(drawn), dtype=object)
    shapes[:] = [shape for shape, _ in drawn]
    return Objects([f"{letter}{number}" for number in range(len(drawn))], [tags for _, tags in drawn], shapes)


def read(points=(), lines=(), areas=(), as_of=AS_OF, **how):
    drawn = (_objects(points, "n"), _objects(lines, "w"), _objects(areas, "a"))
    return layers_of(*drawn, crs=METRES, as_of=as_of, **how)


def _school(name=None, **tags):
    return {"amenity": "school", **({} if name is None else {"name": name}), **tags}


def _served(layers):
    rows = layers["facilities"]
    return sorted(zip(rows["source_id"], rows["category"], strict=True))


def _told(notes, kind):
    return [told.amounts for told in notes if told.kind == kind]


# ------------------------------------------------------------------------------------------------------- in use

IN_USE = (
    {},
    {"disused": "no"},
    {"construction": "minor"},
    {"proposed": "primary"},
    {"opening_date": "2025-09-01"},
    {"opening_date": "2026-04"},
    {"start_date": "2026"},
    {"end_date": "2027"},
    {"end_date": "soon"},
    {"disused:shop": "kiosk"},
    {"operational_status": "operational"},
)
NOT_IN_USE = (
    *({word: "yes"} for word in ("disused", "abandoned", "construction", "proposed", "planned", "demolished", "razed")),
    *({word: "2024-03"} for word in ("removed", "construction", "proposed")),
    {"abandoned": "building"},
    {"opening_date": "2026-09"},
    {"opening_date": "2026"},
    {"start_date": "2026-06"},
    {"end_date": "2025"},
    {"end_date": "2026-04-30"},
    {"operational_status": "closed"},
    {"status": "proposed"},
    {"opening_hours": "closed"},
)


@pytest.mark.slow
@pytest.mark.parametrize(("base", "layer"), [({"highway": "tertiary"}, "roads"), ({"highway": "footway"}, "walkways")])
def test_lines_not_in_use_are_no_roads_nor_walkways(base, layer):
    for tags, there in [*((t, True) for t in IN_USE), *((t, False) for t in NOT_IN_USE)]:
        layers, notes, _ = read(lines=[(LineString([(0, 0), (100, 0)]), {**base, **tags})])
        assert len(layers[layer]) == there, tags
        assert bool(_told(notes, "not_yet") or _told(notes, "not_in_use")) != there


@pytest.mark.slow
def test_areas_not_in_use_are_no_parks_schools_homes_or_houses():
    kinds = {
        "parks": {"leisure": "park"},
        "facilities": {"amenity": "school", "name": "东关小学"},
        "residential": {"landuse": "residential"},
        "buildings": {"building": "apartments"},
        "parking": {"amenity": "parking"},
        "chargers": {"amenity": "charging_station"},
    }
    for layer, base in kinds.items():
        layers, notes, _ = read(areas=_far_apart(base, NOT_IN_USE))
        assert layers[layer].empty, layer
        told = _by_layer(notes, layer)
        assert (told["layer"], told["objects"]) == (layer, len(NOT_IN_USE))
        assert len(read(areas=_far_apart(base, IN_USE))[0][layer]) == len(IN_USE)


def _far_apart(base, every):
    """Squares 5 km apart, so that none is taken for a part of another, each with the base tags and some more."""
    return [(box(5000 * n, 0, 5000 * n + 100, 100), {**base, **tags}) for n, tags in enumerate(every)]


def _by_layer(notes, layer):
    (amounts,) = (said for said in _told(notes, "not_in_use") if said["layer"] == layer)
    return amounts


@pytest.mark.parametrize("word", ["disused", "abandoned", "construction", "proposed", "demolished", "was"])
def test_a_tag_forgotten_beside_its_former_self_does_not_count(word):
    tags = {"leisure": "park", f"{word}:leisure": "park", "name": "老园"}
    layers, notes, _ = read(areas=[(box(0, 0, 100, 100), tags)])
    assert layers["parks"].empty
    assert _by_layer(notes, "parks")["names"].en == " (老园)"
    assert len(read(areas=[(box(0, 0, 100, 100), {"leisure": "park", f"{word}:leisure": "pitch"})])[0]["parks"]) == 1


def test_a_vacant_shop_is_a_house_still():
    layers, notes, _ = read(areas=[(box(0, 0, 20, 20), {"building": "retail", "shop": "vacant", "amenity": "bank"})])
    assert len(layers["buildings"]) == 1
    assert layers["facilities"]["category"].tolist() == ["bank"]
    assert not _told(notes, "not_in_use")


def test_roads_under_construction_are_told_whatever_they_become():
    line = LineString([(0, 0), (100, 0)])
    drawn = [{"highway": "construction", "construction": "primary"}, {"highway": "proposed", "proposed": "yes"}]
    drawn += [{"highway": "razed"}, {"highway": "construction", "construction": "footway"}]
    layers, notes, _ = read(lines=[(line, tags) for tags in drawn])
    assert layers["roads"].empty
    assert [amounts["objects"] for amounts in _told(notes, "not_yet")] == [3]
    assert _by_layer(notes, "walkways")["objects"] == 1


@pytest.mark.slow
def test_what_is_being_built_or_given_up_is_ground_still_and_what_is_planned_is_none():
    land = {
        "construction": "vacant_urban",
        "disused": "vacant_urban",
        "proposed": None,
        "planned": None,
    }
    for word, wanted in land.items():
        layers, notes, _ = read(areas=[(box(0, 0, 100, 100), {"landuse": "industrial", word: "yes"})])
        assert layers["land_use"]["land_class"].tolist() == ([] if wanted is None else [wanted])
        assert ("land_use" in [told["layer"] for told in _told(notes, "not_in_use")]) == (wanted is None)
    forest = read(areas=[(box(0, 0, 100, 100), {"landuse": "forest", "disused": "yes"})])[0]["land_use"]
    assert forest["land_class"].tolist() == ["forest"]
    assert not forest["construction"].any()


@pytest.mark.slow
def test_a_canal_nobody_uses_bars_people_still():
    drawn = {"waterway": "canal"}
    line = LineString([(0, 0), (100, 0)])
    assert len(read(lines=[(line, {**drawn, "disused": "yes"})])[0]["barriers"]) == 1
    assert read(lines=[(line, {**drawn, "proposed": "yes"})])[0]["barriers"].empty


def test_dates_are_held_against_the_date_of_the_data():
    tags = {"amenity": "school", "opening_date": "2027-09-01"}
    assert [state_of(tags, day) for day in ("2026-01-01", "2027-09-02", "")] == ["planned", None, "planned"]
    ended = {"amenity": "school", "end_date": "2020"}
    assert [state_of(ended, day) for day in ("2019-12-31", "2020-06-01", "")] == [None, "over", "over"]


OUT_BY_NAME = (
    *(
        "城南小学旧址",
        "城南小学（筹建）",
        "城南小学（在建）",
        "拟建城南小学",
        "规划小学",
        "城南小学(已搬迁)",
        "原城南小学",
    ),
    *("城南小学（建设中）", "城南小学（尚未启用）", "城南小学（已撤并）", "待建小学", "城南小学（停办）", "原曾都三中"),
)
IN_BY_NAME = (
    *(
        "城南小学",
        "原阳小学",
        "原种场小学",
        "规划路小学",
        "易地搬迁安置区小学",
        "在建国路小学",
        "城南小学（原东关小学）",
    ),
    *("中原小学", "遗址路小学", "新建小学", "平原小学"),
)


@pytest.mark.slow
def test_names_say_what_is_not_in_use():
    for name, there in [*((n, False) for n in OUT_BY_NAME), *((n, True) for n in IN_BY_NAME)]:
        layers, notes, _ = read(points=[(Point(0, 0), _school(name))])
        assert len(layers["facilities"]) == there, name
        assert len(_told(notes, "not_in_use")) == (not there), name
    for name, there in (("城东公园（在建）", 0), ("规划公园", 0), ("古城遗址公园", 1), ("原点公园", 1)):
        assert len(read(areas=[(box(0, 0, 9, 9), {"leisure": "park", "name": name})])[0]["parks"]) == there, name


def test_a_stop_may_be_called_after_what_is_no_more():
    assert len(read(points=[(Point(0, 0), {"highway": "bus_stop", "name": "二中旧址"})])[0]["facilities"]) == 1


@pytest.mark.slow
def test_a_school_on_a_building_site_is_none_yet():
    for tags in ({"building": "construction"}, {"landuse": "construction"}, {"building": "demolished"}):
        layers, notes, _ = read(areas=[(box(0, 0, 100, 100), _school("东关小学", **tags))])
        assert layers["facilities"].empty
        assert _by_layer(notes, "facilities")["objects"] == 1
        assert layers["land_use"]["land_class"].tolist() == ["vacant_urban"] * ("landuse" in tags)
    assert len(read(areas=[(box(0, 0, 100, 100), {"building": "construction"})])[0]["buildings"]) == 1


@pytest.mark.slow
def test_what_is_for_its_own_people_only_does_not_count():
    clinic, school = {"amenity": "clinic", "name": "张氏诊所"}, _school("东关小学")
    for access, there in (("private", 0), ("no", 0), ("employees", 0), ("customers", 1), ("yes", 1)):
        layers, notes, _ = read(points=[(Point(0, 0), {**clinic, "access": access})])
        assert len(layers["facilities"]) == there
        assert [amounts["objects"] for amounts in _told(notes, "closed_facilities")] == [1] * (1 - there)
    assert len(read(points=[(Point(0, 0), {**school, "access": "private"})])[0]["facilities"]) == 1
    corrected = read(
        points=[(Point(0, 0), {**clinic, "access": "private"})], corrections={"n0": ("outpatient_clinic",)}
    )
    assert len(corrected[0]["facilities"]) == 1
    assert not _told(corrected[1], "closed_facilities")


def test_a_road_called_planned_is_a_road():
    line = LineString([(0, 0), (100, 0)])
    assert len(read(lines=[(line, {"highway": "tertiary", "name": "规划一路"})])[0]["roads"]) == 1


# --------------------------------------------------------------------------------------------------------- names

SCHOOLS = {
    "primary": "城关小学 北郊中学附属小学 第五中学小学部 体育路小学 学院街小学 实验小学城南校区 文峰小学（初中部在西校区） "
    "文峰学校（小学部） 城关一小 王店教学点 东门完小 师范附小 艺术小学 职教中心附属小学 大学城小学 航空路小学 实验小学北街校区",
    "junior": "北郊初中 第四初级中学 二中初中部 外国语学校（初中部） 完全中学 第二高级中学文峰初中 小学路初级中学",
    "middle": "北郊中学 市七中 第12中学 学府附中 师范大学附属第二中学 体校路中学 铁路中学 农场中学 六中（北校区） 九中分校",
    "senior": "北郊高中 第二高级中学 四中高中部 综合高中 文峰学校（高中部）",
    "both": "北郊九年一贯制学校 十二年一贯制学校 大学附属学校 铁路子弟学校 文峰学校（小学部、初中部） 中小学",
    "unsaid": "文峰学校 外国语学校 双语实验学校 国际学校 镇中心学校 卫生路学校 工业园学校 启明书院",
    "kindergarten": "机关幼儿园 小学附属幼儿园 市二幼 党校幼儿园",
    "none": "杂技学校 体育学校 音乐艺术学校 卫生学校 护士学校 武术学校 散打学校 财经学校 电子工程学校 机电学校 商务学校 "
    "旅游学校 烹饪学校 电脑学校 农机学校 水利学校 老年学校 职工学校 市民学校 舞蹈学校 棋院 书画学校 足球学校 技工学校 技师学院 "
    "职业高中 职业中学 职教中心 职业技术学校 中专 中等专业学校 卫校 体校 驾校 驾驶学校 党校 团校 进修学校 师范学校 幼师 "
    "培训学校 英语培训中心 补习学校 少年宫 青少年活动中心 开放大学 聋人学校 盲校 培智学校 特殊教育中心 工读学校 北郊大学 "
    "北郊职业学院 中小学生实践基地 体育中学 艺术高中 家长学校 少儿美术",
    "": "东关 Sunny",
}
HOSPITALS = {
    "general": "北郊人民医院 市中心医院 市中医医院 县中医院 妇幼保健院 妇女儿童医院 第三医院 大学附属第一医院 "
    "红十字会医院 中西医结合医院 总医院 市立医院 陆军总医院 康复路人民医院 中心医院城南分院",
    "apart": "口腔医院 眼科医院 皮肤病医院 整形医院 精神病医院 精神卫生中心 疗养院 体检中心 康复医院 戒毒医院 月子中心 "
    "植发医院 男科医院 骨科医院 肿瘤医院 传染病医院 儿童医院 结核病医院 职业病医院 妇产医院 妇科医院 肛肠医院 不孕不育医院 "
    "骨伤医院 美容医院 心血管病医院 脑科医院 胸科医院 肝病医院 肾病医院 老年病医院 耳鼻喉医院 中医骨伤医院 附属口腔医院 "
    "安定医院 血液中心 急救中心 疾控中心 校医院 护理院 人民医院体检中心 北郊眼科",
    "unsaid": "友谊医院 协和医院 同济医院 济民医院 北郊医院 康华医院 职工医院 附属协和医院",
    "centre": "北郊社区卫生服务中心 北郊镇卫生院 中心卫生院 社区医院 龙眼镇卫生院",
    "station": "北郊社区卫生服务站 村卫生室 卫生所 医务室",
    "clinic": "张氏诊所 中医门诊部 中医馆 济民门诊部",
    "animal": "宠物医院 动物医院 宠物诊所 兽医站",
}


@pytest.mark.parametrize(("words", "kinds"), [("school", SCHOOLS), ("health", HOSPITALS)])
def test_the_last_word_of_a_name_says_what_it_is(words, kinds):
    assert {name: said(words, name) for names in kinds.values() for name in names.split()} == {
        name: kind for kind, names in kinds.items() for name in names.split()
    }


def test_a_name_is_read_whatever_its_brackets_and_blanks():
    for name in (
        "文峰学校(小学部)",
        "文峰学校（小学部）",
        "文峰学校 （小学部）",
        "文峰学校【小学部】",
        "文 峰 学 校（小学部）",
    ):
        assert said("school", name) == "primary"
    assert said("school", "市 12 中") == said("school", "市１２中") == "middle"


@pytest.mark.slow
def test_hospitals_for_one_ailment_are_apart_and_told():
    names = [*HOSPITALS["apart"].split(), *HOSPITALS["animal"].split(), "Riverside Eye Hospital"]
    drawn = [(Point(1000 * n, 0), {"amenity": "hospital", "name": name}) for n, name in enumerate(names)]
    layers, _, guesses = read(points=drawn)
    assert layers["facilities"].empty
    assert {guess.name for guess in guesses} == {*HOSPITALS["apart"].split(), "Riverside Eye Hospital"}
    general = HOSPITALS["general"].split()
    layers, _, guesses = read(
        points=[(Point(1000 * n, 0), {"amenity": "hospital", "name": name}) for n, name in enumerate(general)]
    )
    assert layers["facilities"]["category"].tolist() == ["hospital"] * len(general)
    assert not guesses


@pytest.mark.slow
def test_a_hospital_that_mappers_say_is_for_one_ailment_is_apart():
    for speciality, there in (("ophthalmology", 0), ("psychiatry;addiction_medicine", 0), ("general;ophthalmology", 1)):
        tags = {"healthcare": "hospital", "name": "康华医院", "healthcare:speciality": speciality}
        assert len(read(points=[(Point(0, 0), tags)])[0]["facilities"]) == there


# ----------------------------------------------------------------------------------------------------- one campus


def test_a_campus_its_houses_and_its_gates_are_one_school():
    drawn = [
        (box(0, 0, 300, 200), _school("城关小学")),
        (box(10, 10, 60, 40), _school(building="school")),
        (box(80, 10, 130, 40), _school("综合楼", building="school")),
    ]
    points = [
        (Point(305, 100), _school("城关小学东门")),
        (Point(150, 210), _school("城关小学（北门）")),
        (Point(150, -100), _school("市城关小学2号门")),
        (Point(150, 100), _school("Chengguan Primary School")),
        (Point(-20, 50), _school("曾都区城关小学")),
    ]
    layers, notes, guesses = read(points=points, areas=drawn)
    assert _served(layers) == [("a0", "primary_school")]
    assert [amounts["objects"] for amounts in _told(notes, "doubles")] == [7]
    assert not guesses


@pytest.mark.slow
def test_gates_alone_are_one_school_with_its_name():
    points = [(Point(0, 0), _school("城关小学（东门）")), (Point(400, 0), _school("城关小学（西门）"))]
    rows = read(points=points)[0]["facilities"]
    assert rows["name"].tolist() == ["城关小学"]
    apart = [(Point(0, 0), _school("城关小学")), (Point(400, 0), _school("城关小学"))]
    assert len(read(points=apart)[0]["facilities"]) == 2
    elsewhere = (Point(9000, 0), _school("北郊小学东门"))
    assert len(read(points=[*apart, elsewhere])[0]["facilities"]) == 3
    assert len(read(points=[*points[:1], (Point(600, 0), points[1][1])])[0]["facilities"]) == 2


def test_what_is_of_another_kind_inside_a_campus_stays():
    points = [
        (Point(50, 50), {"amenity": "kindergarten"}),
        (Point(60, 50), {"amenity": "clinic", "name": "校医务室"}),
        (Point(70, 50), _school("北郊初中")),
    ]
    layers, _, _ = read(points=points, areas=[(box(0, 0, 100, 100), _school("城关小学"))])
    assert _served(layers) == [
        ("a0", "primary_school"),
        ("n0", "kindergarten"),
        ("n1", "health_station"),
        ("n2", "junior_school"),
    ]


@pytest.mark.slow
def test_a_nameless_campus_is_what_the_school_in_it_is():
    campus = box(0, 0, 100, 100)
    one, notes, guesses = read(points=[(Point(50, 50), _school("城关小学"))], areas=[(campus, _school())])
    assert _served(one) == [("a0", "primary_school")]
    assert not guesses
    assert not _told(notes, "by_rule")
    two = [(Point(20, 50), _school("城关小学")), (Point(80, 50), _school("城关初中"))]
    assert _served(read(points=two, areas=[(campus, _school())])[0]) == [
        ("n0", "primary_school"),
        ("n1", "junior_school"),
    ]


def test_houses_of_a_senior_high_school_are_no_schools():
    houses = [(box(10, 10, 20, 20), _school(building="yes")), (box(30, 10, 40, 20), _school("实验楼"))]
    assert read(areas=[(box(0, 0, 100, 100), _school("第二高级中学")), *houses])[0]["facilities"].empty


def test_a_kindergarten_tagged_as_school_and_as_kindergarten_is_one():
    layers, _, _ = read(
        points=[(Point(50, 50), {"amenity": "kindergarten", "name": "机关幼儿园"})],
        areas=[(box(0, 0, 100, 100), _school("机关幼儿园"))],
    )
    assert _served(layers) == [("a0", "kindergarten")]


def test_a_hospital_its_houses_and_its_gate_are_one():
    houses = [
        (box(10, 10, 20, 20), {"amenity": "hospital", "name": "外科楼"}),
        (box(30, 10, 40, 20), {"amenity": "hospital"}),
    ]
    gate = [
        (Point(-30, 0), {"amenity": "hospital", "name": "北郊人民医院南门"}),
        (Point(50, 50), {"amenity": "clinic", "name": "张氏诊所"}),
    ]
    layers, _, _ = read(
        points=gate, areas=[(box(0, 0, 100, 100), {"amenity": "hospital", "name": "北郊人民医院"}), *houses]
    )
    assert _served(layers) == [("a0", "hospital"), ("n1", "outpatient_clinic")]


def test_names_of_one_street_s_shops_with_gates_stay_apart():
    shops = [
        (Point(0, 0), {"amenity": "bank", "name": "农行"}),
        (Point(50, 0), {"amenity": "bank", "name": "农行东门"}),
    ]
    assert len(read(points=shops)[0]["facilities"]) == 2


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_objects_decides_nothing(seed):
    drawn = [
        (box(0, 0, 300, 200), _school("城关小学")),
        (box(80, 10, 130, 40), _school("综合楼")),
        (box(400, 0, 500, 90), _school()),
        (Point(305, 100), _school("城关小学东门")),
        (Point(450, 50), _school("北郊初中")),
        (Point(900, 50), _school("文峰学校")),
        (Point(1900, 50), {"amenity": "hospital", "name": "北郊医院"}),
    ]
    order = np.random.default_rng(seed).permutation(len(drawn))
    mixed = [drawn[i] for i in order]
    rows = read(areas=mixed)[0]["facilities"]
    found = sorted(zip(rows["category"], rows["name"], rows.geometry.to_wkt(), strict=True))
    plain = read(areas=drawn)[0]["facilities"]
    assert found == sorted(zip(plain["category"], plain["name"], plain.geometry.to_wkt(), strict=True))
    assert len(found) == 5


# ------------------------------------------------------------------------------------------------ guesses, corrected


def _guessed_town():
    return [
        (Point(0, 0), _school("北郊中学")),
        (Point(1000, 0), _school("文峰学校")),
        (Point(2000, 0), _school("艺术学校")),
        (Point(3000, 0), _school("城关小学")),
        (Point(4000, 0), {"amenity": "hospital", "name": "北郊医院"}),
    ]


def test_what_is_guessed_is_listed():
    _, _, guesses = read(points=_guessed_town())
    assert [(guess.source_id, guess.name, guess.categories) for guess in guesses] == [
        ("n0", "北郊中学", ("junior_school",)),
        ("n1", "文峰学校", ("primary_school", "junior_school")),
        ("n2", "艺术学校", ()),
        ("n4", "北郊医院", ("hospital",)),
    ]
    assert all(guess.why.zh and guess.why.en for guess in guesses)


def test_what_a_planner_corrects_comes_before_every_rule():
    corrections = {"n0": (), "n1": ("primary_school",), "n2": ("junior_school", "primary_school"), "n9": ("hospital",)}
    layers, notes, guesses = read(points=_guessed_town(), corrections=corrections)
    assert _served(layers) == [
        ("n1", "primary_school"),
        ("n2", "junior_school"),
        ("n2", "primary_school"),
        ("n3", "primary_school"),
        ("n4", "hospital"),
    ]
    assert [guess.source_id for guess in guesses] == ["n4"]
    assert _told(notes, "corrections_unused") == [{"layer": "facilities", "objects": 1, "ids": "n9"}]


def test_what_a_planner_corrects_is_no_part_of_another():
    house = (Point(50, 50), _school("综合楼"))
    drawn = {"points": [house], "areas": [(box(0, 0, 100, 100), _school("城关小学"))]}
    assert _served(read(**drawn)[0]) == [("a0", "primary_school")]
    assert _served(read(**drawn, corrections={"n0": ("junior_school",)})[0]) == [
        ("a0", "primary_school"),
        ("n0", "junior_school"),
    ]


# ----------------------------------------------------------------------------------------------- parks and their ground


def test_a_park_that_is_a_point_is_left_out_and_told():
    points = [
        (Point(0, 0), {"leisure": "park", "name": "东关公园"}),
        (Point(5000, 0), {"leisure": "park"}),
        (Point(9000, 0), {"place": "square", "name": "文峰广场"}),
        (Point(1050, 50), {"leisure": "park", "name": "北郊"}),  # in an outline
        (Point(1000, -50), {"leisure": "park", "name": "北郊公园"}),  # at the gate of one
        (Point(7000, 0), {"leisure": "park", "name": "旧园", "disused": "yes"}),
    ]
    layers, notes, _ = read(points=points, areas=[(box(1000, 0, 1100, 100), {"leisure": "park", "name": "北郊公园"})])
    assert layers["parks"]["name"].tolist() == ["北郊公园"]
    (amounts,) = _told(notes, "park_points")
    assert (amounts["objects"], amounts["names"].en) == (3, " (东关公园, 文峰广场)")


PRIVATE = (
    ({"landuse": "military"}, {"name": "园"}, False),
    ({"landuse": "residential", "access": "private"}, {"name": "园"}, False),
    ({"landuse": "residential", "gated": "yes"}, {}, False),
    ({"landuse": "residential", "residential": "gated"}, {}, False),
    ({"landuse": "industrial"}, {}, False),
    ({"landuse": "industrial"}, {"name": "工人公园"}, True),
    ({"amenity": "hospital", "name": "北郊人民医院"}, {}, False),
    ({"landuse": "residential"}, {}, True),  # who may enter is not said here: the measure has a range
    ({"landuse": "retail"}, {}, True),
)


@pytest.mark.parametrize(("ground", "green", "is_open"), PRIVATE)
def test_green_on_ground_the_public_does_not_enter_is_no_open_park(ground, green, is_open):
    areas = [(box(0, 0, 300, 300), ground), (box(100, 100, 200, 200), {"leisure": "park", **green})]
    layers, notes, _ = read(areas=[*areas, (box(500, 0, 600, 100), {"leisure": "park", "name": "外"})])
    assert layers["parks"]["open_public"].tolist() == [is_open, True]
    assert [(said["objects"], round(said["ha"], 3)) for said in _told(notes, "attached_green")] == [(1, 1.0)] * (
        not is_open
    )


@pytest.mark.slow
def test_closed_to_all_but_some_is_not_open():
    for access in ("private", "no", "residents", "customers", "members", "permit", "employees", "military"):
        park = [(box(0, 0, 100, 100), {"leisure": "park", "access": access})]
        layers, notes, _ = read(areas=park)
        assert not layers["parks"]["open_public"].any()
        (amounts,) = _told(notes, "closed_parks")
        assert (amounts["objects"], amounts["ha"]) == (1, pytest.approx(1.0))


# -------------------------------------------------------------------------------------------------------- gates


@pytest.mark.slow
def test_gates_stand_on_the_outline_of_what_they_lead_into_and_are_open():
    park = (box(0, 0, 200, 100), {"leisure": "park", "name": "白云公园"})
    gates = [
        (Point(0, 50), {"barrier": "gate"}),
        (Point(200, 50), {"entrance": "main"}),
        (Point(100, 0), {"barrier": "gate", "access": "private", "foot": "yes"}),
        (Point(100, 100), {"barrier": "gate", "access": "private"}),
        (Point(50, 110), {"barrier": "gate"}),
    ]
    layers, _, _ = read(points=gates, areas=[park])
    assert layers["gates"]["source_id"].tolist() == ["n0", "n1", "n2"]
    assert read(points=gates)[0]["gates"].empty
