"""Whoever has the layers, the parameters and the page of the definition gets the number, without this package."""

import numpy as np
import pytest
import shapely
from shapely import box
from shapely.geometry import LineString

import suizhou_geo as sg
from suizhou_geo.standards import table


@pytest.fixture
def town(drawn):
    """Two zones of 1 km²; streets 250 and 500 m apart; homes in three quarters of the first zone; three parks."""
    zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["西", "东"])
    across = [LineString([(0, y), (2000, y)]) for y in (250, 500, 750)]
    along = [LineString([(x, 0), (x, 1000)]) for x in (200, 700, 1500)]
    return sg.StudyArea(
        "t",
        zones.set_index(np.array(["1", "2"])),
        roads=drawn(across + along, road_class=["arterial"] * 3 + ["branch"] * 3, name=[f"路{k}" for k in range(6)]),
        residential=drawn([box(0, 0, 1000, 700), box(1000, 0, 1200, 1000)]),
        compounds=drawn([box(1800, 800, 1900, 900)], gated=[True]),
        population=drawn([box(0, 0, 1500, 1000)], persons=[9000.0]),
        parks=drawn(
            [
                box(0, 0, 40, 40),
                box(41, 0, 120, 60),
                box(1150, 500, 1180, 530),
                box(500, 900, 560, 960),
                box(9, 9, 12, 12),
            ],
            kind=["park", "park", "garden", "square", "park"],
            open_public=[True, True, True, True, False],
        ),
    )


def test_population_density_from_its_parameters(town):
    measure = sg.population_density(town)
    assert measure.value == pytest.approx(measure.params["persons"] / measure.params["area_km2"]) == 4500.0
    rows = measure.evidence
    assert (rows["persons"] / rows["area_km2"]).to_dict() == pytest.approx(measure.by_zone.to_dict())


def test_road_density_from_its_stretches(town):
    """Length as drawn, counted once for a street of several carriageways, halved along a border of two zones; over km²."""
    measure = sg.road_density(town)
    rows = measure.evidence
    km = (rows.length * rows["weight"] * rows["share"]).sum() / 1e3
    assert measure.value == pytest.approx(km / 2.0)
    assert km == pytest.approx(9.0)
    assert np.allclose(rows.length, rows["length_m"])


@pytest.mark.parametrize("profile", ["2022+", "2010/2021", "mnr_5min"])
def test_park_coverage_from_its_parameters(town, profile):
    measure = sg.park_coverage(town, size_profile=profile)
    told = measure.params
    parks = town.parks[town.parks["open_public"].astype(bool) & town.parks["kind"].isin(told["kinds"])]
    grown = shapely.get_parts(
        shapely.union_all(parks.buffer(told["gap_m"] / 2 + 1e-6).to_numpy())
    )  # what is so near is one
    served = []
    for whole in grown:
        mine = shapely.union_all([shape for shape in parks.geometry if shape.intersects(whole)])
        fits = [t["radius_m"] for t in told["tiers"] if mine.area >= t["from_m2"] and not t.get("historic")]
        if fits:
            served.append(mine.buffer(max(fits), quad_segs=64))
    homes = shapely.union_all(town.residential.geometry.to_numpy())
    covered = homes.intersection(shapely.union_all(served))
    assert measure.value == pytest.approx(covered.area / homes.area, rel=1e-3)
    assert 0.0 < measure.value < 1.0


@pytest.mark.slow
def test_block_size_from_its_blocks_and_parameters(town):
    """The longer side of the smallest rectangle round each block that is mostly homes, against the limit."""
    measure = sg.block_size(town)
    told, homes = measure.params, shapely.union_all(town.residential.geometry.to_numpy())
    outline = shapely.boundary(shapely.union_all(town.zones.geometry.to_numpy()))
    lines = shapely.union_all([*town.roads.geometry, outline])
    blocks = shapely.get_parts(shapely.polygonize([lines]))
    blocks = [b for b in blocks if b.area >= told["island_m2"] and not b.buffer(-told["strip_m"] / 2).is_empty]
    mine = [b for b in blocks if b.intersection(homes).area > told["main_use_share"] * b.area]

    def longest_m(block):
        corners = shapely.get_coordinates(shapely.oriented_envelope(block))
        return max(np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[1])))

    over = [b for b in mine if longest_m(b) > told["limit_m"] + told["tolerance_m"]]
    assert measure.value == pytest.approx(sum(b.area for b in over) / sum(b.area for b in mine))
    assert (measure.params["blocks"], measure.params["blocks_over_limit"]) == (len(mine), len(over))
    assert 0.0 < measure.value < 1.0


def test_the_radii_of_the_circles_are_among_the_parameters(town, drawn):
    schools = drawn([box(300, 300, 310, 310)], category=["primary_school"])
    measure = sg.life_circle_compliance(town.replace(facilities=schools))
    radii = measure.params["radii_m"]
    assert list(radii) == measure.params["required"]
    assert radii["primary_school"] == table("life_circles")["categories"]["primary_school"]["radius_m"] == 500
