"""Numbers that are other than they look: persons in 万 or as a density, marks for no data, columns cut to one name."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

import suizhou_geo as sg
from suizhou_geo.errors import LayerError

WORKING = "EPSG:4547"
EAST, NORTH = 440_000.0, 3_507_000.0


def box(x, y, width, height):
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


HALVES = [box(0, 0, 1000, 1000), box(1000, 0, 1000, 1000)]


@pytest.fixture
def study(tmp_path):
    """Two zones of 1 km2 each, west and east, and what the lines say."""

    def read(*lines, boundary="built_up"):
        zones = gpd.GeoDataFrame({"name": ["西区", "东区"]}, geometry=HALVES, crs=WORKING)
        zones.to_file(tmp_path / "zones.gpkg")
        text = ['name = "t"', "[zones]", 'path = "zones.gpkg"', f'boundary = "{boundary}"', *lines]
        (tmp_path / "study.toml").write_text("\n".join(text), encoding="utf-8")
        return sg.read_study(tmp_path / "study.toml")

    return read


@pytest.fixture
def people(study, tmp_path):
    """The study with a polygon of people on each zone; their numbers stand in a column of some name."""

    def read(column, values, *lines, boundary="built_up"):
        layer = gpd.GeoDataFrame({column: values}, geometry=HALVES, crs=WORKING)
        layer.to_file(tmp_path / "people.gpkg")
        named = f'fields = {{ persons = "{column}" }}'
        return study("[population]", 'path = "people.gpkg"', named, *lines, boundary=boundary)

    return read


# -------------------------------------------------------------------------------------------------------- the unit of persons
def test_one_zone_in_wan_among_others_in_persons_is_told(people):
    """20,000 persons in the west, 1.5 (万) in the east: 10,001 persons per km2 is not known to be all."""
    found = people("人口", [20_000.0, 1.5])
    (said,) = found.findings
    assert (said.kind, said.en.split(";")[0]) == (
        "too_empty_zones",
        "Layer population: 东区: 1.50 persons per km² or fewer, while others are full",
    )
    assert found.area.incomplete == {"population"}
    density = sg.population_density(found)
    assert (density.low, density.high) == (pytest.approx(10_000.75), np.inf)


@pytest.mark.slow
@pytest.mark.parametrize(("east", "told"), [(0.0, 0), (9.0, 1), (11.0, 0)])
def test_a_zone_may_hold_nobody_or_few(east, told, people):
    assert len(people("人口", [20_000.0, east]).findings) == told


def test_a_column_of_zeros_is_no_town(people):
    found = people("人口", [0.0, 0.0])
    assert [said.kind for said in found.findings] == ["too_empty"]
    assert sg.population_density(found).high == np.inf


@pytest.mark.slow
@pytest.mark.parametrize("column", ["常住人口（万人）", "户籍_千人"])
def test_the_name_of_the_column_tells_its_unit_where_the_ground_cannot(column, people):
    """8 persons per km2 of a county may be so; in a column of 万 they are not known."""
    found = people(column, [8.0, 8.0], boundary="administrative")
    assert [said.kind for said in found.findings] == ["unit_in_name"]
    assert found.area.incomplete == {"population"}
    assert people("常住人口", [8.0, 8.0], boundary="administrative").findings == ()


@pytest.mark.slow
@pytest.mark.parametrize("column", ["人口密度", "POP_DENSITY", "人/km2", "老年人口占比"])
def test_a_density_or_a_share_is_no_number_of_persons(column, people):
    with pytest.raises(LayerError, match=r"its name says .*, but persons are plain numbers; give a column of those"):
        people(column, [9_000.0, 9_000.0])


def raster(folder, values, cell_m):
    values = np.asarray(values, dtype="float32")
    where = {"crs": WORKING, "transform": Affine(cell_m, 0, EAST, 0, -cell_m, NORTH + 1000)}
    shape = {"height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": "float32"}
    with rasterio.open(folder / "p.tif", "w", driver="GTiff", **shape, **where) as file:
        file.write(values, 1)
    return '[population]\npath = "p.tif"'


@pytest.mark.slow
@pytest.mark.parametrize("mark", [9_999.0, 32_767.0, 65_534.0])
def test_marks_of_every_kind_are_told_by_the_ground_that_cannot_hold_them(mark, study, tmp_path):
    """100 persons on each hectare, and on one as many as no hectare holds."""
    values = np.full((10, 20), 100.0)
    values[3, 4] = mark
    with pytest.raises(
        LayerError, match=r"1 cell on the zones with more persons than any ground holds, most often .* on 1.00 ha"
    ):
        study(raster(tmp_path, values, 100), 'kind = "count"')


@pytest.mark.slow
def test_a_crowded_hectare_and_a_tower_in_a_small_cell_are_persons(study, tmp_path):
    values = np.full((10, 20), 100.0)
    values[3, 4] = 4_000.0
    assert study(raster(tmp_path, values, 100), 'kind = "count"').area.population["persons"].sum() == 19_900 + 4_000
    values = np.full((50, 100), 4.0)
    values[3, 4] = 900.0  # on 400 m2
    assert study(raster(tmp_path, values, 20), 'kind = "count"').area.population["persons"].sum() == 4_999 * 4 + 900


@pytest.mark.slow
def test_a_density_taken_for_persons_in_the_cell_is_refused(study, tmp_path):
    with pytest.raises(LayerError, match=r"200 cells .* most often 10,000 on 1.00 ha; .*correct kind"):
        study(raster(tmp_path, np.full((10, 20), 10_000.0), 100), 'kind = "count"')


@pytest.mark.slow
def test_persons_in_the_cell_taken_for_a_density_are_told_in_a_town(study, tmp_path):
    """150 persons on each hectare are 15,000 a km2, as any town holds; read as a density they are 150."""
    lines = raster(tmp_path, np.full((10, 20), 150.0), 100), 'kind = "density"'
    found = study(*lines)
    (said,) = found.findings
    assert (said.kind, found.area.incomplete) == ("kind_in_doubt", {"population"})
    assert said.amounts["per_km2"] == pytest.approx(150, rel=1e-3)
    assert said.amounts["as_count"] == pytest.approx(15_000, rel=1e-2)
    assert study(*lines, boundary="administrative").findings == ()


@pytest.mark.parametrize(("value", "cell_m"), [(9_000.0, 100), (300.0, 500)])
def test_a_density_of_a_town_or_of_coarse_cells_is_believed(value, cell_m, study, tmp_path):
    values = np.full((1000 // cell_m, 2000 // cell_m), value)
    assert study(raster(tmp_path, values, cell_m), 'kind = "density"').findings == ()


# --------------------------------------------------------------------------------------------------- names cut at ten bytes
def shapefile(folder, encoding, **columns):
    """Zones of people with columns named as a Shapefile names them: cut at ten bytes, a number where two were alike."""
    layer = gpd.GeoDataFrame(
        {f"C{n}": values for n, values in enumerate(columns.values())}, geometry=HALVES, crs=WORKING
    )
    layer.to_file(folder / "s.shp", encoding=encoding)
    table = (folder / "s.dbf").read_bytes()
    for n, name in enumerate(columns):
        cut = name.encode(encoding)[:10]
        numbered = cut[:8] + f"_{n}".encode()
        used = [other.encode(encoding)[:10] for other in list(columns)[:n]]
        written = numbered if cut in used else cut
        table = table.replace(f"C{n}".encode().ljust(11, b"\0"), written.ljust(11, b"\0"), 1)
    (folder / "s.dbf").write_bytes(table)


PEOPLE = "[population]", 'path = "s.shp"'


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize(
    ("first", "wanted"), [("城镇常住人口户数", "城镇常住人口总数"), ("population_total", "population_rural")]
)
def test_two_names_cut_to_one_are_not_taken_for_each_other(encoding, first, wanted, study, tmp_path):
    """The file holds 城镇常住人 and 城镇常住_1: which of them 城镇常住人口总数 became cannot be told."""
    shapefile(tmp_path, encoding, **{first: [3_000.0] * 2, wanted: [9_000.0] * 2})
    cut = rf"{wanted} was cut at ten bytes and more than one name begins like it \(.*\)"
    with pytest.raises(LayerError, match=cut) as refused:
        study(*PEOPLE, f'fields = {{ persons = "{wanted}" }}')
    there = str(refused.value).split("(")[2].split(")")[0].split(", ")
    assert len(there) == 2
    for column, persons in zip(there, (3_000, 9_000), strict=True):
        found = study(*PEOPLE, f'fields = {{ persons = "{column}" }}')
        assert found.area.population["persons"].tolist() == [persons, persons]


def test_one_cut_column_is_not_read_as_two(study, tmp_path):
    shapefile(tmp_path, "gbk", 社区名称全称=["甲", "乙"])
    fields = 'fields = { name = "社区名称全称", households = "社区名称全部户数" }'
    with pytest.raises(LayerError, match="社区名称全部户数 was cut at ten bytes and more than one name begins like it"):
        study("[layers.communities]", 'path = "s.shp"', fields)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_name_alone_in_being_cut_is_still_found(encoding, study, tmp_path):
    shapefile(tmp_path, encoding, 常住人口总数=[9_000.0] * 2, 户数=[1.0] * 2)
    found = study(*PEOPLE, 'fields = { persons = "常住人口总数" }')
    assert found.area.population["persons"].sum() == 18_000


@pytest.mark.slow
def test_a_column_in_capitals_is_told_where_it_is_not_read(study, tmp_path):
    """ArcGIS writes ONEWAY: ours is oneway, and what is not read must not be silent."""
    road = shapely.LineString([(EAST, NORTH + 500), (EAST + 2000, NORTH + 500)])
    gpd.GeoDataFrame({"road_class": ["branch"], "ONEWAY": ["是"]}, geometry=[road], crs=WORKING).to_file(
        tmp_path / "r.gpkg"
    )
    lines = "[layers.roads]", 'path = "r.gpkg"'
    (said,) = study(*lines).findings
    assert (
        said.en
        == 'Layer roads: ONEWAY not read because of capital letters; if meant, say fields = { oneway = "ONEWAY" }'
    )
    found = study(*lines, 'fields = { oneway = "ONEWAY" }')
    assert (found.findings, found.area.roads["oneway"].tolist()) == ((), [True])
