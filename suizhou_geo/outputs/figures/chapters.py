"""The sheets of a chapter: small maps of its measures beside a table by zone, and a page for each map of gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import Row, is_ratio
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures.basemap import Basemap, Sample, around, city_bounds, samples
from suizhou_geo.outputs.figures.canvas import FAINT, Box, Canvas, line_mm
from suizhou_geo.outputs.figures.context import Context, about, notes
from suizhou_geo.outputs.figures.evidence import GAPS, evidence_layers, frame_of, named_places
from suizhou_geo.outputs.figures.files import Sheet
from suizhou_geo.outputs.figures.listing import draw_list, draw_minutes, gaps_of, numbered, room_for
from suizhou_geo.outputs.figures.map_elements import legend, open_sheet, row_mm, write_notes
from suizhou_geo.outputs.figures.small_maps import FOOT_MM, HEAD_MM, Maps, has_zones, is_comparable
from suizhou_geo.outputs.figures.words import ended, say, sheet_name
from suizhou_geo.standards.catalogue import CHAPTERS, Chapter
from suizhou_geo.study_area import StudyArea

MOST_MAPS = 6
SIDE_MM = 92.0
BELOW_MM = 46.0
WAITING_PT = 6.0
CROWD = 3  # a family of more measures than this has no page for each


def chapter_drawings(result: Assessed, base: Basemap) -> Iterator[tuple[str, Callable[[Context], Sheet]]]:
    """Give, chapter by chapter, its sheet of small maps and then one page for each map of gaps: key, and what draws it."""
    for chapter in CHAPTERS:
        mine = [row for row in result.measured if row.chapter is chapter]
        if not mine:
            continue
        yield chapter.key, partial(_chapter_sheet, base=base, chapter=chapter, mine=mine)
        for group in _one_map(mine):
            if _worth_a_page(group, result.area):
                yield f"{chapter.key}.{group[0].key}", partial(_gap_sheet, base=base, chapter=chapter, group=group)


def important(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of a chapter that small maps show, at most MOST_MAPS.

    Promises first, then the others, of both those zones can be compared by before sums; of a family (a coverage by
    service) those the whole asks for, the lowest first; parts of a whole that is there (a density by class of road) are
    left out, and so is what neither differs between zones in more than whether there is one thing nor lies anywhere.
    Where nothing has values by zone, the first two stand without data.
    """
    keys = {row.key for row in rows}
    whole = [row for row in rows if not row.subject or row.family not in keys]
    there = [row for row in whole if has_zones(row) and (row.evidence is not None or is_comparable(row))]
    params = [row.measure.params for row in rows if row.measure is not None]
    required = next((p["required"] for p in params if "required" in p), None)
    single = [row for row in there if not row.subject]
    family = [row for row in there if row.subject and (required is None or row.subject in required)]
    ordered = [*single, *sorted(family, key=lambda row: row.value)]
    return (sorted(ordered, key=lambda row: (not row.is_judged, not is_ratio(row.unit))) or whole[:2])[:MOST_MAPS]


def _one_map(rows: Sequence[Row]) -> list[list[Row]]:
    """Group rows whose evidence lies on one map, leaving out members of large families and parts of a whole."""
    keys = {row.key for row in rows}
    groups: list[list[Row]] = []
    for row in rows:
        crowd = row.family in keys or sum(one.family == row.family for one in rows) > CROWD
        if row.evidence is None or not row.has_data or (row.subject and crowd):
            continue
        beside = next((group for group in groups if _same_place(group[0], row)), None)
        if beside is None:
            groups.append([row])
        else:
            beside.append(row)
    return groups


def _worth_a_page(group: Sequence[Row], area: StudyArea) -> bool:
    """Whether a map of its own shows what is promised, or what is missing."""
    asked = any(row.is_judged for row in group)
    return any(layer.part in GAPS or asked for layer in evidence_layers(group[0], area))


def _same_place(one: Row, other: Row) -> bool:
    """Whether the evidence of both looks the same: the same parts in the same place."""
    a, b = one.evidence, other.evidence
    if a is None or b is None or len(a) != len(b):
        return False
    alike = shapely.equals_identical(a.geometry.to_numpy(), b.geometry.to_numpy()).all()
    return bool(alike and a["part"].tolist() == b["part"].tolist())


