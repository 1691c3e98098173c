"""OpenStreetMap extracts, drawn: what each tag becomes, what is repaired, what is told, and every way a file is bad."""

import bz2
import gzip
from xml.sax.saxutils import quoteattr

import numpy as np
import osmium
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyproj import CRS, Transformer

from suizhou_geo.errors import InputError
from suizhou_geo.sources.osm import read_osm
from suizhou_geo.sources.osm_file import opened
from suizhou_geo.sources.osm_layers import area_keys, line_keys, point_keys
from suizhou_geo.sources.osm_read import Keys, read_objects
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import LAYERS, conform

METRES = CRS.from_epsg(4547)
TO_DEGREES = Transformer.from_crs(METRES, "EPSG:4326", always_xy=True)
ORIGIN = (441_000.0, 3_507_000.0)
SUPPLIED = {
    *("roads", "walkways", "plazas", "facilities", "parks", "residential", "land_use", "buildings", "barriers"),
    *("railways", "chargers", "parking", "institutions", "termini", "gates"),
}


def _said(read):
    return tuple(note.en for note in read.notes)


class Drawing:
    """Nodes, ways and relations drawn in metres from ORIGIN, written as OSM XML in degrees."""

    def __init__(self):
        self.nodes, self.ways, self.relations, self.places = [], [], [], {}

    def node(self, x, y, *, number=None, **tags):
        lon, lat = TO_DEGREES.transform(ORIGIN[0] + x, ORIGIN[1] + y)
        number = number or len(self.nodes) + 1
        self.nodes.append(
            f'<node id="{number}" version="1" timestamp="2024-05-01T00:00:00Z" lon="{lon:.7f}" lat="{lat:.7f}">'
            f"{self._tags(tags)}</node>"
        )
        return number

    def at(self, x, y):
        if (x, y) not in self.places:
            self.places[x, y] = self.node(x, y)
        return self.places[x, y]

    def way(self, *places, refs=None, **tags):
        number = len(self.ways) + 1
        refs = refs or [self.at(x, y) for x, y in places]
        ends = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        self.ways.append(
            f'<way id="{number}" version="1" timestamp="2024-06-01T12:00:00Z">{ends}{self._tags(tags)}</way>'
        )
        return number

    def block(self, x, y, side_x, side_y=None, **tags):
        far_x, far_y = x + side_x, y + (side_y or side_x)
        return self.way((x, y), (far_x, y), (far_x, far_y), (x, far_y), (x, y), **tags)

    def relation(self, members, **tags):
        number = len(self.relations) + 1
        inside = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in members)
        self.relations.append(
            f'<relation id="{number}" version="1" timestamp="2024-04-01T00:00:00Z">{inside}'
            f"{self._tags({'type': 'multipolygon', **tags})}</relation>"
        )
        return number

    @staticmethod
    def _tags(tags):
        return "".join(
            f"<tag k={quoteattr(key.replace('__', ':'))} v={quoteattr(value)}/>" for key, value in tags.items()
        )

    def text(self, *, order=("nodes", "ways", "relations"), head='generator="drawn"'):
        things = "\n".join("\n".join(getattr(self, kind)) for kind in order)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" {head}>\n{things}\n</osm>\n'

    def write(self, folder, name="city.osm", **how):
        path = folder / name
        path.write_text(self.text(**how), encoding="utf-8")
        return path


@pytest.fixture
def drawing():
    return Drawing()


@pytest.fixture
def read(tmp_path):
    def reading(drawing, *, bounds=None, **how):
        return read_osm(drawing.write(tmp_path, **how), crs=METRES, bounds=bounds)

    return reading


def _town(drawing):
    drawing.way((0, 0), (500, 0), highway="primary", name="解放路")
    drawing.way((0, 100), (300, 100), highway="footway")
    drawing.block(0, 200, 100, leisure="park", name="白云公园")
    drawing.block(200, 200, 100, landuse="residential")
    drawing.block(210, 210, 20, building="apartments", building__levels="6")
    drawing.way((0, -50), (500, -50), waterway="river", name="涢水")
    drawing.node(50, 50, amenity="kindergarten", name="一幼")
    return drawing


def _notes(extract, words):
    return [note.en for note in extract.notes if words in note.en]


def _bad(path, words):
    with pytest.raises(InputError, match=words) as caught:
        read_osm(path, crs=METRES, bounds=None)
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


# ------------------------------------------------------------------------------------------------- the whole of it


@pytest.mark.slow
def test_every_layer_is_there_with_its_columns_even_when_empty(drawing, read):
    drawing.way((0, 0), (500, 0), highway="primary")
    extract = read(drawing)
    assert set(extract.layers) == SUPPLIED
    for name, layer in extract.layers.items():
        assert list(layer.columns) == [*LAYERS[name].columns, "geometry"]
        assert layer.crs == METRES
        assert len(conform(layer, name, crs=METRES)) == (name == "roads")
    assert len(_notes(extract, "OpenStreetMap has none here")) == len(SUPPLIED) - 1


@pytest.mark.slow
def test_a_drawn_town_becomes_its_layers(drawing, read):
    layers = read(_town(drawing)).layers
    road = layers["roads"].iloc[0]
    assert (road.road_class, road["name"], road.source_id) == ("arterial", "解放路", "w1")
    assert road.geometry.length == pytest.approx(500, abs=0.05)
    assert layers["walkways"].length.sum() == pytest.approx(300, abs=0.05)
    assert layers["parks"].area.sum() == pytest.approx(10_000, abs=5)
    assert layers["residential"].area.sum() == pytest.approx(10_000, abs=5)
    assert layers["buildings"][["residential", "levels"]].to_numpy().tolist() == [[True, 6.0]]
    assert layers["land_use"]["land_class"].tolist() == ["residential"]
    assert layers["barriers"][["kind", "name"]].to_numpy().tolist() == [["river", "涢水"]]
    place = layers["facilities"].iloc[0]
    assert (place.category, place["name"], place.source_id) == ("kindergarten", "一幼", "n19")
    assert (place.geometry.x, place.geometry.y) == pytest.approx((ORIGIN[0] + 50, ORIGIN[1] + 50), abs=0.05)


@pytest.mark.slow
def test_the_date_is_that_of_the_newest_object(drawing, read):
    drawing.node(0, 0, amenity="bank")
    assert read(drawing).timestamp == "2024-05-01T00:00:00Z"
    drawing.way((0, 0), (500, 0), highway="primary")
    drawing.way((0, 9), (500, 9), highway="primary")
    drawing.ways[1] = drawing.ways[1].replace("2024", "2023")
    assert read(drawing).timestamp == "2024-06-01T12:00:00Z"


