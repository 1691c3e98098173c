"""The command line: results and exit 0, or one sentence, exit 2, and nothing half-written."""

import json
import re
import runpy
from pathlib import Path

import pytest
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo import invented_city as sample
from suizhou_geo.cli import app
from suizhou_geo.outputs.folder import FILES, NOTES

BAD = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))
ROOT = Path(__file__).resolve().parents[1]


def _call(*words, **kwargs):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False, **kwargs)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    study = BAD["write_study"](folder / "study") if (folder / "study").mkdir() is None else None
    result = _call("run", study, "--out", folder / "results", "--lang", "zh")
    return folder / "results", result


def test_run_writes_everything_and_prints_the_scorecard(done):
    folder, result = done
    assert result.exit_code == 0
    assert sorted(p.name for p in folder.iterdir()) == sorted(FILES)
    assert "虚构数据，不是随州" in result.stdout
    assert "城区道路网密度" in result.stdout
    assert "缺数据" in result.stdout
    steps = re.findall(r"^… (读取|测算|写出) (\d+)/(\d+) (.+)$", result.stderr, flags=re.MULTILINE)
    names = [name for *_, name in steps]
    assert {"zones.gpkg", "城区道路网密度", "各类设施覆盖率", "map.html"} <= set(names)
    assert not [name for name in names if re.search("[a-z]{3}", name) and "." not in name]  # words, or names of files
    for stage in ("读取", "测算", "写出"):
        told = [(int(number), int(of)) for one, number, of, _ in steps if one == stage]
        assert told == [(k, len(told)) for k in range(1, len(told) + 1)], stage  # n/N, and N is how many there are


def test_the_screen_ends_with_the_tally_and_what_to_open(done):
    folder, result = done
    lines = result.stdout.rstrip().splitlines()
    assert lines[-1] == f"先打开 {folder / 'map.html'}"
    assert str(folder / NOTES) in lines[-2]
    (tally,) = [line for line in lines if re.fullmatch(r"33 项承诺：.*\d+ 无法判定.*", line)]
    assert sum(map(int, re.findall(r"(\d+) [达未无缺]", tally))) == 33
    assert lines.index(tally) > next(k for k, line in enumerate(lines) if "城区道路网密度" in line)
    told = (folder / NOTES).read_text(encoding="utf-8-sig")
    assert tally in told
    assert all(target.name_zh in told for target in sg.read_plan("suizhou_2025").targets)


def test_the_record_says_what_was_read_and_how(done):
    record = json.loads((done[0] / "run.json").read_text(encoding="utf-8"))
    assert record["invented"] is True
    assert record["crs"] == "EPSG:4547"
    assert {"suizhou_geo", "shapely", "osmium"} <= set(record["versions"])
    osm = next(source for source in record["inputs"] if source["role"] == "osm")
    assert re.fullmatch(r"[0-9a-f]{64}", osm["sha256"])
    assert osm["modified"]
    assert all(isinstance(sentence, str) for sentence in osm["notes"])
    assert {"kind": "empty", "layer": "residential"} in osm["done"]
    assert (osm["data_date"], osm["scaled_by"]) == ("", None)
    assert all(seconds >= 0 for seconds in record["seconds"].values())
    assert any(key.startswith("park_coverage") for key in record["measured_with"])


@pytest.mark.slow
def test_a_result_in_the_hand_writes_the_record_of_the_command_line(done, tmp_path):
    of_command = json.loads((done[0] / "run.json").read_text(encoding="utf-8"))
    told = []
    sg.assess(done[0].parent / "study" / "study.toml").write(tmp_path / "results", progress=told.append)
    record = json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))
    assert record["study_file"] == of_command["study_file"] == "study.toml"
    assert list(record["seconds"]) == list(of_command["seconds"])
    assert told == list(record["seconds"])[-len(told) :]


def test_every_output_says_that_the_city_is_invented(done):
    folder = done[0]
    page = (folder / "map.html").read_text(encoding="utf-8")
    assert "虚构数据" in page
    assert json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))["invented"] is True
    assert "虚构" in (folder / "scorecard.csv").read_text(encoding="utf-8-sig")


