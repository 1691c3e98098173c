"""Which streets are public: closed ones, those of institutions and gated compounds, motorways that may be expressways."""

import numpy as np
import pytest
from pyproj import CRS, Transformer
from shapely import LineString, box

import suizhou_geo as sg
from suizhou_geo.sources.osm import read_osm
from suizhou_geo.sources.vector import VectorSource, read_vector
from suizhou_geo.streets.counted_roads import judged_roads

METRES = CRS.from_epsg(4547)
X, Y = 441_000.0, 3_507_000.0
TO_DEGREES = Transformer.from_crs(METRES, "EPSG:4326", always_xy=True)
SIDE = 2000  # of the zone: 4 km², so that 1 km of street is 0.25 km/km²
HIGH_STREET = ([(0, 100), (SIDE, 100)], {"highway": "secondary", "name": "解放路"})


@pytest.fixture
def town(drawn, tmp_path):
    """A function: ways (points in metres, tags), drawn as OpenStreetMap has them, to a study area of one zone of 4 km²."""

    def build(*ways, **changes):
        nodes, lines = {}, []
        for points, tags in (HIGH_STREET, *ways):
            refs = [nodes.setdefault(point, len(nodes) + 1) for point in points]
            inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
            inside += "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
            lines.append(f'<way id="{len(lines) + 1}" version="1">{inside}</way>')
        places = {number: TO_DEGREES.transform(X + x, Y + y) for (x, y), number in nodes.items()}
        dots = [f'<node id="{n}" version="1" lon="{lon:.9f}" lat="{lat:.9f}"/>' for n, (lon, lat) in places.items()]
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.osm"
        path.write_text(f'<osm version="0.6">{"".join(dots + lines)}</osm>', encoding="utf-8")
        zones = drawn([box(0, 0, SIDE, SIDE)], name=["城区"]).set_index(np.array(["1"]))
        return sg.StudyArea("t", zones, **(read_osm(path, crs=METRES).layers | changes))

    return build


def _street(x, length=400, **tags):
    """A street from the high street to the north."""
    return [(x, 100), (x, 100 + length)], {"highway": "residential"} | tags


def _ground(left=500, right=1500, low=110, high=900, **tags):
    return [(left, low), (right, low), (right, high), (left, high), (left, low)], tags


def _km(area, **choices):
    """Low, value and high in km."""
    measure = sg.road_density(area, **choices)
    return tuple(round(float(number) * 4, 2) for number in (measure.low, measure.value, measure.high))


def _said(area, **choices):
    return " ".join(note.en for note in sg.road_density(area, **choices).notes)


# ---------------------------------------------------------------------------------------- closed to the public


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tags", "km"),
    [
        ({}, 2.4),
        ({"access": "private"}, 2.0),
        ({"access": "permit"}, 2.0),
        ({"vehicle": "employees"}, 2.0),
        ({"motor_vehicle": "no", "foot": "yes"}, 2.0),
        ({"access": "no", "foot": "yes", "bicycle": "yes"}, 2.0),
        ({"access": "private;students"}, 2.0),
        ({"access": "private", "motor_vehicle": "yes"}, 2.4),  # the more exact tag says who may drive
        ({"access": "yes", "motor_vehicle": "private"}, 2.0),
        ({"access": "destination"}, 2.4),  # no through traffic, but public
        ({"access": "permissive"}, 2.4),  # says nothing of whose it is
        ({"foot": "private"}, 2.4),
        ({"access": "whatever"}, 2.4),
    ],
)
@pytest.mark.parametrize("named", [{}, {"name": "一号路"}])
def test_a_street_closed_to_the_public_does_not_count(town, tags, km, named):
    assert _km(town(_street(700, highway="unclassified", **tags, **named)))[1] == km


