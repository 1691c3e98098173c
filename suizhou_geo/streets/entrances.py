"""Between doors and streets: the straight legs from homes to the streets, and where parks and facilities are entered.

One rule for homes, points and the outlines of sites: `legs`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.lines import straight
from suizhou_geo.streets.graph import SegmentGraph
from suizhou_geo.streets.network import MAX_LEG_M, Positions, StreetNetwork, together

NEAR_M = 50.0
OUTLINE_STEP_M = 25.0
GATE_M = 10.0
LEG_PARAMS = {"near_m": NEAR_M, "outline_step_m": OUTLINE_STEP_M, "gate_m": GATE_M}

OWNERS_AT_ONCE = 200_000

_HAIR_M = 1e-6
_FARTHER = 1.25  # each look for a street past barriers, against the one before


def legs(network: StreetNetwork, points: Shapes, owner: Ints, *, max_leg_m: float = MAX_LEG_M) -> Positions:
    """The straight legs from the points of each owner to the network, in the order of the owners (0, 1, ...).

    They lead to every street and path nearer than 50 m. For an owner with no street that leads somewhere so near they lead
    as far as the nearest one, however far up to `max_leg_m` (1,000 m on foot): to that street, and to every path no
    farther; where there is no street in reach, to every path in reach. Each line is met where it is nearest, at every
    bend towards the place. No leg crosses a barrier.

    So a further path or a further owner never lengthens a way: it changes no distance to a street, so every leg stays,
    and a line with one more junction is met where it was. Nor does a further
    street, for whoever had one within 50 m; to others it becomes the nearest, and ends their legs to those behind it. To
    keep these, too, would let all who live on a street walk straight across the block behind them.

    Owners are looked at some at a time, so that very many of them take no more room.
    """
    at_once = owner // OWNERS_AT_ONCE
    some = (np.flatnonzero(at_once == k) for k in np.unique(at_once))
    every = together([_legs(network, points[k], owner[k], max_leg_m).of(k) for k in some])
    return every.of(owner).some(np.argsort(owner[every.owner], kind="stable"))


def _legs(network: StreetNetwork, points: Shapes, owner: Ints, max_leg_m: float) -> Positions:
    """The legs from the points of some owners, each told by its point."""
    reach_m = np.full(owner.max(initial=-1) + 1, NEAR_M - _HAIR_M)
    barred_m = np.zeros(len(reach_m))  # so far off every street is behind a barrier
    left = np.delete(np.arange(len(points)), network.barriers.met_by(points))
    found = []
    while len(left):
        at, edge_m = _within(network, points[left], reach_m[owner[left]])
        xy, edge_m = shapely.get_coordinates(points[left])[at.owner], edge_m[at.owner]
        at = at.of(left)
        of, on_street = owner[at.owner], network.street[at.segment]
        free = on_street & (at.leg_m >= barred_m[of] - _HAIR_M)
        free[free] = _free(network, at.some(free), xy[free], edge_m[free])
        street_m = np.full(len(reach_m), np.inf)
        np.minimum.at(street_m, of[free], at.leg_m[free])
        settled = np.isfinite(street_m) | (reach_m >= max_leg_m)
        wanted = settled[of] & (at.leg_m <= np.maximum(NEAR_M - _HAIR_M, street_m + _HAIR_M)[of])
        path = wanted & ~on_street
        free[path] = _free(network, at.some(path), xy[path], edge_m[path])
        found.append(_where_nearest(network, at.some(wanted & free)))
        left = left[~settled[owner[left]]]
        barred_m = reach_m
        nearest_m = _street_m(network, points[left], owner[left], len(reach_m), max_leg_m)
        reach_m = np.minimum(np.maximum(_FARTHER * reach_m, nearest_m + _HAIR_M), max_leg_m)
    return together(found)


def on(network: StreetNetwork, at: Positions) -> Positions:
    """The legs that lead to a walking network, of those to the same one with what was cut at barriers."""
    known = at.segment < len(network.start)
    known[known] = network.leads[at.segment[known]]
    return at.some(known)


def only_across(network: StreetNetwork, uncut: StreetNetwork) -> Bools:
    """The segments that places stand on only with what was cut at barriers."""
    only = uncut.leads.copy()
    only[: len(network.start)] &= ~network.leads
    return only


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


def _within(network: StreetNetwork, points: Shapes, within_m: Floats) -> tuple[Positions, Floats]:
    """The legs from each point to the segments within its distance, whatever is between; how far its nearest barrier is."""
    segment, tree = network.door_tree
    xy = shapely.get_coordinates(points)
    around = straight(xy - within_m[:, None], xy + within_m[:, None])  # a line from corner to corner stands for the box
    point, door = tree.query(around)
    along_m, leg_m = _foot(network, segment[door], xy[point])
    near = leg_m <= within_m[point]
    at = Positions(point, segment[door], along_m, leg_m).some(near)
    edge_m = np.full(len(points), np.inf)
    beside, edge = network.barriers.edges.tree.query(around)
    np.minimum.at(edge_m, beside, _foot(network.barriers.edges, edge, xy[beside])[1])
    return at, edge_m


def _free(network: StreetNetwork, at: Positions, xy: Floats, edge_m: Floats) -> Bools:
    """The legs from places that cross no barrier; the nearest edge of one is so far off."""
    free = np.ones(len(edge_m), dtype=bool)
    tested = np.flatnonzero(at.leg_m >= edge_m - _HAIR_M)
    free[tested] = ~_barred(network, xy[tested], at.segment[tested], at.along_m[tested])
    return free


def _street_m(network: StreetNetwork, points: Shapes, owner: Ints, owners: int, max_leg_m: float) -> Floats:
    """How near the nearest street is to each owner, across barriers or not; `max_leg_m` where there is none so near."""
    least_m = np.full(owners, max_leg_m)
    (point, _), away_m = network.street_tree.query_nearest(points, return_distance=True, all_matches=False)
    np.minimum.at(least_m, owner[point], away_m)
    return least_m


def _where_nearest(network: StreetNetwork, at: Positions) -> Positions:
    """Legs without those to a vertex of a line that is passed on the way to where the line is nearer."""
    at = at.some(np.argsort(at.owner * len(network.start) + at.segment, kind="stable"))
    this, following = at.segment[:-1], at.segment[1:]
    chained = (np.diff(at.owner) == 0) & (following == this + 1) & (network.line[this] == network.line[following])
    chained &= network.end[this] == network.start[following]
    at_end, at_start = at.along_m[:-1] >= network.length_m[this], at.along_m[1:] <= 0.0
    idle = np.zeros(len(at.owner), dtype=bool)
    idle[:-1] = chained & at_end & ~at_start
    idle[1:] |= chained & at_start
    return at.some(~idle)


def _foot(graph: SegmentGraph, segment: Ints, xy: Floats) -> tuple[Floats, Floats]:
    """The nearest point of a segment to each place: how far along the segment it lies, and how far off."""
    (x, y, right, up), (east, north) = graph.courses[:, segment], xy.T
    along_m = np.clip((east - x) * right + (north - y) * up, 0.0, graph.length_m[segment])
    return along_m, np.hypot(x + right * along_m - east, y + up * along_m - north)


def _barred(network: StreetNetwork, xy: Floats, segment: Ints, along_m: Floats) -> Bools:
    """The legs from places to points of segments that cross the edge of a barrier."""
    first, last = network.xy[network.start[segment]], network.xy[network.end[segment]]
    foot = first + (last - first) * (along_m / network.length_m[segment])[:, None]
    barred: Bools = shapely.intersects(network.barriers.lines, straight(xy, foot))
    return barred


def _foremost(at: Positions) -> Positions:
    """The entrances of each owner that no other of it on the same segment makes idle: by which nobody is nearer."""
    at = at.some(np.lexsort((at.leg_m, at.along_m, at.segment, at.owner)))
    of_one = [at.owner, at.segment]
    forth = pd.Series(at.leg_m - at.along_m).groupby(of_one).cummin().to_numpy() + at.along_m
    back = pd.Series(at.leg_m + at.along_m)[::-1].groupby([key[::-1] for key in of_one]).cummin().to_numpy()[::-1]
    return at.some(at.leg_m <= np.minimum(forth, back - at.along_m) + 1e-9)
