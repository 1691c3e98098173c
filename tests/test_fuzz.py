"""Whatever a file holds, reading it ends in a result or in one sentence of ours, never in another exception."""

import io
import json
import runpy
import zipfile
from functools import cache
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio
from pyproj import CRS
from rasterio.transform import Affine

pytest.importorskip("hypothesis")
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import suizhou_geo as sg
from suizhou_geo.errors import LONGEST, SuizhouGeoError
from suizhou_geo.outputs.report.template import check_template
from suizhou_geo.sources.corrections import read_corrections
from suizhou_geo.sources.opened import VectorSource
from suizhou_geo.sources.osm import read_osm
from suizhou_geo.sources.plan_text.documents import read_document
from suizhou_geo.sources.population import raster_population
from suizhou_geo.sources.statistics import read_statistics
from suizhou_geo.sources.study_schema import load_study_file
from suizhou_geo.sources.vector import read_vector

BAD = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))
METRIC = CRS("EPSG:4547")
NEAR = (BAD["EAST"], BAD["NORTH"], BAD["EAST"] + 2000, BAD["NORTH"] + 1000)
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def examples(number):
    return settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


def tried(read):
    """Read; an error of ours must be one short line in both languages."""
    try:
        return read()
    except SuizhouGeoError as error:
        for sentence in error.args:
            assert len(sentence) <= LONGEST, sentence
            assert "\n" not in sentence
            assert "(None)" not in sentence
        return None


PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            b"",
            b"\x00",
            b"\xff" * 4,
            b"-1",
            b"1e400",
            b"NaN",
            b"9" * 400,
            b"[",
            b"{",
            b'"',
            b"\n",
            b"<",
            b"&x;",
            b"..",
            b"=",
        ]
    ),
    st.text(max_size=6).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), PIECES), min_size=1, max_size=4)


def mutated(data, edits):
    """Bytes with some places cut out and others put in."""
    for at, cut, piece in edits:
        start = int(at * len(data))
        data = data[:start] + piece + data[start + cut :]
    return data


@cache
def sound():
    """The files of a sound study, a form, a plan, a shapefile, drawings, a document: by name."""
    files = dict(BAD["_sound"]())
    root = Path(sg.__file__).parent
    files["plan.toml"] = (root / "plans" / "suizhou_2025.toml").read_bytes()
    form = Path("data/raw/invented_city/statistics.csv").read_bytes()
    files["statistics.csv"] = form
    book = openpyxl.Workbook()
    for row in (
        pd.read_csv(io.BytesIO(form), dtype=str, keep_default_na=False).head(6).T.reset_index().T.to_numpy().tolist()
    ):
        book.active.append(row)
    files["statistics.xlsx"] = _saved(book)
    places = openpyxl.Workbook()
    for row in (["类别", "lng", "lat"], ["小学", 113.384, 31.687], ["小学", "113.385", "31.688"]):
        places.active.append(row)
    files["facilities.xlsx"] = _saved(places)
    files["statistics.xls"] = Path(__file__).with_name("workbooks").joinpath("form.xls").read_bytes()
    files["page.xls"] = pd.read_csv(io.BytesIO(form), dtype=str).head(6).to_html(index=False).encode("gbk")
    document = docx.Document()
    document.add_heading("第三章 目标", 1)
    document.add_paragraph("到2025年，人均公园绿地面积达到15平方米，道路网密度达到8公里/平方公里。")
    document.add_table(2, 3).cell(1, 1).text = "12.5%"
    files["plan.docx"] = _saved(document)
    files["plan.txt"] = "到2025年，人均公园绿地面积达到15平方米。".encode()
    files["corrections.csv"] = "source_id,category\nn1,小学\nw2,\n".encode()
    files["places.kml"] = (
        b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>facilities</name>'
        b"<Placemark><name>a</name><Point><coordinates>113.384,31.687</coordinates></Point></Placemark>"
        b"</Folder></Document></kml>"
    )
    lines = "0 SECTION 2 ENTITIES 0 POINT 8 facilities 10 441000 20 3507000 0 POINT 8 facilities 10 441100 20 3507000"
    files["places.dxf"] = ("\n".join(f"{lines} 0 ENDSEC 0 EOF".split(" ")) + "\n").encode()
    return files


def _saved(office):
    written = io.BytesIO()
    office.save(written)
    return written.getvalue()


