"""Land-use codes: three systems that use the same digits differently, told apart, refused or declared."""

import geopandas as gpd
import pytest
from shapely import box

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import alike
from suizhou_geo.sources.columns import Read
from suizhou_geo.sources.land_codes import SYSTEMS, classified, code_system, group_of
from suizhou_geo.standards import table

CODES = table("land_codes")


def _said(read):
    return tuple(note.en for note in read.notes)


def _layer(codes, **columns):
    shapes = [box(100 * k, 0, 100 * k + 100, 100) for k in range(len(codes))]
    return Read(gpd.GeoDataFrame({"land_class": codes, **columns}, geometry=shapes, crs="EPSG:4547"))


def _read(codes, *, declared=None, **columns):
    return classified(_layer(codes, **columns), codes=declared, what=alike("layer land_use"))


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
    assert code_system(codes, what=alike("x")) == system


@pytest.mark.parametrize("codes", [["05H1", "1401"], ["R2", "070101"], ["G1", "08H2"]])
def test_mixed_systems_are_refused_by_name(codes):
    with pytest.raises(LayerError, match="mixes code systems"):
        code_system(codes, what=alike("layer land_use"))


def test_where_the_codes_do_not_tell_the_system_must_be_declared():
    with pytest.raises(LayerError, match="no column says what is construction land; declare"):
        _read(["0701", "0702"])
    said = _read(["0701", "0702"], construction=[True, False])
    assert "land_group" not in said.layer.columns
    assert "declare the system" in said.findings[0].en
    assert _read(["0701", "0702"], declared="sd2019").layer["land_group"].tolist() == ["residential", "rural_homes"]
    assert _read(["0701", "0702"], declared="yd2023").layer["land_group"].tolist() == ["residential", "community"]


def test_codes_the_system_has_not_are_told_with_their_hectares_and_count_as_nothing():
    found = _read(["1401", "0899", "9999", "9999"], declared="yd2023")
    assert found.layer["land_group"].tolist()[:2] == ["park", "public_services"]
    assert found.layer["construction"].tolist() == [True, True, False, False]
    assert "'9999' (2): 2.0 ha stand in no land-use group" in found.findings[0].en


def test_the_town_attribute_decides_what_is_urban():
    found = _read(["0701", "0701", "0601", "0701"], declared="sd2019", czcsxm=["201", "203", "202A", None])
    assert found.layer["construction"].tolist() == [True, False, True, False]
    assert any("CZCSXM" in note for note in _said(found))
    without = _read(["0701", "0601"], declared="sd2019")
    assert without.layer["construction"].tolist() == [True, True]
    assert "give the column czcsxm" in without.findings[0].en


def test_what_a_planner_says_stays():
    found = _read(["1401", "1207"], construction=[False, False])
    assert found.layer["construction"].tolist() == [False, False]
    grouped = _read(["1401", "1207"], land_group=["square", None])
    assert grouped.layer["land_group"].tolist() == ["square", "roads"]
    whole = _read(["x"], land_group=["park"], construction=[False])
    assert (whole.layer["land_group"].tolist(), whole.layer["construction"].tolist()) == (["park"], [False])
    assert (whole.notes, whole.findings) == ((), ())


def test_groups_given_whole_say_what_is_construction_land():
    """Without a column that says it, water and fields do not become construction land."""
    found = _read(["a", "b", "c"], land_group=["water", "park", "nature"])
    assert found.layer["construction"].tolist() == [False, True, False]
    scoped = _read(["a", "b"], land_group=["industrial", "industrial"], czcsxm=["201A", "203"])
    assert scoped.layer["construction"].tolist() == [True, False]
    assert "give the column czcsxm" in _read(["a"], declared="sd2019", land_group=["park"]).findings[0].en
    assert _read(["a"], declared="yd2023", land_group=["park"]).findings == ()


@pytest.mark.parametrize("groups", [["Park", "park"], ["公园", None]])
def test_a_word_that_is_no_group_is_refused(groups):
    with pytest.raises(LayerError, match=r"land_group holds '(Park|公园)' \(1\), no group of land"):
        _read(["1401", "1401"], land_group=groups)


