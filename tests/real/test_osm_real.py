"""Real extracts against what is known of them, and against counts and geodesic lengths of the files."""

from collections import Counter

import osmium
import pytest
import shapely
from pyproj import CRS, Geod

from suizhou_geo.sources.osm import read_osm
from suizhou_geo.study_area.layers import conform

pytestmark = pytest.mark.real
PLACES = {
    "newport": ("newport/newport-2023-06-13.osm.pbf", "EPSG:27700"),
    "guixi": ("guixi/guixi.osm", "EPSG:4548"),
    "nanjing": ("nanjing/xinjiekou.osm.xml", "EPSG:4549"),
}
MOTOR = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential")


@pytest.fixture(scope="module")
def extracts(real_data):
    return {
        place: read_osm(real_data / name, crs=CRS.from_user_input(crs), bounds=None)
        for place, (name, crs) in PLACES.items()
    }


@pytest.fixture(scope="module")
def raw(real_data):
    """Counts by place, geodesic lengths of what MOTOR names, links too, and the ids of all highways, from the files."""
    geod = Geod(ellps="WGS84")
    counts, motor_m, highway_ids = {}, {}, {}
    for place, (name, _) in PLACES.items():
        counts[place], motor_m[place], highway_ids[place] = Counter(), 0.0, set()
        for thing in osmium.FileProcessor(str(real_data / name)).with_locations():
            tags = dict(thing.tags)
            kind = thing.type_str()
            for key in ("building", "landuse", "leisure"):
                if key in tags:
                    counts[place][kind, key, tags[key] if key != "building" else "*"] += 1
            if kind == "w" and "highway" in tags:
                counts[place]["highways"] += 1
                highway_ids[place].add(f"w{thing.id}")
                counts[place]["one-way"] += _is_one_way_road(tags)
                if tags["highway"].removesuffix("_link") in MOTOR:
                    lon, lat = zip(*((node.lon, node.lat) for node in thing.nodes), strict=True)
                    motor_m[place] += geod.line_length(lon, lat)
    return counts, motor_m, highway_ids


def _is_one_way_road(tags):
    implied = "junction" in tags or tags["highway"] == "motorway"
    driven = tags["highway"].removesuffix("_link") in (*MOTOR, "service", "living_street", "pedestrian")
    return driven and tags.get("area") != "yes" and tags.get("oneway", "yes" if implied else "no") != "no"


def _told(extract, words):
    found = [note.en for note in extract.notes if words in note.en]
    return int(found[0].split(": ")[-1].split()[0].rstrip(".")) if found else 0


@pytest.mark.parametrize("place", PLACES)
def test_layers_are_as_the_model_wants_them(extracts, place):
    for name, layer in extracts[place].layers.items():
        conform(layer, name, crs=layer.crs)
        assert shapely.is_valid(layer.geometry.to_numpy()).all()


@pytest.mark.parametrize(("place", "highways"), [("newport", 8965), ("guixi", 176), ("nanjing", 384)])
def test_no_highway_is_lost_unsaid(extracts, raw, place, highways):
    extract = extracts[place]
    assert raw[0][place]["highways"] == highways
    told = [note.amounts for note in extract.notes if note.amounts.get("layer") in ("roads", "walkways")]
    left_out = sum(amounts.get("objects", 0) for amounts in told)
    drawn = extract.layers["plazas"]["source_id"].isin(raw[2][place]).sum()  # a square need be no highway
    assert len(extract.layers["roads"]) + len(extract.layers["walkways"]) + drawn + left_out == highways


@pytest.mark.parametrize("place", PLACES)
def test_one_way_roads(extracts, raw, place):
    assert extracts[place].layers["roads"]["oneway"].sum() == raw[0][place]["one-way"]


@pytest.mark.parametrize("place", PLACES)
def test_motor_roads_are_as_long_as_on_the_ellipsoid(extracts, raw, place):
    roads = extracts[place].layers["roads"]
    served = roads[~roads["road_class"].isin(["service", "pedestrian"])]
    assert served.length.sum() == pytest.approx(raw[1][place], rel=1e-3)


def test_motor_roads_of_newport(extracts):
    roads = extracts["newport"].layers["roads"]
    assert roads[~roads["road_class"].isin(["service", "pedestrian"])].length.sum() == pytest.approx(455_600, abs=100)


