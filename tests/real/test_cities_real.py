"""The same command on real places: Newport, Guixi, Nanjing, Liège. Sane, and equal to what is known of them."""

import json
import math
from pathlib import Path

import geopandas as gpd
import pytest
import rasterio
from exactextract import exact_extract
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.cli import app
from suizhou_geo.outputs.folder import FILES, GUESSES
from suizhou_geo.streets.centrelines import centrelines

pytestmark = pytest.mark.real
HERE = Path(__file__).resolve().parent
MOTOR = ("motorway", "expressway", "arterial", "secondary", "branch", "local")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a function: a city's name to the folder of its results and its scorecard by key."""
    done = {}

    def of(city):
        if city not in done:
            folder = tmp_path_factory.mktemp(city) / "results"
            result = CliRunner().invoke(
                app,
                ["run", str(HERE / city / "study.toml"), "--out", str(folder), "--lang", "zh"],
                catch_exceptions=False,
            )
            assert result.exit_code == 0, result.stderr
            rows = json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))["rows"]
            done[city] = folder, {row["key"]: row for row in rows}
        return done[city]

    return of


@pytest.mark.parametrize("city", ["newport", "guixi", "nanjing", "liege"])
def test_every_city_gets_every_output(real_data, run, city):
    folder, rows = run(city)
    assert real_data.is_dir()
    assert {p.name for p in folder.iterdir()} - {GUESSES} == set(FILES)
    assert (folder / GUESSES).is_file() == (city != "liege")  # there are no schools in the roads of Liège
    for row in rows.values():
        if row["unit"] == "share" and row["value"] is not None:
            assert 0.0 <= row["value"] <= 1.0, row["key"]
        assert row["status"] in ("met", "missed", "cannot_tell", "no_data", "")
        assert row["needs"] or row["status"] in ("met", "missed", ""), row["key"]


@pytest.mark.parametrize(("city", "known_km"), [("newport", 413.8), ("guixi", 82.6)])
def test_centrelines_are_those_known(real_data, city, known_km):
    assert real_data.is_dir()
    roads = sg.read_study(HERE / city / "study.toml").area.roads
    motor = roads[roads["road_class"].isin(MOTOR) & ~roads["ramp"]]
    pieces = centrelines(motor)
    assert (pieces.length * pieces["weight"]).sum() / 1000 == pytest.approx(known_km, rel=0.02)


@pytest.mark.parametrize(
    ("city", "parks", "park_ha"), [("newport", 21, 89.8), ("guixi", 1, 19.1), ("nanjing", 6, None)]
)
def test_parks_are_those_known(real_data, city, parks, park_ha):
    assert real_data.is_dir()
    found = sg.read_study(HERE / city / "study.toml").area.parks
    found = found[found["kind"] == "park"]
    assert len(found) == parks
    assert park_ha is None or found.area.sum() / 1e4 == pytest.approx(park_ha, abs=0.06)


def test_newport_has_the_residential_land_it_is_known_for(real_data):
    assert real_data.is_dir()
    area = sg.read_study(HERE / "newport" / "study.toml").area
    assert area.residential.area.sum() / 1e4 == pytest.approx(1739, rel=0.01)


def test_openstreetmap_alone_is_never_sure_of_a_coverage(real_data, run):
    assert real_data.is_dir()
    for city in ("newport", "guixi", "nanjing"):
        rows = run(city)[1]
        assert {row["status"] for key, row in rows.items() if key.startswith("park_coverage")} == {
            "cannot_tell",
            "no_data",
        }
        assert rows["park_coverage"]["low"] == 0.0


def test_openstreetmap_alone_never_says_missed(real_data, run):
    assert real_data.is_dir()
    for city in ("newport", "guixi", "nanjing"):
        rows = run(city)[1]
        assert not [key for key, row in rows.items() if row["status"] == "missed"]
        assert rows["road_density"]["status"] == "cannot_tell"
        assert rows["population_density"]["status"] == "no_data"


def test_guixi_says_that_its_homes_are_a_stand_in(real_data, run):
    assert real_data.is_dir()
    parks = run("guixi")[1]["park_coverage"]
    assert "residential_buildings" in parks["profile"]
    assert "居住用地" in parks["needs"]


def test_guixi_held_against_suizhou_s_plan_is_told_so(real_data, run):
    assert real_data.is_dir()
    folder, rows = run("guixi")
    assert all(row["basis"].startswith("【随州的方案，不是本地的】") for row in rows.values())
    for file in ("scorecard.json", "run.json", "map.html"):
        assert "china_standards" in (folder / file).read_text(encoding="utf-8"), file


def test_guixi_by_national_standards_has_no_promise_of_another_city(real_data, tmp_path):
    assert real_data.is_dir()
    study, out = HERE / "guixi" / "standards.toml", tmp_path / "results"
    result = CliRunner().invoke(app, ["run", str(study), "--out", str(out), "--lang", "zh"], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    rows = json.loads((out / "scorecard.json").read_text(encoding="utf-8"))["rows"]
    promised = {row["key"].partition("@")[0] for row in rows if row["op"]}
    assert promised == {target.key for target in sg.read_plan("china_standards").targets}
    written = "".join((out / file).read_text(encoding="utf-8") for file in ("scorecard.json", "run.json", "map.html"))
    for word in ("随州", "随政办发", "裕民大道", "汉东东路", "迎宾大道", "九纵", "十二横"):
        assert word not in written + result.stdout, word
    assert "贵溪" in result.stdout


def test_nanjing_is_as_dense_as_a_city_centre(real_data, run):
    assert real_data.is_dir()
    rows = run("nanjing")[1]
    assert 6 < rows["road_density"]["value"] < rows["road_density@raw"]["value"] < 12
    assert rows["service_coverage.hospital"]["value"] == pytest.approx(1.0)


def test_liege_has_the_persons_of_the_raster_exactly(real_data):
    study = sg.read_study(HERE / "liege" / "study.toml")
    density = sg.population_density(study.area)
    with rasterio.open(real_data / "belgium_ghspop" / "POP.tif") as raster:
        outline = study.area.zones.geometry.segmentize(20.0)
        zone = gpd.GeoDataFrame(geometry=outline, crs=study.area.crs).to_crs(raster.crs)
        exact = exact_extract(raster, zone, ["sum"])[0]["properties"]["sum"]
    assert exact > 200_000
    assert math.isclose(density.params["persons"], exact, rel_tol=1e-6)


def test_liege_streets_carry_classes_and_nothing_else(real_data, run):
    assert real_data.is_dir()
    rows = run("liege")[1]
    assert rows["road_density"]["value"] < rows["road_density@raw"]["value"]
    assert rows["park_coverage"]["status"] == "no_data"
