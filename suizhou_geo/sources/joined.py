"""A table without coordinates, joined to the shapes of another file by the name or the code of the place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import Text, listed_text
from suizhou_geo.geometry.arrays import Bools
from suizhou_geo.standards import table

Pairs = dict[int, int]  # number of a row of the table -> number of its shape
_SHORTEST_NAME = 2
_SHOWN = 5


def joined(
    rows: pd.DataFrame, shapes: gpd.GeoDataFrame, *, on: str, column: str, what: Text, to: Text
) -> tuple[gpd.GeoDataFrame, list[tuple[str, str]], Bools, Bools]:
    """Return the rows of a table with the shapes whose `column` says what their `on` says, by the rows' numbers.

    With them the pairs that are written otherwise and were taken for one place (see `same_place`), which rows of the
    table have no shape, and which shapes have no row: both are left out.

    Raises:
        LayerError: no such column, a place named twice in one of the files, or no place that both name.
    """
    for frame, wanted, where, key in ((rows, on, what, "join.on"), (shapes, column, to, "join.column")):
        if wanted not in frame.columns:
            had = listed_text(str(name) for name in frame.columns if name != "geometry")
            raise LayerError(
                f"{where.zh}：没有列“{wanted}”（现有：{had.zh}）；请更正 {key}",
                f"{where.en} has no column {wanted} (it has: {had.en}); correct {key}",
            )
    mine, theirs = _written(rows[on]), _written(shapes[column])
    for names, frame, where in ((mine, rows, what), (theirs, shapes, to)):
        _refuse_twice(names, frame.index, where)
    pairs = _pairs(mine, theirs)
    if not pairs:
        few = Text(*("、".join(filter(None, names[:3])) for names in (mine, theirs)))
        raise LayerError(
            f"{what.zh}：没有一行能与图形按名称对上（表中如：{few.zh}；图形中如：{few.en}）；请更正 join 的 on、column",
            f"{what.en}: none of its rows has a shape of its name (it says {few.zh}; the shapes {few.en}); "
            "correct on and column of join",
        )
    at, of = (np.array(numbers, dtype=int) for numbers in zip(*sorted(pairs.items()), strict=True))
    kept = rows.iloc[at]
    beside = shapes.iloc[of].drop(columns=[name for name in shapes.columns if name in rows.columns])
    layer = gpd.GeoDataFrame(
        pd.concat([kept, pd.DataFrame(beside.drop(columns="geometry")).set_index(kept.index)], axis=1),
        geometry=shapes.geometry.iloc[of].to_numpy(),
        crs=shapes.crs,
    )
    otherwise = [(mine[i], theirs[j]) for i, j in sorted(pairs.items()) if mine[i] != theirs[j]]
    return layer, otherwise, ~np.isin(np.arange(len(rows)), at), ~np.isin(np.arange(len(shapes)), of)


def names_of(names: pd.Series, rows: Bools) -> Text:
    """The first of some names, and how many more there are."""
    listed = [name or "—" for name in _written(names[rows])]
    more = len(listed) - _SHOWN
    rest = Text(f"等 {len(listed)} 个", f" and {more} more") if more > 0 else Text("", "")
    return listed_text(listed[:_SHOWN]) + rest


def same_place(name: str) -> tuple[str, str]:
    """Return a name as any file might write it, and its rank: full-width characters, blanks, rare characters, suffixes.

    >>> same_place("曾都区"), same_place("㵐水 街道办"), same_place("４２１３０３")
    (('曾都', 'district'), ('厥水', 'subdistrict'), ('421303', ''))
    """
    plain = _plain(name)
    for suffix, rank in _suffixes():
        if plain.endswith(suffix) and len(plain) - len(suffix) >= _SHORTEST_NAME:
            return plain.removesuffix(suffix), rank
    return plain, ""


def _plain(name: str) -> str:
    variants: Mapping[str, str] = table("place_names")["variants"]
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", name))
    return "".join(variants.get(letter, letter) for letter in text)


@cache
def _suffixes() -> list[tuple[str, str]]:
    """Each suffix with its rank, the longest first."""
    ranks: Mapping[str, Sequence[str]] = table("place_names")["ranks"]
    return sorted(((word, rank) for rank, words in ranks.items() for word in words), key=lambda item: -len(item[0]))


def _pairs(mine: list[str], theirs: list[str]) -> Pairs:
    """Which row has which shape: by the same text, then by the same plain text, then by name and rank; only where one
    row alone fits one shape alone."""
    pairs: Pairs = {}
    for key in (str, _plain):
        _take(pairs, mine, theirs, key)
    left, free = _left(pairs, mine, theirs)
    fits = {i: [j for j in free if _fit(same_place(mine[i]), same_place(theirs[j]))] for i in left}
    wanted = [j for found in fits.values() for j in found]
    pairs.update({i: found[0] for i, found in fits.items() if len(found) == 1 and wanted.count(found[0]) == 1})
    return pairs


def _take(pairs: Pairs, mine: list[str], theirs: list[str], key: Callable[[str], str]) -> None:
    left, free = _left(pairs, mine, theirs)
    there: dict[str, list[int]] = {}
    for j in free:
        there.setdefault(key(theirs[j]), []).append(j)
    said = [key(mine[i]) for i in left]
    pairs.update(
        {
            i: there[word][0]
            for i, word in zip(left, said, strict=True)
            if len(there.get(word, ())) == 1 and said.count(word) == 1
        }
    )


def _left(pairs: Pairs, mine: list[str], theirs: list[str]) -> tuple[list[int], list[int]]:
    taken = set(pairs.values())
    left = [i for i, name in enumerate(mine) if name and i not in pairs]
    return left, [j for j, name in enumerate(theirs) if name and j not in taken]


def _fit(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[0] == other[0] and (one[1] == other[1] or not (one[1] and other[1]))


def _written(names: pd.Series) -> list[str]:
    """Names as text: 421303.0 is "421303", nothing is ""."""
    return ["" if pd.isna(name) else re.sub(r"^(\d+)\.0$", r"\1", str(name).strip()) for name in names]


def _refuse_twice(names: list[str], rows: pd.Index, where: Text) -> None:
    first: dict[str, int] = {}
    for name, row in zip(names, rows, strict=True):
        if name and name in first:
            raise LayerError(
                f"{where.zh}：“{name}”出现两次（第 {first[name]} 行、第 {row} 行），不知按哪一行连接；请合并或改名",
                f"{where.en}: {name!r} stands twice (rows {first[name]} and {row}), which cannot be joined; "
                "make one of them, or name them apart",
            )
        first[name] = row
