"""Population rasters by their address: size and checksum told, gone on with where they broke off, cell by cell as published."""

import hashlib
import io
import json
import os
import runpy
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from shapely import box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.cli import app
from suizhou_geo.sources.fetch import rasters
from suizhou_geo.sources.fetch.rasters import tile_urls
from suizhou_geo.standards import table

LOOPBACK = runpy.run_path(str(Path(__file__).with_name("loopback.py")))
says, ends_early = LOOPBACK["says"], LOOPBACK["ends_early"]
HERE = (113.49, 31.74, 113.51, 31.76)
CELL_DEG = 0.01
SIDE = 200  # cells: 2 degrees


def _tiff(west=113.0, north=32.5, *, value=1.0, side=SIDE, **how):
    """A raster of `side` times `side` cells of 0.01 degrees, each with as many persons as `value` says."""
    how = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": "EPSG:4326", "nodata": -200.0} | how
    how["transform"] = rasterio.Affine(CELL_DEG, 0.0, west, 0.0, -CELL_DEG, north)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "raster.tif"
        with rasterio.open(path, "w", width=side, height=side, **how) as raster:
            raster.write(np.full((side, side), value, dtype=how["dtype"]), 1)
        return path.read_bytes()


def _zipped(*files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The waits that would have been; none of them is waited for."""
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.fixture
def server(monkeypatch):
    """The server with a school, a raster at /pop.tif, and its address; no proxy stands between."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with LOOPBACK["served"]() as (served, url):
        served.elements = [{"type": "node", "id": 1, "lon": 113.5, "lat": 31.75, "tags": {"amenity": "school"}}]
        served.files, served.url = {"/pop.tif": _tiff()}, url
        yield served


@pytest.fixture
def town(server, tmp_path):
    """The folder of a fetch."""
    return sg.fetch(HERE, out=tmp_path / "town", server=server.url, lang="en").folder


def _population(server, folder, *paths, source="worldpop", **more):
    urls = [server.url + path for path in paths or ("/pop.tif",)]
    return sg.fetch_population(source, folder=folder, urls=urls, lang="en", **more)


def test_a_raster_is_kept_as_published_with_size_and_checksum(server, town):
    told = []
    done = _population(server, town, progress=told.append)
    content = server.files["/pop.tif"]
    assert done.population == town / "population_worldpop.tif"
    assert done.population.read_bytes() == content
    entry = json.loads((town / "fetched.json").read_text("utf-8"))["population"]["population_worldpop.tif"]
    checksum = hashlib.sha256(content).hexdigest()
    assert entry["files"] == [{"url": f"{server.url}/pop.tif", "bytes": len(content), "sha256": checksum}]
    assert (entry["sha256"], entry["bytes"], entry["kind"]) == (checksum, len(content), "count")
    assert "CC BY 4.0" in entry["licence"]
    assert told[-1] == f"pop.tif  {len(content) / 1e6:,.1f}/{len(content) / 1e6:,.1f} MB"
    assert not list(town.glob(".*"))


@pytest.mark.slow
def test_the_study_counts_its_persons(server, town):
    """One person a cell of 0.01 degrees; the outline has two by two of them."""
    study = sg.read_study(_population(server, town).study)
    assert study.area.population["persons"].sum() >= 4
    assert sg.population_density(study).denominator.sum() > 0
    inside = study.area.population.clip(study.area.zones.union_all())
    assert inside.area.sum() / study.area.population.area.iloc[0] == pytest.approx(4, rel=0.01)


def test_a_study_file_that_was_changed_stays(server, town):
    mine = (town / "study.toml").read_text("utf-8") + "# mine\n"
    (town / "study.toml").write_text(mine, "utf-8")
    assert _population(server, town).study.read_text("utf-8") == mine


def test_what_is_there_is_not_fetched_again_but_another_address_is(server, town):
    _population(server, town)
    asked = len(server.asked)
    _population(server, town)
    assert len(server.asked) == asked
    server.files["/new.tif"] = _tiff(value=2.0)
    done = _population(server, town, "/new.tif")
    assert done.population.read_bytes() == server.files["/new.tif"]
    assert done.study.read_text("utf-8").count("[population]") == 1


def _half(content):
    """It says how long the file is, sends half, and breaks off."""

    def fail(handler):
        half = content[: len(content) // 2]
        handler.send(200, half, "image/tiff", {"ETag": '"1"'}, said=len(content))

    return fail


def test_a_raster_is_gone_on_with_where_it_broke_off(server, town):
    content = server.files["/pop.tif"]
    server.etags["/pop.tif"] = '"1"'
    server.fail = [_half(content)]
    assert _population(server, town).population.read_bytes() == content
    assert server.ranges == ["bytes=65536-"]  # of the half that came, the last whole piece


def test_a_raster_that_has_changed_meanwhile_is_begun_anew(server, town):
    old, new = server.files["/pop.tif"], _tiff(value=3.0)
    server.files["/pop.tif"], server.etags["/pop.tif"] = new, '"2"'
    server.fail = [_half(old)]
    assert _population(server, town).population.read_bytes() == new
    server.files["/weak.tif"] = new
    server.fail = [ends_early(old[:-10], missing=10)]  # without a version nobody can vouch for what is there
    assert _population(server, town, "/weak.tif").population.read_bytes() == new
    assert server.ranges[-1] is None


def test_a_later_call_goes_on_where_the_first_gave_up(server, town, waits):
    content = server.files["/pop.tif"]
    server.etags["/pop.tif"] = '"1"'
    server.fail = [_half(content), *[says(503)] * 4]
    waits.clear()
    with pytest.raises(sg.FetchError, match="503") as error:
        _population(server, town)
    assert waits == [5.0, 15.0, 45.0, 90.0]
    assert "what had arrived is kept" in str(error.value)
    assert "population" not in json.loads((town / "fetched.json").read_text("utf-8"))
    sg.fetch(HERE, out=town, server=server.url)  # as the command does before it goes on
    assert _population(server, town).population.read_bytes() == content
    assert server.ranges == ["bytes=65536-"]


@pytest.mark.parametrize(
    ("body", "kind", "told"),
    [
        (b"<html><body>Please log in</body></html>", "text/html", "a web page, not a raster (Please log in)"),
        (b"<html>", "image/tiff", "neither a GeoTIFF nor a ZIP"),
        (b"II*\x00" + b"\x00" * 100, "image/tiff", "the raster cannot be read"),
        (b"PK\x03\x04" + b"\x00" * 100, "application/zip", "the raster cannot be read"),
        (_zipped(("readme.txt", b"x")), "application/zip", "holds no GeoTIFF"),
        (_zipped(("a.tif", b"x"), ("b.tif", b"x")), "application/zip", "holds no GeoTIFF"),
        (_tiff(west=10.0), "image/tiff", "does not reach what was asked for"),
        (_tiff(crs=None), "image/tiff", "does not say its coordinate system"),
    ],
)
def test_what_is_no_raster_of_the_place_is_told(body, kind, told, server, town):
    server.fail = [says(200, body, kind)]
    with pytest.raises(sg.FetchError) as error:
        _population(server, town)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert not (town / "population_worldpop.tif").exists()
    assert "[population]" not in (town / "study.toml").read_text("utf-8")


def test_an_address_that_has_gone_is_told(server, town):
    with pytest.raises(sg.FetchError, match=r"it answered 404 \(Not Found\).*--url"):
        _population(server, town, "/gone.tif")


def test_a_file_without_end_and_an_archive_that_unpacks_to_too_much_are_given_up(server, town, monkeypatch):
    server.files["/bomb.zip"] = _zipped(("a.tif", b"II*\x00" + b"\x00" * 2_000_000))
    monkeypatch.setattr(rasters, "MOST_BYTES", 1_000_000)
    assert len(server.files["/bomb.zip"]) < 100_000
    with pytest.raises(sg.FetchError, match="unpacks to more than there is room for"):
        _population(server, town, "/bomb.zip")
    server.files["/endless.tif"] = b"II*\x00" + b"\x00" * 2_000_000
    with pytest.raises(sg.FetchError, match="it gave more than 1 MB: given up"):
        _population(server, town, "/endless.tif")
    assert not (town / "population_worldpop.tif").exists()


def test_an_archive_gives_the_raster_in_it(server, town):
    inside = _tiff()
    server.files["/pop.zip"] = _zipped(("readme.txt", b"x"), ("GHS_POP.tif", inside))
    assert _population(server, town, "/pop.zip").population.read_bytes() == inside


def test_tiles_are_put_side_by_side_cell_by_cell(server, town):
    """They meet at 113.5 degrees, in the middle of the place: 1 person a cell in the west, 10 in the east."""
    server.files = {"/west.tif": _tiff(113.5 - 2), "/east.zip": _zipped(("east.tif", _tiff(113.5, value=10.0)))}
    done = _population(server, town, "/west.tif", "/east.zip", source="ghsl")
    with rasterio.open(done.population) as raster:
        values = raster.read(1)
        assert raster.res == pytest.approx((CELL_DEG, CELL_DEG))
        assert (raster.nodata, raster.crs.to_epsg()) == (-200.0, 4326)
        assert box(*raster.bounds).buffer(1e-9).covers(box(113.45, 31.70, 113.55, 31.80))
        column = round((113.5 - raster.bounds.left) / CELL_DEG)
    assert values[0, column - 1 : column + 1].tolist() == [1.0, 10.0]
    assert set(values.ravel().tolist()) == {1.0, 10.0}
    assert values.sum() == pytest.approx((values.size / 2) * 11, rel=0.1)
    assert len(done.record["population"]["population_ghsl.tif"]["files"]) == 2


def test_addresses_follow_the_tables():
    known = table("downloads")["population"]
    (worldpop,) = tile_urls(known["worldpop"], year=2020, box=HERE)
    assert worldpop.endswith("/2020/CHN/v1/100m/constrained/chn_pop_2020_CN_100m_R2025A_v1.tif")
    (ghsl,) = tile_urls(known["ghsl"], year=2025, box=HERE)
    assert ghsl.endswith("/GHS_POP_E2025_GLOBE_R2023A_54009_100_V1_0_R6_C29.zip")
    delhi = tile_urls(known["ghsl"], year=2020, box=(76.80, 28.37, 77.39, 28.92))
    assert [url[-10:-4] for url in delhi] == ["R6_C26"]
    wide = tile_urls(known["ghsl"], year=2020, box=(113.4, 23.5, 113.6, 31.8))
    assert [url[-10:-4] for url in wide] == ["R6_C29", "R7_C29"]


@pytest.mark.parametrize(
    ("source", "year", "told"),
    [
        ("worldpop", 2031, "worldpop has nothing for 2031: there is 2015 to 2030, every 1 years"),
        ("ghsl", 2021, "ghsl has nothing for 2021: there is 1975 to 2030, every 5 years"),
        ("gpw", 2020, "there is no population 'gpw'; give one of worldpop, ghsl"),
    ],
)
def test_what_a_source_has_not_is_told(source, year, told, server, town):
    asked = len(server.asked)
    with pytest.raises(sg.InputError) as error:
        sg.fetch_population(source, folder=town, year=year, lang="en")
    assert told in str(error.value)
    assert len(server.asked) == asked


def test_a_year_beside_an_address_is_refused(server, town):
    with pytest.raises(sg.InputError, match="with --url nothing depends on --year"):
        _population(server, town, year=2020)


def test_a_place_that_the_known_address_does_not_hold_is_told_before_anybody_is_asked(server, tmp_path):
    server.elements[0] |= {"lon": 4.35, "lat": 50.85}
    folder = sg.fetch((4.34, 50.84, 4.36, 50.86), out=tmp_path / "there", server=server.url).folder
    with pytest.raises(sg.InputError, match=r"of China; look it up at .* give it with --url"):
        sg.fetch_population("worldpop", folder=folder, lang="en")


def test_the_command_fetches_both_and_tells_size_and_checksum(server, tmp_path):
    words = ["fetch", "--bbox", "113.49,31.74,113.51,31.76", "--server", server.url, "--out", str(tmp_path / "town")]
    words += ["--population", "worldpop", "--url", f"{server.url}/pop.tif"]
    done = CliRunner().invoke(app, words, catch_exceptions=False, env={"COLUMNS": "300", "SUIZHOU_GEO_LANG": "zh"})
    assert done.exit_code == 0, done.output
    checksum = hashlib.sha256(server.files["/pop.tif"]).hexdigest()
    assert f"{server.url}/pop.tif" in done.stdout
    assert done.stdout.count(f"{len(server.files['/pop.tif']):,} B  SHA-256 {checksum}") == 2
    assert "人口：" in done.stdout
    text = (tmp_path / "town" / "study.toml").read_text("utf-8")
    assert 'path = "population_worldpop.tif"\nkind = "count"' in text


def test_without_a_network_it_says_what_to_fetch_by_hand(town):
    with pytest.raises(sg.FetchError) as error:
        sg.fetch_population("ghsl", folder=town, urls=["http://127.0.0.1:9/a.zip"])
    for words in (error.value.said.zh, error.value.said.en):
        assert "http://127.0.0.1:9/a.zip" in words
        assert "https://human-settlement.emergency.copernicus.eu" in words
        assert f"{town}" in words
        assert 'kind = "count"' in words
