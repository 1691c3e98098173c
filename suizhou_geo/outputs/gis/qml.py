"""Styles in QGIS's own format (QML): rules, labels, field aliases and words for coded values.

Read by QGIS 3.20 and later. Widths in pixels of a screen (1/96 inch) become millimetres.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element

from suizhou_geo.assessment.rows import STATUSES
from suizhou_geo.assessment.wording import Lang, road_name, status_words, unit_name
from suizhou_geo.outputs.gis.fields import Field
from suizhou_geo.outputs.gis.styles import LEAST_DOT_PX, Condition, Label, Style, Value
from suizhou_geo.outputs.xml import around, element, fixed_element, text_of
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import Kind
from suizhou_geo.standards.symbology import PARTS, ROLES, Symbol

HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
CATEGORIES = "Symbology|Labeling|Fields|Forms"
SYMBOLS: Mapping[Kind, tuple[str, str]] = {
    "area": ("fill", "SimpleFill"),
    "line": ("line", "SimpleLine"),
    "point": ("marker", "SimpleMarker"),
}
MM_PER_PX = 25.4 / 96
OPAQUE = 255
# level inside an area, along a line, beside a point at the best place of several
_PLACEMENTS: Mapping[Kind, int] = {"area": 4, "line": 2, "point": 6}


def style_qml(style: Style, kind: Kind, fields_text: str, *, lang: Lang) -> str:
    """Return a style as a QML document for a layer of this kind of geometry; `fields_text` is that of `fields_qml`."""
    root = fixed_element("qgis", styleCategories=CATEGORIES, labelsEnabled=int(style.label is not None))
    return f"{HEAD}\n{around(root, text_of(*style_elements(style, kind, lang=lang)) + fields_text)}"


def fields_qml(fields: Sequence[Field], *, lang: Lang) -> str:
    """Return what QML says of fields, the same in every style of a layer: their aliases and the words for their codes."""
    widgets = (element("field", _widget(values), name=f.name) for f in fields if (values := coded(f.name, lang)))
    aliases = (element("alias", index=k, field=f.name, name=f.alias(lang)) for k, f in enumerate(fields, start=1))
    return text_of(element("fieldConfiguration", *widgets), element("aliases", *aliases))


def style_elements(style: Style, kind: Kind, *, lang: Lang) -> Iterator[Element]:
    """Give how a style draws: the same elements in a QML document and in a layer of a project."""
    rules, symbols = [], []
    for k, rule in enumerate(style.rules):
        label, where = rule.symbol.name.speak(lang), expression(rule.where) or None
        rules.append(element("rule", key=_id(f"{style.key}/{k}"), symbol=k, label=label, filter=where))
        symbols.append(_symbol(rule.symbol, kind, name=str(k)))
    yield fixed_element("renderer-v2", element("rules", *rules, key=_id(style.key)), element("symbols", *symbols))
    if style.label is not None:
        yield _labeling(style.label, kind, lang)


def _id(name: str) -> str:
    return f"{{{uuid5(NAMESPACE_URL, name)}}}"


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
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
    return repr(value)


def _symbol(symbol: Symbol, kind: Kind, *, name: str) -> Element:
    type_, layer_type = SYMBOLS[kind]
    drawn = _map(table("gis_elements")[layer_type] | _drawn(symbol, kind))
    return fixed_element("symbol", fixed_element("layer", drawn, **{"class": layer_type}), name=name, type=type_)


def _drawn(symbol: Symbol, kind: Kind) -> dict[str, str]:
    stroke, fill = _rgba(symbol.stroke), _rgba(symbol.fill or symbol.stroke, symbol.opacity)
    if kind == "point":
        return {"color": fill, "size": _mm(max(symbol.width_px, LEAST_DOT_PX))}
    width, dashes = _mm(symbol.width_px), ";".join(map(_mm, symbol.dash_px))
    if kind == "line":
        dashed = {"capstyle": "flat", "use_custom_dash": "1", "customdash": dashes, "customdash_unit": "MM"}
        return {"line_color": stroke, "line_width": width} | (dashed if dashes else {})
    filled, outlined = "solid" if symbol.fill else "no", "dash" if dashes else "solid"
    return {
        "color": fill,
        "style": filled,
        "outline_color": stroke,
        "outline_style": outlined,
        "outline_width": width,
    }


def _mm(width_px: float) -> str:
    return f"{width_px * MM_PER_PX:.3f}"


def _map(options: Mapping[str, str]) -> Element:
    return element(
        "Option", *(element("Option", name=k, type="QString", value=v) for k, v in options.items()), type="Map"
    )


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * OPAQUE)}"


def _labeling(label: Label, kind: Kind, lang: Lang) -> Element:
    number = bool(label.number) and not label.name  # stands upright, is never left out, and beside the line it is of
    beside = table("gis_elements")["number_of_a_line"] if number and kind == "line" else {}
    settings = element(
        "settings",
        fixed_element("text-style", fixed_element("text-buffer"), fieldName=label_expression(label, lang)),
        fixed_element("text-format"),
        fixed_element("placement", **({"placement": _PLACEMENTS[kind]} | beside)),
        fixed_element("rendering", displayAll=int(number)),
        calloutType="simple",
    )
    return element("labeling", settings, type="simple")


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
        return {key: road_name(key, lang) for key in table("road_classes")["classes"]}
    if field.endswith("_status"):
        return {key: status_words(key, lang) for key in STATUSES}
    symbols = {"part": PARTS, "role": ROLES}.get(field, {})
    return {key: symbol.name.speak(lang) for key, symbol in symbols.items()}


def _widget(values: Mapping[str, str]) -> Element:
    """The form widget that shows words and keeps codes."""
    pairs = [_map({words: code}) for code, words in values.items()]
    listed = element("Option", *pairs, type="List", name="map")
    return element("editWidget", element("config", element("Option", listed, type="Map")), type="ValueMap")
