"""What is read of a PBF file laid out in blocks, whose far ways are seen as arrays alone, is what is read of all objects."""

import zlib
from dataclasses import replace

import numpy as np
import osmium
import pytest

from suizhou_geo.errors import InputError
from suizhou_geo.sources import osm_blocks, osm_read
from suizhou_geo.sources.osm_blocks import _MOST_BYTES, Nodes, NotInBlocksError, _content, blocks_of
from suizhou_geo.sources.osm_file import opened
from suizhou_geo.sources.osm_read import Keys, read_objects

AREAS = frozenset({"landuse", "building", "natural"})
KEYS = Keys(points=frozenset({"amenity"}), lines=frozenset({"highway"}), areas=AREAS, status=frozenset())
BOUNDS = (113.0, 31.0, 113.1, 31.1)  # a node at (0, 0) to (100, 100) below lies within
TOWN = """
n1 Tamenity=school x113.05 y31.05
n2 x113.01 y31.01
n3 x113.02 y31.02
n11 x112.0 y30.0
n12 x114.0 y30.0
n13 x114.0 y32.0
n14 x112.0 y32.0
n21 Tamenity=school x112.1 y31.05
n22 x112.2 y31.06
n23 x112.2 y31.06
n24 x112.3 y31.02
w1 Thighway=service Nn2,n3
w2 Tlanduse=forest Nn11,n12,n13,n14,n11
w3 Thighway=service Nn11,n13
w4 Thighway=service Nn11,n14
w5 Thighway=service Nn21,n22
w6 Thighway=service Nn22,n23
w7 Thighway=service Nn98,n99
w8 Thighway=service Nn2,n99,n3,n12
w9 Thighway=service Nn24
w10 Thighway=service N
w11 Tlanduse=forest Nn21,n22,n24,n21
w12 Nn21,n22,n24,n21
w13 Nn11,n12,n13,n14,n11
r1 Ttype=multipolygon,natural=wood Mw13@outer
r2 Ttype=multipolygon,natural=wood Mw12@outer
r3 Ttype=multipolygon,natural=wood Mw97@outer
r4 Ttype=multipolygon,natural=wood Mw-5@outer
"""
UNDECIDED = [1, 2, 3, 6, 7, 8, 9, 10, 13]  # near, all round, across; of one place, or with nodes that are not there


def _written(path, opl, *, sorting="Type_then_ID", date="2025-06-01T00:00:00Z"):
    header = osmium.io.Header()
    header.set("sorting", sorting)
    header.set("osmosis_replication_timestamp", date)
    header.add_box(osmium.osm.Box(110.0, 29.0, 116.0, 34.0))
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        osmium.apply(osmium.io.FileBuffer(opl.strip().encode() + b"\n", "opl"), writer)
    return path


def _read(path, bounds=BOUNDS):
    return read_objects(opened(path), KEYS, bounds)


def _one_by_one(folder, opl, bounds=BOUNDS):
    """The same objects out of a file that does not say that they are in order."""
    return _read(_written(folder / "any.osm.pbf", opl, sorting=""), bounds)


def _alike(one, other):
    return replace(one, far=0) == replace(other, far=0)


def _nodes(*places):
    entries = np.array([(n, round(x * 1e7), round(y * 1e7)) for n, x, y in places], dtype="i8,i4,i4")
    return entries.astype(np.dtype([("id", "<i8"), ("x", "<i4"), ("y", "<i4")]))


def test_a_town_in_blocks_is_read_as_it_is_one_by_one(tmp_path):
    found = _read(_written(tmp_path / "town.osm.pbf", TOWN))
    assert [source_id for source_id, _, _ in found.points] == ["n1", "w8", "w8"]
    assert [source_id for source_id, _, _ in found.lines] == ["w1", "w3", "w8"]
    assert [source_id for source_id, _, _ in found.rings] == ["w2"]
    assert [source_id for source_id, _, _ in found.relations] == ["r1"]
    assert found.spoilt == {"degenerate": ["w6", "w9", "w10"], "cut": ["w7", "w8"], "incomplete": ["r3", "r4"]}
    assert _alike(found, _one_by_one(tmp_path, TOWN))


def test_ways_on_one_side_of_the_bounds_are_not_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(osm_blocks, "_TELL_EVERY", 1)
    path, places = _written(tmp_path / "town.osm.pbf", TOWN), tmp_path / "places"
    rows = [line.split() for line in TOWN.split("\n") if line.startswith("n")]
    _nodes(*((int(row[0][1:]), float(row[-2][1:]), float(row[-1][1:])) for row in rows)).tofile(places)
    looked_at = []
    ways = blocks_of(path).ways_perhaps_near(Nodes.in_file(places, BOUNDS), looked_at.append)
    assert ways.tolist() == UNDECIDED
    assert looked_at == [13]


def test_what_is_far_is_built_where_it_must_be_alone(tmp_path):
    assert _read(_written(tmp_path / "town.osm.pbf", TOWN)).far < _one_by_one(tmp_path, TOWN).far


def test_a_file_without_ways_or_relations_is_read(tmp_path):
    nodes = "\n".join(line for line in TOWN.split("\n") if line.startswith("n"))
    assert [source_id for source_id, _, _ in _read(_written(tmp_path / "nodes.osm.pbf", nodes)).points] == ["n1"]
    with_ways = TOWN.split("r1")[0]
    assert _alike(_read(_written(tmp_path / "ways.osm.pbf", with_ways)), _one_by_one(tmp_path, with_ways))


