"""The parts of a Word document that python-docx has no name for: fields, captions, contents, pages across, whole tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, RGBColor

from suizhou_geo.outputs.report.blocks import HEAD_FILL, Table
from suizhou_geo.outputs.report.template import GRID, element
from suizhou_geo.sources.workbooks import clean

ACROSS_MARGIN, ACROSS_EDGE = Cm(2.0), Cm(1.2)  # at most, of a page across, whose tables are large; header and footer
SHORT_TABLE = 12  # rows: one that is no longer is not parted between pages


def put(paragraph: Any, text: str, *, bold: bool | None = None, colour: str = "") -> Any:
    """Add a run of text; line breaks stay line breaks, and what XML cannot hold is replaced."""
    run = paragraph.add_run(clean(text).replace("\t", " "))
    run.bold = bold
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
    return run


def field(paragraph: Any, instruction: str, result: str = "") -> None:
    """Add a field: PAGE, SEQ, PAGEREF …; `result` is what it shows until it is updated."""
    code = element("instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    for part in (element("fldChar", fldCharType="begin"), code, element("fldChar", fldCharType="separate")):
        paragraph.add_run()._r.append(part)
    if result:
        put(paragraph, result)
    paragraph.add_run()._r.append(element("fldChar", fldCharType="end"))


def caption(document: Any, label: str, number: int, text: str) -> Any:
    """Add a caption with a SEQ field, so that Word can renumber it and list it; return the paragraph."""
    paragraph = document.add_paragraph(style="Caption")
    put(paragraph, f"{label} ")
    field(paragraph, f"SEQ {label} \\* ARABIC", str(number))
    put(paragraph, f"  {text}")
    return paragraph


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """Put a bookmark round a paragraph, for the contents to point at."""
    place = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(place, element("bookmarkStart", id=str(number), name=name))
    paragraph._p.append(element("bookmarkEnd", id=str(number)))


def contents_line(before: Any, text: str, *, style: str, mark: str, width: Emu) -> None:
    """Add a line of contents before a paragraph: a link to a bookmark, and the number of its page as a field."""
    paragraph = before.insert_paragraph_before(style=style)
    paragraph.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    link = element("hyperlink", anchor=mark, history="1")
    link.append(put(paragraph, text)._r)
    paragraph._p.append(link)
    put(paragraph, "")._r.append(element("tab"))
    field(paragraph, f"PAGEREF {mark} \\h")


def add_table(document: Any, table: Table, *, width: Emu) -> Any:
    """Add a table as wide as the text: the head repeated on every page, no row cut in two, a short one whole, numbers to
    the right."""
    made = grid(document, 1 + len(table.rows), [Emu(int(width * share)) for share in table.shares])
    for cell, column in zip(made.rows[0].cells, table.columns, strict=True):
        _fill(cell, column.name, bold=True, numbers=column.numbers)
        cell._tc.get_or_add_tcPr().append(element("shd", val="clear", color="auto", fill=HEAD_FILL))
    _flag(made.rows[0], "tblHeader")
    for row, cells, spans in zip(list(made.rows)[1:], table.rows, table.spans, strict=True):
        for target, one, column, span in zip(row.cells, cells, table.columns, spans, strict=True):
            if span:
                _fill(target, one.text, bold=bool(one.status) or None, numbers=column.numbers, colour=one.colour)
            if span != 1:
                target._tc.get_or_add_tcPr().append(element("vMerge", val="restart" if span else "continue"))
    for row in list(made.rows)[:-1] if len(table.rows) <= SHORT_TABLE else []:
        for cell in row.cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
    return made


def grid(document: Any, rows: int, widths: Sequence[Emu]) -> Any:
    """Add an empty table with fixed column widths whose rows are never cut in two."""
    made = document.add_table(rows=rows, cols=len(widths), style=GRID)
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    small = document.styles["Report Table"].style_id  # by name, each cell would look through all styles
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    for row in made.rows:
        _flag(row, "cantSplit")
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
    if landscape and section.orientation != WD_ORIENT.LANDSCAPE:  # the margins turn with the page
        top, right, bottom, left = section.top_margin, section.right_margin, section.bottom_margin, section.left_margin
        section.top_margin, section.bottom_margin = min(left, ACROSS_MARGIN), min(right, ACROSS_MARGIN)
        section.right_margin, section.left_margin = min(top, ACROSS_MARGIN), min(bottom, ACROSS_MARGIN)
        section.header_distance = min(section.header_distance, ACROSS_EDGE)
        section.footer_distance = min(section.footer_distance, ACROSS_EDGE)
    section.page_width, section.page_height = (wide, high) if landscape else (high, wide)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.different_first_page_header_footer = False
    for numbering in section._sectPr.findall(qn("w:pgNumType")):
        section._sectPr.remove(numbering)


def _fill(cell: Any, text: str, *, bold: bool | None, numbers: bool, colour: str = "") -> None:
    paragraph = cell.paragraphs[0]
    put(paragraph, text, bold=bold, colour=colour)
    if numbers:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _flag(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(element(name))
