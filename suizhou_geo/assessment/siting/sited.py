"""Sites for a coverage: chosen, ranked, and held against the very measure that is reported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import Of, coverage_by_zone
from suizhou_geo.access.demand import demand
from suizhou_geo.assessment.siting.candidates import candidate_sites
from suizhou_geo.assessment.siting.capacitated import within_capacity
from suizhou_geo.assessment.siting.covering import (
    SECONDS,
    Chosen,
    Covering,
    Limits,
    cheapest_covering,
    greedy_curve,
    maximal_covering,
)
from suizhou_geo.assessment.siting.ground import Ground, covered_by, ground_of
from suizhou_geo.assessment.siting.services import Parks, Service, service_of
from suizhou_geo.assessment.siting.worst_zone import Zones, worst_zone_first
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text, listed_text
from suizhou_geo.geometry.arrays import Floats, Ints
from suizhou_geo.geometry.zonal import zone_of
from suizhou_geo.model import Measure
from suizhou_geo.study_area import StudyArea

SAME = 1e-9  # so near the programme and the measure must be to be one
CURVE_SITES = 30
_SHOWN = 5e-4  # of a share told to a tenth of a per cent


@dataclass(frozen=True)
class Wanted:
    """What is asked for: the best `p` sites, the best that a `budget` pays, or the fewest that reach a `target` share.

    `worst_zone_first`: of p sites, or of a budget, those that lift the lowest zone the most; `within_capacity`: those by
    which the most of those who need a place get one, each site holding no more than its capacity.
    """

    p: int | None = None
    budget: float | None = None
    target: float | None = None
    worst_zone_first: bool = False
    within_capacity: bool = False

    @property
    def _otherwise(self) -> bool:
        """Whether something else than the coverage is to be as high as can be."""
        return self.worst_zone_first or self.within_capacity

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.target is not None and (self.p is not None or self.budget is not None or self._otherwise):
            raise InputError(
                "site：target 是求达到目标的最少点位，不能与 p、budget 同用；请只留其一",
                "site: target asks for the fewest sites that reach it and goes with no p or budget; keep one of them",
            )
        if self.p is None and self.budget is None and self.target is None:
            raise InputError(
                "site：没有说要几个点位；请给出 p（个数）、budget（预算）或 target（目标覆盖率）",
                "site: nothing says how many sites; give p (how many), budget or target (the share to reach)",
            )
        if self.p is not None and (isinstance(self.p, bool) or not isinstance(self.p, Integral) or self.p < 1):
            raise InputError(
                f"site：p “{self.p}”应为大于零的整数", f"site: p is {self.p!r}, wanted a whole number above zero"
            )
        if self.budget is not None and not (np.isfinite(self.budget) and self.budget > 0):
            raise InputError(
                f"site：budget “{self.budget}”应为大于零的数",
                f"site: budget is {self.budget!r}, wanted a number above zero",
            )
        if self.target is not None and not 0 < self.target <= 1:
            raise InputError(
                f"site：target “{self.target}”应在 0 到 1 之间，如 0.9",
                f"site: target is {self.target!r}, wanted a share from 0 to 1 such as 0.9",
            )


@dataclass(frozen=True, eq=False)
class Sited:
    """The sites that were chosen for a coverage, in the order of what each adds.

    `before` is the coverage as it is. `sites` has a row for each chosen site: rank, site, name, where (own, land, homes),
    land_class, zone_id, zone, area_ha, cost, capacity, newly_ha and newly_persons (covered by it and by none before it; persons
    NaN where the study has none), coverage (with it and all before it built), and its shape. `value` is the coverage with all
    of them built, and `by_zone`, measured. `chosen` says how good the choice is: of the best p, or what a budget pays,
    `value` and `bound` are coverages; of the fewest that reach a target, costs (sites where not all costs are known); of
    the worst zone first, the lowest coverage of a zone that any site helps; within capacity, the share of those who need a
    place that get one. `reached`: whether the target is (None: none
    was asked for). `curve`: by number of sites, the coverage of the greedy choice and the most of any. `candidates` are all
    sites that would serve.
    """

    area: StudyArea
    service: Service
    before: Measure
    wanted: Wanted
    sites: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    value: float
    by_zone: pd.Series
    chosen: Chosen
    reached: bool | None
    curve: pd.DataFrame
    notes: tuple[Text, ...]

    @property
    def gap(self) -> float:
        """How far the choice may be from the best: of what it adds to the coverage, else of costs or of the lowest zone."""
        wanted = self.wanted
        if wanted.target is not None or wanted.worst_zone_first or wanted.within_capacity:
            return self.chosen.gap
        most = self.chosen.bound - self.before.value
        return (self.chosen.bound - self.chosen.value) / most if most > 0.0 else 0.0

    @cached_property
    def on_the_ground(self) -> Measure:
        """The coverage as it is, with the candidates that were not chosen (points) and the chosen sites in its evidence."""
        evidence = self.before.evidence
        if evidence is None:
            return self.before
        others = self.candidates[~self.candidates["site"].isin(self.sites["site"])]
        chosen = self.sites.geometry.to_numpy()
        as_point = shapely.get_dimensions(chosen) == 0
        marks = {
            "candidate": shapely.point_on_surface(others.geometry.to_numpy()),
            "proposed": chosen[~as_point],
            "proposed_point": chosen[as_point],
        }
        marked = [
            gpd.GeoDataFrame({"part": [part] * len(shapes)}, geometry=shapes, crs=self.area.crs)
            for part, shapes in marks.items()
            if len(shapes)
        ]
        together = pd.concat([evidence, *marked], ignore_index=True)
        return replace(self.before, evidence=together)

    @cached_property
    def built(self) -> StudyArea:
        """The area with the chosen sites built: any measure can be asked of it."""
        layer = self.area.layers[self.service.layer]
        rows = pd.concat([layer, self.service.rows(self.sites)], ignore_index=True)
        return self.area.replace(**{self.service.layer: rows})


def sited(
    area: StudyArea,
    measure: str,
    wanted: Wanted,
    *,
    asked: Mapping[str, Any],
    candidates: Sequence[str],
    seconds: float = SECONDS,
) -> Sited:
    """Choose sites for a coverage.

    Errors: InputError where the measure has no sites or no data, and for candidates there are none of.
    """
    before, service = service_of(area, measure, asked)
    reach, of, whole = before.params["reach"], before.params["of"], float(before.denominator.sum())
    covered = covered_by(area, service.existing, reach)
    found = candidate_sites(
        area, covered.share, wanted=candidates, as_parks=isinstance(service, Parks), least_m2=service.least_m2
    )
    sites, supply = service.offered(found)
    if sites.empty:
        kinds = listed_text(candidates)
        raise InputError(
            f"site：没有可用的备选点位（{kinds.zh}，共 {len(found)} 处）；请换一类，或给出图层 candidates",
            f"site: no site can be used ({kinds.en}: {len(found)}); take another kind, or give a layer candidates",
        )
    ground = ground_of(area, service.existing, covered, supply, reach)
    weight = ground.ha if of == "land" else ground.persons
    problem = Covering(ground.covers, weight / whole, _costs(sites, wanted), covered=before.value)
    served: tuple[Text, ...] = ()
    if wanted.within_capacity:
        limits = Limits(wanted.p, wanted.budget)
        chosen, told = within_capacity(area, before, service, sites, limits, problem.cost, seconds=seconds)
        served = (told,)
    else:
        chosen = _chosen(problem, _zones(ground, before), wanted, seconds=seconds)
    picked = sites.iloc[chosen.sites].reset_index(drop=True)
    shares = [covered.share, covered_by(area, service.built(picked), reach).share]
    value, by_zone, _ = coverage_by_zone(area, shares[-1], of=of)
    differs = abs(value - problem.value(chosen.sites)) > SAME
    if differs:  # sites that join each other, or a city so small that rims are looked at anew
        built = [service.built(picked.iloc[:k]) for k in range(1, len(picked))]
        shares[1:1] = [covered_by(area, some, reach).share for some in built]
        steps = [_amounts(area, share, of=of) for share in shares]
    else:
        steps = [_promised(ground, problem, chosen.sites[:k]) for k in range(len(picked) + 1)]
    reached = None if wanted.target is None else value >= wanted.target - SAME
    return Sited(
        area=area,
        service=service,
        before=before,
        wanted=wanted,
        sites=_ranked(area, picked, np.array(steps)),
        candidates=sites,
        value=value,
        by_zone=by_zone,
        chosen=chosen,
        reached=reached,
        curve=_curve(problem, chosen.sites),
        notes=(
            *served,
            *_notes(before, chosen, reached, value, unusable=len(found) - len(sites), differs=differs),
        ),
    )


def _zones(ground: Ground, before: Measure) -> Zones:
    there = before.denominator.to_numpy(dtype=float) / float(before.denominator.sum())
    return Zones(ground.zone, there, np.nan_to_num(before.by_zone.to_numpy(dtype=float)) * there)


def _costs(sites: gpd.GeoDataFrame, wanted: Wanted) -> Floats:
    """What each site costs; where not all costs are known, each counts as one."""
    cost = sites["cost"].to_numpy(dtype=float)
    unknown = np.flatnonzero(np.isnan(cost))
    if wanted.budget is not None and len(unknown):
        which = sites["name"].iloc[unknown[0]] or sites["site"].iloc[unknown[0]]
        raise InputError(
            f"site：给了 budget，但备选点位“{which}”没有费用；请在 candidates 图层的 cost 列填写，并只用 candidates",
            f"site: there is a budget, but the site {which} has no cost; fill in the column cost of the layer candidates, "
            "and take no others",
        )
    return np.ones(len(cost)) if len(unknown) else cost


def _chosen(problem: Covering, zones: Zones, wanted: Wanted, *, seconds: float) -> Chosen:
    target = wanted.target
    if target is None:
        limits = Limits(wanted.p, wanted.budget)
        if wanted.worst_zone_first:
            return worst_zone_first(problem, zones, limits, seconds=seconds)
        return maximal_covering(problem, limits, seconds=seconds)
    most = problem.value(np.arange(len(problem.cost)))  # all that the candidates can do
    return cheapest_covering(problem, min(target, most), seconds=seconds)


def _promised(ground: Ground, problem: Covering, sites: Ints) -> tuple[float, float, float]:
    """Hectares and persons that some sites newly cover, and the coverage."""
    newly = ~problem.open_after(sites)
    return float(ground.ha[newly].sum()), float(ground.persons[newly].sum()), problem.value(sites)


def _amounts(area: StudyArea, share: Floats, *, of: Of) -> tuple[float, float, float]:
    """Hectares and persons that are covered, and the coverage."""
    cells = demand(area).cells
    ha, persons = (float((share * cells[column].to_numpy()).sum()) for column in ("area_m2", "persons"))
    return ha / 1e4, persons, coverage_by_zone(area, share, of=of)[0]


def _ranked(area: StudyArea, picked: gpd.GeoDataFrame, steps: Floats) -> gpd.GeoDataFrame:
    """The chosen sites with what each adds; `steps`: hectares, persons and coverage with none, one, two, ... of them."""
    zone = zone_of(picked.geometry.to_numpy(), area.zones)
    added = np.diff(steps[:, :2], axis=0)
    return gpd.GeoDataFrame(
        {
            "rank": np.arange(1, len(picked) + 1),
            **{column: picked[column] for column in ("site", "name", "where", "land_class")},
            "zone_id": np.where(zone >= 0, area.zones.index.astype(str).to_numpy()[zone], ""),
            "zone": np.where(zone >= 0, area.zones["name"].astype(str).to_numpy()[zone], ""),
            "area_ha": shapely.area(picked.geometry.to_numpy()) / 1e4,
            **{column: picked[column] for column in ("cost", "capacity")},
            "newly_ha": added[:, 0],
            "newly_persons": added[:, 1],
            "coverage": steps[1:, 2],
        },
        geometry=picked.geometry,
        crs=area.crs,
    )


def _curve(problem: Covering, sites: Ints) -> pd.DataFrame:
    coverage, most = greedy_curve(problem, max(CURVE_SITES, len(sites)))
    if len(sites) < len(coverage):
        coverage[len(sites)] = max(coverage[len(sites)], problem.value(sites))
    return pd.DataFrame(
        {"sites": np.arange(len(coverage)), "coverage": coverage, "at_most": np.maximum(most, coverage)}
    )


def _notes(
    before: Measure, chosen: Chosen, reached: bool | None, value: float, *, unusable: int, differs: bool
) -> tuple[Text, ...]:
    """What must be known of the choice."""
    low, high = before.low, before.high
    told = (
        (
            before.thin is not None,
            Text(
                "现状覆盖率的分母过小，或与数据矛盾，无法判定；选址结果也不能作为依据",
                "the coverage cannot be told (it stands on too little, or the data contradict it): neither can where to build",
            ),
        ),
        (
            reached is False,
            Text(
                f"备选点位全部建成也只到 {value:.1%}，达不到目标；需要更多备选点位",
                f"all candidates together reach {value:.1%} and not the target: more of them are needed",
            ),
        ),
        (
            bool(reached) and not len(chosen.sites),
            Text("现状已达到目标，不需要新建", "the target is reached already: nothing needs to be built"),
        ),
        (
            reached is None and not len(chosen.sites),
            Text(
                "备选点位都不能再增加覆盖，或都超出预算",
                "no candidate adds to the coverage, or none is within the budget",
            ),
        ),
        (
            low < before.value - _SHOWN or high > before.value + _SHOWN,
            Text(
                f"现状覆盖率可能在 {low:.1%} 至 {high:.1%} 之间（数据不全），选址按 {before.value:.1%} 计算",
                f"the coverage is anything from {low:.1%} to {high:.1%}, as data are missing; this is for {before.value:.1%}",
            ),
        ),
        (
            differs,
            Text(
                "点位相互连成一片，或覆盖边缘按更细的点量算：表中的数值都是建成后重新测算的，与最优的差距只对优化模型成立",
                "sites join each other, or rims are looked at more closely: the numbers of the table are measured anew, and "
                "how far the choice is from the best holds for the programme alone",
            ),
        ),
        (
            unusable > 0,
            Text(
                f"{unusable} 处备选点位不能计入（过小、位于小区内，或另有用途），已略去",
                f"{unusable} candidates would not count (too small, inside compounds, or for another use) and are left out",
            ),
        ),
    )
    return tuple(text for holds, text in told if holds)
