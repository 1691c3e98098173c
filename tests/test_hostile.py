"""Files that would have something fetched, executed, unpacked without end or written elsewhere."""

import bz2
import gzip
import json
import os
import runpy
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pytest
from pyproj import CRS

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import alike
from suizhou_geo.sources.archives import unpacked
from suizhou_geo.sources.files import decoded, existing
from suizhou_geo.sources.gdal import layers_in, read_rows
from suizhou_geo.sources.opened import VectorSource
from suizhou_geo.sources.osm_file import opened as opened_osm
from suizhou_geo.sources.plan import read_plan
from suizhou_geo.sources.point_tables import table_rows
from suizhou_geo.sources.statistics_form import write_form
from suizhou_geo.sources.vector import read_vector
from suizhou_geo.sources.workbooks import shown_as_text

WHAT = alike("a file")
POINTS = {
    "type": "FeatureCollection",
    "features": [{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [113.4, 31.7]}}],
}
LINK = {"type": "link", "properties": {"href": "URL", "type": "proj4"}}
VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/vsicurl/URL</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
BAD = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))


@pytest.fixture
def server():
    """A server on this machine, and what was asked of it."""
    asked = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *told):
            pass

    serving = HTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}/x", asked
    serving.shutdown()
    thread.join()
    serving.server_close()


def _read(path):
    return read_vector(VectorSource(path), "parks", to_crs=CRS("EPSG:4547"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.geojson", json.dumps(POINTS | {"crs": LINK})),
        ("a.json", json.dumps(POINTS | {"crs": LINK})),
        ("a.geojson", json.dumps(POINTS | {"crs": LINK}).replace('"crs"', '"\\u0063RS"')),
        ("a.geojson", json.dumps(POINTS["features"] + [POINTS["features"][0] | {"crs": LINK}])),
        ("a.kml", VRT),
        ("a.kml", f'<?xml version="1.0"?>\n<!-- kml -->{VRT}'),
        ("a.dxf", VRT),
        ("a.vrt", VRT),
        ("a.xml", "<OGRWFSDataSource><URL>URL</URL></OGRWFSDataSource>"),
        ("a.kml", "<OGRWFSDataSource><URL>URL</URL></OGRWFSDataSource>"),
        ("a.gml", '<FeatureCollection xmlns:gml="http://www.opengis.net/gml" xsi:schemaLocation="x URL"/>'),
    ],
)
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_nothing_is_fetched_whatever_a_layer_says(name, content, server, tmp_path):
    url, asked = server
    (tmp_path / name).write_text(content.replace("URL", url))
    with pytest.raises(InputError):
        _read(tmp_path / name)
    assert asked == []


def test_the_options_of_gdal_are_as_they_were_afterwards(tmp_path):
    (tmp_path / "a.geojson").write_text(json.dumps(POINTS))
    before = pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY")
    assert len(read_rows(tmp_path / "a.geojson", suffix=".geojson", what=WHAT)) == 1
    assert pyogrio.get_gdal_config_option("GDAL_HTTP_PROXY") == before


def test_a_name_as_coordinate_system_is_followed(tmp_path):
    named = POINTS | {"crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::4490"}, "type": "name"}}
    (tmp_path / "a.geojson").write_text(json.dumps(named))
    assert read_rows(tmp_path / "a.geojson", suffix=".geojson", what=WHAT).crs.to_epsg() == 4490
    (tmp_path / "a.geojson").write_text(json.dumps(named | {"crs": LINK}))
    with pytest.raises(LayerError, match="names its coordinate system by a link"):
        read_rows(tmp_path / "a.geojson", suffix=".geojson", what=WHAT)


def test_a_file_of_another_kind_than_its_name_is_refused(tmp_path):
    (tmp_path / "a.kml").write_text('<gpx version="1.1"><wpt lat="31" lon="113"/></gpx>')
    with pytest.raises(InputError, match="named like LIBKML but holds GPX"):
        read_rows(tmp_path / "a.kml", suffix=".kml", what=WHAT, layer="waypoints")
    with pytest.raises(InputError, match="none of the formats known"):
        layers_in(tmp_path / "a.gpx", what=WHAT)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("name", ["a.csv", "a.cpg", "a.tif.aux.xml"])
def test_a_pipe_is_no_file(name, tmp_path):
    os.mkfifo(tmp_path / name)
    asked = tmp_path / {"a.cpg": "a.shp", "a.tif.aux.xml": "a.tif"}.get(name, name)
    if not asked.exists():
        asked.write_bytes(b"II*\x00" if asked.suffix == ".tif" else b"\x00\x00\x27\x0a")
    with pytest.raises(InputError, match="is a pipe or a device"):
        existing(asked, what=WHAT)
    os.mkfifo(tmp_path / "plan.toml")
    with pytest.raises(InputError, match="a pipe or a device"):
        read_plan(tmp_path / "plan.toml")


