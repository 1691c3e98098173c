"""run.json: versions, coordinate system, inputs, findings, parameters and times of a run."""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.errors.text import Lang
from suizhou_geo.model import Input, Progress, Step
from suizhou_geo.outputs.scorecard_files import write_json

LIBRARIES = ("geopandas", "shapely", "pyproj", "pyogrio", "rasterio", "osmium", "scipy", "numpy", "pandas", "folium")


class Steps:
    """The steps of a run: each is told as it begins, and how long it took is kept."""

    def __init__(self, tell: Progress | None = None) -> None:
        """`tell` is called with each step."""
        self._tell = tell or (lambda _: None)
        self._begun: list[tuple[str, float]] = []

    def __call__(self, step: Step) -> None:
        """Begin a step, with which the one before ends, or go on with it."""
        self._begun.append((step, time.perf_counter()))
        self._tell(step)

    def seconds(self) -> dict[str, float]:
        """Return how long each step took, the last one until now."""
        ends = [*(at for _, at in self._begun[1:]), time.perf_counter()]
        taken: dict[str, float] = {}
        for (step, at), end in zip(self._begun, ends, strict=False):
            taken[step] = taken.get(step, 0.0) + end - at
        return {step: round(seconds, 3) for step, seconds in taken.items()}


def write_record(result: Assessed, folder: Path, *, lang: Lang, seconds: Mapping[str, float]) -> None:
    """Write run.json: what a reader needs to make the results again, and how long each step took."""
    study, area = result.study, result.area
    record = {
        "study": study.name,
        "invented": area.invented,
        "lang": lang,
        "study_file": next((source.path for source in study.inputs if source.role == "study"), ""),
        "plan": None if study.plan is None else study.plan.name,
        "crs": area.crs.to_string(),
        "boundary": area.boundary,
        "may_be_incomplete": sorted(area.incomplete),
        "versions": {
            "suizhou_geo": version("suizhou-geo"),
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
        "inputs": [_input_record(source) for source in study.inputs],
        "findings": study.found("en"),
        "params": study.params,
        "measured_with": {f"{m.key} [{m.profile}]": m.params for m in result.every_measure if m.has_data},
        "seconds": seconds,
    }
    write_json(record, folder / "run.json")


def _input_record(source: Input) -> dict[str, Any]:
    record = asdict(source)
    done = [{"kind": note["kind"], **note["amounts"]} for note in record["notes"]]
    return record | {"notes": [note.en for note in source.notes], "done": done}
