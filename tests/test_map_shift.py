"""China's map shift, seen: towns whose shops stand beside their streets, and three real cities, as given and shifted."""

import runpy
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS, Geod

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import alike
from suizhou_geo.geometry.crs import bd09_to_gcj02, gcj02_to_bd09, unshifted, wgs84_to_gcj02
from suizhou_geo.geometry.crs import shifted as shifted_degrees
from suizhou_geo.sources.check import shifts_together
from suizhou_geo.sources.map_shift import how_it_lies, in_straight_pieces
from suizhou_geo.sources.notes import note, of_layer
from suizhou_geo.sources.opened import VectorSource
from suizhou_geo.sources.osm import read_osm
from suizhou_geo.sources.study import read_study
from suizhou_geo.sources.vector import read_vector

BAD = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))
EAST, NORTH, WORKING = BAD["EAST"], BAD["NORTH"], BAD["CRS"]
SHIFTS = ("gcj02", "bd09")


def town(seed, *, blocks=30, spacing_m=220.0):
    """Streets every 150-300 m both ways, and 300 shops a few metres beside them."""
    rng = np.random.default_rng(seed)
    lines = []
    for turned in (False, True):
        across = np.cumsum(rng.uniform(0.7, 1.4, blocks) * spacing_m)
        ends = np.array([[-100.0, spacing_m * blocks]])
        for at in across:
            line = np.column_stack([ends[0], [at, at]])
            lines.append(shapely.LineString((line[:, ::-1] if turned else line) + [EAST, NORTH]))
    roads = gpd.GeoDataFrame(geometry=lines, crs=WORKING)
    return beside(roads, 300, seed), roads


def beside(roads, count, seed):
    """Points a few metres beside roads."""
    rng = np.random.default_rng(seed)
    lines = roads.geometry.to_numpy()
    which = rng.choice(len(lines), count, p=shapely.length(lines) / shapely.length(lines).sum())
    places = shapely.line_interpolate_point(lines[which], rng.uniform(0, 1, count), normalized=True)
    xy = shapely.get_coordinates(places) + rng.normal(0, 12, (count, 2))
    return gpd.GeoDataFrame(geometry=shapely.points(xy), crs=roads.crs)


def shifted(layer, datum):
    """The layer as someone would publish it in a shifted datum without saying so."""
    degrees = layer.to_crs("EPSG:4326")
    moved = shapely.transform(
        degrees.geometry.to_numpy(), lambda lonlat: np.column_stack(shifted_degrees(*lonlat.T, datum))
    )
    return degrees.set_geometry(moved, crs="EPSG:4326").to_crs(layer.crs)


