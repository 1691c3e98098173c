"""The study file: what it says is what is read, replaced, vouched for, scaled and put on record."""

import hashlib
import re
import runpy
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from suizhou_geo.errors import LayerError, StudyError
from suizhou_geo.geometry.zonal import persons_by_zone
from suizhou_geo.model import Office
from suizhou_geo.sources.check import findings
from suizhou_geo.sources.study import read_study
from suizhou_geo.sources.study_schema import every_key
from suizhou_geo.study_area.layers import LAYERS

TRANSPORT = (
    "railways",
    "chargers",
    "parking",
    "institutions",
    "termini",
    "gates",
)  # and what else only OpenStreetMap brings here
BAD = runpy.run_path(str(Path(__file__).with_name("bad_cases.py")))
STUDY, EAST, NORTH, CRS = BAD["STUDY"], BAD["EAST"], BAD["NORTH"], BAD["CRS"]


@pytest.fixture
def sound(tmp_path):
    """The folder of a small sound study."""
    return BAD["write_study"](tmp_path).parent


def rewrite(folder, *edits):
    """Change the study file of a folder and return its path."""
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
def test_everything_the_file_says_is_there(sound):
    study = read_study(sound / "study.toml")
    area = study.area
    assert (study.name, study.name_en, area.name, area.invented) == ("虚构市", "Invented City", "虚构市", True)
    assert area.zones.index.tolist() == ["1", "2"]
    assert area.zones["name"].tolist() == ["主城", "东片"]
    assert area.zones["role"].tolist() == ["main_city", "district"]
    assert area.boundary == "built_up"
    assert area.crs == CRS
    assert study.plan.name == "suizhou_2025"
    assert study.baselines["life_circle_compliance"].value == 0.55
    assert study.baselines["life_circle_compliance"].source == "an earlier survey"
    assert area.surveyed == {"market"}
    assert area.facilities["category"].tolist() == ["primary_school"]
    assert area.roads["road_class"].tolist() == ["arterial"]
    assert area.roads.length.sum() == pytest.approx(2000, abs=0.1)
    assert area.parks.area.sum() == pytest.approx(40_000, abs=5)


@pytest.mark.slow
def test_zone_ids_are_those_of_the_file_where_it_has_them(sound):
    zones = gpd.read_file(sound / "zones.gpkg").assign(编号=[7.0, 9.0])
    (sound / "zones.gpkg").unlink()
    zones.to_file(sound / "zones.gpkg")
    path = rewrite(sound, ('role = "类型" }', 'role = "类型", zone_id = "编号" }'))
    assert read_study(path).area.zones.index.tolist() == ["7", "9"]


def test_doubled_zone_ids_are_refused(sound):
    zones = gpd.read_file(sound / "zones.gpkg").assign(编号=[7, 7])
    (sound / "zones.gpkg").unlink()
    zones.to_file(sound / "zones.gpkg")
    with pytest.raises(LayerError, match="the id 7 stands twice"):
        read_study(rewrite(sound, ('role = "类型" }', 'role = "类型", zone_id = "编号" }')))


@pytest.mark.slow
def test_a_box_is_one_zone_named_like_the_study(sound):
    block = STUDY[STUDY.index('path = "zones.gpkg"') : STUDY.index("boundary")]
    study = read_study(rewrite(sound, (block, "bbox = [113.37, 31.68, 113.41, 31.70]\n")))
    (zone,) = study.area.zones.itertuples()
    assert (zone.Index, zone.name, zone.role) == ("1", "虚构市", "main_city")
    assert zone.geometry.area == pytest.approx(0.04 * 94_760 * 0.02 * 110_870, rel=2e-3)
    assert any("box" in found.en for found in study.findings)


@pytest.mark.slow
def test_own_layers_replace_those_of_openstreetmap(sound):
    area = read_study(sound / "study.toml").area
    assert len(area.residential) == 1
    path = rewrite(sound, ('[layers.residential]\npath = "residential.gpkg"\n', ""))
    assert len(read_study(path).area.residential) == 0  # OpenStreetMap has none here: given, and empty


@pytest.mark.slow
def test_a_layer_nobody_gives_is_none_and_an_empty_one_of_openstreetmap_is_empty(sound):
    area = read_study(sound / "study.toml").area
    assert area.historic is None
    assert area.buildings is not None
    assert area.buildings.empty
    block = STUDY[STUDY.index("[osm]") : STUDY.index("[layers.facilities]")]
    without = read_study(rewrite(sound, (block, ""))).area
    assert without.roads is None
    assert without.buildings is None
    assert without.incomplete == frozenset()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("complete", "incomplete"),
    [
        ('complete = ["parks"]', {"roads", "walkways", "plazas", "land_use", "buildings", "barriers", *TRANSPORT}),
        ("complete = true", set()),
        ("complete = false", {"roads", "walkways", "plazas", "parks", "land_use", "buildings", "barriers", *TRANSPORT}),
        ("", {"roads", "walkways", "plazas", "parks", "land_use", "buildings", "barriers", *TRANSPORT}),
    ],
)
def test_openstreetmap_may_miss_things_unless_vouched_for(sound, complete, incomplete):
    assert read_study(rewrite(sound, ('complete = ["parks"]', complete))).area.incomplete == incomplete


