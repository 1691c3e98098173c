"""The projects of a whole plan, as a map: the missed promises by zone, and the projects numbered above them."""

from __future__ import annotations

import folium
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.whole_plan.closed import Whole
from suizhou_geo.assessment.whole_plan.wording import adds, moves, tally
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.web_map.folium_map import CityMap, city_map
from suizhou_geo.outputs.web_map.marks import numbered_mark, told
from suizhou_geo.standards.symbology import PARTS


def whole_plan_map(found: Whole, result: Assessed, *, lang: Lang = "zh") -> CityMap:
    """Return the map of the promises that are missed, with every project drawn and numbered by its rank."""
    missed = tuple(gap.row for gap in found.gaps if gap.outcome != "unknown" and gap.row.measure is not None)
    some = Assessed(result.study, missed, tuple(row.measure for row in missed if row.measure is not None))
    title = result.study.label.speak(lang) + tally(found, lang)[0]
    shown = city_map(some.named_in(lang), lang=lang, title=title)
    colour = PARTS["proposed"].stroke
    for project in found.projects:
        said = (project.name.speak(lang), adds(project, lang), moves(found, project, lang))
        for shape in project.rows.to_crs("EPSG:4326").geometry:
            if shapely.get_dimensions(shape) > 0:
                style = {"color": colour, "weight": 4, "fillOpacity": 0.25}
                drawn = folium.GeoJson(shape, style_function=lambda _, style=style: style)
                told(said).add_to(drawn)
                drawn.add_to(shown)
        spot = project.rows.to_crs("EPSG:4326").geometry.iloc[0]
        numbered_mark(spot, project.rank, said, colour=colour).add_to(shown)
    return shown
