"""The results as layers: the zones with every number, and the evidence of each chapter, with their fields and styles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import Row, headlines
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.model import Measure, Text
from suizhou_geo.outputs.gis.fields import PER_THOUSAND, Field, cell_column, fields_of
from suizhou_geo.outputs.gis.styles import Style, area_styles, cell_styles, evidence_styles, zone_styles
from suizhou_geo.standards.catalogue import KINDS, SUFFIXES, Chapter, Kind
from suizhou_geo.standards.catalogue import layers as known_layers
from suizhou_geo.study_area import StudyArea

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
_DIMENSION: dict[Kind, int] = {"area": 2, "line": 1, "point": 0}
_KIND_NAMES: dict[Kind, Text] = {
    "area": Text("（面）", " (areas)"),
    "line": Text("（线）", " (lines)"),
    "point": Text("（点）", " (points)"),
}


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


def gis_layers(result: Assessed) -> tuple[GisLayer, ...]:
    """Return the layers of a run: `zones` with every headline measure and its verdict, then the evidence by chapter.

    The verdict is that on the whole, the same in every zone. Evidence of several kinds of geometry becomes one table per
    kind: the highest keeps the name, the others end in _lines or _points.
    """
    area, shown = result.area, result.measures
    promised = [row.key for row in result.rows if row.status]
    zones = _zones(area, result.measured)
    kind, data = next(iter(_by_kind(zones, "area").items()))
    styles = zone_styles(zones, shown, promised)
    fields = fields_of("zones", _columns(data), shown)
    layers = [GisLayer("zones", known_layers()["zones"].name, None, kind, data, fields, styles, area.invented)]
    every = result.every_measure
    for chapter, evidence in evidence_layers(every).items():
        if area.invented:
            evidence = evidence.assign(invented=True)
        layers += _tables(chapter, evidence, every, invented=area.invented)
    return tuple(layers)


def _zones(area: StudyArea, rows: Sequence[Row]) -> gpd.GeoDataFrame:
    columns = {row.key.replace(".", "_"): row.measure.by_zone for row in rows if row.measure is not None}
    verdicts = {f"{row.key.replace('.', '_')}_status": row.status for row in rows if row.status}
    label = {"invented": "虚构数据 invented data"} if area.invented else {}
    beside = pd.DataFrame({**columns, **verdicts, **label}, index=area.zones.index)
    return gpd.GeoDataFrame(pd.concat([area.zones, beside], axis=1), crs=area.crs).reset_index(names="zone_id")


def _tables(
    chapter: str, evidence: gpd.GeoDataFrame, measures: Sequence[Measure], *, invented: bool
) -> Iterator[GisLayer]:
    known = known_layers()[chapter]
    named = evidence.index.name is not None
    tables = _by_kind(evidence.reset_index(drop=not named), known.kind)
    for k, (kind, data) in enumerate(tables.items()):
        if len(tables) > 1:
            data = data.dropna(axis="columns", how="all").reset_index(drop=True)
        several = _KIND_NAMES[kind] if len(tables) > 1 else Text("", "")
        yield GisLayer(
            table=chapter + (SUFFIXES[kind] if k else ""),
            name=Text(known.name.zh + several.zh, known.name.en + several.en),
            chapter=known.chapter,
            kind=kind,
            data=data,
            fields=fields_of(chapter, _columns(data), measures),
            styles=_styles(chapter, data, measures),
            invented=invented,
        )


def _styles(chapter: str, data: gpd.GeoDataFrame, measures: Sequence[Measure]) -> tuple[Style, ...]:
    if chapter == "service_areas":
        there = set(data["key"])
        services = [m for m in headlines(measures) if m.key.startswith(f"{_SERVICES}.")]
        return area_styles({m.key: Text(m.name_zh, m.name_en) for m in services if m.key in there})
    if chapter in _ON_CELLS:
        shown = [m for m in headlines(measures) if m.key.startswith(f"{chapter}.") and m.evidence is not None]
        columns = {cell_column(m): Text(m.name_zh, m.name_en) for m in shown}
        return cell_styles(data, columns)
    names = {m.key: Text(m.name_zh, m.name_en) for m in measures}
    return evidence_styles(data, names, together=chapter in _TOGETHER)


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

    One layer per chapter (the key before its dot) with `key` and `profile`; but measures on the same cells of residential
    land share them: one row per cell, and per measure the share of it that is covered, or what places there are.
    `service_areas` holds one row per service.
    """
    chapters: dict[str, list[gpd.GeoDataFrame]] = {}
    columns: dict[str, dict[str, npt.NDArray[Any]]] = {}  # by chapter and column, for the cells
    for whole, measure, evidence_ in _distinct(measures):
        chapter = whole.partition(".")[0]
        evidence = evidence_.assign(key=measure.key, profile=measure.profile)
        if chapter not in _ON_CELLS:
            chapters.setdefault(chapter, []).append(evidence)
            continue
        area = evidence["part"].eq("service_area")
        if area.any():
            chapters.setdefault("service_areas", []).append(evidence.loc[area, ["key", "profile", "geometry"]])
        cells = evidence[~area].reset_index(drop=True)
        told = columns.setdefault(chapter, {})
        for name, ending in _ON_CELLS[chapter].items():
            told[cell_column(measure) + ending] = cells[name].to_numpy()
        bare = cells.drop(columns=[*{"part", *_ON_CELLS[chapter]}, "key", "profile"])
        chapters.setdefault(chapter, [bare])
    for chapter, told in columns.items():
        chapters[chapter] = [pd.concat([chapters[chapter][0], pd.DataFrame(told)], axis=1)]
    return {c: pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0] for c, parts in chapters.items()}


def _distinct(measures: Sequence[Measure]) -> Iterator[tuple[str, Measure, gpd.GeoDataFrame]]:
    """The measures whose evidence differs, with it: not those that only count persons instead of land on the same map."""
    seen: set[tuple[Any, ...]] = set()
    for measure in measures:
        # the classes of road_density are parts of the whole; both directions of the grid lie on one map
        key = next((whole for whole in ("road_density", "arterial_grid") if measure.key.startswith(whole)), measure.key)
        reach = measure.params.get("reach")
        # along the streets a map of cells is large: it is written for the definition asked for
        size = None if reach == "street" else measure.params.get("size_profile")
        mark = (key, size, reach, measure.params.get("mode"))
        if measure.evidence is not None and mark not in seen:
            seen.add(mark)
            yield key, measure, measure.evidence
