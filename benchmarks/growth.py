"""How time and memory grow: the invented city 1, 4 and 16 times, 60 km apart, in one study; the exponent of every step."""

from __future__ import annotations

import json
import math
import runpy
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import suizhou_geo as sg
from benchmarks.timing import in_process, whole_run
from suizhou_geo.study_area.layers import LAYERS

ROOT = Path(__file__).resolve().parents[1]
CITY = ROOT / "data/raw/invented_city"
COPIES, APART_M = (1, 4, 16), 60_000.0
WORTH_A_ROW = 0.02  # of the time of the largest
_IDS = 10**10


def table() -> Iterator[str]:
    """The table, line by line: CPU seconds of each step by size, and the exponent of the growth from the least to the most."""
    runs = [
        json.loads(in_process(f"from benchmarks.growth import child; child({copies})").answer.splitlines()[-1])
        for copies in COPIES
    ]
    yield f"| step | {' | '.join(f'{copies} ×' for copies in COPIES)} | grows as n to the |"
    yield f"|---|{'---|' * len(COPIES)}---|"
    totals = [sum(run["seconds"].values()) for run in runs]
    least_s = WORTH_A_ROW * totals[-1]
    for step in runs[-1]["seconds"]:
        taken = [run["seconds"].get(step, 0.0) for run in runs]
        if taken[-1] >= least_s:
            yield _row(step, taken, ".2f")
    yield _row("**all, CPU s**", totals, ".1f")
    yield _row("**peak memory, MB**", [run["peak_mb"] for run in runs], ",.0f")


def _row(step: str, taken: list[float], form: str) -> str:
    exponent = math.log(taken[-1] / taken[0]) / math.log(COPIES[-1] / COPIES[0]) if taken[0] > 0 else math.nan
    return f"| {step} | {' | '.join(f'{one:{form}}' for one in taken)} | {exponent:.2f} |"


def child(copies: int) -> None:
    """Assess and write so many cities in this process; print what each step took."""
    import resource

    study = sg.read_study(CITY / "study.toml")
    many = replace(study, area=cities(study.area, copies))
    begun: list[tuple[str, float]] = []

    def tell(step: Any) -> None:
        if not begun or begun[-1][0] != f"{step.stage}: {step}":
            begun.append((f"{step.stage}: {step}", time.process_time()))

    with tempfile.TemporaryDirectory() as folder:
        result = sg.assess(many, progress=tell)
        begun.append(("held against the plan", time.process_time()))
        result.write(Path(folder) / "results", progress=tell)
    begun.append(("", time.process_time()))
    seconds: dict[str, float] = {}
    for (step, at), (_, end) in pairwise(begun):
        seconds[step] = seconds.get(step, 0.0) + end - at
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "peak_mb": peak_mb}) + "\n")


def cities(area: sg.StudyArea, copies: int) -> sg.StudyArea:
    """The same city so many times in one study, in a square with APART_M from one to the next."""
    side = math.ceil(math.sqrt(copies))
    shifts = [(APART_M * (k % side), APART_M * (k // side)) for k in range(copies)]
    given = {name: getattr(area, name) for name in LAYERS if getattr(area, name) is not None}
    many = {
        name: pd.concat([_moved(layer, k, *shift) for k, shift in enumerate(shifts)]) for name, layer in given.items()
    }
    many = {name: layer if name == "zones" else layer.reset_index(drop=True) for name, layer in many.items()}
    rest = {field.name: getattr(area, field.name) for field in fields(area) if field.name not in LAYERS}
    return sg.StudyArea(**rest, **many)


def _moved(layer: gpd.GeoDataFrame, number: int, east_m: float, north_m: float) -> gpd.GeoDataFrame:
    moved = layer.set_geometry(layer.translate(east_m, north_m))
    if layer.index.name == "zone_id" and number:
        moved.index = moved.index + f"-{number}"
    if "source_id" in layer.columns and number:
        ids = layer["source_id"].astype(str).str.extract(r"^([nwr])(\d+)$")
        known = ids[1].notna()
        apart = ids[0] + (ids[1].fillna("0").astype(np.int64) + number * _IDS).astype(str)
        moved["source_id"] = apart.where(known, layer["source_id"])
    return moved


def reading(megabytes: tuple[int, ...] = (30, 100, 300)) -> Iterator[str]:
    """How the run grows with an extract that holds far more than the city: CPU s and MB, first and from the cache."""
    province = runpy.run_path(str(ROOT / "tests/province.py"))
    yield "| extract, MB | nodes | first run, CPU s | peak, MB | second run, CPU s | peak, MB |\n|---|---|---|---|---|---|"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(CITY, folder / "city")
        yield _read_twice(folder, "its own", 0)
        for size in megabytes:
            shutil.rmtree(folder / "city")
            shutil.copytree(CITY, folder / "city")
            nodes = province["write_province"](
                folder / "city/city.osm.pbf", CITY / "city.osm.pbf", least_bytes=size * 10**6
            )
            yield _read_twice(folder, str(size), nodes)


def _read_twice(folder: Path, size: str, nodes: int) -> str:
    code = f"import os; os.chdir({str(folder)!r})\n" + whole_run(folder / "city/study.toml", folder / "results")
    numbers = [
        f"{part:,.{digits}f}"
        for run in (in_process(code), in_process(code))
        for part, digits in ((run.cpu_s, 1), (run.peak_mb, 0))
    ]
    return f"| {size} | {nodes:,} | {' | '.join(numbers)} |"
