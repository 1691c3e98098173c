"""Where to build, as a map: what is covered now, and on it the chosen sites with what each adds."""

from __future__ import annotations

from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.assessment.siting.sited import Sited
from suizhou_geo.assessment.siting.wording import headline, site_name, site_words
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.outputs.web_map.folium_map import CityMap, evidence_map
from suizhou_geo.outputs.web_map.marks import numbered_mark
from suizhou_geo.standards.symbology import PARTS


def sites_map(found: Sited, *, label: Text, lang: Lang = "zh") -> CityMap:
    """Return the map of the coverage as it is, with all candidates small and the chosen sites, numbered, above them."""
    [row] = rows_of([found.on_the_ground], None, label=label)
    shown = evidence_map(row, found.area.named_in(lang), lang=lang, title=headline(found, lang))
    sites, colour = found.sites.to_crs("EPSG:4326"), PARTS["proposed"].stroke
    for site, shape in zip(sites.to_dict("records"), sites.geometry, strict=True):
        numbered_mark(shape, site["rank"], (site_name(site, lang), *site_words(site, lang)), colour=colour).add_to(
            shown
        )
    return shown
