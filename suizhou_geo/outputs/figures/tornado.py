"""What each verdict hangs on, as tornado charts: a bar for every choice made otherwise, the widest on top."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from suizhou_geo.assessment.phrases import promise, row_verdict_text, value_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.sensitivity import Choice, choice_text, choices
from suizhou_geo.assessment.wording import said
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.outputs.figures.canvas import FAINT, INK, RED, Box, Canvas, line_mm
from suizhou_geo.outputs.figures.context import Context
from suizhou_geo.outputs.figures.files import Sheet
from suizhou_geo.outputs.figures.map_elements import open_sheet, write_notes
from suizhou_geo.outputs.figures.overview import BARS
from suizhou_geo.outputs.figures.words import say
from suizhou_geo.standards.symbology import VERDICTS

KEY = "sensitivity"
ACROSS, DOWN = 3, 4
MOST_BARS = 5
THICK_MM = 3.0
BAR_MM, HEAD_MM = (4.4, 6.9), 9.6
LABEL, NUMBER = 0.41, 0.29  # of the width of a panel: what is chosen, and the number it gives
TEXT_PT = 6.5
_ROOM = 0.06  # of what is drawn, left free on either side


def hanging(rows: Sequence[Row]) -> list[tuple[Row, tuple[Choice, ...]]]:
    """Return the promises whose number moves with a choice, those first that it turns or carries beyond the target."""
    found = [(row, tuple(one for one in choices(row) if one.swing(row.value) > 0.0)) for row in rows if row.is_judged]

    def turns(pair: tuple[Row, tuple[Choice, ...]]) -> bool:
        return any(one.turns or one.beyond for one in pair[1])

    return sorted([pair for pair in found if pair[1]], key=lambda pair: not turns(pair))


def tornado(context: Context) -> Sheet:
    """Return the sheet "sensitivity": a panel for each promise that hangs on a choice."""
    lang = context.lang
    found = hanging(context.result.rows)
    told = [say("tornado_note", lang, n=len(found))]
    shown = found[: ACROSS * DOWN]
    if len(found) > len(shown):
        told.append(say("tornado_more", lang, n=len(found) - len(shown)))
    page = open_sheet(context, say("tornado", lang), told, key=KEY, name=said("sheet_name", KEY, lang))
    body = page.body.inset(3)
    down = max(-(-len(shown) // ACROSS), 1)
    width, height = body.width / ACROSS, body.height / max(down, 2)
    for place, (row, some) in enumerate(shown):
        column, line = place % ACROSS, place // ACROSS
        box = Box(body.x + column * width, body.top - (line + 1) * height, width, height).inset(1.5)
        _panel(page.canvas, box, row, some)
    write_notes(page, told)
    return page.sheet


def _panel(canvas: Canvas, box: Box, row: Row, some: Sequence[Choice]) -> None:
    lang = canvas.lang
    canvas.write_within(
        box.x, box.top - 3.2, box.width, capitalised(row.name.speak(lang)), size=(7.5, TEXT_PT), bold=True
    )
    asked = promise(row.op, row.asked, row.told_unit, lang)
    head = "tornado_head" if np.isfinite(row.asked) else "tornado_head_unknown"
    now = say(head, lang, now=value_text(row, lang), asked=asked, verdict=row_verdict_text(row, lang))
    canvas.write_within(box.x, box.top - 6.8, box.width, now, size=TEXT_PT, colour=VERDICTS[row.status][1])
    room = box.height - HEAD_MM
    bars = some[: min(int(room / BAR_MM[0]), MOST_BARS)]
    high_mm = min(room / max(len(bars), 1), BAR_MM[1])
    plot = Box(box.x + LABEL * box.width, 0, (1 - LABEL - NUMBER) * box.width, 0)
    low, high = _limits(row, bars)

    def x_mm(value: float) -> float:
        return plot.x + plot.width * (float(np.clip(value, low, high)) - low) / (high - low)

    top = box.top - HEAD_MM + 1.0
    foot = top - len(bars) * high_mm
    for k, one in enumerate(bars):
        _bar(canvas, row, one, Box(box.x, top - (k + 1) * high_mm, box.width, high_mm), x_mm)
    canvas.line([x_mm(row.value)] * 2, [foot, top], width=0.9)
    if np.isfinite(row.asked):
        canvas.line([x_mm(row.asked)] * 2, [foot - 0.6, top + 0.6], colour=RED, width=0.9)
    if len(some) > len(bars):
        more = say("more_rows", lang).format(len(some) - len(bars))
        canvas.write(box.x, foot - line_mm(TEXT_PT), more, size=TEXT_PT, colour=FAINT)


def _bar(canvas: Canvas, row: Row, one: Choice, box: Box, x_mm: Callable[[float], float]) -> None:
    ends = sorted(x_mm(end) for end in ((row.value, one.low) if one.low == one.high else (one.low, one.high)))
    middle = box.y + box.height / 2
    canvas.frame(Box(ends[0], middle - THICK_MM / 2, ends[1] - ends[0], THICK_MM), colour="none", fill=_fill(one))
    step, width = line_mm(TEXT_PT), LABEL * box.width - 1.5
    lines = canvas.fonts.wrapped(one.what.speak(canvas.lang), width, TEXT_PT, most=max(int(box.height / step), 1))
    for k, line in enumerate(lines):
        canvas.write(box.x, middle + (len(lines) / 2 - k - 0.7) * step, line, size=TEXT_PT)
    right = box.right - NUMBER * box.width + 1.5
    told = choice_text(row, one, canvas.lang)
    marked = one.turns or one.beyond
    colour = VERDICTS[one.status][1] if marked and one.status else INK
    canvas.write_within(right, middle - 0.8, box.right - right, told, size=TEXT_PT, bold=marked, colour=colour)


def _fill(one: Choice) -> str:
    return BARS.get(one.status, "#b9c3cb")


def _limits(row: Row, bars: Sequence[Choice]) -> tuple[float, float]:
    shown = [x for one in bars for x in (one.low, one.high)] + [row.value, row.asked]
    known = [x for x in shown if np.isfinite(x)]
    room = _ROOM * ((max(known) - min(known)) or 1.0)
    return min(known) - room, max(known) + room
