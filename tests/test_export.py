"""Results are written all or none, and read back as what was measured."""

import json
import os
import sys
from contextlib import suppress

import numpy as np
import pandas as pd
import pyogrio
import pytest
from shapely import LineString, box

import suizhou_geo as sg
from suizhou_geo.assessment.scorecard import table_of
from suizhou_geo.errors import OutputError
from suizhou_geo.measures import measure_all
from suizhou_geo.outputs.folder import check_folder, results_folder
from suizhou_geo.outputs.gis.geopackage import write_geopackage
from suizhou_geo.outputs.gis.layers import evidence_layers, gis_layers
from suizhou_geo.outputs.scorecard_files import write_json, write_scorecard

KM = 1000.0


@pytest.fixture
def town(drawn):
    zones = drawn([box(0, 0, KM, KM), box(KM, 0, 2 * KM, KM)], name=["主城<b>", "片区"], role=["main_city", "district"])
    return sg.StudyArea(
        "城",
        zones.set_index(np.array(["1", "2"])),
        roads=drawn([LineString([(0, 500), (2000, 500)])], road_class=["branch"], name=["汉东东路"]),
        parks=drawn([box(100, 100, 200, 200)], name=["白云公园"]),
        residential=drawn([box(0, 0, 2000, 400)]),
        population=drawn([box(0, 0, 2000, 400)], persons=[8000]),
        invented=True,
    )


@pytest.fixture
def result(town, held):
    return held(town, measure_all(town), sg.read_plan("suizhou_2025"))


def _write_half_and_crash(out):
    with results_folder(out) as fresh:
        (fresh / "run.json").write_text("second")
        raise RuntimeError("power cut")


def test_a_crash_leaves_the_earlier_results_whole(tmp_path):
    out = tmp_path / "results"
    with results_folder(out) as fresh:
        (fresh / "run.json").write_text("first")
    with pytest.raises(RuntimeError):
        _write_half_and_crash(out)
    assert (out / "run.json").read_text() == "first"
    assert [p.name for p in tmp_path.iterdir()] == ["results"]
    with results_folder(out) as fresh:
        (fresh / "run.json").write_text("third")
    assert (out / "run.json").read_text() == "third"


@pytest.mark.parametrize("step", ["earlier/map.html", "earlier/figures", "placing", "map.html", "run.json"])
def test_a_place_that_cannot_be_taken_over_keeps_the_earlier_results(step, tmp_path, monkeypatch):
    out = tmp_path / "results"
    _run(out, "first")

    def refusing(move):
        def moved(source, target):
            if str(target).endswith(f"results/{step}") or str(target).endswith(f".suizhou_geo/{step}"):
                monkeypatch.undo()
                raise PermissionError(13, "in use")
            move(source, target)

        return moved

    for name in ("rename", "replace"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))
    with pytest.raises(OutputError, match="close the programs"):
        _run(out, "second")
    assert _words(out) == {"first"}
    assert len(list(out.iterdir())) == 3


class Death(BaseException):
    """The process is killed."""


class _Killer:
    """Kills at the n-th thing that is changed on the disk: nothing at all is changed after that."""

    changes = ("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate")

    def __init__(self):
        self.left = None

    def __call__(self, event, args):
        writes = event == "open" and isinstance(args[1], str) and not {"w", "a", "+", "x"}.isdisjoint(args[1])
        if self.left is not None and (writes or event in self.changes):
            self.left -= 1
            if self.left < 0:
                raise Death


KILLER = _Killer()
sys.addaudithook(KILLER)


def _run(out, words):
    with results_folder(out) as fresh:
        (fresh / "figures").mkdir()
        for name in ("map.html", "figures/overview.png", "run.json"):
            (fresh / name).write_text(words)


def _words(out):
    return {p.read_text() for p in out.rglob("*") if p.is_file() and ".suizhou_geo" not in p.parts}


@pytest.mark.slow
@pytest.mark.parametrize("there", [True, False])
def test_a_folder_heals_at_the_next_start_whatever_moment_a_run_died(there, tmp_path):
    ends = set()
    for step in range(60):
        out = tmp_path / str(step) / "results"
        if there:
            _run(out, "first")
        KILLER.left = step
        try:
            _run(out, "second")
            died = False
        except Death:
            died = True
        finally:
            KILLER.left = None
        left = _words(out)
        assert len(left) <= 1, (step, left)  # never of two runs side by side
        check_folder(out)
        whole = _words(out)
        assert len(list(out.rglob("*"))) == 4 if whole else not there, step
        ends |= whole
        _run(out, "third")
        assert (_words(out), len(list(out.rglob("*")))) == ({"third"}, 4), step
        assert [p.name for p in out.parent.iterdir()] == ["results"]
        if not died:
            break
    assert not died
    assert step > 15
    assert ends == ({"first", "second"} if there else {"second"})


