"""Enclosures (围合): the land that some named lines enclose, and where they fail to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Shapes

EXTEND_M = 300.0
ON_LINE_M = 50.0  # half the width of a wide street with its side roads: along less a face only has a corner there
_SIDE_M = 1.0
_GRID_M = 0.001  # the end of a line that stops on a slanting one is never quite on it


@dataclass(frozen=True, eq=False)
class Gap:
    """Where two of the lines do not meet: their names and the shortest line between them."""

    names: tuple[str, str]
    line: shapely.Geometry


@dataclass(frozen=True, eq=False)
class Enclosure:
    """What the lines enclose (None where they do not close), how they were extended to meet, and the gaps left."""

    polygon: shapely.Polygon | None
    extensions: Shapes
    gaps: tuple[Gap, ...]


def enclosure(lines: Mapping[str, Shapes], *, extend_m: float = EXTEND_M) -> Enclosure:
    """The land that named lines enclose together: the largest face that has every one of them along its side.

    `lines`: name -> its lines, in metres. Two names whose lines come within `extend_m` of each other without touching
    are joined there by the shortest line between them, so are the loose parts of one name; what runs on beyond a corner
    is left out. Where nothing is enclosed, `gaps` tells, for each name that reaches fewer than two others, the nearest
    one it misses.

    >>> side = {"甲": [(0, 0), (0, 900)], "乙": [(0, 900), (900, 900)], "丙": [(900, 900), (900, 0)]}
    >>> side["丁"] = [(900, 0), (0, 0)]
    >>> enclosure({name: shapely.linestrings([xy]) for name, xy in side.items()}).polygon.area
    810000.0
    """
    whole = {name: shapely.union_all(parts) for name, parts in lines.items()}
    joins = [_joined_up(line, extend_m) for line in whole.values()]
    reached: dict[str, int] = dict.fromkeys(whole, 0)
    apart = []
    for one, other in combinations(whole, 2):
        across = shapely.shortest_line(whole[one], whole[other])
        if across.length > extend_m:
            apart.append(Gap((one, other), across))
            continue
        reached[one] += 1
        reached[other] += 1
        joins.append(np.array([across], dtype=object))
    extensions = np.concatenate([np.empty(0, dtype=object), *joins])
    extensions = extensions[shapely.length(extensions) > 0]
    drawn = np.concatenate([np.array(list(whole.values()), dtype=object), extensions])
    network = shapely.union_all(drawn, grid_size=_GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    beside = [_beside(face, list(whole.values())) for face in faces]
    closed = faces[np.array(beside, dtype=bool)]
    if len(closed):
        return Enclosure(max(closed, key=lambda face: face.area), extensions, ())
    apart.sort(key=lambda gap: gap.line.length)
    short = [name for name, count in reached.items() if count < 2]
    nearest = [next(gap for gap in apart if name in gap.names) for name in short]
    return Enclosure(None, extensions, tuple(gap for gap in apart if any(gap is one for one in nearest)))


def _joined_up(line: shapely.Geometry, extend_m: float) -> Shapes:
    """The shortest lines that join the loose parts of one line, none longer than `extend_m`, none where they are joined."""
    parts = shapely.get_parts(shapely.line_merge(line))
    a, b = np.triu_indices(len(parts), k=1)
    across = shapely.shortest_line(parts[a], parts[b])
    across_m = shapely.length(across)
    group = np.arange(len(parts))
    joins = []
    for k in np.argsort(across_m, kind="stable"):
        one, other = group[a[k]], group[b[k]]
        if one != other and across_m[k] <= extend_m:
            group[group == other] = one
            joins.append(across[k])
    return np.array(joins, dtype=object)


def _beside(face: shapely.Polygon, lines: list[shapely.Geometry]) -> bool:
    """Whether every line runs along the side of a face for more than a corner."""
    rim = face.exterior
    return all(shapely.intersection(rim, shapely.buffer(line, _SIDE_M)).length > ON_LINE_M for line in lines)
