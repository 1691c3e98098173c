"""Places and walks on drawn towns: shared out among all who can reach them, equal to a slow count, conserved; paces."""

import dataclasses
import re
from itertools import pairwise
from pathlib import Path
from typing import get_args

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.access.demand import demand
from suizhou_geo.access.floating_catchment import Walks, floating_catchment, huff_catchment
from suizhou_geo.assessment.rows import shortfall
from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.measures import capacity
from suizhou_geo.measures.capacity import KINDS, Method, places_per_thousand, places_short
from suizhou_geo.measures.life_circle import service_coverage
from suizhou_geo.measures.walk_time import Walker, daily_walks, walk_time_coverage
from suizhou_geo.standards import table

KM = 1000.0


def _zones(drawn, *shapes):
    names = [f"z{i}" for i in range(len(shapes))]
    return drawn(shapes, name=names).set_index(np.array([str(i) for i in range(len(shapes))]))


def _but(area, **changes):
    return dataclasses.replace(area, **changes)


def _words(texts):
    return " ".join(text.en for text in texts)


@pytest.fixture
def strip(drawn):
    """Homes along a street of 2 km, 40 cells of 10 persons whose centres are 25 m off it; two kindergartens on it.

    300 m along the street reach 12 cells from each: 12 places at x = 500, 6 at x = 800; 6 cells reach both.
    """
    return sg.StudyArea(
        "t",
        _zones(drawn, box(0, -500, KM, 500), box(KM, -500, 2 * KM, 500)),
        roads=drawn([LineString([(-1000, 0), (3000, 0)])], road_class=["branch"]),
        residential=drawn([box(0, 0, 2 * KM, 50)]),
        population=drawn([box(0, 0, 2 * KM, 50)], persons=[400]),
        facilities=drawn(
            [Point(500, 0), Point(800, 0)], category=["kindergarten"] * 2, capacity=[12, 6], name=["one", "two"]
        ),
    )


# ------------------------------------------------------------------------------------------------ two steps


def test_the_strip_in_two_steps(strip):
    short = places_short(strip, "kindergarten", per_thousand=60)
    # 12 places over 120 persons are 100 per 1000, 6 over 120 are 50, 150 where both are reached: 12 cells have enough
    assert short.value == pytest.approx(28 / 40)
    assert short.by_zone.to_dict() == pytest.approx({"0": 8 / 20, "1": 1})
    assert (short.by_zone * short.denominator).sum() / short.denominator.sum() == pytest.approx(short.value)
    assert (short.low, short.high) == (short.value, short.value)
    assert (short.key, short.unit, short.shortfall_unit) == ("places_short.kindergarten", "share", "persons")
    assert short.profile == "2sfca / street / persons / residential_land"
    west = short.evidence.geometry.bounds["minx"].to_numpy() - 441_000
    found = dict(zip(west, short.evidence["places_per_thousand"], strict=True))
    assert [found[x] for x in (150, 200, 450, 500, 750, 800, 1050, 1100)] == pytest.approx(
        [0, 100, 100, 150, 150, 50, 50, 0]
    )
    assert short.evidence["part"].value_counts().to_dict() == {
        "places_none": 22,
        "places_enough": 12,
        "places_short": 6,
    }
    assert short.params["persons_without_any"] == pytest.approx(220)
    assert short.breakdown.loc[:, "persons_asking"].tolist() == pytest.approx([120, 120])
    assert short.breakdown.loc[:, "places_per_thousand"].tolist() == pytest.approx([100, 50])
    assert short.breakdown["name"].tolist() == ["one", "two"]


def test_exactly_the_standard_is_enough(strip):
    assert places_short(strip, "kindergarten", per_thousand=100).value == pytest.approx(28 / 40)
    assert places_short(strip, "kindergarten", per_thousand=50).value == pytest.approx(22 / 40)
    assert places_short(strip, "kindergarten", per_thousand=150).value == pytest.approx(34 / 40)
    assert places_short(strip, "kindergarten", per_thousand=151).value == 1
    assert places_short(strip, "kindergarten", per_thousand=1e-9 + 1e-10).value == pytest.approx(22 / 40)


