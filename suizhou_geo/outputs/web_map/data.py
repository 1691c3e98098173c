"""What fills the page of the web map: zones with their values and verdicts, legends, and the shapes on top of them.

Nothing is measured here: the values are those of the measures, the promises those of the scorecard.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.gap_lists import GapList
from suizhou_geo.assessment.phrases import promise, row_verdict_text, value_text, verdict_text, zone_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import limit, unit_name
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import Lang
from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.outputs.web_map import geojson
from suizhou_geo.outputs.web_map.cells import Cells, cells_of, is_cell, on_sheets, sheet_json
from suizhou_geo.outputs.web_map.gaps import gap_json, is_gap, shown_lists
from suizhou_geo.outputs.web_map.geojson import Drawing, Json, simplified
from suizhou_geo.outputs.web_map.tiles import TileSource, tile_json
from suizhou_geo.standards.symbology import CLASSES, NO_DATA, PALETTE, PARTS, ROLES, class_limits, class_of
from suizhou_geo.study_area import StudyArea

MOST_CHARACTERS = 8_000_000
MET_SIDE = {
    "<=": "met_above",
    "<": "met_above",
    ">=": "met_below",
    ">": "met_below",
}  # of the target, small values first
CELL_TOLERANCES_M = (0.0, 5.0, 10.0)  # what is too much is taken from the cells, never from the ground
SCRIPT_WORDS = (
    *(
        "map",
        "zoom_in",
        "zoom_out",
        "close",
        "north",
        "layout",
        "legend",
        "legend_nan",
        "lower_in",
        "colon",
        "unit",
    ),
    *(
        "pick",
        "whole_only",
        "target",
        "whole",
        "zones_note",
        "measure",
        "value",
        "status",
        "rank",
        "home",
        "home_persons",
    ),
    *("zone", "park", "facility", "street", "gap_kind", "found", "found_more", "not_found"),
    *("distance", "area", "points_set", "measuring", "undo", "finish", "accuracy", "printed", "theme"),
)
_say = speaker("map")


@dataclass(frozen=True, eq=False)
class MapData:
    """What the page is filled with.

    `text` is one JSON object that is safe inside a script element (`<` is written \\u003c). `shown` are the rows with
    a layer each, `gaps` the lists behind the gap layers, `overlays` the layers of the study itself, `parts` what can be shown
    of the evidence behind a measure, `kinds` the facilities by kind. `bounds` is ((south, west), (north, east)) of the
    zones in degrees. Cells are simplified by `cell_tolerance_m`; `crowded` says that some were too many to draw.
    """

    text: str
    shown: tuple[Row, ...]
    gaps: tuple[GapList, ...]
    overlays: tuple[str, ...]
    parts: tuple[str, ...]
    kinds: tuple[str, ...]
    bounds: tuple[tuple[float, float], tuple[float, float]]
    cell_tolerance_m: float
    crowded: bool


def map_data(
    result: Assessed,
    shown: Sequence[Row],
    *,
    tiles: TileSource | None,
    lang: Lang,
    no_target: str = "",
) -> MapData:
    """Return everything the page draws; its cells become simpler, and then fewer, until the text stays below MOST_CHARACTERS.

    Of the rows those `shown` have a layer of their own; the places of all are drawn. `no_target` is what stands in the
    legend where nothing is promised, if it is not that.
    """
    area = result.area
    for row in result.rows:
        _check_crs(area, row)
    behind = [_evidence(row) for row in shown]
    gaps, drawing = shown_lists(result), geojson.drawing_of(area)
    of_cells = [is_cell(evidence) for evidence in behind]
    cells = [cells_of(evidence, there, lang) for evidence, there in zip(behind, of_cells, strict=True)]
    others = [
        geojson.evidence_pieces(evidence[~there] if there.any() else evidence, drawing, lang)
        for evidence, there in zip(behind, of_cells, strict=True)
    ]
    overlays = geojson.base_pieces(area, drawing, lang)
    ground = {
        "zones": _zones(area, shown, drawing, lang),
        "overlays": overlays,
        "gaps": {some.key: gap_json(some, drawing, lang) for some in gaps},
        "palette": PALETTE,
        "no_data": NO_DATA,
        "always": geojson.surroundings(area, drawing, lang),
        "tiles": tile_json(tiles, drawing),
        "words": {key: _say(key, lang) for key in SCRIPT_WORDS},
        "credit": _say("invented_credit" if area.invented else "credit", lang),
    }
    legends = [_legend(area, row, no_target, lang) for row in shown]
    for kept, cell_tolerance_m in _ways_to_thin(cells):
        pieces = [[*other, *(one.pieces if one is not None else ())] for other, one in zip(others, kept, strict=True)]
        text = _text(ground, legends, pieces, kept, drawing, cell_tolerance_m=cell_tolerance_m)
        if len(text) < MOST_CHARACTERS:
            break
    west, south, east, north = shapely.total_bounds(drawing.degrees(area.zones.geometry.to_numpy())).tolist()
    had = {piece["overlay"] for some in pieces for piece in some}
    return MapData(
        text=text,
        shown=tuple(shown),
        gaps=tuple(gaps),
        overlays=tuple(overlays),
        parts=tuple(part for part in (*PARTS, "cell", geojson.OTHER) if part in had),
        kinds=tuple(piece["kind"] for piece in overlays.get("facilities", ())),
        bounds=((south, west), (north, east)),
        cell_tolerance_m=cell_tolerance_m,
        crowded=any(there.any() and one is None for there, one in zip(of_cells, kept, strict=True)),
    )


def _text(
    ground: Json,
    legends: Sequence[Json],
    pieces: Sequence[Sequence[Json]],
    cells: Sequence[Cells | None],
    drawing: Drawing,
    *,
    cell_tolerance_m: float,
) -> str:
    """Return the ground and the measures with their pieces and cells as one JSON object."""
    sheets, on_sheet = on_sheets(cells)
    everything = ground | {
        "measures": [
            {**legend, "evidence": some, **sheet} for legend, some, sheet in zip(legends, pieces, on_sheet, strict=True)
        ],
        "sheets": [sheet_json(sheet, drawing, tolerance_m=cell_tolerance_m) for sheet in sheets],
    }
    text = json.dumps(everything, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _ways_to_thin(cells: Sequence[Cells | None]) -> Iterator[tuple[list[Cells | None], float]]:
    """Yield the cells to draw and by how much they are simplified, each time fewer characters; at last no cells."""
    for tolerance_m in CELL_TOLERANCES_M:
        yield list(cells), tolerance_m
    yield [None] * len(cells), 0.0


def measured_name(row: Row, lang: Lang) -> str:
    """Return what was measured, as the layers are called; a promise may call it otherwise."""
    measure = row.measure
    return (row if measure is None else measure).name.speak(lang)


def _check_crs(area: StudyArea, row: Row) -> None:
    evidence = row.evidence
    if evidence is not None and not evidence.empty and evidence.crs is not None and evidence.crs != area.crs:
        raise LayerError(
            (
                f"指标 {row.key}：依据图层的坐标系是 {evidence.crs.name}，研究的坐标系是 {area.crs.name}；"
                "请转换到研究的坐标系"
            ),
            (
                f"measure {row.key}: its evidence is in {evidence.crs.name}, the study in {area.crs.name}; "
                "bring it into the system of the study"
            ),
        )


def _evidence(row: Row) -> gpd.GeoDataFrame:
    """Return the evidence of a row that no gap layer shows; nothing where it has none."""
    evidence = row.evidence
    if evidence is None or evidence.empty:
        return gpd.GeoDataFrame({"part": []}, geometry=[])
    drawn = ~is_gap(row)
    for column in {"area_m2", "area_ha"} & set(evidence.columns):  # rows of no area hold persons without mapped homes
        drawn = drawn & (evidence[column].to_numpy() != 0)
    return evidence if drawn.all() else evidence[drawn]


def _zones(area: StudyArea, shown: Sequence[Row], drawing: Drawing, lang: Lang) -> list[Json]:
    """Return the zones; `values` of each: (text, class, status, verdict) per measure, empty where no zone has a value."""
    shapes = simplified(area.zones.geometry.to_numpy())
    size_m = np.sqrt(shapely.area(shapes))
    middles = [
        shapely.get_point(shapely.maximum_inscribed_circle(shape, tolerance=size / 50), 0)
        for shape, size in zip(shapes, size_m, strict=True)
    ]
    at = shapely.get_coordinates(drawing.degrees(np.array(middles, dtype=object)))
    values = [_zone_values(area, row, lang) for row in shown]
    texts = drawing.single(shapes)
    return [
        {
            "name": str(name),
            "role": ROLES[role].name.speak(lang),
            "colour": ROLES[role].fill,
            "kind": role,
            "at": [float(at[k, 1]), float(at[k, 0])],
            "size": float(round(size_m[k])),
            "g": texts[k],
            "values": [column[k] for column in values],
        }
        for k, (name, role) in enumerate(zip(area.zones["name"], area.zones["role"], strict=True))
    ]


def _values(area: StudyArea, row: Row) -> Floats:
    return np.asarray(row.zone_values(area.zones), dtype=float)


def _zone_values(area: StudyArea, row: Row, lang: Lang) -> list[tuple[str, int, str, str]]:
    values = _values(area, row)
    if np.isnan(values).all():
        return [("", -1, "", "")] * len(values)
    limits = class_limits(values, row.unit)
    result: list[tuple[str, int, str, str]] = []
    for value, zone in zip(values.tolist(), row.by_zone(area.zones), strict=True):
        status = row.zone_status(zone.value, zone_id=zone.zone_id)
        text = zone_text(row, zone, lang)
        result.append((text, class_of(value, limits), status, verdict_text(status, lang)))
    return result


def _legend(area: StudyArea, row: Row, no_target: str, lang: Lang) -> Json:
    values = _values(area, row)
    whole = f"{value_text(row, lang)} {row_verdict_text(row, lang)}".rstrip()
    asked = promise(row.op, row.asked, row.told_unit, lang) if row.status else ""
    target = asked or no_target or _say("no_target", lang)
    return {
        "key": row.key,
        "name": measured_name(row, lang),
        "target": target,
        "zone_target": "" if row.status and not row.is_held_by_zone else target,
        "whole": whole,
        "unit": unit_name(row.told_unit, lang),
        "classes": _class_rows(values, row, lang),
        "gaps": bool(np.isnan(values).any() and not np.isnan(values).all()),
        "promised": bool(row.status),
        "part": bool(row.subject),
    }


def _class_rows(values: Floats, row: Row, lang: Lang) -> list[list[str]]:
    """Return the classes as (colour, limits, note); where the target is a limit, a row without colour stands there.

    It says on which side the target is met: a dark zone has a large value, which is good of some measures and bad of others.

    Without a value in any zone there are no classes.
    """
    if np.isnan(values).all():
        return []
    rows, target, unit, limits = [], row.asked, row.unit, class_limits(values, row.unit)
    side = _say(MET_SIDE[row.op], lang) if row.op in MET_SIDE else ""
    for k, low in enumerate(limits):
        if target == low:
            rows.append(["", f"{_say('target', lang)} {limit(target, unit, lang)} {side}".rstrip(), ""])
        if k < CLASSES:
            note = f"◀ {_say('target', lang)} {side}".rstrip() if low < target < limits[k + 1] else ""
            rows.append([PALETTE[k], f"{limit(low, unit, lang)} – {limit(limits[k + 1], unit, lang)}", note])
    return rows
