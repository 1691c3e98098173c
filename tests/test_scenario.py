"""What if: drawn towns whose answers are mental arithmetic, every project equal to a fresh measuring, and each refusal."""

import dataclasses
import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, MultiLineString, Point, Polygon, box
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.assessment.scenario import applied
from suizhou_geo.cli import app
from suizhou_geo.errors import InputError, LayerError, OutputError
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.lattice import Lattice
from suizhou_geo.measures import measure_study
from suizhou_geo.model import Measure, Plan, Study, Target
from suizhou_geo.streets.graph import segment_graph
from suizhou_geo.streets.joined_ends import joined_ends
from suizhou_geo.study_area import StudyArea
from suizhou_geo.study_area.remembered import same

PLAN = Plan(
    "demo",
    "案",
    "plan",
    "《案》",
    (Target("park_coverage", "公园覆盖", "parks", ">=", 0.9, "share", 2025, "一", "文"),),
)
CRS = "EPSG:4547"


@pytest.fixture
def town(drawn):
    """Two zones of 1 x 1 km, homes of 1 ha and 100 persons in the middle of each, a park beside those of the west."""
    homes = [box(450, 450, 550, 550), box(1450, 450, 1550, 550)]
    zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["west", "east"])
    area = StudyArea(
        "town",
        zones.set_index(pd.Index(["W", "E"], name="zone_id")),
        roads=drawn(
            [LineString([(0, 400), (2000, 400)]), LineString([(0, 800), (900, 800)])], road_class=["branch"] * 2
        ),
        parks=drawn([box(600, 450, 700, 550)], name=["西园"]),
        residential=drawn(homes),
        population=drawn(homes, persons=[100.0, 100.0]),
        facilities=drawn([Point(500, 600)], category=["kindergarten"]),
    )
    return _study(area)


def _study(area, plan=PLAN):
    return Study("town", "Town", area, plan, {}, {}, inputs=(), findings=())


@pytest.fixture
def projects(drawn):
    """Return a function: rows (layer, shape, columns) to projects, numbered from 1."""

    def make(*rows):
        shapes = [shape for _, shape, _ in rows]
        layer = drawn(shapes) if rows else gpd.GeoDataFrame(geometry=[], crs=CRS)
        columns = pd.DataFrame(
            [{"layer": name, **given} for name, _, given in rows], columns=None if rows else ["layer"]
        )
        return gpd.GeoDataFrame(columns, geometry=layer.geometry.array, crs=layer.crs).set_index(
            pd.RangeIndex(1, len(rows) + 1)
        )

    return make


EAST_PARK = ("parks", box(1600, 450, 1700, 550), {"name": "东园"})
LANE = ("roads", LineString([(850, 810), (850, 415)]), {"name": "新路", "road_class": "branch"})


def _fresh(study, area):
    """The measures of an area of which nothing is known yet."""
    return measure_study(dataclasses.replace(study, area=dataclasses.replace(area)))


def _assert_same(ours, theirs):
    """Whether two lists of measures are the same in every field, to the last digit."""
    assert [(m.key, m.profile) for m in ours] == [(m.key, m.profile) for m in theirs]
    for one, other in zip(ours, theirs, strict=True):
        for field in dataclasses.fields(Measure):
            assert same(getattr(one, field.name), getattr(other, field.name)), (one.key, one.profile, field.name)


# --------------------------------------------------------------------------------------- what comes of a project


@pytest.mark.slow
def test_a_park_lifts_the_coverage_from_half_to_all_and_turns_the_verdict(town, projects):
    found = sg.scenario(town, projects(EAST_PARK), chapter="green")
    change = found["park_coverage"]
    assert (change.before.value, change.after.value, change.on_ground) == pytest.approx((0.5, 1.0, 1.0))
    assert (change.before.status, change.after.status) == ("missed", "met")
    assert [turned.key for turned in found.turned] == ["park_coverage"]
    assert found.persons["park_coverage"].to_dict() == pytest.approx({"W": 0.0, "E": 100.0})
    row = found.numbers.set_index("key").loc["park_coverage"]
    assert (row["persons_gained"], row["persons_lost"]) == pytest.approx((100.0, 0.0))
    zones = found.by_zone.set_index(["key", "zone"]).loc["park_coverage"]
    assert zones["on_ground"].to_dict() == pytest.approx({"west": 0.0, "east": 1.0})
    assert zones["persons"].to_dict() == pytest.approx({"west": 0.0, "east": 100.0})
    assert "✗ 未达到 → ✓ 达到" in found.table(lang="zh").to_string()
    assert found.before.study is town
    assert found.after["park_coverage"].value == pytest.approx(1.0)


