"""Land by class: drawn squares whose hectares are plain, ranges of the standard, mu, and what the codes leave open."""

import dataclasses
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.assessment.rows import shortfall
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import alike
from suizhou_geo.measures.land import (
    LAND_CLASSES,
    M2_PER_MU,
    industrial_land,
    industrial_land_in_development_zones,
    land_per_capita,
    land_table,
)
from suizhou_geo.sources.columns import Read
from suizhou_geo.sources.land_codes import classified

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"


@pytest.fixture
def town(drawn):
    """Two zones of 1 km² with 1000 and 3000 people; land as (x, y, width, height, group, construction, czcsxm)."""

    def build(*land, people=(1000.0, 3000.0), **layers):
        zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["甲", "乙"]).set_index(
            np.array(["1", "2"])
        )
        shapes = [box(x, y, x + w, y + h) for x, y, w, h, *_ in land]
        use = drawn(
            shapes,
            land_class=["x"] * len(land),
            land_group=[row[4] for row in land],
            construction=[row[5] if len(row) > 5 else True for row in land],
            czcsxm=[row[6] if len(row) > 6 else None for row in land],
        )
        population = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], persons=list(people))
        return sg.StudyArea("t", zones, land_use=use, population=population, **layers)

    return build


@pytest.mark.slow
def test_one_class_over_everybody_and_by_zone(town):
    area = town((0, 0, 200, 500, "residential"), (900, 0, 200, 100, "community"), (0, 600, 100, 100, "park"))
    homes = land_per_capita(area, "R")  # community services are part of R: 10 ha, then 1 ha on each side of the border
    assert homes.value == pytest.approx(120_000 / 4000)
    assert homes.by_zone.to_dict() == {"1": pytest.approx(110.0), "2": pytest.approx(10_000 / 3000)}
    assert (homes.by_zone * homes.denominator).sum() / homes.denominator.sum() == pytest.approx(homes.value)
    assert "within the planning range of GB 50137 (23–36" in homes.notes[0].en
    parks = land_per_capita(area, "G1")
    assert parks.value == pytest.approx(2.5)
    assert "below the planning range of GB 50137 (≥8" in parks.notes[0].en


def test_overlaps_count_once_and_what_is_no_construction_land_not_at_all(town):
    area = town(
        (0, 0, 100, 100, "roads"),
        (50, 0, 100, 100, "roads"),
        (500, 500, 100, 100, "roads", False),
        (0, 900, 9, 9, "water"),
    )
    assert land_per_capita(area, "S").value == pytest.approx(15_000 / 4000)


@pytest.mark.slow
def test_parks_and_protective_green_and_squares_are_the_green_class(town):
    area = town((0, 0, 100, 100, "park"), (0, 200, 100, 100, "protective_green"), (0, 400, 100, 100, "square"))
    assert land_per_capita(area, "G").value == pytest.approx(30_000 / 4000)
    assert land_per_capita(area, "G1").value == pytest.approx(10_000 / 4000)


@pytest.mark.slow
def test_green_that_is_not_told_apart_has_no_parks_to_tell(town):
    area = town((0, 0, 100, 100, "green"))
    assert land_per_capita(area, "G").value == pytest.approx(2.5)
    assert not land_per_capita(area, "G1").has_data
    assert "finer codes" in land_per_capita(area, "G1").needs[0].en


def test_the_table_of_groups(town):
    area = town(
        (0, 0, 100, 100, "industrial"),
        (0, 200, 100, 200, "residential"),
        (0, 500, 100, 100, None),
        (0, 700, 100, 100, "water", False),
    )
    table = land_table(area)
    assert table.index.tolist() == ["residential", "industrial", "water", "unknown"]
    assert table["ha"].tolist() == pytest.approx([2, 1, 1, 1])
    assert table["m2"].tolist() == pytest.approx([20_000, 10_000, 10_000, 10_000])
    assert table["mu"].tolist() == pytest.approx([30, 15, 15, 15])
    assert table.index.name == "land_group"
    assert table["share_of_construction"].tolist() == pytest.approx([0.5, 0.25, 0, 0.25])
    assert table["construction_m2"].tolist() == pytest.approx([20_000, 10_000, 0, 10_000])
    overlapping = land_table(
        town((0, 0, 100, 100, "roads"), (50, 0, 100, 100, "roads"), (0, 0, 100, 100, "roads", False))
    )
    assert overlapping.loc["roads", ["ha", "construction_m2"]].tolist() == pytest.approx([1.5, 15_000])
    wild = land_table(town((0, 0, 100, 100, "water", False)))
    assert wild["share_of_construction"].isna().all()


