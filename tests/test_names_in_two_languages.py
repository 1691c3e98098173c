"""An object with two names: who reads English is shown the English one, who reads Chinese the Chinese one."""

import runpy
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.sources.osm_rules import Objects, english_names
from suizhou_geo.study_area.names import named_in_english

TOWN = runpy.run_path(str(Path(__file__).parent / "report_town.py"))
BAD = runpy.run_path(str(Path(__file__).parent / "bad_cases.py"))
STREET = '<tag k="name" v="编钟大道"/>'


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Two zones and a street with English names; a park and a street without."""
    folder = tmp_path_factory.mktemp("named")
    path = BAD["write_study"](folder)
    zones = gpd.read_file(folder / "zones.gpkg").assign(片区名称=["甲片", "乙片"], name_en=["Zone A", ""])
    zones.to_file(folder / "zones.gpkg", layer="zones")
    osm = (folder / "city.osm").read_text(encoding="utf-8")
    english = STREET + '<tag k="name:en" v="Bianzhong Avenue"/>'
    (folder / "city.osm").write_text(osm.replace(STREET, english), encoding="utf-8")
    return path


def test_which_names_openstreetmap_gives_in_english():
    tags = [
        {"name": "Newport Road", "name:zh": "纽波特路"},  # name is what is spoken there
        {"name": "随州站", "name:en": "Suizhou Station", "name:zh": "随州站"},
        {"name": "汉东路"},
        {"name": "High Street", "name:en": "High Street"},
        {"name:en": "Nameless but here"},
    ]
    assert english_names(Objects(list("abcde"), tags, None)) == {
        "纽波特路": "Newport Road",
        "随州站": "Suizhou Station",
    }


def test_names_in_a_row_are_exchanged_one_by_one_and_other_columns_never():
    rows = pd.DataFrame({"name": ["甲路、乙路", "丙路", None], "reason": ["甲路", "甲路", "甲路"]})
    told = named_in_english(rows, {"甲路": "A Road", "丙路": "C Road"})
    assert told["name"].dropna().tolist() == ["A Road、乙路", "C Road"]
    assert told["reason"].tolist() == ["甲路"] * 3
    assert rows["name"].tolist()[0] == "甲路、乙路"


def test_a_result_is_named_in_english_with_its_evidence_its_places_and_nothing_else():
    area = TOWN["town"](english={"西城": "West", "汉东东路": "Handong East Road"})
    result = assessed(TOWN["study_of"](area), [sg.road_density(area), sg.park_coverage(area)])
    told = result.named_in("en")
    assert told.area.zones["name"].tolist() == ["West", "东区"]
    assert set(told.row("road_density").evidence["name"]) == {"Handong East Road", "编钟大道"}
    (park,) = [told.gaps("park_coverage").records[0]]
    assert (park["zone"], park["near"]) == ("东区", "Handong East Road")
    assert [(r.key, r.status) for r in told.rows] == [(r.key, r.status) for r in result.rows]
    assert told.row("road_density").value == result.row("road_density").value
    assert result.area.zones["name"].tolist() == ["西城", "东区"]


@pytest.mark.slow
def test_zones_streets_and_tables_are_named_in_the_language_of_the_reader(path):
    result = sg.assess(path, chapter="roads", lang="en")
    assert result.study.area.english == {"甲片": "Zone A", "编钟大道": "Bianzhong Avenue"}
    row = result["road_density"]
    assert set(row.table().index) == {"all zones", "Zone A", "乙片"}
    assert set(row.table(lang="zh").index) == {"全部分区", "甲片", "乙片"}
    told, asked = result.named_in("en"), result.named_in("zh")
    assert set(told.row("road_density").evidence["name"]) == {"Bianzhong Avenue"}
    assert asked is result
    assert [f"{r.key} {r.value} {r.status}" for r in told.rows] == [
        f"{r.key} {r.value} {r.status}" for r in result.rows
    ]


@pytest.mark.slow
def test_map_and_workbook_show_one_name_and_the_scorecard_the_names_of_the_data(path, tmp_path):
    result = sg.assess(path, lang="en")
    result.write(tmp_path / "en", full=True)
    result.write(tmp_path / "zh", lang="zh", full=True)
    cards = [
        pd.read_json(tmp_path / lang / "scorecard.json", typ="series")["zones"]["1"]["name"] for lang in ("en", "zh")
    ]
    assert cards == ["甲片", "甲片"]
    for lang, there, other in (("en", "Zone A", "甲片"), ("zh", "甲片", "Zone A")):
        for document in ("report.html", "map.html"):
            text = (tmp_path / lang / document).read_text(encoding="utf-8")
            assert there in text
            assert other not in text, f"{lang} {document}"
        zones = pd.read_excel(tmp_path / lang / "report.xlsx", sheet_name=None, header=2)
        told = " ".join(str(cell) for sheet in zones.values() for cell in sheet.to_numpy().ravel())
        assert there in told
        assert other not in told


@pytest.mark.slow
def test_a_box_is_called_in_english_as_its_study_is(tmp_path):
    BAD["write_study"](tmp_path)
    west, south, east, north = gpd.read_file(tmp_path / "zones.gpkg").to_crs("EPSG:4326").total_bounds
    (tmp_path / "box.toml").write_text(
        f'name = "随州"\nname_en = "Suizhou"\n[zones]\nbbox = [{west}, {south}, {east}, {north}]\n[osm]\npath = "city.osm"\n',
        encoding="utf-8",
    )
    area = sg.read_study(tmp_path / "box.toml").area
    assert (area.zones["name"].item(), area.named_in("en").zones["name"].item()) == ("随州", "Suizhou")
    assert "Suizhou" in sg.assess(tmp_path / "box.toml", chapter="roads").map(lang="en").get_root().render()
