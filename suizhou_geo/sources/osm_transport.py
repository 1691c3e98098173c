"""OpenStreetMap objects -> railways, charging points and car parks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.sources.osm_rules import Objects, Tags, frame, name_of

Layer = tuple[gpd.GeoDataFrame, list[str]]

_RAILS = ("rail", "light_rail", "subway", "narrow_gauge")
_SIDINGS = ("yard", "spur", "siding", "crossover")
_PUBLIC = {"yes": True, "public": True, "permissive": True, "customers": True, "private": False, "no": False}
_NUMBER = re.compile(r"^\s*(\d+)\s*$")


def railways_of(lines: Objects, crs: CRS) -> Layer:
    """Railways in use, with their bridges and tunnels; sidings and yards left out."""
    rows = [i for i in lines.rows_with.get("railway", []) if lines.tags[i]["railway"] in _RAILS]
    found = lines.take([i for i in rows if lines.tags[i].get("service") not in _SIDINGS])
    columns: dict[str, Sequence[Any]] = {
        "name": [name_of(tags) for tags in found.tags],
        "bridge": [tags.get("bridge", "no") != "no" for tags in found.tags],
        "tunnel": [tags.get("tunnel", "no") != "no" for tags in found.tags],
        "source_id": found.ids,
    }
    return frame("railways", columns, found.shapes, crs), []


def chargers_of(points: Objects, areas: Objects, crs: CRS) -> Layer:
    """Charging stations for motor vehicles; `count` is capacity=*, and 1 where nobody says how many."""
    found = _amenity(points, areas, "charging_station")
    found = found.take([i for i, tags in enumerate(found.tags) if tags.get("motorcar") != "no"])
    capacity = [_whole(tags) for tags in found.tags]
    columns: dict[str, Sequence[Any]] = {
        "name": [name_of(tags) for tags in found.tags],
        "count": [1 if np.isnan(places) else int(places) for places in capacity],
        "public": [_PUBLIC.get(tags.get("access", "")) for tags in found.tags],
    }
    unsaid = int(np.isnan(capacity).sum()) if capacity else 0
    notes = [f"charging stations without capacity=* count as one point each: {unsaid}."] if unsaid else []
    return frame("chargers", columns, shapely.point_on_surface(found.shapes), crs), notes


def parking_of(points: Objects, areas: Objects, crs: CRS) -> Layer:
    """Car parks; `spaces` is capacity=*, unknown where nobody says."""
    found = _amenity(points, areas, "parking")
    columns: dict[str, Sequence[Any]] = {
        "name": [name_of(tags) for tags in found.tags],
        "spaces": [_whole(tags) for tags in found.tags],
        "public": [_PUBLIC.get(tags.get("access", "")) for tags in found.tags],
    }
    return frame("parking", columns, found.shapes, crs), []


def _amenity(points: Objects, areas: Objects, value: str) -> Objects:
    def mine(objects: Objects) -> Objects:
        return objects.take([i for i in objects.rows_with.get("amenity", []) if objects.tags[i]["amenity"] == value])

    return mine(points).joined(mine(areas))


def _whole(tags: Tags) -> float:
    said = _NUMBER.match(tags.get("capacity", ""))
    return float(said[1]) if said else np.nan
