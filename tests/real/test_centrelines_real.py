"""Real networks against what neatnet 0.1.6 makes of the same roads.

neatnet redraws a network as centrelines; it is slow and loses the classes, but it is independent. Its figures were
taken with all motor roads, ramps among them, cut at their junctions; little of a ramp is left in its result (2.2 km of
Newport's 9.5 km), so that a network without ramps may be held against the same figure.
"""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from suizhou_geo.sources.osm import read_osm
from suizhou_geo.standards import table
from suizhou_geo.streets.centrelines import centrelines

pytestmark = pytest.mark.real

MOTOR = ["motorway", "expressway", "arterial", "secondary", "branch", "local"]
EXTRACTS = {
    "newport": ("newport/newport-2023-06-13.osm.pbf", "EPSG:32630", 455_508.0, 411_088.0),
    "guixi": ("guixi/guixi.osm", "EPSG:4548", 109_940.0, 81_355.0),
}


@pytest.fixture(scope="module", params=EXTRACTS)
def network(request, real_data):
    """The motor roads of an extract, their length as drawn, and the length of neatnet's centrelines."""
    path, crs, raw_m, neatnet_m = EXTRACTS[request.param]
    roads = read_osm(real_data / path, crs=CRS(crs), bounds=None).layers["roads"]
    return roads[roads["road_class"].isin(MOTOR)], raw_m, neatnet_m


def counted_m(roads, **thresholds) -> float:
    pieces = centrelines(roads, **thresholds)
    assert pieces["weight"].between(0, 1, inclusive="right").all()
    assert pieces.length.sum() == pytest.approx(roads.length.sum(), rel=1e-9)
    return float((pieces.length * pieces["weight"]).sum())


def test_the_roads_are_the_ones_neatnet_was_given(network):
    roads, raw_m, _ = network
    assert roads.length.sum() == pytest.approx(raw_m, rel=1e-3)


def test_all_motor_roads_are_as_long_as_neatnet_says(network):
    roads, _, neatnet_m = network
    assert counted_m(roads) == pytest.approx(neatnet_m, rel=0.01)


def test_without_ramps_the_network_is_as_long_as_neatnet_says(network):
    roads, _, neatnet_m = network
    assert counted_m(roads[~roads["ramp"]]) == pytest.approx(neatnet_m, rel=0.01)


@pytest.mark.parametrize("erased", [{"name": None}, {"oneway": False}, {"name": None, "oneway": False}], ids=str)
def test_names_or_directions_alone_lead_to_the_same_length(network, erased):
    roads, _, neatnet_m = network
    assert counted_m(roads[~roads["ramp"]].assign(**erased)) == pytest.approx(neatnet_m, rel=0.015)


def test_every_line_is_covered_exactly_once(network):
    roads, _, _ = network
    pieces = centrelines(roads)
    by_row_m = pieces.length.groupby(pieces["source_id"]).sum()
    drawn_m = roads.length.groupby(roads["source_id"]).sum()
    assert np.allclose(by_row_m.loc[drawn_m.index], drawn_m, rtol=1e-9)
    lines = roads.dissolve("source_id").geometry.loc[pieces["source_id"]].to_numpy()
    middle = shapely.line_interpolate_point(pieces.geometry.to_numpy(), 0.37, normalized=True)
    assert shapely.distance(middle, lines).max() < 1e-6


def test_the_order_of_the_rows_and_the_place_of_the_town_do_not_matter(network):
    roads, _, _ = network
    whole_m = counted_m(roads)
    assert counted_m(roads.sample(frac=1.0, random_state=3)) == pytest.approx(whole_m, rel=1e-6)
    moved = roads.set_geometry(roads.geometry.translate(1_234.5, -987.6), crs=roads.crs)
    assert counted_m(moved) == pytest.approx(whole_m, rel=1e-6)
    turned = roads.set_geometry(roads.geometry.rotate(37.0, origin=(roads.total_bounds[0], 0)), crs=roads.crs)
    assert counted_m(turned) == pytest.approx(whole_m, rel=1e-6)


def test_no_street_counts_twice_for_a_bridge_under_one_carriageway(network):
    """There is no elevated road over a ground road of its name here: levels make no difference."""
    roads, _, _ = network
    streets = roads[~roads["ramp"]]
    assert counted_m(streets) == pytest.approx(counted_m(streets, merge_levels=True), abs=50)
    pieces = centrelines(streets)
    drawn = pieces[(pieces["name"] == "Usk Way") & (pieces["level"] == 1) & (pieces.length > 200)]
    assert drawn["weight"].eq(0.5).all()


def _streets(path) -> gpd.GeoDataFrame:
    streets = gpd.read_parquet(path)
    highway = streets["highway"].astype(str)
    return gpd.GeoDataFrame(
        {
            "road_class": highway.str.removesuffix("_link").map(table("road_classes")["osm_highway"]).fillna("service"),
            "ramp": highway.str.endswith("_link"),
        },
        geometry=streets.geometry.to_numpy(),
        crs=streets.crs if streets.crs.to_epsg() != 3857 else "EPSG:32616",  # its metres are taken as they are
    )


def test_liege_with_classes_and_shapes_only(real_data):
    streets = _streets(real_data / "liege" / "original.parquet")
    assert streets.length.sum() == pytest.approx(2_659_485, rel=1e-4)
    assert counted_m(streets) == pytest.approx(2_350_782, rel=0.03)


def test_apalachicola_where_every_street_is_drawn_twice(real_data):
    streets = _streets(real_data / "apalachicola" / "original.parquet")
    assert streets.length.sum() == pytest.approx(146_405, abs=1)
    assert counted_m(streets, street_width_m=0, pair_width_m=0, untold_width_m=0) == pytest.approx(73_429, abs=1)
    assert 64_566 < counted_m(streets) < 73_429
