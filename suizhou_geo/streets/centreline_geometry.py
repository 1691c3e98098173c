"""Mean lines (中线): the pieces of `centrelines` drawn as one line per street, so that streets enclose blocks.

Lengths come from the weights of the pieces; this is the picture of them: carriageways of one street become the line
midway between them, and what met one of them meets that line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.components import components, components_at
from suizhou_geo.geometry.crs import metric_crs
from suizhou_geo.geometry.lines import dot, ends_of, outwards, places, split_at, unit
from suizhou_geo.standards.street_names import street_numbers
from suizhou_geo.streets.centreline_joints import (
    FLARE_DEG,
    STEP_M,
    TOUCH_M,
    Carriageways,
    Means,
    Roundabouts,
    connected,
    with_ends,
)
from suizhou_geo.streets.centrelines import STREET_WIDTH_M
from suizhou_geo.study_area.layers import conform

ABREAST_DEG = 35.0
CHUNK = 8
TIP_M = 40.0  # how far back from the tip of a divided street its carriageways are seen to run side by side

_DECIMALS = 3
_OTHER_LEVEL_M = 1000.0
_SAME_WEIGHT = 1e-9
_COLUMNS = ["street_class", "name", "source_id"]


@dataclass(frozen=True)
class _Ways:
    """The lines of divided streets, with a vertex every STEP_M or less, laid end to end on one ruler."""

    lines: Shapes
    chain: Ints  # lines that continue each other, the longest chain first: it leads
    others: Ints  # how many carriageways lie abreast of this one
    kinds: pd.DataFrame  # street (-1 without a name), road_class, level
    xy: Floats  # every vertex, line after line
    line: Ints  # of each vertex
    at_m: Floats  # of each vertex on the ruler, with 1 m between two lines
    chunks: Shapes  # the lines again, cut short so that looking for the nearest place on them is quick
    chunk_line: Ints
    chunk_at_m: Floats  # where each begins on the ruler

    def at(self, station_m: Floats) -> Floats:
        """The points x, y at these places of the ruler."""
        return np.column_stack([np.interp(station_m, self.at_m, self.xy[:, axis]) for axis in (0, 1)])


def mean_lines(pieces: gpd.GeoDataFrame, *, street_width_m: float = STREET_WIDTH_M) -> gpd.GeoDataFrame:
    """Draw the streets that `centrelines` has weighed, each as one line.

    Returns lines with `street_class`, `name` and `source_id`, connected by common vertices where the streets were:

    * A piece of weight 1 stays as it is, cut where it meets a divided street or a roundabout. What several pieces draw on
      top of each other on one level is drawn once, as the first of them.
    * Carriageways abreast become one line. The longest leads and gives the line its columns; each of its points, every
      STEP_M, moves to the mean of itself and the nearest points of the others within `street_width_m`. Where all the
      carriageways end the mean line ends: it bridges no gap of more than STEP_M, such as a railway.
    * A street that crosses a median goes on crossing it and shares a vertex with the mean line; a street that ended on
      a carriageway is led on to a mean line that stands for that one; openings of a median that lead nowhere else, and
      slips between side roads and main carriageways, are left out.
    * A roundabout becomes its centre, and what ended on it is led there. The two legs between which a street splays
      before it, one towards it and one away, where they weigh 1 and are no longer than `street_width_m`, are part of it:
      the traffic island between them is no block.

    The total is the sum of length x weight but for what lies inside junctions, where the two differ by half a street's
    width; use the weights for lengths and these lines for shapes.

    Raises:
        LayerError: not in a metric CRS, or not the pieces of `centrelines` (no `weight` or `street_class`).

    >>> from suizhou_geo.streets.centrelines import centrelines
    >>> carriageways = shapely.linestrings([[(0, 0), (90, 0)], [(90, 20), (0, 20)]])
    >>> roads = gpd.GeoDataFrame(
    ...     {"road_class": ["arterial"] * 2, "oneway": [True] * 2}, geometry=carriageways, crs="EPSG:4547"
    ... )
    >>> mean_lines(centrelines(roads)).geometry.to_list()
    [<LINESTRING (0 10, 90 10)>]
    """
    crs = metric_crs(pieces.crs, what=Text("pieces", "pieces: their coordinate system"))
    for column in ("weight", "street_class"):
        if column not in pieces.columns:
            raise LayerError(
                f"pieces 没有列 {column}；请给出 centrelines 的返回值",
                f"pieces have no column {column}; give what `centrelines` returns",
            )
    columns = {column: pieces[column].to_numpy() for column in ("weight", "street_class")}
    known = _drawn_once(conform(pieces, "roads", crs=crs).assign(**columns).reset_index(drop=True))
    weight = known["weight"].to_numpy(dtype=float)
    ring = known["roundabout"].to_numpy(dtype=bool)
    single = ~ring & (weight >= 1 - _SAME_WEIGHT)
    shapes = known.geometry.to_numpy()
    circles = _roundabouts(shapes[ring])
    legs = _legs(known, single & (shapely.length(shapes) <= street_width_m), circles)
    roundabouts = _with_legs(circles, shapes[legs])
    divided = np.flatnonzero(~ring & ~single)
    whole = np.setdiff1d(np.flatnonzero(single), legs)
    ways = _ways(known.iloc[divided], np.rint(1 / weight[divided]).astype(int) - 1)
    means, carriageways = _means(ways, street_width_m)
    means = replace(means, lines=with_ends(means, roundabouts, carriageways, width_m=street_width_m))
    streets, owner = split_at(shapes[whole], np.concatenate([roundabouts.place, places(ways.xy)]))
    lines, origin = connected(means, streets, roundabouts, carriageways, width_m=street_width_m)
    row = np.concatenate([divided[means.row], whole[owner]])[origin]
    return gpd.GeoDataFrame(known[_COLUMNS].iloc[row].reset_index(drop=True), geometry=lines, crs=crs)


def _drawn_once(known: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The pieces, with what several of them draw on one level left to the first, at the sum of their weights."""
    light = np.flatnonzero(~known["roundabout"].to_numpy(dtype=bool) & (known["weight"].to_numpy() < 1 - _SAME_WEIGHT))
    shapes = known.geometry.to_numpy()[light]
    xy, line = shapely.get_coordinates(shapes, return_index=True)
    place = np.unique(places(xy), return_inverse=True)[1]
    first = np.flatnonzero(line[1:] == line[:-1])
    there, back = place[first], place[first + 1]
    bits = pd.DataFrame({"low": np.minimum(there, back), "high": np.maximum(there, back), "upward": there < back})
    bits[["level", "weight"]] = known[["level", "weight"]].to_numpy(dtype=float)[light[line[first]]]
    same = bits.groupby(["low", "high", "level"])
    again = same.cumcount().to_numpy() > 0
    if not again.any():
        return known
    weight = same["weight"].transform("sum").to_numpy()
    both_ways = (same["upward"].transform("nunique") > 1).to_numpy()
    first, weight, both_ways = first[~again], weight[~again], both_ways[~again]
    breaks = (np.diff(first, prepend=-2) != 1) | (np.abs(np.diff(weight, prepend=0.0)) > _SAME_WEIGHT)
    run, vertex = _runs(first, breaks)
    once = known.iloc[light[line[first[breaks]]]]
    once = once.set_geometry(shapely.linestrings(xy[vertex], indices=run), crs=known.crs)
    once = once.assign(weight=weight[breaks], oneway=once["oneway"].to_numpy(dtype=bool) & ~both_ways[breaks])
    return pd.concat([known.drop(index=known.index[light]), once]).sort_index(kind="stable").reset_index(drop=True)


