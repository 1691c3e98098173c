"""The sheets of a chapter: small maps of its measures beside a table by zone, and a page for each map of gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import shapely

from suizhou_geo.assessment.scorecard import is_ratio
from suizhou_geo.assessment.wording import Lang
from suizhou_geo.model import Measure
from suizhou_geo.outputs.figures.basemap import Base, Sample, samples
from suizhou_geo.outputs.figures.canvas import FAINT, Box, Paper, line_mm
from suizhou_geo.outputs.figures.context import Material, caption, labelled, promised
from suizhou_geo.outputs.figures.evidence import GAPS, marks_of
from suizhou_geo.outputs.figures.files import Sheet
from suizhou_geo.outputs.figures.lists import list_of
from suizhou_geo.outputs.figures.map_elements import BODY, legend, page, row_mm
from suizhou_geo.outputs.figures.small_maps import FOOT_MM, HEAD_MM, Panels
from suizhou_geo.outputs.figures.words import ended, say
from suizhou_geo.standards.catalogue import CHAPTERS, Chapter, chapter_of

MOST_MAPS = 6
SIDE_MM = 92.0
BELOW_MM = 46.0
RANKED = 20
CROWD = 3  # a family of more measures than this has no page for each


def chapter_sheets(material: Material, base: Base) -> Iterator[Sheet]:
    """Give, chapter by chapter, its sheet of small maps and then one page for each map of gaps."""
    for chapter in CHAPTERS:
        mine = [m for m in material.measures if chapter_of(m.key) is chapter]
        if not mine:
            continue
        yield _chapter_sheet(material, base, chapter, mine)
        for group in _one_map(mine):
            if _worth_a_page(material, group):
                yield _measure_sheet(material, base, chapter, group)


def important(material: Material, measures: Sequence[Measure]) -> list[Measure]:
    """Return the measures of a chapter that small maps show, at most MOST_MAPS.

    Promises first, then the others, of both those zones can be compared by before sums; of a family (a coverage by
    service) those the whole asks for, the lowest first; parts of a whole that is there (a density by class of road) are
    left out. Where nothing has values by zone, the first two stand without data.
    """
    keys = {m.key for m in measures}
    whole = [m for m in measures if m.family not in keys - {m.key}]
    there = [m for m in whole if m.by_zone.notna().any()]
    required = next((m.params["required"] for m in measures if "required" in m.params), None)
    single = [m for m in there if "." not in m.key]
    family = [m for m in there if m.subject and (required is None or m.subject in required)]
    ordered = [*single, *sorted(family, key=lambda m: m.value)]
    return (sorted(ordered, key=lambda m: (not promised(material.row(m)), not is_ratio(m.unit))) or whole[:2])[
        :MOST_MAPS
    ]


def _one_map(measures: Sequence[Measure]) -> list[list[Measure]]:
    """Group measures that lie on one map, leaving out members of large families and parts of a whole."""
    keys = {m.key for m in measures}
    groups: list[list[Measure]] = []
    for measure in measures:
        family = measure.family
        crowd = family in keys or sum(key.startswith(f"{family}.") for key in keys) > CROWD
        if measure.evidence is None or not measure.has_data or ("." in measure.key and crowd):
            continue
        beside = next((group for group in groups if _same_place(group[0], measure)), None)
        if beside is None:
            groups.append([measure])
        else:
            beside.append(measure)
    return groups


def _worth_a_page(material: Material, group: Sequence[Measure]) -> bool:
    """Whether a map of its own shows what is promised, or what is missing."""
    marks = marks_of(group[0], material.study.area)
    asked = any(promised(material.row(measure)) for measure in group)
    return any(mark.part in GAPS or asked for mark in marks)


def _same_place(one: Measure, other: Measure) -> bool:
    """Whether the evidence of both looks the same: the same parts in the same place."""
    if one.evidence is None or other.evidence is None or len(one.evidence) != len(other.evidence):
        return False
    alike = shapely.equals_identical(one.evidence.geometry.to_numpy(), other.evidence.geometry.to_numpy()).all()
    return bool(alike and one.evidence["part"].tolist() == other.evidence["part"].tolist())


def _chapter_sheet(material: Material, base: Base, chapter: Chapter, mine: Sequence[Measure]) -> Sheet:
    layout = chapter is CHAPTERS[0]
    shown = important(material, mine)[: MOST_MAPS - layout]
    title = _title(chapter.name.speak(material.lang), "by_zone", material.lang)
    panels = Panels(page(material, title, caption(material, shown, drawn=True)), material, base)
    boxes, columns = _arranged(material, len(shown), layout=layout)
    if layout:
        panels.layout(boxes[0])
    gaps: dict[str, Sample] = {}
    for measure, box in zip(shown, boxes[layout:], strict=True):
        marks = marks_of(measure, material.study.area, gaps_only=True)
        gaps |= {mark.part: mark.sample for mark in marks}
        panels.small_map(measure, box, marks)
    _beside(panels, chapter, shown, columns, gaps=[*gaps.values()])
    return Sheet(
        chapter.key,
        chapter.key,
        labelled(material, title),
        caption(material, shown, drawn=False),
        panels.paper.figure,
    )


def _title(name: str, what: str, lang: Lang) -> str:
    return name[:1].upper() + name[1:] + ("：" if lang == "zh" else ": ") + say(what, lang)


def _arranged(material: Material, measures: int, *, layout: bool) -> tuple[list[Box], list[Box]]:
    """Return boxes for the maps, and for what stands beside them: one column to the right, or three columns below.

    What gives the larger scale is taken; a table of many zones needs the column.
    """
    count, body = measures + layout, BODY.inset(2)
    side = float(np.clip(30 + 15 * measures, 58, 108))
    right = Box(body.x, body.y, body.width - side, body.height)
    below = Box(body.x, body.y + BELOW_MM, body.width, body.height - BELOW_MM)
    by_side, by_below = _grid(right, count, material), _grid(below, count, material)
    few = (len(material.zone_names) + 2) * row_mm() + 12 <= BELOW_MM
    if few and _scale_in(by_below[0], material) > _scale_in(by_side[0], material):
        third = body.width / 3
        return by_below, [Box(body.x + k * third + 1, body.y, third - 5, BELOW_MM - 2) for k in range(3)]
    return by_side, [Box(right.right + 2, body.y, side - 3, body.height)]


def _scale_in(cell: Box, material: Material) -> float:
    """How large the zones come out in a small map (mm per m)."""
    west, south, east, north = material.study.area.zones.total_bounds.tolist()
    return float(min(cell.width / (east - west), (cell.height - HEAD_MM - FOOT_MM) / (north - south)))


def _grid(box: Box, count: int, material: Material) -> list[Box]:
    """Cut a box into cells for maps, in the rows and columns that show the zones at the largest scale."""

    def cells(columns: int) -> list[Box]:
        width, height = box.width / columns, box.height / -(-count // columns)
        corners = ((box.x + k % columns * width, box.top - (k // columns + 1) * height) for k in range(count))
        return [Box(x, y, width, height).inset(1.0) for x, y in corners]

    return max(map(cells, range(1, count + 1)), key=lambda some: _scale_in(some[0], material))


def _beside(
    panels: Panels, chapter: Chapter, shown: Sequence[Measure], columns: Sequence[Box], *, gaps: Sequence[Sample]
) -> None:
    """Fill what is beside small maps: table by zone, how to read it, legend, scale, promises without data."""
    paper, lang = panels.paper, panels.lang
    first, middle, last = ([*columns] * 3)[:3]
    room = first if len(columns) > 1 else Box(first.x, first.y + 50, first.width, first.height - 50)
    y = panels.zone_table(shown, room) - 2
    notes = [say("zones_note", lang)] if any(promised(panels.material.row(m)) for m in shown) else []
    notes += [say("class_note", lang), *([say("one_scale", lang)] if len(shown) > 1 else [])]
    text = (" " if lang == "en" else "").join(ended(note, lang) for note in notes)
    y = paper.write_lines(Box(first.x, first.y, first.width, y - first.y), text, size=6.0, colour=FAINT)
    y = panels.scale(middle.x, middle.top if len(columns) > 1 else y - 1)
    every = [*samples(panels.base, main_only=True), *gaps]
    y = _legend(paper, every, Box(middle.x, middle.y, middle.width, y - middle.y))
    y = last.top if len(columns) > 1 else y - 2
    _waiting(panels, chapter, Box(last.x, last.y, last.width, y - last.y))


def _legend(paper: Paper, shown: Sequence[Sample], box: Box) -> float:
    y = box.top - line_mm(7)
    paper.write(box.x, y + 1.2, say("legend", paper.lang), size=7, bold=True)
    return legend(paper, Box(box.x, box.y, box.width, y - box.y), shown)


def _waiting(panels: Panels, chapter: Chapter, box: Box) -> None:
    """Name the chapter's promises that have no data, with what they need, as far as there is room."""
    paper, material = panels.paper, panels.material
    mine = [row for key, row in material.rows.items() if "@" not in key and chapter_of(key) is chapter]
    rows = [row for row in mine if row["status"] == "no_data"]
    if not rows or box.height < 12:
        return
    y = box.top - line_mm(7)
    paper.write(box.x, y + 1.2, say("unmeasured", panels.lang).format(len(rows)), size=7, bold=True)
    for row in rows:
        name = material.own(row[f"name_{panels.lang}"])
        needs = row["needs"]
        colon = ": " if panels.lang == "en" else "："
        lines = paper.letters.wrapped(name + (colon + needs if needs else ""), box.width, 6.0, most=2)
        if y - len(lines) * line_mm(6.0) < box.y:
            break
        y = paper.write_lines(
            Box(box.x, box.y, box.width, y - box.y), name + (colon + needs if needs else ""), size=6.0, most=2
        )


