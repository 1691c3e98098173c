"""Two years side by side, of towns whose answers are mental arithmetic: what changed, where, and whether the pace is enough."""

import json
import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point, box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.comparison import compared, differences, moment, remarks
from suizhou_geo.assessment.comparison_tables import moment_name
from suizhou_geo.assessment.snapshot import snapshot
from suizhou_geo.cli import app
from suizhou_geo.errors import InputError, OutputError
from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.measures import measure_all
from suizhou_geo.model import Input, Measure, Plan, Study, Target
from suizhou_geo.outputs.scorecard_files import scorecard_content

EAST, WEST = box(441_000, 3_507_000, 442_000, 3_508_000), box(440_000, 3_507_000, 441_000, 3_508_000)
ZONES = {"东区": EAST, "西区": WEST}
PLAN = Plan(
    "demo",
    "案",
    "plan",
    "《案》",
    (Target("park_coverage", "公园覆盖", "parks", ">=", 0.9, "share", 2025, "一", "文"),),
)


def result(
    value=0.6,
    *,
    zones=None,
    low=None,
    high=None,
    plan=PLAN,
    profile="land",
    params=None,
    sha="a",
    date="",
    key="park_coverage",
    unit="share",
    ground="ha",
    boundary="built_up",
    invented=False,
    name="画城",
    city="",
    lang=None,
) -> sg.Assessment:
    """One run of a town whose zones, (name, shape, value), have 100 ha of homes each: two of them, alike, if not said."""
    zones = zones or [(name, shape, value) for name, shape in ZONES.items()]
    names, shapes, values = zip(*zones, strict=True)
    ids = pd.Index([str(n + 1) for n in range(len(zones))], name="zone_id")
    layer = gpd.GeoDataFrame({"name": names, "role": "main_city"}, geometry=list(shapes), crs="EPSG:4547", index=ids)
    area = sg.StudyArea(name, layer, boundary=boundary, invented=invented)
    by_zone = pd.Series(values, index=ids, dtype=float)
    whole = float(by_zone.mean())
    measure = Measure(
        *(key, "公园覆盖", "parks", whole, unit, by_zone, by_zone * 0 + 100.0, ground, profile, NOTHING, params or {}),
        low=whole if low is None else low,
        high=whole if high is None else high,
    )
    inputs = (Input("parks", "parks.gpkg", sha * 64, "2020-01-01", 1, 1, data_date=date),)
    study = Study(name, "Drawn", area, plan, {}, {}, inputs=inputs, findings=(), city=city, lang=lang)
    found = assessed(study, [measure])
    return sg.Assessment(found.study, found.rows, found.measures)


def change(before, after, **how):
    return sg.compare(before, after, **{"years": [2021, 2023], **how})["park_coverage"]


# ------------------------------------------------------------------------------------- what changed, and where


def test_the_change_is_told_in_shares_and_on_the_ground_and_by_zone():
    found = change(
        result(zones=[("东区", EAST, 0.5), ("西区", WEST, 0.7)]),
        result(zones=[("东区", EAST, 0.8), ("西区", WEST, 0.6)], sha="b"),
    )
    assert (found.before.value, found.after.value) == (0.6, pytest.approx(0.7))
    assert found.amount == pytest.approx(0.1)
    assert (found.on_ground, found.ground_unit) == (pytest.approx(20.0), "ha")  # 10 % of 200 ha
    assert {zone.name: round(zone.on_ground, 9) for zone in found.zones} == {"东区": 30.0, "西区": -10.0}
    assert sum(zone.on_ground for zone in found.zones) == pytest.approx(found.on_ground)


def test_the_same_results_twice_are_nothing_changed():
    one = result(0.6)
    found = sg.compare(one, one)
    assert found.changed == ()
    assert found.notes == ()
    assert not found["park_coverage"].is_changed
    assert found["park_coverage"].pace.judgement == "cannot_tell"
    assert "数据未变" in found["park_coverage"].pace.why.zh


