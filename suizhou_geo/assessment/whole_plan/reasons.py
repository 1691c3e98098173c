"""Why a gap stays open (制约因素): what binds, in words."""

from __future__ import annotations

from typing import Literal

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import asked_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.whole_plan.offers import Offers, enough
from suizhou_geo.assessment.whole_plan.places import COMMUNITY, Placed, curable, served
from suizhou_geo.assessment.whole_plan.streets import unlinked
from suizhou_geo.assessment.wording import in_both, number
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang, Text

Outcome = Literal["closed", "unsure", "still_missed", "no_project", "unknown"]
GRID = ("arterial_grid_north_south", "arterial_grid_east_west")
SIZES = ("main_city_construction_land", "industrial_land", "main_city_population", "population_density")
_say = speaker("whole_plan")


def reason(result: Assessed, row: Row, placed: Placed, offers: Offers, outcome: Outcome) -> Text:
    """Return why no list closes the gap of a row, or why nobody can say."""
    if outcome == "unknown":
        needs = row.would_settle[:1]
        return in_both(lambda lang: _say("data_first", lang, need=needs[0].speak(lang) if needs else "—"))
    if outcome == "unsure":
        return in_both(lambda lang: _say("range_left", lang))
    if row.profile == "declared":
        return in_both(lambda lang: _say("declared", lang))
    if row.key in placed.refused:
        return placed.refused[row.key]
    most = offers.most(row.key)
    if most > 0.0 and enough(most, abs(row.gap)):
        return in_both(lambda lang: _say("measured_short", lang))
    return in_both(lambda lang: _reaches(row, most, lang)) if most > 0.0 else _known(result, row)


def _reaches(row: Row, most: float, lang: Lang) -> str:
    value = row.value + most if row.value < row.asked else row.value - most
    return _say("reach_only", lang, value=number(value, row.told_unit, lang), asked=asked_text(row, lang))


def _known(result: Assessed, row: Row) -> Text:
    """What the evidence says of gaps that nothing is offered for."""
    if row.key in GRID:
        breaks = next((some for some in result.gap_lists if some.key == "break"), None)
        mine = [] if breaks is None else [r for r in breaks.records if f"arterial_grid_{r['direction']}" == row.key]
        most = int(row.value) + len(mine)
        return in_both(lambda lang: _say("grid", lang, n=len(mine), most=most, asked=asked_text(row, lang)))
    if row.key == COMMUNITY and row.measure is not None:
        able = len(curable(result.area, row))
        return in_both(lambda lang: _say("communities", lang, able=able, n=int(row.measure.params["communities"])))  # type: ignore[union-attr]
    if row.key == "dead_ends_opened":
        roads = unlinked(result)
        return in_both(lambda lang: _say("no_link", lang, roads=_say("and", lang).join(roads) or "—"))
    if served(row):
        return in_both(lambda lang: _say("no_site", lang))
    listed = next((some for some in result.gap_lists if row.key in some.rows), None)
    if listed is not None:
        return in_both(lambda lang: _say("listed", lang, n=len(listed), list=listed.name.speak(lang)))
    return in_both(lambda lang: _say("a_size" if row.key in SIZES else "no_cure", lang))
