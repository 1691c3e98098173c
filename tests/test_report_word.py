"""The Word report: read back, with the office's template, and through LibreOffice."""

import io
import re
import runpy
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, RGBColor

from suizhou_geo.assessment.scorecard import table_of
from suizhou_geo.errors import InputError, OutputError
from suizhou_geo.outputs.report import annex_of, report_of, write_word
from suizhou_geo.outputs.report.docx_parts import SHORT_TABLE
from suizhou_geo.outputs.report.template import check_template, opened

TOWN = runpy.run_path(str(Path(__file__).parent / "report_town.py"))
HOSTILE, drawn_sheets = TOWN["HOSTILE"], TOWN["drawn_sheets"]
results_of, study_of, town = TOWN["results_of"], TOWN["study_of"], TOWN["town"]


@pytest.fixture(scope="module")
def results():
    return results_of(study_of(town(invented=True)))


@pytest.fixture(scope="module")
def written(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("word") / "report.docx"
    write_word(report_of(results, figures=drawn_sheets()), path)
    return path


@pytest.fixture(scope="module")
def document(written):
    return docx.Document(str(written))


def _instructions(document):
    return [element.text.strip() for element in document.element.body.iter(qn("w:instrText"))]


def _styled(document, style):
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == style]


@pytest.mark.slow
def test_headings_are_the_sections_with_their_numbers(results, document):
    report = report_of(results)
    for level in (1, 2):
        told = [heading for at, heading, _ in report.outline if at == level]
        assert _styled(document, f"Heading {level}") == told
    assert _styled(document, "Title") == ["小城\n规划承诺评估报告"]
    assert "（四）道路与通行" in _styled(document, "Heading 2")


def test_captions_are_numbered_by_fields(results, document):
    report, captions = report_of(results), _styled(document, "Caption")
    appended = [caption for caption in captions if caption.startswith("附表")]
    assert [int(re.match(r"附表 (\d+)", caption)[1]) for caption in appended] == [1, 2, 3, 4, 5]
    assert [caption for caption in captions if caption.startswith("附图")] == [
        "附图01  图题 overview <b>",
        "附图04  图题 roads <b>",
    ]
    fields = _instructions(document)
    assert fields.count("SEQ 附表 \\* ARABIC") == 5
    assert not [code for code in fields if "附图" in code]  # Word would number them anew: 1, 2
    assert fields.count("SEQ 表 \\* ARABIC") == 1
    assert len(document.tables) == len(report.tables) + 1  # the tally has no caption
    assert captions[0] == "表 1  主要差距"


def test_the_contents_point_at_bookmarks_that_are_there(document):
    body = document.element.body
    marks = {mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))}
    links = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink"))]
    asked = [field.split()[1] for field in _instructions(document) if field.startswith("PAGEREF")]
    assert links == asked
    assert set(links) <= marks
    assert len(links) == len(_styled(document, "Heading 1")) + 5 + 2
    ids = [mark.get(qn("w:id")) for mark in body.iter(qn("w:bookmarkStart"))]
    assert len(set(ids)) == len(ids)


def test_the_numbers_are_those_of_the_scorecard(results, document):
    card = table_of(results.rows, "zh")
    density = card.set_index("key").loc["road_density"]
    row = next(
        [cell.text for cell in row.cells]
        for table in document.tables
        for row in table.rows
        if row.cells[1].text == "城区道路网密度" and len(row.cells) == 8
    )
    assert row[1:] == [
        "城区道路网密度",
        "一、（三）8",
        f"不低于 {density['target']:g} km/km²",
        "1.25 km/km²",
        "差 6.75 km/km²",
        "13.50 km",
        "✗ 未达到",
    ]
    assert density["value"] == pytest.approx(1.25)
    tally = [cell.text for cell in document.tables[0].rows[0].cells]
    assert [int(text.split("\n")[0]) for text in tally] == [
        int((card["status"][~card["key"].str.contains("@")] == s).sum())
        for s in ("met", "missed", "cannot_tell", "no_data")
    ]


