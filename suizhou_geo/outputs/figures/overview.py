"""The overview: every promise that was measured as a bar against what was promised, and those still without data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from suizhou_geo.assessment.scorecard import shortfall
from suizhou_geo.assessment.wording import Lang, amount, on_the_ground, profile_words
from suizhou_geo.outputs.figures.canvas import FAINT, INK, RED, Box, Paper, line_mm
from suizhou_geo.outputs.figures.context import Material, Row, labelled, captioned, document, promised
from suizhou_geo.outputs.figures.files import Sheet
from suizhou_geo.outputs.figures.map_elements import BODY, Cell, page, row_mm, table
from suizhou_geo.outputs.figures.words import ended, promise, say, verdict
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, Chapter, chapter_of
from suizhou_geo.standards.symbology import VERDICTS

MOST_OF_TARGET = 1.6  # bars end here, with an arrow
ROW_MM = (3.6, 12.5)
BARS = {"met": "#6aa6c4", "missed": "#d9a07a", "cannot_tell": "#d3c67c"}
COLUMNS = (69.0, 74.0, 38.0, 33.0, 42.0, 21.0)  # name, bar, promised, measured, gap, verdict
NAME_PT = (7.2, 5.6)
LIST_COLUMNS = 4
LIST_PT = 6.4


def overview(material: Material) -> Sheet:
    """Return the sheet "overview": promised, measured, gap."""
    rows = [row for key, row in material.rows.items() if row["status"] and "@" not in key]
    measured = [row for row in rows if promised(row)]
    waiting = [row for row in rows if not promised(row)]
    title = say("overview", material.lang)
    paper = page(material, title, _caption(material, rows, drawn=True))
    box = BODY.inset(3)
    room = max(box.height - _waiting_mm(waiting), box.height / 2)
    y = _bars(paper, material, measured, box, most_mm=room) if rows else box.top
    if waiting:
        _waiting(paper, material, waiting, Box(box.x, box.y, box.width, y - box.y - 3))
    if not rows:
        _measured(paper, material, box)
    return Sheet(
        "overview",
        "",
        labelled(material, title),
        _caption(material, rows, drawn=False),
        paper.figure,
    )


def _caption(material: Material, rows: Sequence[Row], *, drawn: bool) -> str:
    lang = material.lang
    count = {status: sum(row["status"] == status for row in rows) for status in VERDICTS}
    told = [document(material), say("counted", lang).format(**count), say("bar_note", lang)]
    if material.study.plan is None:
        told = [say("no_plan", lang)]
    return captioned(material, [(" " if lang == "en" else "").join(ended(part, lang) for part in told)], drawn=drawn)


def _measured(paper: Paper, material: Material, box: Box) -> None:
    """Without promises: list what was measured, by which definition."""
    shown = [m for m in material.measures if m.has_data and "." not in m.key]
    rows = [
        [
            Cell(material.name(m), bold=True),
            Cell(profile_words(m.profile, paper.lang), FAINT),
            Cell(amount(m.value, m.unit, paper.lang), bold=True),
        ]
        for m in shown[: int((box.height - 8) / row_mm())]
    ]
    heads = [say(key, paper.lang) for key in ("measure", "by_definition", "measured")]
    table(paper, box, heads, rows, widths=[2.0, 2.0, 1.0], left=2)


def _bars(paper: Paper, material: Material, rows: Sequence[Row], box: Box, *, most_mm: float) -> float:
    """Draw a row for every promise that was measured; return the y below."""
    starts = [box.x + sum(COLUMNS[:k]) for k in range(len(COLUMNS) + 1)]
    heads = ("", "", "promised", "measured", "gap", "verdict")
    y = box.top - 5
    _key(paper, Box(starts[1], y, COLUMNS[1], 5))
    for k, head in enumerate(heads):
        if head:
            paper.write(starts[k] + 1, y + 1.2, say(head, paper.lang), size=7, bold=True, colour=FAINT)
    height = float(np.clip((most_mm - 5) / max(len(rows), 1), *ROW_MM))
    room = int((box.height - 5) / height + 1e-6)
    for row in rows[:room]:
        paper.line([box.x, box.right], [y, y], colour="#c5cad0", width=0.3)
        y -= height
        _row(paper, material, row, Box(box.x, y, box.width, height), starts=starts)
    paper.line([box.x, box.right], [y, y], colour="#c5cad0", width=0.3)
    if len(rows) > room:
        more = say("more_promises", paper.lang).format(len(rows) - room)
        paper.write(box.x, y - line_mm(LIST_PT), more, size=LIST_PT, bold=True, colour=RED)
    return y


def _row(paper: Paper, material: Material, row: Row, box: Box, *, starts: Sequence[float]) -> None:
    lang = paper.lang
    sign, colour = VERDICTS[row["status"]]
    middle, width = box.y + box.height / 2, COLUMNS[0] - 3
    size = NAME_PT[0] if box.height > 2 * line_mm(NAME_PT[0]) else NAME_PT[1]
    most = 2 if box.height > 2 * line_mm(size) else 1
    lines = paper.letters.wrapped(material.own(row[f"name_{lang}"]), width, size, bold=True, most=most)
    for k, line in enumerate(lines):
        paper.write(box.x, middle + (len(lines) / 2 - k - 0.72) * line_mm(size), line, size=size, bold=True)
    high = min(3.8, box.height * 0.64)
    _bar(paper, row, Box(starts[1], middle - high / 2, COLUMNS[1] - 4, high))
    asked = promise(row["op"], row["target"], row["unit"], lang)
    now = amount(row["value"], row["unit"], lang, beside=row["target"])
    cells = ((2, asked, INK), (3, now, INK), (5, f"{sign} {verdict(row['status'], lang)}", colour))
    for k, text, ink in cells:
        shown = paper.letters.clipped(text, COLUMNS[k] - 2, 7, bold=k != 2)
        paper.write(starts[k] + 1, middle - 0.9, shown, size=7, bold=k != 2, colour=ink)
    gap = _gap(material, row, lang)
    if box.height < len(gap) * line_mm(6.6) + 1:
        gap = [" ".join(gap)]
    for k, text in enumerate(gap):
        at = middle - 0.9 + (len(gap) / 2 - 0.5 - k) * line_mm(6.6)
        shown = paper.letters.clipped(text, COLUMNS[4] - 2, 6.6)
        paper.write(starts[4] + 1, at, shown, size=6.6, colour=RED if row["status"] == "missed" else FAINT)


def _gap(material: Material, row: Row, lang: Lang) -> list[str]:
    """The gap in the unit of the promise, and on the ground (km, ha, persons) where that is another."""
    if not np.isfinite(row["gap"]) or row["gap"] <= 0:
        return ["—"]
    told = [amount(row["gap"], row["unit"], lang, beside=0.0)]
    if row["unit"] == "share":
        told = [f"{told[0].rstrip('%')} {say('points', lang)}"]
    measure = next((m for m in material.measures if m.key == row["key"]), None)
    if measure is not None and row["status"] == "missed" and measure.shortfall_unit != measure.unit:
        told.append(f"= {on_the_ground(shortfall(measure, row['gap']), measure.shortfall_unit, lang)}")
    return told


def _bar(paper: Paper, row: Row, box: Box) -> None:
    """Draw the measured value as a share of the promised one, the gap hatched, and what incomplete data leave open."""
    target = row["target"]
    if not np.isfinite(target) or target <= 0:
        word = "no_bar" if np.isfinite(target) else "target_unknown"
        paper.write(box.x + 1, box.y + 1, say(word, paper.lang), size=6.4, colour=FAINT)
        return
    one = box.width / MOST_OF_TARGET
    share = float(np.clip(row["value"] / target, 0.0, MOST_OF_TARGET))
    paper.frame(Box(box.x, box.y, share * one, box.height), colour="none", fill=BARS[row["status"]])
    if row["status"] != "met" and row["gap"] > 0:
        low, high = sorted((share, 1.0))
        colour = RED if row["status"] == "missed" else FAINT
        paper.frame(
            Box(box.x + low * one, box.y, (high - low) * one, box.height), colour=colour, width=0.5, hatch="/////"
        )
    if row["value"] / target > MOST_OF_TARGET:
        _arrow(paper, box.right, box.y + box.height / 2, BARS[row["status"]], size=1.9)
    if row["low"] < row["value"] or row["high"] > row["value"]:
        low, high = (box.x + float(np.clip(row[end] / target, 0, MOST_OF_TARGET)) * one for end in ("low", "high"))
        y = box.y - 1.0
        paper.line([low, high], [y, y], colour=INK, width=0.8)
        paper.line([low, low], [y - 0.6, y + 0.6], colour=INK, width=0.8)
        if row["high"] / target > MOST_OF_TARGET:
            _arrow(paper, high, y, INK, size=0.7)
        else:
            paper.line([high, high], [y - 0.6, y + 0.6], colour=INK, width=0.8)
    paper.line([box.x + one, box.x + one], [box.y - 1.2, box.top + 1.2], colour=INK, width=1.4)


def _arrow(paper: Paper, x: float, y: float, colour: str, *, size: float) -> None:
    """Point to the right: it goes on beyond the end of the bars."""
    paper.shape([(x, y + size), (x + 1.15 * size, y), (x, y - size)], fill=colour, colour=colour)


def _key(paper: Paper, box: Box) -> None:
    """Say above the bars what they are made of, as far as there is room."""
    x = box.x
    for kind, word in (("bar", "measured"), ("line", "promised"), ("gap", "gap"), ("open", "open_range")):
        text = say(word, paper.lang)
        width = paper.letters.width_mm(text, 5.8) + 7.5
        if x + width > box.right:
            break
        if kind == "bar":
            paper.frame(Box(x, box.y + 1.2, 4, 2.4), colour="none", fill="#b9c3cb")
        elif kind == "line":
            paper.line([x + 2, x + 2], [box.y + 0.8, box.y + 4], width=1.4)
        elif kind == "gap":
            paper.frame(Box(x, box.y + 1.2, 4, 2.4), colour=RED, width=0.5, hatch="/////")
        else:
            paper.line([x, x + 4], [box.y + 2.4, box.y + 2.4], width=0.8)
            for end in (x, x + 4):
                paper.line([end, end], [box.y + 1.8, box.y + 3], width=0.8)
        paper.write(x + 5, box.y + 1.4, text, size=5.8)
        x += width + 1


def _waiting_mm(rows: Sequence[Row]) -> float:
    """How much room the list of promises without data takes."""
    if not rows:
        return 0.0
    lines = len(rows) + len({_chapter(row).key for row in rows})
    return -(-lines // LIST_COLUMNS) * line_mm(LIST_PT) + 12.0


def _waiting(paper: Paper, material: Material, rows: Sequence[Row], box: Box) -> None:
    """List the promises without data, chapter by chapter, in columns; what has no room is counted."""
    lang = paper.lang
    head = say("unmeasured", lang).format(len(rows))
    paper.write(box.x, box.top - 4, head, size=7.4, bold=True)
    width = box.width / LIST_COLUMNS
    lines: list[tuple[str, bool]] = []
    for chapter in (*CHAPTERS, OTHER_CHAPTER):
        mine = [row for row in rows if _chapter(row) is chapter]
        if mine:
            lines.append((chapter.name.speak(lang), True))
        lines += [(f"– {material.own(row[f'name_{lang}'])}", False) for row in mine]
    step = line_mm(LIST_PT)
    per_column = int((box.height - 6) / step)
    if per_column < 1:
        return
    needed = -(-len(lines) // LIST_COLUMNS)
    room = min(per_column, max(needed, 1))
    if len(lines) > room * LIST_COLUMNS:
        left = len(lines) - room * LIST_COLUMNS + 1
        lines = [*lines[: room * LIST_COLUMNS - 1], (f"… +{left}", False)]
    for k, (text, bold) in enumerate(lines):
        x, y = box.x + (k // room) * width, box.top - 6 - (k % room + 0.8) * step
        shown = paper.letters.clipped(text, width - 2, LIST_PT, bold=bold)
        paper.write(x, y, shown, size=LIST_PT, bold=bold, colour=INK if bold else FAINT)


def _chapter(row: Row) -> Chapter:
    return chapter_of(str(row["key"]))
