"""Communities on drawn towns whose answers are mental arithmetic: gaps as counts, complete communities, those advanced."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.scorecard import table_of
from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.measures import communities as ground
from suizhou_geo.measures.community_gaps import community_gaps
from suizhou_geo.measures.complete_communities import (
    ITEMS,
    complete_communities_advanced,
    complete_community_coverage,
)
from suizhou_geo.measures.coverage import covered_within
from suizhou_geo.measures.life_circle import required_categories
from suizhou_geo.standards import table

KM = 1000.0
WEST, SOUTH, NORTH, AWAY = (
    box(0, 0, KM, KM),
    box(KM, 0, 2 * KM, 500),
    box(KM, 500, 2 * KM, KM),
    box(2 * KM, 0, 3 * KM, KM),
)
CATEGORIES = tuple(table("life_circles")["categories"])


def _zones(drawn, *shapes):
    names = [f"z{i}" for i in range(len(shapes))]
    return drawn(shapes, name=names).set_index(np.array([str(i) for i in range(len(shapes))]))


@pytest.fixture
def town(drawn):
    """Two zones of 1 km²; a community of 1000 persons fills the west, two of 300 and 100 the east; one lies outside.

    A kindergarten stands in the west, 50 m from the east; a junior school in the middle.
    """
    return sg.StudyArea(
        "t",
        _zones(drawn, WEST, box(KM, 0, 2 * KM, KM)),
        communities=drawn([AWAY, WEST, SOUTH, NORTH], name=["away", "west", "south", "north"]),
        residential=drawn([box(0, 0, 3 * KM, KM)]),
        population=drawn([WEST, SOUTH, NORTH, AWAY], persons=[1000, 300, 100, 7777]),
        facilities=drawn([Point(950, 250), Point(KM, 500)], category=["kindergarten", "junior_school"]),
    )


def _but(area, **changes):
    return dataclasses.replace(area, **changes)


def _words(texts):
    return " ".join(text.en for text in texts)


def _parts(measure):
    return dict(zip(measure.evidence["name"], measure.evidence["part"], strict=True))


# ------------------------------------------------------------------------------------------------ who counts


def test_persons_and_zones_of_communities(town):
    rows = ground.communities(town).rows.set_index("name")
    assert rows["persons"].to_dict() == pytest.approx({"west": 1000, "south": 300, "north": 100})
    assert rows["homes_ha"].to_dict() == pytest.approx({"west": 100, "south": 50, "north": 50})
    assert rows["zone_id"].to_dict() == {"west": "0", "south": "1", "north": "1"}
    assert ground.communities(town).outside == ("away",)
    assert ground.communities(town).persons_in_none == pytest.approx(0, abs=1e-6)


def test_half_inside_counts_and_less_does_not(town, drawn):
    lying = drawn([box(1500, 0, 2500, KM), box(1500 + 1, 0, 2500 + 1, KM)], name=["half", "less"])
    assert ground.communities(_but(town, communities=lying)).rows["name"].tolist() == ["half"]


def test_a_community_belongs_to_the_zone_that_holds_most_of_it(town, drawn):
    lying = drawn([box(0, 0, 1900, KM), box(900, 0, 2000, KM)], name=["a", "b"])
    assert ground.communities(_but(town, communities=lying)).rows["zone_id"].tolist() == ["0", "1"]


def test_cells_on_a_border_are_shared_by_area(town, drawn):
    # the border runs through the middle of a row of cells
    halves = drawn([box(0, 0, 525, KM), box(525, 0, KM, KM)], name=["a", "b"])
    assert ground.communities(_but(town, communities=halves)).rows["persons"].tolist() == pytest.approx([525, 475])


def test_who_lives_in_none_is_told(town, drawn):
    bare = _but(town, communities=drawn([WEST], name=["west"]))
    assert ground.communities(bare).persons_in_none == pytest.approx(400)
    assert "400 persons (28.6%)" in _words(community_gaps(bare, "kindergarten").notes)
    assert "persons" not in _words(community_gaps(town, "kindergarten").notes)
    assert "not counted: 1 (away)" in _words(community_gaps(town, "kindergarten").notes)


# ------------------------------------------------------------------------------------------------ gaps


def test_a_kindergarten_stands_in_one_of_three(town):
    gap = community_gaps(town, "kindergarten")
    assert (gap.key, gap.unit, gap.profile) == ("community_gaps.kindergarten", "count", "inside")
    assert (gap.value, gap.low, gap.high) == (2, 2, 2)
    assert gap.by_zone.to_dict() == {"0": 0, "1": 2}
    assert gap.denominator.isna().all()
    assert gap.breakdown.loc["kindergarten"].to_dict() == {
        "circle_min": 5,
        "test": "inside",
        "there": 1,
        "lacking": 2,
        "not_known": 0,
        "persons_lacking": pytest.approx(400),
    }
    assert _parts(gap) == {"west": "community_served", "south": "community_gap", "north": "community_gap"}
    assert gap.evidence["part"].notna().all()
    assert gap.evidence.set_index("name")["categories_missing"]["south"] == "kindergarten"


def test_reach_of_homes_equals_the_plain_geometry(town):
    homes = ground.communities(town).rows
    for category, radius_m in (("kindergarten", 300), ("junior_school", 1000)):
        at = town.facilities[town.facilities["category"] == category].geometry
        near = shapely.union_all(at.buffer(radius_m, quad_segs=200).to_numpy())
        share = homes.intersection(near).area / homes.area
        gap = community_gaps(town, category, test="within_reach")
        assert gap.value == (share < 0.5).sum()
        covered = covered_within(town, at.to_numpy(), radius_m, "straight_line")[0].share
        np.testing.assert_allclose(ground.homes_share(town, covered, of="land"), share, atol=2e-4)


@pytest.mark.slow
def test_the_circles_of_fifteen_minutes_go_by_reach(town):
    school = community_gaps(town, "junior_school")
    assert school.value == 0  # it stands on the corner of all three, and 1000 m reach most of each
    assert school.profile == "within_reach / straight_line / land / residential_land"
    far = _but(town, facilities=town.facilities.assign(geometry=town.facilities.translate(-900, 0)))
    assert community_gaps(far, "junior_school").by_zone.to_dict() == {"0": 0, "1": 2}


def test_by_persons_those_who_live_there_decide(town, drawn):
    # everybody in the west lives in its eastern fifth, which a market 100 m beyond the border reaches
    people = drawn([box(800, 0, KM, KM), SOUTH, NORTH], persons=[1000, 300, 100])
    area = _but(town, population=people, facilities=drawn([Point(1050, 500)], category=["market"]))
    assert community_gaps(area, "market", of="land").by_zone["0"] == 1
    assert community_gaps(area, "market", of="persons").by_zone["0"] == 0


@pytest.mark.slow
def test_along_the_streets_a_river_parts(town, drawn):
    """The school stands across a river without a bridge from the west."""
    streets = drawn(
        [LineString([(0, 500), (990, 500)]), LineString([(1000, 500), (2000, 500)])], road_class=["branch"] * 2
    )
    river = drawn([LineString([(995, -100), (995, 1100)])], kind=["river"])
    homes, school = drawn([box(0, 400, 2 * KM, 600)]), drawn([Point(1010, 500)], category=["junior_school"])
    area = _but(town, roads=streets, barriers=river, residential=homes, facilities=school)
    assert community_gaps(area, "junior_school").value == 0
    walking = community_gaps(area, "junior_school", reach="street")
    assert walking.by_zone.to_dict() == {"0": 1, "1": 0}
    assert walking.profile == "within_reach / street / land / residential_land"


@pytest.mark.slow
def test_all_required_together(town):
    gap = community_gaps(town)
    assert _parts(gap) == {"west": "community_served", "south": "community_gap", "north": "community_gap"}
    assert (gap.value, gap.low, gap.high) == (2, 2, 3)  # of 28 categories 26 are not known, which the west may lack
    assert gap.profile == "inside / straight_line / land / 2:28 / residential_land"
    assert len(gap.breakdown) == 28
    assert np.isnan(gap.breakdown.loc["market", "lacking"])
    assert gap.breakdown.loc["market", "not_known"] == 3
    assert "primary school" in _words(gap.needs)
    surveyed = community_gaps(_but(town, surveyed=frozenset(CATEGORIES)))
    assert (surveyed.value, surveyed.low, surveyed.high) == (3, 3, 3)
    assert surveyed.breakdown.loc["market", "lacking"] == 3
    assert surveyed.breakdown.loc["market", "persons_lacking"] == pytest.approx(1400)
    assert surveyed.evidence.set_index("name")["gaps"].to_dict() == {"west": 26, "south": 27, "north": 27}


@pytest.mark.slow
def test_none_lacks_where_everything_stands_everywhere(town, drawn):
    middles = [Point(500, 500), Point(1500, 250), Point(1500, 750)]
    places = [(c, p) for c in CATEGORIES for p in middles]
    full = _but(town, facilities=drawn([p for _, p in places], category=[c for c, _ in places]))
    inside = community_gaps(full)
    # 300 m around the middle of a square kilometre are 28 % of it, of half of it 45 %: but inside is inside
    lacking = inside.breakdown[inside.breakdown["test"] == "inside"]["lacking"]
    assert (lacking == 0).all()
    assert inside.breakdown.loc["junior_school", "lacking"] == 0


@pytest.mark.slow
def test_a_site_stands_where_its_inner_point_lies(town, drawn):
    site = drawn([box(900, 700, 1050, 800)], category=["kindergarten"])  # two thirds of it in the west
    assert community_gaps(_but(town, facilities=site), "kindergarten").by_zone.to_dict() == {"0": 0, "1": 2}
    border = drawn([Point(KM, 700)], category=["kindergarten"])
    assert community_gaps(_but(town, facilities=border), "kindergarten").value == 1


@pytest.mark.slow
def test_incomplete_layers_leave_it_open(town, drawn):
    maps = community_gaps(_but(town, incomplete=frozenset({"facilities"})), "kindergarten")
    assert (maps.value, maps.low, maps.high) == (2, 0, 2)
    assert "facilities" in _words(maps.needs)
    homes = _but(town, incomplete=frozenset({"residential"}))
    assert (community_gaps(homes, "kindergarten").low, community_gaps(homes, "kindergarten").high) == (2, 2)
    reach = community_gaps(homes, "junior_school")
    assert (reach.value, reach.low, reach.high) == (0, 0, 3)
    far = drawn([Point(-800, 500)], category=["junior_school"])  # 1000 m reach 200 m of the west and no more
    lacking = community_gaps(_but(homes, facilities=far), "junior_school")
    assert (lacking.value, lacking.low, lacking.high) == (3, 0, 3)
    streets = drawn([LineString([(-900, 500), (2000, 500)])], road_class=["branch"])
    paths = _but(town, facilities=far, roads=streets, incomplete=frozenset({"roads"}))
    assert community_gaps(paths, "junior_school").low == 3
    walking = community_gaps(paths, "junior_school", reach="street")
    assert (walking.value, walking.low, walking.high) == (3, 0, 3)
    stand_in = community_gaps(_but(town, residential=None), "junior_school")
    assert (stand_in.low, stand_in.high) == (0, 3)
    assert stand_in.profile.endswith("zone_area")
    assert "residential" in _words(stand_in.needs)


def test_a_community_without_homes_lacks_no_reach(town, drawn):
    area = _but(town, residential=drawn([WEST, SOUTH]), facilities=drawn([Point(-800, 500)], category=["market"]))
    gap = community_gaps(area, "market")
    assert (gap.value, gap.low, gap.high) == (2, 2, 2)
    assert gap.breakdown.loc["market", "not_known"] == 1


@pytest.mark.slow
def test_without_data_it_says_what_it_needs(town, drawn):
    for without, word in (("communities", "communities"), ("facilities", "facilities")):
        gap = community_gaps(_but(town, **{without: None}))
        assert not gap.has_data
        assert gap.by_zone.isna().all()
        assert word in _words(gap.needs)
    assert "none of: food market" in _words(community_gaps(town, "market").needs)
    assert not community_gaps(town, "market").has_data
    assert "roads" in _words(community_gaps(town, "junior_school", reach="street").needs)
    assert "population" in _words(community_gaps(_but(town, population=None), "junior_school", of="persons").needs)
    nobody = community_gaps(_but(town, population=None), "kindergarten")
    assert nobody.value == 2
    assert np.isnan(nobody.breakdown.loc["kindergarten", "persons_lacking"])
    for none in (drawn([AWAY], name=["away"]), town.communities.iloc[:0]):
        gap = community_gaps(_but(town, communities=none))
        assert not gap.has_data
        assert "no community" in _words(gap.needs)


@pytest.mark.slow
def test_communities_that_overlap_are_named(town, drawn):
    over = drawn([WEST, box(900, 0, 2000, 500), NORTH], name=["west", "south", "north"])
    for measure in (community_gaps, complete_community_coverage, complete_communities_advanced):
        found = measure(_but(town, communities=over))
        assert not found.has_data
        assert "most where west and south share 5.00 ha" in _words(found.needs)
    twice = drawn([WEST, box(990, 0, 2000, 500), box(KM, 400, 2000, KM)], name=["west", "south", "north"])
    assert "2 places, most where south and north share 10.00 ha" in _words(
        community_gaps(_but(town, communities=twice)).needs
    )
    sliver = drawn([WEST, box(999.5, 0, 2000, 500), NORTH], name=["west", "south", "north"])
    assert community_gaps(_but(town, communities=sliver), "kindergarten").value == 2


def test_wrong_words_are_refused(town):
    for wrong in (
        {"category": "cinema"},
        {"category": "police_station"},
        {"test": "near"},
        {"reach": "walk"},
        {"of": "x"},
    ):
        with pytest.raises(InputError, match=next(iter(wrong))):
            community_gaps(town, **wrong)


def _moved(layer, dx, dy):
    return None if layer is None else layer.assign(geometry=layer.translate(dx, dy))


@pytest.mark.slow
def test_moving_shuffling_and_splitting_change_nothing(town, drawn):
    def numbers(area):
        done = [community_gaps(area, test=t, of=of) for t in ground.TESTS for of in ("land", "persons")]
        return [(m.value, m.low, m.high, m.breakdown["persons_lacking"].sum()) for m in done]

    area = _but(town, surveyed=frozenset(CATEGORIES[::2]))
    before = numbers(area)
    moved = {name: _moved(layer, 350, -200) for name, layer in area.layers.items()}
    assert numbers(_but(area, **moved)) == [pytest.approx(n) for n in before]
    shuffled = {n: layer.iloc[::-1] for n, layer in area.layers.items() if n != "zones"}
    assert numbers(_but(area, **shuffled)) == [pytest.approx(n) for n in before]
    split = _zones(drawn, box(0, 0, 1500, KM), box(1500, 0, 2 * KM, KM))
    assert numbers(_but(area, zones=split)) == [pytest.approx(n) for n in before]


# ------------------------------------------------------------------------------------------------ complete communities


def _declare(area, **said):
    """`said`: community -> its 20 items, "y" yes, "n" no, "." not said."""
    words = {"y": True, "n": False, ".": None}
    columns = {
        f"item_{item}": [words[said.get(name, "." * 20)[i]] for name in area.communities["name"]]
        for i, item in enumerate(ITEMS)
    }
    return _but(area, communities=area.communities.assign(**columns))


@pytest.fixture
def declared(town):
    """No map at all: the west meets 20 items, the south 17 with 1 failed and 2 not said, the north 15 and 5 not."""
    bare = _but(town, facilities=None, parks=None)
    return _declare(bare, away="y" * 20, west="y" * 20, south="y" * 17 + "n..", north="y" * 15 + "nnnnn")


def test_all_twenty_and_k_of_them(declared):
    every = complete_community_coverage(declared)
    assert (every.value, every.low, every.high) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert every.by_zone.to_dict() == {"0": 1, "1": 0}
    assert every.denominator.to_dict() == {"0": 1, "1": 2}
    assert (every.by_zone * every.denominator).sum() / every.denominator.sum() == pytest.approx(every.value)
    assert (every.unit, every.shortfall_unit, every.profile) == ("share", "count", "all_20 / inside / communities")
    some = complete_community_coverage(declared, profile="k_of_20")
    assert some.params["items_wanted"] == 16
    assert some.value == pytest.approx(2 / 3)
    eighteen = complete_community_coverage(declared, profile="k_of_20", k=18)
    assert (eighteen.value, eighteen.low, eighteen.high) == pytest.approx((1 / 3, 1 / 3, 2 / 3))
    assert complete_community_coverage(declared, profile="k_of_20", k=15).value == 1
    assert complete_community_coverage(declared, profile="k_of_20", k=20).value == every.value
    assert _parts(eighteen) == {
        "west": "community_complete",
        "south": "community_open",
        "north": "community_incomplete",
    }
    assert eighteen.evidence.set_index("name")["unknown"]["south"] == "19, 20"
    assert eighteen.evidence.set_index("name")["failed"]["north"] == "16, 17, 18, 19, 20"


def test_by_persons(declared):
    by_persons = complete_community_coverage(declared, of="persons")
    assert by_persons.value == pytest.approx(1000 / 1400)
    assert by_persons.shortfall_unit == "persons"
    assert by_persons.denominator.sum() == pytest.approx(1400)
    nobody = complete_community_coverage(_but(declared, population=None), of="persons")
    assert "population" in _words(nobody.needs)


def test_items_met_failed_and_not_known(declared):
    table_ = complete_community_coverage(declared).breakdown
    assert table_.loc["01", ["met", "failed", "not_known", "declared"]].tolist() == [3, 0, 0, 3]
    assert table_.loc["18", ["met", "failed", "not_known", "declared"]].tolist() == [1, 2, 0, 3]
    assert table_.loc["20", ["met", "failed", "not_known", "declared"]].tolist() == [1, 1, 1, 2]
    assert "items 19, 20" in _words(complete_community_coverage(declared).needs)


@pytest.mark.slow
def test_the_map_fills_what_is_not_declared(town, drawn):
    """Everything is declared but item 2 (kindergarten), which only the west has on the map."""
    said = _declare(town, west="y." + "y" * 18, south="y." + "y" * 18, north="y" * 20)
    found = complete_community_coverage(said)
    assert found.value == pytest.approx(2 / 3)
    assert found.breakdown.loc["02", ["met", "failed", "declared"]].tolist() == [2, 1, 1]
    # the north declares what the map does not show: the declaration holds, and it is told
    assert "0 items declared as failed that the map shows, 1 declared as met" in _words(found.notes)
    refused = complete_community_coverage(_declare(town, west="yn" + "y" * 18))
    assert refused.value == 0
    assert "1 items declared as failed that the map shows" in _words(refused.notes)
    no_kindergarten = _but(said, facilities=drawn([Point(500, 500)], category=["bank"]))
    unknown = complete_community_coverage(no_kindergarten)
    assert (unknown.value, unknown.high) == pytest.approx((1 / 3, 1.0))
    surveyed = complete_community_coverage(_but(no_kindergarten, surveyed=frozenset({"kindergarten"})))
    assert (surveyed.value, surveyed.high) == pytest.approx((1 / 3, 1 / 3))


@pytest.mark.slow
def test_an_incomplete_map_shows_what_is_there_and_not_what_is_missing(town):
    said = _declare(town, west="y." + "y" * 18, south="y." + "y" * 18, north="y" * 20)
    found = complete_community_coverage(_but(said, incomplete=frozenset({"facilities"})))
    assert (found.value, found.low, found.high) == pytest.approx((2 / 3, 2 / 3, 1.0))


@pytest.mark.slow
def test_within_five_minutes(town, drawn):
    """The kindergarten 20 m west of the southern community's border reaches most of a small community there."""
    near = drawn([WEST, box(1000, 100, 1200, 400), box(1200, 0, 1400, 400)], name=["west", "near", "far"])
    area = _but(town, communities=near, facilities=drawn([Point(980, 250)], category=["kindergarten"]))
    said = _declare(area, **dict.fromkeys(("west", "near", "far"), "y." + "y" * 18))
    assert _parts(complete_community_coverage(said)) == {
        "west": "community_complete",
        "near": "community_incomplete",
        "far": "community_incomplete",
    }
    reach = complete_community_coverage(said, test="within_reach")
    assert _parts(reach) == {
        "west": "community_incomplete",
        "near": "community_complete",
        "far": "community_incomplete",
    }
    assert reach.profile == "all_20 / within_reach / straight_line / communities / residential_land"
    unsure = complete_community_coverage(_but(said, residential=None), test="within_reach")
    assert not unsure.has_data  # nobody knows where the homes are, and nothing else is open
    streetless = complete_community_coverage(said, test="within_reach", reach="street")
    assert "roads" in _words(streetless.needs)


