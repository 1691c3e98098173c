"""Between doors and streets: the straight legs from homes to the streets, and where parks and facilities are entered.

One rule for homes, points and the outlines of sites: `legs`.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.streets.network import MAX_LEG_M, Positions, StreetNetwork, positions

NEAR_M = 50.0
OUTLINE_STEP_M = 25.0
GATE_M = 10.0
LEG_PARAMS = {"near_m": NEAR_M, "outline_step_m": OUTLINE_STEP_M, "gate_m": GATE_M}

_HAIR_M = 1e-6


def legs(network: StreetNetwork, points: Shapes, owner: Ints, *, max_leg_m: float = MAX_LEG_M) -> Positions:
    """The straight legs from the points of each owner to the network, in the order of the owners (0, 1, ...).

    They lead to every street and path nearer than 50 m. For an owner with no street that leads somewhere so near they lead
    as far as the nearest one, however far up to `max_leg_m` (1,000 m on foot): to that street, and to every path no
    farther; where there is no street in reach, to every path in reach. Each segment is met where it is nearest. No leg
    crosses a barrier.

    So a further path or a further owner never lengthens a way: it changes no distance to a street, so every leg stays,
    and a segment cut in two by a new junction is met as before on the half that holds the place. Nor does a further
    street, for whoever had one within 50 m; to others it becomes the nearest, and ends their legs to those behind it. To
    keep these, too, would let all who live on a street walk straight across the block behind them.
    """
    near = _within(network, points, np.full(len(points), NEAR_M - _HAIR_M))
    beside_street = np.zeros(owner.max(initial=-1) + 1, dtype=bool)
    beside_street[owner[near.owner[network.street[near.segment]]]] = True
    rest = np.flatnonzero(~beside_street[owner])
    street_m = _street_m(network, points[rest], owner[rest], max_leg_m)[owner[rest]]
    far = _within(network, points[rest], np.maximum(NEAR_M - _HAIR_M, street_m + _HAIR_M)).of(rest)
    near = near.some(beside_street[owner[near.owner]])
    every = Positions(*(np.concatenate([getattr(near, f.name), getattr(far, f.name)]) for f in fields(Positions)))
    return every.of(owner).some(np.argsort(owner[every.owner], kind="stable"))


def entrances(network: StreetNetwork, shapes: Shapes, gates: Shapes, *, max_leg_m: float = MAX_LEG_M) -> Positions:
    """Where facilities and parks are entered: the `legs` from a point, or from the outline of a site (polygon), every 25 m.

    A site with `gates` (points) within 10 m of its outline is entered there only. A gate is better knowledge, not more of
    the world, so that adding one may lengthen ways.
    """
    sites = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    points = np.flatnonzero(shapely.get_dimensions(shapes) == 0)
    outlines = shapely.boundary(shapes[sites])
    gated, gate = shapely.STRtree(gates).query(outlines, predicate="dwithin", distance=GATE_M)
    open_ = np.setdiff1d(np.arange(len(sites)), gated)
    samples, sampled = shapely.get_coordinates(shapely.segmentize(outlines[open_], OUTLINE_STEP_M), return_index=True)
    doors, door_of = shapely.get_parts(shapes[points], return_index=True)
    places = np.concatenate([doors, gates[gate], shapely.points(samples)])
    owner = np.r_[points[door_of], sites[gated], sites[open_[sampled]]]
    return _foremost(legs(network, places, owner, max_leg_m=max_leg_m))


def _within(network: StreetNetwork, points: Shapes, within_m: Floats) -> Positions:
    """The legs from each point to the segments within its distance, across no barrier."""
    segment, tree = network.door_tree
    point, door = tree.query(points, predicate="dwithin", distance=within_m)
    segment = segment[door]
    xy = shapely.get_coordinates(points)[point]
    along_m, leg_m = _foot(network, segment, xy)
    doubtful = np.zeros(len(points), dtype=bool)
    doubtful[network.barriers.query(points, predicate="dwithin", distance=within_m)[0]] = True
    tested = np.flatnonzero(doubtful[point])
    free = np.ones(len(point), dtype=bool)
    free[tested] = ~_barred(network, xy[tested], segment[tested], along_m[tested])
    return Positions(point, segment, along_m, leg_m).some(free)


def _street_m(network: StreetNetwork, points: Shapes, owner: Ints, max_leg_m: float) -> Floats:
    """The least leg of each owner to a street that leads somewhere; `max_leg_m` where there is none so near."""
    least_m = np.full(owner.max(initial=-1) + 1, max_leg_m)
    at = positions(network.streets_only, points, max_leg_m=max_leg_m)
    np.minimum.at(least_m, owner[at.owner], at.leg_m)
    return least_m


def _foot(network: StreetNetwork, segment: Ints, xy: Floats) -> tuple[Floats, Floats]:
    """The nearest point of a segment to each place: how far along the segment it lies, and how far off."""
    first, length_m = network.xy[network.start[segment]], network.length_m[segment]
    heading = (network.xy[network.end[segment]] - first) / length_m[:, None]
    along_m = np.clip(((xy - first) * heading).sum(axis=1), 0.0, length_m)
    return along_m, np.hypot(*(first + heading * along_m[:, None] - xy).T)


def _barred(network: StreetNetwork, xy: Floats, segment: Ints, along_m: Floats) -> Bools:
    """The legs from places to points of segments that cross a barrier."""
    first, last = network.xy[network.start[segment]], network.xy[network.end[segment]]
    foot = first + (last - first) * (along_m / network.length_m[segment])[:, None]
    barred = np.zeros(len(xy), dtype=bool)
    straight = shapely.linestrings(np.stack([xy, foot], axis=1))
    barred[network.barriers.query(straight, predicate="intersects")[0]] = True
    return barred


def _foremost(at: Positions) -> Positions:
    """The entrances of each owner that no other of it on the same segment makes idle: by which nobody is nearer."""
    at = at.some(np.lexsort((at.leg_m, at.along_m, at.segment, at.owner)))
    of_one = [at.owner, at.segment]
    forth = pd.Series(at.leg_m - at.along_m).groupby(of_one).cummin().to_numpy() + at.along_m
    back = pd.Series(at.leg_m + at.along_m)[::-1].groupby([key[::-1] for key in of_one]).cummin().to_numpy()[::-1]
    return at.some(at.leg_m <= np.minimum(forth, back - at.along_m) + 1e-9)
