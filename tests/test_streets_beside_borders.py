"""Streets along outlines that were drawn beside them: the same answer however outline and street were drawn."""

import numpy as np
import pytest
import shapely
from shapely import LineString, box

import suizhou_geo as sg

KM = 1000.0
ZONE = [box(0, 0, KM, KM)]


@pytest.fixture
def city(drawn):
    """A function: zones and lines, with the columns of roads the lines share, to a study area."""

    def build(zones, lines, **columns):
        names = [f"z{n}" for n in range(len(zones))]
        every = {"road_class": "arterial"} | columns
        listed = {key: value if isinstance(value, list) else [value] * len(lines) for key, value in every.items()}
        return sg.StudyArea(
            "t",
            drawn(zones, name=names).set_index(np.array(names)),
            roads=drawn([LineString(p) for p in lines], **listed),
        )

    return build


def _km(area):
    """Low, value and high in km."""
    measure = sg.road_density(area)
    km2 = measure.denominator.sum()
    return tuple(round(float(number * km2), 2) for number in (measure.low, measure.value, measure.high))


def _by_zone(area):
    measure = sg.road_density(area)
    return (measure.by_zone * measure.denominator).round(2).tolist()


def _dual(middle, apart, *, along_x=True):
    """Two carriageways of 1 km, driven on the right, to either side of a middle line."""
    there, back = middle - apart / 2, middle + apart / 2
    if along_x:
        return [[(0, there), (KM, there)], [(KM, back), (0, back)]]
    return [[(back, 0), (back, KM)], [(there, KM), (there, 0)]]


STREET = {"name": "环城路", "oneway": True}


@pytest.mark.slow
@pytest.mark.parametrize("apart", [8, 24, 60, 90])
def test_a_dual_carriageway_on_the_outline_counts_as_one_street_does(city, apart):
    assert _km(city(ZONE, _dual(KM, apart), **STREET)) == (1.0, 1.0, 1.0)
    assert _km(city(ZONE, [[(0, KM), (KM, KM)]])) == (1.0, 1.0, 1.0)
    two = [box(0, 0, KM, KM), box(0, KM, KM, 2 * KM)]
    assert _by_zone(city(two, _dual(KM, apart), **STREET)) == [0.5, 0.5]


@pytest.mark.slow
@pytest.mark.parametrize("beside", [-19, -6, -2, -0.5, 0, 0.5, 2, 6, 19])
def test_an_outline_on_the_kerb_gives_the_street_in_full(city, beside):
    low, value, high = _km(city(ZONE, [[(0, KM + beside), (KM, KM + beside)]]))
    assert (value, high) == (1.0, 1.0)
    assert low == (1.0 if beside <= 1 else 0.0)  # outside the outline it may as well be left out


@pytest.mark.slow
def test_what_counts_with_doubt_is_told(city):
    def said(beside):
        notes = " ".join(note.en for note in sg.road_density(city(ZONE, [[(0, KM + beside), (KM, KM + beside)]])).notes)
        return "1.00 km of streets run beside the outline, up to 20 m outside it" in notes

    assert [said(beside) for beside in (0, 6, 21)] == [False, True, False]


@pytest.mark.parametrize(("beside", "km"), [(12, (0.5, 1.0, 1.0)), (17, (0.0, 1.0, 1.0)), (21, (0.0, 0.0, 0.0))])
def test_the_middle_of_two_carriageways_decides_of_both(city, beside, km):
    assert _km(city(ZONE, _dual(KM + beside, 24), **STREET)) == km


