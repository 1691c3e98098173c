"""Hold a city plan against the ground (随州规划实施评估).

>>> import suizhou_geo as sg
>>> study = sg.read_study("data/raw/invented_city/study.toml")
>>> density = sg.road_density(study.area)
>>> density.unit
'km/km2'

A `StudyArea` holds the layers of a place in one metric CRS; each measure is a function from it to a `Measure`, whose
parts are plain GeoDataFrames and Series; `scorecard` holds measures up to the promises of a `Plan`.
"""

from importlib.metadata import version

from suizhou_geo.assessment.rows import shortfall, verdict
from suizhou_geo.assessment.scorecard import scorecard
from suizhou_geo.errors import (
    InputError,
    LayerError,
    OutputError,
    PlanError,
    StudyError,
    SuizhouGeoError,
)
from suizhou_geo.measures import measure_all, measure_study
from suizhou_geo.measures.arterial_grid import arterial_grid
from suizhou_geo.measures.blocks import block_size
from suizhou_geo.measures.built_up import built_up_area, built_up_extent
from suizhou_geo.measures.capacity import places_per_thousand, places_short
from suizhou_geo.measures.community_gaps import community_gaps
from suizhou_geo.measures.commute import commute_1h_region, commute_30min_city, jobs_within_reach
from suizhou_geo.measures.complete_communities import complete_communities_advanced, complete_community_coverage
from suizhou_geo.measures.dead_ends import dead_ends
from suizhou_geo.measures.declared import declared
from suizhou_geo.measures.green import greenway_coverage, park_area_per_capita, pocket_parks, river_green
from suizhou_geo.measures.inventories import (
    bus_stop_coverage,
    charger_coverage,
    charging_points,
    emergency_reach,
    historic_plaque_share,
    parking_spaces,
)
from suizhou_geo.measures.land import (
    construction_land_per_capita,
    industrial_land,
    industrial_land_in_development_zones,
    land_per_capita,
)
from suizhou_geo.measures.layout import core_area, main_city_construction_land, main_city_population, zone_count
from suizhou_geo.measures.life_circle import life_circle_compliance, required_categories, service_coverage, services
from suizhou_geo.measures.named_roads import dead_ends_opened
from suizhou_geo.measures.parks import park_coverage
from suizhou_geo.measures.population import population_density
from suizhou_geo.measures.roads import road_density
from suizhou_geo.measures.sidewalks import sidewalk_compliance
from suizhou_geo.measures.walk_time import daily_walks, walk_time_coverage
from suizhou_geo.model import Measure, Plan, Statistic, Study, Target, Text
from suizhou_geo.outputs import Wanted, write_results
from suizhou_geo.sources.plan import read_plan
from suizhou_geo.sources.statistics import read_statistics, statistics_form
from suizhou_geo.sources.study import read_study
from suizhou_geo.streets.osmnx_graph import street_graph
from suizhou_geo.study_area import LAYERS, StudyArea

__version__ = version("suizhou-geo")
__all__ = [
    "LAYERS",
    "InputError",
    "LayerError",
    "Measure",
    "OutputError",
    "Plan",
    "PlanError",
    "Statistic",
    "Study",
    "StudyArea",
    "StudyError",
    "SuizhouGeoError",
    "Target",
    "Text",
    "Wanted",
    "arterial_grid",
    "block_size",
    "built_up_area",
    "built_up_extent",
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
    "daily_walks",
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
    "measure_all",
    "measure_study",
    "park_area_per_capita",
    "park_coverage",
    "parking_spaces",
    "places_per_thousand",
    "places_short",
    "pocket_parks",
    "population_density",
    "read_plan",
    "read_statistics",
    "read_study",
    "required_categories",
    "river_green",
    "road_density",
    "scorecard",
    "service_coverage",
    "services",
    "shortfall",
    "sidewalk_compliance",
    "statistics_form",
    "street_graph",
    "verdict",
    "walk_time_coverage",
    "write_results",
    "zone_count",
]
