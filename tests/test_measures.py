"""Every measure on drawn towns whose answers are mental arithmetic, with its partial, zero, no-data and invariant cases."""

import dataclasses
from typing import get_args

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures import measure_all
from suizhou_geo.measures.life_circle import required_categories
from suizhou_geo.measures.parks import SizeProfile, served_parks
from suizhou_geo.standards import table

KM = 1000.0


def _zones(drawn, *shapes):
    return drawn(shapes, name=[f"z{i}" for i in range(len(shapes))]).set_index(
        np.array([str(i) for i in range(len(shapes))])
    )


def _whole_is_the_ratio_of_sums(measure):
    if measure.unit == "min":
        return  # a quantile is no sum and no mean
    if measure.unit == measure.shortfall_unit:
        assert measure.by_zone.isna().all() or measure.by_zone.sum() == pytest.approx(measure.value)
        return
    parts = (measure.by_zone * measure.denominator).sum()
    assert measure.value == pytest.approx(parts / measure.denominator.sum(), rel=1e-9)


# ---------------------------------------------------------------------------------- population and land


def test_the_plan_s_own_figures_are_a_reciprocal_pair(drawn):
    square = box(0, 0, 7 * KM, 9 * KM)  # 63 km²
    area = sg.StudyArea(
        "t", _zones(drawn, square), population=drawn([square], persons=[600_000]), boundary="construction_land"
    )
    density, land = sg.population_density(area), sg.construction_land_per_capita(area)
    assert density.value == pytest.approx(9523.81, abs=0.01)
    assert land.value == pytest.approx(105.0)
    assert land.params["reciprocal_density_person_per_km2"] == pytest.approx(density.value)
    assert land.notes == ()
    assert (density.low, density.high) == (density.value, density.value)


def test_people_who_may_be_uncounted_leave_both_open(drawn):
    square = box(0, 0, KM, KM)
    people = drawn([box(0, 0, KM, 500)], persons=[5000])
    area = sg.StudyArea("t", _zones(drawn, square), population=people, boundary="construction_land")
    unsure = dataclasses.replace(area, incomplete=frozenset({"population"}))
    assert sg.population_density(unsure).high == np.inf
    assert sg.construction_land_per_capita(unsure).low == 0.0
    assert sg.population_density(area).high == pytest.approx(5000)


def test_different_denominators_are_told(drawn):
    square = box(0, 0, KM, KM)
    built = drawn([box(0, 0, 600, KM), box(500, 0, 700, KM)], land_class=["R", "M"])
    area = sg.StudyArea("t", _zones(drawn, square), population=drawn([square], persons=[7000]), land_use=built)
    land = sg.construction_land_per_capita(area)
    assert land.value == pytest.approx(700_000 / 7000)  # the overlap counts once
    assert "10,000" in land.notes[0].en
    assert "7,000" in land.notes[0].en


@pytest.mark.slow
def test_land_that_is_not_construction_land_does_not_count(drawn):
    square = box(0, 0, KM, KM)
    land = drawn([box(0, 0, 500, KM), box(500, 0, KM, KM)], land_class=["R", "farm"], construction=[True, False])
    area = sg.StudyArea("t", _zones(drawn, square), population=drawn([square], persons=[5000]), land_use=land)
    assert sg.construction_land_per_capita(area).value == pytest.approx(100.0)
    unsure = dataclasses.replace(area, incomplete=frozenset({"land_use"}))
    assert sg.construction_land_per_capita(unsure).high == pytest.approx(200.0)


def test_zones_and_cells_split_persons_by_area(drawn):
    people = drawn([box(0, 0, KM, KM), box(500, KM, 1500, 2 * KM)], persons=[1000, 400])
    area = sg.StudyArea("t", _zones(drawn, box(0, 0, KM, 2 * KM), box(KM, 0, 2 * KM, KM)), population=people)
    density = sg.population_density(area)
    assert density.by_zone.tolist() == pytest.approx([600.0, 0.0])
    assert density.value == pytest.approx(1200 / 3)
    _whole_is_the_ratio_of_sums(density)


