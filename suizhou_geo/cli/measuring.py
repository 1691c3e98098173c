"""The verbs that measure and hold side by side: `run`, `check`, `form`, `compare`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from suizhou_geo.cli.app import (
    FILE,
    KEY,
    NUMBER,
    LangOption,
    StudyArgument,
    app,
    folder_option,
    guarded,
    tell,
)
from suizhou_geo.cli.usage import Verb, says
from suizhou_geo.errors import InputError, speaking
from suizhou_geo.errors.text import NOTHING, Text, language

BUNDLED = Path("data/raw/invented_city/study.toml")
RESULTS = Path("data/processed")
_ROLES = {
    "study": "研究文件",
    "plan": "方案",
    "osm": "开放街道地图",
    "corrections": "设施更正表",
    "statistics": "统计表",
}


@app.command(
    cls=Verb,
    help=says(
        Text(
            "测算一座城市，对照规划，写出计分表、图层、地图和运行记录。",
            "Measure a city, hold it against its plan, and write scorecard, layers, map and the run's record.",
        )
    ),
)
@guarded
def run(
    study: StudyArgument = None,
    out: Annotated[
        Path | None,
        folder_option(
            "结果文件夹；默认 data/processed/<研究文件夹>",
            "results folder; default data/processed/<study folder>",
        ),
    ] = None,
    lang: LangOption = None,
    full: Annotated[
        bool,
        typer.Option(
            help=says(
                Text(
                    "另写图件、报告（HTML、Word、Excel）、QGIS 工程和元数据",
                    "also figures, reports (HTML, Word, Excel), QGIS project, metadata",
                )
            )
        ),
    ] = False,
    template: Annotated[
        Path | None,
        typer.Option(
            metavar=says(FILE),
            help=says(
                Text("与 --full 同用：本单位的 Word 报告模板", "with --full: the office's own Word file for the report")
            ),
        ),
    ] = None,
    shapefiles: Annotated[
        Literal["GBK", "UTF-8"] | None,
        typer.Option(
            metavar="GBK|UTF-8", help=says(Text("另写 Shapefile，按此编码", "also Shapefiles, in this encoding"))
        ),
    ] = None,
    geojson: Annotated[
        bool, typer.Option(help=says(Text("另写 GeoJSON（WGS 84）", "also GeoJSON, in WGS 84")))
    ] = False,
    tiles: Annotated[
        Literal["osm", "amap", "tianditu"] | None,
        typer.Option(
            metavar="osm|amap|tianditu",
            help=says(Text("地图下的在线底图；需要联网", "online tiles below the map; needs the network")),
        ),
    ] = None,
    tianditu_key: Annotated[
        str | None,
        typer.Option(
            metavar=says(KEY), help=says(Text("天地图密钥，与 --tiles tianditu 同用", "key for --tiles tianditu"))
        ),
    ] = None,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            help=says(
                Text("不显示进度和表格，只给出汇总和先打开的文件", "no progress, no table: the tally, and what to open")
            ),
        ),
    ] = False,
) -> None:
    """Measure a city, hold it against its plan, and write scorecard, layers, map and the run's record."""
    from suizhou_geo.cli.screen import progress_told, tell_end, tell_table
    from suizhou_geo.measures import uncollected
    from suizhou_geo.outputs.folder import check_folder
    from suizhou_geo.outputs.in_hand import assess
    from suizhou_geo.outputs.notes_file import say
    from suizhou_geo.sources.study import study_lang

    if template is not None and not full:
        raise InputError(
            "--template 是报告的模板，只与 --full 同用；请加上 --full，或去掉 --template",
            "--template is for the report and goes with --full; add --full, or leave --template out",
        )
    path, started = study or BUNDLED, time.perf_counter()
    folder = out or RESULTS / path.resolve().parent.name
    spoken = language(lang, study_lang(path))
    with uncollected():
        with speaking(spoken):
            check_folder(folder)  # told before everything is measured
            if template is not None:
                from suizhou_geo.outputs.report.template import check_template  # loads the library of Word files

                check_template(template)
        with progress_told(spoken, quiet=quiet) as tell_step:
            result = assess(path, lang=spoken, progress=tell_step)
            with speaking(spoken):
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
    if not quiet:
        tell_table(result, spoken)
        tell(say("took", spoken, seconds=time.perf_counter() - started))
    tell(*(f"! {sentence}" for sentence in lost))
    tell_end(result, spoken, folder, short=quiet)


