"""What every sheet has round its maps: frame, title, notes and title block, north arrow, scale bar, legends, tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from matplotlib.transforms import Affine2D
from pyproj import CRS, Proj

from suizhou_geo.assessment.wording import limit
from suizhou_geo.geometry.crs import moving
from suizhou_geo.outputs.figures.basemap import HATCH, Sample, Window, scale_bar
from suizhou_geo.outputs.figures.canvas import FAINT, INK, PAPERS_MM, RED, Box, Canvas, blank_canvas, line_mm
from suizhou_geo.outputs.figures.context import Context, captioned, data_dates, labelled
from suizhou_geo.outputs.figures.files import Sheet
from suizhou_geo.outputs.figures.words import say
from suizhou_geo.standards.symbology import CLASSES, NO_DATA, PALETTE, Symbol

EDGE_MM = 5.0
TITLE_MM, FOOT_MM = 13.0, 34.0
BLOCK_MM = 88.0
NOTES_MM = 92.0  # how wide a column of notes is, about
TITLE_PT = (14.0, 12.0, 10.0, 8.5)
FIELD_PT = (6.6, 6.0, 5.4, 4.8)  # of what is written into the title block
LEAST_NOTES_MM = 14.0
NOTE_PT = (7.0, 6.6, 6.2)
BLOCK_PT = (6.2, 5.8, 5.4)
LEGEND_PT = 6.2
TALL_LEGEND = 5
LEAST_COLUMN_MM = 27.0
TABLE_PT = 6.4
CELL_PT = (TABLE_PT, 5.8, 5.2)  # of a cell: the first that has room for all of it
HEAD_PT = (5.6, 5.0, 4.6)


@dataclass(frozen=True)
class Cell:
    """One field of a table."""

    text: str
    colour: str = INK
    bold: bool = False


@dataclass(frozen=True, eq=False)
class Page:
    """A sheet being drawn: `body` is free for what it shows, `foot` for notes."""

    sheet: Sheet
    canvas: Canvas
    body: Box
    foot: Box


def body_of(size_mm: tuple[float, float]) -> Box:
    """Return what frame, title and foot leave free of paper of a size."""
    inner = _inner(size_mm)
    return Box(inner.x, inner.y + FOOT_MM, inner.width, inner.height - FOOT_MM - TITLE_MM)


def _inner(size_mm: tuple[float, float]) -> Box:
    return Box(0, 0, *size_mm).inset(EDGE_MM + 2)


def open_sheet(
    context: Context, title: str, told: Sequence[str], *, key: str, chapter: str = "", name: str = ""
) -> Page:
    """Return a page with frame, title, stamp and title block; `told` is its whole caption, `name` for its files."""
    canvas = blank_canvas(context.fonts, context.lang, size_mm=PAPERS_MM[context.study.office.paper])
    inner, body = _inner(canvas.size_mm), body_of(canvas.size_mm)
    canvas.frame(inner.inset(-2), width=0.4)
    canvas.frame(inner, width=1.4)
    for y in (body.y, body.top):
        canvas.line([inner.x, inner.right], [y, y], width=0.6)
    room = inner.width - 8
    if context.invented:
        room -= stamp(canvas, inner.right - 3, body.top + 2.2)
    canvas.write_within(inner.x + 4, body.top + 6, room, title, size=TITLE_PT, bold=True)
    canvas.write_within(inner.x + 4, body.top + 1.8, room, _subtitle(context), size=7.5, colour=FAINT)
    _title_block(canvas, context, title, Box(inner.right - BLOCK_MM, inner.y, BLOCK_MM, FOOT_MM))
    sheet = Sheet(
        key,
        chapter,
        labelled(context, title),
        captioned(context, told),
        canvas.figure,
        number=context.number,
        name=name or title,
        lang=context.lang,
        called=context.sheet_number,
    )
    return Page(sheet, canvas, body, Box(inner.x, inner.y, inner.width - BLOCK_MM, FOOT_MM).inset(2))


def write_notes(page: Page, told: Sequence[str], *free: Box) -> None:
    """Write notes into the foot, in columns; where that is too small, from what is `free` in the body down into the foot.

    What has no room there stands in the annex of the report.
    """
    canvas, lang = page.canvas, page.canvas.lang
    if any(not canvas.fonts.drawable(" ".join(text.split())) for text in told):
        told = [*told, say("left_out", lang)]
    count = max(round(page.foot.width / NOTES_MM), 1)
    width = page.foot.width / count
    foot = [Box(page.foot.x + k * width, page.foot.y, width - 3, page.foot.height) for k in range(count)]
    enough = _fits(canvas, told, foot, NOTE_PT[1])
    above = [] if enough else [box for box in free if box.height > LEAST_NOTES_MM]
    boxes = [*(canvas.heading(box, say("notes", lang)) for box in above[:1]), *above[1:], *foot]
    size = next((pt for pt in NOTE_PT if _fits(canvas, told, boxes, pt)), NOTE_PT[-1])
    lines, rooms = _lines(canvas, told, boxes, size), _rooms(boxes, size)
    if len(lines) > sum(rooms):
        lines = [*lines[: sum(rooms) - 1], say("rest", lang)]
    left = iter(lines)
    for box, room in zip(boxes, rooms, strict=True):
        for k, line in enumerate(islice(left, room), start=1):
            canvas.write(box.x, box.top - (k - 0.3) * line_mm(size), line, size=size)


def _fits(canvas: Canvas, told: Sequence[str], boxes: Sequence[Box], size: float) -> bool:
    return len(_lines(canvas, told, boxes, size)) <= sum(_rooms(boxes, size))


def _lines(canvas: Canvas, told: Sequence[str], boxes: Sequence[Box], size: float) -> list[str]:
    """Texts broken into lines that fit every one of some boxes."""
    narrowest = min(box.width for box in boxes)
    return [line for text in told for line in canvas.fonts.wrapped(text, narrowest, size)]


def _rooms(boxes: Sequence[Box], size: float) -> list[int]:
    """How many lines each box has room for."""
    return [int(box.height / line_mm(size) + 1e-6) for box in boxes]


def _subtitle(context: Context) -> str:
    study, lang = context.study, context.lang
    plan = study.plan
    return f"{study.title(lang)} · {say('no_plan', lang) if plan is None else plan.title_en if lang == 'en' else plan.title_zh}"


def stamp(canvas: Canvas, right: float, y: float) -> float:
    """Stamp a canvas as invented data, ending at `right`; return the width that takes."""
    text = say("invented", canvas.lang)
    width = canvas.fonts.width_mm(text, 10, bold=True) + 8
    place = Box(right - width, y, width, 8.4)
    canvas.frame(place, colour=RED, width=1.4)
    canvas.frame(place.inset(0.7), colour=RED, width=0.5)
    canvas.write(right - width / 2, y + 2.9, text, size=10, bold=True, colour=RED, align="center")
    return width + 6


def _title_block(canvas: Canvas, context: Context, title: str, block: Box) -> None:
    """Draw the fields of a sheet; what the study file does not say is left blank to be filled in."""
    lang, study, office = canvas.lang, context.study, context.study.office
    canvas.line([block.x, block.x], [block.y, block.top], width=0.6)
    crs, step, half = study.area.crs, 4.3, block.width / 2
    system = " ".join([*([":".join(crs.to_authority())] if crs.to_authority() else []), crs.name])
    fields = (
        (("title_is", title, block.width),),
        (("number_is", context.sheet_number, half), ("date", office.date, half)),
        (("compiled_by", office.compiler(lang), block.width),),
        (("approval", office.review_number, block.width),),
        (("crs", system, block.width),),
    )
    y = block.top
    for line in fields:
        x, y = block.x, y - step
        canvas.line([block.x, block.right], [y, y], width=0.3)
        for key, text, width in line:
            label = say(key, lang) + say("colon", lang)
            canvas.write(x + 2, y + 1.3, label, size=6.2, colour=FAINT)
            start = canvas.fonts.width_mm(label, 6.2) + 2.6
            canvas.write_within(x + start, y + 1.3, width - start - 1, text, size=FIELD_PT, bold=key != "crs")
            x += width
            if x < block.right:
                canvas.line([x, x], [y, y + step], width=0.3)
    credit = [say("osm", lang)] if study.owes_osm else []
    last = say("semicolon", lang).join([*credit, say("drawn_with", lang)])
    canvas.write_within(block.x + 2, block.y + 1.3, block.width - 4, last, size=BLOCK_PT[1])
    place = Box(block.x + 2, block.y + 3.4, block.width - 4, y - block.y - 3.6)
    canvas.fill(place, say("semicolon", lang).join(data_dates(study, lang)), BLOCK_PT)


def north_arrow(canvas: Canvas, window: Window, crs: CRS, *, box: Box) -> None:
    """Draw an arrow to true north into a box of 10 x 14 mm."""
    turn = Affine2D().rotate_deg(grid_angle_deg(window, crs))
    middle = np.array([box.x + 5, box.y + 5])
    left, right = ([(0.0, 4.5), (side * 2.0, -4.0), (0.0, -2.2)] for side in (-1, 1))
    for points, fill in ((left, INK), (right, "white")):
        canvas.shape([tuple(p) for p in turn.transform(points) + middle], fill=fill)
    canvas.write(middle[0], box.y + 10.6, say("north", canvas.lang), size=8, bold=True, align="center", halo=True)


def grid_angle_deg(window: Window, crs: CRS) -> float:
    """How far true north lies to the left of the map's upright, in degrees."""
    lon, lat = moving(crs, crs.geodetic_crs).transform(window.east, window.north)
    return float(Proj(crs).get_factors(lon, lat).meridian_convergence)


