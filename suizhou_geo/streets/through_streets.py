"""Crossings: how far each stroke runs through a city, which way, and where it stops inside it.

The ends of a street are its two farthest points in the city. From one to the other goes its bearing; an end is at the
city's edge, or it is a stop: blind, at another street, or where the street goes on in a class that was not chosen.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Ints, Shapes
from suizhou_geo.geometry.lines import places
from suizhou_geo.standards.street_names import base_name
from suizhou_geo.streets.centrelines import STREET_WIDTH_M

BARRIER_M = 150.0
GAP_M = 500.0
WEAK_GRID = 0.3
_TOUCH_M = 1.0


def main_direction_deg(pieces: gpd.GeoDataFrame) -> float:
    """The direction of the grid that is nearest to north, in degrees clockwise from north, -45 to 45.

    `pieces` have a `weight`. The angles of all their bits, by length x weight, are taken modulo a right angle; 0 where
    they follow no grid, which is where less than WEAK_GRID of their length pulls in one direction.

    >>> street = gpd.GeoDataFrame({"weight": [1.0]}, geometry=[shapely.LineString([(0, 0), (100, 1000)])])
    >>> round(main_direction_deg(street), 2)
    5.71
    """
    xy, line = shapely.get_coordinates(pieces.geometry.to_numpy(), return_index=True)
    same = np.diff(line) == 0
    step = np.diff(xy, axis=0)[same]
    weight = pieces["weight"].to_numpy(dtype=float)[line[:-1][same]] * np.hypot(step[:, 0], step[:, 1])
    turned = (weight * np.exp(4j * np.arctan2(step[:, 0], step[:, 1]))).sum()
    if np.abs(turned) <= WEAK_GRID * weight.sum():
        return 0.0
    return float(np.degrees(np.angle(turned)) / 4.0)


def crossings(
    pieces: gpd.GeoDataFrame, number: Ints, city: shapely.Geometry, *, edge_m: float, north_deg: float
) -> gpd.GeoDataFrame:
    """How each stroke runs through the city: one row per stroke, indexed by its number, that lies in it at all.

    `number` is `stroke_numbers(pieces)`. What lies outside the city (a polygon) by more than `edge_m` is cut off; the
    rest is the geometry. `length_m` is its length, each street once; `axis` the direction it is nearer to,
    "north_south" or "east_west", north being `north_deg` clockwise; `slant_deg` the angle of its bearing off that;
    `extent_m` how far it reaches along the axis, `share` that extent over the city's at its place (on the line along the
    axis through the street's middle), `of_city` over the whole city's. `start` and `end` are its ends (points), and
    `start_at_edge`, `end_at_edge` whether they lie within `edge_m` of the city's edge, inside or outside.
    """
    reach = shapely.buffer(city, edge_m)
    shapely.prepare(reach)
    street = pieces[number >= 0]
    stroke = number[number >= 0]
    inside = shapely.intersection(street.geometry.to_numpy(), reach)
    length_m = shapely.length(inside) * street["weight"].to_numpy(dtype=float)
    there = length_m > 0
    inside, stroke, length_m = inside[there], stroke[there], length_m[there]
    rows = []
    for k in np.unique(stroke):
        mine = shapely.get_parts(inside[stroke == k])
        lines = shapely.line_merge(shapely.multilinestrings(mine[shapely.get_dimensions(mine) == 1]))
        rows.append((lines, float(length_m[stroke == k].sum()), *_run(lines, reach, north_deg)))
    columns = ["geometry", "length_m", "axis", "slant_deg", "extent_m", "share", "of_city", "start", "end"]
    table = pd.DataFrame(rows, columns=columns, index=pd.Index(np.unique(stroke), name="stroke"))
    edge = shapely.boundary(city)
    for end in ("start", "end"):
        table[f"{end}_at_edge"] = shapely.distance(table[end].to_numpy(dtype=object), edge) <= edge_m + _TOUCH_M
    return gpd.GeoDataFrame(table, geometry="geometry", crs=pieces.crs)


def _run(lines: shapely.Geometry, reach: shapely.Geometry, north_deg: float) -> tuple[Any, ...]:
    """The axis of one street, its slant, its extent, shares of the city's, and its two ends."""
    xy = shapely.get_coordinates(lines)
    hull = shapely.get_coordinates(shapely.convex_hull(lines))
    apart = ((hull[:, None, :] - hull[None, :, :]) ** 2).sum(axis=2)
    a, b = hull[np.argmax(apart) // len(hull)], hull[np.argmax(apart) % len(hull)]
    bearing_deg = float(np.degrees(np.arctan2(*(b - a)))) - north_deg
    slant_deg = abs((bearing_deg + 90.0) % 180.0 - 90.0)
    axis = "north_south" if slant_deg <= 45.0 else "east_west"
    turn = np.radians(north_deg + (0.0 if axis == "north_south" else 90.0))
    along = np.array([np.sin(turn), np.cos(turn)])
    extent_m, whole_m = float(np.ptp(xy @ along)), float(np.ptp(shapely.get_coordinates(reach) @ along))
    middle = shapely.get_coordinates(shapely.centroid(lines))[0]
    ray = shapely.linestrings([middle - 3.0 * whole_m * along, middle + 3.0 * whole_m * along])
    chord = shapely.get_coordinates(shapely.intersection(reach, ray)) @ along
    here_m = float(np.ptp(chord)) if len(chord) else whole_m
    share = min(1.0, extent_m / max(here_m, _TOUCH_M))
    off_deg = slant_deg if axis == "north_south" else 90.0 - slant_deg
    return axis, off_deg, extent_m, share, extent_m / whole_m, shapely.Point(a), shapely.Point(b)


def stops(
    found: gpd.GeoDataFrame,
    pieces: gpd.GeoDataFrame,
    number: Ints,
    roads: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame | None,
) -> gpd.GeoDataFrame:
    """Where the streets of `crossings` stop inside the city: one point per end that is not at its edge.

    `roads` are all streets that may lead on, indexed as `pieces["row"]` says which row a piece was cut from. Columns:
    `stroke`, `broken`, `kind`, `barrier_name` and `gap_m`, how far it is to where another street of its name begins, at
    most GAP_M. A street is broken where a street of its name goes on beyond a barrier (`kind` is the kind of that
    barrier), or where no other street touches its end (that of the nearest barrier within BARRIER_M, or "unknown").
    Elsewhere `kind` is "lower_class" where its name leads on, or "junction".
    """
    rows = []
    lines = roads.geometry.to_numpy()
    tree = shapely.STRtree(lines)
    base = np.array([base_name(name)[0] for name in roads["name"]], dtype=object)
    position = pd.Series(np.arange(len(roads)), index=roads.index)
    for k, street in found.iterrows():
        mine = number == k
        own = np.zeros(len(roads), dtype=bool)
        own[position.loc[pieces["row"][mine].unique()].to_numpy()] = True
        namesakes = lines[~own & np.isin(base, list(set(base[own]) - {""}))]
        loose = _loose_ends(pieces.geometry.to_numpy()[mine])
        for end in (street[key] for key in ("start", "end") if not street[f"{key}_at_edge"]):
            gaps = shapely.shortest_line(end, namesakes)
            gap = gaps[np.argmin(shapely.length(gaps))] if len(gaps) else None
            gap_m = float(shapely.length(gap)) if gap is not None else np.inf
            near = loose[shapely.distance(loose, end) <= STREET_WIDTH_M]
            on = tree.query(near, predicate="dwithin", distance=_TOUCH_M)[1]
            blind = len(near) > 0 and bool(own[on].all())
            kind, barrier = _nearest(barriers, gap, 0.0) if gap_m <= GAP_M else (None, None)
            broken = blind or kind is not None
            if kind is None and blind:
                kind, barrier = _nearest(barriers, end, BARRIER_M)
            if kind is None:
                kind = "unknown" if blind else "lower_class" if gap_m <= _TOUCH_M else "junction"
            rows.append((k, broken, kind, barrier, gap_m if gap_m <= GAP_M else np.nan, end))
    columns = ["stroke", "broken", "kind", "barrier_name", "gap_m", "geometry"]
    table = pd.DataFrame(rows, columns=columns).astype({"stroke": np.int64, "broken": bool, "gap_m": float})
    return gpd.GeoDataFrame(table, geometry="geometry", crs=pieces.crs)


def _loose_ends(lines: Shapes) -> Shapes:
    """The ends of the lines at which no other of them has a vertex."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    node = np.unique(places(xy), return_inverse=True)[1]
    visits = np.unique(np.column_stack([node, line]), axis=0)
    alone = np.bincount(visits[:, 0]) == 1
    is_end = (np.diff(line, prepend=-1) != 0) | (np.diff(line, append=-1) != 0)
    return np.asarray(shapely.points(xy[is_end & alone[node]]))


def _nearest(
    barriers: gpd.GeoDataFrame | None, shape: shapely.Geometry, within_m: float
) -> tuple[str | None, str | None]:
    """Kind and name of the barrier nearest to a shape, if there is one within so many metres."""
    if barriers is None or barriers.empty:
        return None, None
    away_m = shapely.distance(barriers.geometry.to_numpy(), shape)
    nearest = int(away_m.argmin())
    if away_m[nearest] > within_m:
        return None, None
    row = barriers.iloc[nearest]
    return str(row["kind"]), row["name"]
