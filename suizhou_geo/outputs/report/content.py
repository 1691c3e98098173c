"""The report a planning office files: conclusions first, then the grounds, the chapters, the advice, and what is attached."""

from __future__ import annotations

from collections.abc import Sequence

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import (
    held_gap_text,
    means_text,
    promised_text,
    title_of,
    value_text,
)
from suizhou_geo.assessment.problems import Remedy, problems_of
from suizhou_geo.assessment.rows import STATUSES, Row
from suizhou_geo.assessment.siting.proposals import NOTHING_PROPOSED, Proposals
from suizhou_geo.assessment.siting.wording import headline
from suizhou_geo.assessment.wording import number, profile_words, status_words
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.model import Study
from suizhou_geo.outputs.figures import Sheet
from suizhou_geo.outputs.report import provenance, tables
from suizhou_geo.outputs.report.blocks import Block, Report, Section, Steps, Table
from suizhou_geo.outputs.report.summary import behind_a_count, conclusions, where_most
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER, Chapter

MOST_STEPS = 4
SITES = ".sites"  # ends the key of a sheet of proposed sites


def report_of(
    result: Assessed, *, figures: Sequence[Sheet] = (), proposed: Proposals = NOTHING_PROPOSED, lang: Lang = "zh"
) -> Report:
    """Return the report of a study in one language, which every writer lays out.

    Of the figures it shows the overview and the first sheet of each chapter that not all is well in; the rest stand in the
    folder of figures, and definitions, parameters and sources in the annex (`annex_of`). What is `proposed` to be built
    stands with the advice and in a list of its own.
    """
    plan = result.study.plan
    problems, remedies = problems_of(result)
    shown = _shown(result, figures)
    sections = [
        Section(say("summary", lang), conclusions(result, lang)),
        Section(say("grounds", lang), (*_grounds(result.study, lang), *_figures_told(len(shown), len(figures), lang))),
        Section(
            say("by_chapter" if plan is not None else "measured_by_chapter", lang),
            parts=tuple(part for chapter in (*CHAPTERS, OTHER_CHAPTER) if (part := _chapter(chapter, result, lang))),
        ),
        Section(say("next", lang), _advice(result, remedies, proposed, lang)),
    ]
    promised = [row for row in result.rows if row.status]
    attached = [
        tables.promises_table(promised, lang),
        tables.zones_side_by_side(promised, result.area.zones, lang),
        tables.problems_table(problems, lang),
        tables.remedies_table(remedies, lang),
        tables.proposals_table(proposed.sited, result.area.zones, lang),
        tables.undecided_table([row for row in promised if row.status in ("cannot_tell", "no_data")], lang),
    ]
    return framed(
        result.study,
        say(title_of(plan), lang, name=result.study.title(lang)),
        sections=[section for section in sections if section.blocks or section.parts],
        attached=[*(table for table in attached if table.rows), *shown],
        lang=lang,
    )


def _shown(result: Assessed, figures: Sequence[Sheet]) -> list[Sheet]:
    """The overview, of each chapter that not all is well in its first sheet, those of proposed sites, what verdicts hang on."""
    plan = result.study.plan
    quiet = {chapter.key for chapter in (*CHAPTERS, OTHER_CHAPTER)} - {
        row.chapter.key for row in result.rows if plan is None or row.status not in ("", "met")
    }
    return [
        sheet
        for sheet in figures
        if sheet.chapter not in quiet
        and (sheet.key in ("overview", "sensitivity", sheet.chapter) or sheet.key.endswith(SITES))
    ]


def _figures_told(shown: int, drawn: int, lang: Lang) -> tuple[str, ...]:
    """Say where the figures are that the report does not hold: their numbers are those of all."""
    if shown == drawn:
        return ()
    return (_titled("figures_held", say("figures_elsewhere", lang, shown=shown, drawn=drawn), lang),)


def framed(
    study: Study, title: str, *, sections: Sequence[Section], attached: Sequence[Table | Sheet], lang: Lang
) -> Report:
    """Return sections as a document of a study: with its cover, its date, and the stamp of an invented one."""
    return Report(
        lang=lang,
        title=title,
        subject=_document(study, lang),
        cover=tuple(
            (say(term, lang), text)
            for term, text in (("compiled_by", study.office.compiler(lang)), ("compiled_on", study.office.date))
        ),
        stamp=say("invented", lang) if study.area.invented else "",
        stamp_why=say("invented_why", lang) if study.area.invented else "",
        dated=provenance.newest(study.inputs),
        sections=tuple(sections),
        attached=tuple(attached),
    )


def _document(study: Study, lang: Lang) -> str:
    return say("no_plan", lang) if study.plan is None else study.plan.titled.speak(lang)


