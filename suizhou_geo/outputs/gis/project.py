"""project.qgz: a QGIS project beside layers.gpkg that opens its layers by chapter, in their styles.

The zones stand once as they open, and once more in each chapter for every promise that was measured there. Paths are
relative: the folder can be moved as a whole.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree.ElementTree import Element

from pyproj import CRS

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.model import Text
from suizhou_geo.outputs.gis.geopackage import GEOPACKAGE, INVENTED, style_names
from suizhou_geo.outputs.gis.layers import GisLayer
from suizhou_geo.outputs.gis.qml import HEAD, VERSION, fields_qml, style_elements
from suizhou_geo.outputs.gis.styles import Style
from suizhou_geo.outputs.xml import element, legal, text_of
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, Kind, chapter_of

PROJECT = "project.qgz"
INSIDE = "project.qgs"
SHOWN = ("dead_ends", "zones")  # the rest is a tick away
MARGIN_SHARE = 0.05
NO_CLOCK = (1980, 1, 1, 0, 0, 0)  # the first moment a zip file can tell
ZONES = Text("分区与指标", "zones and measures")
_GEOMETRY: dict[Kind, str] = {"area": "Polygon", "line": "Line", "point": "Point"}
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


def write_project(layers: Sequence[GisLayer], folder: Path, *, title: str, credit: str = "", lang: Lang = "zh") -> None:
    """Write project.qgz into the folder that holds the layers.gpkg of these layers.

    `title` is the city's name; where the data are invented the project says so in its title and over the map. `credit`
    (`suizhou_geo.outputs.gis.metadata.osm_credit`) stands at the lower edge of the map.
    """
    shown_title = (INVENTED.speak(lang) if layers[0].invented else "") + title
    text = _project(layers, title=shown_title, credit=credit, lang=lang)
    inside = zipfile.ZipInfo(INSIDE, NO_CLOCK)
    inside.compress_type, inside.external_attr = zipfile.ZIP_DEFLATED, _FILE_MODE
    with zipfile.ZipFile(folder / PROJECT, "w") as archive:
        archive.writestr(inside, text)


def _project(layers: Sequence[GisLayer], *, title: str, credit: str, lang: Lang) -> str:
    groups = _groups(layers, lang)
    entries = [entry for _, group in groups for entry in group]
    zones = layers[0].data
    west, south, east, north = zones.total_bounds
    margin = MARGIN_SHARE * max(east - west, north - south)
    extent = (west - margin, south - margin, east + margin, north + margin)
    head = text_of(
        element("title", text=title),
        element("projectCrs", _srs(zones.crs)),
        _tree(groups),
        element(
            "mapcanvas",
            element("units", text="meters"),
            _box("extent", extent),
            element("rotation", text=0),
            element("destinationsrs", _srs(zones.crs)),
            name="theMapCanvas",
            annotationsVisible=1,
        ),
        element("layerorder", *(element("layer", id=entry.id) for entry in entries)),
        _properties(title, credit),
    )
    maps = "".join(_map_layer(entry, lang) for entry in entries)
    start = f'<qgis version="{VERSION}" {_attribute("projectname", title)}>'
    return f"{HEAD}\n{start}\n{head}<projectlayers>\n{maps}</projectlayers>\n</qgis>\n"


def _groups(layers: Sequence[GisLayer], lang: Lang) -> list[tuple[str, list[_Entry]]]:
    """The layers from the top of the map to its bottom, under the name of their group."""
    zones, *evidence = layers
    groups = []
    for chapter in (*reversed(CHAPTERS), OTHER_CHAPTER):
        mine = [_entry(layer, layer.styles[0], lang) for layer in evidence if layer.chapter == chapter]
        promises = [s for s in zones.styles if f"{s.key}_status" in zones.data and chapter_of(s.key) == chapter]
        mine += [
            replace(_entry(zones, style, lang), name=f"{_spoken(zones, lang)}：{style.name.speak(lang)}", shown=False)
            for style in promises
        ]
        if mine:
            groups.append((chapter.name.speak(lang), mine))
    start = zones.styles[0]
    opening = replace(
        _entry(zones, start, lang), id="zones_at_first", name=f"{_spoken(zones, lang)}：{start.name.speak(lang)}"
    )
    return [*groups, (ZONES.speak(lang), [opening])]


def _entry(layer: GisLayer, style: Style, lang: Lang) -> _Entry:
    key = re.sub(r"\W", "_", style.key, flags=re.ASCII)
    return _Entry(f"{layer.table}_{key}", _spoken(layer, lang), layer, style, layer.table in SHOWN)


def _spoken(layer: GisLayer, lang: Lang) -> str:
    return layer.name.speak(lang)


def _tree(groups: Sequence[tuple[str, Sequence[_Entry]]]) -> Element:
    return element(
        "layer-tree-group",
        *(
            element("layer-tree-group", *map(_leaf, entries), name=name, checked="Qt::Checked", expanded=1)
            for name, entries in groups
        ),
    )


def _leaf(entry: _Entry) -> Element:
    return element(
        "layer-tree-layer",
        id=entry.id,
        name=entry.name,
        source=_source(entry.layer),
        providerKey="ogr",
        checked="Qt::Checked" if entry.shown else "Qt::Unchecked",
        expanded=int(entry.shown),
    )


def _source(layer: GisLayer) -> str:
    return f"./{GEOPACKAGE}|layername={layer.table}"


def _map_layer(entry: _Entry, lang: Lang) -> str:
    layer = entry.layer
    start = (
        f'<maplayer type="vector" geometry="{_GEOMETRY[layer.kind]}" readOnly="0" autoRefreshEnabled="0" '
        f'hasScaleBasedVisibilityFlag="0" simplifyDrawingHints="1" simplifyDrawingTol="1" labelsEnabled='
        f'"{int(entry.style.label is not None)}">'
    )
    name = style_names(layer, lang)[layer.styles.index(entry.style)]
    told = text_of(
        element("id", text=entry.id),
        element("datasource", text=_source(layer)),
        element("layername", text=entry.name),
        element("title", text=f"{entry.name} – {entry.style.name.speak(lang)}"),
        element("abstract", text=INVENTED.speak(lang) if layer.invented else ""),
        element("srs", _srs(layer.data.crs)),
        element("provider", encoding="UTF-8", text="ogr"),
        element("map-layer-style-manager", element("map-layer-style", name=name), current=name),
        *style_elements(entry.style, layer.kind, lang=lang),
    )
    shows = text_of(element("previewExpression", text='"name"')) if "name" in layer.data else ""
    return f"{start}\n{told}{fields_qml(layer.fields, lang=lang)}{shows}</maplayer>\n"


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


def _box(tag: str, box: tuple[float, float, float, float]) -> Element:
    names = ("xmin", "ymin", "xmax", "ymax")
    return element(tag, *(element(name, text=f"{side:.3f}") for name, side in zip(names, box, strict=True)))


def _properties(title: str, credit: str) -> Element:
    """Relative paths, the title over the map and the credit under it."""
    return element(
        "properties",
        element("Paths", element("Absolute", text="false", type_="bool")),
        element("SpatialRefSys", element("ProjectionsEnabled", text=1, type_="int")),
        element("Measurement", element("DistanceUnits", text="meters", type_="QString")),
        _decoration("TitleLabel", title, corner=_TOP_CENTRE),
        *([_decoration("CopyrightLabel", credit, corner=_BOTTOM_RIGHT)] if credit else []),
    )


def _decoration(tag: str, words: str, *, corner: int) -> Element:
    """Words over the map; "[%" would begin a formula there."""
    return element(
        tag,
        element("Enabled", text="true", type_="bool"),
        element("Label", text=words.replace("[%", "[ %"), type_="QString"),
        element("BackgroundColor", text="255,255,255,200", type_="QString"),
        element("Placement", text=corner, type_="int"),
    )


def _attribute(name: str, value: str) -> str:
    return text_of(element("x", **{name: legal(value)})).removeprefix("<x ").removesuffix(" />\n")
