"""The numbers every measure judges by, as the clauses say them, and what OpenStreetMap's tags are in a Chinese city.

Both are written down here a second time, from the clauses and from OpenStreetMap's vocabulary, not from the tables.
"""

from math import inf, sqrt

import numpy as np
import pytest
from pyproj import CRS
from shapely import LineString, Point, box

from suizhou_geo.sources.osm_layers import layers_of
from suizhou_geo.sources.osm_rules import Objects
from suizhou_geo.standards import table

METRES = CRS.from_epsg(4547)
TABLES = ("life_circles", "road_classes", "park_tiers", "park_sizes", "speeds", "emergency", "built_up", "osm_layers")

RADIUS, WALK, OLD, MNR = "service radius", "circle", "GB 50180-93 service radius", "TD/T 1063 2 km"
MUST, MAY = True, False

# class, metres between carriageways of which no direction is told: of one name, without names, at most, side road at most
UNTOLD_WIDTHS = (
    ("motorway", (62.0, 62.0, 62.0, 45.0, 30.0)),
    ("expressway", (62.0, 62.0, 62.0, 45.0, 30.0)),
    ("arterial", (62.0, 30.0, 62.0, 45.0, 30.0)),
    ("secondary", (45.0, 30.0, 62.0, 30.0, 30.0)),
    ("branch", (30.0, 25.0, 62.0, 20.0, 20.0)),
    ("others", (30.0, 20.0, 30.0, 20.0, 15.0)),
)

# GB 50180-2018: category, its circle in minutes, ▲ or △ (appendix B), metres, whether they are the radius of appendix C
# or the walk of the circle (3.0.4)
CIRCLES = (
    ("junior_school", "初中", 15, MUST, 1000, RADIUS),
    ("sports_hall", "体育馆(场)或全民健身中心", 15, MAY, 1000, RADIUS),
    ("large_sports_field", "大型多功能运动场地", 15, MUST, 1000, RADIUS),
    ("medium_sports_field", "中型多功能运动场地", 10, MUST, 500, RADIUS),
    ("health_centre", "卫生服务中心(社区医院)", 15, MUST, 1000, RADIUS),
    ("outpatient_clinic", "门诊部", 15, MUST, 1000, WALK),
    ("elderly_home", "养老院", 15, MUST, 1000, WALK),
    ("nursing_home", "老年养护院", 15, MUST, 1000, WALK),
    ("culture_centre", "文化活动中心", 15, MUST, 1000, RADIUS),
    ("community_centre", "社区服务中心(街道级)", 15, MUST, 1000, RADIUS),
    ("subdistrict_office", "街道办事处", 15, MUST, 1000, RADIUS),
    ("police_station", "派出所", 15, MAY, 1000, WALK),
    ("post_office", "邮政营业场所", 15, MUST, 1000, RADIUS),
    ("primary_school", "小学", 10, MUST, 500, RADIUS),
    ("shopping_centre", "商场", 10, MUST, 500, RADIUS),
    ("market", "菜市场或生鲜超市", 10, MUST, 500, RADIUS),
    ("restaurant", "餐饮设施", 10, MUST, 500, WALK),
    ("bank", "银行营业网点", 10, MUST, 500, WALK),
    ("telecom", "电信营业网点", 10, MUST, 500, WALK),
    ("bus_stop", "公交车站", 10, MUST, 500, RADIUS),
    ("community_station", "社区服务站", 5, MUST, 300, RADIUS),
    ("canteen", "社区食堂", 5, MAY, 300, WALK),
    ("culture_station", "文化活动站", 5, MUST, 500, RADIUS),
    ("small_sports_field", "小型多功能运动(球类)场地", 5, MUST, 300, RADIUS),
    ("fitness_ground", "室外综合健身场地", 5, MUST, 300, RADIUS),
    ("kindergarten", "幼儿园", 5, MUST, 300, RADIUS),
    ("nursery", "托儿所", 5, MAY, 300, OLD),
    ("elderly_day_care", "老年人日间照料中心", 5, MUST, 300, RADIUS),
    ("health_station", "社区卫生服务站", 5, MAY, 300, RADIUS),
    ("community_shops", "社区商业网点", 5, MUST, 300, RADIUS),
    ("recycling", "再生资源回收点", 5, MUST, 300, WALK),
    ("waste_station", "生活垃圾收集站", 5, MUST, 400, RADIUS),
    ("public_toilet", "公共厕所", 5, MUST, 300, WALK),
    ("hospital", "市区级医院", 0, MAY, 2000, MNR),
)

# TD/T 1063-2021: the minutes are in the name, the metres are the common local reading
INDICATORS = (
    ("health", "社区卫生服务设施步行15分钟覆盖率", 1000, "health_centre health_station"),
    ("junior", "社区中学步行15分钟覆盖率", 1000, "junior_school"),
    ("primary", "社区小学步行10分钟覆盖率", 500, "primary_school"),
    (
        *("sports", "社区体育设施步行15分钟覆盖率", 1000),
        "sports_hall large_sports_field medium_sports_field small_sports_field fitness_ground",
    ),
    ("culture", "社区文化活动设施步行15分钟覆盖率", 1000, "culture_centre culture_station"),
    ("market", "菜市场(生鲜超市)步行10分钟覆盖率", 500, "market"),
    ("elderly", "社区养老设施步行5分钟覆盖率", 300, "elderly_day_care elderly_home nursing_home"),
    ("hospital", "市区级医院2公里覆盖率", 2000, "hospital"),
)

# 完整居住社区建设标准(试行), 建科规〔2020〕7号: number, first words, the size in the name, what a map can show of it
ITEMS = (
    ("01", "社区综合服务站", "800 m²", "community_station"),
    ("02", "幼儿园", "6班", "kindergarten"),
    ("03", "托儿所", "200 m²", "nursery"),
    ("04", "老年服务站", "350 m²", "elderly_day_care"),
    ("05", "社区卫生服务站", "120 m²", "health_centre health_station"),
    ("06", "综合超市", "300 m²", "market shopping_centre"),
    ("07", "邮件和快件寄递设施", "15 m²", "post_office"),
    ("08", "其他便民商业网点", "", "community_shops"),
    ("09", "水电路气热信", "", ""),
    ("10", "停车及充电", "", ""),
    ("11", "慢行系统", "", ""),
    ("12", "无障碍", "", ""),
    ("13", "环境卫生", "", ""),
    ("14", "公共活动场地", "150 m²", "fitness_ground small_sports_field"),
    ("15", "公共绿地", "4000 m²", ""),
    ("16", "物业服务", "", ""),
    ("17", "物业管理服务平台", "", ""),
    ("18", "管理机制", "", ""),
    ("19", "综合管理服务", "", ""),
    ("20", "社区文化", "", ""),
)

