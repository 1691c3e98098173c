"""Invented figures for every promise that no map can measure, and what they come to: some promises kept, some not."""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "虚构数据 (invented)"
HEADINGS = (
    "代码 key",
    "指标 promise",
    "填报项 item",
    "年份 year",
    "数值 value",
    "单位 unit",
    "来源 source",
    "备注 note",
)


@dataclass(frozen=True)
class Declared:
    """One promise: its figures as (item, year, value, unit), the value they come to, and whether that keeps it."""

    key: str
    figures: tuple[tuple[str, int, str, str], ...]
    expected: float
    met: bool


def _value(key: str, year: int, value: str, unit: str, expected: float, *, met: bool) -> Declared:
    return Declared(key, (("数值", year, value, unit),), expected, met)


def _level(
    key: str, years: tuple[int, int], values: tuple[str, str], unit: str, growth: float, *, met: bool
) -> Declared:
    figures = tuple(("水平", year, value, unit) for year, value in zip(years, values, strict=True))
    return Declared(key, figures, growth, met)


def _share(key: str, year: int, values: tuple[str, str], unit: str, share: float, *, met: bool) -> Declared:
    part, whole = values
    return Declared(key, (("分子", year, part, unit), ("分母", year, whole, unit)), share, met)


TWO_YEARS, ONE_YEAR = (2023, 2025), (2023, 2024)
ACTION_PLAN = (
    _level("industrial_value_added_per_mu_growth", TWO_YEARS, ("25", "31.36"), "万元/亩", 0.12, met=True),
    _share("leading_industries_revenue_share", 2025, ("812", "1120"), "亿元", 0.725, met=True),
    _share("sewage_collection_share", 2025, ("27.0", "40.0"), "吨/日", 0.675, met=False),
    _value("special_vehicle_output", 2025, "23.6", "万辆", 236_000, met=False),
    _value("vehicle_exports", 2025, "5.3", "亿美元", 530_000_000, met=True),
    _value("specialised_firms_added", 2025, "34", "家", 34, met=True),
    _value("leading_food_firms", 2025, "2", "家", 2, met=True),
    _value("food_parks", 2025, "0", "个", 0, met=False),
    _value("scenic_areas_4a_added", 2025, "1", "个", 1, met=True),
    _level("investment_per_mu_growth", TWO_YEARS, ("200", "233.28"), "万元/亩", 0.08, met=False),
    _level("tax_per_mu_growth", TWO_YEARS, ("10", "11.664"), "万元/亩", 0.08, met=True),
    _share("idle_land_disposal_share", 2025, ("1290", "3000"), "亩", 0.43, met=True),
    _value("housing_support_groups", 2025, "5", "类", 5, met=True),
)
WORK_REPORT = (
    _level("gdp_growth", ONE_YEAR, ("1300", "1387.1"), "亿元", 0.067, met=True),
    _level("industrial_value_added_growth", ONE_YEAR, ("480", "511.2"), "亿元", 0.065, met=False),
    _level("fixed_asset_investment_growth", ONE_YEAR, ("1000", "1090"), "亿元", 0.09, met=True),
    _level("retail_sales_growth", ONE_YEAR, ("700", "756"), "亿元", 0.08, met=False),
    _level("local_budget_revenue_growth", ONE_YEAR, ("60", "65.4"), "亿元", 0.09, met=True),
    _value("income_growth_over_gdp_growth", 2024, "0.3", "%", 0.003, met=True),
    _value("grain_output", 2024, "147.5", "万吨", 2_950_000_000, met=True),
    _level("special_vehicle_chain_output_growth", ONE_YEAR, ("500", "535"), "亿元", 0.07, met=True),
    _value("garden_city_investment", 2024, "79.5", "亿元", 7_950_000_000, met=False),
    _value("garden_city_projects", 2024, "98", "个", 98, met=True),
    _value("reform_projects", 2024, "10", "项", 10, met=True),
    _value("hightech_zone_national_rank", 2024, "96", "位", 96, met=True),
    _level("foreign_trade_exports_growth", ONE_YEAR, ("115", "123.05"), "亿元", 0.07, met=False),
    _value("hightech_firms_added", 2024, "52", "家", 52, met=True),
    _value("technology_smes_registered", 2024, "431", "家", 431, met=False),
    _value("consumption_events", 2024, "120", "场", 120, met=True),
    _value("planned_project_investment", 2024, "1860", "亿元", 186_000_000_000, met=True),
    _value("leisure_resort_areas", 2024, "5", "个", 5, met=True),
    _value("leading_industries_per_county_min", 2024, "1", "个", 1, met=True),
    _value("leading_industries_per_county_max", 2024, "4", "个", 4, met=False),
    _value("high_standard_farmland", 2024, "11200", "公顷", 168_000, met=True),
    _value("grain_sown_area", 2024, "313.2", "万亩", 3_132_000, met=False),
    _level("food_processing_output_growth", ONE_YEAR, ("800", "856"), "亿元", 0.07, met=True),
    _value("new_farm_businesses", 2024, "320", "家", 320, met=True),
    _value("model_villages_improved", 2024, "192", "个", 192, met=True),
    _value("free_training_places", 2024, "1.05", "万人次", 10_500, met=True),
    _value("jobs_for_hard_to_employ", 2024, "3950", "人", 3_950, met=False),
    _share("pension_insurance_share", 2024, ("192", "200"), "万人", 0.96, met=True),
    _value("medical_insurance_share", 2024, "94.2", "%", 0.942, met=False),
    _share("school_alliance_share", 2024, ("150", "200"), "所", 0.75, met=True),
    _value("old_estates_renovated", 2024, "112", "个", 112, met=True),
    _value("elderly_care_complexes", 2024, "2", "个", 2, met=False),
    _value("homes_adapted_for_elderly", 2024, "1030", "户", 1030, met=True),
)
# The file of a plan's figures, and the figures.
FORMS = {"statistics.csv": ACTION_PLAN, "statistics_2024.csv": WORK_REPORT}


def rows(promises: tuple[Declared, ...]) -> list[tuple[str, ...]]:
    """The filled-in form: one row per figure, with its source."""
    return [
        (promise.key, "", item, str(year), value, unit, SOURCE, "")
        for promise in promises
        for item, year, value, unit in promise.figures
    ]
