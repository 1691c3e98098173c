"""Where people live: a raster's cells, never resampled; a total the statistics office gives, kept.

Each cell keeps its own persons and its own outline, so that what is shared out over zones adds up to what the raster
holds; of very many only those on the outlines of zones are looked at one by one. Cells of a density raster are turned
into persons with their true area on the ellipsoid: a density is given per square kilometre of ground, and no map
projection but an equal-area one keeps ground.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from pyproj import CRS
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertAzimuthalEqualAreaConversion
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import Text, layer_text
from suizhou_geo.geometry.arrays import Bools, Floats, Shapes
from suizhou_geo.geometry.covering import covering
from suizhou_geo.geometry.crs import moving
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.lattice import Lattice
from suizhou_geo.geometry.zonal import cut_areas, persons_by_zone
from suizhou_geo.model import Note
from suizhou_geo.sources.columns import Read
from suizhou_geo.sources.files import existing
from suizhou_geo.sources.notes import counted, note
from suizhou_geo.sources.vector import unknown_shift

Kind = Literal["count", "density"]
RASTERS = (".tif", ".tiff")
COARSE_CELL_M = 5_000.0
MOST_DRAWN = 500_000  # cells that somebody lives in
PLAUSIBLE_FACTOR = (0.5, 2.0)
_EDGE_POINTS = 21
_UNCOVERED_SHARE = 0.001
_OVERLAP_SHARE = 0.01
_NO_DATA_SHARE = 0.01
_SENTINELS = (65535.0, 99999.0, 999999.0, 2.0**31 - 1, 2.0**32 - 1)  # in files of any type
_MOST_PERSONS = 1e10  # more than there are
_MOST_PER_KM2, _MOST_IN_A_HOUSE = 500_000.0, 1_000.0  # more than any ground holds, or one house in a cell of its size
_FEW_PER_KM2, _TOWN_PER_KM2 = (
    500.0,
    (2_000.0, 40_000.0),
)  # where people live at all; and on average where they live in towns


def raster_population(path: Path, *, kind: Kind | None, zones: gpd.GeoDataFrame, built: bool = False) -> Read:
    """Read the cells of a population raster on and next to the zones: polygons in the zones' CRS with `persons`.

    The raster is neither resampled nor reprojected: each cell with a value above zero becomes a polygon of its own, its
    corners moved to the zones' CRS (its edges too, where cells are wider than 5 km). More than MOST_DRAWN of these are
    read as a `Grid`, which gives zones the same persons and draws no cell. `kind` is "count" (persons in the
    cell) or "density" (persons per square kilometre, multiplied by the cell's area on the ellipsoid). Cells marked as
    nodata hold nobody; how much of the zones they cover is a finding. In zones of what is `built` a density that is one
    of open country, and of a town if taken for persons in the cell, is in doubt.

    Raises:
        InputError: the file is missing or no raster.
        LayerError: `kind` not given, several bands, no coordinate system, negative or infinite values, more persons
            than any ground holds, no cell on the zones, or only nodata there.
    """
    what = layer_text("population", path.name)
    existing(path, what=layer_text("population"))
    if kind is None:
        raise LayerError(
            f'{what.zh}：是栅格；请写明栅格值的含义：kind = "count"（每格人数）或 kind = "density"（每平方公里人数）',
            (
                f'{what.en} is a raster: say what its values are, kind = "count" (persons in the cell) '
                'or kind = "density" (persons per km2)'
            ),
        )
    try:
        with warnings.catch_warnings(), rasterio.open(path, driver="GTiff") as raster:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused two lines on, in our words
            if raster.count != 1:
                raise LayerError(
                    f"{what.zh}：有 {raster.count} 个波段，应只有一个；请单独导出人数所在的波段",
                    f"{what.en} has {raster.count} bands, wanted one; export the one that holds the persons",
                )
            if not _has_place(raster):
                raise LayerError(
                    f"{what.zh}：没有写明坐标系或位置；请写进文件",
                    f"{what.en} does not say its coordinate system or place; write both into the file",
                )
            crs = CRS.from_user_input(raster.crs)
            window = _window(raster, crs, zones, what)
            values = raster.read(1, window=window, masked=True)
            held, kind_of_value = values.data.astype(float), values.dtype
            held[np.ma.getmaskarray(values)] = np.nan
            del values
            lattice = _lattice(raster.transform, window, crs=crs, to_crs=zones.crs)
            scale, offset, nodata = raster.scales[0], raster.offsets[0], raster.nodata
    except RasterioError as error:
        wrong = InputError if isinstance(error, RasterioIOError) else LayerError
        said = str(error).splitlines()[0].rstrip(".")
        raise wrong(
            f"{what.zh}：无法读取（原文：“{said}”）；请重新导出为 GeoTIFF",
            f"{what.en} cannot be read: {said}; export it again as GeoTIFF",
        ) from error
    _check_sentinels(held, kind_of_value, nodata, what)
    held *= scale
    held += offset
    _check_values(held, nodata, what)
    gaps = _gaps(lattice, np.isnan(held), zones)
    held[np.isnan(held)] = 0.0
    _check_crowds(held, kind, lattice, zones, what)
    live = held > 0
    doubt: tuple[Note, ...] = ()
    if kind == "density":
        ground_km2 = _ground_km2(lattice, live, zones)
        doubt = _kind_in_doubt(held[live], ground_km2) if built else ()
        held[live] *= ground_km2
    layer: gpd.GeoDataFrame | Grid = Grid(lattice, held)
    if _is_wide(lattice) or len(layer) <= MOST_DRAWN:
        layer = gpd.GeoDataFrame({"persons": held[live]}, geometry=_cells(lattice, live), crs=zones.crs)
    findings = (*_scaling(path, scale, offset), *unknown_shift(crs, zones.crs, *_corner(lattice)), *gaps, *doubt)
    return Read(layer, (note(f"cells_of_{kind}", cells=len(layer)),), findings, partial=bool(gaps or doubt))


def polygon_gaps(population: gpd.GeoDataFrame, *, zones: gpd.GeoDataFrame) -> tuple[Note, ...]:
    """Say how much of the zones no population polygon covers; polygons that overlap would count people twice.

    Raises:
        LayerError: the polygons overlap by more than 1 % of their area inside the zones.
    """
    parts = cut_areas(population, zones)
    whole = shapely.union_all(parts.geometry.to_numpy())
    zones_m2, counted_m2 = float(zones.area.sum()), float(parts.area.sum())
    if counted_m2 - whole.area > _OVERLAP_SHARE * max(counted_m2, 1.0):
        raise LayerError(
            (
                f"图层 population：多边形在分区内重叠 {(counted_m2 - whole.area) / 1e4:.2f} 公顷，"
                "那里的人会算两次；请消除重叠"
            ),
            (
                f"layer population: its polygons overlap by {(counted_m2 - whole.area) / 1e4:.2f} ha inside the zones, "
                "so people there would be counted twice; take the overlaps out"
            ),
        )
    beyond = 1.0 - whole.area / zones_m2
    if beyond > _UNCOVERED_SHARE:
        return (note("polygons_end", share=beyond),)
    return ()


def to_official_total(
    population: gpd.GeoDataFrame | Grid, *, zones: gpd.GeoDataFrame, official_total: float, official_source: str
) -> Read:
    """Scale `persons` so that the persons inside the zones sum to an official total; the factor is told.

    Inside means: each polygon gives the zones the share of its area that lies in them. A factor below 0.5 or above 2 is
    a finding: one of the two numbers is of another place, year or unit.

    Raises:
        LayerError: nobody lives in the zones, so nothing can be scaled.
    """
    persons = float(persons_by_zone(population, zones).sum())
    if persons <= 0:
        raise LayerError(
            f"图层 population：分区内没有人口，无法按总数 {official_total:,.0f} 人换算；请换一个人口图层",
            (
                "layer population: it has nobody inside the zones, so it cannot be scaled to "
                f"{official_total:,.0f} persons; give another population layer"
            ),
        )
    factor = official_total / persons
    amounts = {"factor": factor, "counted": persons, "total": official_total, "source": official_source}
    low, high = PLAUSIBLE_FACTOR
    findings = () if low <= factor <= high else (note("implausible_total", **amounts),)
    scaled = (
        population.times(factor)
        if isinstance(population, Grid)
        else population.assign(persons=population["persons"] * factor)
    )
    return Read(scaled, (note("scaled", **amounts),), findings)


def _has_place(raster: rasterio.DatasetReader) -> bool:
    """Whether a raster says where on Earth its cells lie, and these have a size."""
    system, place = raster.crs, raster.transform
    known = system is not None and (system.is_geographic or system.is_projected)
    return known and not place.is_identity and np.isfinite(place.determinant) and place.determinant != 0


def _window(raster: rasterio.DatasetReader, crs: CRS, zones: gpd.GeoDataFrame, what: Text) -> Window:
    """The window of the raster that the zones' bounds reach, and one cell more on each side."""
    move = moving(zones.crs, crs)
    west, south, east, north = move.transform_bounds(*zones.total_bounds, densify_pts=_EDGE_POINTS)
    columns, rows = _moved(
        ~raster.transform, np.array([west, west, east, east]), np.array([south, north, south, north])
    )
    first_column, last_column = np.floor(columns.min()), np.ceil(columns.max())
    first_row, last_row = np.floor(rows.min()), np.ceil(rows.max())
    if not (last_column > 0 and first_column < raster.width and last_row > 0 and first_row < raster.height):
        raise LayerError(
            f"{what.zh}：没有覆盖任何分区；坐标系不对，或是别处的数据；请更正",
            f"{what.en} covers none of the zones; its coordinate system is wrong, or it is of another place",
        )
    column, row = max(0, int(first_column) - 1), max(0, int(first_row) - 1)
    end_column, end_row = min(raster.width, int(last_column) + 1), min(raster.height, int(last_row) + 1)
    return Window(column, row, end_column - column, end_row - row)


def _moved(transform: rasterio.Affine, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f


def _lattice(transform: rasterio.Affine, window: Window, *, crs: CRS, to_crs: CRS) -> Lattice:
    """The cells of a window of a raster, as they lie in another coordinate system."""
    return Lattice(window.height, window.width, window.row_off, window.col_off, tuple(transform)[:6], crs, to_crs)


def _cells(lattice: Lattice, kept: Bools) -> Shapes:
    """The kept cells as polygons; where they are wide, their edges are followed too."""
    if not _is_wide(lattice):
        return lattice.cells(*np.nonzero(kept))
    return _followed(_as_in_file(lattice).cells(*np.nonzero(kept)), lattice)


def _as_in_file(lattice: Lattice) -> Lattice:
    """The same cells in the coordinate system of their raster."""
    return replace(lattice, to_crs=lattice.crs)


def _corner(lattice: Lattice) -> Floats:
    """The first corner of the window, in the coordinate system of its raster."""
    corner: Floats = _as_in_file(lattice).corners(np.array([0]), np.array([0]))[0]
    return corner


def _outline(lattice: Lattice) -> shapely.Geometry:
    """The outline of the whole window."""
    rows, columns = np.arange(lattice.rows + 1), np.arange(lattice.columns + 1)
    row = np.concatenate([0 * columns, rows, 0 * columns + lattice.rows, rows[::-1]])
    column = np.concatenate([columns, 0 * rows + lattice.columns, columns[::-1], 0 * rows])
    ring = _as_in_file(lattice).corners(row, column)
    return shapely.make_valid(_followed(np.array([shapely.Polygon(ring)], dtype=object), lattice)[0])


def _followed(cells: Shapes, lattice: Lattice) -> Shapes:
    """Polygons of one size moved from the raster's coordinate system, with points added along their edges."""
    if len(cells):
        cells = shapely.segmentize(cells, shapely.length(cells[0]) / 4 / _EDGE_POINTS)
    move = moving(lattice.crs, lattice.to_crs)
    return np.asarray(shapely.transform(cells, lambda xy: np.column_stack(move.transform(xy[:, 0], xy[:, 1]))))


def _is_wide(lattice: Lattice) -> bool:
    """Whether the sides of the cells are so long that they bend where they are moved."""
    a, b, _, d, e, _ = lattice.place
    unit_m = 111_320.0 if lattice.crs.is_geographic else lattice.crs.axis_info[0].unit_conversion_factor
    return bool(max(np.hypot(a, d), np.hypot(b, e)) * unit_m > COARSE_CELL_M)


def _ground_km2(lattice: Lattice, kept: Bools, zones: gpd.GeoDataFrame) -> Floats:
    """Square kilometres of each cell on the ellipsoid: its area in an equal-area projection centred on the zones."""
    west, south, east, north = zones.total_bounds
    move = moving(zones.crs, "EPSG:4326")
    lon, lat = move.transform((west + east) / 2, (south + north) / 2)
    equal_area = ProjectedCRS(LambertAzimuthalEqualAreaConversion(lat, lon), geodetic_crs=CRS("EPSG:4326"))
    return _areas_m2(replace(lattice, to_crs=equal_area), kept) / 1e6


def _areas_m2(lattice: Lattice, kept: Bools) -> Floats:
    areas: Floats = shapely.area(_cells(lattice, kept)) if _is_wide(lattice) else lattice.areas(kept)
    return areas


def _declared(nodata: float | None) -> Text:
    """What a file declares as its mark for "no data"."""
    if nodata is None:
        return Text("文件没有声明", "none is declared")
    return Text(f"文件声明的是 {nodata:g}", f"declared is {nodata:g}")


def _check_sentinels(held: Floats, kind: np.dtype[Any], nodata: float | None, what: Text) -> None:
    """Refuse a number that programs write for "no data" where the file does not declare it as such."""
    marks = [float(np.iinfo(kind).max)] if np.issubdtype(kind, np.integer) else []
    wrong = held[held >= min([*marks, *_SENTINELS])]
    wrong = wrong[np.isfinite(wrong) & (np.isin(wrong, [*marks, *_SENTINELS]) | (wrong > _MOST_PERSONS))]
    if wrong.size:
        value, _ = Counter(wrong.tolist()).most_common(1)[0]
        declared = _declared(nodata)
        raise LayerError(
            (
                f"{what.zh}：分区内有 {wrong.size:,} 格的值是 {value:.10g}，{kind} 型栅格通常用它表示无数据；"
                f"请在文件里把它设为 nodata（{declared.zh}），如果确是人数，请用更宽的数据类型保存"
            ),
            (
                f"{what.en}: {counted(wrong.size, 'cell')} on the zones with {value:.10g}, which a raster of {kind} holds "
                f"for no data as a rule; declare it as nodata in the file ({declared.en}), or save true persons in a wider type"
            ),
        )


def _check_crowds(held: Floats, kind: Kind, lattice: Lattice, zones: gpd.GeoDataFrame, what: Text) -> None:
    """Refuse cells with more persons than any ground holds: a mark for "no data", or a density taken for persons."""
    full = held > (_MOST_IN_A_HOUSE if kind == "count" else _MOST_PER_KM2)
    if not full.any():
        return
    ground_km2, held = _ground_km2(lattice, full, zones), held[full]
    persons = held * ground_km2 if kind == "density" else held
    wrong = persons > np.maximum(_MOST_PER_KM2 * ground_km2, _MOST_IN_A_HOUSE)
    if wrong.any():
        value, _ = Counter(held[wrong].tolist()).most_common(1)[0]
        raise LayerError(
            (
                f"{what.zh}：分区内有 {int(wrong.sum()):,} 格的人数超出任何地方的可能，最多见的是 "
                f"{float(ground_km2[wrong][0]) * 100:,.2f} 公顷上 {value:,.10g}；如果它表示无数据，"
                "请在文件里设为 nodata，否则请更正 kind"
            ),
            (
                f"{what.en}: {counted(int(wrong.sum()), 'cell')} on the zones with more persons than any ground "
                f"holds, most often {value:,.10g} on {float(ground_km2[wrong][0]) * 100:,.2f} ha; "
                "declare that value as nodata in the file if it is none, or correct kind"
            ),
        )


def _check_values(held: Floats, nodata: float | None, what: Text) -> None:
    wrong = held[(held < 0) | np.isinf(held)]
    if wrong.size:
        value, _ = Counter(wrong.tolist()).most_common(1)[0]
        declared = _declared(nodata)
        raise LayerError(
            (
                f"{what.zh}：分区内有 {wrong.size:,} 格的值为负或无穷大，最多见的是 {value:g}；"
                f"请在文件里把它设为 nodata（{declared.zh}）"
            ),
            (
                f"{what.en}: {wrong.size:,} cells on the zones are negative or infinite, most often {value:g}; "
                f"declare that value as nodata in the file ({declared.en})"
            ),
        )
    if not np.isfinite(held).any():
        raise LayerError(
            f"{what.zh}：分区内全是 nodata；请换用覆盖分区的栅格",
            f"{what.en} holds only nodata on the zones; give a raster that covers them",
        )


def _kind_in_doubt(held: Floats, ground_km2: Floats) -> tuple[Note, ...]:
    """Say so where values taken as persons a km2 are few for any town, but taken as persons in a cell those of one."""
    per_km2 = float(np.average(held, weights=ground_km2)) if held.size else 0.0
    as_count = float(held.sum() / ground_km2.sum()) if held.size else 0.0
    in_doubt = 0 < per_km2 < _FEW_PER_KM2 and _TOWN_PER_KM2[0] <= as_count <= _TOWN_PER_KM2[1]
    return (note("kind_in_doubt", per_km2=per_km2, as_count=as_count),) if in_doubt else ()


def _scaling(path: Path, scale: float, offset: float) -> tuple[Note, ...]:
    """Say that a file has its values multiplied: it may be meant for another program, and lie beside the raster alone."""
    if (scale, offset) == (1.0, 0.0):
        return ()
    beside = path.with_name(f"{path.name}.aux.xml")
    file = beside if beside.is_file() else path
    return (note("raster_scaled", scale=float(scale), offset=float(offset), file=file.name),)


def _gaps(lattice: Lattice, empty: Bools, zones: gpd.GeoDataFrame) -> tuple[Note, ...]:
    outline = _outline(lattice)
    if not empty.any() and shapely.covers(outline, shapely.box(*zones.total_bounds)):
        return ()
    whole = shapely.union_all(zones.geometry.to_numpy())
    beyond = 1.0 - shapely.intersection(whole, outline).area / whole.area
    without = _area_inside(lattice, empty, whole) / whole.area
    findings = []
    if beyond > _UNCOVERED_SHARE:
        findings.append(note("raster_ends", share=beyond))
    if without > _NO_DATA_SHARE:
        findings.append(note("raster_no_data", share=without))
    return tuple(findings)


def _area_inside(lattice: Lattice, kept: Bools, whole: shapely.Geometry) -> float:
    """The area of the kept cells inside a whole."""
    if not kept.any():
        return 0.0
    if _is_wide(lattice):
        return float(shapely.area(shapely.intersection(_cells(lattice, kept), whole)).sum())
    area_m2 = np.zeros(kept.shape)
    area_m2[kept] = lattice.areas(kept)
    return float(covering(lattice, np.array([whole])).sums(area_m2, polygons=1)[0])
