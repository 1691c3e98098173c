"""Where it is missing: the places behind the gaps, chosen, ranked and worded once for every output.

Each list is an entry of standards/gap_lists.toml; its words stand in words.toml beside that. Nothing is measured: values are
those of the evidence. Only homes that are not covered are put together to places, with the persons who live there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.demand import demand
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import name_of, number, road_name, said, unit_name
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.zonal import groups_within, persons_by_zone
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import Chapter
from suizhou_geo.standards.symbology import BARRIERS
from suizhou_geo.study_area import StudyArea

JOINED_M = 30.0  # homes on both sides of a street are one place
NOTHING = "—"
SHOWN = 10  # rows in a notebook
Record = Mapping[str, Any]
_HOMES = ("covered", "uncovered", "partly_covered")
_ELSEWHERE = ("elsewhere_covered", "elsewhere_uncovered")  # persons where no residential land is mapped
_WHOLE = ("m", "persons", "count", "households", "plain")
_NUMBERS = (*_WHOLE, "ha", "share")


@dataclass(frozen=True)
class GapColumn:
    """A column of a gap list: what it is called, and how its values are told.

    `kind` is a unit, or the kind of words it holds. `beside` is the column that completes it: the class of a street without
    a name, the name of a barrier, whether metres are a lower limit. `instead`: a street without a name is told by the
    nearest named one, unless this column names another. `word` is its entry of words.toml, unless that is the name of the
    column.
    """

    name: str
    kind: str
    beside: str = ""
    word: str = ""
    instead: str = ""

    @property
    def key(self) -> str:
        """What tells it from the other columns of all lists."""
        return self.word or self.name

    @property
    def text(self) -> Text:
        """What it is called."""
        return _words("gap_columns", self.key)

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers, in its unit."""
        return self.kind in _NUMBERS

    @property
    def unit(self) -> str:
        """The unit of its numbers; "" for words and plain numbers."""
        return self.kind if self.is_number and self.kind != "plain" else ""

    def head(self, lang: Lang) -> str:
        """Return what it is called, with the unit: the head of a table.

        >>> GapColumn("link_m", "m").head("zh"), GapColumn("persons", "persons").head("en")
        ('需新建（m）', 'persons living there')
        """
        name, unit = self.text.speak(lang), unit_name(self.unit, lang) if self.unit else ""
        if not unit or (lang == "en" and self.kind in ("persons", "households")):
            return name
        return f"{name}（{unit}）" if lang == "zh" else f"{name} ({unit})"

    def words(self, place: Record, lang: Lang, *, unit: bool = True) -> str:
        """Return what it says of a place, in words; "" where that is not known.

        >>> GapColumn("link_m", "m").words({"link_m": 80.4}, "en")
        '80 m'
        >>> GapColumn("kind", "word", "barrier_name").words({"kind": "railway", "barrier_name": "汉丹铁路"}, "en")
        'railway (汉丹铁路)'
        """
        value, beside = place.get(self.name), place.get(self.beside)
        if not self.is_number:
            told = _told(self.kind, value, beside, self.name, lang)
            return told if name_of(value) else self.near(told, place, lang)
        if value is None or not np.isfinite(float(value)):
            return ""
        whole = float(round(value)) if self.kind in _WHOLE else float(value)
        return ("≥ " if beside is True else "") + number(whole, self.unit if unit or self.kind == "share" else "", lang)

    def near(self, told: str, place: Record, lang: Lang) -> str:
        """Return what a street without a name is told by, and the nearest named one, unless `instead` names another.

        >>> street = GapColumn("street", "name", instead="to_street")
        >>> street.near("支路", {"near": "解放路"}, "zh"), street.near("支路", {"near": "解放路", "to_street": "大路"}, "zh")
        ('支路（近解放路）', '支路')
        """
        near = name_of(place.get("near"))
        if not self.instead or not near or name_of(place.get(self.instead)):
            return told
        return said("gap_values", "unnamed_near", lang).format(told, near=near)