def seen(layer, roads, **how):
    """The datum that is seen, "" where nothing can be told."""
    said = how_it_lies(layer, in_straight_pieces(roads), **how)
    return {"seems_shifted": said.amounts.get("datum"), "lies_well": how.get("taken", "wgs84"), "shift_untold": ""}[
        said.kind
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_shifted_points_and_lines_are_found_and_true_ones_left_alone(seed):
    shops, roads = town(seed)
    for layer in (shops, shops.iloc[:30], *([roads] if seed == 0 else [])):
        assert [seen(shifted(layer, datum), roads) for datum in ("wgs84", *SHIFTS)] == ["wgs84", *SHIFTS]


@pytest.mark.slow
def test_how_far_and_whereto_is_the_true_shift():
    shops, roads = town(0)
    lon, lat = np.array([113.4]), np.array([31.7])
    azimuth, _, metres = Geod(ellps="WGS84").inv(lon, lat, *wgs84_to_gcj02(lon, lat))
    said = how_it_lies(shifted(shops, "gcj02"), in_straight_pieces(roads))
    assert said.amounts["off_m"] == pytest.approx(metres[0], abs=10)
    assert said.amounts["towards"] == pytest.approx(azimuth[0], abs=3)
    assert (said.amounts["places"], said.amounts["undone_m"] < 15 < 70 < said.amounts["aside_m"] * 2) == (300, True)
    assert said.en.startswith("looks like GCJ-02 (6")
    assert said.zh.startswith("看来是GCJ-02坐标（偏6")


@pytest.mark.slow
def test_a_datum_declared_of_true_coordinates_is_seen_too():
    """Read as GCJ-02 they were moved away from where they lie."""
    shops, roads = town(1)
    degrees = shops.to_crs("EPSG:4326")
    wrong = unshifted(degrees, "gcj02").to_crs(WORKING)
    said = how_it_lies(wrong, in_straight_pieces(roads), taken="gcj02")
    assert (said.kind, said.amounts["datum"]) == ("seems_shifted", "wgs84")
    assert seen(shops, roads, taken="gcj02") == "gcj02"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_places_that_have_nothing_to_do_with_streets_tell_nothing(seed):
    rng = np.random.default_rng(seed)
    _, roads = town(seed)
    anywhere = shapely.points(rng.uniform(1800, 4800, (300, 2)) + np.array([EAST, NORTH]))
    assert seen(gpd.GeoDataFrame(geometry=anywhere, crs=WORKING), roads) == ""


@pytest.mark.slow
def test_roads_in_straight_pieces_tell_the_same():
    shops, roads = town(0)
    bent = roads.set_geometry(roads.geometry.segmentize(500.0))
    lines = bent.geometry.to_numpy()
    two_in_one = bent.iloc[: len(lines) // 2].set_geometry(shapely.multilinestrings(lines.reshape(-1, 2)))
    pieces = in_straight_pieces(two_in_one)
    assert np.abs(pieces.along).sum() == pytest.approx(roads.length.sum())
    for layer in (shops, shifted(shops, "gcj02")):
        one, other = how_it_lies(layer, in_straight_pieces(bent)), how_it_lies(layer, pieces)
        assert one.kind == other.kind
        assert one.amounts == pytest.approx(other.amounts)
    assert len(in_straight_pieces(roads.iloc[:0]).tree) == 0


def test_points_are_as_far_from_the_pieces_as_from_the_roads():
    bends = [(0, 0), (300, 40), (300, 40), (310, 400), (-50, 380)]  # one point twice
    roads = gpd.GeoDataFrame(geometry=[shapely.LineString(bends)], crs=WORKING)
    points = np.random.default_rng(0).uniform(-300, 700, (500, 2))
    away_m = in_straight_pieces(roads).away_m(points)
    assert away_m == pytest.approx(np.minimum(shapely.distance(roads.geometry[0], shapely.points(points)), 120.0))
    assert away_m.min() < 10 < 120 == away_m.max()


def test_few_places_tell_nothing():
    shops, roads = town(0)
    few = how_it_lies(shifted(shops.iloc[:29], "gcj02"), in_straight_pieces(roads))
    assert (few.kind, few.amounts["places"]) == ("shift_untold", 29)
    assert "fewer than 30" in few.en
    assert how_it_lies(shops, in_straight_pieces(roads.iloc[:0])).kind == "shift_untold"


def test_streets_as_far_apart_as_the_shift_tell_nothing():
    """Where the shift moves one street onto the next, both datums fit."""
    shops, _ = town(0)
    step = shapely.get_coordinates(shifted(shops.iloc[:1], "gcj02").geometry) - shapely.get_coordinates(
        shops.geometry.iloc[:1]
    )
    along = step[0] / np.hypot(*step[0])
    side, rows = np.array([-along[1], along[0]]), np.arange(-4, 5)
    ends = [[EAST, NORTH] + n * step[0] + k * 2000 * side for n in rows for k in (-1, 1)]
    roads = gpd.GeoDataFrame(geometry=list(shapely.linestrings(np.reshape(ends, (-1, 2, 2)))), crs=WORKING)
    inner = roads.iloc[3:6]
    said = how_it_lies(beside(inner, 100, 0), in_straight_pieces(roads))
    assert (said.kind, "several" in said.en) == ("shift_untold", True)


# ------------------------------------------------------------------------------------------------------------ outside China
def test_outside_china_nothing_is_shifted():
    lon, lat = np.array([-2.99, 113.4]), np.array([51.58, 31.7])
    for shift in (wgs84_to_gcj02, gcj02_to_bd09, bd09_to_gcj02):
        there = shift(lon, lat)
        assert (there[0][0], there[1][0]) == pytest.approx((lon[0], lat[0]), abs=1e-12)
        assert abs(there[0][1] - lon[1]) > 0.003


def test_a_shift_declared_outside_china_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("category,x,y\nmarket,-2.99,51.58\nmarket,0,0\n")
    source = VectorSource(tmp_path / "a.csv", x="x", y="y", datum="gcj02")
    with pytest.raises(LayerError, match="lies outside China, where no map shift gcj02 is; take out datum"):
        read_vector(source, "facilities", to_crs=CRS("EPSG:27700"))


# ------------------------------------------------------------------------------------------------------------- in a study
@pytest.mark.slow
def test_an_undeclared_shift_is_a_finding_and_gone_once_declared(tmp_path):
    shops, roads = town(1, blocks=8)
    path = BAD["write_study"](tmp_path)
    roads.assign(road_class="branch").to_file(tmp_path / "roads.gpkg")
    degrees = shifted(shops, "gcj02").to_crs("EPSG:4326").geometry
    pd.DataFrame({"类别": "小学", "lng": degrees.x, "lat": degrees.y}).to_csv(tmp_path / "facilities.csv", index=False)
    text = path.read_text(encoding="utf-8")
    block = text[text.index("[osm]") : text.index("[layers.facilities]")]
    text = text.replace(block, '[layers.roads]\npath = "roads.gpkg"\n\n')
    path.write_text(text, encoding="utf-8")
    (told,) = [found for found in read_study(path).findings if "GCJ-02" in found.en]
    assert told.en.startswith("Layer facilities: looks like GCJ-02")
    path.write_text(text.replace('x = "lng"', 'datum = "gcj02"\nx = "lng"'), encoding="utf-8")
    declared = read_study(path)
    assert not [found for found in declared.findings if "GCJ-02" in found.en]
    notes = {source.role: [said.kind for said in source.notes] for source in declared.inputs}
    assert "lies_well" in notes["facilities"]
    assert "shift_untold" in notes["residential"]


def test_layers_that_are_shifted_alike_are_told_once_and_those_that_differ_each():
    def shifted_by(layer, datum, undone_m):
        amounts = {
            "places": 40,
            "off_m": 548.0,
            "towards": 120.0,
            "aside_m": 50.0,
            "aside_from": 100.0,
            "lying_m": 60.0,
        }
        named = {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum]
        said = note("seems_shifted", named=named, taken="WGS 84", datum=datum, undone_m=undone_m, **amounts)
        return of_layer(said, layer)

    other = alike("something else")
    three = [
        shifted_by("parks", "gcj02", 5.0),
        shifted_by("facilities", "gcj02", 9.0),
        shifted_by("residential", "bd09", 5.0),
    ]
    told = shifts_together([three[0], other, three[1], three[2]])
    assert told[1:] == [other, three[2]]
    assert told[0].amounts["count"] == 2
    assert "公园" in told[0].zh
    assert "(parks, facilities)" in told[0].en
    assert "at most 9 m" in told[0].en
    assert shifts_together([other, three[2]]) == [other, three[2]]


# ------------------------------------------------------------------------------------------------------------- real cities
@pytest.fixture(scope="module")
def cities(real_data):
    """The layers of three cities; Newport is carried to Suizhou, where its streets would be shifted."""
    found = {}
    for city, (extract, crs) in {
        "guixi": ("guixi/guixi.osm", "EPSG:4548"),
        "nanjing": ("nanjing/xinjiekou.osm.xml", "EPSG:4549"),
        "newport": ("newport/newport-2023-06-13.osm.pbf", "EPSG:27700"),
    }.items():
        layers = read_osm(real_data / extract, crs=CRS(crs)).layers
        if city == "newport":
            away = np.array([EAST, NORTH]) - np.array(layers["roads"].total_bounds[:2])
            layers = {
                name: layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), away.__add__), crs=WORKING)
                for name, layer in layers.items()
            }
        found[city] = layers
    return found


