"""The layout: roles counted, sizes added up, and the core that named lines enclose, on drawn towns and the invented city."""

import dataclasses
import json
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from shapely import LineString, box
from shapely.affinity import rotate

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.geometry.enclosure import enclosure
from suizhou_geo.measures.layout import (
    core_area,
    main_city_construction_land,
    main_city_population,
    zone_count,
)
from suizhou_geo.standards import table

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"
NAMES = ("西路", "东路", "北铁路", "南铁路")


@pytest.fixture
def town(drawn):
    """A function: how far the west road stops short of the north railway, and layers, to a town with a 2 x 2 km core.

    Two zones: the main city x 0-2 km, the district 2-4 km; the core reaches from x = 1 to 3 km.
    """

    def build(short_m=0.0, *, divided_m=0.0, **layers):
        west = [LineString([(1000, -500), (1000, 2000 - short_m)])]
        if divided_m:
            west = [
                LineString([(1000 - divided_m / 2, -500), (1000 - divided_m / 2, 2500)]),
                LineString([(1000 + divided_m / 2, 2500), (1000 + divided_m / 2, -500)]),
            ]
        east = LineString([(3000, -500), (3000, 2500)])
        roads = drawn([*west, east], road_class=["arterial"] * (len(west) + 1), name=["西路"] * len(west) + ["东路"])
        rails = drawn([LineString([(0, 2000), (4000, 2000)]), LineString([(0, 0), (4000, 0)])], name=list(NAMES[2:]))
        zones = drawn([box(0, -500, 2000, 2500), box(2000, -500, 4000, 2500)], name=["主城", "片区"])
        zones = zones.assign(role=["main_city", "district"]).set_index(np.array(["1", "2"]))
        return sg.StudyArea("t", zones, roads=roads, railways=rails, **layers)

    return build


# ------------------------------------------------------------------------------------------------------- enclosures


def _square(gap=0.0):
    return {
        "甲": shapely.linestrings([[(0, 0), (0, 1000 - gap)]]),
        "乙": shapely.linestrings([[(0, 1000), (1000, 1000)]]),
        "丙": shapely.linestrings([[(1000, 1000), (1000, 0)]]),
        "丁": shapely.linestrings([[(1000, 0), (0, 0)]]),
    }


@pytest.mark.parametrize(("gap", "closes"), [(0.0, True), (299.0, True), (300.0, True), (301.0, False)])
def test_lines_that_miss_each_other_by_up_to_300_m_are_joined(gap, closes):
    found = enclosure(_square(gap))
    assert (found.polygon is not None) is closes
    if closes:
        assert found.polygon.area == pytest.approx(1e6)
        assert shapely.length(found.extensions).sum() == pytest.approx(gap)
    else:
        (told,) = found.gaps
        assert told.names == ("甲", "乙")
        assert told.line.length == pytest.approx(gap)


def test_what_runs_on_beyond_a_corner_is_left_out_and_inner_streets_do_not_matter():
    lines = _square()
    lines["甲"] = shapely.linestrings([[(0, -700), (0, 1900)]])
    assert enclosure(lines).polygon.area == pytest.approx(1e6)


def test_parts_of_one_line_are_joined_across_a_gap():
    lines = _square()
    lines["丙"] = shapely.linestrings([[(1000, 1000), (1000, 600)], [(1000, 400), (1000, 0)]])
    assert enclosure(lines).polygon.area == pytest.approx(1e6)
    assert enclosure(lines, extend_m=200.0).polygon.area == pytest.approx(1e6)
    assert enclosure(lines, extend_m=150.0).polygon is None


@pytest.mark.parametrize("degrees", [0, 17, 33, 45, 61])
@pytest.mark.parametrize("gap", [0.0, 100.0, 300.0])
def test_lines_are_joined_whichever_way_they_run(degrees, gap):
    lines = _square(gap)
    lines["乙"] = shapely.linestrings([[(-300, 1000), (1300, 1000)]])  # the gap is across from the middle of a line
    turned = {name: np.array([rotate(line, degrees, origin=(0, 0)) for line in drawn]) for name, drawn in lines.items()}
    found = enclosure(turned, extend_m=300.1)
    assert found.polygon.area == pytest.approx(1e6, rel=1e-5)
    assert shapely.length(found.extensions).sum() == pytest.approx(gap, abs=0.01)


