"""The command line: `suizhou-geo run`, `check`, `sample`. Verbs only; no arithmetic.

Exit codes: 0 a result was written (a missed target is a result); 2 bad input or an unwritable folder, told in one line.
"""

from __future__ import annotations

import gc
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

import typer
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import gap_figure, means_text, promise, value_text, verdict_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import Lang, profile_words
from suizhou_geo.errors import SuizhouGeoError
from suizhou_geo.invented_city import write_city
from suizhou_geo.measures import check_params
from suizhou_geo.model import Step
from suizhou_geo.outputs.folder import NOTES
from suizhou_geo.outputs.in_hand import assess
from suizhou_geo.outputs.notes_file import gap_lines, no_data_lines, say, tally_line, undecided_lines
from suizhou_geo.sources.check import findings
from suizhou_geo.sources.statistics_form import write_form
from suizhou_geo.sources.study import read_study, study_plan
from suizhou_geo.standards.catalogue import families

BUNDLED = Path("data/raw/invented_city/study.toml")
RESULTS = Path("data/processed")
WIDE = 100  # columns of a terminal from which the table says the definitions, too
_STYLE = {"met": "green", "missed": "bold red", "cannot_tell": "yellow"}
_PIECE = re.compile("(?:[!-~²]+ ?|.)[，。；：、）”」]*")
_Given = ParamSpec("_Given")

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
StudyArgument = Annotated[Path | None, typer.Argument(help="study.toml; without it the bundled invented city")]
LangOption = Annotated[Literal["zh", "en"], typer.Option(help="language of the results")]


def _guarded(verb: Callable[_Given, None]) -> Callable[_Given, None]:
    """A verb that tells an error of ours in one sentence and exits with 2."""

    @wraps(verb)
    def guarded(*args: _Given.args, **given: _Given.kwargs) -> None:
        try:
            verb(*args, **given)
        except SuizhouGeoError as error:
            Console(stderr=True, soft_wrap=True).print(f"error: {error}", highlight=False, markup=False)
            sys.exit(2)

    return guarded


@app.command()
@_guarded
def run(
    study: StudyArgument = None,
    out: Annotated[Path | None, typer.Option(help="results folder; default data/processed/<study folder>")] = None,
    lang: LangOption = "zh",
    full: Annotated[
        bool, typer.Option(help="also figures, reports (HTML, Word, Excel), QGIS project, metadata")
    ] = False,
    template: Annotated[
        Path | None, typer.Option(help="with --full: the office's own Word file for the report")
    ] = None,
    shapefiles: Annotated[
        Literal["GBK", "UTF-8"] | None, typer.Option(help="also Shapefiles, in this encoding")
    ] = None,
    geojson: Annotated[bool, typer.Option(help="also GeoJSON, in WGS 84")] = False,
    tiles: Annotated[
        Literal["osm", "amap", "tianditu"] | None, typer.Option(help="online tiles below the map; needs the network")
    ] = None,
    tianditu_key: Annotated[str | None, typer.Option(help="key for --tiles tianditu")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="no progress, no table: the tally, and what to open")] = False,
) -> None:
    """Measure a city, hold it against its plan, and write scorecard, layers, map and the run's record."""
    path, started = study or BUNDLED, time.perf_counter()
    folder = out or RESULTS / path.resolve().parent.name
    gc.disable()  # a run makes millions of small objects and ends soon: collecting them takes a tenth of its time
    try:
        with _progress(lang, quiet=quiet) as tell_step:
            result = assess(path, lang=lang, progress=tell_step)
            lost = result.write(
                folder,
                progress=tell_step,
                full=full,
                template=template,
                shapefiles=shapefiles,
                geojson=geojson,
                tiles=tiles,
                tianditu_key=tianditu_key,
            )
    finally:
        gc.enable()
    if not quiet:
        _tell_table(result, lang)
        _tell(say("took", lang, seconds=time.perf_counter() - started))
    _tell(*(f"! {sentence}" for sentence in lost))
    _tell_end(result, lang, folder, short=quiet)


@app.command()
@_guarded
def check(study: StudyArgument = None, lang: LangOption = "en") -> None:
    """Say everything that can be said about the inputs before measuring."""
    read = read_study(study or BUNDLED)
    check_params(read.params)
    for source in read.inputs:
        rows = "" if source.rows is None else f"{source.rows} {'rows' if lang == 'en' else '行'}  "
        _tell(f"{source.role}: {source.path}  {rows}{source.modified}")
        _tell(*(f"  - {note.speak(lang)}" for note in source.notes))
    told = [finding.speak(lang) for finding in (*read.findings, *findings(read))]
    ready = "findings; the inputs can be measured" if lang == "en" else "条说明；输入数据可以测算"
    _tell(*(f"! {finding}" for finding in told), f"{len(told)} {ready}")


