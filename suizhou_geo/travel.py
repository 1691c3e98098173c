"""Travel times (出行时间): minutes along the streets at stated speeds, between many places and everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from suizhou_geo.dead_ends import counted_roads, given_roads
from suizhou_geo.missing_links import driving_network
from suizhou_geo.model import StudyArea
from suizhou_geo.network import (
    MAX_LEG_M,
    Positions,
    StreetNetwork,
    barriers_of,
    positions,
    street_network,
    walking_network,
)
from suizhou_geo.standards import table
from suizhou_geo.zonal import Shapes

VEHICLE_LEG_M = 500.0
LEG_KM_H = 4.5  # from the door to the street one walks

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Timed:
    """A street network with the minutes each metre of each segment takes, and how far doors may be from it."""

    network: StreetNetwork
    min_per_m: Floats
    graph: csr_array
    leg_m: float


@lru_cache(maxsize=8)
def timed(area: StudyArea, mode: str) -> Timed:
    """The streets of one mode of standards/speeds.toml, in minutes.

    On foot along streets and paths; by bicycle, e-bike and bus along the counted streets at one speed; by car along these
    and motorways and their ramps at class speeds times the peak factor. All in both directions.

    Errors: InputError for a study without roads.
    """
    row = table("speeds")["modes"][mode]
    if row["network"] == "car":
        network, km_h = _car(area)
    else:
        network = walking_network(area) if row["network"] == "walking" else driving_network(area)
        km_h = np.full(len(network.length_m), row["km_h"])
    network = replace(network, barriers=barriers_of(area))
    min_per_m = 60.0 / (km_h * 1000.0)
    minutes = network.length_m * min_per_m
    graph = csr_array(network.graph.shape)
    if len(minutes):
        graph = _lightest(network, minutes)
    leg_m = MAX_LEG_M if row["network"] == "walking" else VEHICLE_LEG_M
    return Timed(network, min_per_m, graph, leg_m)


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
    reached = _to_nodes(ways, there)
    first, last, at = _ends(ways, here)
    ridden = np.minimum(reached[:, first] + at[0], reached[:, last] + at[1])
    same = there.segment[:, None] == here.segment[None, :]
    if same.any():
        direct = np.abs(there.along_m[:, None] - here.along_m[None, :]) * ways.min_per_m[here.segment][None, :]
        ridden = np.where(same, np.minimum(ridden, direct), ridden)
    spot = np.ix_(here.owner, there.owner)
    along[spot] = ridden.T
    legs[spot] = _leg_min(here)[:, None] + _leg_min(there)[None, :]
    return along, legs


def place(ways: Timed, points: Shapes) -> Positions:
    """Where points stand on the streets of a mode; those too far from any are missing."""
    return positions(ways.network, points, max_leg_m=ways.leg_m)


def isochrones(ways: Timed, centre: shapely.Point, bands_min: tuple[float, ...]) -> gpd.GeoDataFrame:
    """The streets within reach of one place, cut exactly where each band of minutes ends.

    Returns one row per band that has any street: `from_min`, `to_min`, `length_m`, multi-line.
    """
    there = place(ways, np.array([centre], dtype=object))
    rows = []
    if len(there.owner):
        reached = _to_nodes(ways, there)[0] + _leg_min(there)[0]
        done = np.empty(0, dtype=object)
        for low, high in zip((0.0, *bands_min), bands_min, strict=False):
            within = shapely.union_all(_reached(ways, reached, high))
            band = shapely.difference(within, shapely.union_all(done)) if len(done) else within
            done = np.append(done, band)
            if band.length > 0:
                rows.append((low, high, float(band.length), band))
    columns = ["from_min", "to_min", "length_m", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry")


def _reached(ways: Timed, reached: Floats, limit_min: float) -> Shapes:
    """The parts of all segments that are within a limit of minutes, from either end."""
    network = ways.network
    from_start = np.clip((limit_min - reached[network.start]) / ways.min_per_m, 0.0, network.length_m)
    from_end = np.clip((limit_min - reached[network.end]) / ways.min_per_m, 0.0, network.length_m)
    whole = from_start + from_end >= network.length_m
    a, b = network.xy[network.start], network.xy[network.end]
    way = (b - a) / network.length_m[:, None]
    parts = [shapely.linestrings(np.stack([a[whole], b[whole]], axis=1))]
    for corner, sign, metres in ((a, 1.0, from_start), (b, -1.0, from_end)):
        some = ~whole & (metres > 0)
        far = corner[some] + sign * way[some] * metres[some][:, None]
        parts.append(shapely.linestrings(np.stack([corner[some], far], axis=1)))
    return np.concatenate(parts)


def _car(area: StudyArea) -> tuple[StreetNetwork, Floats]:
    roads, speeds = given_roads(area), table("speeds")["car"]
    motorway = roads["road_class"].eq("motorway").to_numpy()
    used = counted_roads(area) | motorway | roads["ramp"].to_numpy(dtype=bool)
    lines = roads[used]
    network = street_network(lines.geometry.to_numpy(), np.empty(0, dtype=object))
    slowest = min(speeds["km_h"].values())
    free = lines["road_class"].map(speeds["km_h"]).fillna(slowest).to_numpy(dtype=float)
    factor = np.where(motorway[used], speeds["motorway_peak_factor"], speeds["peak_factor"])
    return network, (free * factor)[network.line]


def _lightest(network: StreetNetwork, minutes: Floats) -> csr_array:
    """The graph in minutes; of parallel segments the quickest."""
    row, column = np.r_[network.start, network.end], np.r_[network.end, network.start]
    both = np.r_[minutes, minutes]
    order = np.lexsort((both, column, row))
    row, column, both = row[order], column[order], both[order]
    first = np.r_[True, (np.diff(row) != 0) | (np.diff(column) != 0)]
    return csr_array((both[first], (row[first], column[first])), shape=network.graph.shape)


def _to_nodes(ways: Timed, at: Positions) -> Floats:
    """Minutes from each position to every node, legs left out."""
    first, last, offset = _ends(ways, at)
    nodes, place_of = np.unique(np.r_[first, last], return_inverse=True)
    reached = dijkstra(ways.graph, directed=False, indices=nodes)
    n = len(at.owner)
    result: Floats = np.minimum(reached[place_of[:n]] + offset[0][:, None], reached[place_of[n:]] + offset[1][:, None])
    return result


def _ends(ways: Timed, at: Positions) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], tuple[Floats, Floats]]:
    """The two nodes of each position's segment, and the minutes to them."""
    network, pace = ways.network, ways.min_per_m[at.segment]
    offsets = (at.along_m * pace, (network.length_m[at.segment] - at.along_m) * pace)
    return network.start[at.segment], network.end[at.segment], offsets


def _leg_min(at: Positions) -> Floats:
    minutes: Floats = at.leg_m * 60.0 / (LEG_KM_H * 1000.0)
    return minutes
