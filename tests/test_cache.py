"""What is kept of large files: the same results with and without it, never out of date, never half there."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from threading import Thread

import numpy as np
import pytest
from geopandas.testing import assert_geodataframe_equal

import suizhou_geo as sg
import suizhou_geo.sources.study as reading
from suizhou_geo.sources import osm_kept
from suizhou_geo.sources.cache import MOST_ENTRIES, Cache
from suizhou_geo.sources.osm_kept import packed, unpacked
from suizhou_geo.sources.osm_read import Found

TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="drawn">
<node id="1" version="1" timestamp="2024-05-01T00:00:00Z" lon="113.30" lat="31.70"/>
<node id="2" version="1" timestamp="2024-05-01T00:00:00Z" lon="113.31" lat="31.70"/>
<node id="3" version="1" timestamp="2024-05-01T00:00:00Z" lon="113.31" lat="31.71"/>
<node id="4" version="1" timestamp="2024-05-01T00:00:00Z" lon="113.305" lat="31.705">
<tag k="amenity" v="kindergarten"/><tag k="name" v="一幼"/></node>
<way id="1" version="1" timestamp="2024-05-01T00:00:00Z"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
<tag k="highway" v="primary"/><tag k="name" v="解放路"/></way>
<way id="2" version="1" timestamp="2024-05-01T00:00:00Z"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
<tag k="leisure" v="park"/></way>
<way id="3" version="1" timestamp="2024-05-01T00:00:00Z"><nd ref="1"/><nd ref="99"/><nd ref="3"/>
<tag k="highway" v="service"/></way>
</osm>
"""
STUDY = """
name = "随州"
[zones]
bbox = [113.29, 31.69, 113.32, 31.72]
[osm]
path = "town.osm"
halo_m = {halo}
"""


