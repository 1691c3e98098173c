"""What hangs together: things numbered by the group that pairs of them, or places they share, link."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from suizhou_geo.geometry.arrays import Ints


def components(a: Ints, b: Ints, size: int) -> Ints:
    """Number the groups of things 0 .. size - 1 that the pairs a, b link, in the order of their first members.

    >>> components(np.array([0, 3]), np.array([2, 3]), 4)
    array([0, 1, 0, 2])
    """
    pairs = coo_array((np.ones(len(a)), (a, b)), shape=(size, size))
    return np.asarray(connected_components(pairs, directed=False)[1], dtype=np.int64)


def components_at(members: Ints, places: Ints, size: int) -> Ints:
    """Number the groups of things 0 .. size - 1 that hang together, since members of them are at common, numbered places.

    >>> components_at(np.array([0, 2, 1]), np.array([70, 70, 80]), 3)
    array([0, 1, 0])
    """
    at = np.unique(places, return_inverse=True)[1]
    return components(members, size + at, size + int(at.max(initial=-1)) + 1)[:size]
