"""The largest gaps: which promises are missed by most, by the share of what was promised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from suizhou_geo.assessment.rows import Row

MOST = 5
# what can be built or reached: of each kind the largest gap is always told
_KINDS: Mapping[str, str] = {"km": "length", "km2": "area", "ha": "area", "mu": "area", "persons": "persons"}


def by_share_missed(rows: Iterable[Row]) -> list[Row]:
    """Return the promises that are missed, the largest gap first: as a share of what was promised."""
    return sorted((row for row in rows if row.status == "missed"), key=share_missed, reverse=True)


def share_missed(row: Row) -> float:
    """Return a gap as a share of what was promised; without end where that is nothing."""
    return float(abs(row.gap / row.asked)) if row.asked else np.inf


def largest_gaps(rows: Iterable[Row], *, most: int = MOST) -> list[Row]:
    """Return the `most` largest gaps in that order, of km, of land and of persons one at the least where one is missed."""
    missed = by_share_missed(rows)
    first: dict[str, Row] = {}
    for row in missed:
        if kind := _KINDS.get(row.shortfall_unit):
            first.setdefault(kind, row)
    chosen: Sequence[Row] = [*first.values(), *(row for row in missed if row not in first.values())][:most]
    return [row for row in missed if row in chosen]
