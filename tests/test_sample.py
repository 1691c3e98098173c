"""The invented city: the same each time, as large as promised, with every difficulty in it, and its truth is true."""

import csv
import itertools
import json
import math
from collections import Counter, defaultdict
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from exactextract import exact_extract
from pyproj import Transformer
from shapely import LineString, Point

from suizhou_geo import invented_city as sample
from suizhou_geo.errors import OutputError
from suizhou_geo.geometry.crs import gcj02_to_wgs84
from suizhou_geo.invented_city.blocks import faces
from suizhou_geo.invented_city.carriageways import drawn
from suizhou_geo.invented_city.counties import COUNTIES
from suizhou_geo.invented_city.streets import lay
from suizhou_geo.invented_city.tables import table as invented
from suizhou_geo.invented_city.tables import words
from suizhou_geo.standards import table

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"
FILES = {
    "README.txt",
    "chargers.csv",
    "city.osm.pbf",
    "facilities.csv",
    "houses.parquet",
    "land.gpkg",
    "land_survey.parquet",
    *(f"parking.{part}" for part in ("cpg", "dbf", "prj", "shp", "shx")),
    "population.tif",
    "projects.geojson",
    "registers.gpkg",
    "sidewalk_survey.csv",
    "statistics.csv",
    "statistics_2024.csv",
    "study.toml",
    "truth.json",
    "zones.gpkg",
}
COUNTED = ("expressway", "arterial", "secondary", "branch", "local")


@pytest.fixture(scope="module")
def city(drawn_city):
    return drawn_city


@pytest.fixture(scope="module")
def folder(tmp_path_factory, drawn_city):
    folder = tmp_path_factory.mktemp("sample") / "city"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample, "city", lambda _: drawn_city)
        sample.write_city(folder)
    return folder


