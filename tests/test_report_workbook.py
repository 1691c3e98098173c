"""The workbook: its numbers are those of scorecard.csv, and its text is text."""

import io
import re
import runpy
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import Point, box

from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.scorecard import COLUMNS, table_of
from suizhou_geo.assessment.wording import profile_words, said
from suizhou_geo.errors import OutputError
from suizhou_geo.measures.community_gaps import community_gaps
from suizhou_geo.measures.complete_communities import complete_community_coverage
from suizhou_geo.outputs.report import write_workbook
from suizhou_geo.outputs.report.blocks import Cell
from suizhou_geo.outputs.report.excel import COLUMNS_TOLD
from suizhou_geo.outputs.report.number_formats import number_format
from suizhou_geo.outputs.report.provenance import params_table
from suizhou_geo.outputs.scorecard_files import write_scorecard
from suizhou_geo.study_area.layers import COMMUNITY_ITEMS

TOWN = runpy.run_path(str(Path(__file__).parent / "report_town.py"))
HOSTILE, layer = TOWN["HOSTILE"], TOWN["layer"]
results_of, study_of, town = TOWN["results_of"], TOWN["study_of"], TOWN["town"]
NUMBERS = ("value", "target", "gap", "low", "high")
HEAD, SCORECARD = 3, "计分表"


@pytest.fixture(scope="module")
def results():
    return results_of(study_of(town(invented=True, incomplete=frozenset({"roads"}))))


@pytest.fixture(scope="module")
def real():
    """What is measured of a town that is not invented."""
    return results_of(study_of(town()))


@pytest.fixture(scope="module")
def path(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("excel") / "report.xlsx"
    write_workbook(results, path)
    return path


@pytest.fixture(scope="module")
def book(path):
    return _book(path)


def _book(path):
    """A workbook whose file is closed again."""
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))


def _rows(sheet):
    heads = [cell.value for cell in sheet[HEAD]]
    return [dict(zip(heads, (cell.value for cell in row), strict=True)) for row in sheet.iter_rows(min_row=HEAD + 1)]


def _scorecard(book, lang="zh"):
    """The rows of the scorecard's sheet by the names of scorecard.csv."""
    columns = {said("column_head", name, lang): name for name in COLUMNS_TOLD}
    return [{columns[head]: value for head, value in row.items()} for row in _rows(book[SCORECARD])]


@pytest.mark.slow
def test_the_scorecard_equals_the_csv(results, book, tmp_path):
    card = table_of(results.rows, "zh")
    write_scorecard(results, tmp_path)
    told = pd.read_csv(tmp_path / "scorecard.csv")
    rows = _scorecard(book)
    assert len(rows) == len(told) == len(card)
    for row, record in zip(rows, told.to_dict("records"), strict=True):
        for name in COLUMNS:
            want = record[name]
            if name in NUMBERS and not pd.isna(want):
                assert row[name] == ("∞" if np.isinf(want) else pytest.approx(want, rel=1e-15)), (record["key"], name)
            else:
                assert row[name] == (None if pd.isna(want) else want), (record["key"], name)


def test_infinity_is_there_to_be_seen(book):
    row = next(row for row in _scorecard(book) if row["key"] == "road_density")
    assert row["high"] == "∞"
    assert row["status_words"] == "无法判定"


def test_numbers_are_numbers_and_shares_are_percent(book):
    sheet = book[SCORECARD]
    heads = [cell.value for cell in sheet[HEAD]]
    value, unit = heads.index("现状") + 1, heads.index("单位") + 1
    for row in range(HEAD + 1, sheet.max_row + 1):
        cell = sheet.cell(row, value)
        assert cell.value is None or cell.data_type == "n"
        percent = cell.number_format.endswith("%")
        assert cell.value is None or percent == sheet.cell(row, unit).value.startswith("share")