def test_tables_stay_whole_and_fit_the_page(document):
    upright, across = (s.page_width - s.left_margin - s.right_margin for s in document.sections)
    for place, table in enumerate(document.tables[1:]):
        room = across if place else upright  # the first stands among the conclusions
        head = table.rows[0]._tr.trPr
        assert head.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert sum(cell.width for cell in table.rows[0].cells) <= room + 635 * len(
            table.columns
        )  # Word counts in twips
        assert table.style.name == "Table Grid"


def test_pages_across_give_their_room_to_the_tables_and_short_ones_are_not_parted(document):
    across = document.sections[1]
    assert max(across.top_margin, across.bottom_margin, across.left_margin, across.right_margin) < Cm(2.01)
    assert across.header_distance < across.top_margin
    kept = {}
    for table in document.tables[1:]:
        rows = [all(c.paragraphs[0].paragraph_format.keep_with_next for c in row.cells) for row in table.rows]
        kept.setdefault(len(rows) - 1 <= SHORT_TABLE, []).append(rows)
    assert all(rows == [True] * (len(rows) - 1) + [False] for rows in kept[True])
    assert all(not any(rows) for rows in kept[False])
    assert not any(p.paragraph_format.page_break_before for p in document.paragraphs if p.style.name == "Caption")


def test_pictures_fit_and_have_alternative_text(document):
    section = document.sections[1]
    assert section.page_width > section.page_height  # figures stand across
    for shape in document.inline_shapes:
        assert shape.width <= section.page_width - section.left_margin - section.right_margin
        assert shape.height <= section.page_height - section.top_margin - section.bottom_margin
        assert shape.width / shape.height == pytest.approx(1.5, rel=0.01)
    told = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert told == ["图题 overview <b>。 说明 overview & more", "图题 roads <b>。 说明 roads & more"]


def test_cells_that_rows_have_in_common_are_one_cell(document):
    problems = next(
        table for table in document.tables if table.rows[0].cells[3].text == "差距" and len(table.columns) == 6
    )
    merges = [cell.get(qn("w:val")) for cell in problems._tbl.iter(qn("w:vMerge"))]
    assert merges.count("restart") >= 1
    assert merges.count("continue") >= merges.count("restart")
    rows = [[cell.text for cell in row.cells] for row in problems.rows[1:]]
    assert all(row[1] for row in rows)  # read across a merge, every row has its measure


def test_chinese_has_a_font_in_every_style_used(document):
    used = {paragraph.style.name for paragraph in document.paragraphs} | {"Report Table"}
    for name in used:
        fonts = document.styles[name].element.rPr.find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) in ("仿宋", "黑体", "楷体", "方正小标宋简体"), name
        assert fonts.get(qn("w:asciiTheme")) is None, name


def test_the_page_is_that_of_official_documents(document):
    """GB/T 9704-2012: 156 mm by 225 mm of text, 22 lines of size 16, the title in size 22, page numbers on the outer side."""
    page = document.sections[0]
    assert page.page_width - page.left_margin - page.right_margin == pytest.approx(Mm(156), abs=Mm(0.1))
    assert page.page_height - page.top_margin - page.bottom_margin == pytest.approx(Mm(225), abs=Mm(0.1))
    normal = document.styles["Normal"]
    assert normal.font.size.pt == 16
    assert 225 / 25.4 * 72 // normal.paragraph_format.line_spacing.pt == 22
    assert document.styles["Title"].font.size.pt == 22
    odd, even = page.footer.paragraphs[0], page.even_page_footer.paragraphs[0]
    assert (odd.text, even.text) == ("— 1 —", "— 1 —")
    assert (odd.alignment, even.alignment) == (WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT)
    assert document.settings.odd_and_even_pages_header_footer