def test_an_administrative_outline_carries_no_verdict(drawn):
    square = box(0, 0, KM, KM)
    area = sg.StudyArea("t", _zones(drawn, square), population=drawn([square], persons=[1]), boundary="administrative")
    density = sg.population_density(area)
    assert (density.value, density.low, density.high) == (pytest.approx(1.0), 0.0, np.inf)
    assert density.needs


@pytest.mark.parametrize(
    "measure", [sg.population_density, sg.construction_land_per_capita, sg.road_density, sg.park_coverage]
)
def test_a_layer_not_given_is_no_data(drawn, measure):
    result = measure(sg.StudyArea("t", _zones(drawn, box(0, 0, KM, KM))))
    assert np.isnan(result.value)
    assert result.by_zone.isna().all()
    assert "needs the layer" in result.needs[0].en


# ---------------------------------------------------------------------------------- roads


def _grid(drawn, spacing_m, cells, road_class="branch"):
    far = spacing_m * cells
    at = np.arange(cells + 1) * spacing_m
    lines = [LineString([(x, 0), (x, far)]) for x in at] + [LineString([(0, y), (far, y)]) for y in at]
    return drawn(lines, road_class=[road_class] * len(lines), name=[f"s{i}" for i in range(len(lines))])


@pytest.mark.slow
def test_one_block_shows_16_and_its_share_8(drawn):
    block = box(0, 0, 250, 250)
    area = sg.StudyArea("t", _zones(drawn, block), roads=_grid(drawn, 250, 1))
    assert sg.road_density(area).value == pytest.approx(16.0)
    four = [box(x, y, x + 250, y + 250) for x in (0, 250) for y in (0, 250)]
    shared = sg.road_density(sg.StudyArea("t", _zones(drawn, *four), roads=_grid(drawn, 250, 2)))
    # each block: two edges on the outer outline in full, two shared in half
    assert shared.by_zone.tolist() == pytest.approx([12.0] * 4)
    _whole_is_the_ratio_of_sums(shared)


@pytest.mark.slow
@pytest.mark.parametrize(("spacing_m", "density"), [(100, 20.0), (250, 8.0), (300, 20 / 3), (400, 5.0), (600, 10 / 3)])
def test_a_large_square_grid_has_2000_over_spacing(drawn, spacing_m, density):
    cells = 20
    inner = box(spacing_m / 2, spacing_m / 2, (cells - 0.5) * spacing_m, (cells - 0.5) * spacing_m)
    area = sg.StudyArea("t", _zones(drawn, inner), roads=_grid(drawn, spacing_m, cells))
    assert sg.road_density(area).value == pytest.approx(density, rel=1e-6)


@pytest.fixture
def street_town(drawn):
    """One km²: an arterial in two carriageways, a ramp, a branch, a gated and a named compound street, a motorway."""
    lines = {
        "east": (LineString([(0, 490), (KM, 490)]), "arterial", "大道", True, False),
        "west": (LineString([(KM, 510), (0, 510)]), "arterial", "大道", True, False),
        "ramp": (LineString([(300, 510), (300, 610)]), "arterial", None, True, True),
        "branch": (LineString([(500, 0), (500, KM)]), "branch", "支路", False, False),
        "gated": (LineString([(620, 720), (820, 720)]), "local", None, False, False),
        "public": (LineString([(620, 760), (820, 760)]), "local", "小街", False, False),
        "open": (LineString([(100, 100), (300, 100)]), "local", None, False, False),
        "motorway": (LineString([(0, 20), (KM, 20)]), "motorway", "高速", True, False),
        "service": (LineString([(0, 900), (400, 900)]), "service", None, False, False),
    }
    shape, road_class, name, oneway, ramp = zip(*lines.values(), strict=True)
    roads = drawn(shape, road_class=road_class, name=name, oneway=oneway, ramp=ramp, source_id=list(lines))
    compounds = drawn([box(600, 700, 850, 800)], name=["小区"])
    return sg.StudyArea("t", _zones(drawn, box(0, 0, KM, KM)), roads=roads, compounds=compounds)