def test_industrial_land_in_mu_and_inside_development_zones(town, drawn):
    parks = drawn([box(0, 0, 100, 50), box(50, 0, 100, 50)], name=["开发区", "园中园"])
    area = town((0, 0, 100, 100, "industrial"), (1000, 0, 100, 200, "industrial"), development_zones=parks)
    land = industrial_land(area)
    assert land.value == pytest.approx(45.0)
    assert land.by_zone.to_dict() == {"1": pytest.approx(15.0), "2": pytest.approx(30.0)}
    assert land.breakdown.loc["mu_in_development_zones", "whole"] == pytest.approx(7.5)
    share = industrial_land_in_development_zones(area)
    assert share.value == pytest.approx(0.5 / 3)
    assert share.by_zone.to_dict() == {"1": pytest.approx(0.5), "2": 0.0}
    assert (share.by_zone * share.denominator).sum() / share.denominator.sum() == pytest.approx(share.value)
    assert pytest.approx(666.6667, abs=1e-4) == M2_PER_MU


@pytest.mark.slow
def test_without_land_codes_zones_or_people_nothing_is_told(town, drawn):
    area = town((0, 0, 100, 100, None))
    for measure in (land_per_capita(area, "R"), industrial_land(area)):
        assert not measure.has_data
        assert "declare `codes`" in measure.needs[0].en
    plain = dataclasses.replace(area, land_use=None)
    assert not land_per_capita(plain, "R").has_data
    assert not industrial_land(plain).has_data
    assert "development_zones" in industrial_land_in_development_zones(area).needs[0].en
    nobody = town((0, 0, 100, 100, "residential"), people=(0.0, 0.0))
    assert not land_per_capita(nobody, "R").has_data
    with pytest.raises(InputError, match="is not one of"):
        land_per_capita(area, "Z")
    with pytest.raises(InputError, match="no land_use layer"):
        land_table(plain)
    none = industrial_land_in_development_zones(
        town((0, 0, 9, 9, "park"), development_zones=drawn([box(0, 0, 9, 9)], name=["a"]))
    )
    assert not none.has_data


MEASURES = {  # and the layers each cannot be without
    sg.construction_land_per_capita: ("land_use", "population"),
    **{partial(land_per_capita, land_class=one): ("land_use", "population") for one in LAND_CLASSES},
    industrial_land: ("land_use",),
    industrial_land_in_development_zones: ("land_use", "development_zones"),
}


@pytest.mark.slow
@pytest.mark.parametrize("measure", MEASURES)
def test_a_missing_layer_is_named_and_the_measure_stays_what_it_is(town, drawn, measure):
    zone = drawn([box(0, 0, 50, 100)], name=["a"])
    squares = [(0, 200 * k, 100, 100, group) for k, group in enumerate(("industrial", "residential", "park"))]
    full, bare = town(*squares, development_zones=zone), town((0, 0, 100, 100, "urban"), development_zones=zone)
    none = town((0, 0, 100, 100, None), development_zones=zone)
    known = measure(full)
    found = {layer: measure(dataclasses.replace(full, **{layer: None})) for layer in MEASURES[measure]}
    for layer, missing in found.items():
        assert [f"needs the layer {layer} (" in text.en for text in missing.needs] == [True]
    if measure is not sg.construction_land_per_capita:
        found |= {"groups": measure(none), "finer": measure(bare)}
        for why, said in (("groups", "declare `codes`"), ("finer", "give finer codes")):
            assert [said in text.en for text in found[why].needs] == [True]
    for missing in found.values():
        assert not missing.has_data
        assert (missing.key, missing.name_zh, missing.unit) == (known.key, known.name_zh, known.unit)
        assert missing.profile == known.profile == "land_use"
        kept = ("boundary", "class", "range_m2_per_person")
        assert missing.params == {key: known.params[key] for key in kept if key in known.params}


@pytest.mark.slow
def test_what_may_be_missing_leaves_the_number_open(town):
    area = dataclasses.replace(town((0, 0, 100, 100, "industrial")), incomplete=frozenset({"land_use"}))
    assert industrial_land(area).high == np.inf
    assert "the layer land_use may miss" in industrial_land(area).needs[0].en
    assert land_per_capita(area, "R").needs[0].en.startswith("the layer land_use (用地) holds nothing")
    homes = dataclasses.replace(town((0, 0, 100, 100, "residential")), incomplete=frozenset({"land_use"}))
    assert land_per_capita(homes, "R").high == np.inf
    whole = dataclasses.replace(area, land_use=None, boundary="construction_land")
    assert sg.construction_land_per_capita(whole).needs == ()


