"""What a facility is by a guess: in the value, not in the sure end of the range; listed, corrected, given back."""

import csv

import numpy as np
import pytest
from pyproj import Transformer
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.inventories import emergency_reach
from suizhou_geo.measures.life_circle import life_circle_compliance, service_coverage
from suizhou_geo.measures.walk_time import walk_time_coverage
from suizhou_geo.sources.corrections import read_corrections
from suizhou_geo.sources.study import read_study

TO_DEGREES = Transformer.from_crs("EPSG:4547", "EPSG:4326", always_xy=True)
ORIGIN = (441_000.0, 3_507_000.0)


@pytest.fixture
def town(drawn):
    """Two homes of a hectare 3 km apart on one street, a school beside each: the second is one by a guess."""
    zones = drawn([box(-100, -200, 3300, 300)], name=["甲"]).set_index(np.array(["1"]))
    homes = [box(0, 0, 100, 100), box(3000, 0, 3100, 100)]
    places = [Point(50, 50), Point(3050, 50)]
    categories = ["primary_school", "junior_school", "hospital"]
    return sg.StudyArea(
        "t",
        zones,
        residential=drawn(homes),
        population=drawn(homes, persons=[100.0, 100.0]),
        roads=drawn([LineString([(-100, 50), (3200, 50)])], road_class=["branch"]),
        facilities=drawn(places * 3, category=np.repeat(categories, 2), guessed=[False, True] * 3),
    )


def _range(measure):
    return measure.value, measure.low, measure.high


@pytest.mark.parametrize("reach", ["straight_line", "street"])
@pytest.mark.parametrize("of", ["land", "persons"])
def test_a_guess_counts_in_the_value_and_not_in_the_lower_end(town, reach, of):
    for service in ("primary_school", "junior_school", "hospital", "tdt1063.primary"):
        measure = service_coverage(town, service, reach=reach, of=of)
        assert _range(measure) == pytest.approx((1.0, 0.5, 1.0))
        assert measure.needs[0].en.startswith("1 of 2 facilities are taken")


@pytest.mark.slow
def test_walks_drives_and_living_circles_have_the_same_lower_end(town):
    assert _range(walk_time_coverage(town, "primary_school", minutes=10, walker="adult")) == pytest.approx((1, 0.5, 1))
    assert _range(emergency_reach(town, "emergency")) == pytest.approx((1, 0.5, 1))
    known = len(life_circle_compliance(town).breakdown)
    required = len(life_circle_compliance(town).params["required"])
    assert known == 2  # junior and primary school
    circle = life_circle_compliance(town)
    assert (circle.value, circle.low) == pytest.approx((1.0, 2 * 0.5 / required))


@pytest.mark.slow
def test_without_guesses_nothing_is_open(town):
    sure = town.replace(facilities=town.facilities.assign(guessed=False))
    measure = service_coverage(sure, "primary_school")
    assert (*_range(measure), measure.needs) == (1.0, 1.0, 1.0, ())
    only = town.replace(facilities=town.facilities[town.facilities["guessed"]])
    assert _range(service_coverage(only, "primary_school")) == pytest.approx((0.5, 0.0, 0.5))


# -------------------------------------------------------------------------------------------- the table, and back


@pytest.fixture
def study(tmp_path):
    """A town of five schools and hospitals in an extract; a study file with more lines for [osm]."""
    names = [("school", "北郊外国语学校"), ("school", "艺术学校"), ("school", "城关小学"), ("hospital", "北郊医院")]
    places = [TO_DEGREES.transform(ORIGIN[0] + 300 * n, ORIGIN[1]) for n in range(len(names))]
    nodes = "".join(
        f'<node id="{n}" version="1" timestamp="2024-01-01T00:00:00Z" lon="{lon:.7f}" lat="{lat:.7f}">'
        f'<tag k="amenity" v="{amenity}"/><tag k="name" v="{name}"/></node>'
        for n, ((lon, lat), (amenity, name)) in enumerate(zip(places, names, strict=True), start=1)
    )
    (tmp_path / "town.osm").write_text(f'<osm version="0.6">{nodes}</osm>', encoding="utf-8")
    (west, south), (east, north) = (TO_DEGREES.transform(ORIGIN[0] + d, ORIGIN[1] + d) for d in (-800, 2000))

    def build(more=""):
        path = tmp_path / "study.toml"
        path.write_text(
            f'name = "t"\n[zones]\nbbox = [{west}, {south}, {east}, {north}]\n[osm]\npath = "town.osm"\n{more}',
            encoding="utf-8",
        )
        return path

    return build


def _categories(area):
    return sorted(zip(area.facilities["source_id"], area.facilities["category"], strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_of_guesses_goes_out_and_comes_back_corrected(study, tmp_path, lang):
    sg.assess(study(), chapter="land", lang=lang).write(tmp_path / "results")
    table = tmp_path / "results" / "facilities_guessed.csv"
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
    assert [(row["source_id"], row["name"]) for row in rows] == [
        ("n1", "北郊外国语学校"),
        ("n2", "艺术学校"),
        ("n4", "北郊医院"),
    ]
    both = {"zh": "小学; 初中", "en": "primary school; junior high school"}[lang]
    assert [row["category"] for row in rows][:2] == [both, ""]
    assert read_corrections(table) == {"n1": ("primary_school", "junior_school"), "n2": (), "n4": ("hospital",)}
    before = read_study(study()).area
    confirmed = read_study(study('corrections = "results/facilities_guessed.csv"'))
    assert _categories(confirmed.area) == _categories(before)
    assert (confirmed.guesses, confirmed.area.facilities["guessed"].any()) == ((), False)
    assert before.facilities["guessed"].sum() == 3


@pytest.mark.slow
def test_a_corrected_row_decides(study, tmp_path):
    text = "source_id,name,category\nn1,北郊外国语学校,小学\nn2,,junior_school\nn9,,\n"
    (tmp_path / "mine.csv").write_bytes(text.encode("gbk"))
    read = read_study(study('corrections = "mine.csv"'))
    assert _categories(read.area) == [
        ("n1", "primary_school"),
        ("n2", "junior_school"),
        ("n3", "primary_school"),
        ("n4", "hospital"),
    ]
    assert [guess.source_id for guess in read.guesses] == ["n4"]
    (osm,) = (source for source in read.inputs if source.role == "osm")
    assert any("no facilities here" in told.en and "(n9)" in told.en for told in osm.notes)
    assert [(s.role, s.path, s.rows) for s in read.inputs if s.role == "corrections"] == [
        ("corrections", "mine.csv", 3)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no column source_id"),
        ("source_id,name\nn1,a\n", "has no column category"),
        ("source_id,category\nn1,小学校\n", "row 2: '小学校' is no category"),
        ("source_id,category\nn1,小学\nn1,初中\n", "row 3: n1 was given before"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_sentence(tmp_path, text, words):
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        read_corrections(tmp_path / "mine.csv")


def test_a_table_that_is_not_there_is_named(study):
    with pytest.raises(InputError, match="corrections"):
        read_study(study('corrections = "mine.csv"'))
