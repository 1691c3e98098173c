"""OpenStreetMap objects -> the layers of a study area, by the tables road_classes, osm_layers and life_circles.

Every layer comes out with the columns of `model.LAYERS`. What the tables leave out is counted and told in sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from suizhou_geo.model import LAYERS
from suizhou_geo.sources.osm_facilities import facilities_of
from suizhou_geo.sources.osm_rules import (
    Objects,
    Tags,
    decide,
    facility_groups,
    frame,
    has,
    looked_for,
    name_of,
    rules,
    told,
    value_sets,
)
from suizhou_geo.standards import table

Layer = tuple[gpd.GeoDataFrame, list[str]]

_NOT_YET = frozenset(
    {"construction", "proposed", "planned", "razed", "abandoned", "disused", "demolished", "dismantled"}
)
_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})
_TWO_WAY = frozenset({"no", "false", "0", "reversible", "alternating"})
_ROUND = frozenset({"roundabout", "circular"})
_NO_BRIDGE = frozenset({"no", ""})
_NO_TUNNEL = frozenset({"no", "", "building_passage", "covered", "culvert"})
_ON_FOOT = frozenset({"yes", "designated", "permissive", "official"})
_NOT_ON_FOOT = frozenset({"no", "private"})
_SIDEWALK = frozenset({"both", "left", "right", "yes", "separate"})
_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)")
_WHOLE = re.compile(r"^\s*([+-]?\d+)")


def line_keys() -> frozenset[str]:
    """Return the tag keys by which ways become lines: roads, walkways, barriers, platforms."""
    return frozenset({"highway", "public_transport"}) | looked_for(rules("barriers"))


def area_keys() -> frozenset[str]:
    """Return the tag keys by which closed ways and relations become areas."""
    keys = looked_for(rule for name in ("parks", "residential", "barrier_areas") for rule in rules(name))
    return keys | point_keys() | {"landuse", "building"} | set(table("osm_layers")["campus"]["tags"])


def point_keys() -> frozenset[str]:
    """Return the tag keys by which nodes become facilities."""
    return looked_for(rule for group in facility_groups() for rule in rules("facilities", group))


def layers_of(
    points: Objects, lines: Objects, areas: Objects, *, crs: CRS
) -> tuple[dict[str, gpd.GeoDataFrame], list[str]]:
    """Return every layer OpenStreetMap can supply, by name, and what was left out, in sentences.

    Shapes are in `crs`, whose unit is the metre: sports grounds, waters and duplicates are told by their size and
    distance.
    """
    campus = _campus(areas)
    made: dict[str, Layer] = {
        "roads": _roads(lines, crs),
        "walkways": _walkways(lines, crs),
        "facilities": facilities_of(points, lines, areas, in_campus=campus, crs=crs),
        "parks": _parks(areas, campus, crs),
        "residential": _residential(areas, crs),
        "land_use": _land_use(areas, crs),
        "buildings": _buildings(areas, crs),
        "barriers": _barriers(lines, areas, crs),
    }
    notes = [f"Layer {name}: {note}" for name, (_, told_here) in made.items() for note in told_here]
    return {name: layer for name, (layer, _) in made.items()}, notes


def _campus(areas: Objects) -> Any:
    """Return a function: shapes -> whether a point on each lies inside a school or university."""
    tags = value_sets(table("osm_layers")["campus"]["tags"])
    rows = [i for i, t in enumerate(areas.tags) if any(has(t, key, values) for key, values in tags.items())]
    tree = shapely.STRtree(areas.shapes[rows])

    def in_campus(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
        inside = np.zeros(len(shapes), dtype=bool)
        inside[tree.query(shapely.point_on_surface(shapes), predicate="intersects")[0]] = True
        return inside

    return in_campus


def _roads(lines: Objects, crs: CRS) -> Layer:
    codes = table("road_classes")
    classes, urban = codes["osm_highway"], codes["osm_highway_cn_urban"]
    walked = set(codes["osm_walkways"]["highway"])
    rows: list[int] = []
    columns: dict[str, list[Any]] = {key: [] for key in LAYERS["roads"].columns}
    left_out: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    reverse: list[bool] = []
    for row, tags in enumerate(lines.tags):
        highway = tags.get("highway")
        if highway is None or highway in walked or (highway == "bus_stop"):
            continue
        base = highway.removesuffix("_link")
        road_class = urban.get(tags.get("highway:CN:urban", ""), classes.get(base))
        if highway in _NOT_YET:
            left_out["under construction, proposed or gone"] += 1
        elif tags.get("area") == "yes":
            left_out["drawn as areas"] += 1
        elif base not in classes:
            unknown[highway] += 1
        else:
            rows.append(row)
            oneway, backward, roundabout = _direction(tags, highway)
            reverse.append(backward)
            values = (road_class, name_of(tags), lines.ids[row], oneway, base != highway, roundabout)
            bridge, tunnel, level = _level(tags)
            for key, value in zip(columns, (*values, bridge, tunnel, level, _walkable(tags)), strict=True):
                columns[key].append(value)
    shapes = lines.shapes[rows]
    turned = np.array(reverse, dtype=bool)
    shapes[turned] = shapely.reverse(shapes[turned])
    columns["walkable"] = np.array(columns["walkable"], dtype=object)
    notes = [f"{count} ways {why} are left out." for why, count in left_out.items()]
    if unknown:
        kinds = ", ".join(f"{kind} {count}" for kind, count in unknown.most_common())
        notes.append(f"{unknown.total()} ways of other kinds are no roads to us and are left out (highway = {kinds}).")
    return frame("roads", columns, shapes, crs), notes


def _direction(tags: Tags, highway: str) -> tuple[bool, bool, bool]:
    """Return whether a road is one-way, whether it is drawn against its traffic, and whether it is a roundabout."""
    roundabout = tags.get("junction") in _ROUND
    said = tags.get("oneway", "")
    if said in _BACKWARD:
        return True, True, roundabout
    if said in _TWO_WAY:
        return False, False, roundabout
    return said in _FORWARD or roundabout or highway == "motorway", False, roundabout


def _level(tags: Tags) -> tuple[bool, bool, int]:
    """Return whether a way is on a bridge, in a tunnel, and its level; without layer=* a bridge is 1, a tunnel -1."""
    bridge, tunnel = tags.get("bridge", "no") not in _NO_BRIDGE, tags.get("tunnel", "no") not in _NO_TUNNEL
    layer = _WHOLE.match(tags.get("layer", ""))
    return bridge, tunnel, int(layer[1]) if layer else int(bridge) - int(tunnel)


def _walkable(tags: Tags) -> bool | None:
    """Return whether a mapper says that people walk along a road; None where nobody says."""
    foot = tags.get("foot")
    if foot in _ON_FOOT or foot in _NOT_ON_FOOT:
        return foot in _ON_FOOT
    sides = [tags.get(key) for key in ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")]
    if any(side in _SIDEWALK for side in sides):
        return True
    return False if tags.get("motorroad") == "yes" else None


def _walkways(lines: Objects, crs: CRS) -> Layer:
    walked = set(table("road_classes")["osm_walkways"]["highway"])
    mine = [i for i, tags in enumerate(lines.tags) if tags.get("highway") in walked and tags.get("area") != "yes"]
    barred = [i for i in mine if lines.tags[i].get("foot") == "no"]
    found = lines.take(sorted(set(mine).difference(barred)))
    notes = [f"{len(barred)} ways closed to people on foot (foot=no) are left out."] if barred else []
    columns = {"name": [name_of(tags) for tags in found.tags], "source_id": found.ids}
    return frame("walkways", columns, found.shapes, crs), notes


def _parks(areas: Objects, in_campus: Any, crs: CRS) -> Layer:
    listed = rules("parks")
    objects = areas.having(looked_for(listed))
    decided = decide(objects, listed, in_campus=in_campus(objects.shapes))
    kept = [i for i, rule in enumerate(decided) if rule is not None and rule.result]
    parks = objects.take(kept)
    closed = value_sets(table("osm_layers")["closed"])
    columns = {
        "name": [name_of(tags) for tags in parks.tags],
        "kind": [rule.result[0] for rule in decided if rule is not None and rule.result],
        "open_public": [not any(has(tags, key, values) for key, values in closed.items()) for tags in parks.tags],
        "source_id": parks.ids,
    }
    return frame("parks", columns, parks.shapes, crs), told(decided)


def _residential(areas: Objects, crs: CRS) -> Layer:
    listed = rules("residential")
    objects = areas.having(looked_for(listed))
    decided = decide(objects, listed, in_campus=np.zeros(len(objects), dtype=bool))
    found = objects.take([i for i, rule in enumerate(decided) if rule is not None and rule.result])
    columns = {"name": [name_of(tags) for tags in found.tags], "source_id": found.ids}
    return frame("residential", columns, found.shapes, crs), told(decided)


def _land_use(areas: Objects, crs: CRS) -> Layer:
    classes = table("osm_layers")["land_classes"]
    by_value = {value: key for key, entry in classes.items() for value in entry["osm"]}
    known = [i for i, tags in enumerate(areas.tags) if tags.get("landuse") in by_value]
    unknown = Counter(tags["landuse"] for tags in areas.tags if tags.get("landuse", "") not in {"", *by_value})
    found = areas.take(known)
    land_class = [by_value[tags["landuse"]] for tags in found.tags]
    columns = {"land_class": land_class, "construction": [classes[key]["construction"] for key in land_class]}
    notes = []
    if unknown:
        kinds = ", ".join(f"{kind} {count}" for kind, count in unknown.most_common())
        notes.append(f"{unknown.total()} areas have a land use the table does not know and are left out ({kinds}).")
    return frame("land_use", columns, found.shapes, crs), notes


def _buildings(areas: Objects, crs: CRS) -> Layer:
    entry = table("osm_layers")["buildings"]
    lived_in = dict.fromkeys(entry["residential"], True) | dict.fromkeys(entry["not_residential"], False)
    found = areas.take([i for i, tags in enumerate(areas.tags) if tags.get("building", "no") != "no"])
    said = [tags.get("building:levels") for tags in found.tags]
    levels = [np.nan if text is None else _levels(text) for text in said]
    columns = {
        "residential": np.array([lived_in.get(tags["building"]) for tags in found.tags], dtype=object),
        "levels": levels,
        "source_id": found.ids,
    }
    unread = sum(text is not None and np.isnan(level) for text, level in zip(said, levels, strict=True))
    notes = [f"{unread} buildings give a number of storeys that is no number; theirs is unknown."] if unread else []
    return frame("buildings", columns, found.shapes, crs), notes


def _levels(text: str) -> float:
    """Return the storeys of building:levels: the highest number of "5;6" or "5-6", NaN where there is none."""
    numbers = [float(found[1]) for part in re.split(r"[;,-]", text) if (found := _NUMBER.match(part))]
    return max(numbers, default=np.nan)


def _barriers(lines: Objects, areas: Objects, crs: CRS) -> Layer:
    parts = []
    for objects, listed in ((lines, rules("barriers")), (areas, rules("barrier_areas"))):
        candidates = objects.having(looked_for(listed))
        decided = decide(candidates, listed, in_campus=np.zeros(len(candidates), dtype=bool))
        kept = [i for i, rule in enumerate(decided) if rule is not None and rule.result]
        found = candidates.take(kept)
        parts.append((found, [rule.result[0] for rule in decided if rule is not None and rule.result]))
    (drawn, line_kinds), (covered, area_kinds) = parts
    found = drawn.joined(covered)
    columns = {"kind": line_kinds + area_kinds, "name": [name_of(tags) for tags in found.tags]}
    return frame("barriers", columns, found.shapes, crs), []
