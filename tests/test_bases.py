"""What a share stands on: too little, or contradicted, and it is told nowhere as a number."""

import dataclasses

import numpy as np
import pytest
from shapely import box
from shapely.geometry import LineString, Point

import suizhou_geo as sg
from suizhou_geo.assessment.phrases import value_text, zone_text
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.tables import results_table
from suizhou_geo.cli.screen import tell_table
from suizhou_geo.measures.inventories import charging_points, parking_spaces
from suizhou_geo.measures.life_circle import required_categories
from suizhou_geo.outputs.figures.small_maps import _figure
from suizhou_geo.outputs.gis.layers import gis_layers
from suizhou_geo.outputs.report import annex_of, html_page
from suizhou_geo.outputs.report.tables import zones_table
from suizhou_geo.outputs.web_map.folium_map import city_map
from suizhou_geo.standards import table


def _plan(key="park_coverage", op=">=", value=0.85, unit="share"):
    target = sg.Target(key, "承诺", "promise", op, value, unit, 2025, "一", "超过85%")
    return sg.Plan("p", "方案", "plan", "文", (target,))


@pytest.fixture
def city(drawn):
    """A function: two zones of 1 km² side by side, a park in the middle of the first, homes as given."""

    def build(homes, *, dwellings=(), **layers):
        zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["西", "东"])
        given = {
            "residential": drawn([box(*home) for home in homes]),
            "parks": drawn([box(400, 400, 600, 600)], name=["园"]),
            "buildings": drawn([box(x, y, x + 10, y + 10) for x, y in dwellings], residential=[True] * len(dwellings)),
        }
        return sg.StudyArea("t", zones.set_index(np.array(["1", "2"])), **{**given, **layers})

    return build


def _row(measure, plan=None):
    return next(row for row in rows_of([measure], plan or _plan()) if row.key == measure.key)


@pytest.mark.slow
def test_one_building_is_no_base_and_a_block_is(city):
    for side, told in ((20, "0.04 ha of homes"), (44, "0.193 ha of homes"), (50, None)):
        measure = sg.park_coverage(city([(500, 650, 500 + side, 650 + side)]))
        assert measure.value == 1.0
        assert (measure.thin is None) == (told is None)
        row = _row(measure)
        assert row.status == ("met" if told is None else "cannot_tell")
        if told:
            assert measure.thin.en == told
            assert (measure.low, measure.high) == (0.0, 1.0)
            assert np.isnan(row.gap)
            assert value_text(row, "en") == f"cannot tell ({told})"
            assert told in row.needs_text("en")
            assert "无法判定（居住用地 0." in value_text(row, "zh")


def test_the_base_is_never_rounded_up_to_enough(city):
    side = np.sqrt(0.19999 * 1e4)
    assert sg.park_coverage(city([(500, 650, 500 + side, 650 + side)])).thin.en == "0.199 ha of homes"


def test_a_zone_stands_on_its_own_homes(city):
    area = city([(300, 650, 500, 850), (1000, 500, 1020, 520)])  # 4 ha, and 0.04 ha in the second zone
    measure = sg.park_coverage(area)
    row = _row(measure)
    west, east = row.by_zone(area.zones)
    assert (west.status, east.status) == ("met", "cannot_tell")
    assert zone_text(row, east, "en") == "cannot tell (0.04 ha of homes)"
    assert np.isnan([east.gap, east.shortfall]).all()
    assert row.zone_values(area.zones).isna().tolist() == [False, True]
    assert _figure(row, east, east.status, "en")[0] == "? 0.04 ha of homes"
    assert results_table([row], area.zones, lang="en")["东"].iloc[0] == "cannot tell (0.04 ha of homes)"
    assert measure.params["least_homes_ha"] == table("bases")["least"]["ha"] == 0.2


@pytest.mark.slow
def test_dwellings_elsewhere_contradict_residential_land(city):
    inside, outside = [(310 + 15 * k, 660) for k in range(2)], [(1200 + 20 * k, 300) for k in range(18)]
    area = city([(300, 650, 500, 850)], dwellings=inside + outside)
    declared = sg.park_coverage(area)  # 4 ha of 200 ha, and 2 of 20 dwellings, though it is declared complete
    assert declared.thin.en == "2.0% of the zones, 2 of 20 dwellings"
    assert declared.profile.endswith("residential_land")
    assert (declared.low, declared.value, declared.high) == (0.0, 1.0, 1.0)
    assert _row(declared).status == "cannot_tell"
    assert [zone.thin for zone in _row(declared).by_zone(area.zones)] == [declared.thin] * 2
    assert any("contradict" in need.en for need in declared.needs)
    osm = sg.park_coverage(dataclasses.replace(area, incomplete=frozenset({"residential"})))
    assert osm.profile.endswith("residential_buildings")  # the dwellings stand in
    assert osm.value == pytest.approx(0.1)
    assert _row(osm).status == "cannot_tell"
    assert "2.0% of the zones, 2 of 20 dwellings" in osm.needs[0].en
    half = city([(300, 650, 500, 850)], dwellings=inside * 9 + outside)
    assert sg.park_coverage(half).thin is None
    assert sg.park_coverage(city([(300, 650, 500, 850)], dwellings=outside[:9])).thin is None  # nine dwellings are few


