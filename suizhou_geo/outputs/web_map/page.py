"""The web map as a folium map on a page of its own that works with no network (the only module that knows folium).

folium's own page loads ten files from four servers, and a tile server. Here Leaflet comes out of the package
xstatic-leaflet and stands in the page, the base is drawn from the study's own layers, and a content policy in the page
forbids the browser to fetch anything or to run any script but those that stand in it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import promised_text, verdict_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import Lang, amount
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors import InputError
from suizhou_geo.model import Study
from suizhou_geo.outputs.web_map.control import control
from suizhou_geo.outputs.web_map.data import MapData, map_data
from suizhou_geo.outputs.web_map.panel import panel
from suizhou_geo.outputs.web_map.tiles import Tiles, TileSource, tile_source
from suizhou_geo.study_area import StudyArea

SCRIPTS = ("guests.js", "map.js", "search.js", "ruler.js", "paper.js", "tiles.js")
ICONS = {"iconUrl": "marker-icon.png", "iconRetinaUrl": "marker-icon-2x.png", "shadowUrl": "marker-shadow.png"}
POLICY_SLOT = "<!--policy-->"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{}; base-uri 'none'; form-action 'none'; script-src"
)
_ROOM = "suizhou_geo.outputs.web_map"
_templates = Environment(loader=PackageLoader(_ROOM), autoescape=True, undefined=StrictUndefined)
_say = speaker("map")


def city_map(
    result: Assessed,
    *,
    lang: Lang = "zh",
    tiles: Tiles | None = None,
    tianditu_key: str | None = None,
    title: str | None = None,
) -> CityMap:
    """Return the map of a study, its measures and its scorecard: a folium map on a page that is complete in itself.

    The page opens on the layout of the zones (一主城+三片区) with the scorecard beside it. Its layers stand under the
    chapters of the plan: one layer per measure colours the zones in five classes, with the target in the legend; gap
    layers (缺口) show the places behind a missed promise, which are also listed beside the map, best first: missing
    links, dead ends, breaks of the grid, superblocks, homes no park serves. A click on a zone shows its values against
    the targets, one on a place what is known of it. What else is behind the chosen measure (service areas, cells of
    residential land, centrelines by class: the column `part` of its evidence) can be laid over it, as can parks,
    barriers, roads and facilities. There are a search by name, a tool for distances and areas on the ellipsoid, and a
    print view. Nothing is computed here but the persons in each place no park serves; shapes are simplified for
    display, by how many metres the foot of the page says.

    The page is the same, byte for byte, for the same input. Names are strangers' text and appear as text whatever they
    hold. `title` is by default the name of the study. See `CityMap` for showing, saving, and layers of your own.

    The page asks for nothing over the network, unless `tiles` asks for a tile map below ours: "osm" (whose servers want
    to know the page that asks: serve it, do not open it as a file), "amap" (GCJ-02, the shift undone; see `tiles`), or
    "tianditu" with `tianditu_key`. Then the page's policy allows pictures from exactly that host.

    Raises:
        LayerError: a measure's evidence is in another CRS than the study.
        InputError: unknown tiles, or Tianditu without a key.
    """
    source = tile_source(tiles, tianditu_key)
    shown = [row for row in result.measured if row.measure is not None and row.measure.by_zone.notna().any()]
    return _map(result, shown, source, title=title or result.study.title(lang), lang=lang)


def evidence_map(row: Row, area: StudyArea, *, lang: Lang = "zh") -> CityMap:
    """Return the map of one row: its zones in classes and its evidence, with value, target and verdict as the title.

    Raises:
        LayerError: the evidence is in another CRS than the area.
    """
    told = [amount(row.value, row.unit, lang, beside=row.asked)]
    if row.target is not None:
        told += [
            f"{_say('target', lang)} {promised_text(row, lang)}".replace("\n", " "),
            verdict_text(row.status, lang),
        ]
    title = f"{row.name.speak(lang)}{_say('colon', lang)}{' · '.join(told)}"
    alone = Study(area.name, area.name, area, None, params={}, baselines={}, inputs=(), findings=())
    shown = [row] if row.measure is not None else []
    return _map(Assessed(alone, (row,), ()), shown, None, title=title, lang=lang, opened=row.key)


class CityMap(folium.Map):  # type: ignore[misc]
    """A folium map of a city that holds all it needs: it shows in a notebook, takes layers, and saves itself as one file.

    `GeoJson`, `Marker`, `CircleMarker`, `FeatureGroup`, `LayerControl`, popups, tooltips and all else that folium draws
    with Leaflet alone can be added to it as to any folium map, and lies above the layers of the city. `save` writes one
    file; neither that nor the map in a notebook asks for anything over the network, also when opened again later.

    Raises, when it is shown or saved:
        InputError: something was added that would have to be fetched; the message names the files.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> from suizhou_geo.outputs.web_map import city_map
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> city = city_map(assessed(study, [sg.population_density(study.area)]))
    >>> _ = folium.Marker([31.7, 113.4], tooltip="火车站").add_to(city)
    >>> "火车站" in city.get_root().render()
    True
    """

    def __init__(self, page: Figure, data: MapData, opened: str = "") -> None:
        """Put the map of `data` on its page, opened on the measure of that key ("": on the layout)."""
        (south, west), (north, east) = data.bounds
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=12,
            tiles=None,
            prefer_canvas=True,
            zoom_control=False,
            zoom_snap=0.25,
            fade_animation=False,
        )
        self._id = "city"
        self.default_js: list[tuple[str, str]] = []
        self.default_css: list[tuple[str, str]] = []
        self.add_to(page)
        self.add_child(_Start(data, opened), name="start")

    def render(self, **kwargs: Any) -> None:
        """Put the map on its page, without folium's heading, which forbids zooming the page."""
        super().render(**kwargs)
        del self.get_root().header._children[self.get_name()]


