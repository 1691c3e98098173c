"""Inequality between zones: indices by their definitions, mental arithmetic, and what leaves them as they are."""

import numpy as np
import pandas as pd
import pytest
from shapely import Point, box

import suizhou_geo as sg
from suizhou_geo.assessment.inequality import gini, inequalities, palma
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.outputs.report.tables import inequality_table
from suizhou_geo.study_area import StudyArea


@pytest.mark.parametrize("seed", range(4))
def test_indices_are_those_of_every_person_looked_at_one_by_one(seed):
    chance = np.random.default_rng(seed)
    persons = 10 * chance.integers(1, 8, 6)  # tens, so that tenths of all are whole persons
    share = chance.random(6)
    each = np.sort(np.repeat(share, persons))
    n = len(each)
    ranks = np.arange(1, n + 1)
    by_rank = 2 * (ranks * each).sum() / (n * each.sum()) - (n + 1) / n  # the other form of the definition
    assert gini(share, persons.astype(float)) == pytest.approx(by_rank)
    assert palma(share, persons.astype(float)) == pytest.approx(each[-n // 10 :].mean() / each[: 4 * n // 10].mean())


def test_what_leaves_indices_as_they_are():
    share, persons = np.array([0.2, 0.5, 0.9]), np.array([10.0, 30.0, 60.0])
    for index in (gini, palma):
        told = index(share, persons)
        assert index(share[::-1], persons[::-1]) == pytest.approx(told)
        assert index(share, 7 * persons) == pytest.approx(told)
        assert index(share / 2, persons) == pytest.approx(told)
        assert index(np.r_[share, 0.9], np.r_[10.0, 30.0, 20.0, 40.0]) == pytest.approx(told)  # a zone split in two
    assert palma(np.array([0.0, 1.0]), np.array([5.0, 5.0])) == np.inf
    assert np.isnan(gini(np.zeros(2), np.ones(2)))
    assert np.isnan(palma(np.ones(2), np.zeros(2)))


@pytest.fixture
def town(drawn):
    """Three zones with 100, 300 and 600 persons; a kindergarten covers the homes of the first, a half of the second."""
    homes = [box(400, 400, 500, 500), box(1400, 400, 1500, 500), box(2400, 400, 2500, 500), box(1000, 900, 1100, 1000)]
    return StudyArea(
        "town",
        drawn([box(x, 0, x + 1000, 1000) for x in (0, 1000, 2000)], name=["甲", "乙", "丙"]).set_index(
            pd.Index(["1", "2", "3"], name="zone_id")
        ),
        residential=drawn(homes),
        population=drawn(homes, persons=[100.0, 150.0, 600.0, 150.0]),
        facilities=drawn([Point(450, 450), Point(1450, 450)], category=["kindergarten"] * 2),
    )


def test_a_coverage_is_told_with_its_lowest_and_highest_zone(town):
    rows = rows_of([sg.service_coverage(town, "kindergarten"), sg.population_density(town)], None)
    [found] = inequalities(rows, town)
    assert (found.lowest.name, found.highest.name) == ("丙", "甲")
    assert (found.lowest.value, found.highest.value, found.ratio) == pytest.approx((0.0, 1.0, np.inf))
    # 1, 0.5 and 0 for 100, 300 and 600 persons: sum of wi wj |xi - xj| over all pairs, twice, by 2 x 1000 x 250
    pairs = 2 * (100 * 300 * 0.5 + 100 * 600 * 1.0 + 300 * 600 * 0.5)
    assert found.gini == pytest.approx(pairs / (2 * 1000 * 250))
    assert found.palma == np.inf
    table = inequality_table([found], "zh")
    assert [cell.text for cell in table.rows[0][-3:]] == ["∞", "0.66", "∞"]
    without = town.replace(population=None)
    [by_land] = inequalities(rows_of([sg.service_coverage(without, "kindergarten")], None), without)
    assert by_land.gini == pytest.approx(gini(np.array([1.0, 0.5, 0.0]), np.array([1.0, 2.0, 1.0])))


def test_zones_without_a_person_are_not_compared(town):
    """Nobody lives in the third: the second is the lowest. With nobody in the second either there is nothing to compare."""
    kept = town.population["persons"].to_numpy() < 600.0
    some = town.replace(population=town.population[kept].reset_index(drop=True))
    rows = rows_of([sg.service_coverage(some, "kindergarten")], None)
    [found] = inequalities(rows, some)
    assert (found.lowest.name, found.zones, found.ratio) == ("乙", 2, pytest.approx(2.0))
    assert found.gini == pytest.approx(100 * 300 * 0.5 / (400 * 250))
    one = town.replace(population=town.population.iloc[:1])
    assert inequalities(rows_of([sg.service_coverage(one, "kindergarten")], None), one) == ()
    nobody = town.replace(population=town.population.assign(persons=0.0))
    assert inequalities(rows_of([sg.service_coverage(nobody, "kindergarten")], None), nobody) == ()


def test_nothing_is_told_of_one_zone_or_where_nothing_is_covered(town):
    one = StudyArea("one", town.zones.iloc[:1], residential=town.residential, facilities=town.facilities)
    assert inequalities(rows_of([sg.service_coverage(one, "kindergarten")], None), one) == ()
    nothing = town.replace(facilities=town.facilities.iloc[:0], surveyed=frozenset({"kindergarten"}))
    assert inequalities(rows_of([sg.service_coverage(nothing, "kindergarten")], None), nothing) == ()


@pytest.mark.slow
def test_a_result_tells_it_of_all_its_coverages_in_both_languages(invented_city):
    result = sg.assess(invented_city, chapter="green")
    told = result.inequality(lang="zh")
    assert any("公园" in name for name in told.index.get_level_values(0))
    assert list(told.columns) == ["现状", "最低分区", "最高分区", "最高÷最低", "基尼系数", "帕尔马比值"]
    assert len(result.inequality(["park_coverage"], lang="en")) == 1
    assert result.inequality(lang="en").columns[-2:].tolist() == ["Gini", "Palma"]
