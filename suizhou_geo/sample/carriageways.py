"""Centrelines drawn as a map draws them: two one-way lines for a dual carriageway, side roads, ramps, a roundabout.

Where streets meet, each carriageway of one crosses each carriageway of the other at a shared node. A branch road or a
gate joins a dual carriageway on its own side only (right in, right out); greater streets cross the median.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from suizhou_geo.sample.city import Array, Point, Street

ROUNDABOUT_RADIUS_M = 24.0
RAMP_FROM_M, RAMP_TO_M = 95.0, 210.0
_MIN_CROSSING = 0.35
_MITRE = 1.6
Lane = dict[int, list[Point]]
_BREAK: Point = (math.nan, math.nan)


@dataclass(frozen=True)
class Drawn:
    """One line of the map: the street it belongs to, its points in the direction of traffic, what sets it apart."""

    street: Street
    points: tuple[Point, ...]
    name: str | None
    oneway: bool = False
    ramp: bool = False
    roundabout: bool = False


@dataclass
class _Laid:
    """A street with, per carriageway and vertex, the points that it runs through there."""

    street: Street
    base: dict[float, Array]
    at: dict[float, Lane]


def drawn(streets: Sequence[Street], *, separated: frozenset[Point], roundabouts: frozenset[Point]) -> list[Drawn]:
    """All carriageways of the streets, in EPSG:4547, sharing points where one can turn from one into the other."""
    laid = [_Laid(s, {o: _offset(s, o) for o in s.offsets_m}, {o: {} for o in s.offsets_m}) for s in streets]
    meetings: dict[Point, list[tuple[int, int]]] = defaultdict(list)
    for n, street in enumerate(streets):
        for k, p in enumerate(street.points[:-1] if street.points[0] == street.points[-1] else street.points):
            meetings[p].append((n, k))
    lines: list[Drawn] = []
    for p, meeting in meetings.items():
        if len(meeting) < 2 or p in separated:
            continue
        if p in roundabouts:
            lines.append(_roundabout(p, meeting, laid))
        else:
            _join(p, meeting, laid)
    for item in laid:
        lines += _carriageways(item)
    for p in sorted(separated):
        lines += _ramps(p, meetings[p], laid)
    return lines


def _direction(points: Sequence[Point], k: int) -> Array:
    before, after = points[max(k - 1, 0)], points[min(k + 1, len(points) - 1)]
    way = np.array(after) - np.array(before)
    return way / np.hypot(*way)


def _left(way: Array) -> Array:
    return np.array([-way[1], way[0]])


def _offset(street: Street, offset: float) -> Array:
    points = np.array(street.points)
    if not offset:
        return points
    ways = np.diff(points, axis=0)
    ways /= np.hypot(*ways.T)[:, None]
    before, after = np.concatenate([ways[:1], ways]), np.concatenate([ways, ways[-1:]])
    middle = before + after
    middle /= np.hypot(*middle.T)[:, None]
    stretch = np.minimum(1.0 / np.maximum(np.sum(middle * after, axis=1), 0.3), _MITRE)
    return np.round(points + offset * stretch[:, None] * np.column_stack([-middle[:, 1], middle[:, 0]]), 2)


def _is_end(street: Street, k: int) -> bool:
    return k in (0, len(street.points) - 1) and street.points[0] != street.points[-1]


def _crossing(p: Point, *, main: Array, main_offset: float, other: Array, other_offset: float) -> Point:
    """Where the carriageway `main_offset` left of one street meets that `other_offset` left of another through p."""
    if abs(main[0] * other[1] - main[1] * other[0]) < _MIN_CROSSING:
        at = np.array(p) + _left(main) * main_offset
    else:
        at = np.array(p) + np.linalg.solve(np.array([_left(main), _left(other)]), np.array([main_offset, other_offset]))
    return round(float(at[0]), 2), round(float(at[1]), 2)


def _join(p: Point, meeting: list[tuple[int, int]], laid: Sequence[_Laid]) -> None:
    """Put the shared points of one meeting into every carriageway there."""
    through = [(n, k) for n, k in meeting if len(laid[n].base) > 1 and not _is_end(laid[n].street, k)]
    if not through:
        for n, k in meeting:
            for lane in laid[n].at.values():
                lane[k] = [p]
        return
    main_n, main_k = max(through, key=lambda nk: len(laid[nk[0]].base))
    main = laid[main_n]
    way = _direction(main.street.points, main_k)
    on_main: dict[float, set[Point]] = {offset: set() for offset in main.base}
    others = [(n, k) for n, k in meeting if n != main_n]
    sides = {(n, k): _side(laid[n].street, k, p, way) for n, k in others if _is_end(laid[n].street, k)}
    for n, k in others:
        street = laid[n].street
        over = street.road_class not in ("branch", "local", "service") or -sides.get((n, k), 0) in sides.values()
        for offset in laid[n].base:
            reached = _reached((n, k), sides, over=over, offsets=sorted(main.base))
            course = _direction(street.points, k)
            lane_offset = 0.0 if (n, k) in sides else offset
            points = [
                _crossing(p, main=way, main_offset=o, other=course, other_offset=lane_offset) for o in reached
            ]
            for o, point in zip(reached, points, strict=True):
                on_main[o].add(point)
            if (n, k) not in sides and np.dot(_left(way), course) < 0:
                points.reverse()
            if (n, k) in sides and (k == 0) == (reached[0] * sides[(n, k)] > 0 and abs(reached[0]) >= abs(reached[-1])):
                points.reverse()
            laid[n].at[offset][k] = points
    for offset, found in on_main.items():
        if found:
            main.at[offset][main_k] = sorted(found, key=lambda q: float(np.dot(way, np.array(q) - np.array(p))))


def _side(street: Street, k: int, p: Point, way: Array) -> int:
    """1 when the street that ends here comes from the left of the main one, else -1."""
    inner = street.points[1] if k == 0 else street.points[-2]
    return 1 if np.dot(_left(way), np.array(inner) - np.array(p)) > 0 else -1
