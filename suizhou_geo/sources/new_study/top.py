"""The head of a study file: its name, the plan that fits the place, the coordinate system to work in."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import NOTHING, Text, listed_text
from suizhou_geo.geometry.crs import in_china, metric_crs
from suizhou_geo.sources.new_study.fits import word_in
from suizhou_geo.sources.new_study.seen import Box, Seen
from suizhou_geo.sources.new_study.tables import Folder, Keys, Table
from suizhou_geo.sources.plan import built_in_plans, read_plan
from suizhou_geo.standards import table

_ANY_CITY = "china_standards"
_NOWHERE = (0.0, 0.0, 0.0, 0.0)
_FIRST_ZONE, _FIRST_MERIDIAN_DEG, _ZONE_DEG = 4534, 75, 3  # CGCS2000, Gauss-Kruger in zones of three degrees
_SHOWN = 5


def top(folder: Folder, zones: Seen | None) -> Table:
    """Return the keys above the tables, with what is to be asked of them."""
    name = folder.path.resolve().name
    asks = dict[str, Text]()
    if folder.top.get("name", name) == name:
        asks["name"] = Text(
            "城市叫什么？这里先写了文件夹的名称", "what is the city called? this is the name of the folder"
        )
    keys: Keys = {"name": name}
    if "虚构" in name or "invented" in name.lower():
        keys["invented"] = True
    keys |= folder.top
    said = " ".join([keys["name"], str(keys.get("city", "")), *(each.path.stem for each in folder.seen)])
    plan, why, ask = _plan(folder, said, None if zones is None else zones.box)
    because = []
    if folder.top.get("plan", plan) == plan:
        keys["plan"] = plan
        because.append(why)
        asks |= {"plan": ask} if ask != NOTHING else {}
    if zones is not None and zones.box is not None:
        crs, why = _working_crs(zones)
        if folder.top.get("crs", crs) == crs:
            keys["crs"] = crs
            because.append(why)
    return Table("", keys, tuple(because), asks)


def _plan(folder: Folder, said: str, box: Box | None) -> tuple[str, Text, Text]:
    """The plan to hold the city against, why, and what to ask of it."""
    own = [each for each in folder.seen if each.kind == "toml" and "targets" in _toml(each.path)]
    if own:
        path = folder.written(own[0].path)
        return path, Text(f"{path} 是方案文件", f"{path} is a plan"), NOTHING
    asks = []
    words = table("file_kinds")["plan_document"]["words"]
    documents = [each.path.name for each in folder.seen if each.kind == "document" and word_in(each.path.stem, words)]
    if documents:
        names = listed_text(documents[:_SHOWN])
        asks.append(
            Text(
                f"{names.zh} 像是规划文件：用 suizhou-geo targets {documents[0]} 起草方案文件，核对后写在这里",
                f"{names.en} may be the plan: draft a plan file of it with suizhou-geo targets {documents[0]}, check it, "
                "and name it here",
            )
        )
    found, why = (
        _ANY_CITY,
        Text("没有认出本市的方案，只对照国家标准", "no plan of this city is known: national standards alone"),
    )
    for name in reversed(built_in_plans()):
        plan = read_plan(name)
        if not plan.city or box is None or not _lies_in(box, plan.extent):
            continue
        if plan.city in said or plan.city_en.lower() in said.lower():
            found = name
            why = Text(
                f"分区在{plan.city}范围内，名称也写着{plan.city}",
                f"the zones lie in {plan.city_en}, and a name says so",
            )
        else:
            asks.append(
                Text(
                    f'分区在{plan.city}范围内：如果就是{plan.city}，写 "{name}"，并写 city = "{plan.city}"',
                    f'the zones lie in {plan.city_en}: if it is {plan.city_en}, write "{name}", and city = "{plan.city}"',
                )
            )
        break
    return found, why, Text("；".join(ask.zh for ask in asks), "; ".join(ask.en for ask in asks))


def _working_crs(zones: Seen) -> tuple[str, Text]:
    """The zones' own system where it is in metres, else that of their meridian."""
    crs = zones.crs
    if crs is not None and zones.says_crs and crs.is_projected and crs.to_epsg():
        try:
            metric_crs(crs, what=NOTHING)
        except LayerError:
            crs = None  # feet, Web Mercator
        else:
            return f"EPSG:{crs.to_epsg()}", Text("坐标系取分区文件的", "the coordinate system is that of the zones")
    west, south, east, north = zones.box or _NOWHERE
    lon, lat = (west + east) / 2, (south + north) / 2
    if in_china(lon, lat, lon, lat):
        code = _FIRST_ZONE + round((lon - _FIRST_MERIDIAN_DEG) / _ZONE_DEG)
        why = Text("坐标系按分区所在经度取 3 度带", "the coordinate system is that of the zones' meridian")
        return f"EPSG:{code}", why
    utm = gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").estimate_utm_crs()
    why = Text("坐标系按分区位置取 UTM 带", "the coordinate system is the UTM zone of the zones")
    return f"EPSG:{utm.to_epsg()}", why


def _lies_in(box: Box, extent: tuple[float, ...]) -> bool:
    if not extent:
        return True
    west, south, east, north = extent
    return west <= (box[0] + box[2]) / 2 <= east and south <= (box[1] + box[3]) / 2 <= north


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return {}
