"""Numbered marks on a map, which say what they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import folium
import shapely

_SIZE_PX = 24
_NUMBER = (
    '<div style="width:20px;height:20px;line-height:20px;border:2px solid #fff;border-radius:12px;background:{colour};'
    'color:#fff;text-align:center;font:bold 12px/20px sans-serif">{number}</div>'
)


def told(lines: Iterable[str]) -> folium.Tooltip:
    """Return what is shown where the pointer is: strangers' text, as text."""
    return folium.Tooltip("<br>".join(map(escape, lines)))


def numbered_mark(shape: shapely.Geometry, number: int, lines: Iterable[str], *, colour: str) -> folium.Marker:
    """Return a numbered dot on a shape (in WGS 84 degrees) that says some lines."""
    point = shape.point_on_surface()
    icon = folium.DivIcon(
        html=_NUMBER.format(number=number, colour=colour), icon_size=(_SIZE_PX, _SIZE_PX), class_name="site"
    )
    mark = folium.Marker([point.y, point.x], icon=icon)
    told(lines).add_to(mark)
    return mark
