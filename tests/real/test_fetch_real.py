"""Recorded answers of Overpass servers, replayed from the loopback address: what is fetched is what the extract holds."""

import gzip
import runpy
import time
from pathlib import Path

import numpy as np
import pytest
from pyproj import CRS

import suizhou_geo as sg
from suizhou_geo.sources.osm import read_osm

pytestmark = pytest.mark.real
LOOPBACK = runpy.run_path(str(Path(__file__).parents[1] / "loopback.py"))
PLACES = {  # the recorded answer, the extract it holds the same of, a box within it, its date
    "guixi": (
        "guixi_overpass_DERIVED.json",
        "guixi/guixi.osm",
        (117.19116, 28.28171, 117.25519, 28.32252),
        "2024-11-18T05:46:04Z",
    ),
    "nanjing": (
        "nanjing_xinjiekou_overpass_DERIVED.json",
        "nanjing/xinjiekou.osm.xml",
        (118.764, 32.035, 118.797, 32.052),
        "2021-06-12T07:41:41Z",
    ),
}
REFUSED = {  # recorded answer -> what is said of it, its status and its kind
    "remark-runtime-error-01.json": ('Query timed out in "query" at line 4 after 2 seconds', 200, "application/json"),
    "remark-runtime-remark-01.json": ("runtime remark: Test", 200, "application/json"),
    "remark-unknown-01.json": ("Test remark", 200, "application/json"),
    "bad-request.html": ("line 2: parse error: ';' expected - 'out' found.", 400, "text/html"),
    "bad-request-encoding.html": ("line 2: parse error: ';' expected - 'out' found.", 400, "text/html"),
    "area-01.json": ("lacks the objects of OpenStreetMap", 200, "application/json"),
    "overpass-response-0.txt": ("breaks off", 200, "text/plain"),
}


@pytest.fixture
def server(monkeypatch):
    """The server, and its address; no wait is waited for."""
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with LOOPBACK["served"]() as (served, url):
        served.url = url
        yield served


@pytest.mark.parametrize("place", PLACES)
def test_what_is_fetched_reads_as_the_extract_does(place, real_data, server, tmp_path):
    """Every part answers with the whole place: each object stands in all of them, and once in what is written."""
    recorded, extract, here, base = PLACES[place]
    server.fail = [LOOPBACK["says"](200, (real_data / "overpass" / recorded).read_bytes(), "application/json")] * 4
    done = sg.fetch(here, out=tmp_path / place, server=server.url)
    assert done.osm_base == base
    crs = CRS("EPSG:4548")
    ours, theirs = (read_osm(path, crs=crs, bounds=here) for path in (done.osm, real_data / extract))
    assert ours.timestamp == base
    assert ours.layers.keys() == theirs.layers.keys()
    for name, layer in theirs.layers.items():
        assert len(ours.layers[name]) == len(layer), name
        assert ours.layers[name].total_bounds.tolist() == pytest.approx(layer.total_bounds.tolist(), nan_ok=True), name
        measured = [np.sort(read.layers[name].length.to_numpy()) for read in (ours, theirs)]
        assert measured[0] == pytest.approx(measured[1]), name
    sg.read_study(done.study)


@pytest.mark.parametrize("name", REFUSED)
def test_recorded_failures_are_told_in_one_line(name, real_data, server, tmp_path):
    told, status, kind = REFUSED[name]
    answer = LOOPBACK["says"](status, (real_data / "overpass" / name).read_bytes(), kind)
    server.fail = [answer] * 50
    with pytest.raises(sg.FetchError) as error:
        sg.fetch((113.4, 31.7, 113.42, 31.72), out=tmp_path / "town", server=server.url, lang="en")
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert len(server.queries) <= 6
    assert not (tmp_path / "town" / "openstreetmap.osm.pbf").exists()


def test_an_answer_of_2017_is_taken_as_it_was_recorded(real_data, server, tmp_path):
    body = gzip.decompress((real_data / "overpass" / "overpass-response-6.json.gz").read_bytes())
    server.fail = [LOOPBACK["says"](200, body, "application/json")] * 9
    done = sg.fetch((-122.43, 37.77, -122.42, 37.78), out=tmp_path / "there", server=server.url)
    assert done.osm_base == "2017-10-20T23:56:01Z"
    assert 'crs = "EPSG:32610"' in done.study.read_text("utf-8")
    roads = read_osm(done.osm, crs=CRS("EPSG:32610")).layers["roads"]
    assert len(roads) > 100
