"""Where to build: drawn towns whose best sites are found by measuring every choice, and the city measured again as promised."""

import json
import runpy
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.access.atoms import atoms_on_foot, atoms_straight
from suizhou_geo.access.coverage import Supply, coverage_by_zone, covered_on_foot, covered_straight
from suizhou_geo.access.demand import demand
from suizhou_geo.assessment.siting.sited import Wanted, sited
from suizhou_geo.cli import app
from suizhou_geo.measures.parks import served_parks
from suizhou_geo.study_area import StudyArea

BAD = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))
SECONDS, ORIGIN = 30.0, (441_000.0, 3_507_000.0)


def _sited(area, measure, *, candidates=("own",), asked=None, **wanted):
    return sited(area, measure, Wanted(**wanted), asked=asked or {}, candidates=candidates, seconds=SECONDS)


@pytest.fixture
def town(drawn):
    """Two zones of 2 x 2 km; four blocks of homes of 9 ha in each; a grid of streets every 250 m; 8,000 persons."""
    corners = [(x, y) for x in (200, 1300, 2200, 3300) for y in (200, 1300)]
    streets = [LineString([(0, y), (4000, y)]) for y in range(0, 2001, 250)]
    streets += [LineString([(x, 0), (x, 2000)]) for x in range(0, 4001, 250)]
    homes = [box(x, y, x + 300, y + 300) for x, y in corners]
    return StudyArea(
        "town",
        drawn([box(0, 0, 2000, 2000), box(2000, 0, 4000, 2000)], name=["west", "east"]).set_index(
            pd.Index(["W", "E"], name="zone_id")
        ),
        roads=drawn(streets, road_class=["branch"] * len(streets)),
        residential=drawn(homes),
        population=drawn(homes, persons=[1000.0] * 8),
        facilities=drawn([Point(350, 350)], category=["kindergarten"]),
        parks=drawn([box(3300, 1650, 3400, 1700)]),
        candidates=drawn(
            [Point(x, y) for x, y in ((450, 1450), (700, 700), (1450, 400), (1800, 1450), (2300, 300), (3420, 600))]
        ),
    )


def _added(area, some):
    """The town with kindergartens at some of its candidates, put there by hand."""
    more = gpd.GeoDataFrame(
        {"category": ["kindergarten"] * len(some)},
        geometry=area.candidates.geometry.to_numpy()[list(some)],
        crs=area.crs,
    )
    return area.replace(facilities=pd.concat([area.facilities[["category", "geometry"]], more], ignore_index=True))


def _reckoned(area, some, *, reach="straight_line", of="land"):
    """The coverage by kindergartens with some of the candidates built, by zone behind it."""
    points = np.r_[area.facilities.geometry.to_numpy(), area.candidates.geometry.to_numpy()[list(some)]]
    supply = Supply(points, np.full(len(points), 300.0))
    covered = covered_on_foot(area, supply)[0] if reach == "street" else covered_straight(demand(area), supply)
    return coverage_by_zone(area, covered.share, of=of)[:2]


@pytest.mark.slow
@pytest.mark.parametrize("reach", ["straight_line", "street"])
@pytest.mark.parametrize("of", ["land", "persons"])
def test_the_best_two_sites_are_those_of_all_pairs_measured_one_by_one(town, reach, of):
    asked = {"reach": reach, "of": of}
    found = _sited(town, "service_coverage.kindergarten", asked=asked, p=2)
    measured = {pair: _reckoned(town, pair, **asked)[0] for pair in combinations(range(6), 2)}
    best = max(measured, key=measured.get)
    assert {int(site) - 1 for site in found.sites["site"]} == set(best)
    assert found.value == pytest.approx(measured[best], abs=1e-9)
    assert found.value == pytest.approx(
        sg.service_coverage(_added(town, best), "kindergarten", **asked).value, abs=1e-12
    )
    assert found.value == pytest.approx(found.sites["coverage"].iloc[-1], abs=1e-12)
    assert found.gap < 1e-6
    assert found.before.value < found.value


