"""The counted streets as a networkx graph in the form OSMnx works with, for scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import shapely

from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.graph import SegmentGraph, chains, segment_graph
from suizhou_geo.study_area import StudyArea

_TAGS = {"osmid": "source_id", "highway": "road_class", "road_class": "road_class", "name": "name"}


def street_graph(area: StudyArea) -> Any:
    """The counted streets (those of `road_density`, as drawn) as a networkx.MultiDiGraph in the form OSMnx's functions take.

    Nodes are the junctions and ends of streets, and where two ways become one-way; lines meet where they share a vertex.
    They have `x`, `y` in the CRS of the study, which `graph["crs"]` holds, and `street_count`, how many streets meet there.

    Edges run from junction to junction, in both directions unless all lines there are one-way. They have `length` (m),
    `geometry` in the direction of travel, `oneway`, `reversed` (against the direction drawn), `osmid` (the source_id),
    `road_class`, the same as `highway`, where OSMnx looks for it, and `name` where there is one; a list where an edge is
    made of roads that differ. Lines drawn on top of each other are one street; carriageways side by side are two.

    Errors: InputError for a study without roads, or a road_class that standards/road_classes.toml has not.

    >>> import osmnx, suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> streets = sg.street_graph(study.area)
    >>> osmnx.basic_stats(streets)["streets_per_node_avg"] > 2.0
    True
    """
    from networkx import MultiDiGraph

    roads = judged_roads(area)
    roads = roads[roads["counts"]]
    graph, ahead, back = _directed(roads.geometry.to_numpy(), roads["oneway"].to_numpy(dtype=bool))
    tags = {tag: roads[column].to_numpy(dtype=object)[graph.line] for tag, column in _TAGS.items()}
    streets = MultiDiGraph(crs=area.crs)
    for nodes, segments in chains(graph, _passing(graph, ahead, back)):
        first = segments[0]
        as_drawn = graph.start[first] == nodes[0]
        there, here = (ahead, back) if as_drawn else (back, ahead)
        told = {tag: _one_or_all(values[segments]) for tag, values in tags.items()}
        told = {tag: value for tag, value in told.items() if value is not None} | {
            "oneway": bool(there[first] != here[first])
        }
        for way, free, against in ((nodes, there[first], not as_drawn), (nodes[::-1], here[first], as_drawn)):
            if free:
                line = shapely.LineString(graph.xy[way])
                streets.add_edge(way[0], way[-1], length=line.length, geometry=line, reversed=bool(against), **told)
    for node, data in streets.nodes.items():
        x, y = graph.xy[node].tolist()
        data.update(x=x, y=y, street_count=int(graph.degree[node]))
    return streets


def _directed(lines: Shapes, one_way: Bools) -> tuple[SegmentGraph, Bools, Bools]:
    """Each segment once, and whether one may drive along it, and back, since one of the lines there allows it."""
    drawn = segment_graph(lines)
    graph = drawn.drawn_once()
    upward, free = drawn.start < drawn.end, ~one_way[drawn.line]
    up, down = (np.isin(graph.pair, drawn.pair[way | free]) for way in (upward, ~upward))
    drawn_up = graph.start < graph.end
    return graph, np.where(drawn_up, up, down), np.where(drawn_up, down, up)


def _passing(graph: SegmentGraph, ahead: Bools, back: Bools) -> Bools:
    """Whether a street only goes on at each node: two segments meet there that one may drive in the same directions."""
    middle = np.flatnonzero(graph.degree == 2)
    pair = graph.both_at(middle)
    leaves = graph.start[pair] == middle[:, None]
    out, into = np.where(leaves, ahead[pair], back[pair]), np.where(leaves, back[pair], ahead[pair])
    passing = np.zeros(len(graph.xy), dtype=bool)
    passing[middle] = (out == into[:, ::-1]).all(axis=1)
    return passing


def _one_or_all(values: Iterable[object]) -> Any:
    """The value of a whole edge: None, the only one, or the list of them in their order."""
    different = list(dict.fromkeys(value for value in values if pd.notna(value)))
    return different if len(different) > 1 else next(iter(different), None)
