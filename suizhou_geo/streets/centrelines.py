"""One street, one centreline (一街一线): how much each road line weighs when every street is counted once.

Road network density is a length of streets, not of carriageways: a dual carriageway (双幅路), a main road with its side
roads (辅路) and a roundabout (环岛) are drawn as several lines and are one street. Lines are not redrawn here; each is
cut into pieces and each piece gets a weight, so that sum(length x weight) is the length of the streets, and the class,
the name and the source of every metre stay known.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Ints
from suizhou_geo.geometry.components import components_at
from suizhou_geo.geometry.crs import metric_crs
from suizhou_geo.geometry.lines import places
from suizhou_geo.standards import table
from suizhou_geo.standards.street_names import spellings
from suizhou_geo.streets.carriageways import NOTHING_M, SECTION_M, Sections, Segments
from suizhou_geo.streets.one_street import Kinds, Limits, Names, abreast
from suizhou_geo.streets.overlaps import with_overlaps
from suizhou_geo.study_area.layers import conform

STREET_WIDTH_M = 100.0
PAIR_WIDTH_M = 62.0
UNTOLD_WIDTH_M = 30.0
SURE_WIDTH_M = 30.0
PARALLEL_DEG = 25.0
FLARE_DEG = 60.0
OVERLAP_SHARE = 0.6
ALWAYS_DIVIDED = ("motorway", "expressway")


def centrelines(
    roads: gpd.GeoDataFrame,
    *,
    street_width_m: float = STREET_WIDTH_M,
    pair_width_m: float = PAIR_WIDTH_M,
    untold_width_m: float = UNTOLD_WIDTH_M,
    parallel_deg: float = PARALLEL_DEG,
    flare_deg: float = FLARE_DEG,
    overlap_share: float = OVERLAP_SHARE,
    merge_levels: bool = False,
) -> gpd.GeoDataFrame:
    """Cut the lines of a `roads` layer into pieces and say what share of each counts, so that each street counts once.

    Returns the pieces: exact parts of the lines that cover each line once, in the order of the rows, with all columns
    of their row, `weight` in (0, 1], and `street_class`, the highest class of the carriageways abreast: a side road
    (辅路) drawn as 支路 beside its 主干路 is part of a 主干路. sum(length x weight) is the length of the network in
    metres, and by `street_class` the lengths of its classes; with `weight_low` all that may be one street is, with
    `weight_high` only what is sure to be. The caller chooses the classes beforehand, leaves ramps (匝道) out, and cuts at
    zones afterwards: a street cut first may lose its other carriageway.

    * Lines drawn n times, in whole or in part, weigh 1/n: what runs within ON_TOP_M of another line of its level, whatever
      its vertices. Drawn once each way, they are a two-way street.
    * Lines are crossed every SECTION_M or less. A section weighs 1/k where k carriageways of its street lie abreast: both
      one-way, one name in any of its spellings but for words like 辅路 and 主路, within `street_width_m`, parallel within
      `parallel_deg`. Opposite ones may diverge up to `flare_deg` within `pair_width_m`, as they do before a roundabout.
      Two-way lines take part where one of the names says 辅路 or 主路. Lines of two different names are two streets.
    * One-way lines without a name pair with the nearest opposite one of their class within `pair_width_m`, unless that
      one has a nearer neighbour, or they are in a row of streets at like distances whose directions alternate. Beyond
      SURE_WIDTH_M, and less for a 支路 or below, that is a guess. Further apart, only a name tells a wide street from two
      streets a block apart.
    * Where it is not said which way traffic runs, what is one street is a guess: by name within the width of the class
      ([untold_width_m] of road_classes.toml, at most `pair_width_m`); without names by the nearest line of the class that
      is in no row of streets, in whichever direction they are drawn, within the width of the class (at most
      `untold_width_m`, `pair_width_m` for the classes ALWAYS_DIVIDED); and along at least `overlap_share` of their length
      between two junctions. At the most, lines of one name are one street within `street_width_m`, nameless ones within
      the widest of their class, and side roads of lower classes belong to it.
    * `oneway` None is not said. False is believed where directions are told nearby: where most lines that look like two
      carriageways are one-way (`told_nearby`), and beside a line that is one-way.
    * A roundabout of diameter D with n arms stands for the n half-diameters that join them, n x D / 2: two streets that
      cross in it count D each. Its lines, however cut, weigh n / 2 pi, between 1 / 2 pi and 1; a one-way arm is half
      an arm, ramps are none.
    * A ramp that was left in is one more carriageway where it runs beside a divided road of its class.
    * Lines on different `level` are different roads: an elevated road over a ground road (高架与地面道路) counts as two,
      whatever their names, unless `merge_levels`; a bridge whose level is not said is above the ground. But half a road is
      none: where a street has one direction only on one of two levels, and all there lie parallel and BESIDE_M or more
      beside all on the other, they are abreast, as where one carriageway has a bridge and the others have not. Without
      names, both levels must have one direction only; where directions are not told, levels stay apart.

    Everything else weighs 1. A line of no length gives no piece.

    Raises:
        LayerError: `roads` is not in a metric CRS or not a `roads` layer (see `conform`).

    >>> carriageways = shapely.linestrings([[(0, 0), (900, 0)], [(900, 20), (0, 20)]])
    >>> roads = gpd.GeoDataFrame(
    ...     {"road_class": "arterial", "name": ["交通大道", "交通大道"], "oneway": True},
    ...     geometry=carriageways,
    ...     crs="EPSG:4547",
    ... )
    >>> pieces = centrelines(roads)
    >>> float((pieces.length * pieces["weight"]).sum())
    900.0
    """
    crs = metric_crs(roads.crs, what=Text("图层 roads", "layer roads: its coordinate system"))
    known = conform(roads, "roads", crs=crs)
    named_m, nameless_m, widest_m, side_m, sure_m = _widths(known)
    limits = Limits(
        street_width_m,
        pair_width_m,
        np.minimum(sure_m, min(SURE_WIDTH_M, pair_width_m)),
        np.minimum(named_m, pair_width_m),
        np.where(np.isin(_classes(known), ALWAYS_DIVIDED), pair_width_m, np.minimum(nameless_m, untold_width_m)),
        np.minimum(widest_m, pair_width_m),
        np.minimum(side_m, pair_width_m),
        parallel_deg,
        flare_deg,
        overlap_share,
    )
    kinds = _kinds(known, merge_levels=merge_levels)
    segments = _segments(known, kinds)
    if len(segments.line) == 0:
        none = np.zeros(0)
        return roads.iloc[:0].assign(
            street_class=roads["road_class"].iloc[:0], weight=none, weight_low=none, weight_high=none
        )
    segments = with_overlaps(segments, kinds)
    sections = _sections(segments, kinds)
    found = abreast(segments, sections, kinds, limits)
    weights = np.column_stack(
        [
            _ring_weights(segments, sections, kinds, count)[sections.segment]
            / (segments.copies[sections.segment] * count)
            for count in (found.count, found.most, found.fewest)
        ]
    )
    return _pieces(roads, segments, sections, weights, found.grade)


def _kinds(known: gpd.GeoDataFrame, *, merge_levels: bool) -> Kinds:
    ring = known["roundabout"].to_numpy(dtype=bool)
    level = known["level"].to_numpy(dtype=float)
    raised = known["bridge"].to_numpy(dtype=float) - known["tunnel"].to_numpy(dtype=float)
    level = np.where(level == 0, raised, level)  # a bridge whose level nobody gives is above the ground
    return Kinds(
        names=_names(known),
        marked=np.array([spellings(name)[1] for name in known["name"]], dtype=bool),
        grade=pd.Categorical(known["road_class"], categories=_classes(known)).codes.astype(np.intp),
        divided=known["road_class"].isin(ALWAYS_DIVIDED).to_numpy(),
        level=np.unique(np.zeros(len(known)) if merge_levels else level, return_inverse=True)[1],
        one_way=known["oneway"].eq(True).to_numpy(dtype=bool) & ~ring,
        two_way=known["oneway"].eq(False).to_numpy(dtype=bool),
        ramp=known["ramp"].to_numpy(dtype=bool),
        ring=ring,
    )


def _names(known: gpd.GeoDataFrame) -> Names:
    street, sets = pd.factorize(pd.Series([spellings(name)[0] or None for name in known["name"]], dtype=object))
    numbers = {spelling: number for number, spelling in enumerate(sorted({word for words in sets for word in words}))}
    spelled = np.full((len(sets), max(map(len, sets), default=1)), -1)
    for row, words in enumerate(sets):
        spelled[row, : len(words)] = [numbers[word] for word in words]
    return Names(street.astype(np.intp), spelled)


def _widths(known: gpd.GeoDataFrame) -> Floats:
    """The widths of [untold_width_m], one row each, by class."""
    rows = table("road_classes")["untold_width_m"]
    others = rows["others"]
    words = ("named", "nameless", "widest", "side_road", "sure")
    classes = _classes(known)
    return np.array([[rows.get(name, others)[word] for name in classes] for word in words])


def _classes(known: gpd.GeoDataFrame) -> list[str]:
    """The road classes from the highest to the lowest; classes that are no standard's come last."""
    standard = list(table("road_classes")["classes"])
    return standard + sorted(set(known["road_class"].unique()) - set(standard))


