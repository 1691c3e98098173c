"""The tables of a study file as they are proposed, and what they are proposed from: a folder, and an earlier study file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.sources.new_study.seen import Seen

Keys = dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A table of the study file as it is proposed: `name` is "" for the top.

    `asks` are questions, each above its key; those whose key stands in `open` are answered by taking the comment sign
    away. With a `doubt` the whole table is a comment below that question. `unsure_datum` says that its degrees may be shifted.
    """

    name: str
    keys: Keys
    why: tuple[Text, ...] = ()
    asks: Mapping[str, Text] = field(default_factory=dict)
    open: Mapping[str, Any] = field(default_factory=dict)
    doubt: Text = NOTHING
    seen: Seen | None = None
    unsure_datum: bool = False

    @property
    def layer(self) -> str:
        """The layer of ours it is about."""
        return self.name.removeprefix("layers.")

    @property
    def is_sure(self) -> bool:
        """Whether a run would read it: no doubt, and its file is there."""
        return self.doubt == NOTHING and "path" not in self.asks

    def asking(self, key: str, question: Text) -> Table:
        """The same with a question more."""
        return replace(self, asks={**self.asks, key: question})

    def doubted(self, doubt: Text) -> Table:
        """The same with a doubt, beside what is in doubt already."""
        both = self.doubt + (Text("；", "; ") if self.doubt != NOTHING else NOTHING) + doubt
        return replace(self, doubt=both)


@dataclass(frozen=True)
class Folder:
    """What a study is proposed from: the files of a folder, where the study file will stand, and what it `said` before."""

    path: Path
    seen: Sequence[Seen]
    out: Path
    said: Mapping[str, Any]

    @cached_property
    def given(self) -> dict[str, Mapping[str, Any]]:
        """The tables the study file had, by their names."""
        layers = {f"layers.{name}": keys for name, keys in self.said.get("layers", {}).items()}
        return {k: v for k, v in self.said.items() if isinstance(v, dict) and k != "layers"} | layers

    @cached_property
    def top(self) -> Keys:
        """The keys that stand above its tables."""
        return {key: value for key, value in self.said.items() if not isinstance(value, dict)}

    def written(self, path: Path) -> str:
        """A path as the study file writes it."""
        try:
            return Path(os.path.relpath(path, self.out.parent)).as_posix()
        except ValueError:  # another drive
            return path.resolve().as_posix()

    def meant(self, written: str) -> Path:
        """The file that a path in the study file means."""
        return (self.out.parent / written).resolve()

    def named(self, keys: Mapping[str, Any]) -> Seen | None:
        """What was seen of the file a table names: the layer or sheet it means, or the one there is."""
        if "path" not in keys:
            return None
        here = [each for each in self.seen if each.path.resolve() == self.meant(keys["path"])]
        meant = [each for each in here if (each.layer or each.sheet) == keys.get("layer", keys.get("sheet"))]
        return next(iter([*meant, *here]), None)

    def kept(self, name: str) -> Table:
        """A table as the study file had it; asked about where its file is not there any more."""
        keys = self.given[name]
        table = Table(name, dict(keys), seen=self.named(keys))
        path = keys.get("path")
        if path is None or self.meant(path).exists():
            return table
        gone = Text(
            f"文件 {path} 不在了；请更正路径，或去掉这一节",
            f"{path} is not there any more; correct the path, or take this out",
        )
        return table.asking("path", gone)