@pytest.mark.slow
def test_a_park_moved_from_west_to_east_is_a_gain_there_and_a_loss_here(town, projects):
    spot = ("parks", Point(650, 500), {"name": "拆西园", "action": "remove"})
    with pytest.raises(LayerError, match="removes nothing"):
        applied(town.area, projects(spot))
    away = ("公园", box(590, 440, 710, 560), {"name": "拆西园", "action": "拆除"})
    found = sg.scenario(town, projects(EAST_PARK, away), chapter="green")
    row = found.numbers.set_index("key").loc["park_coverage"]
    assert (row["before"], row["after"], row["change"], row["persons_gained"], row["persons_lost"]) == pytest.approx(
        (0.5, 0.5, 0.0, 100.0, 100.0)
    )
    assert [len(layer) for layer in (found.before.area.parks, found.after.area.parks)] == [1, 1]


@pytest.mark.slow
def test_a_removed_road_takes_its_kilometres_with_it(town, projects):
    gone = ("roads", LineString([(-10, 402), (1200, 402)]), {"action": "remove"})  # 1.2 of 2 km of it, drawn 2 m beside
    found = sg.scenario(town, projects(gone), chapter="roads")
    assert found["road_density"].on_ground == pytest.approx(-2.0)
    assert found["road_density"].amount == pytest.approx(-1.0)  # of 2 km²
    short = ("roads", LineString([(0, 402), (900, 402)]), {"action": "remove"})
    with pytest.raises(LayerError, match="removes nothing"):
        sg.scenario(town, projects(short), chapter="roads")


@pytest.mark.slow
def test_a_road_is_joined_at_both_ends_and_is_as_long_as_between_them(town, projects):
    found = sg.scenario(town, projects(LANE), chapter="roads")
    assert found["road_density"].on_ground == pytest.approx(0.4)
    roads = found.after.area.roads.geometry.to_numpy()
    graph = segment_graph(roads)
    assert sorted(graph.degree.tolist()) == [1, 1, 1, 1, 3, 3]  # four ends of the old ones, two junctions
    assert not any("joins nothing" in note.en for note in found.notes)
    built = found.projects.geometry.translate(-441_000, -3_507_000)
    assert shapely.get_coordinates(built).tolist() == [[850.0, 800.0], [850.0, 400.0]]


@pytest.mark.slow
def test_new_roads_join_each_other_and_a_path_joins_them(town, projects):
    rows = (
        ("roads", LineString([(300, 400), (300, 600)]), {"road_class": "branch"}),
        ("roads", LineString([(310, 500), (600, 500)]), {"road_class": "branch"}),
        ("walkways", LineString([(450, 510), (450, 700)]), {}),
    )
    area = applied(town.area, projects(*rows)).area
    lines = np.concatenate([area.roads.geometry.to_numpy(), area.walkways.geometry.to_numpy()])
    assert sorted(segment_graph(lines).degree.tolist()) == [1] * 7 + [3, 3, 3]
    notes = [note.en for note in applied(town.area, projects(*rows)).notes]
    assert [("1 of its ends has no street" in note) for note in notes] == [True, True, True, False]
    assert "layer walkways was not given" in notes[3]
    assert "walkways" in area.incomplete


@pytest.mark.slow
def test_a_road_that_crosses_others_or_meets_none_is_told(town, projects):
    across = ("roads", LineString([(500, 300), (500, 900)]), {"road_class": "branch"})
    [note] = applied(town.area, projects(across)).notes
    assert "2 of its ends have no street within 20 m" in note.en
    assert "crosses 2 streets without joining" in note.en
    bridge = ("roads", across[1], {"road_class": "branch", "bridge": True})
    assert "crosses" not in applied(town.area, projects(bridge)).notes[0].en