@pytest.mark.slow
def test_the_waterfall(street_town):
    density = sg.road_density(street_town)
    # raw: 2 x 1000 + 100 + 1000 + 3 x 200; then without the ramp, the gated street, and one of the two carriageways
    assert density.breakdown["whole_km"].to_dict() == {
        "raw": pytest.approx(3.7),
        "ramps_out": pytest.approx(3.6),
        "compounds_out": pytest.approx(3.4),
        "one_centreline": pytest.approx(2.4),
    }
    assert density.value == pytest.approx(2.4)
    assert sg.road_density(street_town, profile="raw").value == pytest.approx(3.7)


@pytest.mark.slow
def test_the_yearbook_counts_open_compounds_and_no_lanes(street_town):
    def yearbook(**changes):
        return sg.road_density(dataclasses.replace(street_town, **changes), profile="yearbook").value

    assert yearbook() == pytest.approx(2.4)  # a compound of which nothing is said is gated
    assert yearbook(compounds=street_town.compounds.assign(gated=False)) == pytest.approx(2.6)
    lanes = street_town.roads.assign(width_m=[20.0, 20.0, 5.0, 3.0, 4.0, 3.4, 9.0, 30.0, 4.0])
    assert yearbook(roads=lanes) == pytest.approx(2.4 - 1.0 - 0.2)  # the branch and the public street are too narrow


@pytest.mark.slow
def test_classes_are_held_beside_the_standards(street_town):
    notes = " ".join(note.en for note in sg.road_density(street_town).notes)
    assert "1.00 km/km²; if the city has 500,000 to 1,000,000 people, for comparison 1.3-1.8" in notes
    assert "1:0.00:1.40" in notes
    inverted = street_town.roads.assign(road_class=street_town.roads["road_class"].replace("branch", "secondary"))
    assert "inverted" in " ".join(n.en for n in sg.road_density(dataclasses.replace(street_town, roads=inverted)).notes)
    branch = sg.road_density(street_town, road_class="branch").notes
    assert "1.40 km/km²; if the city has 200,000 to 500,000 people, for comparison 3.0-4.0" in branch[-1].en


@pytest.mark.slow
@pytest.mark.parametrize(
    ("persons", "unsure", "told"),
    [
        (600_000, False, "50–100万人城市的参考范围为 1.3–1.8"),
        (20_000, False, None),
        (600_000, True, "若城市人口在50–100万之间，参考范围为 1.3–1.8"),
    ],
)
def test_a_reference_is_told_of_cities_of_its_size_alone(street_town, persons, unsure, told):
    zones = street_town.zones
    cells = zones[["geometry"]].assign(persons=persons / len(zones)).reset_index(drop=True)
    town = dataclasses.replace(street_town, population=cells, incomplete=frozenset({"population"} if unsure else ()))
    notes = "；".join(note.zh for note in sg.road_density(town).notes)
    assert ("1.3–1.8" in notes) is (told is not None)
    assert told is None or told in notes


@pytest.mark.slow
def test_classes_add_up_to_the_millimetre(street_town):
    classes = [
        sg.road_density(street_town, road_class=c).value for c in ("expressway", "arterial", "secondary", "branch")
    ]
    assert classes == pytest.approx([0.0, 1.0, 0.0, 1.4])
    assert sum(classes) == pytest.approx(sg.road_density(street_town).value, abs=1e-9)
    evidence = sg.road_density(street_town).evidence
    assert evidence["counted_m"].sum() == pytest.approx(2400.0, abs=1e-6)
    assert set(evidence.loc[evidence["source_id"].isin(["east", "west"]), "weight"]) == {0.5}


@pytest.mark.slow
def test_incomplete_roads_leave_the_top_open(street_town):
    unsure = sg.road_density(dataclasses.replace(street_town, incomplete=frozenset({"roads"})))
    assert (unsure.low, unsure.high) == (pytest.approx(2.4), np.inf)
    assert "complete" in unsure.needs[0].en