@pytest.mark.slow
def test_a_death_at_the_healing_heals_too(tmp_path):
    for first in range(8, 30):
        for second in range(12):
            out = tmp_path / f"{first} {second}" / "results"
            _run(out, "first")
            for step, act in (
                (first, lambda out=out: _run(out, "second")),
                (second, lambda out=out: check_folder(out)),
            ):
                KILLER.left = step
                with suppress(Death):
                    act()
                KILLER.left = None
            check_folder(out)
            assert len(_words(out)) == 1
            assert len(list(out.rglob("*"))) == 4


def test_a_file_put_there_while_a_run_was_under_way_is_not_swept_away(tmp_path):
    out = tmp_path / "results"
    _run(out, "first")
    with pytest.raises(OutputError, match=r"holds thesis\.docx"), results_folder(out):
        (out / "thesis.docx").write_text("years of work")
    assert (out / "thesis.docx").read_text() == "years of work"
    assert (out / "run.json").read_text() == "first"


def test_what_another_program_left_beside_the_results_does_not_stop_a_run(tmp_path):
    _run(tmp_path / "results", "first")
    for name in (".DS_Store", "layers.gpkg-wal", "figures/Thumbs.db"):
        (tmp_path / "results" / name).write_text("")
    _run(tmp_path / "results", "second")
    assert _words(tmp_path / "results") == {"second"}


def test_two_runs_into_one_folder_do_not_meet(tmp_path):
    with results_folder(tmp_path / "out") as fresh:
        (fresh / "run.json").write_text("first")
        with pytest.raises(OutputError, match="another run is writing"), results_folder(tmp_path / "out"):
            pass
    assert _words(tmp_path / "out") == {"first"}


def test_a_link_to_a_folder_is_written_where_it_leads_and_the_folder_itself_stays(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "results").symlink_to(tmp_path / "far")
    before = (tmp_path / "far").stat().st_ino  # a mount point could not be renamed
    for words in ("first", "second"):
        _run(tmp_path / "results", words)
        assert _words(tmp_path / "far") == {words}
    assert (tmp_path / "results").is_symlink()
    assert (tmp_path / "far").stat().st_ino == before
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    with pytest.raises(OutputError, match="cannot be written"):
        check_folder(tmp_path / "ring")


def test_a_hidden_folder_that_leads_elsewhere_is_not_followed(tmp_path):
    _run(tmp_path / "results", "first")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "results" / ".suizhou_geo").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="not a result of ours"):
        _run(tmp_path / "results", "second")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_folder_that_is_only_looked_at_is_left_as_it_was(tmp_path):
    check_folder(tmp_path / "new" / "results")
    assert not (tmp_path / "new" / "results").exists()


