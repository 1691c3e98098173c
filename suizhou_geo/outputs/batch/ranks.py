"""The places of cities by one number, as far as their numbers are sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from suizhou_geo.assessment.comparison import measured_as
from suizhou_geo.assessment.snapshot import Standing

_LESS_IS_BETTER = ("<", "<=")


@dataclass(frozen=True)
class Place:
    """The places a city may have, 1 the best, None for both where it has none; whether it was measured as most are."""

    low: int | None = None
    high: int | None = None
    alike: bool = False


def ranks(standings: Sequence[Standing], boundaries: Sequence[str]) -> list[Place]:
    """Return the place of each among those measured alike: under the commonest definition, within outlines (`boundaries`)
    that stand for the same. The others have none.

    A city is surely behind each whose range lies wholly on the better side of its own, and may be behind each whose range
    reaches there: its place is the span between. More is better unless the promises ask for less; what is promised to be
    exactly so much, or in unlike directions, has no places. Two alike share the better place.
    """
    how = {id(one): (*measured_as(one), boundary) for one, boundary in zip(standings, boundaries, strict=True)}
    known = [one for one in standings if one.has_data]
    if not known:
        return [Place() for _ in standings]
    (definition, _), *_ = Counter(how[id(one)] for one in known).most_common(1)
    ops = {one.op for one in known if one.op}
    less = bool(ops) and ops <= set(_LESS_IS_BETTER)
    alike = [one for one in known if how[id(one)] == definition]
    if ops & {"=="} or (not less and ops & set(_LESS_IS_BETTER)):
        return [Place(alike=any(one is other for other in alike)) for one in standings]
    sign = -1 if less else 1
    spans = {id(one): sorted((sign * one.low, sign * one.high)) for one in alike}
    return [_place(spans[id(one)], list(spans.values())) if id(one) in spans else Place() for one in standings]


def _place(own: list[float], every: list[list[float]]) -> Place:
    """The place of a span among all spans (itself among them), the greatest first."""
    surely = sum(low > own[1] for low, _ in every)
    possibly = sum(high > own[0] for _, high in every) - (own[1] > own[0])
    return Place(1 + surely, 1 + possibly, alike=True)
