"""A canvas in millimetres: what is written and ruled on it. Maps lie below, in windows of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures.files import own_settings
from suizhou_geo.outputs.figures.fonts import MM_PER_PT, Fonts
from suizhou_geo.standards.symbology import Symbol

PAPERS_MM = {"A4": (297.0, 210.0), "A3": (420.0, 297.0)}  # landscape
INK = "#1d2730"
FAINT = "#5b6772"
RED = "#b3261e"
PT_PER_PX = 0.45  # widths of symbology are for screens; paper takes finer lines
LINE_HEIGHT = 1.45
LEAST_DOT_PT = 2.2
HEADING_PT = 7.0
HEADINGS_PT = (HEADING_PT, 6.2, 5.4)  # the first that has room for all of a heading
INLINE_DPI = 110

Style = dict[str, Any]  # what matplotlib's artists take


@dataclass(frozen=True)
class Box:
    """A rectangle on the canvas: its lower left corner and its size, in mm."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y + self.height

    def inset(self, mm: float) -> Box:
        """Return the box with `mm` less on every side."""
        return Box(self.x + mm, self.y + mm, self.width - 2 * mm, self.height - 2 * mm)

    def below(self, y: float) -> Box:
        """Return what of the box lies below a height."""
        return Box(self.x, self.y, self.width, y - self.y)

    def meets(self, other: Box) -> bool:
        """Whether two boxes overlap."""
        return self.x < other.right and other.x < self.right and self.y < other.top and other.y < self.top

    def holds(self, other: Box) -> bool:
        """Whether another box lies inside."""
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.top >= other.top


def line_mm(size_pt: float) -> float:
    """How high a line of text of a size is, in mm, with the space to the next."""
    return size_pt * MM_PER_PT * LINE_HEIGHT


class Drawing(Figure):
    """A figure that a notebook shows without pyplot."""

    def _repr_png_(self) -> bytes:
        out = BytesIO()
        with own_settings():
            self.savefig(out, format="png", dpi=INLINE_DPI)
        return out.getvalue()


