# ruff: noqa: S314, S608  (the XML and the SQL conditions are those just written)
"""The GeoPackage with its styles and field names, and the QGIS project: read back by other means than ours."""

import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.measures import measure_all
from suizhou_geo.model import Measure
from suizhou_geo.outputs.gis.fields import Field, cell_column, fields_of, known_fields
from suizhou_geo.outputs.gis.geopackage import style_names, write_geopackage
from suizhou_geo.outputs.gis.layers import COMMUNITIES, GROUND, HOMES, evidence_layers, gis_layers, ground_layers
from suizhou_geo.outputs.gis.project import write_project
from suizhou_geo.outputs.gis.qml import coded, expression, fields_qml, style_qml
from suizhou_geo.outputs.gis.sld import style_sld
from suizhou_geo.outputs.gis.styles import Condition, evidence_styles, zone_styles
from suizhou_geo.standards.catalogue import CHAPTERS, tables
from suizhou_geo.standards.symbology import PARTS, ROADS, class_limits, class_of

KM = 1000.0
SE, OGC = "{http://www.opengis.net/se}", "{http://www.opengis.net/ogc}"
HOSTILE = """<b>"主城" & 'x'\\ [% env('HOME') %]"""


@pytest.fixture(scope="module")
def city(measured):
    return assessed(*measured("invented_city"))