def test_the_date_overpass_gives_comes_first(drawing, tmp_path):
    text = _town(drawing).text().replace('generator="drawn">', '>\n<meta osm_base="2024-11-02T03:04:05Z"/>')
    (tmp_path / "city.osm").write_text(text, encoding="utf-8")
    assert read_osm(tmp_path / "city.osm", crs=METRES, bounds=None).timestamp == "2024-11-02T03:04:05Z"


@pytest.mark.slow
def test_the_date_of_the_header_comes_first(drawing, tmp_path):
    source = _town(drawing).write(tmp_path)
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2025-01-02T03:04:05Z")
    with osmium.SimpleWriter(str(tmp_path / "city.osm.pbf"), header=header) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    assert read_osm(tmp_path / "city.osm.pbf", crs=METRES, bounds=None).timestamp == "2025-01-02T03:04:05Z"


def test_names_stay_the_text_they_are(drawing, read):
    drawing.way((0, 0), (500, 0), highway="primary", name="  <script>alert('㵐水')</script> & ")
    drawing.way((0, 9), (500, 9), highway="primary", name="Jiefang Road", name__zh=" 解放路")
    drawing.way((0, 19), (500, 19), highway="primary", name="  ")
    assert read(drawing).layers["roads"]["name"].tolist() == ["<script>alert('㵐水')</script> &", "解放路", None]


# ------------------------------------------------------------------------------------------------------- formats


def _rewritten(source, target, form):
    with osmium.SimpleWriter(osmium.io.File(str(target), form)) as writer:
        for thing in osmium.FileProcessor(str(source)):
            writer.add(thing)
    return target


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("city.osm.pbf", "pbf"),
        ("city.pbf", "pbf"),
        ("city.osm", "osm"),
        ("city.osm.xml", "osm"),
        ("city.xml", "osm"),
        ("city.osm.gz", "osm.gz"),
        ("city.osm.bz2", "osm.bz2"),
        ("city.OSM.XML.BZ2", "osm.bz2"),
        ("随州.osm.pbf", "pbf"),
        ("extract", "pbf"),
        ("extract", "osm"),
        ("extract", "osm.gz"),
    ],
)
def test_every_format_gives_the_same_layers(drawing, tmp_path, name, form):
    source = _town(drawing).write(tmp_path, "drawn.osm")
    wanted = read_osm(source, crs=METRES, bounds=None)
    got = read_osm(_rewritten(source, tmp_path / name, form), crs=METRES, bounds=None)
    assert got.notes == wanted.notes
    assert got.timestamp == wanted.timestamp
    for key, layer in wanted.layers.items():
        assert_geodataframe_equal(got.layers[key], layer)


@pytest.mark.slow
def test_a_packed_pbf_is_read(drawing, tmp_path):
    source = _town(drawing).write(tmp_path)
    pbf = _rewritten(source, tmp_path / "city.osm.pbf", "pbf")
    packed = tmp_path / "city.osm.pbf.gz"
    packed.write_bytes(gzip.compress(pbf.read_bytes(), mtime=0))
    wanted, got = (read_osm(path, crs=METRES, bounds=None) for path in (source, packed))
    assert_geodataframe_equal(got.layers["roads"], wanted.layers["roads"])


@pytest.mark.slow
@pytest.mark.parametrize("order", [("ways", "nodes", "relations"), ("relations", "ways", "nodes")])
def test_objects_out_of_order_are_sorted_and_told(drawing, read, order):
    wanted = read(_town(drawing))
    got = read(drawing, order=order)
    assert _said(got) == ("The file's objects stood out of order and were sorted first.", *_said(wanted))
    for key, layer in wanted.layers.items():
        assert_geodataframe_equal(got.layers[key], layer)


@pytest.mark.slow
def test_numbers_out_of_order_are_sorted_and_told(drawing, read):
    wanted = read(_town(drawing))
    drawing.ways.reverse()
    got = read(drawing)
    assert len(_notes(got, "sorted first")) == 1
    assert_geodataframe_equal(got.layers["roads"], wanted.layers["roads"])


@pytest.mark.parametrize("place", [1, 99])
def test_an_object_given_twice_counts_once(drawing, read, place):
    _town(drawing)
    drawing.ways.insert(place, drawing.ways[0])
    assert len(read(drawing).layers["roads"]) == 1


# ------------------------------------------------------------------------------------------------------ bad files


def test_a_missing_file(tmp_path):
    _bad(tmp_path / "city.osm.pbf", "there is no such file; correct the path")


