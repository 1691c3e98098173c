"""Walking time (步行时间): who is served within so many minutes at the pace of an adult, an elderly person or a child."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np

from suizhou_geo.access.coverage import Of
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.measures.asked import Asked, public
from suizhou_geo.measures.coverage import Coverage, covered_within
from suizhou_geo.measures.life_circle import absent, definition, facility_shapes, without_guesses
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea

Walker = Literal["adult", "elderly", "child"]  # of standards/life_circles.toml; a test holds them equal


@public
def walk_time_coverage(
    area: StudyArea, service: str, *, minutes: float = 15, walker: Walker = "adult", of: Of = "land"
) -> Measure:
    """步行时间覆盖率: the share of residential land, or of persons, from where a service is reached on foot in time.

    `service` as for `service_coverage`. Distances run along the streets and paths, from places in each cell of
    residential land to the facility; `minutes` x the pace of `walker` is how far they may be. The paces ("adult",
    "elderly", "child") stand in standards/life_circles.toml: they are what GB 50180-2018 implies (50 to 67 m/min), not
    what it says, so the standard's own distances (`service_coverage`) stay the rule and this shows whom they leave out.

    Errors: InputError for an unknown service or walker, or minutes that are not above zero.
    Source: GB 50180-2018 3.0.4 (distances and minutes of the circles).

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> adult = walk_time_coverage(study.area, "primary_school", minutes=10)
    >>> elderly = walk_time_coverage(study.area, "primary_school", minutes=10, walker="elderly")
    >>> elderly.params["radius_m"], elderly.value <= adult.value
    (500.0, True)
    """
    if not (np.isfinite(minutes) and minutes > 0):
        raise InputError(
            f"walk_time_coverage：minutes 为“{minutes}”；须大于零",
            f"walk_time_coverage: minutes are {minutes!r}; they must be above zero",
        )
    name, categories, _, _ = definition(service)
    pace = table("life_circles")["walkers"][walker]
    metres = minutes * pace["metres"] / pace["minutes"]
    asked = Asked(
        area,
        f"walk_time_coverage.{service}",
        f"{walker} / {minutes:g}_min",
        {
            "categories": list(categories),
            "minutes": minutes,
            "walker": walker,
            "m_per_min": metres / minutes,
            "radius_m": metres,
            "facility_from": "edge",
        },
        Text(
            f"{pace['source_zh']}（{metres / minutes:.3g} 米/分钟，待确认）",
            f"{pace['source']} ({metres / minutes:.3g} m/min: {pace['sure']})",
        ),
        _name(name, pace, minutes),
    )
    walked = Coverage(asked, "facilities", "street", of)
    if needs := walked.needs() or absent(area, categories):
        return walked.no_data(needs)
    return without_guesses(
        area,
        walked.within(facility_shapes(area, categories), metres),
        categories,
        lambda: covered_within(area, facility_shapes(area, categories, sure=True), metres, "street")[0].share,
        of=of,
    )


def daily_walks() -> tuple[tuple[str, float, str], ...]:
    """The walks that make rows of the scorecard: service, minutes, walker.

    >>> daily_walks()[0]
    ('tdt1063.health', 15, 'elderly')
    """
    return tuple((walk["service"], walk["minutes"], walk["walker"]) for walk in table("life_circles")["walks"])


def _name(service: Text, walker: dict[str, str], minutes: float) -> Text:
    """The name of the service without the standard's own minutes or kilometres, and whose walk it is."""
    zh = re.sub(r"步行\d+分钟|\d+公里", "", service.zh)
    en = re.sub(r" within (a \d+-minute walk|\d+ km)", "", service.en)
    return Text(
        f"{zh}（{walker['name_zh']}步行{minutes:g}分钟）", f"{en} ({walker['name_en']}, {minutes:g} minutes on foot)"
    )