class _Start(MacroElement):  # type: ignore[misc]
    """The line of the page's script that draws the city, once the map is there and before what is added to it."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "cityMap.start({{ this._parent.get_name() }}, {{ this.bounds|tojson }}, {{ this.opened|tojson }});"
        "{% endmacro %}"
    )

    def __init__(self, data: MapData, opened: str) -> None:
        super().__init__()
        self.bounds, self.opened = data.bounds, opened


class _Page(Figure):  # type: ignore[misc]
    """The page round the map: page.html.jinja, `filled` with what does not change while layers are added to the map."""

    def __init__(self, filled: dict[str, Any], host: str) -> None:
        super().__init__(ratio="62%")
        self.header._children.clear()
        self.filled, self.host = filled, host

    def render(self, **kwargs: Any) -> str:
        """Return the page; the elements on it stay as they were, so that it can be rendered again."""
        before = [(element, element._children.copy()) for element in _elements(self)]
        try:
            return self._rendered(**kwargs)
        finally:
            for element, children in before:
                element._children = children

    def _rendered(self, **kwargs: Any) -> str:
        for child in self._children.values():
            child.render(**kwargs)
        elements = _elements(self)
        fetched = dict.fromkeys(url for element in elements for url in _fetched(element))
        if fetched:
            raise InputError(
                f"what was added to the map needs {', '.join(fetched)}, and the map asks for nothing over the network; "
                "add what Leaflet draws itself: GeoJson, CircleMarker, PolyLine, FeatureGroup, Marker with DivIcon or none"
            )
        numbers = {element._id: str(number) for number, element in enumerate(elements)}
        parts = {name: getattr(self, name).render(**kwargs) for name in ("header", "html", "script")}
        numbered = {
            name: Markup(re.sub("[0-9a-f]{32}", lambda found: numbers.get(found[0], found[0]), part))  # noqa: S704
            for name, part in parts.items()
        }
        return _with_policy(_templates.get_template("page.html.jinja").render(**self.filled, **numbered), self.host)


def _map(
    result: Assessed, shown: Sequence[Row], source: TileSource | None, *, title: str, lang: Lang, opened: str = ""
) -> CityMap:
    data, host = map_data(result, shown, tiles=source, lang=lang), "" if source is None else source.host
    invented, _, other = _say("invented", lang).partition(" / ")
    filled = {
        "say": lambda key: _say(key, lang),
        "title": title,
        "invented": (invented, other) if result.area.invented else (),
        "control": control(result.area, data, tiled=bool(host), lang=lang),
        "panel": panel(result, data, host=host, lang=lang),
        **{name: Markup(text) for name, text in {**_shipped(), "data": data.text}.items()},  # noqa: S704
    }
    return CityMap(_Page(filled, host), data, opened)


def _elements(page: Element) -> list[Element]:
    """Return an element and all that belongs to it: its children, and what it keeps beside them, as a popup its text."""
    found: dict[Element, None] = {}

    def visit(element: Element) -> None:
        if element not in found:
            found[element] = None
            kept = (value for name, value in vars(element).items() if name != "_parent" and isinstance(value, Element))
            for part in (*element._children.values(), *kept):
                visit(part)

    visit(page)
    return list(found)


def _fetched(element: Element) -> Iterator[str]:
    """Yield what an element of folium would have the browser fetch."""
    for name in ("default_js", "default_css"):
        yield from (url for _, url in getattr(element, name, ()))
    if isinstance(element, folium.Icon):
        yield dict(folium.Map.default_js)["awesome_markers"]
    named = [getattr(element, name, None) for name in ("url", "tiles", "embed_link")]
    options = getattr(element, "options", {})
    yield from (
        url for url in (*named, options.get("icon_url")) if isinstance(url, str) and not url.startswith("data:")
    )


def _shipped() -> dict[str, str]:
    """Return the scripts and styles of the page: Leaflet's, without references to images and source maps, and ours."""
    leaflet, ours = files("xstatic.pkg.leaflet").joinpath("data"), files(_ROOM).joinpath("static")
    style = re.sub(r"url\([^)]*\)", "none", re.sub(r"/\*.*?\*/", "", _text(leaflet, "leaflet.css"), flags=re.DOTALL))
    icons = {
        option: f"data:image/png;base64,{base64.b64encode(leaflet.joinpath('images', name).read_bytes()).decode()}"
        for option, name in ICONS.items()
    }
    return {
        "style": style + _text(ours, "style.css"),
        "leaflet": re.sub(r"//# sourceMappingURL=\S*", "", _text(leaflet, "leaflet.js")),
        "scripts": f"const icons = {json.dumps(icons)};\n" + "".join(_text(ours, name) for name in SCRIPTS),
    }


def _text(folder: Traversable, name: str) -> str:
    return folder.joinpath(name).read_text(encoding="utf-8")


def _with_policy(page: str, host: str) -> str:
    """Return the page with its content policy: nothing is fetched but tiles of `host` ("" for none), and only the
    scripts that now stand in it run.
    """
    scripts = re.findall(r"<script\b(?![^>]*json)[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    told = (re.sub("\r\n?", "\n", script).encode() for script in scripts)  # as a browser reads them
    allowed = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in told)
    policy = f"{POLICY.format(f' {host}' if host else '')} {allowed}"
    return page.replace(POLICY_SLOT, f'<meta http-equiv="Content-Security-Policy" content="{policy}">', 1)
