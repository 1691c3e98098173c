"""Missing links (断点连通): the connection a dead end lacks, what it would cross, and the way it would save."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Ints, Shapes
from suizhou_geo.geometry.components import components
from suizhou_geo.geometry.shapes import layer_of, meets
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.dead_ends import AHEAD_M, SNAP_M, fans
from suizhou_geo.streets.driving_network import driving_network
from suizhou_geo.streets.network import Positions, StreetNetwork, each_reached, positions
from suizhou_geo.study_area import StudyArea

LIMIT_M = 6000.0
BARRIER_AHEAD_M = 200.0
CROSSINGS = ("railway", "river", "motorway", "wall")
# land that stands behind a wall: 1001-1003 and 11 of the 用地用海 classes, M and W of GB 50137, and in words
WALLED_LAND = r"^(?:100[123]|11\d\d|[MW]\d{0,2}$|industrial|warehouse|.*(?:工业|物流|仓储).*)"

_TRIM_M = 1.0
_SAVING_M = 1.0
_HERE_M = 0.1


def missing_links(area: StudyArea, ends: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """For some street ends (rows of `street_ends`), the best connection straight ahead of each.

    Candidates are, on every counted street (bridges and tunnels left out) within 800 m and 60 degrees of the heading:
    its nearest point there, and the point straight ahead. A link crosses no counted street on its way: it
    would end there. The best is the one with the largest detour before, network distance over straight distance; it
    must save at least 1 m. Two of the ends that choose each other share one link.

    Columns: `end` (position in `ends`), `to_end` (position in `ends` of the one it reaches, or -1), `opens` (how many of
    `ends` it opens: 1 or 2), `link_m` (length of the link, which is the way after), `network_m` (the way before, along
    `driving_network`), `at_least` (true where the way before is longer than LIMIT_M and stands as LIMIT_M), `saved_m` =
    network_m - link_m (NaN, like network_m, where no street joins the two sides), `to_street`, `to_class`, the columns
    of `crossings`, line from the end to the far side.

    Errors: InputError for a study without roads.
    """
    roads = judged_roads(area)
    rows = np.flatnonzero(roads["counts"] & ~(roads["bridge"] | roads["tunnel"]).to_numpy(dtype=bool))
    streets = roads.geometry.to_numpy()[rows]
    found = _candidates(area, ends, streets, rows)
    found = found[~_blocked(found.geometry.to_numpy(), streets)].reset_index(drop=True)
    found = _with_detour(driving_network(area).without_barriers(), ends, found)
    found = found[~(found["saved_m"] < _SAVING_M)]
    ratio = (found["network_m"] / found["link_m"]).fillna(0.0)
    order = np.lexsort((found["link_m"], -ratio, found["end"]))
    found = _one_of_two(found.iloc[order].drop_duplicates("end"), ends)
    target = roads.iloc[found["to_row"].to_numpy()]
    name = target["name"].where(target["name"].notna(), None).to_numpy(dtype=object)
    found = found.assign(to_street=name, to_class=target["road_class"].to_numpy())
    told = crossings(area, found.geometry.to_numpy())
    return found.drop(columns="to_row").join(told).set_geometry("geometry")


def _one_of_two(found: gpd.GeoDataFrame, ends: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The links with `to_end` and `opens`; of two ends that choose each other the first keeps the link."""
    far = shapely.get_point(found.geometry.to_numpy(), -1)
    link, other = shapely.STRtree(ends.geometry.to_numpy()).query_nearest(far, max_distance=SNAP_M, all_matches=False)
    to_end = np.full(len(found), -1)
    to_end[link] = other
    chosen = np.full(len(ends), -1)
    chosen[found["end"].to_numpy()] = to_end
    end = found["end"].to_numpy()
    mutual = (to_end >= 0) & (chosen[to_end] == end)
    found = found.assign(to_end=to_end, opens=np.where(to_end >= 0, 2, 1))
    return found[~(mutual & (to_end < end))].reset_index(drop=True)


def crossings(area: StudyArea, lines: Shapes) -> pd.DataFrame:
    """What each of some lines crosses.

    Columns: `crossing` (the first of railway, river, motorway, wall that it crosses, or "none"), `crosses` (all of them:
    "railway, river"), `crosses_names` (of the barriers), `crossing_from` (the layer that told it). What a line crosses
    is told by the barriers layer. Where that knows nothing and the line runs more than 3 m inside a compound, or inside
    industrial or storage land, it is said to cross a wall: such land stands behind one.
    """
    kinds = pd.Series([frozenset[str]()] * len(lines), dtype=object)
    names, told_by = pd.Series("", index=kinds.index), pd.Series("", index=kinds.index)
    if area.barriers is not None and len(area.barriers):
        line, barrier = shapely.STRtree(area.barriers.geometry.to_numpy()).query(lines, predicate="intersects")
        met = area.barriers[["kind", "name"]].iloc[barrier].assign(line=line)
        kinds.update(met.groupby("line")["kind"].agg(frozenset))
        names.update(met.dropna(subset="name").groupby("line")["name"].agg(lambda n: "、".join(sorted(set(n)))))
        told_by[np.unique(line)] = "barriers"
    for layer, land in _walled(area).items():
        line, site = shapely.STRtree(land).query(lines, predicate="intersects")
        inside = np.unique(line[shapely.length(shapely.intersection(lines[line], land[site])) > SNAP_M])
        untold = inside[(told_by[inside] == "").to_numpy()]
        kinds[untold] = [frozenset({"wall"})] * len(untold)
        told_by[untold] = layer
    ordered = [[kind for kind in CROSSINGS if kind in found] for found in kinds]
    return pd.DataFrame(
        {
            "crossing": [found[0] if found else "none" for found in ordered],
            "crosses": [", ".join(found) for found in ordered],
            "crosses_names": names,
            "crossing_from": told_by,
        }
    )


