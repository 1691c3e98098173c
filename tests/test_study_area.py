"""What is remembered of a study area: for it alone, and no longer than it lives."""

import copy
import gc
import importlib
import inspect
import pickle
import pkgutil
import weakref
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import suizhou_geo as sg
from suizhou_geo.measures import measure_study
from suizhou_geo.measures.life_circle import surely_covered
from suizhou_geo.measures.likely.mapped import silent_homes
from suizhou_geo.streets.counted_roads import closed_compounds_usual
from suizhou_geo.study_area import StudyArea, remembered
from suizhou_geo.study_area.remembered import memory_of, per_area, same


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


# ------------------------------------------------------------------ what an area made from another takes over of it


@pytest.fixture
def asking():
    """Three remembering functions, each asked in the next, and the list of what was truly asked."""
    asked = []

    @per_area
    def parks(area):
        asked.append("parks")
        return 0 if area.parks is None else len(area.parks)

    @per_area
    def has_parks(area):
        asked.append("has_parks")
        return parks(area) > 0

    @per_area
    def told(area):
        asked.append("told")
        return [area.name, has_parks(area)]

    return parks, has_parks, told, asked


def test_what_is_read_and_asked_is_noted(area, asking):
    parks, has_parks, told, _ = asking
    told(area)
    kept = {function: one for (function, _), one in memory_of(area).kept.items()}
    assert kept[inspect.unwrap(parks)].read == {"parks"}
    assert kept[inspect.unwrap(has_parks)].read == set()
    assert kept[inspect.unwrap(told)].read == {"name"}
    assert kept[inspect.unwrap(told)].asked == [kept[inspect.unwrap(has_parks)]]
    assert kept[inspect.unwrap(has_parks)].asked == [kept[inspect.unwrap(parks)]]


def test_what_does_not_follow_from_the_change_is_taken_over(area, asking, drawn):
    *_, told, asked = asking
    first = told(area)
    assert told(area.replace(facilities=drawn([Point(1, 1)], category=["market"]))) is first
    assert asked == ["told", "has_parks", "parks"]


def test_a_changed_field_undoes_what_was_made_of_it(area, asking, drawn):
    *_, told, asked = asking
    assert told(area) == ["drawn", False]
    assert told(area.replace(parks=drawn([box(0, 0, 9, 9)]))) == ["drawn", True]
    assert sorted(asked) == sorted(["told", "has_parks", "parks"] * 2)
    assert told(area) == ["drawn", False]


def test_a_result_in_between_that_comes_out_the_same_stops_the_change(area, asking, drawn):
    *_, told, asked = asking
    one = area.replace(parks=drawn([box(0, 0, 9, 9)]))
    first = told(one)
    asked.clear()
    assert told(one.replace(parks=drawn([box(0, 0, 9, 9), box(20, 0, 29, 9)]))) is first
    assert asked == ["parks", "has_parks"]  # another number of parks, but parks all the same


def test_a_result_is_one_of_its_area_though_that_of_another_is_asked_meanwhile(area, drawn):
    @per_area
    def size(area):
        return float(area.zones.area.sum())

    @per_area
    def doubled(area):
        other = area.replace(name="derived", parks=drawn([box(0, 0, 9, 9)]))
        return size(other) + len(other.parks)

    assert doubled(area) == 810_001.0
    [kept] = [one for one in memory_of(area).kept.values() if one.function is inspect.unwrap(doubled)]
    assert "parks" in kept.read  # copying an area reads all of it
    assert kept.asked == []


def test_a_change_of_zones_remembers_nothing(area, asking):
    *_, told, asked = asking
    told(area)
    asked.clear()
    told(area.replace(zones=area.zones))
    assert asked == ["told", "has_parks", "parks"]


@pytest.mark.parametrize(
    "again",
    [copy.copy, lambda area: pickle.loads(pickle.dumps(area))],  # noqa: S301 -- our own
    ids=["copied", "pickled"],
)
def test_an_area_copied_or_sent_elsewhere_leaves_behind_what_is_remembered(area, asking, again):
    *_, told, asked = asking
    first = told(area)
    other = again(area)
    assert memory_of(other) is not memory_of(area)
    assert memory_of(other).kept == {}
    assert told(other) == first
    assert len(asked) == 6


def test_results_are_the_same_to_the_last_digit_or_are_not():
    @dataclass
    class Pair:
        one: object
        other: object

    table = pd.DataFrame({"a": [1.0, np.nan]})
    assert same(Pair(table, (1, "a")), Pair(table.copy(), (1, "a")))
    assert not same(Pair(table, 1), Pair(table + 1e-15, 1))
    assert not same(1, 1.0)
    assert same({"a": [np.nan]}, {"a": [float("nan")]})
    assert not same({"a": 1}, {"b": 1})
    assert not same(np.array([1.0]), np.array([1.0], dtype=np.float32))
    assert not same(object(), object())  # of which nobody can tell


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
    silent_homes(study.area)  # asked only where facilities may be missing
    closed_compounds_usual(study.area)  # asked only where the streets of compounds are a guess
    asked = _asked_of(study.area)
    assert [f.__qualname__ for f in functions if inspect.unwrap(f) not in asked] == []
    gone = weakref.ref(study.area)
    del study
    gc.collect()
    assert gone() is None