GREEN = ["garden", "green_strip", "park"]
# table, key, value, clause
SAID = (
    ("life_circles", "walkers.adult.metres", 1000, "GB 50180-2018 3.0.4: 15 minutes, 800 to 1000 m"),
    ("life_circles", "walkers.adult.minutes", 15, "GB 50180-2018 3.0.4"),
    ("life_circles", "walkers.child.metres", 800, "GB 50180-2018 3.0.4: 15 minutes, 800 to 1000 m"),
    ("life_circles", "walkers.child.minutes", 15, "GB 50180-2018 3.0.4"),
    ("life_circles", "walkers.elderly.metres", 500, "GB 50180-2018 3.0.4: 10 minutes, 500 m, 50 m/min is the slowest"),
    ("life_circles", "walkers.elderly.minutes", 10, "GB 50180-2018 3.0.4"),
    ("life_circles", "places.kindergarten.categories", ["kindergarten"], "学位"),
    ("life_circles", "places.kindergarten.radius_m", 300, "GB 50180-2018 appendix C"),
    ("life_circles", "places.kindergarten.per_thousand", 36.0, "local practice 30 to 40"),
    ("life_circles", "places.primary_school.categories", ["primary_school"], "学位"),
    ("life_circles", "places.primary_school.radius_m", 500, "GB 50180-2018 appendix C"),
    ("life_circles", "places.primary_school.per_thousand", 65.0, "local practice 60 to 70"),
    ("life_circles", "places.junior_school.categories", ["junior_school"], "学位"),
    ("life_circles", "places.junior_school.radius_m", 1000, "GB 50180-2018 appendix C"),
    ("life_circles", "places.junior_school.per_thousand", 33.0, "local practice 30 to 35"),
    ("life_circles", "places.elderly_care.categories", ["elderly_home", "nursing_home"], "养老院, 老年养护院"),
    ("life_circles", "places.elderly_care.radius_m", 1000, "GB 50180-2018 3.0.4: the 15-minute circle"),
    ("life_circles", "places.elderly_care.per_thousand", 8.0, "40 beds per 1,000 old people, a fifth of all: 40 / 5"),
    ("life_circles", "places.hospital.categories", ["hospital"], "床位"),
    ("life_circles", "places.hospital.radius_m", 2000, "MNR 市区级医院2公里覆盖率"),
    ("life_circles", "places.hospital.per_thousand", 7.4, "regional health planning for 2025"),
    ("life_circles", "complete_community.circle_m", 300, "完整居住社区: about the 5-minute circle"),
    ("life_circles", "complete_community.k", 16, "local practice"),
    ("life_circles", "complete_community.items.14.park_m2", [150, 150], "公共活动场地 from 150 m2"),
    ("life_circles", "complete_community.items.15.park_m2", [400, 4000], "公共绿地, new: from 4000 m2"),
    ("road_classes", "class_density.trunk_roads.classes", ["arterial", "expressway"], "GB/T 51328 干线道路"),
    ("road_classes", "class_density.trunk_roads.low", 1.3, "GB/T 51328, 500,000 to 1 million: 1.3 to 1.8 km/km2"),
    ("road_classes", "class_density.trunk_roads.high", 1.8, "GB/T 51328, 500,000 to 1 million: 1.3 to 1.8 km/km2"),
    *(
        ("road_classes", f"class_density.{row}.persons", persons, size)
        for row, persons, size in (
            ("trunk_roads", [500_000, 1_000_000], "GB/T 51328: 规划人口规模 50 to 100 万"),
            *((row, [200_000, 500_000], "中等城市: 20 to 50 万") for row in ("arterial", "secondary", "branch")),
        )
    ),
    ("road_classes", "class_density.arterial.classes", ["arterial"], "主干路"),
    ("road_classes", "class_density.arterial.low", 1.0, "GB 50220-95, medium city: 1.0 to 1.2"),
    ("road_classes", "class_density.arterial.high", 1.2, "GB 50220-95, medium city: 1.0 to 1.2"),
    ("road_classes", "class_density.secondary.classes", ["secondary"], "次干路"),
    ("road_classes", "class_density.secondary.low", 1.2, "GB 50220-95, medium city: 1.2 to 1.4"),
    ("road_classes", "class_density.secondary.high", 1.4, "GB 50220-95, medium city: 1.2 to 1.4"),
    ("road_classes", "class_density.branch.classes", ["branch"], "支路"),
    ("road_classes", "class_density.branch.low", 3.0, "GB 50220-95, medium city: 3 to 4"),
    ("road_classes", "class_density.branch.high", 4.0, "GB 50220-95, medium city: 3 to 4"),
    *(
        (
            "road_classes",
            f"untold_width_m.{road_class}.{word}",
            width_m,
            "ours; no standard says so",
        )
        for road_class, widths in UNTOLD_WIDTHS
        for word, width_m in zip(("named", "nameless", "widest", "side_road", "sure"), widths, strict=True)
    ),
    ("road_classes", "yearbook.least_width_m", 3.5, "城市建设统计年鉴: paved roads from 3.5 m"),
    ("park_tiers", "source.gap_m", 2.0, "pieces at most 2 m apart are dissolved before their size is tested"),
    ("park_tiers", "source.ribbon_ratio", 20, "told as a ribbon where longer than 20 times its width"),
    ("park_tiers", "profiles.2010/2021.kinds", GREEN, "公园绿地 G1; squares are no 公园绿地"),
    (
        *("park_tiers", "profiles.2010/2021.tiers"),
        [(5000, 500, False), (2000, 300, False), (1000, 300, True)],
        "GB/T 50563-2010, GB 55014-2021: 5000 m2 500 m, 2000 m2 300 m; 1000 m2 300 m in 历史文化街区",
    ),
    ("park_tiers", "profiles.2022+.kinds", [*GREEN, "square"], "公园绿化活动场地: with 广场用地"),
    (
        *("park_tiers", "profiles.2022+.tiers", [(5000, 500, False), (400, 300, False)]),
        "建城〔2022〕2号: 5000 m2 500 m, 400 m2 300 m",
    ),
    ("park_tiers", "profiles.mnr_5min.kinds", [*GREEN, "square"], "TD/T 1063-2021 公园绿地、广场步行5分钟"),
    ("park_tiers", "profiles.mnr_5min.tiers", [(400, 300, False)], "TD/T 1063-2021: every one from 400 m2, 300 m"),
    ("park_sizes", "source.kinds", GREEN, "公园绿地 G1"),
    ("park_sizes", "source.gap_m", 2.0, "as for the tiers"),
    ("park_sizes", "sizes.all.range_m2", [0, inf], "all"),
    ("park_sizes", "sizes.comprehensive.range_m2", [100_000, inf], "CJJ/T 85-2017 G11: from 10 ha"),
    ("park_sizes", "sizes.community.range_m2", [10_000, 100_000], "CJJ/T 85-2017 G12: from 1 ha"),
    ("park_sizes", "sizes.pocket.range_m2", [400, 10_000], "口袋公园: 400 to 10,000 m2"),
    ("park_sizes", "sizes.pocket.classes_m2", [400, 1000, 2000, 5000, 10_000], "cut where the tiers are"),
    ("speeds", "modes.walk.km_h", 4.5, "4 to 5"),
    ("speeds", "modes.walk.network", "walking", "on foot"),
    ("speeds", "modes.bicycle.km_h", 12.0, "12 to 20, the slow end"),
    ("speeds", "modes.bicycle.network", "streets", "streets"),
    ("speeds", "modes.ebike.km_h", 18.0, "12 to 20"),
    ("speeds", "modes.ebike.network", "streets", "streets"),
    ("speeds", "modes.bus.km_h", 13.0, "12 to 15, waiting included"),
    ("speeds", "modes.bus.network", "streets", "streets"),
    ("speeds", "modes.car.network", "car", "by class"),
    ("speeds", "modes.car.peak", True, "peak hour"),
    ("speeds", "modes.car_free.network", "car", "by class"),
    ("speeds", "modes.car_free.peak", False, "free flow"),
    ("speeds", "car.peak_factor", 0.5, "主干路 60, 次干路 50, 支路 40: 30, 25, 20 of the 20 to 30 km/h of a peak hour"),
    ("speeds", "car.motorway_peak_factor", 0.9, "outside the city"),
    ("speeds", "car.km_h.motorway", 100.0, "CJJ 37 and GB 55011 have no 高速公路"),
    ("speeds", "car.km_h.expressway", 80.0, "GB 55011, CJJ 37: 100, 80, 60"),
    ("speeds", "car.km_h.arterial", 60.0, "GB 55011, CJJ 37: 60, 50, 40"),
    ("speeds", "car.km_h.secondary", 50.0, "GB 55011, CJJ 37: 50, 40, 30"),
    ("speeds", "car.km_h.branch", 40.0, "GB 55011, CJJ 37: 40, 30, 20"),
    ("speeds", "car.km_h.local", 30.0, "below 支路"),
    ("speeds", "car.km_h.service", 20.0, "below 支路"),
    ("emergency", "services.fire.category", "fire_station", "消防救援5分钟可达覆盖率"),
    ("emergency", "services.fire.minutes", 5.0, "建标152-2017: within 5 minutes of the order"),
    ("emergency", "services.fire.turnout_min", 1.0, "of which a minute before the engine drives"),
    ("emergency", "services.fire.speed_km_h", 30.0, "own setting"),
    ("emergency", "services.emergency.category", "hospital", "医院5分钟车程覆盖率"),
    ("emergency", "services.emergency.minutes", 5.0, "own setting"),
    ("emergency", "services.emergency.turnout_min", 0.0, "own setting: a drive, nothing before it"),
    ("emergency", "services.emergency.speed_km_h", 30.0, "own setting"),
    ("built_up", "survey.start", ["201", "201A"], "TD/T 1064-2021: CZCSXM 城市, 城市独立工业用地"),
    ("built_up", "survey.towns", ["202", "202A"], "CZCSXM 建制镇, 建制镇独立工业用地: where contiguous"),
    ("built_up", "survey.grow_m", 100.0, "buffer of 100 m"),
    ("built_up", "survey.rounds", 3, "three iterations"),
    ("built_up", "survey.least_base_ha", 20.0, "not public, own setting"),
    ("built_up", "survey.least_patch_m2", 400.0, "not public: the least patch of built-up land in the survey"),
    (
        *("built_up", "survey.linear", ["1001", "1002", "1003", "1004", "1006", "1009", "1107"]),
        "三调 铁路, 轨道交通, 公路, 城镇村道路, 农村道路, 管道运输, 沟渠",
    ),
    (
        *("built_up", "survey.open_land"),
        ["0301", "0302", "0305", "0307", "0403", "0404", "1003", "1004", "1006", "1101", "1104"],
        "三调 乔木林, 竹林, 灌木, 其他林, 人工牧草, 其他草地, 公路, 城镇村道路, 农村道路, 河流, 坑塘",
    ),
    (
        *("built_up", "survey.joins"),
        [
            *("commercial", "community", "green", "industrial", "logistics", "park", "protective_green"),
            *("public_services", "reserve", "residential", "roads", "rural_homes", "special", "square", "utilities"),
        ],
        "built-up patches of any scope; no farmland, woods, water, mines or regional railways",
    ),
    ("built_up", "survey.barriers", ["motorway", "river"], "阻隔要素"),
    ("built_up", "map.close_m", 100.0, "as the survey grows"),
    ("built_up", "map.open_m", 50.0, "own setting"),
    ("built_up", "map.least_hole_ha", 25.0, "own setting: a block of 500 by 500 m"),
    ("built_up", "map.least_island_ha", 20.0, "as the survey's least group"),
    ("built_up", "map.streets", ["arterial", "branch", "local", "secondary"], "streets of the city, no 快速路"),
    ("built_up", "map.cell_m", 10.0, "own setting"),
    ("built_up", "map.most_cells", 40_000_000, "own setting: 63 by 63 km at 10 m"),
)

