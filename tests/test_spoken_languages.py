"""Errors speak Chinese and English: every one of them, in the language that was asked for."""

import ast
import copy
import os
import pickle
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo import errors
from suizhou_geo.cli import app
from suizhou_geo.geometry.crs import DATUMS
from suizhou_geo.sources.columns import CODE_TABLES
from suizhou_geo.sources.plan import built_in_plans
from suizhou_geo.sources.study_schema import every_key
from suizhou_geo.study_area.layers import LAYERS, Boundary

PACKAGE = Path(__file__).resolve().parents[1] / "suizhou_geo"
BAD = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))
OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
HAN = re.compile(r"[\u4e00-\u9fff]+")
TERMS_IN_ENGLISH = {"用地用海", "三调"}  # names of code systems that have no other
WORDS = re.compile(r"[A-Za-z][A-Za-z_]+")
QUOTED = re.compile(r"“.*?”(?!”)|\"[^\"]*\"|\[[^\]]*\]|[\w.]+\.(?:toml|gpkg|shp|csv|tif|osm|pbf)|EPSG:\d+")
CODES = {  # formats, systems, values and programs that have no Chinese name in use
    *(
        "UTF",
        "GBK",
        "CSV",
        "TSV",
        "XLSX",
        "XLS",
        "TOML",
        "GeoPackage",
        "Shapefile",
        "GeoJSON",
        "GeoParquet",
        "GeoTIFF",
        "gdb",
    ),
    *("KML", "KMZ", "DXF", "zip"),
    *("OpenStreetMap", "osm", "pbf", "PROJ", "WGS", "CGCS", "NAD", "New", "York", "Long", "Island", "ftUS", "OSGB"),
    *("British", "National", "Grid", "degree", "Gauss", "Kruger", "CM", "nodata", "true", "false", "count", "density"),
}


