"""The terminal: the one place where words leave for the screen, with nothing in them that could command it.

Names of studies, zones, layers and columns are strangers' text. What would move the cursor, set a title, turn the direction
of writing or break a line is shown as its escape (`\\x1b`, `\\u202e`), and neither markup nor emoji codes mean anything.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

LONG = 18  # characters a line of the longest text of a table has at the least
_COMMANDS = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control, invisible (with those of direction), half characters, line ends


def plain(words: str) -> str:
    r"""Return words with every character that commands a terminal written out; line ends stay.

    >>> print(plain("red \x1b[31m, turned \u202e, 随州\n"), end="")
    red \x1b[31m, turned \u202e, 随州
    """
    if words.isprintable():
        return words
    return "".join(one if one == "\n" or unicodedata.category(one) not in _COMMANDS else _escape(one) for one in words)


def one_line(words: str) -> str:
    r"""Return the same with the line ends written out, too.

    >>> print(one_line("a\nb"))
    a\nb
    """
    return plain(words).replace("\n", _escape("\n"))


def _escape(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")


class Terminal(Console):
    """Standard output, or standard error: a console that shows texts as they are, and commands in them written out."""

    def __init__(self, *, stderr: bool = False, soft_wrap: bool = False) -> None:
        """With `soft_wrap` lines are left as long as they are."""
        super().__init__(stderr=stderr, soft_wrap=soft_wrap, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **how: Any) -> Text:
        """Return a text to be shown: every string passes here, those in tables, too."""
        return super().render_str(plain(text), **how)

    def tell(self, *lines: str, **how: Any) -> None:
        """Print each on a line of its own."""
        for line in lines:
            self.print(one_line(line), **how)

    def tell_table(self, rows: Any) -> None:
        """Print a DataFrame as it stands, its cells folded, the longest text the least; nothing where it has no rows."""
        if rows.empty:
            return
        told = rows.astype(str)
        width = {head: told[head].str.len().max() for head in told}
        longest = max(width, key=width.__getitem__)
        columns = [Column(head, overflow="fold", min_width=LONG * (head == longest)) for head in told]
        table = Table(*columns, box=SIMPLE_HEAD, pad_edge=False, expand=True)
        for cells in told.itertuples(index=False):
            table.add_row(*cells)
        self.print(table)
