"""Green: parks a head by size, pocket parks, greenways and river banks on drawn land."""

import dataclasses

import numpy as np
import pytest
from shapely import LineString, MultiLineString, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.green import (
    PARK_SIZES,
    greenway_coverage,
    park_area_per_capita,
    pocket_parks,
    river_green,
)


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


@pytest.mark.slow
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
    assert pocket.params["parks"] == 2
    assert pocket.by_zone.to_dict() == {"1": pytest.approx(1100 / 1000), "2": pytest.approx(200 / 3000)}
    assert (pocket.by_zone * pocket.denominator).sum() / pocket.denominator.sum() == pytest.approx(pocket.value)


@pytest.mark.parametrize(
    ("side", "size"), [(399.99, "pocket"), (400.0, "pocket"), (100.0**2, "community"), (1e5, "comprehensive")]
)
def test_a_size_begins_at_its_lower_limit(town, drawn, side, size):
    area = town(parks=drawn([box(0, 0, 200, side / 200)]))  # `side` square metres
    assert (park_area_per_capita(area, size=size).value > 0) is (side != 399.99)


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_what_is_missing_is_said(town, drawn):
    bare = town()
    for measure in (park_area_per_capita(bare), pocket_parks(bare), river_green(bare)):
        assert not measure.has_data
        assert "parks" in " ".join(need.en for need in measure.needs)
    railway = drawn([LineString([(0, 0), (9, 9)])], kind=["railway"])
    assert "population" in park_area_per_capita(dataclasses.replace(bare, population=None)).needs[1].en
    assert "no river" in river_green(town(barriers=railway, parks=_parks(drawn, 10))).needs[0].en
    unsure = dataclasses.replace(town(parks=_parks(drawn, 30)), incomplete=frozenset({"parks"}))
    assert park_area_per_capita(unsure).high == np.inf
    assert pocket_parks(unsure).high == np.inf
    with pytest.raises(InputError, match="is not one of"):
        park_area_per_capita(unsure, size="huge")


def test_parks_inside_the_zones_and_people_where_there_are_any(drawn):
    """A park over the outline counts inside; land without people raises the whole and has no share of its own."""
    zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["甲", "乙"]).set_index(np.array(["1", "2"]))
    people = drawn([box(0, 0, 1000, 1000)], persons=[1000.0])
    parks = drawn([box(-100, 0, 100, 100), box(50, 0, 150, 100), box(1500, 0, 1600, 100), box(5000, 0, 5100, 100)])
    measure = park_area_per_capita(sg.StudyArea("t", zones, population=people, parks=parks))
    assert measure.value == pytest.approx((150 * 100 + 100 * 100) / 1000)
    assert measure.by_zone["1"] == pytest.approx(15.0)
    assert np.isnan(measure.by_zone["2"])
    assert (measure.params["parks"], measure.shortfall_unit, measure.denominator["1"]) == (2, "ha", 0.1)
    assert measure.evidence["area_ha"].tolist() == pytest.approx([1.5, 1.0])
    assert measure.evidence["zone_id"].tolist() == ["1", "2"]
    nobody = people.assign(persons=0.0)
    assert not park_area_per_capita(sg.StudyArea("t", zones, population=nobody, parks=parks)).has_data


@pytest.mark.slow
def test_no_parks_is_none_a_head(town, drawn):
    area = town(parks=_parks(drawn))
    assert [park_area_per_capita(area, size=size).value for size in PARK_SIZES] == [0, 0, 0, 0]
    assert park_area_per_capita(area).params["parks"] == 0
    assert (pocket_parks(area).value, pocket_parks(area).breakdown["count"].sum()) == (0, 0)


@pytest.mark.slow
def test_more_park_land_can_make_a_small_park_a_larger_one(town, drawn):
    """9000 m² are a pocket park; with the 5000 m² beside it that nobody drew they are a community park."""
    drawn_, whole = drawn([box(0, 0, 100, 90)]), drawn([box(0, 0, 100, 90), box(0, 90, 100, 140)])
    assert (pocket_parks(town(parks=drawn_)).low, pocket_parks(town(parks=whole)).value) == (1, 0)
    unsure = dataclasses.replace(town(parks=drawn_), incomplete=frozenset({"parks"}))
    assert (pocket_parks(unsure).low, pocket_parks(unsure).high) == (0, np.inf)
    assert park_area_per_capita(town(parks=drawn_), size="pocket").low == 2.25
    ranges = {size: (m := park_area_per_capita(unsure, size=size)).low == m.value for size in PARK_SIZES}
    assert ranges == {"all": True, "comprehensive": True, "community": True, "pocket": False}
    acre = dataclasses.replace(unsure, parks=drawn([box(0, 0, 100, 200)]))
    assert (park_area_per_capita(acre, size="community").low, park_area_per_capita(acre).low) == (0, 5.0)
    people = dataclasses.replace(unsure, incomplete=frozenset({"population"}))
    assert (park_area_per_capita(people).low, park_area_per_capita(people).high) == (0, 2.25)
    assert "population" in park_area_per_capita(people).needs[0].en
    assert (pocket_parks(people).low, pocket_parks(people).high) == (1, 1)


