"""OpenStreetMap objects -> the layers of a study area, by the tables road_classes, osm_layers and life_circles.

Every layer comes out with the columns of `model.LAYERS`. What the tables leave out is counted and told in sentences.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.sources.land_codes import group_of
from suizhou_geo.sources.osm_facilities import facilities_of
from suizhou_geo.sources.osm_rules import (
    InCampus,
    Objects,
    Tags,
    decided,
    facility_groups,
    frame,
    has,
    kept,
    looked_for,
    name_of,
    rules,
    told,
    value_sets,
)
from suizhou_geo.sources.osm_transport import chargers_of, parking_of, railways_of
from suizhou_geo.standards import table

Layer = tuple[gpd.GeoDataFrame, list[str]]

_NOT_YET = frozenset(
    {"construction", "proposed", "planned", "razed", "abandoned", "disused", "demolished", "dismantled"}
)
_FORWARD = frozenset({"yes", "true", "1"})
_BACKWARD = frozenset({"-1", "reverse"})
_TWO_WAY = frozenset({"no", "false", "0", "reversible", "alternating"})
_ROUND = frozenset({"roundabout", "circular"})
_NEITHER = frozenset({"no", "", "building_passage", "covered", "culvert"})
_ON_FOOT = frozenset({"yes", "designated", "permissive", "official"})
_NOT_ON_FOOT = frozenset({"no", "private"})
_SIDEWALK = frozenset({"both", "left", "right", "yes", "separate"})
_ON_SIDE = {"yes": True, "separate": True, "no": False, "none": False}
_SIDES = {"both": (True, True), "left": (True, False), "right": (False, True)}
_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)")
_WHOLE = re.compile(r"^\s*([+-]?\d+)")


def line_keys() -> frozenset[str]:
    """Return the tag keys by which ways become lines: roads, walkways, railways, barriers, platforms."""
    return frozenset({"highway", "public_transport", "railway"}) | looked_for(rules("barriers"))


def area_keys() -> frozenset[str]:
    """Return the tag keys by which closed ways and relations become areas."""
    keys = looked_for(rule for name in ("parks", "residential", "barrier_areas") for rule in rules(name))
    return keys | point_keys() | {"landuse", "building", "amenity"} | set(table("osm_layers")["campus"]["tags"])


def point_keys() -> frozenset[str]:
    """Return the tag keys by which nodes become facilities."""
    return looked_for(rule for group in facility_groups() for rule in rules("facilities", group)) | {"amenity"}


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
        "railways": railways_of(lines, crs),
        "chargers": chargers_of(points, areas, crs),
        "parking": parking_of(points, areas, crs),
    }
    notes = [f"Layer {name}: {note}" for name, (_, told_here) in made.items() for note in told_here]
    return {name: layer for name, (layer, _) in made.items()}, notes


def _campus(areas: Objects) -> InCampus:
    """Return a function: shapes -> whether a point on each lies inside a school or university."""
    tree = shapely.STRtree(areas.shapes[areas.having(value_sets(table("osm_layers")["campus"]["tags"]))])

    def in_campus(shapes: Shapes) -> Bools:
        inside = np.zeros(len(shapes), dtype=bool)
        inside[tree.query(shapely.point_on_surface(shapes), predicate="intersects")[0]] = True
        return inside

    return in_campus


def _roads(lines: Objects, crs: CRS) -> Layer:
    codes = table("road_classes")
    classes, urban = codes["osm_highway"], codes["osm_highway_cn_urban"]
    elsewhere = {*codes["osm_walkways"]["highway"], "bus_stop"}
    rows: list[int] = []
    left_out: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for row in lines.rows_with.get("highway", []):
        tags = lines.tags[row]
        highway = tags["highway"]
        if highway in elsewhere:
            continue
        if highway in _NOT_YET:
            left_out["under construction, proposed or gone"] += 1
        elif tags.get("area") == "yes":
            left_out["drawn as areas"] += 1
        elif highway.removesuffix("_link") not in classes:
            unknown[highway] += 1
        else:
            rows.append(row)
    found = lines.take(rows)
    base = [tags["highway"].removesuffix("_link") for tags in found.tags]
    exact = [urban.get(tags.get("highway:CN:urban")) for tags in found.tags]
    ways = [_direction(tags) for tags in found.tags]
    levels = [_level(tags) for tags in found.tags]
    columns: dict[str, Sequence[Any]] = {
        "road_class": [said or classes[key] for said, key in zip(exact, base, strict=True)],
        "name": [name_of(tags) for tags in found.tags],
        "source_id": found.ids,
        "oneway": [way != 0 for way in ways],
        "ramp": [tags["highway"] != key for tags, key in zip(found.tags, base, strict=True)],
        "roundabout": [tags.get("junction") in _ROUND for tags in found.tags],
        "bridge": [_is_on(tags, "bridge") for tags in found.tags],
        "tunnel": [_is_on(tags, "tunnel") for tags in found.tags],
        "level": levels,
        "walkable": [_walkable(tags) for tags in found.tags],
        "sidewalk": [_sidewalk(tags, turned=way < 0) for tags, way in zip(found.tags, ways, strict=True)],
    }
    shapes = np.where(np.array(ways, dtype=int) < 0, shapely.reverse(found.shapes), found.shapes)
    notes = [f"ways {why} are left out: {count}." for why, count in left_out.items()]
    notes += _unknown("ways of a highway value", unknown)
    return frame("roads", columns, shapes, crs), notes


def _unknown(what: str, counts: Counter[str]) -> list[str]:
    """Say which values the tables do not know, if there are any."""
    kinds = ", ".join(f"{value} {count}" for value, count in counts.most_common())
    return [f"{what} the table does not know are left out: {counts.total()} ({kinds})."] if counts else []


def _direction(tags: Tags) -> int:
    """Return 1 for a one-way road, -1 for one that is drawn against its traffic, 0 for both ways."""
    said = tags.get("oneway", "")
    if said in _BACKWARD:
        return -1
    if said in _TWO_WAY:
        return 0
    return int(said in _FORWARD or tags.get("junction") in _ROUND or tags["highway"] == "motorway")


def _is_on(tags: Tags, key: str) -> bool:
    """Whether a road is on a bridge or in a tunnel; a passage through a house or a culvert below it is no tunnel."""
    return tags.get(key, "no") not in _NEITHER


def _level(tags: Tags) -> int:
    """Return the level of a road: layer=*, and without it 1 for a bridge, -1 for a tunnel."""
    layer = _WHOLE.match(tags.get("layer", ""))
    return int(layer[1]) if layer else int(_is_on(tags, "bridge")) - int(_is_on(tags, "tunnel"))


def _walkable(tags: Tags) -> bool | None:
    """Return whether a mapper says that people walk along a road; None where nobody says."""
    foot = tags.get("foot")
    if foot in _ON_FOOT or foot in _NOT_ON_FOOT:
        return foot in _ON_FOOT
    sides = [tags.get(key) for key in ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right")]
    if any(side in _SIDEWALK for side in sides):
        return True
    return False if tags.get("motorroad") == "yes" else None


def _sidewalk(tags: Tags, *, turned: bool) -> str | None:
    """Return on which sides of a road a sidewalk runs: both, left, right or no; None where not both sides are told.

    A bare sidewalk=yes is taken for both, and separate for there being one. Sides are those of the way, exchanged where
    it is `turned` round.
    """
    said = tags.get("sidewalk", "")
    sides: list[bool | None] = list(_SIDES.get(said, (_ON_SIDE.get(said),) * 2))
    for place, side in enumerate(("left", "right")):
        for key in ("sidewalk:both", f"sidewalk:{side}"):
            sides[place] = _ON_SIDE.get(tags.get(key, ""), sides[place])
    left, right = reversed(sides) if turned else sides
    if left is None or right is None:
        return None
    return {(True, True): "both", (True, False): "left", (False, True): "right"}.get((left, right), "no")


def _walkways(lines: Objects, crs: CRS) -> Layer:
    walked = set(table("road_classes")["osm_walkways"]["highway"])
    rows = [i for i in lines.rows_with.get("highway", []) if lines.tags[i]["highway"] in walked]
    rows = [i for i in rows if lines.tags[i].get("area") != "yes"]
    found = lines.take([i for i in rows if lines.tags[i].get("foot") != "no"])
    barred = len(rows) - len(found)
    notes = [f"ways closed to people on foot (foot=no) are left out: {barred}."] if barred else []
    columns = {"name": [name_of(tags) for tags in found.tags], "source_id": found.ids}
    return frame("walkways", columns, found.shapes, crs), notes


def _parks(areas: Objects, in_campus: InCampus, crs: CRS) -> Layer:
    objects, by = decided(areas, rules("parks"), in_campus=in_campus)
    parks, reasons = kept(objects, by)
    closed = value_sets(table("osm_layers")["closed"])
    columns: dict[str, Sequence[Any]] = {
        "name": [name_of(tags) for tags in parks.tags],
        "kind": [rule.result[0] for rule in reasons],
        "open_public": [not any(has(tags, key, values) for key, values in closed.items()) for tags in parks.tags],
        "source_id": parks.ids,
    }
    return frame("parks", columns, parks.shapes, crs), told(by)


def _residential(areas: Objects, crs: CRS) -> Layer:
    objects, by = decided(areas, rules("residential"))
    found, _ = kept(objects, by)
    columns = {"name": [name_of(tags) for tags in found.tags], "source_id": found.ids}
    return frame("residential", columns, found.shapes, crs), told(by)


def _land_use(areas: Objects, crs: CRS) -> Layer:
    classes = table("osm_layers")["land_classes"]
    by_value = {value: key for key, entry in classes.items() for value in entry["osm"]}
    rows = areas.rows_with.get("landuse", [])
    found = areas.take([i for i in rows if areas.tags[i]["landuse"] in by_value])
    land_class = [by_value[tags["landuse"]] for tags in found.tags]
    columns: dict[str, Sequence[Any]] = {
        "land_class": land_class,
        "land_group": [group_of(key, "osm") for key in land_class],
        "construction": [classes[key]["construction"] for key in land_class],
    }
    unknown = Counter(value for i in rows if (value := areas.tags[i]["landuse"]) not in by_value)
    return frame("land_use", columns, found.shapes, crs), _unknown("areas of a land use", unknown)


def _buildings(areas: Objects, crs: CRS) -> Layer:
    entry = table("osm_layers")["buildings"]
    lived_in = dict.fromkeys(entry["residential"], True) | dict.fromkeys(entry["not_residential"], False)
    found = areas.take([i for i in areas.rows_with.get("building", []) if areas.tags[i]["building"] != "no"])
    said = [tags.get("building:levels") for tags in found.tags]
    levels = [np.nan if text is None else _levels(text) for text in said]
    columns: dict[str, Sequence[Any]] = {
        "residential": [lived_in.get(tags["building"]) for tags in found.tags],
        "levels": levels,
        "source_id": found.ids,
    }
    unread = sum(text is not None and np.isnan(level) for text, level in zip(said, levels, strict=True))
    notes = [f"buildings whose building:levels is no number have no known storeys: {unread}."] if unread else []
    return frame("buildings", columns, found.shapes, crs), notes


def _levels(text: str) -> float:
    """Return the storeys of building:levels: the highest number of "5;6" or "5-6", NaN where there is none."""
    numbers = [float(found[1]) for part in re.split(r"[;,-]", text) if (found := _NUMBER.match(part))]
    return max(numbers, default=np.nan)


def _barriers(lines: Objects, areas: Objects, crs: CRS) -> Layer:
    along, by_line = decided(lines, rules("barriers"))
    across, by_area = decided(areas, rules("barrier_areas"))
    found, reasons = kept(along.joined(across), by_line + by_area)
    columns: dict[str, Sequence[Any]] = {
        "kind": [rule.result[0] for rule in reasons],
        "name": [name_of(tags) for tags in found.tags],
    }
    return frame("barriers", columns, found.shapes, crs), told(by_line + by_area)
