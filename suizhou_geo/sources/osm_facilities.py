"""OpenStreetMap objects -> facilities of the living circles, each thing on the ground once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from suizhou_geo.sources.osm_rules import (
    Objects,
    Rule,
    decide,
    facility_groups,
    frame,
    looked_for,
    name_of,
    rules,
    told,
)
from suizhou_geo.standards import table

InCampus = Callable[[npt.NDArray[np.object_]], npt.NDArray[np.bool_]]


def facilities_of(
    points: Objects, lines: Objects, areas: Objects, *, in_campus: InCampus, crs: CRS
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the facilities layer and what was left out, in sentences.

    One object gives a row for each category it serves. Nodes are points, closed ways and relations keep their outline,
    a platform drawn as a line becomes its middle. What is mapped twice is kept once: an object without a name inside
    another of the same list, and same-named ones of a list nearer than the table's distance.
    """
    listed = {group: rules("facilities", group) for group in facility_groups()}
    keys = looked_for(rule for group in listed.values() for rule in group)
    objects = points.joined(_platforms(lines)).joined(areas.having(keys))
    campus = in_campus(objects.shapes)
    duplicates = table("osm_layers")["duplicates"]
    notes: list[str] = []
    doubles = 0
    columns: dict[str, list[Any]] = {"category": [], "name": [], "source_id": []}
    shapes: list[Any] = []
    for group, mine in listed.items():
        wanted = looked_for(mine)
        rows = np.array([i for i, tags in enumerate(objects.tags) if not wanted.isdisjoint(tags)], dtype=np.intp)
        found = objects.take(rows)
        decided = decide(found, mine, in_campus=campus[rows])
        serving = np.array([i for i, rule in enumerate(decided) if rule is not None and rule.result], dtype=np.intp)
        names = np.array([name_of(tags) for tags in found.tags], dtype=object)
        distance_m = duplicates["by_list"].get(group, duplicates["distance_m"])
        names[serving], doubled = _once(found.shapes[serving], names[serving], distance_m)
        doubles += int(doubled.sum())
        for i in serving[doubled]:
            decided[i] = None
        notes += told(decided)
        for i in serving[~doubled]:
            for category in cast(Rule, decided[i]).result:
                columns["category"].append(category)
                columns["name"].append(names[i])
                columns["source_id"].append(found.ids[i])
                shapes.append(found.shapes[i])
    if doubles:
        notes.append(
            f"{doubles} objects are second drawings of a facility (a point in its outline, a house of a campus)."
        )
    return frame("facilities", columns, shapes, crs), notes


def _platforms(lines: Objects) -> Objects:
    rows = [
        i
        for i, tags in enumerate(lines.tags)
        if tags.get("public_transport") == "platform" and not shapely.is_closed(lines.shapes[i])
    ]
    found = lines.take(rows)
    return Objects(found.ids, found.tags, shapely.line_interpolate_point(found.shapes, 0.5, normalized=True))


def _once(
    shapes: npt.NDArray[np.object_], names: npt.NDArray[np.object_], distance_m: float
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Return the names (an outline without one takes that of the only point in it) and which shapes are doubles.

    Of two of one facility the larger stays, of two as large the first.
    """
    names, size = names.copy(), shapely.area(shapes)
    tree = shapely.STRtree(shapes)
    inner, outer = tree.query(shapely.point_on_surface(shapes), predicate="intersects")
    larger = (size[outer] > size[inner]) | ((size[outer] == size[inner]) & (outer < inner))
    inner, outer = inner[larger], outer[larger]
    for area in np.unique(outer):
        inside = {name for name in names[inner[outer == area]] if name is not None}
        if names[area] is None and len(inside) == 1:
            names[area] = inside.pop()
    doubled = np.zeros(len(shapes), dtype=bool)
    bare = np.array([name is None for name in names], dtype=bool)
    same = names[inner] == names[outer]
    doubled[inner[bare[inner] | same]] = True
    if distance_m > 0:
        first, second = tree.query(shapes, predicate="dwithin", distance=distance_m)
        before = (size[second] > size[first]) | ((size[second] == size[first]) & (second < first))
        same = (names[first] == names[second]) & ~bare[first]
        doubled[first[before & same]] = True
    return names, doubled
