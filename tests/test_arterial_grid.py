"""The arterial grid on drawn cities of 10 x 10 km, and against the invented city's true answers."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box
from shapely.affinity import rotate

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.arterial_grid import arterial_grid

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"
KM = 1000.0
FAR = 12 * KM
CITY = box(0, 0, 10 * KM, 10 * KM)


@pytest.fixture
def town(drawn):
    """Return a function: streets {name: (line, class)} and barriers to a city of 10 x 10 km."""

    def build(streets, *, zones=(CITY,), roles=None, barriers=None, turn_deg=0.0, **how):
        def turned(shapes):
            return [rotate(shape, -turn_deg, origin=(5 * KM, 5 * KM)) for shape in shapes]

        lines = [LineString(line) for _, line, _ in streets]
        roads = drawn(turned(lines), name=[n for n, _, _ in streets], road_class=[c for _, _, c in streets])
        layers = {} if barriers is None else {"barriers": drawn(turned(barriers), kind=["railway"] * len(barriers))}
        outlines = drawn(turned(zones), name=[str(k) for k in range(len(zones))])
        if roles:
            outlines["role"] = roles
        return sg.StudyArea("t", outlines, roads=roads, **layers, **how)

    return build


def _north(name, x, start=-2 * KM, end=FAR, road_class="arterial"):
    return (name, [(x, start), (x, end)], road_class)


def _east(name, y, start=-2 * KM, end=FAR, road_class="arterial"):
    return (name, [(start, y), (end, y)], road_class)


def _counts(area, **how):
    return tuple(arterial_grid(area, direction=d, **how).value for d in ("north_south", "east_west"))


GRID = [*(_north(f"纵{k}", k * KM) for k in (2, 5, 8)), *(_east(f"横{k}", k * KM) for k in (3, 7))]


@pytest.mark.slow
@pytest.mark.parametrize("turn_deg", [0, 8, -20, 40])
def test_three_by_two_however_the_city_lies(town, turn_deg):
    area = town(GRID, turn_deg=turn_deg)
    north, east = (arterial_grid(area, direction=d) for d in ("north_south", "east_west"))
    assert (north.value, east.value) == (3, 2)
    assert north.params["north_deg"] == pytest.approx(turn_deg, abs=1e-6)
    assert north.params["through"] == ["纵2", "纵5", "纵8"]
    assert (north.low, north.high) == (3, 3)
    assert north.by_zone.isna().all()
    assert north.shortfall_unit == north.unit == "count"
    assert north.breakdown["share"].tolist() == pytest.approx([1.0] * 3)
    # 10 km and 100 m beyond the edge at both ends
    assert north.breakdown["length_m"].tolist() == pytest.approx([10_200.0] * 3)


@pytest.mark.slow
def test_classes_count_by_profile_and_motorways_never(town):
    more = [_north("次", 3 * KM, road_class="secondary"), _north("支", 4 * KM, road_class="branch")]
    more += [_north("快", 6 * KM, road_class="expressway"), _north("高速", 7 * KM, road_class="motorway")]
    area = town(GRID + more)
    assert _counts(area) == (4, 2)
    assert _counts(area, profile="with_secondary") == (5, 2)


@pytest.mark.slow
def test_the_share_at_its_place(town):
    # the ends stand at a cross street, 79 and 81 % of the way
    area = town(
        [*GRID, _east("八", 8050), _north("短", KM, end=8050), _east("七九", 7850), _north("更短", 9 * KM, end=7850)]
    )
    grid = arterial_grid(area, direction="north_south")
    # of the city with its 100 m of edge: 8150 and 7950 of 10200 m
    assert dict(zip(grid.breakdown["name"], grid.breakdown["share"], strict=True)) == pytest.approx(
        {"纵2": 1, "纵5": 1, "纵8": 1, "短": 8150 / 10200, "更短": 7950 / 10200}
    )
    assert grid.value == 3
    assert arterial_grid(area, direction="north_south", least_share=0.79).value == 4
    assert arterial_grid(area, direction="north_south", least_share=0.77).value == 5
    assert grid.breakdown.set_index("name").loc["短", "breaks"] == "junction"


@pytest.mark.slow
def test_a_share_below_the_limit_is_not_told_as_the_limit(town):
    short = [_north("短", KM, start=0, end=8159.5)]  # of 10.2 km, edges included
    rail = LineString([(-3 * KM, 8200), (13 * KM, 8200)])
    grid = arterial_grid(town(GRID + short, barriers=[rail]), direction="north_south")
    assert "未贯通：短，最长一段占城区跨度的 79.9%（铁路）" in [note.zh for note in grid.notes]


@pytest.mark.slow
def test_a_railway_breaks_a_street_and_is_named(town):
    rail = LineString([(-3 * KM, 9100), (13 * KM, 9100)])
    cut = [_north("断", KM, end=9050), _north("断", KM, start=9150)]
    blind = [_north("尽头", 9 * KM, end=9050)]
    nowhere = [_north("不明", 4 * KM, end=8500)]
    grid = arterial_grid(town(GRID + cut + blind + nowhere, barriers=[rail]), direction="north_south")
    assert grid.value == 3  # all three reach over 80 % of the way
    table = grid.breakdown
    assert table[table["name"] == "断"]["breaks"].tolist() == ["railway", "railway"]
    assert table[table["name"] == "尽头"]["breaks"].tolist() == ["railway"]
    assert table[table["name"] == "不明"]["breaks"].tolist() == ["unknown"]
    assert not table["through"][table["name"].isin(["断", "尽头", "不明"])].any()
    points = grid.evidence[grid.evidence["part"] == "break"].set_index("name")
    assert points.loc["断", "gap_m"].tolist() == pytest.approx([100.0, 100.0])
    assert np.isnan(points.loc["尽头", "gap_m"])
    assert (points.geom_type == "Point").all()
    shares = {name: f"{rows['share'].max():.1%}" for name, rows in table.groupby("name")}  # as the lists tell them
    assert f"未贯通：断，最长一段占城区跨度的 {shares['断']}（铁路）" in [note.zh for note in grid.notes]


@pytest.mark.slow
def test_a_junction_before_the_railway_does_not_heal_the_break(town):
    rail = LineString([(-3 * KM, 9100), (13 * KM, 9100)])
    cut = [_north("断", KM, end=9000), _north("断", KM, start=9200), _east("边", 9000, road_class="branch")]
    assert _counts(town(GRID + cut, barriers=[rail])) == (3, 2)
    # without the railway it ends at a street, 90 % of the way
    assert _counts(town(GRID + cut)) == (4, 2)


@pytest.mark.slow
def test_a_street_that_goes_on_in_a_lower_class(town):
    lower = [_north("降", KM, end=6 * KM), ("降", [(KM, 6 * KM), (KM, FAR)], "branch")]
    grid = arterial_grid(town(GRID + lower), direction="north_south")
    assert grid.value == 3
    assert grid.breakdown.set_index("name").loc["降", "breaks"] == "lower_class"


@pytest.mark.slow
@pytest.mark.parametrize(("slant_deg", "counts"), [(20, 4), (-20, 4), (29, 3), (-29, 3)])
def test_the_slant_is_the_same_to_both_sides(town, slant_deg, counts):
    # the leaning street turns the main direction of the five by some degrees its own way
    lean = 8 * KM * np.tan(np.radians(slant_deg))
    area = town([*GRID, ("斜", [(5 * KM - lean, -3 * KM), (5 * KM + lean, 13 * KM)], "arterial")])
    assert _counts(area) == (counts, 2)


@pytest.mark.slow
def test_the_city_is_measured_at_the_street_s_place(town):
    # the east of the city ends at 6 km; the street stops at a junction at 5.5 km
    area = town(
        [*GRID, _north("短", 9 * KM, end=5500), _east("止", 5500)],
        zones=[box(0, 0, 7 * KM, 10 * KM), box(7 * KM, 0, 10 * KM, 6 * KM)],
    )
    table = arterial_grid(area, direction="north_south").breakdown.set_index("name")
    assert table.loc["短", "share"] == pytest.approx(5600 / 6200)
    assert table.loc["短", "through"]


@pytest.mark.slow
def test_from_edge_to_edge_is_through_though_it_enters_from_the_side(town):
    area = town([*GRID, ("边", [(-500, 1600), (2500, 10 * KM), (3000, 11_400)], "arterial")])
    table = arterial_grid(area, direction="north_south").breakdown.set_index("name")
    assert 0.5 < table.loc["边", "share"] < 0.8
    assert table.loc["边", "through"]


@pytest.mark.slow
def test_a_street_of_detours_is_no_line_of_the_grid(town):
    bends = [
        (5500, -KM),
        (5500, 3 * KM),
        (9 * KM, 3 * KM),
        (9 * KM, 5 * KM),
        (KM, 5 * KM),
        (KM, 6 * KM),
        (5500, 6 * KM),
    ]
    assert _counts(town([*GRID, ("弯", [*bends, (5500, FAR)], "arterial")])) == (3, 2)


@pytest.mark.slow
def test_ramps_are_no_streets(town):
    area = town([*GRID, _north("匝道", KM)])
    assert _counts(area) == (4, 2)
    ramps = area.roads.assign(ramp=area.roads["name"].eq("匝道"))
    assert _counts(dataclasses.replace(area, roads=ramps)) == (3, 2)


@pytest.mark.slow
def test_diagonals_count_in_neither_direction_and_are_told(town):
    slant = [("斜", [(0, -2 * KM), (0, 0), (6 * KM, 10 * KM), (6 * KM, FAR)], "arterial")]  # 31 degrees off north
    area = town(GRID + slant)
    grid = arterial_grid(area, direction="north_south")
    assert grid.value == 3
    assert any("斜" in note.zh for note in grid.notes)
    rows = grid.evidence[grid.evidence["name"] == "斜"]
    assert rows["direction"].tolist() == ["diagonal"]
    assert arterial_grid(area, direction="north_south", most_slant_deg=45.0).value == 4


@pytest.mark.slow
def test_a_corner_cut_off_and_a_ring_are_no_lines_of_the_grid(town):
    corner = [("切角", [(8 * KM, 11 * KM), (8 * KM, 8 * KM), (11 * KM, 8 * KM)], "arterial")]
    ring = [("环路", Point(5 * KM, 5 * KM).buffer(4.6 * KM).exterior.coords, "arterial")]
    short = [("短边", [(9500, 11 * KM), (9500, 9000), (9500, 8000), (11 * KM, 8000)], "arterial")]
    assert _counts(town(GRID[:2] + GRID[3:] + corner + short + ring)) == (2, 2)


@pytest.mark.slow
def test_one_name_counts_once_and_streets_without_names_by_their_line(town):
    twins = [_north("双", KM), _north("双", 9 * KM)]
    assert _counts(town([*GRID, *twins])) == (4, 2)
    nameless = [(None, [(KM, -KM), (KM, 5 * KM)], "arterial"), (None, [(KM, 5 * KM), (KM + 50, FAR)], "arterial")]
    grid = arterial_grid(town([*GRID, *nameless]), direction="north_south")
    assert grid.value == 4
    # 10.2 of 40.8 km
    assert any("25%" in note.en and "no name" in note.en for note in grid.notes)


@pytest.mark.slow
def test_the_main_city_alone(town):
    zones = [box(0, 0, 4 * KM, 10 * KM), box(4 * KM, 0, 10 * KM, 10 * KM)]
    area = town(GRID, zones=zones, roles=["main_city", "district"])
    assert _counts(area) == (3, 2)
    assert _counts(area, within="main_city") == (1, 2)
    none = town(GRID, zones=zones, roles=["district", "district"])
    assert _counts(none, within="main_city") == (3, 2)


@pytest.mark.slow
def test_no_data_none_and_not_sure(town):
    area = town(GRID)
    bare = dataclasses.replace(area, roads=None)
    nothing = arterial_grid(bare, direction="north_south")
    assert np.isnan(nothing.value)
    assert "needs the layer roads" in nothing.needs[0].en
    empty = arterial_grid(dataclasses.replace(area, roads=area.roads.iloc[:0]), direction="east_west")
    assert (empty.value, empty.low, empty.high) == (0, 0, 0)
    assert len(empty.breakdown) == 0
    partial = arterial_grid(dataclasses.replace(area, incomplete=frozenset({"roads"})), direction="north_south")
    assert (partial.value, partial.low, partial.high) == (3, 3, np.inf)
    assert partial.needs
    limits = arterial_grid(dataclasses.replace(area, boundary="administrative"), direction="north_south")
    assert (limits.low, limits.high) == (0, np.inf)
    assert "administrative" in limits.needs[0].en


def test_what_there_is_none_of_is_refused(town):
    area = town(GRID)
    with pytest.raises(InputError, match="direction 'north' is not one of north_south, east_west"):
        arterial_grid(area, direction="north")
    with pytest.raises(InputError, match="profile 'all' is not one of"):
        arterial_grid(area, direction="north_south", profile="all")


@pytest.mark.slow
def test_the_plan_s_missing_list_is_told(town):
    for direction, word in (("north_south", "纵向"), ("east_west", "横向")):
        assert word in arterial_grid(town(GRID), direction=direction).notes[0].zh


# ------------------------------------------------------------------------------------- the invented city


@pytest.fixture(scope="module")
def city(invented_city):
    return invented_city.area


@pytest.mark.slow
@pytest.mark.parametrize(("direction", "way"), [("north_south", "north_south"), ("east_west", "west_east")])
def test_counts_and_names_are_the_generator_s(city, direction, way):
    truth = json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))["through_arterials"][way]
    grid = arterial_grid(city, direction=direction)
    assert grid.value == len(truth)
    assert sorted(grid.params["through"]) == sorted(truth)


@pytest.mark.slow
def test_what_is_broken_in_the_invented_city_breaks_at_the_railway(city):
    grid = arterial_grid(city, direction="north_south")
    broken = grid.breakdown[~grid.breakdown["through"]]
    assert set(broken["name"]) == {"白云大道", "神农大道"}
    assert set(broken["breaks"]) == {"railway"}
    points = grid.evidence[grid.evidence["part"] == "break"]
    assert set(points["barrier_name"]) == {"汉丹铁路"}
    rail = shapely.union_all(city.barriers[city.barriers["kind"] == "railway"].geometry.to_numpy())
    assert (points.distance(rail) < 60).all()


def test_the_riverside_arterial_runs_on_a_diagonal(city):
    grid = arterial_grid(city, direction="east_west")
    assert any("沿河大道" in note.zh and "斜" in note.zh for note in grid.notes)


def test_the_evidence_can_be_written(city, tmp_path):
    evidence = arterial_grid(city, direction="north_south").evidence
    evidence.to_file(tmp_path / "grid.gpkg", engine="pyogrio", use_arrow=True)
    assert set(evidence["part"]) == {"stroke", "break"}
    assert evidence["through"].dtype == bool
    strokes_ = evidence[evidence["part"] == "stroke"]
    assert (strokes_.geom_type == "LineString").all()


@pytest.mark.slow
def test_what_lies_far_outside_gives_neither_name_nor_north(town):
    """A county road of another name and slant goes on from the end of a street, longer than all of the street."""
    street = ("城里大道", [(5 * KM, 0), (5 * KM, 10 * KM)], "arterial")
    county = ("县道", [(5 * KM, 10 * KM), (9 * KM, 30 * KM)], "arterial")
    others = [_east(f"横{k}", k * KM, start=0, end=10 * KM) for k in (3, 7)]
    found = arterial_grid(town([street, county, *others]), direction="north_south")
    assert found.value == 1
    assert found.params["through"] == ["城里大道"]
    assert found.params["north_deg"] == pytest.approx(0.0, abs=0.05)
