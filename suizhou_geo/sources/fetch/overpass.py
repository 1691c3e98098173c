"""Everything of OpenStreetMap that a run reads, from an Overpass server, in parts that are kept as they arrive.

The outline is fetched by boxes: the cells of a lattice of 0.25 degrees, cut down to what of the outline lies in them. A box is
one query; queries are sent one after the other, with a pause between. Where the server says that a query took too long or too
much memory, the box is asked again as four. Each answer is a file of its own named by its query, written in one go: who
is killed and starts again asks only for what is missing, of this server or another.

OSMnx supplies the head of a query (`settings.overpass_settings`). Its own download is not used: it takes an answer that
broke off (a "remark" in an answer with status 200) as complete, sleeps 55 s at 429 and 504 and asks again without end,
keeps answers under the address of the server, so that those of another are lost, and binds the process's DNS to one address;
its parts are polygons round the convex hull of the place, which costs the server more than boxes do.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from suizhou_geo.errors.text import Text, alike
from suizhou_geo.sources.fetch.http import AnswerError, asked, json_of, passing, persevering
from suizhou_geo.sources.fetch.place import Box
from suizhou_geo.sources.osm_layers import area_keys, line_keys, point_keys

TIMEOUT_S = 180  # a query may take on the server
PAUSE_S = 1.0  # between two queries
_BEYOND_S = 30.0  # that its answer may be on the way
_CELL_DEG, _SMALLEST_DEG = 0.25, 0.02
_DIGITS = 6
_TOO_MUCH = ("Query timed out", "out of memory")
_BUSY = "Dispatcher"  # names the part of Overpass that turns queries away while it is busy
Tell = Callable[[Text, int, int], None]  # what is asked for, the how-manieth it is, of how many
_KINDS, _POLE_DEG = ("node", "way", "relation"), 90.0
_TYPES = '["type"~"^(multipolygon|boundary|site)$"]["boundary"!="administrative"]'  # no borders of whole provinces


@dataclass(frozen=True)
class Part:
    """A box that was fetched: the file of its answer, and what the record says of it."""

    path: Path
    box: Box
    server: str
    fetched: str
    osm_base: str


def boxes_of(outline: shapely.Geometry) -> list[Box]:
    """Return the boxes (west, south, east, north, in degrees) in which an outline is fetched, from south-west to north-east.

    >>> boxes_of(shapely.box(113.2, 31.6, 113.3, 31.7))
    [(113.2, 31.6, 113.25, 31.7), (113.25, 31.6, 113.3, 31.7)]
    """
    west, south, east, north = np.array(outline.bounds) / _CELL_DEG
    rows = np.arange(np.floor(south), np.ceil(north))
    columns = np.arange(np.floor(west), np.ceil(east))
    row, column = (at.ravel() * _CELL_DEG for at in np.meshgrid(rows, columns, indexing="ij"))
    cells = shapely.box(column, row, column + _CELL_DEG, row + _CELL_DEG)
    shapely.prepare(outline)
    inside = shapely.intersection(cells[shapely.intersects(outline, cells)], outline)
    return [_rounded(*bounds) for bounds in shapely.bounds(inside[shapely.area(inside) > 0]).tolist()]


def _rounded(west: float, south: float, east: float, north: float) -> Box:
    return (round(west, _DIGITS), round(south, _DIGITS), round(east, _DIGITS), round(north, _DIGITS))


def _quarters(box: Box) -> list[Box]:
    west, south, east, north = box
    x, y = (west + east) / 2, (south + north) / 2
    quarters = ((west, south, x, y), (x, south, east, y), (west, y, x, north), (x, y, east, north))
    return [_rounded(*quarter) for quarter in quarters]


def query_of(bbox: str) -> str:
    """Return the query for a box: the objects with the tag keys that a run reads, and the ways and nodes they are made of.

    `bbox` is south,west,north,east in degrees, as Overpass writes it.
    """
    from osmnx import settings

    head = settings.overpass_settings.format(timeout=TIMEOUT_S, maxsize="")
    drawn = sorted(line_keys() | area_keys())
    points = sorted(key for key in point_keys() if not key.startswith("way:"))  # those no tag of OpenStreetMap has
    wanted = [f'node["{key}"];' for key in points]
    wanted += [f'way["{key}"];' for key in drawn]
    wanted += [f'relation["{key}"]{_TYPES};' for key in sorted(area_keys())]
    return f"{head}[bbox:{bbox}];({''.join(wanted)});(._;>;);out;"


def fetched_parts(boxes: list[Box], folder: Path, *, server: str, tell: Tell) -> Iterator[Part]:
    """Yield the parts of some boxes, in their order: those that stand in `folder` already, the others from the server.

    `tell` hears what is asked for, the how-manieth it is and of how many.

    Raises:
        AnswerError: the server cannot be reached, refuses, or gives no whole answer however often it is asked.
    """
    todo, done = list(boxes), 0
    pause = _Pause()
    while todo:
        box = todo.pop(0)
        west, south, east, north = box
        query, of = query_of(f"{south:.6f},{west:.6f},{north:.6f},{east:.6f}"), done + 1 + len(todo)
        path = folder / f"{hashlib.sha256(query.encode()).hexdigest()[:20]}.json.gz"
        kept = _kept(path)
        if kept is None:
            told = partial(_told, tell, box, done + 1, of)
            told()
            kept = persevering(partial(_answer, server, query, box, pause), told)
            write_whole(path, gzip.compress(json.dumps(kept).encode(), 1))
        if kept["remark"]:
            todo = _quarters(box) + todo
            continue
        done += 1
        yield Part(path, box, kept["server"], kept["fetched"], _osm_base(kept["answer"]))


def elements_of(part: Part) -> list[dict[str, Any]]:
    """Return the objects of a part, as Overpass writes them in JSON."""
    kept = _kept(part.path)
    return [] if kept is None else list(kept["answer"]["elements"])


class _Pause:
    """The pause between two queries: none before the first."""

    def __init__(self) -> None:
        self._s = 0.0

    def __call__(self) -> None:
        time.sleep(self._s)
        self._s = PAUSE_S


def _told(tell: Tell, box: Box, number: int, of: int, said: Text | None = None) -> None:
    name = alike(",".join(f"{side:g}" for side in box))
    tell(name if said is None else name + alike("  ") + said, number, of)


def _kept(path: Path) -> dict[str, Any] | None:
    """What was kept of a part; None where there is nothing, or nothing that can be read."""
    if not path.exists():
        return None
    try:
        kept: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, ValueError, zlib.error):
        return None
    return kept


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one go: who is killed leaves all of it or nothing."""
    fresh = path.with_name(f".{path.name}.fresh")
    fresh.write_bytes(content)
    os.replace(fresh, path)