# whose walks stand in the scorecard: the minutes are those of the circle or of the indicator's name
WALKS = (
    ("tdt1063.health", 15, "elderly"),
    ("tdt1063.culture", 15, "elderly"),
    ("tdt1063.market", 10, "elderly"),
    ("tdt1063.elderly", 5, "elderly"),
    ("kindergarten", 5, "child"),
    ("primary_school", 10, "child"),
    ("junior_school", 15, "child"),
)
UNSURE = (
    *(f"places.{kind}" for kind in ("kindergarten", "primary_school", "junior_school", "elderly_care", "hospital")),
    *("walkers.elderly", "walkers.child"),
)

# class, its name, whether it is part of 道路网密度 (GB/T 51328-2018 ch. 12), whether people walk along it
CLASSES = (
    ("motorway", "高速公路", "no", False),
    ("expressway", "快速路", "yes", True),
    ("arterial", "主干路", "yes", True),
    ("secondary", "次干路", "yes", True),
    ("branch", "支路", "yes", True),
    ("local", "街坊道路", "outside_compounds", True),
    ("service", "内部道路", "no", True),
    ("pedestrian", "步行街", "no", True),
)
# highway=* in China: by administrative rank, 国道 and 快速路 trunk, 省道 and 主干路 primary and so on down
HIGHWAYS = (
    *(("motorway", "motorway"), ("trunk", "expressway"), ("primary", "arterial"), ("secondary", "secondary")),
    *(("tertiary", "branch"), ("unclassified", "branch"), ("residential", "local"), ("living_street", "service")),
    *(("service", "service"), ("pedestrian", "pedestrian"), ("road", "local"), ("busway", "service")),
)
ON_FOOT = ("footway", "path", "steps", "cycleway", "track", "bridleway", "corridor")


