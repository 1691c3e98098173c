"""Styles as Styled Layer Descriptors (SLD 1.1, OGC Symbology Encoding), for GeoServer, ArcGIS and other programs."""

from __future__ import annotations

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.outputs.gis.styles import LEAST_DOT_PX, Style, Value
from suizhou_geo.outputs.gis.xml_templates import rendered
from suizhou_geo.standards.catalogue import Kind
from suizhou_geo.standards.symbology import Symbol

_TESTS = {
    "=": "PropertyIsEqualTo",
    ">=": "PropertyIsGreaterThanOrEqualTo",
    "<": "PropertyIsLessThan",
    "null": "PropertyIsNull",
}


def style_sld(style: Style, kind: Kind, table: str, *, lang: Lang) -> str:
    """Return a style as an SLD document for a table. Of a label with name and number only the name is drawn."""
    named = {"tests": _TESTS, "literal": _literal, "dashes": _dashes, "least_dot_px": LEAST_DOT_PX}
    return rendered("style.sld", style=style, kind=kind, table=table, lang=lang, **named)


def _literal(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else value


def _dashes(symbol: Symbol) -> str:
    return " ".join(f"{dash:g}" for dash in symbol.dash_px)
