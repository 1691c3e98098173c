"""How the command line tells its own use, in Chinese or English: the help of its verbs, and one line for a slip of the pen."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, NoReturn

import typer
from rich.table import Table
from typer.core import TyperCommand, TyperGroup

from suizhou_geo.cli.terminal import Terminal
from suizhou_geo.errors import did_you_mean
from suizhou_geo.errors.text import NOTHING, Text, language, listed_text

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
_SEE = Text("；用法可运行 {command} --help 查看", "; for its use: {command} --help")
_NOT_ONE_OF = re.compile(r"'([^']*)' is not one of (.*)")


def says(text: Text) -> str:
    """Return a text in the language of help and usage: that of the environment, else Chinese."""
    return text.speak(language())


def tell_error(sentence: str, lang: str) -> None:
    """Tell an error in one line on stderr."""
    begin = Text("错误：", "error: ").speak(lang)
    Terminal(stderr=True, soft_wrap=True).tell(f"{begin}{sentence}")


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
        given = (args[0] if args else extra.get("args")) or sys.argv[1:]
        verb = next((word for word in given if word in self.commands), "")
        try:
            code = super().main(*args, **(extra | {"standalone_mode": False}))
        except _UsageError as error:
            if not alone:
                raise
            _refuse(error, f"suizhou-geo {verb}".rstrip())
        if not alone:
            return code
        sys.exit(code if isinstance(code, int) else 0)


def _refuse(error: Any, command: str) -> NoReturn:
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.exit(2)  # its help stands there already
    command = error.ctx.command_path if error.ctx else command
    tell_error(says(_slip(error) + _SEE.filled(command=command)), language())
    sys.exit(2)


def _slip(error: Any) -> Text:
    """What is wrong with a call, of what the reader of the command line says in English."""
    kind, said = type(error).__name__, error.format_message().rstrip(".")
    param = getattr(error, "param", None)
    name = param.opts[0] if param is not None and param.param_type_name == "option" else getattr(param, "name", "")
    quoted = re.findall(r"'([^']*)'", said)
    if kind == "NoSuchOption":
        hint = _nearest_option(error.option_name, error.ctx)
        return Text(f"没有 {error.option_name} 这个选项", f"there is no option {error.option_name}") + hint
    if kind == "MissingParameter":
        what = getattr(param, "help", None) or ""
        return Text(f"缺少参数 {name}（{what}），请补上", f"the argument {name} is missing ({what}); give it")
    if match := _NOT_ONE_OF.search(said):
        allowed = listed_text(re.findall(r"'([^']*)'", match[2]))
        return Text(
            f"{name} 不能写“{match[1]}”，请写下列之一：{allowed.zh}",
            f"{name} is {match[1]!r}; give one of {allowed.en}",
        )
    if kind == "BadOptionUsage" and "requires" in said:
        return Text(f"选项 {error.option_name} 后面缺少它的值，请补上", f"the option {error.option_name} needs a value")
    if kind == "BadOptionUsage":
        return Text(f"选项 {error.option_name} 是开关，后面不写值", f"the option {error.option_name} takes no value")
    if said.startswith("No such command") and quoted:
        verbs = error.ctx.command.list_commands(error.ctx)
        there = Text("；可用的命令有 ", "; the commands are ") + listed_text(verbs)
        hint = did_you_mean(quoted[0], verbs)
        return Text(f"没有 {quoted[0]} 这个命令", f"there is no command {quoted[0]}") + hint + there
    if extra := re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", said):
        return Text(f"多出了参数 {extra[1]}，请去掉", f"{extra[1]} is more than the command takes; leave it out")
    if "integer" in said:
        return Text(f"{name} 的值应为整数", f"{name} takes a whole number")
    if kind == "BadParameter":
        return Text(f"{name} 的值不能用（原文：“{error.message}”）", said)
    return Text(f"命令无法识别（原文：“{said}”）", said)


def _nearest_option(written: str, ctx: Any) -> Text:
    """The option that may have been meant, by its word alone: the dashes are alike in all."""
    known = {
        one.lstrip("-"): one for param in ctx.command.get_params(ctx) for one in (*param.opts, *param.secondary_opts)
    }
    words = [word for word in known if known[word].startswith("--")]
    near = get_close_matches(written.lstrip("-"), words, n=1)
    return Text(f"（是否应为 {known[near[0]]}？）", f" (did you mean {known[near[0]]}?)") if near else NOTHING


def _print_help(command: Any, ctx: Any) -> None:
    console = Terminal()
    arguments, options = _rows(command.get_params(ctx))
    verbs = [(name, command.commands[name].help or "") for name in getattr(command, "commands", {})]
    pieces = [f"[{says(_OPTIONS)}]"] + ([says(_VERBS)] if verbs else []) + [name for name, _ in arguments]
    console.print(f"{says(_USAGE)}{ctx.command_path} {' '.join(pieces)}")
    console.print(f"\n{command.help or ''}")
    for head, rows in ((_ARGUMENTS, arguments), (_OPTIONS, options), (_VERBS, verbs)):
        if rows:
            console.print(f"\n{says(head)}", style="bold")
            console.print(_grid(rows))
    console.print(f"\n{says(_OTHER_LANGUAGE)}", style="dim")


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
        grid.add_row(name, words)
    return grid
