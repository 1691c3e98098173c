"""Points as offices and map services keep them: columns, "lng,lat" in one, workbooks, JSON; names cut; closed CAD lines."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.geometry.crs import wgs84_to_gcj02
from suizhou_geo.sources.vector import VectorSource, read_vector

WORKING = CRS("EPSG:4547")
EAST, NORTH = 441_000.0, 3_507_000.0
LON, LAT = np.array([113.378734, 113.379782, 113.380831]), np.array([31.694093, 31.695, 31.695907])
VALUES = {"category": {"学校;小学": "primary_school"}}


def read(path, name="facilities", **keys):
    return read_vector(VectorSource(path, **keys), name, to_crs=WORKING)


def rows(**columns):
    pairs = [f"{x:.6f},{y:.6f}" for x, y in zip(LON, LAT, strict=True)]
    return pd.DataFrame(
        {"id": ["1", "2", "3"], "name": ["甲", "乙", "丙"], "type": "学校;小学", "location": pairs} | columns
    )


def places():
    return gpd.GeoSeries(gpd.points_from_xy(LON, LAT), crs="EPSG:4326").to_crs(WORKING)


def _as_csv(table, folder):
    table.to_csv(folder / "a.csv", index=False)
    return folder / "a.csv"


def _as_tabs(table, folder):
    table.to_csv(folder / "a.csv", index=False, sep="\t")
    return folder / "a.csv"


def _as_workbook(table, folder):
    table.to_excel(folder / "a.xlsx", index=False)
    return folder / "a.xlsx"


def _as_answer(table, folder):
    answer = {"status": "1", "count": "3", "pois": table.assign(tel=[[], [], "0722-1"]).to_dict("records")}
    (folder / "a.json").write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    return folder / "a.json"


def _as_list(table, folder):
    (folder / "a.json").write_text(json.dumps(table.to_dict("records")), encoding="utf-8")
    return folder / "a.json"


WAYS = [_as_csv, _as_tabs, _as_workbook, _as_answer, _as_list]


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("keys", [{}, {"x": "location"}, {"x": "location", "y": "location"}])
def test_both_coordinates_in_one_column(write, keys, tmp_path):
    got = read(write(rows(), tmp_path), fields={"category": "type"}, values=VALUES, **keys)
    assert got.layer["name"].tolist() == ["甲", "乙", "丙"]
    assert got.layer.distance(places()).max() < 1e-3
    assert "column location holds both coordinates and was split" in [note.en for note in got.notes]
    (said,) = got.findings  # of Amap, by its columns
    assert 'set datum = "gcj02"' in said.en
    assert 'datum = "gcj02"' in said.zh


@pytest.mark.parametrize("datum", ["gcj02", "wgs84"])
def test_who_names_the_datum_is_not_told_of_it(datum, tmp_path):
    lon, lat = wgs84_to_gcj02(LON, LAT) if datum == "gcj02" else (LON, LAT)
    pairs = [f"{x:.8f},{y:.8f}" for x, y in zip(lon, lat, strict=True)]
    path = _as_csv(rows(location=pairs), tmp_path)
    got = read(path, fields={"category": "type"}, values=VALUES, datum=datum)
    assert got.findings == ()
    assert got.layer.distance(places()).max() < 0.01


def test_a_place_of_two_members_is_a_pair(tmp_path):
    """Baidu and Tencent answer so."""
    where = [{"lat": y, "lng": x} for x, y in zip(LON, LAT, strict=True)]
    path = _as_answer(rows(location=where, uid="u"), tmp_path)
    got = read(path, fields={"category": "type"}, values=VALUES)
    assert got.layer.distance(places()).max() < 1e-3


@pytest.mark.parametrize("write", WAYS)
def test_two_columns_are_read_from_every_kind_of_table(write, tmp_path):
    path = write(rows(lng=LON, lat=LAT).drop(columns="location"), tmp_path)
    got = read(path, fields={"category": "type"}, values=VALUES, x="lng", y="lat")
    assert got.layer.distance(places()).max() < 1e-6
    assert got.findings == ()


def test_a_sheet_is_named_and_rows_are_numbered_as_it_shows_them(tmp_path):
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        pd.DataFrame({"说明": ["x"]}).to_excel(book, sheet_name="说明", index=False)
        rows(lng=[113.37, 113.38, "?"], lat=LAT).to_excel(book, sheet_name="点位", index=False)
    with pytest.raises(LayerError, match=r"there is no sheet '点' \(there is: 说明, 点位\); correct sheet"):
        read(tmp_path / "a.xlsx", layer="点")
    with pytest.raises(LayerError, match="column lng: row 4 has '\\?' for a coordinate"):
        read(tmp_path / "a.xlsx", layer="点位", x="lng", y="lat")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    with pytest.raises(InputError, match=r"b\.xlsx\) cannot be opened as Excel"):
        read(tmp_path / "b.xlsx", x="lng", y="lat")


def test_what_a_table_needs_is_said_at_once(tmp_path):
    path = _as_csv(rows(location="somewhere"), tmp_path)
    with pytest.raises(
        LayerError, match="needs x = the column of longitude and y = the column of latitude, beside path"
    ):
        read(path)
    with pytest.raises(LayerError, match="needs y = the column of latitude"):
        read(path, x="location")


@pytest.mark.parametrize(
    ("name", "said"), [("population", "areas; give a layer of them, or a raster"), ("roads", "lines")]
)
def test_a_table_of_points_is_no_layer_of_lines_or_areas(name, said, tmp_path):
    with pytest.raises(LayerError, match=f"is a table of points, but {name} are {said}"):
        read(_as_csv(rows(), tmp_path), name)


@pytest.mark.parametrize(
    ("columns", "told"), [({"adcode": 421303, "acroutes": "x"}, True), ({"adcode": 421303}, False), ({}, False)]
)
def test_a_boundary_as_datav_publishes_it_is_remarked_on(columns, told, tmp_path):
    zones = gpd.GeoDataFrame({"name": ["曾都区"]} | columns, geometry=[shapely.box(113.3, 31.6, 113.4, 31.7)], crs=4326)
    zones.to_file(tmp_path / "a.geojson")
    found = read(tmp_path / "a.geojson", "zones").findings
    assert [said.kind for said in found] == (["published_shifted"] if told else [])
    assert read(tmp_path / "a.geojson", "zones", datum="wgs84").findings == ()


# ---------------------------------------------------------------------------------------------------- names cut at ten bytes
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", ["土地利用类型代码", "用地A类型代码", "landuse_classification", "DLBM"])
@pytest.mark.parametrize("half", [False, True])
def test_a_chinese_field_name_cut_at_ten_bytes_is_found_by_its_whole(encoding, name, half, tmp_path):
    land = gpd.GeoDataFrame({"ffffffffff": ["0701"]}, geometry=[shapely.box(0, 0, 9, 9)], crs=WORKING)
    land.to_file(tmp_path / "a.shp", encoding="utf-8")
    cut = name.encode(encoding)[:10]
    if not half:  # some programs leave half a character out
        cut = cut.decode(encoding, "ignore").encode(encoding)
    data = (tmp_path / "a.dbf").read_bytes()
    (tmp_path / "a.dbf").write_bytes(data.replace(b"ffffffffff", cut.ljust(10, b"\0")))
    (tmp_path / "a.cpg").write_text({"utf-8": "UTF-8", "gb18030": "GBK"}[encoding])
    got = read(tmp_path / "a.shp", "land_use", fields={"land_class": name})
    assert got.layer["land_class"].tolist() == ["0701"]


# --------------------------------------------------------------------------------------------------------- closed CAD lines
def line(*xy):
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in xy])


RING = line((0, 0), (100, 0), (100, 50), (0, 50), (0, 0))


@pytest.mark.parametrize("name", ["parks", "residential", "zones"])
def test_closed_lines_are_areas_where_areas_are_wanted(name, tmp_path):
    two = shapely.MultiLineString([RING, line((200, 0), (210, 0), (210, 10), (200, 0))])
    gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[RING, two], crs=WORKING).to_parquet(tmp_path / "a.parquet")
    got = read(tmp_path / "a.parquet", name)
    assert got.layer.area.tolist() == [5000.0, 5050.0]
    assert [said.kind for said in got.findings] == ["closed_lines"]


def test_open_lines_are_refused_with_what_to_do_and_closed_ones_stay_lines_where_these_are_wanted(tmp_path):
    shapes = [RING, line((0, 0), (100, 0), (100, 50))]
    gpd.GeoDataFrame({"name": "a"}, geometry=shapes, crs=WORKING, index=[0, 1]).to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="the first, row 2, is a LineString; close the lines and make areas of them"):
        read(tmp_path / "a.gpkg", "parks")
    assert set(read(tmp_path / "a.gpkg", "greenways").layer.geom_type) == {"LineString"}
