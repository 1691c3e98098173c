"""Mean lines (中线): the pieces of `centrelines` drawn as one line per street, so that streets enclose blocks.

Lengths come from the weights of the pieces; this is the picture of them: carriageways of one street become the line
midway between them, and what met one of them meets that line.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.centrelines import STREET_WIDTH_M, base_name
from suizhou_geo.crs import metric_crs
from suizhou_geo.errors import LayerError
from suizhou_geo.mean_joints import (
    FLARE_DEG,
    STEP_M,
    TOUCH_M,
    Bools,
    Floats,
    Ints,
    Roundabouts,
    Shapes,
    connected,
    dot,
    ends_of,
    groups,
    outwards,
    places,
    split_at,
    unit,
    with_ends,
)
from suizhou_geo.model import conform

ABREAST_DEG = 35.0
CHUNK = 8
TIP_M = 40.0  # how far back from the tip of a divided street its carriageways are seen to run side by side

_DECIMALS = 3
_OTHER_LEVEL_M = 1000.0
_COLUMNS = ["street_class", "name", "source_id"]


@dataclass(frozen=True)
class _Carriageways:
    """The lines of divided streets, with a vertex every STEP_M or less."""

    lines: Shapes
    chain: Ints  # lines that continue each other
    rank: Ints  # of the line's chain: the longest chain is the first and leads
    others: Ints  # how many carriageways lie abreast of this one
    kinds: pd.DataFrame  # street (-1 without a name), road_class, level
    xy: Floats  # every vertex, line after line
    line: Ints  # of each vertex
    chunks: Shapes  # the lines again, cut short so that looking for the nearest place on them is quick
    chunk_line: Ints


@dataclass(frozen=True)
class _Means:
    """Mean lines, and for each the number of the leading carriageway and that one's points at both ends."""

    lines: Shapes
    row: Ints
    sources: Floats  # shape (2 n, 2)


def mean_lines(pieces: gpd.GeoDataFrame, *, street_width_m: float = STREET_WIDTH_M) -> gpd.GeoDataFrame:
    """Draw the streets that `centrelines` has weighed, each as one line.

    Returns lines with `street_class`, `name` and `source_id`, connected by common vertices where the streets were:

    * A piece of weight 1 stays as it is, cut where it meets a divided street or a roundabout.
    * Carriageways abreast become one line. The longest leads and gives the line its columns; each of its points, every
      STEP_M, moves to the mean of itself and the nearest points of the others within `street_width_m`.
    * A street that crosses a median goes on crossing it and shares a vertex with the mean line; a street that ended on
      a carriageway is led on to the mean line; openings of a median that lead nowhere else are left out.
    * A roundabout becomes its centre, and what ended on it is led there. The two legs between which a street splays
      before it, one towards it and one away, where they weigh 1 and are no longer than `street_width_m`, are part of it:
      the traffic island between them is no block.

    The total is the sum of length x weight but for what lies inside junctions, where the two differ by half a street's
    width; use the weights for lengths and these lines for shapes.

    Raises:
        LayerError: not in a metric CRS, or not the pieces of `centrelines` (no `weight` or `street_class`).

    >>> from suizhou_geo.centrelines import centrelines
    >>> carriageways = shapely.linestrings([[(0, 0), (90, 0)], [(90, 20), (0, 20)]])
    >>> roads = gpd.GeoDataFrame(
    ...     {"road_class": ["arterial"] * 2, "oneway": [True] * 2}, geometry=carriageways, crs="EPSG:4547"
    ... )
    >>> mean_lines(centrelines(roads)).geometry.to_list()
    [<LINESTRING (0 10, 90 10)>]
    """
    crs = metric_crs(pieces.crs, what="pieces: their coordinate system")
    for column in ("weight", "street_class"):
        if column not in pieces.columns:
            raise LayerError(f"pieces have no column {column}; give what `centrelines` returns")
    known = conform(pieces, "roads", crs=crs).reset_index(drop=True)
    weight = pieces["weight"].to_numpy(dtype=float)
    ring = known["roundabout"].to_numpy(dtype=bool)
    single = ~ring & (weight >= 1 - 1e-9)
    shapes = known.geometry.to_numpy()
    circles = _roundabouts(shapes[ring])
    legs = _legs(known, single & (known.length.to_numpy() <= street_width_m), circles)
    roundabouts = _with_legs(circles, shapes[legs])
    divided = np.flatnonzero(~ring & ~single)
    whole = np.setdiff1d(np.flatnonzero(single), legs)
    ways = _carriageways(known.iloc[divided], np.rint(1 / weight[divided]).astype(int) - 1)
    means = _means(ways, street_width_m)
    middle = with_ends(
        means.lines, ways.chain[means.row], means.sources, roundabouts, (ways.lines, ways.chain), width_m=street_width_m
    )
    streets, owner = split_at(shapes[whole], np.concatenate([roundabouts.place, places(ways.xy)]))
    level = ways.kinds["level"].to_numpy()[means.row]
    lines, origin = connected(middle, level, streets, roundabouts, ways.lines, width_m=street_width_m)
    row = np.concatenate([divided[means.row], whole[owner]])[origin]
    about = known.assign(street_class=pieces["street_class"].to_numpy())[_COLUMNS]
    return gpd.GeoDataFrame(about.iloc[row].reset_index(drop=True), geometry=lines, crs=crs)


