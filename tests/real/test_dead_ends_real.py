"""Dead ends of real networks: a known village to the micrometre, and whole cities without surprises."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.geometry.lines import ends_of, places
from suizhou_geo.measures.dead_ends import dead_ends
from suizhou_geo.measures.named_roads import dead_ends_opened
from suizhou_geo.streets.dead_ends import street_ends
from suizhou_geo.streets.graph import segment_graph

pytestmark = pytest.mark.real
HERE = Path(__file__).resolve().parent


def test_the_dead_ends_of_bubenec(real_data):
    lines = gpd.read_file(real_data / "bubenec" / "bubenec.gpkg", layer="streets").geometry.to_numpy()
    graph = segment_graph(lines).drawn_once()
    assert (np.isin(places(graph.xy), places(ends_of(lines))) | (graph.degree > 2)).sum() == 29
    assert (graph.degree == 1).sum() == 11
    ended = np.unique(graph.line[(graph.degree[[graph.start, graph.end]] == 1).any(axis=0)])
    assert len(ended) == 11
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
    opened = dead_ends_opened(area, names=["裕民大道", "文化二路", "汉东东路延伸段"])
    assert (opened.value, opened.high) == (0, 3)