def repacked(data, edits):
    """A zip (as Office files are) one of whose parts is mutated, so that damage gets past the checksums."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    (place, _, _), *rest = edits
    chosen = sorted(parts)[min(int(place * len(parts)), len(parts) - 1)]
    parts[chosen] = mutated(parts[chosen], rest or edits)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return written.getvalue()


READERS = {  # how a file of this name is read
    "study.toml": load_study_file,
    "plan.toml": sg.read_plan,
    "statistics.csv": lambda path: read_statistics(path, None),
    "statistics.xlsx": lambda path: read_statistics(path, None),
    "statistics.xls": lambda path: read_statistics(path, None),
    "page.xls": lambda path: read_statistics(path, None),
    "corrections.csv": read_corrections,
    "plan.txt": read_document,
    "plan.docx": read_document,
    "city.osm": lambda path: read_osm(path, crs=METRIC),
    "population.tif": lambda path: raster_population(path, kind="count", zones=_zones()),
    "zones.gpkg": lambda path: read_vector(
        VectorSource(
            path,
            fields={"name": "片区名称", "role": "类型"},
            values={"role": {"主城": "main_city", "片区": "district"}},
        ),
        "zones",
        to_crs=METRIC,
    ),
    "places.kml": lambda path: _facilities(path),
    "places.dxf": lambda path: _facilities(path, crs="EPSG:4547"),
    "facilities.csv": lambda path: _facilities(path, x="lng", y="lat"),
    "facilities.xlsx": lambda path: _facilities(path, x="lng", y="lat"),
}
PACKED = ("statistics.xlsx", "plan.docx", "facilities.xlsx")
NUMBERS = {
    "population.tif": 150,
    "study.toml": 1500,
    "facilities.csv": 700,
    "corrections.csv": 1000,
    "plan.txt": 500,
    "statistics.csv": 700,
}


def _facilities(path, **keys):
    fields = {"category": "Name" if path.suffix == ".kml" else "Layer" if path.suffix == ".dxf" else "类别"}
    values = {"category": dict.fromkeys(("小学", "a", "facilities"), "primary_school")}
    return read_vector(VectorSource(path, fields=fields, values=values, **keys), "facilities", to_crs=METRIC, near=NEAR)


@cache
def _zones():
    import geopandas as gpd

    return gpd.GeoDataFrame(geometry=[BAD["box"](0, 0, 1000, 1000)], crs=METRIC)


@pytest.mark.parametrize("name", READERS)
def test_a_file_damaged_anywhere(name, folder):
    @examples(NUMBERS.get(name, 250))
    @given(EDITS)
    def run(edits):
        data = sound()[name]
        damaged = repacked(data, edits) if name in PACKED and len(edits) > 1 else mutated(data, edits)
        (folder / name).write_bytes(damaged)
        tried(lambda: READERS[name](folder / name))

    run()


def test_every_sound_file_is_read(folder):
    for name, read in READERS.items():
        (folder / name).write_bytes(sound()[name])
        assert read(folder / name) is not None


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(),
        st.text(max_size=5),
        st.dates(),
        st.sampled_from(["zones.gpkg", "count", "main_city", "name", "path"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def _toml(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value)
    return "nan" if value is None else str(value)


@examples(1500)
@given(st.integers(0, 100), VALUES)
def test_a_study_file_with_any_value_at_any_key(folder, at, value):
    lines = BAD["STUDY"].split("\n")
    keyed = [k for k, line in enumerate(lines) if " = " in line]
    line = keyed[at % len(keyed)]
    lines[line] = f"{lines[line].partition(' = ')[0]} = {_toml(value)}"
    (folder / "any.toml").write_text("\n".join(lines), encoding="utf-8", errors="surrogatepass")
    tried(lambda: load_study_file(folder / "any.toml"))


CELLS = st.one_of(
    st.text(max_size=8),
    st.floats().map(str),
    st.sampled_from(
        ["113.384", "31.687", "113°23′", "113.4,31.7", "POINT (113 31)", "POLYGON ((0 0, 1 1", "", "=1", "小学"]
    ),
)


@examples(700)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=4),
    st.sampled_from([".csv", ".tsv", ".xlsx"]),
)
def test_a_table_of_any_cells(folder, rows, suffix):
    rows = [["类别", "lng", "lat", "备注"], *rows]
    path = folder / f"cells{suffix}"
    if suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([cell if cell.isprintable() else "" for cell in row])
        book.save(path)
    else:
        text = "\n".join(("," if suffix == ".csv" else "\t").join(row) for row in rows)
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
    tried(lambda: _facilities(path, x="lng", y="lat"))


COORDINATES = st.recursive(
    st.one_of(st.floats(), st.sampled_from([113.384, 31.687, 441000.0]), st.none(), st.text(max_size=2), st.integers()),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=15,
)
POSITION = st.tuples(st.floats(113.3, 113.5), st.floats(31.6, 31.8)) | st.tuples(st.floats(), st.floats())
GEOMETRIES = st.one_of(
    st.none(),
    st.fixed_dictionaries({"type": st.just("Point"), "coordinates": POSITION}),
    st.fixed_dictionaries(
        {"type": st.just("Polygon"), "coordinates": st.lists(st.lists(POSITION, max_size=6), max_size=3)}
    ),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection", "Curve"]),
            "coordinates": COORDINATES,
        }
    ),
    st.fixed_dictionaries(
        {"type": st.just("GeometryCollection"), "geometries": st.lists(st.none() | COORDINATES, max_size=2)}
    ),
)
COLLECTIONS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["FeatureCollection", "Feature", "x"]),
        "features": st.lists(
            st.fixed_dictionaries(
                {
                    "type": st.just("Feature"),
                    "geometry": GEOMETRIES,
                    "properties": st.dictionaries(st.sampled_from(["name", "class", "类别"]), VALUES, max_size=2)
                    | st.none(),
                }
            ),
            max_size=4,
        ),
    },
    optional={"crs": VALUES | st.fixed_dictionaries({"type": st.sampled_from(["name", "link"]), "properties": VALUES})},
)


@examples(900)
@given(COLLECTIONS | VALUES, st.sampled_from(["facilities", "parks", "roads", "residential"]))
def test_geojson_of_any_shapes(folder, content, layer):
    path = folder / "any.geojson"
    path.write_text(json.dumps(content, default=str), encoding="utf-8", errors="surrogatepass")
    tried(lambda: read_vector(VectorSource(path, fields={"category": "类别"}), layer, to_crs=METRIC, near=NEAR))


REFS = st.integers(-1, 9)
OSM_TEXT = st.sampled_from(
    ["highway", "primary", "leisure", "park", "name", "lanes", "yes", "2;3", "", "9" * 30, "随州", "area"]
)
OSM_NODES = st.lists(st.tuples(REFS, st.floats(-100, 200), st.floats()), max_size=6)
OSM_WAYS = st.lists(
    st.tuples(REFS, st.lists(REFS, max_size=7), st.dictionaries(OSM_TEXT, OSM_TEXT, max_size=3)), max_size=4
)
OSM_RELATIONS = st.lists(
    st.tuples(REFS, st.lists(st.tuples(st.sampled_from(["way", "node", "relation"]), REFS, OSM_TEXT), max_size=4)),
    max_size=2,
)


@examples(500)
@given(OSM_NODES, OSM_WAYS, OSM_RELATIONS)
def test_openstreetmap_of_any_objects(folder, nodes, ways, relations):
    tags = '<tag k="type" v="multipolygon"/><tag k="leisure" v="park"/>'
    lines = ['<osm version="0.6">']
    lines += [f'<node id="{k}" version="1" lat="{lat}" lon="{lon}"/>' for k, lat, lon in nodes]
    for k, refs, said in ways:
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        inside += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in said.items())
        lines.append(f'<way id="{k}" version="1">{inside}</way>')
    for k, members in relations:
        inside = "".join(f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members)
        lines.append(f'<relation id="{k}" version="1">{inside}{tags}</relation>')
    (folder / "any.osm").write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    tried(lambda: read_osm(folder / "any.osm", crs=METRIC))


@examples(400)
@given(
    st.lists(st.floats(width=32), min_size=4, max_size=4),
    st.tuples(*[st.sampled_from([0.0, 500.0, -500.0, 1e-9, 1e9]) | st.floats(-1e6, 1e6)] * 4),
    st.sampled_from([None, "EPSG:4547", "EPSG:4326", "EPSG:3857", "EPSG:32661", 'LOCAL_CS["mine",UNIT["metre",1]]']),
    st.sampled_from([None, 0.0, -9999.0, float("nan")]),
    st.sampled_from(["count", "density"]),
)
def test_a_raster_of_any_values_at_any_place(folder, values, place, crs, nodata, kind):
    path = folder / "any.tif"
    a, b, d, e = place
    there = Affine(a, b, BAD["EAST"], d, e, BAD["NORTH"] + 1000)
    with rasterio.open(
        path, "w", driver="GTiff", width=2, height=2, count=1, dtype="float32", crs=crs, transform=there, nodata=nodata
    ) as raster:
        raster.write(np.array(values, dtype="float32").reshape(1, 2, 2))
    tried(lambda: raster_population(path, kind=kind, zones=_zones()))


@examples(120)
@given(EDITS)
def test_a_template_damaged_anywhere(folder, edits):
    (folder / "t.docx").write_bytes(repacked(sound()["plan.docx"], edits))
    tried(lambda: check_template(folder / "t.docx"))
