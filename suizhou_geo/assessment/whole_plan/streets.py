"""Streets that could be built: what opens the roads a plan names, the other missing links, and streets through large blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.gap_lists import GapList
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.whole_plan.offers import NOTHING_OFFERED, Offers, Part, Piece, offer_of
from suizhou_geo.assessment.wording import in_both, name_of
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.measures.blocks import longest_and_across

BLOCKS = {"block_size.residential": "superblock_residential", "block_size.industrial": "superblock_industrial"}
SERVED = ("dead_ends_opened", "dead_ends", "road_density", *BLOCKS)
FEWER = ("dead_ends", *BLOCKS)  # numbers that go down with what is built, as all others go up
NEW_CLASS = "branch"  # of a street through a block
_AT_M = 1.0  # a link begins so near to the end it opens
_WALL = "wall"
_say = speaker("whole_plan")


def streets(result: Assessed, missed: Mapping[str, Row]) -> Offers:
    """The streets that could be built for the gaps that more streets close (`SERVED`), of those that are `missed`.

    A road that the plan names is one project, all links its dead ends need together; other missing links (`dead_ends`) are
    a project each, and so are streets across the middle of the blocks over the limit. Links have the class of the street
    they go on from, streets across blocks are branch roads.
    """
    if not missed.keys() & set(SERVED):
        return NOTHING_OFFERED
    lists = {some.key: some for some in result.gap_lists}
    names: list[Text] = []
    parts: list[Part] = []
    pieces: dict[str, list[tuple[int, float]]] = {key: [] for key in SERVED}
    _links(lists, names, parts, pieces)
    for key, called in BLOCKS.items():
        _across(lists.get(called), names, parts, pieces[key])
    _lengths(missed.get("road_density"), parts, pieces["road_density"])
    whole_ha = {
        key: float(row.measure.denominator.sum()) for key, row in missed.items() if row.measure and key in BLOCKS
    }
    made = [
        Piece(key, weight / whole_ha.get(key, 1.0), np.array([part]))
        for key, some in pieces.items()
        if key in missed
        for part, weight in some
    ]
    return offer_of(names, parts, range(len(names)), made)


def _links(
    lists: Mapping[str, GapList], names: list[Text], parts: list[Part], pieces: Mapping[str, list[tuple[int, float]]]
) -> None:
    """Add the links: first those of the roads the plan names, all of a road together."""
    if "missing_link" not in lists:
        return
    links = lists["missing_link"].places
    lines = links.geometry.to_numpy()
    records = links.drop(columns=links.geometry.name).to_dict("records")
    rest = set(range(len(lines)))
    for road, stubs in _named(lists.get("promised_road")).items():
        mine = [[k for k, line in enumerate(lines) if _opens(line, stub)] for stub in stubs]
        both = sorted({k for some in mine for k in some} & rest)
        if both:
            rest -= set(both)
            if all(mine):  # else an end is left
                pieces["dead_ends_opened"].append((len(parts), 1.0))
            pieces["dead_ends"].append((len(parts), sum(float(records[k]["opens"]) for k in both)))
            names.append(_told("open_road", road=road))
            parts.append(_built([records[k] for k in both], lines[both]))
    for k in sorted(rest):
        pieces["dead_ends"].append((len(parts), float(records[k]["opens"])))
        names.append(_told("link", title=Text(records[k]["title_zh"], records[k]["title_en"])))
        parts.append(_built([records[k]], lines[[k]]))


def _told(key: str, **parts: Text | str) -> Text:
    def say(lang: Lang) -> str:
        return _say(
            key, lang, **{name: one.speak(lang) if isinstance(one, Text) else one for name, one in parts.items()}
        )

    return in_both(say)


def _named(promised: GapList | None) -> dict[str, Shapes]:
    """The stubs at the dead ends of each road that the plan names."""
    if promised is None:
        return {}
    return {str(road): some.geometry.to_numpy() for road, some in promised.places.groupby("name", sort=False)}


def _opens(line: shapely.Geometry, stub: shapely.Geometry) -> bool:
    end = shapely.get_point(stub, 0)
    return bool(min(shapely.distance(end, shapely.get_point(line, k)) for k in (0, -1)) <= _AT_M)


def _built(records: list[dict[str, Any]], lines: Shapes) -> Part:
    """Links as rows of the roads: over what they cross on a bridge, through a wall by an opening."""
    crosses = [
        [kind for kind in name_of(record["crosses"]).split(", ") if kind and kind != "none"] for record in records
    ]
    rows = {
        "layer": "roads",
        "name": [name_of(record["street"]) for record in records],
        "road_class": [record["road_class"] for record in records],
        "bridge": [any(kind != _WALL for kind in some) for some in crosses],
        "crosses": [_WALL in some for some in crosses],
    }
    return Part(gpd.GeoDataFrame(rows, geometry=lines), max(float(record.get("persons", np.nan)) for record in records))


def _across(blocks: GapList | None, names: list[Text], parts: list[Part], pieces: list[tuple[int, float]]) -> None:
    """Add a street across the middle of each block over the limit."""
    if blocks is None:
        return
    lines = longest_and_across(blocks.places.geometry.to_numpy())[2]
    for record, line in zip(blocks.records, lines, strict=True):
        names.append(_told("across", title=Text(record["title_zh"], record["title_en"])))
        rows = gpd.GeoDataFrame({"layer": ["roads"], "name": [""], "road_class": [NEW_CLASS]}, geometry=[line])
        pieces.append((len(parts), float(record["area_ha"])))
        parts.append(Part(rows, float(record.get("persons", np.nan))))


def _lengths(density: Row | None, parts: list[Part], pieces: list[tuple[int, float]]) -> None:
    """Add what each street would add to the density of roads: its length in the classes that count, over the whole area."""
    if density is None or density.measure is None:
        return
    whole_km2 = float(density.measure.denominator.sum())
    for number, part in enumerate(parts):
        there = part.rows["road_class"].ne("local")
        pieces.append((number, float(part.rows.length[there].sum()) / 1e3 / whole_km2))


def unlinked(result: Assessed) -> dict[str, int]:
    """Return, for each road the plan names, how many of its dead ends no missing link is known for; none where all have one."""
    lists = {some.key: some for some in result.gap_lists}
    links = lists["missing_link"].places.geometry.to_numpy() if "missing_link" in lists else np.empty(0, dtype=object)
    left = {
        road: sum(not any(_opens(line, stub) for line in links) for stub in stubs)
        for road, stubs in _named(lists.get("promised_road")).items()
    }
    return {road: number for road, number in left.items() if number}
