"""The command line: `suizhou-geo new`, `run`, `check`, `sample`, `form`, `compare`, `fetch`, `targets`. Verbs only; no sums.

Exit codes: 0 a result was written (a missed target is a result); 2 bad input or an unwritable folder, told in one line.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Annotated, Literal, ParamSpec

import typer

from suizhou_geo.cli.screen import progress_told, tell_comparison, tell_end, tell_new, tell_table
from suizhou_geo.cli.terminal import Terminal
from suizhou_geo.cli.usage import Verb, Verbs, says, tell_error
from suizhou_geo.errors import InputError, SuizhouGeoError, speaking
from suizhou_geo.errors.text import Lang, Text, alike, spoken_lang
from suizhou_geo.invented_city import write_city
from suizhou_geo.measures import check_params
from suizhou_geo.outputs.comparison import compare as compare_results
from suizhou_geo.outputs.folder import check_folder
from suizhou_geo.outputs.in_hand import assess
from suizhou_geo.outputs.notes_file import say
from suizhou_geo.outputs.plan_draft import targets as drafted_plan
from suizhou_geo.sources.check import findings
from suizhou_geo.sources.fetch import Fetched, Population, fetch, fetch_population
from suizhou_geo.sources.new_study import new_study
from suizhou_geo.sources.statistics_form import write_form
from suizhou_geo.sources.study import read_study, study_lang, study_plan
from suizhou_geo.standards.catalogue import families
from suizhou_geo.study_area import LAYERS

BUNDLED = Path("data/raw/invented_city/study.toml")
RESULTS = Path("data/processed")
_ROLES = {
    "study": "研究文件",
    "plan": "方案",
    "osm": "开放街道地图",
    "corrections": "设施更正表",
    "statistics": "统计表",
}
_Given = ParamSpec("_Given")

_FOLDER, _FILE = Text("<文件夹>", "<folder>"), Text("<文件>", "<file>")
_NAME, _URL = Text("<地名>", "<name>"), Text("<网址>", "<url>")
_KEY, _NUMBER = Text("<密钥>", "<key>"), Text("<整数>", "<number>")

app = typer.Typer(
    cls=Verbs,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=says(
        Text(
            "用真实数据检验城市规划：测算各项指标，对照规划承诺，给出达到、未达到还是无法判定，差多少，差在哪里。\n\n"
            "退出码：0 结果已写出（未达到也是结果）；2 输入有误、文件夹不能写或命令有误，用一行说明。",
            "Hold a city plan against the ground: what is measured, what was promised, met or missed, by how much, and "
            "where.\n\nExit codes: 0 a result was written (a missed target is a result); 2 bad input, an unwritable folder "
            "or a call that cannot be meant, told in one line.",
        )
    ),
)
StudyArgument = Annotated[
    Path | None,
    typer.Argument(
        help=says(
            Text("研究文件 study.toml；不给则用自带的虚构城市", "study.toml; without it the bundled invented city")
        )
    ),
]
LangOption = Annotated[
    Lang | None,
    typer.Option(
        metavar="zh|en",
        help=says(
            Text(
                "结果和报错的语言；不给则依次按研究文件的 lang、环境变量 SUIZHOU_GEO_LANG，都没有则为中文",
                "language of results and errors; without it that of the study file (lang), else of the environment variable "
                "SUIZHOU_GEO_LANG, else Chinese",
            )
        ),
    ),
]


OwnLangOption = Annotated[  # of the commands that no study belongs to
    Lang | None,
    typer.Option(
        metavar="zh|en",
        help=says(
            Text(
                "提示和报错的语言；不给则按环境变量 SUIZHOU_GEO_LANG，没有则为中文",
                "language of what is said here; without it that of the environment variable SUIZHOU_GEO_LANG, else Chinese",
            )
        ),
    ),
]


def _spoken(lang: Lang | None, study: Lang | None = None) -> Lang:
    """The language of every command: the one asked for, else that of the study, else that of the environment, else Chinese."""
    return lang or study or spoken_lang()


def _guarded(verb: Callable[_Given, None]) -> Callable[_Given, None]:
    """A verb that tells an error of ours in one sentence, in the language asked for, and exits with 2."""

    @wraps(verb)
    def guarded(*args: _Given.args, **given: _Given.kwargs) -> None:
        try:
            verb(*args, **given)
        except SuizhouGeoError as error:
            error.lang = given.get("lang") or error.lang  # type: ignore[assignment]
            tell_error(str(error), _spoken(error.lang))
            sys.exit(2)

    return guarded


@app.command(
    cls=Verb,
    help=says(
        Text(
            "测算一座城市，对照规划，写出计分表、图层、地图和运行记录。",
            "Measure a city, hold it against its plan, and write scorecard, layers, map and the run's record.",
        )
    ),
)
@_guarded
def run(
    study: StudyArgument = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar=says(_FOLDER),
            help=says(
                Text(
                    "结果文件夹；默认 data/processed/<研究文件夹>",
                    "results folder; default data/processed/<study folder>",
                )
            ),
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
            metavar=says(_FILE),
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
            metavar=says(_KEY), help=says(Text("天地图密钥，与 --tiles tianditu 同用", "key for --tiles tianditu"))
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
    if template is not None and not full:
        raise InputError(
            "--template 是报告的模板，只与 --full 同用；请加上 --full，或去掉 --template",
            "--template is for the report and goes with --full; add --full, or leave --template out",
        )
    path, started = study or BUNDLED, time.perf_counter()
    folder = out or RESULTS / path.resolve().parent.name
    spoken = _spoken(lang, study_lang(path))
    gc.disable()  # a run makes millions of small objects and ends soon: collecting them takes a tenth of its time
    try:
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
    finally:
        gc.enable()
    if not quiet:
        tell_table(result, spoken)
        _tell(say("took", spoken, seconds=time.perf_counter() - started))
    _tell(*(f"! {sentence}" for sentence in lost))
    tell_end(result, spoken, folder, short=quiet)


@app.command(
    cls=Verb,
    help=says(
        Text(
            "看一个文件夹里有什么资料，提出研究文件，要回答的问题写在其中；再运行一次接着完善。",
            "Look at the files in a folder and propose a study file with its questions; run again, it is carried on.",
        )
    ),
)
@_guarded
def new(
    folder: Annotated[Path, typer.Argument(help=says(Text("资料所在的文件夹", "the folder with the files")))],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar=says(_FILE),
            help=says(
                Text(
                    "研究文件写到哪里；默认写成该文件夹里的 study.toml",
                    "the study file; default study.toml in the folder",
                )
            ),
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Look at the files in a folder and propose a study file with its questions; run again, it is carried on."""
    spoken = _spoken(lang)
    with speaking(spoken), progress_told(spoken, quiet=False) as tell_step:
        found = new_study(folder, out, lang=spoken, progress=tell_step)
    tell_new(found, spoken)