@pytest.mark.slow
def test_closed_streets_are_told_with_their_km_and_why_is_kept_by_row(town):
    area = town(_street(700, access="private"), _street(900, 800, access="customers", highway="tertiary"))
    assert "internal roads are left out: 1.20 km closed to the public (access)" in _said(area)
    assert judged_roads(area)["left_out"].tolist() == ["", "private", "private"]
    assert sg.road_density(area).breakdown["whole_km"].round(3).to_dict() == {
        "raw": 3.2,
        "ramps_out": 3.2,
        "compounds_out": 2.0,
        "one_centreline": 2.0,
    }
    assert _km(area, profile="yearbook")[1] == 2.0
    assert _km(area, profile="raw")[1] == 3.2
    assert "internal" not in _said(town())


def test_a_planner_s_own_column_tells_who_may_drive(drawn, tmp_path):
    lines = drawn([LineString([(0, y), (1000, y)]) for y in (0, 100, 200, 300)], road_class=["branch"] * 4)
    words = ["yes", "private", "permissive", None]
    lines.assign(access=words).to_file(tmp_path / "osm.gpkg", engine="pyogrio")
    lines.assign(public=["是", "否", "有", None]).to_file(tmp_path / "own.gpkg", engine="pyogrio")
    zones = drawn([box(-10, -10, 1010, 310)], name=["z"])
    near = tuple(zones.total_bounds)
    by_table = {"fields": {"public": "access"}, "values": {"public": "osm_access"}}
    for file, keys in (("osm.gpkg", by_table), ("own.gpkg", {})):
        source = VectorSource(path=tmp_path / file, **keys)
        roads = read_vector(source, "roads", to_crs=lines.crs, near=near).layer
        area = sg.StudyArea("t", zones, roads=roads)
        assert judged_roads(area)["counts"].tolist() == [True, False, True, True]


# ---------------------------------------------------------------------------------------- grounds of institutions


@pytest.mark.slow
@pytest.mark.parametrize(
    "ground",
    [
        {"amenity": "university", "name": "随州学院"},
        {"amenity": "hospital"},
        {"amenity": "school"},
        {"landuse": "military"},
        {"man_made": "works"},
        {"power": "plant"},
        {"landuse": "industrial", "name": "齿轮厂"},
    ],
)
def test_streets_on_the_grounds_of_an_institution_are_its_own_with_or_without_a_name(town, ground):
    inside = [_street(700), _street(900, name="校园路"), _street(1100, highway="tertiary", name="厂前路")]
    area = town(*inside, _ground(**ground))
    assert _km(area) == (2.0, 2.0, 2.0)
    assert judged_roads(area)["left_out"].tolist() == ["", *["institution"] * 3]
    assert "1.20 km on the grounds of campuses, hospitals and works" in _said(area)


@pytest.mark.slow
@pytest.mark.parametrize("highway", ["trunk", "primary", "secondary"])
def test_a_main_street_across_a_campus_stays(town, highway):
    area = town(([(1000, 100), (1000, 900)], {"highway": highway}), _ground(amenity="college"))
    assert _km(area) == (2.8, 2.8, 2.8)


@pytest.mark.slow
def test_a_street_along_the_outline_of_a_campus_is_public(town):
    on_it = [(500, 100), (500, 900)], {"highway": "residential", "name": "西墙路"}
    beside = [(1494, 100), (1494, 900)], {"highway": "residential", "name": "东墙路"}  # 6 m inside the outline as drawn
    assert _km(town(on_it, beside, _ground(amenity="university")))[1] == 3.6


@pytest.mark.slow
def test_most_of_the_street_decides(town):
    ground = _ground(high=400, amenity="university")  # inside from 110 to 400 m; ten metres at its edge may be public
    assert _km(town(_street(1000, 300), ground))[1] == 2.0
    assert _km(town(_street(1000, 600), ground))[1] == 2.6


@pytest.mark.slow
def test_a_named_street_that_only_passes_through_counts_with_doubt(town):
    pieces = [([(1000, y), (1000, y + 400)], {"highway": "tertiary", "name": "文化路"}) for y in range(100, 1700, 400)]
    area = town(*pieces, _ground(high=500, amenity="university"))
    assert _km(area) == (3.2, 3.6, 3.6)  # the piece inside may be internal
    nameless = [(points, {"highway": "tertiary"}) for points, _ in pieces]
    assert _km(town(*nameless, _ground(high=500, amenity="university")))[1] == 3.2