# --- roundabouts ---------------------------------------------------------------------------------------------------


def _roundabouts(rings: Shapes) -> Roundabouts:
    """The roundabouts that touching lines make up; the centre is that of the box around it."""
    if len(rings) == 0:
        return Roundabouts(np.zeros(0, dtype=complex), np.zeros((0, 2)))
    xy, line = shapely.get_coordinates(rings, return_index=True)
    place, first, number = np.unique(places(xy), return_index=True, return_inverse=True)
    group = components_at(line, number, len(rings))[line]
    boxes = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}).groupby(group)
    middle = (boxes.min() + boxes.max()) / 2
    return Roundabouts(place, middle.loc[group[first]].to_numpy())


def _legs(known: gpd.GeoDataFrame, short: Bools, circles: Roundabouts) -> Ints:
    """The short one-way lines that splay at a roundabout from a line of their street in the opposite direction."""
    shapes = known.geometry.to_numpy()
    line = np.flatnonzero(known["oneway"].to_numpy(dtype=bool) & ~known["roundabout"].to_numpy(dtype=bool))
    end = places(ends_of(shapes[line])).reshape(-1, 2)
    on = np.isin(end, circles.place)
    met = np.flatnonzero(on[:, 0] != on[:, 1])
    inwards = on[met, 1]
    near = np.where(inwards, end[met, 1], end[met, 0])
    table = known.iloc[line[met]][["name", "road_class"]].assign(line=line[met], near=near, inwards=inwards)
    table["street"] = street_numbers(table["name"])
    table["circle"] = places(circles.centre)[np.searchsorted(circles.place, near)]
    pairs = table[short[line[met]]].merge(table, on="circle").query("inwards_x != inwards_y")
    named = (pairs["street_x"] >= 0) & (pairs["street_y"] >= 0)
    same = np.where(named, pairs["street_x"] == pairs["street_y"], pairs["road_class_x"] == pairs["road_class_y"])
    pairs = pairs[same]
    far = shapely.get_point(shapes[pairs["line_x"]], np.where(pairs["inwards_x"], 0, -1))
    apart_m = (pairs["near_x"] - pairs["near_y"]).abs()
    splayed = shapely.distance(far, shapes[pairs["line_y"]]) <= apart_m + TOUCH_M
    legs: Ints = np.unique(pairs.loc[splayed, "line_x"].to_numpy(dtype=np.intp))
    return legs


