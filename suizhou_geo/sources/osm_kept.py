"""What a pass through an OpenStreetMap extract has gathered, as bytes and back: what is kept of a large one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from suizhou_geo.sources import osm_blocks, osm_read
from suizhou_geo.sources.cache import Cache, code_of
from suizhou_geo.sources.osm_blocks import Bounds
from suizhou_geo.sources.osm_file import OsmFile
from suizhou_geo.sources.osm_read import Found, Keys, read_objects

_LISTS = ("points", "lines", "rings", "relations")
_ROWS = pa.schema(
    {"list": pa.int8(), "id": pa.string(), "tags": pa.map_(pa.string(), pa.string()), "shape": pa.binary()}
)


def objects_of(
    file: OsmFile,
    keys: Keys,
    bounds: Bounds | None,
    *,
    sha256: str,
    cache: Cache,
    tell: Callable[[int], None] = lambda _: None,
) -> Found:
    """Return what `read_objects` finds in an extract of this hash, from the cache where it is kept there."""
    asked = {
        "bounds": bounds,
        "keys": {name: sorted(names) for name, names in asdict(keys).items()},
        "format": file.format,
        "reader": [code_of(osm_blocks.__file__, osm_read.__file__, __file__), version("osmium")],
    }
    fresh: list[Found] = []

    def find() -> bytes:
        fresh.append(read_objects(file, keys, bounds, tell=tell))
        return packed(fresh[0])

    content = cache.found(file.path, sha256, asked, find)
    return fresh[0] if fresh else unpacked(content)


def packed(found: Found) -> bytes:
    """Return all of what was found as bytes.

    >>> unpacked(packed(Found(points=[("n1", {"shop": "tea"}, "0101" + 38 * "0")], far=2))).points[0][:2]
    ('n1', {'shop': 'tea'})
    """
    rows = [
        {"list": number, "id": source_id, "tags": list(tags.items()), "shape": bytes.fromhex(wkb)}
        for number, name in enumerate(_LISTS)
        for source_id, tags, wkb in getattr(found, name)
    ]
    said = {name: value for name, value in vars(found).items() if name not in _LISTS}
    said["newest"] = found.newest.isoformat() if found.newest is not None else None
    table = pa.Table.from_pylist(rows, schema=_ROWS.with_metadata({"said": json.dumps(said)}))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def unpacked(content: bytes) -> Found:
    """Return what was found, from the bytes that `packed` made of it."""
    table = pq.read_table(pa.BufferReader(content))
    said: dict[str, Any] = json.loads(table.schema.metadata[b"said"])
    newest = said.pop("newest")
    west, south, east, north = said.pop("reach")
    found = Found(**said, newest=datetime.fromisoformat(newest) if newest else None, reach=(west, south, east, north))
    lists = [getattr(found, name) for name in _LISTS]
    columns = (table.column(name).to_pylist() for name in _ROWS.names)
    for number, source_id, tags, shape in zip(*columns, strict=True):
        lists[number].append((source_id, dict(tags), shape.hex()))
    return found
