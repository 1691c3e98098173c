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
import shapely
from pandas.io.formats.style import Styler

from suizhou_geo.access.demand import demand
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
from suizhou_geo.errors import InputError
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.geometry.zonal import groups_within, persons_by_zone
from suizhou_geo.model import Measure, Text
from suizhou_geo.standards import table
from suizhou_geo.standards.symbology import BARRIERS
from suizhou_geo.study_area import StudyArea

JOINED_M = 30.0  # homes on both sides of a street are one place
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
    "rank": Text("排名", "rank"),
    "street": Text("道路", "street"),
    "to_street": Text("接到", "to"),
    "near": Text("附近道路", "nearest street"),
    "class": Text("等级", "class"),
    "link_m": Text("需新建（m）", "to build (m)"),
    "shortened": Text("出行缩短（人）", "persons whose way shortens"),
    "before_m": Text("现在平均（m）", "their mean way now (m)"),
    "after_m": Text("打通后平均（m）", "with the link (m)"),
    "crossing": Text("须穿越", "has to cross"),
    "gap_m": Text("断开（m）", "interrupted (m)"),
    "side_m": Text("最长边（m）", "longest side (m)"),
    "block_ha": Text("面积（公顷）", "area (ha)"),
    "new_road_m": Text("新增道路（m）", "new street (m)"),
    "lacking_ha": Text("未覆盖居住用地（公顷）", "homes not covered (ha)"),
    "lacking": Text("未覆盖人口（人）", "persons not covered"),
    "persons": Text("人口（人）", "persons"),
    "east_m": Text("东坐标（m）", "easting (m)"),
    "north_m": Text("北坐标（m）", "northing (m)"),
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


def gap_table(area: StudyArea, measure: Measure, *, most: int = 10, lang: Lang = "zh") -> pd.DataFrame:
    """The places behind a gap, the most pressing first, at most `most` of them.

    - a coverage: homes not covered, pieces at most 30 m apart as one place, by the persons who live there (by hectares
      where there is no population). A part of a cell that is not covered counts with that part of its persons;
    - dead ends: the missing links, in their rank;
    - blocks: those over the limit, in the rank of what a new street would give;
    - an arterial grid: where a street breaks off, the shortest interruption first.

    Each with its zone and the coordinates of a point on it in the working system of the study, in metres.

    Errors: InputError for a measure whose evidence lists no such places.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> places = gap_table(study.area, sg.park_coverage(study.area), most=3)
    >>> len(places), bool(places["未覆盖人口（人）"].is_monotonic_decreasing)
    (3, True)
    """
    evidence = measure.evidence
    parts = set() if evidence is None else set(evidence["part"])
    if evidence is None or not parts & {"covered", "uncovered", "partly_covered", "dead_end", "block", "stroke"}:
        raise InputError(f"gap_table: {measure.key} lists no places; ask for a coverage, dead ends, blocks or the grid")
    if "dead_end" in parts:
        places = _links(evidence[evidence["part"] == "missing_link"].sort_values("rank"), lang)
    elif "block" in parts:
        places = _blocks(evidence[evidence["over_limit"].to_numpy(dtype=bool)].sort_values("gain_rank"))
    elif "stroke" in parts:
        broken = evidence["part"].eq("break") & evidence["broken"].eq(True)
        places = _breaks(evidence[broken].sort_values("gap_m"), lang)
    else:
        places = _uncovered(area, evidence)
    places = places.head(most).reset_index(drop=True)
    shapes = places.geometry.to_numpy()
    east, north = shapely.get_coordinates(shapely.point_on_surface(shapes)).T if len(places) else (np.empty(0),) * 2
    if not {"dead_end", "stroke"} & parts:
        places.insert(0, "near", _nearest_street(area, shapes))
    places.insert(0, "zone", _zone_names(area, shapes))
    columns = pd.DataFrame(places.drop(columns=places.geometry.name)).assign(east_m=east, north_m=north)
    whole = [c for c in columns if c.endswith("_m") or c in ("persons", "lacking", "shortened")]
    columns = columns.assign(**{c: columns[c].astype(float).round().astype("Int64") for c in whole})
    columns.index = pd.RangeIndex(1, len(columns) + 1, name=_head("rank", lang))
    return labelled(columns.rename(columns={c: _head(c, lang) for c in columns}), area, lang)


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


