"""The page round the web map: it holds all it needs, and its content policy holds the browser to that.

folium's own page loads ten files from four servers, and a tile server. Here Leaflet comes out of the package
xstatic-leaflet and stands in the page, and the policy forbids the browser to fetch anything or to run any script but those
that stand in it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import folium
from branca.element import Element, Figure
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from suizhou_geo.errors import InputError

SCRIPTS = ("guests.js", "map.js", "search.js", "ruler.js", "verdicts.js", "paper.js", "tiles.js")
ICONS = {"iconUrl": "marker-icon.png", "iconRetinaUrl": "marker-icon-2x.png", "shadowUrl": "marker-shadow.png"}
POLICY_SLOT = "<!--policy-->"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{}; base-uri 'none'; form-action 'none'; script-src"
)
_ROOM = "suizhou_geo.outputs.web_map"
_templates = Environment(loader=PackageLoader(_ROOM), autoescape=True, undefined=StrictUndefined)


class Page(Figure):  # type: ignore[misc]
    """folium's figure as page.html.jinja.

    `filled` is what stands round the map, `data` the JSON that the scripts draw, `host` that of the tiles under the map
    ("" without), from which alone pictures may come.
    """

    def __init__(self, filled: dict[str, Any], data: str, host: str) -> None:
        """Make a page without a map."""
        super().__init__(ratio="62%")
        self.header._children.clear()
        self.filled, self.data, self.host = filled, data, host

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
                (
                    f"加到地图上的内容要从网上取 {'、'.join(fetched)}，而本地图不联网；请只加 Leaflet "
                    "自己能画的：GeoJson、CircleMarker、PolyLine、FeatureGroup，以及不带图标或用 "
                    "DivIcon 的 Marker"
                ),
                (
                    f"what was added to the map needs {', '.join(fetched)}, and the map asks for nothing over the network; "
                    "add what Leaflet draws itself: GeoJson, CircleMarker, PolyLine, FeatureGroup, Marker with DivIcon or none"
                ),
            )
        numbers = {element._id: str(number) for number, element in enumerate(elements)}

        def numbered(part: Element) -> str:
            """Return what the elements of a part of the page say, by their numbers: folium names them at random."""
            text = part.render(**kwargs)
            return re.sub("[0-9a-f]{32}", lambda found: numbers.get(found[0], found[0]), text)

        parts = {"header": numbered(self.header), "html": numbered(self.html), "script": numbered(self.script)}
        ours = {name: Markup(text) for name, text in {**_shipped(), **parts, "data": self.data}.items()}  # noqa: S704
        return _with_policy(_templates.get_template("page.html.jinja").render(**self.filled, **ours), self.host)


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
    if isinstance(element, folium.CustomIcon):
        named.append(element.options["icon_url"])
    yield from (url for url in named if isinstance(url, str) and not url.startswith("data:"))


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
