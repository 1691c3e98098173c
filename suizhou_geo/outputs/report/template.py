"""The Word document a report is written into: our own, or the office's template with its styles, headers and page size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from lxml.etree import LxmlError

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Lang, Text, alike
from suizhou_geo.sources.archives import BROKEN_ZIP, check_unpacked
from suizhou_geo.sources.files import is_there, shown

GRID = "Table Grid"
OWN = "Report "  # how the names of our own styles begin
_TEMPLATE_TYPE = b"wordprocessingml.template.main+xml"
_DOCUMENT_TYPE = b"wordprocessingml.document.main+xml"
_STRICT = b"http://purl.oclc.org/ooxml/"
_TYPES = "[Content_Types].xml"


def opened(template: Path | None, lang: Lang) -> tuple[Any, tuple[str, ...]]:
    """Return an empty document with every style a report needs, and the names of those a template did not have.

    Ours is the template in templates/, one per language. Another one (.docx or .dotx) keeps its styles, page size, headers
    and footers; its own text is left out, and so is the link to a template of its own. A style it lacks is taken from ours:
    Word itself writes a built-in style into a file only once it is used.

    Errors: InputError for a template that is missing, damaged or no Word file, holds macros, or takes in other files.
    """
    with as_file(files("suizhou_geo.outputs.report").joinpath("templates", f"report.{lang}.docx")) as path:
        ours = docx.Document(str(path))
    if template is None:
        return ours, ()
    with _whole(template):
        document = _read(template)
        _unlink(document, template)
        _empty(document)
        _give_pages(document, ours)
        _check_styles(document, ours, template)
        added = _added(document, ours)
        document.save(io.BytesIO())
    return document, added


def check_template(template: Path | None) -> None:
    """Make sure that a report can be written into a template. Errors: as `opened`."""
    opened(template, "zh")


@contextmanager
def _whole(template: Path) -> Iterator[None]:
    """Tell whatever python-docx stumbles over in a damaged file as what it is."""
    try:
        yield
    except InputError:
        raise
    except (*BROKEN_ZIP, PackageNotFoundError, LxmlError, LookupError, ValueError, AttributeError, TypeError) as error:
        raise _refused(
            template,
            Text(
                "不是 .docx 或 .dotx 格式的 Word 文件，或已损坏",
                "it is damaged, or not a Word file of the kind .docx or .dotx",
            ),
            Text("请在 Word 中另存为 .docx 再用", "save it as .docx in Word and give that"),
        ) from error


def _refused(template: Path, why: Text, advice: Text) -> InputError:
    return InputError(
        f"Word 模板 {shown(template)} 不能用：{why.zh}；{advice.zh}",
        f"the Word template {shown(template)} cannot be used: {why.en}; {advice.en}",
    )


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
    if not is_there(template):
        raise _refused(
            template,
            Text("没有这个文件", "there is no such file"),
            Text("请给出 .docx 或 .dotx 文件的路径", "give the path of a .docx or .dotx"),
        )
    check_unpacked(template, what=Text("Word 模板 ", "the Word template ") + alike(template.name))
    with zipfile.ZipFile(template) as archive:
        if any(name.lower().endswith("vbaproject.bin") for name in archive.namelist()):
            raise _refused(
                template,
                Text("含有宏", "it holds macros"),
                Text("请在 Word 中另存为不含宏的 .docx 再用", "save it as .docx, without them, in Word and give that"),
            )
        if "word/document.xml" in archive.namelist() and _STRICT in archive.read("word/document.xml"):
            raise _refused(
                template,
                Text("是“Strict Open XML”格式", "it is of the kind “Strict Open XML”"),
                Text("请在 Word 中另存为普通的 .docx 再用", "save it as an ordinary .docx in Word and give that"),
            )
    return docx.Document(_as_document(template))


def _unlink(document: Any, template: Path) -> None:
    """Take out the link to a template of its own; refuse what takes in other files when the report is opened."""
    package = document.part.package
    for owner in (package, *package.iter_parts()):
        for key, link in list(owner.rels.items()):
            kind = link.reltype.rpartition("/")[2]
            if not link.is_external or kind == "hyperlink":
                continue
            if kind != "attachedTemplate":
                raise _refused(
                    template,
                    Text(
                        f"链接了别的文件（{link.target_ref[:80]}）",
                        f"it takes in another file ({link.target_ref[:80]})",
                    ),
                    Text("请在 Word 中断开链接后再用", "break the link in Word"),
                )
            del owner.rels[key]
    for linked in document.settings.element.findall(qn("w:attachedTemplate")):
        document.settings.element.remove(linked)


def _give_pages(document: Any, ours: Any) -> None:
    """Give a template that does not say its page size or margins those of ours."""
    last, own = document.element.body.get_or_add_sectPr(), ours.element.body.sectPr
    for kind in ("w:pgSz", "w:pgMar"):
        said, whole = last.find(qn(kind)), own.find(qn(kind))
        for name, value in whole.attrib.items() if said is not None else ():
            if said.get(name) is None and name != qn("w:orient"):
                said.set(name, value)
        if said is None:
            last.append(deepcopy(whole))


def _check_styles(document: Any, ours: Any, template: Path) -> None:
    """Refuse a template in which a style that reports are written in is of another kind, say a "Heading 1" for characters."""
    wanted = {style.name.lower(): style.type for style in ours.styles}
    for style in document.styles:
        if style.type != wanted.get(style.name.lower(), style.type):
            raise _refused(
                template,
                Text(f"样式“{style.name}”的类型不对", f"its style {style.name!r} is of another kind than Word's own"),
                Text("请在 Word 中改名或删除该样式", "rename it in Word, or take it out"),
            )


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
