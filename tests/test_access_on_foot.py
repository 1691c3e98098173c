"""Who is on the walking network: drawn towns whose answers are mental arithmetic.

Unless a test says so, one street runs west-east, 2 km long. The home's middle lies 25 m north of it at 325 m, a school on
it at 625 m: 325 m to walk.
"""

import dataclasses
import runpy
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely import LineString, Point, Polygon, box

import suizhou_geo as sg
from suizhou_geo.sources.osm import read_osm
from suizhou_geo.streets.driving_network import driving_network
from suizhou_geo.streets.network import network_distance_m, positions, street_network, walking_network
from suizhou_geo.study_area import StudyArea

STREET = [(0, 0), (2000, 0)]
HOME = box(290, 10, 360, 40)
SCHOOL = Point(625, 0)
NONE = np.empty(0, dtype=object)
Drawing = runpy.run_path(str(Path(__file__).with_name("test_osm.py")))["Drawing"]


@pytest.fixture
def town(drawn):
    """Return a function: streets, homes, schools and other layers to a town; a street is a line, or one and its columns."""

    def build(*streets, home=HOME, school=SCHOOL, persons=None, **layers):
        made = {name: _rows(drawn, rows) for name, rows in layers.items()}
        if persons is not None:
            made["population"] = drawn([home], persons=[persons])
        return StudyArea(
            "t",
            drawn([box(-5000, -5000, 9000, 9000)], name=["z"]),
            roads=_rows(drawn, streets or (STREET,)).assign(road_class="branch"),
            residential=drawn([home]),
            facilities=drawn([school], category=["primary_school"]),
            **made,
        )

    return build


def _rows(drawn, rows):
    given = [row if isinstance(row, tuple) else (row, {}) for row in rows]
    shapes = [shape if isinstance(shape, shapely.Geometry) else LineString(shape) for shape, _ in given]
    columns = {key: [said.get(key) for _, said in given] for _, said in given for key in said}
    return drawn(shapes, **columns)


def _walked_m(area, *, across=False):
    """How far it is from the home to the school."""
    network = walking_network(area, across=across)
    home, school = (shapely.centroid(layer.geometry.to_numpy()) for layer in (area.residential, area.facilities))
    at, to = positions(network, home), positions(network, school)
    return network_distance_m(network, to, at, count=1, limit_m=np.inf)[0]


def _coverage(area, **how):
    return sg.service_coverage(area, "primary_school", reach="street", **how)


# ------------------------------------------------------------------------------------- streets that lead somewhere

PATH = [(250, 50), (400, 50)]  # 25 m behind the home, as near as the street; nothing joins it


@pytest.mark.slow
def test_a_path_that_leads_nowhere_is_nobodys_way(town):
    area = town(walkways=(PATH,), home=box(290, 20, 360, 50))  # 15 m from the path, 35 m from the street
    assert _walked_m(area) == pytest.approx(35 + 300)
    told = _coverage(area)
    assert (told.value, told.low, told.high) == (1, 1, 1)
    assert "no network: 1, 0.1 km in all" in told.notes[0].en
    assert "1处道路或步道（共0.1公里）" in told.notes[0].zh
    at_the_path = town(walkways=(PATH,), school=Point(380, 60))
    assert _walked_m(at_the_path) == pytest.approx(25 + 55 + 60)


def test_a_path_that_is_joined_to_the_street_is_a_way(town):
    area = town(walkways=([*PATH, (400, 0)],), home=box(290, 20, 360, 50))
    assert _walked_m(area) == pytest.approx(15 + 75 + 50 + 225)
    assert _coverage(area).notes == ()


@pytest.mark.parametrize(("village_m", "used"), [(2010, True), (1990, False)])
def test_a_village_of_two_kilometres_of_streets_is_a_network_of_its_own(town, village_m, used):
    streets = [[(0, y), (5000, y)] for y in range(0, 3000, 500)] + [[(0, 0), (0, 2500)]]  # 32.5 km hang together
    village = [(0, 2600), (village_m, 2600)]
    area = town(*streets, village, home=box(290, 2610, 360, 2640), school=Point(625, 2600))
    assert _walked_m(area) == pytest.approx(325 if used else 125 + 300 + 100)
    assert walking_network(area).apart == ((0, 0.0) if used else (1, pytest.approx(village_m)))


