"""What is split over zones adds up again: drawn cases and conservation."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
import shapely.affinity
from shapely import LineString, Point, Polygon, box

from suizhou_geo.geometry.shapes import in_pieces
from suizhou_geo.geometry.zonal import (
    area_by_zone,
    areal,
    common_area,
    cut_areas,
    cut_lines,
    dissolved,
    groups_within,
    persons_by_zone,
    zone_of,
)

KM = 1000.0


@pytest.fixture
def zones(drawn):
    return drawn([box(0, 0, KM, KM), box(KM, 0, 2 * KM, KM)], name=["a", "b"]).set_index(np.array(["a", "b"]))


def _shared(cut):
    return (cut["share"] * cut["length_m"]).groupby(cut["zone_id"]).sum().to_dict()


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ([(-500, 500), (2500, 500)], {"a": 1000, "b": 1000}),  # cut exactly at the outlines
        ([(1000, 0), (1000, 1000)], {"a": 500, "b": 500}),  # on the shared border
        ([(1012, 0), (1012, 1000)], {"a": 500, "b": 500}),  # drawn 12 m off it
        ([(1030, 0), (1030, 1000)], {"b": 1000}),  # a street of b
        ([(1000, 300), (1000, 350)], {"a": 25, "b": 25}),  # a short one exactly on it
        ([(0, 0), (2000, 0)], {"a": 1000, "b": 1000}),  # on the outer outline: in full
        ([(0, 1), (-50, 1)], {}),  # outside, only touching
        ([(1000, 200), (1000, 700), (1300, 700)], {"a": 250, "b": 550}),  # leaves the border
    ],
)
def test_streets_and_borders(drawn, zones, line, wanted):
    assert _shared(cut_lines(drawn([LineString(line)]), zones)) == pytest.approx(
        wanted, abs=25 if len(line) == 3 else 1e-6
    )


def test_four_zones_meeting_share_the_cross(drawn):
    zones = drawn([box(x, y, x + KM, y + KM) for x in (0, KM) for y in (0, KM)]).set_index(np.array(list("abcd")))
    cross = drawn([LineString([(KM, 0), (KM, 2 * KM)]), LineString([(0, KM), (2 * KM, KM)])])
    shares = _shared(cut_lines(cross, zones))
    assert shares == pytest.approx(dict.fromkeys("abcd", 1000.0), rel=1e-9)


@pytest.mark.slow
def test_lengths_are_conserved_whatever_the_streets(drawn):
    rng = np.random.default_rng(3)
    zones = drawn([box(x, y, x + KM, y + KM) for x in (0, KM) for y in (0, KM)]).set_index(np.array(list("abcd")))
    ends = rng.uniform(-300, 2300, (200, 2, 2))
    lines = drawn([LineString(e) for e in ends])
    total = shapely.length(shapely.intersection(lines.geometry.to_numpy(), zones.union_all())).sum()
    cut = cut_lines(lines, zones)
    # what runs along an outline within a metre counts in full: a few slanting streets gain a metre or two
    assert (cut["share"] * cut["length_m"]).sum() == pytest.approx(total, rel=1e-4)
    turned = [
        gpd.GeoDataFrame(layer, geometry=layer.rotate(31, origin=(441_000, 3_507_000))) for layer in (lines, zones)
    ]
    again = cut_lines(*turned)
    assert _shared(again) == pytest.approx(_shared(cut), rel=1e-6)


def _outline_streets(degrees, drawn, spacing=250.0, cells=4):
    """A grid of streets, three zones drawn on its streets with a T-junction, both turned, in the working CRS."""
    far = spacing * cells
    at = np.arange(cells + 1) * spacing
    bends = np.linspace(0, far, 17)
    lines = [LineString([(x, y) for y in bends]) for x in at] + [LineString([(x, y) for x in bends]) for y in at]
    zones = [box(0, 0, far / 2, far), box(far / 2, 0, far, far / 2), box(far / 2, far / 2, far, far)]
    turn = {"angle": degrees, "origin": (441_000, 3_507_000)}
    lines, zones = drawn(lines), drawn(zones).set_index(np.array(list("abc")))
    return lines.set_geometry(lines.rotate(**turn)), zones.set_geometry(zones.rotate(**turn))


@pytest.mark.parametrize("degrees", [0, 9, 31, 45, 88.7])
@pytest.mark.parametrize("through", [None, "EPSG:4490"])
def test_zones_drawn_on_the_streets_lose_none_of_them(drawn, degrees, through):
    lines, zones = _outline_streets(degrees, drawn)
    if through:  # a file in degrees: every coordinate comes back rounded
        lines, zones = (layer.to_crs(through).to_crs(layer.crs) for layer in (lines, zones))
    shares = _shared(cut_lines(lines, zones))
    # ten streets of 1 km; a owns the left half, b and c a quarter each, the border of a is shared with b, then with c
    assert sum(shares.values()) == pytest.approx(10_000, abs=0.5)
    assert shares == pytest.approx({"a": 5 * 500 + 2 * 1000 + 500, "b": 2500, "c": 2500}, abs=25)


@pytest.mark.parametrize("gap", [0.5, -0.4, 1.5])
def test_zones_drawn_a_little_apart_or_over_each_other_share_their_border(drawn, gap):
    zones = drawn([box(0, 0, KM - gap / 2, KM), box(KM + gap / 2, 0, 2 * KM, KM)]).set_index(np.array(["a", "b"]))
    lines = drawn([LineString([(KM, 0), (KM, KM)]), LineString([(0, 500), (2 * KM, 500)])])
    shares = _shared(cut_lines(lines, zones))
    assert shares == pytest.approx({"a": 1500.0, "b": 1500.0}, abs=2.0)


@pytest.mark.parametrize("off", [0.0, 1e-9, 0.3, -0.3])
def test_a_street_on_the_outer_outline_counts_in_full(drawn, zones, off):
    line = drawn([LineString([(0, -off), (2 * KM, -off)])])
    assert _shared(cut_lines(line, zones)) == pytest.approx({"a": 1000.0, "b": 1000.0}, abs=20)
    assert sum(_shared(cut_lines(line, zones)).values()) == pytest.approx(2000.0, abs=1e-6)


def test_a_half_covered_cell_gives_half_its_people(drawn, zones):
    cells = drawn([box(500, 0, 1500, KM), box(1900, 0, 2100, KM)], persons=[800.0, 100.0])
    assert persons_by_zone(cells, zones).to_dict() == {"a": 400.0, "b": pytest.approx(450.0)}
    parts = cut_areas(cells, zones)
    assert parts.groupby("row")["fraction"].sum().tolist() == pytest.approx([1.0, 0.5])


def test_a_shape_belongs_to_the_first_zone_its_inner_point_lies_in(drawn, zones):
    on_border, outside = Point(KM, 500), Point(-1, 500)
    shapes = drawn([Point(1500, 500), on_border, box(1100, 0, 1300, 100), outside]).geometry.to_numpy()
    assert zone_of(shapes, zones).tolist() == [1, 0, 1, -1]
    assert zone_of(shapes, zones[::-1]).tolist() == [0, 0, 0, -1]


def test_overlapping_polygons_count_once(drawn, zones):
    layer = drawn([box(0, 0, 100, 100), box(50, 0, 150, 100), box(-100, 0, 0, 100)])
    assert area_by_zone(layer, zones).to_dict() == {"a": pytest.approx(15_000.0), "b": 0.0}


def test_pieces_near_each_other_are_one(drawn):
    pieces = drawn([box(0, 0, 50, 60), box(51.5, 0, 100, 60), box(103, 0, 110, 60)])
    joined = dissolved(pieces, gap_m=2.0)
    assert sorted(joined.area) == pytest.approx([7 * 60, (50 + 48.5) * 60])
    assert groups_within(pieces.geometry.to_numpy(), 3.0).tolist() == [0, 0, 0]


def test_touching_polygons_leave_no_lines_behind(drawn, zones):
    parts = cut_areas(drawn([box(0, -100, KM, 0), box(10, 10, 20, 20)]), zones)
    assert parts["row"].tolist() == [1]
    assert set(parts.geom_type) == {"Polygon"}


def test_only_the_polygonal_part_is_kept():
    mixed = shapely.from_wkt("GEOMETRYCOLLECTION (LINESTRING (0 0, 5 0), POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0)))")
    kept = areal(np.array([mixed, shapely.Point(1, 1), LineString([(0, 0), (1, 1)]), box(0, 0, 2, 2)]))
    assert shapely.area(kept).tolist() == [1.0, 0.0, 0.0, 4.0]
    assert set(shapely.get_dimensions(kept)) == {2}


def test_many_streets_along_an_outline_of_many_corners_count_in_full(drawn):
    """An outline that winds 0.5 m about a hundred streets of 30 m: each counts with all of its length, once."""
    corners = [(4.0 * k, 0.5 * (-1) ** k) for k in range(751)]
    zones = drawn([Polygon([*corners, (3000.0, 500.0), (0.0, 500.0)])]).set_index(np.array(["a"]))
    starts = 30.0 * np.random.default_rng(0).permutation(100)
    streets = drawn([LineString([(x, 0.0), (x + 30.0, 0.0)]) for x in starts])
    cut = cut_lines(streets, zones)
    assert np.bincount(cut["row"], cut["share"] * cut["length_m"]) == pytest.approx(np.full(100, 30.0), abs=1e-6)
    least = cut.bounds["minx"].groupby(cut["row"]).min()
    assert least.to_numpy() == pytest.approx(streets.bounds["minx"].to_numpy(), abs=1e-6)


def test_many_cells_on_an_outline_of_many_corners_are_shared_as_they_lie(drawn):
    """An outline that winds 0.5 m about the middle of 75 cells of 40 m: each gives half to either side."""
    corners = [(4.0 * k, 0.5 * (-1) ** k) for k in range(751)]
    sides = [Polygon([*corners, (3000.0, y), (0.0, y)]) for y in (500.0, -500.0)]
    zones = drawn(sides).set_index(np.array(["north", "south"]))
    starts = 40.0 * np.random.default_rng(0).permutation(75)
    cells = drawn([box(x, -20, x + 40, 20) for x in starts], persons=np.arange(75.0))
    parts = cut_areas(cells, zones)
    assert parts["fraction"].to_numpy() == pytest.approx(np.full(150, 0.5), abs=1e-12)
    assert np.bincount(parts["row"], parts.area) == pytest.approx(np.full(75, 1600.0))
    middle = parts[parts["zone_id"] == "north"].sort_values("row")
    assert middle.bounds["minx"].to_numpy() == pytest.approx(cells.bounds["minx"].to_numpy())
    assert persons_by_zone(cells, zones).to_dict() == pytest.approx({"north": 1387.5, "south": 1387.5})


def test_land_that_differs_in_one_corner_or_a_hole_is_cut_anew(drawn, zones):
    first, longer = [box(0, 0, 100, 100), box(20, 20, 30, 30)], [box(0, 0, 100, 100), box(20, 20, 30, 40)]
    shell, other = [(0, 0), (100, 0), (100, 100), (0, 0)], [(0, 0), (60, 20), (60, 40), (0, 0)]
    one_ring, hole = [Polygon([*shell, *other])], [Polygon(shell, [other])]  # the same corners, one after the other
    for land, wanted in ((first, 10_100), (longer, 10_200), (first, 10_100), (one_ring, 5_600), (hole, 4_400)):
        assert cut_areas(drawn(land), zones).area.sum() == pytest.approx(wanted)


def test_common_areas_are_those_of_the_intersections():
    random = np.random.default_rng(7)
    low = random.uniform(0, 8, (20, 2))
    upright = box(0, 0, 3, 2)
    shapes = np.array(
        [
            shapely.affinity.translate(shapely.affinity.rotate(upright, 30.0 * (k % 2)), x, y)
            for k, (x, y) in enumerate(low)
        ]
    )
    one, other = np.divmod(np.arange(20 * 20), 20)
    expected = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    assert common_area(shapes, shapes, one, other) == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert (expected == 0).any()
    assert (expected == 6).any()


@pytest.mark.parametrize("corners", [8, 30, 1000])
def test_pieces_are_met_where_the_whole_is(corners):
    river = Point(0, 0).buffer(100.0).difference(Point(0, 0).buffer(90.0))
    line = shapely.segmentize(LineString([(-200, 5), (200, 5)]), 1.0)
    pieces = in_pieces(np.array([river, line]), corners=corners)
    assert shapely.get_num_coordinates(pieces).max() <= corners
    places = shapely.points(np.random.default_rng(1).uniform(-120, 120, (500, 2)))
    shapely.prepare(pieces)
    met = [bool(shapely.intersects(pieces, place).any()) for place in places]
    assert met == shapely.intersects(river, places).tolist()
    assert 0.05 < np.mean(met) < 0.5
