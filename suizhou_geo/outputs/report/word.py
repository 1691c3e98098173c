"""The report as a Word document: real headings, captions with fields, tables that stay whole, the office's template."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Emu, Pt

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.outputs.figures import Sheet
from suizhou_geo.outputs.report import blocks
from suizhou_geo.outputs.report import docx_parts as parts
from suizhou_geo.outputs.report.blocks import STAMP_COLOUR, Chapter, Report, Summary, Table
from suizhou_geo.outputs.report.content import report_of
from suizhou_geo.outputs.report.office_files import clean, write_dated
from suizhou_geo.outputs.report.template import opened
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.symbology import VERDICTS
from suizhou_geo.text import Lang

PRINT_DPI = 200
NOTE_PT = 8.5
CAPTION_ROOM = Cm(1.2)
MOST_NOTE = {"zh": 420, "en": 800}  # characters below a figure
AUTHOR = "suizhou_geo"


def write_word(
    result: Assessed,
    path: Path,
    *,
    figures: Sequence[Sheet] = (),
    lang: Lang = "zh",
    template: Path | None = None,
) -> None:
    """Write the report of a study as a Word document (.docx).

    `figures` are the sheets to put into it. Headings, captions and tables bear Word's own styles (Heading 1 to 3, Caption,
    Table Grid); captions are numbered by SEQ fields, so that lists of figures and tables can be made. With `template`, a
    .docx or .dotx, its styles, headers, footers and page size are kept and its own text is left out; styles it lacks are
    added, which the appendix says. An invented study is stamped in the header of every page. The same input gives the
    same file, byte for byte.

    Errors: InputError for a template that is no Word file; OutputError where `path` cannot be written.

    >>> import tempfile, suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> from suizhou_geo.outputs.report import write_word
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> result = assessed(study, [sg.population_density(study.area)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_word(result, Path(folder) / "report.docx")
    ...     (Path(folder) / "report.docx").stat().st_size > 10_000
    True
    """
    report = report_of(result, figures=figures, lang=lang)
    document, added = opened(template, lang)
    writing = _Writing(document, lang)
    _frame(writing, report, own=template is None)
    _page_one(writing, report)
    writing.begin_contents()
    writing.pictures(report.overview)
    for chapter in report.chapters:
        _chapter(writing, chapter)
    _appendix(writing, report, added)
    writing.fill_contents()
    _properties(document, report)
    write_dated(document, path, report.dated)


@dataclass
class _Writing:
    """A document being written: what has been numbered so far, and where the contents will stand."""

    document: Any
    lang: Lang
    tables: int = 0
    figures: list[tuple[str, str]] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)
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

    def heading(self, text: str, level: int, *, new_page: bool = False) -> None:
        paragraph = self.text(text, f"Heading {level}")
        if new_page:
            paragraph.paragraph_format.page_break_before = True
        if level == 1:
            self.headings.append((text, self._mark(paragraph)))

    def text(self, text: str, style: str = "Normal") -> Any:
        paragraph = self.document.add_paragraph(style=style)
        parts.put(paragraph, text)
        return paragraph

    def term(self, term: str, text: str) -> None:
        paragraph = self.document.add_paragraph(style="Report Step")
        parts.put(paragraph, f"{term}{say('colon', self.lang)}", bold=True)
        parts.put(paragraph, text)

    def sections(self, told: Sequence[tuple[str, Sequence[Table]]]) -> None:
        for heading, tables in told:
            self.heading(heading, 2)
            for table in tables:
                self.table(table)

    def table(self, table: Table) -> None:
        self.tables += 1
        parts.caption(self.document, say("table", self.lang), self.tables, table.title)
        parts.add_table(self.document, table, width=self.width)
        self.text(table.note, "Report Note")

    def figure(self, sheet: Sheet) -> None:
        alt, png = blocks.alternative_text(sheet, self.lang), blocks.small_picture(sheet, dpi=PRINT_DPI)
        note = _shortened(sheet.caption, self.lang)
        lines = 2 + math.ceil(blocks.breadth(note) * NOTE_PT / 2 / self.width.pt * 1.1)
        room = Emu(self.height - CAPTION_ROOM - Pt(lines * NOTE_PT * 1.3))
        parts.add_picture(self.document, png, alt=alt, width=self.width, height=max(room, Emu(self.height // 2)))
        label, number = say("figure", self.lang), len(self.figures) + 1
        paragraph = parts.caption(self.document, label, number, sheet.title)
        self.figures.append((f"{label} {number}  {sheet.title}", self._mark(paragraph)))
        if blocks.note_below(sheet):
            self.text(note, "Report Note")
        else:
            paragraph.paragraph_format.keep_with_next = False

    def pictures(self, sheets: Sequence[Sheet]) -> None:
        """Add figures one a page across, as they are drawn, and turn back."""
        if sheets:
            parts.turn_page(self.document, landscape=True)
            for sheet in sheets:
                self.figure(sheet)
            parts.turn_page(self.document, landscape=False)

    def begin_contents(self) -> None:
        """Leave room for the contents on a new page."""
        heading = self.text(say("contents", self.lang), "TOC Heading")
        heading.paragraph_format.page_break_before = True
        self.contents_end = self.text("")

    def fill_contents(self) -> None:
        """Write the contents where they belong, now that all headings and figures are known."""
        before, width = self.contents_end, self.width
        for text, mark in self.headings:
            parts.contents_line(before, text, style="toc 1", mark=mark, width=width)
        if self.figures:
            before.insert_paragraph_before(say("figures", self.lang), style="TOC Heading")
        for text, mark in self.figures:
            parts.contents_line(before, text, style="table of figures", mark=mark, width=width)

    def _mark(self, paragraph: Any) -> str:
        self.marks += 1
        name = f"_Toc{self.marks:08d}"
        parts.bookmark(paragraph, name, self.marks)
        return name


def _shortened(caption: str, lang: Lang) -> str:
    """A caption that leaves its figure room on the page: cut at the end of a clause; the figure holds all of it."""
    most = MOST_NOTE[lang]
    if len(caption) <= most:
        return caption
    cut = max(caption.rfind(stop, 0, most) for stop in ("；", "。", "; ", ". "))
    return caption[: cut if cut > 0 else most] + say("more_above", lang)


def _frame(writing: _Writing, report: Report, *, own: bool) -> None:
    """Fill header and footer: ours with title and page; a template's own stay, with the stamp above them."""
    section = writing.document.sections[-1]
    headers = [section.header]
    if section.different_first_page_header_footer:
        headers.append(section.first_page_header)
    if writing.document.settings.odd_and_even_pages_header_footer:
        headers.append(section.even_page_header)
    for header in headers:
        header.is_linked_to_previous = False
        first = header.paragraphs[0]
        if own:
            first.alignment = WD_ALIGN_PARAGRAPH.CENTER
            first.style = "Report Note"
            parts.put(first, report.title)
        if report.stamp:
            stamp = first.insert_paragraph_before(style="Report Note")
            stamp.paragraph_format.space_after = Pt(0)
            _stamp(stamp, f"【{report.stamp}】")
    if own:
        foot = section.footer.paragraphs[0]
        foot.alignment, foot.style = WD_ALIGN_PARAGRAPH.CENTER, "Report Note"
        before, between, after = say("page", report.lang, page="\0", pages="\0").split("\0")
        parts.put(foot, before)
        parts.field(foot, "PAGE", "1")
        parts.put(foot, between)
        parts.field(foot, "NUMPAGES", "1")
        parts.put(foot, after)


def _stamp(paragraph: Any, text: str) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    parts.put(paragraph, text, bold=True, colour=STAMP_COLOUR)


def _page_one(writing: _Writing, report: Report) -> None:
    writing.text(report.title, "Title")
    if report.stamp:
        _stamp(writing.text(""), f"【{report.stamp}】{report.stamp_why}")
    for term, text in report.cover:
        writing.term(term, text)
    writing.heading(say("summary", report.lang), 1)
    summary = report.summary
    writing.text(summary.lead)
    if summary.tally:
        _tally(writing, summary)
    if summary.gaps is not None:
        writing.table(summary.gaps)
    for remark in summary.remarks:
        writing.text(remark, "Report Step")
    if summary.steps:
        writing.text(say("next", report.lang), "Heading 3")
        for number, step in enumerate(summary.steps, start=1):
            writing.text(f"{number}. {step}", "Report Step")


def _tally(writing: _Writing, summary: Summary) -> None:
    made = parts.grid(writing.document, 1, [Emu(int(writing.width / len(summary.tally)))] * len(summary.tally))
    for cell, (status, verdict, n) in zip(made.rows[0].cells, summary.tally, strict=True):
        _, colour = VERDICTS[status]
        paragraph = cell.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        parts.put(paragraph, f"{n}", bold=True, colour=colour).font.size = Pt(18)
        parts.put(paragraph, f"\n{verdict}", bold=True, colour=colour)


def _chapter(writing: _Writing, chapter: Chapter) -> None:
    writing.heading(chapter.name, 1, new_page=True)
    if chapter.lead:
        writing.text(chapter.lead)
    writing.sections(chapter.before)
    writing.pictures(chapter.figures)
    writing.sections(chapter.after)
    if chapter.facts:
        writing.heading(say("facts", writing.lang), 2)
    for facts in chapter.facts:
        writing.heading(facts.name, 3)
        for term, text in facts.items:
            writing.term(term, text)


def _appendix(writing: _Writing, report: Report, added: Sequence[str]) -> None:
    writing.heading(say("appendix", report.lang), 1, new_page=True)
    for table in report.appendix:
        writing.heading(table.title, 2)
        if table.rows:
            writing.table(table)
        else:
            writing.text(table.note)
    if added:
        names = say("and", report.lang).join(added)
        writing.text(say("styles_added", report.lang, names=names), "Report Note")


def _properties(document: Any, report: Report) -> None:
    properties = document.core_properties
    properties.title, properties.subject = clean(report.title), clean(report.cover[0][1])[:255]
    properties.author = properties.last_modified_by = AUTHOR
    properties.comments, properties.keywords = report.stamp_why, report.stamp
    properties.language = say("language", report.lang)
    properties.created = properties.modified = report.dated
    properties.revision = 1