@pytest.mark.parametrize(("far_m", "used"), [(190, False), (210, True)])
def test_a_piece_that_is_far_from_every_street_serves_its_own(town, far_m, used):
    hamlet = [(300, far_m), (590, far_m)]
    area = town(STREET, hamlet, home=box(290, far_m + 10, 360, far_m + 40), school=Point(575, far_m))
    assert _walked_m(area) == pytest.approx(275 if used else 215 + 250 + 190)


@pytest.mark.slow
def test_a_small_piece_beyond_a_river_serves_its_own(town):
    hamlet = [(300, 100), (590, 100)]
    area = town(STREET, hamlet, home=box(290, 110, 360, 140), school=Point(575, 100))
    assert _walked_m(area) == pytest.approx(125 + 250 + 100)  # nothing between: both go by the street that leads on
    river = ([(-900, 50), (2900, 50)], {"kind": "river"})
    assert _walked_m(dataclasses.replace(area, barriers=town(barriers=(river,)).barriers)) == pytest.approx(275)


@pytest.mark.parametrize("bank_m", [350, 700, 1900])
def test_both_banks_of_a_town_without_a_bridge_are_networks(town, bank_m):
    north = [(300, 400), (300 + bank_m, 400)]
    area = town(STREET, north, home=box(290, 410, 360, 440), school=Point(625, 400))
    assert _walked_m(area) == pytest.approx(325)


def test_paths_however_long_are_no_network_beside_streets(town):
    park = [(-3000, 50), (5000, 50)]
    assert _walked_m(town(walkways=(park,), home=box(290, 20, 360, 50))) == pytest.approx(335)


def test_an_isolated_piece_of_street_is_nobodys_way(town):
    area = town(STREET, [(250, 50), (400, 50)], home=box(290, 20, 360, 50))
    assert _walked_m(area) == pytest.approx(335)


def test_an_isolated_piece_of_street_is_nobodys_way_by_vehicle(town):
    area = town(STREET, [(250, 50), (400, 50)], home=box(290, 20, 360, 50))
    network = driving_network(area)
    at = positions(network, shapely.centroid(area.residential.geometry.to_numpy()))
    assert at.leg_m.tolist() == pytest.approx([35])


# ----------------------------------------------------------------------------------------------------------- legs


@pytest.mark.parametrize("deep_m", [175, 195, 305, 625, 975])
def test_homes_deep_in_a_block_walk_to_the_street_and_the_leg_counts(town, deep_m):
    area = town(home=box(290, deep_m - 15, 360, deep_m + 15), school=Point(575, 0))
    assert _walked_m(area) == pytest.approx(deep_m + 250)
    assert _coverage(area).value == (deep_m + 250 <= 500)
    assert _coverage(area).params["leg_m"] == 1000


def test_a_school_deep_in_a_block_is_walked_to_as_well(town):
    assert _walked_m(town(school=Point(625, 260))) == pytest.approx(25 + 300 + 260)


@pytest.mark.slow
def test_who_is_on_no_street_is_told_and_open(town):
    area = town(home=box(290, 1000, 360, 1030), persons=70.0)
    told = _coverage(area, of="persons")
    assert (told.value, told.low, told.high) == (0, 0, 1)
    assert "70 persons (0.2 ha of residential land) have no street" in told.needs[0].en
    assert told.needs[0].zh.startswith("70人（居住用地0.2公顷）")
    assert (
        "0.2 ha of residential land have no street" in _coverage(dataclasses.replace(area, population=None)).needs[0].en
    )
    assert sg.places_short(_with_places(area), "primary_school").low == 0


def _with_places(area):
    return dataclasses.replace(area, facilities=area.facilities.assign(capacity=1000))


@pytest.mark.slow
def test_no_school_anywhere_covers_nobody_for_sure(town):
    area = town(home=box(290, 1000, 360, 1030), school=Point(0, 0))
    none = dataclasses.replace(area, facilities=area.facilities.iloc[:0], surveyed=frozenset({"primary_school"}))
    assert (_coverage(none).value, _coverage(none).high) == (0, 0)


def test_past_a_river_the_next_street_may_be_far(town):
    river = ([(-900, 5), (2900, 5)], {"kind": "river"})
    far = [(0, 700), (2000, 700)]
    area = town(STREET, far, barriers=(river,), school=Point(625, 700))
    assert _walked_m(area) == pytest.approx(675 + 300)


# --------------------------------------------------------------------------------------------------------- levels

ABOVE = {"level": 1}


