"""Coverage of drawn residential land: exact areas, overlaps once, and the same as a plain overlay."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from shapely import Point, box

import suizhou_geo as sg
from suizhou_geo.access.coverage import (
    Supply,
    coverage_by_zone,
    coverage_evidence,
    covered_all,
    covered_any,
    covered_straight,
    cut_evidence,
    reach_of,
)
from suizhou_geo.access.demand import demand
from suizhou_geo.study_area import StudyArea

KM = 1000.0
O = np.array([441_000.0, 3_507_000.0])  # noqa: E741


@pytest.fixture
def area(drawn):
    zones = drawn([box(0, 0, 2 * KM, 2 * KM), box(2 * KM, 0, 4 * KM, 2 * KM)], name=["a", "b"])
    homes = [
        shapely.affinity.rotate(box(x, y, x + 230, y + 170), 17)
        for x in range(50, 3700, 300)
        for y in range(50, 1700, 300)
    ]
    return StudyArea(
        "t", zones, residential=drawn(homes), population=drawn([box(-KM, 0, 5 * KM, 2 * KM)], persons=[6000.0])
    )


def _supply(shapes, radius_m):
    return Supply(shapely.transform(np.array(shapes), lambda xy: xy + O), np.full(len(shapes), float(radius_m)))


@pytest.mark.slow
def test_cells_keep_area_and_persons(area):
    homes = demand(area)
    assert homes.basis == "residential_land"
    whole = shapely.union_all(area.residential.geometry.to_numpy())
    inside = shapely.intersection(whole, area.zones.union_all())
    assert homes.cells["area_m2"].sum() == pytest.approx(inside.area, rel=1e-12)
    assert homes.cells["persons"].sum() == pytest.approx(4000.0, rel=1e-9)
    assert homes.cells.groupby("zone_id")["persons"].sum().tolist() == pytest.approx([2000.0, 2000.0])
    assert homes.cells.area.max() <= 2500.0 + 1e-6


def test_persons_without_mapped_homes_are_kept(drawn):
    zones = drawn([box(0, 0, KM, KM)], name=["a"])
    people = drawn([box(0, 0, 500, KM), box(500, 0, KM, KM)], persons=[30.0, 70.0])
    homes = demand(StudyArea("t", zones, residential=drawn([box(0, 0, 100, 100)]), population=people)).cells
    assert homes["persons"].sum() == pytest.approx(100.0)
    assert homes.loc[homes["area_m2"] == 0, "persons"].tolist() == pytest.approx([70.0])
    assert homes["area_m2"].sum() == pytest.approx(10_000.0)


def test_overlapping_residential_land_counts_once(drawn):
    zones = drawn([box(0, 0, KM, KM)], name=["a"])
    land = drawn([box(0, 0, 100, 100), box(50, 0, 150, 100)])
    assert demand(StudyArea("t", zones, residential=land)).cells["area_m2"].sum() == pytest.approx(15_000.0)


def test_fallbacks_are_named(drawn):
    zones = drawn([box(0, 0, KM, KM)], name=["a"])
    flats = drawn([box(0, 0, 20, 50), box(100, 0, 120, 50)], residential=[True, False])
    unsure = {"incomplete": frozenset({"residential", "buildings"})}
    assert demand(StudyArea("t", zones, **unsure)).basis == "zone_area"
    by_homes = demand(StudyArea("t", zones, buildings=flats, residential=drawn([]), **unsure))
    assert (by_homes.basis, by_homes.cells["area_m2"].sum()) == ("residential_buildings", pytest.approx(1000.0))
    told_empty = demand(StudyArea("t", zones, residential=drawn([])))
    assert (told_empty.basis, len(told_empty.cells)) == ("residential_land", 0)


@pytest.mark.slow
@pytest.mark.parametrize("radius_m", [120.0, 300.0, 500.0])
@pytest.mark.parametrize("kind", ["points", "sites"])
def test_the_same_as_a_plain_overlay(area, kind, radius_m):
    rng = np.random.default_rng(5)
    at = rng.uniform(0, (4 * KM, 2 * KM), (25, 2))
    supply = _supply([Point(p) if kind == "points" else box(*p, *(p + np.array([90, 60]))) for p in at], radius_m)
    share = covered_straight(demand(area), supply).share
    value, _, _ = coverage_by_zone(area, share, of="land")
    homes = shapely.intersection(area.residential.union_all(), area.zones.union_all())
    assert 0.05 < value < 0.999
    assert value == pytest.approx(shapely.intersection(homes, reach_of(supply)).area / homes.area, rel=1e-9)


def test_circles_have_the_area_of_circles():
    for radius_m, km2 in ((300, 0.2827), (500, 0.7854), (800, 2.0106), (1000, 3.1416)):
        assert reach_of(_supply([Point(0, 0)], radius_m)).area / 1e6 == pytest.approx(km2, abs=5e-5)


@pytest.mark.parametrize(
    ("side_m2", "radius_m", "ratio"),
    [
        (5000, 500, 1.19),
        (10_000, 500, 1.27),
        (50_000, 500, 1.63),
        (5000, 300, 1.32),
        (2000, 300, 1.20),
        (400, 300, 1.09),
    ],
)
def test_edges_reach_further_than_centres(side_m2, radius_m, ratio):
    side = np.sqrt(side_m2)
    edge, centre = (reach_of(_supply([shape], radius_m)).area for shape in (box(0, 0, side, side), Point(0, 0)))
    assert edge / centre == pytest.approx(ratio, abs=0.005)


def test_everything_and_anything(drawn):
    zones = drawn([box(0, 0, 400, 100)], name=["a"])
    area = StudyArea("t", zones, residential=zones)
    homes = demand(area)
    left, right = (
        covered_straight(homes, _supply([shape], 60.0)) for shape in (box(0, 0, 130, 100), box(150, 0, 400, 100))
    )
    # left reaches x <= 190, right x >= 90: together 100 of 400 metres, and all of it
    both, either = covered_all(homes, [left, right]).share, covered_any(homes, [left, right]).share
    assert coverage_by_zone(area, both, of="land")[0] == pytest.approx(0.25, abs=1e-9)
    assert coverage_by_zone(area, either, of="land")[0] == pytest.approx(1.0, abs=1e-9)


@pytest.mark.slow
def test_evidence_adds_up_to_the_land_and_the_people(area):
    supply = _supply([Point(KM, KM), box(2500, 500, 2600, 600)], 400.0)
    share = covered_straight(demand(area), supply).share
    cut = cut_evidence(area, share, reach_of(supply))
    land = cut[cut["part"].isin(["covered", "uncovered"])]
    assert land["area_ha"].sum() == pytest.approx(demand(area).cells["area_m2"].sum() / 1e4)
    assert (land.area / 1e4).tolist() == pytest.approx(land["area_ha"].tolist(), rel=1e-9)
    assert land["persons"].sum() == pytest.approx(4000.0)
    assert land.is_valid.all()
    cells = coverage_evidence(area, share)
    covered_ha = (cells["area_ha"] * cells["covered_share"]).sum()
    assert covered_ha == pytest.approx(land.loc[land["part"] == "covered", "area_ha"].sum())
    assert set(cells["part"]) == {"covered", "partly_covered", "uncovered"}


@pytest.mark.slow
def test_a_larger_radius_never_covers_less(area):
    shares = [
        covered_straight(demand(area), _supply([Point(700, 700), Point(3000, 300)], r)).share
        for r in (100, 300, 301, 900)
    ]
    assert all((b >= a - 1e-12).all() for a, b in pairwise(shares))


def test_nobody_there_is_not_zero(drawn):
    zones = drawn([box(0, 0, KM, KM), box(KM, 0, 2 * KM, KM)], name=["a", "b"])
    area = StudyArea("t", zones, residential=drawn([box(0, 0, 100, 100)]))
    value, by_zone, _ = coverage_by_zone(area, np.ones(len(demand(area).cells)), of="land")
    assert (value, by_zone.tolist()[0]) == (1.0, 1.0)
    assert np.isnan(by_zone.tolist()[1])


def test_persons_weigh_where_they_live(drawn):
    zones = drawn([box(0, 0, 400, 100)], name=["a"])
    people = drawn([box(0, 0, 100, 100), box(100, 0, 400, 100)], persons=[90.0, 10.0])
    area = StudyArea("t", zones, residential=zones, population=people)
    share = (shapely.get_x(demand(area).centre) < O[0] + 100).astype(float)
    assert coverage_by_zone(area, share, of="land")[0] == pytest.approx(0.25)
    assert coverage_by_zone(area, share, of="persons")[0] == pytest.approx(0.90)


def test_a_piece_cut_away_whole_leaves_nothing_behind(drawn):
    # the western home lies in the service area and the eastern one out of it: nothing is left to be cut
    homes = [box(0, 0, 100, 100), box(900, 0, 1000, 100)]
    area = sg.StudyArea(
        "t", drawn([box(0, 0, 1000, 100)], name=["z"]), residential=drawn(homes), parks=drawn([box(-100, 0, 0, 100)])
    )
    evidence = sg.park_coverage(area).evidence
    for shape in evidence.loc[evidence["part"].isin(["covered", "uncovered"])].geometry:
        assert not shapely.is_empty(shapely.get_parts(shape)).any()
