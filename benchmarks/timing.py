"""How time is taken: CPU seconds (user and system) beside wall, two sides in turn, whole processes with peak memory."""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PEAK = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


@dataclass(frozen=True)
class Taken:
    """What one call took, and what it returned; `peak_mb` is known of whole processes only."""

    cpu_s: float
    wall_s: float
    answer: Any
    peak_mb: float = float("nan")


def called(function: Callable[[], Any]) -> Taken:
    """Call a function here; as timeit does, and as our measuring does, garbage is not looked for meanwhile."""
    gc.collect()
    gc.disable()
    wall, cpu = time.perf_counter(), time.process_time()
    answer = function()
    taken = Taken(time.process_time() - cpu, time.perf_counter() - wall, answer)
    gc.enable()
    return taken


def in_process(code: str) -> Taken:
    """Run Python code in a process of its own; the answer is what it printed."""
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code + _PEAK], stdout=subprocess.PIPE, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    *printed, peak_kb = done.stdout.splitlines()
    return Taken(cpu_s, time.perf_counter() - wall, "\n".join(printed), int(peak_kb) / 1024)


def whole_run(study: Path, out: Path) -> str:
    """Code for all that `suizhou-geo run` does."""
    asked = ["run", str(study), "--out", str(out), "--quiet"]
    return f"from suizhou_geo.cli import app; app({asked!r}, standalone_mode=False)"


def in_turn(ours: Callable[[], Taken], theirs: Callable[[], Taken], rounds: int) -> list[tuple[Taken, Taken]]:
    """Take both sides in pairs, now one first and now the other, since what else the machine does changes with time."""
    pairs = []
    for number in range(rounds):
        first, second = (ours, theirs) if number % 2 == 0 else (theirs, ours)
        pair = first(), second()
        pairs.append(pair if number % 2 == 0 else pair[::-1])
    return pairs


def spread(values: list[float], form: str = ".1f") -> str:
    """The median, and behind it the least and the most."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:{form}} ({low:{form}}–{high:{form}})"


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what compiled code prints off the screen."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
