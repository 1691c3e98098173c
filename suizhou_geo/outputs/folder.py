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
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pyogrio.errors import DataSourceError

from suizhou_geo.errors import OutputError, reason
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, tables

RECORD, NOTES = "run.json", "notes.txt"
FILES = ("scorecard.csv", "scorecard.json", "layers.gpkg", "map.html", NOTES, RECORD)  # of every run
GUESSES = "facilities_guessed.csv"  # where anything was guessed
REPORTS = ("report.html", "report.docx", "report_annex.html", "report_annex.docx", "report.xlsx")
MORE_FILES = (GUESSES, "project.qgz", "metadata.json", *REPORTS)
SHAPEFILE_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_PICTURES = ("png", "svg", "pdf")
_SHEETS = ("附图[0-9][0-9]*", "figure[0-9][0-9]*")
_SHEETS_ONCE = ("overview", *(name for c in (*CHAPTERS, OTHER_CHAPTER) for name in (c.key, f"{c.key}.*")))


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
COMPARISON = Contents(
    "comparison.json",
    ("comparison.json", "comparison.csv", "comparison_zones.csv", "comparison.png", "map.html"),
    {},
)


@contextmanager
def results_folder(folder: Path, contents: Contents = RUN) -> Iterator[Path]:
    """Give a new folder to write into; when the block ends without an error it takes the place of `folder`.

    An earlier folder that holds such results of ours and nothing else is replaced as a whole.

    Raises:
        OutputError: the place cannot be written, or holds files that are not results of ours.
    """
    folder = folder.absolute()
    if not folder.name:
        raise OutputError(
            f"{folder} 不能用作结果文件夹；请用 --out 换一个",
            f"{folder} is no folder for results; give another one with --out",
        )
    earlier = folder.with_name(f".{folder.name}.earlier")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if earlier.exists() and not folder.exists():
            os.rename(earlier, folder)
        foreign = _foreign(folder, contents) if folder.exists() else []
        if foreign:
            raise OutputError(
                f"{folder} 里有 {foreign[0]}，不是本工具的结果；请用 --out 换一个文件夹",
                f"{folder} holds {foreign[0]}, which is not a result of ours; give another folder with --out",
            )
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OutputError:
        raise
    except OSError as error:
        why = reason(error)
        raise OutputError(
            f"{folder} 无法写入（{why.zh}）；请用 --out 换一个有写入权限的文件夹",
            f"{folder} cannot be written ({why.en}); give a folder you may write with --out",
        ) from None
    try:
        yield fresh
        fresh.chmod(0o755)
        _swap(fresh, folder, earlier)
    except OutputError:
        raise
    except (OSError, DataSourceError) as error:
        why = reason(error)
        raise OutputError(
            f"结果无法写到 {folder} 旁边（{why.zh}）；请腾出空间，或用 --out 换一个位置",
            f"the results could not be written beside {folder} ({why.en}); make room or give --out",
        ) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _foreign(folder: Path, contents: Contents) -> list[str]:
    """What in a folder is not ours, by its path inside it: all of it, whatever it is called, where no run left its record."""
    folders, found = contents.within, []
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink() and path.name in folders:
            found += [f"{path.name}/{p.name}" for p in path.iterdir() if not _ours(p, folders[path.name])]
        elif not _ours(path, contents.files):
            found.append(path.name)
    if not found and not (folder / contents.record).is_file():
        found = [path.name for path in folder.iterdir()]
    return sorted(found)


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
        why = reason(error)
        raise OutputError(
            f"{folder} 无法替换（{why.zh}）；请关闭正在打开其中文件的程序",
            f"{folder} cannot be replaced ({why.en}); close the programs that have its files open",
        ) from None
    shutil.rmtree(earlier, ignore_errors=True)