def _chapter_sheet(context: Context, *, base: Basemap, chapter: Chapter, mine: Sequence[Row]) -> Sheet:
    area, layout, lang = context.result.area, chapter is CHAPTERS[0], context.lang
    shown = important(mine)[: MOST_MAPS - layout]
    name = chapter.name.speak(lang)
    page = open_sheet(
        context,
        _title(name, "by_zone" if context.plan else "by_zone_no_plan", lang),
        about(context, shown),
        key=chapter.key,
        chapter=chapter.key,
        name=name,
    )
    maps = Maps(page.canvas, area, base)
    boxes, columns = _arranged(page.body.inset(2), area, len(shown), layout=layout)
    if layout:
        maps.layout(boxes[0])
    gaps: dict[str, Sample] = {}
    for row, box in zip(shown, boxes[layout:], strict=True):
        layers = evidence_layers(row, area, gaps_only=is_comparable(row))
        gaps |= {f"{layer.part} {layer.symbol.name.en}": layer.sample for layer in layers}
        maps.small_map(row, box, layers)
    waiting = [row for row in context.result.rows if row.chapter is chapter and row.status == "no_data"]
    free = _beside(maps, shown, columns, gaps=[*gaps.values()], waiting=waiting)
    write_notes(page, notes(context, shown), *free)
    return page.sheet


def _title(name: str, what: str, lang: Lang) -> str:
    return capitalised(name) + say("colon", lang) + say(what, lang)


def _together(names: Sequence[str], lang: Lang) -> str:
    """Name what is on one page: what the names have in common before their colon once.

    >>> _together(["骨干路网：九纵", "骨干路网：十二横"], "zh"), _together(["ways: a", "homes"], "en")
    ('骨干路网：九纵、十二横', 'ways: a, homes')
    """
    between, lead = say("and", lang), names[0].partition(say("colon", lang))[0] + say("colon", lang)
    if len(names) > 1 and all(name.startswith(lead) for name in names):
        return lead + between.join(name.removeprefix(lead) for name in names)
    return between.join(names)


def _arranged(body: Box, area: StudyArea, count: int, *, layout: bool) -> tuple[list[Box], list[Box]]:
    """Return boxes for the maps, and for what stands beside them: one column to the right, or three columns below.

    What gives the larger scale is taken; a table of many zones needs the column.
    """
    side = float(np.clip(30 + 15 * count, 58, 108))
    right = Box(body.x, body.y, body.width - side, body.height)
    below = Box(body.x, body.y + BELOW_MM, body.width, body.height - BELOW_MM)
    by_side, by_below = (_grid(box, count + layout, area) for box in (right, below))
    few = (len(area.zones) + 2) * row_mm() + 12 <= BELOW_MM
    if few and _scale_in(by_below[0], area) > _scale_in(by_side[0], area):
        third = body.width / 3
        return by_below, [Box(body.x + k * third + 1, body.y, third - 5, BELOW_MM - 2) for k in range(3)]
    return by_side, [Box(right.right + 2, body.y, side - 3, body.height)]


def _scale_in(cell: Box, area: StudyArea) -> float:
    """How large the zones come out in a small map (mm per m)."""
    west, south, east, north = area.zones.total_bounds.tolist()
    return float(min(cell.width / (east - west), (cell.height - HEAD_MM - FOOT_MM) / (north - south)))