@dataclass(frozen=True, eq=False, repr=False)
class GapList:
    """The places where something is missing, the most pressing first.

    `rows` are the keys of the rows it belongs to; `ranked_by` says what the places are ranked by (None: only put in
    order). `places` has one row per place: rank (from 1), title_zh and title_en (how people say where it is), zone_id and
    zone (it lies in, or is nearest to), near (the nearest named street), the columns of `columns` and those beside them,
    in metres, hectares and persons, and its geometry in the working system. `lang` is the language it shows itself in.
    """

    key: str
    name: Text
    rows: tuple[str, ...]
    chapter: Chapter
    ranked_by: Text | None
    columns: tuple[GapColumn, ...]
    places: gpd.GeoDataFrame
    invented: bool = False
    lang: Lang = "zh"

    def __len__(self) -> int:
        """How many places there are."""
        return len(self.places)

    def __repr__(self) -> str:
        """Return its key, how many places there are, and the first."""
        first = f", first {self.titles(self.lang)[0]}" if len(self) else ""
        return f"<GapList {self.key}: {len(self)} places{first}>"

    def _repr_html_(self) -> str:
        """Return the first places as a table."""
        more = f"<p>{said('gap_values', 'in_all', self.lang).format(n=len(self))}</p>" if len(self) > SHOWN else ""
        shown = self.table.head(SHOWN).to_html(na_rep=NOTHING)
        return f"<p><b>{escape(self.heading(self.lang))}</b></p>{shown}{more}"

    @property
    def geometry(self) -> gpd.GeoSeries:
        """The shapes of the places."""
        return self.places.geometry

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """The places without their shapes, a dictionary each."""
        records: list[dict[str, Any]] = self.places.drop(columns=self.places.geometry.name).to_dict("records")
        return records

    @cached_property
    def table(self) -> pd.DataFrame:
        """The places as a table for people, in the language of the list: Chinese, unless a result in English gave it."""
        return self.table_in(self.lang)

    def some(self, keys: Iterable[str]) -> tuple[GapColumn, ...]:
        """Return columns by their keys, "rank", "zone" and "near" too; those that the places have not are left out."""
        there = {column.key: column for column in (*_ALWAYS, *self.columns)}
        return tuple(there[key] for key in keys if key in there)

    def heading(self, lang: Lang) -> str:
        """Return the name of the list, and what it is ranked by."""
        told = (self.name,) if self.ranked_by is None else (self.name, self.ranked_by)
        return said("common", "comma", lang).join(text.speak(lang) for text in told)

    def titles(self, lang: Lang) -> list[str]:
        """Return how people say where each place is."""
        titles: list[str] = self.places[f"title_{lang}"].tolist()
        return titles

    def table_in(self, lang: Lang) -> pd.DataFrame:
        """Return the places as a table for people: words, and numbers under heads with their units, in the order of ranks.

        Each place with its zone and the coordinates of a point on it in the working system, in metres.
        """
        titled = any(column.kind == "name" for column in self.columns)
        shown = (*self.some(["zone"] if titled else ["zone", "near"]), *self.columns)
        told: dict[str, Any] = {column.head(lang): self._values(column, lang) for column in shown}
        at = shapely.get_coordinates(shapely.point_on_surface(self.geometry.to_numpy())).reshape(-1, 2)
        for word, metres in zip(("east_m", "north_m"), at.T, strict=True):
            told[GapColumn(word, "m").head(lang)] = pd.array(metres.round(), dtype="Int64")
        index = pd.Index(self.places["rank"].to_numpy(), name=_ALWAYS[0].head(lang))
        frame = pd.DataFrame(told, index=index)
        return frame.rename_axis(columns=said("common", "invented_tag", lang)) if self.invented else frame

    def _values(self, column: GapColumn, lang: Lang) -> Any:
        if not column.is_number or column.kind == "share":
            return [column.words(record, lang) or NOTHING for record in self.records]
        values = self.places[column.name].astype(float)
        if column.kind in _WHOLE:
            return pd.array(values.round(), dtype="Int64")
        return values.round(1).to_numpy()


@dataclass(frozen=True)
class _List:
    """What a list shows, as gap_lists.toml has it."""

    key: str
    rows: Sequence[str]
    part: str
    columns: Sequence[str]
    order: Sequence[str] = ()
    where: str = ""
    alike: Sequence[str] = ()


_TOLD = table("gap_lists")
_ALWAYS = (GapColumn("rank", "plain"), GapColumn("zone", "text"), GapColumn("near", "text"))
_COLUMNS = {key: GapColumn(**{"name": key, "word": key, **row}) for key, row in _TOLD["columns"].items()}
_LISTS = {
    key: _List(key, **{name: value for name, value in row.items() if name not in ("page", "sheet", "report")})
    for key, row in _TOLD["lists"].items()
}
_HOMES_LEFT = _LISTS["unserved_homes"]


