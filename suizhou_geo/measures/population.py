"""People: how densely they live (城市人口密度)."""

from __future__ import annotations

import numpy as np

from suizhou_geo.measures.said import administrative_outline, incomplete_layers, missing_layers, no_data
from suizhou_geo.model import Measure, StudyArea, Text
from suizhou_geo.zonal import persons_by_zone

NAME = Text("城市人口密度", "population density")


def population_density(area: StudyArea) -> Measure:
    """城市人口密度: resident persons inside the zones over the area of the zones, persons per km².

    The denominator is what the zones' outline stands for (`StudyArea.boundary`): the plan means the built-up area
    (建成区). For an administrative limit the number is shown, but it carries no verdict, because land that is not built
    up lowers it. Persons of a population polygon or raster cell on an outline are split by area.

    Source: plan reading of 城市体检 (resident population of the built-up area over its area); the yearbook's 城市人口密度
    divides by the much larger 城区面积 and must not be compared with 10,000 persons/km².

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> density = sg.population_density(study.area)
    >>> density.unit, bool(density.value > 0), density.by_zone.index.equals(study.area.zones.index)
    ('person/km2', True, True)
    """
    params = {"boundary": area.boundary}
    if area.population is None:
        needs = missing_layers(area, "population")
        return no_data(
            area, "population_density", NAME, unit="person/km2", profile=area.boundary, needs=needs, params=params
        )
    persons = persons_by_zone(area.population, area.zones)
    area_km2 = area.zones.area / 1e6
    value = float(persons.sum() / area_km2.sum())
    administrative = area.boundary == "administrative"
    return Measure(
        key="population_density",
        name_zh=NAME.zh,
        name_en=NAME.en,
        value=value,
        unit="person/km2",
        by_zone=persons / area_km2,
        denominator=area_km2,
        shortfall_unit="persons",
        profile=area.boundary,
        basis="城市体检: 建成区常住人口 ÷ 建成区面积",
        params=params | {"persons": float(persons.sum()), "area_km2": float(area_km2.sum())},
        evidence=area.zones.assign(part="zone", persons=persons, area_km2=area_km2),
        low=0.0 if administrative else value,
        high=np.inf if administrative or "population" in area.incomplete else value,
        needs=administrative_outline(area) + incomplete_layers(area, "population"),
    )
