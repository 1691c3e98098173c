"""Whose plan it is: that of the study's own city, of another one, or what standards ask of any city."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.cli import app
from suizhou_geo.errors import PlanError
from suizhou_geo.errors.text import NOTHING
from suizhou_geo.measures import measure_all
from suizhou_geo.model import Measure, Plan, Study, Target
from suizhou_geo.outputs.figures.map_elements import _subtitle
from suizhou_geo.outputs.report.content import report_of
from suizhou_geo.outputs.scorecard_files import write_scorecard
from suizhou_geo.sources.plan import not_targets, read_plan
from suizhou_geo.standards.catalogue import entry_for

HERE = box(441_000, 3_507_000, 442_000, 3_508_000)  # EPSG:4547: 113.4 E, 31.7 N, in Suizhou
AWAY = box(441_000, 3_207_000, 442_000, 3_208_000)  # 300 km further south
SUIZHOU = read_plan("suizhou_2025")


def study_of(name, *, at=HERE, plan=SUIZHOU, invented=False, **said) -> Study:
    zones = gpd.GeoDataFrame({"name": ["甲"], "role": ["main_city"]}, geometry=[at], crs="EPSG:4547", index=["1"])
    area = sg.StudyArea(name, zones, invented=invented)
    said = {"name_en": "", **said}
    return Study(name=name, area=area, plan=plan, params={}, baselines={}, inputs=(), findings=(), **said)


@pytest.mark.parametrize(
    ("study", "own"),
    [
        (study_of("随州"), True),
        (study_of("随州市中心城区"), True),
        (study_of("Downtown", name_en="SUIZHOU, downtown"), True),
        (study_of("曾都区", city="随州"), True),
        (study_of("贵溪"), False),
        (study_of("贵溪", at=AWAY), False),
        (study_of("随州", at=AWAY), False),  # the name alone may be chance
        (study_of("桐柏"), False),  # and so may the place
        (study_of("随州街", city="贵溪"), False),
        (study_of("贵溪", plan=read_plan("china_standards")), True),
        (study_of("贵溪", plan=None), True),
        (study_of("样板城", invented=True), True),  # invented data are told as such
    ],
    ids=lambda value: value.name + value.city if isinstance(value, Study) else "",
)
def test_a_plan_is_the_study_s_own_by_name_and_by_place(study, own):
    assert (study.borrowed_plan is None) == own
    assert (study.title("zh") == study.name) == own
    assert bool(study.label.zh) == (not own or study.area.invented)


def test_another_city_s_plan_is_told_with_what_to_do():
    said = study_of("贵溪", name_en="Guixi").borrowed_plan
    assert "贵溪" in said.zh
    assert 'plan = "china_standards"' in said.zh
    assert 'city = "随州"' in said.zh
    assert "no promises to this place" in said.en
    assert "the name of the study, Guixi, does not" in said.en
    assert "its zones do not lie there" in study_of("随州", at=AWAY).borrowed_plan.en


def test_a_report_of_standards_is_not_called_one_of_promises():
    standards, own = study_of("贵溪", plan=read_plan("china_standards")), study_of("随州")
    assert report_of(assessed(standards, []), lang="zh").title == "贵溪：国家标准对照评估报告"
    assert report_of(assessed(own, []), lang="zh").title == "随州：规划承诺评估报告"
    first = standards.plan.targets[0]
    assert (first.cited, SUIZHOU.targets[-1].cited) == (f"GB 55014-2021 {first.clause}", SUIZHOU.targets[-1].clause)


def test_no_office_of_another_city_answers_for_this_one():
    own, other = study_of("随州"), study_of("贵溪")
    assert own.held_to is SUIZHOU
    assert any("随州" in target.responsible or "市" in target.responsible for target in SUIZHOU.targets)
    told = {row.target.offices.zh for row in assessed(other, []).rows if row.target is not None}
    assert told == {"由本市明确"}


def test_another_city_s_plan_is_named_in_scorecard_report_and_sheets(tmp_path):
    result = assessed(study_of("贵溪", name_en="Guixi"), [])
    for lang, word in (("zh", "随州的方案"), ("en", "a plan of Suizhou")):
        write_scorecard(result, tmp_path, lang=lang)
        card = pd.read_csv(tmp_path / "scorecard.csv")
        assert len(card) == len(SUIZHOU.targets)
        assert card["basis"].str.contains(word).all()
        assert word in report_of(result, lang=lang).title
        assert word in _subtitle(type("Context", (), {"study": result.study, "lang": lang}))
        assert all(row.basis.speak(lang).startswith(result.study.label.speak(lang)) for row in result.rows)


def test_a_study_file_is_told_among_its_findings(tmp_path):
    def found(name, more=""):
        text = f'name = "{name}"\nplan = "suizhou_2025"\n{more}[zones]\nbbox = [113.3, 31.6, 113.4, 31.7]\n'
        (tmp_path / "study.toml").write_text(text, encoding="utf-8")
        return [
            finding for finding in sg.read_study(tmp_path / "study.toml").findings if "promises to this" in finding.en
        ]

    assert len(found("贵溪")) == 1
    assert not found("曾都区", 'city = "随州"\n')
    assert not found("随州")


@pytest.mark.slow
@pytest.mark.parametrize(("plan", "told"), [("", True), ('plan = "china_standards"\n', False)])
def test_the_screen_says_what_to_do_without_a_plan(tmp_path, plan, told):
    text = f'name = "贵溪"\n{plan}[zones]\nbbox = [113.3, 31.6, 113.31, 31.61]\n'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(
        app, ["run", str(tmp_path / "study.toml"), "--out", str(tmp_path / "out"), "--lang", "zh"]
    )
    assert done.exit_code == 0, done.stderr
    assert ("对照国家标准" in "".join(done.stdout.split())) == told
    assert ("公园绿化活动场地服务半径覆盖率" in "".join(done.stdout.split())) != told


@pytest.mark.slow
def test_what_only_a_plan_names_is_looked_for_only_there():
    area = study_of("贵溪").area
    asked = {key: SUIZHOU.params[key] for key in ("dead_ends_opened", "core_area")}
    assert {m.family for m in measure_all(area, asked)} - {m.family for m in measure_all(area)} == set(asked)
    said = " ".join(text.zh for m in measure_all(area) for text in (*m.needs, *m.notes, m.name, m.basis))
    assert not [word for word in ("随州", "随政办发", "迎宾大道", "裕民大道", "九纵", "十二横") if word in said]


# ------------------------------------------------------------------------------------- what standards ask of any city


def test_what_standards_ask_names_no_city_and_no_year():
    plan = read_plan("china_standards")
    assert plan.city == ""
    assert len(plan.targets) == 17
    for target in plan.targets:
        assert target.year is None, target.key
        assert target.document, target.key
        assert target.quote.startswith("大意："), (
            target.key
        )  # the texts are not public: no words of theirs are given as such
        entry = entry_for(target.key)
        assert entry is None or entry.unit == target.unit, target.key
    sure = {target.key: (target.op, target.value) for target in plan.targets if target.sure}
    assert sure == {
        "park_coverage": (">", 0.80),
        "park_area_per_capita.all": (">", 8.0),
        "park_area_per_capita.comprehensive": (">", 3.0),
        "park_area_per_capita.community": (">", 3.0),
        "road_density": (">=", 8.0),
    }
    assert len(not_targets("china_standards")) > 8


def _held(value, *, sure=True, document=""):
    by_zone = pd.Series({"1": value, "2": 0.0})
    measure = Measure(
        *("road_density", "密度", "density", value, "km/km2", by_zone, by_zone * 0 + 1, "km", "caupd", NOTHING, {}),
        low=value,
        high=value,
    )
    target = Target(
        "road_density", "密度", "density", ">=", 8, "km/km2", None, "12", "大意", sure=sure, document=document
    )
    (row,) = rows_of([measure], Plan("p", "案", "plan", "总文件", (target,)))
    return row


def test_a_value_that_is_not_sure_gives_no_verdict_and_says_what_it_would_be():
    assert (_held(7.5).status, _held(8.5).status) == ("missed", "met")
    assert _held(7.5).zone_status(7.5, zone_id="1") == "missed"
    below, above = _held(7.5, sure=False), _held(8.5, sure=False)
    assert (below.status, above.status) == ("cannot_tell", "cannot_tell")
    assert (below.value, below.gap) == (7.5, 0.5)
    assert "如以该值为准，则未达到" in below.needs_text("zh")
    assert "by it: met" in above.needs_text("en")
    assert below.zone_status(7.5, zone_id="1") == "cannot_tell"
    assert _held(np.nan, sure=False).status == "no_data"


def test_a_target_of_its_own_document_is_quoted_from_there():
    assert "GB 1 12「大意」" in _held(7.5, document="GB 1").basis.zh
    assert "总文件 12「大意」" in _held(7.5).basis.zh


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("extent = [1, 2, 3]", "extent is [1, 2, 3], wanted four numbers in WGS 84 degrees"),
        ("extent = [114.0, 31.0, 113.0, 32.0]", "which is no box; give four numbers"),
        ("extent = 7", "extent is 7, wanted a box; correct it"),
        ("city = 7", "city is 7, wanted a text; correct it"),
    ],
)
def test_a_plan_that_says_wrongly_where_it_holds_is_refused(tmp_path, line, message):
    target = (
        '[[targets]]\nkey = "k"\nname_zh = "甲"\nname_en = "a"\nop = ">="\nvalue = 1\nunit = "count"\nclause = "一"\n'
    )
    head = 'name = "demo"\ntitle_zh = "案"\ntitle_en = "plan"\ndocument = "案"\n'
    (tmp_path / "demo.toml").write_text(f'{head}{line}\n{target}quote = "文"\n', encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan(tmp_path / "demo.toml")
    assert message in str(caught.value)
    (tmp_path / "demo.toml").write_text(f'{head}{target}quote = "文"\nsure = false\n', encoding="utf-8")
    (read,) = read_plan(tmp_path / "demo.toml").targets
    assert (read.year, read.sure) == (None, False)
    assert replace(read, sure=True).sure
