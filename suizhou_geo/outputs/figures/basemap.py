"""The ground of every map: a window on paper at a round scale, and the quiet base of streets, water and railways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from suizhou_geo.assessment.words import words
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.outputs.figures.canvas import PT_PER_PX, Box, dashes, dots
from suizhou_geo.standards.symbology import BARRIERS, GROUND, NO_DATA, OTHER_ROAD, ROADS, Symbol
from suizhou_geo.study_area import StudyArea

Sample = tuple[Symbol, str]  # what a legend shows: a symbol, as one of KINDS
Bounds = tuple[float, float, float, float]  # west, south, east, north (m)
KINDS = ("dot", "line", "area")

STEPS = (
    *(1.0, 1.1, 1.2, 1.25, 1.4, 1.5, 1.6, 1.75, 2.0, 2.25, 2.5, 2.75),
    *(3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 9.0, 10.0),
)
MOST_POINTS = 12_000  # of one drawing: with more it is a picture in vector files
MOST_OUTLINED = 600
FINENESS = 2500  # shapes are simplified to this part of the city's extent, a tenth of a millimetre on paper
MOST_BAR_MM = 36.0
FREE_SHARE = 0.06  # of a window stays free round the zones
MAIN_ROADS = ("secondary", "arterial", "expressway", "motorway")
HATCH = "////"
BORDER = "#3a3a3a"


@dataclass(frozen=True)
class Window:
    """A map's box on paper (mm), the middle of what it shows (working CRS, m) and its scale 1:`denominator`."""

    box: Box
    east: float
    north: float
    denominator: float

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north of what it shows, in metres."""
        half_x, half_y = self.box.width * self.denominator / 2000, self.box.height * self.denominator / 2000
        return self.east - half_x, self.north - half_y, self.east + half_x, self.north + half_y

    def on_canvas(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the ground (m) lies on paper (mm)."""
        west, south, _, _ = self.bounds
        return self.box.x + (x - west) * 1000 / self.denominator, self.box.y + (y - south) * 1000 / self.denominator

    def on_ground(self, x: float, y: float) -> tuple[float, float]:
        """Which point of the ground (m) lies at a place on paper (mm)."""
        west, south, _, _ = self.bounds
        return west + (x - self.box.x) * self.denominator / 1000, south + (y - self.box.y) * self.denominator / 1000


def city_bounds(area: StudyArea) -> Bounds:
    """Return what all zones lie within."""
    west, south, east, north = area.zones.total_bounds.tolist()
    return west, south, east, north


def around(*bounds: Bounds) -> Bounds:
    """Return what holds all of some bounds.

    >>> around((0, 0, 1, 1), (2, -1, 3, 0))
    (0.0, -1.0, 3.0, 1.0)
    """
    west, south, east, north = np.array(bounds, dtype=float).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())


def window_of(bounds: Bounds, box: Box) -> Window:
    """Return the window that shows what lies within bounds in a box at the largest round scale.

    >>> window_of((0, 0, 10_000, 8_000), Box(10, 44, 190, 145)).denominator
    60000.0
    """
    west, south, east, north = bounds
    free = 1 - FREE_SHARE
    least = 1000 * max((east - west) / (box.width * free), (north - south) / (box.height * free))
    power = 10.0 ** np.floor(np.log10(least))
    denominator = next(step * power for step in STEPS if step * power >= least * (1 - 1e-9))
    return Window(box, (west + east) / 2, (south + north) / 2, float(denominator))


@dataclass(frozen=True, eq=False)
class Basemap:
    """What lies under every map of a study, ready to draw: outlines in the working CRS."""

    zones: tuple[Outline, ...]
    roads: tuple[tuple[str, Outline], ...]
    barriers: tuple[tuple[str, Outline, bool], ...]
    tolerance_m: float
    frame: Bounds

    def lines(self, shapes: Shapes) -> Outline | None:
        """Return the lines among shapes as one outline, cut at the frame and simplified; None where there are none."""
        return line_outline(self._near(shapes, 1, lambda some: shapely.simplify(some, self.tolerance_m)))

    def areas(self, shapes: Shapes) -> Outline | None:
        """Return the areas among shapes as one outline, cut at the frame and simplified; None where there are none."""
        simpler = self._near(shapes, 2, lambda some: shapely.simplify(some, self.tolerance_m))
        return area_outline(simpler)

    def _near(self, shapes: Shapes, dimension: int, simpler: Callable[[Shapes], Shapes]) -> Shapes:
        parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
        parts = parts[shapely.get_dimensions(parts) == dimension]
        west, south, east, north = shapely.bounds(parts).T
        inside = (west >= self.frame[0]) & (south >= self.frame[1]) & (east <= self.frame[2]) & (north <= self.frame[3])
        meets = (west <= self.frame[2]) & (south <= self.frame[3]) & (east >= self.frame[0]) & (north >= self.frame[1])
        cut = shapely.get_parts(shapely.clip_by_rect(parts[meets & ~inside], *self.frame))
        near = simpler(np.concatenate([parts[inside], cut[shapely.get_dimensions(cut) == dimension]]))
        return np.asarray(shapely.get_parts(near[~shapely.is_empty(near)]), dtype=object)