def test_the_shortfall_stands_beside_the_gap(book):
    rows = {row["key"]: row for row in _scorecard(book)}
    people, density = rows["main_city_population"], rows["road_density"]
    assert (people["status"], people["gap"], people["shortfall"]) == ("missed", 592_000, 592_000)
    assert people["shortfall_unit"] == "persons"
    assert (density["status"], density["gap"], density["shortfall"]) == ("cannot_tell", None, None)


def test_every_zone_of_every_measure_is_there(results, book):
    rows = _rows(book["分区"])
    first = {measure.key: measure for measure in results.measures if measure.by_zone.notna().any()}
    assert len(rows) == 2 * len(first)
    for row in rows:
        want = first[row["代码"]].by_zone[row["分区代码"]]
        assert row["现状"] == pytest.approx(want) or (row["现状"] is None and np.isnan(want))
    east = next(row for row in rows if row["代码"] == "road_density" and row["分区"] == "东区")
    assert (east["差距"], east["折合缺口"], east["折合单位"]) == (pytest.approx(7.0), pytest.approx(7.0), "km")
    people = next(row for row in rows if row["代码"] == "main_city_population")
    assert people["差距"] is people["折合缺口"] is None


def test_every_sheet_is_stamped_frozen_filtered_and_ready_for_print(book):
    for sheet in book:
        assert "虚构数据，不是随州" in sheet["A2"].value, sheet.title
        assert "虚构数据" in sheet.oddHeader.center.text
        assert sheet.freeze_panes == "B4"
        assert sheet.print_title_rows == "$1:$3"
        assert sheet.auto_filter.ref is None or sheet.auto_filter.ref.startswith("A3:")
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.orientation) == (1, "landscape")
        assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"
        assert len(sheet.title) <= 31
    assert {sheet.page_setup.paperSize for sheet in book.worksheets[:2]} == {9}  # A4


def _summary(book):
    """The first sheet: the rows by name, each head to its cell."""
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[HEAD]]
    return {row[0].value: dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=HEAD + 1)}


def test_the_workbook_opens_on_the_promises(results, book):
    assert book.sheetnames[:2] == ["汇总表", "须知"]
    assert [c.value for c in book.worksheets[0][HEAD]] == [
        *("指标", "现状", "目标", "差距", "折合", "结论", "依据", "责任单位（方案条目的）"),
    ]
    told = [name.removesuffix("（小汽车）").removesuffix("（公交）") for name in _summary(book)]
    assert told == [target.name_zh for target in results.study.plan.targets]
    assert "无法判定" in book.worksheets[0]["A2"].value


@pytest.mark.slow
def test_numbers_of_the_summary_are_numbers_that_say_their_unit(real, book, tmp_path):
    """1.25 km/km² of 8 on 2 km²: 13.5 km, where that is sure; 4,000 persons/km² of at most 10,000."""
    assert _summary(book)["城区道路网密度"]["折合"].value == "—"
    write_workbook(real, tmp_path / "r.xlsx")
    book = _book(tmp_path / "r.xlsx")
    density = _summary(book)["城区道路网密度"]
    assert [density[head].value for head in ("现状", "目标", "差距", "折合")] == pytest.approx([1.25, 8, 6.75, 13.5])
    assert [density[head].number_format for head in ("现状", "目标", "差距", "折合")] == [
        *('#,##0.00" km/km²"', '"≥ "#,##0" km/km²"', '"差 "#,##0.00" km/km²"', '#,##0.00" km"'),
    ]
    people = _summary(book)["城市人口密度"]["差距"]
    assert (people.value, people.number_format) == (-6000, '"余量 "#,##0" 人/km²";"余量 "#,##0" 人/km²"')
    parks = _summary(book)["城市公园绿化活动场地服务半径覆盖率"]
    assert parks["目标"].number_format == '"> "0%'
    assert parks["差距"].value == pytest.approx(100 * (0.85 - parks["现状"].value))  # in points, as it says
    assert "个百分点" in parks["差距"].number_format