@pytest.mark.slow
def test_what_may_only_be_more_data_says_so():
    sure = change(result(0.5), result(0.8, sha="b"))
    open_ = change(result(0.5, high=1.0), result(0.8, high=1.0, sha="b"))
    assert (sure.is_open, open_.is_open) == (False, True)
    assert "差别可能只是数据补全" in remarks(open_, "zh")
    assert "data that came in" in remarks(open_, "en")
    table = sg.compare(result(0.5, high=1.0), result(0.8, high=1.0, sha="b")).table(lang="zh")
    assert table["变化"].tolist() == ["+30.0 个百分点\n（可能只是数据补全）"]
    assert not change(result(0.5, high=1.0), result(0.5, high=1.0, sha="b")).is_open


def test_a_number_that_stands_on_too_little_is_none():
    thin = result(0.6)
    (row,) = thin.rows
    row = replace(row, measure=replace(row.measure, thin=Text("0.05 公顷", "0.05 ha")), status="cannot_tell")
    found = change(replace(thin, rows=(row,)), result(0.8, sha="b"))
    assert np.isnan(found.before.value)
    assert np.isnan(found.amount)
    assert found.zones[0].before != found.zones[0].before  # NaN
    by_zone = replace(row.measure, thin=None, thin_by_zone={"1": Text("0.05 公顷", "0.05 ha")})
    east, west = change(replace(thin, rows=(replace(row, measure=by_zone),)), result(0.8, sha="b")).zones
    assert np.isnan(east.on_ground)
    assert west.on_ground == pytest.approx(20.0)


def test_a_number_that_only_one_run_has_is_no_change_in_figures():
    nothing = replace(PLAN, targets=())
    found = sg.compare(
        result(0.5, plan=nothing, key="greenway_coverage"), result(0.5, plan=nothing), years=[2021, 2023]
    )
    assert found["park_coverage"].before is None
    assert found["park_coverage"].is_changed
    assert np.isnan(found["park_coverage"].amount)
    assert found["greenway_coverage"].after is None
    assert np.isnan(found["greenway_coverage"].on_ground)


def test_a_sum_changes_by_itself():
    counted = {"key": "pocket_parks", "unit": "count", "ground": "count", "plan": None}
    few, many = result(3.0, **counted), result(5.0, sha="b", **counted)
    found = sg.compare(few, many, years=[2021, 2023])["pocket_parks"]
    assert (found.amount, found.on_ground) == (2.0, 2.0)


# ------------------------------------------------------------------------------------- the pace


@pytest.mark.parametrize(
    ("before", "after", "judgement"),
    [
        (0.6, 0.8, "on_track"),  # 10 points a year; 10 are left for 2 years: 5 needed
        (0.7, 0.8, "on_track"),  # exactly as fast as needed
        (0.72, 0.8, "slow"),  # 4 of 5
        (0.709, 0.8, "slow"),  # 4.55 of 5: 91 %
        (0.704, 0.8, "on_track"),  # 4.8 of 5: 96 %
        (0.8, 0.8, "none"),
        (0.797, 0.8, "none"),  # 0.15 of 5: 3 %
        (0.803, 0.8, "none"),
        (0.85, 0.8, "backwards"),
        (0.6, 0.95, "reached"),
        (0.6, 0.9, "reached"),
    ],
)
def test_the_pace_is_judged_by_what_is_needed(before, after, judgement):
    found = change(result(before), result(after, sha="b"))
    assert found.pace.judgement == judgement
    if judgement not in ("reached",):
        assert found.pace.seen == pytest.approx((after - before) / 2)
        assert found.pace.needed == pytest.approx((0.9 - after) / 2)


def test_a_target_that_must_not_be_passed_is_approached_from_above():
    most = replace(PLAN, targets=(replace(PLAN.targets[0], op="<=", value=0.2),))
    assert change(result(0.6, plan=most), result(0.4, plan=most, sha="b")).pace.judgement == "on_track"
    assert change(result(0.4, plan=most), result(0.6, plan=most, sha="b")).pace.judgement == "backwards"


