"""What is lost or cannot be: rows without a shape, files cut off, amounts of nothing, units, marks of "no data", datums."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import CRS, Transformer
from rasterio.transform import Affine
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.cli import app
from suizhou_geo.errors import InputError, LayerError, StudyError
from suizhou_geo.geometry.crs import largest_stretch, shift_is_unknown
from suizhou_geo.sources.files import fingerprint
from suizhou_geo.sources.study import read_study

WORKING = "EPSG:4547"
EAST, NORTH = 441_000.0, 3_507_000.0


def box(x, y, width, height):
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def line(x, y, length):
    return shapely.LineString([(EAST + x, NORTH + y), (EAST + x + length, NORTH + y)])


def layer(shapes, crs=WORKING, **columns):
    shapes = list(shapes)
    columns = {name: value if isinstance(value, list) else [value] * len(shapes) for name, value in columns.items()}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


@pytest.fixture
def study(tmp_path):
    """A study of one zone of 1 km2 with the layers given, each written as a file."""

    def write(*lines, zones=None, crs=WORKING, **layers):
        zones = layer([box(0, 0, 1000, 1000)], name=["甲"]) if zones is None else zones
        zones.to_file(tmp_path / "zones.gpkg")
        text = [f'name = "t"\ncrs = "{crs}"\n[zones]\npath = "zones.gpkg"\nboundary = "built_up"']
        for name, given in layers.items():
            given.to_file(tmp_path / f"{name}.gpkg")
            text.append(f'[{"population" if name == "population" else f"layers.{name}"}]\npath = "{name}.gpkg"')
        (tmp_path / "study.toml").write_text("\n".join([*text, *lines]), encoding="utf-8")
        return tmp_path / "study.toml"

    return write


# ------------------------------------------------------------------------------------------------------- rows without a shape
def test_a_zone_without_a_shape_is_refused(study):
    zones = layer([box(0, 0, 1000, 1000), None], name=["甲", "乙"])
    with pytest.raises(LayerError, match=r"layer zones \(zones.gpkg\): row 2 has no shape; draw it"):
        read_study(study(zones=zones))


@pytest.mark.slow
def test_rows_without_a_shape_leave_no_sure_number(study):
    """1 km of 2 is drawn: the density is 1 km/km2 or more, and a promise of 8 may yet be kept."""
    roads = layer([line(0, 500, 1000), None], road_class="branch", name=["一路", "二路"])
    found = read_study(study(roads=roads))
    (said,) = found.findings
    assert said.en.startswith("Layer roads: 1 row without a shape left out")
    assert said.zh.startswith("道路图层：1行没有图形")
    assert found.area.incomplete == {"roads"}
    density = sg.road_density(found)
    assert (density.value, density.low, density.high) == (pytest.approx(1), pytest.approx(1), np.inf)
    for lang, words in (("en", "1 row without a shape"), ("zh", "1行没有图形")):
        told = CliRunner().invoke(app, ["check", str(study(roads=roads)), "--lang", lang]).stdout
        assert words in told


@pytest.mark.slow
def test_a_layer_vouched_for_is_still_not_whole_where_rows_are_lost(study):
    homes = layer([box(0, 0, 100, 100), shapely.Polygon()], name=["a", "b"])
    assert "residential" in read_study(study("complete = true", residential=homes)).area.incomplete
    persons = layer([box(0, 0, 1000, 1000), None], persons=[5000, 5000])
    assert "population" in read_study(study("complete = true", population=persons)).area.incomplete


@pytest.mark.slow
def test_a_layer_of_rows_without_any_shape_is_an_error_and_one_without_rows_is_none(study):
    with pytest.raises(LayerError, match="none of its rows has a shape"):
        read_study(study(roads=layer([None] * 6, road_class="branch")))
    empty = gpd.GeoDataFrame({"name": pd.Series([], dtype=str)}, geometry=[], crs=WORKING)
    assert len(read_study(study(parks=empty)).area.parks) == 0


@pytest.mark.slow
@pytest.mark.parametrize("columns", [{"name": ["园", None]}, {}])
def test_a_row_that_says_nothing_at_all_is_lost_too(columns, study):
    found = read_study(study(parks=layer([box(0, 0, 100, 100), None], **columns)))
    assert ([said.kind for said in found.findings], found.area.incomplete) == (["no_shape"], {"parks"})


@pytest.mark.slow
def test_an_outline_that_holds_no_ground_is_lost_too(study):
    cut = shapely.Polygon([(200, 0), (300, 0), (200, 0)])  # what a reader makes of a ring of two points
    found = read_study(study(parks=layer([box(0, 0, 100, 100), cut], name=["甲园", "乙园"])))
    assert ([said.kind for said in found.findings], found.area.incomplete) == (["no_area"], {"parks"})


@pytest.mark.slow
@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_a_shapefile_cut_off_is_refused(part, study, tmp_path):
    path = study('[layers.roads]\npath = "roads.shp"')
    lines = layer([line(0, y, 1000) for y in range(0, 600, 100)], road_class="branch")
    lines.to_file(tmp_path / "roads.shp")
    assert len(read_study(path).area.roads) == 6
    cut = tmp_path / f"roads{part}"
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size * 2 // 3])
    with pytest.raises(
        InputError, match=rf"roads{part} is cut off: it says [\d,]+ bytes and has [\d,]+; copy it again"
    ):
        read_study(path)


def test_a_shapefile_of_two_exports_is_refused(study, tmp_path):
    path = study('[layers.roads]\npath = "roads.shp"')
    for name, count in (("roads", 6), ("other", 4)):
        layer([line(0, y, 1000) for y in range(count)], road_class="branch").to_file(tmp_path / f"{name}.shp")
    (tmp_path / "other.dbf").replace(tmp_path / "roads.dbf")
    with pytest.raises(InputError, match="has 6 shapes and 4 rows of attributes"):
        read_study(path)


# ---------------------------------------------------------------------------------------------------- amounts that nothing has
@pytest.mark.parametrize(
    ("name", "shape", "columns", "said"),
    [
        ("facilities", "point", {"category": "hospital", "capacity": [3.0, -5.0]}, "capacity: 1 row below zero, the first -5"),
        ("facilities", "point", {"category": "hospital", "capacity": [np.inf, 3.0]}, "capacity: 1 row endless"),
        ("roads", "line", {"road_class": "branch", "width_m": [-5.0, 7.0]}, r"width_m: 1 row below zero, .* \(row 1\)"),
        ("communities", "area", {"name": "甲", "households": [9.0, np.inf]}, r"households: 1 row endless, .* \(row 2\)"),
        ("chargers", "point", {"count": [3.7, 2.0]}, "count: 1 row no whole number, the first 3.7"),
        ("parking", "point", {"spaces": [-1.0, -2.0]}, "spaces: 2 rows below zero, the first -1"),
        ("buildings", "area", {"levels": [-2.0, 3.0]}, "levels: 1 row below zero"),
        ("population", "area", {"persons": [5.0, np.inf]}, "persons: 1 row endless"),
        ("jobs", "area", {"jobs": [-5.0, 1.0]}, "jobs: 1 row below zero"),
    ],
)  # fmt: skip
def test_amounts_that_nothing_on_the_ground_has_are_refused_by_file_and_row(name, shape, columns, said, study):
    shapes = {
        "point": [box(0, 0, 10, 10).centroid, box(50, 0, 10, 10).centroid],
        "line": [line(0, 0, 100), line(0, 50, 100)],
        "area": [box(0, 0, 500, 1000), box(500, 0, 500, 1000)],
    }[shape]
    if name == "facilities":
        columns = {**columns, "category": "primary_school"}
    given = layer(shapes, **columns)
    with pytest.raises(LayerError, match=rf"layer {name} \({name}.gpkg\), column {said}"):
        read_study(study(**{name: given}))


@pytest.mark.slow
def test_a_level_may_be_below_the_ground_and_an_empty_amount_is_not_known(study):
    roads = layer([line(0, 0, 1000), line(0, 9, 1000)], road_class="branch", level=[-1, 0], width_m=[np.nan, 7.0])
    read = read_study(study(roads=roads)).area.roads
    assert read["level"].tolist() == [-1, 0]
    assert read["width_m"].isna().tolist() == [True, False]


# ------------------------------------------------------------------------------------------------------------------ population
def people(tmp_path, values, *, dtype, nodata=None):
    values = np.asarray(values, dtype=dtype)
    place = Affine(500, 0, EAST, 0, -500, NORTH + 1000)
    profile = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": dtype, "crs": WORKING}
    with rasterio.open(tmp_path / "p.tif", "w", transform=place, nodata=nodata, **profile) as raster:
        raster.write(values, 1)


RASTER = '[population]\npath = "p.tif"\nkind = "count"'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dtype", "mark"),
    [
        ("uint8", 255),
        ("uint16", 65535),
        ("int16", 32767),
        ("int32", 2**31 - 1),
        ("uint32", 2**32 - 1),
        ("int32", 65535),  # widened by another program
        ("float32", 65535.0),
        ("float64", 99999.0),
        ("float32", np.finfo("float32").max),
        ("float64", 1e20),
    ],
)
def test_a_mark_for_no_data_that_is_not_declared_is_refused(dtype, mark, study, tmp_path):
    people(tmp_path, [[200, 100], [100, mark]], dtype=dtype)
    with pytest.raises(
        LayerError, match=r"1 cell on the zones with .* holds for no data as a rule; declare it as nodata"
    ):
        read_study(study(RASTER))
    people(tmp_path, [[200, 100], [100, mark]], dtype=dtype, nodata=float(mark))
    assert read_study(study(RASTER)).area.population["persons"].tolist() == [200, 100, 100]


@pytest.mark.slow
def test_as_many_persons_as_a_cell_may_hold_are_persons(study, tmp_path):
    people(tmp_path, [[254, 100], [100, 0]], dtype="uint8")
    assert read_study(study(RASTER)).area.population["persons"].sum() == 454


@pytest.mark.slow
def test_a_scale_beside_the_raster_is_told_and_in_its_fingerprint(study, tmp_path):
    people(tmp_path, [[2, 1], [1, 1]], dtype="uint8")
    path, before = study(RASTER), fingerprint(tmp_path / "p.tif")[0]
    xml = '<PAMDataset><PAMRasterBand band="1"><Offset>0</Offset><Scale>1000</Scale></PAMRasterBand></PAMDataset>'
    (tmp_path / "p.tif.aux.xml").write_text(xml)
    found = read_study(path)
    assert found.area.population["persons"].sum() == 5000
    (said,) = [said for said in found.findings if said.kind == "raster_scaled"]
    assert "multiplied by 1000 and 0 added, as p.tif.aux.xml says" in said.en
    assert fingerprint(tmp_path / "p.tif")[0] != before
    assert "population" not in found.area.incomplete


@pytest.mark.parametrize(("persons", "told"), [(0.5, True), (5.0, True), (3000.0, False), (39_000.0, False)])
def test_a_built_up_area_as_empty_as_no_town_is_leaves_no_sure_density(persons, told, study):
    """0.5 stands for 0.5 万: 5,000 persons."""
    found = read_study(study(population=layer([box(0, 0, 1000, 1000)], persons=[persons])))
    assert [said.kind for said in found.findings] == (["too_empty"] if told else [])
    assert sg.population_density(found).high == (np.inf if told else pytest.approx(persons))


def test_a_crowd_that_no_city_holds_is_told_with_every_result(study):
    found = read_study(study(population=layer([box(0, 0, 1000, 1000)], persons=[5e7])))
    (said,) = found.findings
    assert "50,000,000 persons per km² is more than any city holds; check its unit" in said.en


# -------------------------------------------------------------------------------------------------------- land that overlaps
@pytest.mark.slow
@pytest.mark.parametrize("width", [100, 150])
def test_land_of_two_classes_that_overlaps_is_told_and_of_either(width, study):
    """1 ha of homes and 1 ha of industry side by side or half on each other; 1,000 persons."""
    land = layer(
        [box(0, 0, 100, 100), box(width - 100 if width == 150 else 100, 0, 100, 100)], land_class=["0701", "0601"]
    )
    land["czcsxm"] = "201"
    people = layer([box(0, 0, 1000, 1000)], persons=[1000])
    path = study(population=people, land_use=land)
    path.write_text(
        path.read_text("utf-8").replace('path = "land_use.gpkg"', 'path = "land_use.gpkg"\ncodes = "sd2019"')
    )
    found = read_study(path)
    homes, whole = sg.land_per_capita(found, "R"), sg.construction_land_per_capita(found)
    assert homes.value == pytest.approx(10)
    overlap = width == 150
    assert whole.value == pytest.approx(15 if overlap else 20)
    assert homes.low == pytest.approx(5 if overlap else 10)
    assert [said.kind for said in found.findings] == (["polygons_overlap"] if overlap else [])
    assert any("overlaps by 0.50 ha" in said.en for said in (*whole.notes, *homes.notes)) == overlap
    if overlap:
        assert "overlap by 0.50 ha (33.33%)" in found.findings[0].en


# --------------------------------------------------------------------------------------- coordinate systems and their datums
@pytest.mark.slow
@pytest.mark.parametrize("crs", ["EPSG:2383", "EPSG:4610", "EPSG:4214", "EPSG:2435"])
def test_an_unknown_shift_of_datum_is_told(crs, study):
    roads = layer([line(0, 500, 1000)], road_class="branch").to_crs(crs)
    found = read_study(study(roads=roads))
    (said,) = found.findings
    assert said.kind == "shift_unknown"
    assert "10 to 100 m off" in said.en


@pytest.mark.slow
@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4326", "EPSG:32649", "EPSG:4526"])
def test_datums_of_one_ellipsoid_need_no_shift(crs, study):
    assert read_study(study(roads=layer([line(0, 500, 1000)], road_class="branch").to_crs(crs))).findings == ()


def test_a_shift_that_is_known_is_not_called_unknown():
    assert not shift_is_unknown(CRS("EPSG:4313"), CRS("EPSG:3812"), 4.4, 50.8)  # Belgium


@pytest.mark.slow
def test_parameters_of_a_datum_that_the_study_gives_are_used(study, tmp_path):
    """With 15.8, -154.4, -82.3 m along the axes at 113.4 E a place moves by some 45 m east and 52 m south."""
    path = study('[layers.roads]\npath = "roads.shp"\ncrs = "+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3"')
    road = layer([line(0, 500, 1000)], road_class="branch").to_crs("EPSG:4490")
    road.to_file(tmp_path / "roads.shp")
    (tmp_path / "roads.prj").unlink()
    found = read_study(path)
    assert found.findings == ()
    to_wgs84 = Transformer.from_pipeline(
        "proj=pipeline step proj=unitconvert xy_in=deg xy_out=rad step proj=cart ellps=krass "
        "step proj=helmert x=15.8 y=-154.4 z=-82.3 step inv proj=cart ellps=WGS84 step proj=unitconvert xy_in=rad xy_out=deg"
    )
    lon, lat = road.geometry[0].coords[0]
    expected = Transformer.from_crs("EPSG:4490", WORKING, always_xy=True).transform(
        *to_wgs84.transform(lon, lat, 0)[:2]
    )
    assert np.hypot(*(np.array(found.area.roads.geometry[0].coords[0]) - expected)) < 0.05
    assert np.hypot(*(np.array(expected) - (EAST, NORTH + 500))) > 20


@pytest.mark.parametrize(
    ("crs", "lon", "lat", "stretch"),
    [
        ("EPSG:3035", -9.14, 38.72, 0.0134),  # 0.3 % along the meridian, 1.3 % across the diagonal
        ("EPSG:3035", 10.0, 52.0, 0.0),
        ("EPSG:4547", 114.0, 31.7, 0.0),
        ("EPSG:27700", -3.0, 51.6, 0.0004),
    ],
)
def test_the_gate_measures_every_direction(crs, lon, lat, stretch):
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
    assert largest_stretch(CRS(crs), np.array([x]), np.array([y])) == pytest.approx(stretch, abs=2e-4)


@pytest.mark.slow
def test_zones_that_are_stretched_across_are_refused(study):
    lisbon = layer([shapely.box(-9.2, 38.7, -9.1, 38.8)], crs="EPSG:4326", name=["甲"])
    with pytest.raises(StudyError, match=r"stretches lengths by 1\.\d% where the zones lie"):
        read_study(study(zones=lisbon, crs="EPSG:3035"))


def test_the_worst_corner_decides(study):
    """From the meridian 114 to 10.5 degrees east of it: 0.3 % in the middle, 1.2 % at the eastern end."""
    wide = layer([shapely.box(113.9, 31.6, 124.5, 31.7)], crs="EPSG:4326", name=["甲"])
    with pytest.raises(StudyError, match="stretches lengths by"):
        read_study(study(zones=wide))
