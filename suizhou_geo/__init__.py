"""Hold a city plan against the ground (随州规划实施评估).

>>> import suizhou_geo as sg
>>> result = sg.assess("data/raw/invented_city/study.toml", chapter="green")
>>> result["park_coverage"].status
'met'

`assess` reads a study, measures it and holds it against its plan: the `Assessment` is what a planner holds in the hand. A
`StudyArea` holds the layers of a place in one metric CRS; each measure is a function from it to a `Measure`, whose parts
are plain GeoDataFrames and Series.

A name is imported from its module when it is first asked for. `__init__.pyi` says the same to type checkers and editors.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import Any

_NAMES: Mapping[str, tuple[str, ...]] = {
    "assessment.gap_lists": ("GapList",),
    "errors": ("FetchError", "InputError", "LayerError", "OutputError", "PlanError", "StudyError", "SuizhouGeoError"),
    "measures": (
        "arterial_grid",
        "block_size",
        "built_up_area",
        "bus_stop_coverage",
        "charger_coverage",
        "charging_points",
        "community_gaps",
        "commute_1h_region",
        "commute_30min_city",
        "complete_communities_advanced",
        "complete_community_coverage",
        "construction_land_per_capita",
        "core_area",
        "dead_ends",
        "dead_ends_opened",
        "declared",
        "emergency_reach",
        "greenway_coverage",
        "historic_plaque_share",
        "industrial_land",
        "industrial_land_in_development_zones",
        "jobs_within_reach",
        "land_per_capita",
        "life_circle_compliance",
        "main_city_construction_land",
        "main_city_population",
        "park_area_per_capita",
        "park_coverage",
        "parking_spaces",
        "places_per_thousand",
        "places_short",
        "pocket_parks",
        "population_density",
        "river_green",
        "road_density",
        "service_coverage",
        "services",
        "sidewalk_compliance",
        "walk_time_coverage",
        "zone_count",
    ),
    "model": ("Measure", "Plan", "Study", "Target"),
    "outputs.batch": ("Batch", "batch"),
    "outputs.comparison": ("Comparison", "compare"),
    "outputs.in_hand": ("Assessment", "Row", "assess"),
    "outputs.plan_draft": ("PlanDraft", "targets"),
    "outputs.scenario": ("Scenario", "scenario"),
    "outputs.siting": ("Siting", "site"),
    "outputs.whole_plan": ("WholePlan", "whole_plan"),
    "sources.fetch": ("Fetched", "fetch", "fetch_population"),
    "sources.new_study": ("NewStudy", "new_study"),
    "sources.plan": ("read_plan",),
    "sources.study": ("read_study",),
    "streets.osmnx_graph": ("street_graph",),
    "study_area": ("StudyArea",),
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names}

__version__ = version("suizhou-geo")
__all__ = list(_MODULE_OF)


def __getattr__(name: str) -> Any:
    """Import what the package offers."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    offered = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = offered
    return offered


def __dir__() -> list[str]:
    """Show what the package offers, and not the rooms it is made of."""
    return sorted(__all__)
