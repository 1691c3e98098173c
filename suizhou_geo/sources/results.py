"""A folder of results as a run has written it, read back: what scorecard.json holds, and the zones."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.errors import GEOSException

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Lang, alike, listed_text
from suizhou_geo.sources.files import fingerprint, is_there, shown
from suizhou_geo.sources.gdal import read_rows

SCORECARD, LAYERS_FILE, RECORD = "scorecard.json", "layers.gpkg", "run.json"


def read_results(folder: Path) -> tuple[Any, gpd.GeoDataFrame]:
    """Return the content of scorecard.json, and the zones by `zone_id`, of a folder of results.

    Raises: InputError where the folder holds none, or they cannot be read.
    """
    if not all(is_there(folder / name) for name in (SCORECARD, LAYERS_FILE, RECORD)):
        names = listed_text((SCORECARD, LAYERS_FILE, RECORD))
        raise InputError(
            f"{shown(folder)} 中没有测算结果（{names.zh}）；请给出 suizhou-geo run 写出的文件夹",
            f"{shown(folder)} holds no results of ours ({names.en}); give a folder that `run` has written",
        )
    try:
        content = json.loads((folder / SCORECARD).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise _unreadable(folder, SCORECARD) from None
    try:
        columns = ["zone_id", "name", "role"]
        zones = read_rows(folder / LAYERS_FILE, suffix=".gpkg", what=alike(LAYERS_FILE), layer="zones", columns=columns)
        return content, zones.set_index("zone_id")
    except (OSError, ValueError, KeyError, DataSourceError, DataLayerError, GEOSException):
        raise _unreadable(folder, LAYERS_FILE) from None


def are_current(folder: Path, study: Path, *, lang: Lang | None, files: Iterable[str]) -> bool:
    """Whether a folder holds results of a study as its files are now: each file that was read has the same bytes, this version
    of the package measured them, told in the language that is wanted (if any is), and all wanted `files` are there.

    A study that reads a database is never current: nobody knows what that holds now.
    """
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        same = [fingerprint(study.parent / one["path"])[0] == one["sha256"] for one in record["inputs"]]
        measured_by, in_it = record["versions"]["suizhou_geo"], all(is_there(folder / name) for name in files)
        by_this = record["study_file"] == study.name and measured_by == version("suizhou-geo")
        return all(same) and in_it and by_this and lang in (None, record["lang"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _unreadable(folder: Path, name: str) -> InputError:
    return InputError(
        f"{folder}：{name} 无法读取，可能不完整或被改动过；请重新测算该研究",
        f"{folder}: {name} cannot be read, it may be cut off or was changed; run the study again",
    )
