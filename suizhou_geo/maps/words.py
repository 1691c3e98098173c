"""The words and numbers of the web map, in Chinese and English: one table, and how amounts are written for people."""

from __future__ import annotations

from typing import Literal

import numpy as np

Lang = Literal["zh", "en"]

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
    "covered": ("所选指标：已覆盖的居住用地", "Chosen measure: residential land covered"),
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
    "legend_covered": ("已覆盖的居住用地", "residential land covered"),
    "legend_service_area": ("服务范围", "area served"),
    "legend_centreline": ("中心线", "centreline"),
    "legend_circle": ("设施：{minutes}分钟生活圈", "facility of the {minutes}-minute circle"),
    "legend_facility": ("设施：其他", "facility, other"),
    "legend_other": ("依据", "evidence"),
    "unit": ("单位", "unit"),
    "legend_nan": ("无数据", "no data"),
    "lower_in": ("每级含下限，不含上限", "each class includes its lower limit, not its upper"),
    "pick": (
        "在“图层”里选一项指标，可看各分区数值、达标情况和缺口。",
        "Choose a measure under Layers to see its values, verdicts and gaps.",
    ),
    # promises
    "target": ("目标", "target"),
    "no_target": ("没有承诺值", "no promise"),
    "target_unknown": ("目标待定", "target not known yet"),
    "met": ("达标", "met"),
    "missed": ("未达标", "missed"),
    "cannot_tell": ("无法判定", "cannot tell"),
    "no_data": ("无数据", "no data"),
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
    "without": ("没有承诺值的指标", "Measured, without a promise"),
    "variants": ("其他口径", "Under other definitions"),
    "measure": ("指标", "measure"),
    "value": ("现状", "now"),
    "gap": ("差距", "gap"),
    "status": ("结论", "verdict"),
    "unknown": ("待定", "not set"),
    "see": ("看图", "on the map"),
    "points": ("个百分点", "points"),
    "profile": ("口径", "definition"),
    "basis": ("依据", "source"),
    "needs": ("需要", "needs"),
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
    "family_drawn": (
        "分设施类别的指标只画未覆盖部分。",
        "For measures by facility category only what is not covered is drawn.",
    ),
}

SYMBOLS = {"met": "✓", "missed": "✗", "cannot_tell": "?", "no_data": "–", "": ""}
OP_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}
UNITS: dict[str, tuple[str, str]] = {
    "km/km2": ("公里/平方公里", "km/km²"),
    "persons/km2": ("人/平方公里", "persons/km²"),
    "m2/person": ("平方米/人", "m²/person"),
    "persons": ("人", "persons"),
    "count": ("个", ""),
    "km": ("公里", "km"),
    "km2": ("平方公里", "km²"),
    "m": ("米", "m"),
    "ha": ("公顷", "ha"),
}
MOST_DECIMALS = 8


def say(key: str, lang: Lang) -> str:
    """Return one entry of WORDS in one language.

    >>> say("met", "zh"), say("met", "en")
    ('达标', 'met')
    """
    return WORDS[key][lang == "en"]


def unit_name(unit: str, lang: Lang) -> str:
    """Return how a unit is written for people; a share has none (its percent sign stands in the amount).

    >>> unit_name("km/km2", "zh"), unit_name("share", "en"), unit_name("piles", "en")
    ('公里/平方公里', '', 'piles')
    """
    if unit == "share":
        return ""
    return UNITS[unit][lang == "en"] if unit in UNITS else unit


def amount(value: float, unit: str, *, beside: float = np.nan) -> str:
    """Write a value without its unit: shares as percent, NaN as a dash, infinity as the sign.

    Rounding never makes a value look equal to what it stands `beside`: 84.96 % against a target of 85 % keeps the
    decimals that show the difference.

    >>> amount(0.7492, "share"), amount(9523.81, "persons/km2"), amount(7.4, "km/km2"), amount(float("nan"), "ha")
    ('74.9%', '9,524', '7.40', '–')
    >>> amount(0.8496, "share", beside=0.85)
    '84.96%'
    """
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    scale, sign = (100.0, "%") if unit == "share" else (1.0, "")
    shown, other = value * scale, beside * scale
    decimals = 1 if sign or 10 <= abs(shown) < 1000 else 0 if abs(shown) >= 1000 else 2
    if not np.isclose(shown, other, rtol=1e-9, atol=1e-9):
        while decimals < MOST_DECIMALS and float(f"{shown:.{decimals}f}") == round(other, MOST_DECIMALS):
            decimals += 1
    return f"{shown:,.{decimals}f}{sign}".replace("-", "−")


def limit(value: float, unit: str) -> str:
    """Write a target or a class limit: no more digits than it has.

    >>> limit(0.85, "share"), limit(10000.0, "persons/km2"), limit(7.5, "km/km2")
    ('85%', '10,000', '7.5')
    """
    scale, sign = (100.0, "%") if unit == "share" else (1.0, "")
    return f"{round(value * scale, MOST_DECIMALS):,.12g}{sign}".replace("-", "−")


def with_unit(text: str, unit: str, lang: Lang) -> str:
    """Put the unit behind an amount.

    >>> with_unit("7.40", "km/km2", "en")
    '7.40 km/km²'
    """
    return f"{text} {unit_name(unit, lang)}".rstrip()


def promise(op: str, target: float, unit: str, lang: Lang) -> str:
    """Say a target in plain words, or that there is none yet.

    >>> promise(">=", 0.85, "share", "zh"), promise("<=", 120.0, "m2/person", "en")
    ('不低于 85%', 'at most 120 m²/person')
    """
    if op not in OP_SIGNS or np.isnan(target):
        return say("target_unknown", lang)
    return f"{say(op, lang)} {with_unit(limit(target, unit), unit, lang)}"


def verdict(status: str, lang: Lang) -> str:
    """Return a status as a symbol and a word, so that colour is never the only sign.

    >>> verdict("missed", "zh"), verdict("", "en")
    ('✗ 未达标', '')
    """
    return f"{SYMBOLS[status]} {say(status, lang)}" if status else ""