@pytest.mark.parametrize(
    ("place", "parks", "area_ha"), [("newport", 21, 89.8), ("guixi", 1, 19.1), ("nanjing", 6, None)]
)
def test_parks(extracts, place, parks, area_ha):
    layer = extracts[place].layers["parks"].query("kind == 'park'")
    assert len(layer) == parks
    if area_ha is not None:
        assert layer.area.sum() / 1e4 == pytest.approx(area_ha, abs=0.06)


def test_residential_areas(extracts, raw):
    newport, guixi, nanjing = (extracts[place].layers["residential"] for place in PLACES)
    # of the 95 objects in Newport three are points, and one relation has members the extract does not hold
    assert raw[0]["newport"]["n", "landuse", "residential"] == 3
    assert len(newport) == 95 - 3 - 1
    assert newport.area.sum() / 1e4 == pytest.approx(1739, abs=1)
    assert guixi.empty
    assert "Layer residential: OpenStreetMap has none here; there may still be some." in [
        note.en for note in extracts["guixi"].notes
    ]
    assert len(nanjing) == 11


@pytest.mark.parametrize(("place", "buildings"), [("newport", 34_123), ("guixi", 165), ("nanjing", 1279)])
def test_buildings(extracts, raw, place, buildings):
    counts = raw[0][place]
    drawn = {kind: counts[kind, "building", "*"] for kind in "nwr"}
    assert sum(drawn.values()) == buildings
    lost = buildings - drawn["n"] - len(extracts[place].layers["buildings"])
    # a church of Newport is disused, one relation of Nanjing is incomplete
    assert lost == {"newport": 1, "guixi": 0, "nanjing": 1}[place]


def test_facilities_of_newport(extracts):
    served = Counter(extracts["newport"].layers["facilities"]["category"])
    assert served["hospital"] == 2  # the Minor Injuries Unit stands in the grounds of one
    assert 25 <= served["primary_school"] <= 35
    assert served["post_office"] == 13
    assert served["bank"] == 12


def test_schools_of_guixi_and_nanjing(extracts):
    guixi, nanjing = (extracts[place].layers["facilities"] for place in ("guixi", "nanjing"))
    assert sorted(guixi.query("category == 'junior_school'")["name"]) == sorted(
        ["贵溪五中", "贵溪市实验中学", "贵溪市第四中学", "贵溪市第九中学"]
    )
    assert guixi.query("category == 'subdistrict_office'")["name"].tolist() == ["东门街道办事处"]
    primary = set(nanjing.query("category == 'primary_school'")["name"])
    assert {"长江路小学", "石鼓路小学", "汉中门小学", "南京市五老村小学", "南京市三条巷小学"} <= primary
    names = set(nanjing["name"])
    assert not names & {"秦淮区教师进修学校", "秦淮区委党校", "南京幼儿高等师范学校"}
    assert nanjing.query("name == '五老村幼儿园'")["category"].tolist() == ["kindergarten"]


@pytest.mark.parametrize(
    ("place", "date"),
    [("newport", "2023-06-12"), ("guixi", "2024-11-02"), ("nanjing", "2021-06-12")],
)
def test_dates(extracts, place, date):
    assert extracts[place].timestamp.startswith(date)


def test_incomplete_relations_are_told_by_name(extracts):
    (note,) = (note.en for note in extracts["newport"].notes if "members the extract does not hold" in note.en)
    assert "left out: 4 (" in note
    assert "r12550055" in note


def test_bounds_of_guixi(extracts, real_data):
    west, south, east, north = 117.20, 28.29, 117.22, 28.31
    cut = read_osm(real_data / PLACES["guixi"][0], crs=CRS.from_epsg(4548), bounds=(west, south, east, north))
    whole = extracts["guixi"].layers["roads"]
    box = shapely.box(west, south, east, north)
    touching = whole[whole.to_crs(4326).intersects(box)]
    assert cut.layers["roads"]["source_id"].tolist() == touching["source_id"].tolist()
    assert 0 < len(touching) < len(whole)
    assert cut.layers["roads"].length.sum() == pytest.approx(touching.length.sum())
