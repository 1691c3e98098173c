"""The bundled city is read and drawn once for all tests and all examples in docstrings: a study is never changed."""

import gc
import os
from functools import cache
from pathlib import Path

import pytest
from _pytest.doctest import DoctestItem

import suizhou_geo as sg
from suizhou_geo import invented_city as sample
from suizhou_geo.outputs import in_hand
from suizhou_geo.sources.study import read_study

os.environ["SUIZHOU_GEO_LANG"] = "en"  # what the tests look for in errors and help; before the command line is imported
ROOT = Path(__file__).resolve().parent
BUNDLED = "data/raw/invented_city/study.toml"


@cache
def _bundled():
    return read_study(ROOT / BUNDLED)


@pytest.fixture(scope="session")
def invented_city():
    """The bundled study, as it is read from its files."""
    return _bundled()


@pytest.fixture(scope="session")
def drawn_city():
    """The bundled city as its generator draws it, before anything is written."""
    return sample.city(0)


def pytest_collection_modifyitems(items):
    """What looks at the bundled city comes first, so that one worker gets all of it and reads, draws and measures it alone.

    Tests are dealt out in rows of many at the start; what is measured first is remembered for those that follow.
    """
    items.sort(key=_without_the_city)


def pytest_collection_finish():
    """What is imported stays to the end: it is not looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def _nothing_is_kept():
    """No test, and no fixture for many, finds what another one has measured."""
    measure_study = in_hand.measure_study
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_hand, "measure_study", lambda study, **how: measure_study(study, **(how | {"kept": None})))
        yield


def _without_the_city(item):
    if isinstance(item, DoctestItem):
        return BUNDLED not in item.dtest.docstring
    return {"measured", "drawn_city", "invented_city"}.isdisjoint(item.fixturenames)


@pytest.fixture(autouse=True)
def _bundled_city_is_read_once(request, monkeypatch):
    if isinstance(request.node, DoctestItem):
        for place in (sg, in_hand):
            monkeypatch.setattr(
                place, "read_study", lambda path, **how: _bundled() if path == BUNDLED else read_study(path, **how)
            )
