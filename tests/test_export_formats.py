"""Shapefiles and GeoJSON on request: short names, encodings, and what a format cannot hold is told."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import LineString, Point, Polygon, box

from suizhou_geo.errors import OutputError
from suizhou_geo.errors.text import Text
from suizhou_geo.outputs.gis.fields import fields_of, known_fields
from suizhou_geo.outputs.gis.formats import short_names, write_geojson, write_shapefiles
from suizhou_geo.outputs.gis.layers import GisLayer

WHERE = (113.37, 31.69)


def _layer(data, table="zones", kind="area", *, invented=False):
    columns = [c for c in data.columns if c != "geometry"]
    return GisLayer(
        table, Text("分区", "zones"), None, kind, data, fields_of(table, columns, known_fields()), (), invented
    )


@pytest.fixture
def zones(drawn):
    return drawn(
        [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        zone_id=["1", "2"],
        name=["主城<b>&\"'", None],
        service_coverage_hospital=[0.5, np.nan],
        service_coverage_hospitals=[1e308, np.inf],
        invented=[True, False],
        rank=[1, 2],
    )


def test_short_names_are_short_apart_and_keep_those_that_fit():
    names = ["zone_id", "service_coverage_hospital", "service_coverage_hospitals", "service_coverage_hospices"]
    short = short_names(names)
    assert short["zone_id"] == "zone_id"
    assert short["service_coverage_hospital"] == "sc_hospita"
    assert len({s.lower() for s in short.values()}) == len(names)
    assert max(len(s.encode()) for s in short.values()) <= 10
    assert list(short) == names


def test_a_hundred_alike_stay_apart():
    names = [f"service_coverage_hospital_number_{k}" for k in range(120)] + ["scn_1", "SCHN_10"]
    short = short_names(names)
    assert len({s.lower() for s in short.values()}) == len(names)
    assert max(map(len, short.values())) <= 10
    assert (short["scn_1"], short["SCHN_10"]) == ("scn_1", "SCHN_10")


def test_names_that_differ_in_case_only_stay_apart():
    assert len({s.lower() for s in short_names(["Name", "name", "NAME"]).values()}) == 3


@pytest.mark.parametrize(("encoding", "whole"), [("GBK", 5), ("UTF-8", 3)])
def test_chinese_names_are_cut_between_characters(encoding, whole):
    short = short_names(["道路网密度现状值", "道路网密度规划值"], encoding=encoding)
    assert short["道路网密度现状值"] == "道路网密度"[:whole]
    assert len(set(short.values())) == 2
    assert max(len(s.encode(encoding)) for s in short.values()) <= 10


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_shapefiles_read_back(zones, tmp_path, encoding):
    write_shapefiles([_layer(zones)], tmp_path, encoding=encoding)
    path = tmp_path / "shapefiles" / "zones.shp"
    assert path.with_suffix(".cpg").read_text() == encoding
    back = pyogrio.read_dataframe(path)
    assert back["name"][0] == "主城<b>&\"'"
    assert pd.isna(back["name"][1])
    assert back["sc_hospita"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert back["invented"].tolist() == [1, 0]
    assert back.crs.to_epsg() == 4547 or back.crs.equals(zones.crs)
    assert back.area.tolist() == pytest.approx([1e6, 1e6])
    raw = path.with_suffix(".dbf").read_bytes()
    assert "主城".encode(encoding) in raw


def test_full_names_stand_beside(zones, tmp_path):
    write_shapefiles([_layer(zones, invented=True)], tmp_path)
    table = pd.read_csv(tmp_path / "shapefiles" / "fields.csv").set_index("field")
    assert table.loc["sc_hospita", "full_name"] == "service_coverage_hospital"
    assert table.loc["zone_id", "name"] == "分区编号"
    assert set(table["file"]) == {"zones.shp"}
    assert table["layer"].str.contains("虚构数据").all()
    assert set(table.index) == set(pyogrio.read_info(tmp_path / "shapefiles" / "zones.shp")["fields"])


def test_what_dbf_cannot_hold_is_told(drawn, tmp_path):
    long = "长" * 126 + "ab" + "尾"
    data = drawn([Point(0, 0), Point(1, 1), Point(2, 2)], name=[long, "㵐水", "x"], share=[np.inf, -np.inf, 1.0])
    told = write_shapefiles([_layer(data, kind="point")], tmp_path)
    assert told == (
        "shapefiles/zones.dbf, field name (name): 1 texts cut to 254 bytes",
        "shapefiles/zones.dbf, field name (name): 1 texts with characters that GBK lacks",
        "shapefiles/zones.dbf, field share (share): 2 numbers without end (infinity) left empty",
    )
    back = pyogrio.read_dataframe(tmp_path / "shapefiles" / "zones.shp")
    assert back["name"].tolist() == ["长" * 126 + "ab", "?水", "x"]
    assert back["share"].tolist() == pytest.approx([np.nan, np.nan, 1.0], nan_ok=True)
    lost = pd.read_csv(tmp_path / "shapefiles" / "fields.csv").set_index("field")["lost"]
    assert lost["share"] == "2 numbers without end (infinity) left empty"


def test_a_text_that_just_fits_is_not_cut(drawn, tmp_path):
    data = drawn([Point(0, 0)], name=["长" * 127])
    assert write_shapefiles([_layer(data, kind="point")], tmp_path) == ()
    assert write_shapefiles([_layer(data, kind="point")], _made(tmp_path / "utf"), encoding="UTF-8") != ()


def _made(folder):
    folder.mkdir()
    return folder


def test_an_encoding_nobody_asked_for_is_refused(zones, tmp_path):
    with pytest.raises(OutputError, match="GBK or UTF-8"):
        write_shapefiles([_layer(zones)], tmp_path, encoding="BIG5")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_layer_keeps_its_kind_and_fields(zones, tmp_path):
    write_shapefiles([_layer(zones.iloc[:0])], tmp_path)
    info = pyogrio.read_info(tmp_path / "shapefiles" / "zones.shp")
    assert (info["features"], info["geometry_type"]) == (0, "Polygon")
    assert "sc_hospita" in info["fields"]
    write_geojson([_layer(zones.iloc[:0])], tmp_path)
    assert json.loads((tmp_path / "geojson" / "zones.geojson").read_text(encoding="utf-8"))["features"] == []


def test_shapefiles_of_one_layer_have_the_bytes_of_the_next(zones, tmp_path):
    for name in ("one", "two"):
        write_shapefiles([_layer(zones)], _made(tmp_path / name))
        write_geojson([_layer(zones)], tmp_path / name)
    written = (tmp_path / "one" / "shapefiles" / "zones.dbf").read_bytes()[1:4]
    assert tuple(written) == (100, 1, 1), "no clock"
    for path in sorted((tmp_path / "one").rglob("*.*")):
        assert path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes(), path.name


def test_geojson_is_rfc_7946_in_degrees(tmp_path):
    corners = [(0, 0), (0, 0.01), (0.01, 0.01), (0.01, 0), (0, 0)]  # clockwise, as RFC 7946 forbids
    ring = Polygon([(WHERE[0] + x, WHERE[1] + y) for x, y in corners])
    data = gpd.GeoDataFrame({"name": ["主城"], "share": [np.inf]}, geometry=[ring], crs="EPSG:4326").to_crs("EPSG:4547")
    told = write_geojson([_layer(data, invented=True)], tmp_path)
    text = (tmp_path / "geojson" / "zones.geojson").read_text(encoding="utf-8")
    read = json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert "crs" not in read
    assert "虚构数据" in read["description"]
    assert "WGS 84" in read["description"]
    feature = read["features"][0]
    assert feature["properties"] == {"name": "主城", "share": None}
    found = np.array(feature["geometry"]["coordinates"][0])
    assert found.min(axis=0) == pytest.approx(WHERE, abs=1e-6)
    x, y = found.T
    assert (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() > 0, "the outer ring runs counter-clockwise"
    assert told == ("geojson/zones.geojson, share: 1 numbers without end (infinity) left empty",)


def test_the_layer_handed_over_is_left_as_it_is(drawn, tmp_path):
    data = drawn([LineString([(0, 0), (1, 1)])], share=[np.inf])
    write_geojson([_layer(data, kind="line")], tmp_path)
    assert np.isinf(data["share"][0])
    assert data.crs.to_epsg() == 4547