SHARP = {
    "guixi": ("roads",),
    "nanjing": ("roads", "facilities", "residential", "walkways"),
    "newport": ("roads", "facilities", "residential", "walkways"),
}


@pytest.mark.real
@pytest.mark.parametrize("city", SHARP)
def test_what_follows_streets_is_told_and_nothing_is_told_wrongly(cities, city):
    layers = cities[city]
    for name in ("roads", "facilities", "parks", "residential", "walkways", "railways"):
        for datum in ("wgs84", *SHIFTS):
            told = seen(shifted(layers[name], datum), layers["roads"])
            assert told in (("", datum) if name not in SHARP[city] else (datum,)), (name, datum)


@pytest.mark.real
@pytest.mark.parametrize("city", SHARP)
@pytest.mark.parametrize("count", [29, 30, 100])
def test_thirty_points_suffice(cities, city, count):
    roads = cities[city]["roads"]
    for seed, datum in enumerate(("wgs84", *SHIFTS)):
        assert seen(shifted(beside(roads, count, seed), datum), roads) == (datum if count >= 30 else "")


@pytest.mark.real
@pytest.mark.parametrize("city", SHARP)
def test_points_thrown_anywhere_are_never_called_shifted(cities, city):
    roads = cities[city]["roads"]
    west, south, east, north = roads.total_bounds
    for seed in range(4):
        xy = np.random.default_rng(seed).uniform([west, south], [east, north], (200, 2))
        anywhere = gpd.GeoDataFrame(geometry=shapely.points(xy), crs=roads.crs)
        assert seen(anywhere, roads) == ""


@pytest.mark.real
def test_where_newport_lies_its_layers_are_as_given(real_data):
    layers = read_osm(real_data / "newport/newport-2023-06-13.osm.pbf", crs=CRS("EPSG:27700")).layers
    for datum in SHIFTS:
        assert seen(shifted(layers["facilities"], datum), layers["roads"]) == "wgs84"
