"""The verb that says where to build: `site`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from suizhou_geo.cli.app import NUMBER, LangOption, app, folder_option, guarded, tell
from suizhou_geo.cli.usage import Verb, says
from suizhou_geo.errors import InputError, speaking
from suizhou_geo.errors.text import Text, language

MEASURE, SHARE = Text("<指标>", "<measure>"), Text("<比例>", "<share>")
KIND, MONEY = Text("<类别>", "<kind>"), Text("<费用>", "<cost>")


@app.command(
    cls=Verb,
    help=says(
        Text(
            "往哪里建：为公园、设施或充电桩选址，使覆盖率最高，或用最少的点位达到目标。",
            "Where to build: sites of parks, facilities or chargers that cover the most, or reach a target with the fewest.",
        )
    ),
)
@guarded
def site(
    study: Annotated[Path, typer.Argument(help=says(Text("研究文件 study.toml", "study.toml")))],
    measure: Annotated[
        str,
        typer.Argument(
            metavar=says(MEASURE),
            help=says(
                Text(
                    "哪项覆盖率：park_coverage、charger_coverage 或 service_coverage.<设施>，如 service_coverage.kindergarten",
                    "of which coverage: park_coverage, charger_coverage, or service_coverage.<service> such as "
                    "service_coverage.kindergarten",
                )
            ),
        ),
    ],
    p: Annotated[
        int | None,
        typer.Option("--p", metavar=says(NUMBER), help=says(Text("建几处", "how many sites"))),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            metavar=says(MONEY),
            help=says(
                Text(
                    "预算；费用见图层 candidates 的 cost 列",
                    "the budget; costs are those of the layer candidates (cost)",
                )
            ),
        ),
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(
            metavar=says(SHARE),
            help=says(
                Text(
                    "用最少的点位达到的覆盖率，如 0.9；个数、预算都不给时用方案的承诺值",
                    "the share to reach with the fewest, such as 0.9; without it, a number or a budget: what the plan promises",
                )
            ),
        ),
    ] = None,
    worst_zone_first: Annotated[
        bool, typer.Option("--worst-zone-first", help=says(Text("先抬高最差的分区", "lift the lowest zone first")))
    ] = False,
    within_capacity: Annotated[
        bool,
        typer.Option(
            "--within-capacity",
            help=says(
                Text(
                    "使有位（学位、床位）的人最多，每处不超过其容量（capacity 列）",
                    "so that the most get a place, no site holding more than its capacity (column capacity)",
                )
            ),
        ),
    ] = False,
    candidates: Annotated[
        list[str] | None,
        typer.Option(
            metavar=says(KIND),
            help=says(
                Text(
                    "备选点位，可重复：own（图层 candidates）、homes（未覆盖的居住用地），或可建用地的大类、代码，"
                    "如 reserve（留白、空闲与待建用地）",
                    "candidates, may be repeated: own (the layer candidates), homes (those not covered), or groups and codes "
                    "of land to build on such as reserve (vacant and reserve land)",
                )
            ),
        ),
    ] = None,
    reach: Annotated[
        Literal["straight_line", "street"] | None,
        typer.Option(
            metavar="straight_line|street",
            help=says(Text("直线或沿街道；默认按研究", "straight, or along the streets; default that of the study")),
        ),
    ] = None,
    of: Annotated[
        Literal["land", "persons"] | None,
        typer.Option(
            metavar="land|persons",
            help=says(
                Text("按居住用地或按人口；默认按研究", "of residential land or of persons; default that of the study")
            ),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        folder_option(
            "写到哪个文件夹；默认 data/processed/<研究文件夹>_<指标>",
            "folder to write into; default data/processed/<study folder>_<measure>",
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Where to build: sites of parks, facilities or chargers that cover the most, or reach a target with the fewest."""
    from suizhou_geo.cli.terminal import Terminal
    from suizhou_geo.outputs import siting
    from suizhou_geo.outputs.folder import SITING, check_folder
    from suizhou_geo.sources.study import read_study, study_lang

    spoken = language(lang, study_lang(study))
    folder = out or Path("data/processed") / f"{study.resolve().parent.name}_{measure}"
    others = [word for word, asked in (("worst_zone", worst_zone_first), ("capacity", within_capacity)) if asked]
    if len(others) + (target is not None) > 1:
        raise InputError(
            "--worst-zone-first、--within-capacity 与 --p 或 --budget 同用，与 --target 三者只能有其一；请只留其一",
            "--worst-zone-first and --within-capacity go with --p or --budget, and only one of them and --target at a time; "
            "keep one of them",
        )
    given: dict[str, Any] = {"reach": reach, "of": of}
    with speaking(spoken):
        check_folder(folder, SITING)  # told before anything is measured
        found = siting.site(
            read_study(study),
            measure,
            p=p,
            budget=budget,
            target=others[0] if others else target,  # type: ignore[arg-type]
            candidates=candidates,
            lang=spoken,
            **{name: word for name, word in given.items() if word is not None},
        )
        found.write(folder)
    Terminal().tell_table(found.table().reset_index())
    tell(*found.summary())
    tell(Text(f"先打开 {folder / 'map.html'}", f"Open first: {folder / 'map.html'}").speak(spoken))
