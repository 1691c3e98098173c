"""The texts and tables that stand beside this file: the study file of the invented city, and what there is in it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


def text(name: str) -> str:
    """The text of one file."""
    return files("suizhou_geo.invented_city").joinpath(name).read_text(encoding="utf-8")


@cache
def table(name: str) -> dict[str, Any]:
    """The entries of one table, e.g. of "facilities".

    >>> table("facilities")["fire_station"]
    {'count': 3}
    """
    return tomllib.loads(text(f"{name}.toml"))


def words(layer: str, field: str) -> dict[str, str]:
    """What the files of the city call each value of a field that the study file translates.

    >>> words("heritage", "kind")
    {'district': '历史文化街区', 'building': '历史建筑'}
    """
    study = table("study")
    values = {**study, **study["layers"]}[layer]["values"][field]
    return {ours: theirs for theirs, ours in values.items()}
