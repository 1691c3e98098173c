"""Plan files: what the loader refuses and in which words, and the two plans that come with the package."""

import re
from dataclasses import MISSING, fields

import pytest

from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.scorecard import table_of
from suizhou_geo.errors import PlanError
from suizhou_geo.model import OPS, Plan, Target
from suizhou_geo.sources import plan as plan_files
from suizhou_geo.sources.plan import built_in_plans, not_targets, read_plan

UNITS = {
    "CNY",
    "USD",
    "count",
    "households",
    "jin",
    "km/km2",
    "km2",
    "m2/person",
    "min",
    "mu",
    "person-times",
    "person/km2",
    "persons",
    "points",
    "rank",
    "share",
    "share/year",
    "vehicles",
}
CHINESE = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"  # characters and full-width marks
HEAD = 'name = "demo"\ntitle_zh = "示例规划"\ntitle_en = "Demo plan"\ndocument = "《示例规划》"\n'
TARGET = """
[[targets]]
key = "road_density"
name_zh = "城区道路网密度"
name_en = "Urban road network density"
op = ">="
value = 8
unit = "km/km2"
year = 2025
clause = "一、1"
quote = "道路网密度不低于8公里/平方公里"
"""
OTHER = '\n[[not_targets]]\nquote = "三大产业"\nreason = "列举"\n'


@pytest.fixture
def write(tmp_path):
    """Return a function: the text of a plan file to its path."""

    def write(text: str):
        path = tmp_path / "demo.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refusal(path) -> str:
    """The sentence read_plan refuses a file with, the folder taken out."""
    with pytest.raises(PlanError) as caught:
        read_plan(path)
    message = str(caught.value).replace(str(path), path.name)
    assert "\n" not in message
    return message


def test_a_plan_file_becomes_a_plan(write):
    path = write(HEAD + '[params.road_density]\nprofile = "caupd"\n' + TARGET + "baseline_year = 2020\n" + OTHER)
    target = Target(
        key="road_density",
        name_zh="城区道路网密度",
        name_en="Urban road network density",
        op=">=",
        value=8.0,
        unit="km/km2",
        year=2025,
        clause="一、1",
        quote="道路网密度不低于8公里/平方公里",
        baseline_year=2020,
    )
    plan = Plan("demo", "示例规划", "Demo plan", "《示例规划》", (target,), {"road_density": {"profile": "caupd"}})
    assert read_plan(path) == plan
    assert read_plan(str(path)) == plan
    assert isinstance(read_plan(path).targets[0].value, float)
    assert not_targets(path) == (("三大产业", "列举"),)


def test_params_and_not_targets_may_be_left_out(write):
    path = write(HEAD + TARGET)
    assert read_plan(path).params == {}
    assert read_plan(path).targets[0].baseline_year is None
    assert (read_plan(path).targets[0].needs_zh, read_plan(path).targets[0].needs_en) == ("", "")
    assert not_targets(path) == ()


def test_a_byte_order_mark_is_no_error(tmp_path):
    path = tmp_path / "demo.toml"
    path.write_text(HEAD + TARGET, encoding="utf-8-sig")
    assert read_plan(path).name == "demo"


def test_the_keys_of_a_target_are_the_fields_of_target():
    required = {f.name for f in fields(Target) if f.default is MISSING} - {"year"}  # None for what is asked always
    assert set(plan_files.TARGET_KEYS) == required
    assert set(plan_files.TARGET_OPTIONAL) == {f.name for f in fields(Target)} - required


def test_an_unknown_name_lists_the_built_in_plans():
    with pytest.raises(PlanError) as caught:
        read_plan("suizhou_2035")
    assert str(caught.value) == (
        "there is no built-in plan 'suizhou_2035'; take one of china_standards, suizhou_2024_report, "
        "suizhou_2025, or give the path of a .toml file"
    )


def test_a_file_that_is_not_there(tmp_path):
    assert refusal(tmp_path / "none.toml") == (
        "plan file none.toml cannot be read (No such file or directory); correct the path, "
        "or name a built-in plan: china_standards, suizhou_2024_report, suizhou_2025"
    )


def test_a_file_that_is_not_utf8(tmp_path):
    path = tmp_path / "demo.toml"
    path.write_bytes((HEAD + TARGET).encode("gbk"))
    assert refusal(path) == "plan file demo.toml, line 2: not UTF-8 text; save it as UTF-8"


def test_a_file_that_is_not_toml(write):
    message = refusal(write(HEAD + "op = >=\n"))
    assert message == "plan file demo.toml is not TOML: Invalid value (at line 5, column 6); correct it there"