@pytest.mark.slow
def test_a_planned_size_is_approached_from_either_side():
    size = replace(PLAN, targets=(replace(PLAN.targets[0], op="==", value=0.5),))
    assert change(result(0.9, plan=size), result(0.7, plan=size, sha="b")).pace.judgement == "on_track"
    assert change(result(0.4, plan=size), result(0.3, plan=size, sha="b")).pace.judgement == "backwards"
    assert change(result(0.4, plan=size), result(0.503, plan=size, sha="b")).pace.judgement == "reached"


def test_a_target_whose_year_is_over_is_overdue():
    assert change(result(0.6), result(0.8, sha="b"), years=[2021, 2025]).pace.judgement == "overdue"
    assert change(result(0.6), result(0.9, sha="b"), years=[2021, 2026]).pace.judgement == "reached"


@pytest.mark.slow
def test_ranges_that_overlap_tell_no_pace():
    before, after = result(0.5, low=0.4, high=0.7), result(0.8, low=0.6, high=0.85, sha="b")
    assert change(before, after).pace.judgement == "cannot_tell"
    assert "判断不一" in change(before, after).pace.why.zh
    apart = change(result(0.5, low=0.4, high=0.6), result(0.8, low=0.78, high=0.85, sha="b"))
    assert apart.pace.judgement == "on_track"  # at the least 0.18 in two years, and 0.12 to go
    beyond = change(result(0.5, high=np.inf), result(0.8, high=np.inf, sha="b"))
    assert beyond.pace.judgement == "cannot_tell"


def test_without_a_date_there_is_no_pace_but_a_change():
    found = change(result(0.6), result(0.8, sha="b"), years=None)
    assert found.pace.judgement == "cannot_tell"
    assert "--year" in found.pace.why.en
    assert found.amount == pytest.approx(0.2)


def test_the_dates_of_the_files_that_changed_give_the_years():
    # 2.0 years between, 2.0 to the end of 2025
    found = change(result(0.7, date="2022-01-01"), result(0.8, sha="b", date="2024-01-01"), years=None)
    assert (found.pace.judgement, found.pace.needed) == ("on_track", pytest.approx(0.05))
    same = change(result(0.7, date="2024-01-01"), result(0.8, sha="b", date="2024-01-01"), years=None)
    assert same.pace.judgement == "cannot_tell"
    assert "no newer" in same.pace.why.en
    assert (moment("2023"), moment("2023-01-01"), moment("spring")) == (2024.0, 2023.0, None)


def test_a_promise_without_a_year_has_no_pace():
    always = replace(PLAN, targets=(replace(PLAN.targets[0], year=None),))
    assert change(result(0.6, plan=always), result(0.8, plan=always, sha="b")).pace.judgement == ""


def test_a_target_that_is_not_sure_tells_no_pace():
    unsure = replace(PLAN, targets=(replace(PLAN.targets[0], sure=False),))
    assert change(result(0.6, plan=unsure), result(0.8, plan=unsure, sha="b")).pace.judgement == "cannot_tell"


# ------------------------------------------------------------------------------------- or the definition, the data, the outline


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"profile": "persons"}, "口径：按用地 → 按人口"),
        ({"params": {"radius_m": 300.0}}, "参数 radius_m：500.0 → 300.0"),
        ({"plan": replace(PLAN, targets=(replace(PLAN.targets[0], value=0.8),))}, "目标：≥ 90% (2025) → ≥ 80% (2025)"),
    ],
)
def test_what_is_defined_otherwise_is_not_compared_unless_told_to_and_then_said(other, word):
    before, after = (
        result(0.6, params={"radius_m": 500}),
        result(0.8, sha="b", **{"params": {"radius_m": 500.0}, **other}),
    )
    refused = change(before, after)
    assert not refused.comparable
    assert [text.zh for text in refused.differs] == [word]
    assert np.isnan(refused.amount)
    assert refused.zones == ()
    assert refused.pace.judgement == "cannot_tell"
    forced = change(before, after, anyway=True)
    assert forced.amount == pytest.approx(0.2)
    assert [text.zh for text in forced.differs] == [word]


