"""One street, one centreline (一街一线): how much each road line weighs when every street is counted once.

Road network density is a length of streets, not of carriageways: a dual carriageway (双幅路), a main road with its side
roads (辅路) and a roundabout (环岛) are drawn as several lines and are one street. Lines are not redrawn here; each is
cut into pieces and each piece gets a weight, so that sum(length x weight) is the length of the streets, and the class,
the name and the source of every metre stay known.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from suizhou_geo.crs import metric_crs
from suizhou_geo.model import conform
from suizhou_geo.standards import table

STREET_WIDTH_M = 80.0
PAIR_WIDTH_M = 62.0
UNTOLD_WIDTH_M = 30.0
PARALLEL_DEG = 25.0
FLARE_DEG = 60.0
OVERLAP_SHARE = 0.6
SECTION_M = 20.0
BESIDE_M = 7.0  # two lanes: carriageways nearer than that, on two levels, lie above each other
ALWAYS_DIVIDED = ("motorway", "expressway")

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

_SAME_PLACE_DECIMALS = 3
_NOTHING_M = 1e-6
_ON_TOP_M = 0.5
_MUTUAL = 0.7
_SPACING = re.compile(r"[\s()\[\]<>·,;-]")
_CARRIAGEWAY = re.compile(
    r"[东西南北左右两]?侧?(辅路|辅道|辅线|慢车道|主路|主道|主线)|(service|frontage|side|access)road$"
)


@dataclass(frozen=True)
class _Segments:
    """Every straight bit of every line, laid end to end on one long ruler with 1 m between two lines."""

    tail: Floats  # x, y of one end and of the other
    head: Floats
    tail_node: Ints  # ends at the same place share a node
    head_node: Ints
    start_m: Floats  # on the ruler
    end_m: Floats
    line: Ints
    row: Ints  # of the layer
    bundle: Ints  # the same for segments drawn on top of each other
    copies: Ints  # how often it is drawn
    both_ways: Bools  # drawn in both directions

    def at(self, station_m: Floats) -> Floats:
        """The points x, y at these places of the ruler."""
        ruler = np.column_stack([self.start_m, self.end_m]).ravel()
        x = np.interp(station_m, ruler, np.column_stack([self.tail[:, 0], self.head[:, 0]]).ravel())
        y = np.interp(station_m, ruler, np.column_stack([self.tail[:, 1], self.head[:, 1]]).ravel())
        return np.column_stack([x, y])


@dataclass(frozen=True)
class _Sections:
    """The lines cut across: every SECTION_M where they may have neighbours, else where the copies change."""

    start_m: Floats
    end_m: Floats
    segment: Ints  # one that lies in the section: the middle one where the section was cut
    sampled: Bools


@dataclass(frozen=True)
class _Kinds:
    """What decides, row by row of the layer, whose carriageway a line is."""

    street: Ints  # of the base name; -1 without a name
    marked: Bools  # the name says 辅路, 主路 ...
    grade: Ints  # of the road class, the highest first
    divided: Bools  # of a class that always has two carriageways
    level: Floats
    one_way: Bools
    ramp: Bools
    ring: Bools
    untold: bool  # no row is one-way: the layer does not say


@dataclass(frozen=True)
class _Views:
    """Who sees whom across the road, as positions among the sampled sections."""

    here: Ints
    there: Ints
    side_m: Floats  # how far to the left of the one who looks
    parallel: Bools
    flared: Bools  # opposite, perhaps diverging

    @property
    def across_m(self) -> Floats:
        """How far it is across."""
        return np.abs(self.side_m)

    def nearest(self, seen: Bools) -> Ints:
        """The sections that see their nearest neighbour, if that one has no much nearer neighbour itself."""
        here, there, across_m = self.here[seen], self.there[seen], self.across_m[seen]
        nearest_m = np.full(max(self.here.max(initial=-1), self.there.max(initial=-1)) + 1, np.inf)
        np.minimum.at(nearest_m, here, across_m)
        return here[(across_m <= nearest_m[here]) & (nearest_m[there] >= _MUTUAL * across_m)]


@dataclass(frozen=True)
class _Limits:
    """The thresholds of `centrelines`."""

    street_width_m: float
    pair_width_m: float
    untold_width_m: float
    parallel_deg: float
    flare_deg: float
    overlap_share: float


def base_name(name: object) -> tuple[str, bool]:
    """Return the name of the street a carriageway belongs to, and whether the name spoke of one carriageway of it.

    >>> base_name("迎宾大道辅路"), base_name("迎宾大道（主路）"), base_name("Ringland Way"), base_name(None)
    (('迎宾大道', True), ('迎宾大道', True), ('ringlandway', False), ('', False))
    """
    if not isinstance(name, str):
        return "", False
    plain = _SPACING.sub("", unicodedata.normalize("NFKC", name)).casefold()
    base = _CARRIAGEWAY.sub("", plain)
    return base, base != plain


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
    metres, and by `street_class` the lengths of its classes. The caller chooses
    the classes beforehand, leaves ramps (匝道) out, and cuts at zones afterwards: a street cut first may lose its other
    carriageway.

    * Lines drawn n times, in whole or in part, weigh 1/n. Drawn once each way, they are a two-way street.
    * One-way lines are crossed every SECTION_M or less. A section weighs 1/k where k carriageways of its street lie
      abreast: same name but for words like 辅路 and 主路, within `street_width_m`, parallel within `parallel_deg`.
      Opposite ones may diverge up to `flare_deg` within `pair_width_m`, as they do before a roundabout. Two-way lines
      take part where one of the names says 辅路 or 主路. Lines of two different names are two streets.
    * One-way lines without a name pair with the nearest opposite one of their class within `pair_width_m`, unless that
      one has a nearer neighbour.
    * A layer that says of no line that it is one-way does not tell carriageways from streets. There, lines count as
      abreast by name or, without names, by the nearest line of their class, in whichever direction they are drawn,
      within `untold_width_m` (`pair_width_m` for the classes ALWAYS_DIVIDED) and along at least `overlap_share` of
      their length between two junctions.
    * A roundabout of diameter D with n arms stands for the n half-diameters that join them, n x D / 2: two streets that
      cross in it count D each. Its lines, however cut, weigh n / 2 pi, between 1 / 2 pi and 1; a one-way arm is half
      an arm, ramps are none.
    * A ramp that was left in is one more carriageway where it runs beside a divided road of its class.
    * Lines on different `level` are different roads: an elevated road over a ground road (高架与地面道路) counts as two,
      whatever their names, unless `merge_levels`. But half a road is none: where a street has one direction only on one
      of two levels, and all there lie parallel and BESIDE_M or more beside all on the other, they are abreast, as where
      one carriageway has a bridge and the others have not. Without names, both levels must have one direction only; in a
      layer that does not say which lines are one-way, levels stay apart.

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
    crs = metric_crs(roads.crs, what="layer roads: its coordinate system")
    known = conform(roads, "roads", crs=crs)
    limits = _Limits(street_width_m, pair_width_m, untold_width_m, parallel_deg, flare_deg, overlap_share)
    kinds = _kinds(known, merge_levels=merge_levels)
    segments = _segments(known, kinds.level)
    if len(segments.line) == 0:
        return roads.iloc[:0].assign(street_class=roads["road_class"].iloc[:0], weight=np.zeros(0))
    sections = _sections(segments, kinds)
    abreast, grade = _abreast(segments, sections, kinds, limits)
    weight = _ring_weights(segments, kinds)[sections.segment] / (segments.copies[sections.segment] * abreast)
    return _pieces(roads, segments, sections, weight, grade)


def _kinds(known: gpd.GeoDataFrame, *, merge_levels: bool) -> _Kinds:
    names = [base_name(name) for name in known["name"]]
    ring = known["roundabout"].to_numpy(dtype=bool)
    one_way = known["oneway"].to_numpy(dtype=bool) & ~ring
    return _Kinds(
        street=pd.factorize(pd.Series([base or None for base, _ in names], dtype=object))[0],
        marked=np.array([marked for _, marked in names], dtype=bool),
        grade=pd.Categorical(known["road_class"], categories=_classes(known)).codes.astype(np.intp),
        divided=known["road_class"].isin(ALWAYS_DIVIDED).to_numpy(),
        level=np.zeros(len(known)) if merge_levels else known["level"].to_numpy(dtype=float),
        one_way=one_way,
        ramp=known["ramp"].to_numpy(dtype=bool),
        ring=ring,
        untold=not one_way.any(),
    )


def _classes(known: gpd.GeoDataFrame) -> list[str]:
    """The road classes from the highest to the lowest; classes that are no standard's come last."""
    standard = list(table("road_classes")["classes"])
    return standard + sorted(set(known["road_class"]) - set(standard))


