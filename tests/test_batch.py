"""Many cities in one go: the list, the places, what goes on where it was broken off, and the same numbers as one by one."""

import json
import re
import runpy
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

import suizhou_geo as sg
from suizhou_geo.assessment.snapshot import Standing, snapshot
from suizhou_geo.errors.text import Text
from suizhou_geo.outputs.batch import Batch, City
from suizhou_geo.outputs.batch.ranks import ranks
from suizhou_geo.outputs.batch.working import Done, Task, work
from suizhou_geo.sources.cities import read_cities
from suizhou_geo.sources.results import are_current, read_results

write_study = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))["write_study"]


def standing(value, low=None, high=None, *, op=">=", profile="one"):
    low, high = value if low is None else low, value if high is None else high
    return Standing("k", Text("甲", "A"), "share", "", value, low, high, op, 0.5, None, "met", True, profile, {}, {})


def places(*standings):
    return [(place.low, place.high) for place in ranks(list(standings), ["built_up"] * len(standings))]


def test_the_most_is_first_and_two_alike_share_a_place():
    assert places(standing(0.5), standing(0.9), standing(0.5), standing(0.1)) == [(2, 2), (1, 1), (2, 2), (4, 4)]


def test_where_the_promise_asks_for_less_the_least_is_first():
    assert places(*(standing(v, op="<=") for v in (3.0, 1.0, 2.0))) == [(3, 3), (1, 1), (2, 2)]


def test_a_number_that_is_left_open_has_a_span_of_places():
    wide, sure, other = standing(0.5, 0.2, 0.8), standing(0.7), standing(0.1)
    assert places(wide, sure, other) == [(1, 2), (1, 2), (3, 3)]


def test_other_definitions_and_cities_without_a_number_have_no_place():
    none = standing(float("nan"))
    assert places(standing(0.5), standing(0.6), standing(0.9, profile="two"), none) == [
        (2, 2),
        (1, 1),
        (None,) * 2,
        (None,) * 2,
    ]


def test_other_outlines_and_other_ways_of_looking_have_no_place_beside_the_commonest():
    same = [standing(v) for v in (0.3, 0.2, 0.1)]
    other = replace(standing(0.9), params={"radius_m": 500.0, "length_km": 3.0})
    found = replace(standing(0.8), params={"length_km": 4.0})
    given = ["built_up", "built_up", "administrative", "built_up", "built_up"]
    assert [place.low for place in ranks([*same, other, found], given)] == [2, 3, None, None, 1]


def test_two_studies_of_one_name_are_refused_in_scripts_too(tmp_path):
    with pytest.raises(sg.InputError, match="both called 'a'"):
        sg.batch([tmp_path / "x" / "a" / "study.toml", tmp_path / "y" / "a" / "study.toml"], out=tmp_path / "out")


@pytest.mark.parametrize("ops", [("==", "=="), (">=", "<=")])
def test_what_has_no_better_side_has_no_places(ops):
    assert places(*(standing(1.0, op=op) for op in ops)) == [(None, None), (None, None)]


@pytest.fixture
def listed(tmp_path):
    """Write a list of cities beside three study files, and return what it holds."""
    for name in ("b", "a", "sub"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "study.toml").touch()
    (tmp_path / "sub" / "other.toml").touch()

    def write(text):
        path = tmp_path / "cities.toml"
        path.write_text(text, encoding="utf-8")
        return read_cities(path)

    return write


def test_the_list_takes_paths_and_patterns_and_calls_a_city_as_its_folder(listed, tmp_path):
    cities = listed('name = "两市"\nname_en = "Two"\nlang = "en"\nstudies = ["sub/other.toml", "*/study.toml"]')
    assert [*cities.studies] == ["other", "a", "b", "sub"]
    assert cities.studies["a"] == tmp_path / "a" / "study.toml"
    assert (cities.name, cities.lang) == (Text("两市", "Two"), "en")


