"""Which carriageways of a street lie abreast (并列): from each section of a road one looks across it at the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from suizhou_geo.geometry.arrays import Bools, Floats, Ints
from suizhou_geo.geometry.components import components_at
from suizhou_geo.geometry.lines import dot

SECTION_M = 20.0
BESIDE_M = 7.0  # two lanes: carriageways nearer than that, on two levels, lie above each other
ON_TOP_M = 1.0  # less than half a lane: two roads of one level cannot lie so near
NOTHING_M = 1e-6

_MUTUAL = 0.7
_LIKE = 1.5  # a third line this much further off, or nearer, makes a row of streets
_NEIGHBOURS = 20
_TOLD_SHARE = 0.5


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
class Names:
    """Which street the rows of a layer belong to, by every spelling of their names."""

    street: Ints  # the same for the same spellings; -1 without a name
    spelled: Ints  # the spellings of each street, one row each, filled up with -1

    def same(self, a: Ints, b: Ints) -> Bools:
        """Whether two rows have a spelling in common."""
        left, right = self.street[a], self.street[b]
        named = (left >= 0) & (right >= 0)
        same = named & (left == right)
        if self.spelled.shape[1] > 1:
            several = np.append((self.spelled >= 0).sum(axis=1) > 1, False)
            asked = np.flatnonzero(named & ~same & (several[left] | several[right]))
            one, other = self.spelled[left[asked]][:, :, None], self.spelled[right[asked]][:, None, :]
            same[asked] = ((one == other) & (one >= 0)).any(axis=(1, 2))
        return same


@dataclass(frozen=True)
class Kinds:
    """What decides, row by row of the layer, whose carriageway a line is."""

    names: Names
    marked: Bools  # the name says 辅路, 主路 ...
    grade: Ints  # of the road class, the highest first
    divided: Bools  # of a class that always has two carriageways
    level: Floats
    one_way: Bools  # said to be; neither one_way nor two_way is not said
    two_way: Bools
    ramp: Bools
    ring: Bools


@dataclass(frozen=True)
class Limits:
    """The thresholds of `centrelines`; those with one number per grade hold where the direction is not known."""

    street_width_m: float
    pair_width_m: float
    sure_width_m: float
    named_width_m: Floats
    nameless_width_m: Floats
    widest_m: Floats
    side_width_m: Floats
    parallel_deg: float
    flare_deg: float
    overlap_share: float


@dataclass(frozen=True)
class _Views:
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


@dataclass(frozen=True)
class Abreast:
    """How many carriageways of its street lie abreast at each section, itself included, and the highest of their grades."""

    count: Floats
    fewest: Floats  # only what is sure to be of one street
    most: Floats  # everything that may be
    grade: Ints


def abreast(segments: Segments, sections: Sections, kinds: Kinds, limits: Limits) -> Abreast:
    """Count the carriageways of one street that lie abreast at each section, for sure, as is likely, and at most."""
    grade = kinds.grade[segments.row[sections.segment]]
    chosen = np.flatnonzero(sections.sampled)
    segment = sections.segment[chosen]
    row = segments.row[segment]
    wide = kinds.names.street.max(initial=-1) >= 0
    reach_m = max(limits.street_width_m * wide, limits.pair_width_m, limits.widest_m.max())
    views = _views(segments, sections, chosen, limits, reach_m)
    share = 1.0 / segments.copies[segment]
    here, there = views.here, views.there
    a, b = row[here], row[there]

    def others(seen: Bools) -> Floats:
        found: Floats = np.bincount(here[seen], share[there[seen]], minlength=len(chosen)).astype(float)
        return found

    grade_here = kinds.grade[a]
    plain = ~kinds.ramp[a] & ~kinds.ramp[b]
    same_grade = grade_here == kinds.grade[b]
    level = kinds.level[a] == kinds.level[b]
    in_pair = _within(views.across_m, limits.pair_width_m)
    one_street = plain & kinds.names.same(a, b)
    unnamed = plain & ((kinds.names.street[a] < 0) | (kinds.names.street[b] < 0))
    no_name = unnamed & same_grade

    one_way = kinds.one_way[row] & ~segments.both_ways[segment]
    both = one_way[here] & one_way[there]
    flared = both & views.opposite & in_pair
    beside = plain & same_grade & level & views.parallel
    alternate = views.in_a_row(beside & ~(both & ~views.opposite))
    in_a_row = views.in_a_row(beside)
    near = beside & ~in_a_row & _within(views.across_m, limits.nameless_width_m[grade_here])
    told = _told_around(views, near & (one_street | no_name), both & views.opposite, row, segments, sections, chosen)
    untold = ~kinds.one_way[row] & ~segments.both_ways[segment]
    open_now, open_at_most = untold & ~told, untold & ~(told & kinds.two_way[row])
    contrary = (one_way[here] & kinds.two_way[b]) | (one_way[there] & kinds.two_way[a])
    guess = ~both & ~contrary & (one_way | open_now)[here] & (one_way | open_now)[there] & views.parallel
    doubt = ~both & (one_way | open_at_most)[here] & (one_way | open_at_most)[there] & (views.parallel | in_pair)

    marked = kinds.marked[a] | kinds.marked[b]
    sure = one_street & (both | marked)
    sure &= flared | (views.parallel & _within(views.across_m, limits.street_width_m))
    likely = sure | (one_street & guess & _within(views.across_m, limits.named_width_m[grade_here]))
    possible = likely | (one_street & doubt & _within(views.across_m, limits.street_width_m))
    sure_pair = flared & ~alternate & _within(views.across_m, limits.sure_width_m)
    likely_pair = (flared & ~alternate) | (guess & near)
    possible_pair = flared | (doubt & _within(views.across_m, limits.widest_m[grade_here]))

    def extra(named: Bools, pair: Bools) -> Floats:
        named = named & (level | _split(views, named, one_way, kinds.level[row], halves=1))
        found = others(named)
        nameless = no_name & (found == 0)[here] & (found == 0)[there]
        found[views.nearest(nameless & level & pair)] = 1.0
        split = _split(views, nameless, one_way, kinds.level[row], halves=2)
        found[views.nearest(split & flared)] = 1.0
        return found

    fewest, best, most = extra(sure, sure_pair), extra(likely, likely_pair), extra(possible, possible_pair)
    side_m = limits.side_width_m[np.minimum(grade_here, kinds.grade[b])]
    abreast_told = both & in_pair & ~(same_grade & alternate)
    abreast_untold = doubt & _within(views.across_m, np.where(same_grade, limits.widest_m[grade_here], side_m))
    abreast_untold &= ~(same_grade & in_a_row)
    several = possible | (unnamed & (abreast_told | abreast_untold))
    most = np.maximum(most, others(several & (level | _within(BESIDE_M, views.across_m))))
    on = np.flatnonzero(np.diff(segments.line[segment]) == 0)
    further = most.copy()  # where a neighbour begins is known to a section
    np.maximum.at(further, on, most[on + 1])
    np.maximum.at(further, on + 1, most[on])
    most = np.where((kinds.names.street[row] < 0) | open_at_most, further, most)
    enough = _runs_along(segments, kinds, sections, chosen, best > 0, limits) | kinds.divided[row] | ~open_now
    best = np.where(enough, best, fewest)
    of_street = likely & (level | _split(views, likely, one_way, kinds.level[row], halves=1))
    np.minimum.at(grade, chosen[here[of_street]], kinds.grade[b[of_street]])

    ramp = (kinds.ramp[a] != kinds.ramp[b]) & same_grade & level & views.parallel & in_pair
    main_road = np.where(kinds.ramp[a], there, here)
    ramps = others(ramp & (one_way[main_road] | (kinds.divided[a] & open_now[main_road] & ~contrary)))

    def counted(found: Floats) -> Floats:
        count = np.ones(len(sections.start_m))
        count[chosen] += found + ramps
        return count

    best = np.maximum(best, fewest)
    return Abreast(counted(best), counted(fewest), counted(np.maximum(most, best)), grade)


def _told_around(
    views: _Views, near: Bools, told: Bools, row: Ints, segments: Segments, sections: Sections, chosen: Ints
) -> Bools:
    """Whether the layer tells directions where each section is: of most lines nearby that look like two carriageways.

    A line that is said to have traffic both ways is believed only where such pairs are told to be one-way. Looked at are
    the _NEIGHBOURS rows with such sections that are nearest to the row of the section.
    """
    looks, says = np.zeros((2, len(chosen)), dtype=bool)
    looks[views.nearest(near)] = True
    says[views.here[near & told]] = True
    middle = segments.at((sections.start_m[chosen] + sections.end_m[chosen]) / 2)
    rows, position = np.unique(row, return_inverse=True)

    def by_row(values: Floats | Bools) -> Floats:
        total: Floats = np.bincount(position, values, minlength=len(rows))
        return total

    places = np.column_stack([by_row(middle[:, axis]) for axis in (0, 1)]) / by_row(np.ones(len(row)))[:, None]
    pairs, told_pairs = by_row(looks), by_row(looks & says)
    asked = pairs > 0
    return told_nearby(places, places[asked], pairs[asked], told_pairs[asked] / pairs[asked])[position]


def told_nearby(places: Floats, asked: Floats, weight: Floats, told: Floats | Bools) -> Bools:
    """Whether at least half of what is asked nearby, by its weight, is told: of the _NEIGHBOURS nearest; nothing tells no."""
    if len(asked) == 0:
        return np.zeros(len(places), dtype=bool)
    nearest = cKDTree(asked).query(places, k=range(1, min(_NEIGHBOURS, len(asked)) + 1))[1]
    result: Bools = (weight * told)[nearest].sum(axis=1) >= _TOLD_SHARE * weight[nearest].sum(axis=1)
    return result


def _split(views: _Views, kin: Bools, one_way: Bools, level: Floats, *, halves: int) -> Bools:
    """Which views between kin on two levels are within one street, because these levels lie beside each other.

    All carriageways on the one lie BESIDE_M or more to the same side of all on the other, both directions are there, and
    on so many `halves` of the two levels, or more, there is one direction only.
    """
    _, rank = np.unique(level, return_inverse=True)
    levels = int(rank.max(initial=0)) + 1
    if levels == 1:
        return np.zeros(len(kin), dtype=bool)
    seen = np.flatnonzero(kin)
    mine, theirs = (views.here[seen] * levels + rank[end[seen]] for end in (views.here, views.there))
    opposite, two_way = views.opposite[seen], ~one_way[views.there[seen]]
    own = np.arange(len(level)) * levels + rank
    along, against = np.zeros((2, len(level) * levels), dtype=bool)
    along[own], against[own] = True, ~one_way
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
    result = np.zeros(len(kin), dtype=bool)
    result[seen[split]] = True
    return result


def _within(across_m: float | Floats, width_m: float | Floats) -> Bools:
    return across_m <= width_m + NOTHING_M


def _views(segments: Segments, sections: Sections, chosen: Ints, limits: Limits, reach_m: float) -> _Views:
    """Stand in the middle of each chosen section and look across the road: which other sections does one see in reach?

    One looks at right angles to the section, and where two carriageways splay, to the line between them. A section
    includes its beginning but not its end, so that a line cut in two is seen once.
    """
    start, end = segments.at(sections.start_m[chosen]), segments.at(sections.end_m[chosen])
    middle = segments.at((sections.start_m[chosen] + sections.end_m[chosen]) / 2)
    along = end - start
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), NOTHING_M)[:, None]
    pairs = cKDTree(middle).query_pairs(np.hypot(reach_m, SECTION_M) + SECTION_M / 2, output_type="ndarray")
    here, there = np.concatenate([pairs, pairs[:, ::-1]]).T
    cosine = dot(along[here], along[there])
    parallel = np.abs(cosine) >= np.cos(np.radians(limits.parallel_deg)) - NOTHING_M
    flared = np.abs(cosine) >= np.cos(np.radians(max(limits.flare_deg, limits.parallel_deg))) - NOTHING_M
    here, there, parallel, opposite = (of[flared] for of in (here, there, parallel, cosine < 0))
    from_here_0, from_here_1 = start[there] - middle[here], end[there] - middle[here]
    turn = np.where(opposite, -1.0, 1.0)[:, None]
    axis = np.where(parallel[:, None], along[here], along[here] + along[there] * turn)
    axis /= np.hypot(axis[:, 0], axis[:, 1])[:, None]
    ahead_0, ahead_1 = dot(axis, from_here_0), dot(axis, from_here_1)
    crossed = (ahead_0 < -NOTHING_M) != (ahead_1 < -NOTHING_M)
    part = ahead_0[crossed] / (ahead_0 - ahead_1)[crossed]
    point = from_here_0[crossed] + (from_here_1 - from_here_0)[crossed] * part[:, None]
    here, there, parallel, opposite = (of[crossed] for of in (here, there, parallel, opposite))
    left = along[here, 0] * point[:, 1] - along[here, 1] * point[:, 0] >= 0
    side_m = np.hypot(point[:, 0], point[:, 1]) * np.where(left, 1.0, -1.0)
    single = segments.copies[sections.segment[chosen]] == 1
    kept = _within(np.abs(side_m), reach_m) & ((single[here] & single[there]) | (np.abs(side_m) > ON_TOP_M))
    return _Views(here[kept], there[kept], side_m[kept], parallel[kept], opposite[kept])


def _runs_along(
    segments: Segments, kinds: Kinds, sections: Sections, chosen: Ints, has_neighbour: Bools, limits: Limits
) -> Bools:
    """Whether a neighbour runs along enough of the way between two junctions, for each chosen section."""
    _, first = np.unique(segments.bundle, return_index=True)
    ends = np.concatenate([segments.tail_node[first], segments.head_node[first]])
    passing = (np.bincount(ends) == 2)[ends]
    sort = np.tile((kinds.grade * 2 + kinds.ramp)[segments.row[first]], 2)
    members = np.tile(np.arange(len(first)), 2)
    way = components_at(members[passing], (ends * (sort.max() + 1) + sort)[passing], len(first))
    way = way[segments.bundle[sections.segment[chosen]]]
    length_m = (sections.end_m - sections.start_m)[chosen]
    accompanied_m = np.bincount(way, length_m * has_neighbour)
    return (accompanied_m >= limits.overlap_share * np.bincount(way, length_m) - NOTHING_M)[way]
