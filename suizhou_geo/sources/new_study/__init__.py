"""A study file proposed from the files in a folder: what each is, which layer it feeds, and what must be asked."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suizhou_geo.errors import InputError, OutputError, StudyError, reason, speaking
from suizhou_geo.errors.text import Lang, Text, language
from suizhou_geo.model import Progress
from suizhou_geo.sources.new_study.proposed import proposed
from suizhou_geo.sources.new_study.seen import Seen, look
from suizhou_geo.sources.new_study.tables import Folder, Table
from suizhou_geo.sources.new_study.written import ASKS, carried_on, new_text
from suizhou_geo.sources.study_schema import load_study_file


@dataclass(frozen=True)
class NewStudy:
    """A study file that was proposed and written: where, what each file of the folder is, and what is asked in it.

    `files` has a line for each layer, sheet or file; `remarks` say what was not looked at, what is new and what is gone.
    """

    path: Path
    text: str
    files: tuple[Text, ...]
    remarks: tuple[Text, ...]

    @property
    def questions(self) -> tuple[str, ...]:
        """The questions in the file, in the language it was written in."""
        return tuple(line.removeprefix(ASKS).strip() for line in self.text.splitlines() if line.startswith(ASKS))


def new_study(
    folder: Path | str, out: Path | str | None = None, *, lang: Lang | None = None, progress: Progress | None = None
) -> NewStudy:
    """Look at the files in a folder, propose a study of them, and write it to `out` (without it `study.toml` in the folder).

    What is recognised feeds its layer, with reasons as comments; what is in doubt stands as a comment below its question,
    in `lang` (without it Chinese). Whatever is not a comment was read as a run reads it. Own layers are taken for incomplete,
    and outlines of which nothing says what they stand for as administrative limits, so that no verdict rests on a guess. A
    study file that is there is carried on: its lines stay as they are.

    Raises:
        InputError: no such folder, or no file in it, or none that is known; the study file that is there is wrong.
        OutputError: the study file cannot be written.

    >>> from shutil import copy
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     _ = [copy(f"data/raw/invented_city/{name}", place) for name in ("zones.gpkg", "facilities.csv")]
    ...     found = new_study(place, lang="en")
    >>> any("facilities.csv" in line.en and "→ facilities" in line.en for line in found.files)
    True
    """
    folder = Path(folder)
    out = Path(out) if out is not None else folder / "study.toml"
    spoken = language(lang)
    with speaking(lang):
        seen, remarks = look(folder, out=out, progress=progress)
        old = _earlier(out)
        before = out.read_text(encoding="utf-8-sig") if old else ""
        if not old and all(each.kind in ("unknown", "unread", "document", "toml") for each in seen):
            raise InputError(
                f"文件夹 {folder} 里没有认得的资料（{len(seen)} 个文件）；能读的格式见“用自己的数据”",
                f"nothing in the folder {folder} is known ({len(seen)} files); see howto/own_data for what can be read",
            )
        files = Folder(folder, seen, out, old)
        tables = proposed(files)
        text = carried_on(before, tables, spoken, file=out.name) if old else new_text(tables, spoken)
        _write(out, text)
    lines = tuple(_line(each, tables, files, before if old else None) for each in seen)
    return NewStudy(out, text, lines, (*remarks, *_gone(tables)))


def _earlier(path: Path) -> dict[str, Any]:
    """What a study file that is there says; its zones may be still to come."""
    if not path.exists():
        return {}
    try:
        return load_study_file(path)
    except StudyError:
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
            said = {"zones": {}}
        if "zones" in said or not said.keys() <= {
            "name",
            "crs",
            "plan",
            "invented",
            "osm",
            "layers",
            "population",
            "statistics",
        }:
            raise
        return said


def _line(seen: Seen, tables: Sequence[Table], folder: Folder, before: str | None) -> Text:
    """What a file is and what it feeds, and why."""
    below = seen.path.parent.relative_to(folder.path).as_posix()
    name = seen.called if below == "." else f"{below}/{seen.called}"
    fed = [table for table in tables if table.seen is seen]
    told = seen.told()
    head = Text(f"{name}：{told.zh}", f"{name}: {told.en}")
    if before is not None and folder.written(seen.path) not in before:
        head = Text("［新］", "[new] ") + head
    if seen.problem.zh:
        return Text(f"{name}：不能用。{seen.problem.zh}", f"{name}: not used. {seen.problem.en}")
    if not fed:
        return head + Text("；没有用到", "; not used")
    for table in fed:
        why = Text("；".join(why.zh for why in table.why), "; ".join(why.en for why in table.why))
        doubt = Text("（待回答）", " (asked)") if table.doubt.zh else Text("", "")
        head += Text(f" → {table.layer}{doubt.zh}", f" → {table.layer}{doubt.en}")
        head += Text(f"：{why.zh}", f": {why.en}") if why.zh else Text("", "")
    return head


def _gone(tables: Sequence[Table]) -> list[Text]:
    return [
        Text(f"[{table.name}]：{table.asks['path'].zh}", f"[{table.name}]: {table.asks['path'].en}")
        for table in tables
        if table.seen is None and "path" in table.asks
    ]


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        tomllib.loads(text)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        why = reason(error)
        raise OutputError(
            f"{path} 写不进去（{why.zh}）；请用 --out 换一个位置",
            f"{path} cannot be written ({why.en}); give another place with --out",
        ) from error
