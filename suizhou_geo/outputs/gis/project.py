"""project.qgz: a QGIS project beside layers.gpkg that opens its layers by chapter, in their styles.

The zones stand once as they open, and once more in each chapter for every promise that was measured there. Paths are
relative: the folder can be moved as a whole.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from suizhou_geo.assessment.words import words
from suizhou_geo.outputs.gis.geopackage import GEOPACKAGE, style_names
from suizhou_geo.outputs.gis.layers import GisLayer
from suizhou_geo.outputs.gis.qml import QGIS, fields_qml
from suizhou_geo.outputs.gis.styles import Style
from suizhou_geo.outputs.gis.xml_templates import rendered
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER
from suizhou_geo.text import Lang

PROJECT = "project.qgz"
INSIDE = "project.qgs"
SHOWN = ("dead_ends",)  # with the zones; the rest is a tick away
MARGIN_SHARE = 0.05
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
    west, south, east, north = zones.total_bounds
    margin = MARGIN_SHARE * max(east - west, north - south)
    return rendered(
        "project.qgs",
        title=warning + title,
        credit=credit,
        warning=warning,
        crs=zones.crs,
        extent={"xmin": west - margin, "ymin": south - margin, "xmax": east + margin, "ymax": north + margin},
        groups=dict(_groups(layers, lang)),
        fields_of=lambda layer: fields_qml(layer.fields, lang=lang),
        lang=lang,
        **QGIS,
    )


def _groups(layers: Sequence[GisLayer], lang: Lang) -> Iterator[tuple[str, list[_Entry]]]:
    """The layers from the top of the map to its bottom, under the name of their group."""
    zones, *evidence = layers
    for chapter in (*reversed(CHAPTERS), OTHER_CHAPTER):
        group = [_entry(layer, layer.styles[0], lang) for layer in evidence if layer.chapter == chapter]
        group += [_entry(zones, style, lang) for style in zones.styles if style.promised_in == chapter]
        if group:
            yield chapter.name.speak(lang), group
    yield _SAID["zones_group"].speak(lang), [_entry(zones, zones.styles[0], lang, at_first=True)]


def _entry(layer: GisLayer, style: Style, lang: Lang, *, at_first: bool = False) -> _Entry:
    id_ = "zones_at_first" if at_first else re.sub(r"\W", "_", f"{layer.table}_{style.key}", flags=re.ASCII)
    name = layer.name.speak(lang) + (f"：{style.name.speak(lang)}" if layer.chapter is None else "")
    style_name = style_names(layer, lang)[layer.styles.index(style)]
    return _Entry(id_, name, layer, style, style_name, shown=at_first or layer.table in SHOWN)
