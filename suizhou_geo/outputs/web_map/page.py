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
from folium.template import Template

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.model import Measure
from suizhou_geo.outputs.web_map.control import control
from suizhou_geo.outputs.web_map.data import MapData, card_rows, layout_name, map_data
from suizhou_geo.outputs.web_map.panel import foot, heading, panel
from suizhou_geo.outputs.web_map.tiles import Tiles, TileSource, tile_source
from suizhou_geo.outputs.web_map.words import say
from suizhou_geo.study_area import StudyArea

STYLE = "style.css"
SCRIPTS = ("map.js", "search.js", "ruler.js", "paper.js", "tiles.js")
POLICY_SLOT = "<!--policy-->"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{}; base-uri 'none'; form-action 'none'; script-src"
)


def city_map(
    area: StudyArea,
    measures: Sequence[Measure],
    card: pd.DataFrame,
    *,
    title: str,
    lang: Lang = "zh",
    findings: Sequence[str] = (),
    tiles: Tiles | None = None,
    tianditu_key: str | None = None,
) -> str:
    """Return a web page with the map of a study area, its measures and its scorecard, complete in itself.

    The page opens on the layout of the zones (一主城+三片区) with the scorecard beside it. Its layers stand under the
    chapters of the plan: one layer per measure colours the zones in five classes, with the target in the legend; gap
    layers (缺口) show the places behind a missed promise, which are also listed beside the map, best first: missing
    links, dead ends, breaks of the grid, superblocks, homes no park serves. A click on a zone shows its values against
    the targets, one on a place what is known of it. Of several measures with one key the first is shown. What else is
    behind the chosen measure (service areas, cells of residential land, centrelines by class: the column `part` of its
    evidence) can be laid over it, as can parks, barriers, roads and facilities. There are a search by name, a tool for
    distances and areas on the ellipsoid, and a print view. Nothing is computed here but the verdict per zone and the
    persons in each place no park serves; shapes are simplified for display, by how many metres the foot of the page says.

    `card` is the scorecard's table: key, name_zh, name_en, value, unit, op, target, gap, status (met, missed,
    cannot_tell, no_data, or empty without a promise), low, high, profile, basis, needs. `findings` are sentences on what
    is odd about the inputs. The page is the same, byte for byte, for the same input. Names are strangers' text and appear
    as text whatever they hold.

    The page asks for nothing over the network, unless `tiles` asks for a tile map below ours: "osm" (whose servers want
    to know the page that asks: serve it, do not open it as a file), "amap" (GCJ-02, the shift undone; see `tiles`), or
    "tianditu" with `tianditu_key`. Then the page's policy allows pictures from exactly that host.

    Raises:
        LayerError: a measure's evidence is in another CRS than the study.
        InputError: unknown tiles, or Tianditu without a key.
    """
    source = tile_source(tiles, tianditu_key)
    rows = card_rows(card)
    data = map_data(area, measures, rows, tiles=source, lang=lang)
    host = source.host if source is not None else ""
    below = foot(
        crs=area.crs,
        tolerance_m=data.tolerance_m,
        invented=area.invented,
        crowded=data.crowded,
        host=host,
        lang=lang,
    )
    beside = panel(
        rows,
        control=_control(area, data, source, lang),
        places=data.places,
        drawn={measure.key for measure in data.shown},
        findings=findings,
        foot=below,
        lang=lang,
    )
    (south, west), (north, east) = data.bounds
    page = _Page(
        top=heading(title, invented=area.invented, lang=lang),
        bottom=f'{beside}<script type="application/json" id="map-data">{data.text}</script><script>{_script()}</script>',
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
        fade_animation=False,
    )
    city._id = "city"
    page.add_child(city)
    city.add_child(_Start(city, data.bounds))
    return _with_policy(page.render(), host)


def _control(area: StudyArea, data: MapData, source: TileSource | None, lang: Lang) -> str:
    """Return the layer control; over a tile map, which has roads and rivers of its own, ours are not shown at first."""
    first = {"labels"} if source is not None else {"labels", "parks", "barriers", "roads"}
    overlays = [(key, key in first) for key in ("labels", *data.overlays)]
    return control(data.shown, data.places, overlays, data.parts, layout=layout_name(area, lang), lang=lang)


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


class _Start(MacroElement):  # type: ignore[misc]
    """The last line of the page's script: layers, legend, tools and events, once the map is there."""

    _template = Template(
        "{% macro script(this, kwargs) %}cityMap.start({{ this.city }}, {{ this.bounds|tojson }});{% endmacro %}"
    )

    def __init__(self, city: _Map, bounds: Sequence[Sequence[float]]) -> None:
        super().__init__()
        self.city, self.bounds = city.get_name(), bounds


def _script() -> str:
    return "".join(
        files("suizhou_geo.outputs.web_map").joinpath("static", name).read_text(encoding="utf-8") for name in SCRIPTS
    )


def _leaflet() -> str:
    """Return Leaflet's script and style with ours, as elements; its references to images and source maps are cut."""
    data = files("xstatic.pkg.leaflet").joinpath("data")
    script = data.joinpath("leaflet.js").read_text(encoding="utf-8")
    style = data.joinpath("leaflet.css").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=\S*", "", script)
    style = re.sub(r"url\([^)]*\)", "none", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    ours = files("suizhou_geo.outputs.web_map").joinpath("static", STYLE).read_text(encoding="utf-8")
    return f"<style>{style}{ours}</style>\n<script>{script}</script>"


def _with_policy(page: str, host: str) -> str:
    """Return the page with its content policy: nothing is fetched but tiles of `host` ("" for none), and only the
    scripts that now stand in it run.
    """
    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{text}'" for text in hashes)
    policy = f"{POLICY.format(f' {host}' if host else '')} {allowed}"
    return page.replace(POLICY_SLOT, f'<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)