def test_the_cover_has_a_line_for_what_the_study_does_not_say(document):
    cover = _styled(document, "Report Cover")
    assert cover[-2:] == ["编制单位：________________", "编制日期：________________"]


def test_the_contents_name_sections_and_attachments_as_they_are_called(document):
    listed = [text.split("\t")[0] for text in _styled(document, "toc 1") if text]
    attached = [caption for caption in _styled(document, "Caption") if caption.startswith("附")]
    assert listed == [*_styled(document, "Heading 1"), *attached]


def test_the_footer_holds_the_page(document):
    fields = [element.text.strip() for element in document.sections[0].footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE"]


def test_an_invented_study_is_stamped_on_every_page(document):
    first = document.sections[0]
    assert first.different_first_page_header_footer
    for header in (first.header, first.first_page_header, first.even_page_header):
        assert [p.text for p in header.paragraphs] == ["【虚构数据，不是随州】"]
    for section in document.sections[1:]:
        assert not section.different_first_page_header_footer
        assert all(header.is_linked_to_previous for header in (section.header, section.even_page_header))
    assert any("均为虚构" in paragraph.text for paragraph in document.paragraphs[:3])


@pytest.mark.slow
def test_a_real_study_is_not_stamped(tmp_path):
    write_word(report_of(results_of(study_of(town()))), tmp_path / "r.docx")
    with zipfile.ZipFile(tmp_path / "r.docx") as archive:
        assert not [name for name in archive.namelist() if "虚构" in archive.read(name).decode("utf-8", "ignore")]


@pytest.mark.slow
def test_the_same_input_gives_the_same_file_and_no_date_of_today(results, written, tmp_path):
    write_word(report_of(results, figures=drawn_sheets()), tmp_path / "again.docx")
    assert (tmp_path / "again.docx").read_bytes() == written.read_bytes()
    properties = docx.Document(str(written)).core_properties
    assert properties.modified.isoformat() == "2024-05-01T08:00:00+00:00"
    assert properties.created == properties.modified
    with zipfile.ZipFile(written) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2024, 5, 1, 8, 0, 0)}


@pytest.mark.slow
def test_names_that_word_cannot_hold_are_written_all_the_same(tmp_path):
    area = town()
    area = replace(area, zones=area.zones.assign(name=[HOSTILE, "东\x00\x0b区"]))
    write_word(annex_of(results_of(study_of(area, findings=("bad \x01 name",)))), tmp_path / "r.docx")
    text = "\n".join(
        cell.text
        for table in docx.Document(str(tmp_path / "r.docx")).tables
        for row in table.rows
        for cell in row.cells
    )
    assert HOSTILE in text
    assert "东\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}区" in text
    assert "bad \N{REPLACEMENT CHARACTER} name" in text


# --- the office's template ---


def _template(path, *, without=()):
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height, section.left_margin = Cm(18.4), Cm(26.0), Cm(3)
    section.header.paragraphs[0].text = "随州市自然资源和规划局"
    section.footer.paragraphs[0].text = "内部资料"
    document.styles["Heading 1"].font.color.rgb = RGBColor(0x12, 0x34, 0x56)
    document.add_paragraph("这里是模板的正文")
    for name in without:
        style = document.styles[name].element
        style.getparent().remove(style)
    document.save(str(path))
    return path


def _written_into(template, folder, results):
    write_word(report_of(results, figures=drawn_sheets()), folder / "r.docx", template=template)
    return docx.Document(str(folder / "r.docx"))


