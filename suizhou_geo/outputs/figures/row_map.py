"""One row as one map, for who looks at it alone: its evidence, or its values by zone, under its verdict."""

from __future__ import annotations

from matplotlib.figure import Figure

from suizhou_geo.assessment.gap_lists import gap_lists
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures.basemap import basemap_of, samples
from suizhou_geo.outputs.figures.canvas import Box, blank_canvas
from suizhou_geo.outputs.figures.evidence import evidence_layers, frame_of, named_places
from suizhou_geo.outputs.figures.fonts import Fonts
from suizhou_geo.outputs.figures.listing import gaps_of, numbered
from suizhou_geo.outputs.figures.map_elements import legend, stamp
from suizhou_geo.outputs.figures.small_maps import FOOT_MM, Maps
from suizhou_geo.study_area import StudyArea

SIZE_MM = (200.0, 140.0)
HEAD = Box(4, 122, 192, 15)
MAP = Box(4, 4, 138, 116)
SIDE = Box(145, 4, 52, 116)


def row_map(row: Row, area: StudyArea, fonts: Fonts, lang: Lang) -> Figure:
    """Return a drawing of a row: its name, value, promise and verdict above a map, with its legend beside."""
    canvas = blank_canvas(fonts, lang, size_mm=SIZE_MM)
    layers = evidence_layers(row, area)
    frame = frame_of(layers, area)
    maps = Maps(canvas, area, basemap_of(area, frame))
    room = HEAD.width - (stamp(canvas, HEAD.right, HEAD.y + 5) if area.invented else 0.0)
    text, colour = maps.whole_line(row)
    canvas.write_within(HEAD.x, HEAD.y + 8, room, capitalised(row.name.speak(lang)), size=11, bold=True)
    canvas.write_within(HEAD.x, HEAD.y + 2, room, text, size=8, colour=colour)
    if layers:
        marked = numbered(gaps_of(row, gap_lists(area, [row]))) or named_places(row, area)
        maps.evidence(MAP, layers, frame, marked=marked)
    else:
        maps.by_zone(row, Box(MAP.x, MAP.y + FOOT_MM, MAP.width, MAP.height - FOOT_MM), ())
    y = SIDE.top if layers else maps.scale(SIDE.x, SIDE.top)
    shown = [*samples(maps.base, main_only=not layers), *(layer.sample for layer in layers)]
    legend(canvas, SIDE.below(y), shown)
    return canvas.figure
