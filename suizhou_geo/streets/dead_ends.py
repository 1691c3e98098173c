"""Dead ends (断头路): where streets stop, told apart by why they stop.

A street network is a graph of shared vertices. An end of a street is a vertex where one street comes in and none goes
on; the two carriageways of a street that meet or stop side by side are one end. Most ends are no dead ends: they lie
at the edge of the map, in a compound, at a turning circle, or the drawing misses the next street by a hair.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.shapes import meets, shapes_of
from suizhou_geo.streets.centrelines import PAIR_WIDTH_M
from suizhou_geo.streets.counted_roads import compound_land, judged_roads, middle_inside, own_grounds
from suizhou_geo.streets.graph import SegmentGraph, segment_graph, segment_groups
from suizhou_geo.streets.street_ends import CIRCLE_M, End, ends_of, side_by_side
from suizhou_geo.study_area import StudyArea, per_area

REASONS = (
    "dead_end",
    "gap_repaired",
    "data_edge",
    "overshoot",
    "bridge_or_tunnel",
    "compound",
    "goes_on",
    "construction",
    "cul_de_sac",
    "turning_circle",
    "nothing_ahead",
    "turns_back",
)
SNAP_M = 3.0
EDGE_M = 50.0
CUL_DE_SAC_M = 150.0
OVERSHOOT_M = 30.0
STRUCTURE_M = 20.0
AHEAD_M = 800.0
AHEAD_DEG = 60.0
CONSTRUCTION_M = 20.0
BEHIND_M = 20.0
BEYOND_SHARE = 0.05  # of the zones beyond the roads: less is a rim of fields
THRESHOLDS = {
    "gap_m": SNAP_M,
    "edge_m": EDGE_M,
    "overshoot_m": OVERSHOOT_M,
    "structure_m": STRUCTURE_M,
    "construction_m": CONSTRUCTION_M,
    "cul_de_sac_m": CUL_DE_SAC_M,
    "circle_m": CIRCLE_M,
    "ahead_m": AHEAD_M,
    "ahead_deg": AHEAD_DEG,
    "behind_m": BEHIND_M,
    "carriageways_m": PAIR_WIDTH_M,
}

_CUT_M = 1.0
_BEYOND_M = 0.1
_ON_LINE_M = 0.2
_ASLANT = 0.3  # of the sine: streets that meet their line at less than 17 degrees run along it


@per_area
def street_ends(area: StudyArea) -> gpd.GeoDataFrame:
    """Every end of the counted streets (see `judged_roads`), on the uncut network, with the reason it is one.

    `reason`, the first that holds:

    * "gap_repaired": another street runs within SNAP_M (3 m), on the same level and with no barrier between: the
      drawing misses it. `repair` is the line that joins them.
      Neither a turning circle nor an end a mapper has confirmed (`confirmed`, noexit=yes) is a gap.
    * "data_edge": outside the zones, on their outline (cut there, to 1 m), where an extract lacks the rest of a way, or
      within EDGE_M (50 m) of the convex hull of the whole roads layer: the map may stop, not the street. Not so at the
      hull where a mapper has confirmed the end.
    * "overshoot": less than OVERSHOOT_M (30 m, half the width of a wide street) beyond a junction: a line that was
      drawn too far, such as into the median.
    * "bridge_or_tunnel": another end faces it within STRUCTURE_M (20 m), and one of the two is a bridge or a tunnel:
      the drawing does not join what the structure carries on. A bridge that ends before nothing is a dead end.
    * "compound": inside a compound (封闭小区), or a street of a compound takes over.
    * "goes_on": a service road, pedestrian street, plaza, motorway, ramp, or a street closed to the public or inside an
      institution ("private", "institution") takes over, or the street ends on such grounds; `goes_on_as` says which. A
      mere path does not: where people can walk on and vehicles cannot, it is a dead end with `path_goes_on` true.
    * "construction": a street that is being built lies within CONSTRUCTION_M (20 m).
    * "cul_de_sac": a local street (街坊道路) of less than CUL_DE_SAC_M (150 m) from its last junction, with no loop drawn.
    * "turning_circle": a roundabout or closed loop of at most CIRCLE_M (250 m) with no other arm, or a turning circle
      of the layer termini.
    * "nothing_ahead": no other counted street lies within AHEAD_M (800 m) and 60 degrees of its heading. A dead end is
      a street that stops although streets continue; where the city or the map ends there is nothing to link.
    * "turns_back": two lines of one street meet in a sharp corner and turn back. Nobody says that they are one-way: the
      street may bend there, or end with its two carriageways.
    * "dead_end": none of these.

    Ends of carriageways of one street (same name but for words like 辅路, or no names and one class) that meet or stop
    side by side within 80 m, heading the same way within 30 degrees, are one end: `carriageways` of them.

    Returns one row per end, in the order of the roads: `street`, `road_class`, `source_id`, `reason`, `goes_on_as`,
    `path_goes_on`, `confirmed`, `abreast` (ends of one number may be one, see `side_by_side`), `cut` (the layer may have
    been cut there, see `_along_a_cut`), `carriageways`, `stub_m` (length back to the last junction), `heading_x`,
    `heading_y` (unit vector out of the street, over its last 50 m), `zone` (position in zones, -1 outside), `zone_id`,
    `row` (position in roads), `repair` (line or None), point.

    Errors: InputError as `judged_roads`.
    """
    roads = judged_roads(area)
    counted = roads["counts"].to_numpy()
    rows = np.flatnonzero(counted)
    streets = roads.iloc[rows]
    graph = segment_graph(streets.geometry.to_numpy()).drawn_once()
    found = ends_of(graph, streets)
    points = shapely.points(graph.xy[[e.node for e in found]]) if found else np.empty(0, dtype=object)
    own = streets.iloc[[e.row for e in found]]
    zone = _zone_of(points, area)
    ring = np.array([e.kind == "circle" for e in found], dtype=bool)
    circle = ring | _at_terminus(area, points, "turning_circle")
    confirmed = _at_terminus(area, points, "no_exit")
    repair = _repairs(area, graph, streets, found, points, told=circle | confirmed)
    takes_over, in_compound = _takes_over(area, roads[~counted], points)
    stub_m = np.array([e.stub_m for e in found], dtype=float)
    heading = np.array([e.heading for e in found], dtype=float).reshape(-1, 2)
    turn = np.array([e.kind == "turn" for e in found], dtype=bool)
    row = np.array([e.row for e in found], dtype=np.intp)
    local = own["road_class"].eq("local").to_numpy()
    tests = {
        "gap_repaired": ~shapely.is_missing(repair),
        "data_edge": (zone < 0) | _at_terminus(area, points, "cut") | (~confirmed & _at_the_edge(points, area)),
        "overshoot": (stub_m < OVERSHOOT_M) & ~circle,
        "bridge_or_tunnel": _at_a_structure(own, heading, points),
        "compound": in_compound | _deep_inside(shapes_of(area.compounds), points),
        "goes_on": takes_over != "",
        "construction": _at_terminus(area, points, "construction", within_m=CONSTRUCTION_M),
        "cul_de_sac": local & ~ring & (stub_m < CUL_DE_SAC_M),
        "turning_circle": circle,
        "nothing_ahead": _nothing_ahead(streets, own.index, points, heading),
        "turns_back": turn,
    }
    abreast = side_by_side(streets, row, heading, points)
    ids = area.zones.index.to_numpy()
    return gpd.GeoDataFrame(
        {
            "street": own["name"].where(own["name"].notna(), None).to_numpy(dtype=object),
            "road_class": own["road_class"].to_numpy(),
            "source_id": own["source_id"].to_numpy(),
            "reason": np.select(list(tests.values()), list(tests), default="dead_end"),
            "goes_on_as": takes_over,
            "path_goes_on": meets(points, shapes_of(area.walkways), within_m=SNAP_M),
            "confirmed": confirmed,
            "abreast": abreast,
            "cut": ~confirmed & _along_a_cut(shapes_of(area.roads), points, heading, abreast),
            "carriageways": np.array([len(e.lanes) for e in found], dtype=int),
            "stub_m": stub_m,
            "heading_x": heading[:, 0],
            "heading_y": heading[:, 1],
            "zone": zone,
            "zone_id": np.where(zone >= 0, ids.astype(object)[zone], None),
            "row": rows[row],
            "repair": repair,
        },
        geometry=points,
        crs=area.crs,
    )


@per_area
def hull_of_roads(area: StudyArea) -> shapely.Geometry:
    """The convex hull of the whole roads layer: beyond it nothing is known of streets."""
    return shapely.convex_hull(shapely.geometrycollections(shapes_of(area.roads)))


@per_area
def beyond_the_roads(area: StudyArea) -> float:
    """The share of the zones that lies beyond all roads: more than EDGE_M outside their convex hull."""
    zones = area.zones.geometry.to_numpy()
    beyond = shapely.difference(zones, shapely.buffer(hull_of_roads(area), EDGE_M))
    return float(shapely.area(beyond).sum() / shapely.area(zones).sum())


def fans(points: Shapes, heading: Floats) -> Shapes:
    """What lies ahead of each point: a sector of AHEAD_M, AHEAD_DEG to either side of the heading (unit vectors)."""
    way = np.arctan2(heading[:, 1], heading[:, 0])
    turn = way[:, None] + np.radians(np.linspace(-AHEAD_DEG, AHEAD_DEG, 25))
    apex = shapely.get_coordinates(points)[:, None, :]
    rim = apex + AHEAD_M * np.stack([np.cos(turn), np.sin(turn)], axis=2)
    sectors: Shapes = shapely.polygons(np.concatenate([apex, rim, apex], axis=1))
    return sectors


def _zone_of(points: Shapes, area: StudyArea) -> Ints:
    zone = np.full(len(points), len(area.zones))
    point, outline = shapely.STRtree(area.zones.geometry.to_numpy()).query(points, predicate="intersects")
    np.minimum.at(zone, point, outline)
    return np.where(zone < len(area.zones), zone, -1)


def _at_the_edge(points: Shapes, area: StudyArea) -> Bools:
    """Whether points lie within EDGE_M of the hull of the roads layer, or on the outline of the zones."""
    hull = hull_of_roads(area)
    rim = shapely.boundary(hull) if shapely.get_dimensions(hull) == 2 else hull
    outline = shapely.boundary(shapely.union_all(area.zones.geometry.to_numpy()))
    edge: Bools = (shapely.distance(points, rim) <= EDGE_M) | (shapely.distance(points, outline) <= _CUT_M)
    return edge


def _along_a_cut(roads: Shapes, points: Shapes, heading: Floats, abreast: Ints) -> Bools:
    """Whether ends lie on one straight line as if somebody had cut the roads there: nothing goes on behind the line.

    On the line, to _ON_LINE_M, lie two more ends within AHEAD_M that come from the same side, or one more where both
    streets meet the line at right angles. Within BEHIND_M (20 m) behind the line between them there is no road of the
    layer. The carriageways of one street (`abreast`) are one end.
    """
    xy = shapely.get_coordinates(points)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=AHEAD_M)
    apart = abreast[one] != abreast[other]
    one, other = one[apart], other[apart]
    way = xy[other] - xy[one]
    apart_m = np.hypot(*way.T)
    off_m = [(way * heading[end]).sum(axis=1) for end in (one, other)]  # from the line that is square to each street
    square = np.maximum(*np.abs(off_m)) <= _ON_LINE_M
    turned = (way[:, 0] < 0) | ((way[:, 0] == 0) & (way[:, 1] < 0))
    along = way / np.where(turned, -apart_m, apart_m)[:, None]
    side = [along[:, 0] * heading[end, 1] - along[:, 1] * heading[end, 0] for end in (one, other)]
    meet = (np.minimum(*np.abs(side)) > _ASLANT) & (side[0] * side[1] > 0)
    third = np.zeros(len(one), dtype=bool)
    third[meet] = _in_line(one[meet], along[meet], apart_m[meet], side[0][meet] > 0)
    found = np.flatnonzero(meet & (square | third))
    behind = np.sign(side[0][found])[:, None] * np.column_stack([-along[found, 1], along[found, 0]])
    left, right = xy[one[found]], xy[other[found]]
    corners = [left + _CUT_M * behind, right + _CUT_M * behind, right + BEHIND_M * behind, left + BEHIND_M * behind]
    taken = meets(shapely.polygons(np.stack([*corners, corners[0]], axis=1)), roads)
    return np.isin(np.arange(len(points)), one[found[~taken]])


def _in_line(one: Ints, along: Floats, apart_m: Floats, left: Bools) -> Bools:
    """Of pairs of points: whether a second pair with the same first point lies on the same line and side."""
    bearing = np.arctan2(along[:, 1], along[:, 0])
    order = np.lexsort((bearing, left, one))
    near, far = order[:-1], order[1:]
    same = (one[near] == one[far]) & (left[near] == left[far])
    across = np.abs(along[near, 0] * along[far, 1] - along[near, 1] * along[far, 0])
    same &= across * np.minimum(apart_m[near], apart_m[far]) <= _ON_LINE_M
    result = np.zeros(len(one), dtype=bool)
    result[near[same]] = result[far[same]] = True
    return result


def _at_terminus(area: StudyArea, points: Shapes, kind: str, *, within_m: float = SNAP_M) -> Bools:
    """Whether points lie at what the layer termini holds of a kind."""
    if area.termini is None:
        return np.zeros(len(points), dtype=bool)
    return meets(points, shapes_of(area.termini[area.termini["kind"] == kind]), within_m=within_m)


def _repairs(
    area: StudyArea, graph: SegmentGraph, streets: gpd.GeoDataFrame, ends: list[End], points: Shapes, *, told: Bools
) -> Shapes:
    """For each loose end the line that joins it to the street it just misses, or None; none for ends that are told."""
    repair = np.full(len(ends), None, dtype=object)
    loose = ~told & np.array([e.kind == "loose" and e.stub_m > 2 * SNAP_M for e in ends], dtype=bool)
    if not loose.any():
        return repair
    end, segment = graph.tree.query(points, predicate="dwithin", distance=SNAP_M)
    end, segment = end[loose[end]], segment[loose[end]]
    level = streets["level"].to_numpy()
    row = np.array([e.row for e in ends], dtype=np.intp)
    chain = segment_groups(graph, graph.degree == 2)
    own = [{int(chain[s]) for node in e.lanes for s in graph.at(node)} for e in ends]
    other = np.array([chain[s] not in own[e] for e, s in zip(end, segment, strict=True)], dtype=bool)
    other &= level[row[end]] == level[graph.line[segment]]
    end, segment = end[other], segment[other]
    across = shapely.shortest_line(points[end], graph.segments[segment])
    order = np.lexsort((shapely.length(across), end))
    order = order[~meets(across, shapes_of(area.barriers))[order]]
    nearest, at = np.unique(end[order], return_index=True)
    repair[nearest] = across[order][at]
    return repair


def _takes_over(area: StudyArea, others: gpd.GeoDataFrame, points: Shapes) -> tuple[npt.NDArray[np.str_], Bools]:
    """What road that is no counted street goes on at each end ("" for none), and whether it is one of a compound."""
    says = np.full(len(points), "", dtype="U16")
    kinds = others["road_class"].where(~others["ramp"].to_numpy(dtype=bool), "ramp")
    kinds = kinds.mask(others["left_out"].isin(["private", "institution"]), others["left_out"]).to_numpy(dtype=object)
    motorway = kinds == "motorway"
    shapes = others.geometry.to_numpy()
    shapes = np.where(motorway, shapely.boundary(shapes), shapes)  # a street that stops under a motorway is cut by it
    point, line = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=SNAP_M)
    says[point[::-1]] = kinds[line[::-1]].astype("U16")
    says[meets(points, shapes_of(area.plazas), within_m=SNAP_M)] = "pedestrian"
    says[(says == "") & _deep_inside(own_grounds(area), points)] = "institution"
    inner = middle_inside(others.geometry.to_numpy()[line], compound_land(area)) & np.isin(
        kinds[line], ["service", "local"]
    )
    return says, np.isin(np.arange(len(points)), point[inner])


def _deep_inside(shapes: Shapes, points: Shapes) -> Bools:
    """Whether points lie inside a compound or an institution, not just at its wall."""
    point, shape = shapely.STRtree(shapes).query(points, predicate="intersects")
    deep = shapely.distance(points[point], shapely.boundary(shapes[shape])) > SNAP_M
    return np.isin(np.arange(len(points)), point[deep])


def _at_a_structure(own: gpd.GeoDataFrame, heading: Floats, points: Shapes) -> Bools:
    """Whether two ends face each other within STRUCTURE_M, one of them of a bridge or a tunnel."""
    structure = own["bridge"].to_numpy(dtype=bool) | own["tunnel"].to_numpy(dtype=bool)
    a, b = shapely.STRtree(points).query(points, predicate="dwithin", distance=STRUCTURE_M)
    facing = ((heading[a] * heading[b]).sum(axis=1) < 0) & (structure[a] | structure[b])
    return np.isin(np.arange(len(points)), a[facing])


def _nothing_ahead(streets: gpd.GeoDataFrame, own: pd.Index, points: Shapes, heading: Floats) -> Bools:
    """Whether no street but the ending line itself comes into the sector ahead; lines that only touch the end do not."""
    ahead = fans(shapely.points(shapely.get_coordinates(points) + _BEYOND_M * heading), heading)
    sector, line = shapely.STRtree(streets.geometry.to_numpy()).query(ahead, predicate="intersects")
    other = streets.index.to_numpy()[line] != own.to_numpy()[sector]
    return ~np.isin(np.arange(len(points)), sector[other])
