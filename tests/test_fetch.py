"""Fetching OpenStreetMap from a server on the loopback address: nothing hangs, repeats, or passes for whole that is not."""

import json
import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import geopandas as gpd
import osmium
import osmnx
import pytest
from pyproj import CRS
from shapely import box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.cli import app
from suizhou_geo.sources.fetch import http, overpass
from suizhou_geo.sources.osm import read_osm

LOOPBACK = runpy.run_path(str(Path(__file__).with_name("loopback.py")))
says, ends_early, overpass_json = LOOPBACK["says"], LOOPBACK["ends_early"], LOOPBACK["overpass_json"]
BASE = LOOPBACK["BASE"]
HERE = (113.49, 31.74, 113.51, 31.76)  # round the corner of four boxes, 113.5 degrees east and 31.75 north
RING = [(113.492, 31.742), (113.494, 31.742), (113.494, 31.744), (113.492, 31.744)]  # the park, in the south-west
HOUSE = [(113.503, 31.757), (113.504, 31.757), (113.504, 31.758), (113.503, 31.758)]  # in the north-east
OBJECTS = 11 + 3 + 1  # nodes, ways, the relation
STREET = {"type": "way", "id": 100, "nodes": [1, 2], "tags": {"highway": "residential", "name": "交通大道"}}


def _node(number, lon, lat, **tags):
    return {"type": "node", "id": number, "lon": lon, "lat": lat} | ({"tags": tags} if tags else {})


def _town():
    """A street over the border of two boxes, a school, a house, and a park that is a relation."""
    nodes = [
        _node(1, 113.49, 31.745),
        _node(2, 113.51, 31.745),
        _node(3, 113.495, 31.755, amenity="school", name="一小学"),
    ]
    nodes += [_node(4 + k, *at) for k, at in enumerate(RING)] + [_node(8 + k, *at) for k, at in enumerate(HOUSE)]
    house = {"type": "way", "id": 101, "nodes": [8, 9, 10, 11, 8], "tags": {"building": "yes"}}
    edge = {"type": "way", "id": 102, "nodes": [4, 5, 6, 7, 4]}
    park = {
        "type": "relation",
        "id": 200,
        "members": [{"type": "way", "ref": 102, "role": "outer"}],
        "tags": {"type": "multipolygon", "leisure": "park", "name": "中心公园"},
    }
    return [*nodes, STREET, house, edge, park]


@pytest.fixture
def server(monkeypatch):
    """The server with the town, and its address; no proxy stands between."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with LOOPBACK["served"]() as (served, url):
        served.elements, served.url = _town(), url
        yield served


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The waits that would have been, in seconds; none of them is waited for."""
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def _long(slept):
    """Those that are not the pauses between queries."""
    return [s for s in slept if s not in (0.0, overpass.PAUSE_S)]


def _fetch(server, folder, where=HERE, **more):
    return sg.fetch(where, out=folder, server=server.url, geocoder=server.url, lang="en", **more)


def _objects(path):
    return [(thing.type_str(), thing.id) for thing in osmium.FileProcessor(str(path))]


@pytest.mark.slow
def test_an_answer_larger_than_memory_should_hold_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(http, "MOST_HELD_BYTES", 100)
    with pytest.raises(sg.FetchError, match="it gave more than 0 MB: given up"):
        _fetch(server, tmp_path / "town")


# ------------------------------------------------------------------------------------------------ what is fetched


@pytest.mark.slow
def test_a_box_is_fetched_in_parts_and_each_object_stands_once(server, tmp_path, waits):
    done = _fetch(server, tmp_path / "town")
    assert len(server.queries) == 4
    assert waits == [0.0, *[overpass.PAUSE_S] * 3]  # a pause before each query but the first
    assert not _long(waits)
    found = _objects(done.osm)
    assert len(found) == len(set(found)) == OBJECTS
    assert found == sorted(found, key=lambda name: ("nwr".index(name[0]), name[1]))
    south, west, north, east = (
        side(sides) for side, sides in zip((min, min, max, max), zip(*server.queries, strict=True), strict=True)
    )
    assert (west < HERE[0] - 0.03, south < HERE[1] - 0.026) == (True, True)  # 3 km beyond
    assert (east > HERE[2] + 0.03, north > HERE[3] + 0.026) == (True, True)
    extract = read_osm(done.osm, crs=CRS("EPSG:4547"), bounds=HERE)
    assert {name: len(extract.layers[name]) for name in ("roads", "facilities", "buildings", "parks")} == {
        "roads": 1,
        "facilities": 1,
        "buildings": 1,
        "parks": 1,
    }
    assert extract.timestamp == BASE
    assert "ends_before" not in [told.kind for told in extract.notes]
    assert server.agents == {f"suizhou_geo/{sg.__version__}"}


