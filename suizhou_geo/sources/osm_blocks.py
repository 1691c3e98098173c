"""Which ways of a large PBF extract may come near a place, told in bulk from the numbers of their nodes.

Only the ids of ways are found here; what they are is read by osmium, which makes a Python object of each object it gives.
Of a province's ways hardly any comes near a city, and those that do not are seen as arrays alone.

The layout of a PBF file: https://wiki.openstreetmap.org/wiki/PBF_Format
"""

from __future__ import annotations

import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from suizhou_geo.geometry.arrays import Bools, Ints

Bounds = tuple[float, float, float, float]
Codes = np.ndarray[Any, np.dtype[np.uint16]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]

_WAYS, _RELATIONS = 3, 4  # kinds of groups, by their numbers; those below are of nodes
_RAW, _ZLIB = 1, 3  # how the content of a block may be packed
_TEXT = 2  # the type of fields that say how many bytes they have
_STRINGS, _GROUP, _WAY = (number << 3 | _TEXT for number in (1, 2, 3))  # what texts, a group and a way in it begin with
_ID, _REFS = 1 << 3, 8 << 3 | _TEXT  # what the fields of a way begin with
_ENTRY = np.dtype([("id", "<i8"), ("x", "<i4"), ("y", "<i4")])  # of osmium's file of the places of nodes
_PER_DEGREE, _MOST_LON, _MOST_LAT = 10_000_000, 1_800_000_000, 900_000_000
_SIDES = 0b1111  # west, east, south and north of the bounds; the bits above tell places apart
_AT_ONCE, _LOOK_BYTES = 1 << 20, 64
_MOST_BYTES = 32 << 20  # of the content of a block, by the definition of the format
_TELL_EVERY = 64  # blocks, of 8,000 ways as a rule
_VARINT_BYTES, _MORE = 10, 0x80


class NotInBlocksError(Exception):
    """The file is not laid out as what is done here needs it."""


@dataclass(frozen=True)
class Blocks:
    """Where the blocks of a PBF file lie whose objects are in order: the bytes of its head, then (start, end) of each.

    `ways` and `relations` are the rows of the first blocks that may hold any.
    """

    path: Path
    head: bytes
    spans: list[tuple[int, int]]
    ways: int
    relations: int

    def write_relations(self, path: Path) -> None:
        """Write the part of the file with all relations into a file of its own."""
        self._write(range(self.relations, len(self.spans)), path)

    def write_ways(self, path: Path) -> None:
        """Write the part of the file with all ways into a file of its own."""
        self._write(self._of_ways(), path)

    def ways_perhaps_near(self, nodes: Nodes, tell: Callable[[int], None] = lambda _: None) -> Ints:
        """Return the ids of the ways that come near, and of those only the reader can judge: without nodes, or places.

        `tell` is told now and then how many ways were looked at.

        Raises:
            NotInBlocksError: the ways are out of order, or cannot be read.
        """
        near, last, seen = [np.empty(0, dtype=np.int64)], 0, 0
        for number, content in enumerate(self._contents(self._of_ways()), start=1):
            ids, counts, refs = _readable(partial(_ways_of, content))
            if len(ids) == 0:
                continue
            if ids[0] <= last or (np.diff(ids) <= 0).any():
                raise NotInBlocksError
            last, seen = int(ids[-1]), seen + len(ids)
            near.append(ids[nodes.perhaps_near(counts, refs)])
            if number % _TELL_EVERY == 0:
                tell(seen)
        return np.concatenate(near)

    def _of_ways(self) -> range:
        return range(self.ways, min(self.relations + 1, len(self.spans)))

    def _write(self, rows: range, path: Path) -> None:
        with self.path.open("rb") as file, path.open("xb") as part:
            part.write(self.head)
            for row in rows:
                file.seek(self.spans[row][0])
                part.write(file.read(self.spans[row][1] - self.spans[row][0]))

    def _contents(self, rows: range) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            for start, end in (self.spans[row] for row in rows):
                file.seek(start)
                yield _readable(partial(_content, file.read(end - start)))


