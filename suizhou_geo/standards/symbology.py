"""How results are drawn, everywhere alike: classes, and the symbols of zones, roads and evidence.

The web map, the figures, the reports and the layers for desktop GIS read their colours and words here; they stand in
symbology.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Any

import numpy as np

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.standards import table

CLASSES = 5
SHARE_STEPS = (0.025, 0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Symbol:
    """How one kind of thing is drawn.

    `stroke` is the colour of its line or outline, `width_px` the width of that on a screen (of a point: its diameter),
    `dash_px` its dashes; `fill` the colour of its inside ("" for lines) and `opacity` of that, 0-1.
    """

    name: Text
    stroke: str
    width_px: float
    fill: str = ""
    opacity: float = 1.0
    dash_px: tuple[float, ...] = ()


def symbols(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Symbol]:
    """Return the symbols of a table of symbology.toml.

    >>> symbols(table("symbology")["barriers"])["railway"].dash_px
    (10, 3)
    """
    return {
        key: Symbol(**{**row, "name": Text(*row["name"]), "dash_px": tuple(row.get("dash_px", ()))})
        for key, row in rows.items()
    }


_DRAWN = table("symbology")
PALETTE, FIFTHS = tuple(_DRAWN["palette"]), tuple(_DRAWN["fifths"])
NO_DATA, GROUND = _DRAWN["no_data"], _DRAWN["ground"]
ROLES, PARTS, BARRIERS = (symbols(_DRAWN[kind]) for kind in ("roles", "parts", "barriers"))
OTHER_PART = symbols({"": _DRAWN["other_part"]})[""]
ROADS: Mapping[str, tuple[str, float, str]] = {road_class: tuple(row) for road_class, row in _DRAWN["roads"].items()}
OTHER_ROAD = ROADS["local"]
CIRCLES: Mapping[int, str] = {int(minutes): colour for minutes, colour in _DRAWN["circles"].items()}
VERDICTS: Mapping[str, tuple[str, str]] = {status: tuple(row) for status, row in _DRAWN["verdicts"].items()}


def isochrone_symbols(bands_min: Iterable[tuple[float, float]]) -> dict[float, Symbol]:
    """Return the symbols of streets by how long it takes to come there, by the end of each band; the nearest is darkest.

    >>> {end: symbol.name.en for end, symbol in isochrone_symbols([(0, 10), (10, 20)]).items()}
    {10: '0–10 min from the main centre', 20: '10–20 min from the main centre'}
    """
    street, name = PARTS["isochrone"], Text(*_DRAWN["isochrone_band"])
    return {
        end: replace(street, name=name.filled(start=start, end=end), stroke=colour)
        for (start, end), colour in zip(sorted(set(bands_min)), cycle(FIFTHS), strict=False)
    }


def class_limits(values: Floats, unit: str) -> list[float]:
    """Return the six limits of five equal classes round all finite values, as round numbers.

    Those of shares stay within 0 to 1 and are never narrower than 2.5 points, lest small differences look large.

    >>> class_limits(np.array([3.1, 7.9]), "km/km2"), class_limits(np.array([0.83, 0.93]), "share")
    ([3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [0.825, 0.85, 0.875, 0.9, 0.925, 0.95])
    """
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    share = unit == "share" and low >= 0 and high <= 1
    if share:
        steps = SHARE_STEPS if high > low else SHARE_STEPS[-1:]
    else:
        span = (high - low) or abs(high) or 1.0
        power = 10.0 ** np.floor(np.log10(span / CLASSES))
        steps = tuple(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0))
    for step in steps:
        start = np.floor(low / step + 1e-9)
        if share:
            start = min(start, round(1 / step) - CLASSES)
        if (start + CLASSES) * step >= high - 1e-12 * abs(high):
            break
    return [float(f"{(start + k) * step:.12g}") for k in range(CLASSES + 1)]


def class_of(value: float, limits: Sequence[float]) -> int:
    """Return which class (0-4) a value is in, lower limits included; -1 for NaN.

    >>> class_of(0.2, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]), class_of(1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    (1, 4)
    """
    return -1 if np.isnan(value) else int(np.searchsorted(limits[1:-1], value, side="right"))
