"""Ten invented cities: the counted centrelines come out as they were drawn, in all and by class."""

import json

import pytest

import suizhou_geo as sg
from suizhou_geo.sample import write_city

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(10))
def test_centrelines_of_any_seed(tmp_path, seed):
    write_city(tmp_path / "city", seed=seed)
    truth = json.loads((tmp_path / "city" / "truth.json").read_text(encoding="utf-8"))
    area = sg.read_study(tmp_path / "city" / "study.toml").area
    assert sg.road_density(area).params["length_km"] == pytest.approx(truth["centreline_km"], rel=0.01)
    by_class = dict(truth["centreline_km_by_class"])
    by_class["branch"] += by_class.pop("local")  # a public local street counts as a branch road
    through = truth["through_arterials"]
    for direction, names in (("north_south", through["north_south"]), ("east_west", through["west_east"])):
        assert sorted(sg.arterial_grid(area, direction=direction).params["through"]) == sorted(names)
    measured = {c: sg.road_density(area, road_class=c).params["length_km"] for c in by_class}
    assert measured == pytest.approx(by_class, rel=0.03)