@pytest.fixture(scope="module")
def truth(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ways(folder):
    return _ways(folder)


@pytest.fixture(scope="module")
def whole(city):
    return shapely.union_all([zone.outline for zone in city.zones])


def _ways(folder):
    """(tags, points in degrees, references) of every way."""
    found = []
    for item in osmium.FileProcessor(str(folder / "city.osm.pbf")).with_locations():
        if item.is_way():
            points = [(node.lon, node.lat) for node in item.nodes]
            found.append((dict(item.tags), points, [node.ref for node in item.nodes]))
    return found


def _highways(ways, **tags):
    return [w for w in ways if "highway" in w[0] and all(w[0].get(k) == v for k, v in tags.items())]


def _public(city):
    return [s for s in (*city.streets, *city.land.inner_streets) if s.public and s.road_class in COUNTED]


# --- the same each time -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_writings_of_one_seed_are_equal_to_the_byte(folder, tmp_path):
    sample.write_city(tmp_path / "again")
    assert {path.name for path in folder.iterdir()} == FILES
    for name in FILES:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


@pytest.mark.slow
def test_the_bundled_copy_is_what_seed_0_gives(folder):
    assert {path.name for path in BUNDLED.iterdir()} == FILES
    for name in ("README.txt", "study.toml", "statistics.csv", "statistics_2024.csv"):
        assert (BUNDLED / name).read_text(encoding="utf-8") == (folder / name).read_text(encoding="utf-8")
    for name in ("zones.gpkg", "land.gpkg", "registers.gpkg"):
        assert _layers(BUNDLED / name) == _layers(folder / name)
        for layer in _layers(folder / name):
            ours, theirs = (gpd.read_file(path / name, layer=layer) for path in (folder, BUNDLED))
            assert ours.drop(columns="geometry").equals(theirs.drop(columns="geometry"))
            assert (ours.geometry.hausdorff_distance(theirs.geometry) < 0.05).all()
    for name, read in (("parking.shp", gpd.read_file), ("land_survey.parquet", gpd.read_parquet)):
        ours, theirs = (read(path / name) for path in (folder, BUNDLED))
        assert (ours.geometry.hausdorff_distance(theirs.geometry) < 0.05).all()
        assert ours.drop(columns=["geometry", "TBMJ"], errors="ignore").equals(
            theirs.drop(columns=["geometry", "TBMJ"], errors="ignore")
        )
    for name, encoding, places in (("chargers.csv", "gbk", 2e-7), ("sidewalk_survey.csv", "utf-8-sig", 2e-6)):
        ours, theirs = (pd.read_csv(path / name, encoding=encoding) for path in (folder, BUNDLED))
        for column in ours:
            if ours[column].dtype.kind == "f":
                assert ours[column].to_numpy() == pytest.approx(theirs[column].to_numpy(), abs=places), (name, column)
            else:
                assert ours[column].equals(theirs[column]), (name, column)
    ours, theirs = (gpd.read_file(path / "projects.geojson") for path in (folder, BUNDLED))
    assert ours.drop(columns="geometry").equals(theirs.drop(columns="geometry"))
    assert (shapely.hausdorff_distance(ours.geometry.to_numpy(), theirs.geometry.to_numpy()) < 2e-6).all()  # degrees
    with rasterio.open(folder / "population.tif") as ours, rasterio.open(BUNDLED / "population.tif") as theirs:
        assert ours.transform == theirs.transform
        assert np.abs(ours.read(1) - theirs.read(1)).max() <= 1
    ours, theirs = (_rows(path) for path in (folder, BUNDLED))
    assert [list(row.values())[:3] for row in ours] == [list(row.values())[:3] for row in theirs]
    for key in ("经度", "纬度"):
        assert [float(row[key]) for row in ours] == pytest.approx([float(row[key]) for row in theirs], abs=2e-7)
    for a, b in zip(_ways(folder), _ways(BUNDLED), strict=True):
        assert a[0] == b[0]
        assert a[2] == b[2]
        assert np.array(a[1]) == pytest.approx(np.array(b[1]), abs=3e-7)
    ours, theirs = (json.loads((path / "truth.json").read_text(encoding="utf-8")) for path in (folder, BUNDLED))
    for (where, a), (place, b) in zip(_leaves(ours), _leaves(theirs), strict=True):
        assert where == place
        assert a == (pytest.approx(b, rel=1e-6) if isinstance(b, float) else b), where


def _rows(folder):
    return list(csv.DictReader((folder / "facilities.csv").read_text(encoding="utf-8").splitlines()))


def _layers(path):
    return sorted(name for name, _ in pyogrio.list_layers(path))


def _leaves(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _leaves(inner, f"{path}/{n}")
    else:
        yield path, value


def test_the_bundle_is_small():
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) < 5e6


# --- as large and as shaped as promised ---------------------------------------------------------------------------


def test_size_place_and_zones(city, truth, whole):
    assert truth["area_km2"] == pytest.approx(63, abs=3)
    assert truth["area_km2"] == pytest.approx(sum(truth["area_km2_by_zone"].values()))
    to_degrees = Transformer.from_crs("EPSG:4547", "EPSG:4326", always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*whole.bounds)
    assert 113.30 < west < east < 113.48
    assert 31.63 < south < north < 31.78
    assert [(z.name, z.role) for z in city.zones] == [
        ("主城区", "main_city"),
        ("花溪片区", "district"),
        ("城南片区", "district"),
        ("明珠新城片区", "district"),
    ]
    for a, b in itertools.combinations(city.zones, 2):
        assert a.outline.intersection(b.outline).area < 1e-6
        assert a.outline.is_valid
    assert max(z.outline.area for z in city.zones) == city.zones[0].outline.area


def test_the_core_lies_between_two_avenues_and_two_railways(city):
    core = city.zones[0].outline
    edge = core.exterior
    for name in ("编钟大道", "迎宾大道"):
        points = {p for s in city.streets if s.name == name for p in s.points}
        assert len(points & {(float(x), float(y)) for x, y in edge.coords}) > 40, name
    for railway in city.railways:
        assert railway.line.intersection(edge.buffer(0.05)).length > 3000


def test_the_tiles_of_land_fill_the_zones(city, truth, whole):
    shapes = np.array([t.shape for t in city.land.tiles])
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-6)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    overlaps = shapely.area(shapely.intersection(shapes[left[left < right]], shapes[right[left < right]]))
    assert overlaps.sum() < 1.0
    assert sum(truth["land_ha_by_class"].values()) == pytest.approx(truth["area_km2"] * 100, rel=1e-6)
    assert sum(truth["construction_land_ha_by_zone"].values()) == pytest.approx(truth["construction_land_ha"])
    assert 80 < truth["construction_land_ha"] * 1e4 / truth["persons"] < 115


