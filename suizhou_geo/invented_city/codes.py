"""The land of the invented city in codes: as planned (用地用海分类) and as the land survey has it (三调 with CZCSXM)."""

from __future__ import annotations

from collections.abc import Sequence

from suizhou_geo.invented_city.city import Tile, Zone
from suizhou_geo.invented_city.points import sums
from suizhou_geo.invented_city.tables import table

_HOMESTEADS = ("0702", "农村宅基地")
_HOUSING, _COMMUNITY_SERVICES = "城镇住宅用地", "0702"
_TOWN, _VILLAGE_ZONE, _EVERY = "花溪片区", "城南片区", 9
_SERVICES_M2 = 3000.0


def plan_codes(tiles: Sequence[Tile]) -> list[str]:
    """Codes of the plan in full: housing by its class (070101 to 070103), its smallest sites as 0702 社区服务设施."""
    known = table("study")["layers"]["land_use"]["values"]["land_class"]
    codes = []
    for n, tile in enumerate(tiles):
        code = known[tile.land_class]
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
        code, name = table("land")[tile.land_class]["survey"]
        scope = "202" if zone == _TOWN else "201"
        if tile.land_class == "工业用地" and zone != "主城区":
            scope += "A"
        if tile.land_class == _HOUSING and zone == _VILLAGE_ZONE and n % _EVERY == 0:
            (code, name), scope = _HOMESTEADS, "203"
        rows.append((code, name, scope if tile.construction else ""))
    return rows


def hectares(tiles: Sequence[Tile], codes: Sequence[str]) -> dict[str, float]:
    """Land by code, in ha."""
    return sums((code, tile.shape.area / 1e4) for tile, code in zip(tiles, codes, strict=True))
