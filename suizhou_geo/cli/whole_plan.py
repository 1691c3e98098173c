"""The verb that closes a plan's gaps with the fewest projects: `whole-plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from suizhou_geo.cli.app import LangOption, StudyArgument, app, folder_option, guarded, tell
from suizhou_geo.cli.usage import Verb, says
from suizhou_geo.errors import speaking
from suizhou_geo.errors.text import Text, language


@app.command(
    cls=Verb,
    help=says(
        Text(
            "一揽子项目：用最少的项目使未达到的承诺达到，达不到的说明制约因素。",
            "The whole plan: the fewest projects that turn every missed promise to met, or what binds where none can.",
        )
    ),
)
@guarded
def whole_plan(
    study: StudyArgument = None,
    out: Annotated[
        Path | None,
        folder_option(
            "写到哪个文件夹；默认 data/processed/<研究文件夹>_whole_plan",
            "folder to write into; default data/processed/<study folder>_whole_plan",
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """The whole plan: the fewest projects that turn every missed promise to met, or what binds where none can."""
    from suizhou_geo.cli.measuring import BUNDLED
    from suizhou_geo.cli.screen import progress_told
    from suizhou_geo.cli.terminal import Terminal
    from suizhou_geo.outputs import whole_plan as plans
    from suizhou_geo.outputs.folder import WHOLE_PLAN, check_folder
    from suizhou_geo.sources.study import study_lang

    path = study or BUNDLED
    spoken = language(lang, study_lang(path))
    folder = out or Path("data/processed") / f"{path.resolve().parent.name}_whole_plan"
    with speaking(spoken):
        check_folder(folder, WHOLE_PLAN)  # told before anything is measured
        with progress_told(spoken, quiet=False) as tell_step:
            found = plans.whole_plan(path, lang=spoken, progress=tell_step)
        found.write(folder)
    table = found.gaps_table()
    Terminal().tell_table(table.iloc[:, :-1])  # what binds is told in lines of its own: sentences
    tell(*(said.speak(spoken) for said in found.binding()))
    tell(*found.summary())
    tell(Text(f"先打开 {folder / 'map.html'}", f"Open first: {folder / 'map.html'}").speak(spoken))
