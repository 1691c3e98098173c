"""The verbs that prepare what is measured: `new`, `sample`, `fetch`, `targets`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from suizhou_geo.cli.app import (
    FILE,
    FOLDER,
    NAME,
    NUMBER,
    URL,
    LangOption,
    OwnLangOption,
    app,
    guarded,
    tell,
)
from suizhou_geo.cli.terminal import Terminal
from suizhou_geo.cli.usage import Verb, says
from suizhou_geo.errors import InputError, speaking
from suizhou_geo.errors.text import Text, language

BUNDLED = Path("data/raw/invented_city/study.toml")
RESULTS = Path("data/processed")


@app.command(
    cls=Verb,
    help=says(
        Text(
            "看一个文件夹里有什么资料，提出研究文件，要回答的问题写在其中；再运行一次接着完善。",
            "Look at the files in a folder and propose a study file with its questions; run again, it is carried on.",
        )
    ),
)
@guarded
def new(
    folder: Annotated[Path, typer.Argument(help=says(Text("资料所在的文件夹", "the folder with the files")))],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar=says(FILE),
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
    from suizhou_geo.cli.prepared import tell_new
    from suizhou_geo.cli.screen import progress_told
    from suizhou_geo.sources.new_study import new_study

    spoken = language(lang)
    with speaking(spoken), progress_told(spoken, quiet=False) as tell_step:
        found = new_study(folder, out, lang=spoken, progress=tell_step)
    tell_new(found, spoken)


@app.command(
    cls=Verb,
    help=says(
        Text(
            "写出虚构城市：研究所需的全部输入，均为虚构，并附正确答案。",
            "Write the invented city: every input a study needs, all of it made up, with its true answers beside it.",
        )
    ),
)
@guarded
def sample(
    folder: Annotated[
        Path, typer.Argument(help=says(Text("虚构城市写到哪个文件夹", "where to write the invented city")))
    ],
    seed: Annotated[
        int,
        typer.Option(
            metavar=says(NUMBER),
            help=says(Text("随机种子：同一种子得到同一座城市", "the seed: the same gives the same city")),
        ),
    ] = 0,
    lang: OwnLangOption = None,
) -> None:
    """Write the invented city: every input a study needs, all of it made up, with its true answers beside it."""
    from suizhou_geo.invented_city import write_city

    spoken = language(lang)
    making = Text("… 生成虚构城市，约一分钟", "… making the invented city, about a minute")
    Terminal(stderr=True).tell(making.speak(spoken))
    write_city(folder, seed=seed)
    done = Text(
        f"虚构城市（虚构数据）已写到 {folder}；测算：suizhou-geo run {folder}/study.toml",
        f"invented city (虚构数据) written to {folder}; measure it with: suizhou-geo run {folder}/study.toml",
    )
    tell(done.speak(spoken))


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
@guarded
def fetch_data(
    place: Annotated[
        str | None,
        typer.Option(metavar=says(NAME), help=says(Text("地名，如 随州市", "the name of the place, e.g. 随州市"))),
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
        typer.Option(metavar=says(FILE), help=says(Text("或面图层文件的范围", "or the polygons of a file"))),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar=says(FOLDER),
            help=says(Text("下载到哪个文件夹；默认 data/raw/<名称>", "where to put it; default data/raw/<name>")),
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            metavar=says(URL),
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
            metavar=says(URL),
            help=says(Text("查地名的 Nominatim 服务器", "Nominatim server that looks the place up")),
        ),
    ] = None,
    population: Annotated[
        Literal["worldpop", "ghsl"] | None,
        typer.Option(metavar="worldpop|ghsl", help=says(Text("另下载人口栅格", "a population raster, too"))),
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(
            metavar=says(NUMBER),
            help=says(Text("与 --population 同用：年份，默认 2020", "with --population: its year, default 2020")),
        ),
    ] = None,
    url: Annotated[
        list[str] | None,
        typer.Option(
            metavar=says(URL),
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
    from suizhou_geo.cli.prepared import tell_fetched
    from suizhou_geo.cli.screen import progress_told
    from suizhou_geo.sources.fetch import fetch, fetch_population

    spoken = language(lang)
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
    tell_fetched(done, spoken)


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


@app.command(
    cls=Verb,
    help=says(
        Text(
            "从规划文件（txt、md、docx、html、pdf）读出量化承诺，写成方案草稿，供人核对。",
            "Draft a plan file of what a document (txt, md, docx, html, pdf) promises in numbers, for a person to check.",
        )
    ),
)
@guarded
def targets(
    document: Annotated[Path, typer.Argument(help=says(Text("规划文件", "the document of the plan")))],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar=says(FILE),
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
    from suizhou_geo.outputs import plan_draft

    spoken = language(lang)
    with speaking(spoken):
        draft = plan_draft.targets(document, lang=spoken)
        path = out or Path(f"{document.stem}.toml")
        page = draft.write(path)
    measured = sum(row.entry is not None for row in draft.rows)
    done = Text(
        f"{path}：草稿 {len(draft.rows)} 条，其中 {measured} 条对应指标，均未核对",
        f"{path}: {len(draft.rows)} drafts, {measured} of a measure, none of them checked",
    )
    check = Text(f"逐条核对：{page}；改正后删去 sure = false", f"check each beside {page}; then take sure = false out")
    tell(done.speak(spoken), check.speak(spoken))
