"""What a planner holds in the hand: one chapter of the bundled city, asked as a notebook asks it."""

from pathlib import Path

import pytest

import suizhou_geo as sg
from suizhou_geo import outputs
from suizhou_geo.outputs.record import Steps


@pytest.fixture(scope="module")
def result(invented_city):
    return sg.assess(invented_city, chapter="green", lang="en")


def test_a_chapter_holds_its_own_rows_and_is_told_in_one_line(result):
    assert {row.chapter.key for row in result.rows} == {"green"}
    assert result.scorecard["key"].iloc[0] == "park_coverage"
    assert result.tally == {"met": 1, "missed": 0, "cannot tell": 0, "no data": 0}
    assert repr(result) == "Assessment(Invented city (not Suizhou): met 1)"
    assert "<table" in result._repr_html_()


def test_a_row_is_the_measure_held_against_its_promise(result):
    row, measure = result["park_coverage"], sg.park_coverage(result.study)
    assert (row.value, row.profile, row.status) == (measure.value, measure.profile, "met")
    assert repr(row) == "Row(park_coverage: 88.1% | more than 85% | ✓ met)"
    assert (row.table().index[0], row.table(lang="zh").index[0]) == ("all zones", "全市")
    assert len(row.definitions_table()) == 1 + len(row.other_definitions)


@pytest.mark.slow
def test_what_a_number_leaves_open_is_told_apart_from_it(result):
    unsure = result.area.replace(incomplete=frozenset({"parks"}))
    row = result.hold(sg.park_coverage(unsure))
    assert repr(row) == "Row(park_coverage: 88.1% · possible: 88.1% to 100.0% | more than 85% | ✓ met)"


def test_another_definition_is_held_without_changing_the_result(result):
    assert result.hold(sg.park_coverage(result.study, size_profile="2010/2021")).status == "missed"
    assert result["park_coverage"].status == "met"


def test_a_row_there_is_none_of_is_refused_with_those_there_are(result):
    with pytest.raises(sg.InputError, match=r"there is no row 'parks'; there are park_coverage, "):
        result["parks"]


def test_what_cannot_be_asked_is_refused_in_one_sentence(result, invented_city):
    with pytest.raises(sg.InputError, match="lang 'fr' is not one of zh, en"):
        sg.assess(invented_city, lang="fr")
    with pytest.raises(sg.InputError, match="lang 'fr' is not one of zh, en"):
        result.map(lang="fr")
    with pytest.raises(
        sg.InputError, match="assess: chapter 'parks' is not one of land, life_circle, green, roads, declared"
    ):
        sg.assess("nowhere.toml", chapter="parks")
    with pytest.raises(sg.InputError, match="hold: 'x' is no measure"):
        result.hold("x")


def test_a_measure_is_told_in_one_line(result):
    told = repr(sg.park_coverage(result.study))
    assert told == "Measure(park_coverage: 0.880686 share, 2022+ / straight_line / land / residential_land)"


@pytest.mark.slow
def test_gaps_are_those_of_the_row(result):
    assert result.gaps("park_coverage").table.equals(result["park_coverage"].gaps().table)
    with pytest.raises(sg.InputError, match="pocket_parks"):
        result.gaps("pocket_parks")


@pytest.mark.slow
def test_it_writes_what_a_run_writes(result, tmp_path, monkeypatch):
    templates = []
    monkeypatch.setattr(outputs, "_reports", lambda *_, template, **__: templates.append(template) or [])
    assert result.write(tmp_path / "results", full=True, template="office.docx") == ()
    assert templates == [Path("office.docx")]
    written = {path.name for path in (tmp_path / "results").iterdir()}
    always = {"scorecard.csv", "scorecard.json", "layers.gpkg", "map.html", "notes.txt", "run.json"}
    assert written == always | {"project.qgz", "metadata.json"}


def test_the_top_of_the_package_shows_what_it_offers_and_not_its_rooms():
    assert dir(sg) == sorted(sg.__all__)
    assert {"assess", "park_coverage", "street_graph"} <= set(dir(sg))
    assert not {"outputs", "measures", "scorecard"} & set(dir(sg))


def test_a_run_without_steps_took_no_time():
    assert Steps().seconds() == {}