@pytest.mark.slow
def test_public_green_by_its_size(town, drawn):
    """Item 15: 5000 m² in the west are enough, 900 m² in the south nobody can judge, 300 m² in the north are none."""
    greens = [box(100, 100, 150, 200), box(1500, 100, 1530, 130), box(1500, 600, 1510, 630)]
    area = _but(town, parks=drawn(greens), facilities=None)
    said = _declare(area, **dict.fromkeys(("west", "south", "north"), "y" * 14 + "." + "y" * 5))
    found = complete_community_coverage(said)
    assert (found.value, found.high) == pytest.approx((1 / 3, 2 / 3))
    assert found.breakdown.loc["15", ["met", "failed", "not_known"]].tolist() == [1, 1, 1]
    shut = complete_community_coverage(_but(said, parks=drawn(greens, open_public=[False, True, True])))
    assert shut.breakdown.loc["15", "met"] == 0
    unsure = complete_community_coverage(_but(said, incomplete=frozenset({"parks"})))
    assert unsure.breakdown.loc["15", ["met", "failed", "not_known"]].tolist() == [1, 0, 2]
    # item 14, a ground of 150 m²: the three greens are large enough everywhere
    grounds = _declare(area, **dict.fromkeys(("west", "south", "north"), "y" * 13 + "." + "y" * 6))
    assert complete_community_coverage(grounds).value == 1