@pytest.mark.slow
def test_the_record_says_what_was_asked_of_whom_and_of_what_date(server, tmp_path):
    done = _fetch(server, tmp_path / "town")
    record = json.loads((done.folder / "fetched.json").read_text("utf-8"))
    assert record == done.record
    osm = record["osm"]
    assert record["asked"] == {"bbox": list(HERE)}
    assert (osm["servers"], osm["osm_base"], osm["objects"]) == ([server.url], BASE, OBJECTS)
    assert osm["bytes"] == done.osm.stat().st_size
    assert osm["query"] == re.sub(r"(?<=\[bbox:)[^]]*", "{{bbox}}", server.asked[-1][1])
    assert len(osm["parts"]) == 4
    assert "ODbL" in osm["licence"]
    assert sorted(path.name for path in done.folder.iterdir()) == [
        "fetched.json",
        "openstreetmap.osm.pbf",
        "outline.gpkg",
        "study.toml",
    ]


@pytest.mark.slow
def test_a_study_of_it_is_read_as_it_was_written(server, tmp_path):
    done = _fetch(server, tmp_path / "town")
    study = sg.read_study(done.study)
    assert study.area.crs.to_epsg() == 4547
    assert study.area.zones["name"].tolist() == ["bbox_113.49_31.74_113.51_31.76"]
    assert study.area.boundary == "administrative"  # no verdict on a density
    assert len(study.area.roads) == 1
    (source,) = [source for source in study.inputs if source.role == "osm"]
    assert source.data_date == BASE


@pytest.mark.parametrize(("lon", "crs"), [(113.4, "EPSG:4547"), (117.2, "EPSG:4548"), (4.4, "EPSG:32631")])
def test_the_study_is_measured_in_the_zone_of_the_place(lon, crs, server, tmp_path):
    server.elements = [_node(1, lon, 31.7, amenity="school")]
    done = _fetch(server, tmp_path / "town", (lon - 0.01, 31.69, lon + 0.01, 31.71))
    assert f'crs = "{crs}"' in done.study.read_text("utf-8")


def test_where_parts_differ_the_newest_object_and_the_oldest_date_count(server, tmp_path):
    """The street is in all of two parts; the second server copy is of a later date and calls it otherwise."""
    server.base = {1: "2026-11-29T10:00:00Z", 2: "2026-11-30T10:00:00Z"}
    within, renamed = server.within, {**STREET, "tags": {"highway": "residential", "name": "新名路"}}
    server.within = lambda where: [
        renamed if len(server.queries) == 2 and (e["type"], e["id"]) == ("way", 100) else e for e in within(where)
    ]
    done = _fetch(server, tmp_path / "town")
    (street,) = [
        dict(thing.tags) for thing in osmium.FileProcessor(str(done.osm)) if thing.type_str() + str(thing.id) == "w100"
    ]
    assert street["name"] == "新名路"
    assert (done.osm_base, done.record["osm"]["osm_base_newest"]) == ("2026-11-29T10:00:00Z", "2026-11-30T10:00:00Z")


def test_the_query_asks_for_every_key_that_a_run_reads():
    query = overpass.query_of("1,2,3,4")
    assert query.startswith("[out:json][timeout:180][bbox:1,2,3,4];(")
    assert query.endswith(");(._;>;);out;")
    for key in ("highway", "waterway", "landuse", "building", "natural", "railway"):
        assert f'way["{key}"];' in query
    assert 'node["amenity"];' in query
    assert "way:cut" not in query
    assert all('["boundary"!="administrative"]' in one for one in query.split(";") if "relation[" in one)