@pytest.fixture
def town(tmp_path, monkeypatch):
    """A study of a drawn town in the folder of work, every extract taken for a large one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reading, "WORTH_BYTES", 0)
    (tmp_path / "town.osm").write_text(TOWN, encoding="utf-8")
    (tmp_path / "study.toml").write_text(STUDY.format(halo=3000), encoding="utf-8")
    return tmp_path


@pytest.fixture
def passes(monkeypatch):
    """How often an extract was gone through, one entry each time."""
    gone: list[str] = []
    read = osm_kept.read_objects

    def counted(file, *args, **how):
        gone.append(file.path.name)
        return read(file, *args, **how)

    monkeypatch.setattr(osm_kept, "read_objects", counted)
    return gone


def _entries(town):
    return sorted((town / "data/processed/.cache").glob("*"))


def _same(one, other):
    assert one.inputs == other.inputs
    assert one.findings == other.findings
    assert one.guesses == other.guesses
    assert one.area.layers.keys() == other.area.layers.keys()
    for name, layer in one.area.layers.items():
        assert_geodataframe_equal(layer, other.area.layers[name])


@pytest.mark.slow
def test_a_large_extract_is_gone_through_once(town, passes):
    first, again = sg.read_study("study.toml"), sg.read_study("study.toml")
    assert passes == ["town.osm"]
    assert len(_entries(town)) == 1
    assert first.area.roads["name"].tolist()[0] == "解放路"
    _same(first, again)


@pytest.mark.slow
def test_a_small_extract_is_read_and_nothing_is_kept(town, passes, monkeypatch):
    kept = sg.read_study("study.toml")
    monkeypatch.setattr(reading, "WORTH_BYTES", 10**6)
    _same(kept, sg.read_study("study.toml"))
    assert passes == ["town.osm"]
    assert len(_entries(town)) == 1


@pytest.mark.slow
def test_one_other_tag_is_seen_though_size_and_time_are_the_same(town, passes):
    before = os.stat("town.osm")
    sg.read_study("study.toml")
    (town / "town.osm").write_text(TOWN.replace("primary", "service"), encoding="utf-8")
    os.utime("town.osm", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (os.stat("town.osm").st_size, os.stat("town.osm").st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    roads = sg.read_study("study.toml").area.roads
    assert roads.set_index("source_id")["road_class"]["w1"] == "service"
    assert len(passes) == 2


@pytest.mark.slow
@pytest.mark.parametrize("change", ["halo", "rule", "reader"])
def test_another_halo_rule_or_reader_is_another_question(town, passes, monkeypatch, change):
    sg.read_study("study.toml")
    if change == "halo":
        (town / "study.toml").write_text(STUDY.format(halo=3001), encoding="utf-8")
    elif change == "rule":
        monkeypatch.setattr("suizhou_geo.sources.osm.line_keys", lambda: frozenset({"highway"}))
    else:
        monkeypatch.setattr(osm_kept, "code_of", lambda *_: "another")
    sg.read_study("study.toml")
    assert len(passes) == 2
    assert len(_entries(town)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["flipped", "cut short", "emptied"])
def test_a_damaged_entry_is_told_and_made_anew(town, passes, harm):
    first = sg.read_study("study.toml")
    (entry,) = _entries(town)
    whole = entry.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    entry.write_bytes({"flipped": bytes(flipped), "cut short": whole[:-9], "emptied": b""}[harm])
    told = []
    again = sg.read_study("study.toml", progress=lambda step: told.append((str(step), step.told.zh)))
    assert ("reading town.osm", "town.osm · 缓存已损坏，重新生成") in told
    _same(first, again)
    assert entry.read_bytes() == whole
    assert len(passes) == 2


@pytest.mark.slow
def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_said(town, passes):
    (town / "data").write_text("a file where a folder should be")
    told = []
    one, other = (sg.read_study("study.toml", progress=lambda step: told.append(step.told.zh)) for _ in range(2))
    _same(one, other)
    assert not any("·" in words for words in told)
    assert len(passes) == 2


def test_a_run_that_breaks_off_leaves_nothing(tmp_path, monkeypatch):
    source = tmp_path / "source"
    source.write_text("a")

    def broken(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", broken)
        with pytest.raises(KeyboardInterrupt):
            Cache(tmp_path / "kept").found(source, "a", [], lambda: b"found")
    assert list((tmp_path / "kept").iterdir()) == []


def test_what_a_killed_run_left_is_never_read_and_goes_in_a_day(tmp_path):
    source, folder = tmp_path / "source", tmp_path / "kept"
    source.write_text("a")
    folder.mkdir()
    old, new = folder / "old.part", folder / "new.part"
    for part in (old, new):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert Cache(folder).found(source, "a", [], lambda: b"found") == b"found"
    assert not old.exists()
    assert new.exists()


def test_many_at_once_all_get_it_and_one_entry_stays(tmp_path):
    source, got = tmp_path / "source", []
    source.write_text("a")
    content = os.urandom(1_000_000)

    def run():
        cache = Cache(tmp_path / "kept", told.append)
        got.extend(cache.found(source, "a", [], lambda: content) for _ in range(5))

    told = []
    runs = [Thread(target=run) for _ in range(6)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert len(got) == 30
    assert set(got) == {content}
    assert told == []
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_what_is_found_in_a_file_that_changes_meanwhile_is_not_kept(tmp_path):
    source = tmp_path / "source"
    source.write_text("a")

    def find():
        source.write_text("changed")
        return b"found"

    assert Cache(tmp_path / "kept").found(source, "a", [], find) == b"found"
    assert not (tmp_path / "kept").exists()


def test_what_nobody_asks_for_goes(tmp_path):
    source, folder = tmp_path / "source", tmp_path / "kept"
    source.write_text("a")
    for number in range(MOST_ENTRIES):
        Cache(folder).found(source, str(number), [], lambda: b"found")
    for age, entry in enumerate(sorted(folder.iterdir())):
        os.utime(entry, (1e9 + age, 1e9 + age))
    oldest, *others = sorted(folder.iterdir())
    Cache(folder).found(source, "one more", [], lambda: b"found")
    assert not oldest.exists()
    assert len(list(folder.iterdir())) == MOST_ENTRIES
    assert all(entry.exists() for entry in others)


def test_everything_found_comes_back():
    point, line = "0101000000" + "00" * 16, "0102000000" + "02000000" + "00" * 32
    found = Found(
        points=[("n1", {"name": "一幼", "amenity": "kindergarten"}, point), ("n1", {}, point)],
        lines=[("w2", {"b": "2", "a": "1"}, line)],
        rings=[("w3", {}, line)],
        relations=[],
        spoilt={"cut": ["w2"], "open": []},
        newest=datetime(2024, 5, 1, tzinfo=UTC),
        said_date="2025-01-01T00:00:00Z",
        reach=(np.inf, 1 / 3, -np.inf, 0.1),
        far=7,
        was_sorted=True,
    )
    assert unpacked(packed(found)) == found
    assert list(unpacked(packed(found)).lines[0][1]) == ["b", "a"]
    assert unpacked(packed(replace(found, newest=None, points=[]))) == replace(found, newest=None, points=[])