def test_where_nothing_is_near_all_is_read_to_say_why(tmp_path):
    far = "n1 x112.0 y31.0\nn2 x112.1 y31.1\nw1 Thighway=service Nn1,n2"
    assert _read(_written(tmp_path / "far.osm.pbf", far)).far == 1


@pytest.mark.parametrize(("first", "is_sorted"), [(0, False), (11, True)])  # nodes; ways
def test_a_file_that_says_wrongly_that_it_is_in_order_is_read_all_the_same(tmp_path, first, is_sorted):
    lines = TOWN.strip().split("\n")
    lines[first : first + 2] = lines[first + 1], lines[first]
    shuffled = "\n".join(lines)
    found = _read(_written(tmp_path / "shuffled.osm.pbf", shuffled))
    assert found == _one_by_one(tmp_path, shuffled)
    assert found.was_sorted == is_sorted


def test_a_file_that_gives_relations_first_is_sorted(tmp_path):
    nodes, others = TOWN.strip().split("w1 ", 1)
    ways, relations = others.split("r1 ", 1)
    found = _read(_written(tmp_path / "turned.osm.pbf", f"{nodes}r1 {relations}\nw1 {ways}"))
    assert _alike(found, _one_by_one(tmp_path, TOWN))


def test_a_file_without_a_date_is_read_one_by_one_for_the_newest_object(tmp_path):
    dated = TOWN.replace("w4 ", "w4 t2024-06-01T00:00:00Z ")
    found = _read(_written(tmp_path / "undated.osm.pbf", dated, date=""))
    assert found.newest.isoformat() == "2024-06-01T00:00:00+00:00"


def test_a_file_cut_short_is_said_to_be(tmp_path):
    path = _written(tmp_path / "town.osm.pbf", TOWN)
    for size in (path.stat().st_size - 1, path.stat().st_size // 2):
        path.write_bytes(path.read_bytes()[:size])
        with pytest.raises(InputError, match="fetch the extract again"):
            _read(path)


def test_other_bytes_are_not_in_blocks(tmp_path):
    (tmp_path / "some").write_bytes(b"\x00\x00\x00\x05some bytes")
    with pytest.raises(NotInBlocksError):
        blocks_of(tmp_path / "some")


def test_nodes_out_of_order_are_refused(tmp_path):
    _nodes((2, 113.0, 31.0), (1, 113.0, 31.0)).tofile(tmp_path / "places")
    with pytest.raises(NotInBlocksError):
        Nodes.in_file(tmp_path / "places", BOUNDS)


def test_nodes_of_no_place_decide_nothing(tmp_path):
    nowhere = np.iinfo(np.int32).max / 1e7
    _nodes((1, 100.0, 31.0), (2, nowhere, nowhere), (3, 101.0, 31.0)).tofile(tmp_path / "places")
    nodes = Nodes.in_file(tmp_path / "places", BOUNDS)
    assert nodes.perhaps_near(np.array([2, 2, 0]), np.array([1, 3, 1, 2])).tolist() == [False, True, True]


@pytest.mark.slow
def test_drawn_ways_are_found_in_any_bounds(tmp_path):
    """Thousands of ways of any length, ids far apart, some nodes missing: more than one block of each kind."""
    random = np.random.default_rng(7)
    numbers = np.cumsum(random.integers(1, 10**6, 9_000))
    places = np.column_stack([random.uniform(112, 114, 9_000), random.uniform(30, 32, 9_000)])
    drawn = random.uniform(size=9_000) > 0.01
    lines = [f"n{n} x{x:.7f} y{y:.7f}" for n, (x, y) in zip(numbers[drawn], places[drawn], strict=True)]
    ways = np.cumsum(random.integers(1, 10**5, 9_000))
    near_by = np.argsort(places @ [1.0, 0.2])
    for way in ways:
        first, many = random.integers(0, 8_000), random.integers(1, 9)
        refs = numbers[near_by[first : first + many]] if way % 3 else random.choice(numbers, many)
        lines.append(f"w{way} Tbuilding=yes N" + ",".join(f"n{ref}" for ref in refs))
    opl = "\n".join([*lines, f"r1 Ttype=multipolygon,natural=wood Mw{ways[0]}@outer"])
    for bounds in (BOUNDS, (112.0, 30.0, 112.02, 30.02), (100.0, 20.0, 120.0, 40.0)):
        found = _read(_written(tmp_path / "drawn.osm.pbf", opl), bounds)
        assert _alike(found, _one_by_one(tmp_path, opl, bounds))


def test_without_room_for_temporary_files_all_objects_are_read_one_by_one(tmp_path, monkeypatch):
    monkeypatch.setattr(osm_read, "_ROOM", 1e12)
    path = _written(tmp_path / "town.osm.pbf", TOWN)
    assert _read(path) == _one_by_one(tmp_path, TOWN)


def test_a_store_of_places_in_a_file_is_not_on_every_system(tmp_path, monkeypatch):
    monkeypatch.setattr(osm_read, "_STORES", ["flex_mem"])
    assert _alike(_read(_written(tmp_path / "town.osm.pbf", TOWN)), _one_by_one(tmp_path, TOWN))


def test_a_block_that_unpacks_to_more_than_the_format_allows_is_refused():
    packed = zlib.compress(bytes(_MOST_BYTES + 1))
    size = bytes([len(packed) & 0x7F | 0x80, len(packed) >> 7 & 0x7F | 0x80, len(packed) >> 14])
    with pytest.raises(ValueError, match=str(_MOST_BYTES)):
        _content(bytes(4) + b"\x1a" + size + packed)
    assert _content(bytes(4) + b"\x1a\x0b" + zlib.compress(b"abc")) == b"abc"