def _links(links: gpd.GeoDataFrame, lang: Lang) -> gpd.GeoDataFrame:
    classes = {k: row[f"name_{lang}"] for k, row in table("road_classes")["classes"].items()}
    told = {
        "street": links["street"].fillna(_NOTHING),
        "class": links["road_class"].map(classes),
        "to_street": links["to_street"].where(links["to_street"].notna(), links["to_class"].map(classes)),
        "crossing": _barrier_words(links["crossing"], links["crosses_names"], lang),
        "link_m": links["link_m"],
        "shortened": links["persons"],
        "before_m": links["before_m"],
        "after_m": links["after_m"],
    }
    return gpd.GeoDataFrame(told, geometry=links.geometry)


def _blocks(blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    told = {
        "side_m": blocks["longest_side_m"],
        "block_ha": blocks["area_ha"].round(1),
        "new_road_m": blocks["new_road_m"],
        "persons": blocks["persons"],
    }
    return gpd.GeoDataFrame(told, geometry=blocks.geometry)


def _breaks(ends: gpd.GeoDataFrame, lang: Lang) -> gpd.GeoDataFrame:
    told = {
        "street": ends["name"].fillna(_NOTHING),
        "crossing": _barrier_words(ends["kind"], ends["barrier_name"], lang),
        "gap_m": ends["gap_m"],
    }
    return gpd.GeoDataFrame(told, geometry=ends.geometry)


def _barrier_words(kinds: pd.Series, names: pd.Series, lang: Lang) -> list[str]:
    """The kind of each barrier with its name, as far as either is known."""
    words = kinds.map({kind: symbol.name.speak(lang) for kind, symbol in BARRIERS.items()}).fillna("")
    told = [" ".join(part for part in pair if part) for pair in zip(words, names.fillna(""), strict=True)]
    return [text or _NOTHING for text in told]


def _uncovered(area: StudyArea, evidence: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The homes that are not covered, as places, the one with most persons first."""
    open_ = evidence[evidence["part"].isin(["uncovered", "partly_covered"])]
    if "covered_share" in open_:
        missing = 1.0 - open_["covered_share"]
        open_ = open_.assign(lacking=open_["persons"] * missing, lacking_ha=open_["area_ha"] * missing)
    else:
        open_ = open_.explode()
        open_ = open_[~open_.geometry.is_empty].reset_index(drop=True)
        cells = demand(area).cells
        open_ = open_.assign(lacking=persons_by_zone(cells[cells["area_m2"] > 0], open_), lacking_ha=open_.area / 1e4)
    if open_.empty:
        return gpd.GeoDataFrame({"lacking": [], "lacking_ha": []}, geometry=[], crs=area.crs)
    place = groups_within(open_.geometry.to_numpy(), JOINED_M)
    sums = open_[["lacking", "lacking_ha"]].groupby(place).sum(min_count=1)
    shapes = [shapely.union_all(part.to_numpy()) for _, part in open_.geometry.groupby(place)]
    places = gpd.GeoDataFrame(sums, geometry=shapes, crs=area.crs)
    places = places.sort_values("lacking_ha" if area.population is None else "lacking", ascending=False)
    return places.assign(lacking_ha=places["lacking_ha"].round(1))


def _nearest_street(area: StudyArea, shapes: Shapes) -> Shapes:
    """The name of the street nearest to each place: how people say where it is."""
    told = np.full(len(shapes), _NOTHING, dtype=object)
    if area.roads is not None:
        named = area.roads[area.roads["name"].notna().to_numpy()]
        points = shapely.point_on_surface(shapes)
        place, road = shapely.STRtree(named.geometry.to_numpy()).query_nearest(points, all_matches=False)
        told[place] = named["name"].to_numpy()[road]
    return told


def _zone_names(area: StudyArea, shapes: Shapes) -> Shapes:
    """The zone each place lies in, or is nearest to."""
    zones = shapely.STRtree(area.zones.geometry.to_numpy())
    place, zone = zones.query_nearest(shapely.point_on_surface(shapes), all_matches=False)
    told = np.full(len(shapes), _NOTHING, dtype=object)
    told[place] = area.zones["name"].astype(str).to_numpy()[zone]
    return told