def _grounds(study: Study, lang: Lang) -> tuple[str, ...]:
    """What is held against what: the document, the extent, the data, and what a verdict means; each a paragraph."""
    zones, stop, space = study.area.zones, say("stop", lang), " " if lang == "en" else ""
    extent = say(
        "zones" if len(zones) > 1 else "one_zone",
        lang,
        n=len(zones),
        area=number(float(zones.area.sum() / 1e6), "km2", lang),
        boundary=profile_words(study.area.boundary, lang),
    )
    data = provenance.dates_told(study, lang)
    credit = say("osm_credit", lang) if study.owes_osm else ""
    told = [
        _titled("document", _document(study, lang) + stop, lang),
        _titled("extent", extent + stop, lang),
        space.join(filter(None, (*data, credit, say("data_annex", lang, n=len(study.findings))))),
    ]
    verdicts = [] if study.plan is None else [_titled("verdicts", say("verdicts_mean", lang), lang)]
    return (*told, *verdicts)


def _titled(word: str, text: str, lang: Lang) -> str:
    return f"{say(word, lang)}{say('colon', lang)}{text}"


def _chapter(chapter: Chapter, result: Assessed, lang: Lang) -> Section | None:
    """What came out in a chapter of the plan: the promises by verdict, or without a plan the values; None without rows."""
    rows = [row for row in result.rows if row.chapter == chapter]
    name = chapter.name.speak(lang)
    if result.study.plan is None:
        values = tables.others_table(
            [row for row in rows if row.has_data], result.area.zones, name, lang, planned=False
        )
        return Section(name, (values,)) if values.rows else None
    promised = [row for row in rows if row.status]
    if not promised:
        return None
    by_status = {status: [row for row in promised if row.status == status] for status in STATUSES}
    lead = say("and", lang).join(
        say("chapter_tally", lang, verdict=status_words(status, lang), n=len(told))
        for status, told in by_status.items()
        if told
    )
    met = [say("met_list", lang, names=_names(by_status["met"], lang))] if by_status["met"] else []
    space = " " if lang == "en" else ""
    blocks: list[Block] = [space.join([say("chapter_lead", lang, n=len(promised), tally=lead), *met])]
    if by_status["missed"]:
        blocks.append(Steps(tuple(_missed(row, result, lang) for row in by_status["missed"])))
    for rows, word in ((by_status["cannot_tell"], "open"), (by_status["no_data"], "without_data")):
        if rows:
            blocks.append(say(word, lang, names=_names(rows, lang)))
    return Section(name, tuple(blocks))


def _names(rows: Sequence[Row], lang: Lang) -> str:
    told = [(row.name.speak(lang), value_text(row, lang) if row.has_data else "") for row in rows]
    return say("and", lang).join(
        say("with_value", lang, name=name, value=value) if value else name for name, value in told
    )


def _missed(row: Row, result: Assessed, lang: Lang) -> str:
    """One sentence: what was promised, what was measured, the gap, what it is on the ground, and where it is largest."""
    comma = say("comma", lang)
    told = [
        say("asked", lang, asked=promised_text(row, lang).replace("\n", comma)),
        say("found_now", lang, value=value_text(row, lang)),
        held_gap_text(row, row, lang),
    ]
    means = means_text(row.shortfall, row.told_unit, row.told_shortfall_unit, lang)
    if means != say("nothing", lang):
        told.append(say("that_is", lang, means=means))
    place, most = where_most(row, row.by_zone(result.area.zones), lang)
    if place:
        told.append(say("most_in", lang, where=say("with_value", lang, name=place, value=most) if most else place))
    elif broken := behind_a_count(row, lang):
        told.append(broken)
    return f"{capitalised(row.name.speak(lang))}{say('colon', lang)}{comma.join(told)}{say('stop', lang)}"


def _advice(result: Assessed, remedies: Sequence[Remedy], proposed: Proposals, lang: Lang) -> tuple[Block, ...]:
    """The first remedies, the sites that are proposed, and what data would settle what is open."""
    stop = say("stop", lang)
    steps = [
        f"{capitalised(told.row.name.speak(lang))}{say('colon', lang)}{told.task.speak(lang)}{stop}"
        for told in remedies[:MOST_STEPS]
    ]
    steps += [
        say("semicolon", lang).join([say("step_sites", lang, told=headline(found, lang)), *_said(found.notes, lang)])
        + stop
        for found in proposed.sited
    ]
    steps += [f"{why}{stop}" for why in _said(proposed.refused, lang)]
    open_ = sum(row.status in ("cannot_tell", "no_data") for row in result.rows)
    if open_:  # it comes first where no verdict stands yet
        decided = any(row.status in ("met", "missed") for row in result.rows)
        steps.insert(len(steps) if decided else 0, say("step_data", lang, n=open_))
    lead = say("advice_lead", lang, n=len(remedies)) if remedies else ""
    return tuple(block for block in (lead, Steps(tuple(steps)) if steps else "") if block)


def _said(texts: Sequence[Text], lang: Lang) -> list[str]:
    return [text.speak(lang) for text in texts]
