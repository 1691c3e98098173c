"""Siting over a whole real city: hundreds of candidates, proven best, and what is promised is what is measured then."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import suizhou_geo as sg

pytestmark = [pytest.mark.real, pytest.mark.slow]
HERE = Path(__file__).parent


@pytest.mark.usefixtures("real_data")
@pytest.mark.parametrize("reach", ["straight_line", "street"])
def test_five_hundred_candidates_over_newport_are_chosen_from_to_within_one_per_cent(reach):
    area = sg.read_study(HERE / "newport/study.toml").area.replace(incomplete=frozenset())
    chance, box = np.random.default_rng(1), area.residential.total_bounds
    places = shapely.points(chance.uniform(box[:2], box[2:], (500, 2)))
    candidates = gpd.GeoDataFrame({"name": [f"{k}" for k in range(500)]}, geometry=places, crs=area.crs)
    key = "service_coverage.primary_school"
    found = sg.site(area, key, p=8, reach=reach, candidates=candidates)
    assert found.gap < 0.01
    assert len(found.sites) == 8
    built = gpd.GeoDataFrame(
        {"category": ["primary_school"] * 8}, geometry=found.sites.geometry.to_numpy(), crs=area.crs
    )
    then = area.replace(facilities=pd.concat([area.facilities, built], ignore_index=True))
    measured = sg.service_coverage(then, "primary_school", reach=reach)
    assert measured.value == pytest.approx(found.value, abs=1e-12)
    assert measured.value > found.before.value + 0.05
