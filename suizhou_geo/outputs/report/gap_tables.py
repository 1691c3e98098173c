"""The lists behind the gaps as tables, and homes not covered zone by zone and measure by measure.

The places are those of the gap lists; the rest is read from the evidence and the breakdown of the measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.assessment.gap_lists import GapColumn, GapList, Record, uncovered_by_zone
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import name_of, number
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.report.blocks import Cell, Column, Table, worded_table
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards import table

HOMES = {"zone_id", "area_ha", "persons", "covered_share"}  # what the evidence of a coverage has, cell by cell
STATES = {"open": "open_road", "dead_end": "dead_end", "not_found": "not_found"}
_LESS_THAN_THIS_HA = 1e-6
_LEFT = ("uncovered_ha", "uncovered_share", "uncovered_persons")
# the columns of each list, and how wide they are
_LISTS = {key: row["report"] for key, row in table("gap_lists")["lists"].items() if "report" in row}


def gap_tables(
    lists: Sequence[GapList], lines: Sequence[Row], zones: gpd.GeoDataFrame, *, most: int | None, lang: Lang
) -> list[Table]:
    """Return the gap lists, and what the rows lack besides places; of long ones the first `most` rows (None: all)."""
    tables = [_listed(gaps, lang) for gaps in lists if gaps.key in _LISTS]
    for line in lines:
        if line.key == "dead_ends_opened":
            tables.append(_named_roads(line, lang))
        elif line.key == "park_coverage":
            tables.append(_uncovered(line, zones, lang))
    tables.append(_coverages(lines, zones, lang))
    return [_top(one, most, lang) for one in tables if one.rows]


def _listed(gaps: GapList, lang: Lang) -> Table:
    widths = _LISTS[gaps.key]
    shown = gaps.some(widths)
    heads = tuple(Column(column.head(lang), widths[column.key], column.is_number) for column in shown)

    def cell(column: GapColumn, place: Record) -> Cell:
        text = column.words(place, lang, unit=False) or say("nothing", lang)
        return Cell(text, float(place[column.name]), column.unit) if column.is_number else Cell(text)

    rows = tuple(tuple(cell(column, place) for column in shown) for place in gaps.records)
    return Table(gaps.heading(lang), heads, rows, say(f"sheet_{gaps.key}", lang))


def _uncovered(line: Row, zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    homes = pd.DataFrame() if line.evidence is None else uncovered_by_zone(line.evidence)
    if len(homes) > 1:
        homes.loc[""] = homes.sum(min_count=1)
    cells = [
        (
            _zone(zone_id, zones) if zone_id else say("whole", lang),
            _measured(row["land_ha"], "ha", lang),
            *_left(row, lang),
        )
        for zone_id, row in homes.iterrows()
    ]
    heads = {"zone": 1.6, "land_ha": 1.0, **dict.fromkeys(_LEFT, 1.0)}
    return worded_table("uncovered", heads, cells, lang, numbers=("land_ha", *_LEFT), name=line.name.speak(lang))


def _coverages(lines: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    """One row per measure that covers homes, the one that leaves most uncovered first."""
    found = []
    for line in lines:
        evidence = line.evidence
        if line.key != "park_coverage" and line.has_data and evidence is not None and set(evidence.columns) >= HOMES:
            homes = uncovered_by_zone(evidence)
            if homes["uncovered_ha"].sum() > _LESS_THAN_THIS_HA:
                found.append((line.name.speak(lang), homes))
    found.sort(key=lambda one: -float(one[1]["uncovered_ha"].sum()))
    cells = [
        (name, *_left(homes.sum(min_count=1), lang), _zone(homes["uncovered_ha"].idxmax(), zones))
        for name, homes in found
    ]
    heads = {"measure": 2.4, **dict.fromkeys(_LEFT, 1.0), "worst_zone": 1.6}
    return worded_table("services_uncovered", heads, cells, lang, numbers=_LEFT)


def _left(homes: pd.Series, lang: Lang) -> tuple[Cell, Cell, Cell]:
    """The hectares of homes that are not covered, their share, and the persons there."""
    share = homes["uncovered_ha"] / homes["land_ha"] if homes["land_ha"] > 0 else np.nan
    return (
        _measured(homes["uncovered_ha"], "ha", lang),
        Cell(number(share, "share", lang), float(share), "share"),
        _count(homes["uncovered_persons"], lang, "persons"),
    )


def _named_roads(line: Row, lang: Lang) -> Table:
    found = {} if line.measure is None or line.measure.breakdown is None else line.measure.breakdown.to_dict("index")
    cells = [
        (
            str(name),
            name_of(row["looked_up"]) or say("nothing", lang),
            say(STATES[row["state"]], lang) if row["state"] in STATES else str(row["state"]),
            _count(row["dead_ends"], lang),
        )
        for name, row in found.items()
    ]
    heads = {"street": 1.6, "looked_up": 1.6, "state": 1.4, "dead_ends_left": 1.0}
    return worded_table("named_roads", heads, cells, lang, numbers=["dead_ends_left"])


def _top(whole: Table, most: int | None, lang: Lang) -> Table:
    if most is None or len(whole.rows) <= most:
        return whole
    return replace(whole, rows=whole.rows[:most], note=say("top", lang, shown=most, n=len(whole.rows)))


def _measured(value: float, unit: str, lang: Lang) -> Cell:
    """A number whose unit stands in the heading."""
    return Cell(number(value, "", lang), float(value), unit)


def _count(value: float, lang: Lang, unit: str = "count") -> Cell:
    """A number shown without decimals: metres, persons, ranks."""
    return Cell("—" if pd.isna(value) else number(round(value), "", lang), float(value), unit)


def _zone(zone_id: object, zones: gpd.GeoDataFrame) -> str:
    return str(zones["name"].get(zone_id, zone_id))
