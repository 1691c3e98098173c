"""Sites with capacities: as many of those who need a place as can be get one in reach, none beyond what a site holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, vstack

from suizhou_geo.access.coverage import Reach, Supply
from suizhou_geo.access.demand import demand
from suizhou_geo.access.floating_catchment import walks
from suizhou_geo.assessment.siting.covering import HAIR, SECONDS, UNITS, Chosen, Limits
from suizhou_geo.assessment.siting.services import Service
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Ints
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea


@dataclass(frozen=True, eq=False)
class Places:
    """Who could go where: pairs of a `site` and a `home` in its reach, what each home needs, and what each site holds.

    The first `built` sites stand already; `cost` is that of the others.
    """

    site: Ints
    home: Ints
    need: Floats
    capacity: Floats
    cost: Floats
    built: int = 0


def capacitated_covering(problem: Places, limits: Limits, *, seconds: float = SECONDS) -> tuple[Chosen, float]:
    """The new sites within limits by which the most get a place, and what get one without any of them.

    max Σ hᵢzᵢⱼ with Σⱼ zᵢⱼ ≤ 1, zᵢⱼ ≤ xⱼ, Σᵢ hᵢzᵢⱼ ≤ kⱼxⱼ, Σ xⱼ ≤ p, Σ cⱼxⱼ ≤ budget: the capacitated maximal covering
    location problem; a home may be shared out. Sites are numbered without the built ones. Where nothing is found in the time,
    no site is chosen and the bound says so.

    Source: Current & Storbeck, Capacitated covering models, Environment and Planning B 15 (1988).

    >>> homes = {"need": np.array([10.0, 10.0, 10.0]), "capacity": np.array([15.0, 30.0]), "cost": np.ones(1), "built": 1}
    >>> chosen, before = capacitated_covering(Places(np.array([0, 0, 1]), np.array([0, 1, 2]), **homes), Limits(sites=1))
    >>> before, chosen.sites.tolist(), chosen.value
    (15.0, [0], 25.0)
    """
    nobody = np.zeros(len(problem.cost))
    before = _solved(problem, [(np.ones(len(problem.cost)), 0.0)], seconds)
    found = _solved(problem, limits.rows(problem.cost), seconds)
    least = nobody if found is None else found[0]
    value = (before or found or (nobody, 0.0, 0.0))[1] if found is None else found[1]
    bound = float(problem.need.sum()) if found is None else found[2]
    sites = np.flatnonzero(least > 0.5)
    order = sites[np.argsort(-_load(problem, sites, found), kind="stable")] if found is not None else sites
    return Chosen(order, value, max(bound, value), "integer_programme"), 0.0 if before is None else before[1]


_Found = tuple[Floats, float, float, Floats]


def _load(problem: Places, sites: Ints, found: _Found | None) -> Floats:
    """How much of what is needed goes to some new sites."""
    if found is None:
        return np.zeros(len(sites))
    load = np.bincount(problem.site, weights=problem.need[problem.home] * found[3], minlength=len(problem.capacity))
    return np.asarray(load[problem.built + sites], dtype=np.float64)


def _solved(problem: Places, rows: list[tuple[Floats, float]], seconds: float) -> _Found | None:
    """Which new sites are built, what is served, what no choice betters, and the share of each pair; None: nothing found."""
    new, pairs, homes, sites = len(problem.cost), len(problem.site), len(problem.need), len(problem.capacity)
    total = float(problem.need.sum())
    if not pairs or not total > 0.0:
        return np.zeros(new), 0.0, 0.0, np.zeros(pairs)
    pair, one = np.arange(pairs), np.ones(pairs)
    opened = problem.site - problem.built
    is_new = opened >= 0
    weight = problem.need[problem.home] / total
    room = np.minimum(problem.capacity, total) / total
    width = new + pairs
    once = coo_array((one, (problem.home, new + pair)), shape=(homes, width))
    only_built = coo_array(
        (
            np.r_[one[is_new], -one[is_new]],
            (np.tile(np.arange(is_new.sum()), 2), np.r_[new + pair[is_new], opened[is_new]]),
        ),
        shape=(int(is_new.sum()), width),
    )
    holds = coo_array(
        (
            np.r_[weight, -room[problem.built :]],
            (np.r_[problem.site, np.arange(problem.built, sites)], np.r_[new + pair, np.arange(new)]),
        ),
        shape=(sites, width),
    )
    full = np.r_[room[: problem.built], np.zeros(new)]
    limited = [csr_array(np.r_[each, np.zeros(pairs)].reshape(1, -1)) for each, _ in rows]
    from scipy.optimize import Bounds, LinearConstraint, milp  # loads only where sites are looked for

    found = milp(
        np.r_[np.zeros(new), -UNITS * weight],
        integrality=np.r_[np.ones(new), np.zeros(pairs)],
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(
            vstack([once, only_built, holds, *limited]).tocsc(),
            -np.inf,
            np.r_[np.ones(homes), np.zeros(int(is_new.sum())), full, [most for _, most in rows]],
        ),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    share = np.clip(found.x[new:], 0.0, 1.0)
    value = float((problem.need[problem.home] * share).sum())
    bound = value if found.mip_dual_bound is None else -float(found.mip_dual_bound) / UNITS * total
    return found.x[:new], value, bound + HAIR * total, share


def places_of(
    area: StudyArea,
    existing: Supply,
    sites: Supply,
    *,
    reach: Reach,
    held: Floats,
    need_per_person: float,
    cost: Floats,
) -> Places:
    """Who could go to what stands and to sites, homes with the same choice together: by the middles of the demand cells.

    `held` is what each of these holds, the existing ones first.
    """
    homes = demand(area)
    shapes = np.concatenate([existing.shapes, sites.shapes])
    radius_m = float(np.r_[existing.radius_m, sites.radius_m].max(initial=0.0))
    if reach == "street":
        found = walks(area, shapes, limit_m=radius_m)
        site, cell = found.facility, found.home
    else:
        site, cell = homes.tree.query(shapes, predicate="dwithin", distance=radius_m)
    near = csr_array((np.ones(len(site)), (cell, site)), shape=(len(homes.cells), len(shapes)))
    near.sort_indices()
    persons = homes.cells["persons"].to_numpy(dtype=float)
    numbers: dict[bytes, int] = {}
    rows = np.split(near.indices, near.indptr[1:-1])
    group = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in rows], dtype=np.int64)
    first = np.unique(group, return_index=True)[1]
    need = np.bincount(group, weights=persons * need_per_person, minlength=len(first)).astype(float)
    return Places(
        np.concatenate([np.empty(0, dtype=np.int64), *(rows[k] for k in first)]).astype(np.int64),
        np.repeat(np.arange(len(first)), [len(rows[k]) for k in first]),
        need,
        held,
        cost,
        built=len(existing.shapes),
    )


def within_capacity(
    area: StudyArea,
    before: Measure,
    service: Service,
    sites: gpd.GeoDataFrame,
    limits: Limits,
    cost: Floats,
    *,
    seconds: float = SECONDS,
) -> tuple[Chosen, Text]:
    """Choose the sites within limits by which the most who need a place get one; and say how many that are.

    What is needed is the standard of the kind of places (standards/life_circles.toml), per 1,000 residents. Existing facilities
    hold what their `capacity` says.

    Errors: InputError for a service without a standard, and for facilities or sites that do not say what they hold.
    """
    category = before.subject
    standard = next((row for row in table("life_circles")["places"].values() if [category] == row["categories"]), None)
    if standard is None or area.population is None:
        known = [
            row["categories"][0] for row in table("life_circles")["places"].values() if len(row["categories"]) == 1
        ]
        raise InputError(
            f"site：{before.name.zh}不能按容量选址；需要人口图层，可以按容量选址的有 {'、'.join(known)}",
            f"site: {before.name.en} cannot be sited by capacity: that wants a population, and goes for {', '.join(known)}",
        )
    facilities = area.layers["facilities"]
    there = facilities[facilities["category"].eq(category).to_numpy()]
    held = np.r_[pd.to_numeric(there["capacity"], errors="coerce"), sites["capacity"]].astype(float)
    unknown = ~(held >= 0.0)
    if unknown.any():
        old, new = int(unknown[: len(there)].sum()), int(unknown[len(there) :].sum())
        raise InputError(
            f"site：按容量选址要知道学位（床位）数，现有设施缺 {old} 处，备选点位缺 {new} 处；请填写 capacity 列",
            f"site: by capacity wants places: {old} facilities and {new} candidates do not say theirs; fill in capacity",
        )
    supply = service.offered(sites)[1]
    per_person = float(standard["per_thousand"]) / 1e3
    reach: Reach = before.params["reach"]
    problem = places_of(area, service.existing, supply, reach=reach, held=held, need_per_person=per_person, cost=cost)
    total = float(problem.need.sum())
    if not total > 0.0:
        raise InputError(
            "site：居住用地上没有人口，没有人需要学位（床位），无法按容量选址；请核对图层 population",
            "site: nobody lives on the homes, so no places are needed and nothing can be sited by capacity; check the layer "
            "population",
        )
    chosen, served = capacitated_covering(problem, limits, seconds=seconds)
    told = Text(
        f"按每千人 {standard['per_thousand']:g} 个计，需要 {total:,.0f} 个；服务半径内有位的现为 {served / total:.1%}，"
        f"新建后 {chosen.value / total:.1%}，每处不超过其容量",
        f"at {standard['per_thousand']:g} per 1,000 persons {total:,.0f} places are needed; {served / total:.1%} are there in "
        f"reach now, {chosen.value / total:.1%} with the sites, none holding more than its capacity",
    )
    return replace(chosen, value=chosen.value / total, bound=chosen.bound / total), told
