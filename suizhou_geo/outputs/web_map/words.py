"""The words and numbers of the web map, in Chinese and English: one table, and how amounts are written for people."""

from __future__ import annotations

import numpy as np

from suizhou_geo.assessment.wording import STATUS, Lang, amount, limit, said, with_unit
from suizhou_geo.standards.symbology import VERDICTS

WORDS: dict[str, tuple[str, str]] = {
    # the page
    "language": ("zh-CN", "en"),
    "other_language": ("en", "zh-CN"),
    "invented": ("虚构数据 / INVENTED DATA", "INVENTED DATA / 虚构数据"),
    "invented_why": (
        "本页城市与数字均为虚构，不代表任何真实地方。",
        "This city and its numbers are made up; they describe no real place.",
    ),
    "no_script": ("地图需要 JavaScript；计分表无需。", "The map needs JavaScript; the scorecard does not."),
    "map": (
        "地图：方向键移动，加减键缩放，Tab 键到各分区",
        "Map: arrow keys move, plus and minus zoom, Tab reaches the zones",
    ),
    "zoom_in": ("放大", "Zoom in"),
    "zoom_out": ("缩小", "Zoom out"),
    "close": ("关闭", "Close"),
    "north": ("北", "N"),
    "panel": ("图层与计分表", "Layers and scorecard"),
    "colon": ("：", ": "),
    "whole": ("合计", "all zones"),
    # layers
    "layers": ("图层", "Layers"),
    "one_of": ("空间格局或一项指标（分章）", "Layout or one measure, by chapter"),
    "any_of": ("叠加图层（可多选）", "On top of it"),
    "behind": ("所选指标的依据", "Behind the chosen measure"),
    "parts": ("分项", "By class or service"),
    "gap_layers": ("缺口图层（可多选）", "Gap layers"),
    "layout": ("空间格局", "Layout"),
    "labels": ("分区名称", "Zone names"),
    "parks": ("公园", "Parks"),
    "barriers": ("河流、铁路等阻隔", "Rivers, railways and other barriers"),
    "roads": ("道路", "Roads"),
    "facilities": ("设施", "Facilities"),
    "cell": ("居住用地逐格情况", "residential land, cell by cell"),
    # what the legend calls things
    "legend": ("图例", "Legend"),
    "legend_cell": ("设施到达 {}–{} 的居住用地", "homes: {}–{} of services"),
    "legend_circle": ("设施：{minutes}分钟生活圈", "facility of the {minutes}-minute circle"),
    "legend_facility": ("设施：其他", "facility, other"),
    "unit": ("单位", "unit"),
    "legend_nan": ("无数据", "no data"),
    "lower_in": (
        "每级含下限，不含上限（最高级含上限）",
        "each class includes its lower limit, not its upper (the highest includes both)",
    ),
    "pick": (
        "在“图层”里选一项指标，可看各分区数值、达标情况和缺口。",
        "Choose a measure under Layers to see its values, verdicts and gaps.",
    ),
    # search, measuring, printing, tiles
    "tools": ("工具", "Tools"),
    "skip": ("跳到计分表", "Skip to the scorecard"),
    "search": ("按名称查找", "Search by name"),
    "search_hint": ("分区、公园、设施、道路、缺失路段", "zones, parks, facilities, streets, missing links"),
    "found": ("找到 {} 项", "{} found"),
    "not_found": ("没有找到", "nothing found"),
    "zone": ("分区", "zone"),
    "park": ("公园", "park"),
    "facility": ("设施", "facility"),
    "street": ("道路", "street"),
    "gap_kind": ("缺口", "gap"),
    "ruler": ("量距离", "Measure"),
    "print": ("打印", "Print"),
    "distance": ("距离", "distance"),
    "area": ("面积", "area"),
    "points_set": ("{} 点", "{} points"),
    "measuring": (
        "点击地图加点；键盘：方向键移动地图，回车在中心十字处加点，退格撤销，Esc 结束。",
        "Click to set points. Keyboard: arrows move the map, Enter sets a point at the cross, Backspace undoes, Esc ends.",
    ),
    "undo": ("撤销一点", "Undo"),
    "finish": ("结束", "Done"),
    "accuracy": (
        "WGS 84 椭球面上；50 公里内，距离误差小于万分之一",
        "on the WGS 84 ellipsoid; within 50 km distances are good to 1 in 10,000",
    ),
    "printed": ("打印日期：{}", "Printed {}"),
    "tile_notice": (
        "底图瓦片来自 {}，需要网络；其内容与坐标不由本研究负责。",
        "Map tiles come from {} over the network; their content is not part of this study.",
    ),
    "findings": ("输入数据的疑点", "What is odd about the inputs"),
    # gaps
    "gaps": ("缺口：先补哪里", "Gaps: where to build next"),
    "gaps_note": (
        "点选一处，地图移到那里并说明情况。排序只说明先后，不代替实地踏勘。",
        "Choose a place: the map goes there and says what is known. A rank gives an order; it does not replace a site visit.",
    ),
    "more_places": ("另有 {} 处，见地图图层", "{} more: see the layer on the map"),
    "ranks": ("第{}–{}位", "rank {}–{}"),
    "rank": ("排名", "rank"),
    "near": ("{street}附近（{zone}）", "near {street} ({zone})"),
    "unnamed": ("无名{}", "unnamed {}"),
    "near_miss": (
        "相距不足30米且无阻隔，可能只是图纸未接",
        "under 30 m with nothing between: perhaps only the drawing",
    ),
    "home": ("居住用地一格", "A cell of residential land"),
    "home_persons": ("居住人口", "persons living there"),
    # promises
    "target": ("目标", "target"),
    "no_target": ("没有承诺值", "no promise"),
    "target_unknown": ("目标待定", "target not known yet"),
    ">=": ("不低于", "at least"),
    "<=": ("不超过", "at most"),
    ">": ("高于", "more than"),
    "<": ("低于", "less than"),
    "==": ("等于", "exactly"),
    "zones_note": (
        "承诺针对全市；分区数值与同一目标对照，供查找短板。",
        "Promises are made for the whole city; zones are held against the same targets to find the weak ones.",
    ),
    # the scorecard
    "scorecard": ("计分表", "Scorecard"),
    "promises": ("承诺逐项", "Promise by promise"),
    "unmeasured": ("缺数据的承诺", "Promises without data"),
    "without": ("没有承诺值的指标", "Measured, without a promise"),
    "variants": ("其他口径", "Under other definitions"),
    "measure": ("指标", "measure"),
    "value": ("现状", "now"),
    "gap": ("差距", "gap"),
    "status": ("结论", "verdict"),
    "unknown": ("待定", "not set"),
    "see": ("看图", "on the map"),
    "short": ("差", "short"),
    "over": ("超", "over"),
    "spare": ("余", "to spare"),
    "points": ("百分点", "points"),
    "about": ("口径与依据", "definition and source"),
    "profile": ("口径", "definition"),
    "basis": ("依据", "source"),
    "needs": ("说明", "note"),
    "range": ("数据不全，可能在 {low} 与 {high} 之间", "incomplete data leaves open {low} to {high}"),
    "unbounded": ("不限", "no limit"),
    # the foot
    "source": (
        "数据来源：© OpenStreetMap contributors, ODbL；以及本研究所列自有图层。",
        "Data: © OpenStreetMap contributors, ODbL; own layers as listed in the study.",
    ),
    "invented_source": (
        "数据来源：虚构；若含 OpenStreetMap 数据：© OpenStreetMap contributors, ODbL。",
        "Data: invented; where it holds OpenStreetMap data: © OpenStreetMap contributors, ODbL.",
    ),
    "drawn": (
        "量算坐标系 {crs}；图形仅供显示，化简容差 {tolerance:g} 米，道路只画分区周边。",
        "Measured in {crs}; shapes are simplified for display (tolerance {tolerance:g} m); "
        "roads are drawn near the zones only.",
    ),
    "crowded": (
        "居住用地格数过多，逐格图未画，见结果中的图层文件。",
        "Residential land has too many cells to draw here; they are in the layers file of the results.",
    ),
}

