"""What the package offers, as type checkers and editors read it: `__init__.py` imports the same when it is asked for."""

from suizhou_geo.assessment.gap_lists import (
    GapList as GapList,
)
from suizhou_geo.errors import (
    FetchError as FetchError,
    InputError as InputError,
    LayerError as LayerError,
    OutputError as OutputError,
    PlanError as PlanError,
    StudyError as StudyError,
    SuizhouGeoError as SuizhouGeoError,
)
from suizhou_geo.measures import *
from suizhou_geo.model import (
    Measure as Measure,
    Plan as Plan,
    Study as Study,
    Target as Target,
)
from suizhou_geo.outputs.batch import (
    Batch as Batch,
    batch as batch,
)
from suizhou_geo.outputs.comparison import (
    Comparison as Comparison,
    compare as compare,
)
from suizhou_geo.outputs.in_hand import (
    Assessment as Assessment,
    Row as Row,
    assess as assess,
)
from suizhou_geo.outputs.plan_draft import (
    PlanDraft as PlanDraft,
    targets as targets,
)
from suizhou_geo.outputs.scenario import (
    Scenario as Scenario,
    scenario as scenario,
)
from suizhou_geo.outputs.siting import (
    Siting as Siting,
    site as site,
)
from suizhou_geo.outputs.whole_plan import (
    WholePlan as WholePlan,
    whole_plan as whole_plan,
)
from suizhou_geo.sources.fetch import (
    Fetched as Fetched,
    fetch as fetch,
    fetch_population as fetch_population,
)
from suizhou_geo.sources.new_study import (
    NewStudy as NewStudy,
    new_study as new_study,
)
from suizhou_geo.sources.plan import (
    read_plan as read_plan,
)
from suizhou_geo.sources.study import (
    read_study as read_study,
)
from suizhou_geo.streets.osmnx_graph import (
    street_graph as street_graph,
)
from suizhou_geo.study_area import StudyArea as StudyArea

__version__: str
