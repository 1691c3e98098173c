"""What was found in a large file, kept beside the results: found again where file, rules and reader are the same.

What is kept is told by its key alone, a hash of everything it depends on, so nothing is ever out of date: what nobody asks
for any more goes in time. Each entry begins with the hash of what follows and is put in its place in one step: a run that is
killed leaves none, two runs at once leave one, and one that was damaged since is known by it and made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from suizhou_geo.errors.text import Text

WORTH_BYTES = 16_000_000  # smaller files are read as fast as what is kept of them
MOST_ENTRIES = 12
_DAY_S = 86_400.0
_ENDS, _UNFINISHED = ".kept", ".part"
_DAMAGED = Text("缓存已损坏，重新生成", "what was kept of it is damaged, so it is made anew")


@dataclass(frozen=True)
class Cache:
    """A folder for what is found in files; `tell` is called where an entry is damaged.

    Where the folder cannot be made or written nothing is kept, and nothing said: the results are the same.
    """

    folder: Path
    tell: Callable[[Text], None] = lambda _: None

    def found(self, path: Path, sha256: str, asked: Any, find: Callable[[], bytes]) -> bytes:
        """Return what `find` finds in a file of this hash, from the folder where it is kept there.

        `asked` is all else the answer depends on, as JSON has it. What is found in a file that changes meanwhile is not
        kept.
        """
        key = [sha256, asked]
        content = self.recalled(key)
        if content is None:
            before = _stamp(path)
            content = find()
            if _stamp(path) == before:
                self.keep(key, content)
        return content

    def recalled(self, key: Any) -> bytes | None:
        """Return what is kept under a key, as JSON has it; None where nothing is."""
        entry = self._entry(key)
        try:
            with entry.open("rb") as file:
                digest, content = file.read(32), file.read()
        except OSError:
            return None
        if hashlib.sha256(content).digest() != digest:
            self.tell(_DAMAGED)
            return None
        with suppress(OSError):
            os.utime(entry)  # it was asked for today
        return content

    def keep(self, key: Any, content: bytes) -> None:
        """Keep something under a key, in the place of what was kept there."""
        entry = self._entry(key)
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, suffix=_UNFINISHED, delete=False) as file:
                try:
                    file.write(hashlib.sha256(content).digest())
                    file.write(content)
                    file.close()
                    os.replace(file.name, entry)
                except BaseException:
                    file.close()
                    Path(file.name).unlink(missing_ok=True)
                    raise
            self._clear()

    def _entry(self, key: Any) -> Path:
        return self.folder / f"{hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()}{_ENDS}"

    def _clear(self) -> None:
        """Take out all but the entries asked for last, and what runs that were killed have left."""
        entries = sorted(self.folder.glob(f"*{_ENDS}"), key=_asked_for, reverse=True)
        left = [part for part in self.folder.glob(f"*{_UNFINISHED}") if _asked_for(part) < time.time() - _DAY_S]
        for old in [*entries[MOST_ENTRIES:], *left]:
            old.unlink(missing_ok=True)


def code_of(*modules: str) -> str:
    """Return a hash of the source text of modules (their `__file__`): what they find changes with it."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(Path(module).read_bytes())
    return digest.hexdigest()


@cache
def code_of_package() -> str:
    """Return a hash of all of this package's code and standards."""
    package = Path(__file__).parents[1]
    return code_of(*map(str, sorted([*package.rglob("*.py"), *package.rglob("*.toml")])))


def _stamp(path: Path) -> tuple[int, int]:
    now = path.stat()
    return now.st_size, now.st_mtime_ns


def _asked_for(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except FileNotFoundError:  # another run took it out
        return 0.0
