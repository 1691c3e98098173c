"""Dead ends (断头路): how many streets stop short, what would link them, and whether the promised ones are open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from suizhou_geo.centrelines import base_name
from suizhou_geo.coverage import street_distance_m
from suizhou_geo.dead_ends import REASONS, counted_roads, given_roads, street_ends
from suizhou_geo.demand import demand
from suizhou_geo.errors import InputError
from suizhou_geo.measures.said import incomplete_layers, missing_layers, no_data, one_of
from suizhou_geo.missing_links import barriers_ahead, missing_links
from suizhou_geo.model import Measure, StudyArea, Text
from suizhou_geo.zonal import by_zone

Profile = Literal["branch_and_above", "with_local"]
RankBy = Literal["person_m", "saved_m", "person_m_per_m"]
PROFILES: tuple[str, ...] = get_args(Profile)
RANKINGS: tuple[str, ...] = get_args(RankBy)
NAMED = ("裕民大道", "文化二路", "汉东东路延伸段")
WALK_M = 1000.0
STUB_M = 1.0
NEAR_MISS_M = 30.0
# why a named road still ends: the reasons that leave it unopened
STOPPED = ("dead_end", "nothing_ahead", "cul_de_sac")
_BASIS = "GB/T 51328-2018 (支路及以上); 断头路无国家统一定义，本口径见文档"
_NAME = Text("断头路数量", "dead-end streets")
_NAME_OPENED = Text("断头路打通", "dead-end roads opened")
_EXTENSION = re.compile(r"(延伸段|延长段|延伸线|延长线)$")


def dead_ends(area: StudyArea, *, profile: Profile = "branch_and_above", rank_by: RankBy = "person_m") -> Measure:
    """断头路数量: ends of streets of class 支路 and above inside the zones that stop although streets continue ahead.

    There is no national definition. An end of the counted street network, on the uncut network, counts where no reason
    of `suizhou_geo.dead_ends.street_ends` tells it apart: compound, turning circle, edge of the map, a gap of the drawing
    (joined and reported), short cul-de-sac, and so on. Profile "branch_and_above" counts 快速路 to 支路; local streets
    (街坊道路) that end 150 m or more from their last junction are listed with `counts` false. "with_local" counts them
    too. An end that is only continued by a path is a dead end.

    For each counted end the missing link, the best connection ahead (`suizhou_geo.missing_links.missing_links`), ranked:

    * "person_m" (the default): persons x saved_m. `persons` live within WALK_M (1,000 m) along the streets of either end of
      the link; `saved_m` is what the way from one end to the other becomes shorter. It says whom a link serves, not how
      many of them go that way. It is the default because a short cut nobody lives at is worth little.
    * "saved_m": saved_m x opens: the metres saved, summed over the dead ends (one or two) that the link opens.
    * "person_m_per_m": persons x saved_m for each metre to be built.

    Without population the ranking is by "saved_m" (or, for the last, saved_m x opens per metre built), and `notes` says
    so. Links whose ends no street joins at all have no saving to tell and come last.

    `breakdown`: the ends by reason, whole and per zone (`outside` the zones). `evidence`: lines only, because a layer holds
    one kind of geometry. `part` "dead_end": each end that counts, and "explained_end": each other end in the zones or
    with another reason than "data_edge", as a stub of 1 m ahead that begins at the end, with street, road_class, reason,
    counts, barrier, barrier_name, carriageways, stub_m, goes_on_as, path_goes_on. `part` "missing_link": the link, with
    rank, street, to_street, link_m, network_m,
    saved_m, saved_per_m, opens, persons, benefit, crossing, crosses, crosses_names, crossing_from, at_least, near_miss
    (under 30 m with nothing to cross: look whether the drawing is right). `part` "gap_repaired": the line that joined.

    Errors: InputError for an unknown profile or ranking, or a road_class that is none.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> measure = dead_ends(study.area, rank_by="saved_m")
    >>> links = measure.evidence[measure.evidence["part"] == "missing_link"]
    >>> measure.value, links.iloc[0]["street"], links.iloc[0]["crossing"]
    (16.0, '神农大道', 'railway')
    """
    one_of("dead_ends: profile", profile, PROFILES)
    one_of("dead_ends: rank_by", rank_by, RANKINGS)
    params = {"profile": profile, "rank_by": rank_by, "walk_m": WALK_M}
    if area.roads is None:
        needs = missing_layers(area, "roads")
        return no_data(area, "dead_ends", _NAME, unit="count", profile=profile, needs=needs, params=params)
    ends, links = _ends_and_links(area, profile)
    links = _ranked(links, rank_by, populated=area.population is not None)
    stopping = ends[ends["counts"]]
    count = by_zone(np.ones(len(stopping)), stopping["zone"].to_numpy(), area.zones)
    value = float(count.sum())
    unsure = "roads" in area.incomplete
    return Measure(
        key="dead_ends",
        name_zh=_NAME.zh,
        name_en=_NAME.en,
        value=value,
        unit="count",
        by_zone=count,
        denominator=pd.Series(np.nan, index=area.zones.index),
        shortfall_unit="count",
        profile=profile,
        basis=_BASIS,
        params=params,
        evidence=_evidence(area, ends, links),
        low=0.0 if unsure else value,
        high=np.inf if unsure else value,
        needs=incomplete_layers(area, "roads"),
        notes=_notes(area, ends, links, profile=profile),
        breakdown=_by_reason(area, ends),
    )


@lru_cache(maxsize=4)
def _ends_and_links(area: StudyArea, profile: Profile) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The ends, with `counts` and the barrier ahead, and the missing links of those that count."""
    ends = street_ends(area)
    real = ends["reason"].eq("dead_end").to_numpy()
    counts = real & (ends["road_class"].ne("local").to_numpy() | (profile == "with_local"))
    ends = ends.join(barriers_ahead(area, ends)).assign(counts=counts)
    stopping = ends[counts].reset_index(drop=True)
    links = missing_links(area, stopping)
    links["street"] = stopping["street"].to_numpy()[links["end"]]
    links["road_class"] = stopping["road_class"].to_numpy()[links["end"]]
    links["zone_id"] = stopping["zone_id"].to_numpy()[links["end"]]
    return ends, links.assign(persons=_persons_near(area, links))


