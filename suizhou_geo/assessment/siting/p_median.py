"""The capacitated p-median: sites to which everyone goes the shortest way altogether, none more than a site can serve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array

from suizhou_geo.assessment.siting.covering import SECONDS
from suizhou_geo.geometry.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Served:
    """The sites that are built, who goes where, and how far altogether.

    `share` of the people of each pair of people and site (in the order they were given) goes this way. `value` is persons
    times distance, `bound` what no choice undercuts.
    """

    sites: Ints
    share: Floats
    value: float
    bound: float


def capacitated_p_median(
    site: Ints,
    place: Ints,
    distance_m: Floats,
    *,
    persons: Floats,
    capacity: Floats,
    p: int,
    built: Ints | None = None,
    seconds: float = SECONDS,
) -> Served | None:
    """Build at most p sites so that the people of all places go to them by the least distance, none beyond its capacity.

    min Σ hᵢdᵢⱼzᵢⱼ with Σⱼ zᵢⱼ = 1, zᵢⱼ ≤ xⱼ, Σᵢ hᵢzᵢⱼ ≤ kⱼxⱼ, Σ xⱼ ≤ p: the people of a place may go to several sites.
    `site`, `place`, `distance_m` are the pairs that are in reach of each other; `persons` by place, `capacity` by site
    (infinity: without end). Sites that are `built` already stand beside the p. None where not everyone can be served, or
    nothing was found in the time.

    Source: ReVelle & Swain, Central facilities location, Geographical Analysis 2 (1970); Mulvey & Beck, Solving capacitated
    clustering problems, European Journal of Operational Research 18 (1984).

    >>> two_sites, two_places = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    >>> ways = {"distance_m": np.array([100.0, 500.0, 400.0, 100.0]), "persons": np.array([10.0, 20.0])}
    >>> one = capacitated_p_median(two_sites, two_places, **ways, capacity=np.array([50.0, 50.0]), p=1)
    >>> one.sites.tolist(), one.value
    ([1], 6000.0)
    """
    places, sites, pairs = len(persons), len(capacity), len(site)
    pair, one = np.arange(pairs), np.ones(pairs)
    room = np.minimum(capacity, persons.sum())
    all_go = coo_array((one, (place, sites + pair)), shape=(places, sites + pairs))
    built_only = coo_array(
        (np.r_[one, -one], (np.r_[pair, pair], np.r_[sites + pair, site])), shape=(pairs, sites + pairs)
    )
    of_site = (np.r_[site, np.arange(sites)], np.r_[sites + pair, np.arange(sites)])
    fits = coo_array((np.r_[persons[place], -room], of_site), shape=(sites, sites + pairs))
    there = np.zeros(sites)
    there[[] if built is None else built] = 1.0
    new = coo_array((1.0 - there, (np.zeros(sites, dtype=np.int64), np.arange(sites))), shape=(1, sites + pairs))
    scale = max(float((persons[place] * distance_m).max(initial=0.0)), 1.0)
    from scipy.optimize import Bounds, LinearConstraint, milp  # loads only where sites are looked for

    found = milp(
        np.r_[np.zeros(sites), persons[place] * distance_m / scale],
        integrality=np.r_[np.ones(sites), np.zeros(pairs)],
        bounds=Bounds(np.r_[there, np.zeros(pairs)], 1.0),
        constraints=[
            LinearConstraint(all_go.tocsc(), 1.0, 1.0),
            LinearConstraint(built_only.tocsc(), -np.inf, 0.0),
            LinearConstraint(fits.tocsc(), -np.inf, 0.0),
            LinearConstraint(new.tocsc(), -np.inf, float(p)),
        ],
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    if found.x is None:
        return None
    share = found.x[sites:]
    value = float((persons[place] * distance_m * share).sum())
    return Served(np.flatnonzero(found.x[:sites] > 0.5), share, value, min(float(found.mip_dual_bound) * scale, value))
