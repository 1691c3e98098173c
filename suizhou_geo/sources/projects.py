"""Projects (拟建、拟拆项目) as a planner has them: any file with shapes or table of places, its columns as they stand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text, layer_text
from suizhou_geo.sources.archives import unpacked
from suizhou_geo.sources.files import existing
from suizhou_geo.sources.opened import VectorSource, opened
from suizhou_geo.sources.point_tables import is_table, located, table_rows

PROJECTS = "projects"
_FULL_TURN_DEG = 180.0


def read_projects(path: Path | str, *, working: CRS) -> gpd.GeoDataFrame:
    """Return the rows of a file with all their columns, in the coordinate system that the file says.

    Of several layers that called "projects" is read. A table has its places in columns of coordinates or of WKT: degrees,
    where its WKT names no system (SRID=4547;...). The rows are numbered as the file's own program numbers them.

    Raises: InputError for a missing file or one that cannot be read; LayerError where it does not say where its rows lie.

    >>> import suizhou_geo as sg
    >>> rows = read_projects("data/raw/invented_city/projects.geojson", working=CRS("EPSG:4547"))
    >>> sorted(set(rows["layer"]))
    ['facilities', 'parks', 'roads']
    """
    path = Path(path)
    what = layer_text(PROJECTS, path.name)
    existing(path, what=layer_text(PROJECTS))
    if path.suffix.lower() == ".dxf":
        raise InputError(
            f"{what.zh}：DXF 没有属性列，写不下每个项目改什么；请另存为 GeoPackage",
            f"{what.en}: a DXF has no columns that could say what each project changes; save it as GeoPackage",
        )
    with unpacked(path, layer=None, name=PROJECTS, what=what) as (inside, layer):
        if not is_table(inside):
            return opened(VectorSource(inside, layer=layer), PROJECTS, what, working=working)[0]
        rows, _ = table_rows(inside, sheet=layer, name=PROJECTS, encoding=None, what=what)
    return _of_table(rows, what)


def _of_table(rows: pd.DataFrame, what: Text) -> gpd.GeoDataFrame:
    shapes, srid, _ = located(rows, x=None, y=None, what=what)
    found = gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326" if srid is None else f"EPSG:{srid}")
    if srid is None and len(found) and np.abs(found.total_bounds).max() > _FULL_TURN_DEG:
        raise InputError(
            f"{what.zh}：坐标不是经纬度，表格又没有写明坐标系；请在 WKT 前写上 SRID=4547; 这样的代码，或改用 GeoPackage",
            f"{what.en}: its coordinates are not degrees, and it does not say what they are; write a code such as SRID=4547; "
            "before the WKT, or use a GeoPackage",
        )
    return found
