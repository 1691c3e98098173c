"""A folder of results as a run has written it, read back: what scorecard.json holds, and the zones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
from pyogrio.errors import DataSourceError

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import listed_text

SCORECARD, LAYERS_FILE, RECORD = "scorecard.json", "layers.gpkg", "run.json"


def read_results(folder: Path) -> tuple[Any, gpd.GeoDataFrame]:
    """Return the content of scorecard.json, and the zones by `zone_id`, of a folder of results.

    Raises: InputError where the folder holds none, or they cannot be read.
    """
    if not all((folder / name).is_file() for name in (SCORECARD, LAYERS_FILE, RECORD)):
        names = listed_text((SCORECARD, LAYERS_FILE, RECORD))
        raise InputError(
            f"{folder} 中没有测算结果（{names.zh}）；请给出 suizhou-geo run 写出的文件夹",
            f"{folder} holds no results of ours ({names.en}); give a folder that `run` has written",
        )
    try:
        content = json.loads((folder / SCORECARD).read_text(encoding="utf-8"))
        zones = gpd.read_file(folder / LAYERS_FILE, layer="zones", columns=["zone_id", "name", "role"])
    except (OSError, ValueError, DataSourceError) as error:
        raise InputError(
            f"{folder}：结果无法读取（{error}）；请重新测算该研究",
            f"{folder}: its results cannot be read ({error}); run the study again",
        ) from None
    return content, zones.set_index("zone_id")
