"""How mean lines (中线) and the streets that met their carriageways are led to each other, so that the network stays whole."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.components import components
from suizhou_geo.geometry.lines import (
    SAME_PLACE_M,
    Complexes,
    cut_back,
    dot,
    ends_of,
    first_of_each,
    led_on,
    outwards,
    places,
    split_at,
    with_vertices,
)

STEP_M = 10.0
TOUCH_M = 0.5
FLARE_DEG = 60.0

_STRAIGHT_M = 0.01
_SLANT = 5.0  # how much longer a bit of a street in a median is than the median is wide, at the most


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
class Means:
    """Mean lines, the piece and the chain that each leads along, and that piece's points at both ends."""

    lines: Shapes
    row: Ints
    chain: Ints
    level: Floats
    sources: Floats  # shape (2 n, 2)


@dataclass(frozen=True)
class Carriageways:
    """The lines of divided streets, their chains, and the chains that lie abreast of each other, as numbers a * n + b.

    Chains are lines that continue each other, numbered 0 .. n - 1. A mean line stands for the chain that leads it and for
    all that lie abreast of that one.
    """

    lines: Shapes
    chain: Ints
    abreast: Ints

    def standing_for(self, points: Shapes, means: Means, *, within_m: float) -> pd.DataFrame:
        """The mean lines that stand for a carriageway each point lies on: `point`, `line`, `away_m`; the nearest first."""
        size = int(self.chain.max(initial=-1)) + 1
        on, way = shapely.STRtree(self.lines).query(points, predicate="dwithin", distance=TOUCH_M)
        met = pd.DataFrame({"point": on, "met": self.chain[way]}).drop_duplicates()
        point, line = shapely.STRtree(means.lines).query(points, predicate="dwithin", distance=within_m)
        pairs = pd.DataFrame({"point": point, "line": line, "chain": means.chain[line]}).merge(met, on="point")
        pairs = pairs[np.isin(pairs["chain"] * size + pairs["met"], self.abreast)]
        pairs = pairs[["point", "line"]].drop_duplicates()
        away_m = shapely.distance(points[pairs["point"]], means.lines[pairs["line"]])
        return pairs.assign(away_m=away_m).sort_values(["point", "away_m", "line"])


@dataclass(frozen=True)
class Targets:
    """For points, the mean line each is led to (-1: none in reach), where it gets there, and how far that is.

    `tip` is the end of a mean line the point goes on from, -1 elsewhere.
    """

    line: Ints
    xy: Floats
    away_m: Floats
    tip: Ints


# --- mean lines to each other ---------------------------------------------------------------------------------------


