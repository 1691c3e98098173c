"""A drawing of a small town: shapes in metres in, SVG text out, the same on every machine.

Each drawing is one panel, wide enough to be read on a telephone; a page sets two or three of them side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
import shapely

WIDTH_PX = 360.0
MARGIN_PX = 14.0
TOP_PX = 34.0
LINE_PX = 18.0
FONT = "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',Arial,sans-serif"
INK = "#2b2b2b"
PAPER = "#ffffff"


@dataclass(frozen=True)
class Key:
    """One line of the legend: a swatch of `fill`, or a line of `stroke`, and its words."""

    words: str
    fill: str = ""
    stroke: str = ""
    dash: str = ""


@dataclass
class Panel:
    """One drawing: a title, the town within `bounds` (metres), the answer in large letters, a legend."""

    title: str
    bounds: tuple[float, float, float, float]
    answer: str
    scale_m: float
    note: str = ""
    keys: Sequence[Key] = ()
    marks: list[str] = field(default_factory=list)

    def area(
        self, shape: shapely.Geometry, fill: str, *, stroke: str = "none", width: float = 1.0, dash: str = ""
    ) -> None:
        """Fill a polygon, or several."""
        rings = [r for p in shapely.get_parts(shape) for r in (p.exterior, *p.interiors)]
        path = " ".join(f"M{self._points(ring)}Z" for ring in rings)
        self.marks.append(
            f'<path d="{path}" fill="{fill}" fill-rule="evenodd" stroke="{stroke}" stroke-width="{width:g}"{_dashed(dash)}/>'
        )

    def line(self, shape: shapely.Geometry, stroke: str, width: float = 2.0, *, dash: str = "") -> None:
        """Draw a line, or several."""
        path = " ".join(f"M{self._points(part)}" for part in shapely.get_parts(shape))
        self.marks.append(
            f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{width:g}" stroke-linejoin="round"{_dashed(dash)}/>'
        )

    def dot(self, point: shapely.Point, fill: str, *, radius: float = 4.5) -> None:
        """Draw a point as a disc with a light rim."""
        x, y = self._xy(point.x, point.y)
        self.marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{PAPER}" stroke-width="1.5"/>'
        )

    def label(self, at: tuple[float, float], words: str, *, colour: str = INK, anchor: str = "middle") -> None:
        """Write words at a place in metres, with a light rim so that they can be read on anything but dark ground."""
        x, y = self._xy(*at)
        rim = (
            f' stroke="{PAPER}" stroke-width="3" paint-order="stroke" stroke-linejoin="round"'
            if colour != PAPER
            else ""
        )
        place = f'x="{x:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}" font-size="11.5" fill="{colour}"'
        self.marks.append(f"<text {place}{rim}>{escape(words)}</text>")

    def svg(self) -> str:
        """Return the whole drawing."""
        rows = [*self._answer(), *(self._legend_row(key) for key in self.keys)]
        below = TOP_PX + (self.bounds[3] - self.bounds[1]) * self._scale + MARGIN_PX
        height = below + LINE_PX * len(rows) + 6
        size = f'viewBox="0 0 {WIDTH_PX:g} {height:.0f}" width="{WIDTH_PX:g}" height="{height:.0f}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{FONT}" font-size="12" fill="{INK}">',
            f"<title>{escape(self.title)}</title>",
            f'<rect width="{WIDTH_PX:g}" height="{height:.0f}" rx="6" fill="{PAPER}" stroke="#d8d8d8"/>',
            f'<text x="{MARGIN_PX:g}" y="22" font-size="13.5" font-weight="bold">{escape(self.title)}</text>',
            *self.marks,
            *(f'<g transform="translate({MARGIN_PX:g},{below + LINE_PX * i:.1f})">{r}</g>' for i, r in enumerate(rows)),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    @property
    def _scale(self) -> float:
        west, _, east, _ = self.bounds
        return (WIDTH_PX - 2 * MARGIN_PX) / (east - west)

    def _xy(self, x: float, y: float) -> tuple[float, float]:
        return MARGIN_PX + (x - self.bounds[0]) * self._scale, TOP_PX + (self.bounds[3] - y) * self._scale

    def _points(self, line: shapely.Geometry) -> str:
        xy = shapely.get_coordinates(shapely.simplify(line, 0.3 / self._scale))
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (self._xy(*point) for point in np.asarray(xy)))

    def _answer(self) -> list[str]:
        rows = [f'<text y="14" font-size="15" font-weight="bold" fill="#00567f">{escape(self.answer)}</text>']
        rows[0] += self._scale_bar()
        if self.note:
            rows.append(f'<text y="14" fill="#555555">{escape(self.note)}</text>')
        return rows

    def _legend_row(self, key: Key) -> str:
        if key.fill:
            swatch = f'<rect y="3" width="18" height="12" fill="{key.fill}" stroke="{key.stroke or "none"}"/>'
        else:
            swatch = f'<path d="M0,9 h18" stroke="{key.stroke}" stroke-width="3"{_dashed(key.dash)}/>'
        return f'{swatch}<text x="26" y="13">{escape(key.words)}</text>'

    def _scale_bar(self) -> str:
        right = WIDTH_PX - 2 * MARGIN_PX - 4
        left = right - self.scale_m * self._scale
        words = f"{self.scale_m:g} m" if self.scale_m < 1000 else f"{self.scale_m / 1000:g} km"
        return (
            f'<path d="M{left:.1f},8 v5 H{right:.1f} v-5" fill="none" stroke="{INK}"/>'
            f'<text x="{left - 5:.1f}" y="13" font-size="11" text-anchor="end">{words}</text>'
        )


def _dashed(dash: str) -> str:
    return f' stroke-dasharray="{dash}"' if dash else ""