# --- the truth about streets --------------------------------------------------------------------------------------


def test_centrelines_by_class_and_by_zone_sum_to_the_total(truth):
    assert sum(truth["centreline_km_by_class"].values()) == pytest.approx(truth["centreline_km"])
    assert sum(truth["centreline_km_by_zone"].values()) == pytest.approx(truth["centreline_km"])
    for zone, row in truth["centreline_km_by_zone_and_class"].items():
        assert sum(row.values()) == pytest.approx(truth["centreline_km_by_zone"][zone])
    assert set(truth["centreline_km_by_class"]) == set(COUNTED)


def test_centrelines_by_class_against_plain_clipping(city, truth, whole):
    clipped = defaultdict(float)
    for street in _public(city):
        clipped[street.road_class] += street.line.intersection(whole).length / 1000
    # cutting at the outline and then adding up is the same as adding up the segments inside
    assert truth["centreline_km_by_class"] == pytest.approx(dict(clipped), rel=1e-6)


def test_border_streets_count_half_in_each_zone(city, truth):
    lines = [s.line for s in _public(city)]
    for zone in city.zones:
        inner, outer = zone.outline.buffer(-0.02), zone.outline.buffer(0.02)
        inside = sum(line.intersection(inner).length for line in lines)
        along = sum(line.intersection(outer).length for line in lines) - inside
        assert truth["centreline_km_by_zone"][zone.name] == pytest.approx((inside + along / 2) / 1000, abs=0.05)
    assert truth["centreline_km_on_shared_borders"] > 8


def test_no_street_follows_the_outer_outline(city, whole):
    along = sum(s.line.intersection(whole.exterior.buffer(2.0)).length for s in _public(city))
    assert 0 < along < 4000
    crossing = [s for s in _public(city) if s.line.crosses(whole)]
    assert len(crossing) > 60


def test_drawn_carriageways_average_to_the_centreline(city):
    metres = defaultdict(float)
    for line in drawn(city.streets, separated=city.separated, roundabouts=city.roundabouts, slips=city.slips):
        if not line.ramp and not line.roundabout:
            metres[line.street] += LineString(line.points).length / len(line.street.offsets_m)
    for road_class in COUNTED:
        streets = [s for s in city.streets if s.road_class == road_class]
        true = sum(s.line.length for s in streets)
        assert sum(metres[s] for s in streets) == pytest.approx(true, rel=0.012), road_class


def test_streets_that_cross_share_a_node_unless_one_is_above_the_other(ways):
    roads = [w for w in _highways(ways) if w[0]["highway"] not in ("footway", "path", "pedestrian")]
    segments, owner = [], []
    for n, (_, points, _) in enumerate(roads):
        segments += [LineString(pair) for pair in itertools.pairwise(points)]
        owner += [n] * (len(points) - 1)
    segments = np.array(segments)
    left, right = shapely.STRtree(segments).query(segments, predicate="crosses")
    assert len(left) > 50
    for a, b in zip(left, right, strict=True):
        tags = [roads[owner[k]][0] for k in (a, b)]
        assert any("bridge" in t or "tunnel" in t for t in tags), tags