def _raised():
    """Every place of the package that makes an error of ours: where, and its arguments as they are written."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in OURS:
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node.args


def _words(node):
    """The words that stand in an argument itself, what is filled in left out."""
    return "".join(
        part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


@pytest.mark.slow
def test_every_error_is_written_in_both_languages():
    places = list(_raised())
    assert len(places) > 200
    assert not [where for where, words in places if len(words) != 2]
    put_together = {w for w, (zh, _) in places if ".zh" in ast.unparse(zh) and not WORDS.search(_words(zh))}
    assert not [where for where, (zh, _) in places if not HAN.search(_words(zh)) and where not in put_together]
    assert not [where for where, (_, en) in places if set(HAN.findall(_words(en))) - TERMS_IN_ENGLISH]


def _codes():
    """The names of keys, layers, columns, categories and plans, whatever language is spoken."""
    known = {word for key in every_key() for word in WORDS.findall(key)} | set(LAYERS)
    known |= {column for layer in LAYERS.values() for column in layer.columns}
    known |= {*get_args(Boundary), *DATUMS, *CODE_TABLES, "lat", "lng", "gcj", "bd", "wgs", "osm_highway_cn_urban"}
    return known | {
        "life_circle_compliance",
        "suizhou_",
        "report",
        "toml",
        "primary_school",
        "market",
        "plan",
        "plans",
        *(w for name in built_in_plans() for w in WORDS.findall(name)),
    }


@pytest.mark.parametrize("name", BAD["CASES"])
def test_bad_input_is_told_in_chinese_alone(name, tmp_path, monkeypatch):
    path = BAD["write_case"](name, tmp_path)
    monkeypatch.delenv("SUIZHOU_GEO_LANG")
    with pytest.raises(sg.InputError) as caught:
        sg.read_study(path)
    said = QUOTED.sub("", str(caught.value).replace(f"{tmp_path}/", "").replace(str(tmp_path), ""))
    assert HAN.search(said)
    assert not set(WORDS.findall(said)) - CODES - _codes(), said
    assert not re.search(r"[,;:] ", said), said


def test_an_error_speaks_as_told_else_as_the_environment_says_else_chinese(tmp_path, monkeypatch):
    path = tmp_path / "study.toml"
    with pytest.raises(sg.StudyError, match="there is no study file"):
        sg.assess(path)
    with pytest.raises(sg.StudyError, match="没有研究文件"):
        sg.assess(path, lang="zh")
    monkeypatch.delenv("SUIZHOU_GEO_LANG")
    with pytest.raises(sg.StudyError, match="没有研究文件"):
        sg.assess(path)
    with pytest.raises(sg.StudyError, match="there is no study file"):
        sg.assess(path, lang="en")
    monkeypatch.setenv("SUIZHOU_GEO_LANG", "en_GB.UTF-8")
    with pytest.raises(sg.StudyError, match="there is no study file"):
        sg.read_study(path)


def test_a_study_names_its_language_and_who_asks_for_another_is_heard(tmp_path, monkeypatch):
    monkeypatch.delenv("SUIZHOU_GEO_LANG")
    path = BAD["write_case"]("missing osm", tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(f'lang = "en"\n{text}', encoding="utf-8")
    with pytest.raises(sg.InputError, match="there is no file"):
        sg.read_study(path)
    with pytest.raises(sg.InputError, match="没有文件"):
        sg.assess(path, lang="zh")
    path.write_text(f'lang = "fr"\n{text}', encoding="utf-8")
    with pytest.raises(sg.StudyError, match=r"lang 为“fr”，不是可用值；请写下列之一：zh、en"):
        sg.read_study(path)


@pytest.mark.slow
def test_results_are_told_in_the_language_of_the_study(tmp_path):
    path = BAD["write_study"](tmp_path)
    path.write_text('lang = "en"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert sg.assess(path, chapter="green").lang == "en"
    assert sg.assess(path, chapter="green", lang="zh").lang == "zh"


@pytest.mark.slow
def test_a_result_speaks_as_the_command_line_does_where_nobody_says(tmp_path, monkeypatch):
    path = BAD["write_study"](tmp_path)
    for spoken, lang in (("en_GB.UTF-8", "en"), ("", "zh")):
        monkeypatch.setenv("SUIZHOU_GEO_LANG", spoken)
        assert sg.assess(path, chapter="green").lang == lang


@pytest.mark.parametrize("kind", [sg.LayerError, sg.StudyError, sg.OutputError])
def test_an_error_that_crosses_a_process_says_the_same(kind):
    error = kind("图层有误", "the layer is wrong")
    error.lang = "zh"
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 -- our own bytes
        assert (type(other), str(other), other.said.en) == (kind, "图层有误", "the layer is wrong")


def _call(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.slow
def test_the_command_line_tells_an_error_in_the_language_asked_for(tmp_path, monkeypatch):
    study = BAD["write_case"]("unknown kind", tmp_path)
    monkeypatch.delenv("SUIZHOU_GEO_LANG")
    for verb in ("run", "check"):
        assert _call(verb, study).stderr.startswith("错误：study.toml：[population]：kind 为“counts”")
        assert _call(verb, study, "--lang", "en").stderr.startswith("error: study.toml: [population]: kind is 'counts'")
    assert _call("form", tmp_path / "none.toml").stderr.startswith("错误：没有研究文件")


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (
            ("run", "--lnag", "en"),
            "没有 --lnag 这个选项（是否应为 --lang？）；",
            "there is no option --lnag (did you mean --lang?); ",
        ),
        (
            ("run", "--foo"),
            "没有 --foo 这个选项；",
            "there is no option --foo; ",
        ),  # not --out, with which it shares dashes
        (
            ("runn",),
            "没有 runn 这个命令（是否应为 run？）；可用的命令有 run、check、form、compare",
            "there is no command runn (did you mean run?); the commands are run, check",
        ),
        (("sample",), "缺少参数 folder（", "the argument folder is missing ("),
        (
            ("run", "--lang", "fr"),
            "--lang 不能写“fr”，请写下列之一：zh、en；用法可运行",
            "--lang is 'fr'; give one of zh, en",
        ),
        (("sample", "city", "--seed", "x"), "--seed 的值应为整数；", "--seed takes a whole number; "),
        (("run", "a", "b"), "多出了参数 b，请去掉；", "b is more than the command takes"),
        (
            ("run", "--out"),
            "选项 --out 后面缺少它的值，请补上；用法可运行 suizhou-geo run --help 查看",
            "--out needs a value",
        ),
        (("run", "--full=1"), "选项 --full 是开关，后面不写值", "--full takes no value"),
    ],
)
def test_a_call_that_cannot_be_meant_is_told_in_one_line(words, zh, en, monkeypatch):
    for lang, begin, said in (("en", "error: ", en), ("zh", "错误：", zh)):
        monkeypatch.setenv("SUIZHOU_GEO_LANG", lang)
        result = _call(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(begin)
        assert said in result.stderr
        assert result.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "usage", "own"), [("", "用法：", "结果文件夹"), ("en", "Usage: ", "results folder")])
def test_help_is_chinese_unless_the_environment_says_otherwise(lang, usage, own):
    told = os.environ | {"SUIZHOU_GEO_LANG": lang, "PYTHONIOENCODING": "utf-8", "COLUMNS": "120"}
    done = subprocess.run(
        [sys.executable, "-m", "suizhou_geo", "run", "--help"], capture_output=True, env=told, text=True, check=True
    )
    assert done.stdout.startswith(usage)
    assert own in done.stdout
    assert "SUIZHOU_GEO_LANG" in done.stdout.strip().splitlines()[-1]
    assert not lang or not HAN.search(done.stdout.rpartition("帮助")[0])
    assert lang or "Options" not in done.stdout