@pytest.mark.parametrize("encoding", ["rot13", "zlib", "undefined", "idna", "unicode_escape", "x\x00y", "9" * 300])
def test_what_is_no_encoding_of_text_is_refused(encoding):
    with pytest.raises(InputError, match="is not one Python knows"):
        decoded("随州".encode(), what=WHAT, encoding=encoding)


@pytest.mark.slow
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_an_extract_that_unpacks_without_end_is_refused(pack, tmp_path):
    (tmp_path / "a.osm").write_bytes(pack(b"<osm>" + bytes(60_000_000)))
    with pytest.raises(InputError, match="which no OpenStreetMap data do"):
        opened_osm(tmp_path / "a.osm")


def test_a_zip_writes_nothing_beside_its_folder_and_makes_no_links(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../../escaped.csv", "x,y\n1,2\n")
        link = zipfile.ZipInfo("passwd.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with unpacked(tmp_path / "a.zip", layer="passwd", name="parks", what=WHAT) as (path, _):
        assert not path.is_symlink()
        assert path.read_text() == "/etc/passwd"
        there = path.parent
        assert not (there.parent / "escaped.csv").exists()
        assert not (there.parent.parent / "escaped.csv").exists()


def test_a_zip_that_unpacks_to_more_than_there_is_room_for_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("suizhou_geo.sources.archives._MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", bytes(2000))
    with (
        pytest.raises(InputError, match="which there is no room for"),
        unpacked(tmp_path / "a.zip", layer=None, name="parks", what=WHAT),
    ):
        pass


def _rows(path):
    return table_rows(path, sheet=None, name="parks", encoding=None, what=WHAT)


@pytest.mark.parametrize(("before", "after"), [(b'<row r="2"', b'<row r="99999999999"'), (b'r="A2"', b'r="ZZZZ2"')])
def test_a_workbook_that_names_a_row_no_sheet_has_is_refused(before, after, tmp_path):
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["c", "d"]):
        book.active.append(row)
    book.save(tmp_path / "sound.xlsx")
    assert len(_rows(tmp_path / "sound.xlsx")[0]) == 1
    with zipfile.ZipFile(tmp_path / "sound.xlsx") as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(before, after))
    with pytest.raises(InputError, match="which no sheet has"):
        _rows(tmp_path / "a.xlsx")


@pytest.mark.slow
def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(30_000_000))
    with pytest.raises(InputError, match="more than such a file can hold"):
        _rows(tmp_path / "a.xlsx")


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "%s"><!ENTITY f SYSTEM "file:///etc/passwd">]>' % (b"lol" * 10)


def test_entities_are_not_expanded_in_drawings(tmp_path):
    head = (
        b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&f;</name><Point><coordinates>113,31'
    )
    (tmp_path / "a.kml").write_bytes(ENTITIES + head + b"</coordinates></Point></Placemark></Document></kml>")
    try:
        rows = read_rows(tmp_path / "a.kml", suffix=".kml", what=WHAT)
    except (InputError, pyogrio.errors.DataSourceError):
        return
    assert "root" not in rows.to_csv()


FORMULAS = ("=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)", "\tx", "\r=1")


def test_no_text_of_a_table_is_a_formula():
    table = shown_as_text(pd.DataFrame({"name": [*FORMULAS, "-0.5", "8.0 km"], "n": range(len(FORMULAS) + 2)}))
    assert all(cell.startswith(("'", "\n")) for cell in table["name"][: len(FORMULAS)])
    assert list(table["name"][len(FORMULAS) :]) == ["-0.5", "8.0 km"]
    assert "\r" not in table.to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_the_form_of_a_hostile_plan_holds_no_formula(suffix, tmp_path):
    from dataclasses import replace

    plan = read_plan("suizhou_2025")
    hostile = [
        replace(target, name_zh=f"=1+{k}\x07", quote="=2", clause="+3", needs_zh="@x")
        for k, target in enumerate(plan.targets)
    ]
    written = write_form(replace(plan, targets=tuple(hostile), title_zh="=4"), tmp_path / f"form{suffix}", measured=())
    assert written > 10
    if suffix == ".csv":
        cells = pd.read_csv(tmp_path / "form.csv", dtype=str, keep_default_na=False).to_numpy().ravel()
        assert not [cell for cell in cells if cell.startswith(FORMULAS[0][0])]
        return
    book = openpyxl.load_workbook(tmp_path / "form.xlsx")
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert found == []
    assert book["填报表"]["B2"].value.startswith("=1+0")
