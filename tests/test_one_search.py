"""Doors and streets are looked for once, and only what is in reach is looked at: the answers are the same."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.access.coverage import doors_on_foot
from suizhou_geo.geometry.lines import with_vertices
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.measures.life_circle import covered_by, surely_covered
from suizhou_geo.streets.entrances import entrances, legs
from suizhou_geo.streets.network import reached, street_network, walking_network

NONE = np.empty(0, dtype=object)


def street(*xy):
    return shapely.linestrings([xy])[0]


def at(*xy):
    return shapely.points(np.array(xy, dtype=float))


def test_only_what_is_in_reach_is_walked_to_and_the_rest_is_infinitely_far():
    main = street(*((x, 0.0) for x in range(0, 3001, 100)))
    network = street_network(np.array([main]), NONE)
    school = entrances(network, at((1000.0, 0.0)), NONE)
    homes = at((1030.0, 40.0), (1250.0, 0.0), (1301.0, 0.0), (2500.0, 0.0))
    reach = reached(network, school, limit_m=300.0)
    distance_m = reach.distance_m(legs(network, homes, np.arange(4)), count=4)
    assert distance_m == pytest.approx([70.0, 250.0, np.inf, np.inf])
    assert reach.segments.sum() == 8  # from 700 to 1,300 m, and the two that begin there
    assert not reached(network, school.some(np.zeros(1, dtype=bool)[:0]), limit_m=300.0).segments.any()


def test_a_source_and_a_home_in_the_middle_of_a_long_street_meet():
    network = street_network(np.array([street((0.0, 0.0), (5000.0, 0.0))]), NONE)
    school = entrances(network, at((2400.0, 0.0)), NONE)
    home = legs(network, at((2600.0, 30.0)), np.arange(1))
    assert reached(network, school, limit_m=300.0).distance_m(home, count=1) == pytest.approx([230.0])


def test_the_nearest_street_past_a_wall_is_met_however_many_looks_it_takes():
    """Streets every 10 m behind a wall at 20 m; the first on this side runs 400 m off, a path at 390 m, one at 410 m."""
    behind = [street((30.0 + x, -300.0), (30.0 + x, 300.0)) for x in range(0, 400, 10)]
    here = street((-400.0, -1500.0), (-400.0, 1500.0))
    round_ = street((-400.0, 1500.0), (30.0, 1500.0), (30.0, 300.0), (420.0, 300.0))
    paths = [
        street((-390.0, -300.0), (-390.0, 0.0), (-400.0, 0.0)),
        street((-410.0, 0.0), (-410.0, 300.0), (-400.0, 300.0)),
    ]
    wall = shapely.linestrings([[(20.0, -2000.0), (20.0, 1000.0)]])
    lines = np.array([*behind, here, round_, *paths])
    is_street = np.arange(len(lines)) < len(lines) - 2
    network = street_network(lines, wall, street=is_street)
    found = legs(network, at((0.0, 0.0)), np.arange(1))
    assert sorted(np.unique(found.leg_m.round(6))) == [390.0, 400.0]


@pytest.mark.slow
def test_the_doors_of_the_same_shapes_are_looked_for_once(invented_city, monkeypatch):
    area = replace(invented_city.area, name="other")  # nothing is remembered of it
    shapes = area.facilities.geometry.to_numpy()[:7]
    asked = []

    def looked_for(network, shapes, gates):
        asked.append(len(shapes))
        return entrances(network, shapes, gates)

    monkeypatch.setattr("suizhou_geo.access.coverage.entrances", looked_for)
    wanted = entrances(walking_network(area, across=True), shapes, shapes_of(area.gates))
    for _ in range(2):
        found = doors_on_foot(area, tuple(shapes))
        assert found.owner.tolist() == wanted.owner.tolist()
        assert found.leg_m == pytest.approx(wanted.leg_m)
    sg.walk_time_coverage(area, "primary_school")
    assert asked == [7, (area.facilities["category"] == "primary_school").sum()]  # and of no other category


@pytest.mark.slow
def test_where_nothing_is_guessed_the_sure_facilities_are_not_walked_to_again(invented_city):
    area = invented_city.area
    category = area.facilities["category"].iloc[0]
    area = area.replace(facilities=area.facilities.assign(guessed=False))
    assert surely_covered(area, (category,), 500.0, "street") is covered_by(area, (category,), 500.0, "street")[0]


def test_lines_that_get_no_vertex_stay_the_very_same():
    lines = np.array([street((0.0, 0.0), (9.0, 0.0)), street((0.0, 5.0), (9.0, 5.0))])
    result = with_vertices(lines, np.array([1]), np.array([[4.0, 5.0]]))
    assert result[0] is lines[0]
    assert shapely.get_coordinates(result[1]).tolist() == [[0.0, 5.0], [4.0, 5.0], [9.0, 5.0]]
