"""The HTML round the web map: heading, banner, panel with the scorecard, foot. Whatever is text is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from html import escape
from typing import Any

import numpy as np
from pyproj import CRS

from suizhou_geo.assessment.wording import Lang, amount, limit, profile_words, unit_name
from suizhou_geo.outputs.web_map.gaps import Places, facts
from suizhou_geo.outputs.web_map.words import OP_SIGNS, missing, say, verdict
from suizhou_geo.standards.symbology import VERDICTS

Row = Mapping[str, Any]
LONG = 80  # characters
LISTED = 15  # places of a gap list
STATUSES = ("met", "missed", "cannot_tell", "no_data")


def heading(title: str, *, invented: bool, lang: Lang) -> str:
    """Return what stands above the map: the title, the tools and, for an invented city, the banner that says so."""
    banner = ""
    if invented:
        own, _, other = say("invented", lang).partition(" / ")
        both = f'{own} / <span lang="{say("other_language", lang)}">{other}</span>'
        banner = (
            f'<p class="invented" role="note"><strong>{both}</strong> '
            f'<span class="why">{say("invented_why", lang)}</span></p><div class="stamp" aria-hidden="true">{both}</div>'
        )
    return (
        f'<a class="skip" href="#scorecard">{say("skip", lang)}</a>'
        f'<header class="top"><h1>{escape(title)}</h1>{banner}{_tools(lang)}</header>'
    )


def _tools(lang: Lang) -> str:
    return (
        f'<div class="tools" role="search" aria-label="{say("tools", lang)}"><div class="search">'
        f'<input id="search" type="text" role="combobox" autocomplete="off" spellcheck="false" aria-autocomplete="list" '
        f'aria-expanded="false" aria-controls="found" aria-label="{say("search", lang)}" '
        f'placeholder="{say("search", lang)}" title="{say("search_hint", lang)}">'
        f'<ul id="found" role="listbox" aria-label="{say("search", lang)}" hidden></ul>'
        '<span id="search-said" class="heard" role="status"></span></div>'
        f'<button type="button" id="ruler" aria-pressed="false">{say("ruler", lang)}</button>'
        f'<button type="button" id="print">{say("print", lang)}</button></div>'
    )


def panel(
    rows: Sequence[Row],
    *,
    control: str,
    places: Sequence[Places],
    drawn: Set[str],
    findings: Sequence[str],
    foot: str,
    lang: Lang,
) -> str:
    """Return what stands beside the map: the layer control, the scorecard in tables, the gaps, the findings, the foot.

    `rows` are those of `data.card_rows`: the promises with a verdict first; folded below them promises without data,
    measures without a promise, and the same measures under other definitions (their keys hold an @). `drawn` are the
    keys that have a layer to link to; `findings` what was found odd about the inputs.
    """
    headline = [row for row in rows if "@" not in row["key"]]
    promised = [row for row in headline if row["status"]]
    told = [row for row in promised if row["status"] != "no_data"]
    folded = {
        "unmeasured": [row for row in promised if row["status"] == "no_data"],
        "without": [row for row in headline if not row["status"]],
        "variants": [row for row in rows if "@" in row["key"]],
    }
    return (
        f'<aside class="panel" aria-label="{say("panel", lang)}">'
        f'<details class="part" id="layers" open><summary>{say("layers", lang)}</summary>'
        f"{control}<noscript>{say('no_script', lang)}</noscript></details>"
        f'<details class="part" id="scorecard" open><summary>{say("scorecard", lang)}</summary>'
        f"{_tally(promised, lang)}{_table(told, 'promises', drawn, lang) if told else ''}</details>"
        f"{_gaps(places, lang)}{_findings(findings, lang)}"
        f"{''.join(_folded(some, name, drawn, lang) for name, some in folded.items() if some)}"
        f"{foot}</aside>"
    )


def _gaps(places: Sequence[Places], lang: Lang) -> str:
    """Return the list of places to build at, best first; each is a button the page's script takes to the map."""
    listed = [some for some in places if some.gap.brief]
    if not listed:
        return ""
    lists = "".join(_gap_list(some, lang) for some in listed)
    return (
        f'<details class="part" id="gaps" open><summary>{say("gaps", lang)}</summary>'
        f'<p class="note">{say("gaps_note", lang)}</p>{lists}</details>'
    )


def _gap_list(places: Places, lang: Lang) -> str:
    gap, count = places.gap, len(places.titles)
    items = "".join(
        f'<li><button type="button" data-gap="{gap.key}" data-place="{k}">'
        f"<b>{f'{rank}. ' if rank else ''}{escape(title)}</b> <span>{escape(_brief(places, k, lang))}</span></button></li>"
        for k, (rank, title) in enumerate(zip(places.ranks[:LISTED], places.titles[:LISTED], strict=True))
    )
    by = f'<p class="note">{gap.by.speak(lang)}</p>' if gap.by is not None else ""
    more = f'<p class="note">{say("more_places", lang).format(count - LISTED)}</p>' if count > LISTED else ""
    summary = f"{escape(gap.name.speak(lang))} ({count})"
    return f'<details class="gap"><summary>{summary}</summary>{by}<ol>{items}</ol>{more}</details>'


