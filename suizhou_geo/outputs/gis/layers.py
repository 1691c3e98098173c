"""The results as layers: the zones with every number, and the evidence of each chapter, with their fields and styles."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import headlines
from suizhou_geo.assessment.words import words
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.model import Measure
from suizhou_geo.outputs.gis.fields import PER_THOUSAND, Field, cell_column, column_of, fields_of
from suizhou_geo.outputs.gis.styles import Style, area_styles, cell_styles, evidence_styles, zone_styles
from suizhou_geo.standards.catalogue import KINDS, SUFFIXES, Chapter, Kind, entry_for
from suizhou_geo.standards.catalogue import layers as known_layers
from suizhou_geo.text import Lang, Text

_SAID = words("gis")
_DIMENSION: Mapping[Kind, int] = {"area": 2, "line": 1, "point": 0}
_MANY = {"area": shapely.multipolygons, "line": shapely.multilinestrings, "point": shapely.multipoints}
_NONE = {"area": shapely.MultiPolygon(), "line": shapely.MultiLineString(), "point": shapely.MultiPoint()}
_SERVICES = "service_coverage"
# measures whose evidence lies on the same cells of residential land: one row per cell, per measure a column of each of
# these, named after it with this ending
_ON_CELLS = {
    _SERVICES: {"covered_share": ""},
    "walk_time_coverage": {"covered_share": ""},
    "emergency_reach": {"covered_share": ""},
    "places_short": {"part": "", "places_per_thousand": PER_THOUSAND},
}
_TOGETHER = ("block_size",)  # no block is of two uses
_ON_ONE_MAP = ("road_density", "arterial_grid")


@dataclass(frozen=True, eq=False)
class GisLayer:
    """One table for desktop GIS: geometry of one kind, every field with its name, the first style its default."""

    table: str
    name: Text
    chapter: Chapter | None  # None: the zones, which belong to all of them
    kind: Kind
    data: gpd.GeoDataFrame
    fields: tuple[Field, ...]
    styles: tuple[Style, ...]
    invented: bool = False

    def title(self, lang: Lang) -> str:
        """Return its name, with the warning that its data are invented where they are."""
        return (_SAID["invented"].speak(lang) if self.invented else "") + self.name.speak(lang)


def write_rows(rows: gpd.GeoDataFrame, path: Path, *, empty_as: str, **options: Any) -> None:
    """Write rows by a GDAL driver, as a type of geometry where there are none, without warnings of what is meant so."""
    kind = {"geometry_type": empty_as} if rows.empty else {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*(measured 3D|Normalized/laundered|not successfully written).*")
        rows.to_file(path, engine="pyogrio", **kind, **options)


def gis_layers(result: Assessed) -> tuple[GisLayer, ...]:
    """Return the layers of a run: `zones` with every headline measure and its verdict, then the evidence by chapter.

    The verdict is that on the whole, the same in every zone; a value that stands on too little is left out. Evidence of
    several kinds of geometry becomes one table per kind: the highest keeps the name, the others end in _lines or _points.
    """
    invented = result.area.invented
    layers = [_zones(result)]
    for table, evidence in evidence_layers(result.every_measure).items():
        data = evidence.assign(invented=True) if invented else evidence
        layers += _tables(table, data, result.every_measure, invented=invented)
    return tuple(layers)


def _zones(result: Assessed) -> GisLayer:
    area = result.area
    values = {column_of(row.key): row.zone_values(area.zones) for row in result.measured}
    verdicts = {f"{column_of(row.key)}_status": row.status for row in result.measured if row.status}
    label = {"invented": "虚构数据 invented data"} if area.invented else {}
    beside = pd.DataFrame(values | verdicts | label, index=area.zones.index)
    zones = gpd.GeoDataFrame(pd.concat([area.zones, beside], axis=1), crs=area.crs).reset_index(names="zone_id")
    kind, data = next(iter(_by_kind(zones, "area").items()))
    fields, styles = fields_of("zones", _columns(data), result.measures), zone_styles(data, result.rows)
    return GisLayer("zones", known_layers()["zones"].name, None, kind, data, fields, styles, area.invented)


def _tables(
    family: str, evidence: gpd.GeoDataFrame, measures: Sequence[Measure], *, invented: bool
) -> Iterator[GisLayer]:
    known = known_layers()[family]
    tables = _by_kind(evidence.reset_index(drop=evidence.index.name is None), known.kind)
    for k, (kind, data) in enumerate(tables.items()):
        name = known.name
        if len(tables) > 1:
            data = data.dropna(axis="columns", how="all").reset_index(drop=True)
            ending = _SAID[f"kind_{kind}"]
            name = Text(name.zh + ending.zh, name.en + ending.en)
        fields, styles = fields_of(family, _columns(data), measures), _styles(family, data, measures)
        table = family + (SUFFIXES[kind] if k else "")
        yield GisLayer(table, name, known.chapter, kind, data, fields, styles, invented)


def _styles(family: str, data: gpd.GeoDataFrame, measures: Sequence[Measure]) -> tuple[Style, ...]:
    if family == "service_areas":
        there = set(data["key"])
        return area_styles({m.key: m.name for m in headlines(measures) if m.key in there})
    if family in _ON_CELLS:
        shown = [m for m in headlines(measures) if m.family == family and m.evidence is not None]
        return cell_styles(data, {cell_column(m): m.name for m in shown})
    return evidence_styles(data, {m.key: m.name for m in measures}, together=family in _TOGETHER)


def _by_kind(data: gpd.GeoDataFrame, usual: Kind) -> dict[Kind, gpd.GeoDataFrame]:
    """The rows by their kind of geometry, the highest first; rows without any go with the highest, or the usual one."""
    dimension = shapely.get_dimensions(data.geometry.to_numpy())
    found = [kind for kind in KINDS if (dimension == _DIMENSION[kind]).any()] or [usual]
    result: dict[Kind, gpd.GeoDataFrame] = {}
    for k, kind in enumerate(found):
        rows = (dimension == _DIMENSION[kind]) | ((dimension < 0) & (k == 0))
        part = data[rows]
        result[kind] = part.set_geometry(_one_type(part.geometry.to_numpy(), kind), crs=data.crs)
    return result


def _one_type(shapes: Shapes, kind: Kind) -> Shapes:
    """Shapes as one type of geometry: as they are where they have one, else as multipart shapes."""
    if len(np.unique(shapely.get_type_id(shapes))) <= 1 and (shapely.get_dimensions(shapes) >= 0).all():
        return shapes
    parts, row = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # of collections of multipart shapes
    row, keep = row[inner], shapely.get_dimensions(parts) == _DIMENSION[kind]
    result = np.full(len(shapes), _NONE[kind], dtype=object)
    filled = np.unique(row[keep])
    result[filled] = _MANY[kind](parts[keep], indices=np.searchsorted(filled, row[keep]))
    return result


def _columns(data: gpd.GeoDataFrame) -> list[str]:
    return [str(column) for column in data.columns if column != data.geometry.name]


def evidence_layers(measures: Sequence[Measure]) -> dict[str, gpd.GeoDataFrame]:
    """The evidence of the measures as layers, each distinct way of reaching once.

    One layer per family of measures with `key` and `profile`; but measures on the same cells of residential land share
    them: one row per cell, and per measure the share of it that is covered, or what places there are. `service_areas`
    holds one row per service.
    """
    parts: dict[str, list[gpd.GeoDataFrame]] = {}
    for table, measure, evidence in _distinct(measures):
        told = evidence.assign(key=measure.key, profile=measure.profile)
        if table not in _ON_CELLS:
            parts.setdefault(table, []).append(told)
            continue
        is_area = told["part"].eq("service_area")
        if is_area.any():
            parts.setdefault("service_areas", []).append(told.loc[is_area, ["key", "profile", "geometry"]])
        cells = told[~is_area].reset_index(drop=True)
        columns = {cell_column(measure) + ending: cells[name] for name, ending in _ON_CELLS[table].items()}
        bare = cells.drop(columns=list({"part", *_ON_CELLS[table], "key", "profile"}))
        parts.setdefault(table, [bare]).append(pd.DataFrame(columns))
    joined: dict[bool, dict[str, Any]] = {True: {"axis": "columns"}, False: {"ignore_index": True}}
    return {
        table: frames[0] if len(frames) == 1 else pd.concat(frames, **joined[table in _ON_CELLS])
        for table, frames in parts.items()
    }


def _distinct(measures: Sequence[Measure]) -> Iterator[tuple[str, Measure, gpd.GeoDataFrame]]:
    """The measures whose evidence differs, with its table: not those that only count persons instead of land on one map."""
    seen: set[tuple[Any, ...]] = set()
    for measure in measures:
        entry = entry_for(measure.key)
        table = measure.family if entry is None or entry.layer is None else entry.layer.table
        # the classes of road_density are parts of the whole; both directions of the grid lie on one map
        subject = "" if table in _ON_ONE_MAP else measure.subject
        reach = measure.params.get("reach")
        # along the streets a map of cells is large: it is written for the definition asked for
        size = None if reach == "street" else measure.params.get("size_profile")
        mark = (table, subject, size, reach, measure.params.get("mode"))
        if measure.evidence is not None and mark not in seen:
            seen.add(mark)
            yield table, measure, measure.evidence
