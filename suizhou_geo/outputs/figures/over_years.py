"""Each promise over the years: its number in every run with what that leaves open, its target, and the pace."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from suizhou_geo.assessment.comparison import Change, Compared, moment
from suizhou_geo.assessment.comparison_tables import moment_name, pace_text
from suizhou_geo.assessment.phrases import promise
from suizhou_geo.assessment.rows import sentences
from suizhou_geo.assessment.snapshot import Snapshot, Standing
from suizhou_geo.assessment.wording import great_figure, with_unit
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures.canvas import FAINT, INK, RED, Box, Canvas, blank_canvas
from suizhou_geo.outputs.figures.files import own_settings
from suizhou_geo.outputs.figures.fonts import find_fonts

WIDE_MM, ACROSS = 297.0, 3
CELL_MM = (92.0, 52.0)
HEAD_MM, FOOT_MM, SIDE_MM = 20.0, 16.0, 10.5
_PAD = 0.12  # of the range shown, left free above and below
_COLOURS = {
    "reached": "#005b8f",
    "on_track": "#005b8f",
    "slow": "#8a5a00",
    "none": "#8a5a00",
    "backwards": RED,
    "overdue": RED,
}
_say = speaker("comparison")


def over_years(compared: Compared, changes: Sequence[Change], *, title: str, lang: Lang = "zh") -> Figure:
    """Return a chart for every change that two runs or more have a number for: three in a row, under one title.

    Runs stand by the years they are said to be of, or by the date of their data, else one beside the other. A run whose
    definition is another one than the last's is left out of the line.
    """
    shown = [(change, compared.series(change)) for change in changes]
    shown = [(c, series) for c, series in shown if sum(s is not None and s.has_data for s in series) > 1]
    rows = max(-(-len(shown) // ACROSS), 1)
    with own_settings():
        canvas = blank_canvas(find_fonts(), lang, size_mm=(WIDE_MM, HEAD_MM + rows * CELL_MM[1] + FOOT_MM))
        top = canvas.size_mm[1] - HEAD_MM
        canvas.write_within(SIDE_MM, top + 8, WIDE_MM - 2 * SIDE_MM, title, size=12, bold=True)
        for place, (change, series) in enumerate(shown):
            column, row = place % ACROSS, place // ACROSS
            box = Box(SIDE_MM + column * CELL_MM[0], top - (row + 1) * CELL_MM[1], *CELL_MM).inset(3)
            _panel(canvas, box, compared, change, series)
        if not shown:
            canvas.write(SIDE_MM, top - 10, _say("same", lang), size=8, colour=FAINT)
        canvas.fill(Box(SIDE_MM, 3, WIDE_MM - 2 * SIDE_MM, FOOT_MM - 4), _say("rule", lang), (6.5, 6.0, 5.5))
    return canvas.figure


def _panel(canvas: Canvas, box: Box, compared: Compared, change: Change, series: Sequence[Standing | None]) -> None:
    lang, latest = canvas.lang, change.latest
    canvas.write_within(box.x, box.top - 3, box.width, change.name.speak(lang), size=7.5, bold=True)
    told = sentences(pace_text(change, lang).splitlines(), lang)
    colour = _COLOURS.get(change.pace.judgement, FAINT)
    canvas.write_within(box.x, box.top - 7.2, box.width, told, size=6.5, colour=colour)
    plot = Box(box.x + 13, box.y + 6, box.width - 18, box.height - 17)
    at = _places(compared.taken)
    points = [(x, s) for x, s in zip(at, series, strict=True) if s is not None and s.has_data]
    low, high = _limits([s for _, s in points], latest)

    def x_mm(x: float) -> float:
        return plot.x + plot.width * (x - at[0]) / (at[-1] - at[0])

    def y_mm(y: float) -> float:
        return plot.y + plot.height * (min(max(y, low), high) - low) / (high - low)

    canvas.line([plot.x - 2, plot.right + 2], [plot.y - 2] * 2, colour=FAINT, width=0.4)
    for x, one in zip(at, compared.taken, strict=True):
        canvas.write(x_mm(x), plot.y - 5.2, moment_name(compared, one, lang), size=6, colour=FAINT, align="center")
    if np.isfinite(latest.asked):
        canvas.line([plot.x - 2, plot.right + 2], [y_mm(latest.asked)] * 2, colour=RED, width=0.8)
        asked = with_unit(promise(latest.op, latest.asked, latest.unit, lang, short=True), latest.unit, lang)
        beside = -3.2 if points[-1][1].value >= latest.asked else 1.0  # on the side of the line where the number is not
        canvas.write(plot.right + 2, y_mm(latest.asked) + beside, asked, size=6, colour=RED, align="right", halo=True)
    for x, standing in points:
        ends = [
            np.nan_to_num(end, nan=standing.value, posinf=high, neginf=low) for end in (standing.low, standing.high)
        ]
        if ends[0] < ends[1]:
            canvas.line([x_mm(x)] * 2, [y_mm(end) for end in ends], colour=FAINT, width=2.2)
    for (x, then), (next_x, now) in pairwise(points):
        canvas.line([x_mm(x), x_mm(next_x)], [y_mm(then.value), y_mm(now.value)], width=1.0)
    for x, standing in points:
        centre = (x_mm(x), y_mm(standing.value))
        ring = [(centre[0] + 0.9 * np.cos(a), centre[1] + 0.9 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 17)[:-1]]
        canvas.shape(ring, fill=INK, colour="white")
        label = great_figure(standing.value, standing.unit, lang, beside=standing.asked)
        canvas.write(centre[0], centre[1] + 1.8, label, size=6.5, bold=True, align="center", halo=True)


def _places(taken: Sequence[Snapshot]) -> list[float]:
    """Where each run stands on the axis of time: by its year, else by its newest date, else one beside the other."""
    newest = [
        max((when for s in one.sources if (when := moment(s.data_date)) is not None), default=None) for one in taken
    ]
    years = [one.year if one.year is not None else when for one, when in zip(taken, newest, strict=True)]
    known = [year for year in years if year is not None]
    in_order = len(known) == len(taken) and all(a < b for a, b in pairwise(known))
    return known if in_order else [float(place) for place in range(len(taken))]


def _limits(standings: Sequence[Standing], latest: Standing) -> tuple[float, float]:
    shown = [x for s in standings for x in (s.value, s.low, s.high, latest.asked) if np.isfinite(x)]
    low, high = min(shown), max(shown)
    room = (high - low or abs(high) or 1.0) * _PAD
    return low - room, high + room