def test_parts_cover_an_outline_and_leave_out_what_it_does_not_touch():
    corner = box(0, 0, 1, 1).difference(box(0.25, 0.25, 1, 1))  # an L: 4 cells up, 4 across, one of them in both
    parts = overpass.boxes_of(corner)
    assert len(parts) == 7
    assert sum((east - west) * (north - south) for west, south, east, north in parts) == pytest.approx(corner.area)


# ------------------------------------------------------------------------------------------------ what goes wrong

PASSING = {
    "429": (says(429, b"rate_limited", Retry_After="7"), [7.0]),
    "429 for long": (says(429, b"rate_limited", Retry_After="500"), [500.0]),
    "504": (
        says(504, b"<html><body><p>The server is probably too busy to handle your request.</p></body></html>"),
        [5.0],
    ),
    "503": (says(503), [5.0]),
    "cut short": (says(200, overpass_json(_town())[:200]), [5.0]),
    "ends early": (ends_early(overpass_json(_town())), [5.0]),
    "reset": (LOOPBACK["resets"], [5.0]),
    "busy in a remark": (
        says(200, overpass_json([], remark="runtime error: open64: 0 Success /osm3s Dispatcher_Client::1::timeout.")),
        [5.0],
    ),
}


@pytest.mark.parametrize("how", PASSING)
def test_what_may_pass_is_waited_out(how, server, tmp_path, waits):
    failure, expected = PASSING[how]
    server.fail = [failure]
    done = _fetch(server, tmp_path / "town")
    assert len(server.queries) == 5
    assert server.queries[0] == server.queries[1]
    assert _long(waits) == expected
    assert len(_objects(done.osm)) == OBJECTS


@pytest.mark.parametrize("how", ["429", "504", "cut short", "reset"])
def test_waits_grow_and_end(how, server, tmp_path, waits):
    server.fail = [None, *[PASSING[how][0]] * 9]
    with pytest.raises(sg.FetchError) as error:
        _fetch(server, tmp_path / "town")
    assert len(server.queries) == 1 + len(http.WAITS_S) + 1
    assert _long(waits) == [max(wait, 7.0) if how == "429" else wait for wait in http.WAITS_S]
    assert str(error.value).count("\n") == 0
    assert "what had arrived is kept" in str(error.value)
    assert "已收到的部分都已保存" in error.value.said.zh
    assert not (tmp_path / "town" / "openstreetmap.osm.pbf").exists()
    server.fail = []
    _fetch(server, tmp_path / "town")
    assert len(server.queries) == 6 + 3  # the first part is not asked for again
    assert server.queries.count(server.queries[0]) == 1


def test_a_server_that_wants_to_be_left_alone_for_an_hour_is(server, tmp_path, waits):
    server.fail = [says(429, b"rate_limited", Retry_After="3600")]
    with pytest.raises(sg.FetchError, match="429"):
        _fetch(server, tmp_path / "town")
    assert (len(server.queries), _long(waits)) == (1, [])


def test_the_time_of_day_a_server_names_is_waited_for(server, tmp_path, waits):
    server.fail = [says(503, Retry_After="Fri, 01 Jan 2100 00:00:00 GMT")]
    with pytest.raises(sg.FetchError, match="503"):
        _fetch(server, tmp_path / "town")
    server.fail = [says(503, Retry_After="Thu, 01 Jan 1970 00:00:00 GMT")]
    _fetch(server, tmp_path / "town")
    assert _long(waits) == [5.0]


FINAL = {
    "parse error": (
        says(
            400,
            b"<html><head><title>OSM3S</title></head><body><p>The data included.</p><p><strong style='x'>Error</strong>: "
            b"line 2: parse error: ';' expected - &quot;out&quot; found. </p></body></html>",
            "text/html",
        ),
        "line 2: parse error: ';' expected - \"out\" found.",
    ),
    "login page": (
        says(200, b"<!DOCTYPE html><html><body>Please\nlog in</body></html>", "text/html"),
        "web page (Please log in)",
    ),
    "forbidden": (says(403, b""), "it answered 403 (Forbidden)"),
    "another JSON": (says(200, b'{"ok": true}'), "lacks the objects of OpenStreetMap or their date"),
    "a list": (says(200, b"[]"), "lacks the objects"),
    "no date": (says(200, json.dumps({"elements": []}).encode()), "lacks the objects"),
    "half an object": (says(200, overpass_json([{"type": "node", "id": 1}])), "lacks the objects"),
    "no object": (says(200, overpass_json(["x"])), "lacks the objects"),
    "an area": (says(200, overpass_json([{"type": "area", "id": 1, "tags": {}}])), "lacks the objects"),
    "beyond the pole": (says(200, overpass_json([_node(1, 113.5, 91.0)])), "lacks the objects"),
    "a way of words": (says(200, overpass_json([{"type": "way", "id": 1, "nodes": ["x"]}])), "lacks the objects"),
    "an unknown remark": (says(200, overpass_json([], remark="Test\nremark")), "broke the query off (Test remark)"),
}