# --- roundabouts ---------------------------------------------------------------------------------------------------


def _roundabouts(rings: Shapes) -> Roundabouts:
    """The roundabouts that touching lines make up; the centre is that of the box around it."""
    if len(rings) == 0:
        return Roundabouts(np.zeros(0, dtype=complex), np.zeros((0, 2)))
    xy, line = shapely.get_coordinates(rings, return_index=True)
    place, number = np.unique(places(xy), return_inverse=True)
    group = groups(line, len(rings) + number, len(rings) + len(place))
    boxes = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1]}).groupby(group[line])
    middle = (boxes.min() + boxes.max()) / 2
    return Roundabouts(place, middle.loc[group[len(rings) :]].to_numpy())


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
    table["street"] = _streets(table)
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


def _carriageways(known: gpd.GeoDataFrame, others: Ints) -> _Carriageways:
    lines = shapely.segmentize(known.geometry.to_numpy(), STEP_M)
    chain = _chains(lines)
    length_m = np.bincount(chain, shapely.length(lines)).round(_DECIMALS) if len(lines) else np.zeros(0)
    xy, line = shapely.get_coordinates(lines, return_index=True)
    chunks, chunk_line = _chunks(xy, line) if len(lines) else (lines, line)
    return _Carriageways(
        lines=lines,
        chain=chain,
        rank=np.argsort(np.argsort(-length_m, kind="stable"), kind="stable")[chain],
        others=others,
        kinds=pd.DataFrame(
            {
                "street": _streets(known),
                "road_class": pd.factorize(known["road_class"])[0],
                "level": known["level"].to_numpy(dtype=float),
            }
        ),
        xy=xy,
        line=line,
        chunks=chunks,
        chunk_line=chunk_line,
    )


def _streets(known: gpd.GeoDataFrame) -> Ints:
    """The number of the base name; -1 without a name."""
    names = pd.Series([base_name(name)[0] or None for name in known["name"]], dtype=object)
    numbers: Ints = pd.factorize(names)[0].astype(np.intp)
    return numbers


