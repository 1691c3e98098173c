"""Speed, shown in one command: `python -m benchmarks [PART ...]` measures all parts, or some, and writes RESULTS.md."""

from __future__ import annotations

import compileall
import datetime
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # one core for either side; read when a library is loaded

from benchmarks import batch, calibration, growth, peers

RESULTS = Path(__file__).with_name("RESULTS.md")
LIBRARIES = (
    "pandana",
    "networkx",
    "osmnx",
    "neatnet",
    "rasterstats",
    "geopandas",
    "shapely",
    "scipy",
    "numpy",
    "distributed",
)
PARTS: Mapping[str, tuple[str, Callable[[], Iterator[str]]]] = {
    "peers": ("Beside peers", peers.table),
    "growth": ("Growth", growth.table),
    "reading": ("A province's extract", growth.reading),
    "batch": ("Many cities", batch.table),
    "calibration": ("How sure the ranges are", calibration.table),
}


def main(wanted: list[str]) -> None:
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.exit(f"there is no part {', '.join(sorted(unknown))}: {', '.join(PARTS)}")
    compileall.compile_dir(RESULTS.parents[1] / "suizhou_geo", quiet=1)  # as an installed package is
    for part in wanted or PARTS:
        title, measured = PARTS[part]
        lines = [f"## {title}", "", _when_and_where(), ""]
        print("\n".join(lines))
        for line in measured():
            print(line, flush=True)
            lines.append(line)
        _put(title, "\n".join(lines))


def _when_and_where() -> str:
    cpu = (
        re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if Path("/proc/cpuinfo").exists() else None
    )
    load = f"{os.getloadavg()[0]:.1f}"
    machine = f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.processor()}), load {load} at the start"
    versions = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    return f"{datetime.date.today()}, {machine}, Python {platform.python_version()}, {versions}."


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _put(title: str, section: str) -> None:
    """Write a section in its place; the others stay as they were measured."""
    kept = re.split(r"(?m)^(?=## )", RESULTS.read_text("utf-8"))[1:] if RESULTS.exists() else []
    sections = {one.splitlines()[0].removeprefix("## "): one.strip() for one in kept} | {title: section}
    known = [sections[name] for name, _ in PARTS.values() if name in sections]
    RESULTS.write_text("\n\n".join(["# What was measured", *known]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