@pytest.mark.parametrize("how", FINAL)
def test_what_will_not_pass_is_told_in_one_line_and_not_asked_again(how, server, tmp_path, waits):
    failure, told = FINAL[how]
    server.fail = [failure]
    with pytest.raises(sg.FetchError) as error:
        _fetch(server, tmp_path / "town")
    assert told in str(error.value)
    assert str(error.value).startswith("127.0.0.1")
    assert "\n" not in str(error.value)
    assert "<" not in str(error.value)
    assert (len(server.queries), _long(waits)) == (1, [])


REMARKS = (
    'runtime error: Query timed out in "query" at line 4 after 2 seconds.',
    'runtime error: Query run out of memory in "recurse" at line 1 using about 512 MB of RAM.',
)


@pytest.mark.parametrize("remark", REMARKS)
def test_a_box_that_is_too_much_is_asked_for_in_four(remark, server, tmp_path):
    """The remark comes with status 200 and what was found till then, which is never used."""
    server.fail = [None, says(200, overpass_json([_node(99, 113.5, 31.75, amenity="bar")], remark=remark))]
    done = _fetch(server, tmp_path / "town")
    assert len(server.queries) == 1 + 1 + 4 + 2
    south, west, north, east = server.queries[1]
    quarters = server.queries[2:6]
    areas = [(n - s) * (e - w) for s, w, n, e in quarters]
    assert areas == pytest.approx([(north - south) * (east - west) / 4] * 4, rel=1e-3)
    assert (min(q[0] for q in quarters), max(q[3] for q in quarters)) == (south, east)
    assert ("n", 99) not in _objects(done.osm)
    assert len(_objects(done.osm)) == OBJECTS


@pytest.mark.slow
def test_a_server_that_calls_everything_too_much_is_given_up(server, tmp_path):
    server.fail = [says(200, overpass_json([], remark=REMARKS[0]))] * 50
    with pytest.raises(sg.FetchError, match="timed out"):
        _fetch(server, tmp_path / "town")
    assert len(server.queries) < 6
    asked = len(server.queries)
    server.fail = []
    _fetch(server, tmp_path / "town")
    assert len(set(server.queries[:asked])) == asked
    assert server.queries[asked] == server.queries[asked - 1]  # what was given up, not the larger boxes it was cut from


@pytest.mark.parametrize("how", ["drips", "drips_its_head", "stays_silent"])
def test_a_server_that_stalls_is_given_up(how, server, tmp_path, monkeypatch):
    monkeypatch.setattr(overpass, "_BEYOND_S", 0.5 - overpass.TIMEOUT_S)
    server.fail = [LOOPBACK[how]]
    told = []
    _fetch(server, tmp_path / "town", progress=told.append)
    assert any("nothing more came" in step for step in told)
    assert server.queries[0] == server.queries[1]


def test_a_server_without_the_place_is_told(server, tmp_path):
    server.elements = []
    with pytest.raises(sg.FetchError, match="has no object in this area"):
        _fetch(server, tmp_path / "town")


def test_where_nobody_answers_it_says_what_to_fetch_by_hand(tmp_path, waits):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(sg.FetchError) as error:
            sg.fetch(HERE, out=tmp_path / "town", server=url)
    said = error.value.said
    assert _long(waits) == [5.0]
    for words in (said.zh, said.en):
        assert "https://download.geofabrik.de/asia/china.html" in words
        assert str(tmp_path / "town") in words
        assert "[osm] path" in words
        assert "\n" not in words
    assert "连不上" in said.zh
    assert "Traceback" not in said.zh
    assert "HTTPConnection" not in said.en


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/api", "127.0.0.1/api", "http://"])
def test_an_address_that_is_none_is_told(url, tmp_path):
    with pytest.raises(sg.FetchError, match="no address that can be asked"):
        sg.fetch(HERE, out=tmp_path / "town", server=url, lang="en")