@pytest.mark.slow
def test_land_of_less_than_one_person_and_less_than_one_square_metre_for_each(town):
    """1 ha of park for half a person on the left, nobody's on the right; and 1 ha for 20,000 people."""
    few = town((0, 0, 100, 100, "park"), (1000, 0, 200, 100, "park"), people=(0.5, 0.0))
    for measure in (sg.construction_land_per_capita(few), land_per_capita(few, "G1")):
        assert (measure.low, measure.value, measure.high) == (60_000, 60_000, 60_000)
        assert measure.by_zone.iloc[0] == 20_000
        assert np.isnan(measure.by_zone.iloc[1])
    many = sg.construction_land_per_capita(town((0, 0, 100, 100, "park"), people=(10_000.0, 10_000.0)))
    assert many.value == 0.5
    assert many.params["reciprocal_density_person_per_km2"] == 2_000_000


@pytest.mark.slow
def test_pieces_of_land_say_what_they_are_a_part_of(town, drawn):
    area = town(
        (900, 0, 200, 100, "industrial"),
        (0, 500, 100, 100, "park"),
        development_zones=drawn([box(0, 0, 2000, 50)], name=["a"]),
    )
    outline = dataclasses.replace(area, land_use=None, boundary="construction_land")
    for measure, part, zones in (
        (sg.construction_land_per_capita(area), "construction_land", ["1", "1", "2"]),
        (sg.construction_land_per_capita(outline), "construction_land", []),
        (land_per_capita(area, "G"), "land_class", ["1"]),
        (industrial_land(area), "land_class", ["1", "2"]),
        (industrial_land_in_development_zones(area), "land_class", ["1", "2"]),
    ):
        assert set(measure.evidence["part"]) == {part}
        assert sorted(measure.evidence.get("zone_id", [])) == zones


@pytest.mark.slow
def test_more_people_can_only_lower_land_per_person_and_more_land_only_raise_it(town):
    area = town((0, 0, 500, 400, "residential"))  # 20 ha for 4000: 50
    for layer, low, high in (("population", 0.0, 50.0), ("land_use", 50.0, np.inf)):
        homes = land_per_capita(dataclasses.replace(area, incomplete=frozenset({layer})), "R")
        assert (homes.low, homes.value, homes.high) == (low, pytest.approx(50), pytest.approx(high))
        assert f"the layer {layer} may miss" in homes.needs[0].en
    land = sg.construction_land_per_capita(dataclasses.replace(area, incomplete=frozenset({"population", "land_use"})))
    assert (land.low, land.high) == (0.0, pytest.approx(2_000_000 / 4000))
    assert [name in text.en for name, text in zip(("land_use", "population"), land.needs, strict=True)] == [True, True]
    sure = sg.construction_land_per_capita(area)
    assert (sure.low, sure.value, sure.high, sure.needs) == (50.0, 50.0, 50.0, ())


@pytest.mark.slow
def test_construction_land_by_zone_and_what_is_short(town):
    area = town((0, 0, 500, 400, "residential"), (400, 0, 200, 100, "park"), (900, 500, 400, 100, "water", False))
    land = sg.construction_land_per_capita(area)  # 20 ha and 1 ha more of park, all in the first zone
    assert land.value == pytest.approx(210_000 / 4000)
    assert land.by_zone.to_dict() == {"1": pytest.approx(210), "2": 0}
    assert shortfall(land, 10.0) == pytest.approx(4)  # 10 m² for each of 4000 are 4 ha
    assert land.params["construction_land_ha"] == pytest.approx(21)
    assert land.params["persons"] == 4000
    assert land.params["zone_density_person_per_km2"] == pytest.approx(2000)
    assert land.evidence["area_ha"].sum() == pytest.approx(21)
    assert land.evidence["zone_id"].tolist() == ["1"]
    assert land.breakdown.loc["water", "ha"] == pytest.approx(4)
    assert "19,048 persons/km² but the density over the zones is 2,000" in land.notes[0].en
    for text in (land.notes[0].zh, land.notes[0].en):
        assert "0.21 km" in text
        assert "2.00 km" in text


