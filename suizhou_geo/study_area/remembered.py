"""What functions of a study area return, remembered with what it was made of: a change undoes no more of it than it must."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, cached_property, wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

P = ParamSpec("P")
R = TypeVar("R")
Choice = tuple[tuple[str, Any], ...]
Key = tuple[Callable[..., Any], Choice]


@dataclass(eq=False)
class Kept:
    """What a function returned for a choice of its arguments: the fields it read of its area, the functions it asked."""

    function: Callable[..., Any]
    choice: Choice
    result: Any = None
    read: set[str] = field(default_factory=set)
    asked: list[Kept] = field(default_factory=list)

    @cached_property
    def made_of(self) -> frozenset[str]:
        """All fields of the area it follows from, those among them that the functions it asked have read."""
        return frozenset(self.read).union(*(one.made_of for one in self.asked))


class Memory:
    """What is remembered of one area.

    An area that was made from another by changing some of its fields looks into what is known of that one: a result of
    which nothing changed is its own, too.
    """

    def __init__(self, before: Memory | None = None, changed: frozenset[str] = frozenset()) -> None:
        """`before` is the memory of the area it was made from, `changed` are the fields that are others."""
        self.kept: dict[Key, Kept] = {}
        self._before: Mapping[Key, Kept] = {} if before is None else before.kept
        self._changed = changed

    def recalled(self, area: Any, function: Callable[..., Any], choice: Choice) -> Kept:
        """Return what a function returns for an area, by what is known or by asking it."""
        key = (function, choice)
        if key not in self.kept:
            found = self._before.get(key)
            if found is None or not self._holds(area, found):
                found = self._made(area, function, choice)
            self.kept.setdefault(key, found)
        return self.kept[key]

    def _holds(self, area: Any, found: Kept) -> bool:
        """Whether a result of the area before is one of this area: what it was made of is the same, asked in its order."""
        if found.read & self._changed:
            return False
        for asked in found.asked:
            now = self.recalled(area, asked.function, asked.choice)
            if now is not asked and not same(now.result, asked.result):
                return False
        return True

    def _made(self, area: Any, function: Callable[..., Any], choice: Choice) -> Kept:
        kept = Kept(function, choice)
        before = _making.set((area, kept))
        try:
            kept.result = function(area, **dict(choice))
        finally:
            _making.reset(before)
        return kept


_memories: WeakKeyDictionary[Any, Memory] = WeakKeyDictionary()
_making: ContextVar[tuple[object, Kept] | None] = ContextVar("_making", default=None)


def memory_of(area: Any) -> Memory:
    """Return what is remembered of an area; it goes when the area goes."""
    return _memories.setdefault(area, Memory())


def remember_from(area: Any, other: Any, *, changed: frozenset[str]) -> None:
    """Let an area that was made from another by changing some fields look into what is remembered of that one."""
    _memories[other] = Memory(memory_of(area), changed)


def note_read(area: object, *names: str) -> None:
    """Note that fields of an area are read by the function of it that is just being asked, if one is."""
    making = _making.get()
    if making is not None and making[0] is area:
        making[1].read.update(names)


def key_of(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Key:
    """Return what tells a function of an area, and the choice of its other arguments, from all others."""
    names, usual = _arguments(function)
    return function, tuple((usual | dict(zip(names, args, strict=False)) | kwargs).items())


@cache
def _arguments(function: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names of the arguments of a function behind the area, and their defaults."""
    parameters = list(signature(function).parameters.values())[1:]
    return tuple(one.name for one in parameters), {p.name: p.default for p in parameters if p.default is not p.empty}


def per_area(function: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
    """Remember what a function of a study area (its first argument) returns for every choice of the other arguments.

    A default that is written out is the same choice. The area is told by its identity, and what is remembered of it goes
    when the area goes. So a result must not hold the area itself, though it may hold its layers; and as it is handed out
    again, to areas made from this one, too, nobody may change it. It must follow from the fields of the area, its other
    arguments and nothing else.
    """

    @wraps(function)
    def once(area: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        kept = memory_of(area).recalled(area, *key_of(function, *args, **kwargs))
        making = _making.get()
        if making is not None and making[0] is area:
            making[1].asked.append(kept)
        result: R = kept.result
        return result

    return once


def same(one: Any, other: Any) -> bool:
    """Return whether two results are the same to the last digit; where that cannot be told they are not.

    >>> same(np.array([1.0, np.nan]), np.array([1.0, np.nan])), same((1, "a"), (1, "b")), same({"a": 1}, {"a": 1})
    (True, False, True)
    """
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        alike = one.shape == other.shape and one.dtype == other.dtype
        return alike and bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
    if isinstance(one, pd.DataFrame | pd.Series | pd.Index):
        return bool(one.equals(other))
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if is_dataclass(one):
        return all(same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return isinstance(one, str | int | float | bool | frozenset) and bool(
        one == other or (one != one and other != other)
    )
