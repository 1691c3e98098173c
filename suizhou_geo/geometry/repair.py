"""Outlines that cross themselves or one another, made usable; how much ground that decides is measured, never guessed at.

A ring that only touches itself at points says by nesting what it encloses, as ESRI writes holes, if the loop inside turns
the other way round than the rest. A ring that crosses itself or goes round a loop twice encloses all the ground it goes
round at all, however often and in whichever direction, so that nothing it goes round twice becomes a hole.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Shapes
from suizhou_geo.geometry.zonal import areal

STRIP_M = 20.0
STRIP_SHARE = 0.01
OVERLAP_TOLERANCE_M = 1.0
_ROUNDING = 1e-6
_TOUCHES = "Ring Self-intersection"


class Mended(NamedTuple):
    """Valid polygons; the m² each encloses more than once; and the m² it encloses the other way round than the rest."""

    shapes: Shapes
    doubled_m2: Floats
    turned_m2: Floats


class Strip(NamedTuple):
    """Two outlines (positions) that overlap, by how many m², and whether that is a strip along their border."""

    one: int
    other: int
    area_m2: float
    narrow: bool


def mended(shapes: Shapes) -> Mended:
    """Make polygons valid, in metres: what each encloses is kept, what that decides is told.

    >>> bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    >>> result = mended(np.array([bow_tie]))
    >>> shapely.area(result.shapes).item(), result.turned_m2.item()
    (2.0, 1.0)
    """
    made = shapes.copy()
    touching = np.char.startswith(shapely.is_valid_reason(shapes).astype(str), _TOUCHES)
    made[touching] = shapely.make_valid(shapes[touching])
    touching &= np.isclose(shapely.area(made), shapely.area(shapes), rtol=_ROUNDING)  # its loops turn as holes do
    made[~touching] = shapely.make_valid(shapes[~touching], method="structure", keep_collapsed=False)
    made = areal(made)
    drawn_m2, one_way_m2, covered_m2 = shapely.area(shapes), shapely.area(shapely.buffer(shapes, 0)), shapely.area(made)
    turned_m2 = np.where(touching, 0.0, np.maximum(covered_m2 - one_way_m2, 0.0))
    doubled_m2 = np.where(touching, 0.0, np.maximum(drawn_m2 - one_way_m2 + turned_m2, 0.0))
    return Mended(made, doubled_m2, turned_m2)


def strips(shapes: Shapes) -> list[Strip]:
    """The pairs of outlines that overlap by more than their drawing's rounding (1 m² for each metre of it).

    Narrow is an overlap nowhere wider than 20 m that takes at most 1 % of either: a border drawn twice.
    """
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    left, right = left[left < right], right[left < right]
    common = shapely.intersection(shapes[left], shapes[right])
    area_m2, length_m = shapely.area(common), shapely.length(common)
    smaller_m2 = np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    narrow = shapely.is_empty(shapely.buffer(common, -STRIP_M / 2)) & (area_m2 <= STRIP_SHARE * smaller_m2)
    over: Bools = area_m2 > OVERLAP_TOLERANCE_M * np.maximum(1.0, length_m)
    rows = zip(left[over], right[over], area_m2[over], narrow[over], strict=True)
    return [Strip(int(i), int(j), float(m2), bool(thin)) for i, j, m2, thin in rows]


def apart(shapes: Shapes) -> Shapes:
    """The outlines without the ground of one another: what two share stays with the smaller."""
    made = shapes.copy()
    size = shapely.area(shapes)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    for i, j in zip(one, other, strict=True):
        if (size[i], i) < (size[j], j):
            made[j] = shapely.difference(made[j], shapes[i])
    return areal(made)