@app.command(
    cls=Verb,
    help=says(
        Text("测算之前，说明输入数据的全部情况。", "Say everything that can be said about the inputs before measuring.")
    ),
)
@guarded
def check(study: StudyArgument = None, lang: LangOption = None) -> None:
    """Say everything that can be said about the inputs before measuring."""
    from suizhou_geo.measures import check_params
    from suizhou_geo.sources.check import COUNTS, findings, shifts_together
    from suizhou_geo.sources.study import read_study

    read = read_study(study or BUNDLED)
    spoken = language(lang, read.lang)
    with speaking(spoken):
        check_params(read.params)
    for source in read.inputs:
        rows = "" if source.rows is None else Text(f"{source.rows:,} 行  ", f"{source.rows:,} rows  ").speak(spoken)
        tell(f"{_role(source.role).speak(spoken)}: {source.path}  {rows}{source.modified[:10]}")
        tell(*(f"  - {note.speak(spoken)}" for note in source.notes))
    said = findings(read)
    odd = [*shifts_together(read.findings), *(finding for finding in said if finding.kind not in COUNTS)]
    counted = [finding for finding in said if finding.kind in COUNTS]
    marked = [f"{sign} {one.speak(spoken)}" for sign, some in (("!", odd), ("·", counted)) for one in some]
    ready = Text(
        f"{len(odd)} 条须核对（!），{len(counted)} 条概况（·）；输入数据可以测算",
        f"{len(odd)} to look into (!), {len(counted)} to know (·); the inputs can be measured",
    )
    tell(*marked, ready.speak(spoken))


def _role(role: str) -> Text:
    """What a file of the study is, beside the key that names it there."""
    from suizhou_geo.study_area.layers import LAYERS

    zh = _ROLES.get(role) or LAYERS[role].name_zh
    return Text(f"{zh} {role}", role)


@app.command(
    cls=Verb,
    help=says(
        Text(
            "写出统计表：地图量不出的数，方案用到的每个数一行，供填写。",
            "Write the form for what no map measures: one row for each figure the plan of a study needs.",
        )
    ),
)
@guarded
def form(
    study: StudyArgument = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar=says(FILE),
            help=says(Text("统计表写到哪里：.csv 或 .xlsx", "where to write the form: .csv or .xlsx")),
        ),
    ] = Path("statistics.csv"),
    lang: LangOption = None,
) -> None:
    """Write the form for what no map measures: one row for each figure the plan of a study needs."""
    from suizhou_geo.sources.statistics_form import write_form
    from suizhou_geo.sources.study import study_plan
    from suizhou_geo.standards.catalogue import families

    plan, own, baselines, known = study_plan(study or BUNDLED)
    spoken = language(lang, own)
    with speaking(spoken):
        rows = write_form(plan, out, measured=families(), baselines=baselines, known=known)
    done = Text(
        f"{out}：{rows} 行待填；填好后写进研究文件的 [statistics]",
        f"{out}: {rows} rows to fill in; name it in the study file under [statistics]",
    ) + (
        Text(f"；已申报的 {len(known)} 个数已填在表中", f"; figures declared already, {len(known)}, stand in it")
        if known
        else NOTHING
    )
    tell(done.speak(spoken))


@app.command(
    cls=Verb,
    help=says(
        Text(
            "几个年份的结果并列：变了什么、变了多少、在哪里，进度够不够。",
            "Hold results of several years side by side: what changed, by how much, where, and whether the pace is enough.",
        )
    ),
)
@guarded
def compare(
    results: Annotated[
        list[Path],
        typer.Argument(
            help=says(
                Text("同一研究的结果文件夹，早的在前", "results folders of one study, the earliest first"),
            )
        ),
    ],
    out: Annotated[
        Path | None,
        folder_option(
            "对比写到哪个文件夹；默认在最后一个结果旁边",
            "folder for the comparison; default beside the last results",
        ),
    ] = None,
    year: Annotated[
        list[int] | None,
        typer.Option(
            metavar=says(NUMBER),
            help=says(
                Text(
                    "各次数据的年份，顺序相同：--year 2021 --year 2023",
                    "of when the data of each are, in the same order: --year 2021 --year 2023",
                )
            ),
        ),
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option(
            help=says(
                Text("口径不同的也照比，并注明", "compare also what is defined otherwise, and say so"),
            )
        ),
    ] = False,
    lang: LangOption = None,
) -> None:
    """Hold results of several years side by side: what changed, by how much, where, and whether the pace is enough."""
    from suizhou_geo.cli.screen import tell_comparison
    from suizhou_geo.outputs import comparison

    found = comparison.compare(*results, years=year, anyway=anyway, lang=lang)
    last = results[-1].absolute()
    folder = out or last.with_name(f"{last.name}_compared")
    with speaking(found.lang):
        found.write(folder)
    tell_comparison(found)
    tell(Text(f"对比：{folder}", f"Comparison: {folder}").speak(found.lang))
