"""What a planner holds in the hand: `assess` a study, and ask the result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from html import escape
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd
from pandas.io.formats.style import Styler

from suizhou_geo.assessment import rows as held
from suizhou_geo.assessment import tables
from suizhou_geo.assessment.assessed import Assessed, assessed
from suizhou_geo.assessment.gap_lists import GapList, gap_list
from suizhou_geo.assessment.inequality import inequalities, inequality_table
from suizhou_geo.assessment.phrases import measured_text, promised_text, row_verdict_text
from suizhou_geo.assessment.rows import STATUSES
from suizhou_geo.assessment.scorecard import table_of
from suizhou_geo.assessment.sensitivity import sensitivity_table
from suizhou_geo.assessment.wording import status_words
from suizhou_geo.errors import InputError, speaking
from suizhou_geo.errors.text import Lang, Text, language
from suizhou_geo.measures import check_params, measure_study
from suizhou_geo.model import Measure, Progress, Study
from suizhou_geo.outputs import Wanted, write_results
from suizhou_geo.outputs.folder import results_folder
from suizhou_geo.outputs.record import Steps, write_record
from suizhou_geo.sources.check import findings
from suizhou_geo.sources.study import CACHE, read_study
from suizhou_geo.standards.catalogue import CHAPTERS, OTHER_CHAPTER
from suizhou_geo.study_area import StudyArea

_NOTHING_YET = Text("无承诺", "no promises")


def _spoken(lang: Lang) -> Lang:
    if lang not in get_args(Lang):
        raise InputError(
            f"lang “{lang}”不在可选之列；请用 {' 或 '.join(get_args(Lang))}",
            f"lang {lang!r} is not one of {', '.join(get_args(Lang))}",
        )
    return lang


@dataclass(frozen=True, eq=False)
class Row(held.Row):
    """A measure held against a promise, in the hand: numbers as attributes, its evidence as a map, its zones as a table.

    `value`, `low`, `high`, `asked`, `gap` in `unit` (shares 0-1), `shortfall` in `shortfall_unit`, `status`, `profile`,
    `measure` with evidence and parameters, `target`, `other_definitions`: see `suizhou_geo.assessment.rows.Row`.
    """

    study: Study = None  # type: ignore[assignment]  # always given: a field behind those with defaults
    lang: Lang = "zh"

    def explore(self, *, lang: Lang | None = None) -> Any:
        """Return a folium.Map of the evidence behind the number, with zones, legend and verdict."""
        from suizhou_geo.outputs.web_map import evidence_map  # folium loads only when a map is wanted

        return evidence_map(*self._named_in(told := _spoken(lang or self.lang)), lang=told)

    def plot(self, *, lang: Lang | None = None) -> Any:
        """Return a matplotlib Figure of the evidence behind the number; `savefig` writes it."""
        from suizhou_geo.outputs.figures import plot  # matplotlib loads only when a figure is wanted

        return plot(*self._named_in(told := _spoken(lang or self.lang)), lang=told)

    def table(self, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return value, target, gap and verdict, of the whole and by zone, the widest gap first."""
        told = _spoken(lang or self.lang)
        row, area = self._named_in(told)
        return tables.labelled(tables.zone_table(row, area.zones, lang=told), area, told)

    def definitions_table(self, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return the number under every definition, this one first, each against the same target."""
        told = _spoken(lang or self.lang)
        row, area = self._named_in(told)
        return tables.labelled(tables.results_table(row.definitions, area.zones, lang=told), area, told)

    def gaps(self) -> GapList:
        """Return where it is missing: the ranked places behind the number. Raises: InputError where there are none."""
        row, area = self._named_in(self.lang)
        return replace(gap_list(area, row), lang=self.lang)

    def remarks(self, *, lang: Lang | None = None) -> Styler:
        """Return what must be known of the number and where it comes from."""
        return tables.remarks_table([self], lang=_spoken(lang or self.lang))

    def _named_in(self, lang: Lang) -> tuple[held.Row, StudyArea]:
        """The row and its area, with names for a reader of `lang`."""
        told = Assessed(self.study, (self,), () if self.measure is None else (self.measure,)).named_in(lang)
        return told.rows[0], told.area

    def __repr__(self) -> str:
        """Say key, value, promise and verdict on one line."""
        said = [measured_text(self, self.lang), promised_text(self, self.lang), row_verdict_text(self, self.lang)]
        return f"Row({self.key}: {' | '.join(' · '.join(text.splitlines()) for text in said if text)})"

    def _repr_html_(self) -> str:
        name = escape(self.name.speak(self.lang))
        return f"<h4>{name} {escape(row_verdict_text(self, self.lang))}</h4>{self.table().to_html()}"


@dataclass(frozen=True, eq=False)
class Assessment(Assessed):
    """A study measured and held against its plan: what a run knows, in the hand.

    `result["park_coverage"]` is one `Row`, `result.gaps("dead_ends")` where it is missing, `result.scorecard` the table
    of scorecard.csv, `result.map()` the web map, `result.write(...)` everything the command line writes.
    """

    lang: Lang = "zh"
    seconds: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Row:
        """Return the row of a measure or a promise by its key. Raises: InputError that names the keys there are."""
        found = self.row(key)
        if found is None:
            raise InputError(
                f"没有名为“{key}”的行；现有 {'、'.join(row.key for row in self.rows)}",
                f"there is no row {key!r}; there are {', '.join(row.key for row in self.rows)}",
            )
        return self._in_hand(found)

    def hold(self, measure: Measure, *, baseline: float | None = None) -> Row:
        """Return the row of another measure of the same study, held against the same plan: to try a definition.

        `baseline` is an earlier value to grow a relative promise from, instead of the study's.

        Raises: InputError for what is no measure; PlanError where the promise and the measure have different units.

        >>> import suizhou_geo as sg
        >>> result = sg.assess("data/raw/invented_city/study.toml", chapter="green")
        >>> result.hold(sg.park_coverage(result.study, size_profile="2010/2021")).status
        'missed'
        """
        if not isinstance(measure, Measure):
            raise InputError(
                f"hold：“{measure!r}”不是指标；请给出指标函数（如 sg.park_coverage）的返回值",
                f"hold: {measure!r} is no measure; give what a function such as sg.park_coverage returns",
            )
        baselines = self.study.baseline_values | ({} if baseline is None else {measure.key: baseline})
        rows = held.rows_of([measure], self.study.held_to, baselines=baselines, label=self.study.label)
        return self._in_hand(next(row for row in rows if row.key == measure.key))

    def check(self) -> tuple[str, ...]:
        """Return all that can be said about the inputs: what was found odd in reading, then what there is of each layer."""
        return tuple(finding.speak(self.lang) for finding in (*self.study.findings, *findings(self.study)))

    @property
    def scorecard(self) -> pd.DataFrame:
        """The table of scorecard.csv."""
        return table_of(self.rows, self.lang)

    @property
    def tally(self) -> dict[str, int]:
        """How many promises are met, missed, cannot be told, or have no data, by the words for it."""
        return {status_words(s, self.lang): sum(row.status == s for row in self.rows) for s in STATUSES}

    def table(self, keys: Iterable[str] | None = None, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return rows against their targets, with every zone: those of `keys`, else all promises with a number."""
        told = _spoken(lang or self.lang)
        shown = [self[key] for key in keys] if keys is not None else [row for row in self.shown if row.has_data]
        area = self.area.named_in(told)
        return tables.labelled(tables.results_table(shown, area.zones, lang=told), area, told)

    def inequality(self, keys: Iterable[str] | None = None, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return how unequal coverages are between zones, over persons: lowest, highest, their ratio, Gini and Palma.

        Of `keys`, else of every coverage; `suizhou_geo.assessment.inequality.inequalities` has the numbers.
        """
        told = _spoken(lang or self.lang)
        rows = self.rows if keys is None else [self[key] for key in keys]
        area = self.area.named_in(told)
        return tables.labelled(inequality_table(inequalities(rows, area), told), area, told)

    def sensitivity(self, keys: Iterable[str] | None = None, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return what each number hangs on: one choice made otherwise a row, the number then, and whether the verdict turns.

        Of `keys`, else of every promise with a number; `suizhou_geo.assessment.sensitivity.choices` has the numbers.
        """
        told = _spoken(lang or self.lang)
        rows = [row for row in self.rows if row.is_judged] if keys is None else [self[key] for key in keys]
        return tables.labelled(sensitivity_table(rows, told), self.area, told)

    def remarks(self, *, without_data: bool = False, lang: Lang | None = None) -> Styler:
        """Return what must be known of each promise that has a number (or, `without_data`, what those without one need)."""
        shown = [row for row in self.shown if row.has_data is not without_data]
        return tables.remarks_table(shown, lang=_spoken(lang or self.lang))

    def gaps(self, key: str) -> GapList:
        """Return where it is missing: the ranked places behind a row, or a list, by its key. Raises: InputError without any."""
        found = Assessed.gaps(self.named_in(self.lang), key)
        return replace(found, lang=self.lang)

    def map(self, *, lang: Lang | None = None, tiles: Literal["osm", "amap", "tianditu"] | None = None) -> Any:
        """Return the web map as a folium.Map: it shows inline, takes layers of your own, and saves to one file."""
        from suizhou_geo.outputs.web_map import city_map  # folium loads only when a map is wanted

        told = _spoken(lang or self.lang)
        return city_map(self.named_in(told), lang=told, tiles=tiles)

    def plot(self, *, lang: Lang | None = None) -> Any:
        """Return the overview of all promises as a matplotlib Figure."""
        from suizhou_geo.outputs.figures import overview_figure  # matplotlib loads only when a figure is wanted

        told = _spoken(lang or self.lang)
        return overview_figure(self.named_in(told), lang=told)

    def tornado(self, *, lang: Lang | None = None) -> Any:
        """Return what the verdicts hang on as a matplotlib Figure: a bar for each choice made otherwise, by promise."""
        from suizhou_geo.outputs.figures import tornado_figure  # matplotlib loads only when a figure is wanted

        told = _spoken(lang or self.lang)
        return tornado_figure(self.named_in(told), lang=told)

    def write(
        self,
        folder: Path | str,
        *,
        lang: Lang | None = None,
        progress: Progress | None = None,
        **wanted: Any,
    ) -> tuple[str, ...]:
        """Write into a folder what the command line writes, all of it or nothing; return what was lost on the way.

        `wanted` are the parts beside scorecard, layers, map and record: full=True, template=, shapefiles=, geojson=True,
        tiles= (see `outputs.Wanted`). Earlier results of ours in the folder are replaced as a whole.

        Raises: OutputError where something cannot be written.
        """
        steps, told = Steps(progress), _spoken(lang or self.lang)
        with results_folder(Path(folder)) as fresh:
            lost = write_results(self, fresh, lang=told, wanted=Wanted(**wanted), progress=steps)
            write_record(self, fresh, lang=told, seconds={**self.seconds, **steps.seconds()})
        return lost

    def _in_hand(self, row: held.Row) -> Row:
        given = {field.name: getattr(row, field.name) for field in fields(held.Row)}
        return Row(**given, study=self.study, lang=self.lang)

    def __repr__(self) -> str:
        """Say the study and the tally of its promises on one line."""
        return f"Assessment({self.study.title(self.lang)}: {self._counted()})"

    def _repr_html_(self) -> str:
        title = escape(f"{self.study.title(self.lang)}: {self._counted()}")
        return f"<h3>{title}</h3>{self.table().to_html()}"

    def _counted(self) -> str:
        told = [f"{status} {n}" for status, n in self.tally.items() if n]
        return " · ".join(told) or _NOTHING_YET.speak(self.lang)


def assess(
    study: Study | Path | str,
    *,
    chapter: str | None = None,
    lang: Lang | None = None,
    progress: Progress | None = None,
    keep: bool = True,
) -> Assessment:
    """Read a study, measure all its plan asks for (or one `chapter`), hold it against the plan.

    What was measured of a study file is kept in `data/processed/.cache/measures`, and what has not changed since is not
    measured again; the result is the same, and with keep=False nothing is kept and all is measured.

    `lang` is the language in which the result shows itself, and errors are told: without it that of the study file, else
    that of the environment variable SUIZHOU_GEO_LANG, else Chinese, as on the command line. Every method takes another one.

    Raises: the errors of `read_study`; InputError for a parameter or a chapter there is none of; PlanError where a promise
    and its measure have different units.

    >>> import suizhou_geo as sg
    >>> result = sg.assess("data/raw/invented_city/study.toml", chapter="green", lang="en")
    >>> row = result["park_coverage"]
    >>> row.status, round(row.value, 3)
    ('met', 0.881)
    """
    steps, told = Steps(progress), None if lang is None else _spoken(lang)
    with speaking(told):
        known = tuple(one.key for one in (*CHAPTERS, OTHER_CHAPTER))
        if chapter is not None and chapter not in known:
            raise InputError(
                f"assess：chapter “{chapter}”不在可选之列；可选的有 {'、'.join(known)}",
                f"assess: chapter {chapter!r} is not one of {', '.join(known)}",
            )
        given = study if isinstance(study, Study) else read_study(study, progress=steps)
    with speaking(told or given.lang):
        check_params(given.params)
        kept = CACHE / "measures" if keep and given is not study else None
        measures = measure_study(given, chapter=chapter, progress=steps, kept=kept)
        found = assessed(given, measures)
    rows = found.rows if chapter is None else tuple(row for row in found.rows if row.chapter.key == chapter)
    return Assessment(given, rows, found.measures, lang=language(told, given.lang), seconds=steps.seconds())
