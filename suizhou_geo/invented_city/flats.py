"""The survey of houses of the invented city: slabs of flats with their storeys, and the persons each community counts.

The study does not read it: persons stand on the 100 m grid there. It is what an office has that counts persons by
community and knows the storeys of its houses, and the truth says what follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import Polygon, STRtree

from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.invented_city.city import City, stream
from suizhou_geo.invented_city.communities import PERSONS_PER_HOUSEHOLD
from suizhou_geo.invented_city.points import box_round, shape_to_cm

STOREYS = (2, 6, 11, 18, 26)
_SLAB_M = (42.0, 13.0)
_PITCH_M = (54.0, 31.0)
_SET_BACK_M = 6.0


@dataclass(frozen=True)
class House:
    """A house of flats, its ground and its storeys."""

    shape: Polygon
    storeys: int


def houses(city: City) -> tuple[House, ...]:
    """Rows of slabs on every residential block, as high as chance has it block by block; one house where no slab fits."""
    rng = stream("storeys", city.seed)
    found: list[House] = []
    for home in city.land.homes:
        storeys = rng.choice(STOREYS)
        found += [House(shape, storeys) for shape in _slabs(home)]
    return tuple(found)


def _slabs(home: Polygon) -> list[Polygon]:
    west, south, east, north = home.bounds
    middles = [
        (x, y)
        for x in np.arange(west + _PITCH_M[0] / 2, east, _PITCH_M[0]).tolist()
        for y in np.arange(south + _PITCH_M[1] / 2, north, _PITCH_M[1]).tolist()
    ]
    free = home.buffer(-_SET_BACK_M)
    slabs = [slab for slab in (shape_to_cm(box_round(middle, *_SLAB_M)) for middle in middles) if free.contains(slab)]
    return slabs or [home]


def persons_counted(city: City) -> list[int]:
    """The persons of each community, as its register has them."""
    return [round(c.households * PERSONS_PER_HOUSEHOLD) for c in city.registers.communities]


def persons_within(city: City, built: tuple[House, ...], reach: shapely.Geometry) -> dict[str, Any]:
    """The share of the counted persons within `reach`: if they live by floor area, and if they live by residential land.

    In each community the persons are spread evenly over its floors or its land; one without either counts as without.
    """
    persons, blocks = np.array(persons_counted(city), float), np.array(city.land.homes)
    shapes, storeys = np.array([h.shape for h in built]), np.array([float(h.storeys) for h in built])
    return {
        "persons": float(persons.sum()),
        "floor_area": _share(city, persons, shapes, storeys, reach),
        "land_area": _share(city, persons, blocks, np.ones(len(blocks)), reach),
    }


def _share(city: City, persons: Floats, shapes: Shapes, weight: Floats, reach: shapely.Geometry) -> float:
    communities = np.array([c.shape for c in city.registers.communities])
    shape, community = STRtree(communities).query(shapes, predicate="intersects")
    pieces = shapely.intersection(shapes[shape], communities[community])
    shapely.prepare(reach)
    inside = shapely.covers(reach, pieces)
    crossed = shapely.intersects(reach, pieces) & ~inside
    within_m2 = np.where(inside, shapely.area(pieces), 0.0)
    within_m2[crossed] = shapely.area(shapely.intersection(pieces[crossed], reach))
    whole = np.bincount(community, shapely.area(pieces) * weight[shape], len(persons))
    within = np.bincount(community, within_m2 * weight[shape], len(persons))
    share = np.divide(within, whole, out=np.zeros_like(whole), where=whole > 0)
    return float((persons * share).sum() / persons.sum())
