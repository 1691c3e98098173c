"""What projects change, as a map: the zones by the change on the ground, and the projects themselves above them."""

from __future__ import annotations

import folium
import geopandas as gpd
import shapely

from suizhou_geo.assessment.comparison import Compared
from suizhou_geo.assessment.scenario import REMOVE
from suizhou_geo.assessment.scenario_tables import project_words
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.web_map.difference_map import difference_map
from suizhou_geo.outputs.web_map.folium_map import CityMap
from suizhou_geo.outputs.web_map.marks import numbered_mark, told
from suizhou_geo.standards.symbology import PARTS


def scenario_map(found: Compared, projects: gpd.GeoDataFrame, *, title: str, lang: Lang = "zh") -> CityMap:
    """Return the difference map with every project drawn and numbered in its order; what is removed is dashed."""
    shown = difference_map(found, title=title, notes="what_was_done", lang=lang)
    placed = projects.to_crs("EPSG:4326")
    for number, (row, shape) in enumerate(zip(placed.to_dict("records"), placed.geometry, strict=True), start=1):
        colour = PARTS["break" if row["action"] == REMOVE else "proposed"].stroke
        said = project_words(row, lang)
        if shapely.get_dimensions(shape) > 0:
            style = {"color": colour, "weight": 4, "fillOpacity": 0.25}
            style |= {"dashArray": "6 6"} if row["action"] == REMOVE else {}
            drawn = folium.GeoJson(shape, style_function=lambda _, style=style: style)
            told(said).add_to(drawn)
            drawn.add_to(shown)
        numbered_mark(shape, number, said, colour=colour).add_to(shown)
    return shown