def test_a_list_without_a_name_is_called_as_its_file_and_a_missing_study_file_is_no_error_yet(listed):
    cities = listed('studies = ["gone/study.toml"]')
    assert (cities.name.zh, [*cities.studies]) == ("cities", ["gone"])


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("studies = []", "请写明研究文件", "name the study files"),
        ("studies = [1]", "请写明研究文件", "name the study files"),
        ('studies = "a"', "请写明研究文件", "name the study files"),
        ('study = ["a"]', "没有“study”这一项（是否应为 studies？）", "did you mean studies"),
        ('name = 3\nstudies = ["a"]', "name 应为加引号的文字", "name is not a text"),
        ('lang = "fr"\nstudies = ["a"]', "lang 应为 zh 或 en", "neither zh nor en"),
        ('studies = ["x*/study.toml"]', "找不到任何研究文件", "finds no study file"),
        ('studies = ["a/study.toml", "sub/a.toml"]', "都叫“a”", "both called 'a'"),
        ("studies = [", "不合 TOML 语法", "is not TOML"),
    ],
)
def test_a_wrong_list_is_told_in_one_sentence(listed, text, zh, en):
    with pytest.raises(sg.InputError) as told:
        listed(text)
    assert zh in told.value.said.zh
    assert en in told.value.said.en
    assert "cities.toml" in told.value.said.zh


def test_there_must_be_a_list(tmp_path):
    with pytest.raises(sg.InputError, match=r"gone\.toml"):
        read_cities(tmp_path / "gone.toml")


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    """Measure two invented towns, east of each other, of which the second is no town at all, and one whose zones are gone."""
    root = tmp_path_factory.mktemp("towns")
    for name in ("one", "two", "broken"):
        (root / name).mkdir()
        write_study(root / name)
    (root / "broken" / "zones.gpkg").unlink()
    return root


@pytest.fixture(scope="module")
def done(towns):
    tasks = [Task(name, towns / name / "study.toml", towns / "out" / name) for name in ("one", "broken")]
    return {task.city: (task, work(task)) for task in tasks}


def in_hand(done):
    return Batch(
        Text("两市", "two towns"),
        tuple(
            City(end, task.study, task.folder, None if end.why else snapshot(*read_results(task.folder)))
            for task, end in done.values()
        ),
    )


def test_a_city_that_fails_says_why_and_the_others_stand(done, towns):
    batch = in_hand(done)
    assert [city.done.city for city in batch.failed] == ["broken"]
    assert "zones.gpkg" in batch.table()["未能测算的原因"].iloc[1]
    assert not (towns / "out" / "broken").exists()
    assert repr(batch) == "Batch(两市: 1/2)"


@pytest.mark.slow
def test_the_numbers_are_those_of_the_city_measured_alone(done, towns):
    alone = sg.assess(towns / "one" / "study.toml")
    values = in_hand(done).values.set_index("key")["value"]
    assert {key: alone[key].value for key in values.index} == pytest.approx(values.to_dict(), nan_ok=True)
    tally = in_hand(done).table().iloc[0]
    assert tally["达到"] == sum(row.status == "met" for row in alone.rows)


@pytest.mark.slow
def test_the_files_hold_what_the_hand_holds(done, tmp_path):
    batch = in_hand(done)
    batch.write(tmp_path / "all", lang="en")
    assert {path.name for path in (tmp_path / "all").iterdir()} == {
        *("batch.json", "cities.csv", "values.csv", "map.html", "report.html")
    }
    page = (tmp_path / "all" / "report.html").read_text("utf-8")
    assert page.count("<details>") == len(batch.keys) > 20
    assert "[invented data, not Suizhou] Invented City" in page
    assert json.loads((tmp_path / "all" / "batch.json").read_text("utf-8"))["cities"][1]["failed"]


def test_neither_map_nor_median_holds_a_number_that_was_measured_otherwise(done):
    task, end = done["one"]
    taken = snapshot(*read_results(task.folder))
    other = replace(taken.standings["road_density"], value=99.0, low=99.0, high=99.0, profile="another")
    runs = {
        str(k): replace(
            taken,
            zones=taken.zones.set_geometry(taken.zones.translate(1e5 * k)),
            standings={"road_density": other if k == 2 else taken.standings["road_density"]},
        )
        for k in range(3)
    }
    cities = tuple(City(replace(end, city=city), task.study, task.folder, run) for city, run in runs.items())
    batch = Batch(Text("三市", "three"), cities)
    assert batch.values["alike"].tolist() == [True, True, False]
    drawn = batch.map().get_root().render()
    assert "99" not in "".join(re.findall(r"\d+(?:\.\d+)? km/km²", drawn))
    assert f"{taken.standings['road_density'].value:.2f} km/km²" in drawn