def test_every_street_can_be_driven_to(ways):
    graph = nx.Graph()
    for tags, _, refs in _highways(ways):
        if tags["highway"] not in ("footway", "path", "pedestrian"):
            nx.add_path(graph, refs)
    assert nx.number_connected_components(graph) == 1


def test_the_roads_to_the_counties_lie_beyond_the_zones_and_end_at_the_seats(city, ways, whole):
    roads = {c.road: [s for s in city.streets if s.name and s.name.startswith(c.road)] for c in COUNTIES}
    seats = {c.name: c.point for c in city.registers.centres if c.kind == "county"}
    ends = {p for s in city.streets if not s.name or not s.name.startswith("虚构") for p in (s.points[0], s.points[-1])}
    assert set(seats) == {c.seat for c in COUNTIES}
    for county in COUNTIES:
        first, *_, last = [p for s in roads[county.road] for p in s.points]
        metres = sum(s.line.length for s in roads[county.road])
        assert metres == pytest.approx(county.road_m + county.link_m, rel=1e-4)
        assert min(s.line.distance(whole) for s in roads[county.road]) > 600
        assert first in ends  # goes on where a street ended
        assert seats[county.seat] == last
        assert 8_000 < Point(last).distance(whole) < 20_000
        assert _highways(ways, name=county.road)
    assert [c.street for c in COUNTIES] == ["季梁大道", "交通大道", "绕城高速"]


# --- every difficulty is there ------------------------------------------------------------------------------------


def test_dual_carriageways_side_roads_and_an_unnamed_pair(city, ways):
    duals = {s.name for s in city.streets if s.half_gap_m}
    assert {"编钟大道", "迎宾大道", "随州大道", "交通大道", "神农大道", "炎帝大道", "世纪大道", "北外环", None} <= duals
    assert all(16 <= 2 * s.half_gap_m <= 40 for s in city.streets if s.half_gap_m)
    for name in ("迎宾大道", "随州大道", "随州大道辅路"):
        assert all(tags.get("oneway") == "yes" for tags, _, _ in _highways(ways, name=name))
        assert _highways(ways, name=name)
    unnamed = [w for w in _highways(ways, highway="secondary", oneway="yes") if "name" not in w[0]]
    assert len(unnamed) >= 2


def test_one_way_streets_that_are_no_pair(city):
    single = [s for s in city.streets if s.oneway and not s.half_gap_m]
    assert len(single) > 5
    assert max(Counter(s.name for s in single if s.name).values()) <= 3


def test_ramps_a_slip_a_roundabout_a_motorway_and_viaducts(city, ways, truth):
    assert len(_highways(ways, highway="trunk_link")) >= 8
    assert len(_highways(ways, highway="motorway_link")) >= 2
    assert len(_highways(ways, highway="primary_link")) == 1
    rings = _highways(ways, junction="roundabout")
    assert [points[0] == points[-1] for _, points, _ in rings] == [True]
    assert truth["centreline_km_not_counted"]["motorway"] > 0.5
    assert any("bridge" in tags for tags, _, _ in _highways(ways, name="北外环"))
    assert len(city.separated) > 2


def test_a_national_road_is_an_arterial_by_its_exact_tag(ways, truth):
    tagged = _highways(ways, name="季梁大道")
    assert {(t["highway"], t["highway:CN:urban"]) for t, _, _ in tagged} == {("trunk", "arterial")}
    assert "季梁大道" in truth["through_arterials"]["west_east"]


def test_gated_compounds_with_unnamed_ways_and_open_ones_with_a_named_street(city, truth):
    compounds = shapely.union_all([shape for _, shape in city.land.compounds])
    sizes_ha = [shape.area / 1e4 for _, shape in city.land.compounds]
    assert len(sizes_ha) > 150
    assert 1.5 <= min(sizes_ha) < max(sizes_ha) <= 9.5
    inner = [s for s in city.land.inner_streets if not s.public]
    assert {s.highway for s in inner} == {"residential", "service"}
    assert all(s.name is None for s in inner)
    outside = sum(s.line.difference(compounds).length for s in inner if s.highway == "residential")
    assert outside < 1.0
    assert truth["centreline_km_not_counted"]["inside_compounds"] > 80
    through = [s for s in city.land.inner_streets if s.public and s.line.intersection(compounds).length > 50]
    assert len(through) == 3
    assert all(s.name for s in through)