@pytest.mark.slow
def test_a_template_keeps_its_styles_headers_and_page_size(results, tmp_path):
    document = _written_into(_template(tmp_path / "t.docx"), tmp_path, results)
    upright, across = document.sections[0], document.sections[1]
    assert [round(upright.page_width.cm, 1), round(upright.left_margin.cm, 1)] == [18.4, 3.0]
    assert [round(across.page_width.cm, 1), round(across.page_height.cm, 1)] == [26.0, 18.4]
    assert [p.text for p in upright.header.paragraphs] == ["【虚构数据，不是随州】", "随州市自然资源和规划局"]
    assert upright.footer.paragraphs[0].text == "内部资料"
    assert document.styles["Heading 1"].font.color.rgb == RGBColor(0x12, 0x34, 0x56)
    assert "这里是模板的正文" not in [p.text for p in document.paragraphs]
    for shape in document.inline_shapes:
        assert shape.width <= Cm(26.0) - across.left_margin - across.right_margin


@pytest.mark.slow
def test_a_template_of_two_sections_keeps_the_header_the_last_one_inherits(results, tmp_path):
    path = _template(tmp_path / "t.docx")
    document = docx.Document(str(path))
    document.add_section()
    document.save(str(path))
    written = _written_into(path, tmp_path, results)
    assert written.sections[0].header.paragraphs[-1].text == "随州市自然资源和规划局"


@pytest.mark.slow
def test_a_dotx_is_a_template_too(results, tmp_path):
    source = io.BytesIO(_template(tmp_path / "t.docx").read_bytes())
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "t.dotx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(b"document.main+xml", b"template.main+xml")
            new.writestr(name, content)
    document = _written_into(tmp_path / "t.dotx", tmp_path, results)
    assert document.sections[0].header.paragraphs[-1].text == "随州市自然资源和规划局"


@pytest.mark.slow
def test_styles_a_template_lacks_are_added_and_told_once(results, tmp_path):
    template = _template(tmp_path / "t.docx", without=("Caption", "Heading 3", "Table Grid"))
    document = _written_into(template, tmp_path, results)
    assert document.styles["Caption"].type == WD_STYLE_TYPE.PARAGRAPH
    assert document.styles["Heading 3"].element.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) == "2"
    assert document.styles["Table Grid"].type == WD_STYLE_TYPE.TABLE
    told = [p.text for p in document.paragraphs if "模板缺少样式" in p.text]
    assert len(told) == 1
    assert all(name in told[0] for name in ("Caption", "Heading 3", "Table Grid"))
    assert "Heading 1" not in told[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.docx", b"PK not a zip"), ("t.doc", b"\xd0\xcf\x11\xe0 old Word"), ("missing.docx", None)],
)
def test_a_template_that_is_no_word_file_is_told_in_one_sentence(results, tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"Word template .*{name} cannot be used: .*\.docx") as told:
        _written_into(tmp_path / name, tmp_path, results)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "r.docx").exists()


def test_an_excel_file_is_no_template(results, tmp_path):
    with zipfile.ZipFile(tmp_path / "book.docx", "w") as archive:
        archive.writestr("hello.txt", "no document in here")
    with pytest.raises(InputError, match="not a Word file"):
        _written_into(tmp_path / "book.docx", tmp_path, results)


def _changed(template, **parts):
    """A template with something replaced in its parts, or with parts more."""
    source = io.BytesIO(template.read_bytes())
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(template, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            for part, (before, after) in parts.items():
                if name.endswith((f"{part}.xml", f"{part}.xml.rels")):
                    content = content.replace(before, after)
            new.writestr(name, content)
        for part, (before, after) in parts.items():
            if not before:
                new.writestr(f"word/{part}", after)
    return template


_REL = b'<Relationship Id="rX" TargetMode="External" Target="http://example.invalid/x" Type="http://schemas.openxmlformats.org/'
_KIND = b'officeDocument/2006/relationships/%s"/></Relationships>'
_RELS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    + _REL
    + _KIND % b"attachedTemplate"
)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"vbaProject.bin": (b"", b"Sub AutoOpen()")}, "it holds macros"),
        (
            {
                "document": (
                    b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                    b"http://purl.oclc.org/ooxml/w",
                )
            },
            "Strict Open XML",
        ),
        (
            {"document": (b"</Relationships>", _REL + _KIND % b"image")},
            "takes in another file \\(http://example.invalid/x",
        ),
        (
            {"styles": (b'w:type="paragraph" w:styleId="Heading1"', b'w:type="character" w:styleId="Heading1"')},
            "Heading 1",
        ),
        ({"styles": (b"</w:styles>", b"")}, "damaged"),
        ({"document": (b"</w:body>", b"")}, "damaged"),
        ({"media/x": (b"", bytes(30_000_000))}, "more than such a file can hold"),
    ],
)
def test_a_template_that_a_report_cannot_be_written_into_is_told_at_once(parts, said, tmp_path):
    template = _changed(_template(tmp_path / "t.docx"), **parts)
    with pytest.raises(InputError, match=said) as told:
        check_template(template)
    assert "\n" not in str(told.value)


