"""Tables for people: results against the plan, zone by zone, and the places behind a gap, in words with units.

What stands here is for reading; to calculate, take the measures and the scorecard themselves. Nothing is measured: the
values are those of the measures, the verdicts those of the scorecard. Names from data stand as they are; pandas escapes
them when it writes a table as HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from suizhou_geo.assessment.phrases import SIGNS
from suizhou_geo.assessment.rows import Row, gap_to
from suizhou_geo.assessment.wording import (
    Lang,
    amount,
    limit,
    on_the_ground,
    profile_words,
    status_words,
    with_unit,
)
from suizhou_geo.model import Text
from suizhou_geo.study_area import StudyArea

INVENTED = Text("虚构数据", "invented data")
_NOTHING = "—"
HEADS: Mapping[str, Text] = {
    "measure": Text("指标", "measure"),
    "profile": Text("口径", "definition"),
    "value": Text("现状", "now"),
    "whole": Text("全市", "all zones"),
    "target": Text("目标", "target"),
    "gap": Text("差距", "gap"),
    "shortfall": Text("折合", "that is"),
    "status": Text("结论", "verdict"),
    "needs": Text("说明", "note"),
    "basis": Text("依据", "source"),
    "zone": Text("片区", "zone"),
}


def results_table(rows: Sequence[Row], zones: gpd.GeoDataFrame, *, lang: Lang = "zh") -> pd.DataFrame:
    """Measures against their targets: one row each, indexed by name and definition.

    Columns: the value of all zones, the target, the gap, what the gap is in km, ha or persons, the verdict, and the
    value of each zone, in the unit of the whole. A gap stands only where something is missing.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.rows import rows_of
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> parks = [sg.park_coverage(study.area), sg.park_coverage(study.area, size_profile="2010/2021")]
    >>> row = next(row for row in rows_of(parks, study.plan) if row.key == "park_coverage")
    >>> read = results_table(row.definitions, study.area.zones)
    >>> read.shape, read["目标"].to_list()
    ((2, 9), ['> 85%', '> 85%'])
    """
    told, index = [], []
    for row in rows:
        index.append((row.name.speak(lang), profile_words(row.profile, lang)))
        by_zone = [amount(zone.value, row.unit, lang, beside=row.asked).split(" ")[0] for zone in row.by_zone(zones)]
        told.append([*_whole(row, lang), *(by_zone or [_NOTHING] * len(zones))])
    heads = [_head(k, lang) for k in ("whole", "target", "gap", "shortfall", "status")]
    names = pd.MultiIndex.from_tuples(index, names=[_head("measure", lang), _head("profile", lang)])
    return pd.DataFrame(told, index=names, columns=[*heads, *zones["name"].astype(str)])


def zone_table(row: Row, zones: gpd.GeoDataFrame, *, lang: Lang = "zh") -> pd.DataFrame:
    """One measure, the whole and zone by zone: value, target, gap, what that is in km, ha or persons, verdict.

    The whole comes first, then the zones with the widest gap first. A promise is made for the whole; holding each zone
    to it tells where the weak ones are, as on the web map. The gaps of zones do not add up to that of the whole, since a
    zone with a margin fills no other's gap.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.rows import rows_of
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> row = next(row for row in rows_of([sg.road_density(study.area)], study.plan) if row.key == "road_density")
    >>> zone_table(row, study.area.zones).index[0]
    '全市'
    """
    told, gaps = [_whole(row, lang)], []
    for zone in row.by_zone(zones):
        gap = gap_to(row.op, zone.value, row.asked)
        ground = gap if row.unit == "count" else zone.shortfall
        told.append(_against(row, zone.value, gap, ground if zone.status == "missed" else np.nan, zone.status, lang))
        gaps.append(gap)
    names = pd.Index([_head("whole", lang), *zones["name"].astype(str)][: len(told)], name=_head("zone", lang))
    heads = [_head(k, lang) for k in ("value", "target", "gap", "shortfall", "status")]
    widest_first = 1 + np.argsort(-np.nan_to_num(np.array(gaps), nan=-np.inf), kind="stable")
    return pd.DataFrame(told, index=names, columns=heads).iloc[[0, *widest_first]]


def remarks_table(rows: Iterable[Row], *, lang: Lang = "zh") -> Styler:
    """What a reader must know of each result, and where it comes from: notes and sources.

    Long sentences, so the table comes styled: its text stands to the left, and is escaped. `.data` is the plain table.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.rows import rows_of
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> row = next(row for row in rows_of([sg.construction_land_per_capita(study.area)], study.plan) if row.measure)
    >>> "denominators differ" in remarks_table([row], lang="en").data["note"].iloc[0]
    True
    """
    told = {row.name.speak(lang): (row.needs_text(lang), row.basis.speak(lang)) for row in rows}
    names = pd.Index(told, name=_head("measure", lang))
    frame = pd.DataFrame(list(told.values()), index=names, columns=[_head("needs", lang), _head("basis", lang)])
    to_the_left = {"text-align": "left", "vertical-align": "top"}
    styled = frame.style.format(escape="html").format_index(escape="html")
    heads = [{"selector": "th", "props": list(to_the_left.items())}]
    return styled.set_properties(**to_the_left).set_table_styles(heads)


def _head(key: str, lang: Lang) -> str:
    return HEADS[key].speak(lang)


def labelled(frame: pd.DataFrame, area: StudyArea, lang: Lang) -> pd.DataFrame:
    """Say in the corner of a table that its data are invented, where they are."""
    return frame.rename_axis(columns=INVENTED.speak(lang)) if area.invented else frame


def _whole(row: Row, lang: Lang) -> list[str]:
    return _against(row, row.value, row.gap, row.shortfall if row.status == "missed" else np.nan, row.status, lang)


def _against(row: Row, value: float, gap: float, ground: float, status: str, lang: Lang) -> list[str]:
    """A value, its target, its gap, and the gap on the ground (NaN: not to be told), the verdict, in words."""
    means = (
        on_the_ground(ground, row.shortfall_unit, lang) if ground > 0 and row.unit != row.shortfall_unit else _NOTHING
    )
    text = amount(value, row.unit, lang, beside=row.asked)
    target = _NOTHING
    if row.op and np.isfinite(row.asked):
        target = f"{SIGNS[row.op]} {with_unit(limit(row.asked, row.unit, lang), row.unit, lang)}"
    return [text, target, _gap_text(gap, row.unit, lang), means, status_words(status, lang)]


def _gap_text(gap: float, unit: str, lang: Lang) -> str:
    if not gap > 0:
        return _NOTHING
    text = amount(gap, unit, lang, beside=0.0)
    return text.replace("%", " 个百分点" if lang == "zh" else " points") if unit == "share" else text
