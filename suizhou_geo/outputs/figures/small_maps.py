"""The pieces a sheet is put together from: small maps by zone, the main map of gaps, the table by zone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from suizhou_geo.assessment.scorecard import is_ratio, zone_verdict
from suizhou_geo.assessment.wording import amount, unit_name
from suizhou_geo.model import Measure
from suizhou_geo.outputs.figures.basemap import Base, Window, draw_base, draw_zones, window_of
from suizhou_geo.outputs.figures.canvas import FAINT, INK, RED, Box, Paper, line_mm
from suizhou_geo.outputs.figures.context import Material, figure_of, promised
from suizhou_geo.outputs.figures.evidence import Mark, draw_marks
from suizhou_geo.outputs.figures.labels import NAME_PT, Labels
from suizhou_geo.outputs.figures.map_elements import Cell, class_legend, north_arrow, row_mm, scale, table
from suizhou_geo.outputs.figures.words import promise, say, verdict
from suizhou_geo.standards.symbology import PALETTE, ROLES, VERDICTS, class_limits, class_of

HEAD_MM, FOOT_MM = 10.0, 8.6  # of a small map: its name above, its classes below
LIGHT = "#fbfaf7"


class Panels:
    """Draws the maps and tables of one sheet, and remembers which zones it had to tell by their number."""

    def __init__(self, paper: Paper, material: Material, base: Base) -> None:
        """Start a sheet."""
        self.paper, self.material, self.base = paper, material, base
        self.lang, self.area = paper.lang, material.study.area
        self.numbered: set[int] = set()
        self.window: Window | None = None

    def layout(self, box: Box) -> None:
        """Draw the zones by their role."""
        self.paper.write(box.x, box.top - 3.2, say("layout", self.lang), size=7, bold=True)
        labels = self._map(_map_box(box), main_only=True)
        draw_zones(self.paper.figure.axes[-1], self.base, [ROLES[role].fill for role in self.area.zones["role"]])
        self._label(labels, [("", INK)] * len(self.area.zones), size=NAME_PT)
        x = box.x + 4
        for role in dict.fromkeys(self.area.zones["role"]):
            name = ROLES[role].name.speak(self.lang)
            self.paper.frame(Box(x, box.y + 3.4, 6, 2.6), width=0.3, fill=ROLES[role].fill)
            self.paper.write(x + 7, box.y + 3.8, name, size=6.2)
            x += 12 + self.paper.letters.width_mm(name, 6.2)

    def scale(self, x: float, top: float) -> float:
        """Draw north arrow and scale bar of the maps, which have one scale, beside them; return the y below."""
        if self.window is None:
            return top
        north_arrow(self.paper, self.window, self.area.crs, box=Box(x, top - 14, 10, 14))
        scale(self.paper, self.window, x=x + 11, y=top - 12.5)
        return top - 15

    def small_map(self, measure: Measure, box: Box, gaps: Sequence[Mark]) -> None:
        """Draw a measure by zone with its gaps on top: name, promise and verdict above, classes below."""
        paper = self.paper
        name = paper.letters.clipped(self.material.name(measure), box.width - 1, 7.0, bold=True)
        paper.write(box.x, box.top - 3.2, name, size=7.0, bold=True)
        text, colour = self.whole_line(measure)
        paper.write(box.x, box.top - 7.6, paper.letters.clipped(text, box.width - 1, 6.2), size=6.2, colour=colour)
        self._choropleth(measure, _map_box(box), gaps)

    def inset(self, measure: Measure, box: Box) -> float:
        """Draw the small map of the values by zone that stands beside a map of gaps; return the y below."""
        self.paper.write(box.x, box.top - 3.2, say("values", self.lang), size=7, bold=True)
        self._choropleth(measure, Box(box.x, box.y + FOOT_MM, box.width, box.height - FOOT_MM - 5), ())
        return box.y

    def main_map(self, box: Box, marks: Sequence[Mark], *, ranked: Sequence[tuple[int, shapely.Geometry]]) -> None:
        """Draw the evidence of a measure over the whole base, the most urgent places numbered."""
        labels = self._map(box, main_only=False)
        arrow = Box(box.right - 11, box.top - 15, 10, 14)
        north_arrow(self.paper, labels.window, self.area.crs, box=arrow)
        labels.taken.extend([arrow, scale(self.paper, labels.window, x=box.x + 1.5, y=box.y + 1.5)])
        axes = self.paper.figure.axes[-1]
        draw_zones(axes, self.base, [LIGHT] * len(self.area.zones))
        draw_marks(axes, self.base, marks)
        labels.ranks(ranked, colour=RED)
        self._label(labels, [("", INK)] * len(self.area.zones), size=NAME_PT + 1)

    def whole_line(self, measure: Measure) -> tuple[str, str]:
        """Say the whole, the promise and the verdict with its sign in one line; and the colour of the verdict."""
        row, lang = self.material.row(measure), self.lang
        if not measure.has_data:
            sign, colour = VERDICTS["no_data"]
            return f"{sign} {verdict('no_data', lang)}", colour
        whole = say("whole_is", lang).format(amount(measure.value, measure.unit, lang, beside=row["target"]))
        if not row["status"]:
            return f"{whole} · {say('no_target', lang)}", FAINT
        sign, colour = VERDICTS[row["status"]]
        asked = promise(row["op"], row["target"], measure.unit, lang)
        return f"{whole} · {asked} · {sign} {verdict(row['status'], lang)}", colour

    def zone_table(self, shown: Sequence[Measure], box: Box) -> float:
        """Draw values by zone against the promises, of too many zones those with the widest gaps; return the y below."""
        lang, material = self.lang, self.material
        shown = [m for m in shown if m.by_zone.notna().any()]
        if not shown:
            return box.top
        names = [f"{k + 1} {name}" if self.numbered else name for k, name in enumerate(material.zone_names)]
        columns = zip(*(self._zone_values(m) for m in shown), strict=True)
        rows = [[Cell(n), *(Cell(*cell) for cell in cells)] for n, cells in zip(names, columns, strict=True)]
        most = max(int((box.height - 14) / row_mm()) - 3, 1)
        order = list(range(len(rows))) if len(rows) <= most else self._widest_gap_first(shown[0])[:most]
        left = len(rows) - len(order)
        rows = [rows[k] for k in order]
        rows.append([Cell(say("whole", lang), bold=True), *map(self._whole_cell, shown)])
        if any(promised(material.row(m)) for m in shown):
            rows.append([Cell(say("target", lang), bold=True), *map(self._target_cell, shown)])
        heads = [say("zone", lang), *(f"{material.name(m)} {unit_name(m.unit, lang)}".strip() for m in shown)]
        first = 1.9 if len(shown) > 1 else 1.2
        y = table(self.paper, box, heads, rows, widths=[first, *([1.0] * len(shown))])
        if left:
            y -= line_mm(6)
            text = say("more_zones", lang).format(left)
            text += f" · {say('weakest_first', lang)}" * (promised(material.row(shown[0])) and is_ratio(shown[0].unit))
            self.paper.write(box.x, y + 0.6, self.paper.letters.clipped(text, box.width, 6), size=6, colour=FAINT)
        return y

    def _map(self, box: Box, *, main_only: bool) -> Labels:
        """Open a map in a box: base, frame, the tag of invented data."""
        paper, window = self.paper, window_of(self.area, box)
        draw_base(paper.window(box), window, self.base, main_only=main_only)
        paper.frame(box, width=0.6)
        self.window, labels = window, Labels(paper, window)
        if self.area.invented:
            text = say("invented_tag", paper.lang)
            tag = Box(box.x + 0.8, box.top - 4.0, paper.letters.width_mm(text, 5.6, bold=True) + 2, 3.2)
            paper.frame(tag, colour=RED, width=0.6, fill="white")
            paper.write(tag.x + 1, tag.y + 0.85, text, size=5.6, bold=True, colour=RED)
            labels.taken.append(tag)
        return labels

    def _label(self, labels: Labels, values: Sequence[tuple[str, str]], *, size: float) -> None:
        labels.zones(self.area, self.material.zone_names, values, size=size)
        self.numbered |= labels.numbered

    def _choropleth(self, measure: Measure, box: Box, gaps: Sequence[Mark]) -> None:
        labels = self._map(box, main_only=True)
        axes = self.paper.figure.axes[-1]
        values, row = np.array(self.material.values(measure)), self.material.row(measure)
        limits = class_limits(values, measure.unit)
        draw_zones(axes, self.base, ["" if np.isnan(v) else PALETTE[class_of(v, limits)] for v in values.tolist()])
        draw_marks(axes, self.base, gaps)
        self._label(labels, self._zone_values(measure), size=NAME_PT - 0.8)
        place = Box(box.x, box.y - FOOT_MM, box.width, FOOT_MM)
        target = row["target"] if row["status"] and is_ratio(measure.unit) else np.nan
        missing, some = bool(np.isnan(values).any()), bool(np.isfinite(values).any())
        class_legend(self.paper, place, limits if some else (), unit=measure.unit, target=target, gaps=missing)

    def _zone_values(self, measure: Measure) -> list[tuple[str, str]]:
        """Per zone its value with the sign of its verdict, and the colour that has."""
        row, result = self.material.row(measure), []
        for value in self.material.values(measure):
            status = zone_verdict(value, row)
            text = figure_of(value, measure.unit, self.lang, beside=row["target"])
            sign, colour = VERDICTS[status]
            result.append((f"{text} {sign}".strip() if status != "no_data" else say("no_data", self.lang), colour))
        return result

    def _widest_gap_first(self, measure: Measure) -> list[int]:
        """The zones in order of their gaps; without a promise, as they stand."""
        if not promised(self.material.row(measure)) or not is_ratio(measure.unit):
            return list(range(len(self.area.zones)))
        values = np.array(self.material.values(measure))
        sign = -1.0 if self.material.row(measure)["op"] in ("<=", "<") else 1.0
        return [int(k) for k in np.argsort(np.where(np.isnan(values), np.inf, sign * values), kind="stable")]

    def _whole_cell(self, measure: Measure) -> Cell:
        row = self.material.row(measure)
        sign, colour = VERDICTS[row["status"]]
        text = figure_of(measure.value, measure.unit, self.lang, beside=row["target"])
        return Cell(f"{text} {sign}".strip(), colour if row["status"] else INK, bold=True)

    def _target_cell(self, measure: Measure) -> Cell:
        row = self.material.row(measure)
        return Cell(promise(row["op"], row["target"], measure.unit, self.lang, short=True) if row["status"] else "—")


def _map_box(box: Box) -> Box:
    return Box(box.x, box.y + FOOT_MM, box.width, box.height - HEAD_MM - FOOT_MM)
