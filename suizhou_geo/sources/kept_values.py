"""Values as bytes and back to the last digit: what is kept of results between runs. Reading them runs no code.

Structure, words and single numbers are JSON; every array is Arrow's, once however often it is used; geometries are
well-known binary in one array, each once. Of dataclasses those are known that both sides are given.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pyproj import CRS

_PLAIN = (type(None), bool, int, float, str)
_PARTS = pa.schema({"part": pa.large_binary()})
_RING = shapely.GeometryType.LINEARRING


class CannotKeepError(TypeError):
    """A value of a kind that would not come back the same."""


class Packing:
    """Values on their way to bytes: `plain` each of them, then all as `content`."""

    def __init__(self, known: Mapping[str, type], *, compression: str | None = "zstd") -> None:
        """`known` are the dataclasses there may be, by their names."""
        self._known, self._options = known, pa.ipc.IpcWriteOptions(compression=compression)
        self._parts: dict[bytes, tuple[int, bytes]] = {}
        self._shapes: dict[int, int] = {}
        self._held: list[Any] = []  # no number that tells an object is given to another one meanwhile
        self._tables: dict[int, int] = {}
        self._table_trees: list[Any] = []

    def plain(self, value: Any) -> Any:
        """Return a value as JSON has it, its arrays put aside. Raises: CannotKeepError."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is list:
            return [self.plain(one) for one in value]
        if kind is tuple:
            return {"tuple": [self.plain(one) for one in value]}
        if kind is frozenset:
            return {"frozenset": [self.plain(one) for one in sorted(value)]}
        if kind is dict:
            return {"dict": [[self.plain(key), self.plain(one)] for key, one in value.items()]}
        if isinstance(value, np.generic):
            return {"scalar": [value.dtype.str, value.item()]}
        if isinstance(value, CRS):
            return {"crs": value.srs}
        if isinstance(value, np.ndarray):
            return {"array": [self._array(value.ravel()), list(value.shape)]}
        if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
            return {"table": self._table(value)}
        if is_dataclass(kind) and self._known.get(kind.__name__) is kind:
            return {"known": [kind.__name__, [self.plain(getattr(value, each.name)) for each in fields(kind)]]}
        raise CannotKeepError(kind)

    def content(self, tree: Any) -> bytes:
        """Return what `plain` returned, and all that was put aside, as bytes."""
        shapes = np.array([None, *self._held], dtype=object)[1:]
        binary = pa.array(shapely.to_wkb(shapes), pa.large_binary())
        head = json.dumps([tree, self._table_trees])
        parts = [_written(pa.array([head]), self._options), _written(binary, self._options)]
        parts += [part for _, part in self._parts.values()]
        return _written(pa.array(parts, pa.large_binary()), None)

    def _table(self, value: Any) -> int:
        if id(value) not in self._tables:
            tree = self._described(value)
            self._tables[id(value)] = len(self._table_trees)
            self._table_trees.append(tree)
        return self._tables[id(value)]

    def _described(self, value: Any) -> Any:
        kind = type(value)
        if kind is pd.RangeIndex:
            return ["range", value.start, value.stop, value.step, self.plain(value.name)]
        if kind in (pd.Index, pd.CategoricalIndex):
            return ["index", self._array(value.values), self.plain(value.name)]
        if kind in (pd.Series, gpd.GeoSeries):
            told = [self.plain(one) for one in (value.index, value.name, value.attrs)]
            return ["series", self._array(value.values), *told]
        if kind in (pd.DataFrame, gpd.GeoDataFrame):
            arrays = [self._array(value.iloc[:, number].values) for number in range(value.shape[1])]
            active = value._geometry_column_name if kind is gpd.GeoDataFrame else None
            tables = [self.plain(value.columns), self.plain(value.index), self.plain(value.attrs)]
            return ["frame", arrays, *tables, kind is gpd.GeoDataFrame, active]
        raise CannotKeepError(kind)

    def _array(self, values: Any) -> Any:
        """A column: how it is to be made again, and its parts."""
        dtype = values.dtype
        if isinstance(values, gpd.array.GeometryArray):
            return ["shapes", self._put(pa.array(self._numbered(np.asarray(values)))), self.plain(values.crs)]
        if isinstance(dtype, pd.CategoricalDtype):
            return ["category", self._put(pa.array(values.codes)), self.plain(dtype.categories), bool(dtype.ordered)]
        if isinstance(dtype, pd.StringDtype) and dtype.na_value is np.nan:
            return ["words", self._put(pa.chunked_array([pa.array(values)]).combine_chunks()), dtype.storage]
        if not isinstance(dtype, np.dtype):
            raise CannotKeepError(dtype)
        numpy = np.asarray(values)
        if dtype.kind in "biuf":
            return ["numbers", self._put(pa.array(numpy)), dtype.str]
        if dtype.kind != "O":
            raise CannotKeepError(dtype)
        if all(type(one) is str or one is None for one in numpy):
            return ["texts", self._put(pa.array(numpy, pa.large_string()))]
        return ["objects", [self.plain(one) for one in numpy]]

    def _numbered(self, shapes: Any) -> Any:
        """The place of each geometry among all there are; that of one that is there already is the same."""
        if (shapely.get_type_id(shapes) == _RING).any():
            raise CannotKeepError(_RING)
        told = np.fromiter(map(id, shapes), np.int64, len(shapes))
        own, first, at = np.unique(told, return_index=True, return_inverse=True)
        for place in np.sort(first).tolist():  # in their order: where objects lie in memory is chance
            if told[place] not in self._shapes:
                self._shapes[int(told[place])] = len(self._held)
                self._held.append(shapes[place])
        return np.array([self._shapes[one] for one in own.tolist()], dtype=np.int32)[at]

    def _put(self, array: pa.Array) -> int:
        part = _written(array, self._options)
        return self._parts.setdefault(hashlib.sha256(part).digest(), (len(self._parts), part))[0]


