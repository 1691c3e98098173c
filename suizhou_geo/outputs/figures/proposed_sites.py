"""The sheet of proposed sites: what is covered now, where to build for the promise, and what each site adds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.siting.sited import Sited
from suizhou_geo.assessment.siting.wording import headline, proposed_cells, proposed_heads, quality
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.outputs.figures.basemap import Basemap, samples
from suizhou_geo.outputs.figures.canvas import FAINT, Box, line_mm
from suizhou_geo.outputs.figures.context import Context
from suizhou_geo.outputs.figures.evidence import evidence_layers, frame_of
from suizhou_geo.outputs.figures.files import Sheet
from suizhou_geo.outputs.figures.map_elements import Cell, legend, open_sheet, row_mm, table, write_notes
from suizhou_geo.outputs.figures.small_maps import Maps
from suizhou_geo.outputs.figures.words import say, sheet_name

SIDE_MM = 98.0
HEAD_MM = 13.0
WIDTHS = (0.6, 2.2, 1.6, 1.3, 1.3, 1.3)


def site_drawings(
    rows: Sequence[Row], sited: Sequence[Sited], base: Basemap
) -> Iterator[tuple[str, Callable[[Context], Sheet]]]:
    """Give one sheet for each coverage that sites are proposed for: its key, and what draws it."""
    by_key = {row.key: row for row in rows}
    for found in sited:
        row = by_key[found.before.key]
        if len(found.sites):
            yield f"{row.chapter.key}.{row.key}.sites", partial(_site_sheet, base=base, row=row, found=found)


def _site_sheet(context: Context, *, base: Basemap, row: Row, found: Sited) -> Sheet:
    lang, area = context.lang, context.result.area
    told = [headline(found, lang), quality(found, lang), *(note.speak(lang) for note in found.notes)]
    title = capitalised(row.name.speak(lang)) + say("colon", lang) + say("proposed_sites", lang)
    page = open_sheet(
        context,
        title,
        told,
        key=f"{row.chapter.key}.{row.key}.sites",
        chapter=row.chapter.key,
        name=f"{sheet_name(row, lang)} {say('proposed_sites', lang)}",
    )
    canvas, body = page.canvas, page.body
    layers = evidence_layers(replace(row, measure=found.on_the_ground), area)
    maps = Maps(canvas, area, base)
    place = Box(body.x + 2, body.y + 2, body.width - SIDE_MM - 5, body.height - 4)
    ranked = zip(found.sites["rank"].astype(str), found.sites.geometry, strict=True)
    maps.evidence(place, layers, frame_of(layers, area), marked=list(ranked))
    side = Box(body.right - SIDE_MM, body.y + 2, SIDE_MM - 3, body.height - 4)
    y = canvas.write_lines(side, headline(found, lang), size=7.2, bold=True, most=3) - 1
    every = [*samples(base, main_only=False), *(layer.sample for layer in layers)]
    y = legend(canvas, Box(side.x, y - 46, side.width, 46), every) - 1
    y = _listed(found, context, maps, side.below(y)) - 3
    write_notes(page, told, side.below(y))
    return page.sheet


def _listed(found: Sited, context: Context, maps: Maps, box: Box) -> float:
    """Draw as many sites as have room, and say how many have none; return the y below."""
    canvas, lang, cells = maps.canvas, context.lang, proposed_cells(found, context.result.area.zones, context.lang)
    most = int((box.height - HEAD_MM) / row_mm())
    if most < 1:
        return box.top
    shown = cells if len(cells) <= most else cells[: most - 1]
    y = table(
        canvas,
        box,
        proposed_heads(lang),
        [[Cell(text) for text in row] for row in shown],
        widths=WIDTHS,
        left=3,
    )
    if len(shown) < len(cells):
        text = say("more_rows", lang).format(len(cells) - len(shown))
        canvas.write(box.x, y - 0.7 * line_mm(6), text, size=6, colour=FAINT)
        y -= line_mm(6)
    return y