def test_those_who_may_choose_ask_once(strip):
    """With Huff's choice, of 180 persons in reach of anything each asks once."""
    huff = places_short(strip, "kindergarten", method="huff", per_thousand=60)
    assert huff.breakdown["persons_asking"].sum() == pytest.approx(180)
    assert huff.params["places_reached"] == pytest.approx(18)
    assert huff.params["decay_m"] == 150
    assert huff.profile.startswith("huff / street")


@pytest.mark.parametrize("method", get_args(Method))
def test_places_are_conserved(strip, drawn, method):
    far = pd.concat([strip.facilities, drawn([Point(2900, 0)], category=["kindergarten"], capacity=[100])])
    short = places_short(_but(strip, facilities=far), "kindergarten", method=method)
    got = (short.evidence["places_per_thousand"] * short.evidence["persons"]).sum() / 1e3
    assert got == pytest.approx(18)
    assert short.params["places_reached"] == pytest.approx(18)
    assert short.params["places_unreached"] == pytest.approx(100)
    assert short.params["places"] == 118
    assert short.params["places_outside_zones"] == 100


def test_persons_where_no_homes_are_mapped_compete_too(strip, drawn):
    """60 persons live where no residential land is mapped, in reach of the first."""
    elsewhere = drawn([box(0, 0, 2 * KM, 50), box(475, -50, 525, 0)], persons=[400, 60])
    short = places_short(_but(strip, population=elsewhere), "kindergarten")
    assert short.breakdown["persons_asking"].tolist() == pytest.approx([180, 120])
    assert short.denominator.sum() == pytest.approx(460)


# ------------------------------------------------------------------------------------------------ the slow count


def _meets(doors, lines, stops):
    """Where each door meets the straight streets nearer than 50 m, or the nearest: these places become stops, too."""
    meets = {door: [] for door in doors}  # a door is no way through for others
    for door, point in doors.items():
        nearest_m = min(line.distance(point) for line in lines)
        for n, line in enumerate(lines):
            leg_m = line.distance(point)
            if leg_m < 50 or leg_m == nearest_m <= 1000:
                at = line.interpolate(line.project(point))
                stops[n].append((at.x, at.y))
                meets[door].append(((round(at.x, 3), round(at.y, 3)), leg_m))
    return meets


def _slow(area, category, reach_m, method):
    """Per cell places per person: networkx over a graph built segment by segment, and nested loops."""
    graph, lines = nx.Graph(), list(area.roads.geometry)
    doors = {("home", i): p for i, p in enumerate(area.residential.geometry.centroid)}
    mine = area.facilities[area.facilities["category"] == category]
    doors |= {("place", j): p for j, p in enumerate(mine.geometry)}
    stops = {n: [line.coords[0], line.coords[-1]] for n, line in enumerate(lines)}
    for a, one in enumerate(lines):
        for other in lines[a + 1 :]:
            if one.intersects(other):
                cross = one.intersection(other)
                stops[a].append((cross.x, cross.y))
                stops[lines.index(other)].append((cross.x, cross.y))
    meets = _meets(doors, lines, stops)
    for n, line in enumerate(lines):
        along = sorted(stops[n], key=lambda xy: line.project(Point(xy)))
        for one, other in pairwise(along):
            a, b = ((round(xy[0], 3), round(xy[1], 3)) for xy in (one, other))
            if a != b:
                graph.add_edge(a, b, m=Point(one).distance(Point(other)))
    homes = range(len(area.residential))
    away = {}
    for j in range(len(mine)):
        graph.add_node("place")
        graph.add_edges_from(("place", at, {"m": leg_m}) for at, leg_m in meets["place", j])
        reached = nx.single_source_dijkstra_path_length(graph, "place", cutoff=reach_m, weight="m")
        graph.remove_node("place")
        for i in homes:
            whole_m = min((reached.get(at, np.inf) + leg_m for at, leg_m in meets["home", i]), default=np.inf)
            if whole_m <= reach_m:
                away[i, j] = whole_m
    persons, places = area.population["persons"].to_numpy(), mine["capacity"].to_numpy(dtype=float)
    choice = dict.fromkeys(away, 1.0)
    if method == "huff":
        pull = {(i, j): places[j] * np.exp(-(d**2) / (2 * (reach_m / 2) ** 2)) for (i, j), d in away.items()}
        total = {i: sum(w for (k, _), w in pull.items() if k == i) for i in homes}
        choice = {(i, j): w / total[i] if total[i] else 0.0 for (i, j), w in pull.items()}
    asking = {j: sum(persons[i] * c for (i, k), c in choice.items() if k == j) for j in range(len(mine))}
    return np.array(
        [sum(c * places[j] / asking[j] for (k, j), c in choice.items() if k == i and asking[j] > 0) for i in homes]
    )


