"""What could be built for the gaps of a plan, and the choice of the fewest projects that close them.

A gap is cut into pieces that each part of a project closes whole or not at all: ground that a site would newly cover, a road
that it would open, metres of street. So one programme chooses for all gaps at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
from scipy.sparse import block_array, csr_array

from suizhou_geo.assessment.siting.covering import HAIR, MOST_PAIRS, SECONDS, Covering, Row, solved
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes

_SHARES = 100.0  # what a whole gap is in a programme
_SLACK = (0.0, 1e-6, 1e-5)  # of it: HiGHS may fall short of a row by its tolerance
_TIE = 0.5  # what all pieces together are worth beside one project: of equally short lists, that which closes more


@dataclass(frozen=True, eq=False)
class Part:
    """What a project builds for one purpose: rows for `suizhou_geo.assessment.scenario.applied`, and who gains by it."""

    rows: gpd.GeoDataFrame
    persons: float = np.nan


@dataclass(frozen=True, eq=False)
class Offers:
    """Projects by their `names`, their parts, and the pieces of gaps that each part closes.

    `of` is the project of each part. `covers` (parts, pieces) is 1 where a part closes a piece; `weight` what a piece counts
    in the unit of its gap, and `gap` the key of that.
    """

    names: tuple[Text, ...]
    parts: tuple[Part, ...]
    of: Ints
    covers: csr_array
    weight: Floats
    gap: Shapes

    def most(self, key: str) -> float:
        """How much of a gap all projects together close."""
        there: Bools = np.asarray(self.covers.sum(axis=0)).ravel() > 0
        return float(self.weight[there & (self.gap == key)].sum())

    def closed(self, key: str, parts: Ints) -> float:
        """How much of a gap some parts close."""
        there: Bools = np.asarray(self.covers[parts].sum(axis=0)).ravel() > 0
        return float(self.weight[there & (self.gap == key)].sum())

    @cached_property
    def by_project(self) -> csr_array:
        """The pieces that each project closes with all of its parts."""
        member = csr_array(
            (np.ones(len(self.of)), (self.of, np.arange(len(self.of)))), shape=(len(self.names), len(self.of))
        )
        whole = csr_array(member @ self.covers)
        whole.data[:] = 1.0
        return whole


@dataclass(frozen=True, eq=False)
class Shortest:
    """The parts to be built, and the number of projects that no list undercuts."""

    parts: Ints
    bound: int


def together(offers: Sequence[Offers]) -> Offers:
    """Put several offers side by side."""
    some = [one for one in offers if len(one.names)]
    if not some:
        return NOTHING_OFFERED
    first = np.cumsum([0, *(len(one.names) for one in some)])
    blocks = [[one.covers if k == j else None for j in range(len(some))] for k, one in enumerate(some)]
    return Offers(
        tuple(name for one in some for name in one.names),
        tuple(part for one in some for part in one.parts),
        np.concatenate([one.of + before for one, before in zip(some, first, strict=False)]),
        csr_array(block_array(blocks)),
        np.concatenate([one.weight for one in some]),
        np.concatenate([one.gap for one in some]),
    )


def offer_of(names: Sequence[Text], parts: Sequence[Part], of: Sequence[int], pieces: Sequence[Piece]) -> Offers:
    """Make an offer of projects, their parts and the pieces of gaps these close."""
    part = np.concatenate([np.empty(0, dtype=np.int64), *(piece.parts for piece in pieces)])
    column = np.repeat(np.arange(len(pieces)), [len(piece.parts) for piece in pieces])
    covers = csr_array((np.ones(len(part)), (part, column)), shape=(len(parts), len(pieces)))
    weight, gap = [piece.weight for piece in pieces], [piece.gap for piece in pieces]
    return Offers(
        tuple(names),
        tuple(parts),
        np.array(of, dtype=np.int64),
        covers,
        np.array(weight, dtype=float),
        np.array(gap, dtype=object),
    )


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of a gap, what it counts, and the parts that close it."""

    gap: str
    weight: float
    parts: Ints


NOTHING_OFFERED = offer_of((), (), (), ())


def enough(closed: float, need: float) -> bool:
    """Whether so much of a gap is all that is needed of it, but for what sums of many pieces are off.

    >>> enough(0.1 + 0.2 + 0.3, 0.6), enough(0.3 + 0.3, 0.1 + 0.2 + 0.3), enough(0.59, 0.6)
    (True, True, False)
    """
    return closed >= need - HAIR * abs(need)