@pytest.mark.slow
def test_a_green_on_the_border_serves_who_has_enough_of_it(town, drawn):
    park = drawn([box(990, 0, 1100, 100)])  # 1000 m² of it in the west, 1 ha in the south
    said = _declare(_but(town, parks=park), **dict.fromkeys(("west", "south", "north"), "y" * 14 + "." + "y" * 5))
    assert complete_community_coverage(said).value == pytest.approx(2 / 3)
    less = drawn([box(999, 0, 1100, 100)])  # 100 m² of it in the west
    assert complete_community_coverage(_but(said, parks=less)).value == pytest.approx(1 / 3)


@pytest.mark.slow
def test_nothing_declared_is_no_data_unless_the_map_decides(town):
    bare = complete_community_coverage(_but(town, facilities=None))
    assert not bare.has_data
    assert "item_01 to item_20" in _words(bare.needs)
    assert "facilities" in _words(bare.needs)
    # the map shows that the south and the north have no kindergarten, so they cannot be complete; the west may be
    mapped = complete_community_coverage(town)
    assert (mapped.value, mapped.low, mapped.high) == pytest.approx((0, 0, 1 / 3))
    assert not complete_community_coverage(_but(town, communities=None)).has_data


@pytest.mark.slow
def test_what_is_neither_yes_nor_no_is_refused(declared):
    odd = declared.communities.assign(item_07=["?", True, True, True])
    assert complete_community_coverage(_but(declared, communities=odd)).has_data  # of the one outside nobody asks
    odd = declared.communities.assign(item_07=[True, "有", True, True])
    with pytest.raises(LayerError, match="column item_07: west holds '有'"):
        complete_community_coverage(_but(declared, communities=odd))
    for wrong in (0, 21, 1.5, True):
        with pytest.raises(InputError, match="k is"):
            complete_community_coverage(declared, profile="k_of_20", k=wrong)
    for wrong in ({"profile": "some"}, {"test": "near"}, {"reach": "walk"}, {"of": "land"}):
        with pytest.raises(InputError):
            complete_community_coverage(declared, **wrong)


