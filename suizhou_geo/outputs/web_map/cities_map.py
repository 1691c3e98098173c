"""Many cities as one map: their outlines coloured by one number of each, a layer for each number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.snapshot import Snapshot
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import NOTHING, Lang, Text
from suizhou_geo.geometry.shapes import layer_of
from suizhou_geo.model import Measure, Study
from suizhou_geo.outputs.web_map.folium_map import CityMap, city_map
from suizhou_geo.study_area import StudyArea

CHINA = "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +datum=WGS84 +units=m"  # the equal-area map of the whole country
_say = speaker("batch")


def cities_map(runs: Mapping[str, Snapshot], values: pd.DataFrame, *, title: Text, lang: Lang = "zh") -> CityMap:
    """Return a folium map of cities: `runs` by city, and every number of them (`values`, see `batch.Batch.values`).

    A measure is drawn of the cities that were measured alike, the others have no colour; what stands for all of them is
    their median. Ground of two cities is drawn as that of the first.
    """
    shapes = _apart({city: taken.zones.to_crs(CHINA).union_all() for city, taken in runs.items()})
    names = [
        (runs[city].label if runs[city].invented else NOTHING).speak(lang) + runs[city].study.speak(lang)
        for city in shapes
    ]
    cities = layer_of(
        np.array([*shapes.values()]), CHINA, {"name": names, "role": "main_city"}, index=pd.Index([*shapes])
    )
    area = StudyArea(title.speak(lang), cities.rename_axis("zone_id"))
    measures = [_measure(rows, area) for _, rows in values.groupby("key", sort=False)]
    study = Study(title.zh, title.en, area, None, params={}, baselines={}, inputs=(), findings=())
    words = {key: _say("medians", lang) for key in ("without", "value", "whole")}
    opened = measures[0].key if measures else ""
    return city_map(assessed(study, measures), lang=lang, title=title.speak(lang), opened=opened, words=words)


def _apart(shapes: Mapping[str, shapely.Geometry]) -> Mapping[str, shapely.Geometry]:
    """The shapes without what lies in an earlier one; those of which nothing is left are left out."""
    taken, free = shapely.MultiPolygon(), {}
    for city, shape in shapes.items():
        own = shape.difference(taken)
        if own.area > 0:
            free[city] = shapely.MultiPolygon([part for part in shapely.get_parts(own) if part.geom_type == "Polygon"])
        taken = shapely.union(taken, shape)
    return free


def _measure(rows: pd.DataFrame, area: StudyArea) -> Measure:
    first = rows.loc[rows["alike"].idxmax()]
    numbers = rows[rows["alike"]].set_index("city")["value"].reindex(area.zones.index).astype(float)
    median = float(np.nanmedian(numbers)) if numbers.notna().any() else np.nan
    return Measure(
        key=first["key"],
        name_zh=first["measure_zh"],
        name_en=first["measure_en"],
        value=median,
        unit=first["unit"],
        by_zone=numbers,
        denominator=pd.Series(np.nan, index=numbers.index),
        shortfall_unit=first["unit"],
        profile=first["profile"],
        basis=NOTHING,
        params={},
        low=median,
        high=median,
    )
