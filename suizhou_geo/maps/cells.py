"""Residential land cell by cell: the cells are written once, and each measure only says which class each cell is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from suizhou_geo.maps.shapes import Drawing, Json, Shapes
from suizhou_geo.maps.words import say
from suizhou_geo.wording import Lang, limit

MOST_CELLS = 40_000
FIFTHS = ("#a63603", "#e6550d", "#fd8d3c", "#fdbe85", "#feedde")  # of what is asked for, none to all
COVERED = (  # overlay, word of the legend, colour; by how much of the cell is covered: nothing, some, all
    ("uncovered", "legend_uncovered", "#e6550d"),
    ("uncovered", "legend_partly", "#fdae6b"),
    ("covered", "legend_covered", "#f7f7f7"),
)


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one measure: their shapes, the class of each, and a piece to draw per class there is."""

    shapes: Shapes
    classes: npt.NDArray[np.uint8]
    pieces: tuple[Json, ...]


def is_cell(evidence: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
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
        words = [say("legend_cell", lang).format(*ends[k : k + 2]) for k in range(len(FIFTHS))]
        drawn = [("cell", word, colour) for word, colour in zip(words, FIFTHS, strict=True)]
    else:
        classes = np.select([share >= 1.0, share > 0.0], [2.0, 1.0], default=0.0)
        drawn = [(overlay, say(word, lang), colour) for overlay, word, colour in COVERED]
    pieces = tuple(
        {
            "overlay": overlay,
            "z": 25,
            "style": {"color": colour, "weight": 0.6, "fillColor": colour, "fillOpacity": 0.85},
            "g": [],
            "digit": str(k),
            "legend": legend,
            "swatch": "fill",
        }
        for k, (overlay, legend, colour) in enumerate(drawn)
        if (classes == k).any()
    )
    return Cells(evidence.geometry.to_numpy()[there], classes.astype(np.uint8), pieces)


def on_sheets(cells: Sequence[Cells | None]) -> tuple[list[Shapes], list[Json]]:
    """Return the distinct crowds of cells (sheets), and for each measure its sheet and a digit per polygon of it.

    Where a measure has no cells its second entry is empty.
    """
    sheets: list[Shapes] = []
    row_of_part: list[npt.NDArray[np.intp]] = []
    told: list[Json] = []
    for one in cells:
        if one is None:
            told.append({})
            continue
        number = next((k for k, sheet in enumerate(sheets) if _same(sheet, one.shapes)), len(sheets))
        if number == len(sheets):
            sheets.append(one.shapes)
            row_of_part.append(shapely.get_parts(one.shapes, return_index=True)[1])
        digits = (one.classes + ord("0")).astype(np.uint8)[row_of_part[number]].tobytes().decode("ascii")
        told.append({"sheet": number, "digits": digits})
    return sheets, told


def sheet_text(sheet: Shapes, drawing: Drawing) -> str:
    """Return a sheet as one geometry: a polygon per part of a cell, in order, as they are."""
    return drawing.single(np.array([shapely.multipolygons(shapely.get_parts(sheet))], dtype=object))[0]


def _same(left: Shapes, right: Shapes) -> bool:
    return len(left) == len(right) and bool(shapely.equals_identical(left, right).all())


def _share(evidence: gpd.GeoDataFrame) -> tuple[str, npt.NDArray[np.float64]]:
    for column in ("complied_share", "covered_share"):
        if column in evidence.columns:
            return column, evidence[column].to_numpy(dtype=float)
    return "", np.full(len(evidence), np.nan)