@pytest.mark.slow
def test_compounds_that_may_be_unmapped_leave_the_bottom_open(street_town, drawn):
    homes = drawn([box(600, 700, 850, 800)])
    stand_in = dataclasses.replace(street_town, compounds=None, residential=homes)
    assert sg.road_density(stand_in).low == pytest.approx(2.4)
    unsure = sg.road_density(dataclasses.replace(stand_in, incomplete=frozenset({"residential"})))
    assert (unsure.low, unsure.value) == (pytest.approx(2.2), pytest.approx(2.4))
    empty = sg.road_density(dataclasses.replace(stand_in, residential=homes.iloc[:0]))
    assert (empty.low, empty.value) == (pytest.approx(2.2), pytest.approx(2.6))
    assert "could not be taken out" in empty.notes[0].en


@pytest.mark.slow
def test_abroad_homes_stand_in_no_closed_compounds(street_town, drawn):
    homes, open_land = drawn([box(600, 700, 850, 800)]), frozenset({"residential"})
    town = dataclasses.replace(street_town, compounds=None, residential=homes, incomplete=open_land)
    abroad = {name: layer.set_crs("EPSG:32630", allow_override=True) for name, layer in town.layers.items()}
    there = sg.road_density(town.replace(**abroad))
    assert there.low == there.value == pytest.approx(2.6)
    assert "not lie in China" in there.notes[0].en


@pytest.mark.slow
def test_without_compounds_the_reader_is_told(street_town):
    bare = sg.road_density(dataclasses.replace(street_town, compounds=None))
    assert bare.value == pytest.approx(2.6)
    assert (bare.low, bare.high) == (pytest.approx(2.2), pytest.approx(2.6))  # both nameless streets may be inside one
    assert "could not be taken out" in bare.notes[0].en


@pytest.mark.slow
def test_what_the_roads_do_not_tell_is_told(street_town):
    bare = dataclasses.replace(street_town, roads=street_town.roads.assign(name=None, oneway=False))
    told = " ".join(note.en for note in sg.road_density(bare).notes)
    assert "no road has a name" in told
    assert "no road is marked one-way" in told
    assert "no road has a name" not in " ".join(note.en for note in sg.road_density(street_town).notes)


def test_roads_given_and_empty_are_zero(drawn):
    area = sg.StudyArea("t", _zones(drawn, box(0, 0, KM, KM)), roads=drawn([], road_class=[]))
    assert sg.road_density(area).value == 0.0


def test_unknown_words_are_refused(street_town):
    for call, words in (
        (lambda: sg.road_density(street_town, profile="best"), "profile 'best'"),
        (lambda: sg.road_density(street_town, road_class="lane"), "road_class 'lane'"),
        (lambda: sg.park_coverage(street_town, size_profile="2030"), "size_profile '2030'"),
        (lambda: sg.service_coverage(street_town, "cinema"), "'cinema' is not one of"),
        (lambda: sg.life_circle_compliance(street_town, profile="some"), "profile 'some'"),
        (lambda: measure_all(street_town, {"road_density": {"spacing": 3}}), "params.road_density.spacing"),
        (lambda: measure_all(street_town, {"joy": {}}), "params.joy"),
        (lambda: measure_all(street_town, {"park_coverage": {"reach": "walk"}}), "reach: 'walk' is not one of"),
        (
            lambda: measure_all(street_town, {"park_coverage": {"size_profile": ["2022+"]}}),
            r"\['2022\+'\] is not one of",
        ),
        (lambda: measure_all(street_town, {"road_density": {"road_class": "branch"}}), "no such parameter"),
        (lambda: sg.park_coverage(street_town, reach="walk"), "reach 'walk' is not one of"),
        (lambda: sg.service_coverage(street_town, "bank", of="people"), "of 'people' is not one of"),
    ):
        with pytest.raises(InputError, match=words):
            call()
    odd = street_town.roads.assign(road_class="lane")
    with pytest.raises(InputError, match="row 0: road_class 'lane'"):
        sg.road_density(dataclasses.replace(street_town, roads=odd))


# ---------------------------------------------------------------------------------- parks