def test_what_was_found_on_the_way_is_no_definition():
    assert not change(result(params={"parks": 3}), result(params={"parks": 4}, sha="b")).differs


@pytest.mark.slow
def test_runs_of_different_plans_or_outlines_are_refused_unless_told_to():
    for other, word in (
        ({"plan": replace(PLAN, name="other")}, "different plans: demo → other"),
        ({"boundary": "administrative"}, "stand for different things"),
        ({"name": "邻城"}, "different studies: 画城 → 邻城"),
        ({"city": "邻市"}, "different studies: 画城 → 画城（邻市）"),
        ({"zones": [("远", box(450_000, 3_507_000, 451_000, 3_508_000), 0.8)]}, "not one zone has the same outline"),
    ):
        with pytest.raises(InputError, match=word):
            sg.compare(result(0.6), result(0.8, sha="b", **other))
        found = sg.compare(result(0.6), result(0.8, sha="b", **other), anyway=True)
        assert any("compared anyway" in note.en for note in found.notes)


def test_runs_in_different_coordinate_systems_are_refused():
    other = result(0.8)
    moved = replace(other.study, area=replace(other.area, zones=other.area.zones.to_crs("EPSG:4548")))
    with pytest.raises(InputError, match="different coordinate systems: EPSG:4547 → EPSG:4548"):
        sg.compare(result(0.6), replace(other, study=moved))


def test_other_data_are_told_with_their_dates():
    found = sg.compare(result(0.6, date="2021"), result(0.8, sha="b", date="2023"))
    assert [note.zh for note in found.notes] == ["与前次不同的文件：公园数据已更新 2021 → 2023"]
    assert [text.en for text in found["park_coverage"].sources] == ["other data of parks 2021 → 2023"]


@pytest.mark.slow
def test_layers_that_count_as_complete_now_and_other_software_are_told(monkeypatch):
    before = result(0.6)
    area = replace(before.area, incomplete=frozenset({"parks", "roads"}))
    before = replace(before, study=replace(before.study, area=area))
    assert [note.zh for note in sg.compare(before, result(0.6)).notes] == ["这次声明为完整的图层：公园；道路"]
    assert [note.en for note in sg.compare(result(0.6), before).notes] == [
        "layers that count as complete no more: parks; roads"
    ]
    monkeypatch.setattr("suizhou_geo.assessment.snapshot.version", lambda _: "9.9")
    newer = snapshot(scorecard_content(result(0.6)), before.area.zones)
    monkeypatch.undo()
    (note,) = compared([snapshot(scorecard_content(result(0.6)), before.area.zones), newer]).notes
    assert note.en.endswith("→ 9.9; a difference may come from the software")


def test_zones_that_came_went_or_were_redrawn_are_told_and_the_whole_is_not_compared():
    north = box(440_000, 3_508_000, 442_000, 3_509_000)
    less = box(440_000, 3_507_000, 440_500, 3_508_000)
    before = result(zones=[("东区", EAST, 0.5), ("西区", WEST, 0.7)])
    after = result(zones=[("西区", less, 0.9), ("东区", EAST, 0.8), ("北区", north, 0.2)], sha="b")
    found = sg.compare(before, after, years=[2021, 2023])
    said = " ".join(note.zh for note in found.notes)
    assert "“西区”的范围变了：100.0 → 50.0 公顷" in said
    assert "“北区”（200.0 公顷）是新增的" in said
    parks = found["park_coverage"]
    assert not parks.comparable
    assert "范围变了" in parks.differs[0].zh
    assert parks.pace.judgement == "cannot_tell"
    (east,) = parks.zones  # the one that is still the same, though its number is another one
    assert (east.name, east.amount) == ("东区", pytest.approx(0.3))
    back = " ".join(note.en for note in sg.compare(after, before).notes)
    assert "zone 北区 (200.0 ha) was taken out" in back


