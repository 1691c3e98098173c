"""The physical built-up area: drawn patches that join or do not, a slow oracle for both derivations, and densities over it."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import ndimage
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures import measure_all
from suizhou_geo.measures.built_up import (
    NEVER,
    built_up_extent,
    counted_ground,
    map_extent,
    survey_rounds,
    with_open_land,
)
from suizhou_geo.standards import table

GROUPS = {
    "0701": "residential",
    "0702": "rural_homes",
    "0601": "industrial",
    "1003": "regional",
    "1004": "roads",
    "0301": "nature",
    "0101": "nature",
    "1103": "water",
    "0602": "mining",
    "0809": "utilities",
}
CITY = (0, 0, 500, 500, "0701", "201")  # 25 ha: enough to grow


@pytest.fixture
def survey(drawn):
    """Patches as (x, y, width, height, DLBM, CZCSXM)."""

    def build(*rows):
        return drawn(
            [box(x, y, x + w, y + h) for x, y, w, h, *_ in rows],
            land_class=[row[4] for row in rows],
            land_group=[GROUPS[row[4]] for row in rows],
            czcsxm=[row[5] if len(row) > 5 else None for row in rows],
        )

    return build


@pytest.fixture
def joined(survey, drawn):
    """The round each drawn patch joins in."""

    def build(*rows, barriers=(), open_land=False):
        lines = drawn(list(barriers)).geometry.to_numpy() if barriers else np.empty(0, dtype=object)
        rounds = survey_rounds(survey(*rows), lines)
        return (with_open_land(rounds, survey(*rows)) if open_land else rounds).tolist()

    return build


def test_built_patches_within_100_m_join_round_by_round_and_no_further(joined):
    row = [(600 + 200 * n, 0, 100, 100, "0601", "203") for n in range(5)]  # each 100 m from the one before
    assert joined(CITY, *row) == [0, 1, 2, 3, NEVER, NEVER]
    assert joined(CITY, (600.5, 0, 100, 100, "0601", "203")) == [0, NEVER]


def test_the_start_is_taken_whole_however_small_or_far(joined):
    assert joined(CITY, (5000, 0, 10, 10, "0701", "201"), (5020, 0, 100, 100, "0601", "203")) == [0, 0, NEVER]
    assert joined(CITY, (5000, 0, 100, 100, "0101", "201A")) == [0, 0]  # whatever stands there
    assert joined(CITY, (5000, 0, 100, 100, "0101", " 201a")) == [0, 0]


def test_a_group_below_20_ha_carries_the_city_no_further(joined):
    neighbour = (600, 0, 100, 100, "0601", "203")
    assert joined((0, 0, 500, 399, "0701", "201"), neighbour) == [0, NEVER]
    assert joined((0, 0, 500, 401, "0701", "201"), neighbour) == [0, 1]
    assert joined((0, 0, 500, 200, "0701", "201"), (0, 300, 500, 201, "0701", "201"), neighbour) == [
        0,
        0,
        1,
    ]  # one group
    assert joined((0, 0, 500, 200, "0701", "201"), (0, 301, 500, 201, "0701", "201"), neighbour)[2] == NEVER


def test_fields_woods_and_mines_do_not_join_and_villages_do(joined):
    beside = ((500, 0, 100, 100, code) for code in ("0101", "0301", "0602", "1103"))
    for row in beside:
        assert joined(CITY, row) == [0, NEVER]
    assert joined(CITY, (500, 0, 100, 100, "0702", "203")) == [0, 1]
    assert joined(CITY, (500, 0, 19, 21, "0702", "203")) == [0, NEVER]  # 399 m²
    assert joined(CITY, (500, 0, 20, 21, "0702", "203")) == [0, 1]


def test_streets_belong_to_the_start_but_carry_nothing(joined):
    street = (500, 0, 2000, 20, "1004", "201")
    assert joined(CITY, street, (2500, 0, 100, 100, "0601", "203")) == [0, 0, NEVER]
    assert joined(CITY, (500, 0, 2000, 20, "1004", "203")) == [0, NEVER]
    assert joined(CITY, street, (2500, 0, 500, 500, "0701", "202")) == [0, 0, NEVER]
    pipes = (500, 0, 2000, 20, "0809", "201")  # utilities are no line: they carry
    assert joined(CITY, pipes, (2500, 0, 100, 100, "0601", "203")) == [0, 0, 1]


def test_a_town_joins_the_start_where_it_is_contiguous_as_a_whole(joined):
    near, next_to_it = (600, 0, 500, 500, "0701", "202"), (1200, 0, 500, 500, "0701", "202A")
    far = (1801, 0, 500, 500, "0701", "202")
    assert joined(CITY, near, next_to_it, far) == [0, 0, 0, NEVER]
    assert joined(near, far) == [0, 0]  # no city at all: the towns are the start


def test_what_is_built_in_a_town_apart_never_joins_unless_reached(joined):
    assert joined(CITY, (601, 0, 500, 500, "0701", "202")) == [0, NEVER]


def test_a_river_between_keeps_apart_what_only_stands_beside_does_not(joined):
    neighbour = (580, 0, 100, 100, "0601", "203")
    assert joined(CITY, neighbour, barriers=[LineString([(540, -1000), (540, 1000)])]) == [0, NEVER]
    assert joined(CITY, neighbour, barriers=[LineString([(700, -1000), (700, 1000)])]) == [0, 1]
    assert joined(CITY, neighbour, barriers=[box(520, -1000, 560, 1000)]) == [0, NEVER]
    touching = (500, 0, 100, 100, "0601", "203")
    assert joined(CITY, touching, barriers=[LineString([(500, -1000), (500, 1000)])]) == [0, 1]  # nothing between
    assert joined(CITY, (600, 0, 500, 500, "0701", "202"), barriers=[LineString([(540, -9), (540, 900)])]) == [0, NEVER]


def test_open_land_joins_only_on_request_where_it_touches_the_start_and_carries_nothing(joined):
    wood, apart = (500, 0, 100, 100, "0301"), (0, 550, 100, 100, "0301")
    behind = (650, 0, 100, 100, "0601", "203")  # 150 m from the city, 50 m from the wood
    lake = (0, -100, 100, 100, "1103")
    assert joined(CITY, wood, apart, behind, lake) == [0, NEVER, NEVER, NEVER, NEVER]
    assert joined(CITY, wood, apart, behind, lake, open_land=True) == [0, 1, NEVER, NEVER, NEVER]
    village, its_wood = (0, 500, 100, 100, "0702", "203"), (0, 600, 100, 100, "0301")
    assert joined(CITY, village, its_wood, open_land=True) == [0, 1, NEVER]


def _slowly(patches, walls):
    """The same growth by plain loops over pairs of patches, groups found by walking from neighbour to neighbour."""
    rules = table("built_up")["survey"]
    shapes, codes = list(patches.geometry), list(patches["land_class"])
    number = [0 if scope in ("201", "201A") else None for scope in patches["czcsxm"]]
    line = [code in rules["linear"] for code in codes]

    def near(a, b):
        way = shapely.shortest_line(shapes[a], shapes[b])
        return way.length <= 100 and (way.length == 0 or not any(way.intersects(wall) for wall in walls))

    for turn in (1, 2, 3):
        base = [i for i, n in enumerate(number) if n is not None and not line[i]]
        grows = set()
        for first in base:
            group, open_ = {first}, [first]
            while open_:
                here = open_.pop()
                more = [j for j in base if j not in group and shapes[here].distance(shapes[j]) <= 100]
                group |= set(more)
                open_ += more
            if sum(shapes[i].area for i in group) >= 200_000:
                grows |= group
        new = [
            i
            for i, n in enumerate(number)
            if n is None and GROUPS[codes[i]] in rules["joins"] and not line[i] and shapes[i].area >= 400
            if any(near(i, j) for j in grows)
        ]
        for i in new:
            number[i] = turn
    return [NEVER if n is None else n for n in number]


@pytest.mark.parametrize("seed", range(6))
def test_growth_equals_a_slow_one(survey, seed):
    rng = np.random.default_rng(seed)
    rows = [(0, 0, 450, 450, "0701", "201")]
    for _ in range(160):
        x, y = rng.uniform(-900, 1400, 2)
        w, h = rng.uniform(15, 180, 2)
        code = rng.choice(["0701", "0601", "0702", "0301", "1004", "0101"])
        rows.append((x, y, w, h, str(code), str(rng.choice(["201", "203", ""], p=[0.08, 0.72, 0.2]))))
    patches = survey(*rows)
    walls = gpd.GeoSeries([LineString([(700, -3000), (760, 3000)]), Point(-200, -200).buffer(60)]).translate(
        441_000.0, 3_507_000.0
    )
    fast = survey_rounds(patches, walls.to_numpy()).tolist()
    assert fast == _slowly(patches, list(walls))
    assert {NEVER, 0, 1, 2} <= set(fast)


# ------------------------------------------------------------------------------------------------ from the map


@pytest.fixture
def mapped(drawn):
    """A study area of 4 x 4 km with the buildings and streets given."""

    def build(buildings=None, streets=None, classes=None, size=4000, **layers):
        zones = drawn([box(0, 0, size, size)], name=["甲"], role=["main_city"]).set_index(np.array(["1"]))
        if buildings is not None:
            layers["buildings"] = drawn(buildings)
        if streets is not None:
            layers["roads"] = drawn(streets, road_class=classes or ["branch"] * len(streets))
        return sg.StudyArea("t", zones, **layers)

    return build


def _rows_of_houses(width, height, step, at=(1000, 1000)):
    x0, y0 = at
    return [box(x, y, x + 10, y + 10) for x in range(x0, x0 + width, step) for y in range(y0, y0 + height, step)]


@pytest.mark.slow
def test_houses_close_together_are_one_place_and_those_apart_are_none(mapped):
    (place,) = map_extent(mapped(_rows_of_houses(1000, 1000, 50)))
    assert place.area == pytest.approx(960**2, rel=0.02)  # from the first wall to the last: 19 x 50 + 10 m
    assert len(map_extent(mapped(_rows_of_houses(1000, 1000, 150)))) == 1
    assert len(map_extent(mapped(_rows_of_houses(1000, 1000, 250)))) == 0


@pytest.mark.slow
def test_one_street_is_no_place_and_a_net_of_streets_is(mapped):
    lone = [LineString([(100, 2000), (3900, 2000)])]
    assert len(map_extent(mapped(streets=lone))) == 0
    net = [LineString([(1000, y), (2200, y)]) for y in range(1000, 2201, 400)]
    net += [LineString([(x, 1000), (x, 2200)]) for x in range(1000, 2201, 400)]
    (place,) = map_extent(mapped(streets=net))  # blocks of 16 ha
    assert place.area == pytest.approx(1200**2, rel=0.03)
    wide = [LineString([(1000, y), (2800, y)]) for y in (1000, 1900, 2800)]
    wide += [LineString([(x, 1000), (x, 2800)]) for x in (1000, 1900, 2800)]
    assert len(map_extent(mapped(streets=wide))) == 0  # blocks of 81 ha are open country


def test_motorways_and_paths_enclose_nothing(mapped):
    net = [LineString([(1000, y), (2200, y)]) for y in range(1000, 2201, 400)]
    net += [LineString([(x, 1000), (x, 2200)]) for x in range(1000, 2201, 400)]
    for road_class in ("motorway", "service", "pedestrian"):
        assert len(map_extent(mapped(streets=net, classes=[road_class] * len(net)))) == 0
    ramps = mapped(streets=net)
    ramps = dataclasses.replace(ramps, roads=ramps.roads.assign(ramp=True))
    assert len(map_extent(ramps)) == 0


@pytest.mark.slow
def test_islands_below_20_ha_are_left_out(mapped):
    assert len(map_extent(mapped(_rows_of_houses(400, 400, 100)))) == 0  # 310 m square: 9.6 ha
    assert len(map_extent(mapped(_rows_of_houses(600, 600, 100)))) == 1  # 510 m square: 26 ha


@pytest.mark.slow
def test_what_lies_far_outside_the_zones_is_not_told(mapped):
    here = _rows_of_houses(1000, 1000, 50)
    for at in ((8000, 8000), (-3000, 1000), (1000, 6000), (1000, -3000)):
        far = _rows_of_houses(1000, 1000, 50, at=at)
        assert len(map_extent(mapped(far))) == 0
        (place,) = map_extent(mapped(here + far))
        assert place.area == pytest.approx(960**2, rel=0.02)


def test_the_edge_of_the_zones_is_no_edge_of_the_town(mapped):
    """A net of streets half inside the zone: its blocks at the outline are enclosed by streets beyond it."""
    net = [LineString([(-450, y), (750, y)]) for y in range(1000, 2201, 400)]
    net += [LineString([(x, 1000), (x, 2200)]) for x in range(-450, 751, 400)]
    assert sg.built_up_area(mapped(streets=net), extent="map").value == pytest.approx(0.75 * 1.2, rel=0.02)


@pytest.mark.slow
def test_the_map_s_extent_equals_one_of_buffers(mapped):
    """Closing and opening of polygons by buffers, which share no code with the cells, on a town like a star."""
    rng = np.random.default_rng(3)
    at = np.array([(x, y) for x in range(800, 3200, 60) for y in range(800, 3200, 60)], dtype=float)
    east, north = (at - 2000).T
    star = np.hypot(east, north) < 800 + 300 * np.sin(5 * np.arctan2(north, east))
    houses = [box(x, y, x + 14, y + 14) for x, y in at[star] + rng.uniform(-12, 12, (star.sum(), 2))]
    area = mapped(houses)
    closed = shapely.union_all(shapely.buffer(area.buildings.geometry.to_numpy(), 100)).buffer(-100)
    slow = closed.buffer(-50).buffer(50)
    fast = shapely.union_all(map_extent(area))
    assert slow.area > 1_500_000
    assert fast.symmetric_difference(slow).area / slow.area < 0.03


@pytest.mark.slow
def test_empty_ground_between_towns_changes_nothing_and_is_not_looked_at(mapped, monkeypatch):
    """Three towns of one study far apart, and two nearer than windows reach: each as it is alone, to the last digit."""
    sizes = []
    told = ndimage.distance_transform_edt
    monkeypatch.setattr(ndimage, "distance_transform_edt", lambda cells: sizes.append(cells.size) or told(cells))
    rng = np.random.default_rng(4)
    corners = [(1000, 1000), (30_000, 2000), (12_000, 33_000), (13_500, 33_000)]
    towns = [[box(x, y, x + 14, y + 14) for x, y in rng.uniform(0, 1200, (600, 2)).round() + at] for at in corners]
    together = map_extent(mapped([house for town in towns for house in town], size=40_000))
    looked_at = max(sizes)
    alone = [place for town in (*towns[:2], towns[2] + towns[3]) for place in map_extent(mapped(town, size=40_000))]
    assert len(together) >= 3
    assert {shapely.normalize(place).wkb for place in together} == {shapely.normalize(place).wkb for place in alone}
    assert looked_at < 4100**2 / 100


def test_nothing_drawn_is_no_place_and_no_layer_an_error(mapped):
    assert len(built_up_extent(mapped([]), "map")) == 0
    with pytest.raises(InputError, match="neither buildings nor roads"):
        built_up_extent(mapped(), "map")
    with pytest.raises(InputError, match="no land_survey layer"):
        built_up_extent(mapped([]), "survey")


# ------------------------------------------------------------------------------------------------ measures


@pytest.fixture
def town(drawn, survey):
    """Two zones of 1 km²; the city is 40 ha of the first and 10 ha of the second, where a village of 20 ha joins it."""

    def build(people=(4000.0, 2000.0), **changes):
        zones = drawn(
            [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["甲", "乙"], role=["main_city", "district"]
        ).set_index(np.array(["1", "2"]))
        patches = survey(
            (0, 0, 800, 500, "0701", "201"),
            (800, 0, 200, 1000, "0101"),
            (0, 500, 800, 500, "0101"),
            (1000, 0, 200, 500, "0601", "201A"),
            (1000, 500, 200, 500, "0101"),
            (1250, 0, 400, 500, "0702", "203"),
            (1200, 0, 50, 500, "1003", "203"),
            (1200, 500, 800, 500, "0101"),
            (1650, 0, 350, 500, "0301"),
        )
        homes = [box(0, 0, 400, 500), box(1250, 0, 1650, 500)]
        layers = {"land_survey": patches, "population": drawn(homes, persons=list(people))} | changes
        return sg.StudyArea("t", zones, **layers)

    return build


@pytest.mark.slow
def test_the_area_by_zone_and_the_start_as_its_least(town):
    measured = sg.built_up_area(town())
    # 200 m of fields lie between the two parts of the start, so the smaller, 10 ha, does not grow
    assert measured.value == pytest.approx(0.5)
    large = town(
        land_survey=town().land_survey.assign(czcsxm=["201", None, None, "201A", None, "203", "203", None, None])
    )
    assert sg.built_up_area(large).by_zone.tolist() == pytest.approx([0.4, 0.1])
    joined = _with_strip(town)
    measured = sg.built_up_area(joined)
    assert measured.by_zone.to_dict() == {"1": pytest.approx(0.41), "2": pytest.approx(0.3)}
    assert (measured.low, measured.high) == (pytest.approx(0.51), pytest.approx(0.71))
    assert measured.breakdown.loc["start_km2"].tolist() == pytest.approx([0.51, 0.41, 0.1])
    assert measured.breakdown.loc["persons"].tolist() == pytest.approx([6000, 4000, 2000])
    shown = measured.evidence.groupby("part")["area_ha"].sum()
    assert shown.to_dict() == {"built_up_start": pytest.approx(51), "built_up_joined": pytest.approx(20)}
    assert "not the official outline" in measured.notes[0].en


def _with_strip(town, **changes):
    """The town with a strip of 1 ha between the two parts of the city, so that they are one group."""
    area = town(**changes)
    strip = area.land_survey.iloc[[1]].assign(land_class="0701", land_group="residential", czcsxm="201")
    west, south = area.land_survey.total_bounds[:2]
    strip = strip.set_geometry([box(west + 850, south, west + 950, south + 100)])
    patches = area.land_survey.copy()
    patches.loc[1, "geometry"] = patches.geometry[1].difference(strip.geometry.iloc[0])
    return dataclasses.replace(area, land_survey=gpd.GeoDataFrame(gpd.pd.concat([patches, strip], ignore_index=True)))


@pytest.mark.slow
def test_rivers_and_motorways_are_barriers_and_railways_and_walls_are_none(town, drawn):
    line = LineString([(1225, -100), (1225, 1100)])  # between the second part of the city and the village
    for kind, km2 in (("river", 0.51), ("motorway", 0.51), ("railway", 0.71), ("wall", 0.71)):
        area = _with_strip(town, barriers=drawn([line], kind=[kind]))
        assert sg.built_up_area(area).value == pytest.approx(km2), kind


def test_open_land_is_an_extent_of_its_own(town):
    area = _with_strip(town)
    # the fields touch the start and are no open land of the rule; the wood touches the village, the road the start
    assert sg.built_up_area(area, extent="survey_open_land").value == pytest.approx(0.71 + 0.025)


def test_density_over_the_derived_area_has_its_people_and_its_range(town):
    area = _with_strip(town)
    density = sg.population_density(area, denominator="survey")
    assert density.value == pytest.approx(6000 / 0.71)
    assert density.by_zone.to_dict() == {"1": pytest.approx(4000 / 0.41), "2": pytest.approx(2000 / 0.3)}
    # the start alone: 4,000 persons on 0.51 km², the village's 2,000 are not in it
    assert density.low == pytest.approx(4000 / 0.51)
    assert density.high == pytest.approx(6000 / 0.71)
    assert (density.by_zone * density.denominator).sum() / density.denominator.sum() == pytest.approx(density.value)
    assert sg.population_density(area).value == pytest.approx(3000)
    assert density.profile == "built_up_survey"


def test_an_administrative_limit_carries_a_verdict_only_over_the_derived_area(town):
    area = _with_strip(town, boundary="administrative")
    plain, derived = sg.population_density(area), sg.population_density(area, denominator="survey")
    assert (plain.low, plain.high) == (0.0, np.inf)
    assert np.isfinite([derived.low, derived.high]).all()
    assert not derived.needs


def test_a_survey_that_may_miss_patches_or_covers_part_of_the_zones_says_so(town):
    area = _with_strip(town, incomplete=frozenset({"land_survey"}))
    density = sg.population_density(area, denominator="survey")
    assert (density.low, density.high) == (0.0, np.inf)
    assert "land_survey may miss" in density.needs[0].en
    half = dataclasses.replace(area, land_survey=area.land_survey.iloc[:3])
    assert "covers 50% of the zones" in sg.built_up_area(half).notes[1].en


@pytest.mark.slow
def test_streets_over_the_derived_area(town, drawn):
    streets = drawn(
        [LineString([(0, 250), (2000, 250)]), LineString([(0, 750), (2000, 750)])], road_class=["branch", "branch"]
    )
    area = _with_strip(town, roads=streets, compounds=drawn([], gated=[]))
    density = sg.road_density(area, denominator="survey")
    # 800 m in the first part, 200 in the second, 400 in the village; the strip lies lower, the northern street outside
    assert density.value == pytest.approx(1.4 / 0.71)
    assert density.low == pytest.approx(1.0 / 0.51)  # the start alone
    assert density.high == pytest.approx(1.4 / 0.71)
    assert density.by_zone.tolist() == pytest.approx([0.8 / 0.41, 0.6 / 0.3])
    assert density.profile == "caupd / built_up_survey"
    assert density.breakdown.loc["one_centreline", "whole_km"] == pytest.approx(1.4)
    assert sg.road_density(area).value == pytest.approx(2.0)


def test_the_map_s_proxy_is_shown_without_a_verdict(mapped, drawn):
    area = mapped(_rows_of_houses(1000, 1000, 100), population=drawn([box(0, 0, 4000, 4000)], persons=[16_000.0]))
    density = sg.population_density(area, denominator="map")
    assert density.value == pytest.approx(1000)  # evenly spread: a thousand on each km²
    assert (density.low, density.high) == (0.0, np.inf)
    assert "carries no verdict" in density.needs[0].en
    size = sg.built_up_area(area, extent="map")
    assert size.value == pytest.approx(0.91**2, rel=0.03)
    assert (size.low, size.high) == (0.0, np.inf)


def test_a_zone_without_built_ground_has_no_density(town):
    area = town(land_survey=town().land_survey.iloc[:3])
    density = sg.population_density(area, denominator="survey")
    assert density.by_zone["1"] == pytest.approx(4000 / 0.4)
    assert np.isnan(density.by_zone["2"])
    assert density.evidence.index.tolist() == ["1"]


def test_what_is_missing_is_named(town, mapped):
    for measure in (sg.population_density, sg.road_density):
        nothing = measure(mapped(), denominator="survey")
        assert not nothing.has_data
        assert any("land_survey" in need.en for need in nothing.needs)
    rural = town().land_survey.assign(czcsxm="203")
    assert "nothing to start from" in sg.built_up_area(town(land_survey=rural)).needs[0].en
    assert {"buildings", "roads"} == {
        name
        for need in sg.built_up_area(mapped(), extent="map").needs
        for name in ("buildings", "roads")
        if name in need.en
    }
    for measure, wrong in (
        (sg.built_up_area, {"extent": "zones"}),
        (sg.population_density, {"denominator": "city"}),
        (sg.road_density, {"denominator": "city"}),
    ):
        with pytest.raises(InputError, match="is not one of"):
            measure(town(), **wrong)


@pytest.mark.slow
def test_only_what_can_be_derived_stands_among_the_variants(town, mapped):
    def definitions(area, params=None):
        measured = measure_all(area, params)
        return {key: [m.profile for m in measured if m.key == key] for key in ("built_up_area", "population_density")}

    with_survey = definitions(town())
    assert with_survey["built_up_area"] == ["built_up_survey", "built_up_survey_open_land"]
    assert with_survey["population_density"] == ["built_up", "built_up_survey"]
    asked = definitions(town(), {"population_density": {"denominator": "survey"}})
    assert asked["population_density"] == ["built_up_survey", "built_up"]
    assert definitions(mapped([]))["built_up_area"] == ["built_up_map"]


def test_the_ground_of_the_zones_is_the_zones(town):
    area = town()
    assert counted_ground(area, "zones").zones is area.zones
