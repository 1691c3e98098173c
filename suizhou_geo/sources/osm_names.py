"""What the Chinese names of facilities say, by the table facility_names: the last word decides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from suizhou_geo.standards import table

_BRACKETS = re.compile(r"[(\[【〔<《]([^()\[\]【】〔〕<>《》]*)[)\]】〕>》]")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class _Vocabulary:
    kinds: re.Pattern[str]  # a named group per kind
    trades: re.Pattern[str]  # a named group per kind with trades
    brackets: re.Pattern[str]
    street: re.Pattern[str]


def said(vocabulary: str, name: str | None) -> str:
    """Return the kind of which a name says that a facility is ("" where it says nothing).

    `vocabulary` is a section of standards/facility_names.toml: "school" or "health".

    >>> said("school", "中学路小学"), said("school", "第二中学小学部"), said("school", "体育运动学校")
    ('primary', 'primary', 'none')
    """
    return _said(vocabulary, name) if name and _HAN.search(name) else ""


def plain(name: str) -> str:
    """Return a name without full-width letters, and without blanks but those between Latin words.

    >>> plain("随州 一中（东校区）"), plain("Suizhou No. 1")
    ('随州一中(东校区)', 'Suizhou No. 1')
    """
    half = unicodedata.normalize("NFKC", name).strip()
    return re.sub(r"(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff()])", "", half)


@cache
def _said(vocabulary: str, name: str) -> str:
    words = _vocabulary(vocabulary)
    short = _BRACKETS.sub(lambda found: found[1] if words.brackets.fullmatch(found[1]) else "", plain(name))
    short = words.street.sub(lambda found: "" if words.kinds.search(short, found.end()) else found[0], short)
    found = [*words.kinds.finditer(short)] or [*words.trades.finditer(short)]
    return found[-1].lastgroup or "" if found else ""


@cache
def _vocabulary(name: str) -> _Vocabulary:
    entry, streets = table("facility_names")[name], table("facility_names")["streets"]
    kinds: Mapping[str, Mapping[str, Any]] = entry["kinds"]
    trades = "|".join(kind["trades"] for kind in kinds.values() if "trades" in kind)
    words = "|".join(kind["words"] for kind in kinds.values() if "words" in kind)
    to_head = f"(?:(?!{words}).)*?(?:{entry['heads']})"
    patterns = [_pattern(kind, to_head) for kind in kinds.values()]
    grouped = "|".join(f"(?P<{key}>{pattern})" for key, pattern in zip(kinds, patterns, strict=True))
    alone = "|".join(f"(?P<{key}>{kind['trades']})" for key, kind in kinds.items() if "trades" in kind)
    street = f"(?:{entry['roads']}|{trades}){streets['after']}|(?:大学|学院|{trades})+{streets['grounds']}"
    return _Vocabulary(
        *(
            re.compile(_uncaptured(pattern), re.IGNORECASE)
            for pattern in (grouped, alone, f"(?:{entry['brackets']})+", street)
        )
    )


def _pattern(kind: Mapping[str, str], to_head: str) -> str:
    """The words of a kind; where it has trades, these with the head behind them, and its words with theirs, if any."""
    if "trades" not in kind:
        return kind["words"]
    with_head = f"(?:{kind['trades']}){to_head}"
    return f"(?:{kind['words']})(?:{to_head})?|{with_head}" if "words" in kind else with_head


def _uncaptured(pattern: str) -> str:
    """The pattern with its plain groups not captured: only the kinds are."""
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)
