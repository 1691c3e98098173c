"""The layer control of the web map: measures and gap layers by the chapters of the plan, what lies on top of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.model import Measure
from suizhou_geo.outputs.web_map.gaps import Places
from suizhou_geo.outputs.web_map.geojson import HIDDEN_AT_FIRST, overlay_name
from suizhou_geo.outputs.web_map.words import say
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, chapter_of

FOLDED_FROM = 4  # parts of one measure (services, classes of roads) as many fold away


def control(
    shown: Sequence[Measure],
    places: Sequence[Places],
    overlays: Sequence[tuple[str, bool]],
    parts: Sequence[str],
    *,
    layout: str,
    lang: Lang,
) -> str:
    """Return the control as HTML: one choice of the layout or a measure, gap layers, evidence, layers of the study.

    `overlays` are (key, shown at first); `parts` what the evidence of any measure holds: the page's script shows those
    of the measure chosen. `layout` is what the layout of the zones is called. Radio buttons bear the value "layout" or
    the measure's position, boxes the key of their layer.
    """
    names = layer_names(shown, lang)
    chapters = "".join(
        _chapter(
            chapter.name.speak(lang),
            [(k, name, shown[k].key) for k, name in enumerate(names) if chapter_of(shown[k].key) == chapter],
            [some for some in places if some.chapter == chapter.key],
            lang,
        )
        for chapter in (*CHAPTERS, OTHER_CHAPTER)
    )
    on_top = "".join(_box(key, say(key, lang), checked=first) for key, first in overlays)
    behind = "".join(
        _box(f"part_{p}", overlay_name(p, lang), checked=p not in HIDDEN_AT_FIRST, hidden=True) for p in parts
    )
    return (
        f"<fieldset><legend>{say('one_of', lang)}</legend>{_radio('layout', layout, checked=True)}{chapters}</fieldset>"
        f'<fieldset id="behind" hidden><legend>{say("behind", lang)}</legend>{behind}</fieldset>'
        f'<fieldset class="row"><legend>{say("any_of", lang)}</legend>{on_top}</fieldset>'
    )


def layer_names(shown: Sequence[Measure], lang: Lang) -> list[str]:
    """Return what the layers of measures are called; where a name stands twice, with its definition or its key."""
    names: list[str] = []
    for measure in shown:
        name = measure.name_zh if lang == "zh" else measure.name_en
        if name in names:
            name = f"{name} ({measure.profile or measure.key})"
        names.append(name if name not in names else f"{name} [{measure.key}]")
    return names


def _chapter(title: str, measures: Sequence[tuple[int, str, str]], places: Sequence[Places], lang: Lang) -> str:
    if not measures and not places:
        return ""
    family = Counter(key.partition(".")[0] for _, _, key in measures if "." in key)
    folded = [m for m in measures if "." in m[2] and family[m[2].partition(".")[0]] >= FOLDED_FROM]
    plain = "".join(_radio(str(k), name) for k, name, key in measures if (k, name, key) not in folded)
    more = "".join(_radio(str(k), name) for k, name, _ in folded)
    if more:
        more = f'<details class="more"><summary>{say("parts", lang)} ({len(folded)})</summary>{more}</details>'
    gaps = "".join(_box(f"gap_{p.gap.key}", p.gap.name.speak(lang), count=len(p.titles)) for p in places)
    if gaps:
        gaps = f'<p class="kind">{say("gap_layers", lang)}</p>{gaps}'
    count = len(measures) + len(places)
    return f'<details class="chapter"><summary>{escape(title)} ({count})</summary>{plain}{more}{gaps}</details>'


def _radio(value: str, name: str, *, checked: bool = False) -> str:
    state = " checked" if checked else ""
    return f'<label><input type="radio" name="measure" value="{value}"{state}> <span>{escape(name)}</span></label>'


def _box(value: str, name: str, *, checked: bool = False, hidden: bool = False, count: int = 0) -> str:
    state, away = " checked" if checked else "", " hidden" if hidden else ""
    number = f" <small>{count}</small>" if count else ""
    return (
        f'<label{away}><input type="checkbox" value="{escape(value)}"{state}> '
        f"<span>{escape(name)}{number}</span></label>"
    )