def test_words_in_czcsxm_that_are_none_of_its_codes_are_told_or_refused():
    found = _read(["0701", "0701", "0701"], declared="sd2019", czcsxm=["201a ", "城市", None])
    assert found.layer["construction"].tolist() == [True, False, False]
    assert "'城市' (1), none of 201, 201A" in found.findings[0].en
    assert "1.0 ha count as no urban land" in found.findings[0].en
    with pytest.raises(LayerError, match=r"translate under values\.czcsxm"):
        _read(["0701", "0701"], declared="sd2019", czcsxm=["城市", "村庄"])


def test_land_of_cities_and_towns_is_urban_and_of_villages_mines_and_special_sites_is_not():
    scopes = {
        "201": True,
        "201A": True,
        "202": True,
        "202A": True,
        "203": False,
        "203A": False,
        "204": False,
        "205": False,
    }
    found = _read(["0701"] * 8, declared="sd2019", czcsxm=list(scopes))
    assert found.layer["construction"].tolist() == list(scopes.values())
    assert found.findings == ()


def test_homesteads_inside_a_city_are_land_of_its_extent_and_railways_are_not():
    found = _read(["0702", "0702", "1001", "0602"], declared="sd2019", czcsxm=["201", "203", "201", "201"])
    assert found.layer["construction"].tolist() == [True, False, False, False]
    assert _read(["0702"], declared="sd2019").layer["construction"].tolist() == [False]


def test_a_city_drawn_as_one_is_urban_and_a_village_is_not():
    """H1 of GB 50137: H11 城市, H12 镇, H13 乡, H14 村庄; H1 itself does not tell."""
    found = _read(["H11", "H12", "H13", "H14", "H1", "E2"])
    assert found.layer["construction"].tolist() == [True, True, False, False, False, False]
    assert found.layer["land_group"].tolist()[:4] == ["urban", "urban", "rural_homes", "rural_homes"]
    assert "'H1' (1): 1.0 ha" in found.findings[0].en


def test_vacant_construction_land_is_the_same_in_both_systems():
    assert group_of("1201", "sd2019") == group_of("2301", "yd2023") == "reserve"  # 空闲地
    assert group_of("2302", "yd2023") == "nature"


