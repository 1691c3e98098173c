"""Where ways cross rivers, railways and motorways on the ground although nobody says how: they are cut there.

A bridge, a tunnel, a ford, a ferry or a level crossing is said by the data (`bridge`, `tunnel`, `level`, `crosses`).
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Ints, Shapes
from suizhou_geo.geometry.components import components, components_at
from suizhou_geo.geometry.lines import SAME_PLACE_M, ends_of, places
from suizhou_geo.geometry.shapes import meets

CUTTING = ("river", "railway", "motorway")  # a street goes through a wall by a gate
BANK_DETOUR = 1.5

_HALF_M = 0.5
_JUNCTION_M = 3.0
_LINE = 1


@dataclass(frozen=True, eq=False)
class Cut:
    """Lines in pieces, the line of each, and the stretches that were taken out of them."""

    pieces: Shapes
    line: Ints
    out: Shapes


def cut_at_barriers(lines: Shapes, free: Bools, barriers: gpd.GeoDataFrame | None) -> Cut:
    """Take out of lines the stretches that cross a river, railway or motorway; those that are `free` may.

    A stretch crosses a barrier where it comes out on another bank: the way round, along the bank, is more than BANK_DETOUR
    (1.5) times as long. What only dips into the water, a promenade or a pier, stays. Motorways are not crossed where a
    street shares a vertex with them: a junction.
    """
    whole = Cut(lines, np.arange(len(lines)), np.empty(0, dtype=object))
    ground = _ground(lines, free, barriers)
    obstacle, line = shapely.STRtree(lines).query(ground, predicate="intersects")
    order = np.lexsort((obstacle, line))
    order = order[~free[line[order]]]
    line, obstacle = line[order], obstacle[order]
    wet, pair = shapely.get_parts(shapely.intersection(lines[line], ground[obstacle]), return_index=True)
    long = (shapely.get_type_id(wet) == _LINE) & (shapely.length(wet) > SAME_PLACE_M)
    wet, pair = wet[long], pair[long]
    crosses = _comes_out_elsewhere(wet, obstacle[pair], ground)
    touched = np.isin(line, line[pair[crosses]])
    if not touched.any():
        return whole
    cut, place = np.unique(line[touched], return_inverse=True)
    waters = shapely.union_all(_gathered(ground[obstacle[touched]], place), axis=1)
    dry, dry_of = shapely.get_parts(shapely.difference(lines[cut], waters), return_index=True)
    dips = touched[pair] & ~crosses
    others = np.setdiff1d(np.arange(len(lines)), cut)
    return Cut(
        pieces=np.concatenate([lines[others], dry, wet[dips]]),
        line=np.concatenate([others, cut[dry_of], line[pair[dips]]]),
        out=wet[crosses],
    )


def _ground(lines: Shapes, free: Bools, barriers: gpd.GeoDataFrame | None) -> Shapes:
    """The barriers that some line on the ground meets, as areas that do not touch each other; lines become 1 m wide."""
    if barriers is None:
        return np.empty(0, dtype=object)
    cutting = barriers[barriers["kind"].isin(CUTTING).to_numpy()]
    shapes = cutting.geometry.to_numpy()
    along = shapely.get_dimensions(shapes) == _LINE
    shapes = np.where(along, shapely.buffer(shapes, _HALF_M, cap_style="flat", join_style="mitre"), shapes)
    motorway = cutting["kind"].eq("motorway").to_numpy()
    shapes[motorway] = _without_junctions(shapes[motorway], cutting.geometry.to_numpy()[motorway], lines[~free])
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    group = components(a, b, len(shapes))
    met = np.isin(group, group[meets(shapes, lines[~free])])
    _, place = np.unique(group[met], return_inverse=True)
    apart: Shapes = shapely.get_parts(shapely.union_all(_gathered(shapes[met], place), axis=1))
    return apart


def _gathered(shapes: Shapes, row: Ints) -> Shapes:
    """Shapes in a table, those of each row side by side, filled up with nothing."""
    order = np.argsort(row, kind="stable")
    counts = np.bincount(row)
    column = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    table: Shapes = np.full((len(counts), int(counts.max(initial=0))), None, dtype=object)
    table[row[order], column] = shapes[order]
    return table


def _without_junctions(shapes: Shapes, motorways: Shapes, streets: Shapes) -> Shapes:
    """Motorways with a gap where a street shares a vertex with them."""
    own, of = shapely.get_coordinates(motorways, return_index=True)
    shared = np.isin(places(own), places(shapely.get_coordinates(streets)))
    with_gap, place = np.unique(of[shared], return_inverse=True)
    result = shapes.copy()
    gaps = shapely.buffer(shapely.multipoints(shapely.points(own[shared]), indices=place), _JUNCTION_M)
    result[with_gap] = shapely.difference(shapes[with_gap], gaps)
    return result


def _comes_out_elsewhere(wet: Shapes, obstacle: Ints, ground: Shapes) -> Bools:
    """Whether stretches inside obstacles, and what hangs together with them, lead from one bank to another."""
    ends = ends_of(wet)
    points, stretch = shapely.points(ends), np.repeat(np.arange(len(wet)), 2)
    group = components_at(stretch, np.unique(places(ends), return_inverse=True)[1], len(wet))
    size_m = np.bincount(group, weights=shapely.length(wet))
    on_bank = shapely.distance(points, shapely.boundary(ground[obstacle[stretch]])) < SAME_PLACE_M
    rings = shapely.get_rings(ground)
    ring = shapely.STRtree(rings).query_nearest(points[on_bank], all_matches=False)[1]
    at_m = shapely.line_locate_point(rings[ring], points[on_bank])
    banks = pd.DataFrame({"group": group[stretch[on_bank]], "ring": ring, "at_m": at_m}).sort_values(["group", "at_m"])
    banks["gap_m"] = banks.groupby("group")["at_m"].diff()
    of = banks.groupby("group").agg({"ring": ["nunique", "first"], "at_m": ["first", "last"], "gap_m": "max"})
    round_m = shapely.length(rings[of["ring", "first"].to_numpy()])
    closing_m = round_m - (of["at_m", "last"] - of["at_m", "first"])
    bank_m = round_m - np.fmax(of["gap_m", "max"], closing_m)
    across = (of["ring", "nunique"] > 1) | (bank_m > BANK_DETOUR * size_m[of.index] + SAME_PLACE_M)
    return np.isin(group, of.index[across.to_numpy()])
