"""The Word document a report is written into: our own, or the office's template with its styles, headers and page size."""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Lang
from suizhou_geo.sources.files import is_there

GRID = "Table Grid"
OWN = "Report "  # how the names of our own styles begin
_TEMPLATE_TYPE = b"wordprocessingml.template.main+xml"
_DOCUMENT_TYPE = b"wordprocessingml.document.main+xml"
_TYPES = "[Content_Types].xml"


def opened(template: Path | None, lang: Lang) -> tuple[Any, tuple[str, ...]]:
    """Return an empty document with every style a report needs, and the names of those a template did not have.

    Ours is the template in templates/, one per language. Another one (.docx or .dotx) keeps its styles, page size, headers
    and footers; its own text is left out. A style it lacks is taken from ours: Word itself writes a built-in style into a
    file only once it is used.

    Errors: InputError for a template that is missing or no Word file.
    """
    with as_file(files("suizhou_geo.outputs.report").joinpath("templates", f"report.{lang}.docx")) as path:
        ours = docx.Document(str(path))
    if template is None:
        return ours, ()
    document = _read(template)
    _empty(document)
    return document, _added(document, ours)


def _added(document: Any, ours: Any) -> tuple[str, ...]:
    """Add the styles of ours that a document lacks; return the names of those that are Word's own."""
    known = {style.name.lower(): style for style in document.styles}
    ids = {style.style_id for style in document.styles}
    missing = [style for style in ours.styles if style.name.lower() not in known]
    for style in missing:
        copied = deepcopy(style.element)
        copied.set(qn("w:styleId"), style.style_id if style.style_id not in ids else f"{style.style_id}Report")
        based = copied.find(qn("w:basedOn"))
        if based is not None:
            base = known.get(style.base_style.name.lower())
            based.set(qn("w:val"), based.get(qn("w:val")) if base is None else base.style_id)
        document.styles.element.append(copied)
    return tuple(style.name for style in missing if not style.name.startswith(OWN))


def _read(template: Path) -> Any:
    refused = f"the Word template {template} cannot be used"
    if not is_there(template):
        raise InputError(
            f"Word 模板 {template} 不能用：没有这个文件；请给出 .docx 或 .dotx 文件的路径",
            f"{refused}: there is no such file; give the path of a .docx or .dotx",
        )
    try:
        return docx.Document(_as_document(template))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        raise InputError(
            f"Word 模板 {template} 不能用：不是 .docx 或 .dotx 格式的 Word 文件；请在 Word 中另存为 .docx 再用",
            f"{refused}: it is not a Word file of the kind .docx or .dotx; save it as .docx in Word and give that",
        ) from error


def _as_document(template: Path) -> io.BytesIO:
    """The template's bytes; those of a .dotx, which differs from a .docx in one word, as a .docx."""
    result = io.BytesIO()
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.replace(_TEMPLATE_TYPE, _DOCUMENT_TYPE) if name == _TYPES else content)
    result.seek(0)
    return result


def _empty(document: Any) -> None:
    """Take the text out; the page setup that stays is the last section's, with the headers it inherits."""
    body = document.element.body
    last = body.get_or_add_sectPr()
    for kind in ("w:headerReference", "w:footerReference"):
        inherited = {}
        for section in body.iter(qn("w:sectPr")):
            for reference in section.findall(qn(kind)):
                inherited[reference.get(qn("w:type"))] = reference
        own = {reference.get(qn("w:type")) for reference in last.findall(qn(kind))}
        for place, reference in enumerate(ref for at, ref in inherited.items() if at not in own):
            last.insert(place, deepcopy(reference))
    for part in list(body):
        if part is not last:
            body.remove(part)


def element(tag: str, /, **attributes: str) -> Any:
    """Return an element of a Word document, tag and attributes as the format calls them: element("shd", val="clear")."""
    made = OxmlElement(f"w:{tag}")
    for attribute, value in attributes.items():
        made.set(qn(f"w:{attribute}"), value)
    return made
