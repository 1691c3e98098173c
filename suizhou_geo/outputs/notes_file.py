"""What a reader of the results is told in sentences: on the screen in short, in notes.txt in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.largest_gaps import by_share_missed, largest_gaps, share_missed
from suizhou_geo.assessment.phrases import (
    asked_text,
    held_gap_text,
    means_text,
    measured_text,
    row_verdict_text,
    title_of,
)
from suizhou_geo.assessment.rows import STATUSES, Row, sentences
from suizhou_geo.assessment.wording import limit, profile_words, status_words
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.folder import NOTES

MOST_NEEDS = 2  # of one promise on the screen
say = speaker("screen")


def tally_line(result: Assessed, lang: Lang) -> str:
    """Say how many promises came out how: 17 达到 / 13 未达到 / 3 无法判定."""
    promised = [row for row in result.shown if row.status]
    if not promised:
        return say("no_promises", lang, n=sum(row.has_data for row in result.shown))
    counts = {status: sum(row.status == status for row in promised) for status in STATUSES}
    told = [f"{n} {status_words(status, lang)}" for status, n in counts.items() if n]
    return say("tally", lang, n=len(promised), told=" / ".join(told))


def gap_lines(result: Assessed, lang: Lang) -> list[str]:
    """Say the largest gaps, a line each below one that says how they are ranked; nothing where nothing is missed."""
    largest, missed = largest_gaps(result.rows), by_share_missed(result.rows)
    if not largest:
        return []
    head = say("largest", lang, n=len(largest), missed=len(missed))
    return [head, *(f" {k}. {_gap_line(row, lang)}" for k, row in enumerate(largest, start=1))]


def undecided_lines(result: Assessed, lang: Lang, *, most: int | None = MOST_NEEDS) -> list[str]:
    """Say of each promise that cannot be told what would settle it, its first `most` sentences (None: all)."""
    undecided = [row for row in result.shown if row.status == "cannot_tell"]
    if not undecided:
        return []
    lines = [say("named", lang, name=row.name.speak(lang), told=_needs(row, lang, most)) for row in undecided]
    return [say("undecided", lang, n=len(undecided)), *(f" · {line}" for line in lines)]


def turning_lines(result: Assessed, lang: Lang) -> list[str]:
    """Name the promises whose verdict turns under another definition or reading of the promise."""
    names = [row.name.speak(lang) for row in result.shown if row.readings_that_turn()]
    return [say("turning", lang, n=len(names), names=say("and", lang).join(names))] if names else []


def no_data_lines(result: Assessed, lang: Lang) -> list[str]:
    """Name the promises that have no data."""
    names = [row.name.speak(lang) for row in result.shown if row.status == "no_data"]
    return [say("no_data_list", lang, n=len(names), names=say("and", lang).join(names))] if names else []


def write_notes(result: Assessed, folder: Path, *, lang: Lang = "zh") -> None:
    """Write notes.txt (UTF-8 with BOM, so that any editor shows Chinese): everything that must be known, in sentences.

    The tally, the largest gaps, what would settle what cannot be told, what is odd about the inputs, then promise by
    promise (without a plan measure by measure): value, target, verdict, definition, and what a reader must know.
    """
    lines = [*_head(result, lang), "", tally_line(result, lang)]
    undecided = undecided_lines(result, lang, most=None)
    for part in (gap_lines(result, lang), turning_lines(result, lang), undecided, _findings(result, lang)):
        lines += ["", *part] if part else []
    lines += ["", say("row_by_row", lang), *(line for row in result.shown for line in _row_lines(row, lang))]
    (folder / NOTES).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")


def _head(result: Assessed, lang: Lang) -> list[str]:
    plan = result.study.plan
    title = say(title_of(plan), lang, name=result.study.title(lang))
    stamp = [say("invented", lang)] if result.area.invented else []
    return [title, *stamp, *([] if plan is None else [plan.titled.speak(lang)])]


def _findings(result: Assessed, lang: Lang) -> list[str]:
    told = [f" · {finding.speak(lang)}" for finding in result.findings]
    return [say("findings", lang, n=len(told)), *told] if told else []


def _row_lines(row: Row, lang: Lang) -> Iterator[str]:
    yield ""
    yield row.name.speak(lang)
    told = {
        "measured": sentences(measured_text(row, lang).split("\n"), lang) if row.has_data else "",
        "target": asked_text(row, lang) if row.target is not None else "",
        "gap": held_gap_text(row, row, lang) if row.gap > 0 and row.status == "missed" else "",
        "verdict": row_verdict_text(row, lang),
        "definition": profile_words(row.profile, lang),
        "responsible": "" if row.target is None else row.target.offices.speak(lang),
        "basis": row.basis.speak(lang),
    }
    for word, text in told.items():
        if text:
            yield "  " + say("named", lang, name=say(word, lang), told=text)
    yield from (f"  · {need.speak(lang)}" for need in row.needs)


def _gap_line(row: Row, lang: Lang) -> str:
    gap = held_gap_text(row, row, lang)
    means = means_text(row.shortfall, row.told_unit, row.told_shortfall_unit, lang)
    if means != say("nothing", lang):
        gap = say("on_the_ground", lang, gap=gap, means=means)
    share = limit(round(share_missed(row), 2), "share", lang) if row.asked else say("nothing", lang)
    return say("gap_line", lang, name=row.name.speak(lang), gap=gap, share=share)


def _needs(row: Row, lang: Lang, most: int | None) -> str:
    needs: Sequence[str] = [need.speak(lang) for need in row.would_settle]
    more = say("and_more", lang) if most is not None and len(needs) > most else ""
    return sentences(needs[:most], lang) + more
