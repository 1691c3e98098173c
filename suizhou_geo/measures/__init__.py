"""The measures, one module per chapter of the plan, and `measure_all`: the whole table of contents on one page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

from suizhou_geo.access.coverage import OFS, REACHES
from suizhou_geo.access.detours import destination_keys
from suizhou_geo.errors import InputError
from suizhou_geo.measures import arterial_grid as grid
from suizhou_geo.measures import blocks, commute
from suizhou_geo.measures import complete_communities as complete
from suizhou_geo.measures import dead_ends as ends
from suizhou_geo.measures.arterial_grid import arterial_grid
from suizhou_geo.measures.blocks import block_size
from suizhou_geo.measures.built_up import DENOMINATORS, built_up_area, missing_for
from suizhou_geo.measures.built_up_extent import EXTENTS
from suizhou_geo.measures.capacity import KINDS, METHODS, places_per_thousand, places_short
from suizhou_geo.measures.communities import TESTS
from suizhou_geo.measures.community_gaps import community_gaps
from suizhou_geo.measures.commute import commute_1h_region, commute_30min_city, jobs_within_reach
from suizhou_geo.measures.complete_communities import complete_communities_advanced, complete_community_coverage
from suizhou_geo.measures.completeness import one_of
from suizhou_geo.measures.dead_ends import dead_ends
from suizhou_geo.measures.declared import declared
from suizhou_geo.measures.green import (
    PARK_SIZES,
    greenway_coverage,
    park_area_per_capita,
    pocket_parks,
    river_green,
)
from suizhou_geo.measures.inventories import (
    BUS_RADII_M,
    EMERGENCIES,
    bus_stop_coverage,
    charger_coverage,
    charging_points,
    emergency_reach,
    historic_plaque_share,
    parking_spaces,
)
from suizhou_geo.measures.land import (
    LAND_CLASSES,
    construction_land_per_capita,
    industrial_land,
    industrial_land_in_development_zones,
    land_per_capita,
)
from suizhou_geo.measures.layout import (
    SCOPES,
    core_area,
    main_city_construction_land,
    main_city_population,
    zone_count,
)
from suizhou_geo.measures.life_circle import (
    COMPLIANCES,
    life_circle_compliance,
    required_categories,
    service_coverage,
    services,
)
from suizhou_geo.measures.named_roads import named_dead_ends
from suizhou_geo.measures.parks import SIZE_PROFILES, park_coverage, served_parks
from suizhou_geo.measures.population import population_density
from suizhou_geo.measures.roads import CLASSES, PROFILES, road_density
from suizhou_geo.measures.sidewalks import sidewalk_compliance
from suizhou_geo.measures.walk_time import daily_walks, walk_time_coverage
from suizhou_geo.model import Measure, Study
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, chapter_of
from suizhou_geo.study_area import CHARGER_COUNTS, ROLES, StudyArea

__all__ = [
    "arterial_grid",
    "block_size",
    "built_up_area",
    "bus_stop_coverage",
    "charger_coverage",
    "charging_points",
    "check_params",
    "community_gaps",
    "commute_1h_region",
    "commute_30min_city",
    "complete_communities_advanced",
    "complete_community_coverage",
    "construction_land_per_capita",
    "core_area",
    "daily_walks",
    "dead_ends",
    "declared",
    "emergency_reach",
    "greenway_coverage",
    "historic_plaque_share",
    "industrial_land",
    "industrial_land_in_development_zones",
    "jobs_within_reach",
    "land_per_capita",
    "life_circle_compliance",
    "main_city_construction_land",
    "main_city_population",
    "measure_all",
    "measure_study",
    "measured_promises",
    "named_dead_ends",
    "park_area_per_capita",
    "park_coverage",
    "parking_spaces",
    "places_per_thousand",
    "places_short",
    "pocket_parks",
    "population_density",
    "required_categories",
    "river_green",
    "road_density",
    "served_parks",
    "service_coverage",
    "services",
    "sidewalk_compliance",
    "walk_time_coverage",
    "zone_count",
]

Params = Mapping[str, Mapping[str, Any]]
_REACH: Mapping[str, tuple[str, ...]] = {"reach": REACHES, "of": OFS}
_CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "built_up_area": {"extent": EXTENTS},
    "population_density": {"denominator": DENOMINATORS},
    "construction_land_per_capita": {},
    "road_density": {"profile": PROFILES, "denominator": DENOMINATORS},
    "park_coverage": {"size_profile": SIZE_PROFILES, **_REACH},
    "service_coverage": _REACH,
    "life_circle_compliance": {"profile": COMPLIANCES, **_REACH},
    "dead_ends": {"profile": ends.PROFILES, "rank_by": ends.RANKINGS},
    "dead_ends_opened": {},
    "arterial_grid": {"profile": grid.PROFILES},
    "main_city_population": {"scope": SCOPES},
    "main_city_construction_land": {"scope": SCOPES},
    "core_area": {},
    "community_gaps": {"test": TESTS, "reach": REACHES},
    "complete_community_coverage": {"profile": complete.COMPLIANCES, "test": TESTS, "of": complete.COUNTED_BY},
    "places_short": {"method": METHODS},
    "walk_time_coverage": {"of": OFS},
    "commute_30min_city": {"mode": commute.MODES},
    "jobs_within_reach": {"mode": commute.MODES},
    "greenway_coverage": _REACH,
    "charger_coverage": _REACH,
    "charging_points": {"counts": ("all", *CHARGER_COUNTS)},
}


def measure_all(
    area: StudyArea,
    params: Params | None = None,
    *,
    chapter: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Measure]:
    """Measure everything, or one chapter: for each key the definition asked for comes first, then its other definitions.

    `params` gives, per measure, the parameters of the definition asked for, e.g. {"park_coverage": {"size_profile":
    "2010/2021"}}; what is not given is the function's default. `chapter`: "land", "life_circle", "green" or "roads".

    Errors: InputError for a measure, a parameter or a chapter there is none of.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> measures = sg.measure_all(study.area, {"park_coverage": {"size_profile": "2010/2021"}}, chapter="green")
    >>> next(m.profile for m in measures if m.key == "park_coverage")
    '2010/2021 / straight_line / land / residential_land'
    """
    asked = dict(params or {})
    check_params(asked)
    if chapter is not None:
        one_of("measure_all: chapter", chapter, tuple(known.key for known in (*CHAPTERS, OTHER_CHAPTER)))
    tell = progress or (lambda _: None)
    result: list[Measure] = []
    for name, measures in _everything(area, asked):
        if chapter in (None, chapter_of(name).key):
            tell(name)
            result.extend(measures)
    return result


def measure_study(
    study: Study, *, chapter: str | None = None, progress: Callable[[str], None] | None = None
) -> list[Measure]:
    """Measure everything a study asks for: all that `measure_all` measures, and the declared statistics of its plan.

    Where a promise has both, the measured number comes first if there is one, and the declared one is its variant. With
    a `chapter`, "declared" among them, only what belongs to it.

    Errors: as `measure_all`.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> {"greenway_coverage", "park_coverage"} <= {measure.key for measure in measure_study(study, chapter="green")}
    True
    >>> "vehicle_exports" in {measure.key for measure in measure_study(study, chapter="declared")}
    True
    """
    measures = measure_all(study.area, study.params, chapter=chapter, progress=progress)
    said = [] if study.plan is None else declared(study.area, study.plan, study.statistics)
    said = [measure for measure in said if chapter in (None, chapter_of(measure.key).key)]
    known = {measure.key for measure in measures if measure.has_data}
    first = [measure for measure in said if measure.key not in known and measure.has_data]
    return [*first, *measures, *(measure for measure in said if measure not in first)]


def measured_promises() -> frozenset[str]:
    """The keys of promises that are measured from layers: for all others figures must be declared.

    >>> "road_density" in measured_promises(), "vehicle_exports" in measured_promises()
    (True, False)
    """
    return _MEASURED


def _everything(area: StudyArea, asked: Params) -> Iterator[tuple[str, Iterator[Measure]]]:
    """The measures in their order; the name of each lot begins as the keys of its chapter do."""
    yield "main_city_zones", (zone_count(area, role) for role in ROLES)
    for size in (main_city_population, main_city_construction_land):
        yield size.__name__, _variants(size, area, asked=asked)
    yield "core_area", iter([core_area(area, **asked.get("core_area", {}))])
    best: Params = {"built_up_area": {"extent": "map" if area.land_survey is None else "survey"}}
    yield "built_up_area", _variants(built_up_area, area, asked={**best, **asked})
    for measure in (
        population_density,
        construction_land_per_capita,
        road_density,
        park_coverage,
        life_circle_compliance,
    ):
        yield measure.__name__, _variants(measure, area, asked=asked)
    yield "land_per_capita", (land_per_capita(area, c) for c in LAND_CLASSES)
    yield "industrial_land", iter([industrial_land(area), industrial_land_in_development_zones(area)])
    profile = asked.get("road_density", {})
    yield "road_density by class", (road_density(area, road_class=c, **profile) for c in CLASSES)
    yield "block_size", (block_size(area, use=use) for use in blocks.USES)
    yield "dead_ends", iter([dead_ends(area, **asked.get("dead_ends", {}))])
    if "dead_ends_opened" in asked:
        yield "dead_ends_opened", iter([named_dead_ends(area, **asked["dead_ends_opened"])])
    for direction in grid.DIRECTIONS:
        yield f"arterial_grid {direction}", _variants(arterial_grid, area, asked=asked, direction=direction)
    yield "sidewalk_compliance", iter([sidewalk_compliance(area)])
    yield "community_gaps", _variants(community_gaps, area, asked=asked)
    by_category = asked.get("community_gaps", {})
    yield "community_gaps by category", (community_gaps(area, c, **by_category) for c in required_categories())
    yield "complete_community_coverage", _variants(complete_community_coverage, area, asked=asked)
    yield "complete_communities_advanced", iter([complete_communities_advanced(area)])
    yield "places_per_thousand", (places_per_thousand(area, kind) for kind in KINDS)
    yield "places_short", (m for kind in KINDS for m in _variants(places_short, area, kind, asked=asked))
    yield (
        "walk_time_coverage",
        (
            m
            for service, minutes, walker in daily_walks()
            for m in _variants(walk_time_coverage, area, service, asked=asked, minutes=minutes, walker=walker)
        ),
    )
    for supply in (greenway_coverage, charging_points, charger_coverage):
        yield supply.__name__, _variants(supply, area, asked=asked)
    yield "park_area_per_capita", (park_area_per_capita(area, size=size) for size in PARK_SIZES)
    yield "pocket_parks, river_green", iter([pocket_parks(area), river_green(area)])
    yield "parking_spaces", iter([parking_spaces(area)])
    yield "historic_plaque_share", iter([historic_plaque_share(area)])
    yield "bus_stop_coverage", (bus_stop_coverage(area, radius_m=radius_m) for radius_m in BUS_RADII_M)
    yield "emergency_reach", (emergency_reach(area, service) for service in EMERGENCIES)
    for circle in (commute_30min_city, jobs_within_reach):
        yield circle.__name__, _variants(circle, area, asked=asked)
    yield "commute_1h_region", iter([commute_1h_region(area)])
    yield "service_coverage", (m for s in services() for m in _variants(service_coverage, area, s, asked=asked))


def _variants(measure: Callable[..., Measure], *subject: Any, asked: Params, **fixed: Any) -> Iterator[Measure]:
    """Yield the measure under the definition asked for, then under every other combination of its choices.

    Derived built-up areas vary by themselves, and only those that the layers can supply; densities over the rarer one of
    them, with its open land, only where they are asked for.
    """
    choices = _CHOICES[measure.__name__]
    defaults = {k: p.default for k, p in inspect.signature(measure).parameters.items() if k in choices}
    wanted = defaults | dict(asked.get(measure.__name__, {}))
    yield measure(*subject, **fixed, **wanted)
    for combination in product(*choices.values()):
        other = dict(zip(choices, combination, strict=True))
        changed = [key for key in choices if other[key] != wanted[key]]
        derived = [key for key in ("denominator", "extent") if key in changed]
        if changed and not (derived and (len(changed) > 1 or _left_out(subject[0], derived[0], other[derived[0]]))):
            yield measure(*subject, **fixed, **other)


def _left_out(area: StudyArea, key: str, extent: Any) -> bool:
    rare = key == "denominator" and extent == "survey_open_land"
    return rare or (extent != "zones" and bool(missing_for(area, extent)))


def check_params(asked: Params) -> None:
    """Refuse parameters of measures there are none of, parameters they do not have, and values those do not take.

    Errors: InputError that names the key and what is allowed.

    >>> check_params({"park_coverage": {"reach": "street"}})
    """
    for name, given in asked.items():
        if name not in _CHOICES:
            raise InputError(f"params.{name}: there is no such measure; there are {', '.join(_CHOICES)}")
        for key, value in given.items():
            if check := _CHECKS.get((name, key)):
                check(f"params.{name}.{key}", value)
                continue
            if key not in _CHOICES[name]:
                known = ", ".join([*_CHOICES[name], *(k for n, k in _CHECKS if n == name)]) or "none"
                raise InputError(f"params.{name}.{key}: no such parameter; there are {known}")
            one_of(f"params.{name}.{key}:", value, _CHOICES[name][key])


def _names(where: str, value: Any) -> None:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(name, str) for name in value):
        raise InputError(f"{where}: {value!r} is not a list of names")


def _whole_number(where: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"{where}: {value!r} is not a whole number")


def _destinations(where: str, value: Any) -> None:
    _names(where, value)
    for key in value:
        one_of(f"{where}:", key, destination_keys())


_MEASURED = frozenset(
    {
        *(
            "main_city_zones",
            "district_zones",
            "main_city_population",
            "main_city_construction_land",
            "industrial_land",
        ),
        *("population_density", "construction_land_per_capita", "road_density", "park_coverage"),
        *("life_circle_compliance", "dead_ends_opened", "arterial_grid_north_south", "arterial_grid_east_west"),
        *("sidewalk_compliance", "commute_30min_city", "commute_1h_region", "charging_points", "historic_plaque_share"),
        *("complete_community_coverage", "complete_communities_advanced"),
    }
)
# what no list of words can hold: (measure, parameter) -> what refuses a wrong value
_CHECKS: Mapping[tuple[str, str], Callable[[str, Any], None]] = {
    ("dead_ends", "destinations"): _destinations,
    ("dead_ends_opened", "names"): _names,
    ("dead_ends_opened", "promised"): _whole_number,
    ("core_area", "lines"): _names,
    ("complete_community_coverage", "k"): _whole_number,
}
