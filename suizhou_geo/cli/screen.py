"""The first screen: progress, the promises as a table, what was found, and what to open; a comparison, and sites."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.comparison import remarks
from suizhou_geo.assessment.comparison_tables import comparison_rule
from suizhou_geo.assessment.phrases import (
    means_text,
    measured_text,
    promise,
    row_gap_text,
    row_verdict_text,
    value_text,
)
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import profile_words
from suizhou_geo.cli.terminal import Terminal, one_line
from suizhou_geo.errors.text import Lang
from suizhou_geo.model import Step
from suizhou_geo.outputs.comparison import Comparison
from suizhou_geo.outputs.folder import NOTES, REPORT
from suizhou_geo.outputs.notes_file import gap_lines, no_data_lines, say, tally_line, turning_lines, undecided_lines

WIDE = 100  # columns of a terminal from which the table says the definitions, too
_STYLE = {"met": "green", "missed": "bold red", "cannot_tell": "yellow"}
_PIECE = re.compile("(?:[!-~²]+ ?|.)[，。；：、）”」]*")


@contextmanager
def progress_told(lang: Lang, *, quiet: bool) -> Iterator[Callable[[Step], None]]:
    """Give what is told of each step: a bar on a terminal, lines elsewhere, nothing where it is `quiet`; all on stderr."""
    console = Terminal(stderr=True)
    if quiet or not console.is_terminal:

        def tell_line(step: Step) -> None:
            told = f"… {say(step.stage, lang)} {step.number}/{step.of} {step.told.speak(lang)}"
            console.tell(told, soft_wrap=True)

        yield (lambda _: None) if quiet else tell_line
        return
    columns = (TextColumn("{task.fields[stage]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    step_told = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    with Progress(*columns, step_told, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, stage="")

        def tell(step: Step) -> None:
            stage = say(step.stage, lang)
            bar.update(
                task, description=one_line(step.told.speak(lang)), total=step.of, completed=step.number - 1, stage=stage
            )

        yield tell


def tell_table(result: Assessed, lang: Lang) -> None:
    """The promises that were measured (without a plan all measures), one a row, as wide as the terminal."""
    console = Terminal()
    wide = console.width >= WIDE
    rows = [row for row in result.shown if row.has_data]
    name = result.study.title(lang)
    title = say("invented_title", lang, name=name) if result.area.invented else name
    table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, expand=True)
    table.add_column(say("measure", lang), overflow="fold", min_width=10, ratio=2 if wide else None)
    if wide:
        table.add_column(say("definition", lang), overflow="fold", min_width=12, ratio=1, style="dim")
    for head in ("value", "target", "gap"):
        table.add_column(say(head, lang), overflow="fold", min_width=7, justify="right")
    verdicts = [row_verdict_text(row, lang) for row in rows]
    table.add_column(say("verdict", lang), no_wrap=True, min_width=max(map(cell_len, verdicts), default=0))
    for row, verdict in zip(rows, verdicts, strict=True):
        table.add_row(
            row.name.speak(lang),
            *([profile_words(row.profile, lang)] if wide else []),
            measured_text(row, lang) if row.status == "cannot_tell" else value_text(row, lang),
            promise(row.op, row.asked, row.unit, lang, short=True) if row.op else "",
            _gap(row, lang),
            Text(verdict, style=_STYLE.get(row.status, "dim")),
        )
    console.print(table)


def _gap(row: Row, lang: Lang) -> str:
    """What is missing, and in a second line what a sure gap is on the ground."""
    gap = row_gap_text(row, lang)
    means = means_text(row.shortfall, row.told_unit, row.told_shortfall_unit, lang)
    return gap if row.status != "missed" or means == say("nothing", lang) else f"{gap}\n= {means}"


def tell_folded(lines: Iterable[str]) -> None:
    """Fold lines to the terminal; what belongs to one that is set in stands below its text."""
    console = Terminal()
    for line in map(one_line, lines):
        text, indent = line.lstrip(), len(line) - len(line.lstrip())
        first, *rest = _folded(text, console.width - 3 * indent)
        for part in (" " * indent + first, *(" " * 3 * indent + part for part in rest)):
            console.tell(part)


def _folded(text: str, width: int) -> Iterator[str]:
    """Cut a text into lines: Chinese between any two characters, never before a closing mark, Latin between words."""
    line = ""
    for piece in _PIECE.findall(text):
        if line and cell_len(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()


def tell_end(result: Assessed, lang: Lang, folder: Path, *, short: bool = False) -> None:
    """How the promises came out, the largest gaps, what would settle what is open, and which file to open first."""
    console = Terminal()
    console.tell(tally_line(result, lang), style="bold")
    if not short:
        for part in (gap_lines, turning_lines, undecided_lines, no_data_lines):
            tell_folded(part(result, lang))
        notes = say("notes_in", lang, n=len(result.findings), path=folder / NOTES)
        console.tell(notes, soft_wrap=True)
    report = folder / REPORT
    if report.is_file():
        console.tell(say("report_in", lang, path=report), soft_wrap=True)
    opened = say("open_first", lang, path=folder / "map.html")
    console.tell(opened, style="bold", soft_wrap=True)


def tell_comparison(found: Comparison) -> None:
    """What changed as a table, then what must be known of each change and of the runs."""
    console, lang = Terminal(), found.lang
    shown = found.table()
    columns = (Column(head, overflow="fold") for head in shown)
    table = Table(*columns, title=found.title(), box=SIMPLE_HEAD, pad_edge=False, expand=True)
    for cells in shown.itertuples(index=False):
        table.add_row(*cells)
    console.print(table)
    said = ((change.name.speak(lang), remarks(change, lang)) for change in found.promises)
    tell_folded(f"· {name}: {words}" for name, words in said if words)
    tell_folded([*(f"! {note.speak(lang)}" for note in found.notes), comparison_rule(lang)])
