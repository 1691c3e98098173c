"""What changed between two runs as a map: the zones coloured by the change on the ground, a layer for each measure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.comparison import Change, Compared, remarks
from suizhou_geo.assessment.comparison_tables import ground_text, moment_name, pace_text
from suizhou_geo.assessment.rows import sentences
from suizhou_geo.assessment.wording import amount, in_both
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import NOTHING, Lang, Text
from suizhou_geo.model import Measure, Study
from suizhou_geo.outputs.web_map.folium_map import CityMap, city_map
from suizhou_geo.study_area import StudyArea

_say = speaker("comparison")


def difference_map(compared: Compared, *, title: str, notes: str = "notes", lang: Lang = "zh") -> CityMap:
    """Return a folium map of the zones of the last run, coloured by what changed in each, in persons, hectares or km.

    Only what changed somewhere has a layer; zones whose outline is another one now have no colour. The panel tells the change
    of the whole, and with it both numbers and the pace. The map opens on the first promise that changed. `notes` is the
    word above what is said of the two.
    """
    area = StudyArea(compared.last.study.zh, compared.last.zones, invented=compared.last.invented)
    shown = [change for change in compared.changes if any(abs(zone.on_ground) > 0 for zone in change.zones)]
    measures = [_difference(change, compared, area) for change in shown]
    study = Study(
        area.name, compared.last.study.en, area, None, params={}, baselines={}, inputs=(), findings=compared.notes
    )
    opened = next((change.key for change in (*filter(lambda one: one.latest.op, shown), *shown)), "")
    said = {"without": "changes", "findings": notes, "value": "change", "no_target": "on_ground_alone"}
    words = {key: _say(own, lang) for key, own in said.items()}
    return city_map(assessed(study, measures), lang=lang, title=title, opened=opened, words=words)


def _difference(change: Change, compared: Compared, area: StudyArea) -> Measure:
    by_zone: Mapping[str, float] = {zone.zone_id: zone.on_ground for zone in change.zones}
    names = {
        lang: [moment_name(compared, one, lang) for one in (compared.first, compared.last)] for lang in ("zh", "en")
    }
    name = Text(
        *(_say("by_zone", lang, name=change.name.speak(lang), first=a, last=b) for lang, (a, b) in names.items())
    )
    values = pd.Series(by_zone, index=area.zones.index, dtype=float)
    return Measure(
        key=change.key,
        name_zh=name.zh,
        name_en=name.en,
        value=change.on_ground,
        unit=change.ground_unit,
        by_zone=values,
        denominator=pd.Series(float("nan"), index=values.index),
        shortfall_unit=change.ground_unit,
        profile="" if change.after is None else change.after.profile,
        basis=NOTHING,
        params={},
        low=change.on_ground,
        high=change.on_ground,
        notes=(in_both(lambda lang: _told(change, lang)),),
    )


def _told(change: Change, lang: Lang) -> str:
    """Both numbers of the whole, what the change is, the pace, and what must be known."""
    numbers = " → ".join(
        _say("nothing", lang) if one is None else amount(one.value, one.told_unit, lang, beside=one.asked)
        for one in (change.before, change.after)
    )
    parts = [numbers, ground_text(change, lang), *pace_text(change, lang).splitlines(), remarks(change, lang)]
    return sentences((part for part in parts if part != _say("nothing", lang)), lang)
