"""OpenStreetMap objects -> the layers of a study area, by the tables osm_layers, road_classes and land_codes.

Every layer comes out with the columns of `study_area.LAYERS`. What the tables leave out is counted and told in notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.model import Note
from suizhou_geo.sources.land_codes import group_of
from suizhou_geo.sources.notes import note, of_layer
from suizhou_geo.sources.osm_facilities import facilities_of
from suizhou_geo.sources.osm_rules import (
    InCampus,
    Layer,
    Objects,
    Tags,
    answer,
    decided,
    facility_groups,
    frame,
    has,
    looked_for,
    rules,
    told,
    unknown_values,
    value_sets,
)
from suizhou_geo.sources.osm_streets import roads_of, termini_of, terminus_keys, walkways_of
from suizhou_geo.standards import table

_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)")
_CAPACITY = re.compile(r"^\s*(\d+)\s*$")


def line_keys() -> frozenset[str]:
    """Return the tag keys by which ways become lines: roads, walkways, railways, barriers, platforms."""
    return frozenset({"highway", "construction:highway", "public_transport", "railway"}) | looked_for(rules("barriers"))


def area_keys() -> frozenset[str]:
    """Return the tag keys by which closed ways and relations become areas."""
    named = ("parks", "residential", "barrier_areas", "institutions")
    keys = looked_for(rule for name in named for rule in rules(name))
    return keys | point_keys() | {"landuse", "building", "amenity"} | set(table("osm_layers")["campus"]["tags"])


def point_keys() -> frozenset[str]:
    """Return the tag keys by which nodes become facilities, or places where streets end."""
    return (
        looked_for(rule for group in facility_groups() for rule in rules("facilities", group))
        | {"amenity"}
        | terminus_keys()
    )


def layers_of(
    points: Objects, lines: Objects, areas: Objects, *, crs: CRS
) -> tuple[dict[str, gpd.GeoDataFrame], list[Note]]:
    """Return every layer OpenStreetMap can supply, by name, and what was left out.

    Shapes are in `crs`, whose unit is the metre: sports grounds, waters and duplicates are told by their size and
    distance.
    """
    campus = _campus(areas)
    made: dict[str, Layer] = {
        "roads": roads_of(lines, crs),
        "termini": termini_of(points, lines, areas, crs),
        "walkways": walkways_of(lines, crs),
        "facilities": facilities_of(points, lines, areas, in_campus=campus, crs=crs),
        "parks": _parks(areas, campus, crs),
        "residential": _residential(areas, crs),
        "institutions": _institutions(areas, crs),
        "land_use": _land_use(areas, crs),
        "buildings": _buildings(areas, crs),
        "barriers": _barriers(lines, areas, crs),
        "railways": _railways(lines, crs),
        "chargers": _chargers(points, areas, crs),
        "parking": _parking(points, areas, crs),
    }
    notes = [of_layer(told_here, name) for name, (_, notes) in made.items() for told_here in notes]
    return {name: layer for name, (layer, _) in made.items()}, notes


def _campus(areas: Objects) -> InCampus:
    """Return a function: shapes -> whether a point on each lies inside a school or university."""
    tree = shapely.STRtree(areas.shapes[areas.having(value_sets(table("osm_layers")["campus"]["tags"]))])

    def in_campus(shapes: Shapes) -> Bools:
        inside = np.zeros(len(shapes), dtype=bool)
        inside[tree.query(shapely.point_on_surface(shapes), predicate="intersects")[0]] = True
        return inside

    return in_campus


def _parks(areas: Objects, in_campus: InCampus, crs: CRS) -> Layer:
    parks, by, left_out = decided(areas, rules("parks"), in_campus=in_campus)
    closed = value_sets(table("osm_layers")["closed"])
    open_public = [not any(has(tags, key, values) for key, values in closed.items()) for tags in parks.tags]
    return frame("parks", parks, crs, kind=[rule.result[0] for rule in by], open_public=open_public), told(left_out)


def _residential(areas: Objects, crs: CRS) -> Layer:
    found, _, left_out = decided(areas, rules("residential"))
    return frame("residential", found, crs), told(left_out)


def _institutions(areas: Objects, crs: CRS) -> Layer:
    found, by, left_out = decided(areas, rules("institutions"))
    return frame("institutions", found, crs, own_streets=[rule.result[0] == "own" for rule in by]), told(left_out)


def _land_use(areas: Objects, crs: CRS) -> Layer:
    classes = table("osm_layers")["land_classes"]
    by_value = {value: key for key, entry in classes.items() for value in entry["osm"]}
    found = areas.those("landuse", lambda tags: tags["landuse"] in by_value)
    unknown = areas.those("landuse", lambda tags: tags["landuse"] not in by_value)
    codes = [by_value[tags["landuse"]] for tags in found.tags]
    layer = frame(
        "land_use",
        found,
        crs,
        land_class=codes,
        land_group=[group_of(code, "osm") for code in codes],
        construction=[classes[code]["construction"] for code in codes],
    )
    return layer, unknown_values("unknown_landuse", [tags["landuse"] for tags in unknown.tags])


def _buildings(areas: Objects, crs: CRS) -> Layer:
    entry = table("osm_layers")["buildings"]
    lived_in = dict.fromkeys(entry["residential"], True) | dict.fromkeys(entry["not_residential"], False)
    found = areas.those("building", lambda tags: tags["building"] != "no")
    levels = [_levels(tags.get("building:levels", "")) for tags in found.tags]
    unread = sum("building:levels" in tags and np.isnan(n) for tags, n in zip(found.tags, levels, strict=True))
    layer = frame("buildings", found, crs, residential=[lived_in.get(t["building"]) for t in found.tags], levels=levels)
    return layer, [note("no_storeys", objects=int(unread))] if unread else []


def _levels(text: str) -> float:
    """Return the storeys of building:levels: the highest number of "5;6" or "5-6", NaN where there is none."""
    numbers = [float(found[1]) for part in re.split(r"[;,-]", text) if (found := _NUMBER.match(part))]
    return max(numbers, default=np.nan)


def _barriers(lines: Objects, areas: Objects, crs: CRS) -> Layer:
    along, by_line, no_lines = decided(lines, rules("barriers"))
    across, by_area, no_areas = decided(areas, rules("barrier_areas"))
    kinds = [rule.result[0] for rule in by_line + by_area]
    return frame("barriers", along.joined(across), crs, kind=kinds), told(no_lines + no_areas)


def _railways(lines: Objects, crs: CRS) -> Layer:
    wanted = table("osm_layers")["railways"]
    found = lines.those(
        "railway", lambda tags: tags["railway"] in wanted["railway"] and tags.get("service") not in wanted["sidings"]
    )
    on = {key: [tags.get(key, "no") != "no" for tags in found.tags] for key in ("bridge", "tunnel")}
    return frame("railways", found, crs, **on), []


def _chargers(points: Objects, areas: Objects, crs: CRS) -> Layer:
    """Charging stations for motor vehicles; `count` is capacity=*, and 1 where nobody says how many."""
    found = _both(points, areas, lambda tags: tags["amenity"] == "charging_station" and tags.get("motorcar") != "no")
    places = [_capacity(tags) for tags in found.tags]
    unsaid = sum(map(np.isnan, places))
    layer = frame(
        "chargers",
        Objects(found.ids, found.tags, shapely.point_on_surface(found.shapes)),
        crs,
        count=[1 if np.isnan(number) else int(number) for number in places],
        public=_public(found),
    )
    return layer, [note("no_capacity", objects=int(unsaid))] if unsaid else []


def _parking(points: Objects, areas: Objects, crs: CRS) -> Layer:
    """Car parks; `spaces` is capacity=*, unknown where nobody says."""
    found = _both(points, areas, lambda tags: tags["amenity"] == "parking")
    return frame("parking", found, crs, spaces=[_capacity(tags) for tags in found.tags], public=_public(found)), []


def _both(points: Objects, areas: Objects, fits: Callable[[Tags], bool]) -> Objects:
    return points.those("amenity", fits).joined(areas.those("amenity", fits))


def _public(found: Objects) -> list[bool | None]:
    return [answer(table("osm_layers")["public_access"], tags.get("access")) for tags in found.tags]


def _capacity(tags: Tags) -> float:
    said = _CAPACITY.match(tags.get("capacity", ""))
    return float(said[1]) if said else np.nan
