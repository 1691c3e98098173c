"""What the outline of the zones stands for: densities over what holds open country carry no verdict."""

from typing import get_args

import geopandas as gpd
import numpy as np
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.study_area import StudyArea
from suizhou_geo.study_area.layers import BUILT, Boundary

CRS = "EPSG:4547"


def area(boundary):
    """1 km2 with one street of 1 km and 5,000 persons."""
    square = shapely.box(0, 0, 1000, 1000)
    zones = gpd.GeoDataFrame({"name": ["甲"], "role": ["main_city"]}, geometry=[square], crs=CRS, index=["1"])
    roads = gpd.GeoDataFrame(
        {"road_class": ["branch"]}, geometry=[shapely.LineString([(0, 500), (1000, 500)])], crs=CRS
    )
    people = gpd.GeoDataFrame({"persons": [5000.0]}, geometry=[square], crs=CRS)
    return StudyArea("城", zones, roads=roads, population=people, boundary=boundary)


@pytest.mark.slow
@pytest.mark.parametrize("boundary", get_args(Boundary))
def test_only_over_what_is_built_is_a_density_sure(boundary):
    for measure in (sg.road_density(area(boundary)), sg.population_density(area(boundary))):
        assert measure.value == pytest.approx(1 if measure.unit == "km/km2" else 5000)
        sure = boundary in BUILT
        assert (measure.low, measure.high) == ((measure.value, measure.value) if sure else (0.0, np.inf))
        said = [need for need in measure.needs if "built-up area" in need.en and "建成区" in need.zh]
        assert len(said) == (not sure)
    assert sg.population_density(area(boundary)).profile == boundary


@pytest.mark.parametrize(
    ("boundary", "zh", "en"),
    [
        ("urban_range", "城区范围", "urban range"),
        ("development_boundary", "城镇开发边界", "urban development boundary"),
    ],
)
def test_the_outline_is_called_by_its_name(boundary, zh, en, tmp_path):
    needs = sg.population_density(area(boundary)).needs
    assert any(zh in need.zh and en in need.en for need in needs)
    text = f'name = "t"\n[zones]\nbbox = [113.3, 31.7, 113.4, 31.8]\nboundary = "{boundary}"\n'
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert sg.read_study(tmp_path / "study.toml").area.boundary == boundary


@pytest.mark.slow
def test_densities_over_other_outlines_stand_beside_those_of_the_zones():
    """The western half holds 500 m of street and 2,500 persons; an outline beyond the zones is not measured."""
    shapes = [shapely.box(0, 0, 500, 1000), shapely.box(0, 250, 1000, 750), shapely.box(500, 0, 1500, 1000)]
    names = {"name": ["西", "中", "外"], "kind": ["built_up", "urban_range", "administrative"]}
    town = area("administrative").replace(outlines=gpd.GeoDataFrame(names, geometry=shapes, crs=CRS))
    roads, people = sg.road_density(town), sg.population_density(town)
    assert (roads.value, people.value) == (pytest.approx(1), pytest.approx(5000))
    told = {name: row["value"] for name, row in roads.params["outlines"].items()}
    assert told == {"西": pytest.approx(1), "中": pytest.approx(2), "外": pytest.approx(np.nan, nan_ok=True)}
    assert people.params["outlines"]["中"] == {"kind": "urban_range", "area_km2": 0.5, "value": pytest.approx(5000)}
    (said,) = [note for note in roads.notes if "other outlines" in note.en]
    assert "西 (built-up area, 0.50 km²) 1.00 km/km², 中 (urban range (城区范围), 0.50 km²) 2.00 km/km²" in said.en
    assert "外（行政范围）超出分区，未测" in said.zh
    assert "outlines" not in sg.road_density(town, profile="raw").params
    assert "outlines" not in sg.road_density(area("built_up")).params