DEMO = "plan file demo.toml"
ROAD = f"{DEMO}, target road_density"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title_zh =", "titel_zh =", f"{DEMO}: unknown key titel_zh; did you mean title_zh?"),
        (
            'name = "demo"',
            'name = "demo"\nxyz = 1',
            f"{DEMO}: unknown key xyz; the keys are name, title_zh, title_en, document, targets, params, not_targets, "
            "city, city_en, extent",
        ),
        ('title_en = "Demo plan"\n', "", f"{DEMO}: title_en is missing; add it"),
        ('name = "demo"', 'name = " "', f"{DEMO}: name is empty; fill it in"),
        ('name = "demo"', "name = 2025", f"{DEMO}: name is 2025, wanted a text; correct it"),
        ("[[targets]]", "[targets]", None),
        ("quote = ", "quotes = ", f"{ROAD}: unknown key quotes; did you mean quote?"),
        (
            "year = 2025",
            "year = 2025\nbaseline_yaer = 2020",
            f"{ROAD}: unknown key baseline_yaer; did you mean baseline_year?",
        ),
        ('clause = "一、1"\n', "", f"{ROAD}: clause is missing; add it"),
        ('clause = "一、1"', 'clause = ""', f"{ROAD}: clause is empty; fill it in"),
        ('key = "road_density"\n', "", f"{DEMO}, target no. 1: key is missing; add it"),
        ("value = 8", 'value = "8"', f"{ROAD}: value is '8', wanted a number; correct it"),
        ("value = 8", "value = true", f"{ROAD}: value is True, wanted a number; correct it"),
        ("value = 8", "value = nan", f"{ROAD}: value is nan; a target is a finite number"),
        ("year = 2025", "year = 2025.0", f"{ROAD}: year is 2025.0, wanted a whole number; correct it"),
        ("year = 2025", "year = true", f"{ROAD}: year is True, wanted a whole number; correct it"),
        ('op = ">="', 'op = "=>"', f"{ROAD}: op '=>' is not one of <=, <, >=, >, ==; correct it"),
        ('unit = "km/km2"', 'unit = "share"', f"{ROAD}: value 8 is not a share of 0-1; write 85 % as 0.85"),
        ('unit = "km/km2"', 'unit = "share/year"', f"{ROAD}: value 8 is not a share/year of 0-1; write 85 % as 0.85"),
        ("\n[[targets]]", "params = 3\n[[targets]]", f"{DEMO}: params is 3, wanted a table; correct it"),
        (
            "\n[[targets]]",
            '[params]\nroad_density = "caupd"\n[[targets]]',
            f"{DEMO}: params.road_density is 'caupd', wanted a table; correct it",
        ),
        ("reason = ", "reasons = ", f"{DEMO}, not_targets no. 1: unknown key reasons; did you mean reason?"),
        ('reason = "列举"\n', "", f"{DEMO}, not_targets no. 1: reason is missing; add it"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(write, old, new, message):
    text = HEAD + TARGET + OTHER
    assert old in text
    said = refusal(write(text.replace(old, new, 1)))
    if message is None:
        assert said.startswith(f"{DEMO}: targets is {{'key': 'road_density'")
        assert said.endswith("wanted a list of tables; correct it")
    else:
        assert said == message


def test_targets_that_are_no_tables_or_none(write):
    assert refusal(write(HEAD + "targets = []\n")) == f"{DEMO}: targets is empty; give at least one [[targets]] table"
    assert refusal(write(HEAD + "targets = [1]\n")) == f"{DEMO}, target no. 1 is 1, wanted a table; correct it"


def test_a_key_that_stands_twice(write):
    assert refusal(write(HEAD + TARGET + TARGET)) == (
        f"{DEMO}: plan demo: the key road_density stands twice; give each promise its own key"
    )


@pytest.fixture(params=["suizhou_2025", "suizhou_2024_report"])
def plan(request) -> Plan:
    return read_plan(request.param)


def test_the_two_built_in_plans(plan):
    assert plan.name in built_in_plans()
    assert len(built_in_plans()) == 3
    assert len(plan.targets) == {"suizhou_2025": 33, "suizhou_2024_report": 35}[plan.name]
    assert len({target.key for target in plan.targets}) == len(plan.targets)
    assert len({target.name_zh for target in plan.targets}) == len(plan.targets)


def test_every_promise_is_complete(plan):
    measured = {"construction_land_per_capita", "population_density", "park_coverage", "road_density"}
    for target in plan.targets:
        assert re.fullmatch(r"[a-z][a-z0-9_]+", target.key)
        assert target.op in OPS
        assert target.unit in UNITS, target.key
        assert len(target.quote) >= 5, target.key
        assert bool(target.needs_zh) != (target.key in measured), target.key
        assert target.value >= 0
        if target.unit.startswith("share"):
            assert target.value <= 1, target.key
        if target.unit in {"count", "households", "persons", "person-times", "points", "vehicles", "rank"}:
            assert target.value == int(target.value) > 0, target.key


def test_what_a_promise_needs_is_said_in_both_languages(plan):
    for target in plan.targets:
        assert bool(target.needs_zh) == bool(target.needs_en), target.key
        assert not target.needs_zh or re.fullmatch("需要.+[^。.]", target.needs_zh), target.key
        assert not target.needs_en or re.fullmatch("needs .+[^。.]", target.needs_en), target.key
    told = table_of(rows_of([], plan), "en").set_index("key")["needs"]
    assert len(told) == len(plan.targets)
    for target in plan.targets:
        assert told[target.key].startswith(target.needs_en or "no measure"), target.key
        assert not re.search(CHINESE, told[target.key]), target.key


def test_every_unit_of_the_list_is_used():
    assert {t.unit for name in built_in_plans() for t in read_plan(name).targets} == UNITS


def test_numbers_that_promise_nothing_say_why(plan):
    others = not_targets(plan.name)
    assert len({quote for quote, _ in others}) == len(others) > 20
    assert all(reason for _, reason in others)


@pytest.mark.parametrize(
    ("key", "op", "value", "unit", "clause"),
    [
        ("construction_land_per_capita", "<=", 120, "m2/person", "导言"),
        ("population_density", "<=", 10_000, "person/km2", "导言"),
        ("life_circle_compliance", ">=", 0.20, "share", "导言"),
        ("industrial_value_added_per_mu_growth", ">", 0.10, "share/year", "导言"),
        ("leading_industries_revenue_share", ">", 0.70, "share", "导言"),
        ("main_city_zones", "==", 1, "count", "一、（一）1"),
        ("district_zones", "==", 3, "count", "一、（一）1"),
        ("main_city_construction_land", "==", 63, "km2", "一、（一）1"),
        ("main_city_population", "==", 600_000, "persons", "一、（一）1"),
        ("historic_plaque_share", ">=", 1, "share", "一、（一）3"),
        ("sewage_collection_share", ">=", 0.70, "share", "一、（一）4"),
        ("park_coverage", ">", 0.85, "share", "一、（一）4"),
        ("complete_communities_advanced", ">=", 20, "count", "一、（一）4"),
        ("complete_community_coverage", ">=", 0.30, "share", "一、（一）4"),
        ("industrial_land", "==", 33_709, "mu", "一、（二）5"),
        ("special_vehicle_output", ">", 250_000, "vehicles", "一、（二）5"),
        ("vehicle_exports", ">", 5e8, "USD", "一、（二）5"),
        ("idle_land_disposal_share", ">=", 0.40, "share", "一、（二）6"),
        ("arterial_grid_north_south", ">=", 9, "count", "一、（三）8"),
        ("arterial_grid_east_west", ">=", 12, "count", "一、（三）8"),
        ("commute_30min_city", "<=", 30, "min", "一、（三）8"),
        ("commute_1h_region", "<=", 60, "min", "一、（三）8"),
        ("dead_ends_opened", ">=", 3, "count", "一、（三）8"),
        ("road_density", ">=", 8, "km/km2", "一、（三）8"),
        ("sidewalk_compliance", ">=", 0.70, "share", "一、（三）8"),
        ("charging_points", ">=", 35_000, "points", "一、（三）10"),
    ],
)
def test_headline_promises_of_the_action_plan(key, op, value, unit, clause):
    (target,) = [t for t in read_plan("suizhou_2025").targets if t.key == key]
    assert (target.op, target.value, target.unit, target.year, target.clause) == (op, value, unit, 2025, clause)


def test_only_the_life_circle_grows_from_a_base_year():
    grown = {t.key: t.baseline_year for n in built_in_plans() for t in read_plan(n).targets if t.baseline_year}
    assert grown == {"life_circle_compliance": 2020}


@pytest.mark.parametrize(
    ("key", "op", "value", "unit"),
    [
        ("gdp_growth", ">=", 0.065, "share/year"),
        ("income_growth_over_gdp_growth", ">=", 0, "share/year"),
        ("grain_output", ">=", 2.9e9, "jin"),
        ("garden_city_investment", ">=", 8.2e9, "CNY"),
        ("complete_community_coverage", ">=", 0.20, "share"),
        ("hightech_zone_national_rank", "<=", 100, "rank"),
        ("planned_project_investment", ">=", 1.8e11, "CNY"),
        ("leisure_resort_areas", ">=", 5, "count"),
        ("leading_industries_per_county_min", ">=", 1, "count"),
        ("leading_industries_per_county_max", "<=", 3, "count"),
        ("high_standard_farmland", ">=", 165_000, "mu"),
        ("grain_sown_area", ">=", 3_140_000, "mu"),
        ("pension_insurance_share", ">=", 0.95, "share"),
        ("medical_insurance_share", ">=", 0.95, "share"),
        ("dead_ends_opened", ">=", 5, "count"),
        ("old_estates_renovated", ">=", 112, "count"),
        ("homes_adapted_for_elderly", ">=", 1000, "households"),
    ],
)
def test_headline_promises_of_the_work_report(key, op, value, unit):
    (target,) = [t for t in read_plan("suizhou_2024_report").targets if t.key == key]
    assert (target.op, target.value, target.unit, target.year) == (op, value, unit, 2024)


def test_the_action_plan_names_how_to_measure():
    assert read_plan("suizhou_2025").params == {
        "park_coverage": {"size_profile": "2022+", "reach": "straight_line"},
        "road_density": {"profile": "caupd"},
        "life_circle_compliance": {"profile": "mean"},
        "dead_ends_opened": {"names": ["裕民大道", "文化二路", "汉东东路延伸段"]},
        "core_area": {"lines": ["迎宾大道", "编钟大道", "汉丹铁路", "汉十高铁"]},
    }
    assert read_plan("suizhou_2024_report").params["dead_ends_opened"]["promised"] == 5