@pytest.mark.slow
@pytest.mark.parametrize("reach", ["straight_line", "street"])
def test_every_step_of_the_table_is_what_is_measured_with_so_many_built(town, reach):
    found = _sited(town, "service_coverage.kindergarten", asked={"reach": reach}, p=4)
    before = sg.service_coverage(town, "kindergarten", reach=reach).value
    for k in range(1, 5):
        order = [int(site) - 1 for site in found.sites["site"].iloc[:k]]
        area = _added(town, order)
        value = sg.service_coverage(area, "kindergarten", reach=reach).value
        assert found.sites["coverage"].iloc[k - 1] == pytest.approx(value, abs=1e-9)
        newly_ha = found.sites["newly_ha"].iloc[:k].sum()
        assert newly_ha == pytest.approx((value - before) * 72.0, abs=1e-6)
        assert found.sites["newly_persons"].iloc[:k].sum() == pytest.approx(newly_ha / 72.0 * 8000, abs=1e-3)


def test_what_is_built_is_an_area_like_any_other(town):
    found = _sited(town, "service_coverage.kindergarten", p=3)
    again = sg.service_coverage(found.built, "kindergarten")
    assert again.value == pytest.approx(found.value, abs=1e-12)
    assert (again.by_zone - found.by_zone).abs().max() < 1e-12
    assert len(found.built.facilities) == 4
    assert len(town.facilities) == 1


@pytest.mark.slow
def test_the_fewest_sites_reach_the_target_and_one_less_does_not(town):
    measured = {some: _reckoned(town, some)[0] for k in range(7) for some in combinations(range(6), k)}
    fewest = min(len(some) for some, value in measured.items() if value >= 0.5)
    found = _sited(town, "service_coverage.kindergarten", target=0.5)
    assert len(found.sites) == fewest == found.chosen.bound
    assert found.value == pytest.approx(max(v for some, v in measured.items() if len(some) == fewest), abs=1e-9)
    assert found.reached is True


@pytest.mark.slow
def test_a_target_out_of_reach_is_told_with_what_all_candidates_reach(town):
    every = sg.service_coverage(_added(town, tuple(range(6))), "kindergarten").value
    found = _sited(town, "service_coverage.kindergarten", target=0.99)
    assert found.reached is False
    assert found.value == pytest.approx(every, abs=1e-9)
    assert "达不到目标" in found.notes[0]


def test_a_target_that_is_reached_needs_nothing(town):
    found = _sited(town, "service_coverage.kindergarten", target=0.01)
    assert (len(found.sites), found.reached, found.gap) == (0, True, 0.0)
    assert "不需要新建" in found.notes[0]


def test_the_worst_zone_first_builds_where_less_is_covered(town):
    """West has one kindergarten and East none: the best single site may lie anywhere, the fair one lies in the east."""
    found = _sited(town, "service_coverage.kindergarten", p=1, worst_zone_first=True)
    lowest = {k: _reckoned(town, [k])[1].min() for k in range(6)}
    assert found.sites["zone_id"].tolist() == ["E"]
    assert found.by_zone.min() == pytest.approx(max(lowest.values()), abs=1e-9)


@pytest.mark.slow
def test_a_budget_is_kept_and_spent_best(town):
    cost = np.array([3.0, 1.0, 2.0, 2.0, 3.0, 4.0])
    area = town.replace(candidates=town.candidates.assign(cost=cost))
    allowed = [some for k in range(7) for some in combinations(range(6), k) if cost[list(some)].sum() <= 5]
    best = max(_reckoned(town, some)[0] for some in allowed)
    found = _sited(area, "service_coverage.kindergarten", budget=5.0)
    assert found.sites["cost"].sum() <= 5
    assert found.value == pytest.approx(best, abs=1e-9)
    with pytest.raises(sg.InputError, match="has no cost"):
        _sited(town, "service_coverage.kindergarten", budget=5.0)


def _reserve(drawn, shapes, codes=None):
    codes = codes or ["16"] * len(shapes)
    groups = ["reserve" if code == "16" else "industrial" for code in codes]
    return drawn(shapes, land_class=codes, land_group=groups)


