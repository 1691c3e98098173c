"""The parts of a Word document that python-docx has no name for: fields, captions, contents, pages across, whole tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Emu, RGBColor

from suizhou_geo.outputs.report.blocks import Table
from suizhou_geo.outputs.report.office_files import clean
from suizhou_geo.outputs.report.template import GRID
from suizhou_geo.standards.symbology import VERDICTS

HEAD_FILL = "E9EDF1"
STAMP_RED = RGBColor(0xA3, 0x00, 0x00)


def put(paragraph: Any, text: str, *, bold: bool | None = None, colour: str = "") -> Any:
    """Add a run of text; line breaks stay line breaks, and what XML cannot hold is replaced."""
    run = paragraph.add_run(clean(text).replace("\t", " "))
    run.bold = bold
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
    return run


def paragraph_of(document: Any, text: str, style: str) -> Any:
    """Add a paragraph of one text in a style."""
    paragraph = document.add_paragraph(style=style)
    put(paragraph, text)
    return paragraph


def field(paragraph: Any, instruction: str, result: str = "") -> None:
    """Add a field: PAGE, SEQ, PAGEREF …; `result` is what it shows until it is updated."""
    _mark(paragraph, "begin")
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    paragraph.add_run()._r.append(code)
    _mark(paragraph, "separate")
    if result:
        put(paragraph, result)
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str) -> None:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    paragraph.add_run()._r.append(mark)


def caption(document: Any, label: str, number: int, text: str) -> Any:
    """Add a caption with a SEQ field, so that Word can renumber it and list it; return the paragraph."""
    paragraph = document.add_paragraph(style="Caption")
    put(paragraph, f"{label} ")
    field(paragraph, f"SEQ {label} \\* ARABIC", str(number))
    put(paragraph, f"  {text}")
    return paragraph


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """Put a bookmark round a paragraph, for the contents to point at."""
    start, stop = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, stop):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    place = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(place, start)
    paragraph._p.append(stop)


def contents_line(before: Any, text: str, *, style: str, mark: str, width: Emu) -> None:
    """Add a line of contents before a paragraph: a link to a bookmark, and the number of its page as a field."""
    paragraph = before.insert_paragraph_before(style=style)
    paragraph.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), mark)
    link.set(qn("w:history"), "1")
    link.append(put(paragraph, text)._r)
    paragraph._p.append(link)
    put(paragraph, "")._r.append(OxmlElement("w:tab"))
    field(paragraph, f"PAGEREF {mark} \\h")


def add_table(document: Any, table: Table, *, width: Emu) -> Any:
    """Add a table as wide as the text: the head repeated on every page, no row cut in two, numbers to the right."""
    total = sum(column.width for column in table.columns)
    widths = [Emu(int(width * column.width / total)) for column in table.columns]
    made = grid(document, 1 + len(table.rows), widths)
    for cell, column in zip(made.rows[0].cells, table.columns, strict=True):
        _fill(cell, column.name, bold=True, numbers=column.numbers)
        _shade(cell, HEAD_FILL)
    _flag(made.rows[0], "w:tblHeader")
    for row, cells in zip(list(made.rows)[1:], table.rows, strict=True):
        for target, one, column in zip(row.cells, cells, table.columns, strict=True):
            colour = VERDICTS[one.status][1] if one.status else ""
            _fill(target, one.text, bold=bool(one.status) or None, numbers=column.numbers, colour=colour)
    return made


def grid(document: Any, rows: int, widths: Sequence[Emu]) -> Any:
    """Add an empty table with fixed column widths whose rows are never cut in two."""
    made = document.add_table(rows=rows, cols=len(widths), style=GRID)
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    small = document.styles["Report Table"].style_id  # by name, each cell would look through all styles
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for row in made.rows:
        _flag(row, "w:cantSplit")
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width
            cell.paragraphs[0]._p.style = small
    return made


def add_picture(document: Any, png: bytes, *, alt: str, width: Emu, height: Emu) -> None:
    """Add a picture as large as fits into a width and a height, kept with its caption, with its alternative text."""
    paragraph = document.add_paragraph(style="Normal")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.line_spacing = 1.0
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=width)
    if shape.height > height:
        shape.width, shape.height = Emu(int(shape.width * height / shape.height)), height
    shape._inline.docPr.set("descr", clean(alt))


def turn_page(document: Any, *, landscape: bool) -> None:
    """Begin a section on a new page, upright or across, with the headers and footers of the one before."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    wide, high = max(section.page_width, section.page_height), min(section.page_width, section.page_height)
    section.page_width, section.page_height = (wide, high) if landscape else (high, wide)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.different_first_page_header_footer = False
    for numbering in section._sectPr.findall(qn("w:pgNumType")):
        section._sectPr.remove(numbering)


def breadth_pt(text: str, size_pt: float) -> float:
    """How wide a text runs in one line, roughly: Chinese characters are as wide as high, others half."""
    return sum(size_pt if ord(c) > 0x2E7F else size_pt / 2 for c in text)


def _fill(cell: Any, text: str, *, bold: bool | None, numbers: bool, colour: str = "") -> None:
    paragraph = cell.paragraphs[0]
    put(paragraph, text, bold=bold, colour=colour)
    if numbers:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _shade(cell: Any, fill: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _flag(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))