def test_bridges_are_few(city, ways):
    fu = city.waters[0]
    avenues = {s.name for s in city.streets if s.line.crosses(fu.line) and s.name}
    assert {"擂鼓墩大道", "编钟大道", "白云大道", "解放路", "神农大道", "迎宾大道", "交通大道"} <= avenues
    assert len(avenues) <= 12
    assert {"bridge", "tunnel"} <= {k for tags, _, _ in _highways(ways) for k in tags}
    names = {w.name for w in city.waters}
    assert names == {"涢水(府河)", "㵐水", "漂水", "花溪河"}
    rail = {tags["name"] for tags, _, _ in ways if tags.get("railway") == "rail"}
    assert rail == {"汉丹铁路", "汉十高铁"}
    ground = next(r.line for r in city.railways if not r.viaduct)
    assert len({s.name for s in city.streets if s.line.crosses(ground)}) <= 9


def test_dead_ends_are_exactly_those_planted(city, truth, whole):
    degrees = Counter()
    for n, street in enumerate((*city.streets, *(s for s in city.land.inner_streets if s.public))):
        for a, b in itertools.pairwise((p, n if p in city.separated else None) for p in street.points):
            degrees.update((a, b))
    found = {p for (p, _), n in degrees.items() if n == 1 and whole.contains(Point(p))}
    closes = {tuple(p) for p in truth["cul_de_sacs"]}
    planted = {(e["x"], e["y"]) for e in truth["dead_ends"]}
    assert found == closes | planted
    assert len(closes) >= 4
    assert {e["barrier"] for e in truth["dead_ends"]} == {"railway", "river", "wall"}
    for end in truth["dead_ends"]:
        if end["barrier"] == "railway":
            assert end["barrier_name"] == "汉丹铁路"
            assert city.railways[0].line.distance(Point(end["x"], end["y"])) < 35


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 4, 6])
def test_no_street_stops_over_or_under_another(seed):
    ground = lay(seed)
    degrees = Counter()
    for n, street in enumerate(ground.streets):
        for a, b in itertools.pairwise(street.points):
            degrees.update(((a, n), (b, n)))
    assert len(ground.separated) > 5
    assert all(n == 2 for (p, _), n in degrees.items() if p in ground.separated)


def test_walls_are_factories(city, truth):
    factories = shapely.union_all([t.shape for t in city.land.tiles if t.land_class == "工业用地"])
    walls = [Point(e["x"], e["y"]) for e in truth["dead_ends"] if e["barrier"] == "wall"]
    assert len(walls) == 2
    assert LineString(walls).difference(factories).length < 20  # what the street itself takes


def test_missing_links_against_networkx(city, truth):
    graph = nx.Graph()
    for n, street in enumerate(s for s in (*city.streets, *city.land.inner_streets) if s.public):
        if street.road_class != "motorway":
            for a, b in itertools.pairwise(street.points):
                keys = [(p, n if p in city.separated else None) for p in (a, b)]
                graph.add_edge(*keys, metres=math.dist(a, b))
    links = truth["missing_links"]
    assert {link["street"] for link in links} >= {"神农大道", "裕民大道", "文化二路"}
    for link in links:
        ends = [(tuple(link[k]), None) for k in ("from", "to")]
        assert link["network_m"] == pytest.approx(nx.shortest_path_length(graph, *ends, weight="metres"))
        assert link["saved_m"] == pytest.approx(link["network_m"] - math.dist(link["from"], link["to"]))
        assert math.dist(link["from"], link["to"]) == link["straight_m"]
    saved = [link["saved_m"] for link in links]
    assert saved == sorted(saved, reverse=True)
    assert saved[0] > 1000