# ------------------------------------------------------------------------------------------------ going on


def test_what_is_there_is_not_fetched_again(server, tmp_path):
    first = _fetch(server, tmp_path / "town")
    asked, stamp = len(server.asked), first.osm.stat().st_mtime_ns
    again = _fetch(server, tmp_path / "town")
    assert (len(server.asked), again.osm.stat().st_mtime_ns, again.record) == (asked, stamp, first.record)


def test_another_server_goes_on_where_one_stopped(server, tmp_path):
    server.fail = [None, None, says(403)]
    with pytest.raises(sg.FetchError):
        _fetch(server, tmp_path / "town")
    with LOOPBACK["served"]() as (other, url):
        other.elements = _town()
        done = sg.fetch(HERE, out=tmp_path / "town", server=url, lang="en")
        assert len(other.queries) == 2
    assert not set(other.queries) & set(server.queries[:2])
    assert done.record["osm"]["servers"] == sorted([url, server.url])
    assert len(_objects(done.osm)) == OBJECTS


def test_a_part_that_was_damaged_is_asked_for_again(server, tmp_path):
    server.fail = [None, None, says(403)]
    with pytest.raises(sg.FetchError):
        _fetch(server, tmp_path / "town")
    kept = sorted((tmp_path / "town" / ".arriving_osm").glob("*.gz"))
    assert len(kept) == 2
    kept[0].write_bytes(kept[0].read_bytes()[:50])
    _fetch(server, tmp_path / "town")
    assert len(server.queries) == 3 + 3


def test_a_folder_of_another_area_or_of_other_files_is_refused(server, tmp_path):
    done = _fetch(server, tmp_path / "town")
    with pytest.raises(sg.OutputError, match="another area"):
        _fetch(server, tmp_path / "town", (113.4, 31.74, 113.41, 31.76))
    (done.folder / "fetched.json").write_text("{", "utf-8")
    with pytest.raises(sg.InputError, match=r"fetched\.json is no record of a fetch"):
        _fetch(server, tmp_path / "town")
    (done.folder / "fetched.json").unlink()
    with pytest.raises(sg.OutputError, match=r"holds openstreetmap\.osm\.pbf without a record"):
        _fetch(server, tmp_path / "town")
    assert len(_objects(done.osm)) == OBJECTS


def test_a_fetch_that_brought_nothing_leaves_the_folder_free(server, tmp_path):
    server.fail = [says(403)]
    with pytest.raises(sg.FetchError):
        _fetch(server, tmp_path / "town", (113.4, 31.74, 113.41, 31.76))
    done = _fetch(server, tmp_path / "town")
    assert done.record["asked"] == {"bbox": list(HERE)}
    assert gpd.read_file(done.outline).total_bounds.tolist() == list(HERE)


def test_a_study_file_that_is_there_stays(server, tmp_path):
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "study.toml").write_text("mine", "utf-8")
    assert _fetch(server, tmp_path / "town").study.read_text("utf-8") == "mine"


def test_a_folder_that_cannot_be_written_is_told(server, tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(sg.OutputError, match="cannot be written"):
        _fetch(server, tmp_path / "file" / "town")


@pytest.mark.slow
def test_killed_half_way_it_loses_nothing_and_repeats_nothing(server, tmp_path):
    """A process of its own is killed while it waits for its third part."""
    held = threading.Event()

    def holds(handler):
        held.set()
        LOOPBACK["stays_silent"](handler)

    server.fail = [None, None, holds]
    words = ["fetch", "--bbox", ",".join(map(str, HERE)), "--server", server.url, "--out", str(tmp_path / "town")]
    process = subprocess.Popen([sys.executable, "-m", "suizhou_geo", *words], stderr=subprocess.DEVNULL)
    assert held.wait(120)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(server.queries) == 3
    done = _fetch(server, tmp_path / "town")
    assert len(server.queries) == 3 + 2
    assert server.queries[2] == server.queries[3]  # its answer had not arrived
    assert len(set(server.queries)) == 4
    assert len(_objects(done.osm)) == OBJECTS


# ------------------------------------------------------------------------------------------------ places and polygons


def _place(name="随州市, 湖北省, 中国", kind="Polygon", importance=0.5):
    west, south, east, north = HERE
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "osm_type": "relation",
        "osm_id": 3068702,
        "lat": "31.75",
        "lon": "113.5",
        "importance": importance,
        "display_name": name,
        "boundingbox": [str(side) for side in (south, north, west, east)],
        "geojson": {"type": kind, "coordinates": [ring] if kind == "Polygon" else [113.5, 31.75]},
    }


