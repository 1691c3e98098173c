"""What every sheet has round its maps: frame, title, caption and title block, north arrow, scale bar, legends, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.transforms import Affine2D
from pyproj import CRS, Proj

from suizhou_geo.crs import moving
from suizhou_geo.figures.ground import HATCH, Sample, Window, scale_bar
from suizhou_geo.figures.material import Material, data_dates
from suizhou_geo.figures.paper import FAINT, INK, PAGE_MM, RED, Box, Paper, blank_paper, line_mm
from suizhou_geo.figures.words import say
from suizhou_geo.symbology import CLASSES, NO_DATA, PALETTE, Symbol
from suizhou_geo.wording import limit

OUTER = Box(5, 5, PAGE_MM[0] - 10, PAGE_MM[1] - 10)
INNER = OUTER.inset(2)
TITLE_MM, FOOT_MM = 13.0, 34.0
BODY = Box(INNER.x, INNER.y + FOOT_MM, INNER.width, INNER.height - FOOT_MM - TITLE_MM)
BLOCK_MM = 78.0
TITLE_PT = (14.0, 12.0, 10.0, 8.5)
CAPTION_PT = (6.6, 6.2, 5.8, 5.4)
LEGEND_PT = 6.2
TALL_LEGEND = 5
TABLE_PT = 6.4
HEAD_PT = (5.6, 5.0, 4.6)


@dataclass(frozen=True)
class Cell:
    """One field of a table."""

    text: str
    colour: str = INK
    bold: bool = False


def page(material: Material, title: str, caption: str) -> Paper:
    """Return a sheet with its frame, title, stamp, caption and title block; BODY is free."""
    paper = blank_paper(material.letters, material.lang)
    paper.frame(OUTER, width=0.4)
    paper.frame(INNER, width=1.4)
    paper.line([INNER.x, INNER.right], [BODY.y, BODY.y], width=0.6)
    paper.line([INNER.x, INNER.right], [BODY.top, BODY.top], width=0.6)
    room = INNER.width - 8
    if material.study.area.invented:
        room -= _stamp(paper, INNER.right - 3, BODY.top + 2.2)
    size = next((pt for pt in TITLE_PT if paper.letters.width_mm(title, pt, bold=True) <= room), TITLE_PT[-1])
    paper.write(INNER.x + 4, BODY.top + 6, paper.letters.clipped(title, room, size, bold=True), size=size, bold=True)
    paper.write(
        INNER.x + 4, BODY.top + 1.8, paper.letters.clipped(_subtitle(material), room, 7.5), size=7.5, colour=FAINT
    )
    foot = Box(INNER.x, INNER.y, INNER.width - BLOCK_MM, FOOT_MM).inset(2)
    size = next((pt for pt in CAPTION_PT if _fits(paper, caption, foot, pt)), CAPTION_PT[-1])
    paper.write_lines(foot, caption, size=size)
    _title_block(paper, material)
    return paper


def _fits(paper: Paper, text: str, box: Box, size: float) -> bool:
    return len(paper.letters.wrapped(text, box.width, size)) * line_mm(size) <= box.height + 1e-6


def _subtitle(material: Material) -> str:
    plan = material.study.plan
    if plan is None:
        return f"{material.place} · {say('no_plan', material.lang)}"
    return f"{material.place} · {material.own(plan.title_en if material.lang == 'en' else plan.title_zh)}"


def _stamp(paper: Paper, right: float, y: float) -> float:
    """Stamp the sheet as invented data, ending at `right`; return the width that takes."""
    text = say("invented", paper.lang)
    width = paper.letters.width_mm(text, 10, bold=True) + 8
    paper.frame(Box(right - width, y, width, 8.4), colour=RED, width=1.4)
    paper.frame(Box(right - width, y, width, 8.4).inset(0.7), colour=RED, width=0.5)
    paper.write(right - width / 2, y + 2.9, text, size=10, bold=True, colour=RED, align="center")
    return width + 6


def _title_block(paper: Paper, material: Material) -> None:
    lang, study = paper.lang, material.study
    block = Box(INNER.right - BLOCK_MM, INNER.y, BLOCK_MM, FOOT_MM)
    paper.line([block.x, block.x], [block.y, block.top], width=0.6)
    rows = [say("approval", lang), _crs_line(material), f"{say('drawn_with', lang)}"]
    step = 5.2
    for k, text in enumerate(rows):
        y = block.y + k * step
        paper.line([block.x, block.right], [y + step, y + step], width=0.3)
        size = 7.5 if k == 0 else 6.2
        paper.write(
            block.x + 2,
            y + 1.6,
            paper.letters.clipped(text, block.width - 4, size, bold=k == 0),
            size=size,
            bold=k == 0,
        )
    data = Box(block.x + 2, block.y + 3 * step + 0.6, block.width - 4, block.height - 3 * step - 2.2)
    colon = ": " if lang == "en" else "："
    told = f"{say('data_date', lang)}{colon}{material.own(data_dates(study, lang))}"
    if any(source.role == "osm" for source in study.inputs):
        told += ("; " if lang == "en" else "；") + say("osm", lang)
    size = next((pt for pt in CAPTION_PT if _fits(paper, told, data, pt)), CAPTION_PT[-1])
    paper.write_lines(data, told, size=size)


def _crs_line(material: Material) -> str:
    crs = material.study.area.crs
    code = crs.to_authority()
    name = f"{':'.join(code)} {crs.name}" if code else crs.name
    colon = ": " if material.lang == "en" else "："
    return f"{say('crs', material.lang)}{colon}{material.own(name)}"


def north_arrow(paper: Paper, window: Window, crs: CRS, *, box: Box) -> None:
    """Draw an arrow to true north into a box of 10 x 14 mm."""
    turn = Affine2D().rotate_deg(grid_angle_deg(window, crs))
    middle = np.array([box.x + 5, box.y + 5])
    left, right = ([(0.0, 4.5), (side * 2.0, -4.0), (0.0, -2.2)] for side in (-1, 1))
    for points, fill in ((left, INK), (right, "white")):
        paper.shape([tuple(p) for p in turn.transform(points) + middle], fill=fill)
    paper.write(middle[0], box.y + 10.6, say("north", paper.lang), size=8, bold=True, align="center", halo=True)


def grid_angle_deg(window: Window, crs: CRS) -> float:
    """How far true north lies to the left of the map's upright, in degrees."""
    lon, lat = moving(crs, crs.geodetic_crs).transform(window.east, window.north)
    return float(Proj(crs).get_factors(lon, lat).meridian_convergence)