def _measure_sheet(material: Material, base: Base, chapter: Chapter, group: Sequence[Measure]) -> Sheet:
    measure, lang = group[0], material.lang
    name = ("、" if lang == "zh" else " / ").join(material.name(m) for m in group)
    paper = page(material, _title(name, "gaps_map", lang), caption(material, group, drawn=True))
    panels, marks, listed = (
        Panels(paper, material, base),
        marks_of(measure, material.study.area),
        list_of(material, measure),
    )
    panels.main_map(
        Box(BODY.x + 2, BODY.y + 2, BODY.width - SIDE_MM - 5, BODY.height - 4),
        marks,
        ranked=listed.ranked[:RANKED] if listed else (),
    )
    side = Box(BODY.right - SIDE_MM, BODY.y + 2, SIDE_MM - 3, BODY.height - 4)
    y = side.top
    for one in group:
        place = Box(side.x, side.y, side.width, y - side.y)
        y = paper.write_lines(place, material.name(one), size=7.2, bold=True, most=2)
        text, colour = panels.whole_line(one)
        y = paper.write_lines(Box(side.x, side.y, side.width, y - side.y), text, size=6.8, colour=colour) - 1
    every = [*samples(base, main_only=False), *(mark.sample for mark in marks)]
    y = _legend(paper, every, Box(side.x, y - 46, side.width, 46)) - 1
    if measure.by_zone.notna().any():
        if not listed:
            y = panels.inset(measure, Box(side.x, y - 48, side.width, 48)) - 2
        room = min((y - side.y) * (0.6 if listed else 1.0), (len(material.zone_names) + 3) * row_mm() + 16)
        y = panels.zone_table([measure], Box(side.x, y - room, side.width, room)) - 3
    if listed:
        listed.draw(paper, Box(side.x, side.y, side.width, y - side.y))
    full_names = " / ".join(_full_name(material, m) for m in group)
    return Sheet(
        f"{chapter.key}.{measure.key}",
        chapter.key,
        labelled(material, _title(full_names, "gaps_map", lang)),
        caption(material, group, drawn=False),
        paper.figure,
    )


def _full_name(material: Material, measure: Measure) -> str:
    own = measure.name_zh if material.lang == "zh" else measure.name_en
    return str(material.row(measure).get(f"name_{material.lang}") or own)
