"""What a street is called: placeholders that are no names, several spellings in one name, words for one carriageway of it.

The words stand in standards/road_classes.toml under [names].
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

import pandas as pd

from suizhou_geo.geometry.arrays import Bools, Ints
from suizhou_geo.standards import table

_SPACING = re.compile(r"[\s()\[\]<>·,;'\"-]")
_BETWEEN = re.compile(r"[;/|、,]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_GLUED = re.compile(r"(?<=[\u3400-\u9fff])(?=[A-Za-z]{3})")


@cache
def _pattern(word: str) -> re.Pattern[str]:
    return re.compile(table("road_classes")["names"][word])


def _plain(text: str) -> str:
    return _SPACING.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _is_none(plain: str) -> bool:
    if plain in table("road_classes")["names"]["none"]:
        return True
    return any(_pattern(word).search(plain) for word in ("none_like", "kind_of"))


@cache
def real_name(name: object) -> str | None:
    """Return the name of a street, or None for nothing, a placeholder (无名路, 规划路, NULL, ????), a mere kind or number.

    >>> real_name(" 人民路 "), real_name("无名路"), real_name("????"), real_name("道路12"), real_name("小区内部道路")
    ('人民路', None, None, None, None)
    """
    if not isinstance(name, str):
        return None
    parts = [part.strip() for part in _BETWEEN.split(unicodedata.normalize("NFKC", name))]
    real = any(not _is_none(_plain(part)) for part in parts)
    return name.strip() if real else None


def real_names(names: pd.Series) -> pd.Series:
    """The names of streets as `real_name` takes them."""
    return pd.Series([real_name(name) for name in names], index=names.index, dtype=object)


def names_saying(names: pd.Series, pattern: str) -> Bools:
    """Which names hold a pattern, in half-width letters and whatever the case."""
    said = re.compile(pattern, re.IGNORECASE)
    found = {
        name: isinstance(name, str) and bool(said.search(unicodedata.normalize("NFKC", name).strip()))
        for name in names.unique()
    }
    result: Bools = names.map(found).to_numpy(dtype=bool)
    return result


@cache
def spellings(name: object) -> tuple[tuple[str, ...], bool]:
    """Return every base name a name is made of, and whether it speaks of one carriageway of its street.

    Parts are set off by ; , or /, or are the Chinese words of a name in two languages. Words like 辅路, 东行 and 东段 belong
    to no base name, and a route number is one only where there is nothing else.

    >>> spellings("人民路（G316）"), spellings("人民路 Renmin Road"), spellings("环城路(东行)")
    ((('人民路',), False), (('人民路', '人民路renminroad', 'renminroad'), False), (('环城路',), True))
    """
    real = real_name(name)
    if real is None:
        return (), isinstance(name, str) and _base(_plain(name))[1]
    found = [
        _base(_plain(part)) for whole in _BETWEEN.split(unicodedata.normalize("NFKC", real)) for part in _of(whole)
    ]
    bases = list(dict.fromkeys(base for base, _ in found if base and not _is_none(base)))
    streets = [base for base in bases if not _pattern("route").fullmatch(base)]
    return tuple(streets or bases), any(marked for _, marked in found)


def _of(name: str) -> list[str]:
    """A name in two languages as its Chinese words, the whole, and the rest; any other as it is."""
    words = _GLUED.sub(" ", name).split()
    chinese = [word for word in words if _CHINESE.search(word)]
    if not chinese or len(chinese) == len(words):
        return [name]
    return ["".join(chinese), name, "".join(word for word in words if not _CHINESE.search(word))]


def _base(plain: str) -> tuple[str, bool]:
    base, marked = plain, False
    while True:
        shorter = _pattern("carriageway").sub("", base)
        marked |= shorter != base
        for word in ("stretch", "numbered"):
            shorter = _pattern(word).sub("", shorter)
        if shorter == base:
            return base, marked
        base = shorter


@cache
def base_name(name: object) -> tuple[str, bool]:
    """Return the name of the street a carriageway belongs to, and whether the name spoke of one carriageway of it.

    >>> base_name("迎宾大道辅路"), base_name("迎宾大道（主路）"), base_name("Ringland Way"), base_name(None)
    (('迎宾大道', True), ('迎宾大道', True), ('ringlandway', False), ('', False))
    """
    bases, marked = spellings(name)
    return next(iter(bases), ""), marked


def street_numbers(names: Iterable[object]) -> Ints:
    """Number the streets that lines belong to by their base names, in the order of the lines; -1 without a name."""
    numbers: Ints = pd.factorize(pd.Series([base_name(name)[0] or None for name in names], dtype=object))[0]
    return numbers.astype("int64")
