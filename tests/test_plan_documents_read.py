"""Documents as offices save them, read to the same paragraphs; and what is no document, told in one sentence."""

import io
import zipfile

import docx
import pytest

from suizhou_geo.errors import InputError
from suizhou_geo.sources.plan_text import documents
from suizhou_geo.sources.plan_text.documents import read_document
from suizhou_geo.sources.plan_text.promises import read_promises

LINES = (
    "示例市城市品质提升行动方案（2026—2030年）",
    "一、主要目标",
    "（一）到2030年，新建公园20个，绿地率不低于38%。（责任单位：市园林局）",
    "二、保障措施",
    "加强组织领导。",
)
ROWS = (("指标", "单位", "2030年"), ("森林覆盖率", "%", "≥45"))


def as_docx(path, rows=ROWS):
    document = docx.Document()
    document.add_heading(LINES[0], 1)
    for line in LINES[1:]:
        document.add_paragraph(line)
    table = document.add_table(len(rows), len(rows[0]))
    for k, row in enumerate(rows):
        for i, cell in enumerate(row):
            table.cell(k, i).text = cell
    document.save(path)


def as_html(path):
    table = "".join(f"<tr>{''.join(f'<td><p>{cell}</p></td>' for cell in row)}</tr>" for row in ROWS)
    body = f"<h1>{LINES[0]}</h1>" + "".join(f"<p><span>{line[:3]}</span>{line[3:]}</p>" for line in LINES[1:])
    hidden = "<script>到2030年，新增9个公园。</script><style>新增8个</style>"
    path.write_text(f"<html><body>{hidden}{body}<table>{table}</table></body></html>", encoding="utf-8")


def as_markdown(path):
    table = "\n".join(["| 指标 | 单位 | 2030年 |", "|---|---|---|", "| 森林覆盖率 | % | ≥45 |"])
    path.write_text("\n\n".join([f"# {LINES[0]}", *LINES[1:], table]), encoding="utf-8")


@pytest.mark.parametrize(("name", "write"), [("a.docx", as_docx), ("a.html", as_html), ("a.md", as_markdown)])
def test_the_same_document_reads_alike_whatever_it_is_saved_as(tmp_path, name, write):
    write(tmp_path / name)
    found = read_document(tmp_path / name)
    assert found.title == LINES[0]
    assert [p.text for p in found.passages[:-1]] == list(LINES)
    assert [bool(p.level) for p in found.passages[:-1]] == [True, True, False, True, False]
    assert found.passages[-1].rows == ROWS
    promises = read_promises(found).promises
    assert [(p.op, p.value, p.unit, p.year) for p in promises] == [
        (">=", 20, "count", 2030),
        (">=", 0.38, "share", 2030),
        (">=", 0.45, "share", 2030),
    ]
    assert [p.responsible for p in promises] == ["市园林局", "市园林局", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_is_read_in_the_encodings_of_offices(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes("\r\n\r\n".join(LINES).encode(encoding))
    assert [p.text for p in read_document(tmp_path / "a.txt").passages] == list(LINES)


def test_lines_broken_at_the_width_of_the_page_are_joined(tmp_path):
    text = (
        "到2030年，全市新建公园二十个，新增公共停车泊位\n六千个以上，城区道路网密度不低于八公里每平方公里\n"
        "，绿地率不低于百分之三十八，污水集中收集率达到\n百分之七十以上。\n（二）下一段。"
    )
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    found = read_document(tmp_path / "a.txt").passages
    assert len(found) == 2
    assert "停车泊位六千个以上" in found[0].text


def test_a_merged_cell_is_read_once(tmp_path):
    path = tmp_path / "a.docx"
    document = docx.Document()
    table = document.add_table(2, 3)
    for k, word in enumerate(("指标", "2030年", "2035年")):
        table.cell(0, k).text = word
    table.cell(1, 0).text = "公园服务半径覆盖率（%）"
    table.cell(1, 1).merge(table.cell(1, 2)).text = "85"
    document.save(path)
    assert [(p.value, p.year) for p in read_promises(read_document(path)).promises] == [(0.85, 2030)]


def test_a_page_nested_deeply_is_read(tmp_path):
    path = tmp_path / "deep.html"
    path.write_text("<div>" * 5000 + "到2030年，绿地率达到40%。" + "</div>" * 5000, encoding="utf-8")
    assert [p.value for p in read_promises(read_document(path)).promises] == [0.4]


def _docx_with(path, change):
    as_docx(path)
    whole = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == "word/document.xml" else content)


def _broken(path):
    as_docx(path)
    path.write_bytes(path.read_bytes()[:2000])


def _bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * 3000)


def _deep(path):
    _docx_with(
        path,
        lambda xml: xml.replace(b"<w:body>", b"<w:body>" + b"<w:p>" * 5000).replace(b"</w:body>", b"</w:p>" * 5000),
    )


BAD = {
    "missing.txt": (lambda _: None, "路径不存在", "No such file"),
    "folder.txt": (lambda path: path.mkdir(), "无法读取", "cannot be read"),
    "empty.txt": (lambda path: path.write_bytes(b" \n"), "是空文件", "is empty"),
    "binary.txt": (lambda path: path.write_bytes(bytes(range(256)) * 20), "不是 UTF-8 或 GBK 文本", "is not text"),
    "english.txt": (lambda path: path.write_text("nothing"), "没有中文文字", "no Chinese text"),
    "large.txt": (lambda path: path.write_bytes(b"x" * 3000), "只保留规划文本", "keep the text"),
    "long.md": (lambda path: path.write_text("公园" * 300, encoding="utf-8"), "不像一份规划", "which no plan does"),
    "old.doc": (lambda path: path.write_bytes(b"x"), "不能读 .doc", ".doc cannot be read"),
    "noending": (lambda path: path.write_bytes(b"x"), "没有扩展名", "without an ending"),
    "text.docx": (lambda path: path.write_text("公园"), "不是完好的 .docx", "not a whole .docx"),
    "broken.docx": (_broken, "不是完好的 .docx", "not a whole .docx"),
    "bomb.docx": (_bomb, "展开后超过", "unpacks to more"),
    "deep.docx": (_deep, "不是完好的 .docx", "not a whole .docx"),
    "broken.pdf": (lambda path: path.write_bytes(b"%PDF-1.4 broken"), "PDF", "PDF"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_told_in_one_sentence(tmp_path, name, monkeypatch):
    make, zh, en = BAD[name]
    if name in ("large.txt", "long.md", "bomb.docx"):
        monkeypatch.setattr(documents, "MOST_TEXT_BYTES", 2500)
        monkeypatch.setattr(documents, "MOST_CHARACTERS", 500)
        monkeypatch.setattr(documents, "MOST_UNPACKED", 2500)
    make(tmp_path / name)
    with pytest.raises(InputError) as caught:
        read_document(tmp_path / name)
    assert zh in caught.value.said.zh
    assert en in caught.value.said.en
    assert name in caught.value.said.zh
    assert "\n" not in caught.value.said.zh


def test_a_pdf_without_its_reader_says_what_to_install(tmp_path, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(documents.importlib, "import_module", missing)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    with pytest.raises(InputError, match=r"suizhou-geo\[pdf\]"):
        read_document(tmp_path / "a.pdf")
