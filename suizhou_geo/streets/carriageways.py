"""Lines cut into sections, from each of which one looks across the road at the others (并列): what one sees there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from suizhou_geo.geometry.arrays import Bools, Floats, Ints
from suizhou_geo.geometry.components import components_at
from suizhou_geo.geometry.lines import dot

SECTION_M = 20.0
BESIDE_M = 7.0  # two lanes: carriageways nearer than that, on two levels, lie above each other
ON_TOP_M = 1.0  # less than a lane: two roads of one level cannot lie so near
NOTHING_M = 1e-6

_ROUNDED_M = 0.01
_MUTUAL = 0.7
_LIKE = 1.5  # a third line this much further off, or nearer, makes a row of streets


@dataclass(frozen=True)
class Segments:
    """Every straight bit of every line, laid end to end on one long ruler with 1 m between two lines."""

    tail: Floats  # x, y of one end and of the other
    head: Floats
    tail_node: Ints  # ends at the same place share a node
    head_node: Ints
    start_m: Floats  # on the ruler
    end_m: Floats
    line: Ints
    row: Ints  # of the layer
    bundle: Ints  # the same for segments drawn on top of each other
    copies: Ints  # how often it is drawn
    both_ways: Bools  # drawn in both directions

    def at(self, station_m: Floats) -> Floats:
        """The points x, y at these places of the ruler."""
        ruler = np.column_stack([self.start_m, self.end_m]).ravel()
        x = np.interp(station_m, ruler, np.column_stack([self.tail[:, 0], self.head[:, 0]]).ravel())
        y = np.interp(station_m, ruler, np.column_stack([self.tail[:, 1], self.head[:, 1]]).ravel())
        return np.column_stack([x, y])


@dataclass(frozen=True)
class Sections:
    """The lines cut across: every SECTION_M where they may have neighbours, else where the copies change."""

    start_m: Floats
    end_m: Floats
    segment: Ints  # one that lies in the section: the middle one where the section was cut
    sampled: Bools


@dataclass(frozen=True)
class Views:
    """Who sees whom across the road, as positions among the sampled sections."""

    here: Ints
    there: Ints
    side_m: Floats  # how far to the left of the one who looks
    parallel: Bools  # else they diverge, as before a roundabout
    opposite: Bools  # drawn in the opposite direction

    @property
    def across_m(self) -> Floats:
        """How far it is across."""
        return np.abs(self.side_m)

    def nearest(self, seen: Bools) -> Ints:
        """The sections that see their nearest neighbour, if that one has no much nearer neighbour itself."""
        here, there, across_m = self.here[seen], self.there[seen], self.across_m[seen]
        nearest_m = np.full(max(self.here.max(initial=-1), self.there.max(initial=-1)) + 1, np.inf)
        np.minimum.at(nearest_m, here, across_m)
        return here[(across_m <= nearest_m[here]) & (nearest_m[there] >= _MUTUAL * across_m)]

    def in_a_row(self, seen: Bools) -> Bools:
        """Which views are of two among several at like distances: beside one of them, away from the other, lies a third."""
        gap_m = np.full((2, max(self.here.max(initial=-1), self.there.max(initial=-1)) + 1), np.inf)
        left = self.side_m > 0
        third = seen & (self.across_m > BESIDE_M / 2)
        np.minimum.at(gap_m, (left[third].astype(np.intp), self.here[third]), self.across_m[third])
        beyond_here = gap_m[(~left).astype(np.intp), self.here]
        beyond_there = gap_m[np.where(self.opposite, ~left, left).astype(np.intp), self.there]
        result: Bools = np.minimum(beyond_here, beyond_there) < _LIKE * self.across_m
        return result


def split_levels(views: Views, kin: Bools, one_way: Bools, level: Ints, *, halves: int) -> Bools:
    """Which views between kin on two levels are within one street, because these levels lie beside each other.

    All carriageways on the one lie BESIDE_M or more to the same side of all on the other, both directions are there, and
    on so many `halves` of the two levels, or more, there is one direction only.
    """
    result = np.zeros(len(kin), dtype=bool)
    between = kin & (level[views.here] != level[views.there])
    if not between.any():
        return result
    asked = np.zeros(len(level), dtype=bool)
    asked[views.here[between]] = True
    seen = np.flatnonzero(kin & asked[views.here])
    number, levels = np.cumsum(asked) - 1, int(level.max()) + 1
    mine, theirs = (number[views.here[seen]] * levels + level[end[seen]] for end in (views.here, views.there))
    opposite, two_way = views.opposite[seen], ~one_way[views.there[seen]]
    own = np.arange(asked.sum()) * levels + level[asked]
    along, against = np.zeros((2, len(own) * levels), dtype=bool)
    along[own], against[own] = True, ~one_way[asked]
    along[theirs[~opposite | two_way]] = True
    against[theirs[opposite | two_way]] = True
    left_m, right_m = np.full(len(along), np.inf), np.full(len(along), -np.inf)
    left_m[own] = right_m[own] = 0.0
    np.minimum.at(left_m, theirs, views.side_m[seen])
    np.maximum.at(right_m, theirs, views.side_m[seen])
    apart_m = np.maximum(left_m[theirs] - right_m[mine], left_m[mine] - right_m[theirs])
    half = ~(along & against)
    split = (mine != theirs) & views.parallel[seen] & (apart_m >= BESIDE_M - NOTHING_M)
    split &= half[mine].astype(int) + half[theirs] >= halves
    split &= (along[mine] | along[theirs]) & (against[mine] | against[theirs])
    result[seen[split]] = True
    return result


def within(across_m: Floats, width_m: float | Floats) -> Bools:
    """Whether it is no further across than a width; rounding does not decide."""
    return across_m <= width_m + NOTHING_M


def views_across(
    segments: Segments,
    sections: Sections,
    chosen: Ints,
    *,
    reach_m: float,
    kin: Callable[[Ints, Ints], Bools],
    kin_reach_m: float,
    parallel_deg: float,
    flare_deg: float,
) -> Views:
    """Stand in the middle of each chosen section and look across the road: which other sections does one see in reach?

    Sections whose rows are kin one sees within `kin_reach_m`, others within `reach_m`.
    One looks at right angles to the section, and where two carriageways splay, to the line between them. A section
    includes its beginning but not its end, so that a line cut in two is seen once.
    """
    start, end = segments.at(sections.start_m[chosen]), segments.at(sections.end_m[chosen])
    middle = segments.at((sections.start_m[chosen] + sections.end_m[chosen]) / 2)
    along = end - start
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), NOTHING_M)[:, None]
    seen_m, kin_seen_m = (np.hypot(of, SECTION_M) + SECTION_M / 2 for of in (reach_m, max(reach_m, kin_reach_m)))
    one, other = np.ascontiguousarray(cKDTree(middle).query_pairs(kin_seen_m, output_type="ndarray").T)
    along_x, along_y = np.ascontiguousarray(along.T)
    cosine = along_x[one] * along_x[other] + along_y[one] * along_y[other]
    flared = np.flatnonzero(np.abs(cosine) >= np.cos(np.radians(max(flare_deg, parallel_deg))) - NOTHING_M)
    one, other, cosine = one[flared], other[flared], cosine[flared]
    here, there, cosine = np.concatenate([one, other]), np.concatenate([other, one]), np.tile(cosine, 2)
    opposite = cosine < 0
    parallel = np.abs(cosine) >= np.cos(np.radians(parallel_deg)) - NOTHING_M
    axis = along.take(here, axis=0)
    splayed = np.flatnonzero(~parallel)
    axis[splayed] += along[there[splayed]] * np.where(opposite[splayed], -1.0, 1.0)[:, None]
    axis /= np.hypot(axis[:, 0], axis[:, 1])[:, None]
    apart = middle.take(there, axis=0) - middle.take(here, axis=0)
    asked = np.abs(dot(axis, apart)) <= SECTION_M / 2 + _ROUNDED_M  # else all of it lies before or behind
    if kin_seen_m > seen_m:
        further = np.flatnonzero(asked & (dot(apart, apart) > seen_m**2))
        row = segments.row[sections.segment[chosen]]
        asked[further] = kin(row[here[further]], row[there[further]])
    here, there, parallel, opposite = (of[asked] for of in (here, there, parallel, opposite))
    axis = axis[asked]
    from_here_0, from_here_1 = start[there] - middle[here], end[there] - middle[here]
    ahead_0, ahead_1 = dot(axis, from_here_0), dot(axis, from_here_1)
    crossed = (ahead_0 < -NOTHING_M) != (ahead_1 < -NOTHING_M)
    part = ahead_0[crossed] / (ahead_0 - ahead_1)[crossed]
    point = from_here_0[crossed] + (from_here_1 - from_here_0)[crossed] * part[:, None]
    here, there, parallel, opposite = (of[crossed] for of in (here, there, parallel, opposite))
    left = along[here, 0] * point[:, 1] - along[here, 1] * point[:, 0] >= 0
    side_m = np.hypot(point[:, 0], point[:, 1]) * np.where(left, 1.0, -1.0)
    single = segments.copies[sections.segment[chosen]] == 1
    kept = within(np.abs(side_m), max(reach_m, kin_reach_m)) & (
        (single[here] & single[there]) | (np.abs(side_m) > ON_TOP_M)
    )
    return Views(here[kept], there[kept], side_m[kept], parallel[kept], opposite[kept])


def runs_along(
    segments: Segments, sections: Sections, chosen: Ints, kind: Ints, has_neighbour: Bools, *, share: float
) -> Bools:
    """Whether a neighbour runs along enough of the way of one kind between two junctions, for each chosen section."""
    _, first = np.unique(segments.bundle, return_index=True)
    ends = np.concatenate([segments.tail_node[first], segments.head_node[first]])
    passing = (np.bincount(ends) == 2)[ends]
    sort = np.tile(kind[segments.row[first]], 2)
    members = np.tile(np.arange(len(first)), 2)
    way = components_at(members[passing], (ends * (sort.max() + 1) + sort)[passing], len(first))
    way = way[segments.bundle[sections.segment[chosen]]]
    length_m = (sections.end_m - sections.start_m)[chosen]
    accompanied_m = np.bincount(way, length_m * has_neighbour)
    return (accompanied_m >= share * np.bincount(way, length_m) - NOTHING_M)[way]