@pytest.mark.slow
@pytest.mark.parametrize("gap", [1, 4, 12, 24, 36])
def test_a_street_in_the_gap_between_two_districts_belongs_half_to_each(city, gap):
    zones = [box(0, 0, KM - gap / 2, KM), box(KM + gap / 2, 0, 2 * KM, KM)]
    for lines, columns in (([[(KM, 0), (KM, KM)]], {}), (_dual(KM, 20, along_x=False), STREET)):
        area = city(zones, lines, **columns)
        assert _by_zone(area) == [0.5, 0.5]
        assert _km(area) == (1.0, 1.0, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("off", [1, 5, 5.999, 6, 7, 10])
@pytest.mark.parametrize("gap", [4, 12, 24])
def test_no_street_near_a_gap_counts_twice_or_is_lost(city, gap, off):
    zones = [box(0, 0, KM - gap / 2, KM), box(KM + gap / 2, 0, 2 * KM, KM)]
    assert _km(city(zones, [[(KM + off, 0), (KM + off, KM)]]))[1] == 1.0


@pytest.mark.slow
def test_streets_that_only_cross_an_outline_are_cut_there(city):
    for slope in (0.12, 0.3, 1.0, 5.0):
        ends = shapely.clip_by_rect(
            LineString([(-KM, KM - slope * 1500), (2 * KM, KM + slope * 1500)]), 0, 0, KM, 2 * KM
        )
        inside_km = shapely.intersection(ends, ZONE[0]).length / 1000
        assert _km(city(ZONE, [list(ends.coords)])) == pytest.approx((inside_km,) * 3, abs=0.011)
    across = [[(x, -500), (x, 1500)] for x in (200, 500, 800)]
    assert _km(city(ZONE, across)) == (3.0, 3.0, 3.0)
    pair = [[(490, -500), (490, 1500)], [(510, 1500), (510, -500)]]
    assert _km(city(ZONE, pair, **STREET)) == (1.0, 1.0, 1.0)


def test_a_street_that_comes_along_the_outline_and_turns_in_counts_from_where_the_city_begins(city):
    low, value, high = _km(city(ZONE, [[(-300, KM + 6), (500, KM + 6), (500, 500)]]))
    assert (low, high) == (pytest.approx(0.5, abs=0.02), value)
    assert value == pytest.approx(0.5 + 0.5, abs=0.04)


@pytest.mark.slow
def test_short_bits_beside_an_outline_do_not_count(city):
    assert _km(city(ZONE, [[(0, KM + 6), (70, KM + 6)]])) == (0.0, 0.0, 0.0)
    assert _km(city(ZONE, [[(0, KM + 6), (140, KM + 6)]]))[1] == 0.14


@pytest.mark.parametrize("step_m", [1000.0, 333.0, 7.3])
def test_other_vertices_of_outline_and_street_change_nothing(city, step_m):
    zones = [shapely.segmentize(box(0, 0, KM, KM), step_m), box(KM, 0, 2 * KM, KM)]
    lines = [[(x, KM) for x in np.linspace(0, 2 * KM, 13)], [(KM, y) for y in np.linspace(0, KM, 8)]]
    assert _by_zone(city(zones, lines)) == [1.5, 1.5]


@pytest.mark.slow
def test_a_street_that_winds_about_its_outline_counts_once(city):
    x = np.arange(0, 1001, 10.0)
    for middle, sway in ((0, 3), (5, 3), (0, 0.9)):
        line = np.column_stack([x, KM + middle + sway * np.sin(x / 40)])
        low, value, _ = _km(city(ZONE, [line]))
        assert value == pytest.approx(LineString(line).length / 1000, abs=0.006)
        assert low <= value


@pytest.mark.slow
@pytest.mark.parametrize("turned_deg", [17, 90, 163.3])
def test_turning_shuffling_and_cutting_change_nothing(city, turned_deg):
    lines = [*_dual(KM + 3, 24), [(-6, 0), (-6, KM)], [(200, -100), (200, 900)]]
    columns = {"name": ["北路", "北路", "西路", "中路"], "oneway": [True, True, False, False]}
    area = city(ZONE, lines, **columns)
    zones, roads = (
        layer.set_geometry(layer.rotate(turned_deg, origin=(441_500, 3_507_500))) for layer in (area.zones, area.roads)
    )
    assert _km(area.replace(zones=zones, roads=roads.iloc[::-1])) == pytest.approx(_km(area), abs=0.011)
    assert _km(area)[1] == 2.9  # both in full, and 900 m of the third