OP_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}


def say(key: str, lang: Lang) -> str:
    """Return one entry of WORDS, or the word of a status, in one language.

    >>> say("target", "zh"), say("target", "en")
    ('目标', 'target')
    """
    return WORDS[key][lang == "en"] if key in WORDS else said(STATUS, key, lang)


def promise(op: str, target: float, unit: str, lang: Lang) -> str:
    """Say a target in plain words, or that there is none yet.

    >>> promise(">=", 0.85, "share", "zh"), promise("<=", 120.0, "m2/person", "en")
    ('不低于 85%', 'at most 120 m²/person')
    """
    if op not in OP_SIGNS or not np.isfinite(target):
        return say("target_unknown", lang)
    return f"{say(op, lang)} {with_unit(limit(target, unit, lang), unit, lang)}"


def missing(gap: float, op: str, unit: str, lang: Lang) -> tuple[str, str]:
    """Say what is missing to a target (gap above 0) or what the margin is, in figures and words.

    >>> missing(0.39, ">=", "km/km2", "zh"), missing(-1260.0, "<=", "person/km2", "en")
    (('0.39', '差'), ('1,260', 'to spare'))
    >>> missing(0.1, ">", "share", "zh")
    ('10.0', '差 百分点')
    """
    if not np.isfinite(gap):
        return "—", ""
    figure = amount(abs(gap), unit, lang, beside=0.0).split(" ")[0].rstrip("%")
    word = say("spare" if gap <= 0 else "over" if op in ("<=", "<") else "short", lang)
    points = say("points", lang) if unit == "share" else ""
    return figure, (f"{points} {word}" if lang == "en" else f"{word} {points}").strip()


def verdict(status: str, lang: Lang) -> str:
    """Return a status as a symbol and a word, so that colour is never the only sign.

    >>> verdict("missed", "zh"), verdict("", "en")
    ('✗ 未达到', '')
    """
    return f"{VERDICTS[status][0]} {say(status, lang)}" if status else ""
