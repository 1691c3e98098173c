"""OpenStreetMap objects -> roads and walkways, by the table road_classes."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.sources.notes import note
from suizhou_geo.sources.osm_rules import Layer, Objects, Tags, answer, frame, name_of, unknown_values
from suizhou_geo.standards import table
from suizhou_geo.standards.street_names import real_name

_WHOLE = re.compile(r"^\s*([+-]?\d+)")


def roads_of(lines: Objects, crs: CRS) -> Layer:
    """Roads, drawn in the direction of their traffic; what people only walk on is elsewhere."""
    codes = table("road_classes")
    classes, urban = codes["osm_highway"], codes["osm_highway_cn_urban"]
    elsewhere = {*codes["osm_walkways"]["highway"], "bus_stop"}
    streets = lines.those("highway", lambda tags: tags["highway"] not in elsewhere)
    why = [_left_out(tags) for tags in streets.tags]
    found = streets.take([i for i, reason in enumerate(why) if not reason])
    ways = [_direction(tags) for tags in found.tags]
    roads = frame(
        "roads",
        Objects(found.ids, found.tags, np.where(np.array(ways, int) < 0, shapely.reverse(found.shapes), found.shapes)),
        crs,
        name=[real_name(name_of(tags)) for tags in found.tags],
        road_class=[urban.get(tags.get("highway:CN:urban")) or classes[_base(tags)] for tags in found.tags],
        oneway=[way != 0 for way in ways],
        ramp=[tags["highway"] != _base(tags) for tags in found.tags],
        roundabout=[_is_round(tags) for tags in found.tags],
        bridge=[_is_on(tags, "bridge") for tags in found.tags],
        tunnel=[_is_on(tags, "tunnel") for tags in found.tags],
        level=[_level(tags) for tags in found.tags],
        walkable=[_walkable(tags) for tags in found.tags],
        sidewalk=[_sidewalk(tags, turned=way < 0) for tags, way in zip(found.tags, ways, strict=True)],
    )
    left_out = Counter(reason for reason in why if reason in ("not_yet", "drawn_as_area"))
    unknown = [tags["highway"] for tags, reason in zip(streets.tags, why, strict=True) if reason == "unknown_highway"]
    notes = [note(reason, objects=count) for reason, count in left_out.items()]
    return roads, notes + unknown_values("unknown_highway", unknown)


def walkways_of(lines: Objects, crs: CRS) -> Layer:
    """What people walk on and nobody drives on, where people on foot may."""
    walked = set(table("road_classes")["osm_walkways"]["highway"])
    found = lines.those("highway", lambda tags: tags["highway"] in walked and tags.get("area") != "yes")
    open_to_all = found.take([i for i, tags in enumerate(found.tags) if tags.get("foot") != "no"])
    closed = len(found) - len(open_to_all)
    return frame("walkways", open_to_all, crs), [note("closed_on_foot", objects=closed)] if closed else []


def _read(name: str) -> Any:
    return table("road_classes")["osm_tags"][name]


def _base(tags: Tags) -> str:
    return tags["highway"].removesuffix("_link")


def _left_out(tags: Tags) -> str:
    """Why a way of highway=* is no road here: the kind of the note; "" where it is one."""
    if tags["highway"] in _read("not_yet"):
        return "not_yet"
    if tags.get("area") == "yes":
        return "drawn_as_area"
    return "" if _base(tags) in table("road_classes")["osm_highway"] else "unknown_highway"


def _is_round(tags: Tags) -> bool:
    return tags.get("junction") in _read("round")


def _direction(tags: Tags) -> int:
    """Return 1 for a one-way road, -1 for one that is drawn against its traffic, 0 for both ways."""
    oneway, said = _read("oneway"), tags.get("oneway")
    if said in oneway["against"]:
        return -1
    if said in oneway["both"]:
        return 0
    return int(said in oneway["along"] or _is_round(tags) or tags["highway"] == "motorway")


def _is_on(tags: Tags, key: str) -> bool:
    """Whether a road is on a bridge or in a tunnel."""
    return tags.get(key, "no") not in _read("no_bridge_or_tunnel")


def _level(tags: Tags) -> int:
    """Return the level of a road: layer=*, and without it 1 for a bridge, -1 for a tunnel."""
    layer = _WHOLE.match(tags.get("layer", ""))
    return int(layer[1]) if layer else int(_is_on(tags, "bridge")) - int(_is_on(tags, "tunnel"))


def _walkable(tags: Tags) -> bool | None:
    """Return whether a mapper says that people walk along a road; None where nobody says."""
    allowed = answer(_read("foot"), tags.get("foot"))
    if allowed is not None:
        return allowed
    sides = (tags.get(key) for key in ("sidewalk", "sidewalk:both", "sidewalk:left", "sidewalk:right"))
    if any(side in _read("has_sidewalk") for side in sides):
        return True
    return False if tags.get("motorroad") == "yes" else None


def _side(tags: Tags, side: str) -> bool | None:
    """Whether a sidewalk runs on one side of a way, by the most exact tag that tells; None where nobody says."""
    for key in (f"sidewalk:{side}", "sidewalk:both", "sidewalk"):
        there = answer(_read("sidewalk_of_side"), tags.get(key))
        if there is not None:
            return there
    said = tags.get("sidewalk")
    return said in ("both", side) if said in ("both", "left", "right") else None


def _sidewalk(tags: Tags, *, turned: bool) -> str | None:
    """Return on which sides of a road a sidewalk runs: both, left, right or no; None where not both sides are told.

    A bare sidewalk=yes is taken for both, and separate for there being one. Sides are those of the way, exchanged where
    it is `turned` round.
    """
    sides = [_side(tags, side) for side in ("left", "right")]
    left, right = reversed(sides) if turned else sides
    if left is None or right is None:
        return None
    return ("both" if right else "left") if left else ("right" if right else "no")
