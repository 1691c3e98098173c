"""The draft of a plan: it loads, a run on it gives no verdict, its page is complete and safe, and nothing is overwritten."""

import re
import tomllib

import pytest
from shapely import box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.cli import app
from suizhou_geo.errors import InputError, OutputError
from suizhou_geo.sources.plan import not_targets

TEXT = """示例市品质提升方案（2026—2030年）

一、目标

城区道路网密度不低于5公里/平方公里，打通学府路、滨河路等3条断头路。（责任单位：市住建局）

力争培育“<b>名牌</b>”企业12家 & 新增产值1.5倍，利润增长150%。

2025年全市有公园38个。"""


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "方案.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_draft_loads_as_a_plan_and_nothing_in_it_is_sure(document, tmp_path):
    draft = sg.targets(document)
    draft.write(tmp_path / "plan.toml")
    plan = sg.read_plan(tmp_path / "plan.toml")
    assert [(t.key, t.op, t.value, t.unit, t.year) for t in plan.targets] == [
        ("road_density", ">=", 5, "km/km2", 2030),
        ("dead_ends_opened", ">=", 3, "count", 2030),
        ("p4_1", ">=", 12, "count", 2030),
        ("p4_2", ">=", 1.5, "times", 2030),
        ("p4_3", ">=", 150, "%", 2030),
    ]
    assert not any(target.sure for target in plan.targets)
    assert plan.params == {"dead_ends_opened": {"names": ["学府路", "滨河路"], "promised": 3}}
    assert plan.city == ""
    assert plan.targets[0].responsible == "市住建局"
    assert plan.targets[0].clause == "一、（第 3 段）"
    assert not_targets(tmp_path / "plan.toml") == (("2025年全市有公园38个", "已有的结果或现状"),)


def test_every_quote_stands_in_the_document(document):
    draft = sg.targets(document)
    assert all(quote in TEXT for quote in draft.table["quote"])
    assert draft.table["paragraph"].tolist() == [3, 3, 4, 4, 4]
    assert repr(draft) == "PlanDraft(示例市品质提升方案（2026—2030年）: 2/5)"


def test_what_was_taken_for_granted_stands_beside_the_row(document):
    toml = sg.targets(document).toml
    assert '# 第 3 段；年份按全文的目标年推定，原句没有写\n[[targets]]\nkey = "road_density"' in toml
    assert "按至少完成理解" in toml
    assert '# city = "示例"' in toml
    english = sg.targets(document, lang="en").toml
    assert "# paragraph 3; the year is that of the whole document" in english.replace("；", "; ")
    assert tomllib.loads(english)["targets"] == tomllib.loads(toml)["targets"]


def test_no_verdict_before_a_person_has_taken_sure_false_out(drawn, held, tmp_path):
    """60万人 on 63 km² are 9,524 a km²: not more than 10,000."""
    (tmp_path / "a.txt").write_text("到2030年，城市人口密度不超过1万人/平方公里，新建公园20个。", encoding="utf-8")
    draft = sg.targets(tmp_path / "a.txt")
    (tmp_path / "checked.toml").write_text(draft.toml.replace("sure = false", ""), encoding="utf-8")
    draft.write(tmp_path / "draft.toml")
    square = box(0, 0, 7000, 9000)
    zones = drawn([square], name=["z"])
    area = sg.StudyArea("t", zones, population=drawn([square], persons=[600_000]), boundary="construction_land")
    measures = [sg.population_density(area)]
    status = {}
    for name in ("draft", "checked"):
        found = held(area, measures, sg.read_plan(tmp_path / f"{name}.toml"))
        status[name] = [row.status for row in found.rows if row.key in ("population_density", "p1_1")]
    assert status == {"draft": ["cannot_tell", "no_data"], "checked": ["met", "no_data"]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_holds_document_and_draft_as_text_and_loads_nothing(document, lang):
    page = sg.targets(document, lang=lang).page
    assert "&lt;b&gt;名牌&lt;/b&gt;" in page
    assert "<b>名牌" not in page
    assert "default-src &#39;none&#39;" in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=[\"'](?!#)", page)
    assert "<mark>城区道路网密度不低于5公里/平方公里</mark><sup>1</sup>" in page
    assert '<div class="draft" id="d1">' in page
    assert '<span class="none">38个</span>' in page
    assert {"zh": "草稿未经核对", "en": "Nobody has checked"}[lang] in page


def test_nothing_that_is_there_is_overwritten(document, tmp_path):
    draft = sg.targets(document)
    draft.write(tmp_path / "plan.toml")
    with pytest.raises(OutputError, match="is there already"):
        draft.write(tmp_path / "plan.toml")
    (tmp_path / "other.html").write_text("mine")
    with pytest.raises(OutputError, match="is there already"):
        draft.write(tmp_path / "other.toml")
    assert not (tmp_path / "other.toml").exists()
    with pytest.raises(OutputError, match=r"is no \.toml"):
        draft.write(tmp_path / "plan.txt")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["other.html", "plan.html", "plan.toml", "方案.txt"]


def test_a_folder_that_cannot_be_written_is_told(document):
    with pytest.raises(OutputError, match="cannot be written"):
        sg.targets(document).write(document / "plan.toml")


def test_a_document_without_a_promise_says_so(tmp_path):
    (tmp_path / "a.txt").write_text("加强组织领导，抓好落实。", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        sg.targets(tmp_path / "a.txt")
    assert str(caught.value).startswith("规划文件 a.txt：没有读出量化的承诺")
    with pytest.raises(InputError, match="no promise in numbers"):
        sg.targets(tmp_path / "a.txt", lang="en")


@pytest.mark.slow
def test_the_command_writes_both_and_says_how_many(document, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["targets", str(document), "--lang", "en"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "5 drafts, 2 of a measure" in done.stdout
    assert (tmp_path / "方案.toml").is_file()
    assert (tmp_path / "方案.html").is_file()
    again = CliRunner().invoke(app, ["targets", str(document)], catch_exceptions=False)
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    other = CliRunner().invoke(app, ["targets", "nothing.docx", "--out", "x.toml"], catch_exceptions=False)
    assert other.exit_code == 2
    assert not (tmp_path / "x.toml").exists()
