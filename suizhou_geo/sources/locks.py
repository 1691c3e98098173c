"""Files opened to be locked, or to be brought to the disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO


def lock_file(path: Path) -> BinaryIO:
    """Open the file that a lock is taken on."""
    return path.open("wb")


def write_through(fresh: Path) -> None:
    """Have the system bring every file to the disk before anything is called whole."""
    for path in fresh.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