def with_ends(means: Means, roundabouts: Roundabouts, carriageways: Carriageways, *, width_m: float) -> Shapes:
    """Lead the ends of mean lines to the centres of roundabouts, to each other, and to the divided streets they met.

    An end that met a carriageway of another street is led to the mean line that stands for it; where none is in reach,
    as at the tip of a divided street, it is a dead end and stays.
    """
    lines = means.lines.copy()
    source, free = places(means.sources), ~_shared(lines)
    on_ring = np.isin(source, roundabouts.place)
    for end in np.flatnonzero(on_ring).tolist():
        lines[end // 2] = led_on(lines[end // 2], end % 2, roundabouts.of(source[end]))
    free &= ~on_ring
    for one, two in _facing(lines, np.flatnonzero(free)):
        middle = ends_of(lines[[one // 2, two // 2]])[[one % 2, 2 + two % 2]].mean(axis=0)
        for end in (one, two):
            lines[end // 2] = led_on(lines[end // 2], end % 2, middle, without_m=STEP_M)
            free[end] = False
    loose = np.flatnonzero(free)
    found = carriageways.standing_for(
        shapely.points(means.sources[loose]), replace(means, lines=lines), within_m=width_m
    )
    found = found.assign(end=loose[found["point"]])
    found = found[means.chain[found["line"]] != means.chain[found["end"] // 2]]
    before = lines.copy()
    for end, to in found.drop_duplicates("end")[["end", "line"]].itertuples(index=False):
        lines[end // 2] = _up_to(before[end // 2], end % 2, before[to], width_m)
    return lines


def _shared(lines: Shapes) -> Bools:
    """Whether another end lies where each end lies."""
    _, number, times = np.unique(places(ends_of(lines)), return_inverse=True, return_counts=True)
    shared: Bools = times[number] > 1
    return shared


def _facing(lines: Shapes, ends: Ints) -> list[tuple[int, int]]:
    """The pairs of ends that are each other's nearest, within a step, and lead on from each other."""
    points = shapely.points(ends_of(lines)[ends])
    one, two = shapely.STRtree(points).query(points, predicate="dwithin", distance=STEP_M)
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
    return led_on(line, end, shapely.get_coordinates(shapely.shortest_line(point, other))[1])


def _cut_to(
    line: shapely.LineString, end: int, common: shapely.Geometry, within_m: float
) -> tuple[shapely.LineString, Floats] | None:
    """The line cut back to the last point it has in common with another, and that point; None if it is too far back."""
    xy = shapely.get_coordinates(common)
    at_m = shapely.line_locate_point(line, shapely.points(xy))
    left_m = line.length - at_m if end else at_m
    last = left_m.argmin()
    return (cut_back(line, end, xy[last]), xy[last]) if left_m[last] <= within_m else None


# --- streets to mean lines ------------------------------------------------------------------------------------------


def connected(
    means: Means, streets: Shapes, roundabouts: Roundabouts, carriageways: Carriageways, *, width_m: float
) -> tuple[Shapes, Ints]:
    """Lead whole streets on to the mean lines and to roundabouts.

    Returns all lines, and the number of the mean line or, counted on after them, of the street each comes from.
    """
    ends = ends_of(streets)
    place = places(ends)
    on_ring = np.isin(place, roundabouts.place)
    met = np.flatnonzero(_on_carriageway(ends, place, carriageways.lines) & ~on_ring)
    reached = carriageways.standing_for(shapely.points(ends[met]), means, within_m=width_m)
    reached = reached.assign(end=met[reached["point"]])
    nearest = reached.drop_duplicates("end")
    line = np.full(len(ends), -1, dtype=np.intp)
    line[nearest["end"]] = nearest["line"]
    middle, pinned, tip = _pinned(means.lines, ends, line, places(roundabouts.centre))
    middle = _straightened(middle)
    line[np.isin(place, pinned)] = -1
    target = _targets(middle, ends, line, tip)
    attached = target.line >= 0
    streets, kept, served, meetings = _across_medians(streets, place, target, reached, middle)
    both = np.repeat(kept, 2)
    leads = attached & ~np.isin(place, served) & both
    found, number, times = np.unique(np.where(both, place, np.inf), return_inverse=True, return_counts=True)
    lines, origin = list(streets), list(range(len(streets)))
    for end in np.flatnonzero(on_ring & both).tolist():
        lines[end // 2] = led_on(lines[end // 2], end % 2, roundabouts.of(place[end]))
    led = np.zeros(len(found), dtype=bool)
    for end in np.flatnonzero(leads).tolist():
        street, away_m = end // 2, target.away_m[end]
        common = shapely.intersection(lines[street], middle[target.line[end]])
        if times[number[end]] == 1 and not common.is_empty:
            cut = _cut_to(lines[street], end % 2, common, _SLANT * away_m)
            if cut is not None:
                lines[street], target.xy[end] = cut
                continue
        if times[number[end]] == 1:
            short = streets[street].length <= 4 * away_m
            lines[street] = led_on(lines[street], end % 2, target.xy[end], without_m=np.inf if short else 0.0)
        elif not led[number[end]]:
            lines.append(shapely.linestrings(np.vstack([ends[end], target.xy[end]])))
            origin.append(street)
        led[number[end]] = True
    joints = [meetings, (target.line[leads], target.xy[leads]), _crossings(middle, means.level)]
    which, xy = (np.concatenate([joint[k] for joint in joints]) for k in (0, 1))
    middle = with_vertices(middle, which.astype(np.intp), xy)
    keep = np.append(kept, np.ones(len(lines) - len(kept), dtype=bool))
    result = np.concatenate([middle, np.array(lines, dtype=object)[keep]])
    origin_ = np.concatenate([np.arange(len(middle)), len(middle) + np.array(origin, dtype=np.intp)[keep]])
    once = first_of_each(result)
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
    xy: Floats = shapely.get_coordinates(shapely.snap(points, lines, SAME_PLACE_M))
    return xy


def _targets(middle: Shapes, points: Floats, line: Ints, tip: Ints) -> Targets:
    """The nearest place on the given mean line for each point (-1: none), or the given end of one (-1: none)."""
    line = np.where(tip >= 0, tip // 2, line)
    has = line >= 0
    xy = points.copy()
    foot = shapely.line_interpolate_point(
        middle[line[has]], shapely.line_locate_point(middle[line[has]], shapely.points(points[has]))
    )
    xy[has] = _snapped(middle[line[has]], foot)
    xy[tip >= 0] = ends_of(middle)[tip[tip >= 0]]
    return Targets(line, xy, np.hypot(*(xy - points).T), tip)


def _pinned(middle: Shapes, points: Floats, line: Ints, centres: Complexes) -> tuple[Shapes, Complexes, Ints]:
    """Where one street alone goes on from the end of a mean line, the mean line swings over to it.

    Returns the mean lines, the places of those streets, which need not be led on any more, and for each of the other
    points the end of a mean line it goes on from, or -1.
    """
    target = _targets(middle, points, line, np.full(len(points), -1))
    tips = ends_of(middle)
    touching = shapely.STRtree(middle).query(shapely.points(tips), predicate="dwithin", distance=SAME_PLACE_M)[0]
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
        middle[at // 2] = led_on(middle[at // 2], at % 2, points[end], without_m=2 * target.away_m[end])
    return middle, found["place"].to_numpy()[alone], goes_on


def _across_medians(
    streets: Shapes, place: Complexes, target: Targets, reached: pd.DataFrame, middle: Shapes
) -> tuple[Shapes, Bools, Complexes, tuple[Ints, Floats]]:
    """Find the bits of streets between the carriageways of one street, let them meet its mean line or leave them out.

    They cross one of the mean lines that their ends have `reached`, or lead nearer to it; slips, at a slant of 1 : 5 at
    the most. Returns the streets, which of them are kept, the places that need not be led on since such a bit leads on
    from there, and the mean lines that are met with the places where.
    """
    streets = streets.copy()
    ends = np.arange(2 * len(streets)).reshape(-1, 2)
    both = np.flatnonzero((target.line[ends] >= 0).all(axis=1))
    length_m, away_m = shapely.length(streets[both]), target.away_m[ends[both]]
    width_m = away_m.sum(axis=1)
    gap_m = np.hypot(*(target.xy[ends[both, 0]] - target.xy[ends[both, 1]]).T)
    street, line = (reached["end"] // 2).to_numpy(), reached["line"].to_numpy()
    crossing = street[shapely.crosses(streets[street], middle[line])]
    across = np.isin(both, crossing) & (length_m <= _SLANT * width_m)
    tips = target.tip[ends[both]]
    closes_gap = (tips >= 0).all(axis=1) & (tips[:, 0] != tips[:, 1])
    steep = (length_m <= 2 * width_m + TOUCH_M) & (gap_m <= 0.9 * length_m)
    across |= (steep | (length_m <= _SLANT * np.abs(np.diff(away_m, axis=1).ravel()))) & ~closes_gap
    bits = both[across]
    bit = np.isin(np.arange(len(streets)), bits)
    found, number = np.unique(place, return_inverse=True)
    group = components(number[ends[bits, 0]], number[ends[bits, 1]], len(found))[number]
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
            streets[street] = cut_back(streets[street], int(blind[street].argmax()), to)
    through = meets & ~blind[bits[at]].any(axis=1)
    streets = with_vertices(streets, bits[at[through]], xy[through])
    served = np.unique(place[ends[bits]][led[group[ends[bits, 0]]]])
    return streets, kept, served, (line[meets], xy[meets])


def _straightened(lines: Shapes) -> Shapes:
    """Lines without vertices that are hardly beside them, but for those where another line ends."""
    ends = ends_of(lines)
    end, line = shapely.STRtree(lines).query(shapely.points(ends), predicate="dwithin", distance=SAME_PLACE_M)
    others = end // 2 != line
    parts, owner = split_at(with_vertices(lines, line[others], ends[end[others]]), places(ends))
    xy, part = shapely.get_coordinates(shapely.simplify(parts, _STRAIGHT_M), return_index=True)
    straight: Shapes = shapely.remove_repeated_points(shapely.linestrings(xy, indices=owner[part]))
    return straight


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