def test_a_ranking_is_asked_by_key(done):
    batch = in_hand(done)
    assert [*batch.ranking("road_density").columns] == ["名次", "城市", "取值", "可能的范围", "目标", "结论"]
    with pytest.raises(sg.InputError, match="road_density"):
        batch.ranking("roads")


def test_results_are_kept_until_a_byte_of_a_file_changes(done, towns, monkeypatch):
    task, first = done["one"]
    assert not first.kept
    assert work(task) == Done("one", kept=True)

    def current(study=task.study, *, lang=None, files=()):
        return are_current(task.folder, study, lang=lang, files=files)

    assert not current(towns / "two" / "other.toml")
    assert current(lang="en", files=["map.html"])
    assert not current(lang="zh")
    assert not current(files=["report.docx"])
    facilities = task.study.parent / "facilities.csv"
    before = facilities.read_bytes()
    facilities.write_bytes(before + b"\n")
    assert not current()
    facilities.write_bytes(before)
    assert current()
    monkeypatch.setattr("suizhou_geo.sources.results.version", lambda _: "another")
    assert not current()


def test_no_city_may_be_called_as_the_folder_of_all_of_them(tmp_path):
    (tmp_path / "all_cities").mkdir()
    with pytest.raises(sg.InputError, match="all_cities"):
        sg.batch([tmp_path / "all_cities" / "study.toml"], out=tmp_path / "out")


def numbers(folder):
    record = json.loads((folder / "scorecard.json").read_text("utf-8"))
    return json.dumps(record["rows"], ensure_ascii=False)


@pytest.mark.slow
def test_side_by_side_is_the_same_as_one_by_one_and_a_dead_worker_changes_nothing(towns, done, tmp_path):
    psutil = pytest.importorskip("psutil")
    pytest.importorskip("distributed")
    studies = [towns / name / "study.toml" for name in ("one", "two", "broken")]
    killed = []

    def kill_one():
        while not killed:
            time.sleep(0.2)
            for child in psutil.Process().children(recursive=True):
                if "spawn_main" in " ".join(child.cmdline()) and child.cpu_times().user > 3:
                    killed.append(child.pid)
                    child.kill()
                    return

    killer = threading.Thread(target=kill_one, daemon=True)
    killer.start()
    seen = []
    batch = sg.batch(studies, out=tmp_path / "out", progress=lambda end, n, of: seen.append((end.city, n, of)))
    assert killed
    assert sorted(city for city, _, _ in seen) == ["broken", "one", "two"]
    assert [(n, of) for _, n, of in seen] == [(1, 3), (2, 3), (3, 3)]
    assert [city.done.city for city in batch.failed] == ["broken"]
    assert numbers(tmp_path / "out" / "one") == numbers(done["one"][0].folder)


@pytest.mark.slow
def test_a_scheduler_that_was_started_by_hand_serves_as_well(towns, done, tmp_path):
    pytest.importorskip("distributed")
    address, beside = tmp_path / "scheduler.json", {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen([sys.executable, "-m", f"distributed.cli.dask_{what}", *given], **beside)
        for what, given in (
            ("scheduler", ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(address)]),
            ("worker", ["--scheduler-file", str(address), "--nthreads", "1", "--no-dashboard"]),
        )
    ]
    try:
        for _ in range(300):
            if address.exists():
                break
            time.sleep(0.2)
        where = json.loads(address.read_text())["address"]
        batch = sg.batch([towns / "one" / "study.toml"], out=tmp_path / "out", scheduler=where)
    finally:
        for process in started:
            process.kill()
            process.wait()
    assert not batch.failed
    assert numbers(tmp_path / "out" / "one") == numbers(done["one"][0].folder)


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told(towns, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("suizhou_geo.outputs.batch.working._WAIT_S", 1)
    with pytest.raises(sg.InputError, match=r"tcp://127\.0\.0\.1:9"):
        sg.batch([towns / "one" / "study.toml"], out=tmp_path, scheduler="tcp://127.0.0.1:9")
    shutil.rmtree(tmp_path)