@pytest.fixture(scope="module")
def results(city, tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    layers = gis_layers(city)
    write_geopackage(layers, folder)
    write_project(layers, folder, title="城")
    return folder, layers


@pytest.fixture(scope="module")
def town(drawn):
    zones = drawn([box(0, 0, KM, KM), box(KM, 0, 2 * KM, KM)], name=[HOSTILE, "片区"], role=["main_city", "district"])
    return sg.StudyArea(
        "城",
        zones.set_index(np.array(["1", "2"])),
        roads=drawn([LineString([(0, 500), (1000, 500)])], road_class=["branch"], name=[HOSTILE]),
        parks=drawn([box(100, 100, 200, 200)], name=["白云公园"]),
        residential=drawn([box(0, 0, 2000, 400)]),
        population=drawn([box(0, 0, 2000, 400)], persons=[8000]),
    )


@pytest.fixture(scope="module")
def measures(town):
    """All measures of the town."""
    return measure_all(town)


def _rows(path, sql, *values):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(sql, values).fetchall()


def _filters(qml):
    return [(rule.get("label"), rule.get("filter") or "TRUE") for rule in ElementTree.fromstring(qml).iter("rule")]


def _drawn(path, table, qml):
    """How many rules of a style draw each row: a filter of QGIS is read as SQL by SQLite."""
    terms = " + ".join(f"coalesce(({where}), 0)" for _, where in _filters(qml))
    return [n for (n,) in _rows(path, f'SELECT {terms} FROM "{table}"')]


def test_the_table_of_styles_is_as_qgis_makes_it(results):
    path = results[0] / "layers.gpkg"
    columns = [row[1] for row in _rows(path, "PRAGMA table_info(layer_styles)")]
    assert columns == [
        *("id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML"),
        *("styleSLD", "useAsDefault", "description", "owner", "ui", "update_time"),
    ]
    told = _rows(path, "SELECT data_type, identifier FROM gpkg_contents WHERE table_name = 'layer_styles'")
    assert told == [("attributes", "layer_styles")]
    defaults = dict(_rows(path, "SELECT f_table_name, sum(useAsDefault) FROM layer_styles GROUP BY 1"))
    tables = {name for name, kind in pyogrio.list_layers(path) if kind is not None}
    assert defaults == dict.fromkeys(tables, 1)
    styles = _rows(path, "SELECT f_table_name, styleName, update_time FROM layer_styles")
    assert len({(table, name) for table, name, _ in styles}) == len({time for *_, time in styles}) == len(styles)
    assert max(len(name) for _, name, _ in styles) <= 30
    geometry = dict(_rows(path, "SELECT table_name, column_name FROM gpkg_geometry_columns"))
    named = _rows(path, "SELECT f_table_name, f_geometry_column, f_table_schema, f_table_catalog FROM layer_styles")
    assert {(geometry[table], "", "") for table, *_ in named} == {tuple(rest) for _, *rest in named}


@pytest.mark.slow
def test_every_style_draws_each_row_of_its_definition_once_and_its_symbols_fit(results):
    path = results[0] / "layers.gpkg"
    kinds = dict(_rows(path, "SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
    types = {"POLYGON": "fill", "LINESTRING": "line", "POINT": "marker"}
    for table, name, qml in _rows(path, "SELECT f_table_name, styleName, styleQML FROM layer_styles"):
        root = ElementTree.fromstring(qml)
        wanted = types[kinds[table].removeprefix("MULTI")]
        assert {symbol.get("type") for symbol in root.iter("symbol")} == {wanted}, (table, name)
        numbers = {rule.get("symbol") for rule in root.iter("rule")}
        assert numbers == {symbol.get("name") for symbol in root.iter("symbol")}
        assert len(numbers) == len(list(root.iter("rule"))), "each rule has a symbol of its own"
        assert set(_drawn(path, table, qml)) <= {0, 1}, (table, name)


@pytest.mark.slow
def test_each_row_is_drawn_by_the_style_of_its_measure_and_definition(results):
    path = results[0] / "layers.gpkg"
    for layer in results[1]:
        qmls = [q for (q,) in _rows(path, "SELECT styleQML FROM layer_styles WHERE f_table_name = ?", layer.table)]
        drawn = [_drawn(path, layer.table, qml) for qml in qmls]
        if layer.table in ("zones", "block_size", HOMES, COMMUNITIES) or layer.table.startswith(GROUND):
            assert {times for style in drawn for times in style} == {1}, layer.table
        else:
            assert {sum(times) for times in zip(*drawn, strict=True)} == {1}, layer.table
            told = layer.data[["key", "profile"]].drop_duplicates()
            assert len(drawn) == len(told), layer.table
            for style in drawn:
                rows = layer.data[np.array(style) == 1]
                assert len(rows[["key", "profile"]].drop_duplicates()) == 1, layer.table


def test_the_definition_asked_for_is_the_one_shown(results, city):
    path = results[0] / "layers.gpkg"
    first = city.row("park_coverage")
    (qml,) = _rows(path, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'park_coverage' AND useAsDefault")[0]
    shown = zip(_rows(path, 'SELECT "profile" FROM park_coverage'), _drawn(path, "park_coverage", qml), strict=True)
    assert {profile for (profile,), times in shown if times} == {first.profile}


def test_parts_roads_and_cells_have_the_symbols_of_everywhere_else(results):
    path = results[0] / "layers.gpkg"
    (qml,) = _rows(path, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'road_density'")[0]
    assert [label for label, _ in _filters(qml)] == ["快速路", "主干路", "次干路", "支路", "街坊道路"]
    colours = [o.get("value") for o in ElementTree.fromstring(qml).iter("Option") if o.get("name") == "line_color"]
    asked = ["expressway", "arterial", "secondary", "branch", "local"]
    assert colours == [",".join(str(b) for b in bytes.fromhex(ROADS[c][2][1:])) + ",255" for c in asked]
    (qml,) = _rows(path, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'dead_ends'")[0]
    assert [label for label, _ in _filters(qml)] == [
        PARTS[part].name.zh for part in ("missing_link", "dead_end", "explained_end")
    ]
    label = ElementTree.fromstring(qml).find("labeling/settings/text-style").get("fieldName")
    assert '"rank"' in label


def test_a_style_is_named_after_its_measure_where_there_are_several(drawn):
    evidence = drawn([box(0, 0, 1, 1), box(1, 0, 2, 1)], part=["park"] * 2, key=["a", "b"], profile=["caupd"] * 2)
    names = {"a": Text("甲", "A"), "b": Text("乙", "B")}
    apart = evidence_styles(evidence, names)
    assert [style.name.zh for style in apart] == ["甲 · 四级道路中心线", "乙 · 四级道路中心线"]
    assert expression(apart[1].rules[0].where) == "\"key\" = 'b' AND \"part\" = 'park'"
    (both,) = evidence_styles(evidence, names, together=True)
    assert expression(both.rules[0].where) == "\"part\" = 'park'"


def test_every_way_of_travel_is_written(results, city):
    layer = next(layer for layer in results[1] if layer.table == "commute_30min_city")
    modes = {m.profile for m in city.every_measure if m.key == layer.table}
    assert set(layer.data["profile"]) == modes
    assert [rule.symbol.name.zh for rule in layer.styles[0].rules] == [
        f"距主中心 {band} 分钟" for band in ("0–10", "10–20", "20–30")
    ]


@pytest.mark.parametrize(
    ("column", "values", "names"),
    [
        ("result", ["passes", "fails", "not_judged"], ["sidewalk_passes", "sidewalk_fails", "sidewalk"]),
        ("sidewalk", ["both", "left", "no"], None),
    ],
)
def test_sidewalks_are_drawn_by_what_was_found(drawn, column, values, names):
    lines = [LineString([(k, 0), (k, 1)]) for k in range(3)]
    evidence = drawn(lines, part=["sidewalk"] * 3, **{column: values})
    rules = evidence_styles(evidence, {})[0].rules
    assert [rule.where[-1].value for rule in rules if rule.where[-1].value in values] == values
    if names:
        assert [rule.symbol for rule in rules] == [PARTS[name] for name in names]


def test_dots_can_be_seen_and_cells_are_not_hidden_by_their_outlines(drawn):
    dots = drawn([Point(0, 0)], part=["sidewalk"], result=["passes"])
    cells = drawn([box(0, 0, 1, 1)], part=["covered"], covered_share=[1.0])
    whole = drawn([box(0, 0, 1, 1)], part=["covered"], covered_share=[np.nan])
    root = ElementTree.fromstring(style_qml(evidence_styles(dots, {})[0], "point", "", lang="zh"))
    size = next(float(o.get("value")) for o in root.iter("Option") if o.get("name") == "size")
    assert size == pytest.approx(5 / 96 * 25.4, abs=1e-3)
    assert evidence_styles(cells, {})[0].rules[0].symbol.stroke == PARTS["covered"].fill
    assert evidence_styles(whole, {})[0].rules[0].symbol == PARTS["covered"]


def test_blocks_are_darker_the_more_a_street_gains(results):
    path = results[0] / "layers.gpkg"
    (qml,) = _rows(path, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'block_size'")[0]
    for label, where in _filters(qml)[:-1]:
        low, high = _rows(path, f"SELECT min(gain_rank), max(gain_rank) FROM block_size WHERE {where}")[0]
        first, last = re.search(r"第 (\d+)(?:–(\d+)|\+) 位", label).groups()
        assert int(first) <= low
        assert last is None or high <= int(last)
    (within,) = [where for _, where in _filters(qml)[-1:]]
    assert _rows(path, f"SELECT count(*) FROM block_size WHERE ({within}) = over_limit") == [(0,)]


def _zones(values):
    zones = gpd.GeoDataFrame({"x": values}, geometry=[box(k, 0, k + 1, 1) for k in range(len(values))], crs="EPSG:4547")
    return zones.rename_axis("zone_id")


def _measure(city, by_zone):
    first = city.measures[0]
    return replace(first, key="x", unit="km/km2", by_zone=by_zone, evidence=None)


def test_zones_stand_in_the_class_the_map_puts_them_in(city, tmp_path):
    values = [3.0, 4.0, 5.0, 7.0, 7.9, 8.0, np.nan, np.inf]
    zones = _zones(values)
    style = zone_styles(zones, rows_of([_measure(city, zones["x"])], None))[0]
    zones.to_file(tmp_path / "z.gpkg", layer="z")
    limits = class_limits(np.array(values), "km/km2")
    found = {}
    for k, rule in enumerate(style.rules):
        for (fid,) in _rows(tmp_path / "z.gpkg", f"SELECT fid FROM z WHERE {expression(rule.where)}"):
            found.setdefault(fid - 1, []).append(k)
    assert [found[k] for k in range(6)] == [[4 - class_of(value, limits)] for value in values[:6]]
    assert found[6] == [5]
    assert found[7] == [0]
    assert style.rules[5].symbol.name.zh == "无数据"


def test_a_class_of_no_data_stands_only_where_there_is_none(city):
    zones = _zones([1.0, 2.0])
    assert len(zone_styles(zones, rows_of([_measure(city, zones["x"])], None))[0].rules) == 5


def test_promised_measures_come_first(city):
    zones = _zones([1.0, 2.0]).assign(y=[1.0, 3.0])
    x, y = _measure(city, zones["x"]), _measure(city, zones["y"])
    y = replace(y, key="y")
    promise = sg.Target("y", "乙", "y", ">=", 2.0, "km/km2", 2025, "clause", "quote")
    plan = sg.Plan("p", "案", "plan", "案", (promise,))
    assert [s.key for s in zone_styles(zones, rows_of([x, y], None))] == ["x", "y", "role"]
    assert [s.key for s in zone_styles(zones, rows_of([x, y], plan))] == ["y", "x", "role"]


def test_a_style_of_the_zones_knows_the_chapter_of_its_promise(city):
    zones = _zones([1.0, 2.0]).rename(columns={"x": "road_density_branch"})
    measure = replace(_measure(city, zones["road_density_branch"]), key="road_density.branch")
    promise = sg.Target("road_density.branch", "支路", "branch", ">=", 2.0, "km/km2", 2025, "clause", "quote")
    (held,) = rows_of([measure], sg.Plan("p", "案", "plan", "案", (promise,)))
    (unpromised,) = rows_of([measure], None)
    assert zone_styles(zones, [held])[0].opened_in.key == "roads"
    assert zone_styles(zones, [unpromised])[0].opened_in is None


def _holds(node, row):
    """Whether an OGC filter holds for a row: written from the standard, not from our code."""
    tag = node.tag.removeprefix(OGC)
    if tag in ("Filter", "And"):
        return all(_holds(child, row) for child in node)
    value = row[node.find(f"{OGC}PropertyName").text]
    if tag == "PropertyIsNull":
        return value is None
    if value is None:
        return False
    literal = node.find(f"{OGC}Literal").text or ""
    if isinstance(value, int | float):
        literal = {"true": 1.0, "false": 0.0}.get(literal) if literal in ("true", "false") else float(literal)
    compare = {
        "PropertyIsEqualTo": value == literal,
        "PropertyIsGreaterThanOrEqualTo": value >= literal,
        "PropertyIsLessThan": value < literal,
    }
    return compare[tag]


@pytest.mark.parametrize("table", ["zones", "dead_ends", "block_size", "arterial_grid", "road_density"])
def test_sld_says_the_same_as_qml(results, table):
    path = results[0] / "layers.gpkg"
    qml, sld = _rows(
        path, "SELECT styleQML, styleSLD FROM layer_styles WHERE f_table_name = ? AND useAsDefault", table
    )[0]
    with closing(sqlite3.connect(path)) as base:
        base.row_factory = sqlite3.Row
        rows = base.execute(f'SELECT * FROM "{table}"').fetchall()
    rules = [r for r in ElementTree.fromstring(sld).iter(f"{SE}Rule") if r.find(f"{SE}TextSymbolizer") is None]
    for rule, (label, where) in zip(rules, _filters(qml), strict=True):
        assert rule.find(f"{SE}Name").text == label
        filter_ = rule.find(f"{OGC}Filter")
        held = sum(filter_ is None or _holds(filter_, row) for row in rows)
        assert held == _rows(path, f'SELECT count(*) FROM "{table}" WHERE {where}')[0][0], label
        assert len(rule.findall(f"{SE}PolygonSymbolizer") + rule.findall(f"{SE}LineSymbolizer")) == 1


@pytest.mark.slow
def test_every_field_written_has_a_name_in_both_languages(results):
    path = results[0] / "layers.gpkg"
    for layer in results[1]:
        fields = pyogrio.read_info(path, layer=layer.table)["fields"].tolist()
        assert [f.name for f in layer.fields] == fields, layer.table
        for field in layer.fields:
            assert re.search("[\u4e00-\u9fff]", field.title.zh), (
                f"{layer.table}.{field.name}: see standards/fields.toml"
            )
            assert not re.search("[\u4e00-\u9fff]", field.title.en), field
            assert field.title.en


def test_aliases_stand_in_the_file_and_in_the_style_a_layer_opens_with(results):
    path = results[0] / "layers.gpkg"
    columns = _rows(path, "SELECT table_name, column_name, name, title FROM gpkg_data_columns")
    assert ("dead_ends", "link_m", "缺失路段长度 (m)", "缺失路段长度") in columns
    assert len({(table, name) for table, _, name, _ in columns}) == len(columns)
    extended = _rows(path, "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema' ORDER BY 1")
    assert extended == [("gpkg_data_column_constraints",), ("gpkg_data_columns",)]
    for table, qml, first in _rows(path, "SELECT f_table_name, styleQML, useAsDefault FROM layer_styles"):
        root = ElementTree.fromstring(qml)
        aliases = {a.get("field"): a.get("name") for a in root.iter("alias")}
        assert aliases == ({column: name for of, column, name, _ in columns if of == table} if first else {})
        fields = ["Fields", "Forms"] if first else []  # another style leaves them as they are
        assert root.get("styleCategories").split("|") == ["Symbology", "Labeling", *fields]


def test_every_layer_of_a_run_is_one_results_folder_knows(results):
    for layer in results[1]:
        assert layer.table in tables(), f"{layer.table} is not in standards/measures.toml"
        assert layer.chapter is None or layer.chapter.key != "declared", layer.table


def test_two_fields_never_share_a_name():
    fields = fields_of("x", ["area_ha", "area_m2", "part"], known_fields())
    assert len({f.alias("zh") for f in fields}) == 3
    measure = Field("a", Text("部分", "part"))
    assert fields_of("x", ["name", "name_"], known_fields())[1].title.zh == "name_"
    assert measure.alias("en") == "part"


def test_measures_of_one_name_stay_apart(city):
    one = next(m for m in city.measures if m.key == "population_density")
    kept = {name: getattr(one, name) for name in one.__dataclass_fields__}
    other = type(one)(**{**kept, "key": "other"})
    fields = fields_of("zones", [one.key, "other"], known_fields([one, other]))
    assert {f.alias("zh") for f in fields} == {
        f"城市人口密度〔{one.key}〕 (人/km²)",
        "城市人口密度〔other〕 (人/km²)",
    }


def test_codes_are_shown_as_words():
    fields = [Field("part", Text("类别", "kind")), Field("x", Text("甲", "a"))]
    root = ElementTree.fromstring(f"<q>{fields_qml(fields, lang='zh')}</q>")
    widgets = {f.get("name"): f for f in root.iter("field")}
    assert set(widgets) == {"part"}
    pairs = {o.get("value"): o.get("name") for o in widgets["part"].iter("Option") if o.get("type") == "QString"}
    assert pairs == coded("part", "zh")
    assert pairs["uncovered"] == "未覆盖的居住用地"


@pytest.mark.slow
def test_one_run_gives_the_bytes_of_the_next(town, measures, held, tmp_path):
    result = held(town, measures, sg.read_plan("suizhou_2025"))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        layers = gis_layers(result)
        write_geopackage(layers, tmp_path / name)
        write_project(layers, tmp_path / name, title="城")
    for name in ("layers.gpkg", "project.qgz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.slow
def test_the_clock_leaves_no_trace_in_the_geopackage(town, held, tmp_path):
    """Written while GDAL's clock runs, and while it stands still at another moment: each stamp then equals the last."""
    layers = gis_layers(held(town, [sg.road_density(town)]))
    other = "2011-11-11T11:11:11.111Z"
    for name, clock in (("running", None), ("standing", other)):
        (tmp_path / name).mkdir()
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": clock})
        try:
            write_geopackage(layers, tmp_path / name)
            assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") == clock
            assert pyogrio.get_gdal_config_option("OGR_SQLITE_SYNCHRONOUS") is None
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    running, standing = ((tmp_path / name / "layers.gpkg").read_bytes() for name in ("running", "standing"))
    assert running == standing
    stamps = {
        stamp for (stamp,) in _rows(tmp_path / "running" / "layers.gpkg", "SELECT last_change FROM gpkg_contents")
    }
    assert stamps == {"2000-01-01T00:00:00.000Z"}


@pytest.mark.slow
def test_english_on_request(town, measures, held, tmp_path):
    write_geopackage(layers := gis_layers(held(town, measures)), tmp_path, lang="en")
    write_project(layers, tmp_path, title="town", lang="en")
    with zipfile.ZipFile(tmp_path / "project.qgz") as archive:
        tree = re.findall(r'<layer-tree-layer[^>]* name="([^"]*)"', archive.read("project.qgs").decode("utf-8"))
    assert "zones: kind of zone" in tree
    assert [name for name in tree if not name.isascii()] == []
    path = tmp_path / "layers.gpkg"
    assert _rows(path, "SELECT title FROM gpkg_data_columns WHERE column_name = 'zone_id' LIMIT 1") == [("zone id",)]
    (qml,) = _rows(path, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'park_coverage'")[0]
    assert not re.search("[\u4e00-\u9fff]", qml)


def test_hostile_texts_stay_texts(drawn, tmp_path):
    part = "it's \"<&>\"\\'\x0b"
    evidence = drawn([box(0, 0, 1, 1), box(1, 0, 2, 1)], part=[part.replace("\x0b", ""), "park"], profile=["a", "a"])
    evidence.to_file(tmp_path / "e.gpkg", layer="e")
    style = evidence_styles(evidence, {})[0]
    qml = style_qml(style, "area", fields_qml([Field("x", Text(part, part))], lang="zh"), lang="zh")
    ElementTree.fromstring(style_sld(style, "area", part, lang="zh"))
    labels = [label for label, _ in _filters(qml)]
    assert labels == [PARTS["park"].name.zh, part.replace("\x0b", "")]
    # SQLite takes a backslash as it is, QGIS doubled
    where = _filters(qml)[1][1].replace("\\\\", "\\")
    assert _rows(tmp_path / "e.gpkg", f"SELECT fid FROM e WHERE {where}") == [(1,)]
    assert expression([Condition('a"b', "=", "\\'")]) == "\"a\"\"b\" = '\\\\'''"


def test_names_of_styles_stay_apart_when_they_are_cut(results):
    layer = next(layer for layer in results[1] if layer.table == "park_coverage")
    long = [type(s)(s.key, Text("长" * 40, "x" * 40), s.rules) for s in layer.styles[:3]]
    names = style_names(
        type(layer)(**{**{f: getattr(layer, f) for f in layer.__dataclass_fields__}, "styles": long}), "zh"
    )
    assert len(set(names)) == 3
    assert max(map(len, names)) <= 30


def _project(folder):
    with zipfile.ZipFile(folder / "project.qgz") as archive:
        assert archive.namelist() == ["project.qgs"]
        assert archive.testzip() is None
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0), "no clock"
        return ElementTree.fromstring(archive.read("project.qgs"))


def test_the_project_opens_the_layers_by_chapter_from_where_it_lies(results):
    root = _project(results[0])
    groups = [group.get("name") for group in root.findall("layer-tree-group/layer-tree-group")]
    assert groups == [
        *("道路与通行", "公园绿地与河岸", "15分钟生活圈与公共服务", "空间格局、人口与用地", "底图", "分区与指标")
    ]
    leaves = {leaf.get("id"): leaf for leaf in root.find("layer-tree-group").iter("layer-tree-layer")}
    layers = {layer.findtext("id"): layer for layer in root.iter("maplayer")}
    assert set(leaves) == set(layers)
    assert len(layers) == len(list(root.iter("maplayer")))
    tables = {name for name, kind in pyogrio.list_layers(results[0] / "layers.gpkg") if kind is not None}
    sources = {layer.findtext("datasource") for layer in layers.values()}
    assert sources == {f"./layers.gpkg|layername={table}" for table in tables}
    assert all(leaf.get("source") == layers[id_].findtext("datasource") for id_, leaf in leaves.items())
    assert all(layer.find("renderer-v2/rules/rule") is not None for layer in layers.values())
    assert root.findtext("projectCrs/spatialrefsys/authid") == "EPSG:4547"
    assert root.findtext("properties/Paths/Absolute") == "false"
    ground = [f"{table}_{table.removesuffix('_lines')}" for table in sorted(tables) if table.startswith("base_")]
    assert {f"{table}_{table}" for table in GROUND} <= set(ground)
    shown = [id_ for id_, leaf in leaves.items() if leaf.get("checked") == "Qt::Checked"]
    assert (shown[0], sorted(shown[1:-1]), shown[-1]) == (
        "dead_ends_branch_and_above",
        sorted(ground),
        "zones_at_first",
    )
    assert [layer.get("id") for layer in root.findall("layerorder/layer")] == list(leaves), "the zones below the ground"


@pytest.mark.slow
def test_every_layer_of_the_project_finds_the_columns_it_asks_for(results):
    root = _project(results[0])
    columns = {
        table: {row[1] for row in _rows(results[0] / "layers.gpkg", f'PRAGMA table_info("{table}")')}
        for table in {layer.table for layer in results[1]}
    }
    asked = 0
    for layer in root.iter("maplayer"):
        table = layer.findtext("datasource").partition("layername=")[2]
        texts = [rule.get("filter") or "" for rule in layer.iter("rule")]
        texts += [style.get("fieldName") for style in layer.findall("labeling/settings/text-style")]
        found = {name for text in texts for name in re.findall(r'"(\w+)"', text)}
        assert found <= columns[table], (table, found - columns[table])
        asked += len(found)
    assert asked > 50


def test_each_chapter_has_a_theme_and_a_layout_of_a3_that_shows_it(results, city):
    root = _project(results[0])
    layers = {layer.findtext("id"): layer for layer in root.iter("maplayer")}
    themes = {
        theme.get("name"): [(layer.get("id"), layer.get("style")) for layer in theme.findall("layer")]
        for theme in root.findall("visibility-presets/visibility-preset")
    }
    layouts = {layout.get("name"): layout for layout in root.findall("Layouts/Layout")}
    assert list(layouts) == list(themes) == [chapter.name.zh for chapter in CHAPTERS]
    leading = []
    for name, layout in layouts.items():
        assert all(style == layers[id_].find("map-layer-style-manager").get("current") for id_, style in themes[name])
        shown = [id_ for id_, _ in themes[name]]
        assert shown[-1] == "zones_at_first"
        assert {f"{table}_{table}" for table in GROUND} <= set(shown)
        leading.append(shown[0])
        assert layout.find("PageCollection/LayoutItem").get("size") == "420,297,mm"
        items = {item.get("type"): item for item in layout.findall("LayoutItem")}
        assert set(items) == {"65639", "65640", "65641", "65642", "65646"}, "map, picture, label, legend, scale bar"
        drawn = items["65639"]
        assert (drawn.get("followPreset"), drawn.get("followPresetName")) == ("true", name)
        linked = (items["65642"].get("map_uuid"), items["65646"].get("mapUuid"), items["65640"].get("mapUuid"))
        assert set(linked) == {drawn.get("uuid")}
        assert [leaf.get("id") for leaf in items["65642"].iter("layer-tree-layer")] == shown
        xmin, ymin, xmax, ymax = (float(drawn.find("Extent").get(side)) for side in ("xmin", "ymin", "xmax", "ymax"))
        west, south, east, north = city.area.zones.total_bounds
        assert xmin < west < east < xmax
        assert ymin < south < north < ymax
        width, height = (float(mm) for mm in drawn.get("size").split(",")[:2])
        assert (xmax - xmin) / (ymax - ymin) == pytest.approx(width / height)
        for item in layout.iter("LayoutItem"):  # nothing hangs over the sheet
            (x, y), (wide, high) = (map(float, item.get(key).split(",")[:2]) for key in ("position", "size"))
            assert x + wide <= 420
            assert y + high <= 297
        titles = [item.get("labelText") for item in layout.findall("LayoutItem") if item.get("type") == "65641"]
        assert titles[0] == f"【虚构数据】城 · {name}"
    assert [id_.partition("_")[0] for id_ in leading] == ["construction", "homes", "park", "dead"]


def test_geopackage_and_project_of_a_city_can_be_sent(results):
    assert (results[0] / "layers.gpkg").stat().st_size < 20e6
    assert (results[0] / "project.qgz").stat().st_size < 0.5e6


def test_the_project_shows_the_zones_and_says_that_they_are_invented(results, city):
    root = _project(results[0])
    assert root.findtext("title") == "【虚构数据】城"
    assert root.findtext("properties/TitleLabel/Label") == "【虚构数据】城"
    west, south, east, north = city.area.zones.total_bounds
    xmin, ymin, xmax, ymax = (float(root.findtext(f"mapcanvas/extent/{s}")) for s in ("xmin", "ymin", "xmax", "ymax"))
    assert xmin < west < east < xmax
    assert ymin < south < north < ymax
    assert (xmax - xmin) < 1.2 * (east - west)
    assert root.find("properties/CopyrightLabel") is None


@pytest.mark.slow
def test_a_hostile_title_is_shown_as_it_is(town, measures, held, tmp_path):
    layers = gis_layers(held(town, measures))
    write_project(layers, tmp_path, title=HOSTILE, credit="© OSM & <i>")
    root = _project(tmp_path)
    assert root.get("projectname") == root.findtext("title") == HOSTILE
    assert "[%" not in root.findtext("properties/TitleLabel/Label"), "QGIS would evaluate it"
    labels = [item.get("labelText") for item in root.iter("LayoutItem") if item.get("type") == "65641"]
    assert labels
    assert not [label for label in labels if "[%" in label]
    assert root.findtext("properties/CopyrightLabel/Label") == "© OSM & <i>"


@pytest.mark.slow
def test_one_zone_without_anything_else(drawn, held, tmp_path):
    area = sg.StudyArea("城", drawn([box(0, 0, KM, KM)], name=["甲"]).set_index(np.array(["1"])))
    layers = gis_layers(held(area, measure_all(area), sg.read_plan("suizhou_2025")))
    write_geopackage(layers, tmp_path)
    write_project(layers, tmp_path, title="城")
    path = tmp_path / "layers.gpkg"
    assert layers[0].table == "zones"
    default = _rows(path, "SELECT styleQML FROM layer_styles WHERE f_table_name = 'zones' AND useAsDefault")
    assert _drawn(path, "zones", default[0][0]) == [1]
    _project(tmp_path)


def _of(measure, evidence):
    kept = {name: getattr(measure, name) for name in measure.__dataclass_fields__}
    return type(measure)(**{**kept, "evidence": evidence})


@pytest.mark.slow
def test_an_empty_layer_is_written_as_what_it_would_hold(town, measures, held, tmp_path):
    measures = [_of(m, m.evidence.iloc[:0]) if m.key == "dead_ends" else m for m in measures]
    write_geopackage(gis_layers(held(town, measures)), tmp_path)
    info = pyogrio.read_info(tmp_path / "layers.gpkg", layer="dead_ends")
    assert (info["features"], info["geometry_type"]) == (0, "MultiLineString")
    assert _rows(tmp_path / "layers.gpkg", "SELECT count(*) FROM layer_styles WHERE f_table_name = 'dead_ends'") == [
        (1,)
    ]


@pytest.mark.slow
def test_mixed_geometries_become_tables_of_one_kind(town, measures, held, drawn):
    two = MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])
    mixed = [box(0, 0, 1, 1), two, GeometryCollection([two, LineString([(0, 0), (1, 1)])]), Polygon()]
    evidence = drawn([*mixed, Point(5, 5), LineString([(0, 0), (9, 9)])], part=["stroke"] * 6, through=[True] * 6)
    measures = [_of(m, evidence) if m.key == "dead_ends" else m for m in measures]
    layers = {layer.table: layer for layer in gis_layers(held(town, measures))}
    assert layers["dead_ends"].data.geom_type.tolist() == ["MultiPolygon"] * 4
    assert layers["dead_ends"].data.area.tolist() == [1.0, 2.0, 2.0, 0.0]
    assert layers["dead_ends_lines"].data.geom_type.tolist() == ["LineString"]
    assert layers["dead_ends_points"].data.geom_type.tolist() == ["Point"]
    assert [layers[f"dead_ends{end}"].name.zh[-3:] for end in ("", "_lines", "_points")] == [
        "（面）",
        "（线）",
        "（点）",
    ]


def test_the_index_of_the_zones_is_written_and_named(results):
    fields = {layer.table: [f.name for f in layer.fields] for layer in results[1]}
    assert fields["zones"][0] == fields["population_density"][0] == "zone_id"


@pytest.mark.slow
def test_measures_on_the_same_cells_share_one_row_per_cell(results, city):
    (homes,) = [layer for layer in results[1] if layer.table == HOMES]
    told = {
        **dict.fromkeys(("service_coverage", "walk_time_coverage", "emergency_reach"), "covered_share"),
        **dict.fromkeys(("park_coverage", "greenway_coverage", "charger_coverage"), "covered_share"),
        "life_circle_compliance": "complied_share",
        "places_short": "part",
    }
    aliases, seen = {field.name: field.title.zh for field in homes.fields}, set()
    assert len(set(aliases.values())) == len(aliases)
    for measure in city.measures:
        column = told.get(measure.family)
        if column is None or measure.evidence is None or column not in measure.evidence:
            continue
        cells = measure.evidence[measure.evidence[column].notna() & measure.evidence["part"].ne("service_area")]
        if len(cells) != len(homes.data):  # park_coverage in a straight line
            continue
        assert homes.data[cell_column(measure)].tolist() == cells[column].tolist(), measure.key
        assert shapely.equals(homes.data.geometry.to_numpy(), cells.geometry.to_numpy()).all()
        assert homes.data["persons"].tolist() == cells["persons"].tolist()
        if measure.family in ("walk_time_coverage", "emergency_reach", "places_short"):
            assert aliases[cell_column(measure)] == measure.name_zh
        seen.add(measure.family)
    assert seen >= {
        "service_coverage",
        "walk_time_coverage",
        "emergency_reach",
        "life_circle_compliance",
        "places_short",
    }
    assert {"park_coverage_street", "greenway_coverage_straight_line", "charger_coverage_straight_line"} <= set(aliases)
    assert len(homes.styles) > 90
    assert {style.opened_in.key for style in homes.styles if style.opened_in} == {"life_circle", "green", "roads"}


def test_communities_stand_once_with_a_column_per_service(results, city):
    (communities,) = [layer for layer in results[1] if layer.table == COMMUNITIES]
    assert communities.data["name"].is_unique
    market = next(m for m in city.measures if m.key == "community_gaps.market")
    assert communities.data["lacks_market_straight_line"].tolist() == market.evidence["part"].tolist()
    whole = next(m for m in city.measures if m.key == "community_gaps")
    assert communities.data["community_gaps_straight_line_count"].tolist() == whole.evidence["gaps"].tolist()
    assert coded("lacks_market_straight_line", "zh")["community_gap"] == "缺设施的社区"


def test_other_cells_stay_with_their_measure(drawn):
    def measured(key, *shares, east=0.0):
        shapes = [box(east + 50 * k, 0, east + 50 * k + 50, 50) for k in range(len(shares))]
        rows = drawn(shapes, part="covered", zone_id="1", covered_share=list(shares), area_ha=0.25, persons=1.0)
        return _bare_measure(key, rows)

    layers = evidence_layers(
        [
            *(measured("park_coverage", 1.0, 0.5), measured("greenway_coverage", 0.0, 0.5)),
            measured("charger_coverage", 0.0, 1.0, east=25.0),
        ]
    )
    assert set(layers) == {"homes", "charger_coverage"}
    assert layers["homes"]["park_coverage_straight_line"].tolist() == [1.0, 0.5]
    assert layers["homes"]["greenway_coverage_straight_line"].tolist() == [0.0, 0.5]
    assert layers["charger_coverage"]["covered_share"].tolist() == [0.0, 1.0]


def _bare_measure(key, evidence):
    nothing = pd.Series(dtype=float)
    return Measure(
        key=key,
        name_zh=key,
        name_en=key,
        unit="share",
        value=0.5,
        by_zone=nothing,
        denominator=nothing,
        profile="p",
        shortfall_unit="ha",
        basis=NOTHING,
        params={"reach": "straight_line"},
        evidence=evidence,
    )


def test_the_ground_is_that_round_the_zones(drawn):
    zones = drawn([box(0, 0, KM, KM)], name=["甲"], role=["main_city"]).set_index(np.array(["1"]))
    lines = [LineString([(0, 0), (9, 9)]), LineString([(9 * KM, 0), (9 * KM, 9)])]
    area = sg.StudyArea(
        "城",
        zones,
        roads=drawn(lines, road_class="branch", name=["近", "远"]),
        barriers=drawn(lines[:1] * 2, kind=["river", "railway"], name=["河", "铁"]),
    )
    ground = ground_layers(area)
    assert {table: rows["name"].tolist() for table, rows in ground.items()} == {
        "base_roads": ["近"],
        "base_railways": ["铁"],
        "base_water": ["河"],
    }