@pytest.mark.slow
def test_the_outline_stands_for_the_land_only_where_it_is_declared_to_and_no_map_is_given(town):
    area = town((0, 0, 500, 400, "residential"))
    outline = dataclasses.replace(area, boundary="construction_land")
    assert sg.construction_land_per_capita(outline).profile == "land_use"
    assert sg.construction_land_per_capita(outline).value == pytest.approx(50)
    whole = sg.construction_land_per_capita(dataclasses.replace(outline, land_use=None))
    assert (whole.profile, whole.value) == ("zone_outline", pytest.approx(500))
    assert whole.by_zone.tolist() == pytest.approx([1000, 1e6 / 3000])
    missing = sg.construction_land_per_capita(dataclasses.replace(area, land_use=None))
    assert not missing.has_data
    assert "needs the layer land_use" in missing.needs[0].en


@pytest.mark.slow
@pytest.mark.parametrize("boundary", ["built_up", "construction_land"])
def test_where_nobody_lives_there_is_no_land_per_person(town, boundary):
    area = dataclasses.replace(town((0, 0, 9, 9, "park"), people=(0.0, 0.0)), boundary=boundary)
    for nobody in (area, dataclasses.replace(area, land_use=None, boundary="construction_land")):
        land = sg.construction_land_per_capita(nobody)
        assert not land.has_data
        assert np.isnan([land.low, land.high]).all()
        assert land.by_zone.isna().all()
    half = town((0, 0, 100, 100, "park"), (1000, 0, 100, 100, "park"), people=(0.0, 2000.0))
    assert sg.construction_land_per_capita(half).by_zone.isna().tolist() == [True, False]
    assert land_per_capita(half, "G1").by_zone.isna().tolist() == [True, False]
    assert land_per_capita(half, "G1").value == pytest.approx(10)


@pytest.mark.slow
def test_a_layer_that_is_given_and_empty_is_zero(town, drawn):
    area = town(development_zones=drawn([box(0, 0, 9, 9)], name=["a"]))
    assert sg.construction_land_per_capita(area).value == 0
    assert [land_per_capita(area, one).value for one in LAND_CLASSES] == [0] * 5
    assert (industrial_land(area).value, industrial_land(area).high) == (0, 0)
    assert industrial_land(area).breakdown.loc["mu_in_development_zones", "whole"] == 0
    assert land_table(area).empty
    none = town((0, 0, 100, 100, "industrial"), development_zones=drawn([], name=[]))
    assert industrial_land_in_development_zones(none).value == 0


@pytest.mark.slow
def test_land_outside_the_zones_does_not_count(town):
    area = town((900, 900, 200, 200, "industrial"), (3000, 0, 500, 500, "industrial"), (3000, 0, 500, 500, "park"))
    assert industrial_land(area).value == pytest.approx(30)  # 2 ha of 4 on the edge
    assert industrial_land(area).by_zone.tolist() == pytest.approx([15, 15])
    assert land_per_capita(area, "G1").value == 0
    assert sg.construction_land_per_capita(area).value == pytest.approx(5)


def test_an_administrative_outline_counts_villagers_and_maybe_their_land(town):
    """A town of 1000 has 10 ha, 100 for each; villages of 3000 have 50 ha of works and lanes: 150 for each together."""
    homes, lanes = (0, 0, 500, 200, "residential", True), (1000, 0, 1000, 500, "roads", True)
    area = dataclasses.replace(town(homes, lanes), boundary="administrative")
    for measure, value in ((sg.construction_land_per_capita(area), 150), (land_per_capita(area, "S"), 125)):
        assert (measure.low, measure.value, measure.high) == (0, value, np.inf)
        assert "villagers are counted, and land of villages may be" in measure.needs[0].en
    assert land_per_capita(area, "S").notes[0].en.endswith("but the data leave it open")


@pytest.mark.slow
def test_land_of_towns_over_people_of_towns_and_villages_is_the_least_there_is(town):
    homes = (0, 0, 500, 400, "residential", True, "201")
    area = dataclasses.replace(town(homes, (1000, 0, 500, 500, "residential", False, "203")), boundary="administrative")
    for measure in (sg.construction_land_per_capita(area), land_per_capita(area, "R")):
        assert (measure.low, measure.value, measure.high) == (50.0, 50.0, np.inf)
        assert "villagers are counted, so urban land per person comes out too low" in measure.needs[0].en
    assert "above the planning range" in land_per_capita(area, "R").notes[0].en  # and more would be above, too
    assert "leave it open" not in land_per_capita(area, "R").notes[0].en
    few = dataclasses.replace(area, incomplete=frozenset({"population"}))
    assert [sg.construction_land_per_capita(few).low, land_per_capita(few, "R").low] == [0, 0]


