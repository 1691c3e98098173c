"""The first screen and notes.txt: the largest gaps, what would settle what is open, and lines that fit the terminal."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.cells import cell_len
from shapely import box

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.largest_gaps import largest_gaps
from suizhou_geo.assessment.wording import amount, counted, with_unit
from suizhou_geo.cli.screen import _folded, progress_told, tell_end, tell_table
from suizhou_geo.errors.text import Text, alike
from suizhou_geo.model import Measure, Plan, Stage, Step, Target
from suizhou_geo.outputs.notes_file import gap_lines, tally_line, undecided_lines, write_notes
from suizhou_geo.outputs.record import Steps

LONG = "开发区（园区）亩均规模以上工业增加值年均增速"
GOALS = (  # key, name, unit, what is missing is counted in, promised, measured: all at least
    ("firms", "企业", "count", "count", 10, 1),
    ("leading_food_firms", "龙头企业", "count", "count", 10, 2),
    ("food_parks", "园区", "count", "count", 10, 3),
    ("scenic_areas_4a_added", LONG, "count", "count", 10, 4),
    ("dead_ends_opened", "断头路", "count", "count", 10, 5),
    ("road_density", "路网密度", "km/km2", "km", 8, 7.5),
    ("park_coverage", "公园覆盖率", "share", "ha", 0.85, 0.80),
    ("jobs", "岗位", "persons", "persons", 100, 99),
    ("exports", "出口额", "USD", "USD", 5e8, 5.3e8),
)


def _measure(key, name, unit, shortfall_unit, value, **changes):
    by_zone = pd.Series([value], index=["1"])
    ten = pd.Series([10.0], index=["1"])
    given = {"low": value, "high": value} | changes
    return Measure(key, name, key, value, unit, by_zone, ten, shortfall_unit, "declared", alike("依据"), {}, **given)


@pytest.fixture
def result(drawn):
    """Nine promises: eight missed by 90 % to 1 %, one met, and one open."""
    targets = [Target(k, name, k, ">=", asked, unit, 2025, "一", "原文") for k, name, unit, _, asked, _ in GOALS]
    measures = [_measure(k, name, unit, ground, value) for k, name, unit, ground, _, value in GOALS]
    needs = tuple(Text(f"缺{k}", f"needs {k}") for k in "甲乙丙")
    targets.append(Target("open", "未定", "open", ">=", 5.0, "km", 2025, "二", "原文"))
    measures.append(_measure("open", "未定", "km", "km", 4.0, high=np.inf, needs=needs, notes=(Text("注", "note"),)))
    zones = drawn([box(0, 0, 9, 9)], name=["z"])
    area = sg.StudyArea("小城", zones)
    plan = Plan("p", "方案", "plan", "文件", tuple(targets))
    study = sg.Study("小城", "Town", area, plan, {}, {}, inputs=(), findings=(Text("疑点", "odd"),))
    return assessed(study, measures)


def test_the_largest_gaps_hold_one_of_km_of_land_and_of_persons(result):
    assert [row.key for row in largest_gaps(result.rows)] == [
        *("firms", "leading_food_firms", "road_density", "park_coverage", "jobs"),
    ]
    assert [row.key for row in largest_gaps(result.rows, most=20)][:3] == ["firms", "leading_food_firms", "food_parks"]


def test_gaps_are_told_in_their_unit_on_the_ground_and_as_a_share(result):
    head, *lines = gap_lines(result, "zh")
    assert "先看这 5 项差距（共 8 项未达到" in head
    assert lines[1] == " 2. 龙头企业：差 8 家（差额占承诺值 80%）"
    assert lines[2] == " 3. 路网密度：差 0.50 km/km²，折合 5 km（差额占承诺值 6%）"
    assert (
        gap_lines(result, "en")[3]
        == " 3. road_density: 0.50 km/km² short, that is 5 km (the gap is 6% of what was promised)"
    )


def test_the_tally_and_what_would_settle_the_rest(result):
    assert tally_line(result, "zh") == "10 项承诺：1 达到 / 8 未达到 / 1 无法判定"
    assert undecided_lines(result, "zh") == ["无法判定的 1 项，缘由与所需：", " · 未定：缺甲；缺乙；……"]
    assert undecided_lines(result, "zh", most=None)[1] == " · 未定：缺甲；缺乙；缺丙"


def test_the_notes_hold_everything(result, tmp_path):
    write_notes(result, tmp_path)
    told = (tmp_path / "notes.txt").read_text(encoding="utf-8-sig")
    assert (tmp_path / "notes.txt").read_bytes().startswith(b"\xef\xbb\xbf")
    for words in ("疑点", "缺丙", "  · 注", "现状：5.30亿美元", "目标：≥ 5亿美元", "口径：申报统计", LONG):
        assert words in told, words


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_line_fits_the_terminal_and_no_column_falls_to_single_characters(
    result, width, lang, monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("COLUMNS", str(width))
    tell_table(result, lang)
    tell_end(result, lang, tmp_path)
    *lines, notes, opened = capsys.readouterr().out.rstrip("\n").split("\n")
    assert all(cell_len(line) <= width for line in lines)
    assert str(tmp_path / "notes.txt") in notes  # one line each, to be copied
    assert opened.endswith(str(tmp_path / "map.html"))
    whole = "".join("".join(lines).split())
    for said in (*gap_lines(result, lang), *undecided_lines(result, lang)):
        assert whole.count("".join(said.split())) == 1
    assert ("? cannot tell" if lang == "en" else "? 无法判定") in "\n".join(lines)
    signs = {cell_len(line[: found.start()]) for line in lines if (found := re.search("[✓✗?] [^ ].*$", line))}
    assert len(signs) == 1  # the column of verdicts stands straight, Chinese counting double
    alone = [len(line.split()) == 1 and len(line.strip()) == 1 for line in lines]
    assert not any(one and other for one, other in pairwise(alone))
    assert lang == "en" or any(re.search("8 家 +✗ 未达到", line) for line in lines)


def test_lines_break_between_chinese_characters_and_not_within_numbers_or_before_a_comma():
    assert list(_folded("断头路：差 3 条，为 100%", 12)) == ["断头路：差 3", "条，为 100%"]
    assert list(_folded("路网密度，公园", 8)) == ["路网密", "度，公园"]
    assert list(_folded("three dead ends left", 10)) == ["three dead", "ends left"]


def test_no_data_and_no_plan_are_told(drawn, capsys, tmp_path):
    area = sg.StudyArea("小城", drawn([box(0, 0, 9, 9)], name=["z"]))
    nothing = assessed(sg.Study("小城", "", area, sg.read_plan("suizhou_2025"), {}, {}, inputs=(), findings=()), [])
    tell_end(nothing, "zh", tmp_path)
    assert "缺数据的 33 项" in capsys.readouterr().out
    alone = assessed(
        sg.Study("小城", "", area, None, {}, {}, (), ()), [_measure("jobs", "岗位", "persons", "persons", 9)]
    )
    assert tally_line(alone, "zh").startswith("没有给出方案：1 项指标只列测算值，不作结论；")
    assert "china_standards" in tally_line(alone, "en")


def test_what_looks_like_markup_is_told_as_it_is(result, capsys):
    tell_end(result, "zh", Path("结果[/b]"))
    assert "结果[/b]" in capsys.readouterr().out


def test_steps_are_told_as_n_of_n_or_not_at_all(capsys):
    for quiet in (False, True):
        with progress_told("zh", quiet=quiet) as tell:
            stage = Stage("measuring", 2, tell)
            stage("甲")
            stage("乙")
        assert capsys.readouterr().err == ("" if quiet else "… 测算 1/2 甲\n… 测算 2/2 乙\n")
    assert Step("甲", stage="writing", number=1, of=3) == "甲"


def test_a_long_step_says_how_far_it_is_and_its_time_is_one(capsys):
    with progress_told("zh", quiet=False) as tell:
        steps = Steps(tell)
        stage = Stage("reading", 2, steps)
        stage("甲")
        stage.within(Text("已查看 5 个对象", "looked at 5 objects"))
        stage("乙")
    assert capsys.readouterr().err == "… 读取 1/2 甲\n… 读取 1/2 甲 · 已查看 5 个对象\n… 读取 2/2 乙\n"
    assert list(steps.seconds()) == ["甲", "乙"]


def test_a_terminal_shows_a_bar(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    with progress_told("zh", quiet=False) as tell:
        Stage("writing", 4, tell)("map.html")
    told = capsys.readouterr().err
    assert "写出" in told
    assert "0/4" in told
    assert "map.html" in told


@pytest.mark.parametrize(
    ("value", "unit", "family", "told"),
    [
        (3.0, "count", "dead_ends_opened", "3 条"),
        (16.0, "count", "dead_ends", "16 处"),
        (2.0, "count", "leading_food_firms", "2 家"),
        (5.0, "count", "anything_else", "5 个"),
        (1.8e11, "CNY", "", "1,800亿元"),
        (3e7, "USD", "", "3,000万美元"),
        (600_000.0, "persons", "", "600,000 人"),
    ],
)
def test_units_are_written_as_planners_do(value, unit, family, told):
    assert amount(value, counted(unit, family), "zh") == told
    assert with_unit("5亿", "USD", "zh") == "5亿美元"
