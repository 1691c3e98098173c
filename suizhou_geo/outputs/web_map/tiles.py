"""Tile maps under the web map, only when asked for: whose, from which host, and China's shift undone.

Amap's tiles are drawn in GCJ-02 (火星坐标). Our shapes stay where they are, in WGS 84; the tile layer is moved under them
by the shift at the middle of the view, which the page reads from a grid of shifts written here (bilinear; off by less
than half a metre at Suizhou). Away from the middle of the view the shift changes by up to 5 m per km: at most 4 pixels at
the edge of a screen, at every zoom. The published formula itself is good to 1-2 m.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from suizhou_geo.errors import InputError
from suizhou_geo.geometry.crs import in_china, wgs84_to_gcj02
from suizhou_geo.outputs.web_map.geojson import Drawing, Json
from suizhou_geo.standards import table

Tiles = Literal["osm", "amap", "tianditu"]
NODES = 17  # of the grid of shifts, each way


@dataclass(frozen=True)
class TileSource:
    """A tile server: its host, the paths of its layers, what must be said of it, and its deepest zoom."""

    host: str
    paths: Sequence[str]
    attribution: str
    max_zoom: int
    gcj02: bool = False
    needs_key: bool = False


SOURCES = {name: TileSource(**row) for name, row in table("tiles").items()}


def tile_source(tiles: Tiles | None, key: str | None) -> TileSource | None:
    """Return the tile server asked for, its key in its paths; None for a map without tiles.

    Raises:
        InputError: an unknown server, Tianditu without a key, a key that is none, or a key nobody asked for.
    """
    if tiles is None and key is None:
        return None
    if tiles is None:
        raise InputError(
            "给了天地图密钥（tianditu_key）而没有要天地图；请同时写 tiles tianditu，或去掉密钥",
            "there is a key for Tianditu (tianditu_key) but no tiles of it; ask for tiles tianditu too, or leave the key out",
        )
    if tiles not in SOURCES:
        raise InputError(
            f"没有名为“{tiles}”的底图；可选的有 {'、'.join(get_args(Tiles))}，不要底图就不写",
            f"tiles {tiles!r} are not one of {', '.join(get_args(Tiles))}; leave it out for no tiles",
        )
    source = SOURCES[tiles]
    if not source.needs_key and key is None:
        return source
    if not source.needs_key:
        raise InputError(
            f'底图 {tiles} 不用密钥；tianditu_key 只与 tiles = "tianditu" 同用',
            f"tiles {tiles} take no key; give tianditu_key with tiles = 'tianditu' only",
        )
    if key is None or not re.fullmatch(r"[0-9A-Za-z]{8,64}", key):
        raise InputError(
            "天地图底图需要 tianditu_key，即 console.tianditu.gov.cn 发放的字母数字密钥；请给出",
            "tiles of Tianditu need tianditu_key, the letters and digits given by console.tianditu.gov.cn",
        )
    return replace(source, paths=[path + key for path in source.paths])


def tile_json(source: TileSource | None, drawing: Drawing) -> Json | None:
    """Return what the page needs to lay tiles under the map, with the grid of shifts where they are in GCJ-02."""
    if source is None:
        return None
    return {
        "urls": [source.host + path for path in source.paths],
        "attribution": source.attribution,
        "max_zoom": source.max_zoom,
        "shift": shift_grid(drawing) if source.gcj02 else None,
    }


def shift_grid(drawing: Drawing) -> Json | None:
    """Return the GCJ-02 shift over the frame of a drawing: rows of (east, north) in degrees, from the south-west corner.

    None outside China.
    """
    corners = np.array(drawing.frame).reshape(2, 2)
    (west, east), (south, north) = drawing.to_degrees.transform(corners[:, 0], corners[:, 1])
    if not in_china(west, south, east, north):
        return None
    lon, lat = np.meshgrid(np.linspace(west, east, NODES), np.linspace(south, north, NODES))
    there_lon, there_lat = wgs84_to_gcj02(lon.ravel(), lat.ravel())
    shifts = np.column_stack([there_lon - lon.ravel(), there_lat - lat.ravel()]).round(8)
    return {"box": [west, south, east, north], "nodes": NODES, "shifts": shifts.tolist()}
