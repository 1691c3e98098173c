"""Rows as one table: what scorecard.csv holds."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import profile_words, said, status_words
from suizhou_geo.errors.text import Lang

COLUMNS = (
    *("key", "name_zh", "name_en", "value", "unit", "op", "target", "gap", "status", "low", "high"),
    *("profile", "basis", "needs"),
    *("kind", "kind_words", "base_key", "chapter", "chapter_words", "status_words", "profile_words", "responsible"),
)


def told_shortfall(row: Row) -> float:
    """The shortfall of a row as the scorecard has it: like the gap none (NaN) where the verdict is open."""
    return np.nan if row.status == "cannot_tell" else row.shortfall


def table_of(rows: Iterable[Row], lang: Lang) -> pd.DataFrame:
    """Return rows as a table, under each its other definitions.

    Columns: `key` ("key@profile" for another definition); `name_zh`, `name_en`; `value`, `low`, `high` in `unit`, shares
    0-1, without a value that stands on too little to be told; `op` and `target` as the plan asks; `gap`, what is missing
    to the target in `unit` (negative: the margin), empty where the verdict is open; `status`; `profile`; `basis`, the
    document, clause and quoted words of the promise and the standard of the measure; `needs`, in `lang`, what a reader
    must know and what is missing; `kind`: "promise", "other_definition" (of the row `base_key`) or "measure" (without a
    promise); `chapter`, the key of the chapter of the plan; `responsible`, who answers for the promise. `..._words` say a
    column in `lang`.

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
            "value": row.value if row.thin is None else np.nan,
            "unit": row.unit,
            "op": row.op,
            "target": row.asked,
            "gap": np.nan if row.status == "cannot_tell" else row.gap,
            "status": row.status,
            "low": row.low,
            "high": row.high,
            "profile": row.profile,
            "basis": row.basis.speak(lang),
            "needs": row.needs_text(lang),
            "kind": row.kind,
            "kind_words": said("kind", row.kind, lang),
            "base_key": row.key,
            "chapter": row.chapter.key,
            "chapter_words": row.chapter.name.speak(lang),
            "status_words": status_words(row.status, lang) if row.status else "",
            "profile_words": profile_words(row.profile, lang),
            "responsible": "" if row.target is None else row.target.responsible,
        }
        for headline in rows
        for row in headline.definitions
    ]
    return pd.DataFrame(records, columns=list(COLUMNS))