def basemap_of(area: StudyArea, *beyond: Bounds) -> Basemap:
    """Prepare the base of a study: its zones, and streets, water and railways as far as a city's width round them, or round
    what is shown `beyond` them."""
    city = city_bounds(area)
    extent = max(city[2] - city[0], city[3] - city[1])
    west, south, east, north = around(city, *beyond)
    frame = (west - extent, south - extent, east + extent, north + extent)
    bare = Basemap((), (), (), extent / FINENESS, frame)
    zones = []
    for shape in area.zones.geometry.to_numpy():
        outline = bare.areas(np.array([shape], dtype=object))
        zones.append(outline if outline is not None else Outline(np.zeros((1, 2))))
    return Basemap(tuple(zones), _roads(area.roads, bare), _barriers(area.barriers, bare), bare.tolerance_m, frame)


def _roads(roads: gpd.GeoDataFrame | None, bare: Basemap) -> tuple[tuple[str, Outline], ...]:
    if roads is None:
        return ()
    classes, shapes = roads["road_class"].to_numpy(), roads.geometry.to_numpy()
    added = sorted({str(c) for c in classes} - set(ROADS))
    drawn = ((c, bare.lines(shapes[classes == c])) for c in (*added, *ROADS))
    return tuple((c, outline) for c, outline in drawn if outline is not None)


def _barriers(barriers: gpd.GeoDataFrame | None, bare: Basemap) -> tuple[tuple[str, Outline, bool], ...]:
    """Rivers and railways: (kind, outline, whether it is an area)."""
    if barriers is None:
        return ()
    result = []
    for kind in ("river", "railway"):
        shapes = barriers.geometry.to_numpy()[(barriers["kind"] == kind).to_numpy()]
        for outline, filled in ((bare.areas(shapes), True), (bare.lines(shapes), False)):
            if outline is not None:
                result.append((kind, outline, filled))
    return tuple(result)


def draw_basemap(axes: Axes, window: Window, base: Basemap, *, main_only: bool) -> None:
    """Draw ground, water, railways and streets into the window; `main_only` leaves the small streets out."""
    west, south, east, north = window.bounds
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.add_artist(PathPatch(Outline([(west, south), (east, south), (east, north), (west, north)]), fc=GROUND, lw=0))
    for kind, outline, filled in base.barriers:
        symbol = BARRIERS[kind]
        fade = 0.75 if main_only else 1.0
        if filled:
            axes.add_artist(_patch(outline, zorder=3, facecolor=symbol.fill, alpha=symbol.opacity * fade, linewidth=0))
        else:
            width = symbol.width_px * PT_PER_PX * (0.6 if main_only else 0.8)
            style = {"edgecolor": symbol.stroke, "linewidth": width, "linestyle": dashes(symbol), "alpha": fade}
            axes.add_artist(_patch(outline, zorder=4, facecolor="none", **style))
    for road_class, outline in base.roads:
        colour, width, _ = ROADS.get(road_class, OTHER_ROAD)
        if not main_only or road_class in MAIN_ROADS:
            style = {"edgecolor": colour, "linewidth": width * PT_PER_PX * (0.45 if main_only else 0.7), "alpha": 0.8}
            axes.add_artist(_patch(outline, zorder=4, facecolor="none", **style))


def draw_zones(axes: Axes, base: Basemap, fills: Sequence[str], *, opacity: float = 1.0) -> None:
    """Fill the zones, those without data ("") hatched, and draw their borders: on top of all, their white edge below the
    evidence, so that a street along a border is not hidden by it."""
    for outline, fill in zip(base.zones, fills, strict=True):
        hatch = {"facecolor": NO_DATA, "hatch": HATCH, "edgecolor": "#8a8a8a"} if not fill else {"facecolor": fill}
        axes.add_artist(PathPatch(outline, zorder=2, linewidth=0, alpha=opacity, **hatch))
        axes.add_artist(PathPatch(outline, zorder=4.9, facecolor="none", edgecolor="white", linewidth=1.8, alpha=0.8))
        axes.add_artist(PathPatch(outline, zorder=9, facecolor="none", edgecolor=BORDER, linewidth=0.7))


