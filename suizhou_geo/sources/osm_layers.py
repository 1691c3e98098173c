"""OpenStreetMap objects -> the layers of a study area, by the tables osm_layers, road_classes and land_codes.

Every layer comes out with the columns of `study_area.LAYERS`. What the tables leave out is counted and told in notes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.geometry.lines import SAME_PLACE_M
from suizhou_geo.geometry.shapes import meets
from suizhou_geo.model import Guess, Note
from suizhou_geo.sources.land_codes import group_of
from suizhou_geo.sources.notes import note, of_layer
from suizhou_geo.sources.osm_facilities import Corrections, facilities_of, without_gate
from suizhou_geo.sources.osm_lifecycle import Drawn, in_use, named_unused
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
    name_of,
    rules,
    told,
    unknown_values,
    value_sets,
)
from suizhou_geo.sources.osm_streets import (
    crossing_keys,
    plazas_of,
    roads_of,
    termini_of,
    terminus_keys,
    walkways_of,
)
from suizhou_geo.standards import table

_NAMED = 5
_GREATER_PART = 0.5
_NUMBER = re.compile(r"^\s*(\d+(?:\.\d+)?)")
_CAPACITY = re.compile(r"^\s*(\d+)\s*$")


def line_keys() -> frozenset[str]:
    """Return the tag keys by which ways become lines: roads, walkways, railways, barriers, platforms."""
    return frozenset({"highway", "construction:highway", "public_transport", "railway"}) | looked_for(rules("barriers"))


def area_keys() -> frozenset[str]:
    """Return the tag keys by which closed ways and relations become areas."""
    named = ("parks", "residential", "barrier_areas", "institutions")
    keys = looked_for(rule for name in named for rule in rules(name))
    campus = set(table("osm_layers")["campus"]["tags"])
    return keys | facility_keys() | campus | set(table("road_classes")["osm_plazas"]) | {"landuse", "building"}


def point_keys() -> frozenset[str]:
    """Return the tag keys of nodes: facilities, parks, gates, what ends streets or lets them cross water or rails."""
    gates = set(table("osm_layers")["gates"]["tags"])
    return facility_keys() | looked_for(rules("parks")) | crossing_keys() | terminus_keys() | gates


def facility_keys() -> frozenset[str]:
    """Return the tag keys by which nodes and areas become facilities."""
    listed = (rule for group in facility_groups() for rule in rules("facilities", group))
    return looked_for(listed) | {"amenity", "healthcare"}


def layers_of(
    points: Objects,
    lines: Objects,
    areas: Objects,
    *,
    crs: CRS,
    as_of: str = "",
    corrections: Corrections | None = None,
) -> tuple[dict[str, gpd.GeoDataFrame], list[Note], list[Guess]]:
    """Return every layer OpenStreetMap can supply, by name, what was left out, and what was guessed of facilities.

    Shapes are in `crs`, whose unit is the metre: sports grounds, waters and duplicates are told by their size and
    distance. `as_of` is the date of the data (ISO), at which openings and ends are looked at; `corrections` give
    categories to facilities by their source id, before every rule.
    """
    used, unused = in_use(Drawn(points, lines, areas), as_of)
    called, uncalled = named_unused(used)
    campus = _campus(used.areas)
    made, guesses = _made(used, called, campus, crs, corrections or {})
    lost, _ = _made(unused, unused.joined(uncalled), campus, crs, {})
    there = set(used.areas.ids)  # ground that is being built on or was given up
    planned = unused.areas.take([i for i, source_id in enumerate(unused.areas.ids) if source_id not in there])
    lost["land_use"] = _land_use(planned, crs)
    made["termini"] = termini_of(used.points, lines, crs)  # streets being built are lines not in use
    notes = [of_layer(told_here, name) for name, (_, notes) in made.items() for told_here in notes]
    notes += [of_layer(told_here, name) for name, (layer, _) in lost.items() for told_here in _not_in_use(name, layer)]
    return {name: layer for name, (layer, _) in made.items()}, notes, guesses


def _made(
    drawn: Drawn, called: Drawn, campus: InCampus, crs: CRS, corrections: Corrections
) -> tuple[dict[str, Layer], list[Guess]]:
    """Make the layers; `called` are the objects as far as their names are those of facilities and parks in use."""
    points, lines, areas = drawn
    facilities, guesses = facilities_of(called, in_campus=campus, crs=crs, corrections=corrections)
    made: dict[str, Layer] = {
        "roads": roads_of(points, lines, crs),
        "walkways": walkways_of(points, lines, crs),
        "plazas": plazas_of(areas, crs),
        "facilities": facilities,
        "parks": _parks(called, areas, campus, crs),
        "residential": _residential(areas, crs),
        "institutions": _institutions(areas, crs),
        "land_use": _land_use(areas, crs),
        "buildings": _buildings(areas, crs),
        "barriers": _barriers(lines, areas, crs),
        "railways": _railways(lines, crs),
        "chargers": _chargers(points, areas, crs),
        "parking": _parking(points, areas, crs),
    }
    sites = np.concatenate([made[name][0].geometry.to_numpy() for name in ("parks", "facilities")])
    made["gates"] = _gates(points, sites, crs)
    return made, guesses


def _not_in_use(name: str, layer: gpd.GeoDataFrame) -> list[Note]:
    """Say how many objects of a layer are not in use, and the names of the first few."""
    things = layer.drop_duplicates("source_id") if "source_id" in layer else layer
    if things.empty:
        return []
    if name == "roads":
        return [note("not_yet", objects=len(things))]
    names = things["name"].tolist() if "name" in things else []
    return [note("not_in_use", objects=len(things), names=_some(names))]


def _within(areas: Objects) -> InCampus:
    """Return a function: shapes -> whether each lies inside one of some areas, of an area the greater part of it.

    A school in the middle of a park does not make the park the school's.
    """
    tree = shapely.STRtree(areas.shapes)

    def within(shapes: Shapes) -> Bools:
        inside = np.zeros(len(shapes), dtype=bool)
        one, ground = tree.query(shapes, predicate="intersects")
        shared = shapely.area(shapely.intersection(shapes[one], areas.shapes[ground]))
        inside[one[shared >= _GREATER_PART * shapely.area(shapes[one])]] = True
        return inside

    return within


def _campus(areas: Objects) -> InCampus:
    """Return a function: shapes -> whether each lies inside a school or university."""
    return _within(areas.take(areas.having(value_sets(table("osm_layers")["campus"]["tags"]))))


def _parks(drawn: Drawn, areas: Objects, in_campus: InCampus, crs: CRS) -> Layer:
    """Parks drawn as areas. `areas` is what they may lie inside of; parks drawn as points alone are counted."""
    parks, by, left_out = decided(drawn.areas, rules("parks"), in_campus=in_campus)
    inside = _on_private_ground(parks, areas)
    closed = _closed(parks) & ~inside
    open_public = ~inside & ~closed
    layer = frame("parks", parks, crs, kind=[rule.result[0] for rule in by], open_public=open_public.tolist())
    dots, _, _ = decided(drawn.points, rules("parks"), in_campus=in_campus)
    dots = dots.take(np.flatnonzero(~_closed(dots)))
    notes = [*_with_ha("attached_green", layer[inside]), *_with_ha("closed_parks", layer[closed])]
    return layer, told(left_out) + notes + _points_alone(dots, layer)


def _with_ha(kind: str, parks: gpd.GeoDataFrame) -> list[Note]:
    return [note(kind, objects=len(parks), ha=float(parks.area.sum() / 1e4))] if len(parks) else []


def _closed(parks: Objects) -> Bools:
    return np.array([_is_closed(tags) for tags in parks.tags], dtype=bool)


def _is_closed(tags: Tags) -> bool:
    closed = value_sets(table("osm_layers")["closed"])
    return any(has(tags, key, values) for key, values in closed.items())


def _on_private_ground(parks: Objects, areas: Objects) -> Bools:
    """Return which parks are green of ground the public does not enter (附属绿地)."""
    grounds = {key: value_sets(tags) for key, tags in table("osm_layers")["private_ground"].items()}
    gated = [i for i in areas.having(grounds["where_closed"]) if _is_closed(areas.tags[i])]
    gated += areas.having(grounds["always"])
    inside = _within(areas.take(gated))(parks.shapes)
    nameless = np.array([name_of(tags) is None for tags in parks.tags], dtype=bool)
    inside |= nameless & _within(areas.take(areas.having(grounds["where_nameless"])))(parks.shapes)
    inside[parks.having(value_sets(table("osm_layers")["private_ground"]["not_where"]))] = False
    return inside


def _points_alone(dots: Objects, parks: gpd.GeoDataFrame) -> list[Note]:
    """Say which parks are mapped as a point, and not as an area, too: those cannot be measured."""
    tree = shapely.STRtree(parks.geometry.to_numpy())
    drawn = set(tree.query(dots.shapes, predicate="intersects")[0].tolist())
    near = tree.query(dots.shapes, predicate="dwithin", distance=table("osm_layers")["duplicates"]["gates_m"])
    called = [name_of(tags) for tags in dots.tags]
    known, names = ([name and without_gate(name) for name in those] for those in (called, parks["name"].tolist()))
    drawn |= {i for i, j in zip(*near.tolist(), strict=True) if known[i] is not None and known[i] == names[j]}
    alone = [called[i] for i in range(len(dots)) if i not in drawn]
    return [note("park_points", objects=len(alone), names=_some(alone))] if alone else []


def _some(names: Sequence[str | None]) -> Text:
    """Return the first few names in brackets; nothing where there are none."""
    listed = [name for name in names if name is not None]
    some = listed[:_NAMED] + ["..."] * (len(listed) > _NAMED)
    return Text(f"（{'、'.join(some)}）", f" ({', '.join(some)})") if listed else Text("", "")


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


def _gates(points: Objects, sites: Shapes, crs: CRS) -> Layer:
    """Gates and entrances on the outlines of parks and facilities, where people on foot may."""
    closed = table("road_classes")["osm_tags"]["closed_access"]
    found = points.take(points.having(value_sets(table("osm_layers")["gates"]["tags"])))
    outlines = shapely.boundary(sites[shapely.get_dimensions(sites) == 2])
    entered = meets(found.shapes, outlines, within_m=SAME_PLACE_M)
    shut = np.array([tags.get("foot", tags.get("access")) in closed for tags in found.tags], dtype=bool)
    return frame("gates", found.take(np.flatnonzero(entered & ~shut)), crs), []


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
