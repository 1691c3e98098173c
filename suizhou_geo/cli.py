"""The command line: `suizhou-geo run`, `check`, `sample`. Verbs only; no arithmetic.

Exit codes: 0 a result was written (a missed target is a result); 2 bad input or an unwritable folder, told in one line.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.wording import (
    Lang,
    amount,
    number,
    on_the_ground,
    profile_words,
    status_words,
)
from suizhou_geo.errors import OutputError, SuizhouGeoError
from suizhou_geo.invented_city import write_city
from suizhou_geo.measures import check_params
from suizhou_geo.outputs.in_hand import assess
from suizhou_geo.sources.check import findings
from suizhou_geo.sources.statistics import statistics_form
from suizhou_geo.sources.study import read_study, study_plan
from suizhou_geo.standards.catalogue import families

BUNDLED = Path("data/raw/invented_city/study.toml")
RESULTS = Path("data/processed")
_STYLE = {"met": "green", "missed": "bold red", "cannot_tell": "yellow"}

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)
StudyArgument = Annotated[Path | None, typer.Argument(help="study.toml; without it the bundled invented city")]
LangOption = Annotated[Literal["zh", "en"], typer.Option(help="language of the results")]


@app.command()
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
    wanted = {
        "full": full,
        "template": template,
        "shapefiles": shapefiles,
        "geojson": geojson,
        "tiles": tiles,
        "tianditu_key": tianditu_key,
    }
    gc.disable()  # a run makes millions of small objects and ends soon: collecting them takes a tenth of its time
    try:
        _guarded(lambda: _run(_study_path(study), out, lang, wanted))
    finally:
        gc.enable()


@app.command()
def check(study: StudyArgument = None) -> None:
    """Say everything that can be said about the inputs before measuring."""
    _guarded(lambda: _check(_study_path(study)))


@app.command()
def sample(folder: Annotated[Path, typer.Argument(help="where to write the invented city")], seed: int = 0) -> None:
    """Write the invented city: every input a study needs, all of it made up, with its true answers beside it."""
    _guarded(lambda: _sample(folder, seed))


@app.command()
def form(
    study: StudyArgument = None,
    out: Annotated[Path, typer.Option(help="where to write the form: .csv or .xlsx")] = Path("statistics.csv"),
) -> None:
    """Write the form for what no map measures: one row for each figure the plan of a study needs."""
    _guarded(lambda: _form(_study_path(study), out))


def _run(path: Path, out: Path | None, lang: Lang, wanted: Mapping[str, Any]) -> None:
    started, folder = time.perf_counter(), out or RESULTS / path.resolve().parent.name
    result = assess(path, lang=lang, progress=_tell)
    lost = result.write(folder, progress=_tell, **wanted)
    _tell(f"{time.perf_counter() - started:.1f} s")
    _print(result, lang)
    console = Console()
    for sentence in lost:
        console.print(f"! {sentence}", highlight=False, markup=False)
    console.print(f"{'Results' if lang == 'en' else '结果'}: {folder}", highlight=False)


def _check(path: Path) -> None:
    study = read_study(path)
    check_params(study.params)
    console = Console()
    for source in study.inputs:
        console.print(
            f"{source.role}: {source.path}  {source.rows} rows  {source.modified}", highlight=False, markup=False
        )
        for note in source.notes:
            console.print(f"  - {note.en}", highlight=False, markup=False)
    told = [*study.findings, *findings(study)]
    for finding in told:
        console.print(f"! {finding}", highlight=False, markup=False)
    console.print(f"{len(told)} findings; the inputs can be measured", highlight=False)


def _form(path: Path, out: Path) -> None:
    plan = study_plan(path)
    if out.suffix.lower() not in (".csv", ".xlsx"):
        raise OutputError(f"{out} is neither .csv nor .xlsx; give one of them with --out")
    if out.exists():
        raise OutputError(f"{out} is there already and may be filled in; give another name with --out")
    rows = statistics_form(plan, measured=families())
    try:
        rows.to_csv(out, index=False, encoding="utf-8-sig") if out.suffix.lower() == ".csv" else rows.to_excel(
            out, index=False
        )
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror}); give another place with --out") from None
    Console().print(
        f"{out}: {len(rows)} rows to fill in; name it in the study file under [statistics]", highlight=False
    )


def _sample(folder: Path, seed: int) -> None:
    write_city(folder, seed=seed)
    Console().print(
        f"invented city (虚构数据) written to {folder}; measure it with: suizhou-geo run {folder}/study.toml"
    )


def _study_path(study: Path | None) -> Path:
    return BUNDLED if study is None else study


def _print(result: Assessed, lang: Lang) -> None:
    console, study = Console(), result.study
    heads = (
        ("measure", "value", "target", "gap", "verdict")
        if lang == "en"
        else ("指标与口径", "现状", "目标", "差距", "结论")
    )
    label = (
        (" （虚构数据，不是随州）" if lang == "zh" else " (INVENTED DATA, not Suizhou)") if study.area.invented else ""
    )
    table = Table(
        *(Column(head, overflow="fold") for head in heads),
        title=escape(study.title(lang)) + label,
        show_lines=True,
        min_width=78,
    )
    told = [row for row in result.shown if row.has_data]
    for row in told:
        gap = amount(row.gap, row.unit, lang, beside=0.0) if row.gap > 0 else "—"
        if row.gap > 0 and row.status == "missed" and row.unit != row.shortfall_unit:
            gap += f"\n= {on_the_ground(row.shortfall, row.shortfall_unit, lang)}"
        table.add_row(
            f"{escape(row.name.speak(lang))}\n[dim]{profile_words(row.profile, lang)}[/]",
            amount(row.value, row.unit, lang, beside=row.asked),
            f"{row.op} {number(row.asked, row.unit, lang)}" if row.op else "",
            gap,
            f"[{_STYLE.get(row.status, 'dim')}]{status_words(row.status, lang)}[/]",
        )
    console.print(table)
    for row in told:
        if needs := row.needs_text(lang):
            console.print(f"· {row.name.speak(lang)}: {needs}", highlight=False, markup=False)
    for finding in result.findings:
        console.print(f"! {finding}", highlight=False, markup=False)
    missing = [row.name.speak(lang) for row in result.shown if row.status == "no_data"]
    if missing:
        head = f"{len(missing)} promises have no data yet: " if lang == "en" else f"另有{len(missing)}项承诺缺数据："
        console.print(head + ("; " if lang == "en" else "；").join(missing), highlight=False, markup=False)


def _tell(step: str) -> None:
    Console(stderr=True).print(f"… {step}", highlight=False, markup=False)


def _guarded(work: Callable[[], None]) -> None:
    try:
        work()
    except SuizhouGeoError as error:
        Console(stderr=True, soft_wrap=True).print(f"error: {error}", highlight=False, markup=False)
        sys.exit(2)
