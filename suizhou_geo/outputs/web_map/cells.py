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
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.outputs.web_map.geojson import EVIDENCE_ORDER, Drawing, Json, piece
from suizhou_geo.standards.symbology import FIFTHS, PARTS
from suizhou_geo.text import Lang

MOST_CELLS = 40_000
CELL_OPACITY = 0.85
COVERED = (("uncovered", "uncovered"), ("uncovered", "partly_covered"), ("covered", "covered"))  # overlay, part
_say = speaker("map")


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one measure: shapes, the class of each, persons living there (NaN: not known), a piece per class."""

    shapes: Shapes
    classes: npt.NDArray[np.uint8]
    persons: Floats
    pieces: tuple[Json, ...]


def is_cell(evidence: gpd.GeoDataFrame) -> Bools:
    """Say which rows of an evidence are cells: those with a `covered_share` or a `complied_share`."""
    return np.isfinite(_share(evidence)[1])


def cells_of(evidence: gpd.GeoDataFrame, lang: Lang) -> Cells | None:
    """Return the cells of an evidence in classes; None where there are none, or too many to draw.

    By `complied_share` the classes are fifths of what is asked for; by `covered_share` nothing, some and all.
    """
    column, share = _share(evidence)
    there = np.isfinite(share)
    if not 0 < there.sum() <= MOST_CELLS:
        return None
    share = share[there]
    if column == "complied_share":
        classes = np.clip(np.floor(share * len(FIFTHS) + 1e-9), 0, len(FIFTHS) - 1)
        ends = [limit(k / len(FIFTHS), "share", lang) for k in range(len(FIFTHS) + 1)]
        words = [_say("legend_cell", lang).format(*ends[k : k + 2]) for k in range(len(FIFTHS))]
        drawn = [("cell", word, colour) for word, colour in zip(words, FIFTHS, strict=True)]
    else:
        classes = np.select([share >= 1.0, share > 0.0], [2.0, 1.0], default=0.0)
        drawn = [(overlay, PARTS[part].name.speak(lang), PARTS[part].fill) for overlay, part in COVERED]
    pieces = []
    for k, (overlay, legend, colour) in enumerate(drawn):
        if (classes == k).any():
            style = {"color": colour, "weight": 0.6, "fillColor": colour, "fillOpacity": CELL_OPACITY}
            drawing = piece(EVIDENCE_ORDER[overlay], style, [], legend=legend)
            pieces.append({**drawing, "overlay": overlay, "digit": str(k)})
    persons = (
        evidence["persons"].to_numpy(dtype=float)[there]
        if "persons" in evidence.columns
        else np.full(there.sum(), np.nan)
    )
    return Cells(evidence.geometry.to_numpy()[there], classes.astype(np.uint8), persons, tuple(pieces))


def on_sheets(cells: Sequence[Cells | None]) -> tuple[list[Cells], list[Json]]:
    """Return one of each distinct crowd of cells (sheets), and for each measure its sheet and a digit per polygon of it.

    Where a measure has no cells its second entry is empty.
    """
    sheets: list[Cells] = []
    told: list[Json] = []
    for one in cells:
        if one is None:
            told.append({})
            continue
        number = next((k for k, sheet in enumerate(sheets) if _same(sheet, one)), len(sheets))
        if number == len(sheets):
            sheets.append(one)
        digits = (one.classes + ord("0")).astype(np.uint8)[_cell_of_part(sheets[number])].tobytes().decode("ascii")
        told.append({"sheet": number, "digits": digits})
    return sheets, told


def sheet_json(sheet: Cells, drawing: Drawing) -> Json:
    """Return a sheet: one geometry with a polygon per part of a cell, in order, as they are, and the persons of its cell.

    Persons are rounded to tenths; where nobody says how many, they are left out.
    """
    parts = shapely.multipolygons(shapely.get_parts(sheet.shapes))
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
