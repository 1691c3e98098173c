"""The words and numbers of the web map, in Chinese and English: one table, and how amounts are written for people."""

from __future__ import annotations

import numpy as np

from suizhou_geo.wording import STATUS, Lang, amount, limit, said, with_unit

WORDS: dict[str, tuple[str, str]] = {
    # the page
    "language": ("zh-CN", "en"),
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
    "one_of": ("底图与指标（选一项）", "Layout or one measure"),
    "any_of": ("叠加图层（可多选）", "On top of it"),
    "layout": ("空间格局", "Layout"),
    "main_city": ("主城", "main city"),
    "district": ("片区", "district"),
    "labels": ("分区名称", "Zone names"),
    "parks": ("公园", "Parks"),
    "barriers": ("河流、铁路等阻隔", "Rivers, railways and other barriers"),
    "roads": ("道路", "Roads"),
    "facilities": ("设施", "Facilities"),
    "uncovered": ("所选指标：未覆盖的居住用地", "Chosen measure: residential land not covered"),
    "cell": ("所选指标：居住用地逐格情况", "Chosen measure: residential land, cell by cell"),
    "covered": ("所选指标：已覆盖的居住用地", "Chosen measure: residential land covered"),
    "construction_land": ("所选指标：建设用地", "Chosen measure: construction land"),
    "park": ("所选指标：计入的公园", "Chosen measure: parks that count"),
    "service_area": ("所选指标：服务范围", "Chosen measure: area served"),
    "centreline": ("所选指标：道路中心线（按等级）", "Chosen measure: road centrelines by class"),
    "other": ("所选指标：其他依据", "Chosen measure: other evidence"),
    # what the legend calls things
    "legend": ("图例", "Legend"),
    "legend_parks": ("公园、广场（对外开放）", "park or square, open to the public"),
    "legend_closed": ("公园（不对外开放）", "park, not open to the public"),
    "legend_river": ("河流、水面", "river or water"),
    "legend_railway": ("铁路", "railway"),
    "legend_motorway": ("高速公路", "motorway"),
    "legend_wall": ("围墙", "wall"),
    "legend_uncovered": ("未覆盖的居住用地", "residential land not covered"),
    "legend_partly": ("部分覆盖的居住用地", "residential land partly covered"),
    "legend_covered": ("已覆盖的居住用地", "residential land covered"),
    "legend_cell": ("设施到达 {}–{} 的居住用地", "homes: {}–{} of services"),
    "legend_construction_land": ("建设用地", "construction land"),
    "legend_park": ("计入的公园", "park that counts"),
    "legend_service_area": ("服务范围", "area served"),
    "legend_centreline": ("中心线", "centreline"),
    "legend_circle": ("设施：{minutes}分钟生活圈", "facility of the {minutes}-minute circle"),
    "legend_facility": ("设施：其他", "facility, other"),
    "legend_block": ("街区（道路围合）", "block between streets"),
    "legend_missing_link": ("缺失路段", "missing link"),
    "legend_dead_end": ("断头处", "dead end"),
    "legend_explained_end": ("不计入的道路端点", "end of a street that is explained"),
    "legend_gap_repaired": ("已连接的制图缝隙", "gap of the drawing, joined"),
    "legend_named_road": ("方案列出的道路", "road named by the plan"),
    "legend_stroke": ("骨干道路", "street of the grid"),
    "legend_break": ("中断处", "break"),
    "legend_other": ("依据", "evidence"),
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

SYMBOLS = {"met": "✓", "missed": "✗", "cannot_tell": "?", "no_data": "–", "": ""}
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
    return f"{SYMBOLS[status]} {say(status, lang)}" if status else ""