def test_a_folder(tmp_path):
    _bad(tmp_path, "is a folder; name the OpenStreetMap extract in it")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("city.osm.pbf", b"", "is empty; fetch"),
        ("city.osm", b"", "is empty; fetch"),
        ("city.osm", b"<?xml version='1.0'?><osm version='0.6'></osm>", "holds no streets, buildings.*fetch"),
        ("city.osm", b"<osm version='0.6'><node id='1' lon='113' lat='31'/></osm>", "holds no streets, buildings"),
        ("city.osm", b"<!DOCTYPE html><html><body>504</body></html>", "is a web page"),
        ("city.osm", b"<?xml version='1.0'?><!DOCTYPE html PUBLIC><html/>", "is a web page"),
        ("city.osm", b'{"version": 0.6, "elements": []}', r"is JSON; ask Overpass for XML"),
        ("city.osm", b"<osmChange version='0.6'><create/></osmChange>", "is a file of changes"),
        ("city.osm", b"road,length\n1,2\n", "is not OpenStreetMap data; give"),
        ("city.osm.pbf", b"\x00" * 400, "is not OpenStreetMap data; give"),
        ("city.osm.pbf", b"<osm version='0.6'></osm>", "is named as PBF but holds OSM XML; rename it to end in .osm"),
        ("city.osm.gz", b"<osm version='0.6'></osm>", "is named as packed with gz but is not"),
        ("city.osm.gz", gzip.compress(b"x" * 5000, mtime=0)[:20], "packed with gz but cut short or damaged; fetch"),
        ("city.osm.bz2", bz2.compress(b"x" * 5000)[:20], "packed with bz2 but cut short or damaged; fetch"),
        ("city.o5m", b"\xff\xe0\x04o5m2", "is in the o5m format"),
        ("city.osm", b"<osm><node id='1' lon='113' lat='31'/></osm>", "damaged or cut short"),
        ("city.osm", b"<osm version='0.6'><node id='x' lon='113' lat='31'/></osm>", "damaged or cut short"),
    ],
)
def test_a_file_that_is_not_what_it_should_be(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    _bad(tmp_path / name, words)


def test_pbf_named_as_xml(drawing, tmp_path):
    source = _town(drawing).write(tmp_path)
    _rewritten(source, tmp_path / "city.osm.xml", "pbf")
    _bad(tmp_path / "city.osm.xml", r"is named as OSM XML but holds PBF; rename it to end in \.osm\.pbf")


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
@pytest.mark.parametrize(("name", "form"), [("city.osm.pbf", "pbf"), ("city.xml", "osm")])
def test_a_file_cut_short(drawing, tmp_path, share, name, form):
    source = _town(drawing).write(tmp_path, "drawn.osm")
    whole = _rewritten(source, tmp_path / name, form).read_bytes()
    (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
    _bad(tmp_path / name, "damaged or cut short .*; fetch the extract again")


def test_an_overpass_answer_that_broke_off(drawing, tmp_path):
    remark = '<remark> runtime error: Query timed out in "query" at line 3 after 25 seconds. </remark>\n</osm>'
    text = _town(drawing).text().replace("</osm>", remark)
    for name, pack in (("city.osm", bytes), ("city.osm.gz", gzip.compress)):
        (tmp_path / name).write_bytes(pack(text.encode()))
        _bad(tmp_path / name, "Overpass broke off .*timed out.*; ask again for a smaller area")


def test_an_overpass_answer_without_nodes(drawing, tmp_path):
    _town(drawing)
    _bad(drawing.write(tmp_path, order=("ways",)), "its ways come without their nodes")


def test_an_editor_file_with_deletions(drawing, tmp_path):
    _town(drawing)
    drawing.ways[0] = drawing.ways[0].replace("<way", "<way action='delete'")
    _bad(drawing.write(tmp_path, head='generator="JOSM"'), "an editor has deleted")


def test_a_history_file(drawing, tmp_path):
    source = _town(drawing).write(tmp_path)
    _rewritten(source, tmp_path / "city.osm.pbf", "osh.pbf")
    _bad(tmp_path / "city.osm.pbf", "holds the history of its objects; give an extract of one date")


def test_drafts_alone_are_refused(drawing, tmp_path):
    drawing.node(0, 0, number=-1, amenity="bank")
    _bad(drawing.write(tmp_path), r"1 drafts of an editor \(negative ids\) are not read")


def test_a_place_the_coordinate_system_does_not_know(tmp_path):
    (tmp_path / "city.osm").write_text(
        '<osm version="0.6"><node id="1" lon="24.0" lat="0.0"><tag k="amenity" v="bank"/></node></osm>'
    )
    with pytest.raises(InputError, match="has no coordinates; choose the coordinate system of the place"):
        read_osm(tmp_path / "city.osm", crs=METRES, bounds=None)


# ------------------------------------------------------------------------------------- what is repaired or left out


def test_a_way_is_cut_to_the_nodes_that_are_there(drawing, read):
    here = [drawing.at(x, 0) for x in (0, 100, 200, 500, 600, 900)]
    drawing.way(refs=[*here[:3], 9001, *here[3:5], 9002, here[5], 9003], highway="primary", oneway="yes")
    drawing.way(refs=[drawing.at(90_000, 0), drawing.at(90_100, 0), 9003], highway="primary")
    extract = read(drawing, bounds=_bounds(-20, -20, 1000, 20))
    roads = extract.layers["roads"]
    assert roads.length.round().tolist() == [200, 100]
    assert roads["source_id"].tolist() == ["w1", "w1"]
    assert roads["oneway"].all()
    assert _notes(extract, "only the pieces that are there are kept: 1 (w1).")


def test_pieces_of_a_way_against_its_traffic_are_turned(drawing, read):
    here = [drawing.at(x, 0) for x in (0, 100, 200, 300)]
    drawing.way(refs=[*here[:2], 9001, *here[2:]], highway="primary", oneway="-1")
    starts = shapely.get_x(shapely.get_point(read(drawing).layers["roads"].geometry.to_numpy(), 0)) - ORIGIN[0]
    assert starts.round().tolist() == [100, 300]


@pytest.mark.slow
def test_areas_with_missing_nodes_are_left_out(drawing, read):
    a, b, c = drawing.at(0, 0), drawing.at(100, 0), drawing.at(100, 100)
    drawing.way(refs=[a, b, c, 9001, a], leisure="park")
    drawing.block(200, 0, 100, leisure="park")
    extract = read(drawing)
    assert extract.layers["parks"]["source_id"].tolist() == ["w2"]
    assert _notes(extract, "Areas have nodes the extract does not hold and are left out: 1 (w1).")


def test_areas_that_do_not_close_are_left_out(drawing, read):
    drawing.way((0, 0), (100, 0), (100, 100), leisure="park")
    drawing.way((0, 0), (100, 0), highway="primary")
    extract = read(drawing)
    assert extract.layers["parks"].empty
    assert _notes(extract, "do not close and are left out: 1 (w1).")


def test_a_relation_is_built_of_ways_that_are_something_themselves(drawing, read):
    outer, inner = drawing.block(0, 0, 100, landuse="residential"), drawing.block(40, 40, 20, leisure="park", name="内")
    drawing.relation([(outer, "outer"), (inner, "inner")], leisure="park", name="外")
    layers = read(drawing).layers
    assert dict(zip(layers["parks"]["source_id"], layers["parks"].area, strict=True)) == pytest.approx(
        {f"w{inner}": 400, "r1": 9600}, rel=1e-3
    )
    assert layers["residential"]["source_id"].tolist() == [f"w{outer}"]


@pytest.mark.slow
def test_relations_with_a_hole(drawing, read):
    outer, inner = drawing.block(0, 0, 100), drawing.block(25, 25, 50)
    drawing.relation([(outer, "outer"), (inner, "inner")], leisure="park", name="环")
    parks = read(drawing).layers["parks"]
    assert parks["source_id"].tolist() == ["r1"]
    assert parks.area.tolist() == pytest.approx([7500], abs=5)


def test_relations_of_several_ways_and_parts(drawing, read):
    one = drawing.way((0, 0), (100, 0), (100, 100))
    two = drawing.way((100, 100), (0, 100), (0, 0))
    other = drawing.block(200, 0, 50)
    drawing.relation([(one, "outer"), (two, "outer"), (other, "outer")], landuse="residential")
    land = read(drawing).layers["residential"]
    assert land.geom_type.tolist() == ["MultiPolygon"]
    assert land.area.tolist() == pytest.approx([12_500], abs=5)


def test_relations_that_cannot_be_built_are_told(drawing, read):
    whole = drawing.block(0, 0, 100)
    half = drawing.way((200, 0), (300, 0), (300, 100))
    drawing.relation([(whole, "outer"), (999, "outer")], leisure="park")
    drawing.relation([(half, "outer")], leisure="park")
    drawing.relation([(whole, "outer")], leisure="park")
    drawing.relation([(whole, "outer"), (999, "outer")], type="route", leisure="park")
    extract = read(drawing)
    assert extract.layers["parks"]["source_id"].tolist() == ["r3"]
    assert _notes(extract, "members the extract does not hold and are left out: 1 (r1).")
    assert _notes(extract, "rings that do not close or cross each other and are left out: 1 (r2).")


def test_crossing_rings_are_made_valid_and_told(drawing, read):
    drawing.way((0, 0), (100, 100), (100, 0), (0, 100), (0, 0), leisure="park")
    extract = read(drawing)
    park = extract.layers["parks"].geometry.iloc[0]
    assert park.is_valid
    assert park.area == pytest.approx(5000, abs=5)
    assert _notes(extract, "were made valid: 1 (w1).")


def test_a_street_that_crosses_itself_is_no_area(drawing, read):
    drawing.way((0, 0), (100, 100), (100, 0), (0, 100), (0, 0), highway="residential")
    extract = read(drawing)
    assert len(extract.layers["roads"]) == 1
    assert not _notes(extract, "were made valid")


@pytest.mark.slow
def test_degenerate_ways_are_told(drawing, read):
    drawing.way((0, 0), highway="primary")
    drawing.way((0, 0), (0, 0), highway="primary")
    drawing.way((0, 0), (100, 0), (0, 0), leisure="park")
    drawing.way((0, 0), (100, 0), (0, 0), (100, 0), (0, 0), leisure="park")
    drawing.block(0, 0, 100, leisure="park")
    extract = read(drawing)
    assert len(extract.layers["parks"]) == 1
    assert extract.layers["roads"].empty
    assert _notes(extract, "too few different points for a line or an area and are left out: 3 (w1, w2, w3).")
    assert _notes(extract, "cover nothing and are left out: 1 (w4).")


def test_drafts_and_deleted_objects_are_told(drawing, read):
    _town(drawing).node(0, 0, number=-5, amenity="bank")
    drawing.nodes.append(drawing.nodes[-1].replace('id="-5"', 'id="77" visible="false"'))
    drawing.nodes.append('<node id="78"><tag k="amenity" v="bank"/></node>')
    drawing.nodes.insert(0, drawing.nodes.pop(-3))
    extract = read(drawing)
    assert set(extract.layers["facilities"]["category"]) == {"kindergarten"}
    assert _notes(extract, "are left out; give them as own layers: 1 (n-5).")
    assert _notes(extract, "marked as deleted and are left out: 1 (n77).")
    assert _notes(extract, "have no position and are left out: 1 (n78).")


# --------------------------------------------------------------------------------------------------------- bounds


def _bounds(x0, y0, x1, y1):
    west, south = TO_DEGREES.transform(ORIGIN[0] + x0, ORIGIN[1] + y0)
    east, north = TO_DEGREES.transform(ORIGIN[0] + x1, ORIGIN[1] + y1)
    return west, south, east, north


def test_bounds_keep_what_touches_them_whole(drawing, read):
    drawing.way((0, 0), (1000, 0), highway="primary")
    drawing.way((0, 900), (1000, 900), highway="primary")
    drawing.way((-900, 150), (150, 1200), highway="primary")  # its box touches, it does not
    drawing.block(-5000, -5000, 10_000, landuse="residential")  # all round the bounds
    drawing.block(400, 400, 50, building="yes")
    drawing.node(10, 10, amenity="bank")
    drawing.node(300, 300, amenity="bank")
    layers = read(drawing, bounds=_bounds(-20, -20, 200, 200)).layers
    assert layers["roads"]["source_id"].tolist() == ["w1"]
    assert layers["roads"].length.tolist() == pytest.approx([1000], abs=0.1)
    assert len(layers["residential"]) == 1
    assert layers["buildings"].empty
    assert len(layers["facilities"]) == 1


def test_an_object_numbered_0_does_not_break_the_reader_down(drawing, read):
    whole = drawing.block(0, 0, 100)
    drawing.ways.insert(0, '<way id="0" version="1" timestamp="2024-04-01T00:00:00Z"><nd ref="1"/></way>')
    drawing.relation([(0, "outer")], leisure="park")
    drawing.relation([(whole, "outer")], leisure="park")
    extract = read(drawing)
    assert extract.layers["parks"]["source_id"].tolist() == ["r2"]
    assert _notes(extract, "members the extract does not hold and are left out: 1 (r1).")


def test_bounds_hold_for_relations_too(drawing, read):
    for x in (0, 5000):
        drawing.relation([(drawing.block(x, 0, 100), "outer")], leisure="park")
    extract = read(drawing, bounds=_bounds(-20, -20, 200, 200))
    assert extract.layers["parks"]["source_id"].tolist() == ["r1"]
    assert not _notes(extract, "does not hold")


def test_an_extract_of_another_place_is_refused(drawing, tmp_path):
    path = _town(drawing).write(tmp_path)
    with pytest.raises(InputError, match=r"holds nothing within 113\.500 to 113\.600 degrees east.*give the extract"):
        read_osm(path, crs=METRES, bounds=(113.5, 31.7, 113.6, 31.8))


@pytest.mark.slow
def test_an_extract_that_ends_too_early_is_told(drawing, read):
    drawing.block(0, 0, 4000, landuse="residential")
    fine = _bounds(-100, -100, 4100, 4100)
    assert not _notes(read(drawing, bounds=fine), "ends before")
    wide = _bounds(-100, -100, 8000, 4100)
    assert "in the east; beyond it nothing is known" in _notes(read(drawing, bounds=wide), "ends before")[0]


def test_what_lies_far_is_left_aside_as_it_is_met_relations_too(drawing, tmp_path):
    for x in (0, 50_000):
        outer = drawing.block(x, 0, 100)
        drawing.relation([(outer, "outer")], leisure="park")
        drawing.way((x, 0), (x, 100), highway="primary")
        drawing.node(x, 7, amenity="kindergarten")
    near = _bounds(-10, -10, 200, 200)
    keys = Keys(points=point_keys(), lines=line_keys(), areas=area_keys(), status=frozenset())
    found = read_objects(opened(drawing.write(tmp_path)), keys, near)
    assert [len(things) for things in (found.points, found.lines, found.relations)] == [1, 1, 1]
    assert (found.relations[0][0], found.far, found.spoilt) == ("r1", 3, {})


def test_the_box_an_extract_says_it_was_cut_to_decides(drawing, tmp_path):
    text = _town(drawing).text()
    west, south, east, north = _bounds(0, 0, 400, 400)
    box = f'<bounds minlon="{west}" minlat="{south}" maxlon="{east}" maxlat="{north}"/>'
    (tmp_path / "city.osm").write_text(text.replace('"drawn">', f'"drawn">{box}'), encoding="utf-8")
    drawing.block(-5000, -5000, 10_000, landuse="forest")
    bounds = _bounds(-3000, 0, 400, 400)
    extract = read_osm(tmp_path / "city.osm", crs=METRES, bounds=bounds)
    assert "in the west;" in _notes(extract, "ends before")[0]


# ---------------------------------------------------------------------------------------------------------- roads


SAID = [
    ({"highway": "trunk_link"}, {"road_class": "expressway", "ramp": True}),
    ({"highway": "trunk", "highway__CN__urban": "arterial"}, {"road_class": "arterial", "ramp": False}),
    ({"highway": "primary_link", "highway__CN__urban": "branch"}, {"road_class": "branch", "ramp": True}),
    ({"highway": "primary", "highway__CN__urban": "?"}, {"road_class": "arterial"}),
    ({"highway": "service", "access": "private"}, {"road_class": "service"}),
    ({"highway": "primary"}, {"oneway": False, "roundabout": False, "bridge": False, "tunnel": False, "level": 0}),
    ({"highway": "primary", "oneway": "yes"}, {"oneway": True}),
    ({"highway": "primary", "oneway": "true"}, {"oneway": True}),
    ({"highway": "primary", "oneway": "1"}, {"oneway": True}),
    ({"highway": "primary", "oneway": "no"}, {"oneway": False}),
    ({"highway": "primary", "oneway": "reversible"}, {"oneway": False}),
    ({"highway": "motorway"}, {"oneway": True}),
    ({"highway": "motorway", "oneway": "no"}, {"oneway": False}),
    ({"highway": "primary", "junction": "roundabout"}, {"oneway": True, "roundabout": True}),
    ({"highway": "primary", "junction": "circular"}, {"oneway": True, "roundabout": True}),
    ({"highway": "primary", "bridge": "viaduct"}, {"bridge": True, "level": 1}),
    ({"highway": "primary", "bridge": "yes", "layer": "2"}, {"bridge": True, "level": 2}),
    ({"highway": "primary", "bridge": "no"}, {"bridge": False, "level": 0}),
    ({"highway": "primary", "tunnel": "yes"}, {"tunnel": True, "level": -1}),
    ({"highway": "primary", "tunnel": "building_passage"}, {"tunnel": False, "level": 0}),
    ({"highway": "primary", "layer": "-1"}, {"level": -1}),
    ({"highway": "primary", "layer": "up"}, {"level": 0}),
    ({"highway": "primary"}, {"walkable": None}),
    ({"highway": "primary", "foot": "no"}, {"walkable": False}),
    ({"highway": "primary", "foot": "designated", "motorroad": "yes"}, {"walkable": True}),
    ({"highway": "trunk", "motorroad": "yes"}, {"walkable": False}),
    ({"highway": "trunk", "motorroad": "yes", "sidewalk": "right"}, {"walkable": True}),
    ({"highway": "primary", "sidewalk__left": "yes"}, {"walkable": True}),
    ({"highway": "primary", "sidewalk": "no"}, {"walkable": None}),
]


def test_highways_become_their_class(drawing, read):
    classes = table("road_classes")["osm_highway"]
    for y, highway in enumerate(classes):
        drawing.way((0, y), (100, y), highway=highway)
    roads = read(drawing).layers["roads"]
    assert roads["road_class"].tolist() == list(classes.values())
    assert not roads["ramp"].any()


def test_what_road_tags_say(drawing, read):
    for y, (tags, _) in enumerate(SAID):
        drawing.way((0, y), (100, y), **tags)
    roads = read(drawing).layers["roads"]
    for (tags, wanted), row in zip(SAID, roads.to_dict("records"), strict=True):
        assert {key: row[key] for key in wanted} == wanted, tags


@pytest.mark.parametrize(("oneway", "start"), [("yes", (0, 0)), ("-1", (200, 50)), ("reverse", (200, 50))])
def test_one_way_roads_are_drawn_with_the_traffic(drawing, read, oneway, start):
    drawing.way((0, 0), (100, 0), (200, 50), highway="primary", oneway=oneway)
    road = read(drawing).layers["roads"].iloc[0]
    assert road.oneway
    first = np.array(road.geometry.coords[0]) - ORIGIN
    assert first.tolist() == pytest.approx(start, abs=0.05)


def test_roads_not_there_yet_and_areas_are_left_out_and_told(drawing, read):
    drawing.way((0, 0), (100, 0), highway="construction", construction="primary")
    drawing.way((0, 10), (100, 10), highway="proposed")
    drawing.block(0, 20, 50, highway="service", area="yes")
    drawing.way((0, 90), (100, 90), highway="raceway")
    drawing.node(0, 100, highway="bus_stop")
    drawing.block(100, 100, 50, highway="primary")
    extract = read(drawing)
    assert extract.layers["roads"]["source_id"].tolist() == ["w5"]
    assert extract.layers["roads"].length.tolist() == pytest.approx([200], abs=0.1)
    assert "Layer roads: ways under construction, proposed or gone are left out: 2." in _said(extract)
    assert "Layer roads: ways drawn as areas are left out: 1." in _said(extract)
    assert _notes(extract, "the table does not know are left out: 1 (raceway 1).")


def test_walkways(drawing, read):
    for y, highway in enumerate(table("road_classes")["osm_walkways"]["highway"]):
        drawing.way((0, y), (100, y), highway=highway)
    drawing.way((0, 90), (100, 90), highway="cycleway", foot="no")
    drawing.block(0, 100, 50, highway="footway", area="yes")
    extract = read(drawing)
    assert len(extract.layers["walkways"]) == 7
    assert extract.layers["roads"].empty
    assert "Layer walkways: ways closed to the public on foot (foot, access) are left out: 1." in _said(extract)


# ----------------------------------------------------------------------------------------------------- facilities


SERVES = [
    ({"amenity": "school", "name": "随州市实验小学"}, ["primary_school"]),
    ({"amenity": "school", "name": "武汉大学附属小学"}, ["primary_school"]),
    ({"amenity": "school", "name": "大学路小学"}, ["primary_school"]),
    ({"amenity": "school", "name": "随州一中"}, ["junior_school"]),
    ({"amenity": "school", "name": "随州市第二中学"}, ["junior_school"]),
    ({"amenity": "school", "name": "曾都区第一初级中学"}, ["junior_school"]),
    ({"amenity": "school", "name": "文帝九年一贯制学校"}, ["junior_school", "primary_school"]),
    ({"amenity": "school", "name": "文帝学校"}, ["junior_school", "primary_school"]),
    ({"amenity": "school"}, ["junior_school", "primary_school"]),
    ({"amenity": "school", "name": "随州高级中学"}, []),
    ({"amenity": "school", "name": "第三高级中学文昌初中"}, ["junior_school"]),
    ({"amenity": "school", "name": "顺达驾校"}, []),
    ({"amenity": "school", "name": "随州职业技术学院"}, []),
    ({"amenity": "school", "name": "市委党校"}, []),
    ({"amenity": "school", "name": "特殊教育学校"}, []),
    ({"amenity": "school", "name": "五老村幼儿园"}, ["kindergarten"]),
    ({"amenity": "school", "name": "Alway Primary School"}, ["primary_school"]),
    ({"amenity": "school", "name": "Lliswerry High School"}, ["junior_school"]),
    ({"amenity": "school", "name": "文帝学校", "isced__level": "1"}, ["primary_school"]),
    ({"amenity": "school", "name": "文帝学校", "isced__level": "1;2"}, ["junior_school", "primary_school"]),
    ({"amenity": "school", "name": "文帝学校", "isced__level": "2"}, ["junior_school"]),
    ({"amenity": "school", "name": "文帝学校", "isced__level": "2; 3"}, ["junior_school"]),
    ({"amenity": "school", "name": "文帝学校", "isced__level": "3"}, []),
    ({"amenity": "kindergarten"}, ["kindergarten"]),
    ({"amenity": "childcare"}, ["nursery"]),
    ({"amenity": "clinic", "name": "西城社区卫生服务中心"}, ["health_centre"]),
    ({"amenity": "hospital", "name": "何店镇卫生院"}, ["health_centre"]),
    ({"amenity": "clinic", "name": "明珠社区卫生服务站"}, ["health_station"]),
    ({"amenity": "clinic", "name": "张氏诊所"}, ["outpatient_clinic"]),
    ({"amenity": "doctors"}, ["outpatient_clinic"]),
    ({"healthcare": "centre", "name": "东城社区卫生服务中心"}, ["health_centre"]),
    ({"amenity": "hospital", "name": "随州市中心医院"}, ["hospital"]),
    ({"amenity": "hospital", "name": "爱心宠物医院"}, []),
    ({"amenity": "social_facility", "social_facility": "nursing_home"}, ["elderly_home"]),
    ({"amenity": "social_facility", "social_facility": "nursing_home", "name": "福寿护理院"}, ["nursing_home"]),
    (
        {"amenity": "social_facility", "social_facility": "day_care", "social_facility__for": "senior"},
        ["elderly_day_care"],
    ),
    ({"amenity": "social_facility", "social_facility": "day_care", "social_facility__for": "disabled"}, []),
    ({"amenity": "social_facility", "social_facility": "food_bank"}, []),
    ({"amenity": "library"}, ["culture_centre"]),
    ({"amenity": "community_centre"}, ["culture_centre"]),
    ({"amenity": "community_centre", "name": "万店镇文化站"}, ["culture_station"]),
    ({"amenity": "community_centre", "name": "白云湖社区居委会"}, ["community_station"]),
    ({"amenity": "community_centre", "name": "明珠社区"}, ["community_station"]),
    ({"amenity": "townhall", "name": "东城街道办事处"}, ["subdistrict_office"]),
    ({"office": "government", "name": "西城街道党群服务中心"}, ["community_centre"]),
    ({"amenity": "townhall", "name": "随州市人民政府"}, []),
    ({"amenity": "police", "name": "东城派出所"}, ["police_station"]),
    ({"amenity": "police", "name": "交警支队"}, []),
    ({"leisure": "sports_centre"}, ["sports_hall"]),
    ({"leisure": "fitness_station"}, ["fitness_ground"]),
    ({"leisure": "pitch"}, ["small_sports_field"]),
    ({"leisure": "pitch", "access": "private"}, []),
    ({"amenity": "marketplace", "name": "草店菜市场"}, ["market"]),
    ({"amenity": "marketplace", "name": "随州建材大市场"}, []),
    ({"shop": "supermarket"}, ["community_shops", "market"]),
    ({"shop": "greengrocer"}, ["market"]),
    ({"shop": "convenience"}, ["community_shops"]),
    ({"amenity": "pharmacy"}, ["community_shops"]),
    ({"shop": "mall"}, ["shopping_centre"]),
    ({"amenity": "fast_food"}, ["restaurant"]),
    ({"amenity": "restaurant", "name": "幸福社区食堂"}, ["canteen"]),
    ({"amenity": "bank"}, ["bank"]),
    ({"amenity": "post_office"}, ["post_office"]),
    ({"shop": "mobile_phone", "name": "中国移动营业厅"}, ["telecom"]),
    ({"shop": "mobile_phone", "name": "OPPO"}, []),
    ({"highway": "bus_stop"}, ["bus_stop"]),
    ({"public_transport": "platform", "bus": "yes"}, ["bus_stop"]),
    ({"public_transport": "platform", "railway": "platform"}, []),
    ({"highway": "bus_stop", "public_transport": "platform", "bus": "yes"}, ["bus_stop"]),
    ({"amenity": "recycling"}, ["recycling"]),
    ({"amenity": "waste_transfer_station"}, ["waste_station"]),
    ({"amenity": "toilets"}, ["public_toilet"]),
    ({"amenity": "toilets", "access": "customers"}, []),
    ({"amenity": "bench"}, []),
]


@pytest.mark.slow
def test_what_a_facility_serves_as(drawing, read):
    for x, (tags, _) in enumerate(SERVES):
        drawing.node(1000 * x, 0, **tags)
    rows = read(drawing).layers["facilities"]
    for number, (tags, categories) in enumerate(SERVES, start=1):
        assert sorted(rows.loc[rows["source_id"] == f"n{number}", "category"]) == categories, tags


def test_schools_that_do_not_tell_their_level_are_told(drawing, read):
    drawing.node(0, 0, amenity="school", name="文帝学校")
    drawing.node(500, 0, amenity="school", name="顺达驾校")
    extract = read(drawing)
    assert _notes(extract, "schools do not tell their level")[0].endswith(": 1.")
    assert _notes(extract, "are of another kind by their name")[0].endswith(": 1.")


@pytest.mark.parametrize(
    ("side_x", "category"),
    [(64, "large_sports_field"), (62, "medium_sports_field"), (25, "small_sports_field"), (9, "small_sports_field")],
)
def test_sports_grounds_by_size(drawing, read, side_x, category):
    drawing.block(0, 0, side_x, 50, leisure="pitch")
    field = read(drawing).layers["facilities"]
    assert field["category"].tolist() == [category]
    assert field.area.tolist() == pytest.approx([side_x * 50], abs=2)


def test_what_lies_inside_a_school_is_not_public(drawing, read):
    drawing.block(0, 0, 300, amenity="school", name="随州一中")
    drawing.block(10, 10, 100, leisure="pitch")
    drawing.block(150, 10, 60, leisure="garden", name="校训园")
    drawing.node(200, 200, amenity="library")
    drawing.block(400, 0, 100, leisure="pitch")
    extract = read(drawing)
    assert sorted(extract.layers["facilities"]["source_id"]) == ["w1", "w4"]
    assert extract.layers["parks"].empty
    assert _notes(extract, "sports grounds inside schools")[0].endswith(": 1.")


@pytest.mark.slow
def test_a_facility_mapped_twice_counts_once(drawing, read):
    drawing.block(0, 0, 100, amenity="school", name="一小学")
    drawing.node(50, 50, amenity="school", name="一小学")  # in its outline
    drawing.block(10, 10, 20, amenity="school", building="yes")  # a house of it
    drawing.node(0, -140, amenity="school", name="一小学")  # its gate
    drawing.node(0, -400, amenity="school", name="一小学")  # another of the name
    drawing.node(50, 60, amenity="kindergarten")  # another thing
    extract = read(drawing)
    schools = extract.layers["facilities"].query("category == 'primary_school'")
    assert sorted(schools["source_id"]) == ["n11", "w1"]
    assert "kindergarten" in set(extract.layers["facilities"]["category"])
    assert "junior_school" not in set(extract.layers["facilities"]["category"])
    assert _notes(extract, "second drawings of a facility")[0].endswith(": 3.")
    assert not _notes(extract, "do not tell their level")


def test_an_outline_takes_the_name_of_the_point_in_it(drawing, read):
    drawing.block(0, 0, 100, amenity="hospital")
    drawing.node(50, 50, amenity="hospital", name="曾都医院")
    hospitals = read(drawing).layers["facilities"]
    assert hospitals[["name", "source_id"]].to_numpy().tolist() == [["曾都医院", "w1"]]


def test_two_named_things_in_one_outline_stay(drawing, read):
    drawing.block(0, 0, 100, amenity="clinic")
    drawing.node(20, 50, amenity="clinic", name="甲诊所")
    drawing.node(80, 50, amenity="clinic", name="乙诊所")
    assert len(read(drawing).layers["facilities"]) == 3


def test_both_sides_of_a_street_keep_their_stop(drawing, read):
    drawing.node(0, 0, highway="bus_stop", name="文化公园")
    drawing.node(0, 45, highway="bus_stop", name="文化公园")
    drawing.node(0, 50, public_transport="platform", bus="yes", name="文化公园")
    assert len(read(drawing).layers["facilities"]) == 2


def test_a_platform_drawn_as_a_line_becomes_its_middle(drawing, read):
    drawing.way((0, 0), (30, 0), public_transport="platform", bus="yes")
    extract = read(drawing)
    (stop,) = extract.layers["facilities"].geometry
    assert (stop.x - ORIGIN[0], stop.y - ORIGIN[1]) == pytest.approx((15, 0), abs=0.05)
    assert not _notes(extract, "do not close")


# -------------------------------------------------------------------------------------------- land, parks, houses


PARKS = [
    ({"leisure": "park"}, ("park", True)),
    ({"leisure": "park", "access": "private"}, ("park", False)),
    ({"leisure": "park", "access": "customers"}, ("park", False)),
    ({"leisure": "garden", "garden__type": "municipal"}, ("garden", True)),
    ({"leisure": "garden", "name": "炎帝园"}, ("garden", True)),
    ({"leisure": "garden", "access": "yes"}, ("garden", True)),
    ({"leisure": "garden", "garden__type": "residential", "name": "甲"}, None),
    ({"leisure": "garden"}, None),
    ({"place": "square"}, ("square", True)),
    ({"highway": "pedestrian", "area": "yes", "name": "明珠广场"}, ("square", True)),
    ({"highway": "pedestrian", "area": "yes"}, None),
    ({"landuse": "recreation_ground"}, None),
    ({"landuse": "grass"}, None),
]


def test_what_counts_as_a_park(drawing, read):
    for x, (tags, _) in enumerate(PARKS):
        drawing.block(200 * x, 0, 100, **tags)
    parks = read(drawing).layers["parks"].set_index("source_id")
    found = {row.Index: (row.kind, row.open_public) for row in parks.itertuples()}
    assert found == {f"w{number}": wanted for number, (_, wanted) in enumerate(PARKS, start=1) if wanted}


def test_homesteads_are_not_urban_residential_land(drawing, read):
    drawing.block(0, 0, 100, landuse="residential")
    drawing.block(200, 0, 100, landuse="residential", residential="rural")
    extract = read(drawing)
    assert extract.layers["residential"]["source_id"].tolist() == ["w1"]
    assert _notes(extract, "rural homesteads")[0].endswith(": 1.")


def test_land_use_and_what_is_construction_land(drawing, read):
    for x, value in enumerate(["retail", "industrial", "farmland", "forest", "grass", "construction", "lunar"]):
        drawing.block(200 * x, 0, 100, landuse=value)
    extract = read(drawing)
    assert extract.layers["land_use"][["land_class", "construction"]].to_numpy().tolist() == [
        ["commercial", True],
        ["industrial", True],
        ["farm", False],
        ["forest", False],
        ["grass", False],
        ["vacant_urban", True],
    ]
    assert _notes(extract, "does not know are left out: 1 (lunar 1).")


@pytest.mark.slow
def test_buildings(drawing, read):
    said = [("apartments", "6"), ("house", "2;3"), ("retail", "1.5"), ("yes", "x"), ("yes", None), ("no", "3")]
    for x, (value, levels) in enumerate(said):
        drawing.block(50 * x, 0, 20, building=value, **({"building__levels": levels} if levels else {}))
    drawing.block(900, 0, 20, building="retail", shop="mall", building__levels="4", name="商场")
    extract = read(drawing)
    buildings = extract.layers["buildings"]
    assert buildings["residential"].tolist() == [True, True, False, None, None, False]
    np.testing.assert_array_equal(buildings["levels"], [6, 3, 1.5, np.nan, np.nan, 4])
    assert extract.layers["facilities"]["category"].tolist() == ["shopping_centre"]
    assert _notes(extract, "is no number")[0].endswith(": 1.")


BARS = [
    ({"waterway": "river"}, "river"),
    ({"waterway": "canal"}, "river"),
    ({"waterway": "stream"}, None),
    ({"waterway": "river", "tunnel": "culvert"}, None),
    ({"railway": "rail"}, "railway"),
    ({"railway": "rail", "usage": "main", "tunnel": "no"}, "railway"),
    ({"railway": "rail", "bridge": "viaduct"}, None),
    ({"railway": "rail", "tunnel": "yes"}, None),
    ({"railway": "rail", "service": "spur"}, None),
    ({"railway": "abandoned"}, None),
    ({"railway": "subway"}, None),
    ({"highway": "motorway"}, "motorway"),
    ({"highway": "motorway", "bridge": "yes"}, None),
    ({"barrier": "city_wall"}, "wall"),
    ({"barrier": "fence"}, None),
]


def test_what_bars_people_on_foot(drawing, read):
    for y, (tags, _) in enumerate(BARS):
        drawing.way((0, 10 * y), (1000, 10 * y), **tags, name=f"{y}")
    barriers = read(drawing).layers["barriers"].set_index("name")["kind"].to_dict()
    assert barriers == {f"{y}": kind for y, (_, kind) in enumerate(BARS) if kind}


def test_waters_bar_by_their_area_and_walls_by_their_line(drawing, read):
    drawing.block(0, 0, 101, natural="water")
    drawing.block(200, 0, 99, natural="water")
    drawing.block(400, 0, 50, natural="water", water="river")
    drawing.block(600, 0, 500, barrier="city_wall")  # a ring round the old town, not the town
    drawing.block(1200, 0, 50, natural="wood")
    barriers = read(drawing).layers["barriers"]
    assert barriers[["kind"]].assign(type=barriers.geom_type).to_numpy().tolist() == [
        ["wall", "LineString"],
        ["river", "Polygon"],
        ["river", "Polygon"],
    ]


# ------------------------------------------------------------------------------------------------------ the tables


def test_the_tables_name_only_categories_and_classes_that_exist():
    tags = table("osm_layers")
    known = {*table("life_circles")["categories"], *table("emergency")["categories"]}
    for group, listed in tags["facilities"].items():
        for rule in listed:
            assert set(rule["categories"]) <= known, group
    assert set(tags["duplicates"]["by_list"]) <= set(tags["facilities"])
    assert {rule["kind"] for rule in tags["parks"] if "kind" in rule} <= {"park", "garden", "square", "green_strip"}
    kinds = {rule["kind"] for rule in (*tags["barriers"], *tags["barrier_areas"]) if "kind" in rule}
    assert kinds == {"river", "railway", "motorway", "wall"}
    values = [value for entry in tags["land_classes"].values() for value in entry["osm"]]
    assert len(values) == len(set(values))
    assert not set(tags["buildings"]["residential"]) & set(tags["buildings"]["not_residential"])
    roads = table("road_classes")
    assert {*roads["osm_highway"].values(), *roads["osm_highway_cn_urban"].values()} <= set(roads["classes"])


def test_the_tables_have_no_keys_that_do_nothing():
    tags = table("osm_layers")
    allowed = {"tags", "not_tags", "name", "not_name", "min_area_m2", "inside_campus", "categories", "kind", "note"}
    allowed |= {"note_zh", "says", "guessed"}
    lists = [*tags["facilities"].values(), tags["parks"], tags["residential"], tags["barriers"], tags["barrier_areas"]]
    for rule in (rule for listed in lists for rule in listed):
        assert set(rule) <= allowed
        assert ("note" in rule) == ("note_zh" in rule)
        assert rule["tags"]
        assert all(isinstance(values, list) for values in (*rule["tags"].values(), *rule.get("not_tags", {}).values()))


# --------------------------------------------------------------------------------------------------- sidewalks

SIDEWALKS = [
    ({}, None),
    ({"sidewalk": "both"}, "both"),
    ({"sidewalk": "yes"}, "both"),
    ({"sidewalk": "separate"}, "both"),
    ({"sidewalk": "left"}, "left"),
    ({"sidewalk": "right"}, "right"),
    ({"sidewalk": "no"}, "no"),
    ({"sidewalk": "none"}, "no"),
    ({"sidewalk": "crossing"}, None),
    ({"sidewalk__both": "separate"}, "both"),
    ({"sidewalk__both": "no"}, "no"),
    ({"sidewalk__left": "yes", "sidewalk__right": "no"}, "left"),
    ({"sidewalk__both": "no", "sidewalk__left": "yes"}, "left"),
    ({"sidewalk__left": "no", "sidewalk__right": "separate"}, "right"),
    ({"sidewalk__left": "yes"}, None),  # nobody says about the right
    ({"sidewalk__left": "no", "sidewalk": "both"}, "right"),  # the side is said last
]


def test_sidewalk_tags_become_sides(drawing, read):
    for y, (tags, _) in enumerate(SIDEWALKS):
        drawing.way((0, y), (100, y), highway="primary", **tags)
    told = read(drawing).layers["roads"]["sidewalk"]
    assert [None if value is None else str(value) for value in told] == [side for _, side in SIDEWALKS]


def test_a_way_turned_round_exchanges_its_sides(drawing, read):
    for y, sidewalk in enumerate(("left", "right", "both", "no")):
        drawing.way((0, y), (100, y), highway="primary", oneway="-1", sidewalk=sidewalk)
    assert read(drawing).layers["roads"]["sidewalk"].tolist() == ["right", "left", "both", "no"]


# ------------------------------------------------------------------------------------- railways, chargers, car parks


def test_railways_keep_their_bridges_and_lose_their_sidings(drawing, read):
    drawing.way((0, 0), (500, 0), railway="rail", name="汉丹铁路")
    drawing.way((0, 100), (500, 100), railway="rail", name="汉十高铁", bridge="viaduct")
    drawing.way((0, 200), (500, 200), railway="subway", tunnel="yes")
    drawing.way((0, 10), (500, 10), railway="rail", service="siding")
    drawing.way((0, 20), (500, 20), railway="abandoned")
    rails = read(drawing).layers["railways"]
    assert rails["name"].tolist() == ["汉丹铁路", "汉十高铁", None]
    assert rails["bridge"].tolist() == [False, True, False]
    assert rails["tunnel"].tolist() == [False, False, True]


def test_charging_stations_count_their_points_and_say_when_nobody_counted(drawing, read):
    drawing.node(10, 10, amenity="charging_station", capacity="8", access="yes")
    drawing.node(20, 20, amenity="charging_station", capacity="many")
    drawing.block(100, 100, 20, amenity="charging_station", access="private")
    drawing.node(30, 30, amenity="charging_station", motorcar="no", bicycle="yes")
    extract = read(drawing)
    chargers = extract.layers["chargers"]
    assert sorted(zip(chargers["count"], chargers["public"].map(str), strict=True)) == [
        (1, "False"),
        (1, "None"),
        (8, "True"),
    ]
    assert set(chargers.geom_type) == {"Point"}
    assert _notes(extract, "charging stations without capacity=* count as one point each: 2.")


def test_car_parks_have_spaces_where_somebody_counted(drawing, read):
    drawing.node(10, 10, amenity="parking", capacity="120")
    drawing.block(100, 100, 50, amenity="parking", access="customers")
    parking = read(drawing).layers["parking"]
    assert parking["spaces"].tolist() == pytest.approx([120, np.nan], nan_ok=True)
    assert parking["public"].tolist() == [None, True]