def _crossed(first, second, *, step=(0, 500)):
    """Two streets cut where they cross at (500, 0): four pieces that share a vertex."""
    along = [([(0, 0), (500, 0)], first), ([(500, 0), (2000, 0)], first)]
    dx, dy = step
    return [*along, ([(500 - dx, -dy), (500, 0)], second), ([(500, 0), (500 + dx, dy)], second)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("below", "above"),
    [({}, ABOVE), ({}, {"bridge": True}), ({"tunnel": True}, {}), ({"level": -1}, {"level": 1}), (ABOVE, {"level": 2})],
)
@pytest.mark.parametrize("step", [(0, 500), (300, 400)])
def test_streets_that_cross_on_different_levels_are_not_joined_where_the_drawing_is_cut(town, below, above, step):
    said = {"level": 0, "bridge": False, "tunnel": False}
    streets = _crossed(said | below, said | above, step=step)
    school = Point(500 + 0.6 * step[0], 0.6 * step[1])
    assert _walked_m(town(*streets, school=school)) == np.inf
    assert _walked_m(town(*_crossed(said, said, step=step), school=school)) == pytest.approx(25 + 175 + 300)


@pytest.mark.slow
def test_three_levels_at_one_place_stay_three(town):
    streets = [*_crossed({"level": 0}, {"level": 1}), *_crossed({"level": 2}, {"level": 2}, step=(300, 400))[2:]]
    for to in (Point(500, 300), Point(680, 240)):
        assert _walked_m(town(*streets, school=to)) == np.inf
    assert _walked_m(town(*streets)) == pytest.approx(325)


@pytest.mark.slow
def test_a_bridge_lands_where_it_ends(town):
    ground, bridge = {"level": 0}, {"level": 1}
    onto_a_street = ([(0, 0), (500, 0)], ground), ([(500, 0), (900, 0)], bridge), ([(900, 0), (2000, 0)], ground)
    assert _walked_m(town(*onto_a_street)) == pytest.approx(325)
    onto_a_crossing = [*_crossed(ground, ground)[:2], ([(500, 0), (500, 400)], bridge)]
    assert _walked_m(town(*onto_a_crossing, school=Point(500, 300))) == pytest.approx(500)
    two_side_by_side = [*onto_a_crossing, ([(500, 0), (520, 400)], bridge)]
    assert _walked_m(town(*two_side_by_side, school=Point(500, 300))) == pytest.approx(500)
    half_a_metre_short = [([(0, 0), (2000, 0)], ground), ([(500, 0.5), (500, 400)], bridge)]
    assert _walked_m(town(*half_a_metre_short, school=Point(500, 300))) == pytest.approx(500, abs=1)


def test_a_side_street_is_joined_to_the_street_below_the_flyover_and_not_to_the_flyover():
    side, flyover, below = [(500, -400), (500, -0.5)], [(400, 0.2), (1900, 0.2)], [(0, 0), (2000, 0)]
    lines, level = np.array([LineString(way) for way in (side, flyover, below)]), np.array([0, 1, 0])
    network = street_network(lines, NONE, level=level)
    assert np.bincount(network.line).tolist() == [1, 1, 4]  # the flyover lands at both its ends
    assert np.bincount(street_network(lines[:2], NONE, level=level[:2]).line).tolist() == [1, 2]  # as a ramp would


def test_a_ramp_leads_up(town):
    """To the bridge above one walks on to the ramp at 1,400 m, up it, and back."""
    ramp = [(1400, 0), (500, 400)], {"level": 0}
    streets = [*_crossed({"level": 0}, {"level": 1}), ramp]
    up_m = np.hypot(900, 400)
    assert _walked_m(town(*streets, school=Point(500, 300))) == pytest.approx(25 + 1075 + up_m + 100)


def test_in_openstreetmap_one_turns_at_every_shared_vertex(town):
    streets = [
        (line, said | {"source_id": f"w{n}"}) for n, (line, said) in enumerate(_crossed({"level": 0}, {"level": 1}))
    ]
    assert _walked_m(town(*streets, school=Point(500, 300))) == pytest.approx(500)


@pytest.mark.slow
def test_levels_are_kept_apart_by_vehicle_too(town):
    area = town(*_crossed({"level": 0}, {"level": 1}))
    network = driving_network(area)
    assert len(network.xy) == 6  # four ends, and the crossing twice
    assert len(driving_network(town(*_crossed({"level": 0}, {"level": 0}))).xy) == 5


# ------------------------------------------------------------------------------------------------------- barriers

