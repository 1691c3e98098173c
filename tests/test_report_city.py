"""The report and the annex of the whole invented city: how long, in which words, from which files."""

import re
import shutil
import subprocess

import pytest

from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.wording import parameter_words
from suizhou_geo.outputs.figures import sheets
from suizhou_geo.outputs.report import annex_of, report_of, write_word
from suizhou_geo.outputs.report.blocks import Steps, Table, Terms
from suizhou_geo.outputs.report.provenance import params_table
from suizhou_geo.standards import table

LATIN = re.compile("[A-Za-z_]{2,}")
UNITS_AND_NAMES = {"km", "OpenStreetMap"}
COLUMNS_OF_THE_WORKBOOK = {"Excel", "low", "high", "needs"}
# what an auditor needs as it is: names of files with their hashes, keys of measures, versions, the standard of a measure
AS_THEY_ARE = {"输入文件", "软件与坐标系", "数据检查发现", "数据字典：指标"}
TERMS_AS_THEY_ARE = {"数据与日期", "计算依据", "基数", "数据不能说明的"}


@pytest.fixture(scope="module")
def result(measured):
    return assessed(*measured("invented_city"))


@pytest.fixture(scope="module")
def report(result):
    return report_of(result)


@pytest.fixture(scope="module")
def annex(result):
    return annex_of(result)


def _latin(report):
    """The Latin words of a document, but those of tables and terms that stand as they are."""
    texts = [report.title, *(heading for _, heading, _ in report.outline)]
    for _, _, section in report.outline:
        for block in section.blocks:
            texts += [block] if isinstance(block, str) else []
            texts += block.sentences if isinstance(block, Steps) else []
            texts += (
                [text for term, text in block.items if term not in TERMS_AS_THEY_ARE]
                if isinstance(block, Terms)
                else []
            )
    for one in report.tables:
        if one.title not in AS_THEY_ARE:
            texts += [one.title, one.note, *(column.name for column in one.columns)]
            texts += [cell.text for row in one.rows for cell in row]
    return {word for text in texts for word in LATIN.findall(text)}


def test_the_report_holds_no_english_word_but_units_and_names(report):
    assert _latin(report) <= UNITS_AND_NAMES


def test_the_annex_holds_no_english_word_but_units_names_and_columns(annex):
    assert _latin(annex) <= UNITS_AND_NAMES | COLUMNS_OF_THE_WORKBOOK


@pytest.mark.slow
def test_english_documents_hold_chinese_names_only(result):
    """Names of places and of the plan are Chinese; a heading, a title or the head of a column never is."""
    for document in (report_of(result, lang="en"), annex_of(result, lang="en")):
        heads = [column.name for one in document.tables for column in one.columns]
        zones = set(result.area.zones["name"])
        told = [*heads, *(heading for _, heading, _ in document.outline), *(one.title for one in document.tables)]
        assert [text for text in told if text not in zones and re.search("[\u4e00-\u9fff]", text)] == []


def test_every_parameter_has_words(result):
    names = {(measure.family, name) for measure in result.every_measure for name in measure.params}
    known = table("parameters")["names"]
    missing = sorted(
        f"{family}.{name}" for family, name in names if name not in known and f"{family}.{name}" not in known
    )
    assert not missing, f"add to standards/parameters.toml: {missing}"


def test_parameters_are_told_with_their_units(result):
    told = dict(
        parameter_words("road_density", name, value, "zh")
        for name, value in result.row("road_density").measure.params.items()
    )
    assert told["外缘线外侧计入的沿线道路距离"] == "20 m"
    assert told["沿外缘线判定平行的偏离比例上限"] == "10%"
    assert parameter_words("a", "categories", ["kindergarten", "nursery"], "en")[1] == "kindergarten, nursery"
    assert parameter_words("a", "nobody_named_it", None, "zh") == ("nobody_named_it", "无")
    assert "beside_outline_m" not in str(params_table(result.measures, "zh"))


def test_a_row_names_the_files_that_fed_it(annex):
    facts = {
        part.heading: dict(part.blocks[0].items)
        for _, heading, section in annex.outline
        if "口径、数据与局限" in heading
        for part in section.parts
    }
    assert facts["专用汽车年产量"]["数据与日期"].startswith("statistics.csv (")
    assert "city.osm.pbf" in facts["城区道路网密度"]["数据与日期"]
    assert "statistics.csv" not in facts["城区道路网密度"]["数据与日期"]
    shares = [said["分母"] for said in facts.values() if "分母" in said]
    assert shares
    assert not [text for text in shares if text.startswith(("0", "nan", "—"))]


def test_what_is_missed_stands_among_the_problems_and_the_remedies(result, report):
    missed = {row.name.zh for row in result.rows if row.status == "missed"}
    for title in ("问题清单", "治理建议清单"):
        rows = next(one for one in report.attached if isinstance(one, Table) and one.title == title).rows
        assert missed <= {row[1].text for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "most"), [("zh", 20), ("en", 22)])
def test_the_report_can_be_filed(result, tmp_path, lang, most):
    """About 15 pages of A4, each with the stamp of invented data."""
    soffice, pdftotext = shutil.which("soffice"), shutil.which("pdftotext")
    if soffice is None or pdftotext is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    write_word(report_of(result, figures=sheets(result, lang=lang), lang=lang), tmp_path / "r.docx")
    office = [soffice, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*office, "--outdir", str(tmp_path), str(tmp_path / "r.docx")], check=True, capture_output=True, timeout=300
    )
    told = subprocess.run([pdftotext, "-layout", str(tmp_path / "r.pdf"), "-"], check=True, capture_output=True)
    pages = told.stdout.decode().split("\f")[:-1]
    assert 12 <= len(pages) <= most
    assert all("虚构数据" in page for page in pages)
