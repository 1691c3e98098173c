"""Persons, areas and lengths shared out over zones: the only place that divides. What is split adds up again."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

SHARED_BORDER_M = 20.0
_ALONG = 4.0  # a stretch is "along" a border when it is longer than this many tolerances; a crossing is shorter

Shapes = npt.NDArray[np.object_]
Pieces = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64], Shapes]  # row, zone, share, line


def cut_areas(layer: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut polygons at the zones' outlines.

    Returns one row per polygon and zone that overlap: `row` (position in `layer`), `zone` (position in `zones`) and
    `zone_id`, `fraction` (the part's area
    over the whole polygon's area, taken before any cut), geometry (polygonal, never a line or a point).
    """
    shapes, outlines = layer.geometry.to_numpy(), zones.geometry.to_numpy()
    zone, row = shapely.STRtree(shapes).query(outlines, predicate="intersects")
    shapely.prepare(outlines)
    inside = shapely.covers(outlines[zone], shapes[row])
    parts = shapes[row]
    parts[~inside] = areal(shapely.intersection(parts[~inside], outlines[zone[~inside]]))
    area_m2 = shapely.area(parts)
    kept = area_m2 > 0
    return gpd.GeoDataFrame(
        {
            "row": row[kept],
            "zone": zone[kept],
            "zone_id": zones.index.to_numpy()[zone[kept]],
            "fraction": area_m2[kept] / shapely.area(shapes[row[kept]]),
        },
        geometry=parts[kept],
        crs=zones.crs,
    )


