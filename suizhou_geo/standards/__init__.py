"""Definitions as data: the TOML tables beside this file, which planners can read and correct."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """Return one table of definitions, e.g. `table("road_classes")["classes"]["branch"]["name_zh"]`.

    >>> table("road_classes")["classes"]["branch"]["name_zh"]
    '支路'
    """
    return tomllib.loads(files("suizhou_geo.standards").joinpath(f"{name}.toml").read_text(encoding="utf-8"))
