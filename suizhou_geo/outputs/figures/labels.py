"""Writing on maps that never lies on other writing: names of zones with their values, and ranks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.outputs.figures.basemap import Window
from suizhou_geo.outputs.figures.canvas import INK, Box, Canvas, line_mm
from suizhou_geo.study_area import StudyArea

NAME_PT, VALUE_PT, RANK_PT = 6.6, 6.2, 6.0
WIDEST_NAME_MM = 30.0
STEPS = sorted(product(range(-3, 4), repeat=2), key=lambda s: (s[0] ** 2 + s[1] ** 2, s))  # nearest first
GAP_MM = 0.5

Line = tuple[str, float, bool, str]  # what is written, its size in points, whether bold, its colour


@dataclass(frozen=True, eq=False)
class Labels:
    """The writing of one map: what of its window is taken. `numbered` are the zones told by their number."""

    canvas: Canvas
    window: Window
    taken: list[Box] = field(default_factory=list)
    numbered: set[int] = field(default_factory=set)

    def zones(self, area: StudyArea, names: Sequence[str], values: Sequence[tuple[str, str]], *, size: float) -> None:
        """Write the name and value (text, colour) of every zone into it; its number where the name has no room.

        Large zones come first, the middle of what is written lies in the zone it tells of, and where not even the
        number has room nothing is written.
        """
        shapes = area.zones.geometry.to_numpy()
        for k in np.argsort(-shapely.area(shapes), kind="stable").tolist():
            value = [(values[k][0], size - 0.4, True, values[k][1])] if values[k][0] else []
            wrapped = self.canvas.fonts.wrapped(names[k], WIDEST_NAME_MM * size / NAME_PT, size, bold=True, most=2)
            name: list[Line] = [(line, size, True, INK) for line in wrapped]
            circle = shapely.maximum_inscribed_circle(shapes[k], tolerance=float(np.sqrt(shapely.area(shapes[k]))) / 50)
            at = self.window.on_canvas(*shapely.get_coordinates(circle)[0])  # the point farthest from its border
            if not (self._put(at, [*name, *value], shapes[k]) or self._put(at, name, shapes[k])):
                self.numbered.add(k)
                number: Line = (str(k + 1), size, True, INK)
                if not self._put(at, [number, *value], shapes[k]):
                    self._put(at, [number], shapes[k])

    def marks(self, marked: Iterable[tuple[str, Shapes]], *, colour: str) -> None:
        """Write numbers or names at the middles of shapes, as near as there is room."""
        for text, shape in marked:
            x, y = shapely.get_coordinates(shapely.centroid(shape))[0]
            self._put(self.window.on_canvas(x, y), [(text, RANK_PT, True, colour)])

    def _put(self, at: tuple[float, float], lines: Sequence[Line], zone: shapely.Geometry | None = None) -> bool:
        """Write lines at a point, or near it within the zone (beside it, where there is none); say if there was room."""
        fonts = self.canvas.fonts
        width = max(fonts.width_mm(text, size, bold=bold) for text, size, bold, _ in lines) + 2 * GAP_MM
        height = sum(line_mm(size) for _, size, _, _ in lines)
        step = (width * 0.8, height * 0.8) if zone is None else (width * 0.25, height * 0.4)
        for right, up in STEPS[1:] if zone is None else STEPS:
            x, y = at[0] + right * step[0], at[1] + up * step[1]
            box = Box(x - width / 2, y - height / 2, width, height)
            free = self.window.box.inset(0.8).holds(box) and not any(box.meets(other) for other in self.taken)
            if free and (zone is None or shapely.contains_xy(zone, *self.window.on_ground(x, y))):
                self._write(box, lines)
                self.taken.append(box)
                return True
        return False

    def _write(self, box: Box, lines: Sequence[Line]) -> None:
        y = box.top
        for text, size, bold, colour in lines:
            y -= line_mm(size)
            place = (box.x + box.width / 2, y + 0.3 * line_mm(size))
            self.canvas.write(*place, text, size=size, bold=bold, colour=colour, align="center", halo=True)