def _segments(known: gpd.GeoDataFrame, level: Floats) -> _Segments:
    parts, row = shapely.get_parts(known.geometry.to_numpy(), return_index=True)
    xy, line = shapely.get_coordinates(parts, return_index=True)
    rounded = np.round(xy, _SAME_PLACE_DECIMALS) + 0.0
    node = np.unique(rounded[:, 0] + 1j * rounded[:, 1], return_inverse=True)[1]
    length_m = np.hypot(*np.diff(xy, axis=0).T)
    first = np.flatnonzero((line[1:] == line[:-1]) & (length_m > 0))
    line, length_m = line[first], length_m[first]
    new_line = np.cumsum(np.diff(line, prepend=line[:1]) != 0)
    ruler = np.concatenate([[0.0], np.cumsum(length_m)])
    ends = pd.DataFrame(
        {"low": np.minimum(node[first], node[first + 1]), "high": np.maximum(node[first], node[first + 1])}
    )
    ends["level"] = level[row[line]]
    drawn = pd.Series(node[first] < node[first + 1]).groupby([ends["low"], ends["high"], ends["level"]])
    copies, upward = drawn.transform("size").to_numpy(), drawn.transform("sum").to_numpy()
    return _Segments(
        tail=xy[first],
        head=xy[first + 1],
        tail_node=node[first],
        head_node=node[first + 1],
        start_m=ruler[:-1] + new_line,
        end_m=ruler[1:] + new_line,
        line=line,
        row=row[line],
        bundle=drawn.ngroup().to_numpy().astype(np.intp),
        copies=copies,
        both_ways=(upward > 0) & (upward < copies),
    )


