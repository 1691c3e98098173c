"""What stands beside the web map: the scorecard in tables, the gaps, the findings, the foot."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.gap_lists import GapList
from suizhou_geo.assessment.phrases import SAME, gap_word, is_number, promise, range_text, value_text, verdict_text
from suizhou_geo.assessment.rows import STATUSES, Row, sentences
from suizhou_geo.assessment.wording import great_figure, profile_words, unit_name
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.web_map.data import MapData
from suizhou_geo.outputs.web_map.gaps import LOOKS, facts, ranks
from suizhou_geo.outputs.web_map.geojson import DRIFT_M
from suizhou_geo.standards.symbology import VERDICTS

LONG = 80  # characters
LISTED = 15  # places of a gap list
_say = speaker("map")


@dataclass(frozen=True)
class Line:
    """A row of the scorecard as the page writes it: figures of value, target and gap, each with the words below it.

    `profile` is told of other definitions only; `layer` is the key of the layer to link to; `about` unfolds under `lead`:
    definition, source, note, and what incomplete data leaves open.
    """

    name: str
    profile: str
    figures: tuple[tuple[str, str], ...]
    status: str
    symbol: str
    layer: str
    lead: str
    about: tuple[str, ...]


@dataclass(frozen=True)
class PlaceList:
    """The first places of a gap layer: (number on the map, rank and title, what is known), and how many more there are."""

    key: str
    name: str
    count: int
    by: str
    places: tuple[tuple[int, str, str], ...]
    more: str


def panel(result: Assessed, data: MapData, *, host: str, lang: Lang) -> dict[str, Any]:
    """Return what fills panel.html.jinja.

    The promises with a verdict come first; folded below them promises without data, measures without a promise, and the
    same measures under other definitions. `host` is that of the tiles under the map ("" without).
    """
    promised = [row for row in result.rows if row.status]
    folded = {
        "unmeasured": [row for row in promised if row.status == "no_data"],
        "without": [row for row in result.rows if not row.status],
        "variants": [other for row in result.rows for other in row.other_definitions],
    }
    drawn = {row.key for row in data.shown}
    counts = {status: sum(row.status == status for row in promised) for status in STATUSES}
    return {
        "tally": [(status, verdict_text(status, lang), count) for status, count in counts.items() if count],
        "promises": [_line(row, drawn, lang) for row in promised if row.status != "no_data"],
        "folded": {name: [_line(row, drawn, lang) for row in rows] for name, rows in folded.items() if rows},
        "gaps": [_place_list(gaps, lang) for gaps in data.gaps if LOOKS[gaps.key].brief],
        "findings": [finding.speak(lang) for finding in result.findings],
        "notes": _notes(result, data, host, lang),
    }


def _line(row: Row, drawn: Set[str], lang: Lang) -> Line:
    value = great_figure(row.value, row.unit, lang, beside=row.asked)
    unit = unit_name(row.told_unit, lang) if row.has_data else ""
    if not is_number(row):
        value, unit = "—", value_text(row, lang)  # in the small words below, which wrap
    asked, asked_unit = "—", ""
    if row.op:
        asked = (
            promise(row.op, row.asked, row.unit, lang, short=True) if np.isfinite(row.asked) else _say("unknown", lang)
        )
        asked_unit = "" if unit else unit_name(row.told_unit, lang)
    about = _about(row, lang)
    lead = about.get("needs", _say("about", lang))
    return Line(
        name=row.name.speak(lang) or row.key,
        profile="" if row.is_headline else profile_words(row.profile, lang),
        figures=((value, unit), (asked, asked_unit), missing(row, lang)),
        status=row.status,
        symbol=VERDICTS[row.status][0] if row.status else "",
        layer=row.key if row.is_headline and row.key in drawn else "",
        lead=lead if len(lead) <= LONG else f"{lead[:LONG]}…",
        about=tuple(about.values()),
    )


def missing(row: Row, lang: Lang) -> tuple[str, str]:
    """Say what is missing to the target (gap above 0) or what the margin is, in figures and words."""
    if row.status not in ("met", "missed") or not np.isfinite(row.gap):
        return "—", ""
    if abs(row.gap) < SAME:
        return "", _say("reached", lang)
    amount = great_figure(abs(row.gap), row.unit, lang, beside=0.0).rstrip("%")
    word = _say(gap_word(row.gap, row.op, below=row.value < row.asked), lang)
    unit = _say("points", lang) if row.unit.startswith("share") else unit_name(row.told_unit, lang)
    return (f"{word} {amount}", unit) if lang == "zh" else (amount, f"{unit} {word}".strip())


def _about(row: Row, lang: Lang) -> dict[str, str]:
    """Return the definition, its source, the note, and what incomplete data leaves open; what is empty is left out."""
    texts = {
        "profile": profile_words(row.profile, lang),
        "basis": row.basis.speak(lang),
        "needs": sentences((text.speak(lang) for text in row.needs), lang),
    }
    told = {word: f"{_say(word, lang)}{_say('colon', lang)}{text}" for word, text in texts.items() if text}
    range_ = range_text(row, lang)
    return {**told, "range": range_} if range_ else told


def _place_list(gaps: GapList, lang: Lang) -> PlaceList:
    brief = LOOKS[gaps.key].brief
    first = zip(ranks(gaps)[:LISTED], gaps.titles(lang), gaps.records, strict=False)
    items = tuple(
        (k, f"{rank}. {title}" if rank else title, " · ".join(map(" ".join, facts(gaps, place, lang, only=brief))))
        for k, (rank, title, place) in enumerate(first)
    )
    more = _say("more_places", lang).format(len(gaps) - LISTED) if len(gaps) > LISTED else ""
    by = gaps.ranked_by.speak(lang) if gaps.ranked_by else ""
    return PlaceList(gaps.key, gaps.name.speak(lang), len(gaps), by, items, more)


def _notes(result: Assessed, data: MapData, host: str, lang: Lang) -> Sequence[str]:
    """Say where the data is from, its CRS, and by how much the shapes are simplified."""
    crs = result.area.crs
    code = crs.to_epsg()
    drawn = _say("drawn", lang).format(crs=f"EPSG:{code}" if code else crs.name, drift=DRIFT_M)
    notes = [_say("invented_source" if result.area.invented else "source", lang), _say("zones_note", lang), drawn]
    if data.cell_tolerance_m:
        notes.append(_say("cells_drawn", lang).format(tolerance=data.cell_tolerance_m))
    if data.crowded:
        notes.append(_say("crowded", lang))
    if host:
        notes.append(_say("tile_notice", lang).format(host.removeprefix("https://")))
    return notes
