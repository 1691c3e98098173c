"""The overview: every promise that was measured as a bar against what was promised, and those still without data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from suizhou_geo.assessment.phrases import means_text, promise, row_gap_text, row_verdict_text, value_text
from suizhou_geo.assessment.rows import STATUSES, Row
from suizhou_geo.assessment.wording import profile_words, said
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures.canvas import FAINT, INK, RED, Box, Canvas, line_mm
from suizhou_geo.outputs.figures.context import Context
from suizhou_geo.outputs.figures.files import Sheet
from suizhou_geo.outputs.figures.map_elements import Cell, open_sheet, row_mm, table, write_notes
from suizhou_geo.outputs.figures.words import ended, say
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER
from suizhou_geo.standards.symbology import VERDICTS

MOST_OF_TARGET = 1.6  # bars end here, with an arrow
ROW_MM = (3.6, 12.5)
BARS = {"met": "#6aa6c4", "missed": "#d9a07a", "cannot_tell": "#d3c67c"}
GAP_HATCH = "/////"
RANGE_MM = 0.9  # below the bar, in its row
SHARES = (69.0, 74.0, 38.0, 33.0, 42.0, 21.0)  # of the width: name, bar, promised, measured, gap, verdict
NAME_PT = (7.2, 5.6)
LIST_COLUMNS = 4
LIST_PT = 6.4


def overview(context: Context) -> Sheet:
    """Return the sheet "overview": promised, measured, gap."""
    rows = [row for row in context.result.rows if row.status]
    judged, waiting = [row for row in rows if row.is_judged], [row for row in rows if not row.is_judged]
    told, lang = [_told(context, rows)], context.lang
    word = "overview" if context.plan else "overview_no_plan"
    page = open_sheet(context, say(word, lang), told, key="overview", name=said("sheet_name", word, lang))
    canvas, box = page.canvas, page.body.inset(3)
    room = max(box.height - _waiting_mm(waiting), box.height / 2)
    y = _bars(canvas, judged, box, most_mm=room) if rows else box.top
    if waiting:
        _waiting(canvas, waiting, box.below(y - 3))
    if not rows:
        _measured(canvas, context.result.measured, box)
    write_notes(page, told)
    return page.sheet


def _told(context: Context, rows: Sequence[Row]) -> str:
    lang = context.lang
    if not context.plan:
        return ended([say("no_plan", lang)], lang)
    count = {status: sum(row.status == status for row in rows) for status in STATUSES}
    return ended([context.plan, say("counted", lang, **count), say("bar_note", lang)], lang)


def _measured(canvas: Canvas, rows: Sequence[Row], box: Box) -> None:
    """Without promises: list what was measured, by which definition."""
    lang = canvas.lang
    cells = [
        [
            Cell(capitalised(row.name.speak(lang)), bold=True),
            Cell(profile_words(row.profile, lang), FAINT),
            Cell(value_text(row, lang), bold=True),
        ]
        for row in rows
        if row.has_data and not row.subject
    ]
    heads = [say(key, lang) for key in ("measure", "by_definition", "measured")]
    table(canvas, box, heads, cells[: int((box.height - 8) / row_mm())], widths=[2.0, 2.0, 1.0], left=2)


def _bars(canvas: Canvas, rows: Sequence[Row], box: Box, *, most_mm: float) -> float:
    """Draw a row for every promise that was measured; return the y below."""
    starts = [box.x + box.width * sum(SHARES[:k]) / sum(SHARES) for k in range(len(SHARES) + 1)]
    y = box.top - 5
    _key(canvas, Box(starts[1], y, starts[2] - starts[1], 5))
    for start, head in zip(starts[2:], ("promised", "measured", "gap", "verdict"), strict=False):
        canvas.write(start + 1, y + 1.2, say(head, canvas.lang), size=7, bold=True, colour=FAINT)
    height = float(np.clip((most_mm - 5) / max(len(rows), 1), *ROW_MM))
    room = int((box.height - 5) / height + 1e-6)
    for row in rows[:room]:
        canvas.line([box.x, box.right], [y, y], colour="#c5cad0", width=0.3)
        y -= height
        _row(canvas, row, Box(box.x, y, box.width, height), starts=starts)
    canvas.line([box.x, box.right], [y, y], colour="#c5cad0", width=0.3)
    if len(rows) > room:
        more = say("more_promises", canvas.lang).format(len(rows) - room)
        canvas.write(box.x, y - line_mm(LIST_PT), more, size=LIST_PT, bold=True, colour=RED)
    return y


def _row(canvas: Canvas, row: Row, box: Box, *, starts: Sequence[float]) -> None:
    lang, middle, widths = canvas.lang, box.y + box.height / 2, np.diff(starts).tolist()
    size = NAME_PT[0] if box.height > 2 * line_mm(NAME_PT[0]) else NAME_PT[1]
    most = 2 if box.height > 2 * line_mm(size) else 1
    lines = canvas.fonts.wrapped(row.name.speak(lang), widths[0] - 3, size, bold=True, most=most)
    for k, line in enumerate(lines):
        canvas.write(box.x, middle + (len(lines) / 2 - k - 0.72) * line_mm(size), line, size=size, bold=True)
    high = min(3.8, box.height * 0.52)
    _bar(canvas, row, Box(starts[1], middle - high / 2 + RANGE_MM / 2, widths[1] - 4, high))
    asked = promise(row.op, row.asked, row.told_unit, lang)
    now = value_text(row, lang)
    cells = ((2, asked, INK), (3, now, INK), (5, row_verdict_text(row, lang), VERDICTS[row.status][1]))
    for k, text, ink in cells:
        canvas.write_within(
            starts[k] + 1, middle - 0.9, widths[k] - 2, text, size=(7, 6.2, 5.4), bold=k != 2, colour=ink
        )
    gap, step = _gap(row, lang), line_mm(6.6)
    if box.height < len(gap) * step + 1:
        gap = [" ".join(gap)]
    ink = RED if row.status == "missed" else FAINT
    for k, text in enumerate(gap):
        y = middle - 0.9 + (len(gap) / 2 - 0.5 - k) * step
        canvas.write_within(starts[4] + 1, y, widths[4] - 2, text, size=6.6, colour=ink)


def _gap(row: Row, lang: Lang) -> list[str]:
    """The gap in the unit of the promise, and on the ground (km, ha, persons) where that is another."""
    gap = row_gap_text(row, lang)
    means = means_text(row.shortfall, row.told_unit, row.told_shortfall_unit, lang)
    return [gap, f"= {means}"] if row.status == "missed" and means != say("nothing", lang) else [gap]


def _bar(canvas: Canvas, row: Row, box: Box) -> None:
    """Draw the measured value as a share of the promised one, the gap hatched, and what incomplete data leave open."""
    if row.thin is not None:
        return
    if not (np.isfinite(row.asked) and row.asked > 0):
        word = "no_bar" if np.isfinite(row.asked) else "target_unknown"
        canvas.write(box.x + 1, box.y + 1, say(word, canvas.lang), size=6.4, colour=FAINT)
        return
    one = box.width / MOST_OF_TARGET

    def until(value: float) -> float:
        return float(np.clip(value / row.asked, 0.0, MOST_OF_TARGET)) * one

    canvas.frame(Box(box.x, box.y, until(row.value), box.height), colour="none", fill=BARS[row.status])
    if row.status != "met" and row.gap > 0:
        low, high = sorted((until(row.value), one))
        gap = Box(box.x + low, box.y, high - low, box.height)
        canvas.frame(gap, colour=RED if row.status == "missed" else FAINT, width=0.5, hatch=GAP_HATCH)
    if row.value / row.asked > MOST_OF_TARGET:
        _arrow(canvas, box.right, box.y + box.height / 2, BARS[row.status], size=1.9)
    if row.low < row.value or row.high > row.value:
        beyond = row.high / row.asked > MOST_OF_TARGET
        y = box.y - RANGE_MM / 2 - 0.2
        _span(canvas, box.x + until(row.low), box.x + until(row.high), y, closed=not beyond)
        if beyond:
            _arrow(canvas, box.x + until(row.high), y, INK, size=0.7)
    canvas.line([box.x + one, box.x + one], [box.y - RANGE_MM, box.top + 0.3], colour=INK, width=1.4)


def _span(canvas: Canvas, low: float, high: float, y: float, *, closed: bool = True) -> None:
    """Draw a range as a thin line, with a tick at its lower end and, if `closed`, at its upper."""
    canvas.line([low, high], [y, y], width=0.8)
    for end in (low, high) if closed else (low,):
        canvas.line([end, end], [y - 0.45, y + 0.45], width=0.8)


def _arrow(canvas: Canvas, x: float, y: float, colour: str, *, size: float) -> None:
    """Point to the right: it goes on beyond the end of the bars."""
    canvas.shape([(x, y + size), (x + 1.15 * size, y), (x, y - size)], fill=colour, colour=colour)


def _key(canvas: Canvas, box: Box) -> None:
    """Say above the bars what they are made of, as far as there is room."""
    x = box.x
    for word in ("measured", "promised", "gap", "open_range"):
        text = say(word, canvas.lang)
        width = canvas.fonts.width_mm(text, 5.8) + 7.5
        if x + width > box.right:
            break
        bar = Box(x, box.y + 1.2, 4, 2.4)
        if word == "measured":
            canvas.frame(bar, colour="none", fill="#b9c3cb")
        elif word == "promised":
            canvas.line([x + 2, x + 2], [box.y + 0.8, box.y + 4], width=1.4)
        elif word == "gap":
            canvas.frame(bar, colour=RED, width=0.5, hatch=GAP_HATCH)
        else:
            _span(canvas, x, x + 4, box.y + 2.4)
        canvas.write(x + 5, box.y + 1.4, text, size=5.8)
        x += width + 1


def _waiting_mm(rows: Sequence[Row]) -> float:
    """How much room the list of promises without data takes."""
    if not rows:
        return 0.0
    lines = len(rows) + len({row.chapter.key for row in rows})
    return -(-lines // LIST_COLUMNS) * line_mm(LIST_PT) + 12.0


def _waiting(canvas: Canvas, rows: Sequence[Row], box: Box) -> None:
    """List the promises without data, chapter by chapter, in columns; what has no room is counted."""
    lang, step = canvas.lang, line_mm(LIST_PT)
    canvas.write(box.x, box.top - 4, say("unmeasured", lang).format(len(rows)), size=7.4, bold=True)
    lines: list[tuple[str, bool]] = []
    for chapter in (*CHAPTERS, OTHER_CHAPTER):
        mine = [(f"– {row.name.speak(lang)}", False) for row in rows if row.chapter is chapter]
        lines += [(chapter.name.speak(lang), True), *mine] if mine else []
    room = min(int((box.height - 6) / step), -(-len(lines) // LIST_COLUMNS))
    if room < 1:
        return
    if len(lines) > room * LIST_COLUMNS:
        left = len(lines) - room * LIST_COLUMNS + 1
        lines = [*lines[: room * LIST_COLUMNS - 1], (f"… +{left}", False)]
    width = box.width / LIST_COLUMNS
    for k, (text, bold) in enumerate(lines):
        x, y = box.x + (k // room) * width, box.top - 6 - (k % room + 0.8) * step
        canvas.write_within(x, y, width - 2, text, size=LIST_PT, bold=bold, colour=INK if bold else FAINT)