def test_what_is_joined_already_is_joined_no_more():
    # three loose parts 10 m apart: the short one in the middle does not make the two others neighbours
    lines = _square()
    lines["丙"] = shapely.linestrings(
        [[(1000, 1000), (1000, 560)], [(1050, 550), (1050, 450)], [(1000, 440), (1000, 0)]]
    )
    found = enclosure(lines)
    assert shapely.length(found.extensions).sum() == pytest.approx(2 * np.hypot(50, 10))
    bulge = (50 * 100 + 2 * 50 * 10 / 2) / 1e6  # the way over the middle part, not the chord past it
    assert found.polygon.area / 1e6 == pytest.approx(1 + bulge)
    # a street that parts round a bend is one line: no chord cuts it short
    bent = [(1000, 600), (1100, 500), (1000, 400)]
    side_streets = [[(1000, 600), (1500, 600)], [(1000, 400), (1500, 400)]]
    parts = [[(1000, 1000), (1000, 600)], bent, [(1000, 400), (1000, 0)], *side_streets]
    lines["丙"] = np.array([LineString(xy) for xy in parts])
    found = enclosure(lines)
    assert len(found.extensions) == 0
    assert found.polygon.area == pytest.approx(1e6 + 100 * 100)


def test_of_several_faces_the_largest_is_the_core():
    lines = _square()  # two faces, 600 and 400 m wide, each with all four along its sides
    lines["甲"] = shapely.linestrings([[(0, 0), (0, 1000)], [(1000, 0), (1000, 1000)]])
    lines["丙"] = shapely.linestrings([[(600, 0), (600, 1000)]])
    assert enclosure(lines).polygon.area == pytest.approx(1e6 * 0.6)


@pytest.mark.parametrize(("along", "closes"), [(51.5, True), (47.0, False)])
def test_a_line_along_less_than_a_street_s_width_is_no_side(along, closes):
    lines = _square()
    lines["戊"] = shapely.linestrings([[(500, 0), (500 + along, 0)]])
    lines["丁"] = shapely.linestrings([[(0, 0), (500, 0)], [(500 + along, 0), (1000, 0)]])
    assert (enclosure(lines).polygon is not None) is closes


def test_the_nearest_miss_of_each_loose_line_is_told():
    lines = _square()
    lines["甲"] = shapely.linestrings([[(0, 350), (0, 600)]])  # 350 m from one neighbour, 400 m from the other
    found = enclosure(lines)
    assert [(gap.names, round(gap.line.length)) for gap in found.gaps] == [(("甲", "丁"), 350), (("甲", "乙"), 400)]
    lines["丙"] = shapely.linestrings([[(1000, 400), (1000, 690)]])
    told = {gap.names: round(gap.line.length) for gap in enclosure(lines).gaps}
    assert told == {("甲", "丁"): 350, ("乙", "丙"): 310}


def test_a_face_beside_three_of_four_lines_is_no_core():
    lines = _square()
    lines["戊"] = shapely.linestrings([[(1000, 1000), (3000, 1000)]])
    assert enclosure(lines).polygon is None
    assert enclosure(lines).gaps == ()


# ------------------------------------------------------------------------------------------------------------ core


def test_the_core_is_shared_out_over_the_zones_with_who_lives_there(town, drawn):
    people = drawn([box(0, 0, 2000, 2000), box(2000, 0, 4000, 2000)], persons=[1000.0, 300.0])
    land = drawn([box(1000, 0, 1100, 2000), box(900, 0, 1000, 2000)], land_class=["R", "R"], construction=[True, True])
    core = core_area(town(population=people, land_use=land), lines=NAMES)
    assert core.value == pytest.approx(4.0)
    assert core.by_zone.to_dict() == {"1": pytest.approx(2.0), "2": pytest.approx(2.0)}
    table = core.breakdown
    assert table.loc["persons"].to_dict() == {
        "whole": pytest.approx(650),
        "1": pytest.approx(500),
        "2": pytest.approx(150),
    }
    assert table.loc["construction_land_ha", "whole"] == pytest.approx(20.0)
    assert core.evidence["part"].tolist() == ["core"]
    assert core.needs == ()


