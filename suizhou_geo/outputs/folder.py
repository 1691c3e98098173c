"""The folder of results: all of a run or none, and never anybody else's files.

Everything is written into `new`, in a hidden folder inside the wanted one. Once it is whole it is called `ready`; the
earlier results move to `earlier`; `ready` is called `placing`, and what it holds moves into the folder. So there are never
results of two runs side by side, a run that fails leaves the earlier ones as they were, and after a death at any moment the
name that is found tells the next start what is left to do. Nothing of the folder itself is renamed: it may be a link, a
mount point, or lie where nothing else may be written.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

from pyogrio.errors import DataSourceError

from suizhou_geo.errors import OutputError, reason
from suizhou_geo.sources.locks import lock_file, write_through
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, tables

RECORD, NOTES = "run.json", "notes.txt"
FILES = ("scorecard.csv", "scorecard.json", "layers.gpkg", "map.html", NOTES, RECORD)  # of every run
GUESSES = "facilities_guessed.csv"  # where anything was guessed
REPORT = "report.docx"
REPORTS = ("report.html", REPORT, "report_annex.html", "report_annex.docx", "report.xlsx")
MORE_FILES = (GUESSES, "project.qgz", "metadata.json", *REPORTS)
SHAPEFILE_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_PICTURES = ("png", "svg", "pdf")
_SHEETS = ("附图[0-9][0-9]*", "figure[0-9][0-9]*")
WORK = ".suizhou_geo"  # the hidden folder; what stands in it:
_NEW, _READY, _PLACING, _EARLIER, _LOCK = "new", "ready", "placing", "earlier", "lock"
_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
# what other programs leave beside ours while they show it
_LEFT_BY_OTHERS = (".DS_Store", "Thumbs.db", "desktop.ini", "layers.gpkg-wal", "layers.gpkg-shm", "layers.gpkg-journal")
_SHEETS_ONCE = (
    "overview",
    "sensitivity",
    *(name for c in (*CHAPTERS, OTHER_CHAPTER) for name in (c.key, f"{c.key}.*")),
)


@dataclass(frozen=True)
class Contents:
    """What a folder of ours may hold: `files`, among them the `record` no such folder is without, and folders (`within`)."""

    record: str
    files: tuple[str, ...]
    within: Mapping[str, tuple[str, ...]]


RUN = Contents(
    RECORD,
    (*FILES, *MORE_FILES),
    {
        "figures": tuple(f"{sheet}.{kind}" for sheet in (*_SHEETS, *_SHEETS_ONCE) for kind in _PICTURES),
        "shapefiles": ("fields.csv", *(f"{table}.{part}" for table in tables() for part in SHAPEFILE_PARTS)),
        "geojson": tuple(f"{table}.geojson" for table in tables()),
    },
)
SCENARIO = Contents(
    "scenario.json",
    ("scenario.json", "scenario.csv", "scenario_zones.csv", "projects.gpkg", "map.html"),
    {},
)
COMPARISON = Contents(
    "comparison.json",
    ("comparison.json", "comparison.csv", "comparison_zones.csv", "comparison.png", "map.html"),
    {},
)
SITING = Contents("siting.json", ("siting.json", "sites.csv", "curve.csv", "sites.gpkg", "map.html"), {})
WHOLE_PLAN = Contents(
    "whole_plan.json", ("whole_plan.json", "projects.csv", "gaps.csv", "projects.geojson", "map.html"), {}
)
BATCH = Contents("batch.json", ("batch.json", "cities.csv", "values.csv", "map.html", "report.html"), {})


@contextmanager
def results_folder(folder: Path, contents: Contents = RUN) -> Iterator[Path]:
    """Give a new folder to write into; when the block ends without an error, what it holds takes the place of `folder`'s.

    Earlier results of ours are replaced as a whole, in a folder that holds them and nothing else.

    Raises:
        OutputError: the place cannot be written, another run is writing there, or it holds files that are not results
            of ours.
    """
    with _taken(folder, contents) as work:
        fresh = work / _NEW
        try:
            fresh.mkdir()
            yield fresh
            write_through(fresh)
            os.rename(fresh, work / _READY)
        except OutputError:
            raise
        except (OSError, DataSourceError) as error:
            why = reason(error)
            raise OutputError(
                f"结果无法写到 {folder}（{why.zh}）；请腾出空间，或用 --out 换一个位置",
                f"the results could not be written to {folder} ({why.en}); make room or give --out",
            ) from None
        try:
            _carry_on(work, contents)
        except BaseException as error:
            _put_back(work)
            if not isinstance(error, OSError):
                raise
            raise _in_use(folder, error) from None


def check_folder(folder: Path, contents: Contents = RUN) -> None:
    """Make sure that results can be written to a folder, and finish what a run that died there has left.

    Raises: OutputError as `results_folder` would.
    """
    with _taken(folder, contents):
        pass


@contextmanager
def _taken(folder: Path, contents: Contents) -> Iterator[Path]:
    """Have a folder to ourselves, with nothing in it that an earlier run left undone; give the hidden one in it."""
    made, lock = False, None
    try:
        folder = folder.resolve()
        if not folder.name:
            raise OutputError(
                f"{folder} 不能用作结果文件夹；请用 --out 换一个",
                f"{folder} is no folder for results; give another one with --out",
            )
        made, work = not folder.exists(), folder / WORK
        if not made and (work.is_symlink() or not work.exists()):
            _refuse_strangers(folder, contents)
        work.mkdir(parents=True, exist_ok=True)
        lock = _locked(work, folder)
    except OutputError:
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise _unwritable(folder, error) from None
    try:
        try:
            _carry_on(work, contents)
        except OSError as error:
            raise _in_use(folder, error) from None
        _refuse_strangers(folder, contents)
        yield work
    finally:
        lock.close()
        if not any((work / name).exists() for name in (_READY, _PLACING)):
            shutil.rmtree(work, ignore_errors=True)
        if made:
            with suppress(OSError):  # it holds results; without them nothing is left of it
                folder.rmdir()


def _locked(work: Path, folder: Path) -> BinaryIO:
    """Open the lock of a hidden folder, which the system holds for this process as long as it lives."""
    lock = lock_file(work / _LOCK)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:  # any other: a file system that knows no locks
            lock.close()
            raise OutputError(
                f"另一次测算正在写入 {folder}；请等它结束，或用 --out 换一个文件夹",
                f"another run is writing to {folder}; wait for its end, or give another folder with --out",
            ) from None
    return lock


def _carry_on(work: Path, contents: Contents) -> None:
    """Put what is whole into its place, from whatever step on it is not done yet; throw away what is left over.

    The record comes last and goes first: a folder without it is no folder of results.
    """
    ready, placing, earlier = work / _READY, work / _PLACING, work / _EARLIER
    if ready.exists():
        _refuse(_foreign(work.parent, contents), work.parent)  # somebody may have put it there since
        earlier.mkdir(exist_ok=True)
        _move(work.parent, earlier, sorted(_entries(work.parent), key=lambda name: name != contents.record))
        os.rename(ready, placing)
    if placing.exists():
        _move(placing, work.parent, sorted(_entries(placing), key=lambda name: name == contents.record))
        placing.rmdir()
    for left in (work / _NEW, earlier):
        shutil.rmtree(left, ignore_errors=True)


def _put_back(work: Path) -> None:
    """Undo what `_carry_on` could not end: the earlier results stand again."""
    ready, placing, earlier = work / _READY, work / _PLACING, work / _EARLIER
    with suppress(OSError):  # what cannot be put back now stays whole in the hidden folder, for the next start
        if placing.exists():
            _move(work.parent, placing, _entries(work.parent))
            os.rename(placing, ready)
        if earlier.exists():
            _move(earlier, work.parent, _entries(earlier))
        os.rename(ready, work / _NEW)


def _entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != WORK)


def _move(source: Path, target: Path, names: list[str]) -> None:
    for name in names:
        os.replace(source / name, target / name)


def _refuse(foreign: list[str], folder: Path) -> None:
    if foreign:
        raise OutputError(
            f"{folder} 里有 {foreign[0]}，不是本工具的结果；请用 --out 换一个文件夹",
            f"{folder} holds {foreign[0]}, which is not a result of ours; give another folder with --out",
        )


def _refuse_strangers(folder: Path, contents: Contents) -> None:
    """Refuse a folder with files that are not ours: all of them, whatever they are called, where no run left its record."""
    foreign = _foreign(folder, contents)
    if not foreign and not (folder / contents.record).is_file():
        foreign = [name for name in _entries(folder) if name not in _LEFT_BY_OTHERS]
    _refuse(sorted(foreign), folder)


def _foreign(folder: Path, contents: Contents) -> list[str]:
    """What in a folder is not called as ours is, by its path inside it."""
    folders, found = contents.within, []
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink() and path.name in folders:
            found += [f"{path.name}/{p.name}" for p in path.iterdir() if not _ours(p, folders[path.name])]
        elif path.is_symlink() or not (path.name == WORK or _ours(path, contents.files)):
            found.append(path.name)
    return sorted(found)


def _ours(path: Path, names: tuple[str, ...]) -> bool:
    return path.is_file() and any(fnmatchcase(path.name, name) for name in (*names, *_LEFT_BY_OTHERS))


def _unwritable(folder: Path, error: BaseException) -> OutputError:
    why = reason(error)
    return OutputError(
        f"{folder} 无法写入（{why.zh}）；请用 --out 换一个有写入权限的文件夹",
        f"{folder} cannot be written ({why.en}); give a folder you may write with --out",
    )


def _in_use(folder: Path, error: OSError) -> OutputError:
    why = reason(error)
    return OutputError(
        f"{folder} 无法替换（{why.zh}）；请关闭正在打开其中文件的程序",
        f"{folder} cannot be replaced ({why.en}); close the programs that have its files open",
    )
