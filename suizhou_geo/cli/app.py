"""The app the verbs are commands of, the options they share, and how they speak and tell an error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec

import typer

from suizhou_geo.cli.terminal import Terminal
from suizhou_geo.cli.usage import Verbs, says, tell_error
from suizhou_geo.errors import SuizhouGeoError
from suizhou_geo.errors.text import Lang, Text, language

_Given = ParamSpec("_Given")

FOLDER, FILE = Text("<文件夹>", "<folder>"), Text("<文件>", "<file>")
NAME, URL = Text("<地名>", "<name>"), Text("<网址>", "<url>")
KEY, NUMBER = Text("<密钥>", "<key>"), Text("<整数>", "<number>")

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


def folder_option(zh: str, en: str) -> Any:
    """The option that names the folder a verb writes into."""
    return typer.Option(metavar=says(FOLDER), help=says(Text(zh, en)))


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


def guarded(verb: Callable[_Given, None]) -> Callable[_Given, None]:
    """A verb that tells an error of ours in one sentence, in the language asked for, and exits with 2."""

    @wraps(verb)
    def told(*args: _Given.args, **given: _Given.kwargs) -> None:
        try:
            verb(*args, **given)
        except SuizhouGeoError as error:
            error.lang = given.get("lang") or error.lang  # type: ignore[assignment]
            tell_error(str(error), language(error.lang))
            sys.exit(2)

    return told


def tell(*lines: str) -> None:
    """Print lines to the terminal, each in one piece however long."""
    Terminal(soft_wrap=True).tell(*lines)