def _random_town(drawn, seed):
    """A crooked grid of streets, homes in squares of the demand grid, facilities anywhere, one with no places."""
    rng = np.random.default_rng(seed)
    xs, ys = (
        np.sort(rng.choice(np.arange(31, 1470, 7), 6, False)),
        np.sort(rng.choice(np.arange(31, 1470, 7), 6, False)),
    )
    cross = [LineString([(x, y) for y in (0.0, *ys, 1500.0)]) for x in xs]
    along = [LineString([(x, y) for x in (0.0, *xs, 1500.0)]) for y in ys]
    squares = [(50 * int(k % 30), 50 * int(k // 30)) for k in rng.choice(900, 60, False)]
    offsets = rng.uniform(1, 20, (60, 2))
    homes = [box(x + a, y + b, x + a + 20, y + b + 20) for (x, y), (a, b) in zip(squares, offsets, strict=True)]
    at = [Point(*xy) for xy in rng.uniform(50, 1450, (7, 2))]
    return sg.StudyArea(
        "t",
        _zones(drawn, box(0, 0, 700, 1500), box(700, 0, 1500, 1500)),
        roads=drawn(cross + along, road_class=["branch"] * 12),
        residential=drawn(homes),
        population=drawn(homes, persons=rng.integers(0, 40, 60)),
        facilities=drawn(at, category=["primary_school"] * 7, capacity=[0, *rng.integers(5, 60, 6)]),
    )


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("seed", range(4))
def test_it_equals_a_slow_independent_count(drawn, seed, method):
    area = _random_town(drawn, seed)
    slow = _slow(area, "primary_school", 500.0, method)
    short = places_short(area, "primary_school", method=method, per_thousand=40)
    cells = short.evidence
    # homes on a border of two zones are two cells; each lies in one home
    where = shapely.STRtree(area.residential.geometry.to_numpy()).nearest(cells.geometry.centroid.to_numpy())
    single = pd.Series(where).map(pd.Series(where).value_counts()).to_numpy() == 1
    assert single.sum() >= 50
    np.testing.assert_allclose(cells["places_per_thousand"].to_numpy()[single], slow[where[single]] * 1e3, rtol=1e-6)
    assert (slow > 0).sum() > 10
    if single.all():
        persons = area.population["persons"].to_numpy()
        assert short.value == pytest.approx(persons[slow * 1e3 < 40].sum() / persons.sum())


@pytest.mark.parametrize("seed", range(20))
def test_both_methods_conserve_whatever_reaches_what(seed):
    rng = np.random.default_rng(seed)
    pairs = np.argwhere(rng.random((30, 8)) < 0.2)
    reachable = Walks(pairs[:, 0], pairs[:, 1], rng.uniform(0, 500, len(pairs)))
    persons, places = rng.integers(0, 50, 30).astype(float), rng.integers(0, 90, 8).astype(float)
    asked = np.array([any(persons[i] > 0 for i, j in pairs if j == k) for k in range(8)])
    for shares in (
        floating_catchment(reachable, persons, places),
        huff_catchment(reachable, persons, places, decay_m=250.0),
    ):
        assert (shares.per_person * persons).sum() == pytest.approx(places[asked].sum())
    once = huff_catchment(reachable, persons, places, decay_m=250.0).asking.sum()
    some = {i for i, j in pairs if places[j] > 0}
    assert once == pytest.approx(persons[list(some)].sum())


# ------------------------------------------------------------------------------------------------ unknown, zero, none


def _with(area, capacity, **more):
    return _but(area, facilities=area.facilities.assign(capacity=capacity, **more))


@pytest.mark.slow
def test_capacity_not_said_is_told_and_leaves_it_open(strip):
    short = places_short(_with(strip, [12, np.nan]), "kindergarten", per_thousand=60)
    assert short.value == pytest.approx(28 / 40)
    assert (short.low, short.high) == pytest.approx((22 / 40, 28 / 40))  # 6 more cells reach only the silent one
    assert "of 2 facilities 1 do not say" in _words(short.needs)
    huff = places_short(_with(strip, [12, np.nan]), "kindergarten", method="huff", per_thousand=60)
    assert (huff.low, huff.high) == (0, 1)
    nobody = places_short(_with(strip, [np.nan, np.nan]), "kindergarten")
    assert not nobody.has_data
    assert "of 2 facilities 2 do not say" in _words(nobody.needs)
    assert not places_per_thousand(_with(strip, [np.nan, np.nan]), "kindergarten").has_data


@pytest.mark.slow
def test_a_capacity_of_zero_is_none_and_told(strip):
    short = places_short(_with(strip, [12, 0]), "kindergarten", per_thousand=60)
    assert short.value == short.low == pytest.approx(28 / 40)
    assert short.params["capacity_zero"] == 1
    assert "1 facilities give a capacity of 0" in _words(short.notes)
    assert "capacity of 0" not in _words(places_short(strip, "kindergarten").notes)
    empty = places_short(_with(strip, [0, 0]), "kindergarten", per_thousand=60)
    assert (empty.value, empty.low, empty.high) == (1, 1, 1)
    assert places_per_thousand(_with(strip, [0, 0]), "kindergarten").value == 0


def test_a_capacity_that_is_no_number_of_places_is_told(strip):
    short = places_short(_with(strip, pd.Series([12, "many"], dtype=object)), "kindergarten", per_thousand=60)
    assert "no number of zero or more" in _words(short.notes)
    assert short.params["without_capacity"] == 1
    assert short.low < short.value == pytest.approx(28 / 40)
    for odd in (-5, np.inf):
        with pytest.raises(LayerError, match=r"layer facilities, column capacity: row 1 holds .* of zero or more"):
            _with(strip, pd.Series([12, odd], dtype=object))


def test_what_serves_from_outside_is_left_open(strip):
    moved = strip.facilities.assign(geometry=[*strip.facilities.translate(-550, 0)[:1], *strip.facilities.geometry[1:]])
    short = places_short(_but(strip, facilities=moved), "kindergarten", per_thousand=60)
    # from x = -50 the first reaches 5 cells, 240 per 1000; nobody knows who else asks there
    assert (short.value, short.low, short.high) == pytest.approx((35 / 40, 35 / 40, 1.0))
    assert short.params["places_outside_zones"] == 12
    assert "1 facilities may also serve residents beyond" in _words(short.notes)


@pytest.mark.slow
def test_incomplete_layers_leave_it_open(strip):
    def range_of(layer):
        found = places_short(_but(strip, incomplete=frozenset({layer})), "kindergarten", per_thousand=60)
        assert layer in _words(found.needs)
        return found.low, found.high

    assert range_of("facilities") == pytest.approx((0, 0.7))
    for layer in ("roads", "population", "residential"):
        assert range_of(layer) == (0, 1)
    stand_in = places_short(_but(strip, residential=None), "kindergarten")
    assert (stand_in.low, stand_in.high) == (0, 1)
    assert stand_in.profile.endswith("zone_area")


@pytest.mark.slow
def test_without_data_it_says_what_it_needs(strip):
    for layer in ("facilities", "population", "roads"):
        found = places_short(_but(strip, **{layer: None}), "kindergarten")
        assert not found.has_data
        assert layer in _words(found.needs)
    assert "none of: hospital" in _words(places_short(strip, "hospital").needs)
    none = places_short(_but(strip, surveyed=frozenset({"hospital"})), "hospital")
    assert (none.value, none.low, none.high) == (1, 1, 1)
    assert len(none.breakdown) == 0
    nobody = _but(strip, population=strip.population.assign(persons=0.0))
    assert np.isnan(places_short(nobody, "kindergarten").value)
    assert np.isnan(places_per_thousand(nobody, "kindergarten").value)


def test_wrong_words_are_refused(strip):
    for wrong in ({"kind": "cinema"}, {"method": "best"}, {"per_thousand": 0}, {"radius_m": -1}, {"radius_m": "far"}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            places_short(strip, **{"kind": "kindergarten", **wrong})
    with pytest.raises(InputError, match="kind"):
        places_per_thousand(strip, "cinema")


def test_two_categories_hold_one_kind(strip):
    beds = _with(strip, [12, 6], category=["elderly_home", "nursing_home"])
    assert places_short(beds, "elderly_care", radius_m=300, per_thousand=60).value == pytest.approx(28 / 40)
    assert places_per_thousand(beds, "elderly_care").value == pytest.approx(45)
    assert places_short(beds, "elderly_care").params["radius_m"] == 1000


def test_the_standard_says_that_it_is_to_be_confirmed(strip):
    assert "to be confirmed" in _words(places_short(strip, "kindergarten").notes)
    given = places_short(strip, "kindergarten", per_thousand=30)
    assert "to be confirmed" not in _words(given.notes) + given.basis.en
    assert given.params["per_thousand_from"] == "given"


@pytest.mark.slow
def test_moving_shuffling_and_splitting_change_nothing(drawn):
    def numbers(area):
        both = [places_short(area, "primary_school", method=m, per_thousand=40) for m in get_args(Method)]
        return [(m.value, m.low, m.high, m.params["places_reached"]) for m in both] + [
            places_per_thousand(area, "primary_school").value
        ]

    area = _random_town(drawn, 1)
    before = numbers(area)
    moved = {n: layer.assign(geometry=layer.translate(350, -200)) for n, layer in area.layers.items()}
    assert numbers(_but(area, **moved)) == [pytest.approx(n) for n in before]
    shuffled = {n: layer.iloc[::-1] for n, layer in area.layers.items() if n != "zones"}
    assert numbers(_but(area, **shuffled)) == [pytest.approx(n) for n in before]
    split = _zones(drawn, box(0, 0, 700, 1500), box(700, 0, 1500, 750), box(700, 750, 1500, 1500))
    assert numbers(_but(area, zones=split)) == [pytest.approx(n) for n in before]


@pytest.mark.slow
def test_more_places_never_leave_more_persons_short(drawn):
    area = _random_town(drawn, 2)
    values = [places_short(_with(area, area.facilities["capacity"] * f), "primary_school").value for f in (1, 2, 5, 50)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0]


# ------------------------------------------------------------------------------------------------ per thousand


def test_places_per_thousand_by_zone(strip):
    rate = places_per_thousand(strip, "kindergarten")
    assert rate.value == pytest.approx(45)  # 18 places, 400 persons
    assert rate.by_zone.to_dict() == pytest.approx({"0": 90, "1": 0})
    assert (rate.by_zone * rate.denominator).sum() / rate.denominator.sum() == pytest.approx(45)
    assert (rate.low, rate.high) == (rate.value, rate.value)
    assert (rate.key, rate.unit, rate.shortfall_unit) == ("places_per_thousand.kindergarten", "per_thousand", "places")
    assert rate.breakdown["places"].to_dict() == {"0": 18, "1": 0}
    assert rate.evidence["places"].tolist() == [12, 6]
    assert shortfall(rate, 5.0) == pytest.approx(2)  # 5 more for each of 0.4 thousand
    open_ = places_per_thousand(_with(strip, [12, np.nan]), "kindergarten")
    assert (open_.value, open_.low, open_.high) == (pytest.approx(30), pytest.approx(30), np.inf)
    assert open_.breakdown["without_capacity"].to_dict() == {"0": 1, "1": 0}


def test_a_facility_counts_once_and_only_in_the_zones(strip, drawn):
    places = drawn(
        [Point(KM, 0), Point(2500, 0), box(900, 100, 1400, 200)], category=["kindergarten"] * 3, capacity=[10, 99, 20]
    )
    rate = places_per_thousand(_but(strip, facilities=places), "kindergarten")
    assert rate.breakdown["places"].to_dict() == {
        "0": 10,
        "1": 20,
    }  # on the border the first; a site by its inner point
    silent_outside = _but(strip, facilities=places.assign(capacity=[10, np.nan, 20]))
    assert places_per_thousand(silent_outside, "kindergarten").high == pytest.approx(75)


def test_the_table_of_places_is_whole():
    rows = table("life_circles")["places"]
    assert tuple(rows) == KINDS
    for row in rows.values():
        assert {table("life_circles")["categories"][c]["radius_m"] for c in row["categories"]} == {row["radius_m"]}


# ------------------------------------------------------------------------------------------------ whose pace


def test_the_elderly_reach_less(strip):
    def share(minutes, walker, of="land"):
        found = walk_time_coverage(strip, "kindergarten", minutes=minutes, walker=walker, of=of)
        return found.value

    # legs of 0 to 50 m, 25 in the mean, to the street with x = 500 and x = 800 on it
    assert share(6, "elderly") == pytest.approx(850 / 2000, rel=1e-2)  # 6 x 50 = 300 m: from 225 to 1075
    assert share(15, "adult") == pytest.approx(1775 / 2000, rel=1e-2)  # 1000 m
    assert share(15, "child") == pytest.approx(1575 / 2000, rel=1e-2)  # 800 m
    assert share(6, "elderly", "persons") == pytest.approx(850 / 2000, rel=1e-2)
    by_minutes = [share(minutes, "elderly") for minutes in (1, 3, 5, 10, 20, 60)]
    assert by_minutes == sorted(by_minutes)
    assert by_minutes[-1] == 1


def test_an_elderly_person_in_ten_minutes_walks_the_standards_distance(strip, drawn):
    school = drawn([Point(500, 0)], category=["primary_school"])
    area = _but(strip, facilities=school)
    walk = walk_time_coverage(area, "primary_school", minutes=10, walker="elderly")
    assert walk.params["radius_m"] == 500
    assert walk.params["m_per_min"] == 50
    assert walk.value == service_coverage(area, "primary_school", reach="street").value
    assert walk.profile == "elderly / 10_min / street / land / residential_land"
    assert walk.key == "walk_time_coverage.primary_school"
    assert (walk.name_zh, walk.name_en) == (
        "小学服务覆盖率（老年人步行10分钟）",
        "coverage by primary school (elderly person, 10 minutes on foot)",
    )
    tdt = walk_time_coverage(area, "tdt1063.primary", minutes=5, walker="child")
    assert tdt.name_zh == "社区小学覆盖率（儿童步行5分钟）"
    assert "unsure" in walk.basis
    assert set(walk.evidence["part"]) == {"covered", "partly_covered", "uncovered"}


def test_a_walk_bears_its_own_distance_and_not_the_standards(strip, drawn):
    """The 2 km of the hospital indicator are no part of a walk of fifteen minutes, which is 1000 m."""
    area = _but(strip, facilities=drawn([Point(500, 0), Point(800, 0)], category=["hospital", "kindergarten"]))
    walk = walk_time_coverage(area, "tdt1063.hospital")
    assert (walk.name_zh, walk.name_en) == (
        "市区级医院覆盖率（成年人步行15分钟）",
        "hospital (adult, 15 minutes on foot)",
    )
    assert walk.profile == "adult / 15_min / street / land / residential_land"
    assert walk.params["sources"] == 1
    assert (walk.params["minutes"], walk.params["walker"], walk.params["radius_m"]) == (15, "adult", 1000)
    assert walk.basis.en.startswith("GB 50180-2018 3.0.4, 15-minute circle, upper end (66.7 m/min: likely")
    half = walk_time_coverage(area, "kindergarten", minutes=7.5, walker="child")
    assert half.params["radius_m"] == 400
    assert half.name_zh.endswith("（儿童步行7.5分钟）")
    for service in sg.services():
        named = walk_time_coverage(area, service, minutes=4).name_zh
        assert [int(n) for n in re.findall(r"\d+", named)] == [4], named


def test_every_daily_walk_has_the_minutes_of_its_circle():
    circles = table("life_circles")
    for service, minutes, walker in daily_walks():
        key = service.removeprefix("tdt1063.")
        named = circles["tdt1063"][key]["name_zh"] if key != service else ""
        wanted = int(re.findall(r"步行(\d+)分钟", named)[0]) if named else circles["categories"][key]["circle_min"]
        assert (minutes, walker in ("elderly", "child")) == (wanted, True)


def test_walks_say_what_they_need(strip):
    assert "roads" in _words(walk_time_coverage(_but(strip, roads=None), "kindergarten").needs)
    assert "none of: primary school" in _words(walk_time_coverage(strip, "primary_school").needs)
    zero = walk_time_coverage(_but(strip, surveyed=frozenset({"primary_school"})), "primary_school")
    assert zero.value == 0
    for wrong in (
        {"walker": "dog"},
        {"minutes": 0},
        {"minutes": np.nan},
        {"minutes": np.inf},
        {"minutes": -5},
        {"of": "x"},
        {"service": "cinema"},
    ):
        with pytest.raises(InputError):
            walk_time_coverage(strip, **{"service": "kindergarten", **wrong})


def test_the_table_of_walkers_is_whole():
    walkers = table("life_circles")["walkers"]
    assert tuple(walkers) == get_args(Walker)
    for walker in walkers.values():
        assert 50 <= walker["metres"] / walker["minutes"] <= 67
        assert walker["sure"] in ("confirmed", "likely", "unsure")
    assert {walker for _, _, walker in daily_walks()} <= set(get_args(Walker))
    assert {service for service, _, _ in daily_walks()} <= set(sg.services())


# ------------------------------------------------------------------------------------------------ real places


@pytest.mark.real
@pytest.mark.parametrize("city", ["newport", "nanjing"])
def test_real_places_say_what_they_need(real_data, city):
    assert real_data.is_dir()
    area = sg.read_study(Path(__file__).parent / "real" / city / "study.toml").area
    for kind in KINDS:
        for measure in (places_short, places_per_thousand):
            found = measure(area, kind)
            assert not found.has_data
            assert "population" in _words(found.needs)
    people = _but(area, population=area.zones.assign(persons=1e5)[["persons", "geometry"]])
    for kind in KINDS:
        silent = places_short(people, kind)
        assert not silent.has_data
        assert "capacity" in _words(silent.needs) or "has none of" in _words(silent.needs)
    guessed = _but(people, facilities=area.facilities.assign(capacity=100.0))
    short = places_short(guessed, "primary_school")
    assert short.low == 0
    assert short.high == 1
    cells = demand(guessed).cells
    got = (short.evidence["places_per_thousand"] * short.evidence["persons"]).sum() / 1e3
    homeless = cells.loc[cells["area_m2"] == 0, "persons"].sum()
    assert got == pytest.approx(short.params["places_reached"]) or homeless > 0
    for service, minutes, walker in daily_walks():
        walk = walk_time_coverage(area, service, minutes=minutes, walker=walker)
        assert not walk.has_data or 0 <= walk.value <= 1
        assert walk.needs
    assert capacity.places_per_thousand(guessed, "primary_school").high == np.inf
