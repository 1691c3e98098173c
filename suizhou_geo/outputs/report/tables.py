"""The tables of a report and of its annex: promises, zones, other definitions, measures without a promise."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np

from suizhou_geo.assessment.inequality import Inequality
from suizhou_geo.assessment.phrases import (
    held_gap_text,
    is_number,
    means_text,
    measured_text,
    promised_text,
    range_text,
    row_verdict_text,
    value_text,
    verdict_text,
    zone_text,
)
from suizhou_geo.assessment.problems import MOST_PLACES, Problem, Remedy
from suizhou_geo.assessment.rows import Row, ZoneRow, is_ratio, sentences
from suizhou_geo.assessment.sensitivity import told_choices
from suizhou_geo.assessment.siting.sited import Sited
from suizhou_geo.assessment.siting.wording import proposed_cells
from suizhou_geo.assessment.wording import amount, profile_words, unit_name
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.report.blocks import Cell, Column, Table, worded_table
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.symbology import VERDICTS

MOST_ZONES_ACROSS = 6


def zones_table(rows: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    """Return every headline measure that is told by zone, a row per zone: for the workbook."""
    heads = (
        *("zone_id", "key", "measure", "zone", "measured", "unit"),
        *("whole_target", "gap", "shortfall", "shortfall_unit", "verdict"),
    )
    cells = []
    for row in rows:
        if row.measure is not None and row.measure.by_zone.notna().any():
            held = is_ratio(row.unit) and bool(row.op)
            cells += [
                (
                    zone.zone_id,
                    row.key,
                    capitalised(row.name.speak(lang)),
                    zone.name,
                    _number("" if zone.thin is None else zone_text(row, zone, lang), zone, row.unit),
                    unit_name(row.told_unit, lang) or say("percent", lang),
                    Cell("", row.asked if held else None, row.unit),
                    Cell("", zone.gap if held else None, row.unit),
                    Cell("", zone.shortfall if held else None, row.shortfall_unit),
                    unit_name(row.told_shortfall_unit, lang) if held else "",
                    _verdict(zone, lang),
                )
                for zone in row.by_zone(zones)
            ]
    return worded_table("by_zone", dict.fromkeys(heads, 1.0), cells, lang, note=say("by_zone_note", lang))


def promises_table(rows: Sequence[Row], lang: Lang) -> Table:
    """Every promise: what was promised where, what was measured, the gap, and the verdict."""
    heads = {"number": 0.65, "promise": 3.6, "clause": 1.2, "promised": 1.5, "measured": 2.7, "gap": 1.5, "means": 1.0}
    cells = [
        (
            str(number),
            capitalised(row.name.speak(lang)),
            "" if row.target is None else row.target.cited,
            promised_text(row, lang),
            _measured(row, lang),
            *_held(row, row, lang),
        )
        for number, row in enumerate(rows, start=1)
    ]
    return worded_table("every_promise", heads | {"verdict": 1.1}, cells, lang)


def problems_table(problems: Sequence[Problem], lang: Lang) -> Table:
    """The list of problems (问题清单), in the form of the city check-up: object, place, gap, cause, action.

    Who answers stands once, in the list of remedies, whose rows name the problems they answer.
    """
    heads = {"number": 0.65, "indicator": 2.8, "place": 2.8, "gap": 2.4, "cause": 4.6, "action": 3.8}
    cells = [
        (
            str(number),
            capitalised(told.row.name.speak(lang)),
            told.place.speak(lang),
            told.gap.speak(lang),
            told.cause.speak(lang) or say("nothing", lang),
            told.action.speak(lang),
        )
        for number, told in enumerate(problems, start=1)
    ]
    note = say("problems_note", lang, most=MOST_PLACES)
    return worded_table("problems", heads, cells, lang, note=note, common=("indicator",))


def remedies_table(remedies: Sequence[Remedy], lang: Lang) -> Table:
    """The list of remedies (治理建议清单): what is to be done, what is gained, which problems it answers, by whom."""
    heads = {"number": 0.65, "indicator": 2.2, "task": 4.2, "gain": 2.0, "answers": 1.2, "offices": 4.2}
    cells = [
        (
            str(number),
            capitalised(told.row.name.speak(lang)),
            told.task.speak(lang),
            told.gain.speak(lang) or say("nothing", lang),
            _span(told.problems),
            offices_text(told.row, lang),
        )
        for number, told in enumerate(remedies, start=1)
    ]
    return worded_table("remedies", heads, cells, lang, note=say("remedies_note", lang), common=("offices",))


def proposals_table(sited: Sequence[Sited], zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    """The list of proposed sites (选址建议清单): where to build for each coverage that misses its promise, and what it adds."""
    heads = {"indicator": 2.6, "site_rank": 0.65, "site": 2.0, "zone": 1.6}
    numbers = {"newly_persons": 1.4, "newly_ha": 1.4, "coverage_then": 1.2}
    cells = [
        (capitalised(found.before.name.speak(lang)), *site)
        for found in sited
        for site in proposed_cells(found, zones, lang)
    ]
    note = say("proposals_note", lang)
    return worded_table("proposals", heads | numbers, cells, lang, note=note, numbers=[*numbers], common=("indicator",))


def undecided_table(rows: Sequence[Row], lang: Lang) -> Table:
    """Promises that cannot be told or have no data, and what would make them decidable."""
    heads = {
        "number": 0.65,
        "promise": 2.4,
        "promised": 1.5,
        "measured": 1.4,
        "verdict": 1.1,
        "decidable": 4.4,
        "offices": 3.4,
    }
    cells = [
        (
            str(number),
            capitalised(row.name.speak(lang)),
            promised_text(row, lang),
            Cell(value_text(row, lang)),
            _verdict(row, lang),
            _needed(row, lang),
            offices_text(row, lang),
        )
        for number, row in enumerate(rows, start=1)
    ]
    return worded_table("undecided", heads, cells, lang, common=("offices",))


def zones_side_by_side(rows: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    """Promises that a zone can be held against, zone by zone; of many zones only those that lack most."""
    few = 1 < len(zones) <= MOST_ZONES_ACROSS
    columns = (
        Column(say("promise", lang), 2.2),
        Column(say("promised", lang), 1.4),
        Column(say("whole", lang), 1.2),
        *(Column(str(name), 1.2) for name in (zones["name"] if few else [])),
        *([] if few else [Column(say("where", lang), 2.4)]),
    )
    cells = []
    for row in rows:
        of_zones = [zone for zone in row.by_zone(zones) if np.isfinite(zone.value)]
        if not row.is_held_by_zone or len(zones) < 2 or not of_zones:
            continue
        by_id = {zone.zone_id: zone for zone in of_zones}
        across = [_signed(by_id.get(str(zone_id)), row, lang) for zone_id in zones.index]
        worst = sorted((zone for zone in of_zones if zone.gap > 0), key=lambda zone: -zone.gap)[:MOST_PLACES]
        named = say("and", lang).join(f"{zone.name} {zone_text(row, zone, lang)}" for zone in worst)
        whole = Cell(value_text(row, lang), status=row.status)
        told = across if few else [Cell(named or say("nothing", lang))]
        cells.append((Cell(capitalised(row.name.speak(lang))), Cell(promised_text(row, lang)), whole, *told))
    note = f"{say('by_zone_note', lang)}{' ' * (lang == 'en')}{_open_in_every_zone(rows, zones, lang)}".rstrip()
    return Table(say("zones_compared", lang), columns, tuple(cells), note=note)


def _open_in_every_zone(rows: Sequence[Row], zones: gpd.GeoDataFrame, lang: Lang) -> str:
    """Name the promises that cannot be told in any zone, each with the first of what is missing; "" where none is so."""
    told = []
    for row in rows:
        known = {zone.status for zone in row.by_zone(zones) if np.isfinite(zone.value)}
        if row.is_held_by_zone and known == {"cannot_tell"}:
            why = "".join(need.speak(lang) for need in row.would_settle[:1])
            told.append(row.name.speak(lang) + (say("colon", lang) + why if why else ""))
    return say("zones_open", lang, told=sentences(told, lang)) if told else ""


def _signed(zone: ZoneRow | None, row: Row, lang: Lang) -> Cell:
    if zone is None:
        return Cell(say("nothing", lang))
    sign = VERDICTS[zone.status][0] if zone.status else ""
    return Cell(f"{sign} {zone_text(row, zone, lang)}".strip(), status=zone.status)


def offices_text(row: Row, lang: Lang) -> str:
    """Return the offices the plan makes responsible for a promise, or that it names none."""
    told = "" if row.target is None else row.target.offices.speak(lang)
    return told or say("no_office", lang)


def _span(numbers: Sequence[int]) -> str:
    """Write consecutive numbers from the first to the last: 3–5."""
    return f"{numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else "".join(map(str, numbers))


def _needed(row: Row, lang: Lang) -> str:
    """What is missing for a sure verdict, and which other definitions have one."""
    told = [
        say(
            "told_as",
            lang,
            how=profile_words(other.profile, lang),
            value=value_text(other, lang),
            verdict=row_verdict_text(other, lang),
        )
        for other in row.other_definitions
        if other.status in ("met", "missed")
    ]
    others = [say("by_another", lang, told=say("and", lang).join(told))] if told else []
    return sentences([*(need.speak(lang) for need in row.would_settle), *others], lang)


def zone_table(row: Row, zones: gpd.GeoDataFrame, lang: Lang) -> Table:
    """A measure in each zone and in all of them; without rows where that says no more than the whole does."""
    held, of_zones = is_ratio(row.unit), row.by_zone(zones)
    heads = {"zone": 1.6, "measured": 1.3} | ({"gap": 1.5, "means": 1.2, "verdict": 1.2} if held else {})
    whole = ZoneRow("", say("whole", lang), row.value, row.gap, row.shortfall, row.status, row.thin)
    tells = len(of_zones) > 1 and any(np.isfinite(zone.value) for zone in of_zones)
    cells = []
    for zone in (*of_zones, whole) if tells else ():
        text = value_text(row, lang) if zone is whole else zone_text(row, zone, lang)
        cells.append((zone.name, _number(text, zone, row.unit), *(_held(zone, row, lang) if held else ())))
    asked = promised_text(row, lang).replace("\n", say("comma", lang))
    note = f"{say('promised', lang)}{say('colon', lang)}{asked}{say('stop', lang)}"
    note += (" " if lang == "en" else "") + say("by_zone_note", lang) if held else ""
    return worded_table("by_zone_of", heads, cells, lang, note=note, name=row.name.speak(lang))


def inequality_table(found: Sequence[Inequality], lang: Lang) -> Table:
    """How unequal every coverage is between zones: the lowest and the highest, their ratio, Gini and Palma."""
    heads = {"measure": 2.4, "profile": 2.2, "whole": 1.1, "lowest": 1.8, "highest": 1.8}
    numbers = {"ratio": 1.0, "gini": 0.8, "palma": 0.8}
    cells: list[tuple[Cell | str, ...]] = [
        (
            capitalised(one.row.name.speak(lang)),
            profile_words(one.row.profile, lang),
            _number(value_text(one.row, lang), one.row, one.row.unit),
            f"{one.lowest.name} {zone_text(one.row, one.lowest, lang)}",
            f"{one.highest.name} {zone_text(one.row, one.highest, lang)}",
            *(Cell("∞" if np.isinf(n) else f"{n:.2f}", n, "ratio") for n in (one.ratio, one.gini, one.palma)),
        )
        for one in found
    ]
    note = say("inequality_note", lang)
    return worded_table("inequality", heads | numbers, cells, lang, note=note, numbers=[*numbers])


def sensitivity_table(rows: Sequence[Row], lang: Lang) -> Table:
    """What the number of every promise hangs on: a row for each choice made otherwise."""
    heads = {"measure": 2.4, "measured": 1.4, "choice": 2.4, "value_then": 1.6, "then": 1.1, "whether": 1.1}
    cells: list[tuple[Cell | str, ...]] = [
        (capitalised(row.name.speak(lang)), _number(value_text(row, lang), row, row.unit), *told)
        for row in rows
        if row.is_judged
        for told in told_choices(row, lang)
    ]
    note = say("sensitivity_note", lang)
    return worded_table("sensitivity", heads, cells, lang, note=note)


def others_table(
    rows: Sequence[Row], zones: gpd.GeoDataFrame, chapter: str, lang: Lang, *, planned: bool = True
) -> Table:
    """Measures without a promise (not `planned`: all): few zones stand side by side, of many the lowest and the highest."""
    names = [str(name) for name in zones["name"]] if 1 < len(zones) <= MOST_ZONES_ACROSS else []
    ends = {"lowest": min, "highest": max} if len(zones) > MOST_ZONES_ACROSS else {}
    columns = (
        Column(say("measure", lang), 2.4),
        Column(say("whole", lang), 1.2, numbers=True),
        *(Column(name, 1.1, numbers=True) for name in names),
        *(Column(say(end, lang), 1.8) for end in ends),
    )
    cells = []
    for row in rows:
        of_zones = row.by_zone(zones)
        known = [zone for zone in of_zones if np.isfinite(zone.value) and zone.thin is None]
        told = [pick(known, key=lambda zone: zone.value, default=None) for pick in ends.values()]
        starred = value_text(row, lang) + ("*" if range_text(row, lang) else "")
        cells.append(
            (
                Cell(capitalised(row.name.speak(lang))),
                _number(starred, row, row.unit),
                *(_number(zone_text(row, zone, lang), zone, row.unit) for zone in of_zones if names),
                *(Cell("—" if end is None else f"{end.name} {amount(end.value, row.told_unit, lang)}") for end in told),
            )
        )
    note = say("starred", lang) if any(range_text(row, lang) for row in rows) else ""
    title = say("others_of" if planned else "measured_of", lang, chapter=chapter)
    return Table(title, columns, tuple(cells), note=note)


def variants_table(rows: Sequence[Row], chapter: str, lang: Lang) -> Table:
    """Promises under their other definitions."""
    heads = {"measure": 2.0, "profile": 2.6, "measured": 1.5, "gap": 1.4, "verdict": 1.1}
    cells = []
    for row in rows:
        gap, _, verdict = _held(row, row, lang)
        cells.append(
            (capitalised(row.name.speak(lang)), profile_words(row.profile, lang), _measured(row, lang), gap, verdict)
        )
    return worded_table("variants_of", heads, cells, lang, note=say("others_elsewhere", lang), chapter=chapter)


def _measured(row: Row, lang: Lang) -> Cell:
    return _number(measured_text(row, lang), row, row.unit)


def _number(text: str, of: Row | ZoneRow, unit: str) -> Cell:
    """A cell that holds its number, too, unless that stands on too little to be told, or all else is possible."""
    bare = is_number(of) if isinstance(of, Row) else of.thin is None
    return Cell(text, of.value, unit) if bare else Cell(text)


def _held(of: Row | ZoneRow, row: Row, lang: Lang) -> tuple[Cell, Cell, Cell]:
    """The gap of a row or of one of its zones, what that is on the ground, both where it can be told, and the verdict."""
    told = of.status in ("met", "missed")
    gap = held_gap_text(of, row, lang) if told else say("nothing", lang)
    return (
        Cell(gap, of.gap if told else np.nan, row.unit),
        Cell(means_text(of.shortfall if told else np.nan, row.told_unit, row.told_shortfall_unit, lang)),
        _verdict(of, lang),
    )


def _verdict(of: Row | ZoneRow, lang: Lang) -> Cell:
    told = row_verdict_text(of, lang) if isinstance(of, Row) else verdict_text(of.status, lang)
    return Cell(told, status=of.status)