@pytest.mark.slow
def test_a_street_on_a_campus_that_is_said_to_be_public_counts_with_doubt(town):
    area = town(_street(1000, access="yes"), _ground(amenity="university"), compounds=None)
    assert _km(area) == (2.0, 2.4, 2.4)


@pytest.mark.slow
def test_an_industrial_park_holds_public_streets(town):
    streets = [_street(700, highway="unclassified"), _street(900, highway="unclassified", name="创业路")]
    park = _ground(landuse="industrial", name="曾都经济开发区")
    assert _km(town(*streets, park)) == (2.4, 2.8, 2.8)  # the one without a name may be a works' own
    small = _ground(600, 1000, 110, 600, landuse="industrial")  # 20 ha: one works
    assert _km(town(*streets, small)) == (2.0, 2.0, 2.0)
    large = _ground(landuse="industrial")  # 79 ha
    assert _km(town(*streets, large)) == (2.4, 2.8, 2.8)


@pytest.mark.slow
def test_institutions_may_be_a_layer_of_the_planners(town, drawn):
    own = drawn([box(500, 110, 1500, 900)], name=["师范学院"], own_streets=[True])
    streets = [_street(700, highway="tertiary"), _street(900, highway="tertiary", name="校园路")]
    assert _km(town(*streets, institutions=own)) == (2.0, 2.0, 2.0)
    assert _km(town(*streets, institutions=own.assign(own_streets=False))) == (2.4, 2.8, 2.8)


@pytest.mark.slow
def test_a_gated_compound_keeps_its_streets_whatever_their_names(town, drawn):
    streets = [_street(700, name="小区一路"), _street(900, highway="tertiary", name="小区二路"), _street(1100)]
    land = {"name": ["小区"]}
    areas = [
        town(*streets, compounds=drawn([box(500, 110, 1500, 900)], gated=[g], **land)) for g in (True, False, None)
    ]
    assert [_km(area)[1] for area in areas] == [2.0, 2.8, 2.8]
    assert judged_roads(areas[0])["left_out"].tolist() == ["", *["compound"] * 3]
    assert [_km(area, profile="yearbook")[1] for area in areas] == [2.0, 3.2, 2.8]


@pytest.mark.slow
def test_shuffling_and_reversing_the_rows_changes_nothing(town):
    ways = [_street(700), _street(900, name="校园路"), _street(1700, name="校园路"), _street(300, access="no")]
    area = town(*ways, _ground(amenity="university"))
    order = np.random.default_rng(1).permutation(len(area.roads))
    roads = area.roads.iloc[order].reset_index(drop=True)
    turned = area.replace(roads=roads.set_geometry(roads.reverse()))
    assert _km(area) == _km(turned) == (2.4, 2.8, 2.8)  # half of 校园路 lies on the campus: it passes through
    assert judged_roads(turned)["left_out"].tolist() == judged_roads(area)["left_out"].iloc[order].tolist()


# ---------------------------------------------------------------------------------------- motorways


def _motorway(**tags):
    lanes = [[(0, 1000), (SIDE, 1000)], [(SIDE, 1030), (0, 1030)]]
    return [(lane, {"highway": "motorway", "oneway": "yes"} | tags) for lane in lanes]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "high"), [({"name": "三环线"}, 4.0), ({}, 4.0), ({"name": "随岳高速公路"}, 2.0)])
def test_a_motorway_that_may_be_an_urban_expressway_is_told_and_in_the_range(town, name, high):
    area = town(*_motorway(**name))
    assert _km(area) == (2.0, 2.0, high)
    assert "motorways are left out: 2.00 km" in _said(area)
    assert ("2.00 km of motorways are not called so" in _said(area)) == (high == 4.0)
    assert _km(area, road_class="expressway") == (0.0, 0.0, high - 2.0)
    assert _km(area, road_class="secondary") == (2.0, 2.0, 2.0)
    assert "motorway" not in _said(area, road_class="secondary")
    assert "motorway" not in _said(town())
