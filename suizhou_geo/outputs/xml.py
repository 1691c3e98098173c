"""XML: elements, those with attributes that never vary, and their text without what no XML may hold."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from suizhou_geo.standards import table

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *children: ElementTree.Element, text: object = None, **attributes: object) -> ElementTree.Element:
    """Return an element without the attributes that are None and the characters that XML forbids.

    >>> ElementTree.tostring(element("rule", label='a < "b\\x0b"', filter=None), encoding="unicode")
    '<rule label="a &lt; &quot;b&quot;" />'
    """
    told = {name: _legal(value) for name, value in attributes.items() if value is not None}
    result = ElementTree.Element(tag, told)
    result.text = None if text is None else _legal(text)
    result.extend(children)
    return result


def fixed_element(tag: str, *children: ElementTree.Element, **attributes: object) -> ElementTree.Element:
    """Return an element with the attributes that standards/gis_elements.toml lists for its tag, those given filled in.

    >>> text_of(fixed_element("layer", **{"class": "SimpleFill"}))
    '<layer class="SimpleFill" enabled="1" locked="0" pass="0" />\\n'
    """
    return element(tag, *children, **(table("gis_elements")[tag] | attributes))


def text_of(*elements: ElementTree.Element) -> str:
    """Return elements as text, one line each."""
    return "".join(f"{ElementTree.tostring(one, encoding='unicode')}\n" for one in elements)


def around(outer: ElementTree.Element, inside: str) -> str:
    """Return an element as text, with the lines of text that stand inside it.

    >>> around(element("rules", key=1), text_of(element("rule")))
    '<rules key="1">\\n<rule />\\n</rules>\\n'
    """
    start = ElementTree.tostring(outer, encoding="unicode").removesuffix(" />")
    return f"{start}>\n{inside}</{outer.tag}>\n"


def _legal(value: object) -> str:
    return _NOT_XML.sub("", str(value))
