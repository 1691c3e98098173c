"""The lists behind the gaps: missing links, homes not covered, blocks too long, breaks, and where each gap is largest.

Everything is read from the evidence and the breakdown of the measures; nothing is measured here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.assessment.phrases import gap_text, means_text
from suizhou_geo.assessment.rows import Row, ZoneRow
from suizhou_geo.assessment.wording import Lang, number
from suizhou_geo.outputs.report.blocks import Cell, Column, Table, words
from suizhou_geo.outputs.report.communities import lacking_table
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.symbology import BARRIERS

HOMES = {"zone_id", "area_ha", "persons", "covered_share"}  # what the evidence of a coverage has, cell by cell
STATES = {"open": "open_road", "dead_end": "dead_end", "not_found": "not_found"}
_LESS_THAN_THIS_HA = 1e-6


def gap_tables(chapter_lines: Sequence[Row], zones: pd.DataFrame, *, most: int | None, lang: Lang) -> list[Table]:
    """Return the gap lists of a chapter's headline measures; of long ones the first `most` rows (None: all)."""
    tables = []
    for line in chapter_lines:
        build = _LISTS.get(line.key)
        if build is not None and line.measure is not None and line.has_data:
            tables.append(build(line, zones, lang))
    tables += [_breaks(chapter_lines, lang), _coverages(chapter_lines, zones, lang)]
    return [_top(table, most, lang) for table in tables if table is not None and table.rows]


def where_most(line: Row, of_zones: Sequence[ZoneRow], lang: Lang) -> str:
    """Say where the gap is largest: the zone that lacks most on the ground, else by value, or names behind a count."""
    short = [zone for zone in of_zones if zone.shortfall > 0]
    if short and len(of_zones) > 1:
        worst = max(short, key=lambda zone: zone.shortfall)
        means = means_text(worst.shortfall, line.unit, line.shortfall_unit, lang)
        return f"{worst.name}\n{means}" if means != say("nothing", lang) else worst.name
    apart = [zone for zone in of_zones if zone.gap > 0]
    if apart and len(of_zones) > 1:
        worst = max(apart, key=lambda zone: zone.gap)
        return f"{worst.name}\n{gap_text(worst.gap, line.op, line.unit, lang)}"
    return say("and", lang).join(_names_behind(line)) or say("nothing", lang)


def best_link(lines: Sequence[Row], zones: pd.DataFrame, lang: Lang) -> str:
    """Say which missing link comes first, in one sentence; "" where there is none."""
    dead_ends = next((line for line in lines if line.key == "dead_ends"), None)
    links = _part(dead_ends, "missing_link") if dead_ends is not None else None
    if links is None or links.empty:
        return ""
    first = links.sort_values("rank").iloc[0]
    near = first["persons"]
    return say(
        "step_link",
        lang,
        street=_word(first["street"]) or say("nameless", lang),
        zone=_zone(first["zone_id"], zones),
        link=number(round(first["link_m"]), "m", lang),
        saved=number(round(first["saved_m"]), "m", lang) if np.isfinite(first["saved_m"]) else "—",
        persons=say("step_persons", lang, persons=number(round(near), "persons", lang)) if np.isfinite(near) else "",
    )


