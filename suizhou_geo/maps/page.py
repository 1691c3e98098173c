"""Measures to a web map: one HTML page that works with no network (the only module that knows folium).

folium's own page loads ten files from four servers, and a tile server. Here Leaflet comes out of the package
xstatic-leaflet and stands in the page, the rest is left out, the base is drawn from the study's own layers, and a
content policy in the page forbids the browser to fetch anything or to run any script but the page's own.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any, ClassVar

import folium
import pandas as pd
from branca.element import Element, Figure
from folium.elements import MacroElement
from folium.map import Layer
from folium.template import Template

from suizhou_geo.maps.data import MapData, card_rows, headlines, map_data
from suizhou_geo.maps.panel import foot, heading, panel
from suizhou_geo.maps.script import SCRIPT, STYLE
from suizhou_geo.maps.words import say
from suizhou_geo.model import Measure, StudyArea
from suizhou_geo.wording import Lang

POLICY_SLOT = "<!--policy-->"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; script-src"


def city_map(area: StudyArea, measures: Sequence[Measure], card: pd.DataFrame, *, lang: Lang = "zh", title: str) -> str:
    """Return a web page with the map of a study area, its measures and its scorecard, complete in itself.

    The page opens on the layout of the zones (一主城+三片区). One layer per measure colours the zones in five classes,
    with the target in the legend; a click on a zone shows its values against the targets. Of several measures with one
    key the first is shown. What is behind the chosen measure (residential land not covered, service areas, centrelines
    by class: the column `part` of its evidence) can be laid over it, as can parks, barriers, roads and facilities.
    Nothing is computed here but the verdict per zone; shapes are simplified for display, by how many metres the foot of
    the page says.

    `card` is the scorecard's table: key, name_zh, name_en, value, unit, op, target, gap, status (met, missed,
    cannot_tell, no_data, or empty without a promise), low, high, profile, basis, needs. The page is the same, byte for
    byte, for the same input. Names are strangers' text and appear as text whatever they hold.

    Raises:
        LayerError: a measure's evidence is in another CRS than the study.
    """
    rows = card_rows(card)
    data = map_data(area, measures, rows, lang=lang)
    below = foot(crs=area.crs, tolerance_m=data.tolerance_m, invented=area.invented, crowded=data.crowded, lang=lang)
    (south, west), (north, east) = data.bounds
    page = _Page(
        top=heading(title, invented=area.invented, lang=lang),
        bottom=panel(rows, drawn={m.key for m in headlines(measures)}, foot=below, lang=lang)
        + f'<script type="application/json" id="map-data">{data.text}</script><script>{SCRIPT}</script>',
    )
    page.title, page.language = escape(title), say("language", lang)
    page.header.add_child(_Verbatim(_leaflet()), name="leaflet")
    city = _Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=12,
        tiles=None,
        prefer_canvas=True,
        zoom_control=False,
        zoom_snap=0.25,
        max_zoom=19,
    )
    city._id = "city"
    page.add_child(city)
    _fill(city, data)
    return _with_policy(page.render())


def _fill(city: _Map, data: MapData) -> None:
    """Put the layers, their control and the start of the page's script on the map."""
    for k, (key, name) in enumerate(data.bases):
        city.add_child(_DataLayer(key, name, overlay=False, show=k == 0))
    for key, name, show in data.overlays:
        city.add_child(_DataLayer(key, name, overlay=True, show=show))
    control = folium.LayerControl(collapsed=False)
    control._id = "city"
    city.add_child(control)
    city.add_child(_Start(city, control, data.bounds))


class _Verbatim(Element):  # type: ignore[misc]
    """Text that goes into the page as it is: branca would read it as a template, in which names could speak."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: Any) -> str:
        return self.text


class _Page(Figure):  # type: ignore[misc]
    """folium's page with a language, a slot for the content policy, and our text before and after the map."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="{{ this.language }}">\n<head>\n<meta charset="utf-8">\n' + POLICY_SLOT + "\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{{ this.title }}</title>\n{{ this.header.render(**kwargs) }}\n</head>\n"
        "<body>\n{{ this.top }}\n{{ this.html.render(**kwargs) }}\n{{ this.bottom }}\n"
        "<script>{{ this.script.render(**kwargs) }}</script>\n</body>\n</html>\n"
    )

    def __init__(self, *, top: str, bottom: str) -> None:
        super().__init__()
        self.top, self.bottom, self.language = top, bottom, ""
        self.header = Element()
        self.header._parent = self


class _Map(folium.Map):  # type: ignore[misc]
    """folium's map without the files it would load and without its own heading (ours allows zooming the page)."""

    default_js: ClassVar[list[tuple[str, str]]] = []
    default_css: ClassVar[list[tuple[str, str]]] = []
    _template = Template(
        """
        {% macro html(this, kwargs) %}<div class="folium-map" id={{ this.get_name()|tojson }}></div>{% endmacro %}
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
                center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }}
            });
        {% endmacro %}
        """
    )


class _DataLayer(Layer):  # type: ignore[misc]
    """A layer the page's script builds from the data under `key`. The control shows names as HTML: they are escaped."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} = cityMap.layer({{ this.key|tojson }});{% endmacro %}"
    )

    def __init__(self, key: str, name: str, *, overlay: bool, show: bool) -> None:
        super().__init__(name=escape(name).replace("{", "&#123;"), overlay=overlay, control=True, show=show)
        self._name, self._id, self.key = "layer", key, key


class _Start(MacroElement):  # type: ignore[misc]
    """The last line of the page's script: legend, scale and events, once all layers are there."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "cityMap.start({{ this.city }}, {{ this.control }}, {{ this.bounds|tojson }});{% endmacro %}"
    )

    def __init__(self, city: _Map, control: folium.LayerControl, bounds: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self.city, self.control, self.bounds = city.get_name(), control.get_name(), bounds


def _leaflet() -> str:
    """Return Leaflet's script and style with ours, as elements; its references to images and source maps are cut."""
    data = files("xstatic.pkg.leaflet").joinpath("data")
    script = data.joinpath("leaflet.js").read_text(encoding="utf-8")
    style = data.joinpath("leaflet.css").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=\S*", "", script)
    style = re.sub(r"url\([^)]*\)", "none", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    return f"<style>{style}{STYLE}</style>\n<script>{script}</script>"


def _with_policy(page: str) -> str:
    """Return the page with its content policy: nothing is fetched, and only the scripts that now stand in it run."""
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{text}'" for text in hashes)
    return page.replace(POLICY_SLOT, f'<meta http-equiv="Content-Security-Policy" content="{POLICY} {allowed}">', 1)
