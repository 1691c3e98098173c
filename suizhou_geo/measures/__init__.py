"""The measures, one module per chapter of the plan, and `measure_all`: the whole table of contents on one page."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from suizhou_geo.access.detours import destination_keys
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.measures.arterial_grid import DIRECTIONS, arterial_grid
from suizhou_geo.measures.asked import public
from suizhou_geo.measures.blocks import USES, block_size
from suizhou_geo.measures.built_up import built_up_area, missing_for
from suizhou_geo.measures.capacity import KINDS, places_per_thousand, places_short
from suizhou_geo.measures.community_gaps import community_gaps
from suizhou_geo.measures.commute import commute_1h_region, commute_30min_city, jobs_within_reach
from suizhou_geo.measures.complete_communities import complete_communities_advanced, complete_community_coverage
from suizhou_geo.measures.completeness import one_of
from suizhou_geo.measures.dead_ends import dead_ends
from suizhou_geo.measures.declared import declared
from suizhou_geo.measures.green import PARK_SIZES, greenway_coverage, park_area_per_capita, pocket_parks, river_green
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
from suizhou_geo.measures.kept import KeptMeasures
from suizhou_geo.measures.land import (
    LAND_CLASSES,
    construction_land_per_capita,
    industrial_land,
    industrial_land_in_development_zones,
    land_per_capita,
)
from suizhou_geo.measures.layout import core_area, main_city_construction_land, main_city_population, zone_count
from suizhou_geo.measures.life_circle import (
    life_circle_compliance,
    required_categories,
    service_coverage,
    services,
)
from suizhou_geo.measures.named_roads import dead_ends_opened
from suizhou_geo.measures.parks import park_coverage
from suizhou_geo.measures.population import population_density
from suizhou_geo.measures.roads import CLASSES, road_density
from suizhou_geo.measures.sidewalks import sidewalk_compliance
from suizhou_geo.measures.walk_time import daily_walks, walk_time_coverage
from suizhou_geo.model import Measure, Progress, Stage, Study
from suizhou_geo.sources.cache import Cache
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, chapter_of, entry_for
from suizhou_geo.study_area import StudyArea, per_area
from suizhou_geo.study_area.layers import ROLES
from suizhou_geo.study_area.remembered import key_of

__all__ = [
    "arterial_grid",
    "block_size",
    "built_up_area",
    "bus_stop_coverage",
    "charger_coverage",
    "charging_points",
    "community_gaps",
    "commute_1h_region",
    "commute_30min_city",
    "complete_communities_advanced",
    "complete_community_coverage",
    "construction_land_per_capita",
    "core_area",
    "dead_ends",
    "dead_ends_opened",
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
    "park_area_per_capita",
    "park_coverage",
    "parking_spaces",
    "places_per_thousand",
    "places_short",
    "pocket_parks",
    "population_density",
    "river_green",
    "road_density",
    "service_coverage",
    "services",
    "sidewalk_compliance",
    "walk_time_coverage",
    "zone_count",
]
Params = Mapping[str, Mapping[str, Any]]
_REACH = ("reach", "of")
_NAMES: tuple[Any, ...] = (Sequence[str], Sequence[str] | None)
_KEPT = Text("沿用上次 {n} 项", "{n} kept from the last run")
_WHOLE_NUMBER: Any = int | None


@dataclass(frozen=True)
class Lot:
    """The measures of one function: one of `each` subject, and each again by all `others`, choices of its definition.

    `family` is that of their keys, where the function is not called like it.
    """

    measure: Callable[..., Measure]
    each: tuple[Mapping[str, Any], ...] = ({},)
    others: tuple[str, ...] = ()
    family: str = ""

    @property
    def name(self) -> str:
        """What the function is called."""
        return str(self.measure.__name__)

    @property
    def chapter(self) -> str:
        """The key of the chapter."""
        return chapter_of(self.family or self.name).key

    @property
    def wanting(self) -> tuple[str, ...]:
        """The parameters that only a plan gives, such as the names of its roads: without them it is not measured."""
        parameters = inspect.signature(self.measure).parameters.values()
        needed = (p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty)
        return tuple(name for name in needed if name not in self.each[0])

    @property
    def title(self) -> str:
        """The name of the function, and by what its subjects are told apart."""
        return " by ".join([self.name, *list(self.each[0])[:1]])

    @property
    def told(self) -> Text:
        """What a reader is told is being measured: of one subject its name, of several what they are together."""
        entry = None if any(self.each) else entry_for(self.name)
        return entry.name if entry is not None else Text(*table("words")["step"][self.title])


@cache
def contents() -> tuple[Lot, ...]:
    """The table of contents: everything that is measured, in the order of the scorecard."""
    return (
        Lot(zone_count, _each("role", ROLES), family="main_city_zones"),
        Lot(main_city_population, others=("scope",)),
        Lot(main_city_construction_land, others=("scope",)),
        Lot(core_area),
        Lot(built_up_area, others=("extent",)),
        Lot(population_density, others=("denominator",)),
        Lot(construction_land_per_capita),
        Lot(road_density, others=("profile", "denominator")),
        Lot(park_coverage, others=("size_profile", *_REACH)),
        Lot(life_circle_compliance, others=("profile", *_REACH)),
        Lot(land_per_capita, _each("land_class", LAND_CLASSES)),
        Lot(industrial_land),
        Lot(industrial_land_in_development_zones),
        Lot(road_density, _each("road_class", CLASSES)),
        Lot(block_size, _each("use", USES)),
        Lot(dead_ends),
        Lot(dead_ends_opened),
        Lot(arterial_grid, _each("direction", DIRECTIONS), ("profile",), family="arterial_grid_north_south"),
        Lot(sidewalk_compliance),
        Lot(community_gaps, others=("test", "reach")),
        Lot(community_gaps, _each("category", required_categories())),
        Lot(complete_community_coverage, others=("profile", "test", "of")),
        Lot(complete_communities_advanced),
        Lot(places_per_thousand, _each("kind", KINDS)),
        Lot(places_short, _each("kind", KINDS), ("method",)),
        Lot(walk_time_coverage, tuple({"service": s, "minutes": m, "walker": w} for s, m, w in daily_walks()), ("of",)),
        Lot(greenway_coverage, others=_REACH),
        Lot(charging_points, others=("counts",)),
        Lot(charger_coverage, others=_REACH),
        Lot(park_area_per_capita, _each("size", PARK_SIZES)),
        Lot(pocket_parks),
        Lot(river_green),
        Lot(parking_spaces),
        Lot(historic_plaque_share),
        Lot(bus_stop_coverage, _each("radius_m", BUS_RADII_M)),
        Lot(emergency_reach, _each("service", EMERGENCIES)),
        Lot(commute_30min_city, others=("mode",)),
        Lot(jobs_within_reach, others=("mode",)),
        Lot(commute_1h_region),
        Lot(service_coverage, _each("service", services()), _REACH),
    )


def _each(parameter: str, subjects: Sequence[Any]) -> tuple[Mapping[str, Any], ...]:
    return tuple({parameter: subject} for subject in subjects)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: measuring makes millions of small objects, and looking takes a tenth of its time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@public
@uncollected()
def measure_all(
    area: StudyArea,
    params: Params | None = None,
    *,
    chapter: str | None = None,
    progress: Progress | None = None,
    kept: Path | None = None,
) -> list[Measure]:
    """Measure everything, or one chapter: for each key the definition asked for comes first, then its other definitions.

    `params` gives, per measure, the parameters of the definition asked for, e.g. {"park_coverage": {"size_profile":
    "2010/2021"}}; what is not given is the function's default. `chapter`: "land", "life_circle", "green" or "roads".
    `kept` is a folder for what is measured: what was kept there and still holds is not measured again.

    Errors: InputError for a measure, a parameter or a chapter there is none of.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> measures = measure_all(study.area, {"park_coverage": {"size_profile": "2010/2021"}}, chapter="green")
    >>> next(m.profile for m in measures if m.key == "park_coverage")
    '2010/2021 / straight_line / land / residential_land'
    """
    asked = dict(params or {})
    check_params(asked)
    if chapter is not None:
        one_of("measure_all: chapter", chapter, tuple(known.key for known in (*CHAPTERS, OTHER_CHAPTER)))
    asked = {"built_up_area": {"extent": "map" if area.land_survey is None else "survey"}, **asked}
    wanted = (lot for lot in contents() if chapter in (None, lot.chapter))
    lots = [lot for lot in wanted if lot.name in asked or not lot.wanting]
    definitions = [list(_definitions(lot, area, asked.get(lot.name, {}))) for lot in lots]
    keys = [[key_of(lot.measure, **one) for one in each] for lot, each in zip(lots, definitions, strict=True)]
    shelf = None if kept is None else _shelf(area, kept, Stage("measuring", len(lots), progress))
    known = [] if shelf is None else [key for each in keys for key in each if shelf.holds(key)]
    fresh = [not set(each) <= set(known) for each in keys]
    stage = Stage("measuring", sum(fresh) + bool(known), progress)
    if shelf is not None and known:
        stage("kept", _KEPT.filled(n=len(known)))
        shelf.recall(known)
    result: list[Measure] = []
    for lot, each, is_fresh in zip(lots, definitions, fresh, strict=True):
        if is_fresh:
            stage(lot.title, lot.told)
        result.extend(_remembered(lot.measure)(area, **one) for one in each)
    if shelf is not None:
        shelf.keep()
    return result


def _shelf(area: StudyArea, folder: Path, stage: Stage) -> KeptMeasures:
    """What is kept in a folder of the measures of an area; where it is damaged that is told."""
    cache = Cache(folder, lambda said: stage("kept", said))
    return KeptMeasures(area, cache, [lot.measure for lot in contents()])


def measure_study(
    study: Study, *, chapter: str | None = None, progress: Progress | None = None, kept: Path | None = None
) -> list[Measure]:
    """Measure everything a study asks for: all that `measure_all` measures, and the declared statistics of its plan.

    Where a promise has both, the measured number comes first if there is one, and the declared one is its variant. With
    a `chapter`, "declared" among them, only what belongs to it. `kept`: as `measure_all`; what is declared is not kept.

    Errors: as `measure_all`.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> {"greenway_coverage", "park_coverage"} <= {measure.key for measure in measure_study(study, chapter="green")}
    True
    >>> "vehicle_exports" in {measure.key for measure in measure_study(study, chapter="declared")}
    True
    """
    measures = measure_all(study.area, study.params, chapter=chapter, progress=progress, kept=kept)
    said = [] if study.plan is None else declared(study.area, study.plan, study.statistics)
    said = [measure for measure in said if chapter in (None, chapter_of(measure.key).key)]
    known = {measure.key for measure in measures if measure.has_data}
    first = [measure for measure in said if measure.key not in known and measure.has_data]
    return [*first, *measures, *(measure for measure in said if measure not in first)]


def measure_only(area: StudyArea, params: Params, keys: Collection[str]) -> list[Measure]:
    """Measure some keys alone, each by the definition asked for; keys of no measure (declared figures) are left out.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> [measure.key for measure in measure_only(study.area, study.params, {"park_coverage", "road_density"})]
    ['road_density', 'park_coverage']
    """
    found = []
    for lot in contents():
        asked = params.get(lot.name, {})
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in asked.items()}
        if any(name not in given for name in lot.wanting):
            continue
        wanted = [subject for subject in lot.each if not _keys(lot, subject).isdisjoint(keys)]
        found += [_remembered(lot.measure)(area, **subject, **given) for subject in wanted]
    return [measure for measure in found if measure.key in keys]


def _keys(lot: Lot, subject: Mapping[str, Any]) -> set[str]:
    """The keys that the measure of a subject may have."""
    first = "" if not subject else str(next(iter(subject.values())))
    return {lot.name, lot.family} if not first else {f"{lot.name}.{first}", f"{lot.name}_{first}", lot.family}


def _definitions(lot: Lot, area: StudyArea, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield, of each subject, the arguments of the definition asked for, then of every other of the lot.

    Derived built-up areas vary by themselves, and only those that the layers can supply; densities over the rarer one of
    them, with its open land, only where they are asked for.
    """
    parameters, choices = inspect.signature(lot.measure).parameters, parameters_of(lot.measure)
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in asked.items()}
    wanted = {name: parameters[name].default for name in lot.others} | given
    for subject in lot.each:
        yield {**subject, **wanted}
        for combination in product(*(get_args(choices[name]) for name in lot.others)):
            other = dict(zip(lot.others, combination, strict=True))
            changed = [name for name in other if other[name] != wanted[name]]
            derived = [name for name in ("denominator", "extent") if name in changed]
            if changed and not (derived and (len(changed) > 1 or _left_out(area, derived[0], other[derived[0]]))):
                yield {**subject, **wanted, **other}


