"""Land-use codes: three systems that use the same digits differently, told apart, refused or declared."""

import geopandas as gpd
import pytest
from shapely import box

from suizhou_geo.errors import LayerError
from suizhou_geo.sources.columns import Read
from suizhou_geo.sources.land_codes import SYSTEMS, classified, code_system, group_of
from suizhou_geo.standards import table

CODES = table("land_codes")


def _layer(codes, **columns):
    shapes = [box(100 * k, 0, 100 * k + 100, 100) for k in range(len(codes))]
    return Read(gpd.GeoDataFrame({"land_class": codes, **columns}, geometry=shapes, crs="EPSG:4547"))


def _read(codes, *, declared=None, **columns):
    return classified(_layer(codes, **columns), codes=declared, what="layer land_use")


def test_every_group_is_known_and_every_entry_is_a_code_of_its_own_system():
    for system, entries in CODES["codes"].items():
        assert set(entries.values()) <= set(CODES["groups"])
        for code, group in entries.items():
            assert group_of(code, system) == group, (system, code)
    assert set(CODES["codes"]) == set(CODES["systems"]) == {*SYSTEMS, "osm"}
    assert {entry for entries in CODES["codes"].values() for entry in entries.values()} >= set(CODES["groups"]) - {"x"}


def test_0702_is_two_different_things():
    assert group_of("0702", "sd2019") == "rural_homes"  # 农村宅基地
    assert group_of("0702", "yd2023") == "community"  # 城镇社区服务设施用地
    survey, plan = _read(["0702", "05H1"]), _read(["0702", "1401"])
    assert survey.layer["land_group"].tolist() == ["rural_homes", "commercial"]
    assert survey.layer["construction"].tolist() == [False, True]
    assert plan.layer["land_group"].tolist() == ["community", "park"]
    assert plan.layer["construction"].tolist() == [True, True]


@pytest.mark.parametrize(
    ("code", "survey", "plan"),
    [
        ("1001", "regional", "industrial"),  # 铁路用地, 工业用地
        ("1207", "nature", "roads"),  # 裸岩石砾地, 城镇村道路用地
        ("1101", "water", "logistics"),  # 河流水面, 物流仓储用地
        ("0601", "industrial", "nature"),  # 工业用地, 农业设施建设用地
    ],
)
def test_other_digits_that_mean_two_things(code, survey, plan):
    assert (group_of(code, "sd2019"), group_of(code, "yd2023")) == (survey, plan)


@pytest.mark.parametrize(
    ("codes", "system"),
    [
        (["0701", "0702", "08H2"], "sd2019"),
        (["0701", "0810A"], "sd2019"),
        (["1004", "0701"], "sd2019"),
        (["0701", "070102"], "yd2023"),
        (["0702", "1403"], "yd2023"),
        (["16"], "yd2023"),
        (["R21", "G1", "A33"], "gb50137"),
        (["0701", "0702", "1001", "1207"], ""),
        (["甲", "乙"], ""),
    ],
)
def test_the_codes_tell_their_system(codes, system):
    assert code_system(codes, what="x") == system


@pytest.mark.parametrize("codes", [["05H1", "1401"], ["R2", "070101"], ["G1", "08H2"]])
def test_mixed_systems_are_refused_by_name(codes):
    with pytest.raises(LayerError, match="mixes code systems"):
        code_system(codes, what="layer land_use")


def test_where_the_codes_do_not_tell_the_system_must_be_declared():
    with pytest.raises(LayerError, match="no column says what is construction land; declare"):
        _read(["0701", "0702"])
    said = _read(["0701", "0702"], construction=[True, False])
    assert "land_group" not in said.layer.columns
    assert "declare the system" in said.findings[0]
    assert _read(["0701", "0702"], declared="sd2019").layer["land_group"].tolist() == ["residential", "rural_homes"]
    assert _read(["0701", "0702"], declared="yd2023").layer["land_group"].tolist() == ["residential", "community"]


def test_codes_the_system_has_not_are_told_with_their_hectares_and_count_as_nothing():
    found = _read(["1401", "0899", "9999", "9999"], declared="yd2023")
    assert found.layer["land_group"].tolist()[:2] == ["park", "public_services"]
    assert found.layer["construction"].tolist() == [True, True, False, False]
    assert "'9999' (2): 2.0 ha stand in no land-use group" in found.findings[0]


def test_the_town_attribute_decides_what_is_urban():
    found = _read(["0701", "0701", "0601", "0701"], declared="sd2019", czcsxm=["201", "203", "202A", None])
    assert found.layer["construction"].tolist() == [True, False, True, False]
    assert any("CZCSXM" in note for note in found.notes)
    without = _read(["0701", "0601"], declared="sd2019")
    assert without.layer["construction"].tolist() == [True, True]
    assert "give the column czcsxm" in without.findings[0]


def test_what_a_planner_says_stays():
    found = _read(["1401", "1207"], construction=[False, False])
    assert found.layer["construction"].tolist() == [False, False]
    grouped = _read(["1401", "1207"], land_group=["square", None])
    assert grouped.layer["land_group"].tolist() == ["square", "roads"]
    whole = _layer(["x"], land_group=["park"])
    assert classified(whole, codes=None, what="x") is whole


def test_railways_and_highways_are_no_urban_construction_land():
    assert _read(["1201", "1202", "1207", "1401"], declared="yd2023").layer["construction"].tolist() == [
        False,
        False,
        True,
        True,
    ]