@pytest.mark.slow
def test_homes_bring_land_and_persons(town, projects):
    homes = ("homes", box(1600, 450, 1700, 550), {"name": "新居", "persons": 300})
    found = sg.scenario(town, projects(homes))
    assert found["population_density"].amount == pytest.approx(150.0)  # 300 persons on 2 km²
    assert found["park_coverage"].after.value == pytest.approx(1 / 3)
    assert len(found.after.area.residential) == len(found.after.area.population) == 3
    assert found["park_area_per_capita.all"].amount < 0
    assert [zone.on_ground for zone in found["park_area_per_capita.all"].zones] == [0.0, 0.0]  # not a rounding more
    west, south, _, _ = town.area.zones.total_bounds
    cells = Lattice(1, 2, 0, 0, (1000.0, 0.0, west, 0.0, -1000.0, south + 1000), town.area.crs, town.area.crs)
    many = town.area.replace(population=Grid(cells, np.array([[100.0, 100.0]])))
    assert applied(many, projects(homes)).area.population["persons"].tolist() == [100.0, 100.0, 300.0]
    gone = ("住宅", box(1440, 440, 1560, 560), {"action": "remove"})
    found = sg.scenario(town, projects(gone))
    assert found["population_density"].amount == pytest.approx(-50.0)
    assert found["park_coverage"].after.value == pytest.approx(1.0)


@pytest.mark.slow
def test_what_is_built_stands_in_the_layer_with_its_values(town, projects):
    school = ("设施", Point(1500, 600), {"name": "二小", "category": "小学", "capacity": "1,080".replace(",", "")})
    row = applied(town.area, projects(school)).area.facilities.iloc[-1]
    assert (row["category"], row["name"], row["capacity"], row["guessed"]) == ("primary_school", "二小", 1080.0, False)
    road = applied(town.area, projects(("roads", LANE[1], {"road_class": "主干路", "oneway": "是"}))).area.roads.iloc[
        -1
    ]
    assert (road["road_class"], road["oneway"], road["bridge"]) == ("arterial", True, False)


@pytest.mark.slow
def test_projects_lie_in_any_system_and_broken_outlines_are_mended(town, projects):
    east = projects(EAST_PARK)
    there = applied(town.area, east.to_crs("EPSG:4326")).area.parks.geometry.iloc[-1]
    assert shapely.hausdorff_distance(there, east.geometry.iloc[0]) < 1e-3
    bow = ("parks", Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), {})
    assert applied(town.area, projects(bow)).area.parks.geometry.iloc[-1].area == pytest.approx(5000.0)


# --------------------------------------------------------------------------- nothing else changes, and to the last digit