def _segments(known: gpd.GeoDataFrame, kinds: Kinds) -> Segments:
    parts, row = shapely.get_parts(known.geometry.to_numpy(), return_index=True)
    xy, line = shapely.get_coordinates(parts, return_index=True)
    node = np.unique(places(xy), return_inverse=True)[1]
    length_m = np.hypot(*np.diff(xy, axis=0).T)
    first = np.flatnonzero((line[1:] == line[:-1]) & (length_m > 0))
    line, length_m = line[first], length_m[first]
    new_line = np.cumsum(np.diff(line, prepend=line[:1]) != 0)
    ruler = np.concatenate([[0.0], np.cumsum(length_m)])
    tail_node, head_node = node[first], node[first + 1]
    low, high = np.minimum(tail_node, head_node), np.maximum(tail_node, head_node)
    place = (low * (node.max(initial=0) + 1) + high) * (kinds.level.max(initial=0) + 1) + kinds.level[row[line]]
    _, bundle, copies = np.unique(place, return_inverse=True, return_counts=True)
    alike = 2 * bundle + kinds.one_way[row[line]]  # a one-way line and one of which nothing is said are no two
    upward = np.bincount(alike, tail_node < head_node)
    return Segments(
        tail=xy[first],
        head=xy[first + 1],
        tail_node=tail_node,
        head_node=head_node,
        start_m=ruler[:-1] + new_line,
        end_m=ruler[1:] + new_line,
        line=line,
        row=row[line],
        bundle=bundle,
        copies=copies[bundle],
        both_ways=((upward > 0) & (upward < np.bincount(alike)))[alike],
    )


