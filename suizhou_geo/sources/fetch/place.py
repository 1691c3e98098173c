"""What is to be fetched: a place by its name, a box of degrees, or the polygons of a file -> one outline in WGS 84.

Names are looked up by OSMnx (`geocode_to_gdf`), which knows Nominatim's answers and which of them is an area. Its own way
with a busy server is not taken: it sleeps 55 s and asks again without end. Each answer passes our check before OSMnx sees it
(a hook of requests, by its setting `requests_kwargs`), and asking again is ours. Its cache and its DNS over HTTPS are
switched off for the time, and all its settings are put back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text, alike
from suizhou_geo.sources.fetch.http import (
    CONNECT_S,
    PATIENCE_S,
    AnswerError,
    check_status,
    in_time,
    json_of,
    user_agent,
)
from suizhou_geo.sources.files import existing, fingerprint
from suizhou_geo.sources.gdal import layers_in, read_rows

Box = tuple[float, float, float, float]

_WORLD: Box = (-180.0, -85.0, 180.0, 85.0)
_READ = (DataSourceError, DataLayerError, ValueError, OSError)
_SUFFIXES = (".gpkg", ".shp", ".geojson", ".json", ".gdb", ".parquet")


@dataclass(frozen=True)
class Asked:
    """What was asked for: `place`, `bbox` or `polygon`, and its value (of a file, the SHA-256 of its content)."""

    how: str
    value: Any
    name: str

    def record(self) -> dict[str, Any]:
        """Return it as it stands in the record."""
        return {self.how: list(self.value) if self.how == "bbox" else self.value}


def asked_for(where: str | Path | tuple[float, float, float, float]) -> Asked:
    """Return what `where` asks for: a str is the name of a place, a Path a file of polygons, four numbers a box.

    Raises:
        InputError: no name, a box that is none, a file that is not there.
    """
    if isinstance(where, Path):
        existing(where, what=Text("范围文件", "the file of the polygon"))
        return Asked("polygon", fingerprint(where)[0], where.stem)
    if isinstance(where, str):
        name = " ".join(where.split())
        if not name:
            raise InputError(
                "地名是空的；请写出地名，如“随州市”", "the name of the place is empty; give one, in Chinese as a rule"
            )
        if name.lower().endswith(_SUFFIXES):
            raise InputError(
                f"“{name}”像是文件，不是地名；文件请用 --polygon（Python 中用 Path）给出",
                f"{name!r} looks like a file, not like a place; give files with --polygon (in Python as a Path)",
            )
        return Asked("place", name, name)
    box = tuple(float(side) for side in where)
    west, south, east, north = box if len(box) == len(_WORLD) else (np.nan,) * len(_WORLD)
    if not (_WORLD[0] <= west < east <= _WORLD[2] and _WORLD[1] <= south < north <= _WORLD[3]):
        told = ",".join(f"{side:g}" for side in box)
        raise InputError(
            f"范围“{told}”不成立；请按 西,南,东,北 写四个经纬度（WGS 84），如 113.3,31.6,113.5,31.8",
            f"{told} is no box; give west,south,east,north in degrees (WGS 84), e.g. 113.3,31.6,113.5,31.8",
        )
    return Asked("bbox", (west, south, east, north), "bbox_" + "_".join(f"{side:g}" for side in box))


def outline_of_file(path: Path) -> shapely.Geometry:
    """Return the polygons of a file as one outline in WGS 84 degrees.

    Raises:
        InputError: the file cannot be read, has several layers, no coordinate system, or no polygons.
    """
    what = Text("范围文件 ", "the file of the polygon, ") + alike(path.name)
    try:
        layers = layers_in(path, what=what)
        suffix = path.suffix.lower()
        read = read_rows(path, suffix=suffix, what=what, layer=layers[0], columns=[]) if len(layers) == 1 else None
    except InputError:
        raise
    except _READ as error:
        said = " ".join(str(error).split())
        raise InputError(
            f"范围文件 {path} 无法读取（原文：“{said}”）；请重新导出，最好用 GeoPackage",
            f"{path}, the file of the polygon, cannot be read ({said}); export it again, best as GeoPackage",
        ) from error
    if read is None:
        raise InputError(
            f"范围文件 {path} 有 {len(layers)} 个带图形的图层；请另存为只有一个面图层的文件",
            f"{path} holds {len(layers)} layers with shapes; save the one with the polygons as a file of its own",
        )
    if read.crs is None:
        raise InputError(
            f"范围文件 {path} 没有写明坐标系；请写进文件（Shapefile 要有 .prj）",
            f"{path} does not say its coordinate system; write it into the file (a Shapefile needs its .prj)",
        )
    shapes = read.geometry.dropna().to_crs("EPSG:4326")
    if not len(shapes) or not shapes.geom_type.isin(("Polygon", "MultiPolygon")).all():
        raise InputError(
            f"范围文件 {path} 里不全是面；请给出面图层",
            f"{path} holds other things than polygons; give a layer of polygons",
        )
    outline = areas_of(shapely.union_all(areas_of(shapes.to_numpy())))
    west, south, east, north = outline.bounds
    if not (_WORLD[0] <= west < east <= _WORLD[2] and _WORLD[1] <= south < north <= _WORLD[3]):
        raise InputError(
            f"范围文件 {path} 的坐标超出经纬度范围；请更正坐标系",
            f"{path} reaches beyond the degrees there are; correct its coordinate system",
        )
    return outline


def geocoded(place: str, url: str) -> tuple[shapely.Geometry, dict[str, str]]:
    """Return the outline of a place of that name in WGS 84, and what Nominatim says it is: its whole name, its id.

    Raises:
        AnswerError: Nominatim does not answer, knows no such place, or knows it as a point only.
    """
    import osmnx

    def check(response: Any, *_: Any, **__: Any) -> None:
        if response.is_redirect:
            return
        check_status(response, response.content)
        if not isinstance(json_of(response.content), list):
            raise AnswerError(Text("回答的不是地名查询结果", "it did not answer with places"))

    def talk() -> Iterator[gpd.GeoDataFrame]:
        yield osmnx.geocode_to_gdf(place)

    ours = {
        "nominatim_url": url,
        "use_cache": False,
        "doh_url_template": None,
        "requests_timeout": (CONNECT_S, PATIENCE_S),
        "requests_kwargs": {"hooks": {"response": check}},
        "http_accept_language": "zh-CN,zh,en",
        "http_user_agent": user_agent(),
        "http_referer": user_agent(),
    }
    try:
        with _osmnx_settings(osmnx.settings, ours):
            (found,) = in_time(talk, url, patience_s=CONNECT_S + PATIENCE_S)
    except (KeyError, IndexError):
        raise AnswerError(Text("回答的不是地名查询结果", "it did not answer with places")) from None
    except TypeError:
        said = Text(f"“{place}”只是一个点，没有边界", f"{place!r} is known as a point only, without an outline")
        raise AnswerError(said) from None
    except ValueError:
        raise AnswerError(Text(f"没有叫“{place}”的地方", f"no place is called {place!r}")) from None
    row = found.iloc[0]
    osm_id = f"{row.get('osm_type', '')} {row.get('osm_id', '')}".strip()
    return areas_of(row.geometry), {"found": str(row.get("display_name", "")), "osm": osm_id}


def areas_of(shapes: Any) -> Any:
    """Return areas with what crosses itself mended."""
    return shapely.make_valid(shapes, method="structure", keep_collapsed=False)


@contextmanager
def _osmnx_settings(settings: Any, ours: Mapping[str, Any]) -> Iterator[None]:
    before = {name: getattr(settings, name) for name in ours}
    for name, value in ours.items():
        setattr(settings, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
