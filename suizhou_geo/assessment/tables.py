"""Tables for people: results against the plan and zone by zone, in words with units.

What stands here is for reading; to calculate, take the measures and the scorecard themselves. Nothing is measured: the
values are those of the measures, the verdicts those of the scorecard. Names from data stand as they are; pandas escapes
them when it writes a table as HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas.io.formats.style import Styler

from suizhou_geo.assessment.phrases import asked_text, gap_figure, means_text, value_text, zone_text
from suizhou_geo.assessment.rows import Row, ZoneRow
from suizhou_geo.assessment.wording import profile_words, status_words
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.study_area import StudyArea

_NOTHING = "—"
_say = speaker("table")


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
        by_zone = [zone_text(row, zone, lang, unit=False) for zone in row.by_zone(zones)]
        told.append([*_against(row, row, lang), *(by_zone or [_NOTHING] * len(zones))])
    names = pd.MultiIndex.from_tuples(index, names=[_say("measure", lang), _say("profile", lang)])
    return pd.DataFrame(told, index=names, columns=[*_heads("whole", lang), *zones["name"].astype(str)])


def zone_table(row: Row, zones: gpd.GeoDataFrame, *, lang: Lang = "zh") -> pd.DataFrame:
    """One measure, the whole and zone by zone: value, target, gap, what that is in km, ha or persons, verdict.

    The whole comes first, then the zones with the widest gap first. A promise is made for the whole; holding each zone
    to it tells where the weak ones are, as on the web map, but not for sums, of which a zone has only its part. The gaps
    of zones do not add up to that of the whole, since a zone with a margin fills no other's gap.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.rows import rows_of
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> row = next(row for row in rows_of([sg.road_density(study.area)], study.plan) if row.key == "road_density")
    >>> zone_table(row, study.area.zones).index[0]
    '全部分区'
    """
    by_zone = row.by_zone(zones)
    told = [_against(row, row, lang), *(_against(row, zone, lang) for zone in by_zone)]
    names = pd.Index([_say("whole", lang), *(zone.name for zone in by_zone)], name=_say("zone", lang))
    gaps = np.array([zone.gap for zone in by_zone])
    widest_first = 1 + np.argsort(-np.nan_to_num(gaps, nan=-np.inf), kind="stable")
    return pd.DataFrame(told, index=names, columns=_heads("value", lang)).iloc[[0, *widest_first]]


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
    names = pd.Index(told, name=_say("measure", lang))
    frame = pd.DataFrame(list(told.values()), index=names, columns=[_say("needs", lang), _say("basis", lang)])
    to_the_left = {"text-align": "left", "vertical-align": "top"}
    styled = frame.style.format(escape="html").format_index(escape="html")
    heads = [{"selector": "th", "props": list(to_the_left.items())}]
    return styled.set_properties(**to_the_left).set_table_styles(heads)


def labelled(frame: pd.DataFrame, area: StudyArea, lang: Lang) -> pd.DataFrame:
    """Say in the corner of a table that its data are invented, where they are."""
    return frame.rename_axis(columns=_say("invented", lang)) if area.invented else frame


def _heads(value: str, lang: Lang) -> list[str]:
    return [_say(key, lang) for key in (value, "target", "gap", "means", "verdict")]


def _against(row: Row, of: Row | ZoneRow, lang: Lang) -> list[str]:
    """Value, target, gap, the gap on the ground where it is sure, and verdict, of the whole or of a zone."""
    return [
        zone_text(row, of, lang) if isinstance(of, ZoneRow) else value_text(of, lang),
        asked_text(row, lang),
        gap_figure(of.gap, row.told_unit, lang) if of.gap > 0 and of.status == "missed" else _NOTHING,
        means_text(of.shortfall if of.status == "missed" else np.nan, row.told_unit, row.told_shortfall_unit, lang),
        status_words(of.status, lang),
    ]
