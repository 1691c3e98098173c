"""The words of the sheets, in Chinese and English, and how promises, thresholds and layers are told on paper."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from suizhou_geo.assessment.wording import STATUS, Lang, limit, said, with_unit
from suizhou_geo.model import Measure, Text
from suizhou_geo.standards.catalogue import entry_for, threshold_words

WORDS: dict[str, tuple[str, str]] = {
    "invented": ("虚构数据，不是随州", "INVENTED DATA, not Suizhou"),
    "invented_tag": ("虚构数据", "INVENTED DATA"),
    "overview": ("规划承诺总览：承诺、现状与差距", "The plan's promises: promised, measured, gap"),
    "gaps_map": ("空间分布与差距", "on the map"),
    "by_zone": ("分区现状与承诺", "by zone, against the promises"),
    "layout": ("空间格局", "Layout"),
    "north": ("北", "N"),
    "legend": ("图例", "Legend"),
    "no_data": ("无数据", "no data"),
    "target": ("目标", "target"),
    "no_target": ("无承诺值", "no promise"),
    "target_unknown": ("目标待定", "target not known yet"),
    "whole": ("合计", "all zones"),
    "zone": ("分区", "zone"),
    "zone_n": ("分区 {}", "zone {}"),
    "verdict": ("结论", "verdict"),
    "values": ("分区数值", "Values by zone"),
    "more_zones": ("另有 {} 个分区，见计分表", "{} more zones: see the scorecard"),
    "more_promises": ("另有 {} 项承诺，见计分表", "{} more promises: see the scorecard"),
    "more_rows": ("另有 {} 条，见结果图层", "{} more: see the layers of the results"),
    "weakest_first": ("差距大的在前", "widest gap first"),
    "class_note": ("各级含下限；最高级含上限", "Classes include their lower limit"),
    "scale": ("1:{}（A4）", "1:{} (A4)"),
    "one_scale": ("各图比例尺相同", "All maps are at one scale"),
    "data": ("数据", "Data"),
    "data_date": ("数据日期", "Data as of"),
    "crs": ("坐标系", "Coordinates"),
    "approval": ("审图号：____________", "Map approval no.: ____________"),
    "drawn_with": ("制图：suizhou_geo", "Drawn with suizhou_geo"),
    "unknown_date": ("未注明", "not stated"),
    "osm": ("© OpenStreetMap contributors, ODbL 1.0", "© OpenStreetMap contributors, ODbL 1.0"),
    "whole_is": ("合计 {}", "all zones {}"),
    "definition": ("口径：{}", "Definition: {}"),
    "thresholds": ("阈值：{}", "Thresholds: {}"),
    "source": ("依据：{}", "Source: {}"),
    "promise": ("承诺：{}", "Promise: {}"),
    "range": ("数据不全，可能在 {} 与 {} 之间", "incomplete data leave open {} to {}"),
    "unbounded": ("不限", "no limit"),
    "cannot": ("不能判断或须注意：{}", "Not told by the data, or to be noted: {}"),
    "left_out": (
        "现有字体不能显示的文字从略，全文见计分表。",
        "Words that no installed font can draw are left out; they are in the scorecard.",
    ),
    "zones_note": (
        "承诺针对全市；分区数值与同一目标对照，供查找短板。",
        "Promises are for the whole city; zones are held against them to find the weak ones.",
    ),
    "measured": ("现状", "measured"),
    "measure": ("指标", "measure"),
    "by_definition": ("口径", "definition"),
    "promised": ("承诺", "promised"),
    "gap": ("差距", "gap"),
    "points": ("个百分点", "points"),
    "open_range": ("数据不全时的可能范围", "range left open"),
    "bar_note": (
        "条长为现状与承诺值之比，竖线为承诺值（100%）。“不低于”须到竖线，“不超过”不得越过。",
        "Bars show the measured value as a share of the promised one (upright line, 100 %): 'at least' must reach the "
        "line, 'at most' must not pass it.",
    ),
    "no_bar": ("目标为 0，不能按比例画条", "the target is 0: nothing to draw a share of"),
    "unmeasured": ("尚缺数据的承诺（{} 项）", "Promises without data yet ({})"),
    "counted": (
        "达到 {met} 项，未达到 {missed} 项，无法判定 {cannot_tell} 项，缺数据 {no_data} 项",
        "{met} met, {missed} missed, {cannot_tell} cannot be told, {no_data} without data",
    ),
    "no_plan": (
        "本研究未指定规划，无承诺可对照。",
        "The study names no plan: there are no promises to hold it against.",
    ),
    "cells": ("设施到达 {}–{} 的居住用地", "homes reached by {}–{} of the services"),
    "centreline": ("中心线：{}", "centreline: {}"),
    "not_through": ("未贯通的干路", "arterial that does not run through"),
    "zone_border": ("分区界线", "zone border"),
    "streets": ("道路（按等级粗细）", "streets, wider by class"),
    "main_streets": ("主要道路", "main streets"),
    "rank": ("序", "no."),
    "links": ("缺失路段（按效益排序）", "Missing links (most benefit first)"),
    "street": ("道路", "street"),
    "leads_to": ("接至", "on to"),
    "across": ("阻隔", "barrier"),
    "length_m": ("长度 m", "length m"),
    "persons": ("受益人数", "persons gaining"),
    "people": ("人口", "persons"),
    "length_km": ("长度 km", "length km"),
    "blocks": ("边长超限街区（按加密收益排序）", "Blocks over the limit (most gained by a new street first)"),
    "area_ha": ("面积 ha", "area ha"),
    "side_m": ("长边 m", "side m"),
    "strokes": ("干路与贯通情况", "Arterials: do they run through?"),
    "direction": ("方向", "direction"),
    "north_south": ("纵", "N–S"),
    "east_west": ("横", "E–W"),
    "diagonal": ("斜", "diagonal"),
    "share": ("贯通比例", "share"),
    "through": ("贯通", "through"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "unnamed": ("无名", "unnamed"),
    "none": ("无", "none"),
    ">=": ("不低于", "at least"),
    "<=": ("不超过", "at most"),
    ">": ("高于", "more than"),
    "<": ("低于", "less than"),
    "==": ("等于", "exactly"),
}
SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}
ROLES_OF_INPUTS: dict[str, tuple[str, str]] = {
    "osm": ("OpenStreetMap", "OpenStreetMap"),
    "population": ("人口", "population"),
}
_HISTORIC = {"historic": ("（历史文化街区内）", " in historic quarters")}
_FOUND = ("north_deg", "extended_m")  # told among the parameters, but measured and not asked for


def say(key: str, lang: Lang) -> str:
    """Return one entry of WORDS in one language.

    >>> say("target", "zh"), say("target", "en")
    ('目标', 'target')
    """
    return WORDS[key][lang == "en"]


def both(key: str) -> Text:
    """Return one entry of WORDS in both languages."""
    return Text(*WORDS[key])


def ended(sentence: str, lang: Lang) -> str:
    """End a sentence with a full stop, if it has none.

    >>> ended("甲", "zh"), ended("a.", "en")
    ('甲。', 'a.')
    """
    return sentence if sentence.rstrip().endswith((".", "。")) else sentence + (". " if lang == "en" else "。").rstrip()


def promise(op: str, target: float, unit: str, lang: Lang, *, short: bool = False) -> str:
    """Say what is promised, or that it is not known yet; `short` uses a sign and leaves the unit out.

    >>> promise(">=", 0.85, "share", "zh"), promise("<=", 120.0, "m2/person", "en", short=True)
    ('不低于 85%', '≤ 120')
    """
    if op not in SIGNS or not np.isfinite(target):
        return say("target_unknown", lang)
    figure = limit(target, unit, lang)
    return f"{SIGNS[op]} {figure}" if short else f"{say(op, lang)} {with_unit(figure, unit, lang)}"


def verdict(status: str, lang: Lang) -> str:
    """Return a status in words, "" where there is no promise.

    >>> verdict("missed", "zh"), verdict("", "en")
    ('未达到', '')
    """
    return said(STATUS, status, lang) if status else ""


def thresholds(measure: Measure, lang: Lang) -> str:
    """Tell the thresholds a measure was taken with; those without words of their own by their name.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> thresholds(sg.park_coverage(study.area), "en")
    'parks from 0.5 ha: 500 m; parks from 0.04 ha: 300 m; pieces up to 2 m apart are one park'
    """
    told = list(_tiers(measure.params.get("tiers", ()), lang))
    entry = entry_for(measure.key)
    known = threshold_words() if entry is None else entry.params
    for key, value in measure.params.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if key in _FOUND or (key == "cell_m" and measure.params.get("reach") != "street"):
            continue
        if key in known:
            told.append(known[key].speak(lang).format(value))
        elif key.endswith(("_m", "_deg", "_min", "_km_h", "minutes")):
            told.append(f"{key} = {value:g}")
    return joined(told, lang)


def joined(words: Iterable[str], lang: Lang) -> str:
    """Put clauses one behind the other.

    >>> joined(["甲", "", "乙"], "zh")
    '甲；乙'
    """
    return ("; " if lang == "en" else "；").join(word for word in words if word)


def _tiers(tiers: Iterable[dict[str, float]], lang: Lang) -> Iterable[str]:
    for tier in tiers:
        size, radius = f"{tier['from_m2'] / 1e4:g}", f"{tier['radius_m']:,.0f}"
        where = said(_HISTORIC, "historic", lang) if tier.get("historic") else ""
        yield (
            f"parks from {size} ha{where}: {radius} m" if lang == "en" else f"{size} 公顷以上公园{where}服务 {radius} m"
        )
