"""Where it is missing: the ranked places behind a row."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.tables import gap_table
from suizhou_geo.errors import InputError
from suizhou_geo.model import Text
from suizhou_geo.study_area import StudyArea


@dataclass(frozen=True, eq=False)
class GapList:
    """Places where something is missing, the most pressing first."""

    key: str
    name: Text
    table: pd.DataFrame
    geometry: gpd.GeoSeries


def gap_list(area: StudyArea, row: Row) -> GapList:
    """Return the places behind a row. Raises: InputError where there are none."""
    if row.measure is None or row.measure.evidence is None:
        raise InputError(f"{row.key} has no list of places")
    return GapList(row.key, row.name, gap_table(area, row.measure, most=1000), row.measure.evidence.geometry)