@pytest.mark.slow
def test_own_layers_are_complete_unless_they_say_otherwise(sound):
    path = rewrite(sound, ('path = "residential.gpkg"', 'path = "residential.gpkg"\ncomplete = false'))
    assert "residential" in read_study(path).area.incomplete


@pytest.mark.slow
def test_parameters_of_the_study_stand_over_those_of_the_plan(sound):
    plan = read_study(sound / "study.toml").plan.params
    params = read_study(rewrite(sound, ('size_profile = "2022+"', 'size_profile = "before 2022"'))).params
    assert params["park_coverage"] == {**plan["park_coverage"], "size_profile": "before 2022"}
    assert params["road_density"] == plan["road_density"]


def test_a_study_needs_no_plan_no_osm_and_no_population(sound):
    text = STUDY[: STUDY.index("plan = ")] + STUDY[STUDY.index("[zones]") : STUDY.index("[osm]")]
    (sound / "study.toml").write_text(text, encoding="utf-8")
    study = read_study(sound / "study.toml")
    assert study.plan is None
    assert study.params == {}
    assert list(study.area.layers) == ["zones"]
    assert study.area.invented is False


@pytest.mark.slow
def test_persons_are_scaled_to_the_official_total_and_it_is_said(sound):
    study = read_study(sound / "study.toml")
    assert persons_by_zone(study.area.population, study.area.zones).tolist() == pytest.approx([250, 250])
    (people,) = [source for source in study.inputs if source.role == "population"]
    notes = [note.en for note in people.notes]
    assert (people.scaled_by, people.data_date) == (pytest.approx(1.25), "2020")
    assert "scaled by 1.250 from 400 to the official total of 500 (统计公报)" in notes
    assert "population of 2020" in notes


@pytest.mark.slow
def test_census_polygons(sound):
    shapes = [BAD["box"](0, 0, 500, 1000), BAD["box"](500, 0, 1000, 1000)]
    gpd.GeoDataFrame({"人口": [100, 200]}, geometry=shapes, crs=CRS).to_file(sound / "people.gpkg")
    edit = ('path = "population.tif"\nkind = "count"', 'path = "people.gpkg"\nfields = { persons = "人口" }')
    total = ('official_total = 500\nofficial_source = "统计公报"\n', "")
    area = read_study(rewrite(sound, edit, total)).area
    assert persons_by_zone(area.population, area.zones).tolist() == pytest.approx([200, 100])


@pytest.mark.slow
def test_inputs_are_on_record(sound):
    inputs = {source.role: source for source in read_study(sound / "study.toml").inputs}
    assert list(inputs) == ["study", "zones", "osm", "facilities", "residential", "population"]
    facilities = inputs["facilities"]
    data = (sound / "facilities.csv").read_bytes()
    assert facilities.path == "facilities.csv"
    assert facilities.sha256 == hashlib.sha256(data).hexdigest()
    assert facilities.bytes == len(data)
    assert facilities.rows == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", facilities.modified)
    assert inputs["study"].rows is None


@pytest.mark.slow
def test_a_shapefile_is_fingerprinted_with_all_its_parts(sound):
    gpd.read_file(sound / "residential.gpkg").to_file(sound / "land.shp", encoding="UTF-8")
    path = rewrite(sound, ('"residential.gpkg"', '"land.shp"'))
    before = {source.role: source for source in read_study(path).inputs}["residential"]
    parts = sorted(sound.glob("land.*"))
    assert before.bytes == sum(part.stat().st_size for part in parts)
    (sound / "land.dbf").write_bytes((sound / "land.dbf").read_bytes().replace("小区".encode(), "宅地".encode()))
    after = {source.role: source for source in read_study(path).inputs}["residential"]
    assert after.sha256 != before.sha256


@pytest.mark.slow
def test_a_plan_of_ones_own_counts_from_the_folder_and_is_on_record(sound):
    from suizhou_geo.sources import plan

    builtin = Path(plan.__file__).parents[1] / "plans" / "suizhou_2025.toml"
    (sound / "plans").mkdir()
    (sound / "plans" / "ours.toml").write_bytes(builtin.read_bytes())
    study = read_study(rewrite(sound, ('"suizhou_2025"', '"plans/ours.toml"')))
    assert study.plan.targets == read_study(rewrite(sound, ('"plans/ours.toml"', '"suizhou_2025"'))).plan.targets
    assert [source.path for source in study.inputs if source.role == "plan"] == ["plans/ours.toml"]


@pytest.mark.slow
def test_a_byte_order_mark_is_no_key(sound):
    (sound / "study.toml").write_bytes(b"\xef\xbb\xbf" + (sound / "study.toml").read_bytes())
    assert read_study(sound / "study.toml").name == "虚构市"


