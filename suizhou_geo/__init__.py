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

from suizhou_geo import measures
from suizhou_geo.assessment.gap_lists import GapList
from suizhou_geo.errors import (
    FetchError,
    InputError,
    LayerError,
    OutputError,
    PlanError,
    StudyError,
    SuizhouGeoError,
)
from suizhou_geo.measures import *  # noqa: F403 -- its __all__ names each of them
from suizhou_geo.model import Measure, Plan, Study, Target
from suizhou_geo.outputs.batch import Batch, batch
from suizhou_geo.outputs.comparison import Comparison, compare
from suizhou_geo.outputs.in_hand import Assessment, Row, assess
from suizhou_geo.outputs.plan_draft import PlanDraft, targets
from suizhou_geo.outputs.scenario import Scenario, scenario
from suizhou_geo.outputs.siting import Siting, site
from suizhou_geo.sources.fetch import Fetched, fetch, fetch_population
from suizhou_geo.sources.new_study import NewStudy, new_study
from suizhou_geo.sources.plan import read_plan
from suizhou_geo.sources.study import read_study
from suizhou_geo.streets.osmnx_graph import street_graph
from suizhou_geo.study_area import StudyArea

__version__ = version("suizhou-geo")
__all__ = [
    "Assessment",
    "Batch",
    "Comparison",
    "FetchError",
    "Fetched",
    "GapList",
    "InputError",
    "LayerError",
    "Measure",
    "NewStudy",
    "OutputError",
    "Plan",
    "PlanDraft",
    "PlanError",
    "Row",
    "Scenario",
    "Siting",
    "Study",
    "StudyArea",
    "StudyError",
    "SuizhouGeoError",
    "Target",
    "assess",
    "batch",
    "compare",
    "fetch",
    "fetch_population",
    "new_study",
    "read_plan",
    "read_study",
    "scenario",
    "site",
    "street_graph",
    "targets",
    *measures.__all__,
]


def __dir__() -> list[str]:
    """Show what the package offers, and not the rooms it is made of."""
    return sorted(__all__)
