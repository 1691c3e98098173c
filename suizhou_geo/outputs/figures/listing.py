"""The ranked places beside a map of gaps: missing links, blocks over the limit, arterials that do not run through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from suizhou_geo.assessment.gap_lists import NOTHING, GapColumn, GapList, Record
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import figure, name_of, road_name
from suizhou_geo.assessment.words import words
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures.canvas import FAINT, Box, Canvas, line_mm
from suizhou_geo.outputs.figures.map_elements import Cell, row_mm, table
from suizhou_geo.outputs.figures.small_maps import zone_names
from suizhou_geo.outputs.figures.words import say
from suizhou_geo.standards import table as standard
from suizhou_geo.study_area import StudyArea

HEAD_MM = 13.0
RANKED = 20
# the columns of each list, and how wide they are
LISTED = {key: row["sheet"] for key, row in standard("gap_lists")["lists"].items() if "sheet" in row}


def gaps_of(row: Row, lists: Sequence[GapList]) -> GapList | None:
    """Return the list that stands beside the map of a row; None where there is none."""
    return next((gaps for gaps in lists if row.key in gaps.rows and gaps.key in LISTED), None)


def numbered(gaps: GapList | None, *, most: int = RANKED) -> list[tuple[str, shapely.Geometry]]:
    """Return the places that are numbered on the map: the first of a list that is ranked, `most` of them."""
    if gaps is None or gaps.ranked_by is None:
        return []
    return list(zip(gaps.places["rank"].astype(str), gaps.geometry, strict=True))[: min(most, RANKED)]


def room_for(gaps: GapList, height_mm: float) -> int:
    """Return how many places of a list are drawn in a box of a height; one row less where some are left out."""
    most = max(int((height_mm - HEAD_MM) / row_mm()), 0)
    return len(gaps) if len(gaps) <= most else max(most - 1, 0)


def draw_list(gaps: GapList, area: StudyArea, canvas: Canvas, box: Box) -> float:
    """Draw as many places as have room, and say how many have none, and what they are sorted by; return the y below."""
    room = room_for(gaps, box.height)
    if room < 1:
        return box.top
    lang, widths = canvas.lang, LISTED[gaps.key]
    shown, columns = gaps.records[:room], gaps.some(widths)
    zones = dict(zip(area.zones.index, zone_names(area, canvas), strict=True))
    places = [_drawable(place, columns, canvas) | {"zone": zones[place["zone_id"]]} for place in shown]
    heading = canvas.heading(box, _heading(gaps, lang))
    y = table(
        canvas,
        heading.below(heading.top - 0.6),
        [column.head(lang) for column in columns],
        [[Cell(column.words(place, lang, unit=False) or NOTHING) for column in columns] for place in places],
        widths=[widths[column.key] for column in columns],
        left=[*(column.is_number and column.key != "rank" for column in columns), True].index(True),
    )
    if len(shown) < len(gaps):
        text = say("more_rows", lang).format(len(gaps) - len(shown))
        canvas.write(box.x, y - 0.7 * line_mm(6), text, size=6, colour=FAINT)
        y -= line_mm(6)
    return y


def draw_minutes(row: Row, canvas: Canvas, box: Box) -> float:
    """Draw the minutes to the places a row's breakdown names (county seats), the farthest first; return the y below."""
    told = None if row.measure is None else row.measure.breakdown
    if told is None or told.index.name != "county" or box.height < HEAD_MM + row_mm():
        return box.top
    lang = canvas.lang
    most = int((box.height - HEAD_MM) / row_mm())
    slowest = told["minutes"].sort_values(ascending=False, kind="stable").head(most)
    heading = canvas.heading(box, say("reached_in", lang))
    rows = [
        [Cell(str(name)), Cell(figure(minutes, "min") if np.isfinite(minutes) else "—")]
        for name, minutes in slowest.items()
    ]
    return table(
        canvas, heading.below(heading.top - 0.6), [say("county", lang), say("minutes", lang)], rows, widths=[2, 1]
    )


def _heading(gaps: GapList, lang: Lang) -> str:
    own = f"order_{gaps.key}"
    told = gaps.heading(lang)
    return told + say("comma", lang) + say(own, lang) if own in words("sheet") else told


def _drawable(place: Record, columns: Sequence[GapColumn], canvas: Canvas) -> dict[str, Any]:
    """What is known of a place, without the words no font can draw: a street by its class where its name is none."""
    told = {
        key: None if isinstance(value, str) and not canvas.fonts.drawable(" ".join(value.split())) else value
        for key, value in place.items()
    }
    for column in columns:
        if column.kind == "name" and not name_of(told[column.name]):
            road = road_name(name_of(told.get(column.beside)), canvas.lang) or say("unnamed", canvas.lang)
            told[column.name] = column.near(road, told, canvas.lang)
    return told