@pytest.mark.slow
def test_what_a_planner_calls_construction_land_may_be_of_villages(town):
    """20 ha of homes in the city and 28 ha of a village, all marked as construction land: 120 for each, or 50, or more."""
    city, village = (0, 0, 500, 400, "residential", True, " 202a "), (1000, 0, 700, 400, "residential")
    for scope in ("203", None):
        area = dataclasses.replace(town(city, (*village, True, scope)), boundary="administrative")
        land = sg.construction_land_per_capita(area)
        assert (land.low, land.value, land.high) == (0, 120, np.inf)
        assert "land of villages may be" in land.needs[0].en
        told = dataclasses.replace(town(city, (*village, False, scope)), boundary="administrative")
        assert sg.construction_land_per_capita(told).low == 50


@pytest.mark.slow
@pytest.mark.parametrize(
    ("columns", "high"), [({}, 125), ({"construction": [True, False]}, 50), ({"czcsxm": ["201", "203"]}, 50)]
)
def test_homesteads_of_a_survey_count_surely_only_where_it_says_of_which_place_they_are(town, drawn, columns, high):
    """20 ha of homes and 30 ha of homesteads for 4000 people: 50 m² each, or 125 where the village is of the city."""
    shapes = [box(0, 0, 500, 400), box(1000, 0, 1500, 600)]
    survey = Read(drawn(shapes, land_class=["0701", "0702"], **columns))
    read = classified(survey, codes="sd2019", what=alike("layer land_use"))
    area = dataclasses.replace(town(), land_use=read.layer)
    for measure in (sg.construction_land_per_capita(area), land_per_capita(area, "R")):
        assert (measure.low, measure.value, measure.high) == (50, 50, high)
        assert [text.en[:12] for text in measure.needs] == ["30.0 ha more"] * (high > 50)
    assert land_per_capita(area, "A").high == 0
    wide = sg.construction_land_per_capita(dataclasses.replace(area, boundary="administrative"))
    assert (wide.low, wide.high) == (50 if "czcsxm" in columns else 0, np.inf)


@pytest.mark.slow
def test_homesteads_inside_a_city_may_be_homes(town):
    """10 ha of homes and 10 ha of a village inside the city for 4000 people: 25 m² each, or 50."""
    inside = town((0, 0, 500, 200, "residential"), (0, 500, 500, 200, "rural_homes"))
    homes = land_per_capita(inside, "R")
    assert (homes.low, homes.value, homes.high) == pytest.approx((25, 25, 50))
    assert homes.notes[0].en.startswith("within")
    assert homes.notes[0].en.endswith("but the data leave it open")
    assert "10.0 ha more" in homes.needs[0].en
    assert land_per_capita(inside, "A").high == 0
    outside = town((0, 0, 500, 200, "residential"), (0, 500, 500, 200, "rural_homes", False))
    assert (land_per_capita(outside, "R").high, land_per_capita(outside, "R").needs) == (25, ())
    alone = land_per_capita(town((0, 500, 500, 200, "rural_homes"), (0, 0, 500, 200, "roads")), "R")
    assert not alone.has_data
    assert "homesteads of villages inside the city" in alone.needs[0].en
    for word, known in (("", False), ("203", True)):  # nobody knows whether it is of the city; a village
        unsaid = town((0, 500, 500, 200, "rural_homes", False, word), (0, 0, 500, 200, "roads"))
        assert land_per_capita(unsaid, "R").has_data == known


