"""The study file of the invented city."""

from __future__ import annotations

from suizhou_geo.geometry.crs import SUIZHOU_CRS
from suizhou_geo.invented_city.codes import LAND_CODES
from suizhou_geo.invented_city.people import FACILITIES, SURVEYED_NONE

NAME_ZH, NAME_EN = "虚构随州样板城（虚构数据）", "Invented city (not Suizhou)"
LABEL = "虚构数据，不是随州 / invented data, not Suizhou"
BASELINE = 0.45
COUNTIES_M = 20_000.0  # the county seats lie that near the zones
GPKG_OPTIONS = {"DESCRIPTION": LABEL, "SPATIAL_INDEX": "NO"}
# The twenty items of a complete community (完整居住社区) as the columns of the register name them.
ITEM_NAMES = (
    *("社区综合服务站", "幼儿园", "托儿所", "老年服务站", "社区卫生服务站"),
    *("综合超市", "邮件快件设施", "其他便民网点"),
    *("水电路气热信", "停车及充电", "慢行系统", "无障碍设施", "环境卫生设施"),
    *("公共活动场地", "公共绿地"),
    *("物业服务", "物业管理平台"),
    *("管理机制", "综合管理服务", "社区文化"),
)


def _table(pairs: dict[str, str]) -> str:
    return "\n".join(f'"{theirs}" = "{ours}"' for theirs, ours in pairs.items())


def study_text() -> str:
    """The study file: what each file of the bundle is, and what its columns and words mean."""
    categories = _table({label: category for category, (label, count) in FACILITIES.items() if count})
    items = "\n".join(f'item_{n:02d} = "{name}"' for n, name in enumerate(ITEM_NAMES, start=1))
    surveyed = ", ".join(f'"{category}"' for category in SURVEYED_NONE)
    return f"""\
# {LABEL}
name = "{NAME_ZH}"
name_en = "{NAME_EN}"
crs = "{SUIZHOU_CRS}"
plan = "suizhou_2025"
invented = true

[zones]
path = "zones.gpkg"
layer = "zones"
fields = {{ zone_id = "编号", name = "片区名称", role = "类型" }}
values = {{ role = {{ "主城" = "main_city", "片区" = "district" }} }}
boundary = "built_up"

[osm]
path = "city.osm.pbf"
complete = true
halo_m = {COUNTIES_M:.0f}

[layers.residential]
path = "land.gpkg"
layer = "residential"
fields = {{ name = "名称" }}

[layers.compounds]
path = "land.gpkg"
layer = "compounds"
fields = {{ name = "名称" }}

[layers.historic]
path = "land.gpkg"
layer = "historic"
fields = {{ name = "名称" }}

[layers.land_use]
path = "land.gpkg"
layer = "land_use"
fields = {{ land_class = "用地分类", construction = "建设用地" }}

[layers.land_use.values.construction]
"是" = true
"否" = false

[layers.land_use.values.land_class]
{_table(LAND_CODES)}

[layers.land_survey]
path = "land_survey.parquet"
fields = {{ land_class = "DLBM", czcsxm = "CZCSXM" }}

[layers.facilities]
path = "facilities.csv"
datum = "gcj02"
x = "经度"
y = "纬度"
fields = {{ category = "类别", name = "名称", source_id = "编号", capacity = "学位床位" }}
surveyed = [{surveyed}]

[layers.facilities.values.category]
{categories}

[layers.development_zones]
path = "registers.gpkg"
layer = "development_zones"
fields = {{ name = "园区名称" }}

[layers.communities]
path = "registers.gpkg"
layer = "communities"

[layers.communities.fields]
name = "社区名称"
households = "户数"
advanced = "新推进"
{items}

[layers.heritage]
path = "registers.gpkg"
layer = "heritage"
fields = {{ name = "名称", kind = "类型", announced = "已公布", plaque = "已挂牌" }}
values = {{ kind = {{ "历史文化街区" = "district", "历史建筑" = "building" }} }}

[layers.greenways]
path = "registers.gpkg"
layer = "greenways"
fields = {{ name = "名称" }}

[layers.jobs]
path = "registers.gpkg"
layer = "jobs"
fields = {{ jobs = "岗位数", name = "单位" }}

[layers.centres]
path = "registers.gpkg"
layer = "centres"
fields = {{ name = "名称", kind = "类型" }}
values = {{ kind = {{ "城市主中心" = "main", "县城" = "county" }} }}

[layers.chargers]
path = "chargers.csv"
encoding = "gbk"
datum = "gcj02"
x = "经度"
y = "纬度"
fields = {{ name = "站点", count = "数量", counts = "计量单位", public = "是否公用" }}
values = {{ counts = {{ "桩" = "pile", "枪" = "gun" }} }}

[layers.parking]
path = "parking.shp"
fields = {{ name = "名称", spaces = "泊位数", public = "公用" }}

[layers.sidewalks]
path = "sidewalk_survey.csv"
x = "经度"
y = "纬度"

[layers.sidewalks.fields]
source_id = "编号"
street = "道路名称"
side = "侧别"
length_m = "长度_米"
width_m = "净宽_米"
continuous = "连续"
obstructed = "被占用"
kerb_ramps = "缘石坡道"

[layers.sidewalks.values.side]
"左" = "left"
"右" = "right"


[population]
path = "population.tif"
kind = "count"
year = 2020
complete = true

[statistics]
path = "statistics.csv"

[baselines.life_circle_compliance]
value = {BASELINE}
year = 2020
source = "虚构基准值 (invented baseline)"
"""
