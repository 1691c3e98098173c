"""XML from the templates beside this file: what is filled in is escaped, without the characters that no XML may hold.

In a template an indented line goes on with the line before it: as its next attribute, or without a space.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_ATTRIBUTES = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#09;"}


class _IndentedLinesGoOn(Extension):
    def preprocess(self, source: str, *_: object) -> str:
        return re.sub(r"\n +", "", re.sub(r"\n +(?=[\w:]+=)", " ", source))


def rendered(template: str, /, **filled: object) -> Markup:
    """Return a template of the formats of desktop GIS, filled in."""
    return Markup(_TEMPLATES.get_template(f"{template}.jinja").render(**filled))  # noqa: S704


def text(value: object) -> Markup:
    """Return what stands in an element.

    >>> text('a < "b\\x0b"')
    Markup('a &lt; "b"')
    """
    return Markup(escape(_NOT_XML.sub("", str(value))))  # noqa: S704


def element(tag: str, value: object) -> Markup:
    """Return an element with nothing but a text, which may be empty."""
    told = text(value)
    return Markup(f"<{tag}>{told}</{tag}>" if told else f"<{tag} />")  # noqa: S704


def _in_attribute(value: object) -> Markup:
    return value if isinstance(value, Markup) else Markup(escape(_NOT_XML.sub("", str(value)), _IN_ATTRIBUTES))  # noqa: S704


_TEMPLATES = Environment(
    loader=PackageLoader("suizhou_geo.outputs.gis"),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=_in_attribute,
    trim_blocks=True,
    keep_trailing_newline=True,
    extensions=[_IndentedLinesGoOn],
)
_TEMPLATES.globals["element"] = element
_TEMPLATES.filters["text"] = text
