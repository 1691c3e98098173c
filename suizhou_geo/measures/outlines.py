"""Densities over other outlines than the zones' (城区范围, 建成区, 城镇开发边界), shown beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.errors.text import Text
from suizhou_geo.measures.completeness import sentence
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area

_OUTSIDE_SHARE = 0.01


def over_outlines(
    area: StudyArea, density: Callable[[StudyArea], Measure]
) -> tuple[dict[str, dict[str, Any]], tuple[Text, ...]]:
    """Measure a density over each outline of the layer `outlines`: per name its kind, km² and value, and a sentence.

    Each is measured as if it were the zones. One that reaches beyond the zones by more than 1 % of it has no value, since
    nothing is known of the ground there.
    """
    found, said = {}, []
    for name, kind, inside in _areas(area):
        words = Text(*table("words")["profile"][kind])
        if inside is None:
            found[name] = {"kind": kind, "area_km2": np.nan, "value": np.nan}
            said.append(Text(f"{name}（{words.zh}）超出分区，未测", f"{name} ({words.en}) reaches beyond the zones"))
            continue
        measure, km2 = density(inside), float(inside.zones.area.sum()) / 1e6
        found[name] = {"kind": kind, "area_km2": km2, "value": measure.value}
        shown = f"{measure.value:,.2f}" if measure.value < 100 else f"{measure.value:,.0f}"
        unit = Text(*table("words")["unit"][measure.unit])
        said.append(
            Text(
                f"{name}（{words.zh}，{km2:,.2f} km²）{shown} {unit.zh}",
                f"{name} ({words.en}, {km2:,.2f} km²) {shown} {unit.en}",
            )
        )
    return found, (sentence("over_outlines", outlines=said),) if said else ()


@per_area
def _areas(area: StudyArea) -> tuple[tuple[str, str, StudyArea | None], ...]:
    """Each outline by name and kind, and the study area whose zone it is; none where it reaches beyond the zones."""
    if area.outlines is None or area.outlines.empty:
        return ()
    ground = shapely.union_all(area.zones.geometry.to_numpy())
    result = []
    for (name, kind), parts in area.outlines.groupby(["name", "kind"], sort=False):
        shape = shapely.union_all(parts.geometry.to_numpy())
        zone = gpd.GeoDataFrame({"name": [name], "role": ["main_city"]}, geometry=[shape], crs=area.crs, index=["1"])
        beyond = shapely.difference(shape, ground).area > _OUTSIDE_SHARE * shape.area
        inside = None if beyond else area.replace(zones=zone.rename_axis("zone_id"), boundary=kind, outlines=None)
        result.append((str(name), str(kind), inside))
    return tuple(result)
