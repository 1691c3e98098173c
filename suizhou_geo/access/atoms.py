"""What each of several sites would newly cover, as atoms: pieces of ground that each site covers whole or not at all.

Coverages of sites do not add up where they overlap; sums over atoms do. Cells on the rims of straight reaches are cut by
one rim after the other. Along the streets, the ground of a place that several sites cover in part is covered as far as the
one that covers most of it: its atoms are the steps from each share to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy.sparse import csr_array

from suizhou_geo.access.coverage import (
    Covered,
    Supply,
    covered_straight,
    few_homes_near,
    places_on_foot,
    within,
)
from suizhou_geo.access.demand import FINER, Demand, demand
from suizhou_geo.geometry.arrays import Floats, Ints, Shapes, ranges
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.geometry.zonal import areal
from suizhou_geo.streets.entrances import entrances, legs, on
from suizhou_geo.streets.network import Positions, Reached, each_reached, reached, walking_network
from suizhou_geo.study_area import StudyArea

_SLIVER = 1e-12  # of a cell


@dataclass(frozen=True, eq=False)
class Atoms:
    """Pieces of ground not covered yet: the demand `cell` of each, its `share` of the cell, and which sites cover it.

    `covers` (sites, atoms) is 1 where a site does.
    """

    cell: Ints
    share: Floats
    covers: csr_array


@dataclass(frozen=True, eq=False)
class _Points:
    """Places in cells, each for a `share` of its cell, `width_m` wide, and the legs from them to the streets."""

    cell: Ints
    share: Floats
    width_m: Floats
    legs: Positions


def atoms_straight(homes: Demand, existing: Covered, sites: Supply) -> Atoms:
    """The atoms of straight reaches: exact areas, each site by `covered_straight` itself."""
    cells = homes.cells.geometry.to_numpy()
    near_m = float(sites.radius_m.max(initial=0.0) + homes.half_m.max(initial=0.0))
    of, near = homes.tree.query(sites.shapes, predicate="dwithin", distance=near_m)
    near = near[np.lexsort((near, of))]
    first = np.searchsorted(np.sort(of), np.arange(len(sites.shapes) + 1))
    whole: list[Ints] = []
    parts: list[tuple[int, int, shapely.Geometry]] = []
    for k, shape in enumerate(sites.shapes):
        there = near[first[k] : first[k + 1]]
        there = there[existing.share[there] < 1.0]
        some = replace(homes, cells=homes.cells.iloc[there], centre=homes.centre[there], half_m=homes.half_m[there])
        covered = covered_straight(some, Supply(np.array([shape]), sites.radius_m[[k]]))
        whole.append(there[covered.share >= 1.0])
        parts += [(int(there[cell]), k, part) for cell, part in covered.part.items()]
    rim = np.unique([cell for cell, _, _ in parts]).astype(np.int64)
    inner = np.setdiff1d(np.unique(np.concatenate([np.empty(0, dtype=np.int64), *whole])), rim)
    done = np.array([existing.part.get(cell) for cell in rim.tolist()], dtype=object)
    open_ground = areal(np.where(shapely.is_missing(done), cells[rim], shapely.difference(cells[rim], done)))
    cut = _cut_by_rims(rim, open_ground, parts, len(sites.shapes))
    share = shapely.area(cut.shapes) / shapely.area(cells[cut.cell])
    cell, share = np.r_[cut.cell, inner], np.r_[share, 1.0 - existing.share[inner]]
    # every atom of a cell that a site covers whole is the site's
    order = np.argsort(cell, kind="stable")
    site, covered_cell = (
        np.repeat(np.arange(len(whole)), [len(some) for some in whole]),
        np.concatenate([*whole, inner[:0]]),
    )
    begin, beyond = (np.searchsorted(cell[order], covered_cell, side=side) for side in ("left", "right"))
    atom = order[ranges(begin, beyond)]
    pairs = np.r_[np.repeat(site, beyond - begin), cut.site], np.r_[atom, cut.atom]
    return Atoms(cell, share, _ones(pairs, (len(sites.shapes), len(cell))))


@dataclass(frozen=True, eq=False)
class _Cut:
    """Pieces of cells, and pairs of a `site` and an `atom` (the number of a piece) it covers."""

    shapes: Shapes
    cell: Ints
    site: Ints
    atom: Ints


def _cut_by_rims(rim: Ints, ground: Shapes, parts: list[tuple[int, int, shapely.Geometry]], sites: int) -> _Cut:
    """Cut the open ground of cells by the parts that sites cover, one site after the other."""
    there = np.flatnonzero(shapely.area(ground) > 0.0)
    shapes, cell = ground[there], rim[there]
    least_m2 = _SLIVER * shapely.area(shapes).max(initial=0.0)
    held = csr_array((len(shapes), sites))
    waiting: dict[int, list[tuple[int, shapely.Geometry]]] = {}
    for of, number, part in parts:
        waiting.setdefault(of, []).append((number, part))
    while waiting:
        turn = {of: queue.pop() for of, queue in waiting.items()}
        waiting = {of: queue for of, queue in waiting.items() if queue}
        split = np.flatnonzero(np.isin(cell, np.fromiter(turn, dtype=np.int64)))
        by = [turn[of] for of in cell[split].tolist()]
        reach, site = np.array([part for _, part in by], dtype=object), np.array([number for number, _ in by])
        inside = areal(shapely.intersection(shapes[split], reach))
        outside = areal(shapely.difference(shapes[split], reach))
        kept = np.setdiff1d(np.arange(len(shapes)), split)
        parent = np.r_[kept, split, split]
        shapes = np.concatenate([shapes[kept], inside, outside])
        new = len(kept) + np.arange(len(split))
        held = held[parent] + csr_array((np.ones(len(split)), (new, site)), shape=(len(parent), sites))
        real = shapely.area(shapes) > least_m2
        shapes, cell, held = shapes[real], cell[parent][real], held[real]
    pairs = held.tocoo()
    return _Cut(shapes, cell, pairs.col.astype(np.int64), pairs.row.astype(np.int64))


def atoms_on_foot(area: StudyArea, existing: Supply, sites: Supply) -> Atoms:
    """The atoms of reaches along the streets: the places of `covered_on_foot`, finer where few homes are near any site."""
    homes, network = demand(area), walking_network(area)
    every = Supply(np.r_[existing.shapes, sites.shapes], np.r_[existing.radius_m, sites.radius_m])
    points = _finer_points(area, sites) if few_homes_near(homes, every) else _points(area)
    already = np.zeros(len(points.cell))
    for radius_m in np.unique(existing.radius_m):
        some = existing.shapes[existing.radius_m == radius_m]
        doors = _doors(area, some)
        limit_m = float(radius_m) + homes.places.blur_m
        already = np.maximum(already, _shares(reached(network, doors, limit_m=limit_m), points, float(radius_m)))
    found: list[tuple[Ints, Ints, Floats]] = []
    doors = _doors(area, sites.shapes)
    limit_m = float(sites.radius_m.max(initial=0.0)) + homes.places.blur_m
    for k, reach in each_reached(network, doors, limit_m=limit_m):
        share = _shares(reach, points, float(sites.radius_m[k]))
        more = np.flatnonzero(share > already)
        found.append((np.full(len(more), k), more, share[more]))
    none = np.empty(0, dtype=np.int64)
    site, point, share = (np.concatenate(of) for of in zip((none, none, np.empty(0)), *found, strict=True))
    return _steps(points, already, site, point, share, len(sites.shapes))


def _steps(points: _Points, already: Floats, site: Ints, point: Ints, share: Floats, sites: int) -> Atoms:
    """Of each point the steps from one share that a site covers to the next; a site covers its own step and those below."""
    order = np.lexsort((share, point))
    site, point, share = site[order], point[order], share[order]
    first = np.r_[True, point[1:] != point[:-1]][: len(point)]
    new = first | np.r_[True, share[1:] > share[:-1]][: len(point)]
    atom = np.cumsum(new) - 1
    at = point[new]
    below = np.where(first[new], already[at], np.r_[0.0, share[new][:-1]][: len(at)])
    lowest = np.maximum.accumulate(np.where(first, atom, 0))
    covered = ranges(lowest, atom + 1)
    pairs = np.repeat(site, atom + 1 - lowest), covered
    return Atoms(points.cell[at], (share[new] - below) * points.share[at], _ones(pairs, (sites, len(at))))


def _ones(pairs: tuple[Ints, Ints], shape: tuple[int, int]) -> csr_array:
    return csr_array((np.ones(len(pairs[0])), pairs), shape=shape)


def _doors(area: StudyArea, shapes: Shapes) -> Positions:
    uncut = walking_network(area, across=True)
    return on(walking_network(area), entrances(uncut, shapes, shapes_of(area.gates)))


def _shares(reach: Reached, points: _Points, radius_m: float) -> Floats:
    return within(radius_m, reach.distance_m(points.legs, count=len(points.cell)), points.width_m)


def _points(area: StudyArea) -> _Points:
    places = demand(area).places
    share = places.weight / places.weight.sum(axis=1, keepdims=True)
    cell = np.repeat(np.arange(len(share)), share.shape[1])
    return _Points(cell, share.ravel(), places.width_m[cell], places_on_foot(area))


def _finer_points(area: StudyArea, sites: Supply) -> _Points:
    """All finer places of the cells that lie near a site, straight."""
    homes = demand(area)
    places, reach_m = homes.places, float(sites.radius_m.max(initial=0.0) + homes.half_m.max(initial=0.0))
    near = np.unique(homes.tree.query(sites.shapes, predicate="dwithin", distance=reach_m)[1])
    row, place, finer = np.nonzero(places.finer_inside[near])
    cell = near[row]
    points = shapely.points(places.finer_xy(cell, place)[np.arange(len(cell)), finer])
    share = 1.0 / places.weight.sum(axis=1)[cell]
    at = legs(walking_network(area), points, np.arange(len(points)))
    return _Points(cell, share, places.width_m[cell] / FINER, at)