@pytest.mark.slow
def test_more_items_never_make_more_communities_complete(declared):
    values = [complete_community_coverage(declared, profile="k_of_20", k=k).value for k in range(1, 21)]
    assert values == sorted(values, reverse=True)


@pytest.mark.slow
def test_complete_communities_move_and_shuffle(declared):
    before = complete_community_coverage(declared)
    for changed in (
        {n: _moved(layer, 350, -200) for n, layer in declared.layers.items()},
        {"communities": declared.communities.iloc[::-1]},
        {"communities": declared.communities.astype({f"item_{n}": "boolean" for n in ITEMS})},
    ):
        after = complete_community_coverage(_but(declared, **changed))
        assert (after.value, after.low, after.high) == (before.value, before.low, before.high)


# ------------------------------------------------------------------------------------------------ advanced


def test_those_advanced_are_counted(town):
    said = _but(town, communities=town.communities.assign(advanced=[True, True, False, True]))
    found = complete_communities_advanced(said)
    assert (found.value, found.low, found.high, found.needs) == (2, 2, 2, ())
    assert found.by_zone.to_dict() == {"0": 1, "1": 1}
    assert sorted(found.evidence["name"]) == ["north", "west"]
    assert (found.key, found.unit) == ("complete_communities_advanced", "count")


