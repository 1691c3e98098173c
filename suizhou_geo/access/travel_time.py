"""Travel times (出行时间): minutes along the streets at stated speeds, between many places and everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import csr_array

from suizhou_geo.geometry.arrays import Floats, Ints, Shapes
from suizhou_geo.standards import table
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.driving_network import drawn_together, driving_network
from suizhou_geo.streets.graph import Chains, chains_of
from suizhou_geo.streets.network import (
    MAX_LEG_M,
    Positions,
    StreetNetwork,
    costs_from,
    positions,
    walking_network,
)
from suizhou_geo.study_area import StudyArea, per_area

LEG_M = {"walking": MAX_LEG_M, "streets": 500.0, "car": 500.0}  # by network
LEG_KM_H = 4.5  # from the door to the street one walks
_ROUNDING_MIN = 1e-9
_MOST_AT_ONCE = 64  # of places from which the minutes to all nodes are held


@dataclass(frozen=True, eq=False)
class Timed:
    """A street network with the minutes each metre of each segment takes, and how far doors may be from it.

    `doors` is the same network where only the segments that doors open on are seen, and `door` which ones these are.
    """

    network: StreetNetwork
    min_per_m: Floats
    leg_m: float
    doors: StreetNetwork
    door: Ints

    @cached_property
    def minutes(self) -> csr_array:
        """The sparse matrix of minutes."""
        return self.network.matrix(self.network.length_m * self.min_per_m)

    @cached_property
    def chains(self) -> Chains:
        """The ways between junctions, in minutes."""
        return chains_of(self.network, self.network.length_m * self.min_per_m)


@per_area
def timed(area: StudyArea, mode: str) -> Timed:
    """The streets of one mode of standards/speeds.toml, in minutes.

    On foot along streets and paths; by bicycle, e-bike and bus along the counted streets at one speed; by car along these
    and motorways and their ramps at class speeds, in the peak hour times the peak factor. All in both directions.
    No door opens on a motorway or its ramps.

    Errors: InputError for a study without roads.
    """
    row = table("speeds")["modes"][mode]
    if row["network"] == "car":
        network, km_h, door = _car(area, peak=row["peak"])
    else:
        network = walking_network(area) if row["network"] == "walking" else driving_network(area)
        km_h = np.full(len(network.length_m), row["km_h"])
        door = np.arange(len(network.length_m))
    min_per_m = 60.0 / (km_h * 1000.0)
    return Timed(
        network=network,
        min_per_m=min_per_m,
        leg_m=LEG_M[row["network"]],
        doors=network.part(door),
        door=door,
    )


def minutes_between(ways: Timed, origins: Shapes, destinations: Shapes) -> Floats:
    """Minutes from each origin (rows) to each destination (columns), points; infinity where there is no way.

    The leg between a place and its nearest street, at most `ways.leg_m` and across no barrier, is walked at 4.5 km/h.
    """
    along, legs = along_and_legs(ways, origins, destinations)
    return along + legs


def along_and_legs(ways: Timed, origins: Shapes, destinations: Shapes) -> tuple[Floats, Floats]:
    """The same in two parts, which add up: minutes along the streets, and minutes of the legs at both ends."""
    along = np.full((len(origins), len(destinations)), np.inf)
    legs = np.zeros_like(along)
    here, there = place(ways, origins), place(ways, destinations)
    if not len(here.owner) or not len(there.owner):
        return along, legs
    chains = ways.chains
    here_way, here_min = chains.at(here.segment, here.along_m * ways.min_per_m[here.segment])
    (first, last), at = chains.ends(here_way), chains.to_ends(here_way, here_min)
    for some in np.array_split(np.arange(len(there.owner)), len(there.owner) // _MOST_AT_ONCE + 1):
        to = there.some(some)
        way, way_min = chains.at(to.segment, to.along_m * ways.min_per_m[to.segment])
        reached = costs_from(chains.matrix, chains.ends(way), np.arange(len(some)), chains.to_ends(way, way_min))
        ridden = np.minimum(reached[:, first] + at[0], reached[:, last] + at[1])
        one, other = np.nonzero(way[:, None] == here_way[None, :])
        ridden[one, other] = np.minimum(ridden[one, other], np.abs(way_min[one] - here_min[other]))
        along[np.ix_(here.owner, to.owner)] = ridden.T
    legs[np.ix_(here.owner, there.owner)] = _leg_min(here)[:, None] + _leg_min(there)[None, :]
    return along, legs


def routes(ways: Timed, origin: shapely.Point, destinations: Shapes) -> Shapes:
    """The quickest ways from one place to others, lines with the legs at both ends; an empty line where there is no way."""
    lines = np.full(len(destinations), shapely.LineString(), dtype=object)
    here, there = place(ways, np.array([origin], dtype=object)), place(ways, destinations)
    if not len(here.owner):
        return lines
    minutes, network = _to_nodes(ways, here)[0], ways.network
    (first, last), at = network.ends(there), _offsets(ways, there)
    from_first = minutes[first] + at[0] <= minutes[last] + at[1]
    here_at, there_at = (
        shapely.line_interpolate_point(network.segments[of.segment], of.along_m) for of in (here, there)
    )
    for k, row in enumerate(there.owner.tolist()):
        node = int(first[k] if from_first[k] else last[k])
        if not np.isfinite(minutes[node]):
            continue
        same = there.segment[k] == here.segment[0]
        back = [] if same else _back_to_the_start(ways, minutes, node)
        legs = shapely.get_coordinates([destinations[row], there_at[k]]), shapely.get_coordinates([here_at[0], origin])
        lines[row] = shapely.LineString(np.concatenate([legs[0], network.xy[back], legs[1]])[::-1])
    return lines


def _back_to_the_start(ways: Timed, minutes: Floats, node: int) -> list[int]:
    """The nodes from one back to where the minutes to all nodes began, each the one before on the quickest way."""
    graph, way = ways.minutes, [node]
    while True:
        ahead = slice(graph.indptr[way[-1]], graph.indptr[way[-1] + 1])
        nodes = graph.indices[ahead]
        by = minutes[nodes] + graph.data[ahead]
        if (
            not len(nodes)
            or by.min() > minutes[way[-1]] + _ROUNDING_MIN
            or minutes[nodes[by.argmin()]] >= minutes[way[-1]]
        ):
            return way
        way.append(int(nodes[by.argmin()]))


def place(ways: Timed, points: Shapes) -> Positions:
    """Where points stand on the streets of a mode; those too far from any are missing."""
    found = positions(ways.doors, points, max_leg_m=ways.leg_m)
    return replace(found, segment=ways.door[found.segment])


def isochrones(ways: Timed, centre: shapely.Point, bands_min: tuple[float, ...]) -> gpd.GeoDataFrame:
    """The streets within reach of one place, cut exactly where each band of minutes ends.

    Returns one row per band that has any street: `from_min`, `to_min`, `length_m`, multi-line.
    """
    there = place(ways, np.array([centre], dtype=object))
    rows = []
    if len(there.owner):
        ends, minutes, pace = _from_a_place(ways, there)
        metres = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        left = np.stack([np.zeros(len(metres)), metres], axis=1)  # of each segment, what is beyond reach: from, to
        for low, high in zip((0.0, *bands_min), bands_min, strict=False):
            ahead, back = np.clip((high - minutes) / pace[:, None], 0.0, metres[:, None]).T
            still = np.stack([ahead, metres - back], axis=1)
            whole = still[:, 0] >= still[:, 1]
            still[whole] = left[whole, 1:]
            stretches = (left[:, 0], still[:, 0]), (still[:, 1], left[:, 1])
            band = shapely.union_all(np.concatenate([_stretches(ends, metres, *stretch) for stretch in stretches]))
            left = still
            if band.length > 0:
                rows.append((low, high, float(band.length), band))
    columns = ["from_min", "to_min", "length_m", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry")


def _from_a_place(ways: Timed, there: Positions) -> tuple[Floats, Floats, Floats]:
    """Ends (n, 2, xy) of all segments, minutes to both (n, 2), minutes a metre; the place's own segment cut in two there."""
    network, own = ways.network, there.segment[0]
    leg_min = _leg_min(there)[0]
    nodes = np.stack([network.start, network.end], axis=1)
    others = ~np.isin(nodes, nodes[own]).all(axis=1)
    ends, minutes = network.xy[nodes], (_to_nodes(ways, there)[0] + leg_min)[nodes]
    spot = shapely.get_coordinates(shapely.line_interpolate_point(network.segments[own], there.along_m[0]))[0]
    halves = np.array([[ends[own, 0], spot], [spot, ends[own, 1]]])
    half_min = np.array([[minutes[own, 0], leg_min], [leg_min, minutes[own, 1]]])
    pace = np.r_[ways.min_per_m[others], np.full(2, ways.min_per_m[own])]
    return np.concatenate([ends[others], halves]), np.concatenate([minutes[others], half_min]), pace


