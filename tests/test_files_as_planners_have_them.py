"""Planners' files as they come: places that geocoders did not find, pairs in either order, headings, rings, datums in names."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

import suizhou_geo as sg
from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.geometry.repair import mended

WORKING = "EPSG:4547"
EAST, NORTH = 440_000.0, 3_507_000.0
LON, LAT = Transformer.from_crs(WORKING, "EPSG:4326", always_xy=True).transform(EAST + 500, NORTH + 500)


def box(x, y, width, height):
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


@pytest.fixture
def study(tmp_path):
    """One zone of 1 km2, and what the lines say."""

    def read(*lines, zone=None):
        gpd.GeoDataFrame({"name": ["城区"]}, geometry=[zone or box(0, 0, 1000, 1000)], crs=WORKING).to_file(
            tmp_path / "z.gpkg"
        )
        text = ['name = "t"', "[zones]", 'path = "z.gpkg"', 'boundary = "built_up"', *lines]
        (tmp_path / "study.toml").write_text("\n".join(text), encoding="utf-8")
        return sg.read_study(tmp_path / "study.toml")

    return read


@pytest.fixture
def schools(study, tmp_path):
    """The study with primary schools of a table."""

    def read(table, *lines):
        (tmp_path / "s.csv").write_text(table, encoding="utf-8")
        return study("[layers.facilities]", 'path = "s.csv"', *lines)

    return read


XY = 'x = "经度"', 'y = "纬度"'
HEAD = "category,经度,纬度\n"
SCHOOL = f"primary_school,{LON},{LAT}\n"


def places(found):
    xy = shapely.get_coordinates(found.area.facilities.geometry.to_numpy())
    return np.round(xy - [EAST, NORTH]).tolist()


# -------------------------------------------------------------------------------------------------------------------- tables
def test_a_place_that_was_not_found_is_lost_and_not_far_away(schools):
    """Geocoders write 0, 0: that school may stand in the city, so nothing is sure of schools."""
    found = schools(HEAD + SCHOOL + "primary_school,0,0\n", *XY)
    assert [said.kind for said in found.findings] == ["no_shape"]
    assert (places(found), found.area.incomplete) == ([[500, 500]], {"facilities"})


def test_a_school_of_another_city_is_only_left_out(schools):
    found = schools(HEAD + SCHOOL + f"primary_school,{LON},{LAT + 1}\n", *XY)
    assert (found.findings, found.area.incomplete, len(found.area.facilities)) == ((), frozenset(), 1)


@pytest.mark.slow
def test_one_row_with_its_degrees_swapped_is_named(schools):
    with pytest.raises(
        LayerError, match=r"row 3 has the latitude 113\.\d+, so longitude and latitude are swapped there"
    ):
        schools(HEAD + SCHOOL + f"primary_school,{LAT},{LON}\n", *XY)
    with pytest.raises(LayerError, match=r"row 3 reaches x = 441,000, .* which are no degrees; correct it"):
        schools(HEAD + SCHOOL + "primary_school,441000,3507000\n", *XY)
    with pytest.raises(
        LayerError, match=r"its latitudes reach 113\.\d+, so longitude and latitude are swapped; exchange x and y"
    ):
        schools(HEAD + f"primary_school,{LAT},{LON}\n", *XY)


@pytest.mark.parametrize(("pair", "kind"), [(f"{LON},{LAT}", "pairs"), (f"{LAT},{LON}", "pairs_turned")])
def test_pairs_are_read_in_the_order_that_can_be(pair, kind, schools):
    found = schools(f'category,location\nprimary_school,"{pair}"\n')
    assert places(found) == [[500, 500]]
    assert kind in [said.kind for read in found.inputs for said in read.notes]


@pytest.mark.parametrize("lines", [(), ('x = "location"',)])
def test_a_row_without_its_pair_is_named(lines, schools):
    with pytest.raises(LayerError, match=r"column location: row 3 has '' for a coordinate"):
        schools(f'category,location\nprimary_school,"{LON},{LAT}"\nprimary_school,\n', *lines)


@pytest.mark.slow
def test_a_title_above_the_headings_is_seen(schools, study, tmp_path):
    with pytest.raises(LayerError, match=r"has no column 经度 .*; take out the lines above the headings"):
        schools("小学名录,,\n" + HEAD + SCHOOL, *XY)
    rows = pd.DataFrame({"category": ["primary_school"], "经度": [LON], "纬度": [LAT]})
    rows.to_excel(tmp_path / "s.xlsx", index=False, startrow=2)
    with pytest.raises(LayerError, match="take out the lines above the headings"):
        study("[layers.facilities]", 'path = "s.xlsx"', *XY)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("s.xls", "cannot be opened as Excel"),
        ("S.XLS", "cannot be opened as Excel"),
        ("s.et", r"is a workbook of WPS \(.et\); save it as .xlsx or CSV"),
    ],
)
def test_damaged_workbooks_and_those_of_wps_are_told_how_to_be_saved(name, said, study, tmp_path):
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(InputError, match=said):
        study("[layers.facilities]", f'path = "{name}"', *XY)


# -------------------------------------------------------------------------------------------------- coordinate systems
@pytest.mark.parametrize(
    ("column", "lines", "named"),
    [
        ("gcj02_lng", (), "gcj02"),
        ("百度经度", (), "bd09"),
        ("WGS84_lng", ('datum = "gcj02"',), "wgs84"),
        ("gcj02_lng", ('datum = "gcj02"',), None),
        ("经度", (), None),
        ("lng", ('datum = "bd09"',), None),
    ],
)
def test_a_column_named_after_another_datum_is_told(column, lines, named, schools):
    found = schools(f"category,{column},lat\n{SCHOOL}", f'x = "{column}"', 'y = "lat"', *lines)
    assert [said.amounts["named"] for said in found.findings if said.kind == "named_after_datum"] == (
        [named] if named else []
    )


@pytest.mark.slow
@pytest.mark.parametrize("columns", [("typecode", "adname"), ("typecode", "pname"), ("adcode", "level", "parent")])
def test_files_of_map_services_are_known_when_their_pairs_are_split(columns, schools):
    table = f"category,经度,纬度,{','.join(columns)}\n{SCHOOL.strip()}{',1' * len(columns)}\n"
    assert [said.kind for said in schools(table, *XY).findings] == ["published_shifted"]
    assert schools(table, *XY, 'datum = "wgs84"').findings == ()


@pytest.mark.slow
@pytest.mark.parametrize(("number", "system"), [(38, "EPSG:4526"), (19, "EPSG:4497")])
def test_eastings_that_begin_with_their_zone_name_their_system(number, system, schools, study):
    said = rf"its x begins with the number of a zone \({number}\): its coordinate system is {system}"
    with pytest.raises(LayerError, match=said):
        schools(f"category,X,Y\nprimary_school,{number}440500,3507500\n", 'x = "X"', 'y = "Y"', f'crs = "{WORKING}"')
    with pytest.raises(LayerError, match=said):
        study(zone=shapely.transform(box(0, 0, 1000, 1000), lambda xy: np.add(xy, [number * 1e6, 0])))


# -------------------------------------------------------------------------------------------------------------------- shapes
def geojson(folder, *rings):
    features = [
        {"type": "Feature", "properties": {"name": "园"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for ring in rings
    ]
    (folder / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return "[layers.parks]", 'path = "p.geojson"'


def degrees(*corners):
    move = Transformer.from_crs(WORKING, "EPSG:4326", always_xy=True)
    return [list(move.transform(EAST + x, NORTH + y)) for x, y in corners]


SQUARE = degrees((0, 0), (100, 0), (100, 100), (0, 100), (0, 0))


def test_a_corner_that_is_no_number_is_a_lost_shape(study, tmp_path):
    broken = [SQUARE[0], [float("nan"), SQUARE[1][1]], *SQUARE[2:]]
    found = study(*geojson(tmp_path, SQUARE, broken))
    assert "no_shape" in [said.kind for said in found.findings]
    assert (len(found.area.parks), found.area.incomplete) == (1, {"parks"})


def test_an_open_ring_is_closed(study, tmp_path):
    found = study(*geojson(tmp_path, SQUARE[:-1]))
    assert found.area.parks.area.sum() == pytest.approx(10_000, rel=1e-4)


@pytest.mark.parametrize(
    ("loop", "m2", "doubled"), [([(120, 30), (180, 30)], 12_300, 0), ([(180, 30), (120, 30)], 13_200, 900)]
)
def test_a_loop_that_touches_the_outline_is_a_hole_only_if_it_turns_as_one(loop, m2, doubled):
    """A field of 220 x 60 m with a triangle of 900 m2 inside that touches its lower side at one corner."""
    ring = shapely.Polygon([(0, 0), (150, 0), *loop, (150, 0), (220, 0), (220, 60), (0, 60)])
    found = mended(np.array([ring]))
    assert shapely.area(found.shapes)[0] == pytest.approx(m2)
    assert found.doubled_m2[0] == pytest.approx(doubled)


# ------------------------------------------------------------------------------------------------------------------- land
def land(folder, classes, shapes, **columns):
    for name, layer in {
        "l": gpd.GeoDataFrame({"land_class": classes, **columns}, geometry=shapes, crs=WORKING),
        "p": gpd.GeoDataFrame({"persons": [10_000]}, geometry=[box(0, 0, 1000, 1000)], crs=WORKING),
    }.items():
        layer.to_file(folder / f"{name}.gpkg")
    return "[population]", 'path = "p.gpkg"', "[layers.land_use]", 'path = "l.gpkg"', 'codes = "yd2023"'


@pytest.mark.slow
def test_names_in_the_place_of_codes_are_no_city_without_land(study, tmp_path):
    """None of the values is a code, so 0 m2 a head is not known."""
    with pytest.raises(
        LayerError, match=r"none of its values is a code of .*城镇住宅用地.*; name the column with the codes"
    ):
        study(*land(tmp_path, ["城镇住宅用地", "工业用地"], [box(0, 0, 100, 100), box(200, 0, 100, 100)]))
    given = land(tmp_path, ["城镇住宅用地"], [box(0, 0, 100, 100)], construction=["是"])
    assert sg.construction_land_per_capita(study(*given)).value == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize(("other", "low"), [("0101", 0.5), ("0701", 1.0), ("9999", 1.0)])
def test_ground_that_farmland_claims_too_may_be_either(other, low, study, tmp_path):
    """1 ha of homes, half of it drawn as 水田 as well: 10,000 persons have 1 m2 each, or half."""
    found = study(*land(tmp_path, ["0701", other], [box(0, 0, 100, 100), box(50, 0, 50, 100)]))
    for measure in (sg.construction_land_per_capita(found), sg.land_per_capita(found, "R")):
        assert (measure.value, measure.low) == (pytest.approx(1.0), pytest.approx(low))
        assert any("land of different classes overlaps by 0.50 ha" in said.en for said in measure.notes) == (
            other == "0101"
        )


# ------------------------------------------------------------------------------------------------------------------- homes
def homes_and_a_park(folder, study, *, park, homes=None, compounds=None):
    layers = {"residential": ([homes or box(0, 0, 1000, 1000)], {}), "parks": ([box(0, 0, 200, 200)], {"name": [park]})}
    if compounds:
        layers["compounds"] = (compounds, {"gated": ["是"] * len(compounds)})
    lines = []
    for name, (shapes, columns) in layers.items():
        gpd.GeoDataFrame({"n": [1] * len(shapes), **columns}, geometry=shapes, crs=WORKING).to_file(
            folder / f"{name}.gpkg"
        )
        lines += [f"[layers.{name}]", f'path = "{name}.gpkg"']
    return sg.park_coverage(study(*lines))


@pytest.mark.slow
def test_a_compound_that_is_lost_may_hold_a_park_without_a_name(study, tmp_path):
    far = box(900, 900, 50, 50)
    sure = homes_and_a_park(tmp_path, study, park=None, compounds=[far])
    assert 0 < sure.low == sure.value
    lost = homes_and_a_park(tmp_path, study, park=None, compounds=[far, None])
    assert (lost.value, lost.low) == (sure.value, 0)
    assert "4.00 ha of parks without a name of their own" in " ".join(said.en for said in lost.needs)
    named = homes_and_a_park(tmp_path, study, park="人民公园", compounds=[far, None])
    assert named.low == named.value


@pytest.mark.slow
def test_homes_that_lie_elsewhere_are_told(study, tmp_path):
    """Residential land beside the zones alone: no share of homes, and a word why."""
    found = homes_and_a_park(tmp_path, study, park="园", homes=box(1500, 0, 500, 500))
    assert not found.has_data
    assert [said.en for said in found.needs] == [
        "no residential land lies in the zones, so there are no homes to take a share of; check the layer residential"
    ]
