"""Where to build, in a full report: for coverages that are missed, of the layer `candidates`, and nowhere else."""

import runpy
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from shapely.geometry import Point, box

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.siting.proposals import lacking, proposals
from suizhou_geo.outputs.figures import drawings
from suizhou_geo.outputs.report import report_of, write_workbook

TOWN = runpy.run_path(str(Path(__file__).parent / "report_town.py"))
layer, study_of, town = TOWN["layer"], TOWN["study_of"], TOWN["town"]
SITES = [box(1100, 450, 1250, 550), box(1800, 450, 1950, 550), box(700, 450, 800, 500)]


def _result(**layers):
    area = town(**layers)
    return assessed(study_of(area), [sg.park_coverage(area)])


def _candidates(shapes=SITES):
    names = ["东一", "东二", "西一"][: len(shapes)]
    return layer(shapes, name=names, name_en=names)


@pytest.fixture(scope="module")
def result():
    return _result(candidates=_candidates())


@pytest.fixture(scope="module")
def proposed(result):
    return proposals(result)


def test_sites_are_proposed_for_what_is_missed_where_there_are_candidates(result):
    assert [row.key for row in lacking(result)] == ["park_coverage"]
    assert lacking(_result()) == ()
    everywhere = layer([box(0, 0, 2000, 1000)], name=["大公园"])
    assert lacking(_result(candidates=_candidates(), parks=everywhere)) == ()


def test_the_fewest_sites_keep_the_promise_and_are_measured_again(result, proposed):
    (found,) = proposed.sited
    assert found.reached
    assert found.sites["name"].tolist() == ["东一", "东二"]  # either alone leaves a half of the east
    assert found.value == pytest.approx(sg.park_coverage(found.built).value, abs=1e-9)
    assert found.value >= result.row("park_coverage").asked
    gained_ha = (found.value - found.before.value) * 80  # of 80 ha of homes
    assert found.sites["newly_ha"].sum() == pytest.approx(gained_ha)


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "title", "zone"), [("zh", "选址建议清单", "东区"), ("en", "Proposed sites", "East")])
def test_report_and_workbook_list_them_in_the_language_of_the_reader(result, proposed, lang, title, zone, tmp_path):
    area = result.area.replace(english={"东区": "East"})
    told = replace(result, study=replace(result.study, area=area)).named_in(lang)
    report = report_of(told, proposed=proposed, lang=lang)
    (table,) = [one for one in report.tables if one.title == title]
    (found,) = proposed.sited
    assert [row[3].text for row in table.rows] == [zone, zone]
    assert [row[4].text for row in table.rows] == [f"{round(n):,}" for n in found.sites["newly_persons"]]
    advice = [step for block in report.sections[-1].blocks for step in getattr(block, "sentences", ())]
    assert any("98.3%" in step and title.lower() in step.lower() for step in advice)
    write_workbook(told, tmp_path / "r.xlsx", proposed=proposed, lang=lang)
    sheet = openpyxl.load_workbook(tmp_path / "r.xlsx")["选址建议" if lang == "zh" else "proposed sites"]
    assert [cell.value for cell in sheet["C"]][-2:] == ["东一", "东二"]


def test_nothing_is_said_of_sites_where_nothing_was_asked(result):
    assert "选址建议清单" not in [one.title for one in report_of(result).tables]


def test_candidates_that_cannot_serve_are_told_and_stop_nothing():
    found = proposals(points := _result(candidates=_candidates([Point(1100, 450)])))
    assert found.sited == ()
    advice = report_of(points, proposed=found).sections[-1].blocks
    assert "公园要有面积才能定服务半径" in str(advice)


@pytest.mark.slow
def test_the_sheet_shows_the_sites_with_their_numbers_and_says_what_the_dots_are(result, proposed):
    every = drawings(result, sited=proposed.sited)
    assert [key for key, _ in every][-1] == "green.park_coverage.sites"
    sheet = every[-1][1]()
    said = [text.get_text() for text in sheet.figure.findobj() if hasattr(text, "get_text")]
    assert {"建议点位", "备选点位（未选）", "东一", "东二", "1", "2"} <= set(said)
    assert "西一" not in said
    report = report_of(result, proposed=proposed, figures=[sheet])
    assert sheet in report.attached


@pytest.mark.slow
def test_the_map_says_in_its_legend_what_the_sites_are(result):
    study = replace(result.study, area=result.area)
    page = sg.site(study, "park_coverage", target=0.85, candidates="own").explore(lang="zh").get_root().render()
    assert "建议点位" in page
    assert "备选点位（未选）" in page
