"""A hundred towns of mixed size, one by one and through the cluster: what that costs, and whether it changes anything."""

from __future__ import annotations

import json
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from pyproj import Transformer

from benchmarks.timing import in_process
from suizhou_geo.outputs.batch.working import Done, Task, work, worked

ROOT = Path(__file__).resolve().parents[1]
DRAWN = runpy.run_path(str(ROOT / "tests/bad_cases.py"))
TOWNS, WORKERS = 100, 2
STREETS = (3, 60)  # either way
A_FEW = 12  # towns of the runs with a worker killed and with a scheduler started by hand


@dataclass(frozen=True)
class Run:
    """What measuring all towns in one way took: wall and CPU seconds, and how long each task was at work, wall seconds."""

    wall_s: float
    cpu_s: float
    tasks_s: float


def write_towns(folder: Path, count: int) -> dict[str, Path]:
    """Write so many small studies, 2 km by 1 km with a grid of streets, coarse in some and fine in others, by lot."""
    lot = np.random.default_rng(0)
    studies = {}
    for number in range(count):
        name = f"town_{number:03d}"
        studies[name] = DRAWN["write_study"](folder / name)
        streets = round(float(np.exp(lot.uniform(*np.log(STREETS)))))
        (folder / name / "city.osm").write_text(_grid(streets), encoding="utf-8")
    return studies


def _grid(streets: int) -> str:
    """A map of so many streets from west to east, and from south to north."""
    x, y = np.meshgrid(np.linspace(20, 1980, streets), np.linspace(20, 980, streets))
    to_degrees = Transformer.from_crs(DRAWN["CRS"], "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(DRAWN["EAST"] + x.ravel(), DRAWN["NORTH"] + y.ravel())
    number = np.arange(1, streets**2 + 1).reshape(streets, streets)
    nodes = [
        f'<node id="{n}" version="1" lon="{a:.7f}" lat="{b:.7f}"/>'
        for n, a, b in zip(number.ravel(), lon, lat, strict=True)
    ]
    ways = []
    for at, along in enumerate([*number, *number.T], start=1):
        refs = "".join(f'<nd ref="{n}"/>' for n in along)
        ways.append(
            f'<way id="{at}" version="1">{refs}<tag k="highway" v="{"tertiary" if at % 3 else "secondary"}"/></way>'
        )
    return "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="drawn">', *nodes, *ways, "</osm>"]
    )


def table(count: int = TOWNS) -> Iterator[str]:
    """The table, line by line; raises where a way of measuring changes a number."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        studies = write_towns(folder / "towns", count)
        few = dict(list(studies.items())[: min(A_FEW, count)])
        code = f"from benchmarks.batch import one_by_one; one_by_one({str(folder)!r}, {count})"
        taken = in_process(code)  # as the cluster, with all that loading takes
        serial = Run(taken.wall_s, taken.cpu_s, float(taken.answer))
        cluster = _run(studies, folder / "cluster", lambda tasks: worked(tasks, workers=WORKERS, scheduler=None))
        _same(studies, folder / "serial", folder / "cluster")
        yield f"| {count} towns | wall s | CPU s | at work, s |\n|---|---|---|---|"
        yield f"| one by one | {serial.wall_s:.0f} | {serial.cpu_s:.0f} | {serial.tasks_s:.0f} |"
        yield f"| {WORKERS} workers | {cluster.wall_s:.0f} | {cluster.cpu_s:.0f} | {cluster.tasks_s:.0f} |\n"
        busy, cpu = cluster.tasks_s / (WORKERS * cluster.wall_s), serial.cpu_s / cluster.cpu_s
        yield f"- {busy:.1%}: how much of the time the workers are at work, from the start of the cluster to its end"
        yield f"- {cpu:.1%}: CPU one by one over CPU of the cluster, with its start, its scheduler and their talk"
        yield f"- {serial.wall_s / (WORKERS * cluster.wall_s):.1%}: wall one by one over {WORKERS} times wall of the cluster"
        yield "- the numbers of all towns are the same, to the last digit"
        _run(few, folder / "killed", _with_a_death)
        _same(few, folder / "serial", folder / "killed")
        yield f"- with a worker killed in the middle of {len(few)} towns: the same numbers"
        with _by_hand(folder) as address:
            _run(few, folder / "by_hand", lambda tasks: worked(tasks, workers=WORKERS, scheduler=address))
        _same(few, folder / "serial", folder / "by_hand")
        yield f"- {len(few)} towns behind a scheduler started by hand: the same numbers"


def one_by_one(folder: str, count: int) -> None:
    """Measure the towns in a folder in this process; print how long the tasks were at work."""
    tasks = [
        Task(
            f"town_{n:03d}",
            Path(folder, "towns", f"town_{n:03d}", "study.toml"),
            Path(folder, "serial", f"town_{n:03d}"),
        )
        for n in range(count)
    ]
    print(sum(work(task).seconds for task in tasks))


def _run(studies: dict[str, Path], out: Path, how: Callable[[list[Task]], Iterator[Done]]) -> Run:
    wall, before = time.perf_counter(), _cpu_s()
    done = list(how([Task(name, study, out / name) for name, study in studies.items()]))
    failed = [one for one in done if one.why]
    if failed or len(done) != len(studies):
        raise AssertionError(f"not measured: {failed}")
    return Run(time.perf_counter() - wall, _cpu_s() - before, sum(one.seconds for one in done))


def _cpu_s() -> float:
    """CPU seconds of this process and of those it has started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _same(studies: dict[str, Path], one: Path, other: Path) -> None:
    for name in studies:
        rows = [json.loads((out / name / "scorecard.json").read_text("utf-8"))["rows"] for out in (one, other)]
        if json.dumps(rows[0]) != json.dumps(rows[1]):
            raise AssertionError(f"{name}: other numbers in {other.name}")


def _with_a_death(tasks: list[Task]) -> Iterator[Done]:
    """Through the cluster, where a worker is killed as soon as the first town is done and both are at work."""
    alive = True
    for done in worked(tasks, workers=WORKERS, scheduler=None):
        if alive:
            next(child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())).kill()
            alive = False
        yield done


@contextmanager
def _by_hand(folder: Path) -> Iterator[str]:
    """A scheduler and two workers as one starts them on machines of one's own; the address."""
    address = folder / "scheduler.json"
    here = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(address)]
    there = ["--scheduler-file", str(address), "--nthreads", "1", "--no-dashboard"]
    beside = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    commands = [("scheduler", here)] + [("worker", there)] * WORKERS
    started = [
        subprocess.Popen([sys.executable, "-m", f"distributed.cli.dask_{what}", *given], **beside)
        for what, given in commands
    ]
    try:
        for _ in range(600):
            if address.exists():
                break
            time.sleep(0.1)
        yield json.loads(address.read_text())["address"]
    finally:
        for process in started:
            process.kill()
            process.wait()
