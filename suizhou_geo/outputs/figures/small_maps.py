"""The pieces a sheet is put together from: small maps by zone, the main map of gaps, the table by zone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from suizhou_geo.assessment.phrases import left_all_open, promise, row_verdict_text, value_text, verdict_text
from suizhou_geo.assessment.rows import Row, Status, ZoneRow, gap_to, is_ratio
from suizhou_geo.assessment.wording import great_figure, unit_name
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures.basemap import (
    Basemap,
    Bounds,
    Window,
    city_bounds,
    draw_basemap,
    draw_zones,
    window_of,
)
from suizhou_geo.outputs.figures.canvas import FAINT, INK, RED, Box, Canvas, line_mm
from suizhou_geo.outputs.figures.evidence import Layer, draw_evidence
from suizhou_geo.outputs.figures.labels import NAME_PT, Labels
from suizhou_geo.outputs.figures.map_elements import Cell, class_legend, north_arrow, row_mm, scale, table
from suizhou_geo.outputs.figures.words import say
from suizhou_geo.standards.symbology import PALETTE, ROLES, VERDICTS, class_limits, class_of
from suizhou_geo.study_area import StudyArea

HEAD_MM, FOOT_MM = 10.0, 8.6  # of a small map: its name above, its classes below
LIGHT = "#fbfaf7"
SORTED = "▼"  # at the head of the column a table is sorted by


class Maps:
    """Draws the maps and tables of one canvas, and remembers which zones it had to tell by their number."""

    def __init__(self, canvas: Canvas, area: StudyArea, base: Basemap) -> None:
        """Start a canvas."""
        self.canvas, self.area, self.base, self.lang = canvas, area, base, canvas.lang
        self.zone_names = zone_names(area, canvas)
        self.numbered: set[int] = set()
        self.window: Window | None = None

    def layout(self, box: Box) -> None:
        """Draw the zones by their role."""
        canvas = self.canvas
        canvas.write(box.x, box.top - 3.2, say("layout", self.lang), size=7, bold=True)
        axes, labels = self._map(_map_box(box), main_only=True)
        draw_zones(axes, self.base, [ROLES[role].fill for role in self.area.zones["role"]])
        self._label(labels, size=NAME_PT)
        x = box.x + 4
        for role in dict.fromkeys(self.area.zones["role"]):
            name = ROLES[role].name.speak(self.lang)
            canvas.frame(Box(x, box.y + 3.4, 6, 2.6), width=0.3, fill=ROLES[role].fill)
            canvas.write(x + 7, box.y + 3.8, name, size=6.2)
            x += 12 + canvas.fonts.width_mm(name, 6.2)

    def scale(self, x: float, top: float) -> float:
        """Draw north arrow and scale bar of the maps, which have one scale, beside them; return the y below."""
        if self.window is None:
            return top
        north_arrow(self.canvas, self.window, self.area.crs, box=Box(x, top - 14, 10, 14))
        scale(self.canvas, self.window, x=x + 11, y=top - 12.5)
        return top - 15

    def small_map(self, row: Row, box: Box, gaps: Sequence[Layer]) -> None:
        """Draw a row by zone with its gaps on top: name, promise and verdict above, classes below."""
        name, (text, colour) = capitalised(row.name.speak(self.lang)), self.whole_line(row)
        self.canvas.write_within(box.x, box.top - 3.2, box.width - 1, name, size=(7.0, 6.2, 5.4), bold=True)
        self.canvas.write_within(box.x, box.top - 7.6, box.width - 1, text, size=(6.2, 5.4), colour=colour)
        self.by_zone(row, _map_box(box), gaps)

    def locator(self, box: Box, frame: Bounds) -> float:
        """Draw where the frame of a map closer than the city lies in it; return the y below."""
        self.canvas.write(box.x, box.top - 3.2, say("where", self.lang), size=7, bold=True)
        axes, labels = self._map(Box(box.x, box.y, box.width, box.height - 5), main_only=True)
        draw_zones(axes, self.base, [LIGHT] * len(self.area.zones))
        west, south, east, north = frame
        axes.add_artist(Rectangle((west, south), east - west, north - south, fc="none", ec=RED, lw=1.4, zorder=10))
        self._label(labels, size=NAME_PT - 0.8)
        return box.y

    def inset(self, row: Row, box: Box) -> float:
        """Draw the small map of the values by zone that stands beside a map of gaps; return the y below."""
        self.canvas.write(box.x, box.top - 3.2, say("values", self.lang), size=7, bold=True)
        self.by_zone(row, Box(box.x, box.y + FOOT_MM, box.width, box.height - FOOT_MM - 5), ())
        return box.y

    def by_zone(self, row: Row, box: Box, gaps: Sequence[Layer]) -> None:
        """Draw the values of a row by zone with its gaps on top, and the classes below the box.

        Zones that cannot be compared are not filled by class.
        """
        axes, labels = self._map(box, main_only=True)
        values = np.array(self._values(row))
        limits = class_limits(values, row.unit) if is_comparable(row) else []
        fills = [PALETTE[class_of(v, limits)] if limits else LIGHT for v in values.tolist()]
        draw_zones(axes, self.base, ["" if np.isnan(v) else fill for v, fill in zip(values, fills, strict=True)])
        draw_evidence(axes, self.base, gaps)
        self._label(labels, self._zone_values(row), size=NAME_PT - 0.8)
        place = Box(box.x, box.y - FOOT_MM, box.width, FOOT_MM)
        target = row.asked if row.is_held_by_zone else np.nan
        class_legend(self.canvas, place, limits, unit=row.unit, target=target, gaps=bool(np.isnan(values).any()))

    def evidence(
        self, box: Box, layers: Sequence[Layer], frame: Bounds, *, marked: Sequence[tuple[str, shapely.Geometry]]
    ) -> None:
        """Draw the evidence of a row over the basemap within a frame, places marked: with a number or their name."""
        axes, labels = self._map(box, main_only=False, frame=frame)
        arrow = Box(box.right - 11, box.top - 15, 10, 14)
        north_arrow(self.canvas, labels.window, self.area.crs, box=arrow)
        labels.taken.extend([arrow, scale(self.canvas, labels.window, x=box.x + 1.5, y=box.y + 1.5)])
        draw_zones(axes, self.base, [LIGHT] * len(self.area.zones))
        draw_evidence(axes, self.base, layers)
        labels.marks(marked, colour=RED)
        self._label(labels, size=NAME_PT + 1)

    def whole_line(self, row: Row) -> tuple[str, str]:
        """Say the whole, the promise and the verdict with its sign in one line; and the colour of the verdict."""
        lang = self.lang
        if not row.has_data:
            return verdict_text("no_data", lang), VERDICTS["no_data"][1]
        whole = say("whole_is", lang).format(value_text(row, lang))
        if not row.status:
            return f"{whole} · {say('no_target', lang)}", FAINT
        asked = promise(row.op, row.asked, row.told_unit, lang, short=True)
        return f"{whole} · {asked} · {row_verdict_text(row, lang)}", VERDICTS[row.status][1]

    def zone_table(self, shown: Sequence[Row], box: Box) -> float:
        """Draw values by zone against the promises, of too many zones those with the widest gaps; return the y below."""
        lang = self.lang
        shown = [row for row in shown if has_zones(row)]
        if not shown:
            return box.top
        heads = [f"{capitalised(row.name.speak(lang))} {unit_name(row.told_unit, lang)}".strip() for row in shown]
        names = [f"{k + 1} {name}" if self.numbered else name for k, name in enumerate(self.zone_names)]
        columns = zip(*(self._zone_values(row) for row in shown), strict=True)
        rows = [[Cell(n), *(Cell(*cell) for cell in cells)] for n, cells in zip(names, columns, strict=True)]
        most = max(int((box.height - 14) / row_mm()) - 3, 1)
        left = len(rows) - most
        if left > 0:
            rows = [rows[k] for k in self._widest_gap_first(shown[0])[:most]]
            heads[0] += f" {SORTED}" * shown[0].is_held_by_zone
        rows.append([Cell(say("whole", lang), bold=True), *(self._whole_cell(row) for row in shown)])
        if any(row.is_judged for row in shown):
            rows.append([Cell(say("target", lang), bold=True), *(Cell(self._asked(row)) for row in shown)])
        widths = [1.9 if len(shown) > 1 else 1.2, *([1.0] * len(shown))]
        y = table(self.canvas, box, [say("zone", lang), *heads], rows, widths=widths)
        if left > 0:
            y -= line_mm(6)
            text = say("more_zones", lang).format(left)
            text += f" · {say('weakest_first', lang)}" * shown[0].is_held_by_zone
            self.canvas.write_within(box.x, y + 0.6, box.width, text, size=6, colour=FAINT)
        return y

    def _map(self, box: Box, *, main_only: bool, frame: Bounds | None = None) -> tuple[Axes, Labels]:
        """Open a map in a box, of the city unless a frame is given: basemap, border, the tag of invented data."""
        canvas, window = self.canvas, window_of(frame or city_bounds(self.area), box)
        axes = canvas.window(box)
        draw_basemap(axes, window, self.base, main_only=main_only)
        canvas.frame(box, width=0.6)
        self.window, labels = window, Labels(canvas, window)
        if self.area.invented:
            text = say("invented_tag", self.lang)
            tag = Box(box.x + 0.8, box.top - 4.0, canvas.fonts.width_mm(text, 5.6, bold=True) + 2, 3.2)
            canvas.frame(tag, colour=RED, width=0.6, fill="white")
            canvas.write(tag.x + 1, tag.y + 0.85, text, size=5.6, bold=True, colour=RED)
            labels.taken.append(tag)
        return axes, labels

    def _label(self, labels: Labels, values: Sequence[tuple[str, str]] = (), *, size: float) -> None:
        labels.zones(self.area, self.zone_names, values or [("", INK)] * len(self.area.zones), size=size)
        self.numbered |= labels.numbered

    def _values(self, row: Row) -> list[float]:
        """The values of a row in the order of the zones."""
        return [float(value) for value in row.zone_values(self.area.zones)]

    def _zone_values(self, row: Row) -> list[tuple[str, str]]:
        """Per zone its value with the sign of its verdict, and the colour that has."""
        if row.measure is None:
            return [_figure(row, row, "no_data", self.lang)] * len(self.area.zones)
        return [
            _figure(row, zone, row.zone_status(zone.value, zone_id=zone.zone_id), self.lang)
            for zone in row.by_zone(self.area.zones)
        ]

    def _widest_gap_first(self, row: Row) -> list[int]:
        """The zones in order of their gaps; without a promise, as they stand."""
        gaps = [-gap_to(row.op, value, row.asked) if row.is_held_by_zone else 0.0 for value in self._values(row)]
        return [int(k) for k in np.argsort(gaps, kind="stable")]

    def _asked(self, row: Row) -> str:
        """What is promised, as short as a column of the table is wide."""
        if not row.status:
            return "—"
        known = np.isfinite(row.asked)
        return promise(row.op, row.asked, row.unit, self.lang, short=True) if known else say("target_open", self.lang)

    def _whole_cell(self, row: Row) -> Cell:
        text, colour = _figure(row, row, row.status, self.lang)
        return Cell(text, colour if row.status else INK, bold=True)


def zone_names(area: StudyArea, canvas: Canvas) -> tuple[str, ...]:
    """Return the names of the zones; one that cannot be drawn is told by its id, else by its number."""
    fonts = canvas.fonts

    def told(k: int, zone: str, name: str) -> str:
        if fonts.drawable(" ".join(name.split())) and name.strip():
            return name
        return say("zone_n", canvas.lang).format(zone if fonts.drawable(zone) else k + 1)

    return tuple(told(k, str(zone), str(name)) for k, (zone, name) in enumerate(area.zones["name"].items()))


def has_zones(row: Row) -> bool:
    """Whether a row has a value in any zone."""
    return row.measure is not None and bool(row.measure.by_zone.notna().any())


def is_comparable(row: Row) -> bool:
    """Whether colours by zone tell anything: two zones with values, and more than whether there is one thing or none."""
    if row.measure is None:
        return False
    known = row.measure.by_zone.dropna().to_numpy(dtype=float)
    return len(known) > 1 and (is_ratio(row.unit) or not np.isin(known, (0.0, 1.0)).all())


def _figure(row: Row, of: Row | ZoneRow, status: Status, lang: Lang) -> tuple[str, str]:
    """A value without its unit, which stands in the head of its table, with the sign and the colour of its verdict."""
    sign, colour = VERDICTS[status]
    if np.isnan(of.value):
        return say("no_data", lang), colour
    if of.thin is not None:
        return f"{sign or '?'} {of.thin.speak(lang)}", colour
    figure = great_figure(of.value, row.unit, lang, beside=row.asked)
    told = say("in_data", lang).format(figure) if left_all_open(row) else figure
    return f"{told} {sign}".strip(), colour


def _map_box(box: Box) -> Box:
    return Box(box.x, box.y + FOOT_MM, box.width, box.height - HEAD_MM - FOOT_MM)
