"""Measures to a web map: one HTML page that works with no network (degrees and HTML only here, folium only here).

`page` puts the page together, `data` and `shapes` say what is drawn, `panel` what stands beside it, `words` in which
words, and `script` how it looks and moves.
"""

from suizhou_geo.maps.page import city_map

__all__ = ["city_map"]
