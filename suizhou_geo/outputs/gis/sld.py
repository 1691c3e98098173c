"""Styles as Styled Layer Descriptors (SLD 1.1, OGC Symbology Encoding), for GeoServer, ArcGIS and other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.outputs.gis.styles import LEAST_DOT_PX, Condition, Label, Rule, Style
from suizhou_geo.outputs.xml import element, fixed_element, text_of
from suizhou_geo.standards.catalogue import Kind
from suizhou_geo.standards.symbology import Symbol

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_TESTS = {
    "=": "PropertyIsEqualTo",
    ">=": "PropertyIsGreaterThanOrEqualTo",
    "<": "PropertyIsLessThan",
    "null": "PropertyIsNull",
}
LABEL_PX = 12


def style_sld(style: Style, kind: Kind, table: str, *, lang: Lang) -> str:
    """Return a style as an SLD document for a table. Of a label with name and number only the name is drawn."""
    rules = [_rule(rule, kind, lang) for rule in style.rules]
    if style.label is not None:
        rules.append(_label_rule(style.label))
    user = element("UserStyle", _text("se:Name", style.name.speak(lang)), element("se:FeatureTypeStyle", *rules))
    layer = element("NamedLayer", _text("se:Name", table), user)
    return f"{HEAD}\n{text_of(fixed_element('StyledLayerDescriptor', layer))}"


def _rule(rule: Rule, kind: Kind, lang: Lang) -> Element:
    name = rule.symbol.name.speak(lang)
    title = element("se:Description", _text("se:Title", name))
    return element("se:Rule", _text("se:Name", name), title, *_filter(rule.where), _symbolizer(rule.symbol, kind))


def _label_rule(label: Label) -> Element:
    symbolizer = element(
        "se:TextSymbolizer",
        element("se:Label", _text("ogc:PropertyName", label.name or label.number)),
        _drawn("se:Font", {"font-size": LABEL_PX}),
        element("se:Halo", _text("se:Radius", 1), _drawn("se:Fill", {"fill": "#ffffff"})),
        _drawn("se:Fill", {"fill": "#1a1a1a"}),
    )
    return element("se:Rule", *_filter(label.where), symbolizer)


def _filter(where: Sequence[Condition]) -> list[Element]:
    tests = [_test(condition) for condition in where]
    if len(tests) > 1:
        tests = [element("ogc:And", *tests)]
    return [element("ogc:Filter", *tests)] if tests else []


def _test(condition: Condition) -> Element:
    value = str(condition.value).lower() if isinstance(condition.value, bool) else condition.value
    literal = [] if condition.op == "null" else [_text("ogc:Literal", value)]
    return element(f"ogc:{_TESTS[condition.op]}", _text("ogc:PropertyName", condition.field), *literal)


def _symbolizer(symbol: Symbol, kind: Kind) -> Element:
    stroke = {"stroke": symbol.stroke, "stroke-width": symbol.width_px}
    if symbol.dash_px:
        stroke["stroke-dasharray"] = " ".join(f"{dash:g}" for dash in symbol.dash_px)
    elif kind == "line":
        stroke |= {"stroke-linejoin": "round", "stroke-linecap": "round"}
    fill = {"fill": symbol.fill or symbol.stroke} | ({"fill-opacity": symbol.opacity} if symbol.opacity < 1 else {})
    if kind == "line":
        return element("se:LineSymbolizer", _drawn("se:Stroke", stroke))
    if kind == "area":
        filled = [_drawn("se:Fill", fill)] if symbol.fill else []
        return element("se:PolygonSymbolizer", *filled, _drawn("se:Stroke", stroke))
    rim = _drawn("se:Stroke", {"stroke": "#ffffff", "stroke-width": 1})
    mark = element("se:Mark", _text("se:WellKnownName", "circle"), _drawn("se:Fill", fill), rim)
    size = _text("se:Size", max(symbol.width_px, LEAST_DOT_PX))
    return element("se:PointSymbolizer", element("se:Graphic", mark, size))


def _drawn(tag: str, parameters: Mapping[str, object]) -> Element:
    return element(tag, *(element("se:SvgParameter", text=value, name=name) for name, value in parameters.items()))


def _text(tag: str, value: object) -> Element:
    return element(tag, text=value)
