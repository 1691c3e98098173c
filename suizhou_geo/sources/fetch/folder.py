"""The folder of a fetch: its record, written anew after every step, and the study file that names what is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import shapely

from suizhou_geo.errors import InputError, OutputError, SuizhouGeoError, reason
from suizhou_geo.errors.text import Text
from suizhou_geo.sources.fetch.overpass import write_whole
from suizhou_geo.sources.fetch.place import Asked, Box
from suizhou_geo.sources.files import fingerprint

RECORD, OSM, OUTLINE, STUDY = "fetched.json", "openstreetmap.osm.pbf", "outline.gpkg", "study.toml"
PARTS, RASTERS = ".arriving_osm", ".arriving_population"  # what has arrived, until the file made of it stands
_STUDY = Text(
    """# 由 suizhou-geo fetch 写出，可以修改；全部键见文档“研究文件”
name = {name}
crs = "{crs}"
# plan = "china_standards"        # 规划方案：内置方案的名称，或自有方案文件的路径

[zones]
path = "outline.gpkg"
boundary = "administrative"       # 范围线的含义；如果是建成区，改为 built_up

[osm]
path = "openstreetmap.osm.pbf"
""",
    """# Written by suizhou-geo fetch, to be changed as you like; every key: see "The study file" in the documentation
name = {name}
crs = "{crs}"
# plan = "china_standards"        # a built-in plan by its name, or the path of your own

[zones]
path = "outline.gpkg"
boundary = "administrative"       # what the outline stands for; built_up if it is the built-up area

[osm]
path = "openstreetmap.osm.pbf"
""",
)
_POPULATION = """
[population]
path = "{file}"
kind = "{kind}"
"""
_CHINA: Box = (73.5, 15.0, 136.5, 55.0)
_FIRST_ZONE_EPSG, _FIRST_MERIDIAN, _ZONE_DEG = 4534, 75, 3  # CGCS2000 / 3-degree Gauss-Kruger CM 75E
_UTM_NORTH, _UTM_SOUTH = 326, 327


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Tell it in our words where a folder cannot be written."""
    try:
        yield
    except SuizhouGeoError:
        raise
    except OSError as error:
        why = reason(error)
        raise OutputError(
            f"{folder} 无法写入（{why.zh}）；请用 --out 换一个有写入权限的文件夹",
            f"{folder} cannot be written ({why.en}); give a folder you may write with --out",
        ) from error


def read_record(folder: Path) -> dict[str, Any]:
    """Return the record of a folder; empty where there is none.

    Raises:
        InputError: what is named like one is none.
    """
    path = folder / RECORD
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_text("utf-8"))
    except ValueError:
        record = None
    if not isinstance(record, dict) or not isinstance(record.get("asked"), dict):
        raise InputError(
            f"{path} 不是下载记录，或已损坏；请删除它，或用 --out 换一个文件夹",
            f"{path} is no record of a fetch, or damaged; delete it, or give another folder with --out",
        )
    return record


def save_record(folder: Path, record: dict[str, Any]) -> None:
    """Write the record of a folder anew."""
    write_whole(folder / RECORD, json.dumps(record, ensure_ascii=False, indent=1).encode())


def begun(folder: Path, asked: Asked) -> dict[str, Any]:
    """Return the record of what was fetched into a folder so far, a new one where nothing was.

    Raises:
        OutputError: the folder holds something else.
    """
    record = read_record(folder)
    foreign = [name for name in (OSM, OUTLINE) if (folder / name).exists()] if not record else []
    if foreign:
        raise OutputError(
            f"{folder} 里已有 {foreign[0]}，但没有下载记录；请把它移开，或用 --out 换一个文件夹",
            f"{folder} holds {foreign[0]} without a record of its fetch; move it away, or give another folder with --out",
        )
    if not record or record["asked"] == asked.record():
        return record or {"asked": asked.record()}
    if (folder / OSM).exists() or any((folder / PARTS).glob("*")):
        raise OutputError(
            f"{folder} 里是另一范围的数据（见 {RECORD}）；请用 --out 换一个文件夹",
            f"{folder} holds the data of another area (see {RECORD}); give another folder with --out",
        )
    return {"asked": asked.record()}


def _write_study(folder: Path, record: dict[str, Any], text: str) -> None:
    write_whole(folder / STUDY, text.encode())
    record["study"] = fingerprint(folder / STUDY)[0]
    save_record(folder, record)


def name_population(folder: Path, record: dict[str, Any], file: str, kind: str) -> None:
    """Name a raster in the study file, if that is still as it was written here."""
    path = folder / STUDY
    if path.exists() and fingerprint(path)[0] == record.get("study"):
        before = path.read_text("utf-8").partition("\n[population]")[0]
        _write_study(folder, record, before + _POPULATION.format(file=file, kind=kind))


def local_crs(outline: shapely.Geometry) -> str:
    """Return the projected coordinate system of a place: in China that of its zone of 3 degrees, elsewhere its UTM zone.

    >>> local_crs(shapely.box(113.3, 31.6, 113.5, 31.8)), local_crs(shapely.box(4.3, 50.8, 4.4, 50.9))
    ('EPSG:4547', 'EPSG:32631')
    """
    west, south, east, north = outline.bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    if _CHINA[0] <= lon < _CHINA[2] and _CHINA[1] <= lat < _CHINA[3]:
        return f"EPSG:{_FIRST_ZONE_EPSG + round((lon - _FIRST_MERIDIAN) / _ZONE_DEG)}"
    return f"EPSG:{_UTM_NORTH if lat >= 0 else _UTM_SOUTH}{min(int((lon + 180) // 6) + 1, 60):02d}"


def write_study(folder: Path, record: dict[str, Any], *, name: str, outline: shapely.Geometry, lang: str) -> None:
    """Write the study file, where there is none."""
    if not (folder / STUDY).exists():
        text = _STUDY.speak(lang).format(name=json.dumps(name, ensure_ascii=False), crs=local_crs(outline))
        _write_study(folder, record, text)
