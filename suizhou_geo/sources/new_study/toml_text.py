"""TOML as a planner reads it: keys one a line, small tables inline, long ones as tables of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDE = 100  # columns: a longer line becomes a table of its own


def key_of(key: str) -> str:
    """A key as TOML writes it.

    >>> key_of("name"), key_of("小学")
    ('name', '"小学"')
    """
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def value_of(value: Any) -> str:
    """A value as TOML writes it, tables inline.

    >>> value_of({"category": {"小学": "primary_school"}}), value_of([1, True])
    ('{ category = { "小学" = "primary_school" } }', '[1, true]')
    """
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_of(str(key))} = {value_of(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(value_of, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def lines_of(name: str, keys: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The lines of a table after its heading, each with the key it is about; what is too long stands in tables of its own."""
    late: list[tuple[str, str, Mapping[str, Any]]] = []
    for key, value in keys.items():
        line = f"{key_of(key)} = {value_of(value)}"
        if isinstance(value, Mapping) and value and len(line) > _WIDE:
            late.append((key, f"{name}.{key_of(key)}", value))
        else:
            yield key, line
    for key, path, value in late:
        nested = {k: v for k, v in value.items() if isinstance(v, Mapping)}
        plain = {k: v for k, v in value.items() if k not in nested}
        if plain:
            yield key, ""
            yield key, f"[{path}]"
            yield from ((key, f"{key_of(k)} = {value_of(v)}") for k, v in plain.items())
        for inner, part in nested.items():
            yield key, ""
            yield key, f"[{path}.{key_of(inner)}]"
            yield from ((key, f"{key_of(k)} = {value_of(v)}") for k, v in part.items())


def toml_of(raw: Mapping[str, Any]) -> str:
    """A whole study file, plainly."""
    return "".join(f"{key_of(key)} = {value_of(value)}\n" for key, value in raw.items())
