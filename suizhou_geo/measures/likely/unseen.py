"""What is not mapped, told from what is: how much more as many again would reach, and how many are missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from suizhou_geo.geometry.arrays import Floats, Ints

_STEPS = 100


@dataclass(frozen=True, eq=False)
class Reaches:
    """Which units (things, or quarters with all that is in them) reach which of some places; each pair once."""

    unit: Ints
    place: Ints
    weight: Floats  # of each place

    def counts(self) -> Ints:
        """How many units reach each place."""
        return np.bincount(self.place, minlength=len(self.weight))

    def alone(self) -> Floats:
        """The weight that each unit alone reaches."""
        single = self.counts()[self.place] == 1
        return np.bincount(self.unit[single], weights=self.weight[self.place[single]]).astype(float)


def newly_reached(counts: Ints, weight: Floats, ratio: float) -> float:
    """The weight of places that nothing mapped reaches and what is missing does, where `ratio` times what is mapped is missing.

    Where things are missing by chance, each as likely as the other, this is right in the mean: with w_k the weight of the
    places that k things reach, w_1 ratio - w_2 ratio^2 + w_3 ratio^3 - ... Source: Good & Toulmin 1956, for unseen species.
    It says nothing for a ratio above 1.

    >>> newly_reached(np.array([0, 1, 1, 2]), np.ones(4), 0.5)  # 2 places x 0.5 - 1 place x 0.25
    0.75
    """
    of = np.bincount(counts, weights=weight)[1:]
    order = np.arange(1, len(of) + 1)
    return float((of * -((-ratio) ** order)).sum())


def ratio_missing(reached_by: Floats) -> Floats:
    """How many times what is mapped is missing, if in truth everything is reached; 1 where it is as much or more.

    `reached_by` has in each row the weights of the places that 0, 1, 2, ... things reach. The ratio is the least at which
    what `newly_reached` adds leaves nothing unreached, or, where it never does, no more would leave less.

    >>> ratio_missing(np.array([[0.0, 1.0, 1.0], [1.0, 10.0, 0.0], [1.0, 2.0, 5.0], [9.0, 1.0, 0.0]]))
    array([0. , 0.1, 0.2, 1. ])
    """
    ratios = np.linspace(0.0, 1.0, _STEPS + 1)
    left = reached_by @ (-ratios) ** np.arange(reached_by.shape[1])[:, None]
    rising = np.diff(left, axis=1, append=np.inf) >= 0.0
    found: Floats = ratios[((left <= 1e-12) | rising).argmax(axis=1)]
    return found


def share_found(found: int, of: int, z: float) -> tuple[float, float]:
    """The least and the greatest share of all things that a source holds, which has `found` of those `of` another one.

    Wilson's interval, which is honest of few; the sources must be independent. The number that exist is then what the
    first has over that share (Lincoln 1930, Petersen 1896; Chapman 1951 differs from it by less than one).

    >>> tuple(round(end, 2) for end in share_found(9, 10, 1.645)), share_found(0, 0, 1.645)
    ((0.65, 0.98), (0.0, 1.0))
    """
    if of == 0:
        return 0.0, 1.0
    share, spread = found / of, z * z / of
    middle = (share + spread / 2) / (1.0 + spread)
    half = float(np.sqrt(spread * (share * (1.0 - share) + spread / 4)) / (1.0 + spread))
    return max(0.0, middle - half), min(1.0, middle + half)
