"""What the sheets tell of: the study, its measures and their promises, in the language and letters they are drawn in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.assessment.rows import headlines
from suizhou_geo.assessment.wording import Lang, amount, number, profile_words
from suizhou_geo.model import Input, Measure, Study
from suizhou_geo.outputs.figures.fonts import Letters
from suizhou_geo.outputs.figures.words import joined, promise, say, thresholds, verdict

Row = Mapping[str, Any]
NO_ROW: Row = {
    "op": "",
    "target": np.nan,
    "gap": np.nan,
    "status": "",
    "unit": "",
    "low": np.nan,
    "high": np.nan,
    "needs": "",
}


@dataclass(frozen=True, eq=False)
class Material:
    """A study measured, as it is drawn: `measures` are the first of each key, `rows` the scorecard's by key."""

    study: Study
    measures: tuple[Measure, ...]
    rows: Mapping[str, Row]
    letters: Letters
    lang: Lang

    @property
    def place(self) -> str:
        """The name of the place, in letters there are."""
        return self.own(self.study.name_en if self.lang == "en" and self.study.name_en else self.study.name)

    @property
    def zone_names(self) -> tuple[str, ...]:
        """The names of the zones; one that cannot be drawn is told by its id, else by its number."""
        zones = self.study.area.zones
        return tuple(self._zone(k, str(zone), str(name)) for k, (zone, name) in enumerate(zones["name"].items()))

    def row(self, measure: Measure) -> Row:
        """The scorecard's row of a measure; one without a promise where there is none."""
        return self.rows.get(measure.key, NO_ROW)

    def name(self, measure: Measure) -> str:
        """What a measure is called: as the promise calls it, if it is promised."""
        row = self.row(measure)
        own = measure.name_zh if self.lang == "zh" else measure.name_en
        name = self.own(str(row.get(f"name_{self.lang}") or own))
        return name[:1].upper() + name[1:]

    def own(self, text: str) -> str:
        """A text of somebody else's, in one line and without characters that cannot be drawn."""
        return self.letters.plain(text)

    def values(self, measure: Measure) -> list[float]:
        """The values of a measure in the order of the zones."""
        by_zone = measure.by_zone.reindex(self.study.area.zones.index)
        return [float(value) for value in by_zone.to_numpy(dtype=float)]

    def _zone(self, k: int, zone: str, name: str) -> str:
        if self.letters.drawable(" ".join(name.split())) and name.strip():
            return self.own(name)
        return say("zone_n", self.lang).format(zone if self.letters.drawable(zone) else k + 1)


def material(
    study: Study, measures: Sequence[Measure], card: pd.DataFrame, *, letters: Letters, lang: Lang
) -> Material:
    """Gather what the sheets tell."""
    rows: dict[str, Row] = {}
    for row in card.to_dict("records"):
        rows.setdefault(str(row["key"]), {**row, **{k: row[k] if isinstance(row[k], str) else "" for k in _TEXTS}})
    return Material(study, tuple(headlines(measures)), rows, letters, lang)


_TEXTS = ("op", "status", "needs", "unit", "profile")


def promised(row: Row) -> bool:
    """Whether a row of the scorecard holds a promise that was measured."""
    return row["status"] not in ("", "no_data")


def figure_of(value: float, unit: str, lang: Lang, *, beside: float = np.nan) -> str:
    """A value without its unit, for tables that name it in their heads.

    >>> figure_of(9485.1, "person/km2", "en"), figure_of(0.8496, "share", "zh", beside=0.85)
    ('9,485', '84.96%')
    """
    return amount(value, unit, lang, beside=beside).split(" ")[0]


def labelled(material: Material, title: str) -> str:
    """The title of a sheet, with the label of invented data."""
    if not material.study.area.invented:
        return title
    label = say("invented", material.lang)
    return f"{title}（{label}）" if material.lang == "zh" else f"{title} ({label})"