def shortest(offers: Offers, needed: Mapping[str, float], *, seconds: float = SECONDS) -> Shortest:
    """The fewest projects whose parts close as much of every gap as is `needed`, and of these parts no idle ones.

    min Σ xⱼ with Σ wᵢyᵢ ≥ needed for the pieces i of every gap, yᵢ ≤ Σⱼ aᵢⱼxⱼ: set covering with a row per gap; of equally
    short lists one that closes more. The greedy choice where the programme is too large or nothing is found in the time.

    Errors: ValueError for a gap that all projects together do not close.

    >>> two = [Part(gpd.GeoDataFrame())] * 3
    >>> pieces = [Piece("a", 1.0, np.array([0, 2])), Piece("b", 1.0, np.array([1, 2]))]
    >>> found = shortest(offer_of([Text("甲", "A")] * 3, two, range(3), pieces), {"a": 1.0, "b": 1.0})
    >>> found.parts.tolist(), found.bound
    ([2], 1)
    """
    if not all(enough(offers.most(key), need) for key, need in needed.items()):
        raise ValueError("all projects together do not close a gap")
    if not needed:
        return Shortest(np.empty(0, dtype=np.int64), 0)
    share = _shares(offers, needed)

    def closes(projects: Ints) -> bool:
        parts = np.flatnonzero(np.isin(offers.of, projects))
        return all(enough(offers.closed(key, parts), need) for key, need in needed.items())

    sites = _greedy(offers, share, closes)
    bound = 1
    if offers.by_project.nnz <= MOST_PAIRS:
        problem = Covering(offers.by_project, share.sum(axis=0), np.ones(len(offers.names)))
        tie = _TIE * problem.weight / max(problem.weight.sum(), HAIR)
        for more in _SLACK:
            rows = [Row(y=-_SHARES * row, most=-_SHARES - more) for row in share]
            found, least = solved(problem, rows, x=1.0, y=-tie, seconds=seconds / len(_SLACK))
            bound = bound if more else max(bound, int(np.ceil(least - 1e-6)))
            if found is None:
                break
            if closes(found):
                sites = found if len(found) <= len(sites) else sites
                break
    return Shortest(_without_idle(offers, needed, np.flatnonzero(np.isin(offers.of, sites))), min(bound, len(sites)))


def value_alone(offers: Offers, needed: Mapping[str, float]) -> Floats:
    """What each project would close by itself: the shares of the gaps, none beyond the whole, added up."""
    share = _shares(offers, needed)
    alone: Floats = np.minimum(offers.by_project @ share.T, 1.0).sum(axis=1)
    return alone


def _shares(offers: Offers, needed: Mapping[str, float]) -> Floats:
    """What each piece is of each gap (gaps, pieces)."""
    return np.array([np.where(offers.gap == key, offers.weight, 0.0) / need for key, need in needed.items()]).reshape(
        len(needed), len(offers.weight)
    )


def _greedy(offers: Offers, share: Floats, closes: Callable[[Ints], bool]) -> Ints:
    """Project after project what closes the most of what is left, then without those that the later ones make idle."""
    taken: list[int] = []
    left, open_ = np.ones(len(share)), np.ones(share.shape[1])
    while not closes(np.array(taken, dtype=np.int64)):
        gain = np.minimum(offers.by_project @ (share * open_).T, np.maximum(left, 0.0)).sum(axis=1)
        gain[taken] = -1.0
        best = int(gain.argmax())
        taken.append(best)
        newly = np.asarray(offers.by_project[[best]].sum(axis=0)).ravel() * open_
        left, open_ = left - share @ newly, open_ * (newly == 0.0)
    for one in list(taken):
        rest = [other for other in taken if other != one]
        if closes(np.array(rest, dtype=np.int64)):
            taken = rest
    return np.array(sorted(taken), dtype=np.int64)


def _without_idle(offers: Offers, needed: Mapping[str, float], parts: Ints) -> Ints:
    """Some parts without those, the least first, that no gap needs."""
    share = _shares(offers, needed).sum(axis=0)
    for one in parts[np.argsort(offers.covers[parts] @ share, kind="stable")]:
        rest = parts[parts != one]
        if all(enough(offers.closed(key, rest), need) for key, need in needed.items()):
            parts = rest
    return parts
