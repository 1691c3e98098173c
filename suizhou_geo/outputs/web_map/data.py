"""What fills the page of the web map: zones with their values and verdicts, legends, and the shapes on top of them.

Nothing is measured here: the values are those of the measures, the promises those of the scorecard.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.rows import headlines
from suizhou_geo.assessment.scorecard import zone_verdict
from suizhou_geo.assessment.wording import Lang, amount, limit, unit_name
from suizhou_geo.errors import LayerError
from suizhou_geo.model import Measure
from suizhou_geo.outputs.web_map.cells import cells_of, is_cell, on_sheets, sheet_json
from suizhou_geo.outputs.web_map.gaps import Places, gap_json, gap_places, is_gap
from suizhou_geo.outputs.web_map.geojson import (
    EVIDENCE_ORDER,
    Drawing,
    Json,
    base_pieces,
    drawing_of,
    evidence_pieces,
    surroundings,
)
from suizhou_geo.outputs.web_map.tiles import TileSource, tile_json
from suizhou_geo.outputs.web_map.words import promise, say, verdict
from suizhou_geo.standards.symbology import CLASSES, NO_DATA, PALETTE, ROLES, class_limits, class_of
from suizhou_geo.study_area import StudyArea

TOLERANCES_M = (2.0, 10.0, 50.0)
MOST_CHARACTERS = 8_000_000
SCRIPT_WORDS = (
    *("map", "zoom_in", "zoom_out", "close", "north", "layout", "legend", "legend_nan", "lower_in", "colon", "unit"),
    *("pick", "target", "whole", "zones_note", "measure", "value", "status", "rank", "home", "home_persons"),
    *(
        "zone",
        "park",
        "facility",
        "street",
        "gap_kind",
        "found",
        "not_found",
        "distance",
        "area",
        "points_set",
        "measuring",
    ),
    *("undo", "finish", "accuracy", "printed"),
)
NUMBER_WORDS = (
    ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十"),
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
)


@dataclass(frozen=True, eq=False)
class MapData:
    """What the page is filled with.

    `text` is one JSON object that is safe inside a script element (`<` is written \\u003c). `shown` are the measures with
    a layer each, `places` those of the gap layers, `overlays` the layers of the study itself, `parts` what can be shown
    of the evidence behind a measure. `bounds` is ((south, west), (north, east)) of the zones in degrees. `crowded` says
    that cells were too many to draw.
    """

    text: str
    shown: tuple[Measure, ...]
    places: tuple[Places, ...]
    overlays: tuple[str, ...]
    parts: tuple[str, ...]
    bounds: tuple[tuple[float, float], tuple[float, float]]
    tolerance_m: float
    crowded: bool


def card_rows(card: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the scorecard as rows in which every missing text is "" and every missing number NaN."""
    numbers = ("value", "target", "gap", "low", "high")
    return [
        {
            str(column): (float(cell) if not pd.isna(cell) else np.nan)
            if column in numbers
            else ("" if pd.isna(cell) else str(cell))
            for column, cell in row.items()
        }
        for row in card.to_dict("records")
    ]


