"""project.qgz: a QGIS project beside layers.gpkg that opens its layers by chapter, in their styles, over the ground.

The zones stand once by their kind, below the ground, and once more in each chapter for every promise that was measured
there; the cells of residential land once for each family of measures. For every chapter there is a map theme (地图主题),
and a print layout (布局) of A3 that shows it: who ticks other layers and updates the theme has changed the layout. Paths
are relative: the folder can be moved as a whole.
"""

from __future__ import annotations

import base64
import math
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from suizhou_geo.assessment.words import words
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.gis.geopackage import GEOPACKAGE, style_names
from suizhou_geo.outputs.gis.layers import GROUND, GisLayer
from suizhou_geo.outputs.gis.qml import QGIS, fields_qml
from suizhou_geo.outputs.gis.styles import Style
from suizhou_geo.outputs.gis.xml_templates import rendered
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER

PROJECT = "project.qgz"
INSIDE = "project.qgs"
SHOWN = ("dead_ends",)  # with zones and ground; the rest is a tick away
LEADING = (
    "dead_ends",
    "park_coverage",
    "homes",
    "construction_land_per_capita",
)  # what the layout of its chapter shows
MARGIN_SHARE = 0.05
MAP_MM = (310.0, 245.0)  # of the map of a layout, on a sheet of 420 x 297
BAR_SHARE = 0.2  # of the width of the map, at the most: its scale bar
NORTH = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 30"><path d="M10 0 L18 26 L10 20 L2 26 Z"/></svg>"""
NO_CLOCK = (1980, 1, 1, 0, 0, 0)  # the first moment a zip file can tell
_SAID = words("gis")
_FILE_MODE = 0o644 << 16


@dataclass(frozen=True, eq=False)
class _Entry:
    """One layer of the project: a table in one of its styles."""

    id: str
    name: str
    layer: GisLayer
    style: Style
    style_name: str
    shown: bool

    @property
    def source(self) -> str:
        return f"./{GEOPACKAGE}|layername={self.layer.table}"


@dataclass(frozen=True, eq=False)
class _Layout:
    """The theme and the print layout of a chapter: its name, what it shows from top to bottom, and its scale bar."""

    name: str
    entries: tuple[_Entry, ...]
    extent: dict[str, float]
    bar_m: int


def write_project(layers: Sequence[GisLayer], folder: Path, *, title: str, credit: str = "", lang: Lang = "zh") -> None:
    """Write project.qgz into the folder that holds the layers.gpkg of these layers.

    `title` is the city's name; where the data are invented the project says so in its title and over the map. `credit`
    (`suizhou_geo.outputs.gis.metadata.osm_credit`) stands at the lower edge of the map.
    """
    warning = _SAID["invented"].speak(lang) if layers[0].invented else ""
    text = _project(layers, title=title, credit=credit, warning=warning, lang=lang)
    inside = zipfile.ZipInfo(INSIDE, NO_CLOCK)
    inside.compress_type, inside.external_attr = zipfile.ZIP_DEFLATED, _FILE_MODE
    with zipfile.ZipFile(folder / PROJECT, "w") as archive:
        archive.writestr(inside, text)


def _project(layers: Sequence[GisLayer], *, title: str, credit: str, warning: str, lang: Lang) -> str:
    zones = layers[0].data
    groups = dict(_groups(layers, lang))
    west, south, east, north = zones.total_bounds
    margin = MARGIN_SHARE * max(east - west, north - south)
    return rendered(
        "project.qgs",
        title=warning + title,
        credit=credit,
        warning=warning,
        crs=zones.crs,
        extent={"xmin": west - margin, "ymin": south - margin, "xmax": east + margin, "ymax": north + margin},
        groups=groups,
        layouts=list(_layouts(layers, groups, lang)),
        say=lambda key: _SAID[key].speak(lang),
        north=base64.b64encode(NORTH.encode()).decode(),
        fields_of=lambda layer: fields_qml(layer.fields, lang=lang),
        lang=lang,
        **QGIS,
    )


def _groups(layers: Sequence[GisLayer], lang: Lang) -> Iterator[tuple[str, list[_Entry]]]:
    """The layers from the top of the map to its bottom, under the name of their group."""
    ground = [layer for layer in layers if _is_ground(layer)]
    several = [layer for layer in layers if layer.chapter is None and layer not in ground]
    for chapter in (*reversed(CHAPTERS), OTHER_CHAPTER):
        group = [_entry(layer, layer.styles[0], lang) for layer in layers if layer.chapter == chapter]
        for layer in several[::-1]:  # homes over zones
            group += [_entry(layer, style, lang) for style in layer.styles if style.opened_in == chapter]
        if group:
            yield chapter.name.speak(lang), group
    if ground:
        yield _SAID["ground_group"].speak(lang), [_entry(layer, layer.styles[0], lang, always=True) for layer in ground]
    yield _SAID["zones_group"].speak(lang), [_entry(layers[0], layers[0].styles[-1], lang, at_first=True)]


def _layouts(layers: Sequence[GisLayer], groups: Mapping[str, Sequence[_Entry]], lang: Lang) -> Iterator[_Layout]:
    """The layout of every chapter: the evidence that leads it (else its first layer), the ground, the zones by their kind."""
    zones = layers[0]
    extent = _extent_of(zones)
    bar_m = _round_down(BAR_SHARE * (extent["xmax"] - extent["xmin"]))
    below = [entry for entries in groups.values() for entry in entries if entry.shown and entry.layer.chapter is None]
    for chapter in CHAPTERS:
        name = chapter.name.speak(lang)
        if entries := groups.get(name):
            lead = next((entry for entry in entries if entry.layer.table in LEADING), entries[0])
            yield _Layout(name, (lead, *below), extent, bar_m)


def _extent_of(zones: GisLayer) -> dict[str, float]:
    """The extent of a layout's map: the zones in its middle, with a margin, in the proportions of the map."""
    west, south, east, north = zones.data.total_bounds
    metres_per_mm = (1 + 2 * MARGIN_SHARE) * max((east - west) / MAP_MM[0], (north - south) / MAP_MM[1])
    half_x, half_y = (metres_per_mm * side / 2 for side in MAP_MM)
    x, y = (west + east) / 2, (south + north) / 2
    return {"xmin": x - half_x, "ymin": y - half_y, "xmax": x + half_x, "ymax": y + half_y}


def _round_down(metres: float) -> int:
    """The longest length of 1, 2 or 5 times a power of ten that is not above another.

    >>> _round_down(4900.0), _round_down(5000.0), _round_down(130.0)
    (2000, 5000, 100)
    """
    power = 10 ** math.floor(math.log10(max(metres, 1.0)))
    return int(max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1.0)))


def _is_ground(layer: GisLayer) -> bool:
    return layer.table.startswith(GROUND)


def _entry(layer: GisLayer, style: Style, lang: Lang, *, at_first: bool = False, always: bool = False) -> _Entry:
    id_ = "zones_at_first" if at_first else re.sub(r"\W", "_", f"{layer.table}_{style.key}", flags=re.ASCII)
    styled = layer.chapter is None and not always
    name = layer.name.speak(lang) + (_SAID["colon"].speak(lang) + style.name.speak(lang) if styled else "")
    style_name = style_names(layer, lang)[layer.styles.index(style)]
    return _Entry(id_, name, layer, style, style_name, shown=at_first or always or layer.table in SHOWN)
