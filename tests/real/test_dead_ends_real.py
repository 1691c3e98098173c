"""Dead ends of real networks: a known village to the micrometre, and whole cities without surprises."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.measures.dead_ends import dead_ends
from suizhou_geo.measures.named_roads import dead_ends_opened
from suizhou_geo.streets.dead_ends import street_ends
from suizhou_geo.streets.graph import dead_end_streets, street_nodes

pytestmark = pytest.mark.real
HERE = Path(__file__).resolve().parent


def test_the_dead_ends_of_bubenec(real_data):
    lines = gpd.read_file(real_data / "bubenec" / "bubenec.gpkg", layer="streets").geometry.to_numpy()
    nodes = street_nodes(lines)
    assert len(nodes) == 29
    assert (nodes["degree"] == 1).sum() == 11
    ended = dead_end_streets(lines)
    assert ended.sum() == 11
    assert shapely.length(lines[ended]).sum() == pytest.approx(2_291.4520621, abs=5e-8)


@pytest.mark.parametrize(("city", "at_least", "at_most"), [("newport", 30, 70), ("guixi", 5, 15)])
def test_cities_have_some_and_their_links_are_sound(real_data, city, at_least, at_most):
    assert real_data.is_dir()
    area = sg.read_study(HERE / city / "study.toml").area
    measure = dead_ends(area)
    assert at_least <= measure.value <= at_most
    assert measure.value == measure.by_zone.sum()
    assert measure.low == 0.0  # the map may miss the streets that go on
    ends = street_ends(area)
    assert measure.breakdown["whole"].drop("counted").sum() == len(ends)
    links = measure.evidence[measure.evidence["part"] == "missing_link"]
    assert (links["link_m"] <= 800.0 + 1e-6).all()
    assert 0 < len(links) <= measure.value
    told = links.dropna(subset="saved_m")
    assert (told["network_m"] - told["link_m"] - told["saved_m"]).abs().max() < 1e-9
    assert set(measure.evidence.geom_type) == {"LineString"}
    opened = dead_ends_opened(area)
    assert (opened.value, opened.high) == (0, 3)
