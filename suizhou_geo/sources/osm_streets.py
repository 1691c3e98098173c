"""OpenStreetMap objects -> roads, walkways, plazas and what streets end at, by the table road_classes."""

from __future__ import annotations

import re
from collections import Counter
from functools import reduce
from typing import Any

import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.geometry.lines import SAME_PLACE_M
from suizhou_geo.geometry.shapes import meets
from suizhou_geo.model import Note
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.osm_rules import (
    Layer,
    Objects,
    Tags,
    answer,
    frame,
    has,
    name_of,
    unknown_values,
    value_sets,
)
from suizhou_geo.standards import table
from suizhou_geo.standards.street_names import real_name

_WHOLE = re.compile(r"^\s*([+-]?\d+)")


def crossing_keys() -> frozenset[str]:
    """Return the tag keys by which nodes are fords and level crossings."""
    return frozenset(table("road_classes")["osm_crossings"])


def roads_of(points: Objects, lines: Objects, crs: CRS) -> Layer:
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
        crosses=_crosses(found, points),
        walkable=[_walkable(tags) for tags in found.tags],
        sidewalk=[_sidewalk(tags, turned=way < 0) for tags, way in zip(found.tags, ways, strict=True)],
        public=[_public(tags) for tags in found.tags],
    )
    left_out = Counter(reason for reason in why if reason == "drawn_as_area")
    unknown = [tags["highway"] for tags, reason in zip(streets.tags, why, strict=True) if reason == "unknown_highway"]
    notes = [note(reason, objects=count) for reason, count in left_out.items()]
    return roads, notes + unknown_values("unknown_highway", unknown)


def walkways_of(points: Objects, lines: Objects, crs: CRS) -> Layer:
    """What people walk on and nobody drives on, where people on foot may."""
    walked = set(table("road_classes")["osm_walkways"]["highway"])
    found = lines.those("highway", lambda tags: tags["highway"] in walked and tags.get("area") != "yes")
    open_to_all, notes = _open_to_all(found)
    return (
        frame(
            "walkways",
            open_to_all,
            crs,
            bridge=[_is_on(tags, "bridge") for tags in open_to_all.tags],
            tunnel=[_is_on(tags, "tunnel") for tags in open_to_all.tags],
            level=[_level(tags) for tags in open_to_all.tags],
            crosses=_crosses(open_to_all, points),
            walkable=[_walkable(tags) for tags in open_to_all.tags],
        ),
        notes,
    )


def plazas_of(areas: Objects, crs: CRS) -> Layer:
    """Areas to walk on, where people on foot may: squares, and of highway=* closed ways with area=yes and multipolygons."""
    drawn = areas.take(areas.having(value_sets(table("road_classes")["osm_plazas"])))
    meant = [
        i
        for i, tags in enumerate(drawn.tags)
        if tags.get("area", "yes" if "highway" not in tags or drawn.ids[i].startswith("r") else "no") == "yes"
    ]
    found, notes = _open_to_all(drawn.take(meant))
    walkable = [_walkable(tags) for tags in found.tags]
    return frame("plazas", found, crs, level=[_level(tags) for tags in found.tags], walkable=walkable), notes


def _open_to_all(found: Objects) -> tuple[Objects, list[Note]]:
    """What is not closed to people on foot; and how much is."""
    kept = found.take([i for i, tags in enumerate(found.tags) if _walkable(tags) is not False])
    closed = len(found) - len(kept)
    return kept, [note("closed_on_foot", objects=closed)] if closed else []


def _crosses(found: Objects, points: Objects) -> list[bool]:
    """Whether lines are fords, or run over a ford or a level crossing."""
    said = value_sets(table("road_classes")["osm_crossings"])
    crosses = np.zeros(len(found), dtype=bool)
    crosses[found.having({"ford": said["ford"]})] = True
    there = meets(found.shapes, points.shapes[points.having(said)], within_m=SAME_PLACE_M)
    return [bool(one) for one in crosses | there]


def termini_of(points: Objects, lines: Objects, crs: CRS) -> Layer:
    """What streets end at.

    Turning circles (nodes), ends a mapper has confirmed (nodes, or the whole way), streets being built (lines), and the
    places where the extract lacks the next node of a way.
    """
    named = {kind: value_sets(tags) for kind, tags in table("road_classes")["osm_termini"].items()}
    found = {
        "turning_circle": points.take(points.having(named["turning_circle"])),
        "no_exit": points.take(points.having(named["no_exit"])).joined(lines.take(lines.having(named["no_exit"]))),
        "construction": lines.take([i for i, tags in enumerate(lines.tags) if _in_construction(tags)]),
        "cut": points.take(points.having(named["cut"])),
    }
    kinds = [kind for kind, objects in found.items() for _ in range(len(objects))]
    return frame("termini", reduce(Objects.joined, found.values()), crs, kind=kinds), []


def terminus_keys() -> frozenset[str]:
    """Return the tag keys by which nodes become what streets end at."""
    return frozenset(key for tags in table("road_classes")["osm_termini"].values() for key in tags)


def _read(name: str) -> Any:
    return table("road_classes")["osm_tags"][name]


def _base(tags: Tags) -> str:
    return tags.get("highway", "").removesuffix("_link")


def _left_out(tags: Tags) -> str:
    """Why a way of highway=* is no road here: the kind of the note; "" where it is one."""
    if tags.get("area") == "yes":
        return "a_plaza" if tags["highway"] in table("road_classes")["osm_plazas"]["highway"] else "drawn_as_area"
    return "" if _base(tags) in table("road_classes")["osm_highway"] else "unknown_highway"


def _in_construction(tags: Tags) -> bool:
    """Whether a way is a street that is being built: highway=construction, or a street with construction=yes or a class."""
    named = value_sets(table("road_classes")["osm_termini"]["construction"])
    if any(has(tags, key, values) for key, values in named.items()):
        return True
    return _base(tags) in table("road_classes")["osm_highway"] and tags.get("construction", "no") not in ("no", "minor")


def _public(tags: Tags) -> bool | None:
    """Return whether everybody may drive on a road, by the most exact tag that says; None where nobody says."""
    allowed = table("road_classes")["osm_access"]
    for key in _read("access_keys"):
        said = {answer(allowed, value) for value in re.split(r"\s*;\s*", tags.get(key, "").strip().lower())}
        if True in said or said == {False}:
            return True in said
    return None


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
    """Return whether a mapper says that the public walks along a way; None where nobody says. foot=* overrides access=*."""
    allowed = answer(_read("foot"), tags.get("foot", "").strip().lower())
    if allowed is not None:
        return allowed
    if tags.get("access", "").strip().lower() in _read("closed_access"):
        return False
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
