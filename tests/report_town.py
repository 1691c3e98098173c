"""A drawn town for the tests of the reports, small enough to know its numbers, and two figures for it."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
from matplotlib.figure import Figure
from shapely.geometry import LineString, box

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.errors.text import Text
from suizhou_geo.measures import measure_all
from suizhou_geo.model import Input
from suizhou_geo.outputs.figures import Sheet

KM = 1000.0
ORIGIN = (441_000.0, 3_507_000.0)
HOSTILE = '=1+1<script>alert("x")</script>&路'


def layer(shapes, **columns):
    """Shapes in metres from the corner of the town as a layer."""
    made = gpd.GeoDataFrame(columns, geometry=list(shapes), crs="EPSG:4547")
    return made.set_geometry(made.geometry.translate(*ORIGIN))


def town(**changes):
    """Two zones of 1 km²: 1.5 km of street in the west, 1 km in the east; 6,000 and 2,000 people; one park in the west.

    Density 1.25 km/km² of 8, so 13.5 km short: 6.5 in the west, 7 in the east. 4,000 persons/km². Homes 40 + 40 ha.
    """
    zones = layer(
        [box(0, 0, KM, KM), box(KM, 0, 2 * KM, KM)], name=["西城", "东区"], role=["main_city", "district"]
    ).set_index(np.array(["1", "2"]))
    streets = [
        LineString([(0, 500), (1000, 500)]),
        LineString([(1000, 500), (2000, 500)]),
        LineString([(500, 0), (500, 500)]),
    ]
    area = sg.StudyArea(
        "小城",
        zones,
        roads=layer(streets, road_class=["branch"] * 3, name=["汉东东路", "汉东东路", "编钟大道"]),
        parks=layer([box(100, 100, 200, 200)], name=["白云公园"]),
        residential=layer([box(0, 0, 1000, 400), box(1000, 0, 2000, 400)]),
        population=layer([box(0, 0, 1000, 400), box(1000, 0, 2000, 400)], persons=[6000, 2000]),
    )
    return replace(area, **changes)


def study_of(area, *, plan="suizhou_2025", findings=("layer roads: something odd",)):
    """The study of an area as if it had been read from files."""
    inputs = (
        Input("study", "study.toml", "a" * 64, "2024-05-01T08:00:00+00:00", 100, None),
        Input(
            "osm",
            "town.osm.pbf",
            "b" * 64,
            "2024-04-30T08:00:00+00:00",
            200,
            3,
            "2024-03-31T00:00:00Z",
        ),
        Input("population", "people.gpkg", "c" * 64, "2024-04-01T08:00:00+00:00", 300, 2, "2020"),
    )
    read = None if plan is None else sg.read_plan(plan)
    return sg.Study(
        name=area.name,
        name_en="Small town",
        area=area,
        plan=read,
        params={} if read is None else read.params,
        baselines={},
        inputs=inputs,
        findings=tuple(Text(said, said) for said in findings),
        city="随州",
    )


def results_of(study):
    """The study measured and held against its plan."""
    return assessed(study, measure_all(study.area, study.params))


def drawn_sheets():
    """Two small figures: an overview, and one of the roads, wider than high."""
    result = []
    for key, chapter in (("overview", ""), ("roads", "roads")):
        figure = Figure(figsize=(6, 4))
        figure.subplots().plot([0, 1], [0, 1])
        number = 3 * len(result) + 1  # those between are not in the report
        called = f"附图{number:02d}"
        result.append(
            Sheet(key, chapter, f"图题 {key} <b>", f"说明 {key} & more", figure, number=number, called=called)
        )
    return result