def scale(paper: Paper, window: Window, *, x: float, y: float) -> Box:
    """Draw a scale bar of a round length and write the scale, from a lower left corner; return what that takes."""
    length_m = scale_bar(window)
    length = length_m * 1000 / window.denominator
    unit, per_unit = ("km", 1000.0) if length_m >= 1000 else ("m", 1.0)
    text = say("scale", paper.lang).format(f"{window.denominator:,.0f}".replace(",", " "))
    box = Box(x, y, max(length + 13, paper.letters.width_mm(text, 6.4) + 5), 9.6)
    paper.frame(box, colour="none", fill="white")
    left, foot = box.x + 3, box.y + 5.2
    for k, fill in enumerate((INK, "white")):
        paper.frame(Box(left + k * length / 2, foot, length / 2, 1.1), fill=fill, width=0.4)
    paper.write(left, foot + 1.8, "0", size=5.6, align="center")
    paper.write(left + length, foot + 1.8, f"{length_m / per_unit:g} {unit}", size=5.6, align="center")
    paper.write(left, box.y + 1.4, text, size=6.4)
    return box


def class_legend(
    paper: Paper, box: Box, limits: Sequence[float], *, unit: str, target: float = np.nan, gaps: bool = False
) -> None:
    """Draw the five classes in a row with their limits below, a mark at the target above, and "no data" at the end.

    Without limits there is nothing but "no data".
    """
    y = box.y + box.height - 4.4
    right = box.right - (19.0 if gaps else 4.0) if limits else box.x
    if limits:
        _classes(paper, Box(box.x + 4, y, right - box.x - 4, 2.4), limits, unit=unit, target=target)
    if gaps:
        paper.frame(Box(right + 3.5, y, 4, 2.4), fill=NO_DATA, width=0.3, hatch=HATCH)
        paper.write(right + 8.1, y + 0.4, say("no_data", paper.lang), size=5.4)


def _classes(paper: Paper, row: Box, limits: Sequence[float], *, unit: str, target: float) -> None:
    width = row.width / CLASSES
    for k, colour in enumerate(PALETTE):
        paper.frame(Box(row.x + k * width, row.y, width, row.height), fill=colour, width=0.3)
    texts = [limit(value, unit, paper.lang) for value in limits]
    step = 1 if max(paper.letters.width_mm(t, 5.4) for t in texts) + 0.8 <= width else len(texts) - 1
    for k in range(0, len(texts), step):
        paper.write(row.x + k * width, row.y - 2.3, texts[k], size=5.4, align="center")
    if limits[0] <= target <= limits[-1]:
        x = row.x + (target - limits[0]) / (limits[-1] - limits[0]) * row.width
        paper.shape([(x, row.y + 2.3), (x - 0.9, row.y + 4.0), (x + 0.9, row.y + 4.0)], fill=RED, colour=RED)