def _answer(server: str, query: str, box: Box, pause: _Pause) -> dict[str, Any]:
    """Ask for one box; return what is kept of it: the whole answer, or the remark for which it is to be asked in four."""
    pause()
    body = asked(f"{server.rstrip('/')}/interpreter", form={"data": query}, patience_s=TIMEOUT_S + _BEYOND_S)
    answer = json_of(body)
    whole = isinstance(answer, dict) and isinstance(answer.get("elements"), list) and _osm_base(answer)
    if not whole or not all(map(_is_whole, answer["elements"])):
        said = Text(
            "回答里没有 OpenStreetMap 对象或数据日期", "its answer lacks the objects of OpenStreetMap or their date"
        )
        raise AnswerError(said)
    now = datetime.now(tz=UTC).isoformat(timespec="seconds")
    kept = {"server": server, "fetched": now, "remark": "", "answer": answer}
    remark = " ".join(str(answer.get("remark") or "").split())
    if not remark:
        return kept
    west, south, east, north = box
    if any(words in remark for words in _TOO_MUCH) and max(east - west, north - south) > _SMALLEST_DEG:
        return kept | {"remark": remark, "answer": None}
    said = Text(f"服务器中断了查询（原文：“{remark}”）", f"the server broke the query off ({remark})")
    raise passing(said) if _BUSY in remark else AnswerError(said)


def _osm_base(answer: dict[str, Any]) -> str:
    """The date of the data of an answer (ISO, UTC), "" where it says none."""
    said = answer.get("osm3s")
    return str(said.get("timestamp_osm_base", "")) if isinstance(said, dict) else ""


def _is_whole(element: Any) -> bool:
    """Whether an object of an answer is one of OpenStreetMap, with all that its kind needs."""
    try:
        whole = isinstance(element["id"], int) and isinstance(element.get("tags", {}), dict)
        if element["type"] == "node":
            return whole and abs(element["lat"]) <= _POLE_DEG and abs(element["lon"]) <= 2 * _POLE_DEG
        if element["type"] == "way":
            return whole and all(isinstance(ref, int) for ref in element["nodes"])
        members = element["members"] if element["type"] == "relation" else [{}]
        return whole and all(isinstance(m["ref"], int) and m["type"] in _KINDS for m in members)
    except (AttributeError, KeyError, TypeError):
        return False