def _grid(box: Box, count: int, area: StudyArea) -> list[Box]:
    """Cut a box into cells for maps, in the rows and columns that show the zones at the largest scale."""

    def cells(columns: int) -> list[Box]:
        width, height = box.width / columns, box.height / -(-count // columns)
        corners = ((box.x + k % columns * width, box.top - (k // columns + 1) * height) for k in range(count))
        return [Box(x, y, width, height).inset(1.0) for x, y in corners]

    return max(map(cells, range(1, count + 1)), key=lambda some: _scale_in(some[0], area))


def _beside(
    maps: Maps, shown: Sequence[Row], columns: Sequence[Box], *, gaps: Sequence[Sample], waiting: Sequence[Row]
) -> list[Box]:
    """Fill what is beside small maps: table by zone, how to read it, legend, scale, promises without data.

    Return what is left free below, column by column.
    """
    canvas, lang = maps.canvas, maps.lang
    first, middle, last = ([*columns] * 3)[:3]
    apart = len(columns) > 1
    room = first if apart else Box(first.x, first.y + 50, first.width, first.height - 50)
    y = maps.zone_table(shown, room) - 2
    told = {
        "zones_note": any(row.is_judged for row in shown),
        "class_note": any(map(is_comparable, shown)),
        "one_scale": len(shown) > 1,
    }
    text = ended((say(note, lang) for note, wanted in told.items() if wanted), lang)
    y = below_table = canvas.write_lines(first.below(y), text, size=6.2, colour=FAINT)
    y = maps.scale(middle.x, middle.top if apart else y - 1)
    y = below_legend = legend(canvas, middle.below(y), [*samples(maps.base, main_only=True), *gaps])
    y = _waiting(canvas, waiting, last if apart else last.below(y - 2)) - 2
    if apart:
        return [first.below(below_table - 2), middle.below(below_legend - 2), last.below(y)]
    return [last.below(y)]


def _waiting(canvas: Canvas, rows: Sequence[Row], box: Box) -> float:
    """Name promises that have no data, with what they need, as far as there is room; return the y below."""
    lang = canvas.lang
    if not rows or box.height < 12:
        return box.top
    rest = canvas.heading(box, say("unmeasured", lang).format(len(rows)))
    for row in rows:
        needs = row.needs_text(lang)
        text = row.name.speak(lang) + (say("colon", lang) + needs if needs else "")
        if len(canvas.fonts.wrapped(text, box.width, WAITING_PT, most=2)) * line_mm(WAITING_PT) > rest.height:
            break
        rest = rest.below(canvas.write_lines(rest, text, size=WAITING_PT, most=2))
    return rest.top


def _gap_sheet(context: Context, *, base: Basemap, chapter: Chapter, group: Sequence[Row]) -> Sheet:
    row, lang, area = group[0], context.lang, context.result.area
    page = open_sheet(
        context,
        _title(_together([one.name.speak(lang) for one in group], lang), "gaps_map", lang),
        about(context, group),
        key=f"{chapter.key}.{row.key}",
        chapter=chapter.key,
        name=sheet_name(row, lang),
    )
    canvas, body, layers = page.canvas, page.body, evidence_layers(row, area)
    maps, gaps, frame = Maps(canvas, area, base), gaps_of(row, context.result.gap_lists), frame_of(layers, area)
    side = Box(body.right - SIDE_MM, body.y + 2, SIDE_MM - 3, body.height - 4)
    y = side.top
    for one in group:
        y = canvas.write_lines(side.below(y), capitalised(one.name.speak(lang)), size=7.2, bold=True, most=2)
        text, colour = maps.whole_line(one)
        y = canvas.write_lines(side.below(y), text, size=6.8, colour=colour) - 1
    every = [*samples(base, main_only=False), *(layer.sample for layer in layers)]
    y = legend(canvas, Box(side.x, y - 46, side.width, 46), every) - 1
    if around(frame, city_bounds(area)) != frame:
        y = maps.locator(Box(side.x, y - 42, side.width, 42), frame) - 2
    zones_mm = (len(area.zones) + 3) * row_mm() + 16 if has_zones(row) else 0.0
    marked = named_places(row, area)
    if gaps is not None:
        zones_mm = min((y - side.y) * 0.6, zones_mm)
        marked = numbered(gaps, most=room_for(gaps, y - zones_mm - 3 - side.y)) or marked
    place = Box(body.x + 2, body.y + 2, body.width - SIDE_MM - 5, body.height - 4)
    maps.evidence(place, layers, frame, marked=marked)
    if has_zones(row):
        if gaps is None and is_comparable(row):
            y = maps.inset(row, Box(side.x, y - 48, side.width, 48)) - 2
        zones_mm = min(y - side.y, zones_mm)
        y = maps.zone_table([row], Box(side.x, y - zones_mm, side.width, zones_mm)) - 3
    if gaps is not None:
        y = draw_list(gaps, area, canvas, side.below(y)) - 3
    y = draw_minutes(row, canvas, side.below(y)) - 3
    write_notes(page, notes(context, group), side.below(y))
    return page.sheet
