"""Styles as Styled Layer Descriptors (SLD 1.1, OGC Symbology Encoding), for GeoServer, ArcGIS and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.outputs.gis.styles import LEAST_DOT_PX, Condition, Label, Rule, Style
from suizhou_geo.outputs.xml import element, text_of
from suizhou_geo.standards.catalogue import Kind
from suizhou_geo.standards.symbology import Symbol

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACES = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:se": "http://www.opengis.net/se",
    "xmlns:ogc": "http://www.opengis.net/ogc",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": ("http://www.opengis.net/sld http://schemas.opengis.net/sld/1.1.0/StyledLayerDescriptor.xsd"),
}
_COMPARISONS = {
    "=": "PropertyIsEqualTo",
    ">=": "PropertyIsGreaterThanOrEqualTo",
    "<": "PropertyIsLessThan",
}
LABEL_PX = 12


def style_sld(style: Style, kind: Kind, table: str, *, lang: Lang) -> str:
    """Return a style as an SLD document for a table. Of a label with name and number only the name is drawn."""
    rules = [_rule(rule, kind, lang) for rule in style.rules]
    if style.label is not None:
        rules.append(_label_rule(style.label))
    feature_style = element("se:FeatureTypeStyle", *rules)
    user = element("UserStyle", _text("se:Name", style.name.speak(lang)), feature_style)
    layer = element("NamedLayer", _text("se:Name", table), user)
    return f"{HEAD}\n{text_of(element('StyledLayerDescriptor', layer, version='1.1.0', **NAMESPACES))}"


def _rule(rule: Rule, kind: Kind, lang: Lang) -> Element:
    name = rule.symbol.name.speak(lang)
    title = element("se:Description", _text("se:Title", name))
    return element("se:Rule", _text("se:Name", name), title, *_filter(rule.where), _symbolizer(rule.symbol, kind))


def _label_rule(label: Label) -> Element:
    halo = element("se:Halo", _text("se:Radius", 1), element("se:Fill", _parameter("fill", "#ffffff")))
    symbolizer = element(
        "se:TextSymbolizer",
        element("se:Label", _text("ogc:PropertyName", label.name or label.number)),
        element("se:Font", _parameter("font-size", LABEL_PX)),
        halo,
        element("se:Fill", _parameter("fill", "#1a1a1a")),
    )
    return element("se:Rule", *_filter(label.where), symbolizer)


def _filter(where: Sequence[Condition]) -> list[Element]:
    tests = [_condition(condition) for condition in where]
    if not tests:
        return []
    return [element("ogc:Filter", tests[0] if len(tests) == 1 else element("ogc:And", *tests))]


def _condition(condition: Condition) -> Element:
    field = _text("ogc:PropertyName", condition.field)
    if condition.op == "null":
        return element("ogc:PropertyIsNull", field)
    value = str(condition.value).lower() if isinstance(condition.value, bool) else condition.value
    return element(f"ogc:{_COMPARISONS[condition.op]}", field, _text("ogc:Literal", value))


def _symbolizer(symbol: Symbol, kind: Kind) -> Element:
    stroke = element("se:Stroke", _parameter("stroke", symbol.stroke), _parameter("stroke-width", symbol.width_px))
    if symbol.dash_px:
        stroke.append(_parameter("stroke-dasharray", " ".join(f"{dash:g}" for dash in symbol.dash_px)))
    elif kind == "line":
        stroke.extend([_parameter("stroke-linejoin", "round"), _parameter("stroke-linecap", "round")])
    if kind == "line":
        return element("se:LineSymbolizer", stroke)
    if kind == "area":
        return element("se:PolygonSymbolizer", *([_fill(symbol)] if symbol.fill else []), stroke)
    rim = element("se:Stroke", _parameter("stroke", "#ffffff"), _parameter("stroke-width", 1))
    mark = element("se:Mark", _text("se:WellKnownName", "circle"), _fill(symbol), rim)
    return element(
        "se:PointSymbolizer", element("se:Graphic", mark, _text("se:Size", max(symbol.width_px, LEAST_DOT_PX)))
    )


def _fill(symbol: Symbol) -> Element:
    fill = element("se:Fill", _parameter("fill", symbol.fill or symbol.stroke))
    if symbol.opacity < 1:
        fill.append(_parameter("fill-opacity", symbol.opacity))
    return fill


def _parameter(name: str, value: object) -> Element:
    return element("se:SvgParameter", text=value, name=name)


def _text(tag: str, value: object) -> Element:
    return element(tag, text=value)