@dataclass(frozen=True)
class Nodes:
    """The nodes of an extract in the order of their ids, and what of their places decides whether ways come near.

    A code tells the sides of the bounds a node lies on as bits, zero where its place is not known, and above them a few
    bits of the place itself.
    """

    ids: Ints
    codes: Codes

    @classmethod
    def in_file(cls, places: Path, bounds: Bounds) -> Nodes:
        """Return the nodes whose places osmium has put into a file.

        Raises:
            NotInBlocksError: they are out of order.
        """
        most = places.stat().st_size // _ENTRY.itemsize
        ids, codes, count = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.uint16), 0
        with places.open("rb") as file:
            while len(entries := np.fromfile(file, dtype=_ENTRY, count=_AT_ONCE)):
                entries = entries[entries["id"] > 0]  # the file ends in empty ones
                some = slice(count, count + len(entries))
                ids[some], codes[some] = entries["id"], _codes(entries["x"], entries["y"], bounds)
                count = some.stop
        if (ids[1:count] <= ids[: count - 1]).any():
            raise NotInBlocksError
        return cls(ids[:count], codes[:count])

    def perhaps_near(self, counts: Ints, refs: Ints) -> Bools:
        """Whether ways of so many nodes each may come near the bounds: not where all nodes are known on one side.

        Those with nodes that are not there, and those that look as if they had but one place, are called near.
        """
        near = np.ones(len(counts), dtype=bool)
        drawn = np.flatnonzero(counts)
        if len(drawn) == 0 or len(self.ids) == 0:
            return near
        at = np.searchsorted(self.ids, refs)
        at[at == len(self.ids)] = 0
        codes = np.where(self.ids[at] == refs, self.codes[at], 0)
        starts = (np.cumsum(counts) - counts)[drawn]
        common, any_of = np.bitwise_and.reduceat(codes, starts), np.bitwise_or.reduceat(codes, starts)
        near[drawn] = (common & _SIDES == 0) | (common == any_of)
        return near


def blocks_of(path: Path) -> Blocks:
    """Look at the layout of a PBF file whose objects are said to be in order.

    Raises:
        NotInBlocksError: it is laid out otherwise.
    """
    found: Blocks = _readable(partial(_blocks_of, path))
    return found


def _blocks_of(path: Path) -> Blocks:
    spans: list[tuple[int, int]] = []
    with path.open("rb") as file:
        start = 0
        while size := file.read(4):
            said = dict(_fields(file.read(int.from_bytes(size, "big"))))
            end = file.seek(int(said[3]), 1)
            spans.append((start, end))
            start = end
        file.seek(0)
        head = file.read(spans[0][1])
        spans = spans[1:]
        kinds = [_first_kind(file.read(end - start)) for start, end in spans]
    if kinds != sorted(kinds):
        raise NotInBlocksError
    # the block before the first that begins with them may end with them
    ways, relations = (max(bisect_left(kinds, kind) - 1, 0) for kind in (_WAYS, _RELATIONS))
    return Blocks(path, head, spans, ways, relations)


def _readable(find: Callable[[], Any]) -> Any:
    """Return what is found in bytes; whatever is wrong with them, osmium says it better."""
    try:
        return find()
    except (ValueError, LookupError, TypeError, OverflowError, zlib.error) as error:
        raise NotInBlocksError from error


def _first_kind(block: bytes) -> int:
    """Return the kind of the first objects of a block; no more of it is unpacked than the texts before them."""
    packed = _packed(block)
    unpacking = zlib.decompressobj()
    some = unpacking.decompress(packed[_ZLIB], _LOOK_BYTES) if _ZLIB in packed else packed[_RAW]
    if some[0] != _STRINGS:
        raise ValueError(some[0])
    size, at = _varint(some, 1)
    at += size
    if at > _MOST_BYTES:
        raise ValueError(at)
    if at + _LOOK_BYTES > len(some):
        some += unpacking.decompress(unpacking.unconsumed_tail, at + _LOOK_BYTES - len(some))
    tag, at = _varint(some, at)
    _, at = _varint(some, at)
    if tag != _GROUP:
        raise ValueError(tag)
    return int(some[at] >> 3)


def _content(block: bytes) -> bytes:
    """Return the content of a block, unpacked."""
    packed = _packed(block)
    if _ZLIB not in packed:
        return bytes(packed[_RAW])
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(packed[_ZLIB], _MOST_BYTES)
    if not unpacking.eof:
        raise ValueError(len(content))
    return content


def _packed(block: bytes) -> dict[int, Any]:
    """Return what comes in a block after the size of its head, and the head."""
    return dict(_fields(block[4 + int.from_bytes(block[:4], "big") :]))