@pytest.mark.slow
def test_the_vacant_plot_in_the_hole_is_the_park_to_build(town, drawn):
    """Three plots: one among covered homes, one far from all, one of 0.6 ha beside two blocks without a park."""
    plots = [box(3450, 1650, 3500, 1750), box(1900, 950, 1950, 1000), box(650, 500, 750, 560)]
    area = town.replace(land_use=_reserve(drawn, plots))
    found = _sited(area, "park_coverage", candidates=("reserve",), p=1)
    assert found.sites["area_ha"].tolist() == pytest.approx([0.6])
    assert found.sites["land_class"].tolist() == ["16"]
    assert found.value == pytest.approx(sg.park_coverage(found.built).value, abs=1e-9)
    near = covered_straight(
        demand(area),
        Supply(np.array([area.parks.geometry.iloc[0], found.sites.geometry.iloc[0]]), np.array([500.0, 500.0])),
    )
    assert found.value == pytest.approx(coverage_by_zone(area, near.share, of="land")[0], abs=1e-12)


@pytest.mark.slow
def test_a_site_that_joins_a_small_park_reaches_as_far_as_both_together(town, drawn):
    """A park of 0.3 ha reaches 300 m; with 0.3 ha more beside it, 500 m. Alone, either half reaches 300 m."""
    area = town.replace(
        parks=drawn([box(600, 600, 660, 650)]), candidates=drawn([box(661, 600, 721, 650), box(900, 900, 960, 950)])
    )
    found = _sited(area, "park_coverage", p=1)
    assert found.value == pytest.approx(sg.park_coverage(found.built).value, abs=1e-9)
    [radius] = set(found.service.built(found.sites).radius_m)
    assert radius == 500.0


@pytest.mark.slow
def test_sites_of_parks_that_touch_are_one(town, drawn):
    touching = [box(600, 600, 660, 650), box(661, 600, 721, 650), box(1000, 1000, 1060, 1050)]
    area = town.replace(candidates=drawn(touching, name=["甲", "乙", "丙"], cost=[1.0, 2.0, 5.0]))
    found = _sited(area, "park_coverage", p=2)
    assert len(found.candidates) == 2
    joined = found.candidates[found.candidates["name"] == "甲、乙"]
    assert joined["cost"].tolist() == [3.0]
    assert found.value == pytest.approx(sg.park_coverage(found.built).value, abs=1e-9)


@pytest.mark.slow
def test_two_sites_that_reach_farther_with_the_park_between_them_are_one(town, drawn):
    """0.2 ha in the middle, 0.2 ha on either side: 0.4 ha reach 300 m, and only all three together 500 m."""
    sides = drawn([box(559, 600, 599, 650), box(641, 600, 681, 650)], cost=[1.0, 2.0])
    area = town.replace(parks=drawn([box(600, 600, 640, 650)]), candidates=sides)
    found = _sited(area, "park_coverage", p=1)
    assert found.sites["cost"].tolist() == [3.0]
    assert found.value == pytest.approx(sg.park_coverage(found.built).value, abs=1e-9)
    large = area.replace(parks=drawn([box(600, 600, 640, 800)]))
    assert len(_sited(large, "park_coverage", p=1).candidates) == 2  # 0.8 ha reach 500 m already


@pytest.mark.slow
def test_a_plot_in_a_closed_compound_is_no_site_of_a_park(town, drawn):
    plots = drawn([box(600, 600, 700, 700), box(1000, 1000, 1100, 1100)])
    area = town.replace(candidates=plots, compounds=drawn([box(550, 550, 750, 750)], gated=[True]))
    found = _sited(area, "park_coverage", p=1)
    assert len(found.candidates) == 1
    assert "1 candidates would not count" in found.notes[-1]


@pytest.mark.slow
def test_large_land_is_offered_in_plots_and_small_land_whole(town, drawn):
    land = [box(0, 1000, 450, 1150), box(2500, 1000, 2520, 1015), box(2600, 1000, 2700, 1100)]
    area = town.replace(land_use=_reserve(drawn, land, ["16", "16", "1001"]))
    found = _sited(area, "park_coverage", candidates=("reserve",), p=1)
    assert shapely.area(found.candidates.geometry.to_numpy()).tolist() == pytest.approx([10_000.0] * 3)
    both = _sited(area, "park_coverage", candidates=("reserve", "1001"), p=1)
    assert both.candidates["land_class"].value_counts().to_dict() == {"16": 3, "1001": 1}
    with pytest.raises(sg.InputError, match="no group of land"):
        _sited(area, "park_coverage", candidates=("0701",), p=1)


