"""Centrelines drawn as a map draws them: two one-way lines for a dual carriageway, side roads, ramps, a roundabout.

Where streets meet, each carriageway of one crosses each carriageway of the other at a shared node. A branch road or a
gate joins a dual carriageway on its own side only (right in, right out); greater streets cross the median.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.invented_city.city import Street
from suizhou_geo.invented_city.points import Point, rounded, stations_m, to_cm

ROUNDABOUT_RADIUS_M = 24.0
RAMP_M, SLIP_M = (95.0, 210.0), (30.0, 130.0)
_MIN_CROSSING = 0.35
_MITRE = 1.6
_SAME_M = 1.5
Lane = dict[int, list[Point]]
_BREAK: Point = (math.nan, math.nan)
# Side of the upper street (-1 right, 1 left) and whether before (-1) or after (1) the crossing.
_CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))


@dataclass(frozen=True)
class Drawn:
    """One line of the map: the street it belongs to, its points in the direction of traffic, what sets it apart."""

    street: Street
    points: tuple[Point, ...]
    name: str | None
    oneway: bool = False
    ramp: bool = False
    roundabout: bool = False


@dataclass(eq=False)
class _Laid:
    """A street with, per carriageway and vertex, the points that it runs through there."""

    street: Street
    base: dict[float, Floats]
    at: dict[float, Lane]

    def way(self, k: int) -> Floats:
        """The direction at one of its points, as a vector of one metre."""
        points = self.street.points
        way = np.array(points[min(k + 1, len(points) - 1)]) - np.array(points[max(k - 1, 0)])
        unit: Floats = way / np.hypot(*way)
        return unit

    def ends_at(self, k: int) -> bool:
        """Whether it begins or ends at one of its points."""
        points = self.street.points
        return k in (0, len(points) - 1) and points[0] != points[-1]


_Arm = tuple[_Laid, int]
"""A street where it meets others, and which of its points that is."""


def drawn(
    streets: Sequence[Street], *, separated: frozenset[Point], roundabouts: frozenset[Point], slips: frozenset[Point]
) -> list[Drawn]:
    """All carriageways of the streets, in EPSG:4547, sharing points where one can turn from one into the other."""
    laid = [_Laid(s, {o: _offset(s, o) for o in s.offsets_m}, {o: {} for o in s.offsets_m}) for s in streets]
    meetings: dict[Point, list[_Arm]] = defaultdict(list)
    for item in laid:
        points = item.street.points
        for k, p in enumerate(points[:-1] if points[0] == points[-1] else points):
            meetings[p].append((item, k))
    lines: list[Drawn] = []
    for p, arms in meetings.items():
        (item, k), *others = arms
        if p in separated or not (others or item.ends_at(k)):
            continue
        if p in roundabouts:
            lines.append(_roundabout(p, arms))
        else:
            _join(p, arms)
    for item in laid:
        lines += _carriageways(item)
    for p in sorted(separated & meetings.keys()):
        classes = sorted(item.street.road_class for item, _ in meetings[p])
        if "expressway" in classes and len(classes) == 2 and classes[0] in ("arterial", "expressway"):
            lines += _ramps(p, meetings[p], corners=_CORNERS, reach_m=RAMP_M)
    for p in sorted(slips & meetings.keys()):
        lines += _ramps(p, meetings[p], corners=_CORNERS[:1], reach_m=SLIP_M)
    return lines


def _left(way: Floats) -> Floats:
    return np.array([-way[1], way[0]])


def _offset(street: Street, offset: float) -> Floats:
    points = np.array(street.points)
    if not offset:
        return points
    ways = np.diff(points, axis=0)
    ways /= np.hypot(*ways.T)[:, None]
    before, after = np.concatenate([ways[:1], ways]), np.concatenate([ways, ways[-1:]])
    middle = before + after
    middle /= np.hypot(*middle.T)[:, None]
    stretch = np.minimum(1.0 / np.maximum(np.sum(middle * after, axis=1), 0.3), _MITRE)
    normal = np.column_stack([-middle[:, 1], middle[:, 0]])
    moved: Floats = np.round(points + offset * stretch[:, None] * normal, 2)
    return moved


def _crossing(p: Point, *, main: Floats, main_offset: float, other: Floats, other_offset: float) -> Point:
    """Where the carriageway `main_offset` left of one street meets that `other_offset` left of another through p."""
    if abs(main[0] * other[1] - main[1] * other[0]) < _MIN_CROSSING:
        at = np.array(p) + _left(main) * main_offset
    else:
        at = np.array(p) + np.linalg.solve(np.array([_left(main), _left(other)]), np.array([main_offset, other_offset]))
    return to_cm(*at)


def _join(p: Point, arms: Sequence[_Arm]) -> None:
    """Put the shared points of one meeting into every carriageway there."""
    through = [(item, k) for item, k in arms if len(item.base) > 1 and not item.ends_at(k)]
    if not through:
        for item, k in arms:
            for lane in item.at.values():
                lane[k] = [p]
        return
    main, main_k = max(through, key=lambda arm: len(arm[0].base))
    way = main.way(main_k)
    on_main: dict[float, list[Point]] = {offset: [] for offset in main.base}
    others = [arm for arm in arms if arm[0] is not main]
    for (item, k), reached in _reached(others, p, way, offsets=sorted(main.base)).items():
        for offset, lane in item.at.items():
            own = 0.0 if item.ends_at(k) else offset
            points = {o: _crossing(p, main=way, main_offset=o, other=item.way(k), other_offset=own) for o in reached}
            lane[k] = [_one_of(on_main[o], point) for o, point in points.items()]
    for offset, found in on_main.items():
        if found:
            main.at[offset][main_k] = found


def _one_of(found: list[Point], point: Point) -> Point:
    """The point itself, or the one already there next to it."""
    for known in found:
        if math.dist(known, point) < _SAME_M:
            return known
    found.append(point)
    return point


def _reached(others: Sequence[_Arm], p: Point, way: Floats, *, offsets: Sequence[float]) -> dict[_Arm, list[float]]:
    """Which carriageways of the main street each other one reaches: all, or those on the side it comes from."""
    sides = {}
    for item, k in others:
        if item.ends_at(k):
            inward = np.array(item.street.points[-2 if k else 1]) - np.array(p)
            sides[item, k] = 1.0 if np.dot(_left(way), inward) > 0 else -1.0
    reached = {arm: list(offsets) for arm in others}
    for arm, side in sides.items():
        rivals = [other for other in sides if other == arm or sides[other] == -side]
        major = arm[0].street.road_class not in ("branch", "local", "service")
        over = arm == min(rivals, key=lambda rival: len(rival[0].base)) and (len(rivals) > 1 or major)
        reached[arm] = [o for o in offsets if over or o * side > 0]
    return reached


def _carriageways(item: _Laid) -> Iterator[Drawn]:
    street = item.street
    for offset in item.base:
        name = street.name
        if name and street.side_road_m and abs(offset) == street.side_road_m:
            name += "辅路"
        for unbroken, run in groupby(_strung(item, offset), lambda q: q != _BREAK):
            line = tuple(run)
            if unbroken and len(line) > 1:
                yield Drawn(street, line[::-1] if offset > 0 else line, name, oneway=street.oneway or bool(offset))


def _strung(item: _Laid, offset: float) -> list[Point]:
    """The points of one carriageway in their order along the street, which slanting crossings may have displaced."""
    points, lane = item.street.points, item.at[offset]
    station = stations_m(points)
    breaks = [station[k] for k, there in lane.items() if _BREAK in there]
    placed: list[tuple[float, Point]] = []
    for k, plain in enumerate(rounded(item.base[offset])):
        if k in lane:
            way = item.way(k)
            for q in lane[k]:
                ahead = 0.0 if q == _BREAK else float(np.dot(way, np.array(q) - np.array(points[k])))
                placed.append((station[k] + ahead, q))
        elif all(abs(station[k] - at) > ROUNDABOUT_RADIUS_M for at in breaks):
            placed.append((station[k], plain))
    strung = [q for _, q in sorted(placed, key=lambda pair: pair[0])]
    if points[0] == points[-1] and 0 in lane:
        strung[-1] = strung[0]
    return [q for q, _ in groupby(strung)]


def _roundabout(p: Point, arms: Sequence[_Arm]) -> Drawn:
    """A circle instead of a crossing; the streets end at it, and traffic goes round counter-clockwise."""
    mouths: list[Point] = []
    for item, k in arms:
        points = item.street.points
        ends = []
        for m in (k - 1, k + 1):
            if 0 <= m < len(points):
                way = np.array(points[m]) - np.array(p)
                ends.append(to_cm(*(np.array(p) + way / np.hypot(*way) * ROUNDABOUT_RADIUS_M)))
        item.at[0.0][k] = ends if len(ends) == 1 else [ends[0], _BREAK, ends[1]]
        mouths += ends
    filled = [
        to_cm(p[0] + ROUNDABOUT_RADIUS_M * math.cos(a), p[1] + ROUNDABOUT_RADIUS_M * math.sin(a))
        for a in np.linspace(0.2, 0.2 + 2 * math.pi, 12, endpoint=False)
    ]
    circle = [q for q in filled if all(math.dist(q, mouth) > 5.0 for mouth in mouths)] + mouths
    circle.sort(key=lambda q: math.atan2(q[1] - p[1], q[0] - p[0]))
    street = max((item.street for item, _ in arms), key=lambda s: s.road_class == "arterial")
    return Drawn(street, (*circle, circle[0]), None, oneway=True, roundabout=True)


def _ramps(
    p: Point, arms: Sequence[_Arm], *, corners: Sequence[tuple[int, int]], reach_m: tuple[float, float]
) -> Iterator[Drawn]:
    """Ramps between two streets that cross at p: off before the crossing on the right, on again after it, both ways."""
    rank = ("motorway", "expressway", "arterial")
    upper, other = sorted(arms, key=lambda arm: rank.index(arm[0].street.road_class))
    way = upper[0].way(upper[1])
    for side, ahead in corners:
        near = _place(upper, p, towards=ahead * way, beside=side * _left(way), reach_m=reach_m)
        far = _place(other, p, towards=side * _left(way), beside=ahead * way, reach_m=reach_m)
        if near is None or far is None:
            continue
        a, b = np.array(near), np.array(far)
        middle = np.array(p) + 0.3 * (a + b - 2 * np.array(p))
        t = np.linspace(0, 1, 7)[1:-1, None]
        curve = rounded((1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * b)
        line = (near, *curve, far)
        leaving = side == ahead
        yield Drawn(upper[0].street, line if leaving else line[::-1], None, oneway=True, ramp=True)


def _place(arm: _Arm, p: Point, *, towards: Floats, beside: Floats, reach_m: tuple[float, float]) -> Point | None:
    """A point of the carriageway on the side `beside`, between junctions, some way from p `towards` there."""
    item, k = arm
    offset = max(item.base, key=lambda o: float(np.dot(_left(item.way(k)) * o, beside)))
    for m, point in enumerate(rounded(item.base[offset])):
        way = np.array(point) - np.array(p)
        metres = np.hypot(*way)
        if m not in item.at[offset] and reach_m[0] < metres < reach_m[1] and np.dot(way, towards) > 0.5 * metres:
            return point
    return None
