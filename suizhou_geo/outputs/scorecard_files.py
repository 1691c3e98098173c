"""The scorecard as CSV and JSON, and JSON that any reader takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.assessment.rows import row_key
from suizhou_geo.assessment.scorecard import gap_to, shortfall
from suizhou_geo.model import Measure
from suizhou_geo.study_area import StudyArea


def write_scorecard(
    card: pd.DataFrame, measures: Sequence[Measure], area: StudyArea, folder: Path, *, findings: Sequence[str] = ()
) -> None:
    """Write scorecard.csv (UTF-8 with BOM, so that Excel shows Chinese) and scorecard.json.

    The JSON holds the same columns and, per row, `shortfall` with its unit, `by_zone`, `params` and `breakdown`, and
    before the rows what was found odd about the inputs.
    """
    card.to_csv(folder / "scorecard.csv", index=False, encoding="utf-8-sig")
    behind = {row_key(measure, measures): measure for measure in measures}
    rows = []
    for record in card.to_dict("records"):
        measure = behind.get(record["key"])
        if measure is not None:
            gaps = {z: gap_to(record["op"], v, record["target"]) for z, v in measure.by_zone.items()}
            record |= {
                "shortfall": shortfall(measure, record["gap"]),
                "shortfall_unit": measure.shortfall_unit,
                "by_zone": {
                    str(zone): {
                        "name": area.zones["name"].loc[zone],
                        "value": value,
                        "gap": gaps[zone],
                        "shortfall": gaps[zone] * measure.denominator.loc[zone],
                    }
                    for zone, value in measure.by_zone.items()
                },
                "params": dict(measure.params),
                "breakdown": None if measure.breakdown is None else measure.breakdown.to_dict("index"),
            }
        rows.append(record)
    content = {"study": area.name, "invented": area.invented, "findings": list(findings), "rows": rows}
    write_json(content, folder / "scorecard.json")


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
