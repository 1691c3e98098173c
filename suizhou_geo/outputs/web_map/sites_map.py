"""Where to build, as a map: what is covered now, and on it the chosen sites with what each adds."""

from __future__ import annotations

from html import escape

import folium

from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.siting.sited import Sited
from suizhou_geo.assessment.siting.wording import headline, site_name, site_words
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.outputs.web_map.folium_map import CityMap, evidence_map
from suizhou_geo.standards.symbology import PARTS

_SIZE_PX = 24
_NUMBER = (
    '<div style="width:20px;height:20px;line-height:20px;border:2px solid #fff;border-radius:12px;background:{colour};'
    'color:#fff;text-align:center;font:bold 12px/20px sans-serif">{rank}</div>'
)


def sites_map(found: Sited, *, label: Text, lang: Lang = "zh") -> CityMap:
    """Return the map of the coverage as it is, with all candidates small and the chosen sites, numbered, above them."""
    [row] = rows_of([found.on_the_ground], None, label=label)
    shown = evidence_map(row, found.area.named_in(lang), lang=lang, title=headline(found, lang))
    sites = found.sites.to_crs("EPSG:4326")
    for site, shape in zip(sites.to_dict("records"), sites.geometry, strict=True):
        said = "<br>".join(escape(line) for line in (site_name(site, lang), *site_words(site, lang)))
        point = shape.point_on_surface()
        icon = folium.DivIcon(
            html=_NUMBER.format(rank=site["rank"], colour=PARTS["proposed"].stroke),
            icon_size=(_SIZE_PX, _SIZE_PX),
            class_name="site",
        )
        mark = folium.Marker([point.y, point.x], icon=icon)
        folium.Tooltip(said).add_to(mark)
        mark.add_to(shown)
    return shown
