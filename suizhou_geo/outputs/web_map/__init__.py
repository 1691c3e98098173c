"""Results to a web map: a folium map on one HTML page that works with no network (degrees and HTML only here).

`folium_map` is the map, `page` the page round it, put together from templates/; `data`, `geojson`, `cells` and `gaps` say
what is drawn, `control` which layers there are to choose from, `panel` what else stands beside the map, `tiles` what may
lie below it. How the page looks and moves stands in static/: style.css, map.js (shapes, layers, legend, popups),
search.js, ruler.js, verdicts.js (the scorecard by verdict), paper.js (the print view), tiles.js, and guests.js for what
planners add.
"""

from suizhou_geo.outputs.web_map.folium_map import CityMap, city_map, evidence_map

__all__ = ["CityMap", "city_map", "evidence_map"]