BANK = [(0, 300), (2000, 300)]  # a second street, on the other bank; the school stands on it
ACROSS = [(625, 0), (625, 300)]
WATER = (box(-900, 100, 2900, 160), {"kind": "river"})
STREAM = ([(-900, 120), (2900, 120)], {"kind": "river"})
THERE = Point(625, 300)


def _two_banks(town, way, *barriers, **more):
    return town(STREET, BANK, walkways=(way,), barriers=barriers, school=THERE, **more)


@pytest.mark.parametrize("barrier", [WATER, STREAM, ([(-900, 120), (2900, 130)], {"kind": "railway"})])
@pytest.mark.parametrize(
    "way", [ACROSS, [(625, 0), (625, 120), (625, 300)], [(625, 0), (600, 90), (640, 200), (625, 300)]]
)
def test_a_way_drawn_through_a_barrier_is_no_way(town, way, barrier):
    area = _two_banks(town, way, barrier)
    assert _walked_m(area) == np.inf
    told = _coverage(area)
    # somebody may still cross there: who says so is believed, and until then it is open
    assert (told.value, told.low) == (0, 0)
    assert told.high == (LineString(way).length < 490 - 300)
    assert _walked_m(area, across=True) == pytest.approx(325 + LineString(way).length)


@pytest.mark.slow
def test_what_a_missing_bridge_leaves_open_is_said(town):
    school = Point(400, 150)
    area = town(STREET, [(0, 150), (2000, 150)], walkways=([(400, 0), (400, 150)],), barriers=(STREAM,), school=school)
    told = _coverage(area)
    assert (told.value, told.low, told.high) == (0, 0, 1)
    assert "cross a river, railway or motorway at 1 places" in told.needs[0].en
    assert "1处道路或步道穿过河流" in told.needs[0].zh
    circle = sg.life_circle_compliance(area, profile="mean", reach="street")
    assert (circle.value, circle.high) == (0, 1)


@pytest.mark.parametrize("said", [{"bridge": True}, {"tunnel": True}, {"level": 1}, {"crosses": True}])
def test_bridges_tunnels_fords_and_level_crossings_are_ways(town, said):
    area = _two_banks(town, (ACROSS, said), WATER, STREAM)
    assert _walked_m(area) == pytest.approx(625)
    assert len(walking_network(area).cut) == 0


def test_a_street_through_a_barrier_is_cut_on_foot_and_not_by_vehicle(town):
    area = town(STREET, BANK, ACROSS, barriers=(WATER,), school=THERE)
    assert _walked_m(area) == np.inf
    network = driving_network(area)
    assert network.length_m.sum() == pytest.approx(4300)


@pytest.mark.slow
def test_a_wall_has_gates_and_a_motorway_has_junctions(town):
    assert _walked_m(_two_banks(town, ACROSS, (STREAM[0], {"kind": "wall"}))) == pytest.approx(625)
    motorway = [(-900, 120), (2900, 120)], {"kind": "motorway"}
    assert _walked_m(_two_banks(town, ACROSS, motorway)) == np.inf
    junction = [(-900, 120), (625, 120), (2900, 120)], {"kind": "motorway"}
    assert _walked_m(_two_banks(town, [(625, 0), (625, 120), (625, 300)], junction)) == pytest.approx(625)


@pytest.mark.slow
def test_a_promenade_that_dips_into_the_water_is_a_way(town):
    promenade = [(300, 0), (300, 95), (400, 106), (800, 106), (900, 95), (900, 0)]
    area = town(STREET, walkways=(promenade,), barriers=(WATER,), home=box(600, 60, 650, 80))
    assert len(walking_network(area).cut) == 0
    pier = [(625, 0), (625, 130)]
    assert len(walking_network(_two_banks(town, pier, WATER)).cut) == 0


@pytest.mark.slow
def test_a_street_that_ends_or_turns_at_the_end_of_a_barrier_is_whole(town):
    ends_here = [(625, 120), (2900, 120)], {"kind": "railway"}
    area = _two_banks(town, [(625, 0), (625, 120), (625, 300)], ends_here)
    assert _walked_m(area) == pytest.approx(625)
    along = [(625, 0), (625, 119), (900, 119), (900, 0)]
    assert len(walking_network(_two_banks(town, along, STREAM)).cut) == 0


def test_a_crossing_drawn_in_two_lines_that_meet_in_the_water_is_cut(town):
    area = town(
        STREET, BANK, walkways=([(625, 0), (625, 130)], [(625, 130), (625, 300)]), barriers=(WATER,), school=THERE
    )
    assert _walked_m(area) == np.inf
    assert len(walking_network(area).cut) == 2


