"""Community by community: which are complete, which items they fail, and which facilities they lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from suizhou_geo.assessment.gap_lists import named
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import number
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.report.blocks import Cell, Column, Table, words
from suizhou_geo.outputs.report.words import say

COMPLETE, LACKING = "complete_community_coverage", "community_gaps"


def communities_table(lines: Sequence[Row], zones: pd.DataFrame, lang: Lang) -> Table | None:
    """Return one row per community that counts, as the measures of them tell; None where there are none."""
    complete, lacking = _evidence(lines, COMPLETE), _evidence(lines, LACKING)
    told = [rows for rows in (complete, lacking) if rows is not None]
    if not told:
        return None
    heads = [("community", False), ("zone", False), ("persons", True)]
    rows = [
        [
            words(str(row["name"])),
            words(str(zones["name"].get(row["zone_id"], row["zone_id"]))),
            _count(row["persons"], lang),
        ]
        for row in _records(told[0])
    ]
    if complete is not None:
        heads += [("households", True), ("complete", False), ("items_met", True), ("items_failed", True)]
        heads += [("items_unknown", True), ("which_failed", False), ("which_unknown", False)]
        for cells, row in zip(rows, _records(complete), strict=True):
            cells += [_count(row["households"], lang), words(say(str(row["part"]), lang))]
            cells += [_count(row[name], lang) for name in ("items_met", "items_failed", "items_unknown")]
            cells += [words(named("items", row[name], lang)) for name in ("failed", "unknown")]
    if lacking is not None:
        heads += [("facilities_lacking", True), ("which_lacking", False)]
        for cells, row in zip(rows, _records(lacking), strict=True):
            cells += [_count(row["gaps"], lang), words(named("categories", row["categories_missing"], lang))]
    columns = tuple(Column(say(head, lang), numbers=numbers) for head, numbers in heads)
    title = say("by_community", lang)
    return Table(title, columns, tuple(map(tuple, rows)), say("sheet_by_community", lang))


def _evidence(lines: Sequence[Row], key: str) -> gpd.GeoDataFrame | None:
    line = next((line for line in lines if line.key == key), None)
    return None if line is None or line.measure is None else line.measure.evidence


def _records(rows: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = rows.drop(columns=rows.geometry.name).to_dict("records")
    return records


def _count(value: float, lang: Lang) -> Cell:
    return Cell("—" if pd.isna(value) else number(round(value), "", lang), float(value), "count")