@pytest.mark.slow
def test_verdicts_have_their_colour_and_who_answers_stands_beside(tmp_path):
    study = study_of(town())
    offices = {"responsible": "市住建局", "responsible_en": "housing bureau"}
    targets = tuple(replace(target, **offices) for target in study.plan.targets)
    results = results_of(replace(study, plan=replace(study.plan, targets=targets)))
    write_workbook(results, tmp_path / "r.xlsx")
    write_workbook(results, tmp_path / "en.xlsx", lang="en")
    assert {
        row["who answers for the plan's clause"].value for row in _summary(_book(tmp_path / "en.xlsx")).values()
    } == {"housing bureau"}
    told = _summary(_book(tmp_path / "r.xlsx"))
    grounds = {row["结论"].value: row["结论"].fill.fgColor.rgb for row in told.values()}
    assert len(set(grounds.values())) == len(grounds) >= 3
    assert {row["责任单位（方案条目的）"].value for row in told.values()} == {"市住建局"}
    assert told["城区道路网密度"]["依据"].value == "一、（三）8「到2025年，城区道路网密度不低于8公里/平方公里」"


def test_other_definitions_stand_beside_the_one_used(results, book):
    rows = [row for row in _rows(book["其他口径"]) if row["指标"] == "城区道路网密度"]
    density = results.row("road_density")
    assert [row["类型"] for row in rows] == ["本报告采用", *["其他口径"] * (len(rows) - 1)]
    assert [row["现状"] for row in rows] == pytest.approx([one.value for one in density.definitions if one.has_data])


@pytest.mark.parametrize(
    ("text", "value", "unit", "shown"),
    [
        ("84.96%", 0.84961, "share", "0.00%"),
        ("差 3 条", 3.0, "streets", '"差 "#,##0" 条"'),
        ("5.30亿美元", 5.3e8, "USD", r'0\.00,,"亿美元"'),
        ("余 3,000万美元", -3e7, "USD", r'"余 "0\.0,"万美元";"余 "0\.0,"万美元"'),
        ("差 12.0 个百分点", 0.12, "share", "0.0%"),  # words of another size than the number are not put beside it
        ("持平", 0.0, "count", '"持平"'),
        ("", 0.5, "km", "#,##0.00"),
    ],
)
def test_a_number_is_shown_as_its_words_say(text, value, unit, shown):
    assert number_format(Cell(text, value, unit)) == shown


