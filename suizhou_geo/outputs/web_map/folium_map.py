"""The city as a folium map, whole or one row of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import folium
from branca.element import Figure, MacroElement
from folium.template import Template

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import promised_text, row_verdict_text, value_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.model import Study
from suizhou_geo.outputs.web_map.control import control
from suizhou_geo.outputs.web_map.data import MapData, map_data
from suizhou_geo.outputs.web_map.page import Page
from suizhou_geo.outputs.web_map.panel import panel
from suizhou_geo.outputs.web_map.tiles import Tiles, TileSource, tile_source
from suizhou_geo.study_area import StudyArea

DEEPEST_ZOOM = 19  # a screen is some 300 m wide; deeper there is nothing to see
_say = speaker("map")


def city_map(
    result: Assessed,
    *,
    lang: Lang = "zh",
    tiles: Tiles | None = None,
    tianditu_key: str | None = None,
    title: str | None = None,
    opened: str = "",
    words: Mapping[str, str] | None = None,
) -> CityMap:
    """Return the map of a study, its measures and its scorecard: a folium map on a page that is complete in itself.

    The page opens on the layout of the zones (一主城+三片区) with the scorecard beside it. Its layers stand under the
    chapters of the plan: one layer per measure colours the zones in five classes, with the target in the legend; gap
    layers (缺口) show the places behind a missed promise, which are also listed beside the map, best first: missing
    links, dead ends, breaks of the grid, superblocks, homes no park serves. A click on a zone shows its values against
    the targets, one on a place what is known of it. What else is behind the chosen measure (service areas, cells of
    residential land, centrelines by class: the column `part` of its evidence) can be laid over it, as can parks,
    barriers, roads and facilities. There are a search by name, a tool for distances and areas on the ellipsoid, and a
    print view of one sheet. Nothing is computed here but the persons in each place no park serves. Nothing is drawn
    more than two metres from its true line at any zoom, but cells of very large cities, which the foot of the page says.

    The page is the same, byte for byte, for the same input. Names are strangers' text and appear as text whatever they
    hold. `title` is by default the name of the study; `opened` is the key of the measure it opens on, `words` says headings
    otherwise (by their key in words.toml). See `CityMap` for showing, saving, and layers of your own.

    The page asks for nothing over the network, unless `tiles` asks for a tile map below ours: "osm" (whose servers want
    to know the page that asks: serve it, do not open it as a file), "amap" (GCJ-02, the shift undone; see `tiles`), or
    "tianditu" with `tianditu_key`. Then the page's policy allows pictures from exactly that host.

    Raises:
        LayerError: a measure's evidence is in another CRS than the study.
        InputError: unknown tiles, or Tianditu without a key.
    """
    source = tile_source(tiles, tianditu_key)
    shown = [row for row in result.measured if _can_be_shown(row)]
    return _map(result, shown, source, title=title or result.study.title(lang), lang=lang, opened=opened, words=words)


def _can_be_shown(row: Row) -> bool:
    """Say whether a row has a layer: values in zones, evidence, or a promise of the whole that was measured."""
    measure = row.measure
    if measure is None:
        return False
    evidence = measure.evidence is not None and not measure.evidence.empty
    return bool(measure.by_zone.notna().any()) or (row.has_data and (evidence or bool(row.status)))


def evidence_map(row: Row, area: StudyArea, *, lang: Lang = "zh", title: str | None = None) -> CityMap:
    """Return the map of one row: its zones in classes and its evidence, under value, target and verdict or another `title`.

    Raises:
        LayerError: the evidence is in another CRS than the area.
    """
    told = [value_text(row, lang)]
    if row.target is not None:
        told += [
            f"{_say('target', lang)} {promised_text(row, lang)}".replace("\n", " "),
            row_verdict_text(row, lang),
        ]
    title = title or f"{row.name.speak(lang)}{_say('colon', lang)}{' · '.join(told)}"
    alone = Study(area.name, area.name, area, None, params={}, baselines={}, inputs=(), findings=())
    result = Assessed(alone, (row,), () if row.measure is None else (row.measure,))
    return _map(result, result.measured, None, title=title, lang=lang, opened=row.key)


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
            maxZoom=DEEPEST_ZOOM,
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


def _map(
    result: Assessed,
    shown: Sequence[Row],
    source: TileSource | None,
    *,
    title: str,
    lang: Lang,
    opened: str = "",
    words: Mapping[str, str] | None = None,
) -> CityMap:
    own, host = words or {}, "" if source is None else source.host
    data = map_data(result, shown, tiles=source, lang=lang, no_target=own.get("no_target", ""))
    filled = {
        "say": lambda key: own.get(key) or _say(key, lang),
        "title": title,
        "invented": _say("invented", lang) if result.area.invented else "",
        "control": control(result.area, data, tiled=bool(host), lang=lang),
        "panel": panel(result, data, host=host, lang=lang),
    }
    return CityMap(Page(filled, data.text, host), data, opened)