def uncovered_by_zone(evidence: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return homes covered by nothing, per zone_id: `land_ha` and `persons` of all homes, `uncovered_ha`, `uncovered_persons`.

    Evidence is either cut (a row is covered or uncovered whole) or cells with a `covered_share`.
    """
    homes = evidence[evidence["part"].isin(["covered", "uncovered", "partly_covered"])]
    if "covered_share" in homes.columns:
        open_ = 1.0 - homes["covered_share"].astype(float)
    else:
        open_ = homes["part"].eq("uncovered").astype(float)
    counted = pd.DataFrame(
        {
            "zone_id": homes["zone_id"].astype(str),
            "land_ha": homes["area_ha"].astype(float),
            "uncovered_ha": homes["area_ha"].astype(float) * open_,
            "persons": homes["persons"].astype(float),
            "uncovered_persons": homes["persons"].astype(float) * open_,
        }
    )
    return counted.groupby("zone_id").sum(min_count=1)


def _missing_links(line: Row, zones: pd.DataFrame, lang: Lang) -> Table | None:
    links = _part(line, "missing_link")
    heads = (
        ("rank", 0.6, "count"),
        ("street", 1.5, ""),
        ("to_street", 1.5, ""),
        ("zone", 1.3, ""),
        ("link_m", 1.0, "m"),
        ("saved_m", 1.1, "m"),
        ("persons_near", 1.1, "persons"),
        ("crosses", 1.7, ""),
    )
    rows = [
        (
            _count(row["rank"], lang),
            words(_word(row["street"]) or say("nameless", lang)),
            words(_word(row["to_street"]) or say("nameless", lang)),
            words(_zone(row["zone_id"], zones)),
            _count(row["link_m"], lang, "m"),
            _count(row["saved_m"], lang, "m"),
            _count(row["persons"], lang, "persons"),
            words(_crossed(row, lang)),
        )
        for row in links.sort_values("rank").to_dict("records")
    ]
    return _table("missing_links", heads, rows, lang)


def _uncovered(line: Row, zones: pd.DataFrame, lang: Lang) -> Table | None:
    if line.measure is None or line.measure.evidence is None:
        return None
    homes = uncovered_by_zone(line.measure.evidence)
    if len(homes) > 1:
        homes.loc[""] = homes.sum(min_count=1)
    heads = (
        ("zone", 1.6, ""),
        ("land_ha", 1.0, "ha"),
        ("uncovered_ha", 1.0, "ha"),
        ("uncovered_share", 1.0, "share"),
        ("uncovered_persons", 1.0, "persons"),
    )
    rows = [
        (
            words(_zone(zone_id, zones) if zone_id else say("whole", lang)),
            _measured(row["land_ha"], "ha", lang),
            _measured(row["uncovered_ha"], "ha", lang),
            _measured(row["uncovered_ha"] / row["land_ha"] if row["land_ha"] > 0 else np.nan, "share", lang),
            _count(row["uncovered_persons"], lang, "persons"),
        )
        for zone_id, row in homes.to_dict("index").items()
    ]
    return _table("uncovered", heads, rows, lang, name=line.name.speak(lang))


def _coverages(lines: Sequence[Row], zones: pd.DataFrame, lang: Lang) -> Table | None:
    """One row per measure that covers homes, the one that leaves most uncovered first."""
    found = []
    for line in lines:
        evidence = line.measure.evidence if line.measure is not None else None
        if line.key not in _LISTS and line.has_data and evidence is not None and set(evidence.columns) >= HOMES:
            homes = uncovered_by_zone(evidence)
            if homes["uncovered_ha"].sum() > _LESS_THAN_THIS_HA:
                found.append((line.name.speak(lang), homes))
    found.sort(key=lambda one: -float(one[1]["uncovered_ha"].sum()))
    heads = (
        ("measure", 2.4, ""),
        ("uncovered_ha", 1.0, "ha"),
        ("uncovered_share", 1.0, "share"),
        ("uncovered_persons", 1.0, "persons"),
        ("worst_zone", 1.6, ""),
    )
    rows = [
        (
            words(name),
            _measured(homes["uncovered_ha"].sum(), "ha", lang),
            _measured(homes["uncovered_ha"].sum() / homes["land_ha"].sum(), "share", lang),
            _count(homes["uncovered_persons"].sum(min_count=1), lang, "persons"),
            words(_zone(homes["uncovered_ha"].idxmax(), zones)),
        )
        for name, homes in found
    ]
    return _table("services_uncovered", heads, rows, lang) if rows else None


def _blocks(line: Row, zones: pd.DataFrame, lang: Lang) -> Table | None:
    blocks = _part(line, "block")
    blocks = blocks[blocks["over_limit"].to_numpy(dtype=bool)].sort_values("gain_rank")
    heads = (
        ("rank", 0.6, "count"),
        ("zone", 1.6, ""),
        ("area_ha", 1.0, "ha"),
        ("longest_side_m", 1.0, "m"),
        ("persons", 1.0, "persons"),
        ("new_road_m", 1.1, "m"),
    )
    rows = [
        (
            _count(row["gain_rank"], lang),
            words(_zone(row["zone_id"], zones)),
            _measured(row["area_ha"], "ha", lang),
            _count(row["longest_side_m"], lang, "m"),
            _count(row["persons"], lang, "persons"),
            _count(row["new_road_m"], lang, "m"),
        )
        for row in blocks.to_dict("records")
    ]
    return _table(f"blocks_{line.subject}", heads, rows, lang)


def _breaks(lines: Sequence[Row], lang: Lang) -> Table | None:
    """One row per break of the arterial grid, both directions; a break that two parts of a road share stands once."""
    heads = (("measure", 2.0, ""), ("street", 1.4, ""), ("barrier", 1.6, ""), ("gap_m", 1.0, "m"))
    rows = []
    for line in lines:
        if line.key.startswith("arterial_grid_") and line.measure is not None and line.has_data:
            breaks = _part(line, "break")
            mine = breaks["direction"].eq(line.measure.params["direction"]) if len(breaks) else []
            once = (
                breaks[mine].drop_duplicates(subset=["name", "kind", "barrier_name", "gap_m"])
                if len(breaks)
                else breaks
            )
            rows += [
                (
                    words(line.name.speak(lang)),
                    words(_word(row["name"]) or say("nameless", lang)),
                    words(_barrier(row["kind"], row["barrier_name"], lang)),
                    _count(row["gap_m"], lang, "m"),
                )
                for row in once.to_dict("records")
            ]
    return _table("breaks", heads, rows, lang) if rows else None


def _named_roads(line: Row, zones: pd.DataFrame, lang: Lang) -> Table | None:
    del zones
    if line.measure is None or line.measure.breakdown is None:
        return None
    heads = (("street", 1.6, ""), ("looked_up", 1.6, ""), ("state", 1.4, ""), ("dead_ends_left", 1.0, "count"))
    rows = [
        (
            words(str(name)),
            words(_word(row["looked_up"]) or say("nothing", lang)),
            words(say(STATES[row["state"]], lang) if row["state"] in STATES else str(row["state"])),
            _count(row["dead_ends"], lang),
        )
        for name, row in line.measure.breakdown.to_dict("index").items()
    ]
    return _table("named_roads", heads, rows, lang)


_LISTS: dict[str, Callable[[Row, pd.DataFrame, Lang], Table | None]] = {
    "community_gaps": lacking_table,
    "dead_ends": _missing_links,
    "dead_ends_opened": _named_roads,
    "park_coverage": _uncovered,
    "block_size.residential": _blocks,
    "block_size.industrial": _blocks,
}


def _names_behind(line: Row) -> list[str]:
    """The roads that keep a count below its target: named ones not open, arterials that do not run through."""
    table = line.measure.breakdown if line.measure is not None else None
    if table is None:
        return []
    if line.key == "dead_ends_opened":
        return [str(name) for name in table.index[table["state"].ne("open")]]
    if line.key.startswith("arterial_grid_") and {"name", "through"} <= set(table.columns):
        broken = table.loc[~table["through"].astype(bool), "name"].dropna()
        return list(dict.fromkeys(broken.astype(str)))
    return []


def _part(line: Row, part: str) -> gpd.GeoDataFrame:
    evidence = line.measure.evidence if line.measure is not None else None
    if evidence is None or "part" not in evidence.columns:
        return gpd.GeoDataFrame({"part": []})
    return evidence[evidence["part"].eq(part)]


def _table(
    key: str,
    heads: Sequence[tuple[str, float, str]],
    rows: Sequence[tuple[Cell, ...]],
    lang: Lang,
    *,
    name: str = "",
) -> Table:
    columns = tuple(Column(say(head, lang), width, bool(unit)) for head, width, unit in heads)
    title = say(key, lang, name=name) if "{" in say(key, lang) else say(key, lang)
    return Table(title, columns, tuple(rows), say(f"sheet_{key}", lang))


def _top(table: Table, most: int | None, lang: Lang) -> Table:
    if most is None or len(table.rows) <= most:
        return table
    note = say("top", lang, shown=most, n=len(table.rows))
    return Table(table.title, table.columns, table.rows[:most], table.sheet, note)


def _measured(value: float, unit: str, lang: Lang) -> Cell:
    """A number whose unit stands in the heading."""
    text = number(value, unit, lang) if unit == "share" else number(value, "", lang)
    return Cell(text, float(value), unit)


def _count(value: float, lang: Lang, unit: str = "count") -> Cell:
    """A number shown without decimals: metres, persons, ranks."""
    return Cell("—" if pd.isna(value) else number(round(value), "", lang), float(value), unit)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _zone(zone_id: object, zones: pd.DataFrame) -> str:
    return str(zones["name"].get(zone_id, zone_id)) if isinstance(zone_id, str) else "—"


def _crossed(row: dict[str, object], lang: Lang) -> str:
    kinds = [kind for kind in _word(row["crosses"]).split(", ") if kind]
    names = _word(row["crosses_names"])
    told = say("and", lang).join(_barrier_kind(kind, lang) for kind in kinds) or say("none", lang)
    return f"{told} ({names})" if names else told


def _barrier(kind: object, name: object, lang: Lang) -> str:
    told = _barrier_kind(_word(kind), lang)
    return f"{told} ({_word(name)})" if _word(name) else told or say("nothing", lang)


def _barrier_kind(kind: str, lang: Lang) -> str:
    return BARRIERS[kind].name.speak(lang) if kind in BARRIERS else kind
