"""Persons, areas and lengths shared out over zones: the only place that divides. What is split adds up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.components import components
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.shapes import layer_of

SHARED_BORDER_M = 20.0
SAME_BORDER_M = 2.0
ON_OUTLINE_M = 1.0
SAME_PLACE_M = 0.01
BESIDE_LEAST_M = 80.0
BESIDE_SLOPE = 0.1
BESIDE_CARRIAGEWAY_M = 100.0

_HAIR = 1e-12
_FEW_SHAPES = 64  # that are cut by an area of any size
_FEW_CORNERS = 512  # of an area that cuts any number of shapes

Pieces = tuple[Ints, Ints, Floats, Shapes]  # row, zone, share, line


def cut_areas(layer: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut polygons at the zones' outlines.

    Returns one row per polygon and zone that overlap: `row` (position in `layer`), `zone` (position in `zones`) and
    `zone_id`, `fraction` (the part's area
    over the whole polygon's area, taken before any cut), geometry (polygonal, never a line or a point).
    """
    shapes = layer.geometry.to_numpy()
    row, zone, parts = _parts(_Polygons.of(shapes), _Polygons.of(zones.geometry.to_numpy()))
    return layer_of(
        parts,
        zones.crs,
        {
            "row": row,
            "zone": zone,
            "zone_id": zones.index.to_numpy()[zone],
            "fraction": shapely.area(parts) / shapely.area(shapes[row]),
        },
    )


def persons_by_zone(population: gpd.GeoDataFrame | Grid, zones: gpd.GeoDataFrame) -> pd.Series:
    """Persons per zone: each population polygon or cell of a grid gives a zone the share of its area that lies in it."""
    if isinstance(population, Grid):
        return pd.Series(population.persons_in(zones.geometry.to_numpy()), index=zones.index)
    parts = cut_people(population, zones)
    return by_zone(parts["persons"].to_numpy(), parts["zone"].to_numpy(), zones)


