"""What a study area refuses, and that LAYERS and StudyArea name the same layers."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, Polygon, box

from suizhou_geo.errors import LayerError, PlanError
from suizhou_geo.model import Plan, Target
from suizhou_geo.study_area import StudyArea
from suizhou_geo.study_area.layers import LAYERS

KM = 1000


def _zones(drawn, *shapes):
    shapes = shapes or (box(0, 0, KM, KM), box(KM, 0, 2 * KM, KM))
    return drawn(shapes, name=[f"z{i}" for i in range(len(shapes))], role=["main_city"] * len(shapes))


def test_every_layer_is_a_field():
    fields = {field.name for field in dataclasses.fields(StudyArea)}
    assert set(LAYERS) <= fields
    assert fields - set(LAYERS) == {"name", "boundary", "incomplete", "surveyed", "invented", "english"}


def test_truth_values_kept_as_words_are_truth_values(drawn):
    line = [LineString([(0, 5), (9, 5)])] * 3
    area = StudyArea("t", _zones(drawn), roads=drawn(line, road_class="branch", bridge=["True", "false", None]))
    assert area.roads["bridge"].tolist() == [True, False, False]
    with pytest.raises(LayerError, match="column bridge: row 0 holds 'maybe', wanted True or False"):
        area.replace(roads=drawn(line, road_class="branch", bridge=["maybe", "True", "True"]))


def test_defaults_are_filled_and_other_columns_dropped(drawn):
    area = StudyArea(
        "t", _zones(drawn), roads=drawn([LineString([(0, 5), (9, 5)])], road_class=["branch"], colour=["red"])
    )
    assert list(area.roads.columns) == [*LAYERS["roads"].columns, "geometry"]
    assert area.roads["oneway"].tolist() == [None]
    assert area.parks is None


@pytest.mark.parametrize(
    ("layer", "shape", "columns", "words"),
    [
        ("roads", Point(1, 1), {"road_class": ["branch"]}, "layer roads, row 0: geometry is Point"),
        ("roads", LineString([(0, 0), (1, 1)]), {}, "layer roads has no column road_class"),
        ("roads", LineString([(0, 0), (1, 1)]), {"road_class": [None]}, "column road_class: row 0 is empty"),
        ("population", box(0, 0, 9, 9), {"persons": [-3]}, "row 0 holds '-3'"),
        ("population", box(0, 0, 9, 9), {"persons": ["many"]}, "row 0 holds 'many'"),
        ("population", box(0, 0, 9, 9), {"persons": [np.inf]}, "row 0 holds 'inf'"),
        ("parks", Polygon(), {}, "row 0: geometry is Polygon"),
        ("parks", box(50_000, 0, 50_100, 100), {}, "layer parks lies 48 km from the zones"),
    ],
)
def test_bad_layers_are_refused(drawn, layer, shape, columns, words):
    with pytest.raises(LayerError, match=words):
        StudyArea("t", _zones(drawn), **{layer: drawn([shape], **columns)})


@pytest.mark.parametrize(
    ("layer", "column"), [("chargers", "count"), ("parking", "spaces"), ("communities", "households")]
)
def test_amounts_below_zero_are_refused_and_unknown_ones_are_not(drawn, layer, column):
    shapes = [box(0, 0, 9, 9), box(9, 0, 18, 9)] if layer == "communities" else [Point(1, 1), Point(2, 2)]
    names = ["甲", "乙"]
    known = StudyArea("t", _zones(drawn), **{layer: drawn(shapes, name=names, **{column: [0.0, np.nan]})})
    assert len(getattr(known, layer)) == 2
    with pytest.raises(
        LayerError, match=f"layer {layer}, column {column}: row 1 holds -999, wanted a .*of zero or more"
    ):
        StudyArea("t", _zones(drawn), **{layer: drawn(shapes, name=names, **{column: [5.0, -999.0]})})


def test_a_layer_just_outside_the_zones_is_no_other_place(drawn):
    area = StudyArea("t", _zones(drawn), parks=drawn([box(3 * KM, 0, 3.1 * KM, 100)]))
    assert len(area.parks) == 1


def test_bad_zones_are_refused(drawn):
    with pytest.raises(LayerError, match=r"z0 and z1 overlap by 10\.00 ha"):
        StudyArea("t", _zones(drawn, box(0, 0, KM, KM), box(KM - 100, 0, 2 * KM, KM)))
    with pytest.raises(LayerError, match="Self-intersection"):
        StudyArea("t", _zones(drawn, Polygon([(0, 0), (KM, KM), (KM, 0), (0, KM)])))
    with pytest.raises(LayerError, match="zones is empty"):
        StudyArea("t", _zones(drawn).iloc[:0])
    with pytest.raises(LayerError, match="role 'suburb' is not one of"):
        StudyArea("t", _zones(drawn).assign(role="suburb"))
    with pytest.raises(LayerError, match="stands twice"):
        StudyArea("t", _zones(drawn).set_index(np.array(["a", "a"])))


def test_a_sliver_between_zones_is_no_overlap(drawn):
    assert len(StudyArea("t", _zones(drawn, box(0, 0, KM, KM), box(KM - 0.5, 0, 2 * KM, KM))).zones) == 2


@pytest.mark.slow
def test_layers_in_another_system_are_refused(drawn):
    roads = drawn([LineString([(0, 0), (1, 1)])], road_class=["branch"])
    with pytest.raises(LayerError, match="bring both into one system"):
        StudyArea("t", _zones(drawn), roads=roads.to_crs(32649))
    with pytest.raises(LayerError, match="layer roads has no coordinate system"):
        StudyArea("t", _zones(drawn), roads=gpd.GeoDataFrame(roads, crs=None).set_crs(None, allow_override=True))


def _target(**changes):
    given = {
        "key": "k",
        "name_zh": "名",
        "name_en": "name",
        "op": "<=",
        "value": 1.0,
        "unit": "share",
        "year": 2025,
        "clause": "一",
        "quote": "不超过1",
    }
    return Target(**(given | changes))


def test_targets_and_plans_refuse_nonsense():
    with pytest.raises(PlanError, match="op '~' is not one of"):
        _target(op="~")
    with pytest.raises(PlanError, match="quote is empty"):
        _target(quote=" ")
    with pytest.raises(PlanError, match="the key k stands twice"):
        Plan("p", "甲", "a", "d", (_target(), _target()))