def caption(material: Material, measures: Iterable[Measure], *, drawn: bool) -> str:
    """Tell what each measure is: value, promise, verdict, definition, thresholds, source, and what is open."""
    return captioned(material, [_about(material, measure) for measure in measures], drawn=drawn)


def captioned(material: Material, told: Sequence[str], *, drawn: bool) -> str:
    """Put sentences together, the label of invented data before them; if `drawn`, say if some words cannot be."""
    lang = material.lang
    label = {"zh": "【{}】", "en": "[{}]"}[lang].format(say("invented", lang)) if material.study.area.invented else ""
    text = (" " if lang == "en" else "").join(part for part in (label, *told) if part)
    if drawn and not material.letters.drawable(" ".join(text.split())):
        text += " " + say("left_out", lang)
    return text


def _about(material: Material, measure: Measure) -> str:
    row, lang = material.row(measure), material.lang
    colon = ": " if lang == "en" else "："
    name = row.get(f"name_{lang}") or (measure.name_en if lang == "en" else measure.name_zh)
    whole = amount(measure.value, measure.unit, lang, beside=row["target"])
    asked = promise(row["op"], row["target"], measure.unit, lang) if row["status"] else say("no_target", lang)
    limits, source = thresholds(measure, lang), _source(material, measure)
    told = [
        joined([whole, asked, verdict(row["status"], lang), _range(measure, lang)], lang),
        say("definition", lang).format(profile_words(measure.profile, lang)) if measure.profile else "",
        say("thresholds", lang).format(limits) if limits else "",
        say("source", lang).format(source) if source else "",
    ]
    if needs := _needs(material, measure):
        told.append(say("cannot", lang).format(needs))
    stop = ". " if lang == "en" else "。"
    return name + colon + stop.join(part for part in told if part) + stop.rstrip() * (not told[-1].endswith(stop))


def _range(measure: Measure, lang: Lang) -> str:
    if (
        not measure.has_data
        or (measure.low == measure.value == measure.high)
        or np.isnan([measure.low, measure.high]).all()
    ):
        return ""
    ends = [
        number(end, measure.unit, lang) if np.isfinite(end) else say("unbounded", lang)
        for end in (measure.low, measure.high)
    ]
    return say("range", lang).format(*ends)


def _needs(material: Material, measure: Measure) -> str:
    """What is missing or must be known: the scorecard's words, where it has any."""
    lang = material.lang
    return str(material.row(measure)["needs"]) or joined(
        (text.speak(lang) for text in (*measure.needs, *measure.notes)), lang
    )


def document(material: Material) -> str:
    """Name the plan; in English beside its Chinese name."""
    plan = material.study.plan
    if plan is None:
        return ""
    return plan.document if material.lang == "zh" else f"{plan.title_en} ({plan.document})"


def _source(material: Material, measure: Measure) -> str:
    """The promise with clause and quoted words, and the standard."""
    targets = () if material.study.plan is None else material.study.plan.targets
    target = next((t for t in targets if t.key == measure.key), None)
    quoted = f"{document(material)} {target.clause}「{target.quote}」" if target is not None else ""
    return joined([quoted, measure.basis], material.lang)


def data_dates(study: Study, lang: Lang) -> str:
    """Tell the files the study read and how old each is: OpenStreetMap as of its own date, others by their last change."""
    dates: dict[str, str] = {}
    for source in study.inputs:
        if source.role not in ("study", "plan"):
            dates.setdefault(PurePosixPath(source.path).name, _date(source, lang))
    return ("; " if lang == "en" else "；").join(f"{name} {date}" for name, date in dates.items())


def _date(source: Input, lang: Lang) -> str:
    for note in source.notes:
        if note.startswith("OpenStreetMap as of "):
            return f"OpenStreetMap {note.removeprefix('OpenStreetMap as of ')[:10]}"
        if note.startswith("population of "):
            return note.removeprefix("population of ")
    return source.modified[:10] or say("unknown_date", lang)