# --------------------------------------------------------------------------------------------------------- plazas

WEST, EAST = [(0, 0), (400, 0)], [(500, 0), (2000, 0)]
PLAZA = box(400, -40, 500, 60)


@pytest.mark.slow
def test_a_plaza_is_walked_across_in_a_straight_line(town):
    assert _walked_m(town(WEST, EAST, plazas=(PLAZA,))) == pytest.approx(325)
    askew = town(WEST, [(500, 60), (2000, 60)], plazas=(PLAZA,), school=Point(625, 60))
    assert _walked_m(askew) == pytest.approx(25 + 75 + np.hypot(100, 60) + 125)
    assert _walked_m(town(WEST, EAST)) == np.inf


@pytest.mark.slow
def test_a_plaza_that_a_street_touches_within_a_metre_is_entered(town):
    assert _walked_m(town([(0, 0), (399.2, 0)], [(500.9, 0), (2000, 0)], plazas=(PLAZA,))) == pytest.approx(325)
    assert _walked_m(town([(0, 0), (398, 0)], EAST, plazas=(PLAZA,))) == np.inf


@pytest.mark.slow
def test_a_path_over_a_plaza_and_one_along_its_edge_lead_on_to_it(town):
    over = [(450, -300), (450, 300)]
    area = town(WEST, walkways=(over,), plazas=(PLAZA,), school=Point(450, 300))
    assert _walked_m(area) == pytest.approx(25 + 75 + np.hypot(50, 60) + 240)
    along = [(500, -40), (500, 60), (500, 300)]
    assert _walked_m(town(WEST, walkways=(along,), plazas=(PLAZA,), school=Point(500, 300))) == pytest.approx(
        25 + 75 + np.hypot(100, 60) + 240
    )


@pytest.mark.slow
def test_nobody_walks_through_what_is_no_plaza(town):
    """A plaza round a hall, 80 m square in its middle, and one in the shape of an L."""
    hall = Polygon(PLAZA.exterior, [box(410, -30, 490, 50).exterior])
    assert _walked_m(town(WEST, EAST, plazas=(hall,))) == pytest.approx(325 - 80 + 80 + 2 * (np.hypot(10, 30) - 10))
    corner = Polygon([(400, -10), (500, -10), (500, 200), (490, 200), (490, 10), (400, 10)])
    area = town(WEST, [(495, 200), (495, 900)], plazas=(corner,), school=Point(495, 500))
    assert _walked_m(area) == pytest.approx(25 + 75 + np.hypot(90, 10) + np.hypot(5, 190) + 300)


def test_plazas_that_touch_are_one_and_closed_ones_are_none(town):
    halves = box(400, -40, 450, 60), box(450, -40, 500, 60)
    assert _walked_m(town(WEST, EAST, plazas=halves)) == pytest.approx(325)
    assert _walked_m(town(WEST, EAST, plazas=((PLAZA, {"walkable": False}),))) == np.inf


def test_a_bridge_over_a_plaza_does_not_lead_on_to_it_and_steps_lead_up(town):
    over = [(450, -300), (450, 300)], {"bridge": True}
    assert _walked_m(town(WEST, over, plazas=(PLAZA,), school=Point(450, 300))) == np.inf
    deck = PLAZA, {"level": 1}
    assert _walked_m(town(WEST, EAST, plazas=(deck,))) == pytest.approx(325)  # both streets end at it: steps lead up


def test_a_school_on_the_plaza_is_entered_from_it(town):
    assert _walked_m(town(WEST, plazas=(PLAZA,), school=Point(450, 70))) == pytest.approx(25 + 75 + 60 + 50 + 10)


# --------------------------------------------------------------------------------------------------------- access


@pytest.mark.slow
def test_walkways_said_to_be_closed_are_no_ways(town):
    for said, walked_m in ((None, 625), (True, 625), (False, np.inf)):
        area = town(STREET, BANK, walkways=((ACROSS, {"walkable": said}),), school=THERE)
        assert _walked_m(area) == pytest.approx(walked_m)


@pytest.fixture
def read(tmp_path):
    def reading(drawing):
        return read_osm(drawing.write(tmp_path), crs=CRS.from_epsg(4547), bounds=None)

    return reading