@app.command(
    cls=Verb,
    help=says(
        Text("测算之前，说明输入数据的全部情况。", "Say everything that can be said about the inputs before measuring.")
    ),
)
@_guarded
def check(study: StudyArgument = None, lang: LangOption = None) -> None:
    """Say everything that can be said about the inputs before measuring."""
    read = read_study(study or BUNDLED)
    spoken = _spoken(lang, read.lang)
    with speaking(spoken):
        check_params(read.params)
    for source in read.inputs:
        rows = "" if source.rows is None else Text(f"{source.rows:,} 行  ", f"{source.rows:,} rows  ").speak(spoken)
        _tell(f"{_role(source.role).speak(spoken)}: {source.path}  {rows}{source.modified}")
        _tell(*(f"  - {note.speak(spoken)}" for note in source.notes))
    told = [finding.speak(spoken) for finding in (*read.findings, *findings(read))]
    ready = Text(f"{len(told)} 条说明；输入数据可以测算", f"{len(told)} findings; the inputs can be measured")
    _tell(*(f"! {finding}" for finding in told), ready.speak(spoken))


def _role(role: str) -> Text:
    """What a file of the study is, beside the key that names it there."""
    zh = _ROLES.get(role) or LAYERS[role].name_zh
    return Text(f"{zh} {role}", role)


@app.command(
    cls=Verb,
    help=says(
        Text(
            "写出虚构城市：研究所需的全部输入，均为虚构，并附正确答案。",
            "Write the invented city: every input a study needs, all of it made up, with its true answers beside it.",
        )
    ),
)
@_guarded
def sample(
    folder: Annotated[
        Path, typer.Argument(help=says(Text("虚构城市写到哪个文件夹", "where to write the invented city")))
    ],
    seed: Annotated[
        int,
        typer.Option(
            metavar=says(_NUMBER),
            help=says(Text("随机种子：同一种子得到同一座城市", "the seed: the same gives the same city")),
        ),
    ] = 0,
    lang: OwnLangOption = None,
) -> None:
    """Write the invented city: every input a study needs, all of it made up, with its true answers beside it."""
    write_city(folder, seed=seed)
    done = Text(
        f"虚构城市（虚构数据）已写到 {folder}；测算：suizhou-geo run {folder}/study.toml",
        f"invented city (虚构数据) written to {folder}; measure it with: suizhou-geo run {folder}/study.toml",
    )
    _tell(done.speak(_spoken(lang)))


