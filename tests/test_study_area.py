"""What is remembered of a study area: for it alone, and no longer than it lives."""

import gc
import importlib
import inspect
import pkgutil
import weakref
from dataclasses import replace

import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.measures import measure_study
from suizhou_geo.measures.life_circle import surely_covered
from suizhou_geo.streets.counted_roads import closed_compounds_usual
from suizhou_geo.study_area import StudyArea, remembered
from suizhou_geo.study_area.remembered import memory_of, per_area


@pytest.fixture
def area(drawn):
    return StudyArea("drawn", drawn([box(0, 0, 900, 900)], name=["城"]).set_index([["1"]]))


@pytest.fixture
def counted():
    """A remembering function, and the list of what it was truly asked."""
    asked = []

    @per_area
    def counted(area: StudyArea, more: int = 1, *, what: str = "size") -> list[float]:
        """Define what is counted."""
        asked.append((area.name, more, what))
        return [float(area.zones.area.sum()) * more]

    return counted, asked


def _asked_of(area):
    """The functions whose results are remembered of an area."""
    return {function for function, _ in memory_of(area).kept}


def test_the_same_choice_is_found_once_however_it_is_written(area, counted):
    function, asked = counted
    assert function(area) is function(area)
    assert function(area, 2, what="size") is function(area, what="size", more=2)
    assert function(area, 2) is function(area, 2, what="size")
    assert function(area, 2) == [1_620_000.0]
    assert function(area, 2, what="all") == [1_620_000.0]
    assert asked == [("drawn", 1, "size"), ("drawn", 2, "size"), ("drawn", 2, "all")]


def test_another_area_has_its_own_even_if_it_is_the_same_place(area, counted):
    function, asked = counted
    again = replace(area)
    assert function(area) == function(again)
    assert function(area) is not function(again)
    assert len(asked) == 2


def test_an_error_is_not_remembered(area):
    tries = []

    @per_area
    def fails(area: StudyArea) -> int:
        tries.append(area)
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            fails(area)
    assert len(tries) == 2


def test_it_stays_the_function_it_was(counted):
    function, _ = counted
    assert function.__doc__ == "Define what is counted."
    assert list(inspect.signature(function).parameters) == ["area", "more", "what"]


@pytest.mark.slow
def test_what_is_remembered_goes_with_the_area(drawn, counted):
    function, _ = counted
    area = StudyArea("short-lived", drawn([box(0, 0, 900, 900)], name=["城"]).set_index([["1"]]))
    function(area)
    gone = weakref.ref(area)
    assert len(memory_of(area).kept) == 1
    del area
    gc.collect()
    assert gone() is None


@pytest.mark.slow
def test_nothing_remembered_keeps_an_area_alive(invented_city):
    rooms = ("access", "measures", "streets")
    found = [
        m.name for room in rooms for m in pkgutil.walk_packages([f"{sg.__path__[0]}/{room}"], f"suizhou_geo.{room}.")
    ]
    modules = [importlib.import_module(name) for name in found]
    functions = [
        function
        for module in modules
        for function in vars(module).values()
        if inspect.isfunction(function) and function.__module__ == module.__name__
        if function.__code__.co_filename == remembered.__file__ and function.__code__.co_name == "once"
    ]
    assert len(functions) >= 28
    study = replace(invented_city, area=replace(invented_city.area))
    measure_study(study)
    surely_covered(study.area, ("market",), 300, "street")  # asked only where the kind of a facility is a guess
    closed_compounds_usual(study.area)  # asked only where the streets of compounds are a guess
    asked = _asked_of(study.area)
    assert [f.__qualname__ for f in functions if inspect.unwrap(f) not in asked] == []
    gone = weakref.ref(study.area)
    del study
    gc.collect()
    assert gone() is None