@pytest.fixture
def park_town(drawn):
    """A strip of homes 2000 m x 100 m beside parks of several sizes."""
    parks = {
        "large in two pieces": (box(0, 100, 50, 160), box(51.5, 100, 100, 160)),  # 5910 m² with the gap left out
        "small": (box(1900, 100, 1930, 120),),  # 600 m²
        "too small": (box(1000, 100, 1015, 120),),  # 300 m²
        "private": (box(1200, 100, 1400, 200),),
    }
    shapes = [piece for pieces in parks.values() for piece in pieces]
    public = [True, True, True, True, False]
    strip = box(0, 0, 2000, 100)
    return sg.StudyArea(
        "t",
        _zones(drawn, box(0, 0, KM, 300), box(KM, 0, 2 * KM, 300)),
        residential=drawn([strip]),
        parks=drawn(shapes, open_public=public),
        population=drawn([strip], persons=[2000.0]),
        roads=drawn([LineString([(0, 100), (2000, 100)])], road_class=["branch"]),
    )


def test_pieces_are_joined_before_the_size_test(park_town):
    parks = served_parks(park_town, "2022+")
    assert sorted(parks["radius_m"]) == [300, 500]
    assert sorted(parks["area_m2"]) == pytest.approx([600, 5910])
    assert served_parks(park_town, "2010/2021")["radius_m"].tolist() == [500]
    assert served_parks(park_town, "mnr_5min")["radius_m"].tolist() == [300, 300]


def test_reach_runs_from_the_edge(park_town):
    got = sg.park_coverage(park_town)
    # the large park touches the strip from x = 0 to 100 and reaches 500 m further along its upper edge, a little less
    # along the lower; the small one 300 m left of 1900 and to the end
    strip = shapely.transform(box(0, 0, 2000, 100), lambda xy: xy + np.array([441_000, 3_507_000]))
    parks = served_parks(park_town, "2022+")
    reach = shapely.union_all(
        [p.buffer(r, quad_segs=256) for p, r in zip(parks.geometry, parks["radius_m"], strict=True)]
    )
    assert got.value == pytest.approx(shapely.intersection(strip, reach).area / strip.area, abs=2e-4)
    assert got.value == pytest.approx((600 + 400) / 2000, abs=0.01)
    _whole_is_the_ratio_of_sums(got)
    assert sg.park_coverage(park_town, of="persons").value == pytest.approx(got.value, abs=1e-9)


def test_along_the_street_never_reaches_further(park_town):
    street = sg.park_coverage(park_town, reach="street")
    assert street.value <= sg.park_coverage(park_town).value
    # homes stand 50 m below the street on average: 500 - 75 or - 25 m along it, in cells of 50 m
    assert street.value == pytest.approx((100 + 450 + 275 + 100) / 2000, abs=0.06)


def test_historic_districts_lower_the_size(park_town, drawn):
    small = drawn([box(1900, 100, 1940, 130)])  # 1200 m²
    town = dataclasses.replace(park_town, parks=small)
    assert len(served_parks(town, "2010/2021")) == 0
    town = dataclasses.replace(town, historic=drawn([box(1800, 0, 2000, 300)]))
    assert served_parks(town, "2010/2021")["radius_m"].tolist() == [300]


def test_ribbons_are_told(park_town, drawn):
    town = dataclasses.replace(park_town, parks=drawn([box(0, 100, 2000, 120), box(0, 200, 100, 300)]))
    assert served_parks(town, "2022+")["ribbon"].tolist().count(True) == 1
    assert "1 parks are ribbons" in sg.park_coverage(town).notes[0].en


@pytest.mark.slow
def test_no_parks_given_as_empty_is_zero_and_incomplete_is_open(park_town):
    none = dataclasses.replace(park_town, parks=park_town.parks.iloc[:0])
    for reach in ("straight_line", "street"):
        got = sg.park_coverage(none, reach=reach)
        assert (got.value, got.low, got.high) == (0.0, 0.0, 0.0)
    unsure = sg.park_coverage(dataclasses.replace(none, incomplete=frozenset({"parks"})))
    assert not unsure.has_data
    assert "holds nothing that counts" in unsure.needs[0].en


