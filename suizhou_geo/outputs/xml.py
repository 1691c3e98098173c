"""XML text without what no XML may hold."""

from __future__ import annotations

import re
from xml.etree import ElementTree

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(tag: str, *children: ElementTree.Element, text: object = None, **attributes: object) -> ElementTree.Element:
    """Return an element; a trailing _ of an attribute's name is dropped (`type_`), characters XML forbids are left out.

    >>> ElementTree.tostring(element("rule", label='a < "b"'), encoding="unicode")
    '<rule label="a &lt; &quot;b&quot;" />'
    """
    result = ElementTree.Element(tag, {name.rstrip("_"): legal(value) for name, value in attributes.items()})
    result.text = None if text is None else legal(text)
    result.extend(children)
    return result


def legal(value: object) -> str:
    """Return a value as text without the control characters that no XML may hold.

    >>> legal("白云\\x0b公园")
    '白云公园'
    """
    return _NOT_XML.sub("", str(value))


def text_of(*elements: ElementTree.Element) -> str:
    """Return elements as text, one line each."""
    return "".join(f"{ElementTree.tostring(one, encoding='unicode')}\n" for one in elements)