class Unpacking:
    """Values on their way back from `content`: its `tree`, and the `value` of any part of it."""

    def __init__(self, content: bytes, known: Mapping[str, type]) -> None:
        """`known` are the dataclasses there may be, by their names. Raises: ValueError for what `content` never made."""
        self._known, self._parts = known, _read(content)
        self.tree, self._table_trees = json.loads(self._part(0)[0].as_py())
        self._shapes: Any = None
        self._tables: dict[int, Any] = {}

    def value(self, tree: Any) -> Any:
        """Return what was made plain."""
        if isinstance(tree, list):
            return [self.value(one) for one in tree]
        if not isinstance(tree, dict):
            return tree
        ((kind, held),) = tree.items()
        match kind:
            case "tuple":
                return tuple(self.value(one) for one in held)
            case "frozenset":
                return frozenset(self.value(one) for one in held)
            case "dict":
                return {self.value(key): self.value(one) for key, one in held}
            case "scalar":
                return np.dtype(held[0]).type(held[1])
            case "crs":
                return CRS(held)
            case "array":
                return np.asarray(self._array(held[0])).reshape(held[1])
            case "table":
                if held not in self._tables:
                    self._tables[held] = self._made(*self._table_trees[held])
                return self._tables[held]
            case _:
                return self._known[held[0]](*map(self.value, held[1]))

    def _made(self, kind: str, *held: Any) -> Any:
        if kind == "range":
            return pd.RangeIndex(*held[:3], name=self.value(held[3]))
        if kind == "index":
            values = self._array(held[0])
            return pd.Index(values, dtype=values.dtype, name=self.value(held[1]))
        if kind == "series":
            series = self._column(held[0], self.value(held[1])).rename(self.value(held[2]))
            series.attrs = self.value(held[3])
            return series
        arrays, columns, index, attrs, with_shapes, active = held
        rows = self.value(index)
        parts = {number: self._column(told, rows) for number, told in enumerate(arrays)}
        frame = gpd.GeoDataFrame(parts, index=rows) if with_shapes else pd.DataFrame(parts, index=rows)
        frame.columns = self.value(columns)
        if with_shapes:
            frame._geometry_column_name = active
        frame.attrs = self.value(attrs)
        return frame

    def _column(self, told: Any, index: pd.Index) -> pd.Series:
        values = self._array(told)
        made = gpd.GeoSeries if told[0] == "shapes" else pd.Series
        return made(values, index=index, dtype=values.dtype)

    def _array(self, told: Any) -> Any:
        kind, *held = told
        if kind == "objects":
            made = np.empty(len(held[0]), dtype=object)
            made[:] = [self.value(one) for one in held[0]]
            return made
        part = self._part(held[0] + 2)
        if kind == "words":
            return pd.StringDtype(held[1], na_value=np.nan).__from_arrow__(part)
        values = part.to_numpy(zero_copy_only=False)
        if kind == "shapes":
            if self._shapes is None:
                self._shapes = shapely.from_wkb(self._part(1).to_numpy(zero_copy_only=False))
            return gpd.array.GeometryArray(self._shapes[values], crs=self.value(held[1]))
        if kind == "category":
            dtype = pd.CategoricalDtype(self.value(held[1]), ordered=held[2])
            return pd.Categorical.from_codes(values, dtype=dtype)
        return values.copy() if kind == "texts" else values.astype(held[1])

    def _part(self, number: int) -> pa.Array:
        return _read(self._parts[number].as_py())


def _written(array: pa.Array, options: pa.ipc.IpcWriteOptions | None) -> bytes:
    batch, sink = pa.RecordBatch.from_arrays([array], names=["part"]), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=options) as stream:
        stream.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _read(content: bytes) -> pa.Array:
    batch = pa.ipc.open_stream(content).read_next_batch()
    batch.validate(full=True)
    return batch.column(0)