def test_zones_that_are_called_otherwise_or_change_their_names_are_told():
    before = result(zones=[("东区", EAST, 0.5), ("西区", WEST, 0.7)])
    renamed = result(zones=[("新区", EAST, 0.5), ("西区", WEST, 0.7)], sha="b")
    assert "zone 东区 is now called 新区 (same outline, 100.0 ha)" in [n.en for n in sg.compare(before, renamed).notes]
    swapped = result(zones=[("西区", EAST, 0.5), ("东区", WEST, 0.7)], sha="b")
    told = [note.zh for note in sg.compare(before, swapped).notes]
    assert "分区“东区”现在叫“西区”（范围未变，100.0 公顷）" in told
    assert "分区“西区”现在叫“东区”（范围未变，100.0 公顷）" in told
    assert not sg.compare(before, before).notes


def test_every_zone_of_one_name_is_told():
    far = [box(440_000 + 1000 * k, 3_509_000, 440_500 + 1000 * k, 3_510_000) for k in range(2)]
    before, after = result(), result(zones=[("东区", EAST, 0.5), *(("新区", shape, 0.7) for shape in far)], sha="b")
    assert "分区“新区”（50.0、50.0 公顷）是新增的" in [note.zh for note in sg.compare(before, after).notes]


def test_a_number_that_is_lost_is_said_to_be():
    found = sg.compare(result(0.6), result(np.nan, sha="b"), years=[2021, 2023])
    (lost,) = found.table(lang="zh").to_dict("records")
    assert (lost["2021"], lost["2023"], lost["变化"]) == ("60.0%", "—", "这次没有数值")
    assert "there was a number before, and there is none now" in remarks(found["park_coverage"], "en")
    back = sg.compare(result(np.nan), result(0.6, sha="b"), years=[2021, 2023]).table(lang="zh")
    assert back["变化"].tolist() == ["前一次没有数值"]


@pytest.mark.slow
def test_the_language_is_that_of_the_last_study_unless_another_is_asked_for(tmp_path, monkeypatch):
    assert sg.compare(result(), result(lang="en")).lang == "en"
    assert sg.compare(result(), result(lang="zh")).lang == "zh"
    assert sg.compare(result(lang="zh"), result()).lang == "en"  # of the environment, where the last study says nothing
    with monkeypatch.context() as nobody:
        nobody.delenv("SUIZHOU_GEO_LANG")
        assert sg.compare(result(lang="en"), result()).lang == "zh"
    assert sg.compare(result(), result(lang="en"), lang="zh").lang == "zh"
    for name, lang in (("a", None), ("b", "zh")):
        result(lang=lang).write(tmp_path / name)
    for folders, asked, begins in (
        ("ab", (), "对比："),
        ("ba", (), "Comparison: "),
        ("ba", ("--lang", "zh"), "对比："),
    ):
        call = ["compare", *(str(tmp_path / name) for name in folders), "--out", str(tmp_path / "out"), *asked]
        done = CliRunner().invoke(app, call, catch_exceptions=False)
        assert done.stdout.splitlines()[-1].startswith(begins), call


@pytest.mark.slow
def test_fewer_than_two_results_and_years_that_do_not_fit_are_refused(tmp_path):
    with pytest.raises(InputError, match="two results at the least"):
        sg.compare(result())
    for years in ([2021], [2023, 2021], [2021, 2021]):
        with pytest.raises(InputError, match="one for each of the 2 results"):
            sg.compare(result(), result(), years=years)
    for years in ([-5, 2021], [2021, 99_999]):
        with pytest.raises(InputError, match="give years between 1949 and 2100"):
            sg.compare(result(), result(), years=years)
    with pytest.raises(InputError, match="holds no results of ours"):
        sg.compare(result(), tmp_path)