@app.command(
    cls=Verb,
    help=says(
        Text(
            "写出统计表：地图量不出的数，方案用到的每个数一行，供填写。",
            "Write the form for what no map measures: one row for each figure the plan of a study needs.",
        )
    ),
)
@_guarded
def form(
    study: StudyArgument = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar=says(_FILE),
            help=says(Text("统计表写到哪里：.csv 或 .xlsx", "where to write the form: .csv or .xlsx")),
        ),
    ] = Path("statistics.csv"),
    lang: LangOption = None,
) -> None:
    """Write the form for what no map measures: one row for each figure the plan of a study needs."""
    plan, own = study_plan(study or BUNDLED)
    spoken = _spoken(lang, own)
    with speaking(spoken):
        rows = write_form(plan, out, measured=families())
    done = Text(
        f"{out}：共 {rows} 行待填；填好后写进研究文件的 [statistics]",
        f"{out}: {rows} rows to fill in; name it in the study file under [statistics]",
    )
    _tell(done.speak(spoken))


def _tell(*lines: str) -> None:
    Terminal(soft_wrap=True).tell(*lines)


@app.command(
    cls=Verb,
    help=says(
        Text(
            "几个年份的结果并列：变了什么、变了多少、在哪里，进度够不够。",
            "Hold results of several years side by side: what changed, by how much, where, and whether the pace is enough.",
        )
    ),
)
@_guarded
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
        typer.Option(
            metavar=says(_FOLDER),
            help=says(
                Text(
                    "对比写到哪个文件夹；默认在最后一个结果旁边",
                    "folder for the comparison; default beside the last results",
                )
            ),
        ),
    ] = None,
    year: Annotated[
        list[int] | None,
        typer.Option(
            metavar=says(_NUMBER),
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
    read = compare_results(*results, years=year, anyway=anyway, lang=lang)
    found = replace(read, lang=_spoken(lang, read.last.lang))
    last = results[-1].absolute()
    folder = out or last.with_name(f"{last.name}_compared")
    with speaking(found.lang):
        found.write(folder)
    tell_comparison(found)
    _tell(Text(f"对比：{folder}", f"Comparison: {folder}").speak(found.lang))


@app.command(
    "fetch",
    cls=Verb,
    help=says(
        Text(
            "联网下载一地的 OpenStreetMap 数据、范围线和人口栅格；中断后用同一条命令接着下载。",
            "Fetch OpenStreetMap of a place, its outline and a population raster; stopped, the same call goes on.",
        )
    ),
)
@_guarded
def fetch_data(
    place: Annotated[
        str | None,
        typer.Option(metavar=says(_NAME), help=says(Text("地名，如 随州市", "the name of the place, e.g. 随州市"))),
    ] = None,
    bbox: Annotated[
        str | None,
        typer.Option(
            metavar=says(Text("<西,南,东,北>", "<w,s,e,n>")),
            help=says(
                Text("或经纬度范围（WGS 84），如 113.3,31.6,113.5,31.8", "or a box of degrees: 113.3,31.6,113.5,31.8")
            ),
        ),
    ] = None,
    polygon: Annotated[
        Path | None,
        typer.Option(metavar=says(_FILE), help=says(Text("或面图层文件的范围", "or the polygons of a file"))),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar=says(_FOLDER),
            help=says(Text("下载到哪个文件夹；默认 data/raw/<名称>", "where to put it; default data/raw/<name>")),
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            metavar=says(_URL),
            help=says(
                Text(
                    "Overpass 服务器；默认 https://overpass-api.de/api",
                    "Overpass server; default https://overpass-api.de/api",
                )
            ),
        ),
    ] = None,
    geocoder: Annotated[
        str | None,
        typer.Option(
            metavar=says(_URL),
            help=says(Text("查地名的 Nominatim 服务器", "Nominatim server that looks the place up")),
        ),
    ] = None,
    population: Annotated[
        Population | None,
        typer.Option(metavar="worldpop|ghsl", help=says(Text("另下载人口栅格", "a population raster, too"))),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            metavar=says(_NUMBER),
            help=says(Text("与 --population 同用：年份，默认 2020", "with --population: its year, default 2020")),
        ),
    ] = None,
    url: Annotated[
        list[str] | None,
        typer.Option(
            metavar=says(_URL),
            help=says(
                Text(
                    "与 --population 同用：改从此地址下载，可重复", "with --population: fetch it from here; repeatable"
                )
            ),
        ),
    ] = None,
    lang: OwnLangOption = None,
) -> None:
    """Fetch OpenStreetMap of a place, its outline and a population raster; stopped, the same call goes on."""
    spoken = _spoken(lang)
    with speaking(spoken), progress_told(spoken, quiet=False) as tell_step:
        if population is None and (year is not None or url):
            raise InputError(
                "--year 和 --url 只与 --population 同用；请加上 --population，或去掉它们",
                "--year and --url go with --population; add it, or leave them out",
            )
        if geocoder is not None and place is None:
            raise InputError(
                "--geocoder 只与 --place 同用；请加上 --place，或去掉它",
                "--geocoder goes with --place; add it, or leave it out",
            )
        where = _where(place, bbox, polygon)
        done = fetch(where, out=out, server=server, geocoder=geocoder, progress=tell_step, lang=spoken)
        if population is not None:
            done = fetch_population(
                population, folder=done.folder, year=year, urls=url or (), progress=tell_step, lang=spoken
            )
    Terminal(soft_wrap=True).tell(*(line.speak(spoken) for line in _fetched_lines(done)))