def scale(canvas: Canvas, window: Window, *, x: float, y: float) -> Box:
    """Draw a scale bar of a round length from a lower left corner, on paper with the scale; return what that takes."""
    length_m = scale_bar(window)
    length = length_m * 1000 / window.denominator
    unit, per_unit = ("km", 1000.0) if length_m >= 1000 else ("m", 1.0)
    told = f"{window.denominator:,.0f}".replace(",", " ")
    text = say("scale", canvas.lang, scale=told, paper=canvas.paper) if canvas.paper else ""
    below = 4.2 if text else 0.0
    box = Box(x, y, max(length + 13, canvas.fonts.width_mm(text, 6.4) + 5), 5.4 + below)
    canvas.frame(box, colour="none", fill="white")
    left, foot = box.x + 3, box.y + 1.0 + below
    for k, fill in enumerate((INK, "white")):
        canvas.frame(Box(left + k * length / 2, foot, length / 2, 1.1), fill=fill, width=0.4)
    canvas.write(left, foot + 1.8, "0", size=5.6, align="center")
    canvas.write(left + length, foot + 1.8, f"{length_m / per_unit:g} {unit}", size=5.6, align="center")
    canvas.write(left, box.y + 1.4, text, size=6.4)
    return box


def class_legend(
    canvas: Canvas, box: Box, limits: Sequence[float], *, unit: str, target: float = np.nan, gaps: bool = False
) -> None:
    """Draw the five classes in a row with their limits below, a mark at the target above, and "no data" at the end.

    Without limits there is nothing but "no data".
    """
    y = box.y + box.height - 4.4
    right = box.right - (19.0 if gaps else 4.0) if limits else box.x
    if limits:
        _classes(canvas, Box(box.x + 4, y, right - box.x - 4, 2.4), limits, unit=unit, target=target)
    if gaps:
        canvas.frame(Box(right + 3.5, y, 4, 2.4), fill=NO_DATA, width=0.3, hatch=HATCH)
        canvas.write(right + 8.1, y + 0.4, say("no_data", canvas.lang), size=5.4)