def cut_people(population: gpd.GeoDataFrame | Grid, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut a population at the zones' outlines as `cut_areas` does, with the `persons` of each part: cells of a grid, too."""
    layer = population.table() if isinstance(population, Grid) else population
    parts = cut_areas(layer, zones)
    return parts.assign(persons=layer["persons"].to_numpy()[parts["row"]] * parts["fraction"].to_numpy())


def area_by_zone(layer: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series:
    """Square metres of a polygon layer per zone; where its polygons overlap, ground is counted once."""
    parts = cut_areas(dissolved(layer), zones)
    return by_zone(parts.area.to_numpy(), parts["zone"].to_numpy(), zones)


def common_area(shapes: Shapes, others: Shapes, one: Ints, other: Ints) -> Floats:
    """Square metres that pairs of polygons, by their positions in `shapes` and in `others`, have in common.

    Of two upright rectangles their sides say it, of a shape inside the other its own area; only the rest are cut.

    >>> common_area(shapely.box([0, 4], 0, [2, 5], 2), shapely.box([1], 1, 9, 9), np.array([0, 1]), np.array([0, 0]))
    array([1., 1.])
    """
    boxes, other_boxes = shapely.bounds(shapes)[one], shapely.bounds(others)[other]
    low, high = np.maximum(boxes[:, :2], other_boxes[:, :2]), np.minimum(boxes[:, 2:], other_boxes[:, 2:])
    common: Floats = np.clip(high - low, 0.0, None).prod(axis=1)
    cut = np.flatnonzero(~(_upright(shapes)[one] & _upright(others)[other]))
    shapely.prepare(others)
    inside = shapely.covers(others[other[cut]], shapes[one[cut]])
    common[cut[inside]] = shapely.area(shapes)[one[cut[inside]]]
    cut = cut[~inside]
    common[cut] = shapely.area(shapely.intersection(shapes[one[cut]], others[other[cut]]))
    return common


def _upright(shapes: Shapes) -> Bools:
    """The rectangles whose sides run north and east."""
    low, high = np.split(shapely.bounds(shapes), 2, axis=1)
    upright: Bools = shapely.area(shapes) >= (1.0 - _HAIR) * (high - low).prod(axis=1)
    return upright


def by_zone(values: Floats, zone: Ints, zones: gpd.GeoDataFrame) -> pd.Series:
    """Sum values per zone, `zone` being positions in `zones`: a Series indexed like `zones`, zero where nothing fell."""
    return pd.Series(np.bincount(zone, weights=values, minlength=len(zones)), index=zones.index)


def zone_of(shapes: Shapes, zones: gpd.GeoDataFrame) -> Ints:
    """The zone (position) that the inner point of each shape lies in, on a border the first of them; -1 outside."""
    zone, at = shapely.STRtree(shapely.point_on_surface(shapes)).query(
        zones.geometry.to_numpy(), predicate="intersects"
    )
    result = np.full(len(shapes), -1, dtype=np.int64)
    result[at[::-1]] = zone[::-1]
    return result


def cut_lines(
    lines: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, shared_border_m: float = SHARED_BORDER_M
) -> gpd.GeoDataFrame:
    """Cut lines exactly at the zones' outlines and share out what runs along a border of two zones.

    A stretch that runs along a shared border, within `shared_border_m` of it, belongs to each zone there in equal parts;
    a street that crosses the border is cut on it. Outlines drawn up to 2 m apart are one border. A stretch along the
    outer outline, within 1 m of it, counts in full, once: outlines are often drawn on the streets themselves, and
    rounding must not decide.

    Returns one row per stretch and zone: the columns of `lines`, `row` (position in `lines`), `zone_id`, `share`
    (1, or 1/n along a border of n zones), `zone` (position in `zones`) and `length_m` (of the stretch). The sum of
    share x length_m over the zones is the length of the lines inside the zones.
    """
    shapes, outlines = lines.geometry.to_numpy(), zones.geometry.to_numpy()
    row, parts, pieces = np.arange(len(shapes)), shapes, []
    strips, apart = _strips(_Polygons.of(outlines), shared_border_m)
    for strip, width_m, longer_than_m in strips:
        along_row, along, row, parts = _along(row, parts, strip, longer_than_m)
        pieces.append(_shared_out(along_row, along, outlines, within_m=width_m))
    pieces.append(_inside(row, parts, apart))
    row, zone, share, parts = (np.concatenate([piece[k] for piece in pieces]) for k in range(4))
    order = np.lexsort((share, zone, row))
    row, zone, share, parts = row[order].astype(int), zone[order].astype(int), share[order].astype(float), parts[order]
    result = lines.iloc[row].reset_index(drop=True).set_geometry(gpd.GeoSeries(parts, crs=lines.crs))
    ids = zones.index.to_numpy()[zone]
    return result.assign(row=row, zone=zone, zone_id=ids, share=share, length_m=shapely.length(parts))


def beside_outline(lines: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, cut: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The stretches along an outline drawn beside them that `cut`, the result of `cut_lines`, leaves outside the zones.

    Outlines are drawn on the kerb, on the median, on the boundary of the land beside: a street whose middle lies within
    SHARED_BORDER_M of the outline of all zones for a while, more than BESIDE_LEAST_M of it and the greater part parallel
    (its distance from the outline changing by at most BESIDE_SLOPE of its length), is a border too, and so it is where the
    outline only winds or steps about it: from one end of the while to the other the distance changes no more than that.
    What of it lies outside belongs to the zones there in equal parts, in the gap between two zones to both. The middle of a
    street is that of its carriageways, n where the line has a `weight` of 1/n: of it and the n - 1 nearest that lie square
    to it within BESIDE_CARRIAGEWAY_M.

    Returns rows like those of `cut_lines`, and `sure`: the middle lies on the outline or inside it (the outline runs
    between two carriageways), or between two zones.
    """
    outlines = zones.geometry.to_numpy()
    city = shapely.union_all(outlines)
    shapely.prepare(city)
    row, bits, part = _bits_near(lines.geometry.to_numpy(), shapely.boundary(city))
    middle = shapely.points(_street_middles(lines, bits, row))
    outside_m = _outside_m(middle, city)
    near = np.flatnonzero(np.abs(outside_m) <= SHARED_BORDER_M)
    run = np.cumsum((np.diff(near, prepend=-2) > 1) | (np.diff(part[near], prepend=-1) != 0)) - 1
    length_m = np.hypot(*(bits[near, 1] - bits[near, 0]).T)
    from_m, to_m = (_outside_m(shapely.points(bits[near, end]), city) for end in (0, 1))
    parallel_m = np.bincount(run, length_m * (np.abs(to_m - from_m) <= BESIDE_SLOPE * length_m))
    run_m, change_m = np.bincount(run, length_m), np.abs(np.bincount(run, to_m - from_m))
    along = (parallel_m > BESIDE_LEAST_M) & (2 * parallel_m > run_m)
    along |= (run_m > BESIDE_LEAST_M) & (change_m <= BESIDE_SLOPE * run_m)
    near = near[along[run]]
    bit, zone = shapely.STRtree(outlines).query(middle[near], predicate="dwithin", distance=SHARED_BORDER_M)
    zones_there = np.bincount(bit, minlength=len(near))
    sure = (outside_m[near] <= ON_OUTLINE_M) | (zones_there > 1)
    keys = np.column_stack([row[near][bit], zone, zones_there[bit], sure[bit]])
    (row, zone, count, certain), stretches = _joined(keys, bits[near][bit])
    left = _not_among(row, stretches, cut)
    kept = shapely.length(left) > SAME_PLACE_M
    row, zone, left = row[kept], zone[kept], left[kept]
    result = lines.iloc[row].reset_index(drop=True).set_geometry(gpd.GeoSeries(left, crs=lines.crs))
    ids, share = zones.index.to_numpy()[zone], 1.0 / count[kept]
    return result.assign(
        row=row, zone=zone, zone_id=ids, share=share, length_m=shapely.length(left), sure=certain[kept].astype(bool)
    )


def dissolved(layer: gpd.GeoDataFrame, *, gap_m: float = 0.0) -> gpd.GeoDataFrame:
    """Return a polygon layer as separate, non-overlapping pieces; pieces at most `gap_m` apart become one.

    The area of the pieces themselves is kept: the gap between joined pieces is not added to them.
    """
    shapes = layer.geometry.to_numpy()
    parts = shapely.get_parts(_union(_Polygons.of(shapes)))
    if gap_m > 0 and len(parts) > 1:
        group = groups_within(parts, gap_m)
        parts = np.array([shapely.multipolygons(parts[group == g]) for g in np.unique(group)])
    return layer_of(parts, layer.crs, {})


@dataclass(frozen=True)
class _Polygons:
    """Polygons that are the same as others where their digest is."""

    digest: bytes
    shapes: Shapes = field(compare=False)

    @classmethod
    def of(cls, shapes: Shapes) -> _Polygons:
        """Return some shapes with their digest."""
        return cls(sha256(_content(shapes)).digest(), shapes)


def _content(shapes: Shapes) -> bytes:
    """What tells polygons from others; of many plain ones, such as the cells of a raster, their corners say it all."""
    plain = (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON) & ~shapely.has_z(shapes)
    if plain.all() and not shapely.get_num_interior_rings(shapes).any():
        content: bytes = shapely.get_num_coordinates(shapes).tobytes() + shapely.get_coordinates(shapes).tobytes()
        return content
    return b"".join(shapely.to_wkb(shapes))


@lru_cache(maxsize=16)
def _union(polygons: _Polygons) -> shapely.Geometry:
    """The ground that polygons cover: measure after measure asks for that of the same land."""
    return areal(np.array([shapely.disjoint_subset_union_all(polygons.shapes)]))[0]


@lru_cache(maxsize=16)
def _parts(polygons: _Polygons, zones: _Polygons) -> tuple[Ints, Ints, Shapes]:
    """The parts of polygons in zones, with the polygon and the zone of each: those of the same land, too, again and again."""
    shapes, outlines = polygons.shapes, zones.shapes
    zone, row = shapely.STRtree(shapes).query(outlines, predicate="intersects")
    shapely.prepare(outlines)
    inside = shapely.covers(outlines[zone], shapes[row])
    parts = shapes[row]
    on_rim = np.flatnonzero(~inside)
    for here in np.split(on_rim, np.flatnonzero(np.diff(zone[on_rim], prepend=-1)))[1:]:
        parts[here] = areal(_cut(shapely.intersection, parts[here], outlines[zone[here[0]]]))
    kept = shapely.area(parts) > 0
    return row[kept], zone[kept], parts[kept]


def groups_within(shapes: Shapes, gap_m: float) -> Ints:
    """Number the shapes so that those linked by gaps of at most `gap_m` share a number."""
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m)
    return components(left, right, len(shapes))


def areal(shapes: Shapes) -> Shapes:
    """Keep the polygonal part of each geometry: an intersection also leaves lines and points where things touch."""
    result = shapes.copy()
    mixed = shapely.get_type_id(shapes) == 7
    result[mixed] = [
        shapely.union_all([p for p in shapely.get_parts(s) if shapely.get_dimensions(p) == 2]) for s in shapes[mixed]
    ]
    flat = shapely.get_dimensions(result) < 2
    result[flat] = shapely.from_wkt("POLYGON EMPTY")
    return result


@lru_cache(maxsize=16)
def _strips(zones: _Polygons, shared_border_m: float) -> tuple[list[tuple[shapely.Geometry, float, float]], Shapes]:
    """The strips along the borders of zones, with half the width of each and how long a line along it must be; zones apart.

    Layer after layer is cut at the same zones.
    """
    drawn = shapely.union_all(shapely.boundary(zones.shapes))
    borders = (
        (drawn, SAME_PLACE_M, 10 * SAME_PLACE_M),
        (drawn, ON_OUTLINE_M, 20 * ON_OUTLINE_M),
        (_shared_borders(zones.shapes), shared_border_m, 4 * shared_border_m),  # longer than a crossing street is there
    )
    strips = [(shapely.buffer(drawn, width_m, cap_style="flat"), width_m, long_m) for drawn, width_m, long_m in borders]
    return strips, _apart(zones.shapes)


def _shared_borders(outlines: Shapes) -> shapely.Geometry:
    """Where the outline of one zone runs within SAME_BORDER_M of another zone."""
    one, other = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=SAME_BORDER_M)
    one, other = one[one != other], other[one != other]
    near = shapely.buffer(outlines[other], SAME_BORDER_M)
    return shapely.union_all(shapely.intersection(shapely.boundary(outlines[one]), near))


def _apart(outlines: Shapes) -> Shapes:
    """The zones without the slivers in which they overlap: each sliver stays with the first of its zones."""
    result = outlines.copy()
    one, other = shapely.STRtree(outlines).query(outlines, predicate="overlaps")
    for i, j in zip(one[one < other], other[one < other], strict=True):
        result[j] = shapely.difference(result[j], result[i])
    return result


def _bits_near(lines: Shapes, outline: shapely.Geometry) -> tuple[Ints, Floats, Ints]:
    """Lines near an outline in bits of at most SHARED_BORDER_M: the row, the ends and the single line each is part of."""
    band = shapely.buffer(outline, SHARED_BORDER_M + BESIDE_CARRIAGEWAY_M)
    shapely.prepare(band)
    row = np.flatnonzero(shapely.intersects(band, lines))
    near = lines[row]
    crossing = ~shapely.covers(band, near) | ~shapely.is_simple(near)  # what crosses itself is cut there
    near[crossing] = _cut(shapely.intersection, near[crossing], band)
    row, parts = _line_parts(near, row)
    bits, part = _bits(shapely.segmentize(parts, SHARED_BORDER_M))
    return row[part], bits, part


def _bits(lines: Shapes) -> tuple[Floats, Ints]:
    """Every straight bit between two vertices of some lines, its ends, shape (n, 2, 2), and the line each is part of."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(line[1:] == line[:-1])
    return np.stack([xy[first], xy[first + 1]], axis=1), line[first]


def _outside_m(points: Shapes, city: shapely.Geometry) -> Floats:
    """How far points lie outside a city; those inside are below zero."""
    sides = shapely.linestrings(_bits(shapely.get_parts(shapely.boundary(city)))[0])
    apart_m: Floats = shapely.STRtree(sides).query_nearest(points, all_matches=False, return_distance=True)[1]
    return apart_m * np.where(shapely.intersects(city, points), -1.0, 1.0)


def _not_among(row: Ints, stretches: Shapes, cut: gpd.GeoDataFrame) -> Shapes:
    """What of each stretch no piece of a cut holds that comes from the same row."""
    pieces = cut.geometry.to_numpy()
    stretch, piece = shapely.STRtree(pieces).query(stretches, predicate="intersects")
    mine = row[stretch] == cut["row"].to_numpy()[piece]
    stretch, piece = stretch[mine], piece[mine]
    left = stretches.copy()
    if len(stretch):
        some, first = np.unique(stretch, return_index=True)
        counted = [shapely.union_all(pieces[these]) for these in np.split(piece, first[1:])]
        left[some] = shapely.difference(stretches[some], shapely.buffer(counted, SAME_PLACE_M, cap_style="flat"))
    return left


def _street_middles(lines: gpd.GeoDataFrame, bits: Floats, row: Ints) -> Floats:
    """The middle of the street at each bit of a line: of its carriageways, n where the line weighs 1/n, the nearest ones."""
    middles: Floats = bits.mean(axis=1)
    if "weight" not in lines:
        return middles
    weight = lines["weight"].to_numpy()
    divided = np.flatnonzero(weight < 1)
    mine = np.flatnonzero(np.isin(row, divided))
    here, others = shapely.points(middles[mine]), lines.geometry.to_numpy()[divided]
    bit, other = shapely.STRtree(others).query(here, predicate="dwithin", distance=BESIDE_CARRIAGEWAY_M)
    across = shapely.get_coordinates(shapely.shortest_line(here[bit], others[other])).reshape(-1, 2, 2)
    way, along = across[:, 1] - across[:, 0], bits[mine[bit], 1] - bits[mine[bit], 0]
    apart_m = np.hypot(*way.T)
    square = np.abs((way * along).sum(axis=1)) < 0.5 * apart_m * np.hypot(*along.T)
    beside = np.flatnonzero(square & (apart_m > ON_OUTLINE_M))
    beside = beside[np.lexsort((apart_m[beside], bit[beside]))]
    bit, way = bit[beside], way[beside]
    first = np.searchsorted(bit, bit)
    number = np.maximum(np.rint(1 / weight[row[mine]]), 2)
    taken = np.arange(len(bit)) - first < number[bit] - 1
    sums = np.column_stack([np.bincount(bit[taken], way[taken, axis], minlength=len(mine)) for axis in (0, 1)])
    middles[mine] += sums / (np.bincount(bit[taken], minlength=len(mine)) + 1)[:, None]
    return middles


def _joined(keys: Ints, bits: Floats) -> tuple[Ints, Shapes]:
    """Bits with the same keys (a row of integers each) as one line: the keys, column by column, and the lines."""
    alike, group = np.unique(keys.astype(np.int64), axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    lines = shapely.multilinestrings(shapely.linestrings(bits[order]), indices=group[order])
    return alike.T, shapely.line_merge(lines)


def _along(
    rows: Ints, lines: Shapes, strip: shapely.Geometry, longer_than_m: float
) -> tuple[Ints, Shapes, Ints, Shapes]:
    """Part lines into what runs along a strip, inside it for longer than a limit, and the rest: rows and lines of each."""
    shapely.prepare(strip)
    near = np.flatnonzero(shapely.intersects(strip, lines))
    line, within = _line_parts(_cut(shapely.intersection, lines[near], strip), near)
    along = shapely.length(within) > longer_than_m
    parted = np.unique(line[along])
    whole = np.setdiff1d(np.arange(len(lines)), parted)
    away_line, away = _line_parts(_cut(shapely.difference, lines[parted], strip), parted)
    short = ~along & np.isin(line, parted)
    rest_row = rows[np.concatenate([whole, away_line, line[short]])]
    return rows[line[along]], within[along], rest_row, np.concatenate([lines[whole], away, within[short]])


def _cut(how: Callable[[Shapes, shapely.Geometry], Shapes], shapes: Shapes, area: shapely.Geometry) -> Shapes:
    """The intersections of lines or polygons with an area of many corners, or the differences, each made with what is near."""
    if len(shapes) <= _FEW_SHAPES or shapely.get_num_coordinates(area) <= _FEW_CORNERS:
        return how(shapes, area)
    boxes = shapely.bounds(shapes)
    middle = boxes[:, :2] + boxes[:, 2:]
    order = np.argsort(middle[:, np.argmax(np.ptp(middle, axis=0))], kind="stable")
    result = np.empty(len(shapes), dtype=object)
    for half in np.array_split(order, 2):
        low, high = boxes[half, :2].min(axis=0) - ON_OUTLINE_M, boxes[half, 2:].max(axis=0) + ON_OUTLINE_M
        result[half] = _cut(how, shapes[half], shapely.intersection(area, shapely.box(*low, *high)))
    return result


def _line_parts(shapes: Shapes, rows: Ints) -> tuple[Ints, Shapes]:
    """The single lines that geometries consist of, connected ones merged, and the row each comes from."""
    parts, index = shapely.get_parts(shapely.line_merge(shapes), return_index=True)
    linear = (shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)
    return rows[index[linear]], parts[linear]


def _inside(rows: Ints, lines: Shapes, outlines: Shapes) -> Pieces:
    """Cut lines exactly at the outlines."""
    shapely.prepare(outlines)
    zone, line = shapely.STRtree(lines).query(outlines, predicate="intersects")
    whole = shapely.covers(outlines[zone], lines[line])
    parts = lines[line]
    parts[~whole] = shapely.intersection(parts[~whole], outlines[zone[~whole]])
    long = shapely.length(parts) > 0
    return rows[line[long]], zone[long], np.ones(int(long.sum())), parts[long]


def _shared_out(rows: Ints, lines: Shapes, outlines: Shapes, *, within_m: float) -> Pieces:
    """Give each bit of some lines to the zones within a distance of it, in equal parts; bits of one share are joined."""
    bits, line = _bits(shapely.segmentize(lines, SHARED_BORDER_M))
    row = rows[line]
    bit, zone = shapely.STRtree(outlines).query(
        shapely.points(bits.mean(axis=1)), predicate="dwithin", distance=within_m
    )
    zones_there = np.bincount(bit, minlength=len(bits))[bit]
    (row, zone, count), joined = _joined(np.column_stack([row[bit], zone, zones_there]), bits[bit])
    return row, zone, 1.0 / count, joined