@pytest.mark.slow
def test_a_place_is_looked_up_once_and_its_outline_is_a_zone(server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before, resolve = {k: v for k, v in vars(osmnx.settings).items() if k[0] != "_"}, socket.getaddrinfo
    server.places["随州市"] = [_place("随州站", "Point", 0.9), _place()]
    done = sg.fetch("随州市", server=server.url, geocoder=server.url, lang="en")
    assert done.folder == Path("data/raw/随州市")
    assert [path for path, query in server.asked if not query and "search" not in path] == []
    assert done.record["outline"]["found"] == "随州市, 湖北省, 中国"
    assert done.record["outline"]["osm"] == "relation 3068702"
    assert done.record["outline"]["km2"] == pytest.approx(0.02 * 94.8 * 0.02 * 110.9, rel=0.01)
    zones = gpd.read_file(done.outline)
    assert zones["name"].tolist() == ["随州市"]
    assert zones.total_bounds.tolist() == pytest.approx(HERE)
    assert sg.read_study(done.study).area.zones["name"].tolist() == ["随州市"]
    sg.fetch("随州市", server=server.url, geocoder=server.url)
    assert len([path for path, query in server.asked if not query]) == 1
    assert {k: v for k, v in vars(osmnx.settings).items() if k[0] != "_"} == before
    assert socket.getaddrinfo is resolve
    assert [path.name for path in tmp_path.iterdir()] == ["data"]  # no cache of OSMnx


def test_a_busy_nominatim_is_asked_again_in_our_way(server, tmp_path, waits):
    server.places["随州市"] = [_place()]
    server.fail = [says(429, Retry_After="9"), says(504), LOOPBACK["resets"], says(200, b'[{"half')]
    _fetch(server, tmp_path / "town", "随州市")
    assert [s for s in _long(waits) if s != 1] == [9.0, 15.0, 45.0, 90.0]  # OSMnx sleeps 1 s before each request
    assert 55 not in waits


@pytest.mark.parametrize(
    ("failure", "places", "told"),
    [
        (None, [], "no place is called '随州市'; write it otherwise"),
        (None, [_place(kind="Point")], "known as a point only, without an outline; write it otherwise"),
        (None, [{"odd": 1}], "did not answer with places"),
        (says(200, b"{}"), [], "did not answer with places"),
        (says(200, b"<html>log in</html>"), [], "web page (log in)"),
        (says(403, b"<h1>Access blocked</h1>"), [], "it answered 403 (Access blocked)"),
    ],
)
def test_a_place_that_cannot_be_looked_up_is_told(failure, places, told, server, tmp_path):
    server.places["随州市"] = places
    server.fail = [failure]
    with pytest.raises(sg.FetchError, match=re.escape(told)):
        _fetch(server, tmp_path / "town", "随州市")
    assert len(server.asked) == 1
    assert not (tmp_path / "town").exists()


@pytest.mark.slow
def test_the_polygons_of_a_file_are_one_outline(server, tmp_path):
    west, south, east, north = HERE
    halves = gpd.GeoDataFrame(
        geometry=[box(west, south, 113.5, north), box(113.5, south, east, north)], crs="EPSG:4326"
    )
    halves.to_crs("EPSG:4547").to_file(tmp_path / "城区.gpkg")
    done = _fetch(server, tmp_path / "town", tmp_path / "城区.gpkg")
    (zone,) = gpd.read_file(done.outline).itertuples()
    assert zone.name == "城区"
    assert zone.geometry.area == pytest.approx(0.02 * 0.02, rel=1e-6)
    assert len(server.queries) == 4


def _points(path):
    gpd.GeoDataFrame(geometry=gpd.points_from_xy([113.5], [31.7]), crs="EPSG:4326").to_file(path)


def _nowhere(path):
    gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)]).to_file(path)


