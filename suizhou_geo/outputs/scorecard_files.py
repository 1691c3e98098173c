"""The scorecard as CSV and JSON, and JSON that any reader takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import Row, gap_to
from suizhou_geo.assessment.scorecard import table_of, told_shortfall
from suizhou_geo.assessment.snapshot import row_record, study_record
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.folder import GUESSES
from suizhou_geo.sources.workbooks import shown_as_text
from suizhou_geo.standards import table


def write_scorecard(result: Assessed, folder: Path, *, lang: Lang = "zh") -> None:
    """Write scorecard.csv (UTF-8 with BOM, so that Excel shows Chinese) and scorecard.json.

    The JSON is `scorecard_content`.
    """
    shown_as_text(table_of(result.rows, lang)).to_csv(folder / "scorecard.csv", index=False, encoding="utf-8-sig")
    write_json(scorecard_content(result, lang=lang), folder / "scorecard.json")


def scorecard_content(result: Assessed, *, lang: Lang = "zh") -> dict[str, Any]:
    """Return what scorecard.json holds: all that another run can be held against (`snapshot` reads it back).

    The columns of scorecard.csv and, per row, `shortfall` with its unit, `by_zone`, `params` and `breakdown`; before the
    rows what was found odd about the inputs, the plan, the inputs and the outlines of the zones.
    """
    card = table_of(result.rows, lang)
    rows = [row for headline in result.rows for row in headline.definitions]
    records = zip(card.to_dict("records"), rows, strict=True)
    return {
        "study": result.area.name,
        "invented": result.area.invented,
        **study_record(result),
        "findings": [finding.speak(lang) for finding in result.findings],
        "rows": [record | row_record(row) | _behind(row, result.area.zones) for record, row in records],
    }


def write_guesses(result: Assessed, folder: Path, *, lang: Lang = "zh") -> None:
    """Write facilities_guessed.csv, if anything was guessed: to be corrected in the column `category` and given back.

    `osm.corrections` of the study file takes it.
    """
    names = {**table("life_circles")["categories"], **table("emergency")["categories"]}
    rows = [
        (
            guess.source_id,
            guess.name,
            "; ".join(names[category][f"name_{lang}"] for category in guess.categories),
            guess.why.speak(lang),
        )
        for guess in result.study.guesses
    ]
    if rows:
        listed = pd.DataFrame(rows, columns=["source_id", "name", "category", "why"])
        shown_as_text(listed).to_csv(folder / GUESSES, index=False, encoding="utf-8-sig")


def _behind(row: Row, zones: gpd.GeoDataFrame) -> dict[str, Any]:
    measure = row.measure
    if measure is None:
        return {}
    asked = np.nan if row.status == "cannot_tell" else row.asked
    gaps = {zone: gap_to(row.op, value, asked) for zone, value in measure.by_zone.items()}
    return {
        "shortfall": told_shortfall(row),
        "shortfall_unit": row.shortfall_unit,
        "by_zone": {
            str(zone): {
                "name": zones["name"].loc[zone],
                "value": value,
                "gap": gaps[zone],
                "shortfall": gaps[zone] * measure.denominator.loc[zone],
                "denominator": measure.denominator.loc[zone],
                "thin": None if (thin := row.zone_thin(str(zone))) is None else thin.zh,
            }
            for zone, value in measure.by_zone.items()
        },
        "params": dict(measure.params),
        "breakdown": None if measure.breakdown is None else measure.breakdown.to_dict("index"),
    }


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write JSON that any reader takes: NaN becomes null, infinity the text "inf"."""
    path.write_text(json.dumps(_plain(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else ("inf" if value > 0 else "-inf")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