def _with_legs(circles: Roundabouts, legs: Shapes) -> Roundabouts:
    """The roundabouts with every place on their legs."""
    xy, line = shapely.get_coordinates(legs, return_index=True)
    place = places(xy)
    on = np.flatnonzero(np.isin(place, circles.place))
    centre = np.zeros((len(legs), 2))
    centre[line[on]] = circles.centre[np.searchsorted(circles.place, place[on])]
    both, first = np.unique(np.concatenate([circles.place, place]), return_index=True)
    return Roundabouts(both, np.concatenate([circles.centre, centre[line]])[first])


# --- carriageways --------------------------------------------------------------------------------------------------


def _ways(known: gpd.GeoDataFrame, others: Ints) -> _Ways:
    lines = shapely.segmentize(known.geometry.to_numpy(), STEP_M)
    chain = _chains(lines)
    length_m = np.bincount(chain, shapely.length(lines)).round(_DECIMALS)
    chain = np.argsort(np.argsort(-length_m, kind="stable"), kind="stable")[chain]
    xy, line = shapely.get_coordinates(lines, return_index=True)
    step_m = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    at_m = np.cumsum(np.where(np.diff(line, prepend=0) == 0, step_m, 1.0))
    chunk, vertex = _chunks(line)
    begins = np.flatnonzero(np.diff(chunk, prepend=-1))
    return _Ways(
        lines=lines,
        chain=chain,
        others=others,
        kinds=pd.DataFrame(
            {
                "street": street_numbers(known["name"]),
                "road_class": pd.factorize(known["road_class"])[0],
                "level": known["level"].to_numpy(dtype=float),
            }
        ),
        xy=xy,
        line=line,
        at_m=at_m,
        chunks=shapely.linestrings(xy[vertex], indices=chunk),
        chunk_line=line[vertex[begins]],
        chunk_at_m=at_m[vertex[begins]],
    )


def _chunks(line: Ints) -> tuple[Ints, Ints]:
    """Lines cut into chunks of at most CHUNK steps each: the number of the chunk, and each of its vertices."""
    first = np.flatnonzero(line[1:] == line[:-1])
    nth = first - np.searchsorted(line, line[first])
    begins = (np.diff(line[first], prepend=-1) != 0) | (nth % CHUNK == 0)
    return _runs(first, begins)