@pytest.mark.slow
def test_who_files_it_is_read_and_left_out_where_it_is_not_given(sound):
    assert read_study(sound / "study.toml").office == Office()
    text = (sound / "study.toml").read_text(encoding="utf-8")
    (sound / "study.toml").write_text(f'{text}\n[office]\ncompiled_by = "规划院"\npaper = "A3"\n', encoding="utf-8")
    office = read_study(sound / "study.toml").office
    assert (office.compiled_by, office.paper, office.date) == ("规划院", "A3", "")
    assert office.compiler("en") == office.compiler("zh") == "规划院"


@pytest.mark.slow
def test_progress_is_told_in_order(sound):
    told = []
    read_study(sound / "study.toml", progress=told.append)
    files = ["zones.gpkg", "city.osm", "facilities.csv", "residential.gpkg", "population.tif"]
    assert told == [*(f"reading {name}" for name in files), "checking the layers"]


@pytest.mark.slow
def test_what_reaches_the_halo_is_kept_whole_and_the_rest_counted(sound):
    shapes = [BAD["box"](100, 100, 50, 50), BAD["box"](4900, 0, 500, 500), BAD["box"](5100, 0, 50, 50)]
    BAD["write_residential"](sound, shapes)
    study = read_study(sound / "study.toml")  # zones end at x = 2000, the halo at 5000
    assert study.area.residential.area.tolist() == [2500, 250_000]
    (notes,) = [tuple(note.en for note in source.notes) for source in study.inputs if source.role == "residential"]
    assert notes[0] == "1 of 3 features beyond the surroundings of the zones left out"
    near = rewrite(sound, ('complete = ["parks"]', "halo_m = 2800"))
    assert read_study(near).area.residential.area.tolist() == [2500]


@pytest.mark.slow
def test_a_layer_of_which_nothing_is_near_says_so_and_is_empty(sound):
    BAD["write_residential"](sound, [BAD["box"](-9000, 0, 50, 50), BAD["box"](9000, 0, 50, 50)])
    study = read_study(sound / "study.toml")
    assert study.area.residential.empty
    assert "Layer residential: none of 2 features lies near the zones" in study.found("en")


@pytest.mark.slow
def test_moderate_stretch_is_a_finding_and_more_an_error(sound):
    assert not any("stretches" in found.en for found in read_study(sound / "study.toml").findings)
    study = read_study(rewrite(sound, ('crs = "EPSG:4547"', 'crs = "EPSG:4549"')))  # CM 120E, 6.6 degrees away
    assert any("stretches lengths by 0.4" in found.en for found in study.findings)
    with pytest.raises(StudyError, match=r"stretches lengths by 1\.8%"):
        read_study(rewrite(sound, ('crs = "EPSG:4549"', 'crs = "EPSG:4551"')))  # CM 126E


@pytest.mark.slow
def test_findings_count_land_people_and_what_is_absent(sound):
    found = "\n".join(found.en for found in findings(read_study(sound / "study.toml")))
    assert "the zones cover 2.00 km² (built-up area)" in found
    assert "500 persons live in the zones, 250 per km²" in found
    assert "0.09 km², 4.5% of the zones" in found
    absent = next(line for line in found.split("\n") if line.startswith("facilities: none of"))
    assert "kindergarten (kindergarten)" in absent
    assert "(market)" not in absent  # surveyed: none means zero
    assert "(primary_school)" not in absent


@pytest.mark.slow
def test_findings_name_deserted_zones_and_what_lies_outside(sound):
    BAD["write_population"](sound, [[50, 50, 0, 0]] * 2)
    BAD["write_facilities"](sound, [("小学", 113.384, 31.687), ("小学", 113.375, 31.687)])
    found = [said.en for said in findings(read_study(sound / "study.toml"))]
    assert "population: nobody lives in 东片" in found
    assert "facilities: 1 of 2 lie outside the zones and serve from there" in found


@pytest.mark.slow
def test_doubled_features_are_counted_whichever_way_they_are_drawn(sound):
    lines = [[(0, 500), (2000, 500)], [(2000, 500), (0, 500)], [(0, 600), (2000, 600)], [(0, 500), (2000, 500)]]
    shapes = [shapely.LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines]
    roads = gpd.GeoDataFrame({"road_class": ["branch"] * 3 + ["local"]}, geometry=shapes, crs=CRS)
    roads.to_file(sound / "roads.gpkg")
    path = rewrite(sound, ("[layers.residential]", '[layers.roads]\npath = "roads.gpkg"\n\n[layers.residential]'))
    assert "Layer roads: 1 of 4 features repeat another one; take the copies out" in read_study(path).found("en")


def test_every_key_is_in_the_reference():
    text = (Path(__file__).resolve().parents[1] / "docs" / "zh" / "study.md").read_text(encoding="utf-8")
    missing = [key for key in every_key() if f"`{key}`" not in text]
    assert not missing
    written = set(re.findall(r"^\| `([^`]+)` \|", text, flags=re.MULTILINE))
    assert {key for key in written if "." in key or key in ("name", "crs")} <= set(every_key())
    for name, spec in LAYERS.items():
        assert f"`{name}`" in text
        assert spec.name_zh in text
        assert all(f"`{column}`" in text for column in spec.columns)