ACCESS = [
    ({}, True),
    ({"access": "yes"}, True),
    ({"access": "permissive"}, True),
    ({"access": "destination"}, True),
    ({"access": "private"}, False),
    ({"access": "no"}, False),
    ({"access": "customers"}, False),
    ({"access": "private", "foot": "yes"}, True),
    ({"access": "no", "foot": "designated"}, True),
    ({"access": "yes", "foot": "no"}, False),
    ({"foot": "private"}, False),
    ({"foot": "customers"}, False),
]


@pytest.mark.parametrize(("said", "may"), ACCESS)
def test_access_and_foot_are_read_for_streets_ways_and_areas(read, said, may):
    drawing = Drawing()
    drawing.way((0, 0), (2000, 0), highway="tertiary")
    drawing.way((0, 100), (300, 100), highway="residential", **said)
    drawing.way((0, 200), (300, 200), highway="footway", **said)
    drawing.block(0, 300, 50, highway="pedestrian", area="yes", **said)
    extract = read(drawing)
    assert (extract.layers["roads"]["walkable"].tolist()[1] is not False) is may
    assert (len(extract.layers["walkways"]), len(extract.layers["plazas"])) == (may, may)
    told = [note.en for note in extract.notes if "closed to the public on foot" in note.en]
    assert len(told) == (0 if may else 2)


def test_plazas_are_closed_ways_with_area_yes_and_multipolygons(read):
    drawing = Drawing()
    drawing.block(0, 0, 50, highway="pedestrian", area="yes", layer="1")
    drawing.block(100, 0, 50, highway="footway", area="yes")
    drawing.block(200, 0, 50, highway="pedestrian")  # a street that comes round
    drawing.block(300, 0, 50, highway="service", area="yes")  # a yard
    drawing.relation(
        [(drawing.block(400, 0, 90), "outer"), (drawing.block(420, 20, 20), "inner")], highway="pedestrian"
    )
    layers = read(drawing).layers
    assert layers["plazas"].area.tolist() == pytest.approx([2500, 2500, 8100 - 400], rel=1e-3)
    assert layers["plazas"]["level"].tolist() == [1, 0, 0]
    assert layers["roads"]["road_class"].tolist() == ["pedestrian"]
    assert layers["walkways"].empty


def test_what_walkways_and_crossings_say_in_openstreetmap(read):
    drawing = Drawing()
    said = [{"bridge": "yes"}, {"tunnel": "yes"}, {"layer": "-2"}, {"ford": "yes"}, {"ford": "no"}, {}]
    for y, tags in enumerate(said):
        drawing.way((0, 10 * y), (50, 10 * y), (100, 10 * y), highway="footway", **tags)
    gate = drawing.node(50, 100, railway="level_crossing")
    stones = drawing.node(50, 110, ford="stepping_stones")
    drawing.way(refs=[drawing.at(0, 100), gate, drawing.at(100, 100)], highway="tertiary")
    drawing.way(refs=[drawing.at(0, 110), stones, drawing.at(100, 110)], highway="path")
    drawing.way(refs=[drawing.at(50, 90), gate, drawing.at(50, 150)], railway="rail")
    layers = read(drawing).layers
    paths = layers["walkways"]
    assert paths["bridge"].tolist() == [True, *[False] * 6]
    assert paths["tunnel"].tolist() == [False, True, *[False] * 5]
    assert paths["level"].tolist() == [1, -1, -2, 0, 0, 0, 0]
    assert paths["crosses"].tolist() == [False, False, False, True, False, False, True]
    assert layers["roads"]["crosses"].tolist() == [True]


# ------------------------------------------------------------------------------------------------------ invariances


def test_turning_shuffling_and_reversing_the_drawing_changes_nothing():
    rng = np.random.default_rng(7)
    lines = [LineString(rng.uniform(0, 2000, (3, 2))) for _ in range(60)]
    level, places = rng.integers(0, 2, 60), shapely.points(rng.uniform(0, 2000, (40, 2)))

    def distances(order, turn):
        some = shapely.transform(np.array(lines, dtype=object)[order], lambda xy: xy @ turn)
        network = street_network(shapely.reverse(some), NONE, level=level[order], apart=level[order])
        at = positions(network, shapely.transform(places, lambda xy: xy @ turn))
        return network_distance_m(network, at.some(at.owner < 5), at, count=40, limit_m=np.inf)

    known = distances(np.arange(60), np.eye(2))
    turned = np.array([[np.cos(0.4), np.sin(0.4)], [-np.sin(0.4), np.cos(0.4)]])
    np.testing.assert_allclose(distances(rng.permutation(60), turned), known, atol=0.01)
