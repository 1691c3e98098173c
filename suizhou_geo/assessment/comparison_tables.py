"""Two runs side by side as tables: for calculating, and for people to read."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from suizhou_geo.assessment.comparison import Change, Compared, remarks, target_text
from suizhou_geo.assessment.phrases import gap_figure
from suizhou_geo.assessment.snapshot import Snapshot, Standing
from suizhou_geo.assessment.wording import amount, number, status_words
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang

_say = speaker("comparison")


def comparison_rule(lang: Lang) -> str:
    """Say by which rule the pace is judged.

    >>> comparison_rule("en")[:18]
    'The pace is linear'
    """
    return _say("rule", lang)


def changes_table(compared: Compared, *, lang: Lang = "zh") -> pd.DataFrame:
    """Return every promise and measure of the runs, to calculate with: comparison.csv.

    `before` and `after`, those of the first and the last run, in `unit` (shares 0-1) with what they leave open; of three
    runs or more each again as `value_2021`, `value_2022` … (without years `value_1` …), empty where it cannot be held
    against the last; `change`, after less before, and `on_ground`,
    the same in `ground_unit`, empty where the two cannot be held against each other; the verdicts; `seen` and `needed`, by
    how much the gap to the target closed and has to close a year; `judgement`, the key of `JUDGEMENTS`; `remarks`, in
    `lang`: what is defined otherwise, which data are others, why no pace is told.
    """
    records = []
    for change in compared.changes:
        before, after, latest = change.before, change.after, change.latest
        records.append(
            {
                "key": change.key,
                "name_zh": change.name.zh,
                "name_en": change.name.en,
                "unit": latest.unit,
                **_numbers("before", before),
                **_numbers("after", after),
                **_between(compared, change),
                "change": change.amount,
                "on_ground": change.on_ground,
                "ground_unit": change.ground_unit,
                "op": latest.op,
                "target": latest.asked,
                "target_year": latest.year,
                "status_before": "" if before is None else before.status,
                "status_after": "" if after is None else after.status,
                "seen": change.pace.seen,
                "needed": change.pace.needed,
                "judgement": change.pace.judgement,
                "comparable": change.comparable,
                "remarks": remarks(change, lang),
            }
        )
    table = pd.DataFrame(records)
    return table.astype({"target_year": "Int64"}) if len(table) else table


def zone_changes_table(compared: Compared) -> pd.DataFrame:
    """Return every measure zone by zone, of the zones whose outline is the same in both runs: comparison_zones.csv."""
    records = [
        {
            "key": change.key,
            "name_zh": change.name.zh,
            "name_en": change.name.en,
            "zone_id": zone.zone_id,
            "zone": zone.name,
            "before": zone.before,
            "after": zone.after,
            "change": zone.amount,
            "unit": change.latest.unit,
            "on_ground": zone.on_ground,
            "ground_unit": change.ground_unit,
        }
        for change in compared.changes
        for zone in change.zones
    ]
    columns = [
        "key",
        "name_zh",
        "name_en",
        "zone_id",
        "zone",
        "before",
        "after",
        "change",
        "unit",
        "on_ground",
        "ground_unit",
    ]
    return pd.DataFrame(records, columns=columns)


def reading_table(compared: Compared, changes: Iterable[Change], *, lang: Lang = "zh") -> pd.DataFrame:
    """Return changes in words, with units, a row each: every number, the change, what that is, the target, the pace."""
    heads = [_say("measure", lang), *(moment_name(compared, one, lang) for one in compared.taken)]
    heads += [_say(key, lang) for key in ("change", "on_ground", "target", "pace")]
    rows = [
        (
            change.name.speak(lang),
            *_values(compared, change, lang),
            _changed(change, lang),
            ground_text(change, lang),
            target_text(change.latest, lang),
            pace_text(change, lang),
        )
        for change in changes
    ]
    return pd.DataFrame(rows, columns=heads)


def moment_name(compared: Compared, one: Snapshot, lang: Lang) -> str:
    """Return what to call a run: its own name, the year it is of, else the newest date of its data that tells it apart."""
    if one.called is not None:
        return one.called.speak(lang)
    return _moment(compared, one) or _say("run", lang, n=compared.taken.index(one) + 1)


def _moment(compared: Compared, one: Snapshot) -> str:
    if one.year is not None:
        return f"{one.year - 1:g}"
    dates = [max((source.data_date[:10] for source in run.sources), default="") for run in compared.taken]
    date = dates[compared.taken.index(one)]
    return date if dates.count(date) == 1 else ""


def change_text(change: float, unit: str, lang: Lang) -> str:
    """Write a change with its sign; that of a share in points.

    >>> change_text(0.052, "share", "zh"), change_text(-1.5, "km/km2", "en"), change_text(0.0, "ha", "en")
    ('+5.2 个百分点', '-1.50 km/km²', '0')
    """
    if not np.isfinite(change):
        return _say("nothing", lang)
    if change == 0:
        return "0"
    sign = "+" if change > 0 else "-"
    if unit.split("/")[0] == "share":
        points = speaker("report")("points", lang, figure=number(abs(change), "share", lang).rstrip("%"))
        return f"{sign}{points}"
    return sign + amount(abs(change), unit, lang, beside=0.0)


def ground_text(change: Change, lang: Lang) -> str:
    """Write a change on the ground with its sign; "—" where that is the change itself, or not known."""
    if change.ground_unit == change.latest.unit:
        return _say("nothing", lang)
    whole = np.round(change.on_ground) if change.ground_unit == "persons" else change.on_ground
    return change_text(float(whole), change.ground_unit, lang)


def pace_text(change: Change, lang: Lang) -> str:
    """Say whether a promise is being kept in time, with the pace seen and needed."""
    pace = change.pace
    if not pace.judgement:
        return _say("nothing", lang)
    word = status_words("cannot_tell", lang) if pace.judgement == "cannot_tell" else _say(pace.judgement, lang)
    if pace.judgement not in ("on_track", "slow", "none", "backwards"):
        return word
    seen, needed = (gap_figure(rate, change.latest.told_unit, lang) for rate in (pace.seen, pace.needed))
    closed = _say("widened" if pace.seen < 0 else "closed", lang, figure=seen)
    return "\n".join([word, closed, _say("needed", lang, figure=needed)])


def _numbers(when: str, standing: Standing | None) -> dict[str, float]:
    if standing is None:
        return {when: np.nan, f"{when}_low": np.nan, f"{when}_high": np.nan}
    return {when: standing.value, f"{when}_low": standing.low, f"{when}_high": standing.high}


def _between(compared: Compared, change: Change) -> dict[str, float]:
    """The number of each run, of three or more."""
    if len(compared.taken) < 3:
        return {}
    return {
        f"value_{_moment(compared, one) or place}": np.nan if standing is None else standing.value
        for place, (one, standing) in enumerate(zip(compared.taken, compared.series(change), strict=True), start=1)
    }


def _values(compared: Compared, change: Change, lang: Lang) -> list[str]:
    """The number of each run in words; of those in between that cannot be held against the last, that too."""
    told = []
    for one, fitting in zip(compared.taken, compared.series(change), strict=True):
        standing = one.standings.get(change.key)
        between = one is not compared.first and one is not compared.last
        unlike = between and fitting is None and standing is not None and standing.has_data
        told.append(_value(standing, lang) + (f"\n{_say('unlike', lang)}" if unlike else ""))
    return told


def _value(standing: Standing | None, lang: Lang) -> str:
    return (
        _say("nothing", lang)
        if standing is None
        else amount(standing.value, standing.told_unit, lang, beside=standing.asked)
    )


def _changed(change: Change, lang: Lang) -> str:
    """The change in words; what may be the data alone says so, and so does a number that is no more, or that is new."""
    if change.is_lost:
        return _say("lost", lang)
    if change.after is not None and change.after.has_data and not (change.before and change.before.has_data):
        return _say("gained", lang)
    if not change.comparable:
        return _say("unlike", lang)
    told = change_text(change.amount, change.latest.told_unit, lang)
    return f"{told}\n{_say('open', lang)}" if change.is_open and np.isfinite(change.amount) else told