def _two_layers(path):
    for name in ("a", "b"):
        gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs="EPSG:4326").to_file(path, layer=name)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_points, "other things than polygons"),
        (_two_layers, "holds 2 layers with shapes"),
        (_nowhere, "does not say its coordinate system"),
        (lambda path: path.write_bytes(b"SQLite format 3\x00"), "cannot be read"),
        (Path.as_posix, "there is no file"),
    ],
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_file_that_gives_no_outline_is_told(make, told, tmp_path):
    make(tmp_path / "a.gpkg")
    with pytest.raises(sg.InputError, match=told):
        sg.fetch(tmp_path / "a.gpkg", out=tmp_path / "town", lang="en")
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("  ", "the name of the place is empty"),
        ("zones.gpkg", "looks like a file"),
        ((113.5, 31.7, 113.4, 31.8), "is no box"),
        ((31.7, 113.4, 31.8, 113.5), "is no box"),
        ((1.0, 2.0), "is no box"),
        ((float("nan"), 31.7, 113.4, 31.8), "is no box"),
        ((73.0, 18.0, 136.0, 54.0), "too much for a public server"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anybody_is_asked(where, told, tmp_path):
    with pytest.raises(sg.InputError, match=told) as error:
        sg.fetch(where, out=tmp_path / "town", server="http://127.0.0.1:9", lang="en")
    assert re.search(r"[\u4e00-\u9fff]", error.value.said.zh)
    assert not (tmp_path / "town").exists()


# ------------------------------------------------------------------------------------------------ the command line


def _call(*words):
    return CliRunner().invoke(
        app, ["fetch", *map(str, words)], catch_exceptions=False, env={"COLUMNS": "300", "SUIZHOU_GEO_LANG": "zh"}
    )


@pytest.mark.slow
def test_the_command_says_what_it_found_of_what_date_and_what_comes_next(server, tmp_path):
    server.places["随州市"] = [_place()]
    words = ("--place", "随州市", "--server", server.url, "--geocoder", server.url, "--out", tmp_path / "town")
    told = _call(*words)
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0] == "找到：随州市, 湖北省, 中国（relation 3068702）"
    assert f"OpenStreetMap：{OBJECTS} 个对象，数据日期 {BASE}" in lines[2]
    assert lines[-1].endswith(f"suizhou-geo check {tmp_path / 'town' / 'study.toml'}")
    assert "… 下载 2/4 113.5,31.7" in told.stderr
    told = _call(*words, "--lang", "en")
    assert told.stdout.startswith("found: 随州市, 湖北省, 中国 (relation 3068702)\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "say what to fetch with one of --place, --bbox and --polygon"),
        (("--place", "x", "--bbox", "1,2,3,4"), "say what to fetch with one of"),
        (("--bbox", "1,2,3"), "--bbox '1,2,3' should be four degrees"),
        (("--bbox", "a,b,c,d"), "should be four degrees"),
        (("--place", "x", "--year", "2020"), "--year and --url go with --population"),
        (("--bbox", "1,2,3,4", "--geocoder", "http://127.0.0.1:9"), "--geocoder goes with --place"),
    ],
)
def test_a_call_that_cannot_be_meant_is_told_in_one_line(words, told):
    result = _call(*words, "--lang", "en")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_failure_is_told_in_one_line_in_the_language_asked_for(server, tmp_path):
    server.fail = [says(403)]
    result = _call("--bbox", "113.49,31.74,113.51,31.76", "--server", server.url, "--out", tmp_path / "town")
    assert result.exit_code == 2
    assert [line for line in result.stderr.splitlines() if not line.startswith("…")] == [
        f"错误：{server.url.removeprefix('http://')} 回答 403（原文：“busy”）；已收到的部分都已保存，"
        "过一会儿再运行同一条命令即可接着下载，也可以用 --server 换一个服务器"
    ]