def _where(place: str | None, bbox: str | None, polygon: Path | None) -> str | Path | tuple[float, float, float, float]:
    """What is to be fetched, of the three ways to say it."""
    given = [way for way in (place, bbox, polygon) if way is not None]
    if len(given) != 1:
        raise InputError(
            "请用 --place、--bbox、--polygon 之一给出范围",
            "say what to fetch with one of --place, --bbox and --polygon",
        )
    if bbox is None:
        return given[0]
    try:
        west, south, east, north = map(float, bbox.replace("，", ",").split(","))
    except ValueError:
        raise InputError(
            f"--bbox “{bbox}”应是四个经纬度，按 西,南,东,北，如 113.3,31.6,113.5,31.8",
            f"--bbox {bbox!r} should be four degrees, west,south,east,north, e.g. 113.3,31.6,113.5,31.8",
        ) from None
    return west, south, east, north


def _fetched_lines(done: Fetched) -> list[Text]:
    """What was fetched, of what date, how large, and what to do next."""
    osm, outline = done.record["osm"], done.record["outline"]
    lines = []
    if "found" in outline:
        lines.append(
            Text(f"找到：{outline['found']}（{outline['osm']}）", f"found: {outline['found']} ({outline['osm']})")
        )
    lines.append(
        Text(f"范围：{outline['km2']:,.1f} km²  {done.outline}", f"outline: {outline['km2']:,.1f} km²  {done.outline}")
    )
    dates = (
        osm["osm_base"]
        if osm["osm_base"] == osm["osm_base_newest"]
        else f"{osm['osm_base']} – {osm['osm_base_newest']}"
    )
    size = f"{osm['bytes']:,} B  SHA-256 {osm['sha256']}"
    lines.append(
        Text(
            f"OpenStreetMap：{osm['objects']:,} 个对象，数据日期 {dates}  {done.osm}  {size}",
            f"OpenStreetMap: {osm['objects']:,} objects, data of {dates}  {done.osm}  {size}",
        )
    )
    for name, raster in done.record.get("population", {}).items():
        size = f"{raster['bytes']:,} B  SHA-256 {raster['sha256']}"
        lines.append(Text(f"人口：{done.folder / name}  {size}", f"population: {done.folder / name}  {size}"))
        sources = [f"  {file['url']}  {file['bytes']:,} B  SHA-256 {file['sha256']}" for file in raster["files"]]
        lines += map(alike, sources)
    lines.append(
        Text(
            f"范围线按行政界线（administrative）写入研究文件，请核对；下一步：suizhou-geo check {done.study}",
            f"the study file takes the outline for an administrative one, please check; next: suizhou-geo check {done.study}",
        )
    )
    return lines


@app.command(
    cls=Verb,
    help=says(
        Text(
            "从规划文件（txt、md、docx、html、pdf）读出量化承诺，写成方案草稿，供人核对。",
            "Draft a plan file of what a document (txt, md, docx, html, pdf) promises in numbers, for a person to check.",
        )
    ),
)
@_guarded
def targets(
    document: Annotated[Path, typer.Argument(help=says(Text("规划文件", "the document of the plan")))],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar=says(_FILE),
            help=says(
                Text(
                    "草稿写到哪个 .toml；默认在当前文件夹，与规划文件同名",
                    "which .toml to write the draft to; default in this folder, named like the document",
                )
            ),
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Draft a plan file of what a document promises in numbers, for a person to check."""
    spoken = lang or spoken_lang()
    with speaking(spoken):
        draft = drafted_plan(document, lang=spoken)
        path = out or Path(f"{document.stem}.toml")
        page = draft.write(path)
    measured = sum(row.entry is not None for row in draft.rows)
    done = Text(
        f"{path}：草稿 {len(draft.rows)} 条，其中 {measured} 条对应指标，均未核对",
        f"{path}: {len(draft.rows)} drafts, {measured} of a measure, none of them checked",
    )
    check = Text(f"逐条核对：{page}；改正后删去 sure = false", f"check each beside {page}; then take sure = false out")
    _tell(done.speak(spoken), check.speak(spoken))