def test_without_any_residential_land_the_dwellings_stand_in_and_contradict_nothing(city):
    area = city([], dwellings=[(410 + 15 * k, 650) for k in range(12)])
    measure = sg.park_coverage(dataclasses.replace(area, incomplete=frozenset({"residential"})))
    assert measure.profile.endswith("residential_buildings")
    needs = " ".join(need.en for need in measure.needs)
    assert "no residential land is mapped, residential buildings stand in" in needs
    assert "contradict" not in needs


@pytest.mark.slow
def test_little_land_that_may_be_incomplete_is_no_base_of_a_city(city):
    unsure = frozenset({"residential"})
    little, enough = city([(300, 650, 500, 850)]), city([(0, 0, 1000, 110)])
    assert sg.park_coverage(little).thin is None
    thin = sg.park_coverage(dataclasses.replace(little, incomplete=unsure)).thin
    assert thin.en == "homes on 2.0% of the zones"
    assert sg.park_coverage(dataclasses.replace(enough, incomplete=unsure)).thin is None
    assert sg.park_coverage(dataclasses.replace(little, incomplete=unsure, boundary="administrative")).thin is None


@pytest.mark.slow
def test_few_services_carry_no_compliance(city, drawn):
    required = required_categories()
    n = len(required)
    for known in (3, n // 2, n):
        points = drawn([Point(400, 750)] * known, category=list(required[:known]))
        measure = sg.life_circle_compliance(city([(300, 650, 500, 850)], facilities=points))
        few = known < n / 2
        assert (measure.thin is not None) == few
        if few:
            assert measure.thin.en == f"3 of {n} services"
            assert measure.high == pytest.approx(
                (3 + n - 3) / n
            )  # the range stays what the services without data leave
            assert _row(measure, _plan("life_circle_compliance")).status == "cannot_tell"
        assert measure.params["least_services_share"] == 0.5


def test_all_of_few_services_is_told_where_one_is_out_of_everybodys_reach(city, drawn):
    points = drawn([Point(1990, 10)], category=[required_categories()[-1]])  # of the 5-minute circle, 1.6 km away
    measure = sg.life_circle_compliance(city([(300, 650, 500, 850)], facilities=points), profile="all_of")
    assert (measure.low, measure.high, measure.thin) == (0.0, 0.0, None)


@pytest.mark.slow
def test_a_map_without_one_object_is_no_data_and_a_register_is_zero(city, drawn):
    empty = {
        "chargers": drawn([], name=[], count=[], counts=[]),
        "parking": drawn([], name=[], spaces=[]),
        "land_use": drawn([], land_class=[]),
        "greenways": drawn([], name=[]),
        "parks": drawn([], name=[]),
        "population": drawn([box(0, 0, 2000, 1000)], persons=[1000.0]),
        "roads": drawn([], road_class=[], name=[]),
    }
    area = city([(300, 650, 500, 850)], **empty)
    unsure = dataclasses.replace(area, incomplete=frozenset(empty) - {"population"})
    outside = {"chargers": drawn([Point(3000, 0)], name=["桩"], count=[5], counts=["pile"])}
    for measure, zero in (
        (charging_points, 0.0),
        (parking_spaces, 0.0),
        (sg.main_city_construction_land, 0.0),
        (sg.construction_land_per_capita, 0.0),
        (sg.pocket_parks, 0.0),
        (sg.park_area_per_capita, 0.0),
        (sg.park_coverage, 0.0),
        (sg.greenway_coverage, 0.0),
        (sg.road_density, 0.0),
        (sg.dead_ends, 0.0),
    ):
        assert measure(area).value == zero, measure
        assert not measure(unsure).has_data, measure
        assert "holds nothing that counts" in measure(unsure).needs[0].en, measure
    elsewhere = dataclasses.replace(unsure, **outside)
    assert not charging_points(elsewhere).has_data  # all that is mapped stands beyond the zones


@pytest.mark.slow
def test_everywhere_it_is_shown_it_cannot_be_told(monkeypatch, city, held, capsys, tmp_path):
    area = city([(500, 650, 520, 670)])
    for plan in (_plan(), None):
        result = held(area, [sg.park_coverage(area)], plan)
        monkeypatch.setenv("COLUMNS", "200")
        tell_table(result, "en")
        city_map(result, lang="en").save(tmp_path / "map.html")
        console = " ".join(capsys.readouterr().out.replace("│", " ").split())
        for told in (console, (tmp_path / "map.html").read_text("utf-8"), html_page(annex_of(result, lang="en"))):
            assert "0.04 ha of homes" in told
            assert "100.0%" not in told


def test_in_workbook_and_layers_too_little_is_no_number(city, held):
    area = city([(300, 650, 500, 850), (1000, 500, 1020, 520)])
    result = held(area, [sg.park_coverage(area)], _plan())
    table_ = zones_table(result.rows, area.zones, "en")
    west, east = (row[4] for row in table_.rows)
    assert (west.value, east.value, east.text) == (1.0, None, "cannot tell (0.04 ha of homes)")
    zones = next(layer for layer in gis_layers(result) if layer.table == "zones").data
    assert zones["park_coverage"].isna().tolist() == [False, True]


@pytest.mark.slow
def test_nobodys_definition_gets_no_verdict(city, drawn):
    roads = drawn([LineString([(0, 500), (2000, 500)])], road_class=["branch"], name=["路"])
    plan = _plan("road_density", ">=", 0.5, "km/km2")
    for profile, status in (("caupd", "met"), ("raw", "cannot_tell")):
        row = _row(sg.road_density(city([], roads=roads), profile=profile), plan)
        assert row.status == status
        assert np.isnan(row.gap) == (profile == "raw")
