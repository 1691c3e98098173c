"""How the command line tells its own use, in Chinese or English: the help of its verbs, and one line for a slip of the pen."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from typer.core import TyperCommand, TyperGroup

from suizhou_geo.errors import did_you_mean
from suizhou_geo.errors.text import NOTHING, Text, listed_text, spoken_lang

_Rows = list[tuple[str, str]]
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]
_USAGE, _ARGUMENTS, _OPTIONS, _VERBS = (
    Text("用法：", "Usage: "),
    Text("参数", "Arguments"),
    Text("选项", "Options"),
    Text("命令", "Commands"),
)
_HELP = Text("显示本帮助", "show this help")
_OTHER_LANGUAGE = Text(
    "English help: set the environment variable SUIZHOU_GEO_LANG=en",
    "帮助默认为中文：不设环境变量 SUIZHOU_GEO_LANG，或设为 zh",
)
_SEE = Text("；用法见 {command} --help", "; see {command} --help")
_NOT_ONE_OF = re.compile(r"'([^']*)' is not one of (.*)")


def says(text: Text) -> str:
    """Return a text in the language of help and usage: that of the environment, else Chinese."""
    return text.speak(spoken_lang())


def tell_error(sentence: str, lang: str) -> None:
    """Tell an error in one line on stderr."""
    begin = Text("错误：", "error: ").speak(lang)
    Console(stderr=True, soft_wrap=True).print(f"{begin}{sentence}", highlight=False, markup=False)


class Verb(TyperCommand):
    """A verb whose help is told in one language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 -- rich prints it
        """Print the help."""
        _print_help(self, ctx)


class Verbs(TyperGroup):
    """The command line: its help, and what it says of a call that cannot be meant."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 -- rich prints it
        """Print the help."""
        _print_help(self, ctx)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a call; as a program of its own, tell a call that cannot be meant in one line and exit with 2."""
        alone = extra.get("standalone_mode", True)
        try:
            code = super().main(*args, **(extra | {"standalone_mode": False}))
        except _UsageError as error:
            if not alone:
                raise
            _refuse(error)
        if not alone:
            return code
        sys.exit(code if isinstance(code, int) else 0)


def _refuse(error: Any) -> NoReturn:
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.exit(2)  # its help stands there already
    command = error.ctx.command_path if error.ctx else "suizhou-geo"
    tell_error(says(_slip(error) + _SEE.filled(command=command)), spoken_lang())
    sys.exit(2)


def _slip(error: Any) -> Text:
    """What is wrong with a call, of what the reader of the command line says in English."""
    kind, said = type(error).__name__, error.format_message().rstrip(".")
    param = getattr(error, "param", None)
    name = param.opts[0] if param is not None and param.param_type_name == "option" else getattr(param, "name", "")
    quoted = re.findall(r"'([^']*)'", said)
    if kind == "NoSuchOption":
        return Text(f"没有选项 {error.option_name}", f"no such option: {error.option_name}") + _perhaps(
            error.possibilities
        )
    if kind == "MissingParameter":
        return Text(f"缺少{'选项' if name.startswith('-') else '参数'} {name}", said)
    if match := _NOT_ONE_OF.search(said):
        allowed = listed_text(re.findall(r"'([^']*)'", match[2]))
        return Text(
            f"{name} 不能是“{match[1]}”，可选的有 {allowed.zh}", f"{name} is {match[1]!r}; give one of {allowed.en}"
        )
    if kind == "BadOptionUsage":
        needs = "requires" in said
        return Text(f"选项 {error.option_name} {'后面要给出值' if needs else '不带值'}", said)
    if said.startswith("No such command") and quoted:
        verbs = error.ctx.command.list_commands(error.ctx)
        there = Text("；可用的有 ", "; there are ") + listed_text(verbs)
        return Text(f"没有命令 {quoted[0]}", f"no such command: {quoted[0]}") + (did_you_mean(quoted[0], verbs) + there)
    if extra := re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", said):
        return Text(f"多出参数 {extra[1]}", said)
    if "integer" in said:
        return Text(f"{name} 应为整数", said)
    if kind == "BadParameter":
        return Text(f"{name} 的值不能用（原文：“{error.message}”）", said)
    return Text(f"命令无法识别（原文：“{said}”）", said)


def _perhaps(words: Iterable[str] | None) -> Text:
    near = list(words or ())
    return Text(f"（是否应为 {near[0]}？）", f" (did you mean {near[0]}?)") if near else NOTHING


def _print_help(command: Any, ctx: Any) -> None:
    console = Console()
    arguments, options = _rows(command.get_params(ctx))
    verbs = [(name, command.commands[name].help or "") for name in getattr(command, "commands", {})]
    pieces = [f"[{says(_OPTIONS)}]"] + ([says(_VERBS)] if verbs else []) + [name for name, _ in arguments]
    console.print(f"{says(_USAGE)}{ctx.command_path} {' '.join(pieces)}", markup=False, highlight=False)
    console.print(f"\n{command.help or ''}", markup=False, highlight=False)
    for head, rows in ((_ARGUMENTS, arguments), (_OPTIONS, options), (_VERBS, verbs)):
        if rows:
            console.print(f"\n{says(head)}", style="bold", markup=False)
            console.print(_grid(rows))
    console.print(f"\n{says(_OTHER_LANGUAGE)}", style="dim", markup=False, highlight=False)


def _rows(params: Iterable[Any]) -> tuple[_Rows, _Rows]:
    """The names and the help of the arguments and of the options."""
    arguments: _Rows = []
    options: _Rows = []
    for param in params:
        if param.param_type_name == "argument":
            arguments.append((param.name if param.required else f"[{param.name}]", param.help or ""))
        else:
            words = says(_HELP) if param.name == "help" else param.help or ""
            options.append((_option(param), words))
    return arguments, options


def _option(param: Any) -> str:
    if param.is_flag:
        return ", ".join((*param.opts, *param.secondary_opts))
    return f"{', '.join(param.opts)} {param.metavar or ''}".rstrip()


def _grid(rows: _Rows) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, words in rows:
        grid.add_row(escape(name), escape(words))
    return grid