def _sections(segments: _Segments, kinds: _Kinds) -> _Sections:
    """Cut stretches of the same line and number of copies into equal sections, so that both ends are treated alike."""
    side_roads = np.isin(kinds.street, kinds.street[kinds.marked & (kinds.street >= 0)])
    candidate = (kinds.one_way | side_roads | kinds.ramp | kinds.untold) & ~kinds.ring
    change = (np.diff(segments.line) != 0) | (np.diff(segments.copies) != 0)
    first = np.flatnonzero(np.append(True, change))
    last = np.append(first[1:], len(segments.line)) - 1
    start_m, end_m = segments.start_m[first], segments.end_m[last]
    sampled = candidate[segments.row[first]]
    cuts = np.where(sampled, np.ceil((end_m - start_m) / SECTION_M - _NOTHING_M), 1).astype(int)
    cuts = np.maximum(cuts, 1)
    stretch = np.repeat(np.arange(len(cuts)), cuts)
    nth = np.arange(cuts.sum()) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    left = start_m[stretch] + (end_m - start_m)[stretch] * nth / cuts[stretch]
    right = np.where(nth == cuts[stretch] - 1, end_m[stretch], np.append(left[1:], 0.0))
    middle = np.searchsorted(segments.end_m, (left + right) / 2)
    return _Sections(start_m=left, end_m=right, segment=middle, sampled=sampled[stretch])


def _abreast(segments: _Segments, sections: _Sections, kinds: _Kinds, limits: _Limits) -> tuple[Floats, Ints]:
    """How many carriageways of its street lie abreast at each section, itself included, and the highest of their grades."""
    count = np.ones(len(sections.start_m))
    grade = kinds.grade[segments.row[sections.segment]]
    chosen = np.flatnonzero(sections.sampled)
    segment = sections.segment[chosen]
    row = segments.row[segment]
    views = _views(segments, sections, chosen, limits)
    one_way = kinds.one_way[row] & ~segments.both_ways[segment]
    share = 1.0 / segments.copies[segment]

    def others(seen: Bools) -> Floats:
        found: Floats = np.bincount(views.here[seen], share[views.there[seen]], minlength=len(chosen)).astype(float)
        return found

    a, b = row[views.here], row[views.there]
    both = one_way[views.here] & one_way[views.there]
    plain = ~kinds.ramp[a] & ~kinds.ramp[b]
    same_grade = kinds.grade[a] == kinds.grade[b]
    in_pair = _within(views.across_m, limits.pair_width_m)
    flared = both & views.flared & in_pair

    named = plain & (kinds.street[a] == kinds.street[b]) & (kinds.street[a] >= 0)
    named &= both | kinds.marked[a] | kinds.marked[b] | kinds.untold
    named &= flared | (views.parallel & _within(views.across_m, limits.street_width_m))
    level = kinds.level[a] == kinds.level[b]
    named &= level | _split(views, named, one_way, kinds.level[row], halves=1)
    extra = others(named)
    np.minimum.at(grade, chosen[views.here[named]], kinds.grade[b[named]])

    alone = (extra == 0)[views.here] & (extra == 0)[views.there]
    nameless = plain & same_grade & alone & ((kinds.street[a] < 0) | (kinds.street[b] < 0))
    untold_width_m = np.where(kinds.divided[a], limits.pair_width_m, limits.untold_width_m)
    near = kinds.untold & views.parallel & _within(views.across_m, untold_width_m)
    extra[views.nearest(nameless & level & (flared | near))] = 1.0
    split = _split(views, nameless, one_way, kinds.level[row], halves=2)
    extra[views.nearest(split & flared)] = 1.0

    if kinds.untold:
        enough = _runs_along(segments, kinds, sections, chosen, extra > 0, limits)
        extra[~enough & ~kinds.divided[row]] = 0.0
    beside = (kinds.ramp[a] != kinds.ramp[b]) & same_grade & level & views.parallel & in_pair
    count[chosen] += extra + others(beside & (kinds.divided[a] | (not kinds.untold)))
    return count, grade