def gap_lists(area: StudyArea, rows: Sequence[Row]) -> tuple[GapList, ...]:
    """Return every list that has places, in a fixed order; the homes that other coverages leave: see `gap_list`.

    - `missing_link`: what would join up the dead ends, in the rank of the measure;
    - `dead_end`: the ends of streets that count;
    - `promised_road`: where the roads that a plan promised to open still end;
    - `break`: where an arterial breaks off, the shortest interruption first; both ends of one interruption are one place;
    - `arterial`: the arterials of the grid, those that run through first, each with its share of the city's extent;
    - `superblock_residential`, `superblock_industrial`: blocks over the limit, in the rank of what a street would bring;
    - `unserved_homes`: homes that no park serves, pieces at most 30 m apart as one place, by the persons there (by hectares
      where there is no population). A part of a cell that is not covered counts with that part of its persons;
    - `lacking_community`: communities that lack a required facility, those that lack most first;
    - `incomplete_community`: communities that are not complete, those that fail most items first;
    - `unmarked_heritage`: announced historic quarters and buildings without a plaque.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.rows import rows_of
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> [found.key for found in gap_lists(area, rows_of([sg.block_size(area)], None))]
    ['superblock_residential']
    """
    lists = []
    for what in _LISTS.values():
        mine = [row for row in rows if row.key in what.rows and row.evidence is not None]
        found = _found(area, what, mine) if mine else None
        if found is not None and len(found):
            lists.append(found)
    return tuple(lists)


def gap_list(area: StudyArea, row: Row) -> GapList:
    """Return the places behind one row: of `gap_lists`, or the homes that a coverage leaves; none where nothing is missing.

    Raises:
        InputError: a row without data, or one that lists no places.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.rows import rows_of
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> gap_list(area, rows_of([sg.park_coverage(area)], None)[0]).table["未覆盖人口（人）"].is_monotonic_decreasing
    True
    """
    if not row.has_data:
        raise InputError(
            f"gap_list：{row.key} 缺数据，无从知道缺口在哪里；{row.needs_text('zh')}",
            f"gap_list: {row.key} has no data, so nobody knows where it is missing; {row.needs_text('en')}",
        )
    what = next((some for some in _LISTS.values() if row.key in some.rows), None)
    if what is not None:
        return _found(area, what, [row])
    if row.evidence is not None and row.evidence["part"].isin(_HOMES).any():
        left = replace(_HOMES_LEFT, key=f"{_HOMES_LEFT.key}.{row.key}", rows=(row.key,))
        name = Text(*(said("gap_lists", "homes_left", lang).format(row.name.speak(lang)) for lang in ("zh", "en")))
        return replace(_found(area, left, [row]), name=name, ranked_by=_words("gap_rankings", _HOMES_LEFT.key))
    known = ", ".join(dict.fromkeys(key for some in _LISTS.values() for key in some.rows))
    raise InputError(
        f"gap_list：{row.key} 没有地点清单；请查询一项覆盖率，或选用下列之一：{known}",
        f"gap_list: {row.key} lists no places; ask for a coverage or one of {known}",
    )


def is_listed(row: Row, lists: Collection[str]) -> Bools:
    """Return which rows of the evidence of a row are places of lists with these keys."""
    evidence = row.evidence
    if evidence is None or "part" not in evidence.columns:
        return np.zeros(0 if evidence is None else len(evidence), dtype=bool)
    mine = [_chosen(evidence, _LISTS[key]) for key in lists if row.key in _LISTS[key].rows]
    shown: Bools = np.logical_or.reduce([np.zeros(len(evidence), dtype=bool), *mine])
    return shown