@pytest.mark.slow
def test_homes_offer_points_where_they_are_not_covered(town):
    found = _sited(town, "service_coverage.kindergarten", candidates=("homes",), p=1)
    assert set(found.candidates.geom_type) == {"Point"}
    covered = shapely.dwithin(town.facilities.geometry.iloc[0], found.candidates.geometry.to_numpy(), 20.0)
    assert not covered.any()
    assert found.sites["newly_ha"].iloc[0] == pytest.approx(9.0)


def test_land_that_is_smaller_than_the_standard_wants_is_no_site_of_a_kindergarten(town, drawn):
    """Plots of 0.5 and 0.6 ha: a kindergarten takes 5,240 m² of land, a nursery any."""
    plots = [box(900, 900, 1000, 950), box(650, 500, 750, 560)]
    area = town.replace(land_use=_reserve(drawn, plots), surveyed=frozenset({"nursery"}))
    found = _sited(area, "service_coverage.kindergarten", candidates=("reserve",), p=2)
    assert found.candidates["plot_m2"].tolist() == pytest.approx([6000.0])
    assert "1 candidates would not count" in found.notes[-1]
    assert len(_sited(area, "service_coverage.nursery", candidates=("reserve",), p=2).candidates) == 2


def test_a_site_serves_for_what_it_says_and_for_all_where_it_says_nothing(town):
    uses = [None, "市场", "kindergarten，菜市场或生鲜超市", "chargers", "幼儿园", "parks"]
    with pytest.raises(sg.LayerError, match="'市场' in row 1 is not parks"):
        _sited(town.replace(candidates=town.candidates.assign(use=uses)), "service_coverage.kindergarten", p=1)
    uses[1] = "market"
    area = town.replace(candidates=town.candidates.assign(use=uses))
    found = _sited(area, "service_coverage.kindergarten", p=6)
    assert found.candidates["site"].tolist() == ["1", "3", "5"]
    assert found.candidates["use"].tolist() == ["", "kindergarten, market", "kindergarten"]


@pytest.mark.slow
def test_the_site_that_serves_the_most_within_its_capacity_is_not_the_one_that_covers_the_most(town):
    """36 places per 1,000: each block of 1,000 persons needs 36. One site covers a block with 10 places, one a part with 30."""
    sites = [Point(1450, 350), Point(350, 1600)]
    area = town.replace(
        residential=town.residential.iloc[:4],
        population=town.population.iloc[:4],
        facilities=town.facilities.assign(capacity=18.0),
        candidates=gpd.GeoDataFrame(
            {"capacity": [10.0, 30.0]}, geometry=[shapely.affinity.translate(p, *ORIGIN) for p in sites], crs=town.crs
        ),
    )
    assert _sited(area, "service_coverage.kindergarten", p=1).sites["site"].tolist() == ["1"]
    found = _sited(area, "service_coverage.kindergarten", p=1, within_capacity=True)
    assert found.sites["site"].tolist() == ["2"]
    assert found.chosen.value == pytest.approx((18 + 30) / (4 * 36))
    assert found.gap < 1e-6
    assert "144 places are needed; 12.5% are there in reach now, 33.3% with the sites" in found.notes[0].en
    assert found.value == pytest.approx(sg.service_coverage(found.built, "kindergarten").value)
    assert found.built.facilities["capacity"].tolist() == [18.0, 30.0]
    on_foot = _sited(area, "service_coverage.kindergarten", p=1, within_capacity=True, asked={"reach": "street"})
    assert on_foot.chosen.value <= found.chosen.value
    with pytest.raises(sg.InputError, match="1 facilities and 0 candidates do not say theirs"):
        _sited(area.replace(facilities=town.facilities), "service_coverage.kindergarten", p=1, within_capacity=True)
    nurseries = area.replace(surveyed=frozenset({"nursery"}))
    with pytest.raises(sg.InputError, match="cannot be sited by capacity"):
        _sited(nurseries, "service_coverage.nursery", p=1, within_capacity=True)


