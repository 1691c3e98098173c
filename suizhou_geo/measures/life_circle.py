"""Living circles (生活圈): who reaches which service, and how much of the land reaches them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.access.coverage import (
    Covered,
    Of,
    Reach,
    coverage_by_zone,
    covered_all,
)
from suizhou_geo.access.demand import Demand, demand
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import NOTHING, Text, alike
from suizhou_geo.geometry.arrays import Floats, Ints, Shapes
from suizhou_geo.measures.asked import Asked, name_of, public
from suizhou_geo.measures.bases import homes_words, with_services
from suizhou_geo.measures.completeness import said_if, sentence
from suizhou_geo.measures.coverage import Coverage, covered_within, supply_of, within_evidence
from suizhou_geo.measures.likely.mapped import mapped_facilities
from suizhou_geo.measures.likely.ranges import likely_coverage, mean_unseen, supply_driver, unseen_supply, with_less
from suizhou_geo.model import Likely, Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area

Compliance = Literal["mean", "all_of", "k_of_n"]
K_SHARE = 0.8
_BASIS = Text(
    "GB 50180-2018 3.0.4 及附录B、附录C（达标率无国家统一公式）",
    "GB 50180-2018 3.0.4, appendices B and C (no national formula for the compliance rate)",
)


@public
def service_coverage(area: StudyArea, service: str, *, reach: Reach = "straight_line", of: Of = "land") -> Measure:
    """设施服务覆盖率: the share of residential land, or of persons, within reach of one kind of facility.

    `service` is a category of GB 50180-2018 ("primary_school", …) with that standard's service radius, or an indicator
    of TD/T 1063-2021 ("tdt1063.primary", …), which any of several categories may serve. Both lists, with the distances,
    stand in standards/life_circles.toml. The distance runs from the facility's point or the edge of its site, as a
    straight line or along the streets; facilities outside the zones count for homes inside. Distances, not speeds,
    decide: the standard's 15, 10 and 5 minutes are 1000, 500 and 300 m.

    A category that does not occur in the facilities layer is "no data", unless the study declares it surveyed: then it
    is zero. Schools are measured from the edge of the campus where only its outline is known, which reaches further than
    from the gate. Facilities whose category is a guess count in the value and not in the lower end of its range.

    `evidence`: the cells of residential land with `covered_share`, and for straight lines the service area (drawn with
    circles of 32 sides; the numbers use exact ones).

    Errors: InputError for an unknown service. Source: GB 50180-2018 appendices B and C; TD/T 1063-2021.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> sg.service_coverage(study.area, "primary_school").params["radius_m"]
    500
    """
    name, categories, radius_m, basis = definition(service)
    params = {"categories": list(categories), "radius_m": radius_m, "facility_from": "edge"}
    asked = Coverage(Asked(area, f"service_coverage.{service}", "", params, basis, name), "facilities", reach, of)
    if needs := asked.needs() or absent(area, categories):
        return asked.no_data(needs)
    covered, most, evidence = covered_by(area, categories, radius_m, reach)
    shapes = facility_shapes(area, categories)
    measure = asked.measure(
        covered.share,
        evidence,
        most=most.share,
        supply=supply_of(shapes, radius_m),
        mapped=mapped_facilities(area, categories),
        things=_called(categories, len(shapes)),
        facilities=len(shapes),
    )
    return without_guesses(
        area, measure, categories, lambda: surely_covered(area, categories, radius_m, reach).share, of=of
    )


@public
def life_circle_compliance(
    area: StudyArea, *, profile: Compliance = "mean", reach: Reach = "straight_line", of: Of = "land"
) -> Measure:
    """15分钟生活圈服务设施配套达标率: how far the required services of the 15, 10 and 5-minute circles are within reach.

    No national formula exists, so three profiles are offered and the one used is named:

    - "mean": the unweighted mean of the coverages of the required categories;
    - "all_of": the share of land (or persons) reached by every required category, the strictest;
    - "k_of_n": the share reached by at least 80 % of them (a cell counts as reached when most of it is).

    Required are the ▲ categories of GB 50180-2018 for all three circles: levels are not nested, so a 15-minute circle
    must have its own set and the lower ones. Categories without data are left out of the value and counted into the
    range: as reached nowhere in `low`, as reached everywhere in `high`. Facilities whose category is a guess are none in
    `low`. `breakdown` gives the coverage per category.

    Errors: InputError for an unknown profile. Source: GB 50180-2018 3.0.4, 4.0, appendices B and C.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> strict, mean = (sg.life_circle_compliance(study.area, profile=p).value for p in ("all_of", "mean"))
    >>> strict <= mean
    True
    """
    required = required_categories()
    least = table("bases")["services"]["least_share"]
    params = {"profile": profile, "k_share": K_SHARE, "required": list(required), "least_services_share": least}
    params["radii_m"] = {category: definition(category)[2] for category in required}
    asked = Coverage(Asked(area, "life_circle_compliance", profile, params, _BASIS), "facilities", reach, of)
    needs = asked.needs()
    known = () if needs else tuple(c for c in required if not absent(area, (c,)))
    if not known:
        return asked.no_data(needs or absent(area, required))
    found = [covered_by(area, (c,), definition(c)[2], reach) for c in known]
    covers, may = [covered for covered, _, _ in found], [most for _, most, _ in found]
    share, low_share, _ = _complied(demand(area), covers, len(required), profile=profile)
    may_share, _, high_share = _complied(demand(area), may, len(required), profile=profile)
    if guessed(area, known):
        sure = [surely_covered(area, (c,), definition(c)[2], reach) for c in known]
        low_share = _complied(demand(area), sure, len(required), profile=profile)[1]
    least, most = (coverage_by_zone(area, s, of=of)[0] for s in (low_share, high_share))
    left_out = tuple(c for c in required if c not in known)
    evidence = _compliance_evidence(area, share, known, reach)
    measure = asked.measure(share, evidence, most=may_share, known=list(known), left_out=list(left_out))
    measure = replace(
        measure,
        profile=f"{asked.words} / {len(known)}:{len(required)} / {homes_words(area, of=of)}",
        low=min(measure.low, least),
        high=max(measure.high, most),
        needs=(*absent(area, left_out), *guessed(area, known), *measure.needs),
        breakdown=_per_category(area, known, covers, of=of),
    )
    if profile == "mean" and reach == "straight_line" and measure.low < measure.high:
        measure = replace(
            measure, likely=_likely_mean(area, measure, dict(zip(known, covers, strict=True)), reach, of=of)
        )
    return with_services(measure, known=len(known), required=len(required))


def _likely_mean(
    area: StudyArea, measure: Measure, covers: Mapping[str, Covered], reach: Reach, *, of: Of
) -> Likely | None:
    """The likely range of the mean of the coverages; what the categories without data are is left open."""
    if reach == "street" and "roads" in area.incomplete:
        return None
    unseen, unsure, drivers = [], [], []
    for category, covered in covers.items():
        value, radius_m = coverage_by_zone(area, covered.share, of=of)[0], definition(category)[2]
        supply, mapped = supply_of(facility_shapes(area, (category,)), radius_m), mapped_facilities(area, (category,))
        one = unseen_supply(area, supply, value, covered.share, mapped, of=of, reach=reach, few=False)
        sure = surely_covered(area, (category,), radius_m, reach).share
        unseen.append(one)
        unsure.append(value - coverage_by_zone(area, sure, of=of)[0])
        things = _called((category,), len(supply.shapes))
        drivers.append(supply_driver("facilities", things, one, mapped))
    known, required = len(covers), len(required_categories())
    drivers = [replace(driver, width=driver.width / required) for driver in drivers]
    share = np.mean([covered.share for covered in covers.values()], axis=0)
    found = likely_coverage(area, measure.value, share, mean_unseen(unseen), drivers, of=of)
    if found is None:
        return None
    low, high = found.low - sum(unsure) / known, found.high + (required - known) / known
    return replace(found, low=max(0.0, low * known / required), high=min(1.0, high * known / required))


def _called(categories: tuple[str, ...], number: int) -> Text:
    """So many facilities of some categories, as what is to be checked."""
    rows = table("life_circles")["categories"]
    return sentence("facilities_mapped", number=number, facilities=[name_of(rows[c]) for c in categories])


def required_categories() -> tuple[str, ...]:
    """The ▲ categories of GB 50180-2018 for the 15, 10 and 5-minute circles, in the order of the table.

    >>> required_categories()[:2]
    ('junior_school', 'large_sports_field')
    """
    return tuple(key for key, row in table("life_circles")["categories"].items() if row["required"])


def services() -> tuple[str, ...]:
    """Every `service` that `service_coverage` takes: the categories of GB 50180-2018 and the TD/T 1063 indicators.

    >>> "kindergarten" in services(), "tdt1063.health" in services()
    (True, True)
    """
    circles = table("life_circles")
    return tuple(circles["categories"]) + tuple(f"tdt1063.{key}" for key in circles["tdt1063"])


def definition(service: str) -> tuple[Text, tuple[str, ...], float, Text]:
    """The name of a service, the categories that serve it, its radius in metres, and the source of that."""
    circles = table("life_circles")
    if service in circles["categories"]:
        row = circles["categories"][service]
        name = Text(f"{row['name_zh']}服务覆盖率", f"coverage by {row['name_en']}")
        return name, (service,), row["radius_m"], _radius_basis(row)
    indicator = service.removeprefix("tdt1063.")
    if service.startswith("tdt1063.") and indicator in circles["tdt1063"]:
        row = circles["tdt1063"][indicator]
        unsure = Text(
            f"（{row['radius_m']} m 为常见地方取值，待核对原文）",
            f" ({row['radius_m']} m is the common local reading, to be checked against the text)",
        )
        basis = alike("TD/T 1063-2021") + (NOTHING if row.get("sure") else unsure)
        return name_of(row), tuple(row["categories"]), row["radius_m"], basis
    raise InputError(
        f"service_coverage：“{service}”不在可选之列；可选的有 {'、'.join(services())}",
        f"service_coverage: {service!r} is not one of {', '.join(services())}",
    )


def _radius_basis(row: dict[str, Any]) -> Text:
    """Where the radius of a category comes from: the standards, its circle, and what the radius is there."""
    circles, minutes, radius = table("life_circles"), row["circle_min"], row["radius_m"]
    circle = Text(f"{minutes}分钟生活圈，", f"{minutes}-minute circle, ") if minutes else NOTHING
    said = Text(circles["radius_from"][row["radius_from"]], row["radius_from"])
    return (
        Text(circles["source"]["standard_zh"], circles["source"]["standard"])
        + Text("（", " (")
        + circle
        + said
        + Text(f" {radius} m）", f" {radius} m)")
    )


def absent(area: StudyArea, categories: tuple[str, ...]) -> tuple[Text, ...]:
    """Say that none of the categories occurs, unless the study declares one of them surveyed."""
    there = _categories_there(area)
    names = [table("life_circles")["categories"][c] for c in categories]
    return said_if(
        categories and not (there | area.surveyed) & set(categories),
        "services_absent",
        services=[name_of(row) for row in names],
    )


@per_area
def _categories_there(area: StudyArea) -> frozenset[str]:
    """The categories that occur among the facilities."""
    return frozenset() if area.facilities is None else frozenset(area.facilities["category"].unique())


@per_area
def guessed(area: StudyArea, categories: tuple[str, ...]) -> tuple[Text, ...]:
    """Say how many facilities of some categories are of them by a guess, if there are any."""
    mine = area.layers["facilities"]
    mine = mine[mine["category"].isin(categories).to_numpy()]
    number = int(mine["guessed"].sum())
    return said_if(number, "guessed_facilities", guessed=number, facilities=len(mine))


def without_guesses(
    area: StudyArea, measure: Measure, categories: tuple[str, ...], share: Callable[[], Floats], *, of: Of
) -> Measure:
    """Open the range of a coverage down to the `share` of each cell that sure facilities cover, where any are guessed."""
    needs = guessed(area, categories)
    if not needs:
        return measure
    least = coverage_by_zone(area, share(), of=of)[0]
    likely = with_less(measure.likely, max(0.0, measure.value - least))
    return replace(measure, low=min(measure.low, least), likely=likely, needs=(*needs, *measure.needs))


@per_area
def facility_shapes(area: StudyArea, categories: tuple[str, ...], *, sure: bool = False) -> Shapes:
    """The shapes of all facilities of some categories; with `sure` without those that are so by a guess.

    Errors: InputError for a study without facilities.
    """
    if area.facilities is None:
        raise InputError("研究中没有图层 facilities；请给出", "the study has no facilities layer; give one")
    chosen = area.facilities["category"].isin(categories).to_numpy()
    if sure:
        chosen = chosen & ~area.facilities["guessed"].to_numpy(dtype=bool)
    shapes: Shapes = area.facilities.geometry.to_numpy()[chosen]
    return shapes


@per_area
def covered_by(
    area: StudyArea, categories: tuple[str, ...], radius_m: float, reach: Reach
) -> tuple[Covered, Covered, gpd.GeoDataFrame]:
    """What facilities of some categories cover within a radius, the most they may, and the evidence."""
    shapes = facility_shapes(area, categories)
    covered, most = covered_within(area, shapes, radius_m, reach)
    return covered, most, within_evidence(area, covered, shapes, radius_m, reach=reach)


def all_covered(area: StudyArea, categories: tuple[str, ...], radius_m: float, reach: Reach) -> Covered:
    """What facilities of some categories cover within a radius, guessed ones among them."""
    return covered_by(area, categories, radius_m, reach)[0]


@per_area
def surely_covered(area: StudyArea, categories: tuple[str, ...], radius_m: float, reach: Reach) -> Covered:
    """What those facilities cover that are of some categories by no guess."""
    sure = facility_shapes(area, categories, sure=True)
    if len(sure) == len(facility_shapes(area, categories)):
        return all_covered(area, categories, radius_m, reach)
    return covered_within(area, sure, radius_m, reach)[0]


def _complied(
    homes: Demand, covers: list[Covered], required: int, *, profile: Compliance
) -> tuple[Floats, Floats, Floats]:
    """Per cell: the share that complies, and the least and the most it can be for the categories without data."""
    unknown = required - len(covers)
    shares = np.array([c.share for c in covers])
    if profile == "mean":
        total = shares.sum(axis=0)
        return total / len(covers), total / required, (total + unknown) / required
    if profile == "all_of":
        every = covered_all(homes, covers).share
        return every, np.zeros_like(every) if unknown else every, every
    hits = (shares >= 0.5).sum(axis=0)
    wanted = np.ceil(K_SHARE * required - 1e-9)
    value = (hits >= np.ceil(K_SHARE * len(covers) - 1e-9)).astype(float)
    return value, (hits >= wanted).astype(float), (hits + unknown >= wanted).astype(float)


def _per_category(area: StudyArea, known: tuple[str, ...], covers: list[Covered], *, of: Of) -> pd.DataFrame:
    rows = {}
    for category, covered in zip(known, covers, strict=True):
        value, zones, _ = coverage_by_zone(area, covered.share, of=of)
        rows[category] = {"whole_share": value, **zones.to_dict()}
    return pd.DataFrame(rows).T.rename_axis("category")


def _compliance_evidence(area: StudyArea, share: Floats, known: tuple[str, ...], reach: Reach) -> gpd.GeoDataFrame:
    """The cells of residential land, with how many of the required categories reach each and which do not."""
    count, missing = _reached_and_missing(area, known, reach)
    return (
        demand(area)
        .cells.drop(columns="zone")
        .assign(part="cell", complied_share=share, categories_reached=count, categories_missing=missing)
    )


@per_area
def _reached_and_missing(area: StudyArea, known: tuple[str, ...], reach: Reach) -> tuple[Ints, Shapes]:
    reached = np.array([covered_by(area, (c,), definition(c)[2], reach)[0].share for c in known]) >= 0.5
    patterns, pattern = np.unique(reached.T, axis=0, return_inverse=True)
    missing = np.array([", ".join(np.array(known)[~row]) for row in patterns], dtype=object)
    return reached.sum(axis=0), missing[pattern]