def barriers_ahead(area: StudyArea, ends: gpd.GeoDataFrame) -> pd.DataFrame:
    """What street ends (rows of `street_ends`) stop at: the first barrier straight ahead within BARRIER_AHEAD_M (200 m).

    Columns: `barrier` (railway, river, motorway, wall, or "none"), `barrier_name`. A wall is told as by `crossings`, and
    only where the barriers layer has nothing there.
    """
    apex = shapely.get_coordinates(ends.geometry.to_numpy())
    far = apex + BARRIER_AHEAD_M * ends[["heading_x", "heading_y"]].to_numpy(dtype=float)
    rays = shapely.linestrings(np.stack([apex, far], axis=1))
    if area.barriers is not None and len(area.barriers):
        shapes = area.barriers.geometry.to_numpy()
        end, barrier = shapely.STRtree(shapes).query(rays, predicate="intersects")
        ahead_m = shapely.distance(ends.geometry.to_numpy()[end], shapely.intersection(rays[end], shapes[barrier]))
        order = np.lexsort((barrier, ahead_m, end))
        first, at = np.unique(end[order], return_index=True)
        stops = shapely.line_interpolate_point(rays[first], ahead_m[order][at] + _TRIM_M)
        rays[first] = shapely.linestrings(np.stack([apex[first], shapely.get_coordinates(stops)], axis=1))
    told = crossings(area, rays)
    return told[["crossing", "crosses_names"]].set_axis(["barrier", "barrier_name"], axis=1)


def _walled(area: StudyArea) -> dict[str, Shapes]:
    """The land that stands behind walls, by the layer that knows it."""
    layers = {}
    if area.compounds is not None:
        layers["compounds"] = area.compounds.geometry.to_numpy()
    if area.land_use is not None:
        walled = area.land_use["land_class"].astype(str).str.match(WALLED_LAND)
        layers["land_use"] = area.land_use.geometry.to_numpy()[walled.to_numpy(dtype=bool)]
    return layers


def _candidates(area: StudyArea, ends: gpd.GeoDataFrame, streets: Shapes, rows: Ints) -> gpd.GeoDataFrame:
    """Lines from each end to points of streets ahead: `end`, `to_row`, `link_m`."""
    points = ends.geometry.to_numpy()
    heading = ends[["heading_x", "heading_y"]].to_numpy(dtype=float)
    ahead = fans(points, heading)
    end, street = shapely.STRtree(streets).query(ahead, predicate="intersects")
    near = shapely.shortest_line(points[end], shapely.intersection(streets[street], ahead[end]))
    apex = shapely.get_coordinates(points)
    rays = shapely.linestrings(np.stack([apex + SNAP_M * heading, apex + AHEAD_M * heading], axis=1))
    hit, hit_street = shapely.STRtree(streets).query(rays, predicate="intersects")
    straight = shapely.shortest_line(points[hit], shapely.intersection(streets[hit_street], rays[hit]))
    lines = np.concatenate([near, straight])
    link_m = shapely.length(lines)
    columns = {"end": np.r_[end, hit], "to_row": np.r_[rows[street], rows[hit_street]], "link_m": link_m}
    found = layer_of(lines, area.crs, columns)
    return found[link_m > _HERE_M].reset_index(drop=True)


def _blocked(links: Shapes, streets: Shapes) -> Bools:
    """Whether links cross a street before they arrive."""
    ends = shapely.get_coordinates(links).reshape(-1, 2, 2)
    way = ends[:, 1] - ends[:, 0]
    size = np.hypot(*way.T)[:, None]
    trim = way / size * np.minimum(_TRIM_M, size / 4)
    return meets(shapely.linestrings(np.stack([ends[:, 0] + trim, ends[:, 1] - trim], axis=1)), streets)


def _with_detour(network: StreetNetwork, ends: gpd.GeoDataFrame, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The candidates with `network_m`, `at_least` and `saved_m`."""
    here = _at_nodes(network, ends.geometry.to_numpy())
    there = positions(network, shapely.get_point(found.geometry.to_numpy(), -1))
    there = there.some(np.argsort(there.owner))
    end = found["end"].to_numpy()
    network_m = np.full(len(found), np.nan)
    for k, reach in each_reached(network, here.some(np.unique(end)), limit_m=LIMIT_M):
        mine = np.flatnonzero(end == k)
        to = replace(there.some(mine), owner=np.arange(len(mine)))
        network_m[mine] = np.minimum(reach.distance_m(to, count=len(mine)), LIMIT_M)
    part = components(network.start, network.end, len(network.xy))[network.start]
    network_m[part[there.segment] != part[here.segment[end]]] = np.nan
    return found.assign(
        network_m=network_m, at_least=network_m >= LIMIT_M, saved_m=network_m - found["link_m"].to_numpy()
    )


def _at_nodes(network: StreetNetwork, points: Shapes) -> Positions:
    """Points at vertices of the network, each at that vertex."""
    at = positions(network, points)
    at = at.some(np.argsort(at.owner))
    length_m = network.length_m[at.segment]
    return replace(at, along_m=np.where(at.along_m < length_m / 2, 0.0, length_m), leg_m=np.zeros(len(length_m)))
