"""The land of the invented city in codes: as planned (用地用海分类) and as the land survey has it (三调 with CZCSXM)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from suizhou_geo.invented_city.city import Tile, Zone

# 用地用海 names as the planners' layer has them -> codes.
LAND_CODES = {
    "城镇住宅用地": "0701",
    "机关团体用地": "0801",
    "教育用地": "0804",
    "医疗卫生用地": "0806",
    "商业服务业用地": "09",
    "工业用地": "1001",
    "物流仓储用地": "1101",
    "铁路用地": "1201",
    "公路用地": "1202",
    "城镇村道路用地": "1207",
    "公用设施用地": "13",
    "公园绿地": "1401",
    "防护绿地": "1402",
    "留白用地": "16",
    "河流水面": "1701",
    "林地": "03",
}
# The same -> code and name of the third national land survey, which lumps what the plan tells apart.
SURVEY_CODES = {
    "城镇住宅用地": ("0701", "城镇住宅用地"),
    "机关团体用地": ("08H1", "机关团体新闻出版用地"),
    "教育用地": ("08H2", "科教文卫用地"),
    "医疗卫生用地": ("08H2", "科教文卫用地"),
    "商业服务业用地": ("05H1", "商业服务业设施用地"),
    "工业用地": ("0601", "工业用地"),
    "物流仓储用地": ("0508", "物流仓储用地"),
    "铁路用地": ("1001", "铁路用地"),
    "公路用地": ("1003", "公路用地"),
    "城镇村道路用地": ("1004", "城镇村道路用地"),
    "公用设施用地": ("0809", "公用设施用地"),
    "公园绿地": ("0810", "公园与绿地"),
    "防护绿地": ("0810", "公园与绿地"),
    "留白用地": ("1201", "空闲地"),
    "河流水面": ("1101", "河流水面"),
    "林地": ("0301", "乔木林地"),
}
_HOMESTEADS = ("0702", "农村宅基地")
_HOUSING, _COMMUNITY_SERVICES = "城镇住宅用地", "0702"
_TOWN, _VILLAGE_ZONE, _EVERY = "花溪片区", "城南片区", 9
_SERVICES_M2 = 3000.0


def plan_codes(tiles: Sequence[Tile]) -> list[str]:
    """Codes of the plan in full: housing by its class (070101 to 070103), its smallest sites as 0702 社区服务设施."""
    codes = []
    for n, tile in enumerate(tiles):
        code = LAND_CODES[tile.land_class]
        if tile.land_class == _HOUSING:
            code = _COMMUNITY_SERVICES if tile.shape.area < _SERVICES_M2 else f"07010{n % 3 + 1}"
        codes.append(code)
    return codes


def survey_codes(tiles: Sequence[Tile], zones: Sequence[Zone]) -> list[tuple[str, str, str]]:
    """DLBM, DLMC and CZCSXM (201 city, 201A its works apart, 202 town, 203 village) as the land survey has them.

    Some housing of the south is homesteads: 0702, which in the plan's system is something else.
    """
    names = {zone.zone_id: zone.name for zone in zones}
    rows = []
    for n, tile in enumerate(tiles):
        zone = names[tile.zone_id]
        code, name = SURVEY_CODES[tile.land_class]
        scope = "202" if zone == _TOWN else "201"
        if tile.land_class == "工业用地" and zone != "主城区":
            scope += "A"
        if tile.land_class == _HOUSING and zone == _VILLAGE_ZONE and n % _EVERY == 0:
            (code, name), scope = _HOMESTEADS, "203"
        rows.append((code, name, scope if tile.construction else ""))
    return rows


def hectares(tiles: Sequence[Tile], codes: Sequence[str]) -> dict[str, float]:
    """Land by code, in ha."""
    result: dict[str, float] = defaultdict(float)
    for tile, code in zip(tiles, codes, strict=True):
        result[code] += tile.shape.area / 1e4
    return dict(sorted(result.items()))