def _persons_near(area: StudyArea, links: gpd.GeoDataFrame) -> pd.Series:
    """Persons who live within WALK_M along the streets of either end of each link; NaN without population."""
    persons = pd.Series(np.nan, index=links.index)
    if area.population is None:
        return persons
    living = demand(area).cells["persons"].to_numpy()
    for k, line in links.geometry.items():
        both = shapely.points(shapely.get_coordinates(line))
        persons.loc[k] = living[street_distance_m(area, both, limit_m=WALK_M) <= WALK_M].sum()
    return persons


def _ranked(links: gpd.GeoDataFrame, rank_by: RankBy, *, populated: bool) -> gpd.GeoDataFrame:
    """The links with the best first: `benefit` is what they are ranked by, `rank` counts from 1."""
    weight = links["persons"] if populated and rank_by != "saved_m" else links["opens"]
    benefit = weight * links["saved_m"]
    if rank_by == "person_m_per_m":
        benefit = benefit / links["link_m"]
    links = links.assign(
        benefit=benefit,
        saved_per_m=links["saved_m"] / links["link_m"],
        near_miss=(links["link_m"] < NEAR_MISS_M) & links["crossing"].eq("none"),
    )
    order = np.lexsort((links["end"], links["link_m"], -links["benefit"].fillna(-1.0)))
    return links.iloc[order].assign(rank=np.arange(1, len(links) + 1))