def legend(paper: Paper, box: Box, shown: Sequence[Sample]) -> float:
    """Draw samples and their names from the top of a box, those on top first, in two columns if many; return the y below."""
    columns = 2 if len(shown) > TALL_LEGEND else 1
    width = box.width / columns
    per_column = -(-len(shown) // columns)
    lowest = box.top
    for column in range(columns):
        y = box.top
        for symbol, kind in [*reversed(shown)][column * per_column : (column + 1) * per_column]:
            lines = paper.letters.wrapped(symbol.name.speak(paper.lang), width - 11, LEGEND_PT, most=2)
            if y - len(lines) * line_mm(LEGEND_PT) < box.y:
                break
            _sample(paper, symbol, kind, Box(box.x + column * width + 0.5, y - 2.9, 7, 2.3))
            for line in lines:
                y -= line_mm(LEGEND_PT)
                paper.write(box.x + column * width + 9.5, y + 0.3 * line_mm(LEGEND_PT), line, size=LEGEND_PT)
            y -= 0.7
        lowest = min(lowest, y)
    return lowest


def _sample(paper: Paper, symbol: Symbol, kind: str, box: Box) -> None:
    y = box.y + box.height / 2
    if kind == "area":
        paper.frame(box, colour="#8a8a8a", width=0.3, fill="white")
        paper.area_sample(box, symbol)
    elif kind == "line":
        paper.rule([box.x, box.right], [y, y], symbol=symbol)
    else:
        paper.dot(box.x + box.width / 2, y, symbol=symbol)


def table(
    paper: Paper,
    box: Box,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    widths: Sequence[float],
    left: int = 1,
) -> float:
    """Draw a table from the top of a box: `left` columns to the left, the others to the right; return the y below.

    `widths` are shares of the box. Heads take the lines they need; rows that have no room are left out by the caller.
    """
    total = sum(widths)
    columns = [box.width * width / total for width in widths]
    starts = [box.x + sum(columns[:k]) for k in range(len(columns))]
    size = next((pt for pt in HEAD_PT if _whole_words(paper, heads, columns, pt)), HEAD_PT[-1])
    wrapped = [paper.letters.wrapped(h, w - 1.2, size, bold=True, most=5) for h, w in zip(heads, columns, strict=True)]
    head_mm = max(map(len, wrapped)) * line_mm(size) + 0.8
    paper.frame(Box(box.x, box.top - head_mm, box.width, head_mm), colour="none", fill="#e9ecef")
    for k, lines in enumerate(wrapped):
        for j, line in enumerate(lines):
            y = box.top - (j + 0.7) * line_mm(size) - 0.4
            _in_column(paper, starts[k], columns[k], y, Cell(line, FAINT, bold=True), size=size, left=k < left)
    y = box.top - head_mm
    for row in rows:
        for k, cell in enumerate(row):
            text = paper.letters.clipped(cell.text, columns[k] - 1.2, TABLE_PT, bold=cell.bold)
            shown = Cell(text, cell.colour, cell.bold)
            _in_column(paper, starts[k], columns[k], y - 0.72 * row_mm(), shown, size=TABLE_PT, left=k < left)
        y -= row_mm()
        paper.line([box.x, box.right], [y, y], colour="#c5cad0", width=0.3)
    return y


def _whole_words(paper: Paper, heads: Sequence[str], columns: Sequence[float], size: float) -> bool:
    """Whether no Latin word of the heads has to be broken."""
    return all(
        paper.letters.width_mm(word, size, bold=True) <= column - 1.2 or not word.isascii()
        for head, column in zip(heads, columns, strict=True)
        for word in head.split()
    )


def row_mm() -> float:
    """How high a row of a table is."""
    return line_mm(TABLE_PT) + 0.5


def _in_column(paper: Paper, x: float, width: float, y: float, cell: Cell, *, size: float, left: bool) -> None:
    at = x + 0.6 if left else x + width - 0.6
    paper.write(at, y, cell.text, size=size, bold=cell.bold, colour=cell.colour, align="left" if left else "right")
