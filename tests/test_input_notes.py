"""What is told of the inputs: each sentence in both languages, with its amounts as data beside it."""

import re
from pathlib import Path
from string import Formatter

import pytest

from suizhou_geo.model import Note
from suizhou_geo.outputs.gis.metadata import _lineage
from suizhou_geo.outputs.report.provenance import inputs_table
from suizhou_geo.sources.notes import note, of_layer
from suizhou_geo.standards import table

SOURCES = Path(__file__).resolve().parents[1] / "suizhou_geo" / "sources"
KINDS = table("input_notes")


def _names(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sentence_says_the_same_in_both_languages(kind):
    assert set(KINDS[kind]) == {"zh", "en"}
    assert _names(KINDS[kind]["zh"]) == _names(KINDS[kind]["en"])
    assert re.search(r"[\u4e00-\u9fff]", re.sub(r"\{.*?\}", "", KINDS[kind]["zh"])) or kind in ("by_rule", "statistics")


def test_every_kind_is_told_somewhere():
    code = "".join(path.read_text("utf-8") for path in SOURCES.glob("*.py"))
    unused = {kind for kind in KINDS if f'"{kind}"' not in code}
    assert unused == {"cells_of_count", "cells_of_density"}  # the kind of the raster's values ends these


def test_counts_have_their_noun_and_layers_their_name():
    assert note("beyond", left_out=1, features=2000).en.startswith("1 of 2,000 features beyond")
    assert note("beyond", left_out=1, features=2000).zh.startswith("2,000个要素中有1个")
    mixed = note("mixed", rows=1, layer="parks")
    assert mixed.en == "1 row hold mixed shapes: only what parks are made of was kept"
    assert "公园" in mixed.zh
    assert mixed.amounts == {"rows": 1, "layer": "parks"}


def test_a_note_of_a_layer_names_it():
    told = of_layer(note("drawn_as_area", objects=3), "roads")
    assert told == Note(
        "道路图层：画成面的道路不采用：3。",
        "Layer roads: ways drawn as areas are left out: 3.",
        "drawn_as_area",
        {"layer": "roads", "objects": 3},
    )


@pytest.fixture(scope="module")
def study(invented_city):
    return invented_city


def test_the_date_of_the_data_is_a_field(study):
    dates = {source.role: source.data_date for source in study.inputs}
    assert dates["osm"] == "2025-01-01T00:00:00Z"
    assert dates["population"] == "2020"
    assert dates["zones"] == dates["study"] == ""
    assert {source.scaled_by for source in study.inputs} == {None}


@pytest.mark.parametrize(("lang", "said"), [("zh", "已还原gcj02坐标偏移"), ("en", "the map shift gcj02 was undone")])
def test_the_report_and_the_metadata_tell_it_in_the_language_asked_for(study, lang, said):
    told = [cell.text for row in inputs_table(study, lang).rows for cell in row]
    assert any(said in text.split("\n") for text in told)
    sources = _lineage(study, lang)["source"]
    assert any(said in source["notes"] for source in sources)
