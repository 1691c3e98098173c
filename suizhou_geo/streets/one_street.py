"""Which lines that lie abreast are carriageways of one street: for sure, as is likely, and at the very most.

Sure is what names and directions say. Where they are not told it is a guess, by class, width and the next lines; the guess
makes the number, what is sure and what is possible make its range.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from suizhou_geo.geometry.arrays import Bools, Floats, Ints
from suizhou_geo.streets.carriageways import (
    BESIDE_M,
    NOTHING_M,
    Sections,
    Segments,
    Views,
    runs_along,
    split_levels,
    views_across,
    within,
)

NEIGHBOURS = 20
TOLD_SHARE = 0.5


@dataclass(frozen=True)
class Names:
    """Which street the rows of a layer belong to, by every spelling of their names."""

    street: Ints  # the same for the same spellings; -1 without a name
    spelled: Ints  # the spellings of each street, one row each, filled up with -1

    def same(self, a: Ints, b: Ints) -> Bools:
        """Whether two rows have a spelling in common."""
        left, right = self.street[a], self.street[b]
        named = (left >= 0) & (right >= 0)
        same: Bools = named & (left == right)
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
    level: Ints  # numbered from the lowest
    one_way: Bools  # said to be; neither one_way nor two_way is not said
    two_way: Bools
    ramp: Bools
    ring: Bools


@dataclass(frozen=True)
class Limits:
    """The thresholds of `centrelines`; those with one number per grade hold where names or directions are not known."""

    street_width_m: float
    pair_width_m: float
    sure_width_m: Floats
    named_width_m: Floats
    nameless_width_m: Floats
    widest_m: Floats
    side_width_m: Floats
    parallel_deg: float
    flare_deg: float
    overlap_share: float


@dataclass(frozen=True)
class Abreast:
    """How many carriageways of its street lie abreast at each section, itself included, and the highest of their grades."""

    count: Floats
    fewest: Floats  # only what is sure to be of one street
    most: Floats  # everything that may be
    grade: Ints


@dataclass(frozen=True)
class _Kin:
    """Which views lead to another carriageway of the street: by a common name, or as the two halves of a nameless one."""

    named: Bools
    pair: Bools


@dataclass(frozen=True)
class _Across:
    """What is known of both ends of every view between the sampled (`chosen`) sections."""

    segments: Segments
    sections: Sections
    chosen: Ints
    kinds: Kinds
    limits: Limits
    views: Views

    @cached_property
    def row(self) -> Ints:
        """The row of the layer of each chosen section."""
        return self.segments.row[self.sections.segment[self.chosen]]

    @cached_property
    def both_ways(self) -> Bools:
        """Drawn once each way."""
        return self.segments.both_ways[self.sections.segment[self.chosen]]

    @cached_property
    def one_way(self) -> Bools:
        """Whether each chosen section is said to be one-way."""
        return self.kinds.one_way[self.row] & ~self.both_ways

    @cached_property
    def a(self) -> Ints:
        """The row of the one who looks."""
        return self.row[self.views.here]

    @cached_property
    def b(self) -> Ints:
        """The row of what is seen."""
        return self.row[self.views.there]

    @cached_property
    def plain(self) -> Bools:
        """No ramps."""
        return ~self.kinds.ramp[self.a] & ~self.kinds.ramp[self.b]

    @cached_property
    def same_grade(self) -> Bools:
        """Of one class."""
        same: Bools = self.kinds.grade[self.a] == self.kinds.grade[self.b]
        return same

    @cached_property
    def level(self) -> Bools:
        """On one level."""
        same: Bools = self.kinds.level[self.a] == self.kinds.level[self.b]
        return same

    @cached_property
    def one_street(self) -> Bools:
        """Of one name."""
        return self.plain & self.kinds.names.same(self.a, self.b)

    @cached_property
    def unnamed(self) -> Bools:
        """At least one without a name."""
        street = self.kinds.names.street
        return self.plain & ((street[self.a] < 0) | (street[self.b] < 0))

    @cached_property
    def both(self) -> Bools:
        """Both said to be one-way."""
        return self.each(self.one_way)

    @cached_property
    def in_pair(self) -> Bools:
        """No further apart than the two carriageways of a nameless street."""
        return within(self.views.across_m, self.limits.pair_width_m)

    @cached_property
    def opposite(self) -> Bools:
        """Two one-way carriageways in opposite directions, perhaps diverging, no further apart than a pair."""
        return self.both & self.views.opposite & self.in_pair

    @cached_property
    def beside(self) -> Bools:
        """Parallel lines of one class and level."""
        return self.plain & self.same_grade & self.level & self.views.parallel

    @cached_property
    def in_a_row(self) -> Bools:
        """Two of several lines at like distances: a grid of streets."""
        return self.views.in_a_row(self.beside)

    @cached_property
    def alternate(self) -> Bools:
        """Two of several lines at like distances, whose directions alternate where they are told: a one-way grid."""
        return self.views.in_a_row(self.beside & ~(self.both & ~self.views.opposite))

    @cached_property
    def near(self) -> Bools:
        """No further apart than two carriageways of the class of which nothing is told, and in no row of streets."""
        return self.beside & ~self.in_a_row & self.within_of_class(self.limits.nameless_width_m)

    @cached_property
    def told(self) -> Bools:
        """Whether directions are told around each section: of most lines nearby that look like two carriageways.

        That a line has traffic both ways is believed only there.
        """
        looks, says = np.zeros((2, len(self.chosen)), dtype=bool)
        near = self.near & (self.one_street | self.unnamed)
        looks[self.views.nearest(near)] = True
        says[self.views.here[near & self.both & self.views.opposite]] = True
        middle = self.segments.at((self.sections.start_m[self.chosen] + self.sections.end_m[self.chosen]) / 2)
        rows, position, sections = np.unique(self.row, return_inverse=True, return_counts=True)
        x, y, pairs, told = (
            np.bincount(position, values, minlength=len(rows)) for values in (*middle.T, looks, looks & says)
        )
        asked = pairs > 0
        places = np.column_stack([x, y]) / sections[:, None]
        return told_nearby(places, places[asked], pairs[asked], told[asked] / pairs[asked])[position]

    @cached_property
    def untold(self) -> Bools:
        """Whether each section may be one-way though nobody says so."""
        return ~self.kinds.one_way[self.row] & ~self.both_ways & ~self.told

    @cached_property
    def guess(self) -> Bools:
        """Views between what is taken for two carriageways, as far as directions go.

        Whoever marks one of two carriageways one-way and says that the other has traffic both ways means it.
        """
        return ~self.both & ~self.contrary & self.each(self.one_way | self.untold) & self.views.parallel

    @cached_property
    def contrary(self) -> Bools:
        """One said to be one-way, the other to have traffic both ways."""
        return (self.one_way[self.views.here] & self.kinds.two_way[self.b]) | (
            self.one_way[self.views.there] & self.kinds.two_way[self.a]
        )

    @cached_property
    def drawn_again(self) -> Bools:
        """Of one name, and nearer than two streets can lie, or a two-way line among one-way ones in the width of the class."""
        near = within(self.views.across_m, BESIDE_M) | (self.contrary & self.within_of_class(self.limits.named_width_m))
        return self.one_street & self.level & self.views.parallel & near

    @cached_property
    def doubtful(self) -> Bools:
        """Whether nobody says of each section, or not so that it can be believed, which way traffic runs."""
        return ~self.kinds.one_way[self.row] & ~self.both_ways & ~(self.told & self.kinds.two_way[self.row])

    @cached_property
    def doubt(self) -> Bools:
        """Views between what may be two carriageways, as far as directions go."""
        return ~self.both & self.each(self.one_way | self.doubtful) & (self.views.parallel | self.in_pair)

    def each(self, sections: Bools) -> Bools:
        """Views of which both ends are such sections."""
        return sections[self.views.here] & sections[self.views.there]

    def within_of_class(self, width_m: Floats) -> Bools:
        """No further apart than a width by class, that of the higher of the two."""
        grade = np.minimum(self.kinds.grade[self.a], self.kinds.grade[self.b])
        return within(self.views.across_m, width_m[grade])

    def others(self, seen: Bools) -> Floats:
        """How many lines each section sees in such views; what is drawn several times is one."""
        share = 1.0 / self.segments.copies[self.sections.segment[self.chosen]]
        here, there = self.views.here[seen], self.views.there[seen]
        return np.bincount(here, share[there], minlength=len(self.chosen)).astype(float)

    def of_one_level(self, kin: Bools, *, halves: int) -> Bools:
        """Views between kin on two levels which lie beside each other (see `split_levels`)."""
        return split_levels(self.views, kin, self.one_way, self.kinds.level[self.row], halves=halves)


def abreast(segments: Segments, sections: Sections, kinds: Kinds, limits: Limits) -> Abreast:
    """Count the carriageways of one street that lie abreast at each section, for sure, as is likely, and at most."""
    chosen = np.flatnonzero(sections.sampled)
    views = views_across(
        segments,
        sections,
        chosen,
        reach_m=max(limits.pair_width_m, limits.widest_m.max()),
        kin=kinds.names.same,
        kin_reach_m=limits.street_width_m if len(kinds.names.spelled) else 0.0,
        parallel_deg=limits.parallel_deg,
        flare_deg=limits.flare_deg,
    )
    across = _Across(segments, sections, chosen, kinds, limits, views)
    sure = _sure(across)
    likely = _likely(across, sure)
    fewest, best = _extra(across, sure), _extra(across, likely)
    kind = kinds.grade * 2 + kinds.ramp
    enough = runs_along(segments, sections, chosen, kind, best > 0, share=limits.overlap_share)
    best = np.maximum(np.where(enough | kinds.divided[across.row] | ~across.untold, best, fewest), fewest)
    most = np.maximum(_at_most(across, likely), best)
    ramps = _ramps_beside(across)
    count, least, greatest = np.ones((3, len(sections.start_m)))
    for total, found in ((count, best), (least, fewest), (greatest, most)):
        total[chosen] += found + ramps
    return Abreast(count, least, greatest, _grades(across, likely))


def told_nearby(places: Floats, asked: Floats, weight: Floats | Ints, told: Floats | Bools) -> Bools:
    """Whether most of what is asked around each place is told: of the NEIGHBOURS nearest, by weight; nothing tells no.

    >>> told_nearby(np.zeros((1, 2)), np.array([[0, 9], [5, 0]]), np.array([3, 1]), np.array([True, False]))
    array([ True])
    """
    if not told.any():
        return np.zeros(len(places), dtype=bool)
    nearest = cKDTree(asked).query(places, k=range(1, min(NEIGHBOURS, len(asked)) + 1))[1]
    result: Bools = (weight * told)[nearest].sum(axis=1) >= TOLD_SHARE * weight[nearest].sum(axis=1)
    return result


def _sure(across: _Across) -> _Kin:
    """One name and both one-way, or a name that speaks of 辅路 or 主路; without names only what is near and opposite."""
    limits, views, kinds = across.limits, across.views, across.kinds
    told = across.both | kinds.marked[across.a] | kinds.marked[across.b]
    apart = across.opposite | (views.parallel & within(views.across_m, limits.street_width_m))
    near = across.within_of_class(limits.sure_width_m)
    return _Kin(across.one_street & told & apart, across.opposite & ~across.alternate & near)


def _likely(across: _Across, sure: _Kin) -> _Kin:
    """What is sure; one name within the width of the class, or drawn again; no names: the nearest in no row of streets."""
    named = across.one_street & across.guess & across.within_of_class(across.limits.named_width_m)
    return _Kin(
        sure.named | named | across.drawn_again, (across.opposite & ~across.alternate) | (across.guess & across.near)
    )


def _possible(across: _Across, likely: _Kin) -> _Kin:
    named = across.one_street & across.doubt & within(across.views.across_m, across.limits.street_width_m)
    close = across.beside & within(across.views.across_m, BESIDE_M)
    pair = across.opposite | close | (across.doubt & across.within_of_class(across.limits.widest_m))
    return _Kin(likely.named | named, pair)


def _extra(across: _Across, kin: _Kin) -> Floats:
    """How many carriageways there are besides each section: all of its name; where there is none, one nameless half."""
    found = across.others(kin.named & (across.level | across.of_one_level(kin.named, halves=1)))
    nameless = across.unnamed & across.same_grade & across.each(found == 0)
    found[across.views.nearest(nameless & across.level & kin.pair)] = 1.0
    found[across.views.nearest(across.of_one_level(nameless, halves=2) & across.opposite)] = 1.0
    return found


def _at_most(across: _Across, likely: _Kin) -> Floats:
    """How many carriageways there may be besides each section: several without a name, side roads of a lower class, too.

    Where carriageways without a name or direction begin and end is known to a section only.
    """
    limits, views, kinds = across.limits, across.views, across.kinds
    possible = _possible(across, likely)
    told = across.both & across.in_pair & ~(across.same_grade & across.alternate)
    width_m = np.where(
        across.same_grade, across.within_of_class(limits.widest_m), across.within_of_class(limits.side_width_m)
    )
    untold = across.doubt & width_m & ~(across.same_grade & across.in_a_row)
    several = possible.named | (across.unnamed & (told | untold))
    not_above = across.level | (views.across_m >= BESIDE_M - NOTHING_M)
    most = np.maximum(_extra(across, possible), across.others(several & not_above))
    on = np.flatnonzero(np.diff(across.segments.line[across.sections.segment[across.chosen]]) == 0)
    further = most.copy()
    np.maximum.at(further, on, most[on + 1])
    np.maximum.at(further, on + 1, most[on])
    return np.where((kinds.names.street[across.row] < 0) | across.doubtful, further, most)


def _ramps_beside(across: _Across) -> Floats:
    """How many ramps run beside a divided road of their class, and the other way round."""
    kinds = across.kinds
    ramp = (kinds.ramp[across.a] != kinds.ramp[across.b]) & across.same_grade & across.level
    ramp &= across.views.parallel & across.in_pair
    road = np.where(kinds.ramp[across.a], across.views.there, across.views.here)
    divided = across.one_way[road] | (kinds.divided[across.a] & across.guess)
    return across.others(ramp & divided)


def _grades(across: _Across, likely: _Kin) -> Ints:
    """The highest grade of the carriageways of one name abreast at each section."""
    grade = across.kinds.grade[across.segments.row[across.sections.segment]]
    of_street = likely.named & (across.level | across.of_one_level(likely.named, halves=1))
    np.minimum.at(grade, across.chosen[across.views.here[of_street]], across.kinds.grade[across.b[of_street]])
    return grade