# --- blocks -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_blocks_against_polygonizing_and_rectangles_of_shapely(city, truth, whole):
    lines = shapely.union_all([*(s.line for s in _public(city)), whole.exterior])
    found = np.array(
        [f for f in shapely.get_parts(shapely.polygonize([lines])) if whole.contains(f.point_on_surface())]
    )
    assert shapely.area(found).sum() == pytest.approx(whole.area)
    found = found[~shapely.is_empty(shapely.buffer(found, -10.0))]
    origin = shapely.get_coordinates(found).min(axis=0)
    corners = [
        np.array(shapely.oriented_envelope(shapely.transform(f, lambda xy: xy - origin)).exterior.coords) for f in found
    ]
    longest = np.array([np.hypot(*np.diff(c, axis=0).T).max() for c in corners])
    homes = [shape for _, shape in city.land.residential]
    works = [t.shape for t in city.land.tiles if t.land_class == "工业用地"]
    for use, land, limit_m in (("residential", homes, 300.0), ("industrial", works, 600.0)):
        inside = shapely.area(shapely.intersection(found, shapely.union_all(land)))
        mine = inside > shapely.area(found) / 2
        area_ha, over = shapely.area(found)[mine] / 1e4, longest[mine] > limit_m
        assert truth["block_size"][use] == pytest.approx(
            {
                "limit_m": limit_m,
                "blocks": mine.sum(),
                "blocks_over_limit": over.sum(),
                "area_ha": area_ha.sum(),
                "area_over_limit_ha": area_ha[over].sum(),
                "share_over_limit": area_ha[over].sum() / area_ha.sum(),
            }
        )


def _square(x, y, side):
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    return {tuple(sorted(pair)) for pair in zip(corners, corners[1:] + corners[:1], strict=True)}


@pytest.mark.parametrize(
    ("inner", "areas"),
    [
        (_square(2, 2, 3), [9, 91]),  # an island
        (_square(2, 2, 3) | {((0, 0), (2, 2))}, [9, 91]),  # joined by a street
        (_square(0, 0, 3), [9, 91]),  # at a corner
        (_square(-3, -3, 3), [9, 100]),  # outside, touching
        (_square(2, 2, 5) | _square(3, 3, 1), [1, 24, 75]),  # one in the other
        ({((0, 0), (4, 4)), ((4, 4), (4, 6)), ((4, 4), (6, 4))}, [100]),  # dead ends
    ],
)
def test_faces_of_drawn_squares(inner, areas):
    outer = _square(0, 0, 10)
    if ((0, 0), (0, 3)) in inner:  # the corner's sides lie on the square's
        outer = outer - {((0, 0), (10, 0)), ((0, 0), (0, 10))} | {((3, 0), (10, 0)), ((0, 3), (0, 10))}
    found = faces(outer | inner)
    assert sorted(f.area for f in found) == areas
    assert all(f.is_valid for f in found)


# --- parks --------------------------------------------------------------------------------------------------------


def test_parks_of_every_size_in_pieces_in_ribbons_and_private(city, truth):
    parks = {p["name"]: p for p in truth["parks"]}
    assert "虚构私家花园" not in parks
    assert [p.name for p in city.land.parks if not p.public] == ["虚构私家花园"]
    by_size = Counter(round(p["area_m2"] / 100) * 100 for p in truth["parks"] if p["name"].startswith("虚构游园"))
    assert min(by_size[300], by_size[1000], by_size[3000], by_size[6000]) >= 3
    pieces = [p for p in truth["parks"] if p["pieces"] > 1]
    assert len(pieces) == 3
    for park in pieces:
        shapes = [p.shape for p in city.land.parks if p.name == park["name"]]
        assert max(s.area for s in shapes) < 5000 < park["area_m2"]
        assert shapes[0].distance(shapes[1]) == pytest.approx(1.5, abs=0.05)
        assert park["radius_m"] == {"2010/2021": 500, "2022+": 500, "mnr_5min": 300}
    ribbon = parks["涢水滨河绿带"]
    assert ribbon["area_m2"] == pytest.approx(40_000, rel=0.05)
    assert parks["草甸子街游园"]["radius_m"] == {"2010/2021": 300, "2022+": 300, "mnr_5min": 300}
    ordinary = next(p for p in truth["parks"] if 990 < p["area_m2"] < 1010)
    assert ordinary["radius_m"] == {"2010/2021": 0, "2022+": 300, "mnr_5min": 300}
    tiny = next(p for p in truth["parks"] if p["area_m2"] < 310)
    assert set(tiny["radius_m"].values()) == {0}
    assert sum(p["area_m2"] > 26_000 for p in truth["parks"]) > 10