def test_homes_that_may_be_unmapped_leave_a_coverage_open(park_town):
    unsure = sg.park_coverage(dataclasses.replace(park_town, incomplete=frozenset({"residential"})))
    assert (unsure.low, unsure.high) == (0.0, 1.0)
    assert "residential" in unsure.needs[0].en


def test_the_size_profiles_are_those_of_the_table():
    assert tuple(table("park_tiers")["profiles"]) == get_args(SizeProfile)


def test_a_stand_in_for_homes_carries_no_verdict(park_town):
    got = sg.park_coverage(dataclasses.replace(park_town, residential=None))
    assert "zone_area" in got.profile
    assert (got.low, got.high) == (0.0, 1.0)
    assert "carries no verdict" in got.needs[0].en


# ---------------------------------------------------------------------------------- living circles


@pytest.fixture
def circle_town(drawn):
    """A strip of homes 3000 x 50 m along a street, with a primary school at its left end and a junior school in the middle."""
    strip = box(0, 0, 3000, 50)
    places = [Point(0, 25), Point(1500, 25), Point(9000, 25)]
    return sg.StudyArea(
        "t",
        _zones(drawn, box(0, 0, 1500, 100), box(1500, 0, 3000, 100)),
        residential=drawn([strip]),
        facilities=drawn(places, category=["primary_school", "junior_school", "bank"]),
        roads=drawn([LineString([(0, 25), (3000, 25)])], road_class=["branch"]),
    )


def test_each_service_has_its_radius(circle_town):
    primary, junior = (sg.service_coverage(circle_town, s) for s in ("primary_school", "junior_school"))
    assert primary.value == pytest.approx(500 / 3000, abs=2e-4)
    assert junior.value == pytest.approx(2000 / 3000, abs=2e-4)
    assert junior.by_zone.tolist() == pytest.approx([2 / 3, 2 / 3], abs=2e-4)
    assert sg.service_coverage(circle_town, "bank").value == 0.0
    # homes stand up to 25 m off the street, 12.5 m in the mean, and that leg counts
    walked = sg.service_coverage(circle_town, "junior_school", reach="street").value
    assert walked == pytest.approx(2 * 987.5 / 3000, rel=5e-3)


def test_an_absent_category_is_no_data_unless_surveyed(circle_town):
    market = sg.service_coverage(circle_town, "market")
    assert np.isnan(market.value)
    assert "none of: food market" in market.needs[0].en
    surveyed = dataclasses.replace(circle_town, surveyed=frozenset({"market"}))
    for reach in ("straight_line", "street"):
        assert sg.service_coverage(surveyed, "market", reach=reach).value == 0.0


def test_td_t_1063_takes_any_of_its_categories(circle_town):
    assert sg.service_coverage(circle_town, "tdt1063.primary").value == pytest.approx(500 / 3000, abs=2e-4)
    both = dataclasses.replace(
        circle_town, facilities=circle_town.facilities.assign(category=["health_centre", "health_station", "bank"])
    )
    for reach in ("straight_line", "street"):
        # 1000 m to the right of 0 and 1000 m to both sides of 1500
        assert sg.service_coverage(both, "tdt1063.health", reach=reach).value == pytest.approx(2500 / 3000, rel=5e-3)


@pytest.mark.slow
def test_compliance_profiles(circle_town):
    required = required_categories()
    everything = dataclasses.replace(circle_town, surveyed=frozenset(required))
    n = len(required)
    mean = sg.life_circle_compliance(everything)
    assert mean.value == pytest.approx((500 / 3000 + 2000 / 3000) / n, abs=1e-4)
    assert (mean.low, mean.high) == (pytest.approx(mean.value), pytest.approx(mean.value))
    assert sg.life_circle_compliance(everything, profile="all_of").value == 0.0
    assert sg.life_circle_compliance(everything, profile="k_of_n").value == 0.0
    _whole_is_the_ratio_of_sums(mean)


