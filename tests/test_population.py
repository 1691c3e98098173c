"""Rasters of people: cells kept as they lie, persons conserved, against oracles that share no code with the reader."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS, Geod, Transformer
from rasterio.transform import Affine

from suizhou_geo.access.demand import demand
from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.geometry.zonal import cut_areas, persons_by_zone
from suizhou_geo.measures.layout import main_city_population
from suizhou_geo.measures.population import population_density
from suizhou_geo.sources.population import raster_population, to_official_total
from suizhou_geo.study_area import StudyArea, persons_in_zones

WORKING = CRS("EPSG:4547")
EAST, NORTH = 441_000.0, 3_507_000.0


def from_origin(west, north, width, height):
    return Affine(width, 0.0, west, 0.0, -height, north)


@pytest.fixture
def write_raster(tmp_path):
    """Return a function that writes rows of cells (north first) as a GeoTIFF and returns its path."""

    def write(rows, *, transform=None, crs="EPSG:4547", nodata=None, dtype="float64", count=1):
        cells = np.asarray(rows, dtype=dtype)
        transform = transform or from_origin(EAST, NORTH + 100 * cells.shape[0], 100, 100)
        path = tmp_path / "persons.tif"
        profile = {"driver": "GTiff", "height": cells.shape[0], "width": cells.shape[1], "count": count, "dtype": dtype}
        with rasterio.open(path, "w", **profile, crs=crs, transform=transform, nodata=nodata) as raster:
            for band in range(1, count + 1):
                raster.write(cells, band)
        return path

    return write


def zone(x, y, width, height):
    """One zone in metres from the origin."""
    shape = shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)
    return gpd.GeoDataFrame({"name": ["甲"], "role": ["main_city"]}, geometry=[shape], crs=WORKING, index=["1"])


def inside(read, zones):
    return float(persons_by_zone(read.layer, zones).sum())


@pytest.mark.slow
def test_every_cell_with_people_becomes_its_own_square(write_raster):
    path = write_raster([[1, 2, 0], [4, 5, 6]])
    got = raster_population(path, kind="count", zones=zone(0, 0, 300, 200))
    assert got.layer["persons"].tolist() == [1, 2, 4, 5, 6]
    assert got.layer.area.to_numpy() == pytest.approx(10_000)
    south_west = got.layer[got.layer["persons"] == 4].geometry.iloc[0]
    assert south_west.equals(shapely.box(EAST, NORTH, EAST + 100, NORTH + 100))
    assert got.findings == ()


@pytest.mark.slow
def test_only_the_window_and_one_cell_round_it_are_read(write_raster):
    path = write_raster(np.arange(1, 101).reshape(10, 10))
    got = raster_population(path, kind="count", zones=zone(410, 410, 80, 80))  # inside the cell of row 5, column 4
    assert sorted(got.layer["persons"]) == [44, 45, 46, 54, 55, 56, 64, 65, 66]
    assert inside(got, zone(400, 400, 100, 100)) == pytest.approx(55)


@pytest.mark.slow
def test_a_zone_takes_the_share_of_a_cell_that_lies_in_it(write_raster):
    path = write_raster([[10, 20]])
    assert inside(raster_population(path, kind="count", zones=zone(50, 0, 75, 100)), zone(50, 0, 75, 100)) == 5 + 5


@pytest.mark.slow
@pytest.mark.parametrize("nodata", [-99999.0, np.nan, 255.0])
def test_nodata_holds_nobody_and_is_told(write_raster, nodata):
    path = write_raster([[1, nodata], [3, 4]], nodata=nodata)
    got = raster_population(path, kind="count", zones=zone(0, 0, 200, 200))
    assert got.layer["persons"].tolist() == [1, 3, 4]
    assert [said.en for said in got.findings] == ["has no data on 25.0% of the zones' area, where nobody is counted"]


@pytest.mark.slow
def test_cells_without_data_count_as_far_as_they_lie_in_the_zones(write_raster):
    """One wholly inside, one half, two beyond: 1 ha and 0.5 ha of 5."""
    path = write_raster([[1, 1, 1, 1], [1, 1, 1, 1], [1, -1, -1, -1], [-1, 1, 1, 1]], nodata=-1)
    got = raster_population(path, kind="count", zones=zone(100, 50, 150, 1000 / 3))
    assert [said.en for said in got.findings] == ["has no data on 30.0% of the zones' area, where nobody is counted"]


@pytest.mark.slow
def test_zero_is_nobody_and_no_gap(write_raster):
    got = raster_population(write_raster([[0, 0]]), kind="count", zones=zone(0, 0, 200, 100))
    assert got.layer.empty
    assert got.findings == ()


@pytest.mark.slow
def test_a_raster_that_stops_short_is_told(write_raster):
    got = raster_population(write_raster([[1, 1]]), kind="count", zones=zone(100, 0, 200, 100))
    assert [said.en for said in got.findings] == ["does not reach 50.0% of the zones' area, where nobody is counted"]


@pytest.mark.slow
def test_scale_of_the_file_is_applied(write_raster):
    path = write_raster([[10, 20]], dtype="int16")
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (2.0,)
    got = raster_population(path, kind="count", zones=zone(0, 0, 200, 100))
    assert got.layer["persons"].tolist() == pytest.approx([3.0, 4.0])


@pytest.mark.slow
@pytest.mark.parametrize("crs", ["EPSG:4326", "ESRI:54009", "EPSG:32649"])
def test_cells_of_another_system_keep_persons_and_corners(write_raster, crs):
    move = Transformer.from_crs(WORKING, crs, always_xy=True)
    x, y = move.transform(EAST, NORTH)
    step = 0.001 if crs == "EPSG:4326" else 100.0
    transform = from_origin(x - 20 * step, y + 20 * step, step, step)
    path = write_raster(np.ones((40, 40)), crs=crs, transform=transform)
    zones = zone(-500, -500, 1000, 1000)
    got = raster_population(path, kind="count", zones=zones)
    assert set(got.layer["persons"]) == {1.0}
    back = Transformer.from_crs(WORKING, crs, always_xy=True)
    lon, lat = back.transform(*shapely.get_coordinates(got.layer.geometry.to_numpy()).T)
    column, row = (np.asarray(lon) - transform.c) / step, (transform.f - np.asarray(lat)) / step
    assert np.abs(column - np.round(column)).max() < 1e-4
    assert np.abs(row - np.round(row)).max() < 1e-4
    cell_m2 = got.layer.area.mean()
    assert inside(got, zones) == pytest.approx(1_000_000 / cell_m2, rel=1e-3)


@pytest.mark.slow
def test_a_turned_raster_keeps_its_turn(write_raster):
    cosine, sine = 100 * np.cos(np.radians(30)), 100 * np.sin(np.radians(30))
    turn = Affine(cosine, -sine, EAST, -sine, -cosine, NORTH + 300)
    got = raster_population(write_raster(np.ones((5, 5)), transform=turn), kind="count", zones=zone(100, 0, 200, 200))
    assert got.layer.area.to_numpy() == pytest.approx(10_000)
    assert got.layer.union_all().area == pytest.approx(10_000 * len(got.layer))


@pytest.mark.slow
def test_density_is_multiplied_by_the_ground_a_cell_covers(write_raster):
    """Against the geodesic area of each cell, by pyproj, in a system that doubles areas: 60 N in Mercator terms."""
    crs = "EPSG:3395"
    move = Transformer.from_crs(WORKING, crs, always_xy=True)
    x, y = move.transform(EAST, NORTH)
    path = write_raster(np.full((6, 6), 5000.0), crs=crs, transform=from_origin(x - 600, y + 600, 200, 200))
    got = raster_population(path, kind="density", zones=zone(-300, -300, 600, 600))
    degrees = got.layer.to_crs("EPSG:4326")
    for shape, persons in zip(degrees.geometry, got.layer["persons"], strict=True):
        ground_m2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(shape)[0])
        assert persons == pytest.approx(5000 * ground_m2 / 1e6, rel=1e-6)
        assert persons < 5000 * 0.04 * 0.8  # the map's own 0.04 km2 would be a third too many


@pytest.mark.slow
def test_coarse_cells_follow_the_curve_of_their_edges(write_raster):
    path = write_raster([[1.0, 1.0]], crs="EPSG:4326", transform=from_origin(113.0, 32.0, 0.5, 0.5))
    zones = gpd.GeoDataFrame(geometry=[shapely.box(113.1, 31.6, 113.9, 31.9)], crs="EPSG:4326").to_crs(WORKING)
    got = raster_population(path, kind="count", zones=zones)
    middle = Transformer.from_crs("EPSG:4326", WORKING, always_xy=True).transform(113.25, 32.0)
    assert got.layer.boundary.distance(shapely.Point(middle)).min() < 0.5


@pytest.mark.parametrize(
    ("rows", "keys", "said"),
    [
        ([[1, -9999], [-9999, -1]], {}, r"3 cells .* negative .* most often -9999; declare .* \(none is declared\)"),
        ([[1, -9999]], {"nodata": -1}, r"1 cells .* \(declared is -1\)"),
        ([[1, np.inf]], {}, "most often inf"),
        ([[-1, -1]], {"nodata": -1}, "only nodata on the zones"),
        ([[1, 1]], {"crs": None}, "does not say its coordinate system"),
        ([[1, 1]], {"count": 2}, "has 2 bands, wanted one"),
        ([[1, 1]], {"transform": from_origin(EAST + 90_000, NORTH, 100, 100)}, "covers none of the zones"),
    ],
)
def test_wrong_rasters_are_refused(write_raster, rows, keys, said):
    with pytest.raises(LayerError, match=said):
        raster_population(write_raster(rows, **keys), kind="count", zones=zone(0, 0, 200, 200))


def test_a_raster_without_a_place_is_refused(write_raster):
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        path = write_raster([[1, 1]], transform=Affine(1, 0, 0, 0, 1, 0))
    with pytest.raises(LayerError, match="does not say its coordinate system or place"):
        raster_population(path, kind="count", zones=zone(0, 0, 200, 200))


def test_what_the_values_are_must_be_said(write_raster):
    with pytest.raises(LayerError, match='kind = "count"'):
        raster_population(write_raster([[1]]), kind=None, zones=zone(0, 0, 100, 100))


def test_a_cut_off_raster_is_refused(write_raster):
    path = write_raster(np.random.default_rng(0).uniform(1, 2, (200, 200)))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match=r"persons\.tif\) cannot be read"):
        raster_population(path, kind="count", zones=zone(0, 0, 20_000, 20_000))


@pytest.mark.slow
def test_official_total_is_met_inside_the_zones_and_the_factor_told(write_raster):
    zones = zone(0, 0, 150, 100)  # one cell and a half: 100 + 100 of 400 persons
    read = raster_population(write_raster([[100, 200, 100]]), kind="count", zones=zones)
    scaled = to_official_total(read.layer, zones=zones, official_total=300, official_source="统计公报")
    assert inside(scaled, zones) == pytest.approx(300)
    assert scaled.layer["persons"].tolist() == pytest.approx([150, 300, 150])
    assert tuple(note.en for note in scaled.notes) == (
        "scaled by 1.500 from 200 to the official total of 300 (统计公报)",
    )
    assert scaled.findings == ()
    assert read.layer["persons"].tolist() == [100, 200, 100]


@pytest.mark.slow
@pytest.mark.parametrize(("total", "odd"), [(99, True), (101, False), (399, False), (401, True)])
def test_an_implausible_factor_is_a_finding(write_raster, total, odd):
    zones = zone(0, 0, 100, 100)
    read = raster_population(write_raster([[200]]), kind="count", zones=zones)
    scaled = to_official_total(read.layer, zones=zones, official_total=total, official_source="x")
    assert bool(scaled.findings) == odd


@pytest.mark.slow
def test_nobody_cannot_be_scaled(write_raster):
    zones = zone(0, 0, 100, 100)
    read = raster_population(write_raster([[0]]), kind="count", zones=zones)
    with pytest.raises(LayerError, match="nobody inside the zones"):
        to_official_total(read.layer, zones=zones, official_total=1, official_source="x")


@pytest.mark.slow
def test_a_thousand_crooked_zones_share_out_what_the_cells_hold(write_raster):
    """exactextract, whose fractions are of single precision, agrees; together the zones hold what the outline of all does."""
    exactextract = pytest.importorskip("exactextract")
    random = np.random.default_rng(1)
    path = write_raster(random.gamma(0.3, 20.0, (120, 120)))
    side, number = 11_400.0 / 32, 33
    corners = np.stack(np.meshgrid(np.arange(number), np.arange(number)), axis=-1) * side
    corners[1:-1, 1:-1] += random.uniform(-0.3, 0.3, (31, 31, 2)) * side
    corners += (EAST + 290, NORTH + 290)
    rings = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2).reshape(-1, 4, 2)
    zones = gpd.GeoDataFrame(geometry=shapely.polygons(rings), crs=WORKING)
    persons = persons_by_zone(raster_population(path, kind="count", zones=zones).layer, zones)
    found = exactextract.exact_extract(str(path), zones, "sum", output="pandas")["sum"]
    assert persons.to_numpy() == pytest.approx(found.to_numpy(), rel=1e-5)
    whole = inside(raster_population(path, kind="count", zones=zones), zone(290, 290, 11_400, 11_400))
    assert persons.sum() == pytest.approx(whole, rel=1e-12)


@pytest.mark.slow
def test_the_population_is_cut_at_the_zones_once_for_all_measures(write_raster, monkeypatch):
    asked = []

    def counted(layer, zones):
        asked.extend([len(layer)] * ("persons" in layer))
        return cut_areas(layer, zones)

    for room in ("geometry.zonal", "access.demand"):
        monkeypatch.setattr(f"suizhou_geo.{room}.cut_areas", counted)
    zones = zone(50, 0, 250, 200)
    population = raster_population(write_raster([[1, 2, 0], [4, 5, 6]]), kind="count", zones=zones).layer
    area = StudyArea("t", zones, population=population)
    assert persons_in_zones(area).tolist() == pytest.approx([15.5])
    assert population_density(area).value == pytest.approx(15.5 / 0.05)
    assert main_city_population(area).value == pytest.approx(15.5)
    assert demand(area).cells["persons"].sum() == pytest.approx(15.5)
    assert asked == [5]


@pytest.mark.real
def test_belgium_adds_up(real_data):
    """GHS-POP sums to 20,602,096 over the whole file; the window covers all of it."""
    zones = gpd.GeoDataFrame(geometry=[shapely.box(2.3, 49.4, 6.6, 51.6)], crs="EPSG:4326").to_crs("EPSG:32631")
    got = raster_population(real_data / "belgium_ghspop/POP.tif", kind="count", zones=zones)
    assert got.layer["persons"].sum() == pytest.approx(20_602_096, abs=1)


@pytest.mark.real
def test_liege_against_exact_fractions_in_the_raster_system(real_data):
    """exactextract, on the zone moved into the raster's system, is an oracle that shares no code with ours."""
    exactextract = pytest.importorskip("exactextract")
    zones = gpd.GeoDataFrame(geometry=[shapely.box(5.45, 50.55, 5.75, 50.72).segmentize(0.005)], crs="EPSG:4326")
    path = real_data / "belgium_ghspop/POP.tif"
    got = raster_population(path, kind="count", zones=zones.to_crs("EPSG:32631"))
    (fraction,) = exactextract.exact_extract(str(path), zones.to_crs("ESRI:54009"), "sum", output="pandas")["sum"]
    assert inside(got, zones.to_crs("EPSG:32631")) == pytest.approx(fraction, rel=1e-4)


@pytest.mark.real
def test_the_prefecture_has_two_million(real_data):
    """The density raster over a box of the prefecture's size, cell by cell with geodesic areas: the same persons."""
    box = shapely.box(112.75, 31.25, 114.0, 32.5)  # whole cells of a quarter degree
    zones = gpd.GeoDataFrame(geometry=[box.segmentize(0.05)], crs="EPSG:4326").to_crs(WORKING)
    path = real_data / "gpw/gpw_v4_population_density_rev11_2020_15_min.tif"
    got = raster_population(path, kind="density", zones=zones)
    with rasterio.open(path) as raster:
        window = rasterio.windows.from_bounds(*box.bounds, raster.transform).round_offsets().round_lengths()
        values = raster.read(1, window=window)
    expected = 0.0
    for row in range(5):
        cell = shapely.box(112.75, 32.25 - row / 4, 113.0, 32.5 - row / 4).segmentize(0.01)
        ground_km2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(cell)[0]) / 1e6
        expected += float(values[row].sum()) * ground_km2
    assert inside(got, zones) == pytest.approx(expected, rel=1e-4)
