"""Mean lines of real networks: as long as the weights say, in one piece, with fewer slivers."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from suizhou_geo.sources.osm import read_osm
from suizhou_geo.streets.centreline_geometry import mean_lines
from suizhou_geo.streets.centrelines import centrelines

pytestmark = pytest.mark.real

NOT_WIDE = {"street_width_m": 0.0, "pair_width_m": 0.0, "untold_width_m": 0.0}
MOTOR = ["motorway", "expressway", "arterial", "secondary", "branch", "local"]
EXTRACTS = {"newport": ("newport/newport-2023-06-13.osm.pbf", "EPSG:32630"), "guixi": ("guixi/guixi.osm", "EPSG:4548")}


@pytest.fixture(scope="module", params=[*EXTRACTS, "invented"])
def network(request, invented_city, real_data):
    """The pieces of a town's centrelines and its mean lines."""
    if request.param == "invented":
        roads = invented_city.area.roads
    else:
        path, crs = EXTRACTS[request.param]
        roads = read_osm(real_data / path, crs=CRS(crs), bounds=None).layers["roads"]
    pieces = centrelines(roads[roads["road_class"].isin(MOTOR) & ~roads["ramp"]])
    return pieces, mean_lines(pieces)


def slivers(lines) -> int:
    """How many faces are so thin that no circle of 16 m across fits in."""
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines.geometry.to_numpy())]))
    return int(shapely.is_empty(shapely.buffer(faces, -8.0)).sum())


def greatest_part(lines) -> float:
    """The share of the length that hangs together by common vertices."""
    xy, line = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    place = np.unique(np.round(xy, 3), axis=0, return_inverse=True)[1].ravel() + len(lines)
    size = int(place.max()) + 1
    part = connected_components(coo_array((np.ones(len(line)), (line, place)), shape=(size, size)), directed=False)[1]
    length_m = np.bincount(part[: len(lines)], lines.length)
    return float(length_m.max() / length_m.sum())


def test_the_lines_are_as_long_as_the_weights_say(network):
    pieces, lines = network
    assert lines.length.sum() == pytest.approx((pieces.length * pieces["weight"]).sum(), rel=0.015)


def test_classes_are_as_long_as_the_weights_say(network):
    pieces, lines = network
    by_weight_m = (pieces.length * pieces["weight"]).groupby(pieces["street_class"]).sum()
    drawn_m = lines.length.groupby(lines["street_class"]).sum()
    for name, length_m in by_weight_m[by_weight_m > 0.05 * by_weight_m.sum()].items():
        assert drawn_m[name] == pytest.approx(length_m, rel=0.03), name


def test_most_slivers_are_gone(network):
    pieces, lines = network
    assert slivers(lines) < 0.75 * slivers(pieces)


def test_hardly_any_traffic_island_is_left_at_a_roundabout(network):
    pieces, lines = network
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines.geometry.to_numpy())]))
    rings = pieces.geometry[pieces["roundabout"]].to_numpy()
    at, _ = shapely.STRtree(rings).query(faces[shapely.area(faces) < 2000.0], predicate="intersects")
    assert len(set(at)) <= 0.03 * len(rings)


def test_the_network_stays_in_one_piece(network):
    pieces, lines = network
    assert greatest_part(lines) > greatest_part(pieces) - 0.001


def test_every_mean_line_runs_within_half_a_street_of_its_carriageways(network):
    pieces, lines = network
    middle = shapely.line_interpolate_point(lines.geometry.to_numpy(), 0.5, normalized=True)
    away_m = shapely.distance(middle, shapely.union_all(pieces.geometry.to_numpy()))
    assert np.quantile(away_m, 0.99) < 40.0
    assert shapely.is_valid(lines.geometry.to_numpy()).all()
    assert lines.length.gt(0).all()


def test_the_place_of_the_town_and_the_order_do_not_matter(network):
    pieces, lines = network
    total_m = lines.length.sum()
    moved = pieces.set_geometry(pieces.geometry.translate(1_234.5, -987.6), crs=pieces.crs)
    assert mean_lines(moved).length.sum() == pytest.approx(total_m, rel=1e-3)
    assert mean_lines(pieces.sample(frac=1.0, random_state=3)).length.sum() == pytest.approx(total_m, rel=1e-3)


def test_apalachicola_where_every_street_is_drawn_twice_is_drawn_once(real_data):
    streets = gpd.read_parquet(real_data / "apalachicola" / "original.parquet")
    crs = streets.crs if streets.crs.to_epsg() != 3857 else "EPSG:32616"  # its metres are taken as they are
    roads = gpd.GeoDataFrame({"road_class": ["branch"] * len(streets)}, geometry=streets.geometry.to_numpy(), crs=crs)
    assert mean_lines(centrelines(roads, **NOT_WIDE)).length.sum() == pytest.approx(73_429, abs=1)