def _brief(places: Places, k: int, lang: Lang) -> str:
    told = facts(places.gap, places.rows[k], lang, only=places.gap.brief)
    return " · ".join(f"{label} {words}" for label, words in told)


def _findings(findings: Sequence[str], lang: Lang) -> str:
    if not findings:
        return ""
    items = "".join(f"<li>{escape(finding)}</li>" for finding in findings)
    summary = f"<summary>{say('findings', lang)} ({len(findings)})</summary>"
    return f'<details class="part" id="findings">{summary}<ul>{items}</ul></details>'


def foot(*, crs: CRS, tolerance_m: float, invented: bool, crowded: bool, host: str, lang: Lang) -> str:
    """Return the foot of the panel: where the data is from, its CRS, by how much the shapes are simplified.

    `host` is that of the tiles under the map ("" without).
    """
    code = crs.to_epsg()
    drawn = say("drawn", lang).format(crs=f"EPSG:{code}" if code else crs.name, tolerance=tolerance_m)
    notes = [say("invented_source" if invented else "source", lang), say("zones_note", lang), drawn]
    if crowded:
        notes.append(say("crowded", lang))
    if host:
        notes.append(say("tile_notice", lang).format(host.removeprefix("https://")))
    return f'<footer class="foot">{"".join(f"<p>{escape(note)}</p>" for note in notes)}</footer>'


def _folded(rows: Sequence[Row], name: str, drawn: Set[str], lang: Lang) -> str:
    summary = f"<summary>{say(name, lang)} ({len(rows)})</summary>"
    return f'<details class="part">{summary}{_table(rows, name, drawn, lang)}</details>'


def _tally(rows: Sequence[Row], lang: Lang) -> str:
    counts = {status: sum(row["status"] == status for row in rows) for status in STATUSES}
    items = "".join(f'<li class="{s}">{verdict(s, lang)} <b>{n}</b></li>' for s, n in counts.items() if n)
    return f'<ul class="tally">{items}</ul>'


def _table(rows: Sequence[Row], name: str, drawn: Set[str], lang: Lang) -> str:
    words = ("measure", "value", "target", "gap", "status")
    head = "".join(f'<th scope="col">{say(word, lang)}</th>' for word in words)
    body = "".join(_row(row, drawn, lang) for row in rows)
    return f'<table aria-label="{say(name, lang)}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _row(row: Row, drawn: Set[str], lang: Lang) -> str:
    unit, target, status = row["unit"], row["target"], row["status"]
    value, _, named = amount(row["value"], unit, lang, beside=target).partition(" ")
    asked = "" if row["op"] else "—"
    if row["op"]:
        asked = f"{OP_SIGNS[row['op']]} {limit(target, unit, lang)}" if np.isfinite(target) else say("unknown", lang)
    what = unit_name(unit, lang) if row["op"] and not named and unit != "share" else ""
    figure, word = missing(row["gap"], row["op"], unit, lang)
    link = f'<a href="#{escape(row["key"])}">{say("see", lang)}</a>' if row["key"] in drawn else ""
    symbol = f'<span aria-hidden="true">{VERDICTS[status][0]}</span> {say(status, lang)}' if status else ""
    numbers = _number(value, named) + _number(asked, what) + _number(figure, word)
    name = escape(row[f"name_{lang}"] or row["key"])
    if "@" in row["key"]:
        name += f"<small>{escape(profile_words(row['profile'], lang))}</small>"
    return f'<tr><th scope="row">{name}</th>{numbers}<td class="status {status}">{symbol}{link}</td></tr>' + _about(
        row, lang
    )


def _number(figure: str, below: str) -> str:
    return f'<td class="number">{escape(figure)}{f"<span>{escape(below)}</span>" if below else ""}</td>'


def _about(row: Row, lang: Lang) -> str:
    """Return the row that unfolds to the definition, its source, what incomplete data leaves open, and the note."""
    colon = say("colon", lang)
    texts = {"profile": profile_words(row["profile"], lang), "basis": row["basis"], "needs": row["needs"]}
    told = {word: f"{say(word, lang)}{colon}{text}" for word, text in texts.items() if text}
    low, high = row["low"], row["high"]
    if low < row["value"] or high > row["value"]:
        ends = [amount(end, row["unit"], lang) if np.isfinite(end) else say("unbounded", lang) for end in (low, high)]
        told["range"] = say("range", lang).format(low=ends[0], high=ends[1])
    if not told:
        return ""
    lead = told.get("needs", say("about", lang))
    lead = lead if len(lead) <= LONG else f"{lead[:LONG]}…"
    lines = "".join(f"<p>{escape(line)}</p>" for line in told.values())
    return f'<tr class="about"><td colspan="5"><details><summary>{escape(lead)}</summary>{lines}</details></td></tr>'
