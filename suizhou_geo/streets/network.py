"""Places on a street network, and the distance along it to the nearest source.

Origins and destinations stand on the segment they are nearest to, not on the nearest node; the straight leg between them
and the street counts and may not cross a barrier. They stand on streets that lead somewhere: a path that hangs together
with nothing is not used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes, ranges
from suizhou_geo.geometry.components import components
from suizhou_geo.geometry.lines import places, with_vertices
from suizhou_geo.geometry.shapes import layer_of, shapes_of
from suizhou_geo.standards import table
from suizhou_geo.streets.barriers import Barriers
from suizhou_geo.streets.crossings import BANK_DETOUR, cut_at_barriers
from suizhou_geo.streets.graph import Chains, SegmentGraph, chains_of, segment_graph, segment_groups, sparse
from suizhou_geo.streets.plazas import TOUCH_M, with_plazas
from suizhou_geo.study_area import StudyArea, per_area
from suizhou_geo.study_area.layers import conform

MAX_LEG_M = 1000.0  # the 15-minute circle: who lives farther from any street walks to nothing in it
JOIN_M = 1.0
LEAST_STREETS_M = 2000.0  # of streets that hang together: the 15-minute circle's 1,000 m to either side
LEAST_SHARE = 0.1
LEAST_PIECE_M = 300.0  # the 5-minute circle
BESIDE_M = 200.0
STREET_PARAMS = {
    "join_m": JOIN_M,
    "least_streets_m": LEAST_STREETS_M,
    "least_share": LEAST_SHARE,
    "least_piece_m": LEAST_PIECE_M,
    "beside_m": BESIDE_M,
}
WALKING_PARAMS = {"leg_m": MAX_LEG_M, **STREET_PARAMS, "bank_detour": BANK_DETOUR, "plaza_touch_m": TOUCH_M}

_NOTHING: Shapes = np.empty(0, dtype=object)
_OSM_ID = r"[wr]\d+"
_FIRST_LOOK_M = 250.0
_MOST_PAIRS = 1_000_000
_MOST_COSTS = 4_000_000  # held at once, of nodes reached from each of several owners


@dataclass(frozen=True, eq=False)
class StreetNetwork(SegmentGraph):
    """The graph of some streets, as drawn, and the `barriers` that no leg from a door to a street crosses.

    `street` says which segments are of streets that lead somewhere, and `leads` on which segments places stand: those, and
    what hangs together with them. `cut` are the stretches left out because they cross a barrier and nobody says how.
    """

    barriers: Barriers
    street: Bools
    leads: Bools
    cut: Shapes

    @cached_property
    def chains(self) -> Chains:
        """The ways between junctions, in metres: every walk is searched for along these."""
        return chains_of(self, self.length_m)

    @cached_property
    def at_nodes(self) -> Positions:
        """The nodes that have segments as places."""
        ending = np.full(len(self.xy), -1)
        ending[self.end] = np.arange(len(self.end))
        starting = np.full(len(self.xy), -1)
        starting[self.start] = np.arange(len(self.start))
        node = np.flatnonzero(self.degree)
        segment = np.where(starting < 0, ending, starting)[node]
        along_m = np.where(starting[node] < 0, self.length_m[segment], 0.0)
        return Positions(node, segment, along_m, np.zeros(len(node)))

    @cached_property
    def door_tree(self) -> tuple[Ints, shapely.STRtree]:
        """The segments places stand on, and where they are."""
        segment = np.flatnonzero(self.leads)
        return segment, shapely.STRtree(self.segments[segment])

    @cached_property
    def street_tree(self) -> shapely.STRtree:
        """Where the streets that lead somewhere are."""
        return shapely.STRtree(self.segments[self.street])

    @cached_property
    def apart(self) -> tuple[int, float]:
        """How many pieces lead nowhere, and their length in metres."""
        nowhere = self.part(~self.leads)
        hung = np.unique(segment_groups(nowhere, np.ones(len(self.xy), dtype=bool)))
        return len(hung), float(nowhere.length_m.sum())

    def ends(self, at: Positions) -> Ints:
        """Return the two nodes of the segment of each of some places, shape (2, places)."""
        return np.stack([self.start[at.segment], self.end[at.segment]])

    def part(self, segments: Ints | Bools) -> Self:
        """Return the same nodes with some of the segments only."""
        return replace(super().part(segments), street=self.street[segments], leads=self.leads[segments])

    def without_barriers(self) -> Self:
        """Return the same network open everywhere, for places on the streets themselves: all of it, nothing in the way."""
        return replace(self, barriers=Barriers(_NOTHING), leads=np.ones(len(self.start), dtype=bool))


@dataclass(frozen=True, eq=False)
class Positions:
    """Places on the network: for each, its `owner`, the segment, how far along it, and the straight leg to it."""

    owner: Ints
    segment: Ints
    along_m: Floats
    leg_m: Floats

    def some(self, chosen: Bools | Ints | slice) -> Positions:
        """Return some of the places only."""
        return Positions(self.owner[chosen], self.segment[chosen], self.along_m[chosen], self.leg_m[chosen])

    def of(self, owner: Ints) -> Positions:
        """Return the same places with the owner of each owner."""
        return replace(self, owner=owner[self.owner])


def together(parts: list[Positions]) -> Positions:
    """Several places after each other."""
    none = Positions(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0), np.empty(0))
    return Positions(*(np.concatenate([getattr(at, f.name) for at in (none, *parts)]) for f in fields(Positions)))


def walking_network(area: StudyArea, *, across: bool = False) -> StreetNetwork:
    """The streets, paths and plazas of a study area that people can walk.

    A road is walkable as its `walkable` says and, where that is empty, as its class says in standards/road_classes.toml;
    walkways and plazas are unless theirs says no. Ends of lines that stop within 1 m of another line are joined to it,
    because planners' drawings often miss by a hair; nothing else is connected that shares no vertex, nor what shares one
    and goes through it on different levels. Plazas are walked across (`with_plazas`). Ways that cross a river, railway or
    motorway without a bridge are cut there (`cut_at_barriers`). With `across` what was cut is there, too, behind the other
    segments: the most that can be walked.
    """
    return _uncut(area) if across else _walking_network(area)


@per_area
def _uncut(area: StudyArea) -> StreetNetwork:
    network = _walking_network(area)
    if not len(network.cut):
        return network
    more = segment_graph(network.cut)
    known, first = np.unique(places(network.xy), return_index=True)
    there = places(more.xy)
    before = np.minimum(np.searchsorted(known, there), len(known) - 1)
    node = np.where(known[before] == there, first[before], len(network.xy) + np.arange(len(there)))
    start, end = np.r_[network.start, node[more.start]], np.r_[network.end, node[more.end]]
    street = np.r_[network.street, np.zeros(len(more.start), dtype=bool)]
    xy = np.concatenate([network.xy, more.xy])
    line = np.r_[network.line, network.line.max() + 1 + more.line]
    leads = _joined_to(street, start, end, len(xy))
    return StreetNetwork(xy, start, end, line, network.barriers, street, leads, network.cut)


@per_area
def _walking_network(area: StudyArea) -> StreetNetwork:
    ways = _walkable(area)
    lines, level = ways.geometry.to_numpy(), levels_of(ways)
    free = ways["crosses"].to_numpy(dtype=bool) | (level != 0)
    cut = cut_at_barriers(lines, free, area.barriers)
    level, apart = level[cut.line], levels_apart(ways)[cut.line]
    street = ways["street"].to_numpy(dtype=bool)[cut.line]
    plazas = _open_to_all(area, "plazas")
    lines, ways_across, on_level = with_plazas(
        cut.pieces, level, shapes_of(plazas), plazas["level"].to_numpy(dtype=np.int64)
    )
    return street_network(
        np.concatenate([lines, ways_across]),
        shapes_of(area.barriers),
        level=np.r_[level, on_level],
        apart=np.r_[apart, np.zeros(len(ways_across), dtype=np.int64)],
        street=np.r_[street, np.zeros(len(ways_across), dtype=bool)],
        cut=cut.out,
    )


def street_network(
    lines: Shapes,
    barriers: Shapes,
    *,
    level: Ints | None = None,
    apart: Ints | None = None,
    street: Bools | None = None,
    cut: Shapes = _NOTHING,
) -> StreetNetwork:
    """Build the network of some lines; those that stop within JOIN_M of another line are joined to it.

    `level` is that of each line; lines that go through a vertex are not connected there where `apart` differs.

    Streets (all lines, if `street` is not said) lead somewhere where at least LEAST_STREETS_M (2 km) of them hang together,
    or LEAST_SHARE (10 %) of all and LEAST_PIECE_M (300 m), or the most: a village or a bank of the river. A smaller piece
    does where no such street runs within BESIDE_M (200 m) of it, past the barriers. A path leads somewhere where it hangs
    together with a street that does.

    Paths have no say in which streets lead somewhere: so one more that joins nothing changes nothing, and one that joins
    two pieces only adds.
    """
    parts, line_of = shapely.get_parts(lines, return_index=True)
    ground = np.zeros(len(lines), dtype=np.int64)
    joined = _joined(parts, (ground if level is None else level)[line_of])
    graph = segment_graph(joined, level=(ground if apart is None else apart)[line_of])
    line = line_of[graph.line]
    of_street = np.ones(len(line), dtype=bool) if street is None or not street.any() else street[line]
    network = StreetNetwork(graph.xy, graph.start, graph.end, line, Barriers(barriers), of_street, of_street, cut)
    network = replace(network, street=_leading(network))
    return replace(network, leads=_joined_to(network.street, graph.start, graph.end, len(graph.xy)))


def _joined_to(some: Bools, start: Ints, end: Ints, nodes: int) -> Bools:
    """The segments that hang together with some of them."""
    part = components(start, end, nodes)[start]
    return np.isin(part, part[some])


def _leading(network: StreetNetwork) -> Bools:
    """Which of the streets lead somewhere."""
    streets = network.part(network.street)
    piece = components(streets.start, streets.end, len(streets.xy))[streets.start]
    piece_m = np.bincount(piece, weights=streets.length_m)
    enough_m = min(LEAST_STREETS_M, max(LEAST_SHARE * piece_m.sum(), LEAST_PIECE_M), piece_m.max(initial=0.0))
    long = piece_m[piece] >= enough_m
    lead = network.street.copy()
    lead[network.street] = long | ~np.isin(piece, _beside(replace(streets, leads=long), piece))
    return lead


def _beside(network: StreetNetwork, part: Ints) -> Ints:
    """The parts (one number per segment) that lead nowhere with a segment that does within BESIDE_M, past the barriers."""
    segment, tree = network.door_tree

    def clear(some: Ints, near: Ints, door: Ints) -> Ints:
        gaps = shapely.shortest_line(network.segments[some[near]], network.segments[segment[door]])
        barred = network.barriers.met_by(gaps)
        parts: Ints = np.unique(part[some[np.delete(near, barred)]])
        return parts

    small = np.flatnonzero(~network.leads)
    nearest = tree.query_nearest(network.segments[small], max_distance=BESIDE_M, all_matches=False)
    beside = clear(small, *nearest)
    left = small[~np.isin(part[small], beside)]
    near = tree.query(network.segments[left], predicate="dwithin", distance=BESIDE_M)
    return np.union1d(beside, clear(left, *near))


def levels_of(roads: gpd.GeoDataFrame) -> Ints:
    """The level of each road: what it says, and where that is the ground, 1 for a bridge and -1 for a tunnel."""
    said = roads["level"].to_numpy(dtype=np.int64)
    on_structure = roads["bridge"].to_numpy(dtype=np.int64) - roads["tunnel"].to_numpy(dtype=np.int64)
    level: Ints = np.where(said == 0, on_structure, said)
    return level


def levels_apart(roads: gpd.GeoDataFrame) -> Ints:
    """The level by which roads that share a vertex are kept apart: none in OpenStreetMap, where one turns at every vertex.

    Planners' layers are often cut at every crossing, at those of a street and the bridge over it, too.
    """
    of_osm = roads["source_id"].astype(str).str.fullmatch(_OSM_ID).to_numpy(dtype=bool)
    return np.where(of_osm, 0, levels_of(roads))


def _walkable(area: StudyArea) -> gpd.GeoDataFrame:
    """The roads and walkways that people can walk, and whether each is a `street`."""
    columns = ["source_id", "bridge", "tunnel", "level", "crosses", "street", "geometry"]
    paths = _open_to_all(area, "walkways")
    ways = [paths.assign(street=False)[columns]]
    if area.roads is not None:
        classes = table("road_classes")["classes"]
        said, road_class = area.roads["walkable"], area.roads["road_class"]
        by_class = road_class.map({key: row["walkable"] for key, row in classes.items()})
        roads = area.roads[said.where(said.notna(), by_class).astype(bool).to_numpy()]
        street = roads["road_class"].map({key: row["counted"] != "no" for key, row in classes.items()})
        ways.insert(0, roads.assign(street=street)[columns])
    return pd.concat(ways, ignore_index=True)


def _open_to_all(area: StudyArea, name: str) -> gpd.GeoDataFrame:
    """The walkways or plazas that are not closed to the public; none where the layer was not given."""
    given: gpd.GeoDataFrame | None = getattr(area, name)
    layer = conform(layer_of(np.empty(0, dtype=object), area.crs, {}), name, crs=area.crs) if given is None else given
    return layer[~layer["walkable"].isin([False]).to_numpy()]


def positions(network: StreetNetwork, points: Shapes, *, max_leg_m: float = MAX_LEG_M) -> Positions:
    """Put points on the nearest point of the nearest street they can walk to without crossing a barrier.

    Points with no such street within `max_leg_m` get no position: they are missing from `owner`.
    """
    segment, tree = network.door_tree
    owner, door = tree.query_nearest(points, max_distance=max_leg_m, all_matches=False)
    legs = shapely.shortest_line(points[owner], network.segments[segment[door]])
    barred = network.barriers.met_by(legs)
    left, look_m = owner[barred], min(_FIRST_LOOK_M, max_leg_m)
    owner, door = np.delete(owner, barred), np.delete(door, barred)
    while len(left):
        found, at = _nearest_free(network, points, left, look_m)
        owner, door, left = np.r_[owner, found], np.r_[door, at], np.setdiff1d(left, found)
        if look_m >= max_leg_m:
            break
        look_m = min(2 * look_m, max_leg_m)
    on = network.segments[segment[door]]
    return Positions(
        owner=owner,
        segment=segment[door],
        along_m=shapely.line_locate_point(on, points[owner]),
        leg_m=shapely.distance(on, points[owner]),
    )


def _nearest_free(network: StreetNetwork, points: Shapes, some: Ints, look_m: float) -> tuple[Ints, Ints]:
    """Of some of the points, those with a way to a street within `look_m` past the barriers, and the nearest such door."""
    segment, tree = network.door_tree
    again, door = tree.query(points[some], predicate="dwithin", distance=look_m)
    owner = some[again]
    free = []
    for chunk in np.array_split(np.arange(len(owner)), len(owner) // _MOST_PAIRS + 1):
        legs = shapely.shortest_line(points[owner[chunk]], network.segments[segment[door[chunk]]])
        open_ = np.delete(np.arange(len(chunk)), network.barriers.met_by(legs))
        ways = pd.DataFrame(
            {"owner": owner[chunk[open_]], "leg": shapely.length(legs[open_]), "door": door[chunk[open_]]}
        )
        free.append(ways.sort_values(["owner", "leg", "door"]).drop_duplicates("owner"))
    best = pd.concat(free).sort_values(["owner", "leg", "door"]).drop_duplicates("owner")
    return best["owner"].to_numpy(), best["door"].to_numpy()


@dataclass(frozen=True, eq=False)
class Reached:
    """What of a network lies within `limit_m` of some sources: how far each end of its chains is, legs included.

    Infinity is beyond the limit.
    """

    network: StreetNetwork
    sources: Positions
    limit_m: float
    end_m: Floats

    @cached_property
    def node_m(self) -> Floats:
        """How far each node is."""
        return self.distance_m(self.network.at_nodes, count=len(self.network.xy))

    @cached_property
    def segments(self) -> Bools:
        """The segments that are reached from an end, or have a source on them."""
        near = np.isfinite(self.node_m)
        some: Bools = near[self.network.start] | near[self.network.end]
        some[self.sources.segment] = True
        return some

    @cached_property
    def _ways(self) -> Bools:
        """The chains that are reached from an end, or have a source on them."""
        chains, near = self.network.chains, np.isfinite(self.end_m)
        some: Bools = near[chains.start] | near[chains.end]
        some[chains.way[self.sources.segment]] = True
        return some

    def distance_m(self, targets: Positions, *, count: int) -> Floats:
        """Distance from each of `count` targets to the nearest source, legs included; infinity beyond the limit."""
        chains, nearest = self.network.chains, np.full(count, np.inf)
        there = targets.some(np.flatnonzero(self._ways[chains.way[targets.segment]]))
        way, along_m = chains.at(there.segment, there.along_m)
        ends_m = self.end_m[chains.ends(way)] + chains.to_ends(way, along_m)
        here_m = np.minimum(ends_m.min(axis=0), self._on_same_way_m(way, along_m)) + there.leg_m
        np.minimum.at(nearest, there.owner, here_m)
        nearest[nearest > self.limit_m] = np.inf
        return nearest

    def _on_same_way_m(self, way: Ints, along_m: Floats) -> Floats:
        """How far places on chains are from the sources on the same one, else infinity."""
        from_way, from_m = self.network.chains.at(self.sources.segment, self.sources.along_m)
        order = np.argsort(from_way, kind="stable")
        shared = np.flatnonzero(np.isin(way, from_way))
        first, beyond = (np.searchsorted(from_way[order], way[shared], side=s) for s in ("left", "right"))
        nearest = np.full(len(way), np.inf)
        for some in np.array_split(np.arange(len(shared)), int((beyond - first).sum()) // _MOST_PAIRS + 1):
            target = np.repeat(shared[some], (beyond - first)[some])
            source = order[ranges(first[some], beyond[some])]
            np.minimum.at(nearest, target, np.abs(along_m[target] - from_m[source]) + self.sources.leg_m[source])
        return nearest


def network_distance_m(
    network: StreetNetwork, sources: Positions, targets: Positions, *, count: int, limit_m: float
) -> Floats:
    """Distance from each of `count` targets to the nearest source along the network, legs included.

    Infinity where no source is within `limit_m`, or the target has no position on the network.
    """
    return reached(network, sources, limit_m=limit_m).distance_m(targets, count=count)


def reached(network: StreetNetwork, sources: Positions, *, limit_m: float) -> Reached:
    """Walk from all sources at once along a network, as far as `limit_m`."""
    if not len(sources.owner):
        return Reached(network, sources, limit_m, np.full(network.chains.matrix.shape[0], np.inf))
    one = np.zeros(len(sources.owner), dtype=np.int64)
    return Reached(network, sources, limit_m, _to_ends_m(network, sources, one, limit_m)[0])


def each_reached(network: StreetNetwork, sources: Positions, *, limit_m: float) -> Iterator[tuple[int, Reached]]:
    """Walk from the sources of each owner by itself, as far as `limit_m`: the owner, and what is reached."""
    owners = np.unique(sources.owner)
    for some in np.array_split(owners, len(owners) * network.chains.matrix.shape[0] // _MOST_COSTS + 1):
        at = sources.some(np.isin(sources.owner, some))
        start = np.searchsorted(some, at.owner)
        end_m = _to_ends_m(network, at, start, limit_m)
        for number, owner in enumerate(some.tolist()):
            yield owner, Reached(network, at.some(start == number), limit_m, end_m[number])


def _to_ends_m(network: StreetNetwork, at: Positions, start: Ints, limit_m: float) -> Floats:
    """How far the ends of all chains are from the places of each start (0, 1, ...), infinity beyond the limit."""
    way, along_m = network.chains.at(at.segment, at.along_m)
    cost_m = at.leg_m + network.chains.to_ends(way, along_m)
    return costs_from(network.chains.matrix, network.chains.ends(way), start, cost_m, limit_m)


def costs_from(graph: csr_array, ends: Ints, start: Ints, cost: Floats, limit: float = np.inf) -> Floats:
    """Walk from starts (0, 1, ...) along a graph: what it costs to every node (starts, nodes), infinity beyond the limit.

    For each place: `start`, the start it belongs to; `ends` (2, places), the two nodes of its segment; `cost` (2, places),
    from the start by the place to these.
    """
    nodes, starts = graph.shape[0], int(start.max(initial=-1)) + 1
    doors = sparse(np.tile(start, 2), ends.ravel(), np.maximum(cost.ravel(), 0.0), nodes + starts)
    whole = csr_array(
        (
            np.r_[graph.data, doors.data],
            np.r_[graph.indices, doors.indices],
            np.r_[graph.indptr, graph.indptr[-1] + doors.indptr[1 : starts + 1]],
        ),
        shape=(nodes + starts, nodes + starts),
    )
    costs: Floats = dijkstra(whole, directed=True, indices=np.arange(nodes, nodes + starts), limit=limit)[:, :nodes]
    return costs


def _joined(parts: Shapes, level: Ints) -> Shapes:
    """Single lines with a vertex added where the loose end of another stops within JOIN_M of them.

    Where lines of several levels run there, it is joined to those of its own: a side street to the street below the
    flyover and not to the flyover.
    """
    graph = segment_graph(parts)
    loose_node = np.flatnonzero(graph.degree == 1)
    own = np.zeros(len(graph.xy), dtype=np.int64)
    own[graph.start], own[graph.end] = level[graph.line], level[graph.line]
    loose, own = shapely.points(graph.xy[loose_node]), own[loose_node]
    end, line = shapely.STRtree(parts).query(loose, predicate="dwithin", distance=JOIN_M)
    meets = shapely.distance(loose[end], shapely.boundary(parts[line])) > JOIN_M
    end, line = end[meets], line[meets]
    same = own[end] == level[line]
    joined = same | ~np.isin(end, end[same])
    return with_vertices(parts, line[joined], shapely.get_coordinates(loose[end[joined]]))
