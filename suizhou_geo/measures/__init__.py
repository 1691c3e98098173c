"""The measures, one module per chapter of the plan, and `measure_all`: the whole table of contents on one page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, get_args

from suizhou_geo.coverage import Of, Reach
from suizhou_geo.errors import InputError
from suizhou_geo.measures.land import construction_land_per_capita
from suizhou_geo.measures.life_circle import (
    COMPLIANCES,
    life_circle_compliance,
    required_categories,
    service_coverage,
    services,
)
from suizhou_geo.measures.parks import park_coverage, served_parks
from suizhou_geo.measures.population import population_density
from suizhou_geo.measures.roads import CLASSES, PROFILES, road_density
from suizhou_geo.model import Measure, StudyArea
from suizhou_geo.standards import table

__all__ = [
    "construction_land_per_capita",
    "life_circle_compliance",
    "measure_all",
    "park_coverage",
    "population_density",
    "required_categories",
    "road_density",
    "served_parks",
    "service_coverage",
    "services",
]

Params = Mapping[str, Mapping[str, Any]]


def measure_all(
    area: StudyArea, params: Params | None = None, *, progress: Callable[[str], None] | None = None
) -> list[Measure]:
    """Measure everything: for each key the definition asked for comes first, then every other definition.

    `params` gives, per measure, the parameters of the definition asked for, e.g. {"park_coverage": {"size_profile":
    "2010/2021"}}; what is not given is the function's default.

    Errors: InputError for a measure or a parameter there is none of.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> measures = sg.measure_all(study.area, {"park_coverage": {"size_profile": "2010/2021"}})
    >>> next(m.profile for m in measures if m.key == "park_coverage")
    '2010/2021 / straight_line / land / residential_land'
    """
    asked = dict(params or {})
    _check(asked)
    tell = progress or (lambda _: None)
    result: list[Measure] = []
    for name, measures in _chapters(area, asked):
        tell(name)
        result.extend(measures)
    return result


def _chapters(area: StudyArea, asked: Params) -> Iterator[tuple[str, Iterator[Measure]]]:
    reaches, ofs = get_args(Reach), get_args(Of)
    yield "population_density", _variants(population_density, area, asked=asked)
    yield "construction_land_per_capita", _variants(construction_land_per_capita, area, asked=asked)
    yield "road_density", _variants(road_density, area, asked=asked, profile=PROFILES)
    yield "road_density by class", (road_density(area, road_class=c, **asked.get("road_density", {})) for c in CLASSES)
    tiers = tuple(table("park_tiers")["profiles"])
    yield "park_coverage", _variants(park_coverage, area, asked=asked, size_profile=tiers, reach=reaches, of=ofs)
    yield (
        "life_circle_compliance",
        _variants(life_circle_compliance, area, asked=asked, profile=COMPLIANCES, reach=reaches, of=ofs),
    )
    yield (
        "service_coverage",
        (m for s in services() for m in _variants(service_coverage, area, s, asked=asked, reach=reaches, of=ofs)),
    )


def _variants(
    measure: Callable[..., Measure], *subject: Any, asked: Params, **choices: tuple[str, ...]
) -> Iterator[Measure]:
    """Yield the measure under the definition asked for, then under every other combination of the choices."""
    defaults = {k: p.default for k, p in inspect.signature(measure).parameters.items() if k in choices}
    wanted = defaults | dict(asked.get(measure.__name__, {}))
    yield measure(*subject, **wanted)
    for combination in product(*choices.values()):
        other = dict(zip(choices, combination, strict=True))
        if other != {k: wanted[k] for k in choices}:
            yield measure(*subject, **(wanted | other))


def _check(asked: Params) -> None:
    measures = {
        m.__name__: m
        for m in (population_density, construction_land_per_capita, road_density, park_coverage, service_coverage)
    } | {"life_circle_compliance": life_circle_compliance}
    for name, given in asked.items():
        if name not in measures:
            raise InputError(f"params.{name}: there is no such measure; there are {', '.join(measures)}")
        known = [k for k, p in inspect.signature(measures[name]).parameters.items() if p.kind is p.KEYWORD_ONLY]
        for key in given:
            if key not in known:
                raise InputError(f"params.{name}.{key}: no such parameter; there are {', '.join(known) or 'none'}")
