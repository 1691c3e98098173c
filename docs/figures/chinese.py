"""The drawings in Chinese: the same shapes with the words of `chinese.toml`."""

from __future__ import annotations

import re
import tomllib
from html import escape, unescape
from pathlib import Path

WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?%?")
UNITS = re.compile(r"\b(?:km|min|m)²?(?!\w)")


def in_chinese(drawing: str) -> str:
    """The drawing with every word in Chinese; raises KeyError for words that `chinese.toml` has not got."""
    return re.sub(
        r"(<title>|<text[^>]*>)([^<]+)", lambda found: found[1] + escape(_chinese(unescape(found[2]))), drawing
    )


def _chinese(words: str) -> str:
    pattern = NUMBER.sub("#", words)
    if pattern not in WORDS and not re.search("[A-Za-z]", UNITS.sub("", words)):
        return words  # a number with its unit, or a name
    return WORDS[pattern].format(*NUMBER.findall(words))
