"""Every way a study can be broken is told in one clear sentence that names the place."""

import re
import runpy
from pathlib import Path

import pytest

from suizhou_geo.errors import InputError
from suizhou_geo.sources.study import read_study

BAD = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))


@pytest.mark.slow
def test_the_sound_study_is_read(tmp_path):
    study = read_study(BAD["write_study"](tmp_path))
    assert len(study.area.zones) == 2
    assert study.area.population["persons"].sum() == pytest.approx(500)


@pytest.mark.parametrize("name", BAD["CASES"])
def test_bad_input_is_told_in_one_sentence(name, tmp_path):
    path = BAD["write_case"](name, tmp_path)
    with pytest.raises(InputError) as caught:
        read_study(path)
    said = str(caught.value)
    assert re.search(BAD["CASES"][name][1], said), said
    assert "\n" not in said
    assert len(said) < 700
    assert "Traceback" not in said
