"""Which measure a promise is of: only where its words and its unit leave no doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from suizhou_geo.sources.plan_text.clauses import words
from suizhou_geo.sources.plan_text.written import Promise
from suizhou_geo.standards.catalogue import Entry, entry_for

# the units of what is said in another form than a number with a unit
_PLAIN = {"structure": "count", "grid": "count", "circle": "min"}
_IN_OTHER_UNITS = {
    ("ha", "km2"): 0.01,
    ("mu", "km2"): 1 / 1500,
    ("ha", "mu"): 15.0,
    ("km2", "mu"): 1500.0,
    ("km2", "ha"): 100.0,
    ("h", "min"): 60.0,
    ("count", "points"): 1.0,
}


@dataclass(frozen=True)
class Draft:
    """A promise as it goes into the plan: its key, `value` in `unit`, and the entry of the measure (None: no measure)."""

    promise: Promise
    key: str
    value: float
    unit: str
    entry: Entry | None


def drafts(promises: Sequence[Promise]) -> tuple[Draft, ...]:
    """Return every promise with its key, in their order: that of a measure goes to the earliest year it is promised by.

    All others get a key of their own, p<passage>_<number>: "p12_1".
    """
    claims = sorted(range(len(promises)), key=lambda k: (promises[k].year or 9999, k))
    taken: dict[str, int] = {}
    for k in claims:
        key = _key(promises[k])
        if key:
            taken.setdefault(key, k)
    of_measure = {k: key for key, k in taken.items()}
    return tuple(_drafted(promises, of_measure))


def _drafted(promises: Sequence[Promise], of_measure: dict[int, str]) -> Iterator[Draft]:
    numbers: dict[int, int] = {}
    for k, promise in enumerate(promises):
        unit = _PLAIN.get(promise.unit, promise.unit)
        key = of_measure.get(k)
        if key is None:
            number = numbers[promise.passage] = numbers.get(promise.passage, 0) + 1
            yield Draft(promise, f"p{promise.passage}_{number}", promise.value, unit, None)
            continue
        entry = entry_for(key)
        wanted = entry.unit if entry is not None else unit
        value = round(promise.value * _IN_OTHER_UNITS.get((unit, wanted), 1.0), 9)
        yield Draft(promise, key, value, wanted, entry)


def _key(promise: Promise) -> str:
    """The key of the one measure a promise is of; "" where there is none, or its unit is another."""
    unit = _PLAIN.get(promise.unit, promise.unit)
    for rule in words("keys"):
        named = all(word in promise.name for word in rule["has"])
        if named and not any(word in promise.name for word in rule.get("not", ())) and promise.unit in rule["units"]:
            entry = entry_for(rule["key"])
            if entry is not None and (entry.unit == unit or (unit, entry.unit) in _IN_OTHER_UNITS):
                return str(rule["key"])
    return ""
