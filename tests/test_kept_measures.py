"""What is kept of measures between runs: the same to the last digit, and nothing that does not hold any more."""

import json
import pickle
import runpy
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import shapely
from pandas.testing import assert_frame_equal, assert_index_equal, assert_series_equal
from pyproj import CRS

import suizhou_geo as sg
from suizhou_geo.errors.text import Text
from suizhou_geo.measures import contents, measure_all, measure_study
from suizhou_geo.measures import kept as keeping
from suizhou_geo.measures.kept import KNOWN
from suizhou_geo.model import Driver, Likely, Measure, Statistic
from suizhou_geo.outputs import in_hand
from suizhou_geo.sources.kept_values import CannotKeepError, Packing, Unpacking

TOWN = runpy.run_path(str(Path(__file__).parent / "report_town.py"))
OSM_TOWN = runpy.run_path(str(Path(__file__).parent / "test_cache.py"))


@dataclass(frozen=True)
class Stranger:
    """A dataclass nobody knows."""

    value: int = 1


def there_and_back(value):
    packing = Packing(KNOWN)
    unpacking = Unpacking(packing.content(packing.plain(value)), KNOWN)
    return unpacking.value(unpacking.tree)


def assert_equal(one, other):
    """Assert that two values are of the same types and hold the same, to the last digit."""
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame | pd.Series | pd.Index):
        _assert_same_table(one, other)
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, tuple | list):
        assert len(one) == len(other)
        for each, again in zip(one, other, strict=True):
            assert_equal(each, again)
    elif isinstance(one, dict):
        assert_equal(list(one.items()), list(other.items()))
    elif type(one) in KNOWN.values():
        for field in fields(one):
            assert_equal(getattr(one, field.name), getattr(other, field.name))
    else:
        assert repr(one) == repr(other)  # -0.0 and NaN, too


def _assert_same_table(one, other):
    if isinstance(one, pd.Index):
        assert_index_equal(one, other, exact=True)
        return
    assert one.attrs == other.attrs
    if isinstance(one, pd.DataFrame):
        assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), check_exact=True)
        for number in range(one.shape[1]):
            assert_equal(one.iloc[:, number], other.iloc[:, number])
    elif isinstance(one, gpd.GeoSeries):
        assert one.crs.srs == other.crs.srs
        assert shapely.to_wkb(one.to_numpy()).tolist() == shapely.to_wkb(other.to_numpy()).tolist()
    else:
        assert_series_equal(one, other, check_exact=True)
        assert list(map(type, one)) == list(map(type, other))
    if isinstance(one, gpd.GeoDataFrame):
        assert one._geometry_column_name == other._geometry_column_name


FRAME = pd.DataFrame(
    {
        "n": [1, 2, 3],
        "small": np.array([1, 2, 3], dtype=np.int8),
        "x": [0.1, np.nan, -0.0],
        "yes": [True, False, True],
        "words": pd.Series(["随州", None, "a"], dtype=object),
        "string": ["甲", "乙", "丙"],
        "mixed": pd.Series([True, np.nan, None], dtype=object),
        "kind": pd.Categorical(["b", "a", None], categories=["b", "a", "c"], ordered=True),
        "texts": pd.Series([Text("红", "red"), None, "x"], dtype=object),
        "missing": pd.Series([None, None, None], dtype=object),
    },
    index=pd.Index(["1", "2", "10"], dtype=object, name="zone_id"),
)
FRAME.attrs = {"of": ("a", 1.5)}
SHAPES = gpd.GeoDataFrame(
    {"a": [1.0, 2.0, 3.0, 4.0]},
    geometry=[shapely.Point(0.1, 1 / 3), shapely.Point(), None, shapely.LineString([(0, 0, 1), (1, 1, 2)])],
    crs="EPSG:4547",
)
VALUES = {
    "words and numbers": [None, True, 0, 0.1, np.nan, np.inf, -0.0, "随州\n“\ud800”", 2**80],
    "tuples": ((), (1, (2.0, [3])), [(1,)]),
    "mapping": {"a": {1: 2.0}, (1, "b"): frozenset({"x", "y"})},
    "numpy": [
        np.float64(0.1),
        np.int32(7),
        np.bool_(True),
        np.arange(6.0).reshape(2, 3),
        np.array(["a", None], object),
    ],
    "known": [Text("红", "red"), Likely(0.1, np.nan, 0.9, (Driver("roads", Text("路", "r"), 0.1, Text("", "")),))],
    "crs": [CRS("EPSG:4547"), CRS.from_wkt(CRS("EPSG:27700").to_wkt())],
    "frame": FRAME,
    "columns": FRAME[["n", "x"]].T.rename_axis(columns="of", index="what"),
    "doubled columns": pd.concat([FRAME["x"], FRAME["x"]], axis=1),
    "empty frame": FRAME.iloc[:0],
    "series": [FRAME["x"], FRAME["kind"].rename(None), FRAME["string"].rename(("a", 1)), FRAME["words"]],
    "indexes": [pd.RangeIndex(2, 9, 3, name="r"), pd.Index([1.5, np.nan]), pd.CategoricalIndex(["a", "b"], name="c")],
    "layer": SHAPES,
    "two geometries": SHAPES.assign(other=SHAPES.geometry.centroid).rename_geometry("here"),
    "empty layer": SHAPES.iloc[:0],
    "shapes": SHAPES.geometry,
}