def draw_shapes(axes: Axes, base: Basemap, shapes: Shapes, symbol: Symbol, *, zorder: float) -> None:
    """Draw areas, lines and points as a symbol wants them."""
    width = symbol.width_px * PT_PER_PX
    filled, lines = base.areas(shapes), base.lines(shapes)
    if filled is not None:
        style = {"facecolor": symbol.fill or "none", "alpha": symbol.opacity, "linewidth": 0}
        axes.add_artist(_patch(filled, zorder=zorder, **style))
        crowded = len(shapes) > MOST_OUTLINED  # of so many small areas outlines would hide the fill
        stroke = symbol.fill if crowded and symbol.fill else symbol.stroke
        edge = {"edgecolor": stroke, "linewidth": 0.15 if crowded else width * 0.5, "linestyle": dashes(symbol)}
        axes.add_artist(_patch(filled, zorder=zorder + 0.01, facecolor="none", **edge))
    if lines is not None:
        style = {"edgecolor": symbol.stroke, "linewidth": width, "linestyle": dashes(symbol)}
        axes.add_artist(_patch(lines, zorder=zorder, facecolor="none", **style))
    points = shapely.get_coordinates(shapes[shapely.get_dimensions(shapes) == 0])
    draw_points(axes, points, symbol, zorder=zorder)


def draw_points(axes: Axes, points: Floats, symbol: Symbol, *, zorder: float) -> None:
    """Draw points (n x 2, m) as dots."""
    axes.plot(points[:, 0], points[:, 1], scalex=False, scaley=False, zorder=zorder, **dots(symbol))


def _patch(outline: Outline, **style: object) -> PathPatch:
    return PathPatch(outline, rasterized=np.shape(outline.vertices)[0] > MOST_POINTS, joinstyle="round", **style)


def line_outline(lines: Shapes) -> Outline | None:
    """Return line strings as one outline."""
    coordinates, of = shapely.get_coordinates(lines, return_index=True)
    if not len(coordinates):
        return None
    codes = np.full(len(coordinates), Outline.LINETO, dtype=np.uint8)
    codes[np.r_[True, of[1:] != of[:-1]]] = Outline.MOVETO
    return Outline(coordinates, codes)


def area_outline(polygons: Shapes) -> Outline | None:
    """Return polygons as one outline, holes running against their shells."""
    rings = shapely.get_rings(shapely.orient_polygons(polygons))
    coordinates, of = shapely.get_coordinates(rings, return_index=True)
    if not len(coordinates):
        return None
    starts = np.r_[True, of[1:] != of[:-1]]
    codes = np.full(len(coordinates), Outline.LINETO, dtype=np.uint8)
    codes[starts] = Outline.MOVETO
    codes[np.r_[starts[1:], True]] = Outline.CLOSEPOLY
    return Outline(coordinates, codes)


def samples(base: Basemap, *, main_only: bool) -> list[Sample]:
    """Return what a legend says of the base."""
    streets = [c for c, _ in base.roads if c in ROADS and (c in MAIN_ROADS or not main_only)]
    kinds = {kind: ("area" if filled else "line") for kind, _, filled in reversed(base.barriers)}
    told: list[Sample] = [(Symbol(words("sheet")["zone_border"], BORDER, 1.6), "line")]
    if streets:
        colour, width, _ = ROADS["secondary" if "secondary" in streets else streets[-1]]
        told.append((Symbol(words("sheet")["main_streets" if main_only else "streets"], colour, width), "line"))
    if "motorway" in streets:
        told.append((Symbol(words("sheet")["motorways"], *ROADS["motorway"][:2]), "line"))
    return [*told, *((BARRIERS[kind], drawn) for kind, drawn in kinds.items())]


def scale_bar(window: Window) -> float:
    """Return a round length in metres that is about a fifth of the window wide, and no more than MOST_BAR_MM.

    >>> scale_bar(Window(Box(0, 0, 190, 145), 0, 0, 60_000))
    2000.0
    """
    most = min(window.box.width * 0.25, MOST_BAR_MM) * window.denominator / 1000
    power = 10.0 ** np.floor(np.log10(most))
    return float(next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most))
