"""A province round a city, drawn: an extract of any size that holds a city's own extract whole, and far more beyond it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import osmium

FIRST, STEP = 1_000_000_000, 420  # the ids of the nodes beyond the city, as far apart as those of real nodes
WEST, SOUTH, EAST, NORTH = 108.4, 29.1, 112.9, 33.2  # where they lie: west of the invented city
POINTS, PER_CHUNK = 10, 40_000
TAGS = (
    "building=yes",
    "building=apartments,building:levels=6",
    "highway=residential,name=%6587%%5316%%8def%",
    "highway=service",
    "highway=tertiary,lanes=2,surface=asphalt",
    "landuse=residential",
    "landuse=farmland",
    "power=line",
)


def write_province(path: Path, city: Path, *, least_bytes: int) -> int:
    """Write a PBF of at least so many bytes: the city's objects, then ways of ten nodes; return how many nodes it has.

    Every twentieth way is the outline of a multipolygon with a tag of land.
    """
    chunks, nodes = 0, 0
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2025-06-01T00:00:00Z")
    header.set("sorting", "Type_then_ID")
    header.add_box(osmium.osm.Box(WEST, SOUTH, 113.7, NORTH))
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        _copy(city, osmium.osm.NODE, writer)
        while os.path.getsize(path) < 0.84 * least_bytes:  # the rest is ways
            nodes += _opl(_nodes(chunks), writer)
            chunks += 1
        _copy(city, osmium.osm.WAY, writer)
        for chunk in range(chunks):
            _opl(_ways(chunk), writer)
        _copy(city, osmium.osm.RELATION, writer)
        for chunk in range(chunks):
            _opl(_relations(chunk), writer)
    return nodes


def _copy(source: Path, kind: osmium.osm.osm_entity_bits, writer: osmium.SimpleWriter) -> None:
    osmium.apply(osmium.io.Reader(str(source), kind), writer)


def _opl(lines: list[str], writer: osmium.SimpleWriter) -> int:
    text = osmium.io.FileBuffer("\n".join([*lines, ""]).encode(), "opl")
    osmium.apply(osmium.io.Reader(text), writer)
    return len(lines)


def _way_ids(chunk: int) -> range:
    return range(10_000_000 + chunk * PER_CHUNK, 10_000_000 + (chunk + 1) * PER_CHUNK)


def _node_ids(chunk: int) -> np.ndarray:
    """Ids that rise from chunk to chunk, by STEP at most from node to node."""
    random = np.random.default_rng(chunk)
    steps = random.integers(1, STEP, PER_CHUNK * POINTS)
    return FIRST + chunk * PER_CHUNK * POINTS * STEP + np.cumsum(steps)


def _nodes(chunk: int) -> list[str]:
    random = np.random.default_rng(-chunk % 2**32)
    starts = np.column_stack([random.uniform(WEST, EAST, PER_CHUNK), random.uniform(SOUTH, NORTH, PER_CHUNK)])
    starts.sort(axis=0)
    turns = np.arange(POINTS) * 2 * np.pi / POINTS + random.uniform(0, np.pi / POINTS, (PER_CHUNK, POINTS))
    away = random.uniform(2e-4, 1e-3, (PER_CHUNK, POINTS))
    xy = (starts[:, None] + np.stack([away * np.cos(turns), away * np.sin(turns)], axis=-1)).reshape(-1, 2)
    versions = random.integers(1, 5, len(xy)).tolist()
    days = random.integers(1, 28, len(xy)).tolist()
    rows = zip(_node_ids(chunk).tolist(), versions, days, xy[:, 0].tolist(), xy[:, 1].tolist(), strict=True)
    return [f"n{n} v{v} c{n % 99991} t2024-05-{d:02}T00:00:00Z i7 umapper x{x:.7f} y{y:.7f}" for n, v, d, x, y in rows]


def _ways(chunk: int) -> list[str]:
    lines = []
    for way, refs in zip(_way_ids(chunk), _node_ids(chunk).reshape(-1, POINTS).tolist(), strict=True):
        closed = way % 8 in (0, 1, 5, 6)
        nodes = ",".join(f"n{ref}" for ref in ([*refs, refs[0]] if closed else refs))
        lines.append(f"w{way} v1 c{way % 9973} t2024-06-01T00:00:00Z i7 umapper T{TAGS[way % 8]} N{nodes}")
    return lines


def _relations(chunk: int) -> list[str]:
    outer = [way for way in _way_ids(chunk) if way % 40 == 6]
    common = "v1 c1 t2024-06-01T00:00:00Z i7 umapper Ttype=multipolygon,natural=wood"
    return [f"r{way} {common} Mw{way}@outer" for way in outer]
