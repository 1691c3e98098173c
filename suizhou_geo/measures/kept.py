"""What was measured, kept between runs: each measure with what it was made of, which tells whether it still holds."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Collection
from importlib.metadata import version
from typing import Any

import pyproj
import shapely

from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.lattice import Lattice
from suizhou_geo.model import Driver, Likely, Measure, Note
from suizhou_geo.sources.cache import Cache, code_of_package
from suizhou_geo.sources.kept_values import CannotKeepError, Packing, Unpacking
from suizhou_geo.study_area import StudyArea
from suizhou_geo.study_area.remembered import Kept, Key, memory_of

KNOWN: dict[str, type] = {one.__name__: one for one in (Driver, Grid, Lattice, Likely, Measure, Note, Text)}
_LIBRARIES = ("geopandas", "numpy", "pandas", "pyarrow", "pyproj", "rasterio", "scipy", "shapely")


class KeptMeasures:
    """The measures of a place that are kept in a folder: those that still hold of an area, and what is added to them.

    One holds where every field of the area that it was made of, itself or through what it asked, is the same to the last
    digit, and so are this package's code and the libraries. One that would not come back the same is not kept.
    """

    def __init__(self, area: StudyArea, cache: Cache, functions: Collection[Callable[..., Any]]) -> None:
        """`functions` are all that measure: what others return is not kept."""
        self._area, self._cache = area, cache
        self._functions = {function.__name__: function for function in functions}
        self._digests: dict[str, str | None] = {}
        libraries = [version(name) for name in _LIBRARIES]
        below = [shapely.geos_version_string, pyproj.proj_version_str, platform.python_version(), platform.machine()]
        self._key = [self._digest("zones"), code_of_package(), *libraries, *below]
        content = cache.recalled(self._key)
        self._found = None if content is None else Unpacking(content, KNOWN)
        self._holding: dict[Key, tuple[dict[str, str], Any]] = {}
        for name, choice, made_of, result in [] if self._found is None else self._found.value(self._found.tree[0]):
            if all(self._digest(field) == digest for field, digest in made_of.items()):
                self._holding[self._functions[name], choice] = made_of, result

    def holds(self, key: Key) -> bool:
        """Whether a measure is kept that still holds."""
        return key in self._holding

    def recall(self, keys: Collection[Key]) -> None:
        """Let the area remember some of the measures that still hold."""
        memory = memory_of(self._area)
        for key in keys:
            if key not in memory.kept and self._found is not None:
                made_of, result = self._holding[key]
                value = self._found.value(self._found.tree[1][result])
                memory.kept[key] = Kept(*key, value, read=set(made_of))

    def keep(self) -> None:
        """Keep what the area remembers of measures beside what still holds, where there is anything new."""
        memory, functions = memory_of(self._area), self._functions.values()
        if not any(key[0] in functions for key in memory.kept.keys() - self._holding.keys()):
            return
        self.recall(self._holding.keys())
        packing, told = Packing(KNOWN), []
        results: list[Any] = []
        for kept in memory.kept.values():
            made_of = {field: self._digest(field) for field in kept.made_of} if kept.function in functions else {}
            if made_of and None not in made_of.values():
                try:
                    result = packing.plain(kept.result)
                except CannotKeepError:
                    continue
                told.append((kept.function.__name__, kept.choice, made_of, len(results)))
                results.append(result)
        self._cache.keep(self._key, packing.content([packing.plain(told), results]))

    def _digest(self, field: str) -> str | None:
        """A hash of all a field of the area holds; None where it holds what cannot be told."""
        if field not in self._digests:
            packing = Packing(KNOWN, compression=None)
            try:
                content = packing.content(packing.plain(getattr(self._area, field)))
            except CannotKeepError:
                self._digests[field] = None
            else:
                self._digests[field] = hashlib.sha256(content).hexdigest()
        return self._digests[field]
