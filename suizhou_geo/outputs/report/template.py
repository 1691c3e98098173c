"""The Word document a report is written into: our own, or the office's template with its styles, headers and page size."""

from __future__ import annotations

import io
import zipfile
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Pt, RGBColor

from suizhou_geo.errors import InputError
from suizhou_geo.standards import table
from suizhou_geo.text import Lang

LATIN, SONG, HEI = "Times New Roman", "SimSun", "SimHei"
INK, SOFT = RGBColor(0x1D, 0x23, 0x2A), RGBColor(0x4D, 0x59, 0x65)
GRID = "Table Grid"
_TEMPLATE_TYPE = b"wordprocessingml.template.main+xml"
_DOCUMENT_TYPE = b"wordprocessingml.document.main+xml"
_TYPES = "[Content_Types].xml"
_CHINESE = "zh-CN"
_LATIN_LANGUAGE = {"zh": "en-US", "en": "en-GB"}


@dataclass(frozen=True)
class Look:
    """How a paragraph style of ours looks; `outline` is the level of a heading (0 is the highest), `own` a name of ours."""

    size_pt: float
    bold: bool = False
    before_pt: float = 0.0
    after_pt: float = 0.0
    outline: int | None = None
    heading: bool = False
    soft: bool = False
    centred: bool = False
    own: bool = False


LOOKS = {name: Look(**row) for name, row in table("word_styles").items()}


def opened(template: Path | None, lang: Lang) -> tuple[Any, tuple[str, ...]]:
    """Return an empty document with every style a report needs, and the names of those a template did not have.

    A template (.docx or .dotx) keeps its styles, page size, headers and footers; its own text is left out. A style it
    lacks is added as ours looks: Word itself writes a built-in style into a file only once it is used.

    Errors: InputError for a template that is missing or no Word file.
    """
    document = docx.Document() if template is None else _read(template)
    _empty(document)
    known = {style.name.lower(): style for style in document.styles}
    if template is None:
        section = document.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.3)
        section.top_margin, section.bottom_margin = Cm(2.3), Cm(2.0)
        _set_language(document, lang)
    missing = []
    for name, look in LOOKS.items():
        style = known.get(name.lower())
        if style is None:
            style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=not look.own)
            if name != "Normal":
                style.base_style = known.get("normal")
            missing += [] if look.own else [name]
        elif template is not None:
            continue
        _dress(style, look)
    if GRID.lower() not in known:
        _add_grid(document)
        missing.append(GRID)
    return document, tuple(missing) if template is not None else ()


def _read(template: Path) -> Any:
    refused = f"the Word template {template} cannot be used"
    if not template.is_file():
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


def _dress(style: Any, look: Look) -> None:
    font, form = style.font, style.paragraph_format
    font.size, font.bold, font.italic = Pt(look.size_pt), look.bold, False
    font.color.rgb = SOFT if look.soft else INK
    _set_fonts(style.element.get_or_add_rPr(), HEI if look.heading else SONG)
    form.space_before, form.space_after = Pt(look.before_pt), Pt(look.after_pt)
    form.line_spacing = 1.1
    if look.heading and not look.centred:
        form.keep_with_next = True
    if look.centred:
        form.alignment = WD_ALIGN_PARAGRAPH.CENTER
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)
    if look.outline is not None and properties.find(qn("w:outlineLvl")) is None:
        properties.append(element("outlineLvl", val=str(look.outline)))


def element(tag: str, /, **attributes: str) -> Any:
    """Return an element of a Word document, tag and attributes as the format calls them: element("shd", val="clear")."""
    made = OxmlElement(f"w:{tag}")
    for attribute, value in attributes.items():
        made.set(qn(f"w:{attribute}"), value)
    return made


def _set_fonts(properties: Any, east_asian: str) -> None:
    """Give a style its Latin and its Chinese font; theme fonts, which would win over them, are taken out."""
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for script, font in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", east_asian)):
        fonts.set(qn(f"w:{script}"), font)


def _set_language(document: Any, lang: Lang) -> None:
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LATIN_LANGUAGE[lang])
        language.set(qn("w:eastAsia"), _CHINESE)


def _add_grid(document: Any) -> None:
    """Add the table style of thin lines on all sides."""
    style = document.styles.add_style(GRID, WD_STYLE_TYPE.TABLE, builtin=True)
    borders, properties = element("tblBorders"), element("tblPr")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(element(side, val="single", sz="4", space="0", color="auto"))
    properties.append(borders)
    style.element.append(properties)
