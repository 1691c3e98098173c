"""Detours (绕行): whose way to where a new link shortens, on foot and by vehicle, and from how far to how far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.demand import demand
from suizhou_geo.errors import InputError
from suizhou_geo.geometry.arrays import Floats, Shapes
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.standards import table
from suizhou_geo.streets.driving_network import driving_network
from suizhou_geo.streets.entrances import entrances, legs
from suizhou_geo.streets.network import (
    JOIN_M,
    MAX_LEG_M,
    Positions,
    Reached,
    StreetNetwork,
    network_distance_m,
    positions,
    reached,
    walking_network,
)
from suizhou_geo.study_area import StudyArea, per_area

Mode = Literal["drive", "walk"]
MODES: tuple[str, ...] = get_args(Mode)
DRIVE_LEG_M = 500.0
SHORTENED_M = 1.0
_HAIR_M = 1e-6


def destination_keys() -> tuple[str, ...]:
    """The destinations that can be named: the indicators of TD/T 1063, then every facility category."""
    circles = table("life_circles")
    return (*circles["tdt1063"], *(c for c in circles["categories"] if c not in circles["tdt1063"]))


def default_destinations() -> tuple[str, ...]:
    """The destinations of daily life that TD/T 1063-2021 has indicators for.

    >>> default_destinations()
    ('health', 'junior', 'primary', 'sports', 'culture', 'market', 'elderly', 'hospital')
    """
    return tuple(table("life_circles")["tdt1063"])


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways from homes to destinations as they are.

    `homes` are the demand cells that stand on the network (`owner` counts them), `persons` who live there, `reach` what is
    reached from each kind of destination that the study has, `before_m` the way from each home (columns) to the nearest
    of each kind (rows), infinity where there is none; `xy` is where the homes are.
    """

    network: StreetNetwork
    homes: Positions
    xy: Floats
    persons: Floats
    reach: tuple[Reached, ...]
    before_m: Floats


@per_area
def ways(area: StudyArea, mode: Mode, destinations: tuple[str, ...]) -> Ways:
    """How far it is today: on foot along streets and paths, or by vehicle along the counted streets, both ways each.

    The legs of homes and destinations to the streets (`legs`) are at most 1,000 m on foot, 500 m by vehicle, and count.

    Errors: InputError for a study without roads, facilities or population, or a destination there is none of.
    """
    if area.facilities is None or area.population is None:
        raise InputError(
            "绕行系数需要图层 facilities 和 population；请两个都给出",
            "detours need the layers facilities and population; give both",
        )
    network, leg_m = walking_network(area), MAX_LEG_M
    if mode == "drive":
        network, leg_m = driving_network(area), DRIVE_LEG_M
    cells = demand(area)
    homes = legs(network, cells.centre, np.arange(len(cells.centre)), max_leg_m=leg_m)
    here, owner = np.unique(homes.owner, return_inverse=True)
    places = area.facilities.geometry.to_numpy()
    gates = shapes_of(area.gates)
    of_kind = [area.facilities["category"].isin(_categories(key)).to_numpy() for key in destinations]
    doors = (entrances(network, places[mine], gates, max_leg_m=leg_m) for mine in of_kind if mine.any())
    reach = tuple(reached(network, at, limit_m=np.inf) for at in doors)
    homes = replace(homes, owner=owner)
    before = [there.distance_m(homes, count=len(here)) for there in reach]
    return Ways(
        network=network,
        homes=homes,
        xy=shapely.get_coordinates(cells.centre[here]),
        persons=np.nan_to_num(cells.cells["persons"].to_numpy()[here]),
        reach=reach,
        before_m=np.array(before).reshape(len(reach), len(here)),
    )


def shortened(area: StudyArea, links: Shapes, *, mode: Mode, destinations: Sequence[str]) -> pd.DataFrame:
    """What each of some links (lines of two or more points) would change, built alone.

    Per link: `persons` whose way to at least one kind of destination becomes at least 1 m shorter; `before_m`, `after_m`,
    the mean way of those persons to those destinations (NaN for nobody); `person_m`, persons x metres saved on one way
    to each kind of destination, as the mean over the kinds the study has; `persons_newly`, persons who could not reach a
    kind of destination at all and would, which no metres can tell. A link whose end lies on no street of this mode
    changes nothing.

    Errors: InputError as `ways`.
    """
    now = ways(area, mode, tuple(destinations))
    bare = now.network.without_barriers()
    rows = [_change(now, bare, line) for line in links]
    columns = ["persons", "before_m", "after_m", "person_m", "persons_newly"]
    return pd.DataFrame(np.array(rows, dtype=float).reshape(-1, len(columns)), columns=columns)


def _change(now: Ways, bare: StreetNetwork, line: shapely.Geometry) -> tuple[float, ...]:
    ends = shapely.get_coordinates(line)[[0, -1]]
    at = positions(bare, shapely.points(ends), max_leg_m=JOIN_M)
    if len(at.owner) < 2 or not len(now.reach):
        return 0.0, np.nan, np.nan, 0.0, 0.0
    there = np.array([reach.distance_m(at, count=2) for reach in now.reach])
    after_m = now.before_m.copy()
    for here, beyond in ((0, 1), (1, 0)):
        by_link_m = line.length + there[:, beyond]
        limit_m = _farthest_gain_m(now, ends[here], there[:, here], by_link_m)
        if limit_m > 0:
            near = at.some(at.owner == here)
            to_link_m = network_distance_m(bare, near, now.homes, count=len(now.persons), limit_m=limit_m)
            after_m = np.minimum(after_m, to_link_m + by_link_m[:, None])
    known = np.isfinite(now.before_m)
    before_m = np.where(known, now.before_m, 0.0)
    saved_m = before_m - np.where(known, after_m, 0.0)
    shorter = saved_m >= SHORTENED_M
    weight = now.persons * shorter
    gaining = float(weight.sum())
    newly = ~known & np.isfinite(after_m)
    return (
        float(now.persons[shorter.any(axis=0)].sum()),
        float((weight * before_m).sum()) / gaining if gaining > 0 else np.nan,
        float((weight * (before_m - saved_m)).sum()) / gaining if gaining > 0 else np.nan,
        float((weight * saved_m).sum() / len(now.reach)),
        float(now.persons[newly.any(axis=0)].sum()),
    )


def _farthest_gain_m(now: Ways, end: Floats, here_m: Floats, by_link_m: Floats) -> float:
    """How long the ways to an end of a link are at most that it shortens; from there it is so far to each kind, and by it.

    No way is longer than that to the end and on from there. So where a kind of destination is reached from there, the
    link opens no way to it and shortens none by more than the way on; and it serves nobody who is farther off, straight.
    """
    shorter = here_m > by_link_m + SHORTENED_M - _HAIR_M
    if (shorter & np.isinf(here_m)).any():
        return np.inf
    before_m = now.before_m[shorter]
    left_m = np.where(np.isfinite(before_m), before_m, 0.0) - by_link_m[shorter, None]
    straight_m = np.hypot(*(now.xy - end).T) - JOIN_M
    return float(left_m[left_m > straight_m].max(initial=0.0))


def _categories(key: str) -> list[str]:
    """The facility categories any of which is the destination."""
    circles = table("life_circles")
    if key in circles["tdt1063"]:
        return list(circles["tdt1063"][key]["categories"])
    if key in circles["categories"]:
        return [key]
    raise InputError(
        f"目的地“{key}”不在可选之列；可选的有 {'、'.join(destination_keys())}",
        f"destination {key!r} is none of {', '.join(destination_keys())}",
    )
