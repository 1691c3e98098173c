"""A report as a Word document: real headings, captions with fields, tables that stay whole, the office's template."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Emu, Pt

from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures import Sheet
from suizhou_geo.outputs.report import docx_parts as parts
from suizhou_geo.outputs.report.blocks import (
    LEVELS,
    STAMP_COLOUR,
    Block,
    Report,
    Steps,
    Table,
    Tally,
    alternative_text,
)
from suizhou_geo.outputs.report.office_files import write_dated
from suizhou_geo.outputs.report.template import opened
from suizhou_geo.outputs.report.words import say
from suizhou_geo.sources.workbooks import clean
from suizhou_geo.standards.symbology import VERDICTS

CAPTION_ROOM = Cm(1.6)
AUTHOR = "suizhou_geo"


def write_word(report: Report, path: Path, *, template: Path | None = None) -> None:
    """Write a report or its annex as a Word document (.docx).

    The document is built on the template that comes with the package, in the form of official documents (GB/T 9704-2012),
    or on `template`, a .docx or .dotx: its styles, headers, footers and page size are kept, its own text is left out, and
    styles it lacks are added, which the last page says. Headings, captions and tables bear Word's own styles (Heading 1 to
    3, Caption, Table Grid); captions are numbered by SEQ fields. An invented study is stamped in the header of every page.
    The same input gives the same file, byte for byte.

    Errors: InputError for a template that is no Word file; OutputError where `path` cannot be written.

    >>> import tempfile, suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> from suizhou_geo.outputs.report import report_of, write_word
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> report = report_of(assessed(study, [sg.population_density(study.area)]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_word(report, Path(folder) / "report.docx")
    ...     (Path(folder) / "report.docx").stat().st_size > 10_000
    True
    """
    document, added = opened(template, report.lang)
    writing = _Writing(document, report.lang)
    _stamp_headers(document, report)
    _cover(writing, report)
    writing.begin_contents()
    for place, (level, heading, section) in enumerate(report.outline):
        writing.heading(heading, min(level, LEVELS), new_page=place == 0)
        for block in section.blocks:
            writing.block(block)
    if report.attached:
        parts.turn_page(document, landscape=True)
        for one in report.attached:
            writing.attach(one)
    if added:
        writing.text(say("styles_added", report.lang, names=say("and", report.lang).join(added)), "Report Note")
    writing.fill_contents()
    _properties(document, report)
    write_dated(document, path, report.dated)


@dataclass
class _Writing:
    """A document being written: what has been numbered so far, and where the contents will stand."""

    document: Any
    lang: Lang
    numbers: dict[str, int] = field(default_factory=dict)
    listed: list[tuple[str, str]] = field(default_factory=list)
    attached: list[tuple[str, str]] = field(default_factory=list)
    marks: int = 0
    contents_end: Any = None

    @property
    def width(self) -> Emu:
        section = self.document.sections[-1]
        return Emu(section.page_width - section.left_margin - section.right_margin)

    @property
    def height(self) -> Emu:
        section = self.document.sections[-1]
        return Emu(section.page_height - section.top_margin - section.bottom_margin)

    def heading(self, text: str, level: int, *, new_page: bool) -> None:
        paragraph = self.text(text, f"Heading {level}")
        if new_page:
            paragraph.paragraph_format.page_break_before = True
        if level == 1:
            self.listed.append((text, self._mark(paragraph)))

    def text(self, text: str, style: str = "Normal") -> Any:
        paragraph = self.document.add_paragraph(style=style)
        parts.put(paragraph, text)
        return paragraph

    def block(self, block: Block) -> None:
        """Add a paragraph, a table, a tally, numbered sentences, or terms with what they mean."""
        if isinstance(block, str):
            self.text(block)
        elif isinstance(block, Table):
            self.table(block, "table")
        elif isinstance(block, Tally):
            self._tally(block)
        elif isinstance(block, Steps):
            for number, sentence in enumerate(block.sentences, start=1):
                self.text(f"{number}. {sentence}")
        else:
            for term, told in block.items:
                paragraph = self.document.add_paragraph(style="Report Term")
                parts.put(paragraph, f"{term}{say('colon', self.lang)}", bold=True)
                parts.put(paragraph, told)

    def attach(self, one: Table | Sheet) -> None:
        """Add an appended table, or an appended figure on a page of its own."""
        if isinstance(one, Table):
            paragraph = self.table(one, "attached_table")
            listed = f"{say('attached_table', self.lang)} {self.numbers['attached_table']}  {one.title}"
        else:
            self._picture(one)
            listed = f"{one.called}  {one.title}"
            paragraph = self.text(listed, "Caption")
            paragraph.paragraph_format.keep_with_next = False
        self.attached.append((listed, self._mark(paragraph)))

    def table(self, table: Table, label: str) -> Any:
        """Add a table with its caption and its note; return the caption."""
        paragraph = self._caption(label, table.title)
        parts.add_table(self.document, table, width=self.width)
        self.text(table.note, "Report Note")
        return paragraph

    def begin_contents(self) -> None:
        """Leave room for the contents on a new page."""
        heading = self.text(say("contents", self.lang), "TOC Heading")
        heading.paragraph_format.page_break_before = True
        self.contents_end = self.text("", "toc 1")

    def fill_contents(self) -> None:
        """Write the contents where they belong, now that all headings and attachments are known."""
        width = self.document.sections[0].page_width
        width -= self.document.sections[0].left_margin + self.document.sections[0].right_margin
        for text, mark in (*self.listed, *self.attached):
            parts.contents_line(self.contents_end, text, style="toc 1", mark=mark, width=Emu(width))

    def _caption(self, label: str, title: str) -> Any:
        self.numbers[label] = self.numbers.get(label, 0) + 1
        return parts.caption(self.document, say(label, self.lang), self.numbers[label], title)

    def _picture(self, sheet: Sheet) -> None:
        alt, room = alternative_text(sheet, self.lang), Emu(self.height - CAPTION_ROOM)
        parts.add_picture(self.document, sheet.png, alt=alt, width=self.width, height=room)

    def _tally(self, tally: Tally) -> None:
        made = parts.grid(self.document, 1, [Emu(int(self.width / len(tally.counts)))] * len(tally.counts))
        for cell, (status, verdict, n) in zip(made.rows[0].cells, tally.counts, strict=True):
            _, colour = VERDICTS[status]
            paragraph = cell.paragraphs[0]
            paragraph.alignment, paragraph.paragraph_format.line_spacing = WD_ALIGN_PARAGRAPH.CENTER, 1.0
            parts.put(paragraph, f"{n}", bold=True, colour=colour).font.size = Pt(18)
            parts.put(paragraph, f"\n{verdict}", bold=True, colour=colour).font.size = Pt(12)

    def _mark(self, paragraph: Any) -> str:
        self.marks += 1
        name = f"_Toc{self.marks:08d}"
        parts.bookmark(paragraph, name, self.marks)
        return name


def _stamp_headers(document: Any, report: Report) -> None:
    """Put the stamp of an invented study into every kind of header there is, above what an office's template has there."""
    if not report.stamp:
        return
    section = document.sections[-1]
    headers = [section.header]
    if section.different_first_page_header_footer:
        headers.append(section.first_page_header)
    if document.settings.odd_and_even_pages_header_footer:
        headers.append(section.even_page_header)
    for header in headers:
        header.is_linked_to_previous = False
        first = header.paragraphs[0]
        stamp = first.insert_paragraph_before(style="Report Note") if first.text else first
        _stamp(stamp, f"【{report.stamp}】")


def _stamp(paragraph: Any, text: str) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = Pt(0)
    parts.put(paragraph, text, bold=True, colour=STAMP_COLOUR)


def _cover(writing: _Writing, report: Report) -> None:
    title = writing.text(report.title.replace(say("colon", report.lang), "\n", 1), "Title")
    title.paragraph_format.space_before = Emu(writing.height // 4)
    writing.text(report.subject, "Report Cover")
    if report.stamp:
        _stamp(writing.text("", "Report Cover"), report.stamp_why)
    for place, (term, told) in enumerate(report.cover):
        line = writing.text(
            f"{term}{say('colon', report.lang)}{told or say('to_fill_in', report.lang)}", "Report Cover"
        )
        if place == 0:
            line.paragraph_format.space_before = Emu(writing.height // 4)


def _properties(document: Any, report: Report) -> None:
    properties = document.core_properties
    properties.title, properties.subject = clean(report.title), clean(report.subject)[:255]
    properties.author = properties.last_modified_by = AUTHOR
    properties.comments, properties.keywords = report.stamp_why, report.stamp
    properties.language = say("language", report.lang)
    properties.created = properties.modified = report.dated
    properties.revision = 1