@pytest.mark.slow
def test_a_word_that_is_no_czcsxm_leaves_open_whether_land_is_of_the_town(town):
    """10 ha in the city; 10 ha of homes, 2 of a homestead, 1 of works and 1 of no class with words that say nothing."""
    strange = (
        *((0, 500, 500, 200, "residential", False, "城市"), (0, 800, 100, 200, "rural_homes", False, "20")),
        *((500, 500, 100, 100, "industrial", False, "城市"), (700, 500, 100, 100, "urban", False, "城市")),
    )
    area = town((0, 0, 500, 200, "residential", True, "201"), *strange, (900, 500, 100, 100, "water", False, "城市"))
    land, homes, works = sg.construction_land_per_capita(area), land_per_capita(area, "R"), industrial_land(area)
    assert (land.low, land.value, land.high) == pytest.approx((25, 25, 60))
    assert "14.0 ha more are of no known group or czcsxm" in land.needs[0].en
    assert (homes.low, homes.value, homes.high) == pytest.approx((25, 25, 57.5))
    assert (works.value, works.high) == pytest.approx((15, 30))
    for word in (None, "203", " 203a "):
        told = town((0, 0, 500, 200, "residential", True, "201"), *((*row[:6], word) for row in strange))
        assert sg.construction_land_per_capita(told).high == 25
        assert land_per_capita(told, "R").high == 25


@pytest.mark.slow
def test_measures_say_what_they_are(town, drawn):
    area = town((0, 0, 100, 100, "industrial"), development_zones=drawn([box(0, 0, 50, 100)], name=["a"]))
    land, homes = sg.construction_land_per_capita(area), land_per_capita(area, "R")
    works, share = industrial_land(area), industrial_land_in_development_zones(area)
    assert {m.key: (m.unit, m.shortfall_unit) for m in (land, homes, works, share)} == {
        "construction_land_per_capita": ("m2/person", "ha"),
        "land_per_capita.R": ("m2/person", "ha"),
        "industrial_land": ("mu", "mu"),
        "industrial_land_in_development_zones": ("share", "ha"),
    }
    assert land.params["boundary"] == "built_up"
    assert homes.params == {"class": "R", "range_m2_per_person": [23.0, 36.0]}
    assert "4.3" in homes.basis
    assert works.params == {"m2_per_mu": pytest.approx(666.6667)}
    assert works.breakdown.index.name == "industrial_land"
    assert [note.en.startswith("all industrial land: a map cannot tell") for note in works.notes] == [True]
    assert works.basis.zh == share.basis.zh == "用地用海分类指南 1001 / 三调 0601 / GB 50137 M"


@pytest.mark.parametrize(("width", "notes"), [(985, 0), (970, 1), (1000, 0)])
def test_denominators_a_hundredth_apart_are_told(town, width, notes):
    area = town((0, 0, 1000, 1000, "residential"), (1000, 0, width, 1000, "residential"))  # 1.985 of 2 km² are 0.8 %
    assert len(sg.construction_land_per_capita(area).notes) == notes


@pytest.mark.slow
@pytest.mark.parametrize(("width", "open_"), [(0.5, False), (2, True)])
def test_less_than_a_square_metre_of_unknown_land_is_rounding(town, width, open_):
    area = town((0, 0, 100, 100, "industrial"), (500, 500, width, 1, None, False))
    for measure in (industrial_land(area), sg.construction_land_per_capita(area)):
        assert (measure.high > measure.value) == open_
        assert bool(measure.needs) == open_
    lumped = town((0, 0, 100, 100, "roads"), (500, 500, width, 1, "urban"))
    for measure in (industrial_land(lumped), land_per_capita(lumped, "G1")):
        assert measure.has_data != open_
    little = industrial_land(town((0, 0, width / 2, 1, "industrial"), (0, 500, 100, 100, "urban")))
    assert (little.value, little.high) == pytest.approx((width / 2 * 0.0015, 15 + width / 2 * 0.0015))


def test_shares_are_of_the_construction_land_where_groups_overlap_too(town):
    """A square of 1 ha is drawn both as shops and homes, one beside it as homes: of 2 ha homes have all, shops half."""
    table = land_table(town((0, 0, 200, 100, "residential"), (0, 0, 100, 100, "commercial")))
    assert table["share_of_construction"].to_dict() == pytest.approx({"residential": 1.0, "commercial": 0.5})


