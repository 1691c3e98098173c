"""The results as layers: zones with every number, the evidence of each chapter, and the ground, with fields and styles."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import headlines
from suizhou_geo.assessment.words import words
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.model import Measure
from suizhou_geo.outputs.gis.fields import (
    MISSING,
    PER_THOUSAND,
    REACHED,
    Field,
    cell_column,
    column_of,
    fields_of,
    known_fields,
)
from suizhou_geo.outputs.gis.styles import (
    Style,
    area_styles,
    cell_styles,
    community_styles,
    evidence_styles,
    ground_styles,
    zone_styles,
)
from suizhou_geo.standards.catalogue import KINDS, SUFFIXES, Chapter, Kind, chapter_of, entry_for
from suizhou_geo.standards.catalogue import layers as known_layers
from suizhou_geo.study_area import StudyArea

_SAID = words("gis")
_DIMENSION: Mapping[Kind, int] = {"area": 2, "line": 1, "point": 0}
_MANY = {"area": shapely.multipolygons, "line": shapely.multilinestrings, "point": shapely.multipoints}
_NONE = {"area": shapely.MultiPolygon(), "line": shapely.MultiLineString(), "point": shapely.MultiPoint()}
HOMES, COMMUNITIES = "homes", "community_gaps"
GROUND = ("base_roads", "base_railways", "base_water", "base_parks")  # from the top of the map to its bottom
_GROUND_MARGIN_SHARE = 0.25  # of the extent of the zones
_COVERED = {"covered_share": ""}
# measures whose evidence lies on the same shapes, the cells of residential land or the communities: one row per shape, per
# measure a column of each of these, named after it with this ending
_SHARED = {
    **dict.fromkeys(("service_coverage", "walk_time_coverage", "emergency_reach"), (HOMES, _COVERED)),
    **dict.fromkeys(("park_coverage", "greenway_coverage", "charger_coverage"), (HOMES, _COVERED)),
    "life_circle_compliance": (HOMES, {"complied_share": "", "categories_reached": REACHED}),
    "places_short": (HOMES, {"part": "", "places_per_thousand": PER_THOUSAND}),
    COMMUNITIES: (COMMUNITIES, {"part": "", "gaps": REACHED, "categories_missing": MISSING}),
}
_OWN = ("name", "zone_id", "area_ha", "homes_ha", "persons", "geometry")  # columns of the shapes themselves
_TOGETHER = ("block_size",)  # no block is of two uses
_ON_ONE_MAP = ("road_density", "arterial_grid")


@dataclass(frozen=True, eq=False)
class GisLayer:
    """One table for desktop GIS: geometry of one kind, every field with its name, the first style its default."""

    table: str
    name: Text
    chapter: Chapter | None  # None: zones and homes, which belong to several of them, and the ground
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
    """Return the layers of a run: `zones` with every headline measure and its verdict, the evidence, the ground (GROUND).

    The verdict is that on the whole, the same in every zone; a value that stands on too little is left out. Evidence of
    several kinds of geometry becomes one table per kind: the highest keeps the name, the others end in _lines or _points.
    """
    invented = result.area.invented
    layers = [_zones(result)]
    known = known_fields(result.every_measure)
    for table, rows in (evidence_layers(result.every_measure) | ground_layers(result.area)).items():
        data = rows.assign(invented=True) if invented else rows
        layers += _tables(table, data, result.every_measure, known, invented=invented)
    return tuple(layers)


def ground_layers(area: StudyArea) -> dict[str, gpd.GeoDataFrame]:
    """Return what lies on the ground round the zones: roads, railways and other lines that part the city, water, parks."""
    west, south, east, north = area.zones.total_bounds
    margin_m = _GROUND_MARGIN_SHARE * max(east - west, north - south)
    frame = (west - margin_m, south - margin_m, east + margin_m, north + margin_m)

    def near(layer: gpd.GeoDataFrame | None, *columns: str) -> gpd.GeoDataFrame:
        if layer is None:
            return gpd.GeoDataFrame({column: [] for column in columns}, geometry=[], crs=area.crs)
        return layer.cx[frame[0] : frame[2], frame[1] : frame[3]][[*columns, "geometry"]].reset_index(drop=True)

    barriers = near(area.barriers, "kind", "name")
    is_water = barriers["kind"].eq("river")
    found = {
        "base_roads": near(area.roads, "road_class", "name"),
        "base_railways": barriers[~is_water],
        "base_water": barriers[is_water],
        "base_parks": near(area.parks, "name", "open_public"),
    }
    return {table: found[table] for table in GROUND if len(found[table])}


def _zones(result: Assessed) -> GisLayer:
    area = result.area
    values = {column_of(row.key): row.zone_values(area.zones) for row in result.measured}
    verdicts = {f"{column_of(row.key)}_status": row.status for row in result.measured if row.status}
    label = {"invented": "虚构数据 invented data"} if area.invented else {}
    beside = pd.DataFrame(values | verdicts | label, index=area.zones.index)
    zones = gpd.GeoDataFrame(pd.concat([area.zones, beside], axis=1), crs=area.crs).reset_index(names="zone_id")
    kind, data = next(iter(_by_kind(zones, "area").items()))
    fields, styles = fields_of("zones", _columns(data), known_fields(result.measures)), zone_styles(data, result.rows)
    return GisLayer("zones", known_layers()["zones"].name, None, kind, data, fields, styles, area.invented)


def _tables(
    family: str,
    evidence: gpd.GeoDataFrame,
    measures: Sequence[Measure],
    fields_known: Mapping[str, Field],
    *,
    invented: bool,
) -> Iterator[GisLayer]:
    known = known_layers()[family]
    tables = _by_kind(evidence.reset_index(drop=evidence.index.name is None), known.kind)
    for k, (kind, data) in enumerate(tables.items()):
        name = known.name
        if len(tables) > 1:
            data = data.dropna(axis="columns", how="all").reset_index(drop=True)
            ending = _SAID[f"kind_{kind}"]
            name = Text(name.zh + ending.zh, name.en + ending.en)
        fields = fields_of(family, _columns(data), fields_known)
        styles = _styles(family, data, measures, fields)
        table = family + (SUFFIXES[kind] if k else "")
        yield GisLayer(table, name, known.chapter, kind, data, fields, styles, invented)


def _styles(
    table: str, data: gpd.GeoDataFrame, measures: Sequence[Measure], fields: Sequence[Field]
) -> tuple[Style, ...]:
    if table in GROUND:
        return ground_styles(table, data, known_layers()[table].name)
    if table == "service_areas":
        there = set(data["key"])
        return area_styles({m.key: m.name for m in headlines(measures) if m.key in there})
    if table in (HOMES, COMMUNITIES):
        titles = {field.name: field.title for field in fields}
        shown = {
            cell_column(m): m for m in (*headlines(measures), *measures) if _SHARED.get(m.family, ("",))[0] == table
        }
        shown = {column: m for column, m in shown.items() if column in titles}
        first = {m.family: column for column, m in reversed(shown.items())}
        opened_in = {column: chapter_of(family) for family, column in first.items()}
        columns = {column: titles[column] for column in shown}
        return cell_styles(data, columns, opened_in) if table == HOMES else community_styles(data, columns)
    return evidence_styles(data, {m.key: m.name for m in measures}, together=table in _TOGETHER)


def _by_kind(data: gpd.GeoDataFrame, usual: Kind) -> dict[Kind, gpd.GeoDataFrame]:
    """The rows by their kind of geometry, the highest first; rows without any go with the highest, or the usual one."""
    dimension = shapely.get_dimensions(data.geometry.to_numpy())
    found = [kind for kind in KINDS if (dimension == _DIMENSION[kind]).any()] or [usual]
    result: dict[Kind, gpd.GeoDataFrame] = {}
    for k, kind in enumerate(found):
        rows = (dimension == _DIMENSION[kind]) | ((dimension < 0) & (k == 0))
        part = data if rows.all() else data[rows]
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
    """Return the evidence of the measures as layers, each distinct way of reaching once.

    One layer per family of measures with `key` and `profile`; but what lies on the same cells of residential land stands in
    `homes`, one row per cell, and per measure the share of it that is covered, or what places there are; communities
    likewise. Cells that differ from the first ones stay with their family. `service_areas` holds one row per service.
    """
    long: dict[str, list[gpd.GeoDataFrame]] = {}
    wide: dict[str, list[pd.DataFrame]] = {}
    for table, measure, evidence in _distinct(measures):
        rest = evidence
        if measure.family in _SHARED:
            shared, columns = _SHARED[measure.family]
            column = next(iter(columns))
            on_shape = (
                evidence[column].notna().to_numpy() if column in evidence else np.zeros(len(evidence), dtype=bool)
            )
            if _lie_on(evidence, on_shape, wide.get(shared)):
                if shared not in wide:
                    wide[shared] = [_bare(evidence[on_shape].reset_index(drop=True))]
                wide[shared].append(_column_frame(measure, evidence, on_shape, columns))
                rest = evidence[~on_shape]
        told = rest.assign(key=measure.key, profile=measure.profile) if len(rest) or evidence.empty else rest
        if measure.family == "service_coverage" and len(told):
            is_area = told["part"].eq("service_area")
            long.setdefault("service_areas", []).append(told.loc[is_area, ["key", "profile", "geometry"]])
            told = told[~is_area]
        if len(told) or evidence.empty:
            long.setdefault(table, []).append(told)
    tables = {
        table: frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True) for table, frames in long.items()
    }
    tables = {table: rows for table, rows in tables.items() if table != "service_areas" or len(rows)}
    return tables | {table: pd.concat(frames, axis="columns").copy() for table, frames in wide.items()}  # of one block


def _lie_on(evidence: gpd.GeoDataFrame, on_shape: Bools, frames: Sequence[pd.DataFrame] | None) -> bool:
    """Say whether there are shapes in an evidence, and whether they are those of the frames, with the same persons."""
    if frames is None or not on_shape.any():
        return bool(on_shape.any())
    first = frames[0]
    if len(first) != on_shape.sum():
        return False
    known, given = first.geometry.to_numpy(), evidence.geometry.to_numpy()[on_shape]
    other = ~np.fromiter(map(is_, known, given), dtype=bool, count=len(known))
    same = shapely.equals_identical(known[other], given[other]).all()
    return bool(same) and all(
        np.array_equal(first[c], evidence[c].to_numpy()[on_shape], equal_nan=True)
        for c in ("persons",)
        if c in first and c in evidence
    )


def _bare(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the shapes with what is known of them whatever was measured."""
    if "area_m2" in shapes and "area_ha" not in shapes:
        shapes = shapes.assign(area_ha=shapes["area_m2"] / 1e4)
    return shapes[[column for column in _OWN if column in shapes]]


def _column_frame(
    measure: Measure, evidence: gpd.GeoDataFrame, on_shape: Bools, columns: Mapping[str, str]
) -> pd.DataFrame:
    """Return what a measure says of each shape; of a community that lacks one kind of service that alone."""
    alone = measure.family == COMMUNITIES and measure.subject
    told = {"part": ""} if alone else columns
    column = cell_column(measure)
    return pd.DataFrame({column + ending: evidence[name].array[on_shape] for name, ending in told.items()})


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