def _classes(canvas: Canvas, row: Box, limits: Sequence[float], *, unit: str, target: float) -> None:
    width = row.width / CLASSES
    for k, colour in enumerate(PALETTE):
        canvas.frame(Box(row.x + k * width, row.y, width, row.height), fill=colour, width=0.3)
    texts = [limit(value, unit, canvas.lang) for value in limits]
    step = 1 if max(canvas.fonts.width_mm(t, 5.4) for t in texts) + 0.8 <= width else len(texts) - 1
    for k in range(0, len(texts), step):
        canvas.write(row.x + k * width, row.y - 2.3, texts[k], size=5.4, align="center")
    if limits[0] <= target <= limits[-1]:
        x = row.x + (target - limits[0]) / (limits[-1] - limits[0]) * row.width
        canvas.shape([(x, row.y + 2.3), (x - 0.9, row.y + 4.0), (x + 0.9, row.y + 4.0)], fill=RED, colour=RED)


def legend(canvas: Canvas, box: Box, shown: Sequence[Sample]) -> float:
    """Draw samples and their names under a heading, those on top first, many in two columns; return the y below."""
    box = canvas.heading(box, say("legend", canvas.lang))
    columns = 2 if len(shown) > TALL_LEGEND and box.width >= 2 * LEAST_COLUMN_MM else 1
    width = box.width / columns
    per_column = -(-len(shown) // columns)
    lowest = box.top
    for column in range(columns):
        y = box.top
        for symbol, kind in [*reversed(shown)][column * per_column : (column + 1) * per_column]:
            lines = canvas.fonts.wrapped(symbol.name.speak(canvas.lang), width - 11, LEGEND_PT, most=2)
            if y - len(lines) * line_mm(LEGEND_PT) < box.y:
                break
            _sample(canvas, symbol, kind, Box(box.x + column * width + 0.5, y - 2.9, 7, 2.3))
            for line in lines:
                y -= line_mm(LEGEND_PT)
                canvas.write(box.x + column * width + 9.5, y + 0.3 * line_mm(LEGEND_PT), line, size=LEGEND_PT)
            y -= 0.7
        lowest = min(lowest, y)
    return lowest


def _sample(canvas: Canvas, symbol: Symbol, kind: str, box: Box) -> None:
    y = box.y + box.height / 2
    if kind == "area":
        canvas.frame(box, colour="#8a8a8a", width=0.3, fill="white")
        canvas.area_sample(box, symbol)
    elif kind == "line":
        canvas.rule([box.x, box.right], [y, y], symbol=symbol)
    else:
        canvas.dot(box.x + box.width / 2, y, symbol=symbol)


def table(
    canvas: Canvas,
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
    columns = [box.width * width / sum(widths) for width in widths]
    starts = [box.x + sum(columns[:k]) for k in range(len(columns))]

    def whole(size: float) -> bool:
        """Whether no Latin word of the heads has to be broken."""
        words = ((word, column) for head, column in zip(heads, columns, strict=True) for word in head.split())
        return all(not w.isascii() or canvas.fonts.width_mm(w, size, bold=True) <= c - 1.2 for w, c in words)

    size = next(filter(whole, HEAD_PT), HEAD_PT[-1])
    wrapped = [canvas.fonts.wrapped(h, w - 1.2, size, bold=True, most=5) for h, w in zip(heads, columns, strict=True)]
    head_mm = max(map(len, wrapped)) * line_mm(size) + 0.8
    canvas.frame(Box(box.x, box.top - head_mm, box.width, head_mm), colour="none", fill="#e9ecef")
    for k, lines in enumerate(wrapped):
        for j, line in enumerate(lines):
            y = box.top - (j + 0.7) * line_mm(size) - 0.4
            _in_column(canvas, starts[k], columns[k], y, Cell(line, FAINT, bold=True), size=size, left=k < left)
    y = box.top - head_mm
    for row in rows:
        for k, cell in enumerate(row):
            text, size = canvas.fonts.fitted(cell.text, columns[k] - 1.2, CELL_PT, bold=cell.bold)
            shown = Cell(text, cell.colour, cell.bold)
            _in_column(canvas, starts[k], columns[k], y - 0.72 * row_mm(), shown, size=size, left=k < left)
        y -= row_mm()
        canvas.line([box.x, box.right], [y, y], colour="#c5cad0", width=0.3)
    return y


def row_mm() -> float:
    """How high a row of a table is."""
    return line_mm(TABLE_PT) + 0.5


def _in_column(canvas: Canvas, x: float, width: float, y: float, cell: Cell, *, size: float, left: bool) -> None:
    at = x + 0.6 if left else x + width - 0.6
    canvas.write(at, y, cell.text, size=size, bold=cell.bold, colour=cell.colour, align="left" if left else "right")
