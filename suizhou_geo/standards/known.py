"""The layers there can be: what each table is called, and what kind of geometry it holds.

A results folder may only be replaced when every file in it is ours, so the tables are listed here and nowhere guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from suizhou_geo.model import Text

Kind = Literal["area", "line", "point"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# table -> name, kind when it is empty
LAYERS: Mapping[str, tuple[Text, Kind]] = {
    "zones": (Text("分区", "zones"), "area"),
    "core_area": (Text("主城核心区", "core of the main city"), "area"),
    "built_up_area": (Text("城区实体地域（推导）", "physical built-up area (derived)"), "area"),
    "population_density": (Text("分区人口", "people by zone"), "area"),
    "construction_land_per_capita": (Text("建设用地", "construction land"), "area"),
    "land_per_capita": (Text("分类用地", "land by class"), "area"),
    "industrial_land": (Text("主城区工业用地", "industrial land of the main city"), "area"),
    "industrial_land_in_development_zones": (
        Text("开发区内工业用地", "industrial land in development zones"),
        "area",
    ),
    "road_density": (Text("道路中心线", "street centrelines"), "line"),
    "block_size": (Text("街区", "blocks"), "area"),
    "dead_ends": (Text("断头路与缺失路段", "dead ends and missing links"), "line"),
    "dead_ends_opened": (Text("方案点名打通的道路", "roads the plan names to be opened"), "line"),
    "arterial_grid": (Text("骨干路网", "arterial grid"), "line"),
    "sidewalk_compliance": (Text("人行道", "sidewalks"), "line"),
    "charging_points": (Text("充电设施", "charging points"), "point"),
    "charger_coverage": (Text("充电设施覆盖", "reach of the chargers"), "area"),
    "parking_spaces": (Text("停车场", "car parks"), "point"),
    "bus_stop_coverage": (Text("公交站点服务范围", "area round bus stops"), "area"),
    "commute_30min_city": (Text("城区30分钟通勤圈", "30-minute commuting circle of the city"), "line"),
    "commute_1h_region": (Text("市内1小时通勤圈", "one-hour commuting circle of the region"), "point"),
    "greenway_coverage": (Text("绿道服务覆盖", "reach of the greenways"), "area"),
    "park_area_per_capita": (Text("公园绿地", "park land"), "area"),
    "pocket_parks": (Text("口袋公园", "pocket parks"), "area"),
    "river_green": (Text("滨河岸线绿化", "green along the river banks"), "line"),
    "park_coverage": (Text("公园服务覆盖", "reach of the parks"), "area"),
    "life_circle_compliance": (Text("生活圈设施配套", "services of the living circles"), "area"),
    "walk_time_coverage": (Text("步行时间覆盖", "reach by walking time"), "area"),
    "emergency_reach": (Text("急救与消防可达范围", "reach of ambulances and fire engines"), "area"),
    "historic_plaque_share": (Text("历史建筑挂牌", "plaques of historic buildings"), "point"),
    "complete_community_coverage": (Text("完整社区", "complete communities"), "area"),
    "complete_communities_advanced": (Text("新推进的完整社区", "communities being advanced"), "area"),
    "community_gaps": (Text("社区设施缺口", "gaps of the communities"), "area"),
    "places_per_thousand": (Text("设施规模", "places of the facilities"), "point"),
    "places_short": (Text("设施规模缺口", "where places are short"), "area"),
    "service_areas": (Text("设施服务范围", "areas served"), "area"),
    "service_coverage": (Text("设施服务覆盖", "reach of the services"), "area"),
}
# a layer whose evidence is of several kinds is written as one table per kind; the one with the highest keeps the name
SUFFIXES: Mapping[Kind, str] = {"line": "_lines", "point": "_points"}
TABLES = tuple(table + end for table in LAYERS for end in ("", *SUFFIXES.values()))
KIND_NAMES: Mapping[Kind, Text] = {
    "area": Text("（面）", " (areas)"),
    "line": Text("（线）", " (lines)"),
    "point": Text("（点）", " (points)"),
}