def _at(name, key):
    found = table(name)
    *steps, last = key.split(".")
    for step in steps:
        found = found[step]
    return found[last]


def _sorted(value):
    return sorted(value) if isinstance(value, list) and value and isinstance(value[0], str) else value


def _numbers(branch, key=""):
    """Every number in a table that stands below a key, as the key of the list or the value it is."""
    for name, value in branch.items():
        below = f"{key}.{name}" if key else name
        if isinstance(value, dict):
            yield from _numbers(value, below)
        elif isinstance(value, list):
            flat = [v for entry in value for v in (entry.values() if isinstance(entry, dict) else [entry])]
            if any(isinstance(v, int | float) for v in flat):
                yield below
        elif isinstance(value, int | float):
            yield below


# ------------------------------------------------------------------------------------------------------- the clauses


@pytest.mark.parametrize(("category", "name", "minutes", "required", "radius_m", "origin"), CIRCLES)
def test_the_circle_and_the_radius_of_a_facility(category, name, minutes, required, radius_m, origin):
    row = table("life_circles")["categories"][category]
    assert (row["name_zh"], row["circle_min"], row["required"]) == (name, minutes, required)
    assert (row["radius_m"], row["radius_from"]) == (radius_m, origin)


def test_there_are_no_other_facilities():
    assert set(table("life_circles")["categories"]) == {row[0] for row in CIRCLES}
    assert set(table("emergency")["categories"]) == {"fire_station"}


@pytest.mark.parametrize(("key", "name", "radius_m", "categories"), INDICATORS)
def test_the_walk_indicators(key, name, radius_m, categories):
    row = table("life_circles")["tdt1063"][key]
    assert (row["name_zh"], row["radius_m"], sorted(row["categories"])) == (name, radius_m, sorted(categories.split()))


@pytest.mark.parametrize(("number", "name", "size", "categories"), ITEMS)
def test_the_items_of_a_complete_community(number, name, size, categories):
    row = table("life_circles")["complete_community"]["items"][number]
    assert row["name_zh"].startswith(name)
    assert size in row["name_zh"]
    assert sorted(row.get("categories", ())) == sorted(categories.split())


def test_there_are_no_other_indicators_items_or_walks():
    circles = table("life_circles")
    assert set(circles["tdt1063"]) == {row[0] for row in INDICATORS}
    assert set(circles["complete_community"]["items"]) == {row[0] for row in ITEMS}
    assert [(walk["service"], walk["minutes"], walk["walker"]) for walk in circles["walks"]] == list(WALKS)


@pytest.mark.parametrize(("name", "key", "value", "clause"), SAID)
def test_what_a_clause_says(name, key, value, clause):
    found = _at(name, key)
    if key.endswith(".tiers"):
        found = [(tier["from_m2"], tier["radius_m"], tier.get("historic", False)) for tier in found]
    assert _sorted(found) == _sorted(value), clause


@pytest.mark.parametrize("key", UNSURE)
def test_what_no_standard_says_is_called_unsure(key):
    assert _at("life_circles", key)["sure"] == "unsure"


def test_the_adult_s_pace_is_likely():
    assert table("life_circles")["walkers"]["adult"]["sure"] == "likely"


def test_no_number_of_the_tables_is_missing_here():
    elsewhere = {
        "life_circles": ("categories.", "tdt1063.", "walks"),
        "road_classes": ("classes.",),
        "osm_layers": ("facilities.", "barrier_areas", "parks", "institutions", "duplicates.", "land_classes."),
    }
    said = {(name, key) for name, key, _, _ in SAID}
    for name in TABLES:
        missing = {key for key in _numbers(table(name)) if not key.startswith(elsewhere.get(name, ()))}
        assert {(name, key) for key in missing} <= said


# ------------------------------------------------------------------------------------------------------------- roads


@pytest.mark.parametrize(("key", "name", "counted", "walkable"), CLASSES)
def test_the_classes_of_roads(key, name, counted, walkable):
    row = table("road_classes")["classes"][key]
    assert (row["name_zh"], row["counted"], row["walkable"]) == (name, counted, walkable)


def test_highways_by_their_class():
    drawn = _layers(lines=[({"highway": highway}, _line(100)) for highway, _ in HIGHWAYS])
    assert drawn["roads"]["road_class"].tolist() == [road_class for _, road_class in HIGHWAYS]
    assert drawn["walkways"].empty
    assert set(table("road_classes")["classes"]) == {row[0] for row in CLASSES}
    assert set(table("road_classes")["osm_highway"]) == {highway for highway, _ in HIGHWAYS}


def test_the_exact_class_of_a_mapper_comes_first():
    exact = ["expressway", "arterial", "secondary", "branch"]
    lines = [({"highway": "residential", "highway:CN:urban": value}, _line(100)) for value in exact]
    assert _layers(lines=lines)["roads"]["road_class"].tolist() == exact
    assert set(table("road_classes")["osm_highway_cn_urban"]) == set(exact)


def test_ways_on_foot_are_no_roads():
    drawn = _layers(lines=[({"highway": highway}, _line(100)) for highway in ON_FOOT])
    assert drawn["roads"].empty
    assert len(drawn["walkways"]) == len(ON_FOOT) == len(table("road_classes")["osm_walkways"]["highway"])


# ---------------------------------------------------------------------------------------------------- drawn tag sets


def _objects(drawn):
    shapes = np.empty(len(drawn), dtype=object)
    shapes[:] = [shape for _, shape in drawn]
    return Objects([f"w{number}" for number in range(len(drawn))], [tags for tags, _ in drawn], shapes)


def _drawn(points=(), lines=(), areas=()):
    layers, notes, _ = layers_of(_objects(points), _objects(lines), _objects(areas), crs=METRES)
    return layers, [note.en for note in notes]


def _layers(**drawn):
    return _drawn(**drawn)[0]


def _line(length_m):
    return LineString([(0, 0), (length_m, 0)])