def test_strangers_files_are_never_swept_away(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("years of work")
    with (
        pytest.raises(OutputError, match=r"holds thesis\.docx, which is not a result of ours"),
        results_folder(tmp_path / "out"),
    ):
        pass
    assert (tmp_path / "out" / "thesis.docx").read_text() == "years of work"


def test_a_file_called_like_a_result_is_a_stranger_s_where_no_run_left_its_record(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "map.html").write_text("mine")
    with pytest.raises(OutputError, match=r"holds map\.html, which is not a result"), results_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out" / "map.html").read_text() == "mine"


FULL = (
    *("scorecard.csv", "scorecard.json", "layers.gpkg", "map.html", "run.json", "project.qgz", "metadata.json"),
    *("report.html", "report.docx", "report_annex.html", "report_annex.docx", "report.xlsx"),
    *("figures/附图13_公园服务半径.pdf", "figures/figure02_land.png"),
    *("shapefiles/zones.shp", "shapefiles/zones.dbf", "shapefiles/zones.cpg", "shapefiles/fields.csv"),
    *("shapefiles/arterial_grid_points.shx", "geojson/dead_ends.geojson"),
)


def _full_run(folder, words):
    for name in FULL:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(words)


def test_an_earlier_full_run_is_replaced_as_a_whole(tmp_path):
    out = tmp_path / "results"
    with results_folder(out) as fresh:
        _full_run(fresh, "first")
    with results_folder(out) as fresh:
        (fresh / "run.json").write_text("second")
    assert [p.name for p in out.rglob("*")] == ["run.json"]
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


@pytest.mark.parametrize(
    "stranger",
    [
        *(
            "thesis.docx",
            "figures/holiday.png",
            "figures/附图.png",
            "figures/old/overview.png",
            "shapefiles/parcels.shp",
            "layers.qgz",
        ),
        *("shapefiles/zones.sbn", "geojson/mine.geojson", "run.json/notes.txt", "maps/overview.png"),
    ],
)
def test_a_strangers_file_anywhere_among_ours_stops_the_run(tmp_path, stranger):
    out = tmp_path / "results"
    out.mkdir()
    (out / stranger).parent.mkdir(parents=True, exist_ok=True)
    (out / stranger).write_text("years of work")
    with pytest.raises(OutputError, match="which is not a result of ours"), results_folder(out) as fresh:
        (fresh / "run.json").write_text("second")
    assert (out / stranger).read_text() == "years of work"
    assert [p.name for p in tmp_path.iterdir()] == ["results"]


def test_a_link_in_place_of_our_folder_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "figures").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="holds figures"), results_folder(tmp_path / "results"):
        pass


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"), results_folder(tmp_path / "file" / "out"):
        pass


@pytest.mark.slow
def test_the_scorecard_reads_back(result, tmp_path):
    card = table_of(result.rows, "zh")
    write_scorecard(result, tmp_path)
    back = pd.read_csv(tmp_path / "scorecard.csv")
    assert list(back.columns) == list(card.columns)
    assert back["value"].tolist() == pytest.approx(card["value"].tolist(), nan_ok=True)
    told = json.loads((tmp_path / "scorecard.json").read_text(encoding="utf-8"))
    assert told["invented"] is True
    rows = {row["key"]: row for row in told["rows"]}
    density = rows["road_density"]
    assert density["by_zone"]["1"]["value"] == pytest.approx(1.0)
    assert density["shortfall"] == pytest.approx(7.0 * 2.0)
    assert density["shortfall_unit"] == "km"
    assert sum(zone["shortfall"] for zone in density["by_zone"].values()) == pytest.approx(density["shortfall"])
    assert density["breakdown"]["raw"]["whole_km"] == pytest.approx(2.0)
    assert rows["service_coverage.bank"]["value"] is None


@pytest.mark.slow
def test_the_layers_read_back_with_chinese_text(town, result, tmp_path):
    write_geopackage(gis_layers(result), tmp_path)
    path = tmp_path / "layers.gpkg"
    names = {name for name, _ in pyogrio.list_layers(path)}
    assert {"zones", "road_density", "park_coverage", "population_density", "dead_ends", "arterial_grid"} <= names
    assert not {"arterial_grid_east_west", "road_density.branch"} & names
    zones = pyogrio.read_dataframe(path, layer="zones")
    assert zones["name"].tolist() == ["主城<b>", "片区"]
    assert zones["road_density"].tolist() == pytest.approx([1.0, 1.0])
    assert zones["road_density_status"].tolist() == ["missed"] * 2
    assert "虚构" in zones["invented"][0]
    roads = pyogrio.read_dataframe(path, layer="road_density")
    assert roads["name"].unique().tolist() == ["汉东东路"]
    assert roads["counted_m"].sum() == pytest.approx(2000.0)
    assert roads.crs == town.crs
    parks = pyogrio.read_dataframe(path, layer="park_coverage")
    land = parks[(parks["profile"] == result.row("park_coverage").profile) & parks["part"].str.endswith("covered")]
    assert land["area_ha"].sum() == pytest.approx(80.0)
    assert land.area.sum() / 1e4 == pytest.approx(80.0, rel=1e-6)


def test_each_definition_of_reach_is_drawn_once(result):
    parks = evidence_layers(result.every_measure)["park_coverage"]
    assert parks["profile"].nunique() == 4  # three size profiles by straight line, one along the streets


def test_json_takes_what_json_cannot(tmp_path):
    write_json({"a": np.float64("nan"), "b": np.inf, "c": (np.int64(3), "字"), "d": {1: None}}, tmp_path / "x.json")
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8")) == {
        "a": None,
        "b": "inf",
        "c": [3, "字"],
        "d": {"1": None},
    }
