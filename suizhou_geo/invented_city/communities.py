"""The communities (居委会辖区) of the invented city: neighbouring faces of the street network taken together."""

from __future__ import annotations

from random import Random

import numpy as np
import shapely
from shapely import STRtree

from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.invented_city.city import City, Community, stream
from suizhou_geo.invented_city.links import homes

ITEMS = 20
FEWEST, MOST = 6_000.0, 12_000.0
COMPLETE, UNSAID, ADVANCED = 0.24, 2, 21
PERSONS_PER_HOUSEHOLD = 2.8
_BORDER_M = 20.0


def communities(city: City) -> tuple[Community, ...]:
    """Communities that fill the zones where people live, of 6,000 to 12,000 persons where their neighbours allow it.

    Streets, zone outlines and rivers bound them. About a quarter have all twenty items of a complete community (完整居住社区).
    """
    rng = stream("communities", city.seed)
    faces, zone = _faces(city)
    middles, living = homes(city)
    face, home = STRtree(middles).query(faces, predicate="contains")
    persons = np.bincount(face, living[home], len(faces))
    groups = _grouped(list(persons), _borders(city, faces, zone))
    groups = [group for group in groups if persons[group].sum() > 0]
    groups = sorted(groups, key=lambda group: (zone[group[0]], group[0]))
    complete = set(rng.sample(range(len(groups)), round(COMPLETE * len(groups))))
    advanced = set(rng.sample(range(len(groups)), ADVANCED))
    unsaid = set(rng.sample(sorted(set(range(len(groups))) - complete), UNSAID))
    return tuple(
        Community(
            name=f"虚构社区{n + 1:03d}",
            zone_id=city.zones[zone[group[0]]].zone_id,
            shape=shapely.union_all(faces[group]),
            households=round(float(persons[group].sum()) / PERSONS_PER_HOUSEHOLD),
            advanced=n in advanced,
            items=_items(rng, complete=n in complete, unsaid=n in unsaid),
        )
        for n, group in enumerate(groups)
    )


def _items(rng: Random, *, complete: bool, unsaid: bool) -> tuple[bool | None, ...]:
    """All twenty; or all that are said; or some short."""
    short = set() if complete else set(rng.sample(range(ITEMS), 1 if unsaid else rng.randint(1, 6)))
    return tuple((None if unsaid else False) if n in short else True for n in range(ITEMS))


def _faces(city: City) -> tuple[Shapes, list[int]]:
    """The land between streets, zone outlines and rivers, and the zone each piece lies in."""
    streets = [s.line for s in city.streets if s.road_class in ("expressway", "arterial", "secondary", "branch")]
    lines = [*streets, *(z.outline.exterior for z in city.zones), *(w.line for w in city.rivers)]
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(lines)]))
    inside = shapely.point_on_surface(faces)
    zone, face = STRtree(inside).query([z.outline for z in city.zones], predicate="contains")
    order = np.argsort(face)
    return faces[face[order]], zone[order].tolist()


def _borders(city: City, faces: Shapes, zone: list[int]) -> list[dict[int, float]]:
    """For each face its neighbours in the same zone, with the metres of border that no river runs along."""
    beside: list[dict[int, float]] = [{} for _ in faces]
    left, right = STRtree(faces).query(faces, predicate="intersects")
    same = (left < right) & (np.array(zone)[left] == np.array(zone)[right])
    left, right = left[same], right[same]
    common = shapely.intersection(faces[left], faces[right])
    rivers = shapely.union_all([w.line.buffer(1.0) for w in city.rivers])
    wet = shapely.intersects(common, rivers)
    common[wet] = shapely.difference(common[wet], rivers)
    for a, b, metres in zip(left.tolist(), right.tolist(), shapely.length(common).tolist(), strict=True):
        if metres > _BORDER_M:
            beside[a][b] = beside[b][a] = metres
    return beside


def _grouped(persons: list[float], beside: list[dict[int, float]]) -> list[list[int]]:
    """Faces taken together, always the emptiest group with the neighbour of the longest border that has room for it.

    >>> _grouped([5000.0, 4000.0, 9000.0], [{1: 50.0}, {0: 50.0, 2: 80.0}, {1: 80.0}])
    [[0, 1], [2]]
    """
    groups = {n: [n] for n in range(len(persons))}
    total, border = dict(enumerate(persons)), {n: dict(near) for n, near in enumerate(beside)}
    small = set(groups)
    while small:
        n = min(small, key=lambda k: (total[k], k))
        room = [k for k in border[n] if total[n] + total[k] <= MOST]
        near = room or ([min(border[n], key=lambda k: (total[k], k))] if border[n] and total[n] < FEWEST / 3 else [])
        if total[n] >= FEWEST or not near:
            small.discard(n)
            continue
        into = max(near, key=lambda k: (border[n][k], -k))
        groups[into] += groups.pop(n)
        total[into] += total.pop(n)
        for k, metres in border.pop(n).items():
            del border[k][n]
            if k != into:
                border[k][into] = border[into][k] = border[into].get(k, 0.0) + metres
        small.discard(n)
    return [sorted(group) for group in groups.values()]