def _square(area_m2, x=0.0):
    side_m = sqrt(area_m2)
    return box(x, 0, x + side_m, side_m)


def _served(drawn):
    """The categories each tag set serves as, drawn as points a kilometre apart."""
    layers, notes = _drawn(points=[(tags, Point(1000.0 * x, 0)) for x, tags in enumerate(drawn)])
    rows = layers["facilities"]
    return [" ".join(sorted(rows.loc[rows["source_id"] == f"w{x}", "category"])) for x in range(len(drawn))], notes


def _tags(said, name=""):
    return dict(part.split("=") for part in said.split()) | ({"name": name} if name else {})


BOTH = "junior_school primary_school"
HEALTH_STATIONS = ["明珠社区卫生服务站", "卫生站", "卫生室", "东关卫生所", "Riverside Health Station"]
HEALTH_CENTRES = ["西城卫生服务中心", "何店镇卫生院", "社区医院", "明珠社区卫生", "Community Health"]
# tags, names ("" for none), the categories they serve as ("" for none)
FACILITIES = (
    ("amenity=school", ["东城幼儿园", "Sunny Kindergarten", "Sunny Nursery"], "kindergarten"),
    ("amenity=school", ["Sunny Nursery and Primary"], "primary_school"),
    ("amenity=school", ["顺达驾校", "安达驾驶学校", "明德培训学校", "补习学校", "辅导学校", "明德教育中心"], ""),
    ("amenity=school", ["市委党校", "教师进修学校", "随州师范", "职业学校", "技工学校", "技师学校", "随州中专"], ""),
    ("amenity=school", ["中等专业学校", "随州卫校", "体校", "艺校", "老年大学", "随州大学", "随州学院"], ""),
    ("amenity=school", ["特殊教育学校", "聋人学校", "盲人学校", "启智学校", "Driving", "Training"], ""),
    ("amenity=school", ["Language School", "Music School", "Party School", "Special School", "Vocational"], ""),
    ("amenity=school", ["大学路学校", "大学街学校", "大学城学校", "学院路学校", "学院街学校", "文帝学校", ""], BOTH),
    ("amenity=school", ["曙光九年制学校", "十二年制学校", "一贯制学校", "实验中小学", "随州大学附属学校"], BOTH),
    ("amenity=school", ["实验小学、初中", "实验小学、中学", "实验初中小学部", "All-through"], BOTH),
    ("amenity=school", ["第一中心学校"], BOTH),
    (
        "amenity=school",
        ["文帝小学", "何店完小", "师范附小", "技师小学", "大学路小学", "中学路小学", "中学街小学"],
        "primary_school",
    ),
    ("amenity=school", ["实验中学小学部"], "primary_school"),
    ("amenity=school", ["X Primary", "X Elementary", "X Infant"], "primary_school"),
    ("amenity=school", ["随州高级中学", "二高中", "Senior High", "Sixth Form"], ""),
    (
        "amenity=school",
        ["第三高级中学初中部", "文帝中学", "文帝初中", "第一初级学校", "初三学校", "师范附中"],
        "junior_school",
    ),
    ("amenity=school", ["实验小学初中部", "实验小学中学部"], "junior_school"),
    ("amenity=school", ["职业学校初中部", "三中", "二十一中", "〇一中", "9中", "大学附属中学"], "junior_school"),
    ("amenity=school", [f"{digit}中" for digit in "一二三四五六七八九十百零〇"], "junior_school"),
    ("amenity=school", ["Middle School", "High School", "X Secondary", "X Comprehensive"], "junior_school"),
    ("amenity=school", ["X College", "X Academy"], "junior_school"),
    ("amenity=school isced:level=1", ["文帝学校"], "primary_school"),
    ("amenity=school isced:level=1;2", ["文帝学校"], BOTH),
    ("amenity=school isced:level=2", ["文帝学校"], "junior_school"),
    ("amenity=school isced:level=3", ["文帝学校"], ""),
    ("amenity=school school=primary", ["文帝学校"], "primary_school"),
    ("amenity=school school=elementary", ["文帝学校"], "primary_school"),
    ("amenity=school school=secondary", ["文帝学校"], "junior_school"),
    ("amenity=school school=middle", ["文帝学校"], "junior_school"),
    ("amenity=school school=high", ["文帝学校"], "junior_school"),
    ("amenity=school school=junior_high", ["文帝学校"], "junior_school"),
    ("amenity=kindergarten", ["", "一幼"], "kindergarten"),
    ("amenity=kindergarten", ["明珠托儿所", "明珠托育"], "nursery"),
    ("amenity=childcare", ["", "明珠托育"], "nursery"),
    ("amenity=childcare", ["明珠幼儿园"], "kindergarten"),
    *(
        (f"amenity={value}", [*HEALTH_STATIONS, "医务室"], "health_station")
        for value in ("clinic", "doctors", "hospital")
    ),
    *((f"amenity={value}", HEALTH_CENTRES, "health_centre") for value in ("clinic", "doctors", "hospital")),
    *((f"healthcare={value}", HEALTH_STATIONS, "health_station") for value in ("clinic", "doctor", "centre")),
    *((f"healthcare={value}", HEALTH_CENTRES, "health_centre") for value in ("clinic", "doctor", "centre")),
    *((f"healthcare={value}", ["", "张氏诊所"], "outpatient_clinic") for value in ("clinic", "doctor", "centre")),
    ("healthcare=hospital", ["", "随州市中医院"], "hospital"),
    *((f"healthcare={value} amenity=bench", ["", "社区卫生服务站", "卫生院"], "") for value in ("clinic", "hospital")),
    ("amenity=hospital", ["", "随州市中心医院"], "hospital"),
    ("amenity=hospital", ["宠物医院", "动物医院", "兽医院", "Veterinary", "美容医院", "整形医院"], ""),
    ("amenity=clinic", ["美容", "整形", "宠物诊所", "动物诊所", "Aesthetic", "Laser", "Beauty"], ""),
    ("amenity=clinic", ["", "张氏诊所", "口腔门诊部"], "outpatient_clinic"),
    ("amenity=doctors", ["", "张氏诊所"], "outpatient_clinic"),
    ("social_facility=nursing_home", ["福寿护理院", "养护院", "护养院"], "nursing_home"),
    ("social_facility=nursing_home", ["", "福寿养老院"], "elderly_home"),
    ("social_facility=assisted_living", [""], "elderly_home"),
    *(
        (f"social_facility=nursing_home social_facility:for={whom}", [""], "")
        for whom in ("child", "juvenile", "disabled", "homeless", "underprivileged")
    ),
    ("social_facility=group_home social_facility:for=senior", [""], "elderly_home"),
    ("social_facility=group_home social_facility:for=child", [""], ""),
    ("social_facility=day_care social_facility:for=senior", [""], "elderly_day_care"),
    ("social_facility=day_care social_facility:for=disabled", [""], ""),
    *(
        (f"amenity={value}", ["日间照料", "托老中心", "居家养老", "养老服务站", "养老服务中心"], "elderly_day_care")
        for value in ("social_facility", "nursing_home", "social_centre", "community_centre")
    ),
    *(
        (f"amenity={value}", ["福寿养护院", "福寿护理院", "福寿护养院"], "nursing_home")
        for value in ("social_facility", "nursing_home")
    ),
    ("amenity=social_facility", ["养老院", "敬老院", "老年公寓", "福利院", "颐养园"], "elderly_home"),
    ("amenity=social_facility", ["儿童福利院", "救助站", ""], ""),
    ("amenity=nursing_home", ["", "夕阳红"], "elderly_home"),
    *(
        (f"amenity={value}", ["万店镇文化站", "文化活动站", "文化室", "农家书屋", "社区图书"], "culture_station")
        for value in ("library", "community_centre")
    ),
    ("amenity=library", ["", "随州市图书馆"], "culture_centre"),
    ("amenity=arts_centre", ["", "编钟艺术中心"], "culture_centre"),
    ("amenity=community_centre", ["", "老年活动中心", "街道文化中心", "文化街道"], "culture_centre"),
    ("amenity=community_centre", ["明珠村委会", "明珠村民委员会", "便民服务中心", "西城街道"], ""),
    *(
        (f"amenity={value}", ["文化馆", "文化宫", "少年宫", "青少年宫", "文化活动中心", "文化中心"], "culture_centre")
        for value in ("theatre", "exhibition_centre")
    ),
    ("amenity=theatre", ["", "编钟剧院"], ""),
    *(
        row
        for key in ("amenity=townhall", "amenity=community_centre", "amenity=public_building", "office=government")
        for row in (
            (key, ["东城街道办事处", "东城街道办"], "subdistrict_office"),
            (key, ["东城街道党群中心", "东城街道政务服务中心"], "community_centre"),
            (key, ["明珠居委会", "明珠居民委员会", "明珠社区", "党群服务站"], "community_station"),
            (key, ["社区服务站", "明珠社区综合服务站", "明珠社区工作站"], "community_station"),
        )
    ),
    ("office=administrative", ["东城街道办"], "subdistrict_office"),
    ("office=administrative", ["东城街道党群中心"], "community_centre"),
    ("office=administrative", ["明珠社区"], "community_station"),
    ("amenity=townhall", ["", "随州市人民政府"], ""),
    ("office=government", ["", "随州市税务局"], ""),
    ("amenity=fire_station", ["", "随州消防救援站"], "fire_station"),
    ("amenity=police", ["", "东城派出所", "随州市公安局东城派出所"], "police_station"),
    ("amenity=police", ["交警队", "交通警察", "交管所", "武警支队", "刑警大队", "随州市公安局", "曾都公安分局"], ""),
    ("amenity=police", ["省公安厅", "看守所", "拘留所", "警务室", "岗亭"], ""),
    *(
        (f"leisure={value}", ["", "全民健身中心"], "sports_hall")
        for value in ("sports_centre", "sports_hall", "stadium")
    ),
    *((f"leisure={value}", ["力健健身房", "瑜伽"], "") for value in ("sports_centre", "sports_hall", "stadium")),
    *(
        (f"leisure={value} access={access}", [""], "")
        for value in ("sports_centre", "sports_hall", "stadium", "fitness_station")
        for access in ("private", "no")
    ),
    ("leisure=fitness_centre", ["", "力健健身房"], ""),
    ("leisure=pitch", [""], "small_sports_field"),
    *((f"leisure=pitch access={access}", [""], "") for access in ("private", "no", "customers", "members")),
    ("leisure=fitness_station", [""], "fitness_ground"),
    ("amenity=post_office", [""], "post_office"),
    ("amenity=bank", [""], "bank"),
    ("amenity=atm", [""], ""),
    ("office=telecommunication", [""], "telecom"),
    *(
        (f"shop={value}", ["中国移动", "中国联通", "中国电信", "中国广电", "营业厅"], "telecom")
        for value in ("mobile_phone", "telecommunication")
    ),
    ("shop=mobile_phone", ["", "华为手机店"], ""),
    ("amenity=marketplace", ["", "汉东农贸市场", "花鸟菜市场", "建材农贸市场", "二手农副市场"], "market"),
    ("amenity=marketplace", ["图书水产市场", "家居蔬果市场", "汽车果蔬市场"], "market"),
    ("amenity=marketplace", ["服装城", "小商品城", "建材城", "家具城", "家居城", "古玩城", "花鸟城", "花卉城"], ""),
    ("amenity=marketplace", ["图书城", "二手城", "旧货城", "电脑城", "电子城", "数码城", "汽车城", "钢材城"], ""),
    ("amenity=marketplace", ["人才市场", "珠宝城", "Flea market"], ""),
    ("shop=supermarket", [""], "community_shops market"),
    ("shop=greengrocer", [""], "market"),
    ("shop=mall", [""], "shopping_centre"),
    ("shop=department_store", [""], "shopping_centre"),
    *(
        (f"shop={value}", [""], "community_shops")
        for value in ("convenience", "chemist", "laundry", "dry_cleaning", "hairdresser")
    ),
    ("shop=clothes", [""], ""),
    ("amenity=pharmacy", [""], "community_shops"),
    *(
        (f"amenity={value}", ["明珠社区食堂", "长者食堂", "老年食堂", "幸福食堂"], "canteen")
        for value in ("restaurant", "fast_food", "food_court", "canteen")
    ),
    *((f"amenity={value}", ["", "职工食堂"], "restaurant") for value in ("restaurant", "fast_food", "food_court")),
    ("amenity=canteen", ["", "职工食堂"], ""),
    ("highway=bus_stop", [""], "bus_stop"),
    ("public_transport=platform bus=yes", [""], "bus_stop"),
    ("public_transport=platform bus=designated", [""], "bus_stop"),
    ("public_transport=platform bus=no", [""], ""),
    ("public_transport=platform train=yes", [""], ""),
    ("amenity=bus_station", [""], "bus_stop"),
    ("amenity=recycling", [""], "recycling"),
    ("amenity=recycling access=private", [""], ""),
    ("amenity=recycling access=no", [""], ""),
    ("amenity=waste_transfer_station", [""], "waste_station"),
    ("amenity=waste_basket", [""], ""),
    ("amenity=toilets", [""], "public_toilet"),
    *((f"amenity=toilets access={access}", [""], "") for access in ("private", "no", "customers", "permit")),
)


