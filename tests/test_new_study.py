"""A study proposed from a folder: what each file is, what is asked, what a second run does, and bad folders."""

import json
import os
import tomllib
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.cli import app
from suizhou_geo.geometry.crs import wgs84_to_gcj02

CRS = "EPSG:4547"
X, Y = 441_000.0, 3_507_000.0  # in the middle of Suizhou
OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6" generator="drawn">
{nodes}
{ways}
</osm>
"""


def _box(x, y, width, height):
    return shapely.box(X + x, Y + y, X + x + width, Y + y + height)


def _layer(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def _zones(folder, name="建成区.gpkg", **columns):
    columns = columns or {"片区名称": ["城东", "城西"]}
    _layer([_box(0, 0, 2000, 2000), _box(2000, 0, 2000, 2000)], **columns).to_file(folder / name)


def _zip(layer, path, stem):
    place = path.parent / "parts"
    place.mkdir()
    layer.to_file(place / f"{stem}.shp", encoding="GBK")
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(place.iterdir()):
            archive.write(part, part.name)
            part.unlink()
    place.rmdir()


def _street_grid(path):
    """Streets every 500 m, as an OpenStreetMap extract."""
    lines = [((k, 0), (k, 2000)) for k in range(0, 4001, 500)] + [((0, k), (4000, k)) for k in range(0, 2001, 500)]
    ends = np.array([[X + x, Y + y] for line in lines for x, y in line])
    points = gpd.GeoSeries.from_xy(*ends.T, crs=CRS).to_crs("EPSG:4326")
    nodes = "".join(f"<node id='{n}' lon='{p.x:.7f}' lat='{p.y:.7f}' version='1'/>" for n, p in enumerate(points, 1))
    ways = "".join(
        f"<way id='{n}' version='1'><nd ref='{2 * n - 1}'/><nd ref='{2 * n}'/><tag k='highway' v='secondary'/></way>"
        for n in range(1, len(lines) + 1)
    )
    path.write_text(OSM.format(nodes=nodes, ways=ways), encoding="utf-8")


def _kept(study):
    """The study file without its comments."""
    return tomllib.loads(study.path.read_text("utf-8"))


def _line_of(found, words):
    (line,) = [line.en for line in found.files if words in line.en]
    return line


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "甲市"
    place.mkdir()
    return place


@pytest.fixture
def few(folder):
    """Zones, roads in a zip, a drawing that does not say where it lies, a plan."""
    _zones(folder)
    ends = [[(X, Y + k), (X + 4000, Y + k)] for k in (500, 1000)]
    roads = _layer(list(map(shapely.LineString, ends)), 道路等级=["主干路", "支路"], 路名=["甲路", "乙路"])
    _zip(roads, folder / "路网.zip", "现状道路")
    outline = shapely.LinearRing(_box(100, 100, 300, 300).exterior.coords)
    _layer([outline], Layer=["公园绿地"]).to_file(folder / "绿化.dxf", driver="DXF")
    (folder / "行动方案.docx").write_bytes(b"PK")
    return folder


@pytest.fixture
def mixed(few):
    """The same with communities and a workbook of them, points of Amap, and a raster of population."""
    areas = [_box(0, 0, 2000, 2000), _box(2000, 0, 2000, 2000)]
    _layer(areas, 社区名称=["一社区", "二社区"]).to_file(few / "社区.gpkg")
    persons = pd.DataFrame({"社区": ["一社区", "二社区"], "常住人口": [30_000, 20_000]})
    persons.to_excel(few / "人口.xlsx", index=False)
    lon, lat = wgs84_to_gcj02(np.array([113.39]), np.array([31.69]))
    said = {"id": "B1", "name": "甲小学", "typecode": "141203", "type": "科教文化服务;学校;小学", "adname": "甲区"}
    pd.DataFrame([said | {"location": f"{lon[0]:.6f},{lat[0]:.6f}"}]).to_csv(few / "poi.csv", index=False)
    shape = {
        "width": 4,
        "height": 2,
        "count": 1,
        "dtype": "float32",
        "transform": Affine(1000, 0, X, 0, -1000, Y + 2000),
    }
    with rasterio.open(few / "GHS_POP_2020.tif", "w", driver="GTiff", crs=CRS, nodata=-1, **shape) as raster:
        raster.write(np.full((1, 2, 4), 5000.0, dtype="float32"))
    return few


@pytest.mark.slow
def test_sites_to_choose_from_and_names_in_english_are_known_by_their_columns(folder):
    _zones(folder, 片区名称=["城东", "城西"], 英文名称=["East", "West"])
    sites = [shapely.Point(X + 500, Y + 500), shapely.Point(X + 2500, Y + 500)]
    _layer(sites, 点位名称=["甲", "乙"], 费用=[3.0, 2.0]).to_file(folder / "公园备选点位.gpkg")
    _street_grid(folder / "city.osm")
    found = sg.new_study(folder)
    kept = _kept(found)
    assert kept["zones"]["fields"] == {"name": "片区名称", "name_en": "英文名称"}
    assert kept["layers"]["candidates"]["fields"] == {"name": "点位名称", "cost": "费用"}
    study = sg.read_study(found.path)
    assert study.area.candidates["cost"].tolist() == [3.0, 2.0]
    assert study.area.named_in("en").zones["name"].tolist() == ["East", "West"]


@pytest.mark.slow
def test_a_mixed_folder_becomes_a_study_that_can_be_read(mixed):
    found = sg.new_study(mixed, lang="en")
    said = _kept(found)
    assert said["zones"] == {"path": "建成区.gpkg", "fields": {"name": "片区名称"}, "boundary": "built_up"}
    assert said["crs"] == CRS
    assert said["layers"]["roads"] == {
        "path": "路网.zip",
        "fields": {"road_class": "道路等级", "name": "路名"},
        "values": {"road_class": {"主干路": "arterial", "支路": "branch"}},
        "complete": False,
    }
    assert said["layers"]["facilities"] == {"path": "poi.csv", "preset": "amap", "complete": False}
    assert said["population"]["join"] == {"to": "社区.gpkg", "on": "社区", "column": "社区名称"}
    assert "parks" not in said["layers"]  # its drawing does not say where it lies
    study = sg.read_study(found.path)
    assert list(study.area.roads["road_class"]) == ["arterial", "branch"]
    assert list(study.area.facilities["category"]) == ["primary_school"]
    assert study.area.population["persons"].sum() == 50_000
    assert {"roads", "facilities", "communities"} <= study.area.incomplete


@pytest.mark.slow
def test_it_says_what_each_file_is_and_why_it_was_taken_for_that(mixed):
    found = sg.new_study(mixed, lang="en")
    assert "2 lines" in (line := _line_of(found, "路网.zip"))
    assert "→ roads: its name says '道路'; values of column '道路等级' (主干路, 支路) → road_class" in line
    assert "agree in 100% → join" in _line_of(found, "人口.xlsx")
    assert "no coordinate system → parks (asked)" in _line_of(found, "绿化.dxf")
    assert "→ population (asked)" in _line_of(found, "GHS_POP")
    assert _line_of(found, "行动方案").endswith("not used")
    text = found.path.read_text("utf-8")
    assert "#= its name says '道路'" in text


@pytest.mark.slow
def test_what_is_in_doubt_is_a_comment_below_its_question(few):
    text = sg.new_study(few, lang="en").path.read_text("utf-8")
    lines = text.splitlines()
    at = lines.index("#> [layers.parks]")
    assert lines[at - 1].startswith("#? it does not say its coordinate system; in EPSG:4547 it lies near the zones")
    assert '#> crs = "EPSG:4547"' in lines[at:]
    at = lines.index('plan = "china_standards"')
    assert lines[at - 1].startswith("#? 行动方案.docx may be the plan")
    assert "if it is Suizhou" in lines[at - 1]
    at = lines.index('name = "甲市"')
    assert lines[at - 1].startswith("#?")


@pytest.mark.slow
def test_questions_are_chinese_unless_asked_otherwise(few):
    text = sg.new_study(few, lang="zh").path.read_text("utf-8")
    assert "#? 城市叫什么？" in text
    assert "#? 齐全吗？齐全就改为 true" in text


@pytest.mark.slow
def test_a_second_run_changes_nothing_where_nothing_was_answered(few):
    once = sg.new_study(few, lang="en").text
    assert sg.new_study(few, lang="en").text == once


@pytest.mark.slow
def test_answers_stay_and_their_questions_go(few):
    file = sg.new_study(few, lang="en").path
    text = file.read_text("utf-8").replace('name = "甲市"', 'name = "乙市"  # 已核')
    taken = []
    for line in text.splitlines():
        inside = line.startswith(("#> [layers.parks]", '#> path = "绿化.dxf"', '#> crs = "EPSG:4547"'))
        taken.append(line.removeprefix("#> ") if inside else line)
    file.write_text("\n".join(taken) + "\n# 张三：道路已核对\n", encoding="utf-8")
    found = sg.new_study(few, lang="en")
    lines = found.text.splitlines()
    assert 'name = "乙市"  # 已核' in lines
    assert not any("what is the city called" in line for line in lines)
    assert "# 张三：道路已核对" in lines
    assert not any("does not say its coordinate system" in line for line in lines)
    assert len(sg.read_study(found.path).area.parks) == 1
    assert sg.new_study(few, lang="en").text == found.text


@pytest.mark.slow
def test_a_suggestion_that_was_changed_and_not_taken_is_not_lost(few):
    file = sg.new_study(few, lang="en").path
    text = file.read_text("utf-8").replace('#> crs = "EPSG:4547"', '#> crs = "EPSG:2383"')
    file.write_text(text, encoding="utf-8")
    assert '# crs = "EPSG:2383"' in sg.new_study(few, lang="en").text


@pytest.mark.slow
def test_a_short_section_is_completed_and_a_mapping_that_stands_is_not_touched(few):
    file = few / "study.toml"
    _layer([_box(0, 0, 100, 100)], 名称=["甲园"], 别名=["大园"]).to_file(few / "公园.gpkg")
    file.write_text(
        'name = "甲市"\n[zones]\npath = "建成区.gpkg"\n[layers.roads]\npath = "路网.zip"\n'
        '[layers.parks]\npath = "公园.gpkg"\nfields = { name = "别名" }\n',
        encoding="utf-8",
    )
    said = _kept(sg.new_study(few, lang="en"))
    assert said["zones"]["fields"] == {"name": "片区名称"}
    assert "boundary" not in said["zones"]  # a planner's section is only completed with what reading needs
    assert said["layers"]["roads"]["fields"] == {"road_class": "道路等级", "name": "路名"}
    assert "complete" not in said["layers"]["roads"]
    assert said["layers"]["parks"] == {"path": "公园.gpkg", "fields": {"name": "别名"}}


@pytest.mark.slow
def test_files_that_vanished_or_are_new_are_told(few):
    sg.new_study(few, lang="en")
    (few / "路网.zip").unlink()
    _layer([_box(0, 0, 100, 100)], 名称=["甲园"]).to_file(few / "公园.gpkg")
    found = sg.new_study(few, lang="en")
    assert any("[layers.roads]: 路网.zip is not there any more" in line.en for line in found.remarks)
    assert "#? 路网.zip is not there any more; correct the path, or take this out" in found.text
    assert 'path = "路网.zip"' in found.text
    assert _line_of(found, "公园.gpkg").startswith("[new] ")
    assert _kept(found)["layers"]["parks"]["path"] == "公园.gpkg"


@pytest.mark.slow
def test_a_section_that_a_planner_put_away_does_not_come_back(few):
    file = sg.new_study(few, lang="en").path
    text = file.read_text("utf-8")
    head, _, tail = text.partition("[layers.roads]\n")
    block, _, rest = tail.partition("\n\n")
    away = "\n".join(f"# {line}" for line in ["[layers.roads]", *block.splitlines()])
    file.write_text(f"{head}{away}\n\n{rest}", encoding="utf-8")
    assert "layers" not in _kept(sg.new_study(few, lang="en"))


@pytest.mark.slow
def test_outlines_of_which_nothing_is_said_decide_no_density(folder):
    _zones(folder, "zones.gpkg")
    found = sg.new_study(folder, lang="en")
    assert _kept(found)["zones"]["boundary"] == "administrative"
    assert any(question.startswith("what do the outlines stand for?") for question in found.questions)
    assert any(question.startswith("which zones are the main city") for question in found.questions)


@pytest.mark.slow
def test_administrative_limits_of_datav_are_known_with_their_shift(folder):
    shapes = _layer([_box(0, 0, 2000, 2000)]).to_crs("EPSG:4326").geometry
    moved = shapely.transform(shapes.iloc[0], lambda xy: np.column_stack(wgs84_to_gcj02(*xy.T)))
    said = {"adcode": 421303, "name": "曾都区", "level": "district", "parent": {"adcode": 421300}, "acroutes": [421300]}
    feature = {"type": "Feature", "properties": said, "geometry": shapely.geometry.mapping(moved)}
    collection = {"type": "FeatureCollection", "features": [feature]}
    (folder / "随州市.json").write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    said = _kept(sg.new_study(folder, lang="en"))
    assert said["zones"]["datum"] == "gcj02"
    assert said["zones"]["boundary"] == "administrative"
    assert (said["plan"], said["crs"]) == ("suizhou_2025", CRS)  # the file is named after the city the zones lie in
    assert sg.read_study(folder / "study.toml").area.zones.total_bounds[0] == pytest.approx(X, abs=1)


def _homes_beside_streets(count, shift):
    at = np.array([[X + 250 + 500 * (k % 7), Y + 10 + 500 * (k % 4) + k] for k in range(count)])
    points = gpd.GeoSeries.from_xy(*at.T, crs=CRS).to_crs("EPSG:4326")
    lon, lat = shift(points.x.to_numpy(), points.y.to_numpy())
    rows = {"类别": ["小学"] * count, "名称": [f"第{k}小学" for k in range(count)], "经度": lon, "纬度": lat}
    return pd.DataFrame(rows)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "shift", "datum"),
    [(35, wgs84_to_gcj02, "gcj02"), (35, lambda lon, lat: (lon, lat), None), (5, wgs84_to_gcj02, "in doubt")],
)
def test_degrees_are_taken_as_the_streets_tell_and_left_out_where_they_do_not(folder, count, shift, datum):
    _zones(folder)
    _street_grid(folder / "city.osm")
    _homes_beside_streets(count, shift).to_csv(folder / "设施.csv", index=False)
    found = sg.new_study(folder, lang="en")
    layers = _kept(found).get("layers", {})
    if datum == "in doubt":
        assert layers == {}
        assert any(question.startswith("where do the degrees come from?") for question in found.questions)
        assert '#> datum = ""' in found.text
    else:
        assert layers["facilities"].get("datum") == datum
        assert any("looks like GCJ-02" in question for question in found.questions) == (datum == "gcj02")


@pytest.mark.slow
def test_codes_that_are_not_known_leave_their_rows_out_and_are_asked_about(folder):
    _zones(folder)
    _layer([shapely.Point(X + k, Y + 50) for k in range(3)], 类别=["小学", "幼儿园", "加油站"]).to_file(
        folder / "设施.gpkg"
    )
    found = sg.new_study(folder, lang="en")
    assert _kept(found)["layers"]["facilities"]["values"]["category"]["加油站"] == ""
    assert any('left out (""): 加油站' in question for question in found.questions)
    assert len(sg.read_study(found.path).area.facilities) == 2


@pytest.mark.slow
def test_a_column_that_stands_in_the_way_is_left_open_where_it_is_not_needed(folder):
    _zones(folder)
    _layer([shapely.Point(X + 50, Y + 50)], 名称=["甲"], 泊位数=["约三十"]).to_file(folder / "停车场.gpkg")
    found = sg.new_study(folder, lang="en")
    assert "fields" not in _kept(found)["layers"]["parking"]
    assert "wanted a number" in " ".join(found.questions)
    assert '#> fields = { name = "名称", spaces = "泊位数" }' in found.text


@pytest.mark.slow
def test_what_cannot_be_the_only_one_is_asked_about(folder):
    _zones(folder)
    for name in ("公园甲.gpkg", "公园乙.gpkg"):
        _layer([_box(0, 0, 100, 100)], 名称=["甲园"]).to_file(folder / name)
    for name in ("a.osm", "b.osm"):
        _street_grid(folder / name)
    found = sg.new_study(folder, lang="en")
    said = _kept(found)
    assert "osm" not in said
    assert "which of them: a.osm, b.osm? only one can be used" in found.questions
    assert any("公园甲.gpkg may be parks, too" in question for question in found.questions)


@pytest.mark.slow
def test_without_zones_the_rest_is_proposed_and_the_zones_are_asked_for(folder):
    _layer([_box(0, 0, 100, 100)], 名称=["甲园"]).to_file(folder / "公园.gpkg")
    found = sg.new_study(folder, lang="en")
    said = _kept(found)
    assert "zones" not in said
    assert "parks" in said["layers"]
    assert any(question.startswith("no zones were recognised") for question in found.questions)
    with pytest.raises(sg.StudyError, match=r"has no \[zones\]"):
        sg.read_study(found.path)
    assert sg.new_study(folder, lang="en").text == found.text
    _zones(folder)
    assert _kept(sg.new_study(folder, lang="en"))["zones"]["path"] == "建成区.gpkg"


@pytest.mark.slow
def test_outside_china_the_work_is_done_in_utm(folder):
    shape = gpd.GeoSeries([shapely.box(-3.02, 51.57, -2.98, 51.6)], crs="EPSG:4326")
    gpd.GeoDataFrame({"name": ["Newport"]}, geometry=shape).to_file(folder / "districts.geojson")
    assert _kept(sg.new_study(folder, lang="en"))["crs"] == "EPSG:32630"


@pytest.mark.slow
def test_the_study_file_may_stand_elsewhere(few, tmp_path):
    out = tmp_path / "studies" / "a.toml"
    out.parent.mkdir()
    assert sg.new_study(few, out, lang="en").path == out
    assert tomllib.loads(out.read_text("utf-8"))["zones"]["path"] == "../甲市/建成区.gpkg"
    assert len(sg.read_study(out).area.zones) == 2


# --------------------------------------------------------------------------------------------------------- bad folders
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda place: place.touch(), "holds no file"),
        (lambda place: place.rmdir(), "there is no folder"),
        (lambda place: (place / "notes.xyz").write_text("a"), "is known (1 files)"),
    ],
)
def test_a_folder_of_nothing_is_told_in_one_line(folder, make, said):
    make(folder)
    with pytest.raises(sg.InputError) as error:
        sg.new_study(folder, lang="en")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not (folder / "study.toml").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.gpkg", b"", "is empty (0 bytes)"),
        ("a.gpkg", b"not a database", "does not begin like one"),
        ("a.gpkg", b"SQLite format 3\x00" + b"\x00" * 600, "cannot be read"),
        ("a.zip", b"PK\x03\x04broken", "cannot be unpacked"),
        ("a.xlsx", b"PK\x03\x04broken", "Excel"),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\x00" * 96, "is missing beside"),
        ("a.tif", b"II*\x00" + b"\x00" * 20, "cannot be read"),
        ("a.osm.pbf", b"nothing", "is not OpenStreetMap data"),
        ("a.geojson", b'{"type": "FeatureColl', "cannot be read"),
        ("a.kml", b"<kml><broken", "cannot be read"),
        ("a.csv", b"a,b\n1,2,3,4\n", "is not a table"),
        ("a.dwg", b"AC1027", "save it as DXF"),
        ("a.rar", b"Rar!", "unpack it"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
        ("a.parquet", b"PAR1 broken", "cannot be read"),
        ("a.dxf", b"0\nSECTION\n2\nENTITIES\n", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_one_line_and_the_others_are_used(folder, name, data, said):
    _zones(folder)
    (folder / name).write_bytes(data)
    found = sg.new_study(folder, lang="en")
    line = _line_of(found, f"{name}: ")
    assert "not used. " in line
    assert said in line
    assert "\n" not in line
    assert "zones" in _kept(found)


@pytest.mark.slow
def test_links_in_circles_and_to_nothing_are_told(folder):
    _zones(folder)
    (folder / "sub").mkdir()
    os.symlink(folder, folder / "sub" / "round")
    os.symlink(folder / "nowhere.gpkg", folder / "gone.gpkg")
    found = sg.new_study(folder, lang="en")
    assert any("round is a link to a folder: not followed" in line.en for line in found.remarks)
    assert "the file it links to is not there" in _line_of(found, "gone.gpkg")


@pytest.mark.slow
def test_too_many_files_and_too_deep_folders_are_told_in_one_line_each(folder):
    _zones(folder)
    for n in range(305):
        (folder / f"z{n:04d}.xyz").touch()
    (folder / "a" / "b" / "c").mkdir(parents=True)
    (folder / "a" / "b" / "c" / "zones.gpkg").touch()
    found = sg.new_study(folder, lang="en")
    told = [line.en for line in found.remarks]
    assert sum("of 306 files the first 300 were looked at, 6 were not" in line for line in told) == 1
    assert sum("lie too deep" in line for line in told) == 1


def test_results_and_hidden_files_are_passed_by(folder):
    _zones(folder)
    (folder / "results").mkdir()
    for name in ("run.json", "scorecard.json", "layers.gpkg"):
        (folder / "results" / name).touch()
    (folder / ".hidden.gpkg").touch()
    found = sg.new_study(folder, lang="en")
    assert [line.en.split(":")[0] for line in found.files] == ["建成区.gpkg"]
    assert any("holds results: passed by" in line.en for line in found.remarks)


def test_a_wrong_study_file_is_refused_and_stays_as_it_is(few):
    file = few / "study.toml"
    file.write_text('name = "甲市"\nzone = 1\n', encoding="utf-8")
    with pytest.raises(sg.StudyError, match="'zone' is not a key"):
        sg.new_study(few, lang="en")
    assert file.read_text("utf-8") == 'name = "甲市"\nzone = 1\n'


@pytest.mark.slow
def test_a_place_that_cannot_be_written_is_told(few):
    with pytest.raises(sg.OutputError, match="give another place with --out"):
        sg.new_study(few, few / "nowhere" / "study.toml", lang="en")


@pytest.mark.slow
def test_the_command_line_tells_each_file_and_how_many_questions_there_are(few):
    result = CliRunner().invoke(app, ["new", str(few), "--lang", "en"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "· 建成区.gpkg: GeoPackage" in result.stdout
    questions = (few / "study.toml").read_text("utf-8").count("\n#? ")
    assert f"{questions} questions in it" in result.stdout
    wrong = CliRunner().invoke(app, ["new", str(few / "no"), "--lang", "en"])
    assert wrong.exit_code == 2