def test_categories_without_data_open_the_range(circle_town):
    n = len(required_categories())
    known = (500 / 3000 + 2000 / 3000) / 3  # bank, primary, junior
    mean = sg.life_circle_compliance(circle_town)
    assert mean.value == pytest.approx(known, abs=1e-4)
    assert mean.low == pytest.approx(known * 3 / n, abs=1e-4)
    assert mean.high == pytest.approx((known * 3 + n - 3) / n, abs=1e-4)
    assert f"3:{n}" in mean.profile
    every = sg.life_circle_compliance(circle_town, profile="all_of")
    assert (every.value, every.low, every.high) == (0.0, 0.0, 0.0)  # the bank is out of everybody's reach


def test_all_of_is_where_both_reach(circle_town):
    pair = dataclasses.replace(
        circle_town, facilities=circle_town.facilities.iloc[:2].assign(category=["health_centre", "junior_school"])
    )
    # 0..1000 and 500..2500 share 500 of 3000 metres
    assert sg.life_circle_compliance(pair, profile="all_of").value == pytest.approx(500 / 3000, abs=2e-4)
    half = sg.life_circle_compliance(pair, profile="k_of_n")
    assert half.value == pytest.approx(500 / 3000, abs=1e-9)


# ---------------------------------------------------------------------------------- invariances


def _moved(area, *, by=(1234.5, -987.6), order=None):
    layers = {}
    for name, layer in area.layers.items():
        shifted = gpd.GeoDataFrame(layer, geometry=layer.translate(*by))
        layers[name] = shifted if order is None or name == "zones" else shifted.sample(frac=1, random_state=order)
    return dataclasses.replace(area, **layers)


@pytest.mark.slow
@pytest.mark.parametrize("town", ["street_town", "park_town", "circle_town"])
def test_moving_the_town_or_shuffling_the_rows_changes_nothing(town, request):
    area = request.getfixturevalue(town)
    # cells of the walking variant lie on a fixed grid, so the town moves by whole cells
    moved = _moved(area, by=(1250.0, -950.0), order=7)
    for before, after in zip(measure_all(area), measure_all(moved), strict=True):
        assert (before.key, before.profile) == (after.key, after.profile)
        assert after.value == pytest.approx(before.value, rel=1e-6, nan_ok=True)
        assert after.by_zone.tolist() == pytest.approx(before.by_zone.tolist(), rel=1e-6, nan_ok=True)


@pytest.mark.slow
@pytest.mark.parametrize("town", ["street_town", "park_town", "circle_town"])
def test_splitting_a_zone_changes_no_whole(town, request):
    area = request.getfixturevalue(town)
    x0, y0, x1, y1 = area.zones.total_bounds
    cut = x0 + 0.35 * (x1 - x0)
    halves = gpd.GeoDataFrame(
        {"name": ["left", "right"], "role": "district"},
        geometry=[box(x0, y0, cut, y1), box(cut, y0, x1, y1)],
        crs=area.crs,
        index=["l", "r"],
    )
    split = dataclasses.replace(area, zones=halves)
    for before, after in zip(measure_all(area), measure_all(split), strict=True):
        if before.key in ("main_city_zones", "district_zones") or before.profile == "main_city":
            continue  # what counts the zones themselves, or goes by their role
        room = 0.03 if before.params.get("reach") == "street" or "k_of_n" in before.profile else 1e-6
        assert after.value == pytest.approx(before.value, abs=room, nan_ok=True), (before.key, before.profile)


@pytest.mark.slow
def test_every_measure_keeps_its_promises(park_town):
    for measure in measure_all(park_town):
        assert measure.by_zone.index.equals(park_town.zones.index)
        assert measure.name_zh
        assert measure.profile
        if measure.has_data:
            _whole_is_the_ratio_of_sums(measure)
            assert measure.low <= measure.value + 1e-12
            assert measure.high >= measure.value - 1e-12
        else:
            assert measure.needs


@pytest.mark.slow
def test_the_first_of_each_key_is_the_definition_asked_for(park_town):
    asked = {"park_coverage": {"size_profile": "mnr_5min", "reach": "street"}}
    parks = [m for m in measure_all(park_town, asked) if m.key == "park_coverage"]
    assert parks[0].profile.startswith("mnr_5min / street / land")
    assert len({m.profile for m in parks}) == len(parks) == 12