def _chunks(xy: Floats, line: Ints) -> tuple[Shapes, Ints]:
    """Lines of at most CHUNK steps each, and the line each is cut from."""
    first = np.flatnonzero(line[1:] == line[:-1])
    nth = first - np.searchsorted(line, line[first])
    chunk = np.cumsum((np.diff(line[first], prepend=-1) != 0) | (nth % CHUNK == 0)) - 1
    order = np.unique(np.column_stack([np.tile(chunk, 2), np.concatenate([first, first + 1])]), axis=0)
    begins = np.flatnonzero(np.diff(order[:, 0], prepend=-1))
    return shapely.linestrings(xy[order[:, 1]], indices=order[:, 0]), line[order[begins, 1]]


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
    return groups(linked // 2, on[linked] // 2, len(lines))


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


def _abreast(ways: _Carriageways, points: Floats, along: Floats, own: Ints, width_m: float) -> pd.DataFrame:
    """What one sees across the street from each point: `point`, the other's `rank`, and the place x, y on it."""
    point, chunk = shapely.STRtree(ways.chunks).query(shapely.points(points), predicate="dwithin", distance=width_m)
    other = ways.chunk_line[chunk]
    mine, kinds = own[point], ways.kinds.to_numpy(dtype=float)
    named = (kinds[mine, 0] >= 0) & (kinds[other, 0] >= 0)
    same = np.where(named, kinds[mine, 0] == kinds[other, 0], kinds[mine, 1] == kinds[other, 1])
    kept = same & (ways.chain[mine] != ways.chain[other])
    point, other, mine, lines = point[kept], other[kept], mine[kept], ways.chunks[chunk[kept]]
    at_m = shapely.line_locate_point(lines, shapely.points(points[point]))
    there = shapely.get_coordinates(shapely.line_interpolate_point(lines, at_m))
    theirs = _direction(lines, at_m)
    cosine = dot(along[point], theirs)
    axis = unit(along[point] + theirs * np.where(cosine < 0, -1.0, 1.0)[:, None])
    offset = there - points[point]
    across_m = np.hypot(*offset.T)
    seen = np.abs(cosine) >= np.cos(np.radians(FLARE_DEG))
    seen &= np.abs(dot(axis, offset)) <= np.maximum(across_m * np.sin(np.radians(ABREAST_DEG)), TOUCH_M)
    found = pd.DataFrame(
        {
            "point": point,
            "rank": ways.rank[other],
            "x": there[:, 0],
            "y": there[:, 1],
            "cost": across_m + _OTHER_LEVEL_M * (kinds[mine, 2] != kinds[other, 2]),
        }
    )[seen]
    found = found.sort_values(["point", "cost", "rank"]).drop_duplicates(["point", "rank"])
    nth = found.groupby("point").cumcount().to_numpy()
    return found[nth < ways.others[own[found["point"].to_numpy()]]]


def _means(ways: _Carriageways, width_m: float) -> _Means:
    """The leading carriageways moved to the middle of their streets."""
    if len(ways.lines) == 0:
        none = np.zeros(0, dtype=np.intp)
        return _Means(np.zeros(0, dtype=object), none, np.zeros((0, 2)))
    first = np.flatnonzero(ways.line[1:] == ways.line[:-1])  # vertex at the beginning of each segment
    owner = ways.line[first]
    step = ways.xy[first + 1] - ways.xy[first]
    views = _abreast(ways, (ways.xy[first] + ways.xy[first + 1]) / 2, unit(step), owner, width_m)
    point = views["point"].to_numpy()
    leads = np.ones(len(first), dtype=bool)
    leads[point[views["rank"].to_numpy() < ways.rank[owner[point]]]] = False
    moved = _moved(ways, width_m)
    first, owner = first[leads], owner[leads]
    run = np.cumsum(np.diff(first, prepend=-2) != 1) - 1
    vertex = np.concatenate([first, first + 1])
    order = np.unique(np.column_stack([np.tile(run, 2), vertex]), axis=0)
    lines = shapely.linestrings(moved[order[:, 1]], indices=order[:, 0])
    begin = np.flatnonzero(np.diff(order[:, 0], prepend=-1))
    end = np.append(begin[1:], len(order)) - 1
    row = ways.line[order[begin, 1]]
    sources = np.stack([ways.xy[order[begin, 1]], ways.xy[order[end, 1]]], axis=1)
    long = shapely.length(lines) > TOUCH_M
    return _Means(lines[long], row[long], sources[long].reshape(-1, 2))


def _moved(ways: _Carriageways, width_m: float) -> Floats:
    """Every vertex moved to the mean of itself and the places across; where one sees too few, as far as its neighbours."""
    step = np.diff(ways.xy, axis=0, append=ways.xy[-1:])
    inner = np.append(ways.line[1:] == ways.line[:-1], False)
    ahead = unit(step) * inner[:, None]
    behind = np.vstack([np.zeros((1, 2)), ahead[:-1]])
    views = _abreast(ways, ways.xy, unit(ahead + behind), ways.line, width_m)
    seen = np.bincount(views["point"], minlength=len(ways.xy))
    across = np.column_stack([np.bincount(views["point"], views[c], minlength=len(ways.xy)) for c in ("x", "y")])
    offset = (across - ways.xy * seen[:, None]) / (seen + 1)[:, None]
    ruler = np.cumsum(np.append(0.0, np.where(inner, np.hypot(*step.T), 1.0)[:-1]))
    most = pd.Series(seen).groupby(ways.line).transform("max").to_numpy()
    sure = seen == np.minimum(ways.others[ways.line], most)
    for line in np.unique(ways.line[~sure]):
        mine = ways.line == line
        for axis in (0, 1):
            offset[mine, axis] = np.interp(ruler[mine], ruler[mine & sure], offset[mine & sure, axis])
    moved = ways.xy + offset
    ends = np.flatnonzero(~inner | np.append(True, ~inner[:-1]))
    shared = pd.DataFrame({"place": places(ways.xy[ends]), "chain": ways.chain[ways.line[ends]]})
    shared[["x", "y"]] = moved[ends]
    moved[ends] = shared.groupby(["place", "chain"])[["x", "y"]].transform("mean").to_numpy()
    return moved


def _direction(lines: Shapes, at_m: Floats) -> Floats:
    ahead = shapely.line_interpolate_point(lines, np.minimum(at_m + 1.0, shapely.length(lines)))
    behind = shapely.line_interpolate_point(lines, np.maximum(at_m - 1.0, 0.0))
    return unit(shapely.get_coordinates(ahead) - shapely.get_coordinates(behind))
