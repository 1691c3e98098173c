"""Green: parks a head by size, pocket parks, greenways and river banks on drawn land."""

import dataclasses

import numpy as np
import pytest
from shapely import LineString, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.green import greenway_coverage, park_area_per_capita, pocket_parks, river_green


@pytest.fixture
def town(drawn):
    """Two zones of 1 km² with 1000 and 3000 people, and whatever layers are drawn on them."""

    def build(**layers):
        shapes = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]
        zones = drawn(shapes, name=["甲", "乙"]).set_index(np.array(["1", "2"]))
        return sg.StudyArea("t", zones, population=drawn(shapes, persons=[1000.0, 3000.0]), **layers)

    return build


def _parks(drawn, *sides, x=0.0, **columns):
    return drawn([box(x, 200 * k, x + side, 200 * k + side) for k, side in enumerate(sides)], **columns)


def test_parks_by_size_a_head(town, drawn):
    parks = drawn([box(0, 0, 400, 250), box(500, 0, 600, 200), box(700, 0, 730, 30), box(990, 500, 1010, 520)])
    area = town(parks=parks)
    per_head = {size: park_area_per_capita(area, size=size) for size in ("all", "comprehensive", "community", "pocket")}
    assert {size: m.value * 4000 for size, m in per_head.items()} == {
        "all": pytest.approx(100_000 + 20_000 + 900 + 400),
        "comprehensive": pytest.approx(100_000),
        "community": pytest.approx(20_000),
        "pocket": pytest.approx(1300),
    }
    pocket = per_head["pocket"]
    assert pocket.by_zone.to_dict() == {"1": pytest.approx(1100 / 1000), "2": pytest.approx(200 / 3000)}
    assert (pocket.by_zone * pocket.denominator).sum() / pocket.denominator.sum() == pytest.approx(pocket.value)


@pytest.mark.parametrize(
    ("side", "size"), [(399.99, "pocket"), (400.0, "pocket"), (100.0**2, "community"), (1e5, "comprehensive")]
)
def test_a_size_begins_at_its_lower_limit(town, drawn, side, size):
    area = town(parks=drawn([box(0, 0, 200, side / 200)]))  # `side` square metres
    assert (park_area_per_capita(area, size=size).value > 0) is (side != 399.99)


def test_pieces_up_to_2_m_apart_are_one_park_and_only_open_parks_count(town, drawn):
    pieces = drawn([box(0, 0, 100, 60), box(0, 62, 100, 122)])
    assert park_area_per_capita(town(parks=pieces), size="community").value == pytest.approx(3.0)
    apart = drawn([box(0, 0, 100, 60), box(0, 62.1, 100, 122)])
    assert park_area_per_capita(town(parks=apart), size="community").value == 0
    closed = _parks(drawn, 100, open_public=[False])
    square = _parks(drawn, 100, kind=["square"])
    assert park_area_per_capita(town(parks=closed)).value == 0
    assert park_area_per_capita(town(parks=square)).value == 0


def test_pocket_parks_count_once_where_most_of_them_lies(town, drawn):
    parks = drawn(
        [box(0, 0, 30, 30), box(995, 0, 1025, 30), box(0, 100, 60, 160), box(0, 300, 100, 400), box(0, 500, 19, 519)]
    )
    measure = pocket_parks(town(parks=parks))
    assert (measure.value, measure.by_zone.to_dict()) == (3, {"1": 2, "2": 1})
    assert measure.breakdown["count"].to_dict() == {"400-1000": 2, "1000-2000": 0, "2000-5000": 1, "5000-10000": 0}
    assert measure.breakdown["area_ha"].sum() == pytest.approx(0.09 + 0.09 + 0.36)
    assert sorted(measure.evidence["zone_id"]) == ["1", "1", "2"]


def test_homes_within_a_kilometre_of_a_greenway(town, drawn):
    homes = drawn([box(0, 0, 50, 50), box(1950, 0, 2000, 50)])
    area = town(residential=homes, greenways=drawn([LineString([(0, 500), (900, 500)])], name=["绿道"]))
    measure = greenway_coverage(area)
    assert measure.value == pytest.approx(0.5)
    assert measure.by_zone.to_dict() == {"1": pytest.approx(1.0), "2": 0.0}
    reach = measure.evidence[measure.evidence["part"] == "service_area"].geometry.iloc[0]
    assert reach.area == pytest.approx(np.pi * 1e6 + 900 * 2000, rel=0.01)
    roads = drawn([LineString([(0, 0), (0, 500)])], road_class=["branch"], name=["路"])
    along = greenway_coverage(dataclasses.replace(area, roads=roads), reach="street")
    assert along.value == pytest.approx(0.5)
    assert "greenways" in greenway_coverage(town()).needs[0].en
    with pytest.raises(InputError, match="is not one of"):
        greenway_coverage(area, of="trees")


def test_the_share_of_the_banks_beside_public_green(town, drawn):
    river = drawn([box(-100, 400, 2100, 500)], kind=["river"], name=["涢水"])
    park = drawn([box(0, 500, 300, 600)])
    measure = river_green(town(barriers=river, parks=park))
    # two banks of 2 km; the north one within 100 m of the park for 300 + 100 m; the south one, 100 m away, for 300 m
    assert measure.denominator.sum() == pytest.approx(4.0)
    assert measure.value == pytest.approx((400 + 300) / 4000, abs=1e-3)
    assert measure.by_zone["2"] == 0
    lines = measure.evidence.groupby("part")["length_m"].sum()
    assert lines["bank_green"] == pytest.approx(700, abs=3)
    assert lines.sum() == pytest.approx(4000, abs=0.1)
    assert measure.breakdown["bank_km"].tolist() == pytest.approx([2.0, 2.0])


def test_a_river_drawn_as_a_line_counts_once_and_not_inside_its_own_area(town, drawn):
    both = drawn([box(0, 400, 1000, 500), LineString([(0, 450), (2000, 450)])], kind=["river", "river"])
    measure = river_green(town(barriers=both, parks=_parks(drawn, 10)))
    assert measure.denominator.sum() == pytest.approx(2 * 1.0 + 0.1 + 1.0, abs=0.11)


def test_buildings_by_the_bank_and_their_storeys(town, drawn):
    river = drawn([LineString([(0, 500), (2000, 500)])], kind=["river"])
    houses = drawn(
        [box(100, 520, 110, 530), box(300, 590, 310, 610), box(500, 700, 510, 710)], levels=[6.0, np.nan, 30.0]
    )
    table = river_green(town(barriers=river, parks=_parks(drawn, 10), buildings=houses)).breakdown
    assert table.loc["1", ["buildings_near", "levels_known", "mean_levels"]].tolist() == [2, 1, 6]
    assert np.isnan(table.loc["2", "mean_levels"])


def test_what_is_missing_is_said(town, drawn):
    bare = town()
    for measure in (park_area_per_capita(bare), pocket_parks(bare), river_green(bare)):
        assert not measure.has_data
        assert "parks" in " ".join(need.en for need in measure.needs)
    railway = drawn([LineString([(0, 0), (9, 9)])], kind=["railway"])
    assert "no river" in river_green(town(barriers=railway, parks=_parks(drawn, 10))).needs[0].en
    unsure = dataclasses.replace(town(parks=_parks(drawn, 30)), incomplete=frozenset({"parks"}))
    assert park_area_per_capita(unsure).high == np.inf
    assert pocket_parks(unsure).high == np.inf
    with pytest.raises(InputError, match="is not one of"):
        park_area_per_capita(unsure, size="huge")
