"""Residential land cell by cell: the cells are written once, and each measure only says which class each cell is in."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from suizhou_geo.maps.shapes import Drawing, Json, Shapes
from suizhou_geo.maps.words import limit, say
from suizhou_geo.wording import Lang

MOST_CELLS = 40_000
FIFTHS = ("#a63603", "#e6550d", "#fd8d3c", "#fdbe85", "#feedde")  # of what is asked for, none to all
COVERED = (  # overlay, word of the legend, colour; by how much of the cell is covered: nothing, some, all
    ("uncovered", "legend_uncovered", "#e6550d"),
    ("uncovered", "legend_partly", "#fdae6b"),
    ("covered", "legend_covered", "#f7f7f7"),
)


@dataclass
class Sheets:
    """The cells that measures are drawn on; measures with the same cells share a sheet.

    `crowded` says that a measure had more than MOST_CELLS cells, which are then not drawn.
    """

    rows: list[Shapes] = field(default_factory=list)
    row_of_part: list[npt.NDArray[np.intp]] = field(default_factory=list)
    crowded: bool = False

    def of(self, shapes: Shapes) -> int:
        """Return the number of the sheet that holds exactly these cells, a new one where there is none."""
        for k, rows in enumerate(self.rows):
            if len(rows) == len(shapes) and bool(shapely.equals_identical(rows, shapes).all()):
                return k
        self.rows.append(shapes)
        self.row_of_part.append(shapely.get_parts(shapes, return_index=True)[1])
        return len(self.rows) - 1

    def texts(self, drawing: Drawing) -> list[str]:
        """Return each sheet as one geometry: a polygon per part of a cell, in order."""
        return [drawing.single(np.array([shapely.multipolygons(shapely.get_parts(rows))]))[0] for rows in self.rows]


def is_cell(evidence: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Say which rows of an evidence are cells: those with a `covered_share` or a `complied_share`."""
    _, share = _share(evidence)
    return np.isfinite(share)


def cells_of(evidence: gpd.GeoDataFrame, sheets: Sheets, lang: Lang) -> Json | None:
    """Return the cells of one measure: its sheet, one digit per polygon of the sheet, and a piece per digit.

    By `complied_share` the classes are fifths of what is asked for; by `covered_share` nothing, some and all.
    None where the measure has no cells, or too many to draw.
    """
    column, share = _share(evidence)
    there = np.isfinite(share)
    if not there.any():
        return None
    shapes, share = evidence.geometry.to_numpy()[there], share[there]
    if there.sum() > MOST_CELLS:
        sheets.crowded = True
        return None
    if column == "complied_share":
        digit = np.clip(np.floor(share * len(FIFTHS) + 1e-9), 0, len(FIFTHS) - 1).astype(int)
        words = [
            say("legend_cell", lang).format(*(limit(end / len(FIFTHS), "share", lang) for end in (k, k + 1)))
            for k in range(len(FIFTHS))
        ]
        drawn = [("cell", word, colour) for word, colour in zip(words, FIFTHS, strict=True)]
    else:
        digit = np.select([share >= 1.0, share > 0.0], [2, 1], default=0)
        drawn = [(overlay, say(word, lang), colour) for overlay, word, colour in COVERED]
    sheet = sheets.of(shapes)
    digits = (digit[sheets.row_of_part[sheet]] + ord("0")).astype(np.uint8).tobytes().decode("ascii")
    pieces = [
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
        if (digit == k).any()
    ]
    return {"sheet": sheet, "digits": digits, "pieces": pieces}


def _share(evidence: gpd.GeoDataFrame) -> tuple[str, npt.NDArray[np.float64]]:
    for column in ("complied_share", "covered_share"):
        if column in evidence.columns:
            return column, evidence[column].to_numpy(dtype=float)
    return "", np.full(len(evidence), np.nan)
