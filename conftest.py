"""Examples in docstrings read the bundled city over and over: here it is read once, since a study is never changed."""

from functools import cache

import pytest
from _pytest.doctest import DoctestItem

import suizhou_geo as sg
from suizhou_geo.sources.study import read_study

BUNDLED = "data/raw/invented_city/study.toml"


@cache
def _bundled():
    return read_study(BUNDLED)


@pytest.fixture(autouse=True)
def _bundled_city_is_read_once(request, monkeypatch):
    if isinstance(request.node, DoctestItem) and not request.node.name.endswith("read_study"):
        monkeypatch.setattr(
            sg, "read_study", lambda path, **how: _bundled() if path == BUNDLED else read_study(path, **how)
        )