@pytest.mark.slow
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0]])
def test_plots_for_other_uses_are_no_ground_of_a_park(town, drawn, order):
    """A plot for a kindergarten joins the one for a park, and a point for one is no park: the park is its own half hectare."""
    shapes = [box(3300, 300, 3400, 350), box(3400, 300, 3500, 350), Point(450, 1450)]
    mixed = drawn(shapes, use=["公园", "幼儿园", "幼儿园"], name=["甲", "乙", "丙"])
    area = town.replace(candidates=mixed.iloc[order].reset_index(drop=True))
    found = _sited(area, "park_coverage", p=3)
    assert found.sites["name"].tolist() == ["甲"]
    assert found.sites["area_ha"].tolist() == pytest.approx([0.5])
    assert any("2 candidates would not count" in note.en for note in found.notes)
    assert sorted(_sited(area, "service_coverage.kindergarten", p=3).sites["name"]) == ["丙", "乙"]


@pytest.mark.slow
def test_nobody_needs_a_place_where_nobody_lives(town):
    held = town.replace(
        facilities=town.facilities.assign(capacity=1.0), candidates=town.candidates.assign(capacity=10.0)
    )
    nobody = held.replace(population=held.population.assign(persons=0.0))
    with pytest.raises(sg.InputError, match="nobody lives on the homes"):
        _sited(nobody, "service_coverage.kindergarten", within_capacity=True, p=1)
    far = held.replace(candidates=held.candidates.iloc[[3]].translate(0, 450).to_frame("geometry").assign(capacity=9.0))
    found = _sited(far, "service_coverage.kindergarten", within_capacity=True, p=1)
    assert (len(found.sites), found.gap) == (0, 0.0)  # out of everybody's reach: nothing is better than nothing


