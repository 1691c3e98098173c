"""A study file with its reasons and questions as comments; an earlier one carried on, nothing of the planner's changed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from suizhou_geo.errors import StudyError
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.sources.new_study.tables import Table
from suizhou_geo.sources.new_study.toml_text import key_of, lines_of, value_of

ASKS, OPEN, WHY = "#?", "#>", "#="
_HEAD = Text(
    "本文件由 suizhou-geo new 提出。#= 为什么这样写；#? 要回答的问题；#> 有疑问、还没有采用的行，改好后去掉 #> 即采用。\n"
    "再运行一次会接着完善：写下的行不会改动，这三种注释会更新。不用的节请在行首加 #，不要删除，否则会再次提出。",
    "Proposed by suizhou-geo new. #= is why; #? is a question to answer; #> is a line in doubt, not used yet: correct it and "
    "take the #> away.\nRun it again to carry on: lines that are written stay as they are, these comments are made anew. Put # "
    "before a section that is not wanted instead of deleting it, or it is proposed again.",
)
_NEEDED = ("path", "layer", "sheet", "x", "y", "join", "preset", "fields", "values")  # what reading a file needs
_HEADING = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+|\"[^\"]*\")\s*[.=]")


def new_text(tables: Sequence[Table], lang: Lang) -> str:
    """The text of a study file that is new."""
    lines = [f"# {line}" for line in _HEAD.speak(lang).split("\n")]
    for table in tables:
        lines += ["", *_block(table, lang)]
    return "\n".join(lines).strip() + "\n"


def carried_on(old: str, tables: Sequence[Table], lang: Lang, *, file: str) -> str:
    """An earlier study file with what is newly known: keys that reading needs, tables that were missing, questions anew.

    Lines a planner wrote stay as they are. A line in doubt that was changed and not taken stays as a plain comment. A
    question above a line that a planner has not changed is asked again; where it was taken away, it is not.

    Raises:
        StudyError: the file cannot be carried on without changing what it says (its tables are written in an unusual way).
    """
    said, blocks = tomllib.loads(old), _blocks(old)
    fresh = {line.removeprefix(OPEN).strip() for table in tables for line in _block(table, lang)}
    there = {name for name, _ in blocks}
    by_name = {table.name: table for table in reversed(tables) if not (table.doubt.zh and table.name not in there)}
    doubtful = [table for table in tables if table.name and table is not by_name.get(table.name)]
    own = [line for _, body in blocks for line in body if not line.lstrip().startswith((ASKS, OPEN, WHY))]
    lines: list[str] = []
    for name, body in blocks:
        lines += _carried(name, body, by_name.get(name), doubtful, said, fresh, lang)
    new = [*doubtful, *(table for table in tables if table is by_name.get(table.name) and table.name not in there)]
    for table in new:
        if table.name and not _mentioned("\n".join(own), table):
            lines += ["", *_block(table, lang)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
    _check_kept(said, text, file)
    return text


def _mentioned(text: str, table: Table) -> bool:
    """Whether a planner's own lines, comments among them, name the file (and the layer in it) of a table already."""
    path, layer = table.keys.get("path", ""), table.keys.get("layer", table.keys.get("sheet"))
    return bool(path) and value_of(path) in text and (layer is None or value_of(layer) in text)


def _block(table: Table, lang: Lang) -> Iterator[str]:
    """A table with its heading, reasons and questions; of one in doubt every line is open."""
    doubtful = bool(table.doubt.zh)
    sign = f"{OPEN} " if doubtful else ""
    if doubtful:
        yield _comment(ASKS, table.doubt, lang)
    if table.name:
        yield f"{sign}[{table.name}]"
    yield from (_comment(WHY, why, lang) for why in table.why)
    if not doubtful:
        yield from _general(table, lang)
    yield from _keys(table, lang, sign=sign)
    if doubtful:
        return
    for key, value in table.open.items():
        yield from _asked(table, key, lang)
        yield from (f"{OPEN} {line}".rstrip() for _, line in lines_of(table.name, {key: value}))


def _keys(table: Table, lang: Lang, *, sign: str) -> Iterator[str]:
    """The lines of a table's keys, each below its question; of one in doubt the doubt is the only question."""
    asked: set[str] = set()
    for key, line in lines_of(table.name, table.keys):
        if key not in asked and line and key not in table.open and not sign:
            yield from _asked(table, key, lang)
            asked.add(key)
        yield f"{sign}{line}".rstrip()


def _general(table: Table, lang: Lang) -> Iterator[str]:
    """The questions that are about no key that stands there."""
    for key in table.asks.keys() - table.keys.keys() - table.open.keys():
        yield from _asked(table, key, lang)