def map_data(
    area: StudyArea,
    measures: Sequence[Measure],
    rows: Sequence[Mapping[str, Any]],
    *,
    tiles: TileSource | None,
    lang: Lang,
) -> MapData:
    """Return everything the page draws; the tolerance grows until the text stays below MOST_CHARACTERS.

    `rows` are those of `card_rows`; of several with one key the first counts. A measure without a number in any zone has
    no layer, but its places are shown.
    """
    headline = headlines(measures)
    for measure in headline:
        _check_crs(area, measure)
    shown = [measure for measure in headline if measure.by_zone.notna().any()]
    of_key: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        of_key.setdefault(row["key"], row)
    behind = [_evidence(measure) for measure in shown]
    places = gap_places(area, measures, lang)
    cells = [cells_of(evidence, lang) for evidence in behind]
    others = [evidence[~is_cell(evidence)] for evidence in behind]
    sheets, on_sheet = on_sheets(cells)
    for tolerance_m in TOLERANCES_M:
        drawing = drawing_of(area, tolerance_m)
        overlays = base_pieces(area, drawing, lang)
        pieces = [
            [*evidence_pieces(other, drawing, lang), *(one.pieces if one is not None else ())]
            for other, one in zip(others, cells, strict=True)
        ]
        everything = {
            "zones": _zones(area, shown, of_key, drawing, lang),
            "measures": [
                {**_legend(measure, of_key.get(measure.key), lang), "evidence": some, **sheet}
                for measure, some, sheet in zip(shown, pieces, on_sheet, strict=True)
            ],
            "sheets": [sheet_json(sheet, drawing) for sheet in sheets],
            "overlays": overlays,
            "gaps": {some.gap.key: gap_json(some, drawing, lang) for some in places},
            "palette": PALETTE,
            "no_data": NO_DATA,
            "always": surroundings(area, drawing),
            "tiles": tile_json(tiles, drawing),
            "words": {key: say(key, lang) for key in SCRIPT_WORDS},
        }
        text = json.dumps(everything, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace(
            "<", "\\u003c"
        )
        if len(text) < MOST_CHARACTERS:
            break
    west, south, east, north = shapely.total_bounds(drawing.degrees(area.zones.geometry.to_numpy())).tolist()
    had = {piece["overlay"] for some in pieces for piece in some}
    return MapData(
        text=text,
        shown=tuple(shown),
        places=tuple(places),
        overlays=tuple(overlays),
        parts=tuple(part for part in EVIDENCE_ORDER if part in had),
        bounds=((south, west), (north, east)),
        tolerance_m=tolerance_m,
        crowded=any(is_cell(evidence).any() and one is None for evidence, one in zip(behind, cells, strict=True)),
    )


def layout_name(area: StudyArea, lang: Lang) -> str:
    """Say how the zones are laid out: 空间格局：一主城+三片区, or just the layout where there are no districts."""
    roles = area.zones["role"]
    cities, districts = int((roles == "main_city").sum()), int((roles == "district").sum())
    if not (cities and districts):
        return say("layout", lang)
    if lang == "zh":
        return f"{say('layout', lang)}：{_count(cities, lang)}主城+{_count(districts, lang)}片区"
    city = "main city" if cities == 1 else "main cities"
    district = "district" if districts == 1 else "districts"
    return f"{say('layout', lang)}: {_count(cities, lang)} {city} + {_count(districts, lang)} {district}"


def _count(number: int, lang: Lang) -> str:
    words = NUMBER_WORDS[lang == "en"]
    return words[number - 1] if number <= len(words) else str(number)


def _check_crs(area: StudyArea, measure: Measure) -> None:
    evidence = measure.evidence
    if evidence is not None and not evidence.empty and evidence.crs is not None and evidence.crs != area.crs:
        raise LayerError(
            f"measure {measure.key}: its evidence is in {evidence.crs.name}, the study in {area.crs.name}; "
            "bring it into the system of the study"
        )


def _evidence(measure: Measure) -> gpd.GeoDataFrame:
    """Return the rows of a measure's evidence that no gap layer shows; none where it has none."""
    evidence = measure.evidence
    if evidence is None or evidence.empty:
        return gpd.GeoDataFrame({"part": []}, geometry=[])
    drawn = ~is_gap(measure)
    if "area_m2" in evidence.columns:  # rows of no area hold persons without mapped homes: nothing to draw
        drawn = drawn & (evidence["area_m2"].to_numpy() != 0)
    return evidence[drawn]


def _zones(
    area: StudyArea, shown: Sequence[Measure], of_key: Mapping[str, Mapping[str, Any]], drawing: Drawing, lang: Lang
) -> list[Json]:
    """Return the zones; `values` of each: (text, class, status, verdict) per measure."""
    shapes = shapely.simplify(area.zones.geometry.to_numpy(), drawing.tolerance_m)
    size_m = np.sqrt(shapely.area(shapes))
    middles = [
        shapely.get_point(shapely.maximum_inscribed_circle(shape, tolerance=size / 50), 0)
        for shape, size in zip(shapes, size_m, strict=True)
    ]
    at = shapely.get_coordinates(drawing.degrees(np.array(middles, dtype=object)))
    values = [_zone_values(area, measure, of_key.get(measure.key), lang) for measure in shown]
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


def _zone_values(
    area: StudyArea, measure: Measure, row: Mapping[str, Any] | None, lang: Lang
) -> list[tuple[str, int, str, str]]:
    by_zone = measure.by_zone.reindex(area.zones.index).to_numpy(dtype=float)
    limits = class_limits(by_zone, measure.unit)
    target = row["target"] if row is not None else np.nan
    result: list[tuple[str, int, str, str]] = []
    for value in by_zone.tolist():
        status = "no_data" if np.isnan(value) else zone_verdict(value, row) if row is not None else ""
        text = amount(value, measure.unit, lang, beside=target)
        result.append((text, class_of(value, limits), status, verdict(status, lang)))
    return result


def _legend(measure: Measure, row: Mapping[str, Any] | None, lang: Lang) -> Json:
    values = measure.by_zone.to_numpy(dtype=float)
    limits = class_limits(values, measure.unit)
    promised = row is not None and bool(row["status"])
    target = row["target"] if row is not None else np.nan
    whole = amount(measure.value, measure.unit, lang, beside=target)
    return {
        "key": measure.key,
        "name": measure.name_zh if lang == "zh" else measure.name_en,
        "target": promise(row["op"], target, measure.unit, lang)
        if row is not None and promised
        else say("no_target", lang),
        "whole": f"{whole} {verdict(row['status'], lang)}".rstrip() if row is not None else whole,
        "unit": unit_name(measure.unit, lang),
        "classes": _class_rows(limits, target if promised else np.nan, measure.unit, lang),
        "gaps": bool(np.isnan(values).any()),
        "promised": promised,
        "part": "." in measure.key,
    }


def _class_rows(limits: Sequence[float], target: float, unit: str, lang: Lang) -> list[list[str]]:
    """Return the classes as (colour, limits, note); where the target is a limit, a row without colour stands there."""
    rows = []
    for k, low in enumerate(limits):
        if target == low:
            rows.append(["", f"{say('target', lang)} {limit(target, unit, lang)}", ""])
        if k < CLASSES:
            note = f"◀ {say('target', lang)}" if low < target < limits[k + 1] else ""
            rows.append([PALETTE[k], f"{limit(low, unit, lang)} – {limit(limits[k + 1], unit, lang)}", note])
    return rows