@pytest.mark.slow
def test_a_divided_street_bounds_the_core_at_its_middle(town):
    assert core_area(town(divided_m=30.0), lines=NAMES).value == pytest.approx(4.0, abs=1e-3)


@pytest.mark.slow
def test_an_open_corner_is_told_with_its_metres_and_place_and_the_gap_is_drawn(town):
    core = core_area(town(short_m=450.0), lines=NAMES)
    assert not core.has_data
    (need,) = core.needs
    assert "西路 and 北铁路 do not meet: 450 m apart" in need.en
    assert "西路与北铁路未相接：相距 450 米" in need.zh
    assert core.evidence["part"].tolist() == ["core_gap"]
    assert core.evidence.length.tolist() == pytest.approx([450.0])
    joined = core_area(town(short_m=250.0), lines=NAMES)
    assert joined.value == pytest.approx(4.0)
    assert any("250 m were added" in note.en for note in joined.notes)


@pytest.mark.slow
def test_lines_that_are_not_there_are_named(town):
    core = core_area(town(), lines=(*NAMES[:3], "长江"))
    assert "not found among roads and railways: 长江" in core.needs[0].en
    assert not core_area(dataclasses.replace(town(), roads=None, railways=None), lines=NAMES).has_data
    with pytest.raises(InputError, match="at least three"):
        core_area(town(), lines=NAMES[:2])


@pytest.mark.slow
def test_what_lies_outside_the_zones_is_not_counted_and_told(town):
    area = town()
    narrow = area.zones.iloc[[0]]
    core = core_area(dataclasses.replace(area, zones=narrow), lines=NAMES)
    assert core.value == pytest.approx(2.0)
    assert any("2.00 km²" in note.en for note in core.notes)


@pytest.mark.slow
def test_the_side_roads_of_a_name_are_its_line_and_its_ramps_are_not(town, drawn):
    area = town()
    lines = [
        LineString([(1000, -500), (1000, 2500)]),
        LineString([(1400, -500), (1400, 2500)]),
        LineString([(3000, -500), (3000, 2500)]),
    ]
    names = ["西路辅路", "西路", "东路"]
    roads = drawn(lines, road_class=["arterial"] * 3, name=names, ramp=[False, True, False])
    assert core_area(dataclasses.replace(area, roads=roads), lines=NAMES).value == pytest.approx(4.0)
    both = (*NAMES, "西路辅路")
    assert core_area(dataclasses.replace(area, roads=roads), lines=both).value == pytest.approx(4.0)


def test_railways_alone_may_enclose_a_core(town, drawn):
    area = town()
    sides = [LineString([(x, -500), (x, 2500)]) for x in (1000, 3000)]
    rails = drawn([*sides, LineString([(0, 2000), (4000, 2000)]), LineString([(0, 0), (4000, 0)])], name=list(NAMES))
    assert core_area(dataclasses.replace(area, roads=None, railways=rails), lines=NAMES).value == pytest.approx(4.0)
    missing = core_area(dataclasses.replace(area, roads=None), lines=NAMES)
    assert missing.needs[0].en.startswith("not found among roads and railways: 西路, 东路;")


def test_names_that_are_one_street_or_none_are_refused(town):
    for names in (("西路", "西路（辅路）", "东路"), ("", *NAMES), "西路东路"):
        with pytest.raises(InputError, match="at least three different names"):
            core_area(town(), lines=names)


@pytest.mark.slow
def test_the_core_tells_only_what_the_study_knows_and_no_joins_where_there_are_none(town, drawn):
    core = core_area(town(), lines=NAMES)
    assert core.breakdown.index.to_list() == ["area_km2"]
    assert core.breakdown.loc["area_km2"].to_dict() == {"whole": pytest.approx(4.0), "1": 2.0, "2": 2.0}
    assert core.notes == ()
    assert core.params == {"lines": list(NAMES), "extend_m": 300.0, "extended_m": 0.0}
    assert core_area(town(short_m=250.0), lines=NAMES).params["extended_m"] == pytest.approx(250)
    park = drawn(
        [box(1000, 0, 1100, 2000), box(1000, 0, 1050, 2000)], land_class=["1401", "R"], construction=[False, True]
    )
    people = drawn([box(1000, 0, 3000, 2000)], persons=[80.0])
    table = core_area(town(land_use=park, population=people), lines=NAMES).breakdown
    assert table["whole"].to_dict() == {
        "area_km2": pytest.approx(4.0),
        "persons": pytest.approx(80.0),
        "construction_land_ha": pytest.approx(10.0),
    }


