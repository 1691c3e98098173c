"""How many streets are missing, told by homes that have none: everybody lives on a street."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import Supply, reach_of
from suizhou_geo.access.demand import demand
from suizhou_geo.geometry.arrays import Bools, Floats, Ints
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.measures.completeness import sentence
from suizhou_geo.measures.likely.mapped import Mapped, z_of
from suizhou_geo.measures.likely.ranges import quarters, weights
from suizhou_geo.measures.likely.unseen import ratio_missing
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea

_SEED = 0
_TINY = 1e-12


def mapped_branches(area: StudyArea, streets: gpd.GeoDataFrame, ground: gpd.GeoDataFrame) -> Mapped | None:
    """How much of the branch roads is mapped, at the least; None where homes do not tell, or tell that less than half is.

    Homes tell of the `ground` near them alone: that branch roads are no denser on the rest of it is assumed, and that streets
    of higher classes are all mapped. `streets` are the counted ones, with `road_class` as mapped and the `street_class` they
    count as. Branch roads may be missing, the local streets that count as such, or both: each is looked at by the homes that
    no other street is near, and the most is told.
    """
    homes, rules = demand(area), table("completeness")["streets"]
    if homes.basis == "zone_area":
        return None
    branch = streets["street_class"].eq("branch").to_numpy(dtype=bool)
    local = branch & streets["road_class"].eq("local").to_numpy(dtype=bool)
    near = {name: _near(area, streets[of], rules["near_m"]) for name, of in (("b", branch & ~local), ("l", local))}
    higher = _near(area, streets[~branch], rules["near_m"]) > 0
    deep = _near(area, streets, rules["blank_m"]) == 0
    blank = _around(area, deep, rules["around_m"])
    readings = (
        (near["b"], higher | (near["l"] > 0)),
        (near["l"], higher | (near["b"] > 0)),
        (near["b"] + near["l"], higher),
    )
    found = [_most_missing(area, number, ~others, blank) for number, others in readings]
    most = max((one for one in found if one is not None), default=1.0)
    heard = _share_near(area, ground, rules["near_m"])
    least = heard / (1.0 + most)
    if least <= rules["least_mapped"]:
        return None
    without = float(weights(area, "land")[(near["b"] + near["l"] == 0) & ~higher].sum())
    said = sentence("mapped_streets", share=without, near_m=rules["near_m"], heard=heard, least=least)
    return Mapped(least, 1.0, said, assumed=True)


def _share_near(area: StudyArea, ground: gpd.GeoDataFrame, within_m: float) -> float:
    """The share of some ground that lies within a distance of homes."""
    land, zones = shapes_of(demand(area).land), shapes_of(ground)
    near = shapely.intersection(zones, reach_of(Supply(land, np.full(len(land), within_m))))
    return float(shapely.area(near).sum() / shapely.area(zones).sum())


def _most_missing(area: StudyArea, number: Ints, mine: Bools, blank: Bools) -> float | None:
    """How many times the streets mapped are missing, at the most, by the `number` that is near homes that are `mine`.

    Homes with none show that some are missing, those with one alone how many were to be missed so (`ratio_missing`). In
    `blank` ground what is missing is as long for each home as it is elsewhere. How far that may be off is told by drawing the
    quarters anew, by chance. None where there are too few such homes.
    """
    rules, weight = table("completeness")["streets"], weights(area, "land")
    unmapped = mine & blank & (number == 0)
    heard = mine & ~unmapped
    if weight[mine].sum() < rules["least_homes"] or not number[heard].any():
        return None
    quarter = quarters(demand(area).centre, table("completeness")["quarter_m"])
    by_quarter = np.zeros((quarter.max() + 1, int(number[heard].max()) + 1))
    np.add.at(by_quarter, (quarter[heard], number[heard]), weight[heard])
    blank_of = np.bincount(quarter, weights=weight * unmapped, minlength=len(by_quarter))
    times = _resampled(len(by_quarter), rules["resamples"])
    drawn = times @ by_quarter
    missing = ratio_missing(drawn) + (times @ blank_of) / np.maximum(drawn[:, 1:].sum(axis=1), _TINY)
    return float(np.quantile(missing, _upper()))


def _near(area: StudyArea, streets: gpd.GeoDataFrame, distance_m: float) -> Ints:
    """How many ways, each there or missing as a whole, are within a distance of the middle of each cell of homes."""
    tree, unit = demand(area).tree, _ways(streets)
    street, cell = tree.query(streets.geometry.to_numpy(), predicate="dwithin", distance=distance_m)
    pairs = np.unique(np.stack([unit[street], cell]), axis=1)
    return np.bincount(pairs[1], minlength=len(demand(area).centre))


def _ways(streets: gpd.GeoDataFrame) -> Ints:
    """The way that each stretch of street is drawn as, numbered: it is there or missing as a whole."""
    own = pd.Series([f"row {row}" for row in range(len(streets))])
    names = streets["source_id"].fillna("").astype(str).reset_index(drop=True)
    return np.asarray(pd.factorize(names.where(names != "", own))[0])


def _around(area: StudyArea, deep: Bools, within_m: float) -> Bools:
    """The cells within a distance of some."""
    homes, near = demand(area), np.zeros(len(deep), dtype=bool)
    near[homes.tree.query(homes.centre[deep], predicate="dwithin", distance=within_m)[1]] = True
    return near


def _resampled(quarters_: int, times: int) -> Floats:
    """How often each quarter is drawn, each time as many as there are; the first time each is drawn once."""
    chance = np.random.default_rng(_SEED)
    drawn = chance.multinomial(quarters_, np.full(quarters_, 1.0 / quarters_), size=times)
    return np.vstack([np.ones(quarters_), drawn])


def _upper() -> float:
    from scipy.stats import norm

    return float(norm.cdf(z_of()))
