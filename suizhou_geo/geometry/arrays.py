"""The arrays that the whole package hands around."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]  # of shapely geometries


def ranges(first: Ints, beyond: Ints) -> Ints:
    """The numbers of several ranges one after the other.

    >>> ranges(np.array([3, 7]), np.array([5, 8]))
    array([3, 4, 7])
    """
    each = beyond - first
    numbers: Ints = np.arange(each.sum()) + np.repeat(first - np.cumsum(each) + each, each)
    return numbers
