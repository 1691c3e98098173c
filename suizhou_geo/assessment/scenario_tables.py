"""What projects change as tables: per measure and per zone, and how many persons gain by it or lose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.comparison import FOUND, Change, Compared
from suizhou_geo.assessment.comparison_tables import change_text, changes_table, reading_table, zone_changes_table
from suizhou_geo.assessment.phrases import verdict_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.scenario import HOMES
from suizhou_geo.assessment.wording import role_name
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.model import Measure

Persons = Mapping[str, pd.Series]
_OF_TIME = ["seen", "needed", "judgement", "comparable"]
_say = speaker("scenario")


def persons_changed(before: Assessed, after: Assessed) -> Persons:
    """Return, per measure that counts persons under any definition, how many more it counts in each zone (less: negative).

    It is the definition asked for, or that which differs from it in nothing but counting persons instead of land.
    """
    found = {}
    for row in after.measured:
        now, earlier = _in_persons(row), before.row(row.key)
        then = None if earlier is None or now is None else _in_persons(earlier)
        if now is not None and then is not None and now.has_data and then.has_data:
            found[row.key] = _counted(now).sub(_counted(then), fill_value=0.0)
    return found


def _in_persons(row: Row) -> Measure | None:
    """The measure of a row in persons; None where no definition of it counts them."""
    own = row.measure
    if own is None or own.shortfall_unit == "persons":
        return own
    others = (other.measure for other in row.other_definitions)
    wanted = _choices(own)
    return next((m for m in others if m and m.shortfall_unit == "persons" and _choices(m) == wanted), None)


def _choices(measure: Measure) -> dict[str, object]:
    """How a measure was asked for, but for what it counts."""
    return {name: value for name, value in measure.params.items() if name not in FOUND and name != "of"}


def _counted(measure: Measure) -> pd.Series:
    """The persons that a measure counts in each zone."""
    counted = measure.by_zone if measure.unit == "persons" else measure.by_zone * measure.denominator
    return counted.fillna(0.0)


def gained_lost(persons: Persons, key: str) -> tuple[float, float]:
    """Return how many more persons there are in zones where there are more, and how many fewer where there are fewer.

    >>> gained_lost({"parks": pd.Series([300.0, -20.0, 0.0])}, "parks")
    (300.0, 20.0)
    """
    if key not in persons:
        return np.nan, np.nan
    change = persons[key]
    return float(change[change > 0].sum()), float(-change[change < 0].sum() + 0.0)


def scenario_table(found: Compared, persons: Persons, *, lang: Lang = "zh") -> pd.DataFrame:
    """Return every promise and measure, to calculate with: scenario.csv.

    The columns of comparison.csv but those of the pace, `before` being what is and `after` the same with the projects; and
    `persons_gained` and `persons_lost`, summed over zones, empty where no definition counts persons.
    """
    told = changes_table(found, lang=lang)
    both = [gained_lost(persons, change.key) for change in found.changes]
    numbers = pd.DataFrame(both, columns=["persons_gained", "persons_lost"], dtype=float)
    return told.drop(columns=_OF_TIME, errors="ignore").join(numbers)


def scenario_zones_table(found: Compared, persons: Persons) -> pd.DataFrame:
    """Return every measure zone by zone: scenario_zones.csv. `persons`: how many more it counts, negative for fewer."""
    told = zone_changes_table(found)
    more = [_of_zone(persons, key, zone) for key, zone in zip(told["key"], told["zone_id"], strict=True)]
    return told.assign(persons=np.array(more, dtype=float))


def _of_zone(persons: Persons, key: str, zone_id: str) -> float:
    change = persons.get(key)
    return (
        np.nan if change is None else float(dict(zip(map(str, change.index), change, strict=True)).get(zone_id, np.nan))
    )


def scenario_reading_table(
    found: Compared, changes: Iterable[Change], persons: Persons, *, lang: Lang = "zh"
) -> pd.DataFrame:
    """Return changes in words: the number now and with the projects, the change, persons gained and lost, the verdict."""
    some = list(changes)
    told = reading_table(found, some, lang=lang)
    told = told.drop(columns=told.columns[-1])  # the pace
    both = [gained_lost(persons, change.key) for change in some]
    for n, word in enumerate(("gained", "lost")):
        told[_say(word, lang)] = [
            change_text(float(np.round((pair[0], -pair[1])[n])), "persons", lang) for pair in both
        ]
    told[_say("verdict", lang)] = [verdict_change(change, lang) for change in some]
    return told


def verdict_change(change: Change, lang: Lang) -> str:
    """Say the verdict, both where it is another one; "—" where nothing is promised."""
    said = [verdict_text(one.status, lang) for one in (change.before, change.after) if one is not None]
    return " → ".join(dict.fromkeys(filter(None, said))) or _say("nothing", lang)


def turned(change: Change) -> bool:
    """Whether the verdict is another one with the projects."""
    return change.before is not None and change.after is not None and change.before.status != change.after.status


def project_words(project: Mapping[str, object], lang: Lang) -> tuple[str, str]:
    """Return what a project is called and what it does, a line each, of a row of `Applied.projects`.

    >>> project_words({"name": "北郊公园", "layer": "parks", "action": "build"}, "zh")
    ('北郊公园', '新建：公园')
    """
    layer = str(project["layer"])
    what = _say("homes", lang) if layer == HOMES else role_name(layer, lang)
    done = _say(str(project["action"]), lang, what=what)
    return str(project["name"] or done), done
