"""The document and the draft side by side: each paragraph with its promises marked, and beside it what was drafted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from suizhou_geo.assessment.phrases import promise
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.sources.plan_text.documents import Passage
from suizhou_geo.sources.plan_text.drafting import remarks
from suizhou_geo.sources.plan_text.matching import Draft
from suizhou_geo.sources.plan_text.promises import Reading
from suizhou_geo.sources.plan_text.written import Refused

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_say = speaker("plan_draft")


@dataclass(frozen=True)
class _Piece:
    """A stretch of a paragraph: `kind` is "drafted", "refused" or ""; `number` is that of its draft."""

    text: str
    kind: str
    number: int


@dataclass(frozen=True)
class _Line:
    """A paragraph as the page shows it: its pieces (rows of a table: as they are), its drafts, its other numbers."""

    passage: Passage
    pieces: tuple[_Piece, ...]
    drafts: tuple[tuple[int, Draft], ...]
    refused: tuple[Refused, ...]


def side_by_side(reading: Reading, rows: Sequence[Draft], *, lang: Lang) -> str:
    """Return the page: complete in itself, without scripts, every word of the document as text whatever it holds."""
    environment = Environment(
        loader=PackageLoader("suizhou_geo.outputs.plan_draft", ""), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("templates/side_by_side.html.jinja").render(
        lines=list(_lines(reading, rows)),
        title=reading.document.title,
        file=reading.document.file,
        drafted=len(rows),
        measured=sum(row.entry is not None for row in rows),
        refused=len(reading.refused),
        policy=POLICY,
        lang=lang,
        say=lambda key, **parts: _say(key, lang, **parts),
        asked=lambda row: promise(row.promise.op, row.value, row.unit, lang),
        remarks=lambda row: [remark.speak(lang) for remark in remarks(row.promise)],
        reason=lambda one: one.reason.speak(lang),
    )


def _lines(reading: Reading, rows: Sequence[Draft]) -> Iterator[_Line]:
    numbered = list(enumerate(rows, start=1))
    for passage in reading.document.passages:
        here = tuple((k, row) for k, row in numbered if row.promise.passage == passage.number)
        others = tuple(one for one in reading.refused if one.passage == passage.number)
        yield _Line(passage, tuple(_pieces(passage.text, here, others)), here, others)


def _pieces(text: str, here: Sequence[tuple[int, Draft]], others: Sequence[Refused]) -> Iterator[_Piece]:
    """Cut a paragraph where a draft or a number that is none begins and ends; a draft goes before what it overlaps."""
    marks = [
        (row.promise.start, row.promise.end, "drafted", k) for k, row in here if row.promise.end > row.promise.start
    ]
    marks += [(one.start, one.end, "refused", 0) for one in others if one.end > one.start]
    at = 0
    for start, end, kind, number in sorted(marks, key=lambda mark: (mark[0], mark[2], mark[3])):
        if start < at:
            continue
        yield _Piece(text[at:start], "", 0)
        yield _Piece(text[start:end], kind, number)
        at = end
    yield _Piece(text[at:], "", 0)
