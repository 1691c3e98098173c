"""Styles as Styled Layer Descriptors (SLD 1.1, OGC Symbology Encoding), for GeoServer, ArcGIS and other programs."""

from __future__ import annotations

from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.gis.styles import LEAST_DOT_PX, Style
from suizhou_geo.outputs.gis.xml_templates import rendered
from suizhou_geo.standards.catalogue import Kind

_TESTS = {
    "=": "PropertyIsEqualTo",
    ">=": "PropertyIsGreaterThanOrEqualTo",
    "<": "PropertyIsLessThan",
    "null": "PropertyIsNull",
}


def style_sld(style: Style, kind: Kind, table: str, *, lang: Lang) -> str:
    """Return a style as an SLD document for a table. Of a label with name and number only the name is drawn."""
    given = {"style": style, "kind": kind, "table": table, "lang": lang}
    return rendered("style.sld", **given, tests=_TESTS, least_dot_px=LEAST_DOT_PX)