@pytest.mark.slow
def test_lines_that_meet_in_a_point_enclose_nothing_and_the_result_says_so(town, drawn):
    star = [LineString([(2000, 1000), (x, y)]) for x, y in ((1000, 0), (3000, 0), (1000, 2000), (3000, 2000))]
    roads = drawn(star[:2], road_class=["arterial"] * 2, name=list(NAMES[:2]))
    area = dataclasses.replace(town(), roads=roads, railways=drawn(star[2:], name=list(NAMES[2:])))
    core = core_area(area, lines=NAMES)
    assert not core.has_data
    assert "enclose no land together" in core.needs[0].en
    assert core.evidence is None


@pytest.mark.slow
def test_the_place_of_a_gap_is_told_in_degrees(town):
    (need,) = core_area(town(short_m=450.0), lines=NAMES).needs
    lon, lat = (float(v) for v in need.en.split("(")[1].split(")")[0].split(", "))
    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True)
    x, y = to_metres.transform(lon, lat)
    assert x - 441_000 == pytest.approx(1000, abs=2)
    assert min(abs(y - 3_507_000 - end) for end in (1550, 2000)) < 2


# ------------------------------------------------------------------------------------------------------ counts, sums


def test_roles_are_counted(town):
    assert zone_count(town(), "main_city").value == 1
    assert zone_count(town(), "district").by_zone.to_dict() == {"1": 0, "2": 1}
    with pytest.raises(InputError, match="is not one of"):
        zone_count(town(), "suburb")
    area = town()
    one = dataclasses.replace(area, zones=area.zones.assign(role="main_city"))
    assert not zone_count(one, "main_city").has_data
    assert "not told apart" in zone_count(one, "district").needs[0].en


@pytest.mark.slow
def test_the_main_city_s_people_and_land_under_both_readings(town, drawn):
    people = drawn([box(0, 0, 2000, 2000), box(2000, 0, 4000, 2000)], persons=[1000.0, 300.0])
    land = drawn([box(500, 0, 2500, 1000)], land_class=["R"])
    area = town(population=people, land_use=land)
    assert main_city_population(area).value == pytest.approx(1300)
    assert main_city_population(area, scope="main_city").value == pytest.approx(1000)
    assert main_city_construction_land(area).value == pytest.approx(2.0)
    alone = main_city_construction_land(area, scope="main_city")
    assert alone.value == pytest.approx(1.5)
    assert np.isnan(alone.by_zone["2"])
    unsure = dataclasses.replace(area, incomplete=frozenset({"population", "land_use"}))
    assert main_city_population(unsure).high == np.inf
    assert main_city_construction_land(unsure).needs
    with pytest.raises(InputError, match="is not one of"):
        main_city_population(area, scope="prefecture")


def test_overlapping_land_counts_once_and_what_is_not_built_on_never(town, drawn):
    shapes = [box(0, 0, 1000, 1000), box(500, 0, 1500, 1000), box(0, 1000, 1000, 2000)]
    land = drawn(shapes, land_class=["R", "R", "1701"], construction=[True, True, False])
    measure = main_city_construction_land(town(land_use=land))
    assert measure.by_zone.to_dict() == {"1": pytest.approx(1.5), "2": 0.0}
    assert (measure.value, measure.low, measure.high) == (pytest.approx(1.5),) * 3