@pytest.mark.slow
def test_english_on_request(tmp_path):
    (tmp_path / "study").mkdir()
    result = _call("run", BAD["write_study"](tmp_path / "study"), "--out", tmp_path / "out", "--lang", "en")
    assert result.exit_code == 0
    assert "INVENTED DATA, not Suizhou" in result.stdout
    assert "cannot tell" in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", BAD["CASES"])
def test_bad_input_is_one_line_exit_2_and_nothing_written(name, tmp_path):
    (tmp_path / "study").mkdir()
    study = BAD["write_case"](name, tmp_path / "study")
    before = sorted(tmp_path.iterdir())
    result = _call("run", study, "--out", tmp_path / "results")
    assert result.exit_code == 2
    error = [line for line in result.stderr.splitlines() if not line.startswith("…")]
    assert len(error) == 1
    assert re.search(BAD["CASES"][name][1], error[0])
    assert sorted(tmp_path.iterdir()) == before
    assert _call("check", study).exit_code == 2


def test_a_template_without_a_report_is_refused(tmp_path):
    result = _call("run", "--template", tmp_path / "office.docx", "--out", tmp_path / "results")
    assert result.exit_code == 2
    assert "add --full" in result.stderr
    assert not (tmp_path / "results").exists()


def test_an_unwritable_results_folder(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "results").write_text("a file is in the way")
    result = _call("run", BAD["write_study"](tmp_path / "study"), "--out", tmp_path / "results")
    assert result.exit_code == 2
    assert "results" in result.stderr.splitlines()[-1]
    assert (tmp_path / "results").read_text() == "a file is in the way"


@pytest.mark.slow
def test_a_misspelt_parameter_is_named(tmp_path):
    study = BAD["write_study"](tmp_path)
    study.write_text(
        study.read_text(encoding="utf-8").replace('size_profile = "2022+"', 'size_profil = "2022+"'), encoding="utf-8"
    )
    result = _call("run", study, "--out", tmp_path / "results")
    assert result.exit_code == 2
    assert "size_profil" in result.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.slow
def test_check_says_what_there_is(tmp_path):
    result = _call("check", BAD["write_study"](tmp_path), "--lang", "en")
    assert result.exit_code == 0
    assert "population.tif" in result.stdout
    told = [line for line in result.stdout.splitlines() if line.startswith(("!", "·"))]
    assert any(line.startswith("· ") and "persons" in line for line in told)  # how many there are is nothing odd
    odd = sum(line.startswith("!") for line in told)
    assert result.stdout.rstrip().endswith(
        f"{odd} to look into (!), {len(told) - odd} to know (·); the inputs can be measured"
    )


@pytest.mark.slow
def test_sample_writes_the_city(tmp_path, monkeypatch, drawn_city):
    asked = []
    true = json.loads((ROOT / "data/raw/invented_city/truth.json").read_text(encoding="utf-8"))
    monkeypatch.setattr(sample, "city", lambda seed: asked.append(seed) or drawn_city)
    monkeypatch.setattr(sample, "truth", lambda _: true)
    result = _call("sample", tmp_path / "city", "--seed", "3")
    assert (result.exit_code, asked) == (0, [3])
    assert (tmp_path / "city" / "study.toml").exists()
    assert "invented" in result.stdout


@pytest.mark.slow
def test_without_a_study_the_bundled_city_is_measured(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = _call("run")
    assert result.exit_code == 2
    assert "data/raw/invented_city/study.toml" in result.stderr.replace("\n", "")
    monkeypatch.chdir(ROOT)
    assert _call("check").exit_code == 0


@pytest.mark.slow
def test_the_form_is_written_once_and_never_over_a_filled_one(tmp_path):
    form = tmp_path / "statistics.csv"
    done = _call("form", "--out", str(form))
    assert done.exit_code == 0
    text = form.read_text(encoding="utf-8-sig")
    assert "vehicle_exports" in text
    assert "road_density" not in text
    assert "life_circle_compliance" not in text  # its baseline stands in the study file
    form.write_text("filled in", encoding="utf-8")
    again = _call("form", "--out", str(form))
    assert again.exit_code == 2
    assert form.read_text(encoding="utf-8") == "filled in"
    assert _call("form", "--out", str(tmp_path / "form.doc")).exit_code == 2
    assert _call("form", "--out", str(tmp_path / "form.xlsx")).exit_code == 0