def persons_by_zone(population: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series:
    """Persons per zone: each population polygon gives a zone the share of its area that lies in it."""
    parts = cut_areas(population, zones)
    persons = population["persons"].to_numpy()[parts["row"]] * parts["fraction"].to_numpy()
    return by_zone(persons, parts["zone"].to_numpy(), zones)


def area_by_zone(layer: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.Series:
    """Square metres of a polygon layer per zone; where its polygons overlap, ground is counted once."""
    parts = cut_areas(dissolved(layer), zones)
    return by_zone(parts.area.to_numpy(), parts["zone"].to_numpy(), zones)


def by_zone(values: npt.NDArray[np.float64], zone: npt.NDArray[np.int64], zones: gpd.GeoDataFrame) -> pd.Series:
    """Sum values per zone, `zone` being positions in `zones`: a Series indexed like `zones`, zero where nothing fell."""
    return pd.Series(np.bincount(zone, weights=values, minlength=len(zones)), index=zones.index)


def cut_lines(
    lines: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, shared_border_m: float = SHARED_BORDER_M
) -> gpd.GeoDataFrame:
    """Cut lines exactly at the zones' outlines and share out what runs along a border of two zones.

    A stretch that runs along a shared border, within `shared_border_m` of it, belongs to each zone there in equal parts;
    a street that crosses the border is cut on it. On the outer outline of all zones a street counts in full, once.

    Returns one row per stretch and zone: the columns of `lines`, `row` (position in `lines`), `zone_id`, `share`
    (1, or 1/n along a border of n zones), `zone` (position in `zones`) and `length_m` (of the stretch). The sum of
    share x length_m over the zones is the length of the lines inside the zones.
    """
    shapes, outlines = lines.geometry.to_numpy(), zones.geometry.to_numpy()
    ids = zones.index.to_numpy()
    borders = _shared_borders(outlines)
    strip = shapely.buffer(borders, shared_border_m, cap_style="flat")
    strip = shapely.intersection(strip, shapely.union_all(outlines)) if not strip.is_empty else strip
    near = np.zeros(len(shapes), dtype=bool)
    if not strip.is_empty:
        shapely.prepare(strip)
        near = shapely.intersects(strip, shapes)
    rows = np.flatnonzero(near)
    away_row, away = _line_parts(shapely.difference(shapes[rows], strip), rows)
    strip_row, within = _line_parts(shapely.intersection(shapes[rows], strip), rows)
    along = shapely.length(within) > _ALONG * shared_border_m
    # a short stretch near a border is cut on it, unless it lies exactly on the border
    short_row, short = strip_row[~along], within[~along]
    on_row, on = _line_parts(shapely.intersection(short, borders), short_row)
    off_row, off = _line_parts(shapely.difference(short, borders), short_row)
    pieces = [
        _inside(np.flatnonzero(~near), shapes[~near], outlines),
        _inside(np.r_[away_row, off_row], np.r_[away, off], outlines),
        _shared_out(np.r_[strip_row[along], on_row], np.r_[within[along], on], outlines, within_m=shared_border_m),
    ]
    row, zone, share, parts = (np.concatenate([piece[k] for piece in pieces]) for k in range(4))
    row, zone = row.astype(int), zone.astype(int)
    order = np.lexsort((zone, row))
    row, zone, share, parts = row[order], zone[order], share[order].astype(float), parts[order]
    result = lines.iloc[row].reset_index(drop=True).set_geometry(gpd.GeoSeries(parts, crs=lines.crs))
    return result.assign(row=row, zone=zone, zone_id=ids[zone], share=share, length_m=shapely.length(parts))


def dissolved(layer: gpd.GeoDataFrame, *, gap_m: float = 0.0) -> gpd.GeoDataFrame:
    """Return a polygon layer as separate, non-overlapping pieces; pieces at most `gap_m` apart become one.

    The area of the pieces themselves is kept: the gap between joined pieces is not added to them.
    """
    union = areal(np.array([shapely.union_all(layer.geometry.to_numpy())]))[0]
    parts = shapely.get_parts(union)
    if gap_m > 0 and len(parts) > 1:
        group = groups_within(parts, gap_m)
        parts = np.array([shapely.multipolygons(parts[group == g]) for g in np.unique(group)])
    return gpd.GeoDataFrame(geometry=parts, crs=layer.crs)


def groups_within(shapes: Shapes, gap_m: float) -> npt.NDArray[np.int64]:
    """Number the shapes so that those linked by gaps of at most `gap_m` share a number."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m)
    links = coo_array((np.ones(len(left)), (left, right)), shape=(len(shapes), len(shapes)))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


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


def _shared_borders(outlines: Shapes) -> shapely.Geometry:
    left, right = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    apart = left < right
    common = shapely.intersection(shapely.boundary(outlines[left[apart]]), shapely.boundary(outlines[right[apart]]))
    linear = [p for p in shapely.get_parts(common) if shapely.get_dimensions(p) == 1]
    return shapely.line_merge(shapely.union_all(linear)) if linear else shapely.from_wkt("MULTILINESTRING EMPTY")


def _line_parts(shapes: Shapes, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Shapes]:
    """The single lines that geometries consist of, connected ones merged, and the row each comes from."""
    parts, index = shapely.get_parts(shapely.line_merge(shapes), return_index=True)
    linear = (shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > 0)
    return rows[index[linear]], parts[linear]


def _inside(rows: npt.NDArray[np.int64], lines: Shapes, outlines: Shapes) -> Pieces:
    shapely.prepare(outlines)
    zone, line = shapely.STRtree(lines).query(outlines, predicate="intersects")
    whole = shapely.covers(outlines[zone], lines[line])
    parts = lines[line]
    parts[~whole] = shapely.intersection(parts[~whole], outlines[zone[~whole]])
    long = shapely.length(parts) > 0
    return rows[line[long]], zone[long], np.ones(int(long.sum())), parts[long]


def _shared_out(row: npt.NDArray[np.int64], parts: Shapes, outlines: Shapes, *, within_m: float) -> Pieces:
    middle = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    piece, zone = shapely.STRtree(outlines).query(middle, predicate="dwithin", distance=within_m)
    beside = np.bincount(piece, minlength=len(parts))
    return row[piece], zone, 1.0 / beside[piece], parts[piece]