# ------------------------------------------------------------------------------------- out of folders, and into one


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Three years of the town, as `run` writes them."""
    place = tmp_path_factory.mktemp("years")
    for year, value, sha in ((2021, 0.6, "a"), (2022, 0.65, "b"), (2023, 0.8, "c")):
        result(value, low=value - 0.01, sha=sha, invented=True).write(place / str(year))
    return [place / year for year in ("2021", "2022", "2023")]


@pytest.mark.slow
def test_folders_say_the_same_as_results_in_the_hand(folders):
    of_folders = sg.compare(folders[0], folders[2], years=[2021, 2023])
    in_hand = sg.compare(
        *(result(value, low=value - 0.01, sha=sha, invented=True) for value, sha in ((0.6, "a"), (0.8, "c"))),
        years=[2021, 2023],
    )
    pd.testing.assert_frame_equal(of_folders.numbers, in_hand.numbers)
    pd.testing.assert_frame_equal(of_folders.by_zone, in_hand.by_zone)
    assert of_folders["park_coverage"].pace == in_hand["park_coverage"].pace
    assert not sg.compare(folders[0], result(0.6, low=0.59, invented=True)).changed


@pytest.mark.slow
def test_three_years_make_a_series(folders):
    found = sg.compare(*folders, years=[2021, 2022, 2023])
    assert [s.value for s in found.series(found["park_coverage"])] == pytest.approx([0.6, 0.65, 0.8])
    odd = sg.compare(folders[0], result(0.7, profile="persons", invented=True), folders[2], years=[2021, 2022, 2023])
    assert [s is None for s in odd.series(odd["park_coverage"])] == [False, True, False]
    assert [moment_name(found, one, "zh") for one in found.taken] == ["2021", "2022", "2023"]
    (told,) = found.table(lang="zh").to_dict("records")
    assert [told[year] for year in ("2021", "2022", "2023")] == ["60.0%", "65.0%", "80.0%"]
    numbers = found.numbers[["value_2021", "value_2022", "value_2023"]].to_numpy()
    assert numbers.tolist() == [pytest.approx([0.6, 0.65, 0.8])]
    (told,) = odd.table(lang="zh").to_dict("records")
    assert told["2022"] == "70.0%\n不可比"
    assert odd.numbers["value_2022"].isna().all()
    assert "value_1" in sg.compare(*folders).numbers  # of which nobody says when they are


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("按期", "虚构数据", "公园覆盖")), ("en", ("on track", "invented", "parks"))]
)
def test_the_command_writes_and_says_it(folders, tmp_path, lang, words):
    call = ["compare", *map(str, folders), "--out", str(tmp_path / "out"), "--lang", lang]
    done = CliRunner().invoke(
        app, [*call, "--year", "2021", "--year", "2022", "--year", "2023"], catch_exceptions=False
    )
    assert done.exit_code == 0, done.stderr
    for word in words:
        assert word in done.stdout
    names = {"comparison.csv", "comparison_zones.csv", "comparison.json", "comparison.png", "map.html"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    (row,) = pd.read_csv(tmp_path / "out" / "comparison.csv").to_dict("records")
    assert (row["judgement"], row["on_ground"]) == ("on_track", pytest.approx(40.0))  # 20 % of 200 ha
    record = json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8"))
    assert [run["name"] for run in record["runs"]] == ["2021", "2022", "2023"]
    assert ("linear" if lang == "en" else "线性") in record["rule"]
    page = (tmp_path / "out" / "map.html").read_text(encoding="utf-8")
    assert ("20 ha" if lang == "en" else "20 公顷") in page  # each zone


def test_a_folder_of_something_else_is_left_as_it_is(folders):
    found = sg.compare(folders[0], folders[2])
    with pytest.raises(OutputError, match="which is not a result of ours"):
        found.write(folders[0])
    assert (folders[0] / "scorecard.json").is_file()
    refused = CliRunner().invoke(app, ["compare", str(folders[0]), str(folders[0].parent / "none")])
    assert refused.exit_code == 2


@pytest.mark.parametrize("missing", ["zones", "crs", "rows", "inputs"])
def test_results_of_another_version_are_refused_in_words(missing):
    content = scorecard_content(result())
    del content[missing]
    with pytest.raises(InputError, match=f"not as this version writes it.*{missing}.*run the study again"):
        snapshot(content, result().area.zones)


def test_a_scorecard_that_somebody_changed_is_refused_in_words(folders, tmp_path):
    for written in ("[1, 2]", "{", '{"rows": 3}'):
        shutil.copytree(folders[0], tmp_path / "results", dirs_exist_ok=True)
        (tmp_path / "results" / "scorecard.json").write_text(written, encoding="utf-8")
        with pytest.raises(InputError, match="run the study again"):
            sg.compare(folders[0], tmp_path / "results")


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_geopackage_that_is_cut_off_is_told_in_one_language(folders, tmp_path, lang):
    shutil.copytree(folders[0], tmp_path / "cut")
    layers = tmp_path / "cut" / "layers.gpkg"
    for bytes_ in (layers.read_bytes()[:5000], b"no database at all", b""):
        layers.write_bytes(bytes_)
        done = CliRunner().invoke(app, ["compare", str(tmp_path / "cut"), str(folders[1]), "--lang", lang])
        assert done.exit_code == 2
        assert done.stderr.count("\n") == 1
        said = "layers.gpkg 无法读取，可能不完整" if lang == "zh" else "layers.gpkg cannot be read, it may be cut off"
        assert said in done.stderr


@pytest.mark.slow
def test_what_a_larger_town_finds_is_not_taken_for_another_definition():
    """A town half as large again, with twice the people and one more shop: other numbers, by the same definitions."""

    def town(scale, persons, shops):
        def at(*shapes, **columns):
            layer = gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4547")
            grown = layer.scale(scale, scale, origin=(0, 0)).translate(441_000, 3_507_000)
            return layer.set_geometry(grown)

        zones = at(box(0, 0, 1000, 1000), name=["甲"], role=["main_city"]).set_index(pd.Index(["1"], name="zone_id"))
        street = [LineString([(0, 450), (1000, 450)]), LineString([(500, 0), (500, 1000)])]
        return sg.StudyArea(
            "城",
            zones,
            roads=at(*street, road_class=["arterial"] * 2, name=["横路", "纵路"]),
            parks=at(*[box(100 * k, 900, 100 * k + 80, 980) for k in range(shops)]),
            residential=at(box(0, 0, 1000, 400)),
            population=at(box(0, 0, 1000, 400), persons=[persons]),
            land_use=at(box(0, 0, 1000, 400), land_class=["0701"], construction=[True]),
            chargers=at(*[Point(100 * k, 450) for k in range(shops)]),
            facilities=at(
                *[Point(100 * k, 440) for k in range(shops)], category=["market"] * shops, name=["市场"] * shops
            ),
            communities=at(box(0, 0, 500, 1000), box(500, 0, 1000, 1000), name=["东", "西"]),
        )

    def stood(area):
        study = Study("城", "", area, None, {}, {}, inputs=(), findings=())
        return snapshot(scorecard_content(assessed(study, measure_all(area))), area.zones).standings

    small, large = stood(town(1.0, 4000, 3)), stood(town(1.5, 8000, 4))
    both = [key for key in small if small[key].has_data and large[key].has_data]
    assert len(both) > 25
    assert sum(small[key].value != large[key].value for key in both) > 10
    alike = [key for key in both if small[key].profile == large[key].profile]
    assert not {
        key: [text.en for text in differences(small[key], large[key])]
        for key in alike
        if differences(small[key], large[key])
    }