def test_to_count_the_private_garden_would_be_seen(city, whole):
    homes = shapely.union_all([shape for _, shape in city.land.residential]).intersection(whole)
    public = shapely.union_all([p.shape.buffer(500) for p in city.land.parks if p.public and p.shape.area > 5000])
    garden = next(p.shape for p in city.land.parks if not p.public)
    gained = homes.intersection(garden.buffer(500)).difference(public).area / homes.area
    assert garden.area == pytest.approx(8000, rel=1e-3)
    assert gained > 0.002
    assert garden.within(
        shapely.union_all([t.shape for t in city.land.tiles if t.land_class != "公园绿地"]).buffer(0.1)
    )


def test_no_park_is_near_a_size_limit(truth):
    for park in truth["parks"]:
        for limit_m2 in (400, 1000, 2000, 5000):
            if limit_m2 == 1000 and not park["historic"]:
                continue
            assert abs(park["area_m2"] / limit_m2 - 1) > 0.05, park


@pytest.mark.parametrize("profile", ["2010/2021", "2022+", "mnr_5min"])
def test_park_reach_against_a_fine_grid_of_points(city, truth, whole, profile):
    homes = shapely.union_all([shape for _, shape in city.land.residential]).intersection(whole)
    shapely.prepare(homes)
    x, y = np.meshgrid(*(np.arange(*limits, 23.0) for limits in zip(whole.bounds[:2], whole.bounds[2:], strict=True)))
    points = shapely.points(x.ravel(), y.ravel())
    points = points[shapely.contains(homes, points)]
    radius_of = {p["name"]: p["radius_m"][profile] for p in truth["parks"]}
    served = np.zeros(len(points), bool)
    for radius_m in {300, 500} & set(radius_of.values()):
        shapes = [p.shape for p in city.land.parks if p.public and radius_of[p.name] == radius_m]
        served[shapely.STRtree(points).query(shapes, predicate="dwithin", distance=radius_m)[1]] = True
    assert len(points) > 25_000
    assert truth["park_reach"][profile]["whole"] == pytest.approx(served.mean(), abs=0.004)


def test_the_results_are_a_mix(truth):
    assert 7.0 < truth["centreline_km"] / truth["area_km2"] < 8.0
    reach = truth["park_reach"]
    assert 0.80 < reach["2010/2021"]["whole"] < 0.85 < reach["2022+"]["whole"] < 0.95
    required = [key for key, row in table("life_circles")["categories"].items() if row["required"]]
    assert 0.5 < np.mean([truth["facility_reach"][key] for key in required]) < 0.75


# --- people and facilities ----------------------------------------------------------------------------------------


def test_persons_are_whole_and_600_000(folder, truth):
    with rasterio.open(folder / "population.tif") as raster:
        persons = raster.read(1).astype("float64")
        assert raster.dtypes == ("float32",)
        assert raster.nodata == -9999
    there = persons[persons != -9999]
    assert (there == np.round(there)).all()
    assert there.sum() == truth["persons_in_raster"] == 609_000
    assert (persons == -9999).any()
    assert truth["persons"] == 600_000
    assert sum(truth["persons_by_zone"].values()) == pytest.approx(600_000, abs=1e-3)