@pytest.mark.slow
def test_building_nothing_changes_nothing(town, projects):
    found = sg.scenario(town, projects())
    assert found.changed == ()
    assert found.turned == ()
    assert found.table().empty
    assert all(one is other for one, other in zip(found.before.measures, found.after.measures, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_projects_come_out_as_measured_anew(town, projects, seed):
    chance = np.random.default_rng(seed)

    def place():
        return chance.uniform((0, 0), (2000, 1000))

    def drawn_at_random(kind):
        (x, y), (u, v) = place(), place()
        return {
            "parks": ("parks", box(x, y, x + 60, y + 60), {}),
            "facilities": ("facilities", Point(x, y), {"category": str(chance.choice(["kindergarten", "market"]))}),
            "roads": ("roads", LineString([(x, y), (u, v)]), {"road_class": "branch"}),
            "walkways": ("walkways", LineString([(x, y), (u, v)]), {}),
            "homes": ("homes", box(x, y, x + 80, y + 80), {"persons": int(chance.integers(10, 200))}),
            "chargers": ("chargers", Point(x, y), {"count": 4}),
        }[kind]

    kinds = chance.choice(["parks", "facilities", "roads", "walkways", "homes", "chargers"], size=chance.integers(1, 5))
    found = sg.scenario(town, projects(*map(drawn_at_random, kinds)))
    _assert_same(measure_study(found.after.study), _fresh(found.after.study, found.after.area))


@pytest.mark.slow
def test_the_ready_scenario_of_the_invented_city_opens_the_dead_ends_the_plan_names(invented_city):
    found = sg.scenario(invented_city, "data/raw/invented_city/projects.geojson", lang="en")
    opened = found["dead_ends_opened"]
    assert (opened.before.value, opened.after.value) == (0.0, 3.0)
    assert (opened.before.status, opened.after.status) == ("missed", "met")
    assert found["dead_ends"].amount == -5.0  # two of them had an end on either side
    assert found["park_coverage"].amount > 0
    assert found["service_coverage.primary_school"].amount > 0
    assert found["places_per_thousand.primary_school"].on_ground == pytest.approx(1080.0)
    assert not any("joins nothing" in note.en for note in found.notes)
    assert found.title().startswith("[Invented data, not Suizhou]") or "nvented" in found.title()
    _assert_same(measure_study(found.after.study), _fresh(found.after.study, found.after.area))


# --------------------------------------------------------------------------------------------------------- refusals

GOOD = box(1600, 450, 1700, 550)
BAD = {
    "layer": (("ponds", GOOD, {"name": "塘"}), "project 塘 (row 1): there is no layer 'ponds'"),
    "zones": (("zones", GOOD, {}), "project in row 1: there is no layer 'zones'"),
    "hint": (("park", GOOD, {}), "(did you mean parks?)"),
    "action": (("parks", GOOD, {"action": "move"}), "project in row 1: its action is 'move'"),
    "class": (("roads", LANE[1], {}), "project in row 1: road_class is missing"),
    "persons": (("homes", GOOD, {"name": "居"}), "project 居 (row 1): persons is missing"),
    "value": (("facilities", Point(9, 9), {"category": "primery_school"}), "(did you mean primary_school?)"),
    "number": (("facilities", Point(9, 9), {"category": "market", "capacity": "many"}), "wanted a number"),
    "kind": (("parks", Point(9, 9), {}), "its shape is Point, wanted for parks Polygon or MultiPolygon"),
    "empty": (("parks", Polygon(), {}), "its shape is nothing"),
    "spot": (("roads", LineString([(9, 9), (9, 9)]), {"road_class": "branch"}), "its shape is nothing"),
    "far": (("parks", box(90_000, 0, 90_100, 100), {}), "lies outside the study (88 km from the zones)"),
    "nothing there": (("parks", box(5, 5, 9, 9), {"action": "remove"}), "project in row 1: removes nothing"),
}


@pytest.mark.parametrize(("row", "words"), BAD.values(), ids=BAD)
def test_a_project_that_cannot_be_applied_is_named_in_both_languages(town, projects, row, words):
    with pytest.raises(LayerError, match=re.escape(words)) as told:
        applied(town.area, projects(row))
    assert "项目" in told.value.said.zh
    assert "；请" in told.value.said.zh


def test_projects_without_a_layer_or_a_system_are_refused(town, projects):
    given = projects(EAST_PARK)
    with pytest.raises(LayerError, match="there is no column layer"):
        applied(town.area, given.drop(columns="layer"))
    with pytest.raises(LayerError, match="no coordinate system"):
        applied(town.area, given.set_crs(None, allow_override=True))
    with pytest.raises(InputError, match="lang"):
        sg.scenario(town, given, lang="fr")


def test_columns_nobody_uses_and_places_outside_the_zones_are_told(town, projects):
    rows = ("parks", box(0, -200, 100, -100), {"capcity": 3, "id": 7}), EAST_PARK
    notes = [note.en for note in applied(town.area, projects(*rows)).notes]
    assert "project in row 1: lies outside all zones" in notes
    assert "columns of the projects that were not used: capcity" in notes


# ------------------------------------------------------------------------------------------------------ joining ends


def test_the_nearest_line_is_met_at_a_vertex_that_is_near_and_bridges_are_not():
    streets = np.array([LineString([(0, 0), (50, 0), (100, 0)]), LineString([(0, 8), (100, 8)])], dtype=object)
    new = np.array([LineString([(50.5, 12), (50.5, 90)])], dtype=object)
    found = joined_ends(streets, new, may_join=np.array([True, True, True]))
    assert found.new[0].coords[0] == (50.5, 8.0)
    assert len(found.streets[1].coords) == 3
    under = joined_ends(streets, new, may_join=np.array([True, False, True]))
    assert under.new[0].coords[0] == (50.0, 0.0)
    assert [len(line.coords) for line in under.streets] == [3, 2]
    assert found.loose.tolist() == under.loose.tolist() == [1]


def test_parts_of_a_line_are_joined_to_each_other_and_streets_keep_theirs():
    streets = np.array([MultiLineString([[(0, 0), (100, 0)], [(0, 50), (100, 50)]])], dtype=object)
    new = np.array([MultiLineString([[(20, 2), (20, 20)], [(20, 20), (20, 48)], [(30, 25), (60, 25)]])], dtype=object)
    found = joined_ends(streets, new, may_join=np.array([True, True]))
    assert found.loose.tolist() == [1]  # the far end of the side street
    assert sorted(segment_graph(np.append(found.streets, found.new)).degree.tolist()) == [1] * 5 + [2, 3, 3, 3]
    closed = np.array([shapely.LineString([(5, 5), (9, 5), (9, 9), (5, 5)])], dtype=object)
    assert joined_ends(streets, closed, may_join=np.array([True, True])).loose.tolist() == [0]


def test_without_streets_every_end_is_loose_and_without_new_ones_nothing_changes():
    none, one = np.empty(0, dtype=object), np.array([LineString([(0, 0), (9, 0)])], dtype=object)
    assert joined_ends(none, one, may_join=np.array([True])).loose.tolist() == [2]
    kept = joined_ends(one, none, may_join=np.array([True]))
    assert kept.streets[0] is one[0]


# ------------------------------------------------------------------------------------------------- files and the hand


@pytest.mark.slow
def test_it_is_written_as_a_whole_and_its_projects_can_be_given_again(town, projects, tmp_path):
    found = sg.scenario(town, projects(EAST_PARK, LANE), lang="en")
    found.write(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "map.html",
        "projects.gpkg",
        "scenario.csv",
        "scenario.json",
        "scenario_zones.csv",
    ]
    record = json.loads((tmp_path / "out" / "scenario.json").read_text("utf-8"))
    assert record["verdicts"] == {"park_coverage": ["missed", "met"]}
    assert [project["name"] for project in record["projects"]] == ["东园", "新路"]
    again = sg.scenario(town, tmp_path / "out" / "projects.gpkg")
    assert same([change.after for change in again.changes], [change.after for change in found.changes])
    page = (tmp_path / "out" / "map.html").read_text("utf-8")
    assert "东园" in page
    assert "新路" in page
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match=re.escape("thesis.txt")):
        found.write(tmp_path / "mine")


@pytest.mark.slow
def test_it_shows_itself_in_one_line_and_as_tables(town, projects):
    found = sg.scenario(town, projects(EAST_PARK), chapter="green", lang="en")
    assert repr(found).startswith("Scenario(Town: what if: 1 projects; ")
    assert "<table" in found._repr_html_()
    assert found.table(lang="zh").columns.to_list()[:3] == ["指标", "现状", "建成后"]
    assert list(found.table().columns)[:3] == ["measure", "now", "with the projects"]
    assert "project 东园 (row 1): added to parks 1.00 ha" in found.summary()
    assert found.after.study.title("en") == "Town (scenario)"
    assert any("东园" in finding.zh for finding in found.after.findings)
    with pytest.raises(InputError, match="there is no change 'x'"):
        found["x"]


@pytest.mark.slow
def test_a_table_with_places_is_read_in_the_system_it_says(town, tmp_path):
    path = tmp_path / "projects.csv"
    park = shapely.affinity.translate(box(1600, 450, 1700, 550), 441_000, 3_507_000)
    path.write_text(f'name,layer,WKT\n东园,公园,"SRID=4547;{park.wkt}"\n', encoding="utf-8")
    assert sg.scenario(town, path, chapter="green")["park_coverage"].after.value == pytest.approx(1.0)
    path.write_text(f'name,layer,WKT\n东园,公园,"{park.wkt}"\n', encoding="utf-8")
    with pytest.raises(InputError, match="not degrees"):
        sg.scenario(town, path, chapter="green")
    with pytest.raises(InputError, match=r"absent\.gpkg"):
        sg.scenario(town, tmp_path / "absent.gpkg")
    (tmp_path / "plan.dxf").write_text("0\nEOF\n")
    with pytest.raises(InputError, match="DXF has no columns"):
        sg.scenario(town, tmp_path / "plan.dxf")


@pytest.mark.slow
def test_the_command_writes_and_tells_what_changes(town, projects, tmp_path):
    for name in ("zones", "parks", "residential", "population", "roads"):
        getattr(town.area, name).reset_index(drop=True).to_file(tmp_path / f"{name}.gpkg", layer=name)
    layers = "".join(f'[layers.{name}]\npath = "{name}.gpkg"\n' for name in ("parks", "residential", "roads"))
    study = (
        'name = "town"\n[zones]\npath = "zones.gpkg"\nboundary = "built_up"\n[population]\npath = "population.gpkg"\n'
    )
    (tmp_path / "study.toml").write_text(study + layers, encoding="utf-8")
    projects(EAST_PARK).to_file(tmp_path / "projects.gpkg", layer="projects")
    call = ["scenario", str(tmp_path / "study.toml"), str(tmp_path / "projects.gpkg"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*call, "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "added to parks 1.00 ha" in done.output
    assert (tmp_path / "out" / "scenario.csv").exists()
    assert CliRunner().invoke(app, [*call[:2], str(tmp_path / "none.gpkg"), *call[3:]]).exit_code == 2