@pytest.mark.slow
def test_of_some_it_is_not_said(town):
    found = complete_communities_advanced(
        _but(town, communities=town.communities.assign(advanced=[None, True, None, False]))
    )
    assert (found.value, found.low, found.high) == (1, 1, 2)
    assert "1 communities do not say" in _words(found.needs)
    none = complete_communities_advanced(_but(town, communities=town.communities.assign(advanced=False)))
    assert (none.value, none.high) == (0, 0)


@pytest.mark.slow
def test_where_nobody_says_there_is_no_number(town):
    found = complete_communities_advanced(town)
    assert not found.has_data
    assert "advanced" in _words(found.needs)
    outside = complete_communities_advanced(
        _but(town, communities=town.communities.assign(advanced=[True, None, None, None]))
    )
    assert not outside.has_data
    assert "communities" in _words(complete_communities_advanced(_but(town, communities=None)).needs)


# ------------------------------------------------------------------------------------------------ the plan and real places


def test_keys_and_units_are_the_plans(declared):
    plan = sg.read_plan("suizhou_2025")
    card = table_of(
        rows_of([complete_community_coverage(declared), complete_communities_advanced(declared)], plan), "zh"
    ).set_index("key")
    assert card.loc["complete_community_coverage", "status"] == "met"  # 33 % of 30 %
    assert card.loc["complete_communities_advanced", "status"] == "no_data"


def test_the_table_of_items_is_whole():
    items = table("life_circles")["complete_community"]["items"]
    assert tuple(items) == ITEMS
    for item in items.values():
        assert set(item.get("categories", ())) <= set(CATEGORIES)
    assert set(required_categories()) <= set(CATEGORIES)


@pytest.mark.real
@pytest.mark.parametrize("city", ["newport", "nanjing"])
def test_real_places_say_what_they_need(real_data, city):
    assert real_data.is_dir()
    area = sg.read_study(Path(__file__).parent / "real" / city / "study.toml").area
    for measure in (community_gaps, complete_community_coverage, complete_communities_advanced):
        found = measure(area)
        assert not found.has_data
        assert "communities" in _words(found.needs)
    one = _but(area, communities=area.zones.assign(name="everything")[["name", "geometry"]])
    gaps = community_gaps(one)
    assert gaps.low == 0
    assert 0 <= gaps.value <= len(area.zones)
    assert isinstance(gaps.breakdown, pd.DataFrame)
