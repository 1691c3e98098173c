"""run.json: versions, coordinate system, inputs, findings, parameters and times of a run."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.model import Input
from suizhou_geo.outputs.scorecard_files import write_json

LIBRARIES = ("geopandas", "shapely", "pyproj", "pyogrio", "rasterio", "osmium", "scipy", "numpy", "pandas", "folium")


def write_record(result: Assessed, folder: Path, *, study_file: str, seconds: Mapping[str, float]) -> None:
    """Write run.json: what a reader needs to make the results again, and how long each step took."""
    study, area = result.study, result.area
    record = {
        "study": study.name,
        "invented": area.invented,
        "study_file": study_file,
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
        "findings": study.findings,
        "params": study.params,
        "measured_with": {f"{m.key} [{m.profile}]": m.params for m in result.every_measure if m.has_data},
        "seconds": seconds,
    }
    write_json(record, folder / "run.json")


def _input_record(source: Input) -> dict[str, Any]:
    record = asdict(source)
    done = [{"kind": note["kind"], **note["amounts"]} for note in record["notes"]]
    return record | {"notes": [note.en for note in source.notes], "done": done}
