"""The likely range: what is not mapped told from what is, by worlds whose answers are done in the head."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely import box
from shapely.geometry import LineString, Point

import suizhou_geo as sg
from suizhou_geo.access.demand import demand
from suizhou_geo.assessment.deciding import would_decide
from suizhou_geo.assessment.phrases import row_verdict_text
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.measures.likely.mapped import mapped_facilities, silent_homes
from suizhou_geo.measures.likely.streets import mapped_branches
from suizhou_geo.measures.likely.unseen import Reaches, newly_reached, ratio_missing, share_found
from suizhou_geo.model import Likely, Plan, Target
from suizhou_geo.streets.counted_roads import counted_streets

KIND = "kindergarten"


def test_what_is_unseen_is_told_right_in_the_mean():
    """Places that 1, 2 or 3 things reach; each thing is mapped with chance 0.7, drawn many times."""
    chance, mapped = np.random.default_rng(1), 0.7
    truly = np.repeat([1, 2, 3], [500, 300, 200])
    told = []
    for _ in range(400):
        seen = chance.binomial(truly, mapped)
        told.append((seen > 0).sum() + newly_reached(seen, np.ones(len(truly)), (1 - mapped) / mapped))
    assert np.mean(told) == pytest.approx(1000, abs=4)


def test_nothing_more_is_reached_where_nothing_is_missing():
    assert newly_reached(np.array([0, 1, 2]), np.ones(3), 0.0) == 0.0


def test_units_alone_hold_what_no_other_reaches():
    reaches = Reaches(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([3.0, 5.0, 7.0]))
    assert reaches.counts().tolist() == [1, 2, 0]
    assert reaches.alone().tolist() == [3.0]


def test_how_much_is_missing_is_told_by_who_has_none():
    """Everybody has 2; half of each is missing: a quarter has none, a half has one, a quarter has both."""
    assert ratio_missing(np.array([[0.25, 0.5, 0.25]]))[0] == pytest.approx(1.0)
    assert ratio_missing(np.array([[0.01, 0.18, 0.81]]))[0] == pytest.approx(1 / 9, abs=0.006)


def test_a_second_source_of_few_tells_little():
    few, many = share_found(3, 3, 1.645), share_found(300, 300, 1.645)
    assert few[0] < 0.6 < 0.98 < many[0]
    assert few[1] == pytest.approx(1.0) == many[1]


@pytest.fixture(scope="module")
def town(drawn):
    """Homes of 4 km x 1 km with 20 kindergartens, one for each 400 m x 500 m, each of which reaches 300 m."""
    ground = [box(0, 0, 4000, 1000)]
    places = [Point(x, y) for x in range(200, 4000, 400) for y in (250, 750)]
    return sg.StudyArea(
        "t",
        drawn(ground, name=["城"]),
        residential=drawn(ground),
        population=drawn(ground, persons=[40_000.0]),
        facilities=drawn(places, category=[KIND] * len(places)),
    )


def _without(area, kept, **changes):
    return area.replace(
        facilities=area.facilities[kept].reset_index(drop=True), incomplete=frozenset({"facilities"}), **changes
    )


@pytest.mark.slow
def test_a_complete_layer_has_no_likely_range(town):
    assert sg.service_coverage(town, KIND).likely is None


@pytest.mark.slow
def test_the_range_begins_at_what_is_mapped_and_is_narrower_than_all(town):
    half = _without(town, np.arange(len(town.facilities)) % 2 == 0)
    found = sg.service_coverage(half, KIND)
    assert found.low == found.likely.low == found.value
    assert found.value < found.likely.high <= found.high == 1.0
    assert found.told_range == (found.likely.low, found.likely.high)
    assert sg.service_coverage(town, KIND).value <= found.likely.high


@pytest.mark.slow
def test_a_second_source_makes_the_range_narrower(town):
    """It has every one, and so has the map but for one: more than nine tenths are mapped."""
    kept = np.arange(len(town.facilities)) != 7
    alone, with_second = _without(town, kept), _without(town, kept, facilities_check=town.facilities)
    assert mapped_facilities(with_second, (KIND,)).because.en.startswith("19 of the 20")
    assert mapped_facilities(alone, (KIND,)).least == 0.5 < mapped_facilities(with_second, (KIND,)).least < 0.95
    one, other = (sg.service_coverage(area, KIND).likely for area in (with_second, alone))
    assert one.high <= other.high


@pytest.mark.slow
def test_a_second_source_counts_each_facility_of_the_zones_once(town):
    """What it has three times, or beyond the zones, tells no more and no less; what it has not leaves the assumption."""
    kept = np.arange(len(town.facilities)) % 5 != 0
    second, none = town.facilities, town.facilities.iloc[:0]
    far = second.set_geometry(second.translate(6_000.0, 0.0))
    near = second.set_geometry(second.translate(10.0, 0.0))
    others = (second, pd.concat([second, second, near], ignore_index=True), pd.concat([second, far]))
    one, thrice, beyond = (mapped_facilities(_without(town, kept, facilities_check=other), (KIND,)) for other in others)
    assert one == thrice == beyond
    assert one.because.en.startswith("16 of the 20")
    assert not one.assumed
    assert mapped_facilities(_without(town, kept, facilities_check=none), (KIND,)).assumed


@pytest.mark.slow
def test_fewer_than_the_standard_plans_for_opens_the_range(town):
    """For 480,000 persons and 1 in 12,000 there are 40 at the least: with 2 mapped more than half is missing."""
    crowd = town.population.assign(persons=480_000.0)
    few = _without(town, np.arange(len(town.facilities)) < 2, population=crowd)
    assert mapped_facilities(few, (KIND,)).least == pytest.approx(2 / 40)
    assert sg.service_coverage(few, KIND).likely.high == 1.0


@pytest.mark.slow
def test_where_hardly_anything_is_mapped_for_so_many_persons_homes_are_silent(town):
    """The eastern half is blank: its homes are silent but for those that the west is near."""
    assert not silent_homes(town.replace(incomplete=frozenset({"facilities"}))).any()
    west = town.facilities.iloc[np.repeat(np.arange(10), 10)].reset_index(drop=True)
    half = town.replace(facilities=west, incomplete=frozenset({"facilities"}))
    x = np.array([centre.x for centre in demand(half).centre])
    assert silent_homes(half)[x > west.total_bounds[2] + 600.0].all()


@pytest.mark.slow
def test_homes_without_streets_tell_that_streets_are_missing(drawn):
    """Streets every 200 m: everybody has one. Without some of them fewer are told to be mapped."""
    ground = [box(0, 0, 4000, 4000)]
    rows = [LineString([(x, y), (x + 800, y)]) for y in range(100, 4000, 200) for x in range(0, 4000, 800)]
    whole = sg.StudyArea(
        "t",
        drawn(ground, name=["城"]),
        residential=drawn(ground),
        roads=drawn(rows, road_class=["branch"] * len(rows), source_id=[f"w{k}" for k in range(len(rows))]),
        incomplete=frozenset({"roads"}),
    )
    kept = np.random.default_rng(0).random(len(rows)) < 0.9
    thin = whole.replace(roads=whole.roads[kept].reset_index(drop=True))
    full, less = (mapped_branches(area, counted_streets(area), area.zones) for area in (whole, thin))
    assert full.least > less.least
    assert less.least <= kept.mean()
    density = sg.road_density(thin)
    assert density.likely.low <= sg.road_density(whole).value <= density.likely.high < np.inf == density.high


@pytest.mark.slow
@pytest.mark.parametrize(("homes_to", "told"), [(3000, True), (1800, False)])
def test_homes_tell_nothing_of_streets_where_nobody_lives(drawn, homes_to, told):
    """Streets every 200 m; none is mapped east of the homes, which tell of 150 m beyond themselves: of 3,150 m of 4,200 m.

    East of them as many may be missing, which is assumed. Where homes tell of less than half, nothing is reckoned.
    """
    rows = [LineString([(x, y), (x + 600, y)]) for y in range(100, 4000, 200) for x in range(0, 4000, 600)]
    truth = sg.StudyArea(
        "t",
        drawn([box(0, 0, 4200, 4000)], name=["城"]),
        residential=drawn([box(0, 0, homes_to, 4000)]),
        roads=drawn(rows, road_class=["branch"] * len(rows), source_id=[f"w{k}" for k in range(len(rows))]),
        incomplete=frozenset({"roads"}),
    )
    kept = np.array([row.coords[1][0] <= homes_to for row in rows])
    blank = truth.replace(roads=truth.roads[kept].reset_index(drop=True))
    density, true = sg.road_density(blank), sg.road_density(truth).value
    assert density.value == pytest.approx(true * homes_to / 4200)
    if told:
        assert density.likely.is_assumed
        assert density.likely.high == pytest.approx(density.value * 4200 / (homes_to + 150))
        mapped = mapped_branches(blank, counted_streets(blank), blank.zones)
        assert mapped.least == pytest.approx(3150 / 4200)
        assert "75% of the ground" in mapped.because.en
    else:
        assert density.likely is None
    (row,) = rows_of([density], Plan("p", "方案", "plan", "文件", (_dense(true),)))
    assert row.status == "cannot_tell"  # in truth it is met


def _dense(value):
    return Target("road_density", "路网密度", "road density", ">=", value, "km/km2", None, "1", "q")


def _promise(value):
    target = Target(f"service_coverage.{KIND}", "幼儿园", "kindergartens", ">=", value, "share", None, "1", "q")
    return Plan("p", "方案", "plan", "文件", (target,))


@pytest.mark.slow
def test_a_verdict_is_drawn_from_the_likely_range_and_what_would_decide_is_said(town):
    """Between 0.4 and 0.6: a promise of 0.7 is missed, one of 0.5 is open, and the kindergartens alone decide it."""
    found = sg.service_coverage(_without(town, np.arange(len(town.facilities)) % 2 == 0), KIND)
    (driver,) = found.likely.drivers
    likely = Likely(0.4, 0.6, 0.9, (replace(driver, width=0.2, assumed=False),))
    measure = replace(found, value=0.4, low=0.4, high=1.0, likely=likely)
    (missed,) = rows_of([measure], _promise(0.7))
    assert (missed.status, missed.confidence, missed.low, missed.high) == ("missed", 0.9, 0.4, 0.6)
    assert "90% confidence" in missed.needs_text("en")
    assert (row_verdict_text(missed, "zh"), row_verdict_text(missed, "en")) == (
        "✗ 未达到（把握 90%）",
        "✗ missed (90% sure)",
    )
    (whatever,) = rows_of([replace(measure, high=0.65)], _promise(0.7))  # missed, whatever is missing
    assert (whatever.status, whatever.confidence, row_verdict_text(whatever, "zh")) == ("missed", 1.0, "✗ 未达到")
    (without,) = rows_of([replace(measure, likely=None)], _promise(0.7))
    assert (without.status, without.confidence, without.high) == ("cannot_tell", 1.0, 1.0)
    (open_,) = rows_of([measure], _promise(0.5))
    assert open_.status == "cannot_tell"
    assert "10 mapped: kindergarten" in open_.would_settle[0].en
    assert "即可判定" in open_.would_settle[0].zh
    assert would_decide(measure, ">=", 0.7) == ()


@pytest.mark.slow
def test_no_verdict_is_drawn_from_a_guess(town):
    """That half is mapped at the least is assumed: what follows is told, and the verdict stays open."""
    found = sg.service_coverage(_without(town, np.arange(len(town.facilities)) % 2 == 0), KIND)
    assert found.likely.is_assumed
    assert found.told_range == (found.low, found.high)
    measure = replace(found, value=0.4, low=0.4, high=1.0, likely=replace(found.likely, low=0.4, high=0.6))
    (row,) = rows_of([measure], _promise(0.7))
    assert (row.status, row.confidence, row.low, row.high) == ("cannot_tell", 1.0, 0.4, 1.0)
    assert "如此则为 40.0% 至 60.0%，未达到：假定之上不作结论" in row.needs_text("zh")
    assert "no verdict is drawn from a guess" in row.needs_text("en")
    (driver,) = found.likely.drivers
    homes = replace(driver, layer="residential", width=0.05)
    alone, beside = (
        would_decide(replace(measure, likely=replace(measure.likely, drivers=drivers)), ">=", 0.5)[0].zh
        for drivers in ((replace(driver, width=0.2),), (replace(driver, width=0.2), homes))
    )
    assert "即可判定" in alone
    assert "可去掉不确定范围" in beside  # what is guessed of the homes is left


@pytest.mark.slow
def test_from_few_things_nothing_is_told(town):
    """Nothing mapped reaches anybody: that is no sign that nothing does."""
    few = _without(town, np.arange(len(town.facilities)) < 3)
    assert sg.service_coverage(few, KIND).told_range[1] == 1.0
    unsure = town.replace(incomplete=frozenset({"facilities", "residential"}))
    assert sg.service_coverage(unsure, "primary_school").likely is None
    far = town.facilities.set_geometry(town.facilities.translate(0, 9_000))
    nobody = town.replace(facilities=far, incomplete=frozenset({"residential"}))
    found = sg.service_coverage(nobody, KIND)
    assert (found.value, found.likely, found.told_range) == (0.0, None, (0.0, 1.0))
