"""What is said to a reader stands in both languages: a `Text`, Chinese first."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Lang = Literal["zh", "en"]
LANG_VARIABLE = "SUIZHOU_GEO_LANG"


@dataclass(frozen=True)
class Text:
    """Words in Chinese and in English."""

    zh: str
    en: str

    def speak(self, lang: str) -> str:
        """Return the words in `lang`: "zh" or "en"."""
        return self.en if lang == "en" else self.zh

    def __contains__(self, words: str) -> bool:
        """Whether some words stand in it, in either language."""
        return words in self.zh or words in self.en

    def __add__(self, more: Text) -> Text:
        """Return one text behind the other.

        >>> Text("红", "red") + Text("花", " flower")
        Text(zh='红花', en='red flower')
        """
        return Text(self.zh + more.zh, self.en + more.en)

    def filled(self, **parts: object) -> Text:
        """Return it with its places in braces filled; a part that is a Text itself is filled in in its language.

        >>> Text("{n}种{what}", "{n} {what}").filled(n=2, what=Text("花", "flowers"))
        Text(zh='2种花', en='2 flowers')
        """
        zh, en = ({k: v.speak(lang) if isinstance(v, Text) else v for k, v in parts.items()} for lang in get_args(Lang))
        return Text(self.zh.format(**zh), self.en.format(**en))


NOTHING = Text("", "")


def language(*asked: Lang | None) -> Lang:
    """Return the language to speak, by one rule everywhere: the first that was asked for (`lang` of a call or `--lang`,
    then that of the study file), else that of the environment variable SUIZHOU_GEO_LANG, else Chinese.

    >>> language(None, "en", "zh")
    'en'
    """
    spoken: Lang = "en" if os.environ.get(LANG_VARIABLE, "").lower().startswith("en") else "zh"
    return next((lang for lang in asked if lang), spoken)


def alike(words: object) -> Text:
    """Return what is written the same in both languages: the name of a file, a key, a code."""
    return Text(str(words), str(words))


def part_of(whole: Text, part: str) -> Text:
    """Say which part of something is meant.

    >>> part_of(alike("study.toml"), "[zones]")
    Text(zh='study.toml：[zones]', en='study.toml: [zones]')
    """
    return Text(f"{whole.zh}：{part}", f"{whole.en}: {part}")


def layer_text(name: str, file: str = "") -> Text:
    """Say which layer is meant, and of which file.

    >>> layer_text("parks"), layer_text("parks", "绿地.shp").zh
    (Text(zh='图层 parks', en='layer parks'), '图层 parks（绿地.shp）')
    """
    return Text(f"图层 {name}", f"layer {name}") + (Text(f"（{file}）", f" ({file})") if file else NOTHING)


def column_of(whole: Text, column: object) -> Text:
    """Say which column of something is meant.

    >>> column_of(layer_text("parks"), "类型")
    Text(zh='图层 parks，列“类型”', en='layer parks, column 类型')
    """
    return Text(f"{whole.zh}，列“{column}”", f"{whole.en}, column {column}")


def listed_text(words: Iterable[str], nothing: Text = NOTHING) -> Text:
    """Return names one behind the other, as each language parts them; `nothing` where there are none.

    >>> listed_text(["name", "kind"])
    Text(zh='name、kind', en='name, kind')
    """
    names = list(words)
    return Text("、".join(names), ", ".join(names)) if names else nothing