def _sections(segments: Segments, kinds: Kinds) -> Sections:
    """Cut stretches of the same line and number of copies into equal sections, so that both ends are treated alike."""
    change = (np.diff(segments.line) != 0) | (np.diff(segments.copies) != 0)
    first = np.flatnonzero(np.append(True, change))
    last = np.append(first[1:], len(segments.line)) - 1
    start_m, end_m = segments.start_m[first], segments.end_m[last]
    sampled = ~kinds.ring[segments.row[first]]
    cuts = np.where(sampled, np.ceil((end_m - start_m) / SECTION_M - NOTHING_M), 1).astype(int)
    cuts = np.maximum(cuts, 1)
    stretch = np.repeat(np.arange(len(cuts)), cuts)
    nth = np.arange(cuts.sum()) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    left = start_m[stretch] + (end_m - start_m)[stretch] * nth / cuts[stretch]
    right = np.where(nth == cuts[stretch] - 1, end_m[stretch], np.append(left[1:], 0.0))
    middle = np.searchsorted(segments.end_m, (left + right) / 2)
    return Sections(start_m=left, end_m=right, segment=middle, sampled=sampled[stretch])


def _ring_weights(segments: Segments, sections: Sections, kinds: Kinds, count: Floats) -> Floats:
    """The weight of each segment for being part of a roundabout: arms / 2 pi; 1 elsewhere.

    A one-way arm, and one of several carriageways abreast, is half an arm.
    """
    weight = np.ones(len(segments.line))
    ring = np.flatnonzero(kinds.ring[segments.row])
    if len(ring) == 0:
        return weight
    ends = np.concatenate([segments.tail_node[ring], segments.head_node[ring]])
    group = components_at(np.tile(np.arange(len(ring)), 2), ends, len(ring))
    nodes = int(max(segments.tail_node.max(), segments.head_node.max())) + 1
    group_at = np.full(nodes, -1)
    group_at[segments.tail_node[ring]] = group
    group_at[segments.head_node[ring]] = group
    street = np.flatnonzero(~(kinds.ring | kinds.ramp)[segments.row])
    section = np.searchsorted(sections.start_m, (segments.start_m + segments.end_m)[street] / 2, side="right") - 1
    half = (kinds.one_way[segments.row[street]] & ~segments.both_ways[street]) | (count[section] > 1.5)
    share = np.where(half, 0.5, 1.0) / segments.copies[street]
    arms = np.zeros(group.max() + 1)
    for node in (segments.tail_node[street], segments.head_node[street]):
        at = group_at[node]
        arms += np.bincount(at[at >= 0], share[at >= 0], minlength=len(arms))
    weight[ring] = np.minimum(np.maximum(arms, 1.0) / (2 * np.pi), 1.0)[group]
    return weight


def _pieces(
    roads: gpd.GeoDataFrame, segments: Segments, sections: Sections, weights: Floats, grade: Ints
) -> gpd.GeoDataFrame:
    """The sections as lines again, neighbours of one line, the same weights and one class in one piece."""
    line = segments.line[sections.segment]
    begins = np.ones(len(line), dtype=bool)
    begins[1:] = (line[1:] != line[:-1]) | (np.abs(np.diff(weights, axis=0)) > 1e-9).any(axis=1)
    begins[1:] |= np.diff(grade) != 0
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(line)) - 1
    start_m, end_m = sections.start_m[first], sections.end_m[last]
    piece_of_vertex = np.searchsorted(start_m, segments.start_m, side="right") - 1
    inside = (segments.start_m > start_m[piece_of_vertex]) & (segments.start_m < end_m[piece_of_vertex])
    numbers = np.arange(len(first))
    station_m = np.concatenate([start_m, segments.start_m[inside], end_m])
    piece = np.concatenate([numbers, piece_of_vertex[inside], numbers])
    order = np.lexsort([station_m, piece])
    shapes = shapely.linestrings(segments.at(station_m[order]), indices=piece[order])
    source = roads.iloc[segments.row[sections.segment[first]]].reset_index(drop=True)
    street_class = np.array(_classes(roads), dtype=object)[grade[first]]
    weight, low, high = weights[first].T
    return source.set_geometry(shapes, crs=roads.crs).assign(
        street_class=street_class, weight=weight, weight_low=low, weight_high=high
    )