def _fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """Yield the numbers and values of the fields of a message: whole numbers, or bytes."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value, at = _varint(message, at)
        if tag & 7 == 0:
            yield tag >> 3, value
        elif tag & 7 == _TEXT and at + value <= len(message):
            yield tag >> 3, message[at : at + value]
            at += value
        else:
            raise ValueError(tag)


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while (byte := message[at]) >= _MORE:
        value |= (byte - _MORE) << shift
        at, shift = at + 1, shift + 7
    return value | byte << shift, at + 1


def _ways_of(content: bytes) -> tuple[Ints, Ints, Ints]:
    """Return the ids of the ways of a block, how many nodes each has, and the ids of these."""
    block = np.frombuffer(content + bytes(_VARINT_BYTES), dtype=np.uint8)
    begins = _begins(content)
    size, starts = _varints(block, begins + 1)
    if (block[begins] != _WAY).any():
        raise ValueError
    ids, first, end = (np.zeros(len(starts), dtype=np.int64) for _ in range(3))
    row, at, stop = np.arange(len(starts)), starts, starts + size
    while len(row):  # one field of each way at a time
        tag, (value, after) = block[at], _varints(block, at + 1)
        is_text = tag & 7 == _TEXT
        beyond = after + np.where(is_text, value, 0)
        if not ((is_text | (tag & 7 == 0)) & (tag < _MORE) & (value >= 0) & (beyond <= stop)).all():
            raise ValueError
        ids[row[tag == _ID]] = value[tag == _ID]
        refs = tag == _REFS
        first[row[refs]], end[row[refs]] = after[refs], beyond[refs]
        goes_on = beyond < stop
        row, at, stop = row[goes_on], beyond[goes_on], stop[goes_on]
    sizes = end - first
    before = np.cumsum(sizes) - sizes
    packed = block[np.repeat(first - before, sizes) + np.arange(sizes.sum())]
    finishes = np.flatnonzero(packed < _MORE)
    counts = np.searchsorted(finishes, before + sizes) - np.searchsorted(finishes, before)
    begins = np.concatenate([[0], finishes[:-1] + 1])[: len(finishes)]
    steps, _ = _varints(np.concatenate([packed, np.zeros(_VARINT_BYTES, dtype=np.uint8)]), begins)
    total = np.cumsum((steps >> 1) ^ -(steps & 1))  # each way counts from zero on
    drawn = counts > 0
    base = np.concatenate([[0], total])[(np.cumsum(counts) - counts)[drawn]]
    return ids, counts, total - np.repeat(base, counts[drawn])


def _begins(content: bytes) -> Ints:
    """Return where the ways of a block begin: each is a sign, its size, and so many bytes."""
    begins, at = array("q"), 0
    while at < len(content):
        tag, at = _varint(content, at)
        size, at = _varint(content, at)
        if tag == _GROUP and content[at] == _WAY:
            end = at + size
            while at < end:
                begins.append(at)
                size, at = content[at + 1], at + 2
                if size >= _MORE:
                    size, at = _varint(content, at - 1)
                at += size
        elif tag & 7 == _TEXT:
            at += size
    return np.array(begins, dtype=np.int64)


def _varints(block: Bytes, at: Ints) -> tuple[Ints, Ints]:
    """Return the numbers that begin at places of a block, and where they have ended."""
    value, after = (block[at] & (_MORE - 1)).astype(np.int64), at + 1
    rows = np.flatnonzero(block[at] >= _MORE)
    for shift in range(7, 7 * _VARINT_BYTES, 7):
        if len(rows) == 0:
            break
        byte = block[after[rows]].astype(np.int64)
        value[rows] |= (byte & (_MORE - 1)) << shift
        after[rows] += 1
        rows = rows[byte >= _MORE]
    return value, after


def _codes(x: Ints, y: Ints, bounds: Bounds) -> Codes:
    """Return the codes of places in units of 1e-7 degrees, as osmium keeps them; the bounds are widened by a unit."""
    west, south, east, north = (round(degrees * _PER_DEGREE) for degrees in bounds)
    code: Codes = ((x * 31 + y) << 4).astype(np.uint16)
    for bit, beyond in enumerate((x < west - 1, x > east + 1, y < south - 1, y > north + 1)):
        code |= beyond.astype(np.uint16) << bit
    code[(x > _MOST_LON) | (y > _MOST_LAT)] = 0  # not known
    return code
