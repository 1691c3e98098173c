"""Gap layers: the places behind a missed promise, each with what is known of it, ranked where the measure ranks them.

Missing links, dead ends, promised roads that still end, breaks of the grid, blocks that are too long, homes that no park
serves. Values are those of the evidence; only homes are put together to places, with the persons who live there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.demand import demand
from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.wording import Lang, name_of, number, road_name
from suizhou_geo.assessment.words import speaker
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.geometry.zonal import groups_within, persons_by_zone
from suizhou_geo.model import Measure, Text
from suizhou_geo.outputs.web_map.geojson import STUBS, Drawing, Json, look_of, piece
from suizhou_geo.standards.catalogue import chapter_of
from suizhou_geo.standards.symbology import BARRIERS, FIFTHS, PARTS, Symbol
from suizhou_geo.study_area import StudyArea

JOINED_M = 30.0  # homes on both sides of a street are one place
RANKED_OUTLINE = "#4a2412"
Record = Mapping[str, Any]
_say = speaker("map")


@dataclass(frozen=True)
class Fact:
    """One thing a popup says of a place: the column it stands in, how it is called, and its unit or kind of word."""

    column: str
    name: Text
    unit: str = "m"


@dataclass(frozen=True)
class Gap:
    """One gap layer: which rows of which measures it shows, in which order, and what is said of each.

    `rank` is the column that counts the places from 1 (empty: they are not ranked). `brief` names the facts of the list
    beside the map; a layer without them is not listed there.
    """

    key: str
    name: Text
    measures: tuple[str, ...]
    part: str
    symbol: Symbol
    z: int
    facts: tuple[Fact, ...]
    rank: str = ""
    where: str = ""  # a column that must be true
    brief: tuple[str, ...] = ()
    searched: bool = False  # by the names of its streets
    by: Text | None = None  # by what they are ranked


@dataclass(frozen=True, eq=False)
class Places:
    """The places of one gap layer, best first: `rows` as records, `titles`, `ranks` (0: none) and shapes alike long."""

    gap: Gap
    chapter: str
    rows: Sequence[Record]
    titles: list[str]
    ranks: list[int]
    shapes: Shapes


_CLASS = Fact("road_class", Text("道路等级", "road class"), "road_class")
_BARRIER_NAME = Text("阻隔名称", "its name")
_PERSONS = Fact("persons", Text("居住人口", "persons living there"), "persons")
_BLOCK = (
    Fact("area_ha", Text("面积", "area"), "ha"),
    Fact("longest_side_m", Text("最长边", "longest side")),
    _PERSONS,
    Fact("new_road_m", Text("穿过中部的新增支路", "new branch road across the middle")),
)
_BLOCK_SYMBOL = Symbol(Text("超限街区", "block that is too long"), RANKED_OUTLINE, 1.6, FIFTHS[0], 0.75)
_PROMISED = Symbol(Text("承诺打通的道路：仍断头处", "promised road that still ends"), "#54278f", 9.0)
_PARK_GAP = PARTS["uncovered"]
GAPS = (
    Gap(
        "missing_link",
        Text("缺失路段", "Missing links"),
        ("dead_ends",),
        "missing_link",
        PARTS["missing_link"],
        80,
        (
            _CLASS,
            Fact("link_m", Text("需新建", "to build")),
            Fact("network_m", Text("现在绕行", "way round now"), "at_least"),
            Fact("saved_m", Text("缩短", "shorter by"), "at_least"),
            Fact("persons", Text("出行缩短的人口", "persons whose way shortens"), "persons"),
            Fact("before_m", Text("这些人现在的平均路程", "their mean way now")),
            Fact("after_m", Text("连通后的平均路程", "their mean way with the link")),
            Fact("persons_newly", Text("原来无法到达的人口", "persons who could not get there at all"), "persons"),
            Fact("crossing", Text("须穿越", "has to cross"), "word"),
            Fact("crosses_names", _BARRIER_NAME, "text"),
            Fact("opens", Text("打通断头", "dead ends it opens"), "count"),
            Fact("benefit", Text("收益（排序依据）", "benefit (what it is ranked by)"), "plain"),
            Fact("near_miss", Text("请核对图纸", "check the drawing"), "near_miss"),
        ),
        rank="rank",
        brief=("link_m", "saved_m", "persons", "crossing"),
        searched=True,
        by=Text("按收益排序", "ranked by benefit"),
    ),
    Gap(
        "dead_end",
        Text("断头处", "Dead ends"),
        ("dead_ends",),
        "dead_end",
        PARTS["dead_end"],
        76,
        (
            Fact("reason", Text("判定", "told as"), "word"),
            _CLASS,
            Fact("barrier", Text("前方阻隔", "ahead of it"), "word"),
            Fact("barrier_name", _BARRIER_NAME, "text"),
            Fact("stub_m", Text("距上一交叉口", "from the last junction")),
        ),
    ),
    Gap(
        "promised_road",
        Text("承诺打通、仍断头的道路", "Promised roads that still end"),
        ("dead_ends_opened",),
        "dead_end",
        _PROMISED,
        77,
        (Fact("reason", Text("判定", "told as"), "word"), _CLASS),
        brief=("reason",),
        searched=True,
    ),
    Gap(
        "break",
        Text("骨干路网中断处", "Breaks of the arterial grid"),
        ("arterial_grid_north_south", "arterial_grid_east_west"),
        "break",
        PARTS["break"],
        78,
        (
            Fact("kind", Text("原因", "cause"), "word"),
            Fact("barrier_name", _BARRIER_NAME, "text"),
            Fact("gap_m", Text("断开", "interrupted for")),
        ),
        where="broken",
        brief=("kind", "gap_m"),
        searched=True,
    ),
    *(
        Gap(
            f"superblock_{use}",
            name,
            (f"block_size.{use}",),
            "block",
            _BLOCK_SYMBOL,
            z,
            facts,
            rank="gain_rank",
            where="over_limit",
            brief=brief,
            by=by,
        )
        for use, z, name, facts, brief, by in (
            (
                "residential",
                28,
                Text("超限居住街区（边长超过300m）", "Residential superblocks (over 300 m)"),
                _BLOCK,
                ("longest_side_m", "persons", "new_road_m"),
                Text("按新增道路×人口排序", "ranked by new road x persons"),
            ),
            (
                "industrial",
                29,
                Text("超限工业街区（边长超过600m）", "Industrial superblocks (over 600 m)"),
                tuple(fact for fact in _BLOCK if fact is not _PERSONS),
                ("longest_side_m", "new_road_m"),
                Text("按新增道路长度排序", "ranked by length of new road"),
            ),
        )
    ),
    Gap(
        "unserved_homes",
        Text("公园未覆盖的居住用地", "Homes no park serves"),
        ("park_coverage",),
        "uncovered",
        _PARK_GAP,
        27,
        (
            Fact("persons", Text("未覆盖人口", "persons not covered"), "persons"),
            Fact("area_ha", Text("未覆盖居住用地", "residential land not covered"), "ha"),
        ),
        rank="place",
        brief=("persons", "area_ha"),
        by=Text("按未覆盖人口（无人口数据时按面积）排序", "ranked by persons not covered, without population by area"),
    ),
)
_WORDS: Mapping[str, Text] = {
    **{kind: symbol.name for kind, symbol in BARRIERS.items()},
    "none": Text("无", "nothing"),
    "unknown": Text("原因不明", "cause unknown"),
    "lower_class": Text("降为低等级道路", "goes on in a lower class"),
    "junction": Text("止于交叉口", "ends at another street"),
    "dead_end": Text("断头：前方有路未接", "dead end: streets continue ahead"),
    "nothing_ahead": Text("前方没有道路", "no street ahead"),
    "cul_de_sac": Text("短尽端路", "short cul-de-sac"),
}
_SIZES = {"count": "count", "persons": "persons", "ha": "ha", "plain": ""}


def gap_places(result: Assessed, lang: Lang) -> list[Places]:
    """Return the places of every gap layer that has any."""
    area, found = result.area, []
    given = {row.key: row.measure for row in result.rows if row.measure is not None}
    for gap in GAPS:
        asked = [given[key] for key in gap.measures if key in given and given[key].evidence is not None]
        parts = [m.evidence[is_gap(m)] for m in asked if m.evidence is not None]
        rows = [_drawable(part[part["part"] == gap.part]) for part in parts if "part" in part.columns]
        rows = [some for some in rows if not some.empty]
        if not rows:
            continue
        places = _joined(area, rows) if gap.key == "unserved_homes" else _distinct(rows)
        if gap.rank in places.columns:
            places = places.sort_values(gap.rank, kind="stable")
        records = [dict(record) for record in places.drop(columns=places.geometry.name).to_dict("records")]
        ranked = places[gap.rank].fillna(0).astype(int).tolist() if gap.rank in places.columns else [0] * len(places)
        titles = _titles(area, gap, places, lang)
        found.append(Places(gap, chapter_of(gap.measures[0]).key, records, titles, ranked, places.geometry.to_numpy()))
    return found


def is_gap(measure: Measure) -> Bools:
    """Say which rows of a measure's evidence a gap layer shows."""
    evidence = measure.evidence
    if evidence is None or "part" not in evidence.columns:
        return np.zeros(0 if evidence is None else len(evidence), dtype=bool)
    shown = np.zeros(len(evidence), dtype=bool)
    cells = "covered_share" in evidence.columns
    for gap in GAPS:
        if measure.key in gap.measures and not (cells and gap.key == "unserved_homes"):
            mine = evidence["part"].eq(gap.part).to_numpy(dtype=bool)
            if gap.where:
                mine = mine & (evidence[gap.where].eq(True).to_numpy(dtype=bool) if gap.where in evidence else False)
            shown |= mine
    return shown