def test_persons_by_zone_against_exactextract(folder, truth):
    zones = gpd.read_file(folder / "zones.gpkg")
    sums = exact_extract(folder / "population.tif", zones, "sum", include_cols="片区名称", output="pandas")
    assert dict(zip(sums["片区名称"], sums["sum"], strict=True)) == pytest.approx(truth["persons_by_zone"], rel=1e-5)


def test_facilities_lie_600_m_off_until_the_shift_is_undone(city, folder):
    rows = _rows(folder)
    assert list(rows[0]) == ["编号", "名称", "类别", "经度", "纬度", "学位床位"]
    lon, lat = (np.array([float(row[key]) for row in rows]) for key in ("经度", "纬度"))
    to_metres = Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True)
    true = np.array([f.point for f in city.facilities])
    shifted = np.column_stack(to_metres.transform(lon, lat))
    off_m = np.hypot(*(shifted - true).T)
    assert 575 < off_m.min() < off_m.max() < 635
    undone = np.column_stack(to_metres.transform(*gcj02_to_wgs84(lon, lat)))
    assert np.hypot(*(undone - true).T).max() < 0.05


def test_every_category_is_named_and_some_are_sparse(truth):
    given, labels = invented("facilities"), words("facilities", "category")
    assert set(given) == set(table("life_circles")["categories"]) | set(table("emergency")["categories"])
    assert len(set(labels.values())) == len(labels)
    counts = truth["facilities_by_category"]
    assert counts == {category: row["count"] for category, row in given.items() if row["count"]}
    assert set(labels) == set(counts)
    assert counts["sports_hall"] == 3
    without = set(given) - set(counts)
    assert without == {"canteen", "nursery"}
    assert truth["facility_reach"]["nursery"] == 0
    assert truth["facility_reach"]["bus_stop"] > 0.95


# --- labels and writing -------------------------------------------------------------------------------------------


def test_everything_is_labelled_invented(folder, truth):
    assert truth["invented"] is True
    assert "invented = true" in (folder / "study.toml").read_text(encoding="utf-8")
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    assert "虚构" in readme
    assert "is invented" in readme
    with rasterio.open(folder / "population.tif") as raster:
        assert "invented" in raster.tags()["TIFFTAG_IMAGEDESCRIPTION"]
    reader = osmium.io.Reader(str(folder / "city.osm.pbf"))
    assert "invented" in reader.header().get("generator")
    reader.close()
    assert all("虚构" in row["名称"] for row in _rows(folder))


@pytest.mark.slow
def test_an_earlier_sample_is_replaced_and_foreign_files_never(city, truth, tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "city", lambda _: city)
    monkeypatch.setattr(sample, "truth", lambda _: truth)
    target = tmp_path / "here"
    target.mkdir()
    sample.write_city(target)
    (target / "left over.txt").write_text("x")
    sample.write_city(target)
    assert {path.name for path in target.iterdir()} == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.docx").write_text("x")
    with pytest.raises(OutputError, match="not an earlier sample"):
        sample.write_city(foreign)
    assert [path.name for path in foreign.iterdir()] == ["thesis.docx"]
    with pytest.raises(OutputError, match="is a file"):
        sample.write_city(foreign / "thesis.docx")
    (foreign / "truth.json").write_text("[]")
    with pytest.raises(OutputError, match="not an earlier sample"):
        sample.write_city(foreign)


def test_a_failed_writing_leaves_what_was_there(city, truth, tmp_path, monkeypatch):
    def fails(folder, *_):
        (folder / "city.osm.pbf").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sample, "city", lambda _: city)
    monkeypatch.setattr(sample, "truth", lambda _: truth)
    target = tmp_path / "here"
    target.mkdir()
    (target / "truth.json").write_text('{"invented": true}')
    monkeypatch.setattr(sample, "write_files", fails)
    with pytest.raises(OutputError, match=r"cannot be written \(No space left on device\)"):
        sample.write_city(target)
    assert [path.name for path in target.iterdir()] == ["truth.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
