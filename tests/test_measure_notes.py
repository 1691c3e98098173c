"""What measures need and tell: each sentence in both languages, filled with its amounts, and told by some measure."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from suizhou_geo.errors.text import Text
from suizhou_geo.measures.arterial_grid import Direction
from suizhou_geo.measures.blocks import Use
from suizhou_geo.measures.completeness import said_if, sentence
from suizhou_geo.standards import table

MEASURES = Path(__file__).resolve().parents[1] / "suizhou_geo" / "measures"
SENTENCES = table("measure_notes")


def _names(template):
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("kind", SENTENCES)
def test_a_sentence_says_the_same_in_both_languages(kind):
    assert set(SENTENCES[kind]) == {"zh", "en"}
    assert re.search(r"[\u4e00-\u9fff]", re.sub(r"\{.*?\}", "", SENTENCES[kind]["zh"]))
    only_zh = {"layer"} if kind == "incomplete_layer" else set()  # in English a layer goes by its key
    in_wan = {name.removesuffix("_wan") for name in _names(SENTENCES[kind]["zh"])}  # Chinese counts in 万
    assert in_wan == _names(SENTENCES[kind]["en"]) | only_zh


def test_every_sentence_is_told_and_every_one_told_is_there():
    deciding = MEASURES.parent / "assessment" / "deciding.py"
    code = "".join(path.read_text("utf-8") for path in (*MEASURES.rglob("*.py"), deciding))
    told = set(re.findall(r'"(\w+)"', code))
    of_a_choice = {f"not_listed_{direction}" for direction in get_args(Direction)}
    of_a_choice |= {f"no_block_{use}" for use in get_args(Use)}
    of_a_choice |= {f"base_{unit}" for unit in ("ha", "km")}
    of_a_choice |= {f"{basis}_stands_in" for basis in ("residential_buildings", "zone_area")}
    of_a_choice |= {f"not_told_apart_{group}" for group in ("urban", "green", "rural_homes")}
    assert SENTENCES.keys() - told == of_a_choice
    assert set(re.findall(r'sentence\(\s*"(\w+)"', code)) <= SENTENCES.keys()


def test_amounts_are_told_in_their_language_and_several_as_a_list():
    both = sentence("services_absent", services=[Text("小学", "primary school"), Text("诊所", "clinic")])
    assert "小学、诊所；" in both.zh
    assert "primary school, clinic;" in both.en
    assert sentence("items_unknown", here=2, items=[7, 10]).en.startswith("of 2 communities items 7, 10 are")
    assert said_if(0, "no_river") == ()
    assert said_if(3, "gaps_joined", repaired=3) == (sentence("gaps_joined", repaired=3),)


def test_a_sentence_without_its_amounts_is_an_error():
    with pytest.raises(KeyError, match="repaired"):
        sentence("gaps_joined")


def test_no_note_of_a_measure_speaks_in_options_of_the_study_file():
    told = [text for entry in table("measure_notes").values() for text in entry.values()]
    assert not [text for text in told if " = true" in text]
