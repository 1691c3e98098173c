"""Dead ends of the invented city: the planted ones, all of them, each with its barrier, and nothing else."""

import json
from pathlib import Path

import pytest
import shapely

from suizhou_geo.measures.dead_ends import dead_ends

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"
SAME_PLACE_M = 0.1  # the map holds degrees with seven decimals


@pytest.fixture(scope="module")
def area(invented_city):
    return invented_city.area


@pytest.fixture(scope="module")
def truth():
    return json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ends(area):
    evidence = dead_ends(area).evidence
    return evidence[evidence["part"].isin(("dead_end", "explained_end"))]


def _places(ends):
    return shapely.get_point(ends.geometry.to_numpy(), 0)


def _links(area, rank_by):
    evidence = dead_ends(area, rank_by=rank_by).evidence
    return evidence[evidence["part"] == "missing_link"]


@pytest.mark.slow
def test_every_planted_dead_end_is_found_with_its_barrier_and_none_else(area, truth, ends):
    planted = shapely.points([(end["x"], end["y"]) for end in truth["dead_ends"]])
    counted = ends[ends["counts"]]
    apart_m = shapely.distance(_places(counted)[:, None], planted[None, :])
    assert len(counted) == len(planted) == dead_ends(area).value
    assert apart_m.min(axis=0).max() < SAME_PLACE_M  # all found
    assert apart_m.min(axis=1).max() < SAME_PLACE_M  # none else
    found = counted.iloc[apart_m.argmin(axis=0)]
    for column in ("street", "road_class", "barrier"):
        assert found[column].tolist() == [end[column] for end in truth["dead_ends"]], column
    named = [end["barrier_name"] if end["barrier"] != "wall" else "" for end in truth["dead_ends"]]
    assert found["barrier_name"].tolist() == named  # the factory's wall is inferred from its land, and has no name


def test_the_planted_cul_de_sacs_are_told_apart(truth, ends):
    planted = shapely.points(truth["cul_de_sacs"])
    told = ends[ends["reason"] == "cul_de_sac"]
    apart_m = shapely.distance(_places(told)[:, None], planted[None, :])
    assert len(told) == len(planted)
    assert apart_m.min(axis=0).max() < SAME_PLACE_M


def test_the_planted_links_rank_first_by_metres_saved_in_their_order(area, truth):
    links = _links(area, "saved_m").head(len(truth["missing_links"]))
    assert links["street"].tolist() == [link["street"] for link in truth["missing_links"]]
    assert links.iloc[0]["street"] == "神农大道"
    assert links["crossing"].tolist() == [link["barrier"] for link in truth["missing_links"]]
    assert links["link_m"].tolist() == pytest.approx([link["straight_m"] for link in truth["missing_links"]], abs=0.1)
    # the truth goes by centrelines, we go by carriageways and their crossings
    saved_m = [link["saved_m"] for link in truth["missing_links"]]
    assert links["saved_m"].tolist() == pytest.approx(saved_m, rel=0.025)
    assert links["opens"].tolist() == [2] * len(links)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["drive", "walk"])
def test_the_planted_best_link_is_the_best_and_saves_what_is_true(area, truth, mode):
    links = _links(area, mode).sort_values("rank")
    assert links.iloc[0]["street"] == truth["best_missing_link"] == "神农大道"
    assert links.iloc[0]["benefit"] > 2 * links.iloc[1]["benefit"]
    for true in truth["missing_links"]:
        ours = links[links["street"] == true["street"]].iloc[0]
        assert ours["opens"] == 2
        # the truth goes by centrelines, we go by carriageways and their crossings
        assert ours["persons"] == pytest.approx(true[mode]["persons"], rel=0.03, abs=1500)
        assert ours["benefit"] == pytest.approx(true[mode]["person_m"], rel=0.05, abs=50_000)
        if true[mode]["persons"] > 20_000:
            assert ours["before_m"] == pytest.approx(true[mode]["before_m"], rel=0.03)
            assert ours["after_m"] == pytest.approx(true[mode]["after_m"], rel=0.03)


def test_links_from_one_end_alone_come_after_though_one_of_them_saves_more_by_itself(area, truth):
    links = _links(area, "saved_m")
    single = links[links["opens"] == 1]
    assert single["benefit"].tolist() == single["saved_m"].tolist()
    assert single["rank"].min() == len(truth["missing_links"]) + 1
    assert len(single) + 2 * len(truth["missing_links"]) == len(truth["dead_ends"])
