"""Very many cells of people, none of them drawn: against sums in the head, and against cutting each cell."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS

import suizhou_geo as sg
from suizhou_geo.access.demand import demand
from suizhou_geo.errors import LayerError
from suizhou_geo.geometry.covering import covering
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.lattice import Lattice
from suizhou_geo.geometry.zonal import persons_by_zone
from suizhou_geo.measures.population import population_density
from suizhou_geo.sources.check import findings
from suizhou_geo.sources.population import raster_population, to_official_total
from suizhou_geo.study_area import StudyArea, persons_in_zones

WORKING = CRS("EPSG:4547")
EAST, NORTH = 441_000.0, 3_507_000.0
NINE = Lattice(3, 3, 0, 0, (100.0, 0.0, EAST, 0.0, -100.0, NORTH + 300), WORKING, WORKING)
PERSONS = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])


def square(x, y, width, height):
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def zones_of(shapes, crs=WORKING):
    names = [str(number) for number in range(len(shapes))]
    return gpd.GeoDataFrame({"name": names, "role": "main_city"}, geometry=list(shapes), index=names, crs=crs)


@pytest.mark.parametrize(
    ("shape", "persons"),
    [
        (square(0, 0, 300, 300), 45),  # all
        (square(-900, -900, 3000, 3000), 45),  # all, from far around
        (square(100, 100, 100, 100), 5),  # the cell in the middle, on its sides
        (square(150, 50, 100, 200), 1.25 + 5.5 + 4.25),  # halves and quarters
        (square(110, 110, 10, 10), 0.05),  # all of it within one cell
        (square(-50, 120, 400, 10), 1.5),  # a strip through a row
        (square(400, 0, 100, 100), 0),  # beside the raster
        (square(0, 0, 300, 300).difference(square(100, 100, 100, 100)), 40),
        (shapely.union_all([square(0, 0, 100, 100), square(200, 200, 100, 100)]), 10),  # two corners
        (shapely.Polygon([(EAST, NORTH), (EAST + 300, NORTH), (EAST, NORTH + 300)]), 7 + 8 + 4 + (1 + 5 + 9) / 2),
        (shapely.Polygon(), 0),
    ],
)
def test_a_polygon_takes_of_each_cell_the_share_that_lies_in_it(shape, persons):
    assert Grid(NINE, PERSONS).persons_in(np.array([shape])) == pytest.approx([persons], abs=1e-12)


def _stars(random, number, lattice):
    """Ragged polygons over and beside a lattice, some with a hole, some with an island."""
    west, south, east, north = Grid(lattice, np.zeros((lattice.rows, lattice.columns))).total_bounds
    shapes = []
    for _ in range(number):
        centre = random.uniform((west, south), (east, north))
        angle = np.sort(random.uniform(0, 2 * np.pi, random.integers(5, 40)))
        radius = random.uniform(0.02, 0.6) * (east - west) * random.uniform(0.3, 1.0, len(angle))
        star = shapely.make_valid(
            shapely.Polygon(centre + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))
        )
        hole = shapely.Point(centre).buffer(radius.min() / 2)
        island = shapely.box(*(centre + 1.1 * radius.max()), *(centre + 1.3 * radius.max()))
        shapes.append(shapely.union_all([star.difference(hole), island]) if random.random() < 0.5 else star)
    return np.array(shapes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("crs", "place"),
    [
        ("EPSG:4547", (100.0, 0.0, EAST, 0.0, -100.0, NORTH)),
        ("EPSG:4547", (80.0, 40.0, EAST, 30.0, -70.0, NORTH)),  # turned and sheared
        ("EPSG:4547", (100.0, 0.0, EAST, 0.0, 100.0, NORTH)),  # south first
        ("EPSG:4326", (1 / 1200, 0.0, 113.4, 0.0, -1 / 1200, 31.7)),
        ("ESRI:54009", (1000.0, 0.0, 10_450_000.0, 0.0, -1000.0, 3_800_000.0)),
    ],
)
def test_the_same_as_cutting_each_cell(crs, place):
    """Shapely, which draws the cells, is the oracle."""
    random = np.random.default_rng(3)
    lattice = Lattice(40, 50, 3, 7, place, CRS(crs), WORKING)
    shapes = _stars(random, 40, lattice)
    row, column = np.divmod(np.arange(2000), 50)
    cells = lattice.cells(row, column)
    wanted = shapely.area(shapely.intersection(shapes[:, None], cells)) / shapely.area(cells)
    cover = covering(lattice, shapes)
    found = np.zeros((40, 2000))
    found[cover.polygon, cover.cell] = cover.share
    for polygon, first, end in zip(cover.run_polygon, cover.run_first, cover.run_end, strict=True):
        assert not found[polygon, first:end].any()
        found[polygon, first:end] = 1.0
    assert found == pytest.approx(wanted, abs=1e-8)
    persons = random.gamma(0.3, 20.0, (40, 50))
    assert cover.sums(persons, polygons=40) == pytest.approx(wanted @ persons.ravel(), rel=1e-9, abs=1e-9)


@pytest.mark.slow
def test_polygons_that_share_out_the_ground_share_out_all_persons():
    random = np.random.default_rng(4)
    lattice = Lattice(60, 60, 0, 0, (1 / 1200, 0.0, 113.4, 0.0, -1 / 1200, 31.7), CRS("EPSG:4326"), WORKING)
    grid = Grid(lattice, random.gamma(0.3, 20.0, (60, 60)))
    west, south, east, north = grid.total_bounds
    seeds = shapely.MultiPoint(random.uniform((west, south), (east, north), (200, 2)))
    parts = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=shapely.box(west, south, east, north)))
    assert grid.persons_in(parts).sum() == pytest.approx(grid.persons.sum(), rel=1e-12)


@pytest.fixture
def raster(tmp_path):
    """A raster of 12 x 12 cells in degrees, with gaps, and zones on it."""
    random = np.random.default_rng(5)
    cells = random.integers(0, 9, (12, 12)).astype("float32")
    cells[5:7, 3:5] = -1
    path = tmp_path / "persons.tif"
    place = rasterio.Affine(1 / 1200, 0.0, 113.4, 0.0, -1 / 1200, 31.7)
    profile = {"driver": "GTiff", "height": 12, "width": 12, "count": 1, "dtype": "float32", "nodata": -1}
    with rasterio.open(path, "w", **profile, crs="EPSG:4326", transform=place) as file:
        file.write(cells, 1)
    lattice = Lattice(12, 12, 0, 0, tuple(place)[:6], CRS("EPSG:4326"), WORKING)
    x, y = lattice.corners(np.array([6]), np.array([6]))[0]
    wedges = [shapely.box(x - 410, y - 310, x + 12, y + 290), shapely.box(x + 12, y - 310, x + 390, y + 290)]
    return path, zones_of(wedges)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["count", "density"])
def test_many_cells_are_read_as_a_grid_which_says_the_same(raster, kind, monkeypatch):
    path, zones = raster
    drawn = raster_population(path, kind=kind, zones=zones)
    monkeypatch.setattr("suizhou_geo.sources.population.MOST_DRAWN", 10)
    read = raster_population(path, kind=kind, zones=zones)
    assert isinstance(read.layer, Grid)
    assert not isinstance(drawn.layer, Grid)
    assert (read.notes, read.findings, read.partial) == (drawn.notes, drawn.findings, drawn.partial)
    assert read.layer.table().equals(drawn.layer)
    wanted = persons_by_zone(drawn.layer, zones)
    assert persons_by_zone(read.layer, zones).to_numpy() == pytest.approx(wanted.to_numpy(), rel=1e-12)
    keys = {"zones": zones, "official_total": 1000.0, "official_source": "x"}
    scaled, scaled_drawn = to_official_total(read.layer, **keys), to_official_total(drawn.layer, **keys)
    assert persons_by_zone(scaled.layer, zones).sum() == pytest.approx(1000.0)
    assert scaled.layer.table()["persons"].to_numpy() == pytest.approx(scaled_drawn.layer["persons"].to_numpy())


@pytest.mark.slow
def test_measures_of_a_grid_are_those_of_its_cells(raster, monkeypatch):
    path, zones = raster
    drawn = StudyArea("t", zones, population=raster_population(path, kind="count", zones=zones).layer)
    monkeypatch.setattr("suizhou_geo.sources.population.MOST_DRAWN", 10)
    area = StudyArea("t", zones, population=raster_population(path, kind="count", zones=zones).layer)
    assert population_density(area).by_zone.to_numpy() == pytest.approx(population_density(drawn).by_zone.to_numpy())
    assert demand(area).cells["persons"].sum() == pytest.approx(persons_in_zones(drawn).sum())
    assert area.replace(english={"甲": "A"}).named_in("en").population is area.population


@pytest.mark.slow
def test_a_study_whose_population_is_a_grid_says_the_same(monkeypatch):
    path = Path(__file__).resolve().parents[1] / "data/raw/invented_city/study.toml"
    drawn = sg.read_study(path)
    monkeypatch.setattr("suizhou_geo.sources.population.MOST_DRAWN", 10)
    study = sg.read_study(path)
    assert isinstance(study.area.population, Grid)
    assert len(study.area.population) == len(drawn.area.population)
    assert [one.notes for one in study.inputs] == [one.notes for one in drawn.inputs]
    one, other = (sg.population_density(some.area) for some in (study, drawn))
    assert one.by_zone.to_numpy() == pytest.approx(other.by_zone.to_numpy(), rel=1e-12)
    assert [said.en for said in findings(study)] == [said.en for said in findings(drawn)]


def test_a_grid_of_another_system_or_place_is_refused():
    zones = zones_of([square(0, 0, 300, 300)])
    with pytest.raises(LayerError, match="the zones in"):
        StudyArea("t", zones, population=Grid(Lattice(3, 3, 0, 0, NINE.place, WORKING, CRS("EPSG:32649")), PERSONS))
    with pytest.raises(LayerError, match="km from the zones"):
        StudyArea("t", zones, population=Grid(Lattice(3, 3, 900, 900, NINE.place, WORKING, WORKING), PERSONS))