CLASSES = {  # as the standards list them, first codes of each class: 三调 工作分类 2019, 用地用海 2023, GB 50137-2011
    "sd2019": {
        "nature": "00 01 0103 02 0201K 03 0301 0307 04 0404 1006 1202 1203 1204 1205 1206 1207",
        "commercial": "05H1",
        "logistics": "0508",
        "industrial": "0601",
        "mining": "0602 0603",
        "residential": "0701",
        "rural_homes": "0702",
        "public_services": "08H1 08H2 08H2A",
        "utilities": "0809",
        "green": "0810",
        "square": "0810A",
        "special": "09",
        "regional": "1001 1003 1007 1008 1009 1109",
        "roads": "1002 1004 1005",
        "water": "1101 1102 1103 1104 1104A 1105 1106 1107 1107A 1108 1110",
        "reserve": "1201",
    },
    "yd2023": {
        "nature": "01 0101 02 0204 03 0301 04 0403 05 0507 06 0601 060102 0602 23 2302 2307",
        "residential": "0701 070101 070103",
        "community": "0702",
        "rural_homes": "0703 070302 0704",
        "public_services": "08 0801 0802 080302 080403 080404 0805 080602 0807 080704",
        "commercial": "09 0901 090105 0902 0903 0904",
        "industrial": "1001 100101 100103",
        "mining": "1002 1003",
        "logistics": "11 1101 110103 1102",
        "regional": "1201 1202 1203 1204 1205 1311",
        "roads": "1206 1207 1208 120801 120803 1209",
        "utilities": "13 1301 1309 1310 1312",
        "green": "14",
        "park": "1401",
        "protective_green": "1402",
        "square": "1403",
        "special": "15 1501 1503 1507",
        "reserve": "16 2301",
        "water": "17 1701 1706 18 1801 19 20 21 22 24",
    },
    "gb50137": {
        "residential": "R R1 R11 R22 R32",
        "public_services": "A A1 A33 A9",
        "commercial": "B B1 B41 B9",
        "industrial": "M M1 M3",
        "logistics": "W W1",
        "roads": "S S1 S2 S3 S42 S9",
        "utilities": "U U1 U31 U9",
        "green": "G",
        "park": "G1",
        "protective_green": "G2",
        "square": "G3",
        "urban": "H11 H12",
        "rural_homes": "H13 H14",
        "regional": "H2 H21 H25 H3",
        "special": "H4 H41 H9",
        "mining": "H5",
        "water": "E1 E11 E13",
        "nature": "E2 E9",
    },
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_tables_say_what_the_standards_say(system):
    wanted = {code: group for group, codes in CLASSES[system].items() for code in codes.split()}
    assert {code: group_of(code, system) for code in wanted} == wanted
    assert {code[:4] for code in CODES["codes"][system]} <= set(wanted)


def test_land_classes_of_openstreetmap_have_the_group_of_their_letter():
    """The names of the classes end with the letter of GB 50137; the others are told by what they are."""
    letters, others = {}, {}
    for key, row in table("osm_layers")["land_classes"].items():
        group = CODES["groups"][group_of(key, "osm")]
        name, _, letter = row["name_zh"].partition(" ")
        (letters if letter else others)[letter or key] = group["gb50137"] or group["name_en"]
        assert group["construction"] == row["construction"], name
    assert letters == {letter: letter for letter in letters}
    assert set(letters) == {*"RABMWSUG", "H2", "H4"}
    assert [group_of(key, "osm") for key in ("residential", "green")] == [
        "residential",
        "green",
    ]  # no class tells parks
    assert others == {
        "vacant_urban": "reserve and vacant",
        **dict.fromkeys(("grass", "farm", "forest", "greenfield"), "E2"),
        "water": "E1",
        "mining": "H5",
    }


@pytest.mark.parametrize(
    ("codes", "system"),
    [
        ("07 10 12 0508 0808 0810 1004 1019 1103 1110 1210 0700 07010 07010101 0701A R2", "yd2023"),
        ("05 06 07 08 10 11 12 0801 0703 1208 1301 14 070101 R2", "sd2019"),
        ("H E H1 X1 0701 r2 R1234", "gb50137"),
        ("grassland Residential 0701", "osm"),
    ],
)
def test_what_is_no_code_of_a_system_has_no_group_there(codes, system):
    assert [code for code in codes.split() if group_of(code, system) is not None] == []


def test_groups_and_planning_ranges_are_those_of_the_standards():
    known = CODES["groups"]
    built = (
        "residential community public_services commercial industrial logistics roads utilities park protective_green"
    )
    assert {key for key, row in known.items() if row["construction"]} == {
        *built.split(),
        *("square", "green", "special", "urban", "reserve"),
    }
    classes = {letter: {key for key, row in known.items() if row["gb50137"] == letter} for letter in "RASG"}
    assert classes == {
        "R": {"residential", "community"},
        "A": {"public_services"},
        "S": {"roads"},
        "G": {"park", "protective_green", "square", "green"},
    }
    inf = float("inf")
    assert CODES["ranges"]["m2_per_person"] == {
        "R": [23, 36],
        "A": [5.5, inf],
        "S": [12, inf],
        "G": [10, inf],
        "G1": [8, inf],
    }


def test_what_is_declared_comes_before_what_the_codes_tell():
    found = _read([" 0702", "070101"], declared="sd2019")
    assert found.layer["land_group"].fillna("").tolist() == ["rural_homes", ""]
    assert found.layer["construction"].tolist() == [False, False]


def test_a_column_czcsxm_with_nothing_in_it_says_nothing():
    found = _read(["0701"], declared="yd2023", czcsxm=[None])
    assert found.layer["construction"].tolist() == [True]
    assert "CZCSXM" not in " ".join(_said(found))


def test_homesteads_of_a_survey_without_czcsxm_may_be_of_the_city():
    for found in (
        _read(["0702", "0701"], declared="sd2019"),
        _read(["0702", "0701"], declared="sd2019", czcsxm=[None, None]),
        _read(["a", "b"], declared="sd2019", land_group=["rural_homes", "residential"]),
    ):
        assert found.layer["construction"].tolist() == [False, True]
        assert found.layer["czcsxm"].fillna("none").tolist() == ["", "none"]
        (finding,) = found.findings
        assert "homesteads may or may not; give the column czcsxm" in finding.en
    said = _read(["0702", "0701"], declared="sd2019", construction=[False, True])
    assert "czcsxm" not in said.layer.columns
    scoped = _read(["0702", "0701"], declared="sd2019", czcsxm=[None, "201"])
    assert scoped.layer["czcsxm"].fillna("none").tolist() == ["none", "201"]
    assert "czcsxm" not in _read(["0703", "0701"], declared="yd2023").layer.columns


@pytest.mark.parametrize(
    ("codes", "columns", "told"),
    [
        (["0703", "1207"], {}, True),
        (["0704", "1001"], {}, True),
        (["0701", "1207"], {}, False),
        (["0703", "1201"], {}, False),
        (["0703", "1207"], {"czcsxm": ["203", "203"]}, False),
        (["0703", "1207"], {"construction": [False, False]}, False),
    ],
)
def test_roads_and_works_of_villages_have_the_codes_of_those_of_towns(codes, columns, told):
    findings = _read(codes, declared="yd2023", **columns).findings
    assert len(findings) == told
    assert all("give the column czcsxm or construction" in finding.en for finding in findings)


def test_villages_drawn_as_one_have_no_roads_of_their_own():
    assert _read(["H14", "S1"]).findings == ()


def test_an_empty_layer_stays_as_it_is():
    empty = _layer([])
    assert classified(empty, codes=None, what=alike("x")) is empty


def test_many_unknown_codes_are_counted_the_commonest_first():
    codes = ["1401", *(f"99{n:02d}" for n in range(8)), "9907"]
    (finding,) = _read(codes, declared="yd2023").findings
    assert "has no code '9907' (2), '9900' (1)" in finding.en
    assert "and 2 other codes: 9.0 ha" in finding.en
    (six,) = _read(codes[:7], declared="yd2023").findings
    assert "'9905' (1): 6.0 ha" in six.en


def test_a_note_says_whether_the_system_was_declared_or_told():
    assert _said(_read(["0702", "1401"])) == ("codes read as 用地用海分类 (2020/2023), as the codes themselves tell",)
    assert _said(_read(["0702", "1401"], declared="yd2023")) == ("codes read as 用地用海分类 (2020/2023)",)
    assert _said(_read(["08H1"], declared="sd2019")) == ("codes read as 第三次国土调查（三调）",)
    assert _said(_read(["R2"], declared="gb50137")) == ("codes read as GB 50137-2011",)


def test_waterworks_of_the_edition_of_2020_are_no_utilities():
    """1312 is 水工设施 in 2020 and 其他公用设施 in 2023; 1313 is a code of 2020 alone."""
    old = _read(["1312", "1313", "1301"], declared="yd2023")
    assert old.layer["land_group"].tolist() == ["regional", "utilities", "utilities"]
    assert old.layer["construction"].tolist() == [False, True, True]
    assert "1313 is of the edition of 2020" in _said(old)[-1]
    new = _read(["1312", "1301"], declared="yd2023")
    assert new.layer["land_group"].tolist() == ["utilities", "utilities"]
    assert "1312 read as 其他公用设施用地 (edition of 2023)" in _said(new)[-1]
    assert "edition" not in " ".join(_said(_read(["1301", "1313"], declared="yd2023")))
    survey = _read(["0701", "1312", "1313"], declared="sd2019")
    assert survey.layer["land_group"].isna().tolist() == [False, True, True]
    assert "edition" not in " ".join(_said(survey))


def test_railways_and_highways_are_no_urban_construction_land():
    assert _read(["1201", "1202", "1207", "1401"], declared="yd2023").layer["construction"].tolist() == [
        False,
        False,
        True,
        True,
    ]
