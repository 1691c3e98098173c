"""Workbooks of old kinds (.xls): what Excel 97 to 2003 writes, what other programs write under that name.

`workbooks/` holds files that LibreOffice wrote (`workbooks/make.py`); streams of Excel 95, and formulas that were left to
Excel, are written record by record (`excel_95.py`).
"""

import runpy
from pathlib import Path

import openpyxl
import pytest

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import alike
from suizhou_geo.sources.point_tables import table_rows
from suizhou_geo.sources.read_workbook import opened_workbook

BOOKS = Path(__file__).with_name("workbooks")
excel_95 = runpy.run_path(str(Path(__file__).with_name("excel_95.py")))["excel_95"]
WHAT = alike("a.xls")


def rows_of(path, sheet=None):
    return table_rows(path, sheet=sheet, name="facilities", encoding=None, what=WHAT)


def test_values_come_as_they_are_in_a_newer_workbook():
    rows, notes = rows_of(BOOKS / "schools.xls")
    assert rows.to_dict("list") == {
        "category": ["primary_school", "primary_school"],
        "name": ["甲小学", "乙小学"],
        "经度": ["113.37774514", "113.37879975"],
        "纬度": ["31.68416815", "31.68417329"],
        "建成": ["2019-09-01 00:00:00", ""],
        "编码": ["0421303001", "421303002"],
    }
    assert [said.amounts for said in notes] == [{"sheets": "底稿"}]


def test_a_hidden_sheet_is_read_by_name_alone(tmp_path):
    rows, notes = rows_of(BOOKS / "schools.xls", "底稿")
    assert (list(rows.columns), len(rows), notes) == (["说明"], 1, [])
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([1])
    book.create_sheet("底稿").append(["b"])
    book["底稿"].append([2])
    book["底稿"].sheet_state = "veryHidden"
    book.save(tmp_path / "a.xlsx")
    rows, notes = rows_of(tmp_path / "a.xlsx")
    assert (list(rows.columns), [said.kind for said in notes]) == (["a"], ["hidden_sheets"])
    with pytest.raises(LayerError, match=r"there is no sheet '表' \(there is: Sheet, 底稿\)"):
        rows_of(tmp_path / "a.xlsx", "表")


def test_formulas_come_as_their_results():
    rows, _ = rows_of(BOOKS / "persons.xls")
    assert rows["人口"].tolist() == ["100", "200"]


@pytest.mark.parametrize("codepage", [None, 1252, 936])
def test_texts_in_gbk_are_read_whatever_the_file_says(codepage, tmp_path):
    (tmp_path / "a.xls").write_bytes(excel_95("名称", "甲小学", "=乙\x07", codepage=codepage))
    rows, notes = rows_of(tmp_path / "a.xls")
    assert rows["名称"].tolist() == ["甲小学", "=乙\N{REPLACEMENT CHARACTER}"]
    assert [said.kind for said in notes] == ([] if codepage == 936 else ["read_as"])


def test_a_formula_left_to_excel_has_no_value(tmp_path):
    """Programs that write .xls without calculating leave 0 and a flag: 0 of what is not known is no answer."""
    formulas = [(0, 0, 5.0), (1, 2, 0.0), (2, 0, 0.0), (3, 2, 7.0)]
    (tmp_path / "a.xls").write_bytes(excel_95("名称", "a", "b", "c", formulas=formulas))
    rows, _ = rows_of(tmp_path / "a.xls")
    assert rows["5"].tolist() == ["", "0", "7"]
    with opened_workbook(tmp_path / "a.xls", what=WHAT, formulas=True) as (book, _):
        assert [cell.data_type for cell in book["表"]["B"]] == ["n", "f", "n", "n"]


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="{charset}">
<style>td {{ mso-number-format: "@" }}</style>
</head><body><table border=1>
<tr><th rowspan=2>名称</th><th colspan="2">坐标</th><th>编码</th></tr>
<tr><td>经度</td><td>纬度</td><td>&nbsp;</td></tr>
<tr><td>甲 &amp; 乙<br></td><td>113.38</td><td>31.69</td><td>007</td></tr></table></body></html>"""


@pytest.mark.parametrize(("charset", "encoding"), [("gb2312", "gbk"), ("utf-8", "utf-8-sig"), ("gb2312", "utf-8")])
def test_a_web_page_named_xls_is_read_cell_by_cell(charset, encoding, tmp_path):
    (tmp_path / "a.xls").write_bytes(PAGE.format(charset=charset).encode(encoding))
    with opened_workbook(tmp_path / "a.xls", what=WHAT) as (book, _):
        (sheet,) = book.worksheets
        assert [[cell.value for cell in row] for row in sheet] == [
            ["名称", "坐标", None, "编码"],
            [None, "经度", "纬度", None],
            ["甲 & 乙", "113.38", "31.69", "007"],
        ]


def test_tables_of_a_web_page_are_its_sheets(tmp_path):
    one = "<table><tr><td>a</td></tr><tr><td>1</td></tr></table>"
    (tmp_path / "a.xls").write_text(f"<table><tr><td>{one}</td></tr></table>", encoding="utf-8")
    assert rows_of(tmp_path / "a.xls")[0].to_dict("list") == {"a": ["1"]}
    (tmp_path / "a.xls").write_text(one * 2, encoding="utf-8")
    with pytest.raises(LayerError, match="2 sheets hold rows"):
        rows_of(tmp_path / "a.xls")


def test_a_newer_workbook_under_the_old_name_and_the_other_way_round_are_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append(["1"])
    book.save(tmp_path / "a.xlsx")
    assert len(rows_of((tmp_path / "a.xlsx").rename(tmp_path / "a.xls"))[0]) == 1
    (tmp_path / "b.xlsx").write_bytes((BOOKS / "persons.xls").read_bytes())
    assert len(rows_of(tmp_path / "b.xlsx")[0]) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ((BOOKS / "locked.xls").read_bytes(), "a.xls has a password; take it out in Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xls has a password"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cannot be opened as Excel"),
        (b"\x09\x08", "cannot be opened as Excel"),
        (b"<html><body>\xc4\xe3\xba\xc3</body></html>", "is a web page without a table"),
        (b"<html><body>\x00</body></html>", "is not text in UTF-8 or GBK"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "text or something"),
        (b"MIME-Version: 1.0\n", "holds text or something else; open it in Excel and save it as .xlsx"),
        ("名称\t经度\n".encode("gbk"), "holds text or something else; open it in Excel and save it as .xlsx"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(data, said, tmp_path):
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(InputError, match=said) as caught:
        rows_of(tmp_path / "a.xls")
    assert "\n" not in caught.value.said.zh + caught.value.said.en


def test_a_file_cut_off_is_never_read_in_part(tmp_path):
    data = (BOOKS / "persons.xls").read_bytes()
    for length in range(8, len(data), 97):
        (tmp_path / "a.xls").write_bytes(data[:length])
        try:
            rows, _ = rows_of(tmp_path / "a.xls")
        except InputError:
            continue
        assert rows["人口"].tolist() == ["100", "200"], length


def test_a_stream_without_its_end_is_told(tmp_path):
    data = excel_95("名称", "a", "b")
    (tmp_path / "a.xls").write_bytes(data[:-4])
    with pytest.raises(InputError, match="cannot be opened as Excel"):
        rows_of(tmp_path / "a.xls")
