"""The catalogue and the table of contents: every measure in one chapter, with its words, and nothing without a measure."""

import geopandas as gpd
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.measures import contents, measure_all
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import (
    CHAPTERS,
    OTHER_CHAPTER,
    SUFFIXES,
    chapter_of,
    entry_for,
    families,
    layers,
    tables,
    threshold_words,
)
from suizhou_geo.study_area.layers import LAYERS

# only measured where a plan names roads
EVERYTHING = {"dead_ends_opened": {"names": ["甲路"]}, "core_area": {"lines": ["甲路", "乙路", "丙路"]}}


@pytest.fixture
def area():
    zones = gpd.GeoDataFrame(
        {"name": ["only"], "role": ["main_city"]}, geometry=[box(0, 0, 1000, 1000)], crs="EPSG:4547"
    )
    return sg.StudyArea("empty", zones)


@pytest.mark.slow
def test_chapter_by_chapter_everything_is_measured_once(area):
    by_chapter = {c.key: measure_all(area, chapter=c.key) for c in (*CHAPTERS, OTHER_CHAPTER)}
    for key, measures in by_chapter.items():
        assert {chapter_of(measure.key).key for measure in measures} == ({key} if measures else set())
    assert not by_chapter["declared"]
    whole = sorted((m.key, m.profile) for m in measure_all(area))
    assert sorted((m.key, m.profile) for measures in by_chapter.values() for m in measures) == whole


def test_a_chapter_there_is_none_of_is_refused(area):
    with pytest.raises(
        InputError, match="measure_all: chapter 'joy' is not one of land, life_circle, green, roads, declared"
    ):
        measure_all(area, chapter="joy")


def test_every_measure_stands_in_the_catalogue_and_every_entry_has_a_measure(area):
    measures = measure_all(area, EVERYTHING)
    assert {measure.family for measure in measures} == set(families())
    of_one = {key for key in table("measures") if "." in key and not key.endswith(".*")}
    assert of_one <= {measure.key for measure in measures}
    for measure in measures:
        entry = entry_for(measure.key)
        assert entry is not None, f"add {measure.key} to standards/measures.toml"
        assert measure.unit == entry.unit, measure.key
        assert set(entry.layers) <= {*LAYERS, "zones"}, measure.key
        for words in (entry.definition, entry.denominator, entry.limits):
            assert words.zh.strip(), measure.key
            assert words.en.strip(), measure.key
        subject = Text("", "") if "{}" in entry.name.zh else None
        named = entry.named(subject)
        assert len(named.zh) <= len(measure.name_zh), measure.key
        assert "{" not in measure.name_zh + measure.name_en, measure.key
        if subject is None:
            assert (named.zh, named.en) == (measure.name_zh, measure.name_en)


def test_the_catalogue_says_nothing_that_nobody_reads():
    rows = table("measures")
    known = {"chapter", "like", "name", "unit", "shortfall_unit", "shortfall_unit_of", "definition", "denominator"}
    known |= {"layers", "limits", "params", "evidence", "settled_by"}
    shared = {
        row[part] for row in rows.values() for part in ("denominator", "limits") if isinstance(row.get(part), str)
    }
    for key, row in rows.items():
        assert key == "shared" or row.keys() <= known, key
        assert "." not in key or key.partition(".")[0] in families(), key
        assert "like" not in row or row["like"] in families(), key
    assert shared == set(rows["shared"]["texts"])


def test_what_no_layer_measures_belongs_to_the_declared_figures():
    for key in ("gdp_growth", "jobs_for_hard_to_employ", "road_densities", "block_sizes.residential"):
        assert chapter_of(key) == OTHER_CHAPTER, key
        assert entry_for(key) is None, key
    assert entry_for("land_per_capita") is None  # there is one for each class and none for all
    assert entry_for("land_per_capita.Z") is None


def test_subjects_say_what_differs_and_families_the_rest():
    whole, branch = entry_for("road_density"), entry_for("road_density.branch")
    assert branch.named(Text("支路", "branch road")) == Text(
        "城区道路网密度：支路", "road network density: branch road"
    )
    assert branch.definition != whole.definition
    assert (branch.limits, branch.unit, branch.layer) == (whole.limits, whole.unit, whole.layer)
    assert entry_for("service_coverage.tdt1063.health") == entry_for("service_coverage.hospital")
    across, down = entry_for("arterial_grid_east_west"), entry_for("arterial_grid_north_south")
    assert across.layer == down.layer == layers()["arterial_grid"]
    assert across.name != down.name


def test_thresholds_are_told_with_their_number():
    for words in threshold_words().values():
        assert words.zh.format(1.0) != words.zh
    for family in families():
        for name, said in table("measures")[family].get("params", {}).items():
            assert {said["zh"].format(0.5) != said["zh"], said["en"].format(0.5) != said["en"]} == {True}, name


def test_tables_are_those_of_the_layers_and_no_two_alike():
    assert len(set(tables())) == len(tables()) == len(layers()) * (1 + len(SUFFIXES))
    assert layers()["zones"].chapter is None
    assert layers()["service_areas"].chapter == chapter_of("service_coverage")


def test_parameters_are_those_of_the_functions(area):
    titles = [lot.title for lot in contents()]
    assert len(set(titles)) == len(titles)
    for params, words in (
        ({"core_area": {"lines": "a"}}, "params.core_area.lines: 'a' is not a list of names"),
        ({"dead_ends_opened": {"promised": 3}}, "params.dead_ends_opened: names is missing; give it beside the others"),
        ({"dead_ends_opened": {"promised": 1.5}}, "params.dead_ends_opened.promised: 1.5 is not a whole number"),
        ({"complete_community_coverage": {"k": True}}, "params.complete_community_coverage.k: True is not a whole"),
        ({"dead_ends": {"destinations": ["joy"]}}, "params.dead_ends.destinations: 'joy' is not one of health"),
        ({"block_size": {"use": "industrial"}}, "params.block_size.use: no such parameter; there are none"),
        ({"arterial_grid": {"direction": "east_west"}}, "no such parameter; there are profile, within"),
    ):
        with pytest.raises(InputError, match=words):
            measure_all(area, params)