def gap_json(places: Places, drawing: Drawing, lang: Lang) -> Json:
    """Return a gap layer for the page: its styles (groups), and per place (shape, group, title, rank, facts, middle)."""
    gap, shapes = places.gap, places.shapes
    if gap.part in STUBS:
        shapes = shapely.get_point(shapes, 0)
    point = shapely.get_dimensions(shapes) == 0
    simple = np.where(point, shapes, shapely.simplify(shapes, drawing.tolerance_m))
    group, groups = _groups(gap, places.ranks, shapes, lang)
    lines = shapely.get_dimensions(shapes) == 1
    middle = shapely.point_on_surface(shapes)
    middle[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    at = shapely.get_coordinates(drawing.degrees(middle))[:, ::-1].tolist()
    items = zip(drawing.single(simple), group, places.titles, places.ranks, strict=True)
    return {
        "name": gap.name.speak(lang),
        "measures": list(gap.measures),
        "z": gap.z,
        "groups": groups,
        "searched": gap.searched,
        "items": [[*item, facts(gap, row, lang), xy] for item, row, xy in zip(items, places.rows, at, strict=True)],
    }


def facts(gap: Gap, row: Record, lang: Lang, *, only: Sequence[str] = ()) -> list[list[str]]:
    """Return what is known of a place as (label, words), in the order of the layer; what is missing is left out."""
    told = []
    for fact in gap.facts:
        if fact.column in row and (not only or fact.column in only):
            words = _words(fact.unit, row[fact.column], row, lang)
            if words:
                told.append([fact.name.speak(lang), words])
    return told


def _words(unit: str, value: Any, row: Record, lang: Lang) -> str:
    if unit in _TEXTS:
        return _TEXTS[unit](value, lang)
    if value is None or not np.isfinite(float(value)):
        return ""
    if unit in ("m", "at_least"):
        sign = "≥ " if unit == "at_least" and row.get("at_least") is True else ""
        return f"{sign}{float(value):,.0f} m"
    rounded = float(value) if unit == "ha" else round(float(value))
    return number(rounded, _SIZES[unit], lang)


_TEXTS: Mapping[str, Callable[[Any, Lang], str]] = {
    "text": lambda value, _: name_of(value),
    "road_class": lambda value, lang: road_name(name_of(value), lang) if name_of(value) else "",
    "word": lambda value, lang: _WORDS[value].speak(lang) if value in _WORDS else name_of(value),
    "near_miss": lambda value, lang: _say("near_miss", lang) if value is True else "",
}


def _groups(gap: Gap, ranks: Sequence[int], shapes: Shapes, lang: Lang) -> tuple[list[int], list[Json]]:
    """Return which style each place has, and the styles: blocks in fifths of their ranks, all others in one."""
    style, swatch = look_of(gap.symbol, shapes)
    if gap.part != "block" or len(ranks) < len(FIFTHS):
        return [0] * len(ranks), [piece(gap.z, style, [], legend=gap.name.speak(lang), swatch=swatch)]
    fifth = [
        min((rank - 1) * len(FIFTHS) // len(ranks), len(FIFTHS) - 1) if rank else len(FIFTHS) - 1 for rank in ranks
    ]
    groups = []
    for k, colour in enumerate(FIFTHS):
        mine = [rank for rank, f in zip(ranks, fifth, strict=True) if f == k] or [0]
        legend = _say("ranks", lang).format(min(mine), max(mine))
        if k == 0:
            legend = f"{gap.name.speak(lang)}{_say('colon', lang)}{legend}"
        groups.append(piece(gap.z, {**style, "fillColor": colour}, [], legend=legend))
    return fifth, groups


def _titles(area: StudyArea, gap: Gap, places: gpd.GeoDataFrame, lang: Lang) -> list[str]:
    def street(row: Record, name: str, road_class: str) -> str:
        unnamed = _say("unnamed", lang).format(road_name(name_of(row.get(road_class)) or "local", lang))
        return name_of(row.get(name)) or unnamed

    if gap.part in ("block", "uncovered"):
        return _whereabouts(area, places.geometry.to_numpy(), gap.name.speak(lang), lang)
    titles = []
    for row in places.to_dict("records"):
        if gap.part == "missing_link":
            titles.append(f"{street(row, 'street', 'road_class')} → {street(row, 'to_street', 'to_class')}")
        elif gap.part == "break" or gap.key == "promised_road":
            titles.append(name_of(row.get("name")) or _say("unnamed", lang).format(""))
        else:
            titles.append(street(row, "street", "road_class"))
    return titles


def _whereabouts(area: StudyArea, shapes: Shapes, otherwise: str, lang: Lang) -> list[str]:
    """Return where each place is as people say it: the nearest named street and the zone, or without streets the kind."""
    points = shapely.point_on_surface(shapes)
    zones = shapely.STRtree(area.zones.geometry.to_numpy()).query_nearest(points, all_matches=False)[1]
    zone = [name_of(area.zones["name"].iloc[k]) for k in zones]
    named = None if area.roads is None else area.roads[area.roads["name"].map(name_of).ne("").to_numpy()]
    if named is None or named.empty:
        return [f"{otherwise}{_say('colon', lang)}{name}" for name in zone]
    nearest = shapely.STRtree(named.geometry.to_numpy()).query_nearest(points, all_matches=False)[1]
    streets = [name_of(named["name"].iloc[k]) for k in nearest]
    return [_say("near", lang).format(street=s, zone=z) for s, z in zip(streets, zone, strict=True)]


def _drawable(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = rows.geometry.to_numpy()
    return rows[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]


def _distinct(rows: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return all rows, each place once: both directions of the grid tell the same breaks."""
    together = pd.concat(rows, ignore_index=True) if len(rows) > 1 else rows[0].reset_index(drop=True)
    return together[~pd.Series(shapely.to_wkb(together.geometry.to_numpy())).duplicated().to_numpy()]


def _joined(area: StudyArea, rows: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put pieces of uncovered homes at most JOINED_M apart together, and count who lives there: most persons first."""
    pieces = shapely.get_parts(np.concatenate([some.geometry.to_numpy() for some in rows]))
    place = groups_within(pieces, JOINED_M)
    shapes = [shapely.multipolygons(pieces[place == k]) for k in range(place.max() + 1)]
    places = gpd.GeoDataFrame(geometry=shapes, crs=area.crs)
    places = places.assign(area_ha=places.area / 1e4, persons=np.nan)
    if area.population is not None:
        cells = demand(area).cells
        places["persons"] = persons_by_zone(cells[cells["area_m2"] > 0], places).to_numpy()
    order = np.lexsort((-places["area_ha"], -places["persons"].fillna(0.0)))
    return places.iloc[order].assign(place=np.arange(1, len(places) + 1)).reset_index(drop=True)
