"""Planners' own layers: every format, encoding, datum, and every repair counted; answers known from the drawing."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pyproj import CRS, Transformer

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.geometry.crs import gcj02_to_bd09, wgs84_to_gcj02
from suizhou_geo.sources.vector import VectorSource, read_vector

WORKING = CRS("EPSG:4547")
EAST, NORTH = 441_000.0, 3_507_000.0


def _said(read):
    return tuple(note.en for note in read.notes)


def read(path, name="facilities", *, near=None, **keys):
    return read_vector(VectorSource(Path(path), **keys), name, to_crs=WORKING, near=near)


def places(*xy):
    """Points in metres from the origin, in the working CRS."""
    return gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y) for x, y in xy], crs=WORKING)


def box(x, y, width, height):
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def off_m(layer, expected):
    return layer.geometry.reset_index(drop=True).distance(expected.reset_index(drop=True)).max()


@pytest.fixture
def schools():
    """Three schools 100 m apart, with Chinese attributes."""
    shapes = places((0, 0), (100, 0), (0, 100))
    return gpd.GeoDataFrame({"类别": ["小学", "幼儿园", "小学"], "名称": ["甲", "乙", None]}, geometry=shapes)


FIELDS = {"category": "类别", "name": "名称"}
VALUES = {"category": {"小学": "primary_school", "幼儿园": "kindergarten"}}


def test_geopackage_columns_renamed_and_values_translated(schools, tmp_path):
    schools.to_file(tmp_path / "a.gpkg")
    got = read(tmp_path / "a.gpkg", fields=FIELDS, values=VALUES)
    assert got.layer["category"].tolist() == ["primary_school", "kindergarten", "primary_school"]
    assert got.layer["name"].tolist() == ["甲", "乙", None]
    assert got.layer.crs == WORKING
    assert off_m(got.layer, schools.geometry) == 0
    assert _said(got) == ()
    assert got.findings == ()


@pytest.mark.parametrize("suffix", [".geojson", ".parquet", ".gdb", ".shp"])
@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:4526", "EPSG:3857"])
def test_other_formats_and_systems_land_in_the_same_place(schools, tmp_path, suffix, crs):
    path = tmp_path / f"a{suffix}"
    elsewhere = schools.to_crs("EPSG:4326" if suffix == ".geojson" else crs)
    elsewhere.to_parquet(path) if suffix == ".parquet" else elsewhere.to_file(
        path, **({"driver": "OpenFileGDB", "layer": "a"} if suffix == ".gdb" else {})
    )
    got = read(path, fields=FIELDS, values=VALUES)
    assert got.layer["category"].tolist() == ["primary_school", "kindergarten", "primary_school"]
    assert off_m(got.layer, schools.geometry) < 0.02


@pytest.mark.slow
def test_parquet_whose_crs_has_no_epsg_code(schools, tmp_path):
    odd = CRS.from_user_input("+proj=tmerc +lon_0=113.5 +x_0=500000 +ellps=GRS80 +units=m")
    assert odd.to_epsg() is None
    schools.to_crs(odd).to_parquet(tmp_path / "a.parquet")
    assert off_m(read(tmp_path / "a.parquet", fields=FIELDS, values=VALUES).layer, schools.geometry) < 0.02


@pytest.mark.parametrize("written", ["UTF-8", "GBK"])
@pytest.mark.parametrize("how", ["cpg", "key", "guess"])
def test_shapefile_encodings(schools, tmp_path, written, how):
    path = tmp_path / "学校.shp"
    schools.to_file(path, encoding=written)
    (tmp_path / "学校.cpg").unlink()
    if how == "cpg":
        (tmp_path / "学校.cpg").write_text({"UTF-8": "65001", "GBK": "936"}[written])
    got = read(path, fields=FIELDS, values=VALUES, encoding=written if how == "key" else None)
    assert got.layer["name"].tolist() == ["甲", "乙", None]
    assert got.layer["category"].tolist() == ["primary_school", "kindergarten", "primary_school"]
    assert _said(got) == ((f"no encoding is given: its text was read as {written}",) if how == "guess" else ())


def test_chinese_cut_in_the_middle_of_a_character_is_read_as_far_as_it_goes(tmp_path):
    """A DBF cuts names at ten bytes: three characters and a third in UTF-8."""
    parks = gpd.GeoDataFrame({"nnnnnnnnnn": ["tttttttttt"]}, geometry=[box(0, 0, 9, 9)], crs=WORKING)
    parks.to_file(tmp_path / "a.shp", encoding="UTF-8")
    table = (tmp_path / "a.dbf").read_bytes()
    table = table.replace(b"nnnnnnnnnn", "公园名称".encode()[:10]).replace(b"tttttttttt", "随州白云湖".encode()[:10])
    (tmp_path / "a.dbf").write_bytes(table)
    assert read(tmp_path / "a.shp", "parks", fields={"name": "公园名"}).layer["name"].tolist() == ["随州白"]


def test_shapefile_told_in_the_wrong_encoding_is_refused(schools, tmp_path):
    schools.to_file(tmp_path / "a.shp", encoding="GBK")
    (tmp_path / "a.cpg").write_text("UTF-8")
    with pytest.raises(InputError, match=r"a\.shp.*not UTF-8, as a\.cpg says; set encoding"):
        read(tmp_path / "a.shp", fields=FIELDS)


def test_shapefile_column_cut_at_ten_bytes_is_still_found(tmp_path):
    land = gpd.GeoDataFrame({"land_class": ["0701"], "constructi": ["否"]}, geometry=[box(0, 0, 10, 10)], crs=WORKING)
    land.to_file(tmp_path / "a.shp", encoding="UTF-8")
    assert read(tmp_path / "a.shp", "land_use").layer["construction"].tolist() == [False]


def test_blanks_beside_yes_and_no_are_told_and_of_construction_land_refused(tmp_path):
    """In a column of 是 and blanks a blank means no, in one of 否 and blanks it means yes."""
    shapes = [box(EAST + 20 * k, NORTH, EAST + 20 * k + 10, NORTH + 10) for k in range(3)]
    answers = {"construction": ["是", None, " "], "open_public": ["否", None, "是"]}
    gpd.GeoDataFrame({"land_class": "0701", **answers}, geometry=shapes, crs=WORKING).to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="column construction: 2 rows empty, the first is row 2; say yes or no of all"):
        read(tmp_path / "a.gpkg", "land_use")
    parks = read(tmp_path / "a.gpkg", "parks")
    assert parks.layer["open_public"].tolist() == [False, True, True]
    (finding,) = [found for found in parks.findings if "open_public" in found.en]
    assert "1 row empty, taken as yes" in finding.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize(("suffix", "separator"), [(".csv", ","), (".tsv", "\t")])
def test_csv_with_degrees(schools, tmp_path, encoding, suffix, separator):
    degrees = schools.geometry.to_crs("EPSG:4326")
    table = pd.DataFrame(schools.drop(columns="geometry")).assign(lng=degrees.x, lat=degrees.y)
    table.to_csv(tmp_path / f"a{suffix}", index=False, encoding=encoding, sep=separator)
    got = read(tmp_path / f"a{suffix}", fields=FIELDS, values=VALUES, x="lng", y="lat")
    assert got.layer["category"].tolist() == ["primary_school", "kindergarten", "primary_school"]
    assert off_m(got.layer, schools.geometry) < 1e-6
    assert ("read as gb18030" in _said(got)) == (encoding == "gbk")


@pytest.mark.slow
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_map_shift_is_undone(schools, tmp_path, datum):
    degrees = schools.geometry.to_crs("EPSG:4326")
    lon, lat = wgs84_to_gcj02(degrees.x.to_numpy(), degrees.y.to_numpy())
    if datum == "bd09":
        lon, lat = gcj02_to_bd09(lon, lat)
    pd.DataFrame({"category": "market", "lng": lon, "lat": lat}).to_csv(tmp_path / "a.csv", index=False)
    shifted_m = off_m(read(tmp_path / "a.csv", x="lng", y="lat").layer, schools.geometry)
    assert shifted_m > 500
    assert off_m(read(tmp_path / "a.csv", x="lng", y="lat", datum=datum).layer, schools.geometry) < 0.001


def test_map_shift_of_metres_is_refused(schools, tmp_path):
    schools.to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="metres, but datum gcj02 is a shift of degrees"):
        read(tmp_path / "a.gpkg", fields=FIELDS, values=VALUES, datum="gcj02")


def test_csv_in_metres_needs_crs(tmp_path):
    (tmp_path / "a.csv").write_text("category,x,y\nmarket,441000,3507000\n")
    with pytest.raises(LayerError, match="not degrees; say which system"):
        read(tmp_path / "a.csv", x="x", y="y")
    assert off_m(read(tmp_path / "a.csv", x="x", y="y", crs="EPSG:4547").layer, places((0, 0))) == 0


@pytest.mark.parametrize("cell", ["", " ", "nan", "inf", "东经一百一十三度"])
def test_csv_row_without_coordinates_is_named_as_a_spreadsheet_numbers_it(tmp_path, cell):
    (tmp_path / "a.csv").write_text(f"category,x,y\nmarket,113.3,31.7\nmarket,{cell},31.7\n", encoding="utf-8")
    with pytest.raises(LayerError, match=r"a\.csv\), column x: row 3 has"):
        read(tmp_path / "a.csv", x="x", y="y")


def test_csv_blank_rows_are_counted_and_skipped(tmp_path):
    (tmp_path / "a.csv").write_text("category,x,y\nmarket,113.3,31.7\n,,\nmarket,113.3,31.7\n\n")
    got = read(tmp_path / "a.csv", x="x", y="y")
    assert len(got.layer) == 2
    assert "2 rows skipped, all blank" in _said(got)


def test_csv_with_more_cells_than_headings_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("category,x,y\nmarket,113.3,31.7,and more\n")
    with pytest.raises(InputError, match="not a table"):
        read(tmp_path / "a.csv", x="x", y="y")


@pytest.mark.parametrize(("keys", "said"), [({}, "needs x"), ({"x": "lng"}, "no column lng"), ({"x": "x"}, "needs y")])
def test_csv_without_coordinate_columns(tmp_path, keys, said):
    (tmp_path / "a.csv").write_text("category,x,y\nmarket,113.3,31.7\n")
    with pytest.raises(LayerError, match=said):
        read(tmp_path / "a.csv", **keys)


def test_swapped_degrees_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("category,x,y\nmarket,31.7,113.3\n")
    with pytest.raises(LayerError, match="longitude and latitude are swapped"):
        read(tmp_path / "a.csv", x="x", y="y")


@pytest.mark.slow
def test_axes_swapped_below_ninety_degrees_are_seen_against_the_zones(tmp_path):
    """At 75 E 39 N (喀什) both numbers could be latitudes: only the zones tell."""
    to_crs = CRS("EPSG:4534")  # CGCS2000 / 3-degree CM 75E
    x, y = Transformer.from_crs("EPSG:4326", to_crs, always_xy=True).transform(75.99, 39.47)
    near = (x - 5000, y - 5000, x + 5000, y + 5000)
    (tmp_path / "a.csv").write_text("category,x,y\nmarket,39.47,75.99\n")
    (tmp_path / "b.csv").write_text("category,x,y\nmarket,75.99,39.47\n")
    with pytest.raises(LayerError, match="axes are swapped"):
        read_vector(VectorSource(tmp_path / "a.csv", x="x", y="y"), "facilities", to_crs=to_crs, near=near)
    assert len(
        read_vector(VectorSource(tmp_path / "b.csv", x="x", y="y"), "facilities", to_crs=to_crs, near=near).layer
    )


def test_northing_before_easting_is_seen_against_the_zones(tmp_path):
    """Chinese surveyors call the northing x."""
    turned = gpd.GeoDataFrame({"category": ["market"]}, geometry=[shapely.Point(NORTH, EAST)], crs=WORKING)
    turned.to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="axes are swapped"):
        read(tmp_path / "a.gpkg", near=(EAST - 1000, NORTH - 1000, EAST + 1000, NORTH + 1000))


def test_no_coordinate_system(schools, tmp_path):
    schools.to_file(tmp_path / "a.shp", encoding="UTF-8")
    (tmp_path / "a.prj").unlink()
    with pytest.raises(LayerError, match="does not say its coordinate system; add crs"):
        read(tmp_path / "a.shp", fields=FIELDS, values=VALUES)
    assert off_m(read(tmp_path / "a.shp", fields=FIELDS, values=VALUES, crs="EPSG:4547").layer, schools.geometry) == 0


def test_geopackage_written_without_a_system(schools, tmp_path):
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        schools.set_crs(None, allow_override=True).to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="does not say its coordinate system"):
        read(tmp_path / "a.gpkg", fields=FIELDS, values=VALUES)


@pytest.mark.slow
def test_a_system_that_contradicts_the_file_is_refused(schools, tmp_path):
    schools.to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="the study file says CGCS2000 / 3-degree Gauss-Kruger CM 111E"):
        read(tmp_path / "a.gpkg", fields=FIELDS, values=VALUES, crs="EPSG:4546")
    assert len(read(tmp_path / "a.gpkg", fields=FIELDS, values=VALUES, crs="EPSG:4547").layer) == 3
    odd = "+proj=tmerc +lon_0=113.5 +x_0=500000 +ellps=GRS80 +units=m"
    schools.to_crs(odd).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(LayerError, match="the study file says"):
        read(tmp_path / "a.parquet", fields=FIELDS, values=VALUES, crs=odd.replace("113.5", "113.6"))


def test_geojson_in_metres_is_refused_unless_its_system_is_given(tmp_path):
    text = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"category": "market"}, '
    text += '"geometry": {"type": "Point", "coordinates": [441000, 3507000]}}]}'
    (tmp_path / "a.geojson").write_text(text)
    with pytest.raises(LayerError, match=r"declared as degrees .* but reaches x = 441,000"):
        read(tmp_path / "a.geojson")
    assert off_m(read(tmp_path / "a.geojson", crs="EPSG:4547").layer, places((0, 0))) == 0


@pytest.mark.slow
def test_several_layers(schools, tmp_path):
    path = tmp_path / "a.gpkg"
    schools.to_file(path, layer="学校")
    schools.iloc[:1].to_file(path, layer="other", mode="a")
    with pytest.raises(LayerError, match=r"holds 2 layers \(学校, other\); say which"):
        read(path, fields=FIELDS, values=VALUES)
    with pytest.raises(LayerError, match=r"no layer 'shcool' \(there is: 学校, other\)"):
        read(path, fields=FIELDS, values=VALUES, layer="shcool")
    assert len(read(path, fields=FIELDS, values=VALUES, layer="学校").layer) == 3
    schools.iloc[:2].to_file(path, layer="facilities", mode="a")
    assert len(read(path, fields=FIELDS, values=VALUES).layer) == 2  # the one named like the layer


@pytest.mark.parametrize(("suffix", "key"), [(".gpkg", "x"), (".gpkg", "encoding"), (".csv", "layer"), (".shp", "y")])
def test_keys_that_say_nothing_about_the_file_are_refused(schools, tmp_path, suffix, key):
    path = tmp_path / f"a{suffix}"
    path.write_text("category,x,y\n") if suffix == ".csv" else schools.to_file(path)
    with pytest.raises(LayerError, match=f"{key} says nothing about a {suffix} file"):
        read(path, **{key: "utf-8"})


def test_missing_columns_list_those_there_are(schools, tmp_path):
    schools.to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match=r"has no column 种类 \(it has: 类别, 名称\); correct fields.category"):
        read(tmp_path / "a.gpkg", fields={"category": "种类"})
    with pytest.raises(LayerError, match=r"no column category \(it has: 类别, 名称\); name the one"):
        read(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match="values are given for source_id, but no column holds it"):
        read(tmp_path / "a.gpkg", fields=FIELDS, values={**VALUES, "source_id": {"a": "b"}})


def test_values_without_meaning_are_named_with_their_rows(schools, tmp_path):
    schools.to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match=r"column 类别: '小学' \(2 rows\) is not translated; add to values.category"):
        read(tmp_path / "a.gpkg", fields=FIELDS, values={"category": {"幼儿园": "kindergarten"}})
    with pytest.raises(LayerError, match=r"'小学' \(2 rows\), '幼儿园' \(1 row\) are no category"):
        read(tmp_path / "a.gpkg", fields=FIELDS)


def test_values_that_are_ours_already_stay_and_empty_ones_leave_rows_out(tmp_path):
    mixed = gpd.GeoDataFrame({"category": ["market", "小学", "加油站"]}, geometry=places((0, 0), (1, 0), (2, 0)))
    mixed.to_file(tmp_path / "a.gpkg")
    got = read(tmp_path / "a.gpkg", values={"category": {"小学": "primary_school", "加油站": ""}})
    assert got.layer["category"].tolist() == ["market", "primary_school"]
    assert _said(got) == ("1 row left out, as values for category say",)


def test_empty_required_cells_are_named(schools, tmp_path):
    schools.to_file(tmp_path / "a.gpkg")
    zones = gpd.GeoDataFrame({"name": ["甲", " "]}, geometry=[box(0, 0, 9, 9), box(9, 0, 9, 9)], crs=WORKING)
    zones.to_file(tmp_path / "z.gpkg")
    with pytest.raises(LayerError, match="column name: 1 row empty, the first is row 2"):
        read(tmp_path / "z.gpkg", "zones")


def test_codes_that_are_numbers_meet_their_translation(tmp_path):
    land = gpd.GeoDataFrame({"代码": [1.0, 2.0]}, geometry=[box(0, 0, 9, 9), box(9, 0, 9, 9)], crs=WORKING)
    land.to_file(tmp_path / "a.gpkg")
    got = read(tmp_path / "a.gpkg", "parks", fields={"kind": "代码"}, values={"kind": {"1": "park", "2": "square"}})
    assert got.layer["kind"].tolist() == ["park", "square"]


@pytest.mark.parametrize("written", [["是", "否", None], ["Y", "n", ""], [1, 0, None], [True, False, None]])
def test_yes_and_no_in_every_writing(tmp_path, written):
    lines = [shapely.LineString([(EAST, NORTH + k), (EAST + 10, NORTH + k)]) for k in range(3)]
    roads = gpd.GeoDataFrame({"road_class": "branch", "oneway": written}, geometry=lines, crs=WORKING)
    roads.to_file(tmp_path / "a.gpkg")
    assert read(tmp_path / "a.gpkg", "roads").layer["oneway"].tolist() == [True, False, None]


def test_a_yes_or_no_that_is_neither(tmp_path):
    line = shapely.LineString([(EAST, NORTH), (EAST + 10, NORTH)])
    gpd.GeoDataFrame({"road_class": ["branch"], "oneway": ["vielleicht"]}, geometry=[line], crs=WORKING).to_file(
        tmp_path / "a.gpkg"
    )
    with pytest.raises(LayerError, match="column oneway: row 1 holds 'vielleicht', wanted yes or no"):
        read(tmp_path / "a.gpkg", "roads")


def test_highway_classes_ramps_footways_and_what_is_neither(tmp_path):
    tags = ["primary", "primary_link", "footway", "residential", "construction", None, "tertiary"]
    lines = [shapely.LineString([(EAST, NORTH + k), (EAST + 500, NORTH + k)]) for k in range(len(tags))]
    gpd.GeoDataFrame({"highway": tags}, geometry=lines, crs=WORKING).to_file(tmp_path / "a.gpkg")
    got = read(tmp_path / "a.gpkg", "roads", fields={"road_class": "highway"}, values={"road_class": "osm_highway"})
    assert got.layer["road_class"].tolist() == ["arterial", "arterial", "local", "branch"]
    assert got.layer["ramp"].tolist() == [False, True, False, False]
    assert got.layer.index.tolist() == [0, 1, 2, 3]
    assert _said(got) == ("1 row for people on foot left out: not a road",)
    (finding,) = got.findings
    assert "'construction' (1 row)" in finding.en
    assert "'(empty)' (1 row)" in finding.en
    assert finding.en.endswith("left out, 1.0 km in all")


def test_a_ramp_column_and_a_link_both_make_a_ramp(tmp_path):
    tags, ramps = ["primary", "primary_link", "primary"], ["匝道", None, None]
    lines = [shapely.LineString([(EAST, NORTH + k), (EAST + 500, NORTH + k)]) for k in range(3)]
    roads = gpd.GeoDataFrame({"road_class": tags, "ramp": ramps}, geometry=lines, crs=WORKING)
    roads.to_file(tmp_path / "a.gpkg")
    got = read(tmp_path / "a.gpkg", "roads", values={"road_class": "osm_highway", "ramp": {"匝道": True}})
    assert got.layer["ramp"].tolist() == [True, True, False]


def test_a_column_that_is_no_highway_column_is_refused(tmp_path):
    line = shapely.LineString([(EAST, NORTH), (EAST + 10, NORTH)])
    gpd.GeoDataFrame({"road_class": ["次干路"]}, geometry=[line], crs=WORKING).to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match=r"'次干路' \(1 row\) is no highway=\* of OpenStreetMap"):
        read(tmp_path / "a.gpkg", "roads", values={"road_class": "osm_highway"})


def test_of_lists_of_values_the_highest_class_is_taken_and_told(tmp_path):
    lines = [shapely.LineString([(EAST, NORTH + k), (EAST + 10, NORTH + k)]) for k in range(3)]
    roads = gpd.GeoDataFrame(
        {"highway": [["primary"], ["primary", "service"], ["primary"]]}, geometry=lines, crs=WORKING
    )
    roads["highway"] = pd.Series(["primary", "residential", ["primary", "service"]], dtype=object).map(np.atleast_1d)
    roads.to_parquet(tmp_path / "a.parquet")
    got = read(tmp_path / "a.parquet", "roads", fields={"road_class": "highway"}, values={"road_class": "osm_highway"})
    assert got.layer["road_class"].tolist() == ["arterial", "local", "arterial"]
    assert _said(got) == ("1 row with several classes of road: the highest is taken",)


def test_shapes_flattened_repaired_and_dropped_with_their_count(tmp_path):
    bowtie = shapely.Polygon([(EAST, NORTH), (EAST + 20, NORTH + 20), (EAST + 20, NORTH), (EAST, NORTH + 20)])
    mixed = shapely.GeometryCollection([box(100, 0, 10, 10), shapely.Point(EAST, NORTH)])
    high = shapely.force_3d(box(200, 0, 10, 10), 80.0)
    only_line = shapely.GeometryCollection([shapely.LineString([(EAST, NORTH), (EAST + 1, NORTH)])])
    shapes = [bowtie, mixed, high, only_line, None, shapely.Polygon()]
    gpd.GeoDataFrame({"name": list("abcdef")}, geometry=shapes, crs=WORKING).to_parquet(tmp_path / "a.parquet")
    got = read(tmp_path / "a.parquet", "parks")
    assert got.layer["name"].tolist() == ["a", "b", "c"]
    assert got.layer.area.tolist() == [200.0, 100.0, 100.0]  # the bow tie: two triangles of 100 m2
    assert not got.layer.has_z.any()
    assert set(_said(got)) == {
        "2 rows hold mixed shapes: only what parks are made of was kept",
        "1 row with an outline that crosses itself repaired",
    }
    assert [said.kind for said in got.findings] == ["no_shape", "of_another_kind", "ground_in_doubt"]
    assert got.partial


def test_a_zone_half_inside_out_is_never_repaired(tmp_path):
    bowtie = shapely.Polygon([(EAST, NORTH), (EAST + 20, NORTH + 20), (EAST + 20, NORTH), (EAST, NORTH + 20)])
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[bowtie], crs=WORKING).to_file(tmp_path / "a.gpkg")
    with pytest.raises(LayerError, match=r"the outline of a crosses itself so that 50.0% of it is inside out; repair"):
        read(tmp_path / "a.gpkg", "zones")


def test_lines_of_no_length_are_counted(tmp_path):
    lines = [shapely.LineString([(EAST, NORTH), (EAST + 10, NORTH)]), shapely.LineString([(EAST, NORTH)] * 2)]
    gpd.GeoDataFrame({"road_class": "branch"}, geometry=lines, crs=WORKING, index=[0, 1]).to_file(tmp_path / "a.gpkg")
    got = read(tmp_path / "a.gpkg", "roads")
    assert len(got.layer) == 1
    assert _said(got) == ("1 row of no length left out",)


def test_an_empty_layer_is_an_answer(tmp_path):
    pyogrio.write_dataframe(
        gpd.GeoDataFrame({"category": pd.Series([], dtype=str)}, geometry=[], crs=WORKING),
        tmp_path / "a.gpkg",
        geometry_type="Point",
    )
    assert len(read(tmp_path / "a.gpkg").layer) == 0


@pytest.mark.real
def test_liege_reads_whole(real_data):
    """79,907 edges in a UTM zone without a code: as long as the file says (2,659,485 m), ramps 105 km among them."""
    to_crs = CRS("EPSG:32631")
    source = VectorSource(
        real_data / "liege/original.parquet", fields={"road_class": "highway"}, values={"road_class": "osm_highway"}
    )
    got = read_vector(source, "roads", to_crs=to_crs)
    assert len(got.layer) == 79_907
    assert got.layer.length.sum() == pytest.approx(2_659_485, rel=1e-4)
    km = got.layer.length.groupby([got.layer["road_class"], got.layer["ramp"]]).sum() / 1000
    assert km["motorway", False] == pytest.approx(281, abs=1)
    assert got.findings == ()


@pytest.mark.real
def test_liege_simplified_tells_what_lost_its_class(real_data):
    to_crs = CRS("EPSG:32631")
    source = VectorSource(
        real_data / "liege/simplified.parquet", fields={"road_class": "highway"}, values={"road_class": "osm_highway"}
    )
    got = read_vector(source, "roads", to_crs=to_crs)
    assert len(got.layer) == 11_595
    assert "'(empty)' (801 rows)" in got.findings[0].en