def _runs(first: Ints, begins: Bools) -> tuple[Ints, Ints]:
    """Segments, given by their first vertex and put together up to where the next begins: the line of each vertex, and it."""
    run = np.cumsum(begins) - 1
    order = np.unique(np.column_stack([np.tile(run, 2), np.concatenate([first, first + 1])]), axis=0)
    return order[:, 0], order[:, 1]


def _chains(lines: Shapes) -> Ints:
    """Number the chains of lines: two ends at one place belong together where each is the straightest way on.

    The tip of a divided street, where one carriageway turns into the other, is not on: it leads back.
    """
    if len(lines) == 0:
        return np.zeros(0, dtype=np.intp)
    place = np.unique(places(ends_of(lines)), return_inverse=True)[1]
    out = outwards(lines)
    pairs = pd.DataFrame({"place": place, "end": np.arange(len(place))})
    pairs = pairs.merge(pairs, on="place").query("end_x != end_y")
    pairs["bend"] = dot(out[pairs["end_x"]], out[pairs["end_y"]])
    best = pairs[pairs["bend"] < -np.cos(np.radians(FLARE_DEG))].sort_values("bend").drop_duplicates("end_x")
    on = np.full(len(place), -1)
    on[best["end_x"]] = best["end_y"]
    on[(on < 0) | (on[on] != np.arange(len(on)))] = -1
    away = unit(_along(lines, on, TIP_M) - ends_of(lines))
    linked = np.flatnonzero(on >= 0)
    linked = linked[dot(away[linked], away[on[linked]]) < np.cos(np.radians(FLARE_DEG))]
    return components(linked // 2, on[linked] // 2, len(lines))


def _along(lines: Shapes, on: Ints, way_m: float) -> Floats:
    """Where one gets from each end of each line, along it and the lines it leads on to, in so many metres at most."""
    end, left_m, length_m = np.arange(len(on)), np.full(len(on), way_m), shapely.length(lines)
    while (over := (length_m[end // 2] < left_m) & (on[end ^ 1] >= 0)).any():
        left_m[over] -= length_m[end[over] // 2]
        end[over] = on[end[over] ^ 1]
    at_m = np.minimum(left_m, length_m[end // 2])
    at_m = np.where(end % 2, length_m[end // 2] - at_m, at_m)
    xy: Floats = shapely.get_coordinates(shapely.line_interpolate_point(lines[end // 2], at_m))
    return xy


def _abreast(ways: _Ways, points: Floats, along: Floats, own: Ints, width_m: float) -> pd.DataFrame:
    """What one sees across the street from each point: `point`, the other's `chain`, and the place x, y on it."""
    shapes = shapely.points(points)
    point, chunk = shapely.STRtree(ways.chunks).query(shapes, predicate="dwithin", distance=width_m)
    other, mine, kinds = ways.chunk_line[chunk], own[point], ways.kinds.to_numpy(dtype=float)
    named = (kinds[mine, 0] >= 0) & (kinds[other, 0] >= 0)
    same = np.where(named, kinds[mine, 0] == kinds[other, 0], kinds[mine, 1] == kinds[other, 1])
    kept = same & (ways.chain[mine] != ways.chain[other])
    point, other, mine, chunk = point[kept], other[kept], mine[kept], chunk[kept]
    begins_m = ways.chunk_at_m[chunk]
    ends_m = begins_m + shapely.length(ways.chunks)[chunk]
    at_m = begins_m + shapely.line_locate_point(ways.chunks[chunk], shapes[point])
    there = ways.at(at_m)
    theirs = unit(ways.at(np.minimum(at_m + 1.0, ends_m)) - ways.at(np.maximum(at_m - 1.0, begins_m)))
    cosine = dot(along[point], theirs)
    axis = unit(along[point] + theirs * np.where(cosine < 0, -1.0, 1.0)[:, None])
    offset = there - points[point]
    across_m = np.hypot(*offset.T)
    seen = np.abs(cosine) >= np.cos(np.radians(FLARE_DEG))
    seen &= np.abs(dot(axis, offset)) <= np.maximum(across_m * np.sin(np.radians(ABREAST_DEG)), TOUCH_M)
    cost = across_m + _OTHER_LEVEL_M * (kinds[mine, 2] != kinds[other, 2])
    found = pd.DataFrame({"point": point, "chain": ways.chain[other], "x": there[:, 0], "y": there[:, 1], "cost": cost})
    found = found[seen].sort_values(["point", "cost", "chain"]).drop_duplicates(["point", "chain"])
    nth = found.groupby("point").cumcount().to_numpy()
    return found[nth < ways.others[own[found["point"].to_numpy()]]]


def _means(ways: _Ways, width_m: float) -> tuple[Means, Carriageways]:
    """The leading carriageways moved to the middle of their streets, and what they stand for."""
    if len(ways.lines) == 0:
        none = np.zeros(0, dtype=np.intp)
        return Means(ways.lines, none, none, np.zeros(0), np.zeros((0, 2))), Carriageways(ways.chunks, none, none)
    first = np.flatnonzero(ways.line[1:] == ways.line[:-1])  # vertex at the beginning of each segment
    owner = ways.line[first]
    step = ways.xy[first + 1] - ways.xy[first]
    views = _abreast(ways, (ways.xy[first] + ways.xy[first + 1]) / 2, unit(step), owner, width_m)
    point, theirs = views["point"].to_numpy(), views["chain"].to_numpy()
    mine = ways.chain[owner[point]]
    leads = np.ones(len(first), dtype=bool)
    leads[point[theirs < mine]] = False
    chains = np.arange(ways.chain.max(initial=-1) + 1)
    one, other = np.concatenate([chains, mine, theirs]), np.concatenate([chains, theirs, mine])
    carriageways = Carriageways(ways.chunks, ways.chain[ways.chunk_line], np.unique(one * len(chains) + other))
    moved = _moved(ways, width_m)
    run, vertex = _runs(first[leads], np.diff(first[leads], prepend=-2) != 1)
    lines = shapely.linestrings(moved[vertex], indices=run)
    begin = np.flatnonzero(np.diff(run, prepend=-1))
    end = np.append(begin[1:], len(run)) - 1
    row = ways.line[vertex[begin]]
    sources = np.stack([ways.xy[vertex[begin]], ways.xy[vertex[end]]], axis=1)
    long = shapely.length(lines) > TOUCH_M
    row = row[long]
    level = ways.kinds["level"].to_numpy()[row]
    return Means(lines[long], row, ways.chain[row], level, sources[long].reshape(-1, 2)), carriageways


def _moved(ways: _Ways, width_m: float) -> Floats:
    """Every vertex moved to the mean of itself and the places across; where one sees too few, as far as its neighbours."""
    step = np.diff(ways.xy, axis=0, append=ways.xy[-1:])
    inner = np.append(ways.line[1:] == ways.line[:-1], False)
    ahead = unit(step) * inner[:, None]
    behind = np.vstack([np.zeros((1, 2)), ahead[:-1]])
    views = _abreast(ways, ways.xy, unit(ahead + behind), ways.line, width_m)
    seen = np.bincount(views["point"], minlength=len(ways.xy))
    across = np.column_stack([np.bincount(views["point"], views[c], minlength=len(ways.xy)) for c in ("x", "y")])
    offset = (across - ways.xy * seen[:, None]) / (seen + 1)[:, None]
    most = pd.Series(seen).groupby(ways.line).transform("max").to_numpy()
    sure = seen == np.minimum(ways.others[ways.line], most)
    for line in np.unique(ways.line[~sure]):
        mine = slice(*np.searchsorted(ways.line, [line, line + 1]))
        at_m, known = ways.at_m[mine], sure[mine]
        for axis in (0, 1):
            offset[mine, axis] = np.interp(at_m, at_m[known], offset[mine, axis][known])
    moved = ways.xy + offset
    ends = np.flatnonzero(~inner | np.append(True, ~inner[:-1]))
    shared = pd.DataFrame({"place": places(ways.xy[ends]), "chain": ways.chain[ways.line[ends]]})
    shared[["x", "y"]] = moved[ends]
    moved[ends] = shared.groupby(["place", "chain"])[["x", "y"]].transform("mean").to_numpy()
    return moved
