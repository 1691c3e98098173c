"""Gap layers of the page: the lists of what is missing, in their looks, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.gap_lists import GapList, Record, is_listed
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.outputs.web_map.geojson import ONLY_HERE, Drawing, Json, look_of, piece, simplified
from suizhou_geo.standards import table
from suizhou_geo.standards.symbology import FIFTHS, PARTS, Symbol

_say = speaker("map")


@dataclass(frozen=True)
class Look:
    """How a gap list stands on the page: its symbol, its place in the drawing order, and how it can be looked up.

    `brief` names the columns told in the list beside the map (none: it is not listed there); a list that is `searched` is
    found by the names of its streets. `stubs` are drawn as dots where they begin; `fifths` take the colour of their rank.
    """

    symbol: Symbol
    z: int
    brief: Sequence[str] = ()
    searched: bool = False
    stubs: bool = False
    fifths: bool = False


_SYMBOLS = PARTS | ONLY_HERE
LOOKS = {
    key: Look(**row["page"] | {"symbol": _SYMBOLS[row["page"]["symbol"]]})
    for key, row in table("gap_lists")["lists"].items()
    if "page" in row
}


def shown_lists(result: Assessed) -> list[GapList]:
    """Return the lists that have a gap layer; homes told cell by cell are drawn as the cells of their measure."""
    by_cell = {row.key for row in result.rows if row.evidence is not None and "covered_share" in row.evidence.columns}
    return [some for some in result.gap_lists if some.key in LOOKS and not by_cell & {*some.rows}]


def is_gap(row: Row) -> Bools:
    """Say which rows of the evidence behind a row a gap layer shows."""
    shown = is_listed(row, LOOKS)
    return shown & (row.evidence is not None and "covered_share" not in row.evidence.columns)


def gap_json(gaps: GapList, drawing: Drawing, lang: Lang) -> Json:
    """Return a gap layer for the page: its styles (groups), and per place (shape, group, title, rank, facts, middle)."""
    look, shapes = LOOKS[gaps.key], gaps.geometry.to_numpy()
    if look.stubs:
        shapes = shapely.get_point(shapes, 0)
    point = shapely.get_dimensions(shapes) == 0
    shapes = np.where(point, shapely.centroid(shapes), shapes)  # of an interruption, the middle between its two banks
    simple = np.where(point, shapes, simplified(shapes))
    group, groups = _groups(gaps, shapes, lang)
    lines = shapely.get_dimensions(shapes) == 1
    middle = shapely.point_on_surface(shapes)
    middle[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    at = shapely.get_coordinates(drawing.degrees(middle))[:, ::-1].tolist()
    told = [facts(gaps, place, lang) for place in gaps.records]
    items = zip(drawing.single(simple), group, gaps.titles(lang), ranks(gaps), told, at, strict=True)
    return {
        "name": gaps.name.speak(lang),
        "measures": list(gaps.rows),
        "z": look.z,
        "groups": groups,
        "searched": look.searched,
        "items": [list(item) for item in items],
    }


def ranks(gaps: GapList) -> list[int]:
    """Return the rank of each place, 0 where the list is not ranked."""
    numbers: list[int] = (gaps.places["rank"] * (gaps.ranked_by is not None)).tolist()
    return numbers


def facts(gaps: GapList, place: Record, lang: Lang, *, only: Sequence[str] = ()) -> list[list[str]]:
    """Return what is known of a place besides its title as (label, words); what is missing is left out."""
    told = [
        [column.text.speak(lang), column.words(place, lang)]
        for column in gaps.columns
        if column.kind != "name" and (not only or column.key in only)
    ]
    return [fact for fact in told if fact[1]]


def _groups(gaps: GapList, shapes: Shapes, lang: Lang) -> tuple[list[int], list[Json]]:
    """Return which style each place has, and the styles: blocks in fifths of their ranks, all others in one."""
    look, count = LOOKS[gaps.key], len(gaps)
    style, swatch = look_of(look.symbol, shapes)
    name = gaps.name.speak(lang)
    if not look.fifths or count < len(FIFTHS):
        return [0] * count, [piece(look.z, style, [], legend=name, swatch=swatch)]
    fifth = [(rank - 1) * len(FIFTHS) // count for rank in ranks(gaps)]
    groups = []
    for k, colour in enumerate(FIFTHS):
        legend = _say("ranks", lang).format(fifth.index(k) + 1, count - fifth[::-1].index(k))
        if k == 0:
            legend = f"{name}{_say('colon', lang)}{legend}"
        groups.append(piece(look.z, {**style, "fillColor": colour}, [], legend=legend))
    return fifth, groups
