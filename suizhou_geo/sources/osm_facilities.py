"""OpenStreetMap objects -> facilities of the living circles, each thing on the ground once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.model import Note
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.osm_rules import (
    InCampus,
    Layer,
    Objects,
    decided,
    facility_groups,
    frame,
    name_of,
    rules,
    told,
)
from suizhou_geo.standards import table


def facilities_of(points: Objects, lines: Objects, areas: Objects, *, in_campus: InCampus, crs: CRS) -> Layer:
    """Return the facilities layer and what was left out.

    One object gives a row for each category it serves. Nodes are points, closed ways and relations keep their outline,
    a platform drawn as a line becomes its middle. What is mapped twice is kept once: an object without a name inside
    another of the same list, and same-named ones of a list nearer than the table's distance.
    """
    objects = points.joined(_platforms(lines)).joined(areas)
    duplicates = table("osm_layers")["duplicates"]
    notes: list[Note] = []
    doubles = 0
    served, categories, names = objects.take([]), list[str](), list[str | None]()
    for group in facility_groups():
        found, by, left_out = decided(objects, rules("facilities", group), in_campus=in_campus)
        distance_m = duplicates["by_list"].get(group, duplicates["distance_m"])
        named, doubled = _once(found.shapes, [name_of(tags) for tags in found.tags], distance_m)
        doubles += int(doubled.sum())
        single = np.flatnonzero(~doubled).tolist()
        notes += told(left_out + [by[i] for i in single])
        rows = [(i, category) for i in single for category in by[i].result]
        served = served.joined(found.take([i for i, _ in rows]))
        names += [named[i] for i, _ in rows]
        categories += [category for _, category in rows]
    if doubles:
        notes.append(note("doubles", objects=doubles))
    return frame("facilities", served, crs, category=categories, name=names), notes


def _platforms(lines: Objects) -> Objects:
    rows = lines.having({"public_transport": frozenset({"platform"})})
    found = lines.take([i for i in rows if not shapely.is_closed(lines.shapes[i])])
    return Objects(found.ids, found.tags, shapely.line_interpolate_point(found.shapes, 0.5, normalized=True))


def _once(shapes: Shapes, given: Sequence[str | None], distance_m: float) -> tuple[list[str | None], Bools]:
    """Return the names (an outline without one takes that of the only named thing in it) and which shapes are doubles.

    Of two drawings of one facility the larger stays, of two as large the first.
    """
    names, size = list(given), shapely.area(shapes)
    doubled = np.zeros(len(shapes), dtype=bool)
    tree = shapely.STRtree(shapes)
    inner, outer = tree.query(shapely.point_on_surface(shapes), predicate="intersects")
    inner, outer = _smaller_first(inner, outer, size)
    within: dict[int, set[str]] = {}
    for i, j in zip(inner.tolist(), outer.tolist(), strict=True):
        if given[j] is None and (name := given[i]) is not None:
            within.setdefault(j, set()).add(name)
    for j, inside in within.items():
        names[j] = inside.pop() if len(inside) == 1 else None
    for i, j in zip(inner.tolist(), outer.tolist(), strict=True):
        doubled[i] |= given[i] is None or given[i] == names[j]
    if distance_m > 0:
        first, second = tree.query(shapes, predicate="dwithin", distance=distance_m)
        first, second = _smaller_first(first, second, size)
        for i, j in zip(first.tolist(), second.tolist(), strict=True):
            doubled[i] |= names[i] is not None and names[i] == names[j]
    return names, doubled


def _smaller_first(one: Ints, other: Ints, size: Floats) -> tuple[Ints, Ints]:
    """Return the pairs whose first is the smaller of the two, or the later of two as large."""
    fine = (size[one] < size[other]) | ((size[one] == size[other]) & (one > other))
    return one[fine], other[fine]