@pytest.mark.parametrize("name", VALUES)
def test_everything_comes_back_to_the_last_digit(name):
    assert_equal(VALUES[name], there_and_back(VALUES[name]))


@pytest.mark.parametrize(
    "value",
    [
        Stranger(),
        date(2024, 5, 1),
        {1, 2},
        pd.Series(pd.to_datetime(["2024-05-01"])),
        pd.MultiIndex.from_tuples([(1, 2)]),
        gpd.GeoSeries([shapely.LinearRing([(0, 0), (1, 0), (0, 1)])]),
        pd.Series([1, None], dtype="Int64"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_would_not_come_back_the_same_is_refused(value):
    with pytest.raises(CannotKeepError):
        Packing(KNOWN).plain([value])


def test_only_dataclasses_that_are_known_are_made_of_what_is_read():
    packing = Packing({"Stranger": Stranger})
    content = packing.content(packing.plain(Stranger()))
    strange = Unpacking(content, KNOWN)
    with pytest.raises(KeyError):
        strange.value(strange.tree)
    with pytest.raises(pa.ArrowInvalid):
        Unpacking(pickle.dumps([None]), KNOWN)


def test_what_is_one_object_stays_one():
    one, other = there_and_back([SHAPES, SHAPES])
    assert one is other
    a, b = there_and_back([SHAPES, SHAPES.assign(b=1)])
    assert a.geometry.iloc[3] is b.geometry.iloc[3]


# --------------------------------------------------------------------------------------------- a drawn town


@pytest.fixture
def study():
    layer = TOWN["layer"]
    places = layer([shapely.Point(300, 300), shapely.Point(1500, 300)], category=["kindergarten", "clinic"])
    return TOWN["study_of"](TOWN["town"](facilities=places))


@pytest.fixture
def with_kept(tmp_path):
    """Return a function: a study to its measures with what is kept, and the steps and words that were told."""

    def measure(study, **how):
        told = []
        area = replace(study.area)  # nothing is remembered of it
        kept = measure_study(
            replace(study, area=area),
            progress=lambda step: told.append((str(step), step.told.zh)),
            kept=tmp_path / "kept",
            **how,
        )
        return kept, told

    return measure


def _fresh(study):
    return measure_study(replace(study, area=replace(study.area)))


def assert_same_measures(one, other):
    assert [(m.key, m.profile) for m in one] == [(m.key, m.profile) for m in other]
    for each, again in zip(one, other, strict=True):
        assert_equal(each, again)


@pytest.mark.slow
def test_what_has_not_changed_is_not_measured_again(study, with_kept, tmp_path):
    cold, steps = with_kept(study)
    assert len(steps) > 30
    (entry,) = (tmp_path / "kept").iterdir()
    before = entry.read_bytes()
    warm, steps = with_kept(study)
    assert steps == [("kept", f"沿用上次 {len(measure_all(study.area, study.params))} 项")]
    assert_same_measures(cold, warm)
    assert entry.read_bytes() == before


def _retagged(area):
    return replace(area, facilities=area.facilities.assign(category=["kindergarten", "pharmacy"]))


def _one_more_person(area):
    return replace(area, population=area.population.assign(persons=[6000.0, 2001.0]))


def _vertex_moved(area):
    shapes = area.zones.geometry.to_numpy()
    corners = shapely.get_coordinates(shapes[1])
    corners[corners[:, 0] == corners[:, 0].max()] += (0.5, 0.0)
    return replace(area, zones=area.zones.set_geometry([shapes[0], shapely.Polygon(corners)], crs=area.crs))


CHANGES = {  # what changes -> what is measured again, what is not
    "a tag of a facility": (_retagged, {"service_coverage by service"}, {"road_density", "park_coverage"}),
    "the people of a cell": (
        _one_more_person,
        {"population_density", "life_circle_compliance"},
        {"arterial_grid by direction", "sidewalk_compliance"},
    ),
    "a street's name": (
        lambda area: replace(area, roads=area.roads.assign(name=["汉东路", "汉东东路", "编钟大道"])),
        {"road_density"},
        {"park_area_per_capita by size", "river_green"},
    ),
    "a layer more": (
        lambda area: replace(area, greenways=area.roads[["geometry"]]),
        {"greenway_coverage"},
        {"road_density", "population_density"},
    ),
    "a layer less": (lambda area: replace(area, parks=None), {"park_coverage"}, {"population_density", "dead_ends"}),
    "what may be missing": (
        lambda area: replace(area, incomplete=frozenset({"roads"})),
        {"road_density"},
        {"zone_count by role"},
    ),
    "a vertex of a zone": (_vertex_moved, {"road_density", "population_density", "park_coverage", "core_area"}, set()),
    "the meaning of the outline": (
        lambda area: replace(area, boundary="administrative"),
        {"population_density"},
        {"block_size by use"},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_concerns_is_measured_again_and_nothing_else(study, with_kept, change):
    made, again, not_again = CHANGES[change]
    with_kept(study)
    changed = replace(study, area=made(study.area))
    warm, told = with_kept(changed)
    steps = {step for step, _ in told}
    assert steps >= again
    assert not steps & not_again
    assert_same_measures(warm, _fresh(changed))
    assert [step for step, _ in with_kept(changed)[1]] == ["kept"]


@pytest.mark.slow
def test_another_parameter_is_measured_and_both_are_kept(study, with_kept):
    with_kept(study)
    other = replace(study, params={**study.params, "population_density": {"denominator": "map"}})
    assert other.params != study.params
    warm, _ = with_kept(other)
    assert_same_measures(warm, _fresh(other))
    third = replace(study, params={**study.params, "core_area": {"lines": ["汉东东路", "编钟大道", "环路"]}})
    assert [step for step, _ in with_kept(third)[1]] == ["kept", "core_area"]
    assert [[step for step, _ in with_kept(one)[1]] for one in (study, other, third)] == [["kept"]] * 3


@pytest.mark.slow
def test_a_chapter_is_kept_for_the_whole_and_the_whole_for_a_chapter(study, with_kept):
    green, _ = with_kept(study, chapter="green")
    whole, told = with_kept(study)
    assert told[0] == ("kept", f"沿用上次 {len(measure_all(study.area, study.params, chapter='green'))} 项")
    assert_same_measures(whole, _fresh(study))
    again, told = with_kept(study, chapter="green")
    assert [step for step, _ in told] == ["kept"]
    assert_same_measures(again, green)


@pytest.mark.slow
def test_a_target_and_a_statistic_are_taken_as_they_are_now(study, with_kept):
    def declared(value):
        return replace(study, statistics=(Statistic("vehicle_exports", "level", 2025, value, "辆", "统计局"),))

    def rows(study, measures):
        return {row.key: row for row in in_hand.assessed(study, measures).rows}

    with_kept(declared(100.0))
    warm, told = with_kept(declared(200.0))
    assert [step for step, _ in told] == ["kept"]
    assert_same_measures(warm, _fresh(declared(200.0)))
    density = rows(study, warm)["road_density"]
    targets = tuple(replace(t, value=1.0) if t.key == "road_density" else t for t in study.plan.targets)
    easier = replace(study, plan=replace(study.plan, targets=targets))
    held = rows(easier, with_kept(easier)[0])["road_density"]
    assert (density.asked, density.status) == (8.0, "missed")
    assert (held.asked, held.status) == (1.0, "met")


@pytest.mark.slow
@pytest.mark.parametrize("what", ["code", "library"])
def test_other_code_or_another_library_measures_all_anew(study, with_kept, monkeypatch, what):
    cold, steps = with_kept(study)
    name, other = ("code_of_package", lambda: "another") if what == "code" else ("version", lambda _: "0.0")
    monkeypatch.setattr(keeping, name, other)
    warm, again = with_kept(study)
    assert again == steps
    assert_same_measures(cold, warm)


def test_the_code_is_all_of_the_package(monkeypatch):
    from suizhou_geo.sources import cache

    seen = []
    monkeypatch.setattr(cache, "code_of", lambda *files: seen.extend(files) or "")
    cache.code_of_package.__wrapped__()
    names = {Path(file).relative_to(Path(sg.__file__).parent).as_posix() for file in seen}
    assert {"__init__.py", "measures/parks.py", "geometry/zonal.py", "standards/measures.toml"} <= names


@pytest.mark.slow
def test_a_damaged_entry_is_told_and_all_is_measured_anew(study, with_kept, tmp_path):
    cold, steps = with_kept(study)
    (entry,) = (tmp_path / "kept").iterdir()
    whole = entry.read_bytes()
    entry.write_bytes(whole[:-9])
    warm, told = with_kept(study)
    assert told == [("kept", "缓存已损坏，重新生成"), *steps]
    assert_same_measures(cold, warm)
    assert entry.read_bytes() == whole


@pytest.mark.slow
def test_a_measure_that_cannot_be_kept_is_measured_again(study, with_kept, monkeypatch):
    monkeypatch.setattr(keeping, "KNOWN", {name: one for name, one in KNOWN.items() if name != "Text"})
    (cold, steps), (warm, again) = (with_kept(study) for _ in range(2))
    assert steps == again
    assert steps[0] == ("zone_count by role", contents()[0].told.zh)
    assert_same_measures(cold, warm)


def _content(file):
    """The bytes of a file, of a GeoPackage without SQLite's two counters of transactions: no run has them like the last."""
    content = file.read_bytes()
    return content if file.suffix != ".gpkg" else content[:24] + content[28:92] + content[96:]


@pytest.mark.slow
def test_the_same_results_are_written_with_what_was_kept_and_without(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(in_hand, "measure_study", measure_study)
    (tmp_path / "town.osm").write_text(OSM_TOWN["TOWN"], encoding="utf-8")
    (tmp_path / "study.toml").write_text(OSM_TOWN["STUDY"].format(halo=3000), encoding="utf-8")
    folder, written = tmp_path / "data/processed/.cache/measures", {}
    for name, keep in (("without", False), ("cold", True), ("warm", True)):
        result = sg.assess("study.toml", keep=keep)
        assert ("kept" in result.seconds) == (name == "warm")
        assert folder.exists() == keep
        result.write(name, lang="zh")
        written[name] = {file.name: _content(file) for file in (tmp_path / name).iterdir()}
        record = json.loads(written[name].pop("run.json"))
        written[name]["run.json"] = {key: value for key, value in record.items() if key != "seconds"}
    assert len(written["without"]) >= 6
    assert written["without"] == written["cold"] == written["warm"]
    sg.assess(sg.read_study("study.toml"))
    assert len(list(folder.iterdir())) == 1


@pytest.mark.slow
def test_every_field_of_every_measure_of_the_invented_city_comes_back(tmp_path, invented_city):
    cold = measure_study(invented_city, kept=tmp_path / "kept")
    told = []
    again = replace(invented_city, area=replace(invented_city.area))
    warm = measure_study(again, progress=told.append, kept=tmp_path / "kept")
    assert told == ["kept"]
    assert all(type(measure) is Measure for measure in warm)
    assert_same_measures(cold, warm)