@pytest.mark.slow
def test_an_empty_layer_is_zero_and_one_that_may_be_incomplete_is_no_data(town, drawn):
    area = town(population=drawn([], persons=[]), land_use=drawn([], land_class=[]))
    assert main_city_population(area).value == main_city_construction_land(area).value == 0.0
    for layer, open_, sure in (
        ("population", main_city_population, main_city_construction_land),
        ("land_use", main_city_construction_land, main_city_population),
    ):
        unsure = dataclasses.replace(area, incomplete=frozenset({layer}))
        assert not open_(unsure).has_data  # a map that may be incomplete and has nothing is no place without
        assert (sure(unsure).low, sure(unsure).high, sure(unsure).needs) == (0.0, 0.0, ())


@pytest.mark.slow
def test_land_whose_codes_do_not_tell_may_be_of_the_city(town, drawn):
    """1 km² of homes, and in each zone 1 km² that may be urban: of an odd CZCSXM word, and of no known code."""
    land = drawn(
        [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000), box(3000, 0, 4000, 1000)],
        land_class=["0701", "0702", "9999"],
        land_group=["residential", "rural_homes", None],
        czcsxm=["201", "城市", None],
        construction=[True, False, False],
    )
    measure = main_city_construction_land(town(land_use=land))
    assert (measure.low, measure.value, measure.high) == pytest.approx((1.0, 1.0, 3.0))
    assert "200.0 ha more" in measure.needs[0].en
    alone = main_city_construction_land(town(land_use=land), scope="main_city")
    assert (alone.low, alone.value, alone.high) == pytest.approx((1.0, 1.0, 2.0))


def test_of_administrative_limits_the_city_may_be_a_part(town, drawn):
    people = drawn([box(0, 0, 4000, 2000)], persons=[900.0])
    land = drawn([box(0, 0, 3000, 1000)], land_class=["R"])
    area = dataclasses.replace(town(population=people, land_use=land), boundary="administrative")
    for measure, value in ((main_city_population(area), 900.0), (main_city_construction_land(area), 3.0)):
        assert (measure.low, measure.value, measure.high) == (0.0, pytest.approx(value), pytest.approx(value))
        assert "hold more than the city" in measure.needs[0].en


def test_without_a_main_city_there_is_no_number_for_it_alone(town, drawn):
    people = drawn([box(0, 0, 2000, 2000)], persons=[1000.0])
    land = drawn([box(0, 0, 1000, 1000)], land_class=["R"])
    area = town(population=people, land_use=land)
    area = dataclasses.replace(area, zones=area.zones.assign(role="district"))
    for measure in (main_city_population, main_city_construction_land):
        assert not measure(area, scope="main_city").has_data
        assert "none of the zones is the main city" in measure(area, scope="main_city").needs[0].en
        assert measure(area).has_data
    assert zone_count(area, "main_city").value == 0


def test_without_land_use_the_outline_stands_in_only_where_it_says_so(town):
    area = town()
    assert not main_city_construction_land(area).has_data
    outline = dataclasses.replace(area, boundary="construction_land")
    assert main_city_construction_land(outline).value == pytest.approx(12.0)
    assert main_city_construction_land(outline, scope="main_city").value == pytest.approx(6.0)
    assert main_city_construction_land(dataclasses.replace(outline, incomplete=frozenset({"land_use"}))).high == 12.0
    assert not main_city_population(area).has_data


@pytest.mark.slow
def test_the_invented_city(invented_city):
    area = invented_city.area
    truth = json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))
    core = core_area(area, **invented_city.params["core_area"])
    assert core.value == pytest.approx(truth["area_km2_by_zone"]["主城区"], rel=1e-4)  # the main city is that core
    assert main_city_population(area).value == pytest.approx(truth["persons"])
    assert main_city_construction_land(area).value == pytest.approx(truth["construction_land_ha"] / 100, rel=1e-6)
    assert (zone_count(area, "main_city").value, zone_count(area, "district").value) == (1, 3)


def test_no_sum_of_zones_is_named_as_a_zone_of_the_city_is():
    """A zone may be called 主城区, as the plan calls main city and districts together."""
    zones = tomllib.loads((files("suizhou_geo.invented_city") / "zones.toml").read_text(encoding="utf-8"))
    promised = [target.name.zh for target in sg.read_plan("suizhou_2025").targets]
    measured = [entry["name"]["zh"] for entry in table("measures").values() if "name" in entry]
    assert not [(zone, name) for zone in zones for name in (*promised, *measured) if zone in name]
