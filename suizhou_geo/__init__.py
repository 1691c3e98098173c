"""Hold a city plan against the ground (随州规划实施评估).

>>> import suizhou_geo as sg
>>> result = sg.assess("data/raw/invented_city/study.toml", chapter="green")
>>> result["park_coverage"].status
'met'

`assess` reads a study, measures it and holds it against its plan: the `Assessment` is what a planner holds in the hand. A
`StudyArea` holds the layers of a place in one metric CRS; each measure is a function from it to a `Measure`, whose parts
are plain GeoDataFrames and Series.
"""

from importlib.metadata import version

from suizhou_geo.assessment.gap_lists import GapList
from suizhou_geo.errors import (
    InputError,
    LayerError,
    OutputError,
    PlanError,
    StudyError,
    SuizhouGeoError,
)
from suizhou_geo.measures.arterial_grid import arterial_grid
from suizhou_geo.measures.blocks import block_size
from suizhou_geo.measures.built_up import built_up_area
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
from suizhou_geo.measures.life_circle import life_circle_compliance, service_coverage, services
from suizhou_geo.measures.named_roads import dead_ends_opened
from suizhou_geo.measures.parks import park_coverage
from suizhou_geo.measures.population import population_density
from suizhou_geo.measures.roads import road_density
from suizhou_geo.measures.sidewalks import sidewalk_compliance
from suizhou_geo.measures.walk_time import walk_time_coverage
from suizhou_geo.model import Measure, Plan, Study, Target
from suizhou_geo.outputs.in_hand import Assessment, Row, assess
from suizhou_geo.sources.plan import read_plan
from suizhou_geo.sources.study import read_study
from suizhou_geo.streets.osmnx_graph import street_graph
from suizhou_geo.study_area import StudyArea

__version__ = version("suizhou-geo")
__all__ = [
    "Assessment",
    "GapList",
    "InputError",
    "LayerError",
    "Measure",
    "OutputError",
    "Plan",
    "PlanError",
    "Row",
    "Study",
    "StudyArea",
    "StudyError",
    "SuizhouGeoError",
    "Target",
    "arterial_grid",
    "assess",
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
    "read_plan",
    "read_study",
    "river_green",
    "road_density",
    "service_coverage",
    "services",
    "sidewalk_compliance",
    "street_graph",
    "walk_time_coverage",
    "zone_count",
]


def __dir__() -> list[str]:
    """Show what the package offers, and not the rooms it is made of."""
    return sorted(__all__)
