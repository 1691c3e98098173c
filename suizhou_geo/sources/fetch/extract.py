"""Parts of OpenStreetMap -> one extract (.osm.pbf), each object once, sorted, with its date and its box in the head."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import osmium
from osmium.osm import mutable

from suizhou_geo.sources.fetch.overpass import Part, elements_of
from suizhou_geo.sources.fetch.place import Box

_LETTERS = {"node": "n", "way": "w", "relation": "r"}


def write_extract(path: Path, parts: Sequence[Part], *, box: Box, osm_base: str) -> int:
    """Write the objects of all parts into one file; return how many there are.

    An object that several parts hold is taken from the one with the newest data. `osm_base` is the date the head says, `box`
    what was fetched. The file appears whole or not at all.
    """
    seen: set[tuple[str, int]] = set()
    header = osmium.io.Header()
    header.set("generator", "suizhou_geo")
    header.set("osmosis_replication_timestamp", osm_base)
    west, south, east, north = box
    header.add_box(osmium.osm.Box(west, south, east, north))
    with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as folder:
        unsorted, whole = Path(folder) / "unsorted.osm.pbf", Path(folder) / "whole.osm.pbf"
        with osmium.SimpleWriter(str(unsorted)) as writer:
            for part in sorted(parts, key=lambda part: part.osm_base, reverse=True):
                for element in elements_of(part):
                    name = (element["type"], element["id"])
                    if name not in seen:
                        seen.add(name)
                        _add(writer, element)
        if seen:
            merge = osmium.MergeInputReader()
            merge.add_file(str(unsorted))
            with osmium.SimpleWriter(str(whole), header=header) as writer:
                merge.apply(writer, simplify=True)
            os.replace(whole, path)
    return len(seen)


def _add(writer: Any, element: dict[str, Any]) -> None:
    told = {"id": element["id"], "tags": element.get("tags", {})}
    if element["type"] == "node":
        writer.add_node(mutable.Node(location=(element["lon"], element["lat"]), **told))
    elif element["type"] == "way":
        writer.add_way(mutable.Way(nodes=element["nodes"], **told))
    else:
        members = [(_LETTERS[m["type"]], m["ref"], m.get("role", "")) for m in element["members"]]
        writer.add_relation(mutable.Relation(members=members, **told))