@pytest.mark.slow
def test_land_in_no_group_may_be_of_any(town, drawn):
    parks = drawn([box(0, 0, 1000, 200)], name=["开发区"])
    area = town(
        (0, 0, 100, 300, "industrial"),  # 2 ha in the development zone, 1 ha outside
        (50, 0, 100, 200, None, False),  # 1 ha apart from it, in the development zone
        (200, 200, 100, 100, "x", False),  # 1 ha outside
        (400, 400, 100, 100, "residential"),
        development_zones=parks,
    )
    land = industrial_land(area)
    assert (land.value, land.low, land.high) == (pytest.approx(45), 0, pytest.approx(75))
    assert "2.0 ha more are of no known group" in land.needs[0].en
    share = industrial_land_in_development_zones(area)
    assert (share.low, share.value, share.high) == pytest.approx((2 / 4, 2 / 3, 3 / 4))
    assert "2.0 ha more" in share.needs[0].en
    homes = land_per_capita(area, "R")
    assert (homes.low, homes.value, homes.high) == pytest.approx((2.5, 2.5, 10))  # 3 ha are none of homes
    assert "below the planning range of GB 50137 (23–36 m²/person)" in homes.notes[0].en
    whole = sg.construction_land_per_capita(area)
    assert (whole.low, whole.value, whole.high) == pytest.approx((10, 10, 15))
    assert "2.0 ha more" in whole.needs[0].en
    assert land_table(area).loc["unknown", "ha"] == pytest.approx(3)  # a word that is no group is not lost
    plain = town(
        (0, 0, 100, 300, None), (500, 0, 100, 100, None, False)
    )  # no groups at all: the layer says what is built
    sure = sg.construction_land_per_capita(plain)
    assert (sure.value, sure.high, sure.needs) == (pytest.approx(7.5), sure.value, ())
    unsure = dataclasses.replace(area, incomplete=frozenset({"development_zones"}))
    assert (industrial_land_in_development_zones(unsure).low, industrial_land_in_development_zones(unsure).high) == (
        0,
        1,
    )


@pytest.mark.slow
def test_land_in_no_group_outside_the_zones_or_under_the_class_opens_nothing(town, drawn):
    parks = drawn([box(0, 0, 1000, 200)], name=["开发区"])
    area = town(
        (0, 0, 100, 300, "industrial"), (0, 0, 100, 100, None), (3000, 0, 100, 100, None), development_zones=parks
    )
    for measure in (
        industrial_land(area),
        industrial_land_in_development_zones(area),
        sg.construction_land_per_capita(area),
    ):
        assert measure.high == measure.value
        assert measure.needs == ()


@pytest.mark.slow
def test_parks_beside_green_that_is_not_told_apart_are_the_least_there_are(town):
    area = town((0, 0, 100, 200, "park"), (0, 500, 200, 200, "green"), (500, 500, 200, 200, "green", False))
    parks = land_per_capita(area, "G1")
    assert (parks.low, parks.value, parks.high) == pytest.approx((5, 5, 15))
    assert parks.notes[0].en.endswith("(≥8 m²/person), but the data leave it open")
    elsewhere = town((3000, 0, 100, 100, "park"), (0, 500, 200, 200, "green"))
    assert not land_per_capita(elsewhere, "G1").has_data
    assert "finer codes" in land_per_capita(elsewhere, "G1").needs[0].en
    for none in (
        town((0, 0, 9, 9, "roads"), (3000, 0, 9, 9, "green")),
        town((0, 0, 9, 9, "roads"), (0, 9, 9, 9, "green", False)),
    ):
        assert (land_per_capita(none, "G1").value, land_per_capita(none, "G1").high) == (0, 0)
    greens = land_per_capita(town((0, 0, 100, 200, "green")), "G")
    assert (greens.value, greens.high) == (5, 5)


@pytest.mark.slow
def test_a_city_drawn_as_one_has_no_classes_to_tell(town, drawn):
    area = town((0, 0, 500, 800, "urban"), development_zones=drawn([box(0, 0, 9, 9)], name=["a"]))
    assert (
        sg.construction_land_per_capita(area).value == sg.construction_land_per_capita(area).high == pytest.approx(100)
    )
    measures = [land_per_capita(area, one) for one in LAND_CLASSES]
    for measure in (*measures, industrial_land(area), industrial_land_in_development_zones(area)):
        assert not measure.has_data
        assert "not told apart into classes" in measure.needs[0].en
    both = town((0, 0, 500, 800, "urban"), (500, 0, 100, 100, "industrial"), (600, 0, 100, 100, "residential"))
    assert (industrial_land(both).value, industrial_land(both).high) == pytest.approx((15, 615))
    assert land_per_capita(both, "R").high == pytest.approx(102.5)


@pytest.mark.parametrize(
    ("hectares", "word"), [(9.1, "below"), (9.2, "within"), (12, "within"), (14.4, "within"), (14.5, "above")]
)
def test_the_ends_of_a_planning_range_belong_to_it(town, hectares, word):
    area = town((0.1, 0.3, hectares * 100 / 3, 300, "residential"))  # 23 and 36 m² for each of 4000 are 9.2 and 14.4 ha
    assert land_per_capita(area, "R").notes[0].en.startswith(f"{word} the planning range")


