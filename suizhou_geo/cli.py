"""The command line: `suizhou-geo run`, `check`, `sample`, `form`, `compare`. Verbs only; no arithmetic.

Exit codes: 0 a result was written (a missed target is a result); 2 bad input or an unwritable folder, told in one line.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.comparison import remarks as remarks_text
from suizhou_geo.assessment.comparison_tables import comparison_rule
from suizhou_geo.assessment.phrases import promise, value_text
from suizhou_geo.assessment.wording import Lang, amount, on_the_ground, profile_words, said, status_words, with_unit
from suizhou_geo.errors import OutputError, SuizhouGeoError
from suizhou_geo.invented_city import write_city
from suizhou_geo.measures import check_params
from suizhou_geo.outputs.comparison import compare as compare_results
from suizhou_geo.outputs.in_hand import assess
from suizhou_geo.sources.check import findings
from suizhou_geo.sources.statistics import statistics_form
from suizhou_geo.sources.study import read_study, study_plan
from suizhou_geo.standards.catalogue import families

BUNDLED = Path("data/raw/invented_city/study.toml")
RESULTS = Path("data/processed")
HEADS = {"zh": ("指标与口径", "现状", "目标", "差距", "结论"), "en": ("measure", "value", "target", "gap", "verdict")}
INVENTED = {"zh": " （虚构数据，不是随州）", "en": " (INVENTED DATA, not Suizhou)"}
_STYLE = {"met": "green", "missed": "bold red", "cannot_tell": "yellow"}
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
) -> None:
    """Measure a city, hold it against its plan, and write scorecard, layers, map and the run's record."""
    path, started = study or BUNDLED, time.perf_counter()
    folder = out or RESULTS / path.resolve().parent.name
    gc.disable()  # a run makes millions of small objects and ends soon: collecting them takes a tenth of its time
    try:
        result = assess(path, lang=lang, progress=_tell_step)
        lost = result.write(
            folder,
            progress=_tell_step,
            full=full,
            template=template,
            shapefiles=shapefiles,
            geojson=geojson,
            tiles=tiles,
            tianditu_key=tianditu_key,
        )
    finally:
        gc.enable()
    _tell_step(f"{time.perf_counter() - started:.1f} s")
    _tell_results(result, lang)
    _tell(*(f"! {sentence}" for sentence in lost), f"{'Results' if lang == 'en' else '结果'}: {folder}")


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
    if out.suffix.lower() not in (".csv", ".xlsx"):
        raise OutputError(f"{out} is neither .csv nor .xlsx; give one of them with --out")
    if out.exists():
        raise OutputError(f"{out} is there already and may be filled in; give another name with --out")
    rows = statistics_form(plan, measured=families())
    try:
        if out.suffix.lower() == ".csv":
            rows.to_csv(out, index=False, encoding="utf-8-sig")
        else:
            rows.to_excel(out, index=False)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror}); give another place with --out") from None
    _tell(f"{out}: {len(rows)} rows to fill in; name it in the study file under [statistics]")


def _tell(*lines: str) -> None:
    for line in lines:
        Console().print(line, highlight=False, markup=False)


def _tell_step(step: str) -> None:
    Console(stderr=True).print(f"… {step}", highlight=False, markup=False)


def _tell_results(result: Assessed, lang: Lang) -> None:
    known = [row for row in result.shown if row.has_data]
    columns = (Column(head, overflow="fold") for head in HEADS[lang])
    title = escape(result.study.title(lang)) + (INVENTED[lang] if result.area.invented else "")
    table = Table(*columns, title=title, show_lines=True, min_width=78)
    for row in known:
        gap = amount(row.gap, row.unit, lang, beside=0.0) if row.gap > 0 else "—"
        if row.gap > 0 and row.status == "missed" and row.unit != row.shortfall_unit:
            gap += f"\n= {on_the_ground(row.shortfall, row.shortfall_unit, lang)}"
        table.add_row(
            f"{escape(row.name.speak(lang))}\n[dim]{profile_words(row.profile, lang)}[/]",
            value_text(row, lang),
            with_unit(promise(row.op, row.asked, row.unit, lang, short=True), row.unit, lang) if row.op else "",
            gap,
            f"[{_STYLE.get(row.status, 'dim')}]{status_words(row.status, lang)}[/]",
        )
    Console().print(table)
    remarks = ((row.name.speak(lang), row.needs_text(lang)) for row in known)
    _tell(*(f"· {name}: {needs}" for name, needs in remarks if needs))
    _tell(*(f"! {finding.speak(lang)}" for finding in result.findings))
    if result.study.plan is None:
        _tell(said("report", "no_plan", lang))
    if missing := [row.name.speak(lang) for row in result.shown if row.status == "no_data"]:
        head = f"{len(missing)} promises have no data yet: " if lang == "en" else f"另有{len(missing)}项承诺缺数据："
        _tell(head + ("; " if lang == "en" else "；").join(missing))


@app.command()
@_guarded
def compare(
    results: Annotated[list[Path], typer.Argument(help="results folders of one study, the earliest first")],
    out: Annotated[Path | None, typer.Option(help="folder for the comparison; default beside the last results")] = None,
    year: Annotated[
        list[int] | None, typer.Option(help="of when the data of each are, in the same order: --year 2021 --year 2023")
    ] = None,
    anyway: Annotated[bool, typer.Option(help="compare also what is defined otherwise, and say so")] = False,
    lang: LangOption = "zh",
) -> None:
    """Hold results of several years side by side: what changed, by how much, where, and whether the pace is enough."""
    found = compare_results(*results, years=year, anyway=anyway, lang=lang)
    last = results[-1].absolute()
    folder = out or last.with_name(f"{last.name}_compared")
    found.write(folder)
    shown = found.table()
    columns = (Column(head, overflow="fold") for head in shown)
    table = Table(*columns, title=escape(found.title()), show_lines=True, min_width=78)
    for cells in shown.itertuples(index=False):
        table.add_row(*map(escape, cells))
    Console().print(table)
    remarks = ((change.name.speak(lang), remarks_text(change, lang)) for change in found.promises)
    _tell(*(f"· {name}: {told}" for name, told in remarks if told))
    _tell(*(f"! {note.speak(lang)}" for note in found.notes), comparison_rule(lang))
    _tell(f"{'Comparison' if lang == 'en' else '对比'}: {folder}")
