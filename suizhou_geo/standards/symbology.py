"""How results are drawn, everywhere alike: classes, and the symbols of zones, roads and evidence.

The web map, the figures, the reports and the layers for desktop GIS read their colours and words here. Every palette
can be told apart with any colour vision; verdicts carry a sign besides their colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.model import Text

CLASSES = 5
SHARE_STEPS = (0.025, 0.05, 0.1, 0.2)
PALETTE = ("#edf8fb", "#b3cde3", "#8c96c6", "#8856a7", "#810f7c")  # light to dark
FIFTHS = ("#a63603", "#e6550d", "#fd8d3c", "#fdbe85", "#feedde")  # of what is asked for, none to all
NO_DATA = "#d9d9d9"
GROUND = "#f4f2ee"


@dataclass(frozen=True)
class Symbol:
    """How one kind of thing is drawn.

    `stroke` is the colour of its line or outline, `width_px` the width of that on a screen (of a point: its diameter),
    `dash_px` its dashes; `fill` the colour of its inside ("" for lines) and `opacity` of that, 0-1.
    """

    name: Text
    stroke: str
    width_px: float
    fill: str = ""
    opacity: float = 1.0
    dash_px: tuple[float, ...] = ()


ROLES: Mapping[str, Symbol] = {
    "main_city": Symbol(Text("主城", "main city"), "#3a3a3a", 1.8, "#f2bd83", 0.85),
    "district": Symbol(Text("片区", "district"), "#3a3a3a", 1.8, "#fae8bb", 0.85),
}
# what a measure shows as its evidence, by the column `part`
PARTS: Mapping[str, Symbol] = {
    "uncovered": Symbol(Text("未覆盖的居住用地", "residential land not covered"), "#8c2d04", 1.0, "#e6550d", 0.8),
    "partly_covered": Symbol(
        Text("部分覆盖的居住用地", "residential land partly covered"), "#a63603", 0.7, "#fdae6b", 0.8
    ),
    "covered": Symbol(Text("已覆盖的居住用地", "residential land covered"), "#737373", 0.7, "#f7f7f7", 0.65),
    "elsewhere_covered": Symbol(
        Text("居住用地以外的人口（已覆盖）", "persons outside residential land, covered"),
        "#737373",
        0.5,
        "#f7f7f7",
        0.2,
    ),
    "elsewhere_uncovered": Symbol(
        Text("居住用地以外的人口（未全覆盖）", "persons outside residential land, not all covered"),
        "#8c2d04",
        0.5,
        "#e6550d",
        0.2,
    ),
    "service_area": Symbol(Text("服务范围", "area served"), "#005a32", 1.5, "#41ab5d", 0.1, (5, 4)),
    "park": Symbol(Text("计入的公园", "park that counts"), "#00441b", 2.0, "#238b45", 0.85),
    "construction_land": Symbol(Text("建设用地", "construction land"), "#6b4f2a", 1.0, "#bf9b6f", 0.45),
    "land_class": Symbol(Text("该类用地", "land of this class"), "#6b4f2a", 1.0, "#d8b365", 0.7),
    "built_up_start": Symbol(Text("城区初始范围", "preliminary range"), "#6b4f2a", 1.0, "#bf9b6f", 0.55),
    "built_up_joined": Symbol(Text("连接纳入的图斑", "patches that joined"), "#8c510a", 1.0, "#e6550d", 0.55),
    "built_up_map": Symbol(
        Text("由地图推导的建成范围", "built-up area derived from the map"), "#6b4f2a", 1.0, "#d8b365", 0.5
    ),
    "centreline": Symbol(Text("道路中心线", "centreline"), "#d94801", 2.0),
    "block": Symbol(Text("街区（道路围合）", "block between streets"), "#404040", 1.5, "#808080", 0.3),
    "missing_link": Symbol(Text("缺失路段", "missing link"), "#cb181d", 5.0),
    "dead_end": Symbol(Text("断头处", "dead end"), "#67000d", 8.0),
    "explained_end": Symbol(Text("不计入的道路端点", "end of a street that is explained"), "#969696", 6.0),
    "gap_repaired": Symbol(Text("已连接的制图缝隙", "gap of the drawing, joined"), "#238b45", 4.0),
    "named_road": Symbol(Text("方案列出的道路", "road named by the plan"), "#54278f", 3.5),
    "stroke": Symbol(Text("骨干道路", "street of the grid"), "#54278f", 3.0),
    "bank_green": Symbol(Text("岸线100米内有公园绿地", "bank beside public green"), "#238b45", 4.0),
    "bank_bare": Symbol(Text("岸线附近无公园绿地", "bank without public green"), "#a63603", 3.0),
    "charging_points": Symbol(Text("充电设施", "charging point"), "#0072b2", 6.0),
    "parking_spaces": Symbol(Text("停车场", "car park"), "#56b4e9", 6.0),
    "plaque": Symbol(Text("已挂牌", "with a plaque"), "#00567f", 7.0),
    "plaque_missing": Symbol(Text("未挂牌", "without a plaque"), "#a33b00", 7.0),
    "plaque_unknown": Symbol(Text("是否挂牌未知", "plaque not said"), "#969696", 7.0),
    "community_gap": Symbol(Text("缺设施的社区", "community that lacks a facility"), "#8c2d04", 1.2, "#e6550d", 0.45),
    "community_served": Symbol(Text("设施齐全的社区", "community that lacks none"), "#404040", 1.0, "#f7f7f7", 0.5),
    "community_complete": Symbol(Text("完整居住社区", "complete community"), "#00441b", 1.2, "#41ab5d", 0.45),
    "community_open": Symbol(Text("待判定的社区", "community still open"), "#404040", 1.0, "#fdd0a2", 0.45),
    "community_incomplete": Symbol(Text("未达标的社区", "community not complete"), "#8c2d04", 1.2, "#e6550d", 0.4),
    "community_advanced": Symbol(Text("新推进完整社区", "community being advanced"), "#54278f", 1.5, "#9e9ac8", 0.4),
    "places_none": Symbol(Text("步行范围内没有", "none in reach"), "#8c2d04", 0.7, "#e6550d", 0.8),
    "places_short": Symbol(Text("有但不足", "too few in reach"), "#a63603", 0.7, "#fdae6b", 0.8),
    "places_enough": Symbol(Text("足够", "enough in reach"), "#737373", 0.7, "#f7f7f7", 0.65),
    "places": Symbol(Text("学位（床位）设施", "facility with places"), "#54278f", 6.0),
    "isochrone": Symbol(Text("等时圈内道路", "street within reach"), "#d94801", 2.0),
    "county_centre": Symbol(Text("县城中心", "county seat"), "#54278f", 8.0),
    "core": Symbol(Text("主城核心区", "core of the main city"), "#54278f", 2.5, "#9e9ac8", 0.25),
    "core_gap": Symbol(Text("未围合处", "gap of the enclosure"), "#cb181d", 4.0),
    "break": Symbol(Text("中断处", "break"), "#cb181d", 6.0),
    # rows of a part told apart by what they say: a block over its limit, a street that does not run through, a sidewalk
    "superblock": Symbol(Text("边长超限的街区", "block over the limit"), "#8c2d04", 1.0, "#e6550d", 0.6),
    "short_stroke": Symbol(Text("未贯通的干路", "arterial that does not run through"), "#9e9ac8", 2.0, dash_px=(6, 4)),
    "sidewalk": Symbol(Text("人行道（未判定是否达标）", "sidewalk, not judged"), "#737373", 1.6),
    "sidewalk_passes": Symbol(Text("达标人行道", "sidewalk that passes"), "#0072b2", 2.0),
    "sidewalk_fails": Symbol(Text("未达标人行道", "sidewalk that fails"), "#cb181d", 3.0),
}
OTHER_PART = Symbol(Text("依据", "evidence"), "#404040", 1.5, "#808080", 0.3)
# road class (its names are in standards/road_classes.toml) -> colour on the base, width in pixels, colour as a measured
# centreline; minor roads first
ROADS: Mapping[str, tuple[str, float, str]] = {
    "service": ("#c9c5be", 0.6, "#fee6ce"),
    "pedestrian": ("#c9c5be", 0.8, "#fee6ce"),
    "local": ("#b8b3ab", 0.8, "#fdd0a2"),
    "branch": ("#a19b92", 1.2, "#fdae6b"),
    "secondary": ("#8d867c", 1.8, "#f16913"),
    "arterial": ("#6f685f", 2.6, "#d94801"),
    "expressway": ("#5a4a3f", 3.2, "#8c2d04"),
    "motorway": ("#5a4a3f", 3.6, "#4a1486"),
}
OTHER_ROAD = ("#b8b3ab", 0.8, "#fdd0a2")
BARRIERS: Mapping[str, Symbol] = {
    "river": Symbol(Text("河流、水面", "river or water"), "#4a90c2", 2.2, "#8ec1e6", 0.95),
    "railway": Symbol(Text("铁路", "railway"), "#262626", 2.6, dash_px=(10, 3)),
    "motorway": Symbol(Text("高速公路", "motorway"), "#4a1486", 3.0),
    "wall": Symbol(Text("围墙", "wall"), "#7f3b08", 1.4, dash_px=(2, 3)),
}
# facilities by the minutes of their circle (0: none)
CIRCLES: Mapping[int, str] = {15: "#0072b2", 10: "#e69f00", 5: "#009e73", 0: "#cc79a7"}
VERDICTS: Mapping[str, tuple[str, str]] = {  # sign, colour
    "met": ("✓", "#00567f"),
    "missed": ("✗", "#a33b00"),
    "cannot_tell": ("?", "#5b4a00"),
    "no_data": ("–", "#5b6772"),
    "": ("", "#44525f"),
}


def class_limits(values: Floats, unit: str) -> list[float]:
    """Return the six limits of five equal classes round all finite values, as round numbers.

    Those of shares stay within 0 to 1 and are never narrower than 2.5 points, lest small differences look large.

    >>> class_limits(np.array([3.1, 7.9]), "km/km2"), class_limits(np.array([0.83, 0.93]), "share")
    ([3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [0.825, 0.85, 0.875, 0.9, 0.925, 0.95])
    """
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    share = unit == "share" and low >= 0 and high <= 1
    if share:
        steps = SHARE_STEPS if high > low else SHARE_STEPS[-1:]
    else:
        span = (high - low) or abs(high) or 1.0
        power = 10.0 ** np.floor(np.log10(span / CLASSES))
        steps = tuple(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0))
    for step in steps:
        start = np.floor(low / step + 1e-9)
        if share:
            start = min(start, round(1 / step) - CLASSES)
        if (start + CLASSES) * step >= high - 1e-12 * abs(high):
            break
    return [float(f"{(start + k) * step:.12g}") for k in range(CLASSES + 1)]


def class_of(value: float, limits: Sequence[float]) -> int:
    """Return which class (0-4) a value is in, lower limits included; -1 for NaN.

    >>> class_of(0.2, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), class_of(1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    (1, 4)
    """
    return -1 if np.isnan(value) else int(np.searchsorted(limits[1:-1], value, side="right"))