@pytest.mark.slow
def test_what_tags_and_names_serve_as():
    rows = [(tags, name, wanted) for tags, names, wanted in FACILITIES for name in names]
    served, _ = _served([_tags(tags, name) for tags, name, _ in rows])
    assert [(*row[:2], found) for row, found in zip(rows, served, strict=True)] == rows


LEVELS_TOLD = (
    *("曙光九年制学校", "十二年制学校", "一贯制学校", "实验小学、初中"),
    *("实验初中小学部", "实验中小学", "随州大学附属学校", "All-through"),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", LEVELS_TOLD)
def test_schools_of_both_levels_are_told_from_those_that_do_not_say(name):
    for said, silent in ((name, False), ("文帝学校", True)):
        served, notes = _served([_tags("amenity=school", said)])
        assert served == [BOTH]
        assert any("do not tell their level" in note for note in notes) == silent


# GB 50180-2018 appendix B: 大型 from 3150 m2, 中型 from 1310 m2, 小型 from 770 m2
GROUNDS = (
    ("pitch", 3151, "large_sports_field"),
    ("pitch", 3149, "medium_sports_field"),
    ("pitch", 1311, "medium_sports_field"),
    ("pitch", 1309, "small_sports_field"),
    ("pitch", 771, "small_sports_field"),
    ("pitch", 769, "small_sports_field"),
    ("track", 3151, "large_sports_field"),
    ("track", 3149, "medium_sports_field"),
    ("track", 1311, "medium_sports_field"),
    ("track", 1309, None),
)


@pytest.mark.parametrize(("leisure", "area_m2", "category"), GROUNDS)
def test_sports_grounds_by_their_area(leisure, area_m2, category):
    layers, notes = _drawn(areas=[({"leisure": leisure}, _square(area_m2))])
    assert layers["facilities"]["category"].tolist() == ([category] if category else [])
    assert any("below 770 m2" in note for note in notes) == (area_m2 < 770)


@pytest.mark.parametrize("access", ["private", "no", "customers", "members"])
def test_a_running_track_behind_a_gate_is_no_sports_ground(access):
    assert _layers(areas=[({"leisure": "track", "access": access}, _square(5000))])["facilities"].empty


INSIDE = (
    *(f"leisure={value}" for value in ("sports_centre", "sports_hall", "stadium", "pitch", "track", "fitness_station")),
    *("amenity=library", "amenity=arts_centre", "leisure=park", "place=square", "leisure=garden"),
)


@pytest.mark.slow
@pytest.mark.parametrize("institution", ["school", "college", "university", "kindergarten"])
def test_what_lies_inside_a_campus_is_not_public(institution):
    things = [(_tags(tags, "甲"), _square(6400, 1000.0 * x)) for x, tags in enumerate(INSIDE)]
    for y, there in ((-10.0, set()), (200.0, {f"w{x}" for x in range(len(INSIDE))})):
        campuses = [
            ({"amenity": institution}, box(1000.0 * x - 10, y, 1000.0 * x + 90, y + 100)) for x in range(len(INSIDE))
        ]
        drawn = _layers(areas=[*things, *campuses])
        found = {*drawn["facilities"]["source_id"], *drawn["parks"]["source_id"]}
        assert found & {f"w{x}" for x in range(len(INSIDE))} == there


# list by its tags, the distance in metres from which two of one name are two; 0: however near
TWICE = (
    ("amenity=school", 150),
    ("amenity=kindergarten", 150),
    ("amenity=hospital", 150),
    ("amenity=police", 150),
    ("amenity=marketplace", 30),
    ("highway=bus_stop", 30),
    *((tags, 0) for tags in ("amenity=restaurant", "amenity=bank", "office=telecommunication", "shop=convenience")),
    *((tags, 0) for tags in ("amenity=recycling", "amenity=toilets", "amenity=waste_transfer_station")),
    *((tags, 0) for tags in ("leisure=pitch", "leisure=fitness_station")),
)


@pytest.mark.parametrize(("tags", "distance_m"), TWICE)
def test_two_of_one_name_are_one_where_they_are_near(tags, distance_m):
    thing = {**_tags(tags), "name": "一小学"}
    for x, many in ((distance_m - 0.5, 1), (distance_m + 0.5, 2)):
        if x > 0:
            rows = _layers(points=[(thing, Point(0, 0)), (thing, Point(x, 0))])["facilities"]
            assert rows["source_id"].nunique() == many


# ------------------------------------------------------------------------------------------- parks, land, houses

PARKS = (
    ("leisure=park", "", "park", True),
    *((f"leisure=park access={how}", "", "park", True) for how in ("yes", "permissive", "public")),
    *(
        (f"leisure=park access={how}", "", "park", False)
        for how in ("private", "no", "residents", "customers", "members", "permit")
    ),
    *(
        (f"leisure=garden garden:type={kind}", "甲园", None, None)
        for kind in ("residential", "private", "community", "roof_garden", "kitchen", "school")
    ),
    *(
        (f"leisure=garden garden:type={kind}", "", "garden", True)
        for kind in ("public", "municipal", "botanical", "arboretum", "rose_garden")
    ),
    *((f"leisure=garden access={how}", "", "garden", True) for how in ("yes", "permissive", "public")),
    ("leisure=garden", "炎帝园", "garden", True),
    ("leisure=garden", "", None, None),
    ("place=square", "", "square", True),
    *(("highway=pedestrian area=yes", name, "square", True) for name in ("明珠广场", "Pearl Square", "Pearl Plaza")),
    ("highway=pedestrian area=yes", "草甸子街", None, None),
    ("landuse=recreation_ground", "白云公园", None, None),
    ("landuse=village_green", "白云公园", None, None),
    ("landuse=forest", "白云山", None, None),
    ("landuse=grass", "", None, None),
)


def test_what_is_a_park_and_open():
    areas = [(_tags(tags, name), _square(6400, 1000.0 * x)) for x, (tags, name, _, _) in enumerate(PARKS)]
    parks = _layers(areas=areas)["parks"].set_index("source_id")
    found = {
        key: (kind, bool(public))
        for key, kind, public in zip(parks.index, parks["kind"], parks["open_public"], strict=True)
    }
    assert [(*row[:2], *found.get(f"w{x}", (None, None))) for x, row in enumerate(PARKS)] == list(PARKS)


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ("landuse=recreation_ground", True),
        ("landuse=village_green", True),
        ("landuse=recreation_ground leisure=pitch", False),
    ],
)
def test_recreation_grounds_are_told(tags, told):
    notes = _drawn(areas=[(_tags(tags), _square(6000))])[1]
    assert any("village greens are not counted" in note for note in notes) == told