def uncovered_by_zone(evidence: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return homes covered by nothing, per zone_id: `land_ha` and `persons` of all homes, `uncovered_ha`, `uncovered_persons`.

    Persons who live where no residential land is mapped are among them. Evidence is either cut (a row is covered or
    uncovered whole) or cells with a `covered_share`.
    """
    homes = evidence[evidence["part"].isin((*_HOMES, *_ELSEWHERE))]
    counted = pd.DataFrame(
        {
            "zone_id": homes["zone_id"].astype(str),
            "land_ha": homes["area_ha"].astype(float),
            "uncovered_ha": homes["area_ha"].astype(float) * _share_left(homes),
            "persons": homes["persons"].astype(float),
            "uncovered_persons": homes["persons"].astype(float) * _share_left(homes),
        }
    )
    return counted.groupby("zone_id").sum(min_count=1)


def named(kind: str, keys: str, lang: Lang) -> str:
    """Name the "items" of a complete community ("02, 05") or "categories" of facilities ("market, primary_school")."""
    circles = table("life_circles")
    known = circles["complete_community"]["items"] if kind == "items" else circles["categories"]
    return said("common", "and", lang).join(known[key][f"name_{lang}"] for key in keys.split(", ") if key)


def _words(section: str, key: str) -> Text:
    return Text(said(section, key, "zh"), said(section, key, "en"))


def _told(kind: str, value: Any, beside: Any, column: str, lang: Lang) -> str:
    """Say what is no number: names, classes, lists of keys, and the words of gap_values."""
    if kind == "flag":
        return (
            said("gap_values", f"{column}_{str(bool(value)).lower()}", lang)
            if isinstance(value, bool | np.bool)
            else ""
        )
    text = name_of(value)
    if kind == "name":
        return text or said("gap_values", "unnamed", lang).format(road_name(name_of(beside), lang)).strip()
    if kind == "road_class":
        return road_name(text, lang) if text else ""
    if kind in ("items", "categories"):
        return named(kind, text, lang)
    if kind == "text" or value is None or value != value:
        return text
    kinds = [BARRIERS[k].name.speak(lang) if k in BARRIERS else said("gap_values", k, lang) for k in text.split(", ")]
    told, name = said("common", "and", lang).join(kinds), name_of(beside)
    if not name:
        return told
    return f"{told}（{name}）" if lang == "zh" else f"{told} ({name.replace('、', ', ')})"


def _found(area: StudyArea, what: _List, rows: Sequence[Row]) -> GapList:
    """Choose the places of a list from the evidence of its rows, and say where each is."""
    behind = [row.evidence for row in rows if row.evidence is not None]
    if what.part == "uncovered":
        places = _homes_left(area, behind[0])
    else:
        places = _distinct([_drawable(evidence[_chosen(evidence, what)]) for evidence in behind], what.alike)
    there = [column for column in what.order if column.removeprefix("-") in places.columns]
    if there:
        by, rising = [column.removeprefix("-") for column in there], [column[0] != "-" for column in there]
        places = places.sort_values(by, ascending=rising, kind="stable")
    columns = tuple(_COLUMNS[key] for key in what.columns if _COLUMNS[key].name in places.columns)
    places = located(area, places.assign(rank=np.arange(1, len(places) + 1)).reset_index(drop=True))
    name, by_what = _words("gap_lists", what.key), _words("gap_rankings", what.key)
    kept = dict.fromkeys(some for column in columns for some in (column.name, column.beside) if some in places.columns)
    titles = {f"title_{lang}": _titles(places, columns, name, lang) for lang in ("zh", "en")}
    return GapList(
        key=what.key,
        name=name,
        rows=tuple(what.rows),
        chapter=rows[0].chapter,
        ranked_by=None if by_what.zh == what.key else by_what,
        columns=columns,
        places=places.assign(**titles)[["rank", *titles, "zone_id", "zone", "near", *kept, places.geometry.name]],
        invented=area.invented,
    )


def _chosen(evidence: gpd.GeoDataFrame, what: _List) -> Bools:
    """Which rows of an evidence a list shows."""
    mine: Bools = evidence["part"].eq(what.part).to_numpy(dtype=bool)
    if what.where:
        mine = mine & (evidence[what.where].eq(True).to_numpy(dtype=bool) if what.where in evidence else False)
    return mine


def _drawable(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = rows.geometry.to_numpy()
    return rows[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]


def _distinct(rows: Sequence[gpd.GeoDataFrame], alike: Sequence[str]) -> gpd.GeoDataFrame:
    """Put all rows together, each place once; rows equal in the columns `alike`, if the last is known, are one place."""
    together = pd.concat([some for some in rows if len(some)] or rows[:1], ignore_index=True)
    together = together[~pd.Series(shapely.to_wkb(together.geometry.to_numpy())).duplicated().to_numpy()]
    if not alike or not set(alike) <= set(together.columns):
        return together
    shapes, known = together.geometry.to_numpy(), together[alike[-1]].notna()
    same = together.groupby(list(alike), dropna=False, sort=False).ngroup()
    place = np.where(known, same, -1 - np.arange(len(together)))
    first = ~pd.Series(place).duplicated().to_numpy()
    joined = [shapely.union_all(shapes[place == k]) for k in place[first]]
    return together[first].set_geometry(np.array(joined, dtype=object), crs=together.crs)


def _homes_left(area: StudyArea, evidence: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put the homes that are not covered together to places, with the persons and the hectares that are left."""
    left = _drawable(evidence[evidence["part"].isin(_HOMES)])
    left = left.assign(share=_share_left(left))
    left = left[left["share"] > 0]
    if "covered_share" not in left.columns:
        left = left.explode(ignore_index=True)
        left = left.assign(area_ha=left.area / 1e4, persons=_persons(area, left))
    if left.empty:
        return gpd.GeoDataFrame({"persons": [], "area_ha": []}, geometry=[], crs=area.crs)
    place = groups_within(left.geometry.to_numpy(), JOINED_M)
    sums = left[["persons", "area_ha"]].astype(float).mul(left["share"], axis=0).groupby(place).sum(min_count=1)
    shapes = [shapely.union_all(part.to_numpy()) for _, part in left.geometry.groupby(place)]
    return gpd.GeoDataFrame(sums, geometry=shapes, crs=area.crs)


def _share_left(homes: pd.DataFrame) -> Floats:
    """How much of each row of homes is not covered, 0-1: rows are cells with a `covered_share`, or cut."""
    cells = "covered_share" in homes.columns
    left: Floats = (1.0 - homes["covered_share"] if cells else homes["part"].str.endswith("uncovered")).to_numpy(
        dtype=float
    )
    return left


def _persons(area: StudyArea, pieces: gpd.GeoDataFrame) -> Floats:
    if area.population is None:
        return np.full(len(pieces), np.nan)
    cells = demand(area).cells
    persons: Floats = persons_by_zone(cells[cells["area_m2"] > 0], pieces).to_numpy(dtype=float)
    return persons


def located(area: StudyArea, places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add the zone each place lies in or is nearest to, unless its evidence says it, and the nearest named street."""
    points = shapely.point_on_surface(places.geometry.to_numpy())
    nearest = area.zones.index.to_numpy()[_first_zone(area, places.geometry.to_numpy(), points)]
    zone = places["zone_id"].where(places["zone_id"].notna(), nearest) if "zone_id" in places.columns else nearest
    streets = None if area.roads is None else area.roads[area.roads["name"].map(name_of).ne("").to_numpy()]
    near = np.full(len(places), "", dtype=object)
    if streets is not None and len(streets):
        near = streets["name"].map(name_of).to_numpy(dtype=object)[_nearest(streets, points)]
    zones = area.zones["name"].astype(str)
    return places.assign(zone_id=zone, near=near).assign(zone=lambda told: told["zone_id"].map(zones))


def _first_zone(area: StudyArea, shapes: Shapes, points: Shapes) -> Ints:
    """The zone each place is nearest to; of the several ends of one interruption, the first zone in the order of zones."""
    ends = np.isin(shapely.get_type_id(shapes), [shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT])
    parts, place = shapely.get_parts(np.where(ends, shapes, points), return_index=True)
    first: Ints = pd.Series(_nearest(area.zones, parts)).groupby(place).min().to_numpy()
    return first


def _nearest(layer: gpd.GeoDataFrame, points: Shapes) -> Ints:
    found: Ints = shapely.STRtree(layer.geometry.to_numpy()).query_nearest(points, all_matches=False)[1]
    return found


def _titles(places: gpd.GeoDataFrame, columns: Sequence[GapColumn], name: Text, lang: Lang) -> list[str]:
    """Say where each place is: the streets it is of, else the nearest one and the zone, else what it is and the zone."""
    of = [column for column in columns if column.kind == "name"]
    records = places.drop(columns=places.geometry.name).to_dict("records")
    if of:
        return [" → ".join(column.words(record, lang) for column in of) for record in records]
    return [
        said("gap_values", "near" if place["near"] else "in_zone", lang).format(
            street=place["near"], zone=place["zone"], name=name.speak(lang)
        )
        for place in records
    ]