def _split(views: _Views, kin: Bools, one_way: Bools, level: Floats, *, halves: int) -> Bools:
    """Which views between kin on two levels are within one street, because these levels lie beside each other.

    All carriageways on the one lie BESIDE_M or more to the same side of all on the other, both directions are there, and
    on so many `halves` of the two levels, or more, there is one direction only.
    """
    _, rank = np.unique(level, return_inverse=True)
    levels = int(rank.max(initial=0)) + 1
    if levels == 1:
        return np.zeros(len(kin), dtype=bool)
    seen = np.flatnonzero(kin)
    mine, theirs = (views.here[seen] * levels + rank[end[seen]] for end in (views.here, views.there))
    opposite, two_way = views.flared[seen], ~one_way[views.there[seen]]
    own = np.arange(len(level)) * levels + rank
    along, against = np.zeros((2, len(level) * levels), dtype=bool)
    along[own], against[own] = True, ~one_way
    along[theirs[~opposite | two_way]] = True
    against[theirs[opposite | two_way]] = True
    left_m, right_m = np.full(len(along), np.inf), np.full(len(along), -np.inf)
    left_m[own] = right_m[own] = 0.0
    np.minimum.at(left_m, theirs, views.side_m[seen])
    np.maximum.at(right_m, theirs, views.side_m[seen])
    apart_m = np.maximum(left_m[theirs] - right_m[mine], left_m[mine] - right_m[theirs])
    half = ~(along & against)
    split = (mine != theirs) & views.parallel[seen] & (apart_m >= BESIDE_M - _NOTHING_M)
    split &= half[mine].astype(int) + half[theirs] >= halves
    split &= (along[mine] | along[theirs]) & (against[mine] | against[theirs])
    result = np.zeros(len(kin), dtype=bool)
    result[seen[split]] = True
    return result


def _within(across_m: Floats, width_m: float | Floats) -> Bools:
    return across_m <= width_m + _NOTHING_M


def _views(segments: _Segments, sections: _Sections, chosen: Ints, limits: _Limits) -> _Views:
    """Stand in the middle of each chosen section and look across the road: which other sections does one see?

    One looks at right angles to the section, and where two carriageways splay, to the line between them. A section
    includes its beginning but not its end, so that a line cut in two is seen once.
    """
    reach_m = max(limits.street_width_m, limits.pair_width_m, limits.untold_width_m)
    start, end = segments.at(sections.start_m[chosen]), segments.at(sections.end_m[chosen])
    middle = segments.at((sections.start_m[chosen] + sections.end_m[chosen]) / 2)
    along = end - start
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), _NOTHING_M)[:, None]
    pairs = cKDTree(middle).query_pairs(np.hypot(reach_m, SECTION_M) + SECTION_M / 2, output_type="ndarray")
    here, there = np.concatenate([pairs, pairs[:, ::-1]]).T
    cosine = (along[here] * along[there]).sum(axis=1)
    parallel = np.abs(cosine) >= np.cos(np.radians(limits.parallel_deg)) - _NOTHING_M
    flared = cosine <= -np.cos(np.radians(max(limits.flare_deg, limits.parallel_deg))) + _NOTHING_M
    turned = parallel | flared
    here, there, parallel, flared = here[turned], there[turned], parallel[turned], flared[turned]
    from_here_0, from_here_1 = start[there] - middle[here], end[there] - middle[here]
    axis = np.where(parallel[:, None], along[here], along[here] - along[there])
    axis /= np.hypot(axis[:, 0], axis[:, 1])[:, None]
    ahead_0, ahead_1 = _dot(axis, from_here_0), _dot(axis, from_here_1)
    crossed = (ahead_0 < -_NOTHING_M) != (ahead_1 < -_NOTHING_M)
    part = ahead_0[crossed] / (ahead_0 - ahead_1)[crossed]
    point = from_here_0[crossed] + (from_here_1 - from_here_0)[crossed] * part[:, None]
    here, there, parallel, flared = here[crossed], there[crossed], parallel[crossed], flared[crossed]
    left = along[here, 0] * point[:, 1] - along[here, 1] * point[:, 0] >= 0
    side_m = np.hypot(point[:, 0], point[:, 1]) * np.where(left, 1.0, -1.0)
    single = segments.copies[sections.segment[chosen]] == 1
    kept = _within(np.abs(side_m), reach_m) & ((single[here] & single[there]) | (np.abs(side_m) > _ON_TOP_M))
    return _Views(here[kept], there[kept], side_m[kept], parallel[kept], flared[kept])


