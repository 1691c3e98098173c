"""Gaps of communities (社区设施缺口): in how many communities a facility of the living circles is missing, and which."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.access.coverage import Of, Reach
from suizhou_geo.access.demand import demand
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats
from suizhou_geo.geometry.zonal import by_zone
from suizhou_geo.measures.asked import Asked, name_of, public, summed
from suizhou_geo.measures.bases import basis_needs
from suizhou_geo.measures.communities import (
    HOMES_SHARE,
    INSIDE_SHARE,
    Test,
    communities,
    holds,
    homes_sure,
    reached,
    told,
    unusable,
)
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, one_of
from suizhou_geo.measures.life_circle import (
    absent,
    all_covered,
    definition,
    facility_shapes,
    guessed,
    required_categories,
    surely_covered,
)
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area

OWN_CIRCLE_MIN = 5  # the circle a community is to have for itself
_BASIS = Text(
    "GB 50180-2018 3.0.4 及附录B、附录C；城市体检：未达标配建的设施数量",
    "GB 50180-2018 3.0.4, appendices B and C; city health check: number of facilities that are lacking",
)


@public
def community_gaps(
    area: StudyArea,
    category: str | None = None,
    *,
    test: Test = "inside",
    reach: Reach = "straight_line",
    of: Of = "land",
) -> Measure:
    """设施不达标社区数: how many communities lack at least one required facility of the living circles, or one `category`.

    Communities are the polygons of the layer with at least half of their area inside the zones. Required are the ▲
    categories of GB 50180-2018. Those of the 5-minute circle a community should have itself: with test = "inside" one must
    stand within its outline (a site counts where its inner point lies), with "within_reach" at least half of its homes must
    lie within the service radius. Those of the 15 and 10-minute circles serve several communities: always by reach.
    Homes are residential land or, with of = "persons", the persons on it; `reach` as for `service_coverage`.

    A category that does not occur in the facilities layer is not known: it makes no gap in the value and one everywhere
    in `high`, unless the study declares it surveyed. What facilities are by a guess is there in the value and not in `high`.
    Facilities that may be incomplete leave every gap open downwards.
    A community without homes has nothing to be reached; only what should stand in it can be missing.

    `breakdown`: per required category its circle, how it was tested, in how many communities it is there, lacking and not
    known, and the persons who live where it is lacking. `evidence`: the communities, part = "community_gap" or
    "community_served", with persons, gaps, categories_missing.

    Errors: InputError for a category that is not required, or an unknown test, reach or denominator.
    Source: GB 50180-2018 appendices B and C; 住建部城市体检 counts such gaps since 2023.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> community_gaps(area, "kindergarten").unit
    'count'
    """
    required = required_categories() if category is None else (category,)
    if category is not None:
        one_of("community_gaps: category", category, required_categories())
    key = "community_gaps" if category is None else f"community_gaps.{category}"
    tests = {c: _tested(c, test) for c in required}
    by_homes = "within_reach" in tests.values()
    words = f"{test if category is None else tests[category]}" + (f" / {reach} / {of}" if by_homes else "")
    params = {
        "required": list(required),
        "radii_m": {c: definition(c)[2] for c in required if tests[c] == "within_reach"},
        "test": test,
        "reach": reach,
        "of": of,
        "homes_share": HOMES_SHARE,
        "inside_share": INSIDE_SHARE,
    }
    name = None if category is None else name_of(table("life_circles")["categories"][category])
    asked = Asked(area, key, words, params, _BASIS, name)
    layers = ("facilities", *(("roads",) if reach == "street" and by_homes else ()))
    needs = unusable(area) or missing_layers(area, *layers, *(("population",) if of == "persons" and by_homes else ()))
    known = () if needs else tuple(c for c in required if not absent(area, (c,)))
    if not known:
        return asked.no_data(needs or absent(area, required))
    rows = communities(area).rows
    has = np.column_stack([_has(area, c, tests[c], reach, of) for c in required])
    guesses = guessed(area, known)
    least = np.column_stack([_has(area, c, tests[c], reach, of, sure=True) for c in required]) if guesses else has
    lacks, surely, maybe = _gaps(area, has, tests, least=least, known=known, layers=layers, of=of)
    count = by_zone(lacks.any(axis=1).astype(float), rows["zone"].to_numpy(), area.zones)
    words += f" / {len(known)}:{len(required)}" if category is None else ""
    words += f" / {demand(area).basis}" if by_homes else ""
    asked = replace(asked, profile=words).found(communities=len(rows), known=list(known))
    return asked.measure(
        summed(count),
        evidence=_evidence(rows, lacks, np.isnan(has), required),
        low=float(surely.any(axis=1).sum()),
        high=np.inf if "communities" in area.incomplete else float(maybe.any(axis=1).sum()),
        needs=absent(area, tuple(c for c in required if c not in known))
        + guesses
        + (basis_needs(area) if by_homes else ())
        + incomplete_layers(area, "communities", *layers, *(("residential",) if by_homes else ())),
        notes=told(area),
        breakdown=_by_category(rows, has, tests),
    )


def _tested(category: str, test: Test) -> Test:
    own = table("life_circles")["categories"][category]["circle_min"] == OWN_CIRCLE_MIN
    return test if own else "within_reach"


@per_area
def _has(area: StudyArea, category: str, test: Test, reach: Reach, of: Of, *, sure: bool = False) -> Floats:
    """Per community 1 where it has the category, 0 where not, NaN where that is not known; with `sure` none by a guess."""
    found = communities(area)
    if absent(area, (category,)):
        return np.full(len(found.rows), np.nan)
    if test == "inside":
        return holds(found, facility_shapes(area, (category,), sure=sure)).astype(float)
    of_them = surely_covered if sure else all_covered
    return reached(area, of_them(area, (category,), definition(category)[2], reach).share, of=of)


def _gaps(
    area: StudyArea,
    has: Floats,
    tests: dict[str, Test],
    *,
    least: Floats,
    known: tuple[str, ...],
    layers: tuple[str, ...],
    of: Of,
) -> tuple[Bools, Bools, Bools]:
    """Which communities lack what: as far as known, surely, and at the worst. `least` is `has` without guesses."""
    lacks = has == 0.0
    by_homes = np.array([test == "within_reach" for test in tests.values()])
    unsure = by_homes & (not homes_sure(area, of=of))
    more_roads = by_homes & ("roads" in layers and "roads" in area.incomplete)
    surely = lacks & ~unsure & ~more_roads & ("facilities" not in area.incomplete)
    return lacks, surely, (least == 0.0) | unsure | np.array([c not in known for c in tests])


def _by_category(rows: gpd.GeoDataFrame, has: Floats, tests: dict[str, Test]) -> pd.DataFrame:
    persons = rows["persons"].to_numpy()
    lacks, unknown = has == 0.0, np.isnan(has)
    nothing = unknown.all(axis=0)
    return pd.DataFrame(
        {
            "circle_min": [table("life_circles")["categories"][c]["circle_min"] for c in tests],
            "test": list(tests.values()),
            "there": np.where(nothing, np.nan, (has == 1.0).sum(axis=0)),
            "lacking": np.where(nothing, np.nan, lacks.sum(axis=0)),
            "not_known": unknown.sum(axis=0),
            "persons_lacking": np.where(nothing, np.nan, (lacks * persons[:, None]).sum(axis=0)),
        },
        index=pd.Index(list(tests), name="category"),
    )


def _evidence(rows: gpd.GeoDataFrame, lacks: Bools, unknown: Bools, required: tuple[str, ...]) -> gpd.GeoDataFrame:
    names = np.array(required)
    shown = rows[["name", "zone_id", "persons", "homes_ha", "geometry"]]
    return shown.assign(
        part=np.where(lacks.any(axis=1), "community_gap", "community_served"),
        gaps=lacks.sum(axis=1),
        not_known=unknown.sum(axis=1),
        categories_missing=[", ".join(names[row]) for row in lacks],
    )