@cache
def _remembered(measure: Callable[..., Measure]) -> Callable[..., Measure]:
    """A measure that is made once of an area, and not again of one that was made from it by what does not concern it."""
    return per_area(measure)


def _left_out(area: StudyArea, name: str, extent: Any) -> bool:
    rare = name == "denominator" and extent == "survey_open_land"
    return rare or bool(missing_for(area, extent))


def parameters_of(measure: Callable[..., Measure]) -> dict[str, Any]:
    """The parameters that a plan or a study may set, with their type: one of some words, names, or a whole number.

    >>> list(parameters_of(park_coverage))
    ['size_profile', 'reach', 'of']
    """
    hints = get_type_hints(measure)
    return {
        name: hints[name]
        for name, parameter in inspect.signature(measure).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
        if get_origin(hints[name]) is Literal or hints[name] in (*_NAMES, _WHOLE_NUMBER)
    }


def check_params(asked: Params) -> None:
    """Refuse parameters of measures there are none of, parameters they do not have, and values those do not take.

    Errors: InputError that names the key and what is allowed.

    >>> check_params({"park_coverage": {"reach": "street"}})
    """
    lots = {lot.name: lot for lot in contents()}
    for name, given in asked.items():
        if name not in lots:
            raise InputError(
                f"params.{name}：没有这项指标；可用的有 {'、'.join(lots)}",
                f"params.{name}: there is no such measure; there are {', '.join(lots)}",
            )
        known = {k: kind for k, kind in parameters_of(lots[name].measure).items() if k not in lots[name].each[0]}
        for key, value in given.items():
            if key not in known:
                raise InputError(
                    f"params.{name}.{key}：没有这个参数；可用的有：{'、'.join(known) or '无'}",
                    f"params.{name}.{key}: no such parameter; there are {', '.join(known) or 'none'}",
                )
            _check(f"params.{name}.{key}:", value, known[key])
        for key in lots[name].wanting:
            if key not in given:
                raise InputError(
                    f"params.{name}：缺少 {key}；请一并给出",
                    f"params.{name}: {key} is missing; give it beside the others",
                )
        for destination in given.get("destinations", ()):
            one_of(f"params.{name}.destinations:", destination, destination_keys())


def _check(where: str, value: Any, kind: Any) -> None:
    if get_origin(kind) is Literal:
        one_of(where, value, get_args(kind))
    elif kind == _WHOLE_NUMBER:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise InputError(
                f"{where}：“{value}”不是大于零的整数；请改正", f"{where} {value!r} is not a whole number above zero"
            )
    elif not isinstance(value, list | tuple) or not value or not all(isinstance(name, str) for name in value):
        raise InputError(
            f'{where}：“{value}”不是名称列表；请写成列表，如 ["甲路", "乙路"]',
            f"{where} {value!r} is not a list of names",
        )
