"""Blocks of the invented city: those its centrelines enclose, one by one, each as long as it is."""

import numpy as np
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.invented_city.blocks import city_blocks

SAME = 0.9  # of what two outlines of one block cover together, both cover
NEAR_M = 5.0  # where carriageways part or slant, a mean line lies that far from the centreline


@pytest.fixture(scope="module")
def area(invented_city):
    return invented_city.area


@pytest.fixture(scope="module")
def true_blocks(drawn_city):
    return city_blocks(drawn_city)


@pytest.mark.slow
@pytest.mark.parametrize("use", ["residential", "industrial"])
def test_blocks_are_those_between_the_centrelines(area, true_blocks, use):
    true = [b for b in true_blocks if b.use == use]
    found = sg.block_size(area, use=use).evidence
    shapes, measured = np.array([b.shape for b in true]), found.geometry.to_numpy()
    one, other = shapely.STRtree(measured).query(shapes, predicate="intersects")
    both_m2 = shapely.area(shapely.intersection(shapes[one], measured[other]))
    same = both_m2 > SAME * (shapely.area(shapes)[one] + shapely.area(measured)[other] - both_m2)
    one, other = one[same], other[same]
    assert sorted(one) == list(range(len(true)))  # each of them, and no other
    assert sorted(other) == list(range(len(found)))
    longest_m = np.array([b.longest_side_m for b in true])[one]
    off_m = np.abs(longest_m - found["longest_side_m"].to_numpy()[other])
    assert np.median(off_m) < 0.1
    assert (off_m > NEAR_M).sum() <= 0.005 * len(one)
    over = np.array([b.over_limit for b in true])[one]
    assert (over != found["over_limit"].to_numpy()[other]).sum() <= 0.005 * len(one)
