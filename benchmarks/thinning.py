"""A map with things missing: a layer thinned by a share, at random, by whole quarters, or by kind, from a seed."""

from __future__ import annotations

from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

import suizhou_geo as sg

Way = Literal["at random", "by place", "by kind"]
WAYS: tuple[Way, ...] = get_args(Way)
QUARTER_M = 1500.0
SHARES = (0.1, 0.3, 0.5)


def thinned(
    area: sg.StudyArea,
    layer: str,
    way: Way,
    share: float,
    *,
    seed: int,
    mine: npt.NDArray[np.bool_] | None = None,
    kinds: npt.NDArray[np.str_] | None = None,
) -> sg.StudyArea:
    """The area without a share of the rows of a layer, of those that are `mine`, and with that layer said to be incomplete.

    "by place": whole squares of QUARTER_M, in chance order, are emptied one after the other until the share is reached, the
    last in part; "by kind": whole `kinds` likewise. The same seed takes the same rows.
    """
    rows = area.layers[layer]
    there = np.arange(len(rows)) if mine is None else np.flatnonzero(mine)
    chance = np.random.default_rng([seed, round(share * 100), WAYS.index(way)])
    groups = _groups(rows.iloc[there], way, chance, None if kinds is None else kinds[there])
    turn = chance.permutation(groups.max(initial=0) + 1)[groups]
    order = there[np.lexsort([chance.random(len(there)), turn])]
    kept = np.ones(len(rows), dtype=bool)
    kept[order[: round(share * len(there))]] = False
    said = {} if area.incomplete == {layer} else {"incomplete": frozenset({layer})}
    return area.replace(**{layer: rows[kept].reset_index(drop=True)}, **said)


def sample(layer: gpd.GeoDataFrame, share: float, *, seed: int) -> gpd.GeoDataFrame:
    """A second source: each row of a layer with the same chance, whatever the first has."""
    kept = np.random.default_rng([seed, 7]).random(len(layer)) < share
    return layer[kept].reset_index(drop=True)


def _groups(
    rows: gpd.GeoDataFrame, way: Way, chance: np.random.Generator, kinds: npt.NDArray[np.str_] | None
) -> npt.NDArray[np.int64]:
    if way == "at random" or not len(rows):
        return np.zeros(len(rows), dtype=np.int64)
    if way == "by kind":
        kinds = np.full(len(rows), "") if kinds is None else kinds
        return np.unique(kinds, return_inverse=True)[1]
    xy = shapely.get_coordinates(shapely.point_on_surface(rows.geometry.to_numpy()))
    square = np.floor((xy - chance.uniform(0.0, QUARTER_M, 2)) / QUARTER_M)
    return np.unique(square, axis=0, return_inverse=True)[1].ravel()
