"""Green inside compounds (附属绿地) is no open park, and what nobody knows of it is a range."""

import numpy as np
import pytest
from shapely import box

import suizhou_geo as sg
from suizhou_geo.measures.green import park_area_per_capita, pocket_parks, river_green
from suizhou_geo.measures.parks import open_parks

PARKS = [box(0, 0, 100, 100), box(600, 600, 700, 700)]  # a hectare each, the first inside the compound
COMPOUND = box(0, 0, 200, 200)


@pytest.fixture
def town(drawn):
    """One km² with 1000 people, homes in the compound's corner, the two parks; `gated` None: no compounds are given."""

    def build(*, gated="none given", parks=PARKS, names=(None, None), **layers):
        zones = drawn([box(0, 0, 1000, 1000)], name=["甲"]).set_index(np.array(["1"]))
        if gated != "none given":
            layers["compounds"] = drawn([COMPOUND], gated=np.array([gated], dtype=object))
        return sg.StudyArea(
            "t",
            zones,
            parks=drawn(parks, name=np.array(names, dtype=object)),
            residential=drawn([box(100, 100, 200, 200)] if "homes" not in layers else layers.pop("homes")),
            population=drawn([box(0, 0, 1000, 1000)], persons=[1000.0]),
            **layers,
        )

    return build


@pytest.mark.parametrize(
    ("gated", "value", "low", "high", "told"),
    [
        (True, 10.0, 10.0, 10.0, "in gated compounds"),
        (False, 20.0, 20.0, 20.0, None),
        (None, 10.0, 10.0, 20.0, "of which nobody says"),
    ],
)
def test_parks_a_head_by_what_is_said_of_the_compound(town, gated, value, low, high, told):
    measure = park_area_per_capita(town(gated=gated))
    assert (measure.value, measure.low, measure.high) == pytest.approx((value, low, high))
    said = [text.en for text in (*measure.needs, *measure.notes)]
    assert [text.startswith("1.00 ha") and told in text for text in said] == [True] * (told is not None)


@pytest.mark.parametrize(("gated", "ends"), [(True, (0, 0)), (False, (1, 1)), (None, (0, 1))])
@pytest.mark.parametrize("of", ["land", "persons"])
def test_coverage_by_what_is_said_of_the_compound(town, gated, ends, of):
    measure = sg.park_coverage(town(gated=gated, parks=PARKS[:1], names=[None]), of=of)
    assert (measure.value, measure.low, measure.high) == pytest.approx((ends[0], *ends))


def test_only_what_lies_inside_is_cut_out(town):
    across = [box(100, 0, 300, 100)]  # half in the compound
    parks = open_parks(town(gated=True, parks=across, names=["街心公园"]))
    assert parks.area.tolist() == pytest.approx([10_000])
    assert parks["name"].tolist() == ["街心公园"]
    assert open_parks(town(gated=True, parks=[box(200, 0, 300, 100)], names=[None])).area.sum() == pytest.approx(10_000)


@pytest.mark.slow
def test_without_compounds_a_nameless_park_among_homes_is_a_range(town, drawn):
    homes = drawn([COMPOUND])
    area = town().replace(residential=homes)
    assert _range(park_area_per_capita(area)) == pytest.approx((20, 10, 20))
    assert _range(sg.park_coverage(town(parks=PARKS[:1], names=[None]).replace(residential=homes))) == pytest.approx(
        (1, 0, 1)
    )
    for names in (["沿河公园", None], ["沿河公园", "文峰公园"]):
        measure = park_area_per_capita(town(names=names).replace(residential=homes))
        assert (*_range(measure), measure.needs) == (pytest.approx(20), pytest.approx(20), pytest.approx(20), ())
    assert _range(park_area_per_capita(town(names=[" ", None]).replace(residential=homes))) == pytest.approx(
        (20, 10, 20)
    )


def _range(measure):
    return measure.value, measure.low, measure.high


@pytest.mark.slow
def test_the_other_measures_of_green_leave_it_out_too(town, drawn):
    river = drawn([box(0, -20, 1000, 0)], kind=["river"])
    for gated, parks, share in ((True, 0, 0.0), (False, 1, 0.1)):
        area = town(gated=gated, parks=[box(0, 0, 90, 90)], names=[None], barriers=river)
        assert pocket_parks(area).value == parks
        assert (river_green(area).value > 0) == (share > 0)


def test_a_park_nobody_may_enter_stays_out_whatever_the_compound(town):
    area = town(gated=False)
    closed = area.replace(parks=area.parks.assign(open_public=[False, True]))
    assert _range(park_area_per_capita(closed)) == pytest.approx((10, 10, 10))