@app.command()
@_guarded
def sample(folder: Annotated[Path, typer.Argument(help="where to write the invented city")], seed: int = 0) -> None:
    """Write the invented city: every input a study needs, all of it made up, with its true answers beside it."""
    write_city(folder, seed=seed)
    _tell(f"invented city (虚构数据) written to {folder}; measure it with: suizhou-geo run {folder}/study.toml")


@app.command()
@_guarded
def form(
    study: StudyArgument = None,
    out: Annotated[Path, typer.Option(help="where to write the form: .csv or .xlsx")] = Path("statistics.csv"),
) -> None:
    """Write the form for what no map measures: one row for each figure the plan of a study needs."""
    plan = study_plan(study or BUNDLED)
    rows = write_form(plan, out, measured=families())
    _tell(f"{out}: {rows} rows to fill in; name it in the study file under [statistics]")


def _tell(*lines: str) -> None:
    for line in lines:
        Console().print(line, highlight=False, markup=False)


@contextmanager
def _progress(lang: Lang, *, quiet: bool) -> Iterator[Callable[[Step], None]]:
    """Give what is told of each step: a bar on a terminal, lines elsewhere, nothing where it is `quiet`; all on stderr."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:

        def tell_line(step: Step) -> None:
            told = f"… {say(step.stage, lang)} {step.number}/{step.of} {step}"
            console.print(told, highlight=False, markup=False, soft_wrap=True)

        yield (lambda _: None) if quiet else tell_line
        return
    columns = (TextColumn("{task.fields[stage]}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    step_told = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    with Progress(*columns, step_told, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, stage="")

        def tell(step: Step) -> None:
            stage = say(step.stage, lang)
            bar.update(task, description=str(step), total=step.of, completed=step.number - 1, stage=stage)

        yield tell


def _tell_table(result: Assessed, lang: Lang) -> None:
    """The promises that were measured (without a plan all measures), one a row, as wide as the terminal."""
    console = Console()
    wide = console.width >= WIDE
    rows = [row for row in result.shown if row.has_data]
    name = result.study.title(lang)
    title = say("invented_title", lang, name=name) if result.area.invented else name
    table = Table(title=escape(title), box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True, expand=True)
    table.add_column(say("measure", lang), overflow="fold", min_width=10, ratio=2 if wide else None)
    if wide:
        table.add_column(say("definition", lang), overflow="fold", min_width=12, ratio=1, style="dim")
    for head in ("value", "target", "gap"):
        table.add_column(say(head, lang), overflow="fold", min_width=7, justify="right")
    verdicts = [verdict_text(row.status, lang) for row in rows]
    table.add_column(say("verdict", lang), no_wrap=True, min_width=max(map(cell_len, verdicts), default=0))
    for row, verdict in zip(rows, verdicts, strict=True):
        table.add_row(
            Text(row.name.speak(lang)),
            *([profile_words(row.profile, lang)] if wide else []),
            value_text(row, lang),
            promise(row.op, row.asked, row.unit, lang, short=True) if row.op else "",
            _gap(row, lang),
            Text(verdict, style=_STYLE.get(row.status, "dim")),
        )
    console.print(table)


def _gap(row: Row, lang: Lang) -> str:
    """What is missing, and in a second line what a sure gap is on the ground."""
    if not row.gap > 0:
        return "—"
    gap = gap_figure(row.gap, row.told_unit, lang)
    means = means_text(row.shortfall, row.told_unit, row.told_shortfall_unit, lang)
    return gap if row.status != "missed" or means == say("nothing", lang) else f"{gap}\n= {means}"


def _tell_folded(lines: Iterable[str]) -> None:
    """Fold lines to the terminal; what belongs to one that is set in stands below its text."""
    console = Console()
    for line in lines:
        text, indent = line.lstrip(), len(line) - len(line.lstrip())
        first, *rest = _folded(text, console.width - 3 * indent)
        for part in (" " * indent + first, *(" " * 3 * indent + part for part in rest)):
            console.print(part, highlight=False, markup=False)


def _folded(text: str, width: int) -> Iterator[str]:
    """Cut a text into lines: Chinese between any two characters, never before a closing mark, Latin between words."""
    line = ""
    for piece in _PIECE.findall(text):
        if line and cell_len(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()


def _tell_end(result: Assessed, lang: Lang, folder: Path, *, short: bool = False) -> None:
    """How the promises came out, the largest gaps, what would settle what is open, and which file to open first."""
    console = Console()
    console.print(tally_line(result, lang), highlight=False, style="bold")
    if not short:
        for part in (gap_lines, undecided_lines, no_data_lines):
            _tell_folded(part(result, lang))
        console.print(
            say("notes_in", lang, n=len(result.findings), path=folder / NOTES), highlight=False, soft_wrap=True
        )
    console.print(say("open_first", lang, path=folder / "map.html"), highlight=False, style="bold", soft_wrap=True)
