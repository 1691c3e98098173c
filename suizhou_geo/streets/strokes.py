"""Strokes: pieces of road joined into through streets, by the continuity of their name first and of their line second.

A stroke is what people call one street: it goes on through junctions as long as its name does, and where no name says
how it goes on, as the straightest continuation. The carriageways of a street are one stroke, and a roundabout is a
junction.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import LayerError
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.components import components, components_at
from suizhou_geo.geometry.lines import dot, places, unit
from suizhou_geo.standards.street_names import street_numbers
from suizhou_geo.streets.centrelines import PAIR_WIDTH_M, STREET_WIDTH_M

MOST_TURN_DEG = 45.0
HEADING_M = 20.0
JUNCTION_M = 20.0
_COLUMNS = ("name", "road_class", "roundabout", "weight")
_SAMPLES = (0.1, 0.3, 0.5, 0.7, 0.9)
_MOST_SAMPLES = 3
_NOTHING_M = 1e-6


@dataclass(frozen=True, eq=False)
class _Ends:
    """Ends of pieces: the piece, the node, whether no other piece of its name goes on there, the point, and the heading.

    The heading is the unit vector from the end into the piece.
    """

    piece: Ints
    node: Ints
    loose: Bools
    tip: Floats
    heading: Floats


def stroke_names(lines: gpd.GeoDataFrame, number: Ints) -> pd.Series:
    """Return the name most of each stroke bears, by length x weight of its pieces; None without one.

    `number` is `stroke_numbers(lines)`; the shapes may have been cut since: what counts is what is left of them.
    """
    kept = pd.DataFrame(
        {"stroke": number, "name": lines["name"].to_numpy(), "length_m": lines.length * lines["weight"]}
    )
    kept = kept[(number >= 0) & kept["name"].notna() & (kept["length_m"] > 0)]
    named = kept.groupby(["stroke", "name"])["length_m"].sum().reset_index()
    longest = named.sort_values(["stroke", "length_m", "name"]).drop_duplicates("stroke", keep="last")
    name = np.full(int(number.max(initial=-1)) + 1, None, dtype=object)
    name[longest["stroke"].to_numpy(dtype=np.int64)] = longest["name"].to_numpy()
    return pd.Series(name, dtype=object)


def stroke_numbers(lines: gpd.GeoDataFrame, *, most_turn_deg: float = MOST_TURN_DEG) -> Ints:
    """Return the stroke each piece belongs to, 0, 1, ... by first appearance; -1 for the pieces of roundabouts.

    * Pieces of the same base name (辅路 and 主路 belong to their street) that share a point are one stroke, however the
      street turns.
    * Where a street without a name ends, or a name does, it goes on as the straightest piece that also ends there and
      turns by at most `most_turn_deg`; the straightest pair is joined first, and nobody has two continuations. An end
      at the side of a street that passes joins nothing. Headings are taken over HEADING_M.
    * Carriageways side by side are one stroke: pieces that weigh less than one, of the same base name within
      STREET_WIDTH_M, or of the same class, one of them without a name, the nearest within PAIR_WIDTH_M, along most of
      the shorter one.
    * All that meets in one roundabout meets in one point. Ends of one base name within JUNCTION_M of each other, beside
      rather than behind each other, are one stroke: two carriageways become one line so at a junction.

    Nothing else connects lines that share no point: a bridge does not meet the street below, and a gap is a gap.

    Raises:
        LayerError: a column is missing, or a row is no LineString.
    """
    _check(lines)
    shapes = lines.geometry.to_numpy()
    street = street_numbers(lines["name"])
    ring = lines["roundabout"].to_numpy(dtype=bool)
    piece, node = _nodes(shapes, ring)
    on_street = ~ring[piece]
    piece, node = piece[on_street], node[on_street]
    named = street[piece] >= 0
    shared = np.unique(np.column_stack([street[piece[named]], node[named]]), axis=0, return_inverse=True)[1].ravel()
    left, right = _abreast(shapes, lines, street, ring)
    ends = _ends(shapes, street, piece, node)
    links = [_chain(piece[named], shared), (left, right), _onwards(ends, most_turn_deg)]
    links.append(_across(ends, street, _groups(links, len(shapes))))
    group = _groups(links, len(shapes))
    number = np.full(len(shapes), -1, dtype=np.int64)
    number[~ring] = pd.factorize(group[~ring])[0]
    return number


def _check(lines: gpd.GeoDataFrame) -> None:
    missing = [column for column in _COLUMNS if column not in lines.columns]
    if missing:
        raise LayerError(
            f"strokes：线层没有列 {missing[0]}；请给出 centrelines 的中心线段",
            f"strokes: the lines have no column {missing[0]}; give the pieces of centrelines",
        )
    wrong = lines.index[(lines.geom_type != "LineString").to_numpy()]
    if len(wrong):
        raise LayerError(
            f"strokes：第 {wrong[0]} 行不是 LineString；请给出 centrelines 的中心线段",
            f"strokes: row {wrong[0]} is no LineString; give the pieces of centrelines",
        )


def _nodes(shapes: Shapes, ring: Bools) -> tuple[Ints, Ints]:
    """Every vertex of every piece: its piece and its node; all the vertices of one roundabout are one node."""
    xy, piece = shapely.get_coordinates(shapes, return_index=True)
    node = np.unique(places(xy), return_inverse=True)[1]
    round_ = components_at(node[ring[piece]], piece[ring[piece]], int(node.max(initial=-1)) + 1)
    return piece, round_[node]


def _groups(links: list[tuple[Ints, Ints]], size: int) -> Ints:
    """Number the groups of things 0 .. size - 1 that hang together."""
    a, b = (np.concatenate([link[k] for link in links]) for k in range(2))
    return components(a, b, size)


def _chain(members: Ints, places: Ints) -> tuple[Ints, Ints]:
    """Links that hang together all members of each place."""
    order = np.argsort(places, kind="stable")
    same = np.diff(places[order]) == 0
    return members[order][:-1][same], members[order][1:][same]


def _abreast(shapes: Shapes, lines: gpd.GeoDataFrame, street: Ints, ring: Bools) -> tuple[Ints, Ints]:
    """Pairs of pieces that are carriageways of one street, side by side: not one behind the other across a gap."""
    one_of = np.flatnonzero((lines["weight"].to_numpy(dtype=float) < 1.0 - 1e-9) & ~ring)
    here, there = shapely.STRtree(shapes[one_of]).query(shapes[one_of], predicate="dwithin", distance=STREET_WIDTH_M)
    here, there = one_of[here], one_of[there]
    length_m = shapely.length(shapes)
    shorter = (length_m[here] < length_m[there]) | ((length_m[here] == length_m[there]) & (here < there))
    road_class = pd.factorize(lines["road_class"])[0]
    same = (street[here] == street[there]) & (street[here] >= 0)
    nameless = (road_class[here] == road_class[there]) & ((street[here] < 0) | (street[there] < 0))
    chosen = shorter & (same | nameless)
    here, there, width_m = here[chosen], there[chosen], np.where(same[chosen], STREET_WIDTH_M, PAIR_WIDTH_M)
    beside, apart_m = np.zeros(len(here), dtype=int), np.zeros(len(here))
    for part in _SAMPLES:
        point = shapely.line_interpolate_point(shapes[here], part, normalized=True)
        foot_m = shapely.line_locate_point(shapes[there], point)
        inside = (foot_m > _NOTHING_M) & (foot_m < length_m[there] - _NOTHING_M)
        across_m = shapely.distance(point, shapes[there])
        beside += inside & (across_m <= width_m + _NOTHING_M)
        apart_m += across_m
    beside_most = beside >= _MOST_SAMPLES
    nearest_m = np.full(len(shapes), np.inf)
    for one in (here, there):
        np.minimum.at(nearest_m, one[beside_most], apart_m[beside_most])
    abreast = beside_most & (same[chosen] | (apart_m <= nearest_m[here] + _NOTHING_M))
    return here[abreast].astype(np.int64), there[abreast].astype(np.int64)


def _ends(shapes: Shapes, street: Ints, piece: Ints, node: Ints) -> _Ends:
    first = np.flatnonzero(np.diff(piece, prepend=-1) != 0)
    ends = np.concatenate([first, np.flatnonzero(np.diff(piece, append=-1) != 0)])
    owner, at = piece[ends], node[ends]
    visits = pd.DataFrame({"street": street[piece], "node": node, "piece": piece}).drop_duplicates()
    holders = visits[visits["street"] >= 0].groupby(["street", "node"]).size()
    goes_on = holders.reindex(pd.MultiIndex.from_arrays([street[owner], at])).fillna(0).to_numpy() > 1
    backward = np.repeat([False, True], len(first))
    closed = at[np.r_[len(first) : 2 * len(first), : len(first)]] == at
    return _Ends(owner, at, ~goes_on & ~closed, *_headings(shapes[owner], backward))


def _onwards(ends: _Ends, most_turn_deg: float) -> tuple[Ints, Ints]:
    """Pairs of pieces that go on as each other at a node, the straightest first, each loose end once."""
    loose = np.flatnonzero(ends.loose)
    table = pd.DataFrame({"node": ends.node[loose], "end": loose})
    pairs = table.merge(table, on="node", suffixes=("", "_2"))
    i, j = pairs["end"].to_numpy(), pairs["end_2"].to_numpy()
    straight = -dot(ends.heading[i], ends.heading[j])
    kept = (i < j) & (straight >= np.cos(np.radians(most_turn_deg)) - 1e-9)
    i, j, straight = i[kept], j[kept], straight[kept]
    order = np.lexsort([j, i, -np.round(straight, 9)])
    i, j = i[order], j[order]
    taken = np.zeros(len(ends.node), dtype=bool)
    joined: list[Ints] = []
    while len(i):  # each round joins the pairs that are straightest for both of their ends
        best = np.full(len(ends.node), len(i))
        np.minimum.at(best, i, np.arange(len(i)))
        np.minimum.at(best, j, np.arange(len(i)))
        mutual = (best[i] == np.arange(len(i))) & (best[j] == np.arange(len(i)))
        joined.append(np.column_stack([ends.piece[i[mutual]], ends.piece[j[mutual]]]))
        taken[i[mutual]] = taken[j[mutual]] = True
        free = ~taken[i] & ~taken[j]
        i, j = i[free], j[free]
    links = np.concatenate(joined) if joined else np.empty((0, 2), dtype=np.int64)
    return links[:, 0], links[:, 1]


def _across(ends: _Ends, street: Ints, group: Ints) -> tuple[Ints, Ints]:
    """Pairs of pieces of one name, a loose end of one beside the nearest end in another group.

    Where a street with two carriageways becomes one line at a junction, their ends do not meet. They lie across the
    street from each other, while the ends at a gap lie along it.
    """
    named = np.flatnonzero(street[ends.piece] >= 0)
    points = shapely.points(ends.tip[named])
    i, j = named[shapely.STRtree(points).query(points, predicate="dwithin", distance=JUNCTION_M)]
    a, b = ends.piece[i], ends.piece[j]
    other = ends.loose[i] & (street[a] == street[b]) & (group[a] != group[b])
    i, j = i[other], j[other]
    offset = ends.tip[j] - ends.tip[i]
    apart_m = np.hypot(offset[:, 0], offset[:, 1])
    order = np.lexsort([j, apart_m, i])
    nearest = order[np.diff(i[order], prepend=-1) != 0]
    along_m = np.abs(dot(offset, ends.heading[i]))
    beside = nearest[along_m[nearest] <= apart_m[nearest] * np.sqrt(0.5) + _NOTHING_M]
    return ends.piece[i[beside]], ends.piece[j[beside]]


def _headings(lines: Shapes, backward: Bools) -> tuple[Floats, Floats]:
    """An end of each line, its last point where `backward`, and the unit vector from there into the line."""
    length_m = shapely.length(lines)
    reach_m = np.minimum(HEADING_M, length_m)
    tip = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.where(backward, length_m, 0.0)))
    inner = np.where(backward, length_m - reach_m, reach_m)
    vector = shapely.get_coordinates(shapely.line_interpolate_point(lines, inner)) - tip
    return tip, unit(vector)