@pytest.mark.parametrize(
    ("area_m2", "size_class"),
    [
        (400, "400-1000"),
        (999, "400-1000"),
        (1000, "1000-2000"),
        (2000, "2000-5000"),
        (5000, "5000-10000"),
        (10_000, None),
    ],
)
def test_a_size_class_of_pocket_parks_begins_at_its_lower_limit(town, drawn, area_m2, size_class):
    measure = pocket_parks(town(parks=drawn([box(0, 0, 100, area_m2 / 100)])))
    assert measure.breakdown.query("count > 0").index.tolist() == ([size_class] if size_class else [])
    assert measure.value == (size_class is not None)


def test_a_pocket_park_over_the_outline_counts_whole_and_one_beside_it_not(town, drawn):
    over, beside = box(-90, 0, 10, 50), box(-100, 200, 0, 250)
    measure = pocket_parks(town(parks=drawn([beside, over, box(1500, 0, 1530, 30)])))
    assert (measure.value, measure.by_zone.tolist()) == (2, [1, 1])
    assert measure.breakdown["area_ha"].tolist() == pytest.approx([0.09, 0, 0, 0.5])
    assert measure.evidence.set_index("zone_id")["area_ha"].to_dict() == pytest.approx({"1": 0.5, "2": 0.09})


@pytest.mark.slow
def test_a_greenway_of_several_parts_and_none_at_all(town, drawn):
    homes = drawn([box(0, 0, 50, 50), box(1950, 0, 2000, 50)])
    two = drawn([MultiLineString([[(0, 900), (0, 950)], [(1950, -900), (2000, -900)]])], name=["绿道"])
    measure = greenway_coverage(town(residential=homes, greenways=two))
    assert (measure.value, measure.params["sources"]) == (1.0, 2)
    roads = drawn([LineString([(0, 0), (2000, 0)])], road_class=["branch"], name=["路"])
    for reach in ("straight_line", "street"):
        none = greenway_coverage(town(residential=homes, roads=roads, greenways=two.iloc[:0]), reach=reach)
        assert (none.value, none.high) == (0.0, 0.0)


def test_a_greenway_is_stepped_on_every_50_m(town, drawn):
    """It crosses the street 250 m from one end of its 1000 m: who goes there along the street walks 900 m."""
    homes = drawn([box(1875, 450, 1925, 550)])
    roads = drawn([LineString([(0, 500), (2000, 500)])], road_class=["branch"], name=["路"])
    area = town(
        residential=homes, roads=roads, greenways=drawn([LineString([(1000, 250), (1000, 1250)])], name=["绿道"])
    )
    measure = greenway_coverage(area, reach="street")
    assert (measure.value, measure.params["sources"]) == (1.0, 21)


@pytest.mark.slow
def test_squares_and_closed_parks_are_no_green_by_the_river(town, drawn):
    river = drawn([LineString([(0, 500), (1500, 500)])], kind=["river"])
    beside = drawn([box(0, 500, 300, 600)] * 4, kind=["square", "park", "garden", "green_strip"])
    beside = beside.assign(open_public=[True, False, True, True])
    share = [river_green(town(barriers=river, parks=beside.iloc[[k]])).value for k in range(4)]
    assert share == [0, 0, *[pytest.approx(400 / 1500, abs=1e-3)] * 2]
    assert river_green(town(barriers=river, parks=beside.iloc[:0])).value == 0


def test_a_river_drawn_twice_is_one(town, drawn):
    """Two lines of 2 km of which 500 m are drawn by both; two areas that overlap, and one in two halves."""
    lines = drawn([LineString([(0, 500), (1250, 500)]), LineString([(750, 500), (2000, 500)])], kind=["river"] * 2)
    park = drawn([box(800, 500, 900, 600)])
    measure = river_green(town(barriers=lines, parks=park))
    assert measure.denominator.sum() == pytest.approx(2.0)
    assert measure.value == pytest.approx(300 / 2000, abs=1e-3)
    areas = drawn([box(-10, 400, 1000, 500), box(1000, 400, 2010, 500), box(500, 400, 1500, 500)], kind=["river"] * 3)
    assert river_green(town(barriers=areas, parks=park)).denominator.sum() == pytest.approx(4.0)