@dataclass(frozen=True, eq=False)
class Canvas:
    """A page: the figure, its axes in mm with the origin in the lower left corner, and what to write with."""

    figure: Figure
    axes: Axes
    fonts: Fonts
    lang: Lang

    @property
    def size_mm(self) -> tuple[float, float]:
        """Its width and height."""
        return self.axes.get_xlim()[1], self.axes.get_ylim()[1]

    @property
    def paper(self) -> str:
        """The paper it is printed on; "" for a drawing of another size, whose scale nobody knows."""
        return next((paper for paper, size in PAPERS_MM.items() if size == self.size_mm), "")

    def window(self, box: Box) -> Axes:
        """Return new axes for a map, below everything that is written."""
        width, height = self.size_mm
        axes = self.figure.add_axes((box.x / width, box.y / height, box.width / width, box.height / height), zorder=0)
        axes.set_axis_off()
        return axes

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 6.5,
        bold: bool = False,
        colour: str = INK,
        align: str = "left",
        halo: bool = False,
    ) -> None:
        """Write one line, its baseline at y; signs of formulas are written as they are."""
        self.axes.text(
            x,
            y,
            text,
            family=list(self.fonts.families),
            fontsize=size,
            weight="bold" if bold else "normal",
            color=colour,
            ha=align,
            va="baseline",
            parse_math=False,
            path_effects=[withStroke(linewidth=size * 0.38, foreground="white")] if halo else None,
        )

    def write_within(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        *,
        size: float | Sequence[float],
        bold: bool = False,
        colour: str = INK,
    ) -> None:
        """Write one line to the right of x, in the first size in which it is no wider than a width; cut in the last."""
        sizes = [size] if isinstance(size, int | float) else size
        shown, size = self.fonts.fitted(text, width, sizes, bold=bold)
        self.write(x, y, shown, size=size, bold=bold, colour=colour)

    def heading(self, box: Box, text: str) -> Box:
        """Write a heading at the top of a box; return what is left below."""
        self.write_within(box.x, box.top - line_mm(HEADING_PT) + 1.2, box.width, text, size=HEADINGS_PT, bold=True)
        return box.below(box.top - line_mm(HEADING_PT))

    def write_lines(
        self, box: Box, text: str, *, size: float = 6.5, bold: bool = False, colour: str = INK, most: int | None = None
    ) -> float:
        """Write a text into a box from its top, broken into lines; what does not fit ends in "…". Return the y below."""
        step = line_mm(size)
        room = max(int(box.height / step + 1e-6), 1)
        lines = self.fonts.wrapped(text, box.width, size, bold=bold, most=room if most is None else min(most, room))
        y = box.top
        for line in lines:
            y -= step
            self.write(box.x, y + 0.3 * step, line, size=size, bold=bold, colour=colour)
        return y

    def fill(self, box: Box, text: str, sizes: Sequence[float]) -> None:
        """Write a text into a box in the first size that has room for all of it, else in the last."""

        def fits(size: float) -> bool:
            return len(self.fonts.wrapped(text, box.width, size)) * line_mm(size) <= box.height + 1e-6

        self.write_lines(box, text, size=next(filter(fits, sizes), sizes[-1]))

    def frame(self, box: Box, *, colour: str = INK, width: float = 0.6, fill: str = "none", hatch: str = "") -> None:
        """Draw a rectangle."""
        style: Style = {"edgecolor": colour, "facecolor": fill, "linewidth": width, "hatch": hatch or None}
        self.axes.add_artist(Rectangle((box.x, box.y), box.width, box.height, **style))

    def area_sample(self, box: Box, symbol: Symbol) -> None:
        """Draw a rectangle as a symbol wants an area."""
        width = symbol.width_px * PT_PER_PX * 0.5
        fill: Style = {"facecolor": symbol.fill or "none", "alpha": symbol.opacity, "linewidth": 0}
        edge: Style = {"facecolor": "none", "edgecolor": symbol.stroke, "linewidth": width, "linestyle": dashes(symbol)}
        for style in (fill, edge):
            self.axes.add_artist(Rectangle((box.x, box.y), box.width, box.height, **style))

    def rule(self, xs: Sequence[float], ys: Sequence[float], *, symbol: Symbol) -> None:
        """Draw a line as a symbol wants it."""
        style: Style = {"color": symbol.stroke, "linewidth": symbol.width_px * PT_PER_PX, "linestyle": dashes(symbol)}
        self.axes.add_artist(Line2D(xs, ys, solid_capstyle="butt", **style))

    def line(self, xs: Sequence[float], ys: Sequence[float], *, colour: str = INK, width: float = 0.5) -> None:
        """Draw a line of a width in points."""
        self.axes.add_artist(Line2D(xs, ys, color=colour, linewidth=width, solid_capstyle="butt"))

    def dot(self, x: float, y: float, *, symbol: Symbol) -> None:
        """Draw a point as a symbol wants it."""
        self.axes.add_artist(Line2D([x], [y], **dots(symbol)))

    def shape(self, points: Sequence[tuple[float, float]], *, fill: str = INK, colour: str = INK) -> None:
        """Draw a filled outline."""
        outline = Outline([*points, points[0]], closed=True)
        self.axes.add_artist(PathPatch(outline, facecolor=fill, edgecolor=colour, linewidth=0.5))


def blank_canvas(fonts: Fonts, lang: Lang, *, size_mm: tuple[float, float] = PAPERS_MM["A4"]) -> Canvas:
    """Return an empty page."""
    figure = Drawing(figsize=(size_mm[0] / 25.4, size_mm[1] / 25.4), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), zorder=10)
    axes.set_axis_off()
    axes.set_xlim(0, size_mm[0])
    axes.set_ylim(0, size_mm[1])
    return Canvas(figure, axes, fonts, lang)


def dots(symbol: Symbol) -> Style:
    """How matplotlib draws a symbol as dots; one meant for lines is wide enough to be seen."""
    edge = {"markeredgecolor": "white", "markeredgewidth": 0.4}
    size = max(symbol.width_px * PT_PER_PX, LEAST_DOT_PT)
    return {"marker": "o", "linestyle": "none", "markersize": size, "markerfacecolor": symbol.stroke, **edge}


def dashes(symbol: Symbol) -> str | tuple[float, tuple[float, ...]]:
    """The dashes of a symbol as matplotlib wants them: in units of the line's width."""
    if not symbol.dash_px or not symbol.width_px:
        return "solid"
    return (0.0, tuple(length / symbol.width_px for length in symbol.dash_px))
