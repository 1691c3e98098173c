"""What the layer control of the web map offers: measures and gap layers by the chapters of the plan, layers on top."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.web_map.data import MapData, measured_name
from suizhou_geo.outputs.web_map.geojson import HIDDEN_AT_FIRST, overlay_name
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, Chapter
from suizhou_geo.study_area import StudyArea

FOLDED_FROM = 4  # parts of one measure (services, classes of roads) as many fold away
NUMBER_WORDS = {
    "zh": ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十"),
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
}
_say = speaker("map")


@dataclass(frozen=True)
class Choices:
    """What there is to choose in one chapter: layers of measures as (position, name), some folded away, gap layers."""

    name: str
    plain: tuple[tuple[int, str], ...]
    folded: tuple[tuple[int, str], ...]
    gaps: tuple[tuple[str, str, int], ...]  # key, name, number of places


def control(area: StudyArea, data: MapData, *, tiled: bool, lang: Lang) -> dict[str, Any]:
    """Return what fills control.html.jinja: one choice of the layout or a measure, gap layers, evidence, study layers.

    Facilities can be chosen by their `kinds`. Layers of the study are (key, name, shown at first): over a tile map
    (`tiled`), which has roads and rivers of its own, only the names of the zones are shown. Of the evidence the page's
    script shows that of the measure chosen.
    """
    first = {"labels"} if tiled else {"labels", "parks", "barriers", "roads"}
    names = layer_names(data.shown, lang)
    chapters = [_choices(chapter, data, names, lang) for chapter in (*CHAPTERS, OTHER_CHAPTER)]
    return {
        "layout": layout_name(area, lang),
        "chapters": [chapter for chapter in chapters if chapter.plain or chapter.folded or chapter.gaps],
        "behind": [(part, overlay_name(part, lang), part not in HIDDEN_AT_FIRST) for part in data.parts],
        "on_top": [(key, _say(key, lang), key in first) for key in ("labels", *data.overlays)],
        "kinds": data.kinds,
    }


def layer_names(shown: Sequence[Row], lang: Lang) -> list[str]:
    """Return what the layers of measures are called; where a name stands twice, with its definition or its key."""
    names: list[str] = []
    for row in shown:
        name = measured_name(row, lang)
        if name in names:
            name = f"{name} ({row.profile or row.key})"
        names.append(name if name not in names else f"{name} [{row.key}]")
    return names


def layout_name(area: StudyArea, lang: Lang) -> str:
    """Say how the zones are laid out: 空间格局：一主城+三片区, or just the layout where there are no districts."""
    roles = area.zones["role"]
    cities, districts = int((roles == "main_city").sum()), int((roles == "district").sum())
    layout = _say("layout", lang)
    if not (cities and districts):
        return layout
    if lang == "zh":
        return f"{layout}：{_count(cities, lang)}主城+{_count(districts, lang)}片区"
    city = "main city" if cities == 1 else "main cities"
    district = "district" if districts == 1 else "districts"
    return f"{layout}: {_count(cities, lang)} {city} + {_count(districts, lang)} {district}"


def _choices(chapter: Chapter, data: MapData, names: Sequence[str], lang: Lang) -> Choices:
    rows = [(k, row) for k, row in enumerate(data.shown) if row.chapter == chapter]
    family = Counter(row.family for _, row in rows if row.subject)
    folded = {k for k, row in rows if row.subject and family[row.family] >= FOLDED_FROM}
    gaps = [some for some in data.gaps if some.chapter == chapter]
    return Choices(
        chapter.name.speak(lang),
        plain=tuple((k, names[k]) for k, _ in rows if k not in folded),
        folded=tuple((k, names[k]) for k, _ in rows if k in folded),
        gaps=tuple((some.key, some.name.speak(lang), len(some)) for some in gaps),
    )


def _count(number: int, lang: Lang) -> str:
    words = NUMBER_WORDS[lang]
    return words[number - 1] if number <= len(words) else str(number)
