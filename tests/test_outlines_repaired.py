"""Outlines that touch or cross themselves or one another: what they enclose is kept, counted once, and told."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from suizhou_geo.errors import LayerError
from suizhou_geo.geometry.repair import apart, mended, strips
from suizhou_geo.sources.study import read_study
from suizhou_geo.sources.vector import VectorSource, read_vector

WORKING = CRS("EPSG:4547")
EAST, NORTH = 441_000.0, 3_507_000.0
SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]


def at(*xy):
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in xy])


def box(x, y, width, height):
    return at((x, y), (x + width, y), (x + width, y + height), (x, y + height))


# touches itself at (50, 100): the notch is a hole of 20 x 40 / 2 m2 that hangs on the border
NOTCHED = ((0, 0), (100, 0), (100, 100), (50, 100), (60, 60), (40, 60), (50, 100), (0, 100))
# goes on beyond its start, over 30 x 30 m that it has gone round already, and 10 m beyond that
OVERRUN = ((0, 0), (100, 0), (100, 100), (0, 100), (0, 20), (30, 20), (30, 50), (-10, 50), (-10, 0))
# a corner pulled over the opposite side: a lobe of 2 x 2 / 2 m2 lies the other way round
SLIP = ((0, 0), (100, 0), (100, 102), (98, 100), (98.0, 102), (100, 100), (0, 100))


def read(shapes, name, tmp_path, **columns):
    layer = gpd.GeoDataFrame(
        {"name": [f"{name}{k}" for k in range(len(shapes))], **columns}, geometry=shapes, crs=WORKING
    )
    layer.to_parquet(tmp_path / "a.parquet")
    return read_vector(VectorSource(tmp_path / "a.parquet"), name, to_crs=WORKING)


@pytest.mark.parametrize("name", ["parks", "zones", "residential"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_ring_that_touches_itself_encloses_what_nesting_says(name, turned, tmp_path):
    outline = at(*NOTCHED[:: -1 if turned else 1])
    got = read([outline], name, tmp_path)
    assert got.layer.area.tolist() == [10_000.0 - 400.0]
    assert got.layer.is_valid.all()


@pytest.mark.parametrize("name", ["parks", "zones", "residential"])
@pytest.mark.parametrize("start", range(5))
def test_ground_an_outline_goes_round_twice_is_no_hole_and_counts_once(name, start, tmp_path):
    outline = at(*OVERRUN[start:], *OVERRUN[:start])
    got = read([outline], name, tmp_path)
    assert got.layer.area.tolist() == [10_000.0 + 10 * 50]
    assert len(got.layer.geometry[0].interiors) == 0
    (said,) = got.findings
    assert "0.09 ha" in said.en  # the 30 x 30 m
    assert "0.09公顷" in said.zh


def test_a_small_slip_of_a_zone_is_repaired_and_told_by_name_and_a_large_one_refused(tmp_path):
    got = read([at(*SLIP), box(200, 0, 100, 100)], "zones", tmp_path)
    assert got.layer.area[0] == pytest.approx(10_000 + 1, abs=1.5)
    (said,) = got.findings
    assert said.kind == "zone_repaired"
    assert "zones0" in said.en
    assert "zones1" not in said.en
    bow_tie = at((0, 0), (100, 100), (100, 0), (0, 100))
    with pytest.raises(LayerError, match=r"outline of zones0 crosses itself so that 50.0% of it is inside out; repair"):
        read([bow_tie], "zones", tmp_path)
    assert read([bow_tie], "parks", tmp_path).layer.area.tolist() == [5000.0]


def test_what_a_repair_decides_is_measured():
    sound = mended(np.array([box(0, 0, 10, 10)]))
    assert (sound.doubled_m2.item(), sound.turned_m2.item()) == (0.0, 0.0)
    overrun = mended(np.array([at(*OVERRUN)]))
    assert (overrun.doubled_m2.item(), overrun.turned_m2.item()) == (pytest.approx(900), pytest.approx(0))
    bow_tie = mended(np.array([at((0, 0), (10, 10), (10, 0), (0, 10))]))
    assert (bow_tie.doubled_m2.item(), bow_tie.turned_m2.item()) == (pytest.approx(0), pytest.approx(25))


@pytest.mark.parametrize("seed", range(10))
def test_a_tangle_keeps_all_it_goes_round_wherever_it_is_and_however_it_is_drawn(seed):
    xy = np.random.default_rng(seed).random((8, 2)) * 1000
    (plain,) = mended(np.array([shapely.Polygon(xy)])).shapes
    faces = shapely.get_parts(shapely.polygonize([shapely.node(shapely.LinearRing(xy))]))
    inside = [face for face in faces if _winding(xy, face.representative_point().coords[0])]
    assert plain.area == pytest.approx(sum(face.area for face in inside))
    for other in (xy[::-1], np.roll(xy, 3, axis=0), xy + 5000):
        assert mended(np.array([shapely.Polygon(other)])).shapes[0].area == pytest.approx(plain.area)


def _winding(xy, point):
    """How often a ring goes round a point."""
    turn = np.angle((xy - point) @ np.array([1, 1j]))
    return round(float(((np.diff(np.append(turn, turn[0])) + np.pi) % (2 * np.pi) - np.pi).sum() / (2 * np.pi)))


# ------------------------------------------------------------------------------------- two zones with one border, drawn twice
def study(tmp_path, *shapes):
    names = ["甲", "乙", "丙"][: len(shapes)]
    gpd.GeoDataFrame({"name": names}, geometry=list(shapes), crs=WORKING).to_file(tmp_path / "zones.gpkg")
    text = 'name = "t"\n[zones]\npath = "zones.gpkg"\nboundary = "built_up"\n'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    return read_study(tmp_path / "study.toml")


LEFT = at((0, 0), (1000, 0), (1010, 500), (1000, 1000), (0, 1000))  # leans over 10 m at most, on 0.5 ha
RIGHT = box(1000, 0, 1200, 1000)


@pytest.mark.parametrize("turned", [False, True])
def test_a_border_drawn_twice_is_one_border_and_told(turned, tmp_path):
    shapes = [RIGHT, LEFT] if turned else [LEFT, RIGHT]
    got = study(tmp_path, *shapes)
    areas = dict(zip(got.area.zones["name"], got.area.zones.area, strict=True))
    smaller, larger = ("乙", "甲") if turned else ("甲", "乙")
    assert areas == {smaller: pytest.approx(1_005_000), larger: pytest.approx(1_195_000)}
    assert not strips(got.area.zones.geometry.to_numpy())
    (said,) = got.findings
    assert said.kind == "zones_overlap"
    assert "overlap by 0.50 ha along their border" in said.en
    assert {"甲", "乙"} <= set(said.zh)


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ([box(0, 0, 1000, 1000), box(975, 0, 1000, 1000)], "甲 and 乙 overlap by 2.50 ha"),  # 25 m wide
        ([box(0, 0, 1000, 1000), box(100, 100, 5, 100)], "甲 and 乙 overlap by 0.05 ha"),  # thin, but all of the zone
        (
            [box(0, 0, 1000, 1000), box(990, 0, 60, 1000)],
            "甲 and 乙 overlap by 1.00 ha",
        ),  # thin, but a sixth of the zone
        ([box(0, 0, 1000, 1000), RIGHT.union(box(975, 0, 25, 100))], "overlap by 0.25 ha"),  # little, but 25 m wide
        ([box(0, 0, 1000, 1000), LEFT, RIGHT], "甲 and 乙 overlap"),  # the same ground twice
    ],
)
def test_what_is_more_than_a_strip_along_a_border_is_refused(shapes, said, tmp_path):
    with pytest.raises(LayerError, match=said):
        study(tmp_path, *shapes)


def test_no_ground_is_lost_where_three_zones_meet():
    third = box(500, 990, 1000, 500)
    before = np.array([LEFT, RIGHT, third])
    after = apart(before)
    assert shapely.area(after).sum() == pytest.approx(shapely.union_all(before).area)
    assert shapely.union_all(after).area == pytest.approx(shapely.union_all(before).area)