@pytest.mark.slow
def test_a_real_study_is_not_stamped(real, tmp_path):
    write_workbook(real, tmp_path / "r.xlsx", lang="en")
    with zipfile.ZipFile(tmp_path / "r.xlsx") as archive:
        assert not [name for name in archive.namelist() if "INVENTED" in archive.read(name).decode("utf-8", "ignore")]
    assert _book(tmp_path / "r.xlsx").sheetnames[:2] == ["summary", "notes"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "names", [(HOSTILE, "+1+1"), ("-2", "@SUM(A1)"), ("=cmd|'/c calc'!A1", "\t=1"), ("东\x00区", "东区")], ids=repr
)
def test_a_name_is_never_a_formula(tmp_path, names):
    area = town()
    area = replace(area, zones=area.zones.assign(name=names))
    write_workbook(results_of(study_of(area)), tmp_path / "r.xlsx")
    book = _book(tmp_path / "r.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    for name in names:
        shown = name.replace("\x00", "\N{REPLACEMENT CHARACTER}")
        mine = [cell for cell in cells if cell.value == shown]
        assert mine
        assert all(cell.data_type == "s" for cell in mine)
        assert all(bool(cell.quotePrefix) == (name[0] in "=+-@\t") for cell in mine)


@pytest.mark.slow
def test_the_gap_lists_are_whole(real, tmp_path):
    write_workbook(real, tmp_path / "r.xlsx")
    book = _book(tmp_path / "r.xlsx")
    blocks = next(m for m in real.measures if m.key == "block_size.residential")
    over = blocks.evidence[blocks.evidence["over_limit"].astype(bool)]
    rows = _rows(book["超限居住街区"])
    assert sum(row["面积（公顷）"] for row in rows) == pytest.approx(over["area_ha"].sum())
    assert len(rows) == len(over)
    homes = _rows(book["未覆盖居住用地"])
    assert homes[-1]["分区"] == "全部分区"
    assert homes[-1]["未覆盖 (公顷)"] == pytest.approx(homes[0]["未覆盖 (公顷)"] + homes[1]["未覆盖 (公顷)"])


def test_inputs_parameters_versions_and_findings_are_there(book):
    inputs = _rows(book["输入文件"])
    assert [row["SHA-256"] for row in inputs] == ["a" * 64, "b" * 64, "c" * 64]
    assert inputs[1]["要素数"] == 3
    assert not [
        c
        for sheet in book
        for row in sheet.iter_rows()
        for c in row
        if "\n" in str(c.value) and not c.alignment.wrap_text
    ]
    assert any(row["参数"] == "公园规模口径" and row["取值"] == "2022年后口径" for row in _rows(book["参数"]))
    assert "suizhou_geo" in [row["项目"] for row in _rows(book["软件版本"])]
    assert [row["发现"] for row in _rows(book["数据检查"])] == ["layer roads: something odd"]
    assert {row["列"] for row in _rows(book["列说明"])} >= set(COLUMNS)


def test_what_is_to_be_printed_comes_before_what_is_to_be_looked_up(book):
    marked = ["一般不必打印" in sheet["A2"].value for sheet in book]
    assert marked == sorted(marked)
    named = dict(zip(book.sheetnames, marked, strict=True))
    assert [named[name] for name in ("汇总表", "须知", "超限居住街区", "计分表", "参数")] == [False] * 3 + [True] * 2


def test_a_parameter_that_measures_share_stands_once(results):
    one = next(m for m in results.every_measure if m.has_data)
    first = replace(one, key="x.a", profile="land", params={"radius_m": 500.0, "tile_m": 50.0})
    other = replace(first, key="x.b", params={"radius_m": 800.0, "tile_m": 50.0})
    again = [replace(m, profile="population") for m in (first, other)]
    table = params_table([first, other, *again, replace(one, key="y", params={"tile_m": 50.0})], "zh", each=True)
    assert [(row[0].text, row[1].text, row[3].value) for row in table.rows] == [
        ("x.a", "各口径相同", 500.0),
        ("x（全部 2 项）", "各口径相同", 50.0),
        ("x.b", "各口径相同", 800.0),
        ("y", profile_words(one.profile, "zh"), 50.0),
    ]


@pytest.mark.slow
def test_every_column_and_input_is_named_in_words(results, book, tmp_path):
    write_workbook(results, tmp_path / "en.xlsx", lang="en")
    for told, sheet in ((book, "列说明"), (_book(tmp_path / "en.xlsx"), "columns")):
        meanings = [row.values() for row in _rows(told[sheet])]
        assert all(head and meaning not in ("", column) for column, head, meaning in meanings)
        assert len({head for _, head, _ in meanings}) == len(COLUMNS_TOLD)
    assert [row["用途"] for row in _rows(book["输入文件"])] == ["研究文件", "OpenStreetMap", "人口"]


@pytest.mark.slow
def test_communities_have_a_sheet_only_where_they_are_measured(tmp_path, book):
    assert "社区" not in book.sheetnames
    items = {f"item_{n:02d}": [True, None] for n in range(1, COMMUNITY_ITEMS + 1)} | {"item_03": [True, False]}
    shapes = [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]
    communities = layer(shapes, name=["编钟社区", "=白云"], households=[900, np.nan], **items)
    shops = layer([Point(100, 100)], category=["community_shops"])
    study = study_of(town(communities=communities, facilities=shops))
    measures = [complete_community_coverage(study.area), community_gaps(study.area)]
    write_workbook(assessed(study, measures), tmp_path / "r.xlsx")
    first, second = _rows(_book(tmp_path / "r.xlsx")["社区"])
    assert (first["社区"], first["分区"], first["人口"], first["户数"]) == ("编钟社区", "西城", 6000, 900)
    assert (first["完整社区"], first["达标项数"], first["未知项数"]) == ("是", 20, 0)
    assert (second["社区"], second["户数"], second["完整社区"]) == ("=白云", None, "否")
    assert second["未达标的项"].startswith("托儿所")
    assert (first["缺设施类数"], second["缺设施类数"]) == (0, 1)
    assert second["缺的设施"].startswith("社区商业网点")
    assert [row["社区"] for row in _rows(_book(tmp_path / "r.xlsx")["缺设施的社区"])] == ["=白云"]


@pytest.mark.slow
def test_the_same_input_gives_the_same_file(results, path, tmp_path):
    write_workbook(results, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()
    assert _book(path).properties.modified.isoformat() == "2024-05-01T08:00:00"


@pytest.mark.slow
def test_a_place_that_cannot_be_written_is_told(results, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_workbook(results, tmp_path / "no" / "r.xlsx")


@pytest.mark.slow
def test_libreoffice_opens_it_and_reads_the_same_numbers(results, path, tmp_path):
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    folder = tmp_path / "resaved"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(folder), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    book = _book(folder / "report.xlsx")
    told = pd.DataFrame(_scorecard(book))
    card = table_of(results.rows, "zh")
    assert told["key"].tolist() == card["key"].tolist()
    assert told["value"].astype(float).tolist() == pytest.approx(card["value"].tolist(), nan_ok=True, rel=1e-12)
    assert all("虚构数据" in sheet["A2"].value for sheet in book)


# what stands in a Chinese output in Latin letters: standards, software, units, and the tags and columns that files hold
LATIN = re.compile(
    r"(GB/T|GB|TD/T|CJJ|JGJ|MNR|CAUPD|POI|SHA-256|EPSG|CGCS2000|Gauss-Kruger|CM|OpenStreetMap|contributors|ODbL|OSM|Excel|Huff|ha|km|min|m)"
)
KEYS = ("代码", "key", "name_en", "profile", "unit", "status", "op", "kind", "chapter", "base_key", "basis", *NUMBERS)


def _english(text):
    """The English words of a text: of three letters and more, without keys (with _ . @ / or in brackets) and known names."""
    plain = re.sub(r"[（(\[][A-Za-z_.]+[）)\]]|\S*[_.@/]\S*|[A-Z]{2,}\S*", " ", text)
    return [word for word in re.findall(r"[A-Za-z]{3,}", plain) if not LATIN.fullmatch(word)]


@pytest.mark.slow
def test_the_chinese_workbook_and_scorecard_hold_no_english_words(real, tmp_path):
    """Keys, codes, units, names of files and software apart; `basis` is told as the measures word it."""
    write_workbook(real, tmp_path / "r.xlsx")
    write_scorecard(real, tmp_path)
    book = _book(tmp_path / "r.xlsx")
    codes = {"参数", "软件版本", "输入文件", "列说明"}  # names of parameters, libraries, files and columns
    found = {}
    for sheet in (sheet for sheet in book if sheet.title not in codes):
        for row in _rows(sheet):
            for head, value in row.items():
                coded = head.endswith("代码") or head in ("英文名称", "单位", "折合单位", "比较", "依据", "计算依据")
                if isinstance(value, str) and not coded:
                    found |= dict.fromkeys(_english(value), (sheet.title, head))
                found |= dict.fromkeys(_english(str(head)), (sheet.title, "head"))
    card = pd.read_csv(tmp_path / "scorecard.csv", dtype=str, keep_default_na=False)
    for column in card.columns.difference(KEYS):
        for text in card[column]:
            found |= dict.fromkeys(_english(text), ("scorecard.csv", column))
    found = {word: where for word, where in found.items() if where[0] != "数据检查"}  # the town's own finding
    assert not found