def test_other_barriers_have_no_banks_and_islands_do(town, drawn):
    water = box(-10, 400, 2010, 600).difference(box(200, 450, 300, 550))
    barriers = drawn([water, LineString([(0, 100), (2000, 100)])], kind=["river", "railway"])
    measure = river_green(town(barriers=barriers, parks=_parks(drawn, 10)))
    assert measure.denominator.tolist() == pytest.approx([2 + 0.4, 2])


def test_a_river_between_two_zones_is_shared(town, drawn):
    """1 km of river on the border, 400 m of it green: half of each belongs to each zone."""
    river = drawn([LineString([(1000, -50), (1000, 1050)])], kind=["river"])
    park = drawn([box(1000, -50, 1100, 300)])
    measure = river_green(town(barriers=river, parks=park))
    assert measure.value == pytest.approx(0.4, abs=1e-3)
    assert measure.breakdown["bank_km"].tolist() == pytest.approx([0.5, 0.5], abs=1e-4)
    assert measure.breakdown["green_km"].tolist() == pytest.approx([0.2, 0.2], abs=1e-3)
    assert measure.by_zone.tolist() == pytest.approx([0.4, 0.4], abs=1e-3)
    stretches = measure.evidence.set_index(["zone_id", "part"])
    assert stretches["share"].tolist() == [0.5] * 4
    assert stretches.loc[("2", "bank_bare"), "length_m"] == pytest.approx(600, abs=1)
    assert measure.evidence["counted_m"].sum() == pytest.approx(1000, abs=0.1)


def test_a_river_in_short_ways_beside_a_border_is_shared_as_one_line_is(town, drawn):
    ways = [LineString([(990, y), (990, y + 50)]) for y in range(0, 1000, 50)]
    measure = river_green(town(barriers=drawn(ways, kind=["river"] * 20), parks=_parks(drawn, 10)))
    assert measure.breakdown["bank_km"].tolist() == pytest.approx([0.5, 0.5], abs=0.02)


def test_a_bank_that_only_touches_the_reach_of_a_park_is_bare(town, drawn):
    """The park's 100 m end at y = 110, where the river begins."""
    river = drawn([LineString([(50, 110), (50, 910)])], kind=["river"])
    measure = river_green(town(barriers=river, parks=drawn([box(0, 0, 100, 10)])))
    assert measure.value == 0
    assert measure.evidence[["part", "length_m"]].to_numpy().tolist() == [["bank_bare", pytest.approx(800)]]


@pytest.mark.slow
def test_what_may_be_missing_leaves_the_banks_open(town, drawn):
    area = town(barriers=drawn([LineString([(0, 500), (2000, 500)])], kind=["river"]), parks=drawn([box(0, 0, 9, 400)]))
    assert (river_green(area).low, river_green(area).high) == (river_green(area).value,) * 2
    for layer, low in (("parks", river_green(area).value), ("barriers", 0.0)):
        unsure = river_green(dataclasses.replace(area, incomplete=frozenset({layer})))
        assert (unsure.low, unsure.high) == (low, 1.0)
        assert layer in unsure.needs[0].en
    far = drawn([LineString([(0, 5000), (2000, 5000)])], kind=["river"])
    elsewhere = river_green(dataclasses.replace(area, barriers=far))
    assert not elsewhere.has_data
    assert "no river in the zones" in elsewhere.needs[0].en


@pytest.mark.slow
def test_a_building_on_the_border_is_counted_once_and_no_buildings_are_none(town, drawn):
    river = drawn([LineString([(0, 500), (2000, 500)])], kind=["river"])
    houses = drawn([box(990, 520, 1010, 530), box(1500, 600, 1510, 610)], levels=[4.0, 2.0])
    area = town(barriers=river, parks=_parks(drawn, 10), buildings=houses)
    assert river_green(area).breakdown["buildings_near"].tolist() == [1, 1]
    assert river_green(area).breakdown["mean_levels"].tolist() == [4, 2]
    outside, far, near = box(-60, 520, -50, 530), box(100, 700, 110, 710), box(100, 520, 110, 530)
    others = drawn([outside, far, near], levels=[9.0, 30.0, 6.0])
    told = river_green(dataclasses.replace(area, buildings=others)).breakdown.loc["1"]
    assert told[["buildings_near", "levels_known", "mean_levels"]].tolist() == [1, 1, 6]
    none = river_green(dataclasses.replace(area, buildings=houses.iloc[:0])).breakdown
    assert none["buildings_near"].tolist() == [0, 0]
    assert none["mean_levels"].isna().all()
    assert "buildings_near" not in river_green(dataclasses.replace(area, buildings=None)).breakdown
