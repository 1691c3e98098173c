"""Styles in QGIS's own format (QML): rules, labels, field aliases and words for coded values.

Read by QGIS 3.20 and later. Widths in pixels of a screen (1/96 inch) become millimetres.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

from markupsafe import Markup

from suizhou_geo.assessment.rows import STATUSES
from suizhou_geo.assessment.wording import road_name, status_words, unit_name
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.gis.fields import Field
from suizhou_geo.outputs.gis.styles import LEAST_DOT_PX, Condition, Label, Style, Value
from suizhou_geo.outputs.gis.xml_templates import rendered
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import Kind
from suizhou_geo.standards.symbology import PARTS, ROLES

MM_PER_PX = 25.4 / 96
OPAQUE = 255


def style_qml(style: Style, kind: Kind, fields_text: str, *, lang: Lang) -> str:
    """Return a style as a QML document for a layer of this kind of geometry.

    `fields_text` is that of `fields_qml`; "" leaves the fields of the layer as they are.
    """
    return rendered("style.qml", style=style, kind=kind, fields=Markup(fields_text), lang=lang, **QGIS)  # noqa: S704


def fields_qml(fields: Sequence[Field], *, lang: Lang) -> str:
    """Return what QML says of fields, the same in every style of a layer: their aliases and the words for their codes."""
    return rendered("fields.qml", fields=fields, lang=lang, coded=coded, **QGIS)


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


def _mm(width_px: float) -> str:
    return f"{width_px * MM_PER_PX:.3f}"


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * OPAQUE)}"


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
    if field.startswith("lacks_"):
        return coded("part", lang)
    if field.endswith("_status"):
        return {key: status_words(key, lang) for key in STATUSES}
    symbols = {"part": PARTS, "role": ROLES}.get(field, {})
    return {key: symbol.name.speak(lang) for key, symbol in symbols.items()}


QGIS = {  # what templates/qgis.jinja calls
    "key_of": lambda name: f"{{{uuid5(NAMESPACE_URL, name)}}}",
    "expression": expression,
    "label_expression": label_expression,
    "mm": _mm,
    "dashes_mm": lambda symbol: ";".join(map(_mm, symbol.dash_px)),
    "rgba": _rgba,
    "least_dot_px": LEAST_DOT_PX,
}
