"""Residential land cell by cell: the cells are written once, and each measure only says which class each cell is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from suizhou_geo.assessment.wording import limit
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.outputs.web_map.geojson import EVIDENCE_ORDER, Drawing, Json, piece
from suizhou_geo.standards.symbology import FIFTHS, PARTS

MOST_CELLS = 40_000
CELL_OPACITY = 0.85
COVERED = ("uncovered", "partly_covered", "covered")  # the parts that cells with a `covered_share` are of
PLACES = ("places_none", "places_short", "places_enough")
_say = speaker("map")


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one measure: shapes, the class of each, persons living there (NaN: not known), a piece per class."""

    shapes: Shapes
    classes: npt.NDArray[np.uint8]
    persons: Floats
    pieces: tuple[Json, ...]


def is_cell(evidence: gpd.GeoDataFrame) -> Bools:
    """Say which rows of an evidence are cells: those with a `covered_share` or a `complied_share`, or told by places."""
    shared = np.isfinite(_share(evidence)[1])
    return shared | evidence["part"].isin(PLACES).to_numpy() if "part" in evidence.columns else shared


def cells_of(evidence: gpd.GeoDataFrame, there: Bools, lang: Lang) -> Cells | None:
    """Return the cells of an evidence, the rows where they are `there`, in classes; None where there are none, or too many.

    By `complied_share` the classes are fifths of what is asked for; by `covered_share` nothing, some and all; by places
    none, too few and enough.
    """
    if not 0 < there.sum() <= MOST_CELLS:
        return None
    cells = evidence if there.all() else evidence[there]
    classes, drawn = _classes(cells, lang)
    pieces = []
    for k, (overlay, legend, colour) in enumerate(drawn):
        if (classes == k).any():
            style = {"color": colour, "weight": 0.6, "fillColor": colour, "fillOpacity": CELL_OPACITY}
            drawing = piece(EVIDENCE_ORDER[overlay], style, [], legend=legend)
            pieces.append({**drawing, "overlay": overlay, "digit": str(k)})
    nobody_says = np.full(len(cells), np.nan)
    persons = cells["persons"].to_numpy(dtype=float) if "persons" in cells.columns else nobody_says
    return Cells(cells.geometry.to_numpy(), classes.astype(np.uint8), persons, tuple(pieces))


def _classes(cells: gpd.GeoDataFrame, lang: Lang) -> tuple[Ints, list[tuple[str, str, str]]]:
    """Return the class of each cell, and of each class its overlay, its words and its colour."""
    column, share = _share(cells)
    if column == "complied_share":
        fifth = np.clip(np.floor(share * len(FIFTHS) + 1e-9), 0, len(FIFTHS) - 1)
        ends = [limit(k / len(FIFTHS), "share", lang) for k in range(len(FIFTHS) + 1)]
        words = [_say("legend_cell", lang).format(*ends[k : k + 2]) for k in range(len(FIFTHS))]
        return fifth.astype(int), [("cell", word, colour) for word, colour in zip(words, FIFTHS, strict=True)]
    parts = COVERED if column else PLACES
    if column:
        classes = np.select([share >= 1.0, share > 0.0], [2, 1], default=0)
    else:
        classes = cells["part"].map({part: k for k, part in enumerate(parts)}).to_numpy(dtype=int)
    return classes, [(part, PARTS[part].name.speak(lang), PARTS[part].fill) for part in parts]


def on_sheets(cells: Sequence[Cells | None]) -> tuple[list[Cells], list[Json]]:
    """Return one of each distinct crowd of cells (sheets), and for each measure its sheet and a digit per polygon of it.

    Where a measure has no cells its second entry is empty.
    """
    sheets: list[Cells] = []
    cell_of_part: list[Ints] = []
    told: list[Json] = []
    for one in cells:
        if one is None:
            told.append({})
            continue
        number = next((k for k, sheet in enumerate(sheets) if _same(sheet, one)), len(sheets))
        if number == len(sheets):
            sheets.append(one)
            cell_of_part.append(_cell_of_part(one))
        digits = (one.classes + ord("0")).astype(np.uint8)[cell_of_part[number]].tobytes().decode("ascii")
        told.append({"sheet": number, "digits": digits})
    return sheets, told


def sheet_json(sheet: Cells, drawing: Drawing, *, tolerance_m: float) -> Json:
    """Return a sheet: one geometry with a polygon per part of a cell, in order, and the persons of its cell.

    Persons are rounded to tenths; where nobody says how many, they are left out.
    """
    parts = shapely.multipolygons(shapely.simplify(shapely.get_parts(sheet.shapes), tolerance_m))
    persons = sheet.persons[_cell_of_part(sheet)]
    known = [] if np.isnan(persons).any() else persons.round(1).tolist()
    return {"g": drawing.single(np.array([parts], dtype=object))[0], "persons": known}


def _cell_of_part(sheet: Cells) -> Ints:
    return np.asarray(shapely.get_parts(sheet.shapes, return_index=True)[1])


def _same(left: Cells, right: Cells) -> bool:
    return (
        len(left.shapes) == len(right.shapes)
        and bool(shapely.equals_identical(left.shapes, right.shapes).all())
        and bool(np.array_equal(left.persons, right.persons, equal_nan=True))
    )


def _share(evidence: gpd.GeoDataFrame) -> tuple[str, Floats]:
    for column in ("complied_share", "covered_share"):
        if column in evidence.columns:
            return column, evidence[column].to_numpy(dtype=float)
    return "", np.full(len(evidence), np.nan)
