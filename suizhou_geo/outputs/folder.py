"""The folder of results: all of a run or none, and never anybody else's files.

Everything is written into a new folder beside the wanted one, which is then renamed into its place: a run that fails
leaves the earlier results as they were, and never half of the new ones.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from pyogrio.errors import DataSourceError

from suizhou_geo.errors import OutputError
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, tables

RECORD = "run.json"
FILES = ("scorecard.csv", "scorecard.json", "layers.gpkg", "map.html", RECORD)  # of every run
GUESSES = "facilities_guessed.csv"  # where anything was guessed
REPORTS = ("report.html", "report.docx", "report_annex.html", "report_annex.docx", "report.xlsx")
MORE_FILES = (GUESSES, "project.qgz", "metadata.json", *REPORTS)
SHAPEFILE_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_PICTURES = ("png", "svg", "pdf")
_SHEETS = ("overview", *(name for c in (*CHAPTERS, OTHER_CHAPTER) for name in (c.key, f"{c.key}.*")))


@contextmanager
def results_folder(folder: Path) -> Iterator[Path]:
    """Give a new folder to write into; when the block ends without an error it takes the place of `folder`.

    An earlier folder with results of ours (FILES, MORE_FILES, files in our folders) is replaced as a whole.

    Raises:
        OutputError: the place cannot be written, or holds files that are not results of ours.
    """
    folder = folder.absolute()
    if not folder.name:
        raise OutputError(f"{folder} is no folder for results; give another one with --out")
    earlier = folder.with_name(f".{folder.name}.earlier")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if earlier.exists() and not folder.exists():
            os.rename(earlier, folder)
        foreign = _foreign(folder) if folder.exists() else []
        if foreign:
            raise OutputError(
                f"{folder} holds {foreign[0]}, which is not a result of ours; give another folder with --out"
            )
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written ({error.strerror}); give a folder you may write with --out"
        ) from None
    try:
        yield fresh
        fresh.chmod(0o755)
        _swap(fresh, folder, earlier)
    except OutputError:
        raise
    except (OSError, DataSourceError) as error:
        raise OutputError(
            f"the results could not be written beside {folder} ({error}); make room or give --out"
        ) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _foreign(folder: Path) -> list[str]:
    """What in a folder is not ours, by its path inside it: all of it, whatever it is called, where no run left its record."""
    folders, found = _folders(), []
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink() and path.name in folders:
            found += [f"{path.name}/{p.name}" for p in path.iterdir() if not _ours(p, folders[path.name])]
        elif not _ours(path, (*FILES, *MORE_FILES)):
            found.append(path.name)
    if not found and not (folder / RECORD).is_file():
        found = [path.name for path in folder.iterdir()]
    return sorted(found)


def _folders() -> Mapping[str, tuple[str, ...]]:
    """The folders of ours, and how the files in each may be called."""
    return {
        "figures": tuple(f"{sheet}.{kind}" for sheet in _SHEETS for kind in _PICTURES),
        "shapefiles": ("fields.csv", *(f"{table}.{part}" for table in tables() for part in SHAPEFILE_PARTS)),
        "geojson": tuple(f"{table}.geojson" for table in tables()),
    }


def _ours(path: Path, names: tuple[str, ...]) -> bool:
    return path.is_file() and any(fnmatchcase(path.name, name) for name in names)


def _swap(fresh: Path, folder: Path, earlier: Path) -> None:
    try:
        if folder.exists():
            os.rename(folder, earlier)
        os.rename(fresh, folder)
    except OSError as error:
        if earlier.exists() and not folder.exists():
            os.rename(earlier, folder)
        raise OutputError(
            f"{folder} cannot be replaced ({error.strerror}); close the programs that have its files open"
        ) from None
    shutil.rmtree(earlier, ignore_errors=True)
