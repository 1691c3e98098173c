"""project.qgz: a QGIS project beside layers.gpkg that opens its layers by chapter, in their styles.

The zones stand once as they open, and once more in each chapter for every promise that was measured there. Paths are
relative: the folder can be moved as a whole.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from pyproj import CRS

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.assessment.words import words
from suizhou_geo.outputs.gis.geopackage import GEOPACKAGE, style_names
from suizhou_geo.outputs.gis.layers import GisLayer
from suizhou_geo.outputs.gis.qml import HEAD, fields_qml, style_elements
from suizhou_geo.outputs.gis.styles import Style
from suizhou_geo.outputs.xml import around, element, fixed_element, text_of
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, Kind

PROJECT = "project.qgz"
INSIDE = "project.qgs"
SHOWN = ("dead_ends",)  # with the zones; the rest is a tick away
MARGIN_SHARE = 0.05
NO_CLOCK = (1980, 1, 1, 0, 0, 0)  # the first moment a zip file can tell
_SAID = words("gis")
_GEOMETRY: Mapping[Kind, str] = {"area": "Polygon", "line": "Line", "point": "Point"}
_BOTTOM_RIGHT, _TOP_CENTRE = 3, 4
_FILE_MODE = 0o644 << 16


@dataclass(frozen=True, eq=False)
class _Entry:
    """One layer of the project: a table in one of its styles."""

    id: str
    name: str
    layer: GisLayer
    style: Style
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
    text = _project(layers, title=warning + title, credit=credit, lang=lang)
    inside = zipfile.ZipInfo(INSIDE, NO_CLOCK)
    inside.compress_type, inside.external_attr = zipfile.ZIP_DEFLATED, _FILE_MODE
    with zipfile.ZipFile(folder / PROJECT, "w") as archive:
        archive.writestr(inside, text)


def _project(layers: Sequence[GisLayer], *, title: str, credit: str, lang: Lang) -> str:
    groups = dict(_groups(layers, lang))
    entries = [entry for group in groups.values() for entry in group]
    zones = layers[0].data
    canvas = element(
        "mapcanvas",
        element("units", text="meters"),
        _extent(*zones.total_bounds),
        element("rotation", text=0),
        element("destinationsrs", _srs(zones.crs)),
        name="theMapCanvas",
        annotationsVisible=1,
    )
    head = text_of(
        element("title", text=title),
        element("projectCrs", _srs(zones.crs)),
        element("layer-tree-group", *(_group(name, group) for name, group in groups.items())),
        canvas,
        element("layerorder", *(element("layer", id=entry.id) for entry in entries)),
        _properties(title, credit),
    )
    maps = around(element("projectlayers"), "".join(_map_layer(entry, lang) for entry in entries))
    return f"{HEAD}\n{around(fixed_element('qgis', projectname=title), head + maps)}"


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
    return _Entry(id_, name, layer, style, shown=at_first or layer.table in SHOWN)


def _group(name: str, entries: Sequence[_Entry]) -> Element:
    return element("layer-tree-group", *map(_leaf, entries), name=name, checked="Qt::Checked", expanded=1)


def _leaf(entry: _Entry) -> Element:
    return element(
        "layer-tree-layer",
        id=entry.id,
        name=entry.name,
        source=entry.source,
        providerKey="ogr",
        checked="Qt::Checked" if entry.shown else "Qt::Unchecked",
        expanded=int(entry.shown),
    )


def _map_layer(entry: _Entry, lang: Lang) -> str:
    layer, style = entry.layer, entry.style
    style_name = style_names(layer, lang)[layer.styles.index(style)]
    told = text_of(
        element("id", text=entry.id),
        element("datasource", text=entry.source),
        element("layername", text=entry.name),
        element("title", text=f"{entry.name} – {style.name.speak(lang)}"),
        element("abstract", text=_SAID["invented"].speak(lang) if layer.invented else ""),
        element("srs", _srs(layer.data.crs)),
        element("provider", encoding="UTF-8", text="ogr"),
        element("map-layer-style-manager", element("map-layer-style", name=style_name), current=style_name),
        *style_elements(style, layer.kind, lang=lang),
    )
    shows = text_of(element("previewExpression", text='"name"')) if "name" in layer.data else ""
    outer = fixed_element("maplayer", geometry=_GEOMETRY[layer.kind], labelsEnabled=int(style.label is not None))
    return around(outer, told + fields_qml(layer.fields, lang=lang) + shows)


def _srs(crs: CRS) -> Element:
    code = crs.to_authority()
    return element(
        "spatialrefsys",
        element("wkt", text=crs.to_wkt()),
        element("srid", text=code[1] if code and code[0] == "EPSG" else 0),
        element("authid", text=":".join(code) if code else ""),
        element("description", text=crs.name),
        element("geographicflag", text="false"),
    )


def _extent(west: float, south: float, east: float, north: float) -> Element:
    margin = MARGIN_SHARE * max(east - west, north - south)
    sides = {"xmin": west - margin, "ymin": south - margin, "xmax": east + margin, "ymax": north + margin}
    return element("extent", *(element(name, text=f"{side:.3f}") for name, side in sides.items()))


def _properties(title: str, credit: str) -> Element:
    """Relative paths, the title over the map and the credit under it."""
    return element(
        "properties",
        element("Paths", element("Absolute", text="false", type="bool")),
        element("SpatialRefSys", element("ProjectionsEnabled", text=1, type="int")),
        element("Measurement", element("DistanceUnits", text="meters", type="QString")),
        _decoration("TitleLabel", title, corner=_TOP_CENTRE),
        *([_decoration("CopyrightLabel", credit, corner=_BOTTOM_RIGHT)] if credit else []),
    )


def _decoration(tag: str, text: str, *, corner: int) -> Element:
    """Words over the map; "[%" would begin a formula there."""
    return element(
        tag,
        element("Enabled", text="true", type="bool"),
        element("Label", text=text.replace("[%", "[ %"), type="QString"),
        element("BackgroundColor", text="255,255,255,200", type="QString"),
        element("Placement", text=corner, type="int"),
    )