def _comment(sign: str, text: Text, lang: Lang) -> str:
    """A comment on one line, whatever the names of files and columns in it hold."""
    words = " ".join(text.speak(lang).split())
    return f"{sign} " + "".join(letter if letter.isprintable() else "?" for letter in words)


def _asked(table: Table, key: str, lang: Lang) -> Iterator[str]:
    if key in table.asks:
        yield _comment(ASKS, table.asks[key], lang)


def _blocks(text: str) -> list[tuple[str, list[str]]]:
    """The lines of a study file by the table they stand in, with those of the tables in it."""
    blocks: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            parts = [part.strip().strip('"') for part in heading[1].split(".")]
            blocks.append((".".join(parts[:2]) if parts[0] == "layers" else parts[0], []))
        blocks[-1][1].append(line)
    return blocks


def _carried(
    name: str,
    body: Iterable[str],
    table: Table | None,
    doubtful: list[Table],
    said: Mapping[str, Any],
    fresh: set[str],
    lang: Lang,
) -> Iterator[str]:
    """The lines of a table with its reasons and questions made anew, and the keys it needs and had not.

    A table in doubt that stands there is taken from `doubtful` and made anew in its place.
    """
    there, open_in = _table_of(said, name), name
    added, asked = table is None, False
    for line in body:
        plain = line.lstrip()
        heading, key = _HEADING.match(line), _KEY.match(line)
        if plain.startswith((ASKS, WHY)):
            asked |= plain.startswith(ASKS)
            continue
        if plain.startswith(OPEN):
            open_in, lines = _open_again(plain.removeprefix(OPEN).strip(), open_in, doubtful, said, fresh, lang)
            yield from lines
            continue
        if heading:
            yield line
            if not added and table is not None and heading[1] == name:
                yield from _added(table, there, lang)
                added = True
            asked = False
            continue
        if key and table is not None:
            if not added and not name:
                yield from _added(table, there, lang)
                added = True
            if (asked or key[1] == "path") and _plain(key[1]) in there:  # a file that is gone is always told
                yield from _asked(table, _plain(key[1]), lang)
        asked = asked and not plain
        yield line
    if not added and table is not None and not name:
        yield from _added(table, there, lang)


def _open_again(
    line: str, open_in: str, doubtful: list[Table], said: Mapping[str, Any], fresh: set[str], lang: Lang
) -> tuple[str, list[str]]:
    """The table that a line in doubt stands in, and what becomes of it: its table made anew, nothing, or a plain comment."""
    if heading := _HEADING.match(line):
        again = next((each for each in doubtful if each.name == heading[1]), None)
        if again is None:
            return heading[1], []
        doubtful.remove(again)
        return heading[1], list(_block(again, lang))
    key = _KEY.match(line)
    answered = key is not None and _plain(key[1]) in _table_of(said, open_in)
    return open_in, [] if not line or line in fresh or answered else [f"# {line}"]


def _added(table: Table, there: Mapping[str, Any], lang: Lang) -> Iterator[str]:
    """What stands anew in a table that was there: the doubt, the reasons, the keys that reading needs; others as open."""
    if table.doubt.zh:
        yield _comment(ASKS, table.doubt, lang)
    yield from (_comment(WHY, why, lang) for why in table.why)
    yield from _general(table, lang)
    missing = {key: value for key, value in table.keys.items() if key not in there}
    for key, value in {**missing, **table.open}.items():
        sure = key in _NEEDED and key not in table.open and not table.doubt.zh
        yield from _asked(table, key, lang)
        yield f"{'' if sure else OPEN + ' '}{key_of(key)} = {value_of(value)}"


def _plain(key: str) -> str:
    return key.strip('"')


def _table_of(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    keys: Any = said
    for part in name.split(".") if name else ():
        keys = keys.get(part, {}) if isinstance(keys, Mapping) else {}
    return keys if isinstance(keys, Mapping) else {}


def _check_kept(said: Mapping[str, Any], text: str, file: str) -> None:
    try:
        now = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        now = {}
    if not _holds(now, said):
        raise StudyError(
            f"{file}：无法在不改动已写内容的情况下补充；请用 --out 写到新文件，再自行合并",
            f"{file} cannot be added to without changing what it says; write a new one with --out and bring them together",
        )


def _holds(now: Any, said: Any) -> bool:
    if isinstance(said, Mapping):
        return isinstance(now, Mapping) and all(key in now and _holds(now[key], part) for key, part in said.items())
    return bool(now == said)