@pytest.mark.slow
def test_the_link_of_a_template_to_its_own_template_is_not_passed_on(tmp_path):
    template = _template(tmp_path / "t.docx")
    attached = (
        b'<w:attachedTemplate r:id="rX" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
    )
    _changed(
        template, **{"word/settings": (b"<w:zoom", attached + b"<w:zoom"), "_rels/settings.xml.rels": (b"", _RELS)}
    )
    assert b"example.invalid" in b"".join(_parts(template))
    document, _ = opened(template, "zh")
    document.save(tmp_path / "r.docx")
    assert b"attachedTemplate" not in b"".join(_parts(tmp_path / "r.docx"))
    assert b"example.invalid" not in b"".join(_parts(tmp_path / "r.docx"))


def _parts(path):
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


@pytest.mark.slow
def test_a_template_without_a_page_size_gets_ours(results, tmp_path):
    template = _template(tmp_path / "t.docx")
    document = docx.Document(str(template))
    for kind in ("w:pgSz", "w:pgMar"):
        last = document.element.body.sectPr
        last.remove(last.find(qn(kind)))
    document.save(str(template))
    written = _written_into(template, tmp_path, results)
    assert round(written.sections[0].page_width.cm, 1) == 21.0


@pytest.mark.slow
def test_a_place_that_cannot_be_written_is_told(results, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_word(report_of(results), tmp_path / "no" / "r.docx")


# --- what an office program makes of it ---


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_libreoffice_shows_tables_figures_and_chinese(tmp_path, lang):
    if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    results = results_of(study_of(town(invented=True)))
    report = report_of(results, figures=drawn_sheets(), lang=lang)
    write_word(report, tmp_path / "r.docx")
    _converted(tmp_path)
    pages = _told_by("pdftotext", "-layout", tmp_path / "r.pdf", "-").split("\f")[:-1]
    contents = re.sub(r"[^\S\n]", "", pages[1])  # a line each: in English the next one begins with its number
    pages = [re.sub(r"\s", "", page) for page in pages]  # LibreOffice sets Chinese and digits a little apart
    assert {"zh": "编制单位", "en": "Compiledby"}[lang] in pages[0]
    listed = [heading for level, heading, _ in report.outline if level == 1] + [one.title for one in report.attached]
    for name in (re.sub(r"\s", "", name) for name in listed):
        page = int(re.search(rf"{re.escape(name)}[.]*(\d+)", contents)[1])
        assert name in pages[page - 1]
    assert all("虚构数据" in page for page in pages)
    for table in report.tables:  # LibreOffice loses the end of a long table that begins at the foot of a page
        assert re.sub(r"\s", "", table.rows[-1][1].text)[:6] in "".join(pages)
    assert len(_told_by("pdfimages", "-list", tmp_path / "r.pdf").splitlines()) >= 4  # two figures under two heads


def _converted(folder):
    command = [
        shutil.which("soffice"),
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", str(folder), str(folder / "r.docx")], check=True, capture_output=True, timeout=300
    )


def _told_by(program, *arguments):
    command = [shutil.which(program), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()