def _stretches(ends: Floats, metres: Floats, from_m: Floats, to_m: Floats) -> Shapes:
    """The stretches of segments between two distances from their starts, where these are apart."""
    some = to_m > from_m
    start, way = ends[some, 0], (ends[some, 1] - ends[some, 0]) / metres[some, None]
    lines: Shapes = shapely.linestrings(
        np.stack([start + way * from_m[some, None], start + way * to_m[some, None]], axis=1)
    )
    return lines


def _car(area: StudyArea, *, peak: bool) -> tuple[StreetNetwork, Floats, Ints]:
    """The streets, motorways and ramps, their km/h, and the segments that are no motorway's; gaps of the drawing joined."""
    roads, speeds = judged_roads(area), table("speeds")["car"]
    motorway = roads["road_class"].eq("motorway").to_numpy()
    used = np.flatnonzero(roads["counts"] | motorway | roads["ramp"].to_numpy(dtype=bool))
    network, row = drawn_together(area, used)
    slowest = min(speeds["km_h"].values())
    free = roads["road_class"].map(speeds["km_h"]).fillna(slowest).to_numpy(dtype=float)
    left = np.where(motorway, speeds["motorway_peak_factor"], speeds["peak_factor"]) if peak else 1.0
    km_h = free * left
    return network, km_h[row], np.flatnonzero(~motorway[row])


def _to_nodes(ways: Timed, at: Positions) -> Floats:
    """Minutes from each position to every node, legs left out."""
    return costs_from(ways.minutes, ways.network.ends(at), np.arange(len(at.owner)), _offsets(ways, at))


def _offsets(ways: Timed, at: Positions) -> Floats:
    """The minutes from each position to the two nodes of its segment, shape (2, positions)."""
    pace = ways.min_per_m[at.segment]
    return np.stack([at.along_m * pace, (ways.network.length_m[at.segment] - at.along_m) * pace])


def _leg_min(at: Positions) -> Floats:
    minutes: Floats = at.leg_m * 60.0 / (LEG_KM_H * 1000.0)
    return minutes
