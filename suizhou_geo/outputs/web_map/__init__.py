"""Measures to a web map: one HTML page that works with no network (degrees and HTML only here, folium only here).

`page` puts the page together; `data`, `shapes`, `cells` and `gaps` say what is drawn, `control` which layers there are to
choose from, `panel` what else stands beside the map, `words` in which words, `tiles` what may lie below it. How the page
looks and moves stands in style.css and the scripts: map.js (shapes, layers, legend, popups), search.js, ruler.js,
paper.js (the print view) and tiles.js.
"""

from suizhou_geo.outputs.web_map.page import city_map

__all__ = ["city_map"]