def test_homesteads_of_villages_are_no_urban_residential_land():
    drawn = [
        ({"landuse": "residential"}, _square(6000)),
        ({"landuse": "residential", "residential": "rural"}, _square(900)),
    ]
    assert _layers(areas=drawn)["residential"]["source_id"].tolist() == ["w0"]


# GB 50137-2011: the class of the land, whether it is urban construction land, landuse=*
LAND = (
    ("residential", "居住用地 R", True, "residential garages"),
    (
        "public",
        "公共管理与公共服务用地 A",
        True,
        "education institutional religious civic_admin public_administration healthcare",
    ),
    ("commercial", "商业服务业设施用地 B", True, "commercial retail"),
    ("industrial", "工业用地 M", True, "industrial"),
    ("storage", "物流仓储用地 W", True, "depot logistics"),
    ("transport", "道路与交通设施用地 S", True, "highway"),
    ("utility", "公用设施用地 U", True, "landfill fairground"),
    ("green", "绿地与广场用地 G", True, "recreation_ground village_green flowerbed"),
    ("regional", "区域交通设施用地 H2", False, "railway port"),
    ("special", "特殊用地 H4", True, "military cemetery"),
    ("vacant_urban", "待建与在建用地", True, "construction brownfield"),
    ("grass", "草地", False, "grass meadow"),
    (
        *("farm", "农用地", False),
        "farmland farmyard orchard vineyard plant_nursery greenhouse_horticulture allotments animal_keeping aquaculture paddy",
    ),
    ("forest", "林地", False, "forest"),
    ("water", "水域", False, "reservoir basin salt_pond"),
    ("mining", "采矿用地", False, "quarry"),
    ("greenfield", "未建地", False, "greenfield"),
)


