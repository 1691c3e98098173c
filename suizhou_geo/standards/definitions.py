"""What each measure counts, over what, from which layers, and what it cannot tell, in a few words.

An entry holds for every key that begins like its own; the longest one counts. The docstrings of the measures are the
full definitions, this is what fits beside a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from suizhou_geo.model import Text


@dataclass(frozen=True)
class Entry:
    """What is counted (`definition`), over what (`denominator`), from which `layers`, and what that cannot tell."""

    definition: Text
    denominator: Text
    layers: tuple[str, ...]
    limits: Text


_HOMES = Text("分区内的居住用地（公顷），或其上的人口", "residential land in the zones (ha), or the persons on it")
_CITY = Text("分区面积", "the area of the zones")
_COUNT = Text("无（计数）", "none: a count")
_TIME = Text("无（时间）", "none: a time")
_SUM = Text("无（总量）", "none: a sum")
_AS_DRAWN = Text(
    "分区由研究文件给出，是否即规划所划的主城与片区须由规划人员确认",
    "the zones are the study's; whether they are those the plan draws is for the planner to know",
)
_CENTRELINES = Text(
    "道路按中心线计，双幅路只计一次；匝道、高速公路、小区内部道路不计；沿分区边界精确裁切",
    "streets count by their centreline, dual carriageways once; ramps, motorways and streets inside compounds do not; "
    "lines are cut exactly at the outline",
)
_REACH_LIMITS = Text(
    "按距离而非时间判定；学校等未知出入口时自用地边缘起算，偏大；人口在格内按居住用地均摊",
    "distances decide, not minutes; where a gate is not known reach begins at the edge of the site, which is further; "
    "persons are spread evenly over the residential land of their cell",
)
_ROAD_LIMITS = Text(
    "道路等级以图层标注为准；道路是否通车、宽度是否达标无法从图上得知",
    "road classes are as the layer says; whether a street is open to traffic or wide enough the map does not tell",
)

ENTRIES: Mapping[str, Entry] = {
    "main_city_zones": Entry(
        Text("研究分区中主城的个数", "how many of the study's zones are main cities"),
        _COUNT,
        ("zones",),
        _AS_DRAWN,
    ),
    "district_zones": Entry(
        Text("研究分区中片区的个数", "how many of the study's zones are districts"),
        _COUNT,
        ("zones",),
        _AS_DRAWN,
    ),
    "main_city_population": Entry(
        Text("主城区常住人口", "residents of the main city"),
        _SUM,
        ("zones", "population"),
        Text("主城区范围以研究分区为准", "the main city is what the study's zones say it is"),
    ),
    "main_city_construction_land": Entry(
        Text(
            "主城区内城市建设用地面积，重叠只计一次", "urban construction land of the main city, overlaps counted once"
        ),
        _SUM,
        ("zones", "land_use"),
        Text(
            "批而未建与已建不能区分；规划规模不是建设任务",
            "land approved and land built on look alike; a planned size is no task to build",
        ),
    ),
    "core_area": Entry(
        Text("方案点名的道路、铁路围合的面积", "the land that the streets and railways named by the plan enclose"),
        _SUM,
        ("zones", "roads", "railways"),
        Text(
            "按路名查找，改名的线查不到；端点相距 300 m 以内视为相接",
            "lines are found by name; ends up to 300 m apart count as joined",
        ),
    ),
    "population_density": Entry(
        Text("分区内常住人口 ÷ 分区面积", "residents in the zones ÷ the area of the zones"),
        _CITY,
        ("zones", "population"),
        Text(
            "只反映居住人口，不含就业、流动人口；人口格跨边界时按面积分摊",
            "residents only: neither jobs nor visitors; a population cell on the outline is split by area",
        ),
    ),
    "construction_land_per_capita": Entry(
        Text("分区内城镇建设用地 ÷ 分区内常住人口", "urban construction land in the zones ÷ residents in the zones"),
        Text("分区内常住人口", "residents in the zones"),
        ("zones", "land_use", "population"),
        Text(
            "用地图层的分类与年份决定结果；批而未建与已建不能区分",
            "the classes and the year of the land-use layer decide; land approved and land built on look alike",
        ),
    ),
    "road_density": Entry(
        Text(
            f"快速路、主干路、次干路、支路中心线长度 ÷ 分区面积。{_CENTRELINES.zh}",
            f"centreline length of expressways, arterials, secondary and branch roads ÷ area; {_CENTRELINES.en}",
        ),
        _CITY,
        ("zones", "roads", "compounds", "residential"),
        _ROAD_LIMITS,
    ),
    "road_density.": Entry(
        Text(
            f"该等级道路中心线长度 ÷ 分区面积。{_CENTRELINES.zh}",
            f"centreline length of that class ÷ area; {_CENTRELINES.en}",
        ),
        _CITY,
        ("zones", "roads", "compounds", "residential"),
        _ROAD_LIMITS,
    ),
    "block_size.residential": Entry(
        Text(
            "以道路中心线围合、过半为居住用地的街区中，最长边超过 300 m 的面积占比",
            "of the blocks between centrelines that are mostly residential: the share by area longer than 300 m",
        ),
        Text("居住街区面积", "the area of residential blocks"),
        ("zones", "roads", "residential"),
        Text(
            "小区内可供公众穿行的通道若未绘出，街区会显得偏大",
            "passages open to the public that are not drawn make blocks look larger than they are",
        ),
    ),
    "block_size.industrial": Entry(
        Text(
            "以道路中心线围合、过半为工业用地的街区中，最长边超过 600 m 的面积占比",
            "of the blocks between centrelines that are mostly industrial: the share by area longer than 600 m",
        ),
        Text("工业街区面积", "the area of industrial blocks"),
        ("zones", "roads", "land_use"),
        Text("厂区内部道路不作街区划分", "roads inside works do not divide a block"),
    ),
    "dead_ends": Entry(
        Text(
            "支路及以上道路在分区内中断、而前方仍有道路的端点数；尽端式短路、小区、地图边缘等不计",
            "ends of streets of class 支路 and above in the zones that stop although streets go on ahead; short "
            "cul-de-sacs, compounds, the edge of the map and the like do not count",
        ),
        _COUNT,
        ("zones", "roads", "compounds", "barriers"),
        Text(
            "断头路没有国家统一定义；地图只说现状，不说规划是否要接通",
            "there is no national definition; the map shows what is there, not what is planned to be joined",
        ),
    ),
    "dead_ends_opened": Entry(
        Text(
            "方案点名的道路中，路网上已无断头的条数", "of the roads the plan names: how many have no dead end any more"
        ),
        _COUNT,
        ("zones", "roads"),
        Text(
            "按路名查找；改名的路查不到，是否曾经断头也无从得知",
            "found by name: a renamed road is not; whether it ever was a dead end is not told",
        ),
    ),
    "arterial_grid": Entry(
        Text(
            "贯通中心城区的纵向（横向）快速路、主干路条数：沿同一走向连续，覆盖城区在该处进深的八成以上",
            "expressways and arterials that run right through the city in one direction, over at least 80 % of its "
            "extent there",
        ),
        _COUNT,
        ("zones", "roads", "barriers"),
        Text(
            "“贯通”没有国家统一定义；方案未列路名时与规划所指的各条可能不一致",
            "“running through” has no national definition; where the plan names no roads, others may be meant",
        ),
    ),
    "sidewalk_compliance": Entry(
        Text(
            "主次支路两侧人行道中，连续、未被占用、有缘石坡道且净宽不小于 2.0 m 的长度占比",
            "of both sides of arterial, secondary and branch roads, by length: the share whose sidewalk is continuous, "
            "not obstructed, has kerb ramps and is at least 2.0 m wide",
        ),
        Text("已判定的道路侧长度 (km)", "the length of street sides judged (km)"),
        ("zones", "roads", "sidewalks"),
        Text(
            "没有逐段调查时，地图标签只说有无人行道，不说好坏",
            "without a survey, map tags say whether there is a sidewalk, not how good it is",
        ),
    ),
    "park_coverage": Entry(
        Text(
            "公园绿化活动场地服务半径内的居住用地占比；公园按面积定半径，自公园边缘起算，区外公园也计",
            "the share of residential land within the service radius of an open park; its size decides the radius, which "
            "runs from its edge; parks outside the zones count",
        ),
        _HOMES,
        ("zones", "parks", "residential", "historic"),
        Text(
            "直线半径不考虑围墙、河流和出入口；公园品质与是否收费不在其中",
            "a straight radius knows no walls, rivers or gates; the quality of a park is not in it",
        ),
    ),
    "service_coverage": Entry(
        Text(
            "该类设施服务半径内的居住用地占比（GB 50180-2018 附录 B、C）",
            "the share of residential land within the service radius of that service (GB 50180-2018, appendices B, C)",
        ),
        _HOMES,
        ("zones", "facilities", "residential"),
        _REACH_LIMITS,
    ),
    "life_circle_compliance": Entry(
        Text(
            "15、10、5 分钟生活圈应配设施的服务覆盖程度；达标率没有国家公式，采用口径见下",
            "how far the required services of the 15, 10 and 5-minute circles are reached; there is no national formula",
        ),
        _HOMES,
        ("zones", "facilities", "residential"),
        _REACH_LIMITS,
    ),
    "built_up_area": Entry(
        Text(
            "按规则推导的城区实体地域面积：国土调查城市图斑及与其连接的建设图斑（TD/T 1064-2021），或由地图建筑与道路推导",
            "the physical built-up area derived by rule: urban patches of the land survey and what joins them "
            "(TD/T 1064-2021), or ground between mapped buildings and streets",
        ),
        _SUM,
        ("zones", "land_survey", "barriers", "buildings", "roads"),
        Text(
            "未经影像与人工核查，不是正式范围；由地图推导的只作参考，不作判定",
            "not checked on imagery or by hand, not the official outline; the map's proxy carries no verdict",
        ),
    ),
    "land_per_capita": Entry(
        Text(
            "该类城市建设用地面积 ÷ 常住人口（GB 50137 分类）",
            "urban construction land of that class of GB 50137 ÷ residents",
        ),
        Text("分区内常住人口", "residents in the zones"),
        ("zones", "land_use", "population"),
        Text(
            "规划范围值用于编制规划，不是承诺；用地代码过粗时不能细分",
            "the range is for plans, no promise; coarse land codes cannot be told apart",
        ),
    ),
    "industrial_land": Entry(
        Text("分区内工业用地面积（亩），重叠只计一次", "industrial land in the zones, in mu, overlaps counted once"),
        _SUM,
        ("zones", "land_use", "development_zones"),
        Text("地图不能区分用地供哪个产业使用", "a map does not tell which industry uses the land"),
    ),
    "complete_communities_advanced": Entry(
        Text("图层中标明为新推进完整社区的社区数", "communities the layer marks as being advanced"),
        _COUNT,
        ("zones", "communities"),
        Text("是否推进由申报得知，地图上看不到", "whether one is advanced is declared and on no map"),
    ),
    "complete_community_coverage": Entry(
        Text(
            "达到完整居住社区建设标准（20 项）的社区占比；已申报的项按申报，未申报而地图可判的项按地图",
            "the share of communities that meet the 20 items of the standard; declared items hold as declared, others are "
            "tested on the map where a map can",
        ),
        Text("过半面积在分区内的社区，或其人口", "communities with half of their area in the zones, or their persons"),
        ("zones", "communities", "facilities", "residential", "population"),
        Text(
            "地图只说有无，不说建筑面积与运营；申报内容未经核实",
            "a map shows that a thing is there, not its floor area; declarations are not verified",
        ),
    ),
    "community_gaps": Entry(
        Text("至少缺一类应配设施的社区数", "communities that lack at least one required facility"),
        _COUNT,
        ("zones", "communities", "facilities", "residential"),
        Text(
            "设施图层中从未出现的类别不算缺，只计入可能的最高值",
            "a category that never occurs is not known: it makes no gap, only the highest possible one",
        ),
    ),
    "walk_time_coverage": Entry(
        Text(
            "步行规定分钟数内可达该类设施的居住用地占比",
            "the share of residential land from where the service is reached on foot in time",
        ),
        _HOMES,
        ("zones", "facilities", "residential", "roads"),
        Text("步速为假定值，不计过街等候与坡度", "the pace is assumed; waiting at crossings and slopes are not in it"),
    ),
    "places_per_thousand": Entry(
        Text(
            "分区内该类设施的学位（床位）数 ÷ 常住人口，每千人",
            "places of those facilities in the zones per 1,000 residents",
        ),
        Text("分区内常住人口", "residents in the zones"),
        ("zones", "facilities", "population"),
        Text(
            "没有填报容量的设施不计入数值，只使上限不定",
            "facilities that do not say their places add nothing and leave the upper end open",
        ),
    ),
    "places_short": Entry(
        Text(
            "步行可达范围内分到的学位（床位）低于标准的人口占比",
            "the share of persons to whom fewer places than the standard are left within walking reach",
        ),
        Text("分区内常住人口", "residents in the zones"),
        ("zones", "facilities", "population", "residential", "roads"),
        Text(
            "是潜在机会而非入学（入住）人数；按全部常住人口计，不分年龄",
            "a potential, not an enrolment; all residents count, not children or the old alone",
        ),
    ),
    "emergency_reach": Entry(
        Text(
            "应急车辆沿路按规定时间可达的人口占比；出动时间与车速为设定值",
            "the share of persons a vehicle reaches in time along the streets; turnout and speed are set",
        ),
        _HOMES,
        ("zones", "facilities", "residential", "roads", "population"),
        Text("不含拥堵、信号与小区门禁", "traffic, signals and gates of compounds are not in it"),
    ),
    "historic_plaque_share": Entry(
        Text(
            "已公布的历史文化街区、历史建筑中已挂牌的占比",
            "of the historic quarters and buildings officially announced: the share with a plaque",
        ),
        Text("分区内已公布的处数", "those announced in the zones"),
        ("zones", "heritage"),
        Text(
            "以台账填报为准；未填是否挂牌的计入分母，使结果上限保持开放",
            "as the register says; what it does not say counts as none in the value and leaves the range open above",
        ),
    ),
    "park_area_per_capita": Entry(
        Text(
            "分区内开放公园面积 ÷ 常住人口；按面积分档", "area of open parks in the zones ÷ residents, by size of park"
        ),
        Text("分区内常住人口", "residents in the zones"),
        ("zones", "parks", "population"),
        Text(
            "公园类别按面积推定，规划所定类别不在地图上；广场不计",
            "what a park is called in its own plan is not on the map: its size decides; squares are none",
        ),
    ),
    "pocket_parks": Entry(
        Text("分区内 400 至 10000 m² 的开放公园个数", "open parks of 400 to 10,000 m² in the zones"),
        _COUNT,
        ("zones", "parks"),
        Text("相距 2 m 以内的按一处计", "pieces at most 2 m apart are one"),
    ),
    "greenway_coverage": Entry(
        Text("绿道 1 km 范围内的居住用地占比", "the share of residential land within 1 km of a greenway"),
        _HOMES,
        ("zones", "greenways", "residential"),
        Text(
            "绿道以图层所绘为准，是否贯通可达不在其中",
            "greenways are as drawn; whether they can be walked through is not told",
        ),
    ),
    "river_green": Entry(
        Text(
            "分区内河岸线中，100 m 内有开放公园的长度占比",
            "of the river banks in the zones, by length: the share within 100 m of an open park",
        ),
        Text("分区内河岸长度 (km)", "the length of river banks in the zones (km)"),
        ("zones", "barriers", "parks"),
        Text("“一河两岸”没有国家公式，本口径为一种理解", "there is no national formula: this is one reading"),
    ),
    "bus_stop_coverage": Entry(
        Text(
            "公交站点服务半径内的分区面积占比（重叠只计一次）",
            "the share of the zones' area within that distance of a bus stop, overlaps once",
        ),
        _CITY,
        ("zones", "facilities"),
        Text(
            "是用地面积占比，不是居民占比；班次与线路不在其中",
            "a share of land, not of people; lines and how often they run are not in it",
        ),
    ),
    "charger_coverage": Entry(
        Text("1 km 内有充电设施的人口占比", "the share of persons within 1 km of a charging point"),
        _HOMES,
        ("zones", "chargers", "residential", "population"),
        Text(
            "1 km 为规划实践取值；设施能否使用未知",
            "1 km is planning practice, no standard; whether a point works is not known",
        ),
    ),
    "charging_points": Entry(
        Text("分区内台账所列充电设施数", "charging points in the zones, as the inventory counts them"),
        _COUNT,
        ("zones", "chargers"),
        Text(
            "台账未必分清桩与枪；承诺为全市累计，分区外的不在此数",
            "piles and guns may be mixed; the promise is for the prefecture, points beyond the zones are not here",
        ),
    ),
    "parking_spaces": Entry(
        Text("分区内停车场填报的泊位数", "spaces of the car parks in the zones, as far as they are said"),
        _COUNT,
        ("zones", "parking"),
        Text("未填泊位数的停车场不计", "car parks that do not say how many are not in it"),
    ),
    "commute_30min_city": Entry(
        Text(
            "全部“居民—岗位”组合中 95% 所需的分钟数，按一种出行方式",
            "the minutes within which 95 % of all pairs of a resident and a job lie, by one mode",
        ),
        Text("居民与岗位的全部组合", "all pairs of a resident and a job"),
        ("zones", "roads", "population", "residential", "jobs"),
        Text(
            "车速为设定值（小汽车按高峰折减）；谁在哪里上班未知",
            "speeds are stated, a car's for the peak hour; who works where is not known",
        ),
    ),
    "commute_1h_region": Entry(
        Text("从市中心驾车到最远县城所需分钟数", "the minutes by car from the main centre to the farthest county seat"),
        _TIME,
        ("zones", "roads", "centres"),
        Text(
            "车速为设定值：高峰与畅通之间不作判定",
            "speeds are stated: between peak hour and free flow nothing is judged",
        ),
    ),
    "jobs_within_reach": Entry(
        Text(
            "平均每位居民 30 分钟内可达的岗位占全部岗位的比例",
            "the share of all jobs that the average resident reaches within 30 minutes, by one mode",
        ),
        Text("分区内常住人口", "residents in the zones"),
        ("zones", "roads", "population", "residential", "jobs"),
        Text("车速为设定值（小汽车按高峰折减）", "speeds are stated, a car's for the peak hour"),
    ),
}
