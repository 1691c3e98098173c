"""How mean lines (中线) and the streets that met their carriageways are led to each other, so that the network stays whole.

Lines are arrays of LineStrings; their ends are numbered 2 x line for the first point and 2 x line + 1 for the last.
Places are complex numbers, equal where points coincide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.ops import substring

STEP_M = 10.0
TOUCH_M = 0.5
FLARE_DEG = 60.0

Floats = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

_DECIMALS = 3
_SAME_PLACE_M = 1e-3
_STRAIGHT_M = 0.01


@dataclass(frozen=True)
class Roundabouts:
    """Every place on a roundabout, sorted, and the x, y of the centre of the one it lies on."""

    place: Complexes
    centre: Floats

    def of(self, place: complex) -> Floats:
        """The centre of the roundabout on which a place lies."""
        found: Floats = self.centre[np.searchsorted(self.place, place)]
        return found


@dataclass(frozen=True)
class Targets:
    """For points, the mean line each is led to (-1: none in reach), where it gets there, and how far that is.

    `tip` is the end of a mean line the point goes on from, -1 elsewhere.
    """

    line: Ints
    xy: Floats
    away_m: Floats
    tip: Ints


# --- places, ends, directions ---------------------------------------------------------------------------------------


def places(xy: Floats) -> Complexes:
    """One number per point, equal for points less than about a millimetre apart."""
    rounded = np.round(xy, _DECIMALS) + 0.0
    place: Complexes = rounded[:, 0] + 1j * rounded[:, 1]
    return place


def ends_of(lines: Shapes) -> Floats:
    """The first and the last point of each line, shape (2 n, 2)."""
    both = np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1)
    xy: Floats = shapely.get_coordinates(both.ravel())
    return xy


def unit(vectors: Floats) -> Floats:
    """Vectors of shape (n, 2) brought to length 1; those of no length stay as they are."""
    return vectors / np.maximum(np.hypot(vectors[:, 0], vectors[:, 1]), 1e-12)[:, None]


def dot(a: Floats, b: Floats) -> Floats:
    """The scalar products of two rows of vectors."""
    product: Floats = (a * b).sum(axis=1)
    return product


def outwards(lines: Shapes) -> Floats:
    """The direction in which each line leaves at each of its ends, shape (2 n, 2)."""
    before = np.stack([shapely.get_point(lines, 1), shapely.get_point(lines, -2)], axis=1)
    return unit(ends_of(lines) - shapely.get_coordinates(before.ravel()))


def groups(a: Ints, b: Ints, size: int) -> Ints:
    """Number the groups of things 0 .. size - 1 that the pairs a, b link."""
    links = coo_array((np.ones(len(a)), (a, b)), shape=(size, size))
    group: Ints = connected_components(links, directed=False)[1]
    return group


def split_at(lines: Shapes, at: Complexes) -> tuple[Shapes, Ints]:
    """Cut lines at those of their vertices that lie at one of the places; return the parts and the line of each."""
    if len(lines) == 0:
        return lines, np.zeros(0, dtype=np.intp)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    inner = np.zeros(len(xy), dtype=bool)
    inner[1:-1] = (line[1:-1] == line[:-2]) & (line[1:-1] == line[2:])
    vertex = np.repeat(np.arange(len(xy)), np.where(inner & np.isin(places(xy), at), 2, 1))
    begins = np.append(True, (np.diff(line[vertex]) != 0) | (np.diff(vertex) == 0))
    return shapely.linestrings(xy[vertex], indices=np.cumsum(begins) - 1), line[vertex[begins]].astype(np.intp)


def _led_on(line: shapely.LineString, end: int, to: Floats, *, without_m: float = 0.0) -> shapely.LineString:
    """The line led on to a point from its first (end 0) or its last point (1), instead of the last metres before it."""
    xy = shapely.get_coordinates(line)[:: 1 if end else -1]
    left_m = shapely.length(line) - np.cumsum(np.append(0.0, np.hypot(*np.diff(xy, axis=0).T)))
    keep = left_m >= min(without_m, left_m[0]) - _SAME_PLACE_M
    keep &= np.hypot(*(xy - to).T) > _SAME_PLACE_M
    keep[0] = True
    return shapely.linestrings(np.vstack([xy[keep], to])[:: 1 if end else -1])


def _cut_back(line: shapely.LineString, end: int, to: Floats) -> shapely.LineString:
    """The line as far as a point on it, coming from the other end; it ends exactly there."""
    at_m = shapely.line_locate_point(line, shapely.points(to))
    part = substring(line, 0.0, at_m) if end else substring(line, at_m, line.length)
    xy = shapely.get_coordinates(part)
    xy[-1 if end else 0] = to
    return shapely.linestrings(xy) if len(xy) > 1 else shapely.linestrings(np.vstack([xy, xy]))


# --- mean lines to each other ---------------------------------------------------------------------------------------


def with_ends(
    lines: Shapes,
    chain: Ints,
    sources: Floats,
    roundabouts: Roundabouts,
    carriageways: tuple[Shapes, Ints],
    *,
    width_m: float,
) -> Shapes:
    """Lead the ends of mean lines to the centres of roundabouts, to each other, and to the divided streets they met.

    `sources` are the points of the carriageways at the ends, shape (2 n, 2); `carriageways` are all lines of divided
    streets with their chains.
    """
    lines = lines.copy()
    source, free = places(sources), ~_shared(lines)
    on_ring = np.isin(source, roundabouts.place)
    for end in np.flatnonzero(on_ring).tolist():
        lines[end // 2] = _led_on(lines[end // 2], end % 2, roundabouts.of(source[end]))
    free &= ~on_ring
    for one, two in _facing(lines, np.flatnonzero(free)):
        middle = ends_of(lines[[one // 2, two // 2]])[[one % 2, 2 + two % 2]].mean(axis=0)
        for end in (one, two):
            lines[end // 2] = _led_on(lines[end // 2], end % 2, middle, without_m=STEP_M)
            free[end] = False
    loose = np.flatnonzero(free)
    met, way = shapely.STRtree(carriageways[0]).query(shapely.points(sources[loose]), "dwithin", distance=TOUCH_M)
    met = np.unique(met[carriageways[1][way] != chain[loose[met] // 2]])
    points = shapely.points(ends_of(lines)[loose[met]])
    at, other = shapely.STRtree(lines).query(points, predicate="dwithin", distance=width_m)
    found = pd.DataFrame({"end": loose[met[at]], "other": other, "away_m": shapely.distance(points[at], lines[other])})
    found = found[chain[other] != chain[found["end"] // 2]]
    before = lines.copy()
    for end, to, _ in found.sort_values(["away_m", "other"]).drop_duplicates("end").itertuples(index=False):
        lines[end // 2] = _up_to(before[end // 2], end % 2, before[to], width_m)
    return lines


def _shared(lines: Shapes) -> Bools:
    """Whether another end lies where each end lies."""
    _, number, times = np.unique(places(ends_of(lines)), return_inverse=True, return_counts=True)
    shared: Bools = times[number] > 1
    return shared


def _facing(lines: Shapes, ends: Ints) -> list[tuple[int, int]]:
    """The pairs of ends that are each other's nearest, within a few steps, and lead on from each other."""
    points = shapely.points(ends_of(lines)[ends])
    one, two = shapely.STRtree(points).query(points, predicate="dwithin", distance=2.5 * STEP_M)
    out = outwards(lines)[ends]
    kept = (ends[one] // 2 != ends[two] // 2) & (dot(out[one], out[two]) < -np.cos(np.radians(FLARE_DEG)))
    pairs = pd.DataFrame({"one": one[kept], "two": two[kept]})
    pairs["away_m"] = shapely.distance(points[pairs["one"]], points[pairs["two"]])
    best = pairs.sort_values(["away_m", "two"]).drop_duplicates("one").set_index("one")["two"]
    return [(int(ends[a]), int(ends[b])) for a, b in best.items() if a < b and best.get(b, -1) == a]


def _up_to(line: shapely.LineString, end: int, other: shapely.LineString, width_m: float) -> shapely.LineString:
    """The line led on to another one, or, where it has crossed it within the width of a street, cut back to it."""
    common = shapely.intersection(line, other)
    if not common.is_empty:
        cut = _cut_to(line, end, common, min(width_m, line.length / 2))
        return line if cut is None else cut[0]
    point = shapely.get_point(line, -1 if end else 0)
    return _led_on(line, end, shapely.get_coordinates(shapely.shortest_line(point, other))[1])


def _cut_to(
    line: shapely.LineString, end: int, common: shapely.Geometry, within_m: float
) -> tuple[shapely.LineString, Floats] | None:
    """The line cut back to the last point it has in common with another, and that point; None if it is too far back."""
    xy = shapely.get_coordinates(common)
    at_m = shapely.line_locate_point(line, shapely.points(xy))
    left_m = line.length - at_m if end else at_m
    last = left_m.argmin()
    return (_cut_back(line, end, xy[last]), xy[last]) if left_m[last] <= within_m else None


# --- streets to mean lines ------------------------------------------------------------------------------------------


def connected(
    middle: Shapes, level: Floats, streets: Shapes, roundabouts: Roundabouts, carriageways: Shapes, *, width_m: float
) -> tuple[Shapes, Ints]:
    """Lead whole streets on to the mean lines, `middle`, and to roundabouts.

    Returns all lines, and the number of the mean line or, counted on after them, of the street each comes from.
    """
    ends = ends_of(streets)
    place = places(ends)
    on_ring = np.isin(place, roundabouts.place)
    attached = _on_carriageway(ends, place, carriageways) & ~on_ring
    middle, pinned, tip = _pinned(middle, ends, attached, places(roundabouts.centre), width_m)
    middle = shapely.simplify(middle, _STRAIGHT_M)
    attached &= ~np.isin(place, pinned)
    target = _targets(middle, ends, attached, width_m, tip)
    attached &= target.line >= 0
    streets, kept, served, meetings = _across_medians(streets, place, attached, target, middle)
    both = np.repeat(kept, 2)
    leads = attached & ~np.isin(place, served) & both
    found, number, times = np.unique(np.where(both, place, np.inf), return_inverse=True, return_counts=True)
    lines, origin = list(streets), list(range(len(streets)))
    for end in np.flatnonzero(on_ring & both).tolist():
        lines[end // 2] = _led_on(lines[end // 2], end % 2, roundabouts.of(place[end]))
    led = np.zeros(len(found), dtype=bool)
    for end in np.flatnonzero(leads).tolist():
        street, away_m = end // 2, target.away_m[end]
        common = shapely.intersection(lines[street], middle[target.line[end]])
        if times[number[end]] == 1 and not common.is_empty:
            cut = _cut_to(lines[street], end % 2, common, 5 * away_m)
            if cut is not None:
                lines[street], target.xy[end] = cut
                continue
        if times[number[end]] == 1:
            short = streets[street].length <= 4 * away_m
            lines[street] = _led_on(lines[street], end % 2, target.xy[end], without_m=np.inf if short else 0.0)
        elif not led[number[end]]:
            lines.append(shapely.linestrings(np.vstack([ends[end], target.xy[end]])))
            origin.append(street)
        led[number[end]] = True
    joints = [meetings, (target.line[leads], target.xy[leads]), _crossings(middle, level)]
    which, xy = (np.concatenate([joint[k] for joint in joints]) for k in (0, 1))
    middle = _with_vertices(middle, which.astype(np.intp), xy)
    keep = np.append(kept, np.ones(len(lines) - len(kept), dtype=bool))
    result = np.concatenate([middle, np.array(lines, dtype=object)[keep]])
    origin_ = np.concatenate([np.arange(len(middle)), len(middle) + np.array(origin, dtype=np.intp)[keep]])
    once = _first_of_each(result)
    return result[once], origin_[once]


def _on_carriageway(ends: Floats, place: Complexes, carriageways: Shapes) -> Bools:
    """Whether each end lies on a divided street: at a vertex of it, or, where no other street ends, anywhere on it."""
    on = np.isin(place, places(shapely.get_coordinates(carriageways)))
    _, number, times = np.unique(place, return_inverse=True, return_counts=True)
    loose = np.flatnonzero(~on & (times[number] == 1))
    near = shapely.STRtree(carriageways).query(shapely.points(ends[loose]), predicate="dwithin", distance=TOUCH_M)[0]
    on[loose[near]] = True
    return on


def _snapped(lines: Shapes, points: Shapes) -> Floats:
    """The points, each moved to a vertex of its line that lies less than a millimetre away."""
    xy: Floats = shapely.get_coordinates(shapely.snap(points, lines, _SAME_PLACE_M))
    return xy


def _targets(middle: Shapes, points: Floats, wanted: Bools, width_m: float, tip: Ints) -> Targets:
    """The nearest place on a mean line for each wanted point, or the given end of one (-1: none)."""
    line = np.full(len(points), -1, dtype=np.intp)
    at, nearest = shapely.STRtree(middle).query_nearest(
        shapely.points(points[wanted]), max_distance=width_m, all_matches=False
    )
    line[np.flatnonzero(wanted)[at]] = nearest
    has = line >= 0
    xy = points.copy()
    foot = shapely.line_interpolate_point(
        middle[line[has]], shapely.line_locate_point(middle[line[has]], shapely.points(points[has]))
    )
    xy[has] = _snapped(middle[line[has]], foot)
    at_tip = np.flatnonzero(has & (tip >= 0))
    line[at_tip] = tip[at_tip] // 2
    xy[at_tip] = ends_of(middle)[tip[at_tip]]
    return Targets(line, xy, np.hypot(*(xy - points).T), tip)


def _pinned(
    middle: Shapes, points: Floats, attached: Bools, centres: Complexes, width_m: float
) -> tuple[Shapes, Complexes, Ints]:
    """Where one street alone goes on from the end of a mean line, the mean line swings over to it.

    Returns the mean lines, the places of those streets, which need not be led on any more, and for each of the other
    points the end of a mean line it goes on from, or -1.
    """
    target = _targets(middle, points, attached, width_m, np.full(len(points), -1))
    tips = ends_of(middle)
    touching = shapely.STRtree(middle).query(shapely.points(tips), predicate="dwithin", distance=_SAME_PLACE_M)[0]
    free = (np.bincount(touching, minlength=len(tips)) == 1) & ~np.isin(places(tips), centres)
    seen = np.flatnonzero(target.line >= 0)
    tip = np.stack([2 * target.line[seen], 2 * target.line[seen] + 1], axis=1)
    gap_m = np.hypot(*(tips[tip] - target.xy[seen][:, None, :]).transpose(2, 0, 1))
    nearer = gap_m.argmin(axis=1)
    near = gap_m.min(axis=1) <= STEP_M + TOUCH_M
    found = pd.DataFrame({"tip": tip[np.arange(len(seen)), nearer], "end": seen})[near]
    found = found[free[found["tip"].to_numpy()]]
    found["place"] = places(points[found["end"].to_numpy()])
    alone = found.groupby("tip")["place"].transform("nunique").eq(1).to_numpy()
    goes_on = np.full(len(points), -1, dtype=np.intp)
    goes_on[found["end"].to_numpy()[~alone]] = found["tip"].to_numpy()[~alone]
    middle = middle.copy()
    for at, end in found[alone].drop_duplicates("tip")[["tip", "end"]].to_numpy():
        middle[at // 2] = _led_on(middle[at // 2], at % 2, points[end], without_m=2 * target.away_m[end])
    return middle, found["place"].to_numpy()[alone], goes_on


def _across_medians(
    streets: Shapes, place: Complexes, attached: Bools, target: Targets, middle: Shapes
) -> tuple[Shapes, Bools, Complexes, tuple[Ints, Floats]]:
    """Find the bits of streets between the carriageways of one street, let them meet its mean line or leave them out.

    Returns the streets, which of them are kept, the places that need not be led on since such a bit leads on from
    there, and the mean lines that are met with the places where.
    """
    streets = streets.copy()
    ends = np.arange(2 * len(streets)).reshape(-1, 2)
    both = np.flatnonzero(attached[ends].all(axis=1))
    length_m, width_m = shapely.length(streets[both]), target.away_m[ends[both]].sum(axis=1)
    gap_m = np.hypot(*(target.xy[ends[both, 0]] - target.xy[ends[both, 1]]).T)
    across = shapely.crosses(streets[both], middle[target.line[ends[both, 0]]]) & (length_m <= 5 * width_m)
    tips = target.tip[ends[both]]
    closes_gap = (tips >= 0).all(axis=1) & (tips[:, 0] != tips[:, 1])
    across |= (length_m <= 2 * width_m + TOUCH_M) & (gap_m <= 0.9 * length_m) & ~closes_gap
    bits = both[across]
    bit = np.isin(np.arange(len(streets)), bits)
    found, number = np.unique(place, return_inverse=True)
    group = groups(number[ends[bits, 0]], number[ends[bits, 1]], len(found))[number]
    at, line = shapely.STRtree(middle).query(streets[bits], predicate="dwithin", distance=TOUCH_M)
    link = shapely.shortest_line(middle[line], streets[bits[at]])
    xy = _snapped(middle[line], shapely.get_point(link, 0))
    crosses = np.zeros(len(streets), dtype=bool)
    crosses[bits[at]] = True
    led = np.zeros(group.max(initial=-1) + 1, dtype=bool)
    led[group[ends[bits[at], 0]]] = True
    kept = ~bit | led[group[ends[:, 0]]]
    while True:
        times = np.bincount(number[ends[kept]].ravel(), minlength=len(found))
        blind = times[number[ends]] == 1
        dead = kept & bit & np.where(crosses, blind.all(axis=1), blind.any(axis=1))
        if not dead.any():
            break
        kept &= ~dead
    meets = kept[bits[at]]
    for street, to in zip(bits[at[meets]], xy[meets], strict=True):
        if blind[street].any():
            streets[street] = _cut_back(streets[street], int(blind[street].argmax()), to)
    through = meets & ~blind[bits[at]].any(axis=1)
    streets = _with_vertices(streets, bits[at[through]], xy[through])
    served = np.unique(place[ends[bits]][led[group[ends[bits, 0]]]])
    return streets, kept, served, (line[meets], xy[meets])


def _crossings(lines: Shapes, level: Floats) -> tuple[Ints, Floats]:
    """Where lines of one level cross or touch: the line and the place, once for either line."""
    one, two = shapely.STRtree(lines).query(lines, predicate="intersects")
    apart = (one < two) & (level[one] == level[two])
    one, two = one[apart], two[apart]
    points, pair = shapely.get_parts(shapely.intersection(lines[one], lines[two]), return_index=True)
    dots = shapely.get_type_id(points) == 0
    points, pair = points[dots], pair[dots]
    xy = _snapped(lines[two[pair]], shapely.points(_snapped(lines[one[pair]], points)))
    return np.concatenate([one[pair], two[pair]]), np.vstack([xy, xy])


def _with_vertices(lines: Shapes, which: Ints, xy: Floats) -> Shapes:
    """Lines with the points, which lie on them, among their vertices."""
    if len(which) == 0:
        return lines
    own, line = shapely.get_coordinates(lines, return_index=True)
    step_m = np.hypot(*np.diff(own, axis=0, prepend=own[:1]).T)
    step_m[np.diff(line, prepend=-1) != 0] = 0.0
    walked = np.cumsum(step_m)
    begin = np.searchsorted(line, np.arange(len(lines)))
    at_m = np.concatenate([walked - walked[begin][line], shapely.line_locate_point(lines[which], shapely.points(xy))])
    all_xy, all_line = np.vstack([own, xy]), np.concatenate([line, which])
    order = np.lexsort([at_m, all_line])
    result: Shapes = shapely.remove_repeated_points(shapely.linestrings(all_xy[order], indices=all_line[order]))
    return result


def _first_of_each(lines: Shapes) -> Ints:
    """The lines that have a length, straight ones drawn twice only once."""
    ends = places(ends_of(lines)).reshape(-1, 2)
    straight = shapely.get_num_coordinates(lines) == 2
    low, high = np.sort(ends, axis=1).T
    table = pd.DataFrame({"low": low, "high": high, "alone": np.where(straight, -1, np.arange(len(lines)))})
    return np.flatnonzero(~table.duplicated().to_numpy() & (shapely.length(lines) > 0))