def _evidence(area: StudyArea, ends: gpd.GeoDataFrame, links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shown = ends[ends["reason"].ne("data_edge") | (ends["zone"] >= 0)]
    repairs = shown[shown["repair"].notna()].set_geometry("repair", crs=area.crs)
    repairs = repairs[repairs.length > 0]
    plain = ["street", "road_class", "zone_id", "reason"]
    known = ["counts", "barrier", "barrier_name", "carriageways", "stub_m", "goes_on_as", "path_goes_on"]
    linked = ["street", "road_class", "zone_id", "rank", "benefit", "to_street", "to_class", "link_m", "network_m"]
    linked += ["at_least", "saved_m", "saved_per_m", "opens", "persons", "crossing", "crosses", "crosses_names"]
    linked += ["crossing_from", "near_miss"]
    parts = {
        "dead_end": shown[[*plain, "source_id", *known]].set_geometry(_stubs(shown), crs=area.crs),
        "missing_link": links[[*linked, "geometry"]],
        "gap_repaired": repairs[[*plain, "repair"]].rename_geometry("geometry"),
    }
    columns = list(dict.fromkeys(c for part in parts.values() for c in part.columns if c != "geometry"))
    rows = [part.assign(part=name) for name, part in parts.items()]
    whole = gpd.GeoDataFrame(
        {c: np.concatenate([_column(part, c) for part in rows]) for c in ("part", *columns)},
        geometry=np.concatenate([part.geometry.to_numpy() for part in rows]),
        crs=area.crs,
    ).infer_objects()
    whole = whole.astype(dict.fromkeys(("counts", "path_goes_on", "at_least", "near_miss"), bool))
    explained = whole["part"].eq("dead_end") & ~whole["counts"]
    return whole.assign(part=whole["part"].mask(explained, "explained_end"))


def _column(part: gpd.GeoDataFrame, name: str) -> npt.NDArray[np.object_]:
    """A column of a part; where the part has none, nothing (false, once it is a column of booleans)."""
    return part[name].to_numpy(dtype=object) if name in part.columns else np.full(len(part), None, dtype=object)


def _stubs(ends: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    start = shapely.get_coordinates(ends.geometry.to_numpy())
    ahead = start + STUB_M * ends[["heading_x", "heading_y"]].to_numpy(dtype=float)
    return np.asarray(shapely.linestrings(np.stack([start, ahead], axis=1)), dtype=object)


def _by_reason(area: StudyArea, ends: gpd.GeoDataFrame) -> pd.DataFrame:
    """Ends by reason: all, per zone, and outside the zones; of the dead ends, those that count."""
    rows = {reason: ends["reason"].eq(reason) for reason in REASONS} | {"counted": ends["counts"]}
    zone = ends["zone"].to_numpy()
    table = {}
    for name, of in rows.items():
        mine = of.to_numpy()
        inside = by_zone(np.ones(int((mine & (zone >= 0)).sum())), zone[mine & (zone >= 0)], area.zones)
        table[name] = {"whole": float(mine.sum()), **inside.to_dict(), "outside": float((mine & (zone < 0)).sum())}
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("reason")


def _notes(area: StudyArea, ends: gpd.GeoDataFrame, links: gpd.GeoDataFrame, *, profile: Profile) -> tuple[Text, ...]:
    notes = []
    local = int((ends["reason"].eq("dead_end") & ends["road_class"].eq("local")).sum())
    if local and profile == "branch_and_above":
        notes.append(
            Text(
                f"另有{local}处街坊道路断头（列出但不计）",
                f"{local} more local streets stop short: listed, not counted",
            )
        )
    repaired = int(ends["reason"].eq("gap_repaired").sum())
    if repaired:
        notes.append(
            Text(
                f"{repaired}处道路端点距另一道路不足3米，按绘图缝隙接合",
                f"{repaired} ends stop within 3 m of another street: gaps of the drawing, joined",
            )
        )
    if links["near_miss"].any():
        n = int(links["near_miss"].sum())
        notes.append(
            Text(
                f"{n}处断头路距前方道路不足30米且无阻隔，请核对图纸",
                f"{n} dead ends stop less than 30 m before a street with nothing between: check the drawing",
            )
        )
    if area.compounds is None:
        notes.append(
            Text(
                "未提供封闭小区图层，小区内的尽端路未能全部识别",
                "no compounds layer: ends in compounds may be among them",
            )
        )
    if area.barriers is None:
        notes.append(
            Text("未提供阻隔要素图层，无法说明断头处的阻隔", "no barriers layer: what the streets stop at is not told")
        )
    if links["crossing_from"].isin(["compounds", "land_use"]).any():
        notes.append(
            Text(
                "部分围墙由小区或工业仓储用地推断",
                "some walls are inferred from compounds or from industrial and storage land",
            )
        )
    if len(links) and area.population is None:
        notes.append(
            Text(
                "没有人口数据，缺失连接仅按缩短的绕行距离排序",
                "no population: links are ranked by metres saved alone",
            )
        )
    return tuple(notes)


def named_dead_ends(area: StudyArea, *, names: Sequence[str] = NAMED, promised: int | None = None) -> Measure:
    """断头路打通: how many of the named roads are in the network and have no dead end any more.

    Each name is looked up among the counted streets that reach into the zones by its base name (`base_name`); 延伸段 and
    the like are taken off where no road bears the whole name, since maps name the road and not its extension. A road is
    "open" where none of its ends in the zones is a "dead_end", "nothing_ahead" or "cul_de_sac" of
    `suizhou_geo.dead_ends.street_ends`, "dead_end" where one is, and "not_found" otherwise. The network is as drawn today:
    whether a road was opened or never was closed is not told.

    A road that was not found may be open under another name, so `high` = value + not found. `promised` is how many the
    plan promises in all, where it names only some ("等5条"): the unnamed ones may be open too and go into `high`. Where
    the roads layer is not declared complete, a dead end may have been opened since it was drawn, and counts in `high`.

    `breakdown`: per name, looked_up (the name it was found by), state, dead_ends, length_m (of all lines as drawn).
    `evidence`, lines: `part` "named_road" (the lines of each road that was found) and "dead_end" (1 m stubs at its
    dead ends), with name, street, state, reason, road_class.

    Errors: InputError for no names, or for fewer roads promised than named.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> named_dead_ends(study.area).breakdown["state"].to_dict()
    {'裕民大道': 'dead_end', '文化二路': 'dead_end', '汉东东路延伸段': 'dead_end'}
    """
    names = [names] if isinstance(names, str) else list(names)
    if not names or len(set(map(str, names))) < len(names) or not all(base_name(name)[0] for name in names):
        raise InputError("named_dead_ends: give the names of the promised roads, each once, as text")
    if isinstance(promised, bool) or not isinstance(promised, int | None):
        raise InputError(f"named_dead_ends: promised is {promised!r}; give a whole number of roads")
    unnamed = 0 if promised is None else promised - len(names)
    if unnamed < 0:
        raise InputError(
            f"named_dead_ends: {len(names)} roads are named but only {promised} promised; correct `promised`"
        )
    profile = "named_roads"
    params = {"names": names, "promised": promised}
    if area.roads is None:
        needs = missing_layers(area, "roads")
        key = "dead_ends_opened"
        return no_data(area, key, _NAME_OPENED, unit="count", profile=profile, needs=needs, params=params)
    table, evidence = _looked_up(area, names)
    state = table["state"]
    opened, missing, stopped = ((state == s).sum() for s in ("open", "not_found", "dead_end"))
    unsure = int(stopped) if "roads" in area.incomplete else 0
    nothing = pd.Series(np.nan, index=area.zones.index)
    return Measure(
        key="dead_ends_opened",
        name_zh=_NAME_OPENED.zh,
        name_en=_NAME_OPENED.en,
        value=float(opened),
        unit="count",
        by_zone=nothing,
        denominator=nothing,
        shortfall_unit="count",
        profile=profile,
        basis="",
        params=params,
        evidence=None if evidence.empty else evidence,
        low=float(opened),
        high=float(opened + missing + unnamed + unsure),
        needs=_opened_needs(area, table, unnamed),
        notes=_opened_notes(table),
        breakdown=table,
    )


def _looked_up(area: StudyArea, names: list[str]) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    roads = given_roads(area)
    reach = np.zeros(len(roads), dtype=bool)
    reach[
        shapely.STRtree(roads.geometry.to_numpy()).query(area.zones.geometry.to_numpy(), predicate="intersects")[1]
    ] = True
    streets = roads[counted_roads(area) & reach]
    street = np.array([base_name(name)[0] for name in streets["name"]], dtype=object)
    ends = street_ends(area)
    ends = ends[ends["reason"].isin(STOPPED)]
    end_street = np.array([base_name(name)[0] for name in ends["street"]], dtype=object)
    rows, parts = {}, []
    for name in names:
        whole = base_name(name)[0]
        key = whole if (street == whole).any() else _EXTENSION.sub("", whole)
        mine, stopped = streets[street == key], ends[end_street == key]
        state = "not_found" if mine.empty else ("open" if stopped.empty else "dead_end")
        rows[name] = {
            "looked_up": key,
            "state": state,
            "dead_ends": len(stopped),
            "length_m": float(mine.length.sum()),
        }
        lines, line = shapely.get_parts(mine.geometry.to_numpy(), return_index=True)
        for part, shapes, source, reason in (
            ("named_road", lines, mine.iloc[line].assign(street=mine["name"].iloc[line]), None),
            ("dead_end", _stubs(stopped), stopped, stopped["reason"].to_numpy()),
        ):
            columns = {"part": part, "name": name, "state": state, "reason": reason}
            found = {c: source[c].to_numpy(dtype=object) for c in ("street", "road_class")}
            parts.append(gpd.GeoDataFrame(columns | found, geometry=shapes, crs=area.crs, index=range(len(shapes))))
    evidence = gpd.GeoDataFrame(
        {c: np.concatenate([p[c].to_numpy(dtype=object) for p in parts]) for c in parts[0].columns if c != "geometry"},
        geometry=np.concatenate([p.geometry.to_numpy() for p in parts]),
        crs=area.crs,
    )
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name"), evidence


def _opened_needs(area: StudyArea, table: pd.DataFrame, unnamed: int) -> tuple[Text, ...]:
    needs = []
    missing = list(table.index[table["state"] == "not_found"])
    if missing:
        needs.append(
            Text(
                f"道路图层中找不到{'、'.join(missing)}；请核对路名或提供该路段",
                f"not found in the roads layer: {', '.join(missing)}; check the name or give the road",
            )
        )
    if unnamed:
        needs.append(
            Text(
                f"另有{unnamed}条承诺打通的断头路未点名，请提供路名",
                f"{unnamed} more roads are promised without a name: name them",
            )
        )
    return (*needs, *incomplete_layers(area, "roads"))


def _opened_notes(table: pd.DataFrame) -> tuple[Text, ...]:
    notes = []
    for name, row in table.iterrows():
        if row["state"] == "dead_end":
            n = row["dead_ends"]
            notes.append(Text(f"{name}仍有{n}处断头", f"{name} still has {n} dead end{'s' if n > 1 else ''}"))
        if row["state"] != "not_found" and _EXTENSION.search(str(name)) and row["looked_up"] != base_name(name)[0]:
            notes.append(Text(f"“{name}”按“{row['looked_up']}”查找", f"{name} was looked up as {row['looked_up']}"))
    return tuple(notes)
