"""The verb that says what would change: `scenario`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from suizhou_geo.cli.app import LangOption, app, folder_option, guarded, tell
from suizhou_geo.cli.usage import Verb, says
from suizhou_geo.errors import speaking
from suizhou_geo.errors.text import Text, language


@app.command(
    cls=Verb,
    help=says(
        Text(
            "改了会怎样：新建、拆除一批项目后重新测算，与现状逐项、逐片区对照。",
            "What if: measure again with projects built or removed, and hold that beside what is, by measure and zone.",
        )
    ),
)
@guarded
def scenario(
    study: Annotated[Path, typer.Argument(help=says(Text("研究文件 study.toml", "study.toml")))],
    projects: Annotated[
        Path,
        typer.Argument(
            help=says(
                Text(
                    "项目文件：每行一个项目，列有 name、layer（图层或 homes）、action（build 新建、remove 拆除）和该图层的列",
                    "the projects, a row each: columns name, layer (a layer, or homes), action (build or remove) and those of "
                    "the layer",
                )
            )
        ),
    ],
    out: Annotated[
        Path | None,
        folder_option(
            "写到哪个文件夹；默认 data/processed/<研究文件夹>_scenario",
            "folder to write into; default data/processed/<study folder>_scenario",
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """What if: measure again with projects built or removed, and hold that beside what is, by measure and zone."""
    from suizhou_geo.cli.terminal import Terminal
    from suizhou_geo.outputs import scenario as scenarios
    from suizhou_geo.outputs.folder import SCENARIO, check_folder
    from suizhou_geo.sources.study import read_study, study_lang

    spoken = language(lang, study_lang(study))
    folder = out or Path("data/processed") / f"{study.resolve().parent.name}_scenario"
    with speaking(spoken):
        check_folder(folder, SCENARIO)  # told before anything is measured
        found = scenarios.scenario(read_study(study), projects, lang=spoken)
        found.write(folder)
    Terminal().tell_table(found.table())
    tell(*found.summary())
    tell(Text(f"先打开 {folder / 'map.html'}", f"Open first: {folder / 'map.html'}").speak(spoken))
