"""Many studies measured side by side: a task for each city on a Dask cluster, here or behind a scheduler's address."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suizhou_geo.errors import InputError, SuizhouGeoError
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.measures import uncollected
from suizhou_geo.outputs.folder import FILES, REPORTS
from suizhou_geo.outputs.in_hand import assess
from suizhou_geo.sources.results import are_current

NO_MEMORY = Text(
    "内存不足；请减少 --workers，或在内存更大的机器上测算这座城市",
    "memory ran out; use fewer workers, or a machine with more memory for this city",
)
_DIED = Text(
    "测算进程多次中断（多半是内存不足）；请减少 --workers 后重试",
    "the workers that measured it died again and again, most likely of memory; try again with fewer workers",
)
_WAIT_S = 20


@dataclass(frozen=True)
class Task:
    """A city to be measured: its name, its study file, the folder for its results, and how they are wanted."""

    city: str
    study: Path
    folder: Path
    lang: Lang | None = None
    full: bool = False
    again: bool = False


@dataclass(frozen=True)
class Done:
    """How a task ended: `why` it failed (None where it did not), the seconds it took, whether earlier results still stood."""

    city: str
    why: Text | None = None
    seconds: float = 0.0
    kept: bool = False


def work(task: Task) -> Done:
    """Measure one city and write its results, unless those of the same files are there already."""
    files = (*FILES, *(REPORTS if task.full else ()))
    if not task.again and are_current(task.folder, task.study, lang=task.lang, files=files):
        return Done(task.city, kept=True)
    started = time.perf_counter()
    why = None
    try:
        with uncollected():
            assess(task.study, lang=task.lang).write(task.folder, full=task.full)
    except SuizhouGeoError as error:
        why = error.said
    except MemoryError:
        why = NO_MEMORY
    return Done(task.city, why, time.perf_counter() - started)


def worked(tasks: Sequence[Task], *, workers: int, scheduler: str | None) -> Iterator[Done]:
    """Yield each task as it ends, the largest begun first.

    Only paths go to the workers and only what `Done` says comes back. A worker that dies has its city begun anew by another
    one; a city whose workers died again and again, or that met a defect of ours, is one that failed.
    """
    with _client(min(workers, len(tasks)), scheduler) as client:
        from distributed import as_completed  # Dask loads only when many cities are measured

        cities = {
            client.submit(work, task, pure=False, key=f"{task.city}-{number}"): task.city
            for number, task in enumerate(sorted(tasks, key=_bytes, reverse=True))
        }
        for future in as_completed(cities):
            error = future.exception()
            yield future.result() if error is None else Done(cities[future], _told(error))


def _told(error: BaseException) -> Text:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return _DIED
    defect = f"{type(error).__name__}: {error}"
    return Text(
        f"本软件出错（{defect}）；请连同研究文件一起报告",
        f"a defect of ours ({defect}); please report it with the study",
    )


@contextmanager
def _client(workers: int, scheduler: str | None) -> Iterator[Any]:
    """A client of the cluster: of the one at an address, else of one made here for the time being."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError(
            "批量测算需要 Dask；请先安装：pip install 'suizhou-geo[batch]'",
            "measuring many cities needs Dask; install it first: pip install 'suizhou-geo[batch]'",
        ) from None
    if scheduler is None:
        here = {"threads_per_worker": 1, "dashboard_address": None, "silence_logs": logging.ERROR}
        with LocalCluster(n_workers=workers, **here) as cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=_WAIT_S)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"连不上调度器 {scheduler}（{error}）；请检查地址，如 tcp://127.0.0.1:8786，并确认它已启动",
            f"the scheduler {scheduler} cannot be reached ({error}); check the address, e.g. tcp://127.0.0.1:8786",
        ) from None
    with client:
        yield client


def _bytes(task: Task) -> int:
    """How much lies beside a study file: what is large takes long."""
    beside = task.study.parent
    return sum(path.stat().st_size for path in beside.iterdir() if path.is_file()) if beside.is_dir() else 0