def _dot(a: Floats, b: Floats) -> Floats:
    return a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1]


def _runs_along(
    segments: _Segments, kinds: _Kinds, sections: _Sections, chosen: Ints, has_neighbour: Bools, limits: _Limits
) -> Bools:
    """Whether a neighbour runs along enough of the way between two junctions, for each chosen section."""
    _, first = np.unique(segments.bundle, return_index=True)
    ends = np.concatenate([segments.tail_node[first], segments.head_node[first]])
    passing = (np.bincount(ends) == 2)[ends]
    sort = np.tile((kinds.grade * 2 + kinds.ramp)[segments.row[first]], 2)
    members = np.tile(np.arange(len(first)), 2)
    way = _joined(members[passing], (ends * (sort.max() + 1) + sort)[passing], size=len(first))
    way = way[segments.bundle[sections.segment[chosen]]]
    length_m = (sections.end_m - sections.start_m)[chosen]
    accompanied_m = np.bincount(way, length_m * has_neighbour)
    return (accompanied_m >= limits.overlap_share * np.bincount(way, length_m) - _NOTHING_M)[way]


def _joined(members: Ints, places: Ints, *, size: int) -> Ints:
    """Number the groups of things 0 .. size - 1 that hang together through common places."""
    places = np.unique(places, return_inverse=True)[1]
    nodes = size + (int(places.max()) + 1 if len(places) else 0)
    links = coo_array((np.ones(len(members)), (members, size + places)), shape=(nodes, nodes))
    group: Ints = connected_components(links, directed=False)[1][:size]
    return group


def _ring_weights(segments: _Segments, kinds: _Kinds) -> Floats:
    """The weight of each segment for being part of a roundabout: arms / 2 pi; 1 elsewhere."""
    weight = np.ones(len(segments.line))
    ring = np.flatnonzero(kinds.ring[segments.row])
    if len(ring) == 0:
        return weight
    group = _joined(
        np.tile(np.arange(len(ring)), 2),
        np.concatenate([segments.tail_node[ring], segments.head_node[ring]]),
        size=len(ring),
    )
    nodes = int(max(segments.tail_node.max(), segments.head_node.max())) + 1
    group_at = np.full(nodes, -1)
    group_at[segments.tail_node[ring]] = group
    group_at[segments.head_node[ring]] = group
    street = np.flatnonzero(~(kinds.ring | kinds.ramp)[segments.row])
    half = kinds.one_way[segments.row[street]] & ~segments.both_ways[street]
    share = np.where(half, 0.5, 1.0) / segments.copies[street]
    arms = np.zeros(group.max() + 1)
    for node in (segments.tail_node[street], segments.head_node[street]):
        at = group_at[node]
        arms += np.bincount(at[at >= 0], share[at >= 0], minlength=len(arms))
    weight[ring] = np.minimum(np.maximum(arms, 1.0) / (2 * np.pi), 1.0)[group]
    return weight


def _pieces(
    roads: gpd.GeoDataFrame, segments: _Segments, sections: _Sections, weight: Floats, grade: Ints
) -> gpd.GeoDataFrame:
    """The sections as lines again, neighbours of one line, one weight and one class in one piece."""
    line = segments.line[sections.segment]
    begins = np.ones(len(weight), dtype=bool)
    begins[1:] = (line[1:] != line[:-1]) | (np.abs(np.diff(weight)) > 1e-9) | (np.diff(grade) != 0)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(weight)) - 1
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
    return source.set_geometry(shapes, crs=roads.crs).assign(street_class=street_class, weight=weight[first])
