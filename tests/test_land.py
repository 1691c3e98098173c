"""Land by class: drawn squares whose hectares are plain, ranges of the standard, mu, and what the codes leave open."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.land import (
    LAND_CLASSES,
    M2_PER_MU,
    industrial_land,
    industrial_land_in_development_zones,
    land_per_capita,
    land_table,
)

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"


@pytest.fixture
def town(drawn):
    """Two zones of 1 km² with 1000 and 3000 people; land as (x, y, width, height, group, construction)."""

    def build(*land, people=(1000.0, 3000.0), **layers):
        zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["甲", "乙"]).set_index(
            np.array(["1", "2"])
        )
        shapes = [box(x, y, x + w, y + h) for x, y, w, h, *_ in land]
        use = drawn(
            shapes,
            land_class=["x"] * len(land),
            land_group=[row[4] for row in land],
            construction=[row[5] if len(row) > 5 else True for row in land],
        )
        population = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], persons=list(people))
        return sg.StudyArea("t", zones, land_use=use, population=population, **layers)

    return build


def test_one_class_over_everybody_and_by_zone(town):
    area = town((0, 0, 200, 500, "residential"), (900, 0, 200, 100, "community"), (0, 600, 100, 100, "park"))
    homes = land_per_capita(area, "R")  # community services are part of R: 10 ha, then 1 ha on each side of the border
    assert homes.value == pytest.approx(120_000 / 4000)
    assert homes.by_zone.to_dict() == {"1": pytest.approx(110.0), "2": pytest.approx(10_000 / 3000)}
    assert (homes.by_zone * homes.denominator).sum() / homes.denominator.sum() == pytest.approx(homes.value)
    assert "within the planning range of GB 50137 (23–36" in homes.notes[0].en
    parks = land_per_capita(area, "G1")
    assert parks.value == pytest.approx(2.5)
    assert "below the planning range of GB 50137 (≥8" in parks.notes[0].en


def test_overlaps_count_once_and_what_is_no_construction_land_not_at_all(town):
    area = town(
        (0, 0, 100, 100, "roads"),
        (50, 0, 100, 100, "roads"),
        (500, 500, 100, 100, "roads", False),
        (0, 900, 9, 9, "water"),
    )
    assert land_per_capita(area, "S").value == pytest.approx(15_000 / 4000)


def test_parks_and_protective_green_and_squares_are_the_green_class(town):
    area = town((0, 0, 100, 100, "park"), (0, 200, 100, 100, "protective_green"), (0, 400, 100, 100, "square"))
    assert land_per_capita(area, "G").value == pytest.approx(30_000 / 4000)
    assert land_per_capita(area, "G1").value == pytest.approx(10_000 / 4000)


def test_green_that_is_not_told_apart_has_no_parks_to_tell(town):
    area = town((0, 0, 100, 100, "green"))
    assert land_per_capita(area, "G").value == pytest.approx(2.5)
    assert not land_per_capita(area, "G1").has_data
    assert "finer codes" in land_per_capita(area, "G1").needs[0].en


def test_the_table_of_groups(town):
    area = town(
        (0, 0, 100, 100, "industrial"),
        (0, 200, 100, 200, "residential"),
        (0, 500, 100, 100, None),
        (0, 700, 100, 100, "water", False),
    )
    table = land_table(area)
    assert table.index.tolist() == ["residential", "industrial", "water", "unknown"]
    assert table["ha"].tolist() == pytest.approx([2, 1, 1, 1])
    assert table["mu"].tolist() == pytest.approx([30, 15, 15, 15])
    assert table["share_of_construction"].tolist() == pytest.approx([0.5, 0.25, 0, 0.25])


def test_industrial_land_in_mu_and_inside_development_zones(town, drawn):
    parks = drawn([box(0, 0, 100, 50), box(50, 0, 100, 50)], name=["开发区", "园中园"])
    area = town((0, 0, 100, 100, "industrial"), (1000, 0, 100, 200, "industrial"), development_zones=parks)
    land = industrial_land(area)
    assert land.value == pytest.approx(45.0)
    assert land.by_zone.to_dict() == {"1": pytest.approx(15.0), "2": pytest.approx(30.0)}
    assert land.breakdown.loc["mu_in_development_zones", "whole"] == pytest.approx(7.5)
    share = industrial_land_in_development_zones(area)
    assert share.value == pytest.approx(0.5 / 3)
    assert share.by_zone.to_dict() == {"1": pytest.approx(0.5), "2": 0.0}
    assert (share.by_zone * share.denominator).sum() / share.denominator.sum() == pytest.approx(share.value)
    assert pytest.approx(666.6667, abs=1e-4) == M2_PER_MU


def test_without_land_codes_zones_or_people_nothing_is_told(town, drawn):
    area = town((0, 0, 100, 100, None))
    for measure in (land_per_capita(area, "R"), industrial_land(area)):
        assert not measure.has_data
        assert "declare `codes`" in measure.needs[0].en
    plain = dataclasses.replace(area, land_use=None)
    assert not land_per_capita(plain, "R").has_data
    assert not industrial_land(plain).has_data
    assert "development_zones" in industrial_land_in_development_zones(area).needs[0].en
    nobody = town((0, 0, 100, 100, "residential"), people=(0.0, 0.0))
    assert not land_per_capita(nobody, "R").has_data
    with pytest.raises(InputError, match="is not one of"):
        land_per_capita(area, "Z")
    with pytest.raises(InputError, match="no land_use layer"):
        land_table(plain)
    none = industrial_land_in_development_zones(
        town((0, 0, 9, 9, "park"), development_zones=drawn([box(0, 0, 9, 9)], name=["a"]))
    )
    assert not none.has_data


def test_what_may_be_missing_leaves_the_number_open(town):
    area = dataclasses.replace(town((0, 0, 100, 100, "industrial")), incomplete=frozenset({"land_use"}))
    assert industrial_land(area).high == np.inf
    assert land_per_capita(area, "R").high == np.inf


def test_the_invented_city():
    area = sg.read_study(BUNDLED / "study.toml").area
    truth = json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))["land_ha_by_class"]
    persons = 600_000
    assert industrial_land(area).value == pytest.approx(truth["工业用地"] * 15, rel=1e-4)
    by_class = {"R": ["城镇住宅用地"], "G1": ["公园绿地"], "S": ["城镇村道路用地"]}
    for land_class, names in by_class.items():
        wanted = sum(truth[name] for name in names) * 1e4 / persons
        assert land_per_capita(area, land_class).value == pytest.approx(wanted, rel=1e-4)
    assert set(by_class) <= set(LAND_CLASSES)
    assert land_table(area)["m2"].sum() == pytest.approx(sum(truth.values()) * 1e4, rel=1e-4)
