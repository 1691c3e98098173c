"""Styles in QGIS's own format (QML): rules, labels, field aliases and words for coded values.

Read by QGIS 3.20 and later. Widths in pixels of a screen (1/96 inch) become millimetres.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element

from suizhou_geo.assessment.rows import STATUSES
from suizhou_geo.assessment.wording import Lang, status_words, unit_name
from suizhou_geo.outputs.gis.fields import Field
from suizhou_geo.outputs.gis.styles import LEAST_DOT_PX, Condition, Label, Style, Value
from suizhou_geo.outputs.xml import element, text_of
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import Kind
from suizhou_geo.standards.symbology import PARTS, ROLES, Symbol

HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
VERSION = "3.22.0-Białowieża"
SYMBOL_TYPES: Mapping[Kind, str] = {"area": "fill", "line": "line", "point": "marker"}
MM_PER_PX = 25.4 / 96
LABEL_POINTS = 9
HALO_MM = 1.0
OPAQUE = 255
_AT_POINT, _ABOVE_RIGHT = 1, 2
_ALONG = 2  # a line
_LEVEL = 4
_AROUND = 6  # beside a point, the best place of several


def style_qml(style: Style, kind: Kind, fields_text: str, *, lang: Lang) -> str:
    """Return a style as a QML document for a layer of this kind of geometry; `fields_text` is that of `fields_qml`."""
    labels = int(style.label is not None)
    start = f'<qgis version="{VERSION}" styleCategories="Symbology|Labeling|Fields|Forms" labelsEnabled="{labels}">'
    return f"{HEAD}\n{start}\n{text_of(*style_elements(style, kind, lang=lang))}{fields_text}</qgis>\n"


def fields_qml(fields: Sequence[Field], *, lang: Lang) -> str:
    """Return what QML says of fields, the same in every style of a layer: their aliases and the words for their codes."""
    widgets = (element("field", _widget(values), name=f.name) for f in fields if (values := coded(f.name, lang)))
    aliases = (element("alias", index=k, field=f.name, name=f.alias(lang)) for k, f in enumerate(fields, start=1))
    return text_of(element("fieldConfiguration", *widgets), element("aliases", *aliases))


def style_elements(style: Style, kind: Kind, *, lang: Lang) -> Iterator[Element]:
    """Give how a style draws: the same elements in a QML document and in a layer of a project."""
    rules, symbols = [], []
    for k, rule in enumerate(style.rules):
        key = f"{{{uuid5(NAMESPACE_URL, f'{style.key}/{k}')}}}"
        where = expression(rule.where)
        filters = {"filter": where} if where else {}
        rules.append(element("rule", key=key, symbol=k, label=rule.symbol.name.speak(lang), **filters))
        symbols.append(symbol_element(rule.symbol, kind, name=str(k)))
    root = f"{{{uuid5(NAMESPACE_URL, style.key)}}}"
    yield element(
        "renderer-v2",
        element("rules", *rules, key=root),
        element("symbols", *symbols),
        type_="RuleRenderer",
        symbollevels=0,
        enableorderby=0,
        forceraster=0,
    )
    if style.label is not None:
        yield _labeling(style.label, kind, lang)


def expression(where: Sequence[Condition]) -> str:
    """Return conditions as a QGIS expression; all of them must hold.

    >>> expression([Condition("part", "=", "it's"), Condition("rank", "<", 6.0)])
    '"part" = \\'it\\'\\'s\\' AND "rank" < 6.0'
    """
    return " AND ".join(
        f"{_name(c.field)} IS NULL" if c.op == "null" else f"{_name(c.field)} {c.op} {_literal(c.value)}" for c in where
    )


def _name(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return (
        f"{value!r}" if isinstance(value, int | float) else "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    )


def symbol_element(symbol: Symbol, kind: Kind, *, name: str) -> Element:
    """Return a symbol: a filled outline, a line with round ends, or a dot with a white rim."""
    width_px = max(symbol.width_px, LEAST_DOT_PX) if kind == "point" else symbol.width_px
    width = f"{width_px * MM_PER_PX:.3f}"
    dashes = ";".join(f"{dash * MM_PER_PX:.3f}" for dash in symbol.dash_px)
    if kind == "area":
        kind_of_layer = "SimpleFill"
        options = {
            "color": _rgba(symbol.fill or symbol.stroke, symbol.opacity),
            "style": "solid" if symbol.fill else "no",
            "outline_color": _rgba(symbol.stroke),
            "outline_style": "dash" if dashes else "solid",
            "outline_width": width,
            "outline_width_unit": "MM",
            "joinstyle": "round",
        }
    elif kind == "line":
        kind_of_layer = "SimpleLine"
        options = {
            "line_color": _rgba(symbol.stroke),
            "line_style": "solid",
            "line_width": width,
            "line_width_unit": "MM",
            "capstyle": "flat" if dashes else "round",
            "joinstyle": "round",
        }
        if dashes:
            options |= {"use_custom_dash": "1", "customdash": dashes, "customdash_unit": "MM"}
    else:
        kind_of_layer = "SimpleMarker"
        options = {
            "name": "circle",
            "color": _rgba(symbol.fill or symbol.stroke, symbol.opacity),
            "outline_color": _rgba("#ffffff"),
            "outline_width": "0.2",
            "outline_width_unit": "MM",
            "size": width,
            "size_unit": "MM",
        }
    layer = element("layer", _map(options), class_=kind_of_layer, enabled=1, locked=0, **{"pass": 0})
    return element("symbol", layer, name=name, type_=SYMBOL_TYPES[kind], alpha=1, clip_to_extent=1, force_rhr=0)


def _map(options: Mapping[str, str]) -> Element:
    return element(
        "Option", *(element("Option", name=k, type_="QString", value=v) for k, v in options.items()), type_="Map"
    )


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * OPAQUE)}"


def _labeling(label: Label, kind: Kind, lang: Lang) -> Element:
    style = element(
        "text-style",
        element(
            "text-buffer",
            bufferDraw=1,
            bufferSize=HALO_MM,
            bufferSizeUnits="MM",
            bufferColor=_rgba("#ffffff"),
            bufferOpacity=1,
            bufferJoinStyle=128,
            bufferNoFill=0,
        ),
        fieldName=label_expression(label, lang),
        isExpression=1,
        fontSize=LABEL_POINTS,
        fontSizeUnit="Point",
        textColor=_rgba("#1a1a1a"),
        textOpacity=1,
        namedStyle="Normal",
        fontWeight=50,
    )
    number = bool(label.number) and not label.name  # stands upright, is never left out, and beside the line it is of
    place = {"area": _LEVEL, "line": _ALONG, "point": _AROUND}[kind]
    options = {"placement": place, "placementFlags": 10, "priority": 5, "dist": 0.6, "distUnits": "MM"}
    if number and kind == "line":
        options |= {
            "placement": _AT_POINT,
            "quadOffset": _ABOVE_RIGHT,
            "xOffset": 1,
            "yOffset": -1,
            "offsetUnits": "MM",
        }
        options |= {"geometryGenerator": "point_on_surface($geometry)", "geometryGeneratorType": "PointGeometry"}
        options |= {"geometryGeneratorEnabled": 1, "layerType": "LineGeometry"}
    return element(
        "labeling",
        element(
            "settings",
            style,
            element("text-format", multilineAlign=1, plussign=0, formatNumbers=0),
            element("placement", **options),
            element("rendering", drawLabels=1, obstacle=1, displayAll=int(number), mergeLines=1, upsidedownLabels=0),
            calloutType="simple",
        ),
        type_="simple",
    )


def label_expression(label: Label, lang: Lang) -> str:
    """Return the expression of a label: numbers as in the reports, shares as percent, and their unit.

    >>> label_expression(Label(number="rank", unit="count"), "zh")
    'format_number("rank", 0)'
    """
    text = _name(label.name) if label.name else ""
    if label.number:
        number = _number(_name(label.number), label.unit, lang)
        text = f"{text} || coalesce('\\n' || {number}, '')" if text else number
    return f"CASE WHEN {expression(label.where)} THEN {text} END" if label.where else text


def _number(field: str, unit: str, lang: Lang) -> str:
    if unit == "share":
        return f"format_number({field} * 100, 1) || '%'"
    if unit == "count":
        return f"format_number({field}, 0)"
    digits = f"CASE WHEN abs({field}) >= 1000 THEN 0 WHEN abs({field}) >= 100 THEN 1 ELSE 2 END"
    words = unit_name(unit, lang)
    return f"format_number({field}, {digits})" + (f" || {_literal(' ' + words)}" if words else "")


def coded(field: str, lang: Lang) -> dict[str, str]:
    """Return the words for the codes a field holds (code -> words); none where the field speaks for itself.

    >>> coded("to_class", "zh")["branch"], coded("road_density_status", "en")["cannot_tell"], coded("name", "zh")
    ('支路', 'cannot tell', {})
    """
    if field in ("road_class", "street_class", "to_class"):
        return {key: row[f"name_{lang}"] for key, row in table("road_classes")["classes"].items()}
    if field.endswith("_status"):
        return {key: status_words(key, lang) for key in STATUSES}
    symbols = {"part": PARTS, "role": ROLES}.get(field, {})
    return {key: symbol.name.speak(lang) for key, symbol in symbols.items()}


def _widget(values: Mapping[str, str]) -> Element:
    """The form widget that shows words and keeps codes."""
    pairs = [_map({words: code}) for code, words in values.items()]
    listed = element("Option", *pairs, type_="List", name="map")
    return element("editWidget", element("config", element("Option", listed, type_="Map")), type_="ValueMap")
