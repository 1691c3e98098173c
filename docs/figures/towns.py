"""Study areas drawn by hand, in metres: what the figures measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

import suizhou_geo as sg

CRS = "EPSG:4547"
ORIGIN = np.array([441_000.0, 3_507_000.0])


@dataclass(frozen=True)
class Figure:
    """The drawings of a page, by file name, and the numbers they show: the page must hold each of them."""

    drawings: Mapping[str, str]
    facts: tuple[str, ...]


def layer(shapes: Sequence[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    """Return a layer of shapes drawn in metres from the middle of Suizhou."""
    there = [shapely.transform(shape, lambda xy: xy + ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=there, crs=CRS)


def town(zones: Sequence[shapely.Geometry], **layers: Any) -> sg.StudyArea:
    """Return a study area with these zones and layers."""
    names = [f"zone {i + 1}" for i in range(len(zones))]
    drawn = layer(zones, name=names).set_index(np.array([str(i + 1) for i in range(len(zones))]))
    return sg.StudyArea("drawn town", drawn, **layers)


def home(shape: shapely.Geometry) -> shapely.Geometry:
    """Bring a shape of a result back to the metres it was drawn in."""
    return shapely.transform(shape, lambda xy: xy - ORIGIN)


def street(
    *points: tuple[float, float], name: str | None = None, road_class: str = "branch", **more: Any
) -> dict[str, Any]:
    """Return one row of a roads layer."""
    return {"geometry": shapely.LineString(points), "name": name, "road_class": road_class, **more}


def roads(rows: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Return a roads layer of the rows of `street`."""
    columns = {
        "name": None,
        "road_class": "branch",
        "oneway": False,
        "ramp": False,
        "roundabout": False,
        "bridge": False,
    }
    given = {c: [row.get(c, default) for row in rows] for c, default in columns.items()}
    return layer([row["geometry"] for row in rows], **given)