def test_what_land_is():
    rows = [(value, *row[:3]) for row in LAND for value in row[3].split()]
    land = _layers(areas=[({"landuse": row[0]}, _square(6400, 1000.0 * x)) for x, row in enumerate(rows)])["land_use"]
    names = [table("osm_layers")["land_classes"][key]["name_zh"] for key in land["land_class"]]
    found = zip([row[0] for row in rows], land["land_class"], names, land["construction"].tolist(), strict=True)
    assert list(found) == rows


LIVED_IN = (
    "apartments residential house detached semidetached_house terrace bungalow dormitory cabin farm static_caravan houseboat "
    "ger stilt_house semi terraced_house maisonette"
)
NOT_LIVED_IN = (
    "commercial retail office industrial warehouse supermarket kiosk hotel school kindergarten college university hospital "
    "clinic church cathedral chapel mosque temple synagogue shrine religious civic public government fire_station police "
    "train_station transportation station stadium grandstand pavilion sports_hall sports_centre riding_hall museum library "
    "canteen parking garage garages carport shed hut roof service toilets guardhouse gatehouse barn farm_auxiliary "
    "greenhouse stable sty cowshed storage_tank silo tech_cab transformer_tower water_tower bridge bunker hangar "
    "construction ruins collapsed container tent"
)


@pytest.mark.parametrize(("values", "lived_in"), [(LIVED_IN, True), (NOT_LIVED_IN, False), ("yes tower", None)])
def test_which_houses_are_lived_in(values, lived_in):
    houses = _layers(areas=[({"building": value}, _square(400)) for value in values.split()])["buildings"]
    assert houses["residential"].tolist() == [lived_in] * len(values.split())


# ----------------------------------------------------------------------------------------------------------- barriers

BARS = (
    *((f"waterway={value}", "river") for value in ("river", "canal")),
    *((f"waterway={value} tunnel=culvert", None) for value in ("river", "canal")),
    *((f"waterway={value} tunnel=no", "river") for value in ("river", "canal")),
    *((f"waterway={value} bridge=yes", None) for value in ("river", "canal")),
    *((f"waterway={value} bridge=aqueduct", None) for value in ("river", "canal")),
    *((f"waterway={value} area=yes", None) for value in ("river", "canal")),
    ("waterway=stream", None),
    ("waterway=ditch", None),
    *(
        (f"railway={value}{how}", kind)
        for value in ("rail", "light_rail", "narrow_gauge")
        for how, kind in (
            *(("", "railway"), (" tunnel=yes", None), (" tunnel=no", "railway"), (" bridge=yes", None)),
            *((" bridge=viaduct", None), (" bridge=no", "railway"), (" service=yard", None), (" service=spur", None)),
            *((" service=crossover", None), (" service=siding", "railway")),
        )
    ),
    *((f"railway={value}", None) for value in ("subway", "tram", "abandoned", "disused", "platform")),
    *(
        (f"highway={value}{how}", kind)
        for value in ("motorway", "motorway_link")
        for how, kind in (
            *(("", "motorway"), (" tunnel=yes", None), (" tunnel=no", "motorway"), (" bridge=viaduct", None)),
            (" bridge=no", "motorway"),
        )
    ),
    ("highway=trunk", None),
    ("barrier=city_wall", "wall"),
    ("barrier=city_wall area=yes", None),
    ("barrier=wall", None),
)


def test_lines_that_bar_people_on_foot():
    drawn = _layers(lines=[(_tags(tags, f"{x}"), _line(500)) for x, (tags, _) in enumerate(BARS)])["barriers"]
    kinds = drawn.set_index("name")["kind"]
    assert [(tags, kinds.get(f"{x}")) for x, (tags, _) in enumerate(BARS)] == list(BARS)


BANKS = (
    *((f"natural=water water={value}", 100, "river") for value in ("river", "canal", "lock", "oxbow", "moat")),
    ("natural=water", 10_001, "river"),
    ("natural=water", 9_999, None),
    ("natural=water water=pond", 9_999, None),
    *((f"waterway={value}", 100, "river") for value in ("riverbank", "dock")),
    *((f"waterway={value} area=yes", 100, "river") for value in ("river", "canal")),
    ("waterway=river", 100, None),
    ("barrier=city_wall area=yes", 100, "wall"),
    ("barrier=city_wall", 100, None),
    ("natural=wood", 20_000, None),
)


def test_areas_that_bar_people_on_foot():
    areas = [(_tags(tags, f"{x}"), _square(area_m2)) for x, (tags, area_m2, _) in enumerate(BANKS)]
    kinds = _layers(areas=areas)["barriers"].set_index("name")["kind"]
    assert [(*row[:2], kinds.get(f"{x}")) for x, row in enumerate(BANKS)] == list(BANKS)
