"""What the sheets tell of: a study's results, in the fonts and the language they are drawn in, and their captions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.phrases import promise, range_text, value_text
from suizhou_geo.assessment.rows import Row, sentences
from suizhou_geo.assessment.wording import profile_words, status_words
from suizhou_geo.assessment.words import capitalised
from suizhou_geo.errors.text import Lang
from suizhou_geo.model import Input, Study
from suizhou_geo.outputs.figures.fonts import Fonts
from suizhou_geo.outputs.figures.words import ended, say, thresholds


@dataclass(frozen=True, eq=False)
class Context:
    """A study and its rows, as they are drawn."""

    result: Assessed
    fonts: Fonts
    lang: Lang
    number: int = 1  # of the sheet among all

    @property
    def study(self) -> Study:
        """The study that was measured."""
        return self.result.study

    @property
    def sheet_number(self) -> str:
        """The number of the sheet (图号): that of the office where it gives one, else that of its file."""
        own = self.study.office.figure_number
        return f"{own}{self.number:02d}" if own else say("number", self.lang, n=self.number)

    @property
    def invented(self) -> str:
        """The label of invented data; "" for real ones."""
        return say("invented", self.lang) if self.study.area.invented else ""

    @property
    def plan(self) -> str:
        """The name of the plan, in English beside its Chinese name; "" where there is none."""
        return "" if self.study.plan is None else self.study.plan.titled.speak(self.lang)


def labelled(context: Context, title: str) -> str:
    """Return the title of a sheet with the label of invented data."""
    brackets = "{}（{}）" if context.lang == "zh" else "{} ({})"
    return brackets.format(title, context.invented) if context.invented else title


def captioned(context: Context, told: Sequence[str]) -> str:
    """Put sentences together, the label of invented data before them."""
    brackets = "【{}】" if context.lang == "zh" else "[{}]"
    label = brackets.format(context.invented) if context.invented else ""
    return (" " if context.lang == "en" else "").join(part for part in (label, *told) if part)


def about(context: Context, rows: Iterable[Row]) -> list[str]:
    """Tell what each row is: value, promise, verdict, definition, thresholds, source, and what is open."""
    return [_about(context, row) for row in rows]


def notes(context: Context, rows: Iterable[Row]) -> list[str]:
    """Tell the same without value, promise and verdict, which stand above the map of each row."""
    lang = context.lang
    return [
        capitalised(row.name.speak(lang)) + say("colon", lang) + ended(grounds, lang)
        for row in rows
        if (grounds := _grounds(context, row))
    ]


def _about(context: Context, row: Row) -> str:
    lang = context.lang
    whole = value_text(row, lang)
    asked = promise(row.op, row.asked, row.told_unit, lang) if row.status else say("no_target", lang)
    verdict = status_words(row.status, lang) if row.status else ""
    parts = [sentences([whole, asked, verdict, range_text(row, lang)], lang), *_grounds(context, row)]
    return capitalised(row.name.speak(lang)) + say("colon", lang) + ended(parts, lang)


def _grounds(context: Context, row: Row) -> list[str]:
    lang = context.lang
    told = {
        "definition": profile_words(row.profile, lang) if row.profile else "",
        "thresholds": thresholds(row.measure, lang) if row.measure is not None else "",
        "source": _source(context, row),
        "cannot": row.needs_text(lang),
    }
    return [say(key, lang).format(text) for key, text in told.items() if text]


def _source(context: Context, row: Row) -> str:
    """The promise with clause and quoted words, and the standard."""
    quoted, lang = "", context.lang
    if row.target is not None:
        quoted = f"{row.target.document or context.plan} {row.target.clause}「{row.target.quote}」"
    label = "" if context.invented else context.study.label.speak(lang)
    return label + sentences([quoted, "" if row.measure is None else row.measure.basis.speak(lang)], lang)


def data_dates(study: Study, lang: Lang) -> list[str]:
    """Tell of when the data of each file are, where the file or the study says it; of the others when they were changed."""
    dated: dict[str, dict[str, dict[str, None]]] = {"data_date": {}, "file_date": {}}
    for source in study.inputs:
        if source.role not in ("study", "plan"):
            kind, date = _date(source, lang)
            dated[kind].setdefault(date, {})[PurePosixPath(source.path).name] = None
    return [
        say(kind, lang)
        + say("colon", lang)
        + sentences((f"{say('and', lang).join(names)} {date}" for date, names in files.items()), lang)
        for kind, files in dated.items()
        if files
    ]


def _date(source: Input, lang: Lang) -> tuple[str, str]:
    if source.data_date:
        return "data_date", f"{'OpenStreetMap ' if source.role == 'osm' else ''}{source.data_date[:10]}"
    return "file_date", source.modified[:10] or say("unknown_date", lang)
