"""The parks of the invented city, of every size that definitions of park reach tell apart, and some never counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
import shapely
import shapely.ops
from shapely import LineString, Polygon
from shapely.affinity import rotate

from suizhou_geo.invented_city.city import Park, Water
from suizhou_geo.invented_city.layout import CENTRE
from suizhou_geo.invented_city.points import box_round, shape_to_cm

PATH_M = 1.5
RIBBON_M = (2000.0, 20.0)
PIECES_APART_M = 2.0
# How large, how many, and how far from every other park: pocket parks stand where larger ones do not reach.
POCKETS = ((6000.0, 24, 640.0), (3000.0, 26, 400.0), (1000.0, 30, 330.0), (300.0, 6, 200.0))
_WHOLE_BLOCKS = 20
_WHOLE_APART_M = 1080.0
_WHOLE_M2 = (26_000.0, 85_000.0)
_NAMED = ("白云公园", "文化公园", "神农公园", "桃园公园", "编钟音乐之都绿园")


class WholePark(NamedTuple):
    """A public park with all its pieces: its land, their areas added up, whether it is in a historic district, its names."""

    shape: shapely.Geometry
    area_m2: float
    historic: bool
    names: list[str]


def whole_parks(parks: Sequence[Park]) -> list[WholePark]:
    """Public parks, pieces at most 2 m apart taken as one."""
    groups: list[list[Park]] = []
    for park in parks:
        if park.public:
            near = [g for g in groups if any(p.shape.distance(park.shape) <= PIECES_APART_M for p in g)]
            groups = [g for g in groups if g not in near] + [[park, *(p for g in near for p in g)]]
    return [
        WholePark(
            shapely.union_all([p.shape for p in group]),
            sum(p.shape.area for p in group),
            any(p.historic for p in group),
            sorted({p.name for p in group}),
        )
        for group in groups
    ]


def rectangle(block: Polygon, area_m2: float, rng: Random, *, margin_m: float = 4.0) -> Polygon | None:
    """A rectangle of the given area that stands inside a block along its longer side, or None where none fits."""
    long_side = rng.uniform(1.1, 1.5) * math.sqrt(area_m2)
    corners = np.array(shapely.oriented_envelope(block).exterior.coords)
    sides = np.diff(corners[:3], axis=0)
    along = sides[np.argmax(np.hypot(*sides.T))]
    at = block.representative_point()
    for shift in (0.0, 0.25, -0.25):
        x, y = at.x + shift * along[0], at.y + shift * along[1]
        upright = box_round((x, y), long_side, area_m2 / long_side)
        turned = shape_to_cm(rotate(upright, math.degrees(math.atan2(along[1], along[0])), origin=(x, y)))
        if block.buffer(-margin_m).contains(turned):
            return turned
    return None


def split(shape: Polygon) -> tuple[Polygon, Polygon]:
    """A rectangle cut across by a path: two pieces that only together are as large as they look."""
    corners = np.array(shape.exterior.coords)
    a, b = (corners[0] + corners[1]) / 2, (corners[2] + corners[3]) / 2
    path = LineString([a + (a - b), b + (b - a)]).buffer(PATH_M / 2, cap_style="flat")
    first, second = sorted(shapely.get_parts(shape.difference(path)), key=lambda p: p.centroid.x)
    return first, second


def ribbon(water: Water) -> Polygon:
    """A green strip along the south bank of the river, 2 km long and 20 m wide, as near the city's middle as can be."""
    length, width = RIBBON_M
    middle = water.line.project(shapely.Point(CENTRE)) + 1100.0
    stretch = shapely.ops.substring(water.line, middle - length / 2, middle + length / 2)
    bank, outer = (
        shapely.get_coordinates(stretch.offset_curve(-(water.width_m / 2 + 12.0 + away))) for away in (0.0, width)
    )
    return Polygon(np.round(np.concatenate([bank, outer[::-1]]), 2))


def whole_blocks(shapes: Sequence[Polygon], rng: Random) -> dict[int, Park]:
    """Blocks that are parks altogether, by their place in `shapes`: about 3 to 9 ha each, well apart."""
    chosen: dict[int, Park] = {}
    order = [k for k, s in enumerate(shapes) if _WHOLE_M2[0] < s.area < _WHOLE_M2[1]]
    rng.shuffle(order)
    for k in order:
        if len(chosen) < _WHOLE_BLOCKS and all(p.shape.distance(shapes[k]) > _WHOLE_APART_M for p in chosen.values()):
            n = len(chosen)
            name = _NAMED[n] if n < len(_NAMED) else f"虚构公园{n:02d}"
            chosen[k] = Park(name, shape_to_cm(shapes[k].simplify(0.5)))
    return chosen


def pockets(shapes: Sequence[Polygon], taken: Sequence[Park], rng: Random) -> list[Park]:
    """Small parks inside blocks, each at its distance from the parks already there; one of them in two pieces."""
    found: list[Park] = []
    for area_m2, count, apart_m in POCKETS:
        order = list(range(len(shapes)))
        rng.shuffle(order)
        placed = 0
        for k in order:
            if placed == count:
                break
            shape = rectangle(shapes[k], area_m2, rng)
            if shape is None or any(p.shape.distance(shape) < apart_m for p in (*taken, *found)):
                continue
            placed += 1
            name = f"虚构游园{area_m2:.0f}-{placed:02d}"
            pieces = split(shape) if area_m2 == 6000.0 and placed <= 3 else (shape,)
            found += [Park(name, piece) for piece in pieces]
    return found


def plaza(shapes: Sequence[Polygon], whole: Sequence[Polygon], rng: Random) -> list[Park]:
    """明珠广场: a square so near a large park that its own 300 m lie inside the park's 500 m."""
    for large in sorted(whole, key=lambda s: -s.area):
        for k in np.argsort(shapely.distance(np.array(shapes), large), kind="stable")[1:6]:
            shape = None if any(shapes[k].equals(w) for w in whole) else rectangle(shapes[k], 3600.0, rng)
            if shape is not None and max(shapely.distance(shapely.points(shape.exterior.coords), large)) < 195.0:
                return [Park("明珠广场", shape, kind="square")]
    return []


def far_park(outline: Polygon) -> Park:
    """A wood of 20 ha in the country, too far from the city for anyone in it to count as served."""
    x, y = outline.centroid.x, outline.bounds[3] + 1600.0
    return Park("域外森林公园", box_round((round(x), round(y)), 500.0, 400.0))