def test_classes_by_zone_carry_what_is_short_and_their_pieces(town):
    area = town((900, 0, 200, 100, "roads"), (950, 50, 100, 100, "roads"))
    streets = land_per_capita(area, "S")  # 2 ha and half a hectare more on top, astride the border
    assert streets.by_zone.to_dict() == {"1": pytest.approx(12.5), "2": pytest.approx(12_500 / 3000)}
    assert shortfall(streets, 1.0) == pytest.approx(0.4)
    assert streets.evidence.groupby("zone_id")["area_ha"].sum().to_dict() == pytest.approx({"1": 1.25, "2": 1.25})
    assert streets.breakdown.loc["roads", "ha"] == pytest.approx(2.5)
    assert streets.shortfall_unit == "ha"


@pytest.mark.slow
def test_industrial_land_has_every_unit_and_is_no_verdict_when_large(town, drawn):
    area = town(
        (0, 0, 100, 100, "industrial"), (50, 0, 100, 100, "industrial", False), (1500, 0, 200, 100, "industrial")
    )
    land = industrial_land(area)  # 1.5 ha and 2 ha; villages' industry counts, too
    rows = {"m2": [35_000, 15_000, 20_000], "mu": [52.5, 22.5, 30], "ha": [3.5, 1.5, 2]}
    for unit, row in rows.items():
        assert land.breakdown.loc[unit].tolist() == pytest.approx(row)
    assert list(land.breakdown.columns) == ["whole", "1", "2"]
    assert "mu_in_development_zones" not in land.breakdown.index
    assert (land.low, land.high) == (0, land.value)
    assert land.evidence["area_ha"].sum() == pytest.approx(3.5)
    zone = drawn([box(0, 0, 2000, 50)], name=["a"])
    half = dataclasses.replace(area, development_zones=zone)
    share = industrial_land_in_development_zones(half)
    assert (share.low, share.value, share.high) == (share.value, pytest.approx(0.5), share.value)
    assert shortfall(share, 0.1) == pytest.approx(0.35)
    assert share.evidence["area_ha"].sum() == pytest.approx(1.75)
    for layer in ("land_use", "development_zones"):
        open_ = industrial_land_in_development_zones(dataclasses.replace(half, incomplete=frozenset({layer})))
        assert (open_.low, open_.high) == (0, 1)
        assert layer in open_.needs[0].en
    people = industrial_land_in_development_zones(dataclasses.replace(half, incomplete=frozenset({"population"})))
    assert (people.low, people.high, people.needs) == (0.5, 0.5, ())


@pytest.mark.slow
def test_half_a_square_metre_of_industry_is_industry_and_none_has_no_share(town, drawn):
    parks, works, unknown = (
        drawn([box(0, 0, 1000, 400)], name=["a"]),
        (0, 0, 1, 0.5, "industrial"),
        (0, 500, 100, 0.1, None),
    )
    little = industrial_land_in_development_zones(town(works, development_zones=parks))
    assert (little.low, little.value, little.high) == (0, 1, 1)
    assert little.thin.en == "0 ha of industrial land"
    assert little.by_zone.isna().tolist() == [False, True]
    maybe = industrial_land_in_development_zones(town(works, unknown, development_zones=parks))  # 0.5 m² and 10 m²
    assert (maybe.low, maybe.value, maybe.high) == (0, 1, 1)
    none = industrial_land_in_development_zones(town((0, 0, 9, 9, "park"), unknown, development_zones=parks))
    assert np.isnan([none.value, none.low, none.high]).all()


@pytest.mark.slow
def test_the_invented_city(invented_city):
    area = invented_city.area
    truth = json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))["land_ha_by_class"]
    persons = 600_000
    assert industrial_land(area).value == pytest.approx(truth["工业用地"] * 15, rel=1e-4)
    by_class = {"R": ["城镇住宅用地"], "G1": ["公园绿地"], "S": ["城镇村道路用地"]}
    for land_class, names in by_class.items():
        wanted = sum(truth[name] for name in names) * 1e4 / persons
        assert land_per_capita(area, land_class).value == pytest.approx(wanted, rel=1e-4)
    assert set(by_class) <= set(LAND_CLASSES)
    assert land_table(area)["m2"].sum() == pytest.approx(sum(truth.values()) * 1e4, rel=1e-4)
