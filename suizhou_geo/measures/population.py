"""People: how densely they live (城市人口密度)."""

from __future__ import annotations

import numpy as np

from suizhou_geo.errors.text import Text
from suizhou_geo.measures.asked import Asked, public
from suizhou_geo.measures.built_up import PROFILES, Denominator, counted_ground, counted_persons, missing_for, per_km2
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers
from suizhou_geo.measures.outlines import over_outlines
from suizhou_geo.model import Measure
from suizhou_geo.study_area import StudyArea


@public
def population_density(area: StudyArea, *, denominator: Denominator = "zones") -> Measure:
    """城市人口密度: resident persons inside the zones over the area of the zones, persons per km².

    The denominator is what the zones' outline stands for (`StudyArea.boundary`): the plan means the built-up area
    (建成区). For an administrative limit the number is shown, but it carries no verdict, because land that is not built
    up lowers it. Persons of a population polygon or raster cell on an outline are split by area.

    With another `denominator` both persons and area are those inside a derived built-up area (see `built_up_area`):
    "survey", "survey_open_land" or "map". `low` and `high` then span the preliminary range and the whole extent; the map's
    proxy carries no verdict. Over each outline of the layer `outlines` the density is told in `notes` and `params`.

    Errors: InputError for an unknown denominator.
    Source: plan reading of 城市体检 (resident population of the built-up area over its area); the yearbook's 城市人口密度
    divides by the much larger 城区面积 and must not be compared with 10,000 persons/km².

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> density = sg.population_density(study.area)
    >>> density.unit, bool(density.value > 0), density.by_zone.index.equals(study.area.zones.index)
    ('person/km2', True, True)
    >>> bool(sg.population_density(study.area, denominator="survey").value > density.value)
    True
    """
    profile = area.boundary if denominator == "zones" else PROFILES[denominator]
    params = {"boundary": area.boundary, "denominator": denominator}
    asked = Asked(
        area,
        "population_density",
        profile,
        params,
        Text("城市体检：建成区常住人口 ÷ 建成区面积", "city health check: residents of the built-up area / its area"),
    )
    if needs := missing_layers(area, "population") + missing_for(area, denominator):
        return asked.no_data(needs)
    ground, (persons, in_least) = counted_ground(area, denominator), counted_persons(area, denominator)
    number = ground.density(persons)
    least = per_km2(in_least, ground.least)
    area_km2 = number.denominator
    outlines, told = over_outlines(area, population_density) if denominator == "zones" else ({}, ())
    found = {"persons": float(persons.sum()), "area_km2": float(area_km2.sum())} | (
        {"outlines": outlines} if told else {}
    )
    return asked.found(**found).measure(
        number,
        evidence=ground.zones.assign(part="zone", persons=persons, area_km2=area_km2)[area_km2 > 0],
        low=np.fmin(number.value, least) if ground.sure else 0.0,
        high=np.inf if not ground.sure or "population" in area.incomplete else np.fmax(number.value, least),
        needs=ground.needs + incomplete_layers(area, "population"),
        notes=ground.notes + told,
    )
