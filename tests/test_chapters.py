"""Chapters: every measure in one of them, and one measured without the others."""

import geopandas as gpd
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, chapter_of


def test_no_beginning_of_a_key_stands_under_two_chapters():
    begins = [begin for chapter in CHAPTERS for begin in chapter.begins]
    assert len(set(begins)) == len(begins)
    for chapter in CHAPTERS:
        for begin in chapter.begins:
            assert chapter_of(begin + "x") == chapter, begin


@pytest.fixture
def area():
    zones = gpd.GeoDataFrame(
        {"name": ["only"], "role": ["main_city"]}, geometry=[box(0, 0, 1000, 1000)], crs="EPSG:4547"
    )
    return sg.StudyArea("empty", zones)


def test_chapter_by_chapter_everything_is_measured_once(area):
    by_chapter = {c.key: sg.measure_all(area, chapter=c.key) for c in (*CHAPTERS, OTHER_CHAPTER)}
    for key, measures in by_chapter.items():
        assert {chapter_of(measure.key).key for measure in measures} == ({key} if measures else set())
    assert not by_chapter["declared"]
    whole = sorted((m.key, m.profile) for m in sg.measure_all(area))
    assert sorted((m.key, m.profile) for measures in by_chapter.values() for m in measures) == whole


def test_a_chapter_there_is_none_of_is_refused(area):
    with pytest.raises(
        InputError, match="measure_all: chapter 'joy' is not one of land, life_circle, green, roads, declared"
    ):
        sg.measure_all(area, chapter="joy")
