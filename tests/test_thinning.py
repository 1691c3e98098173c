"""What the calibration takes off the map: as much as it says, where it says, the same for the same seed."""

import numpy as np
import pytest
from shapely import box
from shapely.geometry import Point

import suizhou_geo as sg
from benchmarks.thinning import QUARTER_M, SHARES, WAYS, sample, thinned


@pytest.fixture(scope="module")
def town(drawn):
    """A hundred shops of two kinds, one in each square of 1500 m, and a school in the first."""
    at = [Point(QUARTER_M * (k % 10 + 0.5), QUARTER_M * (k // 10 + 0.5)) for k in range(100)]
    side = 10 * QUARTER_M
    shops = drawn([*at, at[0]], category=["bank", "market"] * 50 + ["primary_school"])
    return sg.StudyArea("t", drawn([box(0, 0, side, side)], name=["城"]), facilities=shops)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("share", SHARES)
def test_as_much_is_gone_as_is_said_and_only_of_what_may_go(town, way, share):
    shops = town.facilities["category"].ne("primary_school").to_numpy()
    kinds = town.facilities["category"].to_numpy(dtype=str)
    thin, again, *others = (
        thinned(town, "facilities", way, share, seed=seed, mine=shops, kinds=kinds) for seed in (1, 1, *range(2, 9))
    )
    assert len(thin.facilities) == 101 - round(100 * share)
    assert thin.facilities["category"].eq("primary_school").sum() == 1
    assert thin.incomplete == {"facilities"}
    assert thin.facilities.equals(again.facilities)
    assert not all(thin.facilities.equals(other.facilities) for other in others)


def test_by_kind_one_kind_goes_before_the_other(town):
    kinds = town.facilities["category"].to_numpy(dtype=str)
    shops = kinds != "primary_school"
    left = thinned(town, "facilities", "by kind", 0.3, seed=3, mine=shops, kinds=kinds).facilities["category"]
    assert sorted(left.value_counts()) == [1, 20, 50]


def test_by_place_what_is_gone_stands_together(drawn):
    """Two squares with ten shops each: half of them gone is one square emptied."""
    at = [Point(x, 100.0 + k) for x in (0.0, 10 * QUARTER_M) for k in range(10)]
    town = sg.StudyArea(
        "t", drawn([box(-100, 0, 20_000, 1000)], name=["城"]), facilities=drawn(at, category=["bank"] * 20)
    )
    for seed in range(20):
        east = thinned(town, "facilities", "by place", 0.5, seed=seed).facilities.geometry.x > 1000
        assert east.sum() in (0, 10)


def test_a_second_source_has_its_share(town):
    assert [len(sample(town.facilities, share, seed=1)) for share in (0.0, 1.0)] == [0, 101]
    assert np.mean([len(sample(town.facilities, 0.5, seed=s)) for s in range(50)]) == pytest.approx(50.5, abs=3)
