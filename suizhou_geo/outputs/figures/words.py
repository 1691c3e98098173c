"""What only the sheets say: the words of standards/words.toml for them, and thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from suizhou_geo.assessment.rows import sentences
from suizhou_geo.assessment.wording import Lang
from suizhou_geo.assessment.words import speaker
from suizhou_geo.model import Measure

say = speaker("sheet")

# how the keys of the measures begin, the parameter, and what it says there
_PARAMS: dict[tuple[str, str], tuple[str, str]] = {
    ("", "radius_m"): ("服务半径 {:,.0f} m", "radius {:,.0f} m"),
    ("", "cell_m"): ("网格 {:,.0f} m", "cells of {:,.0f} m"),
    ("road_density", "shared_border_m"): (
        "共用边界 {:,.0f} m 内两区各半",
        "shared border {:,.0f} m, half to each zone",
    ),
    ("park_", "gap_m"): ("相距不超过 {:,.0f} m 视为一处公园", "pieces up to {:,.0f} m apart are one park"),
    ("block_size", "limit_m"): ("边长上限 {:,.0f} m", "longest side {:,.0f} m"),
    ("block_size", "strip_m"): ("窄条不计（宽不足 {:,.0f} m）", "strips narrower than {:,.0f} m left out"),
    ("block_size", "main_use_share"): ("主导用途占 {:.0%} 以上", "main use over {:.0%}"),
    ("dead_ends", "walk_m"): ("效益按两端步行 {:,.0f} m 内计", "benefit within a walk of {:,.0f} m of both ends"),
    ("arterial_grid", "least_share"): ("贯通须达 {:.0%}", "through: {:.0%} of the extent"),
    ("arterial_grid", "most_slant_deg"): ("偏角不超过 {:g}°", "slant up to {:g}°"),
    ("arterial_grid", "most_turn_deg"): ("转角不超过 {:g}°", "turns up to {:g}°"),
    ("arterial_grid", "edge_m"): ("范围外 {:,.0f} m 计入", "{:,.0f} m beyond the outline included"),
    ("arterial_grid", "barrier_m"): ("中断处 {:,.0f} m 内查找阻隔", "barriers looked for within {:,.0f} m of a break"),
    ("arterial_grid", "gap_m"): (
        "同名道路中断 {:,.0f} m 以内查明原因",
        "breaks up to {:,.0f} m to the same name explained",
    ),
    ("arterial_grid", "least_stroke_m"): ("短于 {:,.0f} m 不计", "streets under {:,.0f} m left out"),
    ("core_area", "extend_m"): ("边界线补接不超过 {:,.0f} m", "lines extended up to {:,.0f} m to meet"),
    ("river_green", "bank_m"): ("岸线 {:,.0f} m 内", "within {:,.0f} m of the bank"),
    ("commute_", "leg_m"): ("住房离路不超过 {:,.0f} m", "homes up to {:,.0f} m from a street"),
    ("jobs_within_reach", "leg_m"): ("住房离路不超过 {:,.0f} m", "homes up to {:,.0f} m from a street"),
    ("jobs_within_reach", "minutes"): ("{:g} 分钟", "{:g} minutes"),
    ("emergency_reach", "minutes"): ("{:g} 分钟", "{:g} minutes"),
    ("emergency_reach", "turnout_min"): ("其中出动 {:g} 分钟", "of which {:g} for turnout"),
    ("emergency_reach", "speed_km_h"): ("车速 {:g} km/h", "at {:g} km/h"),
    ("emergency_reach", "limit_m"): ("即车行 {:,.0f} m", "that is a drive of {:,.0f} m"),
    ("sidewalk", "least_width_m"): ("净宽不小于 {:g} m", "clear width at least {:g} m"),
    ("sidewalk", "least_surveyed_share"): ("调查须覆盖 {:.0%}", "surveyed: at least {:.0%}"),
}
_FOUND = ("north_deg", "extended_m")  # told among the parameters, but measured and not asked for


def ended(sentences_: Iterable[str], lang: Lang) -> str:
    """Put sentences one behind the other, each ended with a full stop.

    >>> ended(["甲", "乙。"], "zh"), ended(["a.", "b"], "en")
    ('甲。乙。', 'a. b.')
    """
    stop = say("stop", lang)
    return (" " if lang == "en" else "").join(s if s.endswith((".", "。")) else s + stop for s in sentences_)


def capitalised(name: str) -> str:
    """Return a name as it begins a line.

    >>> capitalised("density of people"), capitalised("人口密度")
    ('Density of people', '人口密度')
    """
    return name[:1].upper() + name[1:]


def thresholds(measure: Measure, lang: Lang) -> str:
    """Tell the thresholds a measure was taken with; those without words of their own by their name.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> thresholds(sg.park_coverage(study.area), "en")
    'parks from 0.5 ha: 500 m; parks from 0.04 ha: 300 m; pieces up to 2 m apart are one park'
    """
    told = [_tier(tier, lang) for tier in measure.params.get("tiers", ())]
    for key, value in measure.params.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        if key in _FOUND or (key == "cell_m" and measure.params.get("reach") != "street"):
            continue
        words = next(
            (w for (begins, name), w in _PARAMS.items() if name == key and measure.key.startswith(begins)), None
        )
        if words is not None:
            told.append(words[lang == "en"].format(value))
        elif key.endswith(("_m", "_deg", "_min", "_km_h", "minutes")):
            told.append(f"{key} = {value:g}")
    return sentences(told, lang)


def _tier(tier: Mapping[str, float], lang: Lang) -> str:
    where = say("historic", lang) if tier.get("historic") else ""
    size, radius = f"{tier['from_m2'] / 1e4:g}", f"{tier['radius_m']:,.0f}"
    return say("tier", lang, size=size, where=where, radius=radius)
