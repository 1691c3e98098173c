"""The words results are told in: Chinese by default, English on request."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from suizhou_geo.standards import table

Lang = Literal["zh", "en"]

STATUS = {
    "met": ("达到", "met"),
    "missed": ("未达到", "missed"),
    "cannot_tell": ("无法判定", "cannot tell"),
    "no_data": ("缺数据", "no data"),
    "": ("—", "-"),
}
UNITS = {
    "km/km2": ("km/km²", "km/km²"),
    "person/km2": ("人/km²", "persons/km²"),
    "m2/person": ("m²/人", "m²/person"),
    "persons": ("人", "persons"),
    "ha": ("公顷", "ha"),
    "km": ("km", "km"),
    "km2": ("km²", "km²"),
    "mu": ("亩", "mu"),
    "count": ("个", ""),
    "min": ("分钟", "min"),
    "share/year": ("每年", "a year"),
    "CNY": ("元", "CNY"),
    "USD": ("美元", "USD"),
    "households": ("户", "households"),
    "jin": ("斤", "jin"),
    "person-times": ("人次", "person-times"),
    "points": ("个", "points"),
    "per_thousand": ("个/千人", "per 1,000 residents"),
    "places": ("个", "places"),
    "rank": ("位", "in rank"),
    "vehicles": ("辆", "vehicles"),
}
GREAT = {"zh": ((1e8, "亿"),), "en": ((1e9, " bn"), (1e6, " m"))}
MOST_DECIMALS = 8
_WHOLE = ("persons", "count")
_TINY = 1e-6
_PROFILE = {
    "straight_line": ("直线距离", "straight line"),
    "street": ("沿路距离", "along the streets"),
    "land": ("按用地", "by land"),
    "residential_land": ("居住用地", "residential land"),
    "residential_buildings": ("住宅建筑代居住用地", "residential buildings for land"),
    "zone_area": ("分区面积代居住用地", "zone area for residential land"),
    "built_up": ("建成区", "built-up area"),
    "built_up_survey": ("推导的城区实体地域（国土调查）", "derived built-up area (land survey)"),
    "built_up_survey_open_land": (
        "推导的城区实体地域（含相接林地、水面、道路）",
        "derived built-up area (with woods, waters and roads that touch it)",
    ),
    "built_up_map": ("推导的建成范围（地图建筑与道路）", "derived built-up area (buildings and streets)"),
    "construction_land": ("建设用地范围", "construction land outline"),
    "administrative": ("行政范围", "administrative area"),
    "zone_outline": ("以分区范围为建设用地", "zone outline as construction land"),
    "land_use": ("用地图层", "land-use layer"),
    "caupd": ("四级道路中心线", "centrelines of the four classes"),
    "yearbook": ("年鉴口径：含开放小区道路", "yearbook: with streets of open compounds"),
    "raw": ("原始线长（重复计算）", "raw drawn length (double counted)"),
    "mean": ("各类均值", "mean of the services"),
    "all_of": ("全部达到", "all of the services"),
    "k_of_n": ("八成以上达到", "at least 80 % of the services"),
    "mnr_5min": ("自然资源部步行5分钟", "MNR 5-minute walk"),
    "2022+": ("2022年后口径", "tiers since 2022"),
    "2010/2021": ("2010/2021口径", "2010/2021 tiers"),
    "persons": ("按人口", "by persons"),
    "branch_and_above": ("支路及以上", "branch roads and above"),
    "with_local": ("含街坊道路", "with local streets"),
    "named_roads": ("按名单", "the named roads"),
    "arterial": ("快速路、主干路", "expressways and arterials"),
    "with_secondary": ("含次干路", "with secondary roads"),
    "survey": ("人行道调查", "sidewalk survey"),
    "tags": ("地图标签", "map tags"),
    "zones": ("分区图层", "zones layer"),
    "all_zones": ("主城与各片区合计", "main city and districts together"),
    "main_city": ("仅主城", "the main city alone"),
    "all": ("全部", "all"),
    "inside": ("设施在社区内", "inside the community"),
    "within_reach": ("多数住房在服务范围内", "most homes within reach"),
    "all_20": ("20项全部达标", "all 20 items"),
    "k_of_20": ("20项中达到规定项数", "a stated number of the 20 items"),
    "communities": ("按社区数", "by communities"),
    "inside_zones": ("分区内设施", "facilities inside the zones"),
    "2sfca": ("两步移动搜索法", "two-step floating catchment"),
    "huff": ("Huff选择概率（三步法）", "Huff choice (3SFCA)"),
    "adult": ("成年人", "adult"),
    "elderly": ("老年人", "elderly person"),
    "child": ("儿童", "child"),
    "5_min": ("步行5分钟", "5 minutes on foot"),
    "10_min": ("步行10分钟", "10 minutes on foot"),
    "15_min": ("步行15分钟", "15 minutes on foot"),
    "bus": ("公交（含候车）", "by bus, waiting included"),
    "ebike": ("电动自行车", "by e-bike"),
    "bicycle": ("自行车", "by bicycle"),
    "car": ("小汽车（高峰）", "by car in the peak hour"),
    "walk": ("步行", "on foot"),
    "pile": ("按桩", "piles"),
    "gun": ("按枪", "guns"),
    "comprehensive": ("综合公园", "comprehensive parks"),
    "community": ("社区公园", "community parks"),
    "pocket": ("口袋公园", "pocket parks"),
    "banks": ("岸线100米", "100 m from the bank"),
    "said": ("已填报", "as far as said"),
    "announced": ("已公布名录", "the announced list"),
    "declared": ("申报统计", "declared statistics"),
    "enclosed": ("指定道路铁路围合", "enclosed by the named lines"),
}


def said(table: dict[str, tuple[str, str]], key: str, lang: Lang) -> str:
    """Return the words for a key, or the key itself where there are none."""
    pair = table.get(key)
    return key if pair is None else pair[lang == "en"]


def profile_words(profile: str, lang: Lang) -> str:
    """Tell a profile such as "2022+ / straight_line / land" in words.

    >>> profile_words("2022+ / street / persons", "zh")
    '2022年后口径 · 沿路距离 · 按人口'
    """
    counted = {"zh": "{0}/{1} 类有数据", "en": "{0} of {1} services with data"}[lang]
    words = [
        counted.format(*part.split(":")) if ":" in part else said(_PROFILE, part, lang) for part in profile.split(" / ")
    ]
    return " · ".join(words)


def number(value: float, unit: str, lang: Lang) -> str:
    """Write a value with its unit: shares as percent, large numbers with commas.

    >>> number(0.853, "share", "zh"), number(9523.8, "person/km2", "en"), number(float("nan"), "km", "zh")
    ('85.3%', '9,524 persons/km²', '—')
    >>> number(0.115, "share/year", "zh")
    '11.5% 每年'
    """
    if np.isnan(value):
        return "—"
    if np.isinf(value):
        return "∞"
    if unit.split("/")[0] == "share":
        return with_unit(f"{value * 100:.1f}%", unit, lang)
    digits = 0 if abs(value) >= 1000 or float(value).is_integer() else (1 if abs(value) >= 100 else 2)
    words = said(UNITS, unit, lang)
    return f"{value:,.{digits}f}{' ' + words if words else ''}"


def unit_name(unit: str, lang: Lang) -> str:
    """Return how a unit is written for people; a share has none (its percent sign stands in the amount).

    >>> unit_name("person/km2", "zh"), unit_name("share", "en"), unit_name("piles", "en")
    ('人/km²', '', 'piles')
    """
    return "" if unit == "share" else said(UNITS, unit, lang)


def amount(value: float, unit: str, lang: Lang, *, beside: float = np.nan) -> str:
    """Write a value with its unit as everywhere else, but never so that rounding makes it look equal to another.

    84.96 % against a target of 85 % keeps the decimals that show the difference.

    >>> amount(0.7492, "share", "zh"), amount(9523.81, "person/km2", "en")
    ('74.9%', '9,524 persons/km²')
    >>> amount(0.8496, "share", "zh", beside=0.85)
    '84.96%'
    """
    text = number(value, unit, lang)
    if not np.isfinite([value, beside]).all() or np.isclose(value, beside, rtol=1e-9, atol=1e-12):
        return text
    if _figure(text) != _figure(number(beside, unit, lang)):
        return text
    scale, sign = (100.0, "%") if unit.split("/")[0] == "share" else (1.0, "")
    for decimals in range(2, MOST_DECIMALS):
        text = f"{value * scale:,.{decimals}f}"
        if text != f"{beside * scale:,.{decimals}f}":
            break
    return with_unit(text + sign, unit, lang)


def on_the_ground(gap: float, unit: str, lang: Lang) -> str:
    """Write what a gap means on the ground: km, ha; of persons and things, of which there are no halves, as many as it takes.

    >>> on_the_ground(3.2, "count", "zh"), on_the_ground(32.06, "km", "en"), on_the_ground(2.9999999, "count", "en")
    ('4 个', '32.06 km', '3')
    """
    if unit in _WHOLE and gap >= 1:
        return number(float(np.ceil(gap - _TINY)), unit, lang)
    return amount(gap, unit, lang, beside=0.0)


def limit(value: float, unit: str, lang: Lang) -> str:
    """Write a target or a class limit without its unit: no more digits than it has, great sums in 亿 or billions.

    >>> limit(0.85, "share", "zh"), limit(10000.0, "person/km2", "zh"), limit(1.8e11, "CNY", "zh")
    ('85%', '10,000', '1,800亿')
    """
    scale, sign = (100.0, "%") if unit.split("/")[0] == "share" else (1.0, "")
    for size, word in GREAT[lang]:
        if abs(value) >= size and not sign:
            scale, sign = 1.0 / size, word
            break
    return f"{round(value * scale, MOST_DECIMALS):,.12g}{sign}"


def with_unit(text: str, unit: str, lang: Lang) -> str:
    """Put the unit behind an amount.

    >>> with_unit("7.40", "km/km2", "en")
    '7.40 km/km²'
    """
    return f"{text} {unit_name(unit, lang)}".rstrip()


def _figure(text: str) -> float:
    return float(text.split(" ")[0].rstrip("%").replace(",", ""))


def road_name(road_class: str, lang: Lang) -> str:
    """Return what a road class is called; its key where the standard has no such class."""
    return str(table("road_classes")["classes"].get(road_class, {}).get(f"name_{lang}", road_class))


def name_of(value: object) -> str:
    """Return a name as text; what is missing is empty."""
    return "" if value is None or value is pd.NA or value != value else str(value).strip()
