"""Rows as one table: what scorecard.csv holds."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from suizhou_geo.assessment.rows import Row
from suizhou_geo.text import Lang

COLUMNS = (
    *("key", "name_zh", "name_en", "value", "unit", "op", "target", "gap", "status", "low", "high"),
    *("profile", "basis", "needs"),
)


def table_of(rows: Iterable[Row], lang: Lang) -> pd.DataFrame:
    """Return rows as a table, under each its other definitions.

    Columns: `key` ("key@profile" for another definition); `name_zh`, `name_en`; `value`, `low`, `high` in `unit`, shares
    0-1; `op` and `target` as the plan asks; `gap`, what is missing to the target in `unit` (negative: the margin);
    `status`; `profile`; `basis`, the document, clause and quoted words of the promise and the standard of the measure;
    `needs`, in `lang`, what a reader must know and what is missing.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.rows import rows_of
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> card = table_of(rows_of([sg.population_density(study.area)], study.plan), "en")
    >>> card.set_index("key").loc["population_density", "status"]
    'met'
    """
    records = [
        {
            "key": row.scorecard_key,
            "name_zh": row.name.zh,
            "name_en": row.name.en,
            "value": row.value,
            "unit": row.unit,
            "op": row.op,
            "target": row.asked,
            "gap": row.gap,
            "status": row.status,
            "low": row.low,
            "high": row.high,
            "profile": row.profile,
            "basis": row.basis.speak(lang),
            "needs": row.needs_text(lang),
        }
        for headline in rows
        for row in headline.definitions
    ]
    return pd.DataFrame(records, columns=list(COLUMNS))