def test_bad_questions_are_told_in_one_sentence(town):
    with pytest.raises(sg.InputError, match="nothing says how many"):
        Wanted()
    with pytest.raises(sg.InputError, match="keep one of them"):
        Wanted(p=1, target=0.5)
    for wrong in ({"p": 0}, {"p": 1.5}, {"budget": -1.0}, {"budget": np.nan}, {"target": 90.0}):
        with pytest.raises(sg.InputError, match="wanted"):
            Wanted(**wrong)
    assert Wanted(p=np.int64(2)).p == 2  # a whole number whatever counted it
    with pytest.raises(sg.InputError, match="there are no sites for 'road_density'"):
        _sited(town, "road_density", p=1)
    with pytest.raises(sg.InputError, match="no parameter 'size'"):
        _sited(town, "park_coverage", asked={"size": "x"}, p=1)
    with pytest.raises(sg.InputError, match="has no number"):
        _sited(town, "service_coverage.hospital", p=1)
    with pytest.raises(sg.InputError, match="give polygons"):
        _sited(town, "park_coverage", p=1)
    with pytest.raises(sg.InputError, match="no layer candidates"):
        _sited(town.replace(candidates=None), "park_coverage", p=1)
    with pytest.raises(sg.InputError, match="no layer land_use"):
        _sited(town, "park_coverage", candidates=("reserve",), p=1)
    with pytest.raises(sg.InputError, match="above zero"):
        _sited(town.replace(candidates=town.candidates.assign(cost=0.0)), "service_coverage.kindergarten", p=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_atoms_add_up_to_what_any_sites_cover_together(town, seed):
    """Circles and polygons of many radii over the same homes, some of them covered: sums of atoms are exact unions."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform((0, 0), (4000, 2000), (12, 2)) + ORIGIN
    shapes = np.where(rng.random(12) < 0.5, shapely.points(xy), shapely.buffer(shapely.points(xy), 60.0))
    supply = Supply(shapes, rng.choice([150.0, 300.0, 500.0], 12))
    homes, sites = demand(town), Supply(supply.shapes[3:], supply.radius_m[3:])
    first = Supply(supply.shapes[:3], supply.radius_m[:3])
    area_m2 = homes.cells["area_m2"].to_numpy()
    for atoms, cover in (
        (atoms_straight(homes, covered_straight(homes, first), sites), lambda some: covered_straight(homes, some)),
        (atoms_on_foot(town, first, sites), lambda some: covered_on_foot(town, some)[0]),
    ):
        base = (cover(first).share * area_m2).sum()
        assert (atoms.share > 0).all()
        for _ in range(4):
            some = np.flatnonzero(rng.random(9) < 0.4)
            got = np.asarray(atoms.covers[some].sum(axis=0)).ravel() > 0
            newly = (atoms.share * area_m2[atoms.cell])[got].sum()
            union = cover(Supply(supply.shapes[[0, 1, 2, *(some + 3)]], supply.radius_m[[0, 1, 2, *(some + 3)]]))
            assert base + newly == pytest.approx((union.share * area_m2).sum(), rel=1e-9)


@pytest.mark.parametrize(
    ("measure", "asked", "candidates"),
    [
        ("park_coverage", {}, ("reserve",)),
        pytest.param(
            "charger_coverage", {"of": "land", "reach": "street"}, ("reserve", "homes"), marks=pytest.mark.slow
        ),
        pytest.param("park_coverage", {"reach": "street"}, ("reserve", "homes"), marks=pytest.mark.slow),
        pytest.param("park_coverage", {"size_profile": "2010/2021"}, ("reserve", "homes"), marks=pytest.mark.slow),
        pytest.param("service_coverage.kindergarten", {}, ("reserve", "homes"), marks=pytest.mark.slow),
        pytest.param(
            "service_coverage.bus_stop",
            {"reach": "street", "of": "persons"},
            ("reserve", "homes"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_invented_city_measured_again_is_what_was_promised(invented_city, measure, asked, candidates):
    found = _sited(invented_city.area, measure, candidates=candidates, asked=asked, p=3)
    family, _, service = measure.partition(".")
    again = getattr(sg, family)(found.built, *([service] if service else []), **asked)
    assert again.value == pytest.approx(found.value, abs=1e-9)
    assert found.sites["coverage"].iloc[-1] == pytest.approx(again.value, abs=1e-9)
    assert found.before.value + found.sites[
        "newly_ha" if asked.get("of") != "persons" else "newly_persons"
    ].sum() / float(found.before.denominator.sum()) == pytest.approx(again.value, abs=1e-9)
    assert found.gap < 0.01


@pytest.mark.slow
def test_the_hole_that_a_park_leaves_is_where_the_park_is_to_be_built(invented_city):
    """Of all parks the one without which most homes lose their only park is taken away; its ground is offered again."""
    area, parks = invented_city.area, served_parks(invented_city.area, "2022+")
    homes, reach = (
        shapely.union_all(area.residential.clip(area.zones).geometry.to_numpy()),
        parks.buffer(parks["radius_m"], quad_segs=64),
    )
    tree = shapely.STRtree(reach.to_numpy())
    lost_m2 = [
        shapely.difference(
            shapely.intersection(homes, one), shapely.union_all(reach.to_numpy()[np.setdiff1d(tree.query(one), [k])])
        ).area
        for k, one in enumerate(reach)
    ]
    ground = parks.geometry.iloc[int(np.argmax(lost_m2))]
    left = area.parks[~area.parks.intersects(ground.buffer(-0.5))]
    site = gpd.GeoDataFrame({"name": ["原址"]}, geometry=[ground], crs=area.crs)
    holed = area.replace(parks=left, candidates=site)
    found = _sited(holed, "park_coverage", candidates=("own", "reserve"), p=1)
    assert found.sites["name"].tolist() == ["原址"]
    assert found.value == pytest.approx(sg.park_coverage(area).value, abs=1e-9)
    assert found.sites["newly_ha"].iloc[0] == pytest.approx(max(lost_m2) / 1e4, rel=1e-3)
    assert len(found.candidates) > 10


@pytest.mark.slow
def test_siting_in_the_hand_and_in_a_folder(town, tmp_path):
    points = town.candidates.geometry.to_crs("EPSG:4326")
    given = gpd.GeoDataFrame({"name": ["甲", "=乙", "<b>丙</b>", "丁", "戊", "己"]}, geometry=points)
    found = sg.site(town.replace(candidates=None), "service_coverage.kindergarten", p=2, candidates=given, lang="en")
    same = _sited(town, "service_coverage.kindergarten", p=2)
    assert found.value == same.value
    assert (
        repr(found)
        == f"Siting(service_coverage.kindergarten: {found.before.value:.3f} -> {found.value:.3f}, 2 sites, gap 0.00%)"
    )
    assert len(found) == len(found.geometry) == 2
    assert "proven to be the best" in found.summary()[1]
    assert "已证明是最优" in found.summary(lang="zh")[1]
    assert found.table().index.tolist() == [1, 2]
    assert list(found.table(lang="zh")) == [
        "点位",
        "来源",
        "分区",
        "新增覆盖居住用地（公顷）",
        "新增覆盖人口（人）",
        "建成后覆盖率",
        "东坐标（m）",
        "北坐标（m）",
    ]
    for _ in range(2):  # the second replaces the first
        found.write(tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "curve.csv",
        "map.html",
        "sites.csv",
        "sites.gpkg",
        "siting.json",
    ]
    layer = gpd.read_file(tmp_path / "out" / "sites.gpkg", layer="sites")
    assert layer["newly_ha"].tolist() == pytest.approx(found.sites["newly_ha"].tolist())
    assert len(gpd.read_file(tmp_path / "out" / "sites.gpkg", layer="candidates")) == 6
    record = json.loads((tmp_path / "out" / "siting.json").read_text("utf-8"))
    assert record["value"] == found.value
    assert record["wanted"]["p"] == 2
    assert "<b>" not in (tmp_path / "out" / "map.html").read_text("utf-8").split("<body", 1)[1].replace("<b></b>", "")
    assert found._repr_html_().count("<p>") == len(found.summary())
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(sg.OutputError):
        found.write(tmp_path / "mine")


@pytest.mark.slow
def test_a_plan_is_what_is_to_be_reached(town, drawn):
    promise = sg.Target("park_coverage", "公园", "parks", ">=", 0.2, "share", 2025, "1", "公园覆盖 20%")
    plots = drawn([box(x, y, x + 100, y + 100) for x, y in ((600, 600), (1700, 600), (2600, 600))])
    area = town.replace(candidates=plots)
    plan = sg.Plan("drawn", "图上方案", "drawn", "方案", (promise,))
    study = sg.Study(
        "town", "", area, plan, {"park_coverage": {"size_profile": "mnr_5min"}}, {}, inputs=(), findings=()
    )
    found = sg.site(study, "park_coverage")
    assert found.wanted.target == 0.2
    assert found.before.params["size_profile"] == "mnr_5min"
    assert found.reached is (found.value >= 0.2)
    assert any("20.0%" in line for line in found.summary(lang="zh"))
    with pytest.raises(sg.InputError, match="nothing says how many"):
        sg.site(study, "service_coverage.kindergarten")
    with pytest.raises(sg.InputError, match="not one of worst_zone"):
        sg.site(study, "park_coverage", target="best_zone", p=1)
    with pytest.raises(sg.InputError, match="is not one of zh, en"):
        sg.site(study, "park_coverage", p=1, lang="de")
    assert sg.site(study, "park_coverage", target="worst_zone", p=1).wanted == Wanted(p=1, worst_zone_first=True)
    with pytest.raises(sg.InputError, match="is empty"):
        sg.site(study, "park_coverage", candidates=[])


@pytest.mark.slow
def test_the_command_writes_the_sites_or_one_sentence(tmp_path):
    (tmp_path / "study").mkdir()
    study = BAD["write_study"](tmp_path / "study")

    def call(*words):
        return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)

    done = call(
        "site", study, "service_coverage.primary_school", "--p", 1, "--candidates", "homes", "--out", tmp_path / "out"
    )
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "out" / "sites.csv").read_text("utf-8-sig").startswith("rank,site,")
    assert done.stdout.rstrip().splitlines()[-1] == f"Open first: {tmp_path / 'out' / 'map.html'}"
    refused = call("site", study, "road_density", "--p", 1, "--out", tmp_path / "none")
    assert refused.exit_code == 2
    assert len(refused.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "none").exists()
