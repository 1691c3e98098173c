"""The verb that measures many cities in one go: `batch`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from suizhou_geo.cli.app import NUMBER, LangOption, app, folder_option, guarded, tell
from suizhou_geo.cli.measuring import RESULTS
from suizhou_geo.cli.terminal import Terminal
from suizhou_geo.cli.usage import Verb, says
from suizhou_geo.errors import InputError, speaking
from suizhou_geo.errors.text import Text, language

ADDRESS = Text("<地址>", "<address>")


@app.command(
    cls=Verb,
    help=says(
        Text(
            "批量测算多座城市，汇总成一张表、一张图和一份排名；中断后再运行，从断处继续。",
            "Measure many cities side by side, and gather them: one table, one map, their ranking; broken off, it goes on.",
        )
    ),
)
@guarded
def batch(
    cities: Annotated[
        Path,
        typer.Argument(
            help=says(
                Text(
                    '城市清单（TOML），写明 studies = ["*/study.toml"]',
                    'the list of cities (TOML), with studies = ["*/study.toml"]',
                )
            )
        ),
    ],
    out: Annotated[
        Path | None,
        folder_option(
            "结果写到哪个文件夹，每市一个子文件夹；默认 data/processed/<清单名>",
            "folder of the results, one in it for each city; default data/processed/<name of the list>",
        ),
    ] = None,
    workers: Annotated[
        int,
        typer.Option(metavar=says(NUMBER), help=says(Text("同时测算几座城市", "how many cities at the same time"))),
    ] = 2,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar=says(ADDRESS),
            help=says(
                Text(
                    "已有的 Dask 调度器，如 tcp://127.0.0.1:8786；不给则用本机",
                    "a Dask scheduler that runs, e.g. tcp://127.0.0.1:8786; without it this machine",
                )
            ),
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option(help=says(Text("每市另写图件和报告", "also figures and reports of each city")))
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            help=says(Text("已有结果的城市也重新测算", "measure also the cities whose results are there already"))
        ),
    ] = False,
    lang: LangOption = None,
) -> None:
    """Measure many cities side by side, and gather them: one table, one map, their ranking; broken off, it goes on."""
    from suizhou_geo.assessment.words import speaker
    from suizhou_geo.outputs.batch import ALL
    from suizhou_geo.outputs.batch import batch as batch_of
    from suizhou_geo.outputs.batch.working import Done
    from suizhou_geo.outputs.folder import BATCH, check_folder
    from suizhou_geo.sources.cities import read_cities

    say = speaker("batch")
    listed = read_cities(cities)
    spoken = language(lang, listed.lang)
    root = out or RESULTS / cities.resolve().stem
    with speaking(spoken):
        check_folder(root / ALL, BATCH)

        def told(done: Done, n: int, of: int) -> None:
            said = "kept" if done.kept else "measured" if done.why is None else "not_done"
            why = "" if done.why is None else done.why.speak(spoken)
            tell(say(said, spoken, n=n, of=of, city=done.city, seconds=done.seconds, why=why))

        found = batch_of(
            cities, out=root, workers=workers, scheduler=scheduler, full=full, again=again, lang=spoken, progress=told
        )
        if not found.measured:
            raise InputError("没有一座城市测算成功，原因见上", "no city could be measured; why stands above")
        found.write(root / ALL, lang=spoken)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    shown = found.table(lang=spoken)
    for head in shown.columns:
        table.add_column(head, overflow="fold")
    for cells in shown.astype(str).itertuples(index=False):
        table.add_row(*cells)
    Terminal().print(table)
    tell(say("summary", spoken, n=len(found.measured), failed=len(found.failed)))
    tell(say("open", spoken, path=root / ALL / "report.html"))
